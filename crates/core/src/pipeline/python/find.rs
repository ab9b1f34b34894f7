//! Follows a file and finds its pipelines. Statements that make none are passed over; what cannot be known counts
//! only if a pipeline needs it.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Wanted;
use super::choose::{Choice, Finder};
use super::classes::{MethodKind, method_kind};
use super::coins::Uses;
use super::eval::{Eval, Res, Setting};
use super::scan::Lines;
use super::syntax::{Param, Range, Stmt};
use super::value::{Binding, Class, Function, Object, Scope, V, Val, tidy};
use crate::text::complaint::Complaint;

/// Something that may be the pipeline.
pub(super) struct Candidate<'a> {
    /// The functions and classes that it is in.
    pub(super) path: Vec<String>,
    /// What it is called there: a variable, with keys and parameters behind it.
    pub(super) label: Vec<String>,
    /// Its assignments.
    pub(super) ids: Vec<u32>,
    pub(super) at: Range,
    pub(super) value: Val<'a>,
    pub(super) reads: Vec<u32>,
}

/// A function that is read by itself in the end.
pub(super) struct Walk<'a> {
    pub(super) function: Rc<Function<'a>>,
    pub(super) class: Option<Rc<Class<'a>>>,
}

/// What a file has.
pub(super) struct Found<'a> {
    /// Its names with dots between them, if it has any.
    pub(super) name: String,
    pub(super) value: Val<'a>,
    pub(super) warnings: Vec<(Range, String)>,
    /// The calls of all pipelines.
    pub(super) uses: Rc<Uses>,
}

/// Finds the pipeline that is wanted, or those to try.
pub(super) fn find<'a>(
    suite: &'a [Stmt],
    lines: &'a Lines<'a>,
    settings: &'a [Setting],
    wanted: &Wanted<'_>,
) -> Res<Choice<'a>> {
    let follow = |everywhere: bool, namesakes: bool| {
        let mut eval = Eval::new(lines, settings);
        (eval.everywhere, eval.namesakes) = (everywhere, namesakes);
        eval.block(suite);
        eval.walk_functions();
        eval
    };
    let mut eval = follow(false, false);
    if !eval.candidates.iter().any(Candidate::augments) {
        // What stands behind a condition that does not hold, or behind an exception, is better than nothing.
        let mut other = follow(true, false);
        let none = !eval.candidates.iter().any(Candidate::counts);
        if let Some(found) = other.candidates.iter().find(|own| own.augments() || none && own.counts()) {
            let message = "this pipeline stands behind a condition that does not hold in the file";
            other.warnings.push((found.at, message.to_owned()));
            eval = other;
        } else if none {
            let other = follow(false, true);
            if other.candidates.iter().any(Candidate::counts) {
                eval = other;
            }
        }
    }
    let unused = settings.iter().enumerate().find(|(i, _)| !eval.used_settings.contains(i));
    if let Some((_, (name, _))) = unused {
        let message = format!("--set {name}: nothing in this file takes its value");
        return Err(Complaint::new(None, message).help(
            "Give parameters of functions, names that are imported or never assigned, and their attributes",
        ));
    }
    let uses = Rc::new(std::mem::take(&mut eval.uses));
    let mut finder = Finder { eval, uses };
    finder.choose(wanted)
}

impl<'a> Eval<'a> {
    /// Takes down what may be a pipeline.
    pub(super) fn candidate(&mut self, value: Val<'a>, at: Range) {
        let (path, label) = (self.path.clone(), self.label.clone());
        if let Some(old) = self.candidates.iter_mut().find(|old| old.at == at && old.path == path) {
            // A loop makes it again.
            old.value = value;
            old.reads.extend(&self.reads);
            tidy(&mut old.reads);
            return;
        }
        let reads = self.reads.clone();
        self.candidates.push(Candidate { path, label, ids: Vec::new(), at, value, reads });
    }

    /// A pipeline that was assigned has grown.
    pub(super) fn candidate_grown(&mut self, id: u32, value: &Val<'a>, reads: &[u32]) {
        let whole = self.candidates.iter_mut().find(|own| own.ids.contains(&id) && own.at == value.at);
        if let Some(candidate) = whole {
            candidate.reads.extend(reads);
            tidy(&mut candidate.reads);
            candidate.value = value.clone();
        }
    }

    /// A pipeline of which a condition decides how far it has grown is not known any more.
    pub(super) fn doubtful(&mut self, here: &Binding<'a>, there: &Binding<'a>, unknown: &Val<'a>) {
        if let (V::Object(a), V::Object(b)) = (&here.value.kind, &there.value.kind) {
            for (name, own) in &a.attributes {
                if let Some(other) = b.attributes.get(name).filter(|other| !own.value.alike(&other.value)) {
                    self.doubtful(own, other, unknown);
                }
            }
            return;
        }
        if here.id != there.id {
            return;
        }
        for candidate in self.candidates.iter_mut().filter(|own| own.ids.contains(&here.id)) {
            candidate.value = Val { at: candidate.value.at, kind: unknown.kind.clone() };
        }
    }

    /// What `return` gives is used by those that call the function.
    pub(super) fn returns(&mut self, before: usize) {
        if !self.registering || self.path.is_empty() {
            return;
        }
        let name: Rc<str> = self.path.join(".").into();
        let marker = self.marker(&name);
        for candidate in self.candidates.get_mut(before..).unwrap_or_default() {
            candidate.ids.push(marker);
        }
        let reads = self.reads.clone();
        let returned = self.returned.entry(name).or_default();
        returned.extend(reads);
        tidy(returned);
    }

    /// Reads every function by itself: with the values of its first call, or with its defaults.
    fn walk_functions(&mut self) {
        let mut next = 0;
        while next < self.functions.len() && next < 5000 {
            let Walk { function, class } = &self.functions[next];
            let (function, class) = (Rc::clone(function), class.clone());
            next += 1;
            self.walk(&function, class.as_ref());
        }
    }

    fn walk(&mut self, function: &Rc<Function<'a>>, class: Option<&Rc<Class<'a>>>) {
        let super::value::Body::Block(body) = function.body else { return };
        let is_init = function.name.ends_with(".__init__");
        let kind = class.and_then(|class| {
            let own = class.methods.iter().find(|(_, own)| Rc::ptr_eq(own, function));
            own.map(|(def, _)| method_kind(def))
        });
        let me = class.zip(kind).and_then(|(class, kind)| match kind {
            MethodKind::Static => None,
            MethodKind::OfClass => Some(Val { at: Range::default(), kind: V::Class(Rc::clone(class)) }),
            MethodKind::OfObject => Some(self.instance(class, function, is_init)),
        });
        if is_init && self.locals.contains_key(&function.name) {
            return;
        }
        self.path = function.name.split('.').map(str::to_owned).collect();
        let called = self.called.get(&function.name).cloned();
        let mut frame = function.captured.clone();
        let params = function.params.positional.iter().chain(&function.params.keyword_only);
        for (i, param) in params.enumerate() {
            if let (0, Some(me)) = (i, &me) {
                self.framed(&mut frame, &param.name, me.clone(), Vec::new());
                continue;
            }
            let given =
                called.as_ref().and_then(|values| values.iter().find(|(name, _)| *name == param.name));
            let (value, default) = self.parameter(param, given.map(|(_, value)| value), function);
            let id = self.framed(&mut frame, &param.name, value, Vec::new());
            if let Some(words) = default {
                self.defaults.insert(id, (param.at, words));
            }
        }
        for (name, kind) in [
            (&function.params.rest, V::Tuple(Rc::default())),
            (&function.params.named, V::Dict(Rc::default())),
        ] {
            if let Some(name) = name {
                let given = called.as_ref().and_then(|values| values.iter().find(|(own, _)| own == name));
                let value = given.map_or(Val { at: Range::default(), kind }, |(_, value)| value.clone());
                self.framed(&mut frame, name, value, Vec::new());
            }
        }
        self.frames.push(frame);
        self.global_names.push(BTreeSet::new());
        self.block(body);
        self.global_names.pop();
        let frame = self.frames.pop().unwrap_or_default();
        self.path.clear();
        self.locals.insert(Rc::clone(&function.name), frame);
    }

    /// What a parameter is worth where nobody calls the function, and what is to be said of it.
    pub(super) fn parameter(
        &mut self,
        param: &'a Param,
        given: Option<&Val<'a>>,
        function: &Function<'a>,
    ) -> (Val<'a>, Option<String>) {
        let name = param.name.as_str();
        if let Some(given) = given.filter(|value| value.why().is_none()) {
            return (given.clone(), None);
        }
        if let Some(value) = self.setting(name, param.at) {
            return (value, None);
        }
        if let Some(given) = given {
            return (given.clone(), None);
        }
        let own = &function.name;
        if let Some(default) = &param.default {
            let value = self.eval(default);
            let shown = value.kind();
            let words =
                format!("{name} of {own} is {shown}, its default; --set {name}=VALUE gives another value");
            return (value, Some(words));
        }
        if let Some(value) = self.of_class(param) {
            let class = param.class.as_deref().unwrap_or_default();
            let words = format!(
                "{name} of {own} is {class} with the defaults of that class; --set {name}.KEY=VALUE gives another value"
            );
            return (value, Some(words));
        }
        let complaint = self
            .complain(param.at, format!("{name} is not known before {own} is called"))
            .help(format!("Give its value with --set {name}=VALUE"));
        (Val::unset(param.at, complaint, Some(name.to_owned())), None)
    }

    /// The object that methods of `class` are read with, after its `__init__`.
    fn instance(&mut self, class: &Rc<Class<'a>>, method: &Function<'a>, is_init: bool) -> Val<'a> {
        let key = method.name.rsplit_once('.').map_or("", |(class, _)| class).to_owned();
        if let Some(known) = self.instances.get(&key) {
            return known.clone();
        }
        let empty = Object { class: Rc::clone(class), attributes: Scope::new() };
        let empty = Val { at: Range::default(), kind: V::Object(Rc::new(empty)) };
        self.instances.insert(key.clone(), empty.clone());
        let init =
            class.methods.iter().find(|(def, _)| def.name == "__init__").map(|(_, own)| Rc::clone(own));
        if let Some(init) = init {
            if is_init && self.locals.contains_key(&init.name) {
                return empty;
            }
            self.walk(&init, Some(class));
            let me = init.params.positional.first().map(|param| param.name.as_str());
            let after =
                self.locals.get(&init.name).and_then(|frame| frame.get(me?)).map(|own| own.value.clone());
            if let Some(after) = after {
                self.instances.insert(key, after.clone());
                return after;
            }
        }
        empty
    }
}

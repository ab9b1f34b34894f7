//! Follows a file and finds its pipelines. Statements that make none are passed over; what cannot be known counts
//! only if a pipeline needs it.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::eval::{Eval, Res, Setting, is_pipeline};
use super::libraries::{self, Role};
use super::scan::Lines;
use super::syntax::{Param, Range, Stmt};
use super::value::{Class, Function, Object, Scope, V, Val};
use super::{Line, Wanted};
use crate::text::complaint::Complaint;

/// Something that may be the pipeline.
pub(super) struct Candidate<'a> {
    /// The functions and classes that it is in.
    path: Vec<String>,
    /// What it is called there: a variable, with keys and parameters behind it.
    label: Vec<String>,
    /// Its assignments.
    pub(super) ids: Vec<u32>,
    pub(super) at: Range,
    value: Val<'a>,
    reads: Vec<u32>,
}

/// A function that is read by itself in the end.
pub(super) struct Walk<'a> {
    pub(super) function: Rc<Function<'a>>,
    pub(super) class: Option<Rc<Class<'a>>>,
}

/// What a file has.
pub(super) struct Found<'a> {
    pub(super) value: Val<'a>,
    pub(super) warnings: Vec<(Range, String)>,
}

/// Finds the pipeline that is wanted, or the only one.
pub(super) fn find<'a>(
    suite: &'a [Stmt],
    lines: &'a Lines<'a>,
    settings: &'a [Setting],
    wanted: &Wanted<'_>,
) -> Res<Found<'a>> {
    let mut eval = Eval::new(lines, settings);
    eval.block(suite);
    eval.walk_functions();
    let unused = settings.iter().enumerate().find(|(i, _)| !eval.used_settings.contains(i));
    if let Some((_, (name, _))) = unused {
        let message = format!("--set {name}: nothing in this file takes its value");
        return Err(Complaint::new(None, message).help(
            "Give parameters of functions, names that are imported or never assigned, and their attributes",
        ));
    }
    let mut finder = Finder { eval };
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
            candidate.value = value.clone();
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
        self.returned.entry(name).or_default().extend(reads);
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
        let me = class.map(|class| self.instance(class, function, is_init));
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
    fn parameter(
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

struct Finder<'a> {
    eval: Eval<'a>,
}

impl Candidate<'_> {
    /// All names, from the outermost function to the last key.
    fn full(&self) -> Vec<&str> {
        self.path.iter().chain(&self.label).map(String::as_str).collect()
    }

    fn role(&self) -> Role {
        match &self.value.kind {
            V::Call(call) => libraries::of(&call.path).map_or(Role::Other, |library| (library.role)(call)),
            _ => Role::Augments,
        }
    }

    /// Whether it is called as its library's pipelines are, and not a piece of one.
    fn is_whole(&self) -> bool {
        matches!(&self.value.kind, V::Call(call) if libraries::of(&call.path).is_some_and(|own| own.is_whole(call)))
    }
}

impl<'a> Finder<'a> {
    fn choose(&mut self, wanted: &Wanted<'_>) -> Res<Found<'a>> {
        let used = self.used();
        let mut all = std::mem::take(&mut self.eval.candidates);
        if let Some(line) = &wanted.line {
            return self.on_line(all, line);
        }
        all.retain(|own| !own.ids.iter().any(|id| used.contains(id)) && !matches!(own.role(), Role::Other));
        let mut warnings = Vec::new();
        let mut roots: Vec<Candidate<'a>> = Vec::new();
        for candidate in all {
            let same = |root: &Candidate<'_>| !candidate.label.is_empty() && root.full() == candidate.full();
            if let Some(i) = roots.iter().position(same) {
                let old = roots.remove(i);
                let name = candidate.label.join(".");
                warnings
                    .push((old.at, format!("{name} is assigned again further down; the last one is taken")));
            }
            roots.push(candidate);
        }
        if let Some(name) = wanted.name {
            return self.named(roots, name, warnings);
        }
        let (augmenting, idle): (Vec<_>, Vec<_>) =
            roots.into_iter().partition(|root| matches!(root.role(), Role::Augments));
        let (mut roots, idle) = if augmenting.is_empty() { (idle, Vec::new()) } else { (augmenting, idle) };
        let spoken: Vec<&Candidate<'_>> = idle.iter().filter(|own| own.is_whole()).collect();
        if let Some(first) = spoken.first() {
            let names = self.list(spoken.iter().copied());
            warnings.push((first.at, format!("augmenting nothing, and left out: {names}")));
        }
        // What the file itself makes goes before what its functions would make.
        if roots.iter().any(|root| root.path.is_empty()) && roots.iter().any(|root| !root.path.is_empty()) {
            let (outer, hidden): (Vec<_>, Vec<_>) = roots.into_iter().partition(|root| root.path.is_empty());
            roots = outer;
            for own in &hidden {
                let name = own.full().join(".");
                let message = format!("a pipeline in a function is left out; --name {name} takes it");
                warnings.push((own.at, message));
            }
        }
        match roots.len() {
            0 => Err(Complaint::new(None, "there is no pipeline in this file")
                .help(format!("Expected {}", libraries::examples()))),
            1 => match roots.pop() {
                Some(only) => Ok(self.found(only, warnings)),
                None => Err(Complaint::new(None, "there is no pipeline")),
            },
            _ => Err(self.several(&roots)),
        }
    }

    /// The assignments that pipelines were made of, those that functions return among them.
    fn used(&self) -> BTreeSet<u32> {
        let mut used: BTreeSet<u32> = BTreeSet::new();
        let mut open: Vec<u32> = Vec::new();
        // A network uses what is in front of it and takes nothing from the choice.
        for candidate in self.eval.candidates.iter().filter(|own| !matches!(own.role(), Role::Other)) {
            open.extend(candidate.reads.iter().filter(|id| !candidate.ids.contains(id)));
        }
        while let Some(id) = open.pop() {
            if !used.insert(id) {
                continue;
            }
            let function = self.eval.markers.iter().find(|(_, marker)| **marker == id);
            if let Some(reads) = function.and_then(|(name, _)| self.eval.returned.get(name)) {
                open.extend(reads);
            }
        }
        used
    }

    fn found(&mut self, own: Candidate<'a>, mut warnings: Vec<(Range, String)>) -> Found<'a> {
        for id in &own.reads {
            if let Some(default) = self.eval.defaults.get(id) {
                warnings.push(default.clone());
            }
        }
        warnings.append(&mut self.eval.warnings);
        Found { value: own.value, warnings }
    }

    fn list<'c>(&self, all: impl Iterator<Item = &'c Candidate<'a>>) -> String
    where
        'a: 'c,
    {
        let one = |own: &Candidate<'_>| {
            let line = self.eval.lines.place(own.at);
            let name = own.full().join(".");
            format!("{} ({line})", if name.is_empty() { "one without a name" } else { &name })
        };
        all.map(one).collect::<Vec<_>>().join(", ")
    }

    fn several(&self, roots: &[Candidate<'a>]) -> Complaint {
        let list = self.list(roots.iter().take(20));
        let count = if roots.len() == 2 { "two".to_owned() } else { roots.len().to_string() };
        let message = format!("{count} pipelines in one file: {list}");
        let at = roots.get(1).map(|root| self.eval.lines.at(root.at));
        let with_name = roots.iter().find(|root| !root.full().is_empty());
        let help = match with_name {
            Some(root) => format!(
                "Say which with --name, for instance --name {}, or with --line LINE",
                root.full().join(".")
            ),
            None => "Say which with --line LINE".to_owned(),
        };
        Complaint::new(at, message).help(help)
    }

    fn on_line(&mut self, all: Vec<Candidate<'a>>, line: &Line) -> Res<Found<'a>> {
        let mut on: Vec<Candidate<'a>> = all
            .into_iter()
            .filter(|own| !matches!(own.role(), Role::Other) && self.eval.lines.covers(own.at, line))
            .collect();
        // The whole, where pieces of it stand on the same line.
        let widest = on.iter().map(|own| own.at.end - own.at.start).max().unwrap_or(0);
        on.retain(|own| own.at.end - own.at.start == widest);
        match on.pop() {
            Some(own) => Ok(self.found(own, Vec::new())),
            None => Err(Complaint::new(None, format!("--line {line}: there is no pipeline on this line"))
                .help(format!("Expected {}", libraries::examples()))),
        }
    }

    fn named(
        &mut self,
        mut roots: Vec<Candidate<'a>>,
        wanted: &str,
        warnings: Vec<(Range, String)>,
    ) -> Res<Found<'a>> {
        let parts: Vec<&str> = wanted.split('.').filter(|part| *part != "self").collect();
        let fits = |own: &Candidate<'_>| {
            let full = own.full();
            let mut rest = full.iter();
            parts.iter().all(|part| rest.any(|name| name == part))
        };
        let others: Vec<String> =
            roots.iter().map(|own| own.full().join(".")).filter(|name| !name.is_empty()).collect();
        // The whole name, then what is called so, then what lies below it; those that augment first.
        let rank = |own: &Candidate<'_>| {
            let full = own.full();
            let idle = u8::from(!matches!(own.role(), Role::Augments));
            let near = if full == parts {
                0
            } else if full.last() == parts.last() {
                1
            } else {
                2
            };
            (near, idle)
        };
        roots.retain(fits);
        let best = roots.iter().map(rank).min();
        roots.retain(|own| Some(rank(own)) == best);
        if roots.len() > 1 {
            return Err(self.several(&roots));
        }
        if let Some(own) = roots.pop() {
            return Ok(self.found(own, warnings));
        }
        if let Some(value) = self.value_of(wanted, &parts) {
            let own = Candidate {
                path: Vec::new(),
                label: Vec::new(),
                ids: Vec::new(),
                at: value.at,
                reads: self.eval.reads.clone(),
                value,
            };
            return Ok(self.found(own, Vec::new()));
        }
        let complaint = Complaint::new(None, format!("--name {wanted}: there is no pipeline of this name"));
        Err(if others.is_empty() {
            complaint
        } else {
            complaint.help(format!("There is {}", others.join(", ")))
        })
    }

    /// What a name is worth that is no pipeline by itself: a list, or a function, which is called with its defaults.
    fn value_of(&mut self, wanted: &str, parts: &[&str]) -> Option<Val<'a>> {
        let value = if let Some(binding) = self.eval.globals.get(wanted) {
            binding.value.clone()
        } else {
            let (last, outer) = parts.split_last()?;
            let frame = self.eval.locals.get(outer.join(".").as_str())?;
            frame.get(*last)?.value.clone()
        };
        let V::Function(function) = &value.kind else { return Some(value) };
        let positional = function.params.positional.iter().chain(&function.params.keyword_only);
        let mut keywords = Vec::new();
        let function = Rc::clone(function);
        self.eval.path = function.name.split('.').map(str::to_owned).collect();
        self.eval.reads.clear();
        for param in positional {
            let (own, words) = self.eval.parameter(param, None, &function);
            if let Some(words) = words {
                self.eval.warnings.push((param.at, words));
            }
            keywords.push((param.name.clone(), param.at, own));
        }
        self.eval.path.clear();
        let result = self.eval.apply(&function, Vec::new(), keywords, None, value.at);
        Some(match result {
            Ok(own) if is_pipeline(&own) || own.items().is_some() || own.why().is_some() => own,
            Ok(_) => return None,
            Err(complaint) => Val::unknown(value.at, complaint),
        })
    }
}

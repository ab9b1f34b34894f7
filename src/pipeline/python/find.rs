//! Walks through the statements of a file and finds its pipelines. Statements that make none are passed over;
//! what cannot be known counts only if a pipeline needs it.

use std::collections::BTreeSet;

use rustpython_parser::ast::{self, Expr, Operator, Ranged, Stmt};
use rustpython_parser::text_size::TextRange;

use super::eval::{Eval, Res};
use super::scan::Lines;
use super::value::{Body, Call, Scope, V, Val, last};
use crate::text::complaint::Complaint;

/// Which library's pipeline something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Imgaug,
    ImageDataGenerator,
    KerasSequential,
    Albumentations,
}

/// The library that `path` belongs to, if a call of it makes a pipeline.
pub(super) fn family(path: &str) -> Option<Family> {
    let name = last(path);
    let capital = name.starts_with(|c: char| c.is_ascii_uppercase());
    if name == "ImageDataGenerator" {
        return Some(Family::ImageDataGenerator);
    }
    if path.starts_with("imgaug.augmenters.") && capital {
        return Some(Family::Imgaug);
    }
    if path.starts_with("albumentations.") && capital && !path.contains(".pytorch.") {
        return Some(Family::Albumentations);
    }
    let keras = path.starts_with("tensorflow.") || path.starts_with("keras.");
    (keras && name == "Sequential").then_some(Family::KerasSequential)
}

/// Something that may be the pipeline.
struct Candidate<'a> {
    name: Option<String>,
    /// Its assignment, 0 without one.
    id: u32,
    at: TextRange,
    value: Res<Val<'a>>,
    reads: Vec<u32>,
}

/// What a file has.
pub(super) struct Found<'a> {
    pub(super) value: Val<'a>,
    pub(super) warnings: Vec<(TextRange, String)>,
}

struct Finder<'a> {
    eval: Eval<'a>,
    candidates: Vec<Candidate<'a>>,
    /// Functions that were not called so far, with their names.
    functions: Vec<(&'a str, &'a ast::Arguments, &'a [Stmt])>,
    /// What was wrong with values that may have been pipelines.
    suspects: Vec<Complaint>,
    /// Whether statements here may run never or several times.
    unsure: bool,
    /// How many blocks this one is in.
    depth: usize,
}

/// Finds the pipeline called `wanted`, or the only one.
pub(super) fn find<'a>(suite: &'a [Stmt], lines: &'a Lines<'a>, wanted: Option<&str>) -> Res<Found<'a>> {
    let mut finder = Finder {
        eval: Eval::new(lines),
        candidates: Vec::new(),
        functions: Vec::new(),
        suspects: Vec::new(),
        unsure: false,
        depth: 0,
    };
    finder.walk(suite);
    if finder.candidates.is_empty() {
        finder.inside_functions();
    }
    finder.choose(wanted)
}

impl<'a> Finder<'a> {
    fn walk(&mut self, body: &'a [Stmt]) {
        if self.depth > 50 {
            return;
        }
        self.depth += 1;
        for stmt in body {
            self.statement(stmt);
        }
        self.depth -= 1;
    }

    fn statement(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assign) => {
                let targets: Vec<&Expr> = assign.targets.iter().collect();
                self.assign(&targets, &assign.value);
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assign(&[&assign.target], value);
                }
            }
            Stmt::AugAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    let value = self.augmented(name, assign.op, &assign.value, assign.range());
                    let reads = std::mem::take(&mut self.eval.reads);
                    self.eval.bind(&name.id, value, reads);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let full = alias.name.as_str();
                    let (name, path) = match &alias.asname {
                        Some(name) => (name.as_str(), full),
                        None => full.split_once('.').map_or((full, full), |(first, _)| (first, first)),
                    };
                    self.import(name, path, alias.range());
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", ast::Identifier::as_str);
                for alias in &import.names {
                    match alias.name.as_str() {
                        "*" => self.eval.stars.push(module.to_owned()),
                        name => {
                            let own = alias.asname.as_ref().map_or(name, ast::Identifier::as_str);
                            self.import(own, &format!("{module}.{name}"), alias.range());
                        }
                    }
                }
            }
            Stmt::FunctionDef(def) => {
                let value = if def.decorator_list.is_empty() {
                    self.functions.push((def.name.as_str(), &def.args, &def.body));
                    Ok(Val { at: def.range(), kind: self.eval.function(&def.args, Body::Block(&def.body)) })
                } else {
                    Err(self.eval.complain(def.range(), "functions with decorators are not read"))
                };
                self.eval.bind(def.name.as_str(), value, Vec::new());
            }
            Stmt::ClassDef(def) => {
                for inner in &def.body {
                    if let Stmt::FunctionDef(method) = inner {
                        self.functions.push((method.name.as_str(), &method.args, &method.body));
                    }
                }
            }
            Stmt::If(choice) => self.if_else(choice),
            Stmt::For(each) => {
                self.forget(&each.target);
                self.repeated(&each.body, &each.orelse);
            }
            Stmt::While(each) => self.repeated(&each.body, &each.orelse),
            Stmt::With(with) => self.walk(&with.body),
            Stmt::Try(attempt) => {
                self.walk(&attempt.body);
                // Imports have their second way here, which the first one spares.
                self.walk(&attempt.orelse);
                self.walk(&attempt.finalbody);
            }
            Stmt::Expr(expr) if self.grown(&expr.value) => {}
            Stmt::Expr(expr) => self.consider(&[], &expr.value),
            Stmt::Return(returned) => {
                if let Some(value) = &returned.value {
                    self.consider(&[], value);
                }
            }
            _ => {}
        }
    }

    fn import(&mut self, name: &str, path: &str, at: TextRange) {
        self.eval.bind(name, Ok(Val { at, kind: V::Path(path.into()) }), Vec::new());
    }

    fn augmented(
        &mut self,
        name: &'a ast::ExprName,
        op: Operator,
        value: &'a Expr,
        at: TextRange,
    ) -> Res<Val<'a>> {
        if self.unsure {
            return Err(self
                .eval
                .complain(at, format!("{} changes where it is not known how often", name.id)));
        }
        let old = self.eval.scope().get(name.id.as_str()).cloned();
        let Some(old) = old else {
            return Err(self.eval.complain(at, format!("the name {} is never assigned", name.id)));
        };
        let value = self.eval.eval(value)?;
        self.eval.reads.push(old.id);
        let old = old.value?;
        let kind = self.eval.binary(&old, op, &value, at)?;
        Ok(Val { at, kind })
    }

    /// The names of a target are not known from here on.
    fn forget(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => {
                let message = format!("{} is not known before Python runs", name.id);
                let complaint = self.eval.complain(name.range(), message);
                self.eval.bind(&name.id, Err(complaint), Vec::new());
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|elt| self.forget(elt)),
            _ => {}
        }
    }

    fn repeated(&mut self, body: &'a [Stmt], orelse: &'a [Stmt]) {
        let before = std::mem::replace(&mut self.unsure, true);
        self.walk(body);
        self.walk(orelse);
        self.unsure = before;
    }

    fn if_else(&mut self, choice: &'a ast::StmtIf) {
        let main = matches!(&*choice.test, Expr::Compare(test)
            if matches!(&*test.left, Expr::Name(name) if name.id.as_str() == "__name__"));
        let truth = self.eval.eval(&choice.test).ok().and_then(|value| value.truth());
        match truth.or(main.then_some(true)) {
            Some(true) => return self.walk(&choice.body),
            Some(false) => return self.walk(&choice.orelse),
            None => {}
        }
        let before: Vec<(String, u32)> =
            self.eval.scope().iter().map(|(name, binding)| (name.clone(), binding.id)).collect();
        let outer = std::mem::replace(&mut self.unsure, true);
        self.walk(&choice.body);
        let between: Vec<(String, u32)> =
            self.eval.scope().iter().map(|(name, binding)| (name.clone(), binding.id)).collect();
        self.walk(&choice.orelse);
        self.unsure = outer;
        // What was assigned before and changed here, or is assigned on both ways, depends on the condition.
        let old: BTreeSet<(String, u32)> = before.into_iter().chain(between).collect();
        let names: BTreeSet<&String> = old.iter().map(|(name, _)| name).collect();
        let complaint = self.eval.complain(choice.test.range(), "the value depends on this condition");
        for (name, binding) in self.eval.scope().iter_mut() {
            let ways = old.iter().filter(|(own, id)| own == name && *id != binding.id).count();
            if names.contains(name) && ways > 0 {
                binding.value = Err(complaint.clone());
            }
        }
    }

    /// `x.append(y)` and `x.add(y)`, of a list or of a sequence of steps. Whether it was one of these.
    fn grown(&mut self, expr: &'a Expr) -> bool {
        const METHODS: &[&str] = &["append", "add", "insert", "extend", "remove", "pop", "clear", "reverse"];
        let Expr::Call(call) = expr else { return false };
        let Expr::Attribute(attribute) = &*call.func else { return false };
        let Expr::Name(name) = &*attribute.value else { return false };
        let method = attribute.attr.as_str();
        if !METHODS.contains(&method) {
            return false;
        }
        let Some(mut binding) = self.eval.scope().get(name.id.as_str()).cloned() else { return false };
        self.eval.reads.clear();
        let value = binding.value.and_then(|value| {
            let [item] = call.args.as_slice() else {
                return Err(self.eval.complain(call.range(), format!("this use of {method} is not read")));
            };
            if self.unsure || !matches!(method, "append" | "add") {
                return Err(self.eval.complain(call.range(), format!("this use of {method} is not read")));
            }
            let item = self.eval.eval(item)?;
            self.appended(&value, item, call.range())
        });
        let mut reads = std::mem::take(&mut self.eval.reads);
        reads.extend(binding.reads.iter());
        binding.value = value;
        if let Some(candidate) = self.candidates.iter_mut().find(|candidate| candidate.id == binding.id) {
            candidate.reads.extend(&reads);
            candidate.value.clone_from(&binding.value);
        }
        binding.reads = reads.into();
        self.eval.scope().insert(name.id.to_string(), binding);
        true
    }

    fn appended(&self, value: &Val<'a>, item: Val<'a>, at: TextRange) -> Res<Val<'a>> {
        let kind = match &value.kind {
            V::List(items) => {
                let mut items = items.to_vec();
                items.push(item);
                V::List(items.into())
            }
            V::Call(call) => {
                let mut call = Call::clone(call);
                let list = call.keywords.iter().position(|(name, ..)| name == "children" || name == "layers");
                if call.args.is_empty() && list.is_none() {
                    call.args.push(Val { at: call.name_at, kind: V::List(Vec::new().into()) });
                }
                let first = match list {
                    Some(list) => &mut call.keywords[list].2,
                    None => &mut call.args[0],
                };
                let mut items = match &first.kind {
                    V::List(items) => items.to_vec(),
                    V::None => Vec::new(),
                    _ => return Err(self.eval.complain(at, "only lists grow")),
                };
                items.push(item);
                first.kind = V::List(items.into());
                V::Call(call.into())
            }
            _ => return Err(self.eval.complain(at, format!("{} does not grow", value.kind()))),
        };
        Ok(Val { at: value.at, kind })
    }

    fn assign(&mut self, targets: &[&'a Expr], value: &'a Expr) {
        // a, b = 1, 2
        if let ([Expr::Tuple(names)], Expr::Tuple(values)) = (targets, value)
            && names.elts.len() == values.elts.len()
        {
            for (name, value) in names.elts.iter().zip(&values.elts) {
                self.assign(&[name], value);
            }
            return;
        }
        self.consider(targets, value);
    }

    /// Evaluates `value`, assigns it, and takes it down if it may be a pipeline.
    fn consider(&mut self, targets: &[&'a Expr], value: &'a Expr) {
        let inner = innermost(value);
        let direct = matches!((inner, value), (Some(inner), Expr::Call(call)) if std::ptr::eq(inner, call));
        let path = inner.and_then(|call| self.eval.resolve(&call.func));
        let kind = path.as_deref().and_then(family);
        let helper = path.is_none()
            && matches!(inner.map(|call| &*call.func), Some(Expr::Name(name)) if self.eval.makes(&name.id));
        self.eval.reads.clear();
        let result = self.eval.eval(value);
        let reads = std::mem::take(&mut self.eval.reads);
        // `ImageDataGenerator(...).flow(x)`: the pipeline is what the method is called on.
        let (pipeline, pipeline_reads) = match inner.filter(|_| !direct && kind.is_some()) {
            Some(call) => {
                let found = self.whole(value, call);
                (found, std::mem::take(&mut self.eval.reads))
            }
            None => (result.clone(), reads.clone()),
        };
        let is_candidate = match (&pipeline, kind) {
            (Ok(value), _) => (kind.is_some() || helper) && is_pipeline(value),
            (Err(complaint), Some(Family::KerasSequential)) => {
                self.suspects.push(complaint.clone());
                false
            }
            (Err(_), Some(_)) => true,
            (Err(complaint), None) => {
                if helper {
                    self.suspects.push(complaint.clone());
                }
                false
            }
        };
        let mut id = 0;
        let mut name = None;
        for target in targets {
            match target {
                Expr::Name(own) => {
                    id = self.eval.bind(&own.id, result.clone(), reads.clone());
                    if direct || helper {
                        name = Some(own.id.to_string());
                    }
                }
                Expr::Attribute(attribute) => {
                    if let Expr::Name(object) = &*attribute.value {
                        name = Some(format!("{}.{}", object.id, attribute.attr.as_str()));
                    }
                }
                other => self.forget(other),
            }
        }
        if is_candidate {
            self.candidates.push(Candidate {
                name,
                id,
                at: value.range(),
                value: pipeline,
                reads: pipeline_reads,
            });
        }
    }

    /// The value of the call that `value` is a method of, found by evaluating it alone.
    fn whole(&mut self, value: &'a Expr, call: &'a ast::ExprCall) -> Res<Val<'a>> {
        self.eval.reads.clear();
        let mut expr = value;
        loop {
            expr = match expr {
                Expr::Call(own) if std::ptr::eq(own, call) => return self.eval.eval(expr),
                Expr::Call(own) => &own.func,
                Expr::Attribute(attribute) => &attribute.value,
                Expr::Subscript(subscript) => &subscript.value,
                Expr::Await(awaited) => &awaited.value,
                _ => return Err(self.eval.complain(value.range(), "no pipeline")),
            };
        }
    }

    /// Looks into functions where the file itself has no pipeline.
    fn inside_functions(&mut self) {
        let mut next = 0;
        while let Some((name, params, body)) = self.functions.get(next).copied() {
            next += 1;
            let mut frame = Scope::new();
            self.eval.enter(std::mem::take(&mut frame));
            let all = params.posonlyargs.iter().chain(&params.args).chain(&params.kwonlyargs);
            for param in all {
                let own = param.def.arg.as_str();
                let value = match &param.default {
                    Some(default) => self.eval.eval(default),
                    None => Err(self
                        .eval
                        .complain(param.def.range(), format!("{own} is not known before {name} is called"))),
                };
                self.eval.bind(own, value, Vec::new());
            }
            let before = self.candidates.len();
            self.walk(body);
            self.eval.leave();
            for candidate in &mut self.candidates[before..] {
                candidate.name.get_or_insert_with(|| name.to_owned());
            }
        }
    }

    fn choose(mut self, wanted: Option<&str>) -> Res<Found<'a>> {
        let used: BTreeSet<u32> =
            self.candidates.iter().flat_map(|candidate| candidate.reads.iter().copied()).collect();
        if let Some(wanted) = wanted {
            return self.named(wanted);
        }
        let mut warnings = Vec::new();
        let mut roots: Vec<Candidate<'a>> = Vec::new();
        for candidate in self.candidates.drain(..) {
            if candidate.id != 0 && used.contains(&candidate.id) {
                continue;
            }
            if matches!(&candidate.value, Ok(value) if !augments(value)) {
                continue;
            }
            let same = |root: &Candidate<'_>| candidate.name.is_some() && root.name == candidate.name;
            if let Some(i) = roots.iter().position(same) {
                let old = roots.remove(i);
                let name = candidate.name.as_deref().unwrap_or("");
                warnings
                    .push((old.at, format!("{name} is assigned again further down; the last one is taken")));
            }
            roots.push(candidate);
        }
        let lines = self.eval.lines;
        match roots.len() {
            0 => Err(self.suspects.into_iter().next().unwrap_or_else(|| {
                Complaint::new(None, "there is no pipeline in this file").help(
                    "Expected iaa.Sequential([...]) of imgaug, ImageDataGenerator(...) or Sequential([...]) of \
                     Keras, or A.Compose([...]) of Albumentations",
                )
            })),
            1 => {
                warnings.append(&mut self.eval.warnings);
                let Some(only) = roots.pop() else { return Err(Complaint::new(None, "there is no pipeline")) };
                Ok(Found { value: only.value?, warnings })
            }
            count => {
                let list: Vec<String> = roots
                    .iter()
                    .map(|root| {
                        let line = lines.at(root.at).line;
                        format!("{} (line {line})", root.name.as_deref().unwrap_or("one without a name"))
                    })
                    .collect();
                let count = if count == 2 { "two".to_owned() } else { count.to_string() };
                let message = format!("{count} pipelines in one file: {}", list.join(", "));
                Err(Complaint::new(lines.at(roots[1].at), message).help("Say which with --name VARIABLE"))
            }
        }
    }

    fn named(mut self, wanted: &str) -> Res<Found<'a>> {
        let warnings = std::mem::take(&mut self.eval.warnings);
        let candidate =
            self.candidates.iter().rev().find(|candidate| candidate.name.as_deref() == Some(wanted));
        if let Some(candidate) = candidate {
            return Ok(Found { value: candidate.value.clone()?, warnings });
        }
        if let Some(binding) = self.eval.globals.get(wanted) {
            return Ok(Found { value: binding.value.clone()?, warnings });
        }
        let mut names: Vec<&str> =
            self.candidates.iter().filter_map(|candidate| candidate.name.as_deref()).collect();
        names.dedup();
        let complaint = Complaint::new(None, format!("--name {wanted}: there is no pipeline of this name"));
        Err(if names.is_empty() {
            complaint
        } else {
            complaint.help(format!("There is {}", names.join(", ")))
        })
    }
}

/// The call that all attributes, calls and items of `expr` start from.
fn innermost(mut expr: &Expr) -> Option<&ast::ExprCall> {
    let mut found = None;
    loop {
        expr = match expr {
            Expr::Call(call) => {
                found = Some(call);
                &call.func
            }
            Expr::Attribute(attribute) => &attribute.value,
            Expr::Subscript(subscript) => &subscript.value,
            Expr::Await(awaited) => &awaited.value,
            _ => return found,
        };
    }
}

fn is_pipeline(value: &Val<'_>) -> bool {
    matches!(&value.kind, V::Call(call) if family(&call.path).is_some())
}

/// Whether a pipeline has anything of images in it; networks are made with `Sequential`, too.
fn augments(value: &Val<'_>) -> bool {
    let V::Call(call) = &value.kind else { return false };
    if family(&call.path) != Some(Family::KerasSequential) {
        return true;
    }
    let layers = call.args.first().or_else(|| call.keywords.iter().map(|(.., value)| value).next());
    layers.and_then(Val::items).is_some_and(|layers| {
        layers.iter().any(|layer| matches!(&layer.kind, V::Call(layer) if layer.name().starts_with("Random")))
    })
}

//! Walks through the statements of a file and finds its pipelines. Statements that make none are passed over;
//! what cannot be known counts only if a pipeline needs it.

use std::collections::BTreeSet;

use super::eval::{Eval, Res};
use super::libraries;
use super::scan::Lines;
use super::syntax::{CallExpr, Expr, ExprKind, Import, Operator, Params, Range, Stmt, StmtKind};
use super::value::{Body, Call, Scope, V, Val};
use crate::text::complaint::Complaint;

/// Something that may be the pipeline.
struct Candidate<'a> {
    name: Option<String>,
    /// Its assignment, 0 without one.
    id: u32,
    at: Range,
    value: Res<Val<'a>>,
    reads: Vec<u32>,
}

/// What a file has.
pub(super) struct Found<'a> {
    pub(super) value: Val<'a>,
    pub(super) warnings: Vec<(Range, String)>,
}

struct Finder<'a> {
    eval: Eval<'a>,
    candidates: Vec<Candidate<'a>>,
    /// Functions that were not called so far, with their names.
    functions: Vec<(&'a str, &'a Params, &'a [Stmt])>,
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
        match &stmt.kind {
            StmtKind::Assign(targets, value) => self.assign(targets, value),
            StmtKind::Augmented(target, op, value) => {
                if let Some(name) = target.as_name() {
                    let value = self.augmented(name, *op, value, stmt.at);
                    let reads = std::mem::take(&mut self.eval.reads);
                    self.eval.bind(name, value, reads);
                }
            }
            StmtKind::Import(imports) => {
                for Import { at, name, path } in imports {
                    let value = Val { at: *at, kind: V::Path(path.as_str().into()) };
                    self.eval.bind(name, Ok(value), Vec::new());
                }
            }
            StmtKind::ImportAll(module) => self.eval.stars.push(module.clone()),
            StmtKind::Function(def) => {
                let value = if def.decorated {
                    Err(self.eval.complain(stmt.at, "functions with decorators are not read"))
                } else {
                    self.functions.push((&def.name, &def.params, &def.body));
                    Ok(Val { at: stmt.at, kind: self.eval.function(&def.params, Body::Block(&def.body)) })
                };
                self.eval.bind(&def.name, value, Vec::new());
            }
            StmtKind::Class(body) => {
                for inner in body {
                    if let StmtKind::Function(method) = &inner.kind {
                        self.functions.push((&method.name, &method.params, &method.body));
                    }
                }
            }
            StmtKind::If { test, then, otherwise } => self.if_else(test, then, otherwise),
            StmtKind::For { target, body, orelse } => {
                self.forget(target);
                self.repeated(body, orelse);
            }
            StmtKind::While { body, orelse } => self.repeated(body, orelse),
            StmtKind::With(body) => self.walk(body),
            StmtKind::Try { body, orelse, finalbody } => {
                self.walk(body);
                // Imports have their second way here, which the first one spares.
                self.walk(orelse);
                self.walk(finalbody);
            }
            StmtKind::Expr(expr) if self.grown(expr) => {}
            StmtKind::Expr(expr) | StmtKind::Return(Some(expr)) => self.consider(&[], expr),
            StmtKind::Return(None) | StmtKind::Pass | StmtKind::Other => {}
        }
    }

    fn augmented(&mut self, name: &str, op: Operator, value: &'a Expr, at: Range) -> Res<Val<'a>> {
        if self.unsure {
            return Err(self.eval.complain(at, format!("{name} changes where it is not known how often")));
        }
        let old = self.eval.scope().get(name).cloned();
        let Some(old) = old else {
            return Err(self.eval.complain(at, format!("the name {name} is never assigned")));
        };
        let value = self.eval.eval(value)?;
        self.eval.reads.push(old.id);
        let old = old.value?;
        let kind = self.eval.binary(&old, op, &value, at)?;
        Ok(Val { at, kind })
    }

    /// The names of a target are not known from here on.
    fn forget(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                let complaint =
                    self.eval.complain(target.at, format!("{name} is not known before Python runs"));
                self.eval.bind(name, Err(complaint), Vec::new());
            }
            ExprKind::Tuple(tuple) => tuple.iter().for_each(|elt| self.forget(elt)),
            _ => {}
        }
    }

    fn repeated(&mut self, body: &'a [Stmt], orelse: &'a [Stmt]) {
        let before = std::mem::replace(&mut self.unsure, true);
        self.walk(body);
        self.walk(orelse);
        self.unsure = before;
    }

    fn if_else(&mut self, test: &'a Expr, then: &'a [Stmt], otherwise: &'a [Stmt]) {
        let main = matches!(&test.kind, ExprKind::Compare(left) if left.as_name().is_some_and(|name| name == "__name__"));
        let truth = self.eval.eval(test).ok().and_then(|value| value.truth());
        match truth.or(main.then_some(true)) {
            Some(true) => return self.walk(then),
            Some(false) => return self.walk(otherwise),
            None => {}
        }
        let before: Vec<(String, u32)> =
            self.eval.scope().iter().map(|(name, binding)| (name.clone(), binding.id)).collect();
        let outer = std::mem::replace(&mut self.unsure, true);
        self.walk(then);
        let between: Vec<(String, u32)> =
            self.eval.scope().iter().map(|(name, binding)| (name.clone(), binding.id)).collect();
        self.walk(otherwise);
        self.unsure = outer;
        // What was assigned before and changed here, or is assigned on both ways, depends on the condition.
        let old: BTreeSet<(String, u32)> = before.into_iter().chain(between).collect();
        let names: BTreeSet<&String> = old.iter().map(|(name, _)| name).collect();
        let complaint = self.eval.complain(test.at, "the value depends on this condition");
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
        let ExprKind::Call(call) = &expr.kind else { return false };
        let ExprKind::Attribute(object, method) = &call.func.kind else { return false };
        let Some(name) = object.as_name() else { return false };
        if !METHODS.contains(&method.as_str()) {
            return false;
        }
        let Some(mut binding) = self.eval.scope().get(name).cloned() else { return false };
        self.eval.reads.clear();
        let value = binding.value.and_then(|value| {
            let [item] = call.args.as_slice() else {
                return Err(self.eval.complain(expr.at, format!("this use of {method} is not read")));
            };
            if self.unsure || !matches!(method.as_str(), "append" | "add") {
                return Err(self.eval.complain(expr.at, format!("this use of {method} is not read")));
            }
            let item = self.eval.eval(item)?;
            self.appended(&value, item, expr.at)
        });
        let mut reads = std::mem::take(&mut self.eval.reads);
        reads.extend(binding.reads.iter());
        binding.value = value;
        if let Some(candidate) = self.candidates.iter_mut().find(|candidate| candidate.id == binding.id) {
            candidate.reads.extend(&reads);
            candidate.value.clone_from(&binding.value);
        }
        binding.reads = reads.into();
        self.eval.scope().insert(name.to_owned(), binding);
        true
    }

    fn appended(&self, value: &Val<'a>, item: Val<'a>, at: Range) -> Res<Val<'a>> {
        let kind = match &value.kind {
            V::List(items) => {
                let mut items = items.to_vec();
                items.push(item);
                V::List(items.into())
            }
            V::Call(call) => {
                let mut call = Call::clone(call);
                let own = libraries::of(&call.path).map_or("", |library| library.grows);
                let list = call.keywords.iter().position(|(name, ..)| name == own);
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

    fn assign(&mut self, targets: &'a [Expr], value: &'a Expr) {
        // a, b = 1, 2
        if let ([Expr { kind: ExprKind::Tuple(names), .. }], ExprKind::Tuple(values)) = (targets, &value.kind)
            && names.len() == values.len()
        {
            for (name, value) in names.iter().zip(values) {
                self.assign(std::slice::from_ref(name), value);
            }
            return;
        }
        self.consider(targets, value);
    }

    /// Evaluates `value`, assigns it, and takes it down if it may be a pipeline.
    fn consider(&mut self, targets: &'a [Expr], value: &'a Expr) {
        let inner = innermost(value);
        let direct = matches!((inner, &value.kind), (Some(inner), ExprKind::Call(call)) if std::ptr::eq(inner, &raw const **call));
        let path = inner.and_then(|call| self.eval.resolve(&call.func));
        let library = path.as_deref().and_then(libraries::of);
        let helper = path.is_none()
            && inner.and_then(|call| call.func.as_name()).is_some_and(|name| self.eval.makes(name));
        self.eval.reads.clear();
        let result = self.eval.eval(value);
        let reads = std::mem::take(&mut self.eval.reads);
        // `ImageDataGenerator(...).flow(x)`: the pipeline is what the method is called on.
        let (pipeline, pipeline_reads) = match inner.filter(|_| !direct && library.is_some()) {
            Some(call) => {
                let found = self.whole(value, call);
                (found, std::mem::take(&mut self.eval.reads))
            }
            None => (result.clone(), reads.clone()),
        };
        let is_candidate = match (&pipeline, library) {
            (Ok(value), _) => (library.is_some() || helper) && is_pipeline(value),
            (Err(complaint), Some(library)) if library.augments.is_some() => {
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
            match &target.kind {
                ExprKind::Name(own) => {
                    id = self.eval.bind(own, result.clone(), reads.clone());
                    if direct || helper {
                        name = Some(own.clone());
                    }
                }
                ExprKind::Attribute(object, attribute) => {
                    if let Some(object) = object.as_name() {
                        name = Some(format!("{object}.{attribute}"));
                    }
                }
                _ => self.forget(target),
            }
        }
        if is_candidate {
            self.candidates.push(Candidate {
                name,
                id,
                at: value.at,
                value: pipeline,
                reads: pipeline_reads,
            });
        }
    }

    /// The value of the call that `value` is a method of, found by evaluating it alone.
    fn whole(&mut self, value: &'a Expr, call: &'a CallExpr) -> Res<Val<'a>> {
        self.eval.reads.clear();
        let mut expr = value;
        loop {
            expr = match &expr.kind {
                ExprKind::Call(own) if std::ptr::eq(&raw const **own, call) => return self.eval.eval(expr),
                ExprKind::Call(own) => &own.func,
                ExprKind::Attribute(inner, _) | ExprKind::Item(inner, _) | ExprKind::Await(inner) => inner,
                _ => return Err(self.eval.complain(value.at, "no pipeline")),
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
            let all = params.positional.iter().chain(&params.keyword_only);
            for param in all {
                let own = param.name.as_str();
                let value = match &param.default {
                    Some(default) => self.eval.eval(default),
                    None => Err(self
                        .eval
                        .complain(param.at, format!("{own} is not known before {name} is called"))),
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
                Complaint::new(None, "there is no pipeline in this file")
                    .help(format!("Expected {}", libraries::examples()))
            })),
            1 => {
                warnings.append(&mut self.eval.warnings);
                let Some(only) = roots.pop() else {
                    return Err(Complaint::new(None, "there is no pipeline"));
                };
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
fn innermost(mut expr: &Expr) -> Option<&CallExpr> {
    let mut found = None;
    loop {
        expr = match &expr.kind {
            ExprKind::Call(call) => {
                found = Some(&**call);
                &call.func
            }
            ExprKind::Attribute(inner, _) | ExprKind::Item(inner, _) | ExprKind::Await(inner) => inner,
            _ => return found,
        };
    }
}

fn is_pipeline(value: &Val<'_>) -> bool {
    matches!(&value.kind, V::Call(call) if libraries::of(&call.path).is_some())
}

/// Whether a pipeline has anything of images in it.
fn augments(value: &Val<'_>) -> bool {
    let V::Call(call) = &value.kind else { return false };
    libraries::of(&call.path).and_then(|library| library.augments).is_none_or(|augments| augments(call))
}

//! Follows statements: assignments, known conditions and loops, lists that grow. What may run never or several
//! times is followed once; what it changes is not known afterwards.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::eval::{Eval, MAX_ITEMS, Res};
use super::find::Walk;
use super::syntax::{
    CallExpr, ClassDef, Expr, ExprKind, FunctionDef, Import, Operator, Range, Stmt, StmtKind,
};
use super::value::{Binding, Body, Call, Class, Function, Object, Scope, Unknown, V, Val, tidy};
use super::{chain, libraries};

/// How deep blocks are followed.
const MAX_BLOCKS: usize = 50;

/// What comes after a statement.
#[derive(Clone)]
pub(super) enum Flow<'a> {
    /// The next one.
    Next,
    /// Nothing; the function is worth this.
    Return(Val<'a>),
    /// The next one, or nothing: a condition that is not known decides.
    Maybe(Val<'a>),
    /// Nothing more of the loop.
    Break,
    /// The loop's next turn.
    Continue,
    /// An exception.
    Raise,
}

impl<'a> Eval<'a> {
    /// Follows the statements of a block.
    pub(super) fn block(&mut self, body: &'a [Stmt]) -> Flow<'a> {
        self.blocks += 1;
        let coins = self.uses.depth();
        let flow = if self.blocks > MAX_BLOCKS { Flow::Next } else { self.statements(body) };
        self.uses.back_to(coins);
        self.blocks -= 1;
        flow
    }

    fn statements(&mut self, body: &'a [Stmt]) -> Flow<'a> {
        let mut maybe = None;
        for stmt in body {
            self.reads.clear();
            match self.statement(stmt) {
                Flow::Next => {}
                Flow::Maybe(value) => {
                    maybe.get_or_insert(value);
                }
                Flow::Raise if self.everywhere => {}
                // What stands behind is read, too; the function is worth what it returns first.
                Flow::Return(value) if self.everywhere => {
                    maybe.get_or_insert(value);
                }
                Flow::Return(_) | Flow::Raise if maybe.is_some() => break,
                flow @ (Flow::Return(_) | Flow::Break | Flow::Continue | Flow::Raise) => return flow,
            }
        }
        maybe.map_or(Flow::Next, Flow::Maybe)
    }

    fn statement(&mut self, stmt: &'a Stmt) -> Flow<'a> {
        match &stmt.kind {
            StmtKind::Assign(targets, value) => self.assign(targets, value),
            StmtKind::Augmented(target, op, value) => self.augmented(target, *op, value, stmt.at),
            StmtKind::Import(imports) => {
                for Import { at, name, path } in imports {
                    let value = match self.setting(name, *at) {
                        Some(value) => value,
                        None => Val { at: *at, kind: V::Path(self.imported(name, path, *at).into()) },
                    };
                    self.bind(name, value, Vec::new());
                }
            }
            StmtKind::ImportAll(module) => self.stars.push(module.clone()),
            StmtKind::Function(def) => {
                let function = self.defined(def, None);
                let value = Val { at: stmt.at, kind: V::Function(function) };
                self.bind(&def.name, value, Vec::new());
            }
            StmtKind::Class(class) => self.class(class, stmt.at),
            StmtKind::If { test, then, otherwise } => return self.if_else(test, then, otherwise),
            StmtKind::For { target, iter, body, orelse } => return self.for_each(target, iter, body, orelse),
            StmtKind::While { test, body, orelse } => return self.while_true(test, body, orelse),
            StmtKind::With(body) => return self.block(body),
            StmtKind::Try { body, orelse, finalbody } => {
                // Imports have their second way in the handlers, which the first one spares.
                let flow = match self.block(body) {
                    Flow::Next | Flow::Raise => self.block(orelse),
                    flow => flow,
                };
                return match self.block(finalbody) {
                    Flow::Next => flow,
                    other => other,
                };
            }
            StmtKind::Expr(expr) => {
                self.eval(expr);
            }
            StmtKind::Return(Some(expr)) => {
                let before = self.candidates.len();
                let value = self.eval(expr);
                let value = self.tossed(value, expr);
                self.returns(before);
                return Flow::Return(value);
            }
            StmtKind::Return(None) => return Flow::Return(Val { at: stmt.at, kind: V::None }),
            StmtKind::Raise => return Flow::Raise,
            StmtKind::Break => return Flow::Break,
            StmtKind::Continue => return Flow::Continue,
            StmtKind::Global(names) => {
                if let Some(own) = self.global_names.last_mut() {
                    own.extend(names.iter().map(String::as_str));
                }
            }
            StmtKind::Pass | StmtKind::Other => {}
        }
        Flow::Next
    }

    fn assign(&mut self, targets: &'a [Expr], value: &'a Expr) {
        // a, b = 1, 2
        if let ([Expr { kind: ExprKind::Tuple(names), .. }], ExprKind::Tuple(values)) = (targets, &value.kind)
            && names.len() == values.len()
        {
            let mut made = Vec::new();
            for (name, value) in names.iter().zip(values) {
                self.reads.clear();
                made.push(self.labelled(std::slice::from_ref(name), value));
            }
            for (name, (value, reads, candidates)) in names.iter().zip(made) {
                self.store_all(std::slice::from_ref(name), &value, &reads, &candidates);
            }
            return;
        }
        let (made, reads, candidates) = self.labelled(targets, value);
        if let [Expr { kind: ExprKind::Name(name), .. }] = targets {
            chain::alters(self, name, value, &made);
        }
        self.store_all(targets, &made, &reads, &candidates);
    }

    /// The value of an assignment, what it read, and the candidates that were found in it.
    fn labelled(&mut self, targets: &[Expr], value: &'a Expr) -> (Val<'a>, Vec<u32>, std::ops::Range<usize>) {
        let before = self.candidates.len();
        let labels = self.label.len();
        if let Some(name) = targets.first().and_then(Expr::dotted) {
            self.label.extend(name.split('.').filter(|part| *part != "self").map(str::to_owned));
        }
        let made = self.eval(value);
        let value = self.tossed(made, value);
        self.label.truncate(labels);
        (value, std::mem::take(&mut self.reads), before..self.candidates.len())
    }

    fn store_all(
        &mut self,
        targets: &'a [Expr],
        value: &Val<'a>,
        reads: &[u32],
        candidates: &std::ops::Range<usize>,
    ) {
        for target in targets {
            let id = self.store(target, value.clone(), reads.to_vec());
            if let (Some(id), Some(own)) = (id, self.candidates.get_mut(candidates.clone())) {
                for candidate in own {
                    candidate.ids.push(id);
                }
            }
        }
    }

    /// Assigns to a name, an attribute or an item; the number of the assignment.
    fn store(&mut self, target: &'a Expr, value: Val<'a>, reads: Vec<u32>) -> Option<u32> {
        match &target.kind {
            ExprKind::Name(name) => Some(self.bind(name, value, reads)),
            ExprKind::Attribute(object, name) => {
                let known = self.quietly(object);
                if let V::Call(own) = &known.kind
                    && let Some(changed) = libraries::with_list(own, name, &value)
                {
                    self.grow(object, Val { at: known.at, kind: V::Call(Rc::new(changed)) }, reads);
                    return None;
                }
                if let V::Dict(entries) = &known.kind {
                    let kind = super::pure::with_attribute(entries, name, value)?;
                    self.grow(object, Val { at: known.at, kind }, reads);
                    return None;
                }
                let V::Object(own) = &known.kind else { return None };
                let mut changed = Object::clone(own);
                let value = match value.why() {
                    Some(_) => self.setting(name, value.at).unwrap_or(value),
                    None => value,
                };
                let id = self.framed(&mut changed.attributes, name, value, reads);
                self.store(object, Val { at: known.at, kind: V::Object(Rc::new(changed)) }, Vec::new());
                Some(id)
            }
            ExprKind::Item(object, index) => {
                let known = self.quietly(object);
                let index = self.quietly(index);
                let kind = match &known.kind {
                    V::Dict(entries) if entries.len() < MAX_ITEMS => {
                        let mut entries = entries.to_vec();
                        entries.retain(|(own, _)| own.same(&index) != Some(true));
                        entries.push((index, value));
                        V::Dict(Rc::new(entries))
                    }
                    // vars(args)["size"] = 28
                    V::Object(own) if let V::Text(name) = &index.kind => {
                        let mut changed = Object::clone(own);
                        self.framed(&mut changed.attributes, name, value, reads.clone());
                        V::Object(Rc::new(changed))
                    }
                    V::List(_) => {
                        let complaint = self.complain(target.at, "items that are assigned to are not read");
                        Val::unknown(target.at, complaint).kind
                    }
                    _ => return None,
                };
                self.grow(object, Val { at: known.at, kind }, reads);
                None
            }
            ExprKind::Tuple(_) | ExprKind::List(_) => {
                self.unpack(target, value);
                None
            }
            _ => None,
        }
    }

    /// The value of an expression that is no use of what it reads.
    fn quietly(&mut self, expr: &'a Expr) -> Val<'a> {
        let reads = std::mem::take(&mut self.reads);
        self.inside += 1;
        let value = self.eval(expr);
        self.inside -= 1;
        self.reads = reads;
        value
    }

    fn augmented(&mut self, target: &'a Expr, op: Operator, value: &'a Expr, at: Range) {
        let old = self.eval(target);
        let more = self.eval(value);
        let tossed = self.is_toss(target) || self.is_toss(value);
        let kind = match self.binary(&old, op, &more, at) {
            Ok(kind) => kind,
            Err(complaint) => Val::unknown(at, complaint).kind,
        };
        let reads = std::mem::take(&mut self.reads);
        self.store(target, Val { at, kind }.tossed_by(tossed), reads);
    }

    /// A list, a dict or a pipeline that a method makes longer, in the place where it is kept.
    pub(super) fn grown(
        &mut self,
        object: &Val<'a>,
        written: &'a Expr,
        method: &str,
        call: &'a CallExpr,
        at: Range,
    ) -> Option<Val<'a>> {
        const METHODS: &[&str] =
            &["append", "add", "insert", "extend", "remove", "pop", "clear", "reverse", "sort", "update"];
        if !METHODS.contains(&method)
            || written.dotted().is_none() && !matches!(written.kind, ExprKind::Item(..))
        {
            return None;
        }
        let grows = match &object.kind {
            V::Call(own) => libraries::of(&own.path).is_some_and(|library| !library.grows.is_empty()),
            _ => true,
        };
        if !grows {
            return None;
        }
        let kept = std::mem::take(&mut self.reads);
        self.inside += 1;
        let args = self.items(&call.args);
        self.inside -= 1;
        let value = args.and_then(|args| match (method, args.as_slice()) {
            ("append" | "add", [item]) => self.appended(object, vec![item.clone()], at),
            ("insert", [Val { kind: V::Int(i), .. }, item]) => self.inserted(object, *i, item, at),
            ("extend", [more]) => match (Self::sequence(more), more.why()) {
                (Some(items), _) => self.appended(object, items, at),
                (None, Some(_)) => Ok(more.clone()),
                (None, None) => Err(self.complain(at, "what a list is extended by is not known here")),
            },
            ("update", [Val { kind: V::Dict(more), .. }]) if matches!(object.kind, V::Dict(_)) => {
                let V::Dict(entries) = &object.kind else { return Ok(object.clone()) };
                let all = entries.iter().chain(more.iter()).cloned().collect::<Vec<_>>();
                self.spend(all.len(), at)?;
                Ok(Val { at: object.at, kind: V::Dict(Rc::new(all)) })
            }
            _ => Err(self.complain(at, format!("this use of {method} is not read"))),
        });
        let value = value.unwrap_or_else(|complaint| Val::unknown(at, complaint));
        let reads = std::mem::replace(&mut self.reads, kept);
        self.grow(written, value, reads);
        Some(Val { at, kind: V::None })
    }

    /// Puts a value that has grown into its place, which keeps its number.
    fn grow(&mut self, place: &'a Expr, value: Val<'a>, reads: Vec<u32>) {
        match &place.kind {
            ExprKind::Name(name) => {
                let local = self.frames.last().is_some_and(|frame| frame.contains_key(name));
                let scope = if local { self.scope() } else { &mut self.globals };
                let Some(binding) = scope.get_mut(name) else { return };
                let mut all = binding.reads.to_vec();
                all.extend(&reads);
                tidy(&mut all);
                *binding = Binding { id: binding.id, value: value.clone(), reads: Rc::new(all) };
                let id = binding.id;
                self.candidate_grown(id, &value, &reads);
            }
            ExprKind::Attribute(object, name) => {
                let known = self.quietly(object);
                if let V::Call(own) = &known.kind
                    && let Some(changed) = libraries::with_list(own, name, &value)
                {
                    return self.grow(object, Val { at: known.at, kind: V::Call(Rc::new(changed)) }, reads);
                }
                if let V::Dict(entries) = &known.kind {
                    if let Some(kind) = super::pure::with_attribute(entries, name, value) {
                        self.grow(object, Val { at: known.at, kind }, reads);
                    }
                    return;
                }
                let V::Object(own) = &known.kind else { return };
                let mut changed = Object::clone(own);
                let Some(binding) = changed.attributes.get_mut(name.as_str()) else { return };
                let mut all = binding.reads.to_vec();
                all.extend(&reads);
                tidy(&mut all);
                let id = binding.id;
                *binding = Binding { id, value: value.clone(), reads: Rc::new(all) };
                self.grow(object, Val { at: known.at, kind: V::Object(Rc::new(changed)) }, Vec::new());
                self.candidate_grown(id, &value, &reads);
            }
            ExprKind::Item(..) => {
                self.store(place, value, reads);
            }
            _ => {}
        }
    }

    fn inserted(&mut self, value: &Val<'a>, i: i64, item: &Val<'a>, at: Range) -> Res<Val<'a>> {
        let V::List(items) = &value.kind else {
            return Err(self.complain(at, format!("{} does not grow", value.kind())));
        };
        self.spend(items.len(), at)?;
        let mut items = items.to_vec();
        let len = items.len() as i64;
        let i = (if i < 0 { i + len } else { i }).clamp(0, len) as usize;
        items.insert(i, item.clone());
        Ok(Val { at: value.at, kind: V::List(Rc::new(items)) })
    }

    fn appended(&mut self, value: &Val<'a>, more: Vec<Val<'a>>, at: Range) -> Res<Val<'a>> {
        let kind = match &value.kind {
            V::List(items) => {
                if items.len() + more.len() > MAX_ITEMS {
                    return Err(self.complain(at, "too long a list"));
                }
                self.spend(1 + items.len() / 16, at)?;
                V::List(Rc::new(items.iter().cloned().chain(more).collect()))
            }
            V::Call(call) => {
                let mut call = Call::clone(call);
                let own = libraries::of(&call.path).map_or("", |library| library.grows);
                let list = call.keywords.iter().position(|(name, ..)| name == own);
                if call.args.is_empty() && list.is_none() {
                    call.args.push(Val { at: call.name_at, kind: V::List(Rc::default()) });
                }
                let first = match list {
                    Some(list) => &mut call.keywords[list].2,
                    None => &mut call.args[0],
                };
                let mut items = match &first.kind {
                    V::List(items) => items.to_vec(),
                    V::None => Vec::new(),
                    V::Unknown(_) => return Ok(value.clone()),
                    _ => return Err(self.complain(at, "only lists grow")),
                };
                items.extend(more);
                if items.len() > MAX_ITEMS {
                    return Err(self.complain(at, "too long a list"));
                }
                first.kind = V::List(Rc::new(items));
                V::Call(Rc::new(call))
            }
            _ => return Err(self.complain(at, format!("{} does not grow", value.kind()))),
        };
        Ok(Val { at: value.at, kind })
    }

    fn defined(&mut self, def: &'a FunctionDef, class: Option<&str>) -> Rc<Function<'a>> {
        let changed = Self::changed(&def.decorators);
        let function = Rc::new(self.closure(&def.name, &def.params, Body::Block(&def.body), changed));
        if class.is_none() && self.registering {
            self.functions.push(Walk { function: Rc::clone(&function), class: None });
        }
        function
    }

    fn class(&mut self, def: &'a ClassDef, at: Range) {
        self.path.push(def.name.clone());
        let frame = self.frames.last().cloned();
        let around: BTreeSet<u32> =
            frame.iter().flat_map(|frame| frame.values().map(|binding| binding.id)).collect();
        let mut methods = Vec::new();
        for stmt in &def.body {
            if let StmtKind::Function(method) = &stmt.kind {
                methods.push((method, self.defined(method, Some(&def.name))));
            }
        }
        self.frames.push(frame.unwrap_or_default());
        self.global_names.push(BTreeSet::new());
        for stmt in &def.body {
            if !matches!(stmt.kind, StmtKind::Function(_)) {
                self.reads.clear();
                self.statement(stmt);
            }
        }
        self.global_names.pop();
        let mut values = self.frames.pop().unwrap_or_default();
        values.retain(|_, binding| !around.contains(&binding.id));
        self.path.pop();
        let own_methods = methods.len();
        let parents = self.parents(def);
        for parent in &parents {
            for (method, function) in &parent.methods {
                if !methods.iter().any(|(own, _)| own.name == method.name) {
                    methods.push((method, Rc::clone(function)));
                }
            }
            for (name, binding) in &parent.values {
                values.entry(name.clone()).or_insert_with(|| binding.clone());
            }
        }
        let base = self.base(def).or_else(|| parents.iter().find_map(|parent| parent.base.clone()));
        let class = Rc::new(Class { name: &def.name, base, parents, methods, values });
        if self.registering {
            for (_, function) in class.methods.iter().take(own_methods) {
                self.functions.push(Walk { function: Rc::clone(function), class: Some(Rc::clone(&class)) });
            }
        }
        self.bind(&def.name, Val { at, kind: V::Class(class) }, Vec::new());
    }

    fn if_else(&mut self, test: &'a Expr, then: &'a [Stmt], otherwise: &'a [Stmt]) -> Flow<'a> {
        let main = matches!(&test.kind, ExprKind::Compare(left, _) if left.as_name() == Some("__name__"));
        let condition = self.eval(test);
        let condition = self.wanting(&condition).unwrap_or(condition);
        if let Some(held) = condition.truth().or(main.then_some(true)) {
            self.decide(then, otherwise, test.at);
            let (taken, other) = if held { (then, otherwise) } else { (otherwise, then) };
            if self.everywhere {
                let before = self.scope().clone();
                self.aside(other);
                *self.scope() = before;
            }
            return self.block(taken);
        }
        if let Some(flow) = self.by_chance(&condition, then, otherwise, test.at) {
            return flow;
        }
        if let Some(flow) = self.for_training(&condition, test, then, otherwise) {
            return flow;
        }
        if let Some(flow) = self.switched(&condition, test, then, otherwise) {
            return flow;
        }
        let coin = self.coin(&condition, test);
        let unknown = self.depends(&condition, test.at).torn_by(coin.is_some());
        let before = self.scope().clone();
        if self.spend(before.len() / 4, test.at).is_err() {
            return Flow::Next;
        }
        self.unsure += 1;
        let first = self.under(coin.as_ref(), true, |this| this.block(then));
        let between = std::mem::replace(self.scope(), before);
        let second = self.under(coin.as_ref(), false, |this| this.block(otherwise));
        self.unsure -= 1;
        self.goes_on(coin.as_ref(), &first, &second);
        let ends = |flow: &Flow<'a>| matches!(flow, Flow::Return(_) | Flow::Raise);
        match (ends(&first), ends(&second)) {
            (true, false) => {}
            (false, true) => *self.scope() = between,
            (false, false) | (true, true) => self.merge(between, &unknown),
        }
        match (first, second) {
            (Flow::Raise, other) | (other, Flow::Raise) => other,
            (Flow::Return(a), Flow::Return(b)) => {
                Flow::Return(if a.same(&b) == Some(true) { a } else { either(&unknown, &a, &b) })
            }
            (Flow::Return(value) | Flow::Maybe(value), _) | (_, Flow::Return(value) | Flow::Maybe(value)) => {
                Flow::Maybe(either(&unknown, &value, &value))
            }
            (Flow::Next | Flow::Break | Flow::Continue, Flow::Next | Flow::Break | Flow::Continue) => {
                Flow::Next
            }
        }
    }

    /// Puts what names stood for on another way together with what they stand for here.
    pub(super) fn merge(&mut self, other: Scope<'a>, unknown: &Val<'a>) {
        for (name, there) in other {
            let here = self.scope().get(&name).cloned();
            let Some(here) = here else {
                self.scope().insert(name, there);
                continue;
            };
            if here.id == there.id && Rc::ptr_eq(&here.reads, &there.reads)
                || here.value.same(&there.value) == Some(true)
            {
                continue;
            }
            let value = either(unknown, &here.value, &there.value);
            // A pipeline that has grown on one way only.
            self.doubtful(&here, &there, &value);
            let reads =
                here.reads.iter().chain(there.reads.iter()).copied().chain([here.id, there.id]).collect();
            self.bind(&name, value, reads);
        }
    }
}

/// What is not known because of `unknown`, and is no place to continue a pipeline if one of the values was one.
pub(super) fn either<'a>(unknown: &Val<'a>, a: &Val<'a>, b: &Val<'a>) -> Val<'a> {
    let Some(why) = unknown.why() else { return unknown.clone() };
    // What is passed over is passed over whatever its values are.
    if let (V::Call(one), V::Call(other)) = (&a.kind, &b.kind)
        && one.path == other.path
        && libraries::of(&one.path).is_some_and(|library| (library.passes)(one) && (library.passes)(other))
    {
        let mut call = Call::clone(one);
        call.args.iter_mut().for_each(|value| *value = unknown.clone());
        call.keywords.iter_mut().for_each(|(.., value)| *value = unknown.clone());
        return Val { at: a.at, kind: V::Call(Rc::new(call)) };
    }
    // A model that a random number calls, too.
    let modeled = why.torn && (chain::passes(a, 0) || chain::passes(b, 0));
    let torn = modeled || chain::holds(a, 0) || chain::holds(b, 0);
    let own = Unknown::new(why.complaint.clone(), why.set.clone(), torn);
    Val { at: unknown.at, kind: V::Unknown(Rc::new(own)) }
}

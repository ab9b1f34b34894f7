//! Works out what Python expressions are worth without running any Python: constants, containers, arithmetic,
//! names, imports, lambdas and functions of the file. Calls of anything imported stay calls.

use std::rc::Rc;

use super::libraries;
use super::scan::Lines;
use super::syntax::{CallExpr, Constant, Expr, ExprKind, Operator, Params, Range, Stmt, StmtKind, UnaryOp};
use super::value::{Binding, Body, Call, Function, Scope, V, Val};
use crate::text::complaint::Complaint;

/// How deep expressions and calls of the file's own functions may be nested.
const MAX_DEPTH: usize = 100;

/// How many expressions are looked at.
const MAX_WORK: usize = 400_000;

/// The longest list that `*` or `range` makes.
const MAX_ITEMS: usize = 10_000;

/// Functions that Python has without an import.
const BUILTINS: &[&str] = &["dict", "float", "int", "list", "range", "tuple"];

pub(super) type Res<T> = Result<T, Complaint>;

/// Evaluates, and remembers what the names of the file stand for.
pub(super) struct Eval<'a> {
    pub(super) lines: &'a Lines<'a>,
    pub(super) globals: Scope<'a>,
    frames: Vec<Scope<'a>>,
    /// Modules imported with `*`.
    pub(super) stars: Vec<String>,
    /// Assignments that were read since it was last emptied.
    pub(super) reads: Vec<u32>,
    /// What a user should know.
    pub(super) warnings: Vec<(Range, String)>,
    next: u32,
    depth: usize,
    work: usize,
}

impl<'a> Eval<'a> {
    pub(super) fn new(lines: &'a Lines<'a>) -> Self {
        Self {
            lines,
            globals: Scope::new(),
            frames: Vec::new(),
            stars: Vec::new(),
            reads: Vec::new(),
            warnings: Vec::new(),
            next: 0,
            depth: 0,
            work: 0,
        }
    }

    pub(super) fn complain(&self, at: Range, message: impl Into<String>) -> Complaint {
        Complaint::new(self.lines.at(at), message)
    }

    /// The names that an assignment here goes to.
    pub(super) fn scope(&mut self) -> &mut Scope<'a> {
        self.frames.last_mut().unwrap_or(&mut self.globals)
    }

    /// Assigns; returns the number of the assignment.
    pub(super) fn bind(&mut self, name: &str, value: Res<Val<'a>>, reads: Vec<u32>) -> u32 {
        self.next += 1;
        let id = self.next;
        self.scope().insert(name.to_owned(), Binding { id, value, reads: Rc::new(reads) });
        id
    }

    /// Enters a function whose names are `scope`.
    pub(super) fn enter(&mut self, scope: Scope<'a>) {
        self.frames.push(scope);
    }

    /// Leaves it.
    pub(super) fn leave(&mut self) {
        self.frames.pop();
    }

    fn find(&self, name: &str) -> Option<&Binding<'a>> {
        self.frames.last().and_then(|frame| frame.get(name)).or_else(|| self.globals.get(name))
    }

    /// The full name that an expression stands for, if it is but a name of something imported.
    pub(super) fn resolve(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Name(name) => match self.find(name) {
                Some(Binding { value: Ok(Val { kind: V::Path(path), .. }), .. }) => Some(path.to_string()),
                Some(_) => None,
                None => self.unassigned(name),
            },
            ExprKind::Attribute(value, name) => Some(format!("{}.{name}", self.resolve(value)?)),
            _ => None,
        }
    }

    /// Whether a call of `name` may make a pipeline: a function of the file, or a class that lacks its import.
    pub(super) fn makes(&self, name: &str) -> bool {
        match self.find(name) {
            Some(binding) => matches!(&binding.value, Ok(Val { kind: V::Function(_), .. })),
            None => name.starts_with(|c: char| c.is_ascii_uppercase()),
        }
    }

    /// What a name means that is never assigned.
    fn unassigned(&self, name: &str) -> Option<String> {
        if BUILTINS.contains(&name) {
            return Some(name.to_owned());
        }
        libraries::usual(name).map(str::to_owned).or_else(|| {
            let capital = name.starts_with(|c: char| c.is_ascii_uppercase());
            self.stars.last().filter(|_| capital).map(|module| format!("{module}.{name}"))
        })
    }

    fn name(&mut self, name: &str, at: Range) -> Res<Val<'a>> {
        if let Some(binding) = self.find(name) {
            let (id, reads, value) = (binding.id, Rc::clone(&binding.reads), binding.value.clone());
            self.reads.push(id);
            self.reads.extend(reads.iter());
            self.spend(reads.len(), at)?;
            return value;
        }
        if let Some(path) = self.unassigned(name) {
            if libraries::usual(name).is_some() {
                let message = format!("{name} is never imported; it is taken for {path}");
                if !self.warnings.iter().any(|(_, own)| *own == message) {
                    self.warnings.push((at, message));
                }
            }
            return Ok(Val { at, kind: V::Path(path.into()) });
        }
        Err(self.complain(at, format!("the name {name} is never assigned")).help(
            "Names get their values in the same file, above the pipeline; nothing else is known, and no Python runs",
        ))
    }

    fn spend(&mut self, work: usize, at: Range) -> Res<()> {
        self.work += work;
        if self.work > MAX_WORK {
            return Err(self.complain(at, "the file computes too much for a pipeline"));
        }
        Ok(())
    }

    /// The value of `expr`.
    pub(super) fn eval(&mut self, expr: &'a Expr) -> Res<Val<'a>> {
        let at = expr.at;
        self.spend(1, at)?;
        if self.depth >= MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH}; does a function call itself?");
            return Err(self.complain(at, message));
        }
        self.depth += 1;
        let value = self.eval_inner(expr, at);
        self.depth -= 1;
        value
    }

    fn eval_inner(&mut self, expr: &'a Expr, at: Range) -> Res<Val<'a>> {
        let kind = match &expr.kind {
            ExprKind::Constant(constant) => self.constant(constant, at)?,
            ExprKind::Name(name) => return self.name(name, at),
            ExprKind::List(list) => V::List(Rc::new(self.items(list)?)),
            ExprKind::Tuple(tuple) => V::Tuple(Rc::new(self.items(tuple)?)),
            ExprKind::Dict(items) => {
                let mut entries = Vec::new();
                for (key, value) in items {
                    let value = self.eval(value)?;
                    match (key, &value.kind) {
                        (Some(key), _) => entries.push((self.eval(key)?, value)),
                        (None, V::Dict(more)) => entries.extend(more.iter().cloned()),
                        (None, _) => return Err(self.complain(at, "what ** stands before is no dict")),
                    }
                }
                V::Dict(Rc::new(entries))
            }
            ExprKind::Attribute(value, name) => {
                let value = self.eval(value)?;
                let V::Path(path) = &value.kind else {
                    return Err(self.complain(at, format!("{name} of {} is not known here", value.kind())));
                };
                let path = format!("{path}.{name}");
                match (&*path, libraries::constant(&path)) {
                    ("numpy.pi" | "math.pi", _) => V::Float(std::f64::consts::PI),
                    (_, Some(text)) => V::Text(text.into()),
                    (path, None) => V::Path(path.into()),
                }
            }
            ExprKind::Unary(op, operand) => {
                let value = self.eval(operand)?;
                match (op, &value.kind) {
                    (UnaryOp::Minus, V::Int(value)) if *value != i64::MIN => V::Int(-value),
                    (UnaryOp::Minus, V::Float(value)) => V::Float(-value),
                    (UnaryOp::Plus, V::Int(_) | V::Float(_)) => value.kind,
                    (UnaryOp::Not, _) => match value.truth() {
                        Some(truth) => V::Bool(!truth),
                        None => return Err(self.complain(at, "it is not known whether this is true")),
                    },
                    (UnaryOp::Minus | UnaryOp::Plus | UnaryOp::Invert, _) => {
                        return Err(self.complain(at, format!("no arithmetic with {}", value.kind())));
                    }
                }
            }
            ExprKind::Binary(left, op, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                self.binary(&left, *op, &right, at)?
            }
            ExprKind::Choice { test, then, otherwise } => match self.eval(test)?.truth() {
                Some(true) => return self.eval(then),
                Some(false) => return self.eval(otherwise),
                None => return Err(self.complain(test.at, "it is not known whether this is true")),
            },
            ExprKind::Item(value, index) => {
                let (value, index) = (self.eval(value)?, self.eval(index)?);
                return self.index(&value, &index, at);
            }
            ExprKind::Comprehension { element, target, iter } => self.comprehension(target, iter, element)?,
            ExprKind::Comprehensions => {
                return Err(self.complain(at, "only lists of one loop without conditions are read"));
            }
            ExprKind::Lambda(params, body) => self.function(params, Body::Expr(body)),
            ExprKind::Call(call) => self.call(call, at)?,
            ExprKind::Starred(_) | ExprKind::Await(_) | ExprKind::Compare(_) | ExprKind::Other => {
                return Err(self.complain(at, "this expression is not known before Python runs"));
            }
        };
        Ok(Val { at, kind })
    }

    fn constant(&self, constant: &'a Constant, at: Range) -> Res<V<'a>> {
        Ok(match constant {
            Constant::None => V::None,
            Constant::Bool(value) => V::Bool(*value),
            Constant::Text(text) => V::Text(text.as_str().into()),
            Constant::Int(value) => V::Int(*value),
            Constant::Huge => return Err(self.complain(at, "a number that is too large")),
            Constant::Float(value) => V::Float(*value),
            Constant::Other => return Err(self.complain(at, "no value of a pipeline")),
        })
    }

    fn items(&mut self, elts: &'a [Expr]) -> Res<Vec<Val<'a>>> {
        let mut items = Vec::with_capacity(elts.len());
        for elt in elts {
            if let ExprKind::Starred(starred) = &elt.kind {
                let value = self.eval(starred)?;
                let Some(more) = value.items() else {
                    return Err(self.complain(elt.at, "what * stands before is no list"));
                };
                self.spend(more.len(), elt.at)?;
                items.extend_from_slice(more);
            } else {
                items.push(self.eval(elt)?);
            }
        }
        Ok(items)
    }

    fn comprehension(&mut self, target: &'a Expr, iter: &'a Expr, elt: &'a Expr) -> Res<V<'a>> {
        let iter = self.eval(iter)?;
        let Some(name) = target.as_name() else {
            return Err(self.complain(target.at, "only a single name is read here"));
        };
        let Some(items) = iter.items() else {
            return Err(self.complain(iter.at, format!("{} is no list", iter.kind())));
        };
        let mut out = Vec::new();
        let mut frame = self.frames.last().cloned().unwrap_or_default();
        for item in items {
            self.next += 1;
            let binding = Binding { id: self.next, value: Ok(item.clone()), reads: Rc::new(Vec::new()) };
            frame.insert(name.to_owned(), binding);
            self.enter(frame);
            let value = self.eval(elt);
            frame = self.frames.pop().unwrap_or_default();
            out.push(value?);
        }
        Ok(V::List(Rc::new(out)))
    }

    fn index(&self, value: &Val<'a>, index: &Val<'a>, at: Range) -> Res<Val<'a>> {
        let found = match (&value.kind, &index.kind) {
            (V::List(items) | V::Tuple(items), V::Int(i)) => {
                let i = if *i < 0 { i + items.len() as i64 } else { *i };
                usize::try_from(i).ok().and_then(|i| items.get(i)).cloned()
            }
            (V::Dict(entries), key) => entries
                .iter()
                .rev()
                .find(|(own, _)| match (&own.kind, key) {
                    (V::Text(own), V::Text(key)) => own == key,
                    (V::Int(own), V::Int(key)) => own == key,
                    _ => false,
                })
                .map(|(_, value)| value.clone()),
            _ => None,
        };
        found.ok_or_else(|| {
            self.complain(at, "there is no such item, as far as can be known before Python runs")
        })
    }

    pub(super) fn binary(&mut self, left: &Val<'a>, op: Operator, right: &Val<'a>, at: Range) -> Res<V<'a>> {
        let unknown = |this: &Self| {
            this.complain(at, format!("no arithmetic with {} and {}", left.kind(), right.kind()))
        };
        match (&left.kind, op, &right.kind) {
            (V::List(a), Operator::Add, V::List(b)) => {
                self.spend(a.len() + b.len(), at)?;
                return Ok(V::List(Rc::new(a.iter().chain(b.iter()).cloned().collect())));
            }
            (V::Tuple(a), Operator::Add, V::Tuple(b)) => {
                self.spend(a.len() + b.len(), at)?;
                return Ok(V::Tuple(Rc::new(a.iter().chain(b.iter()).cloned().collect())));
            }
            (V::List(items), Operator::Mult, V::Int(n)) | (V::Int(n), Operator::Mult, V::List(items)) => {
                let n = usize::try_from(*n).unwrap_or(0);
                let len = items.len().saturating_mul(n);
                if len > MAX_ITEMS {
                    return Err(self.complain(at, "too long a list"));
                }
                self.spend(len, at)?;
                return Ok(V::List(Rc::new(items.iter().cycle().take(len).cloned().collect())));
            }
            (V::Int(a), _, V::Int(b)) => {
                let exact = match op {
                    Operator::Add => a.checked_add(*b),
                    Operator::Sub => a.checked_sub(*b),
                    Operator::Mult => a.checked_mul(*b),
                    // Python rounds to below, and the remainder has the divisor's sign.
                    Operator::FloorDiv => {
                        a.checked_div(*b).map(|q| if a % b != 0 && (*a < 0) != (*b < 0) { q - 1 } else { q })
                    }
                    Operator::Mod => {
                        a.checked_rem(*b).map(|r| if r != 0 && (r < 0) != (*b < 0) { r + b } else { r })
                    }
                    Operator::Pow => u32::try_from(*b).ok().and_then(|b| a.checked_pow(b)),
                    Operator::Div => return self.float(*a as f64 / *b as f64, at),
                    Operator::Other => None,
                };
                return exact.map(V::Int).ok_or_else(|| unknown(self));
            }
            _ => {}
        }
        let (Some(a), Some(b)) = (left.number(), right.number()) else { return Err(unknown(self)) };
        let value = match op {
            Operator::Add => a + b,
            Operator::Sub => a - b,
            Operator::Mult => a * b,
            Operator::Div => a / b,
            Operator::FloorDiv => (a / b).floor(),
            Operator::Mod => a - b * (a / b).floor(),
            Operator::Pow => libm::pow(a, b),
            Operator::Other => return Err(unknown(self)),
        };
        self.float(value, at)
    }

    fn float(&self, value: f64, at: Range) -> Res<V<'a>> {
        if value.is_finite() {
            Ok(V::Float(value))
        } else {
            Err(self.complain(at, "this comes to no finite number"))
        }
    }

    /// A function of the file, with what it sees around it.
    pub(super) fn function(&mut self, params: &'a Params, body: Body<'a>) -> V<'a> {
        let captured = self.frames.last().cloned().unwrap_or_default();
        V::Function(Rc::new(Function { params, body, captured }))
    }

    fn call(&mut self, call: &'a CallExpr, at: Range) -> Res<V<'a>> {
        let func = self.eval(&call.func)?;
        let args = self.items(&call.args)?;
        let mut keywords = Vec::new();
        for keyword in &call.keywords {
            let value = self.eval(&keyword.value)?;
            match (&keyword.name, &value.kind) {
                (Some(name), _) => keywords.push((name.clone(), keyword.at, value)),
                (None, V::Dict(entries)) => {
                    for (key, value) in entries.iter() {
                        let V::Text(name) = &key.kind else {
                            return Err(self.complain(key.at, "a parameter's name is a text"));
                        };
                        keywords.push((name.to_string(), key.at, value.clone()));
                    }
                }
                (None, _) => return Err(self.complain(keyword.at, "what ** stands before is no dict")),
            }
        }
        match func.kind {
            V::Path(path) if BUILTINS.contains(&&*path) => self.builtin(&path, &args, keywords, at),
            V::Path(path) => Ok(V::Call(Rc::new(Call { path, name_at: call.func.at, args, keywords }))),
            V::Function(function) => self.apply(&function, args, keywords, at).map(|value| value.kind),
            _ => Err(self.complain(at, format!("{} is called, but is no function", func.kind()))),
        }
    }

    fn builtin(
        &self,
        name: &str,
        args: &[Val<'a>],
        keywords: Vec<(String, Range, Val<'a>)>,
        at: Range,
    ) -> Res<V<'a>> {
        let whole = |value: &Val<'a>| if let V::Int(value) = value.kind { Some(value) } else { None };
        let kind = match (name, args) {
            ("dict", []) => {
                let text = |(name, at, value): (String, Range, Val<'a>)| {
                    (Val { at, kind: V::Text(name.as_str().into()) }, value)
                };
                Some(V::Dict(Rc::new(keywords.into_iter().map(text).collect())))
            }
            ("list", []) => Some(V::List(Rc::default())),
            ("list", [one]) => one.items().map(|items| V::List(Rc::new(items.to_vec()))),
            ("tuple", [one]) => one.items().map(|items| V::Tuple(Rc::new(items.to_vec()))),
            ("float", [one]) => one.number().map(V::Float),
            ("int", [one]) => one.number().map(|value| V::Int(value as i64)),
            ("range", [end]) => whole(end).map(|end| (0, end)).and_then(|range| numbers(range, at)),
            ("range", [start, end]) => whole(start).zip(whole(end)).and_then(|range| numbers(range, at)),
            _ => None,
        };
        kind.ok_or_else(|| self.complain(at, format!("{name}(...) of this is not known here")))
    }

    /// Calls a function of the file.
    pub(super) fn apply(
        &mut self,
        function: &Function<'a>,
        args: Vec<Val<'a>>,
        keywords: Vec<(String, Range, Val<'a>)>,
        at: Range,
    ) -> Res<Val<'a>> {
        let params = function.params;
        let positional = &params.positional;
        if params.variadic {
            return Err(self.complain(at, "functions with * or ** among their parameters are not read"));
        }
        if args.len() > positional.len() {
            let message = format!("{} values for {} parameters", args.len(), positional.len());
            return Err(self.complain(at, message));
        }
        let mut frame = function.captured.clone();
        let given = args.len();
        let names = positional.iter().map(|param| param.name.as_str());
        let mut values: Vec<(&str, Val<'a>)> = names.zip(args).collect();
        for (name, at, value) in keywords {
            let known = positional
                .iter()
                .skip(given)
                .chain(&params.keyword_only)
                .map(|param| param.name.as_str())
                .find(|known| *known == name);
            let Some(known) = known else {
                return Err(
                    self.complain(at, format!("the function has no parameter {name}, or has its value"))
                );
            };
            values.push((known, value));
        }
        for param in positional.iter().chain(&params.keyword_only) {
            let name = param.name.as_str();
            if values.iter().any(|(given, _)| *given == name) {
                continue;
            }
            let Some(default) = &param.default else {
                return Err(self.complain(at, format!("the parameter {name} is missing")));
            };
            let value = self.eval(default)?;
            values.push((name, value));
        }
        for (name, value) in values {
            self.next += 1;
            let binding = Binding { id: self.next, value: Ok(value), reads: Rc::new(Vec::new()) };
            frame.insert(name.to_owned(), binding);
        }
        self.enter(frame);
        let value = match function.body {
            Body::Expr(expr) => self.eval(expr),
            Body::Block(body) => self.block(body, at),
        };
        self.leave();
        value
    }

    /// The body of a function that does no more than assign and return.
    fn block(&mut self, body: &'a [Stmt], at: Range) -> Res<Val<'a>> {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Return(Some(value)) => return self.eval(value),
                StmtKind::Return(None) => break,
                StmtKind::Assign(targets, value)
                    if let [target] = targets.as_slice()
                        && let Some(name) = target.as_name() =>
                {
                    let value = self.eval(value);
                    self.bind(name, value, Vec::new());
                }
                StmtKind::Function(def) if !def.decorated => {
                    let kind = self.function(&def.params, Body::Block(&def.body));
                    self.bind(&def.name, Ok(Val { at: stmt.at, kind }), Vec::new());
                }
                StmtKind::Pass => {}
                StmtKind::Expr(expr) if matches!(expr.kind, ExprKind::Constant(_)) => {}
                _ => {
                    let message = "a function called for a pipeline may only assign and return";
                    return Err(self.complain(stmt.at, message));
                }
            }
        }
        Err(self.complain(at, "the function returns nothing"))
    }
}

/// The numbers of a `range`, if they are not too many.
fn numbers<'a>((start, end): (i64, i64), at: Range) -> Option<V<'a>> {
    let count = usize::try_from(end.checked_sub(start)?.max(0)).ok()?;
    (count <= MAX_ITEMS)
        .then(|| V::List(Rc::new((start..end).map(|value| Val { at, kind: V::Int(value) }).collect())))
}

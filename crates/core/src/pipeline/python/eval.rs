//! Works out what Python expressions are worth without running any Python: constants, containers, arithmetic,
//! names, imports. Calls of anything imported stay calls; what cannot be known is a value of its own, which
//! matters only where a pipeline needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::find::{Candidate, Walk};
use super::given::option;
use super::libraries;
use super::scan::Lines;
use super::syntax::{Constant, Expr, ExprKind, Operator, Piece, Range, UnaryOp};
use super::value::{Binding, Body, Scope, V, Val, tidy};
use crate::text::complaint::Complaint;

/// How deep expressions and calls of the file's own functions may be nested.
const MAX_DEPTH: usize = 100;

/// How many expressions are looked at.
const MAX_WORK: usize = 4_000_000;

/// How many of them one loop, or one call from the outermost level, may look at.
pub(super) const SHARE: usize = 60_000;

/// The longest list that `*`, `range` or a loop makes.
pub(super) const MAX_ITEMS: usize = 10_000;

/// The longest text that is put together.
const MAX_TEXT: usize = 10_000;

/// Functions that Python has without an import.
pub(super) const BUILTINS: &[&str] = &[
    "abs",
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "float",
    "getattr",
    "int",
    "isinstance",
    "len",
    "list",
    "map",
    "max",
    "min",
    "range",
    "reversed",
    "round",
    "sorted",
    "str",
    "sum",
    "super",
    "tuple",
    "vars",
    "zip",
];

pub(super) type Res<T> = Result<T, Complaint>;

/// A value that the user gave: its name and the expression.
pub(super) type Setting = (String, Expr);

/// Evaluates, and remembers what the names of the file stand for.
pub(super) struct Eval<'a> {
    pub(super) lines: &'a Lines<'a>,
    pub(super) globals: Scope<'a>,
    pub(super) frames: Vec<Scope<'a>>,
    /// Names that the function being run assigns outside itself.
    pub(super) global_names: Vec<BTreeSet<&'a str>>,
    /// Modules imported with `*`.
    pub(super) stars: Vec<String>,
    /// Assignments that were read since it was last emptied.
    pub(super) reads: Vec<u32>,
    /// What a user should know.
    pub(super) warnings: Vec<(Range, String)>,
    /// What the user gave, and which of it was asked for.
    pub(super) settings: &'a [Setting],
    pub(super) used_settings: BTreeSet<usize>,
    /// Parameters that took their default because nobody calls the function: number of the assignment, place, words.
    pub(super) defaults: BTreeMap<u32, (Range, String)>,
    /// What may be pipelines.
    pub(super) candidates: Vec<Candidate<'a>>,
    /// Whether candidates are taken down.
    pub(super) registering: bool,
    /// How many pipelines, or lists of what may be pieces of one, this expression is inside of.
    pub(super) inside: usize,
    /// What the value being made is called: targets, keys and parameters.
    pub(super) label: Vec<String>,
    /// The functions and classes that this statement is in.
    pub(super) path: Vec<String>,
    /// How many blocks that may run never or several times this statement is in.
    pub(super) unsure: usize,
    /// The values that functions were called with.
    pub(super) called: BTreeMap<Rc<str>, Vec<(&'a str, Val<'a>)>>,
    /// Functions that are read by themselves in the end.
    pub(super) functions: Vec<Walk<'a>>,
    /// What functions return: the assignments that were read.
    pub(super) returned: BTreeMap<Rc<str>, Vec<u32>>,
    /// The number that stands for a call of each function.
    pub(super) markers: BTreeMap<Rc<str>, u32>,
    pub(super) next: u32,
    pub(super) depth: usize,
    /// How many blocks this one is in.
    pub(super) blocks: usize,
    pub(super) work: usize,
    /// The work at which the outermost call is given up.
    pub(super) limit: usize,
    /// The objects that the methods of classes are read with.
    pub(super) instances: BTreeMap<String, Val<'a>>,
    /// What the names of functions stood for when they ended.
    pub(super) locals: BTreeMap<Rc<str>, Scope<'a>>,
    /// What is known of random numbers that decide conditions.
    pub(super) draws: super::chance::Known,
    /// The calls of pipelines, and the conditions they are under.
    pub(super) uses: super::coins::Uses,
    /// The options of command lines: where their parser is made, and what they are worth.
    pub(super) options: BTreeMap<usize, Vec<(String, Val<'a>)>>,
    /// Whether blocks are read as well whose conditions do not hold.
    pub(super) everywhere: bool,
    /// Whether what a project has of its own is taken for what libraries have under the same names.
    pub(super) namesakes: bool,
    /// What is to be said of pipelines in a function, such as conditions that were taken for training: the function,
    /// the place, words.
    pub(super) guesses: Vec<(Vec<String>, Range, String)>,
    /// Where something that is not read made another value of a name: where the value is made, and the call.
    pub(super) altered: BTreeMap<usize, Range>,
    /// The first layer that draws.
    pub(super) layer_at: Option<Range>,
    /// Conditions that defaults decided.
    pub(super) decided: Vec<super::decided::Decided>,
    /// Why everything being worked out now is given up.
    stop: Option<Complaint>,
}

impl<'a> Eval<'a> {
    pub(super) fn new(lines: &'a Lines<'a>, settings: &'a [Setting]) -> Self {
        Self {
            lines,
            globals: Scope::new(),
            frames: Vec::new(),
            global_names: Vec::new(),
            stars: Vec::new(),
            reads: Vec::new(),
            warnings: Vec::new(),
            settings,
            used_settings: BTreeSet::new(),
            defaults: BTreeMap::new(),
            candidates: Vec::new(),
            registering: true,
            inside: 0,
            label: Vec::new(),
            path: Vec::new(),
            unsure: 0,
            called: BTreeMap::new(),
            functions: Vec::new(),
            returned: BTreeMap::new(),
            markers: BTreeMap::new(),
            next: 0,
            depth: 0,
            blocks: 0,
            work: 0,
            limit: usize::MAX,
            instances: BTreeMap::new(),
            locals: BTreeMap::new(),
            draws: super::chance::Known::default(),
            uses: super::coins::Uses::default(),
            options: BTreeMap::new(),
            everywhere: false,
            namesakes: false,
            guesses: Vec::new(),
            altered: BTreeMap::new(),
            layer_at: None,
            decided: Vec::new(),
            stop: None,
        }
    }

    pub(super) fn complain(&self, at: Range, message: impl Into<String>) -> Complaint {
        Complaint::new(self.lines.at(at), message)
    }

    /// The names that an assignment here goes to.
    pub(super) fn scope(&mut self) -> &mut Scope<'a> {
        self.frames.last_mut().unwrap_or(&mut self.globals)
    }

    /// Assigns; returns the number of the assignment. What the user gave stands in for what is not known.
    pub(super) fn bind(&mut self, name: &str, value: Val<'a>, mut reads: Vec<u32>) -> u32 {
        tidy(&mut reads);
        let value = match &value.kind {
            V::Unknown(_) | V::Call(_) if !self.settings.is_empty() && !is_pipeline(&value) => {
                self.setting(name, value.at).unwrap_or(value)
            }
            _ => value,
        };
        super::chain::tell_lost(self, name, &value);
        self.next += 1;
        let id = self.next;
        let binding = Binding { id, value, reads: Rc::new(reads) };
        if self.global_names.last().is_some_and(|names| names.contains(name)) {
            self.globals.insert(name.to_owned(), binding);
        } else {
            self.scope().insert(name.to_owned(), binding);
        }
        id
    }

    pub(super) fn find(&self, name: &str) -> Option<&Binding<'a>> {
        self.frames.last().and_then(|frame| frame.get(name)).or_else(|| self.globals.get(name))
    }

    /// The full name that an expression stands for, if it is but a name of something imported.
    pub(super) fn resolve(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Name(name) => match self.find(name) {
                Some(Binding { value: Val { kind: V::Path(path), .. }, .. }) => Some(path.to_string()),
                Some(_) => None,
                None => self.unassigned(name),
            },
            ExprKind::Attribute(value, name) => Some(format!("{}.{name}", self.resolve(value)?)),
            _ => None,
        }
    }

    /// What a name means that is never assigned.
    fn unassigned(&self, name: &str) -> Option<String> {
        if BUILTINS.contains(&name) {
            return Some(name.to_owned());
        }
        // Of several modules the last has the name, but for those whose pipelines are read; these have no constants.
        let full = |module: &String| format!("{module}.{name}");
        let known = self.stars.iter().rev().map(full).find(|path| libraries::of(path).is_some());
        // One letter stands for a module.
        let usual = libraries::usual(name).filter(|_| known.is_none() || name.len() == 1);
        usual.map(str::to_owned).or_else(|| {
            let capital = name.starts_with(|c: char| c.is_ascii_uppercase());
            let constant = name.len() > 1 && !name.contains(char::is_lowercase);
            let lacks = |module: &str| constant && libraries::is_home(module);
            let mut others = self.stars.iter().rev().filter(|module| !lacks(module));
            known.or_else(|| others.next().filter(|_| capital).map(full))
        })
    }

    fn name(&mut self, name: &str, at: Range) -> Val<'a> {
        if let Some(binding) = self.find(name) {
            let (id, reads, value) = (binding.id, Rc::clone(&binding.reads), binding.value.clone());
            self.reads.push(id);
            self.reads.extend(reads.iter());
            if let Err(complaint) = self.spend(1 + reads.len() / 16, at) {
                return Val::unknown(at, complaint);
            }
            return value;
        }
        if let Some(value) = self.setting(name, at) {
            return value;
        }
        if let Some(path) = self.unassigned(name) {
            if libraries::usual(name) == Some(path.as_str()) {
                let message = format!("{name} is never imported; it is taken for {path}");
                if !self.warnings.iter().any(|(_, own)| *own == message) {
                    self.warnings.push((at, message));
                }
            }
            return Val { at, kind: V::Path(self.module(&path, at).into()) };
        }
        let complaint = self
            .complain(at, format!("the name {name} is never assigned"))
            .help(format!("No Python runs here; give its value with --set {name}=VALUE"));
        Val::unset(at, complaint, Some(name.to_owned()))
    }

    /// Counts work; an error if there was too much of it.
    pub(super) fn spend(&mut self, work: usize, at: Range) -> Res<()> {
        self.work = self.work.saturating_add(work);
        if self.work > MAX_WORK || self.work > self.limit {
            let complaint = self.complain(at, "the file computes too much for a pipeline");
            self.stop.get_or_insert_with(|| complaint.clone());
            return Err(complaint);
        }
        Ok(())
    }

    /// Whether what is being worked out is given up.
    pub(super) fn stopped(&self) -> bool {
        self.stop.is_some()
    }

    /// The value of `expr`.
    pub(super) fn eval(&mut self, expr: &'a Expr) -> Val<'a> {
        let at = expr.at;
        if let Some(stop) = &self.stop {
            return Val::unknown(at, stop.clone());
        }
        if let Err(complaint) = self.spend(1, at) {
            return Val::unknown(at, complaint);
        }
        if self.depth >= MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH}; does a function call itself?");
            let complaint = self.complain(at, message);
            self.stop = Some(complaint.clone());
            return Val::unknown(at, complaint);
        }
        if self.depth == 0 {
            self.limit = self.work.saturating_add(SHARE);
        }
        self.depth += 1;
        let value = self.eval_inner(expr, at).unwrap_or_else(|complaint| Val::unknown(at, complaint));
        let value = self.given_as_written(expr, value);
        self.depth -= 1;
        self.recover(value, at)
    }

    /// At the outermost level what was given up is over, unless the work is used up.
    fn recover(&mut self, value: Val<'a>, at: Range) -> Val<'a> {
        if self.depth > 0 || self.work > MAX_WORK {
            return value;
        }
        self.limit = usize::MAX;
        match self.stop.take() {
            Some(complaint) => Val::unknown(at, complaint),
            None => value,
        }
    }

    fn eval_inner(&mut self, expr: &'a Expr, at: Range) -> Res<Val<'a>> {
        let kind = match &expr.kind {
            ExprKind::Constant(constant) => self.constant(constant, at)?,
            ExprKind::Name(name) => return Ok(self.name(name, at)),
            ExprKind::List(list) => V::List(Rc::new(self.pieces(list)?)),
            // `return a, b` gives two things, not the pieces of one.
            ExprKind::Tuple(tuple) => V::Tuple(Rc::new(self.items(tuple)?)),
            ExprKind::Dict(items) => self.dict(items, at)?,
            ExprKind::Attribute(value, name) => return Ok(self.attribute(value, name, expr)),
            ExprKind::Unary(op, operand) => {
                let value = self.eval(operand);
                match (op, &value.kind) {
                    (UnaryOp::Minus, V::Int(value)) if *value != i64::MIN => V::Int(-value),
                    (UnaryOp::Minus, V::Float(value)) => V::Float(-value),
                    (_, V::Unknown(_)) | (UnaryOp::Plus, V::Int(_) | V::Float(_)) => value.kind,
                    (UnaryOp::Not, _) if super::chance::negated(&value).is_some() => {
                        super::chance::negated(&value).unwrap_or(V::None)
                    }
                    (UnaryOp::Not, _) => match value.truth() {
                        Some(truth) => V::Bool(!truth),
                        None if self.wanting(&value).is_some() => {
                            self.wanting(&value).map_or(V::None, |unknown| unknown.kind)
                        }
                        None => return Err(self.complain(at, "it is not known whether this is true")),
                    },
                    (UnaryOp::Minus | UnaryOp::Plus | UnaryOp::Invert, _) => {
                        return Err(self.complain(at, format!("no arithmetic with {}", value.kind())));
                    }
                }
            }
            ExprKind::Binary(left, op, right) => {
                let (left, right) = (self.eval(left), self.eval(right));
                self.binary(&left, *op, &right, at)?
            }
            ExprKind::Choice { test, then, otherwise } => {
                let condition = self.eval(test);
                let condition = self.wanting(&condition).unwrap_or(condition);
                match condition.truth() {
                    Some(true) => return Ok(self.eval(then)),
                    Some(false) => return Ok(self.eval(otherwise)),
                    None => return Ok(self.undecided(&condition, test, [then, otherwise], at)),
                }
            }
            ExprKind::Item(value, index) => {
                let value = self.eval(value);
                let item = self.item(&value, index, at);
                return Ok(self.as_written(expr, &value, item));
            }
            ExprKind::Comprehension { key, element, loops } => {
                self.inside += 1;
                let value = self.comprehension(key.as_deref(), element, loops);
                self.inside -= 1;
                value?
            }
            ExprKind::Lambda(params, body) => self.function("", params, Body::Expr(body), false),
            ExprKind::Call(call) => return Ok(self.call(call, at)),
            ExprKind::Compare(left, rest) => self.compare(left, rest)?,
            ExprKind::Logic { all, of } => {
                let mut last = V::None;
                for expr in of {
                    let value = self.eval(expr);
                    match value.truth() {
                        Some(truth) if truth != *all => return Ok(value),
                        Some(_) => last = value.kind,
                        None if value.why().is_some() => return Ok(value),
                        None if self.wanting(&value).is_some() => {
                            return Ok(self.wanting(&value).unwrap_or(value));
                        }
                        None => return Err(self.complain(expr.at, "it is not known whether this is true")),
                    }
                }
                last
            }
            ExprKind::Format(pieces) => self.format(pieces, at)?,
            ExprKind::Starred(inner) | ExprKind::Await(inner) => {
                self.eval(inner);
                return Err(self.complain(at, "this expression is not known before Python runs"));
            }
            ExprKind::Slice(..) | ExprKind::Other => {
                return Err(self.complain(at, "this expression is not known before Python runs"));
            }
        };
        Ok(Val { at, kind })
    }

    /// What is worth one thing or another, which a condition decides.
    pub(super) fn depends(&self, condition: &Val<'a>, at: Range) -> Val<'a> {
        let set = condition.why().and_then(|why| why.set.clone());
        let complaint = self.complain(at, "the value depends on this condition");
        let complaint = match &set {
            Some(set) => complaint
                .help(format!("No Python runs here; give {}, which decides it", option(set, "VALUE"))),
            None => complaint,
        };
        Val::unset(at, complaint, set)
    }

    /// The items of a list that is written out. What they make are pieces of something, and no pipelines.
    fn pieces(&mut self, elts: &'a [Expr]) -> Res<Vec<Val<'a>>> {
        self.inside += 1;
        let items = self.items(elts);
        self.inside -= 1;
        if let Ok(items) = &items {
            self.wholes(elts, items);
        }
        items
    }

    fn attribute(&mut self, value: &'a Expr, name: &'a str, whole: &'a Expr) -> Val<'a> {
        let at = whole.at;
        let mut inner = self.eval(value);
        if let V::Path(path) = &inner.kind
            && path.ends_with("FLAGS")
            && let Some(flags) = self.flags(at)
        {
            inner = flags;
        }
        let kind = match &inner.kind {
            V::Path(path) => {
                if libraries::known(path) {
                    let path = format!("{path}.{name}");
                    match (&*path, libraries::constant(&path)) {
                        ("numpy.pi" | "math.pi", _) => V::Float(std::f64::consts::PI),
                        (_, Some(text)) => V::Text(text.into()),
                        (path, None) => V::Path(path.into()),
                    }
                } else {
                    let set = whole.dotted().and_then(|dotted| self.setting(&dotted, at));
                    let path = self.module(&format!("{path}.{name}"), at);
                    return set.unwrap_or_else(|| Val { at, kind: V::Path(path.into()) });
                }
            }
            V::Object(object) => {
                let object = Rc::clone(object);
                if let Some(own) = self.attribute_of(&object, name, whole.dotted().as_deref(), at) {
                    return own;
                }
                // A method that is handed on.
                if super::classes::method_of(&object, name).is_some() {
                    let path = format!("{}.{}.{name}", super::call::UNREAD, object.class.name);
                    return Val { at, kind: V::Path(path.into()) };
                }
                return self.nameless(&inner, name, whole);
            }
            V::Call(_) if let Some(kind) = super::arguments::adding(&inner, name, at) => kind,
            V::Call(own) if let Some(list) = libraries::list_in(own, name) => return list.clone(),
            V::Class(class) => match class.values.get(name) {
                Some(binding) => return binding.value.clone(),
                None => return self.nameless(&inner, name, whole),
            },
            V::Dict(entries) => match super::pure::attribute(entries, name) {
                Some(value) => return value.clone(),
                None => return self.nameless(&inner, name, whole),
            },
            V::Call(_)
            | V::Unknown(_)
            | V::None
            | V::Bool(_)
            | V::Int(_)
            | V::Float(_)
            | V::Text(_)
            | V::List(_)
            | V::Tuple(_)
            | V::Function(_) => return self.nameless(&inner, name, whole),
        };
        Val { at, kind }
    }

    /// An attribute that is not known; the user may give it.
    fn nameless(&mut self, inner: &Val<'a>, name: &str, whole: &'a Expr) -> Val<'a> {
        let at = whole.at;
        let Some(dotted) = whole.dotted() else {
            return match inner.why() {
                Some(_) => inner.clone(),
                None => Val::unknown(
                    at,
                    self.complain(at, format!("{name} of {} is not known here", inner.kind())),
                ),
            };
        };
        if let Some(value) = self.setting(&dotted, at) {
            return value;
        }
        let torn = super::chain::holds(inner, 0);
        let complaint = self
            .complain(at, format!("{dotted} is not known before Python runs"))
            .help(format!("Give its value with --set {dotted}=VALUE"));
        let unknown = super::value::Unknown::new(complaint, Some(dotted), torn);
        Val { at, kind: V::Unknown(Rc::new(unknown)) }
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

    /// The values of expressions, some of which may be starred.
    pub(super) fn items(&mut self, elts: &'a [Expr]) -> Res<Vec<Val<'a>>> {
        let mut items = Vec::with_capacity(elts.len());
        for elt in elts {
            if let ExprKind::Starred(starred) = &elt.kind {
                let value = self.eval(starred);
                match value.items() {
                    Some(more) => {
                        self.spend(more.len(), elt.at)?;
                        items.extend_from_slice(more);
                    }
                    None if value.why().is_some() => items.push(value),
                    None => return Err(self.complain(elt.at, "what * stands before is no list")),
                }
            } else {
                let value = self.eval(elt);
                items.push(self.tossed(value, elt));
            }
        }
        Ok(items)
    }

    fn format(&mut self, pieces: &'a [Piece], at: Range) -> Res<V<'a>> {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(own) => text.push_str(own),
                Piece::Value(expr) => {
                    let value = self.eval(expr);
                    match &value.kind {
                        V::Unknown(_) => return Ok(value.kind),
                        V::Text(own) => text.push_str(own),
                        V::Int(_) | V::Bool(_) | V::None => text.push_str(&value.kind()),
                        _ => return Err(self.complain(expr.at, "this part of the text is not known here")),
                    }
                }
                Piece::Other => return Err(self.complain(at, "this part of the text is not known here")),
            }
            if text.len() > MAX_TEXT {
                return Err(self.complain(at, "too long a text"));
            }
        }
        Ok(V::Text(text.into()))
    }

    pub(super) fn binary(&mut self, left: &Val<'a>, op: Operator, right: &Val<'a>, at: Range) -> Res<V<'a>> {
        if let Some(scaled) = super::chain::scaled(left, op, right) {
            return Ok(scaled);
        }
        if let Some(unknown) = [left, right].into_iter().find(|value| value.why().is_some()) {
            return Ok(unknown.kind.clone());
        }
        super::arithmetic::binary(self, left, op, right, at)
    }
}

/// Whether a value is a call that some library makes a pipeline of.
pub(super) fn is_pipeline(value: &Val<'_>) -> bool {
    matches!(&value.kind, V::Call(call) if libraries::of(&call.path).is_some())
}

//! Builds the tree of a pipeline file from Python values; every part keeps its place in the Python file.

use std::cell::RefCell;
use std::rc::Rc;

use super::call::UNREAD;
use super::coins::Uses;
use super::eval::Res;
use super::given;
use super::libraries;
use super::scan::Lines;
use super::syntax::Range;
use super::value::{Call, Unknown, V, Val};
use crate::text::complaint::{At, Complaint};
use crate::text::suggest::nearest;
use crate::text::tree::{Key, Tree, Value};

/// How many steps and values a pipeline may have.
const MAX_NODES: usize = 50_000;

/// Parameters that have no meaning here, because randomness has its own addresses.
const IGNORED: &[&str] = &["name", "seed", "random_state", "deterministic"];

/// Whether a parameter has no meaning here.
pub(super) fn is_ignored(name: &str) -> bool {
    IGNORED.contains(&name)
}

/// Translates values, and collects warnings.
pub(super) struct Translator<'a> {
    pub(super) lines: &'a Lines<'a>,
    pub(super) warnings: Vec<(Range, String)>,
    /// What is passed over and is not worth a warning, by its name.
    pub(super) passed: Vec<(Range, String)>,
    /// The version that a library's pipeline was written for, if somebody has said so.
    pub(super) written_for: Option<String>,
    /// Whether something that may change images was left out.
    pub(super) lost: bool,
    /// The first operation that was left out because it has no counterpart.
    pub(super) without: Option<Complaint>,
    /// Random numbers of Python's that became parameters.
    pub(super) draws: Vec<i64>,
    /// Whether sizes that are not known are those of the images.
    pub(super) unsized_steps: bool,
    /// The calls of pipelines.
    pub(super) uses: Rc<Uses>,
    nodes: usize,
    /// What was asked for and is not known.
    asked: Rc<RefCell<Vec<Rc<Unknown>>>>,
}

/// How much a translator has said.
pub(super) struct Mark {
    warnings: usize,
    passed: usize,
    asked: usize,
}

/// The arguments of a call by name.
pub(super) struct Bound<'v, 'a> {
    pub(super) call: &'v Call<'a>,
    values: Vec<(&'static str, &'v Val<'a>)>,
    lines: &'a Lines<'a>,
    asked: Rc<RefCell<Vec<Rc<Unknown>>>>,
}

impl<'v, 'a> Bound<'v, 'a> {
    /// The argument called `name`; `None` written out counts as left out.
    pub(super) fn get(&self, name: &str) -> Option<&'v Val<'a>> {
        self.raw(name).filter(|value| !matches!(value.kind, V::None))
    }

    /// The argument called `name`, even if it is `None`.
    pub(super) fn raw(&self, name: &str) -> Option<&'v Val<'a>> {
        let value = self.values.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)?;
        note(value, &mut self.asked.borrow_mut(), 0);
        if let Some(unknown) = called(value, self.lines) {
            self.asked.borrow_mut().push(Rc::new(unknown));
        }
        Some(value)
    }

    /// The argument called `name`, of which it does not matter what it is.
    pub(super) fn passed(&self, name: &str) -> Option<&'v Val<'a>> {
        self.values.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }
}

impl<'a> Translator<'a> {
    pub(super) fn new(lines: &'a Lines<'a>) -> Self {
        Self {
            lines,
            warnings: Vec::new(),
            passed: Vec::new(),
            written_for: None,
            lost: false,
            without: None,
            draws: Vec::new(),
            unsized_steps: false,
            uses: Rc::default(),
            nodes: 0,
            asked: Rc::default(),
        }
    }

    /// How much has been said and asked so far.
    pub(super) fn mark(&self) -> Mark {
        Mark { warnings: self.warnings.len(), passed: self.passed.len(), asked: self.asked.borrow().len() }
    }

    /// Forgets what was said and asked behind `mark`.
    pub(super) fn back_to(&mut self, mark: &Mark) {
        self.warnings.truncate(mark.warnings);
        self.passed.truncate(mark.passed);
        self.asked.borrow_mut().truncate(mark.asked);
    }

    /// Asks for a value, of which nothing else is asked for.
    pub(super) fn ask(&self, value: &Val<'_>) {
        note(value, &mut self.asked.borrow_mut(), 0);
    }

    /// What was asked for so far and is not known.
    pub(super) fn asked(&self) -> Vec<Rc<Unknown>> {
        self.asked.borrow().clone()
    }

    /// All of a pipeline that is not known, but for what is passed over.
    pub(super) fn missing(&self, value: &Val<'a>) -> Vec<Rc<Unknown>> {
        let mut missing = Vec::new();
        self.gather(value, &mut missing, &mut 0, 0);
        missing
    }

    fn gather(&self, value: &Val<'a>, missing: &mut Vec<Rc<Unknown>>, seen: &mut usize, depth: usize) {
        *seen += 1;
        if depth > 100 || missing.len() > 50 || *seen > MAX_NODES {
            return;
        }
        match &value.kind {
            V::Call(call) if libraries::of(&call.path).is_some_and(|library| (library.passes)(call)) => {}
            // What is the file's own is not read, whatever its values are.
            V::Call(call) if !libraries::known(&call.path) && libraries::of(&call.path).is_none() => {}
            V::Call(call) => {
                let named = call.keywords.iter().filter(|(name, ..)| !is_ignored(name));
                let all = call.args.iter().chain(named.map(|(.., value)| value));
                all.for_each(|value| self.gather(value, missing, seen, depth + 1));
            }
            V::List(items) | V::Tuple(items) => {
                items.iter().for_each(|item| self.gather(item, missing, seen, depth + 1));
            }
            V::Dict(entries) => {
                entries.iter().for_each(|(_, value)| self.gather(value, missing, seen, depth + 1));
            }
            V::Unknown(unknown) => missing.push(Rc::clone(unknown)),
            // Something of a module that is not known here.
            V::Path(path) if !libraries::known(path) && !path.starts_with(UNREAD) => {
                let set = self.lines.written(value.at).unwrap_or(path).to_owned();
                let complaint = self
                    .complain(value.at, format!("{set} is not known before Python runs"))
                    .help(format!("Give its value with --set {set}=VALUE"));
                missing.push(Rc::new(Unknown::new(complaint, Some(set), false)));
            }
            _ => {}
        }
    }

    pub(super) fn at(&self, range: Range) -> At {
        self.lines.at(range)
    }

    pub(super) fn complain(&self, range: Range, message: impl Into<String>) -> Complaint {
        Complaint::new(self.at(range), message)
    }

    pub(super) fn warn(&mut self, range: Range, message: impl Into<String>) {
        self.warnings.push((range, message.into()));
    }

    /// Passes over a call that does nothing to bytes.
    pub(super) fn pass(&mut self, call: &Call<'_>) {
        self.passed.push((call.name_at, call.name().to_owned()));
    }

    /// Leaves out what is Python of the file's own; behind what makes a tensor it is no matter of images.
    pub(super) fn left_out(&mut self, value: &Val<'a>, tensor: bool) {
        let what = self.lines.written(value.at).map_or_else(|| value.kind(), str::to_owned);
        self.lost |= !tensor;
        self.warn(
            value.at,
            if tensor {
                format!("{what} is passed over: it is Python for tensors, which does not run here")
            } else {
                format!("{what} is left out: it is Python that does not run here, and what it does to images is missing")
            },
        );
    }

    pub(super) fn tree(&mut self, range: Range, value: Value) -> Res<Tree> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(self.complain(range, "too large a pipeline"));
        }
        Ok(Tree { at: self.at(range), value })
    }

    pub(super) fn key(&self, range: Range, text: &str) -> Key {
        Key { at: self.at(range), text: text.to_owned() }
    }

    /// `{name: {fields}}`, which is a step.
    pub(super) fn step(&mut self, call: &Call<'_>, name: &str, fields: Vec<(Key, Tree)>) -> Res<Tree> {
        let inner = self.tree(call.name_at, Value::Map(fields))?;
        self.wrap(call.name_at, name, inner)
    }

    /// `{name: inner}`.
    pub(super) fn wrap(&mut self, at: Range, name: &str, inner: Tree) -> Res<Tree> {
        let key = self.key(at, name);
        self.tree(at, Value::Map(vec![(key, inner)]))
    }

    /// `{p: p, then: [step]}` around a step, if it does not run always.
    pub(super) fn sometimes(&mut self, at: Range, p: f64, step: Tree) -> Res<Tree> {
        if p == 1.0 {
            return Ok(step);
        }
        let fields = vec![
            (self.key(at, "p"), self.tree(at, Value::Float(p))?),
            (self.key(at, "then"), self.tree(at, Value::List(vec![step]))?),
        ];
        let inner = self.tree(at, Value::Map(fields))?;
        self.wrap(at, "sometimes", inner)
    }

    /// Gives the arguments of `call` their names.
    pub(super) fn bind<'v>(&mut self, call: &'v Call<'a>, names: &[&'static str]) -> Res<Bound<'v, 'a>> {
        let class = call.name();
        if let Some(extra) = call.args.get(names.len()) {
            let message = format!("{class} takes {} values by their position, not more", names.len());
            return Err(self.complain(extra.at, message));
        }
        let mut values: Vec<(&'static str, &Val<'a>)> = names.iter().copied().zip(&call.args).collect();
        for (name, at, value) in &call.keywords {
            if let Some(known) = names.iter().find(|known| *known == name) {
                if values.iter().any(|(given, _)| given == known) {
                    return Err(self.complain(*at, format!("{class} gets {name} twice")));
                }
                values.push((known, value));
            } else if IGNORED.contains(&name.as_str()) {
                let message = match name.as_str() {
                    "name" => "name is passed over; steps have no names here".to_owned(),
                    _ => format!("{name} is passed over; the seed of the command decides all random numbers"),
                };
                self.warn(*at, message);
            } else {
                let near = nearest(name, names.iter().copied());
                let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                let message = format!("{class} has no parameter {name} here{hint}");
                return Err(self.complain(*at, message).help(if names.is_empty() {
                    "It has no parameters here".to_owned()
                } else {
                    format!("Known here: {}", names.join(", "))
                }));
            }
        }
        Ok(Bound { call, values, lines: self.lines, asked: Rc::clone(&self.asked) })
    }

    /// A number.
    pub(super) fn number(&self, value: &Val<'_>, what: &str) -> Res<f64> {
        match value.kind {
            V::Int(_) | V::Float(_) | V::Bool(_) => value.number(),
            _ => None,
        }
        .ok_or_else(|| self.complain(value.at, format!("{what} is a number here, not {}", value.kind())))
    }

    /// A value as it is: numbers, texts and lists of them; `dicts` with their keys.
    pub(super) fn plain(&mut self, value: &Val<'_>) -> Res<Tree> {
        let inner = match &value.kind {
            V::None => Value::Null,
            V::Bool(value) => Value::Bool(*value),
            V::Int(value) => Value::Int(*value),
            V::Float(value) => Value::Float(*value),
            V::Text(text) => Value::Text(text.to_string()),
            V::List(items) | V::Tuple(items) => {
                Value::List(items.iter().map(|item| self.plain(item)).collect::<Res<_>>()?)
            }
            V::Unknown(unknown) => return Err(unknown.complaint.clone()),
            V::Dict(_) | V::Path(_) | V::Call(_) | V::Function(_) | V::Class(_) | V::Object(_) => {
                return Err(self.complain(value.at, format!("{} is no value here", value.kind())));
            }
        };
        self.tree(value.at, inner)
    }
}

/// What a function of a module that is not known here gives, as what the user may give.
fn called(value: &Val<'_>, lines: &Lines<'_>) -> Option<Unknown> {
    let V::Call(call) = &value.kind else { return None };
    if libraries::known(&call.path) || libraries::of(&call.path).is_some() || !call.path.contains('.') {
        return None;
    }
    let written = given::short(lines.source(value.at)?)?;
    let complaint = Complaint::new(lines.at(value.at), format!("{written} is not known before Python runs"))
        .help(format!("Give its value with {}", given::option(&written, "VALUE")));
    Some(Unknown::new(complaint, Some(written), false))
}

/// Notes what is not known of a value.
fn note(value: &Val<'_>, asked: &mut Vec<Rc<Unknown>>, depth: usize) {
    if depth > 20 || asked.len() > 50 {
        return;
    }
    match &value.kind {
        V::Unknown(unknown) => asked.push(Rc::clone(unknown)),
        V::List(items) | V::Tuple(items) => items.iter().for_each(|item| note(item, asked, depth + 1)),
        V::Dict(entries) => entries.iter().for_each(|(_, value)| note(value, asked, depth + 1)),
        _ => {}
    }
}

/// The steps of a sequence in a fixed order; anything else as it is.
pub(super) fn opened(step: Tree) -> Vec<Tree> {
    if let Value::Map(entries) = &step.value
        && let [(key, inner)] = entries.as_slice()
        && key.text == "sequential"
        && let Value::Map(fields) = &inner.value
        && !fields
            .iter()
            .any(|(key, value)| key.text == "random_order" && matches!(value.value, Value::Bool(true)))
        && let Some((_, Tree { value: Value::List(steps), .. })) =
            fields.iter().find(|(key, _)| key.text == "of")
    {
        return steps.clone();
    }
    vec![step]
}

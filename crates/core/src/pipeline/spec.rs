//! A pipeline as it is specified: operations and combinators, before any shape is known.

use std::path::Path;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::combinators::{self, AnyCombinator, Branches, Entry};
use super::python;
use crate::ops::range::law;
use crate::ops::{self, AnyOp, Problem};
use crate::text::complaint::{At, Complaint, TextError};
use crate::text::read::unknown;
use crate::text::tree::{self as source, Key, Tree, Value};

/// The version of the pipeline format that this program writes, and the newest that it reads.
pub const VERSION: i64 = 1;

/// How deep combinators may be nested.
pub const MAX_NESTING: usize = 32;

/// A whole pipeline file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spec {
    /// Version of the format.
    pub version: i64,
    /// The steps, in order.
    pub pipeline: Vec<Step>,
}

/// One step: an operation or a combinator.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its number in pre-order, from 1; the address of its random numbers.
    pub node: u32,
    /// Where it stands in its file, if it comes from one.
    pub at: Option<At>,
    /// What it does.
    pub kind: Kind,
}

/// Two steps are equal if they do the same, wherever they stand.
impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "a pipeline has few steps; boxes would be one more way to go for each"
)]
pub enum Kind {
    /// Runs the steps inside it.
    Combinator(Combined),
    /// Changes the image.
    Op(AnyOp),
}

/// A combinator with the steps inside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Combined {
    /// What it does with them.
    pub combinator: AnyCombinator,
    /// The steps, in the branches of its documentation.
    pub branches: Branches,
}

/// The parameters, and behind them the branches.
impl Serialize for Combined {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        let params = serde_json::to_value(&self.combinator).map_err(S::Error::custom)?;
        let mut map = to.serialize_map(None)?;
        for (key, value) in params.as_object().into_iter().flatten() {
            map.serialize_entry(key, value)?;
        }
        for (branch, steps) in self.combinator.doc().branches.iter().zip(&self.branches) {
            if branch.required || !steps.is_empty() {
                map.serialize_entry(branch.key, steps)?;
            }
        }
        map.end()
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Combinator(own) => {
                let mut map = to.serialize_map(Some(1))?;
                map.serialize_entry(own.combinator.key(), own)?;
                map.end()
            }
            Self::Op(op) => op.serialize(to),
        }
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.kind.serialize(to)
    }
}

impl Kind {
    /// The step's name in pipeline files.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Combinator(own) => own.combinator.key(),
            Self::Op(op) => op.key(),
        }
    }

    /// The branches of the step, which are lists of steps.
    #[must_use]
    pub fn branches(&self) -> &[Vec<Step>] {
        match self {
            Self::Combinator(own) => &own.branches,
            Self::Op(_) => &[],
        }
    }

    /// The branches of the step, to be changed.
    fn branches_mut(&mut self) -> &mut [Vec<Step>] {
        match self {
            Self::Combinator(own) => &mut own.branches,
            Self::Op(_) => &mut [],
        }
    }

    /// Whether all values are legal, but for those of the branches' steps.
    fn check(&self) -> Result<(), Problem> {
        match self {
            Self::Combinator(own) => own.combinator.check(&own.branches),
            Self::Op(op) => op.check(),
        }
    }
}

impl Spec {
    /// Reads the pipeline file at `path`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn load(path: &Path) -> Result<Self, TextError> {
        let name = path.display().to_string();
        let limit = python::most_bytes(&name);
        let text = if python::is_python(&name) {
            source::read_decoded(path, "pipeline", limit, python::decoded)?
        } else {
            source::read_up_to(path, "pipeline", limit)?
        };
        Self::parse(&name, &text)
    }

    /// Reads a pipeline from YAML or JSON, or from Python if `name`, which is what errors call it, ends in `.py` or
    /// `.ipynb`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(name: &str, text: &str) -> Result<Self, TextError> {
        if python::is_python(name) {
            return python::translate(name, text, &python::Wanted::default())
                .map(|translation| translation.spec);
        }
        source::parse(text, "pipeline")
            .and_then(|tree| Self::of_tree(&tree))
            .map_err(|complaint: Complaint| complaint.in_text(name, text))
    }

    /// Reads a pipeline from the tree of its file.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn of_tree(tree: &Tree) -> Result<Self, Complaint> {
        let file = Fields::of(tree, "a pipeline file", &["version", "pipeline"])?;
        let version = file.need("version").map_err(|complaint| {
            complaint.help(format!("Begin the file with the line: version: {VERSION}"))
        })?;
        let version = match version.value {
            Value::Int(VERSION) => VERSION,
            Value::Int(newer) if newer > VERSION => {
                let message = format!("version {newer} of the format; this program reads {VERSION}");
                return Err(Complaint::new(version.at, message).help("Update mnistaug"));
            }
            _ => {
                let message = format!("the version is {VERSION}, not {}", version.kind());
                return Err(Complaint::new(version.at, message)
                    .help(format!("Begin the file with the line: version: {VERSION}")));
            }
        };
        let pipeline = read_steps(file.need("pipeline")?, 0)?;
        let mut spec = Self { version, pipeline };
        spec.number();
        Ok(spec)
    }

    /// A pipeline of `steps`, made by a program.
    ///
    /// # Errors
    /// The first step whose values are not legal.
    pub fn of_steps(pipeline: Vec<Step>) -> Result<Self, Complaint> {
        fn check(steps: &mut [Step]) -> Result<(), Complaint> {
            for step in steps {
                let key = step.kind.key();
                step.kind.check().map_err(|problem| Complaint::new(step.at, format!("{key}: {problem}")))?;
                for branch in step.kind.branches_mut() {
                    check(branch)?;
                }
            }
            Ok(())
        }
        let mut spec = Self { version: VERSION, pipeline };
        check(&mut spec.pipeline)?;
        spec.number();
        Ok(spec)
    }

    /// Shows every step, those in branches too, in pre-order.
    pub fn for_each(&self, visit: &mut dyn FnMut(&Step)) {
        fn walk(steps: &[Step], visit: &mut dyn FnMut(&Step)) {
            for step in steps {
                visit(step);
                for branch in step.kind.branches() {
                    walk(branch, visit);
                }
            }
        }
        walk(&self.pipeline, visit);
    }

    /// The same pipeline with its steps at the places of those of `other`, as many as it has.
    #[must_use]
    pub(super) fn at_places_of(mut self, other: &Self) -> Self {
        fn place(steps: &mut [Step], places: &mut impl Iterator<Item = Option<At>>) {
            for step in steps {
                step.at = places.next().flatten();
                for branch in step.kind.branches_mut() {
                    place(branch, places);
                }
            }
        }
        let mut places = Vec::new();
        other.for_each(&mut |step| places.push(step.at));
        place(&mut self.pipeline, &mut places.into_iter());
        self
    }

    /// Numbers the steps in pre-order.
    fn number(&mut self) {
        fn number(steps: &mut [Step], next: &mut u32) {
            for step in steps {
                step.node = *next;
                *next += 1;
                for branch in step.kind.branches_mut() {
                    number(branch, next);
                }
            }
        }
        number(&mut self.pipeline, &mut 1);
    }
}

/// Reads one step from YAML: what stands after the dash.
///
/// # Errors
/// What is wrong with it, and where.
pub fn parse_step(text: &str) -> Result<Step, TextError> {
    source::parse(text, "pipeline")
        .and_then(|tree| read_step(&tree, 0))
        .map_err(|complaint| complaint.in_text("step", text))
}

/// The keys of a mapping that is read by hand.
struct Fields<'a> {
    what: &'a str,
    at: At,
    entries: &'a [(Key, Tree)],
}

impl<'a> Fields<'a> {
    fn of(tree: &'a Tree, what: &'a str, known: &[&str]) -> Result<Self, Complaint> {
        let Value::Map(entries) = &tree.value else {
            let expected = known.iter().map(|key| format!("{key}: ...")).collect::<Vec<_>>().join(", ");
            return Err(Complaint::new(
                tree.at,
                format!("{what} is a mapping {{{expected}}}, not {}", tree.kind()),
            ));
        };
        for (key, _) in entries {
            if !known.contains(&key.text.as_str()) {
                let mut complaint = unknown("key", &key.text, known);
                complaint.message = match complaint.message.split_once("; did you mean") {
                    Some((unknown, near)) => format!("{unknown} in {what}; did you mean{near}"),
                    None => format!("{} in {what}", complaint.message),
                };
                complaint.at = Some(key.at);
                return Err(complaint);
            }
        }
        Ok(Self { what, at: tree.at, entries })
    }

    fn get(&self, key: &str) -> Option<&'a Tree> {
        self.entries.iter().find(|(own, _)| own.text == key).map(|(_, value)| value)
    }

    fn need(&self, key: &str) -> Result<&'a Tree, Complaint> {
        self.get(key)
            .ok_or_else(|| Complaint::new(self.at, format!("the key {key:?} is missing in {}", self.what)))
    }
}

/// A list of steps, or a single one.
fn read_steps(tree: &Tree, depth: usize) -> Result<Vec<Step>, Complaint> {
    match &tree.value {
        Value::List(items) => items.iter().map(|item| read_step(item, depth)).collect(),
        Value::Map(_) => Ok(vec![read_step(tree, depth)?]),
        _ => Err(Complaint::new(tree.at, format!("expected a list of steps, not {}", tree.kind()))),
    }
}

fn read_step(tree: &Tree, depth: usize) -> Result<Step, Complaint> {
    if depth >= MAX_NESTING {
        return Err(Complaint::new(tree.at, format!("steps are nested deeper than {MAX_NESTING}")));
    }
    let (key, value) = match &tree.value {
        Value::Map(entries) => match entries.as_slice() {
            [(key, value)] => (key.clone(), value.clone()),
            [] => return Err(Complaint::new(tree.at, "an empty mapping, expected an operation")),
            [_, (second, _), ..] => {
                let message = format!("a second key {:?} in one step", second.text);
                return Err(Complaint::new(second.at, message)
                    .help("Every step is one operation with its own dash; check the indentation"));
            }
        },
        // `- fliplr` without anything is as `- fliplr: {}`.
        Value::Text(text) => {
            (Key { at: tree.at, text: text.clone() }, Tree { at: tree.at, value: Value::Null })
        }
        _ => {
            let message = format!("expected an operation such as `fliplr: 0.5`, not {}", tree.kind());
            return Err(Complaint::new(tree.at, message));
        }
    };
    let kind = match combinators::entry(&key.text) {
        Some(entry) => Kind::Combinator(read_combinator(entry, &value, depth + 1)?),
        None => Kind::Op(read_op(&key, &value)?),
    };
    kind.check().map_err(|problem| {
        let at = if problem.field.is_empty() { key.at } else { spot(&value, &problem.field) };
        Complaint::new(at, format!("{}: {problem}", key.text))
    })?;
    Ok(Step { node: 0, at: Some(key.at), kind })
}

/// The place of a field, or of the value itself where the short form was used.
fn spot(value: &Tree, field: &str) -> At {
    if matches!(value.value, Value::Map(_)) { value.find(field) } else { value.at }
}

fn read_op(key: &Key, value: &Tree) -> Result<AnyOp, Complaint> {
    let Some(entry) = ops::entry(&key.text) else {
        let known: Vec<&str> = names().collect();
        let complaint = unknown("operation", &key.text, &known);
        let complaint = Complaint { at: Some(key.at), ..complaint };
        return Err(complaint.help("`mnistaug pipeline list` shows all operations"));
    };
    let full = match (&value.value, entry.doc.short) {
        (Value::Null, _) => Tree { at: key.at, value: Value::Map(Vec::new()) },
        // A choice or a distribution is a bare value.
        (Value::Map(entries), Some(short))
            if !entries.is_empty() && entries.iter().all(|(key, _)| law::is_key(&key.text)) =>
        {
            in_short(short, value)
        }
        (Value::Map(_), _) => value.clone(),
        (_, Some(short)) => in_short(short, value),
        (_, None) => {
            let message = format!("{} takes a mapping of keys, not {}", key.text, value.kind());
            return Err(Complaint::new(value.at, message)
                .help(format!("`mnistaug pipeline show {}` shows them", key.text)));
        }
    };
    AnyOp::read(&key.text, &full).map_err(|error| {
        let complaint = Complaint::from(error);
        let at = complaint.at.or(Some(key.at));
        let help = complaint.help.unwrap_or_else(|| {
            format!("`mnistaug pipeline show {}` shows its keys, with examples", key.text)
        });
        Complaint { at, message: format!("{}: {}", key.text, complaint.message), help: Some(help) }
    })
}

/// The full form of a bare value.
fn in_short(field: &str, value: &Tree) -> Tree {
    let key = Key { at: value.at, text: field.to_owned() };
    Tree { at: value.at, value: Value::Map(vec![(key, value.clone())]) }
}

fn read_combinator(entry: &Entry, value: &Tree, depth: usize) -> Result<Combined, Complaint> {
    let name = entry.key;
    let full = match (&value.value, entry.doc.short) {
        (Value::List(_), Some(short)) => in_short(short, value),
        _ => value.clone(),
    };
    let known: Vec<&str> = (entry.params)().iter().copied().chain(entry.branch_keys()).collect();
    let fields = Fields::of(&full, name, &known)?;
    let mut branches = Branches::default();
    for (branch, steps) in entry.doc.branches.iter().zip(&mut branches) {
        if branch.required || fields.get(branch.key).is_some() {
            *steps = read_steps(fields.need(branch.key)?, depth)?;
        }
    }
    let params = fields.entries.iter().filter(|(key, _)| !entry.branch_keys().any(|own| own == key.text));
    let params = Tree { at: fields.at, value: Value::Map(params.cloned().collect()) };
    let combinator = AnyCombinator::read(name, &params).map_err(|error| {
        let complaint = Complaint::from(error);
        // What does not fit may lie deep inside a parameter, which is named all the same.
        let field = fields.entries.iter().find(|(_, tree)| complaint.at.is_some_and(|at| holds(tree, at)));
        let message = match field {
            Some((key, _)) => format!("{name}: {}: {}", key.text, complaint.message),
            None => format!("{name}: {}", complaint.message),
        };
        Complaint { message, ..complaint }
    })?;
    Ok(Combined { combinator, branches })
}

/// Whether something in `tree` stands at this place.
fn holds(tree: &Tree, at: At) -> bool {
    tree.at == at
        || match &tree.value {
            Value::List(items) => items.iter().any(|item| holds(item, at)),
            Value::Map(entries) => entries.iter().any(|(key, value)| key.at == at || holds(value, at)),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => false,
        }
}

/// Names of all operations and combinators, sorted within each.
pub fn names() -> impl Iterator<Item = &'static str> {
    combinators::ENTRIES.iter().map(|entry| entry.key).chain(ops::ENTRIES.iter().map(|entry| entry.key))
}

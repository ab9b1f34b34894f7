//! A pipeline as it is specified: operations and combinators, before any shape is known.

use std::path::Path;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::mask::{FrequencyMask, SimplexMask};
use super::python;
use crate::ops::{self, AnyOp, Int, Probability, Problem};
use crate::text::complaint::{At, Complaint, TextError};
use crate::text::read::{ReadError, unknown};
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
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Runs all its steps.
    Sequential(Sequential),
    /// Runs some of its steps.
    SomeOf(SomeOf),
    /// Runs one of its steps.
    OneOf(OneOf),
    /// Runs its steps with a probability.
    Sometimes(Sometimes),
    /// Blends two branches by a mask of simplex noise.
    SimplexNoiseAlpha(Blend<SimplexMask>),
    /// Blends two branches by a mask of noise of a frequency spectrum.
    FrequencyNoiseAlpha(Blend<FrequencyMask>),
    /// Changes the image.
    #[serde(untagged)]
    Op(AnyOp),
}

/// How a combinator is written.
#[derive(Clone, Copy, Debug)]
pub struct Combinator {
    /// Its name in pipeline files.
    pub key: &'static str,
    /// Its keys.
    pub keys: &'static [&'static str],
    /// Those that must be given.
    pub required: &'static [&'static str],
    /// The key that a bare list stands for.
    pub short: Option<&'static str>,
    /// One sentence.
    pub summary: &'static str,
    /// Steps as they stand in a pipeline file after the dash.
    pub examples: &'static [&'static str],
}

/// All combinators.
pub const COMBINATORS: &[Combinator] = &[
    Combinator {
        key: "sequential",
        keys: &["random_order", "of"],
        required: &["of"],
        short: Some("of"),
        summary: "Runs all its steps, in order or in an order drawn for each image.",
        examples: &["sequential: { random_order: true, of: [fliplr: 0.5, flipud: 0.2] }"],
    },
    Combinator {
        key: "some_of",
        keys: &["count", "random_order", "of"],
        required: &["count", "of"],
        short: None,
        summary: "Runs a subset of its steps, drawn for each image.",
        examples: &["some_of: { count: [0, 2], random_order: true, of: [fliplr: 0.5, add: [-10, 10]] }"],
    },
    Combinator {
        key: "one_of",
        keys: &["of"],
        required: &["of"],
        short: Some("of"),
        summary: "Runs one of its steps, all equally likely, drawn for each image.",
        examples: &["one_of: [gaussian_blur: [0, 3.0], median_blur: [3, 11]]"],
    },
    Combinator {
        key: "sometimes",
        keys: &["p", "then"],
        required: &["p", "then"],
        short: None,
        summary: "Runs its steps with a probability, drawn for each image.",
        examples: &["sometimes: { p: 0.5, then: [affine: { rotate: [-25, 25] }] }"],
    },
    Combinator {
        key: "simplex_noise_alpha",
        keys: &["first", "second", "iterations", "size_px_max", "upscale", "sigmoid_threshold"],
        required: &["first"],
        short: None,
        summary: "Blends two branches by a mask of simplex noise.",
        examples: &["simplex_noise_alpha: { first: [edge_detect: [0.5, 1]] }"],
    },
    Combinator {
        key: "frequency_noise_alpha",
        keys: &[
            "first",
            "second",
            "exponent",
            "iterations",
            "size_px_max",
            "upscale",
            "aggregation",
            "sigmoid",
            "sigmoid_threshold",
        ],
        required: &["first"],
        short: None,
        summary: "Blends two branches by a mask of noise that has a spectrum drawn for each image.",
        examples: &[
            "frequency_noise_alpha: { exponent: [-4, 0], first: [multiply: [0.5, 1.5]], second: [add: 10] }",
        ],
    },
];

/// `sequential`: a list of steps, or `{of: [...], random_order: true}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sequential {
    /// Whether the order is drawn for each image.
    pub random_order: bool,
    /// The steps.
    pub of: Vec<Step>,
}

/// `some_of: {count: [0, 5], of: [...]}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SomeOf {
    /// How many steps run.
    pub count: Int,
    /// Whether their order is drawn for each image; otherwise they run in the order of the list.
    pub random_order: bool,
    /// The steps.
    pub of: Vec<Step>,
}

/// `one_of: [...]`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OneOf {
    /// The steps.
    pub of: Vec<Step>,
}

/// `sometimes: {p: 0.5, then: [...]}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sometimes {
    /// Probability that the steps run.
    pub p: Probability,
    /// The steps.
    pub then: Vec<Step>,
}

/// A blend of two branches by a mask; `second` may be empty, which is the image itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Blend<M> {
    /// How the mask is drawn.
    pub mask: M,
    /// Where the mask is 1.
    pub first: Vec<Step>,
    /// Where the mask is 0.
    pub second: Vec<Step>,
}

impl<M: Serialize> Serialize for Blend<M> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        let mask = serde_json::to_value(&self.mask).map_err(S::Error::custom)?;
        let mut map = to.serialize_map(None)?;
        for (key, value) in mask.as_object().into_iter().flatten() {
            map.serialize_entry(key, value)?;
        }
        map.serialize_entry("first", &self.first)?;
        if !self.second.is_empty() {
            map.serialize_entry("second", &self.second)?;
        }
        map.end()
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
            Self::Op(op) => op.key(),
            Self::Sequential(_) => "sequential",
            Self::SomeOf(_) => "some_of",
            Self::OneOf(_) => "one_of",
            Self::Sometimes(_) => "sometimes",
            Self::SimplexNoiseAlpha(_) => "simplex_noise_alpha",
            Self::FrequencyNoiseAlpha(_) => "frequency_noise_alpha",
        }
    }

    /// The branches of the step, which are lists of steps.
    #[must_use]
    pub fn branches(&self) -> [&[Step]; 2] {
        match self {
            Self::Op(_) => [&[], &[]],
            Self::Sequential(all) => [&all.of, &[]],
            Self::SomeOf(some) => [&some.of, &[]],
            Self::OneOf(one) => [&one.of, &[]],
            Self::Sometimes(sometimes) => [&sometimes.then, &[]],
            Self::SimplexNoiseAlpha(blend) => [&blend.first, &blend.second],
            Self::FrequencyNoiseAlpha(blend) => [&blend.first, &blend.second],
        }
    }

    /// The branches of the step, to be changed.
    pub(super) fn branches_mut(&mut self) -> [&mut [Step]; 2] {
        match self {
            Self::Op(_) => [&mut [], &mut []],
            Self::Sequential(all) => [&mut all.of, &mut []],
            Self::SomeOf(some) => [&mut some.of, &mut []],
            Self::OneOf(one) => [&mut one.of, &mut []],
            Self::Sometimes(sometimes) => [&mut sometimes.then, &mut []],
            Self::SimplexNoiseAlpha(blend) => [&mut blend.first, &mut blend.second],
            Self::FrequencyNoiseAlpha(blend) => [&mut blend.first, &mut blend.second],
        }
    }

    /// Whether all values are legal, but for those of the branches' steps.
    fn check(&self) -> Result<(), Problem> {
        let some = |field: &str, steps: &[Step]| {
            if steps.is_empty() { Err(Problem::new(field, "an empty list of steps")) } else { Ok(()) }
        };
        match self {
            Self::Op(op) => op.check(),
            Self::Sequential(all) => some("of", &all.of),
            Self::SomeOf(some_of) => {
                some("of", &some_of.of)?;
                some_of.count.check("count", 0..=i64::MAX)?;
                let (most, len) = (some_of.count.max(), some_of.of.len());
                if most > len as i64 {
                    return Err(Problem::new(
                        "count",
                        format!(
                            "{most} is more than the {len} step{} of the list",
                            if len == 1 { "" } else { "s" }
                        ),
                    ));
                }
                Ok(())
            }
            Self::OneOf(one) => some("of", &one.of),
            Self::Sometimes(sometimes) => {
                sometimes.p.check("p")?;
                some("then", &sometimes.then)
            }
            Self::SimplexNoiseAlpha(blend) => {
                blend.mask.check()?;
                some("first", &blend.first)
            }
            Self::FrequencyNoiseAlpha(blend) => {
                blend.mask.check()?;
                some("first", &blend.first)
            }
        }
    }
}

impl Spec {
    /// Reads the pipeline file at `path`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn load(path: &Path) -> Result<Self, TextError> {
        let text = source::read(path, "pipeline")?;
        Self::parse(&path.display().to_string(), &text)
    }

    /// Reads a pipeline from YAML or JSON, or from Python if `name`, which is what errors call it, ends in `.py`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(name: &str, text: &str) -> Result<Self, TextError> {
        if python::is_python(name) {
            return python::translate(name, text, None).map(|translation| translation.spec);
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
        let mut file = Fields::of(tree, "a pipeline file", &["version", "pipeline"])?;
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

    fn need(&mut self, key: &str) -> Result<&'a Tree, Complaint> {
        self.get(key)
            .ok_or_else(|| Complaint::new(self.at, format!("the key {key:?} is missing in {}", self.what)))
    }

    fn read<T: Deserialize<'a>>(&self, key: &str) -> Result<Option<T>, Complaint> {
        self.get(key).map(T::deserialize).transpose().map_err(|error| in_field(key, error))
    }
}

/// Names the field that a value does not fit.
fn in_field(key: &str, error: ReadError) -> Complaint {
    let complaint = Complaint::from(error);
    Complaint { message: format!("{key}: {}", complaint.message), ..complaint }
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
    let kind = match COMBINATORS.iter().find(|combinator| combinator.key == key.text) {
        Some(combinator) => read_combinator(combinator, &value, depth + 1)?,
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
        (Value::Map(entries), short) => match (entries.as_slice(), short) {
            ([(only, _)], Some(short)) if only.text == "choice" => in_short(short, value),
            _ => value.clone(),
        },
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

fn read_combinator(combinator: &Combinator, value: &Tree, depth: usize) -> Result<Kind, Complaint> {
    let name = combinator.key;
    let full = match (&value.value, combinator.short) {
        (Value::List(_), Some(short)) => in_short(short, value),
        _ => value.clone(),
    };
    let mut fields = Fields::of(&full, name, combinator.keys)?;
    let mut steps = |key: &str| read_steps(fields.need(key)?, depth);
    let kind = match name {
        "one_of" => Kind::OneOf(OneOf { of: steps("of")? }),
        "sequential" => {
            let of = steps("of")?;
            let random_order = fields.read("random_order")?.unwrap_or(false);
            Kind::Sequential(Sequential { random_order, of })
        }
        "some_of" => {
            let of = steps("of")?;
            fields.need("count")?;
            let count = fields.read("count")?.unwrap_or(Int::Constant(1));
            let random_order = fields.read("random_order")?.unwrap_or(false);
            Kind::SomeOf(SomeOf { count, random_order, of })
        }
        "sometimes" => {
            let then = steps("then")?;
            fields.need("p")?;
            let p = fields.read("p")?.unwrap_or(Probability(0.5));
            Kind::Sometimes(Sometimes { p, then })
        }
        "simplex_noise_alpha" => Kind::SimplexNoiseAlpha(read_blend(&fields, depth)?),
        _ => Kind::FrequencyNoiseAlpha(read_blend(&fields, depth)?),
    };
    Ok(kind)
}

fn read_blend<M: for<'de> Deserialize<'de>>(
    fields: &Fields<'_>,
    depth: usize,
) -> Result<Blend<M>, Complaint> {
    let first = fields.get("first").ok_or_else(|| {
        Complaint::new(fields.at, format!("the key \"first\" is missing in {}", fields.what))
    })?;
    let first = read_steps(first, depth)?;
    let second = fields.get("second").map(|tree| read_steps(tree, depth)).transpose()?.unwrap_or_default();
    let rest = fields.entries.iter().filter(|(key, _)| !matches!(key.text.as_str(), "first" | "second"));
    let mask = Tree { at: fields.at, value: Value::Map(rest.cloned().collect()) };
    let mask = M::deserialize(&mask).map_err(|error| in_field(fields.what, error))?;
    Ok(Blend { mask, first, second })
}

/// Names of all operations and combinators, sorted within each.
pub fn names() -> impl Iterator<Item = &'static str> {
    COMBINATORS.iter().map(|combinator| combinator.key).chain(ops::ENTRIES.iter().map(|entry| entry.key))
}

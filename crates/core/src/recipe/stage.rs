//! Recipe files: a list of stages, each a mapping of options, as trees with places.
//!
//! Keys, their suggestions and their values come from the types that the stages are read into.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::base::Fault;
use crate::text::read::{keys_of, unknown};
use crate::text::suggest::nearest;
use crate::text::{At, Complaint, Key, Tree, Value};

use super::augment::PipelineText;
use super::parameters::{self, Asked, Parameters};
use super::{Recipe, STAGES, input};

/// Options of every command. They are no matter of a stage.
const COMMON: [&str; 5] = ["threads", "quiet", "verbose", "json", "color"];

/// What a file of recipes is called in messages.
pub const WHAT: &str = "recipe";

/// One stage: what it is called, and its options.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its name, which is that of a command, or `input` or `concat`.
    pub name: String,
    /// Where the name stands.
    pub at: At,
    options: Tree,
    /// Options that only the last stage has.
    of_export: &'static [&'static str],
}

/// What stages need that is no plain data: pipelines.
pub trait Pipelines {
    /// The pipeline that is called so: a preset or a file; of a Python file the one assigned to `variable`.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    fn named(&mut self, name: &str, variable: Option<&str>) -> Result<PipelineText, Fault>;

    /// The pipeline that is written out in the recipe file itself.
    ///
    /// # Errors
    /// Whatever is wrong with it, at its place in the recipe file.
    fn written(&mut self, steps: &Tree) -> Result<PipelineText, Complaint>;
}

/// Why a stage cannot be read.
#[derive(Debug)]
pub enum StageError {
    /// Something in the recipe file.
    Here(Complaint),
    /// Something in another file.
    Elsewhere(Fault),
}

impl From<Complaint> for StageError {
    fn from(complaint: Complaint) -> Self {
        Self::Here(complaint)
    }
}

/// Reads the stages of a recipe file. `of_export` are the options of its last one; `asked` is what is said of its parameters.
///
/// # Errors
/// What is no recipe, and where.
pub fn stages(
    text: &str,
    of_export: &'static [&'static str],
    asked: Asked<'_>,
) -> Result<Vec<Stage>, Complaint> {
    let tree = crate::text::tree::parse(text, WHAT)?;
    let body = crate::text::document::body_beside(&tree, WHAT, "recipe", parameters::KEYS)?;
    let body = Parameters::of(&tree, asked)?.fill(body)?;
    list(&body, of_export)
}

/// The variants of a recipe file, and the one that is meant where none is asked for.
///
/// # Errors
/// What is no recipe, and where.
pub fn variants(text: &str) -> Result<(Vec<String>, Option<String>), Complaint> {
    parameters::variants(&crate::text::tree::parse(text, WHAT)?)
}

/// The stages of a list.
fn list(list: &Tree, of_export: &'static [&'static str]) -> Result<Vec<Stage>, Complaint> {
    const FORM: &str = "Write each stage as `- name: { option: value }`";
    let Value::List(items) = &list.value else {
        return Err(
            Complaint::new(list.at, format!("expected a list of stages, not {}", list.kind())).help(FORM)
        );
    };
    let names: Vec<&str> = ["input", "concat"]
        .into_iter()
        .chain(STAGES.iter().map(|(name, _)| *name))
        .chain(["export"])
        .collect();
    let mut stages: Vec<Stage> = Vec::with_capacity(items.len());
    for item in items {
        let (name, at, options) = match &item.value {
            Value::Text(name) => (name.clone(), item.at, Tree { at: item.at, value: Value::Null }),
            Value::Map(entries) if entries.len() == 1 => {
                let (key, value) = &entries[0];
                (key.text.clone(), key.at, value.clone())
            }
            _ => {
                let message = format!("expected one stage, not {}", item.kind());
                return Err(Complaint::new(item.at, message).help(FORM));
            }
        };
        if !names.contains(&name.as_str()) {
            let help = match nearest(&name, names.iter().copied()) {
                Some(near) => format!("Did you mean {near}?"),
                None => format!("Stages are {}", names.join(", ")),
            };
            return Err(Complaint::new(at, format!("there is no stage {name:?}")).help(help));
        }
        if name == "input" && !stages.is_empty() {
            return Err(Complaint::new(at, "input is not the first stage")
                .help("Put it at the front; more images come in by `concat`"));
        }
        // A parameter may leave a stage out.
        if !matches!(options.value, Value::Bool(false)) {
            stages.push(Stage { name, at, options, of_export });
        }
    }
    Ok(stages)
}

impl Stage {
    /// The chains of a `concat`.
    ///
    /// # Errors
    /// What is no list of chains.
    pub fn chains(&self) -> Result<Vec<Vec<Self>>, Complaint> {
        let Value::List(items) = &self.options.value else {
            let message = format!("expected a list of chains, not {}", self.options.kind());
            return Err(Complaint::new(self.options.at, message).help(
                "Write `concat: [ [ input: out/other ], [ input: data/more, colorize: { seed: 2 } ] ]`",
            ));
        };
        items.iter().map(|item| list(item, self.of_export)).collect()
    }

    /// The stage as a node that wraps `of`.
    ///
    /// # Errors
    /// What is wrong with its options.
    pub fn wrap(&self, of: Recipe, pipelines: &mut dyn Pipelines) -> Result<Recipe, StageError> {
        match STAGES.iter().find(|(name, _)| *name == self.name) {
            Some((_, read)) => read(self, of, pipelines),
            None => Err(Complaint::new(self.at, format!("{} is no stage here", self.name)).into()),
        }
    }

    /// The place of the option `key`, or of the stage where it is not given.
    #[must_use]
    pub fn place(&self, key: &str) -> At {
        self.option(key).map_or(self.at, |value| value.at)
    }

    /// The value of an option.
    #[must_use]
    pub fn option(&self, key: &str) -> Option<&Tree> {
        self.entries().iter().find(|(own, _)| plain(&own.text) == key).map(|(_, value)| value)
    }

    /// All options as they stand there.
    fn entries(&self) -> &[(Key, Tree)] {
        match &self.options.value {
            Value::Map(entries) => entries,
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::List(_) => &[],
        }
    }

    /// The options whose keys, with underscores, are not in `except`, as a mapping.
    pub(super) fn rest(&self, except: &[&str]) -> Vec<(Key, Tree)> {
        let all = self
            .entries()
            .iter()
            .map(|(key, value)| (Key { at: key.at, text: plain(&key.text) }, value.clone()));
        all.filter(|(key, _)| !except.contains(&key.text.as_str())).collect()
    }

    /// A complaint about the stage.
    pub(super) fn complain(&self, at: At, message: impl fmt::Display) -> Complaint {
        Complaint::new(at, format!("{}: {message}", self.name))
    }

    /// The options as a value of `K`, whose fields are the keys that there are.
    ///
    /// # Errors
    /// Keys that are none, and values that do not fit.
    pub fn read<K: DeserializeOwned>(&self) -> Result<K, Complaint> {
        let entries = match &self.options.value {
            Value::Null => Vec::new(),
            Value::Map(_) => self.rest(&[]),
            // What is read may stand there by itself.
            Value::Text(_) | Value::List(_) if self.name == "input" => {
                vec![(Key { at: self.options.at, text: "input".into() }, self.options.clone())]
            }
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) | Value::List(_) => {
                let message = format!("expected options, not {}", self.options.kind());
                return Err(self
                    .complain(self.options.at, message)
                    .help(format!("Write `{}: {{ option: value }}`", self.name)));
            }
        };
        let known = keys_of::<K>();
        if let Some((key, _)) = entries.iter().find(|(key, _)| !known.contains(&key.text.as_str())) {
            return Err(self.strange(key, known));
        }
        let tree = Tree { at: self.options.at, value: Value::Map(entries) };
        K::deserialize(&tree).map_err(|error| {
            let key = error.key().map_or_else(String::new, |key| format!("{key}: "));
            let complaint = Complaint::from(error);
            let at = complaint.at.unwrap_or(self.at);
            let help =
                complaint.help.clone().unwrap_or_else(|| format!("See `mnistaug {} --help`", self.command()));
            self.complain(at, format_args!("{key}{}", complaint.message)).help(help)
        })
    }

    /// What is said of a key that is none.
    fn strange(&self, key: &Key, known: &[&str]) -> Complaint {
        let (name, text) = (&self.name, key.text.as_str());
        if COMMON.contains(&text) {
            return self
                .complain(key.at, format_args!("{text} is no matter of a stage: it decides no sample"))
                .help(format!("Say it to the command itself: `mnistaug run --{text}`"));
        }
        if text == "help" {
            return self
                .complain(key.at, "help is no option of a stage")
                .help(format!("See `mnistaug {} --help`", self.command()));
        }
        if self.name != "input" && keys_of::<input::Keys>().contains(&text) {
            return Complaint::new(key.at, format!("{name} takes what the stage before it makes"))
                .help("Choose images in the first stage, `input`");
        }
        if self.name != "export" && (self.of_export.contains(&text) || matches!(text, "trace" | "indices")) {
            return Complaint::new(key.at, format!("{name} has no option {text:?} here"))
                .help("Only the last stage, `export`, writes");
        }
        let complaint = unknown("key", text, known);
        Complaint { at: Some(key.at), message: format!("{name}: {}", complaint.message), ..complaint }
    }

    fn command(&self) -> &str {
        if self.name == "input" { "export" } else { &self.name }
    }
}

/// A key with underscores: both ways are understood, as recipes of earlier versions had both.
fn plain(key: &str) -> String {
    key.replace('-', "_")
}

/// A text, a number, or a list of these, which are put together with commas: what may be typed as one word.
struct Words;

impl<'de> Visitor<'de> for Words {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number, or a list of them")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(format!("{number:?}")))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut words = Vec::new();
        while let Some(Word(word)) = seq.next_element()? {
            words.extend(word);
        }
        Ok(Some(words.join(",")))
    }
}

/// One of them.
struct Word(Option<String>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Words).map(Self)
    }
}

/// Reads what may be typed as one word.
///
/// # Errors
/// What `T` makes of it.
pub fn said<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let Word(word) = Word::deserialize(from)?;
    word.map(|word| word.parse().map_err(D::Error::custom)).transpose()
}

/// Reads a path, or a list of them.
pub(super) fn several<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PathBuf>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Paths {
        One(PathBuf),
        More(Vec<PathBuf>),
        Other(IgnoredAny),
    }
    match Paths::deserialize(from)? {
        Paths::One(path) => Ok(vec![path]),
        Paths::More(paths) => Ok(paths),
        Paths::Other(_) => Err(D::Error::custom("expected a path, or a list of paths")),
    }
}

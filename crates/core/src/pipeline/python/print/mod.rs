//! Writes pipelines as Python of other libraries: a file and a line below for each. What operations and combinators are
//! called there stands in their own files.

use serde_json::{Map, Value};

use crate::base::{Explain, Kind};
use crate::ops;
use crate::pipeline::combinators;
use crate::pipeline::spec::{self, Spec, Step};
use crate::text::complaint::{At, Complaint, TextError};

#[cfg(all(test, feature = "python"))]
mod tests;

/// A library whose Python is written.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// What it is called.
    pub name: &'static str,
    /// A file with the pipeline, without the first line.
    write: fn(&Spec) -> Result<String, Lack>,
    /// Whether an operation has a counterpart.
    has: fn(&ops::Entry) -> bool,
}

macro_rules! printers {
    ($($module:ident,)*) => {
        $(mod $module;)*

        /// All libraries whose Python is written.
        pub static PRINTERS: &[Printer] = &[$($module::PRINTER),*];
    };
}

printers! {
    imgaug,
    torchvision,
}

/// The library called `name`.
#[must_use]
pub fn printer(name: &str) -> Option<&'static Printer> {
    PRINTERS.iter().find(|printer| printer.name == name)
}

/// What a library does not have, as its printer finds it.
#[derive(Clone, Debug, PartialEq)]
struct Lack {
    at: Option<At>,
    step: &'static str,
    value: Option<String>,
    /// A key that the step has to have for it.
    wants: Option<&'static str>,
}

impl Lack {
    /// The whole step.
    fn of(step: &Step) -> Self {
        Self { at: step.at, step: step.kind.key(), value: None, wants: None }
    }

    /// The step without the key that the library cannot do without.
    fn wanting(step: &Step, key: &'static str) -> Self {
        Self { value: Some(format!("no {key}")), wants: Some(key), ..Self::of(step) }
    }

    /// The step as it is written.
    fn with(step: &Step, value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..Self::of(step) }
    }
}

/// A step that cannot be written in a library's Python.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{library} has no counterpart of {step}{}", .value.as_ref().map(|value| format!(" with {value}")).unwrap_or_default())]
pub struct NoCounterpart {
    /// The library.
    pub library: &'static str,
    /// The step.
    pub step: &'static str,
    /// What it is that is not there, if it is not the whole step.
    pub value: Option<String>,
    /// The key that the step has to have.
    pub wants: Option<&'static str>,
    /// Where the step stands in its file, if it comes from one.
    pub at: Option<At>,
    /// Libraries that have the step as it is.
    pub others: Vec<&'static str>,
    /// Operations that the library has and that are called alike.
    pub instead: Vec<&'static str>,
}

impl NoCounterpart {
    /// The error about `text`, which is the content of the file called `name`.
    #[must_use]
    pub fn in_text(self, name: &str, text: &str) -> TextError {
        let complaint = Complaint::new(self.at, self.to_string());
        Complaint { help: self.help(), ..complaint }.in_text(name, text)
    }
}

impl Explain for NoCounterpart {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn help(&self) -> Option<String> {
        if let Some(key) = self.wants {
            return Some(format!("Give it a {key}: {}: {{ {key}: ... }}", self.step));
        }
        let others =
            self.others.iter().map(|name| format!("{name} has one: --library {name}")).collect::<Vec<_>>();
        let instead = self.instead.join(" or ");
        Some(match (others.is_empty(), self.instead.is_empty()) {
            (false, true) => others.join(", "),
            (false, false) => {
                format!("{}; {} has {instead}, with its own arithmetic", others.join(", "), self.library)
            }
            (true, false) => format!("Use {instead}, which {} has, with its own arithmetic", self.library),
            (true, true) => {
                "Leave the step out, or make the images here: `mnistaug augment --pipeline FILE`".to_owned()
            }
        })
    }
}

impl Printer {
    /// A Python file that makes the pipeline with the library. Its first line is `# ` and `title`.
    ///
    /// # Errors
    /// The first step that has no counterpart there.
    pub fn print(&self, spec: &Spec, title: &str) -> Result<String, Box<NoCounterpart>> {
        match (self.write)(spec) {
            Ok(code) => Ok(format!("# {}\n{code}", title.replace(['\n', '\r'], " "))),
            Err(lack) => Err(Box::new(self.explained(lack, spec))),
        }
    }

    fn explained(&self, Lack { at, step, value, wants }: Lack, spec: &Spec) -> NoCounterpart {
        let mut found: Option<Step> = None;
        spec.for_each(&mut |own| {
            if found.is_none() && own.kind.key() == step && own.at == at {
                found = Some(own.clone());
            }
        });
        let alone = found.and_then(|step| Spec::of_steps(vec![step]).ok());
        let others = PRINTERS
            .iter()
            .filter(|other| other.name != self.name)
            .filter(|other| alone.as_ref().is_some_and(|alone| (other.write)(alone).is_ok()))
            .map(|other| other.name)
            .collect();
        let alike = |own: &&ops::Entry| own.key != step && stem(own.key) == stem(step) && (self.has)(own);
        let instead = match value {
            None => ops::ENTRIES.iter().filter(alike).map(|own| own.key).collect(),
            Some(_) => Vec::new(),
        };
        NoCounterpart { library: self.name, step, value, wants, at, others, instead }
    }
}

/// What libraries call alike: without their own name, and without what only says that it is drawn.
fn stem(key: &str) -> &str {
    let bare = key.rsplit('.').next().unwrap_or(key);
    bare.strip_prefix("random_").unwrap_or(bare)
}

/// The fields of an operation, or the parameters of a combinator.
fn fields(step: &Step) -> Map<String, Value> {
    let whole = match &step.kind {
        spec::Kind::Op(op) => serde_json::to_value(op).map(|mut own| own[op.key()].take()),
        spec::Kind::Combinator(own) => serde_json::to_value(&own.combinator),
    };
    match whole {
        Ok(Value::Object(fields)) => fields,
        // All specs are structs of plain data; one without fields has none.
        Ok(_) | Err(_) => Map::new(),
    }
}

/// What is known of a combinator.
fn entry(step: &Step) -> Result<&'static combinators::Entry, Lack> {
    combinators::entry(step.kind.key()).ok_or_else(|| Lack::of(step))
}

/// A value as Python has it; several in the brackets `around`.
fn literal(value: &Value, around: [char; 2]) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) => {
            let [open, close] = around;
            format!("{open}{}{close}", joined(items, around))
        }
        // Names and numbers are written as in JSON.
        Value::Number(_) | Value::String(_) | Value::Object(_) => value.to_string(),
    }
}

/// Values with commas between them.
fn joined(items: &[Value], around: [char; 2]) -> String {
    items.iter().map(|item| literal(item, around)).collect::<Vec<_>>().join(", ")
}

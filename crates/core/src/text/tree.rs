//! The text of a file that people write, as a tree of values, each with its place.
//!
//! The YAML library is used here and nowhere else. Everything above it reads the tree, so that errors look
//! the same whatever finds them and always have a place.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{Location, Spanned};

use super::complaint::{At, Complaint, TextError};
use crate::base::{Kind, fault};

/// The largest file, in bytes.
pub const MAX_BYTES: u64 = 1 << 20;

/// How deep lists and mappings may be nested.
const MAX_DEPTH: usize = 150;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Where it stands.
    pub at: At,
    /// What it is.
    pub value: Value,
}

/// What YAML knows.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// A mapping, in its order.
    Map(Vec<(Key, Tree)>),
}

/// The key of a mapping and where it stands.
#[derive(Clone, Debug)]
pub struct Key {
    /// Where it stands.
    pub at: At,
    /// What it says.
    pub text: String,
}

impl Tree {
    /// The place of the value at `path` (`scale.x`), or of the deepest part of it that exists.
    #[must_use]
    pub fn find(&self, path: &str) -> At {
        let mut here = self;
        for name in path.split('.') {
            let Value::Map(entries) = &here.value else { break };
            let Some((_, value)) = entries.iter().find(|(key, _)| key.text == name) else { break };
            here = value;
        }
        here.at
    }

    /// What it is, for messages.
    #[must_use]
    pub fn kind(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => format!("{value:?}"),
            Value::Text(text) => format!("the text {:?}", text.chars().take(40).collect::<String>()),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        }
    }
}

/// Values that were no text: each has a place of its own, on a line of its own, in their order.
impl From<&serde_json::Value> for Tree {
    fn from(json: &serde_json::Value) -> Self {
        fn next(at: &mut At) -> At {
            at.line += 1;
            *at
        }
        fn tree(json: &serde_json::Value, last: &mut At) -> Tree {
            let at = next(last);
            let value = match json {
                serde_json::Value::Null => Value::Null,
                serde_json::Value::Bool(value) => Value::Bool(*value),
                serde_json::Value::Number(number) => number
                    .as_i64()
                    .map_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::MAX)), Value::Int),
                serde_json::Value::String(text) => Value::Text(text.clone()),
                serde_json::Value::Array(items) => {
                    Value::List(items.iter().map(|item| tree(item, last)).collect())
                }
                serde_json::Value::Object(map) => Value::Map(
                    map.iter()
                        .map(|(key, value)| (Key { at: next(last), text: key.clone() }, tree(value, last)))
                        .collect(),
                ),
            };
            Tree { at, value }
        }
        tree(json, &mut At { line: 0, column: 1, len: 1, cell: None })
    }
}

/// Reads the text of the file at `path`, which is a file of `what`: a pipeline, a recipe.
///
/// # Errors
/// A file that is not there, cannot be read, is larger than [`MAX_BYTES`] or is not UTF-8.
pub fn read(path: &Path, what: &str) -> Result<String, TextError> {
    read_up_to(path, what, MAX_BYTES)
}

/// Reads a text file of `what`, of at most `limit` bytes.
///
/// # Errors
/// As [`read`].
pub fn read_up_to(path: &Path, what: &str, limit: u64) -> Result<String, TextError> {
    let name = path.display().to_string();
    text_of(&name, bytes_up_to(path, limit)?, what, limit)
}

/// Reads a file of `what` in an encoding of its own, of at most `limit` bytes.
///
/// # Errors
/// As [`read`], but for the encoding, which `decode` knows.
pub fn read_decoded(
    path: &Path,
    what: &str,
    limit: u64,
    decode: impl FnOnce(&str, Vec<u8>) -> String,
) -> Result<String, TextError> {
    let name = path.display().to_string();
    let bytes = bytes_up_to(path, limit)?;
    if bytes.len() as u64 > limit {
        return text_of(&name, bytes, what, limit);
    }
    Ok(decode(&name, bytes))
}

/// The bytes of a file, and one more where it has more than `limit`.
fn bytes_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, TextError> {
    let name = path.display().to_string();
    let unreadable = |error: std::io::Error| {
        TextError::of_file(&name, fault::reading_kind(&error), "cannot be read").with_source(error)
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// What the content of a file is that stands there in place of another one, and what to do about it.
fn foreign(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let start = bytes[..bytes.len().min(512)].trim_ascii_start();
    let begins = |with: &[u8]| start.get(..with.len()).is_some_and(|own| own.eq_ignore_ascii_case(with));
    if begins(b"version https://git-lfs.github.com/spec/") {
        return Some(("a Git LFS pointer", "Run `git lfs pull` in the clone that it lies in"));
    }
    if begins(b"<!doctype html") || begins(b"<html") {
        return Some(("an HTML page", "Get the file again; where it was downloaded from, name the raw file"));
    }
    [&b"PK\x03\x04"[..], b"\x1f\x8b"]
        .iter()
        .any(|magic| bytes.starts_with(magic))
        .then_some(("an archive", "Unpack it and name the file in it"))
}

/// The text that `bytes`, the content of the file called `name`, are in UTF-8.
fn text_of(name: &str, bytes: Vec<u8>, what: &str, limit: u64) -> Result<String, TextError> {
    if let Some((found, help)) = foreign(&bytes) {
        let message = format!("expected a {what}, found {found}");
        return Err(TextError::of_file(name, Kind::Usage, message).with_help(help));
    }
    if bytes.len() as u64 > limit {
        let message = format!("byte {limit}: still going on; a {what} file has at most {} MiB", limit >> 20);
        return Err(TextError::of_file(name, Kind::Usage, message)
            .with_help(format!("Check the path: a {what} is a short YAML or JSON text")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let start = error.utf8_error().valid_up_to();
        let valid = String::from_utf8_lossy(&error.as_bytes()[..start]);
        let line = valid.matches('\n').count() + 1;
        let column = valid.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let byte = error.as_bytes()[start];
        Complaint::new(
            At { line, column, len: 1, cell: None },
            format!("byte {start} is {byte:#04x}, which is not text in UTF-8"),
        )
        .help(format!("Save the {what} as a UTF-8 text file of YAML or JSON"))
        .in_text(name, "")
    })
}

/// Reads YAML or JSON, the content of a file of `what`.
///
/// # Errors
/// What is no YAML, and where.
pub fn parse(text: &str, what: &str) -> Result<Tree, Complaint> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: 100_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 50_000,
        },
    };
    serde_saphyr::from_str_with_options::<Tree>(text, options).map_err(|error| {
        let at = error.location().map(place);
        let full = error.without_snippet().to_string();
        let message = match full.rfind(" at line ") {
            Some(end) => &full[..end],
            None => &full,
        };
        if message.contains("depth") || message.contains("Depth") || message.contains("recursion limit") {
            return Complaint::new(at, "nested too deeply");
        }
        let message = match error.without_snippet() {
            serde_saphyr::Error::DuplicateMappingKey { .. } => {
                message.split(", set").next().unwrap_or(message)
            }
            serde_saphyr::Error::MultipleDocuments { .. } => {
                &format!("a second document; a {what} file has one")
            }
            _ => message.split(" rejected by the configured policy").next().unwrap_or(message),
        };
        if message.starts_with("tabs disallowed") {
            return Complaint::new(at, "a tab in the indentation").help("Indent with spaces");
        }
        Complaint::new(at, message)
    })
}

fn place(location: Location) -> At {
    At {
        line: (location.line() as usize).max(1),
        column: (location.column() as usize).max(1),
        len: (location.span().len() as usize).max(1),
        cell: None,
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(from)?;
        Ok(Self { at: place(spanned.referenced), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<String>::deserialize(from)?;
        Ok(Self { at: place(spanned.referenced), text: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }
            fn visit_none<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Int(value))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Int))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Float(value))
            }
            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = seq.next_element()? {
                    list.push(item);
                }
                Ok(Value::List(list))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Value::Map(entries))
            }
        }
        from.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_stand_for_others_are_named() {
        for (bytes, found) in [
            (&b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"[..], "found a Git LFS pointer"),
            (b"\n<!DOCTYPE html><html>", "found an HTML page"),
            (b"PK\x03\x04\x14\0\xa8", "found an archive"),
        ] {
            let error = text_of("a.yaml", bytes.to_vec(), "pipeline", MAX_BYTES).unwrap_err().to_string();
            assert!(error.contains(found), "{error}");
        }
    }

    #[test]
    fn values_know_their_places() {
        let tree =
            parse("version: 1\npipeline:\n  - add: {value: [-10, 10], per_channel: yes}\n", "pipeline")
                .unwrap();
        let Value::Map(top) = &tree.value else { panic!("{tree:?}") };
        let Value::List(steps) = &top[1].1.value else { panic!("{tree:?}") };
        let Value::Map(step) = &steps[0].value else { panic!("{tree:?}") };
        assert_eq!(step[0].0.at, At { line: 3, column: 5, len: 3, cell: None });
        assert_eq!(step[0].1.find("per_channel"), At { line: 3, column: 42, len: 3, cell: None });
        let Value::Map(fields) = &step[0].1.value else { panic!("{tree:?}") };
        assert!(matches!(&fields[1].1.value, Value::Text(text) if text == "yes"), "strict booleans");
    }

    #[test]
    fn json_is_read_by_the_same_parser() {
        let tree = parse("{\"version\": 1,\n\t\"pipeline\": [{\"add\": true}]}", "pipeline").unwrap();
        assert_eq!(tree.find("pipeline"), At { line: 2, column: 14, len: 1, cell: None });
    }

    #[test]
    fn what_is_no_yaml_is_refused_with_its_place() {
        let cases = [
            ("a: 1\na: 2\n", 2, "duplicate mapping key: a"),
            ("a: [1, 2\nb: 3\n", 2, "illegal placement of ':' indicator"),
            ("a:\n\t- 1\n", 2, "a tab in the indentation"),
            ("a: .nan", 1, "non-finite float `.nan`"),
            ("a: 1\n---\nb: 2\n", 3, "a second document; a recipe file has one"),
            (&"[".repeat(5000), 1, "nested too deeply"),
        ];
        for (text, line, message) in cases {
            let complaint = parse(text, "recipe").unwrap_err();
            assert_eq!((complaint.at.map(|at| at.line), complaint.message.as_str()), (Some(line), message));
        }
    }

    #[test]
    fn files_that_are_no_text_or_too_large_are_refused() {
        let error = text_of("a.yaml", b"version: 1\nab\xff".to_vec(), "recipe", MAX_BYTES).unwrap_err();
        assert_eq!(error.to_string(), "a.yaml:2:3: byte 13 is 0xff, which is not text in UTF-8");
        let error = text_of("a.yaml", vec![b' '; MAX_BYTES as usize + 1], "recipe", MAX_BYTES).unwrap_err();
        assert!(error.to_string().contains("a recipe file has at most 1 MiB"), "{error}");
    }
}

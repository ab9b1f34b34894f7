//! Writes pipeline files that people like to read: one step a line where it fits, short forms, no defaults.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::combinators::{self, AnyCombinator, Entry};
use super::spec::{Spec, VERSION};
use crate::ops::{self, AnyOp};

/// How long a line may become.
const WIDTH: usize = 110;

/// The pipeline file of `spec`, with `comment` above it.
#[must_use]
pub fn yaml(spec: &Spec, comment: &str) -> String {
    let head: String = comment.lines().fold(String::new(), |mut head, line| {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        let _ = writeln!(head, "# {line}");
        head
    });
    let steps = serde_json::to_value(&spec.pipeline).unwrap_or_default();
    // Whole numbers lose their point where that changes nothing.
    for whole in [true, false] {
        let writer = Writer { whole };
        let mut text = format!("{head}version: {VERSION}\npipeline:\n");
        writer.list(&short(&steps), 2, &mut text);
        if !whole || Spec::parse("pipeline", &text).is_ok_and(|own| own == *spec) {
            return text;
        }
    }
    head
}

/// The same steps in their short forms and without what is the default.
fn short(steps: &Value) -> Value {
    let list = steps.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().map(short_step).collect()
}

fn short_step(step: &Value) -> Value {
    let Some((key, fields)) = step.as_object().and_then(|map| map.iter().next()) else { return step.clone() };
    let Some(fields) = fields.as_object() else { return step.clone() };
    let inner = match combinators::entry(key) {
        Some(entry) => short_combinator(entry, fields),
        None => short_op(key, fields),
    };
    Value::Object(Map::from_iter([(key.clone(), inner)]))
}

fn short_op(key: &str, fields: &Map<String, Value>) -> Value {
    let short = ops::entry(key).and_then(|entry| entry.doc.short);
    // An operation says at least what it is short for.
    let fields = without_defaults(fields, short, |fields| AnyOp::read(key, fields).ok());
    match (short, fields.len()) {
        (Some(short), 1) if fields.get(short).is_some_and(|value| !value.is_null()) => fields[short].clone(),
        _ => Value::Object(fields),
    }
}

fn short_combinator(entry: &Entry, fields: &Map<String, Value>) -> Value {
    let is_branch = |name: &str| entry.branch_keys().any(|own| own == name);
    let params = fields.iter().filter(|(name, _)| !is_branch(name));
    let params = params.map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut out = without_defaults(&params, None, |fields| AnyCombinator::read(entry.key, fields).ok());
    for name in entry.branch_keys() {
        if let Some(steps) = fields.get(name) {
            out.insert(name.to_owned(), short(steps));
        }
    }
    match (entry.doc.short, out.len()) {
        (Some(short), 1) if out.contains_key(short) => out[short].clone(),
        _ => Value::Object(out),
    }
}

/// The fields without those that change nothing: `read` reads the same without them. If all would go, `last` stays.
fn without_defaults<T: PartialEq>(
    fields: &Map<String, Value>,
    last: Option<&str>,
    read: impl Fn(&Value) -> Option<T>,
) -> Map<String, Value> {
    let mut fields = fields.clone();
    let Some(whole) = read(&Value::Object(fields.clone())) else { return fields };
    for name in fields.keys().cloned().collect::<Vec<_>>() {
        let mut fewer = fields.clone();
        fewer.remove(&name);
        if fewer.is_empty() && Some(name.as_str()) == last {
            continue;
        }
        if read(&Value::Object(fewer.clone())).is_some_and(|same| same == whole) {
            fields = fewer;
        }
    }
    fields
}

struct Writer {
    whole: bool,
}

impl Writer {
    /// A list of steps in block form.
    fn list(&self, steps: &Value, indent: usize, out: &mut String) {
        for step in steps.as_array().into_iter().flatten() {
            let Some((key, value)) = step.as_object().and_then(|map| map.iter().next()) else { continue };
            let _ = write!(out, "{:indent$}- {key}:", "");
            self.value(value, indent + 4, 4 + key.len(), out);
        }
    }

    /// A value behind `key:`, in the same line if it fits.
    fn value(&self, value: &Value, indent: usize, before: usize, out: &mut String) {
        let flow = self.flow(value);
        if indent + before + flow.len() <= WIDTH || !(value.is_object() || is_steps(value)) {
            let _ = writeln!(out, " {flow}");
            return;
        }
        out.push('\n');
        if let Some(map) = value.as_object() {
            for (key, value) in in_order(map) {
                let _ = write!(out, "{:indent$}{key}:", "");
                self.value(value, indent + 2, key.len(), out);
            }
        } else {
            self.list(value, indent, out);
        }
    }

    fn flow(&self, value: &Value) -> String {
        match value {
            Value::Array(items) => {
                // A step of a list needs its braces here.
                let items: Vec<String> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Object(map) if map.is_empty() => "{}".to_owned(),
            Value::Object(map) => {
                let entries: Vec<String> =
                    in_order(map).iter().map(|(key, value)| format!("{key}: {}", self.flow(value))).collect();
                format!("{{ {} }}", entries.join(", "))
            }
            Value::Number(number) => match number.as_f64() {
                Some(float)
                    if number.is_f64() && self.whole && float.fract() == 0.0 && float.abs() < 1e15 =>
                {
                    format!("{float:.0}")
                }
                _ => number.to_string(),
            },
            Value::String(text) if is_plain(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// Keys that stand first, in this order; branches stand last, and the rest between them.
const FIRST: &[&str] = &[
    "p",
    "count",
    "random_order",
    "value",
    "mul",
    "alpha",
    "sigma",
    "loc",
    "px",
    "percent",
    "exponent",
    "scale",
    "translate_percent",
    "translate_px",
    "rotate",
    "shear",
    "p_replace",
    "height",
    "width",
];

/// The entries of a mapping as people would write them.
fn in_order(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    let branch = |key: &str| {
        let mut keys = combinators::ENTRIES.iter().flat_map(Entry::branch_keys);
        keys.position(|own| own == key).map_or(0, |rank| rank + 1)
    };
    entries.sort_by_key(|(key, _)| match FIRST.iter().position(|own| own == key) {
        Some(rank) => rank,
        None => FIRST.len() + branch(key),
    });
    entries
}

/// Whether a list is one of steps, which may stand in lines of their own.
fn is_steps(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Value::is_object))
}

/// Whether a text means itself in YAML without quotes.
fn is_plain(text: &str) -> bool {
    let special = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !special.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::presets::PRESETS;

    #[test]
    fn presets_come_back_equal_and_in_few_lines() {
        for preset in PRESETS {
            let spec = Spec::parse(preset.name, preset.text).unwrap();
            let text = yaml(&spec, "A comment.\nIn two lines.");
            assert_eq!(Spec::parse("own", &text).unwrap(), spec, "{text}");
            assert!(text.lines().count() <= preset.text.lines().count() + 4, "{text}");
            assert!(text.lines().all(|line| line.len() <= WIDTH + 4), "{text}");
            assert!(text.starts_with("# A comment.\n# In two lines.\nversion: 1\npipeline:\n  - "), "{text}");
        }
    }

    #[test]
    fn examples_of_all_operations_come_back_equal() {
        for example in ops::ENTRIES.iter().flat_map(|entry| entry.doc.examples) {
            let step = crate::pipeline::parse_step(example).unwrap();
            let spec = Spec::of_steps(vec![step]).unwrap();
            let text = yaml(&spec, "");
            assert_eq!(Spec::parse("own", &text).unwrap(), spec, "{text}");
        }
    }

    #[test]
    fn short_forms_stay_short() {
        let step =
            crate::pipeline::parse_step("sometimes: { p: 0.5, then: [{ fliplr: { p: 0.5 } }] }").unwrap();
        let text = yaml(&Spec::of_steps(vec![step]).unwrap(), "");
        assert_eq!(text, "version: 1\npipeline:\n  - sometimes: { p: 0.5, then: [{ fliplr: 0.5 }] }\n");
    }
}

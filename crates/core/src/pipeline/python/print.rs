//! Writes pipelines as imgaug's Python, from the table that reads it.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::libraries::imgaug_table::{CLASSES, Form};
use crate::pipeline::combinators::{self, Argument, Entry};
use crate::pipeline::spec::Spec;

/// A Python file that makes the same pipeline with imgaug.
///
/// # Errors
/// The name of the first step that has no counterpart in imgaug.
pub fn imgaug(spec: &Spec) -> Result<String, String> {
    let steps = serde_json::to_value(&spec.pipeline).map_err(|error| error.to_string())?;
    let mut out = String::from(
        "import imgaug as ia\nimport imgaug.augmenters as iaa\nimport imgaug.parameters as iap\n\nseq = iaa.Sequential(",
    );
    list(&steps, 0, &mut out)?;
    out.push_str(")\n");
    Ok(out)
}

fn list(steps: &Value, indent: usize, out: &mut String) -> Result<(), String> {
    out.push_str("[\n");
    for item in steps.as_array().into_iter().flatten() {
        let _ = write!(out, "{:1$}", "", indent + 4);
        step(item, indent + 4, out)?;
        out.push_str(",\n");
    }
    let _ = write!(out, "{:indent$}]", "");
    Ok(())
}

fn step(step: &Value, indent: usize, out: &mut String) -> Result<(), String> {
    let none = || "a step without a name".to_owned();
    let (key, fields) = step.as_object().and_then(|map| map.iter().next()).ok_or_else(none)?;
    let fields = fields.as_object().ok_or_else(|| key.clone())?;
    if let Some(entry) = combinators::entry(key) {
        return combinator(entry, fields, indent, out);
    }
    let mut arguments = Vec::new();
    let plain = |name: &str| fields.get(name).map(literal).unwrap_or_default();
    let class = if key == "resize" {
        if fields.get("interpolation").and_then(Value::as_str) == Some("auto") {
            return Err("resize with interpolation: auto".to_owned());
        }
        arguments.push(format!(
            "{{\"height\": {}, \"width\": {}}}, interpolation={}",
            plain("height"),
            plain("width"),
            plain("interpolation")
        ));
        "Resize"
    } else {
        let class = CLASSES.iter().find(|class| class.step == key).ok_or_else(|| key.clone())?;
        arguments.extend(class.params.iter().filter_map(|param| named(fields, *param)));
        if let (Some(k), Some(columns)) = (fields.get("k"), fields.get("columns")) {
            // The width comes first in imgaug. A number is a range of one, because two numbers are one range.
            let side = |side: &Value| match side {
                Value::Array(_) => Ok(number(side)),
                Value::Number(one) => Ok(format!("({one}, {one})")),
                _ => Err("average_blur with sides of a choice".to_owned()),
            };
            arguments = vec![format!("k=({}, {})", side(columns)?, side(k)?)];
        }
        class.name
    };
    let _ = write!(out, "iaa.{class}({})", arguments.join(", "));
    Ok(())
}

/// A combinator, by what its file says of imgaug.
fn combinator(
    entry: &Entry,
    fields: &Map<String, Value>,
    indent: usize,
    out: &mut String,
) -> Result<(), String> {
    let none = || entry.key.to_owned();
    let counterpart = entry.doc.imgaug.ok_or_else(none)?;
    if fields.contains_key("weights") {
        return Err(format!("{} with weights", entry.key));
    }
    let (class, branches) = counterpart.names.first().ok_or_else(none)?;
    let mut arguments = Vec::new();
    for (i, argument) in counterpart.arguments.iter().enumerate() {
        let text = match *argument {
            Argument::Steps(branch) => match fields.get(entry.doc.branches[branch].key) {
                Some(steps) => {
                    let mut text = format!("{}=", branches[branch]);
                    list(steps, indent, &mut text)?;
                    Some(text)
                }
                None => None,
            },
            Argument::Param(name, field, form) => named(fields, (name, field, form)),
        };
        arguments.extend(text.map(|text| match text.split_once('=') {
            Some((_, bare)) if i < counterpart.positional => bare.to_owned(),
            _ => text,
        }));
    }
    let _ = write!(out, "iaa.{class}({})", arguments.join(", "));
    Ok(())
}

/// `name=value`, where there is a value.
fn named(fields: &Map<String, Value>, (name, field, form): (&str, &str, Form)) -> Option<String> {
    let value = fields.get(field).filter(|_| !field.is_empty())?;
    let text = match form {
        Form::Number | Form::Whole | Form::Gray | Form::WholeGray => number(value),
        Form::Axes => axes(value),
        Form::Sides | Form::WholeSides => sides(value),
        Form::Names | Form::Chance | Form::Flag | Form::Count | Form::Fixed(_) => literal(value),
    };
    Some(format!("{name}={text}"))
}

/// A number, a range or a choice.
fn number(value: &Value) -> String {
    match value {
        Value::Array(ends) => format!("({})", joined(ends)),
        Value::Object(map) => {
            format!("[{}]", joined(map.get("choice").and_then(Value::as_array).map_or(&[], Vec::as_slice)))
        }
        other => literal(other),
    }
}

fn axes(value: &Value) -> String {
    match value.as_object() {
        Some(map) if !map.contains_key("choice") => {
            let axes: Vec<String> =
                map.iter().map(|(axis, value)| format!("\"{axis}\": {}", number(value))).collect();
            format!("{{{}}}", axes.join(", "))
        }
        _ => number(value),
    }
}

fn sides(value: &Value) -> String {
    match value.as_object() {
        Some(map) if map.contains_key("choice") => {
            // A bare list is no choice of sides in imgaug.
            format!("iap.Choice({})", number(value))
        }
        Some(map) => {
            let side = |name: &str| map.get(name).map(number).unwrap_or_default();
            format!("({}, {}, {}, {})", side("top"), side("right"), side("bottom"), side("left"))
        }
        None => number(value),
    }
}

fn joined(items: &[Value]) -> String {
    items.iter().map(literal).collect::<Vec<_>>().join(", ")
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) if text == "all" => "ia.ALL".to_owned(),
        Value::Array(items) => format!("[{}]", joined(items)),
        // Names and numbers are written as in JSON.
        other => other.to_string(),
    }
}

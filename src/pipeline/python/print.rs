//! Writes pipelines as imgaug's Python, from the table that reads it.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::libraries::imgaug_table::{CLASSES, FREQUENCY, Form, SIMPLEX};
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
    let mut arguments = Vec::new();
    let mut branch = |name: &str, prefix: &str| -> Result<(), String> {
        if let Some(steps) = fields.get(name) {
            let mut text = prefix.to_owned();
            list(steps, indent, &mut text)?;
            arguments.push(text);
        }
        Ok(())
    };
    let plain = |name: &str| fields.get(name).map(literal).unwrap_or_default();
    let class = match key.as_str() {
        "sequential" => {
            branch("of", "")?;
            arguments.push(format!("random_order={}", plain("random_order")));
            "Sequential"
        }
        "some_of" => {
            let count = fields.get("count").map(number).unwrap_or_default();
            branch("of", &format!("{count}, "))?;
            arguments.push(format!("random_order={}", plain("random_order")));
            "SomeOf"
        }
        "one_of" => {
            branch("of", "")?;
            "OneOf"
        }
        "sometimes" => {
            branch("then", &format!("{}, ", plain("p")))?;
            "Sometimes"
        }
        "simplex_noise_alpha" | "frequency_noise_alpha" => {
            branch("first", "first=")?;
            branch("second", "second=")?;
            let simplex = key == "simplex_noise_alpha";
            arguments.extend(named(fields, if simplex { SIMPLEX } else { FREQUENCY }));
            if simplex { "SimplexNoiseAlpha" } else { "FrequencyNoiseAlpha" }
        }
        "resize" => {
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
        }
        _ => {
            let class = CLASSES.iter().find(|class| class.step == key).ok_or_else(|| key.clone())?;
            arguments.extend(named(fields, class.params));
            if let (Some(k), Some(columns)) = (fields.get("k"), fields.get("columns")) {
                if [k, columns].iter().any(|side| !side.is_array()) {
                    return Err("average_blur with columns that are no range".to_owned());
                }
                arguments = vec![format!("k=({}, {})", number(k), number(columns))];
            }
            class.name
        }
    };
    let _ = write!(out, "iaa.{class}({})", arguments.join(", "));
    Ok(())
}

fn named(fields: &Map<String, Value>, params: &[(&str, &str, Form)]) -> Vec<String> {
    params
        .iter()
        .filter_map(|(name, field, form)| {
            let value = fields.get(*field).filter(|_| !field.is_empty())?;
            let text = match form {
                Form::Number | Form::Whole | Form::Gray | Form::WholeGray => number(value),
                Form::Axes => axes(value),
                Form::Sides | Form::WholeSides => sides(value),
                _ => literal(value),
            };
            Some(format!("{name}={text}"))
        })
        .collect()
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

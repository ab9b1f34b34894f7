//! imgaug's augmenters, by what the files of operations and combinators say of it.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::{Lack, Printer, entry, fields};
use crate::ops::counterpart::Form;
use crate::ops::{self, AnyOp};
use crate::pipeline::combinators::Argument;
use crate::pipeline::spec::{Combined, Kind, Spec, Step};

/// `iaa.Sequential([...])`.
pub(super) const PRINTER: Printer = Printer {
    name: "imgaug",
    write,
    // Both are written by hand.
    has: |entry| !entry.imgaug.is_empty() || ["resize", "imgaug.resize"].contains(&entry.key),
};

fn write(spec: &Spec) -> Result<String, Lack> {
    let mut out = String::from(
        "import imgaug as ia\nimport imgaug.augmenters as iaa\nimport imgaug.parameters as iap\n\nseq = iaa.Sequential(",
    );
    list(&spec.pipeline, 0, &mut out)?;
    out.push_str(")\n");
    Ok(out)
}

fn list(steps: &[Step], indent: usize, out: &mut String) -> Result<(), Lack> {
    out.push_str("[\n");
    for item in steps {
        let _ = write!(out, "{:1$}", "", indent + 4);
        match &item.kind {
            Kind::Combinator(own) => combinator(item, own, indent + 4, out)?,
            Kind::Op(op) => operation(item, op, out)?,
        }
        out.push_str(",\n");
    }
    let _ = write!(out, "{:indent$}]", "");
    Ok(())
}

fn operation(step: &Step, op: &AnyOp, out: &mut String) -> Result<(), Lack> {
    let key = op.key();
    let fields = &fields(step);
    let mut arguments = Vec::new();
    let plain = |name: &str| fields.get(name).map(literal).unwrap_or_default();
    let class = if key == "resize" {
        if fields.get("interpolation").and_then(Value::as_str) == Some("auto") {
            return Err(Lack::with(step, "interpolation: auto"));
        }
        arguments.push(format!(
            "{{\"height\": {}, \"width\": {}}}, interpolation={}",
            plain("height"),
            plain("width"),
            plain("interpolation")
        ));
        "Resize"
    } else if key == "imgaug.resize" {
        arguments.push(resized(fields));
        arguments.push(format!("interpolation={}", plain("interpolation")));
        "Resize"
    } else {
        // imgaug's has grains for each channel and no parameter for it.
        let shared = key == "impulse_noise" && fields.get("per_channel").and_then(Value::as_f64) != Some(1.0);
        let name = if shared { "salt_and_pepper" } else { key };
        let class = ops::entry(name).and_then(|entry| entry.imgaug.first()).ok_or_else(|| Lack::of(step))?;
        arguments.extend(class.params.iter().filter_map(|param| named(fields, *param)));
        if let (Some(k), Some(columns)) = (fields.get("k"), fields.get("columns")) {
            // The width comes first in imgaug. A number is a range of one, because two numbers are one range.
            let side = |side: &Value| match side {
                Value::Array(_) => Ok(number(side)),
                Value::Number(one) => Ok(format!("({one}, {one})")),
                _ => Err(Lack::with(step, "sides of a choice")),
            };
            arguments = vec![format!("k=({}, {})", side(columns)?, side(k)?)];
        }
        class.name
    };
    let _ = write!(out, "iaa.{class}({})", arguments.join(", "));
    Ok(())
}

/// A combinator, by what its file says of imgaug.
fn combinator(step: &Step, own: &Combined, indent: usize, out: &mut String) -> Result<(), Lack> {
    let none = || Lack::of(step);
    let fields = &fields(step);
    if fields.contains_key("weights") {
        return Err(Lack::with(step, "weights"));
    }
    let entry = entry(step)?;
    let counterpart = entry.doc.imgaug.ok_or_else(none)?;
    let (class, branches) = counterpart.names.first().ok_or_else(none)?;
    let mut arguments = Vec::new();
    for (i, argument) in counterpart.arguments.iter().enumerate() {
        let text = match *argument {
            Argument::Steps(branch) => match &own.branches[branch] {
                steps if steps.is_empty() && !entry.doc.branches[branch].required => None,
                steps => {
                    let mut text = format!("{}=", branches[branch]);
                    list(steps, indent, &mut text)?;
                    Some(text)
                }
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
    if field.is_empty() {
        return None;
    }
    let Some(value) = fields.get(field) else {
        // imgaug has other defaults than none, or none at all.
        return (form == Form::Count).then(|| format!("{name}=None"));
    };
    let text = match form {
        Form::Number | Form::Whole | Form::Gray | Form::WholeGray => number(value),
        Form::Share => share(value, ""),
        Form::Dropped => share(value, "1 - "),
        Form::Axes => axes(value),
        Form::WholeAxes => axes(&whole(value)),
        Form::Sides | Form::WholeSides => sides(value),
        Form::Place => place(value),
        Form::Names
        | Form::Chance
        | Form::Flag
        | Form::Count
        | Form::Wholes
        | Form::Passed
        | Form::Fixed(_) => literal(value),
    };
    Some(format!("{name}={text}"))
}

/// A probability. A distribution of them needs a `Binomial` around it, with `rest` before it.
fn share(value: &Value, rest: &str) -> String {
    match value {
        Value::Object(map) if !(map.len() == 1 && map.contains_key("choice")) => {
            format!("iap.Binomial({rest}{})", law(map))
        }
        _ => number(value),
    }
}

/// A number, a range or a choice.
fn number(value: &Value) -> String {
    match value {
        Value::Array(ends) => format!("({})", joined(ends)),
        Value::Object(map) if map.len() == 1 && map.contains_key("choice") => {
            format!("[{}]", items_of(map, "choice"))
        }
        Value::Object(map) => law(map),
        other => literal(other),
    }
}

/// The items of a list in `map`, with commas.
fn items_of(map: &Map<String, Value>, name: &str) -> String {
    joined(map.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice))
}

/// A distribution, from the inside out.
fn law(map: &Map<String, Value>) -> String {
    let mut text = if map.contains_key("normal") {
        let (kind, ends) = match map.get("truncate") {
            Some(_) => ("TruncatedNormal", format!(", {}", items_of(map, "truncate"))),
            None => ("Normal", String::new()),
        };
        format!("iap.{kind}({}{ends})", items_of(map, "normal"))
    } else if map.contains_key("laplace") {
        format!("iap.Laplace({})", items_of(map, "laplace"))
    } else if let Some(mean) = map.get("poisson") {
        format!("iap.Poisson({})", literal(mean))
    } else if map.contains_key("uniform") {
        format!("iap.Uniform({})", items_of(map, "uniform"))
    } else {
        let weights = map.get("weights").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let weights: Vec<f64> = weights.iter().filter_map(Value::as_f64).collect();
        // NumPy wants them to sum to 1.
        let sum: f64 = weights.iter().sum();
        let near = (sum - 1.0).abs() < 1e-9;
        let shares = weights.iter().map(|weight| if near { *weight } else { weight / sum });
        let shares: Vec<String> = shares.map(|share| share.to_string()).collect();
        let p = if shares.is_empty() { String::new() } else { format!(", p=[{}]", shares.join(", ")) };
        format!("iap.Choice([{}]{p})", items_of(map, "choice"))
    };
    match map.get("sign").and_then(Value::as_str) {
        Some("positive") => text = format!("iap.Positive({text})"),
        Some("negative") => text = format!("iap.Negative({text})"),
        Some(_) => text = format!("iap.RandomSign({text})"),
        None => {}
    }
    if map.contains_key("clip") {
        text = format!("iap.Clip({text}, {})", items_of(map, "clip"));
    }
    if map.contains_key("round") {
        text = format!("iap.Discretize({text})");
    }
    text
}

/// A position: its name, or `(x, y)`.
fn place(value: &Value) -> String {
    match value.as_object() {
        Some(map) => {
            // Both are numbers or both are parameters in imgaug; a tuple is neither.
            let plain = map.values().all(Value::is_number);
            let written = if plain { number } else { parameter };
            let axis = |name: &str| map.get(name).map(written).unwrap_or_default();
            format!("({}, {})", axis("x"), axis("y"))
        }
        None => literal(value),
    }
}

/// A number, a range or a choice as a parameter.
fn parameter(value: &Value) -> String {
    match value {
        Value::Object(map) => law(map),
        Value::Array(ends) => format!("iap.Uniform({})", joined(ends)),
        other => format!("iap.Deterministic({})", literal(other)),
    }
}

/// Whole numbers without a point.
fn whole(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => Value::from(float as i64),
            Some(_) | None => value.clone(),
        },
        Value::Array(items) => items.iter().map(whole).collect(),
        Value::Object(map) => Value::Object(map.iter().map(|(key, own)| (key.clone(), whole(own))).collect()),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

/// The sides of a relative size.
fn resized(fields: &Map<String, Value>) -> String {
    let side = |value: &Value| match value.as_object().and_then(|map| map.iter().next()) {
        // A whole factor would be pixels, and a fraction of pixels cannot be.
        Some((kind, Value::Number(factor))) if kind == "factor" => {
            format!("{:?}", factor.as_f64().unwrap_or(1.0))
        }
        Some((kind, Value::Array(ends))) if kind == "factor" => {
            let ends: Vec<String> =
                ends.iter().map(|end| format!("{:?}", end.as_f64().unwrap_or(1.0))).collect();
            format!("({})", ends.join(", "))
        }
        Some((_, own)) => number(own),
        None => literal(value),
    };
    if let Some(both) = fields.get("size") {
        return side(both);
    }
    let names = ["height", "width", "shorter_side", "longer_side"];
    let sides = names.into_iter().filter_map(|name| {
        let value = fields.get(name)?;
        Some(format!("\"{}\": {}", name.replace('_', "-"), side(value)))
    });
    format!("{{{}}}", sides.collect::<Vec<_>>().join(", "))
}

fn axes(value: &Value) -> String {
    match value.as_object() {
        Some(map) if map.keys().all(|axis| axis == "x" || axis == "y") => {
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
        Value::String(text) if text == "all" => "ia.ALL".to_owned(),
        Value::Array(items) => format!("[{}]", joined(items)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            super::literal(value, ['[', ']'])
        }
    }
}

//! torchvision's transforms, which take pictures; what is the arithmetic of tensors stands between `PILToTensor` and
//! `ToPILImage`.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::{Lack, Printer, entry, fields, literal};
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{self, AnyOp};
use crate::pipeline::spec::{Combined, Kind, Spec, Step};

/// `transforms.Compose([...])`.
pub(super) const PRINTER: Printer =
    Printer { name: "torchvision", write, has: |entry| entry.torchvision.is_some() };

const TO_TENSOR: &str = "transforms.PILToTensor()";
const TO_PICTURE: &str = "transforms.ToPILImage()";

/// Several values.
const TUPLE: [char; 2] = ['(', ')'];

/// A transform, and what it is given.
struct Item {
    text: String,
    takes: Takes,
}

fn write(spec: &Spec) -> Result<String, Lack> {
    let list = list(&spec.pipeline, 0)?;
    Ok(format!("from torchvision import transforms\n\ntransform = transforms.Compose({list})\n"))
}

/// The list of transforms that run one after the other, from a picture to a picture.
fn list(steps: &[Step], indent: usize) -> Result<String, Lack> {
    let mut lines = Vec::new();
    let mut tensor = false;
    for step in steps {
        let Item { text, takes } = item(step, indent + 4)?;
        match takes {
            Takes::Pictures if tensor => lines.push(TO_PICTURE.to_owned()),
            Takes::Tensors if !tensor => lines.push(TO_TENSOR.to_owned()),
            Takes::Pictures | Takes::Tensors | Takes::Either => {}
        }
        tensor = match takes {
            Takes::Pictures => false,
            Takes::Tensors => true,
            Takes::Either => tensor,
        };
        lines.push(text);
    }
    if tensor {
        lines.push(TO_PICTURE.to_owned());
    }
    Ok(bracketed(&lines, indent))
}

/// The list of transforms of which each goes from a picture to a picture.
fn list_apart(steps: &[Step], indent: usize) -> Result<String, Lack> {
    let alone = |step| {
        let Item { text, takes } = item(step, indent + 4)?;
        Ok(match takes {
            Takes::Tensors => format!("transforms.Compose([{TO_TENSOR}, {text}, {TO_PICTURE}])"),
            Takes::Pictures | Takes::Either => text,
        })
    };
    Ok(bracketed(&steps.iter().map(alone).collect::<Result<Vec<_>, Lack>>()?, indent))
}

fn bracketed(lines: &[String], indent: usize) -> String {
    let mut out = "[\n".to_owned();
    for line in lines {
        let _ = writeln!(out, "{:1$}{line},", "", indent + 4);
    }
    let _ = write!(out, "{:indent$}]", "");
    out
}

fn item(step: &Step, indent: usize) -> Result<Item, Lack> {
    match &step.kind {
        Kind::Combinator(own) => container(step, own, indent),
        Kind::Op(op) => transform(step, op),
    }
}

fn transform(step: &Step, op: &AnyOp) -> Result<Item, Lack> {
    let none = || Lack::of(step);
    let Transform { name, arguments, takes } =
        ops::entry(op.key()).ok_or_else(none)?.torchvision.ok_or_else(none)?;
    let fields = fields(step);
    let mut written = Vec::new();
    for argument in arguments {
        written.extend(self::argument(step, &fields, argument)?);
    }
    let takes = match fields.get("compat").and_then(Value::as_str) {
        Some("tensor") => Takes::Tensors,
        Some(other) => return Err(Lack::with(step, format!("compat: {other}"))),
        None => takes,
    };
    Ok(Item { text: format!("transforms.{name}({})", written.join(", ")), takes })
}

/// An argument, if there is one.
fn argument(step: &Step, fields: &Map<String, Value>, argument: &Argument) -> Result<Option<String>, Lack> {
    let given = |field: &str| fields.get(field).filter(|value| !value.is_null());
    Ok(match *argument {
        Argument::Plain(name, field) => given(field).map(|value| format!("{name}={}", literal(value, TUPLE))),
        Argument::Needed(name, field) => match given(field) {
            Some(value) => Some(format!("{name}={}", literal(value, TUPLE))),
            None => return Err(Lack::wanting(step, field)),
        },
        Argument::Joined(name, all) => {
            let numbers = all.iter().filter_map(|field| given(field)?.as_array()).flatten();
            Some(format!("{name}={}", literal(&numbers.cloned().collect(), TUPLE)))
        }
        Argument::Constant(name, class) => given(name)
            .and_then(Value::as_str)
            .map(|value| format!("{name}=transforms.{class}.{}", value.to_uppercase())),
        Argument::Code(code) => Some(code.to_owned()),
        Argument::Zero(field) => match given(field) {
            Some(value) if value.as_f64() != Some(0.0) => {
                return Err(Lack::with(step, format!("{field}: {value}")));
            }
            Some(_) | None => None,
        },
    })
}

fn container(step: &Step, own: &Combined, indent: usize) -> Result<Item, Lack> {
    let fields = fields(step);
    let fits = |when: (&str, bool)| fields.get(when.0).and_then(Value::as_bool) == Some(when.1);
    let mut all = entry(step)?.torchvision.iter();
    let container = all.find(|own| own.when.is_none_or(fits)).ok_or_else(|| Lack::of(step))?;
    // Those that are there have one list.
    let [steps, ..] = &own.branches;
    let list = if container.apart { list_apart(steps, indent)? } else { list(steps, indent)? };
    let mut text = format!("transforms.{}({list}", container.name);
    for (name, field) in container.params {
        if let Some(value) = fields.get(*field) {
            let _ = write!(text, ", {name}={}", literal(value, ['[', ']']));
        }
    }
    text.push(')');
    Ok(Item { text, takes: Takes::Pictures })
}

//! How one sample came about, step by step.

use serde_json::{Value, json};

use crate::base::{Sample, Schema};

use super::numbers::{share, shares};
use super::shown::word;

/// The report of sample `index` of a split, as `explain --json` gives it; `steps` are objects of one key, the step, with what was drawn.
#[must_use]
pub fn report(split: &str, schema: &Schema, index: u64, sample: &Sample, steps: &[Value]) -> Value {
    let mut value = json!({
        "command": "explain",
        "split": split,
        "index": index,
        "origin": sample.origin,
        "root": root(schema, sample.origin),
        "label": label(sample, schema),
        "objects": sample.objects,
        "shape": sample.canvas.shape(),
        "steps": steps,
    });
    if !schema.truth.is_empty() {
        let columns = schema.truth.iter().zip(&sample.truth);
        value["truth"] = columns.map(|(name, value)| (name.clone(), json!(value))).collect();
    }
    value
}

/// The collection of source images that an origin lies in, and its index there.
fn root(schema: &Schema, origin: u64) -> Value {
    let mut index = origin;
    for root in &schema.roots {
        match index.checked_sub(root.images) {
            None => return json!({ "name": root.name, "index": index }),
            Some(rest) => index = rest,
        }
    }
    Value::Null
}

fn label(sample: &Sample, schema: &Schema) -> Value {
    if !sample.soft.is_empty() {
        let one = |(class, weight): (usize, f32)| json!({ "class": class, "name": schema.class_names[class], "weight": weight });
        return shares(&sample.soft).into_iter().map(one).collect();
    }
    let label = sample.label;
    let classes: Vec<Value> = (0..=255_u8)
        .zip(&schema.class_names)
        .filter(|(class, _)| label.has(*class))
        .map(|(class, name)| json!({ "class": class, "name": name }))
        .collect();
    json!(classes)
}

/// The same as lines for people.
#[must_use]
pub fn text(value: &Value) -> String {
    let name = |class: &Value| match (class["name"].as_str(), class["weight"].as_f64()) {
        (Some(name), Some(weight)) => Some(share(name, weight as f32)),
        (name, _) => name.map(str::to_owned),
    };
    let names: Vec<String> = value["label"].as_array().into_iter().flatten().filter_map(name).collect();
    let mut lines = vec![
        format!(
            "{} {} of {}",
            value["split"].as_str().unwrap_or(""),
            value["index"],
            value["source"].as_str().unwrap_or("")
        ),
        format!(
            "label   {}",
            if names.is_empty() { "none".to_owned() } else { word(&names.join(", ")).into_owned() }
        ),
        match value["root"]["name"].as_str() {
            Some(name) => format!("origin  image {} of {name}", value["root"]["index"]),
            None => format!("origin  {}", value["origin"]),
        },
    ];
    for (name, truth) in value["truth"].as_object().into_iter().flatten() {
        lines.push(format!("truth   {name} {truth}"));
    }
    for (number, step) in value["steps"].as_array().into_iter().flatten().enumerate() {
        for (name, drawn) in step.as_object().into_iter().flatten() {
            lines.push(format!("{:>3}  {name:<28} {drawn}", number + 1));
        }
    }
    lines.join("\n") + "\n"
}

//! Gives steps the `compat` of another version, or another arithmetic, of their library.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Spec;
use crate::base::Kind;
use crate::ops;
use crate::text::TextError;
use crate::text::suggest::nearest;

/// Sets `compat: wanted` in all steps that know it; says how many these are.
///
/// # Errors
/// No operation knows `wanted`, or none that does is a step of the pipeline called `name`.
pub fn with_compat(spec: &Spec, name: &str, wanted: &str) -> Result<(Spec, usize), TextError> {
    let all: BTreeSet<String> = ops::ENTRIES
        .iter()
        .flat_map(|entry| values(entry.key).unwrap_or_default())
        .map(|(called, _)| called)
        .collect();
    if !all.contains(wanted) {
        let near = nearest(wanted, all.iter().map(String::as_str));
        let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        let message = format!("no operation has compat {wanted}{hint}");
        let known: Vec<&str> = all.iter().map(String::as_str).collect();
        return Err(TextError::of_file(name, Kind::Usage, message)
            .with_help(format!("Known here: {}", known.join(", "))));
    }
    let mut tree = serde_json::to_value(spec).unwrap_or_default();
    let mut count = 0;
    set(&mut tree, wanted, &mut count);
    if count == 0 {
        let message = format!("no step of this pipeline has another arithmetic for compat {wanted}");
        return Err(TextError::of_file(name, Kind::Usage, message).with_help("Leave --compat out"));
    }
    Ok((Spec::parse("pipeline", &tree.to_string())?.at_places_of(spec), count))
}

/// The values that an operation's `compat` may have, behind what they are called for all operations. A number is a version of the library
/// that is named before the dot: `albumentations1`.
fn values(key: &str) -> Option<Vec<(String, Value)>> {
    let schema = (ops::entry(key)?.schema)(&mut schemars::SchemaGenerator::default());
    let values = schema.get("properties")?.get("compat")?.get("enum")?.as_array()?.clone();
    let library = key.split_once('.').map_or("", |(library, _)| library);
    let called = |value: Value| match &value {
        Value::String(name) => (name.clone(), value),
        other => (format!("{library}{other}"), value),
    };
    Some(values.into_iter().map(called).collect())
}

fn set(tree: &mut Value, wanted: &str, count: &mut usize) {
    match tree {
        Value::Object(fields) => {
            for (key, value) in fields {
                if let Value::Object(own) = value
                    && let Some((_, compat)) =
                        values(key).into_iter().flatten().find(|(called, _)| called == wanted)
                {
                    own.insert("compat".to_owned(), compat);
                    *count += 1;
                }
                set(value, wanted, count);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| set(item, wanted, count)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_have_it_get_it() {
        let text = "version: 1\npipeline:\n- fliplr: 0.5\n- sometimes: { p: 0.5, then: [{ torchvision.random_rotation: [-5, 5] }] }\n\
                    - keras.random_flip: {}\n";
        let spec = Spec::parse("flow.yaml", text).unwrap();
        let (tensor, count) = with_compat(&spec, "flow.yaml", "tensor").unwrap();
        assert_eq!(count, 1);
        assert_eq!(tensor.pipeline[1].at.map(|at| (at.line, at.column)), Some((4, 3)));
        let (before, count) = with_compat(&tensor, "flow.yaml", "keras3.5").unwrap();
        let json = serde_json::to_string(&before).unwrap();
        assert!(
            count == 1 && json.contains(r#""compat":"tensor""#) && json.contains(r#""compat":"keras3.5""#)
        );
        let text = "version: 1\npipeline:\n- albumentations.rgb_shift: {}\n- albumentations.affine: { compat: 1 }\n- fliplr: 0.5\n";
        let spec = Spec::parse("flow.yaml", text).unwrap();
        let (older, count) = with_compat(&spec, "flow.yaml", "albumentations1").unwrap();
        let json = serde_json::to_string(&older).unwrap();
        assert_eq!((count, json.matches(r#""compat":1"#).count()), (2, 2), "{json}");
        for (wanted, words) in [("tenser", "did you mean tensor?"), ("keras_preprocessing", "no step")] {
            let error = with_compat(&spec, "flow.yaml", wanted).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}

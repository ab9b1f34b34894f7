//! Pipelines pasted as Python: imgaug's augmenters, Keras' ImageDataGenerator and preprocessing layers, and
//! Albumentations, translated without running any Python.
//!
//! `scan` parses, `eval` works out what names and expressions are worth, `find` finds the pipeline, and
//! `imgaug`, `keras` and `albumentations` make of it the same tree that `text` makes of YAML, with
//! places in the Python file. From there on a pipeline is checked as any other.

mod albumentations;
mod eval;
mod find;
mod imgaug;
mod imgaug_table;
mod keras;
pub mod print;
mod scan;
#[cfg(test)]
mod tests;
mod tree;
mod value;

use rustpython_parser::text_size::TextRange;

use self::find::Family;
use self::scan::Lines;
use self::tree::Translator;
use self::value::V;
use super::spec::{Spec, VERSION};
use crate::text::complaint::{Complaint, TextError};
use crate::text::tree::{Key, Tree, Value};

/// A pipeline that was Python.
#[derive(Clone, Debug)]
pub struct Translation {
    /// The pipeline.
    pub spec: Spec,
    /// What differs here, and what was passed over, each with its place.
    pub warnings: Vec<String>,
}

/// Whether the file called `name` is read as Python.
#[must_use]
pub fn is_python(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("py"))
}

/// Translates the pipeline in `text`, which is the content of the Python file called `name`: the one assigned
/// to `variable`, or the only one.
///
/// # Errors
/// What is wrong with the file, or cannot be translated, and where.
pub fn translate(name: &str, text: &str, variable: Option<&str>) -> Result<Translation, TextError> {
    translated(name, text, variable).map_err(|complaint| complaint.in_text(name, text))
}

fn translated(name: &str, text: &str, variable: Option<&str>) -> Result<Translation, Complaint> {
    let (tree, warnings) = tree_of(text, variable)?;
    let spec = Spec::of_tree(&tree)?;
    let warnings = warnings.into_iter().map(|warning| format!("{name}:{warning}")).collect();
    Ok(Translation { spec, warnings })
}

/// The tree of the pipeline file that the Python file in `text` is worth, and warnings with line and column.
fn tree_of(text: &str, variable: Option<&str>) -> Result<(Tree, Vec<String>), Complaint> {
    // The mark at the beginning of some files is no Python.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::new(text);
    let suite = scan::parse(text, &lines)?;
    let found = find::find(&suite, &lines, variable)?;
    let mut translator = Translator::new(&lines);
    let at = found.value.at;
    let steps = match &found.value.kind {
        V::Call(call) => match find::family(&call.path) {
            Some(Family::Imgaug) => {
                let step = translator.imgaug(&found.value)?;
                opened(step)
            }
            Some(Family::ImageDataGenerator) => translator.image_data_generator(call)?,
            Some(Family::KerasSequential) => translator.keras_sequential(call)?,
            Some(Family::Albumentations) => translator.albumentations(call)?,
            None => {
                let message = format!("{} makes no pipeline that is known here", call.path);
                return Err(translator.complain(call.name_at, message));
            }
        },
        V::List(_) | V::Tuple(_) => translator.imgaug_steps(&found.value)?,
        _ => return Err(translator.complain(at, format!("{} is no pipeline", found.value.kind()))),
    };
    if steps.is_empty() {
        return Err(translator.complain(at, "nothing is left of the pipeline"));
    }
    let start = lines.at(TextRange::default());
    let key = |text: &str| Key { at: start, text: text.to_owned() };
    let entries = vec![
        (key("version"), Tree { at: start, value: Value::Int(VERSION) }),
        (key("pipeline"), translator.tree(at, Value::List(steps))?),
    ];
    let mut warnings: Vec<(TextRange, String)> = found.warnings;
    warnings.append(&mut translator.warnings);
    warnings.sort_by_key(|(range, _)| range.start());
    warnings.dedup();
    let warnings = warnings
        .into_iter()
        .map(|(range, message)| {
            let at = lines.at(range);
            format!("{}:{}: {message}", at.line, at.column)
        })
        .collect();
    Ok((Tree { at: start, value: Value::Map(entries) }, warnings))
}

/// The steps of a sequence in a fixed order; anything else as it is.
fn opened(step: Tree) -> Vec<Tree> {
    if let Value::Map(entries) = &step.value
        && let [(key, inner)] = entries.as_slice()
        && key.text == "sequential"
        && let Value::Map(fields) = &inner.value
        && !fields
            .iter()
            .any(|(key, value)| key.text == "random_order" && matches!(value.value, Value::Bool(true)))
        && let Some((_, Tree { value: Value::List(steps), .. })) =
            fields.iter().find(|(key, _)| key.text == "of")
    {
        return steps.clone();
    }
    vec![step]
}

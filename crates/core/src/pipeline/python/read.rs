//! From the text of a Python file to a checked pipeline.

use super::scan::{self, Lines};
use super::syntax::Range;
use super::tree::Translator;
use super::value::V;
use super::{Translation, find, libraries};
use crate::pipeline::spec::{Spec, VERSION};
use crate::text::complaint::{Complaint, TextError};
use crate::text::tree::{Key, Tree, Value};

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
pub(super) fn tree_of(text: &str, variable: Option<&str>) -> Result<(Tree, Vec<String>), Complaint> {
    // The mark at the beginning of some files is no Python.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::new(text);
    let suite = scan::parse(text, &lines)?;
    let found = find::find(&suite, &lines, variable)?;
    let mut translator = Translator::new(&lines);
    let at = found.value.at;
    let steps = match &found.value.kind {
        V::Call(call) => {
            let Some(library) = libraries::of(&call.path) else {
                let message = format!("{} makes no pipeline that is known here", call.path);
                return Err(translator.complain(call.name_at, message));
            };
            (library.translate)(&mut translator, &found.value, call)?
        }
        V::List(_) | V::Tuple(_) => libraries::bare_list(&mut translator, &found.value)?,
        _ => return Err(translator.complain(at, format!("{} is no pipeline", found.value.kind()))),
    };
    if steps.is_empty() {
        return Err(translator.complain(at, "nothing is left of the pipeline"));
    }
    let start = lines.at(Range::default());
    let key = |text: &str| Key { at: start, text: text.to_owned() };
    let entries = vec![
        (key("version"), Tree { at: start, value: Value::Int(VERSION) }),
        (key("pipeline"), translator.tree(at, Value::List(steps))?),
    ];
    let mut warnings: Vec<(Range, String)> = found.warnings;
    warnings.append(&mut translator.warnings);
    warnings.sort_by_key(|(range, _)| range.start);
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

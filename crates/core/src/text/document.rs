//! What all files that people write begin with: `version: 1`, and then the one key that says what the file holds.

use super::complaint::Complaint;
use super::read::unknown;
use super::tree::{Tree, Value};

/// The newest version of these files that is read.
const VERSION: i64 = 1;

/// The value of `key`, the only one besides `version` in a file that is called `what`: a pipeline, a recipe.
///
/// # Errors
/// Keys that are missing or strange, and other versions.
pub fn body<'a>(tree: &'a Tree, what: &str, key: &str) -> Result<&'a Tree, Complaint> {
    body_beside(tree, what, key, &[])
}

/// The same in a file that may have `others` of the keys besides.
///
/// # Errors
/// As [`body`].
pub fn body_beside<'a>(
    tree: &'a Tree,
    what: &str,
    key: &str,
    others: &[&str],
) -> Result<&'a Tree, Complaint> {
    let begin = format!("Begin the file with the line: version: {VERSION}");
    let Value::Map(entries) = &tree.value else {
        let message = format!("a {what} file is a mapping {{version: ..., {key}: ...}}, not {}", tree.kind());
        return Err(Complaint::new(tree.at, message).help(format!("{begin}, then {key}:")));
    };
    let known: Vec<&str> = ["version", key].iter().chain(others).copied().collect();
    if let Some((own, _)) = entries.iter().find(|(own, _)| !known.contains(&own.text.as_str())) {
        let complaint = unknown("key", &own.text, &known);
        return Err(Complaint { at: Some(own.at), ..complaint });
    }
    let find = |key: &str| entries.iter().find(|(own, _)| own.text == key).map(|(_, value)| value);
    let missing = |key: &str| Complaint::new(tree.at, format!("the key {key:?} is missing in a {what} file"));
    let version = find("version").ok_or_else(|| missing("version").help(begin.clone()))?;
    match version.value {
        Value::Int(VERSION) => {}
        Value::Int(newer) if newer > VERSION => {
            let message = format!("version {newer} of the format; this program reads {VERSION}");
            return Err(Complaint::new(version.at, message).help("Update mnistaug"));
        }
        _ => {
            let message = format!("the version is {VERSION}, not {}", version.kind());
            return Err(Complaint::new(version.at, message).help(begin));
        }
    }
    find(key).ok_or_else(|| missing(key).help(format!("Add {key}: and what belongs to it")))
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    #[test]
    fn the_one_key_is_found_and_all_else_refused() {
        let read = |text: &str| {
            let tree = parse(text, "recipe").unwrap();
            body(&tree, "recipe", "recipe").map(Tree::kind).map_err(|complaint| complaint.message)
        };
        assert_eq!(read("version: 1\nrecipe: [a]").unwrap(), "a list");
        for (text, says) in [
            ("[a]", "a recipe file is a mapping {version: ..., recipe: ...}, not a list"),
            ("recipe: []", "the key \"version\" is missing in a recipe file"),
            ("version: 1", "the key \"recipe\" is missing in a recipe file"),
            ("version: 2\nrecipe: []", "version 2 of the format; this program reads 1"),
            ("version: '1'\nrecipe: []", "the version is 1, not the text \"1\""),
            ("version: 1\nrecipes: []", "unknown key \"recipes\"; did you mean \"recipe\"?"),
        ] {
            assert_eq!(read(text).unwrap_err(), says, "{text}");
        }
    }
}

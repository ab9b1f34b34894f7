//! Parameters of recipe files: values that stand at the front, have names, and may be given when the recipe is run.
//!
//! ```yaml
//! version: 1
//! parameters: { noise: symmetric:0.2, seed: 0 }
//! variants:
//!   half: { noise: symmetric:0.5 }
//! recipe:
//!   - relabel: { noise: $noise, seed: $seed }
//! ```

use std::cell::Cell;
use std::collections::BTreeSet;

use crate::text::read::unknown;
use crate::text::{At, Complaint, Key, Tree, Value, tree};

/// How deep parameters may name others.
const DEEPEST: usize = 8;

/// How many values a recipe has at most when all parameters stand in their places.
const MOST_VALUES: usize = 100_000;

/// Keys of a recipe file besides `version` and `recipe`.
pub const KEYS: &[&str] = &["parameters", "variants", "variant"];

/// The word for all variants.
pub const ALL: &str = "all";

/// What is said of parameters when a recipe is run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// The variant.
    pub variant: Option<&'a str>,
    /// Parameters and their values, as texts.
    pub set: &'a [(String, String)],
    /// Whether values may decide nothing, because they do in another variant.
    pub idle: bool,
}

/// The parameters of a recipe file, with their values.
#[derive(Debug, Default)]
pub struct Parameters {
    values: Vec<Parameter>,
    /// The variant that they are of.
    variant: Option<String>,
    /// Whether given values may decide nothing.
    idle: bool,
    /// How many values stand in their places.
    placed: Cell<usize>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    value: Tree,
    /// Whether it was given when the recipe was run; its own place means nothing then.
    given: bool,
}

/// The entries of a mapping under `key` of a file.
fn entries<'a>(file: &'a Tree, key: &str) -> Result<&'a [(Key, Tree)], Complaint> {
    match find(file, key) {
        None => Ok(&[]),
        Some(Tree { value: Value::Map(entries), .. }) => Ok(entries),
        Some(other) => {
            let message = format!("expected a mapping of names, not {}", other.kind());
            Err(Complaint::new(other.at, message).help(format!("Write {key}: {{ name: value }}")))
        }
    }
}

fn find<'a>(file: &'a Tree, key: &str) -> Option<&'a Tree> {
    let Value::Map(entries) = &file.value else { return None };
    entries.iter().find(|(own, _)| own.text == key).map(|(_, value)| value)
}

/// The variants of a recipe file, and the one that is meant where none is asked for.
///
/// # Errors
/// What is no mapping of variants, and a variant that there is none of.
pub fn variants(file: &Tree) -> Result<(Vec<String>, Option<String>), Complaint> {
    let names: Vec<String> = entries(file, "variants")?.iter().map(|(key, _)| key.text.clone()).collect();
    let usual = match find(file, "variant") {
        None => None,
        Some(Tree { value: Value::Text(name), .. }) if name == ALL || names.contains(name) => {
            Some(name.clone())
        }
        Some(other) => {
            return Err(Complaint::new(other.at, format!("expected a variant, not {}", other.kind())));
        }
    };
    Ok((names, usual))
}

impl Parameters {
    /// Those of a file, as is asked.
    ///
    /// # Errors
    /// Parameters and variants that there are none of, and values that are no YAML.
    pub fn of(file: &Tree, asked: Asked<'_>) -> Result<Self, Complaint> {
        let mut own = Self {
            values: Vec::new(),
            variant: asked.variant.map(str::to_owned),
            idle: asked.idle,
            placed: Cell::new(0),
        };
        for (key, value) in entries(file, "parameters")? {
            own.values.push(Parameter { name: key.text.clone(), value: value.clone(), given: false });
        }
        if let Some(variant) = asked.variant {
            let all = entries(file, "variants")?;
            let names: Vec<&str> = all.iter().map(|(key, _)| key.text.as_str()).collect();
            let Some((_, chosen)) = all.iter().find(|(key, _)| key.text == variant) else {
                return Err(match names.as_slice() {
                    [] => Complaint::new(None, "this recipe has no variants").help("Leave --variant out"),
                    _ => unknown("variant", variant, &names),
                });
            };
            let Value::Map(chosen) = &chosen.value else {
                let message = format!("expected parameters and their values, not {}", chosen.kind());
                return Err(Complaint::new(chosen.at, message));
            };
            for (key, value) in chosen {
                own.put(&key.text, value.clone(), false)
                    .map_err(|complaint| Complaint { at: Some(key.at), ..complaint })?;
            }
        }
        for (name, text) in asked.set {
            let value = tree::parse(text, "value").map_err(|complaint| Complaint {
                at: None,
                message: format!("--set {name}: {}", complaint.message),
                ..complaint
            })?;
            own.put(name, value, true)?;
        }
        Ok(own)
    }

    fn put(&mut self, name: &str, value: Tree, given: bool) -> Result<(), Complaint> {
        if let Some(own) = self.values.iter_mut().find(|own| own.name == name) {
            (own.value, own.given) = (value, own.given | given);
            return Ok(());
        }
        let names: Vec<&str> = self.values.iter().map(|own| own.name.as_str()).collect();
        Err(match names.as_slice() {
            [] => Complaint::new(None, format!("there is no parameter {name}: this recipe has none"))
                .help("Leave --set out, or change a copy of the recipe"),
            _ => unknown("parameter", name, &names),
        })
    }

    /// The tree with values in the places of `$name`.
    ///
    /// # Errors
    /// Names that are none, parameters without a value, and values that were given and decide nothing.
    pub fn fill(&self, tree: &Tree) -> Result<Tree, Complaint> {
        let mut used = BTreeSet::new();
        let filled = self.filled(tree, &mut used, 0)?;
        let idle =
            self.values.iter().find(|own| own.given && !self.idle && !used.contains(own.name.as_str()));
        if let Some(idle) = idle {
            let of = self
                .variant
                .as_ref()
                .map_or_else(String::new, |variant| format!(" in the variant {variant}"));
            let used: Vec<&str> = used.into_iter().collect();
            let help = if used.is_empty() {
                "Nothing can be set there".to_owned()
            } else {
                format!("What can be set there: {}", used.join(", "))
            };
            return Err(
                Complaint::new(None, format!("the parameter {} decides nothing{of}", idle.name)).help(help)
            );
        }
        Ok(filled)
    }

    fn filled<'a>(
        &'a self,
        tree: &Tree,
        used: &mut BTreeSet<&'a str>,
        depth: usize,
    ) -> Result<Tree, Complaint> {
        self.placed.set(self.placed.get() + 1);
        if self.placed.get() > MOST_VALUES {
            return Err(Complaint::new(tree.at, "too large a recipe with all parameters in their places"));
        }
        let value = match &tree.value {
            Value::Text(text) if text.contains('$') && !self.values.is_empty() => {
                return self.text(text, tree.at, used, depth);
            }
            Value::List(items) => Value::List(
                items.iter().map(|item| self.filled(item, used, depth)).collect::<Result<_, _>>()?,
            ),
            Value::Map(entries) => {
                let mut filled = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let text = match self
                        .filled(&Tree { at: key.at, value: Value::Text(key.text.clone()) }, used, depth)?
                        .value
                    {
                        Value::Text(text) => text,
                        other => {
                            let kind = Tree { at: key.at, value: other }.kind();
                            return Err(Complaint::new(key.at, format!("a key is a text, not {kind}")));
                        }
                    };
                    filled.push((Key { at: key.at, text }, self.filled(value, used, depth)?));
                }
                Value::Map(filled)
            }
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {
                tree.value.clone()
            }
        };
        Ok(Tree { at: tree.at, value })
    }

    /// A text with values in it; one that is but a name becomes that value, whatever it is.
    fn text<'a>(
        &'a self,
        text: &str,
        at: At,
        used: &mut BTreeSet<&'a str>,
        depth: usize,
    ) -> Result<Tree, Complaint> {
        if depth == DEEPEST {
            return Err(Complaint::new(at, "parameters name one another in a circle"));
        }
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            whole.push_str(before);
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            let (name, behind) = after.split_at(end);
            let Some(own) = self.values.iter().find(|own| own.name == name) else {
                let names: Vec<&str> = self.values.iter().map(|own| own.name.as_str()).collect();
                return Err(Complaint { at: Some(at), ..unknown("parameter", name, &names) });
            };
            used.insert(own.name.as_str());
            if matches!(own.value.value, Value::Null) {
                let message = format!("the parameter {name} has no value of its own");
                return Err(Complaint::new(at, message).help(format!("Give it with --set {name}=VALUE")));
            }
            let mut value = self.filled(&own.value, used, depth + 1)?;
            if own.given {
                move_to(&mut value, at);
            }
            if before.is_empty() && behind.is_empty() && whole.is_empty() {
                return Ok(value);
            }
            match &value.value {
                Value::Text(text) => whole.push_str(text),
                Value::Int(_) | Value::Float(_) | Value::Bool(_) => whole.push_str(&value.kind()),
                Value::Null | Value::List(_) | Value::Map(_) => {
                    let message = format!("{name} is {}, and stands in a text", value.kind());
                    return Err(Complaint::new(at, message));
                }
            }
            rest = behind;
        }
        whole.push_str(rest);
        Ok(Tree { at, value: Value::Text(whole) })
    }
}

/// Puts a tree at another place, with all that is in it.
fn move_to(tree: &mut Tree, at: At) {
    tree.at = at;
    match &mut tree.value {
        Value::List(items) => items.iter_mut().for_each(|item| move_to(item, at)),
        Value::Map(entries) => {
            for (key, value) in entries {
                key.at = at;
                move_to(value, at);
            }
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
parameters: { level: 3, step: { blur: $level }, path: }
variants:
  sharp: { step: { sharpen: [$level, 1] } }
  plain: { step: { noop: {} } }
variant: sharp
recipe:
  - { name: $step, as: 'x-$level-y', $name: 1 }
";

    fn filled(variant: Option<&str>, set: &[(&str, &str)]) -> Result<String, String> {
        let file = tree::parse(FILE, "recipe").unwrap();
        let set: Vec<(String, String)> =
            set.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let recipe = find(&file, "recipe").unwrap();
        let said =
            |complaint: Complaint| format!("{} {}", complaint.message, complaint.help.unwrap_or_default());
        let parameters = Parameters::of(&file, Asked { variant, set: &set, idle: false }).map_err(said)?;
        let mut recipe = recipe.clone();
        if let Value::List(items) = &mut recipe.value
            && let Value::Map(entries) = &mut items[0].value
        {
            entries.retain(|(key, _)| key.text != "$name");
        }
        let filled = parameters.fill(&recipe).map_err(said)?;
        Ok(plain(&filled))
    }

    fn plain(tree: &Tree) -> String {
        match &tree.value {
            Value::List(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(" ")),
            Value::Map(entries) => {
                let all: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{}={}", key.text, plain(value))).collect();
                format!("{{{}}}", all.join(" "))
            }
            Value::Text(text) => text.clone(),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => tree.kind(),
        }
    }

    #[test]
    fn values_stand_in_the_places_of_names() {
        assert_eq!(filled(None, &[]).unwrap(), "[{name={blur=3} as=x-3-y}]");
        assert_eq!(filled(Some("sharp"), &[("level", "2")]).unwrap(), "[{name={sharpen=[2 1]} as=x-2-y}]");
        assert_eq!(
            filled(None, &[("step", "{ $level: 1 }"), ("level", "a:b")]).unwrap(),
            "[{name={a:b=1} as=x-a:b-y}]"
        );
        let file = tree::parse(FILE, "recipe").unwrap();
        assert_eq!(variants(&file).unwrap(), (vec!["sharp".into(), "plain".into()], Some("sharp".into())));
    }

    /// Each parameter names the next one ten times.
    #[test]
    fn values_that_multiply_are_bounded() {
        let ten = |name: &str| format!("[{}]", [name; 10].join(", "));
        let text = format!(
            "parameters: {{ a: {}, b: {}, c: {}, d: {}, e: {}, f: 1 }}\nrecipe: $a\n",
            ten("$b"),
            ten("$c"),
            ten("$d"),
            ten("$e"),
            ten("$f"),
        );
        let file = tree::parse(&text, "recipe").unwrap();
        let parameters = Parameters::of(&file, Asked::default()).unwrap();
        let complaint = parameters.fill(find(&file, "recipe").unwrap()).unwrap_err();
        assert!(complaint.message.contains("too large a recipe"), "{}", complaint.message);
    }

    #[test]
    fn what_cannot_be_is_told() {
        for (variant, set, said) in [
            (Some("shrp"), &[][..], "unknown variant \"shrp\"; did you mean \"sharp\"?"),
            (None, &[("levle", "1")], "unknown parameter \"levle\"; did you mean \"level\"?"),
            (None, &[("path", "1")], "the parameter path decides nothing"),
            (None, &[("level", "[")], "--set level:"),
            (None, &[("level", "[1]")], "level is a list, and stands in a text"),
            (None, &[("level", "$step")], "in a circle"),
            (
                None,
                &[("step", "$path")],
                "the parameter path has no value of its own Give it with --set path=VALUE",
            ),
            (None, &[("step", "$other")], "unknown parameter \"other\""),
        ] {
            let error = filled(variant, set).unwrap_err();
            assert!(error.contains(said), "{variant:?} {set:?}: {error}");
        }
    }
}

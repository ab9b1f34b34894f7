//! Sizes that a file does not give: images keep their own, with a word on it, because a size decides nothing about what is drawn.

use super::super::chance;
use super::super::given::option;
use super::super::libraries;
use super::super::tree::{Bound, Translator};
use super::super::value::{V, Val};

impl<'a> Translator<'a> {
    /// What of the sizes called `names` is not known, as in "image_size is", and what gives it.
    fn unknown_size(&self, bound: &Bound<'_, 'a>, names: &[&str]) -> Option<(String, String)> {
        let mut unknown = Vec::new();
        for value in names.iter().filter_map(|name| bound.passed(name)) {
            self.unknown_in(value, &mut unknown);
        }
        let all: Vec<&str> = unknown.iter().map(|(name, _)| name.as_str()).collect();
        let (last, others) = all.split_last()?;
        let is = if others.is_empty() { "is" } else { "are" };
        let options: Vec<String> =
            unknown.iter().filter(|(_, given)| *given).map(|(name, _)| option(name, "VALUE")).collect();
        let all =
            if others.is_empty() { (*last).to_owned() } else { format!("{} and {last}", others.join(", ")) };
        let remedy =
            if options.is_empty() { String::new() } else { format!("; {} gives it", options.join(" ")) };
        Some((format!("{all} {is}"), remedy))
    }

    /// What of a size is not known, and whether an option gives it.
    fn unknown_in(&self, value: &Val<'a>, unknown: &mut Vec<(String, bool)>) {
        let written = || self.lines.written(value.at).map(str::to_owned);
        let found = match &value.kind {
            V::List(items) | V::Tuple(items) => {
                items.iter().for_each(|item| self.unknown_in(item, unknown));
                return;
            }
            V::Dict(entries) => {
                entries.iter().for_each(|(_, value)| self.unknown_in(value, unknown));
                return;
            }
            V::Unknown(why) => match &why.set {
                Some(set) => (set.clone(), true),
                None => (written().unwrap_or_else(|| "the size".to_owned()), false),
            },
            V::Path(path) if !libraries::known(path) => (written().unwrap_or_else(|| path.to_string()), true),
            // Drawn once, when the file runs.
            V::Call(_) if chance::draw(value).is_some() => {
                let source = self.lines.source(value.at).filter(|source| !source.contains('\n'));
                (source.map_or_else(|| "the size".to_owned(), str::to_owned), false)
            }
            V::None
            | V::Bool(_)
            | V::Int(_)
            | V::Float(_)
            | V::Text(_)
            | V::Path(_)
            | V::Call(_)
            | V::Function(_)
            | V::Class(_)
            | V::Object(_) => return,
        };
        if !unknown.contains(&found) {
            unknown.push(found);
        }
    }

    /// Whether a transform that only brings images to a size is left out, because the size is not known.
    pub(super) fn left_size(&mut self, bound: &Bound<'_, 'a>, names: &[&str]) -> bool {
        let Some((unknown, remedy)) = self.unknown_size(bound, names) else { return false };
        let name = bound.call.name();
        let message =
            format!("{name} is left out, because {unknown} not known, and images keep their size{remedy}");
        self.warn(bound.call.name_at, message);
        self.unsized_steps = true;
        true
    }

    /// Whether what a crop gives has the size of the image itself, because the sizes called `names` are not known.
    pub(super) fn own_size(&mut self, bound: &Bound<'_, 'a>, names: &[&str]) -> bool {
        let Some((unknown, remedy)) = self.unknown_size(bound, names) else { return false };
        let name = bound.call.name();
        let message = format!(
            "the size that {name} gives is that of the image here, because {unknown} not known{remedy}"
        );
        self.warn(bound.call.name_at, message);
        self.unsized_steps = true;
        true
    }
}

//! Chooses among the pipelines of a file: the one that is wanted, or, where nobody said, by what they do, what they
//! are called, where they stand and how long they are. What is left out is told.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::coins::Uses;
use super::eval::{Eval, Res, is_pipeline};
use super::find::{Candidate, Found};
use super::libraries::{self, Role};
use super::syntax::Range;
use super::value::{V, Val};
use super::{Line, Wanted};
use crate::text::complaint::Complaint;

/// How many pipelines a message names.
const MOST: usize = 12;

/// How many values of a pipeline are searched for calls.
const MAX_SEARCH: usize = 2000;

/// Words of names by which people tell pipelines for training from others.
const TRAIN: &[&str] = &["train", "training", "trn", "tr"];
const AUGMENT: &[&str] = &[
    "aug",
    "augs",
    "augment",
    "augmented",
    "augmenter",
    "augmenters",
    "augmentation",
    "augmentations",
    "augmentor",
];

/// Words for what is done to check a network, or to masks and labels.
const OTHER: &[&str] = &[
    "dev",
    "eval",
    "evaluate",
    "evaluation",
    "infer",
    "inference",
    "label",
    "labels",
    "mask",
    "masks",
    "predict",
    "prediction",
    "show",
    "target",
    "test",
    "testing",
    "tst",
    "tta",
    "val",
    "valid",
    "validate",
    "validation",
    "visualisation",
    "visualization",
];

/// What a name says of a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Purpose {
    Training,
    Unsaid,
    Checking,
}

/// The pipelines to try, the best first; of one that is wanted there is nothing else.
pub(super) struct Choice<'a> {
    pub(super) found: Vec<Found<'a>>,
    /// How the others are taken, for the help of an error.
    pub(super) others: Option<String>,
}

pub(super) struct Finder<'a> {
    pub(super) eval: Eval<'a>,
    /// The calls of all pipelines.
    pub(super) uses: Rc<Uses>,
}

impl Candidate<'_> {
    /// All names, from the outermost function to the last key.
    fn full(&self) -> Vec<&str> {
        self.path.iter().chain(&self.label).map(String::as_str).collect()
    }

    /// Whether a library takes it for a pipeline.
    pub(super) fn counts(&self) -> bool {
        !matches!(self.role(), Role::Other)
    }

    /// Whether it is known to change images.
    pub(super) fn augments(&self) -> bool {
        matches!(self.role(), Role::Augments)
    }

    fn role(&self) -> Role {
        match &self.value.kind {
            V::Call(call) => libraries::of(&call.path).map_or(Role::Other, |library| (library.role)(call)),
            _ => Role::Augments,
        }
    }

    /// Of a network, what stands in front of it, if that is a pipeline.
    fn without_network(&mut self) {
        if let V::Call(call) = &self.value.kind
            && let Some(front) = libraries::front(call)
        {
            self.value.kind = V::Call(Rc::new(front));
        }
    }

    /// What is not known of a list of layers in which none is seen.
    fn unread(&self) -> Option<Complaint> {
        let V::Call(call) = &self.value.kind else { return None };
        let list = call.args.first().or_else(|| call.keywords.first().map(|(.., value)| value))?;
        let unknown = |value: &Val<'_>| value.why().map(|why| why.complaint.clone());
        unknown(list).or_else(|| list.items()?.iter().find_map(unknown))
    }

    /// Whether it is called as its library's pipelines are, and not a piece of one.
    pub(super) fn is_named_whole(&self) -> bool {
        matches!(&self.value.kind, V::Call(call) if libraries::of(&call.path).is_some_and(|own| own.is_whole(call)))
    }

    /// Whether it is a pipeline and not a piece of one: called as pipelines are, or with a list of steps.
    fn is_whole(&self) -> bool {
        let steps = |value: &Val<'_>| value.items().is_some_and(|items| items.iter().any(is_pipeline));
        self.is_named_whole()
            || matches!(&self.value.kind, V::Call(call)
                if call.args.iter().any(steps) || call.keywords.iter().any(|(.., value)| steps(value)))
    }

    /// What the innermost name that says anything says.
    fn purpose(&self) -> Purpose {
        let said = self.full().into_iter().rev().map(purpose).find(|own| *own != Purpose::Unsaid);
        said.unwrap_or(Purpose::Unsaid)
    }

    /// What others are only second to; those that are equal may stand in for each other.
    fn class(&self) -> (bool, bool, Purpose) {
        let purpose = self.purpose();
        (purpose == Purpose::Checking, !self.is_whole(), purpose)
    }
}

fn purpose(name: &str) -> Purpose {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_uppercase() && before.is_lowercase();
        if (begins || !c.is_alphabetic()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.push(word);
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    match (any(TRAIN), any(OTHER)) {
        (true, false) => Purpose::Training,
        (false, true) => Purpose::Checking,
        (false, false) if any(AUGMENT) => Purpose::Training,
        // get_train_and_test says nothing, either.
        (true, true) | (false, false) => Purpose::Unsaid,
    }
}

/// How many calls are in a value, as far as they are counted.
fn size(value: &Val<'_>) -> usize {
    let mut calls = 0;
    let mut open = vec![value];
    for _ in 0..MAX_SEARCH {
        let Some(value) = open.pop() else { break };
        match &value.kind {
            V::Call(call) => {
                calls += 1;
                open.extend(&call.args);
                open.extend(call.keywords.iter().map(|(.., value)| value));
            }
            V::List(items) | V::Tuple(items) => open.extend(items.iter()),
            _ => {}
        }
    }
    calls
}

impl<'a> Finder<'a> {
    pub(super) fn choose(&mut self, wanted: &Wanted<'_>) -> Res<Choice<'a>> {
        let used = self.used();
        let mut all = std::mem::take(&mut self.eval.candidates);
        all.iter_mut().for_each(Candidate::without_network);
        if let Some(line) = &wanted.line {
            return self.on_line(all, line).map(one);
        }
        let unread = all.iter().find_map(Candidate::unread);
        all.retain(|own| !own.ids.iter().any(|id| used.contains(id)) && !matches!(own.role(), Role::Other));
        let mut warnings = Vec::new();
        let mut roots: Vec<Candidate<'a>> = Vec::new();
        for candidate in all {
            let same = |root: &Candidate<'_>| !candidate.label.is_empty() && root.full() == candidate.full();
            if let Some(i) = roots.iter().position(same) {
                let old = roots.remove(i);
                let name = candidate.label.join(".");
                if !old.value.alike(&candidate.value) {
                    warnings.push((
                        old.at,
                        format!("{name} is assigned again further down; the last one is taken"),
                    ));
                }
            }
            roots.push(candidate);
        }
        if let Some(name) = wanted.name {
            return self.named(roots, name, warnings).map(one);
        }
        if roots.is_empty()
            && let Some(at) = self.eval.layer_at
        {
            let complaint =
                self.eval.complain(at, "this layer stands alone, and in no pipeline that is read");
            let alone = || complaint.help(format!("Expected {}", libraries::examples()));
            return Err(unread.unwrap_or_else(alone));
        }
        self.best(roots, warnings)
    }

    /// The pipelines to try where nobody said which, the best first.
    fn best(&mut self, roots: Vec<Candidate<'a>>, mut warnings: Vec<(Range, String)>) -> Res<Choice<'a>> {
        let (augmenting, idle): (Vec<_>, Vec<_>) =
            roots.into_iter().partition(|root| matches!(root.role(), Role::Augments));
        let (mut roots, idle) = if augmenting.is_empty() { (idle, Vec::new()) } else { (augmenting, idle) };
        let spoken: Vec<&Candidate<'_>> = idle.iter().filter(|own| own.is_named_whole()).collect();
        if let Some(first) = spoken.first() {
            let names = self.list(spoken.iter().copied());
            warnings.push((first.at, format!("augmenting nothing, and left out: {names}")));
        }
        // What the file itself makes goes before what its functions would make.
        roots.sort_by_key(|own| {
            let (checking, piece, purpose) = own.class();
            (checking, piece, !own.path.is_empty(), purpose, usize::MAX - size(&own.value))
        });
        let mut distinct: Vec<Candidate<'a>> = Vec::new();
        for own in roots {
            if !distinct.iter().any(|other| other.value.alike(&own.value)) {
                distinct.push(own);
            }
        }
        let Some(first) = distinct.first() else {
            return Err(Complaint::new(None, "there is no pipeline in this file")
                .help(format!("Expected {}", libraries::examples())));
        };
        let class = first.class();
        let ways: Vec<String> = distinct.iter().map(|own| self.way(own, &distinct)).collect();
        let places: Vec<String> = distinct.iter().map(|own| self.list(std::iter::once(own))).collect();
        let others = |taken: usize| -> Option<String> {
            let all: Vec<&str> =
                ways.iter().enumerate().filter(|(i, _)| *i != taken).map(|(_, way)| way.as_str()).collect();
            let more = all.len().saturating_sub(MOST);
            let list = all.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
            match (all.len(), more) {
                (0, _) => None,
                (_, 0) => Some(list),
                (_, more) => Some(format!("{list} and {more} more")),
            }
        };
        let length = size(&first.value);
        let augments = matches!(first.role(), Role::Augments);
        let mut found = Vec::new();
        let all_others = others(0);
        for (i, own) in distinct.into_iter().enumerate() {
            // What is much shorter does not stand in for it.
            if own.class() != class || 2 * size(&own.value) < length {
                continue;
            }
            let mut told = warnings.clone();
            if let Some(others) = others(i) {
                let kind = if augments { " that augment" } else { "" };
                let message = format!(
                    "of {} pipelines{kind}, {} is taken; take another with {others}",
                    ways.len(),
                    places[i]
                );
                told.push((own.at, message));
            }
            found.push(self.found(own, told));
        }
        Ok(Choice { found, others: all_others })
    }

    /// The option that takes a pipeline.
    fn way(&self, own: &Candidate<'a>, all: &[Candidate<'a>]) -> String {
        let full = own.full();
        let alone = all.iter().filter(|other| other.full() == full).count() == 1;
        if !full.is_empty() && alone {
            return format!("--name {}", full.join("."));
        }
        let at = self.eval.lines.at(own.at);
        let line = Line {
            cell: at.cell.map(|cell| cell.number),
            line: at.line - at.cell.map_or(0, |cell| cell.before),
        };
        format!("--line {line}")
    }

    /// The assignments that pipelines were made of, those that functions return among them.
    fn used(&self) -> BTreeSet<u32> {
        let mut used: BTreeSet<u32> = BTreeSet::new();
        let mut open: Vec<u32> = Vec::new();
        // A network uses what is in front of it and takes nothing from the choice.
        for candidate in self.eval.candidates.iter().filter(|own| !matches!(own.role(), Role::Other)) {
            open.extend(candidate.reads.iter().filter(|id| !candidate.ids.contains(id)));
        }
        while let Some(id) = open.pop() {
            if !used.insert(id) {
                continue;
            }
            let function = self.eval.markers.iter().find(|(_, marker)| **marker == id);
            if let Some(reads) = function.and_then(|(name, _)| self.eval.returned.get(name)) {
                open.extend(reads);
            }
        }
        used
    }

    /// The functions that a pipeline stands in, or that were called for it.
    fn functions_of(&self, own: &Candidate<'a>) -> Vec<Vec<String>> {
        let mut functions = vec![own.path.clone()];
        let mut open = own.reads.clone();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            if let Some((name, _)) = self.eval.markers.iter().find(|(_, marker)| **marker == id) {
                functions.push(name.split('.').map(str::to_owned).collect());
                open.extend(self.eval.returned.get(name).into_iter().flatten());
            }
        }
        functions
    }

    fn found(&self, own: Candidate<'a>, mut warnings: Vec<(Range, String)>) -> Found<'a> {
        for id in &own.reads {
            if let Some(default) = self.eval.defaults.get(id) {
                warnings.push(default.clone());
            }
        }
        warnings.extend(self.eval.warnings.iter().cloned());
        let functions = self.functions_of(&own);
        warnings.extend(self.eval.deciding(&own, &functions));
        for (path, at, words) in &self.eval.guesses {
            if functions.contains(path) {
                warnings.push((*at, words.clone()));
            }
        }
        let name = own.full().join(".");
        Found { name, value: own.value, warnings, uses: Rc::clone(&self.uses) }
    }

    fn list<'c>(&self, all: impl Iterator<Item = &'c Candidate<'a>>) -> String
    where
        'a: 'c,
    {
        let one = |own: &Candidate<'_>| {
            let line = self.eval.lines.place(own.at);
            let name = own.full().join(".");
            format!("{} ({line})", if name.is_empty() { "one without a name" } else { &name })
        };
        all.map(one).collect::<Vec<_>>().join(", ")
    }

    fn several(&self, roots: &[Candidate<'a>]) -> Complaint {
        let list = self.list(roots.iter().take(20));
        let count = if roots.len() == 2 { "two".to_owned() } else { roots.len().to_string() };
        let message = format!("{count} pipelines of this name: {list}");
        let at = roots.get(1).map(|root| self.eval.lines.at(root.at));
        let ways: Vec<String> = roots.iter().take(MOST).map(|root| self.way(root, roots)).collect();
        Complaint::new(at, message).help(format!("Say which with {}", ways.join(" or ")))
    }

    fn on_line(&mut self, all: Vec<Candidate<'a>>, line: &Line) -> Res<Found<'a>> {
        let mut on: Vec<Candidate<'a>> = all
            .into_iter()
            .filter(|own| !matches!(own.role(), Role::Other) && self.eval.lines.covers(own.at, line))
            .collect();
        // The whole, where pieces of it stand on the same line.
        let widest = on.iter().map(|own| own.at.end - own.at.start).max().unwrap_or(0);
        on.retain(|own| own.at.end - own.at.start == widest);
        match on.pop() {
            Some(own) => Ok(self.found(own, Vec::new())),
            None => Err(Complaint::new(None, format!("--line {line}: there is no pipeline on this line"))
                .help(format!("Expected {}", libraries::examples()))),
        }
    }

    fn named(
        &mut self,
        mut roots: Vec<Candidate<'a>>,
        wanted: &str,
        warnings: Vec<(Range, String)>,
    ) -> Res<Found<'a>> {
        let parts: Vec<&str> = wanted.split('.').filter(|part| *part != "self").collect();
        let fits = |own: &Candidate<'_>| {
            let full = own.full();
            let mut rest = full.iter();
            parts.iter().all(|part| rest.any(|name| name == part))
        };
        let others: Vec<String> =
            roots.iter().map(|own| own.full().join(".")).filter(|name| !name.is_empty()).collect();
        // The whole name, then what is called so, then what lies below it; those that augment first.
        let rank = |own: &Candidate<'_>| {
            let full = own.full();
            let idle = u8::from(!matches!(own.role(), Role::Augments));
            let near = if full == parts {
                0
            } else if full.last() == parts.last() {
                1
            } else {
                2
            };
            (near, idle)
        };
        roots.retain(fits);
        let best = roots.iter().map(rank).min();
        roots.retain(|own| Some(rank(own)) == best);
        if roots.len() > 1 {
            return Err(self.several(&roots));
        }
        if let Some(own) = roots.pop() {
            return Ok(self.found(own, warnings));
        }
        if let Some(value) = self.value_of(wanted, &parts) {
            let own = Candidate {
                path: Vec::new(),
                label: Vec::new(),
                ids: Vec::new(),
                at: value.at,
                reads: self.eval.reads.clone(),
                value,
            };
            return Ok(self.found(own, Vec::new()));
        }
        let complaint = Complaint::new(None, format!("--name {wanted}: there is no pipeline of this name"));
        Err(if others.is_empty() {
            complaint
        } else {
            complaint.help(format!("There is {}", others.join(", ")))
        })
    }

    /// What a name is worth that is no pipeline by itself: a list, or a function, which is called with its defaults.
    fn value_of(&mut self, wanted: &str, parts: &[&str]) -> Option<Val<'a>> {
        let value = if let Some(binding) = self.eval.globals.get(wanted) {
            binding.value.clone()
        } else {
            let (last, outer) = parts.split_last()?;
            let frame = self.eval.locals.get(outer.join(".").as_str())?;
            frame.get(*last)?.value.clone()
        };
        let V::Function(function) = &value.kind else { return Some(value) };
        let positional = function.params.positional.iter().chain(&function.params.keyword_only);
        let mut keywords = Vec::new();
        let function = Rc::clone(function);
        self.eval.path = function.name.split('.').map(str::to_owned).collect();
        self.eval.reads.clear();
        for param in positional {
            let (own, words) = self.eval.parameter(param, None, &function);
            if let Some(words) = words {
                self.eval.warnings.push((param.at, words));
            }
            keywords.push((param.name.clone(), param.at, own));
        }
        self.eval.path.clear();
        let result = self.eval.apply(&function, Vec::new(), keywords, None, value.at);
        Some(match result {
            Ok(own) if is_pipeline(&own) || own.items().is_some() || own.why().is_some() => own,
            Ok(_) => return None,
            Err(complaint) => Val::unknown(value.at, complaint),
        })
    }
}

/// The one that is wanted.
fn one(found: Found<'_>) -> Choice<'_> {
    Choice { found: vec![found], others: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_pipeline_is_for() {
        for (name, expected) in [
            ("train_transform", Purpose::Training),
            ("TrainTransform", Purpose::Training),
            ("data_augmentation", Purpose::Training),
            ("transform", Purpose::Unsaid),
            ("valTransforms", Purpose::Checking),
            ("test_time_augmentation", Purpose::Checking),
            ("train_test_loaders", Purpose::Unsaid),
            ("latest", Purpose::Unsaid),
            ("mask_datagen", Purpose::Checking),
        ] {
            assert_eq!(purpose(name), expected, "{name}");
        }
    }
}

//! Operations of other libraries that have no counterpart: they are left out, with a word on what is missing, where
//! something else of the pipeline stays; alone they are an error.

use super::syntax::Range;
use super::tree::Translator;
use crate::pipeline::combinators::ENTRIES;
use crate::text::complaint::Complaint;
use crate::text::tree::{Tree, Value};

impl Translator<'_> {
    /// Leaves out the operation at `at`, of which `complaint` says what is nearest.
    pub(super) fn without(&mut self, at: Range, complaint: Complaint) {
        let help = complaint.help.as_ref().map_or(String::new(), |help| format!(". {help}"));
        let message = format!(
            "{}, and is left out: what it does to images is missing{}",
            complaint.message,
            help.trim_end_matches('.')
        );
        self.warn(at, message);
        self.lost = true;
        self.without.get_or_insert(complaint);
    }

    /// Why nothing is left of a pipeline, if something without a counterpart was all that it had.
    pub(super) fn emptied(&mut self, steps: &[Tree]) -> Option<Complaint> {
        self.without.take().filter(|_| !steps.iter().any(does_something))
    }
}

/// Whether a step, or one in it, is more than `noop`.
fn does_something(step: &Tree) -> bool {
    let Value::Map(entries) = &step.value else { return true };
    let [(key, inner)] = entries.as_slice() else { return true };
    if key.text == "noop" {
        return false;
    }
    if !ENTRIES.iter().any(|entry| entry.key == key.text) {
        return true;
    }
    let any = |steps: &Tree| matches!(&steps.value, Value::List(steps) if steps.iter().any(does_something));
    if let Value::Map(fields) = &inner.value {
        return fields.iter().any(|(key, value)| is_branch(&key.text) && any(value));
    }
    any(inner)
}

/// Whether some combinator has steps under this key.
fn is_branch(key: &str) -> bool {
    ENTRIES.iter().any(|entry| entry.branch_keys().any(|own| own == key))
}

//! Images through a pipeline.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::text::At;

use super::{Node, Recipe};

/// Images through a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Augment {
    /// The images.
    pub of: Box<Recipe>,
    /// The rest.
    pub options: Options,
}

impl Node for Augment {
    fn children(&self) -> &[Recipe] {
        std::slice::from_ref(&self.of)
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        std::slice::from_mut(&mut self.of)
    }

    fn makes_copies(&self) -> bool {
        true
    }

    fn seed(&self) -> Option<u64> {
        Some(self.options.seed)
    }
}

/// A pipeline as recipes keep it: its own canonical form, and, where it was just read, where its steps stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PipelineText {
    /// The canonical form.
    pub spec: Value,
    /// What it was read from, for error messages. Manifests do not keep it.
    #[serde(skip)]
    pub written: Option<Written>,
}

/// The text that a pipeline was read from.
#[derive(Clone, Debug)]
pub struct Written {
    /// What the user calls it.
    pub name: String,
    /// The text.
    pub text: String,
    /// The place of each step in it, in pre-order.
    pub places: Vec<Option<At>>,
}

/// Pipelines are equal if they do the same, wherever they stand.
impl PartialEq for PipelineText {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec
    }
}

impl Eq for PipelineText {}

/// What decides the augmented images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The steps.
    pub pipeline: PipelineText,
    /// Which images, and how often.
    pub which: Which,
    /// The images themselves come first.
    #[serde(default)]
    pub keep_originals: bool,
    /// The seed.
    pub seed: u64,
}

/// Which images are augmented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// All, in so many passes: copy `c` of image `i` of `N` is sample `c * N + i`.
    Copies(u64),
    /// So many, drawn with replacement.
    Sample(u64),
}

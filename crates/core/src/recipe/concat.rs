//! Inputs one after the other.

use serde::{Deserialize, Serialize};

use super::{Node, Recipe};

/// Inputs one after the other, split by split; a split that only some of them have consists of those.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concat {
    /// The inputs.
    pub of: Vec<Recipe>,
}

impl Node for Concat {
    fn children(&self) -> &[Recipe] {
        &self.of
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        &mut self.of
    }

    fn makes_copies(&self) -> bool {
        // Several inputs may be made of the same images.
        true
    }

    fn seed(&self) -> Option<u64> {
        None
    }
}

//! All samples, split anew.

use serde::{Deserialize, Serialize};

pub use crate::split::{Options, Size};

use super::{Node, Recipe};

/// All samples, split anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The samples: the splits of this, one after the other.
    pub of: Box<Recipe>,
    /// The rest.
    pub options: Options,
}

impl Node for Split {
    fn children(&self) -> &[Recipe] {
        std::slice::from_ref(&self.of)
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        std::slice::from_mut(&mut self.of)
    }

    fn makes_copies(&self) -> bool {
        false
    }

    fn seed(&self) -> Option<u64> {
        // Its numbers are scikit-learn's, which are drawn once more of the same seed on purpose: train, then validation.
        None
    }
}

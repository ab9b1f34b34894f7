//! Pixels in another order, the same one for all images.

use serde::{Deserialize, Serialize};

use super::stage::{Pipelines, Stage, StageError};
use super::{Node, Recipe, Within};

/// Pixels in another order, the same one for all images: NumPy's `RandomState(seed).permutation(H * W)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permute {
    /// Of these samples.
    pub of: Box<Recipe>,
    /// NumPy's seed.
    pub seed: u32,
}

impl Node for Permute {
    fn children(&self) -> &[Recipe] {
        std::slice::from_ref(&self.of)
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        std::slice::from_mut(&mut self.of)
    }

    fn makes_copies(&self) -> bool {
        false
    }

    // Two orders, one behind the other, are one more order, whatever their seeds.
    fn seed(&self) -> Option<u64> {
        None
    }
}

/// What the stage of a recipe file may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    seed: Option<Within<0, { u32::MAX as u64 }>>,
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let Keys { seed } = stage.read()?;
    let seed = seed.map_or(0, |seed| u32::try_from(seed.get()).unwrap_or(u32::MAX));
    Ok(Permute { of: Box::new(of), seed }.into())
}

//! All samples, split anew.

use serde::{Deserialize, Serialize};

use crate::base::Explain;
pub use crate::split::{Options, Size};

use super::stage::{Pipelines, Stage, StageError, said};
use super::{Node, Recipe};

/// All samples, split anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// What stays together.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Group {
    /// Samples made from the same source image.
    Origin,
}

/// What the stage of a recipe file may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    #[serde(deserialize_with = "said")]
    test_size: Option<Size>,
    #[serde(deserialize_with = "said")]
    val_size: Option<Size>,
    #[serde(deserialize_with = "said")]
    train_size: Option<Size>,
    folds: Option<u32>,
    fold: Option<u32>,
    stratify: bool,
    group: Option<Group>,
    no_shuffle: bool,
    seed: u32,
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let keys: Keys = stage.read()?;
    let options = Options {
        test: keys.test_size,
        train: keys.train_size,
        val: keys.val_size,
        folds: keys.folds,
        fold: keys.fold,
        in_order: keys.no_shuffle,
        stratify: keys.stratify,
        group_origin: keys.group.is_some(),
        seed: keys.seed,
    };
    options.check().map_err(|error| {
        let complaint = stage.complain(stage.at, &error);
        match error.help() {
            Some(help) => complaint.help(help),
            None => complaint,
        }
    })?;
    Ok(Split { of: Box::new(of), options }.into())
}

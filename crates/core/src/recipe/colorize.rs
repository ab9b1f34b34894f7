//! Digits on backgrounds.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::choice::choices;

use super::noise::Share;
use super::stage::{Pipelines, Stage, StageError, said};
use super::tint::{Assign, On, Palette, Said};
use super::{Node, Recipe, Tint, Within};

/// Digits on backgrounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Colorize {
    /// The digits.
    pub of: Box<Recipe>,
    /// Folder of backgrounds; the built-in ones where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backgrounds: Option<PathBuf>,
    /// Pass over files that are no pictures.
    #[serde(default)]
    pub skip_unreadable: bool,
    /// The rest.
    pub options: Options,
}

impl Node for Colorize {
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

    fn forget_paths(&mut self) {
        self.backgrounds = None;
    }
}

choices! {
    /// How digit and background are put together.
    pub enum Style, default Minmax {
        /// Both are gray levels, stretched between random colors.
        Minmax = "minmax",
        /// The absolute difference of the background's colors and the digit, as in MNIST-M.
        Difference = "difference",
        /// The digit is the opacity of a random color over the background.
        Alpha = "alpha",
    }
}

choices! {
    /// How a background of another size is fitted.
    pub enum Fit, default Cover {
        /// Scaled to cover the image, proportions kept, the middle shown.
        Cover = "cover",
        /// Scaled to the image's height and width.
        Stretch = "stretch",
        /// Repeated at its own size from the top left corner.
        Tile = "tile",
        /// A random window at its own size for each output image.
        Crop = "crop",
        /// The same, but never at the lower or right edge, which NumPy's `randint(0, H - h)` leaves out.
        CropRandint = "crop-randint",
    }
}

/// What decides the colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// How digit and background are put together.
    pub style: Style,
    /// How backgrounds are fitted.
    pub fit: Fit,
    /// Backgrounds drawn for each image; without it each image meets every background.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_image: Option<u64>,
    /// Whether each digit is an object, with a box and a mask.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masks: bool,
    /// The seed.
    pub seed: u64,
}

/// A number of backgrounds for each image.
pub type PerImage = Within<1, 1_000_000_000>;

/// What the stage of a recipe file may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    backgrounds: Option<PathBuf>,
    style: Style,
    fit: Fit,
    per_image: Option<PerImage>,
    masks: bool,
    skip_unreadable: bool,
    seed: u64,
    #[serde(deserialize_with = "said")]
    color_by_class: Option<Palette>,
    #[serde(deserialize_with = "said")]
    share: Option<Share>,
    #[serde(deserialize_with = "said")]
    test_share: Option<Share>,
    on: Option<On>,
    #[serde(deserialize_with = "said")]
    jitter: Option<Share>,
    assign: Option<Assign>,
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let keys: Keys = stage.read()?;
    let Keys { color_by_class, share, test_share, on, jitter, assign, .. } = keys;
    let colors = Said { color_by_class, share, test_share, on, jitter, assign };
    if let Some(options) = colors.options(keys.seed) {
        let others = ["backgrounds", "style", "fit", "per_image", "masks", "skip_unreadable"];
        if let Some(other) = others.into_iter().find(|key| stage.option(key).is_some()) {
            let message = format!("{other} is for colors that have nothing to do with the class");
            return Err(stage
                .complain(stage.place(other), message)
                .help("Leave it or color_by_class out")
                .into());
        }
        return Ok(Tint { of: Box::new(of), options }.into());
    }
    if colors.says_more() {
        let message = "there are no colors by class that it could be said of";
        return Err(stage.complain(stage.at, message).help("Add color_by_class, or leave it out").into());
    }
    let Keys { backgrounds, style, fit, per_image, masks, skip_unreadable, seed, .. } = keys;
    let options = Options { style, fit, per_image: per_image.map(Within::get), masks, seed };
    Ok(Colorize { of: Box::new(of), backgrounds, skip_unreadable, options }.into())
}

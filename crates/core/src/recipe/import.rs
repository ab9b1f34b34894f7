//! A leaf: the user's own drawings.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::choice::choices;

use super::{Node, Recipe, Size};

choices! {
    /// Whether light and dark are swapped.
    pub enum Invert, default Auto {
        /// Where ink is darker than the background: what there is less of is ink
        Auto = "auto",
        /// Always
        Yes = "yes",
        /// Never
        No = "no",
    }
}

choices! {
    /// What becomes of the background.
    pub enum Background, default Estimate {
        /// Estimated, however light falls, and taken off; ink is stretched to full contrast
        Estimate = "estimate",
        /// Left as it is; it is light where the mean of the picture is over 128
        Keep = "keep",
    }
}

choices! {
    /// How a drawing becomes an image of the wanted size.
    pub enum Placing, default Stretch {
        /// The whole picture, each axis by itself, as Pillow's resize (bicubic)
        Stretch = "stretch",
        /// As MNIST: the ink's box, proportions kept, in 20x20 of 28x28, its center of mass in the middle
        Mnist = "mnist",
    }
}

/// Drawings, and what decides the images of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Pictures and folders.
    pub files: Vec<PathBuf>,
    /// Name of the split.
    pub split: String,
    /// Whether light and dark are swapped.
    pub invert: Invert,
    /// Height and width of the images.
    pub size: Size,
    /// How drawings are brought to it.
    pub fit: Placing,
    /// Labels; without them, the names of folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Labels>,
    /// Whether pictures are cut at empty rows and columns.
    #[serde(default)]
    pub segment: bool,
    /// What becomes of the background. Recipes of earlier versions do not say: backgrounds are kept, and `stretch` takes means over areas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// Values above it are ink; without it each picture's own level, by Otsu's criterion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<u8>,
}

impl Import {
    /// What becomes of the background where the user does not say: whoever stretches pictures and says whether they are inverted wants
    /// them as they are.
    #[must_use]
    pub fn usual_background(invert: Invert, fit: Placing) -> Background {
        match (invert, fit) {
            (Invert::Yes | Invert::No, Placing::Stretch) => Background::Keep,
            (Invert::Auto, Placing::Stretch) | (_, Placing::Mnist) => Background::Estimate,
        }
    }
}

impl Node for Import {
    fn children(&self) -> &[Recipe] {
        &[]
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        &mut []
    }

    fn makes_copies(&self) -> bool {
        false
    }

    fn seed(&self) -> Option<u64> {
        None
    }

    fn inputs(&self) -> &[PathBuf] {
        &self.files
    }

    fn read_from(&mut self, path: &Path) {
        self.files = vec![path.to_owned()];
    }

    fn forget_paths(&mut self) {
        self.files.clear();
    }
}

/// Labels as they are given by hand: `7`, `3,1,4`, or `314` for the pieces of a strip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Labels(String);

impl std::str::FromStr for Labels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // 300 is no class, but the labels of three pieces.
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if digits || text.split(',').all(|label| label.trim().parse::<u8>().is_ok()) {
            return Ok(Self(text.to_owned()));
        }
        Err(format!("expected a class id from 0 to 255, or several such as 3,1,4; found {text:?}"))
    }
}

impl TryFrom<String> for Labels {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Labels> for String {
    fn from(labels: Labels) -> Self {
        labels.0
    }
}

impl Labels {
    /// As they were given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

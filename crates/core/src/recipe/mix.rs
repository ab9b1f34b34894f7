//! Two images in one, with labels that say how much of each: MixUp and CutMix.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::choice::choices;

use super::noise::Share;
use super::stage::{Pipelines, Stage, StageError, said};
use super::{Node, Recipe};

/// Two images in one, with soft labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// Of these samples.
    pub of: Box<Recipe>,
    /// The rest.
    pub options: Options,
}

impl Node for Mix {
    fn children(&self) -> &[Recipe] {
        std::slice::from_ref(&self.of)
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        std::slice::from_mut(&mut self.of)
    }

    // Every image is one of the two in several samples.
    fn makes_copies(&self) -> bool {
        true
    }

    fn seed(&self) -> Option<u64> {
        Some(self.options.seed)
    }
}

/// How alike the two images are weighted: the parameter of the beta distribution that the weight is drawn from, at both ends.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Alpha(f64);

// It is never NaN.
impl Eq for Alpha {}

impl Alpha {
    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Alpha {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let alpha = text.trim().parse().ok().filter(|alpha| (0.001..=1000.0).contains(alpha));
        alpha.map(Self).ok_or_else(|| format!("expected a number from 0.001 to 1000; found {text:?}"))
    }
}

impl fmt::Display for Alpha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

super::said_as_text!(Alpha);

choices! {
    /// How two images become one.
    pub enum Method, default Mixup {
        /// Values of both, weighted (Zhang et al. 2018).
        Mixup = "mixup",
        /// A rectangle of one image over the other (Yun et al. 2019).
        Cutmix = "cutmix",
        /// One of both, drawn for each sample.
        Either = "either",
    }
}

choices! {
    /// Whose rules hold.
    pub enum Compat, default Own {
        /// Values are rounded; rectangles as torchvision has them.
        Own = "own",
        /// torchvision.transforms.v2: values go through floats of 0 to 1 and are cut off.
        Torchvision = "torchvision",
        /// keras.layers: rectangles lie within the image, their height and width are no whole numbers.
        Keras = "keras",
    }
}

/// How images are mixed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// How two images become one.
    pub method: Method,
    /// Whose rules hold.
    #[serde(default)]
    pub compat: Compat,
    /// What weights are drawn with; where nothing is said, as [`alpha`](Self::alpha) says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpha: Option<Alpha>,
    /// Which share of the samples is mixed.
    pub probability: Share,
    /// The one split that is mixed; all of them where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// The seed.
    pub seed: u64,
}

impl Options {
    /// What weights are drawn with: 1, but 0.2 for Keras' MixUp. Of Keras' CutMix it is the end of the range, from 0 on, that this is
    /// itself drawn from.
    #[must_use]
    pub fn alpha(&self, method: Method) -> f64 {
        let default = match (self.compat, method) {
            (Compat::Keras, Method::Mixup) => 0.2,
            (Compat::Own | Compat::Torchvision | Compat::Keras, _) => 1.0,
        };
        self.alpha.map_or(default, Alpha::get)
    }
}

/// What the stage of a recipe file may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    method: Method,
    compat: Compat,
    #[serde(deserialize_with = "said")]
    alpha: Option<Alpha>,
    #[serde(deserialize_with = "said")]
    probability: Option<Share>,
    only: Option<String>,
    seed: u64,
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let Keys { method, compat, alpha, probability, only, seed } = stage.read()?;
    let probability = probability.unwrap_or(Share::ALL);
    let options = Options { method, compat, alpha, probability, only, seed };
    Ok(Mix { of: Box::new(of), options }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphas_are_understood_and_printed() {
        for (text, printed) in [("1", "1"), (" .2", "0.2"), ("1e2", "100"), ("0.001", "0.001")] {
            assert_eq!(text.parse::<Alpha>().unwrap().to_string(), printed);
        }
        for bad in ["", "0", "-1", "nan", "inf", "1001", "a"] {
            assert!(bad.parse::<Alpha>().is_err(), "{bad}");
        }
    }

    #[test]
    fn alphas_have_the_defaults_of_the_libraries() {
        let options = |compat, alpha: Option<&str>| Options {
            method: Method::Either,
            compat,
            alpha: alpha.map(|alpha| alpha.parse().unwrap()),
            probability: Share::ALL,
            only: None,
            seed: 0,
        };
        let both = |options: Options| [Method::Mixup, Method::Cutmix].map(|method| options.alpha(method));
        assert_eq!(both(options(Compat::Own, None)), [1.0, 1.0]);
        assert_eq!(both(options(Compat::Torchvision, None)), [1.0, 1.0]);
        assert_eq!(both(options(Compat::Keras, None)), [0.2, 1.0]);
        assert_eq!(both(options(Compat::Keras, Some("0.5"))), [0.5, 0.5]);
    }
}

//! Channels as pictures of their own: an axis in front of the rows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::stage::{Pipelines, Stage, StageError, said};
use super::{Node, Recipe};

/// Channels of colored images as gray pictures: arrays of (N, channels, H, W), however many there are of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planes {
    /// The colored images.
    pub of: Box<Recipe>,
    /// Which channels, in which order.
    pub channels: Letters,
}

impl Node for Planes {
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
        None
    }
}

/// Channels by their letters: `rgb`, `rg`, ...
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Letters(Vec<usize>);

/// What channels are called.
const LETTERS: &str = "rgb";

impl Letters {
    /// Their numbers.
    #[must_use]
    pub fn numbers(&self) -> &[usize] {
        &self.0
    }
}

impl Default for Letters {
    fn default() -> Self {
        Self(vec![0, 1, 2])
    }
}

impl FromStr for Letters {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<usize>> = text.trim().chars().map(|letter| LETTERS.find(letter)).collect();
        numbers
            .filter(|numbers| (1..=16).contains(&numbers.len()))
            .map(Self)
            .ok_or_else(|| format!("expected letters of {LETTERS}, such as rg; found {text:?}"))
    }
}

impl fmt::Display for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&number| f.write_str(&LETTERS[number..=number]))
    }
}

super::said_as_text!(Letters);

/// What the stage of a recipe file may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    #[serde(deserialize_with = "said")]
    channels: Option<Letters>,
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let Keys { channels } = stage.read()?;
    Ok(Planes { of: Box::new(of), channels: channels.unwrap_or_default() }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_understood_and_printed() {
        for text in ["rgb", "rg", "b", "gg"] {
            assert_eq!(text.parse::<Letters>().unwrap().to_string(), text);
        }
        for bad in ["", "x", "rgbx", "rgbrgbrgbrgbrgbrgb"] {
            assert!(bad.parse::<Letters>().is_err(), "{bad}");
        }
    }
}

//! Colors that go with the class: digits, or what is behind them, in a color that tells the class as often as one wants it to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::choice::choices;

use super::noise::Share;
use super::{Node, Recipe};

/// Colors that go with the class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tint {
    /// The gray images.
    pub of: Box<Recipe>,
    /// The rest.
    pub options: Options,
}

impl Node for Tint {
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
        Some(self.options.seed)
    }
}

/// Colors, each red, green and blue from 0 to 255: `lff`, `rebias`, `lnl`, or `#rrggbb,#rrggbb,...`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Palette(String);

/// The mean colors of Nam et al. 2020, to two decimals.
#[expect(clippy::approx_constant, reason = "a color that looks like a circle's constant")]
const LFF: &[[f64; 3]] = &[
    [250.84, 79.69, 42.99],
    [252.59, 233.48, 89.64],
    [171.61, 117.57, 147.85],
    [199.73, 212.05, 153.34],
    [22.44, 198.38, 250.36],
    [81.96, 245.07, 113.85],
    [6.28, 60.09, 193.46],
    [141.59, 25.90, 194.25],
    [52.97, 100.20, 4.77],
    [212.58, 51.61, 68.07],
];

/// The colors of Bahng et al. 2020.
const REBIAS: &[[f64; 3]] = &[
    [255.0, 0.0, 0.0],
    [0.0, 255.0, 0.0],
    [0.0, 0.0, 255.0],
    [225.0, 225.0, 0.0],
    [225.0, 0.0, 225.0],
    [0.0, 255.0, 255.0],
    [255.0, 128.0, 0.0],
    [255.0, 0.0, 128.0],
    [128.0, 0.0, 255.0],
    [128.0, 128.0, 128.0],
];

/// The mean colors that are used for those of Kim et al. 2019.
const LNL: &[[f64; 3]] = &[
    [220.0, 20.0, 60.0],
    [0.0, 128.0, 128.0],
    [253.0, 233.0, 16.0],
    [0.0, 149.0, 182.0],
    [237.0, 145.0, 33.0],
    [145.0, 30.0, 188.0],
    [70.0, 240.0, 240.0],
    [250.0, 197.0, 187.0],
    [210.0, 245.0, 60.0],
    [128.0, 0.0, 0.0],
];

/// Palettes with a name.
const NAMED: &[(&str, &[[f64; 3]])] = &[("lff", LFF), ("rebias", REBIAS), ("lnl", LNL)];

impl Palette {
    /// Its colors, at least two.
    #[must_use]
    pub fn colors(&self) -> Vec<[f64; 3]> {
        match NAMED.iter().find(|(name, _)| *name == self.0) {
            Some((_, colors)) => colors.to_vec(),
            None => self.0.split(',').filter_map(color).collect(),
        }
    }
}

fn color(text: &str) -> Option<[f64; 3]> {
    let digits = text.trim().strip_prefix('#').unwrap_or(text.trim());
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok().map(f64::from);
    Some([part(0)?, part(2)?, part(4)?])
}

impl FromStr for Palette {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let names = || NAMED.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        if NAMED.iter().any(|(name, _)| *name == text) {
            return Ok(Self(text.to_owned()));
        }
        let bad = |part: &str| {
            format!("expected colors such as #ff0000,#00ff00, or one of {}; found {part:?}", names())
        };
        let mut colors = Vec::new();
        for part in text.split(',') {
            let [r, g, b] = color(part).ok_or_else(|| bad(part))?;
            colors.push(format!("#{:02x}{:02x}{:02x}", r as u8, g as u8, b as u8));
        }
        if (2..=256).contains(&colors.len()) { Ok(Self(colors.join(","))) } else { Err(bad(text)) }
    }
}

impl fmt::Display for Palette {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

super::said_as_text!(Palette);

choices! {
    /// What has the color.
    pub enum On, default Digit {
        /// The digit, on black.
        Digit = "digit",
        /// What is behind the digit; every pixel of the digit is white.
        Background = "background",
    }
}

choices! {
    /// Which image has which color.
    pub enum Assign, default Each {
        /// Drawn for each image by itself.
        Each = "each",
        /// Counted: of each class in file order, so many of the first color, then of the second one, as in LfF.
        Counted = "counted",
        /// Exact numbers of each class, whose images are shuffled, as in ReBias.
        Shuffled = "shuffled",
    }
}

/// What decides the colors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The colors; class c has color c, and those beyond begin again.
    pub palette: Palette,
    /// The share of images that have the color of their class; the others share the other colors evenly.
    pub share: Share,
    /// The same in the split `test`, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_share: Option<Share>,
    /// What has the color.
    #[serde(default)]
    pub on: On,
    /// Deviation of the color of each image, in each channel, of 0 to 1.
    pub jitter: Share,
    /// Which image has which color.
    #[serde(default)]
    pub assign: Assign,
    /// The seed.
    pub seed: u64,
}

/// What may be said of them on a command line, or in a stage of a recipe file.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The colors; none: digits get colors of another kind.
    pub color_by_class: Option<Palette>,
    /// The share of images that have the color of their class.
    pub share: Option<Share>,
    /// The same in the split `test`.
    pub test_share: Option<Share>,
    /// What has the color.
    pub on: Option<On>,
    /// Deviation of the color of each image.
    pub jitter: Option<Share>,
    /// Which image has which color.
    pub assign: Option<Assign>,
}

impl Said {
    /// The options that it is, with a seed; none if there are no colors by class.
    #[must_use]
    pub fn options(&self, seed: u64) -> Option<Options> {
        let palette = self.color_by_class.clone()?;
        Some(Options {
            palette,
            share: self.share.unwrap_or(Share::ALL),
            test_share: self.test_share,
            on: self.on.unwrap_or_default(),
            jitter: self.jitter.unwrap_or_default(),
            assign: self.assign.unwrap_or_default(),
            seed,
        })
    }

    /// Whether something is said without which colors by class would be drawn.
    #[must_use]
    pub fn says_more(&self) -> bool {
        self.share.is_some()
            || self.test_share.is_some()
            || self.on.is_some()
            || self.jitter.is_some()
            || self.assign.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn palettes_are_understood_and_printed() {
        for (text, printed, count) in
            [("lff", "lff", 10), ("rebias", "rebias", 10), ("#FF0000, 00ff00", "#ff0000,#00ff00", 2)]
        {
            let palette: Palette = text.parse().unwrap();
            assert_eq!((palette.to_string().as_str(), palette.colors().len()), (printed, count));
        }
        for bad in ["", "#ff0000", "red,blue", "#ff00,#00ff00", "#fffff\u{e4},#000000"] {
            assert!(bad.parse::<Palette>().is_err(), "{bad}");
        }
        assert_eq!("#010203,#ff8000".parse::<Palette>().unwrap().colors()[1], [255.0, 128.0, 0.0]);
    }
}

//! `albumentations.equalize`: makes values equally frequent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::cv::equalize::{self, Rule};
use crate::ops::{Doc, Op, Problem};

crate::named! {
    /// Whose arithmetic.
    pub enum Mode {
        /// OpenCV's.
        Cv = "cv",
        /// Pillow's, as Albumentations writes it.
        Pil = "pil",
    }
}

/// Makes values equally frequent, as Albumentations' `Equalize` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Equalize {
    /// `cv` or `pil`.
    #[serde(default = "cv")]
    pub mode: Mode,
    /// Each channel by itself; or else the luma of colored images only.
    #[serde(default = "yes")]
    pub by_channels: bool,
    /// The version of Albumentations, 1 or 2; they differ with `pil`.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn cv() -> Mode {
    Mode::Cv
}

fn yes() -> bool {
    true
}

/// How an image is equalized.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Whose arithmetic.
    pub mode: Mode,
    /// Each channel by itself.
    pub by_channels: bool,
    /// The version.
    pub compat: Compat,
}

impl Op for Equalize {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Makes values equally frequent, as Albumentations' Equalize does.",
        notes: "",
        short: Some("mode"),
        examples: &[
            "albumentations.equalize: {}",
            "albumentations.equalize: pil",
            "albumentations.equalize: { by_channels: false, mode: pil, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Drawn {
        Drawn { mode: self.mode, by_channels: self.by_channels, compat: self.compat }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let rule = match (drawn.mode, drawn.compat) {
            (Mode::Cv, _) => Rule::Cv,
            (Mode::Pil, Compat::One) => Rule::Pil,
            (Mode::Pil, Compat::Two) => Rule::PilShifted,
        };
        canvas.in_place(|image, _| {
            if drawn.by_channels {
                equalize::equalize(image, rule);
            } else {
                equalize::equalize_luma(image, rule);
            }
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn channels_are_stretched_one_by_one() {
        let drawn = Drawn { mode: Mode::Cv, by_channels: true, compat: Compat::Two };
        assert_eq!(painted::<Equalize>(&drawn, &[9, 7, 1, 20, 7, 5]), [0, 7, 0, 255, 7, 255]);
    }
}

//! `albumentations.posterize`: keeps the upper bits of all values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::cv;
use crate::ops::{Doc, Int, Op, Problem};

/// Keeps the upper bits of all values, as Albumentations' `Posterize` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbumentationsPosterize {
    /// How many bits are kept, 0..8; none are black.
    #[serde(default = "four")]
    pub num_bits: Int,
    /// The same for red, green and blue by themselves, instead of `num_bits`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<[Int; 3]>,
}

fn four() -> Int {
    Int::Constant(4)
}

/// The bits of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// By channel; a gray image has the first.
    pub num_bits: [u8; 3],
}

impl Op for AlbumentationsPosterize {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Keeps the upper bits of all values, as Albumentations' Posterize does.",
        notes: "",
        short: Some("num_bits"),
        examples: &["albumentations.posterize: 4", "albumentations.posterize: { channels: [[1, 3], 8, 0] }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.num_bits.check("num_bits", 0..=8)?;
        self.channels.iter().flatten().try_for_each(|bits| bits.check("channels", 0..=8))
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            num_bits: match &self.channels {
                Some(each) => std::array::from_fn(|i| each[i].draw(rng) as u8),
                None => [self.num_bits.draw(rng) as u8; 3],
            },
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let tables = drawn.num_bits.map(|bits| {
            let mask = 0xff_u32 << (8 - bits.min(8));
            std::array::from_fn(|v| (v as u32 & mask) as u8)
        });
        canvas.in_place(|image, _| cv::look_up_channels(image, &tables));
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn no_bits_are_black_and_eight_change_nothing() {
        assert_eq!(
            painted::<AlbumentationsPosterize>(&Drawn { num_bits: [0, 8, 3] }, &[200, 201, 202]),
            [0, 201, 192]
        );
    }
}

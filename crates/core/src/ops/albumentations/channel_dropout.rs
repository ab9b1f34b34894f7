//! `albumentations.channel_dropout`: replaces channels by a value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::cv;
use crate::ops::{Doc, Int, Op, Problem};

/// Replaces channels by a value, as Albumentations' `ChannelDropout` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelDropout {
    /// How many channels, 1 or 2.
    #[serde(default = "one")]
    pub channel_drop_range: Int,
    /// The value.
    #[serde(default)]
    pub fill: u8,
}

fn one() -> Int {
    Int::Constant(1)
}

/// The channels of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Which are replaced.
    pub dropped: [bool; 3],
    /// By what.
    pub fill: u8,
}

impl Op for ChannelDropout {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Replaces channels by a value, as Albumentations' ChannelDropout does.",
        notes: "Gray images, which are an error there, stay.",
        short: Some("channel_drop_range"),
        examples: &[
            "albumentations.channel_dropout: {}",
            "albumentations.channel_dropout: { channel_drop_range: [1, 2], fill: 128 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.channel_drop_range.check("channel_drop_range", 1..=2)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let count = self.channel_drop_range.draw(rng);
        let mut dropped = std::array::from_fn(|i| (i as i64) < count);
        rng.shuffle(&mut dropped);
        Drawn { dropped, fill: self.fill }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, _| {
            cv::map_rgb(image, |pixel| {
                std::array::from_fn(|i| if drawn.dropped[i] { drawn.fill } else { pixel[i] })
            });
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn every_channel_is_equally_likely() {
        let op = ChannelDropout { channel_drop_range: Int::Range(1, 2), fill: 7 };
        let mut counts = [0; 3];
        for drawn in draws(&op, 4000) {
            drawn.dropped.iter().zip(&mut counts).for_each(|(d, count)| *count += i32::from(*d));
        }
        assert!(counts.iter().all(|count| (count - 2000).abs() < 160), "{counts:?}");
        let drawn = Drawn { dropped: [true, false, true], fill: 7 };
        assert_eq!(painted::<ChannelDropout>(&drawn, &[1, 2, 3]), [7, 2, 7]);
        assert_eq!(painted::<ChannelDropout>(&drawn, &[1, 2]), [1, 2]);
    }
}

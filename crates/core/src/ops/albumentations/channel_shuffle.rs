//! `albumentations.channel_shuffle`: puts the channels into another order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::cv;
use crate::ops::{Doc, Op, Problem};

/// Puts the channels into another order, as Albumentations' `ChannelShuffle` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbumentationsChannelShuffle {}

/// The order of one image's channels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Where each channel comes from, 0..2.
    pub from: [u8; 3],
}

impl Op for AlbumentationsChannelShuffle {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Puts the channels into another order, as Albumentations' ChannelShuffle does.",
        notes: "All orders are equally likely, the given one among them. Gray images stay.",
        short: None,
        examples: &["albumentations.channel_shuffle: {}"],
    };

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let mut from = [0, 1, 2];
        rng.shuffle(&mut from);
        Drawn { from }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let from = drawn.from.map(|channel| usize::from(channel.min(2)));
        canvas.in_place(|image, _| cv::map_rgb(image, |pixel| from.map(|channel| pixel[channel])));
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn all_six_orders_are_drawn() {
        let orders: std::collections::BTreeSet<_> = draws(&AlbumentationsChannelShuffle {}, 200)
            .map(|d| painted::<AlbumentationsChannelShuffle>(&d, &[1, 2, 3]))
            .collect();
        assert_eq!(orders.len(), 6);
        assert_eq!(
            painted::<AlbumentationsChannelShuffle>(&Drawn { from: [2, 0, 1] }, &[1, 2, 3]),
            [3, 1, 2]
        );
    }
}

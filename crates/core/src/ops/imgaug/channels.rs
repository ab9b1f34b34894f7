//! `channel_shuffle`, `change_colorspace`, `dropout2d` and `total_dropout`: whole channels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::still;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::colorspace::{self, Space};
use crate::ops::counterpart::{Class, Form};
use crate::ops::range::within;
use crate::ops::{Choice, Doc, Op, Param, Probability, Problem};

/// Puts the channels into another order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelShuffle {
    /// Probability that an image is shuffled at all.
    pub p: Probability,
    /// The channels that are shuffled, of 0, 1 and 2. Left out: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<u8>>,
}

impl Default for ChannelShuffle {
    fn default() -> Self {
        Self { p: Probability(1.0), channels: None }
    }
}

/// The order of one image's channels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Which channel each new one is.
    pub order: [u8; 3],
}

impl Op for ChannelShuffle {
    type Drawn = Order;

    const IMGAUG: &'static [Class] = &[Class {
        name: "ChannelShuffle",
        params: &[("p", "p", Form::Chance), ("channels", "channels", Form::Wholes)],
    }];

    const DOC: Doc = Doc {
        summary: "Puts the channels into another order.",
        notes: "All orders are equally likely, the old one among them.",
        short: Some("p"),
        examples: &["channel_shuffle: 0.5", "channel_shuffle: { p: 1.0, channels: [0, 2] }"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        for channel in self.channels.iter().flatten() {
            within("channels", &i64::from(*channel), &(0..=2))?;
        }
        self.p.check("p")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Order {
        let mut order = [0, 1, 2];
        if self.p.draw(rng) {
            let chosen = |channel: u8| self.channels.as_ref().is_none_or(|list| list.contains(&channel));
            let mut places = [0; 3];
            let mut count = 0;
            for channel in (0..3).filter(|channel| chosen(*channel)) {
                places[count] = channel;
                count += 1;
            }
            let mut shuffled = places;
            rng.shuffle(&mut shuffled[..count]);
            for (place, channel) in places.iter().zip(shuffled).take(count) {
                order[usize::from(*place)] = channel;
            }
        }
        Order { order }
    }

    fn paint(drawn: &Order, canvas: &mut Canvas) {
        if canvas.shape().channels() != 3 || drawn.order == [0, 1, 2] {
            return;
        }
        let order = drawn.order.map(|channel| usize::from(channel.min(2)));
        canvas.in_place(|image, _| {
            for pixel in image.data.as_chunks_mut::<3>().0 {
                *pixel = order.map(|channel| pixel[channel]);
            }
        });
    }
}

/// What is dropped from one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropped {
    /// The channels that become black; a gray image has the first.
    pub drop: [bool; 3],
}

fn drop_channels(drawn: Dropped, canvas: &mut Canvas) {
    let channels = canvas.shape().channels();
    canvas.in_place(|image, _| {
        for pixel in image.data.chunks_exact_mut(channels) {
            for (value, drop) in pixel.iter_mut().zip(drawn.drop) {
                *value = if drop { 0 } else { *value };
            }
        }
    });
}

/// Blackens whole channels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Dropout2d {
    /// Probability of each channel to be dropped, drawn for each image, 0..1.
    pub p: Param,
    /// How many channels stay at least.
    pub nb_keep_channels: u8,
}

impl Default for Dropout2d {
    fn default() -> Self {
        Self { p: Param::Constant(0.1), nb_keep_channels: 1 }
    }
}

impl Op for Dropout2d {
    type Drawn = Dropped;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Dropout2d",
        params: &[("p", "p", Form::Dropped), ("nb_keep_channels", "nb_keep_channels", Form::Count)],
    }];

    const DOC: Doc = Doc {
        summary: "Blackens whole channels.",
        notes: "Where too few would be left, random ones stay; a gray image stays as it is, unless nb_keep_channels is 0.",
        short: Some("p"),
        examples: &["dropout2d: 0.5", "dropout2d: { p: [0, 0.3], nb_keep_channels: 0 }"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p", 0.0..=1.0)
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Dropped {
        let p = self.p.draw(rng);
        let mut drop = [0; 3].map(|_| rng.bernoulli(p));
        let channels = on.channels();
        let dropped = drop[..channels].iter().filter(|drop| **drop).count();
        let must_stay = usize::from(self.nb_keep_channels).min(channels);
        for _ in channels - must_stay..dropped {
            // One of those that would go stays.
            let left = drop[..channels].iter().filter(|drop| **drop).count();
            let chosen = rng.index(left.max(1));
            if let Some(drop) = drop[..channels].iter_mut().filter(|drop| **drop).nth(chosen) {
                *drop = false;
            }
        }
        Dropped { drop }
    }

    fn paint(drawn: &Dropped, canvas: &mut Canvas) {
        drop_channels(*drawn, canvas);
    }
}

/// Blackens whole images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TotalDropout {
    /// Probability of an image to be dropped, drawn for each image, 0..1.
    pub p: Param,
}

impl Default for TotalDropout {
    fn default() -> Self {
        Self { p: Param::Constant(1.0) }
    }
}

impl Op for TotalDropout {
    type Drawn = Dropped;

    const IMGAUG: &'static [Class] = &[Class { name: "TotalDropout", params: &[("p", "p", Form::Dropped)] }];

    const DOC: Doc = Doc {
        summary: "Blackens whole images.",
        notes: "",
        short: Some("p"),
        examples: &["total_dropout: 0.1"],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p", 0.0..=1.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Dropped {
        let p = self.p.draw(rng);
        Dropped { drop: [rng.bernoulli(p); 3] }
    }

    fn paint(drawn: &Dropped, canvas: &mut Canvas) {
        drop_channels(*drawn, canvas);
    }
}

/// Brings images to another color space, whose channels take the place of red, green and blue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeColorspace {
    /// The color space of the result; a list is a choice.
    pub to_colorspace: Choice<Space>,
    /// The color space that the image is in.
    #[serde(default = "rgb")]
    pub from_colorspace: Space,
    /// How much of the result is seen over the image, 0..1.
    #[serde(default = "fully")]
    pub alpha: Param,
}

fn rgb() -> Space {
    Space::Rgb
}

fn fully() -> Param {
    Param::Constant(1.0)
}

/// How one image's colors change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The color space of the image.
    pub from_colorspace: Space,
    /// The color space of the result.
    pub to_colorspace: Space,
    /// How much of the result is seen.
    pub alpha: f32,
}

impl Op for ChangeColorspace {
    type Drawn = Change;

    const IMGAUG: &'static [Class] = &[Class {
        name: "ChangeColorspace",
        params: &[
            ("to_colorspace", "to_colorspace", Form::Names),
            ("from_colorspace", "from_colorspace", Form::Names),
            ("alpha", "alpha", Form::Number),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Brings images to another color space, whose channels take the place of red, green and blue.",
        notes: "Hue has 180 steps, all else 256. GRAY has three equal channels. A gray image stays as it is.",
        short: Some("to_colorspace"),
        examples: &[
            "change_colorspace: HSV",
            "change_colorspace: { to_colorspace: [Lab, YUV, HLS], alpha: [0, 1] }",
            "change_colorspace: { from_colorspace: YCrCb, to_colorspace: RGB }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.to_colorspace.check("to_colorspace")?;
        self.alpha.check("alpha", 0.0..=1.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Change {
        Change {
            from_colorspace: self.from_colorspace,
            to_colorspace: self.to_colorspace.draw(rng),
            alpha: self.alpha.draw32(rng),
        }
    }

    fn paint(drawn: &Change, canvas: &mut Canvas) {
        use crate::base::{Image, ImageMut};
        use crate::kernels::blend::{self, Alpha};

        const EPS: f32 = 0.001;
        if canvas.shape().channels() != 3 || drawn.alpha <= EPS {
            return;
        }
        canvas.in_place(|image, scratch| {
            let shape = image.shape;
            let mut changed = scratch.take_u8(shape.bytes());
            changed.copy_from_slice(image.data);
            let over = ImageMut { shape, data: &mut changed };
            colorspace::convert(over, drawn.from_colorspace, drawn.to_colorspace);
            blend::blend(image, Image { shape, data: &changed }, Alpha::Channels([drawn.alpha; 3]), EPS);
            scratch.give_u8(changed);
        });
    }
}

//! `cutout`: fills rectangles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Anchor, Position, still};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::elementwise::{self, Law};
use crate::kernels::pil;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Choice, Doc, Int, Op, Param, PerChannel, Problem};

crate::named! {
    /// What a rectangle is filled with.
    pub enum Fill {
        /// One gray level.
        Constant = "constant",
        /// Normal noise about middle gray.
        Gaussian = "gaussian",
    }
}

/// The most rectangles of one image.
pub const MOST: usize = 8;

/// Fills rectangles of images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cutout {
    /// How many rectangles, 0..8.
    pub nb_iterations: Int,
    /// Where the middle of each lies.
    pub position: Position,
    /// Height and width as shares of the image's, 0..1.
    pub size: Param,
    /// Whether the width has as many pixels as the height; else it draws a share of its own.
    pub squared: bool,
    /// What the rectangles are filled with; a list is a choice.
    pub fill_mode: Choice<Fill>,
    /// Gray level of a constant filling, 0..255.
    pub cval: Int,
    /// Probability that each channel draws a filling of its own.
    pub fill_per_channel: PerChannel,
}

impl Default for Cutout {
    fn default() -> Self {
        Self {
            nb_iterations: Int::Constant(1),
            position: Position::Named(Anchor::Uniform),
            size: Param::Constant(0.2),
            squared: true,
            fill_mode: Choice::One(Fill::Constant),
            cval: Int::Constant(128),
            fill_per_channel: PerChannel::default(),
        }
    }
}

/// One rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rectangle {
    /// Its middle, as shares of the image's sides.
    pub position: [f32; 2],
    /// Its height and width, as shares of the image's.
    pub size: [f32; 2],
    /// Gray levels of its channels; none for noise.
    pub cval: Option<[u8; 3]>,
    /// Whether each channel has noise of its own.
    pub per_channel: bool,
    /// What the noise is expanded from.
    pub key: u64,
}

/// What is filled in one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// The rectangles, in their order.
    pub rectangles: [Option<Rectangle>; MOST],
    /// Whether widths have as many pixels as heights.
    pub squared: bool,
}

impl Rectangle {
    /// Top, left, height and width in pixels, within the image.
    fn place(&self, on: Shape, squared: bool) -> [usize; 4] {
        let (rows, columns) = (on.height as f32, on.width as f32);
        let (x, y) = (self.position[0] * columns, self.position[1] * rows);
        let height = self.size[0] * rows;
        let width = if squared { height } else { self.size[1] * columns };
        let edge = |at: f32, side: usize| at.clamp(0.0, side as f32) as usize;
        let (top, bottom) = (edge(y - height / 2.0, on.height), edge(y + height / 2.0, on.height));
        let (left, right) = (edge(x - width / 2.0, on.width), edge(x + width / 2.0, on.width));
        [top, left, bottom - top, right - left]
    }
}

impl Op for Cutout {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Cutout",
        params: &[
            ("nb_iterations", "nb_iterations", Form::Whole),
            ("position", "position", Form::Place),
            ("size", "size", Form::Number),
            ("squared", "squared", Form::Flag),
            ("fill_mode", "fill_mode", Form::Names),
            ("cval", "cval", Form::WholeGray),
            ("fill_per_channel", "fill_per_channel", Form::Chance),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Fills rectangles of images.",
        notes: "Middles may lie at the border, so that a part of the rectangle is outside.",
        short: None,
        examples: &[
            "cutout: {}",
            "cutout: { nb_iterations: [1, 5], size: 0.2, squared: false }",
            "cutout: { position: { x: 0.5, y: [0, 1] }, fill_mode: [constant, gaussian], cval: [0, 255], fill_per_channel: 0.5 }",
        ],
    };

    still!();

    fn check(&self) -> Result<(), Problem> {
        self.nb_iterations.check("nb_iterations", 0..=MOST as i64)?;
        self.position.check("position")?;
        self.size.check("size", 0.0..=1.0)?;
        self.fill_mode.check("fill_mode")?;
        self.cval.check("cval", 0..=255)?;
        self.fill_per_channel.check("fill_per_channel")
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let count = self.nb_iterations.draw(rng) as usize;
        let rectangles = std::array::from_fn(|i| {
            (i < count).then(|| {
                let position = self.position.draw(rng).map(|share| share as f32);
                let height = self.size.draw32(rng);
                let width = if self.squared { height } else { self.size.draw32(rng) };
                let fill = self.fill_mode.draw(rng);
                let per_channel = self.fill_per_channel.draw(rng);
                let first = self.cval.draw(rng) as u8;
                let mut other = || if per_channel { self.cval.draw(rng) as u8 } else { first };
                let cval = [first, other(), other()];
                let cval = (fill == Fill::Constant).then_some(cval);
                Rectangle { position, size: [height, width], cval, per_channel, key: rng.u64() }
            })
        });
        Drawn { rectangles, squared: self.squared }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        for rectangle in drawn.rectangles.iter().flatten() {
            canvas.in_place(|image, scratch| {
                let on = image.shape;
                let place = rectangle.place(on, drawn.squared);
                let [top, left, height, width] = place;
                if let Some(color) = rectangle.cval {
                    return pil::erase(image, place, color);
                }
                let channels = on.channels();
                let own = if rectangle.per_channel { channels } else { 1 };
                let mut random = scratch.take_u8(height * width * own * elementwise::BYTES_PER_NUMBER);
                let mut numbers = scratch.take_f32(height * width * own);
                let mut sums = scratch.take_f64(0);
                Stream::of_key(rectangle.key).fill(&mut random);
                elementwise::fill(&Law::Normal(127.5, 42.5), &random, &mut numbers, &mut sums);
                let rows = image.data.chunks_exact_mut(on.stride().max(1)).skip(top).take(height);
                for (row, numbers) in rows.zip(numbers.chunks_exact((width * own).max(1))) {
                    let pixels = row[left * channels..(left + width) * channels].chunks_exact_mut(channels);
                    for (pixel, numbers) in pixels.zip(numbers.chunks_exact(own)) {
                        for (value, number) in pixel.iter_mut().zip(numbers.iter().cycle()) {
                            *value = crate::base::math::round_u8(*number);
                        }
                    }
                }
                scratch.give_f64(sums);
                scratch.give_f32(numbers);
                scratch.give_u8(random);
            });
        }
    }
}

//! `superpixels`: paints segments of similar color in one color.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Image, ImageMut, Scratch, Shape, Stream};
use crate::kernels::resize::{Interpolation, resize};
use crate::kernels::superpixels::{paint_means, slic};
use crate::ops::counterpart::{Class, Fixed, Form};
use crate::ops::range::within;
use crate::ops::{Doc, Int, Op, Param, Placement, Problem, ShapeOut};

/// Paints segments of similar color in their mean color.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Superpixels {
    /// Probability of each segment to be painted, drawn for each image, 0..1.
    pub p_replace: Param,
    /// About how many segments an image has, 1..16384.
    pub n_segments: Int,
    /// The longest side, 1..4096, up to which an image is segmented as it is; a larger one is made smaller and
    /// brought back. `null` for no limit.
    pub max_size: Option<u16>,
}

impl Default for Superpixels {
    fn default() -> Self {
        Self { p_replace: Param::Range(0.5, 1.0), n_segments: Int::Range(50, 120), max_size: Some(128) }
    }
}

/// How one image is segmented and painted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Probability of each segment to be painted.
    pub p_replace: f32,
    /// About how many segments there are; as many flags are drawn, and counted through again if there are more.
    pub n_segments: u16,
    /// The longest side up to which the image is segmented as it is.
    pub max_size: Option<u16>,
    /// What the flags are expanded from.
    pub key: u64,
}

impl Drawn {
    /// The shape in which an image of shape `on` is segmented.
    fn segmented(&self, on: Shape) -> Shape {
        let longest = on.height.max(on.width);
        match self.max_size.map(usize::from) {
            Some(max_size) if longest > max_size => {
                let factor = max_size as f64 / longest as f64;
                let side = |side: usize| ((side as f64 * factor) as usize).max(1);
                Shape { height: side(on.height), width: side(on.width), ..on }
            }
            _ => on,
        }
    }
}

/// Paints the segments of `image` that `flags` say.
fn paint_segments(image: ImageMut<'_>, n_segments: usize, flags: &[u8], scratch: &mut Scratch) {
    let mut labels = scratch.take_i32(image.shape.pixels());
    let segments = slic(image.as_image(), n_segments, &mut labels, scratch);
    paint_means(image, &labels, segments, flags, scratch);
    scratch.give_i32(labels);
}

impl Op for Superpixels {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "Superpixels",
        params: &[
            ("p_replace", "p_replace", Form::Share),
            ("n_segments", "n_segments", Form::Whole),
            ("max_size", "max_size", Form::Count),
            ("interpolation", "", Form::Fixed(Fixed::Text("linear"))),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Paints segments of similar color in their mean color.",
        notes: "Segments are those of SLIC with compactness 10. An image larger than max_size changes as a whole, because it \
                is resized twice, unless no segment is to be painted.",
        short: Some("p_replace"),
        examples: &[
            "superpixels: 1.0",
            "superpixels: { p_replace: [0, 1], n_segments: [20, 200] }",
            "superpixels: { p_replace: 0.5, n_segments: 10, max_size: 16 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.p_replace.check("p_replace", 0.0..=1.0)?;
        self.n_segments.check("n_segments", 1..=16384)?;
        self.max_size.map_or(Ok(()), |size| within("max_size", &size, &(1..=4096)))
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            p_replace: self.p_replace.draw32(rng),
            n_segments: self.n_segments.draw(rng) as u16,
            max_size: self.max_size,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let n_segments = usize::from(drawn.n_segments.max(1));
        canvas.in_place(|image, scratch| {
            let mut random = Stream::of_key(drawn.key);
            let mut flags = scratch.take_u8(n_segments);
            for flag in &mut flags {
                *flag = u8::from(random.bernoulli(f64::from(drawn.p_replace)));
            }
            let small = drawn.segmented(image.shape);
            if flags.iter().all(|flag| *flag == 0) {
                // Nothing is painted, and nothing has to be segmented.
            } else if small == image.shape {
                paint_segments(image, n_segments, &flags, scratch);
            } else {
                let mut pixels = scratch.take_u8(small.bytes());
                resize(image.as_image(), ImageMut::new(small, &mut pixels), Interpolation::Linear, scratch);
                paint_segments(ImageMut::new(small, &mut pixels), n_segments, &flags, scratch);
                resize(Image::new(small, &pixels), image, Interpolation::Linear, scratch);
                scratch.give_u8(pixels);
            }
            scratch.give_u8(flags);
        });
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A canvas of noise.
    fn noise(shape: Shape) -> Canvas {
        let mut canvas = Canvas::default();
        Stream::of_key(3).fill(canvas.reset(shape));
        canvas
    }

    fn drawn(p_replace: f32) -> Drawn {
        Drawn { p_replace, n_segments: 50, max_size: Some(128), key: 1 }
    }

    /// How many different pixels there are.
    fn colors(canvas: &Canvas) -> usize {
        let mut pixels: Vec<&[u8]> = canvas.pixels().chunks(canvas.shape().channels()).collect();
        pixels.sort_unstable();
        pixels.dedup();
        pixels.len()
    }

    #[test]
    fn the_share_of_painted_pixels_follows_the_probability() {
        let shape = Shape::rgb(28, 28);
        let before = noise(shape);
        let mut all = noise(shape);
        Superpixels::paint(&drawn(1.0), &mut all);
        assert!(colors(&all) < 80, "{} colors", colors(&all));
        let (mut painted, rounds) = (0, 100);
        for key in 0..rounds {
            let mut canvas = noise(shape);
            Superpixels::paint(&Drawn { key, ..drawn(0.3) }, &mut canvas);
            for ((one, old), new) in
                canvas.pixels().chunks(3).zip(before.pixels().chunks(3)).zip(all.pixels().chunks(3))
            {
                assert!(one == old || one == new);
                painted += usize::from(one == new);
            }
        }
        let share = painted as f64 / (rounds as f64 * 784.0);
        assert!((share - 0.3).abs() < 0.05, "{share}");
        let mut none = noise(shape);
        Superpixels::paint(&drawn(0.0), &mut none);
        assert_eq!(none.pixels(), before.pixels());
    }

    #[test]
    fn large_images_are_segmented_small() {
        assert_eq!(drawn(1.0).segmented(Shape::rgb(300, 200)), Shape::rgb(128, 85));
        assert_eq!(drawn(1.0).segmented(Shape::gray(128, 2)), Shape::gray(128, 2));
        assert_eq!(drawn(1.0).segmented(Shape::gray(1, 500)), Shape::gray(1, 128));
        let shape = Shape::gray(150, 140);
        let mut canvas = noise(shape);
        Superpixels::paint(&Drawn { n_segments: 1, ..drawn(1.0) }, &mut canvas);
        assert_eq!(canvas.shape(), shape);
        let mut whole = noise(shape);
        Superpixels::paint(&Drawn { n_segments: 1, max_size: None, ..drawn(1.0) }, &mut whole);
        // One color either way, which averaging twice may move by a little.
        assert_eq!((colors(&canvas), colors(&whole)), (1, 1));
        assert!(canvas.pixels()[0].abs_diff(whole.pixels()[0]) <= 2);
    }
}

//! `keras_transform`: the random transform of Keras' `ImageDataGenerator`.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::affine::{self, Matrix, Order};
use crate::kernels::keras::{self, Compat};
use crate::ops::imgaug::affine::FAR;
use crate::ops::range::{ordered, within};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

crate::named! {
    /// What is read where there is no pixel.
    pub enum FillMode {
        /// The nearest border pixel: `aaa|abcd|ddd`.
        Nearest = "nearest",
        /// `cval`, without blending.
        Constant = "constant",
        /// Mirrored, repeating the border pixel: `cba|abcd|dcb`.
        Reflect = "reflect",
        /// The coordinate modulo n - 1.
        Wrap = "wrap",
    }
}

crate::named! {
    for Compat {
        Keras3 = "keras3",
        KerasPreprocessing = "keras_preprocessing",
    }
}

/// A range of shifts, by Keras' rules: below 1 (in a list: if all are) a fraction of the image, else pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number or a list of numbers")]
pub enum Shift {
    /// A whole number n: pixels from -n to n, both excluded. The magnitude is one of 0..n-1, the sign random.
    Pixels(u32),
    /// A number: uniform from minus it to it.
    Range(f64),
    /// A list: one of these magnitudes, with a random sign.
    Choice(Vec<f64>),
}

/// A number z, which stands for 1 - z to 1 + z, or a range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number or a range [lo, hi]")]
pub enum Zoom {
    /// From 1 - z to 1 + z.
    Amount(f64),
    /// From the first to the second.
    Range([f64; 2]),
}

/// Turns, shifts, shears, zooms and mirrors the image as Keras' `ImageDataGenerator` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KerasTransform {
    /// Degrees to either side.
    pub rotation_range: f64,
    /// Shift along rows: a number below 1 is a fraction of the width; 1.0 or more (with a point) pixels; a whole number
    /// n whole pixels between -n and n, both excluded; a list magnitudes to choose from, with a random sign.
    pub width_shift_range: Shift,
    /// Shift along columns; as `width_shift_range`.
    pub height_shift_range: Shift,
    /// Degrees (not a fraction) to either side.
    pub shear_range: f64,
    /// A number z draws from 1 - z to 1 + z, `[lo, hi]` from lo to hi; each axis by itself. Above 1 shrinks, below 0 mirrors.
    pub zoom_range: Zoom,
    /// Values to either side, added to all channels; clipped to the values that the image has.
    pub channel_shift_range: f64,
    /// `[lo, hi]`: factors of the brightness.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brightness_range: Option<[f64; 2]>,
    /// Mirror half of the images left to right.
    pub horizontal_flip: bool,
    /// Mirror half of the images top to bottom.
    pub vertical_flip: bool,
    /// What is read where there is no pixel.
    pub fill_mode: FillMode,
    /// The value of fill mode constant, 0..255.
    pub cval: f64,
    /// 0 nearest, 1 linear.
    pub interpolation_order: Order,
    /// `keras3`, or `keras_preprocessing`: the behavior of TensorFlow up to about 2.8, which turns the other way, about
    /// a point one pixel to the lower right.
    pub compat: Compat,
}

impl Default for KerasTransform {
    fn default() -> Self {
        Self {
            rotation_range: 0.0,
            width_shift_range: Shift::Range(0.0),
            height_shift_range: Shift::Range(0.0),
            shear_range: 0.0,
            zoom_range: Zoom::Amount(0.0),
            channel_shift_range: 0.0,
            brightness_range: None,
            horizontal_flip: false,
            vertical_flip: false,
            fill_mode: FillMode::Nearest,
            cval: 0.0,
            interpolation_order: Order::Linear,
            compat: Compat::Keras3,
        }
    }
}

/// How one image is transformed, in the names of Keras' `get_random_transform`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Degrees.
    pub theta: f64,
    /// Pixels, from the height's range.
    pub tx: f64,
    /// Pixels, from the width's range.
    pub ty: f64,
    /// Degrees.
    pub shear: f64,
    /// Factor of the first axis.
    pub zx: f64,
    /// Factor of the second axis.
    pub zy: f64,
    /// Mirrored left to right.
    pub flip_horizontal: bool,
    /// Mirrored top to bottom.
    pub flip_vertical: bool,
    /// Added to all values; none where channels are not shifted.
    pub channel_shift_intensity: Option<f64>,
    /// Factor of the brightness; none where it stays.
    pub brightness: Option<f64>,
    /// What is read where there is no pixel.
    pub fill_mode: FillMode,
    /// The value of fill mode constant.
    pub cval: f64,
    /// Interpolation.
    pub interpolation_order: Order,
    /// Which behavior applies.
    pub compat: Compat,
}

impl Shift {
    fn check(&self, field: &str) -> Result<(), Problem> {
        let one = |value: f64, low: f64| within(field, &value, &(low..=FAR));
        match self {
            Self::Pixels(n) => one(f64::from(*n), 0.0),
            Self::Range(range) => one(*range, 0.0),
            Self::Choice(values) if values.is_empty() => {
                Err(Problem::new(field, "there is nothing to choose from"))
            }
            Self::Choice(values) => values.iter().try_for_each(|value| one(*value, -FAR)),
        }
    }

    /// Draws a shift in pixels of a side of `length`.
    fn draw(&self, length: usize, rng: &mut Stream) -> f64 {
        match self {
            Self::Pixels(0) => 0.0,
            Self::Pixels(n) => {
                let pixels = rng.below(u64::from(*n)) as f64;
                signed(pixels, rng)
            }
            Self::Range(range) if *range == 0.0 => 0.0,
            Self::Range(range) => {
                let shift = rng.uniform(-range, *range);
                if *range < 1.0 { shift * length as f64 } else { shift }
            }
            Self::Choice(values) => {
                let magnitude = values[rng.index(values.len())];
                let shift = signed(magnitude, rng);
                if values.iter().all(|value| *value < 1.0) { shift * length as f64 } else { shift }
            }
        }
    }
}

fn signed(magnitude: f64, rng: &mut Stream) -> f64 {
    if rng.bernoulli(0.5) { magnitude } else { 0.0 - magnitude }
}

impl Zoom {
    fn bounds(self) -> [f64; 2] {
        match self {
            Self::Amount(z) => [1.0 - z, 1.0 + z],
            Self::Range(bounds) => bounds,
        }
    }
}

impl Drawn {
    /// The matrix from output to input, without flips.
    fn inverse(&self, on: Shape) -> Option<Matrix> {
        let Self { theta, tx, ty, shear, zx, zy, .. } = *self;
        keras::inverse(&keras::Parts { theta, tx, ty, shear, zx, zy }, on, self.compat)
    }

    /// The transform of an image of shape `on`.
    #[must_use]
    pub fn transform(&self, on: Shape) -> keras::Transform {
        keras::Transform {
            inverse: self.inverse(on),
            order: self.interpolation_order,
            fill: match self.fill_mode {
                FillMode::Nearest => keras::Fill::Nearest,
                FillMode::Constant => keras::Fill::Constant(self.cval as f32),
                FillMode::Reflect => keras::Fill::Reflect,
                FillMode::Wrap => keras::Fill::Wrap,
            },
            flip_horizontal: self.flip_horizontal,
            flip_vertical: self.flip_vertical,
        }
    }
}

/// A range the right way round and within `legal`.
fn check_range(field: &str, [a, b]: [f64; 2], legal: &RangeInclusive<f64>) -> Result<(), Problem> {
    within(field, &a, legal)?;
    within(field, &b, legal)?;
    ordered(field, &a, &b)
}

impl Op for KerasTransform {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Turns, shifts, shears, zooms and mirrors the image as Keras' ImageDataGenerator does.",
        notes: "The parameters, their defaults and the way they are drawn are Keras'; the float result is rounded half to even \
                and clipped. Positive angles turn counter-clockwise; in Keras height_shift_range moves columns and \
                width_shift_range rows, which shows on images that are not square. A shear_range of 0.5 is half a degree.",
        short: None,
        examples: &[
            "keras_transform: { rotation_range: 10, zoom_range: 0.1, shear_range: 0.5, width_shift_range: 0.1, \
             height_shift_range: 0.1, horizontal_flip: true }",
            "keras_transform: { rotation_range: 40, width_shift_range: [1, 3], height_shift_range: 4, fill_mode: constant, \
             cval: 37, compat: keras_preprocessing }",
            "keras_transform: { zoom_range: [0.8, 1.2], channel_shift_range: 20, brightness_range: [0.5, 1.5], fill_mode: \
             reflect, vertical_flip: true }",
            "keras_transform: { shear_range: 20, width_shift_range: 3.5, fill_mode: wrap, interpolation_order: 0 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        within("rotation_range", &self.rotation_range, &(0.0..=3600.0))?;
        self.width_shift_range.check("width_shift_range")?;
        self.height_shift_range.check("height_shift_range")?;
        within("shear_range", &self.shear_range, &(0.0..=85.0))?;
        if let Zoom::Amount(z) = self.zoom_range {
            within("zoom_range", &z, &(0.0..=99.0))?;
        }
        // Below zero Keras mirrors as well.
        check_range("zoom_range", self.zoom_range.bounds(), &(-100.0..=100.0))?;
        within("channel_shift_range", &self.channel_shift_range, &(0.0..=255.0))?;
        if let Some(range) = self.brightness_range {
            check_range("brightness_range", range, &(0.0..=1000.0))?;
        }
        within("cval", &self.cval, &(0.0..=255.0))
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let around =
            |range: f64, rng: &mut Stream| if range == 0.0 { 0.0 } else { rng.uniform(-range, range) };
        let theta = around(self.rotation_range, rng);
        let tx = self.height_shift_range.draw(on.height, rng);
        let ty = self.width_shift_range.draw(on.width, rng);
        let shear = around(self.shear_range, rng);
        let [lo, hi] = self.zoom_range.bounds();
        let still = lo == 1.0 && hi == 1.0;
        let [zx, zy] = if still { [1.0; 2] } else { [rng.uniform(lo, hi), rng.uniform(lo, hi)] };
        // Both coins are always tossed.
        let (left, up) = (rng.bernoulli(0.5), rng.bernoulli(0.5));
        let intensity = self.channel_shift_range;
        Drawn {
            theta,
            tx,
            ty,
            shear,
            zx,
            zy,
            flip_horizontal: left && self.horizontal_flip,
            flip_vertical: up && self.vertical_flip,
            channel_shift_intensity: (intensity != 0.0).then(|| rng.uniform(-intensity, intensity)),
            brightness: self.brightness_range.map(|[lo, hi]| rng.uniform(lo, hi)),
            fill_mode: self.fill_mode,
            cval: self.cval,
            interpolation_order: self.interpolation_order,
            compat: self.compat,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let transform = drawn.transform(on);
        canvas.redraw(on, |src, mut dst, scratch| {
            let mut values = scratch.take_f32(on.bytes());
            keras::apply(src, &mut values, &transform, scratch);
            if let Some(intensity) = drawn.channel_shift_intensity {
                keras::channel_shift(&mut values, intensity as f32);
            }
            if let Some(factor) = drawn.brightness {
                keras::brightness_shift(&mut values, factor as f32);
            }
            keras::quantize(&values, &mut dst);
            scratch.give_f32(values);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let inverse = drawn.inverse(on);
        if inverse.is_none() && !drawn.flip_horizontal && !drawn.flip_vertical {
            return Placement::Unmoved;
        }
        let mut forward =
            inverse.map_or([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], |inverse| affine::invert(&inverse));
        for (axis, flip, length) in
            [(0, drawn.flip_horizontal, on.width), (1, drawn.flip_vertical, on.height)]
        {
            if flip {
                let [a, b, c] = forward[axis];
                forward[axis] = [-a, -b, length as f64 - 1.0 - c];
            }
        }
        Placement::Affine { forward, to: on }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    fn spec(text: &str) -> KerasTransform {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_form_of_a_shift_decides_how_it_is_drawn() {
        let shifts = |range: &str| -> Vec<f64> {
            draws(&spec(&format!("{{\"width_shift_range\": {range}}}")), 2000).map(|d| d.ty).collect()
        };
        let largest = |shifts: &[f64]| shifts.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        // A fraction of 28 pixels; pixels; whole pixels, of which 0 is the likeliest; magnitudes.
        let found = shifts("0.25");
        assert!((6.9..7.0).contains(&largest(&found)) && found[0].fract() != 0.0);
        let found = shifts("3.0");
        assert!((2.97..3.0).contains(&largest(&found)) && found[0].fract() != 0.0);
        let found = shifts("3");
        assert_eq!(largest(&found), 2.0);
        let zeros = found.iter().filter(|v| **v == 0.0).count();
        assert!(found.iter().all(|v| v.fract() == 0.0) && (570..770).contains(&zeros), "{zeros}");
        let found = shifts("[1, 4]");
        assert!(found.iter().all(|v| [1.0, 4.0].contains(&v.abs())) && found.contains(&-4.0));
        assert!(shifts("[0.5, 0.25]").iter().all(|v| [14.0, 7.0].contains(&v.abs())));
        assert!(shifts("1").iter().all(|v| *v == 0.0));
    }

    #[test]
    fn ranges_are_checked() {
        for text in [
            "{\"zoom_range\": 150}",
            "{\"zoom_range\": [1.2, 0.8]}",
            "{\"rotation_range\": -1}",
            "{\"width_shift_range\": []}",
            "{\"brightness_range\": [2, 1]}",
            "{\"cval\": 300}",
        ] {
            assert!(spec(text).check().is_err(), "{text}");
        }
        assert!(serde_json::from_str::<KerasTransform>("{\"width_shift_range\": \"x\"}").is_err());
    }

    #[test]
    fn shifts_of_brightness_come_last() {
        let op = spec("{\"brightness_range\": [0.5, 0.5], \"channel_shift_range\": 10}");
        let mut drawn = draws(&op, 1).next().unwrap();
        drawn.channel_shift_intensity = Some(10.0);
        // 40 is the largest value: 10, 31 and 40 become 20, 40 and 40, and half of these.
        assert_eq!(painted::<KerasTransform>(&drawn, &[10, 31, 40]), [10, 20, 20]);
    }
}

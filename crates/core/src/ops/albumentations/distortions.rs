//! `albumentations.grid_distortion` and `albumentations.optical_distortion`: maps of smooth distortions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Compat, Fill, constant, field, linear, outside, two};
use crate::base::{Canvas, Scratch, Shape, Stream};
use crate::kernels::border::Border;
use crate::kernels::cv::distortion::{self, Lens};
use crate::kernels::cv::warp::{Interpolation, remap};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

/// Stretches and shrinks the strips of a grid, as Albumentations' `GridDistortion` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GridDistortion {
    /// Strips along each axis, 1..1000; what is left over is one more.
    #[serde(default = "five")]
    pub num_steps: usize,
    /// What is added to the factor of a strip, which is 1: `[lo, hi]`.
    #[serde(default = "distort_limit")]
    pub distort_limit: [f64; 2],
    /// Whether the strips fill the image again.
    #[serde(default = "yes")]
    pub normalized: bool,
    /// How pixels are found: `nearest`, `linear` or `cubic`.
    #[serde(default = "linear")]
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
    /// Version of Albumentations, 1 or 2: in 1 a strip that is cut off ends at the border.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn five() -> usize {
    5
}

fn distort_limit() -> [f64; 2] {
    [-0.3, 0.3]
}

fn yes() -> bool {
    true
}

/// How one image is distorted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strips {
    /// Gives the factors of the strips, first of x.
    pub key: u64,
    /// Strips along each axis.
    pub num_steps: usize,
    /// What is added to the factor of a strip.
    pub distort_limit: [f64; 2],
    /// Whether the strips fill the image again.
    pub normalized: bool,
    /// How pixels are found.
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    pub border: Border,
    /// Its color.
    pub fill: Fill,
    /// The version's rule.
    pub compat: Compat,
}

impl Strips {
    /// Where the columns and then the rows of an image of shape `on` are read.
    fn lines(&self, on: Shape, scratch: &mut Scratch) -> Vec<f32> {
        let mut rng = Stream::of_key(self.key);
        let mut steps = scratch.take_f64(self.num_steps + 1);
        let mut lines = scratch.take_f32(on.width + on.height);
        let (columns, rows) = lines.split_at_mut(on.width);
        for line in [columns, rows] {
            let [lo, hi] = self.distort_limit;
            for step in &mut steps {
                *step = 1.0 + rng.uniform(lo, hi);
            }
            if self.normalized {
                distortion::normalize(&mut steps, line.len());
            }
            distortion::strips(line, &steps, self.compat == Compat::One);
        }
        scratch.give_f64(steps);
        lines
    }
}

impl Op for GridDistortion {
    type Drawn = Strips;

    const DOC: Doc = Doc {
        summary: "Stretches and shrinks the strips of a grid, as Albumentations' GridDistortion does.",
        notes: "",
        short: None,
        examples: &[
            "albumentations.grid_distortion: {}",
            "albumentations.grid_distortion: { num_steps: 4, distort_limit: [-0.5, 0.2], normalized: false, border: reflect, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        within("num_steps", &self.num_steps, &(1..=1000))?;
        super::common::check_range("distort_limit", self.distort_limit, -1.0..=10.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Strips {
        Strips {
            key: rng.u64(),
            num_steps: self.num_steps,
            distort_limit: self.distort_limit,
            normalized: self.normalized,
            interpolation: self.interpolation,
            border: self.border,
            fill: self.fill,
            compat: self.compat,
        }
    }

    fn paint(drawn: &Strips, canvas: &mut Canvas) {
        let on = canvas.shape();
        canvas.redraw(on, |src, dst, scratch| {
            let lines = drawn.lines(on, scratch);
            let mut map = scratch.take_f32(2 * on.pixels());
            distortion::grid(&lines, &mut map, on);
            remap(src, dst, &map, drawn.interpolation, outside(drawn.border, drawn.fill), scratch);
            scratch.give_f32(map);
            scratch.give_f32(lines);
        });
    }

    fn place(drawn: &Strips, on: Shape) -> Placement {
        let lines = drawn.lines(on, &mut Scratch::default());
        field(on, |x, y| [f64::from(lines[x]), f64::from(lines[on.width + y])])
    }
}

crate::named! {
    /// What distorts.
    pub enum Mode {
        /// A lens with two coefficients.
        Camera = "camera",
        /// A fisheye.
        Fisheye = "fisheye",
    }
}

/// A barrel or pincushion, as in Albumentations' `OpticalDistortion`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpticalDistortion {
    /// The coefficient, above 0 shrinks the middle less than the edges.
    #[serde(default = "lens_limit")]
    pub distort_limit: Param,
    /// Shift of the middle in pixels, which is rounded to a whole number; of both axes by themselves.
    #[serde(default = "still")]
    pub shift_limit: Param,
    /// What distorts: `camera` or `fisheye`.
    #[serde(default = "camera")]
    pub mode: Mode,
    /// How pixels are found: `nearest`, `linear` or `cubic`.
    #[serde(default = "linear")]
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    #[serde(default = "constant")]
    pub border: Border,
    /// Its color, where it is constant.
    #[serde(default)]
    pub fill: Fill,
}

fn lens_limit() -> Param {
    Param::Range(-0.05, 0.05)
}

fn still() -> Param {
    Param::Constant(0.0)
}

fn camera() -> Mode {
    Mode::Camera
}

/// How one image is distorted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Optics {
    /// The coefficient.
    pub k: f64,
    /// Shift of the middle in pixels.
    pub shift: [f64; 2],
    /// What distorts.
    pub mode: Mode,
    /// How pixels are found.
    pub interpolation: Interpolation,
    /// What lies beyond the border.
    pub border: Border,
    /// Its color.
    pub fill: Fill,
}

impl Optics {
    fn lens(&self, on: Shape) -> Lens {
        Lens { k: self.k, shift: self.shift, fisheye: self.mode == Mode::Fisheye, on }
    }
}

impl Op for OpticalDistortion {
    type Drawn = Optics;

    const DOC: Doc = Doc {
        summary: "A barrel or pincushion, as in Albumentations' OpticalDistortion.",
        notes: "With mode camera the image moves by half a pixel even where nothing is distorted, as it does there.",
        short: None,
        examples: &[
            "albumentations.optical_distortion: {}",
            "albumentations.optical_distortion: { distort_limit: [-0.3, 0.5], shift_limit: [-2, 2], border: reflect }",
            "albumentations.optical_distortion: { distort_limit: 0.3, mode: fisheye, interpolation: cubic }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.distort_limit.check("distort_limit", -100.0..=100.0)?;
        self.shift_limit.check("shift_limit", -10_000.0..=10_000.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Optics {
        let k = self.distort_limit.draw(rng);
        let shift = std::array::from_fn(|_| self.shift_limit.draw(rng).round_ties_even());
        Optics {
            k,
            shift,
            mode: self.mode,
            interpolation: self.interpolation,
            border: self.border,
            fill: self.fill,
        }
    }

    fn paint(drawn: &Optics, canvas: &mut Canvas) {
        let on = canvas.shape();
        canvas.redraw(on, |src, dst, scratch| {
            let mut map = scratch.take_f32(2 * on.pixels());
            drawn.lens(on).map(&mut map);
            remap(src, dst, &map, drawn.interpolation, outside(drawn.border, drawn.fill), scratch);
            scratch.give_f32(map);
        });
    }

    fn place(drawn: &Optics, on: Shape) -> Placement {
        let lens = drawn.lens(on);
        field(on, |x, y| lens.source(x, y))
    }
}

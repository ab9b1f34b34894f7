//! `smooth_elastic`: a smooth elastic deformation and an affine map in one resampling.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Scratch, Shape, Stream};
use crate::kernels::affine;
use crate::kernels::border::Border;
use crate::kernels::elastic_smooth::{self, Lattice};
use crate::ops::imgaug::affine::{Request, constant, draw_cval, one, unsheared, zero};
use crate::ops::{Choice, Doc, Mesh, Op, Param, PerAxis, Placement, Problem, ShapeOut};

/// Bends the image smoothly, and scales, rotates, shears and moves it, in one resampling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SmoothElastic {
    /// Strength, as in elastic_transformation: displacements deviate by about 0.16 alpha / sigma pixels.
    #[serde(default = "alpha")]
    pub alpha: Param,
    /// Smoothness in pixels, 1 or more, as in elastic_transformation.
    #[serde(default = "sigma")]
    pub sigma: Param,
    /// Factor about the center, above 1 enlarges; one value for both axes, or `{x: ..., y: ...}`.
    #[serde(default = "one")]
    pub scale: PerAxis,
    /// Shift as a fraction of width (x, to the right) and height (y, downwards). Excludes `translate_px`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translate_percent: Option<PerAxis>,
    /// Shift in whole pixels, x to the right, y downwards; both ends of a range included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translate_px: Option<PerAxis>,
    /// Degrees, clockwise.
    #[serde(default = "zero")]
    pub rotate: Param,
    /// Degrees. A number shears along x only, a range or choice draws one value for both axes, and
    /// `{x: ..., y: ...}` gives each axis its own.
    #[serde(default = "unsheared")]
    pub shear: PerAxis,
    /// Gray level 0..255 of mode constant, cut to an integer; each channel draws its own.
    #[serde(default = "zero")]
    pub cval: Param,
    /// What lies beyond the border; a list is a choice.
    #[serde(default = "constant")]
    pub mode: Choice<Border>,
}

fn alpha() -> Param {
    Param::Range(0.0, 36.0)
}

fn sigma() -> Param {
    Param::Range(4.0, 6.0)
}

/// How one image is transformed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Strength of the field.
    pub alpha: f64,
    /// Smoothness of the field, in pixels.
    pub sigma: f64,
    /// Gives the control values of the field, four bytes each.
    pub key: u64,
    /// Factors of x and y.
    pub scale: [f64; 2],
    /// Pixels to the right and downwards.
    pub translate: [f64; 2],
    /// Degrees, clockwise.
    pub rotate: f64,
    /// Degrees, of x and y.
    pub shear: [f64; 2],
    /// The color beyond the border; gray images use the first value.
    pub cval: [u8; 3],
    /// What lies beyond the border.
    pub mode: Border,
}

impl Drawn {
    fn inverse(&self, on: Shape) -> affine::Matrix {
        let Self { scale, translate, rotate, shear, .. } = *self;
        affine::invert(&affine::forward(&affine::Parts { scale, translate, rotate, shear }, on))
    }

    /// The control values of the field; give the buffer back.
    fn control(&self, lattice: &Lattice, scratch: &mut Scratch) -> Vec<f32> {
        let mut noise = scratch.take_u8(lattice.noise_bytes());
        Stream::of_key(self.key).fill(&mut noise);
        let mut control = scratch.take_f32(2 * lattice.len());
        lattice.control_values(&noise, self.alpha, self.sigma, &mut control);
        scratch.give_u8(noise);
        control
    }
}

/// Lines of nodes that tell how points move.
const NODES: usize = 8;

impl SmoothElastic {
    fn request(&self) -> Request<'_> {
        Request {
            scale: &self.scale,
            translate_percent: self.translate_percent.as_ref(),
            translate_px: self.translate_px.as_ref(),
            rotate: &self.rotate,
            shear: &self.shear,
        }
    }
}

impl Op for SmoothElastic {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Bends the image smoothly, and scales, rotates, shears and moves it, in one resampling.",
        notes: "The classic deformation of handwritten digits. The field is a cubic B-spline surface over random \
                control values 1.7 sigma apart, whose spread and correlation are those of noise smoothed with a \
                Gaussian of sigma. Interpolation is bilinear.",
        short: None,
        examples: &[
            "smooth_elastic: { alpha: [0, 36], sigma: [4, 6], scale: { x: [0.9, 1.1], y: [0.9, 1.1] }, \
             translate_px: { x: [-2, 2], y: [-2, 2] }, rotate: [-10, 10], shear: { x: [-10, 10] } }",
            "smooth_elastic: {}",
            "smooth_elastic: { alpha: 30, sigma: 5, mode: all, cval: [0, 255] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.alpha.check("alpha", 0.0..=10_000.0)?;
        self.sigma.check("sigma", 1.0..=1000.0)?;
        self.request().check()?;
        self.cval.check("cval", 0.0..=255.0)?;
        self.mode.check("mode")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let (alpha, sigma) = (self.alpha.draw(rng), self.sigma.draw(rng));
        let affine::Parts { scale, translate, rotate, shear } = self.request().draw(on, rng);
        Drawn {
            alpha,
            sigma,
            scale,
            translate,
            rotate,
            shear,
            cval: draw_cval(&self.cval, rng),
            mode: self.mode.draw(rng),
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let inverse = drawn.inverse(on);
        let lattice = Lattice::new(drawn.sigma, on);
        canvas.redraw(on, |src, dst, scratch| {
            let control = drawn.control(&lattice, scratch);
            let (border, cval) = (drawn.mode, drawn.cval);
            elastic_smooth::warp_smooth(src, dst, &inverse, &lattice, &control, border, cval, scratch);
            scratch.give_f32(control);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let inverse = drawn.inverse(on);
        let lattice = Lattice::new(drawn.sigma, on);
        let control = drawn.control(&lattice, &mut Scratch::default());
        let step = [on.width, on.height].map(|n| (n as f64 - 1.0) / (NODES - 1) as f64);
        Placement::Field(Mesh::new(NODES, NODES, |row, column| {
            let (x, y) = (column as f64 * step[0], row as f64 * step[1]);
            let moved = lattice.displacement(&control, x as f32, y as f32);
            let at = |axis: usize| {
                inverse[axis][0] * x + inverse[axis][1] * y + inverse[axis][2] - f64::from(moved[axis])
            };
            ([at(0), at(1)], [x, y])
        }))
    }
}

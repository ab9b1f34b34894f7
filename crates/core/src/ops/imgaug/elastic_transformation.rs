//! `elastic_transformation`: reads every pixel at a place moved by smoothed noise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::affine::zero;
use crate::base::{Canvas, Scratch, Shape, Stream};
use crate::kernels::border::Border;
use crate::kernels::elastic::{self, Interpolation};
use crate::ops::counterpart::{AUTO, Class, Form};
use crate::ops::{Choice, Doc, Mesh, Op, Param, Placement, Problem, ShapeOut};

crate::named! {
    for Interpolation {
        Nearest = "0",
        Linear = "1",
        Cubic = "3",
    }
}

crate::named! {
    /// What lies beyond the border.
    pub enum Mode {
        /// A constant gray level.
        Constant = "constant",
        /// The nearest border pixel.
        Nearest = "nearest",
        /// Mirrored without repeating the border pixel.
        Reflect = "reflect",
        /// Repeated.
        Wrap = "wrap",
    }
}

/// Moves pixels by smoothed noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ElasticTransformation {
    /// Factor of the noise, which is uniform in -1..1 before it is smoothed.
    #[serde(default = "alpha")]
    pub alpha: Param,
    /// Standard deviation in pixels of the Gaussian that smooths the noise, above 0.
    #[serde(default = "sigma")]
    pub sigma: Param,
    /// Interpolation: 0 nearest, 1 bilinear, 3 cubic; a list is a choice.
    #[serde(default = "cubic")]
    pub order: Choice<Interpolation>,
    /// Gray level 0..255 of mode constant, cut to an integer.
    #[serde(default = "zero")]
    pub cval: Param,
    /// What lies beyond the border; a list is a choice.
    #[serde(default = "constant")]
    pub mode: Choice<Mode>,
}

fn alpha() -> Param {
    Param::Range(0.0, 40.0)
}

fn sigma() -> Param {
    Param::Range(4.0, 8.0)
}

fn cubic() -> Choice<Interpolation> {
    Choice::One(Interpolation::Cubic)
}

fn constant() -> Choice<Mode> {
    Choice::One(Mode::Constant)
}

/// How one image is transformed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Factor of the noise.
    pub alpha: f64,
    /// Standard deviation of the Gaussian, in pixels.
    pub sigma: f64,
    /// Interpolation.
    pub order: Interpolation,
    /// Gray level beyond the border.
    pub cval: u8,
    /// What lies beyond the border.
    pub mode: Mode,
    /// Gives the noise, 16 bits per pixel and axis.
    pub key: u64,
}

impl Drawn {
    /// The displacements of an image of shape `on`: dx, then dy; give the buffer back.
    fn field(&self, on: Shape, scratch: &mut Scratch) -> Vec<f32> {
        let pad = elastic::reach(self.sigma);
        let count = 2 * (on.height + 2 * pad) * (on.width + 2 * pad);
        let mut bytes = scratch.take_u8(2 * count);
        Stream::of_key(self.key).fill(&mut bytes);
        let mut uniform = scratch.take_f32(count);
        for (value, &pair) in uniform.iter_mut().zip(bytes.as_chunks::<2>().0) {
            // In the middle of each of 2^16 steps, so that the mean is 1/2.
            *value = (f32::from(u16::from_le_bytes(pair)) + 0.5) * (1.0 / 65536.0);
        }
        let mut field = scratch.take_f32(2 * on.pixels());
        elastic::displacements(&uniform, &mut field, on, pad, (self.alpha, self.sigma), scratch);
        scratch.give_f32(uniform);
        scratch.give_u8(bytes);
        field
    }
}

/// Below this many pixels a field is noise: it scatters pixels and moves no object.
const SMOOTH: f64 = 2.0;

/// Lines of nodes that tell how points move.
const NODES: usize = 8;

impl Op for ElasticTransformation {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "ElasticTransformation",
        params: &[
            ("alpha", "alpha", Form::Number),
            ("sigma", "sigma", Form::Number),
            ("order", "order", Form::Names),
            ("cval", "cval", Form::Gray),
            ("mode", "mode", Form::Names),
            ("polygon_recoverer", "", AUTO),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Moves pixels by smoothed noise.",
        notes: "Large values of sigma (4 to 8) and alpha (around 30) bend the content, small ones (sigma 0.25) \
                scatter its pixels. For bending together with an affine map, smooth_elastic does the same in one \
                resampling, many times faster. For boxes, a field with a sigma below 2 counts as unmoved.",
        short: None,
        examples: &[
            "elastic_transformation: { alpha: [0.5, 3.5], sigma: 0.25 }",
            "elastic_transformation: { alpha: [0, 36], sigma: [4, 6], order: 1 }",
            "elastic_transformation: { alpha: 2, sigma: 1, order: [0, 1, 3], cval: [0, 255], mode: all }",
            "elastic_transformation: {}",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.alpha.check("alpha", 0.0..=10_000.0)?;
        self.sigma.check("sigma", 0.01..=1000.0)?;
        self.order.check("order")?;
        self.cval.check("cval", 0.0..=255.0)?;
        self.mode.check("mode")
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            alpha: self.alpha.draw(rng),
            sigma: self.sigma.draw(rng),
            order: self.order.draw(rng),
            cval: self.cval.draw(rng) as u8,
            mode: self.mode.draw(rng),
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let border = match drawn.mode {
            Mode::Constant => Border::Constant,
            Mode::Nearest => Border::Edge,
            Mode::Reflect => Border::Reflect,
            Mode::Wrap => Border::Wrap,
        };
        let on = canvas.shape();
        canvas.redraw(on, |src, dst, scratch| {
            let field = drawn.field(on, scratch);
            elastic::remap(src, dst, &field, drawn.order, border, [drawn.cval; 3], scratch);
            scratch.give_f32(field);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        if drawn.sigma < SMOOTH || on.pixels() == 0 {
            return Placement::Unmoved;
        }
        let field = drawn.field(on, &mut Scratch::default());
        let (dx, dy) = field.split_at(on.pixels());
        Placement::Field(Mesh::new(NODES, NODES, |row, column| {
            let x = column * (on.width - 1) / (NODES - 1);
            let y = row * (on.height - 1) / (NODES - 1);
            let at = y * on.width + x;
            let (to_x, to_y) = (x as f64, y as f64);
            ([to_x - f64::from(dx[at]), to_y - f64::from(dy[at])], [to_x, to_y])
        }))
    }
}

//! Moves and strokes: what is drawn, and how points move.

use serde::{Deserialize, Serialize};

use crate::base::{Canvas, ImageMut, Scratch, Shape, Stream};
use crate::kernels::affine::{Matrix, invert};
use crate::kernels::corrupt::elastic::{self, Beyond};
use crate::kernels::corrupt::{Finish, strokes, warp};
use crate::ops::{Mesh, Placement};

/// An angle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// In radians.
    pub angle: f64,
}

impl Turn {
    /// To either side.
    pub(in crate::ops) fn new(angle: f64, rng: &mut Stream) -> Self {
        Self { angle: if rng.bernoulli(0.5) { angle } else { -angle } }
    }

    pub(in crate::ops) fn shear(self, on: Shape) -> Matrix {
        warp::shear(self.angle, on)
    }

    pub(in crate::ops) fn rotation(self, on: Shape) -> Matrix {
        warp::rotation(self.angle, on)
    }
}

/// How much smaller.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Pixels of the image for one of the result.
    pub factor: f64,
}

impl Scale {
    pub(in crate::ops) fn matrix(self, on: Shape) -> Matrix {
        warp::scaling(self.factor, on)
    }
}

/// Reads the image at `inverse` of each pixel, channel by channel.
pub(in crate::ops) fn warped(canvas: &mut Canvas, inverse: &Matrix, finish: Finish) {
    let shape = canvas.shape();
    canvas.redraw(shape, |src, dst, scratch| warp::warp(src, dst, inverse, finish, scratch));
}

/// How points move then.
pub(in crate::ops) fn placed(inverse: &Matrix, on: Shape) -> Placement {
    Placement::Affine { forward: invert(inverse), to: on }
}

/// How far it moves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// Columns to the right.
    pub x: i32,
    /// Rows down.
    pub y: i32,
}

impl Move {
    /// By so much along both axes, to either side.
    pub(in crate::ops) fn new(by: i32, rng: &mut Stream) -> Self {
        let mut either = || if rng.bernoulli(0.5) { by } else { -by };
        Self { x: either(), y: either() }
    }

    pub(in crate::ops) fn paint(self, canvas: &mut Canvas) {
        let by = [self.x, self.y].map(|by| by.clamp(-100_000, 100_000));
        let shape = canvas.shape();
        canvas.redraw(shape, |src, dst, _| warp::translate(src, dst, by));
    }

    pub(in crate::ops) fn place(self, on: Shape) -> Placement {
        let forward = [[1.0, 0.0, f64::from(self.x)], [0.0, 1.0, f64::from(self.y)]];
        Placement::Affine { forward, to: on }
    }
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its left end, (x, y).
    pub from: [f64; 2],
    /// Its right end, (x, y).
    pub to: [f64; 2],
}

impl Line {
    pub(in crate::ops) fn paint(
        &self,
        image: ImageMut<'_>,
        dotted: bool,
        finish: Finish,
        scratch: &mut Scratch,
    ) {
        strokes::line(image, self.from, self.to, dotted, finish, scratch);
    }

    pub(in crate::ops) fn zigzag(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let [from, to] = [self.from, self.to].map(|point| point.map(|v| v.clamp(-1e4, 1e4)));
        strokes::zigzag(image, from, to, finish, scratch);
    }
}

/// How one image is bent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elastic {
    /// What smoothed numbers are multiplied by to be pixels.
    pub alpha: f64,
    /// Standard deviations of the smoothing, along columns and rows.
    pub sigma: [f64; 2],
    /// How large the numbers are before.
    pub range: f64,
    /// How three points about the middle move before that, (x, y), if they do.
    pub corners: Option<[[f32; 2]; 3]>,
    /// What the random numbers are expanded from.
    pub key: u64,
}

/// Lines of nodes that tell how points move.
const NODES: usize = 8;

impl Elastic {
    /// With three points that move by up to `reach` pixels.
    pub(in crate::ops) fn with_corners((alpha, sigma, reach): (f64, f64, f64), rng: &mut Stream) -> Self {
        let corners = std::array::from_fn(|_| std::array::from_fn(|_| rng.uniform(-reach, reach) as f32));
        Self { alpha, sigma: [sigma; 2], range: 1.0, corners: Some(corners), key: rng.u64() }
    }

    fn field(&self, on: Shape, scratch: &mut Scratch) -> Vec<f64> {
        let mut field = scratch.take_f64(2 * on.pixels());
        let mut rng = Stream::of_key(self.key);
        for v in &mut field {
            *v = (2.0 * rng.unit() - 1.0) * self.range;
        }
        let sigma = self.sigma.map(|sigma| sigma.clamp(0.0, 300.0));
        elastic::smooth(&mut field, on, sigma, self.alpha.clamp(-1e6, 1e6), scratch);
        field
    }

    fn matrix(&self, on: Shape) -> Option<Matrix> {
        self.corners.map(|corners| elastic::moved_corners(&corners, on))
    }

    pub(in crate::ops) fn paint(&self, canvas: &mut Canvas, beyond: Beyond, finish: Finish) {
        let on = canvas.shape();
        canvas.redraw(on, |src, dst, scratch| {
            let field = self.field(on, scratch);
            elastic::warp(src, dst, self.matrix(on).as_ref(), &field, beyond, finish, scratch);
            scratch.give_f64(field);
        });
    }

    pub(in crate::ops) fn place(&self, on: Shape) -> Placement {
        if on.pixels() == 0 {
            return Placement::Unmoved;
        }
        let field = self.field(on, &mut Scratch::default());
        let inverse = self.matrix(on).map_or([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], |m| invert(&m));
        let step = [on.width, on.height].map(|n| (n as f64 - 1.0) / (NODES - 1) as f64);
        // Fields may be rough; what moves is what pixels around a node do on average.
        let around = |at: f64, step: f64, n: usize| {
            let reach = (step / 2.0).floor();
            (at.round() - reach).max(0.0) as usize..((at.round() + reach) as usize + 1).min(n)
        };
        let moved = |[x, y]: [f64; 2], axis: usize| {
            let (columns, rows) = (around(x, step[0], on.width), around(y, step[1], on.height));
            let count = (columns.len() * rows.len()).max(1) as f64;
            let plane = &field[axis * on.pixels()..];
            rows.map(|y| plane[y * on.width..][columns.clone()].iter().sum::<f64>()).sum::<f64>() / count
        };
        Placement::Field(Mesh::new(NODES, NODES, |row, column| {
            let to = [column as f64 * step[0], row as f64 * step[1]];
            let [x, y] = [to[0] + moved(to, 0), to[1] + moved(to, 1)];
            (inverse.map(|[a, b, c]| a * x + b * y + c), to)
        }))
    }
}

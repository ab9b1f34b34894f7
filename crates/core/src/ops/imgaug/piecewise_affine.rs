//! `piecewise_affine`: moves the points of a grid, and what lies between them along.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::piecewise_affine::{self, Diagonal, control_line, displaced};
use crate::ops::counterpart::{Class, Fixed, Form, NO, NONE};
use crate::ops::{Doc, Int, Mesh, Op, Param, Placement, Problem, ShapeOut, placement::MESH_NODES};

/// Moves the points of a regular grid at random, and what lies between them along.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PiecewiseAffine {
    /// Standard deviation of the normal numbers by which points move, as fractions of height and width.
    #[serde(default = "scale")]
    pub scale: Param,
    /// Rows of the grid, 2..64; both ends of a range included.
    #[serde(default = "lines")]
    pub nb_rows: Int,
    /// Columns of the grid, 2..64; both ends of a range included.
    #[serde(default = "lines")]
    pub nb_cols: Int,
}

fn scale() -> Param {
    Param::Range(0.0, 0.04)
}

fn lines() -> Int {
    Int::Range(2, 4)
}

/// How one image is transformed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Standard deviation of the jitter, as fractions of height and width.
    pub scale: f64,
    /// Rows of the grid.
    pub nb_rows: u8,
    /// Columns of the grid.
    pub nb_cols: u8,
    /// Gives a standard normal number for y and one for x of each point, row by row.
    pub key: u64,
}

impl Drawn {
    fn grid(&self) -> (usize, usize) {
        (usize::from(self.nb_rows), usize::from(self.nb_cols))
    }

    /// Writes the displaced points; whether anything moves: imgaug leaves an image alone of whose jitter no
    /// value is positive.
    fn points(&self, on: Shape, points: &mut [[f64; 2]]) -> bool {
        let grid = self.grid();
        let mut rng = Stream::of_key(self.key);
        let mut any = false;
        for (i, point) in points.iter_mut().enumerate() {
            let jitter = [rng.normal() * self.scale, rng.normal() * self.scale];
            any |= jitter[0] > 0.0 || jitter[1] > 0.0;
            *point = displaced(grid, (i / grid.1, i % grid.1), jitter, on);
        }
        any
    }
}

impl Op for PiecewiseAffine {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class {
        name: "PiecewiseAffine",
        params: &[
            ("scale", "scale", Form::Number),
            ("nb_rows", "nb_rows", Form::Whole),
            ("nb_cols", "nb_cols", Form::Whole),
            ("order", "", Form::Fixed(Fixed::Number(1.0))),
            ("cval", "", Form::Fixed(Fixed::Number(0.0))),
            ("mode", "", Form::Fixed(Fixed::Text("constant"))),
            ("absolute_scale", "", NO),
            ("polygon_recoverer", "", NONE),
        ],
    }];

    const DOC: Doc = Doc {
        summary: "Moves the points of a regular grid at random, and what lies between them along.",
        notes: "Interpolation is bilinear. Points stay inside the image, so that nothing from beyond its border \
                is ever seen, and those on the right and lower border always move inward by a pixel. Cells are cut \
                from their upper left to their lower right corner, where imgaug leaves the choice to chance.",
        short: Some("scale"),
        examples: &[
            "piecewise_affine: { scale: [0.01, 0.05] }",
            "piecewise_affine: 0.03",
            "piecewise_affine: { scale: 0.02, nb_rows: [2, 6], nb_cols: 10 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.scale.check("scale", 0.0..=1.0)?;
        self.nb_rows.check("nb_rows", 2..=64)?;
        self.nb_cols.check("nb_cols", 2..=64)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            scale: self.scale.draw(rng),
            nb_rows: self.nb_rows.draw(rng) as u8,
            nb_cols: self.nb_cols.draw(rng) as u8,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let on = canvas.shape();
        let grid = drawn.grid();
        canvas.redraw(on, |src, dst, scratch| {
            let mut numbers = scratch.take_f64(2 * grid.0 * grid.1);
            let points = numbers.as_chunks_mut::<2>().0;
            if drawn.points(on, points) {
                piecewise_affine::piecewise_affine(src, dst, grid, points, |_| Diagonal::Falling, scratch);
            } else {
                dst.data.copy_from_slice(src.data);
            }
            scratch.give_f64(numbers);
        });
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        let grid = drawn.grid();
        let (mut few, mut many) = ([[0.0; 2]; MESH_NODES], Vec::new());
        let points = if let Some(points) = few.get_mut(..grid.0 * grid.1) {
            points
        } else {
            many.resize(grid.0 * grid.1, [0.0; 2]);
            many.as_mut_slice()
        };
        if !drawn.points(on, points) {
            return Placement::Unmoved;
        }
        // A mesh has few nodes: of a finer grid every second, third, ... line is taken, and the last one.
        let mut step = 1;
        let lines = |n: usize, step: usize| (n - 1).div_ceil(step) + 1;
        while lines(grid.0, step) * lines(grid.1, step) > MESH_NODES {
            step += 1;
        }
        Placement::Field(Mesh::new(lines(grid.0, step), lines(grid.1, step), |row, column| {
            let (row, column) = ((row * step).min(grid.0 - 1), (column * step).min(grid.1 - 1));
            let regular = [control_line(column, grid.1, on.width), control_line(row, grid.0, on.height)];
            (points[row * grid.1 + column], regular)
        }))
    }
}

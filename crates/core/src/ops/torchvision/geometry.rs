//! `torchvision.random_affine`, `torchvision.random_rotation`, `torchvision.random_perspective`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Arithmetic, Fill, between, check_range, sized};
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::pil::warp::{self, Filter};
use crate::kernels::torch::grid::{self, Around};
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Probability, Problem, ShapeOut};

/// How far numbers may go that are degrees.
const DEGREES: std::ops::RangeInclusive<f64> = -36000.0..=36000.0;

fn nearest() -> Filter {
    Filter::Nearest
}

/// A matrix between coordinates that begin in the corners as one between coordinates about the middles of images.
pub(super) fn centered(matrix: &warp::Matrix, on: Shape, to: Shape) -> warp::Matrix {
    let [a, b, c, d, e, f] = *matrix;
    let (x, y) = (to.width as f64 * 0.5, to.height as f64 * 0.5);
    [a, b, a * x + b * y + c - on.width as f64 * 0.5, d, e, d * x + e * y + f - on.height as f64 * 0.5]
}

/// How one image is turned, scaled, sheared and shifted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warped {
    /// From the result to the source, `[a, b, c, d, e, f]`.
    pub matrix: [f64; 6],
    /// How pixels are found.
    pub interpolation: Filter,
    /// What lies outside.
    pub fill: [u8; 3],
    /// Height and width of the result.
    pub size: [usize; 2],
    /// Whose arithmetic it is.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

impl Warped {
    pub(super) fn paint(&self, canvas: &mut Canvas) {
        let (on, to) = (canvas.shape(), sized(canvas.shape(), self.size));
        canvas.redraw(to, |src, dst, scratch| match self.compat {
            Arithmetic::Pil => {
                warp::transform(src, dst, &self.matrix, self.interpolation, self.fill, scratch);
            }
            Arithmetic::Tensor => {
                let matrix = centered(&self.matrix, on, to);
                let place = grid::affine(&matrix, [on.height, on.width], [to.height, to.width]);
                grid::sample(src, dst, self.interpolation, Around::Fill(self.fill), scratch, place);
            }
        });
    }

    pub(super) fn place(&self, on: Shape) -> Placement {
        let [a, b, c, d, e, f] = self.matrix;
        let area = a * e - b * d;
        // From continuous coordinates to those of centers.
        let (c, f) = (c + a / 2.0 + b / 2.0 - 0.5, f + d / 2.0 + e / 2.0 - 0.5);
        let forward =
            [[e / area, -b / area, (b * f - e * c) / area], [-d / area, a / area, (d * c - a * f) / area]];
        Placement::Affine { forward, to: sized(on, self.size) }
    }
}

/// Turns, shifts, scales and shears the image, as torchvision's `RandomAffine` does with PIL images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomAffine {
    /// Degrees clockwise, `[lo, hi]`.
    pub degrees: [f64; 2],
    /// The greatest shift as fractions of width and height, `[x, y]`; whole pixels are drawn.
    #[serde(default)]
    pub translate: [f64; 2],
    /// Factor of both axes, `[lo, hi]`.
    #[serde(default = "one")]
    pub scale: [f64; 2],
    /// Degrees of shear along rows, `[lo, hi]`.
    #[serde(default)]
    pub shear_x: [f64; 2],
    /// Degrees of shear along columns, `[lo, hi]`.
    #[serde(default)]
    pub shear_y: [f64; 2],
    /// How pixels are found.
    #[serde(default = "nearest")]
    pub interpolation: Filter,
    /// The value of what lies outside.
    #[serde(default)]
    pub fill: Fill,
    /// The center in pixels, `[x, y]`; without it that of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub center: Option<[f64; 2]>,
    /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

fn one() -> [f64; 2] {
    [1.0, 1.0]
}

fn check_center(center: Option<[f64; 2]>) -> Result<(), Problem> {
    center.map_or(Ok(()), |[x, y]| {
        [x, y].iter().try_for_each(|v| crate::ops::range::within("center", v, &(-10_000.0..=10_000.0)))
    })
}

impl Op for RandomAffine {
    type Drawn = Warped;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomAffine",
        arguments: &[
            Argument::Plain("degrees", "degrees"),
            Argument::Plain("translate", "translate"),
            Argument::Plain("scale", "scale"),
            Argument::Joined("shear", &["shear_x", "shear_y"]),
            Argument::Constant("interpolation", "InterpolationMode"),
            Argument::Plain("fill", "fill"),
            Argument::Plain("center", "center"),
        ],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Turns, shifts, scales and shears the image, as torchvision's RandomAffine does with PIL images.",
        notes: "Pixels are those of Pillow: with bilinear and bicubic interpolation the fraction is cut off, and the border is \
                hard. Shifts are whole pixels.",
        short: None,
        examples: &[
            "torchvision.random_affine: { degrees: [-10, 10], translate: [0.1, 0.1], scale: [0.8, 1.2] }",
            "torchvision.random_affine: { degrees: [-9, 9], scale: [0.7, 1.3], fill: 9, compat: tensor }",
            "torchvision.random_affine: { degrees: [0, 0], shear_x: [-8, 8], shear_y: [-3, 3], interpolation: bilinear, fill: 9 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        check_range("degrees", self.degrees, DEGREES)?;
        self.compat.check(self.interpolation)?;
        self.translate.iter().try_for_each(|t| crate::ops::range::within("translate", t, &(0.0..=1.0)))?;
        check_range("scale", self.scale, 0.001..=1000.0)?;
        check_range("shear_x", self.shear_x, -85.0..=85.0)?;
        check_range("shear_y", self.shear_y, -85.0..=85.0)?;
        check_center(self.center)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Warped {
        let (w, h) = (on.width as f64, on.height as f64);
        let angle = between(self.degrees, rng);
        let mut shift = |share: f64, side: f64| {
            if share == 0.0 { 0.0 } else { rng.uniform(-share * side, share * side).round_ties_even() }
        };
        let translate = [shift(self.translate[0], w), shift(self.translate[1], h)];
        let scale = between(self.scale, rng);
        let shear = [between(self.shear_x, rng), between(self.shear_y, rng)];
        let center = self.center.unwrap_or([w * 0.5, h * 0.5]);
        Warped {
            matrix: warp::affine(angle, translate, scale, shear, center),
            interpolation: self.interpolation,
            fill: self.fill.channels(),
            size: [on.height, on.width],
            compat: self.compat,
        }
    }

    fn paint(drawn: &Warped, canvas: &mut Canvas) {
        drawn.paint(canvas);
    }

    fn place(drawn: &Warped, on: Shape) -> Placement {
        drawn.place(on)
    }
}

/// Turns the image, as torchvision's `RandomRotation` does with PIL images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomRotation {
    /// Degrees counter-clockwise, `[lo, hi]`.
    pub degrees: [f64; 2],
    /// How pixels are found.
    #[serde(default = "nearest")]
    pub interpolation: Filter,
    /// Make the image as large as the turned one.
    #[serde(default)]
    pub expand: bool,
    /// The value of what lies outside.
    #[serde(default)]
    pub fill: Fill,
    /// The center in pixels, `[x, y]`; without it that of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub center: Option<[f64; 2]>,
    /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

impl Op for RandomRotation {
    type Drawn = Warped;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomRotation",
        arguments: &[
            Argument::Plain("degrees", "degrees"),
            Argument::Constant("interpolation", "InterpolationMode"),
            Argument::Plain("expand", "expand"),
            Argument::Plain("center", "center"),
            Argument::Plain("fill", "fill"),
        ],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Turns the image, as torchvision's RandomRotation does with PIL images.",
        notes: "Positive angles turn counter-clockwise, other than those of affine and torchvision.random_affine. Pixels are \
                those of Pillow.",
        short: Some("degrees"),
        examples: &[
            "torchvision.random_rotation: [-15, 15]",
            "torchvision.random_rotation: { degrees: [-15, 15], interpolation: bilinear, expand: true, compat: tensor }",
            "torchvision.random_rotation: { degrees: [-90, 90], interpolation: bicubic, expand: true, fill: [1, 2, 3] }",
            "torchvision.random_rotation: { degrees: [90, 90], center: [3, 4], interpolation: bilinear }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        check_range("degrees", self.degrees, DEGREES)?;
        self.compat.check(self.interpolation)?;
        if self.expand && self.center.is_some() {
            return Err(Problem::new("center", "an image that expands is turned about its own center"));
        }
        check_center(self.center)
    }

    fn shape_out(&self, on: Shape) -> ShapeOut {
        let [lo, hi] = self.degrees;
        match self.expand {
            false => ShapeOut::Same,
            true if lo == hi => {
                ShapeOut::Fixed(sized(on, warp::rotation(lo, None, true, on.height, on.width).1))
            }
            true => ShapeOut::Varies,
        }
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Warped {
        let angle = between(self.degrees, rng);
        let (matrix, size) = warp::rotation(angle, self.center, self.expand, on.height, on.width);
        // Pillow turns by index where it can.
        let turned =
            self.center.is_none() && (self.expand || on.height == on.width || angle.rem_euclid(180.0) == 0.0);
        let exact = turned && angle.rem_euclid(90.0) == 0.0;
        Warped {
            matrix,
            interpolation: if exact { Filter::Nearest } else { self.interpolation },
            fill: self.fill.channels(),
            size,
            compat: self.compat,
        }
    }

    fn paint(drawn: &Warped, canvas: &mut Canvas) {
        drawn.paint(canvas);
    }

    fn place(drawn: &Warped, on: Shape) -> Placement {
        drawn.place(on)
    }
}

/// Changes the perspective, as torchvision's `RandomPerspective` does with PIL images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomPerspective {
    /// How far corners move inward, as a fraction of half the sides.
    #[serde(default = "half")]
    pub distortion_scale: f64,
    /// Probability that an image is changed.
    #[serde(default = "coin")]
    pub p: Probability,
    /// How pixels are found.
    #[serde(default = "bilinear")]
    pub interpolation: Filter,
    /// The value of what lies outside.
    #[serde(default)]
    pub fill: Fill,
    /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

fn half() -> f64 {
    0.5
}

fn coin() -> Probability {
    Probability(0.5)
}

fn bilinear() -> Filter {
    Filter::Bilinear
}

/// The change of perspective of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Perspective {
    /// Coefficients from the result to the source; all 0 leave the image as it is.
    pub coefficients: [f64; 8],
    /// How pixels are found.
    pub interpolation: Filter,
    /// What lies outside.
    pub fill: [u8; 3],
    /// Whose arithmetic it is.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

impl Op for RandomPerspective {
    type Drawn = Perspective;

    const TORCHVISION: Option<Transform> = Some(Transform {
        name: "RandomPerspective",
        arguments: &[
            Argument::Plain("distortion_scale", "distortion_scale"),
            Argument::Plain("p", "p"),
            Argument::Constant("interpolation", "InterpolationMode"),
            Argument::Plain("fill", "fill"),
        ],
        takes: Takes::Pictures,
    });

    const DOC: Doc = Doc {
        summary: "Changes the perspective, as torchvision's RandomPerspective does with PIL images.",
        notes: "Each corner moves inward by whole pixels. Pixels are those of Pillow.",
        short: None,
        examples: &[
            "torchvision.random_perspective: {}",
            "torchvision.random_perspective: { distortion_scale: 0.2, p: 1, interpolation: nearest, fill: 7 }",
            "torchvision.random_perspective: { p: 1, compat: tensor }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.p.check("p")?;
        self.compat.check(self.interpolation)?;
        crate::ops::range::within("distortion_scale", &self.distortion_scale, &(0.0..=1.0))
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Perspective {
        let mut drawn = Perspective {
            coefficients: [0.0; 8],
            interpolation: self.interpolation,
            fill: self.fill.channels(),
            compat: self.compat,
        };
        if !self.p.draw(rng) {
            return drawn;
        }
        let (w, h) = (on.width as i64, on.height as i64);
        let reach = |n: i64| (self.distortion_scale * (n / 2) as f64) as i64;
        let (bw, bh) = (reach(w), reach(h));
        let mut corner = |right: bool, low: bool| {
            let x = rng.integer(0, bw);
            let y = rng.integer(0, bh);
            [if right { w - 1 - x } else { x } as f64, if low { h - 1 - y } else { y } as f64]
        };
        let end = [corner(false, false), corner(true, false), corner(true, true), corner(false, true)];
        let (right, low) = ((w - 1) as f64, (h - 1) as f64);
        let start = [[0.0, 0.0], [right, 0.0], [right, low], [0.0, low]];
        // Corners that span no area, as in an image of one row, leave it as it is.
        if let Some(coefficients) = warp::coefficients(start, end) {
            drawn.coefficients = coefficients;
        }
        drawn
    }

    fn paint(drawn: &Perspective, canvas: &mut Canvas) {
        if drawn.coefficients == [0.0; 8] {
            return;
        }
        let on = canvas.shape();
        canvas.redraw(on, |src, dst, scratch| match drawn.compat {
            Arithmetic::Pil => {
                let (filter, fill) = (drawn.interpolation, drawn.fill);
                warp::perspective(src, dst, &drawn.coefficients, filter, fill, scratch);
            }
            Arithmetic::Tensor => {
                let place = grid::perspective(&drawn.coefficients, [on.height, on.width]);
                grid::sample(src, dst, drawn.interpolation, Around::Fill(drawn.fill), scratch, place);
            }
        });
    }

    fn place(drawn: &Perspective, on: Shape) -> Placement {
        let k = drawn.coefficients;
        if k == [0.0; 8] {
            return Placement::Unmoved;
        }
        // From centers to continuous coordinates, through the coefficients, and back.
        let half = |x: f64, y: f64| x * 0.5 + y * 0.5;
        let through = [
            [k[0], k[1], k[2] + half(k[0], k[1])],
            [k[3], k[4], k[5] + half(k[3], k[4])],
            [k[6], k[7], 1.0 + half(k[6], k[7])],
        ];
        let [p, q, r] = through;
        let m = [std::array::from_fn(|i| p[i] - 0.5 * r[i]), std::array::from_fn(|i| q[i] - 0.5 * r[i]), r];
        Placement::Projective { forward: adjugate(m), to: on }
    }
}

/// The inverse of a matrix but for a factor, which a change of perspective does not see.
fn adjugate(m: [[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let minor = |r: usize, c: usize| {
        let (r0, r1, c0, c1) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
        m[r0][c0] * m[r1][c1] - m[r0][c1] * m[r1][c0]
    };
    std::array::from_fn(|r| std::array::from_fn(|c| minor(c, r)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn shifts_are_whole_pixels_and_both_ends_are_drawn() {
        let op: RandomAffine = serde_json::from_str(r#"{"degrees":[0,0],"translate":[0.1,0.1]}"#).unwrap();
        let shifts: Vec<f64> = draws(&op, 3000).map(|drawn| drawn.matrix[2]).collect();
        assert!(shifts.iter().all(|x| x.fract() == 0.0 && x.abs() <= 3.0));
        assert!([-3.0, 3.0].iter().all(|end| shifts.contains(end)));
    }

    #[test]
    fn boxes_follow_a_quarter_turn() {
        let op: RandomRotation = serde_json::from_str(r#"{"degrees":[90,90]}"#).unwrap();
        let on = Shape::gray(4, 4);
        let drawn = op.draw(on, &mut Stream::of_key(0));
        let Placement::Affine { forward: [x, y], .. } = RandomRotation::place(&drawn, on) else { panic!() };
        // The upper right corner goes to the upper left.
        let at = |row: [f64; 3]| row[0] * 3.0 + row[2];
        assert!((at(x) - 0.0).abs() < 1e-9 && (at(y) - 0.0).abs() < 1e-9, "{} {}", at(x), at(y));
    }
}

//! `albumentations.motion_blur`: blurs along a line.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::{Canvas, Shape, Stream, math};
use crate::kernels::cv::{filter, line::line};
use crate::ops::{Doc, Int, Op, Param, Problem};

/// Blurs along a line, as Albumentations' `MotionBlur` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlbumentationsMotionBlur {
    /// Rows and columns of the kernel, 3..99.
    #[serde(default = "sizes")]
    pub blur_limit: Int,
    /// Whether the line may lie off the kernel's middle, which shifts the image.
    #[serde(default = "yes")]
    pub allow_shifted: bool,
    /// The line's angle in degrees, clockwise from the right. Version 2 only.
    #[serde(default = "circle")]
    pub angle_range: Param,
    /// Which end of the line is cut off, -1..1: 0 neither, 1 all of the first half. Version 2 only.
    #[serde(default = "both_ways")]
    pub direction_range: Param,
    /// The version of Albumentations, 1 or 2: 1 draws a line between two random points, 2 through the middle.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn sizes() -> Int {
    Int::Choice(vec![3, 5, 7])
}

fn yes() -> bool {
    true
}

fn circle() -> Param {
    Param::Range(0.0, 360.0)
}

fn both_ways() -> Param {
    Param::Range(-1.0, 1.0)
}

/// The kernel of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Its rows and columns.
    pub size: u8,
    /// The line in it.
    pub trace: Trace,
}

/// A line in a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trace {
    /// Between two points (x, y).
    Between([i32; 2], [i32; 2]),
    /// Through the middle: angle in degrees, direction, and the shift (x, y) in pixels.
    Through(f64, f64, [f64; 2]),
}

/// Most rows of a kernel.
const MOST: i64 = 99;

/// Two ends of a line along one axis, moved so that it has an odd length and lies in the middle.
fn centered([a, b]: [i32; 2], size: i32) -> [i32; 2] {
    let (mut a, mut b) = (a, b);
    if (a - b).abs() % 2 == 1 {
        if b > a { b -= 1 } else { a -= 1 }
    }
    let off = f64::from(a + b) / 2.0 - (f64::from(size) / 2.0 - 0.5);
    [a, b].map(|end| (f64::from(end) - off) as i32)
}

/// Marks the pixels of a line in a kernel of `side` rows and columns, all alike and 1 together.
fn fill(trace: Trace, kernel: &mut [f32], side: usize) {
    let last = side as i32 - 1;
    let mut mark = |x: i32, y: i32| {
        kernel[y.clamp(0, last) as usize * side + x.clamp(0, last) as usize] = 1.0;
    };
    match trace {
        Trace::Between(a, b) => {
            line(a.map(|v| v.clamp(0, last)), b.map(|v| v.clamp(0, last))).for_each(|[x, y]| mark(x, y));
        }
        Trace::Through(angle, direction, shift) => {
            let half = (side / 2) as f64;
            let direction = direction.clamp(-1.0, 1.0);
            let (from, to) = if direction < 0.0 {
                (-half, half * (1.0 + direction))
            } else {
                (-half * (1.0 - direction), half)
            };
            let radians = angle * (std::f64::consts::PI / 180.0);
            let (dx, dy) = (math::cos(radians), math::sin(radians));
            let step = (to - from) / f64::from(last.max(1));
            for i in 0..=last {
                let t = if i == last { to } else { f64::from(i) * step + from };
                let [x, y] = [half + dx * t + shift[0], half + dy * t + shift[1]];
                mark(math::rhe64(x), math::rhe64(y));
            }
        }
    }
    let count: f32 = kernel.iter().sum();
    for weight in kernel.iter_mut() {
        *weight /= count;
    }
}

impl Op for AlbumentationsMotionBlur {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Blurs along a line, as Albumentations' MotionBlur does.",
        notes: "The library draws odd sizes, `{choice: [3, 5, 7]}`; version 1 may draw even ones as well.",
        short: Some("blur_limit"),
        examples: &[
            "albumentations.motion_blur: {}",
            "albumentations.motion_blur: { blur_limit: 9, angle_range: 45, direction_range: 0, allow_shifted: false }",
            "albumentations.motion_blur: { blur_limit: { choice: [3, 5, 7] }, compat: 1 }",
            "albumentations.motion_blur: { blur_limit: 7, allow_shifted: false, compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.blur_limit.check("blur_limit", 3..=MOST)?;
        self.angle_range.check("angle_range", -360.0..=360.0)?;
        self.direction_range.check("direction_range", -1.0..=1.0)
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let size = self.blur_limit.draw(rng);
        let trace = match self.compat {
            Compat::One => {
                let mut any = || rng.integer(0, size - 1) as i32;
                let (mut x, mut y) = ([any(), any()], [any(), any()]);
                if x[0] == x[1] && y[0] == y[1] {
                    // Two of the others, as if drawn without putting the first back.
                    y[1] = (y[0] + rng.integer(1, size - 1) as i32) % size as i32;
                }
                if !self.allow_shifted {
                    (x, y) = (centered(x, size as i32), centered(y, size as i32));
                }
                Trace::Between([x[0], y[0]], [x[1], y[1]])
            }
            Compat::Two => {
                let (angle, direction) = (self.angle_range.draw(rng), self.direction_range.draw(rng));
                let reach = if self.allow_shifted { (size / 2) as f64 / 2.0 } else { 0.0 };
                let shift = [rng.uniform(-1.0, 1.0) * reach, rng.uniform(-1.0, 1.0) * reach];
                Trace::Through(angle, direction, shift)
            }
        };
        Drawn { size: size as u8, trace }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let side = usize::from(drawn.size).clamp(1, MOST as usize);
        canvas.redraw(canvas.shape(), |from, to, scratch| {
            let mut kernel = scratch.take_f32(side * side);
            kernel.fill(0.0);
            fill(drawn.trace, &mut kernel, side);
            filter::filter_2d(from, to, &kernel, side, scratch);
            scratch.give_f32(kernel);
        });
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    /// How many pixels lines have, and the deviation of their middle, as measured on the library with sizes 3, 5 and 7.
    #[test]
    fn lines_are_as_long_as_in_the_library() {
        for (version, counts, spread) in [
            (Compat::One, [0.0, 0.313, 0.3135, 0.1755, 0.12425, 0.05075, 0.023], 1.0586),
            (Compat::Two, [0.001, 0.16, 0.2825, 0.2075, 0.18675, 0.11475, 0.0475], 0.7118),
        ] {
            let op = AlbumentationsMotionBlur {
                blur_limit: sizes(),
                allow_shifted: true,
                angle_range: circle(),
                direction_range: both_ways(),
                compat: version,
            };
            let (mut found, mut squares) = ([0.0_f64; 7], 0.0_f64);
            let n = 8000;
            for drawn in draws(&op, n) {
                let side = usize::from(drawn.size);
                let mut kernel = vec![0.0; side * side];
                fill(drawn.trace, &mut kernel, side);
                found[kernel.iter().filter(|w| **w > 0.0).count() - 1] += 1.0 / n as f64;
                let center: f64 = kernel
                    .iter()
                    .enumerate()
                    .map(|(i, w)| f64::from(*w) * ((i % side) as f64 - (side / 2) as f64))
                    .sum();
                squares += center * center / n as f64;
            }
            assert!(found.iter().zip(counts).all(|(a, b)| (a - b).abs() < 0.045), "{version:?} {found:?}");
            assert!((squares.sqrt() / spread - 1.0).abs() < 0.08, "{version:?} {}", squares.sqrt());
        }
    }

    #[test]
    fn lines_that_are_not_shifted_have_their_middle_in_the_middle() {
        assert_eq!(centered([0, 1], 5), [2, 2]);
        assert_eq!(centered([4, 2], 5), [3, 1]);
        assert_eq!(centered([3, 0], 7), [4, 2]);
    }
}

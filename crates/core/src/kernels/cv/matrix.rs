//! Affine matrices as Albumentations makes them: from input to output coordinates, positive angles counter-clockwise.

use crate::base::Shape;
use crate::base::math::{cos, sin};
use crate::kernels::affine::{Matrix, Parts};

/// The middle of an image of shape `on`, (x, y), where pixel centers have whole coordinates.
#[must_use]
pub fn center(on: Shape) -> [f64; 2] {
    [on.width as f64 / 2.0 - 0.5, on.height as f64 / 2.0 - 0.5]
}

fn radians(degrees: f64) -> f64 {
    degrees * (std::f64::consts::PI / 180.0)
}

fn tan(x: f64) -> f64 {
    sin(x) / cos(x)
}

/// A turn by `degrees` and a scaling by `scale` about (x, y).
#[must_use]
pub fn rotation([x, y]: [f64; 2], degrees: f64, scale: f64) -> Matrix {
    let (a, b) = (cos(radians(degrees)) * scale, sin(radians(degrees)) * scale);
    [[a, b, (1.0 - a) * x - b * y], [-b, a, b * x + (1.0 - a) * y]]
}

/// `p' = c + t + A (p - c)` about the middle of an image of shape `on`.
fn about(a: [[f64; 2]; 2], translate: [f64; 2], on: Shape) -> Matrix {
    let c = center(on);
    std::array::from_fn(|r| [a[r][0], a[r][1], c[r] + translate[r] - (a[r][0] * c[0] + a[r][1] * c[1])])
}

/// The chain of version 2: scale, turn, shear, move, where a shear of both axes is one matrix. Angles of shears are
/// negated.
#[must_use]
pub fn chain(parts: &Parts, on: Shape) -> Matrix {
    let r = radians(parts.rotate.rem_euclid(360.0));
    let [sx, sy] = parts.scale;
    let turn = [[cos(r) * sx, sin(r) * sy], [-sin(r) * sx, cos(r) * sy]];
    let [kx, ky] = parts.shear.map(|k| tan(radians(-k)));
    let a = [0, 1].map(|c| [turn[0][c] + kx * turn[1][c], ky * turn[0][c] + turn[1][c]]);
    about([[a[0][0], a[1][0]], [a[0][1], a[1][1]]], parts.translate, on)
}

/// The chain of version 1 with scikit-image from 0.21 on: a shear in y, then scale, shear in x and turn together. All
/// angles are negated.
#[must_use]
pub fn older_chain(parts: &Parts, on: Shape) -> Matrix {
    let r = radians(-parts.rotate);
    let [sx, sy] = parts.scale;
    let [kx, ky] = parts.shear.map(|k| tan(radians(-k)));
    let m = [[sx * cos(r), -sy * (kx * cos(r) + sin(r))], [sx * sin(r), -sy * (kx * sin(r) - cos(r))]];
    about(m.map(|[a, b]| [a + b * ky, b]), parts.translate, on)
}

/// The part of a turned image of shape `on` that shows nothing from beyond the border: first and last x, first and
/// last y, the last ones excluded.
#[must_use]
pub fn largest_box(on: Shape, degrees: f64) -> [usize; 4] {
    let (h, w) = (on.height as f64, on.width as f64);
    let (sin_a, cos_a) = (sin(radians(degrees)).abs(), cos(radians(degrees)).abs());
    let wide = w >= h;
    let (long, short) = if wide { (w, h) } else { (h, w) };
    let (wr, hr) = if short <= 2.0 * sin_a * cos_a * long || (sin_a - cos_a).abs() < 1e-10 {
        let x = 0.5 * short;
        if wide { (x / sin_a, x / cos_a) } else { (x / cos_a, x / sin_a) }
    } else {
        let cos_2a = cos_a * cos_a - sin_a * sin_a;
        ((w * cos_a - h * sin_a) / cos_2a, (h * cos_a - w * sin_a) / cos_2a)
    };
    let ends = |n: usize, inner: f64| {
        let middle = n as f64 / 2.0;
        let first = ((middle - inner / 2.0).max(0.0) as usize).min(n.saturating_sub(1));
        [first, ((middle + inner / 2.0) as usize).min(n).max((first + 1).min(n))]
    };
    let ([x0, x1], [y0, y1]) = (ends(on.width, wr), ends(on.height, hr));
    [x0, x1, y0, y1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_shear_all_chains_are_the_rotation() {
        let on = Shape::gray(20, 31);
        let parts = Parts { scale: [1.3; 2], translate: [0.0; 2], rotate: 33.0, shear: [0.0; 2] };
        let want = rotation(center(on), 33.0, 1.3);
        for got in [chain(&parts, on), older_chain(&parts, on)] {
            for (a, b) in got.as_flattened().iter().zip(want.as_flattened()) {
                assert!((a - b).abs() < 1e-12, "{got:?} {want:?}");
            }
        }
    }

    #[test]
    fn the_largest_box_of_an_image_that_is_not_turned_is_the_image() {
        let on = Shape::gray(20, 31);
        assert_eq!(largest_box(on, 0.0), [0, 31, 0, 20]);
        let [x0, x1, y0, y1] = largest_box(on, 90.0);
        assert!(x1 > x0 && y1 > y0 && x1 <= 31 && y1 <= 20);
    }
}

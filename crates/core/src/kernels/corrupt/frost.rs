//! Frost on a window pane: feathers of ice on a ground that is uneven.
//!
//! The photographs of the originals are not ours to give; this is a texture that looks like them from afar.

use crate::base::math::{cos, sin};
use crate::base::{Scratch, Shape};

/// The most needles of one pane.
pub const MOST_NEEDLES: usize = 256;

/// How bright ice is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ice {
    /// Of the ground, in gray levels.
    pub mean: f64,
    /// From the lowest to the highest ground, in gray levels.
    pub spread: f64,
}

/// A feather: a stem, and branches to both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Needle {
    /// Where it begins, (x, y).
    pub at: [f64; 2],
    /// Its direction in turns.
    pub turn: f64,
    /// Its length in pixels.
    pub length: f64,
    /// How much brighter than the ground it is, in gray levels.
    pub light: f64,
}

/// Red, green and blue of ice, as shares of its gray.
const TINT: [f64; 3] = [0.95, 0.99, 1.04];
/// From one branch to the next, as a share of the length.
const BRANCHES: f64 = 0.12;
/// Branches leave the stem at 60 degrees.
const SPREAD: f64 = 1.0 / 6.0;

/// Draws frost of shape `on` on ground of `heights` from 0 to 1.
///
/// # Panics
/// If `out` has not the bytes of the shape, or there is not a height for each pixel.
pub fn texture(
    out: &mut [u8],
    on: Shape,
    ice: Ice,
    heights: &[f64],
    needles: &[Needle],
    scratch: &mut Scratch,
) {
    assert_eq!((out.len(), heights.len()), (on.bytes(), on.pixels()), "a texture and a ground of one size");
    let mut light = scratch.take_f64(on.pixels());
    light.fill(0.0);
    for needle in needles {
        let length = needle.length.clamp(0.0, 1000.0);
        segment(&mut light, on, *needle, length);
        for i in 1..8 {
            let along = f64::from(i) * BRANCHES * length;
            let at = [
                needle.at[0] + along * cos_turns(needle.turn),
                needle.at[1] + along * sin_turns(needle.turn),
            ];
            for side in [-SPREAD, SPREAD] {
                let branch = Needle { at, turn: needle.turn + side, light: needle.light * 0.7, ..*needle };
                segment(&mut light, on, branch, (length - along) * 0.45);
            }
        }
    }
    let ground = |height: f64| ice.mean + ice.spread * (height - 0.5);
    for ((pixel, height), light) in out.chunks_exact_mut(on.channels()).zip(heights).zip(&light) {
        let gray = ground(*height) + light;
        if let [v] = pixel {
            *v = gray.clamp(0.0, 255.0) as u8;
        } else {
            for (v, tint) in pixel.iter_mut().zip(TINT) {
                *v = (gray * tint).clamp(0.0, 255.0) as u8;
            }
        }
    }
    scratch.give_f64(light);
}

fn cos_turns(turn: f64) -> f64 {
    cos(turn * std::f64::consts::TAU)
}

fn sin_turns(turn: f64) -> f64 {
    sin(turn * std::f64::consts::TAU)
}

/// Draws a line of `length` that fades towards its end, shared among the four pixels around each of its points.
fn segment(light: &mut [f64], on: Shape, needle: Needle, length: f64) {
    let step = [cos_turns(needle.turn), sin_turns(needle.turn)];
    let points = (length * 2.0) as usize;
    for i in 0..points {
        let along = i as f64 * 0.5;
        let [x, y] = [0, 1].map(|k| needle.at[k] + along * step[k]);
        let bright = needle.light * (1.0 - 0.7 * along / length);
        let (left, top) = (x.floor(), y.floor());
        for (dy, share_y) in [(0, 1.0 - (y - top)), (1, y - top)] {
            for (dx, share_x) in [(0, 1.0 - (x - left)), (1, x - left)] {
                let (px, py) = (left as i32 + dx, top as i32 + dy);
                if px >= 0 && py >= 0 && (px as usize) < on.width && (py as usize) < on.height {
                    let v = &mut light[py as usize * on.width + px as usize];
                    *v = v.max(bright * share_x * share_y);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needles_are_brighter_than_the_ground() {
        let on = Shape::rgb(20, 30);
        let mut out = vec![0; on.bytes()];
        let ice = Ice { mean: 100.0, spread: 40.0 };
        let needle = Needle { at: [5.0, 10.0], turn: 0.0, length: 20.0, light: 80.0 };
        texture(&mut out, on, ice, &[0.5; 600], &[needle], &mut Scratch::default());
        let pixel = |y: usize, x: usize| &out[(y * 30 + x) * 3..][..3];
        assert_eq!(pixel(0, 0), [95, 99, 104]);
        assert!(pixel(10, 6)[1] > 150);
        assert!(out.iter().filter(|v| **v > 110).count() > 60);
    }
}

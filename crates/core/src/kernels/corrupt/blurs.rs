//! Blurs: Gaussian, behind glass, out of focus, while zooming, while moving.

use super::gauss::{Taps, along, down};
use super::zoom::{self, Keep, Part};
use super::{Finish, load, motion, store};
use crate::base::math::exp;
use crate::base::{ImageMut, Scratch, Shape};
use crate::kernels::border::Border;

/// Along which axes a Gaussian blur goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axes {
    /// Down the columns alone: MNIST-C, where the columns of an image without channels are taken for channels.
    Down,
    /// Both.
    Both,
}

/// Hands out the blurred values of each channel, with its number.
fn blurred(
    data: &mut [u8],
    shape: Shape,
    sigma: f64,
    axes: Axes,
    scratch: &mut Scratch,
    mut each: impl FnMut(usize, &[f64], &mut [u8]),
) {
    let channels = shape.channels();
    let taps = Taps::new(sigma, 4.0, scratch);
    let mut planes = [(); 2].map(|()| scratch.take_f64(shape.pixels()));
    for channel in 0..channels {
        let [plane, other] = &mut planes;
        load(data, channels, channel, plane);
        down(plane, other, shape.width, &taps, Border::Edge);
        match axes {
            Axes::Down => each(channel, other, data),
            Axes::Both => {
                along(other, plane, shape.width, &taps, Border::Edge, scratch);
                each(channel, plane, data);
            }
        }
    }
    for plane in planes {
        scratch.give_f64(plane);
    }
    taps.give(scratch);
}

/// A Gaussian blur of `sigma` pixels, the nearest pixel beyond the border.
pub fn gaussian(image: ImageMut<'_>, sigma: f64, axes: Axes, finish: Finish, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    blurred(data, shape, sigma, axes, scratch, |channel, plane, data| {
        store(plane, data, shape.channels(), channel, finish);
    });
}

/// How glass is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glass {
    /// Standard deviation of the blurs before and after.
    pub sigma: f64,
    /// How far pixels are exchanged.
    pub delta: usize,
    /// How often.
    pub times: usize,
    /// Along which axes blurs go.
    pub axes: Axes,
    /// Whether pixels take others' values without giving their own.
    pub copies: bool,
}

/// Exchanges pixels between two blurs: after the first, whose values are cut to bytes, each pixel from the last but `delta` on, row by row and
/// backwards, with the one that `next` gives as columns and rows away, if it gives one. All channels of a pixel move together.
pub fn glass(
    image: ImageMut<'_>,
    glass: &Glass,
    finish: Finish,
    scratch: &mut Scratch,
    mut next: impl FnMut() -> Option<[i32; 2]>,
) {
    let ImageMut { shape, data } = image;
    let (height, width, channels) = (shape.height, shape.width, shape.channels());
    blurred(data, shape, glass.sigma, glass.axes, scratch, |channel, plane, data| {
        for (to, v) in data.iter_mut().skip(channel).step_by(channels).zip(plane) {
            *to = (v * 255.0) as i32 as u8;
        }
    });
    let inner = |side: usize| (glass.delta + 1..=side.saturating_sub(glass.delta)).rev();
    for _ in 0..glass.times {
        for y in inner(height) {
            for x in inner(width) {
                let Some([dx, dy]) = next() else { continue };
                let (at, other) = (
                    y * width + x,
                    y.saturating_add_signed(dy as isize) * width + x.saturating_add_signed(dx as isize),
                );
                for c in 0..channels {
                    let (own, given) = (at * channels + c, other * channels + c);
                    if glass.copies {
                        data[own] = data[given];
                    } else {
                        data.swap(own, given);
                    }
                }
            }
        }
    }
    gaussian(ImageMut { shape, data }, glass.sigma, glass.axes, finish, scratch);
}

/// The longest side of a disk.
const SIDE: usize = 257;

/// A disk of `radius` pixels, as weights with a sum of 1, its edge blurred by `alias` pixels.
struct Disk {
    weights: Vec<f32>,
    side: usize,
}

impl Disk {
    fn new(radius: f64, alias: f64, scratch: &mut Scratch) -> Self {
        let reach = if radius <= 8.0 { 8 } else { (radius.min(128.0) as i32).max(8) };
        let taps = if radius <= 8.0 { 3 } else { 5_usize };
        let side = (2 * reach as usize + 1).min(SIDE);
        let mut weights = scratch.take_f32(side * side);
        let mut count = 0;
        for (at, weight) in weights.iter_mut().enumerate() {
            let (y, x) = (at as i32 / side as i32 - reach, at as i32 % side as i32 - reach);
            let inside = f64::from(x * x + y * y) <= radius * radius;
            *weight = f32::from(u8::from(inside));
            count += i32::from(inside);
        }
        for weight in &mut weights {
            *weight /= count as f32;
        }
        // OpenCV's Gaussian of three or five taps, in single precision.
        let mut bell = [0.0_f32; 5];
        let mut sum = 0.0;
        for (i, tap) in bell.iter_mut().take(taps).enumerate() {
            let x = i as f64 - (taps / 2) as f64;
            *tap = exp(-0.5 / (alias * alias) * x * x) as f32;
            sum += f64::from(*tap);
        }
        for tap in bell.iter_mut().take(taps) {
            *tap = (f64::from(*tap) * (1.0 / sum)) as f32;
        }
        let bell = &bell[..taps];
        let mut rows = scratch.take_f32(side * side);
        let read = |at: usize, by: usize| {
            Border::Reflect.index((at + by) as i32 - (taps / 2) as i32, side).unwrap_or(0)
        };
        for (at, out) in rows.iter_mut().enumerate() {
            let (y, x) = (at / side, at % side);
            *out = bell.iter().enumerate().map(|(i, tap)| tap * weights[y * side + read(x, i)]).sum();
        }
        for (at, out) in weights.iter_mut().enumerate() {
            let (y, x) = (at / side, at % side);
            *out = bell.iter().enumerate().map(|(i, tap)| tap * rows[read(y, i) * side + x]).sum();
        }
        scratch.give_f32(rows);
        Self { weights, side }
    }
}

/// Blurs by a disk of `radius` pixels whose edge is blurred by `alias` pixels; mirrored at the border, the border pixel not repeated.
pub fn defocus(image: ImageMut<'_>, radius: f64, alias: f64, finish: Finish, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let (height, width, channels) = (shape.height, shape.width, shape.channels());
    if shape.pixels() == 0 {
        return;
    }
    let disk = Disk::new(radius, alias, scratch);
    let reach = disk.side / 2;
    let wide = width + 2 * reach;
    let mut plane = scratch.take_f64(shape.pixels());
    let mut line = scratch.take_f64(wide * (height + 2 * reach));
    for channel in 0..channels {
        load(data, channels, channel, &mut plane);
        for (y, to) in line.chunks_exact_mut(wide).enumerate() {
            let from = Border::Reflect.index(y as i32 - reach as i32, height).unwrap_or(0) * width;
            for (x, to) in to.iter_mut().enumerate() {
                *to = plane[from + Border::Reflect.index(x as i32 - reach as i32, width).unwrap_or(0)];
            }
        }
        for (y, to) in plane.chunks_exact_mut(width).enumerate() {
            to.fill(0.0);
            for (at, weight) in disk.weights.iter().enumerate() {
                if *weight > 0.0 {
                    let from = &line[(y + at / disk.side) * wide + at % disk.side..][..width];
                    for (to, v) in to.iter_mut().zip(from) {
                        *to += f64::from(*weight) * v;
                    }
                }
            }
        }
        store(&plane, data, channels, channel, finish);
    }
    scratch.give_f64(line);
    scratch.give_f64(plane);
    scratch.give_f32(disk.weights);
}

/// The mean of the image and of its middle enlarged by 1, 1 + `step`, ...: `count` of them, in single precision.
pub fn zoom(image: ImageMut<'_>, step: f64, count: usize, keep: Keep, finish: Finish, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let (height, width, channels) = (shape.height, shape.width, shape.channels());
    let mut plane = scratch.take_f64(shape.pixels());
    let mut sums = scratch.take_f32(shape.pixels());
    // NumPy's steps are the difference of the first two numbers.
    let step = (1.0 + step) - 1.0;
    for channel in 0..channels {
        load(data, channels, channel, &mut plane);
        for v in &mut plane {
            *v = f64::from(*v as f32);
        }
        sums.fill(0.0);
        for i in 0..count {
            let part = Part { height, width, factor: 1.0 + i as f64 * step, keep, size: [height, width] };
            zoom::clipped(&plane, part, scratch, |at, v| sums[at] += v as f32);
        }
        for ((v, own), sum) in data.iter_mut().skip(channel).step_by(channels).zip(&plane).zip(&sums) {
            *v = finish.byte32((*own as f32 + sum) / (count + 1) as f32);
        }
    }
    scratch.give_f32(sums);
    scratch.give_f64(plane);
}

/// A motion blur of each channel by shifted copies, cut to bytes.
pub fn motion(image: ImageMut<'_>, radius: f64, sigma: f64, angle: f64, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let channels = shape.channels();
    let mut plane = scratch.take_f64(shape.pixels());
    for channel in 0..channels {
        plane
            .iter_mut()
            .zip(data.iter().skip(channel).step_by(channels))
            .for_each(|(to, v)| *to = f64::from(*v));
        motion::shifted(&mut plane, shape.width, radius, sigma, angle, scratch);
        for (to, v) in data.iter_mut().skip(channel).step_by(channels).zip(&plane) {
            *to = v.clamp(0.0, 255.0) as i32 as u8;
        }
    }
    scratch.give_f64(plane);
}

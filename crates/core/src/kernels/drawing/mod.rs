//! Ink out of pictures of drawings: photographs, scans, screens.
//!
//! The background is never taken to be of a certain color. It is what most of the picture is made of: a surface that follows uneven
//! light and shadows, fitted so that ink and edges do not count. Ink is what differs from it in the direction that fewer pixels do.
//! The result is one channel, 0 where there is no ink and 255 in full ink.
//!
//! All work is of the order of the number of pixels.

mod blots;
mod ground;
mod layers;
mod levels;
mod noise;
mod place;

use crate::base::{Image, Shape};

pub use blots::{Piece, pieces, sweep};
pub use layers::flatten;
pub use place::{center, columns, ink_level, invert, is_light, padded};

use blots::Blots;
use ground::Ground;

/// Steps of a gray level, in which differences from the background are kept.
const STEPS: i32 = 16;

/// What a picture was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// A clean drawing; its values are those of the picture, or 255 minus them.
    Clean,
    /// Something else than black or white, or not even; it was taken off, and the ink brought to full contrast.
    Estimated,
    /// There is no ink on it.
    Blank,
    /// What is background and what is ink cannot be told; the values are those of the picture, or 255 minus them.
    Unknown,
}

/// The ink of a picture.
#[derive(Clone, Debug)]
pub struct Ink {
    /// One channel, of the picture's size: 0 is background, 255 full ink.
    pub data: Vec<u8>,
    /// Whether the ink is darker than the background.
    pub dark: bool,
    /// What the background was.
    pub paper: Paper,
}

/// The ink of a gray picture; `dark` says whether ink is darker than the background, where that is known.
///
/// # Panics
/// If the picture is not of one channel or has no pixels.
#[must_use]
pub fn ink(picture: Image<'_>, dark: Option<bool>) -> Ink {
    assert_eq!(picture.shape.channels(), 1, "ink is looked for in one channel");
    assert!(!picture.data.is_empty(), "a picture has pixels");
    let counts = counts(picture.data);
    if let Some(dark) = clean(picture, &counts, dark) {
        let mut data = inverted_if(dark, picture.data);
        if dark {
            Blots::find(&data, picture.shape, 16, 128).erase_edges(&mut data, picture.shape);
        }
        return Ink { data, dark, paper: Paper::Clean };
    }
    let (low, high) = spread(&counts);
    let blank = |dark: bool| Ink { data: vec![0; picture.data.len()], dark, paper: Paper::Blank };
    if low == high {
        return blank(dark.unwrap_or(low > 127));
    }
    let Some(ground) = Ground::under(picture, dark) else {
        let dark = dark.unwrap_or(mean(&counts) > 128.0);
        return Ink { data: inverted_if(dark, picture.data), dark, paper: Paper::Unknown };
    };
    contrasted(picture, &ground)
        .map_or_else(|| blank(ground.dark), |data| Ink { data, dark: ground.dark, paper: Paper::Estimated })
}

fn inverted_if(dark: bool, data: &[u8]) -> Vec<u8> {
    data.iter().map(|&v| if dark { 255 - v } else { v }).collect()
}

fn counts(data: &[u8]) -> [u64; 256] {
    let mut counts = [0; 256];
    for &v in data {
        counts[usize::from(v)] += 1;
    }
    counts
}

fn mean(counts: &[u64; 256]) -> f64 {
    let (sum, n) = (0_u64..).zip(counts).fold((0, 0), |(sum, n), (v, &c)| (sum + v * c, n + c));
    sum as f64 / n.max(1) as f64
}

/// The smallest and the greatest value.
fn spread(counts: &[u64; 256]) -> (usize, usize) {
    let first = counts.iter().position(|&n| n > 0).unwrap_or(0);
    (first, counts.iter().rposition(|&n| n > 0).unwrap_or(first))
}

/// Whether the picture is a clean drawing already, and if so, whether its ink is dark: on exact black with any ink, as MNIST's
/// images are, or full ink on exact white with few values between.
fn clean(picture: Image<'_>, counts: &[u64; 256], dark: Option<bool>) -> Option<bool> {
    let pixels = picture.data.len() as u64;
    let most = counts.iter().max().copied().unwrap_or(0);
    let light = mean(counts) > 128.0;
    let (low, high) = spread(counts);
    if low == high {
        return None;
    }
    let on_black = counts[0] == most && (4 * most >= pixels && !light || 2 * most > pixels);
    if dark != Some(true) && on_black && (dark.is_some() || !is_within_white(picture)) {
        return Some(false);
    }
    if dark == Some(false) || counts[255] != most || 5 * most < 2 * pixels || !light {
        return None;
    }
    // Inside, because borders of scans are darker than any ink: the darkest but for two pixels, how much there is nearly as dark, and how
    // much is between it and the paper.
    let Shape { height, width, .. } = picture.shape;
    let mut counts = [0; 256];
    for y in height / 8..height - height / 8 {
        picture.row(y)[width / 8..width - width / 8].iter().for_each(|&v| counts[usize::from(v)] += 1);
    }
    let mut seen = 0;
    let ink = 255
        - counts.iter().position(|&n| {
            seen += n;
            seen > 2.min(pixels / 16)
        })?;
    let within = |range: std::ops::Range<usize>| range.map(|e| counts[255 - e]).sum::<u64>();
    let (core, between) = (within(ink / 2..256), within(ink / 10..ink / 2));
    (ink >= FULL && between <= 2 * core + 8).then_some(true)
}

/// Whether a picture is light along its frame more than it is dark in all: a bold digit on white that is cropped to its ink, or nearly.
fn is_within_white(picture: Image<'_>) -> bool {
    let light = |values: &mut dyn Iterator<Item = &u8>| {
        let (n, light) = values.fold((0_u64, 0_u64), |(n, light), &v| (n + 1, light + u64::from(v > 127)));
        light as f64 / n as f64
    };
    light(&mut picture.data.iter()) + light(&mut rim(picture.data, picture.shape.width)) >= 1.0
}

/// The values along the frame of a picture of rows of `width`, corners of very flat pictures twice.
fn rim<T>(values: &[T], width: usize) -> impl Iterator<Item = &T> {
    let last = values.len() - width;
    let sides = (width..last).step_by(width).flat_map(move |at| [at, at + width - 1]);
    (0..width).chain(last..values.len()).chain(sides).map(|at| &values[at])
}

/// Ink of at least this difference from white paper is left as it is.
const FULL: usize = 200;

/// Differences from the background, positive where there is ink, stretched until the ink is full; `None` if there is none.
fn contrasted(picture: Image<'_>, ground: &Ground) -> Option<Vec<u8>> {
    let shape = picture.shape;
    let mut ink = ground.difference(picture);
    let mut noise = noise::deviation(&ink, shape, 1);
    // As much smoothing as the noise asks for and the pen's width allows.
    let least = (ground.contrast * STEPS as f32 * FLOOR).max(1.0);
    let wanted = ((3.0 * noise / least).ceil() as usize).saturating_sub(1).div_ceil(2);
    let radius = wanted.min((ground.pen / 6.0) as usize);
    if radius > 0 {
        noise::smooth(&mut ink, shape, radius);
        noise = noise::deviation(&ink, shape, 2 * radius + 1);
    }
    let least = (4.0 * noise).max(4.0 * STEPS as f32) as i16;
    let blots = Blots::find(&ink, shape, least, least);
    blots.erase_edges(&mut ink, shape);
    let full = Full::of(&ink, shape, &blots, noise, ground)?;
    let floor = (3.0 * noise) as i32;
    let mut data = vec![0; shape.pixels()];
    for (y, (row, out)) in ink.chunks_exact(shape.width).zip(data.chunks_exact_mut(shape.width)).enumerate() {
        let (mut full, step) = full.along(y, shape);
        for (&v, out) in row.iter().zip(out) {
            let v = i32::from(v);
            if v > floor && v as f32 > FLOOR * full {
                *out = (255.0 * v as f32 / full).round().min(255.0) as u8;
            }
            full += step;
        }
    }
    Some(data)
}

/// What is less than this part of full ink is background.
const FLOOR: f32 = 0.1;

/// What full ink is: a plane, level where the background is.
struct Full {
    at: f32,
    down: f32,
    across: f32,
}

impl Full {
    fn of(ink: &[i16], shape: Shape, blots: &Blots, noise: f32, ground: &Ground) -> Option<Self> {
        // Dust does not count.
        let kept = blots.ink(shape);
        let mut counts = vec![0_u64; 1 + i16::MAX as usize];
        blots.each_run(&kept, |y, x0, x1| {
            ink[y * shape.width..][x0..x1].iter().for_each(|&v| counts[v.max(0) as usize] += 1);
        });
        let level = noise::parted(&counts);
        let core = &counts[level + 1..];
        let total: u64 = core.iter().sum();
        if total == 0 {
            return None;
        }
        let quantile = |part: f64| {
            let mut left = (total as f64 * part) as i64;
            let found = core.iter().position(|&n| {
                left -= n as i64;
                left < 0
            });
            (found.unwrap_or(core.len() - 1) + level + 1) as f32
        };
        // What noise adds to a high quantile is taken off again.
        let full = (quantile(0.9) - 1.28 * noise).max(quantile(0.5));
        if full < (4.0 * noise).max(6.0 * STEPS as f32) {
            return None;
        }
        let mut found = Self { at: full, down: 0.0, across: 0.0 };
        if ground.uneven {
            found.tilt(ink, shape, blots, &kept, level as i16);
        }
        Some(found)
    }

    /// Lets full ink follow the ink's own levels where light is uneven, within a half of it.
    fn tilt(&mut self, ink: &[i16], shape: Shape, blots: &Blots, kept: &[bool], level: i16) {
        let mut sums = ground::Normal::<3>::default();
        blots.each_run(kept, |y, x0, x1| {
            for (x, &v) in (x0..x1).zip(&ink[y * shape.width..][x0..x1]) {
                if v > level {
                    let place = [1.0, part(y, shape.height), part(x, shape.width)];
                    sums.add(place, f64::from(v), 1.0);
                }
            }
        });
        // A slope is believed as far as the ink reaches.
        let Some([at, down, across]) = sums.solve(&[0.0, 0.01, 0.01]) else { return };
        let greatest = 0.5 * at;
        if at <= 0.0 || down.abs() + across.abs() > greatest {
            return;
        }
        let scale = f64::from(self.at) / at;
        self.down = (down * scale) as f32;
        self.across = (across * scale) as f32;
    }

    /// Full ink at the first pixel of a row, and by how much it changes from pixel to pixel.
    fn along(&self, y: usize, shape: Shape) -> (f32, f32) {
        let first =
            self.at + self.down * part(y, shape.height) as f32 + self.across * part(0, shape.width) as f32;
        (first, self.across * 2.0 / shape.width as f32)
    }
}

/// Where a pixel lies on an axis, from -1 to 1.
fn part(at: usize, length: usize) -> f64 {
    (2 * at + 1) as f64 / length as f64 - 1.0
}

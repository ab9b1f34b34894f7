//! From colors and opacity to one channel that has the drawing.

use crate::base::{Image, ImageMut, Scratch, Shape};
use crate::kernels::{color, fit};

/// Opacity from here on hides what is behind.
const SOLID: u8 = 250;

/// One channel that shows the drawing best: its gray, or its opacity where the colors behind that say nothing, or the one color by which
/// ink differs from paper where both are of one gray. `alpha` has a value for each pixel.
///
/// # Panics
/// If `alpha` is not of the picture's size, or the picture has no pixels.
#[must_use]
pub fn flatten(picture: Image<'_>, alpha: Option<&[u8]>) -> Vec<u8> {
    let shape = picture.shape;
    let Some(alpha) = alpha.filter(|alpha| alpha.iter().any(|&a| a < SOLID)) else {
        return one_channel(picture);
    };
    assert_eq!(alpha.len(), shape.pixels(), "opacity of every pixel");
    let Some(behind) = behind(picture, alpha) else {
        return full(alpha);
    };
    let mut solid = picture.data.to_vec();
    for (pixel, &a) in solid.chunks_exact_mut(shape.channels()).zip(alpha) {
        let a = u32::from(a);
        for (v, &b) in pixel.iter_mut().zip(&behind) {
            *v = ((u32::from(*v) * a + u32::from(b) * (255 - a) + 127) / 255) as u8;
        }
    }
    one_channel(Image::new(shape, &solid))
}

/// Opacity, brought to 255 where a pen leaves less.
fn full(alpha: &[u8]) -> Vec<u8> {
    let most = u32::from(alpha.iter().copied().max().unwrap_or(0).max(1));
    alpha.iter().map(|&a| ((u32::from(a) * 255 + most / 2) / most) as u8).collect()
}

/// What is put behind a picture that is drawn in colors on a sheet of its own; `None` if the sheet is transparent, so that opacity is the
/// drawing.
fn behind(picture: Image<'_>, alpha: &[u8]) -> Option<Vec<u8>> {
    let (width, channels) = (picture.shape.width, picture.shape.channels());
    let most = alpha.iter().copied().max().unwrap_or(0);
    // Edges are mixed with whatever was there when they were drawn.
    let solid = most - most / 10;
    let mut counts = vec![[0_u64; 256]; channels];
    let (mut area, mut pixels) = (None::<[usize; 4]>, 0_u64);
    for (at, (pixel, _)) in
        picture.data.chunks_exact(channels).zip(alpha).enumerate().filter(|(_, (_, a))| **a >= solid)
    {
        pixels += 1;
        counts.iter_mut().zip(pixel).for_each(|(counts, &v)| counts[usize::from(v)] += 1);
        let (y, x) = (at / width, at % width);
        area =
            Some(area.map_or([y, x, y, x], |[y0, x0, y1, x1]| [y0.min(y), x0.min(x), y1.max(y), x1.max(x)]));
    }
    let [y0, x0, y1, x1] = area.filter(|_| most > 0)?;
    let quantile = |counts: &[u64; 256], part: u64| {
        let mut seen = 0;
        counts.iter().position(|&n| {
            seen += n;
            seen * 100 > pixels * part
        })
    };
    let constant = counts.iter().all(|counts| {
        let [low, high] = [2, 97].map(|part| quantile(counts, part).unwrap_or(0));
        high - low <= 24
    });
    let filled = 10 * pixels >= 6 * ((y1 - y0 + 1) * (x1 - x0 + 1)) as u64;
    if constant || !filled {
        return None;
    }
    Some(counts.iter().map(|counts| quantile(counts, 50).unwrap_or(0) as u8).collect())
}

/// Gray, or the color in which ink differs.
fn one_channel(picture: Image<'_>) -> Vec<u8> {
    let shape = picture.shape;
    if shape.channels() == 1 {
        return picture.data.to_vec();
    }
    let mut gray = vec![0; shape.pixels()];
    if let Some(Hidden { usual, way, base }) = hidden(picture) {
        for (out, pixel) in gray.iter_mut().zip(picture.data.as_chunks::<3>().0) {
            let away = [0, 1, 2].map(|c| f32::from(pixel[c]) - usual[c]);
            *out = (base + along(away, way)).round().clamp(0.0, 255.0) as u8;
        }
    } else {
        color::to_gray(picture, ImageMut::new(shape.as_gray(), &mut gray));
    }
    gray
}

/// Colors that are of one gray.
struct Hidden {
    /// The usual color.
    usual: [f32; 3],
    /// The direction in which ink differs from it.
    way: [f32; 3],
    /// The level that stands for the usual color.
    base: f32,
}

fn along(a: [f32; 3], b: [f32; 3]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// How ink differs from paper, if that hardly shows in gray.
fn hidden(picture: Image<'_>) -> Option<Hidden> {
    /// Levels for noise on the other side of the usual color.
    const ROOM: f32 = 31.0;
    const GRAY: [f32; 3] = [0.299, 0.587, 0.114];
    /// How much less a difference may be in gray than it is in color, where black on white keeps 0.58.
    const LEAST: f32 = 0.25;
    let Shape { height, width, .. } = picture.shape;
    let small = Shape::rgb(height.min(128), width.min(128));
    let mut data = vec![0; small.bytes()];
    fit::area(picture, ImageMut::new(small, &mut data), &mut Scratch::default());
    // Without the frame, where other things than paper and ink are seen.
    let inner = |length: usize| length / 10..length - length / 10;
    let pixels: Vec<[u8; 3]> = inner(small.height)
        .flat_map(|y| data.as_chunks::<3>().0[y * small.width..][inner(small.width)].iter().copied())
        .collect();
    let usual = [0, 1, 2].map(|c| {
        let mut values: Vec<u8> = pixels.iter().map(|pixel| pixel[c]).collect();
        let middle = values.len() / 2;
        f32::from(*values.select_nth_unstable(middle).1)
    });
    let away = |pixel: &[u8; 3]| [0, 1, 2].map(|c| f32::from(pixel[c]) - usual[c]);
    let square = |d: [f32; 3]| d.iter().map(|v| v * v).sum::<f32>();
    let mut far: Vec<f32> = pixels.iter().map(|pixel| square(away(pixel))).collect();
    far.sort_by(f32::total_cmp);
    let least = far[far.len() - 1 - far.len() / 300] / 4.0;
    if least < 36.0 {
        return None;
    }
    let mut spread = [[0.0_f32; 3]; 3];
    for d in pixels.iter().map(away).filter(|&d| square(d) >= least) {
        for i in 0..3 {
            for j in 0..3 {
                spread[i][j] += d[i] * d[j];
            }
        }
    }
    // The direction of the greatest spread.
    let mut way = [0.6, 0.5, 0.4];
    for _ in 0..32 {
        let next = [0, 1, 2].map(|i| (0..3).map(|j| spread[i][j] * way[j]).sum::<f32>());
        let length = square(next).sqrt();
        if length <= 0.0 {
            return None;
        }
        way = next.map(|v| v / length);
    }
    if along(way, GRAY).abs() >= LEAST {
        return None;
    }
    // Most differences are to one side; the other has room for noise.
    let side: f32 = pixels.iter().map(away).filter(|&d| square(d) >= least).map(|d| along(d, way)).sum();
    let total: f32 = way.iter().map(|v| v.abs()).sum();
    let base = if side < 0.0 { 255.0 - ROOM } else { ROOM };
    Some(Hidden { usual, way: way.map(|v| v / total.max(1.0) * (255.0 - ROOM) / 255.0), base })
}

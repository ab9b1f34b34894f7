//! Where the pixels of a warped image come from, for warps that are known by a field and not by a formula.
//!
//! The warp itself says so: it is given images whose values are the columns and the rows of their pixels, and what it makes of them, rounded, is
//! where they come from. What it fills in beyond the border is told apart by an image that is white and one that is black all over.

use crate::base::{Canvas, Shape};
use crate::ops::AnyDrawn;

/// What comes from beyond the border.
pub(super) const NOWHERE: u32 = u32::MAX;

/// The largest value of a pixel.
const WHITE: f64 = 255.0;

/// For each pixel of an image of this shape, row after row, the nearest pixel that it shows after the warp, or [`NOWHERE`]. In images of more than 256 rows
/// or columns, to a whole number of 256ths of their height or width.
pub(super) fn sources(drawn: &AnyDrawn, shape: Shape) -> Vec<u32> {
    let (width, channels) = (shape.width, shape.channels());
    let unit = |side: usize| if side > 256 { WHITE / (side - 1) as f64 } else { 1.0 };
    let units = [unit(width), unit(shape.height)];
    let value = |what: usize, at: usize| match what {
        0 => ((at % width) as f64 * units[0]).round() as u8,
        1 => ((at / width) as f64 * units[1]).round() as u8,
        _ => u8::MAX,
    };
    let mut canvas = Canvas::default();
    let mut painted = |value: &dyn Fn(usize, usize) -> u8| {
        for (at, pixel) in canvas.reset(shape).chunks_exact_mut(channels).enumerate() {
            pixel.iter_mut().enumerate().for_each(|(channel, to)| *to = value(channel, at));
        }
        drawn.paint(&mut canvas);
        canvas.pixels().to_vec()
    };
    let black = painted(&|_, _| 0);
    // Colored images have a channel for each of the three, which may be filled differently.
    let (lit, stride): ([Vec<u8>; 3], _) = if channels == 1 {
        ([0, 1, 2].map(|what| painted(&|_, at| value(what, at))), 0)
    } else {
        let all = painted(&value);
        ([0, 1, 2].map(|what| all[what..].iter().step_by(channels).copied().collect()), 1)
    };
    let source = |at: usize| {
        let [x, y, share] =
            [0, 1, 2].map(|what| f64::from(lit[what][at]) - f64::from(black[at * channels + what * stride]));
        let share = share / WHITE;
        if share < 0.5 {
            return NOWHERE;
        }
        let place = |value: f64, unit: f64, side: usize| {
            ((value / share / unit).round().max(0.0) as usize).min(side - 1)
        };
        (place(y, units[1], shape.height) * width + place(x, units[0], width)) as u32
    };
    (0..shape.pixels()).map(source).collect()
}

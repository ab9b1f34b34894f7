//! Cropping and padding, in pixels per side.

use crate::base::math::{rhe, rhe64, sat};
use crate::base::{Image, ImageMut, Scratch, Shape};

use super::sampling::Border;

/// What a padded pixel is made of. The statistics are those of a row or column of the cropped image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PadMode {
    /// A constant value.
    Constant,
    /// The nearest border pixel.
    Edge,
    /// From the border pixel in equal steps down or up to a constant value, rounded down.
    LinearRamp,
    /// The largest value of the line.
    Maximum,
    /// The mean of the line, half to even.
    Mean,
    /// The median of the line, half to even.
    Median,
    /// The smallest value of the line.
    Minimum,
    /// Mirrored, the border pixel not repeated.
    Reflect,
    /// Mirrored, the border pixel repeated.
    Symmetric,
    /// Repeated.
    Wrap,
}

/// Pixels to add (or, if negative, to remove) at the top, right, bottom and left.
pub type Amounts = [i32; 4];

/// Fractions of height (top, bottom) and width (right, left) as pixels, half to even in single precision.
#[must_use]
pub fn amounts_from_percent(percent: [f32; 4], on: Shape) -> Amounts {
    std::array::from_fn(|side| {
        let length = if side % 2 == 0 { on.height } else { on.width };
        rhe((length as f32 * percent[side]).clamp(-4e6, 4e6))
    })
}

/// Reduces crops that would leave less than one row or column until one is left.
///
/// What has to be regained is split evenly, the larger half at the top or right, but no side
/// regains more than it crops. Padding counts for nothing here: the image is cropped first.
#[must_use]
pub fn keep_one(amounts: Amounts, on: Shape) -> Amounts {
    let mut kept = amounts;
    for ((first, second), length) in [((0, 2), on.height), ((1, 3), on.width)] {
        let (a, b) = ((-amounts[first]).max(0), (-amounts[second]).max(0));
        let lacking = 1 - (length as i32 - a - b);
        if lacking > 0 {
            let (mut p, mut q) = (lacking - lacking / 2, lacking / 2);
            if p > a {
                (p, q) = (a, lacking - a);
            } else if q > b {
                (p, q) = (lacking - b, b);
            }
            kept[first] += p;
            kept[second] += q;
        }
    }
    kept
}

/// The shape of an image of shape `on` once it is cropped and padded.
///
/// # Panics
/// If nothing would be left; see [`keep_one`].
#[must_use]
pub fn shape_after(amounts: Amounts, on: Shape) -> Shape {
    let [top, right, bottom, left] = amounts.map(i64::from);
    let (height, width) = (on.height as i64 + top + bottom, on.width as i64 + right + left);
    let cropped =
        (on.height as i64 + top.min(0) + bottom.min(0), on.width as i64 + right.min(0) + left.min(0));
    assert!(cropped.0 > 0 && cropped.1 > 0, "a crop leaves at least one pixel");
    Shape { height: height as usize, width: width as usize, ..on }
}

/// Crops `src`, pads what is left, and writes it to `dst`.
///
/// # Panics
/// If `dst` has not the shape that [`shape_after`] says.
pub fn crop_and_pad(
    src: Image<'_>,
    mut dst: ImageMut<'_>,
    amounts: Amounts,
    mode: PadMode,
    cval: u8,
    scratch: &mut Scratch,
) {
    assert_eq!(dst.shape, shape_after(amounts, src.shape), "the target of a crop_and_pad");
    let crop = amounts.map(|n| (-n).max(0) as usize);
    let pad = amounts.map(|n| n.max(0) as usize);
    let inner = Shape {
        height: src.shape.height - crop[0] - crop[2],
        width: src.shape.width - crop[1] - crop[3],
        ..src.shape
    };
    let channels = inner.channels;

    // The cropped image in its place.
    let (x_first, x_bytes) = (pad[3] * channels, inner.stride());
    for y in 0..inner.height {
        let from = &src.row(crop[0] + y)[crop[3] * channels..][..x_bytes];
        dst.row_mut(pad[0] + y)[x_first..x_first + x_bytes].copy_from_slice(from);
    }
    if pad == [0; 4] {
        return;
    }
    let border = match mode {
        PadMode::Constant => Some(Border::Constant),
        PadMode::Edge => Some(Border::Edge),
        PadMode::Reflect => Some(Border::Reflect),
        PadMode::Symmetric => Some(Border::Symmetric),
        PadMode::Wrap => Some(Border::Wrap),
        _ => None,
    };
    if let Some(border) = border {
        pad_by_index(dst, inner, pad, border, cval);
    } else {
        pad_by_line(dst, inner, pad, mode, cval, scratch);
    }
}

/// Pads with pixels of the image itself or with a constant: columns of the inner rows, then whole rows.
fn pad_by_index(mut dst: ImageMut<'_>, inner: Shape, pad: [usize; 4], border: Border, cval: u8) {
    let channels = inner.channels;
    let (top, left) = (pad[0], pad[3]);
    for y in top..top + inner.height {
        let row = dst.row_mut(y);
        for x in (0..left).chain(left + inner.width..left + inner.width + pad[1]) {
            match border.index(x as i32 - left as i32, inner.width) {
                Some(from) => {
                    let from = (left + from) * channels;
                    row.copy_within(from..from + channels, x * channels);
                }
                None => row[x * channels..][..channels].fill(cval),
            }
        }
    }
    let stride = dst.shape.stride();
    for y in (0..top).chain(top + inner.height..dst.shape.height) {
        match border.index(y as i32 - top as i32, inner.height) {
            Some(from) => {
                let from = (top + from) * stride;
                dst.data.copy_within(from..from + stride, y * stride);
            }
            None => dst.row_mut(y).fill(cval),
        }
    }
}

/// Pads with what a function makes of each column of the inner image, then of each row.
fn pad_by_line(
    dst: ImageMut<'_>,
    inner: Shape,
    pad: [usize; 4],
    mode: PadMode,
    cval: u8,
    scratch: &mut Scratch,
) {
    let channels = inner.channels;
    let stride = dst.shape.stride();
    let rows = dst.shape.height;
    let data = dst.data;
    let mut line = scratch.take_u8(inner.height.max(inner.width));
    for i in pad[3] * channels..(pad[3] + inner.width) * channels {
        let axis = Axis { start: i, step: stride, before: pad[0], inner: inner.height, after: pad[2] };
        pad_axis(data, axis, mode, cval, &mut line);
    }
    for y in 0..rows {
        for c in 0..channels {
            let axis = Axis {
                start: y * stride + c,
                step: channels,
                before: pad[3],
                inner: inner.width,
                after: pad[1],
            };
            pad_axis(data, axis, mode, cval, &mut line);
        }
    }
    scratch.give_u8(line);
}

/// One line through an image: `before` values to be found, `inner` known ones, `after` to be found.
#[derive(Clone, Copy)]
struct Axis {
    start: usize,
    step: usize,
    before: usize,
    inner: usize,
    after: usize,
}

fn pad_axis(data: &mut [u8], axis: Axis, mode: PadMode, cval: u8, line: &mut [u8]) {
    let Axis { start, step, before, inner, after } = axis;
    if before + after == 0 {
        return;
    }
    let at = |i: usize| start + i * step;
    if mode == PadMode::LinearRamp {
        let ramp = |edge: u8, count: usize, j: usize| {
            let step = (f64::from(edge) - f64::from(cval)) / count as f64;
            (j as f64 * step + f64::from(cval)).floor() as u8
        };
        let (low, high) = (data[at(before)], data[at(before + inner - 1)]);
        for j in 0..before {
            data[at(j)] = ramp(low, before, j);
        }
        for j in 0..after {
            data[at(before + inner + after - 1 - j)] = ramp(high, after, j);
        }
        return;
    }
    let known = &mut line[..inner];
    for (i, value) in known.iter_mut().enumerate() {
        *value = data[at(before + i)];
    }
    let value = match mode {
        PadMode::Maximum => known.iter().copied().max().unwrap_or(cval),
        PadMode::Minimum => known.iter().copied().min().unwrap_or(cval),
        PadMode::Mean => {
            let sum: u64 = known.iter().map(|&v| u64::from(v)).sum();
            sat(rhe64(sum as f64 / inner as f64))
        }
        _ => median(known),
    };
    for i in (0..before).chain(before + inner..before + inner + after) {
        data[at(i)] = value;
    }
}

/// The median; of an even number of values the mean of the middle two, half to even.
fn median(values: &mut [u8]) -> u8 {
    let count = values.len();
    let (below, &mut upper, _) = values.select_nth_unstable(count / 2);
    if count % 2 == 1 {
        return upper;
    }
    let lower = below.iter().copied().max().unwrap_or(upper);
    let sum = u16::from(lower) + u16::from(upper);
    // Half of an odd sum lies between an even and an odd number.
    ((sum + (sum >> 1 & 1)) >> 1) as u8
}

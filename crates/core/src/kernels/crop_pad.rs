//! Cropping and padding, in pixels per side.

use crate::base::math::{rhe, rhe64, sat};
use crate::base::{Image, ImageMut, Scratch, Shape};

use super::border::Border;
use super::entry::for_channels;

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
    let channels = inner.channels();

    // The cropped image in its place.
    let (x_first, x_bytes) = (pad[3] * channels, inner.stride());
    for y in 0..inner.height {
        let from = &src.row(crop[0] + y)[crop[3] * channels..][..x_bytes];
        dst.row_mut(pad[0] + y)[x_first..x_first + x_bytes].copy_from_slice(from);
    }
    if pad == [0; 4] {
        return;
    }
    match mode {
        PadMode::Constant => pad_by_index(dst, inner, pad, Border::Constant, cval),
        PadMode::Edge => pad_by_index(dst, inner, pad, Border::Edge, cval),
        PadMode::Reflect => pad_by_index(dst, inner, pad, Border::Reflect, cval),
        PadMode::Symmetric => pad_by_index(dst, inner, pad, Border::Symmetric, cval),
        PadMode::Wrap => pad_by_index(dst, inner, pad, Border::Wrap, cval),
        PadMode::LinearRamp => pad_by_ramp(dst, inner, pad, cval),
        PadMode::Maximum => pad_by_line(dst, inner, pad, Statistic::Maximum, scratch),
        PadMode::Mean => pad_by_line(dst, inner, pad, Statistic::Mean, scratch),
        PadMode::Median => pad_by_line(dst, inner, pad, Statistic::Median, scratch),
        PadMode::Minimum => pad_by_line(dst, inner, pad, Statistic::Minimum, scratch),
    }
}

/// Pads with pixels of the image itself or with a constant: columns of the inner rows, then whole rows.
fn pad_by_index(mut dst: ImageMut<'_>, inner: Shape, pad: [usize; 4], border: Border, cval: u8) {
    let channels = inner.channels();
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

/// Pads with steps from the border pixels to a constant: inner columns, then whole rows.
fn pad_by_ramp(mut dst: ImageMut<'_>, inner: Shape, [top, right, bottom, left]: [usize; 4], cval: u8) {
    let (channels, stride) = (inner.channels(), dst.shape.stride());
    let first = left * channels;
    let last = (top + inner.height - 1) * stride + first;
    let outer = dst.shape.height - 1;
    for (edge, count, outermost) in [(top * stride + first, top, 0), (last, bottom, outer)] {
        for i in 0..inner.stride() {
            let ramp = Ramp::new(cval, dst.data[edge + i], count);
            for j in 0..count {
                dst.data[outermost.abs_diff(j) * stride + first + i] = ramp.at(j);
            }
        }
    }
    let last = (left + inner.width - 1) * channels;
    let outer = dst.shape.width - 1;
    for y in 0..dst.shape.height {
        let row = dst.row_mut(y);
        for (edge, count, outermost) in [(first, left, 0), (last, right, outer)] {
            for c in 0..channels {
                let ramp = Ramp::new(cval, row[edge + c], count);
                for j in 0..count {
                    row[outermost.abs_diff(j) * channels + c] = ramp.at(j);
                }
            }
        }
    }
}

/// What a line of values is summed up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Statistic {
    Maximum,
    Mean,
    Median,
    Minimum,
}

/// Pads with a statistic of each column of the inner image, then of each row.
///
/// Columns are done all at once, row by row. So are rows for the median, whose counting wants many lanes:
/// the inner columns, one after the other, are copied beside each other.
fn pad_by_line(
    mut dst: ImageMut<'_>,
    inner: Shape,
    [top, right, bottom, left]: [usize; 4],
    statistic: Statistic,
    scratch: &mut Scratch,
) {
    let channels = inner.channels();
    let (rows, stride) = (dst.shape.height, dst.shape.stride());
    let lanes = (rows * channels).max(inner.stride());
    let mut found = scratch.take_u8(lanes);
    let mut room = Room {
        before: scratch.take_u8(lanes),
        part: scratch.take_u8(lanes),
        counts: scratch.take_i32(lanes),
    };

    let (first, lanes) = (left * channels, inner.stride());
    if top + bottom > 0 {
        let columns = &dst.data[first..];
        let lines = Lines { data: columns, start: top * stride, step: stride, count: inner.height, lanes };
        lines.sum_up(statistic, &mut found[..lanes], &mut room);
        for y in (0..top).chain(top + inner.height..rows) {
            dst.row_mut(y)[first..first + lanes].copy_from_slice(&found[..lanes]);
        }
    }
    if left + right > 0 {
        let lanes = rows * channels;
        if statistic == Statistic::Median {
            let mut turned = scratch.take_u8(inner.width * lanes);
            for_channels!(inner, C => turn::<C>(dst.as_image(), left, inner.width, &mut turned));
            let lines = Lines { data: &turned, start: 0, step: lanes, count: inner.width, lanes };
            lines.sum_up(statistic, &mut found[..lanes], &mut room);
            scratch.give_u8(turned);
        } else {
            for (y, pixel) in found[..lanes].chunks_exact_mut(channels).enumerate() {
                let row = &dst.row_mut(y)[first..][..inner.stride()];
                for_channels!(inner, C => pixel.copy_from_slice(&of_row::<C>(row, statistic)));
            }
        }
        for (y, pixel) in found[..lanes].chunks_exact(channels).enumerate() {
            let row = dst.row_mut(y);
            for x in (0..left).chain(left + inner.width..left + inner.width + right) {
                row[x * channels..][..channels].copy_from_slice(pixel);
            }
        }
    }
    scratch.give_u8(found);
    scratch.give_u8(room.before);
    scratch.give_u8(room.part);
    scratch.give_i32(room.counts);
}

/// Equal steps from a constant, outermost, to a border pixel, which is no longer one of them.
#[derive(Clone, Copy)]
struct Ramp {
    from: f64,
    step: f64,
}

impl Ramp {
    fn new(cval: u8, edge: u8, count: usize) -> Self {
        let from = f64::from(cval);
        Self { from, step: (f64::from(edge) - from) / count as f64 }
    }

    fn at(self, j: usize) -> u8 {
        // Not negative, so that cutting rounds down.
        (j as f64 * self.step + self.from) as u8
    }
}

/// `count` lines of `lanes` bytes each, `step` apart.
#[derive(Clone, Copy)]
struct Lines<'a> {
    data: &'a [u8],
    start: usize,
    step: usize,
    count: usize,
    lanes: usize,
}

impl Lines<'_> {
    fn each(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.count).map(|i| &self.data[self.start + i * self.step..][..self.lanes])
    }

    /// The statistic of each lane.
    fn sum_up(&self, statistic: Statistic, out: &mut [u8], room: &mut Room) {
        match statistic {
            Statistic::Maximum => {
                out.fill(0);
                self.each().for_each(|line| out.iter_mut().zip(line).for_each(|(o, &v)| *o = v.max(*o)));
            }
            Statistic::Minimum => {
                out.fill(255);
                self.each().for_each(|line| out.iter_mut().zip(line).for_each(|(o, &v)| *o = v.min(*o)));
            }
            Statistic::Mean => {
                let sums = &mut room.counts[..self.lanes];
                sums.fill(0);
                for line in self.each() {
                    sums.iter_mut().zip(line).for_each(|(sum, &v)| *sum += i32::from(v));
                }
                for (out, &sum) in out.iter_mut().zip(&*sums) {
                    *out = mean(sum, self.count);
                }
            }
            Statistic::Median => {
                self.select(self.count / 2, out, &mut room.part, &mut room.counts);
                if self.count.is_multiple_of(2) {
                    let before = &mut room.before[..self.lanes];
                    self.select(self.count / 2 - 1, before, &mut room.part, &mut room.counts);
                    for (out, &lower) in out.iter_mut().zip(&*before) {
                        *out = middle(lower, *out);
                    }
                }
            }
        }
    }

    /// The value of each lane that has `rank` values before it, found bit by bit from the highest.
    fn select(&self, rank: usize, out: &mut [u8], part: &mut [u8], counts: &mut [i32]) {
        let (part, counts) = (&mut part[..self.lanes], &mut counts[..self.lanes]);
        out.fill(0);
        for bit in (0..8).rev().map(|bit| 1 << bit) {
            counts.fill(0);
            // Bytes hold the counts of as many lines as fit.
            for block in (0..self.count).step_by(255) {
                part.fill(0);
                for line in self.each().skip(block).take(255) {
                    for ((count, &v), &o) in part.iter_mut().zip(line).zip(&*out) {
                        *count += u8::from(v < o | bit);
                    }
                }
                counts.iter_mut().zip(&*part).for_each(|(count, &n)| *count += i32::from(n));
            }
            for (out, &count) in out.iter_mut().zip(&*counts) {
                *out |= if count as usize <= rank { bit } else { 0 };
            }
        }
    }
}

/// Room to work in, one value per lane.
struct Room {
    before: Vec<u8>,
    part: Vec<u8>,
    counts: Vec<i32>,
}

/// Copies columns `left..left + width` beside each other, from the first to the last.
fn turn<const C: usize>(image: Image<'_>, left: usize, width: usize, out: &mut [u8]) {
    let (rows, out) = (image.shape.height, out.as_chunks_mut::<C>().0);
    for y in 0..rows {
        let row = &image.row(y).as_chunks::<C>().0[left..left + width];
        for (pixel, to) in row.iter().zip(out[y..].iter_mut().step_by(rows)) {
            *to = *pixel;
        }
    }
}

/// Maximum, minimum or, for all else, mean of each channel of a row.
fn of_row<const C: usize>(row: &[u8], statistic: Statistic) -> [u8; C] {
    let pixels = row.as_chunks::<C>().0;
    match statistic {
        Statistic::Maximum => {
            pixels.iter().fold([0; C], |acc: [u8; C], p| std::array::from_fn(|c| acc[c].max(p[c])))
        }
        Statistic::Minimum => {
            pixels.iter().fold([255; C], |acc: [u8; C], p| std::array::from_fn(|c| acc[c].min(p[c])))
        }
        Statistic::Mean | Statistic::Median => {
            let sums = pixels
                .iter()
                .fold([0_i32; C], |acc, pixel| std::array::from_fn(|c| acc[c] + i32::from(pixel[c])));
            sums.map(|sum| mean(sum, pixels.len()))
        }
    }
}

fn mean(sum: i32, count: usize) -> u8 {
    sat(rhe64(f64::from(sum) / count as f64))
}

/// The mean of two values, half to even.
fn middle(lower: u8, upper: u8) -> u8 {
    let sum = u16::from(lower) + u16::from(upper);
    // Half of an odd sum lies between an even and an odd number.
    ((sum + (sum >> 1 & 1)) >> 1) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Stream};
    use proptest::prelude::*;

    fn padded(row: &[u8], left: i32, right: i32, mode: PadMode) -> Vec<u8> {
        let on = Shape::gray(1, row.len());
        let amounts = [0, right, 0, left];
        let to = shape_after(amounts, on);
        let mut got = vec![0; to.bytes()];
        let (src, dst) = (Image::new(on, row), ImageMut::new(to, &mut got));
        crop_and_pad(src, dst, amounts, mode, 100, &mut Scratch::default());
        got
    }

    #[test]
    fn each_mode_has_its_own_picture() {
        let row = [1, 2, 4, 9];
        assert_eq!(padded(&row, 2, 3, PadMode::Constant), [100, 100, 1, 2, 4, 9, 100, 100, 100]);
        assert_eq!(padded(&row, 2, 3, PadMode::Edge), [1, 1, 1, 2, 4, 9, 9, 9, 9]);
        assert_eq!(padded(&row, 2, 3, PadMode::LinearRamp), [100, 50, 1, 2, 4, 9, 39, 69, 100]);
        assert_eq!(padded(&row, 1, 1, PadMode::Maximum), [9, 1, 2, 4, 9, 9]);
        assert_eq!(padded(&row, 1, 1, PadMode::Mean), [4, 1, 2, 4, 9, 4]);
        assert_eq!(padded(&row, 1, 1, PadMode::Median), [3, 1, 2, 4, 9, 3]);
        assert_eq!(padded(&row, 1, 1, PadMode::Minimum), [1, 1, 2, 4, 9, 1]);
        assert_eq!(padded(&row, 2, 4, PadMode::Reflect), [4, 2, 1, 2, 4, 9, 4, 2, 1, 2]);
        assert_eq!(padded(&row, 2, 3, PadMode::Symmetric), [2, 1, 1, 2, 4, 9, 9, 4, 2]);
        assert_eq!(padded(&row, 2, 5, PadMode::Wrap), [4, 9, 1, 2, 4, 9, 1, 2, 4, 9, 1]);
        assert_eq!(padded(&row, -1, 1, PadMode::Wrap), [2, 4, 9, 2]);
        assert_eq!(padded(&row, -2, -1, PadMode::Wrap), [4]);
    }

    #[test]
    fn fractions_are_rounded_half_to_even() {
        let on = Shape::gray(10, 100);
        assert_eq!(amounts_from_percent([0.25, 0.25, -0.05, -0.015], on), [2, 25, 0, -2]);
    }

    #[test]
    fn crops_leave_one_row_and_column() {
        let on = Shape::gray(10, 10);
        assert_eq!(keep_one([-5, -5, -4, -4], on), [-5, -5, -4, -4]);
        // Two rows too many: one goes to each side. One column too many: it goes to the right.
        assert_eq!(keep_one([-6, -5, -5, -5], on), [-5, -4, -4, -5]);
        assert_eq!(keep_one([0, -30, -12, 0], on), [0, -9, -9, 0]);
        assert_eq!(keep_one([-1, 3, -20, -14], on), [0, 3, -9, -9]);
    }

    fn reference(line: &mut [u8], mode: PadMode) -> u8 {
        line.sort_unstable();
        let n = line.len();
        let exact = match mode {
            PadMode::Maximum => f64::from(line[n - 1]),
            PadMode::Minimum => f64::from(line[0]),
            PadMode::Mean => line.iter().map(|&v| f64::from(v)).sum::<f64>() / n as f64,
            _ => f64::midpoint(f64::from(line[n / 2]), f64::from(line[(n - 1) / 2])),
        };
        exact.round_ties_even() as u8
    }

    proptest! {
        #[test]
        fn statistics_are_those_of_columns_and_then_of_rows(
            h in 1_usize..300, w in 1_usize..9, rgb: bool, which in 0_usize..4, seed: u64,
        ) {
            let mode = [PadMode::Maximum, PadMode::Minimum, PadMode::Mean, PadMode::Median][which];
            let on = Shape::new(h, w, Channels::colored(rgb));
            let c = on.channels();
            let mut data = vec![0; on.bytes()];
            Stream::of_key(seed).fill(&mut data);
            let amounts = [1, 2, 1, 0];
            let to = shape_after(amounts, on);
            let mut got = vec![0; to.bytes()];
            let (src, dst) = (Image::new(on, &data), ImageMut::new(to, &mut got));
            crop_and_pad(src, dst, amounts, mode, 0, &mut Scratch::default());
            let at = |y: usize, i: usize| got[y * to.stride() + i];
            for i in 0..on.stride() {
                let mut column: Vec<u8> = (0..h).map(|y| data[y * on.stride() + i]).collect();
                let want = reference(&mut column, mode);
                prop_assert_eq!([at(0, i), at(h + 1, i)], [want; 2]);
            }
            for y in 0..to.height {
                for channel in 0..c {
                    let mut row: Vec<u8> = (0..w).map(|x| at(y, x * c + channel)).collect();
                    let want = reference(&mut row, mode);
                    prop_assert_eq!([at(y, w * c + channel), at(y, (w + 1) * c + channel)], [want; 2]);
                }
            }
        }

        #[test]
        fn what_is_kept_stays_where_it_belongs(
            h in 1_usize..9, w in 1_usize..9, rgb: bool, amounts in prop::array::uniform4(-12_i32..6),
            which in 0_usize..10, seed: u64,
        ) {
            let modes = [
                PadMode::Constant, PadMode::Edge, PadMode::LinearRamp, PadMode::Maximum, PadMode::Mean,
                PadMode::Median, PadMode::Minimum, PadMode::Reflect, PadMode::Symmetric, PadMode::Wrap,
            ];
            let on = Shape::new(h, w, Channels::colored(rgb));
            let mut data = vec![0; on.bytes()];
            Stream::of_key(seed).fill(&mut data);
            let amounts = keep_one(amounts, on);
            let to = shape_after(amounts, on);
            let mut got = vec![0; to.bytes()];
            let (src, dst) = (Image::new(on, &data), ImageMut::new(to, &mut got));
            crop_and_pad(src, dst, amounts, modes[which], 7, &mut Scratch::default());
            for y in 0..to.height {
                for x in 0..to.width {
                    let from = (y as i32 - amounts[0], x as i32 - amounts[3]);
                    if (0..h as i32).contains(&from.0) && (0..w as i32).contains(&from.1) {
                        let from = (from.0 as usize * w + from.1 as usize) * on.channels();
                        let at = (y * to.width + x) * on.channels();
                        prop_assert_eq!(&got[at..at + on.channels()], &data[from..from + on.channels()]);
                    }
                }
            }
        }
    }
}

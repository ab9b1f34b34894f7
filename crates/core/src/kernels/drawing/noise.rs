//! Noise of the background, and levels that part it from ink.

use crate::base::Shape;

/// The deviation of the background's noise, in the unit of the values: of values below 0, which ink does not have; but no more than one
/// and a half times what pixels `apart` from one another say, because a background that is a little off is not noise.
pub(super) fn deviation(ink: &[i16], shape: Shape, apart: usize) -> f32 {
    let below = middle(ink.iter().filter(|&&v| v <= 0).map(|&v| v.unsigned_abs()));
    let apart = apart.min(shape.width - 1);
    let rows = ink.chunks_exact(shape.width);
    let steps = middle(rows.flat_map(|row| row.iter().zip(&row[apart..]).map(|(a, b)| a.abs_diff(*b))));
    1.4826 * below.min(1.5 * steps / std::f32::consts::SQRT_2)
}

/// The middle value; 0 of nothing.
fn middle(values: impl Iterator<Item = u16>) -> f32 {
    const MOST: usize = 1 << 15;
    let mut counts = vec![0_u64; MOST];
    values.for_each(|v| counts[usize::from(v).min(MOST - 1)] += 1);
    let total: u64 = counts.iter().sum();
    let mut seen = 0;
    let found = counts.iter().position(|&n| {
        seen += n;
        2 * seen > total
    });
    found.unwrap_or(0) as f32
}

/// The level that parts counted values best, those above it from the others: the greatest variance between the two, the lowest of
/// several.
pub(super) fn parted(counts: &[u64]) -> usize {
    let whole: u64 = counts.iter().sum();
    let total: f64 = counts.iter().enumerate().map(|(v, &n)| v as f64 * n as f64).sum();
    let (mut below, mut sum) = (0_u64, 0.0);
    let mut best = (-1.0, 0);
    for (level, &n) in counts.iter().enumerate() {
        below += n;
        sum += level as f64 * n as f64;
        if n == 0 || below == whole {
            continue;
        }
        let apart = total * below as f64 - sum * whole as f64;
        let variance = apart * apart / (below as f64 * (whole - below) as f64);
        if variance > best.0 {
            best = (variance, level);
        }
    }
    best.1
}

/// The mean over 2 `radius` + 1 pixels each way; the outermost pixels go on beyond the frame.
pub(super) fn smooth(data: &mut [i16], shape: Shape, radius: usize) {
    let (width, side) = (shape.width, (2 * radius + 1) as i32);
    let mean = |sum: i32| (sum + side / 2).div_euclid(side) as i16;
    let mut line = Vec::with_capacity(width);
    for row in data.chunks_exact_mut(width) {
        line.clear();
        line.extend_from_slice(row);
        let at = |x: usize| i32::from(line[x.saturating_sub(radius).min(width - 1)]);
        let mut sum: i32 = (0..=2 * radius).map(at).sum();
        for (x, out) in row.iter_mut().enumerate() {
            *out = mean(sum);
            sum += at(x + 2 * radius + 1) - at(x);
        }
    }
    // Down the columns, all at once: the rows that are still needed are kept.
    let height = shape.height;
    let row = |data: &[i16], y: usize| -> Vec<i16> {
        let y = y.saturating_sub(radius).min(height - 1);
        data[y * width..][..width].to_vec()
    };
    let mut kept: std::collections::VecDeque<Vec<i16>> = (0..=2 * radius).map(|y| row(data, y)).collect();
    let mut sums = vec![0_i32; width];
    for row in &kept {
        sums.iter_mut().zip(row).for_each(|(sum, &v)| *sum += i32::from(v));
    }
    for y in 0..height {
        let next = row(data, y + 2 * radius + 1);
        data[y * width..][..width].iter_mut().zip(&sums).for_each(|(out, &sum)| *out = mean(sum));
        if let Some(gone) = kept.pop_front() {
            let rows = gone.iter().zip(&next);
            sums.iter_mut()
                .zip(rows)
                .for_each(|(sum, (&gone, &new))| *sum += i32::from(new) - i32::from(gone));
        }
        kept.push_back(next);
    }
}

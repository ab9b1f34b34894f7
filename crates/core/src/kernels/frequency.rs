//! Frequency noise: a random spectrum, weighted by a power of the frequency, taken back to the plane.

use std::sync::LazyLock;

use super::approx::{cos_turns, exp2, floor_u8, sin_turns};
use super::blend::range;
use crate::base::{Scratch, math};

/// Random bytes that [`spectrum_of`] takes for each cell: two for the radius, two for the angle.
pub const BYTES_PER_CELL: usize = 4;

/// Squared frequencies whose logarithms are tabulated: those of grids up to 16 x 16.
const TABULATED: usize = 129;

static HALF_LOG2: LazyLock<Vec<f32>> = LazyLock::new(|| (0..TABULATED).map(half_log2).collect());

/// Half the binary logarithm: that of the root.
fn half_log2(square: usize) -> f32 {
    (0.5 * math::log(square.max(1) as f64) / std::f64::consts::LN_2) as f32
}

/// Turns random bytes into the radii and angles that [`frequency`] takes: uniform in 0..1, in steps of 2^-16.
///
/// # Panics
/// If `random` does not have [`BYTES_PER_CELL`] for each cell, or the other two differ in length.
pub fn spectrum_of(random: &[u8], radii: &mut [f32], angles: &mut [f32]) {
    let cells = random.as_chunks::<BYTES_PER_CELL>().0;
    assert!(cells.len() == radii.len() && cells.len() == angles.len(), "a radius and an angle for each cell");
    for ((bytes, radius), angle) in cells.iter().zip(radii).zip(angles) {
        let unit = |low: u8, high: u8| f32::from(u16::from_le_bytes([low, high])) * (1.0 / 65536.0);
        *radius = unit(bytes[0], bytes[1]);
        *angle = unit(bytes[2], bytes[3]);
    }
}

/// Fills a grid with noise whose amplitudes fall (or rise) with the frequency to the power of `exponent`.
///
/// With radius R and angle T (in turns), both 0..1, the spectrum at row u and column v is
/// (R cos T + i R cos T sin T) f^exponent, where f^2 = min(u, rows - u)^2 + min(v, columns - v)^2, and 0 at f = 0.
/// (The imaginary part has R cos T where R was to be expected; so has imgaug's.) The real part of its inverse
/// Fourier transform is stretched to 0..=255 and cut to whole levels; a flat one is 0.
///
/// # Panics
/// If `grid`, `radii` or `angles` is not `rows` x `columns`.
pub fn frequency(
    grid: &mut [u8],
    rows: usize,
    columns: usize,
    exponent: f32,
    (radii, angles): (&[f32], &[f32]),
    scratch: &mut Scratch,
) {
    let cells = rows * columns;
    assert!(grid.len() == cells && radii.len() == cells && angles.len() == cells, "a value for each cell");
    if cells == 0 {
        return;
    }
    let mut re = scratch.take_f32(cells);
    let mut im = scratch.take_f32(cells);
    for (((re, im), radius), angle) in re.iter_mut().zip(&mut im).zip(radii).zip(angles) {
        *re = radius * cos_turns(*angle);
        *im = *re * sin_turns(*angle);
    }
    weigh(&mut re, &mut im, (rows, columns), exponent, scratch);
    fold(&mut re, &mut im, (rows, columns));
    let mut noise = scratch.take_f32(cells);
    real_inverse(&re, &im, &mut noise, (rows, columns), scratch);
    let (low, high) = range(&noise);
    // Divided by, not multiplied with its inverse, so that the largest is 255 exactly.
    let span = if high > low { high - low } else { f32::INFINITY };
    for (level, noise) in grid.iter_mut().zip(&noise) {
        *level = floor_u8((noise - low) / span * 255.0);
    }
    scratch.give_f32(re);
    scratch.give_f32(im);
    scratch.give_f32(noise);
}

/// Multiplies the spectrum by f^exponent.
fn weigh(
    re: &mut [f32],
    im: &mut [f32],
    (rows, columns): (usize, usize),
    exponent: f32,
    scratch: &mut Scratch,
) {
    // A quarter of the plane has all the frequencies.
    let (deep, wide) = (rows / 2 + 1, columns / 2 + 1);
    let mut quarter = scratch.take_f32(deep * wide);
    let table = HALF_LOG2.as_slice();
    for (u, row) in quarter.chunks_exact_mut(wide).enumerate() {
        for (v, log) in row.iter_mut().enumerate() {
            let square = u * u + v * v;
            *log = table.get(square).copied().unwrap_or_else(|| half_log2(square));
        }
    }
    for weight in &mut quarter {
        *weight = exp2(exponent * *weight);
    }
    quarter[0] = 0.0;
    for u in 0..rows {
        let weights = &quarter[u.min(rows - u) * wide..][..wide];
        let (re, im) = (&mut re[u * columns..][..columns], &mut im[u * columns..][..columns]);
        // 0, 1, 2 ... and back to 1.
        let there_and_back = weights.iter().chain(weights[1..columns.div_ceil(2)].iter().rev());
        for ((re, im), weight) in re.iter_mut().zip(im).zip(there_and_back) {
            *re *= weight;
            *im *= weight;
        }
    }
    scratch.give_f32(quarter);
}

/// Adds the rows of negative frequencies to those of positive ones, of which then only rows / 2 + 1 are needed.
///
/// The real part of a spectrum's transform does not change when a term moves to its conjugate at the opposite frequency.
fn fold(re: &mut [f32], im: &mut [f32], (rows, columns): (usize, usize)) {
    for u in 1..rows.div_ceil(2) {
        let (here, there) = (u * columns, (rows - u) * columns);
        for v in 0..columns {
            let opposite = there + if v == 0 { 0 } else { columns - v };
            re[here + v] += re[opposite];
            im[here + v] -= im[opposite];
        }
    }
}

/// Columns that are summed up at a time.
const WIDE: usize = 8;

/// The real part of the (unscaled) inverse Fourier transform of a folded spectrum, along rows, then along columns.
fn real_inverse(
    re: &[f32],
    im: &[f32],
    out: &mut [f32],
    (rows, columns): (usize, usize),
    scratch: &mut Scratch,
) {
    // Rows are padded to whole runs of columns; the waves simply go on there.
    let (deep, runs) = (rows / 2 + 1, columns.div_ceil(WIDE));
    let stride = runs * WIDE;
    let mut cosines = scratch.take_f32(columns.max(rows));
    let mut sines = scratch.take_f32(columns.max(rows));
    let mut wave_cos = scratch.take_f32(columns * stride);
    let mut wave_sin = scratch.take_f32(columns * stride);
    let mut line_re = scratch.take_f32(deep * stride);
    let mut line_im = scratch.take_f32(deep * stride);
    tabulate(columns, &mut cosines, &mut sines);
    for (v, (wave_cos, wave_sin)) in
        wave_cos.chunks_exact_mut(stride).zip(wave_sin.chunks_exact_mut(stride)).enumerate()
    {
        let mut phase = 0;
        for (cos, sin) in wave_cos.iter_mut().zip(wave_sin) {
            (*cos, *sin) = (cosines[phase], sines[phase]);
            phase = step(phase, v, columns);
        }
    }
    {
        let (cos, sin) = (wave_cos.as_chunks::<WIDE>().0, wave_sin.as_chunks::<WIDE>().0);
        let lines = line_re.as_chunks_mut::<WIDE>().0.iter_mut().zip(line_im.as_chunks_mut::<WIDE>().0);
        for (at, (line_re, line_im)) in lines.enumerate() {
            let (u, run) = (at / runs, at % runs);
            let row = u * columns..(u + 1) * columns;
            let waves = cos[run..].iter().step_by(runs).zip(sin[run..].iter().step_by(runs));
            let (mut sum_re, mut sum_im) = ([0.0; WIDE], [0.0; WIDE]);
            for ((re, im), (cos, sin)) in re[row.clone()].iter().zip(&im[row]).zip(waves) {
                for x in 0..WIDE {
                    sum_re[x] += re * cos[x] - im * sin[x];
                    sum_im[x] += re * sin[x] + im * cos[x];
                }
            }
            (*line_re, *line_im) = (sum_re, sum_im);
        }
    }
    tabulate(rows, &mut cosines, &mut sines);
    let (lines_re, lines_im) = (line_re.as_chunks::<WIDE>().0, line_im.as_chunks::<WIDE>().0);
    for (y, out) in out.chunks_exact_mut(columns).enumerate() {
        for (run, out) in out.chunks_mut(WIDE).enumerate() {
            let mut phase = 0;
            let mut sum = [0.0; WIDE];
            let lines = lines_re[run..].iter().step_by(runs).zip(lines_im[run..].iter().step_by(runs));
            for (re, im) in lines {
                let (cos, sin) = (cosines[phase], sines[phase]);
                for x in 0..WIDE {
                    sum[x] += re[x] * cos - im[x] * sin;
                }
                phase = step(phase, y, rows);
            }
            out.copy_from_slice(&sum[..out.len()]);
        }
    }
    for buffer in [cosines, sines, line_re, line_im, wave_cos, wave_sin] {
        scratch.give_f32(buffer);
    }
}

/// The cosine and sine of n steps around the circle.
fn tabulate(n: usize, cosines: &mut [f32], sines: &mut [f32]) {
    let turn = 1.0 / n as f32;
    for (k, (cos, sin)) in cosines[..n].iter_mut().zip(sines).enumerate() {
        let angle = k as i32 as f32 * turn;
        (*cos, *sin) = (cos_turns(angle), sin_turns(angle));
    }
}

/// The place `by` steps further around a circle of `n`; both are below `n`.
fn step(phase: usize, by: usize, n: usize) -> usize {
    let next = phase + by;
    if next >= n { next - n } else { next }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Stream;
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    /// The double sum in double precision.
    fn reference((rows, columns): (usize, usize), exponent: f64, radii: &[f32], angles: &[f32]) -> Vec<f64> {
        let mut noise = vec![0.0; rows * columns];
        for (i, value) in noise.iter_mut().enumerate() {
            let (y, x) = (i / columns, i % columns);
            for k in 1..rows * columns {
                let (u, v) = (k / columns, k % columns);
                let square = u.min(rows - u).pow(2) + v.min(columns - v).pow(2);
                let weight = math::pow(square as f64, exponent / 2.0);
                let angle = f64::from(angles[k]) * TAU;
                let re = f64::from(radii[k]) * math::cos(angle);
                let im = re * math::sin(angle);
                let phase = TAU * ((u * y) as f64 / rows as f64 + (v * x) as f64 / columns as f64);
                *value += weight * (re * math::cos(phase) - im * math::sin(phase));
            }
        }
        let low = noise.iter().copied().fold(f64::INFINITY, f64::min);
        let high = noise.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        noise.iter().map(|v| if high > low { (v - low) / (high - low) * 255.0 } else { 0.0 }).collect()
    }

    proptest! {
        #[test]
        fn the_separable_transform_is_the_double_sum(
            rows in 1_usize..12, columns in 1_usize..20, exponent in -4.0_f32..4.0, key: u64,
        ) {
            let cells = rows * columns;
            let mut random = vec![0; cells * BYTES_PER_CELL];
            Stream::of_key(key).fill(&mut random);
            let (mut radii, mut angles) = (vec![0.0; cells], vec![0.0; cells]);
            spectrum_of(&random, &mut radii, &mut angles);
            let mut grid = vec![9; cells];
            frequency(&mut grid, rows, columns, exponent, (&radii, &angles), &mut Scratch::default());
            let exact = reference((rows, columns), f64::from(exponent), &radii, &angles);
            for (level, exact) in grid.iter().zip(exact) {
                let level = f64::from(*level);
                prop_assert!(level <= exact + 0.01 && level > exact - 1.01, "{level} {exact}");
            }
        }
    }

    #[test]
    fn one_wave_alone_is_a_cosine() {
        let (mut radii, angles) = ([0.0; 16], [0.0; 16]);
        radii[1] = 0.5;
        let mut grid = [0; 16];
        frequency(&mut grid, 4, 4, -1.0, (&radii, &angles), &mut Scratch::default());
        assert_eq!(grid.iter().max(), Some(&255));
        for row in grid.chunks_exact(4) {
            // 255 and 127.5 are cut off a little below where the cosine is not exact.
            assert!(
                row[0] >= 254 && row[1].abs_diff(127) <= 1 && row[2] == 0 && row[3].abs_diff(127) <= 1,
                "{row:?}"
            );
        }
    }
}

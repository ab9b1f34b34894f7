//! Gaussian smoothing of fields of numbers, with kernels that may be far wider than the field.

use crate::base::Scratch;
use crate::base::math::exp;
use crate::kernels::border::Border;

/// Smooths `field`, which has rows of `width` numbers, along both axes by a Gaussian of standard deviation `sigma`
/// (above 0) that is cut off `radius` numbers from its center. What lies beyond the border is as `border` says; a
/// constant is 0.
///
/// # Panics
/// If the rows are not whole.
pub fn gaussian(
    field: &mut [f32],
    width: usize,
    sigma: f64,
    radius: usize,
    border: Border,
    scratch: &mut Scratch,
) {
    if field.is_empty() {
        return;
    }
    assert!(field.len().is_multiple_of(width), "rows of {width} numbers");
    let height = field.len() / width;
    let mut half = scratch.take_f64(radius + 1);
    let mut total = 0.0;
    for (i, weight) in half.iter_mut().enumerate() {
        *weight = exp(-((i * i) as f64) / (2.0 * sigma * sigma));
        total += if i == 0 { *weight } else { 2.0 * *weight };
    }
    for weight in &mut half {
        *weight /= total;
    }

    let mut out = scratch.take_f32(field.len());
    let mut weights = scratch.take_f32(width.max(height));
    // Weights of taps beyond the border go to the pixel that is read there, which lies no farther away.
    let fold = |at: usize, n: usize, weights: &mut [f32]| {
        let (from, to) = (at.saturating_sub(radius), (at + radius + 1).min(n));
        weights[from..to].fill(0.0);
        for offset in -(radius as i32)..=radius as i32 {
            if let Some(source) = border.index(at as i32 + offset, n) {
                weights[source] += half[offset.unsigned_abs() as usize] as f32;
            }
        }
        from..to
    };
    for x in 0..width {
        let band = fold(x, width, &mut weights[..width]);
        for (to, row) in out.iter_mut().skip(x).step_by(width).zip(field.chunks_exact(width)) {
            *to = row[band.clone()].iter().zip(&weights[band.clone()]).map(|(v, w)| v * w).sum();
        }
    }
    for y in 0..height {
        let band = fold(y, height, &mut weights[..height]);
        let to = &mut field[y * width..][..width];
        to.fill(0.0);
        for source in band {
            for (to, &value) in to.iter_mut().zip(&out[source * width..][..width]) {
                *to += value * weights[source];
            }
        }
    }
    scratch.give_f32(weights);
    scratch.give_f32(out);
    scratch.give_f64(half);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_field_stays_flat_and_a_peak_becomes_a_bell() {
        let mut scratch = Scratch::default();
        for border in [Border::Edge, Border::Symmetric, Border::Reflect] {
            let mut flat = [3.0; 12];
            gaussian(&mut flat, 4, 2.0, 9, border, &mut scratch);
            assert!(flat.iter().all(|v| (v - 3.0).abs() < 1e-5), "{border:?} {flat:?}");
        }
        let mut peak = [0.0; 49];
        peak[24] = 1.0;
        gaussian(&mut peak, 7, 1.0, 3, Border::Edge, &mut scratch);
        let weight = |d: i32| {
            let w: Vec<f64> = (-3..=3).map(|i: i32| exp(f64::from(-i * i) / 2.0)).collect();
            w[(d + 3) as usize] / w.iter().sum::<f64>()
        };
        for (y, x) in [(3, 3), (2, 3), (4, 5), (0, 6)] {
            let want = weight(y - 3) * weight(x - 3);
            assert!((f64::from(peak[(y * 7 + x) as usize]) - want).abs() < 1e-6);
        }
    }
}

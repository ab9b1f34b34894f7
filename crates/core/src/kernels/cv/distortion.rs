//! Maps of distortions: strips of a grid, lenses.

use crate::base::Shape;

/// Where the pixels of an axis are read whose strips are stretched by `steps`, one of which is what is left over.
///
/// With `cut`, a strip that does not fit ends at the border, whatever its step. A strip ends where the next one begins,
/// so that this place is read twice; pixels behind the last strip are read at 0.
pub fn strips(line: &mut [f32], steps: &[f64], cut: bool) {
    let n = line.len();
    let cell = n / (steps.len() - 1).max(1);
    if cell == 0 {
        for (i, value) in line.iter_mut().enumerate() {
            *value = i as f32;
        }
        return;
    }
    line.fill(0.0);
    let mut before = 0.0;
    for (i, step) in steps.iter().enumerate() {
        let (start, end) = (i * cell, ((i + 1) * cell).min(n));
        let after = if cut && (i + 1) * cell > n { n as f64 } else { before + cell as f64 * step };
        if start < end {
            let gaps = end - start - 1;
            let step = (after - before) / gaps.max(1) as f64;
            for (k, value) in line[start..end].iter_mut().enumerate() {
                *value = if gaps > 0 && k == gaps { after as f32 } else { (k as f64 * step + before) as f32 };
            }
        }
        before = after;
    }
}

/// Changes steps so that the strips of an axis of `n` pixels fill it.
pub fn normalize(steps: &mut [f64], n: usize) {
    let count = steps.len() - 1;
    let cell = n / count.max(1);
    if cell == 0 {
        return;
    }
    let left = n.min((count + 1) * cell) - count * cell;
    if let Some(last) = steps.last_mut() {
        *last *= left as f64 / cell as f64;
    }
    let factor = n as f64 / cell as f64 / steps.iter().sum::<f64>();
    if factor.is_finite() {
        for step in steps {
            *step *= factor;
        }
    }
}

/// Makes two maps of an image of shape `on` of where its columns, and then its rows, are read.
///
/// # Panics
/// If the lengths do not fit.
pub fn grid(lines: &[f32], map: &mut [f32], on: Shape) {
    let (columns, rows) = lines.split_at(on.width);
    let (xs, ys) = map.split_at_mut(on.pixels());
    let width = on.width.max(1);
    for ((x, y), row) in xs.chunks_exact_mut(width).zip(ys.chunks_exact_mut(width)).zip(rows) {
        x.copy_from_slice(columns);
        y.fill(*row);
    }
}

/// A lens over an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lens {
    /// The coefficient; 0 distorts nothing.
    pub k: f64,
    /// Shift of the middle in pixels, (x, y).
    pub shift: [f64; 2],
    /// Whether it is a fisheye.
    pub fisheye: bool,
    /// The image's shape.
    pub on: Shape,
}

impl Lens {
    /// Where pixel (x, y) is read.
    #[must_use]
    pub fn source(&self, x: usize, y: usize) -> [f64; 2] {
        let (w, h) = (self.on.width as f64, self.on.height as f64);
        let (x, y) = (x as f64, y as f64);
        let [dx, dy] = self.shift;
        if self.fisheye {
            let (x, y) = (x - w / 2.0, y - h / 2.0);
            let far = (w / 2.0) * (w / 2.0) + (h / 2.0) * (h / 2.0);
            let factor = 1.0 + self.k * (x * x + y * y) / far;
            return [x * factor + w / 2.0 + dx, y * factor + h / 2.0 + dy];
        }
        let k = f64::from(self.k as f32);
        let (x, y) = ((x - (w - 1.0) / 2.0) / w, (y - (h - 1.0) / 2.0) / h);
        let r = x * x + y * y;
        let factor = 1.0 + (k * r + k) * r;
        [w * x * factor + w / 2.0 + dx, h * y * factor + h / 2.0 + dy]
    }

    /// Where all pixels are read: the x of all, then the y.
    ///
    /// # Panics
    /// If `map` has another size.
    pub fn map(&self, map: &mut [f32]) {
        let (xs, ys) = map.split_at_mut(self.on.pixels());
        for (i, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
            [*x, *y] = self.source(i % self.on.width, i / self.on.width).map(|v| v as f32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_follow_one_another() {
        let mut line = [0.0; 7];
        strips(&mut line, &[1.0, 2.0, 0.5], false);
        // Cells of 3: 0 to 3, 3 to 9, and one pixel left over.
        assert_eq!(line, [0.0, 1.5, 3.0, 3.0, 6.0, 9.0, 9.0]);
        let mut steps = [1.0, 2.0, 0.5];
        normalize(&mut steps, 7);
        assert!((3.0 * steps.iter().sum::<f64>() - 7.0).abs() < 1e-12);
        strips(&mut line, &[1.0; 9], true);
        assert_eq!(line, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn a_lens_without_power_moves_by_half_a_pixel() {
        let on = Shape::gray(6, 8);
        let lens = Lens { k: 0.0, shift: [1.0, 0.0], fisheye: false, on };
        assert_eq!(lens.source(3, 2), [4.5, 2.5]);
        assert_eq!(Lens { fisheye: true, ..lens }.source(3, 2), [4.0, 2.0]);
    }
}

//! Motion blurs as MATLAB's `fspecial('motion')` and `imfilter` make them: n-MNIST.

use crate::base::math::{cos, rhe, sin};
use crate::base::{ImageMut, Scratch};

/// The longest line.
pub const LONGEST: f64 = 99.0;

/// The weights of a line of `length` pixels, counter-clockwise by `angle` in degrees, by rows; each weight is how much of a line one pixel wide
/// covers the pixel.
struct Line {
    weights: Vec<f64>,
    height: usize,
    width: usize,
}

impl Line {
    fn new(length: f64, angle: f64, scratch: &mut Scratch) -> Self {
        let length = length.clamp(1.0, LONGEST);
        let half = (length - 1.0) / 2.0;
        let turn = angle.rem_euclid(180.0) / 180.0 * std::f64::consts::PI;
        // Sines and cosines of right angles are not quite 0.
        let (along, up) = (cos(turn), sin(turn));
        let side = if along < 0.0 { -1.0 } else { 1.0 };
        let reach = |part: f64| (part - length * f64::EPSILON).abs() as usize;
        let (right, down) = (reach(half * along + side), reach(half * up + 1.0));
        let (height, width) = (2 * down + 1, 2 * right + 1);
        let mut weights = scratch.take_f64(height * width);
        weights.fill(0.0);
        let mut sum = 0.0;
        for y in 0..=down {
            for x in 0..=right {
                let (at_x, at_y) = (x as f64 * side, y as f64);
                let mut off = at_y * along - at_x * up;
                if (at_x * at_x + at_y * at_y).sqrt() >= half && off.abs() <= 1.0 {
                    // Beyond the end it is the distance from the end that counts.
                    let beyond = half - ((at_x + off * up) / along).abs();
                    off = (off * off + beyond * beyond).sqrt();
                }
                let weight = (1.0 + f64::EPSILON - off.abs()).max(0.0);
                // The other half of the line is the same turned by 180 degrees. Rows count upwards as long as the line leans to the right.
                for (y, x) in [(down + y, right + x), (down - y, right - x)] {
                    let y = if along > 0.0 { height - 1 - y } else { y };
                    weights[y * width + x] = weight;
                }
            }
        }
        for weight in &weights {
            sum += weight;
        }
        for weight in &mut weights {
            *weight /= sum + f64::EPSILON * length * length;
        }
        Self { weights, height, width }
    }
}

/// Blurs along a line of `length` pixels, counter-clockwise by `angle` in degrees. Beyond the border is black.
pub fn motion(image: ImageMut<'_>, length: f64, angle: f64, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let (height, width, channels) = (shape.height as i32, shape.width as i32, shape.channels());
    let line = Line::new(length, angle, scratch);
    let (top, left) = (line.height as i32 / 2, line.width as i32 / 2);
    let mut before = scratch.take_u8(data.len());
    before.copy_from_slice(data);
    let mut sums = scratch.take_f64(shape.stride());
    for (y, row) in (0..height).zip(data.chunks_exact_mut(shape.stride().max(1))) {
        sums.fill(0.0);
        for (at, weight) in line.weights.iter().enumerate() {
            let (dy, dx) = (at as i32 / line.width as i32 - top, at as i32 % line.width as i32 - left);
            let (from, to) = ((-dx).clamp(0, width), (width - dx).clamp(0, width));
            if *weight == 0.0 || !(0..height).contains(&(y + dy)) || from >= to {
                continue;
            }
            let count = (to - from) as usize * channels;
            let source = ((y + dy) * width + from + dx) as usize * channels;
            let sums = &mut sums[from as usize * channels..][..count];
            for (sum, v) in sums.iter_mut().zip(&before[source..source + count]) {
                *sum += weight * f64::from(*v);
            }
        }
        for (to, sum) in row.iter_mut().zip(&sums) {
            *to = rhe(sum.clamp(0.0, 255.0) as f32) as u8;
        }
    }
    scratch.give_f64(sums);
    scratch.give_u8(before);
    scratch.give_f64(line.weights);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn five_pixels_at_15_degrees_have_the_published_weights() {
        let line = Line::new(5.0, 15.0, &mut Scratch::default());
        let want = [
            [0.0, 0.0, 0.006_657_995, 0.057_230_489, 0.100_208_991],
            [0.093_379_349, 0.144_824_619, 0.195_397_113, 0.144_824_619, 0.093_379_349],
            [0.100_208_991, 0.057_230_489, 0.006_657_995, 0.0, 0.0],
        ];
        assert_eq!((line.height, line.width), (3, 5));
        for (weight, want) in line.weights.iter().zip(want.as_flattened()) {
            assert!((weight - want).abs() < 1e-9, "{:?}", line.weights);
        }
    }

    #[test]
    fn a_level_line_is_level_and_a_steep_one_steep() {
        for (angle, size) in [(0.0, (1, 9)), (90.0, (9, 1)), (180.0, (1, 9))] {
            let line = Line::new(9.0, angle, &mut Scratch::default());
            let middle = line.weights.len() / 2;
            assert!(line.height >= size.0 && line.width >= size.1, "{angle}");
            assert!((line.weights[middle] - 1.0 / 9.0).abs() < 1e-9, "{angle} {:?}", line.weights);
            assert!((line.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
        // The ends of a white image get darker.
        let mut data = [255; 30];
        motion(ImageMut::new(Shape::rgb(1, 10), &mut data), 5.0, 0.0, &mut Scratch::default());
        assert_eq!((data[0], data[15], data[29]), (153, 255, 153));
    }
}

//! Drops of water: their edges, how far everything is from them, and what shines through, all as OpenCV computes it.

use super::canny::connect;
use super::{Finish, gauss};
use crate::base::math::{rhe, sat};
use crate::base::{ImageMut, Scratch};
use crate::kernels::border::{Border, edge};
use crate::kernels::cv::equalize::{histogram, table};

/// How water splashes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Water {
    /// Blur of the drops before they are cut out.
    pub sigma: f64,
    /// Below which value there are none.
    pub threshold: f64,
    /// How bright they are.
    pub strength: f64,
}

/// The color of water; gray images have the first value.
const COLOR: [f64; 3] = [175.0 / 255.0, 238.0 / 255.0, 238.0 / 255.0];
/// The thresholds of edges.
const LOW: i32 = 50;
const HIGH: i32 = 150;
/// Beyond how many pixels distances no longer count.
const FAR: f32 = 20.0;

/// Adds drops where the blurred layer is above the threshold; an image without any stays as it is. `layer` holds normal numbers, and is used up.
///
/// # Panics
/// If there is not a number for each pixel.
pub fn splash(image: ImageMut<'_>, water: &Water, layer: &mut [f64], finish: Finish, scratch: &mut Scratch) {
    let ImageMut { shape, data } = image;
    let (width, pixels) = (shape.width, shape.pixels());
    assert_eq!(layer.len(), pixels, "a number for each pixel");
    if pixels == 0 {
        return;
    }
    gauss::blur(layer, width, water.sigma, scratch);
    let mut liquid = scratch.take_u8(pixels);
    for (to, v) in liquid.iter_mut().zip(&*layer) {
        *to = if *v < water.threshold { 0 } else { (v * 255.0).clamp(0.0, 255.0) as i32 as u8 };
    }
    let mut map = scratch.take_u8(pixels);
    let mut drops = scratch.take_f32(pixels);
    edges(&liquid, width, &mut map, scratch);
    distances(&map, width, &mut drops, scratch);
    // Cut to whole pixels after a mean of three by three.
    for (at, to) in map.iter_mut().enumerate() {
        *to = (around(at, width, pixels, |at| drops[at].min(FAR)).iter().sum::<f32>() * (1.0 / 9.0)) as i32
            as u8;
    }
    if let Some(table) = table(&histogram(&map, 1, 0)) {
        for v in &mut map {
            *v = table[usize::from(*v)];
        }
    }
    let mut relief = scratch.take_u8(pixels);
    for (at, to) in relief.iter_mut().enumerate() {
        let near = around(at, width, pixels, |at| i32::from(map[at]));
        let weights = [-2, -1, 0, -1, 1, 1, 0, 1, 2];
        *to = sat(near.iter().zip(weights).map(|(v, weight)| v * weight).sum());
    }
    for (at, drop) in drops.iter_mut().enumerate() {
        let sum: i32 = around(at, width, pixels, |at| i32::from(relief[at])).iter().sum();
        *drop = f32::from(liquid[at]) * rhe(sum as f32 * (1.0 / 9.0)) as f32;
    }
    let most = drops.iter().fold(0.0_f32, |a, b| a.max(*b));
    if most > 0.0 {
        for (pixel, drop) in data.chunks_exact_mut(shape.channels()).zip(&drops) {
            let drop = drop / most * water.strength as f32;
            for (v, color) in pixel.iter_mut().zip(COLOR) {
                *v = finish.byte32(f32::from(*v) / 255.0 + drop * color as f32);
            }
        }
    }
    scratch.give_u8(relief);
    scratch.give_f32(drops);
    scratch.give_u8(map);
    scratch.give_u8(liquid);
}

/// The nine values around a pixel, row by row, mirrored at the border without the border pixel.
fn around<T>(at: usize, width: usize, pixels: usize, value: impl Fn(usize) -> T) -> [T; 9] {
    let (y, x) = ((at / width) as i32, (at % width) as i32);
    let index = |i: i32, n: usize| Border::Reflect.index(i, n).unwrap_or(0);
    std::array::from_fn(|i| {
        let (dy, dx) = (i as i32 / 3 - 1, i as i32 % 3 - 1);
        value(index(y + dy, pixels / width) * width + index(x + dx, width))
    })
}

/// Marks edges by 0 and everything else by 255: `Canny` with gradients as sums of both directions.
fn edges(from: &[u8], width: usize, to: &mut [u8], scratch: &mut Scratch) {
    // tan(22.5 degrees) in 15 bits.
    const TAN: i32 = 13_573;
    let (pixels, height) = (from.len(), from.len() / width);
    let mut gradients = scratch.take_i32(2 * pixels);
    for (at, gradient) in gradients.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        let v = |dy: i32, dx: i32| {
            let y = edge((at / width) as i32 + dy, height);
            i32::from(from[y * width + edge((at % width) as i32 + dx, width)])
        };
        let across = (v(-1, 1) + 2 * v(0, 1) + v(1, 1)) - (v(-1, -1) + 2 * v(0, -1) + v(1, -1));
        let down = (v(1, -1) + 2 * v(1, 0) + v(1, 1)) - (v(-1, -1) + 2 * v(-1, 0) + v(-1, 1));
        *gradient = [across, down];
    }
    let pairs = gradients.as_chunks::<2>().0;
    let size = |at: usize, dy: i32, dx: i32| {
        let (y, x) = ((at / width) as i32 + dy, (at % width) as i32 + dx);
        let inside = (0..height as i32).contains(&y) && (0..width as i32).contains(&x);
        if inside { pairs[y as usize * width + x as usize].iter().map(|v| v.abs()).sum() } else { 0 }
    };
    for (at, to) in to.iter_mut().enumerate() {
        let [across, down] = pairs[at];
        let own = size(at, 0, 0);
        let (x, y) = (across.abs(), down.abs() << 15);
        let ridge = own > LOW
            && if y < x * TAN {
                own > size(at, 0, -1) && own >= size(at, 0, 1)
            } else if y > x * TAN + (x << 16) {
                own > size(at, -1, 0) && own >= size(at, 1, 0)
            } else {
                let side = if (across ^ down) < 0 { -1 } else { 1 };
                own > size(at, -1, -side) && own > size(at, 1, side)
            };
        *to = match (ridge, own > HIGH) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 255,
        };
    }
    scratch.give_i32(gradients);
    connect(to, width, scratch);
    for v in to {
        *v = 255 - *v;
    }
}

/// The distance of each pixel to the nearest 0, by steps of 1 to neighbors, 1.4 to those at corners and 2.1969 to those a knight's move
/// away, with 16 bits of fraction.
fn distances(map: &[u8], width: usize, to: &mut [f32], scratch: &mut Scratch) {
    const STRAIGHT: i32 = 65_536;
    const DIAGONAL: i32 = 91_750;
    const KNIGHT: i32 = 143_976;
    /// Rows and columns away, and how far that is, of all that come before a pixel.
    const BEFORE: [(usize, isize, i32); 8] = [
        (2, -1, KNIGHT),
        (2, 1, KNIGHT),
        (1, -2, KNIGHT),
        (1, -1, DIAGONAL),
        (1, 0, STRAIGHT),
        (1, 1, DIAGONAL),
        (1, 2, KNIGHT),
        (0, -1, STRAIGHT),
    ];
    const NONE: i32 = i32::MAX / 4;
    let height = map.len() / width;
    let wide = width + 4;
    let mut steps = scratch.take_i32(wide * (height + 4));
    steps.fill(NONE);
    let place = |y: usize, x: usize| (y + 2) * wide + x + 2;
    for y in 0..height {
        for x in 0..width {
            let at = place(y, x);
            let near =
                BEFORE.iter().map(|(up, by, far)| steps[(at - up * wide).saturating_add_signed(*by)] + far);
            steps[at] = if map[y * width + x] == 0 { 0 } else { near.min().unwrap_or(NONE).min(NONE) };
        }
    }
    for y in (0..height).rev() {
        for x in (0..width).rev() {
            let at = place(y, x);
            let near = BEFORE
                .iter()
                .map(|(down, by, far)| steps[(at + down * wide).saturating_add_signed(-by)] + far);
            steps[at] = near.min().unwrap_or(NONE).min(steps[at]);
            to[y * width + x] = steps[at] as f32 * (1.0 / 65_536.0);
        }
    }
    scratch.give_i32(steps);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn distances_are_those_of_the_shortest_steps() {
        let mut map = [255; 35];
        map[17] = 0;
        let mut far = [0.0; 35];
        distances(&map, 7, &mut far, &mut Scratch::default());
        for (at, want) in
            [(17, 0.0), (18, 1.0), (10, 1.0), (9, 1.4), (8, 2.1969), (14, 3.0), (0, 1.4 + 2.1969)]
        {
            assert!((far[at] - want).abs() < 1e-4, "{at} {}", far[at]);
        }
    }

    #[test]
    fn a_square_has_an_edge_around_it() {
        let mut square = [0; 100];
        for y in 3..7 {
            square[y * 10 + 3..y * 10 + 7].fill(200);
        }
        let mut map = [9; 100];
        edges(&square, 10, &mut map, &mut Scratch::default());
        let found = map.iter().map(|v| usize::from(*v == 0)).sum::<usize>();
        assert!((8..=20).contains(&found) && map[0] == 255 && map[55] == 255, "{found}");
    }

    #[test]
    fn drops_brighten_and_nothing_happens_without_them() {
        let shape = Shape::rgb(20, 20);
        let water = Water { sigma: 1.0, threshold: 0.5, strength: 0.6 };
        let mut dry = vec![10; 1200];
        let mut layer = vec![0.0; 400];
        splash(ImageMut::new(shape, &mut dry), &water, &mut layer, Finish::Cut, &mut Scratch::default());
        assert_eq!(dry, vec![10; 1200]);
        for (at, v) in layer.iter_mut().enumerate() {
            *v = if (at / 20).abs_diff(10) < 4 && (at % 20).abs_diff(9) < 5 { 1.0 } else { 0.0 };
        }
        splash(ImageMut::new(shape, &mut dry), &water, &mut layer, Finish::Cut, &mut Scratch::default());
        assert!(dry.iter().all(|v| *v >= 9) && dry.iter().any(|v| *v > 100));
    }
}

//! OpenSimplex noise at whole-number coordinates, which is what noise masks are made of.
//!
//! Kurt Spencer's OpenSimplex noise (2014, public domain) in two dimensions: the plane is skewed so that its
//! points lie on a square lattice; each lattice point has one of eight gradients, and a point's value is the
//! sum over nearby lattice points of (2 - d^2)^4 times the gradient along the distance, where d^2 < 2.
//!
//! At whole (x, y) the skew moves both coordinates by (x + y) times the same constant. The point is therefore on the
//! diagonal of its lattice cell at a place given by x + y alone, only the cell's four corners are near enough
//! to count, and what each contributes with each gradient can be had from a table over x + y.

use std::sync::LazyLock;

/// (1 / sqrt(3) - 1) / 2: what the skew adds to both coordinates for each unit of x + y.
const STRETCH: f64 = -0.211_324_865_405_187_13;
/// (sqrt(3) - 1) / 2: the way back.
const SQUISH: f64 = 0.366_025_403_784_438_6;
/// Brings the sum to about -1..1.
const NORM: f64 = 1.0 / 47.0;
/// The directions are spread evenly over the squished lattice, not over the circle.
const GRADIENTS: [[f64; 2]; 8] =
    [[5.0, 2.0], [2.0, 5.0], [-5.0, 2.0], [-2.0, 5.0], [5.0, -2.0], [2.0, -5.0], [-5.0, -2.0], [-2.0, -5.0]];

/// What is common to the points of one x + y.
#[derive(Clone, Copy, Debug)]
struct Diagonal {
    /// Cell of the point, less the point.
    cell: isize,
    /// What the corners (0, 0), (1, 0), (0, 1), (1, 1) of the cell add with each gradient.
    corners: [[f32; 8]; 4],
}

/// Sums up to this are tabulated; larger grids compute what they need.
const TABULATED: usize = 64;

static DIAGONALS: LazyLock<Vec<Diagonal>> = LazyLock::new(|| (0..TABULATED).map(diagonal).collect());

fn diagonal(sum: usize) -> Diagonal {
    let skew = sum as f64 * STRETCH;
    let cell = skew.floor();
    let along = (skew - cell) * (1.0 + 2.0 * SQUISH);
    let corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]].map(|[i, j]: [f64; 2]| {
        let (dx, dy) = (along - i - (i + j) * SQUISH, along - j - (i + j) * SQUISH);
        let near = (2.0 - dx * dx - dy * dy).max(0.0);
        let weight = near * near * near * near * NORM;
        GRADIENTS.map(|[gx, gy]| (weight * (gx * dx + gy * dy)) as f32)
    });
    Diagonal { cell: cell as isize, corners }
}

/// How far left of and above the grid its lattice begins.
fn margin(rows: usize, columns: usize) -> usize {
    -diagonal((rows + columns).saturating_sub(2)).cell as usize
}

/// Random bytes that [`simplex`] takes for a grid: one for each lattice point that it may touch.
#[must_use]
pub fn random_bytes(rows: usize, columns: usize) -> usize {
    let margin = margin(rows, columns);
    (rows + margin + 1) * (columns + margin + 1)
}

/// Fills a grid with noise at its own row and column numbers, mapped from -1..1 to 0..=255 and cut to whole levels.
///
/// Each lattice point takes its gradient from three bits of a byte of its own, where the original shuffles a
/// permutation of 256: the noise does not repeat. Values have mean 127 and a standard deviation of 44 levels,
/// and the cell (0, 0) is always 127.
///
/// # Panics
/// If `grid` is not `rows` x `columns` or `random` is shorter than [`random_bytes`].
pub fn simplex(grid: &mut [u8], rows: usize, columns: usize, random: &[u8]) {
    assert_eq!(grid.len(), rows * columns, "a value for each cell");
    if grid.is_empty() {
        return;
    }
    let margin = margin(rows, columns);
    let stride = columns + margin + 1;
    let random = &random[..random_bytes(rows, columns)];
    let table = DIAGONALS.as_slice();
    for (y, row) in grid.chunks_exact_mut(columns).enumerate() {
        for (x, level) in row.iter_mut().enumerate() {
            let large;
            let diagonal = if let Some(diagonal) = table.get(x + y) {
                diagonal
            } else {
                large = diagonal(x + y);
                &large
            };
            let shift = margin.wrapping_add_signed(diagonal.cell);
            let upper = (y + shift) * stride + x + shift;
            let lower = upper + stride;
            let gradient = |at: usize| usize::from(random[at] & 7);
            let [a, b, c, d] = &diagonal.corners;
            let noise =
                a[gradient(upper)] + b[gradient(upper + 1)] + c[gradient(lower)] + d[gradient(lower + 1)];
            *level = ((noise * 0.5 + 0.5) * 255.0) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Stream;
    use proptest::prelude::*;

    fn noise_of(rows: usize, columns: usize, key: u64) -> (Vec<u8>, Vec<u8>) {
        let mut random = vec![0; random_bytes(rows, columns)];
        Stream::of_key(key).fill(&mut random);
        let mut grid = vec![0; rows * columns];
        simplex(&mut grid, rows, columns, &random);
        (grid, random)
    }

    /// The definition: a sum over all lattice points around, wherever they are.
    fn reference(rows: usize, columns: usize, random: &[u8]) -> Vec<f64> {
        let margin = margin(rows, columns) as i64;
        let mut noise = Vec::new();
        for i in 0..rows * columns {
            let (x, y) = ((i % columns) as f64, (i / columns) as f64);
            let skew = (x + y) * STRETCH;
            let (u, v) = ((x + skew).floor() as i64, (y + skew).floor() as i64);
            let mut sum = 0.0;
            for (u, v) in (u - 3..u + 5).flat_map(|u| (v - 3..v + 5).map(move |v| (u, v))) {
                let squish = (u + v) as f64 * SQUISH;
                let (dx, dy) = (x - u as f64 - squish, y - v as f64 - squish);
                let near = 2.0 - dx * dx - dy * dy;
                if near > 1e-9 {
                    let at = (v + margin) * (columns as i64 + margin + 1) + u + margin;
                    let [gx, gy] = GRADIENTS[usize::from(random[at as usize] & 7)];
                    sum += near * near * near * near * (gx * dx + gy * dy) / 47.0;
                }
            }
            noise.push(sum);
        }
        noise
    }

    proptest! {
        #[test]
        fn the_diagonal_shortcut_is_the_definition(rows in 1_usize..50, columns in 1_usize..50, key: u64) {
            let (grid, random) = noise_of(rows, columns, key);
            prop_assert_eq!(grid[0], 127);
            for (level, noise) in grid.iter().zip(reference(rows, columns, &random)) {
                let exact = (noise * 0.5 + 0.5) * 255.0;
                prop_assert!((f64::from(*level) - exact.floor()).abs() <= 1.0);
                prop_assert!(f64::from(*level) <= exact + 1e-4 && f64::from(*level) > exact - 1.0001);
            }
        }
    }

    /// Range, spread and neighbor correlations as measured on the original with its permutations.
    #[test]
    fn values_are_distributed_as_the_original_s() {
        const N: usize = 16;
        let mut pooled = Vec::new();
        let (mut axis, mut diagonal, mut pairs) = (0.0, 0.0, 0.0);
        for key in 0..300 {
            let (grid, _) = noise_of(N, N, key);
            let noise: Vec<f64> = grid.iter().map(|v| (f64::from(*v) + 0.5) / 127.5 - 1.0).collect();
            for i in (0..N * (N - 1)).filter(|i| i % N != N - 1).skip(1) {
                axis += noise[i] * noise[i + 1];
                diagonal += noise[i] * noise[i + N + 1];
                pairs += 1.0;
            }
            pooled.extend(noise.into_iter().skip(1));
        }
        pooled.sort_by(f64::total_cmp);
        let variance = pooled.iter().map(|v| v * v).sum::<f64>() / pooled.len() as f64;
        assert!((variance.sqrt() - 0.3467).abs() < 0.01, "{variance}");
        for (p, quantile) in
            [(0.01, -0.754), (0.05, -0.564), (0.25, -0.231), (0.5, 0.0), (0.75, 0.232), (0.95, 0.564)]
        {
            let found = pooled[(p * pooled.len() as f64) as usize];
            assert!((found - quantile).abs() < 0.02, "{p} {found}");
        }
        assert!(pooled[0] > -0.87 && pooled[pooled.len() - 1] < 0.87);
        assert!((axis / pairs / variance + 0.076).abs() < 0.03, "{}", axis / pairs / variance);
        assert!((diagonal / pairs / variance + 0.151).abs() < 0.03, "{}", diagonal / pairs / variance);
    }
}

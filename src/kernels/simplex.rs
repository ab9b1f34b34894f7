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
const GRADIENTS: [[f64; 2]; 8] = [
    [5.0, 2.0],
    [2.0, 5.0],
    [-5.0, 2.0],
    [-2.0, 5.0],
    [5.0, -2.0],
    [2.0, -5.0],
    [-5.0, -2.0],
    [-2.0, -5.0],
];

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
            let noise = a[gradient(upper)]
                + b[gradient(upper + 1)]
                + c[gradient(lower)]
                + d[gradient(lower + 1)];
            *level = ((noise * 0.5 + 0.5) * 255.0) as u8;
        }
    }
}

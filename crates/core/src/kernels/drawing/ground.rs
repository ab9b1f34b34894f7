//! The surface of the background.

use crate::base::{Image, Shape};

use super::STEPS;
use super::levels::Levels;

/// Cells that the longer side of the grid has at most.
const CELLS: usize = 192;

/// Noise of more gray levels than this is none of paper.
const ROUGH: f32 = 24.0;

/// A picture in means over square cells.
struct Grid {
    cell: usize,
    height: usize,
    width: usize,
    data: Vec<f32>,
}

impl Grid {
    fn of(picture: Image<'_>) -> Self {
        let Shape { height, width, .. } = picture.shape;
        let cell = height.max(width).div_ceil(CELLS);
        let (rows, columns) = (height.div_ceil(cell), width.div_ceil(cell));
        let mut data = vec![0.0; rows * columns];
        let mut sums = vec![0_u32; columns];
        for (y, out) in data.chunks_exact_mut(columns).enumerate() {
            sums.fill(0);
            let lines = y * cell..height.min((y + 1) * cell);
            for line in lines.clone() {
                for (sum, part) in sums.iter_mut().zip(picture.row(line).chunks(cell)) {
                    *sum += part.iter().map(|&v| u32::from(v)).sum::<u32>();
                }
            }
            for (x, (out, &sum)) in out.iter_mut().zip(&sums).enumerate() {
                let wide = width.min((x + 1) * cell) - x * cell;
                *out = sum as f32 / (lines.len() * wide) as f32;
            }
        }
        Self { cell, height: rows, width: columns, data }
    }

    fn with(&self, data: Vec<f32>) -> Self {
        Self { data, ..*self }
    }
}

/// Sums of weighted squares for a fit of `N` factors.
pub(super) struct Normal<const N: usize> {
    squares: [[f64; N]; N],
    products: [f64; N],
    weight: f64,
}

impl<const N: usize> Default for Normal<N> {
    fn default() -> Self {
        Self { squares: [[0.0; N]; N], products: [0.0; N], weight: 0.0 }
    }
}

impl<const N: usize> Normal<N> {
    pub(super) fn add(&mut self, place: [f64; N], value: f64, weight: f64) {
        for i in 0..N {
            let scaled = weight * place[i];
            for (square, other) in self.squares[i].iter_mut().zip(place) {
                *square += scaled * other;
            }
            self.products[i] += scaled * value;
        }
        self.weight += weight;
    }

    /// The factors of the best fit, held back by `ridge` for each unit of weight; `None` where they are not determined.
    pub(super) fn solve(mut self, ridge: &[f64; N]) -> Option<[f64; N]> {
        for (i, ridge) in ridge.iter().enumerate() {
            self.squares[i][i] += ridge * self.weight;
        }
        // Elimination; the matrix is symmetric and not negative, so that no row need be exchanged.
        let (mut a, mut b) = (self.squares, self.products);
        for i in 0..N {
            let pivot = a[i][i];
            if pivot.is_nan() || pivot <= 1e-9 * self.weight {
                return None;
            }
            for j in i + 1..N {
                let factor = a[j][i] / pivot;
                let row = a[i];
                a[j].iter_mut().zip(row).for_each(|(to, from)| *to -= factor * from);
                b[j] -= factor * b[i];
            }
        }
        let mut found = [0.0; N];
        for i in (0..N).rev() {
            let rest: f64 = (i + 1..N).map(|j| a[i][j] * found[j]).sum();
            found[i] = (b[i] - rest) / a[i][i];
        }
        Some(found)
    }
}

/// The background of a picture.
pub(super) struct Ground {
    grid: Grid,
    /// Whether ink is darker than it.
    pub(super) dark: bool,
    /// Whether it has more than one level.
    pub(super) uneven: bool,
    /// How far ink is from it, about, in gray levels.
    pub(super) contrast: f32,
    /// How wide the pen is, about, in pixels of the picture.
    pub(super) pen: f32,
    /// Its usual level.
    usual: f32,
}

impl Ground {
    /// The background; `None` if the picture is so rough that it has none.
    pub(super) fn under(picture: Image<'_>, dark: Option<bool>) -> Option<Self> {
        if roughness(picture) > ROUGH {
            return None;
        }
        let grid = Grid::of(picture);
        let noise = neighbors(&grid);
        let Fit { plain, dark, local, above, .. } = match Levels::of(&grid.data, grid.width, dark) {
            Some(levels) => Fit::level(&grid, levels),
            None => Fit::of_either(&grid, noise, dark),
        };
        let (pen, contrast) = strokes(&above, noise / 2.0);
        let sign = if dark { -1.0 } else { 1.0 };
        let level: Vec<f32> =
            plain.iter().zip(&local).map(|(p, l)| (p + sign * l).clamp(0.0, 255.0)).collect();
        let usual = median(&mut level.clone());
        let mut sorted = level.clone();
        sorted.sort_by(f32::total_cmp);
        let (low, high) = (sorted[sorted.len() / 20], sorted[sorted.len() - 1 - sorted.len() / 20]);
        let uneven = high - low > 0.08 * contrast.max(24.0);
        let pen = pen * grid.cell as f32;
        Some(Self { grid: grid.with(level), dark, uneven, contrast, pen, usual })
    }

    /// By how much each pixel differs from the background, in units of 1 / [`STEPS`] level: positive in the direction of ink. Of dark ink
    /// it is told as if light were even, because less light makes less of it.
    pub(super) fn difference(&self, picture: Image<'_>) -> Vec<i16> {
        let Shape { height, width, .. } = picture.shape;
        let Grid { cell, height: rows, width: columns, .. } = self.grid;
        // Between the centers of cells: the cell before, and how far behind its center.
        let between = |at: usize, cells: usize| {
            let center = ((at as f32 + 0.5) / cell as f32 - 0.5).clamp(0.0, (cells - 1) as f32);
            let before = (center as usize).min(cells.saturating_sub(2));
            (before, center - before as f32)
        };
        let across: Vec<(usize, f32)> = (0..width).map(|x| between(x, columns)).collect();
        let mut line = vec![0.0; columns];
        let mut out = Vec::with_capacity(height * width);
        let steps = STEPS as f32;
        for y in 0..height {
            let (before, part) = between(y, rows);
            let upper = &self.grid.data[before * columns..][..columns];
            let lower = &self.grid.data[(before + 1).min(rows - 1) * columns..][..columns];
            for (to, (a, b)) in line.iter_mut().zip(upper.iter().zip(lower)) {
                *to = a + part * (b - a);
            }
            out.extend(picture.row(y).iter().zip(&across).map(|(&v, &(before, part))| {
                let (a, b) = (line[before], line[(before + 1).min(columns - 1)]);
                let level = a + part * (b - a);
                let ink = if self.dark {
                    (level - f32::from(v)) * (self.usual / level.max(1.0)).clamp(0.5, 4.0)
                } else {
                    f32::from(v) - level
                };
                (ink * steps).round() as i16
            }));
        }
        out
    }
}

/// The deviation of noise, as neighbors tell it.
fn roughness(picture: Image<'_>) -> f32 {
    let mut counts = [0_u64; 256];
    for y in 0..picture.shape.height {
        picture.row(y).array_windows().for_each(|&[a, b]| counts[usize::from(a.abs_diff(b))] += 1);
    }
    let total: u64 = counts.iter().sum();
    let mut seen = 0;
    let median = counts.iter().position(|&n| {
        seen += n;
        2 * seen > total
    });
    median.unwrap_or(0) as f32 * 1.4826 / std::f32::consts::SQRT_2
}

/// A surface of the second degree through most of the picture.
fn surface(grid: &Grid) -> Vec<f32> {
    let usual = f64::from(median(&mut grid.data.clone()));
    let mut found = [usual, 0.0, 0.0, 0.0, 0.0, 0.0];
    if grid.height.min(grid.width) < 8 {
        return vec![usual as f32; grid.data.len()];
    }
    let place = |y: usize, x: usize| {
        let (y, x) = (super::part(y, grid.height), super::part(x, grid.width));
        [1.0, y, x, y * y, x * y, x * x]
    };
    let at =
        |factors: &[f64; 6], place: [f64; 6]| -> f64 { factors.iter().zip(place).map(|(f, p)| f * p).sum() };
    // Every few cells tell as much.
    let step = grid.height.max(grid.width).div_ceil(96);
    // Near the frame there may be something else than the paper.
    let rim = |at: usize, length: usize| 16 * (at + 1) <= length || 16 * (length - at) <= length;
    let trust = |y, x| if rim(y, grid.height) || rim(x, grid.width) { 0.2 } else { 1.0 };
    let cells: Vec<([f64; 6], f64, f64)> = (0..grid.height)
        .step_by(step)
        .flat_map(|y| (0..grid.width).step_by(step).map(move |x| (y, x)))
        .map(|(y, x)| (place(y, x), f64::from(grid.data[y * grid.width + x]), trust(y, x)))
        .collect();
    let fit = |weigh: &dyn Fn(f64) -> f64, found: &mut [f64; 6]| {
        let mut sums = Normal::<6>::default();
        for &(place, v, trust) in &cells {
            sums.add(place, v, trust * weigh(v - at(found, place)));
        }
        if let Some(better) = sums.solve(&[0.0, 1e-6, 1e-6, 1e-6, 1e-6, 1e-6]) {
            *found = better;
        }
    };
    // The least sum of distances first: it needs no good beginning. Then without all that is far away.
    for _ in 0..24 {
        fit(&|rest: f64| 1.0 / rest.abs().max(1.0), &mut found);
    }
    for _ in 0..8 {
        let mut rests: Vec<f32> =
            cells.iter().map(|&(place, v, _)| (v - at(&found, place)).abs() as f32).collect();
        let far = f64::from(4.7 * (1.4826 * median(&mut rests)).max(1.0));
        fit(
            &|rest: f64| {
                let part = rest / far;
                let near = 1.0 - part * part;
                if near > 0.0 { near * near } else { 0.0 }
            },
            &mut found,
        );
    }
    (0..grid.height)
        .flat_map(|y| (0..grid.width).map(move |x| (y, x)))
        .map(|(y, x)| at(&found, place(y, x)).clamp(0.0, 255.0) as f32)
        .collect()
}

/// A surface, and what is not as it says.
struct Fit {
    plain: Vec<f32>,
    dark: bool,
    /// What of the differences is none of ink's, in the direction of ink.
    local: Vec<f32>,
    /// What is left for ink.
    above: Grid,
    /// The sum of it.
    left: f64,
    /// How much of it is ink.
    mass: f64,
}

impl Fit {
    /// Paper of one level, without shadows.
    fn level(grid: &Grid, Levels { paper, ink }: Levels) -> Self {
        let dark = ink < paper;
        let above = grid.data.iter().map(|v| if dark { paper - v } else { v - paper }).collect();
        let above = grid.with(above);
        let cells = grid.data.len();
        let left = above.data.iter().map(|&v| f64::from(v.abs())).sum();
        Self { plain: vec![paper; cells], dark, local: vec![0.0; cells], above, left, mass: left }
    }

    /// A curved surface, which follows light that falls off, or an even one, which follows edges of shadows: whichever leaves less.
    fn of_either(grid: &Grid, noise: f32, dark: Option<bool>) -> Self {
        let even = vec![median(&mut grid.data.clone()); grid.data.len()];
        let fits = [surface(grid), even].map(|plain| Self::best(grid, plain, noise, dark));
        let [curved, even] = fits;
        if even.left < 0.9 * curved.left { even } else { curved }
    }

    /// With the ink that there is more of, dark or light.
    fn best(grid: &Grid, plain: Vec<f32>, noise: f32, dark: Option<bool>) -> Self {
        if let Some(dark) = dark {
            return Self::of(grid, plain, noise, dark);
        }
        let [light, dark] = [false, true].map(|dark| Self::of(grid, plain.clone(), noise, dark));
        if dark.mass >= light.mass { dark } else { light }
    }

    fn of(grid: &Grid, plain: Vec<f32>, noise: f32, dark: bool) -> Self {
        let sign = if dark { -1.0 } else { 1.0 };
        let rest = grid.data.iter().zip(&plain).map(|(v, p)| sign * (v - p)).collect();
        let mut rest = grid.with(rest);
        smooth(&mut rest, 1);
        // A third would be left if no noise of a pixel knew of the next one's.
        let noise = noise / 2.0;
        let (pen, _) = strokes(&rest, noise);
        // Shadows and folds differ as ink does, but no drawing is filled as they are.
        let mut local = opened(&rest, (2.5 * pen).ceil() as usize + 1);
        // Lows are sought and highs of them taken: what noise makes of that is the same everywhere.
        let mut left: Vec<f32> = rest.data.iter().zip(&local).map(|(v, l)| v - l).collect();
        let bias = median(&mut left).min(6.0 * noise);
        for v in &mut local {
            *v += bias;
        }
        let above = rest.data.iter().zip(&local).map(|(v, l)| v - l).collect();
        let above = rest.with(above);
        let left = above.data.iter().map(|&v| f64::from(v.abs())).sum();
        // Within a loop of ink paper is higher than about it, but no higher than paper is.
        let both = above
            .data
            .iter()
            .zip(&rest.data)
            .map(|(a, b)| (a.min(*b) * STEPS as f32) as i16)
            .collect::<Vec<_>>();
        let level = ((5.0 * noise).max(8.0) * STEPS as f32) as i16;
        let shape = Shape::gray(grid.height, grid.width);
        // What hangs together with the frame counts less: borders of scans do.
        let mass = super::Blots::find(&both, shape, level, level).mass(shape, &both);
        // Ink is what there is less of.
        let bare = both.iter().filter(|&&v| v <= level).count() as f64 / both.len() as f64;
        let mass = mass * bare * bare * bare;
        Self { plain, dark, local, above, left, mass }
    }
}

/// How wide the pen is in cells, and how far ink is from the background. Told by what does not touch the frame, if there is anything: borders
/// of scans are darker than ink.
fn strokes(above: &Grid, noise: f32) -> (f32, f32) {
    let shape = Shape::gray(above.height, above.width);
    let blots = super::Blots::find(&above.data, shape, (5.0 * noise).max(4.0), 0.0);
    let kept = blots.inside((above.data.len() / 500).max(4) as u64);
    let mut values = Vec::new();
    blots.each_run(&kept, |y, x0, x1| values.extend_from_slice(&above.data[y * above.width..][x0..x1]));
    if values.is_empty() {
        return (1.0, 0.0);
    }
    values.sort_by(f32::total_cmp);
    let level = (0.5 * values[values.len() - 1 - values.len() / 10]).max(values[0]);
    let mut inked = vec![false; above.data.len()];
    blots.each_run(&kept, |y, x0, x1| {
        let cells = y * above.width + x0..y * above.width + x1;
        inked[cells.clone()].iter_mut().zip(&above.data[cells]).for_each(|(inked, &v)| *inked = v >= level);
    });
    let mut lengths = Vec::new();
    inked.chunks_exact(above.width).for_each(|row| runs(row.iter().copied(), &mut lengths));
    for x in 0..above.width {
        runs(inked[x..].iter().step_by(above.width).copied(), &mut lengths);
    }
    // Where it seems wider, it is no pen that was seen.
    let most = above.height.min(above.width) as f32 / 8.0;
    let pen = if lengths.is_empty() { 1.0 } else { median(&mut lengths).min(most.max(1.0)) };
    (pen, median(&mut values[..].iter().copied().filter(|&v| v >= level).collect::<Vec<_>>()))
}

/// The lengths of runs that do not touch the frame.
fn runs(inked: impl Iterator<Item = bool>, lengths: &mut Vec<f32>) {
    let (mut length, mut inside) = (0, false);
    for inked in inked {
        if inked {
            length += 1;
        } else {
            if inside && length > 0 {
                lengths.push(length as f32);
            }
            (length, inside) = (0, true);
        }
    }
}

/// The grid without what is higher than its surroundings and holds no square of 2 `window` + 1 cells.
///
/// A shadow that runs out at the frame goes on beyond it, and so does a stroke. That tells them apart: a shadow is wide somewhere, and what
/// lies at the frame belongs to it if it hangs together with that place and is no higher.
fn opened(grid: &Grid, window: usize) -> Vec<f32> {
    let last = |at: isize, length: usize| at.clamp(0, length as isize - 1) as usize;
    let going_on = lows(grid, window, last);
    let mut found = grid.with(lows(grid, window, mirrored));
    grow(&mut found, &going_on);
    smooth(&mut found, 1);
    // What is on the edge of a shadow counts as in it.
    both_ways(&mut found, |from, to| extreme(from, to, 2, f32::max));
    found.data
}

/// The greatest of the least values of all squares of 2 `window` + 1 cells about each cell; `beyond` says which cell, on an axis of a
/// length, is seen at a place for `window` beyond the frame.
fn lows(grid: &Grid, window: usize, beyond: fn(isize, usize) -> usize) -> Vec<f32> {
    let (height, width) = (grid.height + 2 * window, grid.width + 2 * window);
    let inside = |at: usize, length: usize| beyond(at as isize - window as isize, length);
    let data = (0..height)
        .flat_map(|y| (0..width).map(move |x| (y, x)))
        .map(|(y, x)| grid.data[inside(y, grid.height) * grid.width + inside(x, grid.width)])
        .collect();
    let mut low = Grid { cell: grid.cell, height, width, data };
    let (least, most) = (f32::min as fn(f32, f32) -> f32, f32::max as fn(f32, f32) -> f32);
    for pick in [least, most] {
        both_ways(&mut low, |from, to| extreme(from, to, window, pick));
    }
    let rows = low.data.chunks_exact(width).skip(window).take(grid.height);
    rows.flat_map(|row| row[window..window + grid.width].iter().copied()).collect()
}

/// Raises each cell to the height at which it hangs together with others of the grid, no higher than `most` says.
fn grow(grid: &mut Grid, most: &[f32]) {
    /// What winds more than this is no shadow.
    const TIMES: usize = 8;
    let cells = grid.data.len();
    let Grid { width, ref mut data, .. } = *grid;
    for time in 0..2 * TIMES {
        let mut changed = false;
        for i in 0..cells {
            // Forth, and then back.
            let at = if time % 2 == 0 { i } else { cells - 1 - i };
            let x = at % width;
            let (beside, above) = if time % 2 == 0 {
                ((x > 0).then(|| data[at - 1]), (at >= width).then(|| data[at - width]))
            } else {
                ((x + 1 < width).then(|| data[at + 1]), (at + width < cells).then(|| data[at + width]))
            };
            let reached = beside.into_iter().chain(above).fold(data[at], f32::max).min(most[at]);
            if reached > data[at] {
                data[at] = reached;
                changed = true;
            }
        }
        if !changed && time > 0 {
            break;
        }
    }
}

/// The place on an axis of `length` that is seen at a place before or beyond it, the outermost twice.
fn mirrored(at: isize, length: usize) -> usize {
    let at = at.rem_euclid(2 * length as isize) as usize;
    at.min(2 * length - 1 - at)
}

/// The mean over 2 `radius` + 1 cells each way; less at the frame.
fn smooth(grid: &mut Grid, radius: usize) {
    both_ways(grid, |from, to| {
        for (i, to) in to.iter_mut().enumerate() {
            let part = &from[i.saturating_sub(radius)..(i + radius + 1).min(from.len())];
            *to = part.iter().sum::<f32>() / part.len() as f32;
        }
    });
}

/// The least or greatest of the 2 `window` + 1 values about each: of blocks of that length, from the left and from the right.
fn extreme(from: &[f32], to: &mut [f32], window: usize, pick: fn(f32, f32) -> f32) {
    let length = 2 * window + 1;
    let n = from.len();
    let mut left = from.to_vec();
    let mut right = from.to_vec();
    for i in 1..n {
        if i % length != 0 {
            left[i] = pick(left[i], left[i - 1]);
        }
    }
    for i in (0..n.saturating_sub(1)).rev() {
        if (i + 1) % length != 0 {
            right[i] = pick(right[i], right[i + 1]);
        }
    }
    for (i, to) in to.iter_mut().enumerate() {
        let (first, last) = (i.saturating_sub(window), (i + window).min(n - 1));
        // A window within a block reaches one of its ends.
        *to = match first / length == last / length {
            true if first % length == 0 => left[last],
            true => right[first],
            false => pick(right[first], left[last]),
        };
    }
}

/// Does the same with every row and then with every column.
fn both_ways(grid: &mut Grid, change: impl Fn(&[f32], &mut [f32])) {
    let Grid { height, width, .. } = *grid;
    let mut row = vec![0.0; width];
    for line in grid.data.chunks_exact_mut(width) {
        change(line, &mut row);
        line.copy_from_slice(&row);
    }
    let (mut from, mut to) = (vec![0.0; height], vec![0.0; height]);
    for x in 0..width {
        for (y, v) in from.iter_mut().enumerate() {
            *v = grid.data[y * width + x];
        }
        change(&from, &mut to);
        for (y, v) in to.iter().enumerate() {
            grid.data[y * width + x] = *v;
        }
    }
}

/// The deviation of noise, as neighbors tell it.
fn neighbors(grid: &Grid) -> f32 {
    let rows = grid.data.chunks_exact(grid.width);
    let mut steps: Vec<f32> = rows.flat_map(|row| row.array_windows().map(|[a, b]| (a - b).abs())).collect();
    median(&mut steps) * 1.4826 / std::f32::consts::SQRT_2
}

/// The middle value, the upper of two; 0 of nothing.
fn median(values: &mut [f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

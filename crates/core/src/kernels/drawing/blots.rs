//! Blots: pixels of ink that hang together, corners included. Which are ink, which are dust or the border of a scan, and which digit they
//! belong to.

use crate::base::{Image, Rect, Shape};

/// Pixels of a row that hang together, half-open.
struct Run {
    y: u32,
    x0: u32,
    x1: u32,
    /// The blot; while they are looked for, another run of it.
    blot: u32,
}

/// What hangs together.
#[derive(Clone, Debug)]
struct Blot {
    area: Rect,
    /// Pixels above the higher level.
    inked: u64,
    /// Pixels at the frame: above, below, left, right.
    at_frame: [u64; 4],
}

/// All blots of an image, with their pixels as runs in reading order.
pub(super) struct Blots {
    runs: Vec<Run>,
    blots: Vec<Blot>,
}

impl Blots {
    /// Blots of values above `low`; of each, values above `high` are counted.
    pub(super) fn find<T: Copy + PartialOrd>(data: &[T], shape: Shape, low: T, high: T) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        // The runs of the row above.
        let mut above = 0..0;
        for (y, row) in data.chunks_exact(shape.width).enumerate() {
            let first = runs.len();
            let mut at = 0;
            let mut next = above.start;
            for part in row.chunk_by(|&a, &b| (a > low) == (b > low)) {
                let (x0, x1) = (at as u32, (at + part.len()) as u32);
                at += part.len();
                if part[0] > low {
                    let own = runs.len() as u32;
                    runs.push(Run { y: y as u32, x0, x1, blot: own });
                    while next < above.end && runs[next].x1 < x0 {
                        next += 1;
                    }
                    let mut touched = next;
                    while touched < above.end && runs[touched].x0 <= x1 {
                        join(&mut runs, touched as u32, own);
                        touched += 1;
                    }
                }
            }
            above = first..runs.len();
        }
        let mut numbers = vec![u32::MAX; runs.len()];
        let mut blots: Vec<Blot> = Vec::new();
        for i in 0..runs.len() {
            let root = root(&mut runs, i as u32) as usize;
            if numbers[root] == u32::MAX {
                numbers[root] = blots.len() as u32;
                let Run { y, x0, x1, .. } = runs[i];
                let area = Rect { x0: x0 as i32, y0: y as i32, x1: x1 as i32, y1: y as i32 + 1 };
                blots.push(Blot { area, inked: 0, at_frame: [0; 4] });
            }
            let Run { y, x0, x1, .. } = runs[i];
            let blot = &mut blots[numbers[root] as usize];
            let area = &mut blot.area;
            (area.x0, area.x1) = (area.x0.min(x0 as i32), area.x1.max(x1 as i32));
            area.y1 = y as i32 + 1;
            let part = &data[y as usize * shape.width..][x0 as usize..x1 as usize];
            blot.inked += part.iter().filter(|&&v| v > high).count() as u64;
            let long = u64::from(x1 - x0);
            blot.at_frame[0] += if y == 0 { long } else { 0 };
            blot.at_frame[1] += if y as usize + 1 == shape.height { long } else { 0 };
            blot.at_frame[2] += u64::from(x0 == 0);
            blot.at_frame[3] += u64::from(x1 as usize == shape.width);
        }
        // Roots are before what they stand for, so that numbers of all are known.
        for i in 0..runs.len() {
            let root = root(&mut runs, i as u32) as usize;
            let number = numbers[root];
            numbers[i] = number;
        }
        runs.iter_mut().zip(numbers).for_each(|(run, number)| run.blot = number);
        Self { runs, blots }
    }

    /// Tells of every run of blots that `kept` has: row, first column, one past the last.
    pub(super) fn each_run(&self, kept: &[bool], mut tell: impl FnMut(usize, usize, usize)) {
        for run in self.runs.iter().filter(|run| kept[run.blot as usize]) {
            tell(run.y as usize, run.x0 as usize, run.x1 as usize);
        }
    }

    /// Which blots do not touch the frame; all, if none of these has `least` pixels that are counted.
    pub(super) fn inside(&self, least: u64) -> Vec<bool> {
        let inside = |blot: &Blot| blot.at_frame == [0; 4];
        let any = self.blots.iter().any(|blot| inside(blot) && blot.inked >= least);
        self.blots.iter().map(|blot| !any || inside(blot)).collect()
    }

    /// The sum of all values in blots; a quarter of those that touch the frame.
    pub(super) fn mass(&self, shape: Shape, data: &[i16]) -> f64 {
        let mut sum = 0.0;
        for run in &self.runs {
            let row = &data[run.y as usize * shape.width..][run.x0 as usize..run.x1 as usize];
            let own: i64 = row.iter().map(|&v| i64::from(v)).sum();
            let touches = self.blots[run.blot as usize].at_frame.iter().any(|&n| n > 0);
            sum += if touches { 0.25 } else { 1.0 } * own as f64;
        }
        sum
    }

    /// Which blots are the edges of a scan or of what lies around the paper: they run along the frame or lie in its corners, and there is
    /// something that does not.
    fn edges(&self, shape: Shape) -> Vec<bool> {
        let sides = [shape.width, shape.width, shape.height, shape.height];
        let edge = |blot: &Blot| {
            let touched = blot.at_frame.iter().filter(|&&n| n > 0).count();
            let Rect { x0, y0, x1, y1 } = blot.area;
            let depths = [y1 - y0, y1 - y0, x1 - x0, x1 - x0];
            let across = [shape.height, shape.height, shape.width, shape.width];
            let along = (0..4).any(|side| {
                let (touches, side_length) = (blot.at_frame[side], sides[side] as u64);
                5 * touches >= 3 * side_length
                    || 5 * touches >= side_length && 16 * depths[side] as usize <= across[side]
            });
            touched > 1 || along
        };
        let least = (shape.height.min(shape.width) / 8).max(2) as i32;
        let large = |blot: &Blot| (blot.area.x1 - blot.area.x0).max(blot.area.y1 - blot.area.y0) >= least;
        let found: Vec<bool> = self.blots.iter().map(edge).collect();
        if self.blots.iter().zip(&found).any(|(blot, &edge)| !edge && large(blot)) {
            found
        } else {
            vec![false; found.len()]
        }
    }

    /// Makes the edges of scans, and what is faint beside them, background.
    pub(super) fn erase_edges<T: Copy + PartialOrd + Default>(&self, data: &mut [T], shape: Shape) {
        self.erase(&self.edges(shape), data, shape);
    }

    /// Makes these blots, and the faint pixels up to two beside them, background.
    fn erase<T: Copy + PartialOrd + Default>(&self, gone: &[bool], data: &mut [T], shape: Shape) {
        const BESIDE: usize = 2;
        if !gone.contains(&true) {
            return;
        }
        // What stays is put back in the end.
        let mut kept = Vec::new();
        let stays: Vec<bool> = gone.iter().map(|gone| !gone).collect();
        self.each_run(&stays, |y, x0, x1| kept.extend_from_slice(&data[y * shape.width..][x0..x1]));
        self.each_run(gone, |y, x0, x1| {
            let (x0, x1) = (x0.saturating_sub(BESIDE), (x1 + BESIDE).min(shape.width));
            for y in y.saturating_sub(BESIDE)..(y + BESIDE + 1).min(shape.height) {
                data[y * shape.width..][x0..x1].fill(T::default());
            }
        });
        let mut kept = &kept[..];
        self.each_run(&stays, |y, x0, x1| {
            let (own, rest) = kept.split_at(x1 - x0);
            data[y * shape.width..][x0..x1].copy_from_slice(own);
            kept = rest;
        });
    }

    /// Which blots are ink: the greatest, all that have a tenth of it, and smaller ones, down to a fiftieth, close to one of these.
    pub(super) fn ink(&self, shape: Shape) -> Vec<bool> {
        /// More large blots than this are no drawing, and small ones are not compared with all of them.
        const MOST: usize = 200;
        let edges = self.edges(shape);
        let whole =
            self.blots.iter().zip(&edges).filter(|(_, edge)| !**edge).map(|(blot, _)| blot.inked).max();
        let greatest = whole.unwrap_or(0);
        let large = |blot: &Blot| blot.inked > 0 && 10 * blot.inked >= greatest;
        let bodies: Vec<&Blot> = self
            .blots
            .iter()
            .zip(&edges)
            .filter(|(blot, edge)| !**edge && large(blot))
            .map(|(b, _)| b)
            .collect();
        let close = |blot: &Blot| {
            bodies.len() <= MOST
                && bodies.iter().any(|body| {
                    let (a, b) = (blot.area, body.area);
                    let gap = (a.x0 - b.x1).max(b.x0 - a.x1).max(a.y0 - b.y1).max(b.y0 - a.y1);
                    8 * gap <= (b.x1 - b.x0).max(b.y1 - b.y0)
                })
        };
        let near = |blot: &Blot| blot.inked > 0 && 50 * blot.inked >= greatest && close(blot);
        self.blots.iter().zip(edges).map(|(blot, edge)| !edge && (large(blot) || near(blot))).collect()
    }
}

fn root(runs: &mut [Run], mut at: u32) -> u32 {
    while runs[at as usize].blot != at {
        let above = runs[at as usize].blot;
        runs[at as usize].blot = runs[above as usize].blot;
        at = above;
    }
    at
}

/// The earlier one of two roots stands for both.
fn join(runs: &mut [Run], a: u32, b: u32) {
    let (a, b) = (root(runs, a), root(runs, b));
    runs[a.max(b) as usize].blot = a.min(b);
}

/// Makes background of dust and of the edges of scans: of blots with values above `level` that are small beside the greatest, and of
/// those that run along the frame while there are others.
pub fn sweep(data: &mut [u8], shape: Shape, level: u8) {
    let blots = Blots::find(data, shape, level / 2, level);
    // What has no ink at all is in nobody's way.
    let ink = blots.ink(shape);
    let gone: Vec<bool> = blots.blots.iter().zip(ink).map(|(blot, ink)| blot.inked > 0 && !ink).collect();
    blots.erase(&gone, data, shape);
}

/// More blots than this are not compared with one another.
const MOST_BLOTS: usize = 20_000;

/// A digit out of a picture of several.
pub struct Piece {
    /// Where it is: its own columns, and the rows of its line.
    pub area: Rect,
    /// What is in the area, without the ink of other digits; rows of the area's width.
    pub data: Vec<u8>,
}

/// The digits of a picture, line by line, each from left to right; values above `level` are ink. Blots are one digit if they lie above one
/// another; lines may be tilted.
#[must_use]
pub fn pieces(image: Image<'_>, level: u8) -> Vec<Piece> {
    let shape = image.shape;
    // The columns and rows of a digit are those of its ink, however faint its edge.
    let blots = Blots::find(image.data, shape, level, level);
    if blots.blots.len() > MOST_BLOTS {
        return super::columns(image, level);
    }
    let mut starts = vec![0; shape.height + 1];
    blots.runs.iter().for_each(|run| starts[run.y as usize + 1] += 1);
    (0..shape.height).for_each(|y| starts[y + 1] += starts[y]);

    let mut order: Vec<usize> = (0..blots.blots.len()).collect();
    order.sort_by_key(|&i| (blots.blots[i].area.y0, blots.blots[i].area.x0));
    let area = |i: usize| blots.blots[i].area;
    // Rows without ink part lines.
    let mut bands: Vec<(Vec<usize>, i32)> = Vec::new();
    for i in order {
        match bands.last_mut().filter(|(_, end)| area(i).y0 <= *end) {
            Some((band, end)) => {
                band.push(i);
                *end = (*end).max(area(i).y1);
            }
            None => bands.push((vec![i], area(i).y1)),
        }
    }
    let mut found = Vec::new();
    for (band, _) in bands {
        for line in lines(digits(&band, &blots)) {
            let (y0, y1) = line
                .iter()
                .fold((i32::MAX, 0), |(y0, y1), digit| (y0.min(digit.area.y0), y1.max(digit.area.y1)));
            found
                .extend(line.into_iter().map(|digit| Digit { area: Rect { y0, y1, ..digit.area }, ..digit }));
        }
    }
    let mut owners = vec![u32::MAX; blots.blots.len()];
    for (number, digit) in found.iter().enumerate() {
        digit.blots.iter().for_each(|&blot| owners[blot] = number as u32);
    }
    let cut = |(number, digit): (usize, Digit)| {
        let Rect { x0, y0, x1, y1 } = digit.area;
        let [left, right] = [x0, x1].map(|x| x as usize);
        let mut data = Vec::with_capacity(((y1 - y0) * (x1 - x0)) as usize);
        for y in y0 as usize..y1 as usize {
            let at = data.len();
            data.extend_from_slice(&image.row(y)[left..right]);
            for run in &blots.runs[starts[y]..starts[y + 1]] {
                let (from, to) = ((run.x0 as usize).max(left), (run.x1 as usize).min(right));
                if owners[run.blot as usize] != number as u32 && from < to {
                    data[at + from - left..at + to - left].fill(0);
                }
            }
        }
        Piece { area: digit.area, data }
    };
    found.into_iter().enumerate().map(cut).collect()
}

/// Blots that make a digit.
struct Digit {
    area: Rect,
    blots: Vec<usize>,
}

/// Puts blots of a band together: those that lie above one another.
fn digits(band: &[usize], blots: &Blots) -> Vec<Digit> {
    let mut order = band.to_vec();
    order.sort_by_key(|&i| (blots.blots[i].area.x0, blots.blots[i].area.y0));
    let mut heights: Vec<i32> = band.iter().map(|&i| height(blots.blots[i].area)).collect();
    heights.sort_unstable();
    // Of the larger half: dots and bars do not say how high a digit is.
    let usual = heights[heights.len() * 3 / 4];
    let mut found: Vec<Digit> = Vec::new();
    // What may still reach to the right.
    let mut open: Vec<usize> = Vec::new();
    for i in order {
        let mut area = blots.blots[i].area;
        let mut own = vec![i];
        open.retain(|&at| found[at].area.x1 >= area.x0);
        let mut kept = Vec::new();
        for at in open.drain(..) {
            if one_digit(found[at].area, area, usual) {
                let other = &mut found[at];
                own.append(&mut other.blots);
                area = around(area, other.area);
            } else {
                kept.push(at);
            }
        }
        kept.push(found.len());
        open = kept;
        found.push(Digit { area, blots: own });
    }
    found.retain(|digit| !digit.blots.is_empty());
    found.sort_by_key(|digit| (digit.area.x0, digit.area.y0));
    found
}

/// Whether two blots of a band that share columns, or whose columns meet, are parts of one digit.
fn one_digit(a: Rect, b: Rect, usual: i32) -> bool {
    let wide = |r: Rect| r.x1 - r.x0;
    let across = a.x1.min(b.x1) - a.x0.max(b.x0);
    let down = a.y1.min(b.y1) - a.y0.max(b.y0);
    let narrow = wide(a).min(wide(b));
    if across < 0 {
        return false;
    }
    if 2 * down > height(a).min(height(b)) {
        // Side by side: two slanted digits may share columns.
        return 2 * across > narrow;
    }
    // One above the other: the parts of a digit are close, and not each as high as a digit.
    -6 * down <= usual && height(around(a, b)) * 2 <= 3 * usual.max(height(a)).max(height(b))
}

/// Lines of digits that no empty row parts: if they are higher than digits are, each continues with the digit to the right that lies
/// beside its last.
fn lines(digits: Vec<Digit>) -> Vec<Vec<Digit>> {
    let mut heights: Vec<i32> = digits.iter().map(|digit| height(digit.area)).collect();
    heights.sort_unstable();
    let usual = heights[heights.len() / 2];
    let top = digits.iter().map(|digit| digit.area.y0).min().unwrap_or(0);
    let bottom = digits.iter().map(|digit| digit.area.y1).max().unwrap_or(0);
    if 10 * (bottom - top) <= 18 * usual {
        return vec![digits];
    }
    let mut lines: Vec<Vec<Digit>> = Vec::new();
    for digit in digits {
        let beside = |line: &Vec<Digit>| {
            let last = line[line.len() - 1].area;
            let shared = last.y1.min(digit.area.y1) - last.y0.max(digit.area.y0);
            (5 * shared >= 2 * height(last).min(height(digit.area))).then_some(shared)
        };
        let best = lines.iter().enumerate().filter_map(|(at, line)| Some((beside(line)?, at))).max();
        match best {
            Some((_, at)) => lines[at].push(digit),
            None => lines.push(vec![digit]),
        }
    }
    lines.sort_by_key(|line| {
        let middles: i64 = line.iter().map(|digit| i64::from(digit.area.y0 + digit.area.y1)).sum();
        middles / line.len() as i64
    });
    lines
}

fn height(area: Rect) -> i32 {
    area.y1 - area.y0
}

fn around(a: Rect, b: Rect) -> Rect {
    Rect { x0: a.x0.min(b.x0), y0: a.y0.min(b.y0), x1: a.x1.max(b.x1), y1: a.y1.max(b.y1) }
}

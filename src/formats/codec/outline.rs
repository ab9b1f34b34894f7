//! Outlines of masks as polygons that go around pixels, exactly.
//!
//! Borders are followed from corner to corner of pixels, with the region to the right, so that outer borders and those of holes turn opposite
//! ways. Pixels that touch at a corner alone are pieces of their own. A hole becomes part of its piece's polygon by a cut of no width, straight
//! down from its lowest edge through the region to the next border. That border, if it is another hole's, has a lower edge still, so cuts never
//! close a ring. By the even-odd rule and by the non-zero rule alike a polygon covers what its pieces do.

/// Corners of a polygon, as x and y; the last one is joined to the first.
pub type Polygon = Vec<[u32; 2]>;

/// A polygon for each piece of where `ids` (rows x columns, row after row) is `id`, in the order of their first pixels.
#[must_use]
pub fn polygons(ids: &[u8], size: [usize; 2], id: u8) -> Vec<Polygon> {
    let borders = Borders::of(ids, size, id);
    let children = borders.holes();
    borders.outer.iter().map(|&border| borders.walk(border, &children)).collect()
}

/// One polygon around all pieces, each joined to the one before it by a cut of no width. Empty where there are none.
#[must_use]
pub fn polygon(ids: &[u8], size: [usize; 2], id: u8) -> Polygon {
    let borders = Borders::of(ids, size, id);
    let mut children = borders.holes();
    for pair in borders.outer.windows(2) {
        let (before, piece) = (&borders.all[pair[0]], &borders.all[pair[1]]);
        let to = borders.corners[piece.start];
        let distance = |corner: [u32; 2]| {
            corner.iter().zip(to).map(|(a, b)| u64::from(a.abs_diff(b)).pow(2)).sum::<u64>()
        };
        let nearest = (before.start..before.end).min_by_key(|&corner| distance(borders.corners[corner]));
        children.extend(nearest.map(|corner| (corner, pair[1])));
    }
    children.sort_unstable();
    borders.outer.first().map(|&border| borders.walk(border, &children)).unwrap_or_default()
}

/// One closed border: a range of corners, each one step from the one before.
struct Border {
    start: usize,
    end: usize,
    /// Where it is walked from: the first corner of an outer border, the left end of a hole's lowest edge.
    anchor: usize,
    /// For holes, the corner of another border, straight below, that it is joined to.
    below: Option<usize>,
}

/// All borders of a region.
struct Borders {
    corners: Vec<[u32; 2]>,
    all: Vec<Border>,
    /// Numbers of the outer ones.
    outer: Vec<usize>,
}

/// Borders that are walked when a corner has been reached, by corner.
type Children = Vec<(usize, usize)>;

impl Borders {
    fn of(ids: &[u8], [height, width]: [usize; 2], id: u8) -> Self {
        let has = |x: usize, y: usize| x < width && y < height && ids[y * width + x] == id;
        let mut borders = Self { corners: Vec::new(), all: Vec::new(), outer: Vec::new() };
        // Upper edges that have been followed; and for each lower edge the corner at its left end.
        let mut followed = vec![false; height * width];
        let mut lower = vec![usize::MAX; height * width];
        let mut holes = Vec::new();
        for pixel in 0..height * width {
            let (x, y) = (pixel % width, pixel / width);
            let is_edge = has(x, y) && (y == 0 || !has(x, y - 1));
            if !is_edge || followed[pixel] {
                continue;
            }
            let (start, mut at, mut way) = (borders.corners.len(), [x, y], Way::Right);
            // Only the sign of the area is needed. The lowest edge is that of the lowest row, the first one from the left.
            let (mut area, mut lowest) = (0_i64, (y, x, start));
            loop {
                let [x, y] = at;
                borders.corners.push(at.map(|place| place as u32));
                match way {
                    Way::Right => {
                        followed[y * width + x] = true;
                        if y > lowest.0 || (y == lowest.0 && x < lowest.1) {
                            lowest = (y, x, borders.corners.len() - 1);
                        }
                    }
                    Way::Down => area += x as i64,
                    Way::Left => lower[(y - 1) * width + x - 1] = borders.corners.len(),
                    Way::Up => area -= x as i64,
                }
                at = way.step(at);
                way = way.turned(at, has);
                if at == [pixel % width, pixel / width] && way == Way::Right {
                    break;
                }
            }
            let anchor = if area > 0 { start } else { lowest.2 };
            if area > 0 {
                borders.outer.push(borders.all.len());
            } else {
                holes.push((borders.all.len(), lowest));
            }
            borders.all.push(Border { start, end: borders.corners.len(), anchor, below: None });
        }
        for (border, (y, x, _)) in holes {
            let last = (y..height).take_while(|&y| has(x, y)).last().unwrap_or(y);
            borders.all[border].below = Some(lower[last * width + x]);
        }
        borders
    }

    /// Holes, by the corners that they are joined to.
    fn holes(&self) -> Children {
        let mut children: Children =
            (0..).zip(&self.all).filter_map(|(number, border)| Some((border.below?, number))).collect();
        children.sort_unstable();
        children
    }

    /// The polygon of a border with all that is joined to it.
    fn walk(&self, border: usize, children: &Children) -> Polygon {
        let mut polygon = Polygon::new();
        let mut stack = vec![Walk::along(&self.all[border])];
        while let Some(walk) = stack.last_mut() {
            if walk.steps == walk.border.end - walk.border.start {
                // Back where it began, and from there to where it came from.
                let anchor = walk.border.anchor;
                stack.pop();
                if let Some(parent) = stack.last() {
                    add(&mut polygon, self.corners[anchor]);
                    add(&mut polygon, self.corners[parent.corner()]);
                }
                continue;
            }
            let corner = walk.corner();
            if walk.child.is_none() {
                add(&mut polygon, self.corners[corner]);
            }
            let child = *walk.child.get_or_insert_with(|| children.partition_point(|(at, _)| *at < corner));
            match children.get(child) {
                Some(&(at, joined)) if at == corner => {
                    walk.child = Some(child + 1);
                    stack.push(Walk::along(&self.all[joined]));
                }
                Some(_) | None => {
                    walk.steps += 1;
                    walk.child = None;
                }
            }
        }
        if let Some(&first) = polygon.first() {
            add(&mut polygon, first);
            polygon.pop();
        }
        polygon
    }
}

/// How far a border has been walked.
struct Walk<'a> {
    border: &'a Border,
    steps: usize,
    /// At a corner that has been reached, the next one of the children to look at.
    child: Option<usize>,
}

impl<'a> Walk<'a> {
    fn along(border: &'a Border) -> Self {
        Self { border, steps: 0, child: None }
    }

    fn corner(&self) -> usize {
        let Border { start, end, anchor, .. } = *self.border;
        start + (anchor - start + self.steps) % (end - start)
    }
}

/// Adds a corner, in place of the last one if that lies on the way to it.
fn add(polygon: &mut Polygon, corner: [u32; 2]) {
    if polygon.len() > 1 && polygon.last() == Some(&corner) {
        return;
    }
    if let [.., a, b] = polygon[..] {
        let way = |from: [u32; 2], to: [u32; 2]| [0, 1].map(|k| i64::from(to[k]) - i64::from(from[k]));
        let ([ax, ay], [bx, by]) = (way(a, b), way(b, corner));
        if ax * by == ay * bx && ax * bx + ay * by > 0 {
            polygon.pop();
        }
    }
    polygon.push(corner);
}

/// Which way a border goes, with the region to its right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Right,
    Down,
    Left,
    Up,
}

impl Way {
    const fn step(self, [x, y]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Right => [x + 1, y],
            Self::Down => [x, y + 1],
            Self::Left => [x - 1, y],
            Self::Up => [x, y - 1],
        }
    }

    /// Which way it goes on from a corner.
    fn turned(self, [x, y]: [usize; 2], has: impl Fn(usize, usize) -> bool) -> Self {
        // Before the first row or column lies `usize::MAX`, where nothing is.
        let (left, above) = (x.wrapping_sub(1), y.wrapping_sub(1));
        let (ahead_right, ahead_left, right, other) = match self {
            Self::Right => (has(x, y), has(x, above), Self::Down, Self::Up),
            Self::Down => (has(left, y), has(x, y), Self::Left, Self::Right),
            Self::Left => (has(left, above), has(left, y), Self::Up, Self::Down),
            Self::Up => (has(x, above), has(left, above), Self::Right, Self::Left),
        };
        match (ahead_right, ahead_left) {
            (false, _) => right,
            (true, true) => other,
            (true, false) => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether pixels are covered, by the even-odd rule and by the non-zero rule, at their centers.
    fn covered(polygons: &[Polygon], [height, width]: [usize; 2]) -> [Vec<u8>; 2] {
        let mut windings = vec![0_i32; height * width];
        let mut crossings = vec![0_u32; height * width];
        for polygon in polygons {
            for (&[x, y], &[u, v]) in polygon.iter().zip(polygon.iter().cycle().skip(1)) {
                for row in y.min(v)..y.max(v) {
                    // Twice the place where the edge crosses the middle of the row, times its height.
                    let high = i64::from(y.abs_diff(v));
                    let (top, [from, to]) = (y.min(v), if y < v { [x, u] } else { [u, x] }.map(i64::from));
                    let place = 2 * from * high + (2 * i64::from(row - top) + 1) * (to - from);
                    for column in (0..width).filter(|&x| (2 * x as i64 + 1) * high > place) {
                        windings[row as usize * width + column] += if y < v { 1 } else { -1 };
                        crossings[row as usize * width + column] += 1;
                    }
                }
            }
        }
        [
            crossings.iter().map(|n| (n % 2) as u8).collect(),
            windings.iter().map(|n| u8::from(*n != 0)).collect(),
        ]
    }

    fn region(rows: &[&str]) -> (Vec<u8>, [usize; 2]) {
        let ids = rows.iter().flat_map(|row| row.bytes().map(|letter| u8::from(letter == b'#'))).collect();
        (ids, [rows.len(), rows[0].len()])
    }

    #[test]
    fn known_outlines() {
        let (ids, size) = region(&["....", ".#..", "...."]);
        assert_eq!(polygons(&ids, size, 1), [[[1, 1], [2, 1], [2, 2], [1, 2]]]);
        let (ids, size) = region(&["#.", "##"]);
        assert_eq!(polygons(&ids, size, 1), [vec![[0, 0], [1, 0], [1, 1], [2, 1], [2, 2], [0, 2]]]);
        // Two pieces, one polygon.
        let (ids, size) = region(&["#.", ".#"]);
        assert_eq!(polygons(&ids, size, 1).len(), 2);
        assert_eq!(polygon(&ids, size, 1), [[0, 0], [1, 0], [1, 1], [2, 1], [2, 2], [1, 2], [1, 1], [0, 1]]);
        // A ring: down from its hole.
        let (ids, size) = region(&["###", "#.#", "###"]);
        let ring = [[0, 0], [3, 0], [3, 3], [1, 3], [1, 2], [2, 2], [2, 1], [1, 1], [1, 3], [0, 3]];
        assert_eq!(polygons(&ids, size, 1), [ring]);
        assert_eq!(polygon(&ids, size, 2), Polygon::new());
        assert_eq!(polygons(&ids, size, 0), [[[1, 1], [2, 1], [2, 2], [1, 2]]]);
    }

    #[test]
    fn a_checkerboard_is_no_trouble() {
        let size = 300_usize;
        let ids: Vec<u8> = (0..size * size).map(|at| ((at / size + at % size) % 2) as u8).collect();
        assert!(polygon(&ids, [size, size], 1).len() <= 10 * size * size);
        // All but every second pixel of every second row: holes below holes.
        let ids: Vec<u8> =
            (0..size * size).map(|at| u8::from((at / size) % 2 * ((at % size) % 2) == 0)).collect();
        assert!(polygons(&ids, [size, size], 1).iter().map(Vec::len).sum::<usize>() <= 10 * size * size);
    }

    proptest! {
        #[test]
        fn polygons_cover_the_region(
            (h, w, ids) in (1_usize..14, 1_usize..14, 1_u32..6).prop_flat_map(|(h, w, share)| {
                let pixel = prop_oneof![share => Just(1_u8), 2 => Just(0_u8), 1 => Just(2_u8)];
                (Just(h), Just(w), prop::collection::vec(pixel, h * w))
            }),
        ) {
            let expected: Vec<u8> = ids.iter().map(|id| u8::from(*id == 1)).collect();
            for polygons in [polygons(&ids, [h, w], 1), vec![polygon(&ids, [h, w], 1)]] {
                for found in covered(&polygons, [h, w]) {
                    prop_assert_eq!(&found, &expected, "{:?}", &polygons);
                }
            }
        }
    }
}

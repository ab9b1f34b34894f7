//! Thin lines, by Bresenham's algorithm in the form that OpenCV's `line` has.

/// The pixels (x, y) of a line of eight-connected steps, from its left end to its right one; both ends belong to it.
///
/// J. E. Bresenham, "Algorithm for computer control of a digital plotter", IBM Systems Journal 4 (1965).
pub fn line(a: [i32; 2], b: [i32; 2]) -> impl Iterator<Item = [i32; 2]> {
    let (from, to) = if a[0] <= b[0] { (a, b) } else { (b, a) };
    let (dx, dy) = (to[0] - from[0], (to[1] - from[1]).abs());
    let down = (to[1] - from[1]).signum();
    let steep = dy > dx;
    let (long, short) = if steep { (dy, dx) } else { (dx, dy) };
    let mut error = long - 2 * short;
    let mut at = from;
    (0..=long).map(move |_| {
        let here = at;
        if error < 0 {
            at[usize::from(!steep)] += if steep { 1 } else { down };
            error += 2 * long;
        }
        error -= 2 * short;
        at[usize::from(steep)] += if steep { down } else { 1 };
        here
    })
}

/// The pixels of a line of four-connected steps, which go along either columns or rows; its ends as those of [`line()`].
pub fn line_of_steps(a: [i32; 2], b: [i32; 2]) -> impl Iterator<Item = [i32; 2]> {
    let (from, to) = if a[0] <= b[0] { (a, b) } else { (b, a) };
    let (dx, dy) = (to[0] - from[0], (to[1] - from[1]).abs());
    let down = (to[1] - from[1]).signum();
    let steep = dy > dx;
    let (long, short) = if steep { (dy, dx) } else { (dx, dy) };
    let mut error = 0;
    let mut at = from;
    (0..=long + short).map(move |_| {
        let here = at;
        // Along the shorter side where the line lies beyond it.
        let minor = error < 0;
        error += if minor { 2 * long } else { -2 * short };
        at[usize::from(minor != steep)] += if minor == steep { 1 } else { down };
        here
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_textbook() {
        let pixels = |a, b| line(a, b).collect::<Vec<_>>();
        assert_eq!(pixels([2, 1], [2, 1]), [[2, 1]]);
        assert_eq!(pixels([3, 0], [0, 0]), [[0, 0], [1, 0], [2, 0], [3, 0]]);
        assert_eq!(pixels([0, 3], [2, 1]), [[0, 3], [1, 2], [2, 1]]);
        assert_eq!(pixels([1, 4], [0, 0]).len(), 5);
        assert_eq!(pixels([0, 0], [4, 2]).first(), Some(&[0, 0]));
        assert_eq!(pixels([0, 0], [4, 2]).last(), Some(&[4, 2]));
        let steps = |a, b| line_of_steps(a, b).collect::<Vec<_>>();
        assert_eq!(steps([0, 0], [2, 1]), [[0, 0], [1, 0], [1, 1], [2, 1]]);
        assert_eq!(steps([0, 2], [1, 0]).last(), Some(&[1, 0]));
    }
}

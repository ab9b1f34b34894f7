//! Homographies from four points.

/// A 3x3 matrix on homogeneous (x, y, 1).
pub type Homography = [[f64; 3]; 3];

/// From the unit square (0, 0), (1, 0), (1, 1), (0, 1) to four corners in this order.
///
/// Paul Heckbert, "Fundamentals of Texture Mapping and Image Warping" (1989), section 2.2.3.
#[must_use]
pub fn of_square([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]: [[f64; 2]; 4]) -> Homography {
    let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
    let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
    let determinant = dx1 * dy2 - dx2 * dy1;
    let (g, h) = if determinant == 0.0 {
        (0.0, 0.0)
    } else {
        ((sx * dy2 - dx2 * sy) / determinant, (dx1 * sy - sx * dy1) / determinant)
    };
    [[x1 - x0 + g * x1, x3 - x0 + h * x3, x0], [y1 - y0 + g * y1, y3 - y0 + h * y3, y0], [g, h, 1.0]]
}

/// `m` after a scaling of x and y by `1 / width` and `1 / height`.
#[must_use]
pub fn scaled(m: &Homography, width: f64, height: f64) -> Homography {
    m.map(|[a, b, c]| [a / width, b / height, c])
}

/// `a` after `b`.
#[must_use]
pub fn product(a: &Homography, b: &Homography) -> Homography {
    std::array::from_fn(|r| std::array::from_fn(|c| (0..3).map(|k| a[r][k] * b[k][c]).sum()))
}

/// The inverse, up to a factor, which homogeneous coordinates do not see.
#[must_use]
pub fn inverse(m: &Homography) -> Homography {
    let minor = |r: usize, c: usize| {
        let ((r1, r2), (c1, c2)) = (((r + 1) % 3, (r + 2) % 3), ((c + 1) % 3, (c + 2) % 3));
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    std::array::from_fn(|r| std::array::from_fn(|c| minor(c, r)))
}

/// Where the point (x, y) goes.
#[must_use]
pub fn moved(m: &Homography, [x, y]: [f64; 2]) -> [f64; 2] {
    let at = |row: [f64; 3]| row[0] * x + row[1] * y + row[2];
    [at(m[0]) / at(m[2]), at(m[1]) / at(m[2])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_go_where_they_should_and_back() {
        let corners = [[1.0, 2.0], [9.0, 1.0], [8.0, 7.5], [0.5, 6.0]];
        let m = scaled(&of_square(corners), 20.0, 10.0);
        let back = inverse(&m);
        for (corner, at) in corners.into_iter().zip([[0.0, 0.0], [20.0, 0.0], [20.0, 10.0], [0.0, 10.0]]) {
            for (got, want) in [(moved(&m, at), corner), (moved(&back, corner), at)] {
                assert!((got[0] - want[0]).abs() + (got[1] - want[1]).abs() < 1e-9, "{got:?} {want:?}");
            }
            let [x, y] = moved(&product(&back, &m), at);
            assert!((x - at[0]).abs() + (y - at[1]).abs() < 1e-9);
        }
    }
}

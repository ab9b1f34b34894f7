//! Where points of an image go when an operation moves its pixels.

use crate::base::Shape;

/// How the points of an image move.
///
/// Coordinates are (x, y) in pixels with pixel centers at integers: the image covers -0.5..width - 0.5 and
/// -0.5..height - 0.5. All maps are *forward*, from the old image to the new one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "short-lived; a box would allocate")]
pub enum Placement {
    /// Everything stays where it is (as far as boxes are concerned); the shape too.
    Unmoved,
    /// Scaling, rotation, shear, translation, flips, crops.
    Affine {
        /// New x = `forward[0]` · (x, y, 1), new y = `forward[1]` · (x, y, 1).
        forward: [[f64; 3]; 2],
        /// The new image's shape.
        to: Shape,
    },
    /// A change of perspective.
    Projective {
        /// Homogeneous: `forward` · (x, y, 1), divided by the third row's value.
        forward: [[f64; 3]; 3],
        /// The new image's shape.
        to: Shape,
    },
    /// A warp that is known at the nodes of a grid.
    Field(Mesh),
}

/// The most nodes a [`Mesh`] has.
pub const MESH_NODES: usize = 64;

/// A grid of nodes that a warp moves; between them positions are interpolated. The shape stays the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mesh {
    rows: usize,
    columns: usize,
    from: [[f64; 2]; MESH_NODES],
    to: [[f64; 2]; MESH_NODES],
}

impl Mesh {
    /// A mesh of `rows` x `columns` nodes (each at least 2, the product at most [`MESH_NODES`]); `node(row,
    /// column)` gives the (x, y) of a node in the old image and in the new one.
    ///
    /// # Panics
    /// If the grid is too small or too large.
    #[must_use]
    pub fn new(
        rows: usize,
        columns: usize,
        mut node: impl FnMut(usize, usize) -> ([f64; 2], [f64; 2]),
    ) -> Self {
        assert!(rows >= 2 && columns >= 2 && rows * columns <= MESH_NODES, "a mesh of {rows} x {columns}");
        let mut mesh = Self { rows, columns, from: [[0.0; 2]; MESH_NODES], to: [[0.0; 2]; MESH_NODES] };
        for row in 0..rows {
            for column in 0..columns {
                let at = row * columns + column;
                (mesh.from[at], mesh.to[at]) = node(row, column);
            }
        }
        mesh
    }

    /// Where the point (x, y) goes: by the affine map of the triangle that it lies in (cells are cut from
    /// their top left to their bottom right node), or outside of all by the map of the nearest triangle.
    fn apply(&self, x: f64, y: f64) -> [f64; 2] {
        let mut best = ([x, y], f64::INFINITY);
        for row in 0..self.rows - 1 {
            for column in 0..self.columns - 1 {
                let a = row * self.columns + column;
                let d = a + self.columns + 1;
                for triangle in [[a, a + 1, d], [a, d, d - 1]] {
                    let [p, q, r] = triangle.map(|i| self.from[i]);
                    let area = (q[0] - p[0]) * (r[1] - p[1]) - (r[0] - p[0]) * (q[1] - p[1]);
                    if area.abs() < 1e-12 {
                        continue;
                    }
                    let u = ((x - p[0]) * (r[1] - p[1]) - (r[0] - p[0]) * (y - p[1])) / area;
                    let v = ((q[0] - p[0]) * (y - p[1]) - (x - p[0]) * (q[1] - p[1])) / area;
                    let outside = (-u).max(-v).max(u + v - 1.0).max(0.0);
                    if outside < best.1 {
                        let [p, q, r] = triangle.map(|i| self.to[i]);
                        let moved = [0, 1].map(|i| p[i] + u * (q[i] - p[i]) + v * (r[i] - p[i]));
                        best = (moved, outside);
                    }
                }
            }
        }
        best.0
    }
}

/// Maps whose determinant is nearer to 0 have no inverse.
const SINGULAR: f64 = 1e-12;

impl Placement {
    /// The shape that an image of shape `on` has afterwards.
    #[must_use]
    pub fn shape(&self, on: Shape) -> Shape {
        match self {
            Self::Unmoved | Self::Field(_) => on,
            Self::Affine { to, .. } | Self::Projective { to, .. } => *to,
        }
    }

    /// Where points come from: the same map backwards, to an image of shape `on`. `None` if it has no inverse.
    #[must_use]
    pub fn inverted(&self, on: Shape) -> Option<Self> {
        match self {
            Self::Unmoved => Some(Self::Unmoved),
            Self::Affine { forward: [[a, b, c], [d, e, f]], .. } => {
                let det = a * e - b * d;
                if det.abs() < SINGULAR {
                    return None;
                }
                let [p, q, r, s] = [e / det, -b / det, -d / det, a / det];
                Some(Self::Affine { forward: [[p, q, -(p * c + q * f)], [r, s, -(r * c + s * f)]], to: on })
            }
            Self::Projective { forward: [[a, b, c], [d, e, f], [g, h, i]], .. } => {
                let cofactors = [
                    [e * i - f * h, c * h - b * i, b * f - c * e],
                    [f * g - d * i, a * i - c * g, c * d - a * f],
                    [d * h - e * g, b * g - a * h, a * e - b * d],
                ];
                let det = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0];
                // A factor of all nine numbers does not matter.
                (det.abs() >= SINGULAR).then_some(Self::Projective { forward: cofactors, to: on })
            }
            Self::Field(mesh) => Some(Self::Field(Mesh { from: mesh.to, to: mesh.from, ..*mesh })),
        }
    }

    /// Where the point (x, y) goes.
    #[must_use]
    pub fn apply(&self, x: f64, y: f64) -> [f64; 2] {
        let dot = |row: &[f64; 3]| row[0] * x + row[1] * y + row[2];
        match self {
            Self::Unmoved => [x, y],
            Self::Affine { forward: [a, b], .. } => [dot(a), dot(b)],
            Self::Projective { forward: [a, b, c], .. } => {
                let w = dot(c);
                [dot(a) / w, dot(b) / w]
            }
            Self::Field(mesh) => mesh.apply(x, y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_inverted() {
        let shape = Shape::gray(20, 30);
        let mesh = Mesh::new(2, 3, |row, column| {
            let (x, y) = (column as f64 * 14.5, row as f64 * 19.0);
            ([x, y], [x + y * 0.2 + 1.0, y * 0.8])
        });
        for map in [
            Placement::Unmoved,
            Placement::Affine { forward: [[0.8, -0.3, 4.0], [0.2, 1.1, -2.0]], to: shape },
            Placement::Projective {
                forward: [[0.8, -0.3, 4.0], [0.2, 1.1, -2.0], [0.004, 0.002, 1.0]],
                to: shape,
            },
            Placement::Field(mesh),
        ] {
            let back = map.inverted(shape).unwrap();
            for (x, y) in [(0.0, 0.0), (12.0, 3.5), (29.0, 19.0)] {
                let [there_x, there_y] = map.apply(x, y);
                let [again_x, again_y] = back.apply(there_x, there_y);
                assert!((again_x - x).abs() < 1e-9 && (again_y - y).abs() < 1e-9, "{map:?}: {x} {y}");
            }
        }
        let flat = Placement::Affine { forward: [[1.0, 2.0, 0.0], [2.0, 4.0, 0.0]], to: shape };
        assert_eq!(flat.inverted(shape), None);
    }

    #[test]
    fn a_mesh_moves_its_nodes_exactly_and_points_between_them_affinely() {
        let mesh = Mesh::new(3, 4, |row, column| {
            let (x, y) = (column as f64 * 9.0, row as f64 * 10.0);
            ([x, y], [x * 1.5 + 2.0, y - 3.0])
        });
        for (x, y) in [(0.0, 0.0), (9.0, 10.0), (27.0, 20.0), (13.3, 7.7), (30.0, -2.0)] {
            let [to_x, to_y] = mesh.apply(x, y);
            assert!(
                (to_x - (x * 1.5 + 2.0)).abs() < 1e-9 && (to_y - (y - 3.0)).abs() < 1e-9,
                "{to_x} {to_y}"
            );
        }
    }
}

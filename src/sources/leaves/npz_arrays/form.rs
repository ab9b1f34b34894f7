//! Where the values of images lie in an array, whatever the order of its axes.

use crate::base::{Channels, Fault, Shape};
use crate::formats::Spool;
use crate::formats::codec::numpy_arrays::{ArrayError, Described, in_order};
use crate::sources::leaves::arrays::shape_of;

use super::Says;

/// Images that are a single row or column have fewer values.
const ROW: u64 = 64;

/// How the values of images lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) shape: Shape,
    /// Distances of images, rows, columns and channels.
    strides: [u64; 4],
}

impl Form {
    /// Of an array, whose first axis is that of the images, or its last one.
    pub(super) fn of(
        described: &Described,
        is_last: bool,
        says: Says<'_>,
        place: &str,
    ) -> Result<Self, Fault> {
        let stated = says.shape;
        let mut distances = distances(described);
        let mut axes = described.shape.clone();
        if is_last {
            axes.rotate_right(1);
            distances.rotate_right(1);
        }
        let axes = &axes[..];
        // Shape, and which axes are rows, columns and channels; an axis of its own where there is none.
        let flat = |values: u64| shape_of(usize::try_from(values).ok()?, stated);
        let side = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        // Rows of values with an axis too many: (N, 1, 784).
        let row = match *axes {
            [_, 1, values] | [_, values, 1] if values >= ROW && stated.is_none() => flat(values),
            _ => None,
        };
        let long = axes.iter().skip(1).position(|&side| side > 1).map_or(1, |place| place + 1);
        let found = match *axes {
            [_, values] => flat(values).map(|shape| (shape, None)),
            _ if row.is_some() => row.map(|shape| (shape, None)),
            [_, h, w] => Some((Shape::gray(side(h), side(w)), Some([1, 2, usize::MAX]))),
            [_, a, b, c] => {
                let last = Channels::of(side(c)).map(|kind| (Shape::new(side(a), side(b), kind), [1, 2, 3]));
                let first =
                    || Channels::of(side(a)).map(|kind| (Shape::new(side(b), side(c), kind), [2, 3, 1]));
                last.or_else(first).map(|(shape, axis)| (shape, Some(axis)))
            }
            _ => None,
        };
        let fits = |shape: &Shape| {
            stated.is_none_or(|stated| stated == *shape)
                && [shape.height, shape.width].iter().all(|&side| u16::try_from(side).is_ok())
        };
        let Some((shape, axis)) = found.filter(|(shape, _)| fits(shape)) else {
            return Err(ArrayError::Form {
                place: place.to_owned(),
                expected: match stated {
                    Some(shape) => format!("images of {shape}, as --shape says"),
                    None => "images (N, H, W), (N, H, W, 1 or 3), (N, 1 or 3, H, W), or (N, values) of square images".into(),
                },
                found: format!("{} {axes:?}", described.descr),
                help: match axes {
                    [_, _] => "say --shape HxWxC (HxWx1 for gray images)".into(),
                    _ => "bring it into one of these shapes with numpy.reshape or numpy.transpose".into(),
                },
            }
            .into());
        };
        let strides = if let Some(axis) = axis {
            let at = |i: usize| distances.get(axis[i]).copied().unwrap_or(0);
            [distances[0], at(0), at(1), at(2)]
        } else {
            let (value, width) = (distances[long], shape.width as u64);
            if says.channels_first {
                [distances[0], value * width, value, value * width * shape.height as u64]
            } else {
                [distances[0], value * shape.stride() as u64, value * shape.channels() as u64, value]
            }
        };
        Ok(Self { shape, strides })
    }

    /// The images in C order.
    pub(super) fn ordered(self, spool: Spool, count: u64) -> std::io::Result<Spool> {
        let (width, channels) = (self.shape.width, self.shape.channels());
        let plain = [self.shape.bytes(), width * channels, channels, 1].map(|n| n as u64);
        // How far apart things are does not matter where there is only one of them.
        let lengths = [count, self.shape.height as u64, width as u64, channels as u64];
        let same = self.strides.iter().zip(plain).zip(lengths).all(|((a, b), length)| *a == b || length == 1);
        if same { Ok(spool) } else { in_order(&spool, count, self.shape, self.strides) }
    }
}

/// How far apart neighbors along each axis lie.
fn distances(described: &Described) -> Vec<u64> {
    let axes = &described.shape[..];
    let mut distances: Vec<u64> = vec![1; axes.len()];
    if described.fortran {
        (1..axes.len()).for_each(|i| distances[i] = distances[i - 1].saturating_mul(axes[i - 1]));
    } else {
        (0..axes.len().saturating_sub(1))
            .rev()
            .for_each(|i| distances[i] = distances[i + 1].saturating_mul(axes[i + 1]));
    }
    distances
}

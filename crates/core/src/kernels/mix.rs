//! Two images in one: values of both, or a part of one pasted over the other.

use super::approx::floor_u8;
use crate::base::math::round_u8;
use crate::base::{Image, ImageMut, Rect};

/// How values of two images become bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Rounded half to even.
    Rounded,
    /// As torchvision's `ToDtype(scale=True)` makes floats of 0 to 1 of bytes and bytes of them: cut off, from 255.999 times the float.
    Torchvision,
}

/// Puts `share` of each value of `image` and the rest of `other`'s in its place, in single precision.
///
/// # Panics
/// If the shapes differ.
pub fn blend(image: ImageMut<'_>, other: Image<'_>, share: f64, finish: Finish) {
    assert_eq!(image.shape, other.shape, "mixed images have one shape");
    let (own, rest) = (share as f32, (1.0 - share) as f32);
    let ImageMut { data, .. } = image;
    let pairs = data.iter_mut().zip(other.data);
    match finish {
        Finish::Rounded => pairs.for_each(|(value, &other)| {
            *value = round_u8(f32::from(*value) * own + f32::from(other) * rest);
        }),
        Finish::Torchvision => {
            const UNIT: f32 = 1.0 / 255.0;
            pairs.for_each(|(value, &other)| {
                let mixed = f32::from(other) * UNIT * rest + f32::from(*value) * UNIT * own;
                *value = floor_u8(mixed * 255.999);
            });
        }
    }
}

/// Puts the part of `other` that lies within `place` over `image`.
///
/// # Panics
/// If the shapes differ, or the place is not within them.
pub fn paste(mut image: ImageMut<'_>, other: Image<'_>, place: Rect) {
    assert_eq!(image.shape, other.shape, "mixed images have one shape");
    let Rect { x0, y0, x1, y1 } = place;
    let channels = image.shape.channels();
    let [x0, x1] = [x0, x1].map(|x| x as usize * channels);
    for row in y0 as usize..y1 as usize {
        let line = x0..x1.max(x0);
        image.row_mut(row)[line.clone()].copy_from_slice(&other.row(row)[line]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Shape;

    #[test]
    fn values_are_those_of_both_images() {
        let shape = Shape::gray(1, 4);
        let blended = |share: f64, finish: Finish| {
            let mut data = [0, 255, 10, 3];
            blend(ImageMut::new(shape, &mut data), Image::new(shape, &[255, 0, 11, 3]), share, finish);
            data
        };
        assert_eq!(blended(1.0, Finish::Rounded), [0, 255, 10, 3]);
        assert_eq!(blended(0.0, Finish::Rounded), [255, 0, 11, 3]);
        // 191.25, 63.75, 10.75.
        assert_eq!(blended(0.25, Finish::Rounded), [191, 64, 11, 3]);
        // Halves go to the even one: 127.5, 127.5, 10.5.
        assert_eq!(blended(0.5, Finish::Rounded), [128, 128, 10, 3]);
        // torch: (x / 255 mixed).mul(255.999).to(uint8)
        assert_eq!(blended(0.25, Finish::Torchvision), [191, 63, 10, 3]);
        for share in [0.0, 1.0] {
            assert_eq!(blended(share, Finish::Torchvision), blended(share, Finish::Rounded));
        }
    }

    #[test]
    fn parts_are_pasted_where_they_lie() {
        let shape = Shape::rgb(2, 3);
        let other: Vec<u8> = (100..118).collect();
        let pasted = |x0, y0, x1, y1| {
            let mut data = [0; 18];
            paste(ImageMut::new(shape, &mut data), Image::new(shape, &other), Rect { x0, y0, x1, y1 });
            data
        };
        let mut expected = [0; 18];
        expected[12..18].copy_from_slice(&other[12..18]);
        assert_eq!(pasted(1, 1, 3, 2), expected);
        assert_eq!(pasted(0, 0, 3, 2)[..], other);
        assert_eq!(pasted(1, 0, 1, 2), [0; 18]);
    }
}

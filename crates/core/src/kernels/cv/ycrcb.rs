//! RGB to 8-bit luma and color differences (Y, Cr, Cb), and back; whole numbers in 14 bits.

use crate::base::math::sat;

/// Half up, without the lower 14 bits.
fn shifted(x: i32) -> i32 {
    (x + (1 << 13)) >> 14
}

/// Y, Cr and Cb: Y = 0.299 R + 0.587 G + 0.114 B, Cr = 0.713 (R - Y) + 128, Cb = 0.564 (B - Y) + 128.
#[inline]
#[must_use]
pub fn ycrcb_of_rgb(rgb: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = rgb.map(i32::from);
    let y = shifted(4899 * r + 9617 * g + 1868 * b);
    let half = 128 << 14;
    [sat(y), sat(shifted(11_682 * (r - y) + half)), sat(shifted(9241 * (b - y) + half))]
}

/// The color of Y, Cr and Cb, clipped.
#[inline]
#[must_use]
pub fn rgb_of_ycrcb([y, cr, cb]: [u8; 3]) -> [u8; 3] {
    let (y, cr, cb) = (i32::from(y), i32::from(cr) - 128, i32::from(cb) - 128);
    [sat(y + shifted(22_987 * cr)), sat(y + shifted(-11_698 * cr - 5636 * cb)), sat(y + shifted(29_049 * cb))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grays_have_no_color_and_others_come_back_almost() {
        for v in 0..=255 {
            assert_eq!(ycrcb_of_rgb([v; 3]), [v, 128, 128]);
            assert_eq!(rgb_of_ycrcb([v, 128, 128]), [v; 3]);
            let color = [v, 255 - v, v / 2];
            let back = rgb_of_ycrcb(ycrcb_of_rgb(color));
            assert!(back.iter().zip(color).all(|(a, b)| a.abs_diff(b) <= 2), "{color:?} {back:?}");
        }
    }
}

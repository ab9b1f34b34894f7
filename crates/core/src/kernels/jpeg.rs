//! What remains of an image that was stored as JPEG.
//!
//! The encoder is not libjpeg's: its tables, subsampling and rounding may give other values than other programs of the
//! same quality do.

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::{ExtendedColorType, ImageDecoder};

use crate::base::ImageMut;

/// Encodes the image with `quality` (1..=100; 0 is taken for 1) and decodes it again. This allocates.
///
/// An image that JPEG cannot hold, more than 65,535 pixels wide or high, stays as it is.
pub fn recompress(image: ImageMut<'_>, quality: u8) {
    let ImageMut { shape, data } = image;
    let sides = (u16::try_from(shape.width), u16::try_from(shape.height));
    let (Ok(width @ 1..), Ok(height @ 1..)) = sides else { return };
    let color = if shape.channels() == 3 { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
    let mut file = Vec::with_capacity(data.len() / 2 + 1024);
    let mut encoder = JpegEncoder::new_with_quality(&mut file, quality.clamp(1, 100));
    if encoder.encode(data, u32::from(width), u32::from(height), color).is_err() {
        return;
    }
    let decoded = JpegDecoder::new(std::io::Cursor::new(&file[..]));
    if let Ok(decoder) = decoded
        && decoder.total_bytes() == data.len() as u64
    {
        // Into a second buffer, so that a failure leaves the image whole.
        let mut pixels = vec![0; data.len()];
        if decoder.read_image(&mut pixels).is_ok() {
            data.copy_from_slice(&pixels);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Channels, Shape};

    #[test]
    fn a_high_quality_keeps_more_than_a_low_one() {
        for channels in [1, 3] {
            let shape = Shape::new(24, 20, Channels::colored(channels == 3));
            let before: Vec<u8> = (0..shape.bytes())
                .map(|i| if (i / channels / 7).is_multiple_of(2) { 200 } else { 30 + (i % 20) as u8 })
                .collect();
            let lost = |quality| {
                let mut data = before.clone();
                recompress(ImageMut::new(shape, &mut data), quality);
                data.iter().zip(&before).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>()
            };
            let (best, worst) = (lost(100), lost(5));
            assert!(best < worst / 4 && worst > 0, "{best} {worst}");
            assert!(best < 3 * shape.bytes() as u32, "{best}");
        }
    }
}

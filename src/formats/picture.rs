//! Pictures: PNG, JPEG, BMP and WebP in, PNG out. The `image` crate is a codec here, no more.

use std::fs::File;
use std::io::{self, BufReader, Cursor};
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageError, ImageReader, Limits};

use crate::base::fault::reading_kind;
use crate::base::{Explain, Image, Kind, Shape};

/// Pictures above this many pixels on a side are refused before anything is allocated for them.
const MAX_SIDE: u32 = 32_768;
/// What decoding one picture may allocate, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// A picture of three channels, unpacked.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Rows, columns, 3.
    pub shape: Shape,
    /// Interleaved RGB.
    pub data: Vec<u8>,
}

impl Picture {
    /// A view of it.
    #[must_use]
    pub fn image(&self) -> Image<'_> {
        Image::new(self.shape, &self.data)
    }
}

/// Why a file is not a picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// It is no PNG, JPEG, BMP or WebP file.
    #[error("{path}: expected a PNG, JPEG, BMP or WebP picture; found {found}")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        found: String,
    },
    /// It is one, but damaged.
    #[error("{path}: the picture is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// It is too large.
    #[error("{path}: the picture is larger than {MAX_SIDE} pixels on a side or {} MiB in memory", MAX_BYTES >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
}

impl Explain for PictureError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => reading_kind(source),
            _ => Kind::Data,
        }
    }
}

/// Reads a picture as RGB. The content decides the format, not the name. Transparent pixels lie on white.
///
/// # Errors
/// [`PictureError`], naming the file.
pub fn read(path: &Path) -> Result<Picture, PictureError> {
    let io = |source| PictureError::Io { path: path.into(), source };
    let file = File::open(path).map_err(io)?;
    decode(BufReader::new(file), path)
}

/// Reads a picture from memory; `name` stands for it in errors.
///
/// # Errors
/// [`PictureError`], naming the file.
pub fn read_bytes(bytes: &[u8], name: &Path) -> Result<Picture, PictureError> {
    decode(Cursor::new(bytes), name)
}

fn decode(from: impl io::BufRead + io::Seek, path: &Path) -> Result<Picture, PictureError> {
    let io = |source| PictureError::Io { path: path.into(), source };
    let mut reader = ImageReader::new(from).with_guessed_format().map_err(io)?;
    if reader.format().is_none() {
        return Err(PictureError::Unknown { path: path.into(), found: "something else".into() });
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        ImageError::Limits(_) => PictureError::TooLarge { path: path.into() },
        ImageError::IoError(source) if source.kind() != io::ErrorKind::UnexpectedEof => io(source),
        ImageError::Unsupported(what) => PictureError::Unknown { path: path.into(), found: what.to_string() },
        other => PictureError::Damaged { path: path.into(), reason: other.to_string() },
    })?;
    let shape = Shape::new(picture.height() as usize, picture.width() as usize, 3);
    Ok(Picture { shape, data: over_white(&picture) })
}

/// RGB of a picture; where it is transparent, white shines through.
fn over_white(picture: &DynamicImage) -> Vec<u8> {
    if !picture.color().has_alpha() {
        return picture.to_rgb8().into_raw();
    }
    let rgba = picture.to_rgba8();
    rgba.as_raw()
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|&[r, g, b, a]| {
            [r, g, b].map(|v| {
                let (v, a) = (u32::from(v), u32::from(a));
                ((v * a + 255 * (255 - a) + 127) / 255) as u8
            })
        })
        .collect()
}

/// Encodes an image of 1 or 3 channels as PNG. The bytes are the same on every machine.
///
/// # Errors
/// If the image has no pixels.
pub fn encode_png(image: Image<'_>) -> Result<Vec<u8>, ImageError> {
    let mut out = Vec::new();
    let colour = if image.shape.channels == 3 { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
    PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::Adaptive).write_image(
        image.data,
        image.shape.width as u32,
        image.shape.height as u32,
        colour,
    )?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read_back(bytes: &[u8]) -> Result<Picture, PictureError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        read(file.path())
    }

    #[test]
    fn png_files_come_back() {
        let data: Vec<u8> = (0..2 * 5 * 3).map(|i| i * 8).collect();
        let png = encode_png(Image::new(Shape::new(2, 5, 3), &data)).unwrap();
        let picture = read_back(&png).unwrap();
        assert_eq!((picture.shape, picture.data), (Shape::new(2, 5, 3), data));
        let gray = encode_png(Image::new(Shape::new(1, 2, 1), &[9, 200])).unwrap();
        assert_eq!(read_back(&gray).unwrap().data, [9, 9, 9, 200, 200, 200]);
    }

    #[test]
    fn transparency_lies_on_white() {
        let mut png = Vec::new();
        PngEncoder::new(&mut png)
            .write_image(&[10, 20, 30, 0, 10, 20, 30, 255], 2, 1, ExtendedColorType::Rgba8)
            .unwrap();
        assert_eq!(read_back(&png).unwrap().data, [255, 255, 255, 10, 20, 30]);
    }

    #[test]
    fn what_is_no_picture_is_named() {
        let data = vec![5; 300 * 300];
        let png = encode_png(Image::new(Shape::new(300, 300, 1), &data)).unwrap();
        assert!(matches!(read_back(&png[..png.len() / 2]), Err(PictureError::Damaged { .. })));
        assert!(matches!(read_back(b"hello"), Err(PictureError::Unknown { .. })));
        let mut huge = png.clone();
        huge[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
        let error = read_back(&huge).unwrap_err();
        assert!(matches!(error, PictureError::TooLarge { .. } | PictureError::Damaged { .. }), "{error}");
    }
}

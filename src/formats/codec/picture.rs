//! Pictures: PNG, JPEG, BMP and WebP in, PNG out. The `image` crate is a codec here, no more.
//!
//! The content decides the format, not the name. EXIF orientation is applied, transparent pixels lie on white, 16 bits a value become
//! 8: v * 255 / 65535, rounded (there are no halves).

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, Limits,
};

use crate::base::fault::reading_kind;
use crate::base::{Channels, Explain, Image, Kind, Shape};

use super::sniff;

mod whole;

/// Pictures above this many pixels on a side are refused before anything is allocated for them.
pub const MAX_SIDE: u32 = 32_768;
/// What a picture that is read in [`layers`] may have, in bytes: they are copied.
const MAX_LAYERS: u64 = 384 << 20;
/// What decoding one picture may allocate, and what its file may have, in bytes.
const MAX_BYTES: u64 = 384 << 20;

/// A picture, unpacked.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Rows, columns, and 1 or 3.
    pub shape: Shape,
    /// Interleaved gray or RGB.
    pub data: Vec<u8>,
}

impl Picture {
    /// A view of it.
    #[must_use]
    pub fn image(&self) -> Image<'_> {
        Image::new(self.shape, &self.data)
    }

    /// The same in three channels: gray values are repeated.
    #[must_use]
    pub fn into_rgb(self) -> Self {
        if self.shape.channels() == 3 {
            return self;
        }
        let data = self.data.iter().flat_map(|&v| [v; 3]).collect();
        Self { shape: self.shape.as_rgb(), data }
    }
}

const GIVE: &str = "give a PNG, JPEG, BMP or WebP picture; the content decides, not the name";

/// Why a file is not a picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file cannot be read.
    #[error("{path}: cannot be read")]
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
        /// What to do about it.
        instead: &'static str,
    },
    /// It is one, but damaged.
    #[error("{path}: the picture is damaged: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// It has no pixels.
    #[error("{path}: expected a picture of at least 1x1 pixels; found {height}x{width}")]
    Nothing {
        /// The file.
        path: PathBuf,
        /// Its rows.
        height: u32,
        /// Its columns.
        width: u32,
    },
    /// It is too large.
    #[error("{path}: the picture is larger than {MAX_SIDE} pixels on a side or {} MiB in memory", most >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many bytes it may have.
        most: u64,
    },
}

impl PictureError {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. }
            | Self::Unknown { path, .. }
            | Self::Damaged { path, .. }
            | Self::Nothing { path, .. }
            | Self::TooLarge { path, .. } => path,
        }
    }
}

impl Explain for PictureError {
    fn kind(&self) -> Kind {
        match self {
            Self::Io { source, .. } => reading_kind(source),
            Self::Unknown { .. } | Self::Damaged { .. } | Self::Nothing { .. } | Self::TooLarge { .. } => {
                Kind::Data
            }
        }
    }

    fn help(&self) -> Option<String> {
        Some(
            match self {
                Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => "check the spelling",
                Self::Io { .. } => "check that the file may be read",
                Self::Unknown { instead, .. } => instead,
                Self::Damaged { .. } | Self::Nothing { .. } => "get the file again, or leave it out",
                Self::TooLarge { .. } => "scale the picture down, or cut it into pieces",
            }
            .into(),
        )
    }
}

/// The content of a picture's file, unless it is larger than any picture may be.
///
/// # Errors
/// [`PictureError`], naming the file.
pub fn load(path: &Path) -> Result<Vec<u8>, PictureError> {
    let io = |source| PictureError::Io { path: path.into(), source };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(io)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(PictureError::TooLarge { path: path.into(), most: MAX_BYTES });
    }
    Ok(bytes)
}

/// Whether a file begins as pictures of the four formats do.
#[must_use]
pub fn begins_like_one(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut start));
    read.is_ok() && image::guess_format(&start).is_ok_and(is_ours)
}

fn is_ours(format: ImageFormat) -> bool {
    matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Bmp | ImageFormat::WebP)
}

/// Reads a picture as RGB.
///
/// # Errors
/// [`PictureError`], naming the file.
pub fn read(path: &Path) -> Result<Picture, PictureError> {
    read_bytes(&load(path)?, path)
}

/// Reads a picture from memory as RGB; `name` stands for it in errors.
///
/// # Errors
/// [`PictureError`], naming the file.
pub fn read_bytes(bytes: &[u8], name: &Path) -> Result<Picture, PictureError> {
    Ok(decode(bytes, name)?.into_rgb())
}

/// The shape of a picture in memory, as its header tells it: turned as the EXIF orientation says; one channel if the file is
/// gray (with transparency or without), else three. Palettes count as colored.
///
/// # Errors
/// [`PictureError`], naming the file.
pub fn dimensions_of(bytes: &[u8], name: &Path) -> Result<Shape, PictureError> {
    Ok(open(bytes, name)?.shape)
}

/// Reads a picture from memory in the shape of [`dimensions_of`].
///
/// # Errors
/// [`PictureError`], naming the file.
pub fn decode(bytes: &[u8], name: &Path) -> Result<Picture, PictureError> {
    let Opened { shape, orientation, decoder } = open(bytes, name)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| explain(error, name))?;
    picture.apply_orientation(orientation);
    let data = if shape.channels() == 1 { gray_over_white(picture) } else { over_white(picture) };
    Ok(Picture { shape, data })
}

/// A picture as it was drawn.
#[derive(Clone, Debug)]
pub struct Layers {
    /// Its colors, also where it is transparent.
    pub picture: Picture,
    /// The opacity of each pixel, if the file says any.
    pub alpha: Option<Vec<u8>>,
}

/// Reads a picture from memory in the shape of [`dimensions_of`], and its opacity apart.
///
/// # Errors
/// [`PictureError`], naming the file.
pub fn layers(bytes: &[u8], name: &Path) -> Result<Layers, PictureError> {
    let Opened { shape, orientation, decoder } = open(bytes, name)?;
    if decoder.total_bytes() > MAX_LAYERS {
        return Err(PictureError::TooLarge { path: name.into(), most: MAX_LAYERS });
    }
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| explain(error, name))?;
    picture.apply_orientation(orientation);
    let gray = shape.channels() == 1;
    let (data, alpha) = match (picture.color().has_alpha(), gray) {
        (false, true) => (picture.into_luma8().into_raw(), None),
        (false, false) => (picture.into_rgb8().into_raw(), None),
        (true, true) => {
            let pixels = picture.into_luma_alpha8();
            let (data, alpha) = pixels.as_raw().as_chunks::<2>().0.iter().map(|&[v, a]| (v, a)).unzip();
            (data, Some(alpha))
        }
        (true, false) => {
            let pixels = picture.into_rgba8();
            let pixels = pixels.as_raw().as_chunks::<4>().0;
            let mut data = Vec::with_capacity(shape.bytes());
            for &[r, g, b, _] in pixels {
                data.extend([r, g, b]);
            }
            (data, Some(pixels.iter().map(|pixel| pixel[3]).collect()))
        }
    };
    Ok(Layers { picture: Picture { shape, data }, alpha })
}

/// A picture of which the header is read.
struct Opened<D> {
    /// As the picture is to be seen.
    shape: Shape,
    orientation: Orientation,
    decoder: D,
}

/// Reads the header and refuses what is too large, before anything is allocated for pixels.
fn open<'a>(bytes: &'a [u8], path: &Path) -> Result<Opened<impl ImageDecoder + 'a>, PictureError> {
    let io = |source| PictureError::Io { path: path.into(), source };
    // Color profiles and texts are packed, and what they unpack to may be anything. Nobody looks at them here.
    let mut reader =
        ImageReader::new(Cursor::new(whole::png_without_packed(bytes))).with_guessed_format().map_err(io)?;
    let format = reader.format();
    if !format.is_some_and(is_ours) {
        // A pointer is replaced by what it stands for; of other kinds a picture is wanted.
        let instead = sniff::kind(bytes).and_then(|kind| kind.instead).unwrap_or(GIVE);
        return Err(PictureError::Unknown { path: path.into(), found: sniff::looks_like(bytes), instead });
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let nothing = |[width, height]: [u32; 2]| PictureError::Nothing { path: path.into(), height, width };
    if format == Some(ImageFormat::Bmp)
        && let Some(size) = whole::bmp_size(bytes).filter(|size| size.contains(&0))
    {
        return Err(nothing(size));
    }
    let mut decoder = reader.into_decoder().map_err(|error| explain(error, path))?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(nothing([width, height]));
    }
    if decoder.total_bytes() > MAX_BYTES {
        return Err(PictureError::TooLarge { path: path.into(), most: MAX_BYTES });
    }
    // The decoder paints over what is missing.
    if format == Some(ImageFormat::Jpeg) && !whole::jpeg_ends(bytes) {
        let reason = "the file ends before the picture does".into();
        return Err(PictureError::Damaged { path: path.into(), reason });
    }
    // Where the orientation cannot be read there is none.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let turned = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (height, width) = if turned { (width, height) } else { (height, width) };
    let kind = Channels::colored(decoder.color_type().has_color());
    let shape = Shape::new(height as usize, width as usize, kind);
    Ok(Opened { shape, orientation, decoder })
}

fn explain(error: ImageError, path: &Path) -> PictureError {
    let path = path.to_owned();
    match error {
        ImageError::Limits(_) => PictureError::TooLarge { path, most: MAX_BYTES },
        ImageError::IoError(source) if source.kind() != io::ErrorKind::UnexpectedEof => {
            PictureError::Io { path, source }
        }
        ImageError::Unsupported(what) => {
            PictureError::Unknown { path, found: what.to_string(), instead: GIVE }
        }
        other => PictureError::Damaged { path, reason: other.to_string() },
    }
}

/// RGB of a picture; where it is transparent, white shines through.
fn over_white(picture: DynamicImage) -> Vec<u8> {
    if !picture.color().has_alpha() {
        return picture.into_rgb8().into_raw();
    }
    let rgba = picture.into_rgba8();
    rgba.as_raw()
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|&[r, g, b, a]| [r, g, b].map(|v| on_white(v, a)))
        .collect()
}

/// The same of a picture without colors, in one channel.
fn gray_over_white(picture: DynamicImage) -> Vec<u8> {
    if !picture.color().has_alpha() {
        return picture.into_luma8().into_raw();
    }
    let gray = picture.into_luma_alpha8();
    gray.as_raw().as_chunks::<2>().0.iter().map(|&[v, a]| on_white(v, a)).collect()
}

/// A value of this opacity over 255, rounded half up.
fn on_white(value: u8, alpha: u8) -> u8 {
    let (v, a) = (u32::from(value), u32::from(alpha));
    ((v * a + 255 * (255 - a) + 127) / 255) as u8
}

/// The kinds of pictures that are written for people to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureKind(ImageFormat);

/// Quality of JPEG, 1 to 100: lines of text stay clear.
const JPEG_QUALITY: u8 = 90;

impl PictureKind {
    /// The kind that the ending of a name says: PNG where there is none, nothing where it is that of something else.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        if path.extension().is_none() {
            return Some(Self(ImageFormat::Png));
        }
        ImageFormat::from_path(path).ok().filter(|format| is_ours(*format)).map(Self)
    }

    /// Whether a file that begins so is of this kind.
    #[must_use]
    pub fn is_like(self, start: &[u8]) -> bool {
        image::guess_format(start).is_ok_and(|format| format == self.0)
    }

    /// Encodes an image of 1 or 3 channels. The bytes are the same on every machine.
    ///
    /// # Errors
    /// If the image has no pixels, or more than the kind has room for.
    pub fn encode(self, image: Image<'_>) -> Result<Vec<u8>, ImageError> {
        if self.0 == ImageFormat::Png {
            return encode_png(image);
        }
        let color = if image.shape.channels() == 3 { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
        let (width, height) = (image.shape.width as u32, image.shape.height as u32);
        let mut out = Cursor::new(Vec::new());
        if self.0 == ImageFormat::Jpeg {
            JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY)
                .write_image(image.data, width, height, color)?;
        } else {
            image::write_buffer_with_format(&mut out, image.data, width, height, color, self.0)?;
        }
        Ok(out.into_inner())
    }
}

/// Encodes an image of 1 or 3 channels as PNG. The bytes are the same on every machine.
///
/// # Errors
/// If the image has no pixels.
pub fn encode_png(image: Image<'_>) -> Result<Vec<u8>, ImageError> {
    let mut out = Vec::new();
    let color = if image.shape.channels() == 3 { ExtendedColorType::Rgb8 } else { ExtendedColorType::L8 };
    PngEncoder::new_with_quality(&mut out, CompressionType::Default, FilterType::Adaptive).write_image(
        image.data,
        image.shape.width as u32,
        image.shape.height as u32,
        color,
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
        let png = encode_png(Image::new(Shape::rgb(2, 5), &data)).unwrap();
        let picture = read_back(&png).unwrap();
        assert_eq!((picture.shape, picture.data), (Shape::rgb(2, 5), data));
        let gray = encode_png(Image::new(Shape::gray(1, 2), &[9, 200])).unwrap();
        assert_eq!(read_back(&gray).unwrap().data, [9, 9, 9, 200, 200, 200]);
    }

    #[test]
    fn the_ending_says_the_kind() {
        let data: Vec<u8> = (0..6 * 5 * 3).map(|i| i * 2).collect();
        for shape in [Shape::rgb(6, 5), Shape::gray(9, 10), Shape::gray(1, 1)] {
            for name in ["a.png", "a.jpg", "b.JPEG", "c.bmp", "d.webp", "none"] {
                let kind = PictureKind::of(Path::new(name)).unwrap();
                let bytes = kind.encode(Image::new(shape, &data[..shape.bytes()])).unwrap();
                assert!(kind.is_like(&bytes), "{name}");
                let read = read_bytes(&bytes, Path::new(name)).unwrap();
                assert_eq!(read.shape, shape.as_rgb());
            }
        }
        for name in ["a.txt", "README.md", "a.gif", "a.tiff", "a.npz"] {
            assert_eq!(PictureKind::of(Path::new(name)), None, "{name}");
        }
        assert!(!PictureKind::of(Path::new("a.jpg")).unwrap().is_like(b"\x89PNG\r\n\x1a\n"));
    }

    /// A profile of a megabyte that unpacks to a gigabyte.
    #[test]
    fn packed_profiles_are_not_unpacked() {
        let png = encode_png(Image::new(Shape::gray(2, 3), &[1, 2, 3, 4, 5, 6])).unwrap();
        let chunk = |kind: &[u8; 4], body: &[u8]| {
            let mut crc = crc32fast::Hasher::new();
            crc.update(kind);
            crc.update(body);
            [&(body.len() as u32).to_be_bytes()[..], kind, body, &crc.finalize().to_be_bytes()].concat()
        };
        let mut packer =
            flate2::write::ZlibEncoder::new(b"profile\0\0".to_vec(), flate2::Compression::fast());
        packer.write_all(&vec![0; 1 << 20]).unwrap();
        let packed = packer.finish().unwrap();
        let bytes = [&png[..33], &chunk(b"iCCP", &packed), &chunk(b"zTXt", &packed), &png[33..]].concat();
        assert_eq!(whole::png_without_packed(&bytes), &png[..]);
        assert_eq!(decode(&bytes, Path::new(NAME)).unwrap().data, [1, 2, 3, 4, 5, 6]);
        // What is no chain of chunks is left to the decoder.
        for end in [8, 20, 40, bytes.len() - 20] {
            assert!(read_bytes(&bytes[..end], Path::new(NAME)).is_err());
        }
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
        let png = encode_png(Image::new(Shape::gray(300, 300), &data)).unwrap();
        assert!(matches!(read_back(&png[..png.len() / 2]), Err(PictureError::Damaged { .. })));
        assert!(matches!(read_back(b"hello"), Err(PictureError::Unknown { .. })));
        for (bytes, found) in [
            (&b""[..], "an empty file"),
            (b"\n<!DOCTYPE html><html>", "an HTML page"),
            (b"\x1f\x8b\x08rest", "gzip data"),
            (b"GIF89a...", "a GIF picture"),
            (b"some words", "text"),
        ] {
            let error = read_bytes(bytes, Path::new("x.png")).unwrap_err();
            assert!(error.to_string().contains(&format!("found {found}")), "{error}");
            assert!(error.help().is_some());
        }
    }

    /// A picture's header with other dimensions.
    fn resized(format: ImageFormat, side: [u32; 2]) -> Vec<u8> {
        let mut bytes = encoded(&DynamicImage::new_rgb8(3, 2), format);
        let [height, width] = side;
        match format {
            ImageFormat::Png => {
                bytes[16..20].copy_from_slice(&width.to_be_bytes());
                bytes[20..24].copy_from_slice(&height.to_be_bytes());
                let crc = crc32fast::hash(&bytes[12..29]);
                bytes[29..33].copy_from_slice(&crc.to_be_bytes());
            }
            ImageFormat::Bmp => {
                bytes[18..22].copy_from_slice(&width.to_le_bytes());
                bytes[22..26].copy_from_slice(&height.to_le_bytes());
            }
            _ => {
                let sof = bytes.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
                bytes[sof + 5..sof + 7].copy_from_slice(&(height as u16).to_be_bytes());
                bytes[sof + 7..sof + 9].copy_from_slice(&(width as u16).to_be_bytes());
            }
        }
        bytes
    }

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    const NAME: &str = "picture";

    #[test]
    fn sizes_are_checked_before_anything_is_allocated() {
        for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Jpeg] {
            let huge = resized(format, [50_000, 50_000]);
            let error = dimensions_of(&huge, Path::new(NAME)).unwrap_err();
            assert!(matches!(error, PictureError::TooLarge { .. }), "{format:?}: {error}");
            assert!(matches!(read_bytes(&huge, Path::new(NAME)), Err(PictureError::TooLarge { .. })));
            // Within the sides, and too many pixels.
            let error = dimensions_of(&resized(format, [32_000, 32_000]), Path::new(NAME)).unwrap_err();
            assert!(matches!(error, PictureError::TooLarge { .. }), "{format:?}: {error}");
            let error = dimensions_of(&resized(format, [0, 3]), Path::new(NAME)).unwrap_err();
            assert!(
                matches!(error, PictureError::Nothing { .. } | PictureError::Damaged { .. }),
                "{format:?}: {error}"
            );
            assert!(error.help().is_some());
        }
    }

    #[test]
    fn every_format_is_read_and_none_when_it_is_cut() {
        let picture = DynamicImage::ImageRgb8(image::RgbImage::from_fn(40, 30, |x, y| {
            image::Rgb([x as u8 * 6, y as u8 * 8, (x * y % 251) as u8])
        }));
        for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Jpeg, ImageFormat::WebP] {
            let bytes = encoded(&picture, format);
            assert_eq!(dimensions_of(&bytes, Path::new(NAME)).unwrap(), Shape::rgb(30, 40));
            let read = read_bytes(&bytes, Path::new(NAME)).unwrap();
            if format != ImageFormat::Jpeg {
                assert_eq!(&read.data, picture.as_bytes(), "{format:?}");
            }
            for keep in [bytes.len() * 9 / 10, bytes.len() / 2, 20] {
                let error = read_bytes(&bytes[..keep], Path::new(NAME)).unwrap_err();
                assert!(matches!(error, PictureError::Damaged { .. }), "{format:?} {keep}: {error}");
            }
        }
    }

    #[test]
    fn sixteen_bits_and_gray() {
        let wide = image::ImageBuffer::from_vec(4, 1, vec![0_u16, 128, 129, 65_535]).unwrap();
        let read =
            decode(&encoded(&DynamicImage::ImageLuma16(wide), ImageFormat::Png), Path::new(NAME)).unwrap();
        assert_eq!((read.shape, &read.data[..]), (Shape::gray(1, 4), &[0, 0, 1, 255][..]));
        let clear = image::ImageBuffer::from_vec(2, 1, vec![10_u8, 0, 10, 255]).unwrap();
        let read =
            decode(&encoded(&DynamicImage::ImageLumaA8(clear), ImageFormat::Png), Path::new(NAME)).unwrap();
        assert_eq!((read.shape, &read.data[..]), (Shape::gray(1, 2), &[255, 10][..]));
    }
}

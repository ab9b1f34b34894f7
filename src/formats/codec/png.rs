//! A PNG encoder for many small images.
//!
//! For an image of a few hundred bytes, setting up a general compressor costs more than compressing. Gray images of the MNIST
//! family are runs of zeros between strokes, which DEFLATE's fixed Huffman code with run lengths alone packs well; noisy color
//! does not get smaller at all and is stored. Both are written here.
//!
//! Formulas: RFC 2083 (PNG), RFC 1950 (zlib), RFC 1951 (DEFLATE). Every scanline has filter 0.

use crate::base::{Image, Shape};

/// How hard to try for a small file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Pixels as they are, in stored blocks.
    Stored,
    /// Runs of equal pixels and a fixed code for the rest; stored where that is no larger.
    Runs,
}

impl Effort {
    /// What suits images of this shape: runs for gray ones, nothing for colored ones, which are mostly noise.
    #[must_use]
    pub const fn of(shape: Shape) -> Self {
        if shape.channels() == 1 { Self::Runs } else { Self::Stored }
    }
}

/// The first bytes of every PNG file.
const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// The two bytes before a zlib stream: 32 KiB window, no dictionary, fastest.
const ZLIB: [u8; 2] = [0x78, 0x01];

/// The most bytes in a stored block.
const BLOCK: usize = 65_535;

/// The longest match that DEFLATE knows, and the shortest.
const LONGEST: usize = 258;
const SHORTEST: usize = 3;

/// Bits of a code word as they are written, the first one lowest, and how many.
type Word = (u32, u32);

/// Code words of the fixed code: literals by value, matches by length. The bits of the distance are not in them.
const LITERALS: [Word; 256] = literals();
const LENGTHS: [Word; LONGEST + 1] = lengths();

const fn reversed(code: u32, bits: u32) -> u32 {
    code.reverse_bits() >> (32 - bits)
}

const fn literals() -> [Word; 256] {
    let mut words = [(0, 0); 256];
    let mut value = 0;
    while value < 256 {
        words[value] = if value < 144 {
            (reversed(0x30 + value as u32, 8), 8)
        } else {
            (reversed(0x190 + value as u32 - 144, 9), 9)
        };
        value += 1;
    }
    words
}

const fn lengths() -> [Word; LONGEST + 1] {
    let mut words = [(0, 0); LONGEST + 1];
    let mut length = SHORTEST;
    while length <= LONGEST {
        // Codes 257 to 264 mean 3 to 10; from there on four codes share a number of extra bits; 285 is 258.
        let offset = (length - SHORTEST) as u32;
        let (code, extra) = if length == LONGEST {
            (285, 0)
        } else if offset < 8 {
            (257 + offset, 0)
        } else {
            let extra = offset.ilog2() - 2;
            (257 + 4 * (extra + 1) + ((offset >> extra) & 3), extra)
        };
        let (word, bits) =
            if code < 280 { (reversed(code - 256, 7), 7) } else { (reversed(0xc0 + code - 280, 8), 8) };
        words[length] = (word | (offset & ((1 << extra) - 1)) << bits, bits + extra);
        length += 1;
    }
    words
}

/// Encodes image after image; what it works in is kept.
#[derive(Debug)]
pub struct PngEncoder {
    effort: Effort,
    /// Scanlines, each behind the number of its filter.
    lines: Vec<u8>,
}

impl PngEncoder {
    /// An encoder of this effort.
    #[must_use]
    pub fn new(effort: Effort) -> Self {
        Self { effort, lines: Vec::new() }
    }

    /// Appends `image`, which has at least one pixel, as a PNG file to `out`.
    ///
    /// # Panics
    /// If the image has no pixels.
    pub fn encode(&mut self, image: Image<'_>, out: &mut Vec<u8>) {
        self.write(image, &[], out);
    }

    /// Appends gray `image`, which has at least one pixel, as a PNG file whose values are numbers of the colors of `palette`, which has one
    /// for each value that occurs.
    ///
    /// # Panics
    /// If the image has no pixels, or several channels.
    pub fn encode_indexed(&mut self, image: Image<'_>, palette: &[[u8; 3]], out: &mut Vec<u8>) {
        assert_eq!(image.shape.channels(), 1, "a number for each pixel");
        self.write(image, palette, out);
    }

    fn write(&mut self, image: Image<'_>, palette: &[[u8; 3]], out: &mut Vec<u8>) {
        let Shape { height, width, kind } = image.shape;
        let channels = kind.count();
        assert!(height * width > 0, "an image is not empty");
        self.lines.clear();
        self.lines.reserve(height * (1 + width * channels));
        for row in image.data.chunks_exact(width * channels) {
            self.lines.push(0);
            self.lines.extend_from_slice(row);
        }

        out.extend_from_slice(&SIGNATURE);
        let mut head = [0; 13];
        head[..4].copy_from_slice(&(width as u32).to_be_bytes());
        head[4..8].copy_from_slice(&(height as u32).to_be_bytes());
        let color_type = match channels {
            1 if palette.is_empty() => 0,
            1 => 3,
            _ => 2,
        };
        head[8..].copy_from_slice(&[8, color_type, 0, 0, 0]);
        let start = open_chunk(*b"IHDR", out);
        out.extend_from_slice(&head);
        close_chunk(start, out);

        if !palette.is_empty() {
            let start = open_chunk(*b"PLTE", out);
            out.extend_from_slice(palette.as_flattened());
            close_chunk(start, out);
        }

        let start = open_chunk(*b"IDAT", out);
        match self.effort {
            Effort::Stored => stored(&self.lines, out),
            Effort::Runs => runs(&self.lines, channels, out),
        }
        close_chunk(start, out);

        let start = open_chunk(*b"IEND", out);
        close_chunk(start, out);
    }
}

/// Begins a chunk; returns where its length belongs.
fn open_chunk(kind: [u8; 4], out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&kind);
    start
}

/// Fills in the length of the chunk that began at `start`, and appends its CRC.
fn close_chunk(start: usize, out: &mut Vec<u8>) {
    let length = (out.len() - start - 8) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    let crc = crc32fast::hash(&out[start + 4..]);
    out.extend_from_slice(&crc.to_be_bytes());
}

/// A zlib stream of stored blocks.
fn stored(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&ZLIB);
    let blocks = bytes.len().div_ceil(BLOCK);
    for (i, block) in bytes.chunks(BLOCK).enumerate() {
        let length = (block.len() as u16).to_le_bytes();
        out.push(u8::from(i + 1 == blocks));
        out.extend_from_slice(&[length[0], length[1], !length[0], !length[1]]);
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&adler32(bytes).to_be_bytes());
}

/// A zlib stream of one block in the fixed code, whose matches all have the distance of one pixel.
fn runs(bytes: &[u8], distance: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&ZLIB);
    // At worst 9 bits a byte, and room for the last write of the bit buffer.
    let room = bytes.len() + bytes.len() / 8 + 24;
    out.resize(start + 2 + room, 0);
    let packed = pack_runs(bytes, distance, &mut out[start + 2..]);
    if packed > bytes.len() + 5 * bytes.len().div_ceil(BLOCK) {
        out.truncate(start);
        return stored(bytes, out);
    }
    out.truncate(start + 2 + packed);
    out.extend_from_slice(&adler32(bytes).to_be_bytes());
}

/// Writes the block and returns its length in bytes.
fn pack_runs(bytes: &[u8], distance: usize, out: &mut [u8]) -> usize {
    // Distances 1 to 4 are the codes 0 to 3, five bits without extra ones.
    let far = reversed(distance as u32 - 1, 5);
    // The last block, in the fixed code.
    let (mut held, mut count, mut at) = (0b011_u64, 3_u32, 0);
    let mut put = |word: u32, bits: u32| {
        held |= u64::from(word) << count;
        count += bits;
        if count >= 32 {
            out[at..at + 4].copy_from_slice(&(held as u32).to_le_bytes());
            at += 4;
            held >>= 32;
            count -= 32;
        }
    };
    let mut i = 0;
    while i < bytes.len() {
        if i >= distance && bytes[i] == bytes[i - distance] {
            let length = same(&bytes[i..], &bytes[i - distance..]);
            if length >= SHORTEST {
                let (word, bits) = LENGTHS[length];
                put(word | far << bits, bits + 5);
                i += length;
                continue;
            }
        }
        let (word, bits) = LITERALS[usize::from(bytes[i])];
        put(word, bits);
        i += 1;
    }
    put(0, 7); // end of block
    let left = count.div_ceil(8) as usize;
    out[at..at + left].copy_from_slice(&held.to_le_bytes()[..left]);
    at + left
}

/// How many bytes at the start of both are the same, at most [`LONGEST`].
fn same(a: &[u8], b: &[u8]) -> usize {
    let most = a.len().min(LONGEST);
    let (a, b) = (&a[..most], &b[..most]);
    let (words_a, words_b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    for (i, (x, y)) in words_a.iter().zip(words_b).enumerate() {
        let differ = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if differ != 0 {
            return 8 * i + (differ.trailing_zeros() / 8) as usize;
        }
    }
    let done = 8 * words_a.len();
    done + a[done..].iter().zip(&b[done..]).take_while(|(x, y)| x == y).count()
}

/// Adler-32, RFC 1950 section 9.
#[must_use]
pub fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    const LANES: usize = 16;
    let (mut a, mut b) = (1_u32, 0_u32);
    // So many bytes cannot overflow the sums of 32 bits.
    for run in bytes.chunks(5552) {
        let (words, rest) = run.as_chunks::<LANES>();
        for word in words {
            let (mut sum, mut weighted) = (0_u32, 0_u32);
            for (i, &byte) in word.iter().enumerate() {
                sum += u32::from(byte);
                weighted += (LANES - i) as u32 * u32::from(byte);
            }
            b += LANES as u32 * a + weighted;
            a += sum;
        }
        for &byte in rest {
            a += u32::from(byte);
            b += a;
        }
        a %= MODULUS;
        b %= MODULUS;
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::base::Channels;
    use crate::formats::codec::picture;

    /// What the image crate makes of it, as RGB.
    fn decoded(png: &[u8]) -> (Shape, Vec<u8>) {
        let picture = picture::read_bytes(png, Path::new("x.png")).unwrap();
        (picture.shape, picture.data)
    }

    fn rgb(image: Image<'_>) -> Vec<u8> {
        image.data.iter().flat_map(|&v| std::iter::repeat_n(v, 4 - image.shape.channels())).collect()
    }

    proptest! {
        #[test]
        fn every_effort_keeps_every_pixel(
            height in 1_usize..40, width in 1_usize..40, color: bool, seed: u64, runs in 1_u64..64,
        ) {
            let shape = Shape::new(height, width, Channels::colored(color));
            // Runs of equal values, of which some are long and some are pixels.
            let data: Vec<u8> = (0..shape.bytes() as u64)
                .map(|i| if color { i % 3 + i / 3 / runs * 3 } else { i / runs })
                .map(|i| (i.wrapping_mul(seed | 1) >> 5) as u8)
                .collect();
            let image = Image::new(shape, &data);
            for effort in [Effort::Stored, Effort::Runs] {
                let mut encoder = PngEncoder::new(effort);
                let mut out = b"before".to_vec();
                encoder.encode(image, &mut out);
                let once = out.len();
                encoder.encode(image, &mut out);
                prop_assert_eq!(&out[6..once], &out[once..]);
                let (found, pixels) = decoded(&out[once..]);
                prop_assert_eq!(found, shape.as_rgb());
                prop_assert_eq!(pixels, rgb(image));
            }
        }
    }

    #[test]
    fn images_of_more_than_one_block_come_back() {
        let shape = Shape::rgb(300, 500);
        let noise: Vec<u8> =
            (0..shape.bytes() as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for data in [noise, vec![200; shape.bytes()]] {
            for effort in [Effort::Stored, Effort::Runs] {
                let mut out = Vec::new();
                PngEncoder::new(effort).encode(Image::new(shape, &data), &mut out);
                assert_eq!(decoded(&out), (shape, data.clone()));
            }
        }
    }

    #[test]
    fn runs_are_packed_and_noise_is_stored() {
        let size = |effort, data: &[u8]| {
            let mut out = Vec::new();
            PngEncoder::new(effort).encode(Image::new(Shape::gray(28, 28), data), &mut out);
            out.len()
        };
        let noise: Vec<u8> = (0..784_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        assert!(size(Effort::Runs, &[0; 784]) < 90);
        assert_eq!(size(Effort::Runs, &noise), size(Effort::Stored, &noise));
    }

    #[test]
    fn adler_sums_are_the_known_ones() {
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler32(&vec![255; 100_000]), {
            let (mut a, mut b) = (1_u64, 0_u64);
            for _ in 0..100_000 {
                a = (a + 255) % 65_521;
                b = (b + a) % 65_521;
            }
            (b << 16 | a) as u32
        });
    }
}

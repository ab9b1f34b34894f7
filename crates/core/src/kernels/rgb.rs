//! RGB pixels as 32-bit lanes.
//!
//! Three interleaved bytes are the one layout for which baseline x86-64 has no shuffle. Color kernels
//! therefore load each pixel as one `u32` (red in the low byte), compute in loops over many lanes, which
//! the compiler turns into vector code, and store `u32`s that overlap by one byte. Blocks are painted with the vectors that the machine
//! has, so what paints them is an `#[inline(always)]` closure.

use fearless_simd::Simd;

use super::vectors::dispatch;

/// Pixels that a color kernel works on at a time: enough for a block's scalar stores to have left the store
/// buffer when they are loaded as vectors.
pub const LANES: usize = 64;
/// Bytes of a block of [`LANES`] pixels.
pub const BLOCK: usize = 3 * LANES;

/// One value for each pixel of a block.
pub type Lanes<T> = [T; LANES];

/// Red, green and blue of a packed pixel.
#[inline(always)]
#[must_use]
pub fn unpack(pixel: u32) -> [f32; 3] {
    // Through i32, because baseline x86-64 converts vectors of signed integers only.
    [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255].map(|v| v.cast_signed() as f32)
}

/// A packed pixel of red, green and blue in 0..=255.
#[inline(always)]
#[must_use]
pub fn pack(rgb: [i32; 3]) -> u32 {
    (rgb[0] | rgb[1] << 8 | rgb[2] << 16).cast_unsigned()
}

/// A packed pixel of red, green and blue, rounded half to even; the rounded values are in 0..=255.
#[inline(always)]
#[must_use]
pub fn pack_rounded(rgb: [f32; 3]) -> u32 {
    // Adding 1.5 * 2^23 rounds and leaves the integer in the low bits. What it puts into the high bits is
    // the same for all pixels and taken off together.
    const MAGIC: f32 = 12_582_912.0;
    const HIGH: u32 = MAGIC.to_bits();
    const EXCESS: u32 = HIGH.wrapping_add(HIGH << 8).wrapping_add(HIGH << 16);
    let [r, g, b] = rgb.map(|x| (x + MAGIC).to_bits());
    r.wrapping_add(g << 8).wrapping_add(b << 16).wrapping_sub(EXCESS)
}

/// Loads a block; the top byte of a lane holds anything.
#[inline(always)]
#[must_use]
pub fn load(bytes: &[u8; BLOCK]) -> Lanes<u32> {
    let mut lanes = [0; LANES];
    for (i, lane) in lanes[..LANES - 1].iter_mut().enumerate() {
        let at = 3 * i;
        *lane = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    }
    let at = BLOCK - 4;
    let last = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    lanes[LANES - 1] = last >> 8;
    lanes
}

/// Stores a block whose lanes have zero top bytes.
#[inline(always)]
pub fn store(lanes: &Lanes<u32>, bytes: &mut [u8; BLOCK]) {
    for i in 0..LANES - 1 {
        bytes[3 * i..3 * i + 4].copy_from_slice(&lanes[i].to_le_bytes());
    }
    let last = lanes[LANES - 2] >> 16 | lanes[LANES - 1] << 8;
    bytes[BLOCK - 4..].copy_from_slice(&last.to_le_bytes());
}

/// Replaces every pixel of an RGB image by `paint` of it, which is branch-free and returns a zero top byte.
///
/// # Panics
/// If `data` is not whole pixels.
#[inline]
pub fn map(data: &mut [u8], paint: impl Fn(u32) -> u32) {
    map_blocks(
        data,
        #[inline(always)]
        |_, pixels| {
            for pixel in pixels {
                *pixel = paint(*pixel);
            }
        },
    );
}

/// As [`map`], and pixel number i is painted with `plane[i]`.
///
/// # Panics
/// If `data` does not have as many pixels as `plane` has values.
#[inline]
pub fn map_with<T: Copy + Default>(data: &mut [u8], plane: &[T], paint: impl Fn(u32, T) -> u32) {
    assert_eq!(data.len(), plane.len() * 3, "one value for each pixel");
    map_blocks(
        data,
        #[inline(always)]
        |first, pixels| {
            let values = lanes_at(plane, first);
            for i in 0..LANES {
                pixels[i] = paint(pixels[i], values[i]);
            }
        },
    );
}

/// [`LANES`] values of `plane` from number `first` on, filled up with defaults at its end.
#[inline(always)]
#[must_use]
pub fn lanes_at<T: Copy + Default>(plane: &[T], first: usize) -> Lanes<T> {
    if let Some(values) = plane[first..].first_chunk() {
        return *values;
    }
    let mut values = [T::default(); LANES];
    let rest = &plane[first..];
    values[..rest.len()].copy_from_slice(rest);
    values
}

/// Hands out the pixels block by block, with the number of the first; the last block may be padded with black.
/// Top bytes come in holding anything and go out zero.
///
/// # Panics
/// If `data` is not whole pixels.
#[inline]
pub fn map_blocks(data: &mut [u8], paint: impl Fn(usize, &mut Lanes<u32>)) {
    for_each_block(
        data,
        #[inline(always)]
        |first, bytes| {
            let mut pixels = load(bytes);
            paint(first, &mut pixels);
            store(&pixels, bytes);
        },
    );
}

/// Hands out the bytes block by block, with the number of the first pixel; the last block may be padded.
#[inline(always)]
fn for_each_block(data: &mut [u8], paint: impl Fn(usize, &mut [u8; BLOCK])) {
    assert_eq!(data.len() % 3, 0, "RGB pixels are three bytes");
    dispatch!(simd => blocks_with(simd, data, &paint));
}

#[inline(always)]
fn blocks_with<S: Simd>(_: S, data: &mut [u8], paint: &impl Fn(usize, &mut [u8; BLOCK])) {
    let (blocks, rest) = data.as_chunks_mut();
    let whole = blocks.len();
    for (number, bytes) in blocks.iter_mut().enumerate() {
        paint(number * LANES, bytes);
    }
    if !rest.is_empty() {
        let mut padded = [0; BLOCK];
        padded[..rest.len()].copy_from_slice(rest);
        paint(whole * LANES, &mut padded);
        rest.copy_from_slice(&padded[..rest.len()]);
    }
}

/// The block of pixels from number `first` on, padded with black at the end of the image.
#[inline(always)]
#[must_use]
pub fn block_at(data: &[u8], first: usize) -> Lanes<u32> {
    let rest = &data[3 * first..];
    if let Some(bytes) = rest.first_chunk() {
        return load(bytes);
    }
    let mut padded = [0; BLOCK];
    padded[..rest.len()].copy_from_slice(rest);
    load(&padded)
}

/// Adds one number to the three values of each pixel and clips to 0..=255. `level` makes the numbers, each within
/// -256..=256, for the pixels from the given one on.
///
/// # Panics
/// If `data` is not whole pixels.
#[inline]
pub fn add_plane(data: &mut [u8], level: impl Fn(usize) -> Lanes<i32>) {
    for_each_block(
        data,
        #[inline(always)]
        |first, bytes| {
            let levels = level(first);
            let (mut more, mut less) = ([0; LANES], [0; LANES]);
            for i in 0..LANES {
                more[i] = gray(levels[i].clamp(0, 255));
                less[i] = gray((-levels[i]).clamp(0, 255));
            }
            let (mut up, mut down) = ([0; BLOCK], [0; BLOCK]);
            store(&more, &mut up);
            store(&less, &mut down);
            for i in 0..BLOCK {
                bytes[i] = bytes[i].saturating_add(up[i]).saturating_sub(down[i]);
            }
        },
    );
}

/// A packed pixel of three equal values.
#[inline(always)]
fn gray(level: i32) -> u32 {
    pack([level; 3])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_visited_once_whatever_the_length() {
        for pixels in [0, 1, 2, 15, 16, 17, 35, 64] {
            let before: Vec<u8> = (0..pixels * 3).map(|i| i as u8).collect();
            let mut after = before.clone();
            map(&mut after, |p| (p & 0x00ff_ffff) ^ 0x00ff_00ff);
            for (i, (a, b)) in after.iter().zip(&before).enumerate() {
                assert_eq!(*a, if i % 3 == 1 { *b } else { 255 - b }, "{pixels} {i}");
            }
        }
    }

    #[test]
    fn packing_is_the_inverse_of_unpacking() {
        assert_eq!(unpack(0xaa03_0201), [1.0, 2.0, 3.0]);
        assert_eq!(pack([1, 2, 3]), 0x0003_0201);
        assert_eq!(pack_rounded([0.5, 254.6, 1.5]), 0x0002_ff00);
        assert_eq!(pack_rounded([254.5, 0.0, 255.0]), 0x00ff_00fe);
    }
}

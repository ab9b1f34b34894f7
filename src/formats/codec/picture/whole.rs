//! Whether pictures are whole, where their decoders do not tell, and what decoders are not to see.

use std::borrow::Cow;

/// What a PNG begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Chunks that hold packed bytes of any size, and no pixels: color profiles and texts.
const PACKED: [&[u8; 4]; 3] = [b"iCCP", b"zTXt", b"iTXt"];

/// A PNG without its packed chunks; anything else as it is.
pub(super) fn png_without_packed(bytes: &[u8]) -> Cow<'_, [u8]> {
    let chunk = |at: usize| -> Option<(usize, &[u8])> {
        let head = bytes.get(at..at.checked_add(8)?)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let end = at.checked_add(12)?.checked_add(usize::try_from(length).ok()?)?;
        (end <= bytes.len()).then_some((end, &head[4..]))
    };
    if !bytes.starts_with(PNG) {
        return Cow::Borrowed(bytes);
    }
    let (mut kept, mut from, mut at) = (Vec::new(), 0, PNG.len());
    while let Some((end, kind)) = chunk(at) {
        if PACKED.iter().any(|packed| kind == *packed) {
            kept.extend_from_slice(&bytes[from..at]);
            from = end;
        }
        at = end;
    }
    if from == 0 {
        return Cow::Borrowed(bytes);
    }
    kept.extend_from_slice(&bytes[from..]);
    Cow::Owned(kept)
}

/// Whether a JPEG goes on to its end marker. Segments are passed over, so that the thumbnails in them do not count.
pub(super) fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    loop {
        // A marker: 0xff, which may be repeated, and its code.
        let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|&b| b == 0xff)) else {
            return false;
        };
        at += found;
        while bytes.get(at) == Some(&0xff) {
            at += 1;
        }
        let Some(&code) = bytes.get(at) else { return false };
        at += 1;
        match code {
            0xd9 => return true,
            // Within a scan: a stuffed 0xff, a restart; elsewhere markers without a segment.
            0x00 | 0x01 | 0xd0..=0xd8 => {}
            _ => {
                let Some(&[high, low]) = bytes.get(at..at + 2).and_then(|b| b.as_array::<2>()) else {
                    return false;
                };
                at += usize::from(u16::from_be_bytes([high, low])).max(2);
            }
        }
    }
}

/// Width and height of a BMP file, whose decoder says of an empty one that it is too large.
pub(super) fn bmp_size(bytes: &[u8]) -> Option<[u32; 2]> {
    let field = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..at + 4)?.as_array()?));
    Some([field(18)?, field(22)?.cast_signed().unsigned_abs()])
}

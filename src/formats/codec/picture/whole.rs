//! Whether pictures are whole, where their decoders do not tell.

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

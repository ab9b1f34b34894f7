//! What a file's bytes look like, and whether a JPEG is whole.

use std::borrow::Cow;

/// Characters of a text that are quoted.
const QUOTED: usize = 24;

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

/// What the content of a file seems to be, for an error message.
#[must_use]
pub fn looks_like(bytes: &[u8]) -> String {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"\x1f\x8b", "gzip data"),
        (b"PK\x03\x04", "a zip file"),
        (b"\x89PNG", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"GIF8", "a GIF picture"),
        (b"II*\0", "a TIFF picture"),
        (b"MM\0*", "a TIFF picture"),
        (b"%PDF", "a PDF file"),
        (b"<svg", "an SVG drawing"),
        (b"<?xml", "XML"),
        (b"\0\0\x08\x01", "an IDX file"),
        (b"\0\0\x08\x03", "an IDX file"),
    ];
    let start = bytes.trim_ascii_start();
    let lower = start[..start.len().min(16)].to_ascii_lowercase();
    let text = |bytes: &[u8]| {
        let quoted = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * QUOTED)]).into_owned();
        quoted.chars().take(QUOTED).collect::<String>()
    };
    if bytes.is_empty() {
        "an empty file".into()
    } else if [&b"<!doctype"[..], b"<html", b"<head", b"<body"].iter().any(|tag| lower.starts_with(tag)) {
        "an HTML page".into()
    } else if let Some((_, what)) =
        MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic) || start.starts_with(magic))
    {
        (*what).into()
    } else if bytes.get(4..8) == Some(b"ftyp") {
        "an AVIF, HEIC or MP4 file".into()
    } else if bytes.iter().take(256).all(|&b| b >= 0x20 || matches!(b, b'\n' | b'\r' | b'\t')) {
        format!("text that begins {:?}", text(bytes))
    } else {
        let hex: Vec<String> = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("bytes that begin {}", hex.join(" "))
    }
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

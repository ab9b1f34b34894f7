//! Lines of a table, parsed: the bytes of pixels and labels, the texts of labels and ids.

use std::borrow::Cow;

use crate::base::math::rhe64;
use crate::formats::codec::element::Extent;
use crate::recipe::FloatRange;

use super::dialect::{Dialect, bare, field_end, squeezed};
use super::{Columns, Pixels, Reading};

/// Characters of a field that messages show.
const SHOWN: usize = 40;

/// The text in about so many pieces, each of which ends with a line.
pub(super) fn cut(mut text: &[u8], pieces: usize) -> Vec<&[u8]> {
    let size = text.len().div_ceil(pieces.max(1)).max(1 << 16);
    let mut cuts = Vec::with_capacity(pieces);
    while text.len() > size {
        let end = text[size..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| size + at + 1);
        let (piece, rest) = text.split_at(end);
        cuts.push(piece);
        text = rest;
    }
    if !text.is_empty() {
        cuts.push(text);
    }
    cuts
}

/// What is wrong with a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Ragged {
        expected: usize,
        found: usize,
    },
    /// A pixel that is no byte.
    Value {
        column: usize,
        found: String,
    },
    /// A pixel that has a fraction.
    Fraction {
        column: usize,
        found: String,
    },
    /// A pixel that is yes or no.
    Flag {
        column: usize,
        found: String,
    },
    /// A label that is a number and no class.
    Label {
        column: usize,
        found: String,
    },
    /// A label that is no number.
    Text {
        column: usize,
        found: String,
    },
    /// A weight or truth that is none.
    Other {
        column: usize,
        expected: &'static str,
        found: String,
    },
}

/// Some lines, parsed until the first problem.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) labels: Vec<u8>,
    pub(super) pixels: Vec<u8>,
    /// Labels as texts, where they are.
    pub(super) texts: Vec<String>,
    /// Ids.
    pub(super) ids: Vec<String>,
    /// Weights, as f32, little-endian.
    pub(super) weights: Vec<u8>,
    /// Truth.
    pub(super) truth: Vec<i64>,
    /// What the pixels span, where that is asked.
    pub(super) extent: Extent,
    pub(super) rows: u64,
    /// Lines before the problem.
    pub(super) lines: u64,
    pub(super) problem: Option<Problem>,
}

/// The lines of a piece while they are parsed.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    separator: u8,
    dialect: Dialect,
    /// Fields in a row.
    total: usize,
    /// The next field's number, from 0.
    column: usize,
}

/// A row that has too many or too few fields, or what else is wrong with it.
type Wrong = Option<Problem>;

impl Lines<'_> {
    /// What stands behind the field.
    fn separator(&self) -> u8 {
        if self.column + 1 == self.total { b'\n' } else { self.separator }
    }

    /// The next field without quotes and blanks.
    fn field(&self) -> (Cow<'_, str>, usize) {
        let end = self.at + field_end(&self.text[self.at..], self.separator);
        (bare(&self.text[self.at..end]), end)
    }

    /// Passes over a field that ends there.
    fn pass(&mut self, end: usize) -> Result<(), Wrong> {
        if self.text.get(end) != Some(&self.separator()) {
            return Err(None);
        }
        self.at = end + 1;
        self.column += 1;
        Ok(())
    }

    /// Passes over `n` fields.
    fn skip(&mut self, n: usize) -> Result<(), Wrong> {
        for _ in 0..n {
            let end = self.at + field_end(&self.text[self.at..], self.separator);
            self.pass(end)?;
        }
        Ok(())
    }

    /// Takes `n` fields as texts.
    fn texts(&mut self, n: usize, out: &mut Vec<String>) -> Result<(), Wrong> {
        for _ in 0..n {
            let (field, end) = self.field();
            let field = field.into_owned();
            self.pass(end)?;
            out.push(field);
        }
        Ok(())
    }

    /// Takes `n` fields as values of a type.
    fn parsed<T: std::str::FromStr>(
        &mut self,
        n: usize,
        mut take: impl FnMut(T),
        expected: &'static str,
    ) -> Result<(), Wrong> {
        for _ in 0..n {
            let (field, end) = self.field();
            let Ok(value) = field.parse() else {
                let (column, found) = (self.column + 1, Self::shown(&field));
                return Err(Some(Problem::Other { column, expected, found }));
            };
            take(value);
            self.pass(end)?;
        }
        Ok(())
    }

    /// What a message shows of a field. A line that ends early has an empty field at its end; its length is what is wrong.
    fn shown(field: &str) -> String {
        field.chars().take(SHOWN).collect()
    }

    /// Takes labels that are class ids.
    fn labels(&mut self, out: &mut [u8]) -> Result<(), Wrong> {
        let several = out.len() > 1;
        for place in out {
            let (field, end) = self.field();
            let (column, found) = (self.column + 1, || Self::shown(&field));
            let value = match self.dialect.number(&field) {
                Some(number) if number.fract() == 0.0 && (0.0..=255.0).contains(&number) => number as u8,
                Some(number) if number.is_finite() => {
                    return Err(Some(Problem::Label { column, found: found() }));
                }
                // A column for each class; where there is one, these are names of two.
                None if several && flag(&field).is_some() => u8::from(flag(&field) == Some(true)),
                _ if field.is_empty() => return Err(Some(Problem::Label { column, found: found() })),
                _ => return Err(Some(Problem::Text { column, found: found() })),
            };
            self.pass(end)?;
            *place = value;
        }
        Ok(())
    }

    /// Takes pixels that are whole numbers, as many as `out` has room for, which is filled with zeros.
    #[inline]
    fn bytes(&mut self, out: &mut [u8]) -> Result<(), Wrong> {
        let s = self.separator;
        let zeros = [b'0', s, b'0', s, b'0', s, b'0', s];
        let n = out.len();
        let text = self.text;
        // The number before the end of the line is the last one that a separator follows.
        let inner = n - usize::from(self.column + n == self.total);
        let first = self.column;
        let mut place = self.at;
        let mut i = 0;
        while i < n {
            if i + 4 <= inner && text.get(place..place + 8) == Some(&zeros[..]) {
                i += 4;
                place += 8;
                continue;
            }
            let separator = if i < inner { s } else { b'\n' };
            if let Some(&[a, b, c, d]) = text.get(place..).and_then(|rest| rest.first_chunk::<4>()) {
                // Digits become 0 to 9; a byte above that sets its high bit in `other`.
                let digits = u32::from_le_bytes([a, b, c, d]) ^ 0x3030_3030;
                let other = (((digits & 0x7f7f_7f7f) + 0x7676_7676) | digits) & 0x8080_8080;
                let length = other.trailing_zeros() / 8;
                if (1..4).contains(&length) {
                    // The last digit goes to the highest byte.
                    let digits = digits << (8 * (4 - length));
                    let value = (digits >> 24) + 10 * (digits >> 16 & 0xff) + 100 * (digits >> 8 & 0xff);
                    let length = length as usize;
                    if value <= 255 && text[place + length] == separator {
                        out[i] = value as u8;
                        i += 1;
                        place += length + 1;
                        continue;
                    }
                }
            }
            (self.at, self.column) = (place, first + i);
            let (field, end) = self.field();
            let (column, found) = (self.column + 1, || Self::shown(&field));
            let value = match self.dialect.number(&field) {
                Some(number) if number.fract() == 0.0 && (0.0..=255.0).contains(&number) => number as u8,
                Some(number) if number.is_finite() && number.fract() != 0.0 => {
                    return Err(Some(Problem::Fraction { column, found: found() }));
                }
                None if flag(&field).is_some() => {
                    return Err(Some(Problem::Flag { column, found: found() }));
                }
                _ => return Err(Some(Problem::Value { column, found: found() })),
            };
            self.pass(end)?;
            out[i] = value;
            i += 1;
            place = self.at;
        }
        (self.at, self.column) = (place, first + n);
        Ok(())
    }

    /// Hands on `n` pixels as numbers.
    fn numbers(&mut self, n: usize, mut take: impl FnMut(usize, f64) -> bool) -> Result<(), Wrong> {
        for i in 0..n {
            let (field, end) = self.field();
            let number = self.dialect.number(&field).or_else(|| flag(&field).map(f64::from));
            if !number.is_some_and(|number| take(i, number)) {
                return Err(Some(Problem::Value { column: self.column + 1, found: Self::shown(&field) }));
            }
            self.pass(end)?;
        }
        Ok(())
    }
}

/// What a text that is yes or no says, as pandas and R write it.
fn flag(field: &str) -> Option<bool> {
    match field {
        "True" | "TRUE" | "true" => Some(true),
        "False" | "FALSE" | "false" => Some(false),
        _ => None,
    }
}

/// A value as a byte, where the end of `range` becomes 255; rounded half to even.
#[must_use]
pub fn scaled(value: f64, range: FloatRange) -> Option<u8> {
    let (black, white) = (range.black(), range.white());
    // What is black at 0 is not touched by taking nothing off it.
    let scaled = (value - black) * 255.0 / (white - black);
    (0.0..=255.0).contains(&scaled).then(|| rhe64(scaled) as u8)
}

impl Piece {
    /// Parses lines, the last of which is ended. A line that is the `header` again is no row.
    pub(super) fn parse(text: &[u8], dialect: Dialect, reading: &Reading, header: &[u8]) -> Self {
        let squeezed_header = (dialect.separator == b' ').then(|| squeezed(header));
        let header = squeezed_header.as_deref().unwrap_or(header);
        let squeezed = (dialect.separator == b' ').then(|| squeezed(text));
        let (text, separator) =
            squeezed.as_deref().map_or((text, dialect.separator), |squeezed| (squeezed, b'\t'));
        let count = |wanted: fn(&Columns) -> usize| reading.columns.iter().map(wanted).sum::<usize>();
        let total = count(Columns::len);
        let labels = count(|columns| if let Columns::Labels(n) = columns { *n } else { 0 });
        let pixels = count(|columns| if let Columns::Pixels(n) = columns { *n } else { 0 });
        let (labels, pixels) = (
            if reading.texts { 0 } else { labels },
            if reading.pixels == Pixels::Measured { 0 } else { pixels },
        );
        let mut piece = Self {
            labels: Vec::new(),
            // Two bytes a value are the least; most lines are longer.
            pixels: Vec::with_capacity(text.len() / (2 * total.max(1)) * pixels),
            texts: Vec::new(),
            ids: Vec::new(),
            weights: Vec::new(),
            truth: Vec::new(),
            extent: Extent::NONE,
            rows: 0,
            lines: 0,
            problem: None,
        };
        let mut lines = Lines { text, at: 0, separator, dialect, total, column: 0 };
        let mut unordered = vec![0; if reading.order.is_some() { pixels } else { 0 }];
        while lines.at < text.len() {
            if matches!(text[lines.at..], [b'\n', ..] | [b'\r', b'\n', ..]) {
                lines.at += if text[lines.at] == b'\n' { 1 } else { 2 };
                piece.lines += 1;
                continue;
            }
            let start = lines.at;
            lines.column = 0;
            let (label_start, pixel_start) = (piece.labels.len(), piece.pixels.len());
            piece.labels.resize(label_start + labels, 0);
            piece.pixels.resize(pixel_start + pixels, 0);
            let (texts, ids, extent) = (piece.texts.len(), piece.ids.len(), piece.extent);
            let (weights, truth) = (piece.weights.len(), piece.truth.len());
            if let Err(problem) = piece.row(&mut lines, reading, label_start, pixel_start) {
                if !header.is_empty() && text[start..].starts_with(header) {
                    piece.labels.truncate(label_start);
                    piece.pixels.truncate(pixel_start);
                    piece.texts.truncate(texts);
                    piece.ids.truncate(ids);
                    piece.weights.truncate(weights);
                    piece.truth.truncate(truth);
                    piece.extent = extent;
                    piece.lines += 1;
                    lines.at = start + header.len();
                    continue;
                }
                let found = || {
                    let line = text[start..].split(|&byte| byte == b'\n').next().unwrap_or_default();
                    Dialect { separator }.fields(line).count()
                };
                // A row of another length is that, whatever is missed at its end.
                piece.problem = Some(match problem {
                    Some(problem) if !problem.is_empty() || found() == total => problem,
                    _ => Problem::Ragged { expected: total, found: found() },
                });
                return piece;
            }
            if let Some(order) = &reading.order
                && let Some(row) = piece.pixels.get_mut(pixel_start..)
                && row.len() == order.len()
            {
                unordered.copy_from_slice(row);
                order.iter().zip(&unordered).for_each(|(&place, &value)| row[place as usize] = value);
            }
            piece.rows += 1;
            piece.lines += 1;
        }
        piece
    }

    /// Parses a line into the rows of labels and pixels that begin there.
    fn row(
        &mut self,
        lines: &mut Lines<'_>,
        reading: &Reading,
        label_start: usize,
        pixel_start: usize,
    ) -> Result<(), Wrong> {
        let (mut own_labels, mut own_pixels) =
            (&mut self.labels[label_start..], &mut self.pixels[pixel_start..]);
        for run in &reading.columns {
            match *run {
                Columns::Skip(n) => lines.skip(n)?,
                Columns::Ids(n) => lines.texts(n, &mut self.ids)?,
                Columns::Weights(n) => {
                    let take = |weight: f32| self.weights.extend(weight.to_le_bytes());
                    lines.parsed(n, take, "the weight of a class")?;
                }
                Columns::Truth(n) => {
                    let take = |value: i64| self.truth.push(value);
                    lines.parsed(n, take, "a whole number")?;
                }
                Columns::Labels(n) if reading.texts => lines.texts(n, &mut self.texts)?,
                Columns::Labels(n) => lines.labels(own_labels.split_off_mut(..n).unwrap_or_default())?,
                Columns::Pixels(n) => match reading.pixels {
                    Pixels::Bytes => lines.bytes(own_pixels.split_off_mut(..n).unwrap_or_default())?,
                    Pixels::Measured => lines.numbers(n, |_, value| {
                        self.extent = self.extent.and(value);
                        true
                    })?,
                    Pixels::Scaled(range) => {
                        let own = own_pixels.split_off_mut(..n).unwrap_or_default();
                        lines.numbers(n, |i, value| {
                            scaled(value, range).map(|byte| own[i] = byte).is_some()
                        })?;
                    }
                },
            }
        }
        Ok(())
    }
}

impl Problem {
    /// Whether an empty field is what is wrong.
    fn is_empty(&self) -> bool {
        match self {
            Self::Ragged { .. } => true,
            Self::Value { found, .. }
            | Self::Fraction { found, .. }
            | Self::Flag { found, .. }
            | Self::Label { found, .. }
            | Self::Text { found, .. }
            | Self::Other { found, .. } => found.is_empty(),
        }
    }
}

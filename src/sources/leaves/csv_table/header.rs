//! What the first line of a table is: a row, names of columns, or names that were made of a row.

use std::collections::BTreeSet;

use crate::formats::codec::table::Dialect;

use super::roles::{is_file, is_id, is_label, is_unnamed};

/// Fewer columns that count up from 1 may be a row.
const COUNTED: usize = 64;

/// What the first line of a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    /// A row.
    Row,
    /// Names of columns.
    Header,
    /// Names of columns that were made of a row.
    Swallowed,
}

impl First {
    /// What a line with these fields is.
    pub(super) fn of(fields: &[String], dialect: Dialect) -> Self {
        let is_word = |field: &String| field.contains(char::is_alphabetic) && dialect.number(field).is_none();
        if made_of_a_row(fields) {
            return Self::Swallowed;
        }
        let counts = |fields: &[String]| {
            let places: BTreeSet<usize> = fields
                .iter()
                .filter_map(|field| field.parse().ok().filter(|n: &usize| field == &n.to_string()))
                .collect();
            let first = places.first().copied().unwrap_or(usize::MAX);
            let in_order = || fields.iter().enumerate().all(|(i, field)| *field == (first + i).to_string());
            places.len() == fields.len()
                && places.last().is_some_and(|last| last - first + 1 == fields.len())
                && (first == 0 && (fields.len() >= COUNTED || in_order())
                    || first == 1 && fields.len() >= COUNTED)
        };
        let words = fields.iter().filter(|field| is_word(field)).count();
        let rest = match fields {
            [first, rest @ ..] if is_word(first) || is_unnamed(first) => rest,
            [rest @ .., last] if is_word(last) => rest,
            all => all,
        };
        if counts(rest) || words > 1 {
            return Self::Header;
        }
        // A single word at one end of a row of numbers is the name of its class, unless it names the column.
        let label = rest.len() + 1 == fields.len() && rest.len() > 1;
        let known = fields.iter().any(|field| is_label(field) || is_id(field) || is_file(field));
        if words == 1 && (known || !label) { Self::Header } else { Self::Row }
    }
}

/// Whether these names of columns were made of a row: what stands in it twice got a number behind it, `0`, `0.1`, `0.2`, or, in other
/// programs, `0_duplicated_0`, or `X0`, `X0.1`; floats become `0.00e+00.1`. An index without a name may stand before them, and a text at either
/// end, which is the name of a class.
fn made_of_a_row(fields: &[String]) -> bool {
    let fields = match fields {
        [first, rest @ ..] if is_unnamed(first) => rest,
        all => all,
    };
    let is_text = |name: &str| name.contains(char::is_alphabetic) && bare(name).parse::<f64>().is_err();
    let names = match fields {
        [first, rest @ ..] if is_label(first) || is_id(first) || (is_text(first) && !is_copy(first)) => rest,
        [rest @ .., last] if is_label(last) || (is_text(last) && !is_copy(last)) => rest,
        all => all,
    };
    let stripped: Vec<&str> = names.iter().map(|name| bare(name)).collect();
    let seen: BTreeSet<&str> = stripped.iter().copied().collect();
    if seen.len() < stripped.len() || names.len() < 4 {
        return false;
    }
    doubled(&stripped, &seen, |value| value.parse::<u32>().is_ok(), false)
        // A number with another point behind it is none.
        || doubled(&stripped, &seen, |value| value.parse::<f64>().is_ok(), true)
}

/// A name without the letter that R puts before numbers.
fn bare(name: &str) -> &str {
    name.strip_prefix('X').filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// A name as what stands before the number of its copy, and that number.
fn copy(name: &str) -> Option<(&str, u32)> {
    let (value, copy) = name.split_once("_duplicated_").or_else(|| name.rsplit_once('.'))?;
    Some((value, copy.parse().ok()?))
}

/// Whether a name is that of the copy of a number.
fn is_copy(name: &str) -> bool {
    copy(bare(name)).is_some_and(|(value, _)| value.parse::<f64>().is_ok())
}

/// Whether names are numbers, of which more than one is the copy of another. Where only what is no number may be a copy, they are `floats`.
fn doubled(names: &[&str], seen: &BTreeSet<&str>, is_number: impl Fn(&str) -> bool, floats: bool) -> bool {
    let mut doubled = 0;
    for name in names {
        if is_number(name) {
            continue;
        }
        let Some((value, copy)) = copy(name) else { return false };
        let before = match copy {
            0 | 1 => value.to_owned(),
            _ => format!("{value}.{}", copy - 1),
        };
        if !is_number(value) || (floats && name.parse::<f64>().is_ok()) {
            return false;
        }
        if !seen.contains(before.as_str()) && !name.contains('_') {
            return false;
        }
        doubled += 1;
    }
    doubled > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn headers_that_were_rows_are_known() {
        let of = |text: &str| First::of(&line(text), Dialect::default());
        for text in [
            "label,0,0.1,0.2,0.3,118,0.4",
            "5,0,0.1,0.2,118,118.1",
            "5,0,0_duplicated_0,0_duplicated_1",
            "X5,X0,X0.1,X0.2",
            ",7,0,0.1,0.2,0.3",
            "A,0,0.1,0.2,118,0.3",
            "0,0.1,0.2,0.3,A",
            "7.000e+00,0.000e+00,0.000e+00.1,0.000e+00.2,4.6e-01",
            "0.0,0.0.1,0.0.2,3.0,0.5",
        ] {
            assert_eq!(of(text), First::Swallowed, "{text}");
        }
        for text in ["5,0,0.1,0.7", "0.5,0,0.1,0.2,0.4", "1,0.1,0.2,0.3,0.1", "1,2,3,4"] {
            assert_eq!(of(text), First::Row, "{text}");
        }
        assert_eq!(of("label,pixel0,pixel0.1,pixel1"), First::Header);
    }
}

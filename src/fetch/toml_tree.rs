//! TOML as a tree of values with places, so that what is wrong with a catalogue is told as it is of all files that people write.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::text::{At, Complaint, Key, Tree, Value};

/// Reads TOML.
///
/// # Errors
/// What is no TOML, and where.
pub(super) fn parse(text: &str) -> Result<Tree, Complaint> {
    let places = Places::of(text);
    let table = DeTable::parse(text).map_err(|error| {
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        Complaint::new(error.span().map(|span| places.at(span)), message)
    })?;
    let at = places.at(table.span());
    Ok(Tree { at, value: Value::Map(places.entries(table.get_ref())?) })
}

/// A text, and where its lines begin.
struct Places<'a> {
    text: &'a str,
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1)).collect();
        Self { text, lines }
    }

    /// The place of these bytes.
    fn at(&self, span: Range<usize>) -> At {
        let line = self.lines.partition_point(|start| *start <= span.start).max(1);
        let characters = |range: Range<usize>| self.text.get(range).map_or(0, |part| part.chars().count());
        let column = characters(self.lines[line - 1]..span.start) + 1;
        At { line, column, len: characters(span).max(1), cell: None }
    }

    fn entries(&self, table: &DeTable<'_>) -> Result<Vec<(Key, Tree)>, Complaint> {
        let mut entries = Vec::with_capacity(table.len());
        for (key, value) in table {
            let key = Key { at: self.at(key.span()), text: key.get_ref().to_string() };
            entries.push((key, self.tree(value)?));
        }
        Ok(entries)
    }

    fn tree(&self, value: &Spanned<DeValue<'_>>) -> Result<Tree, Complaint> {
        let at = self.at(value.span());
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map(Value::Int)
                .map_err(|_| Complaint::new(at, "a number beyond all bounds"))?,
            DeValue::Float(number) => number
                .as_str()
                .parse()
                .map(Value::Float)
                .map_err(|_| Complaint::new(at, "a number that is none"))?,
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::Array(items) => {
                Value::List(items.iter().map(|item| self.tree(item)).collect::<Result<_, _>>()?)
            }
            DeValue::Table(table) => Value::Map(self.entries(table)?),
            DeValue::Datetime(_) => return Err(Complaint::new(at, "a date, which nothing here is")),
        };
        Ok(Tree { at, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_places() {
        let tree = parse("version = 1\n[[dataset]]\nname = \"ä\"\nshape = [2, 0x1f]\n").unwrap();
        assert_eq!(tree.find("version"), At { line: 1, column: 11, len: 1, cell: None });
        let Value::Map(top) = &tree.value else { panic!("{tree:?}") };
        let (key, sets) = &top.iter().find(|(key, _)| key.text == "dataset").unwrap();
        assert_eq!((key.at.line, key.at.column), (2, 3));
        let Value::List(sets) = &sets.value else { panic!("{sets:?}") };
        assert_eq!(sets[0].find("name"), At { line: 3, column: 8, len: 3, cell: None });
        let Value::Map(set) = &sets[0].value else { panic!("{sets:?}") };
        let (_, shape) = set.iter().find(|(key, _)| key.text == "shape").unwrap();
        let Value::List(sides) = &shape.value else { panic!("{shape:?}") };
        assert!(matches!(sides[1].value, Value::Int(31)), "{sides:?}");
    }

    #[test]
    fn what_is_no_toml_is_refused_with_its_place() {
        for (text, line) in
            [("a = 1\na = 2\n", 2), ("a = [1, 2\nb = 3\n", 2), ("a = 1979-05-27", 1), ("x", 1)]
        {
            assert_eq!(parse(text).unwrap_err().at.map(|at| at.line), Some(line), "{text}");
        }
    }
}

//! Reads typed values from the tree, with the place of what does not fit.

use std::fmt;

use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};

use super::complaint::{At, Complaint};
use super::elsewhere;
use super::suggest::nearest;
use super::tree::{Key, Tree, Value};

/// A value that does not fit; the place is that of the innermost value concerned.
#[derive(Debug)]
pub struct ReadError {
    complaint: Complaint,
    /// The outermost key on the way to the value.
    key: Option<String>,
}

impl ReadError {
    fn new(complaint: Complaint) -> Self {
        Self { complaint, key: None }
    }

    fn or_at(mut self, at: At) -> Self {
        self.complaint.at.get_or_insert(at);
        self
    }

    fn under(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }

    /// The key of the outermost mapping whose value it is about.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

impl From<ReadError> for Complaint {
    fn from(error: ReadError) -> Self {
        error.complaint
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.complaint.message)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Complaint::new(None, message.to_string()))
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let expected = expected.to_string();
        let expected = match expected.as_str() {
            "f32" | "f64" => "a number",
            "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
            "a boolean" => "true or false",
            other => &listed(other),
        };
        let found = match found {
            de::Unexpected::Str(text) => {
                format!("the text {:?}", text.chars().take(40).collect::<String>())
            }
            de::Unexpected::Unit | de::Unexpected::Option => "nothing".to_owned(),
            de::Unexpected::Seq => "a list".to_owned(),
            de::Unexpected::Map => "a mapping".to_owned(),
            de::Unexpected::Bool(value) => value.to_string(),
            de::Unexpected::Unsigned(value) => value.to_string(),
            de::Unexpected::Signed(value) => value.to_string(),
            de::Unexpected::Float(value) => value.to_string(),
            other => other.to_string(),
        };
        Self::new(Complaint::new(None, format!("expected {expected}, not {found}")))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(unknown("key", field, expected))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let bounds = match expected.to_string().as_str() {
            "u8" => u64::from(u8::MAX),
            "u16" => u64::from(u16::MAX),
            "u32" => u64::from(u32::MAX),
            "u64" | "usize" => u64::MAX,
            _ => return Self::invalid_type(found, expected),
        };
        let most = if bounds == u64::MAX { " on".to_owned() } else { format!(" to {bounds}") };
        let expected = format!("a whole number from 0{most}");
        Self::invalid_type(found, &expected.as_str())
    }

    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        let expected = listed(&expected.to_string());
        Self::new(Complaint::new(None, format!("expected {expected}, not of {length}")))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(unknown("value", variant, expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Complaint::new(None, format!("the key {field:?} is missing")))
    }
}

/// What serde expects where that is a list, in words of the field.
fn listed(expected: &str) -> String {
    let starts = ["an array of length ", "a tuple of size "];
    match starts.iter().find_map(|start| expected.strip_prefix(start)) {
        Some(count) => format!("a list of {count} values"),
        None => expected.to_owned(),
    }
}

/// The complaint about an unknown key or name, with the nearest known one.
#[must_use]
pub fn unknown(what: &str, name: &str, known: &[&str]) -> Complaint {
    let near = match elsewhere::ours(name, known).or_else(|| nearest(name, known.iter().copied())) {
        Some(near) => format!("; did you mean {near:?}?"),
        None => String::new(),
    };
    let name: String = name.chars().take(60).collect();
    let complaint = Complaint::new(None, format!("unknown {what} {name:?}{near}"));
    if known.is_empty() {
        complaint.help("No keys are known here; write {}")
    } else {
        complaint.help(format!("Known here: {}", known.join(", ")))
    }
}

impl<'de> de::Deserializer<'de> for &'de Tree {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Int(value) => match u64::try_from(*value) {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => visitor.visit_i64(*value),
            },
            Value::Float(value) => visitor.visit_f64(*value),
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::List(items) => visitor.visit_seq(Items(items.iter())),
            Value::Map(entries) => visitor.visit_map(Entries { entries: entries.iter(), value: None }),
        }
        .map_err(|error| error.or_at(self.at))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        match &self.value {
            Value::Text(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            _ => Err(de::Error::custom(format_args!("expected a name, not {}", self.kind()))),
        }
        .map_err(|error: ReadError| error.or_at(self.at))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Items<'de>(std::slice::Iter<'de, Tree>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = ReadError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ReadError> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }
}

struct Entries<'de> {
    entries: std::slice::Iter<'de, (Key, Tree)>,
    value: Option<(&'de Key, &'de Tree)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((key, value));
        let name: de::value::BorrowedStrDeserializer<'de, ReadError> =
            de::value::BorrowedStrDeserializer::new(&key.text);
        seed.deserialize(name).map(Some).map_err(|error| error.or_at(key.at))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        match self.value.take() {
            Some((key, value)) => {
                seed.deserialize(value).map_err(|error| error.or_at(value.at).under(&key.text))
            }
            None => Err(de::Error::custom("a key without a value")),
        }
    }
}

/// The keys of a mapping that is read as a `T`: the names of its fields, and their other names. None if it is no structure.
#[must_use]
pub fn keys_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    struct Ask<'a>(&'a mut &'static [&'static str]);

    impl<'de> de::Deserializer<'de> for Ask<'_> {
        type Error = ReadError;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ReadError> {
            Err(de::Error::custom("only asked"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, ReadError> {
            *self.0 = fields;
            Err(de::Error::custom("only asked"))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
            unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut keys: &[&str] = &[];
    // It always fails: there is nothing to read.
    let _ = T::deserialize(Ask(&mut keys));
    keys
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Options {
        #[serde(alias = "sides")]
        side: Option<Side>,
        seed: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Side {
        LeftHand,
    }

    #[test]
    fn keys_are_the_fields() {
        assert_eq!(keys_of::<Options>(), ["side", "sides", "seed"]);
        assert!(keys_of::<u8>().is_empty());
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_key_and_place() {
        let read = |text: &str| Options::deserialize(&parse(text, "recipe").unwrap());
        assert_eq!(read("seed: 7").unwrap().seed, 7);
        assert!(matches!(read("sides: left_hand").unwrap().side, Some(Side::LeftHand)));
        for (text, key, column, says) in [
            ("seed: x", "seed", 7, "expected a whole number, not the text \"x\""),
            ("seed: -1", "seed", 7, "expected a whole number from 0 to 4294967295, not -1"),
            ("side: left_had", "side", 7, "unknown value \"left_had\"; did you mean \"left_hand\"?"),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!((error.key(), error.to_string().as_str()), (Some(key), says), "{text}");
            assert_eq!(Complaint::from(error).at.map(|at| at.column), Some(column), "{text}");
        }
    }

    #[test]
    fn lists_are_counted_in_words() {
        for (text, says) in
            [("[1, 2]", "expected a list of 3 values, not of 2"), ("4", "expected a list of 3 values, not 4")]
        {
            let error = <[u8; 3]>::deserialize(&parse(text, "recipe").unwrap()).unwrap_err();
            assert_eq!(error.to_string(), says, "{text}");
        }
    }
}

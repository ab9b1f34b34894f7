//! Reads typed values from the tree, with the place of what does not fit.

use std::fmt;

use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::complaint::{At, Complaint};
use super::suggest::nearest;
use super::tree::{Key, Tree, Value};

/// A value that does not fit; the place is that of the innermost value concerned.
#[derive(Debug)]
pub struct ReadError(Complaint);

impl ReadError {
    fn or_at(mut self, at: At) -> Self {
        self.0.at.get_or_insert(at);
        self
    }
}

impl From<ReadError> for Complaint {
    fn from(error: ReadError) -> Self {
        error.0
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Complaint::new(None, message.to_string()))
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let expected = expected.to_string();
        let expected = match expected.as_str() {
            "f32" | "f64" => "a number",
            "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
            "a boolean" => "true or false",
            other => other,
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
        Self(Complaint::new(None, format!("expected {expected}, not {found}")))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self(unknown("key", field, expected))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(Complaint::new(None, format!("the key {field:?} is missing")))
    }
}

/// The complaint about an unknown key or name, with the nearest known one.
pub fn unknown(what: &str, name: &str, known: &[&str]) -> Complaint {
    let near = match nearest(name, known.iter().copied()) {
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
    value: Option<&'de Tree>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        let name: de::value::BorrowedStrDeserializer<'de, ReadError> =
            de::value::BorrowedStrDeserializer::new(&key.text);
        seed.deserialize(name).map(Some).map_err(|error| error.or_at(key.at))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        match self.value.take() {
            Some(value) => seed.deserialize(value),
            None => Err(de::Error::custom("a key without a value")),
        }
    }
}

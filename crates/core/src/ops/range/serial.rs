//! How parameters are read from and written to pipeline files, and their JSON schemas.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::law::{self, Law};
use super::named::{by_name, named_schema, read_named};
use super::{Choice, Int, Named, Param, PerAxis, PerChannel, Probability};

/// A value or a list of values as written, before it is known what the forms mean.
enum Form<T> {
    One(T),
    List(Vec<T>),
    Choice(Vec<T>),
    Law(Law),
    Axes { x: Option<Param>, y: Option<Param> },
}

/// What a [`Form`] is made of.
trait Atom: for<'de> Deserialize<'de> {
    /// What is expected, in an error message.
    const EXPECTED: &'static str;

    /// From a number.
    fn number<E: de::Error>(value: Number) -> Result<Self, E>;

    /// From a text.
    fn text<E: de::Error>(text: &str) -> Result<Self, E> {
        Err(E::invalid_type(de::Unexpected::Str(text), &Self::EXPECTED))
    }

    /// Whether `{x: ..., y: ...}` is a form too.
    const AXES: bool = false;

    /// The value as a number, if it is one; then distributions are a form too.
    fn as_number(&self) -> Option<f64> {
        None
    }

    /// Whether distributions are a form too.
    const LAWS: bool = false;
}

#[derive(Clone, Copy)]
enum Number {
    Int(i64),
    Float(f64),
}

struct FormVisitor<T>(PhantomData<T>);

impl<'de, T: Atom> Visitor<'de> for FormVisitor<T> {
    type Value = Form<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Form<T>, E> {
        T::number(Number::Int(value)).map(Form::One)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Form<T>, E> {
        let number = i64::try_from(value).map_or(Number::Float(value as f64), Number::Int);
        T::number(number).map(Form::One)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Form<T>, E> {
        T::number(Number::Float(value)).map(Form::One)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Form<T>, E> {
        T::text(text).map(Form::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Form<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Form::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Form<T>, A::Error> {
        let mut choice: Option<Vec<T>> = None;
        let (mut x, mut y) = (None, None);
        let mut law = Law::default();
        let axes: &[&str] = if T::AXES { &["x", "y"] } else { &[] };
        let laws: &[&str] = if T::LAWS { &law::KEYS } else { &[] };
        let keys = KeyOf(&[&["choice"], axes, laws]);
        while let Some(key) = map.next_key_seed(keys)? {
            match key {
                "choice" => choice = Some(map.next_value()?),
                "x" => x = Some(map.next_value()?),
                "y" => y = Some(map.next_value()?),
                "normal" => law.normal = Some(map.next_value()?),
                "laplace" => law.laplace = Some(map.next_value()?),
                "poisson" => law.poisson = Some(map.next_value()?),
                "uniform" => law.uniform = Some(map.next_value()?),
                "weights" => law.weights = Some(map.next_value()?),
                "truncate" => law.truncate = Some(map.next_value()?),
                "sign" => law.sign = Some(map.next_value()?),
                "clip" => law.clip = Some(map.next_value()?),
                // The last of the keys.
                _ => law.round = map.next_value()?,
            }
        }
        if law != Law::default() {
            if x.is_some() || y.is_some() {
                return Err(de::Error::custom(
                    "a distribution is either of one axis or of both; write {x: {normal: [0, 1]}}",
                ));
            }
            law.choice = choice.map(|values| values.iter().filter_map(Atom::as_number).collect());
            return Ok(Form::Law(law));
        }
        match choice {
            Some(_) if x.is_some() || y.is_some() => Err(de::Error::custom(
                "a choice is either of one axis or of both; write {x: {choice: [...]}}",
            )),
            Some(values) => Ok(Form::Choice(values)),
            None if x.is_some() || y.is_some() => Ok(Form::Axes { x, y }),
            None => Err(de::Error::invalid_type(de::Unexpected::Map, &T::EXPECTED)),
        }
    }
}

/// A key that must be one of a few.
#[derive(Clone, Copy)]
struct KeyOf<'a>(&'a [&'a [&'static str]]);

impl<'de> de::DeserializeSeed<'de> for KeyOf<'_> {
    type Value = &'static str;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<&'static str, D::Error> {
        let key = Cow::<str>::deserialize(from)?;
        match self.0.iter().copied().flatten().find(|known| **known == key) {
            Some(known) => Ok(known),
            // The least form is the one to be told.
            None if self.0.iter().any(|keys| keys.contains(&"x")) => {
                Err(de::Error::unknown_field(&key, &["x", "y", "choice"]))
            }
            None => Err(de::Error::unknown_field(&key, &["choice"])),
        }
    }
}

/// A pair, where a list is read as a range.
fn pair<T: Copy, E: de::Error>(list: &[T]) -> Result<(T, T), E> {
    match list {
        [lo, hi] => Ok((*lo, *hi)),
        _ => Err(E::custom(format_args!(
            "a list of {} values, expected a range [lo, hi]; for a choice write {{choice: [...]}}",
            list.len()
        ))),
    }
}

impl Atom for f64 {
    const EXPECTED: &'static str = "a number, a range [lo, hi] or {choice: [...]}";

    fn number<E: de::Error>(value: Number) -> Result<Self, E> {
        Ok(match value {
            Number::Int(value) => value as f64,
            Number::Float(value) => value,
        })
    }

    fn as_number(&self) -> Option<f64> {
        Some(*self)
    }

    const LAWS: bool = true;
}

impl Atom for i64 {
    const EXPECTED: &'static str = "an integer, a range [lo, hi] or {choice: [...]}";

    fn number<E: de::Error>(value: Number) -> Result<Self, E> {
        match value {
            Number::Int(value) => Ok(value),
            Number::Float(value) => Err(E::invalid_type(de::Unexpected::Float(value), &"an integer")),
        }
    }

    fn as_number(&self) -> Option<f64> {
        Some(*self as f64)
    }

    const LAWS: bool = true;
}

/// A number of a [`PerAxis`].
#[derive(Deserialize)]
#[serde(transparent)]
struct AxisNumber(f64);

impl Atom for AxisNumber {
    const EXPECTED: &'static str = "a number, a range [lo, hi], {choice: [...]} or {x: ..., y: ...}";
    const AXES: bool = true;

    fn number<E: de::Error>(value: Number) -> Result<Self, E> {
        f64::number(value).map(Self)
    }

    fn as_number(&self) -> Option<f64> {
        Some(self.0)
    }

    const LAWS: bool = true;
}

/// A name, or `all`.
enum NameOrAll<T> {
    Name(T),
    All,
}

impl<'de, T: Named> Deserialize<'de> for NameOrAll<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_named(from).map(Self::Name)
    }
}

impl<T: Named> Atom for NameOrAll<T> {
    const EXPECTED: &'static str = "a name, a list of names or all";

    fn number<E: de::Error>(value: Number) -> Result<Self, E> {
        match value {
            Number::Int(value) => by_name(&value.to_string()).map(Self::Name),
            Number::Float(value) => by_name(&value.to_string()).map(Self::Name),
        }
    }

    fn text<E: de::Error>(text: &str) -> Result<Self, E> {
        if text == "all" { Ok(Self::All) } else { by_name(text).map(Self::Name) }
    }
}

impl<'de> Deserialize<'de> for Param {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.deserialize_any(FormVisitor::<f64>(PhantomData))? {
            Form::One(value) => Ok(Self::Constant(value)),
            Form::List(list) => pair(&list).map(|(lo, hi)| Self::Range(lo, hi)),
            Form::Choice(values) => Ok(Self::Choice(values)),
            Form::Law(law) => Ok(Self::Law(Box::new(law))),
            Form::Axes { .. } => Err(de::Error::custom(f64::EXPECTED)),
        }
    }
}

impl<'de> Deserialize<'de> for Int {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.deserialize_any(FormVisitor::<i64>(PhantomData))? {
            Form::One(value) => Ok(Self::Constant(value)),
            Form::List(list) => pair(&list).map(|(lo, hi)| Self::Range(lo, hi)),
            Form::Choice(values) => Ok(Self::Choice(values)),
            Form::Law(law) => Ok(Self::Law(Box::new(law))),
            Form::Axes { .. } => Err(de::Error::custom(i64::EXPECTED)),
        }
    }
}

impl<'de> Deserialize<'de> for PerAxis {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match from.deserialize_any(FormVisitor::<AxisNumber>(PhantomData))? {
            Form::One(value) => Ok(Self::Both(Param::Constant(value.0))),
            Form::List(list) => {
                let list: Vec<f64> = list.into_iter().map(|number| number.0).collect();
                pair(&list).map(|(lo, hi)| Self::Both(Param::Range(lo, hi)))
            }
            Form::Choice(values) => {
                Ok(Self::Both(Param::Choice(values.into_iter().map(|number| number.0).collect())))
            }
            Form::Law(law) => Ok(Self::Both(Param::Law(Box::new(law)))),
            Form::Axes { x, y } => Ok(Self::Each { x, y }),
        }
    }
}

impl<'de, T: Named> Deserialize<'de> for Choice<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let names = |list: Vec<NameOrAll<T>>| {
            let name = |item| if let NameOrAll::Name(name) = item { Some(name) } else { None };
            Self::Of(list.into_iter().filter_map(name).collect())
        };
        match from.deserialize_any(FormVisitor::<NameOrAll<T>>(PhantomData))? {
            Form::One(NameOrAll::Name(value)) => Ok(Self::One(value)),
            Form::One(NameOrAll::All) => Ok(Self::All),
            Form::List(list) | Form::Choice(list) => Ok(names(list)),
            Form::Law(_) | Form::Axes { .. } => Err(de::Error::custom(NameOrAll::<T>::EXPECTED)),
        }
    }
}

/// Reads a number, or a truth value as 0 or 1.
fn read_probability<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    struct OfBoolOrNumber;
    impl Visitor<'_> for OfBoolOrNumber {
        type Value = f64;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a probability in 0..1, or true or false")
        }
        fn visit_bool<E>(self, value: bool) -> Result<f64, E> {
            Ok(f64::from(u8::from(value)))
        }
        fn visit_f64<E>(self, value: f64) -> Result<f64, E> {
            Ok(value)
        }
        fn visit_u64<E>(self, value: u64) -> Result<f64, E> {
            Ok(value as f64)
        }
        fn visit_i64<E>(self, value: i64) -> Result<f64, E> {
            Ok(value as f64)
        }
    }
    from.deserialize_any(OfBoolOrNumber)
}

impl<'de> Deserialize<'de> for PerChannel {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_probability(from).map(Self)
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read_probability(from).map(Self)
    }
}

/// Writes `{choice: values}`.
fn write_choice<S: Serializer>(values: &impl Serialize, to: S) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(1))?;
    map.serialize_entry("choice", values)?;
    map.end()
}

impl Serialize for Param {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Constant(value) => value.serialize(to),
            Self::Range(lo, hi) => [lo, hi].serialize(to),
            Self::Choice(values) => write_choice(values, to),
            Self::Law(law) => law.serialize(to),
        }
    }
}

impl Serialize for Int {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Constant(value) => value.serialize(to),
            Self::Range(lo, hi) => [lo, hi].serialize(to),
            Self::Choice(values) => write_choice(values, to),
            Self::Law(law) => law.serialize(to),
        }
    }
}

impl Serialize for PerAxis {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Both(param) => param.serialize(to),
            Self::Each { x, y } => {
                let mut map = to.serialize_map(None)?;
                for (axis, param) in [("x", x), ("y", y)] {
                    if let Some(param) = param {
                        map.serialize_entry(axis, param)?;
                    }
                }
                map.end()
            }
        }
    }
}

impl<T: Named + Serialize> Serialize for Choice<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(value) => value.serialize(to),
            Self::Of(values) => values.serialize(to),
            Self::All => "all".serialize(to),
        }
    }
}

impl Serialize for PerChannel {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Probability(self.0).serialize(to)
    }
}

impl Serialize for Probability {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// An inline schema under a name.
macro_rules! inline_schema {
    ($type:ty, $name:literal, $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

fn of_numbers(kind: &str, what: &str) -> Schema {
    let number = json_schema!({ "type": "number" });
    let pair = json_schema!({ "type": "array", "items": number, "minItems": 2, "maxItems": 2 });
    let list = json_schema!({ "type": "array", "items": number, "minItems": 1 });
    json_schema!({
        "description": what,
        "anyOf": [
            { "type": kind },
            { "type": "array", "items": { "type": kind }, "minItems": 2, "maxItems": 2 },
            {
                "type": "object",
                "properties": { "choice": { "type": "array", "items": { "type": kind }, "minItems": 1 } },
                "required": ["choice"],
                "additionalProperties": false
            },
            {
                "title": "normal: [mean, deviation], ...",
                "type": "object",
                "properties": {
                    "normal": pair, "laplace": pair, "poisson": number, "uniform": pair, "choice": list, "weights": list,
                    "truncate": pair, "sign": { "enum": ["positive", "negative", "random"] }, "clip": pair,
                    "round": { "type": "boolean" }
                },
                "additionalProperties": false
            }
        ]
    })
}

fn of_probability() -> Schema {
    json_schema!({ "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, { "type": "boolean" }] })
}

inline_schema!(Param, "number_or_range", of_numbers("number", <f64 as Atom>::EXPECTED));
inline_schema!(Int, "integer_or_range", of_numbers("integer", <i64 as Atom>::EXPECTED));
inline_schema!(PerChannel, "per_channel", of_probability());
inline_schema!(Probability, "probability", of_probability());

impl JsonSchema for PerAxis {
    fn schema_name() -> Cow<'static, str> {
        "per_axis".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let param = generator.subschema_for::<Param>();
        json_schema!({
            "anyOf": [
                param,
                {
                    "type": "object",
                    "properties": { "x": param, "y": param },
                    "minProperties": 1,
                    "additionalProperties": false
                }
            ]
        })
    }
}

impl<T: Named> JsonSchema for Choice<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("choice_of_{}", T::NAMES.first().map_or("nothing", |(name, _)| name)).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let name = named_schema::<T>();
        let list = json_schema!({ "type": "array", "items": name, "minItems": 1 });
        json_schema!({
            "anyOf": [
                name,
                { "const": "all" },
                list,
                { "type": "object", "properties": { "choice": list }, "required": ["choice"], "additionalProperties": false }
            ]
        })
    }
}

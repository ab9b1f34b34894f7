//! A parameter of the four sides of an image.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{F64Deserializer, I64Deserializer, U64Deserializer};
use serde::de::{self, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Int, Param};
use crate::ops::Problem;

/// The sides in the order in which they are written and drawn.
pub const SIDES: [&str; 4] = ["top", "right", "bottom", "left"];

/// A parameter of each side: one form for all of them (each side draws its own value), a list of four, or
/// `{top: ..., right: ..., bottom: ..., left: ...}`, where a side that is left out is 0.
#[derive(Clone, Debug, PartialEq)]
pub enum Sides<P> {
    /// The same distribution for each side.
    All(P),
    /// Top, right, bottom and left by themselves.
    Each([P; 4]),
}

/// [`Param`] or [`Int`], as a parameter of a side.
pub trait SideParam: for<'de> Deserialize<'de> + Serialize + JsonSchema + Clone + 'static {
    /// A single value.
    type Value: for<'de> Deserialize<'de> + Copy;

    /// The value, if there is but one.
    fn single(&self) -> Option<Self::Value>;

    /// All values between two.
    fn range(lo: Self::Value, hi: Self::Value) -> Self;

    /// One of several values.
    fn choice(values: Vec<Self::Value>) -> Self;

    /// Nothing.
    fn zero() -> Self;
}

macro_rules! side_param {
    ($type:ident, $value:ty, $zero:expr) => {
        impl SideParam for $type {
            type Value = $value;

            fn single(&self) -> Option<$value> {
                if let Self::Constant(value) = self { Some(*value) } else { None }
            }

            fn range(lo: $value, hi: $value) -> Self {
                Self::Range(lo, hi)
            }

            fn choice(values: Vec<$value>) -> Self {
                Self::Choice(values)
            }

            fn zero() -> Self {
                Self::Constant($zero)
            }
        }
    };
}

side_param!(Param, f64, 0.0);
side_param!(Int, i64, 0);

impl<P: SideParam> Sides<P> {
    /// The parameters of top, right, bottom and left.
    pub fn each(&self) -> [&P; 4] {
        match self {
            Self::All(param) => [param; 4],
            Self::Each(params) => params.each_ref(),
        }
    }

    /// Whether nothing is random.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.each().iter().all(|param| param.single().is_some())
    }

    /// Checks each side with `check`, which gets the side's field.
    ///
    /// # Errors
    /// The first that `check` finds.
    pub fn check(&self, field: &str, check: impl Fn(&P, &str) -> Result<(), Problem>) -> Result<(), Problem> {
        match self {
            Self::All(param) => check(param, field),
            Self::Each(params) => params
                .iter()
                .zip(SIDES)
                .try_for_each(|(param, side)| check(param, side).map_err(|problem| problem.inside(field))),
        }
    }
}

struct SidesVisitor<P>(PhantomData<P>);

const EXPECTED: &str = "a number, a range [lo, hi], {choice: [...]}, a list of four, or \
                        {top: ..., right: ..., bottom: ..., left: ...}";

impl<'de, P: SideParam> Visitor<'de> for SidesVisitor<P> {
    type Value = Sides<P>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Sides<P>, E> {
        let from: I64Deserializer<E> = value.into_deserializer();
        P::deserialize(from).map(Sides::All)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Sides<P>, E> {
        let from: U64Deserializer<E> = value.into_deserializer();
        P::deserialize(from).map(Sides::All)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Sides<P>, E> {
        let from: F64Deserializer<E> = value.into_deserializer();
        P::deserialize(from).map(Sides::All)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Sides<P>, A::Error> {
        let mut params: Vec<P> = Vec::new();
        while let Some(param) = seq.next_element()? {
            params.push(param);
        }
        if let [lo, hi] = &params[..]
            && let (Some(lo), Some(hi)) = (lo.single(), hi.single())
        {
            return Ok(Sides::All(P::range(lo, hi)));
        }
        let count = params.len();
        params.try_into().map(Sides::Each).map_err(|_| {
            de::Error::custom(format_args!(
                "a list of {count} values, expected a range [lo, hi] or the four sides [top, right, bottom, left]"
            ))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sides<P>, A::Error> {
        let mut sides: [Option<P>; 4] = [None, None, None, None];
        let mut choice: Option<Vec<P::Value>> = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            if let Some(side) = SIDES.iter().position(|side| *side == key) {
                sides[side] = Some(map.next_value()?);
            } else if key == "choice" {
                choice = Some(map.next_value()?);
            } else {
                return Err(de::Error::unknown_field(&key, &["top", "right", "bottom", "left", "choice"]));
            }
        }
        let any = sides.iter().any(Option::is_some);
        match choice {
            Some(_) if any => Err(de::Error::custom("a choice is either of one side or of all of them")),
            Some(values) => Ok(Sides::All(P::choice(values))),
            None if any => Ok(Sides::Each(sides.map(|side| side.unwrap_or_else(P::zero)))),
            None => Err(de::Error::invalid_type(de::Unexpected::Map, &EXPECTED)),
        }
    }
}

impl<'de, P: SideParam> Deserialize<'de> for Sides<P> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SidesVisitor(PhantomData))
    }
}

impl<P: SideParam> Serialize for Sides<P> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All(param) => param.serialize(to),
            Self::Each(params) => {
                let mut map = to.serialize_map(Some(4))?;
                for (side, param) in SIDES.iter().zip(params) {
                    map.serialize_entry(side, param)?;
                }
                map.end()
            }
        }
    }
}

impl<P: SideParam> JsonSchema for Sides<P> {
    fn schema_name() -> Cow<'static, str> {
        format!("sides_of_{}", P::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let param = generator.subschema_for::<P>();
        json_schema!({
            "anyOf": [
                param,
                { "type": "array", "items": param, "minItems": 4, "maxItems": 4 },
                {
                    "type": "object",
                    "properties": { "top": param, "right": param, "bottom": param, "left": param },
                    "minProperties": 1,
                    "additionalProperties": false
                }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Sides<Param>, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn all_forms_are_read_and_written_again() {
        let constant = Param::Constant;
        for (text, sides) in [
            ("0.5", Sides::All(constant(0.5))),
            ("[0, 0.2]", Sides::All(Param::Range(0.0, 0.2))),
            ("{\"choice\": [1, 2]}", Sides::All(Param::Choice(vec![1.0, 2.0]))),
            (
                "[1, [2, 3], 4, {\"choice\": [5]}]",
                Sides::Each([constant(1.0), Param::Range(2.0, 3.0), constant(4.0), Param::Choice(vec![5.0])]),
            ),
            (
                "{\"left\": [0, 1], \"top\": 2}",
                Sides::Each([constant(2.0), constant(0.0), constant(0.0), Param::Range(0.0, 1.0)]),
            ),
        ] {
            let got = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(got, sides, "{text}");
            assert_eq!(read(&serde_json::to_string(&got).unwrap()).unwrap(), sides, "{text}");
        }
        for (text, hint) in [
            ("[1, 2, 3]", "list of 3"),
            ("{\"lef\": 1}", "lef"),
            ("{}", "top"),
            ("{\"left\": 1, \"choice\": [1]}", "choice"),
            ("\"x\"", "a number"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
        assert!(serde_json::from_str::<Sides<Int>>("0.5").is_err());
    }
}

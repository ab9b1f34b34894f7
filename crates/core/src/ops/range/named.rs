//! Values that pipeline files call by name, and what was probably meant by a name that does not exist.

use std::fmt;
use std::marker::PhantomData;

use crate::text::suggest::nearest;
use schemars::{Schema, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserializer, Serializer};

/// Values that pipeline files call by name; see [`named!`](crate::named).
pub trait Named: Copy + PartialEq + 'static {
    /// Name and value, in the order in which `all` counts them. Names made of digits are written as numbers.
    const NAMES: &'static [(&'static str, Self)];

    /// How many of them, from the first on, `all` means.
    const ALL: usize = Self::NAMES.len();

    /// The value's name.
    fn name(self) -> &'static str;
}

/// Gives an enum [`Named`], serde and a schema. The enum is declared in the same breath, `named! { /// Doc. pub enum
/// Order { /// Doc. Nearest = "0", } }`, or is that of a kernel, `named! { for affine::Order { Nearest = "0" } }`,
/// where `for Order, all 2 { ... }` says that `all` means the first two.
#[macro_export]
macro_rules! named {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$of_variant:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$of_variant])* $variant),+ }

        $crate::named! { for $name { $($variant = $text),+ } }
    };
    (for $name:ty $(, all $all:literal)? { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $crate::ops::range::Named for $name {
            const NAMES: &'static [(&'static str, Self)] = &[$(($text, Self::$variant)),+];
            $(const ALL: usize = $all;)?

            fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::ops::range::named::write_named(*self, to)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::ops::range::named::read_named(from)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::ops::range::named::named_schema::<Self>()
            }
        }
    };
}

/// The value called `name`.
///
/// # Errors
/// A name that does not exist, with those that do.
pub fn by_name<T: Named, E: de::Error>(name: &str) -> Result<T, E> {
    if let Some((_, value)) = T::NAMES.iter().find(|(known, _)| *known == name) {
        return Ok(*value);
    }
    let known: Vec<&str> = T::NAMES.iter().map(|(known, _)| *known).collect();
    let near = nearest(name, known.iter().copied());
    let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    Err(E::custom(format_args!("{name:?} is none of {}{hint}", known.join(", "))))
}

/// Reads a value of a [`Named`] enum: its name, or its number where the name is one.
///
/// # Errors
/// A name that does not exist, with those that do.
pub fn read_named<'de, T: Named, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    struct Name<T>(PhantomData<T>);
    impl<T: Named> Visitor<'_> for Name<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one of ")?;
            for (i, (name, _)) in T::NAMES.iter().enumerate() {
                write!(f, "{}{name}", if i == 0 { "" } else { ", " })?;
            }
            Ok(())
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            by_name(text)
        }
        fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
            by_name(&value.to_string())
        }
        fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
            by_name(&value.to_string())
        }
    }
    from.deserialize_any(Name(PhantomData))
}

/// Writes a value of a [`Named`] enum, numbers as numbers.
///
/// # Errors
/// The serializer's.
pub fn write_named<T: Named, S: Serializer>(value: T, to: S) -> Result<S::Ok, S::Error> {
    match value.name().parse::<u64>() {
        Ok(number) => to.serialize_u64(number),
        Err(_) => to.serialize_str(value.name()),
    }
}

/// The schema of a [`Named`] enum.
#[must_use]
pub fn named_schema<T: Named>() -> Schema {
    let names: Vec<serde_json::Value> = T::NAMES
        .iter()
        .map(|(name, _)| name.parse::<u64>().map_or_else(|_| (*name).into(), serde_json::Value::from))
        .collect();
    json_schema!({ "enum": names })
}

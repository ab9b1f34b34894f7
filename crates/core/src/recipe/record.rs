//! A recipe as manifests keep it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::base::{Explain, Kind};

use super::Recipe;

/// A recipe on record. Samples can be read without it: what this version does not understand is kept as it is, and refused only
/// where it is needed.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Record {
    /// None was kept.
    #[default]
    None,
    /// The recipe.
    Known(Recipe),
    /// Something else, and why it is no recipe.
    Unknown {
        /// What stands there.
        json: Value,
        /// The reason.
        reason: String,
    },
}

/// A recipe on record that is needed and cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its recipe cannot be read by this version: {reason}")]
pub struct Unreadable {
    /// The reason.
    reason: String,
}

impl Explain for Unreadable {
    fn kind(&self) -> Kind {
        Kind::Data
    }

    fn help(&self) -> Option<String> {
        Some("use the version of mnistaug that made it, or a newer one".into())
    }
}

impl Record {
    /// The recipe.
    ///
    /// # Errors
    /// [`Unreadable`] if there is none, or it is of another version.
    pub fn get(&self) -> Result<&Recipe, Unreadable> {
        match self {
            Self::Known(recipe) => Ok(recipe),
            Self::None => Err(Unreadable { reason: "there is none".into() }),
            Self::Unknown { reason, .. } => Err(Unreadable { reason: reason.clone() }),
        }
    }

    /// The recipe, if there is one that is understood.
    #[must_use]
    pub fn known(&self) -> Option<&Recipe> {
        self.get().ok()
    }

    /// Whether several of its samples may show one image, as far as that is known.
    #[must_use]
    pub fn makes_copies(&self) -> bool {
        match self {
            Self::None => false,
            Self::Known(recipe) => recipe.makes_copies(),
            Self::Unknown { .. } => true,
        }
    }

    /// The record without paths, as JSON: equal for what makes the same samples of the same inputs.
    #[must_use]
    pub fn identity(&self) -> Value {
        match self {
            Self::None => Value::Null,
            // Paths are all that JSON may have no room for, and they are gone.
            Self::Known(recipe) => serde_json::to_value(recipe.identity()).unwrap_or_default(),
            Self::Unknown { json, .. } => json.clone(),
        }
    }
}

impl From<Recipe> for Record {
    fn from(recipe: Recipe) -> Self {
        Self::Known(recipe)
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => to.serialize_unit(),
            Self::Known(recipe) => recipe.serialize(to),
            Self::Unknown { json, .. } => json.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(from)?;
        if json.is_null() {
            return Ok(Self::None);
        }
        Ok(match Recipe::deserialize(&json) {
            Ok(recipe) => Self::Known(recipe),
            Err(error) => Self::Unknown { reason: error.to_string(), json },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_on_record_stays_as_it_is() {
        for json in [
            Value::Null,
            json!({ "read": { "path": "digits", "splits": "train" } }),
            json!({ "mixup": { "of": { "read": { "path": "digits", "splits": "train" } } } }),
        ] {
            let record: Record = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(serde_json::to_value(&record).unwrap(), json);
        }
    }

    #[test]
    fn a_recipe_of_another_version_is_refused_where_it_is_needed() {
        let record: Record = serde_json::from_value(json!({ "mixup": {} })).unwrap();
        let said = record.get().unwrap_err().to_string();
        assert!(said.contains("by this version") && said.contains("mixup"), "{said}");
        assert_eq!(record.identity(), json!({ "mixup": {} }));
        assert!(Record::None.get().is_err());
    }
}

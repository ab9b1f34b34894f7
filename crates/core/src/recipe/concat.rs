//! Inputs one after the other.

use serde::{Deserialize, Serialize};

use super::{Node, Recipe};

/// Inputs one after the other, split by split; a split that only some of them have consists of those. Or all their splits as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concat {
    /// The inputs.
    pub of: Vec<Recipe>,
    /// What all splits together are called, one after the other, where they are to be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<SplitName>,
}

/// What a split may be called: what files may begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SplitName(String);

impl std::str::FromStr for SplitName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if text.is_empty() || !text.chars().all(plain) || text == "all" {
            return Err(format!(
                "expected a name of letters, digits, _ and -, and not `all`; found {text:?}"
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

super::said_as_text!(SplitName);

impl std::fmt::Display for SplitName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Node for Concat {
    fn children(&self) -> &[Recipe] {
        &self.of
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        &mut self.of
    }

    fn makes_copies(&self) -> bool {
        // Several inputs may be made of the same images.
        self.of.len() > 1
    }

    fn seed(&self) -> Option<u64> {
        None
    }
}

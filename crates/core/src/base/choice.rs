//! Enums of which a user names one value: in files, on the command line, in manifests.

/// A value out of a few that have names.
pub trait Choice: Copy + PartialEq + Send + Sync + 'static {
    /// All values: the name, what it means in a few words, and the value.
    const ALL: &'static [(&'static str, &'static str, Self)];

    /// Its name.
    #[must_use]
    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, _, value)| *value == self).map_or("", |(name, ..)| *name)
    }
}

/// Declares an enum with the names of its values: `enum Fit, default Cover { /// What it means. Cover = "cover", ... }`. The names
/// are those of serde, too.
macro_rules! choices {
    ($(#[doc = $doc:literal])+ $vis:vis enum $name:ident, default $default:ident {
        $(#[doc = $means:literal] $value:ident = $word:literal,)+
    }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        $vis enum $name {
            $(#[doc = $means] #[serde(rename = $word)] $value,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }

        impl $crate::base::choice::Choice for $name {
            const ALL: &'static [(&'static str, &'static str, Self)] =
                &[$(($word, $means.trim_ascii(), Self::$value),)+];
        }
    };
}
pub(crate) use choices;

#[cfg(test)]
mod tests {
    use super::Choice;

    choices! {
        /// A side.
        enum Side, default Left {
            /// This one.
            Left = "left-hand",
            /// The other.
            Right = "right-hand",
        }
    }

    #[test]
    fn values_have_names_and_meanings() {
        assert_eq!(Side::ALL[1], ("right-hand", "The other.", Side::Right));
        assert_eq!((Side::default().name(), Side::Right.name()), ("left-hand", "right-hand"));
        assert_eq!(serde_json::to_string(&Side::Right).unwrap(), "\"right-hand\"");
    }
}

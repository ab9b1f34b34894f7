//! Class ids of another source by other numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::{Explain, Kind};

use super::noise::{Draw, Law, Noise};
use super::select::{ClassName, LabelSet};
use super::stage::{Pipelines, Stage, StageError, said};
use super::{Node, Recipe};

/// Class ids by other numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relabel {
    /// Of these samples.
    pub of: Box<Recipe>,
    /// What becomes of the ids.
    #[serde(flatten)]
    pub to: Numbers,
}

/// What becomes of class ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbers {
    /// Those that are named become others; samples of no named class are left out.
    Map(ClassMap),
    /// All become greater by this, or smaller.
    Offset(i16),
    /// Some become others at random.
    Noise(Noise),
}

impl Node for Relabel {
    fn children(&self) -> &[Recipe] {
        std::slice::from_ref(&self.of)
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        std::slice::from_mut(&mut self.of)
    }

    fn makes_copies(&self) -> bool {
        false
    }

    fn seed(&self) -> Option<u64> {
        match &self.to {
            Numbers::Map(_) | Numbers::Offset(_) => None,
            Numbers::Noise(noise) => Some(noise.seed),
        }
    }
}

/// Which class becomes which, as `--map 3=0,7=1` or `--map Trouser=0,Bag=1` gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ClassMap(Vec<(ClassName, u8)>);

impl ClassMap {
    /// Classes, each once, and their new ids.
    #[must_use]
    pub fn pairs(&self) -> &[(ClassName, u8)] {
        &self.0
    }
}

impl std::str::FromStr for ClassMap {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut pairs: Vec<(ClassName, u8)> = Vec::new();
        for pair in text.split(',') {
            let bad = || format!("expected class=new id, such as 3=0,7=1; found {pair:?}");
            let (old, new) = pair.rsplit_once('=').ok_or_else(bad)?;
            if new.trim().parse::<u64>().is_ok_and(|id| id > 255) {
                return Err(format!("expected a new id from 0 to 255; found {pair:?}"));
            }
            let new = new.trim().parse().map_err(|_| bad())?;
            for old in old.parse::<LabelSet>().map_err(|_| bad())?.classes() {
                if pairs.iter().any(|(known, _)| known == old) {
                    return Err(format!("the class {old} is named twice"));
                }
                pairs.push((old.clone(), new));
            }
        }
        Ok(Self(pairs))
    }
}

impl fmt::Display for ClassMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (old, new)) in self.0.iter().enumerate() {
            write!(f, "{}{old}={new}", if i > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

super::said_as_text!(ClassMap);

/// What is added to class ids, as `--offset-labels 10`, or `0,10` for two inputs, gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offsets(Vec<i16>);

/// Several offsets, which are not one for each input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--offset-labels: {offsets} numbers for {inputs} input{}", if *.inputs == 1 { "" } else { "s" })]
pub struct OffsetsError {
    /// How many numbers there are.
    pub offsets: usize,
    /// How many inputs.
    pub inputs: usize,
}

impl Explain for OffsetsError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn help(&self) -> Option<String> {
        Some("give one number for all inputs, or one for each in their order, such as 0,10".into())
    }
}

impl Offsets {
    /// One for each of so many inputs.
    ///
    /// # Errors
    /// If there are several, and not one for each.
    pub fn of(&self, inputs: usize) -> Result<Vec<i16>, OffsetsError> {
        match self.0[..] {
            [one] => Ok(vec![one; inputs]),
            _ if self.0.len() == inputs => Ok(self.0.clone()),
            _ => Err(OffsetsError { offsets: self.0.len(), inputs }),
        }
    }
}

impl std::str::FromStr for Offsets {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let offset = |text: &str| text.trim().parse::<i16>().ok().filter(|n| (-255..=255).contains(n));
        let offsets: Option<Vec<i16>> = text.split(',').map(offset).collect();
        offsets.map(Self).ok_or_else(|| {
            format!(
                "expected a whole number from -255 to 255, or one for each input such as 0,10; found {text:?}"
            )
        })
    }
}

/// What the stage of a recipe file may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    #[serde(deserialize_with = "said")]
    map: Option<ClassMap>,
    offset_labels: Option<i16>,
    #[serde(deserialize_with = "said")]
    noise: Option<Law>,
    draw: Draw,
    only: Option<String>,
    seed: u64,
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let Keys { map, offset_labels, noise, draw, only, seed } = stage.read()?;
    let noise = noise.map(|law| Noise { law, draw, only, seed });
    let mut all = map.map(Numbers::Map).into_iter().chain(offset_labels.map(Numbers::Offset));
    let mut all = all.by_ref().chain(noise.map(Numbers::Noise));
    match (all.next(), all.next()) {
        (Some(to), None) => Ok(Relabel { of: Box::new(of), to }.into()),
        (None, _) => Err(stage
            .complain(stage.at, "expected one of map, offset_labels and noise")
            .help("Write for instance `relabel: { noise: symmetric:0.2 }`")
            .into()),
        (Some(_), Some(_)) => Err(stage
            .complain(stage.at, "expected one of map, offset_labels and noise, found several")
            .help("Write a stage for each of them, in the order in which they apply")
            .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_understood_and_printed() {
        for (text, printed) in [
            ("3=0,7=1", "3=0,7=1"),
            ("a=b=1, T-shirt/top =0", "a=b=1,T-shirt/top=0"),
            ("0-2=0,7=1", "0=0,1=0,2=0,7=1"),
        ] {
            assert_eq!(text.parse::<ClassMap>().unwrap().to_string(), printed);
        }
        for bad in ["", "3", "3=", "=1", "3=256", "3=0,3=1", "3=0,", "3=a"] {
            assert!(bad.parse::<ClassMap>().is_err(), "{bad}");
        }
    }

    #[test]
    fn offsets_are_one_or_one_for_each() {
        let of = |text: &str, inputs| text.parse::<Offsets>().unwrap().of(inputs).ok();
        assert_eq!(of("-1", 3), Some(vec![-1; 3]));
        assert_eq!((of("0, 10", 2), of("0,10", 3)), (Some(vec![0, 10]), None));
        for bad in ["", "a", "1,", "256", "1.5"] {
            assert!(bad.parse::<Offsets>().is_err(), "{bad}");
        }
    }
}

//! Exact numbers of samples of each class: balanced, or unbalanced on purpose.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::choice::choices;
use crate::base::math;

use super::noise::Share;
use super::stage::{Pipelines, Stage, StageError, said};
use super::{Node, Recipe, Within};

/// Exact numbers of samples of each class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// Of these samples.
    pub of: Box<Recipe>,
    /// The rest.
    pub options: Options,
}

impl Node for Balance {
    fn children(&self) -> &[Recipe] {
        std::slice::from_ref(&self.of)
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        std::slice::from_mut(&mut self.of)
    }

    fn makes_copies(&self) -> bool {
        self.options.repeat
    }

    fn seed(&self) -> Option<u64> {
        Some(self.options.seed)
    }
}

/// How many samples each class has: a number, `least`, `most`, `long-tail:0.01`, `step:0.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum To {
    /// So many of each.
    Each(u64),
    /// As many of each as of the class that has fewest.
    Least,
    /// As many of each as of the class that has most.
    Most,
    /// From the first class to the last exponentially fewer, down to this share (Cui et al. 2019).
    LongTail(Share),
    /// All of the first half of the classes, and this share of the others (Buda et al. 2018).
    Step(Share),
}

impl To {
    /// How many of each class there are to be. `head` is the number of the first class in the two laws that have one.
    #[must_use]
    pub fn counts(self, there: &[u64], head: Option<u64>) -> Vec<u64> {
        let classes = there.len();
        let had = || there.iter().copied().filter(|&count| count > 0);
        let head = head.or_else(|| had().min()).unwrap_or(0);
        let part = |share: f64| (head as f64 * share) as u64;
        let count = |class: usize| match self {
            Self::Each(count) => count,
            Self::Least => had().min().unwrap_or(0),
            Self::Most => had().max().unwrap_or(0),
            Self::LongTail(share) => part(math::pow(share.get(), class as f64 / (classes.max(2) - 1) as f64)),
            Self::Step(_) if class < classes / 2 => head,
            Self::Step(share) => part(share.get()),
        };
        // A class that no sample has stays so where numbers follow from those that there are.
        let follows = matches!(self, Self::Least | Self::Most);
        (0..classes).map(|class| if follows && there[class] == 0 { 0 } else { count(class) }).collect()
    }
}

impl FromStr for To {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text {
            "least" | "min" => return Ok(Self::Least),
            "most" | "max" => return Ok(Self::Most),
            _ => {}
        }
        if let Ok(count) = text.parse::<u64>()
            && (1..=u64::from(u32::MAX)).contains(&count)
        {
            return Ok(Self::Each(count));
        }
        let law: fn(Share) -> Self = match text.split_once(':') {
            Some(("long-tail" | "long_tail", _)) => Self::LongTail,
            Some(("step", _)) => Self::Step,
            _ => {
                return Err(format!(
                    "expected a number of samples, least, most, long-tail:SHARE or step:SHARE; found {text:?}"
                ));
            }
        };
        let share = text.split_once(':').map_or("", |(_, share)| share).parse::<Share>()?;
        if share.get() > 0.0 {
            Ok(law(share))
        } else {
            Err(format!("expected a share above 0; found {text:?}"))
        }
    }
}

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Each(count) => count.fmt(f),
            Self::Least => f.write_str("least"),
            Self::Most => f.write_str("most"),
            Self::LongTail(share) => write!(f, "long-tail:{share}"),
            Self::Step(share) => write!(f, "step:{share}"),
        }
    }
}

super::said_as_text!(To);

choices! {
    /// In which order samples stand.
    pub enum Order, default File {
        /// As they were.
        File = "file",
        /// By classes, within them as they were drawn.
        Class = "class",
        /// Shuffled.
        Shuffled = "shuffled",
    }
}

choices! {
    /// How samples are drawn.
    pub enum Draw, default Own {
        /// By this program's own numbers.
        Own = "own",
        /// By NumPy's RandomState(seed), which shuffles each class in its turn, as in LDAM.
        Numpy = "numpy",
    }
}

/// How many samples of each class, and which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// How many each class has.
    pub to: To,
    /// How many the first class has, where the others have a share of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<u64>,
    /// Whether samples may stand there more than once.
    #[serde(default)]
    pub repeat: bool,
    /// In which order they stand.
    #[serde(default)]
    pub order: Order,
    /// How they are drawn.
    #[serde(default)]
    pub draw: Draw,
    /// The one split that is balanced; all of them where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// The seed.
    pub seed: u64,
}

/// A number of samples of a class.
pub type Head = Within<1, { u32::MAX as u64 }>;

/// What the stage of a recipe file may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    #[serde(deserialize_with = "said")]
    to: Option<To>,
    head: Option<Head>,
    repeat: bool,
    order: Order,
    draw: Draw,
    only: Option<String>,
    seed: u64,
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let Keys { to, head, repeat, order, draw, only, seed } = stage.read()?;
    let options =
        Options { to: to.unwrap_or(To::Least), head: head.map(Within::get), repeat, order, draw, only, seed };
    Ok(Balance { of: Box::new(of), options }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_understood_and_printed() {
        for (text, printed) in [
            ("100", "100"),
            ("min", "least"),
            (" most ", "most"),
            ("long_tail:.01", "long-tail:0.01"),
            ("step:1", "step:1"),
        ] {
            assert_eq!(text.parse::<To>().unwrap().to_string(), printed);
        }
        for bad in ["", "0", "-1", "1.5", "long-tail", "long-tail:0", "step:1.1", "half"] {
            assert!(bad.parse::<To>().is_err(), "{bad}");
        }
    }

    /// The published counts: `int(5000 * 0.01 ** (i / 9))`, and the first half of 6,000 with a share of 0.05 for the rest.
    #[test]
    fn counts_are_those_of_the_formulas() {
        let counts = |to: &str, there: &[u64], head| to.parse::<To>().unwrap().counts(there, head);
        let mnist = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949];
        assert_eq!(
            counts("long-tail:0.01", &mnist, Some(5000)),
            [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]
        );
        assert_eq!(
            counts("long-tail:0.1", &mnist, Some(6000)),
            [6000, 4645, 3596, 2784, 2156, 1669, 1292, 1000, 774, 600]
        );
        assert_eq!(counts("long-tail:0.005", &mnist, Some(5000))[9], 25);
        assert_eq!(
            counts("step:0.05", &mnist, Some(6000)),
            [6000, 6000, 6000, 6000, 6000, 300, 300, 300, 300, 300]
        );
        assert_eq!(counts("long-tail:1", &mnist, None), [5421; 10]);
        assert_eq!(counts("least", &[3, 0, 7], None), [3, 0, 3]);
        assert_eq!(counts("most", &[3, 0, 7], None), [7, 0, 7]);
        assert_eq!(counts("4", &[3, 0, 7], None), [4; 3]);
        assert_eq!(counts("step:0.5", &[9], None), [4]);
    }
}

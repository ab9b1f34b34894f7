//! Several images, each somewhere on a canvas of any size: scenes, pairs, rows of digits, clutter.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::Grid;
use crate::base::choice::choices;

use super::noise::Share;
use super::quadrant::{Cells, Count, Objects};
use super::stage::{Pipelines, Stage, StageError, said};
use super::{Node, Recipe, Size, Within};

/// Several images on a canvas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The images.
    pub of: Box<Recipe>,
    /// The rest.
    pub options: Options,
}

impl Node for Place {
    fn children(&self) -> &[Recipe] {
        std::slice::from_ref(&self.of)
    }

    fn children_mut(&mut self) -> &mut [Recipe] {
        std::slice::from_mut(&mut self.of)
    }

    fn makes_copies(&self) -> bool {
        true
    }

    fn seed(&self) -> Option<u64> {
        Some(self.options.seed)
    }
}

/// The most objects on a canvas.
pub const MOST_OBJECTS: usize = 256;
/// The longest side of a canvas.
pub const LONGEST: usize = 8192;

/// Where objects stand: `free`, `columns`, `row:LO-HI`, `at:Y,X;Y,X` or `grid:RxC`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Arrange {
    /// Anywhere.
    #[default]
    Free,
    /// Each anywhere in a column of its own; there are as many columns as objects, equally wide.
    Columns,
    /// One beside the other, with so many pixels between the ink of two of them, fewer than none where they overlap. The row as a whole
    /// is anywhere.
    Row {
        /// The fewest.
        lo: i32,
        /// The most.
        hi: i32,
    },
    /// Their top left corners at these rows and columns, one for each object.
    At(Vec<[i32; 2]>),
    /// In cells of a grid that are drawn, one each: cells are as large as images, or the canvas is divided.
    Grid(Grid),
}

impl FromStr for Arrange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let bad = || {
            format!(
                "expected free, columns, row, row:LO..HI (pixels between objects, from -512 to 512), grid:RxC, or at:Y,X;Y,X; found {text:?}"
            )
        };
        let (kind, values) = text.split_once(':').map_or((text, None), |(kind, rest)| (kind, Some(rest)));
        match (kind, values) {
            ("free", None) => Ok(Self::Free),
            ("columns", None) => Ok(Self::Columns),
            ("row", None) => Ok(Self::Row { lo: 0, hi: 0 }),
            ("row", Some(gaps)) => {
                // Ranges of other options are written 0-4, which goes where neither end is below 0.
                let plain = || gaps.split_once('-').filter(|(lo, _)| !lo.is_empty());
                let (lo, hi) = gaps.split_once("..").or_else(plain).unwrap_or((gaps, gaps));
                let gap = |text: &str| text.trim().parse::<i32>().ok().filter(|gap| gap.abs() <= 512);
                let (lo, hi) = (gap(lo).ok_or_else(bad)?, gap(hi).ok_or_else(bad)?);
                if lo > hi {
                    return Err(format!("the range {gaps} is reversed; write {hi}..{lo}"));
                }
                Ok(Self::Row { lo, hi })
            }
            ("grid", Some(cells)) => Ok(Self::Grid(cells.parse::<Cells>()?.0)),
            ("at", Some(places)) => {
                let side = |text: &str| {
                    text.trim().parse::<i32>().ok().filter(|side| side.unsigned_abs() as usize <= LONGEST)
                };
                let place = |text: &str| {
                    let (y, x) = text.split_once(',')?;
                    Some([side(y)?, side(x)?])
                };
                let places: Option<Vec<[i32; 2]>> = places.split(';').map(place).collect();
                places.filter(|places| places.len() <= MOST_OBJECTS).map(Self::At).ok_or_else(bad)
            }
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for Arrange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Free => f.write_str("free"),
            Self::Columns => f.write_str("columns"),
            Self::Row { lo: 0, hi: 0 } => f.write_str("row"),
            Self::Row { lo, hi } if lo == hi => write!(f, "row:{lo}"),
            Self::Row { lo, hi } => write!(f, "row:{lo}..{hi}"),
            Self::Grid(grid) => write!(f, "grid:{}x{}", grid.rows, grid.columns),
            Self::At(places) => {
                let places: Vec<String> = places.iter().map(|[y, x]| format!("{y},{x}")).collect();
                write!(f, "at:{}", places.join(";"))
            }
        }
    }
}

/// Lengths in pixels, `LO-HI`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Lengths {
    /// The shortest.
    pub lo: usize,
    /// The longest.
    pub hi: usize,
}

impl FromStr for Lengths {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let side = |text: &str| text.trim().parse().ok().filter(|side| (1..=LONGEST).contains(side));
        let (lo, hi) = text.split_once('-').unwrap_or((text, text));
        match (side(lo), side(hi)) {
            (Some(lo), Some(hi)) if lo > hi => Err(format!("the range {text} is reversed; write {hi}-{lo}")),
            (Some(lo), Some(hi)) => Ok(Self { lo, hi }),
            _ => Err(format!("expected pixels from 1 to {LONGEST}, such as 20 or 15-99; found {text:?}")),
        }
    }
}

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lo == self.hi { self.lo.fmt(f) } else { write!(f, "{}-{}", self.lo, self.hi) }
    }
}

/// Pieces of other images behind the objects, as `N`, or `N:HxW` with the size of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Clutter {
    /// How many on a canvas.
    pub pieces: u32,
    /// The size of each.
    pub size: Size,
}

impl FromStr for Clutter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (pieces, size) = text.split_once(':').map_or((text, "8x8"), |(pieces, size)| (pieces, size));
        let pieces = pieces.trim().parse().ok().filter(|pieces| (1..=1000).contains(pieces));
        match (pieces, size.parse()) {
            (Some(pieces), Ok(size)) => Ok(Self { pieces, size }),
            _ => Err(format!("expected 1 to 1000 pieces and their size, such as 8 or 8:9x9; found {text:?}")),
        }
    }
}

impl fmt::Display for Clutter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.pieces, self.size)
    }
}

super::said_as_text!(Arrange, Lengths, Clutter);

choices! {
    /// Which images a sample shows.
    pub enum Pick, default Random {
        /// Drawn from all images, each by itself.
        Random = "random",
        /// Image i, counted round, and others that are drawn.
        Each = "each",
        /// In turn, in the order of the file, none twice.
        InOrder = "in-order",
        /// In turn, in an order that is drawn, none twice before all were there.
        Shuffled = "shuffled",
    }
}

choices! {
    /// What classes the other objects of a sample have.
    pub enum Others, default Any {
        /// Any.
        Any = "any",
        /// Other ones than the first object.
        OtherClass = "other-class",
        /// That of the first object.
        SameClass = "same-class",
    }
}

choices! {
    /// What of an object has to be on the canvas.
    pub enum Inside, default Image {
        /// The whole image.
        Image = "image",
        /// Its ink: the pixels that are not black.
        Ink = "ink",
    }
}

choices! {
    /// What becomes of an object for which no place is found.
    pub enum Full, default Fewer {
        /// It is left out.
        Fewer = "fewer",
        /// The run ends with an error.
        Error = "error",
    }
}

choices! {
    /// What is seen where two objects meet.
    pub enum Combine, default Lightest {
        /// The lighter one of both.
        Lightest = "lightest",
        /// Their sum, at most white.
        Add = "add",
        /// The later one, its black included.
        Over = "over",
    }
}

choices! {
    /// What a sample is labeled with.
    pub enum LabelOf, default Classes {
        /// The set of the objects' classes; with exactly one object, its class.
        Classes = "classes",
        /// The class of the first object.
        First = "first",
        /// The number that the objects' class ids make as digits, from the first on.
        Number = "number",
        /// The sum of the objects' class ids.
        Sum = "sum",
    }
}

/// What decides the canvases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Height and width; of a grid as large as its cells where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canvas: Option<Size>,
    /// How many objects.
    pub objects: Objects,
    /// How many samples; as many as there are images (or sets of them, where none is shown twice) where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Which images.
    #[serde(default)]
    pub pick: Pick,
    /// Classes of the second object and of those behind it.
    #[serde(default)]
    pub others: Others,
    /// Where they stand.
    #[serde(default)]
    pub arrange: Arrange,
    /// The longer side of each object; their own size where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Lengths>,
    /// What of them is on the canvas.
    #[serde(default)]
    pub inside: Inside,
    /// Whether the last row and column of all places are left out, as by `randint(0, H - h)`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclusive: bool,
    /// Two objects' boxes overlap by less than this (intersection over union), or not at all; any may where it is 1.
    pub overlap: Share,
    /// How often a place is drawn anew.
    pub retries: u32,
    /// What becomes of an object for which no place is found.
    #[serde(default)]
    pub full: Full,
    /// What is seen where two objects meet.
    #[serde(default)]
    pub combine: Combine,
    /// Pieces of other images behind them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clutter: Option<Clutter>,
    /// What a sample is labeled with.
    #[serde(default)]
    pub label: LabelOf,
    /// Whether the class of each object is kept as truth: `class_1`, `class_2`, ..., -1 where there is none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub class_truth: bool,
    /// Whether samples say which pixels are the ink of which object.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub masks: bool,
    /// The seed.
    pub seed: u64,
}

/// How often a place may be drawn anew.
pub type Retries = Within<0, 100_000>;
/// How often a place is drawn anew where nothing is said.
pub const RETRIES: u32 = 100;

/// The canvas where nothing is said.
pub const CANVAS: Size = Size { height: 64, width: 64 };

/// What may be said of them on a command line, or in a stage of a recipe file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "they are the options, as they may be left out")]
pub struct Said {
    #[serde(deserialize_with = "said")]
    pub canvas: Option<Size>,
    #[serde(deserialize_with = "said")]
    pub objects: Option<Objects>,
    pub count: Option<Count>,
    pub pick: Option<Pick>,
    pub others: Option<Others>,
    #[serde(deserialize_with = "said")]
    pub arrange: Option<Arrange>,
    #[serde(deserialize_with = "said")]
    pub size: Option<Lengths>,
    pub inside: Option<Inside>,
    pub exclusive: bool,
    #[serde(deserialize_with = "said")]
    pub overlap: Option<Share>,
    pub retries: Option<Retries>,
    pub full: Option<Full>,
    pub combine: Option<Combine>,
    #[serde(deserialize_with = "said")]
    pub clutter: Option<Clutter>,
    pub label: Option<LabelOf>,
    pub class_truth: bool,
    pub masks: bool,
    pub seed: u64,
}

impl Said {
    /// The options that it is.
    #[must_use]
    pub fn options(self) -> Options {
        let arrange = self.arrange.unwrap_or_default();
        let objects = self.objects.unwrap_or(match &arrange {
            Arrange::At(places) => Objects { lo: places.len(), hi: places.len() },
            Arrange::Free | Arrange::Columns | Arrange::Row { .. } | Arrange::Grid(_) => {
                Objects { lo: 2, hi: 2 }
            }
        });
        Options {
            canvas: match arrange {
                Arrange::Grid(_) => self.canvas,
                Arrange::Free | Arrange::Columns | Arrange::Row { .. } | Arrange::At(_) => {
                    self.canvas.or(Some(CANVAS))
                }
            },
            objects,
            count: self.count.map(Within::get),
            pick: self.pick.unwrap_or_default(),
            others: self.others.unwrap_or_default(),
            arrange,
            size: self.size,
            inside: self.inside.unwrap_or_default(),
            exclusive: self.exclusive,
            overlap: self.overlap.unwrap_or(Share::ALL),
            retries: self.retries.map_or(RETRIES, |retries| u32::try_from(retries.get()).unwrap_or(RETRIES)),
            full: self.full.unwrap_or_default(),
            combine: self.combine.unwrap_or_default(),
            clutter: self.clutter,
            label: self.label.unwrap_or_default(),
            class_truth: self.class_truth,
            masks: self.masks,
            seed: self.seed,
        }
    }
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let said: Said = stage.read()?;
    Ok(Place { of: Box::new(of), options: said.options() }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrangements_are_understood_and_printed() {
        for (text, printed) in [
            ("free", "free"),
            (" columns", "columns"),
            ("row:0", "row"),
            ("row:-3..4", "row:-3..4"),
            ("row:2..2", "row:2"),
            ("row:-2", "row:-2"),
            ("row:3-5", "row:3..5"),
            ("grid:2X3", "grid:2x3"),
            ("at:0,0; 6,6", "at:0,0;6,6"),
            ("at:-4,3", "at:-4,3"),
        ] {
            assert_eq!(text.parse::<Arrange>().unwrap().to_string(), printed);
        }
        for bad in
            ["", "free:1", "row:a", "row:4..-3", "row:600", "grid:0x1", "grid", "at:", "at:1", "at:1,99999"]
        {
            assert!(bad.parse::<Arrange>().is_err(), "{bad}");
        }
    }

    #[test]
    fn lengths_and_clutter_are_understood_and_printed() {
        for (text, printed) in [("20", "20"), ("15-99", "15-99"), ("7-7", "7")] {
            assert_eq!(text.parse::<Lengths>().unwrap().to_string(), printed);
        }
        for bad in ["", "0", "9-3", "9000", "a-b"] {
            assert!(bad.parse::<Lengths>().is_err(), "{bad}");
        }
        for (text, printed) in [("4", "4:8x8"), ("8:9x7", "8:9x7"), ("3:5", "3:5x5")] {
            assert_eq!(text.parse::<Clutter>().unwrap().to_string(), printed);
        }
        for bad in ["", "0", "4:0x1", "-1", "4:", "2000"] {
            assert!(bad.parse::<Clutter>().is_err(), "{bad}");
        }
    }
}

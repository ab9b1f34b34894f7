//! Images that move: sequences of frames.

use serde::{Deserialize, Serialize};

use super::noise::Share;
use super::place::{CANVAS, Combine, MOST_OBJECTS, Pick};
use super::quadrant::{Count, Objects};
use super::stage::{Pipelines, Stage, StageError, said};
use super::{Node, Recipe, Size, Within};

/// Images that move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// The images.
    pub of: Box<Recipe>,
    /// The rest.
    pub options: Options,
}

impl Node for Sequence {
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

/// A number of frames.
pub type Frames = Within<1, 10_000>;
/// A number of images that move.
pub type Moving = Within<1, { MOST_OBJECTS as u64 }>;

/// What decides the sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Height and width of a frame.
    pub canvas: Size,
    /// How many frames.
    pub frames: u32,
    /// How many images move.
    pub objects: u32,
    /// How far each moves from frame to frame, as a share of the room that it has.
    pub step: Share,
    /// How many sequences; as many as images make if none is shown twice where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Which images.
    pub pick: Pick,
    /// What is seen where two meet.
    #[serde(default)]
    pub combine: Combine,
    /// The seed.
    pub seed: u64,
}

impl Options {
    /// The number of images as [`Objects`].
    #[must_use]
    pub const fn objects(&self) -> Objects {
        Objects { lo: self.objects as usize, hi: self.objects as usize }
    }
}

/// What may be said of them on a command line, or in a stage of a recipe file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "they are the options, as they may be left out")]
pub struct Said {
    #[serde(deserialize_with = "said")]
    pub canvas: Option<Size>,
    pub frames: Option<Frames>,
    pub objects: Option<Moving>,
    #[serde(deserialize_with = "said")]
    pub step: Option<Share>,
    pub count: Option<Count>,
    pub pick: Option<Pick>,
    pub combine: Option<Combine>,
    pub seed: u64,
}

/// Frames where nothing is said, as in Moving MNIST: ten that are seen and ten that are foretold.
pub const FRAMES: u32 = 20;
/// Images where nothing is said.
pub const OBJECTS: u32 = 2;

impl Said {
    /// The options that it is.
    #[must_use]
    pub fn options(self) -> Options {
        let number = |said: Option<u64>, usual: u32| said.and_then(|n| n.try_into().ok()).unwrap_or(usual);
        Options {
            canvas: self.canvas.unwrap_or(CANVAS),
            frames: number(self.frames.map(Within::get), FRAMES),
            objects: number(self.objects.map(Within::get), OBJECTS),
            step: self.step.unwrap_or(Share::TENTH),
            count: self.count.map(Within::get),
            pick: self.pick.unwrap_or(Pick::Shuffled),
            combine: self.combine.unwrap_or_default(),
            seed: self.seed,
        }
    }
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, _: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let said: Said = stage.read()?;
    Ok(Sequence { of: Box::new(of), options: said.options() }.into())
}

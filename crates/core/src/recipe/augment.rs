//! Images through a pipeline.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::choice::choices;
use crate::text::{At, Complaint, Key, Tree, Value as Tagged};

use super::noise::Share;
use super::stage::{Pipelines, Stage, StageError, said};
use super::{Node, Recipe, Within};

/// Images through a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Augment {
    /// The images.
    pub of: Box<Recipe>,
    /// The rest.
    pub options: Options,
}

impl Node for Augment {
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

/// A pipeline as recipes keep it: its own canonical form, and, where it was just read, where its steps stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PipelineText {
    /// The canonical form.
    pub spec: Value,
    /// What it was read from, for error messages. Manifests do not keep it.
    #[serde(skip)]
    pub written: Option<Written>,
}

/// The text that a pipeline was read from.
#[derive(Clone, Debug)]
pub struct Written {
    /// What the user calls it.
    pub name: String,
    /// The text.
    pub text: String,
    /// The place of each step in it, in pre-order.
    pub places: Vec<Option<At>>,
}

/// Pipelines are equal if they do the same, wherever they stand.
impl PartialEq for PipelineText {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec
    }
}

impl Eq for PipelineText {}

/// What decides the augmented images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The steps.
    pub pipeline: PipelineText,
    /// Which images, and how often.
    pub which: Which,
    /// The images themselves come first.
    #[serde(default)]
    pub keep_originals: bool,
    /// Objects of which less than this share of their ink, or of their box where there are no masks, is left are dropped.
    #[serde(default, skip_serializing_if = "Share::is_none")]
    pub min_visible: Share,
    /// What the steps are for, if not for all of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// The seed.
    pub seed: u64,
}

choices! {
    /// A part of an image.
    pub enum Only, default Ink {
        /// The objects: what their masks say, or what is not black in gray images without masks.
        Ink = "ink",
        /// All but these.
        Background = "background",
    }
}

/// Which images are augmented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// All, in so many passes: copy `c` of image `i` of `N` is sample `c * N + i`.
    Copies(u64),
    /// So many, drawn with replacement.
    Sample(u64),
}

/// A number of passes over the images.
pub type Copies = Within<1, { 1 << 32 }>;

/// A number of images that are drawn.
pub type Samples = Within<1, { 1 << 40 }>;

/// The options of the stage itself. All others are parameters of Keras' `ImageDataGenerator`.
const OWN: [&str; 8] =
    ["pipeline", "name", "copies", "sample", "keep_originals", "min_visible", "only", "seed"];

/// What the stage of a recipe file may say. Values of pipelines are read where pipelines are.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    pipeline: Option<IgnoredAny>,
    name: Option<String>,
    copies: Option<Copies>,
    sample: Option<Samples>,
    keep_originals: bool,
    #[serde(deserialize_with = "said")]
    min_visible: Option<Share>,
    only: Option<Only>,
    seed: u64,
    rotation_range: Option<IgnoredAny>,
    width_shift_range: Option<IgnoredAny>,
    height_shift_range: Option<IgnoredAny>,
    shear_range: Option<IgnoredAny>,
    zoom_range: Option<IgnoredAny>,
    channel_shift_range: Option<IgnoredAny>,
    brightness_range: Option<IgnoredAny>,
    horizontal_flip: Option<IgnoredAny>,
    vertical_flip: Option<IgnoredAny>,
    fill_mode: Option<IgnoredAny>,
    cval: Option<IgnoredAny>,
    interpolation_order: Option<IgnoredAny>,
    compat: Option<IgnoredAny>,
}

/// Reads the stage of a recipe file.
pub(super) fn stage(stage: &Stage, of: Recipe, pipelines: &mut dyn Pipelines) -> Result<Recipe, StageError> {
    let keys: Keys = stage.read()?;
    let which = match (keys.copies, keys.sample) {
        (Some(_), Some(_)) => {
            let complaint = stage.complain(stage.place("sample"), "sample and copies exclude each other");
            return Err(complaint
                .help("Give copies for whole passes, or sample for images drawn at random")
                .into());
        }
        (None, Some(samples)) => Which::Sample(samples.get()),
        (copies, None) => Which::Copies(copies.map_or(1, Within::get)),
    };
    let pipeline = pipeline(stage, keys.name.as_deref(), pipelines)?;
    let min_visible = keys.min_visible.unwrap_or_default();
    let Keys { keep_originals, only, seed, .. } = keys;
    let options = Options { pipeline, which, keep_originals, min_visible, only, seed };
    Ok(Augment { of: Box::new(of), options }.into())
}

/// The pipeline of a stage: written out in it, named, or made of Keras' parameters.
fn pipeline(
    stage: &Stage,
    variable: Option<&str>,
    pipelines: &mut dyn Pipelines,
) -> Result<PipelineText, StageError> {
    let keras = stage.rest(&OWN);
    let given = stage.option("pipeline").filter(|tree| !matches!(tree.value, Tagged::Null));
    let Some(given) = given else {
        if let Some(name) = variable {
            let message =
                format!("name {name:?} is that of a pipeline in a Python file, and no file is given");
            return Err(stage.complain(stage.place("name"), message).help("Add `pipeline: FILE.py`").into());
        }
        let Some((first, _)) = keras.first() else {
            let complaint = Complaint::new(stage.at, "the stage names no pipeline");
            return Err(complaint.help("Add for instance `pipeline: imgaug-light`").into());
        };
        let at = first.at;
        let step = (Key { at, text: "keras_transform".into() }, Tree { at, value: Tagged::Map(keras) });
        let step = Tree { at, value: Tagged::Map(vec![step]) };
        return Ok(pipelines.written(&Tree { at, value: Tagged::List(vec![step]) })?);
    };
    if let Some((key, _)) = keras.first() {
        let message = format!("pipeline and {} exclude each other", key.text);
        return Err(stage
            .complain(key.at, message)
            .help(
                "The parameters of ImageDataGenerator make a pipeline of their own; in a pipeline they are those of the step \
                 keras_transform",
            )
            .into());
    }
    match (&given.value, variable) {
        (Tagged::Text(name), variable) => pipelines.named(name, variable).map_err(StageError::Elsewhere),
        (Tagged::List(_) | Tagged::Map(_), None) => Ok(pipelines.written(given)?),
        (Tagged::List(_) | Tagged::Map(_), Some(name)) => {
            let message = format!("name {name:?}: only pipelines in Python files have names");
            Err(stage.complain(stage.place("name"), message).help("Leave name out").into())
        }
        (Tagged::Null | Tagged::Bool(_) | Tagged::Int(_) | Tagged::Float(_), _) => {
            let message = format!("pipeline: expected a name or a list of steps, not {}", given.kind());
            let help = "Name a preset or a file, or write the steps: `pipeline: [ { fliplr: 0.5 } ]`";
            Err(stage.complain(given.at, message).help(help).into())
        }
    }
}

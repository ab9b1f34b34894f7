//! Why a node cannot wrap what it is given.

use crate::base::{DataSet, Explain, Grid, Kind, LabelKind, Schema, Shape, Source};
use crate::recipe::quadrant::Objects;
use crate::recipe::select::ClassName;
use crate::text::suggest;

/// Why a node cannot wrap what it is given.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// Images differ in size, and the node takes one size only.
    #[error("{node} needs images of one size; these differ{}", .reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default())]
    Varied {
        /// What the node is called.
        node: &'static str,
        /// Which images do.
        reason: Option<String>,
    },
    /// Images differ in size, and would be put over one another.
    #[error("images of different sizes are not mixed{}", .reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default())]
    Unequal {
        /// Which images do.
        reason: Option<String>,
    },
    /// Images that were to be colored are.
    #[error("colorize needs gray images; these are {shape}")]
    NotGray {
        /// Their shape.
        shape: Shape,
    },
    /// Gray images where colors are needed.
    #[error("{node} needs colored images; these are gray")]
    Gray {
        /// What the node is called.
        node: &'static str,
    },
    /// Images that were to be composed are.
    #[error("{node} needs images of one object each; these are composed already")]
    Composed {
        /// What the node is called.
        node: &'static str,
    },
    /// Images of several frames, for a node that takes single pictures.
    #[error("{node} takes single pictures; these images have {frames} frames each")]
    Frames {
        /// What the node is called.
        node: &'static str,
        /// How many frames there are.
        frames: usize,
    },
    /// More objects than cells.
    #[error(
        "--objects {}: {} objects do not fit into the {} cells of a {}x{} grid",
        String::from(*.objects), .objects.hi, .grid.cells(), .grid.rows, .grid.columns
    )]
    Cells {
        /// How many objects there may be.
        objects: Objects,
        /// The cells.
        grid: Grid,
    },
    /// A class that there is none of.
    #[error("{option} {said}: there is no class {class}")]
    NoClass {
        /// The option that asks for it.
        option: &'static str,
        /// What it says.
        said: String,
        /// The class.
        class: ClassName,
        /// Names of the classes.
        names: Vec<String>,
    },
    /// A class id that is none after it was moved.
    #[error("--offset-labels {offset}: class {class} would become {}, and ids go from 0 to 255", i32::from(*.class) + i32::from(*.offset))]
    Offset {
        /// What is added.
        offset: i16,
        /// The class.
        class: u8,
    },
    /// Composed images, whose objects have classes.
    #[error("classes of composed images cannot be renumbered")]
    Renumbered,
    /// Pixels in another order, under boxes.
    #[error("pixels of composed images are not put in another order: their boxes would show nothing")]
    PermutedObjects,
    /// Colors by class, a second time.
    #[error("these images have colors by class already")]
    Tinted,
    /// Images that may have several classes, for a node that goes by the class.
    #[error("{node} needs images of one class each; these have sets of classes")]
    Sets {
        /// What the node is called.
        node: &'static str,
    },
    /// Images with a weight for each class, for a node that goes by the class or gives it another id.
    #[error("{node} needs images of one class each; these have a weight for each class")]
    Soft {
        /// What the node is called.
        node: &'static str,
    },
    /// More than Keras' CutMix takes.
    #[error("--alpha {alpha}: Keras' CutMix takes numbers up to 1")]
    Alpha {
        /// What was asked for.
        alpha: f64,
    },
    /// Noise that is not for these classes.
    #[error("noise {said}: {reason}")]
    Noise {
        /// What was asked for.
        said: String,
        /// Why not.
        reason: String,
    },
    /// More samples of a class than there are.
    #[error("split {split}: {count} samples of class {class} are asked for, and there are {there}")]
    TooFew {
        /// The split.
        split: String,
        /// The class.
        class: String,
        /// How many are asked for.
        count: u64,
        /// How many there are.
        there: u64,
    },
    /// A seed that NumPy has not.
    #[error("NumPy's seeds go up to {}, and {seed} is beyond that", u32::MAX)]
    NumpySeed {
        /// The seed.
        seed: u64,
    },
    /// A split that there is none of.
    #[error("there is no split {name}")]
    NoSplit {
        /// Its name.
        name: String,
        /// Those that there are.
        splits: Vec<String>,
    },
    /// Objects of images that have none.
    #[error("{option}: these images are not composed of objects")]
    NoObjects {
        /// The option that is about objects.
        option: &'static str,
    },
    /// Images of which nobody knows what is ink.
    #[error(
        "--only: these images have colors, or several objects, and no masks, so what is ink is not known"
    )]
    NoInk,
    /// Steps that give another size.
    #[error("--only: the pipeline makes images of another size, or with other channels, of {shape}")]
    OnlyResized {
        /// What it was given.
        shape: Shape,
    },
    /// Masks of images of which nobody knows where an object is.
    #[error("--masks: {why}")]
    NoMasks {
        /// What is missing.
        why: &'static str,
    },
    /// A choice that leaves nothing.
    #[error("nothing is left of {of} samples")]
    NothingLeft {
        /// Samples that there were.
        of: u64,
    },
    /// A conversion that converts nothing.
    #[error("split {split}: a conversion without anything to convert")]
    NothingToConvert {
        /// The split.
        split: String,
    },
    /// More samples than an index can count.
    #[error("more samples than can be counted would be made of {images} images")]
    Uncountable {
        /// Images to make them of.
        images: u64,
    },
    /// Originals cannot stand beside what a pipeline makes of them.
    #[error("--keep-originals: the pipeline makes images of {made} of originals of {originals}")]
    Originals {
        /// Shape of what is made.
        made: Shape,
        /// Shape of the originals.
        originals: Shape,
    },
    /// A source that does not keep to what it says of itself.
    #[error("an image of {shape} among images that are said to have other shapes")]
    UnknownShape {
        /// Shape of the image.
        shape: Shape,
    },
    /// A pipeline or a drawn value that is no JSON.
    #[error("{what} cannot be written as JSON")]
    NoJson {
        /// What it is.
        what: String,
        /// Why not.
        source: serde_json::Error,
    },
    /// Data sets of two kinds were to be put together.
    #[error("{name}: {}", .difference.of(.first))]
    Differ {
        /// The first data set.
        first: String,
        /// The other one.
        name: String,
        /// What differs.
        difference: Box<Difference>,
    },
}

/// What differs between two data sets: of the other one, and of the first.
#[derive(Debug, PartialEq, Eq)]
pub enum Difference {
    /// Shapes; the greatest one, and whether images differ, of each.
    Images((Shape, bool), (Shape, bool)),
    /// Kinds of labels, and grids.
    Samples(Box<Schema>, Box<Schema>),
    /// Names of classes.
    Classes(Vec<String>, Vec<String>),
}

impl Difference {
    /// As a sentence, in which `first` is what the first data set is called.
    fn of(&self, first: &str) -> String {
        let say = |(shape, varied): &(Shape, bool)| {
            if *varied { format!("of different sizes up to {shape}") } else { shape.to_string() }
        };
        let kind = |schema: &Schema| {
            let frames = schema.frames.map(|frames| format!(", {frames} frames")).unwrap_or_default();
            format!("{:?} labels, grid {:?}{frames}", schema.labels, schema.grid)
        };
        let (what, other, known) = match self {
            Self::Images(other, known) => ("images are", say(other), say(known)),
            Self::Samples(other, known) => ("samples have", kind(other), kind(known)),
            Self::Classes(other, known) => ("classes are", other.join(", "), known.join(", ")),
        };
        format!("its {what} {other}, but {first} has {known}")
    }
}

impl NodeError {
    /// Refuses images that may have several classes, for a node that goes by the class.
    pub(super) fn refuse_sets(node: &'static str, schema: &Schema) -> Result<(), Self> {
        match (schema.labels, schema.grid) {
            (LabelKind::Class, None) => Ok(()),
            (LabelKind::Class | LabelKind::MultiHot, _) => Err(Self::Sets { node }),
            (LabelKind::Soft, _) => Err(Self::Soft { node }),
        }
    }

    /// Refuses images with a weight for each class, for a node that takes sets of classes.
    pub(super) fn refuse_soft(node: &'static str, schema: &Schema) -> Result<(), Self> {
        match schema.labels {
            LabelKind::Class | LabelKind::MultiHot => Ok(()),
            LabelKind::Soft => Err(Self::Soft { node }),
        }
    }

    /// Refuses images of several frames, for a node that takes single pictures.
    pub(super) fn refuse_frames(node: &'static str, schema: &Schema) -> Result<(), Self> {
        schema.frames.map_or(Ok(()), |frames| Err(Self::Frames { node, frames }))
    }

    /// A seed that NumPy has.
    pub(super) fn numpy_seed(seed: u64) -> Result<u32, Self> {
        u32::try_from(seed).map_err(|_| Self::NumpySeed { seed })
    }

    /// A split that is none of those of `data`.
    pub(super) fn no_split(name: &str, data: &DataSet) -> Self {
        let splits = data.splits.iter().map(|split| split.name.clone()).collect();
        Self::NoSplit { name: name.to_owned(), splits }
    }

    /// Refuses images of different sizes, for a node that takes one only.
    pub(super) fn refuse_varied(node: &'static str, of: &dyn Source) -> Result<(), Self> {
        if of.schema().varied {
            return Err(Self::Varied { node, reason: of.why_varied().map(|why| why.reason) });
        }
        Ok(())
    }
}

impl Explain for NodeError {
    fn kind(&self) -> Kind {
        match self {
            Self::Varied { .. }
            | Self::NotGray { .. }
            | Self::Gray { .. }
            | Self::Composed { .. }
            | Self::Frames { .. }
            | Self::UnknownShape { .. }
            | Self::Differ { .. } => Kind::Data,
            Self::Cells { .. }
            | Self::Unequal { .. }
            | Self::NoClass { .. }
            | Self::Offset { .. }
            | Self::Renumbered
            | Self::NoObjects { .. }
            | Self::NoInk
            | Self::OnlyResized { .. }
            | Self::NoMasks { .. }
            | Self::NothingLeft { .. }
            | Self::NothingToConvert { .. }
            | Self::Noise { .. }
            | Self::PermutedObjects
            | Self::Tinted
            | Self::Sets { .. }
            | Self::Soft { .. }
            | Self::Alpha { .. }
            | Self::TooFew { .. }
            | Self::NumpySeed { .. }
            | Self::NoSplit { .. }
            | Self::Uncountable { .. }
            | Self::Originals { .. } => Kind::Usage,
            Self::NoJson { .. } => Kind::Failed,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Varied { .. } | Self::Unequal { .. } | Self::UnknownShape { .. } => {
                "add --resize HxW".into()
            }
            Self::NotGray { .. } => "add --gray, or color the gray data set that these were made from".into(),
            Self::Gray { .. } => "color them before".into(),
            Self::Composed { .. } => "compose the data set that these were made from".into(),
            Self::Frames { .. } => "do so before frames are made".into(),
            Self::Cells { grid, .. } => match grid.cells() {
                1 => "ask for one object, or for a larger --grid".into(),
                cells => format!("ask for 1 to {cells} objects, or for a larger --grid"),
            },
            Self::NoClass { class: ClassName::Id(_), names, .. } => {
                format!("name classes from 0 to {}", names.len().saturating_sub(1))
            }
            Self::NoClass { class: ClassName::Name(name), names, .. } => {
                match suggest::nearest(name, names.iter().map(String::as_str)) {
                    Some(near) => format!("write {near}; `mnistaug info` lists the classes"),
                    None => "name classes by their ids, or as `mnistaug info` lists them".into(),
                }
            }
            Self::Offset { .. } => {
                "add another number, or leave that class out with --labels and --map".into()
            }
            Self::Renumbered => "renumber the classes of the images that they are composed of".into(),
            Self::NothingLeft { .. } => "check --labels, --objects-are, --range and --limit".into(),
            Self::NoObjects { .. } => {
                "leave it out, or compose images with `mnistaug quadrant` or `place` first".into()
            }
            Self::NoInk => "make the images with --masks (`colorize`, `quadrant` and `place` have it), or augment the digits before".into(),
            Self::OnlyResized { .. } => "resize before or afterwards, with --resize or a step of its own".into(),
            Self::NoMasks { .. } => "leave it out, or give it to `quadrant` or `place`, which know where objects are".into(),
            Self::Tinted => "color the gray data set that these were made from".into(),
            Self::Sets { .. } | Self::PermutedObjects => "do so before images are composed".into(),
            Self::Soft { .. } => "do so before images are mixed".into(),
            Self::Alpha { .. } => "say --alpha 1 or less, or another --compat".into(),
            Self::Noise { .. } => "see `mnistaug relabel --help`".into(),
            Self::TooFew { there: 0, .. } => "leave the class out with --labels".into(),
            Self::TooFew { there, .. } => {
                format!(
                    "ask for at most {there} (of long tails and steps that is --head, or the parameter head), or let samples stand there several times with --repeat"
                )
            }
            Self::NumpySeed { .. } => "say another --seed".into(),
            Self::NoSplit { splits, .. } => format!("the splits are {}", splits.join(", ")),
            Self::NothingToConvert { .. } => "add gray or resize to the recipe".into(),
            Self::Originals { .. } => {
                "end the pipeline with a resize to the originals' size, or leave them out".into()
            }
            Self::Differ { difference, .. } => match **difference {
                Difference::Images(..) => {
                    "add --resize HxW, and --gray where some are colored and others are not".into()
                }
                Difference::Samples(..) => "only data sets of one kind can be put together".into(),
                Difference::Classes(_, ref known) => format!(
                    "if they are other classes, give them other ids: --offset-labels 0,{}, a number for each input; if they are the same, say --classes N",
                    known.len()
                ),
            },
            Self::Uncountable { .. } | Self::NoJson { .. } => return None,
        })
    }
}

//! What may be said about a format, and which formats take what.

use serde::{Deserialize, Serialize};

use super::arrays::{Dtype, Keys, Scale};
use super::csv::CsvLayout;

/// How files are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compress {
    /// As the format thinks best for this kind of image.
    #[default]
    Auto,
    /// Not at all.
    None,
    /// With DEFLATE at this level, 1 to 9.
    Level(u8),
}

impl std::str::FromStr for Compress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse()) {
            ("auto", _) => Ok(Self::Auto),
            ("none", _) => Ok(Self::None),
            (_, Ok(level @ 1..=9)) => Ok(Self::Level(level)),
            _ => Err(format!("expected auto, none or a level from 1 to 9; found {text:?}")),
        }
    }
}

/// How masks are said in files of boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Segmentation {
    /// As lengths of runs, in COCO's texts.
    Rle,
    /// As polygons around the pixels.
    Polygons,
    /// Not at all.
    None,
}

impl Segmentation {
    /// All of them, by the names that they have on the command line.
    pub const NAMES: [(&'static str, Self); 3] =
        [("rle", Self::Rle), ("polygons", Self::Polygons), ("none", Self::None)];
}

/// What the user says about the form of the output, beside the name of the format.
#[expect(clippy::struct_excessive_bools, reason = "they are switches of the command line, each by itself")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Compression.
    pub compress: Compress,
    /// Type of the values of `x`.
    pub dtype: Option<Dtype>,
    /// How floats are made of pixels.
    pub scale: Option<Scale>,
    /// Labels as rows of 0 and 1.
    pub one_hot: bool,
    /// Images as rows.
    pub flatten: bool,
    /// Gray images with a channel.
    pub add_channel: bool,
    /// Channels before rows and columns.
    pub channels_first: bool,
    /// Names of the arrays.
    pub keys: Option<Keys>,
    /// How masks are said beside pictures.
    pub segmentation: Option<Segmentation>,
    /// Columns of CSV files.
    pub layout: Option<CsvLayout>,
    /// A number of samples per shard is given.
    pub shard_size: bool,
    /// Only a part is to be built.
    pub part: bool,
    /// What is drawn is to be written beside each shard.
    pub trace: bool,
}

/// An option that not every format takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opt {
    /// `--compress LEVEL`; `auto` and `none` go with every format.
    Compress,
    /// `--dtype`
    Dtype,
    /// `--scale`
    Scale,
    /// `--one-hot`
    OneHot,
    /// `--flatten`
    Flatten,
    /// `--add-channel`
    AddChannel,
    /// `--channels-first`
    ChannelsFirst,
    /// `--keys`
    Keys,
    /// `--segmentation`
    Segmentation,
    /// `--layout`
    Layout,
    /// `--shard-size`
    ShardSize,
    /// `--part`
    Part,
    /// `--trace`
    Trace,
}

impl Opt {
    /// What whoever writes shards takes.
    pub const OF_SHARDS: &'static [Self] = &[Self::ShardSize, Self::Part, Self::Trace];

    /// As it is typed.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Compress => "--compress",
            Self::Dtype => "--dtype",
            Self::Scale => "--scale",
            Self::OneHot => "--one-hot",
            Self::Flatten => "--flatten",
            Self::AddChannel => "--add-channel",
            Self::ChannelsFirst => "--channels-first",
            Self::Keys => "--keys",
            Self::Segmentation => "--segmentation",
            Self::Layout => "--layout",
            Self::ShardSize => "--shard-size",
            Self::Part => "--part",
            Self::Trace => "--trace",
        }
    }
}

impl Options {
    /// The options that were given, in the order of the fields.
    #[must_use]
    pub fn given(&self) -> Vec<Opt> {
        [
            (Opt::Layout, self.layout.is_some()),
            (Opt::Compress, matches!(self.compress, Compress::Level(_))),
            (Opt::Dtype, self.dtype.is_some()),
            (Opt::Scale, self.scale.is_some()),
            (Opt::OneHot, self.one_hot),
            (Opt::Flatten, self.flatten),
            (Opt::AddChannel, self.add_channel),
            (Opt::ChannelsFirst, self.channels_first),
            (Opt::Keys, self.keys.is_some()),
            (Opt::Segmentation, self.segmentation.is_some()),
            (Opt::ShardSize, self.shard_size),
            (Opt::Part, self.part),
            (Opt::Trace, self.trace),
        ]
        .into_iter()
        .filter_map(|(option, given)| given.then_some(option))
        .collect()
    }

    /// The level to compress at, where `auto` means `auto`.
    #[must_use]
    pub fn level(&self, auto: Option<u8>) -> Option<u8> {
        match self.compress {
            Compress::Level(level) => Some(level),
            Compress::None => None,
            Compress::Auto => auto,
        }
    }
}

/// Why a format has no place for samples, or for an option.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--format {format}: {reason}")]
pub struct Unfit {
    /// The format's name.
    pub format: &'static str,
    /// Why not.
    pub reason: String,
    /// What helps, as the beginning of a sentence in the imperative.
    pub help: String,
}

impl Unfit {
    /// For a reason that needs no more words.
    #[must_use]
    pub fn new(format: &'static str, reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self { format, reason: reason.into(), help: help.into() }
    }
}

impl crate::base::Explain for Unfit {
    fn kind(&self) -> crate::base::Kind {
        crate::base::Kind::Usage
    }

    fn help(&self) -> Option<String> {
        Some(self.help.clone())
    }
}

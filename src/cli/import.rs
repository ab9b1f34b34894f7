//! What may be typed after `import`.

use std::path::PathBuf;

use clap::Args;

use crate::base::choice::Choice;
use crate::recipe::concat::SplitName;
use crate::recipe::{Background, Invert, Labels, Placing, Size};

use super::common::whole;
use super::{OutputArgs, choice};

/// `import`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug import seven.png --label 7 --fit mnist --out out/seven
  mnistaug import drawings --fit mnist --out out/mine         labels are the names of the folders in it
  mnistaug import strip.jpg --segment --label 3,1,4,1,5 --out out/pi

Without --label, folders with numbers as names are those classes, other class folders are numbered in name order, and files in no class \
folder are class 0.")]
pub struct ImportArgs {
    /// Pictures, folders of pictures, or folders of class folders
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,

    /// Class of all drawings, or a list: 3,1,4
    ///
    /// In the order of the files; those of a folder are counted as people do, 2 before 10. With --segment, 314 is the same list.
    #[arg(long, value_name = "N|LIST")]
    pub label: Option<Labels>,

    /// Invert: dark ink on light paper becomes light on dark
    #[arg(long, value_parser = choice::<Invert>(), default_value = Invert::default().name())]
    pub invert: Invert,

    /// Background [default: estimate; keep with --fit stretch and --invert yes or no]
    #[arg(long, value_parser = choice::<Background>(), hide_default_value = true)]
    pub background: Option<Background>,

    /// Height and width of images
    #[arg(long, value_name = "HxW", default_value = "28x28")]
    pub size: Size,

    /// How drawings are resized
    #[arg(long, value_parser = choice::<Placing>(), default_value = Placing::default().name())]
    pub fit: Placing,

    /// Cut each picture into digits, in reading order
    ///
    /// Empty rows separate lines, empty columns separate digits.
    #[arg(long)]
    pub segment: bool,

    /// Pixels above N are ink [default: Otsu's threshold]
    ///
    /// Applied after --invert and --background. Otsu's threshold is computed for each picture.
    #[arg(long, value_name = "N", value_parser = whole::<u8>(0..=254), allow_negative_numbers = true)]
    pub threshold: Option<u8>,

    /// Name of the split
    #[arg(long, value_name = "NAME", default_value = "train", value_parser = split_name)]
    pub split: String,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Names of splits are the beginnings of file names.
fn split_name(text: &str) -> Result<String, String> {
    text.parse::<SplitName>().map(String::from)
}

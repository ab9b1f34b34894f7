//! What may be typed after `import`.

use std::path::PathBuf;

use clap::Args;

use crate::base::choice::Choice;
use crate::recipe::{Invert, Labels, Placing, Size};

use super::{OutputArgs, choice};

/// `import`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  mnistaug import seven.png --label 7 --fit mnist --out out/seven
  mnistaug import drawings --fit mnist --out out/mine         labels are the names of the folders in it
  mnistaug import strip.jpg --segment --label 3,1,4,1,5 --out out/pi

Without --label, folders named by numbers are those classes, other class folders are numbered in name order, and what lies in neither is of \
class 0. A data set that was made so is an --input like any other.")]
pub struct ImportArgs {
    /// Pictures (PNG, JPEG, BMP, WebP), and folders of them or of class folders
    #[arg(value_name = "FILES", required = true)]
    pub files: Vec<PathBuf>,

    /// Class of all drawings, or of each in order: 3,1,4, or with --segment also 314
    #[arg(long, value_name = "N|LIST", help_heading = "Drawings")]
    pub label: Option<Labels>,

    /// Swap light and dark
    #[arg(long, value_parser = choice::<Invert>(), default_value = Invert::default().name(), help_heading = "Drawings")]
    pub invert: Invert,

    /// Height and width of the images
    #[arg(long, value_name = "HxW", default_value = "28x28", help_heading = "Drawings")]
    pub size: Size,

    /// How drawings are brought to that size
    #[arg(long, value_parser = choice::<Placing>(), default_value = Placing::default().name(), help_heading = "Drawings")]
    pub fit: Placing,

    /// Cut each picture at empty rows into lines and at empty columns into digits, in reading order
    #[arg(long, help_heading = "Drawings")]
    pub segment: bool,

    /// What is above N, once light and dark are swapped, is ink [default: the level that parts each picture best (Otsu)]
    #[arg(long, value_name = "N", help_heading = "Drawings", value_parser = clap::value_parser!(u8).range(0..=254))]
    pub threshold: Option<u8>,

    /// Name of the split that is written
    #[arg(long, value_name = "NAME", default_value = "train", help_heading = "Drawings", value_parser = split_name)]
    pub split: String,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Names of splits are the beginnings of file names.
fn split_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !text.is_empty() && text.chars().all(plain) && text != "all" {
        Ok(text.to_owned())
    } else {
        Err(format!("expected a name of letters, digits, _ and -, and not `all`; found {text:?}"))
    }
}

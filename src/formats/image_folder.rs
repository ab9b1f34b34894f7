//! `png`: a PNG file for each image, in a folder for each class, which torchvision's ImageFolder, Keras and `datasets` read.

use serde_json::{Value, json};

use crate::base::{LabelKind, Schema};

use super::ways::{PictureName, Pictures};
use super::{Describe, Facts, Opt, Options, Unfit, Way};

/// `SPLIT/CLASS/INDEX.png`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageFolder;

impl Describe for ImageFolder {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("png", "One PNG file per image, in one folder per class (ImageFolder)")];

    fn takes(_: &Options) -> &'static [Opt] {
        Opt::OF_SHARDS
    }

    fn of(_: &str, _: &Options, _: &Facts) -> Result<Self, Unfit> {
        Ok(Self)
    }

    fn name(&self) -> &'static str {
        "png"
    }

    fn to_manifest(&self) -> Value {
        json!({ "pictures": "image_folder" })
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        (said.get("pictures")? == "image_folder").then_some(Self)
    }

    fn check(&self, schema: &Schema) -> Result<(), Unfit> {
        match schema.labels {
            LabelKind::Class => Ok(()),
            LabelKind::MultiHot => Err(Unfit::new(
                "png",
                "a folder for each class has no place for images of several classes",
                "choose --format coco or yolo, which say where each object is, or npz",
            )),
            LabelKind::Soft => Err(Unfit::new(
                "png",
                "a folder for each class has no place for images with a weight for each class",
                "choose another --format, such as npz or webdataset",
            )),
        }
    }

    fn way(&self) -> Way<'_> {
        Way::Pictures(self)
    }
}

impl Pictures for ImageFolder {
    fn picture(&self, PictureName { split, class, id }: PictureName<'_>) -> String {
        format!("{split}/{class}/{id}.png")
    }
}

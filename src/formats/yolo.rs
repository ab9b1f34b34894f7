//! `yolo`: PNG files, and the boxes of their objects as YOLO has them.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::base::{Fault, Sample, Schema};

use super::ways::{Beside, Lists, PictureName, Pictures, put_text};
use super::{About, Describe, Facts, Opt, Options, Unfit, Way};

/// `images/SPLIT/INDEX.png`, `labels/SPLIT/INDEX.txt` and `data.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Yolo;

impl Describe for Yolo {
    const NAMES: &'static [(&'static str, &'static str)] = &[("yolo", "PNG files with YOLO labels")];

    fn takes(_: &Options) -> &'static [Opt] {
        Opt::OF_SHARDS
    }

    fn of(_: &str, _: &Options, _: &Facts) -> Result<Self, Unfit> {
        Ok(Self)
    }

    fn name(&self) -> &'static str {
        "yolo"
    }

    fn to_manifest(&self) -> Value {
        json!({ "pictures": "yolo" })
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        (said.get("pictures")? == "yolo").then_some(Self)
    }

    fn check(&self, schema: &Schema) -> Result<(), Unfit> {
        super::coco::needs_objects("yolo", schema)
    }

    fn check_split(&self, name: &str) -> Result<(), Unfit> {
        if !KEYS.contains(&name) {
            return Ok(());
        }
        Err(Unfit::new(
            "yolo",
            format!("{name:?} means something else in data.yaml, so that no split can be called that"),
            "name a single file's split with --split NAME, or choose another --format",
        ))
    }

    fn way(&self) -> Way<'_> {
        Way::Pictures(self)
    }
}

impl Pictures for Yolo {
    fn picture(&self, PictureName { split, id, .. }: PictureName<'_>) -> String {
        format!("images/{split}/{id}.png")
    }

    fn text(
        &self,
        PictureName { split, id, .. }: PictureName<'_>,
        sample: &Sample,
    ) -> Option<(String, String)> {
        Some((format!("labels/{split}/{id}.txt"), lines(sample)))
    }

    fn beside(&self, about: &About<'_>, _: &dyn Lists, beside: &mut dyn Beside) -> Result<(), Fault> {
        put_text(beside, "data.yaml".into(), &data_yaml(about))
    }
}

/// Keys of `data.yaml` that are no splits.
const KEYS: [&str; 8] = ["path", "names", "nc", "channels", "download", "yaml_file", "kpt_shape", "flip_idx"];

/// A name as a key of YAML: as it is where that cannot be taken for anything else, else quoted.
fn key(name: &str) -> String {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(&name);
    if is_plain { name.to_owned() } else { json!(name).to_string() }
}

/// Where the pictures of a split lie, as a value of YAML.
fn images(split: &str) -> String {
    let folder = format!("images/{split}");
    if key(split) == split { folder } else { json!(folder).to_string() }
}

/// A line for each object: class, then center and size of its tight box in parts of the image.
fn lines(sample: &Sample) -> String {
    let shape = sample.canvas.shape();
    let (height, width) = (shape.height as f64, shape.width as f64);
    let mut text = String::new();
    for object in sample.objects.iter().filter(|object| object.tight.x1 > object.tight.x0) {
        let [x0, y0, x1, y1] = object.tight.to_array().map(f64::from);
        let _ = writeln!(
            text,
            "{} {:.6} {:.6} {:.6} {:.6}",
            object.class,
            f64::midpoint(x0, x1) / width,
            f64::midpoint(y0, y1) / height,
            (x1 - x0) / width,
            (y1 - y0) / height,
        );
    }
    text
}

/// `data.yaml` of ultralytics: where pictures are, and the names of classes. It does not say `path`: where that is missing, all versions look
/// beside the file, while `.` would be the folder that one happens to be in. `train` and `val` must be there, or nothing is read; the
/// validation split is `val`, or `test` where there is none.
fn data_yaml(about: &About<'_>) -> String {
    let has = |name: &str| about.splits.iter().any(|split| split.name == name);
    let mut text = String::new();
    for split in &about.splits {
        // Whatever it is called: `null` and `1` are no texts in YAML.
        let _ = writeln!(text, "{}: {}", key(split.name), images(split.name));
    }
    for (needed, instead) in [("train", ["val", "test"]), ("val", ["test", "train"])] {
        if has(needed) {
            continue;
        }
        let other = instead.into_iter().find(|name| has(name));
        if let Some(split) = other.or(about.splits.first().map(|split| split.name)) {
            let _ = writeln!(text, "{needed}: {}", images(split));
        }
    }
    text += "names:\n";
    for (class, name) in
        about.splits.first().iter().flat_map(|split| split.schema.class_names.iter().enumerate())
    {
        let _ = writeln!(text, "  {class}: {}", json!(name));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Object, Rect, Shape};

    #[test]
    fn boxes_become_parts_of_the_image() {
        let mut sample = Sample::default();
        sample.canvas.reset(Shape::gray(10, 20));
        let tight = Rect { x0: 5, y0: 2, x1: 15, y1: 4 };
        sample.objects.push(Object { class: 3, cell: 0, origin: 0, tight, area: tight });
        let empty = Rect { x0: 5, y0: 2, x1: 5, y1: 2 };
        sample.objects.push(Object { class: 4, cell: 1, origin: 0, tight: empty, area: tight });
        assert_eq!(lines(&sample), "3 0.500000 0.300000 0.500000 0.200000\n");
    }
}

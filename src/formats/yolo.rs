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

/// `data.yaml` of ultralytics: where pictures are, and the names of classes. Its validation split is `val`, or `test` where there is none.
fn data_yaml(about: &About<'_>) -> String {
    let has = |name: &str| about.splits.iter().any(|split| split.name == name);
    let mut text = String::from("path: .\n");
    for split in &about.splits {
        let _ = writeln!(text, "{}: images/{}", split.name, split.name);
    }
    if !has("val") {
        let other = ["test", "train"].into_iter().find(|name| has(name));
        if let Some(split) = other.or(about.splits.first().map(|split| split.name)) {
            let _ = writeln!(text, "val: images/{split}");
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

//! `coco`: PNG files, and the boxes of their objects as COCO has them.

use serde_json::{Value, json};

use crate::base::{Fault, LabelKind, Schema};

use super::codec::rle;
use super::collections;
use super::ways::{AboutSplit, Append, Beside, Lists, PictureName, Pictures};
use super::{About, Describe, Facts, Opt, Options, Unfit, Way};

/// `SPLIT/INDEX.png` and `annotations/instances_SPLIT.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coco;

impl Describe for Coco {
    const NAMES: &'static [(&'static str, &'static str)] = &[("coco", "PNG files with COCO annotations")];

    fn takes(_: &Options) -> &'static [Opt] {
        Opt::OF_SHARDS
    }

    fn of(_: &str, _: &Options, _: &Facts) -> Result<Self, Unfit> {
        Ok(Self)
    }

    fn name(&self) -> &'static str {
        "coco"
    }

    fn to_manifest(&self) -> Value {
        json!({ "pictures": "coco" })
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        (said.get("pictures")? == "coco").then_some(Self)
    }

    fn check(&self, schema: &Schema) -> Result<(), Unfit> {
        needs_objects("coco", schema)
    }

    fn way(&self) -> Way<'_> {
        Way::Pictures(self)
    }
}

/// Refuses images that are not composed: there is nothing to draw boxes around.
pub(super) fn needs_objects(format: &'static str, schema: &Schema) -> Result<(), Unfit> {
    if schema.grid.is_some() {
        return Ok(());
    }
    Err(Unfit::new(
        format,
        "COCO and YOLO files say where objects are, and these images have no boxes",
        match schema.labels {
            LabelKind::Class | LabelKind::MultiHot => {
                "compose them with `mnistaug quadrant` first, or choose --format png"
            }
            LabelKind::Soft => "choose another --format, such as npz or webdataset",
        },
    ))
}

impl Pictures for Coco {
    fn picture(&self, PictureName { split, id, .. }: PictureName<'_>) -> String {
        format!("{split}/{id}.png")
    }

    fn beside(&self, about: &About<'_>, lists: &dyn Lists, beside: &mut dyn Beside) -> Result<(), Fault> {
        let kind = collections::only(about.licenses).map(|collection| collection.kind);
        for (number, split) in about.splits.iter().enumerate() {
            let name = format!("annotations/instances_{}.json", split.name);
            beside.put(name, &mut |append| annotations(number, split, kind, lists, append))?;
        }
        Ok(())
    }
}

/// `annotations/instances_SPLIT.json`: images, annotations, categories. `kind` is what all classes are, if that is
/// known. Two passes over the lists, line by line.
fn annotations(
    number: usize,
    split: &AboutSplit<'_>,
    kind: Option<&str>,
    lists: &dyn Lists,
    append: &mut Append<'_>,
) -> Result<(), Fault> {
    let mut first = true;
    append(b"{\"images\":[")?;
    lists.each(number, &mut |id, listed| {
        let name = listed.files[0].name.rsplit('/').next().unwrap_or_default();
        let value = json!({ "id": id, "file_name": name, "width": listed.shape.width, "height": listed.shape.height });
        append_item(append, &mut first, &value)
    })?;
    append(b"\n],\"annotations\":[")?;
    let mut first = true;
    let mut count = 0_u64;
    lists.each(number, &mut |id, listed| {
        for (k, object) in listed.objects.iter().enumerate().filter(|(_, o)| o.tight.x1 > o.tight.x0) {
            count += 1;
            let [x0, y0, x1, y1] = object.tight.to_array();
            let (width, height) = (x1 - x0, y1 - y0);
            let mut value = json!({
                "id": count, "image_id": id, "category_id": object.class, "bbox": [x0, y0, width, height],
                "area": i64::from(width) * i64::from(height), "iscrowd": 0,
            });
            if let Some(mask) = listed.masks.get(k) {
                let size = [listed.shape.height, listed.shape.width];
                value["area"] = rle::area(mask).into();
                value["segmentation"] = json!({ "size": size, "counts": mask });
            }
            append_item(append, &mut first, &value)?;
        }
        Ok(())
    })?;
    let names = &split.schema.class_names;
    // Ten numbers are digits unless they are known to be something else.
    let are_numbers = *names == crate::base::sample::numbered_classes(crate::names::CLASSES);
    let above = kind.unwrap_or(if are_numbers { "digit" } else { "object" });
    let categories: Vec<Value> = (0..)
        .zip(names)
        .map(|(id, name): (usize, _)| json!({ "id": id, "name": name, "supercategory": above }))
        .collect();
    append(format!("\n],\"categories\":{}}}\n", Value::from(categories)).as_bytes())
}

/// Appends one item of a JSON list.
fn append_item(append: &mut Append<'_>, first: &mut bool, value: &Value) -> Result<(), Fault> {
    let comma = if std::mem::take(first) { "\n" } else { ",\n" };
    append(format!("{comma}{value}").as_bytes())
}

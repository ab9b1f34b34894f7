//! `coco`: PNG files, and the boxes of their objects as COCO has them.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::base::{Fault, LabelKind, Schema};

use super::codec::{outline, rle};
use super::collections;
use super::ways::{AboutSplit, Append, Beside, Lists, PictureName, Pictures};
use super::{About, Describe, Facts, Opt, Options, Segmentation, Unfit, Way};

/// `SPLIT/INDEX.png` and `annotations/instances_SPLIT.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coco {
    /// How masks are said, where there are any.
    pub segmentation: Segmentation,
}

impl Describe for Coco {
    const NAMES: &'static [(&'static str, &'static str)] = &[("coco", "PNG files with COCO annotations")];

    fn takes(_: &Options) -> &'static [Opt] {
        OPTIONS
    }

    fn of(_: &str, options: &Options, _: &Facts) -> Result<Self, Unfit> {
        Ok(Self { segmentation: options.segmentation.unwrap_or(Segmentation::Rle) })
    }

    fn name(&self) -> &'static str {
        "coco"
    }

    fn to_manifest(&self) -> Value {
        pictures_to_manifest("coco", self.segmentation, Segmentation::Rle)
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        Some(Self { segmentation: pictures_of_manifest(said, "coco", Segmentation::Rle)? })
    }

    fn check(&self, schema: &Schema) -> Result<(), Unfit> {
        needs_objects("coco", schema)
    }

    fn way(&self) -> Way<'_> {
        Way::Pictures(self)
    }
}

/// What formats of boxes take.
pub(super) const OPTIONS: &[Opt] = &[Opt::Segmentation, Opt::ShardSize, Opt::Part, Opt::Trace];

/// How manifests say a format of boxes: its name, and how masks are said where that is not as usual.
pub(super) fn pictures_to_manifest(name: &str, segmentation: Segmentation, usual: Segmentation) -> Value {
    if segmentation == usual {
        return json!({ "pictures": name });
    }
    json!({ "pictures": name, "segmentation": segmentation })
}

/// What [`pictures_to_manifest`] said.
pub(super) fn pictures_of_manifest(said: &Value, name: &str, usual: Segmentation) -> Option<Segmentation> {
    if said.get("pictures")? != name {
        return None;
    }
    said.get("segmentation").map_or(Some(usual), |how| Segmentation::deserialize(how).ok())
}

/// Refuses images that are not composed: there is nothing to draw boxes around.
pub(super) fn needs_objects(format: &'static str, schema: &Schema) -> Result<(), Unfit> {
    if schema.grid.is_some() {
        return Ok(());
    }
    Err(Unfit::new(
        format,
        "its files say where objects are, and these images have no boxes",
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
            beside.put(name, &mut |append| {
                annotations(number, split, kind, self.segmentation, lists, append)
            })?;
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
    segmentation: Segmentation,
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
    let (mut count, mut ids) = (0_u64, Vec::new());
    lists.each(number, &mut |id, listed| {
        for (k, object) in listed.objects.iter().enumerate().filter(|(_, o)| o.tight.x1 > o.tight.x0) {
            count += 1;
            let [x0, y0, x1, y1] = object.tight.to_array();
            let (width, height) = (x1 - x0, y1 - y0);
            let mut value = json!({
                "id": count, "image_id": id, "category_id": object.class, "bbox": [x0, y0, width, height],
                "area": i64::from(width) * i64::from(height), "iscrowd": 0,
            });
            let size = [listed.shape.height, listed.shape.width];
            match (listed.masks.get(k), segmentation) {
                (Some(mask), Segmentation::Rle) => {
                    value["area"] = rle::area(mask).into();
                    value["segmentation"] = json!({ "size": size, "counts": mask });
                }
                (Some(mask), Segmentation::Polygons) => {
                    ids.clear();
                    ids.resize(listed.shape.pixels(), 0);
                    // It was checked when the list was read.
                    let _ = rle::decode(mask, &mut ids, size, 1);
                    let polygons = outline::polygons(&ids, size, 1);
                    value["area"] = rle::area(mask).into();
                    value["segmentation"] = polygons.iter().map(|polygon| polygon.as_flattened()).collect();
                }
                (Some(_), Segmentation::None) | (None, _) => {}
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

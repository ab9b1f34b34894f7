//! `yolo`: PNG files, and the boxes or outlines of their objects as YOLO has them.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::base::{Fault, Sample, Schema, Shape};

use super::coco::{pictures_of_manifest, pictures_to_manifest};
use super::codec::outline;
use super::ways::{Beside, Lists, PictureName, Pictures, put_text};
use super::{About, Describe, Facts, Opt, Options, Segmentation, Unfit, Way};

/// `images/SPLIT/INDEX.png`, `labels/SPLIT/INDEX.txt` and `data.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Yolo {
    /// How masks are said, where there are any: as polygons in place of boxes, or not at all.
    pub segmentation: Segmentation,
}

impl Describe for Yolo {
    const NAMES: &'static [(&'static str, &'static str)] = &[("yolo", "PNG files with YOLO labels")];

    fn takes(_: &Options) -> &'static [Opt] {
        super::coco::OPTIONS
    }

    fn of(_: &str, options: &Options, _: &Facts) -> Result<Self, Unfit> {
        match options.segmentation.unwrap_or(Segmentation::Polygons) {
            Segmentation::Rle => Err(Unfit::new(
                "yolo",
                "its labels have polygons and no lengths of runs",
                "choose --segmentation polygons or none, or --format coco",
            )),
            segmentation @ (Segmentation::Polygons | Segmentation::None) => Ok(Self { segmentation }),
        }
    }

    fn name(&self) -> &'static str {
        "yolo"
    }

    fn to_manifest(&self) -> Value {
        pictures_to_manifest("yolo", self.segmentation, Segmentation::Polygons)
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        let segmentation = pictures_of_manifest(said, "yolo", Segmentation::Polygons)?;
        (segmentation != Segmentation::Rle).then_some(Self { segmentation })
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

    fn files(
        &self,
        PictureName { split, id, .. }: PictureName<'_>,
        sample: &Sample,
        _: &[String],
    ) -> Vec<(String, Vec<u8>)> {
        let has_polygons = self.segmentation == Segmentation::Polygons && !sample.mask.is_empty();
        let text = if has_polygons { polygons(sample) } else { lines(sample) };
        vec![(format!("labels/{split}/{id}.txt"), text.into_bytes())]
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

/// A line for each object whose ink is seen: class, then the corners of its outline in parts of the image. Pieces and holes are joined to one outline
/// by cuts of no width, as tools that convert COCO's do.
fn polygons(sample: &Sample) -> String {
    let Shape { height, width, .. } = sample.canvas.shape();
    let mut text = String::new();
    for object in &sample.objects {
        let outline = outline::polygon(&sample.mask, [height, width], (object.cell + 1) as u8);
        if outline.is_empty() {
            continue;
        }
        let _ = write!(text, "{}", object.class);
        for [x, y] in outline {
            let _ = write!(text, " {:.6} {:.6}", f64::from(x) / width as f64, f64::from(y) / height as f64);
        }
        text.push('\n');
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
    use crate::base::{Object, Rect};

    #[test]
    fn boxes_become_parts_of_the_image() {
        let mut sample = Sample::default();
        sample.canvas.reset(Shape::gray(10, 20));
        let tight = Rect { x0: 5, y0: 2, x1: 15, y1: 4 };
        sample.objects.push(Object { class: 3, cell: 0, origin: 0, tight, area: tight });
        let empty = Rect { x0: 5, y0: 2, x1: 5, y1: 2 };
        sample.objects.push(Object { class: 4, cell: 1, origin: 0, tight: empty, area: tight });
        assert_eq!(lines(&sample), "3 0.500000 0.300000 0.500000 0.200000\n");
        sample.mask.resize(200, 0);
        sample.mask[2 * 20 + 5..2 * 20 + 15].fill(1);
        sample.mask[3 * 20 + 5..3 * 20 + 15].fill(1);
        assert_eq!(
            polygons(&sample),
            "3 0.250000 0.200000 0.750000 0.200000 0.750000 0.400000 0.250000 0.400000\n"
        );
    }
}

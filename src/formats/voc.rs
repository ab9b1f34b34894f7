//! `voc`: PNG files, and the boxes and masks of their objects as Pascal VOC has them.

use std::fmt::Write as _;

use serde_json::Value;

use crate::base::{Fault, Image, Sample, Schema, Shape};

use super::coco::{needs_objects, pictures_of_manifest, pictures_to_manifest};
use super::codec::png::{Effort, PngEncoder};
use super::ways::{Beside, Lists, PictureName, Pictures};
use super::{About, Describe, Facts, Opt, Options, Segmentation, Unfit, Way};

/// `JPEGImages/SPLIT_INDEX.png`, `Annotations/SPLIT_INDEX.xml` and `ImageSets/Main/SPLIT.txt`; with masks also `SegmentationObject/`,
/// `SegmentationClass/` and `ImageSets/Segmentation/SPLIT.txt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voc {
    /// Whether masks are left out.
    pub boxes_alone: bool,
}

/// How masks are said where nothing else is: pictures of numbers, for which there is no other word.
const USUAL: Segmentation = Segmentation::Rle;

impl Describe for Voc {
    const NAMES: &'static [(&'static str, &'static str)] =
        &[("voc", "PNG files with Pascal VOC annotations")];

    fn takes(_: &Options) -> &'static [Opt] {
        super::coco::OPTIONS
    }

    fn of(_: &str, options: &Options, _: &Facts) -> Result<Self, Unfit> {
        match options.segmentation {
            None => Ok(Self { boxes_alone: false }),
            Some(Segmentation::None) => Ok(Self { boxes_alone: true }),
            Some(Segmentation::Rle | Segmentation::Polygons) => Err(Unfit::new(
                "voc",
                "its masks are pictures of numbers",
                "leave out --segmentation, or choose --format coco",
            )),
        }
    }

    fn name(&self) -> &'static str {
        "voc"
    }

    fn to_manifest(&self) -> Value {
        pictures_to_manifest("voc", if self.boxes_alone { Segmentation::None } else { USUAL }, USUAL)
    }

    fn of_manifest(said: &Value) -> Option<Self> {
        match pictures_of_manifest(said, "voc", USUAL)? {
            Segmentation::None => Some(Self { boxes_alone: true }),
            Segmentation::Rle => Some(Self { boxes_alone: false }),
            Segmentation::Polygons => None,
        }
    }

    fn check(&self, schema: &Schema) -> Result<(), Unfit> {
        needs_objects("voc", schema)
    }

    fn way(&self) -> Way<'_> {
        Way::Pictures(self)
    }
}

impl Pictures for Voc {
    fn picture(&self, PictureName { split, id, .. }: PictureName<'_>) -> String {
        format!("JPEGImages/{split}_{id}.png")
    }

    fn files(
        &self,
        PictureName { split, id, .. }: PictureName<'_>,
        sample: &Sample,
        classes: &[String],
    ) -> Vec<(String, Vec<u8>)> {
        let has_masks = !self.boxes_alone && !sample.mask.is_empty();
        let text = annotation(&format!("{split}_{id}.png"), sample, classes, has_masks);
        let mut files = vec![(format!("Annotations/{split}_{id}.xml"), text.into_bytes())];
        if has_masks {
            let [objects, of_classes] = numbers(sample);
            files.push((format!("SegmentationObject/{split}_{id}.png"), objects));
            files.push((format!("SegmentationClass/{split}_{id}.png"), of_classes));
        }
        files
    }

    fn beside(&self, about: &About<'_>, lists: &dyn Lists, beside: &mut dyn Beside) -> Result<(), Fault> {
        for (number, split) in about.splits.iter().enumerate() {
            let with_masks = (!self.boxes_alone && split.schema.masks).then_some("Segmentation");
            for set in std::iter::once("Main").chain(with_masks) {
                beside.put(format!("ImageSets/{set}/{}.txt", split.name), &mut |append| {
                    lists.each(number, &mut |_, listed| {
                        let name = listed.files[0].name.rsplit('/').next().unwrap_or_default();
                        append(format!("{}\n", name.trim_end_matches(".png")).as_bytes())
                    })
                })?;
            }
        }
        Ok(())
    }
}

/// What stands in `Annotations/`. Boxes are counted from 1, and their last row and column belong to them.
fn annotation(file: &str, sample: &Sample, classes: &[String], has_masks: bool) -> String {
    let Shape { height, width, kind } = sample.canvas.shape();
    let mut text = format!(
        "<annotation>\n  <folder>JPEGImages</folder>\n  <filename>{file}</filename>\n  <size>\n    <width>{width}</width>\n    \
         <height>{height}</height>\n    <depth>{}</depth>\n  </size>\n  <segmented>{}</segmented>\n",
        kind.count(),
        u8::from(has_masks)
    );
    for object in sample.objects.iter().filter(|object| object.tight.x1 > object.tight.x0) {
        let [x0, y0, x1, y1] = object.tight.to_array();
        let class = usize::from(object.class);
        let name = classes.get(class).map_or_else(|| class.to_string(), |name| escaped(name));
        let _ = write!(
            text,
            "  <object>\n    <name>{name}</name>\n    <pose>Unspecified</pose>\n    <truncated>0</truncated>\n    \
             <difficult>0</difficult>\n    <bndbox>\n      <xmin>{}</xmin>\n      <ymin>{}</ymin>\n      <xmax>{x1}</xmax>\n      \
             <ymax>{y1}</ymax>\n    </bndbox>\n  </object>\n",
            x0 + 1,
            y0 + 1
        );
    }
    text + "</annotation>\n"
}

/// Two pictures of numbers: for each pixel the number of its object, counted from 1 as they stand in the annotation, and one more than its class; 0 is
/// no object.
fn numbers(sample: &Sample) -> [Vec<u8>; 2] {
    let Shape { height, width, .. } = sample.canvas.shape();
    let shape = Shape::gray(height, width);
    let (mut objects, mut classes) = ([0; 256], [0; 256]);
    let seen = sample.objects.iter().filter(|object| object.tight.x1 > object.tight.x0);
    for (number, object) in (1..=255).zip(seen) {
        // Masks tell 255 cells apart at most.
        objects[object.cell + 1] = number;
        classes[object.cell + 1] = object.class.saturating_add(1);
    }
    let colors = colors();
    [objects, classes].map(|of| {
        let pixels: Vec<u8> = sample.mask.iter().map(|id| of[usize::from(*id)]).collect();
        let mut png = Vec::new();
        PngEncoder::new(Effort::Runs).encode_indexed(Image::new(shape, &pixels), &colors, &mut png);
        png
    })
}

/// The colors of VOC's numbers: bit by bit, the lowest three bits of what is left of a number go to the next lower bits of red, green and blue.
fn colors() -> [[u8; 3]; 256] {
    std::array::from_fn(|number| {
        let mut color = [0; 3];
        for bit in 0..8 {
            for (channel, value) in color.iter_mut().enumerate() {
                *value |= ((number >> (3 * bit + channel) & 1) << (7 - bit)) as u8;
            }
        }
        color
    })
}

/// A name as a text of XML. What XML has no way to write becomes `?`.
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        match letter {
            '&' => text += "&amp;",
            '<' => text += "&lt;",
            '>' => text += "&gt;",
            '\n' | '\r' | '\t' => {
                let _ = write!(text, "&#{};", u32::from(letter));
            }
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => text.push('?'),
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Object, Rect};

    #[test]
    fn boxes_are_counted_from_one() {
        let mut sample = Sample::default();
        sample.canvas.reset(Shape::rgb(10, 20));
        let tight = Rect { x0: 5, y0: 2, x1: 15, y1: 4 };
        sample.objects.push(Object { class: 1, cell: 0, origin: 0, tight, area: tight });
        let classes = ["a".to_owned(), "b & <c>".to_owned()];
        let text = annotation("x.png", &sample, &classes, false);
        for part in ["<depth>3</depth>", "<name>b &amp; &lt;c&gt;</name>", "<xmin>6</xmin>", "<ymin>3</ymin>"]
        {
            assert!(text.contains(part), "{text}");
        }
        assert!(text.contains("<xmax>15</xmax>") && text.contains("<ymax>4</ymax>"), "{text}");
    }

    #[test]
    fn numbers_have_the_colors_of_voc() {
        let colors = colors();
        assert_eq!(colors[..4], [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0]]);
        assert_eq!((colors[15], colors[255]), ([192, 128, 128], [224, 224, 192]));
    }

    #[test]
    fn pixels_have_the_number_of_their_object() {
        let mut sample = Sample::default();
        sample.canvas.reset(Shape::gray(1, 4));
        let tight = Rect { x0: 0, y0: 0, x1: 1, y1: 1 };
        for (class, cell) in [(7, 2), (3, 5)] {
            sample.objects.push(Object { class, cell, origin: 0, tight, area: tight });
        }
        sample.mask = vec![0, 6, 3, 0];
        let read = |png: &[u8]| {
            let decoder = image::codecs::png::PngDecoder::new(std::io::Cursor::new(png)).unwrap();
            let mut bytes = vec![0; image::ImageDecoder::total_bytes(&decoder) as usize];
            image::ImageDecoder::read_image(decoder, &mut bytes).unwrap();
            bytes
        };
        let colors = colors();
        let expected = |numbers: [usize; 4]| numbers.map(|number| colors[number]).as_flattened().to_vec();
        let [objects, classes] = numbers(&sample);
        assert_eq!(read(&objects), expected([0, 2, 1, 0]));
        assert_eq!(read(&classes), expected([0, 4, 8, 0]));
    }
}

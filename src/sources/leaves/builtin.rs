//! The built-in digits as a source: nothing to download, any number of them.

use crate::base::sample::numbered_classes;
use crate::base::{Fault, Label, LabelKind, Reader, Root, Sample, Schema, Shape, Source};

use crate::digits::{Artist, SIDE, class_of};

/// Changes when the digits look different, so that data sets made from older ones are told apart.
const EDITION: &str = "digits-1";

/// Images of a split of the built-in digits.
#[derive(Debug)]
pub struct BuiltinDigits {
    split: String,
    count: u64,
    schema: Schema,
}

impl BuiltinDigits {
    /// The first `count` digits of `split`.
    #[must_use]
    pub fn new(split: &str, count: u64) -> Self {
        let schema = Schema {
            shape: Shape::new(SIDE, SIDE, 1),
            varied: false,
            labels: LabelKind::Class,
            class_names: numbered_classes(10),
            grid: None,
            // Not the count: the first thousand of ten thousand digits are the first thousand of a million.
            roots: vec![Root {
                name: format!("digits/{split}"),
                digest: blake3::hash(format!("{EDITION}/{split}").as_bytes()).to_hex().to_string(),
                images: count,
            }],
        };
        Self { split: split.to_owned(), count, schema }
    }
}

impl Source for BuiltinDigits {
    fn len(&self) -> u64 {
        self.count
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(Drawing { split: &self.split, artist: Box::default() })
    }
}

struct Drawing<'a> {
    split: &'a str,
    artist: Box<Artist>,
}

impl Reader for Drawing<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let pixels = sample.canvas.reset(Shape::new(SIDE, SIDE, 1));
        if let Ok(pixels) = <&mut [u8; SIDE * SIDE]>::try_from(pixels) {
            sample.label = Label::Class(self.artist.draw(self.split, index, pixels));
        }
        sample.origin = index;
        sample.objects.clear();
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        Ok(Label::Class(class_of(self.split, index)))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        origins.push(index);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_known_without_drawing() {
        let digits = BuiltinDigits::new("train", 50);
        let mut reader = digits.reader();
        let mut sample = Sample::default();
        for index in [0, 7, 33, 49] {
            reader.read(index, &mut sample).unwrap();
            assert_eq!(reader.label(index).unwrap(), sample.label);
            assert_eq!(sample.origin, index);
        }
    }
}

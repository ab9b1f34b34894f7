//! The built-in digits as a source: nothing to download, any number of them.

use std::path::Path;
use std::sync::Arc;

use crate::base::sample::numbered_classes;
use crate::base::{DataSet, Fault, Label, LabelKind, Reader, Root, Sample, Schema, Shape, Source, Split};
use crate::digits::{Artist, SIDE, class_of};

use super::SourceError;

/// Changes when the digits look different, so that data sets made from older ones are told apart.
const EDITION: &str = "digits-1";

/// Images where nobody says how many, as in MNIST.
const COUNTS: (u64, u64) = (60_000, 10_000);

/// Whether a path means the built-in digits: `digits`, or `digits:` and a number of them.
#[must_use]
pub fn is_meant(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.strip_prefix("digits").is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// Opens the splits of such a path for which `wanted` is true, and names all of them.
///
/// # Errors
/// A number that is none.
pub fn open(path: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<(DataSet, Vec<String>), Fault> {
    let text = path.to_string_lossy();
    let (train, test) = match text.split_once(':') {
        None => COUNTS,
        Some((_, count)) => match count.parse::<u64>() {
            Ok(train) if (1..=1 << 40).contains(&train) => (train, train.div_ceil(6)),
            _ => {
                return Err(
                    SourceError::DigitCount { text: text.to_string(), count: count.to_owned() }.into()
                );
            }
        },
    };
    let mut data = DataSet::default();
    for (name, count) in [("train", train), ("test", test)] {
        if wanted(name) {
            let source = Arc::new(BuiltinDigits::new(name, count));
            data.splits.push(Split { name: name.to_owned(), source });
        }
    }
    data.licenses.push(
        "Built-in digits of mnistaug: drawn by a program from stroke skeletons, not scanned from anybody's handwriting.\nLicense: MIT, as mnistaug itself."
            .into(),
    );
    Ok((data, vec!["train".to_owned(), "test".to_owned()]))
}

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
            shape: Shape::gray(SIDE, SIDE),
            varied: false,
            labels: LabelKind::Class,
            class_names: numbered_classes(10),
            grid: None,
            frames: None,
            masks: false,
            // Not the count: the first thousand of ten thousand digits are the first thousand of a million.
            roots: vec![Root {
                name: format!("digits/{split}"),
                digest: blake3::hash(format!("{EDITION}/{split}").as_bytes()).to_hex().to_string(),
                images: count,
            }],
            truth: Vec::new(),
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
        let pixels = sample.canvas.reset(Shape::gray(SIDE, SIDE));
        if let Ok(pixels) = <&mut [u8; SIDE * SIDE]>::try_from(pixels) {
            sample.label = Label::Class(self.artist.draw(self.split, index, pixels));
        }
        sample.begin(index);
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

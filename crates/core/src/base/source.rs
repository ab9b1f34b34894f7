//! A data set is a function from index to sample.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Fault, Image, Label, Sample, Schema, Shape};

/// Samples by index. Immutable and shared by all workers.
pub trait Source: Send + Sync {
    /// Number of samples.
    fn len(&self) -> u64;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What all samples have in common.
    fn schema(&self) -> &Schema;

    /// The shapes that its images have, each once, in any order.
    fn shapes(&self) -> Vec<Shape> {
        vec![self.schema().shape]
    }

    /// The shape of image `index`, where it is known without drawing it.
    fn shape_at(&self, index: u64) -> Option<Shape> {
        let _ = index;
        let schema = self.schema();
        (!schema.varied).then_some(schema.shape)
    }

    /// Why its images differ in size, where they do.
    fn why_varied(&self) -> Option<Varied> {
        None
    }

    /// Where stretches of samples begin (the first at 0) of which each is cheap to read only as a whole and in order, such as packed shards.
    /// `None` where any sample can be read at any time at about the same cost.
    fn stretches(&self) -> Option<Vec<u64>> {
        None
    }

    /// The number that sample `index` has in what was read, before some of its samples were chosen.
    fn number(&self, index: u64) -> u64 {
        index
    }

    /// A reader for one worker.
    fn reader(&self) -> Box<dyn Reader + '_>;
}

/// Why images differ in size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Varied {
    /// Which images do, or which step of a pipeline makes them do so.
    pub reason: String,
    /// What would bring them to one size, as the beginning of a sentence in the imperative.
    pub help: String,
}

/// One worker's access to a [`Source`]: scratch buffers and caches, never randomness.
///
/// Indexes may come in any order; rising ones are fastest. An index must be below the source's `len()`.
pub trait Reader: Send {
    /// Fills `sample` with sample `index`.
    ///
    /// # Errors
    /// If the underlying file cannot be read, or holds something else than it did when it was opened.
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault>;

    /// The label of sample `index`, without drawing its pixels.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn label(&mut self, index: u64) -> Result<Label, Fault>;

    /// The source images of sample `index`, appended to `origins`: one, or one for each object of a composed image. Leaves and nodes that know
    /// them without drawing pixels say so themselves.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        let mut sample = Sample::default();
        self.read(index, &mut sample)?;
        if sample.objects.is_empty() {
            origins.push(sample.origin);
        } else {
            origins.extend(sample.objects.iter().map(|object| object.origin));
        }
        Ok(())
    }

    /// The truth of sample `index`, in place of what is in `truth`. Leaves and nodes that know it without drawing pixels say so
    /// themselves.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn truth(&mut self, index: u64, truth: &mut Vec<i64>) -> Result<(), Fault> {
        let mut sample = Sample::default();
        self.read(index, &mut sample)?;
        std::mem::swap(truth, &mut sample.truth);
        Ok(())
    }

    /// As [`read`](Self::read), telling what was drawn and what the image looked like after each step. Nodes first
    /// let what they wrap tell; leaves tell the image that they read, for which nothing is drawn.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.read(index, sample)?;
        tell(Told { step: "image", drawn: serde_json::Value::Null, image: sample.canvas.image() });
        Ok(())
    }
}

/// One step in the making of a sample.
#[derive(Debug)]
pub struct Told<'a> {
    /// Its name.
    pub step: &'a str,
    /// What was drawn for it; null for an image that was only read.
    pub drawn: serde_json::Value,
    /// The image after it.
    pub image: Image<'a>,
}

/// A named part of a data set: `train`, `test`, ...
#[derive(Clone)]
pub struct Split {
    /// Its name, which shard names begin with.
    pub name: String,
    /// Its samples.
    pub source: Arc<dyn Source>,
}

/// Something that was read to make a data set, and what it held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What it is: `images`, `labels`, `backgrounds`, `data set`, ...
    pub role: String,
    /// Where it was found, as it was named on the command line.
    pub path: String,
    /// BLAKE3 of its content (decompressed, for compressed files), in hexadecimal.
    pub digest: String,
}

/// Splits, and what is known about where they come from.
#[derive(Clone, Default)]
pub struct DataSet {
    /// The splits, each name once.
    pub splits: Vec<Split>,
    /// Everything that was read to make it.
    pub inputs: Vec<Input>,
    /// Licenses and attributions of the source data, one text each, none twice.
    pub licenses: Vec<String>,
    /// What the user should know: defaults that were chosen, things that look odd.
    pub notes: Vec<String>,
}

impl DataSet {
    /// Samples in all splits together.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.splits.iter().map(|split| split.source.len()).sum()
    }

    /// Whether there are no samples.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes over the other's provenance: inputs, licenses and notes that are not here yet.
    pub fn absorb_provenance(&mut self, other: &Self) {
        fn append<T: Clone + PartialEq>(to: &mut Vec<T>, from: &[T]) {
            for item in from {
                if !to.contains(item) {
                    to.push(item.clone());
                }
            }
        }
        append(&mut self.inputs, &other.inputs);
        append(&mut self.licenses, &other.licenses);
        append(&mut self.notes, &other.notes);
    }
}

//! Samples of a source in another order, fetched one by one from where they lie.

use std::sync::Arc;

use crate::base::{Fault, Label, Reader, Sample, Schema, Shape, Source, Told, Varied};

use super::select::entered;

/// The samples of a source that a list of indexes names, in its order.
pub struct Permuted {
    of: Arc<dyn Source>,
    indexes: Vec<u32>,
}

impl Permuted {
    /// Sample `k` is sample `indexes[k]` of `of`.
    ///
    /// # Panics
    /// If `of` has no such sample.
    #[must_use]
    pub fn new(of: Arc<dyn Source>, indexes: Vec<u32>) -> Self {
        assert!(indexes.iter().all(|&index| u64::from(index) < of.len()), "indexes are below the length");
        Self { of, indexes }
    }

    fn index(&self, index: u64) -> u64 {
        u64::from(self.indexes[index as usize])
    }
}

impl Source for Permuted {
    fn len(&self) -> u64 {
        self.indexes.len() as u64
    }

    fn schema(&self) -> &Schema {
        self.of.schema()
    }

    fn shapes(&self) -> Vec<Shape> {
        self.of.shapes()
    }

    fn shape_at(&self, index: u64) -> Option<Shape> {
        self.of.shape_at(self.index(index))
    }

    fn why_varied(&self) -> Option<Varied> {
        self.of.why_varied()
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        let starts = self.of.stretches()?;
        Some(entered(&starts, self.indexes.iter().map(|&index| u64::from(index))))
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(PermutedReader { permuted: self, of: self.of.reader() })
    }
}

struct PermutedReader<'a> {
    permuted: &'a Permuted,
    of: Box<dyn Reader + 'a>,
}

impl Reader for PermutedReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        self.of.read(self.permuted.index(index), sample)
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        self.of.label(self.permuted.index(index))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.of.origins(self.permuted.index(index), origins)
    }

    fn truth(&mut self, index: u64, truth: &mut Vec<i64>) -> Result<(), Fault> {
        self.of.truth(self.permuted.index(index), truth)
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.of.explain(self.permuted.index(index), sample, tell)
    }
}

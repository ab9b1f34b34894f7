//! Samples of another source, one for one, each of them changed: what nodes have in common that neither choose nor multiply.

use std::sync::Arc;

use crate::base::{Fault, Label, Reader, Sample, Schema, Shape, Source, Told, Varied};

/// What becomes of a sample.
pub trait Change: Send + Sync {
    /// What the changed samples have in common. Their shape may have other channels, but no other sides.
    fn schema(&self) -> &Schema;

    /// Changes sample `index`.
    ///
    /// # Errors
    /// What it cannot be made of.
    fn change(&self, index: u64, sample: &mut Sample) -> Result<(), Fault>;

    /// The label of sample `index`, whose label was `label`.
    fn label(&self, index: u64, label: Label) -> Label {
        let _ = index;
        label
    }

    /// Adds what is known of sample `index`, whose label was `label`, to its truth.
    fn truth(&self, index: u64, label: Label, truth: &mut Vec<i64>) {
        let _ = (index, label, truth);
    }

    /// The name of the step and what is drawn for sample `index`, if it is a step that is told.
    fn told(&self, index: u64, sample: &Sample) -> Option<(&'static str, serde_json::Value)> {
        let _ = (index, sample);
        None
    }
}

/// Samples of another source, changed.
pub struct Changed<C> {
    of: Arc<dyn Source>,
    by: C,
}

impl<C: Change> Changed<C> {
    /// The samples of `of`, changed by `by`.
    #[must_use]
    pub fn new(of: Arc<dyn Source>, by: C) -> Self {
        Self { of, by }
    }
}

impl<C: Change> Source for Changed<C> {
    fn len(&self) -> u64 {
        self.of.len()
    }

    fn schema(&self) -> &Schema {
        self.by.schema()
    }

    fn shapes(&self) -> Vec<Shape> {
        let kind = self.by.schema().shape.kind;
        self.of.shapes().into_iter().map(|shape| Shape { kind, ..shape }).collect()
    }

    fn number(&self, index: u64) -> u64 {
        self.of.number(index)
    }

    fn shape_at(&self, index: u64) -> Option<Shape> {
        let kind = self.by.schema().shape.kind;
        self.of.shape_at(index).map(|shape| Shape { kind, ..shape })
    }

    fn why_varied(&self) -> Option<Varied> {
        self.of.why_varied()
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        self.of.stretches()
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ChangedReader { by: &self.by, reader: self.of.reader() })
    }
}

struct ChangedReader<'a, C> {
    by: &'a C,
    reader: Box<dyn Reader + 'a>,
}

impl<C: Change> Reader for ChangedReader<'_, C> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        self.reader.read(index, sample)?;
        self.by.change(index, sample)
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        Ok(self.by.label(index, self.reader.label(index)?))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.reader.origins(index, origins)
    }

    fn truth(&mut self, index: u64, truth: &mut Vec<i64>) -> Result<(), Fault> {
        self.reader.truth(index, truth)?;
        self.by.truth(index, self.reader.label(index)?, truth);
        Ok(())
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.reader.explain(index, sample, tell)?;
        let told = self.by.told(index, sample);
        self.by.change(index, sample)?;
        if let Some((step, drawn)) = told {
            tell(Told { step, drawn, image: sample.canvas.image() });
        }
        Ok(())
    }
}

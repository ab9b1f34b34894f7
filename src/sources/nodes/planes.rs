//! Channels of another source's images as pictures of their own.

use std::sync::Arc;

use crate::base::{DataSet, Fault, Label, Reader, Sample, Schema, Shape, Source, Told, Watch};
use crate::kernels::planes;
use crate::recipe;
use crate::sources::open::{Open, each_split};

use super::NodeError;

impl Open for recipe::Planes {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        each_split(self.of.open_watched(watch)?, |split| {
            Ok(Arc::new(Planes::new(split.source, self.channels.numbers())?))
        })
    }
}

/// Channels, one above the other.
pub struct Planes {
    of: Arc<dyn Source>,
    channels: Vec<usize>,
    schema: Schema,
}

impl Planes {
    /// These channels of the images of `of`.
    ///
    /// # Errors
    /// If images are gray, composed, or of different sizes, or have planes already.
    pub fn new(of: Arc<dyn Source>, channels: &[usize]) -> Result<Self, Fault> {
        let mut schema = of.schema().clone();
        NodeError::refuse_varied("planes", &*of)?;
        NodeError::refuse_frames("planes", &schema)?;
        if schema.shape.channels() == 1 {
            return Err(NodeError::Gray { node: "planes" }.into());
        }
        if schema.grid.is_some() {
            return Err(NodeError::Composed { node: "planes" }.into());
        }
        schema.frames = Some(channels.len());
        schema.shape = Shape::gray(schema.shape.height * channels.len(), schema.shape.width);
        Ok(Self { of, channels: channels.to_vec(), schema })
    }
}

impl Source for Planes {
    fn len(&self) -> u64 {
        self.of.len()
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn number(&self, index: u64) -> u64 {
        self.of.number(index)
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        self.of.stretches()
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(PlanesReader { of: self, reader: self.of.reader() })
    }
}

struct PlanesReader<'a> {
    of: &'a Planes,
    reader: Box<dyn Reader + 'a>,
}

impl PlanesReader<'_> {
    fn change(&self, sample: &mut Sample) {
        sample.canvas.redraw(self.of.schema.shape, |from, to, _| {
            planes::planes(from, &self.of.channels, to);
        });
    }
}

impl Reader for PlanesReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        self.reader.read(index, sample)?;
        self.change(sample);
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        self.reader.label(index)
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.reader.origins(index, origins)
    }

    fn truth(&mut self, index: u64, truth: &mut Vec<i64>) -> Result<(), Fault> {
        self.reader.truth(index, truth)
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.reader.explain(index, sample, tell)?;
        self.change(sample);
        tell(Told { step: "planes", drawn: serde_json::Value::Null, image: sample.canvas.image() });
        Ok(())
    }
}

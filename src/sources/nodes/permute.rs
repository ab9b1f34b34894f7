//! Pixels in another order, the same one for all images.

use std::sync::Arc;

use crate::base::{DataSet, Fault, Sample, Schema, Source, Watch};
use crate::kernels::permute;
use crate::recipe;
use crate::sources::open::{Open, each_split};
use crate::split::numpy::RandomState;

use super::NodeError;
use super::changed::{Change, Changed};

impl Open for recipe::Permute {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        each_split(self.of.open_watched(watch)?, |split| Ok(Arc::new(Permute::new(split.source, self.seed)?)))
    }
}

/// An order of pixels.
pub struct Permute {
    schema: Schema,
    /// Which pixel stands in each place.
    order: Vec<u32>,
}

impl Permute {
    /// Pixel `k` of each image of `of` becomes what its pixel `order[k]` was, all channels together.
    ///
    /// # Errors
    /// If images differ in size, or are composed and their objects would have no boxes any more.
    pub fn new(of: Arc<dyn Source>, seed: u32) -> Result<Changed<Self>, Fault> {
        NodeError::refuse_varied("permute", &*of)?;
        let schema = of.schema().clone();
        if schema.grid.is_some() {
            return Err(NodeError::PermutedObjects.into());
        }
        let pixels = u32::try_from(schema.shape.pixels()).unwrap_or(u32::MAX);
        Ok(Changed::new(of, Self { schema, order: RandomState::new(seed).permutation(pixels) }))
    }
}

impl Change for Permute {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn change(&self, _: u64, sample: &mut Sample) -> Result<(), Fault> {
        sample.canvas.redraw(self.schema.shape, |from, to, _| permute::pixels(from, to, &self.order));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::leaves::builtin::BuiltinDigits;

    /// The first numbers of `RandomState(0).permutation(784)`.
    #[test]
    fn the_order_is_numpys() {
        let of: Arc<dyn Source> = Arc::new(BuiltinDigits::new("train", 3));
        let permuted = Permute::new(Arc::clone(&of), 0).unwrap();
        let (mut before, mut after) = (Sample::default(), Sample::default());
        of.reader().read(1, &mut before).unwrap();
        permuted.reader().read(1, &mut after).unwrap();
        for (k, place) in [693, 85, 647, 392, 765, 14, 299, 711, 55, 31].into_iter().enumerate() {
            assert_eq!(after.canvas.pixels()[k], before.canvas.pixels()[place]);
        }
        let sorted = |sample: &Sample| {
            let mut pixels = sample.canvas.pixels().to_vec();
            pixels.sort_unstable();
            pixels
        };
        assert_eq!(sorted(&before), sorted(&after));
        assert_eq!(before.label, after.label);
    }
}

//! Some of a source's samples: by class, by index range, the first so many.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::{DataSet, Fault, Label, Reader, Sample, Schema, Shape, Source, Told, Unit, Varied, Watch};
use crate::recipe;
use crate::recipe::select::{ClassName, IndexRange, LabelSet};
use crate::sources::open::{Open, each_split};

use super::NodeError;

impl Open for recipe::Select {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let Self { of, labels, range, limit } = self;
        each_split(of.open_watched(watch)?, |split| {
            Ok(Arc::new(Select::new(split.source, labels.as_ref(), *range, *limit, watch)?))
        })
    }
}

/// Samples between two looks at whether to go on.
const STRIDE: u64 = 256;

/// Where in `order` another of the stretches that begin at `starts` is entered.
pub(super) fn entered(starts: &[u64], order: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut inside = 0..0;
    let mut found = Vec::new();
    for (place, index) in (0..).zip(order) {
        if !inside.contains(&index) {
            let next = starts.partition_point(|start| *start <= index);
            inside = starts[next.saturating_sub(1)]..starts.get(next).copied().unwrap_or(u64::MAX);
            found.push(place);
        }
    }
    found
}

/// Samples of another source, fewer of them.
pub struct Select {
    of: Arc<dyn Source>,
    indexes: Indexes,
    schema: Schema,
    /// Distinct shapes, where the source has several.
    shapes: Vec<Shape>,
}

enum Indexes {
    Run { start: u64, len: u64 },
    List(Vec<u64>),
}

impl Select {
    /// Those of `of` whose label is in `labels`, of these the ones in `range`, of these the first `limit`.
    ///
    /// # Errors
    /// If nothing is left, or a label cannot be read.
    pub fn new(
        of: Arc<dyn Source>,
        labels: Option<&LabelSet>,
        range: Option<IndexRange>,
        limit: Option<u64>,
        watch: &Watch,
    ) -> Result<Self, Fault> {
        let schema = of.schema().clone();
        let limit = limit.unwrap_or(u64::MAX);
        let start = range.map_or(0, |range| range.start);
        let end = range.and_then(|range| range.end).unwrap_or(u64::MAX);
        let indexes = if let Some(labels) = labels {
            let of_name = |class: &ClassName| {
                class.id(&schema.class_names).ok_or_else(|| NodeError::NoClass {
                    option: "--labels",
                    said: labels.to_string(),
                    class: class.clone(),
                    names: schema.class_names.clone(),
                })
            };
            let classes = labels.classes().iter().map(of_name).collect::<Result<Vec<u8>, _>>()?;
            let wanted = end.min(start.saturating_add(limit));
            let mut list = Vec::new();
            let mut seen = 0;
            let pass = watch.pass("reading labels", Unit::Images, Some(of.len()));
            let mut reader = of.reader();
            for index in 0..of.len() {
                if seen == wanted {
                    break;
                }
                if index % STRIDE == 0 {
                    pass.check()?;
                    pass.add(STRIDE.min(of.len() - index));
                }
                let label = reader.label(index)?;
                if classes.iter().any(|&class| label.has(class)) {
                    if seen >= start {
                        list.push(index);
                    }
                    seen += 1;
                }
            }
            Indexes::List(list)
        } else {
            let start = start.min(of.len());
            Indexes::Run { start, len: end.min(of.len()).saturating_sub(start).min(limit) }
        };
        let select = Self { of, indexes, schema, shapes: Vec::new() };
        if select.is_empty() {
            return Err(NodeError::NothingLeft { of: select.of.len() }.into());
        }
        Ok(select.narrowed())
    }

    /// The same with the shapes of what is selected, of a source whose images differ in size.
    fn narrowed(mut self) -> Self {
        if self.schema.varied {
            self.shapes = self.distinct_shapes();
            if let [shape] = self.shapes[..] {
                (self.schema.shape, self.schema.varied) = (shape, false);
            }
        }
        self
    }

    /// The shapes of the selected images; those of all, where single ones are not known.
    fn distinct_shapes(&self) -> Vec<Shape> {
        let sides = |shape: Shape| (shape.height, shape.width, shape.channels());
        let known: Option<BTreeMap<_, _>> =
            (0..self.len()).map(|index| self.of.shape_at(self.index(index)).map(|s| (sides(s), s))).collect();
        known.map_or_else(|| self.of.shapes(), |shapes| shapes.into_values().collect())
    }

    /// Samples `start..start + len` of `of`.
    ///
    /// # Panics
    /// If there are fewer.
    #[must_use]
    pub fn slice(of: Arc<dyn Source>, start: u64, len: u64) -> Self {
        assert!(start + len <= of.len(), "a slice lies within its source");
        let schema = of.schema().clone();
        Self { of, indexes: Indexes::Run { start, len }, schema, shapes: Vec::new() }.narrowed()
    }

    fn index(&self, index: u64) -> u64 {
        match &self.indexes {
            Indexes::Run { start, .. } => start + index,
            Indexes::List(list) => list[index as usize],
        }
    }
}

impl Source for Select {
    fn len(&self) -> u64 {
        match &self.indexes {
            Indexes::Run { len, .. } => *len,
            Indexes::List(list) => list.len() as u64,
        }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn shapes(&self) -> Vec<Shape> {
        if self.shapes.is_empty() { vec![self.schema.shape] } else { self.shapes.clone() }
    }

    fn shape_at(&self, index: u64) -> Option<Shape> {
        self.of.shape_at(self.index(index))
    }

    fn number(&self, index: u64) -> u64 {
        self.of.number(self.index(index))
    }

    fn why_varied(&self) -> Option<Varied> {
        if self.schema.varied { self.of.why_varied() } else { None }
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        let starts = self.of.stretches()?;
        Some(match &self.indexes {
            Indexes::Run { start, len } => {
                let inside = starts.into_iter().filter(|at| (start + 1..start + len).contains(at));
                std::iter::once(0).chain(inside.map(|at| at - start)).collect()
            }
            Indexes::List(list) => entered(&starts, list.iter().copied()),
        })
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(SelectReader { select: self, of: self.of.reader() })
    }
}

struct SelectReader<'a> {
    select: &'a Select,
    of: Box<dyn Reader + 'a>,
}

impl Reader for SelectReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        self.of.read(self.select.index(index), sample)
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        self.of.label(self.select.index(index))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.of.origins(self.select.index(index), origins)
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.of.explain(self.select.index(index), sample, tell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::leaves::builtin::BuiltinDigits;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn filters_are_labels_then_range_then_limit(a in 0_u8..10, n in 1_u64..80, start in 0_u64..30, limit in 1_u64..20) {
            let source: Arc<dyn Source> = Arc::new(BuiltinDigits::new("train", n));
            let set: LabelSet = format!("{a},3").parse().unwrap();
            let names = source.schema().class_names.clone();
            let range = IndexRange { start, end: Some(start + 10) };
            let mut reader = source.reader();
            let expected: Vec<u64> = (0..n)
                .filter(|&i| set.classes().iter().any(|c| reader.label(i).unwrap().has(c.id(&names).unwrap())))
                .skip(start as usize).take(10).take(limit as usize)
                .collect();
            match Select::new(Arc::clone(&source), Some(&set), Some(range), Some(limit), &Watch::default()) {
                Err(_) => prop_assert!(expected.is_empty()),
                Ok(select) => {
                    let got: Vec<u64> = (0..select.len()).map(|i| select.index(i)).collect();
                    prop_assert_eq!(got, expected);
                }
            }
        }
    }
}

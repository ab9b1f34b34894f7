//! Some of a source's samples: by class, by number of objects, shuffled, by index range, the first so many.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::{
    DataSet, Fault, Label, Reader, Sample, Schema, Shape, Source, Stage, Stream, Told, Unit, Varied, Watch,
};
use crate::recipe;
use crate::recipe::select::{ClassName, IndexRange, LabelSet, Numbers, ObjectCount, Shuffle};
use crate::sources::open::{Open, each_split};
use crate::split::numpy::RandomState;
use crate::split::python::Random;

use super::NodeError;
use super::arranged::Arranged;

impl Open for recipe::Select {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let Self { of, labels, objects, shuffle, range, limit } = self;
        let wanted = Wanted {
            labels: labels.as_ref(),
            objects: *objects,
            shuffle: *shuffle,
            range: *range,
            limit: *limit,
        };
        each_split(of.open_watched(watch)?, |split| {
            Ok(Arc::new(Select::new(split.source, &split.name, &wanted, watch)?))
        })
    }
}

/// Which samples are taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Those with one of these classes,
    pub labels: Option<&'a LabelSet>,
    /// of them those with so many objects,
    pub objects: Option<ObjectCount>,
    /// in an order drawn by this seed,
    pub shuffle: Option<Shuffle>,
    /// of them this range,
    pub range: Option<IndexRange>,
    /// of them the first so many.
    pub limit: Option<u64>,
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

/// Samples of another source, fewer of them or in another order.
pub struct Select {
    of: Arc<dyn Source>,
    indexes: Indexes,
    schema: Schema,
    /// Distinct shapes, where the source has several.
    shapes: Vec<Shape>,
    /// The selected samples themselves, where fetching them one by one would go back and forth between stretches of `of`.
    laid: Option<Arc<dyn Source>>,
}

enum Indexes {
    Run { start: u64, len: u64 },
    List(Vec<u64>),
}

impl Select {
    /// Those samples of `of`, which is the split named `split`, that are wanted.
    ///
    /// # Errors
    /// If nothing is left, or a sample cannot be read.
    pub fn new(of: Arc<dyn Source>, split: &str, wanted: &Wanted<'_>, watch: &Watch) -> Result<Self, Fault> {
        let schema = of.schema().clone();
        let limit = wanted.limit.unwrap_or(u64::MAX);
        let (start, step) = wanted.range.map_or((0, 1), |range| (range.start, range.step.max(1)));
        let end = wanted.range.and_then(|range| range.end).unwrap_or(u64::MAX);
        let chosen = |list: Vec<u64>| -> Vec<u64> {
            let within = list.into_iter().take(usize::try_from(end).unwrap_or(usize::MAX));
            let every = within.skip(usize::try_from(start).unwrap_or(usize::MAX));
            let every = every.step_by(usize::try_from(step).unwrap_or(usize::MAX));
            every.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
        };
        let kinds = wanted.labels.is_some() || wanted.objects.is_some();
        let indexes = if kinds || wanted.shuffle.is_some() || step > 1 {
            let mut list: Vec<u64> = if kinds {
                // Those behind the last one that is wanted need not be looked at.
                let last = end.min(start.saturating_add(limit.saturating_mul(step)));
                of_kind(&*of, wanted, wanted.shuffle.map_or(last, |_| u64::MAX), watch)?
            } else {
                (0..of.len()).collect()
            };
            match wanted.shuffle {
                None => {}
                Some(Shuffle { by: Numbers::Own, seed }) => {
                    Stream::at(seed, Stage::new("shuffle", split), 0, 0).shuffle(&mut list);
                }
                // Whoever reads such a seed has seen to it that NumPy has it.
                Some(Shuffle { by: Numbers::NumPy, seed }) => {
                    RandomState::new(seed as u32).shuffle(&mut list);
                }
                Some(Shuffle { by: Numbers::Python, seed }) => Random::new(seed).shuffle(&mut list),
            }
            Indexes::List(chosen(list))
        } else {
            let start = start.min(of.len());
            Indexes::Run { start, len: end.min(of.len()).saturating_sub(start).min(limit) }
        };
        let select = Self { of, indexes, schema, shapes: Vec::new(), laid: None };
        if select.is_empty() {
            return Err(NodeError::NothingLeft { of: select.of.len() }.into());
        }
        if wanted.shuffle.is_some() { select.laid_down(watch) } else { Ok(select) }.map(Self::narrowed)
    }

    /// The same with its samples laid down in their order, once they are asked for, if they lie in stretches that are cheap to read only as a
    /// whole.
    fn laid_down(mut self, watch: &Watch) -> Result<Self, Fault> {
        let (Some(starts), Indexes::List(list)) = (self.of.stretches(), &self.indexes) else {
            return Ok(self);
        };
        if entered(&starts, list.iter().copied()).len() > starts.len() + 1 {
            let uncountable = || NodeError::Uncountable { images: self.of.len() };
            let order: Result<Vec<u32>, _> = list.iter().map(|&index| u32::try_from(index)).collect();
            let order = order.map_err(|_| uncountable())?;
            self.laid = Some(Arc::new(Arranged::new(Arc::clone(&self.of), order, watch.clone())));
        }
        Ok(self)
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
        Self { of, indexes: Indexes::Run { start, len }, schema, shapes: Vec::new(), laid: None }.narrowed()
    }

    fn index(&self, index: u64) -> u64 {
        match &self.indexes {
            Indexes::Run { start, .. } => start + index,
            Indexes::List(list) => list[index as usize],
        }
    }
}

/// The samples with one of the wanted classes and the wanted number of objects, of them the first `most`.
fn of_kind(of: &dyn Source, wanted: &Wanted<'_>, most: u64, watch: &Watch) -> Result<Vec<u64>, Fault> {
    let schema = of.schema();
    let classes = match wanted.labels {
        None => None,
        Some(labels) => {
            let of_name = |class: &ClassName| {
                class.id(&schema.class_names).ok_or_else(|| NodeError::NoClass {
                    option: "--labels",
                    said: labels.to_string(),
                    class: class.clone(),
                    names: schema.class_names.clone(),
                })
            };
            Some(labels.classes().iter().map(of_name).collect::<Result<Vec<u8>, _>>()?)
        }
    };
    let what = if wanted.objects.is_some() { "counting objects" } else { "reading labels" };
    let pass = watch.pass(what, Unit::Images, Some(of.len()));
    let (mut reader, mut sample, mut list) = (of.reader(), Sample::default(), Vec::new());
    let mut composed = schema.grid.is_some();
    for index in 0..of.len() {
        if list.len() as u64 == most {
            break;
        }
        if index % STRIDE == 0 {
            pass.check()?;
            pass.add(STRIDE.min(of.len() - index));
        }
        if let Some(classes) = &classes {
            let label = reader.label(index)?;
            if !classes.iter().any(|&class| label.has(class)) {
                continue;
            }
        }
        if let Some(objects) = wanted.objects {
            reader.read(index, &mut sample)?;
            composed |= !sample.objects.is_empty();
            if !objects.has(sample.objects.len()) {
                continue;
            }
        }
        list.push(index);
    }
    if wanted.objects.is_some() && !composed {
        return Err(NodeError::NoObjects { option: "--objects-are" }.into());
    }
    Ok(list)
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
        if let Some(laid) = &self.laid {
            return laid.stretches();
        }
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
        if let Some(laid) = &self.laid {
            return laid.reader();
        }
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

    fn truth(&mut self, index: u64, truth: &mut Vec<i64>) -> Result<(), Fault> {
        self.of.truth(self.select.index(index), truth)
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
        fn filters_are_labels_then_range_then_limit(a in 0_u8..10, n in 1_u64..80, start in 0_u64..30, step in 1_u64..4, limit in 1_u64..20) {
            let source: Arc<dyn Source> = Arc::new(BuiltinDigits::new("train", n));
            let set: LabelSet = format!("{a},3").parse().unwrap();
            let names = source.schema().class_names.clone();
            let range = IndexRange { start, end: Some(start + 10), step };
            let mut reader = source.reader();
            let expected: Vec<u64> = (0..n)
                .filter(|&i| set.classes().iter().any(|c| reader.label(i).unwrap().has(c.id(&names).unwrap())))
                .skip(start as usize).take(10).step_by(step as usize).take(limit as usize)
                .collect();
            let wanted = Wanted { labels: Some(&set), range: Some(range), limit: Some(limit), ..Wanted::default() };
            match Select::new(Arc::clone(&source), "train", &wanted, &Watch::default()) {
                Err(_) => prop_assert!(expected.is_empty()),
                Ok(select) => {
                    let got: Vec<u64> = (0..select.len()).map(|i| select.index(i)).collect();
                    prop_assert_eq!(got, expected);
                }
            }
        }
    }

    fn indexes(of: &Arc<dyn Source>, wanted: &Wanted<'_>) -> Vec<u64> {
        let select = Select::new(Arc::clone(of), "train", wanted, &Watch::default()).unwrap();
        (0..select.len()).map(|i| select.index(i)).collect()
    }

    #[test]
    fn every_sixth_of_a_shuffle_is_in_one_part_only() {
        let source: Arc<dyn Source> = Arc::new(BuiltinDigits::new("train", 31));
        let own = |seed| Some(Shuffle { by: Numbers::Own, seed });
        let every = |start, shuffle| Wanted {
            shuffle,
            range: Some(IndexRange { start, end: None, step: 6 }),
            ..Wanted::default()
        };
        assert_eq!(indexes(&source, &every(1, None)), [1, 7, 13, 19, 25]);
        let parts: Vec<Vec<u64>> = (0..6).map(|start| indexes(&source, &every(start, own(3)))).collect();
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [6, 5, 5, 5, 5, 5]);
        let mut all = parts.concat();
        assert!(!all.is_sorted());
        all.sort_unstable();
        assert_eq!(all, (0..31).collect::<Vec<u64>>());
        assert_ne!(parts[0], indexes(&source, &every(0, own(4))));
        let few = Wanted { limit: Some(2), ..every(0, own(3)) };
        assert_eq!(indexes(&source, &few), parts[0][..2]);
    }

    #[test]
    fn objects_of_images_that_are_not_composed_cannot_be_counted() {
        let source: Arc<dyn Source> = Arc::new(BuiltinDigits::new("train", 3));
        let wanted = Wanted { objects: Some("1".parse().unwrap()), ..Wanted::default() };
        let error = Select::new(source, "train", &wanted, &Watch::default()).err().unwrap();
        assert!(error.to_string().contains("objects"), "{error}");
    }
}

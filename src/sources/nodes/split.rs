//! A split of a data set: what its labels and origins say, and the sources of its sides.

use std::sync::Arc;

use crate::base::{DataSet, Fault, LabelKind, Reader, Source, Split, Unit, Watch};
use crate::recipe;
use crate::sources::nodes::arranged::Arranged;
use crate::sources::nodes::concat::Concat;
use crate::sources::nodes::permuted::Permuted;
use crate::sources::nodes::select::{Select, entered};
use crate::sources::open::Open;
use crate::split::{Options, Origins, Side, SplitError, Strata, StrataBuilder};

impl Open for recipe::Split {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let Self { of, options } = self;
        let data = of.open_watched(watch)?;
        Ok(plan(&data, &of.title(), options, false, watch)?.apply(data, watch))
    }
}

/// Which samples of a data set go where.
pub struct Plan {
    /// All samples: the splits of the data set, one after the other.
    pub whole: Arc<dyn Source>,
    /// The sides.
    pub sides: Vec<Side>,
    /// The classes of all samples, if they were needed or asked for.
    pub strata: Option<Strata>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// Decides which samples of `data` go where. `title` stands for it in errors; with `balance`, classes are read in any case.
/// `watch` is told of the passes over labels and origins.
///
/// # Errors
/// If its splits cannot be put together, labels or origins cannot be read, or the sizes cannot be had.
pub fn plan(
    data: &DataSet,
    title: &str,
    options: &Options,
    balance: bool,
    watch: &Watch,
) -> Result<Plan, Fault> {
    options.check()?;
    let whole: Arc<dyn Source> = match &data.splits[..] {
        [one] => Arc::clone(&one.source),
        splits => {
            let names: Vec<String> = splits.iter().map(|split| format!("{title} ({})", split.name)).collect();
            Arc::new(Concat::new(splits.iter().map(|split| Arc::clone(&split.source)).collect(), &names)?)
        }
    };
    let n = u32::try_from(whole.len()).map_err(|_| SplitError::Uncountable(whole.len()))? as usize;
    let sets = whole.schema().labels == LabelKind::MultiHot;
    if options.folds.is_some() && options.stratify && sets && !options.group_origin {
        return Err(SplitError::FoldsOfSets.into());
    }
    let strata = (options.stratify || balance).then(|| strata_of(&*whole, watch)).transpose()?;
    let stratify = strata.as_ref().filter(|_| options.stratify);
    let groups = options.group_origin.then(|| origins_of(&*whole, watch)).transpose()?.map(Origins::groups);
    let sides = options.sides(n, stratify, groups.as_ref())?;
    let mut notes: Vec<String> = options.doubts(stratify).into_iter().collect();
    if groups.is_none() {
        notes.extend(crossing(&*whole, &sides, watch)?);
    }
    Ok(Plan { whole, sides, strata, notes })
}

impl Plan {
    /// The sides as the splits of a data set that has the provenance of `data`. `watch` is told if samples have to be laid down in their new
    /// order, once they are asked for.
    #[must_use]
    pub fn apply(self, data: DataSet, watch: &Watch) -> DataSet {
        let Self { whole, sides, notes, .. } = self;
        let mut splits = Vec::with_capacity(sides.len());
        if must_be_laid_down(&*whole, &sides) {
            let order = sides.iter().flat_map(|side| &side.indexes).copied().collect();
            let laid: Arc<dyn Source> = Arc::new(Arranged::new(whole, order, watch.clone()));
            let mut start = 0;
            for Side { name, indexes } in sides {
                let len = indexes.len() as u64;
                splits.push(Split { name, source: Arc::new(Select::slice(Arc::clone(&laid), start, len)) });
                start += len;
            }
        } else {
            for Side { name, indexes } in sides {
                splits.push(Split { name, source: Arc::new(Permuted::new(Arc::clone(&whole), indexes)) });
            }
        }
        let mut data = DataSet { splits, ..data };
        data.notes.extend(notes);
        data
    }
}

/// Whether fetching the sides' samples one by one would go back and forth between stretches that are cheap to read only as a whole.
fn must_be_laid_down(whole: &dyn Source, sides: &[Side]) -> bool {
    let Some(starts) = whole.stretches() else { return false };
    let entries: usize = sides
        .iter()
        .map(|side| entered(&starts, side.indexes.iter().map(|&index| u64::from(index))).len())
        .sum();
    entries > starts.len() + sides.len()
}

/// Samples between two looks at whether to go on.
const STRIDE: u64 = 256;

/// Hands all samples to `take`, in order.
fn each(
    source: &dyn Source,
    what: &'static str,
    watch: &Watch,
    mut take: impl FnMut(&mut dyn Reader, u64) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let len = source.len();
    let pass = watch.pass(what, Unit::Images, Some(len));
    let mut reader = source.reader();
    for first in (0..len).step_by(STRIDE as usize) {
        pass.check()?;
        let end = len.min(first + STRIDE);
        for index in first..end {
            take(&mut *reader, index)?;
        }
        pass.add(end - first);
    }
    Ok(())
}

/// The class, or set of classes, of each sample.
fn strata_of(source: &dyn Source, watch: &Watch) -> Result<Strata, Fault> {
    let mut builder = StrataBuilder::default();
    each(source, "reading labels", watch, |reader, index| {
        builder.push(reader.label(index)?);
        Ok(())
    })?;
    let schema = source.schema();
    Ok(builder.finish(&schema.class_names, schema.labels == LabelKind::MultiHot))
}

/// The source images of each sample.
fn origins_of(source: &dyn Source, watch: &Watch) -> Result<Origins, Fault> {
    let mut all = Origins::default();
    let mut own = Vec::new();
    each(source, "reading origins", watch, |reader, index| {
        own.clear();
        reader.origins(index, &mut own)?;
        all.push(&own);
        Ok(())
    })?;
    Ok(all)
}

/// What there is to say about source images that samples on several sides show.
fn crossing(whole: &dyn Source, sides: &[Side], watch: &Watch) -> Result<Option<String>, Fault> {
    let mut side_of = vec![None; whole.len() as usize];
    for (number, side) in (0..).zip(sides) {
        side.indexes.iter().for_each(|&index| side_of[index as usize] = Some(number));
    }
    let shared = origins_of(whole, watch)?.shared(&side_of);
    Ok((shared > 0).then(|| {
        let images = if shared == 1 { "1 source image is".into() } else { format!("{shared} source images are") };
        format!("{images} on more than one side of the split; --group origin keeps what is made from one image together")
    }))
}

//! Several sources one after the other.

use std::sync::Arc;

use crate::base::{DataSet, Fault, Label, Object, Reader, Root, Sample, Schema, Source, Split, Told, Watch};
use crate::recipe;
use crate::sources::open::Open;

use super::error::{Difference, NodeError};
use super::labels::used;

/// Name of a split, its sources, and what they are called.
type Named = (String, Vec<Arc<dyn Source>>, Vec<String>);

impl Open for recipe::Concat {
    /// Puts inputs together, split by split; a split that only some of them have consists of those. Or puts all splits together.
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let mut whole = DataSet::default();
        let mut parts: Vec<Named> = Vec::new();
        for recipe in &self.of {
            let data = recipe.open_watched(watch)?;
            whole.absorb_provenance(&data);
            for split in data.splits {
                let title = format!("{} ({})", recipe.title(), split.name);
                match parts.iter_mut().find(|(name, ..)| *name == split.name) {
                    Some((_, sources, titles)) => {
                        sources.push(split.source);
                        titles.push(title);
                    }
                    None => parts.push((split.name, vec![split.source], vec![title])),
                }
            }
        }
        if let Some(join) = &self.join {
            let (mut sources, mut titles) = (Vec::new(), Vec::new());
            for (_, own, own_titles) in parts.drain(..) {
                sources.extend(own);
                titles.extend(own_titles);
            }
            parts.push((join.to_string(), sources, titles));
        }
        for (name, sources, titles) in parts {
            whole.notes.extend(doubt(&self.of, &sources, &titles)?);
            whole.splits.push(Split { name, source: Arc::new(Concat::new(sources, &titles)?) });
        }
        Ok(whole)
    }
}

/// The samples of the first source, then those of the second, ...
///
/// Origins stay comparable: a collection of source images that several parts were made from is one root of
/// the whole, so that copies of one image are known as such wherever they stand.
pub struct Concat {
    parts: Vec<Part>,
    schema: Schema,
    len: u64,
}

struct Part {
    source: Arc<dyn Source>,
    /// Index of its first sample.
    first: u64,
    /// For each of its roots: where its origins begin, here and in the whole.
    shifts: Vec<(u64, u64)>,
    /// Classes of the whole, of which its own are the first.
    classes: usize,
    /// The column of the truth of the whole that is an origin.
    partner: Option<usize>,
    /// Which columns of its truth those of the whole are, where they are others.
    truth: Option<Vec<usize>>,
}

impl Concat {
    /// The sources of `parts` in a row; `names` stands for them in errors.
    ///
    /// # Errors
    /// If shapes, kinds of labels or grids differ, or classes that both have.
    pub fn new(parts: Vec<Arc<dyn Source>>, names: &[String]) -> Result<Self, Fault> {
        let mut schema: Schema = parts[0].schema().clone();
        for (number, (part, name)) in parts.iter().zip(names).enumerate().skip(1) {
            let other = part.schema();
            let differ = |difference| NodeError::Differ {
                first: names[0].clone(),
                name: name.clone(),
                difference: Box::new(difference),
            };
            if other.shape != schema.shape || other.varied || schema.varied {
                let of = |schema: &Schema| (schema.shape, schema.varied);
                return Err(differ(Difference::Images(of(other), of(&schema))).into());
            }
            if other.labels != schema.labels || other.grid != schema.grid {
                let (other, schema) = (Box::new(other.clone()), Box::new(schema));
                return Err(differ(Difference::Samples(other, schema)).into());
            }
            if other.class_names != schema.class_names {
                let known = std::mem::take(&mut schema.class_names);
                schema.class_names = joined(&parts[..number], &known, &**part)?
                    .ok_or_else(|| differ(Difference::Classes(other.class_names.clone(), known)))?;
            }
            schema.truth.retain(|name| other.truth.contains(name));
            for root in &other.roots {
                match schema.roots.iter_mut().find(|known| known.digest == root.digest) {
                    Some(known) => known.images = known.images.max(root.images),
                    None => schema.roots.push(root.clone()),
                }
            }
        }
        let start_of = |roots: &[Root], digest: &str| {
            roots.iter().take_while(|root| root.digest != digest).map(|root| root.images).sum::<u64>()
        };
        let mut len = 0;
        let parts = parts
            .into_iter()
            .map(|source| {
                let first = len;
                len += source.len();
                let own = &source.schema().roots;
                let shifts = own
                    .iter()
                    .map(|root| (start_of(own, &root.digest), start_of(&schema.roots, &root.digest)))
                    .collect();
                let columns = || {
                    let place = |name| source.schema().truth.iter().position(|own| own == name);
                    schema.truth.iter().filter_map(place).collect()
                };
                let truth = (source.schema().truth != schema.truth).then(columns);
                let (classes, partner) = (schema.classes(), schema.partner());
                Part { source, first, shifts, classes, partner, truth }
            })
            .collect();
        Ok(Self { parts, schema, len })
    }

    fn part(&self, index: u64) -> usize {
        self.parts.partition_point(|part| part.first <= index) - 1
    }
}

/// The names of classes of some sources and another one, where they are other classes or the same by name. `None` if an id would stand for two
/// classes, or if nothing but a number says that it stands for one.
fn joined(
    parts: &[Arc<dyn Source>],
    known: &[String],
    other: &dyn Source,
) -> Result<Option<Vec<String>>, Fault> {
    let mut has = [false; 256];
    for part in parts {
        used(&**part)?.iter().zip(&mut has).for_each(|(own, has)| *has |= own);
    }
    let (own, names) = (used(other)?, &other.schema().class_names);
    let is_number = |id: usize, name: &String| *name == id.to_string();
    let mut all = Vec::new();
    for id in 0..known.len().max(names.len()) {
        all.push(match (known.get(id), names.get(id)) {
            (Some(a), Some(b)) if has[id] && own[id] => {
                if a != b || is_number(id, a) {
                    return Ok(None);
                }
                a.clone()
            }
            (Some(a), Some(b)) => {
                let b_counts = own[id] || (!has[id] && is_number(id, a));
                if b_counts { b.clone() } else { a.clone() }
            }
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => break,
        });
    }
    Ok(Some(all))
}

/// What there is to say where a number of classes was given by hand that all inputs together do not have, while they share ids: the same
/// number may stand for two classes.
fn doubt(
    of: &[recipe::Recipe],
    parts: &[Arc<dyn Source>],
    titles: &[String],
) -> Result<Option<String>, Fault> {
    let mut said = None;
    for recipe in of {
        recipe.visit(&mut |recipe| {
            if let recipe::Recipe::Read(read) = recipe {
                said = said.or(read.classes);
            }
        });
    }
    let (Some(said), [first, rest @ ..]) = (said, parts) else { return Ok(None) };
    let (mut all, mut shared) = (used(&**first)?, false);
    let own = all.iter().rposition(|has| *has).map_or(0, |most| most + 1);
    for part in rest {
        for (has, other) in all.iter_mut().zip(used(&**part)?) {
            shared |= *has && other;
            *has |= other;
        }
    }
    let most = all.iter().rposition(|has| *has).unwrap_or(0);
    Ok((shared && most + 1 < said).then(|| {
        format!(
            "--classes {said}: labels of {} go up to {most} only, and the same id is taken for the same class; if it is not, say --offset-labels with a number for each input, such as 0,{own}",
            titles.join(" and "),
        )
    }))
}

impl Part {
    /// An origin of this part as an origin of the whole.
    fn origin(&self, origin: u64) -> u64 {
        let root = self.shifts.partition_point(|(own, _)| *own <= origin).saturating_sub(1);
        self.shifts.get(root).map_or(origin, |(own, whole)| origin - own + whole)
    }

    /// Makes truth of this part truth of the whole, which has what all parts know.
    fn choose(&self, truth: &mut Vec<i64>) {
        if let Some(columns) = &self.truth {
            let own = std::mem::take(truth);
            truth.extend(columns.iter().map(|&column| own[column]));
        }
        if let Some(partner) = self.partner.and_then(|column| truth.get_mut(column))
            && let Ok(origin) = u64::try_from(*partner)
        {
            *partner = self.origin(origin) as i64;
        }
    }

    /// Makes the origins and the truth of a sample of this part those of the whole.
    fn rebase(&self, sample: &mut Sample) {
        self.choose(&mut sample.truth);
        if !sample.soft.is_empty() {
            sample.soft.resize(self.classes, 0.0);
        }
        sample.origin = self.origin(sample.origin);
        for Object { origin, .. } in &mut sample.objects {
            *origin = self.origin(*origin);
        }
    }
}

impl Source for Concat {
    fn len(&self) -> u64 {
        self.len
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        let own: Vec<Option<Vec<u64>>> = self.parts.iter().map(|part| part.source.stretches()).collect();
        own.iter().any(Option::is_some).then(|| {
            let parts = self.parts.iter().zip(own).filter(|(part, _)| !part.source.is_empty());
            let of =
                |part: &Part, starts: Vec<u64>| starts.into_iter().map(|start| part.first + start).collect();
            parts
                .flat_map(|(part, starts)| -> Vec<u64> { of(part, starts.unwrap_or_else(|| vec![0])) })
                .collect()
        })
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(ConcatReader { of: self, readers: self.parts.iter().map(|_| None).collect() })
    }
}

struct ConcatReader<'a> {
    of: &'a Concat,
    readers: Vec<Option<Box<dyn Reader + 'a>>>,
}

impl<'a> ConcatReader<'a> {
    fn at(&mut self, index: u64) -> (&'a Part, &mut (dyn Reader + 'a), u64) {
        let number = self.of.part(index);
        let part = &self.of.parts[number];
        let reader = self.readers[number].get_or_insert_with(|| part.source.reader());
        (part, reader.as_mut(), index - part.first)
    }
}

impl Reader for ConcatReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let (part, reader, index) = self.at(index);
        reader.read(index, sample)?;
        part.rebase(sample);
        Ok(())
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        let (part, reader, index) = self.at(index);
        reader.explain(index, sample, tell)?;
        part.rebase(sample);
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        let (_, reader, index) = self.at(index);
        reader.label(index)
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        let known = origins.len();
        let (part, reader, index) = self.at(index);
        reader.origins(index, origins)?;
        origins[known..].iter_mut().for_each(|origin| *origin = part.origin(*origin));
        Ok(())
    }

    fn truth(&mut self, index: u64, truth: &mut Vec<i64>) -> Result<(), Fault> {
        let (part, reader, index) = self.at(index);
        reader.truth(index, truth)?;
        part.choose(truth);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::leaves::builtin::BuiltinDigits;

    #[test]
    fn copies_of_one_image_keep_one_origin() {
        let digits = |split: &str, n| -> Arc<dyn Source> { Arc::new(BuiltinDigits::new(split, n)) };
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        let inner = Concat::new(vec![digits("test", 3), digits("train", 5)], &names).unwrap();
        let whole =
            Concat::new(vec![digits("train", 4), digits("test", 2), Arc::new(inner)], &names).unwrap();
        assert_eq!(whole.len(), 14);
        assert_eq!(whole.schema().origins(), 5 + 3);
        let mut reader = whole.reader();
        let mut sample = Sample::default();
        let origins: Vec<u64> = (0..14)
            .map(|i| {
                reader.read(i, &mut sample).unwrap();
                assert_eq!(reader.label(i).unwrap(), sample.label);
                sample.origin
            })
            .collect();
        // train is the first root (5 images), test the second.
        assert_eq!(origins, [0, 1, 2, 3, 5, 6, 5, 6, 7, 0, 1, 2, 3, 4]);
    }
}

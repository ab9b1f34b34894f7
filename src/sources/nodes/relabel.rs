//! Samples of another source, whose classes have other ids.

use std::sync::Arc;

use crate::base::sample::numbered_classes;
use crate::base::{DataSet, Fault, Label, Sample, Schema, Source, Watch};
use crate::recipe;
use crate::recipe::relabel::{ClassMap, Numbers};
use crate::recipe::select::LabelSet;
use crate::sources::open::{Open, each_split};

use super::NodeError;
use super::changed::{Change, Changed};
use super::labels::used;
use super::noise::noisy;
use super::select::{Select, Wanted};

impl Open for recipe::Relabel {
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        let data = self.of.open_watched(watch)?;
        match &self.to {
            Numbers::Map(map) => {
                each_split(data, |split| Ok(Arc::new(Relabel::mapped(split.source, map, watch)?)))
            }
            Numbers::Offset(offset) => {
                each_split(data, |split| Ok(Arc::new(Relabel::moved(split.source, *offset)?)))
            }
            Numbers::Noise(noise) => noisy(data, noise, watch),
        }
    }
}

/// Other ids for classes.
pub struct Relabel {
    /// The new id of each old one.
    ids: Ids,
    schema: Schema,
}

/// The new id of each old one, where there is one.
struct Ids(Vec<Option<u8>>);

impl Ids {
    fn get(&self, class: u8) -> Option<u8> {
        self.0.get(usize::from(class)).copied().flatten()
    }
}

impl Relabel {
    /// Those of `of` with a class in `map`, under their new ids. A class keeps its name; several that become one have all of theirs.
    ///
    /// # Errors
    /// If there is no such class, no sample of any, or the images are composed.
    pub fn mapped(of: Arc<dyn Source>, map: &ClassMap, watch: &Watch) -> Result<Changed<Self>, Fault> {
        let old = of.schema().class_names.clone();
        NodeError::refuse_soft("giving classes other ids", of.schema())?;
        if of.schema().grid.is_some() {
            return Err(NodeError::Renumbered.into());
        }
        // Of a sample's classes those that are not named are gone.
        let mut ids = vec![None; old.len()];
        let mut names: Vec<Vec<&str>> = Vec::new();
        for (class, new) in map.pairs() {
            let id = class.id(&old).ok_or_else(|| NodeError::NoClass {
                option: "--map",
                said: map.to_string(),
                class: class.clone(),
                names: old.clone(),
            })?;
            ids[usize::from(id)] = Some(*new);
            names.resize(names.len().max(usize::from(*new) + 1), Vec::new());
            names[usize::from(*new)].push(&old[usize::from(id)]);
        }
        let of_name = |(id, names): (usize, Vec<&str>)| {
            if names.is_empty() { id.to_string() } else { names.join("+") }
        };
        let class_names = names.into_iter().enumerate().map(of_name).collect();
        let kept = LabelSet::of(map.pairs().iter().map(|(class, _)| class.clone()).collect());
        let wanted = Wanted { labels: Some(&kept), ..Wanted::default() };
        let of: Arc<dyn Source> = Arc::new(Select::new(of, "", &wanted, watch)?);
        let schema = Schema { class_names, ..of.schema().clone() };
        Ok(Changed::new(of, Self { ids: Ids(ids), schema }))
    }

    /// All of `of`, whose ids become greater by `offset`. Classes that are called by their numbers are so afterwards.
    ///
    /// # Errors
    /// If an id leaves 0 to 255, or the images are composed.
    pub fn moved(of: Arc<dyn Source>, offset: i16) -> Result<Changed<Self>, Fault> {
        let old = of.schema().class_names.clone();
        NodeError::refuse_soft("giving classes other ids", of.schema())?;
        if of.schema().grid.is_some() {
            return Err(NodeError::Renumbered.into());
        }
        let new = |class: usize| u8::try_from(class as i64 + i64::from(offset)).ok();
        let has = used(&*of)?;
        if let Some(class) = (0..old.len()).find(|&class| has[class] && new(class).is_none()) {
            return Err(NodeError::Offset { offset, class: class as u8 }.into());
        }
        // Classes that no sample has may be left behind.
        let least = usize::from(offset.unsigned_abs());
        let mut class_names = if old == numbered_classes(old.len()) {
            let classes = if offset < 0 { old.len().saturating_sub(least) } else { old.len() + least };
            numbered_classes(classes)
        } else if offset < 0 {
            old[least.min(old.len())..].to_vec()
        } else {
            [numbered_classes(least), old.clone()].concat()
        };
        class_names.truncate(256);
        let schema = Schema { class_names, ..of.schema().clone() };
        let ids = Ids((0..old.len()).map(new).collect());
        Ok(Changed::new(of, Self { ids, schema }))
    }
}

impl Change for Relabel {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn change(&self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        sample.label = self.label(index, sample.label);
        Ok(())
    }

    fn label(&self, _: u64, label: Label) -> Label {
        match label {
            Label::Class(class) => Label::Class(self.ids.get(class).unwrap_or_default()),
            Label::MultiHot(_) => {
                let mut new = Label::NO_CLASS;
                let classes = (0..=255).filter(|&class| label.has(class));
                classes.filter_map(|class| self.ids.get(class)).for_each(|class| new.set(class));
                new
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::leaves::builtin::BuiltinDigits;

    fn labels(of: &dyn Source) -> Vec<u8> {
        let mut reader = of.reader();
        let mut sample = Sample::default();
        (0..of.len())
            .map(|index| {
                reader.read(index, &mut sample).unwrap();
                assert_eq!(reader.label(index).unwrap(), sample.label);
                let Label::Class(class) = sample.label else { panic!("a class") };
                class
            })
            .collect()
    }

    fn digits() -> Arc<dyn Source> {
        Arc::new(BuiltinDigits::new("train", 30))
    }

    #[test]
    fn named_classes_are_kept_under_new_ids() {
        let of = digits();
        let old = labels(&*of);
        let map = "3=0,7=1,8=1".parse().unwrap();
        let two = Relabel::mapped(Arc::clone(&of), &map, &Watch::default()).unwrap();
        let expected: Vec<u8> = old
            .iter()
            .filter(|label| [3, 7, 8].contains(*label))
            .map(|&label| u8::from(label != 3))
            .collect();
        assert_eq!(labels(&two), expected);
        assert_eq!(two.schema().class_names, ["3", "7+8"]);
        let bad = "3=0,Shirt=1".parse().unwrap();
        let error = Relabel::mapped(of, &bad, &Watch::default()).err().unwrap();
        assert_eq!(error.to_string(), "--map 3=0,Shirt=1: there is no class Shirt");
    }

    #[test]
    fn ids_are_moved_within_bounds() {
        let old = labels(&*digits());
        let moved = Relabel::moved(digits(), 10).unwrap();
        assert_eq!(labels(&moved), old.iter().map(|label| label + 10).collect::<Vec<_>>());
        assert_eq!((moved.schema().classes(), moved.schema().class_names[19].as_str()), (20, "19"));
        let back = Relabel::moved(Arc::new(moved), -10).unwrap();
        assert_eq!((labels(&back), back.schema().classes()), (old, 10));
        for offset in [-1, 250] {
            assert!(Relabel::moved(digits(), offset).is_err(), "{offset}");
        }
    }
}

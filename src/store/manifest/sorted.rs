//! Manifests as JSON with sorted keys, a shard at a time: there may be a million of them, and a tree of all of their values takes
//! some kilobytes for each.

use serde::ser::{Error, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value};

use super::{DIGEST, Manifest, Shard, SplitRecord};

/// A manifest as it is written: with this digest, or without one.
pub(super) struct Sorted<'a>(pub(super) &'a Manifest, pub(super) Option<&'a str>);

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(manifest, digest) = self;
        let head = Manifest {
            manifest: manifest.manifest,
            algorithm: manifest.algorithm,
            command: manifest.command.clone(),
            recipe: manifest.recipe.clone(),
            inputs: manifest.inputs.clone(),
            format: manifest.format.clone(),
            shard_size: manifest.shard_size,
            trace: manifest.trace,
            licenses: manifest.licenses.clone(),
            constants: manifest.constants.clone(),
            files: manifest.files.clone(),
            splits: Vec::new(),
            digest: None,
        };
        let mut head = keys(&head)?;
        if let Some(digest) = digest {
            head.insert(DIGEST.to_owned(), (*digest).into());
        }
        with(to, &head, "splits", &Each(&manifest.splits, Split))
    }
}

/// A split.
struct Split<'a>(&'a SplitRecord);

impl Serialize for Split<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(split) = self;
        let head = SplitRecord {
            name: split.name.clone(),
            rows: split.rows,
            schema: split.schema.clone(),
            content: split.content,
            objects_beside: split.objects_beside,
            truth_within: split.truth_within,
            masks_within: split.masks_within,
            shards: Vec::new(),
        };
        let mut head = keys(&head)?;
        if !split.shards.is_empty() {
            head.insert("shards".to_owned(), Value::Null);
        }
        with(to, &head, "shards", &Each(&split.shards, Keys))
    }
}

/// A shard.
struct Keys<'a>(&'a Shard);

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        keys(self.0)?.serialize(to)
    }
}

/// A list, of whose items only one is there at a time.
struct Each<'a, T, F>(&'a [T], F);

impl<'a, T, F: Fn(&'a T) -> I, I: Serialize> Serialize for Each<'a, T, F> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            list.serialize_element(&(self.1)(item))?;
        }
        list.end()
    }
}

/// The keys of a value, sorted.
fn keys<E: Error>(value: &impl Serialize) -> Result<Map<String, Value>, E> {
    match serde_json::to_value(value).map_err(E::custom)? {
        Value::Object(keys) => Ok(keys),
        _ => Err(E::custom("a record has keys")),
    }
}

/// Writes keys in their order, and this value for one of them.
fn with<S: Serializer>(
    to: S,
    keys: &Map<String, Value>,
    large: &str,
    value: &impl Serialize,
) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(keys.len()))?;
    for (key, small) in keys {
        if key == large { map.serialize_entry(key, value)? } else { map.serialize_entry(key, small)? }
    }
    map.end()
}

#[cfg(test)]
mod tests {
    use super::super::SideFile;
    use super::*;
    use crate::base::{LabelKind, Schema, Shape};

    #[test]
    fn it_is_what_a_tree_of_all_values_is() {
        let side = |name: &str| SideFile { name: name.to_owned(), bytes: 7, blake3: "ab".repeat(32) };
        let shard = |k: u64| Shard {
            name: format!("train-{k:05}-of-00002.npz"),
            first: 10 * k,
            rows: 10,
            bytes: 1234,
            content: format!("{k:032x}").parse().unwrap(),
            blake3: "cd".repeat(32),
            trace: (k == 1).then(|| side("a \"quoted\" name\n")),
            objects: None,
        };
        let split = |name: &str, shards: Vec<Shard>| SplitRecord {
            name: name.to_owned(),
            rows: 20,
            schema: Schema {
                shape: Shape::gray(2, 3),
                varied: false,
                labels: LabelKind::Class,
                class_names: vec!["b".to_owned(), "a".to_owned()],
                grid: None,
                frames: None,
                masks: false,
                roots: Vec::new(),
                truth: vec!["b".to_owned(), "a".to_owned()],
            },
            content: None,
            objects_beside: true,
            truth_within: true,
            masks_within: true,
            shards,
        };
        for splits in
            [vec![], vec![split("a", vec![])], vec![split("z", vec![shard(0), shard(1)]), split("a", vec![])]]
        {
            let manifest = Manifest { splits, licenses: vec!["ä\u{1}".to_owned()], ..Manifest::default() };
            for digest in [None, Some("ef")] {
                let mut tree = serde_json::to_value(&manifest).unwrap();
                if let Some(digest) = digest {
                    tree[DIGEST] = digest.into();
                }
                let sorted = Sorted(&manifest, digest);
                assert_eq!(serde_json::to_string(&sorted).unwrap(), tree.to_string());
                assert_eq!(serde_json::to_string_pretty(&sorted).unwrap(), format!("{tree:#}"));
            }
        }
    }
}

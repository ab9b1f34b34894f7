//! A manifest is input: whatever it says, it is understood or refused with an error about data, and never believed.
//!
//! Every value of real manifests is replaced by values of other types and sizes, removed, doubled, and joined by keys that nobody knows. What is read of
//! the result is used as the program uses it: verified, opened, read to its end, explained, and exported.

#![allow(clippy::disallowed_methods, reason = "manifests that nobody should write")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use mnistaug::internals::{Facts, Manifest, Options, StoreError, verify};
use mnistaug::{Build, DataSet, Fault, Format, Kind, Open, Recipe, Sample, Watch, build};
use mnistaug_core::recipe::{Read, Record, Splits};
use serde_json::{Value, json};

/// A place in a JSON value.
type Place = Vec<String>;

fn places(value: &Value, here: &Place, found: &mut Vec<Place>) {
    found.push(here.clone());
    let below = |key: String| here.iter().cloned().chain([key]).collect();
    match value {
        Value::Object(keys) => keys.iter().for_each(|(key, value)| places(value, &below(key.clone()), found)),
        // The second of many is as good as the third.
        Value::Array(items) => {
            items.iter().take(2).enumerate().for_each(|(i, item)| places(item, &below(i.to_string()), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn at<'a>(value: &'a mut Value, place: &[String]) -> &'a mut Value {
    place.iter().fold(value, |value, key| match value {
        Value::Array(items) => &mut items[key.parse::<usize>().unwrap()],
        other => &mut other[key.as_str()],
    })
}

/// All that is done to one place.
fn mutations(manifest: &Value, place: &[String]) -> Vec<Value> {
    let mut edited = Vec::new();
    let mut edit = |how: &dyn Fn(&mut Value)| {
        let mut copy = manifest.clone();
        how(&mut copy);
        edited.push(copy);
    };
    let own = at(&mut manifest.clone(), place).clone();
    let mut values = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(255),
        json!(257),
        json!(65_536),
        json!(1_u64 << 31),
        json!(1_u64 << 32),
        json!(1_u64 << 40),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("x"),
        json!("../x"),
        json!("/etc/passwd"),
        json!("\u{1b}[2J"),
        json!("x".repeat(5000)),
        json!([]),
        json!({}),
        json!([[]]),
        json!([0]),
        json!(["a"]),
    ];
    if let Some(number) = own.as_u64() {
        values.extend([
            json!(number.wrapping_add(1)),
            json!(number.wrapping_sub(1)),
            json!(number.wrapping_mul(2)),
        ]);
    }
    for value in values {
        edit(&|copy| *at(copy, place) = value.clone());
    }
    if let Some((key, above)) = place.split_last() {
        edit(&|copy| match at(copy, above) {
            Value::Array(items) => drop(items.remove(key.parse().unwrap())),
            other => drop(other.as_object_mut().unwrap().remove(key)),
        });
        edit(&|copy| {
            if let Value::Array(items) = at(copy, above) {
                items.insert(0, own.clone());
            }
        });
    }
    edit(&|copy| {
        if let Value::Object(keys) = at(copy, place) {
            keys.insert("unknown_key".into(), json!(1));
        }
    });
    edited
}

fn read_all(data: &DataSet) -> Result<(), Fault> {
    for split in &data.splits {
        let (mut reader, mut sample) = (split.source.reader(), Sample::default());
        let mut origins = Vec::new();
        for index in 0..split.source.len().min(50) {
            reader.read(index, &mut sample)?;
            reader.label(index)?;
            reader.origins(index, &mut origins)?;
            reader.explain(index, &mut sample, &mut |_| ())?;
        }
    }
    Ok(())
}

/// Uses a folder as the program does. The first error ends it.
fn use_it(folder: &Path, out: &Path) -> Result<(), Fault> {
    let manifest = Manifest::read(folder)?;
    let bad = verify::files(folder, &manifest, 1, &Watch::default())?;
    if !bad.is_empty() {
        // As the command says it.
        let names = bad.into_iter().map(|bad| bad.name).collect();
        return Err(StoreError::Gone { path: folder.into(), names }.into());
    }
    let data = Read::plain(folder, Splits::All).open()?;
    read_all(&data)?;
    let job = Build {
        data: &data,
        command: "test",
        recipe: Record::None,
        out: out.into(),
        format: Format::default(),
        shard_size: None,
        trace: false,
        part: None,
        force: true,
        threads: 1,
    };
    build(&job, &Watch::default())?;
    Ok(())
}

fn sweep(name: &str, recipe: Value, format: &str, trace: bool) {
    let place = tempfile::tempdir().unwrap();
    let (folder, out) = (place.path().join("a"), place.path().join("b/c"));
    let recipe: Recipe = serde_json::from_value(recipe).unwrap();
    let format = Format::of(format, &Options::default(), &Facts::default()).unwrap();
    let data = recipe.open().unwrap();
    let job = Build {
        data: &data,
        command: "augment",
        recipe: recipe.into(),
        out: folder.clone(),
        shard_size: format.is_sharded().then_some(5),
        format,
        trace,
        part: None,
        force: false,
        threads: 1,
    };
    build(&job, &Watch::default()).unwrap();
    let path = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    manifest.as_object_mut().unwrap().remove("digest").unwrap();
    fs::write(&path, manifest.to_string()).unwrap();
    use_it(&folder, &out).unwrap();
    let mut found = Vec::new();
    places(&manifest, &Vec::new(), &mut found);
    let (mut refused, mut count) = (0, 0);
    for place in found {
        // What a pipeline or a recipe may say is read by its own rules, and needed only where it is drawn again.
        if place.len() > 4 && place[0] == "recipe" {
            continue;
        }
        for edited in mutations(&manifest, &place) {
            if edited == manifest {
                continue;
            }
            count += 1;
            fs::write(&path, edited.to_string()).unwrap();
            let Ok(result) = catch_unwind(AssertUnwindSafe(|| use_it(&folder, &out))) else {
                panic!("{name}: {place:?}: a panic of {edited}");
            };
            if let Err(error) = result {
                refused += 1;
                assert_eq!(error.kind(), Kind::Data, "{name}: {place:?}: {error:?}: {edited}");
            } else {
                // Numbers and names that others depend on are never believed. (Without a split, or with other class names, it is a sound data set
                // that nobody made: that is for the digest to tell.)
                let key = place.last().map_or("", String::as_str);
                let depends = !place.iter().any(|key| key == "grid")
                    && ["rows", "first", "height", "width", "channels"].contains(&key)
                    || key == "name" && !place.iter().any(|key| key == "roots");
                assert!(!depends, "{name}: {place:?} is believed: {edited}");
            }
        }
    }
    assert!(refused > count / 2, "{name}: {refused} of {count}");
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing is written elsewhere: {left:?}");
}

fn digits() -> Value {
    json!({ "read": { "path": "digits:9", "splits": "all" } })
}

fn scenes() -> Value {
    json!({ "quadrant": { "of": digits(), "options": { "grid": { "rows": 2, "columns": 1 }, "objects": "0-2", "count": 7, "seed": 1 } } })
}

#[test]
fn manifests_of_shards_with_traces() {
    sweep("shards", digits(), "shards", true);
}

#[test]
fn manifests_of_composed_images() {
    sweep("scenes", scenes(), "shards", false);
    sweep("coco", scenes(), "coco", false);
}

#[test]
fn manifests_of_whole_splits() {
    sweep("npz", scenes(), "npz", false);
    sweep("csv", digits(), "csv", false);
}

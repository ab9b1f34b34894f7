//! Splits of data sets: the same samples whichever way they are fetched, and origins without pixels.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;

use crate::base::{DataSet, Fault, Grid, Label, Reader, Sample, Schema, Source, Split, Watch};
use crate::formats::Format;
use crate::formats::shards::{Packing, Shards};
use crate::recipe::{Recipe, Record, augment, colorize, quadrant};
use crate::sources::Open;
use crate::sources::leaves::builtin::BuiltinDigits;
use crate::sources::leaves::error::LeafError;
use crate::sources::nodes::arranged::Arranged;
use crate::sources::nodes::augment::Augment;
use crate::sources::nodes::backgrounds::Backgrounds;
use crate::sources::nodes::colorize::Colorize;
use crate::sources::nodes::concat::Concat;
use crate::sources::nodes::permuted::Permuted;
use crate::sources::nodes::quadrant::quadrant as composed;
use crate::sources::nodes::select::{Select, Wanted};
use crate::store::{Build, build};

use super::split::plan;
use crate::split::numpy::RandomState;
use crate::split::{Options, Size};

fn deflated(level: u8) -> Format {
    Shards { packing: Packing::Deflated(level) }.into()
}

fn recipe(value: serde_json::Value) -> Recipe {
    serde_json::from_value(value).unwrap()
}

fn digits(n: u64) -> serde_json::Value {
    json!({ "read": { "path": format!("digits:{n}"), "splits": "train" } })
}

/// Recipes of every node.
fn recipes() -> Vec<Recipe> {
    let colorize = json!({ "colorize": { "of": digits(40), "options": { "style": "alpha", "fit": "cover", "per_image": 3, "seed": 5 } } });
    let pipeline = json!({ "version": 1, "pipeline": [{ "fliplr": 0.5 }] });
    let quadrant = |objects: &str, count: u64| {
        json!({ "quadrant": { "of": digits(30), "options": {
            "grid": { "rows": 2, "columns": 2 }, "objects": objects, "count": count, "seed": 3 } } })
    };
    vec![
        recipe(digits(50)),
        recipe(json!({ "augment": { "of": colorize, "options": {
            "pipeline": pipeline, "which": { "copies": 2 }, "keep_originals": true, "seed": 4 } } })),
        recipe(json!({ "augment": { "of": colorize, "options": {
            "pipeline": pipeline, "which": { "sample": 70 }, "seed": 4 } } })),
        recipe(quadrant("1", 70)),
        recipe(quadrant("0-4", 90)),
        recipe(json!({ "select": { "of": colorize, "labels": "2-5", "range": "4:60" } })),
        recipe(
            json!({ "select": { "of": { "concat": { "of": [digits(20), { "read": { "path": "digits:40", "splits": "train" } }] } }, "range": "7:" } }),
        ),
        recipe(
            json!({ "split": { "of": colorize, "options": { "val": 0.2, "stratify": true, "seed": 9 } } }),
        ),
    ]
}

/// Everything about a sample.
fn content(sample: &Sample) -> (Vec<u8>, Label, u64, String) {
    (sample.canvas.pixels().to_vec(), sample.label, sample.origin, format!("{:?}", sample.objects))
}

fn contents(source: &dyn Source) -> Vec<(Vec<u8>, Label, u64, String)> {
    let (mut reader, mut sample) = (source.reader(), Sample::default());
    (0..source.len())
        .map(|index| {
            reader.read(index, &mut sample).unwrap();
            content(&sample)
        })
        .collect()
}

/// What [`Reader::origins`] says where nothing is known but the sample.
fn origins_of(sample: &Sample, composed: bool) -> Vec<u64> {
    if composed { sample.objects.iter().map(|object| object.origin).collect() } else { vec![sample.origin] }
}

#[test]
fn origins_and_labels_need_no_pixels() {
    let folder = tempfile::tempdir().unwrap();
    for (k, recipe) in recipes().into_iter().enumerate() {
        let data = recipe.open().unwrap();
        for format in [Format::default(), deflated(1)] {
            let out = folder.path().join(format!("{k}-{}", format == Format::default()));
            write(&data, &out, format, 16);
        }
        let shards = |stored: bool| {
            let path = folder.path().join(format!("{k}-{stored}"));
            recipe_of_folder(&path).open().unwrap()
        };
        for data in [data, shards(true), shards(false)] {
            for split in &data.splits {
                let (mut reader, mut sample) = (split.source.reader(), Sample::default());
                let composed = split.source.schema().grid.is_some();
                let mut origins = vec![77];
                for index in (0..split.source.len()).rev() {
                    reader.read(index, &mut sample).unwrap();
                    origins.truncate(1);
                    reader.origins(index, &mut origins).unwrap();
                    assert_eq!(origins[1..], origins_of(&sample, composed), "{recipe:?} {index}");
                    assert_eq!(reader.label(index).unwrap(), sample.label, "{recipe:?} {index}");
                }
            }
        }
    }
}

#[test]
fn arranged_samples_are_the_permuted_ones() {
    for recipe in recipes() {
        for split in recipe.open().unwrap().splits {
            let n = split.source.len() as u32;
            let mut order = RandomState::new(6).permutation(n);
            order.truncate(n as usize * 9 / 10);
            let permuted = Permuted::new(Arc::clone(&split.source), order.clone());
            let arranged = Arranged::new(Arc::clone(&split.source), order, Watch::default());
            assert!(contents(&permuted) == contents(&arranged), "{recipe:?}");
        }
    }
}

/// Digits in stretches of 10, which counts how often each is entered and each sample is read.
struct Counting {
    digits: BuiltinDigits,
    read: Vec<AtomicU64>,
    entered: AtomicU64,
    /// A sample that cannot be read.
    broken: Option<u64>,
}

struct CountingReader<'a> {
    of: &'a Counting,
    digits: Box<dyn Reader + 'a>,
    inside: u64,
}

impl Source for Counting {
    fn len(&self) -> u64 {
        self.digits.len()
    }

    fn schema(&self) -> &Schema {
        self.digits.schema()
    }

    fn stretches(&self) -> Option<Vec<u64>> {
        Some((0..self.len()).step_by(10).collect())
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(CountingReader { of: self, digits: self.digits.reader(), inside: u64::MAX })
    }
}

impl Reader for CountingReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        if self.of.broken == Some(index) {
            return Err(LeafError::Changed { path: "a broken sample".into() }.into());
        }
        self.of.read[index as usize].fetch_add(1, Ordering::Relaxed);
        if index / 10 != self.inside {
            self.inside = index / 10;
            self.of.entered.fetch_add(1, Ordering::Relaxed);
        }
        self.digits.read(index, sample)
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        self.digits.label(index)
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        self.digits.origins(index, origins)
    }
}

fn counting(n: u64, broken: Option<u64>) -> Arc<Counting> {
    Arc::new(Counting {
        digits: BuiltinDigits::new("train", n),
        read: (0..n).map(|_| AtomicU64::new(0)).collect(),
        entered: AtomicU64::new(0),
        broken,
    })
}

fn data_of(source: Arc<dyn Source>) -> DataSet {
    DataSet { splits: vec![Split { name: "train".into(), source }], ..DataSet::default() }
}

/// The sides' samples, read by several workers from the back.
fn read_all(data: &DataSet) {
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for split in data.splits.iter().rev() {
                    assert!(!contents(&*split.source).is_empty());
                }
            });
        }
    });
}

#[test]
fn each_stretch_is_read_once_and_only_when_samples_are_asked_for() {
    let source = counting(997, None);
    let options = Options { test: Some(Size::Fraction(0.3)), stratify: true, seed: 1, ..Options::default() };
    let data = data_of(Arc::clone(&source) as _);
    let data = plan(&data, "", &options, true, &Watch::default()).unwrap().apply(data, &Watch::default());
    let mut labels = data.splits[0].source.reader();
    labels.label(5).unwrap();
    labels.origins(5, &mut Vec::new()).unwrap();
    assert_eq!(source.entered.load(Ordering::Relaxed), 0);
    read_all(&data);
    assert_eq!(source.entered.load(Ordering::Relaxed), 100);
    assert!(source.read.iter().all(|times| times.load(Ordering::Relaxed) == 1));
}

/// Nodes over stretches of 10 say where, in their own order, another stretch begins.
#[test]
fn nodes_know_where_stretches_begin() {
    let stretched = || -> Arc<dyn Source> { counting(35, None) };
    let backgrounds = Backgrounds::load(None, false).unwrap();
    let colorize = colorize::Options { per_image: Some(2), ..colorize::Options::default() };
    let augment = |which: &str| -> augment::Options {
        let pipeline = json!({ "version": 1, "pipeline": [{ "fliplr": 0.5 }] });
        let which: serde_json::Value = serde_json::from_str(which).unwrap();
        serde_json::from_value(
            json!({ "pipeline": pipeline, "which": which, "keep_originals": true, "seed": 0 }),
        )
        .unwrap()
    };
    let quadrant = |objects: &str| quadrant::Options {
        grid: Grid { rows: 1, columns: 2 },
        objects: objects.parse().unwrap(),
        count: Some(50),
        masks: false,
        seed: 0,
    };
    let names = ["a", "b"].map(str::to_owned);
    let labels = "1-6".parse().unwrap();
    let range = "12:31".parse().unwrap();
    let select = |wanted: Wanted<'_>| -> Arc<dyn Source> {
        Arc::new(Select::new(stretched(), "train", &wanted, &Watch::default()).unwrap())
    };
    let nodes: Vec<Arc<dyn Source>> = vec![
        stretched(),
        Arc::new(Colorize::new(stretched(), "train", &backgrounds, colorize).unwrap().0),
        Arc::new(Augment::new(stretched(), "train", &augment(r#"{ "copies": 2 }"#)).unwrap()),
        Arc::new(composed(stretched(), "train", quadrant("1"), &Watch::default()).unwrap()),
        select(Wanted { range: Some(range), ..Wanted::default() }),
        select(Wanted { labels: Some(&labels), ..Wanted::default() }),
        Arc::new(Concat::new(vec![stretched(), stretched()], &names).unwrap()),
        Arc::new(Permuted::new(stretched(), vec![3, 34, 1, 2, 12, 11, 0])),
    ];
    for (k, node) in nodes.iter().enumerate() {
        let mut reader = node.reader();
        let (mut inside, mut expected) = (u64::MAX, Vec::new());
        for index in 0..node.len() {
            let mut origins = Vec::new();
            reader.origins(index, &mut origins).unwrap();
            if origins[0] / 10 != inside || origins[0] % 35 == 0 && index > 0 && k == 6 {
                inside = origins[0] / 10;
                expected.push(index);
            }
        }
        assert_eq!(node.stretches().unwrap(), expected, "node {k}");
    }
    // Where images are drawn, no order is better than another.
    assert_eq!(composed(stretched(), "train", quadrant("0-2"), &Watch::default()).unwrap().stretches(), None);
    let drawn = Augment::new(stretched(), "train", &augment(r#"{ "sample": 9 }"#)).unwrap();
    assert_eq!(drawn.stretches(), None);
    // A part that can be read in any order is one stretch.
    let digits: Arc<dyn Source> = Arc::new(BuiltinDigits::new("train", 5));
    let concat = Concat::new(vec![digits, stretched()], &names).unwrap();
    assert_eq!(concat.stretches().unwrap(), [0, 5, 15, 25, 35]);
}

#[test]
fn samples_in_order_are_fetched_from_where_they_lie() {
    let source = counting(200, None);
    let options = Options { in_order: true, ..Options::default() };
    let data = data_of(Arc::clone(&source) as _);
    let data = plan(&data, "", &options, true, &Watch::default()).unwrap().apply(data, &Watch::default());
    assert_eq!(contents(&*data.splits[1].source)[0].2, 150);
    // Nothing of the training side was touched.
    assert_eq!(source.entered.load(Ordering::Relaxed), 5);
}

#[test]
fn every_reader_is_told_why_samples_cannot_be_laid_down() {
    let data = data_of(counting(300, Some(123)));
    let data =
        plan(&data, "", &Options::default(), true, &Watch::default()).unwrap().apply(data, &Watch::default());
    for split in &data.splits {
        let error = split.source.reader().read(0, &mut Sample::default()).unwrap_err();
        assert!(error.to_string().starts_with("a broken sample"), "{error}");
    }
}

fn write(data: &DataSet, out: &Path, format: Format, shard_size: u64) {
    let job = Build {
        data,
        command: "test",
        recipe: Record::None,
        out: out.into(),
        format,
        shard_size: Some(shard_size),
        trace: false,
        part: None,
        force: false,
        threads: 2,
    };
    build(&job, &Watch::default()).unwrap();
}

fn recipe_of_folder(path: &Path) -> Recipe {
    recipe(json!({ "read": { "path": path, "splits": "all" } }))
}

/// Shards of any size, packed or not, give what the source itself gives.
#[test]
fn splits_of_shards_are_those_of_what_is_in_them() {
    let folder = tempfile::tempdir().unwrap();
    for (k, of) in [1, 3, 4].into_iter().map(|k| (k, recipes().swap_remove(k))) {
        // Sets of classes are too many to be on every side.
        let options = json!({ "test": 0.3, "val": 20, "stratify": k != 4, "seed": 42 });
        let sides = |of: &Recipe| -> Vec<_> {
            let split = recipe(json!({ "split": { "of": of, "options": options } }));
            split.open().unwrap().splits.iter().map(|side| contents(&*side.source)).collect()
        };
        let expected = sides(&of);
        let data = of.open().unwrap();
        for (format, shard_size) in [
            (deflated(1), 1),
            (deflated(1), 7),
            (deflated(6), 50),
            (deflated(1), 1000),
            (Format::default(), 3),
        ] {
            let out = folder.path().join(format!("{k}-{format:?}-{shard_size}"));
            write(&data, &out, format.clone(), shard_size);
            assert!(sides(&recipe_of_folder(&out)) == expected, "{of:?} {format:?} {shard_size}");
        }
    }
}

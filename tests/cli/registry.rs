//! The registry of formats as a whole: what each of them writes is read back as it was, origins and objects included.

use mnistaug::internals::entries;
use serde_json::Value;

use crate::harness::{Images, Place};

/// All formats, `csv` in all of its layouts.
fn formats() -> Vec<String> {
    let mut all: Vec<String> = entries().iter().map(|entry| entry.name.to_owned()).collect();
    all.extend(["pandas", "kaggle", "kaggle-fashion"].map(|layout| format!("csv --layout {layout}")));
    all
}

/// What a data set's manifest says of its samples: names of splits, sizes, digests of pixels, labels, origins and objects, schemas.
fn samples(place: &Place, folder: &str) -> Vec<[Value; 4]> {
    let manifest = place.manifest(folder);
    let splits = manifest["splits"].as_array().unwrap();
    splits.iter().map(|s| ["name", "rows", "content", "schema"].map(|key| s[key].clone())).collect()
}

/// Writes `source` in every format that can hold it and reads that back; returns the formats.
fn walk(place: &Place, source: &str) -> Vec<String> {
    place.run(&format!("export --input {source} --out as-shards --force")).ok();
    let expected = samples(place, "as-shards");
    let mut held = Vec::new();
    for format in formats() {
        let command = format!("export --input {source} --format {format} --out out --force");
        let shards =
            if format.contains("--layout") || ["npz", "npy", "idx", "safetensors"].contains(&&format[..]) {
                ""
            } else {
                " --shard-size 9"
            };
        let run = place.run(&format!("{command}{shards}"));
        if run.code == Some(2) {
            run.fails(2, &["--format"]);
            continue;
        }
        run.ok();
        place.run("verify out").ok();
        place.run("info out").ok();
        place.run("export --input out --out back --force").ok();
        assert_eq!(samples(place, "back"), expected, "{source} as {format}");
        place.run("verify out --rebuild").ok();
        held.push(format);
    }
    held
}

#[test]
fn every_format_is_read_back() {
    let place = Place::new();
    for (split, rows) in [("train", 23), ("val", 5), ("t10k", 11), ("dig", 4)] {
        place.idx_named("in", split, &Images::with_channels(rows, 5, 7, 1));
        place.idx_named("in-color", split, &Images::with_channels(rows, 4, 3, 3));
        place.idx_named("in-dot", split, &Images::with_channels(rows, 1, 1, 1));
    }
    place.write("in/classes.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj and k\n");
    let all = formats();
    let except = |names: &[&str]| -> Vec<String> {
        all.iter().filter(|format| !names.contains(&&format[..])).cloned().collect()
    };
    // Four splits, names of classes.
    assert_eq!(walk(&place, "in"), except(&["coco", "yolo", "voc"]));
    assert_eq!(walk(&place, "in-dot"), except(&["coco", "yolo", "voc"]));
    assert_eq!(walk(&place, "in-color"), except(&["coco", "yolo", "voc", "idx"]));
    // Copies in another order in three splits, and folds: origins that are no indexes.
    place.run("augment --input in --split all --pipeline imgaug-light --copies 2 --out copies").ok();
    place.run("split --input copies --split all --test-size 0.3 --val-size 0.2 --seed 4 --out three").ok();
    assert_eq!(walk(&place, "three"), except(&["coco", "yolo", "voc"]));
    place.run("split --input copies --split all --folds 11 --seed 4 --out folds").ok();
    assert_eq!(walk(&place, "folds"), except(&["coco", "yolo", "voc"]));
    // Labels with noise: the right ones are truth, in all formats.
    place.run("relabel --input copies --split all --noise symmetric:0.5 --seed 1 --out noisy").ok();
    assert_eq!(walk(&place, "noisy"), except(&["coco", "yolo", "voc"]));
    // Labels with a weight for each class, in all formats that have room for them.
    place.run("mix --input three --split all --method either --probability 0.8 --seed 1 --out soft").ok();
    assert_eq!(walk(&place, "soft"), except(&["coco", "yolo", "voc", "idx", "png"]));
    place.run("mix --input in-color --split all --method cutmix --out soft-color").ok();
    assert_eq!(walk(&place, "soft-color"), except(&["coco", "yolo", "voc", "idx", "png"]));
    place.run("mix --input in-dot --split train --limit 1 --out soft-dot").ok();
    assert_eq!(walk(&place, "soft-dot"), except(&["coco", "yolo", "voc", "idx", "png"]));
    // Composed images: one object each and their class, or several and sets of classes.
    place.run("quadrant --input in --split train,test --out one").ok();
    assert_eq!(walk(&place, "one"), all);
    place.run("quadrant --input in --split train,test --objects 0-4 --grid 2x3 --out many").ok();
    assert_eq!(walk(&place, "many"), except(&["idx", "png"]));
    // With masks, which the files have or lie beside them.
    place.run("place --input in --split all --objects 0-3 --canvas 11x13 --masks --out masked").ok();
    assert_eq!(walk(&place, "masked"), except(&["idx", "png"]));
}

/// What goes by origins goes with every format.
#[test]
fn origins_go_along() {
    let place = Place::new();
    place.idx("in", &Images::with_channels(30, 4, 6, 1));
    place.run("augment --input in --pipeline imgaug-light --copies 3 --out copies").ok();
    for format in formats() {
        if ["coco", "yolo", "voc"].contains(&&format[..]) {
            continue;
        }
        place.run(&format!("export --input copies --format {format} --out form --force")).ok();
        place.run("split --input form --group origin --test-size 0.4 --out apart --force").ok();
        place.run("verify apart --no-overlap").ok();
        place.run(&format!("export --input apart --format {format} --out form-apart --force")).ok();
        place.run("verify form-apart --no-overlap").ok();
        // A split that does not look at origins has copies on both sides, and that is seen.
        place.run("split --input form --test-size 0.4 --out mixed --force").ok().says(&["--group origin"]);
        place.run(&format!("export --input mixed --format {format} --out form-mixed --force")).ok();
        place.run("verify form-mixed --no-overlap").exits(65);
    }
}

//! `split`: sizes, sides, folds, groups, index files, and what it refuses; `verify --no-overlap`.

use std::collections::BTreeSet;
use std::fs;

use ndarray::{Array1, OwnedRepr};
use ndarray_npy::NpzReader;

use crate::harness::{Images, Place, Shards};

fn place() -> Place {
    let place = Place::new();
    place.idx("in", &Images::new(100, 5, 7)).idx_test_gz("in", &Images::new(40, 5, 7));
    place
}

/// That a side holds these samples of `images`, in this order.
#[track_caller]
fn holds(side: &Shards, images: &Images, indexes: &[i64]) {
    assert_eq!(side.origin, indexes);
    for (row, &index) in indexes.iter().enumerate() {
        assert_eq!(side.image(row), images.image(index as usize), "row {row}");
        assert_eq!(side.y[row], images.labels[index as usize], "row {row}");
    }
}

fn indexes(place: &Place, file: &str, name: &str) -> Vec<i64> {
    let mut npz = NpzReader::new(fs::File::open(place.path(file)).unwrap()).unwrap();
    let array: Array1<i64> = npz.by_name::<OwnedRepr<i64>, _>(name).unwrap();
    array.to_vec()
}

/// The order is `train_test_split(range(10), test_size=0.3, random_state=42)`.
#[test]
fn samples_go_where_scikit_learn_puts_them() {
    let (place, images) = (Place::new(), Images::new(10, 5, 7));
    place.idx("in", &images);
    let run = place.run("split -i in --test-size 0.3 --seed 42 -o out --json").ok();
    assert_eq!(run.json()["splits"][1]["rows"], 3);
    run.says(&["train: 7 images (70.0 %)", "test: 3 images (30.0 %)"]);
    holds(&place.shards("out", "train"), &images, &[0, 7, 2, 9, 4, 3, 6]);
    holds(&place.shards("out", "test"), &images, &[8, 1, 5]);
    place.run("verify out --rebuild").ok();
}

#[test]
fn any_shape_is_split() {
    for (height, width, channels) in [(1, 1, 1), (1, 9, 3), (8, 3, 1)] {
        let (place, images) = (Place::new(), Images::with_channels(20, height, width, channels));
        place.idx("in", &images);
        place.run("split -i in --test-size 4 --val-size 0.25 --no-shuffle -o out").ok();
        let range = |a: i64, b: i64| (a..b).collect::<Vec<_>>();
        holds(&place.shards("out", "train"), &images, &range(0, 11));
        holds(&place.shards("out", "val"), &images, &range(11, 16));
        holds(&place.shards("out", "test"), &images, &range(16, 20));
    }
}

const COMMANDS: [&str; 5] = [
    "split -i in --split all --test-size 0.3 --val-size 0.2 --stratify --seed 42",
    "split -i packed --test-size 30 --seed 3",
    "split -i packed --folds 3 --stratify --group origin",
    "split -i scenes --test-size 0.4 --group origin --seed 5",
    "split -i in --folds 4 --fold 2 --seed 9",
];

/// With shards too small for any of them to be kept open.
fn sources() -> Place {
    let place = place();
    place.run("colorize -i in --per-image 3 --shard-size 4 --compress 1 -o packed").ok();
    place.run("quadrant -i in --objects 0-1 --count 80 --shard-size 9 -o scenes").ok();
    place
}

#[test]
fn threads_shard_size_and_parts_do_not_matter() {
    let place = sources();
    for (k, command) in COMMANDS.iter().enumerate() {
        place.run(&format!("{command} --shard-size 16 --threads 1 -o {k}")).ok();
        place.run(&format!("{command} --shard-size 16 --threads 5 -o {k}-5")).ok();
        place.assert_same(&k.to_string(), &format!("{k}-5"));
        for part in [2, 0, 1] {
            place.run(&format!("{command} --shard-size 16 --part {part}/3 -o {k}-parts")).ok();
        }
        place.run(&format!("merge {k}-parts")).ok();
        place.assert_same(&k.to_string(), &format!("{k}-parts"));
        place.run(&format!("{command} --shard-size 1000 -o {k}-whole")).ok();
        let (ours, theirs) = (place.manifest(&k.to_string()), place.manifest(&format!("{k}-whole")));
        for (a, b) in ours["splits"].as_array().unwrap().iter().zip(theirs["splits"].as_array().unwrap()) {
            assert_eq!((&a["name"], &a["content"]), (&b["name"], &b["content"]), "{command}");
        }
        place.run(&format!("verify {k} --rebuild")).ok();
    }
}

#[test]
fn a_split_goes_on_where_it_was_stopped() {
    let place = sources();
    for command in [COMMANDS[0], COMMANDS[1]] {
        place.run(&format!("{command} --shard-size 8 --force -o whole")).ok();
        place.run(&format!("{command} --shard-size 8 --force -o out")).ok();
        let names: Vec<String> =
            place.names("out").into_iter().filter(|name| name.ends_with("npz")).collect();
        for name in names.iter().step_by(3) {
            fs::remove_file(place.path("out").join(name)).unwrap();
        }
        place.run(&format!("{command} --shard-size 8 -o out")).ok().says(&["there already"]);
        place.assert_same("whole", "out");
    }
    place.run("split -i in --seed 1 -o other").ok();
    place.run("split -i in --seed 2 -o other").fails(73, &["seed", "2", "1"]);
}

/// Shards of any size, packed or not, are split as what they were made from.
#[test]
fn what_lies_in_shards_is_split_alike() {
    let place = place();
    let split = "--test-size 0.3 --val-size 10 --stratify --seed 11";
    place.run(&format!("split -i in {split} -o direct")).ok();
    for options in
        ["--compress 1 --shard-size 1", "--compress none --shard-size 1", "--compress 9 --shard-size 40"]
    {
        place.run(&format!("export -i in {options} --force -o shards")).ok();
        place.run(&format!("split -i shards {split} --force -o out")).ok();
        for side in ["train", "test", "val"] {
            assert!(place.shards("direct", side) == place.shards("out", side), "{options}");
        }
    }
    place.run("export -i in --format csv --shard-size 7 -o csv").ok();
    place.run(&format!("split -i csv {split} -o from-csv")).ok();
    assert!(place.shards("direct", "test") == place.shards("from-csv", "test"));
}

#[test]
fn inputs_and_splits_are_put_one_after_the_other() {
    let place = place();
    place.idx("more", &Images::new(9, 5, 7));
    let rows = |words: &str| place.run(&format!("{words} --dry-run --json")).ok().json()["splits"].clone();
    assert_eq!(rows("split -i in --test-size 10")[0]["rows"], 90);
    assert_eq!(rows("split -i in --split all --test-size 10")[0]["rows"], 130);
    assert_eq!(rows("split -i in -i more --test-size 10")[0]["rows"], 99);
    assert_eq!(rows("split -i in --split all --limit 20 --test-size 10")[0]["rows"], 30);
    assert_eq!(rows("split -i in --split test --train-size 0.5")[0]["rows"], 20);
}

#[test]
fn index_files_hold_what_shards_would() {
    let place = place();
    for options in ["--test-size 0.3 --val-size 0.1 --stratify --seed 4", "--folds 3 --fold 1 --seed 4"] {
        place.run(&format!("split -i in {options} --force -o out")).ok();
        let run = place.run(&format!("split -i in {options} --indices i.npz --json")).ok();
        for split in run.json()["splits"].as_array().unwrap() {
            let name = split["name"].as_str().unwrap();
            assert_eq!(indexes(&place, "i.npz", name), place.shards("out", name).origin);
        }
    }
    place.run("split -i in --folds 3 --stratify --indices folds.npz").ok();
    place.run("split -i in --folds 3 --stratify -o folds").ok();
    for fold in 0..3 {
        let (train, test) = (
            indexes(&place, "folds.npz", &format!("fold{fold}_train")),
            indexes(&place, "folds.npz", &format!("fold{fold}_test")),
        );
        assert_eq!(test, place.shards("folds", &format!("fold_{fold}")).origin);
        assert!(train.is_sorted() && test.is_sorted());
        let all: BTreeSet<i64> = train.iter().chain(&test).copied().collect();
        assert_eq!((all.len(), train.len() + test.len()), (100, 100));
    }
    assert!(!place.path("out/split").exists());
    place.run("split -i in --indices dry.npz --dry-run").ok().says(&["would write"]);
    assert!(!place.path("dry.npz").exists());
    place.run("split -i in --indices nowhere/i.npz").fails(73, &["nowhere/i.npz"]);
}

#[test]
fn copies_of_one_image_cross_unless_they_are_grouped() {
    let place = place();
    place.run("colorize -i in --per-image 4 --shard-size 30 -o color").ok();
    place.run("split -i color --test-size 0.3 --stratify -o leaks").ok().says(&[
        "warning:",
        "on more than one side",
        "--group origin",
    ]);
    let run = place.run("verify leaks --no-overlap").exits(65).says(&["help: "]);
    assert!(run.out.starts_with("train and test: ") && run.out.contains("in/train 0"), "{}", run.out);
    let json = place.run("verify leaks --no-overlap --json").exits(65).json();
    let (train, test) = (place.shards("leaks", "train"), place.shards("leaks", "test"));
    let ours: BTreeSet<i64> = train.origin.iter().copied().collect();
    let shared = test.origin.iter().collect::<BTreeSet<_>>().iter().filter(|o| ours.contains(o)).count();
    assert_eq!(json["overlaps"][0]["images"], shared);

    let run =
        place.run("split -i color --test-size 0.3 --val-size 0.1 --stratify --group origin -o clean").ok();
    assert!(!run.err.contains("warning"), "{}", run.err);
    place.run("verify clean --no-overlap").ok();
    place.run("verify clean --rebuild").ok();
    assert_eq!(place.shards("clean", "test").rows, 120);
    let test = place.shards("clean", "test");
    let mut counts = [0; 10];
    test.y.iter().for_each(|&class| counts[usize::from(class)] += 1);
    assert_eq!(counts, [12; 10]);

    // Composed images tie all of theirs together.
    place.run("quadrant -i in --objects 1-2 --count 60 -o scenes").ok();
    place.run("split -i scenes --group origin -o apart").ok();
    place.run("verify apart --no-overlap").ok();
    place.run("split -i scenes -o mixed").ok().says(&["on more than one side"]);
    place.run("verify mixed --no-overlap").exits(65);
}

#[test]
fn data_sets_are_compared_with_each_other() {
    let place = place();
    place.run("split -i in --test-size 0.3 -o halves").ok();
    // Made from the same images: what was drawn on them does not hide it.
    place.run("colorize -i halves --split train -o color").ok();
    place.run("verify --no-overlap color halves:test").ok();
    let run = place.run("verify --no-overlap color halves").exits(65);
    assert!(run.out.contains("70 source images on both sides"), "{}", run.out);
    place.run("verify color --no-overlap in:test").ok();
    place.run("verify --no-overlap color in").exits(65);
    // CSV has no room for origins, which lie beside it.
    place.run("export -i halves --split train --format csv -o csv").ok();
    let run = place.run("verify --no-overlap csv in:train").exits(65);
    assert!(run.out.contains("70 source images on both sides"), "{}", run.out);
    // Where they are not known, equal pixels are found.
    std::fs::create_dir(place.path("plain")).unwrap();
    std::fs::copy(place.path("in/train-images-idx3-ubyte"), place.path("plain/train-images-idx3-ubyte"))
        .unwrap();
    let mut labels = std::fs::read(place.path("in/train-labels-idx1-ubyte")).unwrap();
    *labels.last_mut().unwrap() = 0;
    labels[8] = (labels[8] + 1) % 10;
    place.write("plain/train-labels-idx1-ubyte", labels);
    let run = place.run("verify --no-overlap csv plain:train").exits(65);
    assert!(run.out.contains("70 equal images on both sides"), "{}", run.out);
    place.run("verify --no-overlap csv halves:test").ok();
    place.run("verify csv --no-overlap").fails(2, &["one split only"]);
    place.run("verify --no-overlap csv nowhere").fails(66, &["nowhere"]);
    place.run("verify --no-overlap csv halves:more").fails(2, &["more", "train, test"]);
    place.run("verify csv halves").exits(2);
    place.run("verify csv --no-overlap --rebuild").exits(2);
}

/// All that cannot be had, with the reason.
#[test]
fn impossible_splits_are_refused() {
    let place = place();
    let mut lonely = Images::new(30, 5, 7);
    lonely.labels = (0..30).map(|i| if i == 7 { 3 } else { i % 2 }).collect();
    place.idx("lonely", &lonely).idx("wide", &Images::new(30, 5, 8)).idx("single", &Images::new(1, 5, 7));
    for (words, says) in [
        ("-i in --test-size 0", &["--test-size 0", "from 1 to 99"][..]),
        ("-i in --test-size 100", &["--test-size 100", "fraction between 0 and 1"]),
        ("-i in --test-size 1.0", &["--test-size 1.0"]),
        ("-i in --test-size 0.0", &["--test-size 0.0"]),
        ("-i in --train-size 200", &["--train-size 200"]),
        ("-i in --val-size 1.5", &["--val-size 1.5"]),
        ("-i in --test-size 0.999", &["the training side would be empty"]),
        ("-i in --train-size 0.001", &["the training side would be empty"]),
        ("-i single", &["the training side would be empty"]),
        ("-i in --test-size 0.7 --train-size 0.7", &["together", "more than the whole"]),
        ("-i in --test-size 70 --train-size 31", &["31 samples for training and 70 for testing", "100"]),
        ("-i in --test-size 60 --val-size 40", &["leave none of 100"]),
        ("-i in --test-size 0.5 --val-size 0.6", &["leave none of 100"]),
        ("-i in --stratify --test-size 9", &["test side of 9 samples", "10 classes"]),
        ("-i in --stratify --train-size 9", &["training side of 9 samples"]),
        ("-i in --stratify --test-size 20 --val-size 5", &["validation side of 5 samples"]),
        ("-i lonely --stratify", &["class 3 has only one sample"]),
        ("-i lonely --stratify --folds 20", &["classes 0, 1, 3 have fewer samples than there are folds"]),
        ("-i in --stratify --folds 11", &["--folds 11", "(the most 10)"]),
        ("-i in --stratify --no-shuffle", &["nothing to draw"]),
        ("-i in --folds 0", &["two folds or more"]),
        ("-i in --folds 1", &["two folds or more"]),
        ("-i in --folds 101", &["only 100 samples"]),
        ("-i in --folds 3 --fold 3", &["--fold 3", "from 0 to 2"]),
        ("-i in --fold 3", &["without --folds"]),
        ("-i in --folds 3 --test-size 0.2", &["--test-size does not go with --folds"]),
        ("-i in --folds 3 --val-size 0.2", &["--val-size does not go with --folds"]),
    ] {
        place.run(&format!("split {words} -o out")).fails(2, says);
        place.run(&format!("split {words} --indices i.npz")).fails(2, says);
        assert!(!place.path("out").exists() && !place.path("i.npz").exists(), "{words} wrote something");
    }
    place.run("quadrant -i in --objects 0-2 --count 50 -o scenes").ok();
    place.run("split -i scenes --folds 3 --stratify -o out").fails(2, &["sets of classes"]);
    place.run("colorize -i in --range 0:1 --per-image 9 -o one").ok();
    place.run("split -i one --group origin -o out").fails(2, &["side would be empty", "1 groups"]);
    place.run("split -i one --group origin --folds 2 -o out").fails(2, &["only 1 groups"]);
    place.run("split -i in -i wide -o out").fails(65, &["5x8x1", "5x7x1"]);
    place.run("split -i nowhere -o out").fails(66, &["nowhere"]);
    for words in [
        "--test-size -1",
        "--test-size x",
        "--test-size nan",
        "--test-size inf",
        "--val-size -0.5",
        "--seed -1",
        "--seed 4294967296",
        "--folds x",
        "--group label",
        "--indices i.npz --format csv",
    ] {
        place.run(&format!("split -i in {words}")).exits(2);
    }
}

//! `run`: stages in one pass give what the commands give one by one, and a wrong recipe is told where it is wrong.

use crate::harness::{Images, Place};

fn place() -> Place {
    let place = Place::new();
    place.idx("in", &Images::new(40, 6, 5)).idx_test_gz("in", &Images::new(9, 6, 5));
    place
}

/// Files of both folders that are data, not records of how they came about.
#[track_caller]
fn assert_same_data(place: &Place, a: &str, b: &str) {
    let data = |folder: &str| {
        let mut files = place.files(folder);
        files.remove("manifest.json");
        files
    };
    let (ours, theirs) = (data(a), data(b));
    assert!(!ours.is_empty());
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (name, bytes) in &ours {
        assert!(bytes == &theirs[name], "{name} differs between {a} and {b}");
    }
}

#[test]
fn one_pass_gives_the_bytes_of_single_steps() {
    let place = place();
    place.write("flow.yaml", "version: 1\npipeline:\n  - add: { value: [-40, 40] }\n  - fliplr: 0.5\n");
    for (export, options) in [
        ("{ format: csv, layout: pandas, out: run }", "--format csv --layout pandas"),
        (
            "{ format: npz, one_hot: true, dtype: f32, scale: 0-1, out: run }",
            "--format npz --one-hot --dtype f32 --scale 0-1",
        ),
        ("{ shard_size: 33, out: run }", "--shard-size 33"),
        ("{ format: png, out: run }", "--format png"),
    ] {
        place.write(
            "r.yaml",
            format!(
                "version: 1\nrecipe:\n  - input: {{ input: in, labels: [1, 4, 7] }}\n  - colorize: {{ seed: 3 }}\n  - augment: \
                 {{ pipeline: flow.yaml, keep_originals: true, copies: 2, seed: 4 }}\n  - split: {{ test_size: 0.3, seed: 42, \
                 stratify: true }}\n  - export: {export}\n"
            ),
        );
        place.run("run r.yaml").ok();
        place.run("colorize --input in --labels 1,4,7 --seed 3 --out color --force").ok();
        place
            .run("augment --input color --pipeline flow.yaml --keep-originals --copies 2 --seed 4 --out heavy --force --shard-size 50")
            .ok();
        place.run("split --input heavy --test-size 0.3 --seed 42 --stratify --out parts --force --shard-size 21").ok();
        place.run(&format!("export --input parts {options} --out steps")).ok();
        assert_same_data(&place, "run", "steps");
        place.run("verify run --rebuild").ok();
        place.run("run r.yaml --threads 1 --out one").ok();
        place.assert_same("run", "one");
        for folder in ["run", "steps", "one"] {
            std::fs::remove_dir_all(place.path(folder)).unwrap();
        }
    }
}

#[test]
fn chains_are_put_one_after_the_other() {
    let place = place();
    place.write(
        "r.yaml",
        "version: 1\nrecipe:\n  - input: in\n  - colorize: { seed: 1 }\n  - concat:\n    - [ { input: { input: digits:7, resize: 6x5 } }, { colorize: { \
         seed: 2 } } ]\n    - [ { input: in }, { colorize: { seed: 1, style: alpha } } ]\n  - export: { out: run }\n",
    );
    place.run("run r.yaml").ok();
    place.run("colorize --input in --seed 1 --out a").ok();
    place.run("colorize --input digits:7 --resize 6x5 --seed 2 --out b").ok();
    place.run("colorize --input in --seed 1 --style alpha --out c").ok();
    place.run("export --input a --input b --input c --out steps").ok();
    assert_same_data(&place, "run", "steps");
}

#[test]
fn a_pipeline_may_stand_in_the_recipe() {
    let place = place();
    place.write(
        "r.yaml",
        "version: 1\nrecipe:\n  - input: in\n  - augment: { pipeline: [ { fliplr: 1 } ] }\n  - export: { out: run }\n",
    );
    place.write("flip.yaml", "version: 1\npipeline:\n  - fliplr: 1\n");
    place.run("run r.yaml").ok();
    place.run("augment --input in --pipeline flip.yaml --out steps").ok();
    assert_same_data(&place, "run", "steps");
    // Keras' parameters as well.
    place.write(
        "k.yaml",
        "version: 1\nrecipe:\n  - input: in\n  - augment: { rotation_range: 10 }\n  - export: { out: k }\n",
    );
    place.run("run k.yaml").ok();
    place.run("augment --input in --rotation-range 10 --out ks").ok();
    assert_same_data(&place, "k", "ks");
}

#[test]
fn the_notebook_is_a_preset() {
    let place = place();
    place.run("run notebook --input in --limit 10 --out a").ok();
    assert_eq!(place.names("a"), ["X_test.csv", "X_train.csv", "manifest.json", "y_test.csv", "y_train.csv"]);
    let rows = |name: &str| String::from_utf8_lossy(&place.files("a")[name]).lines().count() - 1;
    assert_eq!((rows("X_train.csv"), rows("y_test.csv")), (84, 36));
    let shown = place.run("run --show notebook").ok();
    place.write("mine.yaml", &shown.out);
    place.run("run mine.yaml --input in --limit 10 --out b").ok();
    place.assert_same("a", "b");
    assert!(place.run("run --list").ok().out.contains("notebook-npz"));
    place.run("run notebook-npz --input in --limit 10 --dry-run").ok().says(&["would write train"]);
    // Parts are for shards, which the notebook has none of.
    place.run("run notebook --input in --part 0/2 --out c").fails(2, &["--part", "shards"]);
}

#[test]
fn a_wrong_recipe_is_told_where_it_is_wrong() {
    let place = place();
    for (text, says) in [
        ("recipe: []", vec!["version: 1"]),
        ("version: 1\nsteps: []", vec!["w.yaml:2:1", "steps", "recipe"]),
        ("version: 1\nrecipe:\n  - colorize: {}", vec!["w.yaml:3:5", "colorize", "Did you mean colorize?"]),
        ("version: 1\nrecipe:\n  - colorize: { sed: 3 }\n  - export: {}", vec!["w.yaml:3:17", "sed", "seed"]),
        ("version: 1\nrecipe:\n  - colorize: { seed: x }\n  - export: {}", vec!["w.yaml:3:17", "seed", "x"]),
        (
            "version: 1\nrecipe:\n  - colorize: { input: in }\n  - export: {}",
            vec!["w.yaml:3:17", "the stage before"],
        ),
        ("version: 1\nrecipe:\n  - colorize: { out: o }\n  - export: {}", vec!["w.yaml:3:17", "export"]),
        ("version: 1\nrecipe:\n  - colorize\n  - input: in", vec!["w.yaml:4:5", "first"]),
        ("version: 1\nrecipe:\n  - input: { input: in, seed: 3 }\n  - export", vec!["w.yaml:3:25", "labels"]),
        ("version: 1\nrecipe:\n  - export\n  - colorize", vec!["w.yaml:3:5", "last"]),
        ("version: 1\nrecipe:\n  - colorize", vec!["w.yaml:3:5", "export"]),
        ("version: 1\nrecipe:\n  - augment\n  - export", vec!["w.yaml:3:5", "pipeline"]),
        ("version: 1\nrecipe:\n  - concat: in\n  - export", vec!["w.yaml:3:13", "chains"]),
        ("version: 1\nrecipe: colorize", vec!["w.yaml:2:9", "list"]),
        ("version: 1\nrecipe:\n  - [", vec!["w.yaml"]),
        ("version: 1\nrecipe: []", vec!["w.yaml", "export"]),
    ] {
        place.write("w.yaml", text);
        let run = place.run("run w.yaml --input in").exits(2);
        for part in says {
            assert!(run.err.contains(part), "{text:?} should say {part:?}: {}", run.err);
        }
        // What is no YAML at all is told by the YAML reader, which gives a place and no advice.
        assert!(run.err.contains("help: ") || text.ends_with('['), "{text:?}: {}", run.err);
        assert!(!place.path("out").exists(), "{text:?}");
    }
    place.run("run nosuch.yaml").fails(66, &["nosuch.yaml", "--list"]);
    place.run("run").exits(2);
    place.run("run --show nosuch").fails(2, &["notebook"]);
}

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
    let data: Vec<String> =
        place.names("a").into_iter().filter(|name| !name.starts_with(".mnistaug/")).collect();
    assert_eq!(data, ["X_test.csv", "X_train.csv", "manifest.json", "y_test.csv", "y_train.csv"]);
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
        ("version: 1\nrecipe:\n  - colorise: {}", vec!["w.yaml:3:5", "colorise", "Did you mean colorize?"]),
        ("version: 1\nrecipe:\n  - colorize: { sed: 3 }\n  - export: {}", vec!["w.yaml:3:17", "sed", "seed"]),
        (
            "version: 1\nrecipe:\n  - colorize: { seed: x }\n  - export: {}",
            vec!["w.yaml:3:23", "seed: expected a whole number", "x"],
        ),
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
        assert!(!run.err.contains("pipeline file"), "{text:?}: {}", run.err);
        // What is no YAML at all is told by the YAML reader, which gives a place and no advice.
        assert!(run.err.contains("help: ") || text.ends_with('['), "{text:?}: {}", run.err);
        assert!(!place.path("out").exists(), "{text:?}");
    }
    place.write("w.yaml", "version: 1\nrecipe: []\n---\nversion: 1\n");
    place.run("run w.yaml").exits(2).says(&["w.yaml:4:1", "a recipe file has one"]);
    place.write("w.yaml", "version: 7\nrecipe: []\n");
    place.run("run w.yaml").fails(2, &["w.yaml:1:10", "version 7", "Update"]);
    std::fs::write(place.path("w.yaml"), b"version: 1\nrecipe: \xff\n").unwrap();
    place.run("run w.yaml").fails(2, &["w.yaml:2:9", "0xff", "Save the recipe as"]);
    place.write("w.yaml", " ".repeat((1 << 20) + 1));
    place.run("run w.yaml").fails(2, &["a recipe file has at most 1 MiB", "a recipe is a short"]);
    place.run("run nosuch.yaml").fails(66, &["nosuch.yaml", "--list"]);
    place.run("run").exits(2);
    place.run("run --show nosuch").fails(2, &["notebook"]);
}

/// Runs a recipe of one stage between input and export, and gives what is said of it.
#[track_caller]
fn said_of(place: &Place, stage: &str) -> String {
    place.write("s.yaml", format!("version: 1\nrecipe:\n  - {stage}\n  - export: {{ out: o }}\n"));
    let run = place.run("run s.yaml --input in").exits(2);
    assert!(!place.path("o").exists(), "{stage}");
    run.err.clone()
}

/// What decides no sample is no option of a stage, and is not swallowed.
#[test]
fn options_of_the_program_are_refused_in_a_stage() {
    let place = place();
    for key in ["threads: 1", "quiet: true", "json: true"] {
        let said = said_of(&place, &format!("colorize: {{ {key} }}"));
        let name = key.split(':').next().unwrap();
        assert!(said.contains("s.yaml:3:17") && said.contains(&format!("--{name}")), "{key}: {said}");
    }
    let said = said_of(&place, "colorize: { help: true }");
    assert!(said.contains("help is no option") && said.contains("mnistaug colorize --help"), "{said}");
}

#[test]
fn options_are_told_with_their_places_and_the_nearest_ones() {
    let place = place();
    for (stage, says) in [
        ("split: { test_sise: 0.3 }", &["s.yaml:3:14", "did you mean \"test_size\"?"][..]),
        ("split: { test-sise: 0.3 }", &["s.yaml:3:14", "did you mean \"test_size\"?"]),
        ("split: { test_size: much }", &["s.yaml:3:25", "test_size: expected a fraction", "much"]),
        ("split: { folds: 3, fold: 3 }", &["s.yaml:3:5", "split: "]),
        ("split: { seed: -1 }", &["s.yaml:3:20", "a whole number from 0 to 4294967295, not -1"]),
        ("split: { indices: a.npz }", &["s.yaml:3:14", "export"]),
        ("colorize: { style: alfa }", &["s.yaml:3:24", "style: unknown value", "did you mean \"alpha\"?"]),
        ("colorize: { per_image: 0 }", &["s.yaml:3:28", "from 1 to 1000000000, not 0"]),
        ("colorize: 3", &["s.yaml:3:15", "expected options, not 3"]),
        ("quadrant: { objects: 4-2 }", &["s.yaml:3:26", "objects: the range 4-2 is reversed"]),
        ("quadrant: { grid: 2x99 }", &["s.yaml:3:23", "grid: expected rows x columns"]),
        ("augment: { pipeline: elastic, copies: 2, sample: 3 }", &["s.yaml:3:54", "exclude each other"]),
        ("augment: { pipeline: elastic, rotation_range: 3 }", &["s.yaml:3:35", "exclude each other"]),
        ("augment: { rotation_rang: 3 }", &["s.yaml:3:16", "did you mean \"rotation_range\"?"]),
        ("augment: { rotation_range: wide }", &["s.yaml:3:32", "wide", "^^^^"]),
        ("augment: { pipeline: elastic, trace: true }", &["s.yaml:3:35", "export"]),
        ("augment: { pipeline: 3 }", &["s.yaml:3:26", "a name or a list of steps, not 3"]),
    ] {
        let said = said_of(&place, stage);
        for part in says {
            assert!(said.contains(part), "{stage} should say {part:?}: {said}");
        }
    }
    for (export, says) in [
        ("{ format: parket }", &["w.yaml:4:23", "did you mean \"parquet\"?"][..]),
        ("{ fromat: npz }", &["w.yaml:4:15", "did you mean \"format\"?"]),
        ("{ scale: 3 }", &["w.yaml:4:22", "scale: expected 0-1"]),
        ("{ part: 3/2 }", &["w.yaml:4:21", "part: parts count from 0"]),
        ("{ format: npz, dtype: f16 }", &["w.yaml:4:35", "dtype: unknown value"]),
        ("{ trace: true }", &["w.yaml:4:15", "unknown key"]),
    ] {
        place.write("w.yaml", format!("version: 1\nrecipe:\n  - colorize\n  - export: {export}\n"));
        place.run("run w.yaml --input in").fails(2, says);
    }
}

/// A pipeline that is written in a recipe stays there: its mistakes are told with the recipe's lines.
#[test]
fn a_mistake_in_a_pipeline_is_told_where_it_stands_in_the_recipe() {
    let place = place();
    let recipe = |steps: &str| {
        format!(
            "version: 1\nrecipe:\n  - input: in\n  - augment:\n      pipeline:\n        - fliplr: 0.5\n        - {steps}\n  - export: {{ out: o }}\n"
        )
    };
    for (steps, says) in [
        ("rotat: 3", &["r.yaml:7:11", "rotat", " 7 |         - rotat: 3", "^^^^^"][..]),
        ("affine: { rotate: [5, 1] }", &["r.yaml:7:29", "affine: rotate", "^"]),
        // What depends on the images is found when they are known.
        (
            "frequency_noise_alpha: { first: [ { resize: { height: 3, width: 3 } } ] }",
            &["r.yaml:7:11", "changes the size"],
        ),
    ] {
        place.write("r.yaml", recipe(steps));
        let run = place.run("run r.yaml").exits(2).says(says);
        assert!(!run.err.contains("{\"pipeline\""), "{}", run.err);
    }
}

/// Two stages with one command and one seed would draw the same numbers: each image would be turned twice by the same angle.
#[test]
fn stages_that_would_draw_the_same_numbers_are_refused() {
    let place = place();
    let turn = "pipeline: [ { affine: { rotate: [-10, 10] } } ]";
    let recipe = |first: &str, second: &str| {
        format!(
            "version: 1\nrecipe:\n  - augment: {{ {turn}{first} }}\n  - augment: {{ {turn}{second} }}\n  - export: {{ out: o }}\n"
        )
    };
    place.write("r.yaml", recipe("", ""));
    place
        .run("run r.yaml --input in")
        .fails(2, &["r.yaml:4:5", "the seed 0 as well", "help: Give it a seed", "seed: 1"]);
    place.write("r.yaml", recipe(", seed: 1", ", seed: 1"));
    place.run("run r.yaml --input in").fails(2, &["r.yaml:4:71", "seed: 0"]);
    place.write("r.yaml", recipe("", ", seed: 1"));
    place.run("run r.yaml --input in").ok();
    // Side by side they draw for different images; behind each other not.
    let chains = "- concat: [ [ input: in, colorize: { seed: 1 } ], [ input: in, colorize: { seed: 1 } ] ]";
    place.write(
        "c.yaml",
        format!("version: 1\nrecipe:\n  - colorize: {{ seed: 1 }}\n  {chains}\n  - export: {{ out: c }}\n"),
    );
    place.run("run c.yaml --input in").ok();
}

/// The same in two commands, one on what the other has made, is a warning.
#[test]
fn a_command_on_what_the_same_command_has_made_with_the_same_seed_is_warned_of() {
    let place = place();
    place.run("augment --input in --pipeline elastic --seed 3 --out a").ok();
    let again = place.run("augment --input a --pipeline elastic --seed 3 --out b").ok();
    assert!(
        again.err.contains("made by augment with the seed 3") && again.err.contains("--seed 0"),
        "{}",
        again.err
    );
    let other = place.run("augment --input a --pipeline elastic --seed 4 --out c").ok();
    assert!(!other.err.contains("the same numbers"), "{}", other.err);
    let other = place.run("colorize --input a --seed 3 --out d").ok();
    assert!(!other.err.contains("the same numbers"), "{}", other.err);
}

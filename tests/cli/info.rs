//! `info`: its numbers against those computed here.

use serde_json::{Value, json};

use crate::harness::{Images, Place};

fn close(found: &Value, expected: f64) -> bool {
    (found.as_f64().unwrap() - expected).abs() < 1e-9
}

#[test]
fn statistics_are_those_of_the_pixels() {
    let place = Place::new();
    for (name, channels) in [("gray", 1), ("color", 3)] {
        let images = Images::with_channels(600, 5, 7, channels);
        place.idx(name, &images).idx_test_gz(name, &Images::with_channels(3, 5, 7, channels));
        let info = place.run(&format!("info {name} --json")).ok().json();
        assert_eq!(info["splits"].as_array().unwrap().len(), 2);
        let train = &info["splits"][0];
        assert_eq!((&train["name"], &train["images"]), (&json!("train"), &json!(600)));
        assert_eq!(train["shape"], json!({ "height": 5, "width": 7, "channels": channels }));
        for (class, found) in train["classes"].as_array().unwrap().iter().enumerate() {
            let count = images.labels.iter().filter(|label| usize::from(**label) == class).count();
            assert_eq!(*found, json!({ "name": class.to_string(), "count": count }));
        }
        for channel in 0..channels {
            let values =
                || images.pixels.iter().skip(channel).step_by(channels).map(|&v| f64::from(v) / 255.0);
            let n = values().count() as f64;
            let mean = values().sum::<f64>() / n;
            let deviation = (values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
            assert!(close(&train["mean"][channel], mean), "{} or {mean}", train["mean"]);
            assert!(close(&train["std"][channel], deviation), "{} or {deviation}", train["std"]);
        }
        let sums: Vec<u32> = (0..600).map(|i| images.image(i).iter().map(|&v| u32::from(v)).sum()).collect();
        for (end, sum) in [("brightest", sums.iter().max()), ("darkest", sums.iter().min())] {
            let index = sums.iter().position(|s| Some(s) == sum);
            assert_eq!(train[end], json!({ "index": index, "sum": sum }));
        }
    }
}

#[test]
fn people_read_the_same() {
    let place = Place::new();
    place.idx("in", &Images::new(1200, 5, 7));
    let run = place.run("info in").ok();
    for part in ["train: 1,200 images of 5x7x1", "mean", "std", "brightest", "darkest", "120"] {
        assert!(run.out.contains(part), "{part:?} in {}", run.out);
    }
}

#[test]
fn several_objects_are_counted() {
    let place = Place::new();
    place.idx("in", &Images::new(20, 2, 3));
    place.run("quadrant -i in --objects 0-4 --count 300 -o out").ok();
    let shards = place.shards("out", "train");
    let split = place.run("info out --json").ok().json()["splits"][0].clone();
    let mut objects = vec![0; 5];
    for cells in shards.cells.chunks(4) {
        objects[cells.iter().filter(|class| **class >= 0).count()] += 1;
    }
    assert_eq!(split["objects"], json!(objects));
    assert_eq!(split["grid"], json!({ "rows": 2, "columns": 2 }));
    for class in 0..10 {
        let count = shards.y.iter().skip(class).step_by(10).filter(|flag| **flag == 1).count();
        assert_eq!(split["classes"][class]["count"], count);
    }
}

#[test]
fn class_names_are_known_or_read() {
    let place = Place::new();
    place.idx("fashion-mnist", &Images::new(10, 3, 3)).idx("letters", &Images::new(4, 3, 3));
    let name = |source: &str, class: usize| {
        place.run(&format!("info {source} --json")).ok().json()["splits"][0]["classes"][class]["name"].clone()
    };
    assert_eq!(name("fashion-mnist", 0), "T-shirt/top");
    assert_eq!(name("fashion-mnist", 9), "Ankle boot");
    place.write("letters/classes.txt", ('a'..='z').flat_map(|c| [c, '\n']).collect::<String>());
    assert_eq!(name("letters", 25), "z");
    // Names go with the data.
    place.run("export -i fashion-mnist -o out").ok();
    assert_eq!(name("out", 5), "Sandal");
}

#[test]
fn a_selection_is_looked_at() {
    let place = Place::new();
    place.idx("in", &Images::new(50, 3, 3));
    let split = place.run("info in --labels 4 --json").ok().json()["splits"][0].clone();
    assert_eq!((&split["images"], &split["classes"][4]["count"]), (&json!(5), &json!(5)));
}

/// A reader that has seen enough is no error.
#[cfg(unix)]
#[test]
fn a_closed_standard_output_is_no_error() {
    let place = Place::new();
    for words in [
        "info digits:2000",
        "info digits:200 --json",
        "preview digits:600 --count 500",
        "--help",
        "colorize --help",
    ] {
        let mut child = place.start(words);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        crate::harness::Run::of(words, output).ok();
    }
    let run = place.shell("$PROGRAM preview digits:600 --count 500 | head -c 1 | wc -c").ok();
    assert_eq!((run.out.trim(), run.err.as_str()), ("1", ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_one() {
    let place = Place::new();
    for words in ["info digits:20", "info digits:20 --json", "preview digits:20"] {
        place.shell(&format!("$PROGRAM {words} > /dev/full")).exits(73).says(&["error: standard output"]);
    }
}

#[test]
fn labels_are_printed_one_a_line() {
    let (place, images) = (Place::new(), Images::new(40, 2, 3));
    place.idx("in", &images);
    let lines: Vec<String> = images.labels.iter().map(u8::to_string).collect();
    let out = |words: &str| place.run(&format!("info {words}")).ok().out;
    assert_eq!(out("in --labels"), lines.join("\n") + "\n");
    assert_eq!(out("in --labels --range 3:5"), lines[3..5].join("\n") + "\n");
    let json = place.run("info in --labels --json").ok().json();
    assert_eq!(json["splits"], json!([{ "name": "train", "labels": images.labels }]));
    // Where there are several splits, it says which; with a list it still chooses.
    place.idx_test_gz("in", &Images::new(3, 2, 3));
    let both = out("in --labels");
    assert_eq!(both.lines().count(), 43);
    assert_eq!(both.lines().next_back(), Some(format!("test\t{}", images.labels[2]).as_str()));
    assert_eq!(out("in --split test --labels"), lines[..3].join("\n") + "\n");
    assert!(out("in --split train --labels 5").contains("images of 2x3x1"));
    // Sets of classes.
    place.run("quadrant --input in --split train --objects 0-2 --count 30 --out scenes").ok();
    let sets = out("scenes --labels");
    assert!(sets.lines().any(|line| line == "-") && sets.lines().any(|line| line.contains(',')), "{sets}");
    let json = place.run("info scenes --labels --json").ok().json();
    for (line, set) in sets.lines().zip(json["splits"][0]["labels"].as_array().unwrap()) {
        let ids: Vec<String> = set.as_array().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(line, if ids.is_empty() { "-".to_owned() } else { ids.join(",") });
    }
    // What reads them may end early.
    place.shell("$PROGRAM info digits --labels | head -n 1 >/dev/null").ok();
}

#[test]
fn indexes_of_a_class_are_printed_one_a_line() {
    let (place, images) = (Place::new(), Images::new(60, 2, 3));
    place.idx("in", &images).write("in/classes.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    let nines: Vec<usize> = (0..60).filter(|&i| images.labels[i] == 9).collect();
    let out = |words: &str| -> Vec<usize> {
        let run = place.run(&format!("info in {words}")).ok();
        run.out.lines().map(|line| line.parse().unwrap()).collect()
    };
    assert_eq!(out("--indices-of 9"), nines);
    assert_eq!(out("--indices-of j --first 2"), nines[..2]);
    assert_eq!(
        out("--indices-of 9 --range 20:"),
        nines.iter().copied().filter(|i| *i >= 20).collect::<Vec<_>>()
    );
    let json = place.run("info in --indices-of 9 --first 3 --json").ok().json();
    assert_eq!(json["splits"], json!([{ "name": "train", "indices": nines[..3] }]));
    place.run("info in --indices-of 10").fails(2, &["--indices-of 10"]);
    place.run("info in --first 3").fails(2, &["--indices-of"]);
    place.run("info in --indices-of 3 --labels").fails(2, &["--labels and --indices-of"]);
}

//! `--out -` and `cat`: data sets as streams.

use crate::harness::{Images, Place};

/// Forty images of a train split and nine of a test split.
fn place() -> Place {
    let place = Place::new();
    place.idx("in", &Images::new(40, 9, 5)).idx_test_gz("in", &Images::new(9, 9, 5));
    place
}

/// What a command writes to standard output; it must succeed.
#[cfg(unix)]
fn streamed(place: &Place, words: &str) -> Vec<u8> {
    place.shell(&format!("$PROGRAM {words} >stream.bin")).ok();
    std::fs::read(place.path("stream.bin")).unwrap()
}

/// The files of a folder whose names end so, one after the other.
fn joined(place: &Place, folder: &str, ending: &str, cut: usize) -> Vec<u8> {
    let files: Vec<Vec<u8>> = place
        .files(folder)
        .into_iter()
        .filter(|(name, _)| name.ends_with(ending))
        .map(|(_, bytes)| bytes)
        .collect();
    let last = files.len() - 1;
    let end = |number: usize, file: &[u8]| if number < last { file.len() - cut } else { file.len() };
    files.iter().enumerate().flat_map(|(number, file)| file[..end(number, file)].to_vec()).collect()
}

#[cfg(unix)]
#[test]
fn streams_are_what_files_hold() {
    let place = place();
    let command = "augment -i in --pipeline imgaug-light --copies 3";
    for (format, ending, cut) in [("webdataset", ".tar", 1024), ("tfrecord", ".tfrecord", 0)] {
        place.run(&format!("{command} --format {format} --shard-size 17 --out {format}")).ok();
        let own: Vec<u8> = if format == "tfrecord" {
            place
                .files(format)
                .into_iter()
                .filter(|(name, _)| name.contains("tfrecord-"))
                .flat_map(|(_, bytes)| bytes)
                .collect()
        } else {
            joined(&place, format, ending, cut)
        };
        assert!(streamed(&place, &format!("{command} --format {format} --out -")) == own, "{format}");
    }
    place.run(&format!("{command} --format csv --out table")).ok();
    let table = joined(&place, "table", ".csv", 0);
    assert!(streamed(&place, &format!("{command} --format csv --threads 1 --out -")) == table);
    place.run(&format!("{command} --format npy --dtype f32 --scale 0-1 --out arrays")).ok();
    let x = std::fs::read(place.path("arrays/x_train.npy")).unwrap();
    assert!(streamed(&place, &format!("{command} --format npy --dtype f32 --scale 0-1 --out -")) == x);
    assert!(!place.path("-").exists());
}

#[cfg(unix)]
#[test]
fn parts_of_streams_are_those_of_folders() {
    let place = place();
    let command = "colorize -i in --shard-size 30 --format tfrecord";
    let whole = streamed(&place, &format!("{command} --out -"));
    let parts: Vec<u8> =
        (0..3).flat_map(|part| streamed(&place, &format!("{command} --part {part}/3 --out -"))).collect();
    assert!(whole == parts);
    // More parts than shards: some are empty, and still a file of their kind.
    let empty = streamed(&place, "colorize -i in --shard-size 240 --format webdataset --part 0/2 --out -");
    assert_eq!(empty, vec![0; 1024]);
}

#[cfg(unix)]
#[test]
fn any_sample_is_had_by_its_index() {
    let place = place();
    place.write(
        "flow.yaml",
        "version: 1\nparameters: { seed: 3 }\nrecipe:\n  - input: { input: in, split: train }\n  - colorize: { seed: $seed }\n  - export: { out: flow }\n",
    );
    let all = streamed(&place, "cat flow.yaml --format csv");
    let lines: Vec<&[u8]> = all.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len(), 241);
    let few = streamed(&place, "cat flow.yaml 100:103 --format csv --set seed=3");
    assert_eq!(few, [lines[0], lines[101], lines[102], lines[103]].concat());
    assert_ne!(streamed(&place, "cat flow.yaml 100:103 --format csv --set seed=4"), few);
    // Of a data set that is there, it is the same.
    place.run("run flow.yaml").ok();
    assert_eq!(streamed(&place, "cat flow 100:103 --format csv"), few);
    assert_eq!(streamed(&place, "run flow.yaml --range 100:103 --format csv --out -"), few);
    assert_eq!(streamed(&place, "cat in 0:40 --format npy").len(), 128 + 40 * 45);
    streamed(&place, "cat noisy-mnist --input in --split train --variant symmetric-20 0:10");
    assert!(!place.path("out").exists());
}

#[cfg(unix)]
#[test]
fn a_reader_that_stops_is_no_error() {
    let place = place();
    let run = place.shell("$PROGRAM cat digits:20000 2>err | head -c 100 >first; cat err >&2");
    run.ok();
    assert_eq!(std::fs::read(place.path("first")).unwrap().len(), 100);
    let err = std::fs::read_to_string(place.path("err")).unwrap();
    assert!(!err.contains("error"), "{err}");
}

#[test]
fn what_cannot_be_streamed_is_told() {
    let place = place();
    for (words, says) in [
        ("export -i in --format csv --out -", ["--out - takes one split", "--split"]),
        ("export -i in --split train --out -", ["shards", "--format webdataset"]),
        ("export -i in --split train --format png --out -", ["png", "--format webdataset"]),
        ("export -i in --split train --format npz --out -", ["npz", "--format webdataset"]),
        ("export -i in --split train --format csv --layout pandas --out -", ["csv", "--format webdataset"]),
        (
            "export -i in --split train --format npy --dtype f32 --scale minmax --out -",
            ["one pass", "--scale 0-1"],
        ),
        ("cat in --format csv --set a=1", ["none", "recipe"]),
        ("cat nowhere.yaml", ["nowhere.yaml", "run --list"]),
    ] {
        let code = if words.contains("nowhere") { 66 } else { 2 };
        place.run(words).fails(code, &says);
    }
    place.run("export -i in --split train --format csv --out - --json").exits(2).says(&["--json"]);
}

//! `verify`: are the files what the manifest says, and does it all still come out the same?

use std::fs;

use crate::harness::{Images, Place};

fn place() -> Place {
    let place = Place::new();
    place.idx("in", &Images::new(60, 5, 7)).idx_test_gz("in", &Images::new(20, 5, 7));
    place.run("colorize -i in --split all --per-image 2 --shard-size 25 -o out").ok();
    place
}

#[test]
fn a_sound_data_set_passes() {
    let place = place();
    let before = place.files("out");
    let run = place.run("verify out").ok().says(&["160 images", "7 shards"]);
    assert_eq!(run.out, "");
    assert_eq!(place.run("verify out --json").json()["bad"].as_array().unwrap().len(), 0);
    for threads in [1, 2, 7] {
        place.run(&format!("verify out --rebuild --threads {threads}")).ok().says(&["comes out the same"]);
    }
    assert!(place.files("out") == before, "nothing is written");
}

#[test]
fn bad_shards_are_listed() {
    let place = place();
    let path = |name: &str| place.path("out").join(name);
    let mut bytes = fs::read(path("train-00001-of-00005.npz")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path("train-00001-of-00005.npz"), bytes).unwrap();
    fs::remove_file(path("train-00003-of-00005.npz")).unwrap();
    let short = fs::read(path("test-00000-of-00002.npz")).unwrap();
    fs::write(path("test-00000-of-00002.npz"), &short[..100]).unwrap();

    let run = place.run("verify out").exits(65).says(&["3 differences", "help: "]);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", run.out);
    for (line, parts) in lines.iter().zip([
        ["train-00001-of-00005.npz: ", "BLAKE3"],
        ["train-00003-of-00005.npz: ", "missing"],
        ["test-00000-of-00002.npz: ", "found 100"],
    ]) {
        for part in parts {
            assert!(line.contains(part), "{part:?} in {line}");
        }
    }
    let json = place.run("verify out --json").exits(65).json();
    assert_eq!(json["bad"][1]["name"], "train-00003-of-00005.npz");

    // As the help says: the same command makes them anew, and only them.
    let run = place.run("colorize -i in --split all --per-image 2 --shard-size 25 -o out --json").ok().json();
    assert_eq!((&run["shards_written"], &run["shards_kept"]), (&3.into(), &4.into()));
    place.run("verify out --rebuild").ok();
}

#[test]
fn a_manifest_that_was_tampered_with_is_found() {
    let place = place();
    let text = fs::read_to_string(place.path("out/manifest.json")).unwrap();
    place.write("out/manifest.json", text.replace("\"shard_size\": 25", "\"shard_size\": 26"));
    place.run("verify out").fails(65, &["manifest.json", "edited or damaged"]);
    // Nor is it believed where its digest is right, or gone.
    let shards = "/splits/0/shards/0";
    for (at, value, says) in [
        (format!("{shards}/content"), "0".repeat(32).into(), "is not the sum of its shards'"),
        ("/shard_size".into(), 26.into(), "do not agree"),
        ("/shard_size".into(), 0.into(), "shard_size of 0"),
        ("/splits/0/rows".into(), 999_999_999_999_999_u64.into(), "more than"),
        (format!("{shards}/first"), u64::MAX.into(), "do not agree"),
        (format!("{shards}/blake3"), "x".into(), "no BLAKE3"),
        (format!("{shards}/name"), "train-00001-of-00005.npz".into(), "do not agree"),
    ] {
        place.write("out/manifest.json", &text);
        place.forge("out", |manifest| *manifest.pointer_mut(&at).unwrap() = value);
        place.run("verify out").fails(65, &["manifest.json", says]);
    }
    fs::write(place.path("out/manifest.json"), &text[..text.len() / 2]).unwrap();
    place.run("verify out").fails(65, &["manifest.json", "line "]);
}

#[test]
fn rebuilding_notices_other_input() {
    let place = place();
    let mut images = Images::new(60, 5, 7);
    images.pixels[35 * 40 + 3] ^= 0x40;
    place.idx("in", &images);
    place.run("verify out").ok();
    let run = place.run("verify out --rebuild").exits(65);
    assert!(run.out.contains("train images"), "{}", run.out);
    // Image 40 is shown by samples 80 and 81, which are in the shard of 75 to 99.
    assert!(run.out.contains("train-00003-of-00005.npz") && !run.out.contains("train-00002"), "{}", run.out);

    // Input that has only moved is named.
    place.idx("moved", &Images::new(60, 5, 7)).idx_test_gz("moved", &Images::new(20, 5, 7));
    place.run("verify out --rebuild --input moved").ok();
    fs::remove_dir_all(place.path("in")).unwrap();
    place.run("verify out --rebuild").fails(66, &["in: no such file or folder"]);
}

#[test]
fn rebuilding_notices_other_backgrounds() {
    let place = Place::new();
    place.idx("in", &Images::new(10, 5, 7));
    let paint = |green: u8| place.picture("b/a.png", 9, 9, move |y, x| [y as u8 * 9, green, x as u8 * 20]);
    paint(3);
    place.run("colorize -i in -b b --style alpha -o out").ok();
    place.run("verify out --rebuild").ok();
    paint(4);
    let run = place.run("verify out --rebuild").exits(65);
    assert!(run.out.contains("backgrounds") && run.out.contains("train-00000-of-00001.npz"), "{}", run.out);
}

#[test]
fn every_command_can_be_rebuilt() {
    let place = Place::new();
    place.idx("a", &Images::new(10, 4, 3)).idx("b", &Images::new(7, 4, 3));
    for command in [
        "colorize -i a -i b --labels 1-8 --range 1:12 --limit 9 --fit crop --per-image 3 --seed 5",
        "colorize --limit 5",
        "quadrant -i a --objects 0-4 --count 30 --seed 8",
        "quadrant -i a",
        "export -i b --format csv",
        "export -i digits:12",
        "relabel -i a --noise pair-flip:0.5 --draw exact",
        "relabel -i digits:50 --noise symmetric:0.5 --draw numpy",
        "mix -i a --method either --probability 0.7 --seed 4",
        "mix -i b --method cutmix --compat keras --limit 1",
        "balance -i digits:90 --to long-tail:0.2 --draw numpy --order class",
    ] {
        place.run(&format!("{command} --shard-size 8 --force -o out")).ok();
        place.run("verify out --rebuild").ok();
    }
}

#[test]
fn what_is_no_data_set_is_no_data_set() {
    let place = Place::new();
    place.mkdir("empty").write("file", "x");
    place.run("verify empty").fails(66, &["empty", "manifest.json"]);
    place.run("verify nowhere").fails(66, &["nowhere"]);
    place.run("verify file").fails(66, &["file", "it is a file"]);
}

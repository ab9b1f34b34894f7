//! `augment`, `explain` and `pipeline`: order of samples, provenance, traces, boxes, and errors in pipeline files.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Images, Place};

/// Everything that is quick, random, and keeps the size.
const PIPELINE: &str = "version: 1
pipeline:
  - fliplr: 0.5
  - sometimes: { p: 0.5, then: [{ affine: { rotate: [-20, 20], order: [0, 1], mode: all } }] }
  - some_of: { count: [1, 2], random_order: true, of: [{ add: [-40, 40] }, { gaussian_blur: [0, 2.0] }, { dropout: 0.2 }] }
";

fn place(n: usize) -> (Place, Images) {
    let (place, images) = (Place::new(), Images::new(n, 5, 7));
    place.idx("in", &images).write("p.yaml", PIPELINE);
    (place, images)
}

#[test]
fn originals_come_first_then_whole_passes() {
    let (place, images) = place(23);
    place.run("augment -i in -p p.yaml --copies 2 --keep-originals --shard-size 10 -o a").ok();
    let all = place.shards("a", "train");
    assert_eq!((all.rows, &all.shape[..]), (69, &[5, 7][..]));
    let mut changed = 0;
    for i in 0..69 {
        assert_eq!((all.origin[i], all.y[i]), ((i % 23) as i64, images.labels[i % 23]));
        if i < 23 {
            assert_eq!(all.image(i), images.image(i), "an original");
        } else {
            changed += usize::from(all.image(i) != images.image(i % 23));
        }
    }
    assert!(changed > 40, "{changed} of 46 copies differ from their originals");
    assert_ne!(all.x[23 * 35..46 * 35], all.x[46 * 35..], "the passes differ");

    // What follows the originals is what comes out without them.
    place.run("augment -i in -p p.yaml --copies 2 -o b").ok();
    let copies = place.shards("b", "train");
    assert_eq!(copies.x, all.x[23 * 35..]);
    assert_eq!(copies.origin, all.origin[23..]);
}

#[test]
fn samples_are_drawn_with_replacement() {
    let (place, images) = place(23);
    place.run("augment -i in -p p.yaml --sample 100 -o a").ok();
    let all = place.shards("a", "train");
    assert_eq!(all.rows, 100);
    let drawn: BTreeSet<i64> = all.origin.iter().copied().collect();
    assert!(drawn.len() > 18 && drawn.iter().all(|&i| (0..23).contains(&i)), "{drawn:?}");
    for i in 0..100 {
        assert_eq!(all.y[i], images.labels[all.origin[i] as usize]);
    }
    place.run("augment -i in -p p.yaml --sample 3 --copies 2 -o b").exits(2).says(&["--sample", "--copies"]);
}

#[test]
fn the_same_bytes_however_it_is_built() {
    let (place, _) = place(90);
    let command = "augment -i in -p p.yaml --copies 3 --shard-size 17 --trace";
    place.run(&format!("{command} --threads 1 -o whole")).ok();
    for threads in [2, 7] {
        place.run(&format!("{command} --threads {threads} -o t{threads}")).ok();
        place.assert_same("whole", &format!("t{threads}"));
    }
    for part in 0..4 {
        place.run(&format!("{command} --part {part}/4 -o parts")).ok();
    }
    place.run("merge parts").ok();
    place.assert_same("whole", "parts");
    place.run("augment -i in -p p.yaml --copies 3 --shard-size 270 -o one").ok();
    let content = |folder| place.manifest(folder)["splits"][0]["content"].clone();
    assert_eq!(content("one"), content("whole"));
    assert_eq!(place.shards("one", "train"), place.shards("whole", "train"));
    place.run("verify whole --rebuild").ok();
    place.run("augment -i in -p p.yaml --copies 3 --shard-size 270 --seed 1 -o other").ok();
    assert_ne!(content("other"), content("one"));
}

#[test]
fn a_trace_lies_beside_each_shard_and_is_verified() {
    let (place, images) = place(20);
    place.run("augment -i in -p p.yaml --shard-size 8 --trace -o a").ok();
    let name = "train-00001-of-00003.trace.jsonl";
    let text = String::from_utf8(place.files("a")[name].clone()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 8);
    for (line, index) in lines.iter().zip(8..) {
        assert_eq!((&line["index"], &line["origin"]), (&index.into(), &index.into()));
        assert_eq!(line["classes"], serde_json::json!([images.labels[index]]));
        let steps: Vec<&str> = line["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s.as_object().unwrap().keys().next().unwrap().as_str())
            .collect();
        assert_eq!(steps[0], "fliplr", "{steps:?}");
        assert!((2..=4).contains(&steps.len()), "{steps:?}");
    }
    // It is the same as what explain says.
    let run = place.run("explain a 11 --json").ok();
    assert_eq!(run.json()["steps"], lines[3]["steps"]);

    place.write(&format!("a/{name}"), "gone\n");
    let run = place.run("verify a").exits(65);
    assert!(run.out.starts_with(name), "{}", run.out);
    place.run("augment -i in -p p.yaml --shard-size 8 --trace -o a").ok();
    place.run("verify a").ok();
}

#[test]
fn explain_needs_no_more_than_the_manifest() {
    let (place, images) = place(12);
    place.run("colorize -i in --seed 3 -o color").ok();
    place.run("augment -i color -p imgaug-light --seed 4 -o a").ok();
    let run = place.run("explain a 9 -o strip.png --json").ok();
    let said = run.json();
    // Sample 9 shows image 1 on the fourth of six backgrounds.
    assert_eq!((&said["origin"], &said["root"]["index"]), (&1.into(), &1.into()));
    assert_eq!(said["label"][0]["class"], images.labels[1]);
    assert!(!said["steps"].as_array().unwrap().is_empty(), "{said}");
    let strip = image::open(place.path("strip.png")).unwrap();
    assert!(strip.width() > 84 && strip.height() > 60, "{}x{}", strip.width(), strip.height());

    // The steps of colorize can be computed again from what is printed.
    let run = place.run("explain color 9 --json").ok();
    let drawn = &run.json()["steps"][0]["colorize"];
    assert_eq!(drawn["background"], "ripples.png");
    let pixels = place.shards("color", "train");
    let ink = images.image(1).iter().position(|&v| v > 0).unwrap();
    for c in 0..3 {
        let number = |key: &str| drawn["digit"][c][key].as_f64().unwrap() as f32;
        let level = f32::from(images.image(1)[ink]) / 255.0;
        assert_eq!(pixels.image(9)[3 * ink + c], (level * number("range") + number("low")) as u8);
    }

    let plain = place.run("explain in 3 --pipeline p.yaml --seed 5").ok();
    assert!(plain.out.contains("origin  image 3") && plain.out.contains("fliplr"), "{}", plain.out);
    place.run("explain in 12").exits(2).says(&["0 to 11"]);
    place.run("explain nowhere 1").fails(66, &["nowhere"]);
}

#[test]
fn boxes_move_with_their_objects() {
    let place = Place::new();
    place.write(
        "p.yaml",
        "version: 1\npipeline:\n  - fliplr: 1\n  - affine: { translate_px: { x: 3, y: 2 } }\n",
    );
    place.run("quadrant --limit 60 --objects 1-4 -o q").ok();
    place.run("augment -i q -p p.yaml -o a").ok();
    let (before, after) = (place.shards("q", "train"), place.shards("a", "train"));
    assert_eq!((after.rows, &after.shape[..]), (60, &[56, 56][..]));
    assert_eq!((&before.y, &before.cells, &before.origin), (&after.y, &after.cells, &after.origin));
    for (old, new) in before.boxes.as_chunks::<4>().0.iter().zip(after.boxes.as_chunks::<4>().0) {
        if old[0] < 0 {
            assert_eq!(new, old);
            continue;
        }
        let moved = [56 - old[2] + 3, old[1] + 2, 56 - old[0] + 3, old[3] + 2].map(|v| v.clamp(0, 56));
        assert_eq!(*new, moved, "{old:?}");
    }
    // A box still holds all of its object: nothing bright lies outside all boxes.
    for sample in 0..60 {
        let boxes: Vec<[i32; 4]> = after.boxes.as_chunks::<4>().0[4 * sample..4 * sample + 4].to_vec();
        for (p, &value) in after.image(sample).iter().enumerate() {
            let (y, x) = ((p / 56) as i32, (p % 56) as i32);
            let inside = boxes.iter().any(|b| (b[0]..b[2]).contains(&x) && (b[1]..b[3]).contains(&y));
            assert!(value == 0 || inside, "sample {sample}: {y}, {x}");
        }
    }
}

#[test]
fn presets_run_on_gray_color_and_odd_sizes() {
    for (height, width, channels) in [(28, 28, 1), (1, 1, 1), (1, 9, 3), (13, 6, 3), (40, 56, 3)] {
        let place = Place::new();
        place.idx("in", &Images::with_channels(30, height, width, channels));
        for preset in ["imgaug-heavy", "imgaug-light", "elastic"] {
            place.run(&format!("augment -i in -p {preset} -o {preset}")).ok();
            assert_eq!(place.shards(preset, "train").rows, 30);
            place.run(&format!("verify {preset} --rebuild")).ok();
        }
    }
}

#[test]
fn pipelines_that_change_sizes_are_refused_with_the_remedy() {
    let (place, _) = place(5);
    place.write(
        "vary.yaml",
        "version: 1\npipeline:\n  - fliplr: 0.5\n  - crop: { px: [0, 2], keep_size: false }\n",
    );
    place.run("augment -i in -p vary.yaml -o a").fails(2, &["vary.yaml:4", "crop", "keep_size"]);
    assert!(!place.path("a").exists(), "nothing is written");
    place.write("large.yaml", "version: 1\npipeline:\n  - resize: { height: 9, width: 4 }\n");
    place.run("augment -i in -p large.yaml -o a").ok();
    assert_eq!(place.shards("a", "train").shape, [9, 4]);
    place
        .run("augment -i in -p large.yaml --keep-originals -o b")
        .fails(2, &["--keep-originals", "9x4x1", "5x7x1"]);
}

#[test]
fn mistakes_in_pipeline_files_are_pointed_at() {
    let (place, _) = place(5);
    let cases: &[(&str, &[&str])] = &[
        (
            "version: 1\npipeline:\n  - gausian_blur: 3\n",
            &["p.yaml:3:5", "gausian_blur", "gaussian_blur", "^"],
        ),
        ("version: 1\npipeline:\n  - affine: { rotat: 3 }\n", &["p.yaml:3:", "rotat", "rotate", "^"]),
        ("version: 1\npipeline:\n  - add: { value: many }\n", &["p.yaml:3:", "many", "^"]),
        ("version: 1\npipeline:\n  - fliplr: 2\n", &["p.yaml:3:", "2", "^"]),
        (
            "version: 1\npipeline:\n  - sometimes: { p: -0.5, then: [{ fliplr: 1 }] }\n",
            &["p.yaml:3:", "-0.5"],
        ),
        ("version: 1\npipeline:\n  - one_of: []\n", &["p.yaml:3:", "one_of"]),
        (
            "version: 1\npipeline:\n  - some_of: { count: 3, of: [{ fliplr: 1 }] }\n",
            &["p.yaml:3:", "count", "3"],
        ),
        ("pipeline:\n  - fliplr: 1\n", &["p.yaml", "version", "version: 1"]),
        ("version: 2\npipeline: []\n", &["p.yaml:1:", "version 2", "reads 1"]),
        ("version: 1\npipeline:\n\t- fliplr: 1\n", &["p.yaml:3"]),
        ("version: 1\nsteps: []\npipeline: []\n", &["p.yaml:2:", "steps"]),
        ("{\"version\": 1, \"pipeline\": [{\"invrt\": 1}]}", &["p.yaml:1:", "invrt", "invert"]),
    ];
    for (text, says) in cases {
        place.write("p.yaml", text);
        for command in ["augment -i in -p p.yaml -o a", "pipeline check p.yaml"] {
            let run = place.run(command).exits(2).says(&["error: "]).says(says);
            assert_eq!(run.out, "");
        }
    }
    let deep = format!("version: 1\npipeline: [{}{}]\n", "{sequential: [".repeat(200), "]}".repeat(200));
    place.write("p.yaml", deep).run("pipeline check p.yaml").exits(2).says(&["deep"]);
    place.write("p.yaml", [0xff, 0xfe, 0, 1]).run("pipeline check p.yaml").exits(2).says(&["p.yaml"]);
    std::fs::File::create(place.path("p.yaml")).unwrap().set_len(1 << 30).unwrap();
    place.run("pipeline check p.yaml").exits(2).says(&["p.yaml"]);
    place.run("pipeline check imgaug-heavi").says(&["imgaug-heavy"]);
    assert!(!place.path("a").exists());
}

#[test]
fn pipelines_describe_themselves() {
    let place = Place::new();
    let list = place.run("pipeline list").ok().out;
    for name in ["imgaug-heavy", "elastic", "some_of", "piecewise_affine", "median_blur", "crop_and_pad"] {
        assert!(list.contains(name), "{name}");
    }
    let show = place.run("pipeline show affine").ok().out;
    assert!(show.contains("rotate") && show.contains("translate_percent"), "{show}");
    place.run("pipeline show afine").exits(2).says(&["affine"]);
    let schema: Value = serde_json::from_str(&place.run("pipeline schema").ok().out).unwrap();
    assert!(schema["$schema"].is_string(), "an editor knows it as a schema");
    place.run("pipeline check imgaug-heavy").ok().says(&["28x28x3"]);
    assert_eq!(
        place.run("pipeline check elastic --shape 40x56 --json").ok().json()["shape_out"]["height"],
        40
    );
}

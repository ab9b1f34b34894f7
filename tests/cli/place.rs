//! `place`, `sequence`, and the data sets that are made by them.

use crate::harness::{Images, Place, content, info, there_and_back};

#[test]
fn scenes_are_the_same_whatever_builds_them() {
    let place = Place::new();
    place.idx("in", &Images::new(40, 9, 5));
    place
        .run("place --input in --canvas 40x60 --objects 0-6 --size 4-20 --overlap 0.2 --count 50 --out one")
        .ok()
        .says(&["place: 50 images of 40x60x1 (train)"]);
    place
        .run("place --input in --canvas 40x60 --objects 0-6 --size 4-20 --overlap 0.2 --count 50 --shard-size 7 --threads 1 --out two")
        .ok();
    assert_eq!(content(&place, "one"), content(&place, "two"));
    place.run("verify two --rebuild").ok();
    let split = info(&place, "one");
    assert_eq!(split["grid"], serde_json::json!({ "rows": 1, "columns": 6 }));
    assert_eq!(split["objects"].as_array().unwrap().len(), 7, "{split}");
    // Detectors' formats say where each object is, and are read back.
    for format in ["coco", "yolo", "parquet", "npz"] {
        there_and_back(&place, "one", format);
    }
    assert!(place.run("explain one 3").ok().out.contains("\"height\""));
    place.run("preview one -o sheet.png").ok();
    // Boxes go along where a pipeline follows.
    place.run("augment --input one --pipeline imgaug-light --out more").ok();
    assert_eq!(info(&place, "more")["grid"]["columns"], 6);
}

#[test]
fn quadrant_is_a_grid() {
    let place = Place::new();
    place.idx("in", &Images::new(30, 7, 5));
    place.run("quadrant --input in --objects 1-3 --grid 2x3 --out quadrant").ok();
    place.run("place --input in --objects 1-3 --arrange grid:2x3 --out place").ok();
    let (a, b) = (info(&place, "quadrant"), info(&place, "place"));
    assert_eq!((&a["shape"], &a["grid"]), (&b["shape"], &b["grid"]));
    place
        .run("place --input in --objects 7 --arrange grid:2x3 --out no")
        .fails(2, &["7 objects do not fit", "6"]);
}

#[test]
fn notes_and_errors_come_before_work() {
    let place = Place::new();
    let full = "place --input digits:50 --canvas 30x30 --objects 5 --overlap 0 --retries 5";
    place.run(&format!("{full} --out few")).ok().says(&["16 of the first 16 canvases have fewer objects"]);
    place.run(&format!("{full} --full error --out no")).fails(2, &["no place for object", "--full fewer"]);
    assert!(!place.path("no").exists());
    place.run("place --input digits:50 --canvas 20x20 --out no").fails(2, &["do not fit", "--canvas"]);
    place.run("place --input few --out no").fails(65, &["place needs images of one object each"]);
    place
        .run("sequence --input digits:9 --canvas 20x20 --out no")
        .fails(2, &["a frame of 20x20", "--canvas"]);
    place.run("place --input digits:9 --arrange heap --out no").fails(2, &["--arrange", "row:LO..HI"]);
    place.run("place --input digits:9 --overlap 1.2 --out no").fails(2, &["--overlap"]);
    place.run("place --input digits:9 --label number --objects 3 --out no").fails(2, &["--class-truth"]);
}

#[test]
fn frames_have_an_axis_of_their_own() {
    let place = Place::new();
    place.idx("in", &Images::new(12, 5, 3));
    place
        .run("sequence --input in --canvas 8x9 --frames 4 --out moving")
        .ok()
        .says(&["sequence: 6 images of 32x9x1 (train)"]);
    assert_eq!(info(&place, "moving")["frames"], 4);
    place.run("verify moving --rebuild").ok();
    for format in ["npz", "npy", "safetensors", "csv", "webdataset-npy"] {
        there_and_back(&place, "moving", format);
    }
    place.run("export --input moving --format npz --channels-first --dtype f32 --scale 0-1 --out first").ok();
    assert_eq!(content(&place, "first"), content(&place, "moving"));
    for format in ["png", "coco", "yolo", "idx", "parquet", "tfrecord", "webdataset", "mds"] {
        place
            .run(&format!("export --input moving --format {format} --out no"))
            .fails(2, &["several frames each", "npz"]);
    }
    for command in ["augment --pipeline imgaug-light", "colorize", "quadrant", "place", "sequence"] {
        place.run(&format!("{command} --input moving --out no")).fails(65, &["before"]);
    }
    place.run("export --input moving --resize 9x9 --out no").fails(65, &["4 frames"]);
    place.idx("tall", &Images::new(3, 32, 9));
    place.run("export --input moving --input tall --out no").fails(65, &["4 frames"]);
    place.run("preview moving -o sheet.png").ok();
    place.run("split --input moving --test-size 0.5 --group origin --out parts").ok();
}

#[test]
fn data_sets_of_several_digits_have_names() {
    let place = Place::new();
    let run = |words: &str| place.run(&format!("run {words} --out out --force")).ok();
    run("multi-mnist --input digits:60 --variant sabour").says(&["70 images of 36x36x1"]);
    let split = info(&place, "out");
    assert_eq!(split["truth"][0]["name"], "class_1");
    assert!(split["classes"].as_array().unwrap().len() == 10);
    run("multi-mnist --input digits:60 --variant mgda").says(&["70 images of 28x28x1"]);
    run("double-mnist --input digits:500 --set each=2 --set drawn=3000").says(&["200 images of 64x64x1"]);
    assert_eq!(info(&place, "out")["classes"][42]["name"], "42");
    run("mnist-detection --input digits:60 --set count=20").says(&["20 images of 300x300x1"]);
    run("cluttered-mnist --input digits:60 --variant 100").says(&["70 images of 100x100x1"]);
    run("mnist-addition --input digits:60 --set pick=in-order").says(&["35 images of 28x56x1"]);
    assert_eq!(info(&place, "out")["classes"].as_array().unwrap().len(), 19);
    run("moving-mnist --input digits:60 --set frames=5").says(&["30 images of 320x64x1"]);
    run("irm-mnist --input digits:90 --variant irm-1").says(&["45 images of 28x14x1"]);
    assert_eq!(info(&place, "out")["frames"], 2);
    run("irm-mnist --input digits:90 --variant domainbed-80").says(&["images of 56x28x1"]);
    run("affnist --input digits:60").says(&["70 images of 40x40x1"]);
    run("affnist --input digits:60 --variant translated --set copies=2").says(&["140 images of 40x40x1"]);
}

//! Masks of objects: that they move along, and what files have of them.

use std::io::Read as _;

use serde_json::{Value, json};

use crate::harness::{Images, Place, content, info, there_and_back};

/// The pixels of one sample of a data set of gray images.
fn pixels(place: &Place, source: &str, index: usize) -> Vec<u8> {
    let values = place.run(&format!("preview {source} --index {index} --values --json")).ok().json();
    let values = values["images"][0]["values"].as_array().unwrap();
    values.iter().map(|value| value.as_u64().unwrap() as u8).collect()
}

/// An array of bytes in an NPZ file, without its header.
fn array(place: &Place, file: &str, name: &str) -> Vec<u8> {
    let file = std::fs::File::open(place.path(file)).unwrap();
    let mut zip = zip::ZipArchive::new(file).unwrap();
    let mut bytes = Vec::new();
    zip.by_name(&format!("{name}.npy")).unwrap().read_to_end(&mut bytes).unwrap();
    let head = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes.split_off(head)
}

/// The mask of a sample follows its ink through a pipeline, its boxes are those of the mask, and what is hardly seen is dropped.
#[test]
fn masks_move_along() {
    let place = Place::new();
    let scenes = "--input digits:60 --objects 1-4 --canvas 90x80 --overlap 0 --seed 3";
    place.run(&format!("place {scenes} --masks --out masked")).ok();
    place.run(&format!("place {scenes} --out plain")).ok();
    // Pixels are the same with masks and without.
    let shown = |source: &str| place.run(&format!("preview {source} --values --index 0,3,59")).ok().out;
    assert_eq!(shown("masked"), shown("plain").replace("plain", "masked"));
    place.run("augment --input masked --pipeline imgaug-heavy --out heavy").ok();
    place.run("augment --input masked --pipeline imgaug-heavy --out again --shard-size 7 --threads 1").ok();
    assert_eq!(content(&place, "heavy"), content(&place, "again"));
    assert_ne!(content(&place, "masked"), content(&place, "plain"));
    place.run("verify heavy --rebuild").ok();
    for format in [
        "coco",
        "npz",
        "npy",
        "safetensors",
        "parquet",
        "csv",
        "yolo",
        "voc",
        "webdataset",
        "tfrecord",
        "mds",
    ] {
        there_and_back(&place, "heavy", format);
    }
    place.run("split --input heavy --test-size 0.3 --out parts").ok();
    place.run("colorize --input masked --seed 2 --out colored").ok();
    place.run("export --input masked --resize 45x40 --out small").ok();
    place.run("export --input masked --transpose --out turned").ok();
    // Objects that a crop takes away are dropped, and their classes with them.
    place.write("crop.yaml", "version: 1\npipeline:\n  - crop: { px: [0, 0, 45, 0], keep_size: false }\n");
    place.run("augment --input masked --pipeline crop.yaml --out all").ok();
    place.run("augment --input masked --pipeline crop.yaml --min-visible 0.5 --out seen").ok();
    let count = |source: &str| -> u64 {
        let objects = info(&place, source)["objects"].as_array().unwrap().clone();
        objects.iter().zip(0..).map(|(count, n)| count.as_u64().unwrap() * n).sum()
    };
    assert!(count("seen") < count("all"), "{} of {}", count("seen"), count("all"));
    place.run("quadrant --input digits:20 --masks --out quadrant").ok();
    place.run("augment --input quadrant --pipeline elastic --out elastic").ok();
    place.run("place --input digits:20 --objects 0-256 --masks --out no").fails(2, &["--masks", "255"]);
    place
        .run("augment --input masked --pipeline elastic --min-visible 2 --out no")
        .fails(2, &["--min-visible"]);
    place
        .run("augment --input digits:9 --pipeline elastic --min-visible 0.5 --out no")
        .fails(2, &["--min-visible", "not composed", "mnistaug quadrant"]);
}

/// COCO's segmentations are the ink.
#[test]
fn segmentations_have_the_area_of_the_ink() {
    let place = Place::new();
    place
        .run("place --input digits:9 --objects 1 --pick each --canvas 40x33 --masks --format coco --out coco")
        .ok();
    let text = std::fs::read_to_string(place.path("coco/annotations/instances_train.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let annotations = json["annotations"].as_array().unwrap();
    assert_eq!(annotations.len(), 9);
    for (index, annotation) in annotations.iter().enumerate() {
        assert_eq!(annotation["segmentation"]["size"], serde_json::json!([40, 33]));
        let values = place.run(&format!("preview coco --index {index} --values --json")).ok().json();
        let values = values["images"][0]["values"].as_array().unwrap().clone();
        let ink = values.iter().filter(|value| value.as_u64() != Some(0)).count();
        assert_eq!(annotation["area"].as_u64(), Some(ink as u64), "{annotation}");
    }
}

/// Twice the area within a polygon, by the sums of its corners; holes count against it.
fn twice_area(corners: &[f64]) -> f64 {
    let points = corners.as_chunks::<2>().0;
    let next = points.iter().cycle().skip(1);
    points.iter().zip(next).map(|([x, y], [u, v])| x * v - u * y).sum::<f64>().abs()
}

#[test]
fn outlines_enclose_the_ink() {
    let place = Place::new();
    place.run("place --input digits:30 --objects 1 --pick each --canvas 40x33 --masks --out scenes").ok();
    place.run("export --input scenes --format coco --segmentation polygons --out coco").ok();
    place.run("export --input scenes --format yolo --out yolo").ok();
    place.run("export --input scenes --format yolo --segmentation none --out boxes").ok();
    let text = std::fs::read_to_string(place.path("coco/annotations/instances_train.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let (lines, boxes) = (place.files("yolo"), place.files("boxes"));
    let line = |files: &std::collections::BTreeMap<String, Vec<u8>>, index: usize| -> Vec<f64> {
        let text = String::from_utf8_lossy(&files[&format!("labels/train/{index:05}.txt")]).into_owned();
        assert_eq!(text.lines().count(), 1);
        text.split_whitespace().map(|number| number.parse().unwrap()).collect()
    };
    for (index, annotation) in json["annotations"].as_array().unwrap().iter().enumerate() {
        let ink = pixels(&place, "scenes", index).iter().filter(|value| **value != 0).count();
        assert_eq!(annotation["area"], json!(ink));
        let polygons = annotation["segmentation"].as_array().unwrap();
        let corners = |polygon: &Value| -> Vec<f64> {
            polygon.as_array().unwrap().iter().map(|place| place.as_f64().unwrap()).collect()
        };
        let area: f64 = polygons.iter().map(|polygon| twice_area(&corners(polygon))).sum();
        assert_eq!(area, 2.0 * ink as f64, "{annotation}");
        let outline = line(&lines, index);
        assert_eq!(outline[0], annotation["category_id"].as_f64().unwrap());
        let area = twice_area(&outline[1..]) * 40.0 * 33.0;
        assert!((area - 2.0 * ink as f64).abs() < 0.05, "{area} for {ink}");
        assert_eq!(line(&boxes, index).len(), 5);
    }
    // Read back, it is what it was, however masks were said.
    for folder in ["coco", "yolo", "boxes"] {
        place.run(&format!("export --input {folder} --out back-{folder}")).ok();
        assert_eq!(content(&place, &format!("back-{folder}")), content(&place, "scenes"));
    }
    place
        .run("export --input scenes --format coco --out coco")
        .fails(73, &["the format is", "polygons", "--force"]);
    for (format, says) in [
        ("yolo --segmentation rle", ["no lengths of runs", "--format coco"]),
        ("voc --segmentation polygons", ["pictures of numbers", "--format coco"]),
        ("npz --segmentation rle", ["--segmentation does not apply", "--format coco, yolo or voc"]),
    ] {
        place.run(&format!("export --input scenes --format {format} --out no")).fails(2, &says);
    }
}

#[test]
fn pascal_voc_has_boxes_and_numbers() {
    let place = Place::new();
    place
        .run("place --input digits:12 --objects 2 --arrange columns --canvas 30x60 --masks --out scenes")
        .ok();
    place.run("export --input scenes --format voc --out voc").ok();
    let files = place.files("voc");
    let count = files.keys().filter(|name| name.starts_with("JPEGImages/")).count();
    let names: Vec<String> = (0..count).map(|index| format!("train_{index:05}\n")).collect();
    for set in ["Main", "Segmentation"] {
        assert_eq!(String::from_utf8_lossy(&files[&format!("ImageSets/{set}/train.txt")]), names.concat());
    }
    let text = String::from_utf8_lossy(&files["Annotations/train_00003.xml"]).into_owned();
    assert_eq!(text.matches("<object>").count(), 2, "{text}");
    for part in ["<filename>train_00003.png</filename>", "<width>60</width>", "<segmented>1</segmented>"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Colors of the numbers 0 to 2, as VOC has them.
    let picture = |folder: &str| {
        image::load_from_memory(&files[&format!("{folder}/train_00003.png")]).unwrap().to_rgb8()
    };
    let objects = picture("SegmentationObject");
    let ink = pixels(&place, "scenes", 3);
    for (pixel, value) in objects.pixels().zip(&ink) {
        let known = [[0, 0, 0], [128, 0, 0], [0, 128, 0]].iter().position(|color| *color == pixel.0);
        assert_eq!(known.expect("0, 1 or 2") > 0, *value > 0);
    }
    assert_eq!(picture("SegmentationClass").dimensions(), (60, 30));
    place.run("export --input scenes --format voc --segmentation none --out boxes").ok();
    assert!(place.files("boxes").keys().all(|name| !name.contains("Segmentation")));
    there_and_back(&place, "scenes", "voc");
}

#[test]
fn arrays_have_masks() {
    let place = Place::new();
    place.run("place --input digits:9 --objects 0-3 --canvas 40x50 --masks --out scenes").ok();
    place.run("export --input scenes --format npz --compress none --out npz").ok();
    let (x, masks) = (array(&place, "npz/data.npz", "x_train"), array(&place, "npz/data.npz", "masks_train"));
    assert_eq!((x.len(), masks.len()), (9 * 2000, 9 * 2000));
    assert!(x.iter().zip(&masks).all(|(value, id)| (*value > 0) == (*id > 0) && *id <= 3));
    // They lie there alone.
    let beside = place.files("npz").into_iter().find(|(name, _)| name.starts_with(".mnistaug/"));
    let (name, bytes) = beside.expect("origins and objects lie beside");
    assert!(!bytes.windows(9).any(|part| part == b"masks.npy"), "{name}");
    place.run("export --input scenes --format npz --keys images --out named").ok();
    array(&place, "named/data.npz", "train_masks");
    // A mask of an object that cannot be is an error.
    let path = place.path("npz/data.npz");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(masks.len()).position(|part| part == masks).expect("stored as they are");
    bytes[at] = 9;
    std::fs::write(&path, &bytes).unwrap();
    place.run("export --input npz --out back").fails(65, &["data.npz"]);
}

#[test]
fn steps_can_be_for_ink_or_background_alone() {
    let place = Place::new();
    place.idx("in", &Images::new(6, 9, 5));
    place.run("colorize --input digits:20 --per-image 1 --masks --seed 1 --out colored").ok();
    place.run("colorize --input digits:20 --per-image 1 --seed 1 --out plain").ok();
    assert_eq!(pixels(&place, "colored", 3), pixels(&place, "plain", 3));
    assert_eq!(info(&place, "colored")["grid"], json!({ "rows": 1, "columns": 1 }));
    place.run("export --input colored --format npz --compress none --out npz").ok();
    let masks = array(&place, "npz/data.npz", "masks_train");
    place.write("invert.yaml", "version: 1\npipeline: [{ invert: 1.0 }]\n");
    let before = pixels(&place, "colored", 3);
    let mask = &masks[3 * 784..4 * 784];
    for (only, changes) in [("ink", 1), ("background", 0)] {
        place.run(&format!("augment --input colored --pipeline invert.yaml --only {only} --out {only}")).ok();
        let after = pixels(&place, only, 3);
        for ((before, after), id) in before.chunks(3).zip(after.chunks(3)).zip(mask) {
            let inverted: Vec<u8> = before.iter().map(|value| 255 - value).collect();
            assert_eq!(after, if *id == changes { &inverted[..] } else { before });
        }
        place.run(&format!("verify {only} --rebuild")).ok();
    }
    // Ink moves with its mask and its box; the background does not.
    place.write("move.yaml", "version: 1\npipeline: [{ affine: { translate_px: { x: [4, 4], y: 0 } } }]\n");
    place.run("augment --input colored --pipeline move.yaml --only ink --out moved").ok();
    place.run("augment --input colored --pipeline move.yaml --only background --out behind").ok();
    assert!(place.run("explain moved 3").ok().out.contains("only"));
    place.run("export --input moved --format npz --compress none --out moved-npz").ok();
    let moved = array(&place, "moved-npz/data.npz", "masks_train");
    let moved = &moved[3 * 784..4 * 784];
    let (ink, behind) = (pixels(&place, "moved", 3), pixels(&place, "behind", 3));
    for at in (0..784).filter(|at| at % 28 >= 4) {
        assert_eq!(moved[at], mask[at - 4]);
        let pixel = |pixels: &[u8], at: usize| pixels[3 * at..3 * at + 3].to_vec();
        if moved[at] > 0 {
            assert_eq!(pixel(&ink, at), pixel(&before, at - 4));
        } else if mask[at] == 0 {
            assert_eq!(pixel(&ink, at), pixel(&before, at));
        }
        if mask[at] > 0 {
            assert_eq!(pixel(&behind, at), pixel(&before, at));
        } else if moved[at] == 0 {
            assert_eq!(pixel(&behind, at), pixel(&before, at - 4));
        }
    }
    // Gray images without masks: what is not black is ink.
    place.run("augment --input in --pipeline invert.yaml --only ink --out gray").ok();
    place
        .run("augment --input in --pipeline invert.yaml --only ink --out gray-1 --threads 1 --shard-size 2")
        .ok();
    assert_eq!(content(&place, "gray"), content(&place, "gray-1"));
    let (before, after) = (pixels(&place, "in", 1), pixels(&place, "gray", 1));
    assert!(
        before.iter().zip(&after).all(|(before, after)| *after == if *before > 0 { 255 - before } else { 0 })
    );
    place.write("flow.yaml", "version: 1\nrecipe:\n  - input: digits:5\n  - colorize: { masks: true, per_image: 1 }\n  - augment: { pipeline: [ { invert: 1.0 } ], only: background }\n  - export: { format: coco, segmentation: polygons, out: flow }\n");
    place.run("run flow.yaml").ok();
    for (command, says) in [
        (
            "augment --input plain --pipeline invert.yaml --only ink",
            &["what is ink is not known", "--masks"][..],
        ),
        ("augment --input colored --pipeline invert.yaml --only both", &["--only", "ink or background"]),
        ("augment --input colored --rotation-range 10 --resize 9x9 --only ink --out fine", &[]),
        ("colorize --input digits:9 --masks --color-by-class lff", &["--masks", "--color-by-class"]),
    ] {
        if says.is_empty() {
            place.run(command).ok();
        } else {
            place.run(&format!("{command} --out no")).fails(2, says);
        }
    }
    place.write("wide.yaml", "version: 1\npipeline: [{ resize: { height: 20, width: 20 } }]\n");
    place
        .run("augment --input colored --pipeline wide.yaml --only ink --out no")
        .fails(2, &["another size", "28x28x3"]);
    place.run("quadrant --input digits:9 --out scenes").ok();
    place
        .run("colorize --input scenes --masks --out no")
        .fails(2, &["--masks", "several objects", "quadrant"]);
}

/// Part of a recipe selects what the part before it made.
#[test]
fn a_stage_selects() {
    let place = Place::new();
    place
        .run(
            "run double-mnist --input digits:300 --set each=2 --set drawn=4000 --variant meta-test --out few",
        )
        .ok();
    let split = info(&place, "few");
    assert_eq!(split["images"], 40);
    place.write("s.yaml", "version: 1\nrecipe:\n  - input: digits:40\n  - quadrant: { objects: 0-4 }\n  - select: { objects_are: 2, limit: 3 }\n  - export: { out: picked }\n");
    place.run("run s.yaml").ok().says(&["3 images of 56x56x1"]);
    place.write(
        "s.yaml",
        "version: 1\nrecipe:\n  - input: digits:40\n  - select: {}\n  - export: { out: no }\n",
    );
    place.run("run s.yaml").fails(2, &["s.yaml:4", "labels: 5-9"]);
}

/// Orders of NumPy and of Python, printed by them.
#[test]
fn orders_are_those_of_numpy_and_python() {
    let place = Place::new();
    place.idx("in", &Images::new(12, 2, 3));
    let order = |seed: &str| {
        place.run(&format!("export --input in --split train --shuffle-seed {seed} --out out --force")).ok();
        place.shards("out", "train").origin
    };
    assert_eq!(order("numpy:42"), [10, 9, 0, 8, 5, 2, 1, 11, 4, 7, 3, 6]);
    assert_eq!(order("python:42"), [7, 5, 2, 8, 9, 6, 11, 3, 4, 0, 1, 10]);
    place.run("verify out --rebuild").ok();
    assert_ne!(order("42"), order("python:42"));
    for seed in ["numpy:4294967296", "perl:3", "-1", "python:x"] {
        place.run(&format!("export --input in --shuffle-seed {seed} --out no")).fails(2, &["--shuffle-seed"]);
    }
    place.run("run mnist-addition --input digits:40 --split train --variant deepproblog --out pairs").ok();
    assert_eq!(info(&place, "pairs")["images"], 20);
}

/// An object that another one covers wholly is in no file of boxes; of one that is covered in part, the box is that of what is seen.
#[test]
fn what_is_covered_is_not_there() {
    let place = Place::new();
    let solid = Images { pixels: vec![200; 6 * 20], ..Images::new(6, 4, 5) };
    place.idx("in", &solid);
    // The first is under the second, and the third covers a part of that.
    let scenes = "place --input in --canvas 9x12 --objects 3 --arrange at:0,0;0,0;2,0 --combine over";
    place.run(&format!("{scenes} --masks --out scenes")).ok();
    let shards = place.shards("scenes", "train");
    assert_eq!(shards.boxes[..12], [0, 0, 0, 0, 0, 0, 5, 2, 0, 2, 5, 6]);
    for how in ["rle", "polygons"] {
        place.run(&format!("export --input scenes --format coco --segmentation {how} --out {how}")).ok();
        let text =
            std::fs::read_to_string(place.path(&format!("{how}/annotations/instances_train.json"))).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        let annotations = json["annotations"].as_array().unwrap();
        assert_eq!(annotations.len(), 2 * shards.rows);
        assert_eq!((&annotations[0]["bbox"], &annotations[0]["area"]), (&json!([0, 0, 5, 2]), &json!(10)));
    }
    for format in ["yolo", "voc"] {
        there_and_back(&place, "scenes", format);
    }
    assert_eq!(String::from_utf8_lossy(&place.files("yolo")["labels/train/00000.txt"]).lines().count(), 2);
    let files = place.files("voc");
    assert_eq!(String::from_utf8_lossy(&files["Annotations/train_00000.xml"]).matches("<object>").count(), 2);
    let numbers = image::load_from_memory(&files["SegmentationObject/train_00000.png"]).unwrap().to_rgb8();
    assert_eq!((numbers.get_pixel(0, 0).0, numbers.get_pixel(0, 3).0), ([128, 0, 0], [0, 128, 0]));
    // Without masks boxes are those of the ink as it was put there.
    place.run(&format!("{scenes} --out plain")).ok();
    assert_eq!(place.shards("plain", "train").boxes[..12], [0, 0, 5, 4, 0, 0, 5, 4, 0, 2, 5, 6]);
}

//! `--format`: each format holds the samples that the shards hold, can be checked, and says what it cannot hold.

use std::io::Read;

use ndarray::{ArrayD, IxDyn, OwnedRepr};
use ndarray_npy::{NpzReader, ReadNpyExt, ReadableElement};
use serde_json::{Value, json};

use crate::harness::{Images, Place, idx};

/// 23 training and 11 test images.
fn place(height: usize, width: usize, channels: usize) -> (Place, Images, Images) {
    let place = Place::new();
    let train = Images::with_channels(23, height, width, channels);
    let test = Images::with_channels(11, height, width, channels);
    place.idx("in", &train).idx_test_gz("in", &test);
    (place, train, test)
}

fn npz<T: ReadableElement>(place: &Place, file: &str, name: &str) -> ArrayD<T> {
    let mut npz = NpzReader::new(std::fs::File::open(place.path(file)).unwrap()).unwrap();
    npz.by_name::<OwnedRepr<T>, IxDyn>(name).unwrap()
}

fn values<T: Clone>(array: &ArrayD<T>) -> Vec<T> {
    array.iter().cloned().collect()
}

/// Every format of the same samples: their content digests are one, and each can be checked and made again.
#[test]
fn all_formats_hold_the_same_samples() {
    for (height, width, channels) in [(5, 7, 1), (4, 3, 3), (1, 1, 1)] {
        let (place, ..) = place(height, width, channels);
        place.run("export --input in --out shards").ok();
        let contents = |folder: &str| -> Vec<Value> {
            let manifest = place.manifest(folder);
            manifest["splits"].as_array().unwrap().iter().map(|s| s["content"].clone()).collect()
        };
        let expected = contents("shards");
        for format in [
            "npz",
            "npz --compress none",
            "npz --compress 9",
            "npy",
            "csv",
            "csv --layout pandas",
            "csv --layout kaggle",
            "csv --layout kaggle-fashion --compress 3",
            "idx",
            "idx --compress 6",
            "png",
            "parquet",
            "webdataset",
            "webdataset-npy",
            "tfrecord",
            "safetensors",
        ] {
            if channels == 3 && format.starts_with("idx") {
                continue;
            }
            place.run(&format!("export --input in --format {format} --out a/out")).ok();
            assert_eq!(contents("a/out"), expected, "{format}");
            place.run("verify a/out --rebuild").ok();
            // Once more: there is nothing to do, and nothing changes.
            let before = place.files("a/out");
            place
                .run(&format!("export --input in --format {format} --out a/out"))
                .ok()
                .says(&["nothing to do"]);
            assert_eq!(place.files("a/out"), before, "{format}");
            // Not even where it was made by one thread.
            place.run(&format!("export --input in --format {format} --out b/out --threads 1")).ok();
            place.assert_same("a/out", "b/out");
            std::fs::remove_dir_all(place.path("a")).unwrap();
            std::fs::remove_dir_all(place.path("b")).unwrap();
        }
    }
}

#[test]
fn one_npz_file_has_the_arrays_of_keras() {
    let (place, train, test) = place(5, 7, 1);
    place.run("export --input in --format npz --out out").ok();
    assert_eq!(place.names("out"), ["data.npz", "manifest.json"]);
    for (split, images) in [("train", &train), ("test", &test)] {
        let x = npz::<u8>(&place, "out/data.npz", &format!("x_{split}"));
        assert_eq!(x.shape(), [images.len(), 5, 7]);
        assert_eq!(values(&x), images.pixels);
        let y = npz::<u8>(&place, "out/data.npz", &format!("y_{split}"));
        assert_eq!((y.shape(), values(&y)), (&[images.len()][..], images.labels.clone()));
    }
    place.run("export --input in --format npz --keys split-first --splits test --out other").ok();
    assert_eq!(values(&npz::<u8>(&place, "other/data.npz", "test_x")), test.pixels);
    assert!(place.manifest("other")["splits"].as_array().unwrap().len() == 1);
}

#[test]
fn arrays_take_the_shape_and_type_that_is_asked_for() {
    let (place, train, _) = place(2, 3, 3);
    let export = |options: &str| {
        place.run(&format!("export --input in --format npz --force --out out {options}")).ok();
    };
    export("--dtype f32 --scale 0-1 --channels-first --one-hot");
    let x = npz::<f32>(&place, "out/data.npz", "x_train");
    assert_eq!(x.shape(), [23, 3, 2, 3]);
    for (i, value) in x.indexed_iter() {
        let pixel = train.pixels[((i[0] * 2 + i[2]) * 3 + i[3]) * 3 + i[1]];
        assert_eq!(*value, (f64::from(pixel) / 255.0) as f32);
    }
    let y = npz::<f32>(&place, "out/data.npz", "y_train");
    assert_eq!(y.shape(), [23, 10]);
    for ((i, k), value) in y.into_dimensionality::<ndarray::Ix2>().unwrap().indexed_iter() {
        assert_eq!(*value, f32::from(u8::from(usize::from(train.labels[i]) == k)));
    }
    export("--flatten --dtype f64");
    let x = npz::<f64>(&place, "out/data.npz", "x_test");
    assert_eq!(x.shape(), [11, 18]);
    assert_eq!(x[[0, 5]], f64::from(train.pixels[5]));
    export("--dtype f64 --scale samplewise");
    let x = npz::<f64>(&place, "out/data.npz", "x_train");
    let first: Vec<f64> = x.iter().take(18).copied().collect();
    assert!(first.iter().sum::<f64>().abs() < 1e-9);
}

/// Constants come from the training split, are used for both, and stand in the manifest.
#[test]
fn standardized_arrays_say_by_what() {
    let (place, train, test) = place(3, 2, 3);
    place.run("export --input in --format npy --dtype f64 --scale standardize --out out").ok();
    let constants = place.manifest("out")["constants"].clone();
    let read = |name: &str| {
        let file = std::fs::File::open(place.path(&format!("out/{name}.npy"))).unwrap();
        values(&ArrayD::<f64>::read_npy(file).unwrap())
    };
    for c in 0..3 {
        let channel: Vec<f64> = train.pixels.iter().skip(c).step_by(3).map(|&v| f64::from(v)).collect();
        let mean = channel.iter().sum::<f64>() / channel.len() as f64;
        let variance = channel.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / channel.len() as f64;
        let (subtract, divide) =
            (constants["subtract"][c].as_f64().unwrap(), constants["divide"][c].as_f64().unwrap());
        assert!((subtract - mean).abs() < 1e-9 && (divide - variance.sqrt() - 1e-6).abs() < 1e-9);
        for (images, x) in [(&train, read("x_train")), (&test, read("x_test"))] {
            for (pixel, value) in images.pixels.iter().zip(&x).skip(c).step_by(3) {
                assert!((value - (f64::from(*pixel) - subtract) / divide).abs() < 1e-12);
            }
        }
    }
    place.run("verify out --rebuild").ok();
    place.run("export --input in --format npy --dtype f32 --scale minmax --out range").ok();
    assert_eq!(place.manifest("range")["constants"]["subtract"], json!([0.0, 0.0, 0.0]));
}

#[test]
fn csv_files_have_the_columns_of_their_layout() {
    let (place, train, test) = place(2, 3, 1);
    let rows = |images: &Images, with_labels: bool| -> String {
        (0..images.len())
            .map(|i| {
                let label = with_labels.then_some(&images.labels[i]);
                let row: Vec<String> = label.into_iter().chain(images.image(i)).map(u8::to_string).collect();
                row.join(",") + "\n"
            })
            .collect()
    };
    let text = |name: &str| String::from_utf8(std::fs::read(place.path(name)).unwrap()).unwrap();
    place.run("export --input in --format csv --layout pandas --out p").ok();
    assert_eq!(place.names("p"), ["X_test.csv", "X_train.csv", "manifest.json", "y_test.csv", "y_train.csv"]);
    assert_eq!(text("p/X_train.csv"), format!("0,1,2,3,4,5\n{}", rows(&train, false)));
    let labels: Vec<String> = test.labels.iter().map(|label| format!("{label}\n")).collect();
    assert_eq!(text("p/y_test.csv"), format!("0\n{}", labels.concat()));
    place.run("export --input in --format csv --layout kaggle --out k").ok();
    let pixels = "pixel0,pixel1,pixel2,pixel3,pixel4,pixel5";
    assert_eq!(text("k/train.csv"), format!("label,{pixels}\n{}", rows(&train, true)));
    // Kaggle's test.csv has no labels; they lie where nobody looks, and come back.
    assert_eq!(text("k/test.csv"), format!("{pixels}\n{}", rows(&test, false)));
    assert_eq!(text("k/.mnistaug/test-labels.csv"), format!("label\n{}", labels.concat()));
    let ids: Vec<String> = (1..=test.len()).map(|id| format!("{id},0\n")).collect();
    assert_eq!(text("k/sample_submission.csv"), format!("ImageId,Label\n{}", ids.concat()));
    place.run("export --input k --out back").ok();
    assert_eq!(place.shards("back", "test").y, test.labels);
    place.run("verify k --rebuild").ok();
    // Folders of earlier versions have them beside the pixels.
    place.write("k/test.csv", format!("label,{pixels}\n{}", rows(&test, true)));
    std::fs::remove_file(place.path("k/.mnistaug/test-labels.csv")).unwrap();
    std::fs::remove_file(place.path("k/sample_submission.csv")).unwrap();
    let bytes = std::fs::read(place.path("k/test.csv")).unwrap();
    place.forge("k", |manifest| {
        manifest["format"]["arrays"]["container"] = json!({ "csv": "kaggle" });
        let files = manifest["files"].as_array_mut().unwrap();
        files.retain(|file| ["train.csv", "test.csv"].contains(&file["name"].as_str().unwrap()));
        for file in files.iter_mut().filter(|file| file["name"] == "test.csv") {
            file["bytes"] = json!(bytes.len());
            file["blake3"] = json!(blake3::hash(&bytes).to_hex().to_string());
        }
    });
    place.run("export --input k --out older").ok();
    assert_eq!(place.shards("older", "test").y, test.labels);
    place.run("export --input in --format csv --layout kaggle-fashion --compress 6 --out f").ok();
    let mut unpacked = String::new();
    let file = std::fs::File::open(place.path("f/train.csv.gz")).unwrap();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked, format!("label,pixel1,pixel2,pixel3,pixel4,pixel5,pixel6\n{}", rows(&train, true)));
}

#[test]
fn idx_files_lie_where_torchvision_looks() {
    let (place, train, test) = place(5, 3, 1);
    place.run("export --input in --format idx --out root").ok();
    let files = place.files("root");
    assert_eq!(files["MNIST/raw/train-images-idx3-ubyte"], idx(&[23, 5, 3], &train.pixels));
    assert_eq!(files["MNIST/raw/train-labels-idx1-ubyte"], idx(&[23], &train.labels));
    assert_eq!(files["MNIST/raw/t10k-images-idx3-ubyte"], idx(&[11, 5, 3], &test.pixels));
    // And are a source again, packed or not.
    place.run("export --input in --format idx --compress 9 --out packed").ok();
    for folder in ["root", "packed"] {
        place.run(&format!("export --input {folder} --out again --force")).ok();
        assert_eq!(place.shards("again", "test").x, test.pixels);
        assert_eq!(place.shards("again", "train").y, train.labels);
    }
    place.idx("color", &Images::with_channels(4, 5, 3, 3));
    place
        .run("export --input color --format idx --out no")
        .fails(2, &["--format idx", "torchvision", "--gray"]);
    place.run("export --input color --format idx --gray --out gray").ok();
}

/// Files of whole splits are sources again, with the names of their classes.
#[test]
fn files_of_whole_splits_are_read_again() {
    let (place, train, test) = place(6, 6, 1);
    place.write("in/classes.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj and k\n");
    for format in [
        "npz",
        "npz --compress none",
        "npy",
        "csv --layout pandas",
        "csv --layout kaggle-fashion --compress 1",
        "idx",
    ] {
        place.run(&format!("export --input in --format {format} --out whole --force")).ok();
        place.run("export --input whole --out back --force").ok();
        for (split, images) in [("train", &train), ("test", &test)] {
            let back = place.shards("back", split);
            assert_eq!((back.x, back.y), (images.pixels.clone(), images.labels.clone()), "{format}");
        }
        let schema = &place.manifest("back")["splits"][0]["schema"];
        assert_eq!(schema["class_names"][9], "j and k", "{format}");
    }
}

/// Pictures in folders for their classes, and their list, by which they are a source with origins and order.
#[test]
fn pictures_come_back_as_they_were() {
    for channels in [1, 3] {
        let (place, train, test) = place(4, 7, channels);
        place.run("export --input in --format png --shard-size 9 --out out").ok();
        let name = |i: usize, label: u8| format!("train/{label}/{i:05}.png");
        let files = place.files("out");
        for i in 0..23 {
            let png = &files[&name(i, train.labels[i])];
            let image = image::load_from_memory(png).unwrap();
            let found =
                if channels == 1 { image.into_luma8().into_raw() } else { image.into_rgb8().into_raw() };
            assert_eq!(found, train.image(i));
        }
        place.run("export --input out --out back").ok();
        for (split, images) in [("train", &train), ("test", &test)] {
            let back = place.shards("back", split);
            assert_eq!((back.x, back.y), (images.pixels.clone(), images.labels.clone()));
            assert_eq!(back.origin, (0..images.len() as i64).collect::<Vec<_>>());
        }
        // A folder of pictures is a source to anybody else, too; there the order is that of the classes.
        place.run("export --input out/train --out plain").ok();
        assert_eq!(place.shards("plain", "train").rows, 23);
    }
}

#[test]
fn damaged_pictures_are_found_and_made_again() {
    let (place, ..) = place(4, 7, 1);
    place.run("export --input in --format png --shard-size 9 --out out").ok();
    let whole = place.files("out");
    let victim = whole.keys().find(|name| name.starts_with("train/")).unwrap().clone();
    place.write(&format!("out/{victim}"), b"not a picture");
    place.run("verify out").exits(65);
    assert!(place.run("verify out").out.contains(&victim));
    place.run("info out").exits(65).says(&[&victim]);
    place.run("export --input in --format png --shard-size 9 --out out").ok();
    assert_eq!(place.files("out"), whole);
    std::fs::remove_file(place.path(&format!("out/{victim}"))).unwrap();
    place.run("export --input in --format png --shard-size 9 --out out").ok().says(&["there already"]);
    assert_eq!(place.files("out"), whole);
    // --force takes away what the other command had written, and the folders with it.
    place.run("export --input in --format npy --out out").fails(73, &["the format is"]);
    place.run("export --input in --format npy --out out --force").ok();
    assert_eq!(place.names("out").len(), 5);
    assert!(!place.path("out/train").exists());
    place.run("export --input in --out out --force").ok();
    assert!(place.names("out").iter().all(|name| !name.contains(".npy")));
}

#[test]
fn parts_of_pictures_and_parquet_are_put_together() {
    let (place, ..) = place(3, 5, 1);
    for format in ["png", "parquet", "tfrecord", "webdataset"] {
        let command = format!("export --input in --format {format} --shard-size 5 --out");
        place.run(&format!("{command} whole/d --force")).ok();
        for part in [1, 0, 2] {
            place.run(&format!("{command} parts/d --part {part}/3 --force")).ok();
        }
        place.run("merge parts/d").ok();
        place.assert_same("whole/d", "parts/d");
        std::fs::remove_dir_all(place.path("whole")).unwrap();
        std::fs::remove_dir_all(place.path("parts")).unwrap();
    }
}

#[test]
fn boxes_go_into_coco_and_yolo() {
    let (place, ..) = place(5, 4, 1);
    place.run("quadrant --input in --objects 0-4 --count 30 --out scenes").ok();
    let scenes = place.shards("scenes", "train");
    place.run("export --input scenes --format coco --out coco").ok();
    let coco: Value =
        serde_json::from_slice(&place.files("coco")["annotations/instances_train.json"]).unwrap();
    assert_eq!(coco["images"].as_array().unwrap().len(), 30);
    assert_eq!(coco["categories"][3], json!({ "id": 3, "name": "3", "supercategory": "digit" }));
    let mut expected = Vec::new();
    for (k, class) in scenes.cells.iter().enumerate().filter(|(_, class)| **class >= 0) {
        let [x0, y0, x1, y1] = scenes.boxes[4 * k..4 * k + 4] else { unreachable!() };
        if x1 > x0 {
            expected.push((k / 4, *class, [x0, y0, x1 - x0, y1 - y0]));
        }
    }
    let found: Vec<_> = coco["annotations"].as_array().unwrap().iter().enumerate().collect();
    assert_eq!(found.len(), expected.len());
    for ((number, note), (image, class, bbox)) in found.into_iter().zip(&expected) {
        assert_eq!(note["id"], number + 1);
        assert_eq!((&note["image_id"], &note["category_id"]), (&json!(image), &json!(class)));
        assert_eq!(note["bbox"], json!(bbox));
    }
    place.run("export --input scenes --format yolo --out yolo").ok();
    let files = place.files("yolo");
    let lines: usize = files
        .iter()
        .filter(|(name, _)| name.starts_with("labels/train/"))
        .map(|(_, text)| String::from_utf8_lossy(text).lines().count())
        .sum();
    assert_eq!(lines, expected.len());
    let yaml = String::from_utf8_lossy(&files["data.yaml"]).into_owned();
    // No `path`: ultralytics looks beside the file, wherever that lies.
    assert!(yaml.starts_with("train: images/train\nval: images/train\nnames:\n  0: \"0\"\n"), "{yaml}");
    // As a source: all that the shards said.
    place.run("export --input coco --out back").ok();
    assert_eq!(place.shards("back", "train"), scenes);
    place.run("export --input in --format coco --out no").fails(2, &["boxes", "mnistaug quadrant"]);
    place.run("export --input scenes --format png --out no").fails(2, &["several classes", "coco"]);
    place.run("export --input scenes --format idx --out no").fails(2, &["one class"]);
    place.run("export --input scenes --format npz --out n").ok();
    assert_eq!(npz::<u8>(&place, "n/data.npz", "y_train").shape(), [30, 10]);
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    let (place, ..) = place(3, 5, 1);
    for (options, says) in [
        ("--dtype f32", vec!["--format shards: --dtype does not apply", "--format npz, npy or safetensors"]),
        ("--format npz --scale 0-1", vec!["--dtype u8", "--dtype f32"]),
        ("--format npz --dtype f32 --scale zca", vec!["ZCA", "scikit-learn"]),
        (
            "--format csv --layout pandas --dtype f32",
            vec!["--format csv: --dtype", "npz, npy or safetensors"],
        ),
        ("--format npz --layout pandas", vec!["--layout", "--format csv"]),
        ("--format npz --flatten --channels-first", vec!["--flatten"]),
        ("--format npz --shard-size 5", vec!["--shard-size", "--format shards"]),
        ("--format npy --part 0/2", vec!["--part", "--format shards"]),
        ("--format npy --compress 3", vec!["--compress does not apply", "--format shards, npz or idx"]),
        ("--format parquet --compress 3", vec!["--compress does not apply"]),
        ("--format csv --compress 3", vec!["--compress does not apply"]),
        ("--format png --one-hot", vec!["--format png: --one-hot does not apply"]),
    ] {
        let run = place.run(&format!("export --input in --out no {options}")).exits(2);
        for part in says {
            assert!(run.err.contains(part), "{options} should say {part:?}: {}", run.err);
        }
        assert!(!place.path("no").exists(), "{options}");
    }
    place.run("export --input in --split train,nosuch --out no").fails(2, &["nosuch"]);
}

/// Options of a format go wherever the format goes.
#[test]
fn every_command_takes_the_options_of_formats() {
    let (place, train, _) = place(5, 7, 1);
    place.run("quadrant --input in --grid 1x1 --format npz --add-channel --out q").ok();
    assert_eq!(npz::<u8>(&place, "q/data.npz", "x_train").shape(), [23, 5, 7, 1]);
    place
        .run(
            "colorize --input in --per-image 1 --format npy --dtype f32 --scale 0-1 --channels-first --out c",
        )
        .ok();
    place.run("split --input in --format csv --layout pandas --out s").ok();
    assert!(place.path("s/X_train.csv").is_file());
    place.run("augment --input in --pipeline elastic --format npz --flatten --one-hot --out a").ok();
    assert_eq!(npz::<u8>(&place, "a/data.npz", "y_train").shape(), [train.len(), 10]);
    place
        .run("quadrant --input in --format png --add-channel --out no")
        .fails(2, &["--add-channel does not apply"]);
    place.run("augment --input in --pipeline elastic --trace --format npz --out no").fails(2, &["--trace"]);
}

/// What is read is never written over, with --force or without.
#[test]
fn the_input_is_not_replaced_by_the_output() {
    let (place, ..) = place(4, 5, 1);
    place.run("colorize --input in --out c").ok();
    place.write(
        "r.yaml",
        "version: 1\nrecipe:\n  - input: in\n  - concat: [ [ input: c ] ]\n  - export: { out: c }\n",
    );
    let before = place.files("c");
    for command in [
        "export --input c --out c --force",
        "export --input c --out c",
        "export --input c --out ./c --format npz --force",
        "split --input c --out c --force",
        "augment --input c --pipeline elastic --out c --force --dry-run",
        "export --input in/train-images-idx3-ubyte --out in --force",
    ] {
        place.run(command).fails(73, &["holds what is read", "--out"]);
        assert_eq!(place.files("c"), before, "{command}");
    }
    // Gray and colored images do not go together; that is found first.
    place.run("run r.yaml --force").exits(65);
    place.write(
        "s.yaml",
        "version: 1\nrecipe:\n  - input: c\n  - concat: [ [ input: c ] ]\n  - export: { out: c }\n",
    );
    place.run("run s.yaml --force").fails(73, &["holds what is read"]);
    assert_eq!(place.files("c"), before);
    place.run("verify c").ok();
}

/// An older version kept no origins beside formats that have no room for them: that is said, not passed over. And what was scaled by
/// numbers that are not kept is not taken for pixels.
#[test]
fn what_a_format_has_lost_is_said() {
    let (place, ..) = place(6, 6, 1);
    place.run("colorize --input in --out c").ok();
    for format in ["npz", "npy", "csv"] {
        place
            .run(&format!("split --input c --test-size 0.3 --seed 1 --out s --force --format {format}"))
            .ok();
        place.forge("s", |manifest| {
            let split = |number: usize, manifest: &mut serde_json::Value| {
                let record = manifest["splits"][number].as_object_mut().unwrap();
                record.remove("objects_beside").unwrap();
                for shard in
                    record.get_mut("shards").into_iter().flat_map(|shards| shards.as_array_mut().unwrap())
                {
                    shard.as_object_mut().unwrap().remove("objects");
                }
            };
            (0..2).for_each(|number| split(number, manifest));
        });
        place
            .run("split --input s --group origin --out g")
            .fails(2, &["--group origin", "source image", "shards"]);
        let run = place.run("verify s --no-overlap").says(&["only equal images are found"]);
        assert!(!run.err.contains("no source image"), "{}", run.err);
    }
    place.run("split --input c --test-size 0.3 --seed 1 --out s --force --format png").ok();
    place.run("verify s --no-overlap").exits(65);
    // Of images from 0 to 255 minmax is 0-1; these are darker.
    let mut dark = Images::new(9, 6, 6);
    dark.pixels.iter_mut().for_each(|value| *value /= 2);
    place.idx("dark", &dark);
    place.run("export --input dark --format npz --dtype f32 --scale samplewise --out f").ok();
    place.run("info f").fails(65, &["not kept"]);
    for scale in ["0-1", "minmax", "standardize"] {
        for dtype in ["f32", "f64"] {
            place
                .run(&format!(
                    "export --input dark --format npy --dtype {dtype} --scale {scale} --out f --force"
                ))
                .ok();
            place.run("export --input f --out back --force").ok();
            assert_eq!(place.shards("back", "train").x, dark.pixels, "{scale} {dtype}");
        }
    }
}

/// A run that is stopped leaves no file under its name, and the same command afterwards ends well.
#[cfg(unix)]
#[test]
fn files_of_whole_splits_appear_when_they_are_whole() {
    use crate::harness::{Run, signal};
    let place = Place::new();
    place.run("colorize --input digits:40000 --limit 40000 --out in").ok();
    for (number, how) in ["-TERM", "-KILL", "-INT"].into_iter().enumerate() {
        let command = "export --input in --format csv --layout pandas --out out";
        let child = place.start(command);
        // Long enough to be at work, and far from the end.
        while !place.path("out/.mnistaug-journal.jsonl").exists() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        std::thread::sleep(std::time::Duration::from_millis(30));
        signal(&child, how);
        let run = Run::of(command, child.wait_with_output().unwrap());
        if how != "-KILL" {
            run.exits([143, 0, 130][number]).says(&["interrupted"]);
        }
        assert!(place.names("out").iter().all(|name| !name.contains(".csv")), "{:?}", place.names("out"));
    }
    place.run("export --input in --format csv --layout pandas --out out").ok();
    place.run("export --input in --format csv --layout pandas --out whole").ok();
    place.assert_same("out", "whole");
}

#[test]
fn canvases_with_channels_first_have_four_axes() {
    let place = Place::new();
    place.run("quadrant --input digits:5 --objects 0-4 --format npz --channels-first --out four").ok();
    let x = npz::<u8>(&place, "four/data.npz", "x_train");
    assert_eq!(x.shape(), [5, 1, 56, 56]);
    place.run("quadrant --input digits:5 --objects 0-4 --out plain").ok();
    assert_eq!(x.iter().copied().collect::<Vec<u8>>(), place.shards("plain", "train").x);
    // The same of colored ones.
    place.run("colorize --input digits:5 --per-image 1 --out color").ok();
    place.run("quadrant --input color --objects 1 --format npz --channels-first --out colored").ok();
    assert_eq!(npz::<u8>(&place, "colored/data.npz", "x_train").shape(), [5, 3, 56, 56]);
}

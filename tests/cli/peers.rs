//! What the programs of others hand us, and what they expect: MATLAB files, and names of folders, keys and splits.

use serde_json::{Value, json};

use crate::harness::{Images, Place, idx};

/// An element of a MATLAB file: its tag, its data, and what pads them.
fn element(kind: u32, data: &[u8]) -> Vec<u8> {
    let mut whole = [&kind.to_le_bytes()[..], &(data.len() as u32).to_le_bytes(), data].concat();
    whole.resize(whole.len().next_multiple_of(8), 0);
    whole
}

/// A matrix of a class: 2 structures, 6 doubles, 9 bytes.
fn matrix(class: u32, name: &str, shape: &[u32], rest: &[u8]) -> Vec<u8> {
    let words = |ns: &[u32]| -> Vec<u8> { ns.iter().flat_map(|n| n.to_le_bytes()).collect() };
    let flags = element(6, &words(&[class, 0]));
    let parts = [flags, element(5, &words(shape)), element(1, name.as_bytes()), rest.to_vec()];
    element(14, &parts.concat())
}

fn bytes(name: &str, shape: &[u32], values: &[u8]) -> Vec<u8> {
    matrix(9, name, shape, &element(2, values))
}

fn doubles(name: &str, shape: &[u32], values: &[f64]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    matrix(6, name, shape, &element(9, &values))
}

fn structure(name: &str, fields: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut names = Vec::new();
    for (field, _) in fields {
        names.extend(field.as_bytes());
        names.resize(names.len().next_multiple_of(16), 0);
    }
    let mut rest = [element(5, &16_u32.to_le_bytes()), element(1, &names)].concat();
    for (_, field) in fields {
        rest.extend(field);
    }
    matrix(2, name, &[1, 1], &rest)
}

/// A file of elements, each packed by itself or as it is.
fn mat(elements: &[Vec<u8>], packed: bool) -> Vec<u8> {
    let mut file = b"MATLAB 5.0 MAT-file".to_vec();
    file.resize(124, b' ');
    file.extend(b"\x00\x01IM");
    for element in elements {
        if packed {
            let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            std::io::Write::write_all(&mut out, element).unwrap();
            let data = out.finish().unwrap();
            file.extend([&15_u32.to_le_bytes()[..], &(data.len() as u32).to_le_bytes(), &data].concat());
        } else {
            file.extend(element);
        }
    }
    file
}

/// Rows of images as MATLAB has them: the same pixel of all images in one piece.
fn columns(images: &Images) -> Vec<u8> {
    (0..images.size()).flat_map(|at| (0..images.len()).map(move |i| images.image(i)[at])).collect()
}

/// `emnist-letters.mat` in small, with images of so many pixels in a row.
fn emnist(train: &Images, test: &Images) -> Vec<u8> {
    let part = |images: &Images| {
        let n = images.len() as u32;
        let labels: Vec<f64> = images.labels.iter().map(|&label| f64::from(label)).collect();
        structure(
            "",
            &[
                ("images", bytes("", &[n, images.size() as u32], &columns(images))),
                ("labels", doubles("", &[n, 1], &labels)),
                ("writers", doubles("", &[n, 1], &vec![3000.0; images.len()])),
            ],
        )
    };
    // Labels 0 to 9, and two codes for each.
    let mapping: Vec<f64> = (0..10)
        .chain((0..10).map(|i| i + i32::from(b'A')))
        .chain((0..10).map(|i| i + i32::from(b'a')))
        .map(f64::from)
        .collect();
    let fields = [("train", part(train)), ("test", part(test)), ("mapping", doubles("", &[10, 3], &mapping))];
    structure("dataset", &fields)
}

#[test]
fn emnist_in_matlabs_form_is_read() {
    let place = Place::new();
    let (train, test) = (Images::new(7, 6, 6), Images::new(4, 6, 6));
    for packed in [false, true] {
        place.write("emnist-letters.mat", mat(&[emnist(&train, &test)], packed));
        let run = place.run("export --input emnist-letters.mat --split all --out out --force").ok();
        assert!(run.err.contains("--transpose"), "{}", run.err);
        for (split, images) in [("train", &train), ("test", &test)] {
            let found = place.shards("out", split);
            assert_eq!((found.x, found.y), (images.pixels.clone(), images.labels.clone()), "{split}");
        }
        let schema = &place.manifest("out")["splits"][0]["schema"];
        assert_eq!(schema["class_names"], json!(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]));
        let licenses = place.files("out")["LICENSE-DATA.txt"].clone();
        assert!(String::from_utf8_lossy(&licenses).starts_with("EMNIST letters. "));
        place.run("verify out --rebuild").ok();
    }
    place.run("export --input emnist-letters.mat --split test --transpose --out upright").ok();
    let upright = place.shards("upright", "test");
    let turned: Vec<u8> = (0..36).map(|at| test.image(2)[at % 6 * 6 + at / 6]).collect();
    assert_eq!(upright.image(2), turned);
    place.run("info emnist-letters.mat --split val").fails(2, &["train, test"]);
    place.run("info emnist-letters.mat --label-file emnist-letters.mat").fails(2, &["--label-file"]);
}

#[test]
fn matlab_files_with_usual_names_are_read() {
    let place = Place::new();
    // Rows, columns, channels, images, as SVHN has them; the labels in a row, as vectors often are.
    let images = Images::with_channels(5, 3, 4, 3);
    let mut x = Vec::new();
    for i in 0..5 {
        for c in 0..3 {
            for w in 0..4 {
                (0..3).for_each(|h| x.push(images.image(i)[(h * 4 + w) * 3 + c]));
            }
        }
    }
    let labels: Vec<f64> = images.labels.iter().map(|&label| f64::from(label)).collect();
    place.write("svhn.mat", mat(&[bytes("X", &[3, 4, 3, 5], &x), doubles("y", &[1, 5], &labels)], true));
    place.run("export --input svhn.mat --out svhn").ok();
    let found = place.shards("svhn", "train");
    assert_eq!((found.x, found.y), (images.pixels.clone(), images.labels.clone()));
    // Floats from 0 to 1, images first, two splits; one of them a single image of a single pixel.
    let (train, dot) = (Images::new(6, 2, 3), Images::new(1, 1, 1));
    let unit = |values: Vec<u8>| -> Vec<f64> { values.into_iter().map(|v| f64::from(v) / 255.0).collect() };
    let arrays = [
        doubles("x_train", &[6, 2, 3], &{
            let at = |n: usize, h: usize, w: usize| train.image(n)[h * 3 + w];
            let order = (0..3).flat_map(|w| (0..2).flat_map(move |h| (0..6).map(move |n| (n, h, w))));
            unit(order.map(|(n, h, w)| at(n, h, w)).collect())
        }),
        bytes("y_train", &[6, 1], &train.labels),
        doubles("x_test", &[1, 1], &unit(dot.pixels.clone())),
        bytes("y_test", &[1, 1], &dot.labels),
    ];
    place.write("floats.mat", mat(&arrays, false));
    place.run("export --input floats.mat --split train --float-range 0-1 --out floats").ok();
    let found = place.shards("floats", "train");
    assert_eq!((found.x, found.y), (train.pixels.clone(), train.labels.clone()));
    place.run("export --input floats.mat --split test --float-range 0-1 --out dot").ok();
    assert_eq!(place.shards("dot", "test").x, dot.pixels);
    // What has other names, and what is cut off.
    place.write("other.mat", mat(&[bytes("pictures", &[1, 4], &[1, 2, 3, 4])], false));
    place.run("info other.mat").fails(65, &["\"pictures\"", "x_train"]);
    let whole = std::fs::read(place.path("svhn.mat")).unwrap();
    for cut in [130, 200, whole.len() - 1] {
        place.write("cut.mat", &whole[..cut]);
        place.run("info cut.mat").exits(65);
    }
    place.run("export --input svhn.mat --out again --classes 3").exits(65);
}

/// Where torchvision's classes look for collections that it knows, and back.
#[test]
fn idx_files_of_known_collections_lie_where_torchvision_looks() {
    let place = Place::new();
    let (train, test) = (Images::new(7, 3, 5), Images::new(4, 3, 5));
    for (title, images, labels, class_list) in [
        (
            "Fashion-MNIST",
            "FashionMNIST/raw/t10k-images-idx3-ubyte",
            "FashionMNIST/raw/t10k-labels-idx1-ubyte",
            true,
        ),
        ("Kuzushiji-MNIST", "KMNIST/raw/t10k-images-idx3-ubyte", "KMNIST/raw/t10k-labels-idx1-ubyte", false),
        (
            "EMNIST digits",
            "EMNIST/raw/emnist-digits-test-images-idx3-ubyte",
            "EMNIST/raw/emnist-digits-test-labels-idx1-ubyte",
            false,
        ),
        (
            "QMNIST",
            "QMNIST/raw/qmnist-test-images-idx3-ubyte",
            "QMNIST/raw/qmnist-test-labels-idx2-int",
            false,
        ),
        ("Something else", "MNIST/raw/t10k-images-idx3-ubyte", "MNIST/raw/t10k-labels-idx1-ubyte", false),
    ] {
        place.idx("in", &train).idx_test_gz("in", &test);
        place.write("in/LICENSE-DATA.txt", format!("{title}. Its makers.\nLicense: MIT.\n"));
        if class_list {
            place.write("in/classes.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        } else if place.path("in/classes.txt").exists() {
            std::fs::remove_file(place.path("in/classes.txt")).unwrap();
        }
        for packed in ["", " --compress 6"] {
            place.run(&format!("export --input in --split all --format idx{packed} --out out --force")).ok();
            let files = place.files("out");
            if packed.is_empty() {
                assert_eq!(files[images], idx(&[4, 3, 5], &test.pixels), "{title}");
            }
            assert!(files.contains_key(&format!("{labels}{}", if packed.is_empty() { "" } else { ".gz" })));
            place.run("verify out --rebuild").ok();
            place.run("export --input out --split all --out back --force").ok();
            assert_eq!(place.shards("back", "test").y, test.labels, "{title}");
            // As files of others, too, without the manifest.
            std::fs::remove_file(place.path("out/manifest.json")).unwrap();
            place.run("export --input out --split all --out plain --force").ok();
            for (split, images) in [("train", &train), ("test", &test)] {
                let found = place.shards("plain", split);
                assert_eq!((found.x, found.y), (images.pixels.clone(), images.labels.clone()), "{title}");
            }
        }
    }
}

#[test]
fn what_classes_are_is_said_in_coco() {
    let place = Place::new();
    for (folder, kind) in [("fashion-mnist", "clothing"), ("kmnist", "character"), ("mine", "digit")] {
        place.idx(folder, &Images::new(12, 4, 4));
        place.run(&format!("quadrant --input {folder} --format coco --count 5 --out out --force")).ok();
        let coco: Value =
            serde_json::from_slice(&place.files("out")["annotations/instances_train.json"]).unwrap();
        let categories = coco["categories"].as_array().unwrap();
        assert_eq!(categories.len(), 10);
        assert!(categories.iter().all(|category| category["supercategory"] == kind), "{folder}: {coco}");
    }
}

#[cfg(feature = "parquet")]
#[test]
fn the_card_says_where_a_data_set_comes_from() {
    let place = Place::new();
    place.idx("in", &Images::new(12, 4, 4));
    place.write(
        "in/LICENSE-DATA.txt",
        "Fashion-MNIST. Copyright (c) 2017 Zalando SE.\nLicense: MIT.\n\nOthers. Somebody.\nLicense: CC-BY-SA-4.0.\n",
    );
    place.run("export --input in --format parquet --out hub").ok();
    let card = std::fs::read_to_string(place.path("hub/README.md")).unwrap();
    for lines in [
        "pretty_name: \"hub\"\n",
        "license:\n- \"mit\"\n- \"cc-by-sa-4.0\"\n",
        "source_datasets:\n- \"zalando-datasets/fashion_mnist\"\n- \"extended|other\"\n",
        "task_categories:\n- image-classification\n",
        "size_categories:\n- n<1K\n",
        "tags:\n- \"image\"\n- \"mnist\"\n- \"mnistaug\"\n",
    ] {
        assert!(card.contains(lines), "{lines} in {card}");
    }
}

/// Names of splits that whoever reads the format does not take are refused before anything is written.
#[test]
fn splits_are_called_as_consumers_take_it() {
    let place = Place::new();
    place.idx("in", &Images::new(6, 4, 4));
    let file = "in/train-images-idx3-ubyte";
    place
        .run(&format!("export --input {file} --split a.b --format tfrecord --out no"))
        .fails(2, &["a.b", "--split"]);
    place.run(&format!("export --input {file} --split a{{b --format webdataset --out no")).fails(2, &["a{b"]);
    place.run(&format!("export --input {file} --split a-b --format tfrecord --out yes")).ok();
    place.run("quadrant --input in --count 4 --out scenes").ok();
    place.forge("scenes", |manifest| {
        let text = manifest.to_string().replace("train-0", "names-0").replace("\"train\"", "\"names\"");
        *manifest = serde_json::from_str(&text).unwrap();
    });
    std::fs::rename(
        place.path("scenes/train-00000-of-00001.npz"),
        place.path("scenes/names-00000-of-00001.npz"),
    )
    .unwrap();
    place.run("export --input scenes --split names --format yolo --out no").fails(2, &["data.yaml"]);
    assert!(!place.path("no").exists());
    // A single split is both train and val, which ultralytics asks for.
    place.run("export --input scenes --split names --format coco --out coco").ok();
    place.run("quadrant --input digits:20 --split test --count 4 --format yolo --out tests").ok();
    let yaml = std::fs::read_to_string(place.path("tests/data.yaml")).unwrap();
    assert!(yaml.starts_with("test: images/test\ntrain: images/test\nval: images/test\nnames:\n"), "{yaml}");
}

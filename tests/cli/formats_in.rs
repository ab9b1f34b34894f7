//! Files of others as inputs: NumPy archives and CSV tables in the forms that are about, and those that are refused.

use std::io::{Cursor, Write};

use mnistaug::internals::NpyHeader;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::harness::{Images, Place, gzip};

/// An `.npy` file.
fn npy(descr: &str, shape: &[usize], body: &[u8]) -> Vec<u8> {
    [&NpyHeader::encode(descr, shape), body].concat()
}

/// The same in Fortran order.
fn fortran(descr: &str, shape: &[usize], body: &[u8]) -> Vec<u8> {
    let head = String::from_utf8_lossy(&NpyHeader::encode(descr, shape)[10..]).replace("False, ", "True,  ");
    [b"\x93NUMPY\x01\x00", &(head.len() as u16).to_le_bytes()[..], head.as_bytes(), body].concat()
}

fn zip(members: &[(&str, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An `.npz` file of images (N, H, W[, C]) and labels under these names.
fn npz(sets: &[(&str, &str, &Images)]) -> Vec<u8> {
    let mut members = Vec::new();
    for (x, y, images) in sets {
        let [height, width, channels] = images.shape;
        let shape = [images.len(), height, width, channels];
        members.push((*x, npy("|u1", if channels == 1 { &shape[..3] } else { &shape }, &images.pixels)));
        members.push((*y, npy("|u1", &[images.len()], &images.labels)));
    }
    zip(&members, CompressionMethod::Deflated)
}

/// `export` of this input gives these images as the split.
#[track_caller]
fn gives(place: &Place, input: &str, split: &str, images: &Images) {
    place.run(&format!("export -i {input} --split {split} --force -o out")).ok();
    let found = place.shards("out", split);
    let [height, width, channels] = images.shape;
    let shape = if channels == 1 { vec![height, width] } else { vec![height, width, channels] };
    assert_eq!(found.shape, shape, "{input}");
    assert_eq!(found.y, images.labels, "{input}");
    assert!(found.x == images.pixels, "{input}: pixels differ");
    place.run("verify out --rebuild").ok();
}

/// `export` refuses this input, says all of this, and writes nothing.
#[track_caller]
fn refused(place: &Place, words: &str, code: i32, says: &[&str]) {
    place.run(&format!("export -i {words} -o none")).fails(code, says);
    assert!(!place.path("none").exists());
}

#[test]
fn npz_files_with_the_names_that_are_about() {
    let (train, test) = (Images::new(7, 3, 5), Images::new(4, 3, 5));
    for [x, y, tx, ty] in [
        ["x_train.npy", "y_train.npy", "x_test.npy", "y_test.npy"],
        ["train_x.npy", "train_y.npy", "test_x.npy", "test_y.npy"],
        ["train_images.npy", "train_labels.npy", "test_images.npy", "test_labels.npy"],
        ["X_train.npy", "y_train.npy", "X_test.npy", "y_test.npy"],
    ] {
        let place = Place::new();
        place.write("in/data.npz", npz(&[(x, y, &train), (tx, ty, &test)]));
        gives(&place, "in", "train", &train);
        gives(&place, "in/data.npz", "test", &test);
        place.run("export -i in --split val -o none").exits(2).says(&["val", "train, test"]);
    }
    for [x, y] in [["x.npy", "y.npy"], ["images.npy", "labels.npy"], ["data.npy", "target.npy"]] {
        let place = Place::new();
        place.write("a.npz", npz(&[(x, y, &train)]));
        gives(&place, "a.npz", "train", &train);
        gives(&place, "a.npz", "test", &train);
    }
}

#[test]
fn npy_files_beside_each_other() {
    let (place, images) = (Place::new(), Images::with_channels(3, 2, 5, 3));
    place
        .write("in/x_train.npy", npy("|u1", &[3, 2, 5, 3], &images.pixels))
        .write(
            "in/y_train.npy",
            npy(
                "<i8",
                &[3],
                &images.labels.iter().flat_map(|&l| i64::from(l).to_le_bytes()).collect::<Vec<_>>(),
            ),
        )
        .write("other.npy", npy("|u1", &[3, 1], &images.labels));
    gives(&place, "in", "train", &images);
    gives(&place, "in/x_train.npy", "train", &images);
    place.run("export -i in/x_train.npy --label-file other.npy -o b").ok();
    assert_eq!(place.shards("b", "train").y, images.labels);
    place.write("alone.npy", npy("|u1", &[3, 2, 5, 3], &images.pixels));
    let unlabeled = Images { labels: vec![0; 3], ..images.clone() };
    gives(&place, "alone.npy", "train", &unlabeled);
    place.run("info alone.npy").ok().says(&["warning: alone.npy has no labels", "--label-file"]);
}

#[test]
fn labels_may_lie_in_a_file_of_any_kind() {
    let (place, images) = (Place::new(), Images::new(5, 3, 3));
    let rows: Vec<String> =
        (0..5).map(|i| images.image(i).iter().map(u8::to_string).collect::<Vec<_>>().join(",")).collect();
    let each = |behind: &str| {
        let rows: Vec<String> = images.labels.iter().map(|label| format!("{label}{behind}")).collect();
        rows.join("\n")
    };
    let (column, qmnist) = (each(""), each("\t4\t2326\t17\t259\t229421\t0\t0"));
    place
        .write("x.idx", images.idx())
        .write("x.npy", npy("|u1", &[5, 3, 3], &images.pixels))
        .write(
            "x.npz",
            zip(&[("images.npy", npy("|u1", &[5, 3, 3], &images.pixels))], CompressionMethod::Stored),
        )
        .write("x.csv", rows.join("\n"))
        .write("y.idx", images.label_idx())
        .write("y.npy", npy("|u1", &[5, 1], &images.labels))
        .write("y.bin", zip(&[("arr_0.npy", npy("|u1", &[5], &images.labels))], CompressionMethod::Deflated))
        .write("y.csv", format!("label\n{column}"))
        .write("y.txt", &column)
        .write("y.tsv", qmnist);
    for x in ["x.idx", "x.npy", "x.npz", "x.csv"] {
        for y in ["y.idx", "y.npy", "y.bin", "y.csv", "y.txt", "y.tsv"] {
            gives(&place, &format!("{x} --label-file {y}"), "train", &images);
        }
    }
    place.write("words.txt", "boot\nBag\nboot\nBag\nboot\n");
    gives(
        &place,
        "x.npy --label-file words.txt",
        "train",
        &Images { labels: vec![1, 0, 1, 0, 1], ..images.clone() },
    );
    assert_eq!(
        place.manifest("out")["splits"][0]["schema"]["class_names"],
        serde_json::json!(["Bag", "boot"])
    );
    place.write("few.txt", "1\n2\n");
    for x in ["x.idx", "x.npy", "x.csv"] {
        refused(&place, &format!("{x} --label-file few.txt"), 65, &["holds 5 images", "holds 2 labels"]);
    }
}

#[test]
fn arrays_are_found_by_one_table_of_words() {
    let (train, test) = (Images::new(5, 3, 3), Images::new(4, 3, 3));
    for [x, y] in [
        ["trainX", "trainY"],
        ["XTrain", "YTrain"],
        ["features", "targets"],
        ["inputs", "outputs"],
        ["x_tr", "y_tr"],
        ["train_dataset", "train_labels"],
        ["imgs", "lbls"],
        ["mnist_images", "mnist_labels"],
        ["kannada_X_train", "kannada_y_train"],
    ] {
        let place = Place::new();
        place.write("a.npz", npz(&[(&format!("{x}.npy"), &format!("{y}.npy"), &train)]));
        gives(&place, "a.npz", "train", &train);
        place.write(&format!("in/{x}.npy"), npy("|u1", &[5, 3, 3], &train.pixels));
        place.write(&format!("in/{y}.npy"), npy("|u1", &[5], &train.labels));
        gives(&place, "in", "train", &train);
    }
    // A file for each split, one without its ending, one that is packed once more.
    let place = Place::new();
    let of = |images: &Images| npz(&[("x.npy", "y.npy", images)]);
    place.write("in/mnist_train.npz", of(&train)).write("in/mnist_test.npz", of(&test));
    gives(&place, "in", "train", &train);
    gives(&place, "in", "test", &test);
    place.write("mnist.dat", of(&train)).write("mnist.npz.gz", gzip(&of(&train)));
    gives(&place, "mnist.dat", "train", &train);
    gives(&place, "mnist.npz.gz", "train", &train);
}

#[test]
fn idx_files_in_folders_of_their_names_and_without_endings() {
    let (place, images) = (Place::new(), Images::new(4, 3, 3));
    for (kind, bytes) in [("images-idx3-ubyte", images.idx()), ("labels-idx1-ubyte", images.label_idx())] {
        place.write(&format!("in/train-{kind}/train-{kind}"), &bytes);
        place.write(&format!("bare/train-{}", &kind[..6]), &bytes);
    }
    gives(&place, "in", "train", &images);
    gives(&place, "bare", "train", &images);
    // A column of labels is one class each; labels beyond nine are as many classes.
    let mut column = images.label_idx();
    column.splice(..4, [0, 0, 8, 2]);
    column.splice(8..8, [0, 0, 0, 1]);
    place.write("x.idx", images.idx()).write("y.idx", column);
    gives(&place, "x.idx --label-file y.idx", "train", &images);
    let letters = Images { labels: vec![1, 26, 3, 4], ..images.clone() };
    place.write("l.idx", letters.label_idx());
    gives(&place, "x.idx --label-file l.idx", "train", &letters);
    place.run("info x.idx --label-file l.idx").ok().says(&["27 classes", "--offset-labels -1"]);
    let ten = Images { labels: vec![1, 10, 3, 4], ..images };
    place.write("t.idx", ten.label_idx());
    place.run("info x.idx --label-file t.idx").ok().says(&["10 stands for the digit 0", "--map 10=0,1=1"]);
}

#[test]
fn files_and_folders_of_unknown_kinds_are_named() {
    let place = Place::new();
    for (name, bytes, says) in [
        ("a.json", &b"[{\"a\": 1}]"[..], &["JSON"][..]),
        ("a.yaml", b"path: .\ntrain: images\n", &["text that begins \"path: ."]),
        ("a.bin", b"\x07\xfe\x80\x01\x02", &["bytes that begin 07 fe 80 01"]),
        ("a.tfrecord", b"\x14\0\0\0\0\0\0\0abcd\x0a\x12\x0a\x10", &["a TFRecord file"]),
        ("a.xlsx", b"PK\x03\x04\x14\0[Content_Types].xml xl/workbook.xml", &["an Excel workbook", "as CSV"]),
        ("a.pgm", b"P5 28 28 255\n\0\0", &["a PGM, PPM or PBM picture", "PNG"]),
        ("zeros", &[0; 99], &["nothing but zeros"]),
        ("empty", b"", &["an empty file"]),
    ] {
        place.write(name, bytes).write(&format!("{name}-folder/0/{name}"), bytes);
        let run = place.run(&format!("info {name}")).fails(65, says);
        assert!(!run.err.contains("magic number"), "{}", run.err);
    }
    for (name, says) in [("a.json", "JSON"), ("a.pgm", "a PGM"), ("a.xlsx", "an Excel workbook")] {
        place.run(&format!("info {name}-folder")).fails(65, &[says, &format!("0/{name}")]);
    }
    place.write("p/0/a.png", "version https://git-lfs.github.com/spec/v1\n");
    place.run("info p").fails(65, &["Git LFS pointer", "git lfs pull"]);
}

#[test]
fn images_of_one_pixel_and_of_other_axes() {
    let place = Place::new();
    let one = Images::new(2, 1, 1);
    for (name, shape) in [("a.npz", vec![2, 1, 1]), ("b.npz", vec![2, 1]), ("c.npz", vec![2, 1, 1, 1])] {
        let members =
            [("x.npy", npy("|u1", &shape, &one.pixels)), ("y.npy", npy("|u1", &[2, 1], &one.labels))];
        place.write(name, zip(&members, CompressionMethod::Stored));
        gives(&place, name, "train", &one);
    }
    // Channels first, and both in Fortran order: the first axis varies fastest.
    let images = Images::with_channels(3, 2, 4, 3);
    let value = |n: usize, h: usize, w: usize, c: usize| images.pixels[((n * 2 + h) * 4 + w) * 3 + c];
    let mut first = Vec::new();
    let mut both = vec![0; 72];
    let mut reversed = vec![0; 72];
    for n in 0..3 {
        for c in 0..3 {
            for h in 0..2 {
                for w in 0..4 {
                    first.push(value(n, h, w, c));
                    both[n + 3 * (c + 3 * (h + 2 * w))] = value(n, h, w, c);
                    reversed[n + 3 * (h + 2 * (w + 4 * c))] = value(n, h, w, c);
                }
            }
        }
    }
    let labels = npy("|u1", &[3], &images.labels);
    for (name, x) in [
        ("first.npz", npy("|u1", &[3, 3, 2, 4], &first)),
        ("both.npz", fortran("|u1", &[3, 3, 2, 4], &both)),
        ("reversed.npz", fortran("|u1", &[3, 2, 4, 3], &reversed)),
    ] {
        place.write(name, zip(&[("x.npy", x), ("y.npy", labels.clone())], CompressionMethod::Deflated));
        gives(&place, name, "train", &images);
    }
    // Rows of values: square, or as it is said.
    let flat = |values: usize| npy("|u1", &[72 / values, values], &images.pixels);
    let some = |n: usize| npy("|u1", &[n], &vec![1; n]);
    place.write("flat.npz", zip(&[("x.npy", flat(24)), ("y.npy", labels)], CompressionMethod::Stored));
    refused(&place, "flat.npz", 65, &["array \"x\"", "[3, 24]", "--shape"]);
    place.run("export -i flat.npz --shape 2x4x3 -o flat").ok();
    assert_eq!(place.shards("flat", "train").shape, [2, 4, 3]);
    refused(&place, "flat.npz --shape 2x4", 65, &["2x4x1", "--shape"]);
    place.write("square.npz", zip(&[("x.npy", flat(12)), ("y.npy", some(6))], CompressionMethod::Stored));
    place.run("export -i square.npz -o square").ok();
    assert_eq!(place.shards("square", "train").shape, [2, 2, 3]);
}

fn floats(values: &[f32]) -> Vec<u8> {
    let body: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    zip(
        &[("x.npy", npy("<f4", &[1, 1, values.len()], &body)), ("y.npy", npy("|u1", &[1], &[3]))],
        CompressionMethod::Stored,
    )
}

#[test]
fn floats_say_their_range_or_are_asked_for_it() {
    let place = Place::new();
    let pixels = |words: &str| {
        place.run(&format!("export -i {words} --force -o out")).ok();
        place.shards("out", "train").x
    };
    let bytes: Vec<u8> = (0..=255).collect();
    place.write("unit.npz", floats(&bytes.iter().map(|&v| f32::from(v) / 255.0).collect::<Vec<_>>()));
    assert_eq!(pixels("unit.npz"), bytes);
    place.write("bytes.npz", floats(&bytes.iter().map(|&v| f32::from(v)).collect::<Vec<_>>()));
    assert_eq!(pixels("bytes.npz"), bytes);
    for values in [[0.0, 1.0, 0.0], [0.0, 1.5, 0.25], [0.0, 0.0, 2.0]] {
        place.write("open.npz", floats(&values));
        refused(
            &place,
            "open.npz",
            65,
            &["open.npz", "could be either", "--float-range 0-1", "--float-range 0-255"],
        );
    }
    place.write("open.npz", floats(&[0.0, 1.0, 0.0]));
    assert_eq!(pixels("open.npz --float-range 0-1"), [0, 255, 0]);
    assert_eq!(pixels("open.npz --float-range 0-255"), [0, 1, 0]);
    place.run("verify out --rebuild").ok();
    refused(&place, "bytes.npz --float-range 0-1", 65, &["array \"x\"", "floats from 0 to 1", "found 2"]);
    place.write("minus.npz", floats(&[-0.5, 0.0, 1.0]));
    refused(&place, "minus.npz", 65, &["values from -0.5 to 1", "standardization"]);
    place.write("nan.npz", floats(&[0.0, f32::NAN, 1.0]));
    refused(&place, "nan.npz", 65, &["NaN"]);
}

#[test]
fn labels_of_several_columns() {
    let place = Place::new();
    let x = npy("|u1", &[3, 1, 2], &[1, 2, 3, 4, 5, 6]);
    let one_hot: Vec<u8> =
        [[0.0_f64, 1.0], [1.0, 0.0], [0.0, 1.0]].iter().flatten().flat_map(|v| v.to_le_bytes()).collect();
    let members = [("x.npy", x.clone()), ("y.npy", npy("<f8", &[3, 2], &one_hot))];
    place.write("one.npz", zip(&members, CompressionMethod::Stored));
    place.run("export -i one.npz -o one").ok();
    assert_eq!(place.shards("one", "train").y, [1, 0, 1]);
    assert_eq!(place.manifest("one")["splits"][0]["schema"]["class_names"], serde_json::json!(["0", "1"]));
    let flags = fortran("|b1", &[3, 2], &[1, 0, 0, 1, 1, 0]);
    place.write("flags.npz", zip(&[("x.npy", x.clone()), ("y.npy", flags)], CompressionMethod::Stored));
    place.run("export -i flags.npz -o flags").ok();
    assert_eq!(place.shards("flags", "train").y, [1, 1, 0, 1, 0, 0]);
    let members = [("x.npy", x.clone()), ("y.npy", npy("|u1", &[3], &[0, 46, 3]))];
    place.write("many.npz", zip(&members, CompressionMethod::Stored));
    place.run("export -i many.npz -o many").ok().says(&["47 classes"]);
    refused(&place, "many.npz --classes 40", 65, &["many.npz", "40 classes", "46"]);
    let members = [("x.npy", x), ("y.npy", npy("|u1", &[3, 2], &[0, 1, 1, 0, 2, 0]))];
    place.write("two.npz", zip(&members, CompressionMethod::Stored));
    refused(&place, "two.npz", 65, &["array \"y\"", "0 and 1", "row 2"]);
}

#[test]
fn npz_files_that_are_refused() {
    let place = Place::new();
    let (x, y) = (npy("|u1", &[2, 2, 3], &[7; 12]), npy("|u1", &[2], &[1, 2]));
    let case = |members: &[(&str, Vec<u8>)], says: &[&str]| {
        place.write("bad.npz", zip(members, CompressionMethod::Deflated));
        refused(&place, "bad.npz", 65, &[&["bad.npz"], says].concat());
    };
    let objects = npy("|O", &[2], b"\x80\x04K\x01K\x02e.");
    case(
        &[("x.npy", x.clone()), ("y.npy", objects.clone())],
        &["array \"y\"", "never unpickled", "numpy.array"],
    );
    case(&[("x.npy", objects), ("y.npy", y.clone())], &["array \"x\"", "never unpickled"]);
    case(&[("x.npy", npy("|i1", &[2, 2, 3], &[0xf9; 12])), ("y.npy", y.clone())], &["|i1", "uint8"]);
    case(&[("x.npy", npy("<c8", &[2, 2], &[7; 32])), ("y.npy", y.clone())], &["<c8", "array.real"]);
    case(&[("x.npy", npy("<U4", &[2, 2], &[7; 64])), ("y.npy", y.clone())], &["<U4"]);
    case(
        &[("x.npy", npy("<i2", &[1, 1, 2], &[7, 0, 0, 1])), ("y.npy", npy("|u1", &[1], &[1]))],
        &["whole numbers from 0 to 255", "256 at position 1"],
    );
    case(&[("x.npy", x.clone()), ("z.npy", y.clone())], &["labels", "\"x\"", "\"y\""]);
    case(&[("first.npy", x.clone()), ("second.npy", y.clone())], &["x_train", "\"first\", \"second\""]);
    case(&[("x.npy", x.clone()), ("y.npy", npy("|u1", &[3], &[1, 2, 3]))], &["2 images", "3 labels"]);
    case(
        &[("x.npy", x.clone()), ("y.npy", npy("<f4", &[2], &[0, 0, 0, 63, 0, 0, 128, 63]))],
        &["array \"y\"", "class ids", "0.5"],
    );
    case(&[("x.npy", npy("|u1", &[2, 2, 4], &[7; 12])), ("y.npy", y.clone())], &["array \"x\"", "cut off"]);
    case(&[("x.npy", npy("|u1", &[1 << 31, 1 << 31, 4], &[])), ("y.npy", y.clone())], &["array \"x\""]);
    case(
        &[("x.npy", npy("|u1", &[0, 2, 2], &[])), ("y.npy", npy("|u1", &[0], &[]))],
        &["array \"x\"", "none"],
    );
    case(
        &[("x.npy", npy("|u1", &[2, 2, 2, 4], &[0; 32])), ("y.npy", y.clone())],
        &["array \"x\"", "[2, 2, 2, 4]"],
    );
    case(&[("x.npy", b"no array".to_vec()), ("y.npy", y.clone())], &["array \"x\"", "text that begins"]);
    case(&[("../x.npy", x.clone()), ("y.npy", y.clone())], &["\"../x.npy\"", "out of the folder"]);
    case(&[("/tmp/x.npy", x.clone()), ("y.npy", y.clone())], &["x.npy"]);
    // 100 MiB of zeros in some 100 KiB.
    case(
        &[
            ("x.npy", npy("|u1", &[100, 1024, 1024], &vec![0; 100 << 20])),
            ("y.npy", npy("|u1", &[100], &[1; 100])),
        ],
        &["array \"x\"", "1/500", "numpy.savez"],
    );
    assert!(!place.path("../x.npy").exists());
    let mut bytes = zip(&[("x.npy", x.clone()), ("y.npy", y)], CompressionMethod::Stored);
    let at = bytes.windows(12).position(|window| window == [7; 12]).unwrap();
    bytes[at] = 8;
    place.write("bad.npz", &bytes);
    refused(&place, "bad.npz", 65, &["array \"x\"", "hecksum"]);
    place.write("bad.npz", &bytes[..bytes.len() / 2]);
    refused(&place, "bad.npz", 65, &["bad.npz", "NPZ"]);
    place.write("bad.npz", b"\x93NUMPY");
    refused(&place, "bad.npz", 65, &["bad.npz"]);
}

/// Lines of pixels, with the label where there is one before or behind them.
fn lines(images: &Images, first: bool, last: bool) -> String {
    let mut text = String::new();
    for i in 0..images.len() {
        let label = images.labels[i].to_string();
        let mut fields: Vec<String> = images.image(i).iter().map(u8::to_string).collect();
        if first {
            fields.insert(0, label.clone());
        }
        if last {
            fields.push(label);
        }
        text += &fields.join(",");
        text.push('\n');
    }
    text
}

fn names(n: usize, prefix: &str, from: usize) -> String {
    (from..from + n).map(|i| format!("{prefix}{i}")).collect::<Vec<_>>().join(",")
}

fn label_lines(images: &Images) -> String {
    images.labels.iter().map(u8::to_string).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn tables_in_the_layouts_that_are_about() {
    let images = Images::new(6, 4, 4);
    let (plain, labeled) = (lines(&images, false, false), lines(&images, true, false));
    for (name, text) in [
        ("kaggle.csv", format!("label,{}\n{labeled}", names(16, "pixel", 0))),
        ("fashion.csv", format!("label,{}\n{labeled}", names(16, "pixel", 1))),
        ("bare.csv", labeled.clone()),
        ("numbered.csv", format!("{}\n{labeled}", names(17, "", 0))),
        ("last.csv", format!("{},class\n{}", names(16, "pixel", 1), lines(&images, false, true))),
        ("crlf.csv", format!("\u{feff}label,{}\n{labeled}", names(16, "", 0)).replace('\n', "\r\n")),
        (
            "quoted.csv",
            format!(
                "\"label\",{}\n\"{}",
                names(16, "pixel", 0),
                labeled.trim_end().replace(',', "\",\"").replace('\n', "\"\n\"") + "\"\n"
            ),
        ),
        ("id.csv", {
            let rows: Vec<String> =
                labeled.lines().enumerate().map(|(i, line)| format!("{},{line}", 1000 + i)).collect();
            let rows = rows.join(
                "
",
            );
            format!("id,label,{}\n{rows}", names(16, "pixel", 0))
        }),
    ] {
        let place = Place::new();
        place.write(name, &text).write("packed.csv.gz", gzip(text.as_bytes()));
        gives(&place, name, "train", &images);
        gives(&place, "packed.csv.gz", "test", &images);
    }
    let place = Place::new();
    place
        .write("p/X_train.csv", format!("{}\n{plain}", names(16, "", 0)))
        .write("p/y_train.csv", format!("0\n{}", label_lines(&images)))
        .write("p/X_test.csv.gz", gzip(plain.as_bytes()))
        .write("p/y_test.csv", label_lines(&images));
    gives(&place, "p", "train", &images);
    gives(&place, "p", "test", &images);
    gives(&place, "p/X_train.csv", "train", &images);
    place.write("labels.csv", format!("Id,Label\n{}", "7000,9\n".repeat(6)));
    place.run("export -i p/X_test.csv.gz --label-file labels.csv -o named").ok();
    assert_eq!(place.shards("named", "test").y, [9; 6]);
}

#[test]
fn folders_of_contests() {
    let place = Place::new();
    let images = Images::new(5, 2, 2);
    place
        .write("k/train.csv", format!("label,{}\n{}", names(4, "pixel", 0), lines(&images, true, false)))
        .write("k/test.csv", format!("{}\n{}", names(4, "pixel", 0), lines(&images, false, false)))
        .write("k/sample_submission.csv", "ImageId,Label\n1,0\n");
    gives(&place, "k", "train", &images);
    place.run("export -i k --split all -o all").ok().says(&["test.csv", "no labels"]);
    assert_eq!(place.manifest("all")["splits"].as_array().unwrap().len(), 1);
    place.run("export -i k --split test -o alone").ok().says(&["test.csv has no labels", "--label-file"]);
    assert_eq!(
        (place.shards("alone", "test").x, place.shards("alone", "test").y),
        (images.pixels, vec![0; 5])
    );
    place.write("k/train_more.csv", "1,2,3,4,5\n");
    refused(&place, "k --split train", 65, &["train.csv", "train_more.csv", "--input"]);
}

#[test]
fn tables_of_any_shape() {
    let place = Place::new();
    let (wide, color, one) = (Images::new(4, 2, 3), Images::with_channels(4, 3, 3, 3), Images::new(3, 1, 1));
    place.write("wide.csv", lines(&wide, true, false));
    refused(&place, "wide.csv", 65, &["wide.csv", "line 1", "7 columns", "--shape"]);
    place.run("export -i wide.csv --shape 2x3 -o wide").ok();
    assert_eq!(
        (place.shards("wide", "train").shape, place.shards("wide", "train").x),
        (vec![2, 3], wide.pixels)
    );
    place.run("verify wide --rebuild").ok();
    refused(&place, "wide.csv --shape 5x5", 65, &["5x5x1", "25 values"]);
    place.write("color.csv", lines(&color, true, false));
    gives(&place, "color.csv", "train", &color);
    place.write("one.csv", format!("label,pixel0\n{}", lines(&one, true, false)));
    gives(&place, "one.csv", "train", &one);
    // A label and an RGB pixel, or four gray ones.
    place.write("four.csv", "1,2,3,4\n5,6,7,8\n");
    refused(&place, "four.csv", 65, &["four.csv", "4 columns", "--shape"]);
    place.run("export -i four.csv --shape 1x1x3 -o four").ok();
    assert_eq!(
        (place.shards("four", "train").y, place.shards("four", "train").x),
        (vec![1, 5], vec![2, 3, 4, 6, 7, 8])
    );
}

#[test]
fn tables_that_are_refused() {
    let place = Place::new();
    let case = |text: &str, says: &[&str]| {
        place.write("bad.csv", text);
        refused(&place, "bad.csv", 65, &[&["bad.csv"], says].concat());
    };
    case("label,a,b,c,d\n1,2,3,4,5\n1,2,3,4\n", &["line 3", "expected 5 values", "found 4"]);
    case("label,a,b,c,d\n1,2,3,4,5\n1,2,3,4,5,6\n", &["line 3", "expected 5 values", "found 6"]);
    case("label,a,b,c,d\n1,2,256,4,5\n", &["line 2, column 3", "0 to 255", "256"]);
    case("label,a,b,c,d\n1,2,\"3,4,5\n", &["line 2, column 3"]);
    case("label,a,b,c,d\n1,2,-0.5,4,5\n", &["values from -0.5 to 5", "standardization"]);
    case("label,a,b,c,d\n1,2,-7,4,5\n", &["line 2, column 3", "-7", "from 0 to 1"]);
    case("label,a,b,c,d\n1,2,,4,5\n", &["line 2, column 3"]);
    case("1,2,x,4,5\n", &["header alone"]);
    case("label,a,b,c,d\n", &["header alone"]);
    case("", &["empty"]);
    case("label,a,b,c,d\n1,2,3,4,5\n300,2,3,4,5\n", &["line 3, column 1", "300"]);
    place.write("p/X_train.csv", "0,1,2,3\n1,2,3,4\n").write("p/y_train.csv", "0\n1\n2\n");
    refused(&place, "p", 65, &["X_train.csv holds 1 images", "y_train.csv holds 2 labels"]);
    refused(&place, "bad.csv --classes 5", 65, &["300"]);
    place.write("cut.csv.gz", &gzip(&b"1,2,3,4,5\n".repeat(1000))[..30]);
    refused(&place, "cut.csv.gz", 65, &["cut.csv.gz"]);
}

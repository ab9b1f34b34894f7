//! Every row of the table of leaves.

use std::fs;

use super::*;
use crate::base::{Image, Shape};
use crate::formats::Format;
use crate::formats::codec::mat5;
use crate::formats::codec::npy::NpyHeader;
use crate::formats::codec::picture::encode_png;
use crate::recipe::Record;
use crate::store::{Build, build};

/// Something of each kind, in the order of the table, as (place, how to make it, the splits it has).
fn things(folder: &Path) -> Vec<(PathBuf, Vec<&'static str>)> {
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    };
    let idx = |magic: [u8; 4], sides: &[u32], bytes: &[u8]| {
        let sides: Vec<u8> = sides.iter().flat_map(|side| side.to_be_bytes()).collect();
        [&magic[..], &sides, bytes].concat()
    };
    let images = idx([0, 0, 8, 3], &[2, 2, 2], &[7; 8]);
    let labels = idx([0, 0, 8, 1], &[2], &[0, 1]);
    let npy =
        |descr: &str, dims: &[usize], bytes: &[u8]| [NpyHeader::encode(descr, dims), bytes.to_vec()].concat();
    let x = npy("|u1", &[2, 2, 2], &[7; 8]);
    let y = npy("|u1", &[2], &[0, 1]);
    let table = b"label,pixel0,pixel1,pixel2,pixel3\n1,0,1,2,3\n0,4,5,6,7\n";
    let png = { encode_png(Image::new(Shape::gray(2, 2), &[1, 2, 3, 4])).unwrap() };

    let matlab = put("j/any.mat", &mat5::tests::images_and_labels());
    let picture = put("a/one.png", &png);
    put("b/y_train.npy", &y);
    let array = put("b/x_train.npy", &x);
    let csv = put("c/train.csv", table);
    put("d/train-labels-idx1-ubyte", &labels);
    let file = put("d/train-images-idx3-ubyte", &images);
    let data = Read::plain("digits:5", Splits::train()).open().unwrap();
    let job = Build {
        data: &data,
        command: "test",
        recipe: Record::None,
        out: folder.join("e"),
        format: Format::default(),
        shard_size: None,
        trace: false,
        part: None,
        force: false,
        threads: 1,
    };
    build(&job, &Watch::default()).unwrap();
    put("f/raw/t10k-images-idx3-ubyte", &images);
    put("f/raw/t10k-labels-idx1-ubyte", &labels);
    put("g/x_test.npy", &x);
    put("g/y_test.npy", &y);
    put("k/test_32x32.mat", &mat5::tests::images_and_labels());
    put("k/train_32x32.mat", &mat5::tests::images_and_labels());
    put("h/train.csv", table);
    put("i/zero/1.png", &png);
    put("i/one/1.png", &png);
    vec![
        ("digits:7".into(), vec!["train", "test"]),
        (picture, vec!["train"]),
        (array, vec!["train"]),
        (matlab, vec!["train"]),
        (csv, vec!["train"]),
        (file, vec!["train"]),
        (folder.join("e"), vec!["train"]),
        (folder.join("f"), vec!["test"]),
        (folder.join("g"), vec!["test"]),
        (folder.join("k"), vec!["train", "test"]),
        (folder.join("h"), vec!["train"]),
        (folder.join("i"), vec!["train"]),
    ]
}

/// Every row of the table recognizes its own, is the first to do so, and opens it.
#[test]
fn every_leaf_opens_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let things = things(folder.path());
    assert_eq!(things.len(), LEAVES.len(), "something for every row");
    for (row, (path, splits)) in things.iter().enumerate() {
        let read = Read::plain(path, Splits::All);
        let at = place(&read, path).unwrap();
        let asked = Asked { read: &read, path, watch: &Watch::default(), pass: &Pass::default() };
        let first = LEAVES.iter().position(|leaf| leaf.at == at && (leaf.recognize)(&asked).unwrap());
        assert_eq!(first, Some(row), "{}", path.display());
        let data = read.open().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let names: Vec<&str> = data.splits.iter().map(|split| split.name.as_str()).collect();
        assert_eq!(&names, splits, "{}", path.display());
    }
}

#[test]
fn what_nothing_recognizes_is_told_all_that_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "none").unwrap();
    let error = Read::plain(folder.path(), Splits::All).open().err().unwrap().to_string();
    for leaf in LEAVES.iter().filter(|leaf| leaf.at == At::Folder) {
        assert!(error.contains(leaf.what), "{} in {error}", leaf.what);
    }
    assert!(error.ends_with("found notes.txt"), "{error}");
}

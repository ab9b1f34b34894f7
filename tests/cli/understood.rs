//! What other people hand us: folders told by what their names mean, files by what they hold.

use crate::harness::{Images, Place, gzip};

fn gray(place: &Place, name: &str, value: u8) {
    place.picture(name, 3, 2, |_, _| [value; 3]);
}

#[test]
fn split_folders_are_told_by_meaning() {
    for [train, test] in [["training", "testing"], ["trainingSet", "testSet"], ["Train", "TEST_images"]] {
        let place = Place::new();
        for (folder, first) in [(train, 10), (test, 20)] {
            for class in 0..3 {
                gray(&place, &format!("in/{folder}/{class}/a.png"), first + class);
            }
        }
        place.run("export -i in --gray --split all -o out").ok();
        for (split, first) in [("train", 10), ("test", 20)] {
            let made = place.shards("out", split);
            assert_eq!(made.y, [0, 1, 2], "{train}, {test}: {split}");
            assert_eq!(made.image(2)[0], first + 2);
        }
        // One level further down, as archives have it.
        std::fs::create_dir(place.path("outer")).unwrap();
        std::fs::rename(place.path("in"), place.path("outer/mnist_png")).unwrap();
        place.run("export -i outer --gray --split all -o again").ok();
        assert_eq!(place.shards("again", "test").y, [0, 1, 2]);
    }
}

#[test]
fn folders_that_are_numbers_are_these_classes_by_both_doors() {
    let place = Place::new();
    for class in [0, 2, 10, 11] {
        gray(&place, &format!("in/{class}/a.png"), class);
    }
    place.run("export -i in --gray -o out").ok().says(&["folder 11 is class 11 of 12"]);
    let made = place.shards("out", "train");
    for i in 0..4 {
        assert_eq!(made.y[i], made.image(i)[0], "the value of each picture is its class");
    }
    place.run("import in --invert no -o drawn").ok();
    assert_eq!(place.shards("drawn", "train").y, made.y);
    assert_eq!(place.manifest("drawn")["splits"][0]["schema"]["class_names"].as_array().unwrap().len(), 12);
    assert_eq!(place.manifest("out")["splits"][0]["schema"]["class_names"].as_array().unwrap().len(), 12);
    // More classes may be said, fewer not.
    place.run("export -i in --classes 20 -o more").ok();
    assert_eq!(place.manifest("more")["splits"][0]["schema"]["class_names"].as_array().unwrap().len(), 20);
    place.run("export -i in --classes 5 -o fewer").fails(2, &["--classes 5", "12"]);
}

#[test]
fn pictures_without_class_folders_have_no_label() {
    let place = Place::new();
    for class in 0..3 {
        gray(&place, &format!("in/train/{class}/a.png"), class);
    }
    gray(&place, "in/test/one.png", 7);
    gray(&place, "in/test/two.png", 8);
    place
        .run("export -i in --split all --format npz --one-hot -o out")
        .ok()
        .says(&["2 pictures", "no label"]);
    let classes = &place.manifest("out")["splits"][0]["schema"]["class_names"];
    assert_eq!(classes.as_array().unwrap().len(), 3);
    place.run("export -i in --split test -o test").fails(65, &["in/test", "no label", "class folder"]);
    place.run("export -i in/test -o alone").ok();
}

#[test]
fn backgrounds_may_lie_in_folders_below() {
    let place = Place::new();
    for (name, value) in [("train/1.png", 50), ("val/1.png", 90)] {
        place.picture(&format!("bg/{name}"), 30, 40, |y, x| [value, y as u8, x as u8]);
    }
    place.write("bg/train/Thumbs.db", "none").write("bg/val/desktop.ini", "none");
    place.run("colorize -i digits:4 -b bg -o out").ok();
    let told = place.run("explain out 1 --json").ok().out;
    assert!(told.contains("train/1.png") || told.contains("val/1.png"), "{told}");
    // Where there are pictures, folders beside them are passed over, as ever, and that is said.
    place.picture("bg/0.png", 30, 40, |_, x| [x as u8; 3]);
    place
        .run("colorize -i digits:4 -b bg -o again")
        .ok()
        .says(&["2 folders beside the backgrounds passed over"]);
}

#[test]
fn files_of_other_kinds_are_named_for_what_they_are() {
    let place = Place::new();
    let images = Images::new(2, 2, 3);
    place.write("images.idx", images.idx());
    let cases: &[(&str, Vec<u8>, &[&str])] = &[
        ("mnist.parquet", b"PAR1\x15\x04".to_vec(), &["a Parquet file", "pandas.read_parquet"]),
        ("emnist.mat", b"MATLAB 5.0 MAT-file, written by".to_vec(), &["a MATLAB file", "scipy.io.loadmat"]),
        ("emnist73.mat", b"MATLAB 7.3 MAT-file, written by".to_vec(), &["version 7.3", "h5py"]),
        ("mnist.pkl.gz", gzip(b"\x80\x03}q\0"), &["a pickle", "never read"]),
        ("archive.zip", b"PK\x03\x04\x14\0".to_vec(), &["a zip file", "unpack it"]),
        ("model.pt", b"PK\x03\x04\x14\0\0archive/data.pkl".to_vec(), &["a PyTorch file"]),
        (
            "train.csv",
            b"version https://git-lfs.github.com/spec/v1\n".to_vec(),
            &["Git LFS pointer", "git lfs pull"],
        ),
        ("train-images-idx3-ubyte", b"<!DOCTYPE html><html>".to_vec(), &["an HTML page"]),
        ("x.npy", b"\x80\x04\x95".to_vec(), &["a pickle"]),
        ("x.h5", b"\x89HDF\r\n\x1a\n".to_vec(), &["an HDF5 file"]),
        ("work.ipynb", b"{\n \"cells\": []".to_vec(), &["a Jupyter notebook"]),
    ];
    for (name, bytes, words) in cases {
        place.write(name, bytes);
        let run = place.run(&format!("info {name}")).fails(65, words);
        assert!(!run.err.contains("magic number"), "{}", run.err);
        assert_eq!(run.err.matches("help: ").count(), 1, "{}", run.err);
    }
}

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
        .run("export -i in --split all -o all")
        .fails(65, &["in/test", "2 pictures", "no label", "--split train"]);
    place
        .run("export -i in --split train --format npz --one-hot -o out")
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
        (
            "old.mat",
            b"MATLAB 5.0 MAT-file, written by".to_vec(),
            &["a MATLAB file of version 5", "get the file again"],
        ),
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

/// A value as its bytes.
type Bytes = fn(u8) -> Vec<u8>;

/// An IDX file of any type.
fn typed(code: u8, dims: &[u32], body: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, dims.len() as u8];
    bytes.extend(dims.iter().flat_map(|dim| dim.to_be_bytes()));
    bytes.extend(body);
    bytes
}

#[test]
fn idx_files_of_every_type_are_read() {
    let place = Place::new();
    let images = Images::new(4, 2, 3);
    place.idx("plain", &images);
    place.run("export -i plain -o right").ok();
    let right = place.shards("right", "train");
    let wide =
        |bytes: fn(u8) -> Vec<u8>| images.pixels.iter().flat_map(move |&v| bytes(v)).collect::<Vec<u8>>();
    let cases: &[(u8, Bytes)] = &[
        (0x0b, |v| i16::from(v).to_be_bytes().to_vec()),
        (0x0c, |v| i32::from(v).to_be_bytes().to_vec()),
        (0x0d, |v| f32::from(v).to_be_bytes().to_vec()),
        (0x0e, |v| f64::from(v).to_be_bytes().to_vec()),
    ];
    let labels =
        |code, bytes: fn(u8) -> Vec<u8>| typed(code, &[4], images.labels.iter().flat_map(|&v| bytes(v)));
    for &(code, bytes) in cases {
        for packed in [false, true] {
            let pack = |bytes: Vec<u8>| if packed { gzip(&bytes) } else { bytes };
            let folder = format!("in{code}{packed}");
            let ending = if packed { ".gz" } else { "" };
            place.write(
                &format!("{folder}/train-images-idx3-float{ending}"),
                pack(typed(code, &[4, 2, 3], wide(bytes))),
            );
            place.write(&format!("{folder}/train-labels-idx1-int{ending}"), pack(labels(code, bytes)));
            place.run(&format!("export -i {folder} -o out{folder}")).ok();
            let made = place.shards(&format!("out{folder}"), "train");
            assert_eq!((&made.x, &made.y), (&right.x, &right.y), "{code:#x} {packed}");
        }
    }
    // Floats from 0 to 1, channels first, files given by hand.
    let unit = images.pixels.iter().flat_map(|&v| (f32::from(v) / 255.0).to_be_bytes());
    place.write("x.idx", typed(0x0d, &[4, 1, 2, 3], unit)).write("y.idx", images.label_idx());
    place.run("export -i x.idx --label-file y.idx --float-range 0-1 -o unit").ok();
    assert_eq!(place.shards("unit", "train").x, right.x);
    let color = Images::with_channels(2, 2, 5, 3);
    let planes: Vec<u8> = (0..2)
        .flat_map(|i| (0..3).flat_map(move |c| (0..10).map(move |p| (i, p * 3 + c))))
        .map(|(i, at): (usize, usize)| color.image(i)[at])
        .collect();
    place.write("c.idx", typed(8, &[2, 3, 2, 5], planes)).write("l.idx", color.label_idx());
    place.run("export -i c.idx --label-file l.idx -o color").ok();
    assert_eq!(place.shards("color", "train").x, color.pixels);
    // What is cut off, and what cannot be pixels.
    place.write("short.idx", typed(0x0d, &[4, 2, 3], [0; 7]));
    place.run("info short.idx --label-file y.idx").fails(65, &["short.idx", "cut off"]);
    place.write("short.idx.gz", gzip(&typed(0x0d, &[4, 2, 3], [0; 7])));
    place.run("info short.idx.gz --label-file y.idx").fails(65, &["short.idx.gz"]);
    place.write("huge.idx.gz", gzip(&typed(0x0d, &[u32::MAX, u32::MAX, u32::MAX], [0; 64])));
    place.run("info huge.idx.gz --label-file y.idx").fails(65, &["huge.idx.gz"]);
    place.write("minus.idx", typed(0x0b, &[4, 2, 3], [0xff; 48]));
    place.run("info minus.idx --label-file y.idx").fails(65, &["minus.idx"]);
}

#[test]
fn qmnists_labels_are_read_as_they_were_published() {
    let place = Place::new();
    let images = Images::new(3, 2, 3);
    let rows = images.labels.iter().flat_map(|&label| {
        [u32::from(label), 4, 2326, 17, 259, 229_421, 0, 0].into_iter().flat_map(u32::to_be_bytes)
    });
    place
        .write("q/qmnist-train-images-idx3-ubyte.gz", gzip(&images.idx()))
        .write("q/qmnist-train-labels-idx2-int.gz", gzip(&typed(0x0c, &[3, 8], rows)));
    for source in ["q", "q/qmnist", "q/qmnist-train-images-idx3-ubyte.gz"] {
        place.run(&format!("export -i {source} --force -o out")).ok().says(&["the first is the class"]);
        let made = place.shards("out", "train");
        assert_eq!((&made.x, &made.y), (&images.pixels, &images.labels), "{source}");
    }
}

#[test]
fn a_folder_of_several_sets_is_named_by_their_beginnings() {
    let place = Place::new();
    let (digits, letters) = (Images::new(3, 2, 3), Images::new(5, 2, 3));
    place.idx_named("gzip", "emnist-digits-train", &digits).idx_named(
        "gzip",
        "emnist-letters-train",
        &letters,
    );
    place.idx_named("gzip", "emnist-digits-test", &letters);
    place.run("info gzip").fails(2, &["emnist-digits, emnist-letters", "--input gzip/emnist-digits"]);
    place
        .run("export -i gzip/emnist-digits --split all -o out")
        .ok()
        .says(&["published transposed", "--transpose"]);
    assert_eq!(place.shards("out", "train").x, digits.pixels);
    assert_eq!(place.shards("out", "test").x, letters.pixels);
    let run = place.run("export -i gzip/emnist-digits --transpose -o turned").ok();
    assert!(!run.err.contains("transposed"), "{}", run.err);
    let turned = place.shards("turned", "train");
    assert_eq!(turned.shape, [3, 2]);
    for i in 0..3 {
        for at in 0..6 {
            assert_eq!(turned.image(i)[at % 3 * 2 + at / 3], digits.image(i)[at]);
        }
    }
    place.run("verify turned --rebuild").ok();
    place.run("info gzip/emnist-nothing").fails(66, &["no such file or folder"]);
}

#[test]
fn pointers_in_folders_are_named_as_well() {
    let place = Place::new();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
    let images = Images::new(2, 2, 3);
    place.idx("idx", &images).write("idx/train-labels-idx1-ubyte", pointer);
    place.write("csv/train.csv", pointer);
    place.write("npz/mnist.npz", pointer);
    place.write("npy/x_train.npy", pointer).write("npy/y_train.npy", pointer);
    place.write("images.idx", images.idx()).write("labels.idx", pointer);
    for source in ["idx", "csv", "npz", "npy", "images.idx --label-file labels.idx"] {
        place.run(&format!("info {source}")).fails(65, &["Git LFS pointer", "git lfs pull"]);
    }
}

#[test]
fn what_archives_and_file_managers_leave_behind_is_no_class() {
    let place = Place::new();
    for class in ["cat", "dog"] {
        gray(&place, &format!("in/{class}/1.png"), 9);
        place.write(&format!("in/__MACOSX/{class}/._1.png"), b"Mac OS X").write("in/Thumbs.db", b"\xd0\xcf");
    }
    let run = place.run("export -i in --gray -o out").ok();
    assert!(!run.err.contains("__MACOSX") && !run.err.contains("Thumbs"), "{}", run.err);
    let names = &place.manifest("out")["splits"][0]["schema"]["class_names"];
    assert_eq!(names.as_array().unwrap().len(), 2, "{names}");
}

#[test]
fn options_that_a_kind_of_input_does_not_have_are_told() {
    let place = Place::new();
    gray(&place, "in/0/a.png", 9);
    place
        .run("info in --float-range 0-1")
        .ok()
        .says(&["warning: in: --float-range is passed over", "pictures"]);
    place.run("info digits:5 --shape 28x28").ok().says(&["--shape is passed over", "digits or digits:N"]);
}

/// Pictures of one value each, and with each the label of its value.
fn shades(place: &Place, folder: &str, values: &[u8]) -> String {
    let names = (0..values.len()).map(|i| format!("{i}.png"));
    names
        .zip(values)
        .map(|(name, &value)| {
            gray(place, &format!("{folder}/{name}"), value);
            format!("{name},{}\n", value / 10)
        })
        .collect::<Vec<_>>()
        .concat()
}

/// Whether every image has the label that its value says.
fn are_right(place: &Place, out: &str, split: &str, images: usize) {
    let made = place.shards(out, split);
    assert_eq!(made.y.len(), images, "{out} {split}");
    for (i, y) in made.y.iter().enumerate() {
        assert_eq!(made.image(i)[0] / 10, *y, "{out} {split} {i}");
    }
}

#[test]
fn lists_belong_to_their_split_or_folder() {
    let place = Place::new();
    let header = "filename,label\n";
    // Names that are the same in both, a list for each, by its name or its place.
    for (case, [train, test]) in [
        ("a", ["train_labels.csv", "test_labels.csv"]),
        ("b", ["train.csv", "test.csv"]),
        ("c", ["train/labels.csv", "test/metadata.csv"]),
        ("d", ["trainLabels.csv", "annotations/test.csv"]),
    ] {
        let rows = shades(&place, &format!("{case}/train"), &[10, 20, 30]);
        place.write(&format!("{case}/{train}"), format!("{header}{rows}"));
        let rows = shades(&place, &format!("{case}/test"), &[70, 80]);
        place.write(&format!("{case}/{test}"), format!("{header}{rows}"));
        place.run(&format!("export -i {case} --gray -o out-{case}")).ok();
        are_right(&place, &format!("out-{case}"), "train", 3);
        are_right(&place, &format!("out-{case}"), "test", 2);
    }
    // A list of one split says nothing of the other.
    let rows = shades(&place, "e/train", &[10, 20, 30]);
    place.write("e/train_labels.csv", format!("{header}{rows}"));
    shades(&place, "e/test", &[70, 80]);
    place.run("export -i e --gray -o out-e").ok().says(&["passed over 2 of 5 pictures"]);
    are_right(&place, "out-e", "train", 3);
    assert_eq!(place.manifest("out-e")["splits"].as_array().unwrap().len(), 1);
    // Class folders in one split, a list in the other.
    for value in [10, 20] {
        gray(&place, &format!("f/train/{}/0.png", value / 10), value);
    }
    let rows = shades(&place, "f/test", &[20, 10]);
    place.write("f/test_labels.csv", format!("{header}{rows}"));
    place.run("export -i f --gray -o out-f").ok();
    are_right(&place, "out-f", "train", 2);
    are_right(&place, "out-f", "test", 2);
    // A name that two pictures have.
    gray(&place, "g/a/0.png", 10);
    gray(&place, "g/b/0.png", 20);
    place.write("g/labels.csv", "filename,label\n0.png,1\n");
    place.run("info g").fails(65, &["g/labels.csv: row 1", "g/a/0.png", "g/b/0.png", "the folder as well"]);
    // A column says the split.
    let rows = shades(&place, "h", &[10, 20, 30]);
    let rows: String = rows
        .lines()
        .zip(["train", "test", "train"])
        .map(|(row, split)| format!("{row},{split}\n"))
        .collect::<Vec<_>>()
        .concat();
    place.write("h/labels.csv", format!("filename,label,split\n{rows}"));
    place.run("export -i h --gray -o out-h").ok();
    are_right(&place, "out-h", "train", 2);
    are_right(&place, "out-h", "test", 1);
}

#[test]
fn lists_are_understood_whatever_their_names_look_like() {
    let place = Place::new();
    let write = |case: &str, list: &str, text: &dyn Fn(usize, u8) -> String| {
        let values = [70, 10, 30];
        shades(&place, case, &values);
        let rows: String = values.iter().enumerate().map(|(i, value)| text(i, value / 10)).collect();
        let header = match list.rsplit_once(';') {
            Some((_, header)) if !header.is_empty() => format!("{header}\n"),
            Some(_) | None => String::new(),
        };
        let name = list.split(';').next().unwrap();
        place.write(&format!("{case}/{name}"), format!("{header}{rows}"));
        place.run(&format!("export -i {case} --gray -o out-{case}")).ok();
        are_right(&place, &format!("out-{case}"), "train", 3);
    };
    write("a", "labels.csv;fname,y", &|i, label| format!("{i}.png,{label}\n"));
    write("b", "labels.csv;image_name,label", &|i, label| format!("{i}.PNG,{label}\n"));
    write("c", "labels.csv;path,label", &|i, label| format!("c\\{i}.jpg,{label}\n"));
    write("d", "labels.csv;filename,label", &|i, label| format!("/content/d/{i}.png,{label}\n"));
    write("e", "labels.txt;", &|i, label| format!("{i}.png {label}\n"));
    write("f", "labels.txt;", &|i, label| format!("{i}.png\t{label}\n"));
    write("g", "labels.txt;", &|_, label| format!("{label}\n"));
    write("i", "trainLabels.csv;id,label", &|i, label| format!("000{i},{label}\n"));
    // The list lies elsewhere.
    shades(&place, "j", &[70, 10]);
    place.write("list.csv", "filename,label\n0.png,7\n1.png,1\n").write("other.csv", "a,b,c\n1,2,3\n");
    place.run("export -i j --label-file list.csv --gray -o out-j").ok();
    are_right(&place, "out-j", "train", 2);
    place.run("info j --label-file other.csv").fails(2, &["--label-file other.csv", "filename and label"]);
    // Other pictures, captions, and what is read by nobody.
    place.write("j/labels.csv", "filename,label\nx.png,7\n");
    place.run("info j").fails(65, &["j/labels.csv", "\"x.png\"", "j/0.png"]);
    place.write("j/labels.csv", "file_name,text\n0.png,a seven\n1.png,a one\n2.png,a dog\n");
    place.run("info j").ok().says(&["column text is not taken for labels", "j has no labels"]);
    std::fs::remove_file(place.path("j/labels.csv")).unwrap();
    place
        .write("j/labels.npy", "")
        .run("info j")
        .ok()
        .says(&["j has no labels", "j/labels.npy may hold them"]);
}

#[test]
fn tables_beside_class_folders_are_passed_over() {
    for (name, text) in [
        ("results.csv", "epoch,loss,acc\n1,0.5,0.8\n"),
        ("notes.csv", "writer,age\nA,23\n"),
        ("stats.csv", "a\n1\n"),
        ("history.tsv", "a\tb\n1\t2\n"),
        ("sample_submission.csv", "ImageId,Label\n1,0\n2,0\n"),
        ("class_names.csv", "id,name\n0,zero\n1,one\n"),
        ("test.csv", "id\n1\n2\n"),
        ("train.csv", "ImageId,Label\n1,0\n2,0\n"),
    ] {
        let place = Place::new();
        for i in 0..6_u8 {
            gray(&place, &format!("in/{}/{i}.png", i % 3), i % 3 * 10);
        }
        place.write(&format!("in/{name}"), text);
        place.run("export -i in --gray -o out").ok();
        are_right(&place, "out", "train", 6);
    }
}

#[test]
fn names_of_classes_may_lie_beside_their_folders() {
    let place = Place::new();
    for (name, value) in [("zero", 0), ("one", 10), ("two", 20)] {
        gray(&place, &format!("in/{name}/a.png"), value);
    }
    place.run("export -i in -o text").ok().says(&["text order", "classes.txt"]);
    place.write("in/classes.txt", "zero\none\ntwo\n");
    place.run("export -i in --gray -o out").ok();
    are_right(&place, "out", "train", 3);
    place.run("import in --invert no --size 3x2 --fit stretch --background keep -o drawn").ok();
    are_right(&place, "drawn", "train", 3);
}

#[test]
fn several_data_sets_in_a_folder_are_named() {
    let place = Place::new();
    for set in ["mnist", "usps"] {
        for class in 0..3 {
            gray(&place, &format!("in/{set}/{class}/a.png"), class * 10);
        }
    }
    let run = place.run("info in").fails(65, &["in/mnist", "in/usps", "--input in/mnist --input in/usps"]);
    assert!(!run.err.contains("warning"), "{}", run.err);
    place.run("export -i in/mnist -i in/usps --gray -o out").ok();
    are_right(&place, "out", "train", 6);
    // A lone folder is only a wrapper.
    std::fs::remove_dir_all(place.path("in/usps")).unwrap();
    place.run("export -i in --gray -o one").ok();
    are_right(&place, "one", "train", 3);
    place.run("import in --invert no -o drawn").ok();
    assert_eq!(place.shards("drawn", "train").y, [0, 1, 2]);
}

#[test]
fn backgrounds_lie_among_other_files() {
    let place = Place::new();
    place.picture("bg/data/images/train/1.png", 30, 40, |y, x| [9, y as u8, x as u8]);
    place
        .write("bg/data/groundTruth/train/1.mat", "MATLAB 5.0 MAT-file")
        .write("bg/iids_train.txt", "1")
        .write("bg/BSDS500.tgz", "\x1f");
    place.run("colorize -i digits:4 -b bg -o out").ok().says(&["passed over 3 files, no pictures"]);
    place.write("only/BSDS500.tgz", "\x1f");
    place.run("colorize -i digits:4 -b only -o no").fails(65, &["found none", "BSDS500.tgz", "unpack"]);
}

//! Data sets that are not IDX, or whose labels are not classes, arrive as folders that every command reads.

use std::io::Write;

use crate::server::Server;
use crate::world::{Known, World, facts, gunzip, gzip, idx, noise};

/// A world with one data set, of this catalogue entry and these files.
fn world(entry: &str, files: &[(&str, Vec<u8>)]) -> World {
    let world = World::new(&[]);
    let names: Vec<String> = files.iter().map(|(name, _)| format!("{{ name = '{name}' }}")).collect();
    let text = format!(
        "version = 1\n[[dataset]]\nname = 'tiny'\ntitle = 'Tiny'\nlicense = 'X'\nterms = 'free'\nfile = [{}]\n{entry}",
        names.join(", ")
    );
    world.write("catalogue.toml", text.as_bytes());
    for (name, bytes) in files {
        world.write(&format!("mine/{name}"), bytes);
    }
    world
}

const FETCH: &str = "--from-dir mine --allow-unpinned";

fn zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn npy(descr: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes(), body].concat()
}

/// What `info` counts for each class, by name.
fn counts(world: &World, split: &str) -> Vec<(String, u64)> {
    let json = world.run("info tiny --json").ok().json();
    let splits = json["splits"].as_array().unwrap();
    let split = splits.iter().find(|found| found["name"] == split).expect("the split");
    split["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|class| (class["name"].as_str().unwrap().to_owned(), class["count"].as_u64().unwrap()))
        .collect()
}

fn named(counts: &[(&str, u64)]) -> Vec<(String, u64)> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[test]
fn an_archive_of_images_on_their_side_with_labels_from_1() {
    // Two rows of three as they are stored, column by column, from pictures of three rows of two... of four images.
    let images = noise(4 * 6, 3);
    let entry = "shape = [2, 3]\nclasses = 3\nclass_names = ['a', 'b', 'c']\ntransposed = true\nlabel_values = [1, 2, 3]\n\
        split = [{ name = 'train', count = 4, images = 'all.zip#in/images.gz', labels = 'all.zip#in/labels.gz' }]\n";
    let archive = |labels: &[u8]| {
        zip(&[
            ("in/images.gz", gzip(&idx(8, &[4, 2, 3], &images), 6)),
            ("in/labels.gz", gzip(&idx(8, &[4], labels), 6)),
        ])
    };
    let labels = [3, 1, 3, 2];
    let world = world(entry, &[("all.zip", archive(&labels))]);
    world.fetch(FETCH).ok();
    assert_eq!(counts(&world, "train"), named(&[("a", 1), ("b", 1), ("c", 2)]));
    let stored = world.read("data/tiny/train-images-idx3-ubyte");
    // Row y, column x of the picture is stored at x * height + y.
    let upright: Vec<u8> = images
        .chunks(6)
        .flat_map(|image| (0..2).flat_map(move |y| (0..3).map(move |x| image[x * 2 + y])))
        .collect();
    assert_eq!(stored, idx(8, &[4, 2, 3], &upright));
    assert_eq!(world.read("data/tiny/train-labels-idx1-ubyte"), idx(8, &[4], &[2, 0, 2, 1]));
    assert_eq!(world.read("data/tiny/train-labels-original-idx1-ubyte"), idx(8, &[4], &labels));
    world.fetch("--verify-only").ok();
    world.fetch(FETCH).ok().says(&["there already"]);
    // On request they stay as they are; that is another data set, and said to be one.
    world.fetch("--as-stored --verify-only").fails(65, &["upright"]);
    world.fetch("--as-stored --offline").ok();
    assert_eq!(world.read("data/tiny/train-images-idx3-ubyte"), idx(8, &[4, 2, 3], &images));
    // A label that is none of the known ones.
    world.write("mine/all.zip", &archive(&[3, 0, 3, 2]));
    world.remove("cache");
    world.remove("data");
    world
        .fetch(&format!("{FETCH} --no-lock"))
        .fails(65, &["label 1: expected one of the labels [1, 2, 3], found 0"]);
    assert!(!world.path("data/tiny").exists());
}

#[test]
fn several_data_sets_in_one_archive_come_at_once() {
    let archive = zip(&[
        ("a/images", idx(8, &[2, 2, 2], &noise(8, 1))),
        ("a/labels", idx(8, &[2], &[0, 1])),
        ("b/images", idx(8, &[1, 2, 2], &noise(4, 1))),
        ("b/labels", idx(8, &[1], &[1])),
    ]);
    let mut text = "version = 1\n".to_owned();
    for (name, count) in [("a", 2), ("b", 1)] {
        text = format!(
            "{text}[[dataset]]\nname = 'set-{name}'\ngroup = 'sets'\ntitle = 'Set {name}'\nlicense = 'X'\nterms = 'free'\n\
            mirrors = []\nshape = [2, 2]\nclasses = 2\nfile = [{}]\nsplit = [{{ name = 'train', count = {count}, images = \
            'all.zip#{name}/images', labels = 'all.zip#{name}/labels' }}]\n",
            facts("all.zip", &archive, Known::Md5)
        );
    }
    let server = Server::start(move |request, answer| answer.file(request, &archive));
    let world = World::new(&[]);
    world.write("catalogue.toml", text.as_bytes());
    world.run(&format!("fetch sets --catalogue catalogue.toml --dir sets --mirror {}", server.url())).ok();
    assert_eq!(world.read("sets/set-a/train-images-idx3-ubyte"), idx(8, &[2, 2, 2], &noise(8, 1)));
    assert_eq!(world.read("sets/set-b/train-labels-idx1-ubyte"), idx(8, &[1], &[1]));
    assert_eq!(world.read("sets/set-b/classes.txt"), b"0\n1\n");
    world.run("fetch set-b --catalogue catalogue.toml").ok();
    assert_eq!(server.requests().len(), 1, "one archive, one request");
    world.run("info set-b").ok();
}

#[test]
fn numpy_arrays_in_color_with_three_splits() {
    let mut members = Vec::new();
    for (split, n) in [("train", 5), ("val", 2), ("test", 3)] {
        let images = npy("|u1", &format!("({n}, 4, 5, 3)"), &noise(n * 60, n as u32));
        let labels: Vec<u8> = (0..n as u8).map(|i| i % 2).collect();
        members.push((format!("{split}_images.npy"), images));
        members.push((format!("{split}_labels.npy"), npy("|u1", &format!("({n}, 1)"), &labels)));
    }
    let members: Vec<(&str, Vec<u8>)> =
        members.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let entry = "form = 'npz'\nshape = [4, 5, 3]\nclasses = 2\nclass_names = ['normal', 'ill']\nsplit = [\n\
        { name = 'train', count = 5, images = 'a.npz#train_images', labels = 'a.npz#train_labels' },\n\
        { name = 'val', count = 2, images = 'a.npz#val_images', labels = 'a.npz#val_labels' },\n\
        { name = 'test', images = 'a.npz#test_images', labels = 'a.npz#test_labels' },\n]\n";
    let world = world(entry, &[("a.npz", zip(&members))]);
    world.fetch(FETCH).ok();
    assert_eq!(counts(&world, "train"), named(&[("normal", 3), ("ill", 2)]));
    assert_eq!(counts(&world, "val"), named(&[("normal", 1), ("ill", 1)]));
    assert_eq!(counts(&world, "test"), named(&[("normal", 2), ("ill", 1)]));
    assert_eq!(world.read("data/tiny/val-images-idx4-ubyte"), idx(8, &[2, 4, 5, 3], &noise(120, 2)));
    world.run("export --input tiny --split val --out out").ok();
}

#[test]
fn numpy_arrays_of_wide_integers_and_of_several_classes_an_image() {
    let wide: Vec<u8> = [0_i64, 2, 1].iter().flat_map(|n| n.to_le_bytes()).collect();
    let images = zip(&[("arr_0.npy", npy("|u1", "(3, 2, 2)", &noise(12, 1)))]);
    let entry = "form = 'npz'\nshape = [2, 2]\nclasses = 3\nsplit = [\n\
        { name = 'train', images = 'i.npz#arr_0', labels = 'l.npz#arr_0' },\n]\n";
    let files = [("i.npz", images.clone()), ("l.npz", zip(&[("arr_0.npy", npy("<i8", "(3,)", &wide))]))];
    let first = world(entry, &files);
    first.fetch(FETCH).ok();
    assert_eq!(counts(&first, "train"), named(&[("0", 1), ("1", 1), ("2", 1)]));
    let several = zip(&[("arr_0.npy", npy("|u1", "(3, 3)", &[1, 0, 1, 0, 0, 0, 1, 1, 1]))]);
    let second = world(&format!("multi_label = true\n{entry}"), &[("i.npz", images), ("l.npz", several)]);
    second.fetch(FETCH).ok();
    assert_eq!(counts(&second, "train"), named(&[("0", 2), ("1", 1), ("2", 2)]));
    let json = second.run("info tiny --json").ok().json();
    assert_eq!(json["splits"][0]["labels"], "multi_hot");
    second.run("export --input tiny --out out").ok();
}

#[test]
fn lines_of_numbered_values_in_bzip2() {
    // All pixels, some of them, none of them.
    let text = "1 1:-1 2:1 3:0.5 4:-0.25\n10 2:0.999 4:1\n2\n";
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let entry = "form = 'libsvm'\nshape = [2, 2]\nclasses = 10\nlabel_values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n\
        split = [{ name = 'train', count = 3, images = 'u.bz2' }, { name = 'test', images = 'u.t' }]\n";
    let first = world(entry, &[("u.bz2", packed.clone()), ("u.t", b"+5 1:0.1\n".to_vec())]);
    first.fetch(FETCH).ok();
    let pixels = [0, 255, 191, 95, 127, 254, 127, 255, 127, 127, 127, 127];
    assert_eq!(first.read("data/tiny/train-images-idx3-ubyte"), idx(8, &[3, 2, 2], &pixels));
    assert_eq!(first.read("data/tiny/train-labels-idx1-ubyte"), idx(8, &[3], &[0, 9, 1]));
    assert_eq!(first.read("data/tiny/train-labels-original-idx1-ubyte"), idx(8, &[3], &[1, 10, 2]));
    assert_eq!(first.read("data/tiny/t10k-labels-idx1-ubyte"), idx(8, &[1], &[4]));
    for (line, says) in [
        ("1 5:0.5\n", "line 1: expected number:value"),
        ("1 0:0.5\n", "line 1: expected number:value"),
        ("1 1:0.5\n2 1:1.5\n", "line 2: expected number:value"),
        ("1 1:NaN\n", "line 1: expected number:value"),
        ("x 1:1\n", "line 1: expected a label"),
        ("11 1:1\n", "label 0: expected one of the labels"),
    ] {
        let broken = world(entry, &[("u.bz2", packed.clone()), ("u.t", line.as_bytes().to_vec())]);
        broken.fetch(FETCH).fails(65, &["u.t", says]);
        assert!(!broken.path("data/tiny").exists());
    }
}

#[test]
fn tables_with_holes_in_their_labels() {
    let header = "label,pixel1,pixel2,pixel3,pixel4\n";
    let entry = "form = 'csv'\nshape = [2, 2]\nclasses = 3\nclass_names = ['A', 'B', 'D']\nlabel_values = [0, 1, 3]\n\
        note = 'log in there'\nsplit = [{ name = 'train', images = 'a.csv' }]\n";
    let first = world(entry, &[("a.csv", format!("{header}3,0,1,2,255\n0,9,9,9,9\n").into_bytes())]);
    first.fetch("--allow-unpinned").fails(66, &["no address", "log in there", "--from-dir"]);
    first.fetch(FETCH).ok();
    assert_eq!(counts(&first, "train"), named(&[("A", 1), ("B", 0), ("D", 1)]));
    assert_eq!(
        first.read("data/tiny/train-images-idx3-ubyte"),
        idx(8, &[2, 2, 2], &[0, 1, 2, 255, 9, 9, 9, 9])
    );
    for (text, says) in [
        (format!("{header}2,0,0,0,0\n"), "label 0: expected one of the labels [0, 1, 3], found 2"),
        (format!("{header}1,0,0,256,0\n"), "line 2: expected a value from 0 to 255"),
        (format!("{header}1,0,0,0\n"), "rows of equal length"),
        ("id,pixel1,pixel2,pixel3,pixel4\n1,1,1,1,1\n".into(), "a column label and 4 pixels"),
    ] {
        world(entry, &[("a.csv", text.into_bytes())]).fetch(FETCH).fails(65, &["a.csv", says]);
    }
}

#[test]
fn labels_that_know_their_writers() {
    let rows: Vec<u8> = [[7_i32, 0, 500, 1, 2, 3, 0, 0], [1, 0, 12, 4, 5, 6, 0, 0]]
        .concat()
        .iter()
        .flat_map(|n| n.to_be_bytes())
        .collect();
    let images = gzip(&idx(8, &[2, 3, 3], &noise(18, 1)), 6);
    let labels = gzip(&idx(12, &[2, 8], &rows), 6);
    let entry = "form = 'idx-extended'\nshape = [3, 3]\nclasses = 10\n\
        split = [{ name = 'train', count = 2, images = 'q-images.gz', labels = 'q-labels.gz' }]\n";
    let first = world(entry, &[("q-images.gz", images.clone()), ("q-labels.gz", labels.clone())]);
    first.fetch(FETCH).ok();
    assert_eq!(first.read("data/tiny/train-images-idx3-ubyte.gz"), images);
    assert_eq!(first.read("data/tiny/train-labels-idx2-int.gz"), labels);
    assert_eq!(first.read("data/tiny/train-labels-idx1-ubyte"), idx(8, &[2], &[7, 1]));
    assert_eq!(first.read("data/tiny/train-groups.txt"), b"500\n12\n");
    assert_eq!(counts(&first, "train")[7], ("7".to_owned(), 1));
    first.fetch("--verify-only").ok();
    let short = world(entry, &[("q-images.gz", images), ("q-labels.gz", gzip(&gunzip(&labels)[..40], 6))]);
    short.fetch(FETCH).fails(65, &["q-labels.gz"]);
    assert!(!short.path("data/tiny").exists());
}

#[test]
fn files_under_other_names_and_a_third_split() {
    let file = |n: u32| gzip(&idx(8, &[n, 2, 2], &noise(n as usize * 4, n)), 6);
    let labels = |n: u32| gzip(&idx(8, &[n], &(0..n as u8).collect::<Vec<_>>()), 6);
    let entry = "shape = [2, 2]\nclasses = 10\nsplit = [\n\
        { name = 'train', count = 6, images = 'X_train.gz', labels = 'y_train.gz' },\n\
        { name = 'test', count = 3, images = 'X_test.gz', labels = 'y_test.gz' },\n\
        { name = 'dig', count = 4, images = 'X_dig.gz', labels = 'y_dig.gz' },\n]\n";
    let files = [
        ("X_train.gz", file(6)),
        ("y_train.gz", labels(6)),
        ("X_test.gz", file(3)),
        ("y_test.gz", labels(3)),
        ("X_dig.gz", file(4)),
        ("y_dig.gz", labels(4)),
    ];
    let world = world(entry, &files);
    world.fetch(FETCH).ok();
    assert_eq!(world.read("data/tiny/dig-images-idx3-ubyte.gz"), files[4].1);
    for (split, n) in [("train", 6), ("test", 3), ("dig", 4)] {
        assert_eq!(counts(&world, split).iter().map(|(_, count)| count).sum::<u64>(), n);
    }
    world.run("export --input tiny --split dig --out out").ok();
    // The header of each file is checked against the catalogue.
    world.write("mine/X_dig.gz", &file(5));
    world.remove("cache");
    world.remove("data");
    world
        .fetch(&format!("{FETCH} --no-lock"))
        .fails(65, &["X_dig.gz", "expected an IDX file of 4 x 2 x 2, found [5, 2, 2]"]);
}

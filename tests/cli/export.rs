//! `export`, and what is common to all sources and shards: files in, selection, NPZ and CSV out.

use crate::harness::{Images, Place};

#[test]
fn idx_files_come_out_as_they_went_in() {
    for (height, width, channels) in [(5, 7, 1), (1, 1, 1), (4, 3, 3), (28, 28, 1)] {
        let place = Place::new();
        let (train, test) = (
            Images::with_channels(23, height, width, channels),
            Images::with_channels(11, height, width, channels),
        );
        place.idx("in", &train).idx_test_gz("in", &test);
        place.run("export --input in --out out --shard-size 10").ok();
        for (split, images) in [("train", &train), ("test", &test)] {
            let shards = place.shards("out", split);
            assert_eq!(shards.x, images.pixels);
            assert_eq!((shards.labels, &shards.y), (1, &images.labels));
            assert_eq!(shards.origin, (0..images.len() as i64).collect::<Vec<_>>());
            let shape = [height, width, channels];
            assert_eq!(shards.shape, if channels == 1 { &shape[..2] } else { &shape[..] });
        }
        assert_eq!(
            place.names("out"),
            [
                "manifest.json",
                "test-00000-of-00002.npz",
                "test-00001-of-00002.npz",
                "train-00000-of-00003.npz",
                "train-00001-of-00003.npz",
                "train-00002-of-00003.npz",
            ]
        );
    }
}

#[test]
fn two_files_are_given_by_hand() {
    let (place, images) = (Place::new(), Images::new(6, 2, 3));
    place.write("a/pictures.bin", images.idx()).write("b/answers.bin", images.label_idx());
    place.run("export --input a/pictures.bin --label-file b/answers.bin --out out").ok();
    assert_eq!(place.shards("out", "train").x, images.pixels);
    assert_eq!(place.shards("out", "train").y, images.labels);
    // Labels under the matching name are found.
    place.write("c/x-images-idx3-ubyte", images.idx()).write("c/x-labels-idx1-ubyte", images.label_idx());
    place.run("export --input c/x-images-idx3-ubyte --out beside").ok();
    assert_eq!(place.shards("beside", "train").y, images.labels);
    place.run("export --input c --label-file b/answers.bin --out no").fails(2, &["--label-file", "folder"]);
}

/// `--labels`, of what is left `--range`, of what is left `--limit`.
#[test]
fn some_samples_are_selected() {
    let (place, images) = (Place::new(), Images::new(60, 2, 2));
    place.idx("in", &images);
    let chosen = |options: &str| -> Vec<i64> {
        place.run(&format!("export -i in -o out --force {options}")).ok();
        place.shards("out", "train").origin
    };
    let of = |classes: &[u8]| -> Vec<i64> {
        (0..60).filter(|&i| classes.contains(&images.labels[i as usize])).collect()
    };
    assert_eq!(chosen("--labels 5-9,0"), of(&[5, 6, 7, 8, 9, 0]));
    assert_eq!(chosen("--labels 3"), of(&[3]));
    assert_eq!(chosen("--limit 7"), (0..7).collect::<Vec<_>>());
    assert_eq!(chosen("--limit 7000"), (0..60).collect::<Vec<_>>());
    assert_eq!(chosen("--range 10:13"), [10, 11, 12]);
    assert_eq!(chosen("--range 58:"), [58, 59]);
    assert_eq!(chosen("--range :2"), [0, 1]);
    assert_eq!(chosen("--labels 1-2 --range 3:9 --limit 4"), of(&[1, 2])[3..7]);
}

#[test]
fn inputs_are_put_one_after_the_other() {
    let (place, a, b) = (Place::new(), Images::new(5, 3, 2), Images::with_channels(4, 3, 2, 1));
    place.idx("a", &a).idx("b", &b).idx("other", &Images::new(2, 2, 3));
    place.run("export -i b -i a -o out --split train").ok();
    let shards = place.shards("out", "train");
    assert_eq!(shards.x, [b.pixels, a.pixels].concat());
    assert_eq!(shards.y, [b.labels, a.labels].concat());
    place.run("export -i a -i other -o no").fails(65, &["a (train)", "other (train)", "3x2x1", "2x3x1"]);
}

#[test]
fn csv_has_a_header_and_rows_in_height_width_channel_order() {
    let (place, images) = (Place::new(), Images::with_channels(3, 2, 2, 3));
    place.idx("in", &images);
    place.run("export -i in --format csv --shard-size 2 -o out").ok();
    let mut expected = vec![];
    for rows in [0..2, 2..3] {
        let mut text =
            "label,pixel0,pixel1,pixel2,pixel3,pixel4,pixel5,pixel6,pixel7,pixel8,pixel9,pixel10,pixel11\n"
                .to_owned();
        for i in rows {
            let row: Vec<String> =
                [images.labels[i]].iter().chain(images.image(i)).map(u8::to_string).collect();
            text += &(row.join(",") + "\n");
        }
        expected.push(text.into_bytes());
    }
    let files = place.files("out");
    assert_eq!(files["train-00000-of-00002.csv"], expected[0]);
    assert_eq!(files["train-00001-of-00002.csv"], expected[1]);
    // And back again.
    place.run("export -i out -o back").ok();
    assert_eq!(place.shards("back", "train").x, images.pixels);
}

#[test]
fn csv_of_several_objects_has_a_column_for_each_class() {
    let place = Place::new();
    place.idx("in", &Images::new(8, 1, 2));
    place.run("quadrant -i in --objects 0-4 --count 30 -o npz").ok();
    place.run("quadrant -i in --objects 0-4 --count 30 --format csv -o csv").ok();
    let shards = place.shards("npz", "train");
    let text = String::from_utf8(place.files("csv")["train-00000-of-00001.csv"].clone()).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next().unwrap(),
        "label0,label1,label2,label3,label4,label5,label6,label7,label8,label9,\
         pixel0,pixel1,pixel2,pixel3,pixel4,pixel5,pixel6,pixel7"
    );
    for (i, line) in lines.enumerate() {
        let values: Vec<u8> = line.split(',').map(|v| v.parse().unwrap()).collect();
        assert_eq!((&values[..10], &values[10..]), (&shards.y[10 * i..10 * i + 10], shards.image(i)));
    }
    // The promise is about content, whatever the format.
    place.run("export -i npz -o again").ok();
    assert_eq!(place.shards("again", "train"), shards);
}

#[test]
fn packing_changes_files_and_not_content() {
    let (place, images) = (Place::new(), Images::new(300, 9, 9));
    place.idx("in", &images);
    let mut sizes = vec![];
    let mut contents = vec![];
    for level in ["none", "1", "9", "auto"] {
        place.run(&format!("export -i in --compress {level} -o {level}")).ok();
        assert_eq!(place.shards(level, "train").x, images.pixels);
        sizes.push(place.files(level)["train-00000-of-00001.npz"].len());
        contents.push(place.manifest(level)["splits"][0]["content"].clone());
    }
    assert!(
        sizes[0] > sizes[1] && sizes[1] == sizes[3],
        "gray images are packed unless told otherwise: {sizes:?}"
    );
    assert!(contents.iter().all(|content| *content == contents[0]));
}

#[test]
fn the_built_in_digits_are_a_source_of_any_length() {
    let place = Place::new();
    place.run("export --input digits:30 --out few").ok();
    place.run("export --input digits:3000000000 --split train --limit 60 --out many").ok();
    let (few, many) = (place.shards("few", "train"), place.shards("many", "train"));
    assert_eq!((few.rows, many.rows, &few.shape[..]), (30, 60, &[28, 28][..]));
    assert_eq!(few.x, many.x[..30 * 784], "the first digits are the same however many follow");
    assert_ne!(place.shards("few", "test").image(0), few.image(0));
    for i in 0..few.rows {
        let ink: Vec<usize> = (0..784).filter(|&p| few.image(i)[p] > 0).collect();
        let total: f64 = few.image(i).iter().map(|&v| f64::from(v)).sum();
        let center = |of: fn(usize) -> usize| -> f64 {
            (0..784).map(|p| f64::from(few.image(i)[p]) * of(p) as f64).sum::<f64>() / total
        };
        let span = |of: fn(usize) -> usize| {
            ink.iter().map(|p| of(*p)).max().unwrap() - ink.iter().map(|p| of(*p)).min().unwrap() + 1
        };
        let (height, width) = (span(|p| p / 28), span(|p| p % 28));
        assert!(height.max(width).abs_diff(20) <= 1, "digit {i} is {height}x{width}; MNIST's fit into 20x20");
        for center in [center(|p| p / 28), center(|p| p % 28)] {
            assert!((center - 13.75).abs() < 1.0, "digit {i} has its center of mass at {center}");
        }
    }
    for class in 0..10 {
        assert!(many.y.contains(&class), "there is a {class}");
    }
}

#[test]
fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let place = Place::new();
    place.idx("in", &Images::new(25, 5, 7));
    let run = place.run("export -i in --shard-size 10 --dry-run --json -o out").ok().says(&[
        "25 images",
        "5x7x1",
        "3 shards",
    ]);
    assert_eq!(run.json()["splits"][0]["shards"], 3);
    assert!(!place.path("out").exists());
}

#[test]
fn licenses_are_carried_along() {
    let place = Place::new();
    place.idx("in", &Images::new(5, 2, 2)).write("in/LICENSE-DATA.txt", "Free as the wind.\n");
    place.run("colorize -i in --per-image 1 -o color").ok();
    place.run("export -i color -o again").ok();
    for folder in ["color", "again"] {
        assert_eq!(place.files(folder)["LICENSE-DATA.txt"], b"Free as the wind.\n");
        assert_eq!(place.manifest(folder)["licences"][0], "Free as the wind.");
    }
}

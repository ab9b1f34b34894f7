//! Data sets that everybody derives from MNIST: noise on labels, numbers of each class, and recipes with parameters.

use serde_json::Value;

use crate::harness::{Images, Place};

/// What `info --json` says of the first split.
fn info(place: &Place, source: &str) -> Value {
    place.run(&format!("info {source} --json")).ok().json()["splits"][0].clone()
}

/// How many samples of each class a split has.
fn counts(split: &Value) -> Vec<u64> {
    split["classes"].as_array().unwrap().iter().map(|class| class["count"].as_u64().unwrap()).collect()
}

#[test]
fn right_labels_are_kept_as_truth() {
    let place = Place::new();
    place.run("relabel --input digits:500 --noise pair-flip:0.3 --draw exact --out noisy").ok();
    let split = info(&place, "noisy");
    let [column] = split["truth"].as_array().unwrap().as_slice() else { panic!("{split}") };
    assert_eq!(column["name"], "clean_label");
    let before = counts(&info(&place, "digits:500"));
    for (class, value) in column["values"].as_array().unwrap().iter().enumerate() {
        let row: Vec<u64> =
            value["by_class"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect();
        assert_eq!(row.iter().sum::<u64>(), before[class]);
        let expected = 0.3 * before[class] as f64;
        assert!((row[(class + 1) % 10] as f64 - expected).abs() <= 1.0, "{class}: {row:?}");
        assert_eq!(row[class] + row[(class + 1) % 10], before[class]);
    }
    assert!(place.run("info noisy").ok().out.contains("clean_label (rows) and labels:"));
    assert!(place.run("explain noisy 3").ok().out.contains("truth   clean_label"));
    // It goes along: through an augmentation, a selection, a split, and other inputs that have it.
    place.run("augment --input noisy --pipeline imgaug-light --labels 0-4 --out more").ok();
    place.run("split --input more --test-size 0.2 --out parts").ok();
    place.run("export --input parts --input noisy --split train --out whole").ok();
    assert_eq!(info(&place, "whole")["truth"][0]["name"], "clean_label");
    // What only one of the inputs knows is left out; composed images have several labels.
    place.run("export --input noisy --input digits:5 --out mixed").ok();
    assert!(info(&place, "mixed")["truth"].is_null());
    place.run("quadrant --input noisy --objects 1-4 --out scenes").ok();
    assert!(info(&place, "scenes")["truth"].is_null());
}

/// Truth lies in the files that programs open.
#[test]
fn truth_is_in_every_file_that_has_room() {
    let place = Place::new();
    place.run("relabel --input digits:40 --noise symmetric:0.5 --out noisy").ok();
    let clean = place.shards("noisy", "train").truth;
    let whole = |name: &str| {
        let mut npz =
            ndarray_npy::NpzReader::new(std::fs::File::open(place.path("npz/data.npz")).unwrap()).unwrap();
        let array: ndarray::Array1<i64> = npz.by_name(name).unwrap();
        array.to_vec()
    };
    for (keys, name) in [
        ("keras", "truth_clean_label_train"),
        ("split-first", "train_truth_clean_label"),
        ("images", "train_truth_clean_label"),
    ] {
        place.run(&format!("export -i noisy --format npz --keys {keys} --out npz --force")).ok();
        assert_eq!(whole(name), clean);
        assert_eq!(
            place.names("npz"),
            ["LICENSE-DATA.txt", "data.npz", "manifest.json"],
            "nothing lies beside"
        );
    }
    place.run("export -i noisy --format npy --keys images --out npy").ok();
    let array: ndarray::Array1<i64> =
        ndarray_npy::read_npy(place.path("npy/train_truth_clean_label.npy")).unwrap();
    assert_eq!(array.to_vec(), clean);
    place.run("export -i noisy --format csv --layout kaggle-fashion --out csv").ok();
    let text = std::fs::read_to_string(place.path("csv/train.csv")).unwrap();
    let last: Vec<&str> = text.lines().map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(last[0], "truth_clean_label");
    assert_eq!(last[1..].iter().map(|value| value.parse::<i64>().unwrap()).collect::<Vec<_>>(), clean);
    // A file of its own beside X and y, so that y has the labels and nothing else.
    place.run("export -i noisy --format csv --layout pandas --compress 1 --out pandas").ok();
    assert_eq!(
        place.names("pandas"),
        ["LICENSE-DATA.txt", "X_train.csv.gz", "manifest.json", "truth_train.csv.gz", "y_train.csv.gz"]
    );
    place.run("export -i noisy --format tfrecord --out tf").ok();
    let features = std::fs::read_to_string(place.path("tf/tf/1.0.0/features.json")).unwrap();
    let features: Value = serde_json::from_str(&features).unwrap();
    let truth = &features["featuresDict"]["features"]["truth_clean_label"];
    assert_eq!(truth["pythonClassName"], "tensorflow_datasets.core.features.scalar.Scalar");
    assert_eq!(truth["tensor"]["dtype"], "int64");
    // IDX files have no room.
    place.run("export -i noisy --format idx --out idx").ok();
    assert!(place.names("idx").iter().any(|name| name.starts_with(".mnistaug/")));
    // The manifest gone, these are files like those of others.
    for (form, file) in [("npz", "data.npz"), ("csv", "train.csv")] {
        std::fs::remove_file(place.path(&format!("{form}/manifest.json"))).unwrap();
        let images =
            place.run(&format!("info {form}/{file} --json")).ok().json()["splits"][0]["images"].clone();
        assert_eq!(images, 40, "{form}");
    }
}

/// Earlier versions put truth beside the files of all formats but shards.
#[test]
fn truth_that_lies_beside_is_read() {
    let place = Place::new();
    place.run("relabel --input digits:40 --noise symmetric:0.5 --out noisy").ok();
    place.run("export -i noisy --format idx --out idx").ok();
    place.run("export -i noisy --format npz --out npz").ok();
    let beside = ".mnistaug/train-00000-of-00001.npz";
    place.write(&format!("npz/{beside}"), std::fs::read(place.path(&format!("idx/{beside}"))).unwrap());
    let file = place.manifest("idx")["files"]
        .as_array()
        .unwrap()
        .iter()
        .find(|file| file["name"] == beside)
        .cloned();
    place.forge("npz", |manifest| {
        let within = manifest["splits"][0].as_object_mut().unwrap().remove("truth_within");
        assert_eq!(within, Some(Value::Bool(true)));
        manifest["files"].as_array_mut().unwrap().push(file.unwrap());
    });
    place.run("export -i npz --out back").ok();
    assert_eq!(place.shards("back", "train"), place.shards("noisy", "train"));
    place.run("verify npz").ok();
    // Both forms do not lie in one folder.
    place.run("export -i noisy --format npz --out npz").fails(73, &["an older version", "--force"]);
    place.run("export -i noisy --format npz --out npz --force").ok();
    assert!(!place.names("npz").contains(&beside.to_owned()));
}

/// Printed by NumPy.
const NUMPY: [u8; 40] = [
    4, 4, 7, 3, 3, 6, 9, 2, 5, 8, 1, 5, 7, 0, 3, 6, 9, 2, 5, 8, 1, 4, 6, 0, 3, 6, 9, 2, 9, 8, 9, 4, 7, 0, 3,
    6, 5, 2, 1, 8,
];

/// What NumPy printed for these labels, `RandomState(7)` and a quarter of noise.
#[test]
fn labels_are_numpys_where_asked() {
    let place = Place::new();
    let images = Images::new(40, 3, 2);
    place.idx("in", &images);
    let noisy = |seed: u32| {
        place
            .run(&format!(
                "relabel --input in --noise symmetric:0.25 --draw numpy --seed {seed} --out out --force"
            ))
            .ok();
        place.shards("out", "train").y
    };
    assert_eq!(noisy(7), NUMPY);
    assert_ne!(noisy(8), NUMPY);
}

#[test]
fn numbers_of_each_class_are_exact() {
    let place = Place::new();
    place
        .run("balance --input digits:900 --to long-tail:0.1 --head 50 --order class --draw numpy --out lt")
        .ok();
    // int(50 * 0.1 ** (i / 9))
    assert_eq!(counts(&info(&place, "lt")), [50, 38, 29, 23, 17, 13, 10, 8, 6, 5]);
    place.run("balance --input digits:900 --to 200 --repeat --out many").ok();
    assert_eq!(counts(&info(&place, "many")), [200; 10]);
    place.run("verify many").ok();
    place.run("balance --input digits:900 --out least").ok();
    let least = counts(&info(&place, "least"));
    assert_eq!(least, [*counts(&info(&place, "digits:900")).iter().min().unwrap(); 10]);
    // Originals are shared by what is repeated, which a split that goes by origins knows.
    place.run("split --input many --group origin --test-size 0.3 --out apart").ok();
    place.run("verify apart --no-overlap").ok();
}

#[test]
fn recipes_have_parameters_and_variants() {
    let place = Place::new();
    place.write(
        "r.yaml",
        "version: 1
parameters: { noise: symmetric:0.2, name: x, seed: 0 }
variants:
  half: { noise: symmetric:0.5 }
  flip: { noise: pair-flip:1 }
recipe:
  - input: { input: digits:60 }
  - relabel: { noise: $noise, seed: $seed }
  - export: { out: out/$name }
",
    );
    place.run("run r.yaml").ok();
    place.run("relabel --input digits:60 --noise symmetric:0.2 --out direct").ok();
    let content = |out: &str| place.manifest(out)["splits"][0]["content"].clone();
    assert_eq!(content("direct"), content("out/x"));
    place.run("run r.yaml --variant flip --set name=y --seed 4 --format csv").ok();
    assert!(place.path("out/y/train-00000-of-00001.csv").is_file());
    place.run("run r.yaml --variant all --out each").ok();
    for variant in ["half", "flip"] {
        place.run(&format!("verify each/{variant} --rebuild")).ok();
    }
    for (wrong, said) in [
        ("--set nois=1", "unknown parameter \"nois\"; did you mean \"noise\"?"),
        ("--variant hafl", "unknown variant \"hafl\"; did you mean \"half\"?"),
        ("--severity 6", "severity"),
        ("--set noise=symmetric:1.2", "a share from 0 to 1"),
        ("--set noise", "expected NAME=VALUE"),
    ] {
        place.run(&format!("run r.yaml --out wrong {wrong}")).fails(2, &[said]);
        assert!(!place.path("wrong").exists(), "{wrong}");
    }
}

#[test]
fn presets_make_what_they_say() {
    let place = Place::new();
    place.run("run noisy-mnist --input digits:300 --split train --out noisy").ok();
    let split = info(&place, "noisy");
    let wrong: u64 = split["truth"][0]["values"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(class, value)| {
            let row = value["by_class"].as_array().unwrap();
            row.iter().map(|n| n.as_u64().unwrap()).sum::<u64>() - row[class].as_u64().unwrap()
        })
        .sum();
    assert!((50..=70).contains(&wrong), "a fifth of 300 labels: {wrong}");
    place.run("run mnist-lt --input digits:900 --split train --set head=60 --variant step-10 --out lt").ok();
    assert_eq!(counts(&info(&place, "lt")), [60, 60, 60, 60, 60, 6, 6, 6, 6, 6]);
    place.run("run few-shot-mnist --input digits:900 --split train --set shots=3 --out few").ok();
    assert_eq!(counts(&info(&place, "few")), [3; 10]);
    for preset in
        ["noisy-mnist", "mnist-lt", "few-shot-mnist", "colored-mnist", "biased-mnist", "permuted-mnist"]
    {
        assert!(place.run(&format!("run --show {preset}")).ok().out.contains("parameters:"), "{preset}");
    }
}

#[test]
fn what_cannot_be_is_told_before_work() {
    let place = Place::new();
    place.write("rows.csv", "0.5,0.5\n0.2,0.7\n").write("two.csv", "0.5 0.5\n0 1\n");
    for (command, said) in [
        ("relabel --input digits:9 --noise symmetric:1.2", "a share from 0 to 1"),
        ("relabel --input digits:9 --noise flip:0.2", "there is no kind of noise called \"flip\""),
        ("relabel --input digits:9 --noise 0.2", "such as symmetric:0.2"),
        (
            "relabel --input digits:9 --noise-matrix rows.csv",
            "row 2 of the matrix sums to 0.8999999999999999",
        ),
        ("relabel --input digits:9 --noise-matrix two.csv", "a matrix of 2 classes, and there are 10"),
        ("relabel --input digits:9 --noise symmetric:0.2 --noise-matrix two.csv", "--noise-matrix"),
        ("relabel --input digits:9 --noise symmetric:0.2 --only tset", "there is no split tset"),
        ("relabel --input digits:9", "--noise"),
        ("balance --input digits:99 --to 50", "at most"),
        ("balance --input digits:99 --to half", "least, most, long-tail:SHARE or step:SHARE"),
        ("balance --input digits:9 --to 2 --repeat", "leave the class out"),
        ("balance --input digits:99 --draw numpy --seed 4294967296", "another --seed"),
    ] {
        place.run(&format!("{command} --out out")).fails(2, &[said]);
        assert!(!place.path("out").exists(), "{command}");
    }
    place.run("relabel --input digits:9 --noise-matrix none.csv --out out").fails(66, &["none.csv"]);
    place.run("quadrant --input digits:9 --objects 2 --out scenes").ok();
    place.run("relabel --input scenes --noise symmetric:0.2 --out out").fails(2, &["one class each"]);
    place.run("balance --input scenes --out out").fails(2, &["one class each"]);
}

#[test]
fn colors_go_with_the_class() {
    let place = Place::new();
    place.run("colorize --input digits:400 --color-by-class lff --share 0.9 --assign shuffled --jitter 0.01 --out dyed").ok();
    let split = info(&place, "dyed");
    assert_eq!(split["shape"]["channels"], 3);
    assert_eq!(split["images"], 400);
    let [column] = split["truth"].as_array().unwrap().as_slice() else { panic!("{split}") };
    assert_eq!(column["name"], "color");
    let before = counts(&info(&place, "digits:400"));
    for (color, value) in column["values"].as_array().unwrap().iter().enumerate() {
        let own = value["by_class"][color].as_u64().unwrap();
        assert_eq!(own, before[color] * 9 / 10, "{color}");
    }
    place.run("verify dyed --rebuild").ok();
    let story = place.run("explain dyed 3").ok().out;
    assert!(story.contains("tint") && story.contains("truth   color"), "{story}");
    // On a background the digit is white, and its pixels are those that are not 0.
    place
        .run("colorize --input digits:30 --color-by-class #ff8000,#0080ff --on background --out ground")
        .ok();
    let (gray, colored) =
        (place.run("export --input digits:30 --out gray").ok(), place.shards("ground", "train"));
    drop(gray);
    let gray = place.shards("gray", "train");
    for (value, pixel) in gray.x.iter().zip(colored.x.chunks_exact(3)) {
        assert!(if *value > 0 {
            pixel == [255; 3]
        } else {
            pixel == [255, 128, 0] || pixel == [0, 128, 255]
        });
    }
    place.run("run colored-mnist --input digits:200 --split train --out lff").ok();
    place.run("run biased-mnist --input digits:200 --split train --set rho=0.5 --out rebias").ok();
    place.run("run permuted-mnist --input digits:20 --split train --variant task-3 --out permuted").ok();
    place.run("verify permuted --rebuild").ok();
    for (command, said) in [
        ("colorize --input digits:9 --color-by-class red", "expected colors such as #ff0000"),
        ("colorize --input digits:9 --share 0.5", "--color-by-class"),
        ("colorize --input digits:9 --color-by-class lff --style alpha", "--style"),
        ("colorize --input digits:9 --color-by-class lff --share 2", "a share from 0 to 1"),
        ("colorize --input dyed --color-by-class lff", "gray"),
    ] {
        let code = if command.contains("dyed") { 65 } else { 2 };
        place.run(&format!("{command} --out out")).fails(code, &[said]);
    }
}

/// A folder for each corruption, with the files that MNIST-C has.
#[test]
fn corruptions_are_made_as_published() {
    let place = Place::new();
    place.run("run mnist-c --input digits:12 --split train --out c").ok();
    for name in [
        "identity",
        "shot_noise",
        "impulse_noise",
        "glass_blur",
        "motion_blur",
        "shear",
        "scale",
        "rotate",
        "brightness",
        "translate",
        "stripe",
        "fog",
        "spatter",
        "dotted_line",
        "zigzag",
        "canny_edges",
    ] {
        place.run(&format!("verify c/{name} --rebuild")).ok();
        let head = std::fs::read(place.path(&format!("c/{name}/train_images.npy"))).unwrap();
        let text = String::from_utf8_lossy(&head[..128]).into_owned();
        assert!(text.contains("'|u1'") && text.contains("(12, 28, 28, 1)"), "{name}: {text}");
        assert!(place.path(&format!("c/{name}/train_labels.npy")).is_file(), "{name}");
    }
    place.run("run mnist-c --input digits:12 --split train --corruption fog --severity 1 --out fog").ok();
    place.run("run mnist-c-extra --input digits:4 --split train --variant all --severity 2 --out extra").ok();
    place.run("colorize --input digits:2 --out color").ok();
    place.run("run imagenet-c --input color --split train --format shards --out small").ok();
    place.run("verify small/glass_blur --rebuild").ok();
    for (words, said) in [
        ("--corruption fog --severity 6", "severity: 6 is outside 1..5"),
        ("--corruption stripe --severity 2", "the parameter severity decides nothing in the variant stripe"),
        ("--corruption smoke", "unknown variant"),
        ("--severity 6", "severity: 6 is outside 1..5"),
    ] {
        let run =
            place.run(&format!("run mnist-c --input digits:4 --split train --out bad {words}")).exits(2);
        assert!(run.err.contains(said), "{words}: {}", run.err);
        assert!(!place.path("bad").exists(), "{words}");
    }
}

#[test]
fn binarized_digits_are_black_and_white() {
    let place = Place::new();
    let mut images = Images::new(40, 3, 2);
    for (p, value) in images.pixels.iter_mut().enumerate() {
        *value = [0, 127, 128, 255, 60][p % 5];
    }
    place.idx("in", &images);
    place.run("run binarized-mnist --input in --split train --variant threshold --out threshold").ok();
    let sharp: Vec<u8> = images.pixels.iter().map(|&value| if value > 127 { 255 } else { 0 }).collect();
    assert_eq!(place.shards("threshold", "train").x, sharp);
    place.run("run binarized-mnist --input in --split train --out chance").ok();
    let chance = place.shards("chance", "train").x;
    for (white, gray) in chance.iter().zip(&images.pixels) {
        let possible: &[u8] = match gray {
            0 => &[0],
            255 => &[255],
            _ => &[0, 255],
        };
        assert!(possible.contains(white), "{gray}: {white}");
    }
    place.run("run binarized-mnist --input in --split train --seed 1 --out again").ok();
    assert_ne!(place.shards("again", "train").x, chance);
    place.run("verify chance --rebuild").ok();
    // In parts, in order; those of the original do not fit.
    let parts = "parts={train_size: 20, val_size: 4, test_size: 16, no_shuffle: true}";
    place
        .words(&[
            "run",
            "binarized-mnist",
            "--input",
            "in",
            "--split",
            "train",
            "--set",
            parts,
            "--out",
            "parts",
        ])
        .ok();
    let labels = |split| place.shards("parts", split).y;
    assert_eq!([labels("train"), labels("val"), labels("test")].concat(), images.labels);
    place
        .run("run binarized-mnist --input in --split train --variant larochelle --out none")
        .fails(2, &["--val-size 10000"]);
}

#[test]
fn digits_are_blended_into_pieces_of_pictures() {
    let place = Place::new();
    let mut images = Images::new(30, 3, 2);
    images.pixels.iter_mut().step_by(2).for_each(|value| *value = 0);
    place.idx("in", &images);
    // A picture of one row and column more than the images has one place for a piece.
    place.mkdir("pictures").picture("pictures/a.png", 4, 3, |y, x| [10 * (3 * y + x) as u8, 7, 255]);
    for (variant, binary) in [("binary", true), ("gray", false)] {
        place
            .run(&format!(
                "run mnist-m --input in --split train --backgrounds pictures --variant {variant} --out {variant}"
            ))
            .ok();
        let shards = place.shards(variant, "train");
        assert_eq!((shards.rows, &shards.shape[..]), (30, &[3, 2, 3][..]));
        for (p, (pixel, &gray)) in shards.x.chunks_exact(3).zip(&images.pixels).enumerate() {
            let (y, x) = (p % 6 / 2, p % 2);
            let digit = if binary && gray > 0 { 255 } else { gray };
            let ground = [10 * (3 * y + x) as u8, 7, 255];
            assert_eq!(pixel, ground.map(|value| value.abs_diff(digit)), "{variant}, pixel {p}");
        }
        place.run(&format!("verify {variant} --rebuild")).ok();
    }
    place.run("run mnist-m --input in --out none").fails(2, &["backgrounds"]);
    place.run("run noisy-mnist --input in --backgrounds pictures --out none").fails(2, &["backgrounds"]);
}

#[test]
fn each_image_is_in_one_domain_only() {
    let place = Place::new();
    let (train, test) = (Images::new(20, 6, 6), Images::new(11, 6, 6));
    place.idx("in", &train).idx_named("in", "t10k", &test);
    place.run("run rotated-mnist --input in --out domains").ok();
    let mut seen = Vec::new();
    for (angle, rows) in [("0", 6), ("15", 5), ("30", 5), ("45", 5), ("60", 5), ("75", 5)] {
        let shards = place.shards(&format!("domains/{angle}"), "train");
        assert_eq!(shards.rows, rows, "{angle}");
        for (k, &origin) in shards.origin.iter().enumerate() {
            let origin = origin as usize;
            let (images, own) = if origin < 20 { (&train, origin) } else { (&test, origin - 20) };
            assert_eq!(shards.y[k], images.labels[own]);
            // What is not turned is as it was.
            assert_eq!(shards.image(k) == images.image(own), angle == "0", "{angle}");
        }
        seen.extend(shards.origin);
    }
    assert!(!seen.is_sorted(), "shuffled");
    seen.sort_unstable();
    assert_eq!(seen, (0..31).collect::<Vec<i64>>());
    place.run("verify domains/45 --rebuild").ok();
    place.run("verify --no-overlap domains/0 domains/75").ok();
    place.run("run rotated-mnist --input in --variant 45 --seed 1 --out other").ok();
    assert_ne!(place.shards("other", "train").origin, place.shards("domains/45", "train").origin);
    // Packed shards are shuffled alike.
    place.run("export --input in --split all --compress 1 --shard-size 4 --out packed").ok();
    place.run("run rotated-mnist --input packed --variant 45 --out unpacked").ok();
    assert_eq!(place.shards("unpacked", "train").x, place.shards("domains/45", "train").x);
}

#[test]
fn turned_digits_keep_the_order_of_the_file() {
    let place = Place::new();
    let (train, test) = (Images::new(20, 6, 6), Images::new(11, 6, 6));
    place.idx("in", &train).idx_named("in", "t10k", &test);
    place.run("run mnist-rot --input in --set train=6 --set val=2 --set test=20 --out rot").ok();
    let labels: Vec<u8> =
        ["train", "val", "test"].into_iter().flat_map(|split| place.shards("rot", split).y).collect();
    assert_eq!(labels, [train.labels, test.labels].concat()[..28]);
    place.run("run mnist-rot --input in --out none").fails(2, &["--val-size 2000"]);
}

#[test]
fn tasks_follow_one_another() {
    let place = Place::new();
    place.run("run continual-mnist --input digits:60 --split train --out tasks").ok();
    let labels = |task: &str| {
        let mut labels = place.shards(&format!("tasks/{task}"), "train").y;
        labels.sort_unstable();
        labels.dedup();
        labels
    };
    assert_eq!((labels("class-1"), labels("class-3")), (vec![0, 1], vec![4, 5]));
    assert_eq!((labels("domain-3"), labels("task-5")), (vec![0, 1], vec![0, 1]));
    let odd = place.shards("tasks/class-3", "train").y.iter().map(|label| label % 2).collect::<Vec<_>>();
    assert_eq!(place.shards("tasks/domain-3", "train").y, odd);
    let permuted = place.shards("tasks/permuted-10", "train");
    assert_eq!((permuted.rows, &permuted.shape[..]), (60, &[32, 32][..]));
    assert_ne!(permuted.x, place.shards("tasks/permuted-9", "train").x);
    place.run("verify tasks/permuted-1 --rebuild").ok();
    // Without a border they are those of the other recipe.
    place.run("run continual-mnist --input digits:9 --split train --variant permuted-3 --set border=false --out a").ok();
    place.run("run permuted-mnist --input digits:9 --split train --variant task-3 --out b").ok();
    assert_eq!(place.shards("a", "train").x, place.shards("b", "train").x);
}

#[test]
fn noise_has_the_ratio_that_is_asked_for() {
    let place = Place::new();
    let mut images = Images::new(30, 9, 14);
    images.pixels.fill(128);
    place.idx("in", &images);
    place.run("run n-mnist --input in --split train --out n").ok();
    let x = |variant: &str| place.shards(&format!("n/{variant}"), "train").x;
    let spread = |values: &[u8]| {
        let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64;
        let squares = values.iter().map(|&v| (f64::from(v) - mean) * (f64::from(v) - mean)).sum::<f64>();
        (mean, (squares / values.len() as f64).sqrt())
    };
    // A signal of 1 and 9.5 dB are a deviation of 0.335; what leaves 0..1 is cut off.
    let (mean, deviation) = spread(&x("awgn"));
    assert!((mean - 128.0).abs() < 4.0 && (70.0..85.0).contains(&deviation), "{mean}, {deviation}");
    let (mean, _) = spread(&x("reduced-contrast-and-awgn"));
    assert!((64.0..80.0).contains(&mean), "{mean}");
    assert!(x("motion-blur")[..9 * 14].iter().any(|value| *value < 128), "black comes in at the border");
    place.run("run n-mnist --input in --split train --variant awgn --set signal=measured --set snr=20 --out quiet").ok();
    let (_, deviation) = spread(&place.shards("quiet", "train").x);
    assert!((deviation - 12.8).abs() < 0.5, "{deviation}");
    place.run("verify n/awgn --rebuild").ok();
}

#[test]
fn stages_may_be_left_out() {
    let place = Place::new();
    place.write(
        "r.yaml",
        "version: 1
parameters: { order: false }
recipe:
  - input: { input: digits:9 }
  - permute: $order
  - export: { out: out }
",
    );
    place.run("run r.yaml").ok();
    place.run("export --input digits:9 --split train --out plain").ok();
    assert_eq!(place.manifest("out")["recipe"], place.manifest("plain")["recipe"]);
    place.words(&["run", "r.yaml", "--set", "order={seed: 2}", "--out", "permuted"]).ok();
    assert!(place.manifest("permuted")["recipe"]["permute"].is_object());
    place.run("run r.yaml --set order=true --out none").fails(2, &["permute: expected options"]);
}

#[test]
fn splits_are_joined_before_anything_is_chosen() {
    let place = Place::new();
    let (train, test) = (Images::new(7, 1, 1), Images::new(5, 1, 1));
    place.idx("in", &train).idx_named("in", "t10k", &test);
    place.run("export --input in --split all --join-splits whole --range 1::2 --out odd").ok();
    let all = [train.labels, test.labels].concat();
    let odd: Vec<u8> = all.iter().copied().skip(1).step_by(2).collect();
    let shards = place.shards("odd", "whole");
    assert_eq!((shards.y, shards.origin), (odd, vec![1, 3, 5, 7, 9, 11]));
    place.run("verify odd --rebuild").ok();
    place.run("export --input in --shuffle-seed 3 --limit 4 --out a").ok();
    place.run("export --input in --shuffle-seed 3 --out b").ok();
    assert_eq!(place.shards("b", "train").origin[..4], place.shards("a", "train").origin);
    for (words, said) in [
        ("--join-splits a/b", "a name of letters, digits, _ and -"),
        ("--join-splits all", "a name of letters, digits, _ and -"),
        ("--range 1::0", "A:B:STEP"),
        ("--shuffle-seed -1", "a seed of 0 or more"),
    ] {
        place.run(&format!("export --input in {words} --out none")).fails(2, &[said]);
    }
}

//! MixUp and CutMix: labels with a weight for each class, in every format that has room for them.

use serde_json::Value;

use crate::harness::{Images, Place, Shards};

/// The classes with weight, and how much.
fn weights(soft: &[f32]) -> Vec<(usize, f32)> {
    soft.iter().copied().enumerate().filter(|(_, weight)| *weight > 0.0).collect()
}

/// Rows of labels of `shards`, each with its image, the images that it was made of, and whether there are two.
type Mixed<'a> = (&'a [f32], &'a [u8], usize, Option<usize>);

fn samples<'a>(shards: &'a Shards, images: &'a Images) -> Vec<Mixed<'a>> {
    let rows = shards.soft.chunks(10).zip(shards.origin.iter().zip(&shards.truth)).enumerate();
    rows.map(|(i, (soft, (&origin, &partner)))| {
        assert!((soft.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{soft:?}");
        let partner = usize::try_from(partner).ok();
        let mut classes: Vec<usize> = [Some(origin as usize), partner]
            .into_iter()
            .flatten()
            .map(|i| usize::from(images.labels[i]))
            .collect();
        classes.sort_unstable();
        classes.dedup();
        assert!(weights(soft).iter().all(|(class, _)| classes.contains(class)), "{soft:?} of {classes:?}");
        (soft, shards.image(i), origin as usize, partner)
    })
    .collect()
}

#[test]
fn values_and_labels_are_mixed_by_one_weight() {
    let place = Place::new();
    let images = Images::with_channels(80, 3, 5, 3);
    place.idx("in", &images);
    place.run("mix --input in --alpha 0.7 --seed 3 --out out").ok().says(&["80 images of 3x5x3"]);
    let shards = place.shards("out", "train");
    for (soft, mixed, own, other) in samples(&shards, &images) {
        let other = other.expect("all are mixed");
        assert_ne!(own, other);
        if images.labels[own] == images.labels[other] {
            continue;
        }
        let share = soft[usize::from(images.labels[own])];
        for (value, (a, b)) in mixed.iter().zip(images.image(own).iter().zip(images.image(other))) {
            let expected = f32::from(*a) * share + f32::from(*b) * (1.0 - share);
            assert!((f32::from(*value) - expected).abs() < 0.501, "{value} {expected}");
        }
    }
    // Some stay as they are, under a label of one class.
    place.run("mix --input in --probability 0.25 --seed 1 --out some").ok();
    let shards = place.shards("some", "train");
    let kept: Vec<_> = samples(&shards, &images).into_iter().filter(|(.., other)| other.is_none()).collect();
    assert!((45..76).contains(&kept.len()), "{} of 80", kept.len());
    for (soft, image, own, _) in kept {
        assert_eq!((weights(soft), image), (vec![(usize::from(images.labels[own]), 1.0)], images.image(own)));
    }
}

#[test]
fn weights_of_rectangles_are_their_areas() {
    let place = Place::new();
    // Images whose values differ everywhere.
    let mut images = Images::with_channels(60, 6, 4, 1);
    for (i, value) in images.pixels.iter_mut().enumerate() {
        *value = (i / 24 * 4 + i % 4) as u8;
    }
    place.idx("in", &images);
    for compat in ["own", "torchvision"] {
        place.run(&format!("mix -i in --method cutmix --compat {compat} --seed 5 --out {compat}")).ok();
        let shards = place.shards(compat, "train");
        for (soft, mixed, own, other) in samples(&shards, &images) {
            let other = other.expect("all are mixed");
            let (a, b) = (images.image(own), images.image(other));
            let pasted: Vec<usize> = (0..24).filter(|&i| mixed[i] != a[i]).collect();
            assert!(pasted.iter().all(|&i| mixed[i] == b[i]));
            if images.labels[own] != images.labels[other] {
                let share = 1.0 - pasted.len() as f64 / 24.0;
                assert!((f64::from(soft[usize::from(images.labels[own])]) - share).abs() < 1e-6);
            }
            if let [first, .., last] = pasted[..] {
                let (height, width) = (last / 4 - first / 4 + 1, last % 4 - first % 4 + 1);
                assert_eq!(pasted.len(), height * width, "a rectangle");
            }
        }
    }
    assert_eq!(place.shards("own", "train"), place.shards("torchvision", "train"));
    // Sides of Keras' rectangles are no whole numbers, and weights go by them.
    place.run("mix -i in --method cutmix --compat keras --seed 5 --out keras").ok();
    let shards = place.shards("keras", "train");
    for (_, mixed, own, other) in samples(&shards, &images) {
        let other = other.expect("all are mixed");
        assert!((0..24).all(|i| [images.image(own)[i], images.image(other)[i]].contains(&mixed[i])));
    }
}

/// The classes of `info --json`.
fn classes(place: &Place, source: &str) -> Vec<Value> {
    place.run(&format!("info {source} --json")).ok().json()["splits"][0]["classes"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn soft_labels_are_told_and_taken_by_their_strongest_class() {
    let place = Place::new();
    place.run("mix -i digits:400 --method either --probability 0.5 --out soft").ok();
    let mean: f64 = classes(&place, "soft").iter().map(|class| class["weight"].as_f64().unwrap()).sum();
    assert!((mean - 1.0).abs() < 1e-6, "{mean}");
    let counts = |source: &str| -> Vec<u64> {
        classes(&place, source).iter().map(|class| class["count"].as_u64().unwrap()).collect()
    };
    assert_eq!(counts("soft").iter().sum::<u64>(), 400);
    assert!(place.run("info soft").ok().out.contains("soft labels: how often"));
    // About every second one is mixed.
    let told = (0..20).map(|index| place.run(&format!("explain soft {index}")).ok().out);
    let told = told.into_iter().find(|told| told.contains("mix ")).expect("a mixed one");
    assert!(told.contains("truth   mix_partner"), "{told}");
    let label = told.lines().find(|line| line.starts_with("label")).unwrap();
    let of_one = label.split_whitespace().count();
    assert!(of_one >= 3 && label.contains(|c: char| c.is_ascii_digit()), "a class and its weight: {label}");
    // What goes by classes goes by the strongest one.
    place.run("export -i soft --labels 3 --out threes").ok();
    assert_eq!(counts("threes")[3], counts("soft")[3]);
    assert_eq!(counts("threes").iter().sum::<u64>(), counts("soft")[3]);
    place.run("split -i soft --stratify --test-size 0.25 --out parts").ok();
    for (part, whole) in counts("parts --split test").iter().zip(counts("soft")) {
        assert!((*part as f64 - whole as f64 / 4.0).abs() <= 1.0, "{part} of {whole}");
    }
    place.run("augment -i soft --pipeline imgaug-light --copies 2 --out more").ok();
    place.run("colorize -i more --limit 40 --out color").ok();
    assert_eq!(counts("more").iter().sum::<u64>(), 800);
    place.run("export -i soft -i more --out whole").ok();
    assert_eq!(counts("whole").iter().sum::<u64>(), 1200);
    for made in ["soft", "parts", "more", "color", "whole"] {
        place.run(&format!("verify {made} --rebuild")).ok();
    }
}

/// A split that keeps copies together goes by both images of a sample, in every format.
#[test]
fn both_images_are_origins() {
    let place = Place::new();
    place.run("mix -i digits:200 --probability 0.2 --seed 9 --out soft").ok();
    for form in ["shards", "npz", "parquet", "csv --layout pandas"] {
        place.run(&format!("export -i soft --format {form} --out form --force")).ok();
        place.run("split -i form --group origin --test-size 0.3 --out apart --force").ok();
        place.run("verify apart --no-overlap").ok();
        let (train, test) = (place.shards("apart", "train"), place.shards("apart", "test"));
        let of = |shards: &Shards| -> Vec<i64> {
            shards.origin.iter().chain(&shards.truth).copied().filter(|&origin| origin >= 0).collect()
        };
        let train = of(&train);
        assert!(of(&test).iter().all(|origin| !train.contains(origin)), "{form}");
        assert!(train.len() + of(&test).len() > 220, "pairs are there");
    }
    // Where it does not look at origins, partners are on both sides, and that is seen.
    place.run("split -i soft --test-size 0.4 --out mixed").ok().says(&["--group origin"]);
    place.run("verify mixed --no-overlap").exits(65);
    // Origins of a second source come behind those of the first, partners as well.
    place.run("mix -i digits:90 --seed 2 --out first").ok();
    place.idx("in", &Images::with_channels(30, 28, 28, 1));
    place.run("mix -i in --seed 4 --out second").ok();
    place.run("export -i first -i second --out both").ok();
    let (second, both) = (place.shards("second", "train"), place.shards("both", "train"));
    let moved: Vec<i64> = second.truth.iter().map(|origin| origin + 90).collect();
    assert_eq!(both.truth[90..], moved);
}

#[test]
fn recipes_mix_as_the_command_does() {
    let place = Place::new();
    place.write(
        "r.yaml",
        "version: 1
recipe:
  - input: { input: 'digits:60' }
  - mix: { method: cutmix, alpha: 0.5, probability: 0.9, compat: torchvision, seed: 3 }
  - export: { out: recipe }
",
    );
    place.run("run r.yaml").ok();
    place
        .run("mix -i digits:60 --method cutmix --alpha .5 --probability 0.9 --compat torchvision --seed 3 --out command")
        .ok();
    assert_eq!(place.shards("recipe", "train"), place.shards("command", "train"));
    place.write("bad.yaml", "version: 1\nrecipe:\n  - input: x\n  - mix: { alpha: 0 }\n  - export: {}\n");
    place.run("run bad.yaml").fails(2, &["a number from 0.001 to 1000"]);
}

#[test]
fn what_cannot_be_mixed_is_refused() {
    let place = Place::new();
    place.picture("pics/a/1.png", 3, 4, |_, _| [9; 3]).picture("pics/b/2.png", 4, 5, |_, _| [7; 3]);
    place.run("mix -i digits:9 --out soft").ok();
    place.run("quadrant -i digits:9 --objects 1-4 --count 3 --out scenes").ok();
    for (command, said) in [
        ("mix -i digits:9 --alpha 0", "from 0.001 to 1000"),
        ("mix -i digits:9 --alpha -1", "from 0.001 to 1000"),
        ("mix -i digits:9 --probability 1.5", "a share from 0 to 1"),
        ("mix -i digits:9 --method mixcut", "mixup, cutmix or either"),
        ("mix -i digits:9 --only tset", "there is no split tset"),
        ("mix -i digits:9 --method cutmix --compat keras --alpha 2", "takes numbers up to 1"),
        ("mix -i pics", "--resize"),
        ("mix -i soft", "a weight for each class"),
        ("mix -i scenes", "sets of classes"),
        ("quadrant -i soft", "a weight for each class"),
        ("relabel -i soft --noise symmetric:0.1", "a weight for each class"),
        ("export -i soft --map 1=0", "a weight for each class"),
        ("export -i soft --offset-labels 1", "a weight for each class"),
        ("colorize -i soft --color-by-class lff", "a weight for each class"),
        ("export -i soft --format idx", "a weight for each class"),
        ("export -i soft --format png", "a weight for each class"),
        ("export -i soft --format coco", "no boxes"),
        ("export -i soft --format yolo", "no boxes"),
    ] {
        place.run(&format!("{command} --out out")).fails(2, &[said, "help:"]);
    }
    place.run("export -i soft -i digits:9 --out out").exits(65).says(&["Soft labels"]);
    // A forged weight is no weight.
    place.run("export -i soft --format csv --layout pandas --out table").ok();
    let text = String::from_utf8(std::fs::read(place.path("table/y_train.csv")).unwrap()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines[4] = "0.5,0,0,0,0,0,0,0,0,0.1";
    place.write("table/y_train.csv", lines.join("\n") + "\n");
    place.forge("table", |manifest| {
        let file = std::fs::read(place.path("table/y_train.csv")).unwrap();
        let files = manifest["files"].as_array_mut().unwrap();
        let own = files.iter_mut().find(|own| own["name"] == "y_train.csv").unwrap();
        own["bytes"] = file.len().into();
        own["blake3"] = blake3::hash(&file).to_hex().as_str().into();
    });
    place.run("info table").fails(65, &["weights from 0 to 1 that sum to 1", "0.6"]);
}

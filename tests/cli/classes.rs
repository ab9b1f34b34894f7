//! Classes by other numbers, of several inputs, and rare ones.

use serde_json::json;

use crate::harness::{Images, Place};
use crate::tables::{each, fields, names, read, text};

#[test]
fn classes_get_other_numbers() {
    let (place, images) = (Place::new(), Images::new(30, 2, 3));
    place.idx("in", &images);
    let two = read(&place, "in --map 3=0,7=1 --limit 4");
    let of: Vec<u8> =
        images.labels.iter().filter_map(|l| [3, 7].iter().position(|c| c == l)).map(|i| i as u8).collect();
    assert_eq!((two.y, names(&place)), (of[..4].to_vec(), json!(["3", "7"])));
    place.run("export -i in --map 3=0,7=1 --one-hot --format npz -o hot").ok();
    assert_eq!(place.manifest("hot")["splits"][0]["schema"]["class_names"], json!(["3", "7"]));
    // --labels speaks of the classes that there were.
    assert_eq!(read(&place, "in --labels 3 --map 3=0,7=1").y, [0; 3]);
    let moved = read(&place, "in --offset-labels 10");
    assert_eq!(moved.y, images.labels.iter().map(|label| label + 10).collect::<Vec<_>>());
    place.run("export -i in --offset-labels 10 -o moved").ok();
    assert_eq!(read(&place, "moved --offset-labels -10").y, images.labels);
    place.run("info in --offset-labels -1").fails(2, &["--offset-labels -1: class 0 would become -1"]);
    place.run("info in --map 3=0,11=1").fails(2, &["--map 3=0,11=1: there is no class 11", "from 0 to 9"]);
    place.run("info in --offset-labels 0,1").fails(2, &["2 numbers for 1 input"]);
    place.run("quadrant -i in --objects 2 --count 5 -o composed").ok();
    place.run("info composed --map 3=0").fails(2, &["composed images"]);
    place.write(
        "r.yaml",
        "version: 1\nrecipe:\n- input: { input: in, map: \"3=0,7=1\" }\n- export: { format: shards, out: run }\n",
    );
    place.run("run r.yaml").ok();
    assert_eq!(place.shards("run", "train").y, of);
}

#[test]
fn inputs_share_classes_only_where_they_are_the_same() {
    let (place, images) = (Place::new(), Images::new(10, 2, 2));
    let mut letters = images.clone();
    letters.labels = (0..10).map(|i| i * 2).collect();
    place.write("digits.csv", text(&fields(&images), ",")).write("letters.csv", text(&fields(&letters), ","));
    let both = "-i digits.csv -i letters.csv";
    place.run(&format!("export {both} -o no")).fails(65, &["classes are", "--offset-labels 0,10"]);
    place
        .run(&format!("export {both} --classes 36 -o o"))
        .ok()
        .says(&["warning: --classes 36", "--offset-labels"]);
    place.run(&format!("export {both} --offset-labels 0,10 -o set")).ok();
    let moved: Vec<u8> = letters.labels.iter().map(|label| label + 10).collect();
    assert_eq!(place.shards("set", "train").y, [&images.labels[..], &moved].concat());
    assert_eq!(place.manifest("set")["splits"][0]["schema"]["class_names"].as_array().unwrap().len(), 29);
    // Names go along.
    let words = each(&fields(&images), |r, row| {
        let label = if r == 0 { "label" } else { ["A", "B"][r % 2] };
        std::iter::once(label.to_owned()).chain(row[1..].iter().cloned()).collect()
    });
    place.write("words.csv", text(&words, ","));
    place.run("export -i digits.csv -i words.csv -o no").fails(65, &["classes are A, B"]);
    place.run("export -i digits.csv -i words.csv --offset-labels 0,10 -o named").ok();
    let names = place.manifest("named")["splits"][0]["schema"]["class_names"].clone();
    assert_eq!(names.as_array().unwrap()[9..], [json!("9"), json!("A"), json!("B")]);
}

#[test]
fn rare_classes_are_warned_of_and_folds_have_names_for_everybody() {
    let place = Place::new();
    let mut images = Images::new(22, 2, 2);
    images.labels = (0..22).map(|i| if i < 20 { i % 2 } else { 2 }).collect();
    place.idx("in", &images);
    place.run("split -i in --folds 5 --stratify --seed 42 -o folds").ok().says(&[
        "warning: --folds 5 with --stratify: class 2 has fewer samples than there are folds (the least 2)",
    ]);
    place.run("split -i in --folds 12 --stratify -o no").fails(2, &["the most 10", "at most 10"]);
    for split in ["fold_0", "fold-0"] {
        place.run(&format!("info folds --split {split}")).ok();
    }
    place.run("export -i folds --format parquet -o hub").ok();
    let card = std::fs::read_to_string(place.path("hub/README.md")).unwrap();
    assert!(card.contains("split: \"fold_0\"") && card.contains("\"data/fold_0-*\""), "{card}");
}

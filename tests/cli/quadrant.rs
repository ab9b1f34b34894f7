//! `quadrant`: cells, boxes, labels, grids and counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::{Images, Place, Shards};

const HEIGHT: usize = 5;
const WIDTH: usize = 7;

/// Images with a margin, so that a tight box is not the whole cell.
fn images(n: usize) -> Images {
    let mut images = Images::new(n, HEIGHT, WIDTH);
    for (p, value) in images.pixels.iter_mut().enumerate() {
        let (image, y, x) = (p / (HEIGHT * WIDTH), p / WIDTH % HEIGHT, p % WIDTH);
        if y < image % 2 || x == 0 || x > 4 + image % 2 {
            *value = 0;
        } else if (y, x) == (3, 3) {
            *value = 200;
        }
    }
    images
}

/// x0, y0, x1, y1 of the pixels that are not 0, half-open.
fn tight(pixels: &[u8]) -> [usize; 4] {
    let inked = || (0..HEIGHT * WIDTH).filter(|&p| pixels[p] != 0);
    [
        inked().map(|p| p % WIDTH).min().unwrap(),
        inked().map(|p| p / WIDTH).min().unwrap(),
        inked().map(|p| p % WIDTH).max().unwrap() + 1,
        inked().map(|p| p / WIDTH).max().unwrap() + 1,
    ]
}

/// Checks each sample of a data set of compositions against the images that its `origin` names.
fn check(shards: &Shards, images: &Images, rows: usize, columns: usize) {
    let cells = rows * columns;
    assert_eq!(shards.shape, [rows * HEIGHT, columns * WIDTH]);
    for list in [shards.origin.len(), shards.cells.len(), shards.boxes.len() / 4, shards.cell_boxes.len() / 4]
    {
        assert_eq!(list, shards.rows * cells);
    }
    for sample in 0..shards.rows {
        let mut canvas = vec![0; rows * HEIGHT * columns * WIDTH];
        let mut shown = BTreeSet::new();
        for cell in 0..cells {
            let at = sample * cells + cell;
            let (own, area) = (&shards.boxes[4 * at..4 * at + 4], &shards.cell_boxes[4 * at..4 * at + 4]);
            if shards.cells[at] == -1 {
                assert_eq!((shards.origin[at], own, area), (-1, &[-1; 4][..], &[-1; 4][..]), "an empty cell");
                continue;
            }
            let image = shards.origin[at] as usize;
            let class = images.labels[image];
            assert_eq!(shards.cells[at], i16::from(class));
            shown.insert(class);
            let (y, x) = (cell / columns * HEIGHT, cell % columns * WIDTH);
            let place = |b: [usize; 4]| [b[0] + x, b[1] + y, b[2] + x, b[3] + y].map(|v| v as i32);
            assert_eq!(own, place(tight(images.image(image))), "sample {sample}, cell {cell}");
            assert_eq!(area, place([0, 0, WIDTH, HEIGHT]), "sample {sample}, cell {cell}");
            for (p, &value) in images.image(image).iter().enumerate() {
                canvas[(y + p / WIDTH) * columns * WIDTH + x + p % WIDTH] = value;
            }
        }
        assert!(shards.image(sample) == canvas, "the pixels of sample {sample}");
        let labels = &shards.y[sample * shards.labels..(sample + 1) * shards.labels];
        if shards.labels == 1 {
            assert_eq!(shown.into_iter().collect::<Vec<_>>(), labels);
        } else {
            let expected: Vec<u8> = (0..10).map(|class| u8::from(shown.contains(&class))).collect();
            assert_eq!(labels, expected, "the label is the set of classes");
        }
    }
}

/// How often each number of objects occurs, and how often each cell is filled.
fn counts(shards: &Shards, cells: usize) -> (BTreeMap<usize, usize>, Vec<usize>) {
    let (mut objects, mut filled) = (BTreeMap::new(), vec![0; cells]);
    for sample in shards.cells.chunks(cells) {
        *objects.entry(sample.iter().filter(|class| **class >= 0).count()).or_insert(0) += 1;
        for (cell, class) in sample.iter().enumerate() {
            filled[cell] += usize::from(*class >= 0);
        }
    }
    (objects, filled)
}

#[test]
fn one_object_lies_in_a_random_quadrant() {
    let (place, images) = (Place::new(), images(400));
    place.idx("in", &images);
    place.run("quadrant -i in -o out").ok();
    let shards = place.shards("out", "train");
    assert_eq!((shards.rows, shards.labels), (400, 1));
    check(&shards, &images, 2, 2);
    for (sample, cells) in shards.origin.chunks(4).enumerate() {
        assert_eq!(cells.iter().copied().max(), Some(sample as i64), "sample i shows image i");
    }
    assert_eq!(shards.y, images.labels);
    let (objects, filled) = counts(&shards, 4);
    assert_eq!(objects, BTreeMap::from([(1, 400)]));
    // 100 are expected, with a standard deviation of 8.7.
    assert!(filled.iter().all(|n| (60..140).contains(n)), "{filled:?}");
}

#[test]
fn many_objects_are_drawn_with_replacement_into_distinct_cells() {
    let (place, images) = (Place::new(), images(12));
    place.idx("in", &images);
    place.run("quadrant -i in --objects 0-4 --count 1000 -o out").ok();
    let shards = place.shards("out", "train");
    assert_eq!((shards.rows, shards.labels), (1000, 10));
    check(&shards, &images, 2, 2);
    let (objects, filled) = counts(&shards, 4);
    // 200 of each number are expected, with a standard deviation of 12.6; 500 in each cell, with 15.8.
    assert_eq!(objects.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert!(objects.values().all(|n| (140..260).contains(n)), "{objects:?}");
    assert!(filled.iter().all(|n| (420..580).contains(n)), "{filled:?}");
    let twice = shards.origin.chunks(4).any(|cells| {
        let shown: Vec<_> = cells.iter().filter(|o| **o >= 0).collect();
        shown.iter().collect::<BTreeSet<_>>().len() < shown.len()
    });
    assert!(twice, "the same image can come twice");
    let all: BTreeSet<i64> = shards.origin.iter().copied().filter(|o| *o >= 0).collect();
    assert_eq!(all.len(), 12, "objects come from the whole source");
}

#[test]
fn grids_have_any_size_and_counts_any_number() {
    let (place, images) = (Place::new(), images(9));
    place.idx("in", &images);
    place.run("quadrant -i in --grid 1x3 --objects 3 --count 20 -o wide").ok();
    let shards = place.shards("wide", "train");
    assert_eq!((shards.rows, counts(&shards, 3).1), (20, vec![20; 3]));
    check(&shards, &images, 1, 3);
    place.run("quadrant -i in --grid 3X2 --objects 1-5 -o tall").ok();
    let shards = place.shards("tall", "train");
    assert_eq!(shards.rows, 9, "as many as inputs");
    check(&shards, &images, 3, 2);
    // One object and more outputs than images: they come round again.
    place.run("quadrant -i in --count 20 -o round").ok();
    let shards = place.shards("round", "train");
    check(&shards, &images, 2, 2);
    assert_eq!(shards.y[9..18], images.labels);
    place.run("quadrant -i in --grid 1x1 -o same").ok();
    assert_eq!(place.shards("same", "train").x, images.pixels);
}

#[test]
fn colored_and_built_in_images_will_do() {
    let place = Place::new();
    place.idx("in", &Images::with_channels(6, 3, 4, 3));
    place.run("quadrant -i in -o out").ok();
    assert_eq!(place.shards("out", "train").shape, [6, 8, 3]);
    place.run("quadrant --limit 5").ok().says(&["built-in digits", "out/quadrant"]);
    assert_eq!(place.shards("out/quadrant", "train").shape, [56, 56]);
}

#[test]
fn compositions_are_not_composed_again() {
    let place = Place::new();
    place.idx("in", &images(3));
    place.run("quadrant -i in -o once").ok();
    place.run("quadrant -i once -o twice").fails(65, &["composed already"]);
}

/// How many objects each sample has.
fn objects(shards: &Shards) -> Vec<usize> {
    shards.cells.chunks(4).map(|cells| cells.iter().filter(|cell| **cell >= 0).count()).collect()
}

#[test]
fn samples_are_chosen_by_their_number_of_objects() {
    let place = Place::new();
    place.idx("in", &images(40));
    place.run("quadrant --input in --objects 0-4 --count 200 --out all").ok();
    let counts = objects(&place.shards("all", "train"));
    for (said, wanted) in [("0", 0..=0), ("1", 1..=1), ("0-2", 0..=2), ("3-9", 3..=9)] {
        place.run(&format!("export --input all --objects-are {said} --out some --force")).ok();
        let expected: Vec<usize> = counts.iter().copied().filter(|n| wanted.contains(n)).collect();
        assert!(!expected.is_empty() && expected.len() < 200, "{said}");
        assert_eq!(objects(&place.shards("some", "train")), expected, "{said}");
    }
    place.run("verify some --rebuild").ok();
    // Labels first, then the order, then the first so many.
    place.run("export --input all --labels 3 --objects-are 2 --limit 4 --format csv --out few").ok();
    place.run("info all --objects-are 1 --indices-of 3").ok();
    place.write(
        "r.yaml",
        "version: 1\nrecipe:\n  - input: { input: all, objects_are: 0-2, shuffle_seed: 1 }\n  - export: { out: out }\n",
    );
    place.run("run r.yaml").ok();
    place.run("export --input all --objects-are 0-2 --shuffle-seed 1 --out direct").ok();
    assert_eq!(place.manifest("out")["splits"], place.manifest("direct")["splits"]);
    for (command, said) in [
        ("export --input in --objects-are 1", "--objects-are: these images are not composed"),
        ("export --input all --objects-are 2-1", "the range 2-1 is reversed; write 1-2"),
        ("export --input all --objects-are 5", "nothing is left of 200 samples"),
        ("export --input all --objects-are few", "a number of objects or a range"),
    ] {
        place.run(&format!("{command} --out none")).fails(2, &[said]);
        assert!(!place.path("none").exists(), "{command}");
    }
}

//! `import`: a user's own drawings.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat};

use crate::harness::Place;

/// A PNG of one channel on which `ink` says where the pen was: rectangles as x0, y0, x1, y1.
fn drawing(height: u32, width: u32, paper: u8, pen: u8, ink: &[[u32; 4]]) -> Vec<u8> {
    let picture = GrayImage::from_fn(width, height, |x, y| {
        let inside = ink.iter().any(|[x0, y0, x1, y1]| (*x0..*x1).contains(&x) && (*y0..*y1).contains(&y));
        image::Luma([if inside { pen } else { paper }])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn light_paper_is_inverted() {
    let place = Place::new();
    place.write("light.png", drawing(4, 6, 255, 55, &[[1, 1, 3, 3]]));
    place.write("dark.png", drawing(4, 6, 0, 200, &[[1, 1, 3, 3]]));
    let made = |words: &str| {
        let size = if words.contains("--size") { "" } else { "--size 4x6" };
        place.run(&format!("import {words} {size} --label 7 --force -o out")).ok();
        place.shards("out", "train")
    };
    let digit = made("dark.png");
    assert_eq!((&digit.shape[..], &digit.y[..], digit.x[7]), (&[4, 6][..], &[7][..], 200));
    assert_eq!(made("light.png").x, digit.x, "auto inverts light paper");
    assert_eq!(made("light.png --invert no").x[0], 255);
    assert_eq!(made("dark.png --invert yes").x[0], 255);
    assert_eq!(made("dark.png --size 8x3").shape, [8, 3]);
    place.run("verify out --rebuild").ok();
    place.run("augment -i out -p elastic --copies 3 -o more").ok().says(&["3 images of 8x3x1"]);
}

#[test]
fn mnist_fits_the_ink_into_twenty_pixels() {
    let place = Place::new();
    place.write("tall.png", drawing(100, 70, 255, 0, &[[40, 10, 60, 90]]));
    place.run("import tall.png --fit mnist --label 1 -o out").ok();
    let made = place.shards("out", "train");
    let inked = |at: usize| made.x[at] > 0;
    let rows: Vec<usize> = (0..28).filter(|y| (0..28).any(|x| inked(y * 28 + x))).collect();
    let columns: Vec<usize> = (0..28).filter(|x| (0..28).any(|y| inked(y * 28 + x))).collect();
    // 80 x 20 becomes 20 x 5, about the middle.
    assert_eq!((rows[0], rows.len()), (4, 20));
    assert_eq!((columns[0], columns.len()), (12, 5));
    place.run("import tall.png --fit mnist --size 56x14 -o wide").ok().says(&["no label", "class 0"]);
    assert_eq!(place.shards("wide", "train").shape, [56, 14]);
    place.write("blank.png", drawing(9, 9, 255, 0, &[]));
    place.run("import blank.png --fit mnist -o blank").ok().says(&["no ink"]);
    assert!(place.shards("blank", "train").x.iter().all(|&v| v == 0));
}

#[test]
fn strips_are_cut_into_digits() {
    let place = Place::new();
    // Two lines: two digits, and three.
    let ink =
        [[2, 2, 6, 12], [9, 3, 14, 10], [1, 20, 3, 25], [8, 20, 9, 26], [9, 22, 12, 26], [20, 21, 22, 24]];
    place.write("strip.png", drawing(30, 24, 250, 10, &ink));
    let run = place.run("import strip.png --segment --label 31415 --fit mnist -o out").ok();
    run.says(&["5 drawings of train: 3 1 4 1 5"]);
    let made = place.shards("out", "train");
    assert_eq!((made.rows, &made.y[..]), (5, &[3, 1, 4, 1, 5][..]));
    place.run("import strip.png --segment --label 3,1,4,1,5 --size 10x10 -o stretched").ok();
    // The first piece is 10 rows of 3 + 4 + 3 columns.
    let first = place.shards("stretched", "train");
    let row: Vec<u8> = first.image(0)[..10].to_vec();
    assert_eq!(row, [0, 0, 0, 245, 245, 245, 245, 0, 0, 0]);
    place.run("import strip.png --segment --label 3,1 -o no").fails(2, &["2 labels for 5 drawings"]);
    place.run("import strip.png --segment --threshold 250 -o no").fails(65, &["no ink", "--threshold"]);
    place.run("verify out --rebuild").ok();
    let told = place.run("explain out 2 --json").ok().json();
    assert_eq!(told["steps"][0]["import"]["part"]["x0"], 1, "{told}");
}

#[test]
fn folders_give_labels() {
    let place = Place::new();
    for (name, pen) in [("in/7/a.png", 100), ("in/7/b.png", 110), ("in/2/c.png", 120)] {
        place.write(name, drawing(5, 5, 0, pen, &[[1, 1, 4, 4]]));
    }
    place.run("import in --size 5x5 -o out").ok().says(&["3 drawings of train: 2 7 7"]);
    let made = place.shards("out", "train");
    assert_eq!((&made.y[..], made.image(0)[12], made.image(2)[12]), (&[2, 7, 7][..], 120, 110));
    assert_eq!(place.manifest("out")["splits"][0]["schema"]["class_names"].as_array().unwrap().len(), 10);
    place.run("import in/7/b.png in/2 --split mine -o both").ok();
    assert_eq!(place.shards("both", "mine").y, [7, 2]);
    place.run("import in --label 4 -o four").ok();
    assert_eq!(place.shards("four", "train").y, [4; 3]);
    for (name, pen) in [("pets/dog/a.png", 100), ("pets/cat/b.png", 110)] {
        place.write(name, drawing(5, 5, 0, pen, &[[1, 1, 4, 4]]));
    }
    place.run("import pets -o pets-out").ok().says(&["cat dog"]);
    assert_eq!(place.shards("pets-out", "train").y, [0, 1]);
    place.run("import pets in/2/c.png -o mixed").ok();
    place.write("loose.png", drawing(5, 5, 0, 9, &[[1, 1, 4, 4]]));
    place.run("import pets loose.png -o no").fails(2, &["1 of 3 drawings", "--label"]);
}

#[test]
fn bad_drawings_are_refused() {
    let place = Place::new();
    place.write("a.png", "").write("b.png", drawing(5, 5, 0, 9, &[]));
    place.run("import b.png a.png -o out").fails(65, &["a.png", "an empty file"]);
    place.run("import nothing.png -o out").fails(66, &["nothing.png: no such file"]);
    place.mkdir("empty");
    place.run("import empty -o out").fails(66, &["pictures"]);
    place.run("import b.png --label 256 -o out").fails(2, &["--label 256"]);
    assert!(!place.path("out").exists());
}

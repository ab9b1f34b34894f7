//! Any picture as a source: folders, single files, `--gray`, `--resize`, images of different sizes, and what is no picture.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, LumaA, RgbImage, Rgba, RgbaImage};

use crate::harness::{Images, Place, gzip};

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn gray(height: u32, width: u32, data: &[u8]) -> Vec<u8> {
    let picture = GrayImage::from_vec(width, height, data.to_vec()).unwrap();
    encoded(&DynamicImage::ImageLuma8(picture), ImageFormat::Png)
}

fn flat(value: u8, height: u32, width: u32) -> Vec<u8> {
    gray(height, width, &vec![value; (height * width) as usize])
}

fn rgb(height: u32, width: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([(x * 40) as u8, (y * 30) as u8, ((x + y) * 20) as u8])
    }))
}

/// A JPEG with this EXIF orientation put behind its first marker.
fn turned(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1];
    bytes.extend((exif.len() as u16 + 2).to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

#[test]
fn class_folders_are_classes_in_name_order() {
    let place = Place::new();
    place
        .write("in/dog/b.png", flat(30, 2, 3))
        .write("in/dog/a.png", flat(20, 2, 3))
        .write("in/cat/deep/z.PNG", flat(12, 2, 3))
        .write("in/cat/y.png", flat(11, 2, 3))
        .write("in/10/x.png", flat(1, 2, 3))
        .write("in/9/x.png", flat(2, 2, 3))
        .write("in/dog/.hidden.png", "")
        .write("in/dog/notes.txt", "")
        .write("in/loose.png", "");
    place.mkdir("in/empty");
    let run = place.run("export -i in -o out").ok();
    let run = run.says(&[
        "in: passed over 3 files, hidden or no pictures by their names: .hidden.png, notes.txt, loose.png",
        "in: passed over 1 folder without pictures: empty",
        "cat is class 11",
    ]);
    let made = place.shards("out", "train");
    assert_eq!(made.shape, [2, 3], "gray files make gray images\n{}", run.err);
    let firsts: Vec<u8> = (0..6).map(|i| made.image(i)[0]).collect();
    // Folders that are numbers are these classes, and words follow.
    assert_eq!((firsts, &made.y[..]), (vec![2, 1, 11, 12, 20, 30], &[9, 10, 11, 11, 12, 12][..]));
    assert_eq!(made.origin, [0, 1, 2, 3, 4, 5]);
    let manifest = place.manifest("out");
    let names = manifest["splits"][0]["schema"]["class_names"].as_array().unwrap();
    assert_eq!((names.len(), &names[9], &names[12]), (13, &"9".into(), &"dog".into()));
    assert_eq!(manifest["inputs"].as_array().unwrap().len(), 1, "one input for the folder");
    place.run("verify out --rebuild").ok();
    // Other content is another data set, other names of files are not.
    std::fs::rename(place.path("in/dog/b.png"), place.path("in/dog/c.png")).unwrap();
    place.run("export -i in -o out").ok().says(&["nothing to do"]);
    place.write("in/dog/c.png", flat(31, 2, 3));
    place.run("export -i in -o out").fails(73, &["another data set"]);
}

#[test]
fn splits_number_their_classes_together() {
    let place = Place::new();
    place
        .write("in/train/a/1.png", flat(1, 1, 1))
        .write("in/train/c/2.png", flat(2, 1, 1))
        .write("in/test/b/3.png", flat(3, 1, 1))
        .write("in/test/c/4.png", flat(4, 1, 1))
        .write("in/val/a/5.png", flat(5, 1, 1));
    place.run("export -i in -o out").ok().says(&["(train, val, test)"]);
    for (split, x, y) in
        [("train", vec![1, 2], vec![0, 2]), ("val", vec![5], vec![0]), ("test", vec![3, 4], vec![1, 2])]
    {
        let made = place.shards("out", split);
        assert_eq!((made.x, made.y), (x, y), "{split}");
    }
    place.run("export -i in --split dig -o no").exits(2).says(&["train, val, test"]);
    place.run("augment -i in -p elastic -o one").ok().says(&["2 images", "(train)"]);
}

#[test]
fn a_flat_folder_and_a_single_file_have_one_class() {
    let place = Place::new();
    place.write("cats/b.png", flat(2, 1, 4)).write("cats/a.png", flat(1, 1, 4));
    place.run("export -i cats -o folder").ok();
    assert_eq!(place.shards("folder", "train").x, [1, 1, 1, 1, 2, 2, 2, 2]);
    assert_eq!(place.manifest("folder")["splits"][0]["schema"]["class_names"], serde_json::json!(["cats"]));
    place.run("export -i cats/b.png --split test -o file").ok();
    assert_eq!(place.shards("file", "test").x, [2; 4]);
    assert_eq!(place.manifest("file")["splits"][0]["schema"]["class_names"], serde_json::json!(["b"]));
    // The content decides, whatever the name says, or does not.
    place.write("plain", flat(7, 1, 1)).write("b.jpg", flat(8, 1, 1));
    for name in ["plain", "b.jpg"] {
        place.run(&format!("export -i {name} -o {name}-out")).ok();
    }
    assert_eq!(place.shards("plain-out", "train").x, [7]);
    assert_eq!(place.shards("b.jpg-out", "train").x, [8]);
}

#[test]
fn every_format_depth_and_transparency() {
    let place = Place::new();
    let picture = rgb(5, 6);
    for (name, format) in
        [("a.png", ImageFormat::Png), ("b.bmp", ImageFormat::Bmp), ("c.webp", ImageFormat::WebP)]
    {
        place.write(&format!("in/{name}"), encoded(&picture, format));
    }
    let clear = ImageBuffer::from_fn(6, 5, |x, _| LumaA([100_u8, if x < 3 { 0 } else { 255 }]));
    place.write("in/d.png", encoded(&DynamicImage::ImageLumaA8(clear), ImageFormat::Png));
    let deep = ImageBuffer::from_fn(6, 5, |x, _| image::Rgb([128_u16, 129, x as u16 * 13_107]));
    place.write("in/e.png", encoded(&DynamicImage::ImageRgb16(deep), ImageFormat::Png));
    let half = RgbaImage::from_pixel(6, 5, Rgba([10, 20, 30, 51]));
    place.write("in/f.png", encoded(&DynamicImage::ImageRgba8(half), ImageFormat::Png));
    place.run("export -i in -o out").ok();
    let made = place.shards("out", "train");
    assert_eq!(made.shape, [5, 6, 3]);
    for i in 0..3 {
        assert_eq!(made.image(i), picture.as_bytes());
    }
    assert_eq!(made.image(3)[..18], [[255; 9], [100; 9]].concat());
    assert_eq!(made.image(4)[..18], [0, 1, 0, 0, 1, 51, 0, 1, 102, 0, 1, 153, 0, 1, 204, 0, 1, 255]);
    // 0.2 * 10 + 0.8 * 255 = 206.
    assert_eq!(made.image(5)[..3], [206, 208, 210]);
    place.run("export -i in/d.png -o gray").ok();
    assert_eq!(place.shards("gray", "train").shape, [5, 6], "gray with transparency is gray");
}

#[test]
fn exif_orientation_is_applied() {
    let place = Place::new();
    // Dark left, light right, 8 rows of 16.
    let picture = GrayImage::from_fn(16, 8, |x, _| image::Luma([if x < 8 { 20 } else { 220 }]));
    let jpeg = encoded(&DynamicImage::ImageLuma8(picture), ImageFormat::Jpeg);
    // Corner values (top left, top right, bottom left) after turning.
    for (orientation, shape, corners) in [
        (1, [8, 16], [false, true, false]),
        (2, [8, 16], [true, false, true]),
        (3, [8, 16], [true, false, true]),
        (6, [16, 8], [false, false, true]),
        (8, [16, 8], [true, true, false]),
    ] {
        place.write("a.jpg", turned(&jpeg, orientation));
        place.run(&format!("export -i a.jpg -o out{orientation}")).ok();
        let made = place.shards(&format!("out{orientation}"), "train");
        assert_eq!(made.shape, shape, "orientation {orientation}");
        let at = |y: usize, x: usize| made.x[y * shape[1] + x] > 128;
        let found = [at(0, 0), at(0, shape[1] - 1), at(shape[0] - 1, 0)];
        assert_eq!(found, corners, "orientation {orientation}");
    }
    place.write("a.jpg", turned(&jpeg, 77));
    place.run("export -i a.jpg -o odd").ok();
}

#[test]
fn gray_and_resize_go_with_every_input() {
    let place = Place::new();
    place.write("in/a.png", encoded(&rgb(4, 6), ImageFormat::Png)).write("in/b.png", flat(90, 2, 2));
    place.run("export -i in --gray --resize 2x3 -o out").ok();
    let made = place.shards("out", "train");
    assert_eq!((made.rows, &made.shape[..]), (2, &[2, 3][..]));
    assert_eq!(made.image(1), [90; 6]);
    // The mean of 2x2 pixels, each gray by (9798 R + 19235 G + 3735 B + 16384) >> 15.
    let level = |x: u32, y: u32| (9798 * x * 40 + 19235 * y * 30 + 3735 * (x + y) * 20 + 16384) >> 15;
    let sum: u32 = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(x, y)| level(x, y)).iter().sum();
    assert_eq!(u32::from(made.image(0)[0]), (sum + 2) / 4);
    place.run("verify out --rebuild").ok();

    place.idx("idx", &Images::new(9, 5, 7));
    place.run("augment -i idx --resize 9x4 -p elastic --limit 3 -o aug").ok().says(&["3 images of 9x4x1"]);
    place.run("quadrant -i idx --resize 4x4 -o quad").ok().says(&["9 images of 8x8x1"]);
    place.run("export -i quad --resize 5x12 -o small").ok();
    let (old, new) = (place.shards("quad", "train"), place.shards("small", "train"));
    assert_eq!((new.cells.clone(), new.y.clone()), (old.cells.clone(), old.y.clone()));
    for (a, b) in
        old.boxes.iter().zip(&new.boxes).enumerate().filter(|(i, _)| i % 4 == 2).map(|(_, pair)| pair)
    {
        assert!(*a <= 0 || *b == (a * 12 + 7) / 8, "x1 {a} becomes {b}");
    }
    place.run("info in --resize 1x1 --json").ok();
    place.run("explain in 1 --resize 3x3 -o strip.png").ok();
    // Put together only when they look alike.
    place.run("export -i in/a.png -i in/b.png -o no").fails(65, &["--resize HxW"]);
    place.run("export -i in -i in -o no").fails(65, &["different sizes", "--resize HxW"]);
}

#[test]
fn images_of_different_sizes_are_refused_where_they_cannot_be_held() {
    let place = Place::new();
    place
        .write("in/a.png", flat(10, 3, 5))
        .write("in/b.png", flat(20, 4, 2))
        .write("in/c.png", flat(30, 3, 5));
    for format in ["npz", "csv"] {
        let run = place.run(&format!("export -i in --format {format} -o out"));
        run.fails(2, &["in/a.png has 3x5", "in/b.png has 4x2", "--resize HxW", "--format png"]);
    }
    place.run("augment -i in -p elastic -o out").fails(2, &["differ in size", "--resize HxW"]);
    place.run("colorize -i in -o out").fails(65, &["one size", "--resize HxW"]);
    place.run("quadrant -i in -o out").fails(65, &["one size", "--resize HxW"]);
    assert!(!place.path("out").exists());
    // What is left, or made, may be of one size.
    place.run("export -i in --limit 1 -o one").ok().says(&["3x5x1"]);
    place.write("same.yaml", "version: 1\npipeline:\n  - resize: { height: 6, width: 7 }\n");
    place.run("augment -i in -p same.yaml --copies 2 -o same").ok().says(&["6 images of 6x7x1"]);
    place.run("augment -i in -p same.yaml --keep-originals -o no").fails(2, &["differ in size"]);
    // Looking at them needs no common size.
    place.run("preview in -o sheet.png").ok();
    assert_eq!(image::image_dimensions(place.path("sheet.png")).unwrap(), (4 + 3 * 89, 4 + 83));
    let text = place.run("preview in --count 3").ok().out;
    assert!(text.contains("1 in"), "{text}");
    let info = place.run("info in --json").ok().json();
    let split = &info["splits"][0];
    assert_eq!((&split["varied"], &split["sizes"]), (&serde_json::json!(true), &serde_json::json!(2)));
    let mean = split["mean"][0].as_f64().unwrap();
    assert!((mean * 255.0 * 38.0 - (150.0 + 160.0 + 450.0)).abs() < 1e-6, "{mean}");
    assert!(place.run("info in").ok().out.contains("3 images of 2 sizes up to 4x5x1"));
    place.run("explain in 1 --pipeline elastic -o strip.png").ok();
}

#[test]
fn large_pictures_make_sheets_of_a_sensible_size() {
    let place = Place::new();
    place.picture("cat.jpg", 90, 120, |y, x| [(x * 2) as u8, (y * 2) as u8, 90]);
    place
        .run("augment -i cat.jpg --resize 400x500 -p imgaug-light --copies 12 -o cats")
        .ok()
        .says(&["12 images of 400x500x3"]);
    place.run("preview cats --count 12 --columns 4 -o sheet.png").ok();
    assert_eq!(image::image_dimensions(place.path("sheet.png")).unwrap(), (4 + 4 * 204, 4 + 3 * 175));
    place.run("verify cats --rebuild").ok();
}

#[test]
fn one_pixel_and_one_row() {
    let place = Place::new();
    place.write("dot.png", flat(9, 1, 1)).write("row.png", gray(1, 5, &[0, 50, 100, 150, 200]));
    place.run("export -i dot.png --resize 3x2 -o dot").ok();
    assert_eq!(place.shards("dot", "train").x, [9; 6]);
    place.run("augment -i row.png -p imgaug-light -o row").ok().says(&["1 image of 1x5x1"]);
    place.run("preview dot.png -o dot-sheet.png").ok();
    place.run("preview row.png").ok();
}

#[test]
fn what_is_no_picture_is_named_before_any_work() {
    let place = Place::new();
    let whole = encoded(&rgb(40, 50), ImageFormat::Png);
    let mut huge = whole.clone();
    huge[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    let crc = crc32fast::hash(&huge[12..29]).to_be_bytes();
    huge[29..33].copy_from_slice(&crc);
    let jpeg = encoded(&rgb(40, 50), ImageFormat::Jpeg);
    for (bytes, says) in [
        (vec![], "found an empty file"),
        (b"<!DOCTYPE html><html>404".to_vec(), "found an HTML page"),
        (gzip(b"x"), "found gzip data"),
        (b"just a few words".to_vec(), "found text that begins \"just a few words\""),
        (jpeg[..jpeg.len() / 2].to_vec(), "damaged"),
        (huge, "larger than 32768 pixels"),
    ] {
        place.write("in/a.png", &whole).write("in/b.png", &bytes);
        place.run("export -i in -o out").fails(65, &["in/b.png: ", says]);
        place.run("info in/b.png").fails(65, &["in/b.png: ", says]);
    }
    // Found while it is read; the header is whole.
    place.write("in/b.png", &whole[..whole.len() - 30]);
    place.run("export -i in -o out").fails(65, &["in/b.png: the picture is damaged"]);
    place.write("in/c.png", "").write("in/b.png", "");
    place.run("export -i in -o out").fails(65, &["in/b.png", "and 1 more that cannot be read: in/c.png"]);
    place.mkdir("none");
    place.write("none/readme.txt", "");
    place.run("info none").fails(66, &["pictures", "readme.txt"]);
}

/// A split may be asked for by any word for it.
#[test]
fn a_split_called_valid_is_val() {
    let place = Place::new();
    for (folder, value) in [("train/a", 10), ("valid/a", 20), ("test/a", 30)] {
        place.write(&format!("in/{folder}/1.png"), flat(value, 3, 5));
    }
    for word in ["valid", "val", "validation"] {
        place.run(&format!("export --input in --split {word} --out out --force")).ok();
        assert_eq!(place.manifest("out")["splits"][0]["name"], "val", "{word}");
        assert_eq!(place.shards("out", "val").x, [20; 15], "{word}");
    }
    place.run("export --input in --split dig --out no").fails(2, &["dig", "train, val, test"]);
}

//! `import`: a user's own drawings.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, RgbaImage};

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
    // The first piece is 10 rows of 3 + 4 + 3 columns. Ink of 240 below the paper is full ink.
    let first = place.shards("stretched", "train");
    let row: Vec<u8> = first.image(0)[..10].to_vec();
    assert_eq!(row, [0, 0, 0, 255, 255, 255, 255, 0, 0, 0]);
    place.run("import strip.png --segment --label 3,1 -o no").fails(2, &["2 labels for 5 drawings"]);
    place.write("blank.png", drawing(9, 9, 255, 0, &[]));
    place.run("import blank.png --segment -o no").fails(65, &["no ink", "--threshold"]);
    // A picture of dots is no strip.
    let dots = GrayImage::from_fn(300, 300, |x, y| image::Luma([if x % 2 + y % 2 == 0 { 0 } else { 255 }]));
    place.write("dots.png", png(DynamicImage::ImageLuma8(dots)));
    place.run("import dots.png --segment -o no").fails(65, &["dots.png", "22500 pieces", "--threshold"]);
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

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Whether there is ink at a pixel of a drawing of 120 rows and 100 columns: something like a 4, with soft edges.
fn four(x: u32, y: u32) -> f32 {
    let line = |x0: f32, y0: f32, x1: f32, y1: f32| {
        let (dx, dy) = (x1 - x0, y1 - y0);
        let (px, py) = (x as f32 - x0, y as f32 - y0);
        let along = ((px * dx + py * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        let far = (px - along * dx).hypot(py - along * dy);
        (5.0 - far).clamp(0.0, 1.0)
    };
    line(55.0, 20.0, 30.0, 65.0).max(line(30.0, 65.0, 75.0, 62.0)).max(line(62.0, 40.0, 60.0, 98.0))
}

/// A photograph of it: paper and ink at each place.
fn photo(look: impl Fn(u32, u32) -> (f32, f32)) -> GrayImage {
    GrayImage::from_fn(100, 120, |x, y| {
        let (paper, ink) = look(x, y);
        // Grain of a few levels.
        let grain = ((x * 7919 + y * 104_729) ^ (x * y)) % 7;
        image::Luma([(paper + four(x, y) * (ink - paper) + grain as f32 - 3.0).clamp(0.0, 255.0) as u8])
    })
}

fn apart(a: &[u8], b: &[u8]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
}

#[test]
fn photographs_give_what_the_clean_drawing_gives() {
    let place = Place::new();
    let clean = GrayImage::from_fn(100, 120, |x, y| image::Luma([(255.0 * (1.0 - four(x, y))) as u8]));
    place.write("clean.png", png(DynamicImage::ImageLuma8(clean.clone())));
    let made = |name: &str, fit: &str| {
        let run = place.run(&format!("import {name} --fit {fit} --label 4 --force -o out")).ok();
        (place.shards("out", "train").x, run)
    };
    let (right, stretched) = (made("clean.png", "mnist").0, made("clean.png", "stretch").0);
    let compare = |name: &str, picture: DynamicImage| {
        place.write(name, png(picture));
        let (mnist, stretch) = (made(name, "mnist").0, made(name, "stretch").0);
        let errors = (apart(&right, &mnist), apart(&stretched, &stretch));
        assert!(errors.0 < 6.0 && errors.1 < 6.0, "{name}: {errors:?}");
    };
    let gray = |name: &str, photo: GrayImage| compare(name, DynamicImage::ImageLuma8(photo));
    gray("dim.png", photo(|_, _| (115.0, 30.0)));
    gray("pencil.png", photo(|_, _| (245.0, 185.0)));
    gray("slope.png", photo(|x, y| (235.0 - x as f32 - 0.4 * y as f32, 30.0)));
    gray("board.png", photo(|_, _| (45.0, 200.0)));
    gray("border.png", photo(|x, y| if x < 6 || y > 115 { (8.0, 8.0) } else { (220.0, 50.0) }));
    let mut dusty = clean.clone();
    for (x, y) in [(4, 4), (5, 4), (4, 5), (90, 112), (91, 112), (91, 113)] {
        dusty.put_pixel(x, y, image::Luma([0]));
    }
    gray("dust.png", dusty);
    let opaque = |color: fn(u8) -> [u8; 3]| {
        DynamicImage::ImageRgba8(RgbaImage::from_fn(100, 120, |x, y| {
            let alpha = (255.0 * four(x, y)) as u8;
            let [r, g, b] = color(alpha);
            image::Rgba([r, g, b, alpha])
        }))
    };
    compare("white.png", opaque(|_| [255; 3]));
    compare("mixed.png", opaque(|alpha| [alpha; 3]));
    compare("blue.png", opaque(|_| [30, 80, 220]));
    compare("black.png", opaque(|_| [0; 3]));
    let paper = image::RgbImage::from_fn(100, 120, |x, y| {
        let ink = four(x, y);
        image::Rgb(
            [(240.0, 20.0), (220.0, 40.0), (130.0, 150.0)]
                .map(|(paper, pen): (f32, f32)| (paper + ink * (pen - paper)) as u8),
        )
    });
    compare("yellow.png", DynamicImage::ImageRgb8(paper));
    // Said to be kept, it is.
    place.run("import dim.png --fit mnist --background keep --label 4 --force -o out").ok();
    assert!(apart(&right, &place.shards("out", "train").x) > 30.0);
    place.run("import dim.png --fit mnist --invert yes --label 4 -o dark").ok();
    assert!(apart(&right, &place.shards("dark", "train").x) < 6.0);
    place.run("verify dark --rebuild").ok();
    assert_eq!(
        place.run("explain dark 0 --json").ok().json()["steps"][0]["import"]["background"],
        "estimated"
    );
    // Whoever stretches and says what is light wants the picture as it is.
    place.run("import dim.png --invert no --size 120x100 --label 4 -o same").ok();
    let dim = photo(|_, _| (115.0, 30.0));
    assert_eq!(place.shards("same", "train").x, dim.into_raw());
    // Paper without ink, and noise without paper.
    place.write(
        "blank.png",
        png(DynamicImage::ImageLuma8(GrayImage::from_fn(90, 70, |x, y| {
            image::Luma([190 + ((x * 31 + y * 17) % 5) as u8])
        }))),
    );
    made("blank.png", "stretch").1.says(&["no ink"]);
    let rough =
        GrayImage::from_fn(64, 64, |x, y| image::Luma([((x * 7919 + y * 104_729) ^ (x * y * 31)) as u8]));
    place.write("rough.png", png(DynamicImage::ImageLuma8(rough)));
    made("rough.png", "stretch").1.says(&["cannot be told apart", "--background keep"]);
}

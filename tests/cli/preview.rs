//! `preview`: contact sheets as PNG files and in the terminal.

use crate::harness::{Images, Place};

#[test]
fn a_sheet_has_rows_and_columns_of_enlarged_images() {
    let (place, images) = (Place::new(), Images::new(60, 5, 7));
    place.idx("in", &images);
    let size = |options: &str| {
        place.run(&format!("preview in -o sheet.png {options}")).ok();
        image::image_dimensions(place.path("sheet.png")).unwrap()
    };
    // 7 pixels across are drawn twelvefold: cells of 84 x 60, with 4 pixels between and a caption of 11 below.
    let sheet = |rows: u32, columns: u32| (4 + columns * 88, 4 + rows * 75);
    assert_eq!(size(""), sheet(5, 10), "50 in rows of 10");
    assert_eq!(size("--count 7 --columns 3"), sheet(3, 3));
    assert_eq!(size("--count 2"), sheet(1, 2), "no empty columns");
    assert_eq!(size("--count 100"), sheet(6, 10), "no more than there are");
    assert_eq!(size("--labels 5"), sheet(1, 6), "the fives of 60");
    assert_eq!(size("--index 7,2,59"), sheet(1, 3));

    let drawn = image::open(place.path("sheet.png")).unwrap().to_rgb8();
    for (k, i) in [7, 2, 59].into_iter().enumerate() {
        for (p, &value) in images.image(i).iter().enumerate() {
            let (y, x) = (4 + p / 7 * 12, 4 + k * 88 + p % 7 * 12);
            for (dy, dx) in [(0, 0), (11, 11)] {
                let pixel = drawn.get_pixel((x + dx) as u32, (y + dy) as u32);
                assert_eq!(pixel.0, [value; 3], "image {i}, pixel {p}");
            }
        }
        let caption =
            (0..8).any(|y| (0..84).any(|x| drawn.get_pixel(4 + k as u32 * 88 + x, 64 + 2 + y).0 != [255; 3]));
        assert!(caption, "image {i} has a caption");
    }
}

#[test]
fn every_source_can_be_looked_at() {
    let place = Place::new();
    place.idx("in", &Images::new(12, 5, 7));
    place.run("colorize -i in --per-image 1 -o color").ok();
    place.run("quadrant -i in --objects 0-4 -o quadrant").ok();
    for source in ["in", "in/train-images-idx3-ubyte", "color", "quadrant", "digits"] {
        let run = place
            .run(
                &format!("preview {source} -o sheets-{source}.png --count 3")
                    .replace("sheets-in/", "sheets-"),
            )
            .ok();
        assert_eq!(run.out, "", "the sheet goes into the file");
    }
}

#[test]
fn without_a_file_the_terminal_is_drawn_on() {
    let (place, images) = (Place::new(), Images::new(12, 5, 7));
    place.idx("in", &images);
    let run = place
        .run_with(
            "preview in --count 2",
            &[("TERM", "xterm-256color"), ("COLUMNS", "80"), ("CLICOLOR_FORCE", "1")],
        )
        .ok();
    assert!(run.out.contains("\x1b["), "in color");
    assert!(run.out.contains("0 1") && run.out.contains("1 4"), "index and label: {}", run.out);
    for variables in [[("TERM", "xterm"), ("NO_COLOR", "1")], [("TERM", "dumb"), ("COLUMNS", "40")]] {
        let run = place.run_with("preview in --count 2", &variables).ok();
        assert!(!run.out.contains('\x1b'), "no escapes with {variables:?}");
        assert!(run.out.lines().count() > 3, "{}", run.out);
    }
}

#[test]
fn sheets_that_cannot_be_are_refused() {
    let place = Place::new();
    place.idx("in", &Images::new(12, 5, 7)).write("file", "");
    place.run("preview in --index 12").exits(2).says(&["--index 12", "0 to 11"]);
    place.run("preview in -o file/sheet.png").fails(73, &["sheet.png"]);
    place.run("preview in -o nowhere/sheet.png").fails(73, &["nowhere", "sheet.png"]);
    place.run("preview nothing -o sheet.png").fails(66, &["nothing"]);
    assert!(!place.path("sheet.png").exists());
}

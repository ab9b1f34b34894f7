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
fn no_more_is_drawn_than_a_screen() {
    let (place, images) = (Place::new(), Images::new(60, 6, 9));
    place.idx("in", &images);
    let screen = [("COLUMNS", "50"), ("LINES", "13")];
    let run = |words: &str| place.run_with(&format!("preview in {words}"), &screen).ok();
    let shown = |words: &str| {
        let run = run(&format!("{words} --json"));
        let json = run.json()["indexes"].as_array().unwrap().len();
        (json, run.out.lines().count() - 1)
    };
    // Five in a row, three rows of four lines; the last line of the terminal stays free.
    assert_eq!(shown(""), (15, 12));
    assert!(run("").out.lines().all(|line| line.chars().count() <= 50));
    assert_eq!(shown("--count 60"), (60, 48), "whoever says how many sees them");
    assert_eq!(shown("--random 17").0, 17);
    assert_eq!(shown("--columns 2"), (6, 12));
    assert_eq!(shown("--no-labels"), (15, 11), "rows of three lines, and one between");
    assert_eq!(shown("--no-labels --gap 0"), (20, 12));
    assert_eq!(shown("--gap 4"), (8, 10), "four characters are two lines");
    assert_eq!(shown("--scale 2"), (2, 7), "18 characters wide, 6 lines high");
    // Where nobody knows how high a screen is.
    let run = place.run_with("preview in --json", &[("COLUMNS", "50")]).ok();
    assert_eq!(run.json()["indexes"].as_array().unwrap().len(), 50);
}

#[cfg(target_os = "linux")]
#[test]
fn the_terminal_is_asked_how_large_it_is() {
    let place = Place::new();
    place.idx("in", &Images::new(60, 6, 9));
    let preview = "stty rows 9 cols 30; $PROGRAM preview in --color never";
    let run = place.shell(&format!("COLUMNS=200 LINES=90 script -qec \"{preview}\" /dev/null </dev/null"));
    let lines: Vec<&str> = run.out.lines().map(str::trim_end).collect();
    // Three in a row, two rows of four lines.
    assert_eq!(lines.len(), 8, "{}{}", run.out, run.err);
    assert!(lines[3].starts_with("0 1") && lines[7].starts_with("3 0"), "{}", run.out);
}

#[test]
fn indexes_are_those_of_the_source() {
    let (place, images) = (Place::new(), Images::new(60, 5, 7));
    place.idx("in", &images);
    let indexes = |words: &str| {
        let run = place.run(&format!("preview in {words} --json")).ok();
        let found: Vec<usize> =
            run.json()["indexes"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
        for index in &found {
            assert!(run.out.contains(&format!("{index} {}", images.labels[*index])), "{words}: {}", run.out);
        }
        found
    };
    let fives: Vec<usize> = (0..60).filter(|&i| images.labels[i] == 5).collect();
    assert_eq!(indexes("--labels 5"), fives);
    assert_eq!(indexes("--labels 5 --range 1:3"), fives[1..3]);
    assert_eq!(indexes("--range 40:43"), [40, 41, 42]);
    assert_eq!(indexes("--range 40: --limit 2 --gray --resize 5x9"), [40, 41]);
    let some = indexes("--random 7");
    assert!(some.len() == 7 && some.is_sorted(), "{some:?}");
    assert_eq!(some, indexes("--random 7"), "the same each time");
    assert_ne!(some, indexes("--random 7 --seed 1"));
    assert!(indexes("--random 3 --labels 5").iter().all(|i| fives.contains(i)));
    // What is shown can be asked for.
    assert_eq!(indexes(&format!("--index {}", fives[2])), [fives[2]]);
    place.run("preview in --index 2 --labels 5").fails(2, &["--index and --labels exclude each other"]);
}

#[test]
fn sheets_have_the_gap_and_scale_that_are_asked_for() {
    let place = Place::new();
    place.idx("in", &Images::new(12, 5, 7));
    let size = |options: &str| {
        place.run(&format!("preview in -o sheet.png --columns 3 --count 6 {options}")).ok();
        image::image_dimensions(place.path("sheet.png")).unwrap()
    };
    assert_eq!(size("--scale 2 --gap 0 --no-labels"), (3 * 14, 2 * 10));
    assert_eq!(size("--scale 1 --gap 3 --no-labels"), (3 + 3 * 10, 3 + 2 * 8));
    assert_eq!(size("--scale 3"), (4 + 3 * 25, 4 + 2 * (15 + 11 + 4)));
    place
        .run("preview in --resize 3000x3000 --scale 64 -o sheet.png")
        .fails(2, &["too large", "--count", "--scale"]);
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

/// The arrays that NumPy prints of these images.
#[test]
fn values_are_printed_as_arrays() {
    let (place, images) = (Place::new(), Images::new(12, 2, 3));
    place.idx("in", &images).idx("dot", &Images::new(3, 1, 1));
    let row = |values: &[u8]| {
        let wide = images.image(7).iter().max().unwrap().to_string().len();
        let list: Vec<String> = values.iter().map(|value| format!("{value:wide$}")).collect();
        format!("[{}]", list.join(" "))
    };
    let seventh = images.image(7);
    let expected =
        format!("train 7: {}\n[{}\n {}]\n", images.labels[7], row(&seventh[..3]), row(&seventh[3..]));
    assert_eq!(place.run("preview in --index 7 --values").ok().out, expected);
    let lines = |words: &str| place.run(&format!("preview {words} --values")).ok().out.lines().count();
    assert_eq!((lines("in"), lines("in --count 3"), lines("dot --random 2")), (3, 9, 4));
    // Those that are chosen have their own numbers.
    let fives = place.run("preview in --labels 5 --values").ok().out;
    let first = images.labels.iter().position(|label| *label == 5).unwrap();
    assert!(fives.starts_with(&format!("train {first}: 5\n")), "{fives}");
    let json = place.run("preview in --index 7,2 --values --json").ok().json();
    assert_eq!(json["images"][0]["index"], 7);
    assert_eq!(json["images"][0]["shape"], serde_json::json!([2, 3, 1]));
    let values: Vec<u8> = serde_json::from_value(json["images"][1]["values"].clone()).unwrap();
    assert_eq!(values, images.image(2));
    place.run("colorize --input dot --per-image 1 --out color").ok();
    let color = place.run("preview color --values").ok().out;
    assert!(color.lines().nth(1).unwrap().starts_with("[[["), "{color}");
    place.run("preview in --values -o sheet.png").fails(2, &["--values", "--out"]);
}

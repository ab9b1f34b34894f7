//! `colorize`: order, formulas, fits and backgrounds.

use std::collections::BTreeSet;

use crate::harness::{Images, Place};

const HEIGHT: usize = 5;
const WIDTH: usize = 7;

/// A picture of the images' size, in which no two pixels are alike.
fn motley(y: usize, x: usize) -> [u8; 3] {
    [(40 * y + 3 * x) as u8, (255 - 20 * x - 5 * y) as u8, (90 + 11 * x + 13 * y) as u8]
}

/// A background's gray levels: the sum s of a pixel's channels as 1 - (s - min) / (max - min).
fn grays(pixel: impl Fn(usize, usize) -> [u8; 3]) -> Vec<f32> {
    let sums: Vec<f32> = (0..HEIGHT * WIDTH)
        .map(|i| pixel(i / WIDTH, i % WIDTH).iter().map(|&v| f32::from(v)).sum())
        .collect();
    let min = sums.iter().copied().fold(f32::INFINITY, f32::min);
    let max = sums.iter().copied().fold(0.0, f32::max);
    sums.iter().map(|s| 1.0 - (s - min) / (max - min)).collect()
}

/// Whether there are 0 <= lo <= hi <= 255 such that each value is level * (hi - lo) + lo with its fraction cut off.
///
/// Each (level, value) leaves a strip of the plane of (lo, hi); the polygon of what is possible is cut down to it.
fn is_stretched(levels: &[(f32, u8)]) -> bool {
    /// More than single precision can be off by.
    const SLACK: f64 = 1e-3;
    let mut possible = vec![(0.0, 0.0), (255.0, 255.0), (0.0, 255.0)];
    for &(level, value) in levels {
        let (level, value) = (f64::from(level), f64::from(value));
        for (sign, bound) in [(1.0, value - SLACK), (-1.0, -(value + 1.0 + SLACK))] {
            let room = |&(lo, hi): &(f64, f64)| sign * (lo + level * (hi - lo)) - bound;
            let mut left = Vec::new();
            for (i, point) in possible.iter().enumerate() {
                let next = &possible[(i + 1) % possible.len()];
                let (here, there) = (room(point), room(next));
                if here >= 0.0 {
                    left.push(*point);
                }
                if (here > 0.0 && there < 0.0) || (here < 0.0 && there > 0.0) {
                    let t = here / (here - there);
                    left.push((point.0 + t * (next.0 - point.0), point.1 + t * (next.1 - point.1)));
                }
            }
            possible = left;
        }
    }
    !possible.is_empty()
}

#[test]
fn the_check_of_the_formula_can_fail() {
    let levels =
        |values: [u8; 5]| -> Vec<(f32, u8)> { [0.0, 0.25, 0.5, 0.75, 1.0].into_iter().zip(values).collect() };
    assert!(is_stretched(&levels([10, 20, 30, 40, 50])));
    assert!(is_stretched(&levels([7, 7, 7, 7, 7])));
    assert!(!is_stretched(&levels([50, 40, 30, 20, 10])), "levels go up");
    assert!(!is_stretched(&levels([10, 20, 32, 40, 50])), "levels go straight up");
}

/// 30 images, one of which is empty and one of a single value, on three backgrounds of exactly their size.
fn place() -> (Place, Images) {
    let place = Place::new();
    let mut images = Images::new(30, HEIGHT, WIDTH);
    images.pixels[..HEIGHT * WIDTH].fill(0);
    images.pixels[HEIGHT * WIDTH..2 * HEIGHT * WIDTH].fill(255);
    place.idx("in", &images);
    // Name order is that of bytes: capitals first.
    place.picture("pictures/a.png", HEIGHT, WIDTH, motley);
    place.picture("pictures/B.bmp", HEIGHT, WIDTH, |y, x| motley(y, WIDTH - 1 - x));
    place.picture("pictures/c.png", HEIGHT, WIDTH, |y, x| motley(HEIGHT - 1 - y, x));
    place.write("pictures/.hidden.png", "no picture").mkdir("pictures/folder.png");
    (place, images)
}

type Pixel = fn(usize, usize) -> [u8; 3];

/// The backgrounds of [`place`] in name order.
const IN_ORDER: [Pixel; 3] = [|y, x| motley(y, WIDTH - 1 - x), motley, |y, x| motley(HEIGHT - 1 - y, x)];

#[test]
fn each_image_meets_each_background_in_name_order() {
    let (place, images) = place();
    place.run("colorize --input in --backgrounds pictures --style difference --out out").ok();
    let shards = place.shards("out", "train");
    assert_eq!((shards.rows, &shards.shape[..]), (90, &[HEIGHT, WIDTH, 3][..]));
    for (output, (&label, &origin)) in shards.y.iter().zip(&shards.origin).enumerate() {
        let (i, j) = (output / 3, output % 3);
        assert_eq!((label, origin), (images.labels[i], i as i64), "output {output}");
        for (p, &value) in images.image(i).iter().enumerate() {
            let background = IN_ORDER[j](p / WIDTH, p % WIDTH);
            let expected = background.map(|v| (i16::from(v) - i16::from(value)).unsigned_abs() as u8);
            assert_eq!(shards.image(output)[3 * p..3 * p + 3], expected, "output {output}, pixel {p}");
        }
    }
}

#[test]
fn minmax_stretches_digit_and_background_between_random_colors() {
    let (place, images) = place();
    place.run("colorize --input in --backgrounds pictures --out out").ok();
    let shards = place.shards("out", "train");
    for output in 0..shards.rows {
        let (i, j) = (output / 3, output % 3);
        let grays = grays(IN_ORDER[j]);
        for channel in 0..3 {
            let (mut ink, mut behind) = (Vec::new(), Vec::new());
            for (p, &v) in images.image(i).iter().enumerate() {
                let value = shards.image(output)[3 * p + channel];
                if v == 0 { behind.push((grays[p], value)) } else { ink.push((f32::from(v) / 255.0, value)) }
            }
            assert!(is_stretched(&ink), "output {output}, channel {channel}: digit {ink:?}");
            assert!(is_stretched(&behind), "output {output}, channel {channel}: background {behind:?}");
        }
    }
}

/// a, b, c, d are uniform in [0, 255): the lower of two is 85 on average, the higher 170, and channels know nothing of
/// each other, nor the digit of its background.
#[test]
fn colors_are_uniform_and_independent() {
    let place = Place::new();
    // Ink of the lowest and the highest value, and background seen at both ends.
    let mut images = Images::new(1000, 1, 4);
    images.pixels = [1, 255, 0, 0].repeat(1000);
    place.idx("in", &images);
    place.picture("black-and-white/a.png", 1, 4, |_, x| if x % 2 == 0 { [255; 3] } else { [0; 3] });
    place.run("colorize --input in --backgrounds black-and-white --out out").ok();
    let shards = place.shards("out", "train");
    // Per output: low and high of the digit, low and high of the background, each for three channels.
    let series: Vec<Vec<f64>> =
        (0..12).map(|k| (0..1000).map(|i| f64::from(shards.image(i)[k])).collect()).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    for (k, values) in series.iter().enumerate() {
        // Standard deviation 60, so that of the mean is 1.9.
        let expected = [84.8, 169.5][k / 3 % 2];
        assert!((mean(values) - expected).abs() < 10.0, "value {k}: mean {}", mean(values));
        let (least, most) = values.iter().fold((255.0_f64, 0.0_f64), |(a, b), &v| (a.min(v), b.max(v)));
        assert!(least < 30.0 && most > 225.0, "value {k}: {least} to {most}");
    }
    let covariance = |a: &[f64], b: &[f64]| {
        let (ma, mb) = (mean(a), mean(b));
        a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum::<f64>()
    };
    for (k, a) in series.iter().enumerate() {
        for (l, b) in series.iter().enumerate().take(k) {
            // Low and high of the same pair belong together; all else is independent.
            if k % 3 == l % 3 && k / 6 == l / 6 {
                continue;
            }
            let r = covariance(a, b) / (covariance(a, a) * covariance(b, b)).sqrt();
            assert!(r.abs() < 0.17, "values {k} and {l} go together: {r}");
        }
    }
}

#[test]
fn alpha_is_the_digit_as_the_opacity_of_one_color() {
    let (place, images) = place();
    place.run("colorize --input in --backgrounds pictures --style alpha --out out").ok();
    let shards = place.shards("out", "train");
    for output in 3..shards.rows {
        let (i, j) = (output / 3, output % 3);
        for channel in 0..3 {
            let fits = |color: u8| {
                images.image(i).iter().enumerate().all(|(p, &v)| {
                    let behind = f64::from(IN_ORDER[j](p / WIDTH, p % WIDTH)[channel]);
                    let (v, found) = (f64::from(v) / 255.0, f64::from(shards.image(output)[3 * p + channel]));
                    (v * f64::from(color) + (1.0 - v) * behind - found).abs() < 1.0
                })
            };
            assert!((0..=255).any(fits), "output {output}, channel {channel}");
        }
    }
    // The empty image shows the background itself, the full one nothing but its color.
    let bare: Vec<u8> = (0..HEIGHT * WIDTH).flat_map(|p| IN_ORDER[1](p / WIDTH, p % WIDTH)).collect();
    assert_eq!(shards.image(1), bare);
    let colors: BTreeSet<&[u8]> =
        (3..6).flat_map(|output| shards.image(output).chunks(3).collect::<BTreeSet<_>>()).collect();
    assert_eq!(colors.len(), 3, "one color for each output");
}

#[test]
fn a_flat_background_is_level_0_and_worth_a_warning() {
    let (place, images) = place();
    place.picture("flat/plain.png", HEIGHT, WIDTH, |_, _| [10, 200, 30]);
    place.run("colorize --input in --backgrounds flat --out out").ok().says(&[
        "warning: ",
        "plain.png",
        "flat",
    ]);
    let shards = place.shards("out", "train");
    let mut colors = BTreeSet::new();
    for i in (0..images.len()).filter(|i| *i != 1) {
        let behind: BTreeSet<&[u8]> = shards
            .image(i)
            .chunks(3)
            .zip(images.image(i))
            .filter(|(_, v)| **v == 0)
            .map(|(pixel, _)| pixel)
            .collect();
        assert_eq!(behind.len(), 1, "image {i}");
        colors.extend(behind);
    }
    assert!(colors.len() > 20, "still a random color for each output");
    let quiet = place.run("colorize --input in --backgrounds flat --out out2 --quiet").ok();
    assert_eq!(quiet.err, "");
}

/// Empty images under `difference` show the fitted background and nothing else.
fn fitted(fit: &str, height: usize, width: usize, pixel: impl Fn(usize, usize) -> [u8; 3]) -> Vec<Vec<u8>> {
    let place = Place::new();
    let mut images = Images::new(40, HEIGHT, WIDTH);
    images.pixels.fill(0);
    place.idx("in", &images).picture("pictures/a.png", height, width, pixel);
    place.run(&format!("colorize --input in -b pictures --style difference --fit {fit} --out out")).ok();
    let shards = place.shards("out", "train");
    (0..shards.rows).map(|i| shards.image(i).to_vec()).collect()
}

fn pixels(pixel: impl Fn(usize, usize) -> [u8; 3]) -> Vec<u8> {
    (0..HEIGHT * WIDTH).flat_map(|p| pixel(p / WIDTH, p % WIDTH)).collect()
}

#[test]
fn tile_repeats_from_the_top_left_corner() {
    for image in fitted("tile", 2, 3, motley) {
        assert_eq!(image, pixels(|y, x| motley(y % 2, x % 3)));
    }
}

#[test]
fn stretch_scales_each_side_on_its_own() {
    for image in fitted("stretch", 3 * HEIGHT, 2 * WIDTH, |y, x| motley(y / 3, x / 2)) {
        assert_eq!(image, pixels(motley));
    }
}

#[test]
fn cover_keeps_proportions_and_shows_the_middle() {
    for image in fitted("cover", HEIGHT, WIDTH + 8, |y, x| {
        if (4..WIDTH + 4).contains(&x) { motley(y, x - 4) } else { [1; 3] }
    }) {
        assert_eq!(image, pixels(motley), "too wide");
    }
    let tall = |y: usize, x: usize| {
        if (6..2 * HEIGHT + 6).contains(&y) { motley((y - 6) / 2, x / 2) } else { [1; 3] }
    };
    for image in fitted("cover", 2 * HEIGHT + 12, 2 * WIDTH, tall) {
        assert_eq!(image, pixels(motley), "twice as large and too tall");
    }
}

#[test]
fn crop_shows_a_random_window_in_each_output() {
    let unique = |y: usize, x: usize| [y as u8, x as u8, 7];
    let mut corners = BTreeSet::new();
    for image in fitted("crop", HEIGHT + 2, WIDTH + 3, unique) {
        let (top, left) = (usize::from(image[0]), usize::from(image[1]));
        assert!(top <= 2 && left <= 3);
        assert_eq!(image, pixels(|y, x| unique(top + y, left + x)));
        corners.insert((top, left));
    }
    assert!(corners.len() >= 8, "of twelve windows, 40 outputs show {corners:?}");
    // One that is too small is enlarged first.
    for image in fitted("crop", 1, 1, |_, _| [9, 8, 7]) {
        assert_eq!(image, pixels(|_, _| [9, 8, 7]));
    }
}

#[test]
fn per_image_draws_backgrounds_and_repeats_none_within_a_round() {
    let (place, images) = place();
    place.run("colorize --input in -b pictures --style difference --per-image 5 --out out").ok();
    let shards = place.shards("out", "train");
    assert_eq!(shards.rows, 5 * images.len());
    let mut orders = BTreeSet::new();
    for i in 0..images.len() {
        let drawn: Vec<usize> = (0..5)
            .map(|k| {
                let output = 5 * i + k;
                assert_eq!((shards.y[output], shards.origin[output]), (images.labels[i], i as i64));
                let shows = |background: &Pixel| {
                    images.image(i).iter().enumerate().all(|(p, &v)| {
                        let expected = background(p / WIDTH, p % WIDTH).map(|b| b.abs_diff(v));
                        shards.image(output)[3 * p..3 * p + 3] == expected
                    })
                };
                IN_ORDER.iter().position(shows).expect("one of the backgrounds")
            })
            .collect();
        assert_eq!(drawn[..3].iter().collect::<BTreeSet<_>>().len(), 3, "image {i}: {drawn:?}");
        assert_ne!(drawn[3], drawn[4], "image {i}: {drawn:?}");
        orders.insert(drawn);
    }
    assert!(orders.len() > 10, "images have orders of their own: {orders:?}");
}

#[test]
fn what_is_no_picture_is_an_error_or_a_warning() {
    let (place, _) = place();
    place.write("pictures/notes.txt", "milk, eggs").write("pictures/z.png", b"\x89PNG\r\n\x1a\nbroken");
    let command = "colorize --input in -b pictures --out out";
    place.run(command).fails(65, &["z.png", "damaged", "--skip-unreadable"]);
    assert!(!place.path("out").exists(), "nothing is written");
    place.run(&format!("{command} --skip-unreadable")).ok().says(&["warning: ", "notes.txt", "z.png"]);
    assert_eq!(place.shards("out", "train").rows, 90);
}

#[test]
fn the_short_form_needs_no_files() {
    let place = Place::new();
    place.run("colorize --limit 10").ok().says(&["built-in digits", "out/colorize"]);
    let shards = place.shards("out/colorize", "train");
    assert_eq!((shards.rows, &shards.shape[..]), (60, &[28, 28, 3][..]), "six backgrounds are built in");
    assert!(place.names("out/colorize").contains(&"LICENSE-DATA.txt".to_owned()));
    // What has been fetched is used where there is something.
    place.idx("data/mnist", &Images::new(4, 3, 2));
    place.run("colorize --out fetched").ok();
    assert_eq!(place.shards("fetched", "train").shape, [3, 2, 3]);
}

#[test]
fn splits_are_train_one_of_them_or_all() {
    let place = Place::new();
    place.idx("in", &Images::new(4, 3, 2)).idx_test_gz("in", &Images::new(3, 3, 2));
    let names = |folder: &str| -> Vec<String> {
        let manifest = place.manifest(folder);
        let splits = manifest["splits"].as_array().unwrap();
        splits.iter().map(|s| format!("{} {}", s["name"].as_str().unwrap(), s["rows"])).collect()
    };
    place.run("colorize -i in --per-image 2 -o train").ok().says(&["(train)"]);
    assert_eq!(names("train"), ["train 8"]);
    place.run("colorize -i in --per-image 2 --split test -o test").ok();
    assert_eq!(names("test"), ["test 6"]);
    place.run("colorize -i in --per-image 2 --split all -o all").ok();
    assert_eq!(names("all"), ["train 8", "test 6"]);
    // A split is the same in company, and unlike the other one.
    assert_eq!(place.shards("all", "test"), place.shards("test", "test"));
    assert_ne!(place.shards("all", "test").image(0), place.shards("all", "train").image(0));
}

#[test]
fn the_seed_decides() {
    let (place, _) = place();
    for (seed, out) in [("", "none"), ("--seed 0", "zero"), ("--seed 1", "one")] {
        place.run(&format!("colorize -i in -b pictures {seed} -o {out}")).ok();
    }
    place.assert_same("none", "zero");
    assert_ne!(place.shards("zero", "train").x, place.shards("one", "train").x);
}

#[test]
fn a_single_pixel_is_enough() {
    let place = Place::new();
    place.idx("in", &Images::new(3, 1, 1));
    for style in ["minmax", "difference", "alpha"] {
        for fit in ["cover", "stretch", "tile", "crop"] {
            place.run(&format!("colorize -i in --style {style} --fit {fit} -o {style}-{fit}")).ok();
            assert_eq!(place.shards(&format!("{style}-{fit}"), "train").shape, [1, 1, 3]);
        }
    }
}

//! Photographs, scans and screens of digits, made of the built-in ones: what `import --fit mnist` makes of them is what it makes of the
//! clean drawing, within 12 of 255 on average.

use mnistaug_core::base::{Channels, Image, ImageMut, Rect, Scratch, Shape, Stream};
use mnistaug_core::digits::Artist;
use mnistaug_core::kernels::drawing::{self, Ink, Paper};
use mnistaug_core::kernels::fit;

/// How much of each pixel is ink, 0..=1.
struct Cover {
    height: usize,
    width: usize,
    part: Vec<f32>,
}

impl Cover {
    fn blank(height: usize, width: usize) -> Self {
        Self { height, width, part: vec![0.0; height * width] }
    }

    /// Digit `index`, `side` pixels large, its corner at (`y`, `x`).
    fn put(mut self, index: u64, side: usize, y: usize, x: usize) -> Self {
        let mut digit = [0; 784];
        Artist::default().draw("train", index, &mut digit);
        let to = Shape::gray(side, side);
        let mut large = vec![0; to.bytes()];
        fit::area(
            Image::new(Shape::gray(28, 28), &digit),
            ImageMut::new(to, &mut large),
            &mut Scratch::default(),
        );
        for (row, line) in large.chunks(side).enumerate() {
            for (column, &v) in line.iter().enumerate() {
                let part = &mut self.part[(y + row) * self.width + x + column];
                *part = part.max(f32::from(v) / 255.0);
            }
        }
        self
    }

    fn shape(&self, kind: Channels) -> Shape {
        Shape::new(self.height, self.width, kind)
    }

    /// Black on white.
    fn clean(&self) -> Vec<u8> {
        self.part.iter().map(|p| (255.0 * (1.0 - p)).round() as u8).collect()
    }
}

/// Paper and ink at a place, from 0 to 1 down and across, and the noise of the camera.
struct Look {
    paper: fn(f32, f32) -> [f32; 3],
    ink: fn(f32, f32) -> [f32; 3],
    noise: f32,
}

impl Look {
    fn of(&self, cover: &Cover) -> Vec<u8> {
        let mut stream = Stream::of_key(7);
        let mut out = Vec::with_capacity(3 * cover.part.len());
        for (at, part) in cover.part.iter().enumerate() {
            let (y, x) = (at / cover.width, at % cover.width);
            let (y, x) = (y as f32 / cover.height as f32, x as f32 / cover.width as f32);
            let (paper, ink) = ((self.paper)(y, x), (self.ink)(y, x));
            // Nearly normal.
            let noise: f64 = (0..6).map(|_| stream.uniform(-1.0, 1.0)).sum::<f64>() / 1.414;
            for c in 0..3 {
                let v = paper[c] + part * (ink[c] - paper[c]) + self.noise * noise as f32;
                out.push(v.round().clamp(0.0, 255.0) as u8);
            }
        }
        out
    }
}

fn ink_of(shape: Shape, data: &[u8]) -> Ink {
    let gray = drawing::flatten(Image::new(shape, data), None);
    drawing::ink(Image::new(shape.as_gray(), &gray), None)
}

fn mnist(shape: Shape, ink: &Ink) -> Vec<u8> {
    let shape = shape.as_gray();
    let mut data = ink.data.clone();
    let level = drawing::ink_level(Image::new(shape, &data));
    drawing::sweep(&mut data, shape, level);
    let to = Shape::gray(28, 28);
    let mut out = vec![0; 784];
    drawing::center(Image::new(shape, &data), level, ImageMut::new(to, &mut out), &mut Scratch::default());
    out
}

/// The mean difference of two images of 28x28, where one may lie a pixel beside the other: the center of mass is moved to a whole pixel, and
/// which is the nearest may hang on a single value.
fn apart(a: &[u8], b: &[u8]) -> f64 {
    let mut least = u64::MAX;
    for (down, across) in [(0, 0), (0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1)] {
        let mut sum = 0;
        for (at, v) in a.iter().enumerate() {
            let (y, x) = (at as i32 / 28 + down, at as i32 % 28 + across);
            let inside = (0..28).contains(&y) && (0..28).contains(&x);
            sum += u64::from(v.abs_diff(if inside { b[(y * 28 + x) as usize] } else { 0 }));
        }
        least = least.min(sum);
    }
    least as f64 / a.len() as f64
}

/// The mean difference from the clean drawing.
fn error(cover: &Cover, picture: &[u8]) -> f64 {
    let clean = ink_of(cover.shape(Channels::Gray), &cover.clean());
    assert_eq!(clean.paper, Paper::Clean);
    let seen = ink_of(cover.shape(Channels::Rgb), picture);
    apart(&mnist(cover.shape(Channels::Gray), &clean), &mnist(cover.shape(Channels::Rgb), &seen))
}

fn gray(v: f32) -> [f32; 3] {
    [v; 3]
}

const LOOKS: [(&str, Look); 23] = [
    ("white, black", Look { paper: |_, _| gray(255.0), ink: |_, _| gray(0.0), noise: 0.0 }),
    ("dim", Look { paper: |_, _| gray(115.0), ink: |_, _| gray(30.0), noise: 2.0 }),
    ("very dim", Look { paper: |_, _| gray(70.0), ink: |_, _| gray(25.0), noise: 2.0 }),
    ("pencil", Look { paper: |_, _| gray(245.0), ink: |_, _| gray(185.0), noise: 3.0 }),
    ("faint pencil", Look { paper: |_, _| gray(235.0), ink: |_, _| gray(195.0), noise: 4.0 }),
    ("pencil on clipped white", Look { paper: |_, _| gray(262.0), ink: |_, _| gray(170.0), noise: 3.0 }),
    ("noisy pencil", Look { paper: |_, _| gray(235.0), ink: |_, _| gray(190.0), noise: 8.0 }),
    ("noise", Look { paper: |_, _| gray(200.0), ink: |_, _| gray(60.0), noise: 16.0 }),
    (
        "light from the left",
        Look { paper: |_, x| gray(235.0 - 120.0 * x), ink: |_, x| gray(40.0 - 20.0 * x), noise: 3.0 },
    ),
    (
        "one ink, falling light",
        Look { paper: |y, x| gray(240.0 - 70.0 * y - 60.0 * x), ink: |_, _| gray(30.0), noise: 2.0 },
    ),
    (
        "paper minus ink",
        Look { paper: |y, _| gray(240.0 - 90.0 * y), ink: |y, _| gray(140.0 - 90.0 * y), noise: 2.0 },
    ),
    (
        "dark corners",
        Look {
            paper: |y, x| gray(230.0 - 200.0 * ((y - 0.5) * (y - 0.5) + (x - 0.5) * (x - 0.5))),
            ink: |_, _| gray(35.0),
            noise: 3.0,
        },
    ),
    (
        "hard shadow",
        Look {
            paper: |y, x| gray(if y + x > 1.1 { 120.0 } else { 220.0 }),
            ink: |y, x| gray(if y + x > 1.1 { 25.0 } else { 45.0 }),
            noise: 2.0,
        },
    ),
    (
        "soft shadow of a hand",
        Look {
            paper: |y, x| gray(225.0 - 45.0 - 45.0 * ((y * 1.5 + x - 1.6) * 15.0).clamp(-1.0, 1.0)),
            ink: |_, _| gray(30.0),
            noise: 2.0,
        },
    ),
    (
        "yellow paper, blue ink",
        Look { paper: |_, _| [250.0, 230.0, 120.0], ink: |_, _| [30.0, 40.0, 160.0], noise: 2.0 },
    ),
    (
        "blue paper, red ink",
        Look { paper: |_, _| [150.0, 180.0, 230.0], ink: |_, _| [190.0, 30.0, 40.0], noise: 2.0 },
    ),
    (
        "red on green of one gray",
        Look { paper: |_, _| [60.0, 150.0, 80.0], ink: |_, _| [210.0, 72.0, 80.0], noise: 2.0 },
    ),
    ("white, yellow", Look { paper: |_, _| gray(255.0), ink: |_, _| [250.0, 220.0, 30.0], noise: 0.0 }),
    ("blackboard", Look { paper: |_, _| gray(45.0), ink: |_, _| gray(210.0), noise: 4.0 }),
    (
        "blackboard, uneven",
        Look { paper: |_, x| gray(30.0 + 60.0 * x), ink: |_, x| gray(180.0 + 50.0 * x), noise: 3.0 },
    ),
    (
        "green board, yellow chalk",
        Look { paper: |_, _| [30.0, 80.0, 55.0], ink: |_, _| [230.0, 220.0, 120.0], noise: 3.0 },
    ),
    ("even gray screen", Look { paper: |_, _| gray(180.0), ink: |_, _| gray(90.0), noise: 0.0 }),
    ("light gray on gray screen", Look { paper: |_, _| gray(120.0), ink: |_, _| gray(200.0), noise: 0.0 }),
];

/// Places of a digit in a picture: height, width, side of the digit, its corner.
const PLACES: [[usize; 5]; 5] = [
    [160, 160, 112, 20, 30],
    [40, 30, 28, 8, 1],
    [28, 28, 28, 0, 0],
    [300, 500, 150, 120, 60],
    [120, 90, 84, 20, 3],
];

#[test]
fn photographs_agree_with_the_clean_drawing() {
    let mut bad = Vec::new();
    for (at, (name, look)) in LOOKS.iter().enumerate() {
        for (p, [height, width, side, y, x]) in PLACES.into_iter().enumerate() {
            if look.noise > 6.0 && height < 100 {
                continue;
            }
            let cover = Cover::blank(height, width).put((7 * at + 3 * p) as u64, side, y, x);
            let error = error(&cover, &look.of(&cover));
            if error > 10.0 {
                bad.push(format!("{name}, {height}x{width}: {error:.1}"));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn dust_and_the_borders_of_scans_are_not_ink() {
    let cover = Cover::blank(200, 170).put(5, 112, 40, 30);
    let mut bad = Vec::new();
    for (name, look) in &LOOKS {
        let light = name.contains("board") || name.contains("light gray");
        let plain = look.of(&cover);
        let mut check = |what: &str, spots: &[[usize; 4]]| {
            let mut picture = plain.clone();
            for &[y0, x0, y1, x1] in spots {
                for y in y0..y1 {
                    picture[3 * (y * cover.width + x0)..3 * (y * cover.width + x1)].fill(if light {
                        245
                    } else {
                        10
                    });
                }
            }
            let error = error(&cover, &picture);
            if error > 10.0 {
                bad.push(format!("{name}, {what}: {error:.1}"));
            }
        };
        check("specks", &[[10, 10, 12, 12], [190, 150, 192, 152], [20, 160, 23, 163]]);
        check("a border", &[[0, 0, 200, 9]]);
        check("a corner", &[[0, 0, 20, 15]]);
        if *name != "hard shadow" {
            check("borders", &[[0, 0, 200, 6], [0, 0, 5, 170], [194, 0, 200, 170], [0, 163, 200, 170]]);
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// What is inked in a cover by more than a half, and `margin` pixels about it.
fn cropped(cover: &Cover, margin: usize) -> Cover {
    let width = cover.width;
    let inked = cover.part.iter().enumerate().filter(|(_, part)| **part > 0.5);
    let (mut y0, mut x0, mut y1, mut x1) = (cover.height, width, 0, 0);
    for (at, _) in inked {
        let (y, x) = (at / width, at % width);
        (y0, x0, y1, x1) = (y0.min(y), x0.min(x), y1.max(y + 1), x1.max(x + 1));
    }
    let (y0, x0, y1, x1) = (y0 - margin, x0 - margin, y1 + margin, x1 + margin);
    let part = (y0..y1).flat_map(|y| cover.part[y * width + x0..y * width + x1].iter().copied()).collect();
    Cover { height: y1 - y0, width: x1 - x0, part }
}

const CROPPED: [(&str, Look); 7] = [
    ("white", Look { paper: |_, _| gray(255.0), ink: |_, _| gray(0.0), noise: 0.0 }),
    ("235", Look { paper: |_, _| gray(235.0), ink: |_, _| gray(40.0), noise: 0.0 }),
    ("235, noise", Look { paper: |_, _| gray(235.0), ink: |_, _| gray(40.0), noise: 3.0 }),
    ("200", Look { paper: |_, _| gray(200.0), ink: |_, _| gray(40.0), noise: 3.0 }),
    ("160", Look { paper: |_, _| gray(160.0), ink: |_, _| gray(40.0), noise: 3.0 }),
    ("pencil", Look { paper: |_, _| gray(235.0), ink: |_, _| gray(150.0), noise: 3.0 }),
    ("white on dark", Look { paper: |_, _| gray(45.0), ink: |_, _| gray(210.0), noise: 3.0 }),
];

#[test]
fn digits_cropped_to_their_ink_agree_with_the_clean_drawing() {
    let mut bad = Vec::new();
    for i in 0..60 {
        let wide = Cover::blank(320, 320).put(i, 280, 20, 20);
        let shape = wide.shape(Channels::Gray);
        let clean = mnist(shape, &ink_of(shape, &wide.clean()));
        for margin in [0, 1, 2, 4, 8] {
            let close = cropped(&wide, margin);
            for (name, look) in &CROPPED {
                let seen = ink_of(close.shape(Channels::Rgb), &look.of(&close));
                let error = apart(&clean, &mnist(close.shape(Channels::Gray), &seen));
                if error > 12.0 || seen.dark != (*name != "white on dark") {
                    bad.push(format!("digit {i}, {name}, margin {margin}: {error:.1}"));
                }
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn a_sheet_cropped_to_its_ink_is_cut_as_the_clean_one() {
    for (name, look) in &CROPPED {
        // With less of a margin, a digit in the corner of a sheet is taken for the corner of a scan.
        for margin in [4, 8] {
            let wide = (0..8).fold(Cover::blank(260, 420), |cover, i| {
                cover.put(i as u64, 90, 20 + 110 * (i / 4), 20 + 95 * (i % 4))
            });
            let close = cropped(&wide, margin);
            let shape = close.shape(Channels::Gray);
            let mut ink = ink_of(close.shape(Channels::Rgb), &look.of(&close)).data;
            let level = drawing::ink_level(Image::new(shape, &ink));
            drawing::sweep(&mut ink, shape, level);
            let pieces = drawing::pieces(Image::new(shape, &ink), level);
            assert_eq!(pieces.len(), 8, "{name}, margin {margin}");
            for (i, piece) in pieces.iter().enumerate() {
                let (shape, data) = drawing::padded(piece);
                let mut out = vec![0; 784];
                let to = ImageMut::new(Shape::gray(28, 28), &mut out);
                drawing::center(Image::new(shape, &data), level, to, &mut Scratch::default());
                let one = Cover::blank(110, 110).put(i as u64, 90, 10, 10);
                let clean =
                    mnist(one.shape(Channels::Gray), &ink_of(one.shape(Channels::Gray), &one.clean()));
                let error = apart(&clean, &out);
                assert!(error < 14.0, "{name}, margin {margin}: piece {i}: {error:.1}");
            }
        }
    }
}

#[test]
fn twenty_digits_on_a_photograph_are_twenty_pieces() {
    // Every other look, level and tilted, the latter with dust.
    for (at, (name, look)) in LOOKS.iter().enumerate().step_by(2) {
        let tilt = at / 2 % 2;
        let mut cover = Cover::blank(420, 560);
        for i in 0..20 {
            let (line, column) = (i / 5, i % 5);
            let y = 15 + 90 * line + tilt * 12 * column + (i * 7) % 9;
            cover = cover.put(i as u64, 70, y, 20 + 105 * column);
        }
        let mut picture = look.of(&cover);
        for at in [3 * (90 * 560 + 200), 3 * (405 * 560 + 30)].into_iter().filter(|_| tilt > 0) {
            picture[at..at + 6].fill(128);
            picture[at + 3 * 560..at + 3 * 560 + 6].fill(128);
        }
        let shape = cover.shape(Channels::Gray);
        let mut ink = ink_of(cover.shape(Channels::Rgb), &picture).data;
        let level = drawing::ink_level(Image::new(shape, &ink));
        drawing::sweep(&mut ink, shape, level);
        let pieces = drawing::pieces(Image::new(shape, &ink), level);
        let areas: Vec<Rect> = pieces.iter().map(|piece| piece.area).collect();
        assert_eq!(areas.len(), 20, "{name}: {areas:?}");
        for (i, piece) in pieces.iter().enumerate() {
            let left = 20 + 105 * (i % 5) as i32;
            assert!((left..left + 70).contains(&piece.area.x0), "{name}: piece {i} in {areas:?}");
            let (shape, data) = drawing::padded(piece);
            let mut out = vec![0; 784];
            let to = ImageMut::new(Shape::gray(28, 28), &mut out);
            drawing::center(Image::new(shape, &data), level, to, &mut Scratch::default());
            let one = Cover::blank(90, 90).put(i as u64, 70, 10, 10);
            let clean = mnist(one.shape(Channels::Gray), &ink_of(one.shape(Channels::Gray), &one.clean()));
            // The level of the ink is that of the whole picture, not of the digit: thin ones may come out a little wider.
            let error = apart(&clean, &out);
            assert!(error < 14.0, "{name}: piece {i}: {error:.1}");
        }
    }
}

#[test]
fn any_size_is_read() {
    for (height, width) in [(1, 1), (1, 2), (1, 40), (40, 1), (2, 3), (5, 5), (7, 300), (193, 8)] {
        for key in 0..4 {
            let shape = Shape::rgb(height, width);
            let mut data = vec![0; shape.bytes()];
            Stream::of_key(key).fill(&mut data);
            if key > 1 {
                for v in &mut data {
                    *v = 100 + *v / 16;
                }
            }
            if key > 2 {
                data.fill(200);
            }
            let ink = ink_of(shape, &data);
            assert_eq!(ink.data.len(), shape.pixels());
            let out = mnist(shape, &ink);
            assert_eq!(out.len(), 784);
            if key == 3 {
                assert!(ink.paper == Paper::Blank && out.iter().all(|&v| v == 0));
            }
            let gray = ink.data;
            let level = drawing::ink_level(Image::new(shape.as_gray(), &gray));
            let pieces = drawing::pieces(Image::new(shape.as_gray(), &gray), level);
            assert!(pieces.len() <= shape.pixels());
        }
    }
}

#[test]
fn what_is_clean_stays_as_it_is() {
    let cover = Cover::blank(60, 50).put(3, 40, 5, 5);
    let clean = cover.clean();
    let ink = ink_of(cover.shape(Channels::Gray), &clean);
    assert!(ink.dark && ink.data.iter().zip(&clean).all(|(a, b)| *a == 255 - b));
    let light: Vec<u8> = clean.iter().map(|v| (255 - v) / 2).collect();
    let ink = ink_of(cover.shape(Channels::Gray), &light);
    assert!(!ink.dark && ink.data == light, "dim ink on black as well: it is how MNIST's images are");
}

#[test]
fn opacity_is_ink_where_colors_say_nothing() {
    let cover = Cover::blank(60, 50).put(3, 40, 5, 5);
    let alpha: Vec<u8> = cover.part.iter().map(|p| (255.0 * p) as u8).collect();
    let flat = |colors: &[u8], alpha: &[u8]| {
        drawing::flatten(
            Image::new(cover.shape(Channels::colored(colors.len() == 9000)), colors),
            Some(alpha),
        )
    };
    assert_eq!(flat(&[255; 3000], &alpha), alpha, "white");
    assert_eq!(flat(&alpha, &alpha), alpha, "white, mixed with black at its edges");
    let blue: Vec<u8> = [20, 60, 200].repeat(3000);
    assert_eq!(flat(&blue, &alpha), alpha);
    let half: Vec<u8> = alpha.iter().map(|a| a / 2).collect();
    assert!(
        flat(&blue, &half).iter().zip(&alpha).all(|(a, b)| a.abs_diff(*b) <= 2),
        "a pen that covers half"
    );
    let clean = cover.clean();
    assert_eq!(flat(&clean, &[255; 3000]), clean, "opaque");
    // A sheet with round corners.
    let mut corners = vec![255; 3000];
    corners[..5].fill(0);
    corners[2990..].fill(100);
    assert_eq!(flat(&clean, &corners), clean, "white is put behind it");
    let stencil: Vec<u8> = alpha.iter().map(|a| 255 - a).collect();
    let hole = flat(&[90; 3000], &stencil);
    assert_eq!(
        drawing::ink(Image::new(cover.shape(Channels::Gray), &hole), None).data,
        alpha,
        "a hole in a sheet"
    );
    assert!(flat(&[0; 3000], &[0; 3000]).iter().all(|&v| v == 0), "nothing at all");
}

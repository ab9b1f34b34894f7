//! The built-in backgrounds are what `examples/backgrounds.rs` paints, on every machine.

#[path = "../examples/backgrounds.rs"]
#[allow(dead_code, reason = "its `main` writes the files")]
mod backgrounds;

use std::path::{Path, PathBuf};

use mnistaug_core::base::{Image, ImageMut, Scratch, Shape};
use mnistaug_core::kernels::fit;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("backgrounds")
}

fn committed(name: &str) -> image::DynamicImage {
    image::open(folder().join(format!("{name}.png"))).expect("a PNG file in backgrounds/")
}

/// The gray levels of a picture behind a digit of 28x28.
fn small(name: &str) -> Vec<u8> {
    let gray = committed(name).to_luma8();
    let from = Shape::gray(gray.height() as usize, gray.width() as usize);
    let to = Shape::gray(28, 28);
    let mut out = vec![0; to.bytes()];
    fit::cover(Image::new(from, &gray), ImageMut::new(to, &mut out), &mut Scratch::default());
    out
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

#[test]
fn every_file_is_painted_by_the_example() {
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .expect("backgrounds/")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a plain name"))
        .collect();
    files.sort();
    let names: Vec<_> = backgrounds::PICTURES.iter().map(|(name, _)| format!("{name}.png")).collect();
    assert_eq!(files, names, "in the order of their names");

    for (name, paint) in backgrounds::PICTURES {
        let (committed, painted) = (committed(name), paint());
        assert_eq!(committed.color(), image::ColorType::Rgb8, "{name}");
        let differing = committed.to_rgb8().pixels().zip(painted.pixels()).filter(|(a, b)| a != b).count();
        assert_eq!((committed.width(), committed.height(), differing), (256, 256, 0), "{name}");
    }
}

/// They are built into the program.
#[test]
fn the_files_are_small() {
    let sizes = backgrounds::PICTURES.map(|(name, _)| {
        let file = folder().join(format!("{name}.png"));
        std::fs::metadata(file).expect("a file in backgrounds/").len()
    });
    assert!(sizes.iter().all(|&size| size <= 90_000), "{sizes:?}");
    assert!(sizes.iter().sum::<u64>() <= 500_000, "{sizes:?}");
}

#[test]
fn each_keeps_its_own_structure_behind_a_digit() {
    let pictures = backgrounds::PICTURES.map(|(name, _)| {
        let gray = small(name);
        let level = mean(gray.iter().map(|&v| f64::from(v)));
        let centerd: Vec<f64> = gray.iter().map(|&v| f64::from(v) - level).collect();
        let spread = mean(centerd.iter().map(|v| v * v)).sqrt();
        assert!(spread > 30.0, "{name} is flat: standard deviation {spread}");
        (name, centerd, spread)
    });
    for (i, (name, a, spread)) in pictures.iter().enumerate() {
        for (other, b, other_spread) in &pictures[..i] {
            let alike = mean(a.iter().zip(b).map(|(a, b)| a * b)) / (spread * other_spread);
            assert!(alike.abs() < 0.5, "{name} and {other} correlate by {alike}");
        }
    }
}

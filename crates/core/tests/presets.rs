//! The presets: what they make is pinned, so that any change of it is seen.

use mnistaug_core::base::digest::ContentDigest;
use mnistaug_core::base::{Address, Canvas, Shape, Stage};
use mnistaug_core::pipeline::{Pipeline, Plan, Spec, presets};

/// The digest of 1,000 images that a preset makes of synthetic ones.
fn digest(name: &str, shape: Shape) -> String {
    let pipeline = presets::compile(name, shape).unwrap_or_else(|error| panic!("{error}"));
    let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
    let mut digest = ContentDigest::default();
    for item in 0..1000_u64 {
        let address = Address { seed: 42, stage: Stage::new("presets", "train"), item };
        pipeline.draw(address, &mut plan);
        // A bright ring that wanders over a colored ramp.
        let (cx, cy) = (9.0 + (item % 11) as f64, 9.0 + (item % 7) as f64);
        for (i, value) in canvas.reset(shape).iter_mut().enumerate() {
            let (pixel, channel) = (i / shape.channels(), i % shape.channels());
            let (x, y) = ((pixel % shape.width) as f64, (pixel / shape.width) as f64);
            let radius = ((x - cx) * (x - cx) + (y - cy) * (y - cy)).sqrt();
            let ramp =
                if shape.channels() == 3 { (x * 3.0 + y * (2 + channel) as f64 + 20.0) as u8 } else { 0 };
            *value = if (radius - 7.0).abs() < 2.0 { 250 - ramp / 4 } else { ramp };
        }
        plan.paint(&mut canvas);
        assert_eq!(canvas.shape(), shape);
        digest.add_bytes(item, canvas.pixels());
    }
    digest.to_string()
}

/// A change of these changes every data set that is made with a preset: it belongs into the change log.
#[test]
fn what_presets_make_is_pinned() {
    let pinned = [
        ("elastic", Shape::gray(28, 28), "d861ea0d4eed29613afb0965a5bd8b44"),
        ("imgaug-heavy", Shape::rgb(28, 28), "aaa76a903c6e009a07a161c45ac00c39"),
        ("imgaug-heavy", Shape::gray(28, 28), "f516651fe0b2a393c28d6ff4a408ec34"),
        ("imgaug-light", Shape::rgb(28, 28), "acd61a6fc5776ea9565ba2a678473704"),
    ];
    let found = pinned.map(|(name, shape, _)| (name, shape, digest(name, shape)));
    assert_eq!(found, pinned.map(|(name, shape, digest)| (name, shape, digest.to_owned())));
}

/// Any shape goes through every preset.
#[test]
fn presets_take_any_size() {
    for preset in presets::PRESETS {
        for shape in [
            Shape::gray(1, 1),
            Shape::rgb(1, 1),
            Shape::rgb(1, 17),
            Shape::gray(17, 1),
            Shape::rgb(2, 3),
            Shape::rgb(56, 56),
            Shape::rgb(150, 131),
        ] {
            let spec = Spec::parse(preset.name, preset.text).unwrap_or_else(|error| panic!("{error}"));
            let pipeline = Pipeline::new(spec, shape).expect("a pipeline");
            assert_eq!(pipeline.shape_out(), Ok(shape), "{}", preset.name);
            let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
            let items = if shape.pixels() > 10_000 { 20 } else { 200 };
            for item in 0..items {
                pipeline.draw(Address { seed: 1, stage: Stage::new("sizes", ""), item }, &mut plan);
                for (i, value) in canvas.reset(shape).iter_mut().enumerate() {
                    *value = (i * 37 % 251) as u8;
                }
                plan.paint(&mut canvas);
                assert_eq!(canvas.shape(), shape, "{} on {shape}", preset.name);
            }
        }
    }
}

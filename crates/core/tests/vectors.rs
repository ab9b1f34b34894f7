//! Whatever vector instructions a machine has, the bytes are the same. The only test of its process, whose level it sets.

use mnistaug_core::base::digest::ContentDigest;
use mnistaug_core::base::{Address, Canvas, Shape, Stage};
use mnistaug_core::kernels::colorize::{Span, stretch};
use mnistaug_core::kernels::vectors;
use mnistaug_core::pipeline::{Pipeline, Plan, Spec, presets};

const OPERATIONS: &str = include_str!("../benches/operations.txt");

/// Images of every shape that goes through `text`, as they come out.
fn digest(name: &str, text: &str) -> String {
    let mut digest = ContentDigest::default();
    for shape in [Shape::rgb(28, 28), Shape::gray(19, 33), Shape::rgb(5, 3), Shape::gray(1, 1)] {
        let spec = Spec::parse(name, text).unwrap_or_else(|error| panic!("{error}"));
        // Some want color.
        let Ok(pipeline) = Pipeline::new(spec, shape) else { continue };
        let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
        for item in 0..24_u64 {
            pipeline.draw(Address { seed: 7, stage: Stage::new("vectors", "train"), item }, &mut plan);
            for (i, value) in canvas.reset(shape).iter_mut().enumerate() {
                let (pixel, channel) = (i / shape.channels(), i % shape.channels());
                let (x, y) = ((pixel % shape.width) as u64, (pixel / shape.width) as u64);
                let bright = (x + y + item) % 9 < 3;
                *value = (x * 5 + y * (3 + channel as u64) + if bright { 140 } else { item * 3 }) as u8;
            }
            plan.paint(&mut canvas);
            digest.add_bytes(item, canvas.pixels());
        }
    }
    digest.to_string()
}

fn stretched() -> Vec<u8> {
    let levels: Vec<f32> = (0..2352 + 7).map(|i| (i * 37 % 766) as f32 / 765.0).collect();
    let spans = [(3.5, 250.1), (99.0, 12.25), (0.0, 254.999)].map(|(a, b)| Span::between(a, b));
    let mut out = vec![0; levels.len()];
    stretch(&levels, spans, &mut out);
    out
}

#[test]
fn every_level_gives_the_same_bytes() {
    let lines = OPERATIONS.lines().filter(|line| !line.starts_with('#'));
    let operations = lines.filter_map(|line| line.split_once(" = "));
    let single = operations.map(|(name, step)| (name, format!("version: 1\npipeline: [{{ {step} }}]\n")));
    let presets = presets::PRESETS.iter().map(|preset| (preset.name, preset.text.to_owned()));
    let all: Vec<_> = single.chain(presets).collect();
    assert!(all.len() > 40, "{} pipelines", all.len());
    let found: Vec<_> = vectors::levels()
        .into_iter()
        .enumerate()
        .map(|(number, level)| {
            vectors::choose(Some(number));
            let digests: Vec<_> = all.iter().map(|(name, text)| (*name, digest(name, text))).collect();
            (level, digests, stretched())
        })
        .collect();
    vectors::choose(None);
    for (level, digests, stretched) in &found[1..] {
        assert_eq!(digests, &found[0].1, "{level:?} and {:?}", found[0].0);
        assert_eq!(stretched, &found[0].2, "{level:?} and {:?}", found[0].0);
    }
}

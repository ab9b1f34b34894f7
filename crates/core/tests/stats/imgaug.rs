//! What the rest of imgaug's operations draw and make.

use std::collections::BTreeMap;

use mnistaug_core::base::{Canvas, Shape, Stream};
use mnistaug_core::kernels::elementwise::{self, Law};
use mnistaug_core::ops::{Int, Param};
use mnistaug_core::pipeline::{Pipeline, Plan};
use serde_json::Value;

use crate::outputs::{address, one_step};
use crate::{Group, Measured, SAMPLES, correlation};

/// Numbers of a distribution; draws cost little.
const DRAWS: u64 = 4 * SAMPLES;

/// Why a group cannot be measured.
pub(crate) fn left_out(group: &str) -> Option<&'static str> {
    group.starts_with("JpegCompression").then_some("the noise that was compressed is not known")
}

/// Measures a group.
pub(crate) fn measure(group: &str) -> Option<Group> {
    let mut found = Group::new();
    if let Some(rest) = group.strip_prefix("iap.") {
        found.insert("value", parameter(rest)?);
        return Some(found);
    }
    if let Some(name) = group.strip_suffix(" replacement") {
        found.insert("value", Measured::Samples(grains(name)));
        return Some(found);
    }
    let rgb = Shape::rgb(28, 28);
    match group.split(' ').next()?.split('(').next()? {
        "SaltAndPepper" => {
            let images = painted("salt_and_pepper: [0, 0.03]", rgb, &[128; 3]);
            let changed = |image: &Vec<u8>| {
                image.chunks_exact(3).filter(|pixel| **pixel != [128; 3]).count() as f64 / 784.0
            };
            found.insert("changed_fraction", Measured::Samples(images.iter().map(changed).collect()));
            let alike = |image: &Vec<u8>| image.chunks_exact(3).all(|pixel| pixel == [pixel[0]; 3]);
            found.insert("channels_equal_rate", rate(images.iter().map(alike)));
        }
        "CoarseSaltAndPepper" => {
            let step = "coarse_salt_and_pepper: { p: 0.2, size_percent: 0.1 }";
            let images = painted(step, Shape::gray(28, 28), &[128]);
            let changed =
                |image: &Vec<u8>| image.iter().filter(|value| **value != 128).count() as f64 / 784.0;
            found.insert("changed_fraction", Measured::Samples(images.iter().map(changed).collect()));
        }
        "Dropout2d" => {
            let dropped = |d: &Value| {
                let drop = d["drop"].as_array().cloned().unwrap_or_default();
                Value::from(drop.iter().filter(|drop| **drop == true).count())
            };
            found.insert("dropped", counts(drawn("dropout2d: 0.5").iter().map(dropped)));
        }
        "ChannelShuffle" => {
            let name = |d: &Value| {
                let order = d["order"].as_array().cloned().unwrap_or_default();
                Value::from(order.iter().map(Value::to_string).collect::<String>())
            };
            found.insert("order", counts(drawn("channel_shuffle: 1.0").iter().map(name)));
        }
        "Cutout" => cutout(&mut found),
        "MotionBlur" => {
            if group.contains("after rounding") {
                found.insert("k", counts(drawn("motion_blur: [3, 7]").iter().map(|d| d["k"].clone())));
            } else {
                let shape = Shape::gray(28, 28);
                let mut dot = vec![0; 784];
                dot[14 * 28 + 14] = 255;
                let images = painted("motion_blur: [3, 7]", shape, &dot);
                let taps = images.iter().map(|image| image.iter().filter(|value| **value > 0).count());
                found.insert("taps", counts(taps.map(Value::from)));
                let peaks = images.iter().map(|image| f64::from(image.iter().copied().max().unwrap_or(0)));
                found.insert("peak", Measured::Samples(peaks.collect()));
            }
        }
        "Resize" if group.contains("dict") => {
            let step = "imgaug.resize: { height: { factor: [0.5, 1.5] }, width: { factor: [0.5, 1.5] } }";
            let pairs: Vec<_> =
                drawn(step).iter().map(|d| (number(&d["height"]), number(&d["width"]))).collect();
            found.insert("correlation", Measured::Number(correlation(&pairs), 0.08));
        }
        "Resize" => {
            let heights = drawn("imgaug.resize: { size: { factor: [0.5, 1.5] } }");
            found.insert("height", counts(heights.iter().map(|d| d["height"].clone())));
        }
        "Rot90" => {
            found.insert("k", counts(drawn("imgaug.rot90: [0, 3]").iter().map(|d| d["k"].clone())));
        }
        "CropToFixedSize" => {
            let drawn = drawn("crop_to_fixed_size: { width: 20, height: 20 }");
            found.insert("top", counts(drawn.iter().map(|d| Value::from(-number(&d["amounts"][0]) as i64))));
        }
        "PadToFixedSize" => {
            let drawn = drawn("pad_to_fixed_size: { width: 36, height: 36 }");
            found.insert("top", counts(drawn.iter().map(|d| d["amounts"][0].clone())));
        }
        "GammaContrast" => {
            found.insert("value", first_values("gamma_contrast: [0.5, 2.0]", Shape::gray(1, 1), &[100], 0));
        }
        "BlendAlpha" => {
            let step = "blend_alpha: { factor: [0, 1], first: [invert: 1.0] }";
            found.insert("value", first_values(step, Shape::gray(1, 1), &[100], 0));
        }
        "MultiplyAndAddToBrightness" => {
            for (channel, name) in ["r", "g", "b"].into_iter().enumerate() {
                // Their red goes down to 78, which a factor of 0.7 cannot do: the ranges are those of imgaug's example.
                let step = "multiply_and_add_to_brightness: { mul: [0.5, 1.5] }";
                found.insert(name, first_values(step, Shape::rgb(1, 1), &[200, 80, 40], channel));
            }
        }
        "rates" => {
            let dropped = painted("total_dropout: 0.3", Shape::gray(1, 1), &[9]);
            found.insert("TotalDropout(.3)", rate(dropped.iter().map(|image| image[0] == 0)));
            let solarized = drawn("solarize: {}");
            found.insert("Solarize() default p", rate(solarized.iter().map(|d| !d["threshold"].is_null())));
            let shuffled = drawn("channel_shuffle: 0.35");
            let moved = shuffled.iter().map(|d| d["order"] != serde_json::json!([0, 1, 2]));
            found.insert("ChannelShuffle(.35) identity included", rate(moved));
        }
        _ => return None,
    }
    Some(found)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

fn counts(values: impl Iterator<Item = Value>) -> Measured {
    let mut counts = BTreeMap::new();
    for value in values {
        let name = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        *counts.entry(name).or_default() += 1;
    }
    Measured::Counts(counts)
}

fn rate(hits: impl Iterator<Item = bool>) -> Measured {
    let hits: Vec<bool> = hits.collect();
    Measured::Rate(hits.iter().filter(|hit| **hit).count() as u64, hits.len() as u64)
}

/// A distribution of parameters.
fn parameter(name: &str) -> Option<Measured> {
    let (text, whole) = match name {
        "Normal(0,2)" => (r#"{"normal": [0, 2]}"#, false),
        "Clip(Normal(0,2),-1,3)" => (r#"{"normal": [0, 2], "clip": [-1, 3]}"#, false),
        "TruncatedNormal(0,2,-1,3)" => (r#"{"normal": [0, 2], "truncate": [-1, 3]}"#, false),
        "Choice([1,2,5],p=[.2,.5,.3])" => (r#"{"choice": [1, 2, 5], "weights": [0.2, 0.5, 0.3]}"#, true),
        "Discretize(Uniform(0,3))" => (r#"{"uniform": [0, 3], "round": true}"#, true),
        "Uniform(3,-1)" => ("[-1, 3]", false),
        "DiscreteUniform(1,4)" => ("[1, 4]", true),
        "Poisson(2)" => (r#"{"poisson": 2}"#, true),
        "RandomSign(Poisson(3))" => (r#"{"poisson": 3, "sign": "random"}"#, true),
        "Positive(Normal(0,1))" => (r#"{"normal": [0, 1], "sign": "positive"}"#, false),
        "Laplace(0,4)" => (r#"{"laplace": [0, 4]}"#, false),
        _ => return None,
    };
    let mut rng: Stream = address(1).stream(7);
    if whole {
        let int: Int = serde_json::from_str(text).expect("a parameter");
        return Some(counts((0..DRAWS).map(|_| Value::from(int.draw(&mut rng)))));
    }
    let param: Param = serde_json::from_str(text).expect("a parameter");
    Some(Measured::Samples((0..DRAWS).map(|_| param.draw(&mut rng)).collect()))
}

/// Grains, rounded as pixels are.
fn grains(name: &str) -> Vec<f64> {
    let law = match name {
        "Salt" => Law::Salt,
        "Pepper" => Law::Pepper,
        _ => Law::SaltAndPepper,
    };
    let mut random = vec![0; DRAWS as usize * elementwise::BYTES_PER_NUMBER];
    address(2).stream(0).fill(&mut random);
    let mut numbers = vec![0.0; DRAWS as usize];
    elementwise::fill(&law, &random, &mut numbers, &mut Vec::new());
    numbers.into_iter().map(|number| f64::from(number.round_ties_even())).collect()
}

/// What an operation draws for color images of 28 x 28.
fn drawn(step: &str) -> Vec<Value> {
    let pipeline = Pipeline::new(one_step(step), Shape::rgb(28, 28)).expect("a pipeline");
    let key = step.split(':').next().unwrap_or_default();
    let mut plan = Plan::default();
    let draw = |item| {
        pipeline.draw(address(item), &mut plan);
        serde_json::to_value(&plan).expect("JSON")["steps"][0][key].clone()
    };
    (0..DRAWS).map(draw).collect()
}

/// What becomes of an image, or of one whose pixels are all alike.
fn painted(step: &str, shape: Shape, pixels: &[u8]) -> Vec<Vec<u8>> {
    let pipeline = Pipeline::new(one_step(step), shape).expect("a pipeline");
    let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
    let paint = |item| {
        pipeline.draw(address(item), &mut plan);
        for (value, own) in canvas.reset(shape).iter_mut().zip(pixels.iter().cycle()) {
            *value = *own;
        }
        plan.paint(&mut canvas);
        canvas.pixels().to_vec()
    };
    (0..SAMPLES).map(paint).collect()
}

/// One channel of what becomes of a pixel.
fn first_values(step: &str, shape: Shape, pixel: &[u8], channel: usize) -> Measured {
    Measured::Samples(painted(step, shape, pixel).iter().map(|image| f64::from(image[channel])).collect())
}

fn cutout(found: &mut Group) {
    let images = painted("cutout: {}", Shape::gray(28, 28), &[1]);
    let (mut heights, mut centers, mut areas) = (Vec::new(), Vec::new(), Vec::new());
    for image in &images {
        let rows: Vec<usize> = (0..28).filter(|y| image[y * 28..][..28].contains(&128)).collect();
        if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
            heights.push(Value::from(rows.len()));
            centers.push((first + last) as f64 / 2.0);
            areas.push(image.iter().map(|value| f64::from(u8::from(*value == 128))).sum::<f64>());
        }
    }
    found.insert("height", counts(heights.into_iter()));
    found.insert("centre_row", Measured::Samples(centers));
    found.insert("area", Measured::Samples(areas));
}

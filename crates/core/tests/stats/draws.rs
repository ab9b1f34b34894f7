//! What is drawn.

use std::collections::BTreeMap;

use mnistaug_core::base::{Scratch, Shape, Stream};
use mnistaug_core::kernels::blur;
use mnistaug_core::kernels::elastic;
use mnistaug_core::kernels::perspective::Quad;
use mnistaug_core::pipeline::{Pipeline, Plan};
use serde_json::Value;

use crate::outputs::{KERAS, address, autocorrelation, one_step};
use crate::{Group, Measured, SAMPLES, correlation};

/// Draws more than outputs, as they cost little.
const DRAWS: u64 = 4 * SAMPLES;

/// Measures a group, if it is of draws.
pub(crate) fn measure(group: &str) -> Option<Group> {
    if group == "control" {
        return Some(control());
    }
    let mut found = Group::new();
    match group.strip_prefix("params/")? {
        "CropAndPad(percent=(-0.05,0.1)) on 28x28" => {
            let drawn = drawn("crop_and_pad: { percent: [-0.05, 0.1], pad_mode: all, pad_cval: [0, 255] }");
            found.insert("side_amount_px (neg=crop)", counts(sides(&drawn)));
            let pairs: Vec<_> =
                drawn.iter().map(|d| (number(&d["amounts"][0]), number(&d["amounts"][1]))).collect();
            found.insert("corr_top_right", Measured::Number(correlation(&pairs), 0.08));
            found.insert("pad_mode", counts(drawn.iter().map(|d| d["pad_mode"].clone())));
            found.insert("pad_cval", samples(&drawn, |d| &d["pad_cval"]));
        }
        "Crop(percent=(0,0.2)) on 28x28" => {
            let drawn = drawn("crop: { percent: [0, 0.2] }");
            found.insert(
                "side_crop_px",
                counts(sides(&drawn).map(|n| Value::from(-n.as_i64().unwrap_or(99)))),
            );
        }
        "Affine(user)" => affine(&mut found),
        "blur" => {
            found.insert("gaussian_sigma", samples(&drawn("gaussian_blur: [0, 3]"), |d| &d["sigma"]));
            found
                .insert("average_k", counts(drawn("average_blur: [2, 7]").iter().map(|d| d["rows"].clone())));
            let median = drawn("median_blur: [3, 11]");
            let effective = |d: &Value| d["k"].as_i64().map(|k| k + i64::from(k % 2 == 0));
            found.insert("median_k_effective", counts(median.iter().map(|d| Value::from(effective(d)))));
        }
        "Add((-10,10))" => {
            let rounded = |d: &Value| Value::from(number(&d["value"][0]).round_ties_even() as i64);
            found.insert("rounded_value", counts(drawn("add: [-10, 10]").iter().map(rounded)));
        }
        "AddToHueAndSaturation((-20,20))" => {
            let drawn = drawn("add_to_hue_and_saturation: [-20, 20]");
            assert!(drawn.iter().all(|d| d["hue"] == d["saturation"]));
            found.insert("value", counts(drawn.iter().map(|d| d["hue"].clone())));
            let shift = |d: &Value| Value::from(number(&d["hue"]) as i64 * 180 / 255);
            found.insert("hue_shift_opencv", counts(drawn.iter().map(shift)));
        }
        "AddToSaturation((-50,50))" => {
            found.insert("value", samples(&drawn("add_to_saturation: [-50, 50]"), |d| &d["value"]));
        }
        "Superpixels" => {
            let drawn = drawn("superpixels: { p_replace: [0, 1], n_segments: [20, 200] }");
            found.insert("n_segments", samples(&drawn, |d| &d["n_segments"]));
        }
        "PiecewiseAffine" => {
            let drawn = drawn("piecewise_affine: { scale: [0.01, 0.05] }");
            found.insert("nb_rows", counts(drawn.iter().map(|d| d["nb_rows"].clone())));
        }
        "PiecewiseAffine(scale=(0.01,0.05))" => {
            // There, the deviation of the jitter of one call of many images; here each image draws its own.
            let drawn = drawn("piecewise_affine: { scale: [0.01, 0.05] }");
            found.insert("jitter_std_of_one_draw_call", samples(&drawn, |d| &d["scale"]));
        }
        "PerspectiveTransform(scale=(0.01,0.1))" => perspective(&mut found),
        "Keras ImageDataGenerator(user)" => keras(&mut found),
        _ => return None,
    }
    Some(found)
}

/// What an operation draws for color images of 28 x 28.
pub(crate) fn drawn(step: &str) -> Vec<Value> {
    let pipeline = Pipeline::new(one_step(step), Shape::rgb(28, 28)).expect("a pipeline");
    let key = step.split(':').next().unwrap_or_default();
    let mut plan = Plan::default();
    let draw = |item| {
        pipeline.draw(address(item), &mut plan);
        serde_json::to_value(&plan).expect("JSON")["steps"][0][key].clone()
    };
    (0..DRAWS).map(draw).collect()
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

pub(crate) fn samples<'a>(drawn: &'a [Value], field: impl Fn(&'a Value) -> &'a Value) -> Measured {
    Measured::Samples(drawn.iter().map(|d| number(field(d))).collect())
}

pub(crate) fn counts(values: impl Iterator<Item = Value>) -> Measured {
    let mut counts = BTreeMap::new();
    for value in values {
        let name = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        *counts.entry(name).or_default() += 1;
    }
    Measured::Counts(counts)
}

fn sides(drawn: &[Value]) -> impl Iterator<Item = Value> {
    drawn.iter().flat_map(|d| d["amounts"].as_array().cloned().unwrap_or_default())
}

fn affine(found: &mut Group) {
    let drawn = drawn(
        "affine: { scale: { x: [0.8, 1.2], y: [0.8, 1.2] }, translate_percent: { x: [-0.2, 0.2], y: [-0.2, 0.2] }, \
         rotate: [-45, 45], shear: [-16, 16], order: [0, 1], cval: [0, 255], mode: all }",
    );
    let of = |field: fn(&Value) -> &Value| samples(&drawn, field);
    let pairs = |field: fn(&Value) -> &Value| {
        let pairs: Vec<_> = drawn.iter().map(|d| (number(&field(d)[0]), number(&field(d)[1]))).collect();
        correlation(&pairs)
    };
    let fraction =
        |axis: usize| Measured::Samples(drawn.iter().map(|d| number(&d["translate"][axis]) / 28.0).collect());
    found.insert("scale_x", of(|d| &d["scale"][0]));
    found.insert("scale_y", of(|d| &d["scale"][1]));
    found.insert("corr_scale_xy", Measured::Number(pairs(|d| &d["scale"]), 0.08));
    found.insert("translate_x_fraction", fraction(0));
    found.insert("translate_y_fraction", fraction(1));
    found.insert("rotate_deg", of(|d| &d["rotate"]));
    found.insert("shear_x_deg", of(|d| &d["shear"][0]));
    let same = drawn.iter().filter(|d| d["shear"][0] == d["shear"][1]).count() as f64 / drawn.len() as f64;
    found.insert("shear_x_equals_shear_y_fraction", Measured::Number(same, 0.0));
    let levels = drawn.iter().flat_map(|d| d["cval"].as_array().into_iter().flatten().map(number));
    found.insert("cval_int_per_channel", Measured::Samples(levels.collect()));
    found.insert("corr_cval_ch01", Measured::Number(pairs(|d| &d["cval"]), 0.08));
    found.insert("mode", counts(drawn.iter().map(|d| d["mode"].clone())));
    found.insert("order", counts(drawn.iter().map(|d| d["order"].clone())));
}

fn keras(found: &mut Group) {
    let drawn = drawn(KERAS);
    for key in ["theta", "tx", "ty", "shear", "zx", "zy"] {
        found.insert(key, samples(&drawn, |d| &d[key]));
    }
    let rate = |key: &str| {
        Measured::Rate(drawn.iter().filter(|d| d[key] == true).count() as u64, drawn.len() as u64)
    };
    found.insert("flip_horizontal_rate", rate("flip_horizontal"));
    found.insert("flip_vertical_rate", rate("flip_vertical"));
    let pairs: Vec<_> = drawn.iter().map(|d| (number(&d["zx"]), number(&d["zy"]))).collect();
    found.insert("corr_zx_zy", Measured::Number(correlation(&pairs), 0.08));
}

fn perspective(found: &mut Group) {
    let drawn = drawn("perspective_transform: { scale: [0.01, 0.1] }");
    let (mut jitters, mut widths, mut heights) = (Vec::new(), Vec::new(), Vec::new());
    for d in &drawn {
        let jitter: [[f32; 2]; 4] = serde_json::from_value(d["jitter"].clone()).expect("jitter");
        jitters.extend(jitter.iter().flatten().map(|j| f64::from(j.abs())));
        let quad = Quad::from_jitter(jitter, Shape::rgb(28, 28));
        widths.push(Value::from(quad.width));
        heights.push(Value::from(quad.height));
    }
    // Eight numbers share one scale.
    found.insert("abs_jitter_fraction_batchsize1", Measured::Pool(jitters));
    found.insert("warp_width_28", counts(widths.into_iter()));
    found.insert("warp_height_28", counts(heights.into_iter()));
}

/// Numbers of the steps that run, for each of many images.
pub(crate) fn runs(step: &str) -> Vec<Vec<u32>> {
    let pipeline = Pipeline::new(one_step(step), Shape::rgb(28, 28)).expect("a pipeline");
    let mut plan = Plan::default();
    let draw = |item| {
        pipeline.draw(address(item), &mut plan);
        plan.painted().map(|painted| painted.node).collect()
    };
    (0..DRAWS).map(draw).collect()
}

fn control() -> Group {
    let mut found = Group::new();
    let flips = |step: &str| {
        let hits = drawn(step).iter().filter(|d| d["flip"] == true).count() as u64;
        Measured::Rate(hits, DRAWS)
    };
    found.insert("Fliplr(0.5)_rate", flips("fliplr: 0.5"));
    found.insert("Flipud(0.2)_rate", flips("flipud: 0.2"));
    let sometimes = runs("sometimes: { p: 0.5, then: [noop] }");
    let hits = sometimes.iter().filter(|nodes| !nodes.is_empty()).count() as u64;
    found.insert("Sometimes(0.5)_rate", Measured::Rate(hits, DRAWS));
    // The three alternatives there added 8, 9 and 10.
    let one = runs("one_of: [noop, noop, noop]");
    found.insert("OneOf_3_choice", counts(one.iter().map(|nodes| Value::from(nodes[0] + 6))));
    let children = vec!["noop"; 16].join(", ");
    let some = runs(&format!("some_of: {{ count: [0, 5], random_order: true, of: [{children}] }}"));
    found.insert("SomeOf((0,5))_count", counts(some.iter().map(|nodes| Value::from(nodes.len()))));
    let child = |node: &u32| Value::from(node - 2);
    found.insert("SomeOf_child_inclusion", counts(some.iter().flatten().map(child)));
    found.insert("SomeOf_first_child", counts(some.iter().filter_map(|nodes| nodes.first()).map(child)));
    let orders = runs("sequential: { random_order: true, of: [noop, noop, noop] }");
    let name =
        |nodes: &Vec<u32>| Value::from(nodes.iter().map(|node| (node - 2).to_string()).collect::<String>());
    found.insert("Sequential_random_order_3_permutations", counts(orders.iter().map(name)));
    found
}

/// The field of displacements of `elastic_transformation: { alpha: 1, sigma: 0.25 }`.
pub(crate) fn elastic_field() -> Group {
    let on = Shape::gray(28, 28);
    let (alpha, sigma) = (1.0, 0.25);
    let pad = blur::gaussian_size(sigma);
    let mut scratch = Scratch::default();
    let (mut values, mut stds, mut lags, mut pairs_of) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for item in 0..SAMPLES {
        let mut rng: Stream = address(item).stream(0);
        let uniform: Vec<f32> =
            (0..2 * (on.height + 2 * pad) * (on.width + 2 * pad)).map(|_| rng.unit() as f32).collect();
        let mut field = vec![0.0; 2 * on.pixels()];
        elastic::displacements(&uniform, &mut field, on, pad, (alpha, sigma), &mut scratch);
        let field: Vec<f64> = field.into_iter().map(f64::from).collect();
        let (dx, dy) = field.split_at(on.pixels());
        let n = dx.len() as f64;
        let mean = dx.iter().sum::<f64>() / n;
        stds.push((dx.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt());
        lags.push(autocorrelation(dx, on.height, on.width, (0, 1)));
        pairs_of.push(correlation(&dx.iter().copied().zip(dy.iter().copied()).collect::<Vec<_>>()));
        values.extend(dx.iter().step_by(5));
    }
    Group::from([
        ("value", Measured::Pool(values)),
        ("std_per_image", Measured::Samples(stds)),
        ("autocorr_lag1_x", Measured::Samples(lags)),
        ("corr_dx_dy", Measured::Samples(pairs_of)),
    ])
}

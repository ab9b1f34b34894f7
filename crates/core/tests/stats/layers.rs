//! What Keras' layers draw, and torchvision's AugMix and ElasticTransform.

use std::collections::BTreeMap;

use mnistaug_core::base::{Scratch, Shape, Stream};
use mnistaug_core::kernels::torch::elastic::{self, Strength};
use serde_json::Value;

use crate::draws::{counts, drawn, number, runs, samples};
use crate::outputs::address;
use crate::{Group, Measured, SAMPLES, correlation};

/// Measures a group, if it is one of these.
pub(crate) fn measure(group: &str) -> Option<Group> {
    let mut found = Group::new();
    match group {
        "torchvision/AugMix() on 28x28" => {
            aug_mix(&mut found);
            return Some(found);
        }
        "torchvision/RandomChoice" => {
            let chosen = |step: &str| {
                counts(runs(step).iter().map(|nodes| Value::from(["a", "b", "c"][nodes[0] as usize - 2])))
            };
            found.insert("uniform", chosen("one_of: [noop, noop, noop]"));
            found.insert("p_1_2_1", chosen("one_of: { of: [noop, noop, noop], weights: [1, 2, 1] }"));
            return Some(found);
        }
        "torchvision/ElasticTransform() on 28x28 (alpha 50, sigma 5)" => return Some(elastic_transform()),
        _ => {}
    }
    match group.strip_prefix("keras_layers/")? {
        "RandomFlip(horizontal)" => flips("keras.random_flip: horizontal", &mut found),
        "RandomFlip(vertical)" => flips("keras.random_flip: vertical", &mut found),
        "RandomFlip(horizontal_and_vertical)" => flips("keras.random_flip: {}", &mut found),
        "RandomRotation(.1)" => {
            found.insert("angle_deg", samples(&drawn("keras.random_rotation: 0.1"), |d| &d["angle"]));
        }
        "RandomTranslation(.1,.2) on 28x28" => {
            let drawn = drawn("keras.random_translation: { height_factor: 0.1, width_factor: 0.2 }");
            found.insert("shift_right_px", samples(&drawn, |d| &d["right"]));
            found.insert("shift_down_px", samples(&drawn, |d| &d["down"]));
        }
        "RandomZoom(.2)" => {
            let drawn = drawn("keras.random_zoom: 0.2");
            found.insert("height_zoom", samples(&drawn, |d| &d["height"]));
            let scales = drawn.iter().map(|d| 1.0 / number(&d["height"]));
            found.insert("content_scale", Measured::Samples(scales.collect()));
            let same = drawn.iter().filter(|d| d["height"] == d["width"]).count() as f64 / drawn.len() as f64;
            found.insert("same_for_both_axes", Measured::Number(same, 0.0));
        }
        "RandomZoom((-.3,-.1),(.1,.2))" => {
            let drawn = drawn("keras.random_zoom: { height_factor: [-0.1, -0.3], width_factor: [0.1, 0.2] }");
            found.insert("height_zoom", samples(&drawn, |d| &d["height"]));
            found.insert("width_zoom", samples(&drawn, |d| &d["width"]));
        }
        "RandomContrast(.2)" => {
            found.insert("contrast_factor", samples(&drawn("keras.random_contrast: 0.2"), |d| &d["factor"]));
        }
        "RandomContrast((.1,.4))" => {
            let drawn = drawn("keras.random_contrast: { factor: [0.1, 0.4] }");
            found.insert("contrast_factor", samples(&drawn, |d| &d["factor"]));
        }
        "RandomBrightness(.2)" => {
            found.insert("delta", samples(&drawn("keras.random_brightness: -0.2"), |d| &d["delta"]));
        }
        "RandomShear(.2,.1)" => {
            let drawn = drawn("keras.random_shear: { x_factor: 0.2, y_factor: 0.1 }");
            let pairs: Vec<_> = drawn.iter().map(|d| (number(&d["x"]), number(&d["y"]))).collect();
            found.insert("x", samples(&drawn, |d| &d["x"]));
            found.insert("y", samples(&drawn, |d| &d["y"]));
            found.insert("corr", Measured::Number(correlation(&pairs), 0.08));
            let same = pairs.iter().filter(|(x, y)| (*x > 0.0) == (*y > 0.0)).count() as u64;
            found.insert("same_sign_rate", Measured::Rate(same, pairs.len() as u64));
        }
        "RandomErasing() on 28x28" => erasing(&mut found),
        "RandomCrop(24,24) on 28x28" => {
            let drawn = drawn("keras.random_crop: { height: 24, width: 24 }");
            found.insert("top", counts(drawn.iter().map(|d| d["top"].clone())));
            found.insert("left", counts(drawn.iter().map(|d| d["left"].clone())));
        }
        "RandomPosterization((3,6))" => {
            let drawn = drawn("keras.random_posterization: { factor: [3, 6] }");
            found.insert("bits", counts(drawn.iter().map(|d| d["bits"].clone())));
        }
        "Solarization(addition .3, threshold .5)" => {
            let drawn = drawn("keras.solarization: { addition_factor: 0.3, threshold_factor: 0.5 }");
            found.insert("addition", samples(&drawn, |d| &d["addition"]));
            found.insert("threshold", samples(&drawn, |d| &d["threshold"]));
        }
        "RandAugment()" => {
            let drawn = drawn("keras.rand_augment: {}");
            let name = |act: &Value| match act {
                Value::Object(act) => act.keys().next().cloned().map_or(Value::Null, Value::from),
                other => other.clone(),
            };
            let acts = drawn.iter().flat_map(|d| d["acts"].as_array().into_iter().flatten());
            found.insert("op", counts(acts.filter(|act| !act.is_null()).map(name)));
        }
        _ => return None,
    }
    Some(found)
}

fn flips(step: &str, found: &mut Group) {
    let mut outcomes = BTreeMap::new();
    for d in drawn(step) {
        let name = match (d["horizontal"] == true, d["vertical"] == true) {
            (false, false) => "none",
            (true, false) => "horizontal",
            (false, true) => "vertical",
            (true, true) => "both",
        };
        *outcomes.entry(name.to_owned()).or_default() += 1;
    }
    found.insert("outcome", Measured::Counts(outcomes));
}

/// Pixels of boxes that are drawn in floats.
fn erasing(found: &mut Group) {
    let drawn = drawn("keras.random_erasing: {}");
    let applied = drawn.iter().filter(|d| d["apply"] == true).count() as u64;
    found.insert("rate", Measured::Rate(applied, drawn.len() as u64));
    let covered = |from: &Value, to: &Value| number(to).ceil() - number(from).ceil();
    let sides: Vec<(f64, f64)> =
        drawn.iter().map(|d| (covered(&d["y0"], &d["y1"]), covered(&d["x0"], &d["x1"]))).collect();
    found.insert("box_height", Measured::Samples(sides.iter().map(|side| side.0).collect()));
    found.insert("box_width", Measured::Samples(sides.iter().map(|side| side.1).collect()));
    let areas = sides.iter().map(|(h, w)| h * w / 784.0);
    found.insert("area_fraction", Measured::Samples(areas.collect()));
    found.insert("corr_h_w", Measured::Number(correlation(&sides), 0.08));
}

fn aug_mix(found: &mut Group) {
    let drawn = drawn("torchvision.aug_mix: {}");
    let acts = |d: &Value| -> Vec<(String, f64)> {
        let chains = d["chains"].as_array().cloned().unwrap_or_default();
        let acts = chains.iter().flat_map(|chain| chain.as_array().cloned().unwrap_or_default());
        let named =
            |act: Value| (act["kind"].as_str().unwrap_or_default().to_owned(), number(&act["magnitude"]));
        acts.filter(|act| !act.is_null()).map(named).collect()
    };
    let all: Vec<Vec<(String, f64)>> = drawn.iter().map(acts).collect();
    found.insert("ops_per_image", counts(all.iter().map(|acts| Value::from(acts.len()))));
    let camel = |name: &str| -> String {
        let part = |part: &str| part[..1].to_uppercase() + &part[1..];
        name.split('_').map(part).collect()
    };
    found.insert("op", counts(all.iter().flatten().map(|(name, _)| Value::from(camel(name)))));
    let of = |kind: &'static str| all.iter().flatten().filter(move |(name, _)| name == kind).map(|(_, m)| *m);
    found.insert("posterize_bits", counts(of("posterize").map(|bits| Value::from(bits as i64))));
    let degrees = |m: f64| {
        let rounded = (m * 10_000.0).round() / 10_000.0;
        Value::from(if rounded == 0.0 {
            (if m.is_sign_negative() { "-0.0" } else { "0.0" }).to_owned()
        } else {
            rounded.to_string()
        })
    };
    found.insert("rotate_deg", counts(of("rotate").map(degrees)));
}

fn elastic_transform() -> Group {
    let on = Shape::gray(28, 28);
    let strength = Strength { alpha: [50.0; 2], sigma: [5.0; 2] };
    let mut scratch = Scratch::default();
    let (mut x, mut y, mut means) = (Vec::new(), Vec::new(), Vec::new());
    for item in 0..SAMPLES {
        let mut rng: Stream = address(item).stream(0);
        let noise: Vec<f32> = (0..2 * on.pixels()).map(|_| rng.unit() as f32).collect();
        let mut field = vec![0.0; 2 * on.pixels()];
        elastic::displacements(&noise, &mut field, on, strength, &mut scratch);
        let pixels: Vec<f64> = field.iter().map(|v| f64::from(*v) * 14.0).collect();
        let (dx, dy) = pixels.split_at(on.pixels());
        means.push(dx.iter().sum::<f64>() / dx.len() as f64);
        x.extend(dx.iter().step_by(5));
        y.extend(dy.iter().step_by(5));
    }
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    let variance = means.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>() / means.len() as f64;
    Group::from([
        ("dx_px", Measured::Pool(x)),
        ("dy_px", Measured::Pool(y)),
        ("row_std_of_image_means", Measured::Number(variance.sqrt(), 0.08)),
    ])
}

//! Cases of Keras' preprocessing layers (`tests/golden/keras_layers`), computed in floats by the kernels, and as bytes by
//! what our operations draw and paint. The arrays were made by Keras 3.15.1 on TensorFlow 2.21.0; parameters are those drawn.

mod peers;

use std::fs::File;
use std::io::BufReader;

use mnistaug_core::base::{Canvas, Scratch, Shape};
use mnistaug_core::kernels::keras_layers::resize::{Part, resize};
use mnistaug_core::kernels::keras_layers::warp::{self, Fill, Interpolation, Sampling};
use mnistaug_core::kernels::keras_layers::{color, load, tables};
use mnistaug_core::ops::AnyDrawn;
use peers::{Arrays, Case, Picture, Tolerance};
use serde_json::{Value, json};

/// The float result, its shape, and what the operation would have drawn.
struct Expected {
    shape: Shape,
    values: Vec<f32>,
    key: &'static str,
    drawn: Value,
}

fn sampling(params: &serde_json::Map<String, Value>) -> Result<Sampling, String> {
    let text = |key: &str| params[key].as_str().unwrap_or_default();
    Ok(Sampling {
        fill: match text("fill_mode") {
            "reflect" => Fill::Reflect,
            "wrap" => Fill::Wrap,
            "nearest" => Fill::Nearest,
            "constant" => Fill::Constant,
            other => return Err(format!("fill mode {other}")),
        },
        value: params["fill_value"].as_f64().unwrap_or(f64::NAN) as f32,
        interpolation: match text("interpolation") {
            "bilinear" => Interpolation::Bilinear,
            "nearest" => Interpolation::Nearest,
            other => return Err(format!("interpolation {other}")),
        },
    })
}

fn expected(case: &Case, picture: &Picture) -> Result<Expected, String> {
    let (on, params) = (picture.shape, &case.params);
    let number = |key: &str| params[key].as_f64().ok_or_else(|| format!("{key} is no number"));
    let single = |key: &str| number(key).map(|value| value as f32);
    let size =
        |key: &str| params[key].as_u64().map(|n| n as usize).ok_or_else(|| format!("{key} is no size"));
    let mut source = vec![0.0; on.bytes()];
    load(picture.view(), &mut source);
    let mut values = source.clone();
    let mut scratch = Scratch::default();
    let moved = |key: &'static str, matrix: warp::Matrix, mut drawn: Value| -> Result<Expected, String> {
        let mut values = vec![0.0; on.bytes()];
        warp::warp(&source, on, &mut values, &matrix, sampling(params)?);
        drawn["filled"] = json!({
            "fill_mode": params["fill_mode"], "interpolation": params["interpolation"], "fill_value": params["fill_value"],
        });
        Ok(Expected { shape: on, values, key, drawn })
    };
    let part = |key: &'static str, part: Part, to: Shape, how: Interpolation| {
        let mut values = vec![0.0; to.bytes()];
        resize(&source, on, part, &mut values, to, how, 0.0);
        let drawn = json!({
            "top": part.top, "left": part.left, "part": [part.height, part.width], "size": [to.height, to.width],
        });
        Expected { shape: to, values, key, drawn }
    };
    let family = case.family().trim_start_matches("keras_layers.");
    let (key, drawn) = match family {
        "random_flip" => {
            let flips = params["flipped"] == true;
            let on =
                |mode: &str| flips && (params["mode"] == mode || params["mode"] == "horizontal_and_vertical");
            let (horizontal, vertical) = (on("horizontal"), on("vertical"));
            let at = |n: usize, i: usize, flip: bool| if flip { n - 1 - i } else { i };
            let Shape { height, width, .. } = picture.shape;
            for (i, value) in values.iter_mut().enumerate() {
                let channels = picture.shape.channels();
                let (y, x, c) = (i / channels / width, i / channels % width, i % channels);
                *value = source[(at(height, y, vertical) * width + at(width, x, horizontal)) * channels + c];
            }
            ("keras.random_flip", json!({ "horizontal": horizontal, "vertical": vertical }))
        }
        "random_rotation" => {
            let angle = single("angle_deg")?;
            return moved("keras.random_rotation", warp::rotation(angle, on), json!({ "angle": angle }));
        }
        "random_translation" => {
            let (right, down) = (single("shift_right_px")?, single("shift_down_px")?);
            let drawn = json!({ "right": right, "down": down });
            return moved("keras.random_translation", warp::translation(right, down), drawn);
        }
        "random_zoom" => {
            let (height, width) = (1.0 + number("height_factor")?, 1.0 + number("width_factor")?);
            let (height, width) = (height as f32, width as f32);
            let drawn = json!({ "height": height, "width": width });
            return moved("keras.random_zoom", warp::zoom(height, width, on), drawn);
        }
        "random_shear" => {
            let (x, y) = (single("x_factor")?, single("y_factor")?);
            return moved("keras.random_shear", warp::shear(x, y), json!({ "x": x, "y": y }));
        }
        "random_crop" => {
            let (height, width) = (size("height")?, size("width")?);
            let (top, left) = (size("top")? as i64, size("left")? as i64);
            let to = Shape::new(height, width, on.kind);
            return Ok(part(
                "keras.random_crop",
                Part { top, left, height, width },
                to,
                Interpolation::Bilinear,
            ));
        }
        "center_crop" => {
            let (height, width) = (size("height")?, size("width")?);
            let (top, left) = (((on.height - height) / 2) as i64, ((on.width - width) / 2) as i64);
            let to = Shape::new(height, width, on.kind);
            return Ok(part(
                "keras.center_crop",
                Part { top, left, height, width },
                to,
                Interpolation::Bilinear,
            ));
        }
        "resizing" => {
            let to = Shape::new(size("height")?, size("width")?, on.kind);
            let how = match params["interpolation"].as_str() {
                Some("nearest") => Interpolation::Nearest,
                _ => Interpolation::Bilinear,
            };
            let of = part("keras.resizing", Part::whole(on), to, how);
            let drawn =
                json!({ "of": of.drawn, "interpolation": params["interpolation"], "fill_value": 0.0 });
            return Ok(Expected { drawn, ..of });
        }
        "random_contrast" => {
            let factor = single("contrast_factor")?;
            color::contrast(&mut values, on, factor);
            ("keras.random_contrast", json!({ "factor": factor }))
        }
        "random_brightness" => {
            let delta = (number("factor")? * 255.0) as f32;
            color::brightness(&mut values, delta);
            ("keras.random_brightness", json!({ "delta": delta }))
        }
        "random_erasing" => {
            let [x0, x1, y0, y1] = [single("x0")?, single("x1")?, single("y0")?, single("y1")?];
            let channels = on.channels();
            for (i, value) in values.iter_mut().enumerate() {
                let (y, x) = ((i / channels / on.width) as f32, (i / channels % on.width) as f32);
                if x >= x0 && x < x1 && y >= y0 && y < y1 {
                    *value = single("fill_value")?;
                }
            }
            let color = vec![number("fill_value")? as u8; 3];
            (
                "keras.random_erasing",
                json!({ "apply": true, "x0": x0, "x1": x1, "y0": y0, "y1": y1, "fill_value": color, "key": 0 }),
            )
        }
        "random_posterization" => {
            let bits = size("bits")? as u8;
            tables::posterize(&mut values, bits);
            ("keras.random_posterization", json!({ "bits": bits }))
        }
        "solarization" => {
            let (addition, threshold) = (single("addition")?, single("threshold")?);
            tables::solarize(&mut values, addition, threshold);
            ("keras.solarization", json!({ "addition": addition, "threshold": threshold }))
        }
        "auto_contrast" => {
            tables::auto_contrast(&mut values, on);
            ("keras.auto_contrast", json!({}))
        }
        "equalization" => {
            tables::equalize(&mut values, on, 256, &mut scratch);
            ("keras.equalization", json!({ "bins": 256 }))
        }
        "random_color_degeneration" => {
            color::degenerate(&mut values, on, single("factor")?);
            ("keras.random_color_degeneration", json!({ "factor": single("factor")? }))
        }
        "random_grayscale" => {
            color::grayscale(&mut values, on);
            ("keras.random_grayscale", json!({ "apply": true }))
        }
        "random_sharpness" => {
            color::sharpness(&mut values, on, single("factor")?, &mut scratch);
            ("keras.random_sharpness", json!({ "factor": single("factor")? }))
        }
        "random_invert" => {
            tables::invert(&mut values);
            ("keras.random_invert", json!({ "apply": true }))
        }
        "random_hue" => {
            let turns = single("hue_shift_turns")?;
            color::hue(&mut values, on, turns);
            ("keras.random_hue", json!({ "factor": turns }))
        }
        "random_saturation" => {
            let factor = single("saturation_multiplier")?;
            color::saturation(&mut values, on, factor, 255.0);
            ("keras.random_saturation", json!({ "factor": factor, "limit": 255.0 }))
        }
        other => return Err(format!("the family {other} is not known")),
    };
    Ok(Expected { shape: on, values, key, drawn })
}

/// Mean and greatest difference of the floats, and the share of those beyond 1.
fn compare(case: &Case, arrays: &Arrays) -> Result<[f64; 3], String> {
    let picture = arrays.image(case.input.as_deref().ok_or("there is no input")?)?;
    let Expected { shape, values, key, drawn } = expected(case, &picture)?;
    let ours = [shape.height, shape.width, shape.channels()];
    if case.shape != ours {
        return Err(format!("shape {ours:?}, expected {:?}", case.shape));
    }
    // Bytes are the floats, rounded half to even and clipped.
    let drawn = AnyDrawn::read(key, drawn.clone()).map_err(|error| format!("{key}: {error} in {drawn}"))?;
    let mut canvas = Canvas::default();
    canvas.load(picture.view());
    drawn.paint(&mut canvas);
    let rounded: Vec<u8> = values.iter().map(|v| v.round_ties_even().clamp(0.0, 255.0) as u8).collect();
    if (canvas.shape(), canvas.pixels()) != (shape, rounded.as_slice()) {
        return Err(format!("{key} paints something else"));
    }
    let (_, theirs) = arrays.f32s(&case.output)?;
    let diffs: Vec<f64> = values.iter().zip(&theirs).map(|(a, b)| f64::from((a - b).abs())).collect();
    let n = diffs.len() as f64;
    let beyond = diffs.iter().filter(|diff| **diff > 1.0).count() as f64 / n;
    Ok([diffs.iter().sum::<f64>() / n, diffs.iter().copied().fold(0.0, f64::max), beyond])
}

#[test]
fn every_case_of_keras_layers_comes_out_the_same() {
    let folder = peers::folder().join("keras_layers");
    let file = BufReader::new(File::open(folder.join("cases.json")).expect("the list of cases"));
    let cases: Value = serde_json::from_reader(file).expect("JSON");
    let cases: Vec<Case> = serde_json::from_value(cases["cases"].clone()).expect("a list of cases");
    assert!(cases.len() > 70);
    let arrays = Arrays::of(&folder.join("data.npz"));
    let (mut failures, mut recipes, mut identical) = (Vec::new(), 0, 0);
    for case in &cases {
        recipes += usize::from(case.exact_ref_diff.is_some());
        match (compare(case, &arrays), &case.tolerance) {
            (Ok([_, 0.0, _]), _) => identical += usize::from(case.exact_ref_diff.is_some()),
            (
                Ok([mean, max, beyond]),
                Tolerance::Abs { mean_abs_le, max_abs_le, frac_pixels_diff_gt1_le },
            ) if mean <= *mean_abs_le
                && max <= *max_abs_le
                && frac_pixels_diff_gt1_le.is_none_or(|limit| beyond <= limit) =>
            {
                if case.exact_ref_diff.is_some() {
                    failures.push(format!("{}: not identical: mean {mean:.7}, max {max:.6}", case.id));
                }
            }
            (Ok([mean, max, _]), _) => failures.push(format!("{}: mean {mean:.5}, max {max:.5}", case.id)),
            (Err(error), _) => failures.push(format!("{}: {error}", case.id)),
        }
    }
    assert!(failures.is_empty(), "{} of {} fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
    assert_eq!(identical, recipes, "cases that have a recipe to the bit");
}

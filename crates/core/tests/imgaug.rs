//! Cases of the rest of imgaug (`tests/golden/imgaug`) through the operations and combinators that pasted pipelines become,
//! and, where the noise is given, through their kernels. The arrays were made by imgaug 0.4.0 with OpenCV 4.11.0; parameters
//! are those drawn.

mod peers;

use std::fs::File;
use std::io::BufReader;

use mnistaug_core::base::{Address, Canvas, Image, Stage};
use mnistaug_core::kernels::{blend, elementwise, noise};
use mnistaug_core::ops::AnyDrawn;
use mnistaug_core::pipeline::{Pipeline, Plan, Spec};
use peers::{Arrays, Case, Picture, Tolerance};
use serde_json::{Value, json};

/// A case's augmenters as they are written in its parameters.
fn child(text: &str) -> Result<Value, String> {
    Ok(match text {
        "Multiply(0.4)" => json!({ "multiply": 0.4 }),
        "Multiply(0.5)" => json!({ "multiply": 0.5 }),
        "Multiply(1.5)" => json!({ "multiply": 1.5 }),
        "Invert(1)" => json!({ "invert": 1.0 }),
        "LinearContrast(1.5)" => json!({ "linear_contrast": 1.5 }),
        "WithChannels(0, Add(50))" => {
            json!({ "with_channels": { "channels": [0], "steps": [{ "add": 50 }] } })
        }
        "WithChannels(2, Add(-30))" => {
            json!({ "with_channels": { "channels": [2], "steps": [{ "add": -30 }] } })
        }
        text => {
            let list = text
                .strip_prefix("Crop(px top,right,bottom,left=")
                .and_then(|rest| rest.strip_suffix(", keep_size=False)"))
                .ok_or_else(|| format!("{text} is not known"))?;
            let px: Value = serde_json::from_str(list).map_err(|error| error.to_string())?;
            json!({ "crop": { "px": px, "keep_size": false } })
        }
    })
}

/// The step that does what a case says, all of its values constant.
fn step(family: &str, case: &Case) -> Result<Value, String> {
    let params = &case.params;
    let get = |key: &str| params.get(key).cloned().unwrap_or(Value::Null);
    let children = |key: &str| child(params[key].as_str().unwrap_or_default());
    let position = |key: &str| match &params[key] {
        Value::Array(pair) => json!({ "x": pair[0], "y": pair[1] }),
        name => name.clone(),
    };
    let mut affine = params.clone();
    affine.entry("order").or_insert(json!(1));
    let side = |value: &Value| match value {
        Value::Number(number) if number.is_i64() => json!({ "px": number }),
        Value::Number(number) => json!({ "factor": number }),
        name => name.clone(),
    };
    Ok(match family {
        "sigmoid_contrast"
        | "log_contrast"
        | "bilateral_blur"
        | "multiply_brightness"
        | "multiply_saturation"
        | "multiply_hue"
        | "change_colorspace"
        | "solarize"
        | "posterize"
        | "uniform_color_quantization"
        | "motion_blur" => json!({ family: params }),
        "gamma_contrast" => json!({ family: get("gamma") }),
        "average_blur_axes" => json!({ "average_blur": { "k": params["k"][1], "columns": params["k"][0] } }),
        "multiply_add_brightness" => json!({ "multiply_and_add_to_brightness": {
            "mul": get("mul"), "add": get("add"), "to_colorspace": get("to_colorspace"), "random_order": false,
        } }),
        "add_brightness" => json!({ "add_to_brightness": params }),
        "multiply_hue_saturation" => json!({ "multiply_hue_and_saturation": params }),
        "add_hue" => json!({ "add_to_hue_and_saturation": { "value_hue": get("value") } }),
        "with_brightness_channels" | "with_colorspace" => json!({ family: {
            "to_colorspace": get("to_colorspace"), "steps": [children("children")?],
        } }),
        "with_channels" => {
            let channels =
                if params["channels"].is_array() { get("channels") } else { json!([params["channels"]]) };
            json!({ family: { "channels": channels, "steps": [children("children")?] } })
        }
        "resize" => {
            let mut fields = serde_json::Map::new();
            match &params["size"] {
                Value::Object(sides) => {
                    fields.extend(sides.iter().map(|(name, own)| (name.replace('-', "_"), side(own))));
                }
                size => drop(fields.insert("size".to_owned(), side(size))),
            }
            fields.insert("interpolation".to_owned(), get("interpolation"));
            json!({ "imgaug.resize": fields })
        }
        "keep_size_by_resize" => json!({ family: {
            "interpolation": get("interpolation"), "steps": [children("children")?],
        } }),
        "pad_to_fixed_size" => json!({ family: {
            "width": get("width"), "height": get("height"), "pad_mode": get("pad_mode"), "pad_cval": get("pad_cval"),
            "position": position("position"),
        } }),
        "crop_to_fixed_size" => json!({ family: {
            "width": get("width"), "height": get("height"), "position": position("position"),
        } }),
        "rot90" => json!({ "imgaug.rot90": params }),
        "affine_order3" | "affine_fit_output" | "rotate" => json!({ "affine": affine }),
        "shear_x" => json!({ "affine": { "shear": { "x": get("shear") } } }),
        "shear_y" => json!({ "affine": { "shear": { "y": get("shear") } } }),
        "translate_x" => json!({ "affine": { "translate_px": { "x": get("px") } } }),
        "translate_y" => json!({ "affine": { "translate_percent": { "y": get("percent") } } }),
        "scale_x" => json!({ "affine": { "scale": { "x": get("scale") } } }),
        "all_channels_clahe" | "clahe" => json!({ family: {
            "clip_limit": get("clip_limit"), "tile_grid_size_px": get("tile_grid_size_px"),
            "tile_grid_size_px_min": 1,
        } }),
        "histogram_equalization" | "all_channels_histogram_equalization" => json!({ family: {} }),
        "blend_alpha" => json!({ family: {
            "factor": get("factor"), "first": [children("foreground")?], "second": [children("background")?],
        } }),
        "jpeg_compression" => json!({ family: get("compression") }),
        other => return Err(format!("the family {other} is not known")),
    })
}

/// What operations that draw more than a step can fix would have drawn.
fn drawn(family: &str, case: &Case) -> Option<(&'static str, Value)> {
    let params = &case.params;
    let pair = |key: &str| json!([params[key][0], params[key][1]]);
    match family {
        "gamma_contrast" if params.contains_key("gamma_per_channel") => {
            Some(("gamma_contrast", json!({ "gamma": params["gamma_per_channel"] })))
        }
        "channel_shuffle" => Some(("channel_shuffle", json!({ "order": params["new_channel_c_is_old"] }))),
        "cutout" => {
            let mut rectangles = vec![Value::Null; 8];
            rectangles[0] = json!({
                "position": pair("position_x_y"), "size": pair("size_height_width"), "per_channel": false, "key": 0,
                "cval": [params["cval"], params["cval"], params["cval"]],
            });
            Some(("cutout", json!({ "rectangles": rectangles, "squared": params["squared"] })))
        }
        "dropout2d" => {
            let dropped = params["dropped_channels"].as_array()?;
            let drop = [0, 1, 2].map(|channel| dropped.contains(&json!(channel)));
            Some(("dropout2d", json!({ "drop": drop })))
        }
        _ => None,
    }
}

/// Paints a case whose noise is given; whether it is one.
fn paint_given(family: &str, case: &Case, arrays: &Arrays, canvas: &mut Canvas) -> Result<bool, String> {
    let aux =
        |name: &str| case.aux.get(name).and_then(Value::as_str).ok_or_else(|| format!("there is no {name}"));
    let floats = |name: &str| -> Result<Vec<f32>, String> {
        let key = aux(name)?;
        let numbers = arrays.f64s(key).map(|(_, data)| data);
        let numbers = numbers
            .or_else(|_| arrays.i32s(key).map(|(_, data)| data.into_iter().map(f64::from).collect()))?;
        Ok(numbers.into_iter().map(|number| number as f32).collect())
    };
    let (pixels, channels) = (canvas.shape().pixels(), canvas.shape().channels());
    // One number for each pixel, where channels share them.
    let shared = |numbers: Vec<f32>| {
        let alike = numbers.len() == pixels * channels
            && numbers.chunks_exact(channels).all(|pixel| pixel.iter().all(|v| v == &pixel[0]));
        if alike { numbers.into_iter().step_by(channels).collect() } else { numbers }
    };
    match family {
        "add_elementwise" | "additive_laplace_noise" | "additive_poisson_noise" => {
            let values = shared(floats("values")?);
            canvas.in_place(|image, _| noise::add(image, &values));
        }
        "multiply_elementwise" => {
            let values = shared(floats("values")?);
            canvas.in_place(|image, _| elementwise::multiply(image, &values));
        }
        "salt_and_pepper"
        | "impulse_noise"
        | "salt"
        | "pepper"
        | "coarse_salt_and_pepper"
        | "replace_elementwise" => {
            // Only of what is masked, one after the other.
            let marks: Vec<u8> = floats("mask")?.iter().map(|mark| u8::from(*mark > 0.0)).collect();
            let mut given = floats("replacement")?.into_iter();
            let values: Vec<f32> =
                marks.iter().map(|mark| if *mark > 0 { given.next().unwrap_or(-1.0) } else { 0.0 }).collect();
            canvas.in_place(|image, _| elementwise::replace(image, &marks, &values));
        }
        "blend_alpha_elementwise" => {
            let mask = shared(floats("mask")?);
            let inverted: Vec<u8> = canvas.pixels().iter().map(|v| 255 - v).collect();
            let shape = canvas.shape();
            canvas.in_place(|image, _| {
                let alpha = if mask.len() == pixels {
                    blend::Alpha::Pixels(&mask)
                } else {
                    blend::Alpha::Values(&mask)
                };
                blend::blend(image, Image::new(shape, &inverted), alpha, blend::EPS);
            });
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn compare(case: &Case, arrays: &Arrays) -> Result<[f64; 3], String> {
    let picture = arrays.image(case.input.as_deref().ok_or("there is no input")?)?;
    let family = case.family().trim_start_matches("imgaug.");
    let mut canvas = Canvas::default();
    canvas.load(picture.view());
    if !paint_given(family, case, arrays, &mut canvas)? {
        if let Some((key, values)) = drawn(family, case) {
            let drawn =
                AnyDrawn::read(key, values.clone()).map_err(|error| format!("{key}: {error} in {values}"))?;
            drawn.paint(&mut canvas);
        } else {
            let text = json!({ "version": 1, "pipeline": [step(family, case)?] }).to_string();
            let spec = Spec::parse("case", &text).map_err(|error| error.to_string())?;
            let pipeline =
                Pipeline::new(spec, picture.shape).map_err(|complaint| format!("{complaint:?}"))?;
            let mut plan = Plan::default();
            pipeline.draw(Address { seed: 0, stage: Stage::new("golden", ""), item: 0 }, &mut plan);
            plan.paint(&mut canvas);
        }
    }
    let ours = Picture::of(&canvas);
    let shape = [ours.shape.height, ours.shape.width, ours.shape.channels()];
    if case.shape != shape {
        return Err(format!("shape {shape:?}, expected {:?}", case.shape));
    }
    let (_, theirs) = arrays.u8s(&case.output)?;
    let diffs: Vec<f64> = ours.data.iter().zip(&theirs).map(|(a, b)| f64::from(a.abs_diff(*b))).collect();
    let count = diffs.len() as f64;
    let beyond = diffs.iter().filter(|diff| **diff > 1.0).count() as f64 / count;
    Ok([diffs.iter().sum::<f64>() / count, diffs.iter().copied().fold(0.0, f64::max), beyond])
}

#[test]
fn every_case_of_imgaug_comes_out_the_same() {
    let folder = peers::folder().join("imgaug");
    let file = BufReader::new(File::open(folder.join("cases.json")).expect("the list of cases"));
    let cases: Value = serde_json::from_reader(file).expect("JSON");
    let cases: Vec<Case> = serde_json::from_value(cases["cases"].clone()).expect("a list of cases");
    assert!(cases.len() >= 160);
    let arrays = Arrays::of(&folder.join("data.npz"));
    let (mut failures, mut near, mut exact) = (Vec::new(), Vec::new(), 0);
    for case in &cases {
        match (compare(case, &arrays), &case.tolerance) {
            (Ok([_, 0.0, _]), _) => exact += 1,
            (
                Ok([mean, max, beyond]),
                Tolerance::Abs { mean_abs_le, max_abs_le, frac_pixels_diff_gt1_le },
            ) if mean <= *mean_abs_le
                && max <= *max_abs_le
                && frac_pixels_diff_gt1_le.is_none_or(|most| beyond <= most) =>
            {
                near.push(format!("{}: mean {mean:.4}, max {max}", case.id));
            }
            (Ok([mean, max, _]), _) => failures.push(format!("{}: mean {mean:.4}, max {max}", case.id)),
            (Err(error), _) => failures.push(format!("{}: {error}", case.id)),
        }
    }
    assert!(failures.is_empty(), "{} of {} fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
    assert!(exact >= 158, "{exact} of {} identical, not\n{}", cases.len(), near.join("\n"));
}

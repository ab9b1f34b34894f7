//! Cases of torchvision on PIL images (`tests/golden/torchvision`), through what our operations draw and paint. The
//! arrays were made by torchvision 0.29.2 with Pillow 13.0.0 on the inputs of the file; parameters are those drawn.

mod peers;

use std::fs::File;
use std::io::BufReader;

use mnistaug_core::base::{Canvas, Shape};
use mnistaug_core::kernels::pil::warp;
use mnistaug_core::ops::AnyDrawn;
use peers::{Arrays, Case, Picture, Tolerance};
use serde_json::{Map, Value, json};

type Drawn = (&'static str, Value);

/// What an operation would have drawn.
fn drawn(family: &str, params: &Map<String, Value>, on: Shape) -> Result<Drawn, String> {
    let number = |key: &str| params[key].as_f64().ok_or_else(|| format!("{key} is no number"));
    let whole = |key: &str| params[key].as_i64().ok_or_else(|| format!("{key} is no whole number"));
    let pair = |value: &Value| [value[0].as_f64().unwrap_or(f64::NAN), value[1].as_f64().unwrap_or(f64::NAN)];
    let color = |value: Option<&Value>| match value {
        Some(Value::Array(list)) => {
            json!(list.iter().cycle().take(3).map(|v| v.as_f64().unwrap_or(0.0) as u8).collect::<Vec<_>>())
        }
        Some(value) => json!(vec![value.as_f64().unwrap_or(0.0) as u8; 3]),
        None => json!([0, 0, 0]),
    };
    let center = params.get("center").filter(|center| !center.is_null()).map(pair);
    let size = |key: &str| json!(params[key]);
    let warped = |matrix: [f64; 6], [h, w]: [usize; 2]| json!({ "matrix": matrix, "interpolation": params["interpolation"], "fill": color(params.get("fill")), "size": [h, w] });
    let adjusted = |name: &str| {
        Ok((
            "torchvision.color_jitter",
            json!({ "changes": [{ name: number("factor")? }, null, null, null] }),
        ))
    };
    let decided = |key: &'static str, amount: f64| Ok((key, json!({ "apply": true, "amount": amount })));
    match family {
        "hflip" => Ok(("fliplr", json!({ "flip": true }))),
        "vflip" => Ok(("flipud", json!({ "flip": true }))),
        "rotate" => {
            let expand = params["expand"] == true;
            let (matrix, size) = warp::rotation(number("angle")?, center, expand, on.height, on.width);
            Ok(("torchvision.random_rotation", warped(matrix, size)))
        }
        "affine" => {
            let center = center.unwrap_or([on.width as f64 * 0.5, on.height as f64 * 0.5]);
            let (translate, shear) = (pair(&params["translate"]), pair(&params["shear"]));
            let matrix = warp::affine(number("angle")?, translate, number("scale")?, shear, center);
            Ok(("torchvision.random_affine", warped(matrix, [on.height, on.width])))
        }
        "perspective" => {
            let corners = |key: &str| std::array::from_fn(|i| pair(&params[key][i]));
            let coefficients =
                warp::coefficients(corners("startpoints"), corners("endpoints")).ok_or("no area")?;
            Ok((
                "torchvision.random_perspective",
                json!({
                    "coefficients": coefficients, "interpolation": params["interpolation"], "fill": color(params.get("fill")),
                }),
            ))
        }
        "pad" => {
            let [left, top, right, bottom] =
                ["left", "top", "right", "bottom"].map(|key| params[key].as_u64().unwrap_or(0) as usize);
            Ok((
                "torchvision.pad",
                json!({
                    "top": -(top as i64), "left": -(left as i64), "size": [on.height + top + bottom, on.width + left + right],
                    "padding_mode": params["padding_mode"], "fill": color(params.get("fill")),
                }),
            ))
        }
        "random_crop" => {
            let (height, width) = (whole("height")?, whole("width")?);
            let padding = whole("padding")?;
            let before = |n: usize, size: i64| {
                let missing = if params.contains_key("pad_if_needed") {
                    (size - n as i64 - 2 * padding).max(0)
                } else {
                    0
                };
                padding + missing
            };
            Ok((
                "torchvision.random_crop",
                json!({
                    "top": whole("top")? - before(on.height, height), "left": whole("left")? - before(on.width, width),
                    "size": [height, width], "padding_mode": params["padding_mode"], "fill": color(params.get("fill")),
                }),
            ))
        }
        "resize" => Ok((
            "torchvision.resize",
            json!({
                "size": [params["height"], params["width"]], "interpolation": params["interpolation"],
            }),
        )),
        "resized_crop" => Ok((
            "torchvision.random_resized_crop",
            json!({
                "top": params["top"], "left": params["left"], "height": params["height"], "width": params["width"],
                "size": size("size"), "interpolation": params["interpolation"],
            }),
        )),
        "adjust_brightness" => adjusted("brightness"),
        "adjust_contrast" => adjusted("contrast"),
        "adjust_saturation" => adjusted("saturation"),
        "adjust_hue" => adjusted("hue"),
        "adjust_sharpness" => {
            Ok(("torchvision.random_adjust_sharpness", json!({ "factor": number("factor")? })))
        }
        "color_jitter" => {
            let order = params["order"].as_array().ok_or("no order")?;
            let changes: Vec<Value> =
                order.iter().filter_map(Value::as_str).map(|name| json!({ name: params[name] })).collect();
            Ok(("torchvision.color_jitter", json!({ "changes": changes })))
        }
        "grayscale" => Ok(("torchvision.grayscale", json!({ "channels": params["num_output_channels"] }))),
        "gaussian_blur" => Ok((
            "torchvision.gaussian_blur",
            json!({
                "kernel_size": [params["kernel_width"], params["kernel_height"]], "sigma": params["sigma"],
            }),
        )),
        "erase" => Ok((
            "torchvision.random_erasing",
            json!({
                "top": params["top"], "left": params["left"], "height": params["height"], "width": params["width"],
                "value": color(params.get("value")),
            }),
        )),
        "invert" => Ok(("invert", json!({ "invert": [true, true, true] }))),
        "posterize" => decided("torchvision.random_posterize", number("bits")?),
        "solarize" => decided("torchvision.random_solarize", number("threshold")?),
        "autocontrast" => decided("torchvision.random_autocontrast", 0.0),
        "equalize" => decided("torchvision.random_equalize", 0.0),
        "policy_op" | "randaugment" => {
            let own = [json!({ "op": params.get("op"), "magnitude": params["magnitude"] })];
            let ops = params.get("ops").and_then(Value::as_array).map_or(&own[..], Vec::as_slice);
            let mut acts: Vec<Value> = ops.iter().map(|op| json!({ "kind": snake(op["op"].as_str().unwrap_or("")), "magnitude": op["magnitude"] })).collect();
            acts.resize(8, Value::Null);
            let fill = params.get("fill").filter(|fill| !fill.is_null());
            Ok((
                "torchvision.rand_augment",
                json!({
                    "acts": acts, "interpolation": params["interpolation"], "fill": color(fill),
                }),
            ))
        }
        family => Err(format!("the family {family} is not known")),
    }
}

/// `ShearX` as `shear_x`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// What an operation without anything to draw makes of a picture.
fn constant(key: &str, spec: &Value, picture: &Picture) -> Result<AnyDrawn, String> {
    use mnistaug_core::base::{Address, Stage};
    use mnistaug_core::pipeline::{parse_step, spec::Kind};
    let step = parse_step(&json!({ key: spec }).to_string()).map_err(|error| error.to_string())?;
    let Kind::Op(op) = step.kind else { return Err(format!("{key} is no operation")) };
    let address = Address { seed: 0, stage: Stage::new("golden", ""), item: 0 };
    Ok(op.draw(picture.shape, &mut address.stream(0)))
}

fn compare(case: &Case, arrays: &Arrays) -> Result<(f64, f64), String> {
    let picture = arrays.image(case.input.as_deref().ok_or("there is no input")?)?;
    let family = case.family().trim_start_matches("torchvision.");
    let drawn = if family == "center_crop" {
        let size = json!([case.params["height"], case.params["width"]]);
        constant("torchvision.center_crop", &json!({ "size": size }), &picture)?
    } else {
        let (key, values) = drawn(family, &case.params, picture.shape)?;
        AnyDrawn::read(key, values.clone()).map_err(|error| format!("{key}: {error} in {values}"))?
    };
    let mut canvas = Canvas::default();
    canvas.load(picture.view());
    drawn.paint(&mut canvas);
    let ours = Picture::of(&canvas);
    let shape = [ours.shape.height, ours.shape.width, ours.shape.channels()];
    if case.shape != shape {
        return Err(format!("shape {shape:?}, expected {:?}", case.shape));
    }
    let (_, theirs) = arrays.u8s(&case.output)?;
    let diffs: Vec<f64> = ours.data.iter().zip(&theirs).map(|(a, b)| f64::from(a.abs_diff(*b))).collect();
    Ok((diffs.iter().sum::<f64>() / diffs.len() as f64, diffs.iter().copied().fold(0.0, f64::max)))
}

#[test]
fn every_case_of_torchvision_comes_out_the_same() {
    let folder = peers::folder().join("torchvision");
    let file = BufReader::new(File::open(folder.join("cases.json")).expect("the list of cases"));
    let cases: Value = serde_json::from_reader(file).expect("JSON");
    let cases: Vec<Case> = serde_json::from_value(cases["cases"].clone()).expect("a list of cases");
    assert!(cases.len() > 150);
    let arrays = Arrays::of(&folder.join("data.npz"));
    let mut failures = Vec::new();
    let mut exact = 0;
    for case in &cases {
        match (compare(case, &arrays), &case.tolerance) {
            (Ok((_, 0.0)), _) => exact += 1,
            (Ok((mean, max)), Tolerance::Abs { mean_abs_le, max_abs_le, .. })
                if mean <= *mean_abs_le && max <= *max_abs_le => {}
            (Ok((mean, max)), _) => failures.push(format!("{}: mean {mean:.4}, max {max}", case.id)),
            (Err(error), _) => failures.push(format!("{}: {error}", case.id)),
        }
    }
    assert!(exact >= 160, "{exact} of {} identical", cases.len());
    assert!(failures.is_empty(), "{} of {} fail:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

//! Cases of torchvision on PIL images, and on tensors where that is another arithmetic (`tests/golden/torchvision`), through
//! what our operations draw and paint. The arrays were made by torchvision 0.29.2 with Pillow 13.0.0 on the inputs of the file; parameters are those drawn.

mod peers;

use mnistaug_core::base::{Canvas, ImageMut, Scratch, Shape};
use mnistaug_core::kernels::pil::warp;
use mnistaug_core::kernels::torch::elastic::{self, Strength};
use mnistaug_core::ops::AnyDrawn;
use peers::{Arrays, Case, Judged, Picture};
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
    let tensor_act = |name: &str, magnitude: f64| {
        let mut acts = vec![json!({ "kind": snake(name), "magnitude": magnitude })];
        acts.resize(8, Value::Null);
        let drawn =
            json!({ "acts": acts, "interpolation": "nearest", "fill": [0, 0, 0], "compat": "tensor" });
        Ok(("torchvision.rand_augment", drawn))
    };
    match family {
        "hflip" => Ok(("fliplr", json!({ "flip": true }))),
        "vflip" => Ok(("flipud", json!({ "flip": true }))),
        "rotate" => {
            let expand = params.get("expand").is_some_and(|expand| expand == true);
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
        "augmix" => {
            let act = |op: &Value| json!({ "kind": snake(op["op"].as_str().unwrap_or("")), "magnitude": op["magnitude"] });
            let padded = |mut list: Vec<Value>, filler: Value| {
                list.resize(4, filler);
                Value::from(list)
            };
            let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
            let chains: Vec<Value> = list(&params["chains"])
                .iter()
                .map(|chain| padded(list(chain).iter().map(act).collect(), Value::Null))
                .collect();
            Ok((
                "torchvision.aug_mix",
                json!({
                    "m": params["m"], "weights": padded(list(&params["weights"]), json!(0.0)),
                    "chains": padded(chains, padded(Vec::new(), Value::Null)),
                    "interpolation": params["interpolation"], "fill": null,
                }),
            ))
        }
        "pil.shear_x" | "pil.translate_x" => {
            let m = number("magnitude")?;
            let (shear, shift) = if family == "pil.shear_x" { (m, 0.0) } else { (0.0, m * on.width as f64) };
            let matrix = [1.0, shear, shift, 0.0, 1.0, 0.0];
            Ok(("torchvision.random_affine", warped(matrix, [on.height, on.width])))
        }
        "pil.autocontrast" => {
            let cutoff = match &params["cutoff"] {
                Value::Array(pair) => json!(pair),
                both => json!([both, both]),
            };
            Ok(("pillow.autocontrast", json!({ "cutoff": cutoff })))
        }
        "pil.filter_3x3" => Ok(("pillow.filter", json!({ "name": params["name"] }))),
        "pil.rank_filter" => {
            let name = params["name"].as_str().unwrap_or_default().trim_end_matches("Filter").to_lowercase();
            Ok(("pillow.rank_filter", json!({ "rank": name, "size": params["size"] })))
        }
        "pil.gaussian_blur" => Ok(("pillow.gaussian_blur", json!({ "radius": params["radius"] }))),
        family => match family.strip_suffix("_tensor") {
            Some("autocontrast") => tensor_act("AutoContrast", 0.0),
            Some("equalize") => tensor_act("Equalize", 0.0),
            Some("adjust_sharpness") => tensor_act("Sharpness", number("factor")? - 1.0),
            Some(family) => {
                let (key, mut values) = drawn(family, params, on)?;
                values["compat"] = json!("tensor");
                Ok((key, values))
            }
            None => Err(format!("the family {family} is not known")),
        },
    }
}

/// The field of a case of `elastic`, all of x and then all of y.
fn field(case: &Case, arrays: &Arrays, on: Shape) -> Result<Vec<f32>, String> {
    let key = case.aux.get("displacement").and_then(Value::as_str).ok_or("no displacement")?;
    let (_, pairs) = arrays.f32s(key)?;
    assert_eq!(pairs.len(), 2 * on.pixels());
    Ok((0..2).flat_map(|axis| pairs.iter().skip(axis).step_by(2).copied()).collect())
}

/// Fields of `ElasticTransform` of given noise.
#[test]
fn fields_are_those_of_elastic_transform() {
    let (cases, arrays) = peers::cases("torchvision");
    let mut tested = 0;
    for case in cases.iter().filter(|case| case.family() == "torchvision.elastic_field") {
        let on = Shape::gray(case.shape[0], case.shape[1]);
        let key = case.aux.get("noise").and_then(Value::as_str).expect("noise");
        let (_, noise) = arrays.f32s(key).expect("noise");
        let (_, expected) = arrays.f32s(&case.output).expect("a field");
        let [alpha, sigma] =
            ["alpha", "sigma"].map(|key| case.params[key].as_f64().expect("a number") as f32);
        let mut found = vec![0.0; noise.len()];
        let strength = Strength { alpha: [alpha; 2], sigma: [sigma; 2] };
        elastic::displacements(&noise, &mut found, on, strength, &mut Scratch::default());
        let (dx, dy) = found.split_at(on.pixels());
        let pairs = dx.iter().zip(dy).flat_map(|(x, y)| [x, y]);
        let worst = pairs.zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= 1e-5, "{}: {worst}", case.id);
        tested += 1;
    }
    assert_eq!(tested, 2);
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
    let mut canvas = Canvas::default();
    canvas.load(picture.view());
    if family == "elastic" {
        let field = field(case, arrays, picture.shape)?;
        let filter = match case.params["interpolation"].as_str() {
            Some("nearest") => warp::Filter::Nearest,
            _ => warp::Filter::Bilinear,
        };
        let fill = match &case.params["fill"] {
            Value::Array(fill) => std::array::from_fn(|c| fill[c].as_u64().unwrap_or(0) as u8),
            fill => [fill.as_u64().unwrap_or(0) as u8; 3],
        };
        let mut data = vec![0; picture.shape.bytes()];
        let to = ImageMut::new(picture.shape, &mut data);
        elastic::warp(picture.view(), to, &field, filter, fill, &mut Scratch::default());
        canvas.reset(picture.shape).copy_from_slice(&data);
    } else if family == "center_crop" {
        let size = json!([case.params["height"], case.params["width"]]);
        constant("torchvision.center_crop", &json!({ "size": size }), &picture)?.paint(&mut canvas);
    } else {
        let (key, values) = drawn(family, &case.params, picture.shape)?;
        let drawn =
            AnyDrawn::read(key, values.clone()).map_err(|error| format!("{key}: {error} in {values}"))?;
        drawn.paint(&mut canvas);
    }
    Picture::of(&canvas).against(case, arrays)
}

#[test]
fn every_case_of_torchvision_comes_out_the_same() {
    let (cases, arrays) = peers::cases("torchvision");
    assert!(cases.len() > 230);
    let images = cases.iter().filter(|case| case.family() != "torchvision.elastic_field");
    let judged = Judged::of(images, |case| compare(case, &arrays));
    judged.holds();
    assert!(judged.exact >= 225, "{} of {} identical", judged.exact, cases.len());
}

//! The geometric transforms, of version 2.0.8 and, where the family is `albumentations1`, of 1.3.1.

use mnistaug_core::base::{Address, Canvas, Image, ImageMut, Scratch, Shape, Stage, Stream};
use mnistaug_core::kernels::border::Border;
use mnistaug_core::kernels::cv::warp::{Interpolation, Outside, remap};
use mnistaug_core::kernels::cv::{distortion, homography};
use mnistaug_core::ops::{AnyDrawn, AnyOp};
use mnistaug_core::pipeline::{Pipeline, Plan, Spec};
use serde_json::{Value, json};

use crate::peers::{Arrays, Case, Picture};

/// What an image becomes by one step of a pipeline, all of whose values are constant.
fn by_step(picture: &Picture, step: &Value) -> Result<Picture, String> {
    let text = json!({ "version": 1, "pipeline": [step] }).to_string();
    let spec = Spec::parse("case", &text).map_err(|error| error.to_string())?;
    let pipeline = Pipeline::new(spec, picture.shape).map_err(|complaint| complaint.message)?;
    let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
    pipeline.draw(Address { seed: 0, stage: Stage::new("golden", ""), item: 0 }, &mut plan);
    canvas.load(picture.view());
    plan.paint(&mut canvas);
    Ok(Picture::of(&canvas))
}

/// What it becomes by what an operation drew.
fn by_drawn(picture: &Picture, key: &str, drawn: &Value) -> Result<Picture, String> {
    let drawn = AnyDrawn::read(key, drawn).map_err(|error| format!("{key}: {error}"))?;
    let mut canvas = Canvas::default();
    canvas.load(picture.view());
    drawn.paint(&mut canvas);
    Ok(Picture::of(&canvas))
}

fn by_map(picture: &Picture, map: &[f32], params: &Value) -> Result<Picture, String> {
    let border = match params["border_mode"].as_str() {
        Some("constant") => Border::Constant,
        Some("reflect") => Border::Reflect,
        Some("edge") => Border::Edge,
        other => return Err(format!("the border {other:?}")),
    };
    let how = match params["interpolation"].as_str() {
        Some("linear") | None => Interpolation::Linear,
        Some("nearest") => Interpolation::Nearest,
        other => return Err(format!("the interpolation {other:?}")),
    };
    let mut data = vec![0; picture.shape.bytes()];
    let (src, dst) = (Image::new(picture.shape, &picture.data), ImageMut::new(picture.shape, &mut data));
    remap(src, dst, map, how, Outside { border, cval: [0; 3] }, &mut Scratch::default());
    Ok(Picture { shape: picture.shape, data })
}

fn numbers(value: &Value) -> Result<Vec<f64>, String> {
    let list = value.as_array().ok_or("no list")?;
    list.iter().map(|one| one.as_f64().ok_or_else(|| "no number".to_owned())).collect()
}

/// What the case's image becomes here.
pub(crate) fn made(case: &Case, arrays: &Arrays) -> Result<Picture, String> {
    let picture = arrays.image(case.input.as_deref().ok_or("there is no input")?)?;
    let on = picture.shape;
    let params = Value::Object(case.params.clone());
    let compat = if case.id.starts_with("albumentations1.") { 1 } else { 2 };
    let family = case.family().split_once('.').map_or("", |(_, family)| family);
    let step =
        |key: &str, fields: Value| by_step(&picture, &json!({ format!("albumentations.{key}"): fields }));
    let border = &params["border_mode"];
    match family {
        "horizontal_flip" => by_step(&picture, &json!({ "fliplr": 1.0 })),
        "vertical_flip" => by_step(&picture, &json!({ "flipud": 1.0 })),
        "transpose" => by_step(&picture, &json!({ "sequential": [{ "rot90": 1 }, { "flipud": 1.0 }] })),
        "random_rotate90" => by_step(&picture, &json!({ "rot90": params["factor"] })),
        "resize" => step(
            "resize",
            json!({ "size": [params["height"], params["width"]], "interpolation": params["interpolation"] }),
        ),
        "random_scale" => {
            step("random_scale", json!({ "scale_limit": params["scale"].as_f64().unwrap_or(0.0) - 1.0 }))
        }
        "longest_max_size" | "smallest_max_size" => step(family, params.clone()),
        "center_crop" => step("center_crop", json!([params["height"], params["width"]])),
        "pad_if_needed" => step(
            "pad_if_needed",
            json!({ "min_height": params["min_height"], "min_width": params["min_width"], "border": border }),
        ),
        "rotate" => step(
            "rotate",
            json!({
                "limit": params["angle"], "border": border, "fill": params["value"],
                "crop_border": params["crop_border"],
            }),
        ),
        "shift_scale_rotate" => step(
            "shift_scale_rotate",
            json!({
                "rotate_limit": params["angle"], "scale_limit": params["scale"].as_f64().unwrap_or(0.0) - 1.0,
                "shift_limit_x": params["dx"], "shift_limit_y": params["dy"], "border": border,
                "fill": params["value"], "interpolation": params["interpolation"], "compat": compat,
            }),
        ),
        "affine" => step(
            "affine",
            json!({
                "rotate": params["rotate"], "scale": params["scale"], "translate_px": params["translate_px"],
                "shear": params["shear"], "compat": compat,
            }),
        ),
        "random_resized_crop" => by_drawn(
            &picture,
            "albumentations.random_resized_crop",
            &json!({
                "part": [params["top"], params["left"], params["crop_height"], params["crop_width"]],
                "pad": [0, 0, 0, 0], "border": "constant", "fill": 0, "size": params["size"],
                "interpolation": params["interpolation"],
            }),
        ),
        "perspective" => by_drawn(
            &picture,
            "albumentations.perspective",
            &json!({
                "corners": params["points_tl_tr_br_bl"], "keep_size": params["keep_size"], "fit_output": false,
                "interpolation": "linear", "border": "constant", "fill": 0, "compat": compat,
            }),
        ),
        "optical_distortion" => by_drawn(
            &picture,
            "albumentations.optical_distortion",
            &json!({
                "k": params["k"], "shift": [params["dx"], params["dy"]], "mode": "camera",
                "interpolation": "linear", "border": border, "fill": 0,
            }),
        ),
        "grid_distortion" => {
            let mut lines = vec![0.0; on.width + on.height];
            let (columns, rows) = lines.split_at_mut(on.width);
            for (line, key) in [(columns, "steps_x"), (rows, "steps_y")] {
                let mut steps = numbers(&params[key])?;
                if params["normalized"] == json!(true) {
                    distortion::normalize(&mut steps, line.len());
                }
                distortion::strips(line, &steps, compat == 1);
            }
            let mut map = vec![0.0; 2 * on.pixels()];
            distortion::grid(&lines, &mut map, on);
            by_map(&picture, &map, &params)
        }
        "elastic_transform" => {
            let field = |axis: &str| -> Result<Vec<f32>, String> {
                let key = case.aux.get(axis).and_then(Value::as_str).ok_or("no field")?;
                Ok(arrays.f32s(key)?.1)
            };
            let (mut map, ys) = (field("dx")?, field("dy")?);
            map.iter_mut().enumerate().for_each(|(i, x)| *x += (i % on.width) as f32);
            map.extend(ys.iter().enumerate().map(|(i, y)| y + (i / on.width) as f32));
            by_map(&picture, &map, &params)
        }
        other => Err(format!("the family {other} is not known")),
    }
}

/// What an operation draws for that many images of 28 x 28, as JSON.
fn draws(key: &str, spec: &Value, count: u64) -> Vec<Value> {
    let op = AnyOp::read(key, spec).expect("a spec");
    let stage = Stage::new("albumentations", "");
    let draw = |item| op.draw(Shape::rgb(28, 28), &mut Stream::at(7, stage, item, 0));
    (0..count).map(|item| serde_json::to_value(draw(item)).expect("JSON")[key].clone()).collect()
}

/// The numbers of a metric, by its name.
fn measured(group: &str, metric: &str) -> Vec<f64> {
    let compat = if group.contains(" 1.3.1/") { 1 } else { 2 };
    let number = |value: &Value| value.as_f64().expect("a number");
    let of = |key: &str, spec: Value, metric: &dyn Fn(&Value) -> f64| -> Vec<f64> {
        draws(&format!("albumentations.{key}"), &spec, 2000).iter().map(metric).collect()
    };
    let compat_only = json!({ "compat": compat });
    if group.contains("ShiftScaleRotate") {
        return of("shift_scale_rotate", compat_only, &|drawn| match metric {
            "angle_deg" => number(&drawn["angle"]),
            "scale" => number(&drawn["scale"][0]),
            _ => number(&drawn["shift"][0]) / 28.0,
        });
    }
    if group.contains("RandomResizedCrop") {
        return of("random_resized_crop", json!({ "size": [28, 28] }), &|drawn| {
            let [height, width] = [2, 3].map(|i| number(&drawn["part"][i]));
            if metric == "area_fraction" { height * width / 784.0 } else { (width / height).ln() }
        });
    }
    if group.contains("Perspective") {
        return of("perspective", compat_only, &|drawn| {
            let corners: [[f64; 2]; 4] = serde_json::from_value(drawn["corners"].clone()).expect("corners");
            let side =
                |a: usize, b: usize| (corners[a][0] - corners[b][0]).hypot(corners[a][1] - corners[b][1]);
            let width = side(0, 1).max(side(2, 3)).trunc();
            if metric == "warp_width" {
                return width;
            }
            let height = side(1, 2).max(side(0, 3)).trunc();
            let (width, height) = if compat == 1 { (width, height) } else { (28.0, 28.0) };
            let m = homography::inverse(&homography::scaled(&homography::of_square(corners), width, height));
            m[0][0] / m[2][2]
        });
    }
    let mut rng = Stream::of_key(11);
    let column = if metric == "map_x_col14" { 14 } else { 27 };
    (0..2000)
        .map(|_| {
            let mut steps: [f64; 6] = std::array::from_fn(|_| 1.0 + rng.uniform(-0.3, 0.3));
            let mut line = [0.0; 28];
            if compat == 2 {
                distortion::normalize(&mut steps, 28);
            }
            distortion::strips(&mut line, &steps, compat == 1);
            let x = f64::from(line[column]);
            if compat == 1 { x.clamp(0.0, 27.0) } else { x }
        })
        .collect()
}

/// What is off between our numbers and those of the library.
fn off(ours: &mut [f64], theirs: &Value) -> Option<String> {
    let tolerance = &theirs["suggested_tolerance_for_test_n_2000"];
    let n = ours.len() as f64;
    if theirs["kind"] == "categorical" {
        let wrong = theirs["p"].as_object()?.iter().find_map(|(value, p)| {
            let value_as_number: f64 = value.parse().ok()?;
            let share = ours.iter().filter(|own| **own == value_as_number).count() as f64 / n;
            let (p, most) = (p.as_f64()?, tolerance[value].as_f64()?);
            ((share - p).abs() > most).then(|| format!("{value}: {share}, theirs {p}"))
        });
        return wrong;
    }
    ours.sort_by(f64::total_cmp);
    let mean = ours.iter().sum::<f64>() / n;
    if (mean - theirs["mean"].as_f64()?).abs() > tolerance["mean_abs_diff_le"].as_f64()? {
        return Some(format!("mean {mean}, theirs {}", theirs["mean"]));
    }
    let quantiles = theirs["quantiles_0_to_1_step_0p02"].as_array()?;
    let most = tolerance["ks_distance_le"].as_f64()?;
    quantiles.iter().enumerate().find_map(|(i, quantile)| {
        // Maps of version 1 were read from images, to 1/32 pixel.
        let (q, slack) = (quantile.as_f64()?, 1.0 / 32.0);
        let slack = if q.abs() > 5.0 { slack } else { 1e-6 };
        let share = |x: f64| ours.partition_point(|own| *own <= x) as f64 / n;
        let p = i as f64 / (quantiles.len() - 1) as f64;
        let distance = (share(q - slack) - p).max(p - share(q + slack));
        (distance > most).then(|| format!("quantile {p}: {q}, off by {distance}"))
    })
}

/// What is drawn otherwise than in the library, of all groups of statistics.
pub(crate) fn drawn_otherwise(stats: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (group, metrics) in stats.as_object().into_iter().flatten() {
        for (metric, theirs) in metrics.as_object().into_iter().flatten().filter(|(_, own)| own.is_object()) {
            let what = off(&mut measured(group, metric), theirs);
            wrong.extend(what.map(|what| format!("{group}: {metric}: {what}")));
        }
    }
    wrong
}

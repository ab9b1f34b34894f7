//! Cases of Albumentations' pixel-level transforms (`tests/golden/albumentations_pixels`) through the operations that have
//! its arithmetic. The arrays were made by Albumentations 2.0.8, and 1.3.1 where the family says so; parameters are those drawn.

mod peers;

use mnistaug_core::base::{Canvas, ImageMut, Scratch, Shape};
use mnistaug_core::kernels::albumentations::{self, Cut};
use mnistaug_core::kernels::cv::{draw, line};
use mnistaug_core::ops::AnyDrawn;
use peers::{Arrays, Case, Judged, Picture};
use serde_json::{Value, json};

/// What an operation draws for a case: its name, and the values.
fn drawn(case: &Case, shape: Shape) -> Result<(&'static str, Value), String> {
    let params = &case.params;
    let (peer, family) = case.family().split_once('.').ok_or("a family of a library")?;
    let version = if peer == "albumentations1" { 1 } else { 2 };
    let number = |key: &str| params[key].as_f64().ok_or_else(|| format!("{key} is no number"));
    let or = |key: &str, default: Value| params.get(key).cloned().unwrap_or(default);
    Ok(match family {
        "blur" => ("average_blur", json!({ "rows": params["ksize"], "columns": params["ksize"] })),
        "median_blur" => ("median_blur", json!({ "k": params["ksize"] })),
        "invert_img" => ("invert", json!({ "invert": [true, true, true] })),
        "random_gamma" => ("albumentations.random_gamma", json!({ "gamma": params["gamma"] })),
        "random_brightness_contrast" => {
            let by_mean = if params["brightness_by_max"] == true { Value::Null } else { json!(version) };
            let values = json!({ "alpha": params["alpha"], "beta": params["beta"], "by_mean": by_mean });
            ("albumentations.random_brightness_contrast", values)
        }
        "safe_range" => {
            let values = json!({ "alpha": params["alpha"], "beta": params["beta"], "safe": true });
            ("albumentations.random_brightness_contrast", values)
        }
        "clahe" | "clahe_wide" => ("albumentations.clahe", json!(params)),
        "equalize" | "equalize_pil" => {
            let values =
                json!({ "mode": params["mode"], "by_channels": params["by_channels"], "compat": version });
            ("albumentations.equalize", values)
        }
        "posterize" => {
            let bits = &params["num_bits"];
            ("albumentations.posterize", json!({ "num_bits": [bits, bits, bits] }))
        }
        "posterize_channels" => ("albumentations.posterize", json!({ "num_bits": params["channels"] })),
        "solarize" => ("albumentations.solarize", json!({ "threshold": params["threshold"] })),
        "to_gray" => ("albumentations.to_gray", json!({ "method": "weighted_average" })),
        "to_gray_method" => ("albumentations.to_gray", json!({ "method": params["method"] })),
        "channel_shuffle" => {
            ("albumentations.channel_shuffle", json!({ "from": params["new_channel_c_is_old"] }))
        }
        "channel_dropout" => {
            let channels = params["channels"].as_array().ok_or("a list of channels")?;
            let dropped: Vec<bool> = (0..3).map(|channel| channels.contains(&json!(channel))).collect();
            ("albumentations.channel_dropout", json!({ "dropped": dropped, "fill": params["fill"] }))
        }
        "gaussian_blur" | "gaussian_blur_auto" | "gaussian_blur_v1_default" => {
            let values = json!({ "size": params["ksize"], "sigma": params["sigma"], "compat": version });
            ("albumentations.gaussian_blur", values)
        }
        "motion_blur" => {
            let trace = json!({ "through": [params["angle"], params["direction"], [0.0, 0.0]] });
            ("albumentations.motion_blur", json!({ "size": params["ksize"], "trace": trace }))
        }
        "motion_line" => {
            let trace = json!({ "between": [params["from"], params["to"]] });
            ("albumentations.motion_blur", json!({ "size": params["size"], "trace": trace }))
        }
        "random_snow" => ("albumentations.random_snow", json!(params)),
        "hue_saturation_value" | "hue_wide" => {
            let values = json!({
                "hue": params["hue_shift"], "saturation": params["sat_shift"], "value": params["val_shift"], "compat": version,
            });
            ("albumentations.hue_saturation_value", values)
        }
        "rgb_shift" => {
            let shift = [&params["r_shift"], &params["g_shift"], &params["b_shift"]];
            ("albumentations.rgb_shift", json!({ "shift": shift, "compat": version }))
        }
        "sharpen" | "sharpen_gaussian" => {
            let method = if family == "sharpen" { "kernel" } else { "gaussian" };
            let values = json!({
                "alpha": params["alpha"], "lightness": or("lightness", json!(1.0)), "method": method,
                "kernel_size": or("kernel_size", json!(3)), "sigma": or("sigma", json!(1.0)),
            });
            ("albumentations.sharpen", values)
        }
        "emboss" => ("albumentations.emboss", json!(params)),
        "multiplicative_noise" => {
            let factor = &params["multiplier"];
            let values = json!({ "factors": [factor, factor, factor], "key": null, "per_channel": false });
            ("albumentations.multiplicative_noise", values)
        }
        "image_compression" => ("albumentations.image_compression", json!({ "quality": params["quality"] })),
        "color_jitter" => {
            let values = json!({ "amounts": params["amounts"], "order": params["order"], "compat": version });
            ("albumentations.color_jitter", values)
        }
        "random_tone_curve" => {
            let (low, high) = (number("low")?, number("high")?);
            (
                "albumentations.random_tone_curve",
                json!({ "low": [low, low, low], "high": [high, high, high] }),
            )
        }
        "downscale" => ("albumentations.downscale", json!(params)),
        "fancy_pca" => {
            let alpha = &params["alpha"];
            let alpha = if alpha.is_array() { alpha.clone() } else { json!([alpha, alpha, alpha]) };
            ("albumentations.fancy_pca", json!({ "alpha": alpha, "compat": version }))
        }
        other => return Err(format!("the family {other} on {shape} is not known")),
    })
}

/// The family without its library.
fn kind_of(case: &Case) -> &str {
    case.family().split_once('.').map_or("", |(_, kind)| kind)
}

/// Paints a case whose random numbers are given, by the kernel; false for the others.
fn by_kernel(case: &Case, arrays: &Arrays, picture: &mut Picture) -> Result<bool, String> {
    let aux = |key: &str| case.aux[key].as_str().ok_or_else(|| format!("there is no {key}"));
    let shape = picture.shape;
    let image = ImageMut::new(shape, &mut picture.data);
    let family = case.family();
    let kind = kind_of(case);
    if kind == "gauss_noise" {
        let noise: Vec<f32> = arrays.f64s(aux("noise")?)?.1.into_iter().map(|n| n as f32).collect();
        let cut = if family.starts_with("albumentations1.") { Cut::Sum } else { Cut::Number };
        albumentations::add_noise(image, &noise, cut);
    } else if kind == "multiplicative_noise" && case.params["elementwise"] == true {
        let factors: Vec<f32> = arrays.f64s(aux("multiplier")?)?.1.into_iter().map(|n| n as f32).collect();
        albumentations::multiply_noise(image, &factors);
    } else if kind == "coarse_dropout" {
        let fill = case.params["fill"].as_u64().ok_or("a fill")? as u8;
        let holes: Vec<[usize; 4]> = serde_json::from_value(case.params["holes_x1_y1_x2_y2"].clone())
            .map_err(|error| error.to_string())?;
        for hole in holes {
            albumentations::cover(ImageMut::new(shape, image.data), hole, || [fill; 3]);
        }
    } else if ["disk", "polygon", "steps"].contains(&kind) {
        drawing(case, picture)?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Draws what a case says into an empty image.
fn drawing(case: &Case, picture: &mut Picture) -> Result<(), String> {
    fn read<T: serde::de::DeserializeOwned>(case: &Case, key: &str) -> Result<T, String> {
        serde_json::from_value(case.params[key].clone()).map_err(|error| format!("{key}: {error}"))
    }
    let shape = picture.shape.as_gray();
    let (mut data, mut scratch) = (vec![0; shape.pixels()], Scratch::default());
    if kind_of(case) == "disk" {
        let image = ImageMut::new(shape, &mut data);
        draw::map_disk(image, read(case, "at")?, read(case, "radius")?, &mut scratch, |pixel| {
            pixel[0] += 255;
        });
    } else if kind_of(case) == "polygon" {
        let corners: Vec<[i32; 2]> = read(case, "corners")?;
        draw::fill_polygon(&mut data, (shape.height, shape.width), &corners, &mut scratch);
    } else {
        for [x, y] in line::line_of_steps(read(case, "from")?, read(case, "to")?) {
            data[y as usize * shape.width + x as usize] = 255;
        }
    }
    *picture = Picture { shape, data };
    Ok(())
}

/// The mean and the greatest difference.
fn compare(case: &Case, arrays: &Arrays) -> Result<(f64, f64), String> {
    let mut picture = arrays.image(case.input.as_deref().ok_or("there is no input")?)?;
    if !by_kernel(case, arrays, &mut picture)? {
        let (key, values) = drawn(case, picture.shape)?;
        let drawn = AnyDrawn::read(key, values).map_err(|error| format!("{key}: {error}"))?;
        let mut canvas = Canvas::default();
        canvas.load(picture.view());
        drawn.paint(&mut canvas);
        picture = Picture::of(&canvas);
    }
    picture.against(case, arrays)
}

#[test]
fn every_pixel_level_case_comes_out_the_same() {
    let (cases, arrays) = peers::cases("albumentations_pixels");
    assert!(cases.len() > 160);
    let judged = Judged::of(&cases, |case| compare(case, &arrays));
    judged.holds();
    // What is not to the bit: JPEG, principal components, HLS, and floats on the way down in version 1.
    assert!(judged.near.len() <= 20, "{}", judged.near.join("\n"));
}

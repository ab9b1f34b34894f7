//! Families of operations that leave pixels where they are.

use mnistaug_core::base::{Image, Scratch, Shape};
use mnistaug_core::kernels::resize::Interpolation;
use mnistaug_core::kernels::{blend, frequency, masks, noise};
use serde_json::{Map, Value, json};

use super::{Outcome, Output, Params, in_place, paint};
use crate::peers::{Arrays, Picture};

/// A value for all channels, or one for each.
pub(super) fn per_channel(picture: &Picture, params: &Params<'_>, key: &str, field: &str) -> Outcome {
    let values: [f64; 3] = if params.value("per_channel")?.as_bool() == Some(true) {
        params.list("value_per_channel")?
    } else {
        // The parameter goes by the name of the augmenter's argument.
        [params.number(field)?; 3]
    };
    let mut drawn = Map::new();
    drawn.insert(field.to_owned(), json!(values));
    paint(picture, key, Value::Object(drawn))
}

pub(super) fn invert(picture: &Picture, params: &Params<'_>) -> Outcome {
    let per_channel = params.value("per_channel")?.as_bool() == Some(true);
    let invert: Vec<bool> = if let (true, Some(list)) = (per_channel, params.maybe("invert_channel")) {
        list.as_array().into_iter().flatten().map(|flag| flag.as_u64() == Some(1)).collect()
    } else {
        params.expect("p", 1.0)?;
        vec![true; 3]
    };
    let flags: Vec<bool> = (0..3).map(|c| invert.get(c).copied().unwrap_or(false)).collect();
    paint(picture, "invert", json!({ "invert": flags }))
}

pub(super) fn dropout(picture: Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let (shape, keep) = arrays.u8s(params.array("keep_mask")?)?;
    let per_channel = params.value("per_channel")?.as_bool() == Some(true);
    if per_channel != (shape[2] == picture.shape.channels() && shape[2] > 1) && picture.shape.channels() > 1 {
        return Err(format!("per_channel is {per_channel}, and the mask has shape {shape:?}"));
    }
    Ok(in_place(picture, |image| noise::drop_unkept(image, &keep)))
}

pub(super) fn coarse_dropout(picture: Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let (_, keep) = arrays.u8s(params.array("low_res_keep_mask")?)?;
    params.array("keep_mask")?;
    params.value("per_channel")?;
    let (rows, columns) = (params.count("low_res_height")?, params.count("low_res_width")?);
    let smallest = params.number("min_size")?;
    let cells = |share: f64, side: usize| (share * side as f64).trunc().max(smallest);
    let shape = picture.shape;
    let expected = [
        cells(params.number("size_fraction_height")?, shape.height),
        cells(params.number("size_fraction_width")?, shape.width),
    ];
    if expected != [rows as f64, columns as f64] {
        return Err(format!("{rows} x {columns} cells, expected {expected:?}"));
    }
    Ok(in_place(picture, |image| noise::coarse_dropout(image, &keep, rows, columns)))
}

pub(super) fn additive_noise(picture: Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let (_, values) = arrays.f32s(params.array("noise")?)?;
    params.value("per_channel")?;
    Ok(in_place(picture, |image| noise::add(image, &values)))
}

pub(super) fn blend_alpha(picture: Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let over = arrays.image(params.array("fg")?)?;
    let (_, mask) = arrays.f32s(params.array("mask")?)?;
    let eps = params.number("eps")? as f32;
    let alpha = match params.text("mask_kind")? {
        "scalar" => blend::Alpha::Channels([mask[0]; 3]),
        "channel" => blend::Alpha::Channels(std::array::from_fn(|c| mask[c % mask.len()])),
        "hw" => blend::Alpha::Pixels(&mask),
        "hwc" => blend::Alpha::Values(&mask),
        kind => return Err(format!("the kind of mask {kind} is not known")),
    };
    Ok(in_place(picture, |image| blend::blend(image, over.view(), alpha, eps)))
}

pub(super) fn interpolation(name: &str) -> Result<Interpolation, String> {
    match name {
        "nearest" => Ok(Interpolation::Nearest),
        "linear" => Ok(Interpolation::Linear),
        "cubic" => Ok(Interpolation::Cubic),
        _ => Err(format!("the interpolation {name} is not known")),
    }
}

pub(super) fn noise_mask(params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let size = (params.count("height")?, params.count("width")?);
    let aggregation = match params.text("aggregation")? {
        "min" => masks::Aggregation::Min,
        "avg" => masks::Aggregation::Avg,
        "max" => masks::Aggregation::Max,
        name => return Err(format!("the aggregation {name} is not known")),
    };
    let sizes: Vec<usize> = params.list("grid_size")?;
    let upscale: Vec<String> = params.list("upscale")?;
    let threshold: Option<f32> = params.list("sigmoid_threshold")?;
    let mut scratch = Scratch::default();
    let mut levels = vec![0; size.0 * size.1];
    for (i, name) in upscale.iter().enumerate() {
        let (shape, grid) = arrays.f32s(params.array(&format!("grid{i}"))?)?;
        if sizes.get(i) != shape.iter().max() {
            return Err(format!("grid {i} has shape {shape:?}, not {sizes:?}"));
        }
        let grid: Vec<u8> = grid.iter().map(|value| (value * 255.0) as u8).collect();
        let grid = Image::new(Shape::gray(shape[0], shape[1]), &grid);
        masks::combine(&mut levels, size, i == 0, grid, interpolation(name)?, aggregation, &mut scratch);
    }
    let mut data = vec![0.0; levels.len()];
    masks::finish(&levels, upscale.len(), aggregation, threshold, &mut data, &mut scratch);
    Ok(Output::Floats { shape: vec![size.0, size.1], data })
}

pub(super) fn frequency_noise(params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let size = (params.count("height")?, params.count("width")?);
    let (shape, radii) = arrays.f64s(params.array("uniform_r")?)?;
    let (_, angles) = arrays.f64s(params.array("uniform_a")?)?;
    params.expect("grid_size", shape.iter().copied().max().unwrap_or(0))?;
    let single = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect::<Vec<f32>>();
    let (radii, angles) = (single(radii), single(angles));
    let (rows, columns) = (shape[0], shape[1]);
    let mut scratch = Scratch::default();
    let mut grid = vec![0; rows * columns];
    let exponent = params.number("exponent")? as f32;
    frequency::frequency(&mut grid, rows, columns, exponent, (&radii, &angles), &mut scratch);
    let mut levels = vec![0; size.0 * size.1];
    let mut data = vec![0.0; levels.len()];
    let (aggregation, grid) = (masks::Aggregation::Max, Image::new(Shape::gray(rows, columns), &grid));
    let upscale = interpolation(params.text("upscale")?)?;
    masks::combine(&mut levels, size, true, grid, upscale, aggregation, &mut scratch);
    masks::finish(&levels, 1, aggregation, None, &mut data, &mut scratch);
    Ok(Output::Floats { shape: vec![size.0, size.1], data })
}

pub(super) fn add_hue_sat(picture: &Picture, params: &Params<'_>) -> Outcome {
    let (hue, saturation) = (params.value("value_hue")?, params.value("value_saturation")?);
    let units = (hue.as_f64().unwrap_or(f64::NAN) * 180.0 / 255.0).trunc();
    params.expect("hue_shift_in_opencv_units_0_180", units)?;
    paint(picture, "add_to_hue_and_saturation", json!({ "hue": hue, "saturation": saturation }))
}

//! Families of Keras and tf.image.

use mnistaug_core::base::Scratch;
use mnistaug_core::kernels::{keras, tf_image};
use mnistaug_core::ops::keras::keras_transform::Drawn;
use serde_json::{Map, Value, json};

use super::{Outcome, Output, Params, constant, paint};
use crate::peers::{Case, Picture};

/// The float result of the transform, before it is rounded.
pub(super) fn transform(case: &Case, picture: &Picture, params: &Params<'_>, compat: &str) -> Outcome {
    let mut drawn = Map::new();
    for key in [
        "fill_mode",
        "cval",
        "interpolation_order",
        "theta",
        "tx",
        "ty",
        "shear",
        "zx",
        "zy",
        "flip_horizontal",
        "flip_vertical",
    ] {
        drawn.insert(key.to_owned(), params.value(key)?.clone());
    }
    for (key, value) in
        [("compat", compat.into()), ("channel_shift_intensity", Value::Null), ("brightness", Value::Null)]
    {
        drawn.insert(key.to_owned(), value);
    }
    let drawn: Drawn = serde_json::from_value(Value::Object(drawn)).map_err(|error| error.to_string())?;
    let transform = drawn.transform(picture.shape);
    let mut data = vec![0.0; picture.shape.bytes()];
    keras::apply(picture.view(), &mut data, &transform, &mut Scratch::default());
    Ok(Output::Floats { shape: case.shape.clone(), data })
}

pub(super) fn central_crop(picture: &Picture, params: &Params<'_>) -> Outcome {
    let fraction = params.number("central_fraction")?;
    params.expect("offset_y", tf_image::central_offset(picture.shape.height, fraction))?;
    params.expect("offset_x", tf_image::central_offset(picture.shape.width, fraction))?;
    let cropped = constant(picture, "central_crop", &json!({ "central_fraction": fraction }))?;
    params.expect("height", cropped.shape.height)?;
    params.expect("width", cropped.shape.width)?;
    Ok(cropped.into())
}

pub(super) fn random_crop(picture: &Picture, params: &Params<'_>) -> Outcome {
    let mut drawn = Map::new();
    for key in ["offset_y", "offset_x", "height", "width"] {
        drawn.insert(key.to_owned(), params.value(key)?.clone());
    }
    paint(picture, "random_crop", Value::Object(drawn))
}

/// An operation on 8-bit images; where the case is of floats, `float` makes the values of one pixel.
pub(super) fn adjust(
    case: &Case,
    picture: &Picture,
    params: &Params<'_>,
    key: &str,
    field: Option<&str>,
    float: impl Fn(&[f32], f32) -> Vec<f32>,
) -> Outcome {
    let value = field.map(|field| params.number(field)).transpose()?;
    if params.text("input")? == "uint8" {
        let drawn = field.map_or_else(|| json!({}), |field| json!({ field: value }));
        return paint(picture, key, drawn);
    }
    let data = picture
        .data
        .chunks_exact(picture.shape.channels())
        .flat_map(|pixel| {
            let pixel: Vec<f32> = pixel.iter().map(|v| f32::from(*v) / 255.0).collect();
            float(&pixel, value.unwrap_or_default() as f32)
        })
        .collect();
    Ok(Output::Floats { shape: case.shape.clone(), data })
}

pub(super) fn rgb(pixel: &[f32]) -> [f32; 3] {
    [pixel[0], pixel[1], pixel[2]]
}

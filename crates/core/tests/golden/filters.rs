//! Families of blurs, 3 x 3 kernels and superpixels.

use mnistaug_core::base::Scratch;
use mnistaug_core::kernels::superpixels as segments;
use serde_json::{Map, Value, json};

use super::{Outcome, Params, constant, in_place};
use crate::peers::{Arrays, Picture};

/// An operation whose parameters go by the same names.
pub(super) fn of(picture: &Picture, params: &Params<'_>, key: &str, names: &[&str]) -> Outcome {
    let mut spec = Map::new();
    for name in names {
        spec.insert((*name).to_owned(), params.value(name)?.clone());
    }
    Ok(constant(picture, key, &Value::Object(spec))?.into())
}

pub(super) fn gaussian_blur(picture: &Picture, params: &Params<'_>) -> Outcome {
    params.derived(&["ksize"]);
    of(picture, params, "gaussian_blur", &["sigma"])
}

/// imgaug's `k` of two sides, of which the first is the width.
pub(super) fn average_blur_axes(picture: &Picture, params: &Params<'_>) -> Outcome {
    let sides: [usize; 2] = params.list("k")?;
    Ok(constant(picture, "average_blur", &json!({ "k": sides[1], "columns": sides[0] }))?.into())
}

pub(super) fn median_blur(picture: &Picture, params: &Params<'_>) -> Outcome {
    let k = params.count("k")?;
    params.expect("ksize_used", k + usize::from(k.is_multiple_of(2)))?;
    of(picture, params, "median_blur", &["k"])
}

fn labels(picture: &Picture, params: &Params<'_>, arrays: &Arrays) -> Result<(Vec<i32>, usize), String> {
    params.expect("max_size", 128)?;
    let (_, theirs) = arrays.i32s(params.array("labels")?)?;
    let mut ours = vec![0; picture.shape.pixels()];
    let n_segments = params.count("n_segments")?;
    let count = segments::slic(picture.view(), n_segments, &mut ours, &mut Scratch::default());
    let differ = ours.iter().zip(&theirs).filter(|(a, b)| a != b).count();
    if differ == 0 { Ok((ours, count)) } else { Err(format!("{differ} labels differ")) }
}

pub(super) fn superpixels(picture: &Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    labels(picture, params, arrays)?;
    let spec = json!({ "p_replace": params.value("p_replace")?, "n_segments": params.value("n_segments")? });
    Ok(constant(picture, "superpixels", &spec)?.into())
}

pub(super) fn superpixels_partial(picture: Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let (labels, count) = labels(&picture, params, arrays)?;
    let (_, replace) = arrays.i32s(params.array("replace")?)?;
    let flags: Vec<u8> = replace.iter().map(|flag| u8::from(*flag != 0)).collect();
    Ok(in_place(picture, |image| {
        segments::paint_means(image, &labels, count, &flags, &mut Scratch::default());
    }))
}

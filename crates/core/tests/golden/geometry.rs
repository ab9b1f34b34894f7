//! Families of operations that move pixels.

use mnistaug_core::base::Shape;
use mnistaug_core::kernels::border::Border;
use mnistaug_core::kernels::perspective::Quad;
use mnistaug_core::kernels::{blur, elastic, piecewise_affine as warp, resize};
use serde_json::{Value, json};

use super::pixels::interpolation;
use super::{Outcome, Output, Params, constant, paint, redraw};
use crate::peers::{Arrays, Case, Picture};

pub(super) fn resized(
    input: impl FnOnce() -> Result<Picture, String>,
    params: &Params<'_>,
    arrays: &Arrays,
) -> Outcome {
    let picture = if params.has_array("src") { arrays.image(params.array("src")?)? } else { input()? };
    let to = Shape::new(params.count("height")?, params.count("width")?, picture.shape.kind);
    let name = params.text("interpolation")?;
    if name.starts_with("auto") {
        return Ok(redraw(&picture, to, |src, dst, scratch| {
            resize::resize(src, dst, resize::Interpolation::Auto, scratch);
        })
        .into());
    }
    let interpolation = interpolation(name)?;
    Ok(redraw(&picture, to, |src, dst, scratch| resize::resize(src, dst, interpolation, scratch)).into())
}

/// The sides as a pipeline file has them.
fn sides(params: &Params<'_>) -> Result<Value, String> {
    let [top, right, bottom, left]: [f64; 4] = params.list("percent_top_right_bottom_left")?;
    Ok(json!({ "top": top, "right": right, "bottom": bottom, "left": left }))
}

pub(super) fn crop_and_pad(picture: &Picture, params: &Params<'_>) -> Outcome {
    let spec = json!({
        "percent": sides(params)?,
        "pad_mode": params.value("pad_mode")?,
        "pad_cval": params.value("pad_cval")?,
        "keep_size": params.value("keep_size")?,
    });
    Ok(constant(picture, "crop_and_pad", &spec)?.into())
}

pub(super) fn crop(picture: &Picture, params: &Params<'_>) -> Outcome {
    let spec = json!({ "percent": sides(params)?, "keep_size": params.value("keep_size")? });
    Ok(constant(picture, "crop", &spec)?.into())
}

pub(super) fn affine(picture: &Picture, params: &Params<'_>) -> Outcome {
    #[derive(serde::Deserialize)]
    struct Axes {
        x: f64,
        y: f64,
    }
    let axes = |key: &str| params.list::<Axes>(key).map(|axes| [axes.x, axes.y]);
    let [x, y] = axes("translate_percent")?;
    let cval = match params.value("cval")? {
        Value::Array(list) => Value::Array(list.clone()),
        one => json!([one, one, one]),
    };
    let drawn = json!({
        "scale": axes("scale")?,
        "translate": [x * picture.shape.width as f64, y * picture.shape.height as f64],
        "rotate": params.number("rotate_deg")?,
        "shear": axes("shear_deg")?,
        "order": params.value("order")?,
        "cval": cval,
        "mode": params.value("mode")?,
    });
    paint(picture, "affine", drawn)
}

pub(super) fn perspective(picture: &Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let (_, jitter) = arrays.f32s(params.array("jitter")?)?;
    let jitter: [[f32; 2]; 4] = std::array::from_fn(|i| [jitter[2 * i], jitter[2 * i + 1]]);
    params.derived(&["jitter_tl_tr_br_bl_xy_fraction"]);
    let quad = Quad::from_jitter(jitter, picture.shape);
    for (key, side) in [("warp_height", quad.height), ("warp_width", quad.width)] {
        if params.maybe(key).is_some() {
            params.expect(key, side)?;
        }
    }
    if params.maybe("quad_tl_tr_br_bl_px").is_some() {
        let corners: [[f64; 2]; 4] = params.list("quad_tl_tr_br_bl_px")?;
        if corners != quad.corners.map(|corner| corner.map(f64::from)) {
            return Err(format!("the corners are {:?}, not {corners:?}", quad.corners));
        }
    }
    let drawn = json!({
        "jitter": jitter,
        "keep_size": params.value("keep_size")?,
        "cval": params.value("cval")?,
        "mode": params.value("mode")?,
    });
    paint(picture, "perspective_transform", drawn)
}

pub(super) fn piecewise_affine(picture: &Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    params.number("scale")?;
    params.expect("order", 1)?;
    params.expect("mode", "constant")?;
    params.expect("cval", 0)?;
    let grid = (params.count("nb_rows")?, params.count("nb_cols")?);
    let (_, jitter) = arrays.f64s(params.array("jitter_yx_fraction")?)?;
    let (_, triangles) = arrays.i32s(params.array("triangles")?)?;
    if jitter.iter().all(|value| *value <= 0.0) {
        return Ok(picture.clone().into());
    }
    let points: Vec<[f64; 2]> = (0..grid.0 * grid.1)
        .map(|i| {
            let own = [jitter[2 * i], jitter[2 * i + 1]];
            warp::displaced(grid, (i / grid.1, i % grid.1), own, picture.shape)
        })
        .collect();
    let triangles: Vec<[usize; 3]> =
        triangles.as_chunks::<3>().0.iter().map(|corners| corners.map(|i| i as usize)).collect();
    let cells = diagonals(grid, &triangles).ok_or("the triangles are not halves of the cells")?;
    let result = redraw(picture, picture.shape, |src, dst, scratch| {
        warp::piecewise_affine(src, dst, grid, &points, |cell| cells[cell], scratch);
    });
    Ok(result.into())
}

/// The diagonal of each cell, row by row, of a triangulation of the grid's points (numbered row by row);
/// `None` if the triangles are not two halves of each cell.
fn diagonals(grid: (usize, usize), triangles: &[[usize; 3]]) -> Option<Vec<warp::Diagonal>> {
    let (rows, columns) = grid;
    let has = |a: usize, b: usize| triangles.iter().any(|t| t.contains(&a) && t.contains(&b));
    let mut cells = Vec::new();
    for r in 0..rows - 1 {
        for c in 0..columns - 1 {
            let corner = r * columns + c;
            cells.push(match (has(corner, corner + columns + 1), has(corner + 1, corner + columns)) {
                (true, false) => warp::Diagonal::Falling,
                (false, true) => warp::Diagonal::Rising,
                _ => return None,
            });
        }
    }
    Some(cells)
}

pub(super) fn elastic(picture: &Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    params.derived(&["alpha", "sigma"]);
    let border = match params.text("mode")? {
        "constant" => Border::Constant,
        "nearest" => Border::Edge,
        "reflect" => Border::Reflect,
        "wrap" => Border::Wrap,
        mode => return Err(format!("the mode {mode} is not known")),
    };
    let interpolation = match params.count("order")? {
        0 => elastic::Interpolation::Nearest,
        1 => elastic::Interpolation::Linear,
        2..=5 => elastic::Interpolation::Cubic,
        order => return Err(format!("the order {order} is not known")),
    };
    let (_, mut field) = arrays.f32s(params.array("dx")?)?;
    field.extend(arrays.f32s(params.array("dy")?)?.1);
    let cval = [params.number("cval")? as u8; 3];
    let result = redraw(picture, picture.shape, |src, dst, scratch| {
        elastic::remap(src, dst, &field, interpolation, border, cval, scratch);
    });
    Ok(result.into())
}

pub(super) fn elastic_field(case: &Case, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let (alpha, sigma) = (params.number("alpha")?, params.number("sigma")?);
    let pad = blur::gaussian_size(sigma);
    params.expect("ksize", pad)?;
    let (_, uniform) = arrays.f32s(params.array("uniform01")?)?;
    let [2, height, width] = case.shape[..] else { return Err(format!("shape {:?}", case.shape)) };
    let mut data = vec![0.0; 2 * height * width];
    let on = Shape::gray(height, width);
    let mut scratch = mnistaug_core::base::Scratch::default();
    elastic::displacements(&uniform, &mut data, on, pad, (alpha, sigma), &mut scratch);
    Ok(Output::Floats { shape: case.shape.clone(), data })
}

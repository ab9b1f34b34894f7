//! How each family of cases is run: through an operation's drawn values wherever they say all, and through
//! the kernels where a case gives the random numbers that an operation expands from a key.

use std::cell::RefCell;
use std::collections::BTreeSet;

use mnistaug::base::{Address, Canvas, Image, ImageMut, Scratch, Shape, Stage};
use mnistaug::kernels::resize::Interpolation;
use mnistaug::kernels::{blend, frequency, masks, noise, resize};
use mnistaug::ops::AnyDrawn;
use mnistaug::pipeline::parse_step;
use mnistaug::pipeline::spec::Kind;
use serde_json::{Map, Value, json};

use crate::peers::{Arrays, Case, Picture};

/// What a case results in.
pub(crate) enum Output {
    Bytes { shape: Vec<usize>, data: Vec<u8> },
    Floats { shape: Vec<usize>, data: Vec<f32> },
}

impl From<Picture> for Output {
    fn from(picture: Picture) -> Self {
        let Shape { height, width, channels } = picture.shape;
        Self::Bytes { shape: vec![height, width, channels], data: picture.data }
    }
}

/// The parameters and arrays of a case, and which of them were looked at.
pub(crate) struct Params<'a> {
    params: &'a Map<String, Value>,
    aux: &'a Map<String, Value>,
    used: RefCell<BTreeSet<String>>,
}

impl<'a> Params<'a> {
    pub(crate) fn new(params: &'a Map<String, Value>, aux: &'a Map<String, Value>) -> Self {
        Self { params, aux, used: RefCell::default() }
    }

    /// A parameter that may be missing.
    fn maybe(&self, key: &str) -> Option<&'a Value> {
        self.used.borrow_mut().insert(key.to_owned());
        self.params.get(key)
    }

    fn value(&self, key: &str) -> Result<&'a Value, String> {
        self.maybe(key).ok_or_else(|| format!("there is no parameter {key}"))
    }

    fn number(&self, key: &str) -> Result<f64, String> {
        let value = self.value(key)?;
        value.as_f64().ok_or_else(|| format!("{key} is {value}, not a number"))
    }

    fn count(&self, key: &str) -> Result<usize, String> {
        let value = self.value(key)?;
        value.as_u64().map(|n| n as usize).ok_or_else(|| format!("{key} is {value}, not a count"))
    }

    fn text(&self, key: &str) -> Result<&'a str, String> {
        let value = self.value(key)?;
        value.as_str().ok_or_else(|| format!("{key} is {value}, not a text"))
    }

    fn list<T: serde::de::DeserializeOwned>(&self, key: &str) -> Result<T, String> {
        serde_json::from_value(self.value(key)?.clone()).map_err(|error| format!("{key}: {error}"))
    }

    /// The key of an array in the npz file.
    fn array(&self, name: &str) -> Result<&'a str, String> {
        self.used.borrow_mut().insert(name.to_owned());
        let key = self.aux.get(name).and_then(Value::as_str);
        key.ok_or_else(|| format!("there is no array {name}"))
    }

    fn has_array(&self, name: &str) -> bool {
        self.aux.contains_key(name)
    }

    /// Parameters that say nothing that is not known already; they must have the value given.
    fn expect(&self, key: &str, value: impl Into<Value>) -> Result<(), String> {
        let (found, value) = (self.value(key)?, value.into());
        let same = *found == value
            || found.as_f64().is_some_and(|a| value.as_f64().is_some_and(|b| (a - b).abs() < 1e-9));
        if same { Ok(()) } else { Err(format!("{key} is {found}, not {value}")) }
    }

    /// Parameters that only describe what is computed from the others.
    fn derived(&self, keys: &[&str]) {
        self.used.borrow_mut().extend(keys.iter().map(|key| (*key).to_owned()));
    }

    /// Whether every parameter and every array was looked at.
    pub(crate) fn all_used(&self) -> Result<(), String> {
        let used = self.used.borrow();
        let unknown: Vec<&String> =
            self.params.keys().chain(self.aux.keys()).filter(|key| !used.contains(*key)).collect();
        if unknown.is_empty() { Ok(()) } else { Err(format!("unknown parameters {unknown:?}")) }
    }
}

type Outcome = Result<Output, String>;

/// Paints drawn values on a picture.
fn paint(picture: &Picture, key: &str, drawn: Value) -> Outcome {
    let drawn = AnyDrawn::read(key, drawn).map_err(|error| format!("{key}: {error}"))?;
    let mut canvas = Canvas::default();
    canvas.load(picture.view());
    drawn.paint(&mut canvas);
    Ok(Picture::of(&canvas).into())
}

/// Runs an operation whose parameters are all constant.
fn constant(picture: &Picture, key: &str, spec: &Value) -> Result<Picture, String> {
    let step = parse_step(&json!({ key: spec }).to_string()).map_err(|error| error.to_string())?;
    let Kind::Op(op) = step.kind else { return Err(format!("{key} is no operation")) };
    let address = Address { seed: 0, stage: Stage::new("golden", ""), item: 0 };
    let mut canvas = Canvas::default();
    canvas.load(picture.view());
    op.draw(picture.shape, &mut address.stream(0)).paint(&mut canvas);
    Ok(Picture::of(&canvas))
}

/// Changes a picture in place with a kernel.
fn in_place(mut picture: Picture, change: impl FnOnce(ImageMut<'_>)) -> Output {
    change(ImageMut::new(picture.shape, &mut picture.data));
    picture.into()
}

/// Makes a new picture with a kernel.
fn redraw(
    picture: &Picture,
    to: Shape,
    change: impl FnOnce(Image<'_>, ImageMut<'_>, &mut Scratch),
) -> Picture {
    let mut data = vec![0; to.bytes()];
    change(picture.view(), ImageMut::new(to, &mut data), &mut Scratch::default());
    Picture { shape: to, data }
}

/// Runs a case.
pub(crate) fn run(case: &Case, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let input = || arrays.image(case.input.as_deref().ok_or("there is no input")?);
    match case.family() {
        "fliplr" | "flipud" => {
            Ok(constant(&input()?, case.family(), &json!({ "p": params.number("p")? }))?.into())
        }
        "add" => per_channel(&input()?, params, "add", "value"),
        "multiply" => per_channel(&input()?, params, "multiply", "mul"),
        "linear_contrast" => per_channel(&input()?, params, "linear_contrast", "alpha"),
        "invert" => invert(&input()?, params),
        "grayscale" => paint(&input()?, "grayscale", json!({ "alpha": params.number("alpha")? })),
        "add_hue_sat" => {
            let (hue, saturation) = (params.value("value_hue")?, params.value("value_saturation")?);
            let units = (hue.as_f64().unwrap_or(f64::NAN) * 180.0 / 255.0).trunc();
            params.expect("hue_shift_in_opencv_units_0_180", units)?;
            paint(&input()?, "add_to_hue_and_saturation", json!({ "hue": hue, "saturation": saturation }))
        }
        "add_saturation" => {
            paint(&input()?, "add_to_saturation", json!({ "value": params.value("value_saturation")? }))
        }
        "dropout" => dropout(input()?, params, arrays),
        "coarse_dropout" => coarse_dropout(input()?, params, arrays),
        "additive_noise" => additive_noise(input()?, params, arrays),
        "blend" => blend_alpha(input()?, params, arrays),
        "noise_mask" => noise_mask(params, arrays),
        "frequency_noise" => frequency_noise(params, arrays),
        "resize" => resized(input, params, arrays),
        family => Err(format!("the family {family} is not known")),
    }
}

/// A value for all channels, or one for each.
fn per_channel(picture: &Picture, params: &Params<'_>, key: &str, field: &str) -> Outcome {
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

fn invert(picture: &Picture, params: &Params<'_>) -> Outcome {
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

fn dropout(picture: Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let (shape, keep) = arrays.u8s(params.array("keep_mask")?)?;
    let per_channel = params.value("per_channel")?.as_bool() == Some(true);
    if per_channel != (shape[2] == picture.shape.channels && shape[2] > 1) && picture.shape.channels > 1 {
        return Err(format!("per_channel is {per_channel}, and the mask has shape {shape:?}"));
    }
    Ok(in_place(picture, |image| noise::drop_unkept(image, &keep)))
}

fn coarse_dropout(picture: Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
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

fn additive_noise(picture: Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let (_, values) = arrays.f32s(params.array("noise")?)?;
    params.value("per_channel")?;
    Ok(in_place(picture, |image| noise::add(image, &values)))
}

fn blend_alpha(picture: Picture, params: &Params<'_>, arrays: &Arrays) -> Outcome {
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

fn interpolation(name: &str) -> Result<Interpolation, String> {
    match name {
        "nearest" => Ok(Interpolation::Nearest),
        "linear" => Ok(Interpolation::Linear),
        "cubic" => Ok(Interpolation::Cubic),
        _ => Err(format!("the interpolation {name} is not known")),
    }
}

fn noise_mask(params: &Params<'_>, arrays: &Arrays) -> Outcome {
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
        let grid = Image::new(Shape::new(shape[0], shape[1], 1), &grid);
        masks::combine(&mut levels, size, i == 0, grid, interpolation(name)?, aggregation, &mut scratch);
    }
    let mut data = vec![0.0; levels.len()];
    masks::finish(&levels, upscale.len(), aggregation, threshold, &mut data, &mut scratch);
    Ok(Output::Floats { shape: vec![size.0, size.1], data })
}

fn frequency_noise(params: &Params<'_>, arrays: &Arrays) -> Outcome {
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
    let (aggregation, grid) = (masks::Aggregation::Max, Image::new(Shape::new(rows, columns, 1), &grid));
    let upscale = interpolation(params.text("upscale")?)?;
    masks::combine(&mut levels, size, true, grid, upscale, aggregation, &mut scratch);
    masks::finish(&levels, 1, aggregation, None, &mut data, &mut scratch);
    Ok(Output::Floats { shape: vec![size.0, size.1], data })
}

fn resized(input: impl FnOnce() -> Result<Picture, String>, params: &Params<'_>, arrays: &Arrays) -> Outcome {
    let picture = if params.has_array("src") { arrays.image(params.array("src")?)? } else { input()? };
    let to = Shape::new(params.count("height")?, params.count("width")?, picture.shape.channels);
    let name = params.text("interpolation")?;
    if name.starts_with("auto") {
        return Ok(redraw(&picture, to, resize::resize_auto).into());
    }
    let interpolation = interpolation(name)?;
    Ok(redraw(&picture, to, |src, dst, scratch| resize::resize(src, dst, interpolation, scratch)).into())
}

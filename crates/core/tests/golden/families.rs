//! How each family of cases is run: through an operation's drawn values wherever they say all, and through
//! the kernels where a case gives the random numbers that an operation expands from a key.

#[path = "chain.rs"]
mod chain;
#[path = "filters.rs"]
mod filters;
#[path = "geometry.rs"]
mod geometry;
#[path = "keras_tf.rs"]
mod keras_tf;
#[path = "pixels.rs"]
mod pixels;

use std::cell::RefCell;
use std::collections::BTreeSet;

use mnistaug_core::base::{Address, Canvas, Image, ImageMut, Scratch, Shape, Stage};
use mnistaug_core::kernels::tf_image;
use mnistaug_core::ops::AnyDrawn;
use mnistaug_core::pipeline::parse_step;
use mnistaug_core::pipeline::spec::Kind;
use serde_json::{Map, Value, json};

use crate::peers::{Arrays, Case, Picture};

/// What a case results in.
pub(crate) enum Output {
    Bytes { shape: Vec<usize>, data: Vec<u8> },
    Floats { shape: Vec<usize>, data: Vec<f32> },
}

impl From<Picture> for Output {
    fn from(picture: Picture) -> Self {
        let Shape { height, width, kind } = picture.shape;
        let channels = kind.count();
        Self::Bytes { shape: vec![height, width, channels], data: picture.data }
    }
}

/// The parameters and arrays of a case, and which of them were looked at.
pub(crate) struct Params<'a> {
    given: &'a Map<String, Value>,
    aux: &'a Map<String, Value>,
    used: RefCell<BTreeSet<String>>,
}

impl<'a> Params<'a> {
    pub(crate) fn new(params: &'a Map<String, Value>, aux: &'a Map<String, Value>) -> Self {
        Self { given: params, aux, used: RefCell::default() }
    }

    /// A parameter that may be missing.
    fn maybe(&self, key: &str) -> Option<&'a Value> {
        self.used.borrow_mut().insert(key.to_owned());
        self.given.get(key)
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
            self.given.keys().chain(self.aux.keys()).filter(|key| !used.contains(*key)).collect();
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
        "crop_and_pad" => geometry::crop_and_pad(&input()?, params),
        "crop" => geometry::crop(&input()?, params),
        "resize" => geometry::resized(input, params, arrays),
        "affine" | "affine_rotate" | "affine_scale" | "affine_translate" | "affine_shearx"
        | "affine_sheary" | "affine_shearxy" | "affine_rot90ish" => geometry::affine(&input()?, params),
        "perspective" => geometry::perspective(&input()?, params, arrays),
        "piecewise_affine" => geometry::piecewise_affine(&input()?, params, arrays),
        "elastic" => geometry::elastic(&input()?, params, arrays),
        "elastic_field" => geometry::elastic_field(case, params, arrays),
        "gaussian_blur" => filters::gaussian_blur(&input()?, params),
        "average_blur" => filters::of(&input()?, params, case.family(), &["k"]),
        "median_blur" => filters::median_blur(&input()?, params),
        "sharpen" => filters::of(&input()?, params, case.family(), &["alpha", "lightness"]),
        "emboss" => filters::of(&input()?, params, case.family(), &["alpha", "strength"]),
        "edge_detect" => filters::of(&input()?, params, case.family(), &["alpha"]),
        "directed_edge_detect" => {
            params.derived(&["kernel_effect"]);
            filters::of(&input()?, params, case.family(), &["alpha", "direction"])
        }
        "superpixels" => filters::superpixels(&input()?, params, arrays),
        "superpixels_partial" => filters::superpixels_partial(input()?, params, arrays),
        "add" => pixels::per_channel(&input()?, params, "add", "value"),
        "multiply" => pixels::per_channel(&input()?, params, "multiply", "mul"),
        "linear_contrast" => pixels::per_channel(&input()?, params, "linear_contrast", "alpha"),
        "invert" => pixels::invert(&input()?, params),
        "grayscale" => paint(&input()?, "grayscale", json!({ "alpha": params.number("alpha")? })),
        "add_hue_sat" => pixels::add_hue_sat(&input()?, params),
        "add_saturation" => {
            paint(&input()?, "add_to_saturation", json!({ "value": params.value("value_saturation")? }))
        }
        "dropout" => pixels::dropout(input()?, params, arrays),
        "coarse_dropout" => pixels::coarse_dropout(input()?, params, arrays),
        "additive_noise" => pixels::additive_noise(input()?, params, arrays),
        "blend" => pixels::blend_alpha(input()?, params, arrays),
        "noise_mask" => pixels::noise_mask(params, arrays),
        "frequency_noise" => pixels::frequency_noise(params, arrays),
        "chain" => chain::run(input()?, params),
        "keras_transform" => keras_tf::transform(case, &input()?, params, "keras3"),
        "keraslegacy_transform" => keras_tf::transform(case, &input()?, params, "keras_preprocessing"),
        "tf_flip_left_right" => Ok(constant(&input()?, "flip_left_right", &json!({}))?.into()),
        "tf_flip_up_down" => Ok(constant(&input()?, "flip_up_down", &json!({}))?.into()),
        "tf_central_crop" => keras_tf::central_crop(&input()?, params),
        "tf_random_crop_at" => keras_tf::random_crop(&input()?, params),
        "tf_rot90" => Ok(constant(&input()?, "rot90", &json!({ "k": params.value("k")? }))?.into()),
        "tf_adjust_brightness" => {
            let float =
                |pixel: &[f32], delta: f32| pixel.iter().map(|v| (v + delta).clamp(0.0, 1.0)).collect();
            keras_tf::adjust(case, &input()?, params, "adjust_brightness", Some("delta"), float)
        }
        "tf_rgb_to_grayscale" => {
            let float = |pixel: &[f32], _: f32| vec![tf_image::gray(keras_tf::rgb(pixel))];
            keras_tf::adjust(case, &input()?, params, "rgb_to_grayscale", None, float)
        }
        "tf_adjust_saturation" => {
            let float = |pixel: &[f32], factor| tf_image::saturated(keras_tf::rgb(pixel), factor).to_vec();
            keras_tf::adjust(case, &input()?, params, "adjust_saturation", Some("saturation_factor"), float)
        }
        family => Err(format!("the family {family} is not known")),
    }
}

//! Keras' preprocessing layers in a `Sequential([...])`.

use super::super::eval::Res;
use super::super::tree::{Bound, Translator};
use super::super::value::{Call, V, Val, last};
use super::{Library, Role};
use crate::text::tree::{Key, Tree, Value};

use Reading::{Aside, Level, Plain, Spread};

/// Preprocessing layers in a `Sequential`, which makes networks as well.
pub(super) static LIBRARY: Library = Library {
    name: "Keras",
    example: "Sequential([...])",
    usual: &[("tf", "tensorflow"), ("keras", "tensorflow.keras"), ("layers", "tensorflow.keras.layers")],
    constants: &[],
    owns: |path| {
        ["tensorflow.", "keras.", "tf_keras."].iter().any(|start| path.starts_with(start))
            && last(path) == "Sequential"
    },
    role: |call| if has_random_layer(call) { Role::Augments } else { Role::Other },
    passes: |call| PASSED.contains(&call.name()),
    chain: None,
    versions: &[],
    grows: "layers",
    translate: |translator, _, call| translator.keras_sequential(call, &mut Unit::default()),
    namesake: |_| None,
    bare_list: None,
    #[cfg(test)]
    sample: "from tensorflow import keras\naugment = keras.Sequential([keras.layers.RandomFlip('horizontal')])\n",
};

/// Layers that leave bytes as they are.
const PASSED: &[&str] = &["Input", "InputLayer", "Rescaling", "Normalization", "Activation", "Identity"];

/// How a parameter of a layer is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// As it stands, a field of the same name.
    Plain,
    /// A gray level, in the unit of what the layer gets.
    Level,
    /// The range of the values that the layer gets.
    Spread,
    /// It says nothing of what happens to images.
    Aside,
}

/// A layer that is a step: its name, the step's, and its parameters in their order.
struct Layer {
    name: &'static str,
    step: &'static str,
    params: &'static [(&'static str, Reading)],
}

const SEED: (&str, Reading) = ("seed", Aside);
const RANGE: (&str, Reading) = ("value_range", Spread);
const FACTOR: (&str, Reading) = ("factor", Plain);
const FILL_MODE: (&str, Reading) = ("fill_mode", Plain);
const FILL_VALUE: (&str, Reading) = ("fill_value", Level);
const INTERPOLATION: (&str, Reading) = ("interpolation", Plain);
const HEIGHT: (&str, Reading) = ("height", Plain);
const WIDTH: (&str, Reading) = ("width", Plain);
const HEIGHT_FACTOR: (&str, Reading) = ("height_factor", Plain);
const WIDTH_FACTOR: (&str, Reading) = ("width_factor", Plain);

/// A line of the table of layers.
const fn layer(name: &'static str, step: &'static str, params: &'static [(&'static str, Reading)]) -> Layer {
    Layer { name, step, params }
}

/// Layers that are steps, with Keras' parameters in Keras' order.
const STEPS: &[Layer] = &[
    layer(
        "AugMix",
        "keras.aug_mix",
        &[
            RANGE,
            ("num_chains", Plain),
            ("chain_depth", Plain),
            FACTOR,
            ("alpha", Plain),
            ("all_ops", Plain),
            INTERPOLATION,
            SEED,
        ],
    ),
    layer("AutoContrast", "keras.auto_contrast", &[RANGE]),
    layer("CenterCrop", "keras.center_crop", &[HEIGHT, WIDTH]),
    layer("Equalization", "keras.equalization", &[RANGE, ("bins", Plain)]),
    layer("RandAugment", "keras.rand_augment", &[RANGE, ("num_ops", Plain), FACTOR, INTERPOLATION, SEED]),
    layer("RandomBrightness", "keras.random_brightness", &[FACTOR, RANGE, SEED]),
    layer(
        "RandomColorDegeneration",
        "keras.random_color_degeneration",
        &[FACTOR, RANGE, ("data_format", Aside), SEED],
    ),
    layer(
        "RandomColorJitter",
        "keras.random_color_jitter",
        &[
            RANGE,
            ("brightness_factor", Plain),
            ("contrast_factor", Plain),
            ("saturation_factor", Plain),
            ("hue_factor", Plain),
            SEED,
        ],
    ),
    layer("RandomContrast", "keras.random_contrast", &[FACTOR, RANGE, SEED]),
    layer("RandomCrop", "keras.random_crop", &[HEIGHT, WIDTH, SEED]),
    layer("RandomErasing", "keras.random_erasing", &[FACTOR, ("scale", Plain), FILL_VALUE, RANGE, SEED]),
    layer("RandomFlip", "keras.random_flip", &[("mode", Plain), SEED]),
    layer("RandomGrayscale", "keras.random_grayscale", &[FACTOR, ("data_format", Aside), SEED]),
    layer("RandomHeight", "keras.random_height", &[FACTOR, INTERPOLATION, SEED]),
    layer("RandomHue", "keras.random_hue", &[FACTOR, RANGE, ("data_format", Aside), SEED]),
    layer("RandomInvert", "keras.random_invert", &[FACTOR, RANGE, SEED]),
    layer(
        "RandomPosterization",
        "keras.random_posterization",
        &[FACTOR, RANGE, ("data_format", Aside), SEED],
    ),
    layer("RandomRotation", "keras.random_rotation", &[FACTOR, FILL_MODE, INTERPOLATION, SEED, FILL_VALUE]),
    layer("RandomSaturation", "keras.random_saturation", &[FACTOR, RANGE, ("data_format", Aside), SEED]),
    layer("RandomSharpness", "keras.random_sharpness", &[FACTOR, RANGE, ("data_format", Aside), SEED]),
    layer(
        "RandomShear",
        "keras.random_shear",
        &[
            ("x_factor", Plain),
            ("y_factor", Plain),
            INTERPOLATION,
            FILL_MODE,
            FILL_VALUE,
            ("data_format", Aside),
            SEED,
        ],
    ),
    layer(
        "RandomTranslation",
        "keras.random_translation",
        &[HEIGHT_FACTOR, WIDTH_FACTOR, FILL_MODE, INTERPOLATION, SEED, FILL_VALUE],
    ),
    layer("RandomWidth", "keras.random_width", &[FACTOR, INTERPOLATION, SEED]),
    layer(
        "RandomZoom",
        "keras.random_zoom",
        &[HEIGHT_FACTOR, WIDTH_FACTOR, FILL_MODE, INTERPOLATION, SEED, FILL_VALUE],
    ),
    layer(
        "Resizing",
        "keras.resizing",
        &[
            HEIGHT,
            WIDTH,
            INTERPOLATION,
            ("crop_to_aspect_ratio", Plain),
            ("pad_to_aspect_ratio", Plain),
            FILL_MODE,
            FILL_VALUE,
            ("antialias", Plain),
        ],
    ),
    layer(
        "Solarization",
        "keras.solarization",
        &[("addition_factor", Plain), ("threshold_factor", Plain), RANGE, SEED],
    ),
];

/// Layers that only bring images to a size.
const SIZES: &[&str] = &["CenterCrop", "Resizing"];

/// Whether a layer belongs to augmentation, be it known here or not.
pub(super) fn is_layer(name: &str) -> bool {
    name.starts_with("Random")
        || STEPS.iter().any(|layer| layer.name == name)
        || PASSED.contains(&name)
        || ["Sequential", "CLAHE", "MixUp", "CutMix"].contains(&name)
}

/// Whether a layer changes images in more than their size.
pub(super) fn augments(name: &str) -> bool {
    name.starts_with("Random") || STEPS.iter().any(|layer| layer.name == name && !SIZES.contains(&name))
}

/// Parameters that every layer has and that say nothing of images.
const ANY_LAYER: &[&str] =
    &["input_shape", "batch_input_shape", "dtype", "trainable", "data_format", "batch_size"];

/// Whether layers have anything of images in them.
fn has_random_layer(call: &Call<'_>) -> bool {
    let layers = call.args.first().or_else(|| call.keywords.iter().map(|(.., value)| value).next());
    layers.and_then(Val::items).is_some_and(|layers| {
        layers.iter().any(|layer| matches!(&layer.kind, V::Call(layer) if augments(layer.name())))
    })
}

/// Whether a full name is one of Keras 2.
fn is_keras_2(path: &str) -> bool {
    path.contains(".experimental.") || path.starts_with("tf_keras.")
}

/// What layers get: values are `scale` times those of bytes, plus `offset`.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    scale: f64,
    offset: f64,
}

impl Default for Unit {
    fn default() -> Self {
        Self { scale: 1.0, offset: 0.0 }
    }
}

impl<'a> Translator<'a> {
    /// The steps of a `Sequential([...])` of layers.
    fn keras_sequential(&mut self, call: &Call<'a>, unit: &mut Unit) -> Res<Vec<Tree>> {
        let bound = self.bind(call, &["layers", "trainable"])?;
        let Some(layers) = bound.get("layers").and_then(|layers| layers.items()) else {
            return Err(self.complain(call.name_at, "Sequential takes a list of layers"));
        };
        let mut steps = Vec::new();
        self.layers(layers, unit, &mut steps)?;
        Ok(steps)
    }

    /// The steps of layers, up to the first that is no augmentation.
    pub(super) fn layers(&mut self, layers: &[Val<'a>], unit: &mut Unit, steps: &mut Vec<Tree>) -> Res<()> {
        for layer in layers {
            if let V::Call(own) = &layer.kind
                && !is_layer(own.name())
                && !steps.is_empty()
            {
                let message = format!(
                    "{} is no augmentation: the network begins here, and ends the pipeline",
                    own.name()
                );
                self.warn(own.name_at, message);
                break;
            }
            let V::Call(layer) = &layer.kind else {
                if let Some(why) = layer.why() {
                    return Err(why.complaint.clone());
                }
                let message = format!("expected a layer such as RandomFlip(), not {}", layer.kind());
                return Err(self.complain(layer.at, message));
            };
            self.layer(layer, unit, steps)?;
        }
        Ok(())
    }

    fn layer(&mut self, call: &Call<'a>, unit: &mut Unit, steps: &mut Vec<Tree>) -> Res<()> {
        let (at, name) = (call.name_at, call.name());
        match name {
            "Sequential" => {
                let own = self.keras_sequential(call, unit)?;
                steps.extend(own);
                return Ok(());
            }
            "Input" | "InputLayer" | "Identity" => {
                self.pass(call);
                return Ok(());
            }
            "Rescaling" | "Normalization" | "Activation" => {
                if name == "Rescaling" {
                    rescale(call, unit);
                }
                let message =
                    format!("{name} is passed over: images stay bytes; an export to floats scales them");
                self.warn(at, message);
                return Ok(());
            }
            _ => {}
        }
        let Some(layer) = STEPS.iter().find(|layer| layer.name == name) else {
            let message = format!("the layer {name} has no counterpart here");
            return Err(self.complain(at, message).help(remedy(name)));
        };
        let names: Vec<&'static str> = layer.params.iter().map(|(name, _)| *name).collect();
        let bound = self.layer_args(call, &names)?;
        if let Some(step) = self.plain_flip(&bound)? {
            steps.push(step);
            return Ok(());
        }
        let own = self.spread(&bound, *unit);
        let mut fields = Vec::new();
        for (name, reading) in layer.params {
            let Some(value) = bound.get(name) else { continue };
            match reading {
                Plain => fields.push((self.key(value.at, name), self.plain(value)?)),
                Level => fields.push((self.key(value.at, name), self.level(value, own)?)),
                Spread | Aside => {}
            }
        }
        if name == "Resizing" {
            self.resizing(&bound, &mut fields)?;
        }
        self.remarks(&bound, own, &mut fields)?;
        let step = self.step(call, layer.step, fields)?;
        steps.push(step);
        Ok(())
    }

    /// The arguments of a layer, without those that say nothing of images.
    fn layer_args<'v>(&mut self, call: &'v Call<'a>, names: &[&'static str]) -> Res<Bound<'v, 'a>> {
        let others = ANY_LAYER.iter().copied().filter(|own| !names.contains(own));
        let all: Vec<&'static str> = names.iter().copied().chain(others).collect();
        if let Some(extra) = call.args.get(names.len()) {
            let message = format!("{} takes {} values by their position, not more", call.name(), names.len());
            return Err(self.complain(extra.at, message));
        }
        let bound = self.bind(call, &all)?;
        for name in ANY_LAYER {
            if let Some(value) = bound.passed(name) {
                self.warn(value.at, format!("{name} is passed over; it is no matter of augmentation"));
            }
        }
        if let Some(value) = bound.passed("seed").filter(|value| !matches!(value.kind, V::None)) {
            self.warn(value.at, "seed is passed over; the seed of the command decides all random numbers");
        }
        Ok(bound)
    }

    /// A flip of one axis, which is the same in all libraries.
    fn plain_flip(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        if bound.call.name() != "RandomFlip" {
            return Ok(None);
        }
        let step = match bound.get("mode").map(|mode| (mode, &mode.kind)) {
            Some((_, V::Text(text))) if &**text == "horizontal" => "fliplr",
            Some((_, V::Text(text))) if &**text == "vertical" => "flipud",
            _ => return Ok(None),
        };
        let at = bound.call.name_at;
        let half = self.tree(at, Value::Float(0.5))?;
        self.wrap(at, step, half).map(Some)
    }

    /// A gray level, or three, as bytes.
    fn level(&mut self, value: &Val<'a>, unit: Unit) -> Res<Tree> {
        let byte = |this: &mut Self, value: &Val<'a>| {
            let level = (this.number(value, "a fill value")? - unit.offset) / unit.scale;
            if !(-0.001..=255.001).contains(&level) {
                let message = format!("the fill value is {level:.1} in bytes, which are 0..255");
                return Err(this.complain(value.at, message));
            }
            this.tree(value.at, Value::Float(level.clamp(0.0, 255.0)))
        };
        match value.items() {
            Some(items) => {
                let items = items.iter().map(|item| byte(self, item)).collect::<Res<Vec<_>>>()?;
                self.tree(value.at, Value::List(items))
            }
            None => byte(self, value),
        }
    }

    /// The unit of what a layer gets, by its `value_range` if it says one. Factors are shares of the range, whatever it is.
    fn spread(&mut self, bound: &Bound<'_, 'a>, unit: Unit) -> Unit {
        let Some(value) = bound.get("value_range") else { return unit };
        let ends: Vec<f64> = value.items().unwrap_or_default().iter().filter_map(Val::number).collect();
        match ends[..] {
            [low, high] if low < high => Unit { scale: (high - low) / 255.0, offset: low },
            _ => {
                self.warn(value.at, "value_range is passed over: images are bytes here, 0..255");
                unit
            }
        }
    }

    /// What `Resizing` has and the step has not.
    fn resizing(&mut self, bound: &Bound<'_, 'a>, fields: &mut Vec<(Key, Tree)>) -> Res<()> {
        if let Some(value) = bound.get("antialias").filter(|value| value.truth() != Some(false)) {
            return Err(self
                .complain(value.at, "resizing with antialias is not here")
                .help("torchvision.resize antialiases; otherwise leave antialias out"));
        }
        if let Some(value) = bound.get("interpolation")
            && !matches!(&value.kind, V::Text(text) if ["bilinear", "nearest"].contains(&&**text))
        {
            return Err(self
                .complain(value.at, "keras.resizing is bilinear or nearest")
                .help("torchvision.resize has bicubic and lanczos, antialiased"));
        }
        fields.retain(|(key, _)| !["antialias", "fill_mode"].contains(&key.text.as_str()));
        Ok(())
    }

    /// Versions that differ, and what is easily misunderstood.
    fn remarks(&mut self, bound: &Bound<'_, 'a>, unit: Unit, fields: &mut Vec<(Key, Tree)>) -> Res<()> {
        let (call, at) = (bound.call, bound.call.name_at);
        let older = is_keras_2(&call.path);
        let one = |name: &str| bound.get(name).is_some_and(|value| value.items().is_none());
        let words = match call.name() {
            "RandomFlip" => Some(("one coin decides both flips", "each flip has its own")),
            "RandomContrast" if one("factor") => {
                Some(("a number f draws from 1 to 1 + f", "it draws from 1 - f"))
            }
            _ => None,
        };
        match words {
            Some((_, before)) if older => {
                let compat = self.tree(at, Value::Text("keras3.5".into()))?;
                fields.push((self.key(at, "compat"), compat));
                self.warn(at, format!("this is a layer of Keras 2, in which {before} (compat: keras3.5)"));
            }
            Some((now, before)) => self.warn(
                at,
                format!(
                    "{now}, as since Keras 3.6; up to 3.5, and in Keras 2, {before}: compat: keras3.5 is that"
                ),
            ),
            None => {}
        }
        if call.name() == "RandomRotation"
            && let Some(value) = bound.get("factor")
        {
            let ends = value.items().unwrap_or(std::slice::from_ref(value));
            let turns =
                ends.iter().filter_map(Val::number).fold(0.0_f64, |most, turns| most.max(turns.abs()));
            if turns > 1.0 {
                let degrees = turns * 360.0;
                self.warn(
                    value.at,
                    format!("RandomRotation counts full turns: {turns} is {degrees} degrees, so that about all angles are equally likely"),
                );
            }
        }
        let ones = (unit.scale * 255.0 - 1.0).abs() < 1e-6;
        if ones && ["RandomSaturation", "RandomColorJitter"].contains(&call.name()) {
            let ends = vec![self.tree(at, Value::Int(0))?, self.tree(at, Value::Int(1))?];
            let range = self.tree(at, Value::List(ends))?;
            fields.push((self.key(at, "value_range"), range));
        }
        Ok(())
    }
}

/// What a Rescaling does with the unit of what follows.
fn rescale(call: &Call<'_>, unit: &mut Unit) {
    let of = |name: &str, place: usize| {
        let named = call.keywords.iter().find(|(own, ..)| own == name).map(|(.., value)| value);
        named.or_else(|| call.args.get(place)).and_then(Val::number)
    };
    let (scale, offset) = (of("scale", 0).unwrap_or(1.0), of("offset", 1).unwrap_or(0.0));
    *unit = Unit { scale: unit.scale * scale, offset: unit.offset * scale + offset };
}

/// What to do about a layer that is not known.
fn remedy(name: &str) -> String {
    match name {
        "MixUp" | "CutMix" => "It mixes labels as well, which no step of a pipeline does".to_owned(),
        "RandomGaussianBlur" => "Nearest: gaussian_blur, or torchvision.gaussian_blur".to_owned(),
        "RandomPerspective" => "Nearest: torchvision.random_perspective".to_owned(),
        "RandomElasticTransform" => "Nearest: elastic_transformation".to_owned(),
        "CLAHE" => "Leave it out, or equalize: keras.equalization".to_owned(),
        _ => {
            let known: Vec<&str> = STEPS.iter().map(|layer| layer.name).collect();
            format!("Known here: {}, {}", known.join(", "), PASSED.join(", "))
        }
    }
}

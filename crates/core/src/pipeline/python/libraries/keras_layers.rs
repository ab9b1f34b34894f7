//! Keras' preprocessing layers in a `Sequential([...])`.

use super::super::eval::Res;
use super::super::tree::{Bound, Translator};
use super::super::value::{Call, V, Val, last};
use super::{Library, Role};
use crate::text::tree::{Key, Tree, Value};

mod front;
mod others;
mod table;
#[cfg(test)]
mod tests;

pub(super) use front::front;
use table::Reading::{Aside, Level, Spread};
use table::{Layer, SIZES, STEPS};

/// Preprocessing layers in a `Sequential`, which makes networks as well.
pub(super) static LIBRARY: Library = Library {
    name: "Keras",
    example: "Sequential([...])",
    usual: &[("tf", "tensorflow"), ("keras", "tensorflow.keras"), ("layers", "tensorflow.keras.layers")],
    constants: &[],
    owns: |path| is_keras(path) && last(path) == "Sequential" || path == AUGMENTER,
    role: |call| {
        if has_random_layer(call) || front(call).is_some() { Role::Augments } else { Role::Other }
    },
    passes: |call| PASSED.contains(&call.name()),
    chain: None,
    versions: &[],
    grows: "layers",
    translate: |translator, _, call| translator.keras_sequential(call, &mut Unit::default()),
    namesake: |_| None,
    bare_list: None,
    signatures: |key| {
        let of = |layer: &Layer| {
            let heeded = layer.params.iter().filter(|(_, reading)| *reading != Aside);
            (format!("layers.{}", layer.name), heeded.map(|(name, _)| *name).collect())
        };
        STEPS.iter().filter(|layer| layer.step == key).map(of).collect()
    },
    #[cfg(test)]
    sample: "from tensorflow import keras\naugment = keras.Sequential([keras.layers.RandomFlip('horizontal')])\n",
};

/// KerasCV's name for a `Sequential`.
const AUGMENTER: &str = "keras_cv.layers.Augmenter";

/// Layers that leave bytes as they are.
const PASSED: &[&str] = &["Input", "InputLayer", "Rescaling", "Normalization", "Activation", "Identity"];

/// Layers that bring images to the size that they are given.
const SIZED: &[&str] = &["CenterCrop", "RandomCrop", "Resizing"];

/// Modules that have Keras' own layers.
const ROOTS: &[&str] = &["tensorflow.", "keras.", "tf_keras.", "keras_core."];

/// Whether a full name is one of Keras itself.
pub(super) fn is_keras(path: &str) -> bool {
    ROOTS.iter().any(|root| path.starts_with(root))
}

/// Whether a full name is one of a layer of Keras.
pub(super) fn is_keras_layer(path: &str) -> bool {
    is_keras(path) && (path.contains("layers.") || last(path) == "Sequential")
}

/// Whether a layer, or one in a model, changes images in more than their size.
pub(super) fn is_random(call: &Call<'_>) -> bool {
    augments(call.name()) || call.name() == "Sequential" && has_random_layer(call)
}

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
        // Of what is in the list, the network need not be known.
        let Some(layers) = bound.passed("layers").and_then(|layers| layers.items()) else {
            bound.get("layers");
            return Err(self.complain(call.name_at, "Sequential takes a list of layers"));
        };
        let mut steps = Vec::new();
        self.layers(layers, unit, &mut steps)?;
        Ok(steps)
    }

    /// The steps of layers, up to the network's first.
    pub(super) fn layers(&mut self, layers: &[Val<'a>], unit: &mut Unit, steps: &mut Vec<Tree>) -> Res<()> {
        for (i, value) in layers.iter().enumerate() {
            if let V::Call(call) = &value.kind
                && others::is_read(call)
            {
                self.layer(call, unit, steps)?;
            } else if self.other_layer(value, &layers[i + 1..], unit, steps)? {
                break;
            }
        }
        Ok(())
    }

    fn layer(&mut self, call: &Call<'a>, unit: &mut Unit, steps: &mut Vec<Tree>) -> Res<()> {
        let (at, name) = (call.name_at, call.name());
        if self.namesake_layer(call, steps)? {
            return Ok(());
        }
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
            let complaint = self.complain(at, message).help(remedy(name));
            self.without(at, complaint);
            return Ok(());
        };
        let names: Vec<&'static str> = layer.params.iter().map(|(name, _)| *name).collect();
        let bound = self.layer_args(call, &names)?;
        // Cut to its own size, an image stays as it is.
        if SIZED.contains(&name) && self.left_size(&bound, &["height", "width"]) {
            return Ok(());
        }
        if let Some(step) = self.plain_flip(&bound)? {
            steps.push(step);
            return Ok(());
        }
        let own = self.spread(&bound, *unit);
        let mut fields = Vec::new();
        for (name, reading) in layer.params {
            if matches!(reading, Spread | Aside) {
                continue;
            }
            let Some(value) = bound.get(name) else { continue };
            let field = if *reading == Level { self.level(value, own)? } else { self.plain(value)? };
            fields.push((self.key(value.at, name), field));
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
        if call.name() == "RandomBrightness" && bound.get("value_range").is_none() {
            let scaled = if (unit.scale - 1.0).abs() < 1e-6 {
                "if they are scaled before this, it"
            } else {
                "they are scaled here, and it"
            };
            self.warn(
                at,
                format!("without value_range, Keras takes images for bytes: {scaled} adds factor * 255 to them all the same; here the factor is a share of their range"),
            );
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

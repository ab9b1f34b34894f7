//! Keras' preprocessing layers in a `Sequential([...])`.

use super::super::eval::Res;
use super::super::syntax::Range;
use super::super::tree::{Bound, Translator};
use super::super::value::{Call, V, Val, last};
use super::{Library, Role};
use crate::text::tree::{Key, Tree, Value};

/// Preprocessing layers in a `Sequential`, which makes networks as well.
pub(super) static LIBRARY: Library = Library {
    name: "Keras",
    example: "Sequential([...])",
    usual: &[("tf", "tensorflow"), ("keras", "tensorflow.keras"), ("layers", "tensorflow.keras.layers")],
    constants: &[],
    owns: |path| {
        (path.starts_with("tensorflow.") || path.starts_with("keras.")) && last(path) == "Sequential"
    },
    role: |call| if has_random_layer(call) { Role::Augments } else { Role::Other },
    passes: |call| PASSED.contains(&call.name()),
    chain: None,
    versions: &[],
    grows: "layers",
    translate: |translator, _, call| translator.keras_sequential(call),
    bare_list: None,
    #[cfg(test)]
    sample: "from tensorflow import keras\naugment = keras.Sequential([keras.layers.RandomFlip('horizontal')])\n",
};

/// Layers that leave bytes as they are.
const PASSED: &[&str] = &["Input", "InputLayer", "Rescaling", "Normalization", "Activation", "Identity"];

/// Layers that are steps.
const STEPS: &[&str] = &[
    "RandomBrightness",
    "RandomContrast",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "Resizing",
];

/// Whether a layer belongs to augmentation, be it known here or not.
pub(super) fn is_layer(name: &str) -> bool {
    name.starts_with("Random")
        || STEPS.contains(&name)
        || PASSED.contains(&name)
        || [
            "CenterCrop",
            "Sequential",
            "AutoContrast",
            "Equalization",
            "Solarization",
            "RandAugment",
            "AugMix",
        ]
        .contains(&name)
}

/// Parameters that every layer has and that say nothing of images.
const ANY_LAYER: &[&str] =
    &["input_shape", "batch_input_shape", "dtype", "trainable", "data_format", "batch_size"];

/// Whether layers have anything of images in them.
fn has_random_layer(call: &Call<'_>) -> bool {
    let layers = call.args.first().or_else(|| call.keywords.iter().map(|(.., value)| value).next());
    layers.and_then(Val::items).is_some_and(|layers| {
        layers.iter().any(|layer| matches!(&layer.kind, V::Call(layer) if layer.name().starts_with("Random")))
    })
}

impl<'a> Translator<'a> {
    /// The steps of a `Sequential([...])` of layers.
    fn keras_sequential(&mut self, call: &Call<'a>) -> Res<Vec<Tree>> {
        let bound = self.bind(call, &["layers", "trainable"])?;
        let Some(layers) = bound.get("layers").and_then(|layers| layers.items()) else {
            return Err(self.complain(call.name_at, "Sequential takes a list of layers"));
        };
        let mut steps = Vec::new();
        self.layers(layers, &mut steps)?;
        Ok(steps)
    }

    /// The steps of layers, up to the first that is no augmentation.
    pub(super) fn layers(&mut self, layers: &[Val<'a>], steps: &mut Vec<Tree>) -> Res<()> {
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
            self.layer(layer, steps)?;
        }
        Ok(())
    }

    /// The arguments of a layer, without those that say nothing of images.
    fn layer_args<'v>(&mut self, call: &'v Call<'a>, names: &[&'static str]) -> Res<Bound<'v, 'a>> {
        let all: Vec<&'static str> = names.iter().copied().chain(ANY_LAYER.iter().copied()).collect();
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
        Ok(bound)
    }

    fn layer(&mut self, call: &Call<'a>, steps: &mut Vec<Tree>) -> Res<()> {
        let at = call.name_at;
        match call.name() {
            "Sequential" => steps.extend(self.keras_sequential(call)?),
            "Input" | "InputLayer" | "Identity" => {}
            "Rescaling" | "Normalization" | "Activation" => {
                let message = format!(
                    "{} is passed over: images stay bytes; an export to floats scales them",
                    call.name()
                );
                self.warn(at, message);
            }
            "RandomFlip" => {
                let bound = self.layer_args(call, &["mode"])?;
                let flips: &[&str] = match bound.get("mode").map(|mode| (mode, &mode.kind)) {
                    None => &["fliplr", "flipud"],
                    Some((mode, V::Text(text))) => match &**text {
                        "horizontal" => &["fliplr"],
                        "vertical" => &["flipud"],
                        "horizontal_and_vertical" => &["fliplr", "flipud"],
                        _ => {
                            return Err(
                                self.complain(mode.at, "horizontal, vertical or horizontal_and_vertical")
                            );
                        }
                    },
                    Some((mode, _)) => return Err(self.complain(mode.at, "the mode is a text")),
                };
                if flips.len() == 2 {
                    self.warn(at, "both flips are drawn by themselves, as Keras did up to 3.5; from 3.6 on one coin decides both");
                }
                for flip in flips {
                    let half = self.tree(at, Value::Float(0.5))?;
                    steps.push(self.wrap(at, flip, half)?);
                }
            }
            "RandomRotation" => {
                let bound =
                    self.layer_args(call, &["factor", "fill_mode", "interpolation", "seed", "fill_value"])?;
                let [lo, hi] = self.factor(&bound, "factor", -1.0)?;
                // Keras turns counter-clockwise, in full turns.
                let rotate = self.range(at, [-hi * 360.0, -lo * 360.0])?;
                let fields = vec![(self.key(at, "rotate"), rotate)];
                steps.push(self.warped(&bound, fields)?);
            }
            "RandomTranslation" => {
                let names =
                    &["height_factor", "width_factor", "fill_mode", "interpolation", "seed", "fill_value"];
                let bound = self.layer_args(call, names)?;
                let (y, x) =
                    (self.factor(&bound, "height_factor", -1.0)?, self.factor(&bound, "width_factor", -1.0)?);
                let axes =
                    vec![(self.key(at, "x"), self.range(at, x)?), (self.key(at, "y"), self.range(at, y)?)];
                let axes = self.tree(at, Value::Map(axes))?;
                let fields = vec![(self.key(at, "translate_percent"), axes)];
                steps.push(self.warped(&bound, fields)?);
            }
            "RandomZoom" => {
                let names =
                    &["height_factor", "width_factor", "fill_mode", "interpolation", "seed", "fill_value"];
                let bound = self.layer_args(call, names)?;
                let height = self.factor(&bound, "height_factor", -1.0)?;
                let scale = if bound.get("width_factor").is_some() {
                    let width = self.factor(&bound, "width_factor", -1.0)?;
                    let (x, y) = (self.zoom(at, width)?, self.zoom(at, height)?);
                    let axes = vec![(self.key(at, "x"), x), (self.key(at, "y"), y)];
                    self.tree(at, Value::Map(axes))?
                } else {
                    self.zoom(at, height)?
                };
                self.warn(
                    at,
                    "RandomZoom is uniform in how much of the image is shown; the scale here is uniform in its inverse",
                );
                let fields = vec![(self.key(at, "scale"), scale)];
                steps.push(self.warped(&bound, fields)?);
            }
            "RandomContrast" => {
                let bound = self.layer_args(call, &["factor", "value_range", "seed"])?;
                let [lo, hi] = self.factor(&bound, "factor", 1.0)?;
                self.warn(
                    at,
                    "RandomContrast of a number f draws from 1 - f to 1 + f, as Keras did up to 3.5; from 3.6 on it draws from 1",
                );
                let fields = vec![
                    (self.key(at, "lower"), self.tree(at, Value::Float(1.0 - lo))?),
                    (self.key(at, "upper"), self.tree(at, Value::Float(1.0 + hi))?),
                ];
                steps.push(self.step(call, "random_contrast", fields)?);
            }
            "RandomBrightness" => {
                let bound = self.layer_args(call, &["factor", "value_range", "seed"])?;
                let [lo, hi] = self.factor(&bound, "factor", -1.0)?;
                self.warn(at, "RandomBrightness adds fractions of gray levels; add rounds to whole ones");
                let value = self.range(at, [lo * 255.0, hi * 255.0])?;
                steps.push(self.wrap(at, "add", value)?);
            }
            "Resizing" => {
                let names = &["height", "width", "interpolation", "crop_to_aspect_ratio"];
                let bound = self.layer_args(call, names)?;
                if let Some(crop) =
                    bound.get("crop_to_aspect_ratio").filter(|crop| crop.truth() != Some(false))
                {
                    return Err(self.complain(crop.at, "resize does not crop"));
                }
                let mut fields = Vec::new();
                for side in ["height", "width"] {
                    if let Some(value) = bound.get(side) {
                        fields.push((self.key(value.at, side), self.plain(value)?));
                    }
                }
                let how = match bound.get("interpolation") {
                    None => Value::Text("linear".into()),
                    Some(value) => match &value.kind {
                        V::Text(text) if &**text == "bilinear" => Value::Text("linear".into()),
                        V::Text(text) if &**text == "nearest" => Value::Text("nearest".into()),
                        _ => return Err(self.complain(value.at, "resize has bilinear and nearest of these")),
                    },
                };
                fields.push((self.key(at, "interpolation"), self.tree(at, how)?));
                steps.push(self.step(call, "resize", fields)?);
            }
            name => {
                let known = "RandomFlip, RandomRotation, RandomTranslation, RandomZoom, RandomContrast, \
                             RandomBrightness, Resizing, Rescaling";
                let message = format!("the layer {name} has no counterpart here");
                return Err(self.complain(at, message).help(format!("Known here: {known}")));
            }
        }
        Ok(())
    }

    /// A factor: one number f is from `sign * f` to f, a pair is a range.
    fn factor(&self, bound: &Bound<'_, 'a>, name: &str, sign: f64) -> Res<[f64; 2]> {
        let Some(value) = bound.get(name) else {
            return Err(self.complain(bound.call.name_at, format!("{} needs {name}", bound.call.name())));
        };
        match value.items() {
            Some([lo, hi]) => Ok([self.number(lo, name)?, self.number(hi, name)?]),
            Some(_) => Err(self.complain(value.at, format!("{name} is a number or a pair"))),
            None => {
                let number = self.number(value, name)?;
                Ok([sign * number, number])
            }
        }
    }

    fn range(&mut self, at: Range, ends: [f64; 2]) -> Res<Tree> {
        // A factor of zero on one side is -0.
        let [lo, hi] = ends.map(|end| self.tree(at, Value::Float(end + 0.0)));
        self.tree(at, Value::List(vec![lo?, hi?]))
    }

    /// The scales of a zoom: 0.2 shows 1.2 times as much of the image.
    fn zoom(&mut self, at: Range, [lo, hi]: [f64; 2]) -> Res<Tree> {
        if lo <= -1.0 || hi <= -1.0 {
            return Err(self.complain(at, "a zoom factor is above -1"));
        }
        self.range(at, [1.0 / (1.0 + hi), 1.0 / (1.0 + lo)])
    }

    /// An `affine` step with a layer's way of filling.
    fn warped(&mut self, bound: &Bound<'_, 'a>, mut fields: Vec<(Key, Tree)>) -> Res<Tree> {
        let at = bound.call.name_at;
        let text = |name: &str, default: &'static str| match bound.get(name) {
            None => Ok(default.to_owned()),
            Some(Val { kind: V::Text(text), .. }) => Ok(text.to_string()),
            Some(value) => Err(self.complain(value.at, format!("{name} is a text"))),
        };
        let place = |name: &str| bound.get(name).map_or(at, |value| value.at);
        let mode = match text("fill_mode", "reflect")?.as_str() {
            // Keras' reflect repeats the border pixel.
            "reflect" => "symmetric",
            "nearest" => "edge",
            "wrap" => "wrap",
            "constant" => "constant",
            _ => return Err(self.complain(place("fill_mode"), "reflect, nearest, wrap or constant")),
        };
        let order = match text("interpolation", "bilinear")?.as_str() {
            "bilinear" => 1,
            "nearest" => 0,
            _ => return Err(self.complain(place("interpolation"), "bilinear or nearest")),
        };
        self.warn(at, format!(
            "{} becomes an affine step: in distribution the same, but rounded to bytes, and borders are imgaug's",
            bound.call.name()
        ));
        fields.push((self.key(at, "order"), self.tree(at, Value::Int(order))?));
        fields.push((self.key(at, "mode"), self.tree(at, Value::Text(mode.into()))?));
        if let Some(value) = bound.get("fill_value") {
            fields.push((self.key(value.at, "cval"), self.plain(value)?));
        }
        self.step(bound.call, "affine", fields)
    }
}

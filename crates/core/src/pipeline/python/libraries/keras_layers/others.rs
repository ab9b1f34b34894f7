//! What stands among preprocessing layers and is none of them: functions and classes of the file's own, noise and
//! padding, layers of KerasCV, and the network.

use super::super::super::eval::Res;
use super::super::super::libraries;
use super::super::super::tree::Translator;
use super::super::super::value::{Call, V, Val};
use super::super::lambdas::{self, Meaning};
use super::{STEPS, Unit, augments, is_keras, is_layer};
use crate::text::complaint::Complaint;
use crate::text::tree::{Tree, Value};

/// Standard deviations below this one are no noise for bytes.
const BYTES: f64 = 2.0;

/// What the names of KerasCV begin with.
const KERAS_CV: &str = "keras_cv.";

/// Layers of KerasCV that are as Keras has them.
const SHARED: &[&str] = &["RandomRotation", "RandomTranslation"];

/// Whether a layer is one of Keras' for images, be it known here or not.
pub(super) fn is_read(call: &Call<'_>) -> bool {
    let known = STEPS.iter().any(|layer| layer.name == call.name());
    is_layer(call.name()) && (is_keras(&call.path) || known || !call.name().starts_with("Random"))
}

/// Whether something is a layer that augments.
fn is_augmentation(value: &Val<'_>) -> bool {
    matches!(&value.kind, V::Call(call) if augments(call.name()))
}

/// Whether something is a layer of Keras that is none for images.
fn is_network(value: &Val<'_>) -> bool {
    matches!(&value.kind, V::Call(call) if is_keras(&call.path) && !is_layer(call.name()))
}

impl<'a> Translator<'a> {
    /// What is no preprocessing layer, with what stands `behind` it; whether the network begins there.
    pub(super) fn other_layer(
        &mut self,
        value: &Val<'a>,
        behind: &[Val<'a>],
        unit: &mut Unit,
        steps: &mut Vec<Tree>,
    ) -> Res<bool> {
        let more = behind.iter().any(is_augmentation);
        match &value.kind {
            V::None => {}
            V::Call(call) if call.path.starts_with(KERAS_CV) => {
                let complaint = self.of_keras_cv(call);
                self.without(call.name_at, complaint);
            }
            V::Call(call) => match call.name() {
                "Lambda" if is_keras(&call.path) => self.lambda_layer(value, call, steps)?,
                "GaussianNoise" if is_keras(&call.path) => self.noise_layer(value, call, *unit, steps)?,
                "ZeroPadding2D" if more => self.padding_layer(value, call, *unit, steps)?,
                name if name.starts_with("Random") => self.left_out(value, false),
                _ if more && !steps.is_empty() => self.left_out(value, false),
                name if steps.is_empty() => {
                    let message = format!("the layer {name} has no counterpart here");
                    return Err(self.complain(call.name_at, message).help(super::remedy(name)));
                }
                name => {
                    let message =
                        format!("{name} is no augmentation: the network begins here, and ends the pipeline");
                    self.warn(call.name_at, message);
                    return Ok(true);
                }
            },
            V::Object(_) | V::Class(_) | V::Function(_) => self.left_out(value, false),
            V::Unknown(_) | V::Path(_) if !more && behind.iter().any(is_network) && !steps.is_empty() => {
                let what = self.lines.written(value.at).map_or_else(|| value.kind(), str::to_owned);
                self.warn(value.at, format!("{what} is taken for the network, which ends the pipeline"));
                return Ok(true);
            }
            // What a class makes that lacks its import.
            V::Unknown(_) if self.is_made(value) => {
                let what = self.lines.source(value.at).unwrap_or_default();
                let what = what.split('(').next().unwrap_or_default();
                self.lost = true;
                self.warn(
                    value.at,
                    format!(
                        "{what} is left out: it is never imported, and what it does to images is missing"
                    ),
                );
            }
            V::Unknown(unknown) => return Err(unknown.complaint.clone()),
            V::Bool(_)
            | V::Int(_)
            | V::Float(_)
            | V::Text(_)
            | V::List(_)
            | V::Tuple(_)
            | V::Dict(_)
            | V::Path(_) => {
                let message = format!("expected a layer such as RandomFlip(), not {}", value.kind());
                return Err(self.complain(value.at, message));
            }
        }
        Ok(false)
    }

    /// Whether it is written as a call of a class.
    fn is_made(&self, value: &Val<'a>) -> bool {
        self.lines.source(value.at).is_some_and(|source| {
            let name = source.split('(').next().unwrap_or_default();
            let last = name.rsplit('.').next().unwrap_or_default();
            source.ends_with(')')
                && last.starts_with(|c: char| c.is_ascii_uppercase())
                && last.chars().all(char::is_alphanumeric)
        })
    }

    /// A function as a layer.
    fn lambda_layer(&mut self, value: &Val<'a>, call: &Call<'a>, steps: &mut Vec<Tree>) -> Res<()> {
        let named = call.keywords.iter().find(|(name, ..)| name == "function").map(|(.., own)| own);
        match named.or_else(|| call.args.first()).and_then(lambdas::meaning) {
            Some(Meaning::Nothing) => {
                let message = "Lambda is passed over: images stay bytes; an export to floats scales them";
                self.warn(call.name_at, message);
            }
            Some(Meaning::Invert) => {
                let always = self.tree(call.name_at, Value::Float(1.0))?;
                steps.push(self.wrap(call.name_at, "invert", always)?);
            }
            Some(Meaning::Gray | Meaning::Rgb) | None => self.left_out(value, false),
        }
        Ok(())
    }

    /// Normal noise, which belongs to the unit of what the layer gets.
    fn noise_layer(
        &mut self,
        value: &Val<'a>,
        call: &Call<'a>,
        unit: Unit,
        steps: &mut Vec<Tree>,
    ) -> Res<()> {
        let bound = self.layer_args(call, &["stddev", "seed"])?;
        let deviation = match bound.get("stddev") {
            Some(stddev) => self.number(stddev, "stddev")?,
            None => return Err(self.complain(call.name_at, "GaussianNoise wants a stddev")),
        };
        let at = call.name_at;
        if unit.scale == 1.0 && deviation < BYTES {
            let levels = (deviation * 255e3).round() / 1e3;
            self.lost = true;
            self.warn(
                value.at,
                format!(
                    "GaussianNoise is left out: on bytes {deviation} is next to nothing; if images are 0..1 in front of it, it is additive_gaussian_noise: {{ scale: {levels}, per_channel: true }}"
                ),
            );
            return Ok(());
        }
        self.warn(at, "GaussianNoise gives whole gray levels here, and nothing below 0 or above 255");
        let scale = self.tree(at, Value::Float(deviation / unit.scale))?;
        let per_channel = self.tree(at, Value::Bool(true))?;
        let fields = vec![(self.key(at, "scale"), scale), (self.key(at, "per_channel"), per_channel)];
        steps.push(self.step(call, "additive_gaussian_noise", fields)?);
        Ok(())
    }

    /// Zeros around the image, in front of what cuts it.
    fn padding_layer(
        &mut self,
        value: &Val<'a>,
        call: &Call<'a>,
        unit: Unit,
        steps: &mut Vec<Tree>,
    ) -> Res<()> {
        let bound = self.layer_args(call, &["padding"])?;
        let whole = |value: &Val<'_>| if let V::Int(pixels) = value.kind { Some(pixels) } else { None };
        let pair = |value: &Val<'_>| match value.items() {
            Some([a, b]) => Some([whole(a)?, whole(b)?]),
            Some(_) => None,
            None => whole(value).map(|both| [both; 2]),
        };
        let sides = match bound.get("padding") {
            None => Some([[1; 2]; 2]),
            Some(padding) => match padding.items() {
                Some([rows, columns]) => pair(rows).zip(pair(columns)).map(|(rows, columns)| [rows, columns]),
                Some(_) => None,
                None => whole(padding).map(|all| [[all; 2]; 2]),
            },
        };
        // Zero is a gray level only where it is no other number's zero.
        let (Some([[top, bottom], [left, right]]), true) = (sides, unit.offset == 0.0) else {
            self.left_out(value, false);
            return Ok(());
        };
        let sides = [left, top, right, bottom]
            .into_iter()
            .map(|pixels| self.tree(call.name_at, Value::Int(pixels)))
            .collect::<Res<Vec<_>>>()?;
        let sides = self.tree(call.name_at, Value::List(sides))?;
        let fields = vec![(self.key(call.name_at, "padding"), sides)];
        steps.push(self.step(call, "torchvision.pad", fields)?);
        Ok(())
    }

    /// Whether a layer that is not Keras' own was read or left out, and is done with.
    pub(super) fn namesake_layer(&mut self, call: &Call<'a>, steps: &mut Vec<Tree>) -> Res<bool> {
        let (at, name) = (call.name_at, call.name());
        if is_keras(&call.path) {
            return Ok(false);
        }
        if !call.path.starts_with(KERAS_CV) {
            if augments(name) && !libraries::known(&call.path) {
                let path = &call.path;
                self.warn(at, format!("{path} is taken for Keras' own {name}"));
            }
            return Ok(false);
        }
        if name == "RandomFlip" {
            self.keras_cv_flip(call, steps)?;
            return Ok(true);
        }
        if !augments(name) || SHARED.contains(&name) {
            return Ok(false);
        }
        let complaint = self.of_keras_cv(call);
        self.without(at, complaint);
        Ok(true)
    }

    /// What KerasCV has and Keras has otherwise, or not at all.
    fn of_keras_cv(&self, call: &Call<'a>) -> Complaint {
        let name = call.name();
        let complaint = self
            .complain(call.name_at, format!("{name} is KerasCV's own way, which has no counterpart here"));
        if STEPS.iter().any(|layer| layer.name == name) {
            complaint.help(format!("Nearest: keras.layers.{name}"))
        } else {
            complaint
        }
    }

    /// KerasCV's flip: one axis unless more is said, and a coin of its own for each.
    fn keras_cv_flip(&mut self, call: &Call<'a>, steps: &mut Vec<Tree>) -> Res<()> {
        let at = call.name_at;
        let bound = self.bind(call, &["mode", "rate", "seed", "bounding_box_format"])?;
        let rate = bound.get("rate").map_or(Ok(0.5), |rate| self.number(rate, "rate"))?;
        let axes: &[&str] = match bound.get("mode").map(|mode| (mode, &mode.kind)) {
            None => &["fliplr"],
            Some((_, V::Text(mode))) if &**mode == "horizontal" => &["fliplr"],
            Some((_, V::Text(mode))) if &**mode == "vertical" => &["flipud"],
            Some((_, V::Text(mode))) if &**mode == "horizontal_and_vertical" => &["fliplr", "flipud"],
            Some((mode, _)) => {
                return Err(self.complain(mode.at, "mode is horizontal, vertical or horizontal_and_vertical"));
            }
        };
        for axis in axes {
            let rate = self.tree(at, Value::Float(rate))?;
            steps.push(self.wrap(at, axis, rate)?);
        }
        Ok(())
    }
}

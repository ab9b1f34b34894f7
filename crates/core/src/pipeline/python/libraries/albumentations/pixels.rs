//! Albumentations' transforms of pixel values: their names and parameters in versions 1.x and 2.x, and the steps they become.
//!
//! A call says by its parameters which version it was written for; if it does not, 1.x is taken, with a warning where 2.x gives
//! something else.

use super::super::super::eval::Res;
use super::super::super::syntax::Range;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, V, Val};
use crate::text::tree::{Key, Tree, Value};

mod dropout;
mod noise;
mod values;

/// Whose names and defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// 1.x, as 1.3.1 has them.
    One,
    /// 2.x, as 2.0.8 has them.
    Two,
}

/// A transform.
struct Row {
    name: &'static str,
    /// Parameters by position in 1.x; empty if it is not there.
    one: &'static [&'static str],
    /// The same in 2.x.
    two: &'static [&'static str],
    /// What 2.x does otherwise, where a call does not say its version.
    differs: Option<&'static str>,
    /// Makes the step, or the steps of probability 1.
    step: fn(&mut Maker<'_, '_, '_>) -> Res<Step>,
}

/// What a transform becomes.
enum Step {
    /// An operation and its fields, which a coin decides about.
    Plain(&'static str, Vec<(Key, Tree)>),
    /// One that has its probability as a field.
    WithP(&'static str, Vec<(Key, Tree)>),
}

const ROWS: &[Row] = &[
    Row { name: "Blur", one: &["blur_limit"], two: &["blur_limit"], differs: None, step: values::blur },
    Row {
        name: "CLAHE",
        one: &["clip_limit", "tile_grid_size"],
        two: &["clip_limit", "tile_grid_size"],
        differs: None,
        step: values::clahe,
    },
    Row {
        name: "ChannelDropout",
        one: &["channel_drop_range", "fill_value"],
        two: &["channel_drop_range", "fill"],
        differs: None,
        step: dropout::channel_dropout,
    },
    Row {
        name: "ChannelShuffle",
        one: &[],
        two: &[],
        differs: None,
        step: |_| Ok(Step::plain("channel_shuffle")),
    },
    Row {
        name: "CoarseDropout",
        one: &[
            "max_holes",
            "max_height",
            "max_width",
            "min_holes",
            "min_height",
            "min_width",
            "fill_value",
            "mask_fill_value",
        ],
        two: &["num_holes_range", "hole_height_range", "hole_width_range", "fill", "fill_mask"],
        differs: Some("2.x has 1 or 2 holes of a tenth to a fifth of the image's sides"),
        step: dropout::coarse_dropout,
    },
    Row {
        name: "ColorJitter",
        one: &["brightness", "contrast", "saturation", "hue"],
        two: &["brightness", "contrast", "saturation", "hue"],
        differs: None,
        step: values::color_jitter,
    },
    Row {
        name: "Cutout",
        one: &["num_holes", "max_h_size", "max_w_size", "fill_value"],
        two: &[],
        differs: None,
        step: dropout::cutout,
    },
    Row {
        name: "Downscale",
        one: &["scale_min", "scale_max", "interpolation"],
        two: &["scale_range", "interpolation_pair"],
        differs: None,
        step: values::downscale,
    },
    Row {
        name: "Emboss",
        one: &["alpha", "strength"],
        two: &["alpha", "strength"],
        differs: None,
        step: values::emboss,
    },
    Row {
        name: "Equalize",
        one: &["mode", "by_channels", "mask", "mask_params"],
        two: &["mode", "by_channels", "mask", "mask_params"],
        differs: None,
        step: values::equalize,
    },
    Row {
        name: "Erasing",
        one: &[],
        two: &["scale", "ratio", "fill", "fill_mask"],
        differs: None,
        step: dropout::erasing,
    },
    Row {
        name: "FancyPCA",
        one: &["alpha"],
        two: &["alpha"],
        differs: Some("2.x stretches each pixel's distance to the mean color instead of shifting all alike"),
        step: noise::fancy_pca,
    },
    Row {
        name: "GaussNoise",
        one: &["var_limit", "mean", "per_channel"],
        two: &["std_range", "mean_range", "per_channel", "noise_scale_factor"],
        differs: Some("2.x has ten times as much noise, of 51 to 112 gray levels"),
        step: noise::gauss_noise,
    },
    Row {
        name: "GaussianBlur",
        one: &["blur_limit", "sigma_limit"],
        two: &["blur_limit", "sigma_limit"],
        differs: Some("2.x draws sigma from 0.5 to 3 and has other kernels"),
        step: values::gaussian_blur,
    },
    Row {
        name: "GlassBlur",
        one: &["sigma", "max_delta", "iterations", "mode"],
        two: &["sigma", "max_delta", "iterations", "mode"],
        differs: None,
        step: values::glass_blur,
    },
    Row {
        name: "GridDropout",
        one: &[
            "ratio",
            "unit_size_min",
            "unit_size_max",
            "holes_number_x",
            "holes_number_y",
            "shift_x",
            "shift_y",
            "random_offset",
            "fill_value",
            "mask_fill_value",
        ],
        two: &[
            "ratio",
            "random_offset",
            "unit_size_range",
            "holes_number_xy",
            "shift_xy",
            "fill",
            "fill_mask",
        ],
        differs: Some("2.x places each hole by itself, and cells are not all alike"),
        step: dropout::grid_dropout,
    },
    Row {
        name: "HueSaturationValue",
        one: &["hue_shift_limit", "sat_shift_limit", "val_shift_limit"],
        two: &["hue_shift_limit", "sat_shift_limit", "val_shift_limit"],
        differs: Some("2.x leaves gray pixels gray"),
        step: values::hue_saturation_value,
    },
    Row {
        name: "IAAAdditiveGaussianNoise",
        one: &["loc", "scale", "per_channel"],
        two: &[],
        differs: None,
        step: noise::iaa_noise,
    },
    Row {
        name: "IAAEmboss",
        one: &["alpha", "strength"],
        two: &[],
        differs: None,
        step: |maker| maker.kernel("emboss", "strength", [0.2, 0.7]),
    },
    Row {
        name: "IAASharpen",
        one: &["alpha", "lightness"],
        two: &[],
        differs: None,
        step: |maker| maker.kernel("sharpen", "lightness", [0.5, 1.0]),
    },
    Row {
        name: "IAASuperpixels",
        one: &["p_replace", "n_segments"],
        two: &[],
        differs: None,
        step: values::superpixels,
    },
    Row {
        name: "ISONoise",
        one: &["color_shift", "intensity"],
        two: &["color_shift", "intensity"],
        differs: Some("2.x hardly changes hues and brightens few pixels much"),
        step: noise::iso_noise,
    },
    Row {
        name: "ImageCompression",
        one: &["quality_lower", "quality_upper", "compression_type"],
        two: &["compression_type", "quality_range"],
        differs: None,
        step: values::image_compression,
    },
    Row {
        name: "JpegCompression",
        one: &["quality_lower", "quality_upper"],
        two: &[],
        differs: None,
        step: values::image_compression,
    },
    Row { name: "MedianBlur", one: &["blur_limit"], two: &["blur_limit"], differs: None, step: values::blur },
    Row {
        name: "MotionBlur",
        one: &["blur_limit", "allow_shifted"],
        two: &["blur_limit", "allow_shifted", "angle_range", "direction_range"],
        differs: Some("2.x blurs along a line through the middle instead of one between two random points"),
        step: values::motion_blur,
    },
    Row {
        name: "MultiplicativeNoise",
        one: &["multiplier", "per_channel", "elementwise"],
        two: &["multiplier", "per_channel", "elementwise"],
        differs: None,
        step: noise::multiplicative_noise,
    },
    Row {
        name: "PixelDropout",
        one: &["dropout_prob", "per_channel", "drop_value", "mask_drop_value"],
        two: &["dropout_prob", "per_channel", "drop_value", "mask_drop_value"],
        differs: None,
        step: dropout::pixel_dropout,
    },
    Row { name: "Posterize", one: &["num_bits"], two: &["num_bits"], differs: None, step: values::posterize },
    Row {
        name: "RGBShift",
        one: &["r_shift_limit", "g_shift_limit", "b_shift_limit"],
        two: &["r_shift_limit", "g_shift_limit", "b_shift_limit"],
        differs: None,
        step: values::rgb_shift,
    },
    Row { name: "RandomBrightness", one: &["limit"], two: &[], differs: None, step: values::brightness },
    Row {
        name: "RandomBrightnessContrast",
        one: &["brightness_limit", "contrast_limit", "brightness_by_max"],
        two: &["brightness_limit", "contrast_limit", "brightness_by_max", "ensure_safe_range"],
        differs: None,
        step: values::brightness,
    },
    Row { name: "RandomContrast", one: &["limit"], two: &[], differs: None, step: values::brightness },
    Row {
        name: "RandomGamma",
        one: &["gamma_limit", "eps"],
        two: &["gamma_limit"],
        differs: None,
        step: values::gamma,
    },
    Row {
        name: "RandomToneCurve",
        one: &["scale"],
        two: &["scale", "per_channel"],
        differs: None,
        step: values::tone_curve,
    },
    Row {
        name: "Sharpen",
        one: &["alpha", "lightness"],
        two: &["alpha", "lightness", "method", "kernel_size", "sigma"],
        differs: None,
        step: values::sharpen,
    },
    Row {
        name: "Solarize",
        one: &["threshold"],
        two: &["threshold_range"],
        differs: None,
        step: values::solarize,
    },
    Row {
        name: "Superpixels",
        one: &["p_replace", "n_segments", "max_size", "interpolation"],
        two: &["p_replace", "n_segments", "max_size", "interpolation"],
        differs: None,
        step: values::superpixels,
    },
    Row {
        name: "ToGray",
        one: &[],
        two: &["num_output_channels", "method"],
        differs: None,
        step: values::to_gray,
    },
];

/// Parameters that say nothing of images' pixels.
const IDLE: &[&str] =
    &["mask_value", "mask_fill_value", "mask_drop_value", "fill_mask", "mask_interpolation"];

/// Older and newer names of what fills holes, which versions between 1.3 and 2.0 mixed with other names.
const FILLS: &[&str] = &["fill_value", "fill"];

impl Row {
    fn of(name: &str) -> Option<&'static Self> {
        ROWS.iter().find(|row| row.name == name)
    }

    /// The version that the parameters of a call belong to, if there is only one.
    fn version(&self, call: &Call<'_>) -> Option<Version> {
        if self.two.is_empty() != self.one.is_empty() && !matches!(self.name, "ToGray") {
            return Some(if self.two.is_empty() { Version::One } else { Version::Two });
        }
        let only = |own: &[&str], other: &[&str]| {
            call.keywords.iter().any(|(name, ..)| {
                own.contains(&name.as_str())
                    && !other.contains(&name.as_str())
                    && !IDLE.contains(&name.as_str())
            })
        };
        if only(self.two, self.one) {
            Some(Version::Two)
        } else if only(self.one, self.two) || call.keywords.iter().any(|(name, ..)| name == "always_apply") {
            Some(Version::One)
        } else {
            None
        }
    }

    /// Parameters by position, with those that all transforms have.
    fn order(&self, version: Version) -> Vec<&'static str> {
        let (own, common): (_, &[_]) = match version {
            Version::One => (self.one, &["always_apply", "p"]),
            Version::Two => (self.two, &["p"]),
        };
        own.iter().chain(common).copied().collect()
    }
}

impl Step {
    fn plain(name: &'static str) -> Self {
        Self::Plain(name, Vec::new())
    }
}

/// The version that a call of one of these transforms is written for, where its parameters say so.
pub(super) fn version(call: &Call<'_>) -> Option<Version> {
    Row::of(call.name()).and_then(|row| row.version(call))
}

/// The names of all of them.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.name)
}

impl<'a> Translator<'a> {
    /// A transform of pixel values, with the probability `forced` instead of its own; none for other transforms.
    pub(super) fn albumentations_pixels(
        &mut self,
        call: &Call<'a>,
        forced: Option<f64>,
    ) -> Option<Res<Tree>> {
        Row::of(call.name()).map(|row| self.pixels(row, call, forced))
    }

    fn pixels(&mut self, row: &'static Row, call: &Call<'a>, forced: Option<f64>) -> Res<Tree> {
        let at = call.name_at;
        let mut known = version(call);
        let mut order = row.order(known.unwrap_or(Version::One));
        // In 2.x p follows the parameters, in 1.x always_apply.
        if known.is_none()
            && let Some(value) = call.args.get(row.one.len())
            && call.args.len() == row.one.len() + 1
            && value.number().is_some()
            && !matches!(value.kind, V::Bool(_))
        {
            self.warn(
                value.at,
                "p by its place is that of Albumentations 2.x; 1.x takes it for always_apply. Write p=",
            );
            known = Some(Version::Two);
            order = row.order(Version::Two);
        }
        if let Some(extra) = call.args.get(order.len()) {
            let message = format!("{} takes {} values by their position, not more", row.name, order.len());
            return Err(self.complain(extra.at, message));
        }
        let others = row.one.iter().chain(row.two).chain(&["always_apply", "p"]).chain(IDLE).chain(FILLS);
        let others: Vec<&'static str> = others.copied().filter(|name| !order.contains(name)).collect();
        order.extend(others);
        let bound = self.bind(call, &order)?;
        let p = forced.unwrap_or(self.p(&bound, 0.5)?);
        if let (None, Some(differs)) = (known, row.differs) {
            let message = format!("{} is that of Albumentations 1.x; {differs}", row.name);
            self.warn(at, message);
        }
        let mut maker = Maker { translator: self, bound, version: known.unwrap_or(Version::One), known, at };
        match (row.step)(&mut maker)? {
            Step::Plain(name, fields) => {
                let step = self.step(call, name, fields)?;
                self.sometimes(at, p, step)
            }
            Step::WithP(name, mut fields) => {
                fields.push((self.key(at, "p"), self.tree(at, Value::Float(p))?));
                self.step(call, name, fields)
            }
        }
    }
}

/// Makes a step of a call.
struct Maker<'t, 'v, 'a> {
    translator: &'t mut Translator<'a>,
    bound: Bound<'v, 'a>,
    /// The version, or that which is taken.
    version: Version,
    /// The version, if it is known.
    known: Option<Version>,
    at: Range,
}

type Fields = Vec<(Key, Tree)>;

impl<'v, 'a> Maker<'_, 'v, 'a> {
    fn get(&self, name: &str) -> Option<&'v Val<'a>> {
        self.bound.get(name)
    }

    /// A complaint about a value, or about the call.
    fn refuse<T>(&self, at: Option<&Val<'a>>, message: impl Into<String>) -> Res<T> {
        Err(self.translator.complain(at.map_or(self.at, |value| value.at), message))
    }

    /// What 2.x does otherwise with values as these.
    fn differs(&mut self, differs: &str) {
        if self.known.is_none() {
            let message = format!("{} is that of Albumentations 1.x; {differs}", self.bound.call.name());
            self.translator.warn(self.at, message);
        }
    }

    fn number(&self, name: &str, default: f64) -> Res<f64> {
        self.get(name).map_or(Ok(default), |value| self.translator.number(value, name))
    }

    fn flag(&self, name: &str, default: bool) -> Res<bool> {
        let Some(value) = self.get(name) else { return Ok(default) };
        value.truth().map_or_else(|| self.refuse(Some(value), format!("{name} is True or False")), Ok)
    }

    /// A text that must be one of `known`, in lower case.
    fn word(&self, name: &str, default: &'static str, known: &[&'static str]) -> Res<&'static str> {
        let Some(value) = self.get(name) else { return Ok(default) };
        let found = match &value.kind {
            V::Text(text) => known.iter().find(|word| **word == &**text),
            _ => None,
        };
        found.map_or_else(
            || self.refuse(Some(value), format!("{name} is one of {} here", known.join(", "))),
            |word| Ok(*word),
        )
    }

    /// A pair as it is, sorted, or what `single` makes of a number.
    fn pair(&self, name: &str, default: [f64; 2], single: impl FnOnce(f64) -> [f64; 2]) -> Res<[f64; 2]> {
        let Some(value) = self.get(name) else { return Ok(default) };
        let [a, b] = match value.items() {
            Some([a, b]) => [self.translator.number(a, name)?, self.translator.number(b, name)?],
            Some(_) => return self.refuse(Some(value), format!("{name} is a number or a pair")),
            None => single(self.translator.number(value, name)?),
        };
        Ok([a.min(b), a.max(b)])
    }

    /// A number v is from -v to v.
    fn symmetric(&self, name: &str, default: f64) -> Res<[f64; 2]> {
        self.pair(name, [-default, default], |v| [-v, v])
    }

    /// A number v is from `low` to v.
    fn above(&self, name: &str, default: [f64; 2], low: f64) -> Res<[f64; 2]> {
        self.pair(name, default, |v| [low, v])
    }

    /// A pair of whole numbers, or one of them.
    fn whole(&self, name: &str, default: [i64; 2], single: impl FnOnce(f64) -> [f64; 2]) -> Res<[i64; 2]> {
        Ok(self.pair(name, default.map(|v| v as f64), single)?.map(|v| v as i64))
    }

    fn field(&mut self, name: &str, value: Value) -> Res<(Key, Tree)> {
        Ok((self.translator.key(self.at, name), self.translator.tree(self.at, value)?))
    }

    fn list(&mut self, name: &str, values: impl IntoIterator<Item = Value>) -> Res<(Key, Tree)> {
        let items =
            values.into_iter().map(|value| self.translator.tree(self.at, value)).collect::<Res<_>>()?;
        self.field(name, Value::List(items))
    }

    /// A range, or a number where its ends are the same.
    fn range(&mut self, name: &str, [lo, hi]: [f64; 2]) -> Res<(Key, Tree)> {
        if lo == hi {
            return self.field(name, Value::Float(lo));
        }
        self.list(name, [Value::Float(lo), Value::Float(hi)])
    }

    fn ints(&mut self, name: &str, [lo, hi]: [i64; 2]) -> Res<(Key, Tree)> {
        if lo == hi {
            return self.field(name, Value::Int(lo));
        }
        self.list(name, [Value::Int(lo), Value::Int(hi)])
    }

    fn text(&mut self, name: &str, text: &str) -> Res<(Key, Tree)> {
        self.field(name, Value::Text(text.to_owned()))
    }

    /// The version, for operations that have both.
    fn version(&mut self) -> Res<(Key, Tree)> {
        let number = match self.version {
            Version::One => 1,
            Version::Two => 2,
        };
        self.field("version", Value::Int(number))
    }

    /// The fields of `Sharpen` and `Emboss`, in which a number v is from 0 to v.
    fn kernel(&mut self, step: &'static str, second: &'static str, default: [f64; 2]) -> Res<Step> {
        let alpha = self.above("alpha", [0.2, 0.5], 0.0)?;
        let other = self.above(second, default, 0.0)?;
        Ok(Step::Plain(step, vec![self.range("alpha", alpha)?, self.range(second, other)?]))
    }
}

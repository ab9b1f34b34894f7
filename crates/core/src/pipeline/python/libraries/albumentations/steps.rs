//! Albumentations' transforms that become steps with values of their own: parameters by the names and defaults of
//! version 1.x, and of 2.x where it has others.

use super::super::super::eval::Res;
use super::super::super::syntax::Range;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, V, Val, last};
use crate::text::suggest::nearest;
use crate::text::tree::{Key, Tree, Value};

/// All that are read, for messages.
const KNOWN: &[&str] = &[
    "Affine",
    "Blur",
    "CenterCrop",
    "Compose",
    "Emboss",
    "Flip",
    "HorizontalFlip",
    "InvertImg",
    "MedianBlur",
    "NoOp",
    "OneOf",
    "RandomBrightness",
    "RandomBrightnessContrast",
    "RandomContrast",
    "RandomCrop",
    "RandomGamma",
    "RandomRotate90",
    "Resize",
    "Rotate",
    "Sequential",
    "Sharpen",
    "ShiftScaleRotate",
    "ToGray",
    "Transpose",
    "VerticalFlip",
];

/// Parameters that say nothing of images.
const IDLE: &[&str] = &["always_apply", "mask_value", "fill_mask", "mask_interpolation"];

impl<'a> Translator<'a> {
    /// A transform with the probability `forced` instead of its own.
    pub(super) fn albumentations_step(&mut self, call: &Call<'a>, forced: Option<f64>) -> Res<Tree> {
        if let Some(step) = self.albumentations_pixels(call, forced) {
            return step;
        }
        let at = call.name_at;
        let name = call.name();
        let default = match name {
            "Resize" | "CenterCrop" | "RandomCrop" => 1.0,
            _ => 0.5,
        };
        let names: &[&'static str] = match name {
            "Resize" => &["height", "width", "interpolation"],
            "CenterCrop" | "RandomCrop" => &["height", "width"],
            "RandomBrightnessContrast" => {
                &["brightness_limit", "contrast_limit", "brightness_by_max", "ensure_safe_range"]
            }
            "RandomBrightness" | "RandomContrast" => &["limit"],
            "RandomGamma" => &["gamma_limit", "eps"],
            "Rotate" => {
                &["limit", "interpolation", "border_mode", "value", "rotate_method", "crop_border", "fill"]
            }
            "ShiftScaleRotate" => &[
                "shift_limit",
                "scale_limit",
                "rotate_limit",
                "interpolation",
                "border_mode",
                "value",
                "fill",
                "shift_limit_x",
                "shift_limit_y",
                "rotate_method",
            ],
            "Affine" => &[
                "scale",
                "translate_percent",
                "translate_px",
                "rotate",
                "shear",
                "interpolation",
                "cval",
                "mode",
                "fit_output",
                "keep_ratio",
                "rotate_method",
                "fill",
                "border_mode",
                "balanced_scale",
            ],
            "Blur" | "MedianBlur" => &["blur_limit"],
            "Sharpen" => &["alpha", "lightness", "method", "kernel_size", "sigma"],
            "Emboss" => &["alpha", "strength"],
            "ToGray" => &["num_output_channels", "method"],
            "Transpose" | "RandomRotate90" | "Flip" => &[],
            _ => return Err(self.unknown_transform(call)),
        };
        // p comes last by position in both versions, behind always_apply in the older one.
        let all: Vec<&'static str> = names.iter().copied().chain(["p"]).chain(IDLE.iter().copied()).collect();
        let limit = if names.is_empty() { 2 } else { names.len() };
        if let Some(extra) = call.args.get(limit) {
            return Err(
                self.complain(extra.at, format!("{name} takes {limit} values by their position, not more"))
            );
        }
        let bound = if names.is_empty() && call.args.len() == 2 {
            self.bind(call, &["always_apply", "p"])?
        } else {
            self.bind(call, &all)?
        };
        let p = forced.unwrap_or(self.p(&bound, default)?);
        if name == "RandomRotate90" && forced.is_none() && bound.passed("p").is_none() {
            self.warn(
                at,
                "RandomRotate90 without p: 0.5 is taken, as in Albumentations 1.x; 2.x turns always. Write p",
            );
        }
        let step = match name {
            "Resize" => self.alb_resize(&bound)?,
            "CenterCrop" | "RandomCrop" => {
                let size = ["height", "width"]
                    .into_iter()
                    .map(|side| self.side(&bound, side))
                    .collect::<Res<_>>()?;
                let size = self.tree(at, Value::List(size))?;
                let step = if name == "CenterCrop" { "albumentations.center_crop" } else { "random_crop" };
                self.step(call, step, vec![(self.key(at, "size"), size)])?
            }
            "RandomBrightnessContrast" | "RandomBrightness" | "RandomContrast" => {
                return self.alb_brightness(&bound, p);
            }
            "RandomGamma" => {
                let mut fields = vec![(self.key(at, "p"), self.tree(at, Value::Float(p))?)];
                if let Some(value) = bound.get("gamma_limit") {
                    fields.push((self.key(value.at, "gamma_limit"), self.plain(value)?));
                }
                return self.step(call, "albumentations.random_gamma", fields);
            }
            "Rotate" | "ShiftScaleRotate" | "Affine" => self.alb_warp(&bound)?,
            "Blur" | "MedianBlur" => self.alb_blur(&bound)?,
            "Sharpen" | "Emboss" => {
                if let Some(value) = bound
                    .get("method")
                    .filter(|value| !matches!(&value.kind, V::Text(own) if &**own == "kernel"))
                {
                    return Err(self.complain(value.at, "Sharpen has method='kernel' here"));
                }
                let second =
                    if name == "Sharpen" { ("lightness", [0.5, 1.0]) } else { ("strength", [0.2, 0.7]) };
                let mut fields = Vec::new();
                for (field, default) in [("alpha", [0.2, 0.5]), second] {
                    let tree = match bound.get(field) {
                        Some(value) => self.plain(value)?,
                        None => self.ends(at, default)?,
                    };
                    fields.push((self.key(at, field), tree));
                }
                let step = if name == "Sharpen" { "sharpen" } else { "emboss" };
                self.step(call, step, fields)?
            }
            "ToGray" => {
                for field in ["num_output_channels", "method"] {
                    let usual = |value: &Val<'a>| {
                        value.number() == Some(3.0)
                            || matches!(&value.kind, V::Text(own) if &**own == "weighted_average")
                    };
                    if let Some(value) = bound.get(field).filter(|value| !usual(value)) {
                        return Err(self.complain(
                            value.at,
                            "ToGray makes three equal channels by the weighted average here",
                        ));
                    }
                }
                let one = self.tree(at, Value::Float(1.0))?;
                self.wrap(at, "grayscale", one)?
            }
            "Transpose" => self.transposed(at)?,
            "RandomRotate90" => {
                let turns = vec![self.tree(at, Value::Int(0))?, self.tree(at, Value::Int(3))?];
                let turns = self.tree(at, Value::List(turns))?;
                self.wrap(at, "rot90", turns)?
            }
            _ => {
                // Flip: one axis, the other, or both, all equally likely.
                let (x, y) = (self.flipped(at, "fliplr")?, self.flipped(at, "flipud")?);
                let both = self.tree(at, Value::List(vec![x.clone(), y.clone()]))?;
                let both = self.wrap(at, "sequential", both)?;
                let list = self.tree(at, Value::List(vec![x, y, both]))?;
                self.wrap(at, "one_of", list)?
            }
        };
        self.sometimes(at, p, step)
    }

    fn unknown_transform(&self, call: &Call<'a>) -> crate::text::complaint::Complaint {
        let name = call.name();
        let near = match name {
            "GaussianBlur" => Some("imgaug's GaussianBlur, which is gaussian_blur here"),
            "GaussNoise" | "IAAAdditiveGaussianNoise" => Some("additive_gaussian_noise"),
            "CoarseDropout" | "Cutout" => Some("coarse_dropout"),
            "HueSaturationValue" => Some("add_to_hue_and_saturation"),
            "ElasticTransform" => Some("elastic_transformation"),
            "IAAPiecewiseAffine" | "PiecewiseAffine" => Some("piecewise_affine"),
            "Perspective" | "IAAPerspective" => Some("perspective_transform"),
            "RandomResizedCrop" => Some("torchvision.random_resized_crop"),
            "ColorJitter" => Some("torchvision.color_jitter"),
            "IAASharpen" => Some("Sharpen"),
            "IAAEmboss" => Some("Emboss"),
            "JpegCompression" | "ImageCompression" => Some("random_jpeg_quality"),
            _ => nearest(name, KNOWN.iter().copied()),
        };
        let hint = near.map(|near| format!("Nearest: {near}. ")).unwrap_or_default();
        let mut known: Vec<&str> = KNOWN.iter().copied().chain(super::pixels::names()).collect();
        known.sort_unstable();
        known.dedup();
        self.complain(call.name_at, format!("the transform {name} has no exact counterpart here"))
            .help(format!("{hint}Known here: {}", known.join(", ")))
    }

    fn ends(&mut self, at: Range, [lo, hi]: [f64; 2]) -> Res<Tree> {
        let ends = vec![self.tree(at, Value::Float(lo))?, self.tree(at, Value::Float(hi))?];
        self.tree(at, Value::List(ends))
    }

    fn flipped(&mut self, at: Range, step: &str) -> Res<Tree> {
        let always = self.tree(at, Value::Float(1.0))?;
        self.wrap(at, step, always)
    }

    /// A quarter turn counter-clockwise, then top to bottom: rows become columns.
    fn transposed(&mut self, at: Range) -> Res<Tree> {
        let once = self.tree(at, Value::Int(1))?;
        let steps = vec![self.wrap(at, "rot90", once)?, self.flipped(at, "flipud")?];
        let list = self.tree(at, Value::List(steps))?;
        self.wrap(at, "sequential", list)
    }

    fn side(&mut self, bound: &Bound<'_, 'a>, side: &str) -> Res<Tree> {
        match bound.get(side) {
            Some(value) => self.plain(value),
            None => {
                Err(self
                    .complain(bound.call.name_at, format!("{} takes height and width", bound.call.name())))
            }
        }
    }

    fn alb_resize(&mut self, bound: &Bound<'_, 'a>) -> Res<Tree> {
        let at = bound.call.name_at;
        let how = match bound.get("interpolation") {
            None => "linear",
            Some(value) => match interpolation(value) {
                Some(how @ ("nearest" | "linear" | "cubic")) => how,
                _ => {
                    return Err(self.complain(
                        value.at,
                        "resize has INTER_NEAREST, INTER_LINEAR and INTER_CUBIC of these",
                    ));
                }
            },
        };
        let fields = vec![
            (self.key(at, "height"), self.side(bound, "height")?),
            (self.key(at, "width"), self.side(bound, "width")?),
            (self.key(at, "interpolation"), self.tree(at, Value::Text(how.to_owned()))?),
        ];
        self.step(bound.call, "resize", fields)
    }

    /// A limit: a number v is from -v to v, a pair a range.
    fn limit(&mut self, value: &Val<'a>, name: &str, about: f64) -> Res<[f64; 2]> {
        match value.items() {
            Some([lo, hi]) => Ok([about + self.number(lo, name)?, about + self.number(hi, name)?]),
            Some(_) => Err(self.complain(value.at, format!("{name} is a number or a pair"))),
            None => {
                let number = self.number(value, name)?.abs();
                Ok([about - number, about + number])
            }
        }
    }

    fn limited(&mut self, bound: &Bound<'_, 'a>, name: &str, default: f64, about: f64) -> Res<[f64; 2]> {
        match bound.get(name) {
            Some(value) => self.limit(value, name, about),
            None => Ok([about - default, about + default]),
        }
    }

    fn alb_brightness(&mut self, bound: &Bound<'_, 'a>, p: f64) -> Res<Tree> {
        let at = bound.call.name_at;
        if let Some(value) = bound.get("brightness_by_max").filter(|value| value.truth() != Some(true)) {
            return Err(
                self.complain(value.at, "brightness is a fraction of 255 here, brightness_by_max=True")
            );
        }
        if let Some(value) = bound.get("ensure_safe_range").filter(|value| value.truth() != Some(false)) {
            return Err(self.complain(value.at, "values are clipped here, ensure_safe_range=False"));
        }
        let (brightness, contrast) = match bound.call.name() {
            "RandomBrightness" => (self.limited(bound, "limit", 0.2, 0.0)?, [0.0; 2]),
            "RandomContrast" => ([0.0; 2], self.limited(bound, "limit", 0.2, 0.0)?),
            _ => (
                self.limited(bound, "brightness_limit", 0.2, 0.0)?,
                self.limited(bound, "contrast_limit", 0.2, 0.0)?,
            ),
        };
        let fields = vec![
            (self.key(at, "brightness_limit"), self.ends(at, brightness)?),
            (self.key(at, "contrast_limit"), self.ends(at, contrast)?),
            (self.key(at, "p"), self.tree(at, Value::Float(p))?),
        ];
        self.step(bound.call, "albumentations.random_brightness_contrast", fields)
    }

    /// Windows: a number v is from 3 to v, a pair a range, of which odd ones are drawn.
    fn alb_blur(&mut self, bound: &Bound<'_, 'a>) -> Res<Tree> {
        let at = bound.call.name_at;
        let [lo, hi] = match bound.get("blur_limit") {
            None => [3.0, 7.0],
            Some(value) => match value.items() {
                Some([lo, hi]) => [self.number(lo, "blur_limit")?, self.number(hi, "blur_limit")?],
                Some(_) => return Err(self.complain(value.at, "blur_limit is a number or a pair")),
                None => [3.0, self.number(value, "blur_limit")?],
            },
        };
        let (lo, hi) = (lo as i64, hi as i64);
        if lo % 2 == 0 || lo < 1 || hi < lo || hi > 99 {
            return Err(self.complain(at, "windows begin with an odd number, and go up to 99"));
        }
        let sides = (lo..=hi).step_by(2).map(|k| self.tree(at, Value::Int(k))).collect::<Res<_>>()?;
        let sides = self.tree(at, Value::List(sides))?;
        let k = self.wrap(at, "choice", sides)?;
        let step = if bound.call.name() == "Blur" { "average_blur" } else { "median_blur" };
        self.step(bound.call, step, vec![(self.key(at, "k"), k)])
    }

    /// `Rotate`, `ShiftScaleRotate` and `Affine` as one `affine`: all of them turn about the same center.
    fn alb_warp(&mut self, bound: &Bound<'_, 'a>) -> Res<Tree> {
        let at = bound.call.name_at;
        let name = bound.call.name();
        if let Some(value) = bound.get("crop_border").filter(|value| value.truth() != Some(false)) {
            return Err(self.complain(value.at, "the image keeps its size here, crop_border=False"));
        }
        if let Some(value) = bound.get("fit_output").filter(|value| value.truth() != Some(false)) {
            return Err(self.complain(value.at, "the image keeps its size here, fit_output=False"));
        }
        let mut fields: Vec<(Key, Tree)> = Vec::new();
        match name {
            "Rotate" => {
                let [lo, hi] = self.limited(bound, "limit", 90.0, 0.0)?;
                // Positive angles turn counter-clockwise there.
                fields.push((self.key(at, "rotate"), self.ends(at, [0.0 - hi, 0.0 - lo])?));
            }
            "ShiftScaleRotate" => {
                let both = self.limited(bound, "shift_limit", 0.0625, 0.0)?;
                let axis = |this: &mut Self, name: &str| match bound.get(name) {
                    Some(value) => this.limit(value, name, 0.0),
                    None => Ok(both),
                };
                let (x, y) = (axis(self, "shift_limit_x")?, axis(self, "shift_limit_y")?);
                let axes =
                    vec![(self.key(at, "x"), self.ends(at, x)?), (self.key(at, "y"), self.ends(at, y)?)];
                let scale = self.limited(bound, "scale_limit", 0.1, 1.0)?;
                let [lo, hi] = self.limited(bound, "rotate_limit", 45.0, 0.0)?;
                fields.push((self.key(at, "translate_percent"), self.tree(at, Value::Map(axes))?));
                fields.push((self.key(at, "scale"), self.ends(at, scale)?));
                fields.push((self.key(at, "rotate"), self.ends(at, [0.0 - hi, 0.0 - lo])?));
                self.warn(
                    at,
                    "ShiftScaleRotate is that of Albumentations 1.x; 2.x shifts by whole pixels and scales each axis by itself",
                );
            }
            _ => self.alb_affine(bound, &mut fields)?,
        }
        let order = match bound.get("interpolation").map(|value| (value, interpolation(value))) {
            None | Some((_, Some("linear"))) => 1,
            Some((_, Some("nearest"))) => 0,
            Some((value, _)) => {
                return Err(self.complain(value.at, "affine has INTER_NEAREST and INTER_LINEAR of these"));
            }
        };
        fields.push((self.key(at, "order"), self.tree(at, Value::Int(order))?));
        let given = bound.get("border_mode").or_else(|| bound.get("mode"));
        let mode = match given {
            Some(value) => match border(value) {
                Some(mode) => mode,
                None => {
                    return Err(self.complain(
                        value.at,
                        "a border is one of cv2.BORDER_CONSTANT, REPLICATE, REFLECT, REFLECT_101, WRAP",
                    ));
                }
            },
            None if name == "Affine" => "constant",
            None => {
                self.warn(
                    at,
                    format!("{name} without border_mode mirrors the image, as in Albumentations 1.x; 2.x fills with 0. Write border_mode"),
                );
                "reflect"
            }
        };
        fields.push((self.key(at, "mode"), self.tree(at, Value::Text(mode.to_owned()))?));
        for value in ["value", "fill", "cval"].into_iter().filter_map(|name| bound.get(name)) {
            if mode != "constant" {
                continue;
            }
            let one = match value.items() {
                Some(items) if items.windows(2).all(|pair| pair[0].number() == pair[1].number()) => {
                    items.first().unwrap_or(value)
                }
                Some(_) => {
                    return Err(self.complain(value.at, "a border has one value for all channels here"));
                }
                None => value,
            };
            fields.push((self.key(value.at, "cval"), self.plain(one)?));
        }
        self.step(bound.call, "affine", fields)
    }

    /// The fields of `Affine`: a number is fixed, a pair a range, a dict has both axes.
    fn alb_affine(&mut self, bound: &Bound<'_, 'a>, fields: &mut Vec<(Key, Tree)>) -> Res<()> {
        let at = bound.call.name_at;
        let zero = |value: &Val<'a>| {
            value.number() == Some(0.0)
                || value.items().is_some_and(|items| items.iter().all(|item| item.number() == Some(0.0)))
        };
        if let Some(value) = bound.get("shear").filter(|value| !zero(value)) {
            return Err(self
                .complain(value.at, "the shear of Albumentations is another in each version; leave it out"));
        }
        if let Some(value) = bound.get("balanced_scale").filter(|value| value.truth() != Some(false)) {
            return Err(self.complain(value.at, "scales are uniform here, balanced_scale=False"));
        }
        let given = |name: &str| bound.get(name).is_some();
        if !["scale", "translate_percent", "translate_px", "rotate"].into_iter().any(given) {
            return Err(self.complain(
                at,
                "Affine without any values is another in each version of Albumentations; write them",
            ));
        }
        let together = bound.get("keep_ratio").is_some_and(|value| value.truth() == Some(true));
        for name in ["scale", "translate_percent", "translate_px"] {
            let Some(value) = bound.get(name) else { continue };
            let tree = match &value.kind {
                V::Dict(entries) => {
                    let mut axes = Vec::new();
                    for (key, own) in entries.iter() {
                        let V::Text(axis) = &key.kind else {
                            return Err(self.complain(key.at, "the axes are called \"x\" and \"y\""));
                        };
                        axes.push((self.key(key.at, axis), self.plain(own)?));
                    }
                    self.tree(value.at, Value::Map(axes))?
                }
                _ if together && name == "scale" => self.plain(value)?,
                _ => {
                    let axes = vec![
                        (self.key(at, "x"), self.plain(value)?),
                        (self.key(at, "y"), self.plain(value)?),
                    ];
                    self.tree(value.at, Value::Map(axes))?
                }
            };
            fields.push((self.key(value.at, name), tree));
        }
        if given("translate_percent") {
            self.warn(at, "Affine shifts by fractions of pixels, as in Albumentations 1.x; 2.x cuts them to whole pixels");
        }
        if let Some(value) = bound.get("rotate") {
            let [lo, hi] = match value.items() {
                Some([lo, hi]) => [self.number(lo, "rotate")?, self.number(hi, "rotate")?],
                Some(_) => return Err(self.complain(value.at, "rotate is a number or a pair")),
                None => [self.number(value, "rotate")?; 2],
            };
            // Version 1.x hands its angles on with the other sign, so that both turn counter-clockwise.
            fields.push((self.key(value.at, "rotate"), self.ends(value.at, [0.0 - hi, 0.0 - lo])?));
        }
        Ok(())
    }
}

/// OpenCV's interpolations, by name or number.
fn interpolation(value: &Val<'_>) -> Option<&'static str> {
    match &value.kind {
        V::Int(0) => Some("nearest"),
        V::Int(1) => Some("linear"),
        V::Int(2) => Some("cubic"),
        V::Int(3) => Some("area"),
        V::Path(path) => match last(path) {
            "INTER_NEAREST" => Some("nearest"),
            "INTER_LINEAR" => Some("linear"),
            "INTER_CUBIC" => Some("cubic"),
            "INTER_AREA" => Some("area"),
            _ => None,
        },
        _ => None,
    }
}

/// OpenCV's borders as this program calls them.
fn border(value: &Val<'_>) -> Option<&'static str> {
    match &value.kind {
        V::Int(0) => Some("constant"),
        V::Int(1) => Some("edge"),
        V::Int(2) => Some("symmetric"),
        V::Int(3) => Some("wrap"),
        V::Int(4) => Some("reflect"),
        V::Path(path) => match last(path) {
            "BORDER_CONSTANT" => Some("constant"),
            "BORDER_REPLICATE" => Some("edge"),
            "BORDER_REFLECT" => Some("symmetric"),
            "BORDER_WRAP" => Some("wrap"),
            "BORDER_REFLECT_101" | "BORDER_REFLECT101" | "BORDER_DEFAULT" => Some("reflect"),
            _ => None,
        },
        _ => None,
    }
}

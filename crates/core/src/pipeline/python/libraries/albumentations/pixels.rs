//! Albumentations' transforms of pixels where they are: brightness, blurs, filters.

use super::super::super::eval::Res;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, V, Val};
use super::version::Version;
use crate::text::tree::{Tree, Value};

/// All that are read here.
pub(super) const NAMES: &[&str] = &[
    "Blur",
    "Emboss",
    "InvertImg",
    "MedianBlur",
    "RandomBrightness",
    "RandomBrightnessContrast",
    "RandomContrast",
    "RandomGamma",
    "Sharpen",
    "ToGray",
];

impl<'a> Translator<'a> {
    /// A transform of pixels with the probability `forced` instead of its own; none if it is not known here.
    pub(super) fn albumentations_pixels(&mut self, call: &Call<'a>, forced: Option<f64>, version: Version) -> Res<Option<Tree>> {
        let at = call.name_at;
        let name = call.name();
        let names: &[&'static str] = match name {
            "RandomBrightnessContrast" => {
                &["brightness_limit", "contrast_limit", "brightness_by_max", "ensure_safe_range"]
            }
            "RandomBrightness" | "RandomContrast" => &["limit"],
            "RandomGamma" => &["gamma_limit", "eps"],
            "Blur" | "MedianBlur" => &["blur_limit"],
            "Sharpen" => &["alpha", "lightness", "method", "kernel_size", "sigma"],
            "Emboss" => &["alpha", "strength"],
            "ToGray" => &["num_output_channels", "method"],
            "InvertImg" => &[],
            _ => return Ok(None),
        };
        let all: Vec<&'static str> = names.iter().copied().chain(["p", "always_apply"]).collect();
        let bound = if names.is_empty() && call.args.len() == 2 {
            self.bind(call, &["always_apply", "p"])?
        } else {
            self.bind(call, &all)?
        };
        let certain = version == Version::One && bound.get("always_apply").is_some_and(|own| own.truth() == Some(true));
        let p = match forced {
            Some(p) => p,
            None if certain => 1.0,
            None => bound.get("p").map_or(Ok(0.5), |p| self.number(p, "p"))?,
        };
        let step = match name {
            "InvertImg" => {
                let p = self.tree(at, Value::Float(p))?;
                return self.wrap(at, "invert", p).map(Some);
            }
            "RandomBrightnessContrast" | "RandomBrightness" | "RandomContrast" => {
                return self.alb_brightness(&bound, p).map(Some);
            }
            "RandomGamma" => {
                let mut fields = vec![(self.key(at, "p"), self.tree(at, Value::Float(p))?)];
                if let Some(value) = bound.get("gamma_limit") {
                    fields.push((self.key(value.at, "gamma_limit"), self.plain(value)?));
                }
                return self.step(call, "albumentations.random_gamma", fields).map(Some);
            }
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
                        None => self.alb_ends(at, default)?,
                    };
                    fields.push((self.key(at, field), tree));
                }
                let step = if name == "Sharpen" { "sharpen" } else { "emboss" };
                self.step(call, step, fields)?
            }
            _ => {
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
        };
        self.sometimes(at, p, step).map(Some)
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
            "RandomBrightness" => (self.alb_limited(bound, "limit", 0.2)?, [0.0; 2]),
            "RandomContrast" => ([0.0; 2], self.alb_limited(bound, "limit", 0.2)?),
            _ => (
                self.alb_limited(bound, "brightness_limit", 0.2)?,
                self.alb_limited(bound, "contrast_limit", 0.2)?,
            ),
        };
        let fields = vec![
            (self.key(at, "brightness_limit"), self.alb_ends(at, brightness)?),
            (self.key(at, "contrast_limit"), self.alb_ends(at, contrast)?),
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
}

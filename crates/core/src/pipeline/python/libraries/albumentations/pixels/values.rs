//! Blurs, colors, histograms and curves.

use super::{Maker, Res, Step, V, Version};
use crate::pipeline::python::value::{Val, last};
use crate::text::tree::Value;

/// The sizes that `Blur` and its kin draw from in 1.x.
fn sizes_of_one([lo, hi]: [i64; 2]) -> Vec<i64> {
    (lo..=hi).step_by(2).collect()
}

/// The same in 2.x: odd ones.
fn sizes_of_two([lo, hi]: [i64; 2]) -> Vec<i64> {
    let odd = |n: i64| n.max(3) | 1;
    let (lo, hi) = (odd(lo), odd(hi));
    (lo.min(hi)..=hi).step_by(2).collect()
}

impl Maker<'_, '_, '_> {
    /// The windows of a blur: a number v is from 3 to v. `odd` for those that have no even ones in 1.x.
    fn windows(&mut self, odd: bool) -> Res<Vec<i64>> {
        let limit = self.whole("blur_limit", [3, 7], |v| [3.0, v])?;
        let value = self.get("blur_limit");
        if limit[0] < 1 || limit[1] > 99 {
            return self.refuse(value, "windows have 1 to 99 rows");
        }
        let (one, two) = (sizes_of_one(limit), sizes_of_two(limit));
        let even = odd && limit.iter().any(|n| n % 2 == 0);
        if even && self.known.is_none() {
            // An error in 1.x.
            (self.version, self.known) = (Version::Two, Some(Version::Two));
        }
        let sizes = match self.version {
            Version::One if even => {
                return self.refuse(value, "windows have odd numbers of rows and columns");
            }
            Version::One => one.clone(),
            Version::Two => two.clone(),
        };
        if one != two {
            let two: Vec<String> = two.iter().map(ToString::to_string).collect();
            self.differs(&format!("2.x draws from {}", two.join(", ")));
        }
        Ok(sizes)
    }

    /// One of whole numbers.
    fn choice(&mut self, name: &str, values: &[i64]) -> Res<(super::Key, super::Tree)> {
        let (_, list) = self.list(name, values.iter().map(|v| Value::Int(*v)))?;
        let choice = self.translator.wrap(self.at, "choice", list)?;
        Ok((self.translator.key(self.at, name), choice))
    }
}

pub(super) fn blur(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let median = maker.bound.call.name() == "MedianBlur";
    let sizes = maker.windows(median)?;
    let step = if median { "median_blur" } else { "average_blur" };
    Ok(Step::Plain(step, vec![maker.choice("k", &sizes)?]))
}

pub(super) fn motion_blur(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let sizes = maker.windows(false)?;
    if sizes.first().is_none_or(|least| *least < 3) {
        return maker.refuse(maker.get("blur_limit"), "windows have at least 3 rows");
    }
    let shifted = maker.flag("allow_shifted", true)?;
    let mut fields = vec![
        maker.choice("blur_limit", &sizes)?,
        maker.field("allow_shifted", Value::Bool(shifted))?,
        maker.version()?,
    ];
    if maker.version == Version::Two {
        let angle = maker.pair("angle_range", [0.0, 360.0], |v| [v, v])?;
        let direction = maker.pair("direction_range", [-1.0, 1.0], |v| [v, v])?;
        fields.push(maker.range("angle_range", angle)?);
        fields.push(maker.range("direction_range", direction)?);
    }
    Ok(Step::Plain("albumentations.motion_blur", fields))
}

pub(super) fn gaussian_blur(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let (size, sigma) = match maker.version {
        Version::One => {
            let mut size = maker.whole("blur_limit", [3, 7], |v| [0.0, v])?;
            let sigma = maker.above("sigma_limit", [0.0, 0.0], 0.0)?;
            if size[0] == 0 && sigma[0] == 0.0 {
                size = [3, size[1].max(3)];
            }
            if size.iter().any(|n| *n != 0 && n % 2 == 0) {
                return maker.refuse(maker.get("blur_limit"), "windows have 0 or an odd number of rows");
            }
            (size, sigma)
        }
        Version::Two => {
            let size = maker.whole("blur_limit", [0, 0], |v| [0.0, v])?;
            let [lo, hi] = maker.above("sigma_limit", [0.5, 3.0], 0.0)?;
            (size, [lo.max(0.01), hi.max(0.01)])
        }
    };
    let fields = vec![maker.ints("blur_limit", size)?, maker.range("sigma_limit", sigma)?, maker.version()?];
    Ok(Step::Plain("albumentations.gaussian_blur", fields))
}

pub(super) fn glass_blur(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let sigma = maker.number("sigma", 0.7)?;
    let (delta, iterations) = (maker.number("max_delta", 4.0)?, maker.number("iterations", 2.0)?);
    let mode = maker.word("mode", "fast", &["fast", "exact"])?;
    let fields = vec![
        maker.field("sigma", Value::Float(sigma))?,
        maker.field("max_delta", Value::Int(delta as i64))?,
        maker.field("iterations", Value::Int(iterations as i64))?,
        maker.text("mode", mode)?,
    ];
    Ok(Step::Plain("albumentations.glass_blur", fields))
}

pub(super) fn clahe(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let clip = maker.above("clip_limit", [1.0, 4.0], 1.0)?;
    let mut fields = vec![maker.range("clip_limit", clip)?];
    if let Some(value) = maker.get("tile_grid_size") {
        let Some([columns, rows]) = value.items() else {
            return maker.refuse(Some(value), "tile_grid_size is a pair");
        };
        let tiles = [columns, rows].map(|n| maker.translator.number(n, "tile_grid_size"));
        let [columns, rows] = tiles;
        let tiles = [Value::Int(columns? as i64), Value::Int(rows? as i64)];
        fields.push(maker.list("tile_grid_size", tiles)?);
    }
    Ok(Step::Plain("albumentations.clahe", fields))
}

pub(super) fn equalize(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    if let Some(value) = maker.get("mask") {
        return maker.refuse(Some(value), "the whole image is equalized here, mask=None");
    }
    let mode = maker.word("mode", "cv", &["cv", "pil"])?;
    if mode == "pil" {
        maker.differs("2.x counts each value itself among those below");
    }
    let by_channels = maker.flag("by_channels", true)?;
    let fields = vec![
        maker.text("mode", mode)?,
        maker.field("by_channels", Value::Bool(by_channels))?,
        maker.version()?,
    ];
    Ok(Step::Plain("albumentations.equalize", fields))
}

pub(super) fn posterize(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let name = "num_bits";
    let step = "albumentations.posterize";
    let Some(value) = maker.get(name) else { return Ok(Step::plain(step)) };
    let Some(channels @ [_, _, _]) = value.items() else {
        let bits = maker.whole(name, [4, 4], |v| [v, v])?;
        return Ok(Step::Plain(step, vec![maker.ints(name, bits)?]));
    };
    let mut each = Vec::new();
    for bits in channels {
        let ends = match bits.items() {
            Some([lo, hi]) => [maker.translator.number(lo, name)?, maker.translator.number(hi, name)?],
            Some(_) => return maker.refuse(Some(bits), "bits of a channel are a number or a pair"),
            None => {
                let most = maker.translator.number(bits, name)?;
                maker.differs("2.x keeps so many bits always, 1.x up to so many");
                [if maker.version == Version::One { 0.0 } else { most }, most]
            }
        };
        let (_, bits) = maker.ints(name, ends.map(|v| v as i64))?;
        each.push(bits);
    }
    Ok(Step::Plain(step, vec![maker.field("channels", Value::List(each))?]))
}

pub(super) fn solarize(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let threshold = match maker.version {
        Version::One => maker.pair("threshold", [128.0; 2], |v| [v, v])?,
        Version::Two => maker.pair("threshold_range", [0.5; 2], |v| [v, v])?.map(|v| v * 255.0),
    };
    Ok(Step::Plain("albumentations.solarize", vec![maker.range("threshold", threshold)?]))
}

pub(super) fn to_gray(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    if maker.number("num_output_channels", 3.0)? != 3.0 {
        return maker.refuse(maker.get("num_output_channels"), "images keep three channels here");
    }
    let known = ["weighted_average", "from_lab", "desaturation", "average", "max"];
    let method = maker.word("method", "weighted_average", &known)?;
    if method == "weighted_average" {
        return Ok(Step::Plain("grayscale", vec![maker.field("alpha", Value::Float(1.0))?]));
    }
    Ok(Step::Plain("albumentations.to_gray", vec![maker.text("method", method)?]))
}

pub(super) fn rgb_shift(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let mut fields = Vec::new();
    let mut fractions = false;
    for name in ["r_shift_limit", "g_shift_limit", "b_shift_limit"] {
        let mut limit = maker.symmetric(name, 20.0)?;
        if limit.iter().all(|v| v.abs() <= 1.0) && limit != [0.0; 2] {
            fractions = true;
            if maker.version == Version::Two {
                limit = limit.map(|v| v * 255.0);
            }
        }
        fields.push(maker.range(name, limit)?);
    }
    if fractions {
        maker.differs("2.x takes limits up to 1 for fractions of 255");
    }
    fields.push(maker.version()?);
    Ok(Step::Plain("albumentations.rgb_shift", fields))
}

pub(super) fn hue_saturation_value(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let mut fields = Vec::new();
    for (name, default) in [("hue_shift_limit", 20.0), ("sat_shift_limit", 30.0), ("val_shift_limit", 20.0)] {
        let limit = maker.symmetric(name, default)?;
        fields.push(maker.range(name, limit)?);
    }
    fields.push(maker.version()?);
    Ok(Step::Plain("albumentations.hue_saturation_value", fields))
}

pub(super) fn color_jitter(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let mut fields = Vec::new();
    for name in ["brightness", "contrast", "saturation"] {
        let factor = maker.pair(name, [0.8, 1.2], |v| [(1.0 - v).max(0.0), 1.0 + v])?;
        fields.push(maker.range(name, factor)?);
    }
    let default = match maker.version {
        Version::One => 0.2,
        Version::Two => 0.5,
    };
    if maker.get("hue").is_none() {
        maker.differs("2.x turns hues by any angle");
    }
    let hue = maker.symmetric("hue", default)?;
    fields.push(maker.range("hue", hue)?);
    fields.push(maker.version()?);
    Ok(Step::Plain("albumentations.color_jitter", fields))
}

pub(super) fn brightness(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let (brightness, contrast) = match maker.bound.call.name() {
        "RandomBrightness" => (maker.symmetric("limit", 0.2)?, [0.0; 2]),
        "RandomContrast" => ([0.0; 2], maker.symmetric("limit", 0.2)?),
        _ => (maker.symmetric("brightness_limit", 0.2)?, maker.symmetric("contrast_limit", 0.2)?),
    };
    let mut fields =
        vec![maker.range("brightness_limit", brightness)?, maker.range("contrast_limit", contrast)?];
    if !maker.flag("brightness_by_max", true)? && brightness != [0.0; 2] {
        maker.differs("2.x does not multiply what it adds by the factor");
        fields.push(maker.field("brightness_by_max", Value::Bool(false))?);
        fields.push(maker.version()?);
    }
    if maker.flag("ensure_safe_range", false)? {
        fields.push(maker.field("ensure_safe_range", Value::Bool(true))?);
    }
    Ok(Step::WithP("albumentations.random_brightness_contrast", fields))
}

pub(super) fn gamma(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    if let Some(value) = maker.get("gamma_limit").filter(|value| value.items().is_none()) {
        let limit = maker.translator.number(value, "gamma_limit")?;
        if maker.known == Some(Version::One) {
            return maker
                .refuse(Some(value), format!("1.x takes this for powers from -{limit} on; write a pair"));
        }
        let message =
            format!("gamma_limit={limit} is from 1 to {limit}, as in Albumentations 2.x; write a pair");
        maker.translator.warn(value.at, message);
    }
    let gamma = maker.above("gamma_limit", [80.0, 120.0], 1.0)?;
    Ok(Step::WithP("albumentations.random_gamma", vec![maker.range("gamma_limit", gamma)?]))
}

pub(super) fn tone_curve(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let scale = maker.number("scale", 0.1)?;
    let per_channel = maker.flag("per_channel", false)?;
    let fields = vec![
        maker.field("scale", Value::Float(scale))?,
        maker.field("per_channel", Value::Bool(per_channel))?,
    ];
    Ok(Step::Plain("albumentations.random_tone_curve", fields))
}

pub(super) fn sharpen(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let method = maker.word("method", "kernel", &["kernel", "gaussian"])?;
    if method == "kernel" {
        return maker.kernel("albumentations.sharpen", "lightness", [0.5, 1.0]);
    }
    let alpha = maker.above("alpha", [0.2, 0.5], 0.0)?;
    let size = maker.number("kernel_size", 5.0)? as i64 | 1;
    let sigma = maker.number("sigma", 1.0)?;
    let fields = vec![
        maker.range("alpha", alpha)?,
        maker.text("method", method)?,
        maker.field("kernel_size", Value::Int(size))?,
        maker.field("sigma", Value::Float(sigma))?,
    ];
    Ok(Step::Plain("albumentations.sharpen", fields))
}

pub(super) fn emboss(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    maker.kernel("albumentations.emboss", "strength", [0.2, 0.7])
}

pub(super) fn image_compression(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    if let Some(value) = maker.get("compression_type") {
        let jpeg = match &value.kind {
            V::Text(text) => text.eq_ignore_ascii_case("jpeg"),
            V::Path(path) => last(path) == "JPEG",
            _ => value.number() == Some(0.0),
        };
        if !jpeg {
            return maker.refuse(Some(value), "images are stored as JPEG here");
        }
    }
    let quality = match maker.version {
        Version::One => {
            let (lo, hi) = (maker.number("quality_lower", 99.0)?, maker.number("quality_upper", 100.0)?);
            [lo.min(hi), hi.max(lo)].map(|v| v as i64)
        }
        Version::Two => maker.whole("quality_range", [99, 100], |v| [v, v])?,
    };
    Ok(Step::Plain("albumentations.image_compression", vec![maker.ints("quality", quality)?]))
}

/// OpenCV's interpolations, by name or number, as `downscale` calls them.
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

pub(super) fn downscale(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let scale = match maker.version {
        Version::One => {
            let (lo, hi) = (maker.number("scale_min", 0.25)?, maker.number("scale_max", 0.25)?);
            if lo > hi {
                return maker
                    .refuse(maker.get("scale_min"), format!("scale_min is above scale_max, which is {hi}"));
            }
            [lo, hi]
        }
        Version::Two => maker.pair("scale_range", [0.25, 0.25], |v| [v, v])?,
    };
    let mut ways = [("downscale", "nearest"), ("upscale", "nearest")];
    if let Some(value) = maker.get("interpolation").or_else(|| maker.get("interpolation_pair")) {
        let unknown = "interpolation is INTER_NEAREST, INTER_LINEAR, INTER_CUBIC or INTER_AREA, or a dict of downscale and upscale";
        for (name, way) in &mut ways {
            let own = match &value.kind {
                V::Dict(entries) => entries
                    .iter()
                    .find(|(key, _)| matches!(&key.kind, V::Text(text) if &**text == *name))
                    .map(|(_, own)| own),
                V::Call(call) => call.keywords.iter().find(|(key, ..)| key == name).map(|(.., own)| own),
                _ => Some(value),
            };
            if let Some(own) = own {
                let Some(found) = interpolation(own) else { return maker.refuse(Some(own), unknown) };
                *way = found;
            }
        }
        if maker.version == Version::One && ways.iter().any(|(_, way)| *way != "nearest") {
            maker.translator.warn(
                value.at,
                "Downscale computes with bytes, as in Albumentations 2.x; 1.x has floats between, so that values differ by 1 or 2",
            );
        }
    }
    let mut fields = vec![maker.range("scale", scale)?];
    for (name, way) in ways {
        fields.push(maker.text(name, way)?);
    }
    Ok(Step::Plain("albumentations.downscale", fields))
}

pub(super) fn superpixels(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    if maker.version == Version::Two {
        return maker.refuse(None, "Superpixels of 2.x have segments of another kind");
    }
    let p = maker.pair("p_replace", [0.1; 2], |v| [v, v])?;
    let segments = maker.whole("n_segments", [100, 100], |v| [v, v])?;
    let mut fields = vec![maker.range("p_replace", p)?, maker.ints("n_segments", segments)?];
    if maker.bound.raw("max_size").is_some_and(|value| matches!(value.kind, V::None)) {
        fields.push(maker.field("max_size", Value::Null)?);
    } else {
        let size = maker.number("max_size", 128.0)?;
        fields.push(maker.field("max_size", Value::Int(size as i64))?);
    }
    maker.translator.warn(
        maker.at,
        "Superpixels paints segments in their own mean color; Albumentations with scikit-image 0.19 or later takes that of the next, and 2.x has other segments",
    );
    Ok(Step::Plain("superpixels", fields))
}

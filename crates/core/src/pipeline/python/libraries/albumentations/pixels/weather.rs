//! Fog, rain, shadows and snow.

use super::{Maker, Res, Step, Version};
use crate::text::tree::Value;

pub(super) fn fog(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let density = match maker.version {
        Version::One => {
            let (lo, hi) = (maker.number("fog_coef_lower", 0.3)?, maker.number("fog_coef_upper", 1.0)?);
            [lo.min(hi), hi.max(lo)]
        }
        Version::Two => maker.pair("fog_coef_range", [0.3, 1.0], |v| [v, v])?,
    };
    let alpha = maker.number("alpha_coef", 0.08)?;
    let fields = vec![
        maker.range("fog_coef", density)?,
        maker.field("alpha_coef", Value::Float(alpha))?,
        maker.version()?,
    ];
    Ok(Step::Plain("albumentations.random_fog", fields))
}

pub(super) fn rain(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    if maker.number("drop_width", 1.0)? != 1.0 {
        return maker.refuse(maker.get("drop_width"), "lines are one pixel wide here, drop_width=1");
    }
    let slant = match maker.version {
        Version::One => {
            let (lo, hi) = (maker.number("slant_lower", -10.0)?, maker.number("slant_upper", 10.0)?);
            [lo.min(hi), hi.max(lo)]
        }
        Version::Two => maker.pair("slant_range", [-10.0, 10.0], |v| [v, v])?,
    };
    let kind = maker.word("rain_type", "default", &["default", "drizzle", "heavy", "torrential"])?;
    let (blur, light) = (maker.number("blur_value", 7.0)?, maker.number("brightness_coefficient", 0.7)?);
    let mut fields = vec![
        maker.range("slant", slant)?,
        maker.field("blur_value", Value::Int(blur as i64))?,
        maker.field("brightness_coefficient", Value::Float(light))?,
        maker.text("rain_type", kind)?,
        maker.version()?,
    ];
    if maker.get("drop_length").is_some() {
        let length = maker.number("drop_length", 20.0)?;
        fields.push(maker.field("drop_length", Value::Int(length as i64))?);
    }
    if let Some(value) = maker.get("drop_color") {
        let Some(items @ [_, _, _]) = value.items() else {
            return maker.refuse(Some(value), "drop_color has three values");
        };
        let values = items
            .iter()
            .map(|item| Ok(Value::Int(maker.translator.number(item, "drop_color")? as i64)))
            .collect::<Res<Vec<_>>>()?;
        fields.push(maker.list("drop_color", values)?);
    }
    Ok(Step::Plain("albumentations.random_rain", fields))
}

pub(super) fn shadow(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let mut fields = vec![maker.version()?];
    if let Some(value) = maker.get("shadow_roi") {
        let Some(items @ [_, _, _, _]) = value.items() else {
            return maker.refuse(Some(value), "shadow_roi has four values");
        };
        let edges = items
            .iter()
            .map(|item| Ok(Value::Float(maker.translator.number(item, "shadow_roi")?)))
            .collect::<Res<Vec<_>>>()?;
        fields.push(maker.list("shadow_roi", edges)?);
    }
    let shadows = match maker.version {
        Version::One => {
            let (lo, hi) = (maker.number("num_shadows_lower", 1.0)?, maker.number("num_shadows_upper", 2.0)?);
            [lo.min(hi), hi.max(lo)].map(|v| v as i64)
        }
        Version::Two => maker.whole("num_shadows_limit", [1, 2], |v| [v, v])?,
    };
    fields.push(maker.ints("num_shadows", shadows)?);
    let corners = maker.number("shadow_dimension", 5.0)?;
    fields.push(maker.field("shadow_dimension", Value::Int(corners as i64))?);
    if maker.version == Version::Two {
        let intensity = maker.pair("shadow_intensity_range", [0.5; 2], |v| [v, v])?;
        fields.push(maker.range("shadow_intensity", intensity)?);
    }
    Ok(Step::Plain("albumentations.random_shadow", fields))
}

pub(super) fn snow(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    maker.word("method", "bleach", &["bleach"])?;
    let point = match maker.version {
        Version::One => {
            let (lo, hi) = (maker.number("snow_point_lower", 0.1)?, maker.number("snow_point_upper", 0.3)?);
            [lo.min(hi), hi.max(lo)]
        }
        Version::Two => maker.pair("snow_point_range", [0.1, 0.3], |v| [v, v])?,
    };
    let factor = maker.number("brightness_coeff", 2.5)?;
    let fields =
        vec![maker.range("snow_point", point)?, maker.field("brightness_coeff", Value::Float(factor))?];
    Ok(Step::Plain("albumentations.random_snow", fields))
}

//! Noise.

use super::{Maker, Res, Step, Version};
use crate::text::tree::Value;

pub(super) fn gauss_noise(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let mut fields = match maker.version {
        Version::One => {
            let var = maker.above("var_limit", [10.0, 50.0], 0.0)?;
            let mean = maker.number("mean", 0.0)?;
            vec![maker.range("var_limit", var)?, maker.field("mean", Value::Float(mean))?]
        }
        Version::Two => {
            if maker.number("noise_scale_factor", 1.0)? != 1.0 {
                return maker.refuse(
                    maker.get("noise_scale_factor"),
                    "noise has the image's size here, noise_scale_factor=1",
                );
            }
            let std = maker.above("std_range", [0.2, 0.44], 0.0)?;
            let mean = maker.above("mean_range", [0.0, 0.0], 0.0)?;
            vec![maker.range("std_range", std)?, maker.range("mean_range", mean)?]
        }
    };
    let per_channel = maker.flag("per_channel", true)?;
    fields.push(maker.field("per_channel", Value::Bool(per_channel))?);
    Ok(Step::Plain("albumentations.gauss_noise", fields))
}

/// imgaug's noise under the name it had before 1.0.
pub(super) fn iaa_noise(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let loc = maker.pair("loc", [0.0; 2], |v| [v, v])?;
    let scale = maker.above("scale", [0.01 * 255.0, 0.05 * 255.0], 0.0)?;
    let per_channel = maker.number("per_channel", 0.0)?;
    let fields = vec![
        maker.range("loc", loc)?,
        maker.range("scale", scale)?,
        maker.field("per_channel", Value::Float(per_channel))?,
    ];
    Ok(Step::Plain("additive_gaussian_noise", fields))
}

pub(super) fn iso_noise(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let shift = maker.above("color_shift", [0.01, 0.05], 0.0)?;
    let intensity = maker.above("intensity", [0.1, 0.5], 0.0)?;
    let fields =
        vec![maker.range("color_shift", shift)?, maker.range("intensity", intensity)?, maker.version()?];
    Ok(Step::Plain("albumentations.iso_noise", fields))
}

pub(super) fn multiplicative_noise(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let multiplier = maker.pair("multiplier", [0.9, 1.1], |v| [v, v])?;
    let (per_channel, elementwise) = (maker.flag("per_channel", false)?, maker.flag("elementwise", false)?);
    let fields = vec![
        maker.range("multiplier", multiplier)?,
        maker.field("per_channel", Value::Bool(per_channel))?,
        maker.field("elementwise", Value::Bool(elementwise))?,
    ];
    Ok(Step::Plain("albumentations.multiplicative_noise", fields))
}

pub(super) fn fancy_pca(maker: &mut Maker<'_, '_, '_>) -> Res<Step> {
    let alpha = maker.number("alpha", 0.1)?;
    let fields = vec![maker.field("alpha", Value::Float(alpha))?, maker.version()?];
    Ok(Step::Plain("albumentations.fancy_pca", fields))
}

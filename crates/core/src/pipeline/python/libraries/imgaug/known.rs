//! Which augmenters are read, and what to do about the others.

use crate::ops::counterpart::Class;
use crate::ops::{ENTRIES, Entry};

/// The augmenters that are one step, each with the operation that it is.
pub(super) fn classes() -> impl Iterator<Item = (&'static Entry, &'static Class)> {
    ENTRIES.iter().flat_map(|entry| entry.imgaug.iter().map(move |class| (entry, class)))
}

/// The augmenter called `name`, if it is one step.
pub(super) fn class_of(name: &str) -> Option<(&'static Entry, &'static Class)> {
    classes().find(|(_, class)| class.name == name)
}

/// Augmenters of imgaug that look at images, or take care of what lies on them, and leave pixels as they are.
pub(super) const CHECKS: &[&str] = &[
    "AssertLambda",
    "AssertShape",
    "ClipCBAsToImagePlanes",
    "RemoveCBAsByOutOfImageFraction",
    "SaveDebugImageEveryNBatches",
];

/// Augmenters of imgaug that have no counterpart, each with a remedy.
#[rustfmt::skip]
pub(super) const ELSEWHERE: &[(&str, &str)] = &[
    ("Lambda", "It runs Python; write what it does to images as steps, or let Python work on the data set that is made"),
    ("WithHueAndSaturation", "Use AddToHueAndSaturation or MultiplyHueAndSaturation, which is what it mostly runs"),
    ("Fog", "Blend with white by FrequencyNoiseAlpha for something like it"),
    ("Clouds", "Blend with white by FrequencyNoiseAlpha for something like it"),
    ("CloudLayer", "Blend with white by FrequencyNoiseAlpha for something like it"),
    ("Rain", "MotionBlur over Salt is something like it"),
    ("RainLayer", "MotionBlur over Salt is something like it"),
    ("Snowflakes", "MotionBlur over CoarseSalt is something like it"),
    ("SnowflakesLayer", "MotionBlur over CoarseSalt is something like it"),
    ("FastSnowyLandscape", "MultiplyBrightness is something like it"),
    ("KMeansColorQuantization", "UniformColorQuantization is something like it"),
    ("MeanShiftBlur", "BilateralBlur is something like it"),
    ("Canny", "EdgeDetect is something like it"),
    ("Cartoon", "BilateralBlur and UniformColorQuantization are something like it"),
    ("Jigsaw", "Leave it out"),
    ("Voronoi", "Superpixels is something like it"),
    ("UniformVoronoi", "Superpixels is something like it"),
    ("RegularGridVoronoi", "Superpixels is something like it"),
    ("RelativeRegularGridVoronoi", "Superpixels is something like it"),
    ("WithPolarWarping", "Leave it out"),
    ("AveragePooling", "AverageBlur is something like it"),
    ("MaxPooling", "AverageBlur is something like it"),
    ("MinPooling", "AverageBlur is something like it"),
    ("MedianPooling", "MedianBlur is something like it"),
    ("BlendAlphaMask", "BlendAlphaSimplexNoise is something like it"),
    ("BlendAlphaSomeColors", "BlendAlphaSimplexNoise is something like it"),
    ("BlendAlphaHorizontalLinearGradient", "BlendAlpha with (0, 1) is something like it"),
    ("BlendAlphaVerticalLinearGradient", "BlendAlpha with (0, 1) is something like it"),
    ("BlendAlphaRegularGrid", "BlendAlphaSimplexNoise is something like it"),
    ("BlendAlphaCheckerboard", "BlendAlphaSimplexNoise is something like it"),
    ("Convolve", "Sharpen, Emboss or EdgeDetect is something like it"),
    ("AffineCv2", "Affine is something like it"),
    ("CropToMultiplesOf", "CropToFixedSize has a size that is known"),
    ("PadToMultiplesOf", "PadToFixedSize has a size that is known"),
    ("CropToPowersOf", "CropToFixedSize has a size that is known"),
    ("PadToPowersOf", "PadToFixedSize has a size that is known"),
    ("CenterCropToMultiplesOf", "CenterCropToFixedSize has a size that is known"),
    ("CenterPadToMultiplesOf", "CenterPadToFixedSize has a size that is known"),
    ("CenterCropToPowersOf", "CenterCropToFixedSize has a size that is known"),
    ("CenterPadToPowersOf", "CenterPadToFixedSize has a size that is known"),
    ("BlendAlphaSegMapClassIds", "It needs maps of classes; leave it out"),
    ("BlendAlphaBoundingBoxes", "It needs boxes; leave it out"),
];

/// The augmenters that are another step in disguise. (Those that take others are in the registry of combinators.)
pub(super) const OTHERS: &[&str] = &[
    "AddToHue",
    "RemoveSaturation",
    "Rotate",
    "ScaleX",
    "ScaleY",
    "ShearX",
    "ShearY",
    "TranslateX",
    "TranslateY",
    "Resize",
    "Scale",
];

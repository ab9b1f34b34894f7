//! The layers that are steps.

use Reading::{Aside, Level, Plain, Spread};

/// How a parameter of a layer is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As it stands, a field of the same name.
    Plain,
    /// A gray level, in the unit of what the layer gets.
    Level,
    /// The range of the values that the layer gets.
    Spread,
    /// It says nothing of what happens to images.
    Aside,
}

/// A layer that is a step: its name, the step's, and its parameters in their order.
pub(super) struct Layer {
    pub(super) name: &'static str,
    pub(super) step: &'static str,
    pub(super) params: &'static [(&'static str, Reading)],
}

const SEED: (&str, Reading) = ("seed", Aside);
const RANGE: (&str, Reading) = ("value_range", Spread);
const FACTOR: (&str, Reading) = ("factor", Plain);
const FILL_MODE: (&str, Reading) = ("fill_mode", Plain);
const FILL_VALUE: (&str, Reading) = ("fill_value", Level);
const INTERPOLATION: (&str, Reading) = ("interpolation", Plain);
const HEIGHT: (&str, Reading) = ("height", Plain);
const WIDTH: (&str, Reading) = ("width", Plain);
const HEIGHT_FACTOR: (&str, Reading) = ("height_factor", Plain);
const WIDTH_FACTOR: (&str, Reading) = ("width_factor", Plain);

/// A line of the table of layers.
const fn layer(name: &'static str, step: &'static str, params: &'static [(&'static str, Reading)]) -> Layer {
    Layer { name, step, params }
}

/// Layers that are steps, with Keras' parameters in Keras' order.
pub(super) const STEPS: &[Layer] = &[
    layer(
        "AugMix",
        "keras.aug_mix",
        &[
            RANGE,
            ("num_chains", Plain),
            ("chain_depth", Plain),
            FACTOR,
            ("alpha", Plain),
            ("all_ops", Plain),
            INTERPOLATION,
            SEED,
        ],
    ),
    layer("AutoContrast", "keras.auto_contrast", &[RANGE]),
    layer("CenterCrop", "keras.center_crop", &[HEIGHT, WIDTH]),
    layer("Equalization", "keras.equalization", &[RANGE, ("bins", Plain)]),
    layer("RandAugment", "keras.rand_augment", &[RANGE, ("num_ops", Plain), FACTOR, INTERPOLATION, SEED]),
    layer("RandomBrightness", "keras.random_brightness", &[FACTOR, RANGE, SEED]),
    layer(
        "RandomColorDegeneration",
        "keras.random_color_degeneration",
        &[FACTOR, RANGE, ("data_format", Aside), SEED],
    ),
    layer(
        "RandomColorJitter",
        "keras.random_color_jitter",
        &[
            RANGE,
            ("brightness_factor", Plain),
            ("contrast_factor", Plain),
            ("saturation_factor", Plain),
            ("hue_factor", Plain),
            SEED,
        ],
    ),
    layer("RandomContrast", "keras.random_contrast", &[FACTOR, RANGE, SEED]),
    layer("RandomCrop", "keras.random_crop", &[HEIGHT, WIDTH, SEED]),
    layer("RandomErasing", "keras.random_erasing", &[FACTOR, ("scale", Plain), FILL_VALUE, RANGE, SEED]),
    layer("RandomFlip", "keras.random_flip", &[("mode", Plain), SEED]),
    layer("RandomGrayscale", "keras.random_grayscale", &[FACTOR, ("data_format", Aside), SEED]),
    layer("RandomHeight", "keras.random_height", &[FACTOR, INTERPOLATION, SEED]),
    layer("RandomHue", "keras.random_hue", &[FACTOR, RANGE, ("data_format", Aside), SEED]),
    layer("RandomInvert", "keras.random_invert", &[FACTOR, RANGE, SEED]),
    layer(
        "RandomPosterization",
        "keras.random_posterization",
        &[FACTOR, RANGE, ("data_format", Aside), SEED],
    ),
    layer("RandomRotation", "keras.random_rotation", &[FACTOR, FILL_MODE, INTERPOLATION, SEED, FILL_VALUE]),
    layer("RandomSaturation", "keras.random_saturation", &[FACTOR, RANGE, ("data_format", Aside), SEED]),
    layer("RandomSharpness", "keras.random_sharpness", &[FACTOR, RANGE, ("data_format", Aside), SEED]),
    layer(
        "RandomShear",
        "keras.random_shear",
        &[
            ("x_factor", Plain),
            ("y_factor", Plain),
            INTERPOLATION,
            FILL_MODE,
            FILL_VALUE,
            ("data_format", Aside),
            SEED,
        ],
    ),
    layer(
        "RandomTranslation",
        "keras.random_translation",
        &[HEIGHT_FACTOR, WIDTH_FACTOR, FILL_MODE, INTERPOLATION, SEED, FILL_VALUE],
    ),
    layer("RandomWidth", "keras.random_width", &[FACTOR, INTERPOLATION, SEED]),
    layer(
        "RandomZoom",
        "keras.random_zoom",
        &[HEIGHT_FACTOR, WIDTH_FACTOR, FILL_MODE, INTERPOLATION, SEED, FILL_VALUE],
    ),
    layer(
        "Resizing",
        "keras.resizing",
        &[
            HEIGHT,
            WIDTH,
            INTERPOLATION,
            ("crop_to_aspect_ratio", Plain),
            ("pad_to_aspect_ratio", Plain),
            FILL_MODE,
            FILL_VALUE,
            ("antialias", Plain),
        ],
    ),
    layer(
        "Solarization",
        "keras.solarization",
        &[("addition_factor", Plain), ("threshold_factor", Plain), RANGE, SEED],
    ),
];

/// Layers that only bring images to a size.
pub(super) const SIZES: &[&str] = &["CenterCrop", "Resizing"];

//! imgaug's augmenters as a table: which step each is, and how its parameters are called and written.
//!
//! It is read in both directions: `imgaug` translates by it, `print` writes pipelines as imgaug's Python from it.

/// An augmenter that is one step.
pub(in super::super) struct Class {
    /// imgaug's name.
    pub(in super::super) name: &'static str,
    /// The step.
    pub(in super::super) step: &'static str,
    /// imgaug's name of each parameter in its order, the step's (empty for none), and how it is written.
    pub(in super::super) params: &'static [(&'static str, &'static str, Form)],
}

pub(in super::super) use crate::pipeline::counterpart::{AUTO, Fixed, Form, NO, NONE, RGB};
use Form::{Axes, Chance, Count, Flag, Gray, Names, Number, Sides, Whole, WholeGray, WholeSides};

/// The augmenters that are one step; where several have the same step, `print` takes the first.
#[rustfmt::skip]
pub(in super::super) const CLASSES: &[Class] = &[
    Class { name: "Add", step: "add", params: &[("value", "value", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "AddToHueAndSaturation", step: "add_to_hue_and_saturation", params: &[
        ("value", "value", Whole), ("value_hue", "value_hue", Whole), ("value_saturation", "value_saturation", Whole),
        ("per_channel", "per_channel", Chance), ("from_colorspace", "", RGB),
    ] },
    Class { name: "AddToSaturation", step: "add_to_saturation", params: &[("value", "value", Whole), ("from_colorspace", "", RGB)] },
    Class { name: "AdditiveGaussianNoise", step: "additive_gaussian_noise", params: &[
        ("loc", "loc", Number), ("scale", "scale", Number), ("per_channel", "per_channel", Chance),
    ] },
    Class { name: "Affine", step: "affine", params: &[
        ("scale", "scale", Axes), ("translate_percent", "translate_percent", Axes), ("translate_px", "translate_px", Axes),
        ("rotate", "rotate", Number), ("shear", "shear", Axes), ("order", "order", Names), ("cval", "cval", Gray),
        ("mode", "mode", Names), ("fit_output", "", NO), ("backend", "", AUTO),
    ] },
    Class { name: "AverageBlur", step: "average_blur", params: &[("k", "k", Whole)] },
    Class { name: "CoarseDropout", step: "coarse_dropout", params: &[
        ("p", "p", Number), ("size_px", "size_px", Whole), ("size_percent", "size_percent", Number),
        ("per_channel", "per_channel", Chance), ("min_size", "min_size", Count),
    ] },
    Class { name: "Crop", step: "crop", params: &[
        ("px", "px", WholeSides), ("percent", "percent", Sides), ("keep_size", "keep_size", Flag),
        ("sample_independently", "sample_independently", Flag),
    ] },
    Class { name: "CropAndPad", step: "crop_and_pad", params: &[
        ("px", "px", WholeSides), ("percent", "percent", Sides), ("pad_mode", "pad_mode", Names), ("pad_cval", "pad_cval", WholeGray),
        ("keep_size", "keep_size", Flag), ("sample_independently", "sample_independently", Flag),
    ] },
    Class { name: "DirectedEdgeDetect", step: "directed_edge_detect", params: &[("alpha", "alpha", Number), ("direction", "direction", Number)] },
    Class { name: "Dropout", step: "dropout", params: &[("p", "p", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "EdgeDetect", step: "edge_detect", params: &[("alpha", "alpha", Number)] },
    Class { name: "ElasticTransformation", step: "elastic_transformation", params: &[
        ("alpha", "alpha", Number), ("sigma", "sigma", Number), ("order", "order", Names), ("cval", "cval", Gray),
        ("mode", "mode", Names), ("polygon_recoverer", "", AUTO),
    ] },
    Class { name: "Emboss", step: "emboss", params: &[("alpha", "alpha", Number), ("strength", "strength", Number)] },
    Class { name: "Fliplr", step: "fliplr", params: &[("p", "p", Chance)] },
    Class { name: "Flipud", step: "flipud", params: &[("p", "p", Chance)] },
    Class { name: "HorizontalFlip", step: "fliplr", params: &[("p", "p", Chance)] },
    Class { name: "VerticalFlip", step: "flipud", params: &[("p", "p", Chance)] },
    Class { name: "GaussianBlur", step: "gaussian_blur", params: &[("sigma", "sigma", Number)] },
    Class { name: "Grayscale", step: "grayscale", params: &[("alpha", "alpha", Number), ("from_colorspace", "", RGB)] },
    Class { name: "Invert", step: "invert", params: &[
        ("p", "p", Chance), ("per_channel", "per_channel", Chance), ("min_value", "", NONE), ("max_value", "", NONE),
        ("threshold", "", NONE), ("invert_above_threshold", "", Form::Fixed(Fixed::Number(0.5))),
    ] },
    Class { name: "LinearContrast", step: "linear_contrast", params: &[("alpha", "alpha", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "ContrastNormalization", step: "linear_contrast", params: &[("alpha", "alpha", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "MedianBlur", step: "median_blur", params: &[("k", "k", Whole)] },
    Class { name: "Multiply", step: "multiply", params: &[("mul", "mul", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "Identity", step: "noop", params: &[] },
    Class { name: "Noop", step: "noop", params: &[] },
    Class { name: "Pad", step: "pad", params: &[
        ("px", "px", WholeSides), ("percent", "percent", Sides), ("pad_mode", "pad_mode", Names), ("pad_cval", "pad_cval", WholeGray),
        ("keep_size", "keep_size", Flag), ("sample_independently", "sample_independently", Flag),
    ] },
    Class { name: "PerspectiveTransform", step: "perspective_transform", params: &[
        ("scale", "scale", Number), ("cval", "cval", WholeGray), ("mode", "mode", Names), ("keep_size", "keep_size", Flag),
        ("fit_output", "", NO), ("polygon_recoverer", "", AUTO),
    ] },
    Class { name: "PiecewiseAffine", step: "piecewise_affine", params: &[
        ("scale", "scale", Number), ("nb_rows", "nb_rows", Whole), ("nb_cols", "nb_cols", Whole),
        ("order", "", Form::Fixed(Fixed::Number(1.0))), ("cval", "", Form::Fixed(Fixed::Number(0.0))),
        ("mode", "", Form::Fixed(Fixed::Text("constant"))), ("absolute_scale", "", NO), ("polygon_recoverer", "", NONE),
    ] },
    Class { name: "Sharpen", step: "sharpen", params: &[("alpha", "alpha", Number), ("lightness", "lightness", Number)] },
    Class { name: "Superpixels", step: "superpixels", params: &[
        ("p_replace", "p_replace", Number), ("n_segments", "n_segments", Whole), ("max_size", "max_size", Count),
        ("interpolation", "", Form::Fixed(Fixed::Text("linear"))),
    ] },
];

/// The augmenters that are another step in disguise. (Those that take others are in the registry of combinators.)
pub(in super::super) const OTHERS: &[&str] = &[
    "AddToHue",
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

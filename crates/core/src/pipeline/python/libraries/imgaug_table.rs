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
use Form::{
    Axes, Chance, Count, Flag, Gray, Names, Number, Place, Sides, Whole, WholeGray, WholeSides, Wholes,
};

const LAB: Form = Form::Fixed(Fixed::Text("Lab"));

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
        ("mode", "mode", Names), ("fit_output", "fit_output", Flag), ("backend", "", AUTO),
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
    Class { name: "GammaContrast", step: "gamma_contrast", params: &[("gamma", "gamma", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "SigmoidContrast", step: "sigmoid_contrast", params: &[
        ("gain", "gain", Number), ("cutoff", "cutoff", Number), ("per_channel", "per_channel", Chance),
    ] },
    Class { name: "LogContrast", step: "log_contrast", params: &[("gain", "gain", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "JpegCompression", step: "jpeg_compression", params: &[("compression", "compression", Number)] },
    Class { name: "MotionBlur", step: "motion_blur", params: &[
        ("k", "k", Whole), ("angle", "angle", Number), ("direction", "direction", Number), ("order", "order", Names),
    ] },
    Class { name: "BilateralBlur", step: "bilateral_blur", params: &[
        ("d", "d", Whole), ("sigma_color", "sigma_color", Number), ("sigma_space", "sigma_space", Number),
    ] },
    Class { name: "MultiplyAndAddToBrightness", step: "multiply_and_add_to_brightness", params: &[
        ("mul", "mul", Number), ("add", "add", Number), ("to_colorspace", "to_colorspace", Names), ("from_colorspace", "", RGB),
        ("random_order", "random_order", Flag),
    ] },
    Class { name: "MultiplyBrightness", step: "multiply_brightness", params: &[
        ("mul", "mul", Number), ("to_colorspace", "to_colorspace", Names), ("from_colorspace", "", RGB),
    ] },
    Class { name: "AddToBrightness", step: "add_to_brightness", params: &[
        ("add", "add", Number), ("to_colorspace", "to_colorspace", Names), ("from_colorspace", "", RGB),
    ] },
    Class { name: "MultiplyHueAndSaturation", step: "multiply_hue_and_saturation", params: &[
        ("mul", "mul", Number), ("mul_hue", "mul_hue", Number), ("mul_saturation", "mul_saturation", Number),
        ("per_channel", "per_channel", Chance), ("from_colorspace", "", RGB),
    ] },
    Class { name: "MultiplyHue", step: "multiply_hue", params: &[("mul", "mul", Number), ("from_colorspace", "", RGB)] },
    Class { name: "MultiplySaturation", step: "multiply_saturation", params: &[("mul", "mul", Number), ("from_colorspace", "", RGB)] },
    Class { name: "AddElementwise", step: "add_elementwise", params: &[("value", "value", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "MultiplyElementwise", step: "multiply_elementwise", params: &[("mul", "mul", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "AdditiveLaplaceNoise", step: "additive_laplace_noise", params: &[
        ("loc", "loc", Number), ("scale", "scale", Number), ("per_channel", "per_channel", Chance),
    ] },
    Class { name: "AdditivePoissonNoise", step: "additive_poisson_noise", params: &[("lam", "lam", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "ReplaceElementwise", step: "replace_elementwise", params: &[
        ("mask", "mask", Number), ("replacement", "replacement", Number), ("per_channel", "per_channel", Chance),
    ] },
    Class { name: "SaltAndPepper", step: "salt_and_pepper", params: &[("p", "p", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "Salt", step: "salt", params: &[("p", "p", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "Pepper", step: "pepper", params: &[("p", "p", Number), ("per_channel", "per_channel", Chance)] },
    Class { name: "ImpulseNoise", step: "impulse_noise", params: &[("p", "p", Number)] },
    Class { name: "CoarseSaltAndPepper", step: "coarse_salt_and_pepper", params: COARSE },
    Class { name: "CoarseSalt", step: "coarse_salt", params: COARSE },
    Class { name: "CoarsePepper", step: "coarse_pepper", params: COARSE },
    Class { name: "ChannelShuffle", step: "channel_shuffle", params: &[("p", "p", Chance), ("channels", "channels", Wholes)] },
    Class { name: "ChangeColorspace", step: "change_colorspace", params: &[
        ("to_colorspace", "to_colorspace", Names), ("from_colorspace", "from_colorspace", Names), ("alpha", "alpha", Number),
    ] },
    Class { name: "Dropout2d", step: "dropout2d", params: &[("p", "p", Number), ("nb_keep_channels", "nb_keep_channels", Count)] },
    Class { name: "TotalDropout", step: "total_dropout", params: &[("p", "p", Number)] },
    Class { name: "Cutout", step: "cutout", params: &[
        ("nb_iterations", "nb_iterations", Whole), ("position", "position", Place), ("size", "size", Number), ("squared", "squared", Flag),
        ("fill_mode", "fill_mode", Names), ("cval", "cval", WholeGray), ("fill_per_channel", "fill_per_channel", Chance),
    ] },
    Class { name: "PadToFixedSize", step: "pad_to_fixed_size", params: &[
        ("width", "width", Count), ("height", "height", Count), ("pad_mode", "pad_mode", Names), ("pad_cval", "pad_cval", WholeGray),
        ("position", "position", Place),
    ] },
    Class { name: "CenterPadToFixedSize", step: "pad_to_fixed_size", params: &[
        ("width", "width", Count), ("height", "height", Count), ("pad_mode", "pad_mode", Names), ("pad_cval", "pad_cval", WholeGray),
    ] },
    Class { name: "CropToFixedSize", step: "crop_to_fixed_size", params: &[
        ("width", "width", Count), ("height", "height", Count), ("position", "position", Place),
    ] },
    Class { name: "CenterCropToFixedSize", step: "crop_to_fixed_size", params: &[("width", "width", Count), ("height", "height", Count)] },
    Class { name: "Rot90", step: "imgaug.rot90", params: &[("k", "k", Whole), ("keep_size", "keep_size", Flag)] },
    Class { name: "CLAHE", step: "clahe", params: &[
        ("clip_limit", "clip_limit", Number), ("tile_grid_size_px", "tile_grid_size_px", Whole),
        ("tile_grid_size_px_min", "tile_grid_size_px_min", Count), ("from_colorspace", "", RGB), ("to_colorspace", "", LAB),
    ] },
    Class { name: "AllChannelsCLAHE", step: "all_channels_clahe", params: &[
        ("clip_limit", "clip_limit", Number), ("tile_grid_size_px", "tile_grid_size_px", Whole),
        ("tile_grid_size_px_min", "tile_grid_size_px_min", Count), ("per_channel", "per_channel", Chance),
    ] },
    Class { name: "HistogramEqualization", step: "histogram_equalization", params: &[("from_colorspace", "", RGB), ("to_colorspace", "", LAB)] },
    Class { name: "AllChannelsHistogramEqualization", step: "all_channels_histogram_equalization", params: &[] },
    Class { name: "Solarize", step: "solarize", params: &[
        ("p", "p", Chance), ("per_channel", "", NO), ("min_value", "", NONE), ("max_value", "", NONE), ("threshold", "threshold", Whole),
        ("invert_above_threshold", "", YES),
    ] },
    Class { name: "Posterize", step: "posterize", params: QUANTIZED },
    Class { name: "UniformColorQuantizationToNBits", step: "posterize", params: QUANTIZED },
    Class { name: "UniformColorQuantization", step: "uniform_color_quantization", params: &[
        ("n_colors", "n_colors", Whole), ("from_colorspace", "", RGB), ("to_colorspace", "", NONE), ("max_size", "", NONE),
        ("interpolation", "", Form::Fixed(Fixed::Text("linear"))),
    ] },
];

const YES: Form = Form::Fixed(Fixed::Bool(true));

/// The parameters of grains in cells.
const COARSE: &[(&str, &str, Form)] = &[
    ("p", "p", Number),
    ("size_px", "size_px", Whole),
    ("size_percent", "size_percent", Number),
    ("per_channel", "per_channel", Chance),
    ("min_size", "min_size", Count),
];

/// The parameters of fewer bits.
const QUANTIZED: &[(&str, &str, Form)] = &[
    ("nb_bits", "nb_bits", Whole),
    ("from_colorspace", "", RGB),
    ("to_colorspace", "", NONE),
    ("max_size", "", NONE),
    ("interpolation", "", Form::Fixed(Fixed::Text("linear"))),
];

/// Augmenters of imgaug that have no counterpart, each with a remedy.
#[rustfmt::skip]
pub(in super::super) const ELSEWHERE: &[(&str, &str)] = &[
    ("Lambda", "It runs Python; write what it does to images as steps, or let Python work on the data set that is made"),
    ("AssertLambda", "It only checks; leave it out"),
    ("AssertShape", "It only checks; leave it out"),
    ("WithHueAndSaturation", "Use AddToHueAndSaturation or MultiplyHueAndSaturation, which is what it mostly runs"),
    ("Fog", "Blend with white by FrequencyNoiseAlpha for something like it"),
    ("Clouds", "Blend with white by FrequencyNoiseAlpha for something like it"),
    ("CloudLayer", "Blend with white by FrequencyNoiseAlpha for something like it"),
    ("Rain", "MotionBlur over Salt is something like it"),
    ("RainLayer", "MotionBlur over Salt is something like it"),
    ("Snowflakes", "MotionBlur over CoarseSalt is something like it"),
    ("SnowflakesLayer", "MotionBlur over CoarseSalt is something like it"),
    ("FastSnowyLandscape", "MultiplyBrightness is something like it"),
    ("ChangeColorTemperature", "Multiply with per_channel=True is something like it"),
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

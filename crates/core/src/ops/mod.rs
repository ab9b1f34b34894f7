//! The augmenters, one a file, and the registry that the rest of the program reads.
//!
//! To add one: write `src/ops/NAME.rs` with a spec struct (what a pipeline file says), a drawn struct (what
//! one image gets) and `impl Op`, and add a line to `ops!` at the end of this file. Parsing, help, the JSON
//! schema, dispatch and the contract tests follow from that line. Another name for an operation that there is
//! is an `alias!` in its file and such a line.
//!
//! The rules of [`Op`]: `draw` sees the shape of an image and never its pixels; `paint` has no random numbers,
//! so that a drawn value alone decides the bytes; `place` says how boxes and points move with the pixels.

use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};

pub mod albumentations;
mod alias;
pub mod placement;
pub mod range;
#[cfg(test)]
pub(crate) mod testing;
pub mod torchvision;

pub use placement::{Mesh, Placement};
pub use range::{Choice, Int, Named, Param, PerAxis, PerChannel, Probability, Sides};

/// One augmenter, as a pipeline file specifies it.
///
/// The implementing struct is the spec: `#[serde(deny_unknown_fields)]`, every field documented (the comments
/// are what `pipeline show` prints) and with a default where imgaug has one.
pub trait Op:
    Serialize + DeserializeOwned + JsonSchema + Clone + PartialEq + fmt::Debug + Send + Sync + 'static
{
    /// What is drawn for one image: plain data without pointers, so that drawing never allocates.
    /// Random numbers per pixel are drawn as one `u64` key, which [`paint`](Self::paint) expands with
    /// [`Stream::of_key`].
    type Drawn: Copy + PartialEq + fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// What it does, for people.
    const DOC: Doc;

    /// Whether all values are legal; called once, at load.
    ///
    /// # Errors
    /// The first value that is not, with its field.
    fn check(&self) -> Result<(), Problem>;

    /// The shape of what it makes of an image of shape `on`, as far as it is known before drawing.
    fn shape_out(&self, on: Shape) -> ShapeOut;

    /// Draws the parameters for one image of shape `on`.
    fn draw(&self, on: Shape, rng: &mut Stream) -> Self::Drawn;

    /// Changes the pixels.
    fn paint(drawn: &Self::Drawn, canvas: &mut Canvas);

    /// How points of an image of shape `on` move, and its new shape.
    fn place(drawn: &Self::Drawn, on: Shape) -> Placement;
}

/// What an augmenter is and how it is written.
#[derive(Clone, Copy, Debug)]
pub struct Doc {
    /// One sentence.
    pub summary: &'static str,
    /// Peculiarities, one to a few sentences; may be empty.
    pub notes: &'static str,
    /// The field that a bare value stands for: with `Some("p")`, `fliplr: 0.5` means `fliplr: { p: 0.5 }`.
    pub short: Option<&'static str>,
    /// Steps as they stand in a pipeline file after the dash. All of them are parsed, checked, drawn and
    /// painted by the contract tests.
    pub examples: &'static [&'static str],
}

/// What is known of a result's shape before parameters are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeOut {
    /// As the input's.
    Same,
    /// Always this one.
    Fixed(Shape),
    /// It depends on what is drawn.
    Varies,
}

/// A value in a spec that is not legal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path of the field inside the operation: `scale.x`, `mode`, or empty for the operation itself.
    pub field: String,
    /// What is wrong: what was found and what is expected.
    pub message: String,
}

impl Problem {
    /// A problem with `field`.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }

    /// The same problem seen from one level up: `x` becomes `scale.x`.
    #[must_use]
    pub fn inside(self, outer: &str) -> Self {
        let field = if self.field.is_empty() { outer.to_owned() } else { format!("{outer}.{}", self.field) };
        Self { field, ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

/// What the registry knows of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in pipeline files.
    pub key: &'static str,
    /// Its documentation.
    pub doc: &'static Doc,
    /// Makes the JSON schema of its full form.
    pub schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

/// The registry: `"key" => file::Spec`, sorted by key; `alias` follows where the file is that of another operation.
macro_rules! ops {
    (@file $module:ident) => { pub mod $module; };
    (@file $module:ident alias) => {};
    ($($key:literal => $module:ident::$spec:ident $($alias:ident)?),+ $(,)?) => {
        $(ops!(@file $module $($alias)?);)+

        /// Any operation's spec. Serializes as `{"key": {...}}`.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        pub enum AnyOp {
            $(
                #[doc = concat!("`", $key, "`")]
                #[serde(rename = $key)]
                $spec($module::$spec),
            )+
        }

        /// What any operation drew. Serializes as `{"key": {...}}`.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        pub enum AnyDrawn {
            $(
                #[doc = concat!("`", $key, "`")]
                #[serde(rename = $key)]
                $spec(<$module::$spec as Op>::Drawn),
            )+
        }

        /// All operations, sorted by key.
        pub const ENTRIES: &[Entry] = &[$(
            Entry {
                key: $key,
                doc: &<$module::$spec as Op>::DOC,
                schema: <$module::$spec as JsonSchema>::json_schema,
            },
        )+];

        impl AnyOp {
            /// Reads the spec of operation `key`, in its full form.
            ///
            /// # Errors
            /// The deserializer's; for a key that does not exist, "unknown variant".
            pub fn read<'de, D: serde::Deserializer<'de>>(key: &str, from: D) -> Result<Self, D::Error> {
                match key {
                    $($key => Deserialize::deserialize(from).map(Self::$spec),)+
                    _ => Err(serde::de::Error::unknown_variant(key, &[$($key),+])),
                }
            }

            /// The name in pipeline files.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self { $(Self::$spec(_) => $key,)+ }
            }

            /// See [`Op::check`].
            ///
            /// # Errors
            /// The first value that is not legal.
            pub fn check(&self) -> Result<(), Problem> {
                match self { $(Self::$spec(op) => op.check(),)+ }
            }

            /// See [`Op::shape_out`].
            #[must_use]
            pub fn shape_out(&self, on: Shape) -> ShapeOut {
                match self { $(Self::$spec(op) => op.shape_out(on),)+ }
            }

            /// See [`Op::draw`].
            pub fn draw(&self, on: Shape, rng: &mut Stream) -> AnyDrawn {
                match self { $(Self::$spec(op) => AnyDrawn::$spec(op.draw(on, rng)),)+ }
            }
        }

        impl AnyDrawn {
            /// Reads what operation `key` drew.
            ///
            /// # Errors
            /// The deserializer's; for a key that does not exist, "unknown variant".
            pub fn read<'de, D: serde::Deserializer<'de>>(key: &str, from: D) -> Result<Self, D::Error> {
                match key {
                    $($key => Deserialize::deserialize(from).map(Self::$spec),)+
                    _ => Err(serde::de::Error::unknown_variant(key, &[$($key),+])),
                }
            }

            /// The operation's name in pipeline files.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self { $(Self::$spec(_) => $key,)+ }
            }

            /// See [`Op::paint`].
            pub fn paint(&self, canvas: &mut Canvas) {
                match self { $(Self::$spec(drawn) => <$module::$spec as Op>::paint(drawn, canvas),)+ }
            }

            /// See [`Op::place`].
            #[must_use]
            pub fn place(&self, on: Shape) -> Placement {
                match self { $(Self::$spec(drawn) => <$module::$spec as Op>::place(drawn, on),)+ }
            }

            /// Serializes the drawn values without the key around them.
            ///
            /// # Errors
            /// The serializer's.
            pub fn write_bare<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$spec(drawn) => drawn.serialize(to),)+ }
            }
        }
    };
}

/// The entry of operation `key`.
#[must_use]
pub fn entry(key: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.key == key)
}

ops! {
    "add" => add::Add,
    "add_to_hue_and_saturation" => add_to_hue_and_saturation::AddToHueAndSaturation,
    "add_to_saturation" => add_to_saturation::AddToSaturation,
    "additive_gaussian_noise" => additive_gaussian_noise::AdditiveGaussianNoise,
    "adjust_brightness" => adjust_brightness::AdjustBrightness,
    "adjust_contrast" => adjust_contrast::AdjustContrast,
    "adjust_gamma" => adjust_gamma::AdjustGamma,
    "adjust_hue" => adjust_hue::AdjustHue,
    "adjust_jpeg_quality" => adjust_jpeg_quality::AdjustJpegQuality,
    "adjust_saturation" => adjust_saturation::AdjustSaturation,
    "affine" => affine::Affine,
    "albumentations.center_crop" => albumentations::AlbumentationsCenterCrop alias,
    "albumentations.random_brightness_contrast" => albumentations::RandomBrightnessContrast alias,
    "albumentations.random_gamma" => albumentations::RandomGamma alias,
    "average_blur" => average_blur::AverageBlur,
    "central_crop" => central_crop::CentralCrop,
    "coarse_dropout" => coarse_dropout::CoarseDropout,
    "crop" => crop::Crop,
    "crop_and_pad" => crop_and_pad::CropAndPad,
    "directed_edge_detect" => directed_edge_detect::DirectedEdgeDetect,
    "dropout" => dropout::Dropout,
    "edge_detect" => edge_detect::EdgeDetect,
    "elastic_transformation" => elastic_transformation::ElasticTransformation,
    "emboss" => emboss::Emboss,
    "flip_left_right" => fliplr::FlipLeftRight alias,
    "flip_up_down" => flipud::FlipUpDown alias,
    "fliplr" => fliplr::Fliplr,
    "flipud" => flipud::Flipud,
    "gaussian_blur" => gaussian_blur::GaussianBlur,
    "grayscale" => grayscale::Grayscale,
    "grayscale_to_rgb" => grayscale_to_rgb::GrayscaleToRgb,
    "invert" => invert::Invert,
    "keras_transform" => keras_transform::KerasTransform,
    "linear_contrast" => linear_contrast::LinearContrast,
    "median_blur" => median_blur::MedianBlur,
    "multiply" => multiply::Multiply,
    "noop" => noop::Noop,
    "pad" => pad::Pad,
    "perspective_transform" => perspective_transform::PerspectiveTransform,
    "piecewise_affine" => piecewise_affine::PiecewiseAffine,
    "random_brightness" => random_brightness::RandomBrightness,
    "random_contrast" => random_contrast::RandomContrast,
    "random_crop" => random_crop::RandomCrop,
    "random_flip_left_right" => fliplr::RandomFlipLeftRight alias,
    "random_flip_up_down" => flipud::RandomFlipUpDown alias,
    "random_hue" => random_hue::RandomHue,
    "random_jpeg_quality" => random_jpeg_quality::RandomJpegQuality,
    "random_saturation" => random_saturation::RandomSaturation,
    "resize" => resize::Resize,
    "rgb_to_grayscale" => rgb_to_grayscale::RgbToGrayscale,
    "rot90" => rot90::Rot90,
    "sharpen" => sharpen::Sharpen,
    "smooth_elastic" => smooth_elastic::SmoothElastic,
    "superpixels" => superpixels::Superpixels,
    "torchvision.auto_augment" => torchvision::AutoAugment alias,
    "torchvision.center_crop" => torchvision::CenterCrop alias,
    "torchvision.color_jitter" => torchvision::ColorJitter alias,
    "torchvision.gaussian_blur" => torchvision::TvGaussianBlur alias,
    "torchvision.grayscale" => torchvision::TvGrayscale alias,
    "torchvision.pad" => torchvision::TvPad alias,
    "torchvision.rand_augment" => torchvision::RandAugment alias,
    "torchvision.random_adjust_sharpness" => torchvision::RandomAdjustSharpness alias,
    "torchvision.random_affine" => torchvision::RandomAffine alias,
    "torchvision.random_autocontrast" => torchvision::RandomAutocontrast alias,
    "torchvision.random_crop" => torchvision::TvRandomCrop alias,
    "torchvision.random_equalize" => torchvision::RandomEqualize alias,
    "torchvision.random_erasing" => torchvision::RandomErasing alias,
    "torchvision.random_grayscale" => torchvision::RandomGrayscale alias,
    "torchvision.random_perspective" => torchvision::RandomPerspective alias,
    "torchvision.random_posterize" => torchvision::RandomPosterize alias,
    "torchvision.random_resized_crop" => torchvision::RandomResizedCrop alias,
    "torchvision.random_rotation" => torchvision::RandomRotation alias,
    "torchvision.random_solarize" => torchvision::RandomSolarize alias,
    "torchvision.resize" => torchvision::TvResize alias,
    "torchvision.trivial_augment_wide" => torchvision::TrivialAugmentWide alias,
}

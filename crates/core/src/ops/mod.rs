//! The augmenters, one a file, and the registry that the rest of the program reads.
//!
//! To add one: write `src/ops/PEER/NAME.rs` with a spec struct (what a pipeline file says), a drawn struct (what
//! one image gets) and `impl Op`, and add a line to `ops!` at the end of this file. Parsing, help, the JSON
//! schema, dispatch and the contract tests follow from that line. Another name for an operation that there is
//! is an `alias!` and such a line. An operation lies in the room of the library whose arithmetic it has; where two libraries compute the same, one operation serves both.
//!
//! The rules of [`Op`]: `draw` sees the shape of an image and never its pixels; `paint` has no random numbers,
//! so that a drawn value alone decides the bytes; `place` says how boxes and points move with the pixels.

use std::fmt;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};

mod alias;
pub mod corruptions;
pub mod counterpart;
pub mod placement;
pub mod range;
#[cfg(test)]
pub(crate) mod testing;

use counterpart::{Class, Transform};
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

    /// The augmenters of imgaug that are this operation. All are read, the first is written.
    const IMGAUG: &'static [Class] = &[];

    /// The transform of torchvision that is this operation.
    const TORCHVISION: Option<Transform> = None;

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
    /// The library whose arithmetic it has, as `pipeline list` calls it.
    pub peer: &'static str,
    /// Its documentation.
    pub doc: &'static Doc,
    /// The augmenters of imgaug that are this operation. All are read, the first is written.
    pub imgaug: &'static [Class],
    /// The transform of torchvision that is this operation.
    pub torchvision: Option<Transform>,
    /// Makes the JSON schema of its full form.
    pub schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

/// The registry: a room for each library, in it `"key" => file::Spec`, sorted by key; `also` follows where the
/// file is that of an operation above. `with` names files of what a room shares.
macro_rules! ops {
    (@file $module:ident) => { pub mod $module; };
    (@file $module:ident also) => {};
    ($($title:literal in $peer:ident $(with $($common:ident),+)? {
        $($key:literal => $module:ident::$spec:ident $($also:ident)?,)+
    })+) => {
        $(
            #[doc = $title]
            pub mod $peer {
                $($(mod $common;)+)?
                $(ops!(@file $module $($also)?);)+
            }
        )+

        /// Any operation's spec. Serializes as `{"key": {...}}`.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        pub enum AnyOp {
            $($(
                #[doc = concat!("`", $key, "`")]
                #[serde(rename = $key)]
                $spec($peer::$module::$spec),
            )+)+
        }

        /// What any operation drew. Serializes as `{"key": {...}}`.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        pub enum AnyDrawn {
            $($(
                #[doc = concat!("`", $key, "`")]
                #[serde(rename = $key)]
                $spec(<$peer::$module::$spec as Op>::Drawn),
            )+)+
        }

        /// All operations, by library, sorted by key.
        pub const ENTRIES: &[Entry] = &[$($(
            Entry {
                key: $key,
                peer: $title,
                doc: &<$peer::$module::$spec as Op>::DOC,
                imgaug: <$peer::$module::$spec as Op>::IMGAUG,
                torchvision: <$peer::$module::$spec as Op>::TORCHVISION,
                schema: <$peer::$module::$spec as JsonSchema>::json_schema,
            },
        )+)+];

        impl AnyOp {
            /// Reads the spec of operation `key`, in its full form.
            ///
            /// # Errors
            /// The deserializer's; for a key that does not exist, "unknown variant".
            pub fn read<'de, D: serde::Deserializer<'de>>(key: &str, from: D) -> Result<Self, D::Error> {
                match key {
                    $($($key => Deserialize::deserialize(from).map(Self::$spec),)+)+
                    _ => Err(serde::de::Error::unknown_variant(key, &[$($($key),+),+])),
                }
            }

            /// The name in pipeline files.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self { $($(Self::$spec(_) => $key,)+)+ }
            }

            /// See [`Op::check`].
            ///
            /// # Errors
            /// The first value that is not legal.
            pub fn check(&self) -> Result<(), Problem> {
                match self { $($(Self::$spec(op) => op.check(),)+)+ }
            }

            /// See [`Op::shape_out`].
            #[must_use]
            pub fn shape_out(&self, on: Shape) -> ShapeOut {
                match self { $($(Self::$spec(op) => op.shape_out(on),)+)+ }
            }

            /// See [`Op::draw`].
            pub fn draw(&self, on: Shape, rng: &mut Stream) -> AnyDrawn {
                match self { $($(Self::$spec(op) => AnyDrawn::$spec(op.draw(on, rng)),)+)+ }
            }
        }

        impl AnyDrawn {
            /// Reads what operation `key` drew.
            ///
            /// # Errors
            /// The deserializer's; for a key that does not exist, "unknown variant".
            pub fn read<'de, D: serde::Deserializer<'de>>(key: &str, from: D) -> Result<Self, D::Error> {
                match key {
                    $($($key => Deserialize::deserialize(from).map(Self::$spec),)+)+
                    _ => Err(serde::de::Error::unknown_variant(key, &[$($($key),+),+])),
                }
            }

            /// The operation's name in pipeline files.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self { $($(Self::$spec(_) => $key,)+)+ }
            }

            /// See [`Op::paint`].
            pub fn paint(&self, canvas: &mut Canvas) {
                match self { $($(Self::$spec(drawn) => <$peer::$module::$spec as Op>::paint(drawn, canvas),)+)+ }
            }

            /// See [`Op::place`].
            #[must_use]
            pub fn place(&self, on: Shape) -> Placement {
                match self { $($(Self::$spec(drawn) => <$peer::$module::$spec as Op>::place(drawn, on),)+)+ }
            }

            /// Serializes the drawn values without the key around them.
            ///
            /// # Errors
            /// The serializer's.
            pub fn write_bare<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self { $($(Self::$spec(drawn) => drawn.serialize(to),)+)+ }
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
    "imgaug" in imgaug with common {
        "add" => add::Add,
        "add_elementwise" => elementwise::AddElementwise,
        "add_to_brightness" => brightness::AddToBrightness,
        "add_to_hue_and_saturation" => add_to_hue_and_saturation::AddToHueAndSaturation,
        "add_to_saturation" => add_to_saturation::AddToSaturation,
        "additive_gaussian_noise" => additive_gaussian_noise::AdditiveGaussianNoise,
        "additive_laplace_noise" => elementwise::AdditiveLaplaceNoise also,
        "additive_poisson_noise" => elementwise::AdditivePoissonNoise also,
        "affine" => affine::Affine,
        "all_channels_clahe" => histogram::AllChannelsClahe,
        "all_channels_histogram_equalization" => histogram::AllChannelsHistogramEqualization also,
        "average_blur" => average_blur::AverageBlur,
        "bilateral_blur" => bilateral_blur::BilateralBlur,
        "change_color_temperature" => color_temperature::ChangeColorTemperature,
        "change_colorspace" => channels::ChangeColorspace,
        "channel_shuffle" => channels::ChannelShuffle also,
        "clahe" => histogram::Clahe also,
        "coarse_dropout" => coarse_dropout::CoarseDropout,
        "coarse_pepper" => grains::CoarsePepper,
        "coarse_salt" => grains::CoarseSalt also,
        "coarse_salt_and_pepper" => grains::CoarseSaltAndPepper also,
        "crop" => crop::Crop,
        "crop_and_pad" => crop_and_pad::CropAndPad,
        "crop_to_aspect_ratio" => aspect_ratio::CropToAspectRatio,
        "crop_to_fixed_size" => fixed_size::CropToFixedSize,
        "cutout" => cutout::Cutout,
        "directed_edge_detect" => directed_edge_detect::DirectedEdgeDetect,
        "dropout" => dropout::Dropout,
        "dropout2d" => channels::Dropout2d also,
        "edge_detect" => edge_detect::EdgeDetect,
        "elastic_transformation" => elastic_transformation::ElasticTransformation,
        "emboss" => emboss::Emboss,
        "fliplr" => fliplr::Fliplr,
        "flipud" => flipud::Flipud,
        "gamma_contrast" => gamma_contrast::GammaContrast,
        "gaussian_blur" => gaussian_blur::GaussianBlur,
        "grayscale" => grayscale::Grayscale,
        "histogram_equalization" => histogram::HistogramEqualization also,
        "imgaug.resize" => relative_resize::RelativeResize,
        "imgaug.rot90" => rot90::Rot90Clockwise,
        "impulse_noise" => grains::ImpulseNoise also,
        "invert" => invert::Invert,
        "jpeg_compression" => jpeg_compression::JpegCompression,
        "linear_contrast" => linear_contrast::LinearContrast,
        "log_contrast" => log_contrast::LogContrast,
        "median_blur" => median_blur::MedianBlur,
        "motion_blur" => motion_blur::MotionBlur,
        "multiply" => multiply::Multiply,
        "multiply_and_add_to_brightness" => brightness::MultiplyAndAddToBrightness also,
        "multiply_brightness" => brightness::MultiplyBrightness also,
        "multiply_elementwise" => elementwise::MultiplyElementwise also,
        "multiply_hue" => multiply_hue::MultiplyHue,
        "multiply_hue_and_saturation" => multiply_hue::MultiplyHueAndSaturation also,
        "multiply_saturation" => multiply_hue::MultiplySaturation also,
        "noop" => noop::Noop,
        "pad" => pad::Pad,
        "pad_to_aspect_ratio" => aspect_ratio::PadToAspectRatio also,
        "pad_to_fixed_size" => fixed_size::PadToFixedSize also,
        "pepper" => grains::Pepper also,
        "perspective_transform" => perspective_transform::PerspectiveTransform,
        "piecewise_affine" => piecewise_affine::PiecewiseAffine,
        "posterize" => levels::Posterize,
        "replace_elementwise" => grains::ReplaceElementwise also,
        "resize" => resize::Resize,
        "salt" => grains::Salt also,
        "salt_and_pepper" => grains::SaltAndPepper also,
        "sharpen" => sharpen::Sharpen,
        "sigmoid_contrast" => sigmoid_contrast::SigmoidContrast,
        "solarize" => levels::Solarize also,
        "superpixels" => superpixels::Superpixels,
        "total_dropout" => channels::TotalDropout also,
        "uniform_color_quantization" => levels::UniformColorQuantization also,
    }
    "Keras" in keras with common {
        "keras.aug_mix" => aug_mix::KerasAugMix,
        "keras.auto_contrast" => tones::KerasAutoContrast,
        "keras.center_crop" => crops::KerasCenterCrop,
        "keras.equalization" => tones::KerasEqualization also,
        "keras.rand_augment" => rand_augment::KerasRandAugment,
        "keras.random_brightness" => random_brightness::KerasRandomBrightness,
        "keras.random_color_degeneration" => colors::KerasRandomColorDegeneration,
        "keras.random_color_jitter" => random_color_jitter::KerasRandomColorJitter,
        "keras.random_contrast" => random_contrast::KerasRandomContrast,
        "keras.random_crop" => crops::KerasRandomCrop also,
        "keras.random_erasing" => random_erasing::KerasRandomErasing,
        "keras.random_flip" => random_flip::KerasRandomFlip,
        "keras.random_grayscale" => colors::KerasRandomGrayscale also,
        "keras.random_height" => resizing::KerasRandomHeight,
        "keras.random_hue" => colors::KerasRandomHue also,
        "keras.random_invert" => tones::KerasRandomInvert also,
        "keras.random_posterization" => tones::KerasRandomPosterization also,
        "keras.random_rotation" => random_rotation::KerasRandomRotation,
        "keras.random_saturation" => random_saturation::KerasRandomSaturation,
        "keras.random_sharpness" => colors::KerasRandomSharpness also,
        "keras.random_shear" => random_shear::KerasRandomShear,
        "keras.random_translation" => random_translation::KerasRandomTranslation,
        "keras.random_width" => resizing::KerasRandomWidth also,
        "keras.random_zoom" => random_zoom::KerasRandomZoom,
        "keras.resizing" => resizing::KerasResizing also,
        "keras.solarization" => tones::KerasSolarization also,
        "keras_transform" => keras_transform::KerasTransform,
    }
    "tf.image" in tf_image {
        "adjust_brightness" => adjust_brightness::AdjustBrightness,
        "adjust_contrast" => adjust_contrast::AdjustContrast,
        "adjust_gamma" => adjust_gamma::AdjustGamma,
        "adjust_hue" => adjust_hue::AdjustHue,
        "adjust_jpeg_quality" => adjust_jpeg_quality::AdjustJpegQuality,
        "adjust_saturation" => adjust_saturation::AdjustSaturation,
        "central_crop" => central_crop::CentralCrop,
        "flip_left_right" => flips::FlipLeftRight,
        "flip_up_down" => flips::FlipUpDown also,
        "grayscale_to_rgb" => grayscale_to_rgb::GrayscaleToRgb,
        "random_brightness" => random_brightness::RandomBrightness,
        "random_contrast" => random_contrast::RandomContrast,
        "random_crop" => random_crop::RandomCrop,
        "random_flip_left_right" => flips::RandomFlipLeftRight also,
        "random_flip_up_down" => flips::RandomFlipUpDown also,
        "random_hue" => random_hue::RandomHue,
        "random_jpeg_quality" => random_jpeg_quality::RandomJpegQuality,
        "random_saturation" => random_saturation::RandomSaturation,
        "rgb_to_grayscale" => rgb_to_grayscale::RgbToGrayscale,
        "rot90" => rot90::Rot90,
    }
    "torchvision, on PIL images" in torchvision with common {
        "torchvision.aug_mix" => aug_mix::TvAugMix,
        "torchvision.auto_augment" => policies::AutoAugment,
        "torchvision.center_crop" => crops::CenterCrop,
        "torchvision.color_jitter" => color_jitter::ColorJitter,
        "torchvision.elastic_transform" => elastic::ElasticTransform,
        "torchvision.gaussian_blur" => filters::TvGaussianBlur,
        "torchvision.grayscale" => points::TvGrayscale,
        "torchvision.pad" => crops::TvPad also,
        "torchvision.rand_augment" => policies::RandAugment also,
        "torchvision.random_adjust_sharpness" => filters::RandomAdjustSharpness also,
        "torchvision.random_affine" => geometry::RandomAffine,
        "torchvision.random_autocontrast" => points::RandomAutocontrast also,
        "torchvision.random_crop" => crops::TvRandomCrop also,
        "torchvision.random_equalize" => points::RandomEqualize also,
        "torchvision.random_erasing" => erasing::RandomErasing,
        "torchvision.random_grayscale" => points::RandomGrayscale also,
        "torchvision.random_perspective" => geometry::RandomPerspective also,
        "torchvision.random_posterize" => points::RandomPosterize also,
        "torchvision.random_resized_crop" => resized_crop::RandomResizedCrop,
        "torchvision.random_rotation" => geometry::RandomRotation also,
        "torchvision.random_solarize" => points::RandomSolarize also,
        "torchvision.resize" => sizes::TvResize,
        "torchvision.trivial_augment_wide" => policies::TrivialAugmentWide also,
    }
    "Pillow" in pillow {
        "pillow.autocontrast" => filters::PilAutocontrast,
        "pillow.filter" => filters::PilFilter also,
        "pillow.gaussian_blur" => filters::PilGaussianBlur also,
        "pillow.rank_filter" => filters::PilRankFilter also,
    }
    "Albumentations" in albumentations with common, framed, pixels {
        "albumentations.affine" => affine::AlbAffine,
        "albumentations.center_crop" => center_crop::AlbumentationsCenterCrop,
        "albumentations.channel_dropout" => channel_dropout::ChannelDropout,
        "albumentations.channel_shuffle" => channel_shuffle::AlbumentationsChannelShuffle,
        "albumentations.clahe" => clahe::AlbumentationsClahe,
        "albumentations.coarse_dropout" => coarse_dropout::AlbumentationsCoarseDropout,
        "albumentations.color_jitter" => color_jitter::AlbumentationsColorJitter,
        "albumentations.crop" => crops::AlbCrop,
        "albumentations.crop_and_pad" => pads::AlbCropAndPad,
        "albumentations.downscale" => downscale::Downscale,
        "albumentations.elastic_transform" => elastic_transform::AlbElasticTransform,
        "albumentations.emboss" => emboss::AlbumentationsEmboss,
        "albumentations.equalize" => equalize::Equalize,
        "albumentations.erasing" => erasing::Erasing,
        "albumentations.fancy_pca" => fancy_pca::FancyPca,
        "albumentations.gauss_noise" => gauss_noise::GaussNoise,
        "albumentations.gaussian_blur" => gaussian_blur::AlbumentationsGaussianBlur,
        "albumentations.glass_blur" => glass_blur::GlassBlur,
        "albumentations.grid_distortion" => distortions::GridDistortion,
        "albumentations.grid_dropout" => grid_dropout::GridDropout,
        "albumentations.hue_saturation_value" => hue_saturation_value::HueSaturationValue,
        "albumentations.image_compression" => image_compression::ImageCompression,
        "albumentations.iso_noise" => iso_noise::IsoNoise,
        "albumentations.longest_max_size" => sizes::LongestMaxSize,
        "albumentations.motion_blur" => motion_blur::AlbumentationsMotionBlur,
        "albumentations.multiplicative_noise" => multiplicative_noise::MultiplicativeNoise,
        "albumentations.optical_distortion" => distortions::OpticalDistortion also,
        "albumentations.pad" => pads::AlbPad also,
        "albumentations.pad_if_needed" => pads::PadIfNeeded also,
        "albumentations.perspective" => perspective::Perspective,
        "albumentations.piecewise_affine" => piecewise_affine::AlbPiecewiseAffine,
        "albumentations.pixel_dropout" => pixel_dropout::PixelDropout,
        "albumentations.posterize" => posterize::AlbumentationsPosterize,
        "albumentations.random_brightness_contrast" => random_brightness_contrast::RandomBrightnessContrast,
        "albumentations.random_crop_from_borders" => crops::RandomCropFromBorders also,
        "albumentations.random_fog" => random_fog::RandomFog,
        "albumentations.random_gamma" => random_gamma::RandomGamma,
        "albumentations.random_grid_shuffle" => random_grid_shuffle::RandomGridShuffle,
        "albumentations.random_rain" => random_rain::RandomRain,
        "albumentations.random_resized_crop" => crops::AlbRandomResizedCrop also,
        "albumentations.random_scale" => sizes::RandomScale also,
        "albumentations.random_shadow" => random_shadow::RandomShadow,
        "albumentations.random_sized_crop" => crops::RandomSizedCrop also,
        "albumentations.random_snow" => random_snow::RandomSnow,
        "albumentations.random_tone_curve" => random_tone_curve::RandomToneCurve,
        "albumentations.resize" => sizes::AlbResize also,
        "albumentations.rgb_shift" => rgb_shift::RgbShift,
        "albumentations.rotate" => rotate::AlbRotate,
        "albumentations.safe_rotate" => rotate::SafeRotate also,
        "albumentations.sharpen" => sharpen::AlbumentationsSharpen,
        "albumentations.shift_scale_rotate" => affine::ShiftScaleRotate also,
        "albumentations.smallest_max_size" => sizes::SmallestMaxSize also,
        "albumentations.solarize" => solarize::AlbumentationsSolarize,
        "albumentations.to_gray" => to_gray::ToGray,
    }
    "MNIST-C" in mnist_c {
        "mnist_c.brightness" => tones::MnistCBrightness,
        "mnist_c.canny_edges" => strokes::MnistCCannyEdges,
        "mnist_c.contrast" => tones::MnistCContrast also,
        "mnist_c.defocus_blur" => blurs::MnistCDefocusBlur,
        "mnist_c.dotted_line" => strokes::MnistCDottedLine also,
        "mnist_c.elastic_transform" => moves::MnistCElasticTransform,
        "mnist_c.fog" => weather::MnistCFog,
        "mnist_c.frost" => weather::MnistCFrost also,
        "mnist_c.gaussian_blur" => blurs::MnistCGaussianBlur also,
        "mnist_c.gaussian_noise" => noise::MnistCGaussianNoise,
        "mnist_c.glass_blur" => blurs::MnistCGlassBlur also,
        "mnist_c.impulse_noise" => noise::MnistCImpulseNoise also,
        "mnist_c.inverse" => tones::MnistCInverse also,
        "mnist_c.jpeg_compression" => tones::MnistCJpegCompression also,
        "mnist_c.line" => strokes::MnistCLine also,
        "mnist_c.motion_blur" => blurs::MnistCMotionBlur also,
        "mnist_c.pixelate" => tones::MnistCPixelate also,
        "mnist_c.quantize" => tones::MnistCQuantize also,
        "mnist_c.rotate" => moves::MnistCRotate also,
        "mnist_c.saturate" => tones::MnistCSaturate also,
        "mnist_c.scale" => moves::MnistCScale also,
        "mnist_c.shear" => moves::MnistCShear also,
        "mnist_c.shot_noise" => noise::MnistCShotNoise also,
        "mnist_c.snow" => weather::MnistCSnow also,
        "mnist_c.spatter" => weather::MnistCSpatter also,
        "mnist_c.speckle_noise" => noise::MnistCSpeckleNoise also,
        "mnist_c.stripe" => strokes::MnistCStripe also,
        "mnist_c.translate" => moves::MnistCTranslate also,
        "mnist_c.zigzag" => strokes::MnistCZigzag also,
        "mnist_c.zoom_blur" => blurs::MnistCZoomBlur also,
    }
    "ImageNet-C" in imagenet_c {
        "imagenet_c.brightness" => tones::ImagenetCBrightness,
        "imagenet_c.contrast" => tones::ImagenetCContrast also,
        "imagenet_c.defocus_blur" => blurs::ImagenetCDefocusBlur,
        "imagenet_c.elastic_transform" => elastic_transform::ImagenetCElasticTransform,
        "imagenet_c.fog" => weather::ImagenetCFog,
        "imagenet_c.frost" => weather::ImagenetCFrost also,
        "imagenet_c.gaussian_blur" => blurs::ImagenetCGaussianBlur also,
        "imagenet_c.gaussian_noise" => noise::ImagenetCGaussianNoise,
        "imagenet_c.glass_blur" => blurs::ImagenetCGlassBlur also,
        "imagenet_c.impulse_noise" => noise::ImagenetCImpulseNoise also,
        "imagenet_c.jpeg_compression" => tones::ImagenetCJpegCompression also,
        "imagenet_c.motion_blur" => blurs::ImagenetCMotionBlur also,
        "imagenet_c.pixelate" => tones::ImagenetCPixelate also,
        "imagenet_c.saturate" => tones::ImagenetCSaturate also,
        "imagenet_c.shot_noise" => noise::ImagenetCShotNoise also,
        "imagenet_c.snow" => weather::ImagenetCSnow also,
        "imagenet_c.spatter" => weather::ImagenetCSpatter also,
        "imagenet_c.speckle_noise" => noise::ImagenetCSpeckleNoise also,
        "imagenet_c.zoom_blur" => blurs::ImagenetCZoomBlur also,
    }
    "n-MNIST" in n_mnist {
        "n_mnist.awgn" => awgn::NMnistAwgn,
        "n_mnist.motion_blur" => motion_blur::NMnistMotionBlur,
    }
    "mnistaug" in own {
        "binarize" => binarize::Binarize,
        "smooth_elastic" => smooth_elastic::SmoothElastic,
    }
}

//! The transforms that are read here: their parameters by place in both versions, their probability, and what reads them.

use super::super::super::eval::Res;
use super::super::super::tree::{Bound, Translator};
use super::version::Told;
use crate::text::tree::Tree;

/// Makes a step of a transform that runs; none if it is passed over.
type Reader = for<'v, 'a> fn(&mut Translator<'a>, &Bound<'v, 'a>, Told) -> Res<Option<Tree>>;

/// How a transform is read.
pub(super) enum Read {
    /// It is this step with a probability.
    Chance(&'static str),
    /// It is a step of its own, around which its probability is put.
    Step(Reader),
}

/// A transform.
pub(super) struct Signature {
    pub(super) name: &'static str,
    /// Its parameters by place in version 1 and in version 2; empty where a version has none of this name.
    pub(super) places: [&'static [&'static str]; 2],
    /// Its probability in both versions.
    pub(super) p: [f64; 2],
    pub(super) read: Read,
}

/// Parameters of transforms without any of their own.
pub(super) const BARE: [&[&str]; 2] = [&["always_apply", "p"], &["p"]];

const fn bare(name: &'static str, p: [f64; 2], read: Reader) -> Signature {
    Signature { name, places: BARE, p, read: Read::Step(read) }
}

const HALF: [f64; 2] = [0.5, 0.5];
const ALWAYS: [f64; 2] = [1.0, 1.0];

const CROP: &[&str] =
    &["height", "width", "pad_if_needed", "pad_position", "border_mode", "fill", "fill_mask", "p"];
const MASKED: &[&str] = &["height", "width", "ignore_values", "ignore_channels", "always_apply", "p"];
const MAX_SIZE: [&[&str]; 2] = [
    &["max_size", "interpolation", "always_apply", "p"],
    &["max_size", "max_size_hw", "interpolation", "mask_interpolation", "area_for_downscale", "p"],
];

/// All transforms that are read here, sorted by name.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method is of one lifetime, its closure of all"
)]
pub(super) static SIGNATURES: &[Signature] = &[
    Signature {
        name: "Affine",
        places: [
            &[
                "scale",
                "translate_percent",
                "translate_px",
                "rotate",
                "shear",
                "interpolation",
                "mask_interpolation",
                "cval",
                "cval_mask",
                "mode",
                "fit_output",
                "keep_ratio",
                "rotate_method",
                "always_apply",
                "p",
            ],
            &[
                "scale",
                "translate_percent",
                "translate_px",
                "rotate",
                "shear",
                "interpolation",
                "mask_interpolation",
                "fit_output",
                "keep_ratio",
                "rotate_method",
                "balanced_scale",
                "border_mode",
                "fill",
                "fill_mask",
                "p",
            ],
        ],
        p: HALF,
        read: Read::Step(|this, bound, told| this.alb_affine(bound, told)),
    },
    Signature {
        name: "CenterCrop",
        places: [&["height", "width", "always_apply", "p"], CROP],
        p: ALWAYS,
        read: Read::Step(|this, bound, told| this.alb_fixed_crop(bound, "albumentations.center_crop", told)),
    },
    Signature {
        name: "Crop",
        places: [
            &["x_min", "y_min", "x_max", "y_max", "always_apply", "p"],
            &[
                "x_min",
                "y_min",
                "x_max",
                "y_max",
                "pad_if_needed",
                "pad_position",
                "border_mode",
                "fill",
                "fill_mask",
                "p",
            ],
        ],
        p: ALWAYS,
        read: Read::Step(|this, bound, _| this.alb_crop(bound)),
    },
    Signature {
        name: "CropAndPad",
        places: [
            &[
                "px",
                "percent",
                "pad_mode",
                "pad_cval",
                "pad_cval_mask",
                "keep_size",
                "sample_independently",
                "interpolation",
                "always_apply",
                "p",
            ],
            &[
                "px",
                "percent",
                "keep_size",
                "sample_independently",
                "interpolation",
                "mask_interpolation",
                "border_mode",
                "fill",
                "fill_mask",
                "p",
            ],
        ],
        p: ALWAYS,
        read: Read::Step(|this, bound, told| this.alb_crop_and_pad(bound, told)),
    },
    Signature {
        name: "CropNonEmptyMaskIfExists",
        places: [MASKED, MASKED],
        p: ALWAYS,
        read: Read::Step(|this, bound, told| this.alb_crop_of_mask(bound, told)),
    },
    bare("D4", ALWAYS, |this, bound, _| this.alb_any_symmetry(bound)),
    Signature {
        name: "ElasticTransform",
        places: [
            &[
                "alpha",
                "sigma",
                "alpha_affine",
                "interpolation",
                "border_mode",
                "value",
                "mask_value",
                "always_apply",
                "approximate",
                "same_dxdy",
                "p",
            ],
            &[
                "alpha",
                "sigma",
                "interpolation",
                "approximate",
                "same_dxdy",
                "mask_interpolation",
                "noise_distribution",
                "keypoint_remapping_method",
                "border_mode",
                "fill",
                "fill_mask",
                "p",
            ],
        ],
        p: HALF,
        read: Read::Step(|this, bound, told| this.alb_elastic(bound, told)),
    },
    bare("Flip", HALF, |this, bound, _| this.alb_any_flip(bound)),
    Signature {
        name: "GridDistortion",
        places: [
            &[
                "num_steps",
                "distort_limit",
                "interpolation",
                "border_mode",
                "value",
                "mask_value",
                "normalized",
                "always_apply",
                "p",
            ],
            &[
                "num_steps",
                "distort_limit",
                "interpolation",
                "normalized",
                "mask_interpolation",
                "keypoint_remapping_method",
                "p",
                "border_mode",
                "fill",
                "fill_mask",
            ],
        ],
        p: HALF,
        read: Read::Step(|this, bound, told| this.alb_grid_distortion(bound, told)),
    },
    Signature { name: "HorizontalFlip", places: BARE, p: HALF, read: Read::Chance("fliplr") },
    Signature {
        name: "IAAAffine",
        places: [
            &[
                "scale",
                "translate_percent",
                "translate_px",
                "rotate",
                "shear",
                "order",
                "cval",
                "mode",
                "always_apply",
                "p",
            ],
            &[],
        ],
        p: HALF,
        read: Read::Step(|this, bound, _| this.alb_iaa_affine(bound)),
    },
    Signature { name: "IAAFliplr", places: BARE, p: HALF, read: Read::Chance("fliplr") },
    Signature { name: "IAAFlipud", places: BARE, p: HALF, read: Read::Chance("flipud") },
    Signature {
        name: "IAAPerspective",
        places: [&["scale", "keep_size", "always_apply", "p"], &[]],
        p: HALF,
        read: Read::Step(|this, bound, _| this.alb_iaa_perspective(bound)),
    },
    Signature {
        name: "IAAPiecewiseAffine",
        places: [&["scale", "nb_rows", "nb_cols", "order", "cval", "mode", "always_apply", "p"], &[]],
        p: HALF,
        read: Read::Step(|this, bound, _| this.alb_older_piecewise_affine(bound, |v| [0.0, v])),
    },
    Signature { name: "InvertImg", places: BARE, p: HALF, read: Read::Chance("invert") },
    Signature {
        name: "Lambda",
        places: [
            &["image", "mask", "keypoint", "bbox", "name", "always_apply", "p"],
            &["image", "mask", "keypoints", "bboxes", "name", "p"],
        ],
        p: ALWAYS,
        read: Read::Step(|this, bound, _| {
            this.alb_lambda(bound);
            Ok(None)
        }),
    },
    Signature {
        name: "LongestMaxSize",
        places: MAX_SIZE,
        p: ALWAYS,
        read: Read::Step(|this, bound, _| this.alb_max_size(bound, "albumentations.longest_max_size")),
    },
    bare("NoOp", HALF, |this, bound, _| Ok(Some(this.step(bound.call, "noop", Vec::new())?))),
    Signature {
        name: "OpticalDistortion",
        places: [
            &[
                "distort_limit",
                "shift_limit",
                "interpolation",
                "border_mode",
                "value",
                "mask_value",
                "always_apply",
                "p",
            ],
            &[
                "distort_limit",
                "interpolation",
                "mask_interpolation",
                "mode",
                "keypoint_remapping_method",
                "p",
                "border_mode",
                "fill",
                "fill_mask",
            ],
        ],
        p: HALF,
        read: Read::Step(|this, bound, told| this.alb_optical_distortion(bound, told)),
    },
    Signature {
        name: "Pad",
        places: [&[], &["padding", "fill", "fill_mask", "border_mode", "p"]],
        p: ALWAYS,
        read: Read::Step(|this, bound, told| this.alb_pad(bound, told)),
    },
    Signature {
        name: "PadIfNeeded",
        places: [
            &[
                "min_height",
                "min_width",
                "pad_height_divisor",
                "pad_width_divisor",
                "position",
                "border_mode",
                "value",
                "mask_value",
                "always_apply",
                "p",
            ],
            &[
                "min_height",
                "min_width",
                "pad_height_divisor",
                "pad_width_divisor",
                "position",
                "border_mode",
                "fill",
                "fill_mask",
                "p",
            ],
        ],
        p: ALWAYS,
        read: Read::Step(|this, bound, told| this.alb_pad_if_needed(bound, told)),
    },
    Signature {
        name: "Perspective",
        places: [
            &[
                "scale",
                "keep_size",
                "pad_mode",
                "pad_val",
                "mask_pad_val",
                "fit_output",
                "interpolation",
                "always_apply",
                "p",
            ],
            &[
                "scale",
                "keep_size",
                "fit_output",
                "interpolation",
                "mask_interpolation",
                "border_mode",
                "fill",
                "fill_mask",
                "p",
            ],
        ],
        p: HALF,
        read: Read::Step(|this, bound, told| this.alb_perspective(bound, told)),
    },
    Signature {
        name: "PiecewiseAffine",
        places: [
            &[
                "scale",
                "nb_rows",
                "nb_cols",
                "interpolation",
                "mask_interpolation",
                "cval",
                "cval_mask",
                "mode",
                "absolute_scale",
                "always_apply",
                "keypoints_threshold",
                "p",
            ],
            &[
                "scale",
                "nb_rows",
                "nb_cols",
                "interpolation",
                "mask_interpolation",
                "absolute_scale",
                "keypoint_remapping_method",
                "p",
                "border_mode",
                "fill",
                "fill_mask",
            ],
        ],
        p: HALF,
        read: Read::Step(|this, bound, told| this.alb_piecewise_affine(bound, told)),
    },
    Signature {
        name: "RandomCrop",
        places: [&["height", "width", "always_apply", "p"], CROP],
        p: ALWAYS,
        read: Read::Step(|this, bound, told| this.alb_fixed_crop(bound, "random_crop", told)),
    },
    Signature {
        name: "RandomCropFromBorders",
        places: [
            &["crop_left", "crop_right", "crop_top", "crop_bottom", "always_apply", "p"],
            &["crop_left", "crop_right", "crop_top", "crop_bottom", "p"],
        ],
        p: ALWAYS,
        read: Read::Step(|this, bound, _| this.alb_crop_from_borders(bound)),
    },
    Signature {
        name: "RandomGridShuffle",
        places: [&["grid", "always_apply", "p"], &["grid", "p"]],
        p: HALF,
        read: Read::Step(|this, bound, told| this.alb_grid_shuffle(bound, told)),
    },
    Signature {
        name: "RandomResizedCrop",
        places: [
            &["height", "width", "scale", "ratio", "interpolation", "always_apply", "p"],
            &["size", "scale", "ratio", "interpolation", "mask_interpolation", "area_for_downscale", "p"],
        ],
        p: ALWAYS,
        read: Read::Step(|this, bound, _| this.alb_resized_crop(bound)),
    },
    bare("RandomRotate90", [0.5, 1.0], |this, bound, _| this.alb_quarter_turns(bound)),
    Signature {
        name: "RandomScale",
        places: [
            &["scale_limit", "interpolation", "always_apply", "p"],
            &["scale_limit", "interpolation", "mask_interpolation", "area_for_downscale", "p"],
        ],
        p: HALF,
        read: Read::Step(|this, bound, _| this.alb_random_scale(bound)),
    },
    Signature {
        name: "RandomSizedBBoxSafeCrop",
        places: [
            &["height", "width", "erosion_rate", "interpolation", "always_apply", "p"],
            &["height", "width", "erosion_rate", "interpolation", "mask_interpolation", "p"],
        ],
        p: ALWAYS,
        read: Read::Step(|this, bound, _| this.alb_crop_of_boxes(bound)),
    },
    Signature {
        name: "RandomSizedCrop",
        places: [
            &["min_max_height", "height", "width", "w2h_ratio", "interpolation", "always_apply", "p"],
            &[
                "min_max_height",
                "size",
                "w2h_ratio",
                "interpolation",
                "mask_interpolation",
                "area_for_downscale",
                "p",
            ],
        ],
        p: ALWAYS,
        read: Read::Step(|this, bound, _| this.alb_sized_crop(bound)),
    },
    Signature {
        name: "Resize",
        places: [
            &["height", "width", "interpolation", "always_apply", "p"],
            &["height", "width", "interpolation", "mask_interpolation", "area_for_downscale", "p"],
        ],
        p: ALWAYS,
        read: Read::Step(|this, bound, _| this.alb_resize(bound)),
    },
    Signature {
        name: "Rotate",
        places: [
            &[
                "limit",
                "interpolation",
                "border_mode",
                "value",
                "mask_value",
                "rotate_method",
                "crop_border",
                "always_apply",
                "p",
            ],
            &[
                "limit",
                "interpolation",
                "border_mode",
                "rotate_method",
                "crop_border",
                "mask_interpolation",
                "fill",
                "fill_mask",
                "p",
            ],
        ],
        p: HALF,
        read: Read::Step(|this, bound, told| this.alb_rotate(bound, told)),
    },
    Signature {
        name: "SafeRotate",
        places: [
            &["limit", "interpolation", "border_mode", "value", "mask_value", "always_apply", "p"],
            &[
                "limit",
                "interpolation",
                "border_mode",
                "rotate_method",
                "mask_interpolation",
                "fill",
                "fill_mask",
                "p",
            ],
        ],
        p: HALF,
        read: Read::Step(|this, bound, told| this.alb_rotate(bound, told)),
    },
    Signature {
        name: "ShiftScaleRotate",
        places: [
            &[
                "shift_limit",
                "scale_limit",
                "rotate_limit",
                "interpolation",
                "border_mode",
                "value",
                "mask_value",
                "shift_limit_x",
                "shift_limit_y",
                "rotate_method",
                "always_apply",
                "p",
            ],
            &[
                "shift_limit",
                "scale_limit",
                "rotate_limit",
                "interpolation",
                "border_mode",
                "shift_limit_x",
                "shift_limit_y",
                "rotate_method",
                "mask_interpolation",
                "fill",
                "fill_mask",
                "p",
            ],
        ],
        p: HALF,
        read: Read::Step(|this, bound, told| this.alb_shift_scale_rotate(bound, told)),
    },
    Signature {
        name: "SmallestMaxSize",
        places: MAX_SIZE,
        p: ALWAYS,
        read: Read::Step(|this, bound, _| this.alb_max_size(bound, "albumentations.smallest_max_size")),
    },
    bare("SquareSymmetry", ALWAYS, |this, bound, _| this.alb_any_symmetry(bound)),
    bare("Transpose", HALF, |this, bound, _| this.alb_transposed(bound)),
    Signature { name: "VerticalFlip", places: BARE, p: HALF, read: Read::Chance("flipud") },
];

/// The transform called `name`.
pub(super) fn signature(name: &str) -> Option<&'static Signature> {
    SIGNATURES.iter().find(|own| own.name == name)
}

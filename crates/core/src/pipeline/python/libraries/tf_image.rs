//! Functions of `tf.image` calls through which one image passes.

use super::super::eval::Res;
use super::super::tree::Translator;
use super::super::value::{Call, V, Val, last};
use super::{Library, Link, Role};
use crate::text::tree::{Key, Tree, Value};

/// The call that keeps the functions.
const CHAIN: &str = "tensorflow.image calls one after the other";

/// Calls of `tf.image`, line by line.
pub(super) static LIBRARY: Library = Library {
    name: "TensorFlow",
    example: "img = tf.image.random_...(img)",
    usual: &[],
    constants: &[],
    owns: |path| path == CHAIN,
    role: |call| if call.args.iter().any(draws) { Role::Augments } else { Role::Other },
    passes: |_| false,
    chain: Some((CHAIN, link)),
    versions: &[],
    grows: "",
    translate: |translator, _, call| {
        let steps = call.args.iter().map(|own| match &own.kind {
            V::Call(own) => translator.tf_image(own),
            _ => Ok(None),
        });
        Ok(steps.collect::<Res<Vec<_>>>()?.into_iter().flatten().collect())
    },
    bare_list: None,
    #[cfg(test)]
    sample: "import tensorflow as tf\nimg = tf.image.random_flip_left_right(img)\n",
};

/// Functions that are steps of the same name: their parameters behind the image, which are the step's.
const STEPS: &[(&str, &[&str])] = &[
    ("adjust_brightness", &["delta"]),
    ("adjust_contrast", &["contrast_factor"]),
    ("adjust_gamma", &["gamma", "gain"]),
    ("adjust_hue", &["delta"]),
    ("adjust_jpeg_quality", &["jpeg_quality"]),
    ("adjust_saturation", &["saturation_factor"]),
    ("central_crop", &["central_fraction"]),
    ("flip_left_right", &[]),
    ("flip_up_down", &[]),
    ("grayscale_to_rgb", &[]),
    ("random_brightness", &["max_delta"]),
    ("random_contrast", &["lower", "upper"]),
    ("random_crop", &["size"]),
    ("random_flip_left_right", &[]),
    ("random_flip_up_down", &[]),
    ("random_hue", &["max_delta"]),
    ("random_jpeg_quality", &["min_jpeg_quality", "max_jpeg_quality"]),
    ("random_saturation", &["lower", "upper"]),
    ("rgb_to_grayscale", &[]),
    ("rot90", &["k"]),
];

/// Functions that leave bytes as they are.
const PASSED: &[&str] = &[
    "cast",
    "clip_by_value",
    "convert_image_dtype",
    "identity",
    "image.convert_image_dtype",
    "image.per_image_standardization",
    "saturate_cast",
];

fn link(path: &str) -> Option<Link> {
    let name = path.strip_prefix("tensorflow.")?;
    if PASSED.contains(&name) {
        return Some(Link::Through);
    }
    let function = name.strip_prefix("image.").or((name == "random_crop").then_some(name))?;
    // What reads files, measures or makes other things of an image is no step.
    let other = function.starts_with("decode")
        || function.starts_with("encode")
        || function.starts_with("draw")
        || [
            "psnr",
            "ssim",
            "is_jpeg",
            "extract_jpeg_shape",
            "extract_patches",
            "ResizeMethod",
            "sobel_edges",
        ]
        .contains(&function);
    (!other && !function.contains('.')).then_some(Link::Step)
}

fn draws(value: &Val<'_>) -> bool {
    let V::Call(call) = &value.kind else { return false };
    let name = call.name();
    ![
        "resize",
        "resize_images",
        "resize_with_pad",
        "central_crop",
        "resize_with_crop_or_pad",
        "resize_image_with_crop_or_pad",
        "rgb_to_grayscale",
        "grayscale_to_rgb",
    ]
    .contains(&name)
}

impl<'a> Translator<'a> {
    /// The step of one function; none for those that are passed over.
    fn tf_image(&mut self, call: &Call<'a>) -> Res<Option<Tree>> {
        let at = call.name_at;
        let name = last(&call.path);
        // The stateless ones draw the same from a seed that they are given.
        let plain = name.strip_prefix("stateless_").unwrap_or(name);
        if let Some((step, params)) = STEPS.iter().find(|(own, _)| *own == plain) {
            let image = ["image", "images", "value"];
            let first = image.iter().copied().find(|own| call.keywords.iter().any(|(name, ..)| name == own));
            let names: Vec<&'static str> = std::iter::once(first.unwrap_or("image"))
                .chain(params.iter().copied())
                .chain(["name"])
                .collect();
            let bound = self.bind(call, &names)?;
            let mut fields: Vec<(Key, Tree)> = Vec::new();
            for param in *params {
                let Some(value) = bound.get(param) else { continue };
                let tree = if *step == "random_crop" { self.size(value)? } else { self.plain(value)? };
                fields.push((self.key(value.at, param), tree));
            }
            return self.step(call, step, fields).map(Some);
        }
        match plain {
            "resize" | "resize_images" => {
                let bound = self.bind(
                    call,
                    &["images", "size", "method", "preserve_aspect_ratio", "antialias", "name"],
                )?;
                for name in ["preserve_aspect_ratio", "antialias"] {
                    if let Some(value) = bound.get(name).filter(|value| value.truth() != Some(false)) {
                        return Err(self.complain(
                            value.at,
                            format!("{name} is not known here; resize has fixed sizes"),
                        ));
                    }
                }
                let method = match bound.get("method").map(|method| (method, &method.kind)) {
                    None => "bilinear",
                    Some((_, V::Text(text))) if ["bilinear", "nearest", "area"].contains(&&**text) => text,
                    Some((_, V::Path(path))) if last(path) == "BILINEAR" => "bilinear",
                    Some((_, V::Path(path))) if last(path) == "NEAREST_NEIGHBOR" => "nearest",
                    Some((_, V::Path(path))) if last(path) == "AREA" => "area",
                    Some((method, _)) => {
                        return Err(
                            self.complain(method.at, "resize has bilinear, nearest and area of these")
                        );
                    }
                };
                let method = method.to_owned();
                let Some(size) = bound.get("size") else {
                    return Err(self.complain(at, "resize without a size"));
                };
                let Some([height, width]) = size.items() else {
                    return Err(self.complain(size.at, "the size is [height, width]"));
                };
                let fields = vec![
                    (self.key(at, "height"), self.plain(height)?),
                    (self.key(at, "width"), self.plain(width)?),
                    (self.key(at, "method"), self.tree(at, Value::Text(method))?),
                ];
                self.step(call, "resize", fields).map(Some)
            }
            "resize_with_crop_or_pad" | "resize_image_with_crop_or_pad" => {
                let bound = self.bind(call, &["image", "target_height", "target_width"])?;
                let side = |this: &mut Self, name: &str| match bound.get(name) {
                    Some(value) => this.plain(value),
                    None => Err(this.complain(at, format!("{name} is missing"))),
                };
                let sides = vec![side(self, "target_height")?, side(self, "target_width")?];
                self.warn(
                    at,
                    format!("{name} becomes torchvision.center_crop: where an odd number of pixels is cut off, it may lie one pixel lower"),
                );
                let size = self.tree(at, Value::List(sides))?;
                let fields = vec![(self.key(at, "size"), size)];
                self.step(call, "torchvision.center_crop", fields).map(Some)
            }
            "per_image_standardization" | "per_image_whitening" => {
                self.warn(
                    at,
                    format!("{name} is passed over: images stay bytes; an export to floats scales them"),
                );
                Ok(None)
            }
            _ => {
                let known: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
                Err(self
                    .complain(at, format!("the function {name} of tf.image has no counterpart here"))
                    .help(format!("Known here: {}, resize", known.join(", "))))
            }
        }
    }

    /// Rows and columns of a size that may have channels behind them.
    fn size(&mut self, value: &Val<'a>) -> Res<Tree> {
        let Some([height, width, ..]) = value.items() else {
            return Err(self.complain(value.at, "the size is [height, width, channels]"));
        };
        let sides = vec![self.plain(height)?, self.plain(width)?];
        self.tree(value.at, Value::List(sides))
    }
}

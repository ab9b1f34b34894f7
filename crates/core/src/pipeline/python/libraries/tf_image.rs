//! Functions of `tf.image` calls through which one image passes.

use super::super::chance::{self, EITHER};
use super::super::eval::Res;
use super::super::syntax::Range;
use super::super::tree::Translator;
use super::super::value::{Call, V, Val, last};
use super::{Library, Link, Role, keras_layers};
use crate::text::tree::{Key, Tree, Value};

/// The call that keeps the functions.
pub(super) const CHAIN: &str = "tensorflow.image calls one after the other";

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
        let mut draws = Vec::new();
        drawn(&call.args, &mut draws);
        draws.sort_by_key(|(id, _)| *id);
        if let Some([_, (_, at)]) =
            draws.windows(2).find(|pair| pair[0].0 == pair[1].0).and_then(|pair| pair.first_chunk())
        {
            return Err(translator
                .complain(*at, "one random number decides several steps, which draw their own here"));
        }
        translator.tf_images(&call.args)
    },
    namesake: |_| None,
    bare_list: None,
    signatures: |key| {
        let of = |(name, params): &(&str, &'static [&'static str])| {
            (format!("tf.image.{name}"), [&["image"][..], params].concat())
        };
        STEPS.iter().filter(|(name, _)| *name == key).map(of).collect()
    },
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
    "convert_to_tensor",
    "ensure_shape",
    "expand_dims",
    "identity",
    "image.convert_image_dtype",
    "image.per_image_standardization",
    "reshape",
    "saturate_cast",
    "squeeze",
];

fn link(path: &str) -> Option<Link> {
    let name = path.strip_prefix("tensorflow.")?;
    let name = name.strip_prefix("compat.v1.").unwrap_or(name);
    if PASSED.contains(&name) {
        return Some(Link::Through);
    }
    let function = name.strip_prefix("image.").or(["pad", "random_crop"].contains(&name).then_some(name))?;
    // What reads files, measures or makes other things of an image is no step.
    let other = function.starts_with("decode")
        || function.starts_with("encode")
        || function.starts_with("draw")
        || function.contains("non_max_suppression")
        || [
            "crop_and_resize",
            "generate_bounding_box_proposals",
            "image_gradients",
            "psnr",
            "ssim",
            "is_jpeg",
            "extract_jpeg_shape",
            "extract_patches",
            "ResizeMethod",
            "sample_distorted_bounding_box",
            "sobel_edges",
            "ssim_multiscale",
            "stateless_sample_distorted_bounding_box",
            "total_variation",
        ]
        .contains(&function);
    (!other && !function.contains('.')).then_some(Link::Step)
}

/// The random numbers that arguments of calls are, and where.
fn drawn(calls: &[Val<'_>], found: &mut Vec<(i64, Range)>) {
    for value in calls {
        if let Some(draw) = chance::draw(value) {
            found.push((draw.id, value.at));
            continue;
        }
        match &value.kind {
            V::Call(call) => {
                drawn(&call.args, found);
                for (.., value) in &call.keywords {
                    drawn(std::slice::from_ref(value), found);
                }
            }
            V::List(items) => drawn(items, found),
            _ => {}
        }
    }
}

fn draws(value: &Val<'_>) -> bool {
    let V::Call(call) = &value.kind else { return false };
    if &*call.path == EITHER {
        return true;
    }
    let name = call.name();
    if keras_layers::is_keras_layer(&call.path) {
        return keras_layers::is_random(call);
    }
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
    /// The steps of calls in a row.
    fn tf_images(&mut self, calls: &[Val<'a>]) -> Res<Vec<Tree>> {
        let (mut steps, mut unit) = (Vec::new(), keras_layers::Unit::default());
        for value in calls {
            match &value.kind {
                V::Call(own) if &*own.path == EITHER => steps.push(self.by_chance(own)?),
                V::Call(own) if keras_layers::is_keras_layer(&own.path) => {
                    self.layers(std::slice::from_ref(value), &mut unit, &mut steps)?;
                }
                V::Call(own) => steps.extend(self.tf_image(own)?),
                _ => {}
            }
        }
        Ok(steps)
    }

    /// What runs with a probability, and what runs otherwise.
    fn by_chance(&mut self, call: &Call<'a>) -> Res<Tree> {
        let at = call.name_at;
        let [p, yes, no] = call.args.as_slice() else {
            return Err(self.complain(at, "this condition is not read"));
        };
        let p = self.number(p, "the probability")?;
        let yes = self.tf_images(yes.items().unwrap_or_default())?;
        let no = self.tf_images(no.items().unwrap_or_default())?;
        match (yes.is_empty(), no.is_empty()) {
            (_, true) => self.perhaps(at, p, yes),
            (true, false) => self.perhaps(at, 1.0 - p, no),
            (false, false) => {
                // one_of draws evenly.
                let whole = |parts: f64| (p * parts - (p * parts).round()).abs() < 1e-6;
                let parts = (1..=20).map(f64::from).find(|parts| whole(*parts));
                let Some(parts) = parts.filter(|_| p > 0.0 && p < 1.0) else {
                    let message = "a condition with two sides has a probability in up to 20 equal parts here";
                    return Err(self.complain(at, message));
                };
                let (yes, no) = (self.sequence(at, yes)?, self.sequence(at, no)?);
                let (first, all) = ((p * parts).round() as usize, parts as usize);
                let branches = (0..all).map(|i| if i < first { yes.clone() } else { no.clone() }).collect();
                let branches = self.tree(at, Value::List(branches))?;
                self.wrap(at, "one_of", branches)
            }
        }
    }

    pub(super) fn perhaps(&mut self, at: Range, p: f64, steps: Vec<Tree>) -> Res<Tree> {
        let fields = vec![
            (self.key(at, "p"), self.tree(at, Value::Float(p))?),
            (self.key(at, "then"), self.tree(at, Value::List(steps))?),
        ];
        let inner = self.tree(at, Value::Map(fields))?;
        self.wrap(at, "sometimes", inner)
    }

    pub(super) fn sequence(&mut self, at: Range, mut steps: Vec<Tree>) -> Res<Tree> {
        if let [_] = steps.as_slice()
            && let Some(only) = steps.pop()
        {
            return Ok(only);
        }
        let steps = self.tree(at, Value::List(steps))?;
        self.wrap(at, "sequential", steps)
    }

    /// A value as it is, or the range that a random number is drawn from.
    fn perhaps_drawn(&mut self, value: &Val<'a>) -> Res<Tree> {
        let Some(draw) = chance::draw(value) else { return self.plain(value) };
        let end = |own: f64| if draw.whole { Value::Int(own as i64) } else { Value::Float(own) };
        let hi = if draw.whole { draw.hi - 1.0 } else { draw.hi };
        let ends = vec![self.tree(value.at, end(draw.lo))?, self.tree(value.at, end(hi))?];
        self.tree(value.at, Value::List(ends))
    }

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
                // Of the size of a crop the channels do not matter.
                let value = if *step == "random_crop" { bound.passed(param) } else { bound.get(param) };
                let Some(value) = value else { continue };
                let tree = match *step {
                    "random_crop" => self.size(value)?,
                    "random_brightness" | "adjust_brightness" => self.delta(value)?,
                    _ => self.perhaps_drawn(value)?,
                };
                fields.push((self.key(value.at, param), tree));
            }
            return self.step(call, step, fields).map(Some);
        }
        match plain {
            "pad" => self.tf_pad(call).map(Some),
            "transpose" | "transpose_image" => {
                // Counter-clockwise by a quarter turn, and then upside down.
                let nothing = |this: &mut Self| this.tree(at, Value::Map(Vec::new()));
                let (turn, flip) = (nothing(self)?, nothing(self)?);
                let steps = vec![self.wrap(at, "rot90", turn)?, self.wrap(at, "flip_up_down", flip)?];
                self.sequence(at, steps).map(Some)
            }
            "resize" | "resize_images" | "resize_bilinear" | "resize_nearest_neighbor" | "resize_area" => {
                let named = match plain {
                    "resize_bilinear" => Some("bilinear"),
                    "resize_nearest_neighbor" => Some("nearest"),
                    "resize_area" => Some("area"),
                    _ => None,
                };
                let bound = self.bind(
                    call,
                    if named.is_some() {
                        &["images", "size", "align_corners", "name", "half_pixel_centers"]
                    } else {
                        &[
                            "images",
                            "size",
                            "method",
                            "preserve_aspect_ratio",
                            "antialias",
                            "name",
                            "align_corners",
                        ]
                    },
                )?;
                let older = call.path.contains(".v1.") || plain != "resize";
                if older && plain != "resize_area" {
                    self.warn(
                        at,
                        format!(
                            "{name} of TensorFlow 1 has no half-pixel centers; resize is that of TensorFlow 2"
                        ),
                    );
                }
                for name in ["preserve_aspect_ratio", "antialias"] {
                    if let Some(value) = bound.get(name).filter(|value| value.truth() != Some(false)) {
                        return Err(self.complain(
                            value.at,
                            format!("{name} is not known here; resize has fixed sizes"),
                        ));
                    }
                }
                let method = match bound.get("method").map(|method| (method, &method.kind)) {
                    None => named.unwrap_or("bilinear"),
                    Some((_, V::Int(0))) => "bilinear",
                    Some((_, V::Int(1))) => "nearest",
                    Some((_, V::Int(3))) => "area",
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
                let computed = |value: &Val<'_>| matches!(value.kind, V::Call(_));
                if computed(size) || size.items().is_some_and(|sides| sides.iter().any(computed)) {
                    self.lost = true;
                    self.warn(
                        at,
                        format!("{name} is left out: TensorFlow computes its size, and it is missing"),
                    );
                    return Ok(None);
                }
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
                let complaint = self
                    .complain(at, format!("the function {name} of tf.image has no counterpart here"))
                    .help(format!("Known here: {}, resize", known.join(", ")));
                self.without(at, complaint);
                Ok(None)
            }
        }
    }

    /// A difference of brightness, which floats of 0 to 255 have in gray levels.
    fn delta(&mut self, value: &Val<'a>) -> Res<Tree> {
        match value.number() {
            Some(levels) if levels.abs() > 1.0 && levels.abs() <= 255.0 => {
                let message = format!("{levels} is taken for gray levels of images from 0 to 255");
                self.warn(value.at, message);
                self.tree(value.at, Value::Float(levels / 255.0))
            }
            _ => self.perhaps_drawn(value),
        }
    }

    /// `tf.pad`: rows, columns, and nothing at the channels.
    fn tf_pad(&mut self, call: &Call<'a>) -> Res<Tree> {
        let at = call.name_at;
        let bound = self.bind(call, &["tensor", "paddings", "mode", "constant_values", "name"])?;
        let paddings = bound.get("paddings").filter(|value| value.why().is_none());
        let sides: Option<Vec<&[Val<'a>]>> =
            paddings.and_then(Val::items).map(|items| items.iter().filter_map(Val::items).collect());
        let (rows, columns) = match sides.as_deref() {
            Some([rows, columns] | [rows, columns, _] | [_, rows, columns, _]) => (*rows, *columns),
            _ => return Err(self.complain(at, "the paddings are [[above, below], [left, right], [0, 0]]")),
        };
        let ([above, below], [left, right]) = (rows, columns) else {
            return Err(self.complain(at, "the paddings are [[above, below], [left, right], [0, 0]]"));
        };
        let mode = match bound.get("mode").map(|mode| (mode, &mode.kind)) {
            None => "constant",
            Some((mode, V::Text(text))) => match text.to_lowercase().as_str() {
                "constant" => "constant",
                "reflect" => "reflect",
                "symmetric" => "symmetric",
                _ => return Err(self.complain(mode.at, "CONSTANT, REFLECT or SYMMETRIC")),
            },
            Some((mode, _)) => return Err(self.complain(mode.at, "the mode is a text")),
        };
        if let Some(value) = bound.get("constant_values").filter(|value| value.number() != Some(0.0)) {
            return Err(self.complain(value.at, "constant_values=0 here and nothing else"));
        }
        let mut padding = Vec::new();
        for side in [left, above, right, below] {
            padding.push(self.plain(side)?);
        }
        let padding = self.tree(at, Value::List(padding))?;
        let mode = self.tree(at, Value::Text(mode.into()))?;
        let fields = vec![(self.key(at, "padding"), padding), (self.key(at, "padding_mode"), mode)];
        self.step(call, "torchvision.pad", fields)
    }

    /// Rows and columns of a size that may have channels behind them.
    fn size(&mut self, value: &Val<'a>) -> Res<Tree> {
        // A batch has its number of images in front.
        let Some([height, width] | [height, width, _] | [_, height, width, _]) = value.items() else {
            self.ask(value);
            return Err(self.complain(value.at, "the size is [height, width, channels]"));
        };
        for side in [height, width] {
            self.ask(side);
        }
        let sides = vec![self.plain(height)?, self.plain(width)?];
        self.tree(value.at, Value::List(sides))
    }
}

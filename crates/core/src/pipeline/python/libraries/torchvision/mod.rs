//! torchvision's transforms, v1 and v2, as they act on PIL images.

use super::super::eval::Res;
use super::super::libraries;
use super::super::read;
use super::super::syntax::Range;
use super::super::tree::{Bound, Translator};
use super::super::value::{Call, V, Val, last};
use super::lambdas::{self, Meaning};
use super::{Library, Role, is_class};

mod fields;
mod known;
#[cfg(test)]
mod tests;
mod wrapped;

pub(in super::super) use known::scripted;
use known::{AROUND, OTHERWISE, PASSED, SIZES, is_absent, is_constant, is_name, remedy_of_class};

use crate::text::tree::{Tree, Value};

/// `transforms.Compose([...])`.
pub(super) static LIBRARY: Library = Library {
    name: "torchvision",
    example: "transforms.Compose([...])",
    usual: &[
        ("transforms", "torchvision.transforms"),
        ("T", "torchvision.transforms"),
        ("torchvision", "torchvision"),
        // Many a project's own module, imported with `*`, brings it along.
        ("Image", "PIL.Image"),
    ],
    constants: &[],
    owns: |path| path.starts_with("torchvision.transforms.") && is_class(path) && !is_constant(path),
    role: |call| if changes(call, 0) { Role::Augments } else { Role::Idle },
    passes: |call| PASSED.contains(&call.name()) || is_unknown_lambda(call),
    chain: None,
    versions: &[],
    grows: "transforms",
    translate: |translator, _, call| {
        let mut steps = Vec::new();
        translator.torchvision(call, &mut Seen::default(), &mut steps)?;
        Ok(steps)
    },
    namesake: known::namesake,
    bare_list: None,
    signatures: known::signatures,
    #[cfg(test)]
    sample: "from torchvision import transforms\ntrain = transforms.Compose([transforms.RandomHorizontalFlip()])\n",
};

/// Whether a transform is a function that nothing is known of.
fn is_unknown_lambda(call: &Call<'_>) -> bool {
    call.name() == "Lambda" && function_of(call).and_then(lambdas::meaning).is_none()
}

/// Whether anything in a transform draws.
fn changes(call: &Call<'_>, depth: usize) -> bool {
    if call.name() == "transforms" {
        return false;
    }
    if call.name() == "Lambda" {
        return function_of(call).and_then(lambdas::meaning) != Some(Meaning::Nothing);
    }
    if !AROUND.contains(&call.name()) || depth > 50 {
        return !PASSED.contains(&call.name()) && !SIZES.contains(&call.name());
    }
    let list = call.args.first().or_else(|| call.keywords.first().map(|(.., list)| list));
    let Some(items) = list.and_then(Val::items) else { return true };
    items.iter().any(|item| match &item.kind {
        V::Call(own) => changes(own, depth + 1),
        V::Unknown(_) => false,
        _ => lambdas::meaning(item) != Some(Meaning::Nothing),
    })
}

/// Whether a conversion of numbers makes floats.
fn to_floats(call: &Call<'_>) -> bool {
    let all = call.args.iter().chain(call.keywords.iter().map(|(.., value)| value));
    !all.into_iter().any(|value| matches!(&value.kind, V::Path(path) if last(path) == "uint8"))
}

/// The function of a `Lambda`.
fn function_of<'v, 'a>(call: &'v Call<'a>) -> Option<&'v Val<'a>> {
    let named = call.keywords.iter().find(|(name, ..)| name == "lambd").map(|(.., function)| function);
    named.or_else(|| call.args.first())
}

/// What stands in a list of transforms.
enum Item<'v, 'a> {
    Transform(&'v Call<'a>),
    Function(&'v Val<'a>, Meaning),
    /// Somebody's own class with a pipeline in it.
    Wrapped(&'v Val<'a>, &'v Val<'a>, &'v Call<'a>),
    /// What weights say of images.
    Weights(&'v Val<'a>),
    /// A class of the project that has the name of a transform.
    Namesake(&'v Val<'a>, &'v Call<'a>),
}

/// What transforms in front made of the image.
#[derive(Default)]
pub(super) struct Seen {
    /// It is a tensor.
    tensor: bool,
    /// It is one of floats.
    floats: bool,
    /// The mean that was subtracted, in 0..1; none of its values if they are not known.
    mean: Option<Vec<f64>>,
    /// What was divided by behind it, likewise.
    deviation: Vec<f64>,
}

impl<'a> Translator<'a> {
    /// The steps of a transform, or of a list of them.
    fn torchvision(&mut self, call: &Call<'a>, seen: &mut Seen, steps: &mut Vec<Tree>) -> Res<()> {
        let at = call.name_at;
        let name = call.name();
        if seen.floats && OTHERWISE.contains(&name) {
            self.warn(
                at,
                format!("{name} behind ToTensor computes with floats there; here with bytes, as on tensors of bytes"),
            );
        }
        let mut fields = match name {
            "Compose" => {
                let bound = self.bind(call, &["transforms"])?;
                return self.transforms_of(&bound, seen, steps);
            }
            "RandomApply" => {
                let bound = self.bind(call, &["transforms", "p"])?;
                let mut inner = Vec::new();
                self.transforms_of(&bound, seen, &mut inner)?;
                let p = bound.get("p").map_or(Ok(0.5), |p| self.number(p, "p"))?;
                if inner.is_empty() {
                    return Ok(());
                }
                let fields = vec![
                    (self.key(at, "p"), self.tree(at, Value::Float(p))?),
                    (self.key(at, "then"), self.tree(at, Value::List(inner))?),
                ];
                steps.push(self.step(call, "sometimes", fields)?);
                return Ok(());
            }
            "RandomChoice" | "RandomOrder" => {
                let bound = self.bind(call, &["transforms", "p", "probabilities"])?;
                let list = self.listed(&bound)?;
                let mut branches = Vec::new();
                for own in list {
                    let mut inner = Vec::new();
                    self.item(&own, seen, &mut inner)?;
                    branches.push(self.one_step(at, inner)?);
                }
                let list = self.tree(at, Value::List(branches))?;
                let weights = bound.get("p").or_else(|| bound.get("probabilities"));
                steps.push(if let (Some(weights), "RandomChoice") = (weights, name) {
                    let fields = vec![
                        (self.key(at, "of"), list),
                        (self.key(weights.at, "weights"), self.plain(weights)?),
                    ];
                    self.step(call, "one_of", fields)?
                } else if name == "RandomChoice" {
                    self.wrap(at, "one_of", list)?
                } else {
                    let order = self.tree(at, Value::Bool(true))?;
                    self.step(
                        call,
                        "sequential",
                        vec![(self.key(at, "random_order"), order), (self.key(at, "of"), list)],
                    )?
                });
                return Ok(());
            }
            "Lambda" => {
                let known =
                    function_of(call).and_then(|value| lambdas::meaning(value).map(|own| (value, own)));
                let Some((value, meaning)) = known else { return Err(self.no_counterpart(call)) };
                return self.item(&Item::Function(value, meaning), seen, steps);
            }
            name if PASSED.contains(&name) => {
                self.passed(call, seen);
                return Ok(());
            }
            "RandomHorizontalFlip" | "RandomVerticalFlip" | "RandomInvert" => {
                let bound = self.bind(call, &["p"])?;
                let p = bound.get("p").map_or(Ok(0.5), |p| self.number(p, "p"))?;
                let p = self.tree(at, Value::Float(p))?;
                let step = match name {
                    "RandomHorizontalFlip" => "fliplr",
                    "RandomVerticalFlip" => "flipud",
                    _ => "invert",
                };
                steps.push(self.wrap(at, step, p)?);
                return Ok(());
            }
            "Resize" | "Scale" | "CenterCrop" | "RandomCrop" if self.left_at_size(call)? => return Ok(()),
            "Resize" | "Scale" => {
                let bound = self.bind(call, &["size", "interpolation", "max_size", "antialias"])?;
                let mut fields = vec![self.sized(&bound, true)?];
                fields.extend(self.whole_field(&bound, "max_size")?);
                fields.extend(self.interpolation(&bound, "interpolation")?);
                fields
            }
            "CenterCrop" => {
                let bound = self.bind(call, &["size"])?;
                vec![self.sized(&bound, false)?]
            }
            "Pad" => {
                let bound = self.bind(call, &["padding", "fill", "padding_mode"])?;
                let mut fields = self.padding(&bound)?;
                fields.extend(self.fill(&bound, "fill", "fill")?);
                fields.extend(self.text_field(&bound, "padding_mode")?);
                fields
            }
            "RandomCrop" => {
                let bound = self.bind(call, &["size", "padding", "pad_if_needed", "fill", "padding_mode"])?;
                let mut fields = self.sized_or_own(&bound)?;
                fields.extend(self.padding(&bound)?);
                if let Some(value) = bound.get("pad_if_needed") {
                    fields.push((self.key(value.at, "pad_if_needed"), self.plain(value)?));
                }
                fields.extend(self.fill(&bound, "fill", "fill")?);
                fields.extend(self.text_field(&bound, "padding_mode")?);
                fields
            }
            "RandomRotation" => {
                let bound =
                    self.bind(call, &["degrees", "interpolation", "expand", "center", "fill", "resample"])?;
                let mut fields = vec![self.degrees(&bound)?];
                fields.extend(self.interpolation(&bound, "interpolation")?);
                fields.extend(self.interpolation(&bound, "resample")?);
                if let Some(value) = bound.get("expand") {
                    fields.push((self.key(value.at, "expand"), self.plain(value)?));
                }
                fields.extend(self.center(&bound)?);
                fields.extend(self.fill(&bound, "fill", "fill")?);
                fields
            }
            "RandomAffine" => {
                let names = &[
                    "degrees",
                    "translate",
                    "scale",
                    "shear",
                    "interpolation",
                    "fill",
                    "center",
                    "resample",
                    "fillcolor",
                ];
                let bound = self.bind(call, names)?;
                let mut fields = vec![self.degrees(&bound)?];
                for field in ["translate", "scale"] {
                    if let Some(value) = bound.get(field) {
                        fields.push((self.key(value.at, field), self.plain(value)?));
                    }
                }
                if let Some(value) = bound.get("shear") {
                    fields.extend(self.shear(value)?);
                }
                for field in ["interpolation", "resample"] {
                    fields.extend(self.interpolation(&bound, field)?);
                }
                fields.extend(self.fill(&bound, "fill", "fill")?);
                fields.extend(self.fill(&bound, "fillcolor", "fill")?);
                fields.extend(self.center(&bound)?);
                fields
            }
            "RandomPerspective" => {
                let bound = self.bind(call, &["distortion_scale", "p", "interpolation", "fill"])?;
                let mut fields = self.numbers(&bound, &["distortion_scale", "p"])?;
                fields.extend(self.interpolation(&bound, "interpolation")?);
                fields.extend(self.fill(&bound, "fill", "fill")?);
                fields
            }
            "RandomResizedCrop" | "RandomSizedCrop" => {
                let bound = self.bind(call, &["size", "scale", "ratio", "interpolation", "antialias"])?;
                let mut fields = self.sized_or_own(&bound)?;
                for field in ["scale", "ratio"] {
                    if let Some(value) = bound.get(field) {
                        fields.push((self.key(value.at, field), self.plain(value)?));
                    }
                }
                fields.extend(self.interpolation(&bound, "interpolation")?);
                fields
            }
            "ColorJitter" => {
                let names = ["brightness", "contrast", "saturation", "hue"];
                let bound = self.bind(call, &names)?;
                let mut fields = Vec::new();
                for field in names {
                    fields.extend(self.jitter(&bound, field)?);
                }
                if fields.is_empty() {
                    self.warn(at, "ColorJitter without any values changes nothing, and is left out");
                    return Ok(());
                }
                fields
            }
            "Grayscale" => {
                let bound = self.bind(call, &["num_output_channels"])?;
                self.whole_field(&bound, "num_output_channels")?.into_iter().collect()
            }
            "GaussianBlur" => {
                let bound = self.bind(call, &["kernel_size", "sigma"])?;
                let mut fields = vec![self.twice(&bound, "kernel_size", "kernel_size")?];
                if let Some(value) = bound.get("sigma") {
                    let ends = match value.items() {
                        Some(_) => self.plain(value)?,
                        None => self.both(value)?,
                    };
                    fields.push((self.key(value.at, "sigma"), ends));
                }
                fields
            }
            "RandomErasing" => {
                let bound = self.bind(call, &["p", "scale", "ratio", "value", "inplace"])?;
                let mut fields = self.numbers(&bound, &["p"])?;
                for field in ["scale", "ratio"] {
                    if let Some(value) = bound.get(field) {
                        fields.push((self.key(value.at, field), self.plain(value)?));
                    }
                }
                fields.push(self.erased(&bound, seen)?);
                fields
            }
            "ElasticTransform" => {
                let bound = self.bind(call, &["alpha", "sigma", "interpolation", "fill"])?;
                let mut fields = Vec::new();
                for field in ["alpha", "sigma"] {
                    if let Some(value) = bound.get(field) {
                        let both = match value.items() {
                            Some([one]) => self.both(one)?,
                            Some(_) => self.plain(value)?,
                            None => self.both(value)?,
                        };
                        fields.push((self.key(value.at, field), both));
                    }
                }
                fields.extend(self.interpolation(&bound, "interpolation")?);
                fields.extend(self.fill(&bound, "fill", "fill")?);
                fields
            }
            "AugMix" => {
                let names =
                    ["severity", "mixture_width", "chain_depth", "alpha", "all_ops", "interpolation", "fill"];
                let bound = self.bind(call, &names)?;
                let mut fields = Vec::new();
                for field in &names[..5] {
                    fields.extend(self.whole_field(&bound, field)?);
                }
                fields.extend(self.interpolation(&bound, "interpolation")?);
                fields.extend(self.fill(&bound, "fill", "fill")?);
                fields
            }
            "RandomGrayscale" | "RandomAutocontrast" | "RandomEqualize" => {
                let bound = self.bind(call, &["p"])?;
                self.numbers(&bound, &["p"])?
            }
            "RandomPosterize" => {
                let bound = self.bind(call, &["bits", "p"])?;
                self.numbers(&bound, &["bits", "p"])?
            }
            "RandomSolarize" => {
                let bound = self.bind(call, &["threshold", "p"])?;
                if seen.floats {
                    return Err(self.complain(
                        at,
                        "a threshold behind ToTensor is one of floats; put RandomSolarize in front",
                    ));
                }
                self.numbers(&bound, &["threshold", "p"])?
            }
            "RandomAdjustSharpness" => {
                let bound = self.bind(call, &["sharpness_factor", "p"])?;
                self.numbers(&bound, &["sharpness_factor", "p"])?
            }
            "RandAugment" => {
                let bound = self
                    .bind(call, &["num_ops", "magnitude", "num_magnitude_bins", "interpolation", "fill"])?;
                let mut fields = self.numbers(&bound, &["num_ops", "magnitude", "num_magnitude_bins"])?;
                fields.extend(self.interpolation(&bound, "interpolation")?);
                fields.extend(self.fill(&bound, "fill", "fill")?);
                fields
            }
            "TrivialAugmentWide" => {
                let bound = self.bind(call, &["num_magnitude_bins", "interpolation", "fill"])?;
                let mut fields = self.numbers(&bound, &["num_magnitude_bins"])?;
                fields.extend(self.interpolation(&bound, "interpolation")?);
                fields.extend(self.fill(&bound, "fill", "fill")?);
                fields
            }
            "AutoAugment" => {
                let bound = self.bind(call, &["policy", "interpolation", "fill"])?;
                let mut fields = Vec::new();
                if let Some(value) = bound.get("policy") {
                    let policy = match &value.kind {
                        V::Path(path) => last(path).to_lowercase(),
                        V::Text(text) => text.to_lowercase(),
                        _ => {
                            return Err(self.complain(
                                value.at,
                                "a policy is AutoAugmentPolicy.IMAGENET, CIFAR10 or SVHN",
                            ));
                        }
                    };
                    fields.push((self.key(value.at, "policy"), self.tree(value.at, Value::Text(policy))?));
                }
                fields.extend(self.interpolation(&bound, "interpolation")?);
                fields.extend(self.fill(&bound, "fill", "fill")?);
                fields
            }
            _ => return Err(self.no_counterpart(call)),
        };
        if seen.tensor && OTHERWISE.contains(&name) {
            let tensor = self.tree(at, Value::Text("tensor".into()))?;
            fields.push((self.key(at, "compat"), tensor));
        }
        let step = match name {
            "Scale" => "resize".to_owned(),
            "RandomSizedCrop" => "random_resized_crop".to_owned(),
            "AugMix" => "aug_mix".to_owned(),
            _ => snake(name),
        };
        steps.push(self.step(call, &format!("torchvision.{step}"), fields)?);
        Ok(())
    }

    fn listed<'v>(&mut self, bound: &Bound<'v, 'a>) -> Res<Vec<Item<'v, 'a>>> {
        let at = bound.call.name_at;
        let Some(list) = bound.passed("transforms") else {
            return Err(self.complain(at, format!("{} takes a list of transforms", bound.call.name())));
        };
        if let Some(why) = list.why() {
            return Err(why.complaint.clone());
        }
        let Some(items) = list.items() else {
            return Err(self.complain(list.at, format!("{} takes a list of transforms", bound.call.name())));
        };
        // One of several things that are drawn is not left out, which would change how often the others are.
        let whole = ["Compose", "RandomApply", "Sequential"].contains(&bound.call.name());
        let (mut found, mut tensor) = (Vec::new(), false);
        for value in items {
            let meaning = lambdas::meaning(value);
            if let Some(item) = wrapped::meaning(self, value) {
                found.push(item);
                continue;
            }
            match &value.kind {
                V::Call(call) if whole && is_absent(call) => self.leave(call),
                V::Call(call)
                    if call.path.starts_with("torchvision.") && !(whole && is_unknown_lambda(call)) =>
                {
                    tensor |= call.name().contains("Tensor");
                    found.push(Item::Transform(call));
                }
                V::Unknown(unknown) => return Err(unknown.complaint.clone()),
                V::Call(call) if whole && is_name(call.name()) && !libraries::known(&call.path) => {
                    tensor |= call.name().contains("Tensor");
                    found.push(Item::Namesake(value, call));
                }
                V::Path(path) if whole && meaning.is_none() && !libraries::known(path) => {
                    self.left_out(value, tensor);
                }
                V::Call(_) | V::Object(_) | V::Function(_) if whole && meaning.is_none() => {
                    self.left_out(value, tensor);
                }
                V::Object(object) => {
                    let name = object.class.name;
                    let message = format!("the class {name} is Python of this file, which does not run here");
                    return Err(self.complain(value.at, message).help(remedy_of_class(name)));
                }
                _ => {
                    let Some(meaning) = meaning else {
                        let message = format!("expected a transform of torchvision, not {}", value.kind());
                        return Err(self.complain(value.at, message).help(
                            "Leave it out if it only makes numbers of images; other Python does not run here",
                        ));
                    };
                    found.push(Item::Function(value, meaning));
                }
            }
        }
        Ok(found)
    }

    fn transforms_of(&mut self, bound: &Bound<'_, 'a>, seen: &mut Seen, steps: &mut Vec<Tree>) -> Res<()> {
        self.listed(bound)?.iter().try_for_each(|own| self.item(own, seen, steps))
    }

    /// The steps of something in a list.
    fn item(&mut self, item: &Item<'_, 'a>, seen: &mut Seen, steps: &mut Vec<Tree>) -> Res<()> {
        let (value, meaning) = match item {
            Item::Transform(call) => return self.torchvision(call, seen, steps),
            Item::Namesake(value, call) => {
                self.namesake(value, call, seen, steps);
                return Ok(());
            }
            Item::Function(value, meaning) => (value, meaning),
            Item::Wrapped(value, pipeline, call) => return self.wrapped(value, pipeline, call, steps),
            Item::Weights(value) => {
                self.of_weights(value);
                return Ok(());
            }
        };
        let (name, inner) = match meaning {
            Meaning::Nothing => {
                self.warn(
                    value.at,
                    "this function is passed over: it only makes numbers of images, which stay bytes; an export to floats scales them",
                );
                return Ok(());
            }
            Meaning::Gray => ("torchvision.grayscale", Value::Map(Vec::new())),
            Meaning::Rgb => ("grayscale_to_rgb", Value::Map(Vec::new())),
            Meaning::Invert => ("invert", Value::Float(1.0)),
        };
        self.warn(value.at, format!("this function is read as {name}"));
        let inner = self.tree(value.at, inner)?;
        let step = self.wrap(value.at, name, inner)?;
        steps.push(step);
        Ok(())
    }

    /// Takes a class of the project for the transform whose name it has, unless its values are none of that.
    fn namesake(&mut self, value: &Val<'a>, call: &Call<'a>, seen: &mut Seen, steps: &mut Vec<Tree>) {
        let name = call.name();
        let own = Call { path: format!("torchvision.transforms.{name}").into(), ..call.clone() };
        let mut inner = Vec::new();
        let before = self.mark();
        let read = self.torchvision(&own, seen, &mut inner);
        if read.is_err() || !read::is_legal(self.lines, value.at, &inner) {
            self.back_to(&before);
            self.left_out(value, seen.tensor);
            return;
        }
        if !PASSED.contains(&name) {
            let what = &call.path;
            self.warn(value.at, format!("{what} is taken for torchvision's {name}, whose name it has"));
        }
        steps.append(&mut inner);
    }

    /// One step for a branch.
    fn one_step(&mut self, at: Range, mut steps: Vec<Tree>) -> Res<Tree> {
        match steps.len() {
            0 => {
                let nothing = self.tree(at, Value::Map(Vec::new()))?;
                self.wrap(at, "noop", nothing)
            }
            1 => Ok(steps.remove(0)),
            _ => {
                let list = self.tree(at, Value::List(steps))?;
                self.wrap(at, "sequential", list)
            }
        }
    }

    fn passed(&mut self, call: &Call<'a>, seen: &mut Seen) {
        if call.name() != "Normalize" {
            self.pass(call);
        }
        match call.name() {
            "PILToTensor" | "ToImage" | "ToImageTensor" | "ToPureTensor" => seen.tensor = true,
            "ToTensor" => (seen.tensor, seen.floats) = (true, true),
            "ConvertImageDtype" | "ConvertDtype" | "ToDtype" => seen.floats = seen.tensor && to_floats(call),
            "ToPILImage" | "ToImagePIL" => (seen.tensor, seen.floats) = (false, false),
            "Normalize" => {
                let numbers = |place: usize, own: &str| -> Vec<f64> {
                    let named = call.keywords.iter().find(|(name, ..)| name == own).map(|(.., value)| value);
                    let items = call.args.get(place).or(named).and_then(Val::items).unwrap_or_default();
                    items.iter().map(Val::number).collect::<Option<_>>().unwrap_or_default()
                };
                seen.mean = Some(numbers(0, "mean"));
                seen.deviation = numbers(1, "std");
                self.warn(
                    call.name_at,
                    "Normalize is passed over: images stay bytes; an export to floats scales them (export --scale)",
                );
            }
            _ => {}
        }
    }
}

/// `RandomCrop` as `random_crop`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

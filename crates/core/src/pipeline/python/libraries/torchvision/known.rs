//! Which transforms are read, and what to do about the others.

use std::rc::Rc;

use super::super::super::tree::Translator;
use super::super::super::value::{Call, V, Val, last};
use super::super::Signature;
use crate::ops;
use crate::ops::counterpart::Argument;
use crate::text::complaint::Complaint;
use crate::text::suggest::nearest;

/// Names with a capital letter that are no transforms.
pub(super) fn is_constant(path: &str) -> bool {
    path.contains("InterpolationMode") || path.contains("AutoAugmentPolicy")
}

/// The transform that is the operation called `key`.
pub(super) fn signatures(key: &str) -> Vec<Signature> {
    let Some(transform) = ops::entry(key).and_then(|entry| entry.torchvision) else { return Vec::new() };
    let named = transform.arguments.iter().filter_map(|argument| match argument {
        Argument::Plain(name, _)
        | Argument::Needed(name, _)
        | Argument::Joined(name, _)
        | Argument::Constant(name, _) => Some(*name),
        Argument::Code(_) | Argument::Zero(_) => None,
    });
    vec![(format!("transforms.{}", transform.name), named.collect())]
}

/// `torch.nn.Sequential(RandomHorizontalFlip(), ...)`, which is how transforms are compiled, as a `Compose` of them.
pub(in super::super::super) fn scripted<'a>(call: &Call<'a>) -> Option<V<'a>> {
    let is_transform = |value: &Val<'_>| matches!(&value.kind, V::Call(own) if own.path.starts_with("torchvision.transforms."));
    let made = &*call.path == "torch.nn.Sequential" && call.keywords.is_empty();
    if !made || !call.args.iter().any(is_transform) {
        return None;
    }
    let list = Val { at: call.name_at, kind: V::List(Rc::new(call.args.clone())) };
    let path = "torchvision.transforms.Compose".into();
    Some(V::Call(Rc::new(Call { path, name_at: call.name_at, args: vec![list], keywords: Vec::new() })))
}

/// Whether a transform of this name is read, wherever it comes from.
pub(super) fn is_name(name: &str) -> bool {
    KNOWN.contains(&name) || PASSED.contains(&name)
}

/// The transform that has the name of one of a project's own modules of transforms.
pub(super) fn namesake(path: &str) -> Option<String> {
    let (module, name) = path.rsplit_once('.')?;
    let module = last(module).to_lowercase();
    let own = module.contains("transform") || module.contains("augment");
    (own && is_name(name)).then(|| format!("torchvision.transforms.{name}"))
}

/// Transforms that leave bytes as they are, or make numbers of them.
pub(super) const PASSED: &[&str] = &[
    "ConvertImageDtype",
    "ConvertDtype",
    "Normalize",
    "PILToTensor",
    "ToDtype",
    "ToImage",
    "ToImagePIL",
    "ToImageTensor",
    "ToPILImage",
    "ToPureTensor",
    "ToTensor",
    "Identity",
    "ClampBoundingBoxes",
    "ConvertBoundingBoxFormat",
    "SanitizeBoundingBoxes",
];

/// Transforms that only bring images to a size, or to gray.
pub(super) const SIZES: &[&str] = &["Resize", "Scale", "CenterCrop", "Pad", "Grayscale"];

/// Transforms around others.
pub(super) const AROUND: &[&str] = &["Compose", "RandomApply", "RandomChoice", "RandomOrder"];

/// All that are read, for messages.
pub(super) const KNOWN: &[&str] = &[
    "AugMix",
    "AutoAugment",
    "CenterCrop",
    "ColorJitter",
    "Compose",
    "ElasticTransform",
    "GaussianBlur",
    "Grayscale",
    "Pad",
    "RandAugment",
    "RandomAdjustSharpness",
    "RandomAffine",
    "RandomApply",
    "RandomAutocontrast",
    "RandomChoice",
    "RandomCrop",
    "RandomEqualize",
    "RandomErasing",
    "RandomGrayscale",
    "RandomHorizontalFlip",
    "RandomInvert",
    "RandomOrder",
    "RandomPerspective",
    "RandomPosterize",
    "RandomResizedCrop",
    "RandomRotation",
    "RandomSolarize",
    "RandomVerticalFlip",
    "Resize",
    "TrivialAugmentWide",
];

/// Transforms that change images and have no counterpart.
const ABSENT: &[&str] = &[
    "GaussianNoise",
    "JPEG",
    "LinearTransformation",
    "RandomChannelPermutation",
    "RandomIoUCrop",
    "RandomPhotometricDistort",
    "RandomResize",
    "RandomShortestSize",
    "RandomZoomOut",
    "ScaleJitter",
];

/// Whether a transform changes images and has no counterpart.
pub(super) fn is_absent(call: &Call<'_>) -> bool {
    call.path.starts_with("torchvision.") && ABSENT.contains(&call.name())
}

/// Transforms whose arithmetic on tensors is another than on PIL images.
pub(super) const OTHERWISE: &[&str] = &[
    "ColorJitter",
    "Grayscale",
    "RandAugment",
    "AutoAugment",
    "TrivialAugmentWide",
    "RandomAffine",
    "RandomGrayscale",
    "RandomPerspective",
    "RandomResizedCrop",
    "RandomRotation",
    "Resize",
];

impl<'a> Translator<'a> {
    /// Leaves out a transform that has no counterpart.
    pub(super) fn leave(&mut self, call: &Call<'a>) {
        let complaint = self.no_counterpart(call);
        self.without(call.name_at, complaint);
    }

    /// Why a transform is refused, and what is nearest.
    pub(super) fn no_counterpart(&self, call: &Call<'a>) -> Complaint {
        let name = call.name();
        let message = format!("the transform {name} has no counterpart here");
        let help = match name {
            "FiveCrop" | "TenCrop" => {
                "It makes several images of one; RandomCrop with --copies 5 makes as many at random places"
                    .to_owned()
            }
            "Lambda" => {
                "A function does not run here, but for some that are known: x.convert('RGB'), x.repeat(3, 1, 1), x / 255, 1 - x. \
                 Leave it out, or write the transform that does the same"
                    .to_owned()
            }
            "MixUp" | "CutMix" => "It mixes labels as well, which no step of a pipeline does".to_owned(),
            "GaussianNoise" => "Nearest: additive_gaussian_noise, of bytes".to_owned(),
            "RandomPhotometricDistort" => "Nearest: ColorJitter".to_owned(),
            "RandomZoomOut" | "ScaleJitter" | "RandomShortestSize" => {
                "Nearest: RandomAffine(degrees=0, scale=...)".to_owned()
            }
            _ => match nearest(name, KNOWN.iter().copied()) {
                Some(near) => format!("Did you mean {near}? Known here: {}", KNOWN.join(", ")),
                None => format!("Known here: {}", KNOWN.join(", ")),
            },
        };
        self.complain(call.name_at, message).help(help)
    }
}

/// What to write instead of a class of the file, by what such classes are called.
pub(super) fn remedy_of_class(name: &str) -> String {
    let lower = name.to_lowercase();
    let near = [
        ("cutout", "RandomErasing, or coarse_dropout with several rectangles"),
        ("eras", "RandomErasing"),
        ("noise", "additive_gaussian_noise"),
        ("blur", "GaussianBlur"),
        ("invert", "RandomInvert(p=1)"),
        ("solar", "RandomSolarize"),
        ("rotat", "RandomRotation"),
        ("lighting", "ColorJitter"),
        ("elastic", "ElasticTransform"),
        ("affine", "RandomAffine"),
    ];
    match near.iter().find(|(part, _)| lower.contains(part)) {
        Some((_, near)) => format!("Leave it out, or write what is nearest: {near}"),
        None => {
            "Leave it out if it only makes numbers of images, or write a transform of torchvision".to_owned()
        }
    }
}

//! Albumentations: `A.Compose([...])` with its transforms and containers, as versions 1.x and 2.x have them. What reads
//! them begins with `alb_`, because the readers of all libraries are methods of one type.

use super::super::eval::Res;
use super::super::tree::Translator;
use super::super::value::{Call, V, Val, last};
use super::{Library, Role, is_class};

mod containers;
mod fields;
mod older;
mod own;
mod pixels;
mod sizes;
mod steps;
mod table;
#[cfg(test)]
mod tests;
mod version;
mod warps;

use crate::text::tree::Tree;

/// Albumentations' transforms.
pub(super) static LIBRARY: Library = Library {
    name: "Albumentations",
    example: "A.Compose([...])",
    usual: &[("A", "albumentations"), ("cv2", "cv2")],
    constants: &[],
    owns: |path| {
        path.starts_with("albumentations.")
            && is_class(path)
            && own::is_there(last(path))
            && !["BboxParams", "KeypointParams"].contains(&last(path))
    },
    role: |call| if changes(call, 0) { Role::Augments } else { Role::Idle },
    passes: |call| PASSED.contains(&call.name()),
    chain: None,
    versions: version::NAMES,
    grows: "transforms",
    translate: |translator, _, call| translator.albumentations(call),
    namesake: |_| None,
    bare_list: None,
    signatures: |key| {
        // Names of operations are those of transforms, with words apart: `rgb_shift` is `RGBShift`.
        let Some(bare) = key.strip_prefix("albumentations.").map(|own| own.replace('_', "")) else {
            return Vec::new();
        };
        let all = table::SIGNATURES.iter().map(|own| (own.name, own.places)).chain(pixels::places());
        let named = all.filter(|(name, _)| name.eq_ignore_ascii_case(&bare));
        let of = |(name, [older, newer]): (&str, [&[&'static str]; 2])| {
            let params = if newer.is_empty() { older } else { newer };
            let heeded = params.iter().filter(|name| !["always_apply", "p"].contains(name)).chain(&["p"]);
            (format!("A.{name}"), heeded.copied().collect())
        };
        named.map(of).collect()
    },
    #[cfg(test)]
    sample: "import albumentations as A\ntransform = A.Compose([A.HorizontalFlip(p=0.5)])\n",
};

/// Transforms that leave bytes as they are.
const PASSED: &[&str] = &["Normalize", "ToFloat", "FromFloat", "ToTensor", "ToTensorV2", "ToTensor3D"];

/// Transforms that only bring images to a size.
const SIZES: &[&str] = &["Resize", "CenterCrop", "PadIfNeeded", "LongestMaxSize", "SmallestMaxSize", "NoOp"];

/// Whether anything in a transform draws.
fn changes(call: &Call<'_>, depth: usize) -> bool {
    if PASSED.contains(&call.name()) || SIZES.contains(&call.name()) {
        return false;
    }
    if !containers::NAMES.contains(&call.name()) || depth > 50 {
        return !["BboxParams", "KeypointParams"].contains(&call.name());
    }
    let list = call
        .args
        .first()
        .or_else(|| call.keywords.iter().find(|(name, ..)| name == "transforms").map(|(.., list)| list));
    let Some(items) = list.and_then(Val::items) else { return true };
    items.iter().any(|item| match &item.kind {
        V::Call(own) => changes(own, depth + 1),
        _ => true,
    })
}

impl<'a> Translator<'a> {
    /// The steps of a pipeline or of one transform.
    fn albumentations(&mut self, call: &Call<'a>) -> Res<Vec<Tree>> {
        let told = self.alb_version_of(call);
        if matches!(call.name(), "Compose" | "ReplayCompose") {
            return self.alb_composed(call, told);
        }
        Ok(self.alb_transform(call, None, told)?.into_iter().collect())
    }
}

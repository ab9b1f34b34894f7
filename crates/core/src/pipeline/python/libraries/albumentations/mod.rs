//! Albumentations: `A.Compose([...])` with the transforms that have an exact counterpart.

use super::super::eval::Res;
use super::super::tree::{Bound, Translator};
use super::super::value::{Call, V, Val, last};
use super::{Library, Role, is_class};

mod pixels;
mod steps;

use crate::text::tree::{Tree, Value};

/// Albumentations' transforms.
pub(super) static LIBRARY: Library = Library {
    name: "Albumentations",
    example: "A.Compose([...])",
    usual: &[("A", "albumentations")],
    constants: &[],
    owns: |path| {
        path.starts_with("albumentations.")
            && is_class(path)
            && !["BboxParams", "KeypointParams"].contains(&last(path))
    },
    role: |call| if changes(call, 0) { Role::Augments } else { Role::Idle },
    passes: |call| PASSED.contains(&call.name()),
    chain: None,
    grows: "transforms",
    translate: |translator, _, call| translator.albumentations(call),
    bare_list: None,
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
    if !["Compose", "Sequential", "OneOf", "SomeOf"].contains(&call.name()) || depth > 50 {
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
        if call.name() != "Compose" {
            return Ok(self.transform(call, None)?.into_iter().collect());
        }
        let names = &[
            "transforms",
            "bbox_params",
            "keypoint_params",
            "additional_targets",
            "p",
            "is_check_shapes",
            "strict",
            "mask_interpolation",
            "seed",
            "save_applied_params",
        ];
        let bound = self.bind(call, names)?;
        for name in ["bbox_params", "keypoint_params", "additional_targets"] {
            if let Some(value) = bound.passed(name).filter(|value| !matches!(value.kind, V::None)) {
                self.warn(value.at, format!("{name} is passed over; boxes move with their images anyway"));
            }
        }
        let mut steps = Vec::new();
        for (_, transform) in self.transforms(&bound)? {
            steps.extend(self.transform(transform, None)?);
        }
        let p = self.p(&bound, 1.0)?;
        if p == 1.0 {
            return Ok(steps);
        }
        let list = self.tree(call.name_at, Value::List(steps))?;
        let all = self.wrap(call.name_at, "sequential", list)?;
        Ok(vec![self.sometimes(call.name_at, p, all)?])
    }

    fn transforms<'v>(&self, bound: &Bound<'v, 'a>) -> Res<Vec<(&'v Val<'a>, &'v Call<'a>)>> {
        let Some(list) = bound.get("transforms").and_then(|list| list.items()) else {
            let message = format!("{} takes a list of transforms", bound.call.name());
            return Err(self.complain(bound.call.name_at, message));
        };
        list.iter()
            .map(|value| match &value.kind {
                V::Call(call) => Ok((value, &**call)),
                V::Unknown(unknown) => Err(unknown.complaint.clone()),
                _ => Err(self.complain(value.at, format!("expected a transform, not {}", value.kind()))),
            })
            .collect()
    }

    pub(super) fn p(&self, bound: &Bound<'_, 'a>, default: f64) -> Res<f64> {
        if bound.get("always_apply").is_some_and(|always| always.truth() == Some(true)) {
            return Ok(1.0);
        }
        bound.get("p").map_or(Ok(default), |p| self.number(p, "p"))
    }

    /// One transform, with the probability `forced` instead of its own; none for those that are passed over.
    fn transform(&mut self, call: &Call<'a>, forced: Option<f64>) -> Res<Option<Tree>> {
        let at = call.name_at;
        let simple = match call.name() {
            "HorizontalFlip" => Some("fliplr"),
            "VerticalFlip" => Some("flipud"),
            "InvertImg" => Some("invert"),
            _ => None,
        };
        if let Some(step) = simple {
            if let [one] = call.args.as_slice()
                && !matches!(one.kind, V::Bool(_))
            {
                self.warn(
                    one.at,
                    "p by its place is that of Albumentations 2.x; 1.x takes it for always_apply. Write p=",
                );
            }
            let p = match call.args.len() {
                // Older versions have always_apply before p.
                2 => self.bind(call, &["always_apply", "p"]),
                _ => self.bind(call, &["p", "always_apply"]),
            }?;
            let p = self.tree(at, Value::Float(forced.unwrap_or(self.p(&p, 0.5)?)))?;
            return self.wrap(at, step, p).map(Some);
        }
        match call.name() {
            "NoOp" => {
                self.bind(call, &["p", "always_apply"])?;
                Ok(Some(self.step(call, "noop", Vec::new())?))
            }
            "OneOf" => self.albumentations_one_of(call, forced).map(Some),
            "Sequential" | "Compose" => {
                let bound = self.bind(call, &["transforms", "p"])?;
                let mut steps = Vec::new();
                for (_, transform) in self.transforms(&bound)? {
                    steps.extend(self.transform(transform, None)?);
                }
                let default = if call.name() == "Compose" { 1.0 } else { 0.5 };
                let p = forced.unwrap_or(self.p(&bound, default)?);
                let list = self.tree(at, Value::List(steps))?;
                let all = self.wrap(at, "sequential", list)?;
                self.sometimes(at, p, all).map(Some)
            }
            name if PASSED.contains(&name) => {
                let message = format!(
                    "{} is passed over: images stay bytes; an export to floats scales them",
                    call.name()
                );
                self.warn(at, message);
                Ok(None)
            }
            _ => self.albumentations_step(call, forced).map(Some),
        }
    }

    /// `OneOf` weighs its transforms by their own p, and runs the one it takes for certain.
    fn albumentations_one_of(&mut self, call: &Call<'a>, forced: Option<f64>) -> Res<Tree> {
        let at = call.name_at;
        let bound = self.bind(call, &["transforms", "p"])?;
        let mut weights = Vec::new();
        let mut steps = Vec::new();
        for (value, transform) in self.transforms(&bound)? {
            let weight = match transform.keywords.iter().find(|(name, ..)| name == "p") {
                Some((.., p)) => self.number(p, "p")?,
                None => transform.args.first().and_then(Val::number).unwrap_or(0.5),
            };
            if weights.first().is_some_and(|first| *first != weight) {
                return Err(self.complain(
                    value.at,
                    "one_of takes its steps with equal probabilities; these have another p",
                ));
            }
            weights.push(weight);
            match self.transform(transform, Some(1.0))? {
                Some(step) => steps.push(step),
                None => return Err(self.complain(value.at, "no step of a choice")),
            }
        }
        let p = forced.unwrap_or(self.p(&bound, 0.5)?);
        let list = self.tree(at, Value::List(steps))?;
        let one = self.wrap(at, "one_of", list)?;
        self.sometimes(at, p, one)
    }
}

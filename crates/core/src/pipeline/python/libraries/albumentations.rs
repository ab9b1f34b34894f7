//! Albumentations: `A.Compose([...])` with the transforms that have an exact counterpart.

use super::super::eval::Res;
use super::super::tree::{Bound, Translator};
use super::super::value::{Call, V, Val};
use super::{Library, is_class};
use crate::text::tree::{Tree, Value};

/// Albumentations' transforms.
pub(super) static LIBRARY: Library = Library {
    name: "Albumentations",
    example: "A.Compose([...])",
    usual: &[("A", "albumentations")],
    constants: &[],
    owns: |path| path.starts_with("albumentations.") && is_class(path) && !path.contains(".pytorch."),
    augments: None,
    grows: "transforms",
    translate: |translator, _, call| translator.albumentations(call),
    bare_list: None,
    #[cfg(test)]
    sample: "import albumentations as A\ntransform = A.Compose([A.HorizontalFlip(p=0.5)])\n",
};

impl<'a> Translator<'a> {
    /// The steps of a pipeline or of one transform.
    fn albumentations(&mut self, call: &Call<'a>) -> Res<Vec<Tree>> {
        if call.name() != "Compose" {
            return Ok(self.transform(call, None)?.into_iter().collect());
        }
        let names = &["transforms", "bbox_params", "keypoint_params", "additional_targets", "p"];
        let bound = self.bind(call, names)?;
        for name in ["bbox_params", "keypoint_params", "additional_targets"] {
            if let Some(value) = bound.get(name) {
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
                _ => Err(self.complain(value.at, format!("expected a transform, not {}", value.kind()))),
            })
            .collect()
    }

    fn p(&self, bound: &Bound<'_, 'a>, default: f64) -> Res<f64> {
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
            "Normalize" | "ToFloat" | "ToTensorV2" => {
                let message = format!(
                    "{} is passed over: images stay bytes; an export to floats scales them",
                    call.name()
                );
                self.warn(at, message);
                Ok(None)
            }
            name => {
                Err(self.complain(at, format!("the transform {name} has no exact counterpart here")).help(
                    "Known here: Compose, Sequential, OneOf, HorizontalFlip, VerticalFlip, InvertImg, NoOp",
                ))
            }
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

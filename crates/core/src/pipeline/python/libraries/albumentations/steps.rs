//! One transform as a step, by the table: its values by their names, its probability, what is passed over or not known.

use super::super::super::eval::Res;
use super::super::super::read::is_legal;
use super::super::super::tree::{Bound, Translator, is_ignored};
use super::super::super::value::{Call, V, Val};
use super::table::{BARE, Read, SIGNATURES, Signature, signature};
use super::version::{Told, Version, of_call};
use super::{PASSED, containers, own, pixels};
use crate::text::complaint::Complaint;
use crate::text::suggest::nearest;
use crate::text::tree::{Tree, Value};

/// The p of a call: what is given for it, or else its default.
pub(super) fn p_of<'v, 'a>(call: &'v Call<'a>, file: Told) -> Result<&'v Val<'a>, f64> {
    let told = of_call(call, file);
    if let Some((.., p)) = call.keywords.iter().find(|(name, ..)| name == "p") {
        return Ok(p);
    }
    let name = call.name();
    let Some(signature) = signature(name) else {
        let certain = PASSED.contains(&name) || matches!(name, "Compose" | "SomeOf" | "RandomOrder");
        return Err(if certain { 1.0 } else { 0.5 });
    };
    let place = signature.by_place(call, told).iter().position(|name| *name == "p");
    place.and_then(|place| call.args.get(place)).ok_or(Signature::of_version(told, signature.p))
}

impl Signature {
    /// What holds in the version.
    pub(super) fn of_version<T: Copy>(told: Told, of: [T; 2]) -> T {
        of[usize::from(told.version == Version::Two)]
    }

    /// The names of what is given by its place.
    pub(super) fn by_place(&self, call: &Call<'_>, told: Told) -> &'static [&'static str] {
        let own = Self::of_version(told, self.places);
        let other = if self.places[0].is_empty() { self.places[1] } else { self.places[0] };
        if self.places == BARE {
            // A number alone is p, as long as nothing says that it is a file of version 1.
            return match call.args.as_slice() {
                [one] if told.decided && told.version == Version::One || matches!(one.kind, V::Bool(_)) => {
                    BARE[0]
                }
                [] | [_] => BARE[1],
                _ => BARE[0],
            };
        }
        if own.is_empty() { other } else { own }
    }
}

impl<'a> Translator<'a> {
    /// One transform or container, with the probability `forced` instead of its own; none for those that are passed over.
    pub(super) fn alb_transform(
        &mut self,
        call: &Call<'a>,
        forced: Option<f64>,
        file: Told,
    ) -> Res<Option<Tree>> {
        let name = call.name();
        if PASSED.contains(&name) {
            let message =
                format!("{name} is passed over: images stay bytes; an export to floats scales them");
            self.warn(call.name_at, message);
            return Ok(None);
        }
        if containers::NAMES.contains(&name) {
            return self.alb_contained(call, forced, file);
        }
        if own::OTHER_PICTURES.contains(&name) {
            self.lost = true;
            self.warn(
                call.name_at,
                format!("{name} is left out: it takes from other pictures, which are not here"),
            );
            return Ok(None);
        }
        let told = of_call(call, file);
        if let Some(signature) = signature(name) {
            return self.alb_by_signature(call, signature, forced, told);
        }
        match self.albumentations_pixels(call, forced, file) {
            Some(step) => step.map(Some),
            None => Err(self.alb_unknown_transform(call)),
        }
    }

    fn alb_by_signature(
        &mut self,
        call: &Call<'a>,
        signature: &'static Signature,
        forced: Option<f64>,
        told: Told,
    ) -> Res<Option<Tree>> {
        let by_place = signature.by_place(call, told);
        if let Some(extra) = call.args.get(by_place.len()) {
            let message =
                format!("{} takes {} values by their position, not more", signature.name, by_place.len());
            return Err(self.complain(extra.at, message));
        }
        let mut names: Vec<&'static str> = by_place.to_vec();
        for name in signature.places.iter().copied().flatten().chain(&["always_apply", "p"]) {
            if !names.contains(name) {
                names.push(name);
            }
        }
        let call = &self.alb_kept_parameters(call, &names, told);
        let bound = self.bind(call, &names)?;
        let p = match forced {
            Some(p) => p,
            None => self.alb_probability(&bound, signature, told)?,
        };
        match signature.read {
            Read::Chance(step) => {
                let p = self.tree(call.name_at, Value::Float(p))?;
                self.wrap(call.name_at, step, p).map(Some)
            }
            Read::Step(read) => match read(self, &bound, told) {
                Ok(Some(step))
                    if p > 0.0 || is_legal(self.lines, call.name_at, std::slice::from_ref(&step)) =>
                {
                    self.sometimes(call.name_at, p, step).map(Some)
                }
                Ok(None) => Ok(None),
                // What never runs may be anything.
                Ok(Some(_)) | Err(_) if p == 0.0 => {
                    self.warn(call.name_at, format!("{} is left out: with p=0 it never runs", call.name()));
                    Ok(None)
                }
                Ok(Some(step)) => self.sometimes(call.name_at, p, step).map(Some),
                Err(complaint) => Err(complaint),
            },
        }
    }

    /// The call without parameters that the transform does not have, which version 2 passes over; version 1 refuses them.
    pub(super) fn alb_kept_parameters(
        &mut self,
        call: &Call<'a>,
        names: &[&'static str],
        told: Told,
    ) -> Call<'a> {
        let mut kept = call.clone();
        if !told.decided || told.version == Version::One {
            return kept;
        }
        kept.keywords.retain(|(name, ..)| names.contains(&name.as_str()) || is_ignored(name));
        for (name, at, _) in &call.keywords {
            if !names.contains(&name.as_str()) && !is_ignored(name) {
                let near = nearest(name, names.iter().copied());
                let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                let message = format!(
                    "{} has no parameter {name}, which is passed over, as in Albumentations 2.x{hint}",
                    call.name()
                );
                self.warn(*at, message);
            }
        }
        kept
    }

    /// The p of a transform that is not chosen by a container.
    fn alb_probability(&mut self, bound: &Bound<'_, 'a>, signature: &Signature, told: Told) -> Res<f64> {
        if let [one] = bound.call.args.as_slice()
            && signature.places == BARE
            && !matches!(one.kind, V::Bool(_))
        {
            let message = if told.decided && told.version == Version::One {
                "by its place this is always_apply in Albumentations 1.x, so that it always runs; write p="
            } else {
                "p by its place is that of Albumentations 2.x; 1.x takes it for always_apply. Write p="
            };
            self.warn(one.at, message);
        }
        if let Some(always) = bound.get("always_apply").filter(|always| always.truth() != Some(false)) {
            if told.version == Version::One && always.number() != Some(0.0) {
                return Ok(1.0);
            }
            self.warn(always.at, "always_apply is passed over, as in Albumentations 2.x; write p=1");
        }
        let default = Signature::of_version(told, signature.p);
        bound.get("p").map_or(Ok(default), |p| self.number(p, "p"))
    }

    /// `Lambda`, which is no step: it changes no images, or by Python.
    pub(super) fn alb_lambda(&mut self, bound: &Bound<'_, 'a>) {
        match bound.passed("image").filter(|value| !matches!(value.kind, V::None)) {
            Some(image) => self.left_out(image, false),
            None => self.warn(bound.call.name_at, "Lambda is passed over: it changes no images"),
        }
    }

    fn alb_unknown_transform(&self, call: &Call<'a>) -> Complaint {
        let name = call.name();
        let known: Vec<&str> = SIGNATURES
            .iter()
            .map(|own| own.name)
            .chain(containers::NAMES.iter().copied())
            .chain(pixels::names())
            .collect();
        let near = nearest(name, known.iter().copied());
        let hint = near.map(|near| format!("Nearest: {near}. ")).unwrap_or_default();
        self.complain(call.name_at, format!("the transform {name} has no exact counterpart here"))
            .help(format!("{hint}Known here: {}", known.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transforms_are_sorted_and_know_their_p() {
        assert!(SIGNATURES.windows(2).all(|pair| pair[0].name < pair[1].name));
        for own in SIGNATURES {
            for places in own.places {
                assert!(places.is_empty() || places.contains(&"p"), "{}", own.name);
            }
        }
    }
}

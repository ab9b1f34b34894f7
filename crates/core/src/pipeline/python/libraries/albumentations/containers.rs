//! Albumentations' containers: `Compose`, `Sequential`, `OneOf`, `SomeOf`, `RandomOrder`, `OneOrOther`.

use super::super::super::eval::Res;
use super::super::super::syntax::Range;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, V, Val};
use super::own::Piece;
use super::version::{Told, Version};
use crate::text::tree::{Tree, Value};

/// All that are read.
pub(super) const NAMES: &[&str] =
    &["Compose", "ReplayCompose", "Sequential", "OneOf", "SomeOf", "RandomOrder", "OneOrOther"];

/// The parameters of `Compose`, in both versions.
const COMPOSE: &[&str] = &[
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
    "save_key",
];

/// How a container chooses among its transforms.
struct Choice {
    weights: Vec<f64>,
    steps: Vec<Tree>,
    /// Whether none of them is of the library.
    own: bool,
}

impl<'a> Translator<'a> {
    /// The steps of `Compose`.
    pub(super) fn alb_composed(&mut self, call: &Call<'a>, told: Told) -> Res<Vec<Tree>> {
        let bound = self.bind(call, COMPOSE)?;
        for name in ["bbox_params", "keypoint_params", "additional_targets"] {
            if let Some(value) = bound.passed(name).filter(|value| !matches!(value.kind, V::None)) {
                self.warn(value.at, format!("{name} is passed over; boxes move with their images anyway"));
            }
        }
        let steps = self.alb_inner(&bound, told)?;
        let p = self.alb_own_p(&bound, 1.0)?;
        if p == 1.0 || steps.is_empty() {
            return Ok(steps);
        }
        let all = self.alb_sequence(call.name_at, steps)?;
        Ok(vec![self.sometimes(call.name_at, p, all)?])
    }

    /// A container as a step, with the probability `forced` instead of its own; none where nothing is left of it.
    pub(super) fn alb_contained(
        &mut self,
        call: &Call<'a>,
        forced: Option<f64>,
        told: Told,
    ) -> Res<Option<Tree>> {
        let at = call.name_at;
        match call.name() {
            "OneOf" => {
                let bound = self.bind(call, &["transforms", "p"])?;
                let p = forced.map_or_else(|| self.alb_own_p(&bound, 0.5), Ok)?;
                let choice = self.alb_choice(&bound, told)?;
                if choice.own {
                    return Ok(None);
                }
                let one = self.alb_one_of(at, choice)?;
                self.sometimes(at, p, one).map(Some)
            }
            "OneOrOther" => {
                let bound = self.bind(call, &["first", "second", "transforms", "p"])?;
                let p = self.alb_own_p(&bound, 0.5)?;
                let mut both = Vec::new();
                for name in ["first", "second"] {
                    match bound.get(name).map(|value| &value.kind) {
                        Some(V::Call(own)) => both.push(Call::clone(own)),
                        _ => both.clear(),
                    }
                }
                if both.is_empty() {
                    let all = self.alb_pieces(&bound)?;
                    both.extend(all.into_iter().filter_map(|piece| match piece {
                        Piece::Transform(call) => Some(call.clone()),
                        Piece::Own(_) => None,
                    }));
                }
                let [first, .., last] = both.as_slice() else {
                    return Err(self.complain(at, "OneOrOther takes two transforms"));
                };
                let steps =
                    [first, last].into_iter().map(|own| self.alb_certain(own, told)).collect::<Res<_>>()?;
                self.alb_one_of(at, Choice { weights: vec![p, 1.0 - p], steps, own: false }).map(Some)
            }
            "SomeOf" | "RandomOrder" => self.alb_some_of_them(call, forced, told).map(Some),
            name => {
                let names: &[&'static str] =
                    if name == "Sequential" { &["transforms", "p"] } else { COMPOSE };
                let bound = self.bind(call, names)?;
                let steps = self.alb_inner(&bound, told)?;
                if steps.is_empty() {
                    return Ok(None);
                }
                let own = match name {
                    // Its p means nothing in version 1.
                    "Sequential" if told.version == Version::One => 1.0,
                    "Sequential" => self.alb_own_p(&bound, 0.5)?,
                    _ => self.alb_own_p(&bound, 1.0)?,
                };
                let all = self.alb_sequence(at, steps)?;
                self.sometimes(at, forced.unwrap_or(own), all).map(Some)
            }
        }
    }

    fn alb_own_p(&self, bound: &Bound<'_, 'a>, default: f64) -> Res<f64> {
        bound.get("p").map_or(Ok(default), |p| self.number(p, "p"))
    }

    fn alb_sequence(&mut self, at: Range, steps: Vec<Tree>) -> Res<Tree> {
        let list = self.tree(at, Value::List(steps))?;
        self.wrap(at, "sequential", list)
    }

    /// A transform that runs whatever its p.
    fn alb_certain(&mut self, call: &Call<'a>, told: Told) -> Res<Tree> {
        if let Some(step) = self.alb_transform(call, Some(1.0), told)? {
            return Ok(step);
        }
        let nothing = self.tree(call.name_at, Value::Map(Vec::new()))?;
        self.wrap(call.name_at, "noop", nothing)
    }

    /// Transforms that run for certain, weighed by their own p.
    fn alb_choice(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Choice> {
        let (mut weights, mut steps, mut own) = (Vec::new(), Vec::new(), true);
        for piece in self.alb_pieces(bound)? {
            weights.push(self.alb_weight(&piece, told)?);
            own &= matches!(piece, Piece::Own(_));
            steps.push(match piece {
                Piece::Transform(call) => self.alb_certain(call, told)?,
                Piece::Own(value) => self.alb_nothing(value)?,
            });
        }
        let own = own && !steps.is_empty();
        Ok(Choice { weights, steps, own })
    }

    fn alb_one_of(&mut self, at: Range, Choice { weights, steps, .. }: Choice) -> Res<Tree> {
        let equal = weights.windows(2).all(|pair| pair[0] == pair[1]);
        let list = self.tree(at, Value::List(steps))?;
        if equal {
            return self.wrap(at, "one_of", list);
        }
        let weights =
            weights.into_iter().map(|weight| self.tree(at, Value::Float(weight))).collect::<Res<_>>()?;
        let weights = self.tree(at, Value::List(weights))?;
        let fields = vec![(self.key(at, "weights"), weights), (self.key(at, "of"), list)];
        let inner = self.tree(at, Value::Map(fields))?;
        self.wrap(at, "one_of", inner)
    }

    /// `SomeOf` and `RandomOrder`: version 1 draws with replacement by weights and runs what it draws; version 2 draws
    /// without, and every transform keeps its own p.
    fn alb_some_of_them(&mut self, call: &Call<'a>, forced: Option<f64>, told: Told) -> Res<Tree> {
        let at = call.name_at;
        let bound = self.bind(call, &["transforms", "n", "replace", "p"])?;
        let older = told.version == Version::One && call.name() == "SomeOf";
        let n = match bound.get("n") {
            Some(Val { kind: V::Int(n), .. }) if (0..=100).contains(n) => *n,
            Some(value) => return Err(self.complain(value.at, "n is a number of transforms, 0 to 100")),
            None => 1,
        };
        let replace = bound.get("replace").map_or(older, |value| value.truth() == Some(true));
        let p = forced.map_or_else(|| self.alb_own_p(&bound, 1.0), Ok)?;
        let mut rounds = Vec::new();
        if replace {
            for _ in 0..n {
                let choice = if older {
                    self.alb_choice(&bound, told)?
                } else {
                    let steps = self.alb_kept(&bound, told)?;
                    Choice { weights: vec![1.0; steps.len()], steps, own: false }
                };
                rounds.push(self.alb_one_of(at, choice)?);
            }
            if !older && call.name() == "SomeOf" && n > 1 {
                self.warn(
                    at,
                    "what is drawn runs in the order in which it is drawn; there in that of the list",
                );
            }
            let all = self.alb_sequence(at, rounds)?;
            return self.sometimes(at, p, all);
        }
        let Choice { weights, steps, .. } = if older {
            self.alb_choice(&bound, told)?
        } else {
            let steps = self.alb_kept(&bound, told)?;
            Choice { weights: Vec::new(), steps, own: false }
        };
        if weights.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(self
                .complain(at, "some_of takes its steps with equal probabilities")
                .help("Give its transforms the same p, or leave replace out"));
        }
        let count = n.min(steps.len() as i64);
        let random = older || call.name() == "RandomOrder";
        let fields = vec![
            (self.key(at, "count"), self.tree(at, Value::Int(count))?),
            (self.key(at, "random_order"), self.tree(at, Value::Bool(random))?),
            (self.key(at, "of"), self.tree(at, Value::List(steps))?),
        ];
        let some = self.step(call, "some_of", fields)?;
        self.sometimes(at, p, some)
    }

    /// Transforms that keep their own p.
    fn alb_kept(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Vec<Tree>> {
        let mut steps = Vec::new();
        for piece in self.alb_pieces(bound)? {
            let call = match piece {
                Piece::Transform(call) => call,
                Piece::Own(value) => {
                    steps.push(self.alb_nothing(value)?);
                    continue;
                }
            };
            match self.alb_transform(call, None, told)? {
                Some(step) => steps.push(step),
                None => steps.push(self.alb_certain(call, told)?),
            }
        }
        Ok(steps)
    }
}

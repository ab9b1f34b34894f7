//! imgaug's stochastic parameters (`iap.*`), as constants, ranges, choices and distributions.

use super::super::super::eval::Res;
use super::super::super::syntax::Range;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, V, Val};
use crate::ops::counterpart::Fixed;
use crate::ops::range::Law;
use crate::ops::range::law::Sign;
use crate::text::tree::{Tree, Value};

/// How many whole numbers a distribution of them is written out as.
const MOST_WHOLE: i64 = 256;

impl<'a> Translator<'a> {
    /// A parameter of imgaug as a value of a pipeline file; `whole` says that whole numbers are wanted.
    pub(super) fn parameter(&mut self, call: &Call<'a>, whole: bool) -> Res<Tree> {
        if call.name() == "Deterministic" {
            let bound = self.bind(call, &["value"])?;
            let value = self.need(&bound, "value")?;
            return if whole { self.whole(value) } else { self.real(value) };
        }
        let law = self.distribution(call)?;
        // All whole numbers between two are a range where whole numbers are wanted.
        if let ("DiscreteUniform", true, Some([first, .., last])) =
            (call.name(), whole, law.choice.as_deref())
        {
            let ends = [first, last].map(|end| self.tree(call.name_at, Value::Int(*end as i64)));
            let ends = ends.into_iter().collect::<Res<_>>()?;
            return self.tree(call.name_at, Value::List(ends));
        }
        self.distribution_tree(call.name_at, &law, whole)
    }

    fn distribution_tree(&mut self, at: Range, law: &Law, whole: bool) -> Res<Tree> {
        let plain = Law { choice: law.choice.clone(), uniform: law.uniform, ..Law::default() } == *law;
        let is_whole = |value: &f64| value.fract() == 0.0 && value.abs() < 1e15;
        let number = |value: f64| {
            if is_whole(&value) { Value::Int(value as i64) } else { Value::Float(value) }
        };
        let list = |this: &mut Self, values: &[f64]| {
            let items = values.iter().map(|value| this.tree(at, number(*value))).collect::<Res<Vec<_>>>()?;
            this.tree(at, Value::List(items))
        };
        if whole {
            let values_whole = law.choice.iter().flatten().all(is_whole);
            if !values_whole {
                return Err(self.complain(at, "whole numbers are expected here"));
            }
            if law.choice.is_none() && !law.round && law.poisson.is_none() {
                self.warn(
                    at,
                    "numbers of this distribution are rounded to whole ones here; imgaug cuts some off",
                );
            }
        }
        match (&law.choice, law.uniform) {
            (Some(values), None) if plain => {
                let values = list(self, values)?;
                self.wrap(at, "choice", values)
            }
            (None, Some(ends)) if plain && !whole => list(self, &ends),
            _ => {
                let mut fields = Vec::new();
                for (name, pair) in [
                    ("normal", law.normal),
                    ("laplace", law.laplace),
                    ("uniform", law.uniform),
                    ("truncate", law.truncate),
                    ("clip", law.clip),
                ] {
                    if let Some(pair) = pair {
                        fields.push((self.key(at, name), list(self, &pair)?));
                    }
                }
                for (name, values) in [("choice", &law.choice), ("weights", &law.weights)] {
                    if let Some(values) = values {
                        fields.push((self.key(at, name), list(self, values)?));
                    }
                }
                if let Some(mean) = law.poisson {
                    fields.push((self.key(at, "poisson"), self.tree(at, Value::Float(mean))?));
                }
                if let Some(sign) = law.sign {
                    let name = crate::ops::Named::name(sign);
                    fields.push((self.key(at, "sign"), self.tree(at, Value::Text(name.to_owned()))?));
                }
                if law.round {
                    fields.push((self.key(at, "round"), self.tree(at, Value::Bool(true))?));
                }
                self.tree(at, Value::Map(fields))
            }
        }
    }

    /// The distribution that a parameter is.
    fn distribution(&mut self, call: &Call<'a>) -> Res<Law> {
        let at = call.name_at;
        let law = match call.name() {
            "Deterministic" => {
                let [value] = self.numbers_of(call, ["value"], [None])?;
                Law { choice: Some(vec![value]), ..Law::default() }
            }
            "Uniform" => {
                let [a, b] = self.numbers_of(call, ["a", "b"], [None; 2])?;
                Law { uniform: Some([a.min(b), a.max(b)]), ..Law::default() }
            }
            "DiscreteUniform" => {
                let [a, b] = self.numbers_of(call, ["a", "b"], [None; 2])?;
                let (lo, hi) = (a.min(b) as i64, a.max(b) as i64);
                if hi - lo >= MOST_WHOLE {
                    // The ends have half the weight then, which nobody will see.
                    return Ok(Law { uniform: Some([lo as f64, hi as f64]), round: true, ..Law::default() });
                }
                Law { choice: Some((lo..=hi).map(|value| value as f64).collect()), ..Law::default() }
            }
            "Normal" => {
                let normal = self.numbers_of(call, ["loc", "scale"], [None; 2])?;
                Law { normal: Some(normal), ..Law::default() }
            }
            "TruncatedNormal" => {
                let names = ["loc", "scale", "low", "high"];
                let [loc, scale, low, high] =
                    self.numbers_of(call, names, [None, None, Some(f64::NEG_INFINITY), Some(f64::INFINITY)])?;
                let far = 1e6;
                let ends = [low.max(-far), high.min(far)];
                Law { normal: Some([loc, scale]), truncate: Some(ends), ..Law::default() }
            }
            "Laplace" => {
                let laplace = self.numbers_of(call, ["loc", "scale"], [None; 2])?;
                Law { laplace: Some(laplace), ..Law::default() }
            }
            "Poisson" => {
                let [mean] = self.numbers_of(call, ["lam"], [None])?;
                Law { poisson: Some(mean), ..Law::default() }
            }
            "Binomial" => {
                let [p] = self.numbers_of(call, ["p"], [None])?;
                Law { choice: Some(vec![0.0, 1.0]), weights: Some(vec![1.0 - p, p]), ..Law::default() }
            }
            "Choice" => self.distribution_of_choice(call)?,
            "Clip" => {
                let bound = self.bind(call, &["other_param", "minval", "maxval"])?;
                let inner = self.inner_law(&bound)?;
                let end = |name: &str, far: f64| match bound.get(name) {
                    Some(value) => self.number(value, name),
                    None => Ok(far),
                };
                let ends = [end("minval", -1e6)?, end("maxval", 1e6)?];
                if inner.clip.is_some() || inner.round {
                    return Err(self.complain(at, "Clip comes before Discretize here, and once"));
                }
                Law { clip: Some(ends), ..inner }
            }
            "Discretize" => {
                let bound = self.bind(call, &["other_param", "round"])?;
                self.fixed(&bound, "round", Fixed::Bool(true))?;
                Law { round: true, ..self.inner_law(&bound)? }
            }
            "Absolute" | "Positive" | "Negative" | "RandomSign" => self.signed_law(call)?,
            "Add" | "Subtract" | "Multiply" | "Divide" => self.shifted_law(call)?,
            name => {
                let message = format!("the distribution {name} is not there here");
                return Err(self.complain(at, message).help(
                    "There are constants, ranges, choices, and normal, truncated normal, Laplace and Poisson numbers, clipped and rounded",
                ));
            }
        };
        Ok(law)
    }

    /// The numbers of a parameter of numbers; those without a default must be given.
    fn numbers_of<const N: usize>(
        &mut self,
        call: &Call<'a>,
        names: [&'static str; N],
        defaults: [Option<f64>; N],
    ) -> Res<[f64; N]> {
        let bound = self.bind(call, &names)?;
        let mut numbers = [0.0; N];
        for ((name, default), number) in names.into_iter().zip(defaults).zip(&mut numbers) {
            *number = match (bound.get(name), default) {
                (Some(value), _) => match &value.kind {
                    V::Tuple(_) | V::List(_) | V::Call(_) => {
                        let message = format!("{name} of {} is a single number here", call.name());
                        return Err(self.complain(value.at, message));
                    }
                    _ => self.number(value, name)?,
                },
                (None, Some(default)) => default,
                (None, None) => {
                    return Err(self.complain(call.name_at, format!("{} without {name}", call.name())));
                }
            };
        }
        Ok(numbers)
    }

    fn distribution_of_choice(&mut self, call: &Call<'a>) -> Res<Law> {
        let bound = self.bind(call, &["a", "replace", "p"])?;
        self.fixed(&bound, "replace", Fixed::Bool(true))?;
        let values = self.need(&bound, "a")?;
        let Some(items) = values.items() else {
            return Err(self.complain(values.at, "a choice is made from a list"));
        };
        let numbers = |this: &Self, items: &[Val<'a>]| {
            items.iter().map(|item| this.number(item, "an item of a choice")).collect::<Res<Vec<f64>>>()
        };
        let choice = Some(numbers(self, items)?);
        let weights = match bound.get("p") {
            Some(p) => match p.items() {
                Some(items) => Some(numbers(self, items)?),
                None => return Err(self.complain(p.at, "p is a list, a probability for each item")),
            },
            None => None,
        };
        Ok(Law { choice, weights, ..Law::default() })
    }

    /// What another parameter is made of.
    fn inner_law(&mut self, bound: &Bound<'_, 'a>) -> Res<Law> {
        let value = self.need(bound, "other_param")?;
        self.distribution_of(value)
    }

    /// A parameter, or what stands for one.
    fn distribution_of(&mut self, value: &Val<'a>) -> Res<Law> {
        match &value.kind {
            V::Call(call) if call.path.starts_with("imgaug.parameters.") => self.distribution(call),
            V::Tuple(pair) if pair.len() == 2 => {
                let (a, b) = (self.number(&pair[0], "an end")?, self.number(&pair[1], "an end")?);
                Ok(Law { uniform: Some([a.min(b), a.max(b)]), ..Law::default() })
            }
            V::List(items) => {
                let choice =
                    items.iter().map(|item| self.number(item, "an item")).collect::<Res<Vec<_>>>()?;
                Ok(Law { choice: Some(choice), ..Law::default() })
            }
            _ => Ok(Law { choice: Some(vec![self.number(value, "the parameter")?]), ..Law::default() }),
        }
    }

    fn signed_law(&mut self, call: &Call<'a>) -> Res<Law> {
        let mut names = vec!["other_param"];
        names.extend(match call.name() {
            "RandomSign" => &["p_positive"][..],
            "Absolute" => &[],
            _ => &["mode", "reroll_count_max"],
        });
        let bound = self.bind(call, &names)?;
        self.fixed(&bound, "p_positive", Fixed::Number(0.5))?;
        self.fixed(&bound, "mode", Fixed::Text("invert"))?;
        let inner = self.inner_law(&bound)?;
        if inner.sign.is_some() || inner.clip.is_some() || inner.round {
            let message = format!("{} comes before Clip and Discretize here, and once", call.name());
            return Err(self.complain(call.name_at, message));
        }
        let sign = match call.name() {
            "Negative" => Sign::Negative,
            "RandomSign" => Sign::Random,
            _ => Sign::Positive,
        };
        Ok(Law { sign: Some(sign), ..inner })
    }

    /// A parameter moved and stretched by a constant.
    fn shifted_law(&mut self, call: &Call<'a>) -> Res<Law> {
        let bound = self.bind(call, &["other_param", "val", "elementwise"])?;
        self.fixed(&bound, "elementwise", Fixed::Bool(false))?;
        let inner = self.inner_law(&bound)?;
        let value = self.need(&bound, "val")?;
        let by = self.number(value, "val")?;
        let (factor, more) = match call.name() {
            "Add" => (1.0, by),
            "Subtract" => (1.0, -by),
            "Multiply" => (by, 0.0),
            _ => (1.0 / by, 0.0),
        };
        let changed = inner.truncate.is_some() || inner.sign.is_some() || inner.clip.is_some() || inner.round;
        if changed || inner.poisson.is_some() || !factor.is_finite() {
            let message = format!("{} is of a plain distribution and a number here", call.name());
            return Err(self.complain(call.name_at, message));
        }
        let place = |x: f64| x * factor + more;
        let spread = |[mean, unit]: [f64; 2]| [place(mean), unit * factor.abs()];
        Ok(Law {
            normal: inner.normal.map(spread),
            laplace: inner.laplace.map(spread),
            uniform: inner.uniform.map(|[a, b]| {
                let (a, b) = (place(a), place(b));
                [a.min(b), a.max(b)]
            }),
            choice: inner.choice.map(|values| values.into_iter().map(place).collect()),
            weights: inner.weights,
            ..Law::default()
        })
    }
}

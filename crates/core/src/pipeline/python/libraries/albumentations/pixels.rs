//! Albumentations' transforms of pixel values: their names and parameters in versions 1.x and 2.x, and the steps they become.
//!
//! A call says by its parameters which version it was written for, or else the file does; if neither does, 1.x is taken, with a
//! warning where 2.x gives something else.

use super::super::super::eval::Res;
use super::super::super::syntax::Range;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, V, Val};
use super::version::{Told, Version};
use crate::text::tree::{Key, Tree, Value};
use table::ROWS;

mod dropout;
mod noise;
mod table;
#[cfg(test)]
mod tests;
mod values;
mod weather;

/// A transform.
struct Row {
    name: &'static str,
    /// Parameters by position in 1.x; empty if it is not there.
    one: &'static [&'static str],
    /// The same in 2.x.
    two: &'static [&'static str],
    /// What 2.x does otherwise, where a call does not say its version.
    differs: Option<&'static str>,
    /// Makes the step, or the steps of probability 1.
    step: fn(&mut Maker<'_, '_, '_>) -> Res<Step>,
}

/// What a transform becomes.
enum Step {
    /// An operation and its fields, which a coin decides about.
    Plain(&'static str, Vec<(Key, Tree)>),
    /// One that has its probability as a field.
    WithP(&'static str, Vec<(Key, Tree)>),
}

/// Parameters that say nothing of images' pixels.
const IDLE: &[&str] =
    &["mask_value", "mask_fill_value", "mask_drop_value", "fill_mask", "mask_interpolation"];

/// Older and newer names of what fills holes, which versions between 1.3 and 2.0 mixed with other names.
const FILLS: &[&str] = &["fill_value", "fill"];

impl Row {
    fn of(name: &str) -> Option<&'static Self> {
        ROWS.iter().find(|row| row.name == name)
    }

    /// The version that the parameters of a call belong to, if there is only one.
    fn version(&self, call: &Call<'_>) -> Option<Version> {
        if self.two.is_empty() != self.one.is_empty() && !matches!(self.name, "ToGray") {
            return Some(if self.two.is_empty() { Version::One } else { Version::Two });
        }
        let only = |own: &[&str], other: &[&str]| {
            call.keywords.iter().any(|(name, ..)| {
                own.contains(&name.as_str())
                    && !other.contains(&name.as_str())
                    && !IDLE.contains(&name.as_str())
            })
        };
        if only(self.two, self.one) {
            Some(Version::Two)
        } else if only(self.one, self.two) || call.keywords.iter().any(|(name, ..)| name == "always_apply") {
            Some(Version::One)
        } else {
            None
        }
    }

    /// Parameters by position, with those that all transforms have.
    fn order(&self, version: Version) -> Vec<&'static str> {
        let (own, common): (_, &[_]) = match version {
            Version::One => (self.one, &["always_apply", "p"]),
            Version::Two => (self.two, &["p"]),
        };
        own.iter().chain(common).copied().collect()
    }
}

impl Step {
    fn plain(name: &'static str) -> Self {
        Self::Plain(name, Vec::new())
    }
}

/// The version that a call of one of these transforms is written for, where its parameters say so.
pub(super) fn version(call: &Call<'_>) -> Option<Version> {
    Row::of(call.name()).and_then(|row| row.version(call))
}

/// The names of all of them, and their parameters by position in 1.x and 2.x.
pub(super) fn places() -> impl Iterator<Item = (&'static str, [&'static [&'static str]; 2])> {
    ROWS.iter().map(|row| (row.name, [row.one, row.two]))
}

/// The names of all of them.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.name)
}

impl<'a> Translator<'a> {
    /// A transform of pixel values, with the probability `forced` instead of its own; none for other transforms.
    pub(super) fn albumentations_pixels(
        &mut self,
        call: &Call<'a>,
        forced: Option<f64>,
        file: Told,
    ) -> Option<Res<Tree>> {
        Row::of(call.name()).map(|row| self.pixels(row, call, forced, file))
    }

    fn pixels(&mut self, row: &'static Row, call: &Call<'a>, forced: Option<f64>, file: Told) -> Res<Tree> {
        let at = call.name_at;
        let mut known = version(call).or(file.decided.then_some(file.version));
        let mut order = row.order(known.unwrap_or(Version::One));
        // In 2.x p follows the parameters, in 1.x always_apply.
        if known.is_none()
            && row.one.len() == row.two.len()
            && let Some(value) = call.args.get(row.one.len())
            && call.args.len() == row.one.len() + 1
            && value.number().is_some()
            && !matches!(value.kind, V::Bool(_))
        {
            self.warn(
                value.at,
                "p by its place is that of Albumentations 2.x; 1.x takes it for always_apply. Write p=",
            );
            known = Some(Version::Two);
            order = row.order(Version::Two);
        }
        if let Some(extra) = call.args.get(order.len()) {
            let message = format!("{} takes {} values by their position, not more", row.name, order.len());
            return Err(self.complain(extra.at, message));
        }
        let others = row.one.iter().chain(row.two).chain(&["always_apply", "p"]).chain(IDLE).chain(FILLS);
        let others: Vec<&'static str> = others.copied().filter(|name| !order.contains(name)).collect();
        order.extend(others);
        let told = Told { version: known.unwrap_or(Version::One), decided: known.is_some() };
        let call = &self.alb_kept_parameters(call, &order, told);
        let bound = self.bind(call, &order)?;
        let always = known != Some(Version::Two)
            && bound.get("always_apply").is_some_and(|always| always.truth() == Some(true));
        let p = match forced {
            Some(p) => p,
            None if always => 1.0,
            None => bound.get("p").map_or(Ok(0.5), |p| self.number(p, "p"))?,
        };
        if let (None, Some(differs)) = (known, row.differs) {
            let message = format!(
                "{} is that of Albumentations 1.x; {differs}. --compat albumentations2 takes that",
                row.name
            );
            self.warn(at, message);
        }
        let mut maker = Maker { translator: self, bound, version: known.unwrap_or(Version::One), known, at };
        match (row.step)(&mut maker)? {
            Step::Plain(name, fields) => {
                let step = self.step(call, name, fields)?;
                self.sometimes(at, p, step)
            }
            Step::WithP(name, mut fields) => {
                fields.push((self.key(at, "p"), self.tree(at, Value::Float(p))?));
                self.step(call, name, fields)
            }
        }
    }
}

/// Makes a step of a call.
struct Maker<'t, 'v, 'a> {
    translator: &'t mut Translator<'a>,
    bound: Bound<'v, 'a>,
    /// The version, or that which is taken.
    version: Version,
    /// The version, if it is known.
    known: Option<Version>,
    at: Range,
}

type Fields = Vec<(Key, Tree)>;

impl<'v, 'a> Maker<'_, 'v, 'a> {
    fn get(&self, name: &str) -> Option<&'v Val<'a>> {
        self.bound.get(name)
    }

    /// A complaint about a value, or about the call.
    fn refuse<T>(&self, at: Option<&Val<'a>>, message: impl Into<String>) -> Res<T> {
        Err(self.translator.complain(at.map_or(self.at, |value| value.at), message))
    }

    /// What 2.x does otherwise with values as these.
    fn differs(&mut self, differs: &str) {
        if self.known.is_none() {
            let message = format!("{} is that of Albumentations 1.x; {differs}", self.bound.call.name());
            self.translator.warn(self.at, message);
        }
    }

    fn number(&self, name: &str, default: f64) -> Res<f64> {
        self.get(name).map_or(Ok(default), |value| self.translator.number(value, name))
    }

    fn flag(&self, name: &str, default: bool) -> Res<bool> {
        let Some(value) = self.get(name) else { return Ok(default) };
        value.truth().map_or_else(|| self.refuse(Some(value), format!("{name} is True or False")), Ok)
    }

    /// A text that must be one of `known`, in lower case.
    fn word(&self, name: &str, default: &'static str, known: &[&'static str]) -> Res<&'static str> {
        let Some(value) = self.get(name) else { return Ok(default) };
        let found = match &value.kind {
            V::Text(text) => known.iter().find(|word| **word == &**text),
            _ => None,
        };
        found.map_or_else(
            || self.refuse(Some(value), format!("{name} is one of {} here", known.join(", "))),
            |word| Ok(*word),
        )
    }

    /// A pair as it is, sorted, or what `single` makes of a number.
    fn pair(&self, name: &str, default: [f64; 2], single: impl FnOnce(f64) -> [f64; 2]) -> Res<[f64; 2]> {
        let Some(value) = self.get(name) else { return Ok(default) };
        let [a, b] = match value.items() {
            Some([a, b]) => [self.translator.number(a, name)?, self.translator.number(b, name)?],
            Some(_) => return self.refuse(Some(value), format!("{name} is a number or a pair")),
            None => single(self.translator.number(value, name)?),
        };
        Ok([a.min(b), a.max(b)])
    }

    /// A number v is from -v to v.
    fn symmetric(&self, name: &str, default: f64) -> Res<[f64; 2]> {
        self.pair(name, [-default, default], |v| [-v, v])
    }

    /// A number v is from `low` to v.
    fn above(&self, name: &str, default: [f64; 2], low: f64) -> Res<[f64; 2]> {
        self.pair(name, default, |v| [low, v])
    }

    /// A pair of whole numbers, or one of them.
    fn whole(&self, name: &str, default: [i64; 2], single: impl FnOnce(f64) -> [f64; 2]) -> Res<[i64; 2]> {
        Ok(self.pair(name, default.map(|v| v as f64), single)?.map(|v| v as i64))
    }

    fn field(&mut self, name: &str, value: Value) -> Res<(Key, Tree)> {
        Ok((self.translator.key(self.at, name), self.translator.tree(self.at, value)?))
    }

    fn list(&mut self, name: &str, values: impl IntoIterator<Item = Value>) -> Res<(Key, Tree)> {
        let items =
            values.into_iter().map(|value| self.translator.tree(self.at, value)).collect::<Res<_>>()?;
        self.field(name, Value::List(items))
    }

    /// A range, or a number where its ends are the same.
    fn range(&mut self, name: &str, [lo, hi]: [f64; 2]) -> Res<(Key, Tree)> {
        if lo == hi {
            return self.field(name, Value::Float(lo));
        }
        self.list(name, [Value::Float(lo), Value::Float(hi)])
    }

    fn ints(&mut self, name: &str, [lo, hi]: [i64; 2]) -> Res<(Key, Tree)> {
        if lo == hi {
            return self.field(name, Value::Int(lo));
        }
        self.list(name, [Value::Int(lo), Value::Int(hi)])
    }

    fn text(&mut self, name: &str, text: &str) -> Res<(Key, Tree)> {
        self.field(name, Value::Text(text.to_owned()))
    }

    /// The version, for operations that have both.
    fn version(&mut self) -> Res<(Key, Tree)> {
        let number = match self.version {
            Version::One => 1,
            Version::Two => 2,
        };
        self.field("compat", Value::Int(number))
    }

    /// The fields of `Sharpen` and `Emboss`, in which a number v is from 0 to v.
    fn kernel(&mut self, step: &'static str, second: &'static str, default: [f64; 2]) -> Res<Step> {
        let alpha = self.above("alpha", [0.2, 0.5], 0.0)?;
        let other = self.above(second, default, 0.0)?;
        Ok(Step::Plain(step, vec![self.range("alpha", alpha)?, self.range(second, other)?]))
    }
}

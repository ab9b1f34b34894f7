//! Functions that Python has without an import.

use std::rc::Rc;

use super::call::Keywords;
use super::eval::{Eval, MAX_ITEMS, Res};
use super::syntax::Range;
use super::value::{V, Val};

impl<'a> Eval<'a> {
    /// What such a function gives, where that is known.
    pub(super) fn builtin(
        &mut self,
        name: &str,
        args: &[Val<'a>],
        keywords: Keywords<'a>,
        at: Range,
    ) -> Res<V<'a>> {
        if let Some(unknown) = args.iter().find(|value| value.why().is_some()) {
            return Ok(unknown.kind.clone());
        }
        let whole = |value: &Val<'a>| if let V::Int(value) = value.kind { Some(value) } else { None };
        let numbers_of = |args: &[Val<'a>]| -> Option<Vec<Val<'a>>> {
            let items = match args {
                [one] => one.items()?.to_vec(),
                _ => args.to_vec(),
            };
            items.iter().all(|item| item.number().is_some()).then_some(items)
        };
        let extreme = |pick: fn(f64, f64) -> bool| {
            let items = numbers_of(args)?;
            let mut best = items.first()?.clone();
            for item in items {
                if pick(item.number()?, best.number()?) {
                    best = item;
                }
            }
            Some(best.kind)
        };
        let kind = match (name, args) {
            ("dict", []) => {
                let text = |(name, at, value): (String, Range, Val<'a>)| {
                    (Val { at, kind: V::Text(name.as_str().into()) }, value)
                };
                Some(V::Dict(Rc::new(keywords.into_iter().map(text).collect())))
            }
            ("dict", [Val { kind: V::Dict(entries), .. }]) if keywords.is_empty() => {
                Some(V::Dict(Rc::clone(entries)))
            }
            ("list", []) => Some(V::List(Rc::default())),
            ("list", [one]) => Self::sequence(one).map(|items| V::List(Rc::new(items))),
            ("tuple", [one]) => Self::sequence(one).map(|items| V::Tuple(Rc::new(items))),
            ("sorted", [one]) if keywords.is_empty() => Self::sequence(one).and_then(|mut items| {
                let numbers: Option<Vec<f64>> = items.iter().map(Val::number).collect();
                numbers?;
                items.sort_by(|a, b| a.number().unwrap_or(0.0).total_cmp(&b.number().unwrap_or(0.0)));
                Some(V::List(Rc::new(items)))
            }),
            ("len", [Val { kind: V::Text(text), .. }]) => Some(V::Int(text.chars().count() as i64)),
            ("len", [one]) => Self::sequence(one).map(|items| V::Int(items.len() as i64)),
            ("float", [one]) => one.number().map(V::Float),
            ("int", [one]) => one.number().map(|value| V::Int(value as i64)),
            ("bool", [one]) => one.truth().map(V::Bool),
            ("str", [one]) => match &one.kind {
                V::Text(text) => Some(V::Text(Rc::clone(text))),
                V::Int(_) | V::Bool(_) | V::None => Some(V::Text(one.kind().into())),
                _ => None,
            },
            ("abs", [one]) => match one.kind {
                V::Int(value) => value.checked_abs().map(V::Int),
                V::Float(value) => Some(V::Float(value.abs())),
                _ => None,
            },
            // Python rounds half to even.
            ("round", [one]) => one.number().map(|value| V::Int(value.round_ties_even() as i64)),
            ("max", _) if keywords.is_empty() => extreme(|a, b| a > b),
            ("min", _) if keywords.is_empty() => extreme(|a, b| a < b),
            ("range", [end]) => whole(end).and_then(|end| numbers(0, end, 1, at)),
            ("range", [start, end]) => whole(start).zip(whole(end)).and_then(|(a, b)| numbers(a, b, 1, at)),
            ("range", [start, end, step]) => whole(start)
                .zip(whole(end))
                .zip(whole(step))
                .and_then(|((a, b), step)| numbers(a, b, step, at)),
            ("enumerate", [one]) => Self::sequence(one).map(|items| {
                let pair = |(i, item): (usize, Val<'a>)| {
                    let i = Val { at, kind: V::Int(i as i64) };
                    Val { at, kind: V::Tuple(Rc::new(vec![i, item])) }
                };
                V::List(Rc::new(items.into_iter().enumerate().map(pair).collect()))
            }),
            ("zip", [a, b]) => Self::sequence(a).zip(Self::sequence(b)).map(|(a, b)| {
                let pair = |(a, b)| Val { at, kind: V::Tuple(Rc::new(vec![a, b])) };
                V::List(Rc::new(a.into_iter().zip(b).map(pair).collect()))
            }),
            _ => None,
        };
        kind.ok_or_else(|| self.complain(at, format!("{name}(...) of this is not known here")))
    }
}

/// The numbers of a `range`, if they are not too many.
fn numbers<'a>(start: i64, end: i64, step: i64, at: Range) -> Option<V<'a>> {
    let mut items = Vec::new();
    let mut value = start;
    while step != 0 && ((step > 0 && value < end) || (step < 0 && value > end)) {
        if items.len() == MAX_ITEMS {
            return None;
        }
        items.push(Val { at, kind: V::Int(value) });
        value = value.checked_add(step)?;
    }
    (step != 0).then(|| V::List(Rc::new(items)))
}

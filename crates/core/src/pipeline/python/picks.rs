//! Functions that take one of several things: `random.choice([a, b])` of pipelines is a step that runs one of them, of truths and numbers
//! it is a draw.

use std::rc::Rc;

use super::chance;
use super::eval::{Eval, is_pipeline};
use super::syntax::Range;
use super::value::{Call, V, Val};

/// Functions that take one of several things.
const PICKS: &[&str] = &["numpy.random.choice", "random.choice"];

/// Whether a function takes one of several things.
pub(super) fn is_pick(path: &str) -> bool {
    PICKS.contains(&path)
}

/// Functions that toss a coin of which the probability is told.
const TOSSES: &[&str] = &["numpy.random.binomial"];

/// Among how many things one is taken.
const MAX_PICKS: usize = 50;

impl<'a> Eval<'a> {
    /// What a call of such a function is worth, where that is known. `before` is how many candidates there were before
    /// its arguments were read.
    pub(super) fn picked(&mut self, call: &Call<'a>, at: Range, before: usize) -> Option<V<'a>> {
        let named = |name: &str| call.keywords.iter().find(|(own, ..)| own == name).map(|(.., value)| value);
        if TOSSES.contains(&&*call.path) {
            let tosses = call.args.first().or_else(|| named("n"))?.number()?;
            let p = call.args.get(1).or_else(|| named("p"))?.number()?;
            let one = tosses == 1.0 && named("size").is_none() && call.args.len() < 3;
            return one.then(|| self.coin_of(p, at)).flatten();
        }
        if !is_pick(&call.path) || named("size").is_some() || call.args.len() > 1 {
            return None;
        }
        let from = call.args.first().or_else(|| named("a")).or_else(|| named("seq"))?;
        let weights = named("p");
        // np.random.choice(2)
        if let (V::Int(below), None) = (&from.kind, weights) {
            return self.whole_number(0, below - 1, at);
        }
        let items = from.items()?;
        if items.is_empty() || items.len() > MAX_PICKS {
            return None;
        }
        let weights: Vec<f64> = match weights {
            None => vec![1.0; items.len()],
            Some(all) => all.items()?.iter().map(Val::number).collect::<Option<_>>()?,
        };
        let sum: f64 = weights.iter().sum();
        if weights.len() != items.len() || weights.iter().any(|own| *own < 0.0) || sum <= 0.0 {
            return None;
        }
        if items.iter().all(|item| matches!(item.kind, V::Bool(_))) {
            let held = items.iter().zip(&weights).filter(|(item, _)| item.truth() == Some(true));
            return self.coin_of(held.map(|(_, own)| own / sum).sum(), at);
        }
        let whole: Option<Vec<i64>> =
            items.iter().map(|item| if let V::Int(own) = item.kind { Some(own) } else { None }).collect();
        if let Some(mut whole) = whole {
            whole.sort_unstable();
            let in_turn = whole.array_windows().all(|[a, b]| b.checked_sub(*a) == Some(1));
            let evenly = weights.iter().all(|own| own == &weights[0]);
            return (in_turn && evenly)
                .then(|| self.whole_number(whole[0], whole[whole.len() - 1], at))
                .flatten();
        }
        if !items.iter().all(is_pipeline) {
            return None;
        }
        // Each is taken with its share of what is left for it and those behind it.
        let mut rest = sum;
        let mut shares = Vec::with_capacity(weights.len());
        for own in &weights {
            shares.push(if rest > 0.0 { (own / rest).min(1.0) } else { 0.0 });
            rest -= own;
        }
        let mut value = items.last()?.clone();
        for (one, p) in items.iter().zip(shares).rev().skip(1) {
            value = self.either(p, one, &value, at);
        }
        if self.registering && self.inside == 0 && is_pipeline(&value) {
            self.candidates.truncate(before);
            self.candidate(Val { at, kind: value.kind.clone() }, at);
        }
        Some(value.kind)
    }

    fn coin_of(&mut self, p: f64, at: Range) -> Option<V<'a>> {
        self.next += 1;
        (0.0..=1.0).contains(&p).then(|| chance::of(p, self.next, at))
    }

    fn whole_number(&mut self, from: i64, to: i64, at: Range) -> Option<V<'a>> {
        self.next += 1;
        let args = [from, to].map(|own| Val { at, kind: V::Int(own) }).to_vec();
        let call = Call { path: Rc::from("random.randint"), name_at: at, args, keywords: Vec::new() };
        (from < to).then(|| chance::numbered(call, self.next, at))
    }
}

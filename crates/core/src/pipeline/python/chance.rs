//! Conditions that a random number decides: `if tf.random.uniform(()) > 0.5`, `tf.cond(coin, ...)`. Both ways are
//! followed, and what they make of a pipeline becomes one step, which runs with the condition's probability.

use std::rc::Rc;

use super::chain;
use super::eval::{Eval, Res};
use super::exec::Flow;
use super::find::Candidate;
use super::syntax::{Comparison, Range, Stmt};
use super::value::{Call, Scope, V, Val};

/// The call that a condition is worth: whether a number that was drawn between two others lies in a part of them.
const CHANCE: &str = "whether a number that is drawn lies between two others";

/// The keyword that tells one draw from another.
const DRAW: &str = "draw";

/// The call that keeps what runs with a probability, and what runs otherwise.
pub(super) const EITHER: &str = "steps that run with a probability";

/// A random number that is drawn evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Draw {
    /// Which draw it is.
    pub(super) id: i64,
    /// It is not below this.
    pub(super) lo: f64,
    /// It is below this.
    pub(super) hi: f64,
    /// Whether it is a whole number.
    pub(super) whole: bool,
}

/// A condition: the draw, and the part of its range in which it holds.
#[derive(Clone, Copy, Debug)]
struct Chance {
    draw: Draw,
    from: f64,
    to: f64,
    negated: bool,
}

/// What is known of draws while a branch is followed.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Draws that lie in a part of their range; none if it is no single part.
    parts: Vec<(i64, Option<(f64, f64)>)>,
    /// Draws that decided something before.
    spent: Vec<i64>,
}

/// Whether a call of this name draws one number evenly.
pub(super) fn is_draw(path: &str) -> bool {
    let name = path.strip_prefix("tensorflow.compat.v1.").or_else(|| path.strip_prefix("tensorflow."));
    match name {
        Some(name) => ["random.uniform", "random_uniform", "random.stateless_uniform"].contains(&name),
        None => [
            "random.random",
            "random.uniform",
            "random.randint",
            "random.randrange",
            "random.getrandbits",
            "numpy.random.rand",
            "numpy.random.random",
            "numpy.random.random_sample",
            "numpy.random.uniform",
            "numpy.random.randint",
            "torch.rand",
        ]
        .contains(&path),
    }
}

/// Gives a call that draws a number of its own.
pub(super) fn numbered(mut call: Call<'_>, id: u32, at: Range) -> V<'_> {
    call.keywords.push((DRAW.to_owned(), at, Val { at, kind: V::Int(i64::from(id)) }));
    V::Call(Rc::new(call))
}

/// The draw that a value is.
pub(super) fn draw(value: &Val<'_>) -> Option<Draw> {
    let V::Call(call) = &value.kind else { return None };
    let keyword = |name: &str| call.keywords.iter().find(|(own, ..)| own == name).map(|(.., value)| value);
    let V::Int(id) = keyword(DRAW)?.kind else { return None };
    let number = |place: usize, name: &str, default: f64| match call.args.get(place).or_else(|| keyword(name))
    {
        Some(value) if matches!(value.kind, V::None) => Some(default),
        Some(value) => value.number(),
        None => Some(default),
    };
    let draw = |lo: f64, hi: f64, whole: bool| (lo < hi).then_some(Draw { id, lo, hi, whole });
    if call.path.starts_with("tensorflow.") {
        let whole = match call.args.get(3).or_else(|| keyword("dtype")).map(|value| &value.kind) {
            Some(V::Path(path)) => path.contains("int"),
            _ => false,
        };
        return draw(number(1, "minval", 0.0)?, number(2, "maxval", 1.0)?, whole);
    }
    match &*call.path {
        "random.uniform" | "numpy.random.uniform" => {
            draw(number(0, "low", 0.0)?, number(1, "high", 1.0)?, false)
        }
        "random.randint" => draw(number(0, "a", 0.0)?, number(1, "b", 0.0)? + 1.0, true),
        "random.getrandbits" => {
            let bits = number(0, "k", 1.0)?;
            draw(0.0, (1_u64 << bits.clamp(0.0, 52.0) as u32) as f64, true)
        }
        "random.randrange" if call.args.get(2).is_some_and(|step| step.number() != Some(1.0)) => None,
        "random.randrange" | "numpy.random.randint" => {
            let first = number(0, "low", 0.0)?;
            if call.args.len() < 2 && keyword("high").is_none() {
                draw(0.0, first, true)
            } else {
                draw(first, number(1, "high", 0.0)?, true)
            }
        }
        _ => draw(0.0, 1.0, false),
    }
}

/// What a comparison with a draw is worth.
pub(super) fn compared<'a>(left: &Val<'a>, op: Comparison, right: &Val<'a>, at: Range) -> Option<V<'a>> {
    let (draw, number, op) = match (draw(left), draw(right)) {
        (Some(draw), None) => (draw, right.number()?, op),
        (None, Some(draw)) => {
            let turned = match op {
                Comparison::Less => Comparison::Greater,
                Comparison::LessEqual => Comparison::GreaterEqual,
                Comparison::Greater => Comparison::Less,
                Comparison::GreaterEqual => Comparison::LessEqual,
                Comparison::Equal | Comparison::NotEqual => op,
                Comparison::Is | Comparison::IsNot | Comparison::In | Comparison::NotIn => return None,
            };
            (draw, left.number()?, turned)
        }
        (None, None) | (Some(_), Some(_)) => return None,
    };
    let next = |number: f64| if draw.whole { number.floor() + 1.0 } else { number };
    let this = |number: f64| if draw.whole { number.ceil() } else { number };
    let (from, to, negated) = match op {
        Comparison::Less => (draw.lo, this(number), false),
        Comparison::LessEqual => (draw.lo, next(number), false),
        Comparison::Greater => (next(number), draw.hi, false),
        Comparison::GreaterEqual => (this(number), draw.hi, false),
        Comparison::Equal | Comparison::NotEqual if draw.whole && number.fract() == 0.0 => {
            (number, number + 1.0, op == Comparison::NotEqual)
        }
        Comparison::Equal
        | Comparison::NotEqual
        | Comparison::Is
        | Comparison::IsNot
        | Comparison::In
        | Comparison::NotIn => return None,
    };
    let (from, to) = (from.clamp(draw.lo, draw.hi), to.clamp(draw.lo, draw.hi));
    Some(kept(&Chance { draw, from, to: to.max(from), negated }, at))
}

/// What a function of TensorFlow that compares is worth.
pub(super) fn function<'a>(call: &Call<'a>, at: Range) -> Option<V<'a>> {
    let name = call.path.strip_prefix("tensorflow.")?;
    let name = name.strip_prefix("math.").unwrap_or(name);
    if let ("cast", [value, ..]) = (name, call.args.as_slice()) {
        let kind = call.args.get(1).or_else(|| call.keywords.first().map(|(.., value)| value));
        let truth = matches!(kind.map(|kind| &kind.kind), Some(V::Path(path)) if path.ends_with(".bool"));
        let draw = draw(value).filter(|draw| draw.whole && truth)?;
        let chance = Chance { draw, from: 0.0_f64.max(draw.lo), to: 1.0_f64.max(draw.lo), negated: true };
        return Some(kept(&chance, at));
    }
    let [left, right] = call.args.as_slice() else { return None };
    let op = match name {
        "less" => Comparison::Less,
        "less_equal" => Comparison::LessEqual,
        "greater" => Comparison::Greater,
        "greater_equal" => Comparison::GreaterEqual,
        "equal" => Comparison::Equal,
        "not_equal" => Comparison::NotEqual,
        _ => return None,
    };
    compared(left, op, right, at)
}

/// A condition that holds with the probability `p`.
pub(super) fn of<'a>(p: f64, id: u32, at: Range) -> V<'a> {
    let draw = Draw { id: i64::from(id), lo: 0.0, hi: 1.0, whole: false };
    kept(&Chance { draw, from: 0.0, to: p, negated: false }, at)
}

/// The opposite of a condition.
pub(super) fn negated<'a>(value: &Val<'a>) -> Option<V<'a>> {
    let chance = chance(value)?;
    Some(kept(&Chance { negated: !chance.negated, ..chance }, value.at))
}

fn kept<'a>(chance: &Chance, at: Range) -> V<'a> {
    let float = |value: f64| Val { at, kind: V::Float(value) };
    let flag = |value: bool| Val { at, kind: V::Bool(value) };
    let Chance { draw, from, to, negated } = chance;
    let args = vec![
        float(draw.lo),
        float(draw.hi),
        float(*from),
        float(*to),
        flag(draw.whole),
        flag(*negated),
        Val { at, kind: V::Int(draw.id) },
    ];
    V::Call(Rc::new(Call { path: CHANCE.into(), name_at: at, args, keywords: Vec::new() }))
}

/// Whether a value is a draw, or a condition that one decides.
pub(super) fn decides(value: &Val<'_>) -> bool {
    draw(value).is_some() || chance(value).is_some()
}

fn chance(value: &Val<'_>) -> Option<Chance> {
    let V::Call(call) = &value.kind else { return None };
    // `if random.randint(0, 1):`
    if let Some(draw) = draw(value).filter(|draw| draw.whole) {
        let (from, to) = (0.0_f64.clamp(draw.lo, draw.hi), 1.0_f64.clamp(draw.lo, draw.hi));
        return Some(Chance { draw, from, to, negated: true });
    }
    if &*call.path != CHANCE {
        return None;
    }
    let [lo, hi, from, to, whole, negated, id] = call.args.as_slice() else { return None };
    let V::Int(id) = id.kind else { return None };
    let draw = Draw { id, lo: lo.number()?, hi: hi.number()?, whole: whole.truth()? };
    Some(Chance { draw, from: from.number()?, to: to.number()?, negated: negated.truth()? })
}

impl Chance {
    /// The probability, where the draw lies in `part`.
    fn probability(&self, (lo, hi): (f64, f64)) -> f64 {
        let inside = (self.to.min(hi) - self.from.max(lo)).max(0.0) / (hi - lo);
        if self.negated { 1.0 - inside } else { inside }
    }

    /// Where the draw lies if the condition is `held`; nothing if that is no single part.
    fn part(&self, held: bool, (lo, hi): (f64, f64)) -> Option<(f64, f64)> {
        if held != self.negated {
            return Some((self.from.max(lo), self.to.min(hi))).filter(|(lo, hi)| lo < hi);
        }
        match (self.from <= lo, self.to >= hi) {
            (true, false) => Some((self.to.max(lo), hi)),
            (false, true) => Some((lo, self.from.min(hi))),
            (true, true) | (false, false) => None,
        }
    }
}

impl<'a> Eval<'a> {
    /// The probability of a condition, and what is known of its draw; nothing if it is no matter of one draw alone.
    fn probability(&self, value: &Val<'a>) -> Option<(f64, Chance, (f64, f64))> {
        let chance = chance(value)?;
        let id = chance.draw.id;
        let part = match self.draws.parts.iter().rev().find(|(own, _)| *own == id) {
            Some((_, part)) => (*part)?,
            None if self.draws.spent.contains(&id) => return None,
            None => (chance.draw.lo, chance.draw.hi),
        };
        Some((chance.probability(part), chance, part))
    }

    /// The probability of a condition that a draw decides, which may have decided others before.
    pub(super) fn odds(&self, condition: &Val<'a>) -> Option<f64> {
        let chance = chance(condition)?;
        let known = self.draws.parts.iter().any(|(own, _)| *own == chance.draw.id);
        match self.probability(condition) {
            Some((p, ..)) => Some(p),
            None => (!known).then(|| chance.probability((chance.draw.lo, chance.draw.hi))),
        }
    }

    /// The probability of a condition, whose draw is spent with it.
    pub(super) fn draw_of(&mut self, condition: &Val<'a>) -> Option<f64> {
        let (p, chance, _) = self.probability(condition)?;
        self.draws.spent.push(chance.draw.id);
        Some(p)
    }

    /// Follows `if` and `else` of a condition that a draw decides; nothing if it is none.
    pub(super) fn by_chance(
        &mut self,
        condition: &Val<'a>,
        then: &'a [Stmt],
        otherwise: &'a [Stmt],
        at: Range,
    ) -> Option<Flow<'a>> {
        let (p, chance, part) = self.probability(condition)?;
        let before = self.scope().clone();
        self.spend(before.len() / 4, at).ok()?;
        let found = self.candidates.len();
        let id = chance.draw.id;
        let coin = self.known_coin(p, at);
        self.draws.parts.push((id, chance.part(true, part)));
        let first = self.under(Some(&coin), true, |this| this.block(then));
        self.draws.parts.pop();
        let between = std::mem::replace(self.scope(), before.clone());
        self.draws.parts.push((id, chance.part(false, part)));
        let second = self.under(Some(&coin), false, |this| this.block(otherwise));
        self.draws.parts.pop();
        self.draws.spent.push(id);
        self.goes_on(Some(&coin), &first, &second);
        let unknown = self.depends(condition, at);
        Some(match (first, second) {
            (Flow::Return(a), Flow::Return(b)) => {
                let value = self.either(p, &a, &b, at);
                if value.why().is_none() && self.registering && self.inside == 0 {
                    self.candidates.truncate(found);
                    for one in value.items().unwrap_or(std::slice::from_ref(&value)) {
                        if super::eval::is_pipeline(one) {
                            self.candidate(one.clone(), at);
                        }
                    }
                    self.returns(found);
                }
                Flow::Return(value)
            }
            (Flow::Next, Flow::Next) => {
                self.merge_chance(&before, between, p, at);
                Flow::Next
            }
            (Flow::Return(value) | Flow::Maybe(value), _) | (_, Flow::Return(value) | Flow::Maybe(value)) => {
                self.merge(between, &unknown);
                Flow::Maybe(super::exec::either(&unknown, &value, &value))
            }
            (Flow::Raise | Flow::Break | Flow::Continue | Flow::Next, _) => {
                self.merge(between, &unknown);
                Flow::Next
            }
        })
    }

    /// Puts what names stand for on both ways together.
    fn merge_chance(&mut self, before: &Scope<'a>, between: Scope<'a>, p: f64, at: Range) {
        for (name, there) in between {
            let here = self.scope().get(&name).cloned();
            let Some(here) = here else {
                self.scope().insert(name, there);
                continue;
            };
            let same = here.id == there.id && Rc::ptr_eq(&here.reads, &there.reads);
            if same || here.value.same(&there.value) == Some(true) {
                continue;
            }
            let value = self.either(p, &there.value, &here.value, at);
            let mut reads: Vec<u32> = here.reads.iter().chain(there.reads.iter()).copied().collect();
            // What the name stood for before goes on.
            let own: Vec<u32> = [here.id, there.id]
                .into_iter()
                .filter(|id| {
                    before.get(&name).is_none_or(|before| before.id != *id)
                        || super::eval::is_pipeline(&value)
                })
                .collect();
            reads.extend(own);
            let pipeline = super::eval::is_pipeline(&value).then(|| value.clone());
            let id = self.bind(&name, value, reads.clone());
            if let Some(value) = pipeline
                && self.registering
                && self.inside == 0
            {
                let mut label = self.label.clone();
                label.push(name);
                self.candidates.push(Candidate {
                    path: self.path.clone(),
                    label,
                    ids: vec![id],
                    at,
                    value,
                    reads,
                });
            }
        }
    }

    /// A value that is `yes` with the probability `p` and `no` otherwise.
    pub(super) fn either(&mut self, p: f64, yes: &Val<'a>, no: &Val<'a>, at: Range) -> Val<'a> {
        if let (V::Tuple(a), V::Tuple(b)) | (V::List(a), V::List(b)) = (&yes.kind, &no.kind)
            && a.len() == b.len()
        {
            let items = a.iter().zip(b.iter()).map(|(a, b)| self.either(p, a, b, at)).collect();
            return Val { at, kind: V::Tuple(Rc::new(items)) };
        }
        if yes.same(no) == Some(true) || yes.alike(no) {
            return yes.clone();
        }
        let (yes, no) = (&chain::as_chain(self, yes, no), &chain::as_chain(self, no, yes));
        if let Some(kind) = chain::either_model(p, yes, no, EITHER, at) {
            return Val { at, kind };
        }
        let (yes, no) = (&chain::read_through(self, yes), &chain::read_through(self, no));
        if let Some(kind) = chain::either(p, yes, no, EITHER, at) {
            return Val { at, kind };
        }
        if let Some(value) = super::libraries::either_of(p, yes, no, at) {
            return value;
        }
        let complaint = self.complain(at, "the value depends on a random number, which no step draws");
        super::exec::either(&Val::unknown(at, complaint), yes, no)
    }

    /// `tf.cond` and `tf.where` with a condition that a draw decides, `tf.map_fn`, and the defaults of
    /// fields.
    pub(super) fn chosen(&mut self, call: &Call<'a>, at: Range) -> Option<Res<V<'a>>> {
        if let Some(kind) = self.field_default(&call.path, &call.keywords, at) {
            return Some(Ok(kind));
        }
        let name = call
            .path
            .strip_prefix("tensorflow.compat.v1.")
            .or_else(|| call.path.strip_prefix("tensorflow."))?;
        let argument = |place: usize, names: &[&str]| {
            let named = call.keywords.iter().find(|(own, ..)| names.contains(&own.as_str()));
            call.args.get(place).or_else(|| named.map(|(.., value)| value)).cloned()
        };
        match name {
            "cond" | "where" => {
                let condition = argument(0, &["pred", "condition"])?;
                let (yes, no) =
                    (argument(1, &["true_fn", "fn1", "x"])?, argument(2, &["false_fn", "fn2", "y"])?);
                let Some((p, chance, _)) = self.probability(&condition) else {
                    // `tf.where` goes by pixels.
                    return (name == "cond")
                        .then_some(())
                        .and_then(|()| self.one_of_both(&condition, &yes, &no, at))
                        .map(Ok);
                };
                self.draws.spent.push(chance.draw.id);
                let coin = self.known_coin(p, condition.at);
                let yes = self.under(Some(&coin), true, |this| this.called_alone(&yes, Vec::new(), at));
                let no = self.under(Some(&coin), false, |this| this.called_alone(&no, Vec::new(), at));
                Some(Ok(self.either(p, &yes, &no, at).kind))
            }
            // Several images as one batch.
            "stack" | "concat" => {
                let values = argument(0, &["values"])?;
                let (first, rest) = values.items()?.split_first()?;
                let alike = rest.iter().all(|own| own.alike(first));
                (super::eval::is_pipeline(first) && alike).then(|| Ok(first.kind.clone()))
            }
            "map_fn" => {
                let (function, input) = (argument(0, &["fn"])?, argument(1, &["elems"])?);
                let V::Function(_) = function.kind else { return None };
                Some(Ok(self.called_alone(&function, vec![input], at).kind))
            }
            _ => None,
        }
    }

    /// `tf.cond` with a condition that no draw decides: what both sides have in common, or nothing that a pipeline
    /// could go on with. None if no pipeline is in them.
    fn one_of_both(&mut self, condition: &Val<'a>, yes: &Val<'a>, no: &Val<'a>, at: Range) -> Option<V<'a>> {
        let (yes, no) = (self.called_alone(yes, Vec::new(), at), self.called_alone(no, Vec::new(), at));
        if !chain::holds(&yes, 0) && !chain::holds(&no, 0) {
            return None;
        }
        match condition.truth() {
            Some(held) => Some(if held { yes.kind } else { no.kind }),
            None if yes.alike(&no) => Some(yes.kind),
            None if self.is_for_training(condition) => Some(yes.kind),
            None => {
                let unknown = self.depends(condition, condition.at);
                Some(super::exec::either(&unknown, &yes, &no).kind)
            }
        }
    }

    /// What a function gives, of which nothing is taken down; what is no function is as it is.
    fn called_alone(&mut self, value: &Val<'a>, args: Vec<Val<'a>>, at: Range) -> Val<'a> {
        let V::Function(function) = &value.kind else { return value.clone() };
        let function = Rc::clone(function);
        let registering = std::mem::replace(&mut self.registering, false);
        let result = self.apply(&function, args, Vec::new(), None, at);
        self.registering = registering;
        result.unwrap_or_else(|complaint| Val::unknown(at, complaint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_draw_have_their_probabilities() {
        let draw = Draw { id: 1, lo: 0.0, hi: 1.0, whole: false };
        let below = Chance { draw, from: 0.0, to: 0.25, negated: false };
        assert_eq!(below.probability((0.0, 1.0)), 0.25);
        let rest = below.part(false, (0.0, 1.0)).unwrap();
        assert_eq!(rest, (0.25, 1.0));
        let half = Chance { draw, from: 0.0, to: 0.5, negated: false };
        assert!((half.probability(rest) - 1.0 / 3.0).abs() < 1e-12);
        let middle = Chance { draw, from: 0.2, to: 0.4, negated: true };
        assert_eq!(middle.part(true, (0.0, 1.0)), None);
        assert!((middle.probability((0.0, 1.0)) - 0.8).abs() < 1e-12);
    }
}

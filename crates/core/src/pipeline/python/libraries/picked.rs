//! One of several pipelines, which a random number decides: `random.choice([a, b])`, or `a` and `b` on the two sides of a condition.

use super::super::eval::Res;
use super::super::read::steps_of;
use super::super::syntax::Range;
use super::super::tree::Translator;
use super::super::value::{Call, V, Val};
use super::{Library, Role, of};
use crate::text::tree::{Tree, Value};

/// The call that keeps the pipelines; its keyword has their weights.
const PICKED: &str = "one of several pipelines";

const WEIGHTS: &str = "weights";

/// Pipelines of which one is taken.
pub(super) static LIBRARY: Library = Library {
    name: "Python",
    example: "random.choice([...])",
    usual: &[],
    constants: &[],
    owns: |path| path == PICKED,
    role: |call| {
        let roles =
            || call.args.iter().filter_map(|own| if let V::Call(own) = &own.kind { Some(own) } else { None });
        let role = |own: &Call<'_>| of(&own.path).map_or(Role::Other, |library| (library.role)(own));
        let has = |wanted: Role| roles().any(|own| role(own) == wanted);
        if has(Role::Augments) {
            Role::Augments
        } else if has(Role::Idle) {
            Role::Idle
        } else {
            Role::Other
        }
    },
    passes: |_| false,
    chain: None,
    versions: &[],
    grows: "",
    translate: |translator, _, call| Ok(vec![translator.picked(call)?]),
    namesake: |_| None,
    bare_list: None,
    signatures: |_| Vec::new(),
    #[cfg(test)]
    sample: "import random; from torchvision import transforms\nt = random.choice([transforms.Compose([transforms.RandomInvert(1)]), transforms.RandomGrayscale(1)])\n",
};

/// `yes` with the probability `p` and `no` otherwise, if both are pipelines.
pub(in super::super) fn either<'a>(p: f64, yes: &Val<'a>, no: &Val<'a>, at: Range) -> Option<Val<'a>> {
    let mut all = parts(p, yes)?;
    all.extend(parts(1.0 - p, no)?);
    let weights = all.iter().map(|(weight, _)| Val { at, kind: V::Float((weight * 1e9).round() / 1e9) });
    let weights = Val { at, kind: V::List(weights.collect::<Vec<_>>().into()) };
    let call = Call {
        path: PICKED.into(),
        name_at: at,
        keywords: vec![(WEIGHTS.to_owned(), at, weights)],
        args: all.into_iter().map(|(_, value)| value).collect(),
    };
    Some(Val { at, kind: V::Call(call.into()) })
}

/// The pipelines of which a value is one, and their shares of `p`.
fn parts<'a>(p: f64, value: &Val<'a>) -> Option<Vec<(f64, Val<'a>)>> {
    let V::Call(call) = &value.kind else { return None };
    let library = of(&call.path)?;
    if library.chain.is_some() {
        return None;
    }
    if &*call.path != PICKED {
        return Some(vec![(p, value.clone())]);
    }
    let weights = call.keywords.iter().find_map(|(.., value)| value.items()).unwrap_or_default();
    Some(
        call.args
            .iter()
            .zip(weights)
            .map(|(own, weight)| (p * weight.number().unwrap_or(0.0), own.clone()))
            .collect(),
    )
}

impl<'a> Translator<'a> {
    fn picked(&mut self, call: &Call<'a>) -> Res<Tree> {
        let at = call.name_at;
        let weights: Vec<f64> = call
            .keywords
            .iter()
            .filter_map(|(.., value)| value.items())
            .flatten()
            .filter_map(Val::number)
            .collect();
        let mut all = Vec::with_capacity(call.args.len());
        for value in &call.args {
            all.push(steps_of(self, value)?);
        }
        self.warn(at, "one of these pipelines is taken here for each image".to_owned());
        // Of two of which one does nothing, the other runs sometimes.
        let busy = all.iter().zip(&weights).find(|(steps, _)| !steps.is_empty());
        if let Some((steps, p)) = busy.filter(|_| all.iter().filter(|steps| !steps.is_empty()).count() == 1) {
            return self.perhaps(at, *p, steps.clone());
        }
        let mut branches = Vec::with_capacity(all.len());
        for mut steps in all {
            if steps.is_empty() {
                let nothing = self.tree(at, Value::Map(Vec::new()))?;
                steps.push(self.wrap(at, "noop", nothing)?);
            }
            branches.push(self.sequence(at, steps)?);
        }
        let list = self.tree(at, Value::List(branches))?;
        if weights.array_windows().all(|[a, b]| (a - b).abs() < 1e-9) {
            return self.wrap(at, "one_of", list);
        }
        let weights = weights.into_iter().map(|own| self.tree(at, Value::Float(own))).collect::<Res<_>>()?;
        let weights = self.tree(at, Value::List(weights))?;
        let fields = vec![(self.key(at, "weights"), weights), (self.key(at, "of"), list)];
        let inner = self.tree(at, Value::Map(fields))?;
        self.wrap(at, "one_of", inner)
    }
}

//! imgaug's augmenters that take others.

use super::super::super::eval::Res;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, V};
use crate::ops::counterpart::Form::{Chance, Flag};
use crate::pipeline::combinators::{Argument, Entry, Leaves, MAX_BRANCHES};
use crate::text::tree::{Key, Tree, Value};

impl<'a> Translator<'a> {
    pub(super) fn order(&mut self, bound: &Bound<'_, 'a>) -> Res<Vec<(Key, Tree)>> {
        match bound.get("random_order") {
            Some(value) => {
                Ok(vec![(self.key(value.at, "random_order"), self.form(value, Flag, "random_order")?)])
            }
            None => Ok(Vec::new()),
        }
    }

    pub(super) fn some_of(&mut self, call: &Call<'a>) -> Res<Tree> {
        let bound = self.bind(call, &["n", "children", "random_order"])?;
        let of = self.need(&bound, "children")?;
        let steps = self.imgaug_steps(of)?;
        let all = steps.len() as i64;
        let count = match bound.get("n") {
            None => self.tree(call.name_at, Value::Int(all))?,
            Some(n) => match &n.kind {
                // imgaug reads a list of two as a range here, and None as the number of children.
                V::List(pair) | V::Tuple(pair) if pair.len() == 2 => {
                    let ends = pair
                        .iter()
                        .map(|end| match end.kind {
                            V::None => self.tree(end.at, Value::Int(all)),
                            _ => self.whole(end),
                        })
                        .collect::<Res<_>>()?;
                    self.tree(n.at, Value::List(ends))?
                }
                V::List(_) | V::Tuple(_) => {
                    return Err(self.complain(n.at, "n is a number, a pair of numbers or None"));
                }
                _ => self.number_form(n, true)?,
            },
        };
        let mut fields = vec![(self.key(call.name_at, "count"), count)];
        fields.extend(self.order(&bound)?);
        fields.push((self.key(call.name_at, "of"), self.tree(of.at, Value::List(steps))?));
        self.step(call, "some_of", fields)
    }

    pub(super) fn sometimes_else(&mut self, call: &Call<'a>) -> Res<Tree> {
        let bound = self.bind(call, &["p", "then_list", "else_list"])?;
        let then = bound.get("then_list").map_or(Ok(Vec::new()), |then| self.imgaug_steps(then))?;
        let or_else = bound.get("else_list").map_or(Ok(Vec::new()), |or_else| self.imgaug_steps(or_else))?;
        let at = call.name_at;
        if then.is_empty() && or_else.is_empty() {
            return self.stand_in(at);
        }
        if or_else.is_empty() {
            let p = match bound.get("p") {
                Some(p) => self.form(p, Chance, "p")?,
                None => self.tree(at, Value::Float(0.5))?,
            };
            let fields =
                vec![(self.key(at, "p"), p), (self.key(at, "then"), self.tree(at, Value::List(then))?)];
            return self.step(call, "sometimes", fields);
        }
        let p = bound.get("p").map_or(Ok(0.5), |p| self.number(p, "p"))?;
        // One of n equal branches, p * n of which are the first.
        let share = (1..=20_u32).find_map(|n| {
            let k = p * f64::from(n);
            ((k - k.round()).abs() < 1e-9 && (0.0..=f64::from(n)).contains(&k)).then(|| (k.round() as u32, n))
        });
        let Some((k, n)) = share else {
            let message = format!(
                "Sometimes with two branches is one of up to 20 equal ones here, which {p} does not divide"
            );
            return Err(self.complain(at, message));
        };
        let branch = |this: &mut Self, mut steps: Vec<Tree>| match (steps.len(), steps.pop()) {
            (1, Some(only)) => Ok(only),
            (_, None) => {
                let nothing = this.tree(at, Value::Map(Vec::new()))?;
                this.wrap(at, "noop", nothing)
            }
            (_, Some(last)) => {
                steps.push(last);
                let list = this.tree(at, Value::List(steps))?;
                this.wrap(at, "sequential", list)
            }
        };
        let (first, second) = (branch(self, then)?, branch(self, or_else)?);
        let branches = (0..n).map(|i| if i < k { first.clone() } else { second.clone() }).collect();
        let list = self.tree(at, Value::List(branches))?;
        self.wrap(at, "one_of", list)
    }

    /// A combinator, by what its file says of imgaug.
    pub(super) fn combinator(
        &mut self,
        call: &Call<'a>,
        entry: &Entry,
        arguments: &[Argument],
        branches: [&'static str; MAX_BRANCHES],
    ) -> Res<Tree> {
        let (mut names, mut params) = (Vec::new(), Vec::new());
        for argument in arguments {
            match *argument {
                Argument::Steps(branch) => names.push(branches[branch]),
                Argument::Param(name, field, form) => {
                    names.push(name);
                    params.push((name, field, form));
                }
            }
        }
        let bound = self.bind(call, &names)?;
        let mut fields = self.params(&bound, &params)?;
        let at = call.name_at;
        for (branch, name) in entry.doc.branches.iter().zip(branches) {
            let steps = match entry.leaves {
                Leaves::Steps | Leaves::Around => {
                    let children = self.need(&bound, name)?;
                    // Without children it leaves images as they are.
                    if children.items().is_some_and(<[_]>::is_empty) {
                        return self.stand_in(at);
                    }
                    self.children(children)?
                }
                Leaves::Mask => {
                    let mut steps =
                        bound.get(name).map_or(Ok(Vec::new()), |value| self.imgaug_steps(value))?;
                    // imgaug blends with the image itself where nothing is given.
                    if steps.is_empty() && branch.required {
                        let nothing = self.tree(at, Value::Map(Vec::new()))?;
                        steps.push(self.wrap(at, "noop", nothing)?);
                    }
                    if steps.is_empty() {
                        continue;
                    }
                    self.tree(at, Value::List(steps))?
                }
            };
            fields.push((self.key(at, branch.key), steps));
        }
        self.step(call, entry.key, fields)
    }
}

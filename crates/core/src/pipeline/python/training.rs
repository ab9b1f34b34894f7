//! Conditions that ask whether it is for training: a pipeline that is wanted for augmenting is the one for training.

use super::eval::Eval;
use super::exec::Flow;
use super::syntax::{Comparison, Constant, Expr, ExprKind, Stmt, UnaryOp};
use super::value::Val;

/// Names of truth values that say so.
const FLAGS: &[&str] = &[
    "train",
    "is_train",
    "training",
    "is_training",
    "istrain",
    "isTrain",
    "for_training",
    "augment",
    "do_augment",
    "is_augment",
    "augmentation",
    "use_augmentation",
    "apply_augmentation",
    "data_augmentation",
    "use_augment",
    "with_augmentation",
];

/// Names of texts that are `train`.
const PHASES: &[&str] =
    &["phase", "mode", "split", "stage", "set", "subset", "data_type", "set_type", "_type", "dataset_type"];

impl<'a> Eval<'a> {
    /// Follows both ways of a condition that asks for training, and goes on with that for it; nothing if it asks for
    /// something else. What the other way makes is taken down, too.
    pub(super) fn for_training(
        &mut self,
        condition: &Val<'a>,
        test: &'a Expr,
        then: &'a [Stmt],
        otherwise: &'a [Stmt],
    ) -> Option<Flow<'a>> {
        condition.why()?;
        let mut words = Vec::new();
        let held = asks(test, &mut words)?;
        let before = self.scope().clone();
        self.spend(before.len() / 4, test.at).ok()?;
        let (taken, other) = if held { (then, otherwise) } else { (otherwise, then) };
        self.aside(other);
        *self.scope() = before;
        let flow = self.block(taken);
        for word in words {
            let guess = (self.path.clone(), test.at, word);
            if !self.guesses.contains(&guess) {
                self.guesses.push(guess);
            }
        }
        Some(match flow {
            // What stands behind is read for what it makes, and changes nothing.
            Flow::Return(value) => Flow::Maybe(value),
            flow => flow,
        })
    }

    /// Whether a value is a truth value that says so by its name, for which it is then taken.
    pub(super) fn is_for_training(&mut self, value: &Val<'a>) -> bool {
        let Some(name) = value.why().and_then(|why| why.set.clone()) else { return false };
        if !FLAGS.contains(&name.rsplit('.').next().unwrap_or(&name)) {
            return false;
        }
        let words = format!("{name} is taken for True; --set {name}=False takes the other way");
        let guess = (self.path.clone(), value.at, words);
        if !self.guesses.contains(&guess) {
            self.guesses.push(guess);
        }
        true
    }

    /// Follows a block only for the pipelines in it.
    pub(super) fn aside(&mut self, body: &'a [Stmt]) {
        let found = self.candidates.len();
        self.unsure += 1;
        self.block(body);
        self.unsure -= 1;
        let made = self.candidates.split_off(found.min(self.candidates.len()));
        self.candidates.extend(made.into_iter().filter(|own| own.value.why().is_none()));
    }
}

/// Whether a condition holds in training; nothing if it asks for something else.
fn asks(test: &Expr, words: &mut Vec<String>) -> Option<bool> {
    let name = |expr: &Expr| expr.dotted();
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    match &test.kind {
        ExprKind::Name(_) | ExprKind::Attribute(..) => {
            let name = name(test)?;
            if !FLAGS.contains(&last(&name).as_str()) {
                return None;
            }
            words.push(format!("{name} is taken for True; --set {name}=False takes the other way"));
            Some(true)
        }
        ExprKind::Unary(UnaryOp::Not, inner) => asks(inner, words).map(|held| !held),
        ExprKind::Compare(left, rest) => {
            let [(op, right)] = rest.as_slice() else { return None };
            let name = name(left)?;
            let flag = FLAGS.contains(&last(&name).as_str());
            let (held, value) = match &right.kind {
                ExprKind::Constant(Constant::Text(text)) if PHASES.contains(&last(&name).as_str()) => {
                    (is_train(text), "'train'")
                }
                ExprKind::List(items) | ExprKind::Tuple(items)
                    if matches!(op, Comparison::In) && PHASES.contains(&last(&name).as_str()) =>
                {
                    let train = |item: &Expr| matches!(&item.kind, ExprKind::Constant(Constant::Text(text)) if is_train(text));
                    (items.iter().any(train), "'train'")
                }
                ExprKind::Constant(Constant::Bool(value)) if flag => (*value, "True"),
                _ => return None,
            };
            let held = match op {
                Comparison::Equal | Comparison::Is | Comparison::In => held,
                Comparison::NotEqual | Comparison::IsNot => !held,
                Comparison::Less
                | Comparison::LessEqual
                | Comparison::Greater
                | Comparison::GreaterEqual
                | Comparison::NotIn => return None,
            };
            words.push(format!("{name} is taken for {value}; --set {name}=VALUE takes another way"));
            Some(held)
        }
        ExprKind::Logic { all, of } => {
            let parts = of.iter().map(|part| asks(part, words)).collect::<Option<Vec<bool>>>()?;
            Some(if *all { parts.iter().all(|held| *held) } else { parts.iter().any(|held| *held) })
        }
        _ => None,
    }
}

fn is_train(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "train" | "training" | "trn")
}

//! Loops: turn by turn while they are known, once where they may run never or several times.

use super::eval::{Eval, SHARE};
use super::exec::{Flow, either};
use super::syntax::{Constant, Expr, ExprKind, Range, Stmt};
use super::value::Val;

/// How often a loop is followed.
const MAX_TURNS: usize = 10_000;

impl<'a> Eval<'a> {
    /// Follows a block once that may run never or several times.
    fn uncertain(&mut self, body: &'a [Stmt], orelse: &'a [Stmt], at: Range) -> Flow<'a> {
        let before = self.scope().clone();
        self.unsure += 1;
        let flow = self.block(body);
        self.unsure -= 1;
        let complaint =
            self.complain(at, "the value changes in this loop, and it is not known how often it runs");
        self.merge(before, &Val::unknown(at, complaint));
        let after = self.block(orelse);
        match (flow, after) {
            (_, Flow::Return(value)) => Flow::Return(value),
            (Flow::Return(value) | Flow::Maybe(value), _) | (_, Flow::Maybe(value)) => {
                let complaint = self.complain(at, "the value depends on how often this loop runs");
                Flow::Maybe(either(&Val::unknown(at, complaint), &value, &value))
            }
            (
                Flow::Next | Flow::Break | Flow::Continue | Flow::Raise,
                Flow::Next | Flow::Break | Flow::Continue | Flow::Raise,
            ) => Flow::Next,
        }
    }

    pub(super) fn for_each(
        &mut self,
        target: &'a Expr,
        iter: &'a Expr,
        body: &'a [Stmt],
        orelse: &'a [Stmt],
    ) -> Flow<'a> {
        let iter = self.eval(iter);
        if let Some(items) = Self::sequence(&iter).filter(|items| items.len() <= MAX_TURNS) {
            let mut items = items.into_iter();
            let known = self.turns(body, |this, _| {
                let item = items.next()?;
                this.unpack(target, item);
                Some(Some(true))
            });
            if let Some(flow) = known {
                return match flow {
                    Flow::Next => self.block(orelse),
                    Flow::Break => Flow::Next,
                    other => other,
                };
            }
        }
        self.forget(target);
        self.uncertain(body, orelse, target.at)
    }

    pub(super) fn while_true(&mut self, test: &'a Expr, body: &'a [Stmt], orelse: &'a [Stmt]) -> Flow<'a> {
        let literal = matches!(test.kind, ExprKind::Constant(Constant::Bool(_) | Constant::Int(_)));
        if !literal {
            let known = self.turns(body, |this, _| match this.eval(test).truth() {
                Some(true) => Some(Some(true)),
                Some(false) => None,
                None => Some(None),
            });
            if let Some(flow) = known {
                return match flow {
                    Flow::Next => self.block(orelse),
                    Flow::Break => Flow::Next,
                    other => other,
                };
            }
        }
        self.uncertain(body, orelse, test.at)
    }

    /// Follows a loop turn by turn while `next` says so; nothing if that takes too much, or is not known, and
    /// then everything is as before.
    fn turns(
        &mut self,
        body: &'a [Stmt],
        mut next: impl FnMut(&mut Self, usize) -> Option<Option<bool>>,
    ) -> Option<Flow<'a>> {
        let (scope, globals, found) = (self.scope().clone(), self.globals.clone(), self.candidates.len());
        let start = self.work;
        // What is kept to come back to is work, too.
        let kept = scope.len() + globals.len();
        if let (Err(_), Some(first)) = (self.spend(kept / 4, Range::default()), body.first()) {
            let complaint = self.complain(first.at, "the file computes too much for a pipeline");
            return Some(Flow::Maybe(Val::unknown(first.at, complaint)));
        }
        let mut maybe = None;
        for turn in 0..=MAX_TURNS {
            let Some(go) = next(self, turn) else {
                return Some(maybe.map_or(Flow::Next, Flow::Maybe));
            };
            let given_up = go.is_none() || self.stopped() || self.work - start > SHARE || turn == MAX_TURNS;
            let flow = if given_up { Flow::Next } else { self.block(body) };
            if given_up || self.work - start > SHARE {
                self.globals = globals;
                *self.scope() = scope;
                self.candidates.truncate(found);
                return None;
            }
            match flow {
                Flow::Next | Flow::Continue => {}
                Flow::Maybe(value) => {
                    maybe.get_or_insert(value);
                }
                flow @ (Flow::Break | Flow::Raise | Flow::Return(_)) => {
                    return Some(maybe.map_or(flow, Flow::Maybe));
                }
            }
        }
        None
    }

    /// The names of a target are not known from here on.
    fn forget(&mut self, target: &'a Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                let complaint = self
                    .complain(target.at, format!("{name} is not known before Python runs"))
                    .help(format!("Give its value with --set {name}=VALUE"));
                self.bind(name, Val::unset(target.at, complaint, Some(name.clone())), Vec::new());
            }
            ExprKind::Tuple(tuple) | ExprKind::List(tuple) => tuple.iter().for_each(|elt| self.forget(elt)),
            _ => {}
        }
    }
}

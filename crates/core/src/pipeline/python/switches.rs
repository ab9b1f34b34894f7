//! Conditions that only switch pieces of a pipeline on: `if config.flip: steps.append(Flip())`.

use super::eval::{Eval, is_pipeline};
use super::exec::Flow;
use super::libraries;
use super::syntax::{CallExpr, Comparison, Constant, Expr, ExprKind, Operator, Stmt, StmtKind};
use super::value::{V, Val};

/// The methods that make a list longer.
pub(super) const LONGER: &[&str] = &["append", "extend", "insert"];

/// The method that makes a `Sequential` longer, or a set.
const ADDS: &str = "add";

/// What a statement does to a list of steps; of several statements, the greatest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Does {
    /// It does nothing to it.
    Nothing,
    /// It puts behind it what may be a step.
    May,
    /// It puts steps behind others.
    Adds,
    /// It may do anything.
    More,
}

impl<'a> Eval<'a> {
    /// Goes on with the steps that a condition switches on, if it is a single name that is not known and decides nothing
    /// else.
    pub(super) fn switched(
        &mut self,
        condition: &Val<'a>,
        test: &'a Expr,
        then: &'a [Stmt],
        otherwise: &'a [Stmt],
    ) -> Option<Flow<'a>> {
        let open = condition.why().is_some_and(|unknown| !unknown.torn)
            || matches!(&condition.kind, V::Path(path) if !libraries::known(path));
        let (on, off) = (self.does(then), self.does(otherwise));
        if !open || on == Does::More || off == Does::More {
            return None;
        }
        let (taken, words) = match (test.dotted(), without(test)) {
            (Some(name), _) if on == Does::Adds => {
                (then, format!("{name} is taken for True; --set {name}=False leaves out what it switches on"))
            }
            // There are steps for what nobody gives.
            (None, Some((name, holds))) if (if holds { on } else { off }) == Does::Adds => (
                if holds { then } else { otherwise },
                format!("{name} is taken for None; --set {name}=VALUE takes the other way"),
            ),
            (Some(_) | None, _) => return None,
        };
        let flow = self.block(taken);
        let guess = (self.path.clone(), test.at, words);
        if !self.guesses.contains(&guess) {
            self.guesses.push(guess);
        }
        Some(flow)
    }

    /// What a block does to lists of steps.
    fn does(&self, body: &[Stmt]) -> Does {
        body.iter().map(|stmt| self.statement_does(stmt)).max().unwrap_or(Does::Nothing)
    }

    fn statement_does(&self, stmt: &Stmt) -> Does {
        match &stmt.kind {
            // Texts explain.
            StmtKind::Pass | StmtKind::Expr(Expr { kind: ExprKind::Constant(_), .. }) => Does::Nothing,
            StmtKind::Augmented(list, Operator::Add, value) => self.puts(value, list),
            StmtKind::If { then, otherwise, .. } => self.does(then).max(self.does(otherwise)),
            StmtKind::Expr(Expr { kind: ExprKind::Call(call), .. }) => self.call_does(call),
            StmtKind::Assign(..)
            | StmtKind::Augmented(..)
            | StmtKind::Import(_)
            | StmtKind::ImportAll(_)
            | StmtKind::Function(_)
            | StmtKind::Class(_)
            | StmtKind::For { .. }
            | StmtKind::While { .. }
            | StmtKind::With(_)
            | StmtKind::Try { .. }
            | StmtKind::Expr(_)
            | StmtKind::Return(_)
            | StmtKind::Raise
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Global(_)
            | StmtKind::Other => Does::More,
        }
    }

    fn call_does(&self, call: &CallExpr) -> Does {
        if call.func.as_name() == Some("print") {
            return Does::Nothing;
        }
        let ExprKind::Attribute(list, method) = &call.func.kind else { return Does::More };
        let longer = LONGER.contains(&method.as_str()) || method == ADDS;
        let piece = call.args.last().filter(|_| longer);
        piece.map_or(Does::More, |piece| self.puts(piece, list))
    }

    /// What it does to put an expression behind a list, or several of them.
    fn puts(&self, expr: &Expr, list: &Expr) -> Does {
        if let ExprKind::List(items) = &expr.kind {
            return items.iter().map(|item| self.puts(item, list)).max().unwrap_or(Does::Nothing);
        }
        let ExprKind::Call(call) = &expr.kind else { return Does::More };
        let step = self.resolve(&call.func).is_some_and(|path| libraries::is_piece(&path));
        match (step || Self::makes_object(call) && self.holds_steps(list), list.dotted()) {
            (true, Some(_)) => Does::Adds,
            (false, Some(_)) if Self::makes_object(call) => Does::May,
            (true | false, _) => Does::More,
        }
    }

    /// Whether it is called as classes are.
    fn makes_object(call: &CallExpr) -> bool {
        let name = call.func.dotted().unwrap_or_default();
        let last = name.rsplit('.').next().unwrap_or_default();
        last.starts_with(|c: char| c.is_ascii_uppercase())
    }

    /// Whether a list has steps of some library.
    fn holds_steps(&self, list: &Expr) -> bool {
        let of = |name: &Expr| name.as_name().and_then(|name| self.find(name)).map(|binding| &binding.value);
        let items = if let ExprKind::Attribute(pipeline, name) = &list.kind {
            of(pipeline).and_then(|value| {
                let V::Call(call) = &value.kind else { return None };
                libraries::list_in(call, name)?.items()
            })
        } else {
            of(list).and_then(Val::items)
        };
        items.is_some_and(|items| items.iter().any(is_pipeline))
    }
}

/// The name that a condition asks about being None, and whether the condition holds if it is.
fn without(test: &Expr) -> Option<(String, bool)> {
    let ExprKind::Compare(left, rest) = &test.kind else { return None };
    let [(op, Expr { kind: ExprKind::Constant(Constant::None), .. })] = rest.as_slice() else { return None };
    let holds = match op {
        Comparison::Is | Comparison::Equal => true,
        Comparison::IsNot | Comparison::NotEqual => false,
        Comparison::Less
        | Comparison::LessEqual
        | Comparison::Greater
        | Comparison::GreaterEqual
        | Comparison::In
        | Comparison::NotIn => return None,
    };
    Some((left.dotted()?, holds))
}

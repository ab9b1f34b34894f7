//! Conditions that defaults decide: what stands behind one and does not run is missing from a pipeline, which is told.

use std::collections::BTreeSet;

use super::eval::Eval;
use super::find::Candidate;
use super::syntax::{Expr, ExprKind, Range, Stmt, StmtKind};
use super::value::V;

/// A condition that held, or did not, because of defaults.
pub(super) struct Decided {
    /// The functions it stands in.
    path: Vec<String>,
    /// The defaults.
    ids: Vec<u32>,
    /// What its blocks change.
    touched: Touched,
}

/// What blocks change.
#[derive(Default)]
struct Touched {
    names: BTreeSet<String>,
    /// Whether they return, or change what has no name here.
    more: bool,
}

impl Touched {
    fn block(&mut self, body: &[Stmt]) {
        for stmt in body {
            match &stmt.kind {
                StmtKind::Assign(targets, _) => targets.iter().for_each(|target| self.target(target)),
                StmtKind::Augmented(target, ..) => self.target(target),
                StmtKind::Expr(Expr { kind: ExprKind::Call(call), .. }) => {
                    if let ExprKind::Attribute(object, _) = &call.func.kind {
                        self.target(object);
                    }
                }
                StmtKind::Return(value) => self.more |= value.is_some(),
                StmtKind::If { then, otherwise, .. } => {
                    self.block(then);
                    self.block(otherwise);
                }
                StmtKind::For { body, orelse, .. } | StmtKind::While { body, orelse, .. } => {
                    self.block(body);
                    self.block(orelse);
                }
                StmtKind::With(body) => self.block(body),
                StmtKind::Try { body, orelse, finalbody } => {
                    for own in [body, orelse, finalbody] {
                        self.block(own);
                    }
                }
                StmtKind::Import(_)
                | StmtKind::ImportAll(_)
                | StmtKind::Function(_)
                | StmtKind::Class(_)
                | StmtKind::Expr(_)
                | StmtKind::Raise
                | StmtKind::Break
                | StmtKind::Continue
                | StmtKind::Global(_)
                | StmtKind::Pass
                | StmtKind::Other => {}
            }
        }
    }

    fn target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) if name == "self" => self.more = true,
            ExprKind::Name(name) => {
                self.names.insert(name.clone());
            }
            ExprKind::Attribute(inner, _) | ExprKind::Item(inner, _) => self.target(inner),
            ExprKind::Tuple(all) | ExprKind::List(all) => all.iter().for_each(|own| self.target(own)),
            _ => {}
        }
    }
}

impl<'a> Eval<'a> {
    /// Takes down that a condition, which was just read, was decided by defaults.
    pub(super) fn decide(&mut self, then: &[Stmt], otherwise: &[Stmt], at: Range) {
        let defaults = &self.defaults;
        let ids: Vec<u32> = self.reads.iter().copied().filter(|id| defaults.contains_key(id)).collect();
        if !self.registering || ids.is_empty() || self.spend(1 + then.len() + otherwise.len(), at).is_err() {
            return;
        }
        let mut touched = Touched::default();
        touched.block(then);
        touched.block(otherwise);
        self.decided.push(Decided { path: self.path.clone(), ids, touched });
    }

    /// The defaults that decided what is in a pipeline, which stands in `functions` or was made by them.
    pub(super) fn deciding(&self, own: &Candidate<'a>, functions: &[Vec<String>]) -> Vec<(Range, String)> {
        let mut told = Vec::new();
        for decided in self.decided.iter().filter(|decided| functions.contains(&decided.path)) {
            let frame = self.locals.get(decided.path.join(".").as_str()).unwrap_or(&self.globals);
            let used = |name: &String| {
                frame.get(name).is_some_and(|binding| {
                    // Another option or attribute is not what the pipeline uses.
                    !matches!(binding.value.kind, V::Object(_))
                        && (own.ids.contains(&binding.id) || own.reads.contains(&binding.id))
                })
            };
            if decided.touched.more || decided.touched.names.iter().any(used) {
                told.extend(decided.ids.iter().filter_map(|id| self.defaults.get(id).cloned()));
            }
        }
        told
    }
}

//! Functions without a name that nobody is seen to call.

use std::rc::Rc;

use super::eval::Eval;
use super::syntax::Range;
use super::value::{Body, V, Val};

impl<'a> Eval<'a> {
    /// Reads functions without a name that are handed to what is not known, such as `map` of a data set.
    pub(super) fn mapped(&mut self, args: &[Val<'a>], at: Range) {
        if !self.registering || self.inside > 0 {
            return;
        }
        for value in args {
            let V::Function(function) = &value.kind else { continue };
            if !matches!(function.body, Body::Expr(_)) || function.params.positional.is_empty() {
                continue;
            }
            let function = Rc::clone(function);
            let names = function.params.positional.iter().filter(|param| param.default.is_none());
            let inputs = names.map(|param| {
                let complaint =
                    self.complain(param.at, format!("{} is not known before Python runs", param.name));
                Val::unset(param.at, complaint, Some(param.name.clone()))
            });
            let inputs = inputs.collect();
            // What it gives is nobody's business here.
            let _ = self.apply(&function, inputs, Vec::new(), None, at);
        }
    }

    /// Reads a function without a name or parameters that a dict keeps, of which a key decides who is called.
    pub(super) fn tried(&mut self, value: &Val<'a>, at: Range) {
        let V::Function(function) = &value.kind else { return };
        let params = function.params;
        let none = params.positional.is_empty() && params.keyword_only.is_empty();
        if !none || !matches!(function.body, Body::Expr(_)) || !self.registering || self.inside > 0 {
            return;
        }
        let function = Rc::clone(function);
        let reads = self.reads.clone();
        // What it gives is known where it is called.
        let _ = self.apply(&function, Vec::new(), Vec::new(), None, at);
        self.reads = reads;
    }
}

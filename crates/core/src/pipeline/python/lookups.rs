//! Attributes of objects, by their names and by texts: `args.size`, `vars(args)["size"]`; what is in lists and calls
//! that may be a pipeline.

use std::rc::Rc;

use super::arguments::is_options;
use super::call::Keywords;
use super::eval::Eval;
use super::find::Candidate;
use super::libraries;
use super::syntax::{CallExpr, Expr, ExprKind, Param, Range};
use super::value::{Object, Scope, V, Val};

/// The function that gives attributes for texts.
pub(super) const VARS: &str = "vars";

/// The attribute of objects of which it is but assumed that they have the defaults of their class.
const ASSUMED: &str = "assumed defaults";

impl<'a> Eval<'a> {
    /// The object that a parameter is taken for whose annotation is a class of the file with values of its own, such as
    /// a dataclass.
    pub(super) fn of_class(&mut self, param: &'a Param) -> Option<Val<'a>> {
        let V::Class(class) = &self.find(param.class.as_deref()?)?.value.kind else { return None };
        let class = Rc::clone(class);
        if class.values.is_empty() {
            return None;
        }
        let mut object = Object { class, attributes: Scope::new() };
        let nothing = Val { at: param.at, kind: V::None };
        self.framed(&mut object.attributes, ASSUMED, nothing, Vec::new());
        Some(Val { at: param.at, kind: V::Object(Rc::new(object)) })
    }

    /// The default that a field of a dataclass is given.
    pub(super) fn field_default(&mut self, path: &str, keywords: &Keywords<'a>, at: Range) -> Option<V<'a>> {
        if !["dataclasses.field", "pydantic.Field"].contains(&path) {
            return None;
        }
        let value =
            |name: &str| keywords.iter().find(|(own, ..)| own == name).map(|(.., value)| value.clone());
        if let Some(default) = value("default") {
            return Some(default.kind);
        }
        let V::Function(factory) = value("default_factory")?.kind else { return None };
        self.apply(&factory, Vec::new(), Vec::new(), None, at).ok().map(|value| value.kind)
    }

    /// An attribute of an object of the file; `dotted` is how the file writes it. Options of command lines may be given.
    pub(super) fn attribute_of(
        &mut self,
        object: &Object<'a>,
        name: &str,
        dotted: Option<&str>,
        at: Range,
    ) -> Option<Val<'a>> {
        let binding = object.attributes.get(name).or_else(|| object.class.values.get(name))?;
        let (id, reads, value) = (binding.id, Rc::clone(&binding.reads), binding.value.clone());
        self.reads.push(id);
        self.reads.extend(reads.iter());
        let given = |this: &mut Self| dotted.and_then(|own| this.setting(own, at));
        if object.attributes.contains_key(ASSUMED)
            && let Some(set) = given(self)
        {
            return Some(set);
        }
        Some(match value.why() {
            None if is_options(object) => match given(self).or_else(|| self.setting(name, at)) {
                Some(set) => {
                    self.reads.retain(|own| *own != id);
                    set
                }
                None => value,
            },
            Some(_) => given(self).unwrap_or(value),
            None => value,
        })
    }

    /// A pipeline whose draws are the same for all images, which is told where it goes into another.
    pub(super) fn determined(&mut self, pipeline: &Val<'a>, at: Range) -> Val<'a> {
        let words = "to_deterministic is passed over: every image has draws of its own here";
        self.next += 1;
        self.defaults.insert(self.next, (at, words.to_owned()));
        self.reads.push(self.next);
        pipeline.clone()
    }

    /// What is put behind others in a list that is not known is a piece, unless it is a whole pipeline.
    pub(super) fn put_somewhere(&mut self, call: &'a CallExpr) -> V<'a> {
        let before = self.candidates.len();
        let _ = self.items(&call.args);
        let made = self.candidates.split_off(before.min(self.candidates.len()));
        self.candidates.extend(made.into_iter().filter(Candidate::is_named_whole));
        V::None
    }

    /// What a class stands for that lacks its import, by the layers that are in it; this is told.
    pub(super) fn by_layers(&mut self, class: &Expr, args: &[Val<'a>]) -> Option<&'static str> {
        let name = class.as_name()?;
        let path = libraries::by_layers(name, args)?;
        self.warnings.push((class.at, format!("{name} is never imported; it is taken for {path}")));
        Some(path)
    }

    /// Takes down the first layer that draws.
    pub(super) fn seen_layer(&mut self, path: &str, at: Range) {
        if self.layer_at.is_none() && libraries::is_random_layer(path) {
            self.layer_at = Some(at);
        }
    }

    /// Takes down whole pipelines that are written in a list, which is no piece of another one.
    pub(super) fn wholes(&mut self, elts: &[Expr], items: &[Val<'a>]) {
        if self.inside > 0 || !self.registering || elts.len() != items.len() {
            return;
        }
        for (i, (elt, item)) in elts.iter().zip(items).enumerate() {
            let whole = matches!(elt.kind, ExprKind::Call(_))
                && matches!(&item.kind, V::Call(call)
                    if libraries::of(&call.path).is_some_and(|own| own.is_whole(call)));
            if whole {
                self.label.push(i.to_string());
                self.candidate(item.clone(), item.at);
                self.label.pop();
            }
        }
    }
}

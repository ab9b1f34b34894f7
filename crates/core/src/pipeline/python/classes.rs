//! Classes of the file: their methods, and those that are pipelines of a library: `class Aug(keras.Sequential)`.

use std::rc::Rc;

use super::call::Keywords;
use super::eval::Eval;
use super::libraries;
use super::syntax::{CallExpr, ClassDef, ExprKind, FunctionDef, Range};
use super::value::{Call, Function, Object, V, Val, last};

/// Methods by which a class makes a pipeline something else.
const OVERRIDING: &[&str] = &["__call__", "call", "forward"];

impl<'a> Eval<'a> {
    /// The pipeline that objects of a class are.
    pub(super) fn base(&self, def: &ClassDef) -> Option<Rc<str>> {
        let is_pipeline =
            |path: &String| ["Compose", "Sequential"].contains(&last(path)) && libraries::of(path).is_some();
        def.bases.iter().find_map(|base| self.resolve(base).filter(is_pipeline)).map(Rc::from)
    }

    /// `super().__init__([...])` in a class that is a pipeline: from there on its object is that pipeline.
    pub(super) fn super_init(&mut self, call: &'a CallExpr, at: Range) -> Option<Val<'a>> {
        const SELF: &str = "self";
        let ExprKind::Attribute(object, method) = &call.func.kind else { return None };
        let ExprKind::Call(own) = &object.kind else { return None };
        if method != "__init__" || own.func.as_name() != Some("super") {
            return None;
        }
        let V::Object(object) = &self.frames.last()?.get(SELF)?.value.kind else { return None };
        if OVERRIDING.iter().any(|name| method_of(object, name).is_some()) {
            return None;
        }
        let path = Rc::clone(object.class.base.as_ref()?);
        self.inside += 1;
        let arguments = self.arguments(call);
        self.inside -= 1;
        let value = match arguments {
            Ok((args, keywords)) => {
                let keywords: Keywords<'a> = keywords;
                let own = Call { path, name_at: call.func.at, args, keywords };
                Val { at, kind: V::Call(Rc::new(own)) }
            }
            Err(complaint) => Val::unknown(at, complaint),
        };
        let found = self.candidates.len();
        if self.registering && value.why().is_none() {
            self.candidate(value.clone(), at);
        }
        let reads = self.reads.clone();
        let id = self.bind(SELF, value, reads);
        self.candidates.iter_mut().skip(found).for_each(|own| own.ids.push(id));
        Some(Val { at, kind: V::None })
    }
}

/// The method of an object's class.
pub(super) fn method_of<'a>(object: &Object<'a>, name: &str) -> Option<Rc<Function<'a>>> {
    object.class.methods.iter().find(|(def, _)| def.name == name).map(|(_, function)| Rc::clone(function))
}

/// A method as it is called of an object or of its class: what it is given first is the one, the other, or neither.
pub(super) fn bound_method<'a>(of: &Val<'a>, name: &str) -> Option<(Rc<Function<'a>>, Option<Val<'a>>)> {
    let class = match &of.kind {
        V::Object(object) => &object.class,
        V::Class(class) => class,
        V::None
        | V::Bool(_)
        | V::Int(_)
        | V::Float(_)
        | V::Text(_)
        | V::List(_)
        | V::Tuple(_)
        | V::Dict(_)
        | V::Path(_)
        | V::Call(_)
        | V::Function(_)
        | V::Unknown(_) => return None,
    };
    let (def, function) = class.methods.iter().find(|(def, _)| def.name == name)?;
    let me = match (method_kind(def), &of.kind) {
        (MethodKind::Static, _) => None,
        (MethodKind::OfClass, _) => Some(Val { at: of.at, kind: V::Class(Rc::clone(class)) }),
        (MethodKind::OfObject, V::Object(_)) => Some(of.clone()),
        (MethodKind::OfObject, _) => return None,
    };
    Some((Rc::clone(function), me))
}

/// What a method is given first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MethodKind {
    Static,
    OfClass,
    OfObject,
}

/// What a method is given first, by its decorators.
pub(super) fn method_kind(def: &FunctionDef) -> MethodKind {
    let has = |name: &str| def.decorators.iter().any(|own| own == name);
    if has("staticmethod") {
        MethodKind::Static
    } else if has("classmethod") {
        MethodKind::OfClass
    } else {
        MethodKind::OfObject
    }
}

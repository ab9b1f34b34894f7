//! Classes of the file: their methods, and those that are pipelines of a library: `class Aug(keras.Sequential)`.

use std::rc::Rc;

use super::call::Keywords;
use super::eval::{Eval, Res};
use super::libraries;
use super::syntax::{CallExpr, ClassDef, ExprKind, FunctionDef, Range};
use super::value::{Call, Class, Function, Object, V, Val, last};

/// Methods by which a class makes a pipeline something else.
const OVERRIDING: &[&str] = &["__call__", "call", "forward"];

impl<'a> Eval<'a> {
    /// The pipeline that objects of a class are.
    pub(super) fn base(&self, def: &ClassDef) -> Option<Rc<str>> {
        let is_pipeline =
            |path: &String| ["Compose", "Sequential"].contains(&last(path)) && libraries::of(path).is_some();
        def.bases.iter().find_map(|base| self.resolve(base).filter(is_pipeline)).map(Rc::from)
    }

    /// The classes of the file that a class inherits from.
    pub(super) fn parents(&self, def: &ClassDef) -> Vec<Rc<Class<'a>>> {
        let class = |name: &str| {
            let V::Class(class) = &self.find(name)?.value.kind else { return None };
            Some(Rc::clone(class))
        };
        def.bases.iter().filter_map(|base| class(base.as_name()?)).collect()
    }

    /// `super().__init__(...)` in a class that inherits from one of the file: what that `__init__` assigns.
    fn parent_init(
        &mut self,
        object: &Rc<Object<'a>>,
        call: &'a CallExpr,
        me: &str,
        at: Range,
    ) -> Option<Val<'a>> {
        // The class that this `__init__` stands in, which the object's own may inherit from.
        let name = self.path.len().checked_sub(2).and_then(|i| self.path.get(i))?;
        let class = within(&object.class, name, 0)?;
        let init = class.parents.iter().find_map(|parent| {
            parent.methods.iter().find(|(def, _)| def.name == "__init__").map(|(_, own)| Rc::clone(own))
        })?;
        let (args, keywords) = self.arguments(call).ok()?;
        let value = Val { at, kind: V::Object(Rc::clone(object)) };
        let object = self.initialized(&init, value, args, keywords, at).ok()?;
        let reads = self.reads.clone();
        self.bind(me, object, reads);
        Some(Val { at, kind: V::None })
    }

    /// What an object is after an `__init__`.
    pub(super) fn initialized(
        &mut self,
        init: &Rc<Function<'a>>,
        object: Val<'a>,
        args: Vec<Val<'a>>,
        keywords: Keywords<'a>,
        at: Range,
    ) -> Res<Val<'a>> {
        let values = self.given(init, args, keywords, true, at)?;
        let me = init.params.positional.first().map(|param| param.name.as_str());
        let mut frame = init.captured.clone();
        for (name, value) in values {
            self.framed(&mut frame, name, value, Vec::new());
        }
        if let Some(me) = me {
            self.framed(&mut frame, me, object.clone(), Vec::new());
        }
        let frame = self.run(init, frame, at).1;
        Ok(me.and_then(|me| frame.get(me)).map_or(object, |binding| binding.value.clone()))
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
        if object.class.base.is_none() {
            let object = Rc::clone(object);
            return self.parent_init(&object, call, SELF, at);
        }
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

/// The class called `name` that a class is, or inherits from.
fn within<'a>(class: &Rc<Class<'a>>, name: &str, depth: usize) -> Option<Rc<Class<'a>>> {
    if class.name == name || depth > 20 {
        return (class.name == name).then(|| Rc::clone(class));
    }
    class.parents.iter().find_map(|parent| within(parent, name, depth + 1))
}

/// Whether a class is another one, or inherits from it.
pub(super) fn inherits(class: &Rc<Class<'_>>, other: &Rc<Class<'_>>, depth: usize) -> bool {
    Rc::ptr_eq(class, other)
        || depth < 20 && class.parents.iter().any(|parent| inherits(parent, other, depth + 1))
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

//! Options of command lines: what `argparse` and the flags of absl give where nobody types any.

use std::rc::Rc;

use super::eval::Eval;
use super::syntax::{CallExpr, Constant, Expr, ExprKind, Range};
use super::value::{Call, Class, Object, Scope, V, Val};

/// What an object of options is called.
const OPTIONS: &str = "options of the command line";

/// A parser's `add_argument` under a name of its own: a call of this with the parser.
const ADDING: &str = "argparse.ArgumentParser.add_argument";

/// `parser.add_argument`, which is called later.
pub(super) fn adding<'a>(parser: &Val<'a>, method: &str, at: Range) -> Option<V<'a>> {
    let is_it = method == "add_argument" && matches!(&parser.kind, V::Call(own) if is_parser(&own.path));
    is_it.then(|| {
        V::Call(Rc::new(Call {
            path: ADDING.into(),
            name_at: at,
            args: vec![parser.clone()],
            keywords: Vec::new(),
        }))
    })
}

/// The parser that a call of `parser.add_argument` under another name adds to.
pub(super) fn added_to<'v, 'a>(call: &'v Call<'a>) -> Option<(&'v Val<'a>, &'v Rc<Call<'a>>)> {
    let parser = call.args.first().filter(|_| &*call.path == ADDING)?;
    if let V::Call(own) = &parser.kind { Some((parser, own)) } else { None }
}

/// Whether a call of this name makes a parser.
pub(super) fn is_parser(path: &str) -> bool {
    matches!(path, "argparse.ArgumentParser" | "ArgumentParser" | "configargparse.ArgumentParser")
}

/// Whether this object keeps options.
pub(super) fn is_options(object: &Object<'_>) -> bool {
    object.class.name == OPTIONS
}

impl<'a> Eval<'a> {
    /// A method of a parser.
    pub(super) fn parser_method(
        &mut self,
        parser: &Rc<super::value::Call<'a>>,
        object: &Val<'a>,
        method: &str,
        call: &'a CallExpr,
        at: Range,
    ) -> Val<'a> {
        let key = parser.name_at.start;
        let arguments = self.arguments(call);
        let (args, keywords) = match arguments {
            Ok(arguments) => arguments,
            Err(complaint) => return Val::unknown(at, complaint),
        };
        let keyword = |name: &str| keywords.iter().find(|(own, ..)| own == name).map(|(.., value)| value);
        match method {
            "add_argument" => {
                if let Some(name) = name_of(&args, keyword("dest"))
                    && let Some(value) =
                        Self::option(&args, keyword("default"), keyword("action"), keyword("type"), call)
                {
                    let options = self.options.entry(key).or_default();
                    options.retain(|(own, _)| *own != name);
                    options.push((name, value));
                }
                Val { at, kind: V::None }
            }
            "set_defaults" => {
                let options = self.options.entry(key).or_default();
                for (name, _, value) in &keywords {
                    options.retain(|(own, _)| own != name);
                    options.push((name.clone(), value.clone()));
                }
                Val { at, kind: V::None }
            }
            // Groups and commands add to the same options.
            "add_argument_group" | "add_mutually_exclusive_group" | "add_subparsers" | "add_parser" => {
                object.clone()
            }
            "parse_args" | "parse_known_args" => {
                let options = self.options_of(key);
                let options = Val { at, kind: V::Object(Rc::new(options)) };
                if method == "parse_args" {
                    return options;
                }
                let rest = Val { at, kind: V::List(Rc::default()) };
                Val { at, kind: V::Tuple(Rc::new(vec![options, rest])) }
            }
            _ => {
                let complaint =
                    self.complain(at, format!("what {method} of a parser gives is not known here"));
                Val::unknown(at, complaint)
            }
        }
    }

    fn options_of(&mut self, key: usize) -> Object<'a> {
        let all = self.options.get(&key).cloned().unwrap_or_default();
        let mut attributes = Scope::new();
        for (name, value) in all {
            let (at, shown) = (value.at, value.kind());
            let id = self.framed(&mut attributes, &name, value, Vec::new());
            let words = format!(
                "{name} is {shown}, the default of the command line; --set {name}=VALUE gives another value"
            );
            self.defaults.insert(id, (at, words));
        }
        let class = Rc::new(Class {
            name: OPTIONS,
            base: None,
            parents: Vec::new(),
            methods: Vec::new(),
            values: Scope::new(),
        });
        Object { class, attributes }
    }

    /// What an option is worth that nobody types; nothing if it must be typed.
    fn option(
        args: &[Val<'a>],
        default: Option<&Val<'a>>,
        action: Option<&Val<'a>>,
        kind: Option<&Val<'a>>,
        call: &'a CallExpr,
    ) -> Option<Val<'a>> {
        let at = call.func.at;
        let action = match action.map(|action| &action.kind) {
            Some(V::Text(text)) => &**text,
            _ => "store",
        };
        if let Some(default) = default {
            // A text is read as what is typed would be.
            let read = match (&default.kind, kind.map(|kind| &kind.kind)) {
                (V::Text(text), Some(V::Path(path))) => match &**path {
                    "int" => text.trim().parse().ok().map(V::Int),
                    "float" => text.trim().parse().ok().map(V::Float),
                    _ => None,
                },
                _ => None,
            };
            return Some(Val { at: default.at, kind: read.unwrap_or_else(|| default.kind.clone()) });
        }
        match action {
            "store_true" => Some(Val { at, kind: V::Bool(false) }),
            "store_false" => Some(Val { at, kind: V::Bool(true) }),
            _ => {
                let dashed = matches!(args.first().map(|name| &name.kind), Some(V::Text(text)) if text.starts_with('-'));
                let required = call
                    .keywords
                    .iter()
                    .any(|keyword| keyword.name.as_deref() == Some("required") && is_true(&keyword.value));
                (dashed && !required).then_some(Val { at, kind: V::None })
            }
        }
    }

    /// `flags.DEFINE_integer('size', 28, 'help')`.
    pub(super) fn flag(&mut self, path: &str, args: &[Val<'a>]) {
        let is_flag =
            path.rsplit('.').next().is_some_and(|own| own.starts_with("DEFINE_")) && path.contains("flags");
        if let ([Val { kind: V::Text(name), .. }, value, ..], true) = (args, is_flag) {
            let options = self.options.entry(usize::MAX).or_default();
            options.retain(|(own, _)| **own != **name);
            options.push((name.to_string(), value.clone()));
        }
    }

    /// `FLAGS`, with what was defined so far.
    pub(super) fn flags(&mut self, at: Range) -> Option<Val<'a>> {
        self.options.contains_key(&usize::MAX).then(|| {
            let options = self.options_of(usize::MAX);
            Val { at, kind: V::Object(Rc::new(options)) }
        })
    }
}

fn is_true(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Constant(Constant::Bool(true)))
}

/// The attribute of an option: `dest`, the first long name, or the first one.
fn name_of(args: &[Val<'_>], dest: Option<&Val<'_>>) -> Option<String> {
    let text = |value: &Val<'_>| match &value.kind {
        V::Text(text) => Some(text.to_string()),
        _ => None,
    };
    if let Some(dest) = dest {
        return text(dest);
    }
    let names: Vec<String> = args.iter().filter_map(text).collect();
    let name = names.iter().find(|name| name.starts_with("--")).or(names.first())?;
    Some(name.trim_start_matches('-').replace('-', "_"))
}

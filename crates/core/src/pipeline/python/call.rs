//! Calls: of what was imported, which stay calls; of the file's own functions and classes, which are followed; of
//! what Python has without an import; and of methods.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::arguments;
use super::builtins::{ASKS, asks, default_of};
use super::chain;
use super::chance;
use super::classes::{bound_method, method_of};
use super::eval::{BUILTINS, Eval, Res, is_pipeline};
use super::exec::Flow;
use super::libraries::{self, Link};
use super::lookups;
use super::pure;
use super::switches::LONGER;
use super::syntax::{CallExpr, Expr, ExprKind, Params, Range};
use super::value::{Binding, Body, Call, Function, Object, Scope, Unknown, V, Val};

pub(super) type Keywords<'a> = Vec<(String, Range, Val<'a>)>;

/// What the names of functions begin with of which nothing is known.
pub(super) const UNREAD: &str = "functions that are not read";

/// Parameters and what they are worth.
pub(super) type Given<'a> = Vec<(&'a str, Val<'a>)>;

/// Decorators that leave what a function gives as it is.
const HARMLESS: &[&str] = &[
    "staticmethod",
    "classmethod",
    "property",
    "function",
    "no_grad",
    "tf_function",
    "override",
    "cache",
    "lru_cache",
];

impl<'a> Eval<'a> {
    /// A function of the file, with what it sees around it.
    pub(super) fn function(
        &mut self,
        name: &str,
        params: &'a Params,
        body: Body<'a>,
        changed: bool,
    ) -> V<'a> {
        V::Function(Rc::new(self.closure(name, params, body, changed)))
    }

    pub(super) fn closure(
        &mut self,
        name: &str,
        params: &'a Params,
        body: Body<'a>,
        changed: bool,
    ) -> Function<'a> {
        let captured = self.frames.last().cloned().unwrap_or_default();
        let name = if name.is_empty() {
            String::new()
        } else {
            self.path.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".")
        };
        Function { name: name.into(), params, body, captured, changed }
    }

    /// Whether decorators may have changed what a function gives.
    pub(super) fn changed(decorators: &[String]) -> bool {
        decorators.iter().any(|name| !HARMLESS.contains(&name.as_str()))
    }

    pub(super) fn call(&mut self, call: &'a CallExpr, at: Range) -> Val<'a> {
        if let Some(value) = self.super_init(call, at) {
            return value;
        }
        let before = self.candidates.len();
        // What is called may be a method of a value, which no attribute of it is.
        let func = match &call.func.kind {
            ExprKind::Attribute(object, method) if self.resolve(&call.func).is_none() => {
                let object_value = self.eval(object);
                self.applied(&object_value, Some(method), at);
                if let Some(value) = self.method(&object_value, object, method, call, at) {
                    return value;
                }
                self.eval(&call.func)
            }
            _ => self.eval(&call.func),
        };
        self.applied(&func, None, at);
        self.either_applied(&call.func, at);
        let owned = match &func.kind {
            V::Path(path) => libraries::of(path).is_some(),
            _ => false,
        };
        self.inside += usize::from(owned);
        let labels = self.label.len();
        let arguments = self.arguments(call);
        self.label.truncate(labels);
        self.inside -= usize::from(owned);
        let (args, keywords) = match arguments {
            Ok(arguments) => arguments,
            Err(complaint) => {
                let value = Val::unknown(at, complaint);
                // A pipeline of which nothing is known but that it is one.
                if owned && self.inside == 0 && self.registering {
                    self.candidate(value.clone(), at);
                }
                return value;
            }
        };
        let kind = self.called(&func, call, args, keywords, at, before);
        let value = Val { at, kind: kind.unwrap_or_else(|complaint| Val::unknown(at, complaint).kind) };
        self.made(&value, at);
        value
    }

    /// Takes a pipeline down, if it is one and no part of another.
    fn made(&mut self, value: &Val<'a>, at: Range) {
        self.stepped(value);
        if self.inside == 0 && self.registering && is_pipeline(value) {
            self.candidate(value.clone(), at);
        }
    }

    /// A link of a chain; where the chain is torn, that is what the pipeline is.
    fn link(&mut self, kind: V<'a>, at: Range) -> V<'a> {
        let value = Val { at, kind };
        if self.inside == 0 && self.registering && value.why().is_some() {
            self.candidate(value.clone(), at);
        }
        value.kind
    }

    fn called(
        &mut self,
        func: &Val<'a>,
        call: &'a CallExpr,
        args: Vec<Val<'a>>,
        keywords: Keywords<'a>,
        at: Range,
        before: usize,
    ) -> Res<V<'a>> {
        match &func.kind {
            // The options of a command line are asked for by text as by name.
            V::Path(path) if &**path == lookups::VARS && args.len() == 1 => Ok(args[0].kind.clone()),
            V::Path(path) if BUILTINS.contains(&&**path) => self.builtin(path, &args, keywords, at),
            V::Path(path) if asks(path) && default_of(path, &args, &keywords).is_some() => {
                let (what, default) = default_of(path, &args, &keywords).unwrap_or((String::new(), func));
                Ok(self.assumed(default, &what, at))
            }
            V::Path(path) => {
                let own = Call { path: Rc::clone(path), name_at: call.func.at, args, keywords };
                self.seen_layer(path, call.func.at);
                self.flag(path, &own.args);
                if chance::is_draw(path) {
                    self.next += 1;
                    return Ok(chance::numbered(own, self.next, at));
                }
                if let Some(kind) = pure::pure(path, &own.args, &own.keywords) {
                    return Ok(kind);
                }
                if let Some(scripted) = libraries::scripted(&own) {
                    self.candidates.truncate(before);
                    return Ok(scripted);
                }
                self.shuffled(&own, at);
                if let Some(kind) = chance::function(&own, at) {
                    return Ok(kind);
                }
                if let Some(kind) = self.picked(&own, at, before) {
                    return Ok(kind);
                }
                if let Some(kind) = self.chosen(&own, at) {
                    return kind.map(|kind| self.link(kind, at));
                }
                if matches!(libraries::link(path), Some((_, Link::Step | Link::Through))) {
                    let input =
                        own.args.first().or_else(|| own.keywords.first().map(|(.., value)| value)).cloned();
                    let spare = own.clone();
                    return Ok(match chain::linked(self, own, input.as_ref(), at) {
                        Some(kind) => self.link(kind, at),
                        None => V::Call(Rc::new(spare)),
                    });
                }
                if libraries::of(path).is_none() {
                    self.handed(own.args.iter().chain(own.keywords.iter().map(|(.., value)| value)), at);
                }
                Ok(V::Call(Rc::new(own)))
            }
            V::Call(adding) if let Some((parser, own)) = arguments::added_to(adding) => {
                Ok(self.parser_method(own, parser, "add_argument", call, at).kind)
            }
            V::Call(own) if &*own.path == pure::PARTIAL && !own.args.is_empty() => {
                let (function, args, keywords) = pure::completed(func, args, keywords);
                self.spend(1 + args.len(), at)?;
                self.called(&function, call, args, keywords, at, before)
            }
            // A layer that is called.
            V::Call(layer) => match chain::called(self, func, Call::clone(layer), &args, at) {
                Some(kind) => Ok(self.link(kind, at)),
                None => Err(self.complain(at, format!("what {} gives is not known here", func.kind()))),
            },
            V::Function(function) => {
                self.apply(&Rc::clone(function), args, keywords, None, at).map(|value| value.kind)
            }
            V::Class(class) => {
                let class = Rc::clone(class);
                let object = Val { at, kind: V::Object(Rc::new(Object { class, attributes: Scope::new() })) };
                self.constructed(object, args, keywords, at)
            }
            V::Object(object) => match method_of(object, "__call__") {
                Some(function) => {
                    self.apply(&function, args, keywords, Some(func.clone()), at).map(|value| value.kind)
                }
                None => Err(self.complain(at, format!("{} is called, but is no function", func.kind()))),
            },
            V::Unknown(unknown) => {
                if let Some(path) = self.by_layers(&call.func, &args) {
                    let own = Call { path: path.into(), name_at: call.func.at, args, keywords };
                    return Ok(V::Call(Rc::new(own)));
                }
                self.mapped(&args, at);
                let torn = args.iter().any(|value| chain::holds(value, 0));
                // A class that lacks its import: what is in it is no pipeline of its own.
                let name = call
                    .func
                    .as_name()
                    .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase()));
                let held = args.first().is_some_and(holds_pieces);
                if name && held && self.inside == 0 && self.registering {
                    self.candidates.truncate(before);
                    self.candidate(func.clone(), at);
                }
                if matches!(&call.func.kind, ExprKind::Attribute(_, method) if ASKS.contains(&method.as_str()))
                    && let Some((what, default)) = default_of("", &args, &keywords)
                {
                    return Ok(self.assumed(default, &what, at));
                }
                if let Some(default) = pure::tuned(&call.func, &args, &keywords) {
                    let what = call.func.dotted().unwrap_or_default();
                    return Ok(self.assumed(&default, &what, at));
                }
                let constant = |value: &Val<'_>| matches!(value.kind, V::Text(_)) || value.number().is_some();
                if unknown.set.is_some()
                    && keywords.is_empty()
                    && args.iter().all(constant)
                    && let Some(written) = self.writes(at)
                {
                    return Ok(self.unwritten(written, at, unknown.torn));
                }
                if torn && !unknown.torn {
                    let path = format!("{UNREAD}.{}", call.func.dotted().unwrap_or_default());
                    let own = Call { path: path.into(), name_at: call.func.at, args, keywords };
                    return Ok(V::Call(Rc::new(own)));
                }
                let unknown = Unknown::new(unknown.complaint.clone(), None, unknown.torn || torn);
                Ok(V::Unknown(Rc::new(unknown)))
            }
            V::None
            | V::Bool(_)
            | V::Int(_)
            | V::Float(_)
            | V::Text(_)
            | V::List(_)
            | V::Tuple(_)
            | V::Dict(_) => Err(self.complain(at, format!("{} is called, but is no function", func.kind()))),
        }
    }

    fn constructed(
        &mut self,
        object: Val<'a>,
        args: Vec<Val<'a>>,
        keywords: Keywords<'a>,
        at: Range,
    ) -> Res<V<'a>> {
        let V::Object(own) = &object.kind else { return Ok(object.kind) };
        let Some(init) = method_of(own, "__init__") else { return Ok(object.kind) };
        self.initialized(&init, object, args, keywords, at).map(|object| object.kind)
    }

    pub(super) fn arguments(&mut self, call: &'a CallExpr) -> Res<(Vec<Val<'a>>, Keywords<'a>)> {
        let args = self.items(&call.args)?;
        let mut keywords = Vec::new();
        for keyword in &call.keywords {
            let labels = self.label.len();
            self.label.extend(keyword.name.clone().filter(|_| self.inside == 0));
            let value = self.eval(&keyword.value);
            let value = self.tossed(value, &keyword.value);
            self.label.truncate(labels);
            match (&keyword.name, &value.kind) {
                (Some(name), _) => keywords.push((name.clone(), keyword.at, value)),
                (None, V::Dict(entries)) => {
                    for (key, value) in entries.iter() {
                        let V::Text(name) = &key.kind else {
                            return Err(self.complain(key.at, "a parameter's name is a text"));
                        };
                        keywords.push((name.to_string(), key.at, value.clone()));
                    }
                }
                (None, V::Unknown(unknown)) => return Err(unknown.complaint.clone()),
                (None, _) => return Err(self.complain(keyword.at, "what ** stands before is no dict")),
            }
        }
        Ok((args, keywords))
    }

    /// A method of a value, where it is known what it gives.
    fn method(
        &mut self,
        object: &Val<'a>,
        written: &'a Expr,
        method: &str,
        call: &'a CallExpr,
        at: Range,
    ) -> Option<Val<'a>> {
        let arguments = |this: &mut Self| this.arguments(call);
        let kind = match (&object.kind, method) {
            (V::Object(_) | V::Class(_), _) => {
                let (function, me) = bound_method(object, method)?;
                let applied = arguments(self)
                    .and_then(|(args, keywords)| self.apply(&function, args, keywords, me, at));
                let value = applied.unwrap_or_else(|complaint| Val::unknown(at, complaint));
                let value = Val { at, kind: value.kind };
                self.made(&value, at);
                return Some(value);
            }
            (V::Dict(entries), "get") => {
                let (args, _) = arguments(self).ok()?;
                let key = args.first()?;
                let found = entries.iter().rev().find(|(own, _)| own.same(key) == Some(true));
                match (found, args.get(1)) {
                    (Some((_, value)), _) => value.kind.clone(),
                    (None, Some(default)) => default.kind.clone(),
                    (None, None) => V::None,
                }
            }
            (V::Dict(entries), "items") => V::List(Rc::new(
                entries
                    .iter()
                    .map(|(key, value)| Val { at, kind: V::Tuple(Rc::new(vec![key.clone(), value.clone()])) })
                    .collect(),
            )),
            (V::Dict(entries), "keys") => {
                V::List(Rc::new(entries.iter().map(|(key, _)| key.clone()).collect()))
            }
            (V::Dict(entries), "values") => {
                V::List(Rc::new(entries.iter().map(|(_, value)| value.clone()).collect()))
            }
            (V::Call(_), "item") if chance::draw(object).is_some() => object.kind.clone(),
            (V::List(_) | V::Dict(_), "copy") => object.kind.clone(),
            (V::Call(own), "tolist") if pure::row(own).is_some() => {
                V::List(Rc::new(pure::row(own).unwrap_or_default()))
            }
            (V::Text(own), "join") => {
                let (args, _) = arguments(self).ok()?;
                let parts: Option<Vec<String>> = Self::sequence(args.first()?)?
                    .iter()
                    .map(|part| if let V::Text(part) = &part.kind { Some(part.to_string()) } else { None })
                    .collect();
                V::Text(pure::joined(&parts?, own)?)
            }
            (V::Text(own), "split" | "strip" | "replace" | "startswith" | "endswith") => {
                let (args, _) = arguments(self).ok()?;
                pure::of_text(own, method, &args, at)?
            }
            (V::Text(text), "lower") => V::Text(text.to_lowercase().into()),
            (V::Text(text), "upper") => V::Text(text.to_uppercase().into()),
            (V::Call(own), _) if arguments::is_parser(&own.path) => {
                let own = Rc::clone(own);
                return Some(self.parser_method(&own, object, method, call, at));
            }
            (V::Call(_), "to_deterministic") if is_pipeline(object) => {
                return Some(self.determined(object, at));
            }
            (V::List(_) | V::Dict(_) | V::Call(_), _) => {
                return self.grown(object, written, method, call, at);
            }
            (V::Unknown(_), _) if LONGER.contains(&method) => self.put_somewhere(call),
            _ => return None,
        };
        Some(Val { at, kind })
    }

    /// The parameters of a function with the values of one call.
    pub(super) fn given(
        &mut self,
        function: &Rc<Function<'a>>,
        args: Vec<Val<'a>>,
        keywords: Keywords<'a>,
        method: bool,
        at: Range,
    ) -> Res<Given<'a>> {
        let params = function.params;
        let positional = params.positional.get(usize::from(method)..).unwrap_or_default();
        if args.len() > positional.len() && params.rest.is_none() {
            let message = format!("{} values for {} parameters", args.len(), positional.len());
            return Err(self.complain(at, message));
        }
        let mut args = args;
        let rest = args.split_off(args.len().min(positional.len()));
        let given = args.len();
        let names = positional.iter().map(|param| param.name.as_str());
        let mut values: Vec<(&'a str, Val<'a>)> = names.zip(args).collect();
        let mut more = Vec::new();
        for (name, name_at, value) in keywords {
            let known = positional
                .iter()
                .skip(given)
                .chain(&params.keyword_only)
                .map(|param| param.name.as_str())
                .find(|known| *known == name);
            match known {
                Some(known) => values.push((known, value)),
                None if params.named.is_some() => {
                    more.push((Val { at: name_at, kind: V::Text(name.as_str().into()) }, value));
                }
                None => {
                    let message = format!("the function has no parameter {name}, or has its value");
                    return Err(self.complain(name_at, message));
                }
            }
        }
        for param in positional.iter().chain(&params.keyword_only) {
            let name = param.name.as_str();
            if values.iter().any(|(given, _)| *given == name) {
                continue;
            }
            let value = match &param.default {
                Some(default) => self.eval(default),
                None => Val::unset(
                    at,
                    self.complain(at, format!("the parameter {name} is missing")),
                    Some(name.to_owned()),
                ),
            };
            values.push((name, value));
        }
        if let Some(name) = &params.rest {
            values.push((name, Val { at, kind: V::Tuple(Rc::new(rest)) }));
        }
        if let Some(name) = &params.named {
            values.push((name, Val { at, kind: V::Dict(Rc::new(more)) }));
        }
        if !function.name.is_empty() {
            self.called.entry(Rc::clone(&function.name)).or_insert_with(|| values.clone());
        }
        Ok(values)
    }

    pub(super) fn framed(
        &mut self,
        frame: &mut Scope<'a>,
        name: &str,
        value: Val<'a>,
        reads: Vec<u32>,
    ) -> u32 {
        self.next += 1;
        frame.insert(name.to_owned(), Binding { id: self.next, value, reads: Rc::new(reads) });
        self.next
    }

    /// The number that stands for calls of the function called `name`.
    pub(super) fn marker(&mut self, name: &Rc<str>) -> u32 {
        if let Some(marker) = self.markers.get(name) {
            return *marker;
        }
        self.next += 1;
        self.markers.insert(Rc::clone(name), self.next);
        self.next
    }

    /// Calls a function of the file; `me` is the object that it is a method of.
    pub(super) fn apply(
        &mut self,
        function: &Rc<Function<'a>>,
        args: Vec<Val<'a>>,
        keywords: Keywords<'a>,
        me: Option<Val<'a>>,
        at: Range,
    ) -> Res<Val<'a>> {
        if function.changed {
            return Err(self.complain(at, "functions with decorators are not called here"));
        }
        let inputs = args.iter().any(|value| chain::holds(value, 0));
        if inputs && self.unsure > 0 {
            let complaint =
                self.complain(at, "a call that runs only on a condition is no step of a pipeline");
            return Ok(Val { at, kind: V::Unknown(Rc::new(Unknown::new(complaint, None, true))) });
        }
        let bound = me.is_some();
        let given = if inputs { args.clone() } else { Vec::new() };
        let values = self.given(function, args, keywords, bound, at)?;
        let mut frame = function.captured.clone();
        for (name, value) in values {
            self.framed(&mut frame, name, value, Vec::new());
        }
        if let (Some(me), Some(param)) = (me, function.params.positional.first()) {
            self.framed(&mut frame, &param.name, me, Vec::new());
        }
        if !function.name.is_empty() {
            let marker = self.marker(&function.name);
            self.reads.push(marker);
        }
        let value = match function.body {
            Body::Expr(expr) => {
                self.frames.push(frame);
                self.global_names.push(BTreeSet::default());
                let value = self.eval(expr);
                let value = self.tossed(value, expr);
                self.global_names.pop();
                self.frames.pop();
                value
            }
            Body::Block(_) => match self.run(function, frame, at).0 {
                Flow::Return(value) | Flow::Maybe(value) => value,
                _ if inputs => {
                    let complaint = self.complain(at, "a pipeline passes through something that is not read");
                    Val { at, kind: V::Unknown(Rc::new(Unknown::new(complaint, None, true))) }
                }
                _ => Val { at, kind: V::None },
            },
        };
        // What became of a pipeline that went in is not known; it is as if the function were not the file's own.
        if let (true, V::Unknown(why)) = (inputs, &value.kind)
            && !why.torn
        {
            let path = format!("{UNREAD}.{}", function.name);
            let call = Call { path: path.into(), name_at: at, args: given, keywords: Vec::new() };
            return Ok(Val { at, kind: V::Call(Rc::new(call)) });
        }
        Ok(value)
    }

    /// Runs the body of a function in `frame`; what it returns, and what its names stand for in the end.
    pub(super) fn run(
        &mut self,
        function: &Rc<Function<'a>>,
        frame: Scope<'a>,
        at: Range,
    ) -> (Flow<'a>, Scope<'a>) {
        let Body::Block(body) = function.body else { return (Flow::Next, frame) };
        if self.depth > 60 {
            let complaint = self.complain(at, "functions call one another too deeply");
            return (Flow::Return(Val::unknown(at, complaint)), frame);
        }
        self.frames.push(frame);
        self.global_names.push(BTreeSet::default());
        let path = std::mem::replace(&mut self.path, function.name.split('.').map(str::to_owned).collect());
        let registering = std::mem::replace(&mut self.registering, false);
        let labels = std::mem::take(&mut self.label);
        let unsure = std::mem::replace(&mut self.unsure, 0);
        let inside = std::mem::replace(&mut self.inside, 0);
        let reads = std::mem::take(&mut self.reads);
        self.depth += 1;
        let flow = self.block(body);
        self.depth -= 1;
        // What the last statement read is what the result was made of.
        self.reads.extend(reads);
        self.inside = inside;
        self.unsure = unsure;
        self.label = labels;
        self.registering = registering;
        self.path = path;
        self.global_names.pop();
        (flow, self.frames.pop().unwrap_or_default())
    }
}

/// Whether a value is a list with pieces of a pipeline.
pub(super) fn holds_pieces(value: &Val<'_>) -> bool {
    value.items().is_some_and(|items| items.iter().any(is_pipeline))
}

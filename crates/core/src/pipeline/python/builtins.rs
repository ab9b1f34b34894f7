//! Functions that Python has without an import.

use std::rc::Rc;

use super::call::Keywords;
use super::eval::{BUILTINS, Eval, MAX_ITEMS, Res};
use super::given::option;
use super::syntax::Range;
use super::value::{V, Val, last};

impl<'a> Eval<'a> {
    /// What such a function gives, where that is known.
    pub(super) fn builtin(
        &mut self,
        name: &str,
        args: &[Val<'a>],
        keywords: Keywords<'a>,
        at: Range,
    ) -> Res<V<'a>> {
        if let ("getattr", [object, Val { kind: V::Text(name), .. }, rest @ ..]) = (name, args)
            && rest.len() < 2
        {
            return self.attribute_or(object, name, rest.first(), at);
        }
        if let Some(unknown) = args.iter().find(|value| value.why().is_some()) {
            return Ok(unknown.kind.clone());
        }
        let whole = |value: &Val<'a>| if let V::Int(value) = value.kind { Some(value) } else { None };
        let numbers_of = |args: &[Val<'a>]| -> Option<Vec<Val<'a>>> {
            let items = match args {
                [one] => one.items()?.to_vec(),
                _ => args.to_vec(),
            };
            items.iter().all(|item| item.number().is_some()).then_some(items)
        };
        let extreme = |pick: fn(f64, f64) -> bool| {
            let items = numbers_of(args)?;
            let mut best = items.first()?.clone();
            for item in items {
                if pick(item.number()?, best.number()?) {
                    best = item;
                }
            }
            Some(best.kind)
        };
        let kind = match (name, args) {
            ("dict", []) => {
                let text = |(name, at, value): (String, Range, Val<'a>)| {
                    (Val { at, kind: V::Text(name.as_str().into()) }, value)
                };
                Some(V::Dict(Rc::new(keywords.into_iter().map(text).collect())))
            }
            ("dict", [Val { kind: V::Dict(entries), .. }]) if keywords.is_empty() => {
                Some(V::Dict(Rc::clone(entries)))
            }
            ("dict", [pairs]) => Self::sequence(pairs).and_then(|pairs| {
                let pair = |own: &Val<'a>| match own.items()? {
                    [key, value] => Some((key.clone(), value.clone())),
                    _ => None,
                };
                let mut entries = pairs.iter().map(pair).collect::<Option<Vec<_>>>()?;
                entries.extend(keywords.iter().map(|(name, place, value)| {
                    (Val { at: *place, kind: V::Text(name.as_str().into()) }, value.clone())
                }));
                Some(V::Dict(Rc::new(entries)))
            }),
            ("map", [function, one]) => match Self::sequence(one) {
                Some(items) => Some(self.each(function, items, at)?),
                None => None,
            },
            ("reversed", [one]) => Self::sequence(one).map(|mut items| {
                items.reverse();
                V::List(Rc::new(items))
            }),
            ("list", []) => Some(V::List(Rc::default())),
            ("list", [one]) => Self::sequence(one).map(|items| V::List(Rc::new(items))),
            ("tuple", [one]) => Self::sequence(one).map(|items| V::Tuple(Rc::new(items))),
            ("sorted", [one]) if keywords.is_empty() => Self::sequence(one).and_then(|mut items| {
                let numbers: Option<Vec<f64>> = items.iter().map(Val::number).collect();
                numbers?;
                items.sort_by(|a, b| a.number().unwrap_or(0.0).total_cmp(&b.number().unwrap_or(0.0)));
                Some(V::List(Rc::new(items)))
            }),
            ("len", [Val { kind: V::Text(text), .. }]) => Some(V::Int(text.chars().count() as i64)),
            ("len", [one]) => Self::sequence(one).map(|items| V::Int(items.len() as i64)),
            ("int", [Val { kind: V::Text(text), .. }]) => text.trim().parse().ok().map(V::Int),
            ("float", [Val { kind: V::Text(text), .. }]) => text.trim().parse().ok().map(V::Float),
            ("float", [one]) => one.number().map(V::Float),
            ("int", [one]) => one.number().map(|value| V::Int(value as i64)),
            ("bool", [one]) => one.truth().map(V::Bool),
            ("isinstance", [one, kinds]) => is_instance(one, kinds).map(V::Bool),
            ("any" | "all", [one]) => Self::sequence(one).and_then(|items| {
                let truths = items.iter().map(Val::truth).collect::<Option<Vec<bool>>>()?;
                let held = if name == "any" { truths.contains(&true) } else { !truths.contains(&false) };
                Some(V::Bool(held))
            }),
            ("str", [one]) => match &one.kind {
                V::Text(text) => Some(V::Text(Rc::clone(text))),
                V::Int(_) | V::Bool(_) | V::None => Some(V::Text(one.kind().into())),
                _ => None,
            },
            ("abs", [one]) => match one.kind {
                V::Int(value) => value.checked_abs().map(V::Int),
                V::Float(value) => Some(V::Float(value.abs())),
                _ => None,
            },
            // Python rounds half to even.
            ("round", [one]) => one.number().map(|value| V::Int(value.round_ties_even() as i64)),
            ("max", _) if keywords.is_empty() => extreme(|a, b| a > b),
            ("min", _) if keywords.is_empty() => extreme(|a, b| a < b),
            ("range", [end]) => whole(end).and_then(|end| numbers(0, end, 1, at)),
            ("range", [start, end]) => whole(start).zip(whole(end)).and_then(|(a, b)| numbers(a, b, 1, at)),
            ("range", [start, end, step]) => whole(start)
                .zip(whole(end))
                .zip(whole(step))
                .and_then(|((a, b), step)| numbers(a, b, step, at)),
            ("enumerate", [one]) => Self::sequence(one).map(|items| {
                let pair = |(i, item): (usize, Val<'a>)| {
                    let i = Val { at, kind: V::Int(i as i64) };
                    Val { at, kind: V::Tuple(Rc::new(vec![i, item])) }
                };
                V::List(Rc::new(items.into_iter().enumerate().map(pair).collect()))
            }),
            ("zip", [a, b]) => Self::sequence(a).zip(Self::sequence(b)).map(|(a, b)| {
                let pair = |(a, b)| Val { at, kind: V::Tuple(Rc::new(vec![a, b])) };
                V::List(Rc::new(a.into_iter().zip(b).map(pair).collect()))
            }),
            _ => None,
        };
        kind.ok_or_else(|| self.complain(at, format!("{name}(...) of this is not known here")))
    }
}

impl<'a> Eval<'a> {
    /// What a function gives for each of several values.
    fn each(&mut self, function: &Val<'a>, items: Vec<Val<'a>>, at: Range) -> Res<V<'a>> {
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            self.spend(1, at)?;
            let place = item.at;
            let kind = if let V::Function(own) = &function.kind {
                self.apply(&Rc::clone(own), vec![item], Vec::new(), None, at)?.kind
            } else if let V::Path(path) = &function.kind
                && BUILTINS.contains(&&**path)
            {
                self.builtin(path, std::slice::from_ref(&item), Vec::new(), at)?
            } else {
                return Err(self.complain(at, "map(...) of this is not known here"));
            };
            all.push(Val { at: place, kind });
        }
        Ok(V::List(Rc::new(all)))
    }
}

/// Whether a value is of a kind, or of one of several.
fn is_instance(value: &Val<'_>, kinds: &Val<'_>) -> Option<bool> {
    if let Some(all) = kinds.items() {
        let each: Vec<Option<bool>> = all.iter().map(|kind| is_instance(value, kind)).collect();
        return if each.contains(&Some(true)) {
            Some(true)
        } else {
            each.into_iter().collect::<Option<Vec<_>>>().map(|_| false)
        };
    }
    if let (V::Object(object), V::Class(class)) = (&value.kind, &kinds.kind) {
        return Some(super::classes::inherits(&object.class, class, 0));
    }
    let V::Path(kind) = &kinds.kind else { return None };
    let own: &[&str] = match &value.kind {
        V::None => &[],
        V::Bool(_) => &["bool", "int", "Number", "Integral", "Real"],
        V::Int(_) => &["int", "Number", "Integral", "Real"],
        V::Float(_) => &["float", "Number", "Real"],
        V::Text(_) => &["str", "Sequence", "Iterable"],
        V::List(_) => &["list", "Sequence", "Iterable"],
        V::Tuple(_) => &["tuple", "Sequence", "Iterable"],
        V::Dict(_) => &["dict", "Mapping", "Iterable"],
        V::Path(_) | V::Call(_) | V::Function(_) | V::Class(_) | V::Object(_) | V::Unknown(_) => return None,
    };
    let kind = last(kind);
    let plain = ["bool", "int", "float", "str", "list", "tuple", "dict"];
    let general = ["Number", "Integral", "Real", "Sequence", "Iterable", "Mapping"];
    if own.contains(&kind) {
        return Some(true);
    }
    // What is written out here is of no class that is imported.
    (plain.contains(&kind) || general.contains(&kind) || kind.starts_with(|c: char| c.is_ascii_uppercase()))
        .then_some(false)
}

impl<'a> Eval<'a> {
    /// `getattr(object, name, default)`.
    fn attribute_or(
        &mut self,
        object: &Val<'a>,
        name: &str,
        default: Option<&Val<'a>>,
        at: Range,
    ) -> Res<V<'a>> {
        let what = format!("{name} of getattr");
        match (&object.kind, default) {
            (V::Object(own), default) => {
                let found = own.attributes.get(name).or_else(|| own.class.values.get(name));
                match (found, default) {
                    (Some(binding), _) => {
                        self.reads.push(binding.id);
                        self.reads.extend(binding.reads.iter());
                        Ok(binding.value.kind.clone())
                    }
                    (None, Some(default)) => Ok(self.assumed(default, &what, at)),
                    (None, None) => {
                        Err(self.complain(at, format!("{name} of {} is not known here", object.kind())))
                    }
                }
            }
            (V::Path(path), _) if super::libraries::of(&format!("{path}.{name}")).is_some() => {
                Ok(V::Path(format!("{path}.{name}").into()))
            }
            (V::Dict(entries), default) => match (super::pure::attribute(entries, name), default) {
                (Some(value), _) => Ok(value.kind.clone()),
                (None, Some(default)) => Ok(self.assumed(default, &what, at)),
                (None, None) => {
                    Err(self.complain(at, format!("{name} of {} is not known here", object.kind())))
                }
            },
            (V::Unknown(_) | V::Path(_) | V::Call(_), Some(default)) => Ok(self.assumed(default, &what, at)),
            (V::Unknown(_), None) => Ok(object.kind.clone()),
            (V::Path(path), None) if super::libraries::known(path) => {
                Ok(V::Path(format!("{path}.{name}").into()))
            }
            _ => Err(self.complain(at, format!("{name} of {} is not known here", object.kind()))),
        }
    }

    /// The default of what is asked for and not known, which is told where a pipeline is made of it.
    pub(super) fn assumed(&mut self, default: &Val<'a>, what: &str, at: Range) -> V<'a> {
        if let Some(given) = self.written_setting(at) {
            return given.kind;
        }
        if default.why().is_some() {
            return default.kind.clone();
        }
        let mut words = format!("{what} is {}, its default", default.kind());
        if let Some(written) = self.writes(at) {
            words = format!("{words}; {} gives another value", option(&written, "VALUE"));
        }
        self.next += 1;
        self.reads.push(self.next);
        self.defaults.insert(self.next, (at, words));
        default.kind.clone()
    }
}

/// Functions that ask for something by a key, and may be told what it is otherwise.
pub(super) const ASKS: &[&str] =
    &["get", "get_bool", "get_float", "get_int", "get_value", "getboolean", "getenv", "getfloat", "getint"];

/// Whether a call of this name asks what is not known for something.
pub(super) fn asks(path: &str) -> bool {
    let environment = matches!(path, "os.getenv" | "os.environ.get");
    environment
        || ASKS.contains(&last(path)) && !super::libraries::known(path) && !path.starts_with("requests.")
}

/// What is asked for by a key, or a section and a key, and what it is otherwise.
pub(super) fn default_of<'v, 'a>(
    path: &str,
    args: &'v [Val<'a>],
    keywords: &'v Keywords<'a>,
) -> Option<(String, &'v Val<'a>)> {
    let key = |value: &Val<'_>| if let V::Text(key) = &value.kind { Some(key.to_string()) } else { None };
    let named = keywords.iter().find(|(name, ..)| ["default", "fallback"].contains(&name.as_str()));
    match (args, named) {
        ([.., own], Some((.., default))) => Some((key(own)?, default)),
        // Two texts may be a section and a key.
        ([_, own], None) if key(own).is_some() && !path.starts_with("os.") => None,
        ([own, default] | [_, own, default], None) if keywords.is_empty() => Some((key(own)?, default)),
        _ => None,
    }
}

/// The numbers of a `range`, if they are not too many.
fn numbers<'a>(start: i64, end: i64, step: i64, at: Range) -> Option<V<'a>> {
    let mut items = Vec::new();
    let mut value = start;
    while step != 0 && ((step > 0 && value < end) || (step < 0 && value > end)) {
        if items.len() == MAX_ITEMS {
            return None;
        }
        items.push(Val { at, kind: V::Int(value) });
        value = value.checked_add(step)?;
    }
    (step != 0).then(|| V::List(Rc::new(items)))
}

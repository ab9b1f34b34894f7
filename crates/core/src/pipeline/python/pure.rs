//! Functions of Python's standard library, of NumPy and of packages for settings that give the same for the same
//! values: arithmetic, rows of numbers, functions with some of their parameters, dicts whose keys are attributes.

use std::rc::Rc;

use super::call::{Keywords, holds_pieces};
use super::eval::{Eval, MAX_ITEMS};
use super::syntax::{Expr, ExprKind, Range};
use super::value::{Call, V, Val, last};

/// What functions with some of their parameters are made by.
pub(super) const PARTIAL: &str = "functools.partial";

/// The longest text that is put together.
const MAX_TEXT: usize = 10_000;

/// Classes of packages that make a dict whose keys are attributes as well.
const ATTRIBUTE_DICTS: &[&str] = &[
    "AttrDict",
    "AttributeDict",
    "Box",
    "Bunch",
    "CfgNode",
    "ConfigDict",
    "DotDict",
    "DotMap",
    "EasyDict",
    "Munch",
    "Namespace",
    "SimpleNamespace",
];

impl<'a> Eval<'a> {
    /// Tells that a list of pieces is put into an order that is drawn when the file runs.
    pub(super) fn shuffled(&mut self, call: &Call<'a>, at: Range) {
        let shuffles = matches!(&*call.path, "random.shuffle" | "numpy.random.shuffle");
        if shuffles && call.args.first().is_some_and(holds_pieces) {
            let words = "the order is drawn when this line runs; here it is that of the list";
            self.warnings.push((at, words.to_owned()));
        }
    }
}

/// The default that a hyperparameter of KerasTuner has: `hp.Float("rotation", 0.0, 0.3)` is the lowest value until it is
/// tuned, `hp.Choice("rotation", [0.1, 0.2])` the first.
pub(super) fn tuned<'a>(func: &Expr, args: &[Val<'a>], keywords: &Keywords<'a>) -> Option<Val<'a>> {
    let ExprKind::Attribute(object, method) = &func.kind else { return None };
    if !matches!(object.as_name()?, "hp" | "hps" | "hyperparameters") {
        return None;
    }
    let given = |place: usize, name: &str| {
        let named = keywords.iter().find(|(own, ..)| own == name).map(|(.., value)| value);
        named.or_else(|| args.get(place))
    };
    if !matches!(given(0, "name")?.kind, V::Text(_)) {
        return None;
    }
    let default = keywords.iter().find(|(own, ..)| own == "default").map(|(.., value)| value.clone());
    match method.as_str() {
        "Float" | "Int" => default.or_else(|| given(1, "min_value").cloned()),
        "Choice" => default.or_else(|| given(1, "values")?.items()?.first().cloned()),
        "Fixed" => given(1, "value").cloned(),
        "Boolean" => default.or(Some(Val { at: func.at, kind: V::Bool(false) })),
        _ => None,
    }
}

/// What a call gives, where that follows from its values alone.
pub(super) fn pure<'a>(path: &str, args: &[Val<'a>], keywords: &Keywords<'a>) -> Option<V<'a>> {
    attribute_dict(path, args, keywords).or_else(|| number(path, args).filter(|_| keywords.is_empty()))
}

fn attribute_dict<'a>(path: &str, args: &[Val<'a>], keywords: &Keywords<'a>) -> Option<V<'a>> {
    let known =
        ATTRIBUTE_DICTS.contains(&last(path)) || matches!(path, "addict.Dict" | "omegaconf.OmegaConf.create");
    if !known {
        return None;
    }
    let mut entries = match args {
        [] => Vec::new(),
        [Val { kind: V::Dict(entries), .. }] => entries.to_vec(),
        _ => return None,
    };
    for (name, place, value) in keywords {
        entries.push((Val { at: *place, kind: V::Text(name.as_str().into()) }, value.clone()));
    }
    Some(V::Dict(Rc::new(entries)))
}

/// The function that is called in the end, with all values that it is given: functions with some of their parameters may
/// have been made of one another.
pub(super) fn completed<'a>(
    func: &Val<'a>,
    mut args: Vec<Val<'a>>,
    mut keywords: Keywords<'a>,
) -> (Val<'a>, Vec<Val<'a>>, Keywords<'a>) {
    let mut function = func.clone();
    while let V::Call(own) = &function.kind
        && &*own.path == PARTIAL
        && let Some((inner, first)) = own.args.split_first()
        && args.len() <= MAX_ITEMS
    {
        args.splice(0..0, first.iter().cloned());
        for given in &own.keywords {
            if !keywords.iter().any(|(name, ..)| *name == given.0) {
                keywords.push(given.clone());
            }
        }
        function = inner.clone();
    }
    (function, args, keywords)
}

/// Texts with another one between them.
pub(super) fn joined(parts: &[String], between: &str) -> Option<Rc<str>> {
    let length: usize = parts.iter().map(|part| part.len() + between.len()).sum();
    (length <= MAX_TEXT).then(|| parts.join(between).into())
}

/// Arithmetic of `math` and NumPy on one number.
fn number<'a>(path: &str, args: &[Val<'a>]) -> Option<V<'a>> {
    let name = path.strip_prefix("math.").or_else(|| path.strip_prefix("numpy."))?;
    let [one] = args else { return None };
    let value = one.number()?;
    let turn = 180.0 / std::f64::consts::PI;
    let whole = |value: f64| (value.abs() < 1e15).then_some(value as i64);
    match name {
        "degrees" | "rad2deg" => Some(V::Float(value * turn)),
        "radians" | "deg2rad" => Some(V::Float(value * (std::f64::consts::PI / 180.0))),
        "sqrt" if value >= 0.0 => Some(V::Float(value.sqrt())),
        "fabs" => Some(V::Float(value.abs())),
        "floor" if path.starts_with("math.") => whole(value.floor()).map(V::Int),
        "ceil" if path.starts_with("math.") => whole(value.ceil()).map(V::Int),
        "floor" => Some(V::Float(value.floor())),
        "ceil" => Some(V::Float(value.ceil())),
        "float32" => Some(V::Float(f64::from(value as f32))),
        "float64" | "float_" | "double" => Some(V::Float(value)),
        "int8" | "int16" | "int32" | "int64" | "int_" | "uint8" => whole(value).map(V::Int),
        _ => None,
    }
}

/// The numbers of an array that a call of NumPy makes, one after the other.
pub(super) fn row<'a>(call: &Call<'a>) -> Option<Vec<Val<'a>>> {
    let at = call.name_at;
    let keyword = |name: &str| call.keywords.iter().find(|(own, ..)| own == name).map(|(.., value)| value);
    let numbers: Option<Vec<f64>> = call.args.iter().map(Val::number).collect();
    let all_whole = call.args.iter().all(|own| matches!(own.kind, V::Int(_)));
    let item = |value: f64| {
        let kind = if all_whole && value.fract() == 0.0 { V::Int(value as i64) } else { V::Float(value) };
        Val { at, kind }
    };
    match &*call.path {
        "numpy.array" | "numpy.asarray" => {
            let items = call.args.first()?.items()?;
            items.iter().all(|own| own.number().is_some()).then(|| items.to_vec())
        }
        "numpy.arange" if call.keywords.is_empty() => {
            let (start, end, step) = match numbers?[..] {
                [end] => (0.0, end, 1.0),
                [start, end] => (start, end, 1.0),
                [start, end, step] => (start, end, step),
                _ => return None,
            };
            let count = ((end - start) / step).ceil();
            let fits = count.is_finite() && count <= MAX_ITEMS as f64;
            fits.then(|| (0..count.max(0.0) as usize).map(|i| item(start + i as f64 * step)).collect())
        }
        "numpy.linspace" if keyword("endpoint").is_none() && keyword("dtype").is_none() => {
            let numbers = numbers?;
            let (start, end) = (*numbers.first()?, *numbers.get(1)?);
            let count = match (numbers.get(2), keyword("num")) {
                (Some(count), _) => *count,
                (None, Some(count)) => count.number()?,
                (None, None) => 50.0,
            };
            if !(0.0..=MAX_ITEMS as f64).contains(&count) || numbers.len() > 3 {
                return None;
            }
            let count = count as usize;
            let step = (end - start) / count.saturating_sub(1).max(1) as f64;
            let value = |i: usize| if i > 0 && i + 1 == count { end } else { start + i as f64 * step };
            Some((0..count).map(|i| Val { at, kind: V::Float(value(i)) }).collect())
        }
        _ => None,
    }
}

/// The same dict with another value of an attribute; nothing if it has too many.
pub(super) fn with_attribute<'a>(
    entries: &[(Val<'a>, Val<'a>)],
    name: &str,
    value: Val<'a>,
) -> Option<V<'a>> {
    if entries.len() >= MAX_ITEMS {
        return None;
    }
    let mut entries = entries.to_vec();
    entries.retain(|(own, _)| !is_key(own, name));
    entries.push((Val { at: value.at, kind: V::Text(name.into()) }, value));
    Some(V::Dict(Rc::new(entries)))
}

/// What a dict has under an attribute's name.
pub(super) fn attribute<'v, 'a>(entries: &'v [(Val<'a>, Val<'a>)], name: &str) -> Option<&'v Val<'a>> {
    entries.iter().rev().find(|(own, _)| is_key(own, name)).map(|(_, value)| value)
}

fn is_key(own: &Val<'_>, name: &str) -> bool {
    matches!(&own.kind, V::Text(text) if &**text == name)
}

/// What a method of a text gives.
pub(super) fn of_text<'a>(text: &str, method: &str, args: &[Val<'a>], at: Range) -> Option<V<'a>> {
    let given = |place: usize| {
        let V::Text(text) = &args.get(place)?.kind else { return None };
        Some(&**text)
    };
    let texts = |all: Vec<&str>| {
        let all: Vec<Val<'a>> = all.into_iter().map(|own| Val { at, kind: V::Text(own.into()) }).collect();
        (all.len() <= MAX_ITEMS).then(|| V::List(Rc::new(all)))
    };
    match (method, args.len()) {
        ("split", 0) => texts(text.split_whitespace().collect()),
        ("split", 1) => {
            given(0).filter(|own| !own.is_empty()).and_then(|own| texts(text.split(own).collect()))
        }
        ("strip", 0) => Some(V::Text(text.trim().into())),
        ("replace", 2) if text.len() * (1 + given(1)?.len()) <= MAX_TEXT && !given(0)?.is_empty() => {
            Some(V::Text(text.replace(given(0)?, given(1)?).into()))
        }
        ("startswith", 1) => given(0).map(|own| V::Bool(text.starts_with(own))),
        ("endswith", 1) => given(0).map(|own| V::Bool(text.ends_with(own))),
        _ => None,
    }
}

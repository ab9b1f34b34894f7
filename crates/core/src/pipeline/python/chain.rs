//! Pipelines without a list: one value passes through calls, line by line. The calls become one call whose
//! arguments they are, which the library that owns it reads.

use std::rc::Rc;

use super::eval::Eval;
use super::libraries::{self, Link};
use super::syntax::{Expr, ExprKind, Operator, Range};
use super::value::{Call, Unknown, V, Val};

/// The keyword that keeps how many uncertain blocks a chain began in.
const LEVEL: &str = "level";

/// The keyword that keeps where the value is made that passes through.
const INPUT: &str = "input";

/// The numbers by which pixels are scaled to floats, and no more.
const SCALES: &[f64] = &[127.5, 128.0, 255.0, 256.0];

/// How deep a value is searched for a chain.
const MAX_SEARCH: usize = 8;

/// The call that keeps a model and the image that it is called with.
const APPLIED: &str = "a model that is called";

/// What a layer, or a model of them, gives that is called; nothing if that is not known.
pub(super) fn called<'a>(
    eval: &mut Eval<'a>,
    func: &Val<'a>,
    layer: Call<'a>,
    args: &[Val<'a>],
    at: Range,
) -> Option<V<'a>> {
    if libraries::is_model(&layer) {
        if let Some(longer) = args.first().and_then(|image| behind_layers(eval, image, func)) {
            return Some(longer);
        }
        let args = vec![func.clone(), args.first()?.clone()];
        return Some(V::Call(Rc::new(Call {
            path: APPLIED.into(),
            name_at: at,
            args,
            keywords: Vec::new(),
        })));
    }
    match libraries::link(&layer.path)?.1 {
        Link::Layer | Link::Behind => linked(eval, layer, args.first(), at),
        Link::Step | Link::Through => None,
    }
}

/// A model behind layers, or functions, through which the image passed before.
fn behind_layers<'a>(eval: &Eval<'a>, image: &Val<'a>, model: &Val<'a>) -> Option<V<'a>> {
    let V::Call(own) = &image.kind else { return None };
    let chain = libraries::chains().find(|chain| *own.path == **chain)?;
    let fits = own.args.len() < super::eval::MAX_ITEMS && level(own) == Some(eval.unsure as i64);
    fits.then(|| V::Call(Rc::new(longer(own, model, chain))))
}

/// How many uncertain blocks a chain began in.
fn level(call: &Call<'_>) -> Option<i64> {
    let (.., value) = call.keywords.iter().find(|(name, ..)| name == LEVEL)?;
    if let V::Int(level) = value.kind { Some(level) } else { None }
}

/// A model, or another one, that an image passes through with the probability `p`; nothing if none is called.
pub(super) fn either_model<'a>(p: f64, yes: &Val<'a>, no: &Val<'a>, path: &str, at: Range) -> Option<V<'a>> {
    let applied = |value: &Val<'a>| {
        let V::Call(call) = &value.kind else { return None };
        let of = (&*call.path == APPLIED).then_some(call)?;
        Some((of.args.first()?.clone(), of.args.get(1)?.clone()))
    };
    let (yes_models, no_models, image) = match (applied(yes), applied(no)) {
        (Some((model, image)), _) if image.at == no.at => (vec![model], Vec::new(), image),
        (_, Some((model, image))) if image.at == yes.at => (Vec::new(), vec![model], image),
        (Some((a, image)), Some((b, other))) if image.at == other.at => (vec![a], vec![b], image),
        (_, _) => return None,
    };
    let call = |path: &str, args| {
        V::Call(Rc::new(Call { path: path.into(), name_at: at, args, keywords: Vec::new() }))
    };
    let val = |kind| Val { at, kind };
    let models = [yes_models, no_models].map(|models| val(V::List(Rc::new(models))));
    let args = std::iter::once(val(V::Float(p))).chain(models).collect();
    Some(call(APPLIED, vec![val(call(path, args)), image]))
}

/// A model that is called as a chain, if the other way is one.
pub(super) fn as_chain<'a>(eval: &Eval<'a>, value: &Val<'a>, other: &Val<'a>) -> Val<'a> {
    let V::Call(call) = &other.kind else { return value.clone() };
    let chain = libraries::chains().find(|chain| **chain == *call.path);
    chain.and_then(|chain| through_model(eval, value, chain)).unwrap_or_else(|| value.clone())
}

/// The chain that an image went through before `value`, which a model gave.
fn through_model<'a>(eval: &Eval<'a>, value: &Val<'a>, chain: &'static str) -> Option<Val<'a>> {
    let V::Call(call) = &value.kind else { return None };
    let ([model, image], true) = (call.args.as_slice(), &*call.path == APPLIED) else { return None };
    let whole = match (&image.kind, through_model(eval, image, chain)) {
        (_, Some(Val { kind: V::Call(own), .. })) => longer(&own, model, chain),
        (V::Call(own), _) if is_chain(image) => longer(own, model, chain),
        (_, _) => begun(chain, model.clone(), value.at, eval.unsure as i64, image.at.start as i64),
    };
    Some(Val { at: value.at, kind: V::Call(Rc::new(whole)) })
}

/// A chain with one step more.
fn longer<'a>(own: &Call<'a>, step: &Val<'a>, chain: &'static str) -> Call<'a> {
    let mut longer = Call::clone(own);
    longer.path = libraries::mixed(&own.path, chain).into();
    longer.args.push(step.clone());
    longer
}

/// A chain of one step.
fn begun<'a>(chain: &str, step: Val<'a>, at: Range, level: i64, input: i64) -> Call<'a> {
    let keywords = [(LEVEL, level), (INPUT, input)]
        .map(|(name, value)| (name.to_owned(), at, Val { at, kind: V::Int(value) }))
        .to_vec();
    Call { path: chain.into(), name_at: at, args: vec![step], keywords }
}

/// The chain that `call` makes, if it is a link of one; `input` is what passes through it.
pub(super) fn linked<'a>(
    eval: &mut Eval<'a>,
    call: Call<'a>,
    input: Option<&Val<'a>>,
    at: Range,
) -> Option<V<'a>> {
    let (chain, link) = libraries::link(&call.path)?;
    let modeled = input.and_then(|value| through_model(eval, value, chain));
    let before = input.filter(|value| is_chain(value)).or(modeled.as_ref());
    if matches!(link, Link::Through) {
        return before.map(|value| value.kind.clone());
    }
    if matches!(link, Link::Behind) && before.is_none() {
        return None;
    }
    let unread = match (before, input) {
        (None, Some(value)) => inner(value, chain, 0),
        (Some(_), _) | (None, None) => None,
    };
    if let (Some(_), Some(value)) = (&unread, input) {
        tell(eval, value.at);
    }
    let before = before.or(unread.as_ref());
    let level = eval.unsure as i64;
    let (name_at, mut call) = (call.name_at, call);
    if matches!(link, Link::Step) {
        // What the image is does not matter.
        let own = match call.args.first_mut() {
            Some(own) => Some(own),
            None => call.keywords.first_mut().map(|(.., own)| own),
        };
        if let Some(own) = own {
            own.kind = V::None;
        }
    }
    let step = Val { at, kind: V::Call(Rc::new(call)) };
    if let Some(Val { kind: V::Call(own), .. }) = before {
        if self::level(own).is_some_and(|begun| begun < level) {
            return Some(torn(eval, at, "a call that runs only on a condition is no step of a pipeline"));
        }
        if own.args.len() >= super::eval::MAX_ITEMS {
            return Some(torn(eval, at, "too long a pipeline"));
        }
        return Some(V::Call(Rc::new(longer(own, &step, chain))));
    }
    if let Some(value) = input
        && holds(value, 0)
    {
        // Why it is not known is more than that it is not.
        if value.why().is_some_and(|why| why.set.is_some()) {
            return Some(value.kind.clone());
        }
        return Some(torn(eval, at, "a pipeline passes through something that is not read"));
    }
    if let Some(at) = input.and_then(|value| eval.altered.get(&value.at.start)).copied() {
        tell(eval, at);
    }
    let start = input.map_or(-1, |value| value.at.start as i64);
    Some(V::Call(Rc::new(begun(chain, step, name_at, level, start))))
}

/// A chain that goes one way with the probability `p` and another way otherwise: what both have in common, and then
/// a call of `path` that keeps the rest of both. Nothing if they are no chains.
pub(super) fn either<'a>(p: f64, yes: &Val<'a>, no: &Val<'a>, path: &str, at: Range) -> Option<V<'a>> {
    let chain = |value: &Val<'a>| match &value.kind {
        V::Call(call) if libraries::is_chain(&call.path) => Some(Rc::clone(call)),
        _ => None,
    };
    let (first, second) = (chain(yes), chain(no));
    let any = first.as_ref().or(second.as_ref())?;
    let input = |call: &Call<'a>| {
        call.keywords.iter().find_map(|(name, _, value)| match value.kind {
            V::Int(input) if name == INPUT => Some(input),
            _ => None,
        })
    };
    let begun = input(any)?;
    // Both begin with the same value, or are that value.
    let links = |own: &Option<Rc<Call<'a>>>, value: &Val<'a>| match own {
        Some(call) => (input(call) == Some(begun)).then(|| call.args.clone()),
        None => (value.at.start as i64 == begun && !holds(value, 0)).then(Vec::new),
    };
    let (mut yes, mut no) = (links(&first, yes)?, links(&second, no)?);
    let common = yes.iter().zip(&no).take_while(|(a, b)| a.at == b.at && a.alike(b)).count();
    let mut whole = Call::clone(any);
    if common == yes.len() && common == no.len() {
        whole.args = yes;
        return Some(V::Call(Rc::new(whole)));
    }
    let rest = |links: &mut Vec<Val<'a>>| Val { at, kind: V::List(Rc::new(links.split_off(common))) };
    let (yes_rest, no_rest) = (rest(&mut yes), rest(&mut no));
    let p = Val { at, kind: V::Float(p) };
    let call =
        Call { path: path.into(), name_at: at, args: vec![p, yes_rest, no_rest], keywords: Vec::new() };
    whole.args = yes;
    whole.args.push(Val { at, kind: V::Call(Rc::new(call)) });
    Some(V::Call(Rc::new(whole)))
}

/// The chain that went into something that is not read, and through it into `value`.
fn inner<'a>(value: &Val<'a>, chain: &str, depth: usize) -> Option<Val<'a>> {
    if depth > MAX_SEARCH {
        return None;
    }
    let items = |all: &[Val<'a>]| all.iter().find_map(|own| inner(own, chain, depth + 1));
    match &value.kind {
        V::Call(call) if &*call.path == chain => Some(value.clone()),
        V::Call(call) => items(&call.args)
            .or_else(|| call.keywords.iter().find_map(|(.., own)| inner(own, chain, depth + 1))),
        V::List(all) | V::Tuple(all) => items(all),
        V::None
        | V::Bool(_)
        | V::Int(_)
        | V::Float(_)
        | V::Text(_)
        | V::Dict(_)
        | V::Path(_)
        | V::Function(_)
        | V::Class(_)
        | V::Object(_)
        | V::Unknown(_) => None,
    }
}

/// The chain that went into something that is not read, which is told, and is missing; any other value as it is.
pub(super) fn read_through<'a>(eval: &mut Eval<'a>, value: &Val<'a>) -> Val<'a> {
    let V::Call(call) = &value.kind else { return value.clone() };
    if libraries::of(&call.path).is_some() {
        return value.clone();
    }
    let found = libraries::chains().find_map(|chain| inner(value, chain, 0));
    if found.is_some() {
        tell(eval, value.at);
    }
    found.unwrap_or_else(|| value.clone())
}

/// What no pipeline can be continued with.
fn torn<'a>(eval: &Eval<'a>, at: Range, message: &str) -> V<'a> {
    let complaint = eval.complain(at, message);
    V::Unknown(Rc::new(Unknown::new(complaint, None, true)))
}

/// Whether a chain is in `value`, or was lost in it.
pub(super) fn holds(value: &Val<'_>, depth: usize) -> bool {
    if depth > MAX_SEARCH {
        return false;
    }
    match &value.kind {
        V::Unknown(unknown) => unknown.torn,
        V::Call(call) => {
            libraries::is_chain(&call.path)
                || call.args.iter().any(|value| holds(value, depth + 1))
                || call.keywords.iter().any(|(.., value)| holds(value, depth + 1))
        }
        V::List(items) | V::Tuple(items) => items.iter().any(|value| holds(value, depth + 1)),
        // What a function sees around it may go into what it gives.
        V::Function(function) => function.captured.values().any(|own| is_chain(&own.value)),
        _ => false,
    }
}

/// Whether a chain, or a model that is called, is in `value`.
pub(super) fn passes(value: &Val<'_>, depth: usize) -> bool {
    if let V::Call(call) = &value.kind
        && &*call.path == APPLIED
    {
        return true;
    }
    let within = |items: &[Val<'_>]| depth <= MAX_SEARCH && items.iter().any(|own| passes(own, depth + 1));
    holds(value, depth) || value.items().is_some_and(within)
}

/// Tells that a chain goes on in something that is not read, where `value` is assigned to its name.
pub(super) fn tell_lost<'a>(eval: &mut Eval<'a>, name: &str, value: &Val<'a>) {
    let lost =
        eval.find(name).is_some_and(|before| is_chain(&before.value) && !is_chain(value) && holds(value, 0));
    let layers = |before: &Val<'_>| matches!(&before.kind, V::Call(own) if libraries::layers_chain().is_some_and(|chain| *own.path == *chain));
    if lost && eval.find(name).is_some_and(|before| layers(&before.value)) {
        let words = "what this does to the image is not read, and is missing from the pipeline, unless it is the network";
        guess(eval, value.at, words);
    } else if lost {
        tell(eval, value.at);
    }
}

fn tell(eval: &mut Eval<'_>, at: Range) {
    guess(eval, at, "what this does to the image is not read, and is missing from the pipeline");
}

fn guess(eval: &mut Eval<'_>, at: Range, words: &str) {
    let told = (eval.path.clone(), at, words.to_owned());
    if !eval.guesses.contains(&told) {
        eval.guesses.push(told);
    }
}

/// Beginnings of names of functions that read images, or bring them into another form.
const FORMS: &[&str] = &[
    "Image",
    "Variable",
    "array",
    "as",
    "cast",
    "clip",
    "constant",
    "convert",
    "copy",
    "decode",
    "ensure",
    "expand",
    "float",
    "from",
    "get",
    "identity",
    "imread",
    "int",
    "load",
    "normali",
    "numpy",
    "open",
    "parse",
    "per_image",
    "preprocess_input",
    "read",
    "rescale",
    "reshape",
    "scale",
    "set",
    "squeeze",
    "stack",
    "standardi",
    "tensor",
    "to",
    "uint",
];

/// Takes down that something which is not read makes another value of the one called `name`, in case that is an image
/// of a chain.
pub(super) fn alters<'a>(eval: &mut Eval<'a>, name: &str, expr: &Expr, value: &Val<'a>) {
    let ExprKind::Call(call) = &expr.kind else { return };
    let Some(function) = call.func.dotted() else { return };
    let function = function.rsplit('.').next().unwrap_or_default().trim_start_matches('_');
    let passes = call.args.iter().chain(call.keywords.iter().map(|keyword| &keyword.value));
    let through = passes.into_iter().any(|own| own.as_name() == Some(name));
    if !through || FORMS.iter().any(|form| function.starts_with(form)) {
        return;
    }
    let before = eval.find(name).map(|binding| &binding.value);
    let same = |before: &Val<'_>| match (&before.kind, &value.kind) {
        (V::Unknown(a), V::Unknown(b)) => Rc::ptr_eq(a, b),
        (V::Call(a), V::Call(b)) => Rc::ptr_eq(a, b),
        _ => false,
    };
    let image = |value: &Val<'_>| matches!(value.kind, V::Unknown(_) | V::Call(_) | V::Path(_));
    if before.is_some_and(|before| image(before) && !is_chain(before) && !same(before))
        && image(value)
        && !holds(value, 0)
    {
        eval.altered.insert(value.at.start, expr.at);
    }
}

fn is_chain(value: &Val<'_>) -> bool {
    matches!(&value.kind, V::Call(call) if libraries::is_chain(&call.path))
}

/// A chain that is scaled to floats stays what it is.
pub(super) fn scaled<'a>(left: &Val<'a>, op: Operator, right: &Val<'a>) -> Option<V<'a>> {
    let (value, number) = if is_chain(left) { (left, right.number()?) } else { return None };
    let only_scaled = match op {
        Operator::Div => SCALES.contains(&number),
        Operator::Mult => SCALES.iter().any(|scale| (number * scale - 1.0).abs() < 1e-6),
        // (x / 127.5) - 1
        Operator::Sub => [0.5, 1.0].contains(&number),
        Operator::Add | Operator::FloorDiv | Operator::Mod | Operator::Pow | Operator::Other => false,
    };
    only_scaled.then(|| value.kind.clone())
}

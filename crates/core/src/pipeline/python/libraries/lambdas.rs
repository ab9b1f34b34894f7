//! Functions in lists of transforms: those that only scale or bring into another form are passed over, and some are
//! operations.

use super::super::syntax::{Constant, Expr, ExprKind, Operator, StmtKind, UnaryOp};
use super::super::value::{Body, Function, V, Val, last};

/// What a function does with images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It makes numbers of them, or brings numbers into another form.
    Nothing,
    /// One gray channel.
    Gray,
    /// Three channels, of a gray one as well.
    Rgb,
    /// Bright becomes dark.
    Invert,
}

/// Methods and functions that make numbers, or bring them into another form.
const FORMS: &[&str] = &[
    "FloatTensor",
    "Tensor",
    "array",
    "as_tensor",
    "asarray",
    "astype",
    "byte",
    "clone",
    "contiguous",
    "copy",
    "div",
    "div_",
    "double",
    "flatten",
    "float",
    "from_numpy",
    "half",
    "long",
    "numpy",
    "preprocess_input",
    "ravel",
    "reshape",
    "squeeze",
    "tensor",
    "to",
    "to_tensor",
    "type",
    "unsqueeze",
    "view",
];

/// What a function does, if that is known without running it.
pub(super) fn meaning(value: &Val<'_>) -> Option<Meaning> {
    match &value.kind {
        V::Function(function) => of_function(function),
        V::Path(path) => of_name(last(path)),
        _ => None,
    }
}

fn of_name(name: &str) -> Option<Meaning> {
    match name {
        "invert" => Some(Meaning::Invert),
        name => FORMS.contains(&name).then_some(Meaning::Nothing),
    }
}

fn of_function(function: &Function<'_>) -> Option<Meaning> {
    let (first, others) = function.params.positional.split_first()?;
    if function.changed || others.iter().any(|param| param.default.is_none()) {
        return None;
    }
    let body = match function.body {
        Body::Expr(body) => body,
        Body::Block(statements) => {
            let mut rest = statements.iter().filter(|statement| {
                !matches!(&statement.kind, StmtKind::Expr(Expr { kind: ExprKind::Constant(_), .. }))
            });
            match (rest.next().map(|statement| &statement.kind), rest.next()) {
                (Some(StmtKind::Return(Some(body))), None) => body,
                _ => return None,
            }
        }
    };
    of(body, &first.name, 0)
}

/// What an expression makes of the image called `name`.
fn of(expr: &Expr, name: &str, depth: usize) -> Option<Meaning> {
    if depth > 20 {
        return None;
    }
    let inner = |expr: &Expr| of(expr, name, depth + 1);
    match &expr.kind {
        ExprKind::Name(own) => (own == name).then_some(Meaning::Nothing),
        ExprKind::Binary(left, Operator::Sub, right) if is_top(left) => {
            (inner(right)? == Meaning::Nothing).then_some(Meaning::Invert)
        }
        ExprKind::Binary(left, Operator::Add | Operator::Sub | Operator::Mult | Operator::Div, right) => {
            is_plain(right, name).then(|| inner(left))?
        }
        ExprKind::Choice { then, otherwise, .. } => match (inner(then)?, inner(otherwise)?) {
            (a, b) if a == b => Some(a),
            // Three channels stay as they are.
            (Meaning::Rgb, Meaning::Nothing) | (Meaning::Nothing, Meaning::Rgb) => Some(Meaning::Rgb),
            _ => None,
        },
        ExprKind::Call(call) => {
            let plain = |args: &[Expr]| {
                args.iter().all(|arg| is_plain(arg, name))
                    && call.keywords.iter().all(|keyword| is_plain(&keyword.value, name))
            };
            if let ExprKind::Attribute(object, method) = &call.func.kind
                && let Some(before) = inner(object)
            {
                return method_of(method, &call.args, before).filter(|_| plain(&call.args));
            }
            let function = call.func.dotted()?;
            let (image, rest) = call.args.split_first()?;
            if !plain(rest) {
                return None;
            }
            match (&image.kind, last(&function)) {
                (ExprKind::List(items) | ExprKind::Tuple(items), "cat" | "concat" | "stack") => {
                    let all =
                        items.len() == 3 && items.iter().all(|item| inner(item) == Some(Meaning::Nothing));
                    all.then_some(Meaning::Rgb)
                }
                (_, function) => match (inner(image)?, of_name(function)?) {
                    (before, Meaning::Nothing) => Some(before),
                    (Meaning::Nothing, after) => Some(after),
                    _ => None,
                },
            }
        }
        _ => None,
    }
}

/// What a method of an image makes of it.
fn method_of(method: &str, args: &[Expr], before: Meaning) -> Option<Meaning> {
    let first = args.first().map(|arg| &arg.kind);
    let whole = |arg: &Expr| match &arg.kind {
        ExprKind::Constant(Constant::Int(value)) => Some(*value),
        ExprKind::Unary(UnaryOp::Minus, inner) => match inner.kind {
            ExprKind::Constant(Constant::Int(value)) => Some(-value),
            _ => None,
        },
        _ => None,
    };
    match (method, first) {
        ("convert", Some(ExprKind::Constant(Constant::Text(mode)))) => match mode.as_str() {
            "RGB" => Some(Meaning::Rgb),
            "L" => Some(Meaning::Gray),
            _ => None,
        },
        ("repeat" | "expand", Some(_)) => {
            match args.iter().map(whole).collect::<Option<Vec<_>>>()?.as_slice() {
                [3, rest @ ..]
                    if rest.iter().all(|times| *times == 1 || *times == -1 || method == "expand") =>
                {
                    Some(Meaning::Rgb)
                }
                all => all.iter().all(|times| *times == 1).then_some(before),
            }
        }
        ("permute" | "transpose", Some(_)) => {
            let axes = args.iter().map(whole).collect::<Option<Vec<_>>>()?;
            // Only the channels' place changes.
            (axes == [2, 0, 1] || axes == [1, 2, 0]).then_some(before)
        }
        (method, _) => FORMS.contains(&method).then_some(before),
    }
}

/// Whether a number is the highest value of images.
fn is_top(expr: &Expr) -> bool {
    match expr.kind {
        ExprKind::Constant(Constant::Int(value)) => value == 1 || value == 255,
        ExprKind::Constant(Constant::Float(value)) => value == 1.0 || value == 255.0,
        _ => false,
    }
}

/// Whether an expression has nothing of the image in it, and nothing that is drawn.
fn is_plain(expr: &Expr, name: &str) -> bool {
    match &expr.kind {
        ExprKind::Constant(_) => true,
        ExprKind::Unary(_, inner) => is_plain(inner, name),
        ExprKind::List(items) | ExprKind::Tuple(items) => items.iter().all(|item| is_plain(item, name)),
        ExprKind::Binary(left, _, right) => is_plain(left, name) && is_plain(right, name),
        _ => expr.dotted().is_some_and(|path| path.split('.').next() != Some(name)),
    }
}

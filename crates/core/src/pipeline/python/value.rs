//! What Python expressions are worth, as far as it matters here.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::syntax::{Expr, Params, Range, Stmt};
use crate::text::complaint::Complaint;

/// A value and the place where it is written.
#[derive(Clone)]
pub(super) struct Val<'a> {
    pub(super) at: Range,
    pub(super) kind: V<'a>,
}

/// The kinds of values.
#[derive(Clone)]
pub(super) enum V<'a> {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Rc<str>),
    List(Rc<Vec<Val<'a>>>),
    Tuple(Rc<Vec<Val<'a>>>),
    Dict(Rc<Vec<(Val<'a>, Val<'a>)>>),
    /// Something that was imported, by its full name.
    Path(Rc<str>),
    /// A call of something that was imported.
    Call(Rc<Call<'a>>),
    /// A function of the file.
    Function(Rc<Function<'a>>),
}

/// A call of something that was imported.
#[derive(Clone)]
pub(super) struct Call<'a> {
    /// Full name of what is called.
    pub(super) path: Rc<str>,
    /// Where the name is written.
    pub(super) name_at: Range,
    pub(super) args: Vec<Val<'a>>,
    pub(super) keywords: Vec<(String, Range, Val<'a>)>,
}

impl Call<'_> {
    /// The last part of the name.
    pub(super) fn name(&self) -> &str {
        last(&self.path)
    }
}

/// The last part of a dotted name.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A lambda or a function of the file.
pub(super) struct Function<'a> {
    pub(super) params: &'a Params,
    pub(super) body: Body<'a>,
    /// The names of the functions around it.
    pub(super) captured: Scope<'a>,
}

/// What a function does.
#[derive(Clone, Copy)]
pub(super) enum Body<'a> {
    Expr(&'a Expr),
    Block(&'a [Stmt]),
}

/// Names of one function, or of the file.
pub(super) type Scope<'a> = BTreeMap<String, Binding<'a>>;

/// What a name stands for.
#[derive(Clone)]
pub(super) struct Binding<'a> {
    /// A number that no other assignment has.
    pub(super) id: u32,
    /// The value, or why there is none.
    pub(super) value: Result<Val<'a>, Complaint>,
    /// The assignments that the value was made of.
    pub(super) reads: Rc<Vec<u32>>,
}

impl Val<'_> {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> String {
        match &self.kind {
            V::None => "None".into(),
            V::Bool(value) => if *value { "True" } else { "False" }.into(),
            V::Int(value) => value.to_string(),
            V::Float(value) => value.to_string(),
            V::Text(text) => format!("the text {:?}", text.chars().take(40).collect::<String>()),
            V::List(_) => "a list".into(),
            V::Tuple(_) => "a tuple".into(),
            V::Dict(_) => "a dict".into(),
            V::Path(path) => path.to_string(),
            V::Call(call) => format!("{}(...)", call.name()),
            V::Function(_) => "a function".into(),
        }
    }

    /// A number, truth values among them as in Python.
    pub(super) fn number(&self) -> Option<f64> {
        match self.kind {
            V::Int(value) => Some(value as f64),
            V::Float(value) => Some(value),
            V::Bool(value) => Some(f64::from(u8::from(value))),
            _ => None,
        }
    }

    /// Whether it counts as true, where that is known.
    pub(super) fn truth(&self) -> Option<bool> {
        match &self.kind {
            V::None => Some(false),
            V::Bool(_) | V::Int(_) | V::Float(_) => self.number().map(|number| number != 0.0),
            V::Text(text) => Some(!text.is_empty()),
            V::List(items) | V::Tuple(items) => Some(!items.is_empty()),
            V::Dict(items) => Some(!items.is_empty()),
            V::Path(_) | V::Call(_) | V::Function(_) => None,
        }
    }

    /// The items of a list or a tuple.
    pub(super) fn items(&self) -> Option<&[Self]> {
        match &self.kind {
            V::List(items) | V::Tuple(items) => Some(items),
            _ => None,
        }
    }
}

//! What Python expressions are worth, as far as it matters here.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::syntax::{Expr, FunctionDef, Params, Range, Stmt};
use crate::text::complaint::Complaint;

/// How many values are compared.
const MAX_ALIKE: usize = 50_000;

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
    /// A class of the file.
    Class(Rc<Class<'a>>),
    /// What a call of a class of the file makes.
    Object(Rc<Object<'a>>),
    /// What cannot be known before Python runs.
    Unknown(Rc<Unknown>),
}

/// Why a value is not known, and what the user may do about it.
#[derive(Clone, Debug)]
pub(super) struct Unknown {
    pub(super) complaint: Complaint,
    /// The name that `--set` gives it.
    pub(super) set: Option<String>,
    /// Whether a pipeline went into it, so that nothing that follows may begin another one.
    pub(super) torn: bool,
    /// Whether it is a number, or a truth, that a random number decides.
    pub(super) tossed: bool,
}

impl Unknown {
    /// What is not known because of `complaint`, which `--set` may give if there is a name.
    pub(super) fn new(complaint: Complaint, set: Option<String>, torn: bool) -> Self {
        Self { complaint, set, torn, tossed: false }
    }
}

/// A class of the file: its methods, and what its body assigns.
pub(super) struct Class<'a> {
    pub(super) name: &'a str,
    /// The full name of the pipeline that it is one of, such as a `Sequential`.
    pub(super) base: Option<Rc<str>>,
    /// The classes of the file that it inherits from, of which it has the methods and the values as its own.
    pub(super) parents: Vec<Rc<Class<'a>>>,
    pub(super) methods: Vec<(&'a FunctionDef, Rc<Function<'a>>)>,
    pub(super) values: Scope<'a>,
}

/// What a call of a class makes: the class, and the attributes that were assigned.
#[derive(Clone)]
pub(super) struct Object<'a> {
    pub(super) class: Rc<Class<'a>>,
    pub(super) attributes: Scope<'a>,
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
    /// Its name with those around it; a lambda has none.
    pub(super) name: Rc<str>,
    pub(super) params: &'a Params,
    pub(super) body: Body<'a>,
    /// The names of the functions around it.
    pub(super) captured: Scope<'a>,
    /// Whether decorators may have changed what it gives.
    pub(super) changed: bool,
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
    /// The value.
    pub(super) value: Val<'a>,
    /// The assignments that the value was made of.
    pub(super) reads: Rc<Vec<u32>>,
}

/// Names each assignment once: where ways meet, both sides name what is common to them, and loops would double that
/// with every turn.
pub(super) fn tidy(reads: &mut Vec<u32>) {
    if reads.len() > 8 {
        reads.sort_unstable();
        reads.dedup();
    }
}

impl Val<'_> {
    /// Whether it is a tuple with a tuple or a list in it.
    pub(super) fn has_pairs(&self) -> bool {
        matches!(&self.kind, V::Tuple(pair) if pair.iter().any(|side| side.items().is_some()))
    }

    /// A value that is not known because of `complaint`.
    pub(super) fn unknown(at: Range, complaint: Complaint) -> Self {
        Self::unset(at, complaint, None)
    }

    /// The same, which `--set` may give if there is a name.
    pub(super) fn unset(at: Range, complaint: Complaint, set: Option<String>) -> Self {
        Self { at, kind: V::Unknown(Rc::new(Unknown::new(complaint, set, false))) }
    }

    /// The same, in which a pipeline is torn if `torn`.
    pub(super) fn torn_by(mut self, torn: bool) -> Self {
        if let V::Unknown(why) = &mut self.kind {
            Rc::make_mut(why).torn |= torn;
        }
        self
    }

    /// The same, which a random number decides if `tossed`.
    pub(super) fn tossed_by(mut self, tossed: bool) -> Self {
        if let (true, V::Unknown(why)) = (tossed, &mut self.kind) {
            Rc::make_mut(why).tossed = true;
        }
        self
    }

    /// The same value, written elsewhere, with all that is in it.
    pub(super) fn moved(&self, at: Range) -> Self {
        let all = |items: &[Self]| Rc::new(items.iter().map(|item| item.moved(at)).collect());
        let kind = match &self.kind {
            V::List(items) => V::List(all(items)),
            V::Tuple(items) => V::Tuple(all(items)),
            V::Dict(items) => {
                V::Dict(Rc::new(items.iter().map(|(key, value)| (key.moved(at), value.moved(at))).collect()))
            }
            kind => kind.clone(),
        };
        Self { at, kind }
    }

    /// Why it is not known.
    pub(super) fn why(&self) -> Option<&Rc<Unknown>> {
        match &self.kind {
            V::Unknown(unknown) => Some(unknown),
            _ => None,
        }
    }

    /// Whether two values are the same as Python's `==` has it, where that is known.
    pub(super) fn same(&self, other: &Self) -> Option<bool> {
        match (&self.kind, &other.kind) {
            (V::Unknown(_) | V::Call(_) | V::Path(_), _) | (_, V::Unknown(_) | V::Call(_) | V::Path(_)) => {
                None
            }
            (V::None, V::None) => Some(true),
            (V::Text(a), V::Text(b)) => Some(a == b),
            (V::List(a), V::List(b)) | (V::Tuple(a), V::Tuple(b)) => {
                if a.len() != b.len() {
                    return Some(false);
                }
                a.iter().zip(b.iter()).try_fold(true, |all, (a, b)| Some(all & a.same(b)?))
            }
            (V::Dict(_) | V::Function(_) | V::Class(_) | V::Object(_), _)
            | (_, V::Dict(_) | V::Function(_) | V::Class(_) | V::Object(_)) => None,
            _ => Some(match (self.number(), other.number()) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            }),
        }
    }

    /// Whether two values are written alike: the same calls of the same things. Values too large to tell are not.
    pub(super) fn alike(&self, other: &Self) -> bool {
        self.alike_within(other, &mut { MAX_ALIKE }, 0)
    }

    fn alike_within(&self, other: &Self, left: &mut usize, depth: usize) -> bool {
        if *left == 0 || depth > 100 {
            return false;
        }
        *left -= 1;
        let mut all = |a: &[Self], b: &[Self]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.alike_within(b, left, depth + 1))
        };
        match (&self.kind, &other.kind) {
            (V::Call(a), V::Call(b)) => {
                let same_keywords = |left: &mut usize| {
                    a.keywords.len() == b.keywords.len()
                        && a.keywords.iter().zip(&b.keywords).all(|((name, _, a), (other, _, b))| {
                            name == other && a.alike_within(b, left, depth + 1)
                        })
                };
                // A chain keeps there where it began.
                Rc::ptr_eq(a, b)
                    || a.path == b.path
                        && all(&a.args, &b.args)
                        && (super::libraries::is_chain(&a.path) || same_keywords(left))
            }
            (V::List(a), V::List(b)) | (V::Tuple(a), V::Tuple(b)) => Rc::ptr_eq(a, b) || all(a, b),
            (V::Dict(a), V::Dict(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|((key, a), (other, b))| {
                        key.alike_within(other, left, depth + 1) && a.alike_within(b, left, depth + 1)
                    })
            }
            (V::Path(a), V::Path(b)) => a == b,
            (V::Unknown(a), V::Unknown(b)) => a.set.is_some() && a.set == b.set,
            (V::Function(a), V::Function(b)) => Rc::ptr_eq(a, b),
            _ => self.same(other) == Some(true),
        }
    }

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
            V::Class(class) => format!("the class {}", class.name),
            V::Object(object) => format!("an object of {}", object.class.name),
            V::Unknown(_) => "what is not known".into(),
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
            V::Path(_) | V::Call(_) | V::Function(_) | V::Unknown(_) => None,
            V::Class(_) | V::Object(_) => Some(true),
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

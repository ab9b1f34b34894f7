//! Python's syntax as far as pipelines need it: our own tree, which knows no parser. What has no meaning for a
//! pipeline is `Other`, with its place.

/// Bytes of the file from `start` up to `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// An expression and where it stands.
#[derive(Debug)]
pub(super) struct Expr {
    pub(super) at: Range,
    pub(super) kind: ExprKind,
}

/// The kinds of expressions.
#[derive(Debug)]
pub(super) enum ExprKind {
    Constant(Constant),
    Name(String),
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    /// Keys and values; a value without a key is merged (`**`).
    Dict(Vec<(Option<Expr>, Expr)>),
    Attribute(Box<Expr>, String),
    Unary(UnaryOp, Box<Expr>),
    Binary(Box<Expr>, Operator, Box<Expr>),
    /// `then if test else otherwise`.
    Choice {
        test: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// `value[index]`.
    Item(Box<Expr>, Box<Expr>),
    /// `lower:upper:step` of an item.
    Slice(Option<Box<Expr>>, Option<Box<Expr>>, Option<Box<Expr>>),
    /// `[element for target in iter if test]`; with a key it makes a dict.
    Comprehension {
        key: Option<Box<Expr>>,
        element: Box<Expr>,
        loops: Vec<Loop>,
    },
    Lambda(Box<Params>, Box<Expr>),
    Call(Box<CallExpr>),
    Starred(Box<Expr>),
    Await(Box<Expr>),
    /// `left < a < b`.
    Compare(Box<Expr>, Vec<(Comparison, Expr)>),
    /// `a and b`, or `a or b`.
    Logic {
        all: bool,
        of: Vec<Expr>,
    },
    /// A text with values in it; those that are formatted in a way of their own are `None`.
    Format(Vec<Piece>),
    Other,
}

/// One loop of a comprehension.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) target: Expr,
    pub(super) iter: Expr,
    pub(super) tests: Vec<Expr>,
}

/// A part of a text with values in it.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Value(Expr),
    Other,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Is,
    IsNot,
    In,
    NotIn,
}

/// Literals.
#[derive(Debug)]
pub(super) enum Constant {
    None,
    Bool(bool),
    Int(i64),
    /// A whole number beyond 64 bits.
    Huge,
    Float(f64),
    Text(String),
    /// Bytes, complex numbers, `...`.
    Other,
}

/// Signs and `not`.
#[derive(Clone, Copy, Debug)]
pub(super) enum UnaryOp {
    Plus,
    Minus,
    Not,
    Invert,
}

/// Arithmetic.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operator {
    Add,
    Sub,
    Mult,
    Div,
    FloorDiv,
    Mod,
    Pow,
    /// Matrices and bits.
    Other,
}

/// A call.
#[derive(Debug)]
pub(super) struct CallExpr {
    pub(super) func: Expr,
    pub(super) args: Vec<Expr>,
    pub(super) keywords: Vec<Keyword>,
}

/// `name=value`, or `**value`.
#[derive(Debug)]
pub(super) struct Keyword {
    pub(super) at: Range,
    pub(super) name: Option<String>,
    pub(super) value: Expr,
}

/// The parameters of a function or a lambda.
#[derive(Debug, Default)]
pub(super) struct Params {
    /// Those that may be given by position.
    pub(super) positional: Vec<Param>,
    /// Those that must be given by name.
    pub(super) keyword_only: Vec<Param>,
    /// The name of `*args`.
    pub(super) rest: Option<String>,
    /// The name of `**kwargs`.
    pub(super) named: Option<String>,
}

/// A parameter.
#[derive(Debug)]
pub(super) struct Param {
    pub(super) at: Range,
    pub(super) name: String,
    /// What it is annotated with, if that is one name.
    pub(super) class: Option<String>,
    pub(super) default: Option<Expr>,
}

/// A statement and where it stands.
#[derive(Debug)]
pub(super) struct Stmt {
    pub(super) at: Range,
    pub(super) kind: StmtKind,
}

/// The kinds of statements.
#[derive(Debug)]
pub(super) enum StmtKind {
    /// `a = b = value`; with a type as well.
    Assign(Vec<Expr>, Expr),
    /// `target += value`.
    Augmented(Expr, Operator, Expr),
    Import(Vec<Import>),
    /// `from module import *`.
    ImportAll(String),
    Function(FunctionDef),
    Class(ClassDef),
    /// `elif` is an `if` in `otherwise`.
    If {
        test: Expr,
        then: Vec<Stmt>,
        otherwise: Vec<Stmt>,
    },
    For {
        target: Expr,
        iter: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    While {
        test: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    With(Vec<Stmt>),
    Try {
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
        finalbody: Vec<Stmt>,
    },
    Expr(Expr),
    Return(Option<Expr>),
    Raise,
    Break,
    Continue,
    /// `global a, b`.
    Global(Vec<String>),
    Pass,
    Other,
}

/// One name that an import makes.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) at: Range,
    /// The name in the file.
    pub(super) name: String,
    /// The full name of what it stands for.
    pub(super) path: String,
}

/// `def`.
#[derive(Debug)]
pub(super) struct FunctionDef {
    pub(super) name: String,
    pub(super) params: Params,
    pub(super) body: Vec<Stmt>,
    /// The last parts of the names of its decorators.
    pub(super) decorators: Vec<String>,
}

/// `class`.
#[derive(Debug)]
pub(super) struct ClassDef {
    pub(super) name: String,
    /// The classes that it is made of.
    pub(super) bases: Vec<Expr>,
    pub(super) body: Vec<Stmt>,
}

impl Expr {
    /// The names with dots between them, if it is no more than that.
    pub(super) fn dotted(&self) -> Option<String> {
        match &self.kind {
            ExprKind::Name(name) => Some(name.clone()),
            ExprKind::Attribute(inner, name) => Some(format!("{}.{name}", inner.dotted()?)),
            _ => None,
        }
    }

    /// The name, if it is no more than one.
    pub(super) fn as_name(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }
}

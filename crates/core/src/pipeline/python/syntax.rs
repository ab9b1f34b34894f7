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
    /// `[element for target in iter]`.
    Comprehension {
        element: Box<Expr>,
        target: Box<Expr>,
        iter: Box<Expr>,
    },
    /// A list of several loops, or with conditions.
    Comprehensions,
    Lambda(Box<Params>, Box<Expr>),
    Call(Box<CallExpr>),
    Starred(Box<Expr>),
    Await(Box<Expr>),
    /// A comparison, of which the left side matters.
    Compare(Box<Expr>),
    Other,
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
    /// Whether there is `*args` or `**kwargs`.
    pub(super) variadic: bool,
}

/// A parameter.
#[derive(Debug)]
pub(super) struct Param {
    pub(super) at: Range,
    pub(super) name: String,
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
    Class(Vec<Stmt>),
    /// `elif` is an `if` in `otherwise`.
    If {
        test: Expr,
        then: Vec<Stmt>,
        otherwise: Vec<Stmt>,
    },
    For {
        target: Expr,
        body: Vec<Stmt>,
        orelse: Vec<Stmt>,
    },
    While {
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
    pub(super) decorated: bool,
}

impl Expr {
    /// The name, if it is no more than one.
    pub(super) fn as_name(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }
}

//! The one file that knows the parser crate: Python text becomes our own tree.
//!
//! The crate's versions promise nothing to each other, so one of them is pinned. Its parser takes more stack
//! where it needs it; what walks and frees trees does not. So the depth is bounded from the tokens, before there
//! is a tree.

use ruff_python_ast as ast;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, ParseErrorType, lexer, parse_module};
use ruff_text_size::{Ranged, TextRange};

use super::syntax::{
    CallExpr, ClassDef, Comparison, Constant, Expr, ExprKind, FunctionDef, Import, Keyword, Loop, Operator,
    Param, Params, Piece, Range, Stmt, StmtKind, UnaryOp,
};

/// An upper bound of how deep a statement may be nested, counted in tokens without a comma between them.
const MAX_CHAIN: usize = 1000;

/// How deep blocks may be nested, and how many `elif` a file may have.
const MAX_BLOCKS: usize = 300;

/// Why a text is no tree.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It is nested too deeply, from this byte on.
    Deep(usize),
    /// It is no Python: where, and why.
    Syntax(usize, String),
}

/// The statements of a Python file.
pub(super) fn parse(text: &str) -> Result<Vec<Stmt>, Refusal> {
    if too_deep(text) {
        return Err(Refusal::Deep(deep_from(text)));
    }
    match parse_module(text) {
        Ok(parsed) => Ok(stmts(parsed.into_syntax().body)),
        Err(error) => {
            let message = match error.error {
                // This one lists what it would have taken, which is long.
                ParseErrorType::UnexpectedExpressionToken => "an expression ends too early".to_owned(),
                other => other.to_string(),
            };
            Err(Refusal::Syntax(error.location.start().to_usize(), message))
        }
    }
}

/// One open bracket: the tokens of the present part between commas, and whether a `lambda` is in it, whose
/// parameters have commas, too.
#[derive(Clone, Copy, Default)]
struct Level {
    chain: usize,
    lambda: bool,
}

fn too_deep(text: &str) -> bool {
    let (mut levels, mut total) = (vec![Level::default()], 0_usize);
    let (mut blocks, mut branches) = (0_usize, 0_usize);
    let mut tokens = lexer::lex(text, Mode::Module);
    loop {
        let token = tokens.next_token();
        match token {
            TokenKind::EndOfFile => return false,
            TokenKind::Comment | TokenKind::NonLogicalNewline => continue,
            TokenKind::Newline => {
                levels.clear();
                levels.push(Level::default());
                total = 0;
                continue;
            }
            TokenKind::Indent => blocks += 1,
            TokenKind::Dedent => blocks = blocks.saturating_sub(1),
            TokenKind::Elif => branches += 1,
            TokenKind::Lambda => {
                if let Some(level) = levels.last_mut() {
                    level.lambda = true;
                }
            }
            TokenKind::Comma => {
                if let Some(level) = levels.last_mut()
                    && !level.lambda
                {
                    total -= level.chain;
                    level.chain = 0;
                    continue;
                }
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                if levels.len() > 1
                    && let Some(level) = levels.pop()
                {
                    total -= level.chain;
                }
                continue;
            }
            _ => {}
        }
        total += 1;
        if let Some(level) = levels.last_mut() {
            level.chain += 1;
        }
        if matches!(token, TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace) {
            levels.push(Level::default());
        }
        if total > MAX_CHAIN || blocks > MAX_BLOCKS || branches > MAX_BLOCKS {
            return true;
        }
    }
}

/// Where a text becomes too deep. The tokens have no places, so the shortest beginning that is too deep is looked
/// for.
fn deep_from(text: &str) -> usize {
    let (mut fits, mut deep) = (0, text.len());
    while deep - fits > 1 {
        let middle = text.floor_char_boundary(fits + (deep - fits) / 2);
        if middle == fits {
            break;
        }
        if too_deep(&text[..middle]) {
            deep = middle;
        } else {
            fits = middle;
        }
    }
    fits
}

fn place(range: TextRange) -> Range {
    Range { start: range.start().to_usize(), end: range.end().to_usize() }
}

fn stmts(body: impl IntoIterator<Item = ast::Stmt>) -> Vec<Stmt> {
    body.into_iter().map(stmt).collect()
}

fn stmt(stmt: ast::Stmt) -> Stmt {
    let at = place(stmt.range());
    let kind = match stmt {
        ast::Stmt::Assign(assign) => StmtKind::Assign(exprs(assign.targets), expr(*assign.value)),
        ast::Stmt::AnnAssign(assign) => match assign.value {
            Some(value) => StmtKind::Assign(vec![expr(*assign.target)], expr(*value)),
            None => StmtKind::Other,
        },
        ast::Stmt::AugAssign(assign) => {
            StmtKind::Augmented(expr(*assign.target), operator(assign.op), expr(*assign.value))
        }
        ast::Stmt::Import(import) => StmtKind::Import(import.names.into_iter().map(import_of).collect()),
        ast::Stmt::ImportFrom(import) => {
            let module = import.module.as_ref().map_or("", |module| module.as_str());
            if import.names.iter().any(|alias| alias.name.as_str() == "*") {
                StmtKind::ImportAll(module.to_owned())
            } else {
                let from = |alias: &ast::Alias| Import {
                    at: place(alias.range()),
                    name: alias.asname.as_ref().unwrap_or(&alias.name).to_string(),
                    path: format!("{module}.{}", alias.name),
                };
                StmtKind::Import(import.names.iter().map(from).collect())
            }
        }
        ast::Stmt::FunctionDef(def) => StmtKind::Function(FunctionDef {
            name: def.name.to_string(),
            params: params(*def.parameters),
            body: stmts(def.body),
            decorators: def.decorator_list.into_iter().map(|item| decorator(item.expression)).collect(),
        }),
        ast::Stmt::ClassDef(def) => {
            let bases = def.arguments.map_or_else(Vec::new, |own| exprs(own.args.into_vec()));
            StmtKind::Class(ClassDef { name: def.name.to_string(), bases, body: stmts(def.body) })
        }
        ast::Stmt::If(choice) => {
            let mut otherwise = Vec::new();
            for clause in choice.elif_else_clauses.into_iter().rev() {
                let range = place(clause.range());
                let body = stmts(clause.body);
                otherwise = match clause.test {
                    None => body,
                    Some(test) => {
                        let kind = StmtKind::If { test: expr(test), then: body, otherwise };
                        vec![Stmt { at: Range { start: range.start, end: at.end }, kind }]
                    }
                };
            }
            StmtKind::If { test: expr(*choice.test), then: stmts(choice.body), otherwise }
        }
        ast::Stmt::Match(choice) => matched(choice, at),
        ast::Stmt::For(each) => StmtKind::For {
            target: expr(*each.target),
            iter: expr(*each.iter),
            body: stmts(each.body),
            orelse: stmts(each.orelse),
        },
        ast::Stmt::While(each) => {
            StmtKind::While { test: expr(*each.test), body: stmts(each.body), orelse: stmts(each.orelse) }
        }
        ast::Stmt::With(with) => StmtKind::With(stmts(with.body)),
        ast::Stmt::Try(attempt) => StmtKind::Try {
            body: stmts(attempt.body),
            orelse: stmts(attempt.orelse),
            finalbody: stmts(attempt.finalbody),
        },
        ast::Stmt::Expr(value) => StmtKind::Expr(expr(*value.value)),
        ast::Stmt::Return(returned) => StmtKind::Return(returned.value.map(|value| expr(*value))),
        ast::Stmt::Raise(_) => StmtKind::Raise,
        ast::Stmt::Break(_) => StmtKind::Break,
        ast::Stmt::Continue(_) => StmtKind::Continue,
        ast::Stmt::Global(global) => StmtKind::Global(global.names.iter().map(ToString::to_string).collect()),
        ast::Stmt::Pass(_) | ast::Stmt::Assert(_) => StmtKind::Pass,
        // The parser's enum grows with Python.
        _ => StmtKind::Other,
    };
    Stmt { at, kind }
}

/// `match` as a row of conditions.
fn matched(choice: ast::StmtMatch, at: Range) -> StmtKind {
    let mut otherwise = Vec::new();
    for case in choice.cases.into_iter().rev() {
        let start = place(case.range).start;
        let body = stmts(case.body);
        otherwise = match (alternatives(&case.pattern), case.guard) {
            (None, None) if case.pattern.is_irrefutable() => body,
            (values, guard) => {
                let of = expr((*choice.subject).clone());
                let test = match (values, guard) {
                    (Some(values), None) => {
                        let list = Expr { at: of.at, kind: ExprKind::List(values) };
                        Expr {
                            at: of.at,
                            kind: ExprKind::Compare(Box::new(of), vec![(Comparison::In, list)]),
                        }
                    }
                    _ => Expr { at: of.at, kind: ExprKind::Other },
                };
                let kind = StmtKind::If { test, then: body, otherwise };
                vec![Stmt { at: Range { start, end: at.end }, kind }]
            }
        };
    }
    match otherwise.pop() {
        Some(Stmt { kind: kind @ StmtKind::If { .. }, .. }) if otherwise.is_empty() => kind,
        Some(last) => {
            otherwise.push(last);
            StmtKind::With(otherwise)
        }
        None => StmtKind::Pass,
    }
}

/// The values that a pattern stands for, if it is but values.
fn alternatives(pattern: &ast::Pattern) -> Option<Vec<Expr>> {
    match pattern {
        ast::Pattern::MatchValue(own) => Some(vec![expr((*own.value).clone())]),
        ast::Pattern::MatchOr(own) => {
            let all = own.patterns.iter().map(alternatives).collect::<Option<Vec<_>>>()?;
            Some(all.into_iter().flatten().collect())
        }
        // The parser's enum grows with Python.
        _ => None,
    }
}

/// The last part of a decorator's name.
fn decorator(inner: ast::Expr) -> String {
    match inner {
        ast::Expr::Call(call) => decorator(*call.func),
        ast::Expr::Attribute(attribute) => attribute.attr.to_string(),
        ast::Expr::Name(name) => name.id.to_string(),
        // The parser's enum grows with Python.
        _ => String::new(),
    }
}

/// `import a.b` makes the name `a`, `import a.b as c` makes `c` of the whole.
fn import_of(alias: ast::Alias) -> Import {
    let at = place(alias.range());
    let full = alias.name.as_str();
    if let Some(name) = alias.asname {
        return Import { at, name: name.to_string(), path: full.to_owned() };
    }
    let first = full.split('.').next().unwrap_or(full).to_owned();
    Import { at, name: first.clone(), path: first }
}

fn exprs(all: impl IntoIterator<Item = ast::Expr>) -> Vec<Expr> {
    all.into_iter().map(expr).collect()
}

fn boxed(inner: ast::Expr) -> Box<Expr> {
    Box::new(expr(inner))
}

fn expr(inner: ast::Expr) -> Expr {
    let at = place(inner.range());
    let kind = match inner {
        ast::Expr::NoneLiteral(_) => ExprKind::Constant(Constant::None),
        ast::Expr::BooleanLiteral(literal) => ExprKind::Constant(Constant::Bool(literal.value)),
        ast::Expr::NumberLiteral(literal) => ExprKind::Constant(match literal.value {
            ast::Number::Int(value) => value.as_i64().map_or(Constant::Huge, Constant::Int),
            ast::Number::Float(value) => Constant::Float(value),
            ast::Number::Complex { .. } => Constant::Other,
        }),
        ast::Expr::StringLiteral(literal) => {
            ExprKind::Constant(Constant::Text(literal.value.to_str().to_owned()))
        }
        ast::Expr::BytesLiteral(_) | ast::Expr::EllipsisLiteral(_) => ExprKind::Constant(Constant::Other),
        ast::Expr::Name(name) => ExprKind::Name(name.id.to_string()),
        ast::Expr::List(list) => ExprKind::List(exprs(list.elts)),
        ast::Expr::Tuple(tuple) => ExprKind::Tuple(exprs(tuple.elts)),
        ast::Expr::Dict(dict) => ExprKind::Dict(
            dict.items.into_iter().map(|item| (item.key.map(expr), expr(item.value))).collect(),
        ),
        ast::Expr::Attribute(attribute) => {
            ExprKind::Attribute(boxed(*attribute.value), attribute.attr.to_string())
        }
        ast::Expr::UnaryOp(unary) => {
            let op = match unary.op {
                ast::UnaryOp::UAdd => UnaryOp::Plus,
                ast::UnaryOp::USub => UnaryOp::Minus,
                ast::UnaryOp::Not => UnaryOp::Not,
                ast::UnaryOp::Invert => UnaryOp::Invert,
            };
            ExprKind::Unary(op, boxed(*unary.operand))
        }
        ast::Expr::BinOp(binary) => {
            ExprKind::Binary(boxed(*binary.left), operator(binary.op), boxed(*binary.right))
        }
        ast::Expr::If(choice) => ExprKind::Choice {
            test: boxed(*choice.test),
            then: boxed(*choice.body),
            otherwise: boxed(*choice.orelse),
        },
        ast::Expr::Subscript(item) => ExprKind::Item(boxed(*item.value), boxed(*item.slice)),
        ast::Expr::Slice(slice) => ExprKind::Slice(
            slice.lower.map(|e| boxed(*e)),
            slice.upper.map(|e| boxed(*e)),
            slice.step.map(|e| boxed(*e)),
        ),
        ast::Expr::ListComp(comp) => {
            ExprKind::Comprehension { key: None, element: boxed(*comp.elt), loops: loops(comp.generators) }
        }
        ast::Expr::Generator(comp) => {
            ExprKind::Comprehension { key: None, element: boxed(*comp.elt), loops: loops(comp.generators) }
        }
        ast::Expr::DictComp(comp) => match comp.key {
            Some(key) => ExprKind::Comprehension {
                key: Some(boxed(*key)),
                element: boxed(*comp.value),
                loops: loops(comp.generators),
            },
            None => ExprKind::Other,
        },
        ast::Expr::BoolOp(logic) => {
            ExprKind::Logic { all: logic.op == ast::BoolOp::And, of: exprs(logic.values) }
        }
        ast::Expr::FString(text) => ExprKind::Format(pieces(&text)),
        ast::Expr::Lambda(lambda) => ExprKind::Lambda(
            Box::new(lambda.parameters.map(|list| params(*list)).unwrap_or_default()),
            boxed(*lambda.body),
        ),
        ast::Expr::Call(call) => ExprKind::Call(Box::new(CallExpr {
            func: expr(*call.func),
            args: exprs(call.arguments.args),
            keywords: call.arguments.keywords.into_iter().map(keyword).collect(),
        })),
        ast::Expr::Starred(starred) => ExprKind::Starred(boxed(*starred.value)),
        // What a generator gives, or a name is given on the way, is looked at like any other value.
        ast::Expr::Yield(given) if given.value.is_some() => {
            return given.value.map_or(Expr { at, kind: ExprKind::Other }, |value| expr(*value));
        }
        ast::Expr::Named(named) => return expr(*named.value),
        ast::Expr::Await(awaited) => ExprKind::Await(boxed(*awaited.value)),
        ast::Expr::Compare(compare) => ExprKind::Compare(
            boxed(*compare.left),
            compare.ops.into_iter().map(comparison).zip(exprs(compare.comparators)).collect(),
        ),
        // The parser's enum grows with Python.
        _ => ExprKind::Other,
    };
    Expr { at, kind }
}

fn loops(generators: Vec<ast::Comprehension>) -> Vec<Loop> {
    let one = |own: ast::Comprehension| Loop {
        target: expr(own.target),
        iter: expr(own.iter),
        tests: exprs(own.ifs),
    };
    generators.into_iter().map(one).collect()
}

fn pieces(text: &ast::ExprFString) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for part in &text.value {
        match part {
            ast::FStringPart::Literal(literal) => pieces.push(Piece::Text(literal.value.to_string())),
            ast::FStringPart::FString(inner) => {
                for element in &inner.elements {
                    pieces.push(match element {
                        ast::InterpolatedStringElement::Literal(literal) => {
                            Piece::Text(literal.value.to_string())
                        }
                        ast::InterpolatedStringElement::Interpolation(own)
                            if own.format_spec.is_none() && own.debug_text.is_none() =>
                        {
                            Piece::Value(expr((*own.expression).clone()))
                        }
                        ast::InterpolatedStringElement::Interpolation(_) => Piece::Other,
                    });
                }
            }
        }
    }
    pieces
}

fn comparison(op: ast::CmpOp) -> Comparison {
    match op {
        ast::CmpOp::Eq => Comparison::Equal,
        ast::CmpOp::NotEq => Comparison::NotEqual,
        ast::CmpOp::Lt => Comparison::Less,
        ast::CmpOp::LtE => Comparison::LessEqual,
        ast::CmpOp::Gt => Comparison::Greater,
        ast::CmpOp::GtE => Comparison::GreaterEqual,
        ast::CmpOp::Is => Comparison::Is,
        ast::CmpOp::IsNot => Comparison::IsNot,
        ast::CmpOp::In => Comparison::In,
        ast::CmpOp::NotIn => Comparison::NotIn,
    }
}

fn keyword(keyword: ast::Keyword) -> Keyword {
    Keyword {
        at: place(keyword.range()),
        name: keyword.arg.map(|name| name.to_string()),
        value: expr(keyword.value),
    }
}

fn params(list: ast::Parameters) -> Params {
    let param = |param: ast::ParameterWithDefault| Param {
        at: place(param.parameter.range()),
        name: param.parameter.name.to_string(),
        class: match param.parameter.annotation.as_deref() {
            Some(ast::Expr::Name(class)) => Some(class.id.to_string()),
            _ => None,
        },
        default: param.default.map(|value| expr(*value)),
    };
    Params {
        rest: list.vararg.map(|param| param.name.to_string()),
        named: list.kwarg.map(|param| param.name.to_string()),
        positional: list.posonlyargs.into_iter().chain(list.args).map(param).collect(),
        keyword_only: list.kwonlyargs.into_iter().map(param).collect(),
    }
}

fn operator(op: ast::Operator) -> Operator {
    match op {
        ast::Operator::Add => Operator::Add,
        ast::Operator::Sub => Operator::Sub,
        ast::Operator::Mult => Operator::Mult,
        ast::Operator::Div => Operator::Div,
        ast::Operator::FloorDiv => Operator::FloorDiv,
        ast::Operator::Mod => Operator::Mod,
        ast::Operator::Pow => Operator::Pow,
        ast::Operator::MatMult
        | ast::Operator::LShift
        | ast::Operator::RShift
        | ast::Operator::BitOr
        | ast::Operator::BitXor
        | ast::Operator::BitAnd => Operator::Other,
    }
}

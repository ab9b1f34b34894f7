//! What the user gave with `--set`: for names, and for items and calls as the file writes them, such as
//! `config["size"]` and `config.get_value("size")`.

use std::rc::Rc;

use super::eval::{Eval, Res, Setting};
use super::syntax::{Constant, Expr, ExprKind, Range};
use super::value::{Unknown, V, Val};

/// The longest expression that is given as it is written.
const LONGEST: usize = 80;

/// `--set NAME=VALUE` as a shell takes it.
pub(super) fn option(name: &str, value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    if name.chars().all(plain) { format!("--set {name}={value}") } else { format!("--set '{name}={value}'") }
}

/// What stands before the first `=` that is in no brackets and no text, and what stands behind it.
pub(super) fn split(given: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quote) = (0_i32, None);
    for (i, c) in given.char_indices() {
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => quote = Some(c),
            ('[' | '(' | '{', None) => depth += 1,
            (']' | ')' | '}', None) => depth -= 1,
            ('=', None) if depth == 0 => return Some((&given[..i], &given[i + 1..])),
            (_, None | Some(_)) => {}
        }
    }
    None
}

/// An item or a call as settings are compared: without spaces, with one kind of quotes.
pub(super) fn normal(written: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    for c in written.chars() {
        match (c, quote) {
            ('"' | '\'', None) => {
                quote = Some(c);
                out.push('"');
            }
            (_, Some(open)) if c == open => {
                quote = None;
                out.push('"');
            }
            (_, None) if c.is_whitespace() => {}
            (_, None | Some(_)) => out.push(c),
        }
    }
    out
}

/// What is written, if it is short enough to be given as it is.
pub(super) fn short(written: &str) -> Option<String> {
    (written.len() <= LONGEST && !written.contains('\n')).then(|| normal(written))
}

/// Whether a setting is for an item or a call.
fn is_written((name, _): &Setting) -> bool {
    name.contains(['[', '('])
}

impl<'a> Eval<'a> {
    /// What the user gave for `name`, by itself or with the functions around it.
    pub(super) fn setting(&mut self, name: &str, at: Range) -> Option<Val<'a>> {
        let settings = self.settings;
        let name = name.strip_prefix("self.").unwrap_or(name);
        let full = format!("{}.{name}", self.path.join("."));
        let short = self.path.last().map(|own| format!("{own}.{name}"));
        let i = settings.iter().position(|(own, _)| *own == full || short.as_ref() == Some(own));
        let i = i.or_else(|| settings.iter().position(|(own, _)| own == name))?;
        self.used_settings.insert(i);
        Some(self.eval(&settings[i].1).moved(at))
    }

    /// What an imported name stands for: one of the same name, where names of a project are taken for a library's.
    pub(super) fn module(&mut self, path: &str, at: Range) -> String {
        if let Some(rest) = path.strip_prefix("tensorflow.compat.v2") {
            return format!("tensorflow{rest}");
        }
        let taken = if self.namesakes { super::libraries::namesake(path) } else { None };
        let Some(taken) = taken else { return path.to_owned() };
        let words = format!("{path} is taken for {taken}, which has the same name");
        if !self.warnings.iter().any(|(_, own)| *own == words) {
            self.warnings.push((at, words));
        }
        taken
    }

    /// The module that `name` stands for, which is imported as `path`: a copy of a library in a project, or a library
    /// under another name, where `as` gives it the name that everybody gives that library.
    pub(super) fn imported(&mut self, name: &str, path: &str, at: Range) -> String {
        let Some(usual) = super::libraries::copied(name, path) else { return self.module(path, at) };
        self.warnings.push((at, format!("{path} as {name} is taken for {usual}")));
        usual.to_owned()
    }

    /// How the file writes what stands there, if that is short.
    pub(super) fn writes(&self, at: Range) -> Option<String> {
        short(self.lines.source(at)?)
    }

    /// What the user gave for an item or a call that is not known.
    pub(super) fn given_as_written(&mut self, expr: &Expr, value: Val<'a>) -> Val<'a> {
        let open = matches!(expr.kind, ExprKind::Item(..) | ExprKind::Call(_))
            && matches!(value.kind, V::Unknown(_) | V::Call(_));
        if !open {
            return value;
        }
        self.written_setting(expr.at).unwrap_or(value)
    }

    /// What the user gave for what is written there.
    pub(super) fn written_setting(&mut self, at: Range) -> Option<Val<'a>> {
        let settings = self.settings;
        if !settings.iter().any(is_written) {
            return None;
        }
        let written = self.writes(at)?;
        let i = settings.iter().position(|(own, _)| *own == written)?;
        self.used_settings.insert(i);
        Some(self.eval(&settings[i].1).moved(at))
    }

    /// An item of `of`; one that is not known has what gives it its value, where it has a key. Places of lists are given
    /// with the whole list.
    pub(super) fn as_written(&self, expr: &Expr, of: &Val<'a>, item: Res<Val<'a>>) -> Val<'a> {
        let by_key = matches!(&expr.kind, ExprKind::Item(_, index)
            if matches!(index.kind, ExprKind::Constant(Constant::Text(_))));
        let written = if by_key { self.writes(expr.at) } else { None };
        let torn = super::chain::holds(of, 0);
        match (item, written) {
            (Ok(value), Some(written)) if value.why().is_some_and(|why| !why.torn) => {
                Val { at: value.at, kind: self.unwritten(written, expr.at, torn) }
            }
            (Ok(value), _) => value,
            // A part of what something that is not read makes of a pipeline.
            (Err(_), _) if torn && matches!(of.kind, V::Call(_)) => of.clone(),
            (Err(_), Some(written)) => Val { at: expr.at, kind: self.unwritten(written, expr.at, torn) },
            (Err(complaint), None) => {
                Val { at: expr.at, kind: V::Unknown(Rc::new(Unknown::new(complaint, None, torn))) }
            }
        }
    }

    /// Something of a module that is not known here, as what the user may give.
    pub(super) fn wanting(&self, value: &Val<'a>) -> Option<Val<'a>> {
        let V::Path(path) = &value.kind else { return None };
        if super::libraries::known(path) || path.starts_with(super::call::UNREAD) || !path.contains('.') {
            return None;
        }
        let written = self.writes(value.at).unwrap_or_else(|| path.to_string());
        Some(Val { at: value.at, kind: self.unwritten(written, value.at, false) })
    }

    /// What is not known and may be given as it is written.
    pub(super) fn unwritten(&self, written: String, at: Range, torn: bool) -> V<'a> {
        let complaint = self
            .complain(at, format!("{written} is not known before Python runs"))
            .help(format!("Give its value with {}", option(&written, "VALUE")));
        V::Unknown(Rc::new(Unknown::new(complaint, Some(written), torn)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_split_and_compared_as_people_write_them() {
        assert_eq!(split("a.b=3"), Some(("a.b", "3")));
        assert_eq!(split("f('a=b', c=1)[\"x=\"]=(1, 2)"), Some(("f('a=b', c=1)[\"x=\"]", "(1, 2)")));
        assert_eq!(split("nothing"), None);
        assert_eq!(normal("cfg [ 'a b' ]"), "cfg[\"a b\"]");
        assert_eq!(option("a.b", "1"), "--set a.b=1");
        assert_eq!(option("a[\"b\"]", "1"), "--set 'a[\"b\"]=1'");
    }
}

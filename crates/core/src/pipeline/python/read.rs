//! From the text of a Python file to a checked pipeline.

use std::rc::Rc;

use super::choose::Choice;
use super::eval::{Eval, Res, Setting};
use super::find::Found;
use super::libraries::Role;
use super::scan::{self, Lines};
use super::syntax::{Constant, Expr, ExprKind, Range, Stmt, StmtKind};
use super::tree::Translator;
use super::value::{Unknown, V, Val};
use super::{Translation, Wanted, find, given, libraries, notebook};
use crate::pipeline::spec::{Spec, VERSION};
use crate::text::complaint::{At, Cell, Complaint, TextError};
use crate::text::tree::{Key, Tree, Value};

/// Translates the pipeline in `text`, which is the content of the Python file or the notebook called `name`: the one
/// that is `wanted`, or the only one.
///
/// # Errors
/// What is wrong with the file, or cannot be translated, and where.
pub fn translate(name: &str, text: &str, wanted: &Wanted<'_>) -> Result<Translation, TextError> {
    let code = if super::has_extension(name, "ipynb") {
        notebook::code(text).map_err(|complaint| complaint.in_text(name, ""))?
    } else {
        // The mark at the beginning of some files is no Python.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        notebook::Code { text: text.to_owned(), cells: Vec::new() }
    };
    let wrong = match scan::parse(&code.text, &Lines::new(&code.text, &code.cells)) {
        Ok((suite, text)) => return translated(name, &suite, text, &code.cells, wanted),
        Err(complaint) => complaint.in_text(name, &code.text),
    };
    if code.cells.is_empty() {
        return Err(wrong);
    }
    // A notebook may have cells that are no Python.
    let (readable, left) = code.readable();
    let Ok((suite, text)) = scan::parse(&readable.text, &Lines::new(&readable.text, &readable.cells)) else {
        return Err(wrong);
    };
    match translated(name, &suite, text, &readable.cells, wanted) {
        Ok(mut translation) => {
            for cell in left {
                let warning = format!("{name}: cell {} is no Python, and is left out", cell.number);
                translation.warnings.push(warning);
            }
            Ok(translation)
        }
        Err(error) if error.at().is_none() => Err(wrong),
        Err(error) => Err(error),
    }
}

fn translated(
    name: &str,
    suite: &[Stmt],
    text: String,
    cells: &[(std::ops::Range<usize>, Cell)],
    wanted: &Wanted<'_>,
) -> Result<Translation, TextError> {
    let lines = Lines::new(&text, cells);
    let translated = tree_of(suite, &lines, wanted).and_then(|Said { tree, warnings, passed }| {
        let placed = |all: Placed| all.into_iter().map(|(at, said)| format!("{name}{at}: {said}")).collect();
        Ok((Spec::of_tree(&tree)?, placed(warnings), placed(passed)))
    });
    match translated {
        Ok((spec, warnings, passed)) => {
            let left =
                wanted.compat.iter().filter(|compat| !libraries::is_version(compat)).cloned().collect();
            Ok(Translation { spec, warnings, passed, compat: left, code: text })
        }
        Err(complaint) => Err(complaint.in_text(name, &text)),
    }
}

/// The values that the user gave.
fn settings(set: &[String]) -> Result<Vec<Setting>, Complaint> {
    set.iter().map(|given| setting(given)).collect()
}

fn setting(given: &str) -> Result<Setting, Complaint> {
    let wrong = || {
        Complaint::new(
            None,
            format!("--set {given}: expected NAME=VALUE, where the value is written as in Python"),
        )
        .help("For instance --set size=28, --set cfg.angles='(-10, 10)' or --set mode=reflect")
    };
    let (name, value) = given::split(given).ok_or_else(wrong)?;
    let (name, value) = (name.trim(), value.trim());
    let fits = |part: &str| {
        !part.is_empty()
            && !part.starts_with(|c: char| c.is_ascii_digit())
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    let name = if name.contains(['[', '(']) {
        // An item or a call, as the file writes it.
        match super::parser::parse(name) {
            Ok(suite) if matches!(suite.as_slice(), [Stmt { kind: StmtKind::Expr(_), .. }]) => {
                given::normal(name)
            }
            _ => return Err(wrong()),
        }
    } else {
        let name = name.trim_start_matches("self.");
        if !name.split('.').all(fits) {
            return Err(wrong());
        }
        name.to_owned()
    };
    let expr = match super::parser::parse(value) {
        Ok(mut suite) if suite.len() == 1 => match suite.pop() {
            Some(Stmt { kind: StmtKind::Expr(expr), .. }) => expr,
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    };
    // A bare word is a text.
    let expr = match expr.kind {
        ExprKind::Name(word) => Expr { at: expr.at, kind: ExprKind::Constant(Constant::Text(word)) },
        kind => Expr { at: expr.at, kind },
    };
    let lines = Lines::new(value, &[]);
    let known = Eval::new(&lines, &[]).eval(&expr).why().is_none();
    if known { Ok((name, expr)) } else { Err(wrong()) }
}

/// What is said of places.
type Placed = Vec<(At, String)>;

/// The tree of a pipeline file, and what is said of the Python that it was.
pub(super) struct Said {
    pub(super) tree: Tree,
    pub(super) warnings: Placed,
    passed: Placed,
}

/// The tree of the pipeline file that the Python file is worth.
pub(super) fn tree_of(suite: &[Stmt], lines: &Lines<'_>, wanted: &Wanted<'_>) -> Result<Said, Complaint> {
    let settings = settings(wanted.set)?;
    let version = wanted.compat.iter().map(String::as_str).find(|compat| libraries::is_version(compat));
    let Choice { found, others } = find::find(suite, lines, &settings, wanted)?;
    let mut left: Vec<(Range, String)> = Vec::new();
    let mut first = None;
    let mut unsized_one = None;
    for found in found {
        let at = found.value.at;
        let name = if found.name.is_empty() { "a pipeline".to_owned() } else { found.name.clone() };
        let augments = matches!(&found.value.kind, V::Call(call)
            if libraries::of(&call.path).is_none_or(|library| (library.role)(call) == Role::Augments));
        match steps_and_warnings(lines, found, version) {
            // One whose sizes are not known stands back behind another that augments and whose sizes are.
            Ok(steps) if steps.without_sizes && unsized_one.is_none() => {
                unsized_one = Some((at, name, steps));
            }
            Ok(steps) if steps.without_sizes || unsized_one.is_some() && !augments => {}
            Ok(Steps { trees: steps, mut warnings, passed, .. }) => {
                if let Some((at, name, _)) = unsized_one {
                    left.push((at, format!("{name} is left out, because not all of its sizes are known")));
                }
                warnings.append(&mut left);
                let tree = whole(lines, at, steps);
                return Ok(Said { tree, warnings: placed(lines, warnings), passed: placed(lines, passed) });
            }
            Err(complaint) => {
                left.push((
                    at,
                    format!("{name} is left out, because it cannot be translated: {}", complaint.message),
                ));
                first.get_or_insert(complaint);
            }
        }
    }
    if let Some((at, _, Steps { trees: steps, mut warnings, passed, .. })) = unsized_one {
        warnings.append(&mut left);
        let tree = whole(lines, at, steps);
        return Ok(Said { tree, warnings: placed(lines, warnings), passed: placed(lines, passed) });
    }
    let complaint = first.unwrap_or_else(|| Complaint::new(None, "there is no pipeline in this file"));
    Err(match others {
        Some(others) => {
            let help = complaint.help.as_ref().map_or(String::new(), |help| format!("{help}. "));
            complaint.help(format!("{help}Take another pipeline of the file with {others}"))
        }
        None => complaint,
    })
}

/// Steps, and what is to be said of them.
struct Steps {
    trees: Vec<Tree>,
    warnings: Vec<(Range, String)>,
    /// What was passed over without a warning.
    passed: Vec<(Range, String)>,
    /// Whether sizes are those of the images, because they are not known.
    without_sizes: bool,
}

/// The steps of what was found.
fn steps_and_warnings(lines: &Lines<'_>, found: Found<'_>, written_for: Option<&str>) -> Res<Steps> {
    let mut translator = Translator::new(lines);
    translator.written_for = written_for.map(str::to_owned);
    translator.uses = Rc::clone(&found.uses);
    let at = found.value.at;
    let name = if found.name.is_empty() { "the pipeline" } else { &found.name };
    let steps = steps_of(&mut translator, &found.value)
        .and_then(|steps| translator.as_often(&found.value, name, steps));
    // What is not known is told all at once.
    let asked = translator.asked();
    let mut steps = match steps {
        Ok(steps) => match told(&asked) {
            Some(complaint) => return Err(complaint),
            None => steps,
        },
        Err(complaint) => {
            let missing = translator.missing(&found.value);
            let about_it = !asked.is_empty() || missing.iter().any(|own| complaint.at == own.complaint.at);
            let all = if missing.is_empty() { &asked } else { &missing };
            return Err(if about_it { told(all).unwrap_or(complaint) } else { complaint });
        }
    };
    if let Some(complaint) = translator.emptied(&steps) {
        return Err(complaint);
    }
    if steps.is_empty() && translator.lost {
        let message =
            "nothing is left of the pipeline: what it does is other Python, which does not run here";
        return Err(translator.complain(at, message).help(format!("Expected {}", libraries::examples())));
    }
    if steps.is_empty() {
        let idle = matches!(&found.value.kind, V::Call(call)
            if libraries::of(&call.path).is_some_and(|library| (library.role)(call) == Role::Idle));
        if !idle && translator.warnings.is_empty() {
            return Err(translator.complain(at, "nothing is left of the pipeline").help(
                "All of it makes numbers or tensors of images, which an export does; leave --pipeline out",
            ));
        }
        let message = if translator.unsized_steps {
            "nothing is left of the pipeline but noop: it only brings images to sizes that are not known"
        } else {
            "nothing is left of the pipeline but noop: all of it makes numbers or tensors of images, which an export does"
        };
        translator.warn(at, message);
        let nothing = translator.tree(at, Value::Map(Vec::new()))?;
        steps.push(translator.wrap(at, "noop", nothing)?);
    }
    let mut warnings: Vec<(Range, String)> = found.warnings;
    warnings.append(&mut translator.warnings);
    // What the program itself refuses, such as a range, is known only now.
    Spec::of_tree(&whole(lines, at, steps.clone()))?;
    let without_sizes = translator.unsized_steps;
    Ok(Steps { trees: steps, warnings, passed: translator.passed, without_sizes })
}

/// Whether the program itself takes these steps.
pub(super) fn is_legal(lines: &Lines<'_>, at: Range, steps: &[Tree]) -> bool {
    Spec::of_tree(&whole(lines, at, steps.to_vec())).is_ok()
}

/// The tree of a pipeline file with these steps.
fn whole(lines: &Lines<'_>, at: Range, steps: Vec<Tree>) -> Tree {
    let start = lines.at(Range::default());
    let key = |text: &str| Key { at: start, text: text.to_owned() };
    let entries = vec![
        (key("version"), Tree { at: start, value: Value::Int(VERSION) }),
        (key("pipeline"), Tree { at: lines.at(at), value: Value::List(steps) }),
    ];
    Tree { at: start, value: Value::Map(entries) }
}

/// In the order of the file, each once.
fn placed(lines: &Lines<'_>, mut all: Vec<(Range, String)>) -> Placed {
    all.sort_by_key(|(range, _)| range.start);
    all.dedup();
    all.into_iter().map(|(range, message)| (lines.at(range), message)).collect()
}

/// The steps of a pipeline.
pub(super) fn steps_of<'a>(translator: &mut Translator<'a>, value: &Val<'a>) -> Result<Vec<Tree>, Complaint> {
    match &value.kind {
        V::Call(call) => {
            let Some(library) = libraries::of(&call.path) else {
                let message = format!("{} makes no pipeline that is known here", call.path);
                return Err(translator.complain(call.name_at, message));
            };
            (library.translate)(translator, value, call)
        }
        V::List(_) | V::Tuple(_) => libraries::bare_list(translator, value),
        V::Unknown(unknown) => Err(unknown.complaint.clone()),
        _ => Err(translator.complain(value.at, format!("{} is no pipeline", value.kind()))),
    }
}

/// One complaint about all that is not known.
fn told(missing: &[Rc<Unknown>]) -> Option<Complaint> {
    let first = missing.first()?;
    let mut names: Vec<&str> = Vec::new();
    for name in missing.iter().filter_map(|unknown| unknown.set.as_deref()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() < 2 {
        return Some(first.complaint.clone());
    }
    let message = format!("{} are not known before Python runs", names.join(", "));
    let sets: Vec<String> = names.iter().map(|name| given::option(name, "VALUE")).collect();
    Some(
        Complaint::new(first.complaint.at, message)
            .help(format!("Give their values with {}", sets.join(" "))),
    )
}

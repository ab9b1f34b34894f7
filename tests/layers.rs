//! Who may import whom. Imports run one way, and this reads the sources and holds it:
//! commands -> {cli, look, fetch} -> sources -> {pipeline -> ops -> kernels, store -> formats, digits} -> recipe -> {text, split} -> base.

use std::fs;
use std::path::{Path, PathBuf};

/// Layers, and the layers that each may name besides itself.
const MAY: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("names", &[]),
    ("text", &["base"]),
    ("split", &["base"]),
    ("digits", &["base"]),
    // The tree of sources as plain data, and nothing that opens or draws.
    ("recipe", &["split", "text", "base"]),
    ("formats", &["names", "recipe", "base"]),
    ("kernels", &["base"]),
    ("ui", &["look", "base"]),
    ("look", &["kernels", "base"]),
    ("ops", &["kernels", "text", "base"]),
    ("pipeline", &["ops", "kernels", "text", "base"]),
    ("store", &["names", "formats", "recipe", "base"]),
    (
        "fetch",
        &[
            "formats",
            "store::atomic",
            "store::inside",
            "store::manifest",
            "store::StoreError",
            "text",
            "base",
        ],
    ),
    (
        "sources",
        &["names", "recipe", "split", "digits", "kernels", "formats", "store", "pipeline", "text", "base"],
    ),
    // What may be typed becomes values of these types; no more than their names.
    ("cli", &["recipe", "split", "store::part", "formats", "pipeline::python", "text", "base"]),
    (
        "commands",
        &[
            "cli", "ui", "look", "fetch", "sources", "recipe", "split", "pipeline", "ops", "kernels",
            "store", "formats", "text", "base",
        ],
    ),
    // The maps of the two crates.
    (
        "lib",
        &[
            "base", "text", "split", "digits", "kernels", "pipeline", "recipe", "look", "formats", "store",
            "fetch", "sources", "cli", "commands", "ui",
        ],
    ),
    ("main", &[]),
];

/// Words that occur nowhere in the sources. In two pieces, for this file to be free of them too.
const NEVER: [&str; 4] =
    [concat!("un", "safe"), concat!("to", "do!"), concat!("unimple", "mented!"), concat!("db", "g!")];

const LONGEST: usize = 600;

/// The layer of a file, by its path below `src`.
fn layer(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// A file's code without comments and strings, which may say what they like.
fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(string) = rest.strip_prefix("r#\"") {
            string.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if let Some(string) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = string.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("'\"'") {
            3
        } else if rest.starts_with("'\\\"'") {
            4
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        rest = &rest[skip..];
    }
    out
}

/// What is named after each `crate::` or `mnistaug_core::` (or `super::` of a file at the top): `base`, `store::part`, ...; groups are taken apart.
fn named(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let starts = ["crate::", "mnistaug_core::"].into_iter().flat_map(|start| code.match_indices(start));
    for (at, start) in starts {
        // `$crate` and names that end in "crate" are something else.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let path = &code[at + start.len()..];
        if let Some(group) = path.strip_prefix('{') {
            let mut depth = 0;
            let end = group.find(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                depth < 0
            });
            let mut depth = 0;
            let items = group[..end.unwrap_or(group.len())].split(|c| {
                depth += i32::from(c == '{') - i32::from(c == '}');
                c == ',' && depth == 0
            });
            found.extend(items.map(|item| head(item.trim())).filter(|item| !item.is_empty()));
        } else {
            found.push(head(path));
        }
    }
    found
}

/// The first two names of a path.
fn head(path: &str) -> String {
    let names = path.split("::").map(|name| {
        let end = name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
        (&name[..end], end == name.len())
    });
    let mut out: Vec<&str> = Vec::new();
    for (name, whole) in names.take(2) {
        if !name.is_empty() {
            out.push(name);
        }
        if !whole {
            break;
        }
    }
    out.join("::")
}

/// What is wrong with a file of this path below `src`.
fn faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let own = layer(path);
    let Some((_, may)) = MAY.iter().find(|(name, _)| *name == own) else {
        return vec![format!(
            "{path}: the layer {own} is not in the table; there is no drawer for odds and ends"
        )];
    };
    let lines = text.lines().count();
    if lines > LONGEST {
        faults.push(format!("{path}: {lines} lines; at most {LONGEST}"));
    }
    if !text.starts_with("//!") {
        faults.push(format!("{path}: does not begin by saying what it is for"));
    }
    let code = code(text);
    for word in NEVER {
        let alone = |(at, _): (usize, &str)| {
            let letter = |c: char| c.is_alphanumeric() || c == '_';
            !code[..at].ends_with(letter) && !code[at + word.len()..].starts_with(letter)
        };
        if code.match_indices(word).any(alone) {
            faults.push(format!("{path}: contains {word}"));
        }
    }
    if !matches!(own, "cli" | "commands" | "lib") && code.contains("clap::") {
        faults.push(format!("{path}: names clap, which `cli` and `commands` do alone"));
    }
    for name in named(&code) {
        let top = name.split("::").next().unwrap_or_default();
        // Macros and items of the crate's root have no layer.
        let is_layer = MAY.iter().any(|(layer, _)| *layer == top);
        if is_layer && top != own && !may.contains(&top) && !may.contains(&name.as_str()) {
            faults.push(format!("{path}: {own} may not import {name}"));
        }
    }
    faults
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn imports_run_one_way() {
    let mut all = Vec::new();
    for part in ["src", "crates/core/src"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(part);
        let mut files = Vec::new();
        sources(&root, &mut files);
        files.sort();
        assert!(files.len() > 40, "the sources are found");
        all.extend(files.iter().flat_map(|path| {
            let below = path.strip_prefix(&root).expect("a path below src");
            let name =
                below.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            faults(&name, &fs::read_to_string(path).expect("UTF-8"))
        }));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn violations_are_found() {
    let said = |path: &str, text: &str| faults(path, &format!("//! A file.\n{text}")).join("; ");
    for (path, text, expected) in [
        ("base/shape.rs", "use crate::formats::npz;", "base may not import formats::npz"),
        (
            "kernels/blur.rs",
            "use crate::{base::{Image, Shape}, store::lock::Lock};",
            "kernels may not import store::lock",
        ),
        ("store/build.rs", "fn f() { crate::sources::open(); }", "store may not import sources::open"),
        ("store/build.rs", "use crate::{\n    base,\n    ui,\n};", "store may not import ui"),
        ("cli.rs", "use crate::store::build::Build;", "cli may not import store::build"),
        ("cli.rs", "use crate::kernels;", "cli may not import kernels"),
        ("ui.rs", "use crate::commands::Context;", "ui may not import commands::Context"),
        ("recipe/read.rs", "#[derive(clap::ValueEnum)]", "names clap"),
        ("recipe/mod.rs", "use crate::sources::Open;", "recipe may not import sources::Open"),
        ("util/mod.rs", "", "the layer util is not in the table"),
        ("base/a.rs", concat!("let x = un", "safe{ y };"), "contains un"),
        ("base/a.rs", concat!("let x = \"\\\"\"; to", "do!()"), "contains to"),
        ("base/a.rs", concat!("let c = '\"'; db", "g!(c);"), "contains db"),
    ] {
        let found = said(path, text);
        assert!(found.contains(expected), "{path}: {text}: expected {expected:?}, found {found:?}");
    }
    assert!(faults("base/a.rs", &"//! Long.\n".repeat(601))[0].contains("601 lines"));
    assert!(faults("base/a.rs", "use std::fs;")[0].contains("what it is for"));
}

#[test]
fn what_is_allowed_is_not_found_fault_with() {
    for (path, text) in [
        ("base/shape.rs", "use crate::base::math; // not crate::ui\nlet s = \"crate::store \\\" dbg!\";"),
        ("kernels/blur.rs", "use crate::base::{Image, Scratch};"),
        ("sources/mod.rs", "use crate::{store::manifest::Manifest, kernels::{fit, tile}};"),
        ("cli.rs", "use crate::recipe::colorize::Fit;\nuse crate::store::part::PartChoice;"),
        ("commands/info.rs", "use crate::ui::Failure;\nuse crate::store::build::pool;"),
        ("store/a.rs", "$crate::x!(); mycrate::sources::y(); pub(crate) fn f() {}"),
    ] {
        let found = faults(path, &format!("//! A file.\n{text}"));
        assert!(found.is_empty(), "{path}: {text}: {found:?}");
    }
}

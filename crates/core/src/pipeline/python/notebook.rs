//! Notebooks: the code of their cells as one text.

use std::ops::Range as Lines;

use serde::Deserialize;

use super::{older, parser};
use crate::text::complaint::{Cell, Complaint};

/// The most code that a notebook may hold.
const MAX_CODE: usize = 1 << 20;

/// The most bytes of a notebook, whose outputs hold pictures.
pub(super) const MAX_BYTES: u64 = 64 << 20;

/// What counts of a notebook, by nbformat 4, or 3, which keeps its cells in worksheets.
#[derive(Deserialize)]
struct Notebook {
    #[serde(default)]
    cells: Option<Vec<Part>>,
    #[serde(default)]
    worksheets: Option<Vec<Sheet>>,
}

#[derive(Deserialize)]
struct Sheet {
    #[serde(default)]
    cells: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    cell_type: String,
    #[serde(default)]
    source: Source,
    /// nbformat 3 calls it so.
    #[serde(default)]
    input: Source,
    #[serde(default)]
    language: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Whole(String),
    Lines(Vec<String>),
}

impl Default for Source {
    fn default() -> Self {
        Self::Lines(Vec::new())
    }
}

impl Source {
    fn text(&self) -> String {
        match self {
            Self::Whole(text) => text.clone(),
            Self::Lines(lines) => lines.concat(),
        }
    }
}

/// The code of a notebook, and which lines of it are which cell's.
pub(super) struct Code {
    pub(super) text: String,
    pub(super) cells: Vec<(Lines<usize>, Cell)>,
}

/// The code in the notebook `json`.
///
/// # Errors
/// What is no notebook, or none of Python.
pub(super) fn code(json: &str) -> Result<Code, Complaint> {
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    let notebook: Notebook = serde_json::from_str(json).map_err(|error| {
        let error = error.to_string();
        let message: String = error.chars().take(200).collect();
        Complaint::new(None, format!("this is no notebook: {message}"))
            .help("A file whose name ends in .ipynb is read as a Jupyter notebook; `jupyter nbconvert --to script` makes a .py file of one")
    })?;
    let sheets = notebook.worksheets.unwrap_or_default().into_iter().flat_map(|sheet| sheet.cells);
    let mut code = Code { text: String::new(), cells: Vec::new() };
    let mut before = 0;
    for (i, part) in notebook.cells.unwrap_or_default().into_iter().chain(sheets).enumerate() {
        let python =
            part.language.as_deref().is_none_or(|language| language.to_lowercase().starts_with("python"));
        if part.cell_type != "code" || !python {
            continue;
        }
        let source = [part.source.text(), part.input.text()].concat();
        if code.text.len() + source.len() > MAX_CODE {
            return Err(Complaint::new(None, "a notebook has at most 1 MiB of code"));
        }
        let start = before;
        for line in plain(&source) {
            code.text.push_str(&line);
            code.text.push('\n');
            before += 1;
        }
        code.cells.push((start..before, Cell { number: i + 1, before: start }));
    }
    if code.cells.is_empty() {
        return Err(Complaint::new(None, "this notebook has no cells of code")
            .help("Name a notebook of Python, or a file of Python, YAML or JSON"));
    }
    Ok(code)
}

impl Code {
    /// The same with cells left out that are no Python by themselves, and their places: a notebook goes on behind
    /// them as well.
    pub(super) fn readable(&self) -> (Self, Vec<Cell>) {
        let all: Vec<&str> = self.text.lines().collect();
        let (mut text, mut wrong) = (String::new(), Vec::new());
        for (lines, cell) in &self.cells {
            let own = all.get(lines.clone()).unwrap_or_default();
            let whole: String = own.iter().flat_map(|line| [*line, "\n"]).collect();
            let reads = |text: &str| parser::parse(text).is_ok();
            if reads(&whole) {
                text.push_str(&whole);
            } else if let Some(older) = older::readings(&whole).find(|older| reads(older)) {
                text.push_str(&older);
            } else {
                wrong.push(*cell);
                for line in own {
                    text.push_str("# ");
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        (Self { text, cells: self.cells.clone() }, wrong)
    }
}

/// The lines of a cell, with those that are no Python as comments: commands of the notebook (`%`), of the shell
/// (`!`), and questions (`?`).
fn plain(source: &str) -> Vec<String> {
    let mut whole = false;
    let mut continued = false;
    let mut lines = Vec::new();
    // IPython takes away what all of a cell is indented by.
    let first = source.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let indent = &first[..first.len() - first.trim_start().len()];
    for (i, line) in source.lines().enumerate() {
        let line = line.strip_prefix(indent).unwrap_or(line);
        let text = line.trim_start();
        // `%%time` and `%%capture` run the cell as Python; others hand it to another program.
        if i == 0 && text.starts_with("%%") {
            let word = text[2..].split_whitespace().next().unwrap_or("");
            whole = !["time", "timeit", "capture", "prun"].contains(&word);
        }
        let rest = continued;
        let command = rest
            || text.starts_with(['%', '!', '?'])
            || ["pip install ", "pip3 install ", "conda install "].iter().any(|own| text.starts_with(own))
            || (text.ends_with('?') && !text.contains(['#', '"', '\'']))
            || assigned_command(text);
        continued = command && line.ends_with('\\');
        if !whole && !command {
            lines.push(line.to_owned());
            continue;
        }
        // The block that a command is in may have nothing else.
        let indent = &line[..line.len() - text.len()];
        lines.push(if indent.is_empty() || whole || rest {
            format!("# {text}")
        } else {
            format!("{indent}pass  # {text}")
        });
    }
    lines
}

/// `files = !ls` and `x = %pwd`.
fn assigned_command(text: &str) -> bool {
    let Some((name, value)) = text.split_once('=') else { return false };
    let name = name.trim();
    !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && value.trim_start().starts_with(['!', '%'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_put_together_and_commands_left_out() {
        let json = serde_json::json!({ "nbformat": 4, "cells": [
            { "cell_type": "markdown", "source": ["# title"] },
            { "cell_type": "code", "source": ["%matplotlib inline\n", "!pip install x \\\n", "  y\n", "files = !ls\n", "a = 1\n", "np.array?"] },
            { "cell_type": "code", "source": "%%bash\nls -l\n" },
            { "cell_type": "code", "source": "%%time\nif a:\n    !rm x\n" },
        ] });
        let code = code(&json.to_string()).unwrap();
        let kept: Vec<&str> = code.text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(kept, ["a = 1", "if a:", "    pass  # !rm x"]);
        assert_eq!(code.cells[0], (0..6, Cell { number: 2, before: 0 }));
        assert_eq!(code.cells[2], (8..11, Cell { number: 4, before: 8 }));
    }

    #[test]
    fn the_older_format_has_worksheets() {
        let json = r#"{"nbformat":3,"worksheets":[{"cells":[{"cell_type":"code","language":"python","input":["a = 1\n"]}]}]}"#;
        assert_eq!(code(json).unwrap().text, "a = 1\n");
    }

    #[test]
    fn what_is_no_notebook_is_refused() {
        let deep = format!("{{\"cells\":{}", "[".repeat(10_000));
        for json in [
            "",
            "[]",
            "{\"cells\": 3}",
            "{\"cells\": []}",
            "{}",
            &deep,
            "{\"cells\":[{\"cell_type\":\"raw\"}]}",
        ] {
            assert!(code(json).is_err(), "{json}");
        }
    }
}

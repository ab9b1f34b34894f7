//! Pipelines pasted as Python, translated without running any Python.
//!
//! `notebook` takes the code out of a notebook, `parser` makes our own tree (`syntax`) of a file, `exec` follows its
//! statements, `eval`, `call` and `chain` work out what names and expressions are worth, `find` finds the pipeline, and the library it is written for (`libraries`) makes of it the same tree that `text` makes
//! of YAML, with places in the Python file. From there on a pipeline is checked as any other.
//!
//! All of this is the feature `python`. Without it files of Python are refused. `print` goes the other way and reads nothing.

#[cfg(feature = "python")]
mod arguments;
#[cfg(feature = "python")]
mod arithmetic;
#[cfg(feature = "python")]
mod builtins;
#[cfg(feature = "python")]
mod call;
#[cfg(feature = "python")]
mod chain;
#[cfg(feature = "python")]
mod chance;
#[cfg(feature = "python")]
mod choose;
#[cfg(all(test, feature = "python"))]
mod choose_tests;
#[cfg(feature = "python")]
mod classes;
#[cfg(feature = "python")]
mod coins;
#[cfg(all(test, feature = "python"))]
mod coins_tests;
#[cfg(feature = "python")]
mod decided;
#[cfg(feature = "python")]
mod eval;
#[cfg(feature = "python")]
mod exec;
#[cfg(all(test, feature = "python"))]
mod files_tests;
#[cfg(feature = "python")]
mod find;
#[cfg(all(test, feature = "python"))]
mod forms_tests;
#[cfg(feature = "python")]
mod given;
#[cfg(feature = "python")]
mod items;
#[cfg(feature = "python")]
mod left;
#[cfg(feature = "python")]
mod libraries;
#[cfg(feature = "python")]
mod lookups;
#[cfg(feature = "python")]
mod loops;
#[cfg(feature = "python")]
mod notebook;
#[cfg(feature = "python")]
mod older;
#[cfg(feature = "python")]
mod parser;
#[cfg(feature = "python")]
mod picks;
pub mod print;
#[cfg(feature = "python")]
mod pure;
#[cfg(feature = "python")]
mod read;
#[cfg(feature = "python")]
mod scan;
#[cfg(feature = "python")]
mod switches;
#[cfg(all(test, feature = "python"))]
mod switches_tests;
#[cfg(feature = "python")]
mod syntax;
#[cfg(all(test, feature = "python"))]
mod tests;
#[cfg(feature = "python")]
mod training;
#[cfg(feature = "python")]
mod tree;
#[cfg(feature = "python")]
mod unnamed;
#[cfg(feature = "python")]
mod value;

use super::spec::Spec;
#[cfg(not(feature = "python"))]
use crate::text::complaint::TextError;

#[cfg(feature = "python")]
pub use self::read::translate;

/// A pipeline that was Python.
#[derive(Clone, Debug)]
pub struct Translation {
    /// The pipeline.
    pub spec: Spec,
    /// What differs here, each with its place.
    pub warnings: Vec<String>,
    /// What was passed over because it does nothing to bytes, each with its place.
    pub passed: Vec<String>,
    /// What was wanted of `compat` and is no version of a library, which reading has heeded: it is left for steps.
    pub compat: Vec<String>,
    /// The code that places are counted in: that of a notebook's cells, or the file itself.
    pub code: String,
}

/// Which pipeline of a file is wanted, and what is known of its names from elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// The variable, the function, or several of these with dots between them.
    pub name: Option<&'a str>,
    /// A line that it stands on.
    pub line: Option<Line>,
    /// `NAME=VALUE`, for names that the file does not give a value.
    pub set: &'a [String],
    /// Versions and arithmetics of libraries, which win over what the file tells.
    pub compat: &'a [String],
}

impl Wanted<'_> {
    /// The first option that was given, as it is typed.
    #[must_use]
    pub fn option(&self) -> Option<String> {
        let name = self.name.map(|name| format!("--name {name}"));
        let line = self.line.map(|line| format!("--line {line}"));
        name.or(line).or_else(|| self.set.first().map(|set| format!("--set {set}")))
    }
}

/// A line of a file, or of a notebook's cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The cell, counted from 1 among all cells.
    pub cell: Option<usize>,
    /// The line, from 1.
    pub line: usize,
}

impl std::str::FromStr for Line {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number > 0);
        let parsed = match text.split_once(':') {
            Some((cell, line)) => number(cell).zip(number(line)).map(|(cell, line)| (Some(cell), line)),
            None => number(text).map(|line| (None, line)),
        };
        let (cell, line) = parsed.ok_or("expected the number of a line, or CELL:LINE of a notebook")?;
        Ok(Self { cell, line })
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.cell {
            Some(cell) => write!(f, "{cell}:{}", self.line),
            None => write!(f, "{}", self.line),
        }
    }
}

/// The most bytes that the file called `name` may have.
#[must_use]
pub fn most_bytes(name: &str) -> u64 {
    #[cfg(feature = "python")]
    if has_extension(name, "ipynb") {
        return notebook::MAX_BYTES;
    }
    let _ = name;
    crate::text::tree::MAX_BYTES
}

/// The text of the Python file called `name`: UTF-8, or what its first lines say (PEP 263), of which Latin-1 and its
/// relatives are known; other bytes are taken for Latin-1, since only names and numbers matter of such a file.
#[must_use]
pub fn decoded(name: &str, bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if has_extension(name, "py") => {
            error.as_bytes().iter().map(|byte| char::from(*byte)).collect()
        }
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

fn has_extension(name: &str, wanted: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

/// Whether the file called `name` is read as Python: a script or a notebook.
#[must_use]
pub fn is_python(name: &str) -> bool {
    has_extension(name, "py") || has_extension(name, "ipynb")
}

/// The calls of other libraries that become the operation called `key`, as Python: `iaa.Fliplr(p)`; none without the feature `python`.
#[must_use]
pub fn signatures(key: &str) -> Vec<String> {
    #[cfg(feature = "python")]
    return libraries::signatures(key);
    #[cfg(not(feature = "python"))]
    {
        let _ = key;
        Vec::new()
    }
}

/// Refuses the Python file called `name`.
///
/// # Errors
/// Always: this is the program without the feature `python`.
#[cfg(not(feature = "python"))]
pub fn translate(name: &str, _: &str, _: &Wanted<'_>) -> Result<Translation, TextError> {
    let message = "this mnistaug was built without pasted Python";
    Err(TextError::of_file(name, crate::base::Kind::Usage, message)
        .with_help("build it with the feature `python`, or write the pipeline as YAML"))
}

#[cfg(all(test, not(feature = "python")))]
mod tests {
    use super::*;

    #[test]
    fn python_is_refused_with_the_remedy() {
        let error = Spec::parse("flow.py", "").unwrap_err().to_string();
        assert!(error.contains("without pasted Python") && error.contains("feature `python`"), "{error}");
    }
}

//! Pipelines pasted as Python, translated without running any Python.
//!
//! `parser` makes our own tree (`syntax`) of a file, `eval` works out what names and expressions are worth, `find`
//! finds the pipeline, and the library it is written for (`libraries`) makes of it the same tree that `text` makes
//! of YAML, with places in the Python file. From there on a pipeline is checked as any other.
//!
//! All of it is the feature `python`. Without it files of Python are refused.

#[cfg(feature = "python")]
mod eval;
#[cfg(feature = "python")]
mod find;
#[cfg(feature = "python")]
mod libraries;
#[cfg(feature = "python")]
mod parser;
#[cfg(feature = "python")]
pub mod print;
#[cfg(feature = "python")]
mod read;
#[cfg(feature = "python")]
mod scan;
#[cfg(feature = "python")]
mod syntax;
#[cfg(all(test, feature = "python"))]
mod tests;
#[cfg(feature = "python")]
mod tree;
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
    /// What differs here, and what was passed over, each with its place.
    pub warnings: Vec<String>,
}

/// Whether the file called `name` is read as Python.
#[must_use]
pub fn is_python(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("py"))
}

/// Refuses the Python file called `name`.
///
/// # Errors
/// Always: this is the program without the feature `python`.
#[cfg(not(feature = "python"))]
pub fn translate(name: &str, _: &str, _: Option<&str>) -> Result<Translation, TextError> {
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

//! Pipelines that have a name.

use std::path::Path;

use super::compat::with_compat;
use super::compile::Pipeline;
use super::python::{self, Wanted};
use super::spec::Spec;
use crate::base::{Explain, Kind, Shape};
use crate::ops;
use crate::text::complaint::{Complaint, TextError};
use crate::text::suggest::{nearest, nearest_path};
use crate::text::tree as source;

/// A YAML file that is part of the program and has a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// The file's content; its first line is a comment of one sentence.
    pub text: &'static str,
}

impl Preset {
    /// One sentence: the first line of the file.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches("# ")
    }
}

/// A list of [`Preset`]s: each name stands for the file `presets/NAME.yaml` beside the file that this stands in.
macro_rules! presets {
    ($($name:literal),+ $(,)?) => {
        &[$(
            $crate::pipeline::presets::Preset {
                name: $name,
                text: include_str!(concat!("presets/", $name, ".yaml")),
            }
        ),+]
    };
}
pub(crate) use presets;

/// All presets, sorted by name.
pub const PRESETS: &[Preset] = self::presets! {
    "elastic",
    "imgaug-heavy",
    "imgaug-light",
};

/// The preset called `name`.
#[must_use]
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The text of a pipeline that is named on a command line: the name of a preset, or the path of a file.
/// A file wins over a preset of its name only with a path separator or an extension in it.
///
/// # Errors
/// A file that cannot be read; the help then names the presets.
pub fn text_of(name_or_path: &str) -> Result<String, TextError> {
    if let Some(preset) = preset(name_or_path) {
        return Ok(preset.text.to_owned());
    }
    let limit = python::most_bytes(name_or_path);
    let path = Path::new(name_or_path);
    let read = if python::is_python(name_or_path) {
        source::read_decoded(path, "pipeline", limit, python::decoded)
    } else {
        source::read_up_to(path, "pipeline", limit)
    };
    read.map_err(|error| {
        if error.kind() == Kind::Missing && ops::entry(name_or_path).is_some() {
            return error.with_help(format!(
                "{name_or_path} is an operation, and a step of a pipeline file; `mnistaug pipeline show {name_or_path}` has examples"
            ));
        }
        // What is there is no slip of a preset's name.
        if name_or_path.contains(['/', '\\', '.']) || path.is_file() {
            return if let Some(near) = nearest_path(Path::new(name_or_path))
                && error.kind() == Kind::Missing
            {
                error.with_help(format!("Did you mean {}?", near.display()))
            } else if error.kind() == Kind::Missing {
                error.with_help(
                    "Check the spelling; `mnistaug pipeline list` shows the presets, which need no file",
                )
            } else {
                error
            };
        }
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        let help = match nearest(name_or_path, names.iter().copied()) {
            Some(near) => format!("Did you mean the preset {near}?"),
            None => format!("Give the path of a pipeline file or one of the presets {}", names.join(", ")),
        };
        error.with_help(help)
    })
}

/// A pipeline that was named on a command line.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the user calls it.
    pub name: String,
    /// The text that places are counted in: what it came from, or the code in a notebook.
    pub text: String,
    /// The pipeline.
    pub spec: Spec,
    /// What a user should know of it.
    pub warnings: Vec<String>,
    /// What was passed over because it does nothing to bytes, each with its place.
    pub passed: Vec<String>,
    /// Each `compat` that was wanted, and how many steps have it now.
    pub compat: Vec<(String, usize)>,
}

/// Reads a pipeline that is named on a command line, as [`text_of`]; of a Python file or a notebook the one that is
/// wanted.
///
/// # Errors
/// As [`load`], and a choice for a file that is no Python.
pub fn open(name_or_path: &str, wanted: &Wanted<'_>) -> Result<Loaded, TextError> {
    let text = text_of(name_or_path)?;
    loaded(name_or_path, text, wanted)
}

/// Reads the pipeline in `text`, which is the content of what is called `name`; of a Python file or a notebook the one
/// that is wanted.
///
/// # Errors
/// What is wrong with it, and a choice for a file that is no Python.
pub fn loaded(name: &str, text: String, wanted: &Wanted<'_>) -> Result<Loaded, TextError> {
    let (mut loaded, left) = if preset(name).is_none() && python::is_python(name) {
        let python::Translation { spec, warnings, passed, compat, code } =
            python::translate(name, &text, wanted)?;
        (Loaded { name: name.to_owned(), text: code, spec, warnings, passed, compat: Vec::new() }, compat)
    } else {
        (parsed(name, text, wanted)?, wanted.compat.to_vec())
    };
    for compat in left {
        let (spec, count) = with_compat(&loaded.spec, name, &compat)?;
        loaded.spec = spec;
        loaded.compat.push((compat, count));
    }
    Ok(loaded)
}

/// A pipeline file, from which nothing is chosen.
fn parsed(name: &str, text: String, wanted: &Wanted<'_>) -> Result<Loaded, TextError> {
    if let Some(option) = wanted.option() {
        let message = format!("{option}: only Python files have pipelines to choose from");
        return Err(Complaint::new(None, message).help("Leave it out").in_text(name, ""));
    }
    let spec = Spec::parse(name, &text)?;
    let (warnings, passed, compat) = (Vec::new(), Vec::new(), Vec::new());
    Ok(Loaded { name: name.to_owned(), text, spec, warnings, passed, compat })
}

/// Reads a pipeline that is named on a command line, as [`text_of`].
///
/// # Errors
/// A file that cannot be read, and what is wrong with its content.
pub fn load(name_or_path: &str) -> Result<Spec, TextError> {
    Spec::parse(name_or_path, &text_of(name_or_path)?)
}

/// Reads a pipeline that is named on a command line, as [`text_of`], and prepares it for images of shape
/// `shape`; every image must come out in the same shape.
///
/// # Errors
/// As [`load`], and a step that makes images of different shapes.
pub fn compile(name_or_path: &str, shape: Shape) -> Result<Pipeline, TextError> {
    let loaded = open(name_or_path, &Wanted::default())?;
    Pipeline::rectangular(loaded.spec, shape, name_or_path, &loaded.text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn operations_are_no_pipelines_and_that_is_said() {
        for name in ["fliplr", "mnist_c.fog", "torchvision.random_rotation"] {
            let help = text_of(name).unwrap_err().help().unwrap();
            assert!(help.contains("is an operation"), "{help}");
        }
        assert!(!text_of("no.such").unwrap_err().help().unwrap().contains("is an operation"));
    }

    #[test]
    fn every_file_of_the_folder_is_a_preset_that_says_what_it_is() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pipeline/presets");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let names: Vec<String> = PRESETS.iter().map(|preset| format!("{}.yaml", preset.name)).collect();
        assert_eq!(names, files);
        for preset in PRESETS {
            assert!(preset.text.starts_with("# "), "{}", preset.name);
            assert!(preset.summary().ends_with('.'), "{}: {}", preset.name, preset.summary());
        }
    }
}

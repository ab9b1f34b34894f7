//! Pipelines that have a name.

use std::path::Path;

use super::compile::Pipeline;
use super::python;
use super::spec::Spec;
use crate::base::{Explain, Kind, Shape};
use crate::text::complaint::{Complaint, TextError};
use crate::text::suggest::nearest;
use crate::text::tree as source;

/// A pipeline file that is part of the program.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// The file's content.
    pub text: &'static str,
}

/// All presets.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "elastic",
        summary: "The classic deformation of gray digits: a smooth elastic field and a small affine map.",
        text: include_str!("presets/elastic.yaml"),
    },
    Preset {
        name: "imgaug-heavy",
        summary: "Strong augmentation with everything in random order, after imgaug's example.",
        text: include_str!("presets/imgaug-heavy.yaml"),
    },
    Preset {
        name: "imgaug-light",
        summary: "A little color, a crop and a small rotation.",
        text: include_str!("presets/imgaug-light.yaml"),
    },
];

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
    source::read(Path::new(name_or_path), "pipeline").map_err(|error| {
        if name_or_path.contains(['/', '\\', '.']) {
            return if error.kind() == Kind::Missing {
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
    /// The text it came from.
    pub text: String,
    /// The pipeline.
    pub spec: Spec,
    /// What a user should know of it.
    pub warnings: Vec<String>,
}

/// Reads a pipeline that is named on a command line, as [`text_of`]; of a Python file the one assigned to
/// `variable`, if there is one given.
///
/// # Errors
/// As [`load`], and a variable for a file that is no Python.
pub fn open(name_or_path: &str, variable: Option<&str>) -> Result<Loaded, TextError> {
    let (name, text) = (name_or_path.to_owned(), text_of(name_or_path)?);
    let is_python = preset(name_or_path).is_none() && python::is_python(name_or_path);
    let (spec, warnings) = match variable {
        _ if is_python => {
            let translation = python::translate(name_or_path, &text, variable)?;
            (translation.spec, translation.warnings)
        }
        Some(variable) => {
            let message = format!("--name {variable}: only Python files have pipelines with names");
            return Err(Complaint::new(None, message).in_text(name_or_path, ""));
        }
        None => (Spec::parse(name_or_path, &text)?, Vec::new()),
    };
    Ok(Loaded { name, text, spec, warnings })
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
    let text = text_of(name_or_path)?;
    Pipeline::rectangular(Spec::parse(name_or_path, &text)?, shape, name_or_path, &text)
}

//! A recipe file, opened: its stages, and errors about it.

use std::path::Path;

use crate::base::{Explain, Fault, Kind};
use crate::pipeline::python::Wanted;
use crate::pipeline::{Spec, presets as pipelines};
use crate::recipe::augment::PipelineText;
use crate::recipe::parameters::{ALL, Asked};
use crate::recipe::stage::{self, Pipelines, Stage, StageError, WHAT};
use crate::sources::nodes::augment::kept;
use crate::text::suggest::{nearest, nearest_path};
use crate::text::{Complaint, Key, TextError, Tree, Value, tree};
use crate::ui::Ui;

use super::{export, presets};

/// A recipe file, read.
pub(super) struct RecipeFile {
    name: String,
    text: String,
    pub(super) stages: Vec<Stage>,
}

impl RecipeFile {
    /// The text of a file or a preset.
    pub(super) fn text(name: &str) -> Result<String, Fault> {
        Ok(match presets::find(name) {
            Some(preset) => preset.text.to_owned(),
            None => tree::read(Path::new(name), WHAT).map_err(|error| missing(name, error))?,
        })
    }

    /// Reads a text, with what is said of its parameters.
    pub(super) fn read(name: &str, text: &str, asked: Asked<'_>) -> Result<Self, Fault> {
        let mut file = Self { name: name.to_owned(), text: text.to_owned(), stages: Vec::new() };
        file.stages =
            stage::stages(&file.text, export::keys(), asked).map_err(|complaint| file.complain(complaint))?;
        Ok(file)
    }

    /// The variants that are meant: the one that is asked for, all of them, or none.
    pub(super) fn variants(
        name: &str,
        text: &str,
        asked: Option<&str>,
    ) -> Result<Vec<Option<String>>, Fault> {
        let (all, usual) = stage::variants(text).map_err(|complaint| complaint.in_text(name, text))?;
        let asked = asked.map(str::to_owned).or(usual);
        Ok(match asked {
            Some(asked) if asked == ALL && !all.is_empty() => all.into_iter().map(Some).collect(),
            asked => vec![asked],
        })
    }

    /// The error about this file.
    pub(super) fn complain(&self, complaint: Complaint) -> Fault {
        complaint.in_text(&self.name, &self.text).into()
    }

    /// The error about a stage, or about what it names.
    pub(super) fn fail(&self, error: StageError) -> Fault {
        match error {
            StageError::Here(complaint) => self.complain(complaint),
            StageError::Elsewhere(fault) => fault,
        }
    }
}

/// Where there is no such file, what else could have been meant.
fn missing(name: &str, error: TextError) -> TextError {
    if error.kind() == Kind::Missing {
        if let Some(near) = nearest_path(Path::new(name)) {
            return error.with_help(format!("Did you mean {}?", near.display()));
        }
        let names = || presets::PRESETS.iter().map(|preset| preset.name);
        // `moving` is meant for `moving-mnist`.
        let part = || names().find(|own| own.split('-').any(|word| word == name));
        if let Some(near) = nearest(name, names()).or_else(part) {
            return error.with_help(format!("Did you mean the preset {near}?"));
        }
        return error
            .with_help("Give the path of a recipe file, or a preset; `mnistaug run --list` shows these");
    }
    error
}

/// Where the stages of a file get their pipelines.
pub(super) struct Doors<'a> {
    pub(super) file: &'a RecipeFile,
    pub(super) ui: Ui,
}

impl Pipelines for Doors<'_> {
    fn named(&mut self, name: &str, variable: Option<&str>) -> Result<PipelineText, Fault> {
        let loaded = pipelines::open(name, &Wanted { name: variable, ..Wanted::default() })?;
        loaded.warnings.iter().for_each(|warning| self.ui.warn(warning));
        kept(&loaded.name, &loaded.text, &loaded.spec)
    }

    fn written(&mut self, steps: &Tree) -> Result<PipelineText, Complaint> {
        let key = |text: &str| Key { at: steps.at, text: text.to_owned() };
        let version = Tree { at: steps.at, value: Value::Int(1) };
        let whole = Value::Map(vec![(key("version"), version), (key("pipeline"), steps.clone())]);
        let spec = Spec::of_tree(&Tree { at: steps.at, value: whole })?;
        kept(&self.file.name, &self.file.text, &spec)
            .map_err(|error| Complaint::new(steps.at, error.to_string()))
    }
}

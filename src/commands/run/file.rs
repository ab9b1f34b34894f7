//! Recipe files. A stage is called as a command, and its keys are the options of that command: they are read by the parser of the
//! command line itself, so that both mean the same.

use std::path::Path;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::text::suggest::nearest;
use crate::text::tree::{self as source, Tree, Value};
use crate::text::{At, Complaint};
use crate::ui::Failure;

/// A recipe file that is part of the program.
pub(super) struct Preset {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) text: &'static str,
}

pub(super) const PRESETS: &[Preset] = &[
    Preset {
        name: "notebook",
        summary: "Colorize, augment, split 70 to 30, and write four CSV files as pandas does: 720,000 images of MNIST.",
        text: include_str!("presets/notebook.yaml"),
    },
    Preset {
        name: "notebook-npz",
        summary: "The same as one NPZ file with x_train, y_train, x_test and y_test.",
        text: include_str!("presets/notebook-npz.yaml"),
    },
];

/// What a stage may be called.
const STAGES: [&str; 7] = ["input", "concat", "colorize", "quadrant", "augment", "split", "export"];

/// Options of a command that a stage has no use for: what it reads is what the stage before it makes, and only the last one writes.
const OF_INPUT: [&str; 12] = [
    "input",
    "split",
    "splits",
    "labels",
    "range",
    "limit",
    "label_file",
    "classes",
    "float_range",
    "shape",
    "gray",
    "resize",
];
const OF_OUTPUT: [&str; 9] =
    ["out", "format", "shard_size", "compress", "part", "force", "dry_run", "trace", "indices"];

/// The preset of this name.
pub(super) fn preset(name: &str) -> Result<&'static Preset, Failure> {
    PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| {
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        Failure::new(
            crate::base::Kind::Usage,
            format!("there is no recipe called {name:?}"),
            Some(&format!("the presets are {}", names.join(" and "))),
        )
    })
}

/// A recipe file, read.
pub(super) struct RecipeFile {
    name: String,
    text: String,
    pub(super) stages: Vec<Stage>,
}

/// One stage of a recipe.
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) at: At,
    options: Tree,
}

impl RecipeFile {
    /// Opens a file or a preset.
    pub(super) fn open(name: &str) -> Result<Self, Failure> {
        let text = match PRESETS.iter().find(|preset| preset.name == name) {
            Some(preset) => preset.text.to_owned(),
            None => source::read(Path::new(name)).map_err(|error| {
                error.with_help(
                    "Give the path of a recipe file, or a preset; `mnistaug run --list` shows these",
                )
            })?,
        };
        let mut file = Self { name: name.to_owned(), text, stages: Vec::new() };
        file.stages = file.read().map_err(|complaint| file.complain(complaint))?;
        Ok(file)
    }

    fn read(&self) -> Result<Vec<Stage>, Complaint> {
        let tree = source::parse(&self.text)?;
        let Value::Map(entries) = &tree.value else {
            return Err(Complaint::new(
                tree.at,
                format!("expected `version` and `recipe`, found {}", tree.kind()),
            )
            .help("Begin the file with `version: 1`, then `recipe:` and a list of stages"));
        };
        if let Some((key, _)) =
            entries.iter().find(|(key, _)| !["version", "recipe"].contains(&key.text.as_str()))
        {
            return Err(Complaint::new(key.at, format!("unknown key {:?}", key.text))
                .help("A recipe file has the keys `version` and `recipe`"));
        }
        let find = |name: &str| entries.iter().find(|(key, _)| key.text == name).map(|(_, value)| value);
        match find("version").map(|value| &value.value) {
            Some(Value::Int(1)) => {}
            _ => {
                return Err(Complaint::new(find("version").map(|v| v.at), "expected `version: 1`")
                    .help("Write `version: 1` at the top"));
            }
        }
        let Some(list) = find("recipe") else {
            return Err(
                Complaint::new(tree.at, "there is no `recipe`").help("Add `recipe:` and a list of stages")
            );
        };
        stages(list)
    }

    /// The error about this file.
    pub(super) fn complain(&self, complaint: Complaint) -> Failure {
        complaint.in_text(&self.name, &self.text).into()
    }

    /// A stage that is a command which is none.
    pub(super) fn strange(&self, stage: &Stage) -> Failure {
        self.complain(Complaint::new(stage.at, format!("{} is no stage here", stage.name)))
    }
}

/// The stages of a list.
fn stages(list: &Tree) -> Result<Vec<Stage>, Complaint> {
    let Value::List(items) = &list.value else {
        return Err(Complaint::new(list.at, format!("expected a list of stages, found {}", list.kind()))
            .help("Write each stage as `- name: { option: value }`"));
    };
    let mut stages = Vec::with_capacity(items.len());
    for item in items {
        let (name, at, options) = match &item.value {
            Value::Text(name) => (name.clone(), item.at, Tree { at: item.at, value: Value::Null }),
            Value::Map(entries) if entries.len() == 1 => {
                let (key, value) = &entries[0];
                (key.text.clone(), key.at, value.clone())
            }
            _ => {
                return Err(Complaint::new(item.at, format!("expected one stage, found {}", item.kind()))
                    .help("Write each stage as `- name: { option: value }`"));
            }
        };
        if !STAGES.contains(&name.as_str()) {
            let help = match nearest(&name, STAGES.iter().copied()) {
                Some(near) => format!("Did you mean {near}?"),
                None => format!("Stages are {}", STAGES.join(", ")),
            };
            return Err(Complaint::new(at, format!("there is no stage {name:?}")).help(help));
        }
        if name == "input" && !stages.is_empty() {
            return Err(Complaint::new(at, "input is not the first stage")
                .help("Put it at the front; more images come in by `concat`"));
        }
        stages.push(Stage { name, at, options });
    }
    Ok(stages)
}

impl Stage {
    /// The chains of a `concat`.
    pub(super) fn chains(&self, file: &RecipeFile) -> Result<Vec<Vec<Self>>, Failure> {
        let Value::List(items) = &self.options.value else {
            let found = self.options.kind();
            let complaint =
                Complaint::new(self.options.at, format!("expected a list of chains, found {found}")).help(
                    "Write `concat: [ [ input: out/other ], [ input: data/more, colorize: { seed: 2 } ] ]`",
                );
            return Err(file.complain(complaint));
        };
        items.iter().map(|item| stages(item).map_err(|complaint| file.complain(complaint))).collect()
    }

    /// A pipeline that is written out in the stage, as JSON.
    pub(super) fn inline_pipeline(&self) -> Option<String> {
        let Value::Map(entries) = &self.options.value else { return None };
        let (_, steps) = entries.iter().find(|(key, _)| key.text == "pipeline")?;
        matches!(steps.value, Value::List(_))
            .then(|| serde_json::json!({ "version": 1, "pipeline": json(steps) }).to_string())
    }

    /// The stage as the command that it is.
    pub(super) fn parse(&self, file: &RecipeFile, command: &str) -> Result<Command, Failure> {
        let words = self.words(command).map_err(|complaint| file.complain(complaint))?;
        match Cli::try_parse_from(["mnistaug".to_owned(), command.to_owned()].into_iter().chain(words)) {
            Ok(cli) => Ok(cli.command),
            Err(error) => Err(file.complain(self.complaint(&error))),
        }
    }

    /// The options as they would be typed.
    fn words(&self, command: &str) -> Result<Vec<String>, Complaint> {
        let entries = match &self.options.value {
            Value::Null => return Ok(Vec::new()),
            // What is read may stand there by itself.
            Value::Text(_) | Value::List(_) if self.name == "input" => {
                return self.word("input", &self.options);
            }
            Value::Map(entries) => entries,
            _ => {
                return Err(Complaint::new(
                    self.options.at,
                    format!("expected options, found {}", self.options.kind()),
                )
                .help(format!("Write `{}: {{ option: value }}`", self.name)));
            }
        };
        let mut words = Vec::new();
        for (key, value) in entries {
            let name = key.text.replace('-', "_");
            let is_input = self.name == "input";
            if !is_input && OF_INPUT.contains(&name.as_str()) {
                return Err(Complaint::new(
                    key.at,
                    format!("{} takes what the stage before it makes", self.name),
                )
                .help("Choose images in the first stage, `input`"));
            }
            if command != "export" && OF_OUTPUT.contains(&name.as_str())
                || is_input && !OF_INPUT.contains(&name.as_str())
            {
                return Err(Complaint::new(
                    key.at,
                    format!("{} has no option {:?} here", self.name, key.text),
                )
                .help(if is_input {
                    format!("Its options are {}", OF_INPUT.join(", "))
                } else {
                    "Only the last stage, `export`, writes".into()
                }));
            }
            if name == "pipeline" && matches!(value.value, Value::List(_)) {
                continue;
            }
            words.extend(self.word(&name, value)?);
        }
        Ok(words)
    }

    /// One option as it would be typed.
    fn word(&self, name: &str, value: &Tree) -> Result<Vec<String>, Complaint> {
        let option = format!("--{}", name.replace('_', "-"));
        Ok(match &value.value {
            Value::Bool(true) => vec![option],
            Value::Bool(false) | Value::Null => vec![],
            Value::Int(number) => vec![format!("{option}={number}")],
            Value::Float(number) => vec![format!("{option}={number:?}")],
            Value::Text(text) => vec![format!("{option}={text}")],
            // Several inputs are several options; other lists are what is typed with commas.
            Value::List(items) if name == "input" => {
                items.iter().map(|item| self.word(name, item)).collect::<Result<Vec<_>, _>>()?.concat()
            }
            Value::List(items) => {
                let parts: Vec<String> = items
                    .iter()
                    .map(|item| match json(item) {
                        serde_json::Value::String(text) => text,
                        other => other.to_string(),
                    })
                    .collect();
                vec![format!("{option}={}", parts.join(","))]
            }
            Value::Map(_) => {
                return Err(Complaint::new(value.at, format!("expected a value of {name}, found a mapping"))
                    .help(format!("See `mnistaug {} --help`", self.name)));
            }
        })
    }

    /// What the command line's parser says, at the option that it says it of.
    fn complaint(&self, error: &clap::Error) -> Complaint {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let mut at = self.at;
        let mut known = message.clone();
        if let Value::Map(entries) = &self.options.value {
            for (key, _) in entries {
                let option = format!("--{}", key.text.replace('_', "-"));
                if message.contains(&option) {
                    at = key.at;
                    known = message.replace(&option, &key.text);
                }
            }
        }
        let tip = text.lines().find_map(|line| line.trim().strip_prefix("tip: "));
        let help = match tip {
            Some(tip) => tip.replace("--", ""),
            None => format!(
                "Its keys are the options of `mnistaug {0}`; see `mnistaug {0} --help`",
                self.command()
            ),
        };
        Complaint::new(at, format!("{}: {known}", self.name)).help(help)
    }

    fn command(&self) -> &str {
        if self.name == "input" { "export" } else { &self.name }
    }
}

fn json(tree: &Tree) -> serde_json::Value {
    match &tree.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Text(text) => text.clone().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.text.clone(), json(value))).collect(),
    }
}

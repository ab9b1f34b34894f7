//! What `mnistaug pipeline` prints: the operations, one of them in full, the JSON schema, and a check.

use std::fmt;

use std::fmt::Write;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::combinators;
use super::compile::Pipeline;
use super::presets::{Loaded, PRESETS};
use super::python;
use super::spec::{Kind, Spec, Step, VERSION, names};
use crate::base::{Kind as FaultKind, Shape};
use crate::ops::{self, Entry};
use crate::text::complaint::TextError;
use crate::text::read;

/// What `pipeline check` found out about a pipeline that is right.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Name of the preset or path of the file.
    pub pipeline: String,
    /// Operations in it, counting those in all branches.
    pub operations: usize,
    /// Steps in it: operations and combinators.
    pub steps: usize,
    /// The shape of the images that the check was made for.
    pub shape_in: Shape,
    /// The shape of the images that come out, if it is always the same.
    pub shape_out: Option<Shape>,
    /// The step by which shapes vary, if they do.
    pub varies: Option<String>,
    /// What differs from the Python that it was.
    pub warnings: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.steps == 1 { "" } else { "s" };
        write!(f, "{}: {} step{s}", self.pipeline, self.steps)?;
        if self.operations != self.steps {
            write!(f, ", {} of them operations", self.operations)?;
        }
        write!(f, "; images of {} become ", self.shape_in)?;
        match (self.shape_out, &self.varies) {
            (Some(shape), _) => write!(f, "{shape}"),
            (None, Some(why)) => write!(f, "images of different sizes\nnote: {why}"),
            (None, None) => write!(f, "images of different sizes"),
        }
    }
}

/// Checks a pipeline for images of shape `shape`.
///
/// # Errors
/// What is wrong with it, and where.
pub fn check(loaded: Loaded, shape: Shape) -> Result<Report, TextError> {
    let Loaded { name, text, spec, warnings, passed: _, compat: _ } = loaded;
    let (mut steps, mut operations) = (0, 0);
    spec.for_each(&mut |step: &Step| {
        steps += 1;
        operations += usize::from(matches!(step.kind, Kind::Op(_)));
    });
    let pipeline = Pipeline::new(spec, shape).map_err(|complaint| complaint.in_text(&name, &text))?;
    let out = pipeline.shape_out();
    Ok(Report {
        operations,
        steps,
        shape_in: shape,
        shape_out: out.ok(),
        varies: out.err().map(|complaint| complaint.clone().in_text(&name, &text).to_string()),
        pipeline: name,
        warnings,
    })
}

/// A step of a pipeline, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its name.
    pub step: &'static str,
    /// How many combinators are around it.
    pub depth: usize,
    /// The file and the place in it, if it comes from one.
    pub at: Option<String>,
}

/// A line, shifted to the right by its depth.
impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.as_deref().map(|at| format!("{at}: ")).unwrap_or_default();
        write!(f, "{:1$}{at}{2}", "", 2 * self.depth, self.step)
    }
}

/// All steps of the pipeline in the file called `name`, those in branches behind their combinator.
#[must_use]
pub fn listed(name: &str, spec: &Spec) -> Vec<Listed> {
    fn walk(name: &str, steps: &[Step], depth: usize, all: &mut Vec<Listed>) {
        for step in steps {
            let at = step.at.map(|at| format!("{name}{at}"));
            all.push(Listed { step: step.kind.key(), depth, at });
            for branch in step.kind.branches() {
                walk(name, branch, depth + 1, all);
            }
        }
    }
    let mut all = Vec::new();
    walk(name, &spec.pipeline, 0, &mut all);
    all
}

/// All operations, combinators and presets with a sentence each, as text.
#[must_use]
pub fn list() -> String {
    let presets = PRESETS.iter().map(|preset| (preset.name, preset.summary())).collect();
    let combinators = combinators::ENTRIES.iter().map(|entry| (entry.key, entry.doc.summary)).collect();
    let mut sections: Vec<(String, Vec<(&str, &str)>)> =
        vec![("Presets".to_owned(), presets), ("Combinators".to_owned(), combinators)];
    for room in ops::ENTRIES.chunk_by(|a, b| a.peer == b.peer) {
        let operations = room.iter().map(|entry| (entry.key, entry.doc.summary)).collect();
        sections.push((format!("Operations of {}", room[0].peer), operations));
    }
    let mut out = String::new();
    for (title, lines) in sections {
        let _ = writeln!(out, "{}{title}", if out.is_empty() { "" } else { "\n" });
        for (key, summary) in lines {
            let _ = writeln!(out, "  {key:<26} {summary}");
        }
    }
    out
}

/// As [`list`], as JSON.
#[must_use]
pub fn list_json() -> Value {
    json!({
        "presets": PRESETS.iter().map(|p| json!({"name": p.name, "summary": p.summary()})).collect::<Vec<_>>(),
        "combinators": combinators::ENTRIES
            .iter()
            .map(|e| json!({"name": e.key, "summary": e.doc.summary}))
            .collect::<Vec<_>>(),
        "operations":
            ops::ENTRIES
                .iter()
                .map(|e| json!({"name": e.key, "peer": e.peer, "summary": e.doc.summary}))
                .collect::<Vec<_>>(),
    })
}

/// Everything about one operation or combinator.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// Peculiarities.
    pub notes: String,
    /// The key that a bare value stands for.
    pub short: Option<String>,
    /// Its keys.
    pub keys: Vec<ShownKey>,
    /// Calls of other libraries that become it.
    pub python: Vec<String>,
    /// Steps as they stand in a pipeline file.
    pub examples: Vec<String>,
}

/// One key of an operation.
#[derive(Clone, Debug, Serialize)]
pub struct ShownKey {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub form: String,
    /// The value if it is left out; none if it must be given or has none.
    pub default: Option<Value>,
    /// Whether it must be given.
    pub required: bool,
    /// What it means.
    pub description: String,
}

/// Describes the operation or combinator called `name`.
///
/// # Errors
/// A name that does not exist, with the nearest that does.
pub fn show(name: &str) -> Result<Shown, TextError> {
    if let Some(entry) = ops::entry(name) {
        return Ok(shown(entry));
    }
    if let Some(entry) = combinators::entry(name) {
        let schema = combinator_schema(entry, &mut generator());
        return Ok(Shown {
            name: name.to_owned(),
            summary: entry.doc.summary.to_owned(),
            notes: String::new(),
            short: entry.doc.short.map(str::to_owned),
            keys: keys(&schema),
            python: Vec::new(),
            examples: entry.doc.examples.iter().map(|text| (*text).to_owned()).collect(),
        });
    }
    let known: Vec<&str> = names().chain(PRESETS.iter().map(|preset| preset.name)).collect();
    let complaint = read::unknown("operation or preset", name, &known);
    Err(TextError::of_file("pipeline show", FaultKind::Usage, complaint.message)
        .with_help("`mnistaug pipeline list` shows all of them"))
}

fn shown(entry: &Entry) -> Shown {
    let schema = Value::from((entry.schema)(&mut generator()));
    Shown {
        name: entry.key.to_owned(),
        summary: entry.doc.summary.to_owned(),
        notes: entry.doc.notes.to_owned(),
        short: entry.doc.short.map(str::to_owned),
        keys: keys(&schema),
        python: python::signatures(entry.key),
        examples: entry.doc.examples.iter().map(|text| (*text).to_owned()).collect(),
    }
}

impl Shown {
    /// The description as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{}: {}\n", self.name, self.summary);
        if !self.notes.is_empty() {
            let _ = writeln!(out, "{}", self.notes);
        }
        if !self.keys.is_empty() {
            out.push_str("\nKeys\n");
        }
        for key in &self.keys {
            let default = match (&key.default, key.required) {
                (_, true) => "required".to_owned(),
                (Some(Value::Null) | None, false) => "optional".to_owned(),
                (Some(value), false) => format!("default {value}"),
            };
            let _ = writeln!(out, "  {}: {} ({default})", key.name, key.form);
            for line in key.description.lines() {
                let _ = writeln!(out, "      {line}");
            }
        }
        if let Some(short) = &self.short {
            let _ = writeln!(out, "\nA bare value stands for {short}.");
        }
        if !self.python.is_empty() {
            out.push_str("\nIn Python\n");
        }
        for call in &self.python {
            let _ = writeln!(out, "  {call}");
        }
        out.push_str("\nExamples\n");
        for example in &self.examples {
            let _ = writeln!(out, "  - {}", example.replace('\n', "\n    "));
        }
        out
    }
}

/// A generator that writes everything where it is used.
fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator()
}

/// The keys of an object's schema.
fn keys(schema: &Value) -> Vec<ShownKey> {
    let required = |name: &str| {
        schema["required"].as_array().is_some_and(|list| list.iter().any(|own| own.as_str() == Some(name)))
    };
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    properties
        .iter()
        .map(|(name, property)| ShownKey {
            name: name.clone(),
            form: form(property),
            default: property.get("default").cloned(),
            required: required(name),
            description: property["description"].as_str().unwrap_or("").to_owned(),
        })
        .collect()
}

/// What a schema allows, in the notation of pipeline files.
fn form(schema: &Value) -> String {
    if let Some(alternatives) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let mut forms: Vec<String> = Vec::new();
        for alternative in alternatives.iter().map(form).filter(|form| form != "null") {
            if !forms.contains(&alternative) {
                forms.push(alternative);
            }
        }
        return forms.join(" | ");
    }
    if let Some(values) = schema["enum"].as_array() {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return values.iter().map(plain).collect::<Vec<_>>().join(" | ");
    }
    if let Some(value) = schema["const"].as_str() {
        return value.to_owned();
    }
    if schema["type"] == "array" {
        let pair = schema["maxItems"] == 2 && schema["minItems"] == 2;
        let numbers = schema["items"]["type"] == "number" || schema["items"]["type"] == "integer";
        return if pair && numbers { "[lo, hi]".to_owned() } else { "[...]".to_owned() };
    }
    if let ("object", Some(title)) = (schema["type"].as_str().unwrap_or_default(), schema["title"].as_str()) {
        return format!("{{{title}}}");
    }
    if schema["type"] == "object" {
        let names = schema["properties"].as_object().cloned().unwrap_or_default();
        let inner: Vec<String> = names.keys().map(|name| format!("{name}: ...")).collect();
        return format!("{{{}}}", inner.join(", ")).replace("choice: ...", "choice: [...]");
    }
    match &schema["type"] {
        Value::String(name) => name.replace("boolean", "true | false"),
        Value::Array(names) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).filter(|n| *n != "null").collect();
            names.join(" | ")
        }
        _ => "any".to_owned(),
    }
}

/// The JSON schema of pipeline files, for editors.
#[must_use]
pub fn schema() -> Value {
    let mut generator = generator();
    let mut steps = Map::new();
    for entry in combinators::ENTRIES {
        let full = combinator_schema(entry, &mut generator);
        let all = match entry.doc.short {
            Some(short) => json!({ "anyOf": [full, full["properties"][short]] }),
            None => full,
        };
        steps.insert(entry.key.to_owned(), described(all, entry.doc.summary));
    }
    for entry in ops::ENTRIES {
        let full = Value::from((entry.schema)(&mut generator));
        let all = match entry.doc.short {
            Some(short) => json!({ "anyOf": [full, full["properties"][short]] }),
            None => full,
        };
        steps.insert(entry.key.to_owned(), described(all, entry.doc.summary));
    }
    let keys: Vec<&str> = ops::ENTRIES.iter().map(|entry| entry.key).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mnistaug pipeline",
        "type": "object",
        "properties": {
            "version": { "const": VERSION, "description": "Version of the format." },
            "pipeline": { "$ref": "#/$defs/steps", "description": "The steps, in order." }
        },
        "required": ["version", "pipeline"],
        "additionalProperties": false,
        "$defs": {
            "steps": { "anyOf": [
                { "type": "array", "items": { "$ref": "#/$defs/step" } },
                { "$ref": "#/$defs/step" }
            ] },
            "step": { "anyOf": [
                {
                    "type": "object",
                    "properties": steps,
                    "additionalProperties": false,
                    "minProperties": 1,
                    "maxProperties": 1
                },
                { "enum": keys }
            ] }
        }
    })
}

fn described(mut schema: Value, summary: &str) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("title");
        object.insert("description".to_owned(), summary.into());
    }
    schema
}

/// The schema of a combinator's full form: its parameters and its branches.
fn combinator_schema(entry: &combinators::Entry, generator: &mut SchemaGenerator) -> Value {
    let params = Value::from((entry.schema)(generator));
    let mut properties = params["properties"].as_object().cloned().unwrap_or_default();
    let mut required = params["required"].as_array().cloned().unwrap_or_default();
    for branch in entry.doc.branches {
        properties.insert(branch.key.to_owned(), steps_schema(branch.summary));
        if branch.required {
            required.push(branch.key.into());
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false
    })
}

fn steps_schema(description: &str) -> Value {
    json!({ "$ref": "#/$defs/steps", "type": "array", "description": description })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_the_list_can_be_shown() {
        let list = list();
        for name in names() {
            assert!(list.contains(name));
            let shown = show(name).unwrap();
            let text = shown.text();
            assert!(!text.contains("any ("), "{text}");
            for example in &shown.examples {
                super::super::parse_step(example).unwrap_or_else(|error| panic!("{error}"));
            }
        }
        let error = show("afine_transform").unwrap_err().to_string();
        assert!(error.contains("unknown operation or preset"), "{error}");
    }

    #[test]
    fn the_text_names_keys_forms_and_defaults() {
        let text = show("add").unwrap().text();
        assert!(
            text.contains(
                "value: number | [lo, hi] | {choice: [...]} | {normal: [mean, deviation], ...} (required)"
            ),
            "{text}"
        );
        assert!(text.contains("per_channel: number | true | false (default 0.0)"), "{text}");
    }

    #[test]
    #[cfg(feature = "python")]
    fn operations_say_what_they_are_called_in_python() {
        let python = |key| show(key).unwrap().python.join("; ");
        assert_eq!(
            python("fliplr"),
            "iaa.Fliplr(p); iaa.HorizontalFlip(p); transforms.RandomHorizontalFlip(p)"
        );
        assert_eq!(python("torchvision.pad"), "transforms.Pad(padding, fill, padding_mode)");
        assert_eq!(python("keras.random_flip"), "layers.RandomFlip(mode)");
        assert_eq!(python("adjust_hue"), "tf.image.adjust_hue(image, delta)");
        assert_eq!(
            python("albumentations.rgb_shift"),
            "A.RGBShift(r_shift_limit, g_shift_limit, b_shift_limit, p)"
        );
        assert!(show("affine").unwrap().text().contains("\nIn Python\n  iaa.Affine(scale, "));
        // Corruptions are programs of their own, which nobody's pipeline calls.
        let called =
            ops::ENTRIES.iter().filter(|entry| !["MNIST-C", "ImageNet-C", "n-MNIST"].contains(&entry.peer));
        let silent: Vec<&str> = called.map(|entry| entry.key).filter(|key| python(key).is_empty()).collect();
        assert_eq!(
            silent,
            [
                "pillow.autocontrast",
                "pillow.filter",
                "pillow.gaussian_blur",
                "pillow.rank_filter",
                "binarize",
                "smooth_elastic"
            ]
        );
    }

    #[test]
    fn the_schema_knows_every_step() {
        let schema = schema();
        let steps = schema["$defs"]["step"]["anyOf"][0]["properties"].as_object().unwrap();
        for name in names() {
            assert!(steps.contains_key(name), "{name}");
        }
        assert!(!schema.to_string().contains("\"$ref\":\"#/definitions"), "everything is inline");
    }
}

//! `mnistaug explain`

use std::path::Path;

use serde_json::{Value, json};

use crate::base::{Image, Kind, Label, Sample, Schema, Shape};
use crate::cli::ExplainArgs;
use crate::look::sheet;
use crate::pipeline::presets;
use crate::recipe::augment::{Options, Which};
use crate::recipe::input::Pick;
use crate::recipe::{Augment, Recipe, Splits};
use crate::sources::Open;
use crate::sources::nodes::augment::kept;
use crate::store::Manifest;
use crate::store::manifest::MANIFEST;
use crate::ui::{self, Failure, Ui};

use super::{Context, PictureFile, reads, recipe_on_record};

/// One image of the strip.
struct Frame {
    name: String,
    shape: Shape,
    pixels: Vec<u8>,
}

pub(super) fn run(args: &ExplainArgs, context: &Context) -> Result<(), Failure> {
    let ui = context.ui;
    let data = recipe(args, ui)?.open_watched(&context.watch)?;
    let wanted = args.pick.split.as_deref();
    let Some(split) =
        data.splits.iter().find(|split| wanted.is_none_or(|name| name == "all" || name == split.name))
    else {
        return Err(Failure::new(
            Kind::Usage,
            format!("{}: there is no split {}", args.source.display(), wanted.unwrap_or("at all")),
            Some("`mnistaug info SRC` lists the splits"),
        ));
    };
    let len = split.source.len();
    if args.index >= len {
        return Err(Failure::new(
            Kind::Usage,
            format!(
                "index {}: the split {} has samples 0 to {}",
                args.index,
                split.name,
                len.saturating_sub(1)
            ),
            Some("name an index that the split has; --split NAME chooses another one"),
        ));
    }
    let named: Vec<&Path> = std::iter::once(args.source.as_path())
        .chain(args.pipeline.as_deref().map(Path::new))
        .chain(args.pick.label_file.as_deref())
        .collect();
    let file = args.out.as_ref().map(|path| PictureFile::new(path, args.force, reads(&named, Some(&data))));
    let file = file.transpose()?;
    let mut sample = Sample::default();
    let (mut steps, mut frames) = (Vec::new(), Vec::new());
    split.source.reader().explain(args.index, &mut sample, &mut |told| {
        if !told.drawn.is_null() {
            steps.push(json!({ told.step: told.drawn }));
        }
        frames.push(Frame {
            name: told.step.to_owned(),
            shape: told.image.shape,
            pixels: told.image.data.to_vec(),
        });
    })?;
    let schema = split.source.schema();
    let value = json!({
        "command": "explain",
        "source": args.source.to_string_lossy(),
        "split": split.name,
        "index": args.index,
        "origin": sample.origin,
        "root": root(schema, sample.origin),
        "label": label(sample.label, schema),
        "objects": sample.objects,
        "shape": sample.canvas.shape(),
        "steps": steps,
    });
    if let Some(file) = &file {
        let images: Vec<sheet::Framed<'_>> = frames
            .iter()
            .map(|frame| sheet::Framed {
                image: Image::new(frame.shape, &frame.pixels),
                caption: &frame.name,
            })
            .collect();
        let (shape, pixels) = sheet::strip(&images);
        file.write(Image::new(shape, &pixels))?;
        let s = if images.len() == 1 { "" } else { "s" };
        ui.note(&format!("explain: {} image{s} to {}", images.len(), file.path.display()));
    }
    if ui.wants_json() { ui.summary(&value) } else { ui.data(&text(&value)) }
}

/// What makes the sample: the source through the pipeline that was named, or what the data set's manifest says.
fn recipe(args: &ExplainArgs, ui: Ui) -> Result<Recipe, Failure> {
    let pick = Pick::from(&args.pick);
    let read = || pick.leaf(&args.source, &Splits::All);
    if let Some(name) = &args.pipeline {
        let loaded = presets::open(name, args.name.as_deref())?;
        loaded.warnings.iter().for_each(|warning| ui.warn(warning));
        let pipeline = kept(&loaded.name, &loaded.text, &loaded.spec)?;
        let options = Options { pipeline, which: Which::Copies(1), keep_originals: false, seed: args.seed };
        return Ok(Recipe::Augment(Augment { of: Box::new(pick.picked(read())), options }));
    }
    if args.source.join(MANIFEST).is_file() {
        let manifest = Manifest::read(&args.source)?;
        let recipe = recipe_on_record(&args.source, &manifest)?;
        return Ok(pick.picked(pick.converted(recipe)));
    }
    Ok(pick.picked(read()))
}

/// The collection of source images that an origin lies in, and its index there.
fn root(schema: &Schema, origin: u64) -> Value {
    let mut index = origin;
    for root in &schema.roots {
        match index.checked_sub(root.images) {
            None => return json!({ "name": root.name, "index": index }),
            Some(rest) => index = rest,
        }
    }
    Value::Null
}

fn label(label: Label, schema: &Schema) -> Value {
    let classes: Vec<Value> = (0..=255_u8)
        .zip(&schema.class_names)
        .filter(|(class, _)| label.has(*class))
        .map(|(class, name)| json!({ "class": class, "name": name }))
        .collect();
    json!(classes)
}

/// The same for people.
fn text(value: &Value) -> String {
    let names: Vec<&str> =
        value["label"].as_array().into_iter().flatten().filter_map(|class| class["name"].as_str()).collect();
    let mut lines = vec![
        format!(
            "{} {} of {}",
            value["split"].as_str().unwrap_or(""),
            value["index"],
            value["source"].as_str().unwrap_or("")
        ),
        format!(
            "label   {}",
            if names.is_empty() { "none".to_owned() } else { ui::word(&names.join(", ")).into_owned() }
        ),
        match value["root"]["name"].as_str() {
            Some(name) => format!("origin  image {} of {name}", value["root"]["index"]),
            None => format!("origin  {}", value["origin"]),
        },
    ];
    for (number, step) in value["steps"].as_array().into_iter().flatten().enumerate() {
        for (name, drawn) in step.as_object().into_iter().flatten() {
            lines.push(format!("{:>3}  {name:<28} {drawn}", number + 1));
        }
    }
    lines.join("\n") + "\n"
}

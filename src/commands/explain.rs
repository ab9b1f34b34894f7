//! `mnistaug explain`

use std::path::Path;

use serde_json::json;

use crate::base::{Fault, Image, Kind, Sample, Shape};
use crate::cli::ExplainArgs;
use crate::look::{sheet, story};
use crate::pipeline::presets;
use crate::recipe::augment::{Options, Which};
use crate::recipe::input::Pick;
use crate::recipe::noise::Share;
use crate::recipe::{Augment, Recipe, Splits};
use crate::sources::Open;
use crate::sources::nodes::augment::kept;
use crate::store::Manifest;
use crate::store::manifest::MANIFEST;
use crate::ui::Ui;

use super::{Context, PictureFile, reads, recipe_on_record};

/// One image of the strip.
struct Frame {
    name: String,
    shape: Shape,
    pixels: Vec<u8>,
}

pub(super) fn run(args: &ExplainArgs, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    let data = recipe(args, ui)?.open_watched(&context.watch)?;
    let wanted = args.pick.split.as_deref();
    let Some(split) =
        data.splits.iter().find(|split| wanted.is_none_or(|name| name == "all" || name == split.name))
    else {
        return Err(Fault::said(
            Kind::Usage,
            format!("{}: there is no split {}", args.source.display(), wanted.unwrap_or("at all")),
            Some("`mnistaug info SRC` lists the splits"),
        ));
    };
    let len = split.source.len();
    if args.index >= len {
        return Err(Fault::said(
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
    let mut value = story::report(&split.name, split.source.schema(), args.index, &sample, &steps);
    value["source"] = json!(args.source.to_string_lossy());
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
    if ui.wants_json() { ui.summary(&value) } else { ui.data(&story::text(&value)) }
}

/// What makes the sample: the source through the pipeline that was named, or what the data set's manifest says.
fn recipe(args: &ExplainArgs, ui: Ui) -> Result<Recipe, Fault> {
    let pick = Pick::from(&args.pick);
    let read = || pick.all(std::slice::from_ref(&args.source), &Splits::All);
    if let Some(name) = &args.pipeline {
        let loaded = presets::open(name, &args.choice.wanted())?;
        loaded.warnings.iter().for_each(|warning| ui.warn(warning));
        let pipeline = kept(&loaded.name, &loaded.text, &loaded.spec)?;
        let options = Options {
            pipeline,
            which: Which::Copies(1),
            keep_originals: false,
            min_visible: Share::default(),
            only: None,
            seed: args.seed,
        };
        return Ok(Recipe::Augment(Augment { of: Box::new(read()?), options }));
    }
    if args.source.join(MANIFEST).is_file() {
        let manifest = Manifest::read(&args.source)?;
        let recipe = recipe_on_record(&args.source, &manifest)?;
        return Ok(pick.around(recipe)?);
    }
    Ok(read()?)
}

//! `mnistaug import`

use crate::base::{DataSet, Fault, Label};
use crate::cli::ImportArgs;
use crate::recipe::{Import, Recipe};
use crate::sources::Open;
use crate::ui::counted;

use super::{Context, build};

/// Labels that are listed one by one.
const LISTED: u64 = 40;

pub(super) fn run(args: &ImportArgs, context: &Context) -> Result<(), Fault> {
    let recipe = Recipe::Import(Import {
        files: args.files.clone(),
        split: args.split.clone(),
        invert: args.invert,
        size: args.size,
        fit: args.fit,
        label: args.label.clone(),
        segment: args.segment,
        background: Some(args.background.unwrap_or_else(|| Import::usual_background(args.invert, args.fit))),
        threshold: args.threshold,
    });
    let data = recipe.open_watched(&context.watch)?;
    context.ui.note(&format!("import: {}", listed(&data)?));
    build::write("import", &recipe, &data, &args.output, &build::Extra::default(), context)
}

/// How many drawings there are, and their classes in order.
fn listed(data: &DataSet) -> Result<String, Fault> {
    let mut text = counted(data.len(), "drawing");
    for split in &data.splits {
        let mut reader = split.source.reader();
        let names = &split.source.schema().class_names;
        let mut labels = Vec::new();
        for index in 0..split.source.len().min(LISTED) {
            if let Label::Class(class) = reader.label(index)? {
                labels.push(names[usize::from(class)].clone());
            }
        }
        let more = if split.source.len() > LISTED { " ..." } else { "" };
        text = format!("{text} of {}: {}{more}", split.name, labels.join(" "));
    }
    Ok(text)
}

//! `mnistaug run`

use std::path::PathBuf;

use crate::base::Kind;
use crate::cli::{AugmentArgs, Command, ExportArgs, InputArgs, RunArgs};
use crate::recipe::augment::PipelineText;
use crate::recipe::{self, Concat, Recipe, Splits};
use crate::sources::nodes::augment::read;
use crate::text::Complaint;
use crate::ui::{Failure, Ui};

use super::build::{self, Extra};
use super::{Context, augment, colorize, quadrant, recipe_of, split};

mod file;

use file::{RecipeFile, Stage};

pub(super) fn run(args: &RunArgs, context: &Context) -> Result<(), Failure> {
    let ui = context.ui;
    if args.list {
        let lines: Vec<String> =
            file::PRESETS.iter().map(|preset| format!("{:14} {}\n", preset.name, preset.summary)).collect();
        return ui.data(&lines.concat());
    }
    if let Some(name) = &args.show {
        return ui.data(file::preset(name)?.text);
    }
    let file = RecipeFile::open(args.recipe.as_deref().unwrap_or_default())?;
    let first = First { input: &args.input, limit: args.limit };
    let (recipe, export) = compose(&file, &file.stages, Some(first), ui)?;
    let recipe = recipe.ok_or_else(|| file.complain(Complaint::new(None, "the recipe makes nothing")))?;
    let Some(export) = export else {
        let complaint =
            Complaint::new(file.stages.last().map(|stage| stage.at), "the last stage is not export")
                .help("End the recipe with a stage such as `- export: { format: npz, out: out/all }`");
        return Err(file.complain(complaint));
    };
    let mut output = export.output;
    output.out = args.out.clone().or(output.out).or_else(|| Some(PathBuf::from("out/run")));
    output.part = args.part.or(output.part);
    output.force |= args.force;
    output.dry_run |= args.dry_run;
    build::run("run", &recipe, &output, &Extra::default(), context)
}

/// What the command line says of the first stage.
struct First<'a> {
    input: &'a [PathBuf],
    limit: Option<u64>,
}

/// The stages as a tree of sources, and the export at their end.
fn compose(
    file: &RecipeFile,
    stages: &[Stage],
    first: Option<First<'_>>,
    ui: Ui,
) -> Result<(Option<Recipe>, Option<Box<ExportArgs>>), Failure> {
    let top = first.is_some();
    let mut stages = stages.iter().peekable();
    let mut input = InputArgs::default();
    if let Some(stage) = stages.next_if(|stage| stage.name == "input") {
        let Command::Export(args) = stage.parse(file, "export")? else { return Err(file.strange(stage)) };
        input = args.input;
    }
    if let Some(first) = first {
        if !first.input.is_empty() {
            first.input.clone_into(&mut input.input);
        }
        input.pick.limit = first.limit.or(input.pick.limit);
    }
    let mut recipe = recipe_of(&input, &Splits::train(), ui);
    while let Some(stage) = stages.next() {
        if stage.name == "concat" {
            let mut of = vec![recipe];
            for chain in stage.chains(file)? {
                of.extend(compose(file, &chain, None, ui)?.0);
            }
            recipe = Recipe::Concat(Concat { of });
            continue;
        }
        recipe = match stage.parse(file, &stage.name)? {
            Command::Colorize(args) => colorize::recipe(&args, recipe),
            Command::Quadrant(args) => quadrant::recipe(&args, recipe),
            Command::Augment(args) => augment::recipe(&args, recipe, pipeline(file, stage, &args, ui)?),
            Command::Split(args) => {
                Recipe::Split(recipe::Split { of: Box::new(recipe), options: split::options(&args)? })
            }
            Command::Export(args) if top && stages.peek().is_none() => return Ok((Some(recipe), Some(args))),
            Command::Export(_) => {
                let complaint = Complaint::new(stage.at, "export is not the last stage of the recipe")
                    .help("Put it at the end; what is exported halfway is a recipe of its own");
                return Err(file.complain(complaint));
            }
            _ => return Err(file.strange(stage)),
        };
    }
    Ok((Some(recipe), None))
}

/// The pipeline of a stage: written out in it, or named.
fn pipeline(file: &RecipeFile, stage: &Stage, args: &AugmentArgs, ui: Ui) -> Result<PipelineText, Failure> {
    match stage.inline_pipeline() {
        Some(text) => Ok(read("pipeline", &text)?),
        None => augment::pipeline(args, ui).map_err(|failure| {
            if failure.kind() == Kind::Usage && args.pipeline.is_none() {
                let help = "Add for instance `pipeline: imgaug-light`";
                return file.complain(Complaint::new(stage.at, "the stage names no pipeline").help(help));
            }
            failure
        }),
    }
}

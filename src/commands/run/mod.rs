//! `mnistaug run`

use std::path::{Path, PathBuf};

use crate::base::Fault;
use crate::cli::{ArrayArgs, OutputArgs, RunArgs};
use crate::recipe::input::{self, Pick};
use crate::recipe::parameters::Asked;
use crate::recipe::stage::Stage;
use crate::recipe::{Concat, Recipe, Splits};
use crate::text::Complaint;
use crate::ui::Ui;

use super::build::{self, Extra};
use super::{Context, inputs_or_default};

mod export;
mod file;
mod presets;

use file::{Doors, RecipeFile};

pub(super) fn run(args: &RunArgs, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    if args.list {
        let lines: Vec<String> = presets::PRESETS
            .iter()
            .map(|preset| format!("{:16} {}\n", preset.name, preset.summary()))
            .collect();
        return ui.data(&lines.concat());
    }
    if let Some(name) = &args.show {
        return ui.data(presets::named(name)?.text);
    }
    let name = args.recipe.as_deref().unwrap_or_default();
    let text = RecipeFile::text(name)?;
    let number = |number: u64| number.to_string();
    let set: Vec<(String, String)> = (args.set.iter().map(|set| (set.name.clone(), set.value.clone())))
        .chain(args.severity.map(|severity| ("severity".to_owned(), number(severity))))
        .chain(args.seed.map(|seed| ("seed".to_owned(), number(seed))))
        .chain(args.backgrounds.iter().map(|path| ("backgrounds".to_owned(), quoted(path))))
        .collect();
    let variants = RecipeFile::variants(name, &text, args.variant.as_deref())?;
    // What is wrong with any of them is told before the first is written.
    let mut jobs = Vec::with_capacity(variants.len());
    let read = |variant: &Option<String>, idle: bool| {
        RecipeFile::read(name, &text, Asked { variant: variant.as_deref(), set: &set, idle })
    };
    // A value need not decide something in each of several variants, but in one of them.
    let several = variants.len() > 1;
    if several && variants.iter().all(|variant| read(variant, false).is_err()) {
        read(&variants[0], false)?;
    }
    for variant in &variants {
        let file = read(variant, several)?;
        jobs.push(job(args, &file, variant.as_deref().filter(|_| variants.len() > 1), context.ui)?);
    }
    for (recipe, output) in &jobs {
        build::run("run", recipe, output, &Extra::default(), context)?;
    }
    Ok(())
}

/// Whether a recipe of this name is built in.
pub(super) fn is_preset(name: &str) -> bool {
    presets::find(name).is_some()
}

/// A path as a value of YAML, whatever it is made of.
fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.to_string_lossy()).to_string()
}

/// What is to be built of a recipe, and where; one of several variants goes to a folder of its own.
fn job(
    args: &RunArgs,
    file: &RecipeFile,
    variant: Option<&str>,
    ui: Ui,
) -> Result<(Recipe, OutputArgs), Fault> {
    let splits = args.split.clone().map(Splits::from);
    let first = First { input: &args.input, splits: splits.as_ref(), limit: args.limit };
    let (recipe, export) = compose(file, &file.stages, Some(first), ui)?;
    let Some(mut output) = export else {
        let complaint =
            Complaint::new(file.stages.last().map(|stage| stage.at), "the last stage is not export")
                .help("End the recipe with a stage such as `- export: { format: npz, out: out/all }`");
        return Err(file.complain(complaint));
    };
    let recipe = Pick { range: args.range, ..Pick::default() }.around(recipe)?;
    output.out = args.out.clone().or(output.out).or_else(|| Some(PathBuf::from("out/run")));
    output.part = args.part.or(output.part);
    output.force |= args.force;
    output.dry_run |= args.dry_run;
    if let Some(format) = args.format.as_ref().filter(|format| **format != output.format) {
        // What the recipe says of arrays and masks belongs to its own format.
        let (format, arrays) = (format.clone(), ArrayArgs::default());
        output = OutputArgs { format, arrays, segmentation: None, ..output };
    }
    if let (Some(variant), Some(out)) = (variant, &mut output.out) {
        out.push(variant);
    }
    Ok((recipe, output))
}

/// What the command line says of the first stage.
struct First<'a> {
    input: &'a [PathBuf],
    splits: Option<&'a Splits>,
    limit: Option<u64>,
}

/// The stages as a tree of sources, and the export at their end.
fn compose(
    file: &RecipeFile,
    stages: &[Stage],
    first: Option<First<'_>>,
    ui: Ui,
) -> Result<(Recipe, Option<OutputArgs>), Fault> {
    let top = first.is_some();
    let mut stages = stages.iter().peekable();
    let (mut paths, mut pick) = (Vec::new(), Pick::default());
    if let Some(stage) = stages.next_if(|stage| stage.name == "input") {
        (paths, pick) = input::stage(stage).map_err(|complaint| file.complain(complaint))?;
    }
    if let Some(first) = first {
        if !first.input.is_empty() {
            first.input.clone_into(&mut paths);
        }
        pick.limit = first.limit.or(pick.limit);
        pick.splits = first.splits.cloned().or(pick.splits);
    }
    let mut recipe = pick.all(&inputs_or_default(&paths, ui), &Splits::train())?;
    while let Some(stage) = stages.next() {
        match stage.name.as_str() {
            "concat" => {
                let mut of = vec![recipe];
                for chain in stage.chains().map_err(|complaint| file.complain(complaint))? {
                    of.push(compose(file, &chain, None, ui)?.0);
                }
                recipe = Recipe::Concat(Concat { of, join: None });
            }
            "export" if top && stages.peek().is_none() => {
                let output = export::read(stage).map_err(|complaint| file.complain(complaint))?;
                return Ok((recipe, Some(output)));
            }
            "export" => {
                let complaint = Complaint::new(stage.at, "export is not the last stage of the recipe")
                    .help("Put it at the end; what is exported halfway is a recipe of its own");
                return Err(file.complain(complaint));
            }
            _ => {
                let wrapped = stage.wrap(recipe, &mut Doors { file, ui });
                recipe = wrapped.map_err(|error| file.fail(error))?;
                refuse_repeats(&recipe, stage).map_err(|complaint| file.complain(complaint))?;
            }
        }
    }
    Ok((recipe, None))
}

/// Refuses a stage that draws the numbers that a stage before it has drawn.
fn refuse_repeats(recipe: &Recipe, stage: &Stage) -> Result<(), Complaint> {
    let Some(draws) = recipe.draws_again() else { return Ok(()) };
    let message = format!(
        "{}: a stage before it has the seed {} as well, so both would draw the same numbers",
        stage.name, draws.seed
    );
    let seed = draws.another_seed(&recipe.all_draws());
    Err(Complaint::new(stage.place("seed"), message)
        .help(format!("Give it a seed of its own, for instance seed: {seed}")))
}

//! `mnistaug augment`

use crate::cli::AugmentArgs;
use crate::pipeline::presets;
use crate::sources::Recipe;
use crate::sources::augment::{Options, PipelineText, Which};
use crate::sources::recipe::Splits;
use crate::ui::Failure;

use super::{Context, build, recipe_of};

pub(super) fn run(args: &AugmentArgs, context: &Context) -> Result<(), Failure> {
    let loaded = presets::open(&args.pipeline, args.name.as_deref())?;
    loaded.warnings.iter().for_each(|warning| context.ui.warn(warning));
    let pipeline = PipelineText::of(loaded)?;
    let which = args.sample.map_or(Which::Copies(args.copies), Which::Sample);
    let recipe = Recipe::Augment {
        of: Box::new(recipe_of(&args.input, &Splits::Named("train".into()), context.ui)),
        options: Options { pipeline, which, keep_originals: args.keep_originals, seed: args.seed },
    };
    build::run("augment", &recipe, &args.output, args.trace, context)
}

//! `mnistaug augment`

use crate::cli::AugmentArgs;
use crate::pipeline::presets;
use crate::sources::Recipe;
use crate::sources::augment::{Options, PipelineText, Which};
use crate::sources::recipe::Splits;
use crate::ui::Failure;

use super::{Context, build, recipe_of};

pub(super) fn run(args: &AugmentArgs, context: &Context) -> Result<(), Failure> {
    let pipeline = PipelineText::new(&args.pipeline, presets::text_of(&args.pipeline)?)?;
    let which = args.sample.map_or(Which::Copies(args.copies), Which::Sample);
    let recipe = Recipe::Augment {
        of: Box::new(recipe_of(&args.input, &Splits::Named("train".into()), context.ui)),
        options: Options { pipeline, which, keep_originals: args.keep_originals, seed: args.seed },
    };
    build::run("augment", &recipe, &args.output, args.trace, context)
}

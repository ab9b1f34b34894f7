//! `mnistaug colorize`

use crate::base::Fault;
use crate::cli::ColorizeArgs;
use crate::recipe::colorize::Options;
use crate::recipe::{Colorize, Recipe, Splits};

use super::build::{self, Extra};
use super::{Context, recipe_of};

pub(super) fn run(args: &ColorizeArgs, context: &Context) -> Result<(), Fault> {
    let recipe = recipe(args, recipe_of(&args.input, &Splits::train(), context)?);
    build::run("colorize", &recipe, &args.output, &Extra::default(), context)
}

/// Colorizing `of` as the options say.
pub(super) fn recipe(args: &ColorizeArgs, of: Recipe) -> Recipe {
    Recipe::Colorize(Colorize {
        of: Box::new(of),
        backgrounds: args.backgrounds.clone(),
        skip_unreadable: args.skip_unreadable,
        options: Options { style: args.style, fit: args.fit, per_image: args.per_image, seed: args.seed },
    })
}

//! `mnistaug colorize`

use crate::base::Fault;
use crate::cli::{ByClassArgs, ColorizeArgs};
use crate::recipe::colorize::Options;
use crate::recipe::tint::Said;
use crate::recipe::{Colorize, Recipe, Splits, Tint};

use super::build::{self, Extra};
use super::{Context, recipe_of};

pub(super) fn run(args: &ColorizeArgs, context: &Context) -> Result<(), Fault> {
    let recipe = recipe(args, recipe_of(&args.input, &Splits::train(), context)?);
    build::run("colorize", &recipe, &args.output, &Extra::default(), context)
}

/// Colorizing `of` as the options say.
pub(super) fn recipe(args: &ColorizeArgs, of: Recipe) -> Recipe {
    let ByClassArgs { color_by_class, share, test_share, on, jitter, assign } = args.by_class.clone();
    let by_class = Said { color_by_class, share, test_share, on, jitter, assign };
    if let Some(options) = by_class.options(args.seed) {
        return Recipe::Tint(Tint { of: Box::new(of), options });
    }
    Recipe::Colorize(Colorize {
        of: Box::new(of),
        backgrounds: args.backgrounds.clone(),
        skip_unreadable: args.skip_unreadable,
        options: Options {
            style: args.style,
            fit: args.fit,
            per_image: args.per_image,
            masks: args.masks,
            seed: args.seed,
        },
    })
}

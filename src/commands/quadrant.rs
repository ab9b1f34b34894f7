//! `mnistaug quadrant`

use crate::base::Fault;
use crate::cli::QuadrantArgs;
use crate::recipe::quadrant::Options;
use crate::recipe::{Quadrant, Recipe, Splits};

use super::build::{self, Extra};
use super::{Context, recipe_of};

pub(super) fn run(args: &QuadrantArgs, context: &Context) -> Result<(), Fault> {
    let recipe = recipe(args, recipe_of(&args.input, &Splits::train(), context)?);
    build::run("quadrant", &recipe, &args.output, &Extra::default(), context)
}

/// Composing `of` as the options say.
pub(super) fn recipe(args: &QuadrantArgs, of: Recipe) -> Recipe {
    Recipe::Quadrant(Quadrant {
        of: Box::new(of),
        options: Options {
            grid: args.grid.0,
            objects: args.objects,
            count: args.count,
            masks: args.masks,
            seed: args.seed,
        },
    })
}

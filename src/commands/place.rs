//! `mnistaug place`

use crate::base::Fault;
use crate::cli::PlaceArgs;
use crate::recipe::{Place, Recipe, Splits};

use super::build::{self, Extra};
use super::{Context, recipe_of};

pub(super) fn run(args: &PlaceArgs, context: &Context) -> Result<(), Fault> {
    let of = Box::new(recipe_of(&args.input, &Splits::train(), context)?);
    let recipe = Recipe::Place(Place { of, options: args.options() });
    build::run("place", &recipe, &args.output, &Extra::default(), context)
}

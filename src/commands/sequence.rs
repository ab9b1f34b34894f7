//! `mnistaug sequence`

use crate::base::Fault;
use crate::cli::SequenceArgs;
use crate::recipe::{Recipe, Sequence, Splits};

use super::build::{self, Extra};
use super::{Context, recipe_of};

pub(super) fn run(args: &SequenceArgs, context: &Context) -> Result<(), Fault> {
    let of = Box::new(recipe_of(&args.input, &Splits::train(), context)?);
    let recipe = Recipe::Sequence(Sequence { of, options: args.options() });
    build::run("sequence", &recipe, &args.output, &Extra::default(), context)
}

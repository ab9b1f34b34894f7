//! `mnistaug mix`

use crate::base::Fault;
use crate::cli::MixArgs;
use crate::recipe::mix::Options;
use crate::recipe::{Mix, Recipe, Splits};

use super::build::{self, Extra};
use super::{Context, recipe_of};

pub(super) fn run(args: &MixArgs, context: &Context) -> Result<(), Fault> {
    let of = Box::new(recipe_of(&args.input, &Splits::train(), context)?);
    let &MixArgs { method, compat, alpha, probability, seed, .. } = args;
    let options = Options { method, compat, alpha, probability, only: args.only.clone(), seed };
    build::run("mix", &Recipe::Mix(Mix { of, options }), &args.output, &Extra::default(), context)
}

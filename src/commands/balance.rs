//! `mnistaug balance`

use crate::base::Fault;
use crate::cli::BalanceArgs;
use crate::recipe::balance::Options;
use crate::recipe::{Balance, Recipe, Splits};

use super::build::{self, Extra};
use super::{Context, recipe_of};

pub(super) fn run(args: &BalanceArgs, context: &Context) -> Result<(), Fault> {
    let of = Box::new(recipe_of(&args.input, &Splits::train(), context)?);
    let &BalanceArgs { to, head, repeat, order, draw, seed, .. } = args;
    let options = Options { to, head, repeat, order, draw, only: args.only.clone(), seed };
    let recipe = Recipe::Balance(Balance { of, options });
    build::run("balance", &recipe, &args.output, &Extra::default(), context)
}

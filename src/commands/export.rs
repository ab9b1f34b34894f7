//! `mnistaug export`

use crate::base::Fault;
use crate::cli::ExportArgs;
use crate::recipe::Splits;

use super::build::{self, Extra};
use super::{Context, recipe_of};

pub(super) fn run(args: &ExportArgs, context: &Context) -> Result<(), Fault> {
    let recipe = recipe_of(&args.input, &Splits::All, context)?;
    build::run("export", &recipe, &args.output, &Extra::default(), context)
}

//! `mnistaug relabel`

use std::path::Path;

use crate::base::{Explain, Fault, Kind};
use crate::cli::RelabelArgs;
use crate::recipe::noise::{Law, Noise};
use crate::recipe::relabel::Numbers;
use crate::recipe::{Recipe, Relabel, Splits};
use crate::text::tree;

use super::build::{self, Extra};
use super::{Context, recipe_of};

/// No matrix of 256 classes is larger.
const MOST: u64 = 4 << 20;

pub(super) fn run(args: &RelabelArgs, context: &Context) -> Result<(), Fault> {
    let law = match (&args.noise, &args.noise_matrix) {
        (Some(law), _) => law.clone(),
        (None, Some(path)) => matrix(path)?,
        (None, None) => {
            return Err(Fault::said(Kind::Usage, "no noise is asked for", Some("say --noise KIND:SHARE")));
        }
    };
    let noise = Noise { law, draw: args.draw, only: args.only.clone(), seed: args.seed };
    let of = Box::new(recipe_of(&args.input, &Splits::train(), context)?);
    let recipe = Recipe::Relabel(Relabel { of, to: Numbers::Noise(noise) });
    build::run("relabel", &recipe, &args.output, &Extra::default(), context)
}

/// The noise of a file's matrix.
fn matrix(path: &Path) -> Result<Law, Fault> {
    let text = tree::read_up_to(path, "matrix", MOST).map_err(|error| {
        if error.kind() == Kind::Missing {
            error.with_help("Give the path of a file with a line for each class")
        } else {
            error
        }
    })?;
    Law::of_table(&text).map_err(|reason| {
        let help = "write a line for each class, with as many numbers as there are classes";
        Fault::said(Kind::Usage, format!("{}: {reason}", path.display()), Some(help))
    })
}

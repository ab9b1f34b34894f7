//! `mnistaug cat`

use std::path::{Path, PathBuf};

use crate::base::{Fault, Kind};
use crate::cli::{ArrayArgs, CatArgs, OutputArgs, RunArgs};
use crate::formats::Compress;
use crate::recipe::Splits;
use crate::recipe::input::Pick;

use super::Context;
use super::build::{self, Extra};
use super::run as recipes;

pub(super) fn run(args: &CatArgs, context: &Context) -> Result<(), Fault> {
    let out = Some(PathBuf::from("-"));
    if is_recipe(&args.source) {
        let recipe = RunArgs {
            recipe: args.source.to_str().map(str::to_owned),
            list: false,
            show: None,
            set: args.set.clone(),
            variant: args.variant.clone(),
            severity: None,
            seed: None,
            backgrounds: None,
            input: args.input.clone(),
            split: args.split.clone(),
            limit: None,
            range: args.range,
            out,
            format: Some(args.format.clone()),
            part: args.part,
            force: false,
            dry_run: false,
        };
        return recipes::run(&recipe, context);
    }
    if args.variant.is_some() || !args.set.is_empty() || !args.input.is_empty() {
        return Err(Fault::said(
            Kind::Usage,
            format!(
                "{}: --variant, --set and --input are for recipes, and this is none",
                args.source.display()
            ),
            Some("name a recipe file (.yaml, .json) or one that `mnistaug run --list` shows"),
        ));
    }
    let splits = args.split.clone().map_or_else(Splits::train, Splits::from);
    let pick = Pick { range: args.range, ..Pick::default() };
    let recipe = pick.all(std::slice::from_ref(&args.source), &splits)?;
    let output = OutputArgs {
        out,
        format: args.format.clone(),
        shard_size: None,
        compress: Compress::None,
        part: args.part,
        segmentation: None,
        force: false,
        dry_run: false,
        arrays: ArrayArgs::default(),
    };
    build::run("cat", &recipe, &output, &Extra::default(), context)
}

/// Whether it is a file of the kind that recipes are, or the name of one that is built in.
fn is_recipe(source: &Path) -> bool {
    let ending = source.extension().and_then(|ending| ending.to_str());
    match ending {
        Some("yaml" | "yml" | "json") => !source.is_dir(),
        Some(_) | None => !source.exists() && source.to_str().is_some_and(recipes::is_preset),
    }
}

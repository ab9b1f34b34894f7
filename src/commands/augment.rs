//! `mnistaug augment`

use serde_json::{Value, json};

use crate::base::{Fault, Kind};
use crate::cli::AugmentArgs;
use crate::pipeline::{Spec, presets};
use crate::recipe::augment::{Options, PipelineText, Which};
use crate::recipe::{Augment, Recipe, Splits};
use crate::sources::nodes::augment::{kept, read};
use crate::text::TextError;
use crate::ui::Ui;

use super::build::{self, Extra};
use super::{Context, advice, recipe_of};

pub(super) fn run(args: &AugmentArgs, context: &Context) -> Result<(), Fault> {
    advice::check_words(&args.input.sources, context)?;
    let pipeline = pipeline(args, context.ui)?;
    let recipe = recipe(args, recipe_of(&args.input, &Splits::train(), context)?, pipeline);
    let extra = Extra { trace: args.trace };
    build::run("augment", &recipe, &args.output, &extra, context)
}

/// Augmenting `of` as the options say.
pub(super) fn recipe(args: &AugmentArgs, of: Recipe, pipeline: PipelineText) -> Recipe {
    let which = args.sample.map_or(Which::Copies(args.copies), Which::Sample);
    Recipe::Augment(Augment {
        of: Box::new(of),
        options: Options {
            pipeline,
            which,
            keep_originals: args.keep_originals,
            min_visible: args.min_visible,
            only: args.only,
            seed: args.seed,
        },
    })
}

/// The pipeline that was named, or the one that Keras' parameters make.
pub(super) fn pipeline(args: &AugmentArgs, ui: Ui) -> Result<PipelineText, Fault> {
    let mut keras = args.keras.given();
    if let Some(compat) = args.choice.compat.last().filter(|_| !keras.is_empty()) {
        keras.insert("compat".to_owned(), compat.as_str().into());
    }
    let usage = |message: String, hint: &str| Err(Fault::said(Kind::Usage, message, Some(hint)));
    let flags =
        || keras.keys().map(|key| format!("--{}", key.replace('_', "-"))).collect::<Vec<_>>().join(", ");
    match &args.pipeline {
        Some(_) if !args.keras.given().is_empty() => usage(
            format!("--pipeline and {} exclude each other", flags()),
            "the parameters of ImageDataGenerator make a pipeline of their own; in a pipeline file they are those of the \
             step keras_transform",
        ),
        Some(name) => {
            let loaded = presets::open(name, &args.choice.wanted())?;
            loaded.warnings.iter().for_each(|warning| ui.warn(warning));
            Ok(kept(&loaded.name, &loaded.text, &loaded.spec)?)
        }
        None if keras.is_empty() => usage(
            "no pipeline is given".into(),
            "add --pipeline FILE|PRESET, or parameters of Keras' ImageDataGenerator such as --rotation-range 10",
        ),
        None => {
            for (key, value) in &keras {
                let text = json!({ "version": 1, "pipeline": [{ "keras_transform": { key: value } }] });
                Spec::parse(key, &text.to_string()).map_err(|error| refused(key, value, &error))?;
            }
            let text = json!({ "version": 1, "pipeline": [{ "keras_transform": &keras }] });
            Ok(read(&flags(), &text.to_string())?)
        }
    }
}

/// A parameter of Keras by the name of its flag, not by its place in the pipeline that stands for it.
fn refused(key: &str, value: &Value, error: &TextError) -> Fault {
    let message = error.message();
    let message = message.strip_prefix("keras_transform: ").unwrap_or(message);
    let message = message.strip_prefix(&format!("{key}: ")).unwrap_or(message);
    Fault::said(
        Kind::Usage,
        format!("--{} {value}: {message}", key.replace('_', "-")),
        Some("`mnistaug pipeline show keras_transform` shows what it may be"),
    )
}

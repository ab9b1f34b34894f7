//! `mnistaug pipeline`

use serde_json::json;

use crate::base::Fault;
use crate::cli::PipelineCommand;
use crate::pipeline::{describe, presets};

use super::Context;

mod convert;

pub(super) fn run(command: &PipelineCommand, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    match command {
        PipelineCommand::Convert(args) => convert::run(args, context),
        PipelineCommand::Check { pipeline, choice, shape } => {
            let loaded = presets::open(pipeline, &choice.wanted())?;
            loaded.warnings.iter().for_each(|warning| ui.warn(warning));
            let report = describe::check(loaded, *shape)?;
            ui.note(&report.to_string());
            ui.summary(&json!(report))
        }
        PipelineCommand::List if ui.wants_json() => ui.summary(&describe::list_json()),
        PipelineCommand::List => ui.data(&describe::list()),
        PipelineCommand::Show { name } => {
            if let Some(preset) = presets::preset(name) {
                return if ui.wants_json() {
                    ui.summary(
                        &json!({ "name": preset.name, "summary": preset.summary(), "text": preset.text }),
                    )
                } else {
                    ui.data(preset.text)
                };
            }
            let shown = describe::show(name)?;
            if ui.wants_json() { ui.summary(&json!(shown)) } else { ui.data(&shown.text()) }
        }
        PipelineCommand::Schema => ui.data(&format!("{:#}\n", describe::schema())),
    }
}

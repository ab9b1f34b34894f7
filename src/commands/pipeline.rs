//! `mnistaug pipeline`

use serde_json::json;

use crate::cli::PipelineCommand;
use crate::pipeline::{describe, presets};
use crate::ui::Failure;

use super::Context;

pub(super) fn run(command: &PipelineCommand, context: &Context) -> Result<(), Failure> {
    let ui = context.ui;
    match command {
        PipelineCommand::Check { pipeline, shape } => {
            let report = describe::check(pipeline, *shape)?;
            ui.note(&report.to_string());
            ui.summary(&json!(report))
        }
        PipelineCommand::List if ui.wants_json() => ui.summary(&describe::list_json()),
        PipelineCommand::List => ui.data(&describe::list()),
        PipelineCommand::Show { name } => {
            if let Some(preset) = presets::preset(name) {
                return if ui.wants_json() {
                    ui.summary(
                        &json!({ "name": preset.name, "summary": preset.summary, "text": preset.text }),
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

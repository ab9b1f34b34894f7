//! `mnistaug pipeline`

use std::path::Path;

use serde_json::json;

use crate::base::Fault;
use crate::cli::PipelineCommand;
use crate::pipeline::compat::with_compat;
use crate::pipeline::python::Wanted;
use crate::pipeline::{describe, presets, write};
use crate::store::output::Output;
use crate::ui::{Ui, counted};

use super::Context;

pub(super) fn run(command: &PipelineCommand, context: &Context) -> Result<(), Fault> {
    let ui = context.ui;
    match command {
        PipelineCommand::Convert { pipeline, choice, compat, out, force } => {
            convert(pipeline, &choice.wanted(), compat, out.as_deref(), *force, ui)
        }
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

/// How the first line of a converted pipeline begins.
const CONVERTED: &str = "Converted from";

/// Writes a pipeline as YAML, to a file or to standard output.
fn convert(
    pipeline: &str,
    wanted: &Wanted<'_>,
    compat: &[String],
    out: Option<&Path>,
    force: bool,
    ui: Ui,
) -> Result<(), Fault> {
    let mut loaded = presets::open(pipeline, wanted)?;
    for compat in compat {
        let (spec, count) = with_compat(&loaded.spec, &loaded.name, compat)?;
        loaded.spec = spec;
        ui.note(&format!("compat {compat} applies to {}", counted(count as u64, "step")));
    }
    loaded.warnings.iter().for_each(|warning| ui.warn(warning));
    let from = Path::new(&loaded.name).file_name().unwrap_or_default().to_string_lossy();
    let text = write::yaml(&loaded.spec, &format!("{CONVERTED} {from}."));
    let Some(path) = out else {
        return if ui.wants_json() {
            ui.summary(&json!({ "command": "pipeline convert", "pipeline": loaded.spec, "warnings": loaded.warnings }))
        } else {
            ui.data(&text)
        };
    };
    let file = Output {
        path,
        force,
        reads: &[pipeline.into()],
        what: "a pipeline that was converted",
        is_like: &|start| start.starts_with(format!("# {CONVERTED} ").as_bytes()),
    };
    file.write(&[&text])?;
    let mut steps = 0_u64;
    loaded.spec.for_each(&mut |_| steps += 1);
    ui.note(&format!("pipeline convert: {} to {}", counted(steps, "step"), path.display()));
    ui.summary(&json!({
        "command": "pipeline convert",
        "out": path.to_string_lossy(),
        "steps": steps,
        "warnings": loaded.warnings,
    }))
}

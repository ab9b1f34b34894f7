//! The last stage of a recipe: where and in what form it is written.

use std::path::PathBuf;

use serde::Deserialize;

use crate::cli::{ArrayArgs, OutputArgs, parse_scale};
use crate::formats::arrays::{Dtype, Keys as ArrayKeys};
use crate::formats::csv::CsvLayout;
use crate::formats::{Compress, Segmentation, entries};
use crate::recipe::Within;
use crate::recipe::stage::{Stage, said};
use crate::store::part::PartChoice;
use crate::text::Complaint;
use crate::text::read::{keys_of, unknown};

/// What the stage may say.
#[expect(clippy::struct_excessive_bools, reason = "they are switches, each by itself")]
#[derive(Default, Deserialize)]
#[serde(default)]
struct Keys {
    out: Option<PathBuf>,
    format: Option<String>,
    shard_size: Option<Within<1, 1_000_000_000>>,
    #[serde(deserialize_with = "said")]
    compress: Option<Compress>,
    #[serde(deserialize_with = "said")]
    part: Option<PartChoice>,
    segmentation: Option<String>,
    force: bool,
    dry_run: bool,
    dtype: Option<String>,
    #[serde(deserialize_with = "said")]
    scale: Option<String>,
    one_hot: bool,
    flatten: bool,
    add_channel: bool,
    channels_first: bool,
    #[serde(rename = "keys")]
    names: Option<String>,
    layout: Option<String>,
}

/// The keys that the stage has.
pub(super) fn keys() -> &'static [&'static str] {
    keys_of::<Keys>()
}

/// Reads the stage.
pub(super) fn read(stage: &Stage) -> Result<OutputArgs, Complaint> {
    let said: Keys = stage.read()?;
    let formats: Vec<&'static str> = entries().iter().map(|entry| entry.name).collect();
    let format = said.format.as_deref().unwrap_or("shards");
    if !formats.contains(&format) {
        return Err(strange(stage, "format", format, &formats));
    }
    let scale = said.scale.as_deref().map(|text| {
        parse_scale(text).map_err(|problem| {
            Complaint::new(stage.place("scale"), format!("export: scale: {problem}"))
                .help("See `mnistaug export --help`")
        })
    });
    Ok(OutputArgs {
        out: said.out,
        format: format.to_owned(),
        shard_size: said.shard_size.map(Within::get),
        compress: said.compress.unwrap_or_default(),
        part: said.part,
        segmentation: named(stage, "segmentation", said.segmentation.as_deref(), &Segmentation::NAMES)?,
        force: said.force,
        dry_run: said.dry_run,
        arrays: ArrayArgs {
            dtype: named(stage, "dtype", said.dtype.as_deref(), &Dtype::NAMES)?,
            scale: scale.transpose()?,
            one_hot: said.one_hot,
            flatten: said.flatten,
            add_channel: said.add_channel,
            channels_first: said.channels_first,
            keys: named(stage, "keys", said.names.as_deref(), &ArrayKeys::NAMES)?,
            layout: named(stage, "layout", said.layout.as_deref(), &CsvLayout::NAMES)?,
        },
    })
}

/// One of a few values that have names.
fn named<T: Copy>(
    stage: &Stage,
    key: &str,
    word: Option<&str>,
    names: &[(&'static str, T)],
) -> Result<Option<T>, Complaint> {
    let Some(word) = word else { return Ok(None) };
    if let Some((_, value)) = names.iter().find(|(name, _)| *name == word) {
        return Ok(Some(*value));
    }
    let names: Vec<&'static str> = names.iter().map(|(name, _)| *name).collect();
    Err(strange(stage, key, word, &names))
}

fn strange(stage: &Stage, key: &str, word: &str, names: &[&'static str]) -> Complaint {
    let complaint = unknown("value", word, names);
    Complaint {
        at: Some(stage.place(key)),
        message: format!("export: {key}: {}", complaint.message),
        ..complaint
    }
}

//! A data set that this program has written, as a source: in any of its formats, as its manifest says.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::base::files::{SMALL, read_record};
use crate::base::{DataSet, Fault, Input, Root, Split, Watch};
use crate::formats::ways::SplitOf;
use crate::formats::{Layout, Objects, Way};
use crate::names;
use crate::store::StoreError;
use crate::store::manifest::{LICENSES, MANIFEST, Manifest, SplitRecord};
use crate::store::parts::is_unfinished;

use super::SourceError;

mod files;
mod opened;
mod pictures;
mod reader;

use self::files::Files;
use self::pictures::PictureSplit;
use self::reader::{Chunk, Origins, StoredSplit};

/// Whether a folder holds a data set of this program, or what is going to be one.
#[must_use]
pub fn is_stored(folder: &Path) -> bool {
    folder.join(MANIFEST).is_file() || is_unfinished(folder)
}

/// A sentence that says that origins of what lies at `path` are not known, if this program wrote it in a format that has no room for
/// them, of images that have others in common.
#[must_use]
pub fn lost_origins(path: &Path) -> Option<String> {
    let manifest = Manifest::read(path).ok()?;
    let copies = manifest.recipe.makes_copies()
        || manifest.splits.iter().any(|split| split.schema.origins() < split.rows);
    let kept = manifest.format.keeps_objects() || manifest.splits.iter().all(|split| split.objects_beside);
    (!kept && copies).then(|| {
        format!(
            "{}: it was written as {}, which does not keep the source image of each sample",
            path.display(),
            manifest.format.name()
        )
    })
}

/// Opens the splits of a folder for which `wanted` is true. Returns the names of all splits, too.
///
/// # Errors
/// If the manifest cannot be read or makes no sense.
pub fn open_folder(
    folder: &Path,
    wanted: &dyn Fn(&str) -> bool,
    watch: &Watch,
) -> Result<(DataSet, Vec<String>), Fault> {
    if is_unfinished(folder) {
        let reason = "it is not finished, and its shards are a part of it only".to_owned();
        return Err(StoreError::NoDataSet { path: folder.into(), reason }.into());
    }
    let mut manifest = Manifest::read(folder)?;
    let files = Arc::new(Files::of(folder, &manifest, watch));
    let mut whole = whole_files(&manifest);
    manifest.splits.sort_by(|a, b| names::order(&a.name, &b.name));
    let names = manifest.splits.iter().map(|split| split.name.clone()).collect();
    let mut data = DataSet { licenses: std::mem::take(&mut manifest.licenses), ..DataSet::default() };
    for record in std::mem::take(&mut manifest.splits) {
        if !wanted(&record.name) {
            continue;
        }
        data.inputs.push(Input {
            role: format!("{} shards", record.name),
            path: folder.to_string_lossy().into_owned(),
            digest: record.content.unwrap_or_default().to_string(),
        });
        let of_split = whole.remove(&record.name).unwrap_or_default();
        data.splits.push(open_split(&files, of_split, &manifest, record)?);
    }
    if folder.join(LICENSES).is_file() && data.licenses.is_empty() {
        let text = read_record(&folder.join(LICENSES), SMALL)
            .map_err(|source| SourceError::Read { path: folder.join(LICENSES), source })?;
        data.licenses.push(text.trim_end().to_owned());
    }
    Ok((data, names))
}

/// The names of the files that hold each split, where files hold whole splits.
fn whole_files(manifest: &Manifest) -> BTreeMap<String, Vec<String>> {
    let Way::Whole(format) = manifest.format.way() else { return BTreeMap::new() };
    let layouts: Vec<Layout> = manifest.splits.iter().map(|split| split.within(&manifest.format)).collect();
    let splits: Vec<SplitOf<'_>> = manifest
        .splits
        .iter()
        .zip(&layouts)
        .map(|(split, layout)| SplitOf { name: &split.name, rows: split.rows, layout })
        .collect();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in format.files(&splits) {
        for member in &file.members {
            let of_split = names.entry(splits[member.split].name.to_owned()).or_default();
            if !of_split.contains(&file.name) {
                of_split.push(file.name.clone());
            }
        }
    }
    names
}

/// `whole` are the files that hold the split, where it is not cut into shards.
fn open_split(
    files: &Arc<Files>,
    whole: Vec<String>,
    manifest: &Manifest,
    record: SplitRecord,
) -> Result<Split, Fault> {
    let name = record.name.clone();
    let shards = || {
        let chunk = |shard: &crate::store::manifest::Shard| Chunk {
            name: shard.name.clone(),
            first: shard.first,
            rows: shard.rows,
        };
        record.shards.iter().map(chunk).collect()
    };
    let chunks = match manifest.format.way() {
        Way::Pictures(_) => {
            return Ok(Split { name, source: Arc::new(PictureSplit::open(files, record)?) });
        }
        Way::Shards(_) => shards(),
        Way::Whole(_) => vec![Chunk { name: String::new(), first: 0, rows: record.rows }],
    };
    let mut schema = record.schema.clone();
    let origins = if manifest.format.keeps_objects() {
        Origins::Within
    } else if record.objects_beside {
        Origins::Beside(beside(manifest, &record))
    } else {
        // An older version kept none: samples are origins of their own.
        let digest = record.content.unwrap_or_default().to_string();
        schema.grid = None;
        schema.masks = false;
        if !record.truth_within {
            schema.truth.clear();
        }
        schema.roots =
            vec![Root { name: format!("{}/{name}", manifest.format.name()), digest, images: record.rows }];
        Origins::Index
    };
    let constants = manifest.constants.clone();
    let files = Arc::clone(files);
    let source =
        StoredSplit::new(files, whole, manifest.format.clone(), schema, record, constants, chunks, origins);
    Ok(Split { name, source: Arc::new(source) })
}

/// Where origins and objects of a split lie beside its files.
fn beside(manifest: &Manifest, record: &SplitRecord) -> Vec<Chunk> {
    if manifest.format.is_sharded() {
        let chunk = |shard: &crate::store::manifest::Shard| Chunk {
            name: shard.objects.as_ref().map_or_else(String::new, |file| file.name.clone()),
            first: shard.first,
            rows: shard.rows,
        };
        return record.shards.iter().map(chunk).collect();
    }
    let most = Objects::rows_a_file(&record.beside());
    let files = record.rows.div_ceil(most);
    (0..files)
        .map(|number| {
            let name = Objects::file_name(&record.name, number, files);
            let first = number * most;
            let listed = manifest.files.iter().any(|file| file.name == name);
            Chunk {
                name: if listed { name } else { String::new() },
                first,
                rows: most.min(record.rows - first),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Sample, Source};
    use crate::formats::shards::{Packing, Shards};
    use crate::sources::leaves::builtin::BuiltinDigits;
    use crate::sources::nodes::split::plan;
    use crate::split::Options;
    use crate::store::{Build, build};

    /// A split of 80 digits in packed shards of one, more than are kept open.
    fn packed(folder: &Path) -> Arc<StoredSplit> {
        let digits = Split { name: "train".into(), source: Arc::new(BuiltinDigits::new("train", 80)) };
        let data = DataSet { splits: vec![digits], ..DataSet::default() };
        let job = Build {
            data: &data,
            command: "test",
            recipe: crate::recipe::Record::None,
            out: folder.into(),
            format: Shards { packing: Packing::Deflated(1) }.into(),
            shard_size: Some(1),
            trace: false,
            part: None,
            force: false,
            threads: 2,
        };
        let mut manifest = build(&job, &Watch::default()).unwrap().manifest;
        let files = Arc::new(Files::of(folder, &manifest, &Watch::default()));
        let record = manifest.splits.remove(0);
        let chunks = record
            .shards
            .iter()
            .map(|shard| Chunk { name: shard.name.clone(), first: shard.first, rows: shard.rows })
            .collect();
        let schema = record.schema.clone();
        let format = manifest.format;
        Arc::new(StoredSplit::new(files, Vec::new(), format, schema, record, None, chunks, Origins::Within))
    }

    #[test]
    fn a_shuffled_split_unpacks_each_shard_once() {
        let folder = tempfile::tempdir().unwrap();
        let shards = packed(folder.path());
        let source: Arc<dyn Source> = Arc::clone(&shards) as _;
        let data = DataSet { splits: vec![Split { name: "train".into(), source }], ..DataSet::default() };
        let data = plan(&data, "", &Options { seed: 5, ..Options::default() }, true, &Watch::default())
            .unwrap()
            .apply(data, &Watch::default());
        // Labels and origins of what is packed are had without its pixels.
        assert_eq!(shards.chunks_opened(), 0);
        let mut sample = Sample::default();
        for split in &data.splits {
            let mut reader = split.source.reader();
            (0..split.source.len()).for_each(|index| reader.read(index, &mut sample).unwrap());
        }
        assert_eq!(shards.chunks_opened(), 80);
    }

    #[test]
    fn small_packed_shards_are_kept_open() {
        let folder = tempfile::tempdir().unwrap();
        let shards = packed(folder.path());
        let (mut reader, mut sample) = (shards.reader(), Sample::default());
        for index in (0..60).cycle().take(300) {
            reader.read(index * 7 % 60, &mut sample).unwrap();
        }
        assert_eq!(shards.chunks_opened(), 60);
    }
}

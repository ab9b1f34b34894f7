//! Is the data set still what its manifest says, and does it still come out the same?

use std::path::Path;

use rayon::prelude::*;

use crate::base::fault::in_one_line;
use crate::base::files::{SMALL, read_record};
use crate::base::{DataSet, Pass, Unit, Watch};
use crate::formats::{Batch, Way};
use crate::names;

use super::build::hash_file;
use super::inside::Inside;
use super::job::{Workers, pool};
use super::manifest::{LICENSES, Manifest, Shard, SideFile, license_text};
use super::render::Renderer;
use super::whole;
use super::{Result, pictures};

/// One shard that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Bad {
    /// The shard, or the split where the shards as a whole are wrong.
    pub name: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What is wrong with the text of the licenses.
fn licenses(folder: &Path, manifest: &Manifest) -> Option<Bad> {
    if manifest.licenses.is_empty() {
        return None;
    }
    let problem = match read_record(&folder.join(LICENSES), SMALL) {
        Ok(text) if text == license_text(&manifest.licenses) => return None,
        Ok(_) => "its text is not that of the manifest".into(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "it is missing".into(),
        Err(error) => format!("it cannot be read: {error}"),
    };
    Some(Bad { name: LICENSES.into(), problem })
}

/// Hashes all files again. That the manifest agrees with itself is known from reading it.
///
/// # Errors
/// If interrupted. What is wrong with the data is in the list, in the order of the shards.
pub fn files(folder: &Path, manifest: &Manifest, threads: usize, watch: &Watch) -> Result<Vec<Bad>> {
    let mut bad = Vec::new();
    bad.extend(licenses(folder, manifest));
    let shards: Vec<_> = manifest.splits.iter().flat_map(|split| &split.shards).collect();
    // How long the pictures of a list are is known from the list only.
    let count = match manifest.format.way() {
        Way::Pictures(_) => Count::Images,
        Way::Shards(_) | Way::Whole(_) => Count::Bytes,
    };
    let pass = match count {
        Count::Images => {
            watch.pass("checking", Unit::Images, Some(shards.iter().map(|shard| shard.rows).sum()))
        }
        Count::Bytes => {
            let files = shards.iter().flat_map(|shard| shard.files()).map(|file| file.bytes);
            let beside = manifest.files.iter().map(|file| file.bytes);
            watch.pass("checking", Unit::Bytes, Some(files.chain(beside).sum()))
        }
    };
    let checking = Checking { folder, count, pass: &pass };
    let found: Vec<Option<Bad>> = pool(threads)?.install(|| {
        shards
            .par_iter()
            .map(|shard| {
                if pass.stop().is_asked() {
                    return None;
                }
                checking.shard(manifest, shard)
            })
            .collect()
    });
    bad.extend(found.into_iter().flatten());
    for file in &manifest.files {
        pass.check()?;
        bad.extend(checking.file(file));
    }
    // What was found wrong because the work was to end is not looked at.
    pass.check()?;
    Ok(bad)
}

/// What the pass over files counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Count {
    Images,
    Bytes,
}

/// Files that are looked at again.
struct Checking<'a> {
    folder: &'a Path,
    count: Count,
    pass: &'a Pass,
}

impl Checking<'_> {
    /// The first thing that is wrong with the files of a shard.
    fn shard(&self, manifest: &Manifest, shard: &Shard) -> Option<Bad> {
        let bad = shard.files().find_map(|file| self.file(&file)).or_else(|| match manifest.format.way() {
            Way::Pictures(_) => match pictures::listed(self.folder, shard) {
                Ok(files) => files.iter().find_map(|file| self.file(file)),
                Err(error) => Some(Bad { name: shard.name.clone(), problem: in_one_line(&error) }),
            },
            Way::Shards(_) | Way::Whole(_) => None,
        });
        if self.count == Count::Images {
            self.pass.add(shard.rows);
        }
        bad
    }

    /// What is wrong with a file.
    fn file(&self, file: &SideFile) -> Option<Bad> {
        let read = |bytes| {
            if self.count == Count::Bytes {
                self.pass.add(bytes);
            }
        };
        let opened = Inside::file(&file.name)
            .map_err(std::io::Error::other)
            .and_then(|inside| inside.open(self.folder))
            .and_then(|opened| Ok((opened.metadata()?.len(), opened)));
        let problem = match opened {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "it is missing".into(),
            Err(error) => format!("it cannot be read: {error}"),
            Ok((found, _)) if found != file.bytes => {
                format!("expected {} bytes, found {found}", file.bytes)
            }
            Ok((_, mut opened)) => match hash_file(&mut opened, self.pass.stop(), read) {
                Ok(found) if found == file.blake3 => return None,
                Ok(found) => format!("expected BLAKE3 {}, found {found}", file.blake3),
                Err(error) => format!("it cannot be read: {error}"),
            },
        };
        Some(Bad { name: file.name.clone(), problem })
    }
}

/// Renders the data set again, in memory, and compares the content of each shard.
///
/// # Errors
/// If a source fails, or if interrupted. Differences are in the list.
pub fn rebuild(manifest: &Manifest, data: &DataSet, threads: usize, watch: &Watch) -> Result<Vec<Bad>> {
    let mut bad = Vec::new();
    let pool = pool(threads)?;
    let rows = manifest.splits.iter().map(|split| split.rows).sum();
    let pass = watch.pass("making again", Unit::Images, Some(rows));
    let mut batch = Batch::default();
    for record in &manifest.splits {
        let Some(split) = data.splits.iter().find(|split| names::is_meant(&split.name, &record.name)) else {
            bad.push(Bad {
                name: record.name.clone(),
                problem: "this split does not come out any more".into(),
            });
            continue;
        };
        // That it comes from other images is said of the inputs; which shards that changes is what is asked here.
        if split.source.len() != record.rows || !split.source.schema().same_form(&record.schema) {
            bad.push(Bad {
                name: record.name.clone(),
                problem: format!(
                    "expected {} samples of {}, {} come out{}",
                    record.rows,
                    record.schema.shape,
                    split.source.len(),
                    if split.source.len() == record.rows { ", of another shape or class list" } else { "" }
                ),
            });
            continue;
        }
        let renderer = Renderer::new(split.source.as_ref());
        if !manifest.format.is_sharded() {
            let workers = Workers { pool: &pool, threads, watch, pass: &pass };
            let content = whole::digest(&renderer, record.rows, &workers)?;
            if record.content != Some(content) {
                let expected = record.content.unwrap_or_default();
                let problem = format!("expected content {expected}, {content} comes out");
                bad.push(Bad { name: record.name.clone(), problem });
            }
        }
        for shard in &record.shards {
            let content = pool.install(|| match manifest.format.way() {
                Way::Pictures(_) => {
                    renderer.each(shard.first, shard.rows, &pass, |_, _| Ok(())).map(|(_, content)| content)
                }
                Way::Shards(_) | Way::Whole(_) => renderer
                    .render(shard.first, shard.rows as usize, &mut batch, &pass)
                    .map(|rendered| rendered.content),
            })?;
            if content != shard.content {
                bad.push(Bad {
                    name: shard.name.clone(),
                    problem: format!("expected content {}, {content} comes out", shard.content),
                });
            }
        }
    }
    watch.files().check()?;
    Ok(bad)
}

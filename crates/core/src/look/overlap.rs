//! Whether samples on two sides show the same source images.
//!
//! Where two sides go back to the same collections of images (roots with the same digest), origins are compared: copies that were
//! colored, augmented or composed are found, too. Images of collections that only one side knows, such as those of a CSV file, are
//! compared by their pixels: equal images are found, altered ones are not.

use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

use crate::base::{Fault, Pass, Sample, Schema, Source, Unit, Watch};

/// Samples that one reader takes in a go when pixels are compared.
const CHUNK: u64 = 1024;
/// Shared images that are named.
const EXAMPLES: usize = 10;

/// Samples that are to be apart from those of other sides.
pub struct Side {
    /// What it is called.
    pub name: String,
    /// Its samples.
    pub sources: Vec<Arc<dyn Source>>,
}

impl Side {
    /// Its number of samples.
    fn len(&self) -> u64 {
        self.sources.iter().map(|source| source.len()).sum()
    }
}

/// What two sides have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Overlap {
    /// One side.
    pub first: String,
    /// The other one.
    pub second: String,
    /// How it was found: `origin` or `content`.
    pub by: &'static str,
    /// Number of images that both sides show.
    pub images: u64,
    /// Some of them: a collection and an index, or a sample of each side.
    pub examples: Vec<String>,
}

/// A side's images: collection and index in it, ascending.
type Images = Vec<(u32, u64)>;
/// A sample by its pixels: their digest, its collection, its index within the side.
type Content = (u128, u32, u64);

/// Collections of all sides, by digest.
#[derive(Default)]
struct Roots {
    digests: Vec<String>,
    names: Vec<String>,
}

impl Roots {
    /// The collections of a schema: number, and the origin that its images begin at.
    fn of(&mut self, schema: &Schema) -> Vec<(u32, u64)> {
        let mut start = 0;
        let mut found = Vec::new();
        for root in &schema.roots {
            let number = self.digests.iter().position(|known| *known == root.digest).unwrap_or_else(|| {
                self.digests.push(root.digest.clone());
                self.names.push(root.name.clone());
                self.digests.len() - 1
            });
            found.push((number as u32, start));
            start += root.images;
        }
        found
    }
}

/// An origin as collection and index.
fn image(roots: &[(u32, u64)], origin: u64) -> Option<(u32, u64)> {
    let place = roots.partition_point(|(_, start)| *start <= origin).checked_sub(1)?;
    Some((roots[place].0, origin - roots[place].1))
}

/// What every two of the sides have in common; empty if they are apart.
///
/// # Errors
/// If a sample cannot be read, or `watch` says to end.
pub fn between(sides: &[Side], watch: &Watch) -> Result<Vec<Overlap>, Fault> {
    let mut roots = Roots::default();
    let mut images: Vec<Images> = Vec::new();
    let pass = watch.pass("reading origins", Unit::Images, Some(sides.iter().map(Side::len).sum()));
    for side in sides {
        images.push(images_of(side, &mut roots, &pass)?);
    }
    drop(pass);
    let known: Vec<Vec<u32>> = images
        .iter()
        .map(|images| images.chunk_by(|a, b| a.0 == b.0).map(|run| run[0].0).collect())
        .collect();
    let mut contents: Vec<Option<Vec<Content>>> = sides.iter().map(|_| None).collect();
    let mut found = Vec::new();
    for second in 1..sides.len() {
        for first in 0..second {
            let (a, b) = (&sides[first], &sides[second]);
            let overlap = |by, images, examples| Overlap {
                first: a.name.clone(),
                second: b.name.clone(),
                by,
                images,
                examples,
            };
            let shared = common(&images[first], &images[second]);
            if !shared.is_empty() {
                let name = |(root, index): &(u32, u64)| format!("{} {index}", roots.names[*root as usize]);
                let examples = shared.iter().take(EXAMPLES).map(name).collect();
                found.push(overlap("origin", shared.len() as u64, examples));
            }
            let only = |own: &[u32], other: &[u32]| own.iter().any(|root| !other.contains(root));
            if only(&known[first], &known[second]) && only(&known[second], &known[first]) {
                for number in [first, second] {
                    if contents[number].is_none() {
                        contents[number] = Some(contents_of(&sides[number], &mut roots, watch)?);
                    }
                }
                let own = |number: usize, other: usize| {
                    let mut list: Vec<Content> = contents[number]
                        .iter()
                        .flatten()
                        .filter(|(_, root, _)| !known[other].contains(root))
                        .copied()
                        .collect();
                    list.sort_unstable();
                    list.dedup_by_key(|(hash, ..)| *hash);
                    list
                };
                let (ours, theirs) = (own(first, second), own(second, first));
                let mut same = Vec::new();
                for (hash, _, index) in &ours {
                    if let Ok(place) = theirs.binary_search_by_key(hash, |(hash, ..)| *hash) {
                        same.push((*index, theirs[place].2));
                    }
                }
                same.sort_unstable();
                if !same.is_empty() {
                    let examples =
                        same.iter().take(EXAMPLES).map(|(a, b)| format!("samples {a} and {b}")).collect();
                    found.push(overlap("content", same.len() as u64, examples));
                }
            }
        }
    }
    Ok(found)
}

/// All images that a side shows, each once.
fn images_of(side: &Side, all: &mut Roots, pass: &Pass) -> Result<Images, Fault> {
    let mut images = Vec::new();
    let mut origins = Vec::new();
    for source in &side.sources {
        let roots = all.of(source.schema());
        let mut reader = source.reader();
        for index in 0..source.len() {
            if index % CHUNK == 0 {
                pass.check()?;
                pass.add(CHUNK.min(source.len() - index));
            }
            origins.clear();
            reader.origins(index, &mut origins)?;
            images.extend(origins.iter().filter_map(|&origin| image(&roots, origin)));
        }
    }
    images.sort_unstable();
    images.dedup();
    Ok(images)
}

/// All samples of a side by their pixels. Composed images without an object are all alike and do not count.
fn contents_of(side: &Side, all: &mut Roots, watch: &Watch) -> Result<Vec<Content>, Fault> {
    let pass = watch.pass("comparing images", Unit::Images, Some(side.len()));
    let mut contents = Vec::new();
    let mut first = 0;
    for source in &side.sources {
        let roots = all.of(source.schema());
        let chunks: Vec<u64> = (0..source.len()).step_by(CHUNK as usize).collect();
        let read: Vec<Result<Vec<Content>, Fault>> = chunks
            .into_par_iter()
            .map_init(
                || (source.reader(), Sample::default()),
                |(reader, sample), start| {
                    let mut found = Vec::new();
                    pass.check()?;
                    pass.add(CHUNK.min(source.len() - start));
                    for index in start..(start + CHUNK).min(source.len()) {
                        reader.read(index, sample)?;
                        if source.schema().grid.is_some() && sample.objects.is_empty() {
                            continue;
                        }
                        if let Some((root, _)) = image(&roots, sample.origin) {
                            // The shape is part of what is compared: a row of pixels is no column.
                            let shape = sample.canvas.shape();
                            let seed = (shape.height as u128) << 64 | shape.channels() as u128;
                            found.push((xxh3_128(sample.canvas.pixels()) ^ seed, root, first + index));
                        }
                    }
                    Ok(found)
                },
            )
            .collect();
        for part in read {
            contents.extend(part?);
        }
        first += source.len();
    }
    Ok(contents)
}

fn common(a: &Images, b: &Images) -> Images {
    a.iter().filter(|image| b.binary_search(image).is_ok()).copied().collect()
}

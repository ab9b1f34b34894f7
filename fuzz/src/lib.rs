//! What the fuzz targets do with bytes: give them to the reader of their kind, and go on with whatever comes of it as the program would. Nothing here is
//! expected to hold but that it ends: no panic, no abort, no memory without bounds, nothing outside the folder.

#![allow(clippy::disallowed_methods, reason = "files that nobody should write")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mnistaug::internals::{
    Catalogue, Expect, Facts, Idx, Journal, Layout, LockFile, Manifest, Options, SplitOf, Want, Way, verify,
};
use mnistaug::{Build, DataSet, Fault, Format, Open, Sample, Shape, Spec, Watch, build};
use mnistaug_core::base::{LabelKind, Pass};
use mnistaug_core::recipe::{self, Read, Record, Splits};

thread_local! {
    /// A folder to work in. It stays until the process ends, so that a crash leaves what made it.
    static PLACE: PathBuf = tempfile::tempdir().expect("a folder").keep();
}

fn at(name: &str) -> PathBuf {
    PLACE.with(|place| place.join(name))
}

fn write(path: &Path, data: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, data).expect("a file");
}

/// Reads the first samples of all splits.
fn read(data: &DataSet) -> Result<(), Fault> {
    for split in &data.splits {
        let (mut reader, mut sample) = (split.source.reader(), Sample::default());
        let mut origins = Vec::new();
        for index in 0..split.source.len().min(20) {
            reader.read(index, &mut sample)?;
            reader.label(index)?;
            reader.origins(index, &mut origins)?;
        }
    }
    Ok(())
}

fn open(path: &Path) {
    let _ = Read::plain(path, Splits::All).open().and_then(|data| read(&data));
}

/// A file of somebody else's.
pub fn file(name: &str, data: &[u8]) {
    write(&at("train-labels-idx1-ubyte"), &[0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3]);
    write(&at(name), data);
    open(&at(name));
    let _ = Idx::open(&at(name), Expect::Labels, &Pass::default());
}

/// A file of a format that this program writes, of three images of 5x7.
pub fn stored(format: &str, data: &[u8]) {
    let format = Format::of(
        format,
        &Options::default(),
        &Facts { gray: true, folder: "fuzz".into(), collection: None },
    )
    .unwrap_or_else(|unfit| panic!("{unfit}"));
    let layout = Layout::plain(Shape::gray(5, 7), LabelKind::Class, 10);
    match format.way() {
        Way::Shards(way) => {
            let path = at(&way.shard_name("train", 0, 1));
            write(&path, data);
            for want in [Want::All, Want::Labels] {
                let _ = way.decode(&path, &layout, 3, want);
            }
        }
        Way::Whole(way) => {
            let split = SplitOf { name: "train", rows: 3, layout: &layout };
            for file in way.files(&[split]) {
                write(&at(&file.name), data);
            }
            let _ = way.open(&at(""), &split, None);
        }
        Way::Pictures(_) => {}
    }
}

/// A small data set of this program's.
fn set(folder: &Path) {
    if folder.join("manifest.json").exists() {
        return;
    }
    let data = Read::plain("digits:4", Splits::All).open().expect("digits");
    build(&job(&data, folder), &Watch::default()).expect("a data set");
}

fn job<'a>(data: &'a DataSet, out: &Path) -> Build<'a> {
    Build {
        data,
        command: "fuzz",
        recipe: Record::None,
        out: out.into(),
        format: Format::default(),
        shard_size: Some(3),
        trace: false,
        part: None,
        force: true,
        threads: 1,
    }
}

fn use_folder(folder: &Path) {
    if let Ok(manifest) = Manifest::read(folder) {
        let _ = verify::files(folder, &manifest, 1, &Watch::default());
    }
    let opened = Read::plain(folder, Splits::All).open();
    let _ = opened.and_then(|data| {
        read(&data)?;
        build(&job(&data, &at("out")), &Watch::default()).map(|_| ())
    });
}

/// The manifest of a data set that is there.
pub fn manifest(data: &[u8]) {
    let folder = at("set");
    set(&folder);
    write(&folder.join("manifest.json"), data);
    use_folder(&folder);
}

/// The record of a run that did not come to its end.
pub fn journal(data: &[u8]) {
    let path = at("journal.jsonl");
    write(&path, data);
    let _ = Journal::read(&path);
}

/// A whole folder: `@@@ NAME` begins a file. Names stay in the folder: what leads out of it is for manifests to say.
pub fn folder(data: &[u8]) {
    let folder = at("folder");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let mut rest = data;
    while let Some(begin) = find(rest, b"@@@ ") {
        let head = &rest[begin + 4..];
        let Some(end) = head.iter().position(|&byte| byte == b'\n') else { break };
        let name = String::from_utf8_lossy(&head[..end]).into_owned();
        let body = &head[end + 1..];
        let length = find(body, b"\n@@@ ").unwrap_or(body.len());
        rest = &body[length..];
        if !name.is_empty()
            && name.len() < 100
            && !name.starts_with('/')
            && !name.contains("..")
            && !name.contains('\0')
        {
            let path = folder.join(&name);
            let _ = path.parent().map(fs::create_dir_all);
            let _ = fs::write(path, &body[..length]);
        }
    }
    use_folder(&folder);
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// A pipeline file, compiled and drawn from.
pub fn pipeline(data: &[u8]) {
    use mnistaug::{Address, Canvas, Image, Pipeline, Plan, Stage};
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(spec) = Spec::parse("fuzz.yaml", text) else { return };
    let shape = Shape::gray(5, 7);
    let Ok(pipeline) = Pipeline::new(spec, shape) else { return };
    let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
    canvas.load(Image::new(shape, &[9; 35]));
    pipeline.draw(Address { seed: 0, stage: Stage::new("augment", "train"), item: 0 }, &mut plan);
    plan.paint(&mut canvas);
}

/// A pipeline pasted as Python.
pub fn python(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = mnistaug_core::pipeline::python::translate("fuzz.py", text, &Default::default());
    }
}

/// A recipe, as manifests hold it and as people write it.
pub fn recipe(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = serde_json::from_str::<Record>(text);
    let asked = recipe::parameters::Asked::default();
    let _ = recipe::stage::stages(text, &["out", "format"], asked);
    // With each of its variants, which parameters go into.
    for variant in recipe::stage::variants(text).unwrap_or_default().0.iter().take(4) {
        let _ = recipe::stage::stages(
            text,
            &["out", "format"],
            recipe::parameters::Asked { variant: Some(variant.as_str()), ..asked },
        );
    }
}

/// A catalogue of data sets.
pub fn catalogue(data: &[u8]) {
    let path = at("catalogue.toml");
    write(&path, data);
    if let Ok(catalogue) = Catalogue::load(Some(&path)) {
        let _ = catalogue.select(&["all".to_owned()]);
    }
}

/// A lock file.
pub fn lockfile(data: &[u8]) {
    let path = at("mnistaug.lock");
    write(&path, data);
    let _ = LockFile::read(&path);
}

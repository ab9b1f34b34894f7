//! A user's own drawings as a source: gray, light on dark, of one size, and a strip of digits cut into single ones.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::json;

use crate::base::{
    DataSet, Fault, Image, ImageMut, Input, Label, LabelKind, Reader, Rect, Root, Sample, Schema, Scratch,
    Shape, Source, Split, Told, Unit, Watch,
};
use crate::formats::codec::picture::{self, PictureError};
use crate::kernels::{color, fit};

use self::error::DrawingError;
use super::SourceError;
use super::pictures;
use crate::names::natural;
use crate::recipe::{Import, Invert, Placing};
use crate::sources::Sought;
use crate::sources::open::Open;

pub mod error;
mod labels;
mod pixels;

/// One image and where it came from.
struct Drawing {
    pixels: Vec<u8>,
    /// The part of the picture that was cut out; all of it without `--segment`.
    part: Rect,
    inverted: bool,
    blank: bool,
}

/// A picture to be read, and the class that the name of its folder gives it.
struct Item {
    path: PathBuf,
    class: Option<String>,
}

impl Open for Import {
    /// Reads all drawings.
    ///
    /// # Errors
    /// Pictures that are none, strips without ink, and labels that do not fit.
    fn open_watched(&self, watch: &Watch) -> Result<DataSet, Fault> {
        open(self, watch)
    }
}

fn open(options: &Import, watch: &Watch) -> Result<DataSet, Fault> {
    let items = items(options)?;
    let pass = watch.pass("reading drawings", Unit::Files, Some(items.len() as u64));
    let read: Vec<Result<(blake3::Hash, Vec<Drawing>), PictureError>> = items
        .par_iter()
        .filter(|_| !pass.stop().is_asked())
        .map_init(Scratch::default, |scratch, item| {
            let bytes = picture::load(&item.path)?;
            pass.add(1);
            Ok((blake3::hash(&bytes), drawings(&bytes, &item.path, options, scratch)?))
        })
        .collect();
    pass.check()?;
    let mut hasher = blake3::Hasher::new();
    let (mut drawn, mut bad, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for (number, result) in read.into_iter().enumerate() {
        match result {
            Ok((digest, drawings)) => {
                hasher.update(digest.as_bytes());
                let path = items[number].path.display();
                if drawings.is_empty() {
                    return Err(DrawingError::NoInk { path: items[number].path.clone() }.into());
                }
                if drawings.iter().any(|drawing| drawing.blank) {
                    notes.push(format!("{path}: there is no ink in it; its image is black"));
                }
                drawn.extend(drawings.into_iter().map(|drawing| (number, drawing)));
            }
            Err(error) => bad.push(error),
        }
    }
    if !bad.is_empty() {
        return Err(pictures::several(bad));
    }
    let folders: Vec<Option<&str>> = drawn.iter().map(|(item, _)| items[*item].class.as_deref()).collect();
    let found = labels::of(options.label.as_ref(), options.segment, &folders)?;
    notes.extend(found.note);

    let shape = Shape::new(options.size.height, options.size.width, 1);
    let mut content = blake3::Hasher::new();
    content.update(&found.labels);
    let mut pixels = Vec::with_capacity(drawn.len() * shape.bytes());
    let mut sources = Vec::with_capacity(drawn.len());
    for (item, drawing) in drawn {
        content.update(&drawing.pixels);
        pixels.extend(drawing.pixels);
        sources.push((items[item].path.clone(), drawing.part, drawing.inverted));
    }
    let schema = Schema {
        shape,
        varied: false,
        labels: LabelKind::Class,
        class_names: found.classes,
        grid: None,
        roots: vec![Root {
            name: format!("drawings/{}", options.split),
            digest: content.finalize().to_hex().to_string(),
            images: sources.len() as u64,
        }],
    };
    let input = Input {
        role: "drawings".into(),
        path: options.files.iter().map(|file| file.to_string_lossy()).collect::<Vec<_>>().join(", "),
        digest: hasher.finalize().to_hex().to_string(),
    };
    let source = Arc::new(Drawings { pixels, labels: found.labels, sources, schema });
    Ok(DataSet {
        splits: vec![Split { name: options.split.clone(), source }],
        inputs: vec![input],
        notes,
        ..DataSet::default()
    })
}

/// All pictures that are meant, in order, with the names of their classes where folders give them.
fn items(options: &Import) -> Result<Vec<Item>, Fault> {
    let mut items = Vec::new();
    for path in &options.files {
        let found = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                SourceError::NotFound { path: path.clone(), sought: Sought::Drawing }
            }
            _ => SourceError::Read { path: path.clone(), source: error },
        })?;
        if !found.is_dir() {
            // A folder whose name is a number says which; any other name may mean anything.
            let folder =
                path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
            let class = folder.filter(|name| name.parse::<u8>().is_ok());
            items.push(Item { path: path.clone(), class });
            continue;
        }
        let (mut files, has_classes) = pictures::files(path)?;
        // A list of labels is in the order in which people count.
        if options.label.as_ref().is_some_and(|label| label.text().contains(',') || options.segment) {
            files.sort_by(|(a, _), (b, _)| natural(&a.to_string_lossy(), &b.to_string_lossy()));
        }
        items.extend(files.into_iter().map(|(path, class)| Item {
            path,
            class: Some(class).filter(|name| has_classes || name.parse::<u8>().is_ok()),
        }));
    }
    Ok(items)
}

/// The drawings of one picture.
fn drawings(
    bytes: &[u8],
    path: &Path,
    options: &Import,
    scratch: &mut Scratch,
) -> Result<Vec<Drawing>, PictureError> {
    let decoded = picture::decode(bytes, path)?;
    let shape = decoded.shape.with_channels(1);
    let mut gray = decoded.data;
    if decoded.shape.channels == 3 {
        let mut one = vec![0; shape.bytes()];
        color::to_gray(Image::new(decoded.shape, &gray), ImageMut::new(shape, &mut one));
        gray = one;
    }
    let inverted = match options.invert {
        Invert::Auto => pixels::is_light(Image::new(shape, &gray)),
        Invert::Yes => true,
        Invert::No => false,
    };
    if inverted {
        pixels::invert(&mut gray);
    }
    let image = Image::new(shape, &gray);
    let level = options.threshold.unwrap_or_else(|| pixels::ink_level(image));
    let mut make = |image: Image<'_>, part| {
        let to = Shape::new(options.size.height, options.size.width, 1);
        let mut pixels = vec![0; to.bytes()];
        let blank = match options.fit {
            Placing::Stretch => {
                fit::area(image, ImageMut::new(to, &mut pixels), scratch);
                false
            }
            Placing::Mnist => !pixels::center(image, level, ImageMut::new(to, &mut pixels), scratch),
        };
        Drawing { pixels, part, inverted, blank }
    };
    if !options.segment {
        let whole = Rect { x0: 0, y0: 0, x1: shape.width as i32, y1: shape.height as i32 };
        return Ok(vec![make(image, whole)]);
    }
    Ok(pixels::pieces(image, level)
        .into_iter()
        .map(|part| {
            let (shape, piece) = pixels::cut(image, part);
            make(Image::new(shape, &piece), part)
        })
        .collect())
}

/// All drawings in memory: they are small.
struct Drawings {
    pixels: Vec<u8>,
    labels: Vec<u8>,
    /// For each image: its picture, the part of it, and whether it was inverted.
    sources: Vec<(PathBuf, Rect, bool)>,
    schema: Schema,
}

impl Source for Drawings {
    fn len(&self) -> u64 {
        self.labels.len() as u64
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(DrawingsReader { of: self })
    }
}

struct DrawingsReader<'a> {
    of: &'a Drawings,
}

impl Reader for DrawingsReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let shape: Shape = self.of.schema.shape;
        let at = index as usize * shape.bytes();
        sample.canvas.load(Image::new(shape, &self.of.pixels[at..at + shape.bytes()]));
        sample.label = Label::Class(self.of.labels[index as usize]);
        sample.origin = index;
        sample.objects.clear();
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        Ok(Label::Class(self.of.labels[index as usize]))
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        origins.push(index);
        Ok(())
    }

    fn explain(
        &mut self,
        index: u64,
        sample: &mut Sample,
        tell: &mut dyn FnMut(Told<'_>),
    ) -> Result<(), Fault> {
        self.read(index, sample)?;
        let (path, part, inverted) = &self.of.sources[index as usize];
        let drawn = json!({ "file": path, "part": part, "inverted": inverted });
        tell(Told { step: "import", drawn, image: sample.canvas.image() });
        Ok(())
    }
}

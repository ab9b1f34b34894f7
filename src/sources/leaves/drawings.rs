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
use crate::kernels::drawing::{self, Paper};
use crate::kernels::{color, fit, resize_pil};

use self::error::DrawingError;
use self::room::Room;
use super::SourceError;
use super::pictures;
use crate::names::natural;
use crate::recipe::{Background, Import, Invert, Placing};
use crate::sources::Sought;
use crate::sources::open::Open;

pub mod error;
mod labels;
mod room;

/// One image and where it came from.
struct Drawing {
    pixels: Vec<u8>,
    /// The part of the picture that was cut out; all of it without `--segment`.
    part: Rect,
    inverted: bool,
    blank: bool,
    background: Seen,
}

/// What a background was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// It was not looked at.
    Kept,
    As(Paper),
}

impl Seen {
    fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::As(Paper::Clean) => "clean",
            Self::As(Paper::Estimated) => "estimated",
            Self::As(Paper::Blank) => "blank",
            Self::As(Paper::Unknown) => "unknown",
        }
    }
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
    let Items { all: items, classes, mut notes } = items(options)?;
    let room = Room::default();
    let pass = watch.pass("reading drawings", Unit::Files, Some(items.len() as u64));
    let read: Vec<Result<(blake3::Hash, Found), PictureError>> = items
        .par_iter()
        .filter(|_| !pass.stop().is_asked())
        .map_init(Scratch::default, |scratch, item| {
            let bytes = picture::load(&item.path)?;
            pass.add(1);
            let shape = picture::dimensions_of(&bytes, &item.path)?;
            let _room = room.wait_for(shape.pixels() as u64);
            Ok((blake3::hash(&bytes), drawings(&bytes, &item.path, options, scratch)?))
        })
        .collect();
    pass.check()?;
    let mut hasher = blake3::Hasher::new();
    let (mut drawn, mut bad) = (Vec::new(), Vec::new());
    for (number, result) in read.into_iter().enumerate() {
        match result {
            Ok((digest, drawings)) => {
                hasher.update(digest.as_bytes());
                let path = items[number].path.display();
                let drawings = drawings.map_err(|Crowd(found)| DrawingError::Pieces {
                    path: items[number].path.clone(),
                    found,
                    most: MOST_PIECES,
                })?;
                if drawings.is_empty() {
                    return Err(DrawingError::NoInk { path: items[number].path.clone() }.into());
                }
                if drawings.iter().any(|drawing| drawing.blank) {
                    notes.push(format!("{path}: there is no ink in it; its image is black"));
                }
                if drawings.iter().any(|drawing| drawing.background == Seen::As(Paper::Unknown)) {
                    notes.push(format!(
                        "{path}: ink and background cannot be told apart in it, and both were kept; --background keep says so"
                    ));
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
    let found = labels::of(options.label.as_ref(), options.segment, &folders, classes.as_deref())?;
    notes.extend(found.notes);

    let shape = Shape::gray(options.size.height, options.size.width);
    let mut content = blake3::Hasher::new();
    content.update(&found.labels);
    let mut pixels = Vec::with_capacity(drawn.len() * shape.bytes());
    let mut sources = Vec::with_capacity(drawn.len());
    for (item, drawing) in drawn {
        content.update(&drawing.pixels);
        pixels.extend(drawing.pixels);
        sources.push(Origin {
            path: items[item].path.clone(),
            part: drawing.part,
            inverted: drawing.inverted,
            background: drawing.background,
        });
    }
    let schema = Schema {
        shape,
        varied: false,
        labels: LabelKind::Class,
        class_names: found.classes,
        grid: None,
        frames: None,
        masks: false,
        roots: vec![Root {
            name: format!("drawings/{}", options.split),
            digest: content.finalize().to_hex().to_string(),
            images: sources.len() as u64,
        }],
        truth: Vec::new(),
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

/// The pictures that are meant.
struct Items {
    all: Vec<Item>,
    /// The classes by id, if one folder says them all.
    classes: Option<Vec<String>>,
    notes: Vec<String>,
}

/// All pictures that are meant, in order, with the names of their classes where folders give them.
fn items(options: &Import) -> Result<Items, Fault> {
    let (mut items, mut notes) = (Vec::new(), Vec::new());
    let mut classes = None;
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
        let found = pictures::files(path)?;
        let (mut files, has_classes) = (found.by_class, found.classes.is_some());
        if options.label.is_none() {
            notes.extend(found.notes);
        }
        if options.files.len() == 1 {
            classes = found.classes;
        }
        // A list of labels is in the order in which people count.
        if options.label.as_ref().is_some_and(|label| label.text().contains(',') || options.segment) {
            files.sort_by(|(a, _), (b, _)| natural(&a.to_string_lossy(), &b.to_string_lossy()));
        }
        items.extend(files.into_iter().map(|(path, class)| Item {
            path,
            class: Some(class).filter(|name| has_classes || name.parse::<u8>().is_ok()),
        }));
    }
    Ok(Items { all: items, classes, notes })
}

/// Pictures of more pixels are made smaller before ink is looked for.
const MOST_PIXELS: usize = 1 << 24;

/// A strip of more digits than this is none.
const MOST_PIECES: usize = 10_000;

/// The drawings of a picture.
type Found = Result<Vec<Drawing>, Crowd>;

/// How many pieces a picture has that is no strip of digits.
struct Crowd(usize);

/// A picture in one channel, light on dark.
struct Gray {
    shape: Shape,
    data: Vec<u8>,
    inverted: bool,
    background: Seen,
}

impl Gray {
    /// With the background as it is, on white where it is transparent.
    fn kept(bytes: &[u8], path: &Path, invert: Invert) -> Result<Self, PictureError> {
        let decoded = picture::decode(bytes, path)?;
        let shape = decoded.shape.as_gray();
        let mut data = decoded.data;
        if decoded.shape.channels() == 3 {
            let mut one = vec![0; shape.bytes()];
            color::to_gray(Image::new(decoded.shape, &data), ImageMut::new(shape, &mut one));
            data = one;
        }
        let inverted = is_inverted(invert).unwrap_or_else(|| drawing::is_light(Image::new(shape, &data)));
        if inverted {
            drawing::invert(&mut data);
        }
        Ok(Self { shape, data, inverted, background: Seen::Kept })
    }

    /// The ink alone.
    fn ink(bytes: &[u8], path: &Path, invert: Invert, scratch: &mut Scratch) -> Result<Self, PictureError> {
        let picture::Layers { picture, alpha } = picture::layers(bytes, path)?;
        let mut shape = picture.shape.as_gray();
        let mut data = drawing::flatten(picture.image(), alpha.as_deref());
        drop((picture, alpha));
        if shape.pixels() > MOST_PIXELS {
            let times = (shape.pixels() as f64 / MOST_PIXELS as f64).sqrt().ceil() as usize;
            let small = Shape::gray(shape.height.div_ceil(times), shape.width.div_ceil(times));
            let mut fewer = vec![0; small.bytes()];
            fit::area(Image::new(shape, &data), ImageMut::new(small, &mut fewer), scratch);
            (shape, data) = (small, fewer);
        }
        let ink = drawing::ink(Image::new(shape, &data), is_inverted(invert));
        Ok(Self { shape, data: ink.data, inverted: ink.dark, background: Seen::As(ink.paper) })
    }
}

fn is_inverted(invert: Invert) -> Option<bool> {
    match invert {
        Invert::Auto => None,
        Invert::Yes => Some(true),
        Invert::No => Some(false),
    }
}

/// The drawings of one picture.
fn drawings(
    bytes: &[u8],
    path: &Path,
    options: &Import,
    scratch: &mut Scratch,
) -> Result<Found, PictureError> {
    let whole = picture::dimensions_of(bytes, path)?;
    let estimated = options.background == Some(Background::Estimate);
    let Gray { shape, mut data, inverted, background } = if estimated {
        Gray::ink(bytes, path, options.invert, scratch)?
    } else {
        Gray::kept(bytes, path, options.invert)?
    };
    let level = options.threshold.unwrap_or_else(|| drawing::ink_level(Image::new(shape, &data)));
    if estimated && (options.segment || options.fit == Placing::Mnist) {
        drawing::sweep(&mut data, shape, level);
    }
    let mut make = |image: Image<'_>, part| {
        let to = Shape::gray(options.size.height, options.size.width);
        let mut pixels = vec![0; to.bytes()];
        let dst = ImageMut::new(to, &mut pixels);
        let inked = match (options.fit, options.background) {
            (Placing::Stretch, Some(_)) => {
                resize_pil::bicubic(image, dst, scratch);
                background != Seen::As(Paper::Blank)
            }
            (Placing::Stretch, None) => {
                fit::area(image, dst, scratch);
                true
            }
            (Placing::Mnist, _) => drawing::center(image, level, dst, scratch),
        };
        Drawing { pixels, part, inverted, blank: !inked, background }
    };
    if !options.segment {
        let part = Rect { x0: 0, y0: 0, x1: whole.width as i32, y1: whole.height as i32 };
        return Ok(Ok(vec![make(Image::new(shape, &data), part)]));
    }
    let image = Image::new(shape, &data);
    let pieces = match options.background {
        Some(_) => drawing::pieces(image, level),
        None => drawing::columns(image, level),
    };
    if pieces.len() > MOST_PIECES {
        return Ok(Err(Crowd(pieces.len())));
    }
    // In pixels of the picture, which may have been made smaller.
    let down = |y: i32| (y as usize * whole.height / shape.height) as i32;
    let across = |x: i32| (x as usize * whole.width / shape.width) as i32;
    Ok(Ok(pieces
        .into_iter()
        .map(|piece| {
            let Rect { x0, y0, x1, y1 } = piece.area;
            let (shape, data) = drawing::padded(&piece);
            let part = Rect { x0: across(x0), y0: down(y0), x1: across(x1), y1: down(y1) };
            make(Image::new(shape, &data), part)
        })
        .collect()))
}

/// Where an image came from.
struct Origin {
    path: PathBuf,
    part: Rect,
    inverted: bool,
    background: Seen,
}

/// All drawings in memory: they are small.
struct Drawings {
    pixels: Vec<u8>,
    labels: Vec<u8>,
    /// Of each image.
    sources: Vec<Origin>,
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
        sample.begin(index);
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
        let Origin { path, part, inverted, background } = &self.of.sources[index as usize];
        let drawn =
            json!({ "file": path, "part": part, "inverted": inverted, "background": background.name() });
        tell(Told { step: "import", drawn, image: sample.canvas.image() });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn recipes_of_earlier_versions_give_what_they_gave() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        // Dark paper with darker ink: its mean is below 128, so that the paper was taken for ink.
        let data: Vec<u8> = (0..48).map(|i| if [19, 20, 27, 28].contains(&i) { 30 } else { 110 }).collect();
        file.write_all(&picture::encode_png(Image::new(Shape::gray(6, 8), &data)).unwrap()).unwrap();
        let path = file.path();
        let made = |background: &str| {
            let recipe = format!(
                r#"{{ "files": [{path:?}], "split": "train", "invert": "auto", "size": "3x4", "fit": "stretch"{background} }}"#
            );
            let import: Import = serde_json::from_str(&recipe).unwrap();
            let data = open(&import, &Watch::default()).unwrap();
            let mut sample = Sample::default();
            data.splits[0].source.reader().read(0, &mut sample).unwrap();
            sample.canvas.pixels().to_vec()
        };
        // Means over 2 x 2.
        assert_eq!(made(""), [110, 110, 110, 110, 110, 70, 70, 110, 110, 110, 110, 110]);
        let kept = made(r#", "background": "keep""#);
        assert!(kept[0] >= 108 && kept != made(""), "{kept:?}");
        let ink = made(r#", "background": "estimate""#);
        assert!(ink[0] < 20 && ink[5] > 100, "{ink:?}");
    }
}

//! Background pictures: the built-in ones or a folder's, fitted to the size of the images.

use std::path::{Path, PathBuf};

use crate::base::fault::in_one_line;
use crate::base::{Explain, Fault, Image, ImageMut, Input, Kind, Scratch, Shape};
use crate::formats::codec::picture::{self, Picture, PictureError};
use crate::kernels::fit;
use crate::recipe::colorize::Fit;

use super::SourceError;
use crate::sources::Sought;
use crate::sources::folder::Children;
use crate::sources::leaves::pictures;

/// The pictures that come with the program, in name order.
const BUILTIN: [(&str, &[u8]); 6] = [
    ("aurora.png", include_bytes!("../../../backgrounds/aurora.png")),
    ("dunes.png", include_bytes!("../../../backgrounds/dunes.png")),
    ("marble.png", include_bytes!("../../../backgrounds/marble.png")),
    ("ripples.png", include_bytes!("../../../backgrounds/ripples.png")),
    ("stained-glass.png", include_bytes!("../../../backgrounds/stained-glass.png")),
    ("tartan.png", include_bytes!("../../../backgrounds/tartan.png")),
];

/// One background.
#[derive(Clone, Debug)]
pub struct Background {
    /// File name.
    pub name: String,
    picture: Picture,
}

/// The backgrounds of one run, in name order.
#[derive(Clone, Debug)]
pub struct Backgrounds {
    /// The pictures.
    pub list: Vec<Background>,
    /// What to write into the manifest.
    pub input: Input,
    /// Warnings, for pictures that were passed over.
    pub notes: Vec<String>,
}

impl Backgrounds {
    /// Reads a folder's pictures, or one picture; `None` are the built-in ones. Folders below are read if the folder itself holds none.
    /// Files that are no pictures, neither by their names nor by what they begin with, are passed over with a warning, hidden ones without; with
    /// `skip_unreadable` so are those that only their names make pictures.
    ///
    /// # Errors
    /// If there is no picture, or, without `skip_unreadable`, a file that is none though it is called one.
    pub fn load(path: Option<&Path>, skip_unreadable: bool) -> Result<Self, Fault> {
        let mut notes = Vec::new();
        let mut list = Vec::new();
        if let Some(path) = path {
            for file in files(path, &mut notes)? {
                match picture::read(&file) {
                    Ok(picture) => {
                        let below =
                            file.strip_prefix(path).ok().filter(|below| !below.as_os_str().is_empty());
                        let name = below.unwrap_or(Path::new(file.file_name().unwrap_or_default()));
                        let name = name.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
                        list.push(Background { name, picture });
                    }
                    Err(error) if skip_unreadable => notes.push(format!("skipped: {}", in_one_line(&error))),
                    Err(error) => {
                        return Err(BackgroundError::Picture(error).into());
                    }
                }
            }
            if list.is_empty() {
                let found = notes.pop().map_or_else(String::new, |note| format!("; {note}"));
                return Err(BackgroundError::None { path: path.into(), found }.into());
            }
        } else {
            for (name, bytes) in BUILTIN {
                let picture = picture::read_bytes(bytes, Path::new(name))?;
                list.push(Background { name: name.to_owned(), picture });
            }
        }
        let mut hasher = blake3::Hasher::new();
        for background in &list {
            let shape = background.picture.shape;
            for side in [shape.height, shape.width] {
                hasher.update(&(side as u64).to_le_bytes());
            }
            hasher.update(&background.picture.data);
        }
        let input = Input {
            role: "backgrounds".into(),
            path: path.map_or_else(|| "built-in".into(), |path| path.to_string_lossy().into_owned()),
            digest: hasher.finalize().to_hex().to_string(),
        };
        Ok(Self { list, input, notes })
    }
}

/// Why pictures are no backgrounds.
#[derive(Debug, thiserror::Error)]
pub enum BackgroundError {
    /// A file among them is no picture.
    #[error(transparent)]
    Picture(PictureError),
    /// There are none.
    #[error("{path}: expected PNG, JPEG, BMP or WebP pictures, found none{found}")]
    None {
        /// The folder.
        path: PathBuf,
        /// What was passed over, behind a semicolon.
        found: String,
    },
    /// A picture that is hardly more than a line.
    #[error("{name}: too narrow to be enlarged to {shape}")]
    Narrow {
        /// The picture.
        name: String,
        /// Shape of the images that are to lie on it.
        shape: Shape,
    },
}

impl Explain for BackgroundError {
    fn kind(&self) -> Kind {
        Kind::Data
    }

    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Picture(_) => "add --skip-unreadable to leave it out, or get the file again",
            Self::None { found, .. } if !found.is_empty() => {
                "unpack archives, name the folder of the pictures, or leave --backgrounds out to use the built-in ones"
            }
            Self::None { .. } => "leave --backgrounds out to use the built-in ones",
            Self::Narrow { .. } => "use --fit stretch or --fit tile",
        };
        Some(help.into())
    }
}

/// How deep folders of backgrounds are looked into.
const DEEPEST: usize = 16;

/// The pictures of a folder, or of the folders below if it has none of its own, each folder's in the order of their names' bytes.
fn files(path: &Path, notes: &mut Vec<String>) -> Result<Vec<PathBuf>, Fault> {
    let read = |source| SourceError::Read { path: path.into(), source };
    let found = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(SourceError::NotFound { path: path.into(), sought: Sought::Backgrounds }.into());
        }
        found => found.map_err(read)?,
    };
    if !found.is_dir() {
        return Ok(vec![path.into()]);
    }
    let Children { files: own, folders, .. } = Children::of(path)?;
    let mut others = Vec::new();
    let mut files = pictures_of(own, &mut others);
    if files.is_empty() {
        for folder in &folders {
            walk(folder, 1, &mut files, &mut others)?;
        }
    } else if let Some(first) = folders.first() {
        let (n, s) = (folders.len(), if folders.len() == 1 { "" } else { "s" });
        let name = first.file_name().unwrap_or_default().to_string_lossy();
        notes.push(format!(
            "{}: {n} folder{s} beside the backgrounds passed over: {name}{}",
            path.display(),
            if n == 1 { "" } else { ", ..." }
        ));
    }
    if let Some(first) = others.first() {
        let (n, s) = (others.len(), if others.len() == 1 { "" } else { "s" });
        let name = first.file_name().unwrap_or_default().to_string_lossy();
        let more = if n == 1 { "" } else { ", ..." };
        notes.push(format!("{}: passed over {n} file{s}, no pictures: {name}{more}", path.display()));
    }
    Ok(files)
}

/// Of these files those that are pictures; the others go to `others`.
fn pictures_of(files: Vec<PathBuf>, others: &mut Vec<PathBuf>) -> Vec<PathBuf> {
    let (pictures, mut rest): (Vec<PathBuf>, Vec<PathBuf>) =
        files.into_iter().partition(|path| pictures::is_picture(path));
    others.append(&mut rest);
    pictures
}

/// The pictures of a folder and of all below, its own first.
fn walk(
    folder: &Path,
    depth: usize,
    files: &mut Vec<PathBuf>,
    others: &mut Vec<PathBuf>,
) -> Result<(), Fault> {
    let Children { files: own, folders, .. } = Children::of(folder)?;
    files.append(&mut pictures_of(own, others));
    if depth < DEEPEST {
        folders.iter().try_for_each(|below| walk(below, depth + 1, files, others))?;
    }
    Ok(())
}

/// A background at the size of the images.
#[derive(Debug)]
pub enum Fitted {
    /// The same for all images.
    Fixed(Vec<u8>),
    /// A larger picture, of which each image shows a window.
    Windows {
        /// It.
        picture: Picture,
        /// Whether windows lie at its lower and right edge, too.
        edge: bool,
    },
}

impl Fitted {
    /// Fits a background to `shape`, three channels.
    ///
    /// # Errors
    /// If the enlarged picture would not fit into memory.
    pub fn new(
        background: &Background,
        fit: Fit,
        shape: Shape,
        scratch: &mut Scratch,
    ) -> Result<Self, Fault> {
        let picture = background.picture.image();
        let shape = shape.as_rgb();
        let fixed = || vec![0; shape.bytes()];
        Ok(match fit {
            Fit::Cover => {
                let mut out = fixed();
                fit::cover(picture, ImageMut::new(shape, &mut out), scratch);
                Self::Fixed(out)
            }
            Fit::Stretch => {
                let mut out = fixed();
                fit::area(picture, ImageMut::new(shape, &mut out), scratch);
                Self::Fixed(out)
            }
            Fit::Tile => {
                let mut out = fixed();
                fit::tile(picture, ImageMut::new(shape, &mut out));
                Self::Fixed(out)
            }
            Fit::Crop | Fit::CropRandint => {
                let base = fit::crop_shape(picture.shape, shape.height, shape.width);
                if base.checked_bytes().is_none_or(|bytes| bytes > 1 << 30) {
                    return Err(BackgroundError::Narrow { name: background.name.clone(), shape }.into());
                }
                let (shape, data) = fit::crop_base(picture, shape.height, shape.width, scratch);
                Self::Windows { picture: Picture { shape, data }, edge: fit == Fit::Crop }
            }
        })
    }

    /// Numbers of places at which a window of `shape` can lie: down and across.
    #[must_use]
    pub fn places(&self, shape: Shape) -> (usize, usize) {
        match self {
            Self::Fixed(_) => (1, 1),
            Self::Windows { picture, edge } => {
                let places = |long: usize, short: usize| (long - short + usize::from(*edge)).max(1);
                (places(picture.shape.height, shape.height), places(picture.shape.width, shape.width))
            }
        }
    }

    /// The RGB pixels at `place`; `out` is room for a window of `shape`.
    #[must_use]
    pub fn at<'a>(&'a self, place: (usize, usize), shape: Shape, out: &'a mut Vec<u8>) -> &'a [u8] {
        match self {
            Self::Fixed(pixels) => pixels,
            Self::Windows { picture, .. } => {
                let shape = shape.as_rgb();
                out.resize(shape.bytes(), 0);
                let source: Image<'_> = picture.image();
                fit::window(source, place.0, place.1, ImageMut::new(shape, out));
                out
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::codec::picture::encode_png;

    fn write(folder: &Path, name: &str, bytes: &[u8]) {
        use std::io::Write;
        std::fs::File::create_new(folder.join(name)).unwrap().write_all(bytes).unwrap();
    }

    #[test]
    fn folders_are_read_in_name_order_without_hidden_files() {
        let folder = tempfile::tempdir().unwrap();
        let png = |value| encode_png(Image::new(Shape::gray(1, 2), &[value; 2])).unwrap();
        write(folder.path(), "b.png", &png(1));
        write(folder.path(), "a.jpg", &png(2));
        write(folder.path(), ".hidden", b"x");
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        let loaded = Backgrounds::load(Some(folder.path()), false).unwrap();
        let names: Vec<_> = loaded.list.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["a.jpg", "b.png"]);

        write(folder.path(), "notes.txt", b"not a picture");
        let passed = Backgrounds::load(Some(folder.path()), false).unwrap();
        assert!(passed.notes[1].contains("passed over 1 file, no pictures: notes.txt"), "{:?}", passed.notes);
        assert_eq!(passed.input.digest, loaded.input.digest);
        write(folder.path(), "c.png", b"not a picture");
        let error = Backgrounds::load(Some(folder.path()), false).unwrap_err();
        assert!(error.to_string().contains("c.png"), "{error}");
        let skipped = Backgrounds::load(Some(folder.path()), true).unwrap();
        assert_eq!(skipped.list.len(), 2);
        assert_eq!(skipped.notes.len(), 3, "the folder and the files: {:?}", skipped.notes);
        assert_eq!(skipped.input.digest, loaded.input.digest);
    }

    #[test]
    fn folders_below_are_read_where_there_is_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let png = |value| encode_png(Image::new(Shape::gray(1, 2), &[value; 2])).unwrap();
        for (name, value) in [("val", 3), ("train", 1), ("train/more", 2)] {
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
            write(&folder.path().join(name), "1.png", &png(value));
            write(&folder.path().join(name), "Thumbs.db", b"none");
        }
        write(folder.path(), "list.txt", b"1");
        let loaded = Backgrounds::load(Some(folder.path()), false).unwrap();
        let names: Vec<_> = loaded.list.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["train/1.png", "train/more/1.png", "val/1.png"]);
        assert_eq!(loaded.notes.len(), 1, "{:?}", loaded.notes);
    }

    #[test]
    fn windows_lie_at_the_edge_unless_as_randint_has_it() {
        let shape = Shape::rgb(5, 9);
        let picture = Picture { shape, data: (0..shape.bytes()).map(|i| i as u8).collect() };
        let background = Background { name: "a".into(), picture };
        let places = |fit, window| {
            let fitted = Fitted::new(&background, fit, window, &mut Scratch::default()).unwrap();
            fitted.places(window)
        };
        assert_eq!(places(Fit::Crop, Shape::gray(2, 3)), (4, 7));
        assert_eq!(places(Fit::CropRandint, Shape::gray(2, 3)), (3, 6));
        // Where there is no other place.
        assert_eq!(places(Fit::CropRandint, Shape::gray(5, 1)), (1, 8));
        assert_eq!(places(Fit::CropRandint, Shape::gray(5, 9)), (1, 1));
    }

    #[test]
    fn empty_and_missing_folders_are_named() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("none")] {
            let error = Backgrounds::load(Some(&path), true).unwrap_err().to_string();
            assert!(error.contains(&path.display().to_string()), "{error}");
        }
    }

    #[test]
    fn the_built_in_ones_are_the_files_that_ship() {
        let builtin = Backgrounds::load(None, false).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("backgrounds");
        let shipped = Backgrounds::load(Some(&shipped), false).unwrap();
        assert_eq!(builtin.input.digest, shipped.input.digest);
        assert!(builtin.list.len() >= 6);
    }
}

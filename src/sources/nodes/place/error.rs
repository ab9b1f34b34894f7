//! Why images cannot be placed.

use crate::base::sample::{MAX_TRUTH, MOST_MASKED};
use crate::base::{Explain, Kind};
use crate::recipe::place::MOST_OBJECTS;
use crate::recipe::quadrant::Objects;

/// Why images cannot be placed as asked.
#[derive(Debug, thiserror::Error)]
pub enum PlacingError {
    /// An object is larger than what it is to be placed in.
    #[error("objects of {height}x{width} do not fit into {place} of {}x{}", .room[0], .room[1])]
    NoRoom {
        /// Rows of the object.
        height: usize,
        /// Its columns.
        width: usize,
        /// What it is to be placed in.
        place: &'static str,
        /// Rows and columns of that.
        room: [usize; 2],
    },
    /// More objects than a canvas can have.
    #[error("--objects {}: a canvas has at most {MOST_OBJECTS} objects", String::from(*.0))]
    TooMany(Objects),
    /// More objects than a mask tells apart.
    #[error("--masks: a mask tells up to {MOST_MASKED} places of objects apart; --objects {}", String::from(*.0))]
    TooManyMasked(Objects),
    /// More columns of truth than there can be.
    #[error("--class-truth: {0} objects, and truth has at most {MAX_TRUTH} columns")]
    TooManyKnown(usize),
    /// Sequences that are too long.
    #[error("{frames} frames of {height} rows are {} rows; an image has at most {most}", frames * height)]
    TooLong {
        /// How many frames.
        frames: usize,
        /// Rows of each.
        height: usize,
        /// How many rows there can be.
        most: usize,
    },
    /// Places that are not those of the objects.
    #[error("--arrange at: {places} places for {} objects", String::from(*.objects))]
    Places {
        /// How many places there are.
        places: usize,
        /// How many objects there are to be.
        objects: Objects,
    },
    /// A number of objects that is drawn, where it must be known.
    #[error("{option} needs a number of objects that is always the same; --objects {} is a range", String::from(*.objects))]
    Range {
        /// What needs it.
        option: &'static str,
        /// How many objects there may be.
        objects: Objects,
    },
    /// A class where there may be no object.
    #[error("--label first needs an object; --objects {} may be none", String::from(*.0))]
    NoFirst(Objects),
    /// Labels beyond a byte.
    #[error("--label {label}: labels up to {most} would be needed; they go up to 255")]
    Label {
        /// What was asked for.
        label: &'static str,
        /// The largest one.
        most: u64,
    },
    /// Classes of others, where the order decides.
    #[error("--others goes with images that are drawn; --pick {0} takes them in turn")]
    Ordered(&'static str),
    /// More samples than sets of images.
    #[error("split {split}: {images} images make {sets} samples of {objects}; {count} are asked for")]
    Sets {
        /// The split.
        split: String,
        /// Its images.
        images: u64,
        /// What they make.
        sets: u64,
        /// Images of each.
        objects: usize,
        /// How many are asked for.
        count: u64,
    },
    /// No image of another class.
    #[error("split {split}: all images are of one class, and --others other-class asks for another one")]
    OneClass {
        /// The split.
        split: String,
    },
    /// An object that has no place.
    #[error("sample {index}: no place for object {object} of {objects} was found")]
    NoPlace {
        /// The sample.
        index: u64,
        /// The object, counted from 1.
        object: usize,
        /// How many there are to be.
        objects: usize,
    },
}

impl Explain for PlacingError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoRoom { place: "images", .. } => "ask for smaller pieces: --clutter N:HxW".into(),
            Self::NoRoom { place: "a frame", .. } => "ask for a larger --canvas".into(),
            Self::NoRoom { .. } => "ask for a larger --canvas, a smaller --size, or fewer --objects".into(),
            Self::TooMany(_) => format!("ask for at most {MOST_OBJECTS}"),
            Self::TooManyKnown(_) => {
                format!("ask for at most {MAX_TRUTH} objects or cells, or leave out --class-truth")
            }
            Self::TooLong { .. } => "ask for fewer --frames, or a smaller --canvas".into(),
            Self::TooManyMasked(_) => "ask for fewer objects or cells, or leave out --masks".into(),
            Self::Places { places, .. } => format!("say --objects {places}, or give a place for each"),
            Self::Range { objects, .. } => format!("say --objects {}", objects.hi),
            Self::NoFirst(objects) => format!("say --objects 1-{}", objects.hi),
            Self::Label { label: "number", .. } => {
                "ask for fewer objects, or for --class-truth, which keeps each class by itself".into()
            }
            Self::Label { .. } => "ask for fewer objects".into(),
            Self::Ordered(_) => "leave out --others, or say --pick each".into(),
            Self::Sets { sets, .. } => format!("ask for at most {sets}, or say --pick shuffled"),
            Self::OneClass { .. } => "read images of several classes, or leave out --others".into(),
            Self::NoPlace { .. } => {
                "ask for fewer objects, a larger --canvas, more --overlap or --retries, or say --full fewer"
                    .into()
            }
        })
    }
}

//! A data set that this program has written as single pictures, as a source. The lists beside the pictures say in which order
//! they stand, and what is known of them besides their pixels.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use crate::base::{Fault, Grid, Label, LabelKind, Reader, Rect, Sample, Schema, Shape, Source};
use crate::formats::codec::{picture, rle};
use crate::formats::{Spool, SpoolWriter};
use crate::sources::leaves::error::LeafError;
use crate::store::StoreError;
use crate::store::inside::Inside;
use crate::store::manifest::SplitRecord;
use crate::store::pictures::{Listed, read_list};

use crate::sources::SourceError;

use super::files::{Files, check_bytes};
use super::reader::FARTHEST;

/// The pictures of one split.
pub(super) struct PictureSplit {
    files: Arc<Files>,
    schema: Schema,
    shapes: Vec<Shape>,
    labels: Vec<Label>,
    /// Where the line of each picture begins, and one past the end.
    lines: Vec<u64>,
    lists: Spool,
    /// For masks that are checked.
    room: Vec<u8>,
}

impl PictureSplit {
    /// Opens the pictures that the shards of `record` list.
    ///
    /// # Errors
    /// If a list cannot be read, or lists other pictures than the manifest says.
    pub(super) fn open(files: &Arc<Files>, record: SplitRecord) -> Result<Self, Fault> {
        let folder = files.folder();
        let mut split = Self {
            files: Arc::clone(files),
            shapes: Vec::new(),
            labels: Vec::new(),
            lines: vec![0],
            lists: Spool::Memory(Arc::default()),
            room: Vec::new(),
            schema: record.schema,
        };
        let mut lists = SpoolWriter::default();
        for shard in &record.shards {
            let path = files.sound(&shard.name)?;
            let failed = |source| SourceError::Read { path: path.clone(), source };
            std::io::copy(&mut File::open(&path).map_err(failed)?, &mut lists).map_err(failed)?;
            let before = split.labels.len();
            read_list(folder, &shard.name, |listed, length| split.take(&listed, length, &path))?;
            let found = (split.labels.len() - before) as u64;
            if found != shard.rows {
                return Err(LeafError::StoredList { path, rows: shard.rows, found }.into());
            }
        }
        split.lists = lists.finish().map_err(|source| SourceError::Read { path: folder.into(), source })?;
        Ok(split)
    }

    fn take(&mut self, listed: &Listed, length: usize, path: &Path) -> Result<(), Fault> {
        let line = self.labels.len() + 1;
        let bad = |reason: String| StoreError::BadManifest { path: path.into(), line, reason };
        let (shape, most) = (listed.shape, self.schema.shape);
        let fits = if self.schema.varied {
            (1..=most.height).contains(&shape.height)
                && (1..=most.width).contains(&shape.width)
                && shape.kind == most.kind
        } else {
            shape == most
        };
        if !fits {
            return Err(bad(format!("a picture of {shape} is none of {most}")).into());
        }
        let cells = self.schema.grid.map_or(usize::MAX, Grid::cells);
        let images = self.schema.origins();
        let far = |rect: Rect| rect.to_array().into_iter().any(|value| value.unsigned_abs() > FARTHEST);
        for object in &listed.objects {
            if usize::from(object.class) >= self.schema.classes()
                || object.cell >= cells
                || object.origin >= images
                || far(object.tight)
                || far(object.area)
            {
                return Err(bad(format!("there is no such object: {object:?}")).into());
            }
        }
        if listed.objects.is_empty() && listed.origin >= images {
            return Err(bad(format!("there is no source image {}", listed.origin)).into());
        }
        if let Some(class) = listed.classes.iter().find(|class| usize::from(**class) >= self.schema.classes())
        {
            return Err(bad(format!("there is no class {class}")).into());
        }
        let masks = if self.schema.masks { listed.objects.len() } else { 0 };
        let size = [shape.height, shape.width];
        self.room.resize(shape.pixels(), 0);
        let mut is_mask = |text: &String| rle::decode(text, &mut self.room, size, 1).is_some();
        if listed.masks.len() != masks || !listed.masks.iter().all(&mut is_mask) {
            return Err(bad(format!("expected {masks} masks of {}x{}", shape.height, shape.width)).into());
        }
        let (columns, found) = (self.schema.truth.len(), listed.truth.len());
        if found != columns {
            return Err(bad(format!("expected {columns} values of truth, found {found}")).into());
        }
        let label = match (self.schema.labels, &listed.classes[..]) {
            (LabelKind::Class, [class]) => Label::Class(*class),
            (LabelKind::MultiHot, classes) => {
                let mut label = Label::NO_CLASS;
                for &class in classes {
                    label.set(class);
                }
                label
            }
            (LabelKind::Soft, _) => {
                return Err(bad("lists of pictures have no weights of classes".into()).into());
            }
            (LabelKind::Class, classes) => {
                return Err(bad(format!("expected one class, found {classes:?}")).into());
            }
        };
        self.labels.push(label);
        if !self.shapes.contains(&listed.shape) {
            self.shapes.push(listed.shape);
        }
        self.lines.push(self.lines[line - 1] + length as u64);
        Ok(())
    }

    /// The line of one picture.
    fn listed(&self, index: u64) -> Result<Listed, SourceError> {
        let (start, end) = (self.lines[index as usize], self.lines[index as usize + 1]);
        let mut text = vec![0; (end - start) as usize];
        let failed = |source| SourceError::Read { path: self.files.folder().into(), source };
        self.lists.read_at(start, &mut text).map_err(failed)?;
        serde_json::from_slice(&text).map_err(|error| failed(error.into()))
    }
}

impl Source for PictureSplit {
    fn len(&self) -> u64 {
        self.labels.len() as u64
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn shapes(&self) -> Vec<Shape> {
        self.shapes.clone()
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(PictureReader { split: self })
    }
}

struct PictureReader<'a> {
    split: &'a PictureSplit,
}

impl Reader for PictureReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        let listed = self.split.listed(index)?;
        let file = &listed.files[0];
        let path = self.split.files.folder().join(&file.name);
        let inside = Inside::file(&file.name).map_err(std::io::Error::other);
        inside
            .and_then(|inside| inside.find(self.split.files.folder()))
            .map_err(|source| SourceError::Read { path: path.clone(), source })?;
        let bytes = picture::load(&path)?;
        check_bytes(&path, &bytes, file)?;
        let found = picture::decode(&bytes, &path)?;
        if found.shape != listed.shape {
            return Err(LeafError::StoredPicture { path, expected: listed.shape, found: found.shape }.into());
        }
        sample.canvas.reset(listed.shape).copy_from_slice(&found.data);
        sample.begin(listed.origin);
        sample.label = self.split.labels[index as usize];
        sample.objects.clone_from(&listed.objects);
        sample.truth.clone_from(&listed.truth);
        sample.mask.clear();
        if self.split.schema.masks {
            let Shape { height, width, .. } = listed.shape;
            sample.mask.resize(height * width, 0);
            for (object, text) in listed.objects.iter().zip(&listed.masks) {
                // It was read once, when the list was.
                let _ = rle::decode(text, &mut sample.mask, [height, width], (object.cell + 1) as u8);
            }
        }
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        Ok(self.split.labels[index as usize])
    }

    fn origins(&mut self, index: u64, origins: &mut Vec<u64>) -> Result<(), Fault> {
        let listed = self.split.listed(index)?;
        if listed.objects.is_empty() {
            origins.push(listed.origin);
        }
        origins.extend(listed.objects.iter().map(|object| object.origin));
        let partner = self.split.schema.partner().map(|column| listed.truth[column]);
        origins.extend(partner.and_then(|partner| u64::try_from(partner).ok()));
        Ok(())
    }
}

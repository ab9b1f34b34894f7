//! From a spec to a pipeline for images of one shape: which shape comes out, and whether it always does.

use std::sync::Arc;

use super::combinators::Branches;
use super::spec::{Kind, Spec, Step};
use crate::base::{Channels, Shape};
use crate::ops::ShapeOut;
use crate::text::complaint::{Complaint, TextError};

/// A spec that is ready to draw for images of one shape.
#[derive(Clone, Debug)]
pub struct Pipeline {
    spec: Arc<Spec>,
    shape: Shape,
    out: Result<Shape, Complaint>,
}

/// What is known of the images at some point of a pipeline.
#[derive(Clone, Debug)]
pub struct Known {
    /// The shape, or what it was when it was last known.
    shape: Shape,
    /// Why it is not known any more.
    lost: Option<Complaint>,
}

impl Pipeline {
    /// Prepares `spec` for images of shape `shape`.
    ///
    /// # Errors
    /// A blend whose branches would change the size of the image, and a step that makes some images gray and others not.
    pub fn new(spec: impl Into<Arc<Spec>>, shape: Shape) -> Result<Self, Complaint> {
        let spec = spec.into();
        let known = all(&spec.pipeline, Known { shape, lost: None })?;
        let out = match known.lost {
            None => Ok(known.shape),
            Some(complaint) => Err(complaint),
        };
        Ok(Self { spec, shape, out })
    }

    /// As [`new`](Self::new), for a spec that was read from `text`, the content of the file called `name`;
    /// every image must come out in the same shape.
    ///
    /// # Errors
    /// As [`new`](Self::new), and a step that makes images of different shapes.
    pub fn rectangular(spec: Spec, shape: Shape, name: &str, text: &str) -> Result<Self, TextError> {
        let pipeline = Self::new(spec, shape).map_err(|complaint| complaint.in_text(name, text))?;
        match &pipeline.out {
            Ok(_) => Ok(pipeline),
            Err(complaint) => Err(complaint.clone().in_text(name, text)),
        }
    }

    /// The spec.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The shape of the images that go in.
    #[must_use]
    pub fn shape_in(&self) -> Shape {
        self.shape
    }

    /// The shape of the images that come out.
    ///
    /// # Errors
    /// The step by which shapes vary, and the remedy.
    pub fn shape_out(&self) -> Result<Shape, &Complaint> {
        self.out.as_ref().copied()
    }

    pub(super) fn steps(&self) -> &[Step] {
        &self.spec.pipeline
    }
}

/// Why the shape is not known after `step`.
fn varies(step: &Step) -> Complaint {
    let key = step.kind.key();
    let help = if could_keep_size(&step.kind) {
        "Add keep_size: true to the step that crops or pads, or a `resize` after it"
    } else {
        "Add a `resize` after it"
    };
    Complaint::new(step.at, format!("{key}: makes images of different sizes")).help(help)
}

/// Whether a step has the parameter that makes images as large as they were, and it is off.
fn could_keep_size(kind: &Kind) -> bool {
    serde_json::to_value(kind).is_ok_and(|step| step[kind.key()]["keep_size"] == false)
        || kind.branches().iter().flatten().any(|step| could_keep_size(&step.kind))
}

/// Why images come out gray and colored after `step`.
fn mixes(step: &Step) -> Complaint {
    let key = step.kind.key();
    Complaint::new(
        step.at,
        format!("{key}: makes some images gray, of one channel, and leaves others colored"),
    )
    .help("Use `grayscale`, which keeps three channels")
}

/// Runs all steps one after the other.
///
/// # Errors
/// Shapes that no pipeline may make.
pub fn all(steps: &[Step], start: Known) -> Result<Known, Complaint> {
    steps.iter().try_fold(start, |known, step| after(step, known))
}

/// Runs any one of several alternatives inside `step`.
///
/// # Errors
/// Shapes that no pipeline may make.
pub fn any(
    step: &Step,
    start: &Known,
    alternatives: impl Iterator<Item = Result<Known, Complaint>>,
) -> Result<Known, Complaint> {
    let mut result: Option<Known> = None;
    for alternative in alternatives {
        let next = alternative?;
        if result.as_ref().is_some_and(|known| known.shape.channels() != next.shape.channels()) {
            return Err(mixes(step));
        }
        result = Some(match result {
            None => next,
            Some(so_far) if so_far.lost.is_some() => so_far,
            Some(so_far) if next.lost.is_some() || next.shape == so_far.shape => {
                Known { lost: next.lost, ..so_far }
            }
            Some(so_far) => Known { lost: Some(varies(step)), ..so_far },
        });
    }
    Ok(result.unwrap_or_else(|| start.clone()))
}

/// Runs several steps inside `step` in any order; `every` says that none is left out.
///
/// # Errors
/// Shapes that no pipeline may make.
pub fn unordered(step: &Step, steps: &[Step], start: Known, every: bool) -> Result<Known, Complaint> {
    let mut results = Vec::new();
    for step in steps {
        results.push(after(step, start.clone())?);
    }
    if let Some(lost) = results.iter().find(|known| known.lost.is_some() && start.lost.is_none()) {
        return Ok(lost.clone());
    }
    let Some(changed) = results.iter().find(|known| known.shape != start.shape) else { return Ok(start) };
    // Whatever runs after the change must leave it alone.
    let to = changed.clone();
    let settled = every
        && results.iter().all(|known| known.shape == start.shape || known.shape == to.shape)
        && steps
            .iter()
            .all(|step| after(step, to.clone()).is_ok_and(|k| k.shape == to.shape && k.lost.is_none()));
    if !settled && to.shape.channels() != start.shape.channels() {
        return Err(mixes(step));
    }
    Ok(if settled { to } else { Known { lost: Some(varies(step)), ..start } })
}

/// Runs one step.
///
/// # Errors
/// Shapes that no pipeline may make.
pub fn after(step: &Step, known: Known) -> Result<Known, Complaint> {
    match &step.kind {
        Kind::Op(op) => Ok(match op.shape_out(known.shape) {
            ShapeOut::Same => known,
            ShapeOut::Fixed(shape) => Known { shape, lost: None },
            ShapeOut::Varies => Known { lost: Some(varies(step)), ..known },
        }),
        Kind::Combinator(own) => own.combinator.after(step, &own.branches, known),
    }
}

/// Both branches of a blend must leave the shape as it is.
pub(super) fn unchanged(step: &Step, branches: &Branches, known: Known) -> Result<Known, Complaint> {
    for branch in branches {
        let result = all(branch, Known { lost: None, ..known.clone() })?;
        if result.lost.is_some() || result.shape != known.shape {
            let key = step.kind.key();
            let could = branch.iter().any(|step| could_keep_size(&step.kind));
            return Err(Complaint::new(step.at, format!("{key}: a branch changes the size of the image"))
                .help(if could {
                    "Both images of a blend have one size: add keep_size: true to the step inside"
                } else {
                    "Both images of a blend have one size: move the step before or behind the blend"
                }));
        }
    }
    Ok(known)
}

/// The steps of a wrap, which see images of `kind`, must leave their size and channels as they are.
///
/// # Errors
/// A step that does not.
pub fn undisturbed(step: &Step, steps: &[Step], known: Known, kind: Channels) -> Result<Known, Complaint> {
    let shape = known.shape.with_kind(kind);
    let result = all(steps, Known { shape, lost: None })?;
    if result.lost.is_some() || result.shape != shape {
        let key = step.kind.key();
        return Err(Complaint::new(step.at, format!("{key}: a step inside changes the shape of the image"))
            .help(
                "What it makes is put back where it was: add keep_size: true to the step, or move it behind",
            ));
    }
    Ok(known)
}

/// The steps of a wrap whose images get the size back that they had.
///
/// # Errors
/// Shapes that no pipeline may make.
pub fn sized_back(steps: &[Step], known: Known) -> Result<Known, Complaint> {
    let inside = all(steps, Known { lost: None, ..known.clone() })?;
    Ok(Known { shape: known.shape.with_kind(inside.shape.kind), lost: known.lost })
}

impl Known {
    /// What pixels are made of.
    #[must_use]
    pub fn kind(&self) -> Channels {
        self.shape.kind
    }
}

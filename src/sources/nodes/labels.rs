//! The labels of all samples of a source, for nodes that must know them before the first sample is asked for.

use crate::base::{Fault, Label, LabelKind, Source, Unit, Watch};

/// Samples between two looks at whether to go on.
const STRIDE: u64 = 4096;

/// The classes of all samples, which have one each.
pub(super) fn classes_of(of: &dyn Source, watch: &Watch) -> Result<Vec<u8>, Fault> {
    let pass = watch.pass("reading labels", Unit::Images, Some(of.len()));
    let mut labels = Vec::new();
    let mut reader = of.reader();
    for index in 0..of.len() {
        if index % STRIDE == 0 {
            pass.check()?;
            pass.add(STRIDE.min(of.len() - index));
        }
        labels.push(match reader.label(index)? {
            Label::Class(class) => class,
            Label::MultiHot(_) => 0,
        });
    }
    Ok(labels)
}

/// Which classes samples of a source have. Of soft labels these are all.
pub(super) fn used(source: &dyn Source) -> Result<[bool; 256], Fault> {
    let mut has = [false; 256];
    if source.schema().labels == LabelKind::Soft {
        has[..source.schema().classes()].fill(true);
        return Ok(has);
    }
    let mut reader = source.reader();
    for index in 0..source.len() {
        match reader.label(index)? {
            Label::Class(class) => has[usize::from(class)] = true,
            label @ Label::MultiHot(_) => {
                (0..=255).filter(|&class| label.has(class)).for_each(|class| has[usize::from(class)] = true);
            }
        }
    }
    Ok(has)
}

//! Which images are made, in which order and size.

use super::*;
use crate::recipe::noise::Share;
use crate::sources::leaves::builtin::BuiltinDigits;

fn augment(which: Which, keep_originals: bool, text: &str) -> Result<Augment, Fault> {
    let pipeline = read("p.yaml", text)?;
    let of = Arc::new(BuiltinDigits::new("train", 20));
    Augment::new(
        of,
        "train",
        &Options { pipeline, which, keep_originals, min_visible: Share::default(), only: None, seed: 5 },
    )
}

const SHIFTS: &str = "version: 1\npipeline:\n  - add: [-40, 40]\n  - affine: { rotate: [-20, 20] }\n";

#[test]
fn originals_come_first_and_copies_in_passes() {
    let augment = augment(Which::Copies(2), true, SHIFTS).unwrap();
    assert_eq!(augment.len(), 60);
    let digits = BuiltinDigits::new("train", 20);
    let (mut reader, mut plain) = (augment.reader(), digits.reader());
    let (mut sample, mut digit) = (Sample::default(), Sample::default());
    for index in 0..60 {
        reader.read(index, &mut sample).unwrap();
        plain.read(index % 20, &mut digit).unwrap();
        assert_eq!((sample.origin, sample.label), (index % 20, digit.label));
        assert_eq!(reader.label(index).unwrap(), digit.label);
        assert_eq!(sample.canvas.pixels() == digit.canvas.pixels(), index < 20, "{index}");
    }
}

/// `--keep-originals` is a concatenation: what follows the originals is what comes out without them.
#[test]
fn keeping_originals_changes_nothing_behind_them() {
    let (with, without) = (
        augment(Which::Sample(30), true, SHIFTS).unwrap(),
        augment(Which::Sample(30), false, SHIFTS).unwrap(),
    );
    let (mut a, mut b) = (with.reader(), without.reader());
    let (mut x, mut y) = (Sample::default(), Sample::default());
    let mut origins = std::collections::BTreeSet::new();
    for index in 0..30 {
        a.read(20 + index, &mut x).unwrap();
        b.read(index, &mut y).unwrap();
        assert_eq!((x.canvas.pixels(), x.origin), (y.canvas.pixels(), y.origin));
        origins.insert(x.origin);
    }
    assert!(origins.len() > 8 && origins.len() < 20, "drawn with replacement: {origins:?}");
}

#[test]
fn explaining_gives_the_same_image_step_by_step() {
    let augment = augment(Which::Copies(1), false, SHIFTS).unwrap();
    let mut reader = augment.reader();
    let (mut sample, mut told) = (Sample::default(), Vec::new());
    reader.read(7, &mut sample).unwrap();
    let expected = sample.canvas.pixels().to_vec();
    let mut last = Vec::new();
    reader
        .explain(7, &mut sample, &mut |step| {
            told.push((step.step.to_owned(), step.drawn));
            last = step.image.data.to_vec();
        })
        .unwrap();
    assert_eq!(told.iter().map(|t| t.0.as_str()).collect::<Vec<_>>(), ["image", "add", "affine"]);
    assert!(told[0].1.is_null() && told[2].1.is_object(), "{told:?}");
    assert_eq!((last, sample.canvas.pixels()), (expected.clone(), &expected[..]));
}

#[test]
fn recipes_keep_the_pipeline_itself() {
    let text = read("p.yaml", SHIFTS).unwrap();
    let kept: PipelineText = serde_json::from_str(&serde_json::to_string(&text).unwrap()).unwrap();
    assert_eq!(kept, text);
    let compiled = |text: &PipelineText| compile(text, vec![Shape::gray(28, 28)]).unwrap().0;
    assert_eq!(compiled(&kept)[0].spec(), compiled(&text)[0].spec());
}
/// Digits of which every third is cut to 20x9, and every other third enlarged.
struct Uneven(BuiltinDigits, Schema);

impl Uneven {
    fn new() -> Self {
        let digits = BuiltinDigits::new("train", 12);
        let schema = Schema { shape: Shape::gray(30, 31), varied: true, ..digits.schema().clone() };
        Self(digits, schema)
    }
}

const SIZES: [(usize, usize); 3] = [(28, 28), (20, 9), (30, 31)];

impl Source for Uneven {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn schema(&self) -> &Schema {
        &self.1
    }

    fn shapes(&self) -> Vec<Shape> {
        SIZES.map(|(height, width)| Shape::gray(height, width)).to_vec()
    }

    fn shape_at(&self, index: u64) -> Option<Shape> {
        Some(self.shapes()[index as usize % 3])
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(UnevenReader(self, self.0.reader()))
    }
}

struct UnevenReader<'a>(&'a Uneven, Box<dyn Reader + 'a>);

impl Reader for UnevenReader<'_> {
    fn read(&mut self, index: u64, sample: &mut Sample) -> Result<(), Fault> {
        self.1.read(index, sample)?;
        sample.canvas.redraw(self.0.shapes()[index as usize % 3], crate::kernels::fit::area);
        Ok(())
    }

    fn label(&mut self, index: u64) -> Result<Label, Fault> {
        self.1.label(index)
    }
}

fn uneven(keep_originals: bool, steps: &str) -> Result<Augment, Fault> {
    let pipeline = read("p.yaml", &format!("version: 1\npipeline:\n{steps}"))?;
    let which = Which::Copies(2);
    Augment::new(
        Arc::new(Uneven::new()),
        "train",
        &Options { pipeline, which, keep_originals, min_visible: Share::default(), only: None, seed: 5 },
    )
}

#[test]
fn images_of_different_sizes_each_have_their_pipeline() {
    let steps = "  - crop_and_pad: { percent: [-0.1, 0.1] }\n  - affine: { rotate: [-20, 20] }\n";
    let augment = uneven(true, steps).unwrap();
    assert!(augment.schema().varied && augment.shapes().len() == 3);
    assert_eq!(augment.schema().shape, Shape::gray(30, 31));
    let mut reader = augment.reader();
    let mut sample = Sample::default();
    for index in 0..36 {
        reader.read(index, &mut sample).unwrap();
        assert_eq!(Some(sample.canvas.shape()), augment.shape_at(index));
    }
    // The same parameters as for a source of that size alone: what is drawn does not depend on the others.
    let one = uneven(false, "  - resize: { height: 5, width: 6 }\n").unwrap();
    assert!(!one.schema().varied && one.why_varied().is_none());
    assert_eq!((one.schema().shape, one.shapes().len()), (Shape::gray(5, 6), 1));
}

#[test]
fn a_step_that_makes_sizes_differ_is_named() {
    let steps = "  - fliplr: 0.5\n  - crop: { px: [0, 2], keep_size: false }\n";
    let augment = augment(Which::Copies(1), false, &format!("version: 1\npipeline:\n{steps}")).unwrap();
    assert!(augment.schema().varied);
    let why = augment.why_varied().unwrap();
    assert!(why.reason.contains("p.yaml:4") && why.help.contains("keep_size"), "{why:?}");
    assert_eq!(augment.shape_at(0), None);
    // A manifest keeps no places.
    let kept =
        PipelineText { written: None, ..read("p.yaml", &format!("version: 1\npipeline:\n{steps}")).unwrap() };
    let why = compile(&kept, vec![Shape::gray(28, 28)]).unwrap().1.unwrap();
    assert!(why.reason.starts_with("the recipe's pipeline: crop: "), "{why:?}");
    // Gray and colored images do not go together in any format.
    let pipeline = read(
        "p.yaml",
        "version: 1\npipeline:\n  - sometimes: { p: 0.5, then: [{ rgb_to_grayscale: {} }] }\n",
    )
    .unwrap();
    assert!(compile(&pipeline, vec![Shape::rgb(4, 4)]).is_err());
    assert!(compile(&pipeline, vec![Shape::gray(4, 4)]).is_ok());
}

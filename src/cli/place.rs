//! Options of `quadrant`, `place` and `sequence`.

use clap::Args;

use crate::recipe::Size;
use crate::recipe::noise::Share;
use crate::recipe::place::{
    self, Arrange, Clutter, Combine, Full, Inside, LabelOf, Lengths, Others, Pick, Retries, Said,
};
use crate::recipe::quadrant::{Cells, Count, Objects};
use crate::recipe::sequence::{self, Frames, Moving};

use super::common::whole;
use super::{InputArgs, OutputArgs, choice};

/// `quadrant`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug quadrant --input data/mnist
  mnistaug quadrant --objects 0-4 --count 100000 --out out/scenes
  mnistaug quadrant --grid 3x3 --objects 1-9

With --objects 1, sample i shows image i and keeps its class label. Otherwise objects are drawn from all images, and labels are \
multi-label targets (y is N x classes, 0 or 1). Shards hold the arrays cells, boxes and cell_boxes.")]
pub struct QuadrantArgs {
    /// Objects per sample: a number or a range
    #[arg(long, value_name = "N|LO-HI", default_value = "1")]
    pub objects: Objects,

    /// Grid of cells, rows x columns
    #[arg(long, value_name = "RxC", default_value = "2x2")]
    pub grid: Cells,

    /// Number of samples [default: the number of images]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(Count::RANGE), allow_negative_numbers = true)]
    pub count: Option<u64>,

    /// Keep which pixels are the ink of which object
    ///
    /// The array masks has 0, or one more than the cell of the object; COCO files get segmentations.
    #[arg(long)]
    pub masks: bool,

    /// Random seed, an integer of 0 or more
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// Where images come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `place`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug place --input data/mnist                                  two digits anywhere on 64x64
  mnistaug place --canvas 300x300 --objects 1-20 --size 15-99 --overlap 0.25 --format coco
  mnistaug place --canvas 36x36 --pick each --others other-class --combine add
  mnistaug place --arrange row:-2..4 --objects 5 --canvas 32x128     a row of digits
  mnistaug place --arrange columns --objects 2 --canvas 28x56 --label sum
  mnistaug place --objects 1 --pick each --canvas 60x60 --clutter 4 --combine add

Arrangements: free; columns (each object in a column of its own); row or row:LO..HI (one beside the other, so many pixels between their \
ink); grid:RxC (as `quadrant`); at:Y,X;Y,X (top left corners).

Boxes are those of the ink. Shards hold the arrays cells, boxes and cell_boxes; coco and yolo write them as these formats do.")]
pub struct PlaceArgs {
    /// Height and width of the canvas [default: 64x64, or as large as the cells of a grid]
    #[arg(long, value_name = "HxW")]
    pub canvas: Option<Size>,

    /// Objects per canvas: a number or a range [default: 2]
    #[arg(long, value_name = "N|LO-HI")]
    pub objects: Option<Objects>,

    /// Where objects stand: free, columns, row:LO..HI, grid:RxC or at:Y,X;Y,X
    #[arg(long, value_name = "HOW", default_value = "free")]
    pub arrange: Arrange,

    /// Longer side of each object, in pixels [default: as it is]
    #[arg(long, value_name = "N|LO-HI")]
    pub size: Option<Lengths>,

    /// Two boxes overlap by less than this (intersection over union), or not at all
    #[arg(long, value_name = "IOU", default_value = "1")]
    pub overlap: Share,

    /// Which images a canvas shows
    #[arg(long, value_parser = choice::<Pick>(), default_value = "random", hide_short_help = true)]
    pub pick: Pick,

    /// Classes of the objects behind the first
    #[arg(long, value_parser = choice::<Others>(), default_value = "any", hide_short_help = true)]
    pub others: Others,

    /// What is seen where two objects meet
    #[arg(long, value_parser = choice::<Combine>(), default_value = "lightest", hide_short_help = true)]
    pub combine: Combine,

    /// Pieces of other images behind the objects, and their size: 8 or 8:9x9
    #[arg(long, value_name = "N[:HxW]")]
    pub clutter: Option<Clutter>,

    /// What canvases are labeled with
    #[arg(long, value_parser = choice::<LabelOf>(), default_value = "classes")]
    pub label: LabelOf,

    /// Keep which pixels are the ink of which object
    ///
    /// The array masks has 0, or one more than the number of the object; COCO files get segmentations.
    #[arg(long)]
    pub masks: bool,

    /// Keep the class of each object as truth: class_1, class_2, ...
    #[arg(long, hide_short_help = true)]
    pub class_truth: bool,

    /// What of an object has to be on the canvas
    #[arg(long, value_parser = choice::<Inside>(), default_value = "image", hide_short_help = true)]
    pub inside: Inside,

    /// Leave out the last row and column of all places, as randint(0, H - h) does
    #[arg(long, hide_short_help = true)]
    pub exclusive: bool,

    /// How often a place is drawn anew
    #[arg(long, value_name = "N", default_value_t = place::RETRIES.into(), value_parser = whole::<u64>(Retries::RANGE), allow_negative_numbers = true, hide_short_help = true)]
    pub retries: u64,

    /// What becomes of an object for which no place is found
    #[arg(long, value_parser = choice::<Full>(), default_value = "fewer", hide_short_help = true)]
    pub full: Full,

    /// Number of canvases [default: the number of images]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(Count::RANGE), allow_negative_numbers = true)]
    pub count: Option<u64>,

    /// Random seed, an integer of 0 or more
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// Where images come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

impl PlaceArgs {
    /// The options of the node.
    #[must_use]
    pub fn options(&self) -> place::Options {
        let said = Said {
            canvas: self.canvas,
            objects: self.objects,
            pick: Some(self.pick),
            others: Some(self.others),
            arrange: Some(self.arrange.clone()),
            size: self.size,
            inside: Some(self.inside),
            exclusive: self.exclusive,
            overlap: Some(self.overlap),
            full: Some(self.full),
            combine: Some(self.combine),
            clutter: self.clutter,
            label: Some(self.label),
            class_truth: self.class_truth,
            masks: self.masks,
            seed: self.seed,
            count: None,
            retries: None,
        };
        let retries = u32::try_from(self.retries).unwrap_or(place::RETRIES);
        place::Options { count: self.count, retries, ..said.options() }
    }
}

/// `sequence`
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  mnistaug sequence --input data/mnist                               Moving MNIST: two digits, 20 frames
  mnistaug sequence --objects 3 --frames 30 --step 0.05 --count 1000
  mnistaug sequence --format npz --out out/moving                    x is N x 20 x 64 x 64

Each image starts anywhere, moves straight on, and turns back at the edges. Boxes are those in the first frame.")]
pub struct SequenceArgs {
    /// Height and width of a frame
    #[arg(long, value_name = "HxW", default_value_t = place::CANVAS)]
    pub canvas: Size,

    /// Frames of a sequence
    #[arg(long, value_name = "N", default_value_t = sequence::FRAMES.into(), value_parser = whole::<u64>(Frames::RANGE), allow_negative_numbers = true)]
    pub frames: u64,

    /// Images that move
    #[arg(long, value_name = "N", default_value_t = sequence::OBJECTS.into(), value_parser = whole::<u64>(Moving::RANGE), allow_negative_numbers = true)]
    pub objects: u64,

    /// How far an image moves from frame to frame, of the room that it has
    #[arg(long, value_name = "SHARE", default_value_t = Share::TENTH)]
    pub step: Share,

    /// Which images a sequence shows
    #[arg(long, value_parser = choice::<Pick>(), default_value = "shuffled")]
    pub pick: Pick,

    /// What is seen where two images meet
    #[arg(long, value_parser = choice::<Combine>(), default_value = "lightest")]
    pub combine: Combine,

    /// Number of sequences [default: as many as images make]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(Count::RANGE), allow_negative_numbers = true)]
    pub count: Option<u64>,

    /// Random seed, an integer of 0 or more
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = whole::<u64>(0..=u64::MAX), allow_negative_numbers = true)]
    pub seed: u64,

    /// Where images come from
    #[command(flatten)]
    pub input: InputArgs,

    /// Where shards go
    #[command(flatten)]
    pub output: OutputArgs,
}

impl SequenceArgs {
    /// The options of the node.
    #[must_use]
    pub fn options(&self) -> sequence::Options {
        let &Self { canvas, step, count, pick, combine, seed, .. } = self;
        let number = |number: u64, usual: u32| u32::try_from(number).unwrap_or(usual);
        let (frames, objects) =
            (number(self.frames, sequence::FRAMES), number(self.objects, sequence::OBJECTS));
        sequence::Options { canvas, frames, objects, step, count, pick, combine, seed }
    }
}

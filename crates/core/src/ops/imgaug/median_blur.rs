//! `median_blur`: replaces pixels by medians over squares.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::median;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Int, Op, Placement, Problem, ShapeOut};

/// Replaces every pixel by the median of those around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MedianBlur {
    /// Rows and columns of the window, 1..255; even sizes count as one more.
    pub k: Int,
}

impl Default for MedianBlur {
    fn default() -> Self {
        Self { k: Int::Range(1, 7) }
    }
}

/// The window of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Its rows and columns; even sizes count as one more.
    pub k: u8,
}

impl Op for MedianBlur {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class { name: "MedianBlur", params: &[("k", "k", Form::Whole)] }];

    const DOC: Doc = Doc {
        summary: "Replaces every pixel by the median of those around it.",
        notes: "Channels are taken one by one. Even sizes are raised by one: [3, 11] is 3 with probability 1/9 and \
                5, 7, 9 or 11 with 2/9 each.",
        short: Some("k"),
        examples: &["median_blur: 5", "median_blur: [3, 11]", "median_blur: { k: { choice: [1, 13] } }"],
    };

    fn check(&self) -> Result<(), Problem> {
        self.k.check("k", 1..=255)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { k: self.k.draw(rng) as u8 | 1 }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let k = usize::from(drawn.k | 1);
        canvas.redraw(canvas.shape(), |from, to, scratch| median::median_blur(from, to, k, scratch));
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{draws, painted};

    #[test]
    fn even_sizes_are_raised() {
        let mut counts = [0_usize; 12];
        for drawn in draws(&MedianBlur { k: Int::Range(3, 11) }, 4500) {
            counts[usize::from(drawn.k)] += 1;
        }
        // Five standard errors.
        assert!(counts[3].abs_diff(500) < 106, "{counts:?}");
        assert!([5, 7, 9, 11].into_iter().all(|k| counts[k].abs_diff(1000) < 140), "{counts:?}");
    }

    #[test]
    fn a_lone_pixel_vanishes() {
        assert_eq!(painted::<MedianBlur>(&Drawn { k: 3 }, &[5, 5, 200, 5, 9]), [5, 5, 5, 9, 9]);
    }
}

//! `average_blur`: replaces pixels by means over rectangles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::{Canvas, Shape, Stream};
use crate::kernels::blur;
use crate::ops::counterpart::{Class, Form};
use crate::ops::{Doc, Int, Op, Placement, Problem, ShapeOut};

/// Replaces every pixel by the mean of those around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AverageBlur {
    /// Rows and columns of the window, 0..255; an image stays as it is with 0 and 1.
    pub k: Int,
    /// Columns of the window, where they are not as many as the rows; 0..255.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<Int>,
}

impl Default for AverageBlur {
    fn default() -> Self {
        Self { k: Int::Range(1, 7), columns: None }
    }
}

/// The window of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Its rows.
    pub rows: u8,
    /// Its columns.
    pub columns: u8,
}

impl Op for AverageBlur {
    type Drawn = Drawn;

    const IMGAUG: &'static [Class] = &[Class { name: "AverageBlur", params: &[("k", "k", Form::Whole)] }];

    const DOC: Doc = Doc {
        summary: "Replaces every pixel by the mean of those around it.",
        notes: "A window of an even size reaches one pixel further up and left.",
        short: Some("k"),
        examples: &[
            "average_blur: 3",
            "average_blur: [2, 7]",
            "average_blur: { k: [5, 7], columns: [1, 3] }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.k.check("k", 0..=255)?;
        self.columns.as_ref().map_or(Ok(()), |columns| columns.check("columns", 0..=255))
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        let rows = self.k.draw(rng) as u8;
        Drawn { rows, columns: self.columns.as_ref().map_or(rows, |columns| columns.draw(rng) as u8) }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let window = (usize::from(drawn.rows), usize::from(drawn.columns));
        canvas.redraw(canvas.shape(), |from, to, scratch| blur::average_blur(from, to, window, scratch));
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
    fn windows_are_square_unless_told_otherwise() {
        let square = AverageBlur { k: Int::Range(2, 7), columns: None };
        assert!(draws(&square, 100).all(|d| d.rows == d.columns && (2..=7).contains(&d.rows)));
        let oblong = AverageBlur { columns: Some(Int::Constant(1)), ..square };
        assert!(draws(&oblong, 100).all(|d| d.columns == 1 && d.rows > 1));
    }

    #[test]
    fn means_are_taken_along_the_right_axis() {
        let row = [0, 30, 60, 90, 120];
        assert_eq!(painted::<AverageBlur>(&Drawn { rows: 3, columns: 1 }, &row), row);
        assert_eq!(painted::<AverageBlur>(&Drawn { rows: 1, columns: 3 }, &row), [20, 30, 60, 90, 100]);
    }
}

//! `random_jpeg_quality`: stores the image as JPEG of random quality and reads it again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::adjust_jpeg_quality::{AdjustJpegQuality, Drawn};
use crate::base::{Canvas, Shape, Stream};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// Stores the image as JPEG of random quality and reads it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomJpegQuality {
    /// Lowest quality, 0..100.
    pub min_jpeg_quality: u8,
    /// Quality that is just not reached, 1..100, above `min_jpeg_quality`.
    pub max_jpeg_quality: u8,
}

impl Op for RandomJpegQuality {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Stores the image as JPEG of random quality and reads it again.",
        notes: "As tf.image's; whole numbers, the upper end excluded. The rest is adjust_jpeg_quality.",
        short: None,
        examples: &["random_jpeg_quality: { min_jpeg_quality: 60, max_jpeg_quality: 95 }"],
    };

    fn check(&self) -> Result<(), Problem> {
        if self.max_jpeg_quality > 100 || self.max_jpeg_quality <= self.min_jpeg_quality {
            let message = format!(
                "{} is not above min_jpeg_quality ({}) and at most 100",
                self.max_jpeg_quality, self.min_jpeg_quality
            );
            return Err(Problem::new("max_jpeg_quality", message));
        }
        Ok(())
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn {
            jpeg_quality: rng.integer(i64::from(self.min_jpeg_quality), i64::from(self.max_jpeg_quality) - 1)
                as u8,
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        AdjustJpegQuality::paint(drawn, canvas);
    }

    fn place(drawn: &Drawn, on: Shape) -> Placement {
        AdjustJpegQuality::place(drawn, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn the_upper_end_is_excluded() {
        let op = RandomJpegQuality { min_jpeg_quality: 60, max_jpeg_quality: 62 };
        let mut seen = [0; 2];
        draws(&op, 200).for_each(|d| seen[usize::from(d.jpeg_quality) - 60] += 1);
        assert!(seen.iter().all(|n| *n > 70), "{seen:?}");
        assert!(RandomJpegQuality { min_jpeg_quality: 60, max_jpeg_quality: 60 }.check().is_err());
    }
}

//! `albumentations.to_gray`: three equal channels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::unmoved;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::{albumentations, cv};
use crate::ops::{Doc, Op, Problem};

crate::named! {
    /// What becomes the gray of a color.
    pub enum Method {
        /// 0.299 R + 0.587 G + 0.114 B.
        WeightedAverage = "weighted_average",
        /// The lightness of CIELAB.
        FromLab = "from_lab",
        /// The mean of the greatest and the smallest, cut off.
        Desaturation = "desaturation",
        /// The mean of the three, cut off.
        Average = "average",
        /// The greatest.
        Max = "max",
    }
}

/// Makes colors gray, as Albumentations' `ToGray` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToGray {
    /// What becomes the gray of a color.
    #[serde(default = "method")]
    pub method: Method,
}

fn method() -> Method {
    Method::WeightedAverage
}

/// How an image is made gray.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// What becomes the gray of a color.
    pub method: Method,
}

impl Op for ToGray {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Makes colors gray, as Albumentations' ToGray does.",
        notes: "Images keep their three channels. A gray image stays as it is.",
        short: Some("method"),
        examples: &[
            "albumentations.to_gray: {}",
            "albumentations.to_gray: from_lab",
            "albumentations.to_gray: average",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }

    fn draw(&self, _: Shape, _: &mut Stream) -> Drawn {
        Drawn { method: self.method }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let gray = |pixel: [u8; 3]| {
            let [r, g, b] = pixel.map(u32::from);
            let (top, low) = (r.max(g).max(b), r.min(g).min(b));
            match drawn.method {
                Method::WeightedAverage => albumentations::gray(pixel),
                Method::FromLab => cv::lab::lab_of_rgb(pixel)[0],
                Method::Desaturation => (u32::midpoint(top, low)) as u8,
                Method::Average => ((r + g + b) / 3) as u8,
                Method::Max => top as u8,
            }
        };
        canvas.in_place(|image, _| cv::map_rgb(image, |pixel| [gray(pixel); 3]));
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::painted;

    #[test]
    fn means_are_cut_off() {
        for (method, gray) in [
            (Method::WeightedAverage, 76),
            (Method::FromLab, 136),
            (Method::Desaturation, 127),
            (Method::Average, 85),
            (Method::Max, 255),
        ] {
            assert_eq!(painted::<ToGray>(&Drawn { method }, &[255, 0, 0]), [gray; 3]);
        }
    }
}

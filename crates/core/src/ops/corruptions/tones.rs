//! Changes of single values: what is drawn.

use serde::{Deserialize, Serialize};

use crate::base::{Canvas, ImageMut, Scratch};
use crate::kernels::corrupt::tones::{self, Back};
use crate::kernels::corrupt::{Finish, tones::quantized};
use crate::kernels::jfif;

/// What is added to values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brightness {
    /// Share of white.
    pub add: f64,
}

impl Brightness {
    /// To gray values.
    pub(in crate::ops) fn plain(self, image: ImageMut<'_>, finish: Finish) {
        tones::map(image, finish, |v| v + self.add);
    }

    /// To the value of colors.
    pub(in crate::ops) fn hsv(self, image: ImageMut<'_>, finish: Finish) {
        tones::map_hsv(image, finish, |[h, s, v]| [h, s, (v + self.add).clamp(0.0, 1.0)]);
    }
}

/// How far values are from the mean.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contrast {
    /// What differences from the mean are multiplied by.
    pub factor: f64,
}

impl Contrast {
    pub(in crate::ops) fn paint(self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        tones::contrast(image, self.factor, finish, scratch);
    }
}

/// How colorful it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saturation {
    /// What the saturation is multiplied by.
    pub factor: f64,
    /// What is added to it then.
    pub add: f64,
}

impl Saturation {
    /// The gray value that comes of hue, saturation and value being changed alike.
    pub(in crate::ops) fn gray(&self, image: ImageMut<'_>, finish: Finish) {
        tones::map(image, finish, |v| tones::saturated_gray(v, self.factor, self.add));
    }

    /// Of colors.
    pub(in crate::ops) fn hsv(&self, image: ImageMut<'_>, finish: Finish) {
        tones::map_hsv(image, finish, |[h, s, v]| [h, (s * self.factor + self.add).clamp(0.0, 1.0), v]);
    }
}

/// A JPEG file.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jpeg {
    /// Quality as libjpeg counts it, 1..100.
    pub quality: u8,
}

impl Jpeg {
    pub(in crate::ops) fn paint(self, image: ImageMut<'_>, scratch: &mut Scratch) {
        jfif::recompress(image, self.quality, scratch);
    }
}

/// Fewer pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pixels {
    /// Sides of the smaller image, as a share of the sides.
    pub factor: f64,
    /// Whether pixels come back as the mean of their area instead of as the nearest one.
    pub area: bool,
}

impl Pixels {
    pub(in crate::ops) fn paint(&self, canvas: &mut Canvas) {
        let (shape, factor) = (canvas.shape(), self.factor.clamp(0.0, 1.0));
        let back = if self.area { Back::Box } else { Back::Nearest };
        canvas.redraw(shape, |src, dst, scratch| tones::pixelate(src, dst, factor, back, scratch));
    }
}

/// Fewer levels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bits {
    /// Bits that a value keeps.
    pub bits: u8,
}

impl Bits {
    pub(in crate::ops) fn paint(self, image: ImageMut<'_>, finish: Finish) {
        tones::map(image, finish, |v| quantized(v, self.bits));
    }
}

/// What draws nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

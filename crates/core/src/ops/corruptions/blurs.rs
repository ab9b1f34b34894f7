//! Blurs: what is drawn.

use serde::{Deserialize, Serialize};

use crate::base::{ImageMut, Scratch, Stream};
use crate::kernels::corrupt::blurs::{self, Axes};
use crate::kernels::corrupt::zoom::Keep;
use crate::kernels::corrupt::{Finish, motion};

/// A Gaussian blur.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gaussian {
    /// Standard deviation in pixels.
    pub sigma: f64,
}

impl Gaussian {
    pub(in crate::ops) fn paint(
        self,
        image: ImageMut<'_>,
        axes: Axes,
        finish: Finish,
        scratch: &mut Scratch,
    ) {
        blurs::gaussian(image, self.sigma.clamp(0.0, 250.0), axes, finish, scratch);
    }
}

/// Glass in front of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glass {
    /// Standard deviation of both blurs in pixels.
    pub sigma: f64,
    /// How far pixels are exchanged.
    pub delta: u8,
    /// How often.
    pub times: u8,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Glass {
    pub(in crate::ops) fn new((sigma, delta, times): (f64, u8, u8), rng: &mut Stream) -> Self {
        Self { sigma, delta, times, key: rng.u64() }
    }

    fn glass(&self, axes: Axes, copies: bool) -> blurs::Glass {
        let (delta, times) = (usize::from(self.delta.max(1)), usize::from(self.times));
        blurs::Glass { sigma: self.sigma.clamp(0.0, 250.0), delta, times, axes, copies }
    }

    /// With a coin for each pixel, which exchanges it or does not.
    pub(in crate::ops) fn exchange(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let (mut rng, reach) = (Stream::of_key(self.key), u32::from(self.delta.max(1)));
        blurs::glass(image, &self.glass(Axes::Down, false), finish, scratch, || {
            let word = rng.u32();
            (word >> 31 == 1).then(|| step(word, reach))
        });
    }

    /// Every pixel takes the value of another.
    pub(in crate::ops) fn copy(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let (mut rng, reach) = (Stream::of_key(self.key), u32::from(self.delta.max(1)));
        blurs::glass(image, &self.glass(Axes::Both, true), finish, scratch, || Some(step(rng.u32(), reach)));
    }
}

/// Columns and rows within -reach..reach, of 15 bits each.
fn step(word: u32, reach: u32) -> [i32; 2] {
    [word & 0x7fff, word >> 15 & 0x7fff].map(|part| ((part * 2 * reach) >> 15) as i32 - reach as i32)
}

/// A lens out of focus.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defocus {
    /// Radius of the disk in pixels.
    pub radius: f64,
    /// Blur of its edge in pixels.
    pub alias: f64,
}

impl Defocus {
    pub(in crate::ops) fn paint(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        blurs::defocus(image, self.radius.clamp(0.0, 128.0), self.alias, finish, scratch);
    }
}

/// A moving camera.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Motion {
    /// Pixels to the last one that is summed.
    pub radius: f64,
    /// Standard deviation of the weights in pixels.
    pub sigma: f64,
    /// Direction in degrees.
    pub angle: f64,
}

impl Motion {
    pub(in crate::ops) fn new((radius, sigma): (f64, f64), rng: &mut Stream) -> Self {
        Self { radius, sigma, angle: rng.uniform(-45.0, 45.0) }
    }

    /// As ImageMagick, of a gray image.
    pub(in crate::ops) fn magick(&self, image: ImageMut<'_>, scratch: &mut Scratch) {
        let ImageMut { shape, data } = image;
        motion::magick(data, shape.width, self.radius, self.sigma, self.angle, scratch);
    }

    /// By shifted copies.
    pub(in crate::ops) fn shifted(&self, image: ImageMut<'_>, scratch: &mut Scratch) {
        blurs::motion(image, self.radius, self.sigma, self.angle, scratch);
    }
}

/// A zooming camera.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zoom {
    /// From one factor to the next; the first is 1.
    pub step: f64,
    /// How many factors.
    pub count: u8,
}

impl Zoom {
    pub(in crate::ops) fn paint(
        &self,
        image: ImageMut<'_>,
        keep: Keep,
        finish: Finish,
        scratch: &mut Scratch,
    ) {
        blurs::zoom(image, self.step.clamp(0.0, 1.0), usize::from(self.count), keep, finish, scratch);
    }
}

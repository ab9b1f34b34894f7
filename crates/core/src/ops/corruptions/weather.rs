//! Weather: what is drawn, and how a key becomes fog, frost, snow and drops.

use serde::{Deserialize, Serialize};

use super::{Uniform, normals};
use crate::base::{ImageMut, Scratch, Shape, Stream};
use crate::kernels::corrupt::plasma::{self, Window};
use crate::kernels::corrupt::water::{self, Water};
use crate::kernels::corrupt::weather::{self, Mud};
use crate::kernels::corrupt::{Finish, frost};

/// The fog of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fog {
    /// How dense it is.
    pub strength: f64,
    /// How fast its details fade.
    pub decay: f64,
    /// What the random numbers are expanded from.
    pub key: u64,
}

/// The side of MNIST-C's height maps, of which the upper left is used.
const MAP: usize = 256;

/// Height maps of the upper left of `on`, in a map of at least `least` points on each side.
fn heights(on: Shape, least: usize, decay: f64, key: u64, scratch: &mut Scratch) -> Vec<f64> {
    let side = on.height.max(on.width).max(least).next_power_of_two();
    let mut heights = scratch.take_f64(on.pixels());
    let mut uniform = Uniform::of_key(key);
    let window = Window { rows: on.height, columns: on.width };
    plasma::fill(
        &mut heights,
        window,
        side,
        decay,
        scratch,
        #[inline(always)]
        |w, row| uniform.fill(w, row),
    );
    heights
}

impl Fog {
    pub(in crate::ops) fn new((strength, decay): (f64, f64), rng: &mut Stream) -> Self {
        Self { strength, decay, key: rng.u64() }
    }

    /// The upper left of a large map, over a gray image.
    pub(in crate::ops) fn large(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let heights = heights(image.shape, MAP, self.decay, self.key, scratch);
        weather::fog(image, self.strength, &heights, finish);
        scratch.give_f64(heights);
    }

    /// A map of the image's size, in single precision.
    pub(in crate::ops) fn fitting(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let mut heights = heights(image.shape, 1, self.decay, self.key, scratch);
        for v in &mut heights {
            *v = f64::from(*v as f32);
        }
        weather::fog(image, self.strength, &heights, finish);
        scratch.give_f64(heights);
    }
}

/// The frost of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frost {
    /// The share of the image.
    pub own: f64,
    /// The share of the frost.
    pub share: f64,
    /// Size of the crystals; 1 is that of a photograph of hundreds of pixels.
    pub size: f64,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Frost {
    pub(in crate::ops) fn new((own, share): (f64, f64), size: f64, rng: &mut Stream) -> Self {
        Self { own, share, size, key: rng.u64() }
    }

    pub(in crate::ops) fn paint(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let on = image.shape;
        let mut rng = Stream::of_key(self.key);
        let size = self.size.clamp(0.05, 10.0);
        // Panes differ more from one another than places of one do.
        let ice = frost::Ice {
            mean: (152.0 + 36.0 * rng.normal()).clamp(50.0, 240.0),
            spread: 45.0 + 30.0 * rng.unit(),
        };
        let heights = heights(on, 32, if size < 0.5 { 1.45 } else { 1.8 }, rng.u64(), scratch);
        let mut needles = [frost::Needle::default(); frost::MOST_NEEDLES];
        let count = (on.pixels() as f64 / (60.0 * size)).clamp(6.0, frost::MOST_NEEDLES as f64) as usize;
        for needle in &mut needles[..count] {
            *needle = frost::Needle {
                at: [on.width, on.height].map(|n| rng.uniform(-0.2, 1.2) * n as f64),
                turn: rng.unit(),
                length: rng.uniform(8.0, 40.0) * size.max(0.3),
                light: rng.uniform(20.0, 90.0),
            };
        }
        let mut texture = scratch.take_u8(on.bytes());
        frost::texture(&mut texture, on, ice, &heights, &needles[..count], scratch);
        weather::frost(image, self.own, self.share, &texture, finish);
        scratch.give_u8(texture);
        scratch.give_f64(heights);
    }
}

/// Constants of snow: mean and deviation of flakes, enlargement, threshold, radius and deviation of the motion blur, share of the image that
/// is not whitened.
pub(in crate::ops) type SnowTable = (f64, f64, f64, f64, f64, f64, f64);

/// The snow of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snow {
    /// Mean of the flakes.
    pub loc: f64,
    /// Their standard deviation.
    pub scale: f64,
    /// By how much they are enlarged.
    pub zoom: f64,
    /// Below which value there are none.
    pub threshold: f64,
    /// How far they fall.
    pub radius: f64,
    /// Standard deviation of that.
    pub sigma: f64,
    /// Where they fall, in degrees.
    pub angle: f64,
    /// The share of the image that is not whitened.
    pub mix: f64,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Snow {
    pub(in crate::ops) fn new(c: SnowTable, rng: &mut Stream) -> Self {
        let (loc, scale, zoom, threshold, radius, sigma, mix) = c;
        let angle = rng.uniform(-135.0, -45.0);
        Self { loc, scale, zoom, threshold, radius, sigma, angle, mix, key: rng.u64() }
    }

    pub(in crate::ops) fn paint(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let Self { zoom, threshold, radius, sigma, angle, mix, .. } = *self;
        let mut layer = scratch.take_f64(image.shape.pixels());
        normals(self.key, self.loc, self.scale, &mut layer, scratch);
        let snow = weather::Snow { zoom, threshold, radius, sigma, angle, mix };
        weather::snow(image, &snow, &layer, finish, scratch);
        scratch.give_f64(layer);
    }
}

/// Constants of drops: mean and deviation before the first blur, the blur, the threshold, and how they look, which is a blur of mud or the
/// brightness of water.
pub(in crate::ops) type SpatterTable = (f64, f64, f64, f64, Drops);

/// How drops look.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Drops {
    /// Water, of this brightness.
    Water(f64),
    /// Mud, blurred by so many pixels.
    Mud(f64),
}

/// The drops on one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spatter {
    /// Mean of the numbers that drops are made of.
    pub loc: f64,
    /// Their standard deviation.
    pub scale: f64,
    /// How far they are blurred, in pixels.
    pub sigma: f64,
    /// Above which value there is a drop.
    pub threshold: f64,
    /// Of what it is.
    pub drops: Drops,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Spatter {
    pub(in crate::ops) fn new((loc, scale, sigma, threshold, drops): SpatterTable, rng: &mut Stream) -> Self {
        Self { loc, scale, sigma, threshold, drops, key: rng.u64() }
    }

    pub(in crate::ops) fn paint(&self, image: ImageMut<'_>, finish: Finish, scratch: &mut Scratch) {
        let (sigma, threshold) = (self.sigma.clamp(0.0, 250.0), self.threshold);
        let mut layer = scratch.take_f64(image.shape.pixels());
        normals(self.key, self.loc, self.scale, &mut layer, scratch);
        match self.drops {
            Drops::Water(strength) => {
                let water = Water { sigma, threshold, strength };
                water::splash(image, &water, &mut layer, finish, scratch);
            }
            Drops::Mud(blur) => {
                let mud = Mud { sigma, threshold, blur: blur.clamp(0.0, 250.0), color: [63, 42, 20] };
                weather::mud(image, &mud, &mut layer, finish, scratch);
            }
        }
        scratch.give_f64(layer);
    }
}

//! `albumentations.random_rain`: thin lines, a blur, and less light.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pixels::{Compat, two, unmoved};
use crate::base::math::{rhe64, sat};
use crate::base::{Canvas, Image, ImageMut, Scratch, Shape, Stream};
use crate::kernels::blur;
use crate::kernels::cv::{hsv, line};
use crate::ops::range::within;
use crate::ops::{Doc, Op, Param, Problem};

crate::named! {
    /// How much it rains.
    pub enum Rain {
        /// As much as is usual.
        Usual = "default",
        /// A little.
        Drizzle = "drizzle",
        /// Much.
        Heavy = "heavy",
        /// Most.
        Torrential = "torrential",
    }
}

/// Thin lines, a blur, and less light, as Albumentations' `RandomRain` draws them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomRain {
    /// How many columns further to the right lines end, cut to a whole number, -100..100.
    #[serde(default = "slant")]
    pub slant: Param,
    /// How many rows further down they end, 0..4096. Left out: an eighth of the image's in version 2, 20 in version 1, where each type but
    /// `default` has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop_length: Option<u16>,
    /// Their color.
    #[serde(default = "bright")]
    pub drop_color: [u8; 3],
    /// Rows and columns of the blur, 1..99: of the image in version 1, of the lines in version 2.
    #[serde(default = "seven")]
    pub blur_value: u8,
    /// The factor of the light, 0..1.
    #[serde(default = "seven_tenths")]
    pub brightness_coefficient: f64,
    /// How much it rains.
    #[serde(default = "usual")]
    pub rain_type: Rain,
    /// The version of Albumentations, 1 or 2: one line for 600 pixels in 1, one for three rows in 2.
    #[serde(default = "two")]
    pub compat: Compat,
}

fn slant() -> Param {
    Param::Range(-10.0, 10.0)
}

fn bright() -> [u8; 3] {
    [200; 3]
}

fn seven() -> u8 {
    7
}

fn seven_tenths() -> f64 {
    0.7
}

fn usual() -> Rain {
    Rain::Usual
}

/// The rain of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// How many lines.
    pub drops: u32,
    /// How many columns further to the right they end.
    pub slant: i32,
    /// How many rows further down they end.
    pub length: u16,
    /// Their color.
    pub color: [u8; 3],
    /// Rows and columns of the blur.
    pub blur: u8,
    /// The factor of the light.
    pub light: f64,
    /// The version.
    pub compat: Compat,
    /// What places are expanded from.
    pub key: u64,
}

impl Drawn {
    /// Where the next line begins.
    fn start(&self, on: Shape, rng: &mut Stream) -> [i32; 2] {
        let (width, height) = (on.width as i64, on.height as i64);
        let (slant, below) = (i64::from(self.slant), (height - i64::from(self.length)).max(0));
        let (x, y) = match self.compat {
            Compat::One if slant < 0 => (rng.integer(slant, width), rng.integer(0, below)),
            Compat::One => (rng.integer(0, (width - slant).max(0)), rng.integer(0, below)),
            Compat::Two => (rng.integer(0, width - 1), rng.integer(0, (below - 1).max(0))),
        };
        [x as i32, y as i32]
    }

    /// Draws all lines.
    fn lines(&self, mut image: ImageMut<'_>, rng: &mut Stream) {
        let Shape { height, width, kind } = image.shape;
        for _ in 0..self.drops {
            let from = self.start(image.shape, rng);
            let to = [from[0] + self.slant, from[1] + i32::from(self.length)];
            let mut dot = |[x, y]: [i32; 2]| {
                if (0..width as i32).contains(&x) && (0..height as i32).contains(&y) {
                    let at = x as usize * kind.count();
                    let pixel = &mut image.row_mut(y as usize)[at..at + kind.count()];
                    pixel.copy_from_slice(&self.color[..kind.count()]);
                }
            };
            match self.compat {
                Compat::One => line::line(from, to).for_each(&mut dot),
                Compat::Two => line::line_of_steps(from, to).for_each(&mut dot),
            }
        }
    }

    fn window(&self) -> (usize, usize) {
        let side = usize::from(self.blur.max(1));
        (side, side)
    }

    /// Version 2: lines are drawn and blurred by themselves and added.
    fn add_layer(&self, image: ImageMut<'_>, rng: &mut Stream, scratch: &mut Scratch) {
        if self.drops == 0 {
            return;
        }
        let ImageMut { shape, data } = image;
        let (mut layer, mut blurred) = (scratch.take_u8(shape.bytes()), scratch.take_u8(shape.bytes()));
        layer.fill(0);
        self.lines(ImageMut::new(shape, &mut layer), rng);
        blur::average_blur(
            Image::new(shape, &layer),
            ImageMut::new(shape, &mut blurred),
            self.window(),
            scratch,
        );
        for (v, rain) in data.iter_mut().zip(&blurred) {
            *v = sat(rhe64(f64::from(v.saturating_add(*rain)) * self.light));
        }
        scratch.give_u8(blurred);
        scratch.give_u8(layer);
    }
}

impl Op for RandomRain {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Thin lines, a blur, and less light, as Albumentations' RandomRain draws them.",
        notes: "Lines are one pixel wide. Gray images, which are an error there, have lines of the first value.",
        short: Some("slant"),
        examples: &[
            "albumentations.random_rain: {}",
            "albumentations.random_rain: { slant: [-5, 0], drop_length: 9, rain_type: torrential, blur_value: 3 }",
            "albumentations.random_rain: { rain_type: heavy, drop_color: [0, 200, 90], compat: 1 }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.slant.check("slant", -100.0..=100.0)?;
        within("drop_length", &self.drop_length.unwrap_or(0), &(0..=4096))?;
        within("blur_value", &self.blur_value, &(1..=99))?;
        within("brightness_coefficient", &self.brightness_coefficient, &(0.0..=1.0))
    }

    fn draw(&self, on: Shape, rng: &mut Stream) -> Drawn {
        let (pixels, height) = (on.pixels(), on.height);
        let (drops, length) = match (self.compat, self.rain_type) {
            (Compat::One, Rain::Usual) => (pixels / 600, usize::from(self.drop_length.unwrap_or(20))),
            (Compat::One, Rain::Drizzle) => (pixels / 770, 10),
            (Compat::One, Rain::Heavy) => (pixels / 600, 30),
            (Compat::One, Rain::Torrential) => (pixels / 500, 60),
            (Compat::Two, rain) => {
                let drops = match rain {
                    Rain::Usual => height / 3,
                    Rain::Drizzle => height / 4,
                    Rain::Heavy => height,
                    Rain::Torrential => 2 * height,
                };
                (drops, self.drop_length.map_or((height / 8).max(1), usize::from))
            }
        };
        Drawn {
            drops: drops as u32,
            slant: self.slant.draw(rng) as i32,
            length: length as u16,
            color: self.drop_color,
            blur: self.blur_value,
            light: self.brightness_coefficient,
            compat: self.compat,
            key: rng.u64(),
        }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        let mut rng = Stream::of_key(drawn.key);
        match drawn.compat {
            Compat::One => {
                canvas.in_place(|image, _| drawn.lines(image, &mut rng));
                let shape = canvas.shape();
                canvas
                    .redraw(shape, |from, to, scratch| blur::average_blur(from, to, drawn.window(), scratch));
                let light = drawn.light as f32;
                let darker = |v: u8| (f32::from(v) * light) as u8;
                canvas.in_place(|image, _| {
                    if shape.channels() == 1 {
                        image.data.iter_mut().for_each(|v| *v = darker(*v));
                    } else {
                        hsv::map_hsv(image, |[h, s, v]| [h, s, darker(v)]);
                    }
                });
            }
            Compat::Two => canvas.in_place(|image, scratch| drawn.add_layer(image, &mut rng, scratch)),
        }
    }

    unmoved!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn rain_darkens_and_lines_are_as_many_as_there() {
        let op = RandomRain {
            slant: slant(),
            drop_length: None,
            drop_color: bright(),
            blur_value: 1,
            brightness_coefficient: 0.5,
            rain_type: usual(),
            compat: Compat::Two,
        };
        let mut canvas = Canvas::default();
        for drawn in draws(&op, 50) {
            assert_eq!((drawn.drops, drawn.length), (9, 3));
            canvas.reset(Shape::rgb(28, 28)).fill(40);
            RandomRain::paint(&drawn, &mut canvas);
            assert!(canvas.pixels().iter().all(|v| [20, 120].contains(v)));
            assert!(canvas.pixels().contains(&120));
        }
        let one = RandomRain { compat: Compat::One, ..op };
        assert!(draws(&one, 50).all(|drawn| drawn.drops == 1 && drawn.length == 20));
    }
}

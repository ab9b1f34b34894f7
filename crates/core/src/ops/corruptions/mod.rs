//! What the corruptions of MNIST-C and ImageNet-C share: severities, what is drawn, and how random numbers become noise.

pub mod blurs;
pub mod moves;
pub mod noise;
pub mod tones;
pub mod weather;

use crate::base::{Canvas, ImageMut, Scratch, Stream};
use crate::kernels::noise::fill_normal;

crate::named! {
    /// For which images the constants of ImageNet-C were chosen.
    #[derive(Default)]
    pub enum Table {
        /// Photographs: ImageNet-C.
        #[default]
        Imagenet = "imagenet",
        /// Images of 32 x 32: CIFAR-10-C.
        Cifar = "cifar",
    }
}

/// Declares a corruption: its spec, which has a severity (and, in ImageNet-C, a table) or nothing, and what it draws and paints. Constants
/// are those of severity 1 to 5.
macro_rules! corruption {
    // MNIST-C.
    (
        $(#[$doc:meta])* $name:ident, severity $default:literal of $constants:expr,
        summary: $summary:literal, notes: $notes:expr, examples: $examples:expr,
        draw: |$c:ident, $on:ident, $rng:ident| -> $drawn:ty $draw:block,
        paint: |$mine:ident, $canvas:ident| $paint:expr
        $(, place: |$placed:ident, $shape:ident| $place:expr)? $(,)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            /// How severe it is, 1..5.
            pub severity: $crate::ops::Int,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { severity: $crate::ops::Int::Constant($default) }
            }
        }

        impl $crate::ops::Op for $name {
            type Drawn = $drawn;

            const DOC: $crate::ops::Doc = $crate::ops::Doc {
                summary: $summary, notes: $notes, short: Some("severity"), examples: &$examples,
            };

            fn check(&self) -> Result<(), $crate::ops::Problem> {
                self.severity.check("severity", 1..=5)
            }

            fn draw(&self, $on: $crate::base::Shape, $rng: &mut $crate::base::Stream) -> $drawn {
                let $c = $constants[$crate::ops::corruptions::level(&self.severity, $rng)];
                $draw
            }

            $crate::ops::corruptions::rest! { $drawn, |$mine, $canvas| $paint $(, |$placed, $shape| $place)? }
        }
    };
    // ImageNet-C.
    (
        $(#[$doc:meta])* $name:ident, imagenet $imagenet:expr, cifar $cifar:expr,
        summary: $summary:literal, notes: $notes:expr, examples: $examples:expr,
        draw: |$c:ident, $table:ident, $on:ident, $rng:ident| -> $drawn:ty $draw:block,
        paint: |$mine:ident, $canvas:ident| $paint:expr
        $(, place: |$placed:ident, $shape:ident| $place:expr)? $(,)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            /// How severe it is, 1..5.
            pub severity: $crate::ops::Int,
            /// Whose constants: `imagenet`, for photographs, or `cifar`, for small images.
            pub table: $crate::ops::corruptions::Table,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { severity: $crate::ops::Int::Constant(1), table: $crate::ops::corruptions::Table::Imagenet }
            }
        }

        impl $crate::ops::Op for $name {
            type Drawn = $drawn;

            const DOC: $crate::ops::Doc = $crate::ops::Doc {
                summary: $summary, notes: $notes, short: Some("severity"), examples: &$examples,
            };

            fn check(&self) -> Result<(), $crate::ops::Problem> {
                self.severity.check("severity", 1..=5)
            }

            fn draw(&self, $on: $crate::base::Shape, $rng: &mut $crate::base::Stream) -> $drawn {
                let ($table, level) = (self.table, $crate::ops::corruptions::level(&self.severity, $rng));
                let $c = match $table {
                    $crate::ops::corruptions::Table::Imagenet => $imagenet[level],
                    $crate::ops::corruptions::Table::Cifar => $cifar[level],
                };
                $draw
            }

            $crate::ops::corruptions::rest! { $drawn, |$mine, $canvas| $paint $(, |$placed, $shape| $place)? }
        }
    };
    // What has one severity only.
    (
        $(#[$doc:meta])* $name:ident,
        summary: $summary:literal, notes: $notes:expr, examples: $examples:expr,
        draw: |$on:ident, $rng:ident| -> $drawn:ty $draw:block,
        paint: |$mine:ident, $canvas:ident| $paint:expr $(,)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {}

        impl $crate::ops::Op for $name {
            type Drawn = $drawn;

            const DOC: $crate::ops::Doc =
                $crate::ops::Doc { summary: $summary, notes: $notes, short: None, examples: &$examples };

            fn check(&self) -> Result<(), $crate::ops::Problem> {
                Ok(())
            }

            fn draw(&self, $on: $crate::base::Shape, $rng: &mut $crate::base::Stream) -> $drawn {
                $draw
            }

            $crate::ops::corruptions::rest! { $drawn, |$mine, $canvas| $paint }
        }
    };
}

/// The methods that all corruptions have alike.
macro_rules! rest {
    ($drawn:ty, |$mine:ident, $canvas:ident| $paint:expr) => {
        $crate::ops::corruptions::rest! { $drawn, |$mine, $canvas| $paint, |_mine, _on| $crate::ops::Placement::Unmoved }
    };
    ($drawn:ty, |$mine:ident, $canvas:ident| $paint:expr, |$placed:ident, $shape:ident| $place:expr) => {
        fn shape_out(&self, _: $crate::base::Shape) -> $crate::ops::ShapeOut {
            $crate::ops::ShapeOut::Same
        }

        fn paint($mine: &$drawn, $canvas: &mut $crate::base::Canvas) {
            $paint
        }

        fn place($placed: &$drawn, $shape: $crate::base::Shape) -> $crate::ops::Placement {
            $place
        }
    };
}

pub(super) use {corruption, rest};

/// The place of a severity in a table.
pub(super) fn level(severity: &super::Int, rng: &mut Stream) -> usize {
    severity.draw(rng).clamp(1, 5) as usize - 1
}

/// Has each channel painted as a gray image: what MNIST-C's arithmetic, which is for gray images, gives for others.
pub(super) fn apart(canvas: &mut Canvas, mut paint: impl FnMut(ImageMut<'_>, &mut Scratch)) {
    canvas.in_place(|image, scratch| {
        let ImageMut { shape, data } = image;
        let (channels, gray) = (shape.channels(), shape.as_gray());
        if channels == 1 {
            return paint(ImageMut { shape, data }, scratch);
        }
        let mut plane = scratch.take_u8(gray.bytes());
        for channel in 0..channels {
            plane.iter_mut().zip(data.iter().skip(channel).step_by(channels)).for_each(|(to, v)| *to = *v);
            paint(ImageMut::new(gray, &mut plane), scratch);
            data.iter_mut().skip(channel).step_by(channels).zip(&plane).for_each(|(to, v)| *to = *v);
        }
        scratch.give_u8(plane);
    });
}

/// As many normal numbers as `out` has room for, of mean `loc` and standard deviation `scale`. They end at 4.3 deviations.
pub(super) fn normals(key: u64, loc: f64, scale: f64, out: &mut [f64], scratch: &mut Scratch) {
    let (mut random, mut normal) = (scratch.take_u8(2 * out.len()), scratch.take_f32(out.len()));
    Stream::of_key(key).fill(&mut random);
    fill_normal(&random, &mut normal);
    for (to, z) in out.iter_mut().zip(&normal) {
        *to = loc + scale * f64::from(*z);
    }
    scratch.give_f32(normal);
    scratch.give_u8(random);
}

/// Uniform numbers, eight at a time, for maps of tens of thousands of them.
///
/// G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (2003).
pub(super) struct Uniform([u64; 8]);

impl Uniform {
    pub(super) fn of_key(key: u64) -> Self {
        let mut stream = Stream::of_key(key);
        Self([(); 8].map(|()| stream.u64() | 1))
    }

    /// Fills `out` with numbers from -w to below w; rows of fewer than eight use up eight as well.
    #[inline(always)]
    pub(super) fn fill(&mut self, w: f64, out: &mut [f64]) {
        // The bits of a number in 2..4, of which 3 is the middle.
        const TWO: u64 = 2.0_f64.to_bits();
        let mut next = || {
            let mut numbers = [0.0; 8];
            for (x, number) in self.0.iter_mut().zip(&mut numbers) {
                *x ^= *x << 13;
                *x ^= *x >> 7;
                *x ^= *x << 17;
                *number = (f64::from_bits(*x >> 12 | TWO) - 3.0) * w;
            }
            numbers
        };
        let (eights, rest) = out.as_chunks_mut::<8>();
        for eight in eights {
            *eight = next();
        }
        if !rest.is_empty() {
            let last = next();
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_numbers_fill_their_range_evenly() {
        let mut numbers = vec![0.0; 40_003];
        Uniform::of_key(7).fill(3.0, &mut numbers);
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n;
        let squares = numbers.iter().map(|v| v * v).sum::<f64>() / n;
        assert!(mean.abs() < 0.04 && (squares - 3.0).abs() < 0.06, "{mean} {squares}");
        assert!(numbers.iter().all(|v| (-3.0..3.0).contains(v)));
        assert_eq!(numbers.iter().filter(|v| **v > 2.7).count() / 100, 20);
    }

    #[test]
    fn normal_numbers_have_their_mean_and_deviation() {
        let mut numbers = vec![0.0; 40_000];
        normals(3, 0.65, 0.3, &mut numbers, &mut Scratch::default());
        let mean = numbers.iter().sum::<f64>() / 4e4;
        let squares = numbers.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 4e4;
        assert!((mean - 0.65).abs() < 0.006 && (squares.sqrt() - 0.3).abs() < 0.005, "{mean} {squares}");
    }
}

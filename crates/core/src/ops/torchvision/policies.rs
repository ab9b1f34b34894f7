//! `torchvision.trivial_augment_wide`, `torchvision.rand_augment`, `torchvision.auto_augment`: random ones of fourteen
//! operations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Arithmetic, Fill};
use super::geometry::centered;
use crate::base::{Canvas, Image, ImageMut, Scratch, Shape, Stream};
use crate::kernels::pil::warp::{self, Filter};
use crate::kernels::pil::{color, histogram};
use crate::kernels::torch::{color as torch, grid};
use crate::ops::counterpart::{Argument, Takes, Transform};
use crate::ops::{Doc, Op, Placement, Problem, ShapeOut};

/// The operations, in torchvision's order, and one that only AutoAugment has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing.
    Identity,
    /// Shear along rows, about the upper left corner.
    ShearX,
    /// Shear along columns.
    ShearY,
    /// Shift along rows by whole pixels.
    TranslateX,
    /// Shift along columns.
    TranslateY,
    /// Degrees counter-clockwise.
    Rotate,
    /// Brightness by 1 + m.
    Brightness,
    /// Saturation by 1 + m.
    Color,
    /// Contrast by 1 + m.
    Contrast,
    /// Sharpness by 1 + m.
    Sharpness,
    /// Bits that are kept.
    Posterize,
    /// Values of at least 255 m are inverted.
    Solarize,
    /// Each channel to all values.
    AutoContrast,
    /// All values equally frequent.
    Equalize,
    /// All values inverted.
    Invert,
}

use Kind::{
    AutoContrast as Ac, Brightness as Br, Color as Co, Contrast as Ct, Equalize as Eqz, Invert as In,
    Posterize as Po, Rotate as Ro, Sharpness as Sh, ShearX as Sx, ShearY as Sy, Solarize as So,
    TranslateX as Tx, TranslateY as Ty,
};

/// The fourteen of RandAugment and TrivialAugmentWide.
const FOURTEEN: [Kind; 14] = [Kind::Identity, Sx, Sy, Tx, Ty, Ro, Br, Co, Ct, Sh, Po, So, Ac, Eqz];

impl Kind {
    /// Those of AugMix: all of the fourteen but the one that does nothing, or without those of colors.
    pub(super) fn of_aug_mix(all: bool) -> &'static [Self] {
        const WITHOUT_COLORS: [Kind; 9] = [Sx, Sy, Tx, Ty, Ro, Po, So, Ac, Eqz];
        if all { &FOURTEEN[1..] } else { &WITHOUT_COLORS }
    }

    /// What AugMix does of step `index` of ten.
    pub(super) fn of_severity(self, index: usize, on: Shape, rng: &mut Stream) -> Act {
        let magnitude = match self {
            Tx => step(on.width as f64 / 3.0, index, 10),
            Ty => step(on.height as f64 / 3.0, index, 10),
            Po => 4.0 - (index as f64 / (9.0 / 4.0)).round_ties_even(),
            Self::Identity | Sx | Sy | Ro | Br | Co | Ct | Sh | So | Ac | Eqz | In => {
                usual(self, index, 10, on)
            }
        };
        signed(self, magnitude, rng)
    }

    /// Whether half of the magnitudes are negative.
    fn is_signed(self) -> bool {
        match self {
            Sx | Sy | Tx | Ty | Ro | Br | Co | Ct | Sh => true,
            Self::Identity | Po | So | Ac | Eqz | In => false,
        }
    }
}

/// One operation and how strong it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Which.
    pub kind: Kind,
    /// How strong, in its own unit.
    pub magnitude: f64,
}

/// The most operations on one image.
const MOST: usize = 8;

/// What is done to one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// In their order; the others are none.
    pub acts: [Option<Act>; MOST],
    /// How pixels are found.
    pub interpolation: Filter,
    /// What lies outside.
    pub fill: [u8; 3],
    /// Whose arithmetic it is.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

/// The matrix of an operation that moves pixels.
fn matrix(act: Act, on: Shape) -> Option<[f64; 6]> {
    let m = act.magnitude;
    let exact = |m: f64| m.trunc();
    Some(match act.kind {
        Sx => [1.0, m, 0.0, 0.0, 1.0, 0.0],
        Sy => [1.0, 0.0, 0.0, m, 1.0, 0.0],
        Tx => [1.0, 0.0, -exact(m), 0.0, 1.0, 0.0],
        Ty => [1.0, 0.0, 0.0, 0.0, 1.0, -exact(m)],
        Ro => warp::rotation(m, None, false, on.height, on.width).0,
        Kind::Identity | Br | Co | Ct | Sh | Po | So | Ac | Eqz | In => return None,
    })
}

/// Does one operation with the arithmetic of tensors; `other` is room of the same size.
pub(super) fn tensor(
    act: Act,
    on: Shape,
    own: &mut Vec<u8>,
    other: &mut Vec<u8>,
    filter: Filter,
    around: grid::Around,
    scratch: &mut Scratch,
) {
    let m = act.magnitude;
    if let Some(matrix) = matrix(act, on) {
        let (src, dst) = (Image::new(on, own), ImageMut::new(on, other));
        let size = [on.height, on.width];
        let place = grid::affine(&centered(&matrix, on, on), size, size);
        grid::sample(src, dst, filter, around, scratch, place);
        std::mem::swap(own, other);
        return;
    }
    if act.kind == Sh {
        torch::sharpness(Image::new(on, own), ImageMut::new(on, other), 1.0 + m);
        std::mem::swap(own, other);
        return;
    }
    let image = ImageMut::new(on, own);
    match act.kind {
        Br => torch::brightness(image, 1.0 + m),
        Co => torch::saturation(image, 1.0 + m),
        Ct => torch::contrast(image, 1.0 + m),
        Po => color::posterize(image, m as u8),
        So => color::solarize(image, m * 255.0),
        Ac => torch::autocontrast(image),
        Eqz => histogram::equalize(image),
        In => image.data.iter_mut().for_each(|v| *v = 255 - *v),
        Kind::Identity | Sx | Sy | Tx | Ty | Ro | Sh => {}
    }
}

impl Drawn {
    fn warped(&self, act: Act, on: Shape) -> Option<super::geometry::Warped> {
        let matrix = matrix(act, on)?;
        let (interpolation, fill) = (self.interpolation, self.fill);
        let compat = self.compat;
        Some(super::geometry::Warped { matrix, interpolation, fill, size: [on.height, on.width], compat })
    }

    /// As [`paint`](Self::paint), with the arithmetic of tensors. Without a fill other than 0 borders blend once.
    fn paint_tensor(&self, canvas: &mut Canvas) {
        let on = canvas.shape();
        let around = if self.fill == [0; 3] { grid::Around::Zeros } else { grid::Around::Fill(self.fill) };
        canvas.in_place(|image, scratch| {
            let (mut own, mut other) = (scratch.take_u8(on.bytes()), scratch.take_u8(on.bytes()));
            own.copy_from_slice(image.data);
            for act in self.acts.into_iter().flatten() {
                tensor(act, on, &mut own, &mut other, self.interpolation, around, scratch);
            }
            image.data.copy_from_slice(&own);
            scratch.give_u8(own);
            scratch.give_u8(other);
        });
    }

    fn paint(&self, canvas: &mut Canvas) {
        if self.compat == Arithmetic::Tensor {
            return self.paint_tensor(canvas);
        }
        for act in self.acts.into_iter().flatten() {
            if let Some(warped) = self.warped(act, canvas.shape()) {
                warped.paint(canvas);
                continue;
            }
            let m = act.magnitude;
            if act.kind == Sh {
                canvas.redraw(canvas.shape(), |src, dst, _| color::sharpness(src, dst, (1.0 + m) as f32));
                continue;
            }
            canvas.in_place(|image, _| match act.kind {
                Br => color::brightness(image, (1.0 + m) as f32),
                Co => color::saturation(image, (1.0 + m) as f32),
                Ct => color::contrast(image, (1.0 + m) as f32),
                Po => color::posterize(image, m as u8),
                So => color::solarize(image, m * 255.0),
                Ac => histogram::autocontrast(image),
                Eqz => histogram::equalize(image),
                In => image.data.iter_mut().for_each(|v| *v = 255 - *v),
                Kind::Identity | Sx | Sy | Tx | Ty | Ro | Sh => {}
            });
        }
    }

    fn place(&self, on: Shape) -> Placement {
        let mut all: Option<[[f64; 3]; 2]> = None;
        for act in self.acts.into_iter().flatten() {
            let Some(warped) = self.warped(act, on) else { continue };
            let Placement::Affine { forward: [p, q], .. } = warped.place(on) else { continue };
            let [x, y] = all.unwrap_or([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
            let through = |row: [f64; 3]| {
                let mut sum: [f64; 3] = std::array::from_fn(|i| row[0] * x[i] + row[1] * y[i]);
                sum[2] += row[2];
                sum
            };
            all = Some([through(p), through(q)]);
        }
        all.map_or(Placement::Unmoved, |forward| Placement::Affine { forward, to: on })
    }
}

/// Step `index` of `bins` from 0 to `top`, in the single precision of torch's linspace.
fn step(top: f64, index: usize, bins: usize) -> f64 {
    f64::from((top / (bins.max(2) - 1) as f64 * index as f64) as f32)
}

/// The strength of step `index` of `bins` in RandAugment and AutoAugment, before a sign is drawn.
fn usual(kind: Kind, index: usize, bins: usize, on: Shape) -> f64 {
    match kind {
        Sx | Sy => step(0.3, index, bins),
        Tx => step(150.0 / 331.0 * on.width as f64, index, bins),
        Ty => step(150.0 / 331.0 * on.height as f64, index, bins),
        Ro => step(30.0, index, bins),
        Br | Co | Ct | Sh => step(0.9, index, bins),
        Po => 8.0 - (index as f64 / ((bins.max(2) - 1) as f64 / 4.0)).round_ties_even(),
        So => 1.0 - step(1.0, index, bins),
        Kind::Identity | Ac | Eqz | In => 0.0,
    }
}

/// The same in TrivialAugmentWide.
fn wide(kind: Kind, index: usize, bins: usize) -> f64 {
    match kind {
        Sx | Sy | Br | Co | Ct | Sh => step(0.99, index, bins),
        Tx | Ty => step(32.0, index, bins),
        Ro => step(135.0, index, bins),
        Po => 8.0 - (index as f64 / ((bins.max(2) - 1) as f64 / 6.0)).round_ties_even(),
        So => 1.0 - step(1.0, index, bins),
        Kind::Identity | Ac | Eqz | In => 0.0,
    }
}

fn signed(kind: Kind, magnitude: f64, rng: &mut Stream) -> Act {
    let minus = kind.is_signed() && rng.bernoulli(0.5);
    Act { kind, magnitude: if minus { -magnitude } else { magnitude } }
}

fn nearest() -> Filter {
    Filter::Nearest
}

fn bins() -> usize {
    31
}

fn check_bins(bins: usize) -> Result<(), Problem> {
    crate::ops::range::within("num_magnitude_bins", &bins, &(2..=1000))
}

macro_rules! policy {
    ($name:ident, $doc:expr, arguments: [$($own_argument:expr),*], check: |$own:ident| $check:expr, acts: |$me:ident, $on:ident, $rng:ident| $acts:expr) => {
        impl Op for $name {
            type Drawn = Drawn;

            const TORCHVISION: Option<Transform> = Some(Transform {
                name: stringify!($name),
                arguments: &[
                    $($own_argument,)*
                    Argument::Constant("interpolation", "InterpolationMode"),
                    Argument::Plain("fill", "fill"),
                ],
                takes: Takes::Pictures,
            });

            const DOC: Doc = $doc;

            fn check(&self) -> Result<(), Problem> {
                let $own = self;
                self.compat.check(self.interpolation)?;
                $check
            }

            fn shape_out(&self, _: Shape) -> ShapeOut {
                ShapeOut::Same
            }

            fn draw(&self, $on: Shape, $rng: &mut Stream) -> Drawn {
                let $me = self;
                Drawn {
                    acts: $acts,
                    interpolation: self.interpolation,
                    fill: self.fill.channels(),
                    compat: self.compat,
                }
            }

            fn paint(drawn: &Drawn, canvas: &mut Canvas) {
                drawn.paint(canvas);
            }

            fn place(drawn: &Drawn, on: Shape) -> Placement {
                drawn.place(on)
            }
        }
    };
}

/// One random operation of random strength, as torchvision's `TrivialAugmentWide` does with PIL images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrivialAugmentWide {
    /// How many strengths there are.
    #[serde(default = "bins")]
    pub num_magnitude_bins: usize,
    /// How pixels are found.
    #[serde(default = "nearest")]
    pub interpolation: Filter,
    /// The value of what lies outside.
    #[serde(default)]
    pub fill: Fill,
    /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

policy! {
    TrivialAugmentWide,
    Doc {
        summary: "One random operation of random strength, as torchvision's TrivialAugmentWide does with PIL images.",
        notes: "Shifts go up to 32 pixels whatever the image's size, so that one image of 28 x 28 in fifty becomes empty.",
        short: None,
        examples: &["torchvision.trivial_augment_wide: {}", "torchvision.trivial_augment_wide: { interpolation: bilinear, compat: tensor }", "torchvision.trivial_augment_wide: { interpolation: bilinear, fill: 5 }"],
    },
    arguments: [Argument::Plain("num_magnitude_bins", "num_magnitude_bins")],
    check: |own| check_bins(own.num_magnitude_bins),
    acts: |own, _on, rng| {
        let kind = FOURTEEN[rng.index(FOURTEEN.len())];
        let index = rng.index(own.num_magnitude_bins);
        let mut acts = [None; MOST];
        acts[0] = Some(signed(kind, wide(kind, index, own.num_magnitude_bins), rng));
        acts
    }
}

/// Several random operations of one strength, as torchvision's `RandAugment` does with PIL images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandAugment {
    /// Operations on each image, 1..8.
    #[serde(default = "two")]
    pub num_ops: usize,
    /// Their strength, below the number of bins.
    #[serde(default = "nine")]
    pub magnitude: usize,
    /// How many strengths there are.
    #[serde(default = "bins")]
    pub num_magnitude_bins: usize,
    /// How pixels are found.
    #[serde(default = "nearest")]
    pub interpolation: Filter,
    /// The value of what lies outside.
    #[serde(default)]
    pub fill: Fill,
    /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

fn two() -> usize {
    2
}

fn nine() -> usize {
    9
}

policy! {
    RandAugment,
    Doc {
        summary: "Several random operations of one strength, as torchvision's RandAugment does with PIL images.",
        notes: "",
        short: None,
        examples: &["torchvision.rand_augment: {}", "torchvision.rand_augment: { num_ops: 8, compat: tensor }", "torchvision.rand_augment: { num_ops: 3, magnitude: 15, fill: [1, 2, 3] }"],
    },
    arguments: [Argument::Plain("num_ops", "num_ops"), Argument::Plain("magnitude", "magnitude"), Argument::Plain("num_magnitude_bins", "num_magnitude_bins")],
    check: |own| {
        check_bins(own.num_magnitude_bins)?;
        crate::ops::range::within("num_ops", &own.num_ops, &(1..=MOST))?;
        crate::ops::range::within("magnitude", &own.magnitude, &(0..=own.num_magnitude_bins - 1))
    },
    acts: |own, on, rng| {
        let mut acts = [None; MOST];
        for act in acts.iter_mut().take(own.num_ops) {
            let kind = FOURTEEN[rng.index(FOURTEEN.len())];
            *act = Some(signed(kind, usual(kind, own.magnitude, own.num_magnitude_bins, on), rng));
        }
        acts
    }
}

crate::named! {
    /// For which data the pairs of AutoAugment were found.
    pub enum Policy {
        /// ImageNet.
        Imagenet = "imagenet",
        /// CIFAR-10.
        Cifar10 = "cifar10",
        /// SVHN.
        Svhn = "svhn",
    }
}

/// A pair of operations that were found to be good, as torchvision's `AutoAugment` does with PIL images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoAugment {
    /// For which data they were found.
    #[serde(default = "imagenet")]
    pub policy: Policy,
    /// How pixels are found.
    #[serde(default = "nearest")]
    pub interpolation: Filter,
    /// The value of what lies outside.
    #[serde(default)]
    pub fill: Fill,
    /// `pil`, the arithmetic on pictures, or `tensor`, that behind ToImage and PILToTensor.
    #[serde(default, skip_serializing_if = "Arithmetic::is_pil")]
    pub compat: Arithmetic,
}

fn imagenet() -> Policy {
    Policy::Imagenet
}

/// An operation, its probability in tenths, and its strength of ten.
type Part = (Kind, u8, usize);

#[rustfmt::skip]
const IMAGENET: [[Part; 2]; 25] = [
    [(Po, 4, 8), (Ro, 6, 9)], [(So, 6, 5), (Ac, 6, 0)], [(Eqz, 8, 0), (Eqz, 6, 0)], [(Po, 6, 7), (Po, 6, 6)], [(Eqz, 4, 0), (So, 2, 4)],
    [(Eqz, 4, 0), (Ro, 8, 8)], [(So, 6, 3), (Eqz, 6, 0)], [(Po, 8, 5), (Eqz, 10, 0)], [(Ro, 2, 3), (So, 6, 8)], [(Eqz, 6, 0), (Po, 4, 6)],
    [(Ro, 8, 8), (Co, 4, 0)], [(Ro, 4, 9), (Eqz, 6, 0)], [(Eqz, 0, 0), (Eqz, 8, 0)], [(In, 6, 0), (Eqz, 10, 0)], [(Co, 6, 4), (Ct, 10, 8)],
    [(Ro, 8, 8), (Co, 10, 2)], [(Co, 8, 8), (So, 8, 7)], [(Sh, 4, 7), (In, 6, 0)], [(Sx, 6, 5), (Eqz, 10, 0)], [(Co, 4, 0), (Eqz, 6, 0)],
    [(Eqz, 4, 0), (So, 2, 4)], [(So, 6, 5), (Ac, 6, 0)], [(In, 6, 0), (Eqz, 10, 0)], [(Co, 6, 4), (Ct, 10, 8)], [(Eqz, 8, 0), (Eqz, 6, 0)],
];

#[rustfmt::skip]
const CIFAR10: [[Part; 2]; 25] = [
    [(In, 1, 0), (Ct, 2, 6)], [(Ro, 7, 2), (Tx, 3, 9)], [(Sh, 8, 1), (Sh, 9, 3)], [(Sy, 5, 8), (Ty, 7, 9)], [(Ac, 5, 0), (Eqz, 9, 0)],
    [(Sy, 2, 7), (Po, 3, 7)], [(Co, 4, 3), (Br, 6, 7)], [(Sh, 3, 9), (Br, 7, 9)], [(Eqz, 6, 0), (Eqz, 5, 0)], [(Ct, 6, 7), (Sh, 6, 5)],
    [(Co, 7, 7), (Tx, 5, 8)], [(Eqz, 3, 0), (Ac, 4, 0)], [(Ty, 4, 3), (Sh, 2, 6)], [(Br, 9, 6), (Co, 2, 8)], [(So, 5, 2), (In, 0, 0)],
    [(Eqz, 2, 0), (Ac, 6, 0)], [(Eqz, 2, 0), (Eqz, 6, 0)], [(Co, 9, 9), (Eqz, 6, 0)], [(Ac, 8, 0), (So, 2, 8)], [(Br, 1, 3), (Co, 7, 0)],
    [(So, 4, 5), (Ac, 9, 0)], [(Ty, 9, 9), (Ty, 7, 9)], [(Ac, 9, 0), (So, 8, 3)], [(Eqz, 8, 0), (In, 1, 0)], [(Ty, 7, 9), (Ac, 9, 0)],
];

#[rustfmt::skip]
const SVHN: [[Part; 2]; 25] = [
    [(Sx, 9, 4), (In, 2, 0)], [(Sy, 9, 8), (In, 7, 0)], [(Eqz, 6, 0), (So, 6, 6)], [(In, 9, 0), (Eqz, 6, 0)], [(Eqz, 6, 0), (Ro, 9, 3)],
    [(Sx, 9, 4), (Ac, 8, 0)], [(Sy, 9, 8), (In, 4, 0)], [(Sy, 9, 5), (So, 2, 6)], [(In, 9, 0), (Ac, 8, 0)], [(Eqz, 6, 0), (Ro, 9, 3)],
    [(Sx, 9, 4), (So, 3, 3)], [(Sy, 8, 8), (In, 7, 0)], [(Eqz, 9, 0), (Ty, 6, 6)], [(In, 9, 0), (Eqz, 6, 0)], [(Ct, 3, 3), (Ro, 8, 4)],
    [(In, 8, 0), (Ty, 0, 2)], [(Sy, 7, 6), (So, 4, 8)], [(In, 6, 0), (Ro, 8, 4)], [(Sy, 3, 7), (Tx, 9, 3)], [(Sx, 1, 6), (In, 6, 0)],
    [(So, 7, 2), (Ty, 6, 7)], [(Sy, 8, 4), (In, 8, 0)], [(Sx, 7, 9), (Ty, 8, 3)], [(Sy, 8, 5), (Ac, 7, 0)], [(Sx, 7, 2), (In, 1, 0)],
];

policy! {
    AutoAugment,
    Doc {
        summary: "A pair of operations that were found to be good, as torchvision's AutoAugment does with PIL images.",
        notes: "One of 25 pairs, each operation with its own probability and strength.",
        short: Some("policy"),
        examples: &["torchvision.auto_augment: {}", "torchvision.auto_augment: cifar10", "torchvision.auto_augment: { policy: svhn, fill: 9 }"],
    },
    arguments: [Argument::Constant("policy", "AutoAugmentPolicy")],
    check: |_own| Ok(()),
    acts: |own, on, rng| {
        let pairs = match own.policy {
            Policy::Imagenet => &IMAGENET,
            Policy::Cifar10 => &CIFAR10,
            Policy::Svhn => &SVHN,
        };
        let pair = pairs[rng.index(pairs.len())];
        let mut acts = [None; MOST];
        for ((kind, tenths, index), act) in pair.into_iter().zip(&mut acts) {
            if rng.bernoulli(f64::from(tenths) / 10.0) {
                *act = Some(signed(kind, usual(kind, index, 10, on), rng));
            }
        }
        acts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_are_torchs() {
        let on = Shape::rgb(40, 56);
        for (got, expected) in [
            (usual(Sx, 9, 31, on), 0.090_000_003_576_278_69),
            (usual(Tx, 9, 31, Shape::gray(28, 28)), 3.806_646_585_464_477_5),
            (usual(Ty, 9, 31, on), 5.438_066_482_543_945),
            (usual(Ct, 9, 31, on), 0.269_999_980_926_513_67),
            (usual(Po, 7, 10, on), 5.0),
            (wide(Po, 25, 31), 3.0),
            (wide(Br, 30, 31), 0.990_000_009_536_743_2),
        ] {
            assert!((got - expected).abs() < 1e-6, "{got} {expected}");
        }
    }
}

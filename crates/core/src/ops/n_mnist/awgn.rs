//! `n_mnist.awgn`: adds white Gaussian noise of a given signal-to-noise ratio.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::math::pow;
use crate::base::{Canvas, Shape, Stream};
use crate::kernels::corrupt::{Finish, noise};
use crate::ops::corruptions::normals;
use crate::ops::{Doc, Op, Param, Placement, Problem, ShapeOut};

crate::named! {
    /// The power that noise is compared with.
    #[derive(Default)]
    pub enum Signal {
        /// 1 where white is 1: MATLAB's `awgn(image, snr)`.
        #[default]
        Unit = "unit",
        /// The mean of the image's squared values: MATLAB's `awgn(image, snr, 'measured')`.
        Measured = "measured",
    }
}

/// Adds white Gaussian noise, as n-MNIST has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NMnistAwgn {
    /// Signal-to-noise ratio in decibels, -100..100.
    pub snr: Param,
    /// The power of the signal: `unit` is 1 where white is 1, `measured` the mean of the image's squared values.
    pub signal: Signal,
}

impl Default for NMnistAwgn {
    fn default() -> Self {
        Self { snr: Param::Constant(9.5), signal: Signal::Unit }
    }
}

/// The noise of one image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Signal-to-noise ratio in decibels.
    pub snr: f64,
    /// What the power of the signal is.
    pub signal: Signal,
    /// What the random numbers are expanded from.
    pub key: u64,
}

impl Drawn {
    /// The standard deviation of the noise on an image, share of white.
    fn deviation(&self, data: &[u8]) -> f64 {
        let power = match self.signal {
            Signal::Unit => 1.0,
            Signal::Measured => {
                let squares: u64 = data.iter().map(|&v| u64::from(v) * u64::from(v)).sum();
                squares as f64 / (65_025.0 * data.len() as f64)
            }
        };
        power.sqrt() * pow(10.0, -self.snr / 20.0)
    }
}

impl Op for NMnistAwgn {
    type Drawn = Drawn;

    const DOC: Doc = Doc {
        summary: "Adds white Gaussian noise of a signal-to-noise ratio, as n-MNIST has it.",
        notes: "9.5 dB is that of n-MNIST; which power of the signal it meant is not published. The noise ends at 4.3 standard \
                deviations.",
        short: Some("snr"),
        examples: &[
            "n_mnist.awgn: {}",
            "n_mnist.awgn: 12",
            "n_mnist.awgn: { snr: [5, 20], signal: measured }",
        ],
    };

    fn check(&self) -> Result<(), Problem> {
        self.snr.check("snr", -100.0..=100.0)
    }

    fn shape_out(&self, _: Shape) -> ShapeOut {
        ShapeOut::Same
    }

    fn draw(&self, _: Shape, rng: &mut Stream) -> Drawn {
        Drawn { snr: self.snr.draw(rng), signal: self.signal, key: rng.u64() }
    }

    fn paint(drawn: &Drawn, canvas: &mut Canvas) {
        canvas.in_place(|image, scratch| {
            let mut numbers = scratch.take_f64(image.data.len());
            normals(drawn.key, 0.0, drawn.deviation(image.data), &mut numbers, scratch);
            noise::add(image, &numbers, Finish::Round);
            scratch.give_f64(numbers);
        });
    }

    fn place(_: &Drawn, _: Shape) -> Placement {
        Placement::Unmoved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Image;

    #[test]
    fn noise_has_its_power() {
        // Gray enough that nothing is cut off.
        let shape = Shape::gray(100, 120);
        let gray = vec![102; shape.bytes()];
        for (signal, snr, power) in [(Signal::Unit, 20.0, 1.0), (Signal::Measured, 14.0, 0.16)] {
            let op = NMnistAwgn { snr: Param::Constant(snr), signal };
            let mut canvas = Canvas::default();
            canvas.load(Image::new(shape, &gray));
            NMnistAwgn::paint(&op.draw(shape, &mut Stream::of_key(1)), &mut canvas);
            let squares = canvas.pixels().iter().map(|&v| (f64::from(v) - 102.0) * (f64::from(v) - 102.0));
            let found = squares.sum::<f64>() / (65_025.0 * shape.bytes() as f64);
            let expected = power * pow(10.0, -snr / 10.0);
            assert!((found / expected - 1.0).abs() < 0.05, "{signal:?}: {found}, expected {expected}");
        }
        assert_eq!(Drawn { snr: 3.0, signal: Signal::Measured, key: 0 }.deviation(&[0; 9]), 0.0);
    }
}

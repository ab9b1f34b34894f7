//! `mnist_c.shot_noise`, `impulse_noise`, `gaussian_noise`, `speckle_noise`.

use crate::kernels::corrupt::Finish::Round;
use crate::ops::corruptions::noise::{Impulse, Noise, Shot};
use crate::ops::corruptions::{apart, corruption};

corruption! {
    /// Counts photons, as MNIST-C's `shot_noise` does. Each channel of a colored image is a gray image, with the same draws.
    MnistCShotNoise, severity 5 of [60.0, 25.0, 12.0, 5.0, 3.0],
    summary: "Counts photons, as MNIST-C's shot_noise does.",
    notes: "Fewer and fewer photons make white: 60, 25, 12, 5, 3.",
    examples: ["mnist_c.shot_noise: {}", "mnist_c.shot_noise: 1", "mnist_c.shot_noise: { severity: [1, 5] }"],
    draw: |photons, _on, rng| -> Shot { Shot::new(photons, rng) },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.paint(image, Round, scratch)),
}

corruption! {
    /// Makes pixels black or white, as MNIST-C's `impulse_noise` does. Each channel of a colored image is a gray image, with the same draws.
    MnistCImpulseNoise, severity 4 of [0.03, 0.06, 0.09, 0.17, 0.27],
    summary: "Makes pixels black or white, as MNIST-C's impulse_noise does.",
    notes: "3, 6, 9, 17 or 27 percent of them.",
    examples: ["mnist_c.impulse_noise: {}", "mnist_c.impulse_noise: 5"],
    draw: |share, _on, rng| -> Impulse { Impulse::new(share, rng) },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.paint(image, Round, scratch)),
}

corruption! {
    /// Adds normal noise, as MNIST-C's `gaussian_noise` does. Each channel of a colored image is a gray image, with the same draws.
    MnistCGaussianNoise, severity 5 of [0.08, 0.12, 0.18, 0.26, 0.38],
    summary: "Adds normal noise, as MNIST-C's gaussian_noise does.",
    notes: "Its standard deviation is 0.08, 0.12, 0.18, 0.26 or 0.38 of white; it ends at 4.3 standard deviations.",
    examples: ["mnist_c.gaussian_noise: {}", "mnist_c.gaussian_noise: 2"],
    draw: |scale, _on, rng| -> Noise { Noise::new(scale, rng) },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.add(image, Round, scratch)),
}

corruption! {
    /// Adds noise that is proportional to the image, as MNIST-C's `speckle_noise` does. Each channel of a colored image is a gray image, with
    /// the same draws.
    MnistCSpeckleNoise, severity 5 of [0.15, 0.2, 0.35, 0.45, 0.6],
    summary: "Adds noise that is proportional to the image, as MNIST-C's speckle_noise does.",
    notes: "Its standard deviation is 0.15, 0.2, 0.35, 0.45 or 0.6 of a pixel; it ends at 4.3 standard deviations.",
    examples: ["mnist_c.speckle_noise: {}", "mnist_c.speckle_noise: 2"],
    draw: |scale, _on, rng| -> Noise { Noise::new(scale, rng) },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.speckle(image, Round, scratch)),
}

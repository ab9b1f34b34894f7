//! `imagenet_c.gaussian_noise`, `shot_noise`, `impulse_noise`, `speckle_noise`.

use crate::kernels::corrupt::Finish::Cut;
use crate::ops::corruptions::corruption;
use crate::ops::corruptions::noise::{Impulse, Noise, Shot};

corruption! {
    /// Adds normal noise, as ImageNet-C's `gaussian_noise` does.
    ImagenetCGaussianNoise, imagenet [0.08, 0.12, 0.18, 0.26, 0.38], cifar [0.04, 0.06, 0.08, 0.09, 0.1],
    summary: "Adds normal noise, as ImageNet-C's gaussian_noise does.",
    notes: "Noise of each value by itself, which ends at 4.3 standard deviations.",
    examples: ["imagenet_c.gaussian_noise: 3", "imagenet_c.gaussian_noise: { severity: [1, 5], table: cifar }"],
    draw: |scale, _table, _on, rng| -> Noise { Noise::new(scale, rng) },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.add(image, Cut, scratch)),
}

corruption! {
    /// Counts photons, as ImageNet-C's `shot_noise` does.
    ImagenetCShotNoise, imagenet [60.0, 25.0, 12.0, 5.0, 3.0], cifar [500.0, 250.0, 100.0, 75.0, 50.0],
    summary: "Counts photons, as ImageNet-C's shot_noise does.",
    notes: "",
    examples: ["imagenet_c.shot_noise: 3", "imagenet_c.shot_noise: { severity: 1, table: cifar }"],
    draw: |photons, _table, _on, rng| -> Shot { Shot::new(photons, rng) },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Cut, scratch)),
}

corruption! {
    /// Makes values black or white, as ImageNet-C's `impulse_noise` does.
    ImagenetCImpulseNoise, imagenet [0.03, 0.06, 0.09, 0.17, 0.27], cifar [0.01, 0.02, 0.03, 0.05, 0.07],
    summary: "Makes values black or white, as ImageNet-C's impulse_noise does.",
    notes: "Each channel by itself.",
    examples: ["imagenet_c.impulse_noise: 3", "imagenet_c.impulse_noise: { severity: 1, table: cifar }"],
    draw: |share, _table, _on, rng| -> Impulse { Impulse::new(share, rng) },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Cut, scratch)),
}

corruption! {
    /// Adds noise that is proportional to the image, as ImageNet-C's `speckle_noise` does.
    ImagenetCSpeckleNoise, imagenet [0.15, 0.2, 0.35, 0.45, 0.6], cifar [0.06, 0.1, 0.12, 0.16, 0.2],
    summary: "Adds noise that is proportional to the image, as ImageNet-C's speckle_noise does.",
    notes: "Noise of each value by itself, which ends at 4.3 standard deviations.",
    examples: ["imagenet_c.speckle_noise: 3", "imagenet_c.speckle_noise: { severity: 1, table: cifar }"],
    draw: |scale, _table, _on, rng| -> Noise { Noise::new(scale, rng) },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.speckle(image, Cut, scratch)),
}

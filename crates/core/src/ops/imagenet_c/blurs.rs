//! `imagenet_c.gaussian_blur`, `glass_blur`, `defocus_blur`, `motion_blur`, `zoom_blur`.

use crate::kernels::corrupt::Finish::Cut;
use crate::kernels::corrupt::blurs::Axes;
use crate::kernels::corrupt::zoom::Keep;
use crate::ops::corruptions::blurs::{Defocus, Gaussian, Glass, Motion, Zoom};
use crate::ops::corruptions::corruption;

corruption! {
    /// Blurs, as ImageNet-C's `gaussian_blur` does.
    ImagenetCGaussianBlur, imagenet [1.0, 2.0, 3.0, 4.0, 6.0], cifar [0.4, 0.6, 0.7, 0.8, 1.0],
    summary: "Blurs, as ImageNet-C's gaussian_blur does.",
    notes: "",
    examples: ["imagenet_c.gaussian_blur: 2", "imagenet_c.gaussian_blur: { severity: 5, table: cifar }"],
    draw: |sigma, _table, _on, _rng| -> Gaussian { Gaussian { sigma } },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Axes::Both, Cut, scratch)),
}

corruption! {
    /// Has pixels take the values of neighbors between two blurs, as ImageNet-C's `glass_blur` does.
    ImagenetCGlassBlur,
    imagenet [(0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2)],
    cifar [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)],
    summary: "Has pixels take the values of neighbors between two blurs, as ImageNet-C's glass_blur does.",
    notes: "The exchange of the original goes one way only, and so does this; gray images as well.",
    examples: ["imagenet_c.glass_blur: 2", "imagenet_c.glass_blur: { severity: 5, table: cifar }"],
    draw: |c, _table, _on, rng| -> Glass { Glass::new(c, rng) },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.copy(image, Cut, scratch)),
}

corruption! {
    /// Blurs by a disk, as ImageNet-C's `defocus_blur` does.
    ImagenetCDefocusBlur,
    imagenet [(3.0, 0.1), (4.0, 0.5), (6.0, 0.5), (8.0, 0.5), (10.0, 0.5)],
    cifar [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1.0, 0.2), (1.5, 0.1)],
    summary: "Blurs by a disk, as ImageNet-C's defocus_blur does.",
    notes: "",
    examples: ["imagenet_c.defocus_blur: 1", "imagenet_c.defocus_blur: { severity: 5, table: cifar }"],
    draw: |c, _table, _on, _rng| -> Defocus { Defocus { radius: c.0, alias: c.1 } },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Cut, scratch)),
}

corruption! {
    /// Blurs in a direction, as ImageNet-C's `motion_blur` does.
    ImagenetCMotionBlur,
    imagenet [(10.0, 3.0), (15.0, 5.0), (15.0, 8.0), (15.0, 12.0), (20.0, 15.0)],
    cifar [(6.0, 1.0), (6.0, 1.5), (6.0, 2.0), (8.0, 2.0), (9.0, 2.5)],
    summary: "Blurs in a direction of -45 to 45 degrees, as ImageNet-C's motion_blur does.",
    notes: "By shifted copies; the first that would lie wholly outside ends the sum, so that small images get darker, as there.",
    examples: ["imagenet_c.motion_blur: 3", "imagenet_c.motion_blur: { severity: 5, table: cifar }"],
    draw: |c, _table, _on, rng| -> Motion { Motion::new(c, rng) },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.shifted(image, scratch)),
}

corruption! {
    /// Averages the image with enlargements of its middle, as ImageNet-C's `zoom_blur` does.
    ImagenetCZoomBlur,
    imagenet [(0.01, 12), (0.01, 16), (0.02, 11), (0.02, 13), (0.03, 11)],
    cifar [(0.01, 7), (0.01, 12), (0.01, 16), (0.01, 21), (0.01, 26)],
    summary: "Averages the image with enlargements of its middle, as ImageNet-C's zoom_blur does.",
    notes: "",
    examples: ["imagenet_c.zoom_blur: 2", "imagenet_c.zoom_blur: { severity: 5, table: cifar }"],
    draw: |c, _table, _on, _rng| -> Zoom { Zoom { step: c.0, count: c.1 } },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Keep::Start, Cut, scratch)),
}

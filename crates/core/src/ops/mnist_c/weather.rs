//! `mnist_c.fog`, `spatter`, `frost`, `snow`.

use crate::kernels::corrupt::Finish::Round;
use crate::ops::corruptions::weather::Drops::Mud;
use crate::ops::corruptions::weather::{Fog, Frost, Snow, Spatter};
use crate::ops::corruptions::{apart, corruption};

corruption! {
    /// Adds fog, as MNIST-C's `fog` does. Each channel of a colored image is a gray image, with the same draws.
    MnistCFog, severity 5 of [(1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4)],
    summary: "Adds fog, as MNIST-C's fog does.",
    notes: "The upper left of a height map of 256 x 256, or of the next power of two for larger images.",
    examples: ["mnist_c.fog: {}", "mnist_c.fog: 3"],
    draw: |c, _on, rng| -> Fog { Fog::new(c, rng) },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.large(image, Round, scratch)),
}

corruption! {
    /// Splashes mud, as MNIST-C's `spatter` does. Each channel of a colored image is a gray image, with the same draws.
    MnistCSpatter, severity 4 of [
        (0.65, 0.3, 4.0, 0.69, Mud(0.6)),
        (0.65, 0.3, 3.0, 0.68, Mud(0.6)),
        (0.65, 0.3, 2.0, 0.68, Mud(0.5)),
        (0.65, 0.3, 1.0, 0.65, Mud(1.5)),
        (0.67, 0.4, 1.0, 0.65, Mud(1.5)),
    ],
    summary: "Splashes mud, as MNIST-C's spatter does.",
    notes: "Always mud, of 63 gray levels: the water of ImageNet-C does not occur there.",
    examples: ["mnist_c.spatter: {}", "mnist_c.spatter: 1"],
    draw: |c, _on, rng| -> Spatter { Spatter::new(c, rng) },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.paint(image, Round, scratch)),
}

corruption! {
    /// Adds frost, as MNIST-C's `frost` does, but for its pictures. Each channel of a colored image is a gray image, with the same draws.
    MnistCFrost, severity 5 of [(1.0, 0.4), (0.8, 0.6), (0.7, 0.7), (0.65, 0.7), (0.6, 0.75)],
    summary: "Adds frost, as MNIST-C's frost does, but for its pictures.",
    notes: "The original's photographs are not ours to give: crystals on uneven ice are drawn anew for each image.",
    examples: ["mnist_c.frost: {}", "mnist_c.frost: 2"],
    draw: |c, _on, rng| -> Frost { Frost::new(c, 1.0, rng) },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.paint(image, Round, scratch)),
}

corruption! {
    /// Adds snow, as MNIST-C's `snow` does. Each channel of a colored image is a gray image, with the same draws.
    MnistCSnow, severity 5 of [
        (0.1, 0.3, 3.0, 0.5, 10.0, 4.0, 0.8),
        (0.2, 0.3, 2.0, 0.5, 12.0, 4.0, 0.7),
        (0.55, 0.3, 4.0, 0.9, 12.0, 8.0, 0.7),
        (0.55, 0.3, 4.5, 0.85, 12.0, 8.0, 0.65),
        (0.55, 0.3, 2.5, 0.85, 12.0, 12.0, 0.55),
    ],
    summary: "Adds snow, as MNIST-C's snow does.",
    notes: "Flakes are blurred with ImageMagick's taps, and come a second time, turned by 180 degrees.",
    examples: ["mnist_c.snow: {}", "mnist_c.snow: 3"],
    draw: |c, _on, rng| -> Snow { Snow::new(c, rng) },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.paint(image, Round, scratch)),
}

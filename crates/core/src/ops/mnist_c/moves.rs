//! `mnist_c.shear`, `rotate`, `scale`, `translate`, `elastic_transform`.

use crate::kernels::corrupt::Finish::Round;
use crate::kernels::corrupt::elastic::Beyond;
use crate::ops::corruptions::corruption;
use crate::ops::corruptions::moves::{Elastic, Move, Scale, Turn, placed, warped};

corruption! {
    /// Shears the image about its middle, as MNIST-C's `shear` does. Each channel of a colored image is a gray image.
    MnistCShear, severity 2 of [0.2, 0.4, 0.6, 0.8, 1.0],
    summary: "Shears the image about its middle, as MNIST-C's shear does.",
    notes: "By 0.2 to 1 radian to either side. As with scikit-image up to 0.20, lengths along the sheared axis are kept, so that digits get lower.",
    examples: ["mnist_c.shear: {}", "mnist_c.shear: 5"],
    draw: |angle, _on, rng| -> Turn { Turn::new(angle, rng) },
    paint: |drawn, canvas| warped(canvas, &drawn.shear(canvas.shape()), Round),
    place: |drawn, on| placed(&drawn.shear(on), on),
}

corruption! {
    /// Turns the image, as MNIST-C's `rotate` does. Each channel of a colored image is a gray image.
    MnistCRotate, severity 2 of [0.2, 0.4, 0.6, 0.8, 1.0],
    summary: "Turns the image about its middle, as MNIST-C's rotate does.",
    notes: "By 0.2 to 1 radian to either side.",
    examples: ["mnist_c.rotate: {}", "mnist_c.rotate: 5"],
    draw: |angle, _on, rng| -> Turn { Turn::new(angle, rng) },
    paint: |drawn, canvas| warped(canvas, &drawn.rotation(canvas.shape()), Round),
    place: |drawn, on| placed(&drawn.rotation(on), on),
}

corruption! {
    /// Makes what is in the image smaller, as MNIST-C's `scale` does. Each channel of a colored image is a gray image.
    MnistCScale, severity 3 of [1.0 / 0.9, 1.0 / 0.8, 1.0 / 0.7, 1.0 / 0.6, 1.0 / 0.5],
    summary: "Makes what is in the image smaller, as MNIST-C's scale does.",
    notes: "By 0.9, 0.8, 0.7, 0.6 or 0.5.",
    examples: ["mnist_c.scale: {}", "mnist_c.scale: 5"],
    draw: |factor, _on, _rng| -> Scale { Scale { factor } },
    paint: |drawn, canvas| warped(canvas, &drawn.matrix(canvas.shape()), Round),
    place: |drawn, on| placed(&drawn.matrix(on), on),
}

corruption! {
    /// Moves the image, as MNIST-C's `translate` does. Each channel of a colored image is a gray image.
    MnistCTranslate, severity 3 of [1, 2, 3, 4, 5],
    summary: "Moves the image along both axes, as MNIST-C's translate does.",
    notes: "By 1 to 5 pixels, to either side. Zeros enter.",
    examples: ["mnist_c.translate: {}", "mnist_c.translate: 5"],
    draw: |by, _on, rng| -> Move { Move::new(by, rng) },
    paint: |drawn, canvas| drawn.paint(canvas),
    place: |drawn, on| drawn.place(on),
}

corruption! {
    /// Bends the image, as MNIST-C's `elastic_transform` does. Each channel of a colored image is a gray image.
    MnistCElasticTransform, severity 1 of [
        (56.0, 19.6, 2.8), (56.0, 2.24, 5.6), (1.4, 0.28, 0.56), (1.96, 0.28, 0.56), (3.36, 0.28, 0.56),
    ],
    summary: "Moves three points of the image and bends it, as MNIST-C's elastic_transform does.",
    notes: "Strengths are those for 28 x 28 pixels, whatever the size. Zeros enter.",
    examples: ["mnist_c.elastic_transform: {}", "mnist_c.elastic_transform: 3"],
    draw: |c, _on, rng| -> Elastic { Elastic::with_corners(c, rng) },
    paint: |drawn, canvas| drawn.paint(canvas, Beyond::Zero, Round),
    place: |drawn, on| drawn.place(on),
}

//! `mnist_c.brightness`, `contrast`, `saturate`, `jpeg_compression`, `pixelate`, `quantize`, `inverse`.

use crate::kernels::corrupt::Finish::Round;
use crate::ops::corruptions::tones::{Bits, Brightness, Contrast, Jpeg, Nothing, Pixels, Saturation};
use crate::ops::corruptions::{apart, corruption};

corruption! {
    /// Makes the image brighter, as MNIST-C's `brightness` does. Each channel of a colored image is a gray image.
    MnistCBrightness, severity 5 of [0.1, 0.2, 0.3, 0.4, 0.5],
    summary: "Makes the image brighter, as MNIST-C's brightness does.",
    notes: "By 0.1 to 0.5 of white.",
    examples: ["mnist_c.brightness: {}", "mnist_c.brightness: 2"],
    draw: |add, _on, _rng| -> Brightness { Brightness { add } },
    paint: |drawn, canvas| canvas.in_place(|image, _| drawn.plain(image, Round)),
}

corruption! {
    /// Takes contrast away, as MNIST-C's `contrast` does. Each channel of a colored image is a gray image.
    MnistCContrast, severity 4 of [0.4, 0.3, 0.2, 0.1, 0.05],
    summary: "Takes contrast away, as MNIST-C's contrast does.",
    notes: "0.4, 0.3, 0.2, 0.1 or 0.05 of the differences from the mean are left.",
    examples: ["mnist_c.contrast: {}", "mnist_c.contrast: 1"],
    draw: |factor, _on, _rng| -> Contrast { Contrast { factor } },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.paint(image, Round, scratch)),
}

corruption! {
    /// Changes the saturation and more, as MNIST-C's `saturate` does. Each channel of a colored image is a gray image.
    MnistCSaturate, severity 5 of [(0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (20.0, 0.2)],
    summary: "Changes hue, saturation and value alike, as MNIST-C's saturate does.",
    notes: "The color that a gray value becomes is made gray again, as there: this is a change of brightness.",
    examples: ["mnist_c.saturate: {}", "mnist_c.saturate: 4"],
    draw: |c, _on, _rng| -> Saturation { Saturation { factor: c.0, add: c.1 } },
    paint: |drawn, canvas| canvas.in_place(|image, _| drawn.gray(image, Round)),
}

corruption! {
    /// Stores the image as JPEG, as MNIST-C's `jpeg_compression` does. Each channel of a colored image is a gray image.
    MnistCJpegCompression, severity 5 of [25, 18, 15, 10, 7],
    summary: "Stores the image as JPEG, as MNIST-C's jpeg_compression does.",
    notes: "Of quality 25, 18, 15, 10 or 7.",
    examples: ["mnist_c.jpeg_compression: {}", "mnist_c.jpeg_compression: 1"],
    draw: |quality, _on, _rng| -> Jpeg { Jpeg { quality } },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.paint(image, scratch)),
}

corruption! {
    /// Makes pixels larger, as MNIST-C's `pixelate` does. Each channel of a colored image is a gray image.
    MnistCPixelate, severity 3 of [0.6, 0.5, 0.4, 0.3, 0.25],
    summary: "Makes pixels larger, as MNIST-C's pixelate does.",
    notes: "As Pillow 9.5 does; version 6, which the original asks for, left black lines at severity 1.",
    examples: ["mnist_c.pixelate: {}", "mnist_c.pixelate: 1"],
    draw: |factor, _on, _rng| -> Pixels { Pixels { factor, area: true } },
    paint: |drawn, canvas| drawn.paint(canvas),
}

corruption! {
    /// Leaves fewer levels, as MNIST-C's `quantize` does. Each channel of a colored image is a gray image.
    MnistCQuantize, severity 5 of [5, 4, 3, 2, 1],
    summary: "Leaves fewer levels, as MNIST-C's quantize does.",
    notes: "5 bits to 1 bit.",
    examples: ["mnist_c.quantize: {}", "mnist_c.quantize: 4"],
    draw: |bits, _on, _rng| -> Bits { Bits { bits } },
    paint: |drawn, canvas| canvas.in_place(|image, _| drawn.paint(image, Round)),
}

corruption! {
    /// Inverts the image, as MNIST-C's `inverse` does.
    MnistCInverse,
    summary: "Inverts the image, as MNIST-C's inverse does.",
    notes: "",
    examples: ["mnist_c.inverse: {}"],
    draw: |_on, _rng| -> Nothing { Nothing {} },
    paint: |_drawn, canvas| canvas.in_place(|image, _| image.data.iter_mut().for_each(|v| *v = 255 - *v)),
}

//! `mnist_c.glass_blur`, `motion_blur`, `gaussian_blur`, `defocus_blur`, `zoom_blur`.

use crate::kernels::corrupt::Finish::Round;
use crate::kernels::corrupt::blurs::Axes;
use crate::kernels::corrupt::zoom::Keep;
use crate::ops::corruptions::blurs::{Defocus, Gaussian, Glass, Motion, Zoom};
use crate::ops::corruptions::{apart, corruption};

corruption! {
    /// Exchanges pixels with neighbors between two blurs, as MNIST-C's `glass_blur` does. Each channel of a colored image is a gray image, with
    /// the same draws.
    MnistCGlassBlur, severity 1 of [(0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2)],
    summary: "Exchanges pixels with neighbors between two blurs, as MNIST-C's glass_blur does.",
    notes: "Blurs go down the columns alone, as there. A coin decides for each pixel whether it is exchanged.",
    examples: ["mnist_c.glass_blur: {}", "mnist_c.glass_blur: 4"],
    draw: |c, _on, rng| -> Glass { Glass::new(c, rng) },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.exchange(image, Round, scratch)),
}

corruption! {
    /// Blurs in a direction, as MNIST-C's `motion_blur` does. Each channel of a colored image is a gray image, with the same draws.
    MnistCMotionBlur, severity 1 of [(10.0, 3.0), (15.0, 5.0), (15.0, 8.0), (15.0, 12.0), (20.0, 15.0)],
    summary: "Blurs in a direction of -45 to 45 degrees, as MNIST-C's motion_blur does.",
    notes: "With ImageMagick's taps, which lie on one side, and its 16 bits, the last 8 of which are cut off.",
    examples: ["mnist_c.motion_blur: {}", "mnist_c.motion_blur: 5"],
    draw: |c, _on, rng| -> Motion { Motion::new(c, rng) },
    paint: |drawn, canvas| apart(canvas, |image, scratch| drawn.magick(image, scratch)),
}

corruption! {
    /// Blurs down the columns, as MNIST-C's `gaussian_blur` does. Each channel of a colored image is a gray image.
    MnistCGaussianBlur, severity 2 of [1.0, 2.0, 3.0, 4.0, 6.0],
    summary: "Blurs down the columns, as MNIST-C's gaussian_blur does.",
    notes: "By 1, 2, 3, 4 or 6 pixels; not along rows, as there, where columns are taken for channels.",
    examples: ["mnist_c.gaussian_blur: {}", "mnist_c.gaussian_blur: 5"],
    draw: |sigma, _on, _rng| -> Gaussian { Gaussian { sigma } },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Axes::Down, Round, scratch)),
}

corruption! {
    /// Blurs by a disk, as MNIST-C's `defocus_blur` does. Each channel of a colored image is a gray image.
    MnistCDefocusBlur, severity 1 of [(3.0, 0.1), (4.0, 0.5), (6.0, 0.5), (8.0, 0.5), (10.0, 0.5)],
    summary: "Blurs by a disk, as MNIST-C's defocus_blur does.",
    notes: "Of a radius of 3, 4, 6, 8 or 10 pixels.",
    examples: ["mnist_c.defocus_blur: {}", "mnist_c.defocus_blur: 5"],
    draw: |c, _on, _rng| -> Defocus { Defocus { radius: c.0, alias: c.1 } },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Round, scratch)),
}

corruption! {
    /// Averages the image with enlargements of its middle, as MNIST-C's `zoom_blur` does. Each channel of a colored image is a gray image.
    MnistCZoomBlur, severity 5 of [(0.01, 12), (0.01, 16), (0.02, 11), (0.02, 13), (0.03, 11)],
    summary: "Averages the image with enlargements of its middle, as MNIST-C's zoom_blur does.",
    notes: "Up to 1.11, 1.15, 1.2, 1.24 or 1.3 times.",
    examples: ["mnist_c.zoom_blur: {}", "mnist_c.zoom_blur: 1"],
    draw: |c, _on, _rng| -> Zoom { Zoom { step: c.0, count: c.1 } },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Keep::Middle, Round, scratch)),
}

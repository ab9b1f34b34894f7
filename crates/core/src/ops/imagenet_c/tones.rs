//! `imagenet_c.brightness`, `contrast`, `saturate`, `jpeg_compression`, `pixelate`.

use crate::kernels::corrupt::Finish::Cut;
use crate::ops::corruptions::tones::{Brightness, Contrast, Jpeg, Pixels, Saturation};
use crate::ops::corruptions::{Table, corruption};

corruption! {
    /// Makes the image brighter, as ImageNet-C's `brightness` does.
    ImagenetCBrightness, imagenet [0.1, 0.2, 0.3, 0.4, 0.5], cifar [0.05, 0.1, 0.15, 0.2, 0.3],
    summary: "Makes the image brighter, as ImageNet-C's brightness does.",
    notes: "By adding to the value of hue, saturation and value.",
    examples: ["imagenet_c.brightness: 2", "imagenet_c.brightness: { severity: 5, table: cifar }"],
    draw: |add, _table, _on, _rng| -> Brightness { Brightness { add } },
    paint: |drawn, canvas| canvas.in_place(|image, _| drawn.hsv(image, Cut)),
}

corruption! {
    /// Takes contrast away, as ImageNet-C's `contrast` does.
    ImagenetCContrast, imagenet [0.4, 0.3, 0.2, 0.1, 0.05], cifar [0.75, 0.5, 0.4, 0.3, 0.15],
    summary: "Takes contrast away, as ImageNet-C's contrast does.",
    notes: "About the mean of each channel.",
    examples: ["imagenet_c.contrast: 2", "imagenet_c.contrast: { severity: 5, table: cifar }"],
    draw: |factor, _table, _on, _rng| -> Contrast { Contrast { factor } },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Cut, scratch)),
}

corruption! {
    /// Changes the saturation, as ImageNet-C's `saturate` does.
    ImagenetCSaturate,
    imagenet [(0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (20.0, 0.2)],
    cifar [(0.3, 0.0), (0.1, 0.0), (1.5, 0.0), (2.0, 0.1), (2.5, 0.2)],
    summary: "Changes the saturation, as ImageNet-C's saturate does.",
    notes: "Gray images keep their values.",
    examples: ["imagenet_c.saturate: 2", "imagenet_c.saturate: { severity: 5, table: cifar }"],
    draw: |c, _table, _on, _rng| -> Saturation { Saturation { factor: c.0, add: c.1 } },
    paint: |drawn, canvas| canvas.in_place(|image, _| drawn.hsv(image, Cut)),
}

corruption! {
    /// Stores the image as JPEG, as ImageNet-C's `jpeg_compression` does.
    ImagenetCJpegCompression, imagenet [25, 18, 15, 10, 7], cifar [80, 65, 58, 50, 40],
    summary: "Stores the image as JPEG, as ImageNet-C's jpeg_compression does.",
    notes: "Colors have half the resolution, as Pillow writes them.",
    examples: ["imagenet_c.jpeg_compression: 2", "imagenet_c.jpeg_compression: { severity: 5, table: cifar }"],
    draw: |quality, _table, _on, _rng| -> Jpeg { Jpeg { quality } },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, scratch)),
}

corruption! {
    /// Makes pixels larger, as ImageNet-C's `pixelate` does.
    ImagenetCPixelate, imagenet [0.6, 0.5, 0.4, 0.3, 0.25], cifar [0.95, 0.9, 0.85, 0.75, 0.65],
    summary: "Makes pixels larger, as ImageNet-C's pixelate does.",
    notes: "Pixels come back as the nearest one, or with the table cifar as the mean of their area.",
    examples: ["imagenet_c.pixelate: 2", "imagenet_c.pixelate: { severity: 5, table: cifar }"],
    draw: |factor, table, _on, _rng| -> Pixels { Pixels { factor, area: table == Table::Cifar } },
    paint: |drawn, canvas| drawn.paint(canvas),
}

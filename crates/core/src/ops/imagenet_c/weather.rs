//! `imagenet_c.fog`, `spatter`, `frost`, `snow`.

use crate::kernels::corrupt::Finish::Cut;
use crate::ops::corruptions::weather::Drops::{Mud, Water};
use crate::ops::corruptions::weather::{Fog, Frost, Snow, Spatter};
use crate::ops::corruptions::{Table, corruption};

corruption! {
    /// Adds fog, as ImageNet-C's `fog` does.
    ImagenetCFog,
    imagenet [(1.5, 2.0), (2.0, 2.0), (2.5, 1.7), (2.5, 1.5), (3.0, 1.4)],
    cifar [(0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75)],
    summary: "Adds fog, as ImageNet-C's fog does.",
    notes: "A height map of the next power of two of the longer side.",
    examples: ["imagenet_c.fog: 2", "imagenet_c.fog: { severity: 5, table: cifar }"],
    draw: |c, _table, _on, rng| -> Fog { Fog::new(c, rng) },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.fitting(image, Cut, scratch)),
}

corruption! {
    /// Splashes water or mud, as ImageNet-C's `spatter` does.
    ImagenetCSpatter,
    imagenet [
        (0.65, 0.3, 4.0, 0.69, Water(0.6)),
        (0.65, 0.3, 3.0, 0.68, Water(0.6)),
        (0.65, 0.3, 2.0, 0.68, Water(0.5)),
        (0.65, 0.3, 1.0, 0.65, Mud(1.5)),
        (0.67, 0.4, 1.0, 0.65, Mud(1.5)),
    ],
    cifar [
        (0.62, 0.1, 0.7, 0.7, Water(0.5)),
        (0.65, 0.1, 0.8, 0.7, Water(0.5)),
        (0.65, 0.3, 1.0, 0.69, Water(0.5)),
        (0.65, 0.1, 0.7, 0.69, Mud(0.6)),
        (0.65, 0.1, 0.5, 0.68, Mud(0.6)),
    ],
    summary: "Splashes water, or mud from severity 4 on, as ImageNet-C's spatter does.",
    notes: "Where no drop falls the image stays as it is; the original then divides by zero.",
    examples: ["imagenet_c.spatter: 2", "imagenet_c.spatter: 4", "imagenet_c.spatter: { severity: [1, 5], table: cifar }"],
    draw: |c, _table, _on, rng| -> Spatter { Spatter::new(c, rng) },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Cut, scratch)),
}

corruption! {
    /// Adds frost, as ImageNet-C's `frost` does, but for its pictures.
    ImagenetCFrost,
    imagenet [(1.0, 0.4), (0.8, 0.6), (0.7, 0.7), (0.65, 0.7), (0.6, 0.75)],
    cifar [(1.0, 0.2), (1.0, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)],
    summary: "Adds frost, as ImageNet-C's frost does, but for its pictures.",
    notes: "The original's photographs are not ours to give: crystals on uneven ice are drawn anew for each image. Those of the table cifar are smaller.",
    examples: ["imagenet_c.frost: 2", "imagenet_c.frost: { severity: 5, table: cifar }"],
    draw: |c, table, _on, rng| -> Frost {
        let size = match table {
            Table::Imagenet => 1.1,
            Table::Cifar => 0.2,
        };
        Frost::new(c, size, rng)
    },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Cut, scratch)),
}

corruption! {
    /// Adds snow, as ImageNet-C's `snow` does.
    ImagenetCSnow,
    imagenet [
        (0.1, 0.3, 3.0, 0.5, 10.0, 4.0, 0.8),
        (0.2, 0.3, 2.0, 0.5, 12.0, 4.0, 0.7),
        (0.55, 0.3, 4.0, 0.9, 12.0, 8.0, 0.7),
        (0.55, 0.3, 4.5, 0.85, 12.0, 8.0, 0.65),
        (0.55, 0.3, 2.5, 0.85, 12.0, 12.0, 0.55),
    ],
    cifar [
        (0.1, 0.2, 1.0, 0.6, 8.0, 3.0, 0.95),
        (0.1, 0.2, 1.0, 0.5, 10.0, 4.0, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10.0, 4.0, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12.0, 6.0, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14.0, 12.0, 0.8),
    ],
    summary: "Adds snow, as ImageNet-C's snow does.",
    notes: "Flakes come a second time, turned by 180 degrees.",
    examples: ["imagenet_c.snow: 2", "imagenet_c.snow: { severity: 5, table: cifar }"],
    draw: |c, _table, _on, rng| -> Snow { Snow::new(c, rng) },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, Cut, scratch)),
}

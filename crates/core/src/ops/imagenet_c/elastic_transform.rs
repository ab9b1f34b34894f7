//! `imagenet_c.elastic_transform`.

use crate::kernels::corrupt::Finish::Cut;
use crate::kernels::corrupt::elastic::Beyond;
use crate::ops::corruptions::moves::Elastic;
use crate::ops::corruptions::{Table, corruption};

corruption! {
    /// Bends the image, as ImageNet-C's `elastic_transform` does.
    ImagenetCElasticTransform,
    imagenet [(12.5, 0.01, 0.005), (16.25, 0.01, 0.005), (21.25, 0.01, 0.005), (25.0, 0.01, 0.005), (30.0, 0.01, 0.005)],
    cifar [(0.0, 0.0, 2.56), (1.6, 6.4, 2.24), (2.56, 1.92, 1.92), (3.2, 1.28, 1.6), (3.2, 0.96, 0.96)],
    summary: "Bends the image, as ImageNet-C's elastic_transform does.",
    notes: "By up to 0.005 of the height times 12.5 to 30, smoothed over 0.01 of the sides. With the table cifar, three points of the image move \
            first, and strengths are those for 32 x 32 pixels, whatever the size.",
    examples: ["imagenet_c.elastic_transform: 1", "imagenet_c.elastic_transform: { severity: 2, table: cifar }"],
    draw: |c, table, on, rng| -> Elastic {
        match table {
            Table::Imagenet => {
                let (alpha, smooth, range) = c;
                let [height, width] = [on.height, on.width].map(|n| n as f64);
                Elastic {
                    alpha,
                    sigma: [height * smooth, width * smooth],
                    range: height * range,
                    corners: None,
                    key: rng.u64(),
                }
            }
            Table::Cifar => Elastic::with_corners(c, rng),
        }
    },
    paint: |drawn, canvas| drawn.paint(canvas, Beyond::Mirror, Cut),
    place: |drawn, on| drawn.place(on),
}

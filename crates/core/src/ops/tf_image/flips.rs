//! `flip_left_right`, `flip_up_down`, `random_flip_left_right`, `random_flip_up_down`: mirroring, under tf.image's names.

use crate::ops::Probability;
use crate::ops::alias::alias;
use crate::ops::imgaug::fliplr::Fliplr;
use crate::ops::imgaug::flipud::Flipud;

alias! {
    FlipLeftRight = Fliplr { p: Probability(1.0) },
    summary: "Mirrors the image left to right, as tf.image does.",
    notes: "The same as fliplr: 1.0.",
    example: "flip_left_right: {}",
}

alias! {
    RandomFlipLeftRight = Fliplr { p: Probability(0.5) },
    summary: "Mirrors half of the images left to right, as tf.image does.",
    notes: "The same as fliplr: 0.5.",
    example: "random_flip_left_right: {}",
}

alias! {
    FlipUpDown = Flipud { p: Probability(1.0) },
    summary: "Mirrors the image top to bottom, as tf.image does.",
    notes: "The same as flipud: 1.0.",
    example: "flip_up_down: {}",
}

alias! {
    RandomFlipUpDown = Flipud { p: Probability(0.5) },
    summary: "Mirrors half of the images top to bottom, as tf.image does.",
    notes: "The same as flipud: 0.5.",
    example: "random_flip_up_down: {}",
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::draws;

    #[test]
    fn other_names_draw_what_they_stand_for() {
        assert!(draws(&FlipLeftRight {}, 100).all(|d| d.flip));
        assert!(draws(&RandomFlipLeftRight {}, 2000).eq(draws(&Fliplr { p: Probability(0.5) }, 2000)));
        let hits = draws(&RandomFlipLeftRight {}, 2000).filter(|d| d.flip).count();
        assert!((900..1100).contains(&hits), "{hits}");

        assert!(draws(&FlipUpDown {}, 100).all(|d| d.flip));
        assert!(draws(&RandomFlipUpDown {}, 2000).eq(draws(&Flipud { p: Probability(0.5) }, 2000)));
        let hits = draws(&RandomFlipUpDown {}, 2000).filter(|d| d.flip).count();
        assert!((900..1100).contains(&hits), "{hits}");
    }
}

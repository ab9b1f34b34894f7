//! `augment`: the parameters of Keras' ImageDataGenerator in place of a pipeline.

use crate::harness::{Images, Place};

#[test]
fn keras_parameters_are_the_pipeline_file_that_says_the_same() {
    let (place, images) = (Place::new(), Images::new(12, 8, 9));
    place.idx("in", &images);
    place.write(
        "same.yaml",
        "version: 1
pipeline:
  - keras_transform:
      rotation_range: 10
      zoom_range: [0.8, 1.1]
      shear_range: 0.5
      width_shift_range: 0.1
      height_shift_range: 3
      channel_shift_range: 20
      brightness_range: [0.5, 1.5]
      horizontal_flip: true
      fill_mode: constant
      cval: 7
      compat: keras_preprocessing
",
    );
    place
        .run(
            "augment -i in --rotation-range 10 --zoom-range 0.8,1.1 --shear-range 0.5 --width-shift-range 0.1 \
             --height-shift-range 3 --channel-shift-range 20 --brightness-range 0.5,1.5 --horizontal-flip \
             --fill-mode constant --cval 7 --compat keras_preprocessing -o flags",
        )
        .ok();
    place.run("augment -i in --pipeline same.yaml -o file").ok();
    let (flags, file) = (place.shards("flags", "train"), place.shards("file", "train"));
    assert_eq!(flags.x, file.x);
    assert_ne!(flags.x, images.pixels);
    place.run("verify flags --rebuild").ok();
}

#[test]
fn a_recipe_of_samples_behind_the_originals() {
    let (place, images) = (Place::new(), Images::new(12, 8, 9));
    place.idx("in", &images);
    place.run("augment -i in --rotation-range 10 --horizontal-flip --sample 6 --keep-originals -o out").ok();
    let shards = place.shards("out", "train");
    assert_eq!(shards.x[..images.pixels.len()], images.pixels);
    assert_eq!(shards.y.len(), 18);
    for (y, origin) in shards.y.iter().zip(&shards.origin) {
        assert_eq!(*y, images.labels[*origin as usize]);
    }
}

#[test]
fn a_pipeline_or_keras_parameters_and_not_both() {
    let place = Place::new();
    place.idx("in", &Images::new(3, 4, 4));
    place.run("augment -i in -o out").fails(2, &["no pipeline", "--pipeline", "--rotation-range"]);
    place
        .run("augment -i in --pipeline elastic --zoom-range 0.1 --horizontal-flip -o out")
        .fails(2, &["--pipeline", "--horizontal-flip", "--zoom-range", "exclude each other"]);
    place
        .run("augment -i in --channel-shift-range -1 -o out")
        .fails(2, &["--channel-shift-range -1.0: -1 is outside"]);
    place.run("augment -i in --cval 3 --brightness-range 3 -o out").fails(2, &["--brightness-range 3: "]);
    place.run("augment -i in --zoom-range x -o out").exits(2).says(&["--zoom-range", "not a number"]);
    place.run("augment -i in --width-shift-range -0.1 -o out").fails(2, &["--width-shift-range -0.1: "]);
    assert!(!place.path("out").exists());
}

//! Keras' layers as people write them.

use super::super::super::files_tests::keys;
use super::super::super::{Wanted, translate};

const TF: &str =
    "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n";

fn converts(body: &str) -> String {
    keys(&format!("{TF}{body}"), &Wanted::default())
}

/// The warnings of a file.
fn told(body: &str) -> String {
    translate("flow.py", &format!("{TF}{body}"), &Wanted::default()).unwrap().warnings.join("\n")
}

#[test]
fn what_does_not_matter_need_not_be_known() {
    for seed in ["self.seed", "self.seed + 1", "SEED", "cfg.seed"] {
        let body = format!(
            "class D:\n  def f(self, cfg):\n    return keras.Sequential([layers.RandomZoom(.1, seed={seed}), layers.RandomRotation(.2, seed={seed})])\n"
        );
        assert_eq!(converts(&body), "keras.random_zoom keras.random_rotation", "{seed}");
    }
}

/// Sizes that are not known are those of the images.
#[test]
fn sizes_that_are_not_known_are_left_out() {
    let sized = "def f(size):\n  return keras.Sequential([layers.Resizing(size, size), layers.RandomCrop(cfg.h, cfg.w), layers.RandomZoom(.1)])\n";
    assert_eq!(converts(sized), "keras.random_zoom");
    assert!(told(sized).contains("Resizing is left out, because size is not known"), "{}", told(sized));
}

/// A parameter with a class of the file is taken for what the class has; this is told, and may be given otherwise.
#[test]
fn classes_of_settings_have_their_defaults() {
    let settings = "from dataclasses import dataclass, field\n@dataclass\nclass Settings:\n  turn: float = 0.1\n  zoom: tuple = field(default_factory=lambda: (-0.2, 0.1))\n  flip: str = field(default='vertical')\n";
    let body = format!(
        "{settings}def f(s: Settings):\n  return keras.Sequential([layers.RandomRotation(s.turn), layers.RandomZoom(s.zoom), layers.RandomFlip(s.flip)])\n"
    );
    assert_eq!(converts(&body), "keras.random_rotation keras.random_zoom flipud");
    assert!(told(&body).contains("s of f is Settings with the defaults of that class; --set s.KEY=VALUE"));
    let set = ["s.flip=horizontal".to_owned()];
    let wanted = Wanted { set: &set, ..Wanted::default() };
    assert_eq!(keys(&format!("{TF}{body}"), &wanted), "keras.random_rotation keras.random_zoom fliplr");
}

#[test]
fn what_is_no_layer_for_images_is_told() {
    let own = "class Blur(layers.Layer):\n  def call(self, x):\n    return x\n";
    let cases = [
        ("layers.Lambda(lambda x: x / 255.0)", "keras.random_rotation fliplr", "Lambda is passed over"),
        (
            "layers.Lambda(preprocess)",
            "keras.random_rotation fliplr",
            "layers.Lambda(preprocess) is left out",
        ),
        ("Blur()", "keras.random_rotation fliplr", "Blur() is left out"),
        ("RandomBlur(3)", "keras.random_rotation fliplr", "RandomBlur(3) is left out"),
        ("layers.Dropout(0.1)", "keras.random_rotation fliplr", "layers.Dropout(0.1) is left out"),
        ("layers.GaussianNoise(0.1)", "keras.random_rotation fliplr", "scale: 25.5"),
        (
            "layers.GaussianNoise(9)",
            "keras.random_rotation additive_gaussian_noise fliplr",
            "whole gray levels",
        ),
        ("layers.ZeroPadding2D(4)", "keras.random_rotation torchvision.pad fliplr", ""),
    ];
    for (layer, expected, words) in cases {
        let body = format!(
            "from project import RandomBlur\n{own}a = keras.Sequential([layers.RandomRotation(.1), {layer}, layers.RandomFlip('horizontal')])\n"
        );
        assert_eq!(converts(&body), expected, "{layer}");
        assert!(told(&body).contains(words), "{layer}: {}", told(&body));
    }
    let scaled =
        "a = keras.Sequential([layers.Rescaling(1/255), layers.RandomZoom(.1), layers.GaussianNoise(.1)])\n";
    let spec = translate("flow.py", &format!("{TF}{scaled}"), &Wanted::default()).unwrap().spec;
    let said = serde_json::to_string(&spec).unwrap();
    assert!(said.contains("25.5"), "{said}");
}

#[test]
fn a_network_ends_the_pipeline() {
    let ends =
        "def build(base):\n  return keras.Sequential([layers.RandomZoom(.1), base, layers.Dense(2)])\n";
    assert_eq!(converts(ends), "keras.random_zoom");
    assert!(told(ends).contains("base is taken for the network"), "{}", told(ends));
    let chain =
        "x = layers.RandomZoom(.1)(inputs)\nx = layers.GaussianNoise(9.)(x)\nx = layers.Dense(3)(x)\n";
    assert_eq!(converts(chain), "keras.random_zoom additive_gaussian_noise");
    let numbers = "x = layers.RandomZoom(.1)(i)\nx = keras.applications.vgg16.preprocess_input(x)\n";
    assert_eq!((converts(numbers), told(numbers)), ("keras.random_zoom".to_owned(), String::new()));
    let first = "x = layers.GaussianNoise(9.)(inputs)\nx = layers.Dense(3)(x)\ny = layers.RandomFlip('vertical')(inputs)\n";
    assert_eq!(converts(first), "flipud");
}

/// What a condition that is not known puts behind a model is never left out without a word.
#[test]
fn models_that_grow_on_a_condition_are_not_guessed() {
    let grows = |test: &str, last: &str| {
        format!(
            "def f(flip, n):\n  aug = keras.Sequential()\n  aug.add(layers.RandomZoom(.1))\n  if {test}:\n    aug.add(layers.RandomFlip('horizontal'))\n{last}  return aug\n"
        )
    };
    let more = "  aug.add(layers.RandomRotation(.1))\n";
    for (test, last, expected) in [
        ("flip", "", "keras.random_zoom fliplr"),
        ("flip", more, "keras.random_zoom fliplr keras.random_rotation"),
        ("n > 3", "", "flow.py:7:6: the value depends on this condition"),
        ("n > 3", more, "flow.py:7:6: the value depends on this condition"),
    ] {
        assert_eq!(converts(&grows(test, last)), expected, "{test}{last}");
    }
    assert!(told(&grows("flip", "")).contains("flip is taken for True"));
    let kept = "class M:\n  def __init__(self, n):\n    self.aug = keras.Sequential([layers.RandomZoom(.1)])\n    if n > 3:\n      self.aug.add(layers.RandomFlip('horizontal'))\n";
    assert_eq!(converts(kept), "flow.py:7:8: the value depends on this condition");
}

/// A list of layers that is not known asks for what it needs; a layer alone is no pipeline.
#[test]
fn layers_in_no_list_that_is_known() {
    let named = "all = {'flip': layers.RandomFlip('horizontal')}\ndef f(key):\n  return keras.Sequential([all[key]])\n";
    let error = translate("flow.py", &format!("{TF}{named}"), &Wanted::default()).unwrap_err();
    assert!(error.to_string().contains("key is not known"), "{error}");
    let grows = "def f(n):\n  aug = []\n  if n > 3:\n    aug.append(layers.RandomFlip('vertical'))\n  return keras.Sequential(aug)\n";
    assert_eq!(converts(grows), "flow.py:6:6: the value depends on this condition");
    assert!(converts("flip = layers.RandomFlip('vertical')\n").contains("this layer stands alone"));
}

/// Layers that are called, and functions of `tf.image`, may follow one another.
#[test]
fn layers_and_functions_make_one_pipeline() {
    let mixed = "def f(x):\n  x = layers.RandomFlip('vertical')(x)\n  x = tf.image.random_brightness(x, 0.1)\n  x = layers.RandomZoom(.1)(x)\n  return x\n";
    assert_eq!(converts(mixed), "flipud random_brightness keras.random_zoom");
    let coin = "def f(x):\n  x = layers.RandomFlip('vertical')(x)\n  if tf.random.uniform([]) > 0.7:\n    x = layers.RandomZoom(.1)(x)\n  return x\n";
    let spec = translate("flow.py", &format!("{TF}{coin}"), &Wanted::default()).unwrap().spec;
    let said = serde_json::to_value(&spec).unwrap();
    let p = said["pipeline"][1]["sometimes"]["p"].as_f64().unwrap();
    assert!((p - 0.3).abs() < 1e-9, "{said}");
    let model = "aug = keras.Sequential([layers.RandomFlip('vertical')])\n";
    for (body, expected) in [
        (
            "def f(x):\n  x = aug(x, training=True)\n  x = tf.image.random_hue(x, 0.1)\n  return x\n",
            "flipud random_hue",
        ),
        (
            "def f(x):\n  x = tf.image.random_hue(x, 0.1)\n  x = aug(x)\n  x = layers.RandomZoom(.1)(x)\n  return x\n",
            "random_hue flipud keras.random_zoom",
        ),
        (
            "def g(x):\n  return tf.image.random_hue(x, 0.1)\nds.map(lambda x: g(aug(x)))\n",
            "flipud random_hue",
        ),
        ("x = aug(keras.Input((9, 9, 3)))\nx = layers.Dense(2)(x)\n", "flipud"),
    ] {
        assert_eq!(converts(&format!("{model}{body}")), expected, "{body}");
    }
}

#[test]
fn keras_core_and_excerpts_and_keras_cv() {
    let read = |text: &str| keys(text, &Wanted::default());
    let core = "import keras_core as keras\nfrom keras_core import layers\na = keras.Sequential([layers.RandomFlip('horizontal')])\n";
    assert_eq!(read(core), "fliplr");
    assert_eq!(read("a = Sequential([tf.keras.layers.RandomZoom(0.1)])\n"), "keras.random_zoom");
    let network = "a = keras.Sequential([layers.RandomZoom(.1)])\nm = Sequential([a, layers.Dense(2)])\n";
    assert_eq!(converts(network), "keras.random_zoom");
    let imgaug = "from imgaug.augmenters import *\na = Sequential([Fliplr(0.5)])\n";
    assert_eq!(read(imgaug), "fliplr");
    let cv = |layer: &str| {
        read(&format!("import keras, keras_cv\na = keras.Sequential([keras_cv.layers.{layer}])\n"))
    };
    assert_eq!(cv("RandomFlip()"), "fliplr");
    assert_eq!(cv("RandomFlip('horizontal_and_vertical')"), "fliplr flipud");
    assert_eq!(cv("RandomRotation(0.1)"), "keras.random_rotation");
    assert!(cv("RandomContrast(0.1)").contains("KerasCV's own way"), "{}", cv("RandomContrast(0.1)"));
    assert_eq!(cv("RandomFlip(), keras_cv.layers.Grayscale()"), "fliplr");
}

/// A class of one's own may be a `Sequential`.
#[test]
fn classes_that_are_sequential() {
    for init in [
        "super().__init__([layers.RandomZoom(.1), layers.RandomFlip('vertical')])",
        "super().__init__(layers=[layers.RandomZoom(.1), layers.RandomFlip('vertical')], name='aug')",
        "super(Aug, self).__init__(**kwargs)\n    self.add(layers.RandomZoom(.1))\n    self.add(layers.RandomFlip('vertical'))",
        "super().__init__()\n    for layer in [layers.RandomZoom(.1), layers.RandomFlip('vertical')]:\n      self.add(layer)",
    ] {
        for base in ["tf.keras.Sequential", "keras.models.Sequential", "keras.Sequential"] {
            let class = format!("class Aug({base}):\n  def __init__(self, **kwargs):\n    {init}\n");
            for use_of_it in [
                "",
                "aug = Aug()\n",
                "def f(x):\n  return Aug()(x)\n",
                "m = keras.Sequential([Aug(), layers.Dense(3)])\n",
            ] {
                let body = format!("{class}{use_of_it}");
                assert_eq!(converts(&body), "keras.random_zoom flipud", "{body}");
            }
            let tossed = format!(
                "{class}aug = Aug()\ndef f(x):\n  if tf.random.uniform([]) < .5:\n    x = aug(x)\n  return x\n"
            );
            assert_eq!(converts(&tossed), "sometimes", "{tossed}");
        }
    }
    let network = "class Net(keras.Sequential):\n  def __init__(self):\n    super().__init__([layers.Dense(3)])\naug = keras.Sequential([layers.RandomZoom(.1)])\nnet = Net()\n";
    assert_eq!(converts(network), "keras.random_zoom");
}

#[test]
fn what_stands_beside_a_model_in_front_of_a_network_belongs_to_the_pipeline() {
    let models = "size = keras.Sequential([layers.Resizing(32, 32), layers.Rescaling(1./255)])\n\
                  aug = keras.Sequential([layers.RandomZoom(.1), layers.RandomBrightness(.2)])\n\
                  body = keras.Sequential([layers.Conv2D(8, 3)])\n";
    for (front, expected) in [
        ("size, aug", "keras.resizing keras.random_zoom keras.random_brightness"),
        ("aug, size", "keras.random_zoom keras.random_brightness keras.resizing"),
        ("layers.Input((32, 32, 3)), aug", "keras.random_zoom keras.random_brightness"),
        ("aug, layers.Rescaling(1./255)", "keras.random_zoom keras.random_brightness"),
        (
            "None, layers.CenterCrop(24, 24), aug",
            "keras.center_crop keras.random_zoom keras.random_brightness",
        ),
    ] {
        for network in ["layers.Conv2D(8, 3)", "body", "base_model"] {
            let file = format!("{models}model = keras.Sequential([{front}, {network}, layers.Dense(2)])\n");
            assert_eq!(converts(&file), expected, "{front}, {network}");
        }
    }
    // Two networks with the same front are one pipeline.
    let file = format!(
        "{models}a = keras.Sequential([size, aug, layers.Conv2D(8, 3)])\nb = keras.Sequential([size, aug, layers.Dense(2)])\n"
    );
    assert!(!told(&file).contains("pipelines that augment"), "{}", told(&file));
}

/// Keras adds a share of 255 to whatever values there are.
#[test]
fn brightness_of_scaled_images_is_told() {
    for (body, said) in [
        ("layers.RandomBrightness(.2)", "if they are scaled before this, it adds"),
        ("layers.Rescaling(1./255), layers.RandomBrightness(.2)", "they are scaled here, and it adds"),
        ("layers.Rescaling(1./255), layers.RandomBrightness(.2, value_range=(0, 1))", ""),
    ] {
        let told = told(&format!("aug = keras.Sequential([{body}])\n"));
        assert_eq!(told.contains("without value_range"), !said.is_empty(), "{told}");
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn models_behind_layers_go_on_with_their_chain() {
    let file = "aug = keras.Sequential([layers.RandomZoom(.1)])\ninputs = keras.Input((28, 28, 3))\n\
                x = layers.Resizing(32, 32)(inputs)\nx = aug(x)\nx = base(x)\nx = layers.Dense(2)(x)\n";
    assert_eq!(converts(file), "keras.resizing keras.random_zoom");
    assert!(told(file).contains("8:5: what this does to the image is not read"), "{}", told(file));
    assert!(told(file).contains("unless it is the network") && !told(file).contains("7:5"), "{}", told(file));
}

#[test]
fn models_behind_functions_go_on_with_their_chain() {
    let file = "aug = keras.Sequential([layers.RandomZoom(.1)])\ndef augment(image, label):\n  image = tf.image.resize(image, (32, 32))\n  \
                image = aug(image, training=True)\n  return image, label\n";
    assert_eq!(converts(file), "resize keras.random_zoom");
}

#[test]
fn hyperparameters_have_their_defaults() {
    let file = "def build(hp):\n  return keras.Sequential([layers.RandomRotation(hp.Float('r', 0.1, 0.3)), layers.RandomZoom(hp.Choice('z', [0.2, 0.3])), layers.RandomContrast(hp.Int('c', 0, 1, default=1))])\n";
    assert_eq!(converts(file), "keras.random_rotation keras.random_zoom keras.random_contrast");
    assert!(told(file).contains("hp.Float is 0.1, its default"), "{}", told(file));
    assert!(told(file).contains("hp.Int is 1, its default"), "{}", told(file));
    let augmenter = "import keras_cv\naug = keras_cv.layers.Augmenter([keras_cv.layers.RandomFlip(), layers.RandomZoom(.1)])\n";
    assert_eq!(converts(augmenter), "fliplr keras.random_zoom");
}

#[test]
fn layers_without_a_counterpart_are_left_out_beside_others() {
    for layer in [
        "layers.RandomPerspective(0.2)",
        "keras_cv.layers.GridMask()",
        "keras_cv.layers.RandAugment((0, 255))",
    ] {
        let file = format!("import keras_cv\naug = keras.Sequential([layers.RandomZoom(.1), {layer}])\n");
        assert_eq!(converts(&file), "keras.random_zoom", "{layer}");
        assert!(
            told(&file).contains("and is left out: what it does to images is missing"),
            "{}",
            told(&file)
        );
        let alone = format!("import keras_cv\naug = keras.Sequential([{layer}])\n");
        assert!(converts(&alone).contains("here"), "{}", converts(&alone));
    }
}

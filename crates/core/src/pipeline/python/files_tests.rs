//! Files as people write them, in short: which pipeline is taken, and what of it is known.

use serde_json::{Value as Json, json};

use super::*;
use crate::base::Explain;

/// What a file converts to: the keys of the steps, or the first line of the error.
pub(super) fn keys(text: &str, wanted: &Wanted<'_>) -> String {
    match translate("flow.py", text, wanted) {
        Ok(translation) => {
            let keys: Vec<&str> = translation.spec.pipeline.iter().map(|step| step.kind.key()).collect();
            keys.join(" ")
        }
        Err(error) => error.to_string().lines().next().unwrap_or("").to_owned(),
    }
}

const IMG: &str = "import imgaug.augmenters as iaa\n";
const IDG: &str = "from tensorflow.keras.preprocessing.image import ImageDataGenerator\n";
const ALB: &str = "import albumentations as A\nfrom albumentations.pytorch import ToTensorV2\n";
const TORCH: &str = "import torch\nfrom torchvision import datasets, transforms\n";
const TF: &str =
    "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n";

#[test]
fn files_that_people_write_convert_as_they_are() {
    let cases: &[(&str, &str, &str)] = &[
        (
            IDG,
            "train = ImageDataGenerator(rescale=1/255, rotation_range=20)\ntest = ImageDataGenerator(rescale=1/255)\n",
            "keras_transform",
        ),
        (
            IDG,
            "def a():\n  g = ImageDataGenerator(rotation_range=30)\n  return g\ndef b():\n  g = ImageDataGenerator(rescale=1)\n  return g\n",
            "keras_transform",
        ),
        (IDG, "args = dict(zoom_range=0.1)\ng = ImageDataGenerator(**args)\ng.fit(x)\n", "keras_transform"),
        (
            IDG,
            "from keras.applications.vgg16 import preprocess_input\n\
             g = ImageDataGenerator(preprocessing_function=preprocess_input, zoom_range=.1)\n",
            "keras_transform",
        ),
        (
            IMG,
            "ops = []\nflip = True\nif flip:\n  ops.append(iaa.Fliplr(0.5))\nelse:\n  ops.append(iaa.Noop())\nfor a in (5, 10):\n  \
             ops.append(iaa.Affine(rotate=a))\nops.extend([iaa.Add(1)])\nops += [iaa.Flipud(1)]\nseq = iaa.Sequential(ops)\n",
            "fliplr affine affine add flipud",
        ),
        (
            IMG,
            "class Aug:\n  P = 0.5\n  def __init__(self, p=0.3):\n    self.p = p\n    self.ops = [iaa.Fliplr(self.p)]\n    \
             self.ops.append(iaa.Flipud(Aug.P))\n    self.seq = iaa.Sequential(self.ops)\n  def __call__(self, x):\n    \
             return self.seq(images=x)\n",
            "fliplr flipud",
        ),
        (
            IMG,
            "class Aug:\n  def __init__(self, p):\n    self.p = p\n  def build(self):\n    return iaa.Sequential([iaa.Fliplr(self.p)])\n\
             aug = Aug(0.3)\nseq = aug.build()\n",
            "fliplr",
        ),
        (
            IMG,
            "cfg = {'angles': (-5, 5), 'p': [0.1, 0.2]}\nseq = iaa.Sequential([iaa.Affine(rotate=cfg['angles']), iaa.Fliplr(cfg.get('p')[-1])])\n",
            "affine fliplr",
        ),
        (
            IMG,
            "a = [iaa.Fliplr(1)]\nb = [iaa.Flipud(1)]\nseq = iaa.Sequential([*a, *b] + [iaa.Add(i) for i in range(3) if i > 1])\n",
            "fliplr flipud add",
        ),
        (
            IMG,
            "def aug(kind='x'):\n  if kind == 'x':\n    return iaa.Sequential([iaa.Fliplr(1)])\n  else:\n    \
             return iaa.Sequential([iaa.Flipud(1)])\nseq = aug('y')\n",
            "flipud",
        ),
        (
            IMG,
            "mode = f\"{'edge'}\"\nseq = iaa.Affine(rotate=5, mode=mode)\nwhile True:\n  seq(images=x)\n",
            "affine",
        ),
        (
            IMG,
            "def main():\n  seq = iaa.Sequential([iaa.Fliplr(0.5)])\n  for batch in load():\n    show(seq(images=batch))\n\
             if __name__ == '__main__':\n  main()\n",
            "fliplr",
        ),
        (
            ALB,
            "train = A.Compose([A.HorizontalFlip(p=0.5), A.Normalize(mean, std), ToTensorV2()])\nval = A.Compose([A.Normalize(), ToTensorV2()])\n",
            "fliplr",
        ),
        (
            ALB,
            "def get(train, size=28):\n  if train:\n    return A.Compose([A.VerticalFlip(), ToTensorV2()])\n  \
             return A.Compose([A.Normalize(), ToTensorV2()])\n",
            "flipud",
        ),
        (
            ALB,
            "T = {'train': A.Compose([A.HorizontalFlip()]), 'val': A.Compose([A.Normalize()])}\nds = Data(transform=T['train'])\n",
            "fliplr",
        ),
        (
            TF,
            "x = layers.RandomFlip('horizontal')(inputs)\nx = layers.RandomRotation(0.1)(x)\nx = layers.Conv2D(8, 3)(x)\nx = layers.Dense(3)(x)\n",
            "fliplr keras.random_rotation",
        ),
        (
            TF,
            "model = keras.Sequential([layers.RandomFlip('horizontal', input_shape=(28, 28, 1)), layers.RandomRotation(0.1), \
             layers.Conv2D(8, 3), layers.Dense(3)])\n",
            "fliplr keras.random_rotation",
        ),
        (
            TF,
            "m = keras.Sequential()\nm.add(keras.Input((28, 28, 1)))\nm.add(layers.RandomFlip('vertical'))\nm.add(layers.Flatten())\n",
            "flipud",
        ),
        (
            TF,
            "def augment(img, label):\n  img = tf.cast(img, tf.float32) / 255.\n  img = tf.image.random_flip_left_right(img)\n  \
             img = tf.image.random_brightness(img, max_delta=0.1)\n  img = tf.clip_by_value(img, 0., 1.)\n  \
             img = tf.image.random_contrast(img, 0.8, 1.2)\n  return img, label\nds = ds.map(augment)\n",
            "random_flip_left_right random_brightness random_contrast",
        ),
        (
            "import albumentations as A\nimport cv2\n",
            "t = A.Compose([A.Resize(28, 28), A.Rotate(limit=15, border_mode=cv2.BORDER_CONSTANT, value=0, p=1), \
             A.ShiftScaleRotate(shift_limit=0.1, border_mode=0), A.RandomBrightnessContrast(0.1, 0.2, p=0.3), A.RandomGamma(), \
             A.OneOf([A.Blur(blur_limit=3), A.MedianBlur(blur_limit=3)], p=0.2), A.Sharpen(p=1), A.ToGray(p=1), A.Transpose(p=1), \
             A.RandomRotate90(p=1), A.Flip(p=1), A.RandomCrop(20, 20), A.CenterCrop(10, 10), A.Affine(rotate=(-5, 5), scale=(0.9, 1.1), p=1)])\n",
            "resize albumentations.rotate sometimes albumentations.random_brightness_contrast albumentations.random_gamma \
             sometimes albumentations.sharpen grayscale sequential rot90 one_of random_crop albumentations.center_crop albumentations.affine",
        ),
        (
            TORCH,
            "train = transforms.Compose([transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(), \
             transforms.RandomRotation(10), transforms.ToTensor(), transforms.Normalize(mean, std)])\n\
             test = transforms.Compose([transforms.Resize(32), transforms.ToTensor()])\n\
             data = datasets.MNIST(root, train=True, transform=train)\n",
            "torchvision.random_crop fliplr torchvision.random_rotation",
        ),
        (
            TORCH,
            "class Net(nn.Module):\n  def __init__(self):\n    super().__init__()\n    self.fc = nn.Linear(2, 3)\nnet = Net()\n\
             loader = DataLoader(datasets.MNIST(root, transform=transforms.Compose([transforms.ColorJitter(0.2, hue=.1), \
             transforms.RandomApply([transforms.GaussianBlur(3)], p=0.3), transforms.ToTensor()])))\n",
            "torchvision.color_jitter sometimes",
        ),
        (
            TORCH,
            "data_transforms = {'train': transforms.Compose([transforms.RandomResizedCrop(28), transforms.ToTensor()]), \
             'val': transforms.Compose([transforms.CenterCrop(28), transforms.ToTensor()])}\n\
             sets = {x: datasets.ImageFolder(x, data_transforms[x]) for x in ['train', 'val']}\n",
            "torchvision.random_resized_crop",
        ),
        (
            TORCH,
            "def get_transform(train):\n  ts = []\n  if train:\n    ts.append(transforms.RandomAffine(5, (0.1, 0.1)))\n  \
             ts.append(transforms.ToTensor())\n  return transforms.Compose(ts)\nds = D(get_transform(train=True))\n",
            "torchvision.random_affine",
        ),
        (
            "from torchvision.transforms import *\n",
            "t = Compose([RandomChoice([RandomInvert(), RandomEqualize()]), TrivialAugmentWide(), RandAugment(), \
             AutoAugment(AutoAugmentPolicy.CIFAR10), ToTensor(), Normalize((0.5,), (0.5,)), RandomErasing()])\n",
            "one_of torchvision.trivial_augment_wide torchvision.rand_augment torchvision.auto_augment torchvision.random_erasing",
        ),
        (
            "import torch\nfrom torchvision.transforms import v2\n",
            "t = v2.Compose([v2.ToImage(), v2.RandomGrayscale(p=0.1), v2.RandomPerspective(), v2.Pad(2), v2.Grayscale(3), \
             v2.ToPILImage(), v2.RandomPosterize(3), v2.RandomSolarize(99), v2.RandomAutocontrast(), v2.RandomAdjustSharpness(2), \
             v2.ToDtype(torch.float32, scale=True)])\n",
            "torchvision.random_grayscale torchvision.random_perspective torchvision.pad torchvision.grayscale \
             torchvision.random_posterize torchvision.random_solarize torchvision.random_autocontrast torchvision.random_adjust_sharpness",
        ),
        (
            TF,
            "def make(shape):\n  inputs = keras.Input(shape=shape)\n  x = augment(inputs)\n  x = layers.Rescaling(1.0 / 255)(x)\n  \
             x = layers.Conv2D(32, 3)(x)\n  return keras.Model(inputs, x)\naugment = keras.Sequential([layers.RandomFlip('horizontal')])\n\
             model = make((28, 28) + (3,))\n",
            "fliplr",
        ),
        (
            TF,
            "@tf.function\ndef augment(image, label):\n  image = tf.image.resize_with_crop_or_pad(image, 34, 34)\n  \
             image = tf.image.random_crop(image, size=[28, 28, 3])\n  return image, label\n",
            "torchvision.center_crop random_crop",
        ),
        ("", "import imgaug.augmenters as iaa\nprint 'hello %s' % name\nseq = iaa.Fliplr(1)\n", "fliplr"),
        (
            "",
            "import imgaug.augmenters as iaa\ndef f():\n        p = 0.5\n\treturn iaa.Fliplr(p)\n",
            "fliplr",
        ),
    ];
    for (head, text, expected) in cases {
        assert_eq!(keys(&format!("{head}{text}"), &Wanted::default()), *expected, "{text}");
    }
}

#[test]
fn what_is_not_known_is_told_and_may_be_given() {
    let text = "import imgaug.augmenters as iaa\nfrom config import cfg\ndef get(size, p=0.5):\n  \
                return iaa.Sequential([iaa.Resize(size), iaa.Fliplr(p), iaa.Affine(rotate=cfg.ROT)])\n";
    let error = translate("flow.py", text, &Wanted::default()).unwrap_err();
    let message = format!("{error}\n{}", error.help().unwrap_or_default());
    assert!(message.contains("size, cfg.ROT are not known"), "{message}");
    assert!(message.contains("--set size=VALUE --set cfg.ROT=VALUE"), "{message}");
    let set = ["size=28".to_owned(), "cfg.ROT=(-5, 5)".to_owned()];
    let wanted = Wanted { set: &set, ..Wanted::default() };
    let found = translate("flow.py", text, &wanted).unwrap();
    assert_eq!(found.spec.pipeline.len(), 3);
    let told = found.warnings.iter().any(|own| own.contains("p of get is 0.5, its default"));
    assert!(told, "{:?}", found.warnings);
    let more = ["p=0.25".to_owned(), set[0].clone(), set[1].clone()];
    let found = translate("flow.py", text, &Wanted { set: &more, ..Wanted::default() }).unwrap();
    assert_eq!(found.warnings, Vec::<String>::new());
    for (set, reason) in [
        ("other=1", "nothing in this file takes its value"),
        ("size", "expected NAME=VALUE"),
        ("size=f(1)", "expected NAME=VALUE"),
        ("9=1", "expected NAME=VALUE"),
    ] {
        let all = [set.to_owned(), "size=28".to_owned(), "cfg.ROT=1".to_owned()];
        let error = translate("flow.py", text, &Wanted { set: &all, ..Wanted::default() }).unwrap_err();
        assert!(error.to_string().contains(reason), "{set}: {error}");
    }
}

#[test]
fn names_and_lines_choose_anywhere() {
    let text = "import imgaug.augmenters as iaa\nseq = iaa.Fliplr(1)\ndef f(p=1):\n  x = iaa.Flipud(p)\n  y = iaa.Add(3)\n  return None\n\
                class C:\n  def build(self):\n    self.z = iaa.Sequential([\n      iaa.Invert(1)])\ndef g(n=2):\n  return [iaa.Noop()] * n\n";
    let named = |name| keys(text, &Wanted { name: Some(name), ..Wanted::default() });
    for (name, expected) in [
        ("seq", "fliplr"),
        ("f.x", "flipud"),
        ("x", "flipud"),
        ("f.y", "add"),
        ("C.build", "invert"),
        ("C.build.z", "invert"),
        ("self.z", "invert"),
        ("C", "invert"),
        ("g", "noop noop"),
    ] {
        assert_eq!(named(name), expected, "{name}");
    }
    assert!(named("f").contains("two pipelines of this name: f.x (line 4), f.y (line 5)"), "{}", named("f"));
    assert!(named("h").contains("no pipeline of this name"), "{}", named("h"));
    let on = |line| keys(text, &Wanted { line: Some(Line { cell: None, line }), ..Wanted::default() });
    for (line, expected) in [(2, "fliplr"), (4, "flipud"), (9, "invert"), (10, "invert")] {
        assert_eq!(on(line), expected);
    }
    assert!(on(3).contains("no pipeline on this line"), "{}", on(3));
    let two = "from keras.preprocessing.image import ImageDataGenerator\ndef a():\n  g = ImageDataGenerator(rotation_range=30)\n\
               def b():\n  g = ImageDataGenerator(zoom_range=0.3)\n";
    let found = translate("flow.py", two, &Wanted::default()).unwrap();
    assert!(
        found.warnings.iter().any(|own| own
            .ends_with("of 2 pipelines that augment, a.g (line 3) is taken; take another with --name b.g")),
        "{:?}",
        found.warnings
    );
    let idle = "from keras.preprocessing.image import ImageDataGenerator\ntrain = ImageDataGenerator(zoom_range=0.1)\n\
                test = ImageDataGenerator(rescale=2)\n";
    let found = translate("flow.py", idle, &Wanted::default()).unwrap();
    assert_eq!(found.warnings, ["flow.py:3:8: augmenting nothing, and left out: test (line 3)"]);
}

#[test]
fn what_runs_only_on_a_condition_is_no_step() {
    for text in [
        "def f(img, c):\n  img = tf.image.random_flip_left_right(img)\n  if c > 0.5:\n    \
         img = tf.image.random_hue(img, 0.1)\n  return img\n",
        "def f(img, c):\n  img = tf.image.random_flip_left_right(img)\n  img = tf.cond(c, lambda: tf.image.rot90(img), lambda: img)\n  \
         img = tf.image.random_hue(img, 0.1)\n  return img\n",
    ] {
        let got = keys(&format!("{TF}{text}"), &Wanted::default());
        assert!(got.starts_with("flow.py:"), "{text}\n{got}");
    }
}

#[test]
fn notebooks_are_read_and_tell_their_cells() {
    let notebook = |source: Json| {
        json!({ "nbformat": 4, "cells": [
            { "cell_type": "markdown", "source": "# text" },
            { "cell_type": "code", "source": ["%matplotlib inline\n", "import imgaug.augmenters as iaa"] },
            { "cell_type": "code", "source": source },
        ] })
        .to_string()
    };
    let good = notebook(json!("!ls\nseq = iaa.Sequential([iaa.Fliplr(0.5)])\nseq?"));
    let found = translate("flow.ipynb", &good, &Wanted::default()).unwrap();
    assert_eq!(found.spec.pipeline[0].kind.key(), "fliplr");
    let line = Some(Line { cell: Some(3), line: 2 });
    assert!(translate("flow.ipynb", &good, &Wanted { line, ..Wanted::default() }).is_ok());
    for (source, start) in [
        (
            json!(["x = 1\n", "seq = iaa.Sequential([iaa.Fliplp(0.5)])"]),
            "cell 3, line 2, column 23: the augmenter Fliplp",
        ),
        (json!("seq = iaa.Fliplr(3)"), "cell 3, line 1, column 18: fliplr"),
        (json!("x = = 1"), "cell 3, line 1, column 5: this is no Python"),
    ] {
        let error = translate("flow.ipynb", &notebook(source), &Wanted::default()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("flow.ipynb: {start}")), "{error}");
    }
}

#[test]
fn methods_of_classes_and_of_nobody_are_called_as_such() {
    let text = "class Data:\n  SIZE = 32\n  @staticmethod\n  def tf(size, s=1):\n    \
                return transforms.Compose([transforms.RandomResizedCrop(size), transforms.RandomHorizontalFlip(0.5 * s)])\n  \
                @classmethod\n  def gray(cls, p=0.1):\n    \
                return transforms.Compose([transforms.RandomCrop(cls.SIZE), transforms.RandomGrayscale(p)])\n  \
                def get(self):\n    return Views(self.tf(32)), Views(self.gray())\n";
    let got = keys(&format!("{TORCH}{text}"), &Wanted::default());
    assert_eq!(got, "torchvision.random_resized_crop fliplr");
    let got = keys(&format!("{TORCH}{}", text.replace("Views(self.tf(32)), ", "")), &Wanted::default());
    assert_eq!(got, "torchvision.random_crop torchvision.random_grayscale");
    // Who is called is decided by a key that is not known.
    let by_key = text.replace(
        "return Views(self.tf(32)), Views(self.gray())",
        "return {'a': lambda: Set(transform=Views(self.tf(32))), 'b': lambda: Set(transform=Views(self.tf(96)))}[name]()",
    );
    let size = |name| {
        let wanted = Wanted { name: Some(name), ..Wanted::default() };
        let found = translate("flow.py", &format!("{TORCH}{by_key}"), &wanted).unwrap();
        json!(found.spec)["pipeline"][0]["torchvision.random_resized_crop"]["size"].take()
    };
    assert_eq!(size("Data.get.a.transform"), json!([32, 32]));
    assert_eq!(size("Data.get.b.transform"), json!([96, 96]));
    // Nobody calls it: its first parameter is no object.
    let alone = text.lines().take(5).collect::<Vec<_>>().join("\n");
    let got = keys(&format!("{TORCH}{alone}"), &Wanted::default());
    assert_eq!(got, "torchvision.random_resized_crop fliplr");
}

#[test]
fn what_an_object_has_is_given_by_set_as_the_error_says() {
    let text =
        "class A:\n  def f(self):\n    return transforms.Compose([transforms.RandomRotation(self.angle)])\n";
    let given =
        |set: &str| keys(&format!("{TORCH}{text}"), &Wanted { set: &[set.to_owned()], ..Wanted::default() });
    for set in ["self.angle=3", "angle=3", "A.f.angle=3"] {
        assert_eq!(given(set), "torchvision.random_rotation", "{set}");
    }
}

#[test]
fn items_and_calls_are_given_as_they_are_written() {
    for (line, written) in [
        ("import json\nconfig = json.load(open('c'))\nsize = config['size']\n", "config[\"size\"]"),
        ("config = Config('c')\nsize = config.get_value('size')\n", "config.get_value(\"size\")"),
        ("p = AutoImageProcessor.from_pretrained('vit')\nsize = p.size['height']\n", "p.size[\"height\"]"),
        ("from net import Net\nsize = Net.image_size('b0')\n", "Net.image_size(\"b0\")"),
        ("cfg = load()\nsize = cfg['data'][\"size\"]\n", "cfg[\"data\"][\"size\"]"),
    ] {
        let text = format!("{TORCH}{line}t = transforms.Compose([transforms.RandomRotation(size)])\n");
        let error = translate("flow.py", &text, &Wanted::default()).unwrap_err();
        assert!(error.to_string().contains(&format!("{written} is not known")), "{error}");
        let help = error.help().unwrap_or_default();
        assert!(help.contains(&format!("--set '{written}=VALUE'")), "{help}");
        let set = [format!("{written}=28")];
        let got = keys(&text, &Wanted { set: &set, ..Wanted::default() });
        assert_eq!(got, "torchvision.random_rotation", "{line}");
    }
}

#[test]
fn defaults_that_decide_what_is_in_a_pipeline_are_told() {
    let told = |text: &str, words: &str| {
        let found = translate("flow.py", &format!("{TORCH}{text}"), &Wanted::default()).unwrap();
        let count = found.warnings.iter().filter(|own| own.contains(words)).count();
        assert!(count == 1, "{text}: {:?}", found.warnings);
    };
    let list = "  ops = [transforms.RandomHorizontalFlip()]\n";
    told(
        &format!(
            "def f(jitter=False, download=True):\n{list}  if download:\n    fetch()\n  if jitter:\n    \
             ops.append(transforms.ColorJitter(0.4))\n  return transforms.Compose(ops)\n"
        ),
        "its default",
    );
    told(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--erase', action='store_true')\nargs = p.parse_args()\n\
         t = transforms.Compose([transforms.RandomCrop(3)])\nif args.erase:\n  t.transforms.append(transforms.RandomErasing())\n",
        "erase is False, the default of the command line",
    );
    told(
        "def f(train=False):\n  if train:\n    return transforms.Compose([transforms.RandomCrop(3)])\n  \
         return transforms.Compose([transforms.CenterCrop(3)])\n",
        "train of f is False, its default",
    );
}

#[test]
fn what_stands_behind_conditions_and_exceptions_is_better_than_nothing() {
    for text in [
        "def f(train=False):\n  if train:\n    return transforms.Compose([transforms.RandomCrop(3)])\n  \
         return transforms.Compose([transforms.CenterCrop(3)])\n",
        "def f(args):\n  gpu = None\n  if gpu is None:\n    raise ValueError('x')\n  \
         return transforms.Compose([transforms.RandomCrop(3)])\n",
    ] {
        let found = translate("flow.py", &format!("{TORCH}{text}"), &Wanted::default()).unwrap();
        assert_eq!(found.spec.pipeline[0].kind.key(), "torchvision.random_crop");
        assert!(found.warnings.iter().any(|own| own.contains("does not hold")), "{:?}", found.warnings);
    }
}

#[test]
fn kinds_and_defaults_of_what_is_asked_for_are_known() {
    for (text, expected) in [
        (
            "def f(jitter=0.4):\n  if isinstance(jitter, (list, tuple)):\n    assert len(jitter) == 3\n  else:\n    \
             jitter = (float(jitter),) * 3\n  return transforms.Compose([transforms.ColorJitter(*jitter)])\n",
            "torchvision.color_jitter",
        ),
        (
            "cfg = load()\nt = transforms.Compose([transforms.RandomCrop(cfg.get('size', 28))])\n",
            "torchvision.random_crop",
        ),
        (
            "n = c.get_value('a', 'size', 28)\nm = c.getint('a', 'b', fallback=2)\nt = transforms.Compose([transforms.RandomCrop(n, m)])\n",
            "torchvision.random_crop",
        ),
        (
            "import os\nn = int(os.environ.get('N', '28'))\nt = transforms.Compose([transforms.RandomCrop(n)])\n",
            "torchvision.random_crop",
        ),
        (
            "from c import cfg\nt = transforms.Compose([transforms.RandomCrop(getattr(cfg, 'size', 28))])\n",
            "torchvision.random_crop",
        ),
        (
            "def f(args):\n  ops = [transforms.RandomCrop(3)]\n  if getattr(args, 'flip', False):\n    \
             ops.append(transforms.RandomHorizontalFlip())\n  return transforms.Compose(ops)\n",
            "torchvision.random_crop",
        ),
        (
            "def f(how=None):\n  how = how or 'crop|flip'\n  ops = []\n  if 'crop' in how:\n    ops.append(transforms.RandomCrop(3))\n  \
             return transforms.Compose(ops)\n",
            "torchvision.random_crop",
        ),
    ] {
        let text = format!("{TORCH}{text}");
        assert_eq!(keys(&text, &Wanted::default()), expected, "{text}");
        let found = translate("flow.py", &text, &Wanted::default()).unwrap();
        assert!(found.warnings.iter().any(|own| own.contains("its default")), "{text}{:?}", found.warnings);
    }
    let text = format!(
        "{TORCH}cfg = load()\nt = transforms.Compose([transforms.RandomCrop(cfg.get('size', 28))])\n"
    );
    let set = ["cfg.get('size',28)=14".to_owned()];
    let found = translate("flow.py", &text, &Wanted { set: &set, ..Wanted::default() }).unwrap();
    assert_eq!(json!(found.spec)["pipeline"][0]["torchvision.random_crop"]["size"], json!([14, 14]));
}

#[test]
fn what_is_not_read_of_an_image_is_told_wherever_it_stands() {
    let flip = "  img = tf.image.random_flip_left_right(img)\n";
    for (text, line) in [
        (format!("def f(img):\n  img = crop_somewhere(img, 3)\n{flip}  return img\n"), 5),
        (
            format!(
                "def crop(x, n):\n  return tf.py_function(cut, [x, n], tf.float32)\ndef f(img):\n  img = crop(img, 3)\n{flip}  return img\n"
            ),
            7,
        ),
        (
            format!(
                "def pick(x, func):\n  return merge([func(switch(x, i)[1], i) for i in range(2)])[0]\ndef f(img):\n{flip}  \
                 img = pick(img, lambda x, i: tf.image.random_hue(x, 0.1))\n  return img\n"
            ),
            8,
        ),
    ] {
        let found = translate("flow.py", &format!("{TF}{text}"), &Wanted::default()).unwrap();
        let told = format!("flow.py:{line}:");
        let lost: Vec<_> =
            found.warnings.iter().filter(|own| own.contains("missing from the pipeline")).collect();
        assert!(lost.len() == 1 && lost[0].starts_with(&told), "{text}: {:?}", found.warnings);
    }
    // What stands in front of it and behind it is both there.
    let blur = "def crop(x, n):\n  return [tf.slice(x, [n, n, 0], [3, 3, 3])]\n";
    for (call, line) in [("other(img)", 6), ("crop(img, 3)[0]", 5)] {
        let blur = if line == 5 { blur } else { "" };
        let text =
            format!("{TF}{blur}def f(img):\n{flip}  img = {call}\n  return tf.image.random_hue(img, 0.1)\n");
        let found = translate("flow.py", &text, &Wanted::default()).unwrap();
        assert_eq!(keys(&text, &Wanted::default()), "random_flip_left_right random_hue");
        let told = |own: &&String| own.starts_with(&format!("flow.py:{line}:")) && own.contains("missing");
        assert_eq!(found.warnings.iter().filter(told).count(), 1, "{text}: {:?}", found.warnings);
    }
    // In a branch that a random number decides, too.
    let text = format!(
        "{TF}def f(img):\n{flip}  if tf.random.uniform([]) > 0.5:\n    img = tfa.image.rotate(img, 3)\n  \
         return tf.image.random_hue(img, 0.1)\n"
    );
    let found = translate("flow.py", &text, &Wanted::default()).unwrap();
    assert_eq!(keys(&text, &Wanted::default()), "random_flip_left_right random_hue");
    let told = "flow.py:7:11: what this does to the image is not read, and is missing from the pipeline";
    assert_eq!(found.warnings, [told]);
    // A size that depends on the image.
    let text = format!(
        "{TF}def f(img):\n{flip}  n = tf.cast(tf.shape(img)[0] * 0.5, tf.int32)\n  return tf.image.resize(img, [n, n])\n"
    );
    let found = translate("flow.py", &text, &Wanted::default()).unwrap();
    assert_eq!(keys(&text, &Wanted::default()), "random_flip_left_right");
    assert!(found.warnings[0].contains("resize is left out"), "{:?}", found.warnings);
    for text in
        ["  img = tf.cast(img, tf.float32)\n", "  img = decode_img(img)\n", "  img = normalize(img)\n"]
    {
        let text = format!("{TF}def f(img):\n{text}{flip}  return img\n");
        assert_eq!(translate("flow.py", &text, &Wanted::default()).unwrap().warnings, [""; 0], "{text}");
    }
}

#[test]
fn conditions_of_a_configuration_say_what_decides_them() {
    for test in ["cfg.MODE == 'train_big'", "cfg.BIG", "not cfg.SMALL", "'a' in cfg.KINDS"] {
        let text = format!(
            "{TORCH}from config import cfg\nops = [transforms.RandomCrop(3)]\nif {test}:\n  ops = [transforms.RandomInvert()]\n\
             t = transforms.Compose(ops)\n"
        );
        let error = translate("flow.py", &text, &Wanted::default()).unwrap_err();
        let name = test.split(' ').find(|word| word.starts_with("cfg.")).unwrap_or_default();
        let help = error.help().unwrap_or_default();
        assert!(help.contains(&format!("--set {name}=VALUE")), "{test}: {error} {help}");
    }
}

#[test]
fn methods_that_are_handed_on_are_left_out() {
    let text = "class A:\n  def noise(self, x):\n    return x + rand(x)\n  def build(self):\n    return transforms.Compose([\n      \
                transforms.RandomCrop(3), transforms.Lambda(self.noise), self.noise, transforms.RandomRotation(self.angle)])\n";
    let error = translate("flow.py", &format!("{TORCH}{text}"), &Wanted::default()).unwrap_err();
    assert_eq!(error.help().as_deref(), Some("Give its value with --set self.angle=VALUE"));
    let set = ["self.angle=3".to_owned()];
    let got = keys(&format!("{TORCH}{text}"), &Wanted { set: &set, ..Wanted::default() });
    assert_eq!(got, "torchvision.random_crop torchvision.random_rotation");
}

#[test]
fn what_comes_along_with_a_star_is_not_asked_for() {
    let text = "from data import *\ndef f(n):\n  return transforms.Compose([transforms.RandomRotation(n, interpolation=Image.BICUBIC)])\n";
    let error = translate("flow.py", &format!("{TORCH}{text}"), &Wanted::default()).unwrap_err();
    assert_eq!(error.help().as_deref(), Some("Give its value with --set n=VALUE"));
}

#[test]
fn modules_of_older_versions_and_channels_of_crops_are_read() {
    let text = "import tensorflow.compat.v2 as tf\ndef f(img):\n  img = tf.image.random_flip_left_right(img)\n  \
                return tf.image.random_crop(img, [3, 4, tf.shape(img)[-1]])\n";
    assert_eq!(keys(text, &Wanted::default()), "random_flip_left_right random_crop");
    let text = "import tensorflow as tf\ndef f(img, h, w):\n  return tf.image.random_crop(img, [h, w, channels(img)])\n";
    let error = translate("flow.py", text, &Wanted::default()).unwrap_err();
    assert!(error.to_string().contains("h, w are not known"), "{error}");
}

#[test]
fn ranges_of_generators_are_drawn_as_keras_does() {
    let text = format!(
        "{IDG}g = ImageDataGenerator(rotation_range=-20, shear_range=-5.0, zoom_range=[1.2, 0.8], brightness_range=(1.5, 0.5))\n\
         h = ImageDataGenerator(zoom_range=1.2)\n"
    );
    let step = |name| {
        let wanted = Wanted { name: Some(name), ..Wanted::default() };
        json!(translate("flow.py", &text, &wanted).unwrap().spec)["pipeline"][0]["keras_transform"].take()
    };
    let g = step("g");
    assert_eq!((&g["rotation_range"], &g["shear_range"]), (&json!(20.0), &json!(5.0)));
    assert_eq!((&g["zoom_range"], &g["brightness_range"]), (&json!([0.8, 1.2]), &json!([0.5, 1.5])));
    assert_eq!(step("h")["zoom_range"], 1.2);
}

#[test]
fn files_that_never_end_are_given_up() {
    for text in [
        "while True:\n  x = 1\n",
        "i = 0\nwhile i < 10:\n  i = i\n",
        "for a in range(9999):\n  for b in range(9999):\n    for c in range(9999):\n      x = [a, b, c]\n",
        "def f(n):\n  return [f(n), f(n)]\nf(1)\n",
        "class A:\n  def __init__(self):\n    self.b = A()\na = A()\n",
        "x = [1] * 9999\ny = [x * 1 for a in x for b in x]\n",
        "s = 'aaaaaaaaaa'\nfor i in range(100):\n  s += s\n",
        // What a value was made of would double with every turn.
        "n = m = 0\nfor e in range(30):\n  for i in other():\n    n += m\n    m += n\n  for i in other():\n    n += m\n    m += n\n",
    ] {
        let full = format!("{IMG}{text}seq = iaa.Fliplr(1)\n");
        assert_eq!(keys(&full, &Wanted::default()), "fliplr", "{text}");
    }
}

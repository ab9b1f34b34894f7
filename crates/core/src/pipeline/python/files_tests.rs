//! Files as people write them, in short: which pipeline is taken, and what of it is known.

use serde_json::{Value as Json, json};

use super::*;
use crate::base::Explain;

/// What a file converts to: the keys of the steps, or the first line of the error.
fn keys(text: &str, wanted: &Wanted<'_>) -> String {
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
        "def f(img, c):\n  img = tf.image.random_flip_left_right(img)\n  img = other(img)\n  img = tf.image.random_hue(img, 0.1)\n  return img\n",
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
    let got = keys(&format!("{TORCH}{text}"), &Wanted { name: Some("Data.gray"), ..Wanted::default() });
    assert_eq!(got, "torchvision.random_crop torchvision.random_grayscale");
    // Nobody calls it: its first parameter is no object.
    let alone: String = text.lines().take(5).map(|line| format!("{line}\n")).collect();
    let got = keys(&format!("{TORCH}{alone}"), &Wanted::default());
    assert!(got.contains("size is not known before Data.tf is called"), "{got}");
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
        ("config = json.load(open('c'))\nsize = config['size']\n", "config[\"size\"]"),
        ("config = Config('c')\nsize = config.get_value('size')\n", "config.get_value(\"size\")"),
        ("p = AutoImageProcessor.from_pretrained('vit')\nsize = p.size['height']\n", "p.size[\"height\"]"),
        ("cfg = load()\nsize = cfg['data'][\"size\"]\n", "cfg[\"data\"][\"size\"]"),
    ] {
        let text = format!("{TORCH}{line}t = transforms.Compose([transforms.RandomCrop(size)])\n");
        let error = translate("flow.py", &text, &Wanted::default()).unwrap_err();
        assert!(error.to_string().contains(&format!("{written} is not known")), "{error}");
        let help = error.help().unwrap_or_default();
        assert!(help.contains(&format!("--set '{written}=VALUE'")), "{help}");
        let set = [format!("{written}=28")];
        let got = keys(&text, &Wanted { set: &set, ..Wanted::default() });
        assert_eq!(got, "torchvision.random_crop", "{line}");
    }
}

#[test]
fn options_are_asked_for_by_text() {
    let options = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--size', default=24, type=int)\n\
                   p.add_argument('--name')\n";
    for text in [
        "args = vars(p.parse_args())\nt = A.Compose([A.RandomCrop(args['size'], args['size'])])\n",
        "def parse():\n  return p.parse_args()\ndef main():\n  args = vars(parse())\n  \
         if args['name'] is None:\n    args['name'] = '%s_x' % args['size']\n  \
         t = A.Compose([A.RandomCrop(args['size'], 24)])\nmain()\n",
    ] {
        let full = format!("{ALB}{options}{text}");
        assert_eq!(keys(&full, &Wanted::default()), "random_crop", "{text}");
        let made = translate("flow.py", &full, &Wanted::default()).unwrap();
        assert!(made.warnings.iter().any(|own| own.contains("--set size=VALUE")), "{:?}", made.warnings);
        let set = ["size=20".to_owned()];
        let made = translate("flow.py", &full, &Wanted { set: &set, ..Wanted::default() }).unwrap();
        let steps = serde_json::to_value(&made.spec.pipeline).unwrap();
        assert_eq!(steps[0]["random_crop"]["size"][0], json!(20), "{text}");
    }
    let text = format!(
        "{ALB}import argparse\nparser = argparse.ArgumentParser()\narg = parser.add_argument\narg('--size', default=24, type=int)\n\
         arg('--side', type=int, default=20)\nargs = parser.parse_args()\nt = A.Compose([A.RandomCrop(args.size, args.side)])\n"
    );
    assert_eq!(keys(&text, &Wanted::default()), "random_crop");
    // What is assigned is what is asked for.
    let text = format!(
        "{ALB}{options}args = vars(p.parse_args())\nargs['size'] = 8\nt = A.Compose([A.RandomCrop(args['size'], 8)])\n"
    );
    let made = translate("flow.py", &text, &Wanted::default()).unwrap();
    let steps = serde_json::to_value(&made.spec.pipeline).unwrap();
    assert_eq!(steps[0]["random_crop"]["size"], json!([8, 8]));
}

#[test]
fn draws_that_are_the_same_for_all_images_are_told() {
    let read = |text: &str| translate("flow.py", &format!("{IMG}{text}"), &Wanted::default()).unwrap();
    let inside = read("seq = iaa.Sequential([iaa.Fliplr(0.5).to_deterministic()])\n");
    assert!(
        inside.warnings.iter().any(|own| own.contains("to_deterministic is passed over")),
        "{:?}",
        inside.warnings
    );
    let outside = read(
        "seq = iaa.Sequential([iaa.Fliplr(0.5)])\nfor i in other():\n  det = seq.to_deterministic()\n  det.augment_image(i)\n",
    );
    assert_eq!((outside.spec, outside.warnings.len()), (inside.spec, 0));
}

#[test]
fn steps_that_are_switched_on_are_taken_and_told() {
    let text = format!(
        "{ALB}def tf(cfg):\n  ops = [A.HorizontalFlip()]\n  if cfg.blur:\n    ops.append(A.Blur(p=1))\n  \
         if cfg.flip:\n    ops += [A.VerticalFlip()]\n  ops.extend([A.Normalize()])\n  return A.Compose(ops)\n"
    );
    assert_eq!(keys(&text, &Wanted::default()), "fliplr average_blur flipud");
    let made = translate("flow.py", &text, &Wanted::default()).unwrap();
    let said = "cfg.blur is taken for True; --set cfg.blur=False leaves out what it switches on";
    assert!(made.warnings.iter().any(|own| own.contains(said)), "{:?}", made.warnings);
    let set = ["cfg.blur=False".to_owned()];
    assert_eq!(keys(&text, &Wanted { set: &set, ..Wanted::default() }), "fliplr flipud");
    let text = format!(
        "{ALB}from mine import Mine\ndef tf(cfg):\n  ops = []\n  if cfg.color:\n    ops.append(A.InvertImg())\n    \
         if cfg.own:\n      ops.append(Mine(cfg.size))\n  else:\n    ops.append(A.HorizontalFlip())\n  return A.Compose(ops)\n"
    );
    assert_eq!(keys(&text, &Wanted::default()), "invert");
    let set = ["cfg.color=False".to_owned()];
    assert_eq!(keys(&text, &Wanted { set: &set, ..Wanted::default() }), "fliplr");
    // A piece of a list that is not known is no pipeline.
    let text = format!(
        "{ALB}def tf(cfg):\n  ops = []\n  if cfg.holes > 0:\n    ops.append(A.Blur(p=1))\n  \
         ops.append(A.OneOf([A.HorizontalFlip(), A.VerticalFlip()]))\n  return A.Compose(ops)\n"
    );
    assert_eq!(keys(&text, &Wanted::default()), "flow.py:5:6: the value depends on this condition");
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

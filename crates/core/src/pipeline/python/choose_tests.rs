//! Which of several pipelines is taken, and what conditions are worth that no value decides.

use serde_json::{Value as Json, json};

use super::*;

const IMG: &str = "import imgaug.augmenters as iaa\n";
const ALB: &str = "import albumentations as A\n";
const TORCH: &str = "import argparse\nfrom torchvision import transforms\n";
const TF: &str = "import tensorflow as tf\n";

fn read(text: &str) -> (Json, Vec<String>) {
    match translate("flow.py", text, &Wanted::default()) {
        Ok(found) => (serde_json::to_value(&found.spec.pipeline).unwrap(), found.warnings),
        Err(error) => panic!("{text}\n{error}"),
    }
}

fn keys(text: &str) -> String {
    let steps = read(text).0;
    let keys = steps.as_array().unwrap().iter().flat_map(|step| step.as_object().unwrap().keys().cloned());
    keys.collect::<Vec<_>>().join(" ")
}

#[test]
fn one_of_several_is_taken_and_the_others_are_told() {
    for (text, expected, told) in [
        // By name, whatever comes first.
        (
            "val_aug = iaa.Sequential([iaa.Add(1)])\ntrain = iaa.Sequential([iaa.Fliplr(1)])\n",
            "fliplr",
            "--name val_aug",
        ),
        // What the file makes goes before what functions make.
        (
            "def train():\n  return iaa.Sequential([iaa.Add(1)])\nseq = iaa.Sequential([iaa.Fliplr(1)])\n",
            "fliplr",
            "--name train",
        ),
        // The longest, where names say nothing.
        (
            "a = iaa.Sequential([iaa.Add(1)])\nb = iaa.Sequential([iaa.Fliplr(1), iaa.Flipud(1)])\n",
            "fliplr flipud",
            "--name a",
        ),
        ("a = iaa.Fliplr(1)\nb = iaa.Sequential([iaa.Flipud(1)])\n", "flipud", "--name a"),
        ("a = iaa.Fliplr(1)\nb = iaa.Flipud(1)\n", "fliplr", "--name b"),
        (
            "def f():\n  return iaa.Fliplr(1)\n  return iaa.Flipud(1)\ndef g():\n  return iaa.Add(1)\n",
            "fliplr",
            "--name g",
        ),
        // What cannot be translated is left to one that can.
        (
            "a = iaa.Sequential([iaa.Nothing(1)])\nb = iaa.Sequential([iaa.Flipud(1)])\n",
            "flipud",
            "a is left out, because",
        ),
    ] {
        let (_, warnings) = read(&format!("{IMG}{text}"));
        assert_eq!(keys(&format!("{IMG}{text}")), expected, "{text}");
        assert!(warnings.iter().any(|own| own.contains(told)), "{text}\n{warnings:?}");
    }
    let same = format!("{IMG}a = iaa.Sequential([iaa.Fliplr(0.5)])\nb = iaa.Sequential([iaa.Fliplr(0.5)])\n");
    assert_eq!(read(&same).1, Vec::<String>::new());
    let long = "a = iaa.Sequential([iaa.Nothing(1), iaa.Add(1), iaa.Add(2), iaa.Add(3)])\nb = iaa.Sequential([iaa.Flipud(1)])\n";
    let error = translate("flow.py", &format!("{IMG}{long}"), &Wanted::default()).unwrap_err();
    assert!(error.to_string().contains("Nothing"), "{error}");
    let help = crate::base::Explain::help(&error).unwrap_or_default();
    assert!(help.contains("Take another pipeline of the file with --name b"), "{help}");
}

#[test]
fn what_makes_only_tensors_becomes_nothing_with_a_word() {
    let (steps, warnings) = read(&format!("{TORCH}t = transforms.Compose([transforms.ToTensor()])\n"));
    assert_eq!(steps, json!([{ "noop": {} }]));
    assert!(
        warnings.iter().any(|own| own.contains("nothing is left of the pipeline but noop")),
        "{warnings:?}"
    );
    for (list, told) in [
        ("transforms.RandomHorizontalFlip(), Mine(3), transforms.ToTensor()", "Mine(3) is left out"),
        (
            "transforms.RandomHorizontalFlip(), transforms.ToTensor(), transforms.Lambda(f)",
            "transforms.Lambda(f) is passed over",
        ),
    ] {
        let text = format!("{TORCH}from mine import Mine, f\nt = transforms.Compose([{list}])\n");
        let (steps, warnings) = read(&text);
        assert_eq!(steps, json!([{ "fliplr": { "p": 0.5 } }]));
        assert!(warnings.iter().any(|own| own.contains(told)), "{warnings:?}");
    }
    let only =
        format!("{TORCH}from mine import Mine\nt = transforms.Compose([Mine(3), transforms.ToTensor()])\n");
    let error = translate("flow.py", &only, &Wanted::default()).unwrap_err().to_string();
    assert!(error.contains("other Python, which does not run here"), "{error}");
}

#[test]
fn options_of_command_lines_have_their_defaults() {
    let text = format!(
        "{TORCH}parser = argparse.ArgumentParser()\ngroup = parser.add_argument_group('x')\n\
         group.add_argument('--pad-size', '-s', type=int, default='3')\nparser.add_argument('--flip', action='store_true')\n\
         parser.add_argument('--angle', type=float)\nparser.add_argument('--p', default=0.25)\n\
         def build(args):\n  ts = [transforms.Pad(args.pad_size)]\n  if args.flip:\n    ts.append(transforms.RandomVerticalFlip())\n  \
         ts.append(transforms.RandomHorizontalFlip(args.p))\n  return transforms.Compose(ts)\n\
         if __name__ == '__main__':\n  args = parser.parse_args()\n  t = build(args)\n"
    );
    let (steps, warnings) = read(&text);
    assert_eq!(steps[0]["torchvision.pad"]["padding"], json!([3, 3, 3, 3]));
    assert_eq!(steps[1], json!({ "fliplr": { "p": 0.25 } }));
    assert!(warnings.iter().any(|own| own.contains("the default of the command line")), "{warnings:?}");
    let set = ["args.p=0.75".to_owned(), "args.flip=True".to_owned()];
    let found = translate("flow.py", &text, &Wanted { set: &set, ..Wanted::default() }).unwrap();
    let steps = serde_json::to_value(&found.spec.pipeline).unwrap();
    assert_eq!(steps[2], json!({ "fliplr": { "p": 0.75 } }));
    let flags = format!(
        "{IMG}from absl import flags\nflags.DEFINE_float('p', 0.5, 'help')\nFLAGS = flags.FLAGS\nseq = iaa.Fliplr(FLAGS.p)\n"
    );
    assert_eq!(read(&flags).0, json!([{ "fliplr": { "p": 0.5 } }]));
}

#[test]
fn what_asks_for_training_gets_it() {
    for head in [
        "def get(is_train):\n  if is_train:\n",
        "def get(phase):\n  if phase == 'train':\n",
        "def get(mode):\n  if mode in ('train', 'training'):\n",
    ] {
        let text = format!(
            "{IMG}{head}    ops = [iaa.Fliplr(1)]\n  else:\n    ops = [iaa.Add(3)]\n  return iaa.Sequential(ops)\n"
        );
        let (_, warnings) = read(&text);
        assert_eq!(keys(&text), "fliplr");
        assert!(warnings.iter().any(|own| own.contains("is taken for")), "{warnings:?}");
    }
    let not = format!(
        "{IMG}def get(train):\n  if not train:\n    return None\n  return iaa.Sequential([iaa.Fliplr(1)])\n"
    );
    assert_eq!(keys(&not), "fliplr");
    let never = format!("{IMG}augment = False\nif augment:\n  seq = iaa.Sequential([iaa.Fliplr(1)])\n");
    let (_, warnings) = read(&never);
    assert!(warnings[0].contains("a condition that does not hold"), "{warnings:?}");
}

#[test]
fn random_numbers_decide_steps() {
    let half = json!([{ "sometimes": { "p": 0.5, "then": [{ "flip_left_right": {} }] } }]);
    for text in [
        "def f(x):\n  if tf.random.uniform(()) > 0.5:\n    x = tf.image.flip_left_right(x)\n  return x\n",
        "def f(x):\n  c = tf.random.uniform([], 0, 1.0)\n  return tf.cond(c < 0.5, lambda: tf.image.flip_left_right(x), lambda: x)\n",
        "def f(x):\n  c = tf.random.uniform([], maxval=2, dtype=tf.int32)\n  \
         return tf.cond(tf.equal(c, 1), lambda: tf.image.flip_left_right(x), lambda: x)\n",
        "import random\ndef f(x, y):\n  if random.random() < 0.5:\n    x = tf.image.flip_left_right(x)\n    \
         y = tf.image.flip_left_right(y)\n  return x, y\n",
        "def f(x):\n  c = tf.less(tf.random_uniform([]), 0.5)\n  return tf.where(c, tf.image.flip_left_right(x), x)\n",
    ] {
        assert_eq!(read(&format!("{TF}{text}")).0, half, "{text}");
    }
    let both = format!(
        "{TF}import random\ndef f(x):\n  x = tf.image.random_flip_left_right(x)\n  if random.randint(0, 1) == 0:\n    \
         x = tf.image.random_hue(x, 0.1)\n  else:\n    x = tf.image.random_contrast(x, 0.7, 1.3)\n  return x\n"
    );
    assert_eq!(keys(&both), "random_flip_left_right one_of");
    let nested = format!(
        "{TF}def f(x):\n  c = tf.random.uniform(())\n  if c < 0.25:\n    x = tf.image.flip_left_right(x)\n  \
         elif c < 0.5:\n    x = tf.image.flip_up_down(x)\n  return x\n"
    );
    let steps = read(&nested).0;
    let branches = steps[0]["one_of"]["of"].as_array().or(steps[0]["one_of"].as_array()).unwrap();
    assert_eq!(branches.len(), 4, "{steps}");
    assert_eq!(branches.iter().filter(|own| own.get("flip_left_right").is_some()).count(), 1);
    let drawn = format!(
        "{TF}def f(x):\n  k = tf.random.uniform([], 0, 4, tf.int32)\n  return tf.image.rot90(x, k)\n"
    );
    assert_eq!(read(&drawn).0, json!([{ "rot90": { "k": [0, 3] } }]));
    // One number decides twice: no steps that draw their own are that.
    for text in [
        "def f(x):\n  c = tf.random.uniform(())\n  if c < 0.5:\n    x = tf.image.flip_left_right(x)\n  if c < 0.25:\n    \
         x = tf.image.flip_up_down(x)\n  return x\n",
        "def f(x):\n  d = tf.random.uniform([], 0, 0.2)\n  x = tf.image.adjust_brightness(x, d)\n  return tf.image.adjust_hue(x, d)\n",
    ] {
        assert!(translate("flow.py", &format!("{TF}{text}"), &Wanted::default()).is_err(), "{text}");
    }
}

#[test]
fn what_goes_on_unread_is_told() {
    let text =
        format!("{TF}def f(x):\n  x = tf.image.random_flip_left_right(x)\n  x = other(x)\n  return x\n");
    let (_, warnings) = read(&text);
    assert!(
        warnings.iter().any(|own| own.contains("flow.py:4:7: what this does to the image is not read")),
        "{warnings:?}"
    );
}

#[test]
fn more_functions_of_tf_image_are_read() {
    for (text, expected) in [
        (
            "x = tf.pad(x, [[4, 4], [4, 4], [0, 0]])\nx = tf.image.random_crop(x, [28, 28, 1])\n",
            "torchvision.pad random_crop",
        ),
        ("x = tf.image.transpose(x)\n", "sequential"),
        (
            "x = tf.compat.v1.image.random_flip_left_right(x)\nx = tf.reshape(x, [28, 28, 1])\n",
            "random_flip_left_right",
        ),
        ("x = tf.map_fn(lambda i: tf.image.random_flip_up_down(i), x)\n", "random_flip_up_down"),
        ("x = tf.image.random_brightness(tf.cast(x, tf.float32), max_delta=63)\n", "random_brightness"),
        ("ds = load().map(lambda x, y: (tf.image.random_crop(x, (20, 20)), y))\n", "random_crop"),
        ("x = tf.image.random_crop(tf.stack([x, x]), [2, 20, 20, 3])\n", "random_crop"),
    ] {
        assert_eq!(keys(&format!("{TF}{text}")), expected, "{text}");
    }
}

#[test]
fn notebooks_go_on_behind_cells_that_are_no_python() {
    let cell = |source: &str| json!({ "cell_type": "code", "source": source });
    let notebook = json!({ "cells": [
        cell("pip install imgaug"),
        cell("x = TODO define it"),
        cell("  import imgaug.augmenters as iaa\n  seq = iaa.Fliplr(1)"),
    ] });
    let found = translate("flow.ipynb", &notebook.to_string(), &Wanted::default()).unwrap();
    assert_eq!(found.spec.pipeline[0].kind.key(), "fliplr");
    assert_eq!(found.warnings, ["flow.ipynb: cell 2 is no Python, and is left out"]);
}

#[test]
fn other_encodings_are_read() {
    let bytes =
        b"# -*- coding: latin-1 -*-\n# \xe9t\xe9\nimport imgaug.augmenters as iaa\nseq = iaa.Fliplr(1)\n"
            .to_vec();
    let text = decoded("flow.py", bytes);
    assert!(text.contains("\u{e9}t\u{e9}"));
    assert!(translate("flow.py", &text, &Wanted::default()).is_ok());
}

#[test]
fn pipelines_that_hold_themselves_many_times_are_given_up() {
    let text = format!(
        "{IMG}x = iaa.Add(1)\nfor i in range(40):\n  x = iaa.OneOf([x, x, x])\na = iaa.Sequential([x, x])\nb = iaa.Sequential([x, iaa.Add(2)])\n"
    );
    assert!(translate("flow.py", &text, &Wanted::default()).is_err());
}

#[test]
fn classes_around_a_pipeline_of_another_library_are_read_as_it() {
    let mine = "class Mine:\n  def __init__(self):\n    self.aug = iaa.Sequential([iaa.Flipud(0.5)])\n  \
                def __call__(self, x):\n    return self.aug.augment_image(np.array(x))\n";
    for (before, own, step) in [
        (mine, "Mine()", "flipud"),
        ("from mine import Wrap\naug = A.Compose([A.InvertImg(p=1)])\n", "Wrap(aug)", "invert"),
        ("from mine import Wrap\n", "Wrap(pipeline=A.Compose([A.InvertImg(p=1)]))", "invert"),
    ] {
        let text = format!(
            "{TORCH}{IMG}{ALB}{before}t = transforms.Compose([transforms.RandomHorizontalFlip(), {own}, transforms.ToTensor()])\n"
        );
        assert_eq!(keys(&text), format!("fliplr {step}"), "{text}");
        let (_, warnings) = read(&text);
        assert!(warnings.iter().any(|own| own.contains("is read as the ")), "{warnings:?}");
    }
}

#[test]
fn what_weights_say_of_images_is_passed_over() {
    for (before, own) in [
        ("w = torchvision.models.ResNet50_Weights.DEFAULT\n", "w.transforms()"),
        ("import models\nmodel = models.get()\n", "model.weights.transforms()"),
    ] {
        let text = format!(
            "import torchvision\n{TORCH}{before}t = transforms.Compose([transforms.RandomHorizontalFlip(), {own}])\n"
        );
        let (steps, warnings) = read(&text);
        assert_eq!(steps, json!([{ "fliplr": { "p": 0.5 } }]), "{text}");
        assert!(warnings.iter().any(|own| own.contains("what weights say")), "{warnings:?}");
    }
}

#[test]
fn whole_pipelines_in_a_list_are_found() {
    let list = "all = [\n  A.Compose([A.HorizontalFlip(p=1)]),\n  A.Compose([A.VerticalFlip(p=1), A.InvertImg(p=1)]),\n]\n";
    assert_eq!(keys(&format!("{ALB}{list}")), "flipud invert");
    let (_, warnings) = read(&format!("{ALB}{list}"));
    assert!(warnings.iter().any(|own| own.contains("take another with --name all.0")), "{warnings:?}");
    let name = Wanted { name: Some("all.0"), ..Wanted::default() };
    let made = translate("flow.py", &format!("{ALB}{list}"), &name).unwrap();
    assert_eq!(made.spec.pipeline[0].kind.key(), "fliplr");
    // What stands in a list for another one is a piece of that.
    assert_eq!(
        keys(&format!("{ALB}{list}t = A.Compose([A.OneOf(all), A.InvertImg(p=1)])\n")),
        "sometimes invert"
    );
}

/// A condition of `tf.cond` that nobody knows is asked for; what stands in its functions is no pipeline of its own.
#[test]
fn sides_of_conditions_that_are_not_known_are_no_pipelines() {
    let tf = "import tensorflow as tf\n";
    let color = "    def color(y):\n        y = tf.image.random_hue(y, 0.1)\n        return y\n";
    for (body, asked) in [
        ("    return tf.cond(tf.random.uniform([]) < p, lambda: color(x), lambda: x)\n", "--set p=VALUE"),
        (
            "    x = tf.cond(p, lambda: color(x), lambda: x)\n    x = tf.image.random_flip_up_down(x)\n    return x\n",
            "--set p=VALUE",
        ),
        (
            "    def flip(): return tf.image.flip_left_right(x)\n    x = tf.cond(tf.random.uniform([]) < p.q, flip, lambda: x)\n    x = tf.image.random_brightness(x, 0.1)\n    return x\n",
            "--set p.q=VALUE",
        ),
    ] {
        let own = if body.contains("color") { color } else { "" };
        let text = format!("{tf}def augment(x, p):\n{own}{body}");
        let error = translate("flow.py", &text, &Wanted::default()).unwrap_err();
        let help = crate::base::Explain::help(&error).unwrap_or_default();
        assert!(help.contains(asked), "{text}\n{error}\n{help}");
    }
    let training = format!(
        "{tf}def augment(x, is_training):\n{color}    return tf.cond(is_training, lambda: color(x), lambda: x)\n"
    );
    let found = translate("flow.py", &training, &Wanted::default()).unwrap();
    assert_eq!(found.spec.pipeline.len(), 1);
    assert!(found.warnings[0].contains("is_training is taken for True"), "{:?}", found.warnings);
}

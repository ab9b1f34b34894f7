//! Options, switches and draws as people write them.

use serde_json::json;

use super::files_tests::keys;
use super::*;

const IMG: &str = "import imgaug.augmenters as iaa\n";
const ALB: &str = "import albumentations as A\n";

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
    // What nobody gives is None, where there is a way for that.
    let text = format!(
        "{ALB}def tf(size):\n  ops = []\n  if size is not None:\n    ops.append(A.RandomCrop(size, size))\n  else:\n    \
         ops.append(A.HorizontalFlip())\n  return A.Compose(ops)\n"
    );
    assert_eq!(keys(&text, &Wanted::default()), "fliplr");
    let made = translate("flow.py", &text, &Wanted::default()).unwrap();
    assert!(made.warnings.iter().any(|own| own.contains("size is taken for None")), "{:?}", made.warnings);
    let set = ["size=8".to_owned()];
    assert_eq!(keys(&text, &Wanted { set: &set, ..Wanted::default() }), "random_crop");
    // A piece of a list that is not known is no pipeline.
    let text = format!(
        "{ALB}def tf(cfg):\n  ops = []\n  if cfg.holes > 0:\n    ops.append(A.Blur(p=1))\n  \
         ops.append(A.OneOf([A.HorizontalFlip(), A.VerticalFlip()]))\n  return A.Compose(ops)\n"
    );
    assert_eq!(keys(&text, &Wanted::default()), "flow.py:4:6: the value depends on this condition");
}

//! Pasted torchvision: what becomes of transforms, functions and tensors.

use serde_json::{Value as Json, json};

use super::super::super::{Wanted, translate};
use crate::base::Explain;

const HEAD: &str = "import torch\nfrom torchvision import transforms as T\nfrom torchvision.transforms import v2\nfrom PIL import ImageOps\n";

/// The steps of a list of transforms, and the warnings.
fn steps(list: &str) -> (Json, Vec<String>) {
    let text = format!("{HEAD}t = T.Compose([{list}])\n");
    let translation =
        translate("flow.py", &text, &Wanted::default()).unwrap_or_else(|error| panic!("{list}: {error}"));
    (json!(translation.spec)["pipeline"].take(), translation.warnings)
}

fn error(list: &str) -> String {
    let text = format!("{HEAD}t = T.Compose([{list}])\n");
    let error = translate("flow.py", &text, &Wanted::default()).unwrap_err();
    format!("{error}\n{}", error.help().unwrap_or_default())
}

fn keys(list: &str) -> String {
    let (steps, _) = steps(list);
    let steps = steps.as_array().cloned().unwrap_or_default();
    let key = |step: &Json| step.as_object().and_then(|step| step.keys().next().cloned()).unwrap_or_default();
    steps.iter().map(key).collect::<Vec<_>>().join(" ")
}

#[test]
fn elastic_transform_and_aug_mix_are_read() {
    let (got, _) =
        steps("T.ElasticTransform(alpha=30., sigma=(3., 4.)), T.AugMix(severity=5, all_ops=False)");
    assert_eq!(got[0]["torchvision.elastic_transform"]["alpha"], json!([30.0, 30.0]));
    assert_eq!(got[0]["torchvision.elastic_transform"]["sigma"], json!([3.0, 4.0]));
    assert_eq!(got[1]["torchvision.aug_mix"]["severity"], 5);
    assert_eq!(got[1]["torchvision.aug_mix"]["all_ops"], false);
}

#[test]
fn a_choice_has_its_probabilities() {
    let (got, _) = steps("T.RandomChoice([T.RandomInvert(1), T.RandomAffine(5)], p=[0.25, 0.75])");
    assert_eq!(got[0]["one_of"]["weights"], json!([0.25, 0.75]));
    let (got, _) = steps("v2.RandomChoice([v2.RandomInvert(), v2.RandomAffine(5)])");
    assert!(got[0]["one_of"].get("weights").is_none());
    assert!(error("T.RandomChoice([T.RandomInvert()], p=[1, 2])").contains("2 weights for 1 step"));
}

#[test]
fn functions_that_only_scale_are_passed_over_and_others_are_steps() {
    let flip = "T.RandomHorizontalFlip(), ";
    for nothing in [
        "T.Lambda(lambda x: x / 255.)",
        "T.Lambda(lambda x: x * 2 - 1)",
        "T.Lambda(lambda t: t.float().div(255).view(-1))",
        "T.Lambda(lambda x: torch.flatten(x))",
        "T.Lambda(torch.flatten)",
        "lambda x: (x - 0.5) / 0.5",
    ] {
        let (got, warnings) = steps(&format!("{flip}{nothing}"));
        assert_eq!(got.as_array().map(Vec::len), Some(1), "{nothing}");
        assert!(warnings.iter().any(|warning| warning.contains("passed over")), "{nothing}: {warnings:?}");
    }
    for (function, step) in [
        ("T.Lambda(lambda x: x.convert('RGB'))", "grayscale_to_rgb"),
        ("T.Lambda(lambda x: x.repeat(3, 1, 1))", "grayscale_to_rgb"),
        ("T.Lambda(lambda x: x.repeat(3, 1, 1) if x.size(0) == 1 else x)", "grayscale_to_rgb"),
        ("T.Lambda(lambda x: x.expand(3, -1, -1))", "grayscale_to_rgb"),
        ("T.Lambda(lambda x: torch.cat([x, x, x], 0))", "grayscale_to_rgb"),
        ("T.Lambda(lambda x: x.convert('L'))", "torchvision.grayscale"),
        ("T.Lambda(lambda x: 1 - x)", "invert"),
        ("T.Lambda(lambda x: 255. - x)", "invert"),
        ("T.Lambda(lambda x: ImageOps.invert(x))", "invert"),
        ("T.Lambda(ImageOps.invert)", "invert"),
    ] {
        assert_eq!(keys(&format!("{flip}{function}")), format!("fliplr {step}"), "{function}");
    }
    for other in
        ["lambda x: x + torch.randn(3)", "lambda x: x.transpose(1, 2)", "lambda x: x ** 2", "lambda x: 2 - x"]
    {
        let (got, warnings) = steps(&format!("{flip}T.Lambda({other})"));
        assert_eq!(got.as_array().map(Vec::len), Some(1), "{other}");
        assert!(warnings.iter().any(|warning| warning.contains("is missing")), "{other}: {warnings:?}");
        // One of several that are drawn cannot be left out.
        let text = error(&format!("T.RandomChoice([T.RandomInvert(1), T.Lambda({other})])"));
        assert!(text.contains("Lambda has no counterpart") && text.contains("x.convert('RGB')"), "{text}");
    }
}

#[test]
fn transforms_in_a_module_are_one_pipeline_and_absent_ones_are_left_out() {
    let text = "import torch\nfrom torch import nn\nimport torchvision.transforms as T\nt = nn.Sequential(T.RandomHorizontalFlip(), T.RandomRotation(5))\n";
    assert_eq!(
        super::super::super::files_tests::keys(text, &Wanted::default()),
        "fliplr torchvision.random_rotation"
    );
    let (got, warnings) =
        steps("v2.RandomPhotometricDistort(), v2.RandomHorizontalFlip(), v2.ScaleJitter((9, 9))");
    assert_eq!(got, json!([{ "fliplr": { "p": 0.5 } }]));
    assert!(
        warnings
            .iter()
            .any(|own| own.contains("RandomPhotometricDistort has no counterpart here, and is left out"))
    );
    assert!(error("v2.GaussianNoise()").contains("additive_gaussian_noise"));
    assert!(error("v2.RandomZoomOut()").contains("RandomZoomOut has no counterpart here"));
    assert!(
        error("v2.RandomChoice([v2.RandomZoomOut(), v2.RandomHorizontalFlip()])").contains("no counterpart")
    );
}

#[test]
fn what_stands_behind_a_tensor_has_its_arithmetic() {
    let (got, warnings) = steps(
        "v2.ToImage(), v2.RandomRotation(10), v2.RandomErasing(value=9), v2.ToPILImage(), v2.RandomRotation(10)",
    );
    assert_eq!(got[0]["torchvision.random_rotation"]["compat"], "tensor");
    assert_eq!(got[1]["torchvision.random_erasing"]["value"], 9);
    assert!(
        got[2]["torchvision.random_rotation"].get("compat").is_none() && warnings.is_empty(),
        "{warnings:?}"
    );
    let (got, warnings) = steps("T.ToTensor(), T.ColorJitter(0.2), T.RandomErasing(value=0.2)");
    assert_eq!(got[0]["torchvision.color_jitter"]["compat"], "tensor");
    assert_eq!(got[1]["torchvision.random_erasing"]["value"], 51);
    assert!(warnings.iter().any(|warning| warning.contains("floats there")), "{warnings:?}");
}

#[test]
fn sizes_that_are_not_known_are_those_of_the_images() {
    let whole = |list: &str| {
        let text = format!(
            "from torchvision import transforms as T\n\ndef make(size):\n    return T.Compose([T.RandomHorizontalFlip(), {list}])\n"
        );
        let made = translate("flow.py", &text, &Wanted::default()).unwrap();
        (serde_json::to_value(&made.spec.pipeline).unwrap(), made.warnings)
    };
    for list in [
        "T.Resize((size, size))",
        "T.CenterCrop(size)",
        "T.RandomCrop(size)",
        "T.RandomCrop(size, padding=None)",
    ] {
        let (got, warnings) = whole(list);
        assert_eq!(got.as_array().map(Vec::len), Some(1), "{list}: {got}");
        let said =
            "is left out, because size is not known, and images keep their size; --set size=VALUE gives it";
        assert!(warnings.iter().any(|warning| warning.contains(said)), "{list}: {warnings:?}");
    }
    for (list, step, fields) in [
        (
            "T.RandomResizedCrop(size, scale=(0.8, 1))",
            "torchvision.random_resized_crop",
            json!({ "scale": [0.8, 1.0] }),
        ),
        ("T.RandomCrop(size, 4)", "torchvision.random_crop", json!({ "padding": [4, 4, 4, 4] })),
    ] {
        let (got, warnings) = whole(list);
        for (key, value) in fields.as_object().unwrap() {
            assert_eq!(&got[1][step][key], value, "{list}: {got}");
        }
        assert!(got[1][step].get("size").is_none(), "{list}: {got}");
        let said = "gives is that of the image here, because size is not known; --set size=VALUE gives it";
        assert!(warnings.iter().any(|warning| warning.contains(said)), "{list}: {warnings:?}");
    }
}

#[test]
fn what_is_refused_has_a_remedy() {
    for (list, words) in [
        ("T.FiveCrop(20)", "--copies 5"),
        ("T.TenCrop(20)", "--copies 5"),
        ("v2.MixUp(num_classes=10)", "mixes labels"),
    ] {
        let text = error(&format!("T.RandomHorizontalFlip(), {list}"));
        assert!(text.contains(words), "{list}: {text}");
    }
}

/// The keys of the steps of a whole file, or its error, and the warnings.
fn of_file(text: &str) -> (String, Vec<String>) {
    match translate("flow.py", text, &Wanted::default()) {
        Ok(found) => {
            let keys: Vec<&str> = found.spec.pipeline.iter().map(|step| step.kind.key()).collect();
            (keys.join(" "), found.warnings)
        }
        Err(error) => (error.to_string(), Vec::new()),
    }
}

#[test]
fn classes_of_a_project_are_taken_for_the_transforms_whose_names_they_have() {
    let own = "from utils.joint import RandomHorizontalFlip, ToTensor, Jitter, GaussianBlur\n";
    let (keys, warnings) = of_file(&format!(
        "{HEAD}{own}t = T.Compose([T.RandomCrop(3), RandomHorizontalFlip(0.3), Jitter(), GaussianBlur(4), ToTensor()])\n"
    ));
    assert_eq!(keys, "torchvision.random_crop fliplr");
    let told = |words: &str| warnings.iter().filter(|own| own.contains(words)).count();
    assert_eq!(
        told("utils.joint.RandomHorizontalFlip is taken for torchvision's RandomHorizontalFlip"),
        1,
        "{warnings:?}"
    );
    // Four is no size of a kernel there.
    assert_eq!((told("Jitter() is left out"), told("GaussianBlur(4) is left out")), (1, 1), "{warnings:?}");

    for import in
        ["import transforms as T\n", "from . import my_transforms as T\n", "import lib.augmentations as T\n"]
    {
        let text =
            format!("{import}t = T.Compose([T.ToTensor(), T.RandomHorizontalFlip(0.5), T.Strange(1)])\n");
        let (keys, warnings) = of_file(&text);
        assert_eq!(keys, "fliplr", "{import}");
        let taken = warnings
            .iter()
            .any(|own| own.contains("is taken for torchvision.transforms.RandomHorizontalFlip"));
        assert!(taken, "{warnings:?}");
    }
    // What is no call is something of the project's, too.
    let (keys, warnings) =
        of_file(&format!("{HEAD}from lib import BEFORE\nt = T.Compose([BEFORE, T.RandomCrop(3)])\n"));
    assert_eq!(keys, "torchvision.random_crop");
    assert!(warnings.iter().any(|own| own.contains("BEFORE is left out")), "{warnings:?}");
    // Where a file has torchvision's own, that is the pipeline.
    let (keys, _) = of_file(&format!(
        "{HEAD}import transforms\na = transforms.Compose([transforms.RandomInvert()])\nb = T.Compose([T.RandomCrop(3)])\n"
    ));
    assert_eq!(keys, "torchvision.random_crop");
    assert!(
        of_file("import other as T\nt = T.Compose([T.RandomHorizontalFlip(0.5)])\n")
            .0
            .contains("there is no pipeline")
    );
}

/// Of what is passed over it does not matter which one a condition takes; a size that is drawn once is not known.
#[test]
fn conditions_on_what_is_passed_over_decide_nothing() {
    let text = "import random\nfrom torchvision import transforms as T\ndef get(kind):\n  size = random.randint(256, 480)\n  \
                if kind == 'a':\n    norm = T.Normalize([0.4], [0.2])\n  else:\n    norm = T.Normalize([0.5], [0.3])\n  \
                return T.Compose([T.Resize(size), T.RandomHorizontalFlip(), T.ToTensor(), norm])\n";
    let found = translate("flow.py", text, &Wanted::default()).unwrap();
    assert_eq!(found.spec.pipeline.len(), 1, "{:?}", found.spec);
    assert!(
        found.warnings.iter().any(|told| told.contains("random.randint(256, 480) is not known")),
        "{:?}",
        found.warnings
    );
    // What 0 is behind it does matter.
    let erased = text.replace("norm])", "norm, T.RandomErasing()])");
    let error = translate("flow.py", &erased, &Wanted::default()).unwrap_err();
    assert!(error.to_string().contains("depends on"), "{error}");
}

/// `value='random'` is normal noise of floats: with the mean and the deviation of Normalize, in bytes.
#[test]
fn erasing_with_noise() {
    let (got, warnings) = steps(
        "T.ToTensor(), T.Normalize([0.4, 0.5, 0.6], std=[0.2, 0.2, 0.1]), T.RandomErasing(0.3, value='random')",
    );
    let own = &got[0]["torchvision.random_erasing"];
    assert_eq!(own["noise"]["mean"], json!([102.0, 127.5, 153.0]));
    assert_eq!(own["noise"]["deviation"], json!([51.0, 51.0, 25.5]));
    assert!(warnings.iter().any(|told| told.contains("cut off below 0")), "{warnings:?}");
    let (got, _) = steps("T.ToTensor(), T.RandomErasing(value='random')");
    assert_eq!(got[0]["torchvision.random_erasing"]["noise"]["deviation"], json!([255.0, 255.0, 255.0]));
    assert!(
        error("T.ToTensor(), T.Normalize(MEAN, STD), T.RandomErasing(value='random')").contains("constants")
    );
    assert!(error("T.PILToTensor(), T.RandomErasing(value='random')").contains("behind ToTensor"));
}

/// The list of a `Compose` is what its attribute says, and no change of it is lost.
#[test]
fn lists_of_transforms_change_where_they_are() {
    let keys = |change: &str| {
        let text = format!("{HEAD}t = T.Compose([T.RandomHorizontalFlip()])\n{change}\n");
        super::super::super::files_tests::keys(&text, &Wanted::default())
    };
    assert_eq!(keys("t.transforms.append(T.RandomInvert())"), "fliplr invert");
    assert_eq!(keys("t.transforms.insert(0, T.RandomInvert())"), "invert fliplr");
    assert_eq!(keys("t.transforms += [T.RandomInvert()]"), "fliplr invert");
    assert_eq!(keys("t.transforms = [T.RandomVerticalFlip()] + t.transforms"), "flipud fliplr");
    assert_eq!(keys("u = T.Compose(t.transforms + [T.RandomInvert()])"), "fliplr invert");
    let own =
        |text: &str| super::super::super::files_tests::keys(&format!("{HEAD}{text}"), &Wanted::default());
    let grows = "def f(n):\n  t = T.Compose([T.RandomVerticalFlip()])\n  if n > 3:\n    t.transforms.append(T.RandomInvert())\n  return t\n";
    assert_eq!(own(grows), "flow.py:7:6: the value depends on this condition");
    let own_class = "class Cutout:\n  def __call__(self, x):\n    return x\n";
    let switched = format!(
        "{own_class}def f(args):\n  t = T.Compose([T.RandomInvert()])\n  if args.cutout:\n    t.transforms.append(Cutout())\n  return t\n"
    );
    let found = translate("flow.py", &format!("{HEAD}{switched}"), &Wanted::default()).unwrap();
    let told = found.warnings.join("\n");
    assert!(
        told.contains("args.cutout is taken for True") && told.contains("Cutout() is left out"),
        "{told}"
    );
    assert!(keys("t.transforms[0] = T.RandomInvert()").starts_with("flow.py:"));
    let kept = "class D:\n  def __init__(self):\n    self.t = T.Compose([T.RandomVerticalFlip(), T.RandomInvert()])\n    self.t.transforms.insert(0, T.RandomHorizontalFlip())\n";
    assert_eq!(own(kept), "fliplr flipud invert");
}

//! Every augmenter of the table is read, and what is printed is read again as the same.

use super::super::super::{Wanted, print, translate};
use super::known::{ELSEWHERE, classes};
use crate::ops::ENTRIES;
use crate::pipeline::{Spec, combinators, parse_step};

fn translated(expression: &str) -> Result<Spec, String> {
    let text = format!(
        "import imgaug as ia\nimport imgaug.augmenters as iaa\nimport imgaug.parameters as iap\nseq = iaa.Sequential([{expression}])\n"
    );
    let translation = translate("flow.py", &text, &Wanted::default());
    translation.map(|translation| translation.spec).map_err(|error| error.to_string())
}

fn read(expression: &str) -> Spec {
    translated(expression).unwrap_or_else(|error| panic!("{expression}\n{error}"))
}

fn refused(expression: &str) -> String {
    translated(expression).expect_err(expression)
}

fn own(step: &str) -> Spec {
    let text = format!("version: 1\npipeline:\n  - {step}\n");
    Spec::parse("own", &text).unwrap_or_else(|error| panic!("{step}\n{error}"))
}

#[test]
fn every_class_is_read_with_its_defaults() {
    for (_, class) in classes() {
        let needed = match class.name {
            "AddToSaturation" | "Crop" | "CropAndPad" | "Pad" => continue,
            "ChangeColorspace" => "'HSV'",
            "MultiplyHueAndSaturation" => "(0.5, 1.5)",
            "ReplaceElementwise" => "0.1, [0, 255]",
            "PadToFixedSize" | "CropToFixedSize" | "CenterPadToFixedSize" | "CenterCropToFixedSize" => {
                "20, 24"
            }
            "Multiply" | "LinearContrast" | "EdgeDetect" | "Emboss" | "Sharpen" | "DirectedEdgeDetect"
            | "Grayscale" => "0.5",
            "ElasticTransformation" => "1, 1",
            "PerspectiveTransform" | "PiecewiseAffine" => "0.05",
            _ => "",
        };
        read(&format!("iaa.{}({needed})", class.name));
    }
    for (name, remedy) in ELSEWHERE {
        assert!(classes().all(|(_, class)| class.name != *name), "{name} is there");
        assert!(combinators::of_imgaug(name).is_none() && !remedy.ends_with('.'), "{name}");
    }
}

#[test]
fn examples_of_the_room_are_printed_and_read_again() {
    for entry in ENTRIES.iter().filter(|entry| entry.peer == "imgaug") {
        for example in entry.doc.examples {
            let spec = Spec::of_steps(vec![parse_step(example).unwrap()]).unwrap();
            // What imgaug does only inside other augmenters has no name there.
            let Ok(printed) = print::printer("imgaug").unwrap().print(&spec, "Printed.") else {
                assert_eq!(entry.key, "resize", "{example} is not printed");
                continue;
            };
            // Without a channel for each grain it has the other name there.
            if entry.key == "impulse_noise" {
                assert!(printed.contains("ImpulseNoise(") || printed.contains("SaltAndPepper("), "{printed}");
                continue;
            }
            let again = translate("printed.py", &printed, &Wanted::default());
            let again = again.unwrap_or_else(|error| panic!("{error}\n{printed}"));
            assert_eq!(again.spec, spec, "{printed}");
        }
    }
}

#[test]
fn forms_of_parameters_are_what_they_are_there() {
    for (expression, step) in [
        (
            "iaa.GammaContrast((2.0, 0.5), per_channel=True)",
            "gamma_contrast: { gamma: [0.5, 2.0], per_channel: true }",
        ),
        ("iaa.Scale(0.5)", "imgaug.resize: { size: { factor: 0.5 } }"),
        ("iaa.Resize((20, 36))", "imgaug.resize: { size: { px: [20, 36] } }"),
        (
            "iaa.Resize((0.5, 1.5), 'area')",
            "imgaug.resize: { size: { factor: [0.5, 1.5] }, interpolation: area }",
        ),
        (
            "iaa.Resize({'shorter-side': 24, 'longer-side': 'keep-aspect-ratio'}, interpolation=ia.ALL)",
            "imgaug.resize: { shorter_side: { px: 24 }, longer_side: keep-aspect-ratio, interpolation: all }",
        ),
        ("iaa.Resize([16, 32])", "imgaug.resize: { size: { px: { choice: [16, 32] } } }"),
        ("iaa.Affine(shear=(-120, 100), order=[0, 3])", "affine: { shear: [-120, 100], order: [0, 3] }"),
        ("iaa.Affine(rotate=45, fit_output=True)", "affine: { rotate: 45, fit_output: true }"),
        ("iaa.Affine(scale=1.1, order=5)", "affine: { scale: 1.1, order: 3 }"),
        ("iaa.Affine(scale=1.1, order=ia.ALL)", "affine: { scale: 1.1, order: [0, 1, 3, 3, 3] }"),
        ("iaa.Rotate(iap.Normal(0, 10))", "affine: { rotate: { normal: [0, 10] } }"),
        ("iaa.Add(iap.Clip(iap.Normal(0, 50), -100, 100))", "add: { normal: [0, 50], clip: [-100, 100] }"),
        (
            "iaa.MedianBlur(iap.Choice([3, 5, 7], p=[0.5, 0.25, 0.25]))",
            "median_blur: { k: { choice: [3, 5, 7], weights: [0.5, 0.25, 0.25] } }",
        ),
        ("iaa.MedianBlur(iap.DiscreteUniform(5, 3))", "median_blur: [3, 5]"),
        (
            "iaa.MotionBlur(iap.Discretize(iap.Uniform(3, 7)))",
            "motion_blur: { k: { uniform: [3, 7], round: true } }",
        ),
        ("iaa.Multiply(iap.Deterministic(0.5))", "multiply: 0.5"),
        ("iaa.Multiply(iap.Add(iap.Uniform(0, 1), 0.5))", "multiply: [0.5, 1.5]"),
        ("iaa.Add(iap.RandomSign(iap.Poisson(3)))", "add: { value: { poisson: 3, sign: random } }"),
        (
            "iaa.Add(iap.TruncatedNormal(0, 4, -9, 9))",
            "add: { value: { normal: [0, 4], truncate: [-9, 9] } }",
        ),
        ("iaa.Dropout(iap.Binomial(0.8))", "dropout: 0.2"),
        (
            "iaa.CoarseDropout(iap.Binomial((0.7, 0.9)), size_px=3)",
            "coarse_dropout: { p: [0.1, 0.3], size_px: 3 }",
        ),
        ("iaa.Salt(iap.Binomial(0.2))", "salt: 0.2"),
        ("iaa.Pepper(iap.Binomial(iap.Normal(0.2, 0.01)))", "pepper: { p: { normal: [0.2, 0.01] } }"),
        ("iaa.Crop(px=(0, 28 * 0.1))", "crop: { px: [0, 2] }"),
        ("iaa.Rot90(ia.ALL)", "imgaug.rot90: [0, 3]"),
        (
            "iaa.Cutout(nb_iterations=2, position=(0.5, (0.0, 1.0)))",
            "cutout: { nb_iterations: 2, position: { x: 0.5, y: [0, 1] } }",
        ),
        ("iaa.RemoveSaturation()", "multiply_saturation: 0"),
        ("iaa.RemoveSaturation((0.25, 1.0))", "multiply_saturation: [0, 0.75]"),
        ("iaa.RemoveSaturation([0.5, 1])", "multiply_saturation: { choice: [0.5, 0] }"),
        (
            "iaa.PadToAspectRatio(1.5, position='center')",
            "pad_to_aspect_ratio: { aspect_ratio: 1.5, position: center }",
        ),
        (
            "iaa.CenterPadToSquare(pad_mode='edge')",
            "pad_to_aspect_ratio: { pad_mode: edge, position: center }",
        ),
        ("iaa.CropToSquare()", "crop_to_aspect_ratio: {}"),
        ("iaa.Fliplr(0.5).to_deterministic()", "fliplr: 0.5"),
        ("iaa.CenterCropToFixedSize(20, None)", "crop_to_fixed_size: { width: 20, position: center }"),
        (
            "iaa.AddToHueAndSaturation((-9, 9), channels=[0])",
            "add_to_hue_and_saturation: { value_hue: [-9, 9] }",
        ),
        ("iaa.AddToHueAndSaturation((-9, 9), channels=[0, 1])", "add_to_hue_and_saturation: [-9, 9]"),
        (
            "iaa.WithChannels(0, iaa.Add((10, 100)))",
            "with_channels: { channels: [0], steps: [add: [10, 100]] }",
        ),
        (
            "iaa.WithColorspace(to_colorspace=iaa.CSPACE_HSV, children=iaa.WithChannels([1], iaa.Multiply(0.5)))",
            "with_colorspace: { to_colorspace: HSV, steps: [with_channels: { channels: [1], steps: [multiply: 0.5] }] }",
        ),
        ("iaa.ChangeColorspace(from_colorspace='RGB', to_colorspace='HSV')", "change_colorspace: HSV"),
        ("iaa.Alpha((0.0, 1.0), iaa.Grayscale(1.0))", "blend_alpha: { first: [grayscale: 1.0] }"),
        (
            "iaa.BlendAlpha(0.5, iaa.Invert(1.0), iaa.Noop())",
            "blend_alpha: { factor: 0.5, first: [invert: 1.0], second: [noop: {}] }",
        ),
        (
            "iaa.KeepSizeByResize(iaa.Resize((0.5, 1.5)), interpolation='linear')",
            "keep_size_by_resize: { interpolation: linear, steps: [imgaug.resize: { size: { factor: [0.5, 1.5] } }] }",
        ),
    ] {
        assert_eq!(read(expression), own(step), "{expression}");
    }
}

#[test]
fn what_is_no_probability_for_imgaug_is_none_here() {
    for (expression, does) in [
        ("iaa.Dropout(iap.Uniform(0.1, 0.3))", "imgaug multiplies by what it gives"),
        ("iaa.Salt(iap.Uniform(0.1, 0.3))", "imgaug changes where it gives more than 0.5"),
        ("iaa.Superpixels(p_replace=iap.Normal(0.5, 0.1))", "imgaug changes where it gives more than 0.5"),
    ] {
        let said = refused(expression);
        assert!(said.contains(does) && said.contains("write iap.Binomial(p)"), "{said}");
    }
}

/// Sizes that are not known are those of the images.
#[test]
fn sizes_that_are_not_known_are_left_out() {
    const NAME: &str = "flow.py";
    for sized in [
        "iaa.Resize(size)",
        "iaa.Resize((size, size))",
        "iaa.Scale({'height': cfg.h, 'width': cfg.w})",
        "iaa.Resize({'height': 28, 'width': size}, interpolation='linear')",
        "iaa.CropToFixedSize(width=size, height=28)",
        "iaa.CropToFixedSize(size, size, position='center')",
        "iaa.CenterCropToFixedSize(cfg.w, cfg.h)",
        "iaa.PadToFixedSize(size, size, pad_mode='edge')",
        "iaa.CenterPadToFixedSize(width=size, height=size, name='pad')",
    ] {
        let text = format!(
            "import imgaug.augmenters as iaa\ndef f(size):\n  return iaa.Sequential([iaa.Fliplr(0.5), {sized}])\n"
        );
        let translation =
            translate(NAME, &text, &Wanted::default()).unwrap_or_else(|error| panic!("{sized}\n{error}"));
        assert_eq!(translation.spec, own("fliplr: 0.5"), "{sized}");
        let said = translation.warnings.join("\n");
        let class = sized.split(['.', '(']).nth(1).unwrap();
        assert!(said.contains(&format!("{class} is left out, because ")), "{said}");
        assert!(said.contains("not known, and images keep their size; --set"), "{said}");
    }
    // Of several that are chosen from, it stays one.
    let text = "import imgaug.augmenters as iaa\ndef f(size):\n  return iaa.OneOf([iaa.Fliplr(1.0), iaa.Resize(size)])\n";
    let translation = translate(NAME, text, &Wanted::default()).unwrap();
    assert_eq!(translation.spec, own("one_of: [{fliplr: 1.0}, {noop: {}}]"));
    let given = ["size=20".to_owned()];
    let wanted = Wanted { set: &given, ..Wanted::default() };
    let text = "import imgaug.augmenters as iaa\ndef f(size):\n  return iaa.Sequential([iaa.Fliplr(0.5), iaa.CropToFixedSize(size, size)])\n";
    assert_eq!(translate(NAME, text, &wanted).unwrap().spec.pipeline.len(), 2);
}

/// What is said of a file.
fn told(text: &str) -> (Spec, String) {
    let translation =
        translate("flow.py", text, &Wanted::default()).unwrap_or_else(|error| panic!("{error}"));
    (translation.spec, translation.warnings.join("\n"))
}

#[test]
fn what_has_no_counterpart_is_left_out_beside_others() {
    let file = |steps: &str| format!("import imgaug.augmenters as iaa\nseq = iaa.Sequential([{steps}])\n");
    let (spec, words) = told(&file("iaa.Fliplr(1), iaa.Fog(), iaa.imgcorruptlike.Snow(severity=2)"));
    assert_eq!(spec, own("fliplr: 1"));
    assert!(words.contains("2:38: imgaug's Fog has no counterpart here, and is left out"), "{words}");
    assert!(words.contains("Snow of iaa.imgcorruptlike is not there here, and is left out"), "{words}");
    // Of several that one is chosen from, it stays one.
    let (spec, words) = told(&file("iaa.OneOf([iaa.Fliplr(1), iaa.Rain()])"));
    assert_eq!(spec, own("one_of: [{ fliplr: 1 }, { noop: {} }]"));
    assert!(words.contains("Rain has no counterpart"), "{words}");
    // What only looks at images is none of their business.
    let (spec, words) = told(&file("iaa.AssertShape((None, 28, 28, 1)), iaa.Fliplr(1)"));
    assert!(spec == read("iaa.Fliplr(1)") || spec == read("iaa.Noop(), iaa.Fliplr(1)"));
    assert_eq!(words, "");
    // Python of the file's own.
    let text = "import imgaug.augmenters as iaa\nimport other\nclass Own:\n  def __call__(self, x): return x\n\
                seq = iaa.Sequential([Own(), iaa.Fliplr(1), other.Thing(3)])\n";
    let (spec, words) = told(text);
    assert_eq!(spec, own("fliplr: 1"));
    assert!(
        words.contains("5:23: Own() is left out") && words.contains("other.Thing(3) is left out"),
        "{words}"
    );
    for alone in
        ["iaa.Fog()", "iaa.Sometimes(0.5, iaa.OneOf([iaa.Fog(), iaa.WithChannels(0, iaa.Clouds())]))"]
    {
        assert!(refused(alone).contains("imgaug's Fog has no counterpart here"), "{alone}");
    }
}

#[test]
fn what_nothing_is_given_to_has_the_defaults_of_the_library() {
    for (augmenter, expected) in [
        ("iaa.Crop()", "crop: { percent: [0, 0.1] }"),
        ("iaa.Pad()", "pad: { percent: [0, 0.1] }"),
        ("iaa.CropAndPad(keep_size=False)", "crop_and_pad: { percent: [-0.1, 0.1], keep_size: false }"),
        (
            "iaa.MultiplyHueAndSaturation()",
            "multiply_hue_and_saturation: { mul_hue: [0.5, 1.5], mul_saturation: [0, 1.7] }",
        ),
        (
            "iaa.AddToHueAndSaturation()",
            "add_to_hue_and_saturation: { value_hue: [-40, 40], value_saturation: [-40, 40] }",
        ),
        ("iaa.Sequential([]), iaa.Fliplr(1)", "noop: {}\n  - fliplr: 1"),
        ("iaa.Sometimes(0.5, [])", "noop: {}"),
        ("iaa.OneOf([iaa.Fliplr(1), iaa.Sequential([])])", "one_of: [{ fliplr: 1 }, { noop: {} }]"),
    ] {
        assert_eq!(read(augmenter), own(expected), "{augmenter}");
    }
}

#[test]
fn random_numbers_of_python_are_parameters() {
    let file = |steps: &str| {
        format!(
            "import random\nimport numpy as np\nimport imgaug.augmenters as iaa\ndef aug(img):\n  k = random.randint(1, 3)\n  \
             return iaa.Sequential([{steps}])(image=img)\n"
        )
    };
    for (steps, expected) in [
        ("iaa.Affine(rotate=random.uniform(-10, 10))", "affine: { rotate: [-10, 10] }"),
        ("iaa.Add(np.random.randint(-1, 1))", "add: { choice: [-1, 0] }"),
        ("iaa.Multiply(np.random.uniform(0.5, 1.5))", "multiply: [0.5, 1.5]"),
        (
            "iaa.SomeOf(random.randrange(1, 3), [iaa.Fliplr(1), iaa.Flipud(1)])",
            "some_of: { count: [1, 2], of: [{ fliplr: 1 }, { flipud: 1 }] }",
        ),
        ("iaa.Affine(rotate=random.randrange(2))", "affine: { rotate: { choice: [0, 1] } }"),
    ] {
        let (spec, words) = told(&file(steps));
        assert_eq!(spec, own(expected), "{steps}");
        assert!(words.contains("is drawn anew for each image here"), "{words}");
    }
    for choice in ["random.choice([0, 90])", "np.random.choice([0, 90])"] {
        let (spec, _) = told(&file(&format!("iaa.Affine(rotate={choice})")));
        assert_eq!(spec, own("affine: { rotate: { choice: [0, 90] } }"), "{choice}");
    }
    let twice = translate("flow.py", &file("iaa.Add(k), iaa.AverageBlur(k)"), &Wanted::default());
    let error = twice.unwrap_err().to_string();
    assert!(error.contains("the same random number decides two parameters"), "{error}");
    let step = translate("flow.py", &file("iaa.Add(random.randrange(0, 9, 3))"), &Wanted::default());
    assert!(step.is_err());
}

#[test]
fn copies_of_the_library_are_known_by_the_name_that_they_get() {
    for import in ["import vendor.augmenters as iaa", "from .third.imgaug import augmenters as iaa"] {
        let (spec, words) = told(&format!("{import}\nseq = iaa.Sequential([iaa.Fliplr(1)])\n"));
        assert_eq!(spec, own("fliplr: 1"));
        assert!(words.contains("is taken for imgaug.augmenters"), "{words}");
    }
    // A module of one's own that is called as such is one's own.
    let own =
        "from models import layers\nimport tensorflow as tf\nm = tf.keras.Sequential([layers.Thing(2)])\n";
    assert!(translate("flow.py", own, &Wanted::default()).is_err());
}

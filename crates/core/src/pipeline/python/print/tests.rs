//! What is printed is read again as the same, and what cannot be printed says why.

use super::*;
use crate::ops::ENTRIES;
use crate::pipeline::parse_step;
use crate::pipeline::python::{Wanted, translate};

fn spec_of(step: &str) -> Spec {
    Spec::of_steps(vec![parse_step(step).unwrap_or_else(|error| panic!("{step}\n{error}"))]).unwrap()
}

fn again(python: &str) -> Spec {
    translate("printed.py", python, &Wanted::default())
        .unwrap_or_else(|error| panic!("{error}\n{python}"))
        .spec
}

fn refused(library: &str, text: &str) -> String {
    let spec = Spec::parse("flow.yaml", text).unwrap();
    let refused = printer(library).unwrap().print(&spec, "Printed.").unwrap_err();
    let help = refused.help().unwrap();
    format!("{}\n{help}", refused.in_text("flow.yaml", text))
}

/// How many operations each library prints, and that each example comes back as it was.
#[test]
fn all_examples_of_operations_come_back_equal() {
    for (printer, all) in PRINTERS.iter().zip([72, 28]) {
        let mut printed = 0;
        for entry in ENTRIES.iter().filter(|entry| (printer.has)(entry)) {
            printed += 1;
            let mut equal = 0;
            for example in entry.doc.examples {
                let spec = spec_of(example);
                match printer.print(&spec, "Printed.") {
                    // Grains that channels share have another name in imgaug, which is another operation here.
                    Ok(_) if entry.key == "impulse_noise" => equal += 1,
                    Ok(python) => {
                        assert_eq!(again(&python), spec, "{python}");
                        equal += 1;
                    }
                    Err(refused) => assert!(refused.value.is_some(), "{example}: {refused}"),
                }
            }
            assert!(equal > 0, "no example of {} is printed for {}", entry.key, printer.name);
        }
        assert_eq!(printed, all, "{}", printer.name);
    }
}

#[test]
fn all_examples_of_combinators_come_back_equal_inside_a_branch_too() {
    let torchvision = printer("torchvision").unwrap();
    for step in [
        "sequential: { random_order: true, of: [fliplr: 0.5, flipud: 0.2] }",
        "sometimes: { p: 0.5, then: [torchvision.random_rotation: [-25, 25], torchvision.gaussian_blur: [3, 3]] }",
        "one_of: [torchvision.random_equalize: 1, noop: {}, sequential: [fliplr: 1, flipud: 1]]",
        "one_of: { weights: [0.2, 0.5, 0], of: [fliplr: 1, flipud: 1, noop: {}] }",
        // What takes tensors stands between two conversions, which are nothing here.
        "one_of: [torchvision.resize: { size: [9, 9], compat: tensor }, torchvision.random_erasing: {}, invert: 1]",
        "sometimes: { p: 1, then: [torchvision.random_erasing: {}, fliplr: 1, torchvision.resize: [20, 20]] }",
    ] {
        let spec = spec_of(step);
        let python = torchvision.print(&spec, "Printed.").unwrap();
        assert_eq!(again(&python), spec, "{python}");
    }
    // A sequence in a sequence is the longer one.
    let nested = spec_of("sequential: [fliplr: 0.5, flipud: 0.5]");
    let python = torchvision.print(&nested, "Printed.").unwrap();
    assert_eq!(again(&python), Spec::of_steps(nested.pipeline[0].kind.branches()[0].clone()).unwrap());
}

#[test]
fn tensors_are_made_where_they_are_taken() {
    let text = "version: 1\npipeline:\n- torchvision.random_crop: [28, 28]\n- torchvision.random_erasing: { p: 1, value: 9 }\n- fliplr: 0.5\n\
                - torchvision.random_affine: { degrees: [-5, 5], shear_x: [-8, 8], compat: tensor }\n- torchvision.pad: [1, 2, 3, 4]\n";
    let spec = Spec::parse("flow.yaml", text).unwrap();
    let python = printer("torchvision").unwrap().print(&spec, "Made of\nflow.yaml.").unwrap();
    let expected = "# Made of flow.yaml.
from torchvision import transforms

transform = transforms.Compose([
    transforms.RandomCrop(size=(28, 28), padding=(0, 0, 0, 0), pad_if_needed=False, fill=0, padding_mode=\"constant\"),
    transforms.PILToTensor(),
    transforms.RandomErasing(p=1.0, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=9),
    transforms.RandomHorizontalFlip(p=0.5),
    transforms.RandomAffine(degrees=(-5.0, 5.0), translate=(0.0, 0.0), scale=(1.0, 1.0), shear=(-8.0, 8.0, 0.0, 0.0), interpolation=transforms.InterpolationMode.NEAREST, fill=0),
    transforms.ToPILImage(),
    transforms.Pad(padding=(1, 2, 3, 4), fill=0, padding_mode=\"constant\"),
])
";
    assert_eq!(python, expected);
    assert_eq!(again(&python), spec);
}

/// What imgaug itself refused.
#[test]
fn imgaug_gets_the_kinds_of_values_that_it_takes() {
    for (step, words) in [
        ("affine: { translate_px: { x: [-2, 2], y: 1 } }", "translate_px={\"x\": (-2, 2), \"y\": 1}"),
        ("crop_to_fixed_size: { height: 24, position: { x: 0.5, y: [0, 1] } }", "width=None, height=24"),
        (
            "crop_to_fixed_size: { height: 24, position: { x: 0.5, y: [0, 1] } }",
            "(iap.Deterministic(0.5), iap.Uniform(0.0, 1.0))",
        ),
        ("cutout: { position: { x: 0.25, y: 0.5 } }", "position=(0.25, 0.5)"),
        ("superpixels: { p_replace: 0.5, n_segments: 10, max_size: null }", "max_size=None"),
    ] {
        let spec = spec_of(step);
        let python = printer("imgaug").unwrap().print(&spec, "Printed.").unwrap();
        assert!(python.contains(words), "{words}: {python}");
        assert_eq!(again(&python), spec, "{python}");
    }
}

/// A bare distribution would be the mask itself for imgaug, and no probability.
#[test]
fn probabilities_that_are_drawn_are_put_into_binomials() {
    for (step, words, comes_back) in [
        ("salt: { p: { normal: [0.2, 0.01] } }", "Salt(p=iap.Binomial(iap.Normal(0.2, 0.01))", true),
        // Pasted arithmetic over parameters is not followed.
        (
            "dropout: { p: { normal: [0.2, 0.01] } }",
            "Dropout(p=iap.Binomial(1 - iap.Normal(0.2, 0.01))",
            false,
        ),
        ("dropout: { p: [0.1, 0.2] }", "Dropout(p=(0.1, 0.2)", true),
    ] {
        let spec = spec_of(step);
        let python = printer("imgaug").unwrap().print(&spec, "Printed.").unwrap();
        assert!(python.contains(words), "{words}: {python}");
        match translate("printed.py", &python, &Wanted::default()) {
            Ok(read) => assert_eq!((read.spec, comes_back), (spec, true), "{python}"),
            Err(error) => assert!(!comes_back, "{error}"),
        }
    }
}

#[test]
fn what_a_library_does_not_have_says_where_it_stands_and_what_there_is() {
    let flow = |step: &str| {
        format!("version: 1\npipeline:\n- fliplr: 0.5\n- sometimes: {{ p: 0.5, then: [{step}] }}\n")
    };
    for (library, step, words) in [
        (
            "torchvision",
            "gaussian_blur: 1",
            &[
                "flow.yaml:4:31: torchvision has no counterpart of gaussian_blur",
                "imgaug has one: --library imgaug; torchvision has torchvision.gaussian_blur",
            ][..],
        ),
        (
            "torchvision",
            "add: 3",
            &["torchvision has no counterpart of add", "imgaug has one: --library imgaug"],
        ),
        (
            "torchvision",
            "invert: { p: 1, per_channel: true }",
            &["no counterpart of invert with per_channel: 1.0", "--library imgaug"],
        ),
        (
            "torchvision",
            "some_of: { count: 1, of: [fliplr] }",
            &["counterpart of some_of", "--library imgaug"],
        ),
        (
            "imgaug",
            "torchvision.random_erasing: {}",
            &[
                "flow.yaml:4:31: imgaug has no counterpart of torchvision.random_erasing",
                "--library torchvision",
            ],
        ),
        (
            "imgaug",
            "one_of: { weights: [1, 2], of: [fliplr, flipud] }",
            &["imgaug has no counterpart of one_of with weights", "--library torchvision"],
        ),
        (
            "imgaug",
            "resize: { height: 9, width: 9 }",
            &["resize with interpolation: auto", "Leave the step out"],
        ),
        ("imgaug", "keras.random_rotation: 0.1", &["imgaug has no", "Leave the step out"]),
        (
            "torchvision",
            "torchvision.random_resized_crop: {}",
            &[
                "random_resized_crop with no size",
                "Give it a size: torchvision.random_resized_crop: { size: ... }",
            ],
        ),
        (
            "torchvision",
            "keras.random_rotation: 0.1",
            &["Use torchvision.random_rotation, which torchvision has"],
        ),
    ] {
        let text = refused(library, &flow(step));
        for words in words {
            assert!(text.contains(words), "{library}: {step}\n{text}");
        }
    }
}

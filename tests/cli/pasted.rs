//! Pipelines out of Python files and notebooks, as they are typed.

use serde_json::json;

use crate::harness::{Images, Place};

const TWO: &str = "import imgaug.augmenters as iaa\na = iaa.Sequential([iaa.Fliplr(0.5)])\ndef get(size):\n    \
                   return iaa.Sequential([\n        iaa.Resize(size), iaa.Flipud(1)])\nb = iaa.Flipud(0.5)\n";

/// `pipeline convert` prints a pipeline with `part` in it.
#[track_caller]
fn gives(place: &Place, words: &str, part: &str) {
    let run = place.run(&format!("pipeline convert {words}")).ok();
    assert!(run.out.contains(part), "{words}: {}", run.out);
}

#[test]
fn a_notebook_is_a_pipeline() {
    let place = Place::new();
    let notebook = json!({ "cells": [
        { "cell_type": "markdown", "metadata": {}, "source": "text" },
        { "cell_type": "code", "metadata": {}, "outputs": [{ "data": { "image/png": "x".repeat(2 << 20) } }], "source": [
            "!pip install x\n",
            "from tensorflow.keras.preprocessing.image import ImageDataGenerator\n",
            "datagen = ImageDataGenerator(rotation_range=10, zoom_range=0.1)\n",
        ] },
    ], "metadata": {}, "nbformat": 4, "nbformat_minor": 5 });
    place.write("flow.ipynb", notebook.to_string());
    gives(&place, "flow.ipynb", "rotation_range: 10");
    place.run("augment -i digits:5 --pipeline flow.ipynb --out out").ok();
    place.write("bad.ipynb", json!({ "cells": [{ "cell_type": "code", "source": "x = = 1" }] }).to_string());
    place.run("pipeline check bad.ipynb").fails(2, &["bad.ipynb: cell 1, line 1, column 5"]);
    place.write("none.ipynb", "{}");
    place.run("pipeline check none.ipynb").fails(2, &["no cells of code"]);
}

#[test]
fn names_lines_and_values_choose() {
    let place = Place::new();
    place.write("flow.py", TWO);
    place.run("pipeline convert flow.py").ok().says(&["a (line 2) is taken", "--name get", "--name b"]);
    gives(&place, "flow.py --name a", "fliplr");
    gives(&place, "flow.py --line 6", "flipud");
    place
        .run("pipeline convert flow.py --name get")
        .ok()
        .says(&["Resize is left out, because size is not known", "--set size=VALUE"]);
    gives(&place, "flow.py --name get --set size=14", "height: 14");
    place.run("augment -i digits:5 --pipeline flow.py --line 5 --set size=14 --out out").ok();
    place
        .run("pipeline convert flow.py --name a --set size=14 --set more=1")
        .fails(2, &["--set more: nothing in this file"]);
    place.run("pipeline convert flow.py --name a --line 6").exits(2);
    place.run("pipeline check imgaug-light --line 6").fails(2, &["only Python files"]);
    place.run("pipeline convert flow.py --line x").exits(2).says(&["the number of a line"]);
}

const FLOW: &str = "from torchvision import transforms as T\nt = T.Compose([\n    T.RandomRotation(10),\n    T.ToTensor(),\n    \
                    T.Normalize(0.5, 0.5)])\n";

#[test]
fn what_became_of_each_step_is_told_beside_the_pipeline() {
    let place = Place::new();
    place.write("flow.py", FLOW);
    let run = place.run("pipeline convert flow.py").ok();
    assert!(run.out.starts_with("# Converted from flow.py.\nversion: 1\n"), "{}", run.out);
    run.says(&[
        "warning: flow.py:5:5: Normalize is passed over",
        "pipeline convert: 1 step",
        "  flow.py:3:5: torchvision.random_rotation",
        "skipped: flow.py:4:5: ToTensor",
    ]);
    let run = place.run("pipeline convert flow.py --json").ok();
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        json["listed"][0],
        json!({ "step": "torchvision.random_rotation", "depth": 0, "at": "flow.py:3:5" })
    );
    assert_eq!(json["skipped"], json!(["flow.py:4:5: ToTensor"]));
    place.run("pipeline convert flow.py -o flow.yaml --compat tensor").ok().says(&["to flow.yaml"]);
}

#[test]
fn one_option_says_versions_and_arithmetics() {
    let place = Place::new();
    place
        .write("alb.py", "import albumentations as A\nt = A.Compose([A.GaussNoise(p=1), A.RGBShift(p=1)])\n");
    for (version, deviation) in [(1, "var_limit"), (2, "gauss_noise: [0.2, 0.44]")] {
        let run = place.run(&format!("pipeline convert alb.py --compat albumentations{version}")).ok();
        assert!(run.out.contains(deviation), "{}", run.out);
        // The default is the newer one.
        assert_eq!(run.out.contains("compat: 1"), version == 1, "{}", run.out);
    }
    place.run("pipeline convert alb.py --compat albumentation2").fails(2, &["did you mean albumentations2?"]);
    place.write("alb.yaml", "version: 1\npipeline:\n- albumentations.rgb_shift: {}\n- fliplr: 0.5\n");
    let run = place
        .run("pipeline convert alb.yaml --compat albumentations1")
        .ok()
        .says(&["compat albumentations1 applies to 1 step"]);
    assert!(run.out.contains("compat: 1"), "{}", run.out);
    let images = Images::new(3, 28, 28);
    place.idx("in", &images);
    place.run("augment -i in --pipeline alb.yaml --compat albumentations1 -o out").ok();
    place
        .run("augment -i in --pipeline alb.yaml --compat tensor -o other")
        .fails(2, &["no step of this pipeline"]);
}

#[test]
fn a_sheet_shows_images_before_and_after_as_augment_makes_them() {
    let (place, images) = (Place::new(), Images::new(30, 28, 28));
    place.idx("in", &images);
    place.write("flow.yaml", "version: 1\npipeline:\n  - fliplr: 0.5\n  - add: [10, 90]\n");
    let run = place.run("pipeline convert flow.yaml --preview in --seed 7 --count 12 -o sheet.png").ok();
    assert!(run.out.contains("fliplr: 0.5"), "the pipeline is data: {}", run.out);
    run.says(&["12 images of train, before and after, to sheet.png"]);
    place.run("augment -i in --pipeline flow.yaml --seed 7 --format png -o out").ok();
    place.run("preview out --count 12 --columns 10 -o after.png").ok();
    place.run("preview in --count 12 --columns 10 -o before.png").ok();
    let open = |name: &str| image::open(place.path(name)).unwrap().to_rgb8();
    let (sheet, before, after) = (open("sheet.png"), open("before.png"), open("after.png"));
    // Cells of 84 x 84, with 4 pixels between and a caption of 11 below.
    let row = |row: u32| 4 + row * 99;
    assert_eq!(sheet.dimensions(), (4 + 10 * 88, row(4)));
    for image in 0..12 {
        let (x, pair) = (4 + image % 10 * 88, image / 10);
        for (dy, dx) in (0..84).flat_map(|dy| (0..84).map(move |dx| (dy, dx))) {
            let at = |sheet: &image::RgbImage, y: u32| *sheet.get_pixel(x + dx, y + dy);
            assert_eq!(at(&sheet, row(2 * pair)), at(&before, row(pair)), "image {image} before");
            assert_eq!(at(&sheet, row(2 * pair + 1)), at(&after, row(pair)), "image {image} after");
        }
    }
    assert_ne!(before, after);
    // Where there is no image there is paper.
    assert_eq!(sheet.get_pixel(4 + 5 * 88, row(2) + 40).0, [255; 3]);
    place.run("pipeline convert flow.yaml --preview in -o sheet.png").ok();
    place.run("pipeline convert flow.yaml --preview in").exits(2).says(&["--out"]);
    place.run("pipeline convert flow.yaml --seed 3").exits(2).says(&["--preview"]);
    let before = place.files(".");
    for (words, said) in [
        ("--preview in -o sheet.yaml", "a sheet, whose name ends as those of pictures do"),
        ("-o sheet.png", "add --preview SRC"),
        ("-o flow.py", "add --library"),
        ("--library imgaug -o new.yaml", "end the name in .py"),
        ("--preview none -o sheet.png", "none"),
    ] {
        let run = place.run(&format!("pipeline convert flow.yaml {words}"));
        assert!(matches!(run.code, Some(2 | 66)), "{words}: {run:?}");
        run.says(&[said]);
    }
    place.write("dear.png", "mine");
    place.run("pipeline convert flow.yaml --preview in -o dear.png").fails(73, &["not a picture"]);
    place.write("dear.png", "");
    std::fs::remove_file(place.path("dear.png")).unwrap();
    assert!(place.files(".") == before);
}

#[test]
fn a_pipeline_becomes_python_of_a_library() {
    let place = Place::new();
    place.write("flow.yaml", "version: 1\npipeline:\n  - fliplr: 0.5\n  - sometimes: { p: 0.3, then: [torchvision.random_erasing: {}] }\n");
    place
        .run("pipeline convert flow.yaml --library torchvision -o flow.py")
        .ok()
        .says(&["3 steps", "to flow.py"]);
    place.run("pipeline convert flow.py -o again.yaml").ok();
    let steps = |name: &str| {
        let run = place.run(&format!("pipeline convert {name} --json")).ok();
        serde_json::from_str::<serde_json::Value>(&run.out).unwrap()["pipeline"].take()
    };
    assert_eq!(steps("again.yaml"), steps("flow.yaml"));
    // A file of its own is replaced.
    place.run("pipeline convert flow.yaml --library torchvision -o flow.py").ok();
    let run = place.run("pipeline convert imgaug-heavy --library imgaug").ok();
    assert!(run.out.contains("seq = iaa.Sequential(["), "{}", run.out);
    place.run("pipeline convert flow.yaml --library imgaug").fails(
        2,
        &[
            "flow.yaml:4:33: imgaug has no counterpart of torchvision.random_erasing",
            "^^^^",
            "--library torchvision",
        ],
    );
    place
        .run("pipeline convert flow.yaml --library albumentations")
        .exits(2)
        .says(&["expected imgaug or torchvision"]);
}

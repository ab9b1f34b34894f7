//! Pipelines out of Python files and notebooks, as they are typed.

use serde_json::json;

use crate::harness::Place;

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
        .fails(2, &["size is not known before get is called", "--set size=VALUE"]);
    gives(&place, "flow.py --name get --set size=14", "height: 14");
    place.run("augment -i digits:5 --pipeline flow.py --line 5 --set size=14 --out out").ok();
    place
        .run("pipeline convert flow.py --name a --set size=14 --set more=1")
        .fails(2, &["--set more: nothing in this file"]);
    place.run("pipeline convert flow.py --name a --line 6").exits(2);
    place.run("pipeline check imgaug-light --line 6").fails(2, &["only Python files"]);
    place.run("pipeline convert flow.py --line x").exits(2).says(&["the number of a line"]);
}

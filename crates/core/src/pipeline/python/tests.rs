//! Pasted Python: what it becomes, what is refused, and that printing and reading agree.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::read::{Said, tree_of};
use super::scan::{self, Lines};
use super::*;
use crate::pipeline::parse_step;
use crate::pipeline::presets::preset;
use crate::text::tree::{Tree, Value};

const HEAVY: &str = include_str!("fixtures/heavy.py");
const LIGHT: &str = include_str!("fixtures/light.py");
const FASHION: &str = include_str!("fixtures/fashion.py");

fn spec_of(preset_name: &str) -> Spec {
    Spec::parse(preset_name, preset(preset_name).unwrap().text).unwrap()
}

/// The steps of a file as they would stand in a pipeline file, and the warnings.
fn steps(text: &str) -> (Json, Vec<String>) {
    fn json(tree: &Tree) -> Json {
        match &tree.value {
            Value::Null => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Int(value) => json!(value),
            Value::Float(value) => json!(value),
            Value::Text(text) => json!(text),
            Value::List(items) => items.iter().map(json).collect(),
            Value::Map(entries) => {
                entries.iter().map(|(key, value)| (key.text.clone(), json(value))).collect()
            }
        }
    }
    let (suite, text) = scan::parse(text, &Lines::new(text, &[])).unwrap();
    let lines = Lines::new(&text, &[]);
    let Said { tree, warnings, .. } = tree_of(&suite, &lines, &Wanted::default())
        .unwrap_or_else(|complaint| panic!("{text}\n{complaint:?}"));
    let warnings =
        warnings.iter().map(|(at, warning)| format!("{}:{}: {warning}", at.line, at.column)).collect();
    (json(&tree)["pipeline"].take(), warnings)
}

fn imgaug(expression: &str) -> Json {
    steps(&format!("import imgaug as ia\nimport imgaug.augmenters as iaa\nseq = {expression}\n")).0
}

fn error(text: &str) -> String {
    match translate("flow.py", text, &Wanted::default()) {
        Ok(translation) => panic!("{text}\n{:?}", translation.spec),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_heavy_and_the_light_pipeline_are_the_presets() {
    let heavy = translate("heavy.py", HEAVY, &Wanted::default()).unwrap();
    assert_eq!(heavy.spec, spec_of("imgaug-heavy"));
    assert_eq!(heavy.warnings, Vec::<String>::new());
    let light = translate("light.py", LIGHT, &Wanted::default()).unwrap();
    assert_eq!(light.spec, spec_of("imgaug-light"));
    assert_eq!(light.warnings, Vec::<String>::new());
}

#[test]
fn image_data_generators_keep_their_parameters() {
    let expected = json!([{ "keras_transform": {
        "rotation_range": 10, "zoom_range": 0.1, "shear_range": 0.5,
        "width_shift_range": 0.1, "height_shift_range": 0.1, "horizontal_flip": true,
    } }]);
    let spec = translate("fashion.py", FASHION, &Wanted::default()).unwrap().spec;
    let pipeline = json!({ "version": 1, "pipeline": expected.clone() });
    assert_eq!(spec, Spec::parse("own", &pipeline.to_string()).unwrap());
    let yaml = crate::pipeline::write::yaml(&spec, "");
    assert_eq!(Spec::parse("own", &yaml).unwrap(), spec, "{yaml}");
    assert_eq!(steps(FASHION), (expected, Vec::new()));
    let legacy =
        steps("from keras_preprocessing.image import ImageDataGenerator\ng = ImageDataGenerator()\n").0;
    assert_eq!(legacy, json!([{ "keras_transform": { "compat": "keras_preprocessing" } }]));
    let (got, warnings) = steps(
        "import keras\nx = keras.preprocessing.image.ImageDataGenerator(True, zoom_range=[0.5, 1.0], \
         width_shift_range=(-1, 0, 1), rescale=1./255, validation_split=0.2).flow_from_directory('x')\n",
    );
    assert_eq!(
        got,
        json!([{ "keras_transform": {
            "zoom_range": [0.5, 1.0], "width_shift_range": [-1, 0, 1], "compat": "keras_preprocessing",
        } }])
    );
    assert_eq!(warnings.len(), 4, "{warnings:?}");
    assert!(warnings[0].starts_with("2:"), "{warnings:?}");
    assert!(
        error("from a import ImageDataGenerator\nd = ImageDataGenerator(preprocessing_function=f)")
            .contains("never assigned")
    );
    assert!(
        error("from a import ImageDataGenerator\nd = ImageDataGenerator(preprocessing_function=lambda x: x)")
            .contains("Python, which does not run")
    );
}

#[test]
fn keras_layers_become_their_own_steps() {
    let (got, warnings) = steps(
        "import tensorflow as tf\nfrom tensorflow.keras import layers\n\
         model = tf.keras.Sequential([layers.Conv2D(32, 3), layers.Dense(10)])\n\
         augment = tf.keras.Sequential([\n  layers.RandomFlip('horizontal'),\n  layers.RandomRotation(0.1),\n  \
         layers.RandomTranslation(0.2, (0.3, -0.1), fill_mode='nearest', seed=3),\n  layers.RandomZoom(-0.25),\n  \
         layers.RandomContrast(0.5),\n  layers.RandomFlip(),\n  layers.RandomRotation(40),\n  layers.Rescaling(1./255),\n  \
         layers.RandomErasing(0.5, fill_value=0.2),\n  layers.RandomSaturation((0.4, 0.6), value_range=(0, 1)),\n  \
         layers.Resizing(32, 32, 'nearest', antialias=False),\n])\naugment(images)\n",
    );
    let expected = json!([
        { "fliplr": 0.5 },
        { "keras.random_rotation": { "factor": 0.1 } },
        { "keras.random_translation": { "height_factor": 0.2, "width_factor": [0.3, -0.1], "fill_mode": "nearest" } },
        { "keras.random_zoom": { "height_factor": -0.25 } },
        { "keras.random_contrast": { "factor": 0.5 } },
        { "keras.random_flip": {} },
        { "keras.random_rotation": { "factor": 40 } },
        { "keras.random_erasing": { "factor": 0.5, "fill_value": 51.0 } },
        { "keras.random_saturation": { "factor": [0.4, 0.6], "value_range": [0, 1] } },
        { "keras.resizing": { "height": 32, "width": 32, "interpolation": "nearest" } },
    ]);
    assert_eq!(got, expected);
    for (line, words) in
        [(7, "seed is passed over"), (9, "up to 3.5"), (10, "up to 3.5"), (11, "14400 degrees")]
    {
        let found = warnings
            .iter()
            .any(|warning| warning.starts_with(&format!("{line}:")) && warning.contains(words));
        assert!(found, "{line}: {words}: {warnings:?}");
    }
}

#[test]
fn layers_of_keras_2_follow_its_rules() {
    let (got, warnings) = steps(
        "from tensorflow.keras import Sequential\nfrom tensorflow.keras.layers.experimental import preprocessing\n\
         augment = Sequential([preprocessing.RandomFlip(), preprocessing.RandomContrast(0.1), preprocessing.RandomHeight(0.2)])\n",
    );
    let expected = json!([
        { "keras.random_flip": { "compat": "keras3.5" } },
        { "keras.random_contrast": { "factor": 0.1, "compat": "keras3.5" } },
        { "keras.random_height": { "factor": 0.2 } },
    ]);
    assert_eq!(got, expected);
    assert!(warnings.iter().all(|warning| warning.contains("Keras 2")), "{warnings:?}");
}

#[test]
fn albumentations_with_exact_counterparts_are_translated() {
    let (got, warnings) = steps(
        "import albumentations as A\nfrom albumentations.pytorch import ToTensorV2\n\
         transform = A.Compose([A.HorizontalFlip(), A.VerticalFlip(p=0.2), A.InvertImg(always_apply=True),\n\
         A.OneOf([A.HorizontalFlip(p=0.3), A.NoOp(p=0.3)], p=0.4), A.Normalize()])\n",
    );
    let expected = json!([
        { "fliplr": 0.5 }, { "flipud": 0.2 }, { "invert": 1.0 },
        { "sometimes": { "p": 0.4, "then": [{ "one_of": [{ "fliplr": 1.0 }, { "noop": {} }] }] } },
    ]);
    assert_eq!(got, expected);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let message = error("import albumentations as A\nt = A.Compose([\n  A.Spatter(),\n])");
    assert!(message.starts_with("flow.py:3:3: the transform Spatter has no exact counterpart"), "{message}");
}

#[test]
fn the_forms_of_values_keep_their_meaning() {
    for (expression, expected) in [
        ("iaa.Add((-5, 5))", json!({ "add": { "value": [-5, 5] } })),
        ("iaa.Add([1, 2, 3])", json!({ "add": { "value": { "choice": [1, 2, 3] } } })),
        ("iaa.Affine(rotate=(5, -5))", json!({ "affine": { "rotate": [-5, 5] } })),
        ("iaa.Scale(28)", json!({ "resize": { "height": 28, "width": 28, "interpolation": "cubic" } })),
        ("iaa.Add()", json!({ "add": { "value": [-20, 20] } })),
        ("iaa.MedianBlur(3.0)", json!({ "median_blur": { "k": 3 } })),
        // The first side is the width.
        ("iaa.AverageBlur(((1, 3), (5, 7)))", json!({ "average_blur": { "k": [5, 7], "columns": [1, 3] } })),
        ("iaa.AverageBlur((3, (5, 7)))", json!({ "average_blur": { "k": [5, 7], "columns": 3 } })),
        ("iaa.AverageBlur(((1, 3), 5))", json!({ "average_blur": { "k": 5, "columns": [1, 3] } })),
        ("iaa.Rotate((-2 ** 3, 7 // 2))", json!({ "affine": { "rotate": [-8, 3] } })),
        ("iaa.ShearY(4)", json!({ "affine": { "shear": { "y": 4 } } })),
        (
            "iaa.Affine(shear=(-4, 4), cval=ia.ALL)",
            json!({ "affine": { "shear": [-4, 4], "cval": [0, 255] } }),
        ),
        (
            "iaa.Crop(px=(1, (2, 3), [4, 5], 0))",
            json!({ "crop": { "px": [1, [2, 3], { "choice": [4, 5] }, 0] } }),
        ),
        (
            "iaa.Resize({'height': 14, 'width': 28})",
            json!({ "resize": { "height": 14, "width": 28, "interpolation": "cubic" } }),
        ),
        (
            "iaa.SomeOf((1, None), [iaa.Fliplr(), iaa.Flipud()])",
            json!({ "some_of": { "count": [1, 2], "of": [{ "fliplr": {} }, { "flipud": {} }] } }),
        ),
        (
            "iaa.Sometimes(0.25, iaa.Fliplr(), iaa.Flipud())",
            json!({ "one_of": [{ "fliplr": {} }, { "flipud": {} }, { "flipud": {} }, { "flipud": {} }] }),
        ),
        (
            "iaa.BlendAlphaSimplexNoise(iaa.EdgeDetect(1), upscale_method=['linear'])",
            json!({ "simplex_noise_alpha": { "upscale": ["linear"], "first": [{ "edge_detect": { "alpha": 1 } }] } }),
        ),
        (
            "iaa.Multiply(**{'mul': ia.parameters.Choice([0.5, 2])})",
            json!({ "multiply": { "mul": { "choice": [0.5, 2] } } }),
        ),
        ("[iaa.Fliplr(p) for p in [0.1, 0.2]][1]", json!({ "fliplr": { "p": 0.2 } })),
        ("iaa.Fliplr(0.1) if not 0 else None", json!({ "fliplr": { "p": 0.1 } })),
    ] {
        let got = if expression.starts_with("iaa.") && !expression.contains(" if ") {
            imgaug(expression)
        } else {
            imgaug(&format!("iaa.Sequential([{expression}])"))
        };
        assert_eq!(got, json!([expected]), "{expression}");
    }
}

#[test]
fn what_has_no_meaning_here_is_passed_over_with_a_warning() {
    let text = "seq = iaa.Sequential([iaa.Fliplr(0.5, name='flip')], random_state=1)\n";
    let translation = translate("flow.py", text, &Wanted::default()).unwrap();
    assert_eq!(translation.spec.pipeline.len(), 1);
    let [a, b, c] = translation.warnings.as_slice() else { panic!("{:?}", translation.warnings) };
    assert_eq!(a, "flow.py:1:7: iaa is never imported; it is taken for imgaug.augmenters");
    assert!(b.starts_with("flow.py:1:39: name is passed over"), "{b}");
    assert!(c.starts_with("flow.py:1:54: random_state is passed over; the seed"), "{c}");
}

#[test]
fn errors_have_a_place_and_a_reason() {
    let head = "import imgaug as ia\nimport imgaug.augmenters as iaa\n";
    for (text, place, reason) in [
        ("seq = iaa.Sequential([iaa.Fliplr(0.5)\n", "3:38", "this is no Python"),
        ("x = 1\n", "", "there is no pipeline in this file"),
        (
            "seq = iaa.Sequential([\n  iaa.GausianBlur(1)])",
            "4:3",
            "not known here; did you mean GaussianBlur?",
        ),
        ("seq = iaa.Sequential([iaa.Fliplr(prob)])", "3:34", "the name prob is never assigned"),
        ("seq = iaa.Sequential([iaa.Fliplr(prob=1)])", "3:34", "Fliplr has no parameter prob here"),
        ("seq = iaa.Fliplr(0.5, 1)", "3:23", "Fliplr takes 1 values"),
        ("seq = iaa.Fliplr(0.5, p=1)", "3:23", "Fliplr gets p twice"),
        ("seq = iaa.Fliplr(2)", "3:18", "2 is not a probability"),
        ("seq = iaa.PerspectiveTransform(fit_output=True)", "3:43", "fit_output=False here and nothing else"),
        ("seq = iaa.Affine(order=2)", "3:24", "none of 0, 1, 3"),
        ("seq = iaa.Add(ia.parameters.Weibull(1))", "3:15", "the distribution Weibull is not there here"),
        ("seq = iaa.Lambda(f)", "3:7", "Lambda has no counterpart here"),
        ("seq = iaa.imgcorruptlike.JpegCompression(1)", "3:7", "of iaa.imgcorruptlike is not there here"),
        ("f = lambda x: f(x)\nseq = iaa.Sequential([f(1)])", "3:", "nested deeper than 100"),
        ("f = lambda x: [f(x), f(x)]\nseq = iaa.Sequential(f(1))", "3:", "nested deeper than 100"),
        ("seq = iaa.Sequential([iaa.Fliplr(1 / 0)])", "3:34", "no finite number"),
        (
            "l = []\nfor i in x():\n  l.append(iaa.Fliplr(i))\nseq = iaa.Sequential(l)",
            "4:5",
            "how often it runs",
        ),
        ("if a:\n  p = 1\nelse:\n  p = 0\nseq = iaa.Fliplr(p)", "3:4", "depends on this condition"),
        ("seq = iaa.Sequential([])", "3:7", "nothing is left of the pipeline"),
        ("seq = Sequential([iaa.Fliplr(1)])", "3:7", "the name Sequential is never assigned"),
        ("seq = iaa.Sometimes(0.123, iaa.Fliplr(1), iaa.Flipud(1))", "3:7", "up to 20 equal"),
    ] {
        let got = error(&format!("{head}{text}"));
        let start = if place.is_empty() { "flow.py: ".to_owned() } else { format!("flow.py:{place}") };
        assert!(got.starts_with(&start) && got.contains(reason), "{text}\n{got}");
    }
    let carets = error(&format!("{head}seq = iaa.Fliplr(0.5, px=1)\n"));
    assert!(
        carets.ends_with("\n 3 | seq = iaa.Fliplr(0.5, px=1)\n   |                       ^^^^"),
        "{carets}"
    );
    assert!(error(&"#".repeat(1 << 21)).contains("at most 1 MiB"));
}

#[test]
fn a_name_decides_between_pipelines() {
    let text = "import imgaug.augmenters as iaa\na = iaa.Fliplr(1)\nb = iaa.Flipud(1)\nclass C:\n  pass\n";
    let named = |name| translate("flow.py", text, &Wanted { name: Some(name), ..Wanted::default() });
    assert_eq!(named("a").unwrap().spec.pipeline[0].kind.key(), "fliplr");
    assert_eq!(named("b").unwrap().spec.pipeline[0].kind.key(), "flipud");
    assert!(named("c").unwrap_err().to_string().contains("no pipeline of this name"));
    let again = "import imgaug.augmenters as iaa\na = iaa.Fliplr(1)\na = iaa.Flipud(1)\n";
    let translation = translate("flow.py", again, &Wanted::default()).unwrap();
    assert_eq!(translation.spec.pipeline[0].kind.key(), "flipud");
    assert!(translation.warnings[0].contains("assigned again"), "{:?}", translation.warnings);
}

#[test]
fn pipelines_inside_functions_are_found() {
    for text in [
        "import imgaug.augmenters as iaa\ndef main(path, p=0.5):\n  seq = iaa.Sequential([iaa.Fliplr(p)])\n  seq(images=path)\n",
        "import imgaug.augmenters as iaa\ndef make():\n  return iaa.Sequential([iaa.Fliplr(0.5)])\n",
        "import imgaug.augmenters as iaa\ndef make(p):\n  return iaa.Sequential([iaa.Fliplr(p)])\nif __name__ == '__main__':\n  seq = make(0.5)\n",
        "import imgaug.augmenters as iaa\nclass Set:\n  def __init__(self):\n    self.seq = iaa.Sequential([iaa.Fliplr(0.5)])\n",
        "%matplotlib inline\nimport imgaug.augmenters as iaa\niaa.Fliplr(0.5).augment_images(x)\n",
    ] {
        assert_eq!(steps(text).0, json!([{ "fliplr": { "p": 0.5 } }]), "{text}");
    }
}

/// Numbers that are short in both languages, and some that are not.
fn number(lo: f64, hi: f64) -> impl Strategy<Value = Json> {
    let one = move || {
        prop_oneof![(lo..=hi).prop_map(|x| (x * 8.0).round() / 8.0), lo..=hi]
            .prop_map(move |x: f64| x.clamp(lo, hi))
    };
    prop_oneof![
        one().prop_map(|x| json!(x)),
        (one(), one()).prop_map(|(a, b)| json!([a.min(b), a.max(b)])),
        prop::collection::vec(one(), 1..4).prop_map(|values| json!({ "choice": values })),
    ]
}

fn whole(lo: i64, hi: i64) -> impl Strategy<Value = Json> {
    prop_oneof![
        (lo..=hi).prop_map(|x| json!(x)),
        (lo..=hi, lo..=hi).prop_map(|(a, b)| json!([a.min(b), a.max(b)])),
        prop::collection::vec(lo..=hi, 1..4).prop_map(|values| json!({ "choice": values })),
    ]
}

fn axes(lo: f64, hi: f64) -> impl Strategy<Value = Json> {
    prop_oneof![number(lo, hi), (number(lo, hi), number(lo, hi)).prop_map(|(x, y)| json!({ "x": x, "y": y }))]
}

fn sides(lo: f64, hi: f64) -> impl Strategy<Value = Json> {
    let side = move || number(lo, hi);
    prop_oneof![side(), (side(), side(), side(), side()).prop_map(|(a, b, c, d)| json!([a, b, c, d]))]
}

fn names(names: &'static [&'static str]) -> impl Strategy<Value = Json> {
    prop_oneof![
        prop::sample::select(names).prop_map(|name| json!(name)),
        prop::collection::vec(prop::sample::select(names), 1..4).prop_map(|names| json!(names)),
        Just(json!("all")),
    ]
}

/// Steps without branches that imgaug has, too.
fn plain_step() -> impl Strategy<Value = Json> {
    const MODES: &[&str] = &["constant", "edge", "symmetric", "reflect", "wrap"];
    let chance =
        || prop_oneof![(0.0..=1.0).prop_map(|p: f64| json!(p)), any::<bool>().prop_map(|p| json!(p))];
    prop_oneof![
        (number(-255.0, 255.0), chance())
            .prop_map(|(v, c)| json!({ "add": { "value": v, "per_channel": c } })),
        (number(0.0, 4.0), chance()).prop_map(|(v, c)| json!({ "multiply": { "mul": v, "per_channel": c } })),
        chance().prop_map(|p| json!({ "fliplr": p })),
        chance().prop_map(|p| json!({ "invert": p })),
        whole(-255, 255).prop_map(|v| json!({ "add_to_hue_and_saturation": { "value_hue": v } })),
        whole(1, 99).prop_map(|k| json!({ "median_blur": k })),
        (whole(1, 9), prop::collection::vec(1..9_i64, 2)).prop_map(|(k, c)| match k {
            Json::Array(_) =>
                json!({ "average_blur": { "k": k, "columns": [c[0].min(c[1]), c[0].max(c[1])] } }),
            k => json!({ "average_blur": k }),
        }),
        (
            axes(0.1, 4.0),
            axes(-1.0, 1.0),
            number(-180.0, 180.0),
            axes(-45.0, 45.0),
            names(MODES),
            number(0.0, 255.0)
        )
            .prop_map(|(scale, shift, rotate, shear, mode, cval)| json!({ "affine": {
                "scale": scale, "translate_percent": shift, "rotate": rotate, "shear": shear,
                "mode": mode, "cval": cval, "order": [0, 1],
            } })),
        (sides(-0.5, 2.0), names(MODES), whole(0, 255), any::<bool>()).prop_map(
            |(percent, mode, cval, keep)| json!({ "crop_and_pad": {
                "percent": percent, "pad_mode": mode, "pad_cval": cval, "keep_size": keep,
            } })
        ),
        sides(0.0, 0.4).prop_map(|percent| json!({ "crop": { "percent": percent } })),
        (number(0.0, 1.0), whole(1, 300), prop_oneof![Just(Json::Null), (1..999).prop_map(|n| json!(n))])
            .prop_map(
                |(p, n, m)| json!({ "superpixels": { "p_replace": p, "n_segments": n, "max_size": m } })
            ),
        (number(0.0, 1.0), number(0.0, 1.0), chance()).prop_map(
            |(p, s, c)| json!({ "coarse_dropout": { "p": p, "size_percent": s, "per_channel": c } })
        ),
        (1..64, 1..64, prop::sample::select(&["nearest", "linear", "cubic"][..]))
            .prop_map(|(h, w, i)| json!({ "resize": { "height": h, "width": w, "interpolation": i } })),
        Just(json!({ "noop": {} })),
    ]
}

fn any_step() -> impl Strategy<Value = Json> {
    plain_step().prop_recursive(3, 24, 4, |inner| {
        let list = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (list(), any::<bool>()).prop_map(|(of, r)| json!({ "sequential": { "random_order": r, "of": of } })),
            (list(), any::<bool>())
                .prop_map(|(of, r)| json!({ "some_of": { "count": [0, of.len()], "random_order": r, "of": of } })),
            list().prop_map(|of| json!({ "one_of": of })),
            (list(), 0.0..=1.0).prop_map(|(of, p)| json!({ "sometimes": { "p": p, "then": of } })),
            (list(), number(-20.0, 20.0))
                .prop_map(|(of, t)| json!({ "simplex_noise_alpha": { "first": of, "sigmoid_threshold": t } })),
            (list(), list(), number(-4.0, 4.0), names(&["avg", "max"])).prop_map(|(a, b, e, g)| {
                json!({ "frequency_noise_alpha": { "exponent": e, "aggregation": g, "first": a, "second": b } })
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn printed_pipelines_come_back_equal(steps in prop::collection::vec(any_step(), 1..4)) {
        let steps = steps.iter().map(|step| parse_step(&step.to_string()).unwrap()).collect();
        let spec = Spec::of_steps(steps).unwrap();
        let python = print::printer("imgaug").unwrap().print(&spec, "Printed.").unwrap();
        let back = translate("printed.py", &python, &Wanted::default());
        let back = back.map_err(|error| TestCaseError::fail(format!("{error}\n{python}")))?;
        prop_assert_eq!(&back.spec, &spec, "{}", python);
        prop_assert_eq!(back.warnings.iter().filter(|warning| !warning.contains("order=ia.ALL")).count(), 0);
        let yaml = crate::pipeline::write::yaml(&spec, "");
        prop_assert_eq!(Spec::parse("own", &yaml).unwrap(), spec, "{}", yaml);
    }

    /// Whatever the file says, there is an answer.
    #[test]
    fn no_text_makes_it_panic(
        cuts in prop::collection::vec((0..HEAVY.len(), 0..40_usize), 0..4),
        insert in "[ -~\n]{0,12}",
    ) {
        let mut text = HEAVY.to_owned();
        for (start, len) in cuts {
            let start = start.min(text.len());
            let end = (start + len).min(text.len());
            if text.is_char_boundary(start) && text.is_char_boundary(end) {
                text.replace_range(start..end, &insert);
            }
        }
        let _ = translate("flow.py", &text, &Wanted::default());
    }
}

#[test]
fn steps_without_a_counterpart_are_not_printed() {
    let refused = print::printer("imgaug").unwrap().print(&spec_of("elastic"), "Printed.").unwrap_err();
    assert_eq!((refused.step, refused.library), ("smooth_elastic", "imgaug"));
    let heavy = print::printer("imgaug").unwrap().print(&spec_of("imgaug-heavy"), "Printed.").unwrap();
    assert_eq!(translate("heavy.py", &heavy, &Wanted::default()).unwrap().spec, spec_of("imgaug-heavy"));
}

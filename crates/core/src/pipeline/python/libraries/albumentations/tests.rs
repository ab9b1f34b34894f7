//! What transforms of both versions become.

use serde_json::{Value, json};

use super::super::super::{Wanted, translate};

fn read(list: &str, compat: Option<&str>) -> Result<(Value, Vec<String>), String> {
    let text = format!("import albumentations as A\nimport cv2\nt = A.Compose([{list}])\n");
    let compat: Vec<String> = compat.map(str::to_owned).into_iter().collect();
    let wanted = Wanted { compat: &compat, ..Wanted::default() };
    let made = translate("flow.py", &text, &wanted).map_err(|error| error.to_string())?;
    let steps = serde_json::to_value(&made.spec.pipeline).map_err(|error| error.to_string())?;
    Ok((steps, made.warnings))
}

/// The fields of the only step, which is called `step`.
fn fields(list: &str, step: &str, version: u8) -> Value {
    let (steps, _) = read(list, Some(&format!("albumentations{version}"))).unwrap();
    let only = &steps[0];
    assert!(only.get(step).is_some() && steps.as_array().unwrap().len() == 1, "{list}: {steps}");
    only[step].clone()
}

/// Checks some of the fields.
fn has(list: &str, step: &str, version: u8, expected: &Value) {
    let fields = fields(list, step, version);
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&fields[key], value, "{list}, version {version}: {key} of {fields}");
    }
}

#[test]
fn versions_have_their_own_defaults() {
    for (version, border, compat) in [(1, "reflect", 1), (2, "constant", 2)] {
        has(
            "A.ShiftScaleRotate(p=1)",
            "albumentations.shift_scale_rotate",
            version,
            &json!({
                "shift_limit_x": [-0.0625, 0.0625], "scale_limit": [-0.1, 0.1], "rotate_limit": [-45.0, 45.0],
                "border": border, "compat": compat,
            }),
        );
        has(
            "A.Rotate(p=1)",
            "albumentations.rotate",
            version,
            &json!({ "limit": [-90.0, 90.0], "border": border }),
        );
        has(
            "A.GridDistortion(p=1)",
            "albumentations.grid_distortion",
            version,
            &json!({
                "normalized": version == 2, "border": border, "num_steps": 5, "distort_limit": [-0.3, 0.3],
            }),
        );
        has(
            "A.Perspective(p=1)",
            "albumentations.perspective",
            version,
            &json!({ "border": "constant", "compat": compat }),
        );
        has(
            "A.OpticalDistortion(p=1)",
            "albumentations.optical_distortion",
            version,
            &json!({
                "distort_limit": [-0.05, 0.05], "shift_limit": 0.0, "border": border,
            }),
        );
        has(
            "A.PadIfNeeded(40, 50)",
            "albumentations.pad_if_needed",
            version,
            &json!({
                "min_height": 40, "min_width": 50, "border": border,
            }),
        );
    }
    has(
        "A.ElasticTransform(alpha=120, sigma=120 * 0.05, p=1)",
        "albumentations.elastic_transform",
        1,
        &json!({
            "alpha": 120.0, "sigma": 6.0, "alpha_affine": 50.0, "noise_distribution": "uniform", "compat": 1,
        }),
    );
    has(
        "A.ElasticTransform(alpha=120, sigma=6, p=1)",
        "albumentations.elastic_transform",
        2,
        &json!({
            "alpha_affine": 0.0, "noise_distribution": "gaussian", "compat": 2,
        }),
    );
    has(
        "A.Affine(p=1)",
        "albumentations.affine",
        1,
        &json!({
            "scale": { "x": [0.9, 1.1], "y": [0.9, 1.1] }, "rotate": [-15.0, 15.0], "shear": { "x": [-10.0, 10.0], "y": [-10.0, 10.0] },
        }),
    );
    has("A.Affine(p=1)", "albumentations.affine", 2, &json!({ "scale": 1.0, "rotate": 0.0 }));
}

#[test]
fn parameters_have_their_forms() {
    has(
        "A.Affine(scale=(0.8, 1.2), keep_ratio=True, rotate=(-5, 5), shear={'x': (-3, 3)}, p=1)",
        "albumentations.affine",
        1,
        &json!({
            "scale": [0.8, 1.2], "rotate": [-5.0, 5.0], "shear": { "x": [-3.0, 3.0], "y": 1.0 },
        }),
    );
    has(
        "A.Affine(translate_px={'x': 4}, mode=cv2.BORDER_WRAP, interpolation=cv2.INTER_NEAREST, p=1)",
        "albumentations.affine",
        1,
        &json!({
            "translate_px": { "x": 4.0, "y": 1.0 }, "border": "wrap", "interpolation": "nearest",
        }),
    );
    has(
        "A.Rotate(limit=(-10, 20), border_mode=0, value=(1, 2, 3), p=1)",
        "albumentations.rotate",
        1,
        &json!({
            "limit": [-10.0, 20.0], "border": "constant", "fill": [1, 2, 3],
        }),
    );
    // A number alone is the first channel's in version 1, and in version 2 where maps are.
    has("A.Rotate(border_mode=0, value=9, p=1)", "albumentations.rotate", 1, &json!({ "fill": [9, 0, 0] }));
    has("A.Rotate(fill=9, p=1)", "albumentations.rotate", 2, &json!({ "fill": 9 }));
    has(
        "A.Perspective(0.1, fill=9, p=1)",
        "albumentations.perspective",
        2,
        &json!({ "scale": [0.0, 0.1], "fill": [9, 0, 0] }),
    );
    has(
        "A.ShiftScaleRotate(0.1, 0.2, 15, 1, 4, p=1)",
        "albumentations.shift_scale_rotate",
        1,
        &json!({
            "shift_limit_y": [-0.1, 0.1], "scale_limit": [-0.2, 0.2], "rotate_limit": [-15.0, 15.0], "border": "reflect",
        }),
    );
    has(
        "A.RandomResizedCrop(20, 30, scale=(0.5, 1))",
        "albumentations.random_resized_crop",
        1,
        &json!({
            "size": [20, 30], "scale": [0.5, 1.0], "interpolation": "linear",
        }),
    );
    has(
        "A.RandomResizedCrop((20, 30), interpolation=cv2.INTER_CUBIC)",
        "albumentations.random_resized_crop",
        2,
        &json!({
            "size": [20, 30], "interpolation": "cubic",
        }),
    );
    has(
        "A.RandomSizedCrop((14, 20), 28, 30, p=1)",
        "albumentations.random_sized_crop",
        1,
        &json!({
            "min_max_height": [14, 20], "size": [28, 30],
        }),
    );
    has(
        "A.LongestMaxSize([20, 30])",
        "albumentations.longest_max_size",
        1,
        &json!({ "max_size": { "choice": [20, 30] } }),
    );
    has(
        "A.SmallestMaxSize(max_size_hw=(20, None))",
        "albumentations.smallest_max_size",
        2,
        &json!({ "max_height": 20 }),
    );
    has(
        "A.CropAndPad(px=(-3, 5), sample_independently=False)",
        "albumentations.crop_and_pad",
        1,
        &json!({
            "px": [[-3, 4]], "sample_independently": false, "keep_size": true,
        }),
    );
    has(
        "A.CropAndPad(percent=[0.1, (0, 0.2), -0.1, 0], border_mode=4)",
        "albumentations.crop_and_pad",
        2,
        &json!({
            "percent": [0.1, [0.0, 0.2], -0.1, 0.0], "border": "reflect",
        }),
    );
    has("A.Pad((1, 2))", "albumentations.pad", 2, &json!({ "padding": [1, 2, 1, 2] }));
    has(
        "A.RandomGridShuffle((2, 3), p=1)",
        "albumentations.random_grid_shuffle",
        1,
        &json!({ "grid": [2, 3], "compat": 1 }),
    );
    has(
        "A.Resize(20, 30, interpolation=3)",
        "albumentations.resize",
        1,
        &json!({ "size": [20, 30], "interpolation": "area" }),
    );
    has("A.Resize(20, 30, 2)", "resize", 1, &json!({ "height": 20, "width": 30, "interpolation": "cubic" }));
    has("A.PiecewiseAffine(p=1)", "piecewise_affine", 1, &json!({ "scale": [0.03, 0.05], "nb_rows": 4 }));
    has("A.PiecewiseAffine(p=1)", "albumentations.piecewise_affine", 2, &json!({ "scale": [0.03, 0.05] }));
    has(
        "A.OpticalDistortion(0.3, mode='fisheye', p=1)",
        "albumentations.optical_distortion",
        2,
        &json!({ "mode": "fisheye" }),
    );
    has("A.IAAAffine(rotate=20, p=1)", "affine", 1, &json!({ "rotate": [-20.0, 20.0], "mode": "reflect" }));
    has("A.IAAPerspective(p=1)", "perspective_transform", 1, &json!({ "scale": [0.05, 0.1] }));
    has("A.RandomCrop(20, 20, pad_if_needed=True)", "sequential", 2, &json!({ "random_order": false }));
}

#[test]
fn containers_choose_as_their_version_does() {
    let of = |list: &str, version: u8| read(list, Some(&format!("albumentations{version}"))).unwrap().0;
    let flips = "[A.HorizontalFlip(p=0.2), A.VerticalFlip(p=0.6), A.RandomCrop(9, 9)]";
    for version in [1, 2] {
        let one = &of(&format!("A.OneOf({flips}, p=1)"), version)[0]["one_of"];
        assert_eq!(one["weights"], json!([0.2, 0.6, 1.0]));
        assert_eq!(one["of"][0], json!({ "fliplr": { "p": 1.0 } }));
        let or = &of("A.OneOrOther(A.HorizontalFlip(), A.VerticalFlip(), p=0.3)", version)[0]["one_of"];
        assert_eq!(or["weights"], json!([0.3, 0.7]));
    }
    let some = "A.SomeOf([A.HorizontalFlip(p=0.2), A.VerticalFlip(p=0.2)], n=2)";
    let rounds = &of(some, 1)[0]["sequential"]["of"];
    assert_eq!(rounds.as_array().unwrap().len(), 2);
    assert_eq!(rounds[0]["one_of"]["of"][1], json!({ "flipud": { "p": 1.0 } }));
    let some = &of(some, 2)[0]["some_of"];
    assert_eq!((&some["count"], &some["random_order"]), (&json!(2), &json!(false)));
    assert_eq!(some["of"][1], json!({ "flipud": { "p": 0.2 } }));
    let some = &of("A.RandomOrder([A.HorizontalFlip(), A.VerticalFlip()], n=2)", 2)[0]["some_of"];
    assert_eq!(some["random_order"], json!(true));
    assert!(
        of("A.Sequential([A.HorizontalFlip(), A.VerticalFlip()], p=0.1)", 1)[0].get("sequential").is_some()
    );
    assert_eq!(of("A.Sequential([A.HorizontalFlip()])", 2)[0]["sometimes"]["p"], json!(0.5));
    assert_eq!(of("A.RandomRotate90()", 1)[0]["sometimes"]["p"], json!(0.5));
    assert!(of("A.RandomRotate90()", 2)[0].get("rot90").is_some());
    assert_eq!(of("A.HorizontalFlip(0.3)", 1), json!([{ "fliplr": { "p": 1.0 } }]));
    assert_eq!(of("A.HorizontalFlip(0.3)", 2), json!([{ "fliplr": { "p": 0.3 } }]));
    assert_eq!(of("A.HorizontalFlip(always_apply=True)", 1), json!([{ "fliplr": { "p": 1.0 } }]));
    assert_eq!(of("A.HorizontalFlip(always_apply=True)", 2), json!([{ "fliplr": { "p": 0.5 } }]));
    assert_eq!(of("A.Flip(p=1)", 1)[0]["one_of"].as_object().unwrap().len(), 1);
    assert_eq!(of("A.D4()", 2)[0]["sequential"]["of"][0], json!({ "rot90": { "k": [0, 3] } }));
}

#[test]
fn parameters_tell_the_version_of_the_file() {
    let compat = |list: &str| {
        let (steps, warnings) = read(list, None).unwrap();
        (steps[0]["albumentations.shift_scale_rotate"]["compat"].clone(), warnings)
    };
    let shift = "A.ShiftScaleRotate(p=1)";
    let (version, warnings) = compat(shift);
    assert_eq!(version, json!(1));
    assert!(warnings.len() == 1 && warnings[0].contains("--compat albumentations2"), "{warnings:?}");
    for (other, expected) in [
        ("A.RandomResizedCrop(28, 28)", 1),
        ("A.RandomResizedCrop(size=(28, 28))", 2),
        ("A.Rotate(fill=3)", 2),
        ("A.Rotate(value=3, border_mode=0)", 1),
        ("A.Flip()", 1),
        ("A.D4()", 2),
        ("A.HorizontalFlip(always_apply=True)", 1),
    ] {
        let (version, warnings) = compat(&format!("{shift}, {other}"));
        assert_eq!(version, json!(expected), "{other}");
        assert!(!warnings.iter().any(|warning| warning.contains("--compat")), "{other}: {warnings:?}");
    }
    let (version, warnings) = compat(&format!("{shift}, A.Flip(), A.Rotate(fill=3)"));
    assert_eq!(version, json!(1));
    assert!(warnings.iter().any(|warning| warning.contains("--compat")), "{warnings:?}");
}

#[test]
fn functions_are_refused_unless_they_leave_images_alone() {
    let (steps, warnings) = read("A.HorizontalFlip(p=1), A.Lambda(mask=lambda x, **k: x)", None).unwrap();
    assert_eq!((steps, warnings.len()), (json!([{ "fliplr": { "p": 1.0 } }]), 1));
    let error = read("A.Lambda(image=lambda x, **k: 255 - x)", None).unwrap_err();
    assert!(error.contains("other Python, which does not run here"), "{error}");
    let (steps, warnings) =
        read("A.VerticalFlip(p=1), A.Lambda(image=lambda x, **k: 255 - x)", None).unwrap();
    assert_eq!(steps, json!([{ "flipud": { "p": 1.0 } }]));
    assert!(warnings[0].contains("what it does to images is missing"), "{warnings:?}");
}

/// What a file converts to, and what is said of it.
fn file(text: &str) -> Result<(Value, Vec<String>), String> {
    let text = format!("import albumentations as A\n{text}");
    let made = translate("flow.py", &text, &Wanted::default()).map_err(|error| error.to_string())?;
    let steps = serde_json::to_value(&made.spec.pipeline).map_err(|error| error.to_string())?;
    Ok((steps, made.warnings))
}

#[test]
fn classes_that_are_python_are_left_out_and_told() {
    let flip = json!({ "fliplr": { "p": 0.5 } });
    for (before, own) in [
        (
            "class Mine(A.ImageOnlyTransform):\n  def apply(self, img, **k):\n    return 255 - img\n",
            "Mine(p=1)",
        ),
        ("from other.augs import Mine\n", "Mine(p=1)"),
        ("from albumentations import *\nfrom other.augs import *\n", "Mine(p=1)"),
        ("", "Mine(p=1)"),
        ("from albumentations import *\n", "Mine(size=3, p=1)"),
    ] {
        let text = format!("{before}t = A.Compose([A.HorizontalFlip(), {own}])\n");
        let (steps, warnings) = file(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(steps, json!([flip]), "{text}");
        assert!(warnings.iter().any(|own| own.contains("is left out: it is Python")), "{text}: {warnings:?}");
        let text = format!("{before}t = A.Compose([A.OneOf([A.InvertImg(p=0.5), {own}], p=1)])\n");
        let (steps, warnings) = file(&text).unwrap();
        let of = json!([{ "invert": { "p": 1.0, "per_channel": 0.0 } }, { "noop": {} }]);
        assert_eq!(steps[0]["one_of"]["of"].as_array().map(Vec::len), Some(2), "{steps} {of}");
        assert_eq!(steps[0]["one_of"]["of"][1], json!({ "noop": {} }), "{steps}");
        assert!(warnings.iter().any(|own| own.contains("images stay as they are")), "{text}: {warnings:?}");
        let text = format!("{before}t = A.Compose([A.HorizontalFlip(), A.OneOf([{own}, {own}])])\n");
        assert_eq!(file(&text).unwrap().0, json!([flip]), "{text}");
        let alone = file(&format!("{before}t = A.Compose([{own}])\n")).unwrap_err();
        assert!(alone.contains("what it does is other Python"), "{alone}");
    }
    // What the library has is not passed over.
    let error = file("t = A.Compose([A.HorizontalFlip(), A.ToSepia()])\n").unwrap_err();
    assert!(error.contains("the transform ToSepia has no exact counterpart"), "{error}");
}

#[test]
fn sizes_that_are_not_known_are_left_out_or_those_of_images() {
    let flip = json!({ "fliplr": { "p": 0.5 } });
    for size in [
        "A.Resize(size, size)",
        "A.Resize(height=size[0], width=size[1])",
        "A.LongestMaxSize(max_size=size)",
        "A.PadIfNeeded(size, size)",
        "A.CenterCrop(int(size * 0.9), size)",
    ] {
        let text = format!("def tf(size):\n  return A.Compose([{size}, A.HorizontalFlip()])\n");
        let (steps, warnings) = file(&text).unwrap_or_else(|error| panic!("{size}: {error}"));
        assert_eq!(steps, json!([flip]), "{size}");
        let said =
            "is left out, because size is not known, and images keep their size; --set size=VALUE gives it";
        assert!(warnings.iter().any(|own| own.contains(said)), "{size}: {warnings:?}");
    }
    let text = "from conf import CFG\nt = A.Compose([A.RandomResizedCrop(CFG.h, CFG.w, scale=(0.5, 1)), A.HorizontalFlip()])\n";
    let (steps, warnings) = file(text).unwrap();
    assert_eq!(steps[0]["albumentations.random_resized_crop"]["scale"], json!([0.5, 1.0]));
    assert_eq!(steps[0]["albumentations.random_resized_crop"].get("size"), None);
    let said = "is that of the image here, because CFG.h and CFG.w are not known; --set CFG.h=VALUE --set CFG.w=VALUE gives it";
    assert!(warnings.iter().any(|own| own.contains(said)), "{warnings:?}");
    // A part at random is more than a size.
    let error = file("def tf(size):\n  return A.Compose([A.RandomCrop(size, size), A.Resize(size, size)])\n");
    assert!(error.unwrap_err().contains("size is not known before tf is called"));
    // Constants of a module that is imported with a star are not the library's.
    let text = "from conf import *\nfrom albumentations import *\nt = Compose([Resize(NET_H, NET_H), HorizontalFlip(p=.5)])\n";
    let (steps, warnings) = file(text).unwrap();
    assert_eq!(steps, json!([flip]));
    assert!(warnings.iter().any(|own| own.contains("because NET_H is not known")), "{warnings:?}");
    let (_, warnings) = file("def tf(size):\n  return A.Compose([A.Resize(size, size)])\n").unwrap();
    assert!(warnings.iter().any(|own| own.contains("only brings images to sizes")), "{warnings:?}");
}

#[test]
fn what_needs_boxes_masks_or_other_pictures_is_read_without_them() {
    for (list, expected, said) in [
        (
            "A.RandomSizedBBoxSafeCrop(20, 24, p=1)",
            json!([{ "resize": { "height": 20, "width": 24, "interpolation": "linear" } }]),
            "as for images without boxes",
        ),
        (
            "A.CropNonEmptyMaskIfExists(20, 24)",
            json!([{ "random_crop": { "size": [20, 24] } }]),
            "as for images without masks",
        ),
        (
            "A.VerticalFlip(p=1), A.FDA([path], p=1)",
            json!([{ "flipud": { "p": 1.0 } }]),
            "it takes from other pictures",
        ),
        (
            "A.VerticalFlip(p=1), A.PadIfNeeded(None, None, p=0)",
            json!([{ "flipud": { "p": 1.0 } }]),
            "with p=0 it never runs",
        ),
        (
            "A.VerticalFlip(p=1), A.CenterCrop(None, None, p=0)",
            json!([{ "flipud": { "p": 1.0 } }]),
            "with p=0 it never runs",
        ),
    ] {
        let (steps, warnings) = read(list, None).unwrap_or_else(|error| panic!("{list}: {error}"));
        assert_eq!(steps, expected, "{list}");
        assert!(warnings.iter().any(|own| own.contains(said)), "{list}: {warnings:?}");
    }
    assert!(
        read("A.RandomSizedBBoxSafeCrop(20, 24, 0.2)", None).unwrap_err().contains("erosion_rate is 0 here")
    );
    // Behind Normalize there are no bytes.
    let (steps, warnings) = read("A.VerticalFlip(p=1), A.Normalize(), Mine()", None).unwrap();
    assert_eq!(steps, json!([{ "flipud": { "p": 1.0 } }]));
    assert!(warnings.iter().any(|own| own.contains("it is Python for tensors")), "{warnings:?}");
    let (steps, _) =
        file("def tf(size):\n  return A.Compose([A.RandomSizedCrop((9, 20), size, size)])\n").unwrap();
    assert_eq!(steps[0]["albumentations.random_sized_crop"]["min_max_height"], json!([9, 20]));
    assert_eq!(steps[0]["albumentations.random_sized_crop"].get("size"), None);
}

#[test]
fn parameters_that_a_transform_does_not_have_are_passed_over_as_in_version_2() {
    for list in ["A.RandomFog(alpha=0.03, p=1)", "A.Rotate(angle=3, p=1)"] {
        let with = format!("{list}, A.Pad(2)");
        for (list, version) in [(list, Some("albumentations2")), (with.as_str(), None)] {
            let (_, warnings) = read(list, version).unwrap_or_else(|error| panic!("{list}: {error}"));
            let said = "is passed over, as in Albumentations 2.x";
            assert!(warnings.iter().any(|own| own.contains(said)), "{warnings:?}");
        }
        for version in [None, Some("albumentations1")] {
            let error = read(list, version).unwrap_err();
            assert!(error.contains("has no parameter"), "{error}");
        }
    }
}

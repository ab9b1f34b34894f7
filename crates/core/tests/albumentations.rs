//! Cases of Albumentations (`tests/golden/albumentations`) through the operations that pasted pipelines become. The
//! arrays were made by Albumentations 2.0.8, and 1.3.1 where the family says so; parameters are those drawn.

#[allow(clippy::disallowed_methods, reason = "compared within tolerances, wherever it runs")]
#[path = "golden/albumentations/geometry.rs"]
mod geometry;
mod peers;

use std::fs::File;
use std::io::BufReader;

use mnistaug_core::base::{Address, Canvas, Stage};
use mnistaug_core::pipeline::{Pipeline, Plan, Spec};
use peers::{Arrays, Case, Judged, Picture};
use serde_json::{Value, json};

/// The steps that do what a case says, all of their values constant.
fn steps(case: &Case) -> Result<Value, String> {
    let params = &case.params;
    let number = |key: &str| params[key].as_f64().ok_or_else(|| format!("{key} is no number"));
    let flipped = json!([{ "rot90": 1 }, { "flipud": 1.0 }]);
    let family = case.family().split_once('.').map_or("", |(_, family)| family);
    Ok(match family {
        "transpose" => flipped,
        "random_rotate90" => json!([{ "rot90": params["factor"] }]),
        "resize" => json!([{ "resize": params }]),
        "random_brightness_contrast" => json!([{ "albumentations.random_brightness_contrast": {
            "brightness_limit": number("beta")?, "contrast_limit": number("alpha")? - 1.0, "p": 1.0,
        } }]),
        "random_gamma" => {
            json!([{ "albumentations.random_gamma": { "gamma_limit": number("gamma")? * 100.0, "p": 1.0 } }])
        }
        "center_crop" => json!([{ "albumentations.center_crop": [params["height"], params["width"]] }]),
        "rotate" => json!([{ "affine": {
            "rotate": -number("angle")?, "order": 1, "mode": params["border_mode"], "cval": params["value"],
        } }]),
        "shift_scale_rotate" => json!([{ "affine": {
            "rotate": -number("angle")?, "scale": params["scale"],
            "translate_percent": { "x": params["dx"], "y": params["dy"] },
            "order": u8::from(params["interpolation"] == "linear"), "mode": params["border_mode"], "cval": params["value"],
        } }]),
        "blur" => json!([{ "average_blur": params["ksize"] }]),
        "median_blur" => json!([{ "median_blur": params["ksize"] }]),
        "sharpen" => json!([{ "sharpen": params }]),
        "emboss" => json!([{ "emboss": params }]),
        "to_gray" => json!([{ "grayscale": 1.0 }]),
        other => return Err(format!("the family {other} is not known")),
    })
}

fn compare(case: &Case, arrays: &Arrays) -> Result<(f64, f64), String> {
    let picture = arrays.image(case.input.as_deref().ok_or("there is no input")?)?;
    let text = json!({ "version": 1, "pipeline": steps(case)? }).to_string();
    let spec = Spec::parse("case", &text).map_err(|error| error.to_string())?;
    let pipeline =
        Pipeline::rectangular(spec, picture.shape, "case", &text).map_err(|error| error.to_string())?;
    let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
    pipeline.draw(Address { seed: 0, stage: Stage::new("golden", ""), item: 0 }, &mut plan);
    canvas.load(picture.view());
    plan.paint(&mut canvas);
    Picture::of(&canvas).against(case, arrays)
}

#[test]
fn every_case_of_albumentations_comes_out_the_same() {
    let (cases, arrays) = peers::cases("albumentations");
    assert!(cases.len() > 40);
    // Sums without a fused multiply-add: about one value in a hundred is off by 1.
    let (rough, others): (Vec<&Case>, Vec<&Case>) =
        cases.iter().partition(|case| case.family().ends_with(".emboss"));
    let judged = Judged::of(others, |case| compare(case, &arrays));
    judged.holds();
    let mut exact = judged.exact;
    for case in rough {
        let (mean, max) = compare(case, &arrays).unwrap_or_else(|error| panic!("{}: {error}", case.id));
        assert!(mean <= 0.02 && max <= 1.0, "{}: mean {mean:.4}, max {max}", case.id);
        exact += usize::from(max == 0.0);
    }
    assert!(exact >= 38, "{exact} of {} identical", cases.len());
}

#[test]
fn geometric_values_are_drawn_as_there() {
    let path = peers::folder().join("albumentations/geometry_stats.json");
    let file = BufReader::new(File::open(path).expect("statistics"));
    let stats: Value = serde_json::from_reader(file).expect("JSON");
    let wrong = geometry::drawn_otherwise(&stats);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every recipe is exact, so that every case has to be identical where the peer's arithmetic is that of whole numbers.
#[test]
fn every_geometric_case_comes_out_the_same() {
    let folder = peers::folder().join("albumentations");
    let file = BufReader::new(File::open(folder.join("geometry.json")).expect("the list of cases"));
    let cases: Value = serde_json::from_reader(file).expect("JSON");
    let cases: Vec<Case> = serde_json::from_value(cases["cases"].clone()).expect("a list of cases");
    let arrays = Arrays::of(&folder.join("geometry.npz"));
    let mut failures = Vec::new();
    for case in &cases {
        let compared = geometry::made(case, &arrays).and_then(|ours| {
            let shape = [ours.shape.height, ours.shape.width, ours.shape.channels()];
            if case.shape != shape {
                return Err(format!("shape {shape:?}, expected {:?}", case.shape));
            }
            let (_, theirs) = arrays.u8s(&case.output)?;
            let diffs = ours.data.iter().zip(&theirs).map(|(a, b)| a.abs_diff(*b));
            Ok((diffs.clone().filter(|diff| *diff > 0).count(), diffs.max().unwrap_or(0)))
        });
        match compared {
            Ok((0, _)) => {}
            // Sums in single precision.
            Ok((count, 1)) if count <= 5 && case.params.get("interpolation") == Some(&json!("cubic")) => {}
            Ok((count, most)) => failures.push(format!("{}: {count} values, by at most {most}", case.id)),
            Err(error) => failures.push(format!("{}: {error}", case.id)),
        }
    }
    assert!(failures.is_empty(), "{} of {} differ:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

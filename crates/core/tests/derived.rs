//! Cases of what data sets derived from MNIST do to single images (`tests/golden/derived`), made with the original programs, whose random
//! numbers come with them.

mod peers;

use mnistaug_core::base::{Canvas, Image, ImageMut, Stream};
use mnistaug_core::kernels::{binarize, colorize, permute, tint};
use mnistaug_core::ops::AnyOp;
use mnistaug_core::split::numpy::RandomState;
use peers::{Arrays, Case, Judged, Picture};
use serde_json::{Value, json};

/// A parameter.
fn number(case: &Case, key: &str) -> Result<f64, String> {
    case.params.get(key).and_then(Value::as_f64).ok_or_else(|| format!("{key} is no number"))
}

/// Three parameters.
fn color(case: &Case, key: &str) -> Result<[f64; 3], String> {
    let list = case.params.get(key).ok_or_else(|| format!("there is no {key}"))?;
    let mut color = [0.0; 3];
    for (i, value) in color.iter_mut().enumerate() {
        *value = list[i].as_f64().ok_or_else(|| format!("{key}[{i}] is no number"))?;
    }
    Ok(color)
}

/// The name of an array of what the original drew.
fn aux<'a>(case: &'a Case, key: &str) -> Result<&'a str, String> {
    case.aux.get(key).and_then(Value::as_str).ok_or_else(|| format!("there is no {key}"))
}

/// The picture after an operation of pipelines for which nothing is drawn.
fn apply(key: &str, options: Value, picture: &Picture) -> Result<Picture, String> {
    let op = AnyOp::read(key, options).map_err(|error| error.to_string())?;
    let mut canvas = Canvas::default();
    canvas.load(picture.view());
    op.draw(picture.shape, &mut Stream::of_key(0)).paint(&mut canvas);
    Ok(Picture::of(&canvas))
}

/// The mean and the greatest difference.
fn compare(case: &Case, arrays: &Arrays) -> Result<(f64, f64), String> {
    let mut picture = arrays.image(case.input.as_deref().ok_or("there is no input")?)?;
    let Picture { shape, data: gray } = picture.clone();
    let mut colored = Picture { shape: shape.as_rgb(), data: vec![0; shape.as_rgb().bytes()] };
    let result = match case.family() {
        "binarized.stochastic" => {
            binarize::stochastic(&mut picture.data, &arrays.f64s(aux(case, "uniform")?)?.1);
            // Theirs are 0 and 1.
            picture.data.iter_mut().for_each(|v| *v /= 255);
            picture
        }
        "domainbed.rotate" => {
            let angle = number(case, "angle")?;
            let options = json!({ "degrees": [angle, angle], "interpolation": "bilinear" });
            apply("torchvision.random_rotation", options, &picture)?
        }
        "lff.colour" => {
            let (mean, deviation) = (color(case, "mean_colour")?, number(case, "std")?);
            let noise = arrays.f64s(aux(case, "noise")?)?.1;
            let own = std::array::from_fn(|i| (mean[i] + deviation * noise[i]).clamp(0.0, 1.0));
            tint::digit(&gray, own, &mut colored.data);
            colored
        }
        "rebias.background" => {
            tint::background(&gray, color(case, "colour")?.map(|value| value / 255.0), &mut colored.data);
            colored
        }
        "mnist_m.blend" => {
            if case.params.get("binarize").and_then(Value::as_bool).ok_or("binarize is missing")? {
                let options = json!({ "method": "threshold", "above": 0 });
                picture = apply("binarize", options, &picture)?;
            }
            let background = arrays.u8s(aux(case, "background")?)?.1;
            colorize::difference(&background, &picture.data, &mut colored.data);
            colored
        }
        "permuted.pixels" => {
            let pixels = shape.pixels() as u32;
            let order = RandomState::new(number(case, "numpy_seed")? as u32).permutation(pixels);
            let from = Image::new(shape, &gray);
            permute::pixels(from, ImageMut::new(shape, &mut picture.data), &order);
            picture
        }
        other => return Err(format!("the family {other} is not known")),
    };
    result.against(case, arrays)
}

#[test]
fn every_image_comes_out_as_the_original_makes_it() {
    let (cases, arrays) = peers::cases("derived");
    let judged = Judged::of(&cases, |case| compare(case, &arrays));
    judged.holds();
    assert_eq!(judged.exact, 9, "all of them to the bit: {}", judged.near.join("\n"));
}

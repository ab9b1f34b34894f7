//! Compositions of several digits (`tests/golden/composed`), made with the original programs: the kernels of `place`, `sequence` and `planes`, with what
//! the originals drew.

mod peers;

use mnistaug_core::base::{Canvas, Image, ImageMut, Shape};
use mnistaug_core::kernels::bounce::Bounce;
use mnistaug_core::kernels::pil::{histogram, resample};
use mnistaug_core::kernels::{fit, place, planes, tile};
use peers::{Arrays, Case, Judged, Picture};
use serde_json::Value;

/// Digits of 28x28 that a case comes with.
fn digits(case: &Case, arrays: &Arrays, key: &str) -> Result<Vec<Picture>, String> {
    let array = case.aux.get(key).and_then(Value::as_str).ok_or_else(|| format!("there is no {key}"))?;
    let (_, data) = arrays.u8s(array)?;
    let shape = Shape::gray(28, 28);
    Ok(data.chunks_exact(shape.bytes()).map(|data| Picture { shape, data: data.to_vec() }).collect())
}

/// A list of numbers.
fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn whole(value: &Value) -> Vec<i32> {
    numbers(value).into_iter().map(|number| number as i32).collect()
}

struct Sheet(Picture);

impl Sheet {
    fn new(height: usize, width: usize) -> Self {
        let shape = Shape::gray(height, width);
        Self(Picture { shape, data: vec![0; shape.bytes()] })
    }

    fn put(&mut self, image: Image<'_>, y: i32, x: i32, mix: impl Fn(u8, u8) -> u8) {
        let shape = self.0.shape;
        place::put(image, &mut ImageMut::new(shape, &mut self.0.data), y, x, mix);
    }
}

fn composed(case: &Case, arrays: &Arrays) -> Result<Picture, String> {
    let params = &case.params;
    let own = || arrays.image(case.input.as_deref().ok_or("there is no input")?);
    let size = || params["size"].as_u64().ok_or("no size").map(|size| size as usize);
    match case.family() {
        "cluttered.compose" => {
            let mut sheet = Sheet::new(size()?, size()?);
            let others = digits(case, arrays, "distractors")?;
            let side = params["piece_size"].as_u64().ok_or("no piece_size")? as usize;
            for (other, piece) in others.iter().zip(params["pieces"].as_array().ok_or("no pieces")?) {
                let [y, x, top, left] = whole(piece)[..] else { return Err("four numbers".into()) };
                let mut window = Canvas::default();
                window.reset(Shape::gray(side, side));
                window.in_place(|to, _| fit::window(other.view(), top as usize, left as usize, to));
                sheet.put(window.image(), y, x, u8::saturating_add);
            }
            let at = |key: &str| params[key].as_i64().unwrap_or_default() as i32;
            sheet.put(own()?.view(), at("top"), at("left"), u8::saturating_add);
            Ok(sheet.0)
        }
        "multimnist.sabour" => {
            let mut sheet = Sheet::new(36, 36);
            let top = digits(case, arrays, "top")?.remove(0);
            for (image, key) in [(own()?, "shift_base"), (top, "shift_top")] {
                let [down, right] = whole(&params[key])[..] else { return Err("two numbers".into()) };
                sheet.put(image.view(), 4 + down, 4 + right, u8::saturating_add);
            }
            Ok(sheet.0)
        }
        "multimnist.mgda" => {
            let mut sheet = Sheet::new(36, 36);
            sheet.put(own()?.view(), 0, 0, u8::max);
            sheet.put(digits(case, arrays, "right")?.remove(0).view(), 6, 6, u8::max);
            let mut canvas = Canvas::default();
            canvas.load(sheet.0.view());
            canvas.in_place(|image, _| histogram::autocontrast(image));
            canvas.redraw(Shape::gray(28, 28), |from, to, scratch| {
                resample::resize(from, to, resample::Filter::Nearest, scratch);
            });
            Ok(Picture::of(&canvas))
        }
        "double_mnist.paste" => {
            let mut sheet = Sheet::new(size()?, size()?);
            let (tops, lefts) = (whole(&params["tops"]), whole(&params["lefts"]));
            let second = digits(case, arrays, "second")?.remove(0);
            for (image, (y, x)) in [own()?, second].iter().zip(tops.into_iter().zip(lefts)) {
                sheet.put(image.view(), y, x, u8::max);
            }
            Ok(sheet.0)
        }
        "moving.frames" => {
            let (side, frames) = (size()?, params["frames"].as_u64().ok_or("no frames")? as usize);
            let mut sheet = Sheet::new(side * frames, side);
            let [y, x, theta] = ["y", "x", "theta"].map(|key| numbers(&params[key]));
            for (k, digit) in digits(case, arrays, "digits")?.iter().enumerate() {
                let mut path = Bounce::new([y[k], x[k]], theta[k], params["step"].as_f64().ok_or("no step")?);
                let room = (side - 28) as f64;
                for frame in sheet.0.data.chunks_exact_mut(side * side) {
                    let [y, x] = path.advance().map(|place| (room * place) as i32);
                    let mut canvas = ImageMut::new(Shape::gray(side, side), frame);
                    place::put(digit.view(), &mut canvas, y, x, u8::max);
                }
            }
            Ok(sheet.0)
        }
        "detection.canvas" => {
            let mut sheet = Sheet::new(size()?, size()?);
            let places = params["positions"].as_array().ok_or("no positions")?;
            let boxes = params["boxes"].as_array().ok_or("no boxes")?;
            for ((digit, place), tight) in digits(case, arrays, "digits")?.iter().zip(places).zip(boxes) {
                let [x, y, width] = whole(place)[..] else { return Err("three numbers".into()) };
                let mut scaled = Canvas::default();
                scaled.reset(Shape::gray(width as usize, width as usize));
                scaled.in_place(|to, _| place::scale(digit.view(), to));
                sheet.put(scaled.image(), y, x, u8::saturating_add);
                let found = tile::tight_box(scaled.image()).moved(y, x).to_array();
                if whole(tight) != found {
                    return Err(format!("box {found:?}, expected {tight}"));
                }
            }
            Ok(sheet.0)
        }
        "irm.colour" | "domainbed.colour" => {
            let digit = own()?;
            let step = params.get("subsample").and_then(Value::as_u64).unwrap_or(1) as usize;
            let small = Shape::gray(28 / step, 28 / step);
            let mut canvas = Canvas::default();
            canvas.load(digit.view());
            canvas.redraw(small, |from, to, scratch| {
                use mnistaug_core::kernels::resize::{Interpolation, resize};
                resize(from, to, Interpolation::Nearest, scratch);
            });
            // The kept channel is the first or the second one of a color; the third one is black.
            let kept = params["channel"].as_u64().ok_or("no channel")? as usize;
            let mut color = vec![0; small.bytes() * 3];
            for (pixel, &value) in color.chunks_exact_mut(3).zip(canvas.pixels()) {
                pixel[kept] = value;
            }
            let stacked = Shape::gray(small.height * 2, small.width);
            let mut out = vec![0; stacked.bytes()];
            let color = Image::new(small.as_rgb(), &color);
            planes::planes(color, &[0, 1], ImageMut::new(stacked, &mut out));
            Ok(Picture { shape: stacked, data: out })
        }
        other => Err(format!("the family {other} is not known")),
    }
}

fn compare(case: &Case, arrays: &Arrays) -> Result<(f64, f64), String> {
    let found = composed(case, arrays)?;
    let (shape, theirs) = arrays.u8s(&case.output)?;
    // Channels stand last there, and one above the other here.
    let theirs: Vec<u8> = match (case.family(), &shape[..]) {
        ("irm.colour" | "domainbed.colour", &[_, _, channels]) => {
            (0..channels).flat_map(|c| theirs[c..].iter().copied().step_by(channels)).collect()
        }
        _ => theirs,
    };
    if found.data.len() != theirs.len() {
        return Err(format!("{} values, expected {}", found.data.len(), theirs.len()));
    }
    let diffs: Vec<f64> = found.data.iter().zip(&theirs).map(|(a, b)| f64::from(a.abs_diff(*b))).collect();
    Ok((diffs.iter().sum::<f64>() / diffs.len() as f64, diffs.iter().copied().fold(0.0, f64::max)))
}

#[test]
fn compositions_are_those_of_the_originals() {
    let (cases, arrays) = peers::cases("composed");
    assert_eq!(cases.len(), 11);
    let judged = Judged::of(&cases, |case| compare(case, &arrays));
    judged.holds();
    // The original resizes in single precision; sums of the same products may end elsewhere by one.
    assert!(judged.near.len() <= 1, "{:?}", judged.near);
}

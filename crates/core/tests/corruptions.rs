//! Cases of MNIST-C's and ImageNet-C's corruptions and of n-MNIST's motion blur (`tests/golden/corruptions`), made with the original programs: by what our operations draw
//! and paint where constants and few numbers decide, and by the kernels where the cases come with numbers for each pixel.

mod peers;

use mnistaug_core::base::{Canvas, ImageMut, Scratch, Shape};
use mnistaug_core::kernels::corrupt::blurs::{self, Axes};
use mnistaug_core::kernels::corrupt::elastic::{self, Beyond};
use mnistaug_core::kernels::corrupt::water::{self, Water};
use mnistaug_core::kernels::corrupt::weather::{self, Mud, Snow};
use mnistaug_core::kernels::corrupt::{Finish, noise, plasma};
use mnistaug_core::ops::AnyDrawn;
use peers::{Arrays, Case, Judged, Picture};
use serde_json::{Value, json};

/// A case, taken apart.
struct Given<'a> {
    case: &'a Case,
    arrays: &'a Arrays,
    set: &'a str,
    mnist: bool,
    kind: &'a str,
}

impl<'a> Given<'a> {
    fn new(case: &'a Case, arrays: &'a Arrays) -> Result<Self, String> {
        let (set, kind) = case.family().split_once('.').ok_or("a family of a set")?;
        Ok(Self { case, arrays, set, mnist: set == "mnist_c", kind })
    }

    /// A parameter.
    fn number(&self, key: &str) -> Result<f64, String> {
        self.case.params.get(key).and_then(Value::as_f64).ok_or_else(|| format!("{key} is no number"))
    }

    /// The i-th constant.
    fn c(&self, i: usize) -> Result<f64, String> {
        let c = self.case.params.get("c").ok_or("there is no c")?;
        c.get(i).unwrap_or(c).as_f64().ok_or_else(|| format!("c[{i}] is no number"))
    }

    /// What the original drew for each pixel.
    fn floats(&self, key: &str) -> Result<Vec<f64>, String> {
        let array =
            self.case.aux.get(key).and_then(Value::as_str).ok_or_else(|| format!("there is no {key}"))?;
        self.arrays.f64s(array).map(|(_, data)| data)
    }

    fn integers(&self, key: &str) -> Result<Vec<i32>, String> {
        let array =
            self.case.aux.get(key).and_then(Value::as_str).ok_or_else(|| format!("there is no {key}"))?;
        self.arrays.i32s(array).map(|(_, data)| data)
    }

    fn finish(&self) -> Finish {
        if self.mnist { Finish::Round } else { Finish::Cut }
    }

    /// Whether the operation's drawn values say it all, and which they are.
    fn drawn(&self) -> Result<Option<Value>, String> {
        Ok(Some(match self.kind {
            "gaussian_blur" => json!({ "sigma": self.c(0)? }),
            "defocus_blur" => json!({ "radius": self.c(0)?, "alias": self.c(1)? }),
            "motion_blur" if self.set == "nmnist" => {
                json!({ "length": self.number("length")?, "angle": self.number("angle")? })
            }
            "motion_blur" => {
                json!({ "radius": self.c(0)?, "sigma": self.c(1)?, "angle": self.number("angle")? })
            }
            "zoom_blur" => {
                let (step, end) = (self.c(2)?, self.c(1)?);
                json!({ "step": step, "count": ((end - 1.0) / step).ceil() as u8 })
            }
            "contrast" | "pixelate" => {
                let mut drawn = json!({ "factor": self.c(0)? });
                if self.kind == "pixelate" {
                    drawn["area"] = json!(self.mnist);
                }
                drawn
            }
            "brightness" => json!({ "add": self.c(0)? }),
            "saturate" => json!({ "factor": self.c(0)?, "add": self.c(1)? }),
            "jpeg_compression" => json!({ "quality": self.c(0)? as u8 }),
            "quantize" => json!({ "bits": self.c(0)? as u8 }),
            "shear" | "rotate" => json!({ "angle": self.c(0)? * self.number("bit")? }),
            "scale" => json!({ "factor": 1.0 / self.c(0)? }),
            // The original says which pixel is read, and we how far it moves.
            "translate" => {
                let by = |bit| self.number(bit).and_then(|bit| Ok(-bit * self.c(0)?));
                json!({ "x": by("bit_x")? as i32, "y": by("bit_y")? as i32 })
            }
            "line" | "dotted_line" | "zigzag" => {
                let (left, right) = match self.kind {
                    "line" => (self.number("c0")?, self.number("c1")?),
                    "dotted_line" => (0.0, 27.0),
                    _ => (2.0, 25.0),
                };
                json!({ "from": [left, self.number("r0")?], "to": [right, self.number("r1")?] })
            }
            "inverse" | "stripe" | "canny_edges" => json!({}),
            _ => return Ok(None),
        }))
    }

    /// Paints by the kernel, of numbers that are given.
    fn paint(&self, picture: &mut Picture) -> Result<(), String> {
        let (shape, finish, mut scratch) = (picture.shape, self.finish(), Scratch::default());
        let source = picture.clone();
        let image = ImageMut::new(shape, &mut picture.data);
        match self.kind {
            "shot_noise" => noise::shot(image, self.c(0)?, &self.integers("counts")?, finish),
            "impulse_noise" => {
                let (hit, white) = (self.integers("flipped")?, self.integers("salted")?);
                let marks: Vec<u8> =
                    hit.iter().zip(&white).map(|(hit, white)| (hit * (1 + white)) as u8).collect();
                noise::impulse(image, &marks, finish);
            }
            "gaussian_noise" => noise::add(image, &self.floats("noise")?, finish),
            "speckle_noise" => noise::speckle(image, &self.floats("noise")?, finish),
            "pessimal_noise" => noise::pattern(image, &self.floats("noise")?, 14, self.c(0)?, finish),
            "glass_blur" => {
                let moves = self.integers("moves")?;
                let mut moves = moves.chunks_exact(if self.mnist { 3 } else { 2 });
                let axes = if self.mnist { Axes::Down } else { Axes::Both };
                let (delta, times) = (self.c(1)? as usize, self.c(2)? as usize);
                let glass = blurs::Glass { sigma: self.c(0)?, delta, times, axes, copies: !self.mnist };
                blurs::glass(image, &glass, finish, &mut scratch, || match moves.next() {
                    Some([0, _, _]) | None => None,
                    Some([_, dx, dy] | [dx, dy]) => Some([*dx, *dy]),
                    Some(other) => panic!("a move of {} numbers", other.len()),
                });
                assert_eq!(moves.len(), 0, "every move is made");
            }
            "fog" => weather::fog(image, self.c(0)?, &self.floats("plasma")?, finish),
            "frost" => {
                let texture: Vec<u8> = self.integers("texture")?.into_iter().map(|v| v as u8).collect();
                weather::frost(image, self.c(0)?, self.c(1)?, &texture, finish);
            }
            "snow" => {
                let snow = Snow {
                    zoom: self.c(2)?,
                    threshold: self.c(3)?,
                    radius: self.c(4)?,
                    sigma: self.c(5)?,
                    angle: self.number("angle")?,
                    mix: self.c(6)?,
                };
                weather::snow(image, &snow, &self.floats("layer")?, finish, &mut scratch);
            }
            "spatter" => {
                let (sigma, threshold, last) = (self.c(2)?, self.c(3)?, self.c(4)?);
                let mut layer = self.floats("layer")?;
                if self.mnist || self.c(5)? > 0.0 {
                    let mud = Mud { sigma, threshold, blur: last, color: [63, 42, 20] };
                    weather::mud(image, &mud, &mut layer, finish, &mut scratch);
                } else {
                    let water = Water { sigma, threshold, strength: last };
                    water::splash(image, &water, &mut layer, finish, &mut scratch);
                }
            }
            "elastic_transform" => {
                let mut field = self.floats("ux")?;
                field.extend(self.floats("uy")?);
                let (sigma, beyond) = if self.mnist {
                    (self.c(1)?, Beyond::Zero)
                } else {
                    (self.number("sigma")?, Beyond::Mirror)
                };
                elastic::smooth(&mut field, shape, [sigma; 2], self.c(0)?, &mut scratch);
                let matrix = if self.mnist {
                    let corners = self.floats("corners")?;
                    let offsets = std::array::from_fn(|i| [0, 1].map(|k| corners[2 * i + k] as f32));
                    Some(elastic::moved_corners(&offsets, shape))
                } else {
                    None
                };
                elastic::warp(source.view(), image, matrix.as_ref(), &field, beyond, finish, &mut scratch);
            }
            other => return Err(format!("the family {other} is not known")),
        }
        Ok(())
    }

    /// The map of a case that has no input.
    fn map(&self) -> Result<Picture, String> {
        let side = self.number("mapsize")? as usize;
        let (drawn, mut at) = (self.floats("uniform")?, 0);
        let mut heights = vec![0.0; side * side];
        let window = plasma::Window { rows: side, columns: side };
        plasma::fill(
            &mut heights,
            window,
            side,
            self.number("wibbledecay")?,
            &mut Scratch::default(),
            |_, row| {
                row.copy_from_slice(&drawn[at..at + row.len()]);
                at += row.len();
            },
        );
        assert_eq!(at, drawn.len(), "every number is used");
        let data = heights.into_iter().map(|v| Finish::Round.byte(v)).collect();
        Ok(Picture { shape: Shape::gray(side, side), data })
    }
}

/// The mean and the greatest difference.
fn compare(case: &Case, arrays: &Arrays) -> Result<(f64, f64), String> {
    let given = Given::new(case, arrays)?;
    let picture = if given.kind == "plasma" {
        given.map()?
    } else {
        let input = case.input.as_deref().or_else(|| case.aux.get("src").and_then(Value::as_str));
        let mut picture = arrays.image(input.ok_or("there is no input")?)?;
        if let Some(values) = given.drawn()? {
            let drawn = AnyDrawn::read(&case.family().replace("nmnist.", "n_mnist."), values)
                .map_err(|error| error.to_string())?;
            let mut canvas = Canvas::default();
            canvas.load(picture.view());
            drawn.paint(&mut canvas);
            picture = Picture::of(&canvas);
        } else {
            given.paint(&mut picture)?;
        }
        picture
    };
    picture.against(case, arrays)
}

#[test]
fn every_corruption_comes_out_as_the_original_makes_it() {
    let (cases, arrays) = peers::cases("corruptions");
    // Other lists, which `MNISTAUG_GOLDEN` names, have other sets as well.
    let ours =
        |case: &&Case| ["mnist_c.", "imagenet_c.", "nmnist."].iter().any(|set| case.id.starts_with(set));
    let judged = Judged::of(cases.iter().filter(ours), |case| compare(case, &arrays));
    judged.holds();
    // All of them are to the bit, JPEG and water as well.
    assert!(judged.near.is_empty(), "{}", judged.near.join("\n"));
    assert!(judged.exact >= 70, "{} cases", judged.exact);
}

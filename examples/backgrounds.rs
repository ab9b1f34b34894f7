//! Paints the built-in backgrounds: `cargo run --release --example backgrounds -- DIR`.
//!
//! Each is a function from a point of the unit square (y downwards) to a color in linear light. They are
//! looked at twice: at their own size, and shrunk to a few dozen pixels behind a digit, where only gray
//! structure wider than a twentieth of the picture is left; so each has its structure there.

use std::f64::consts::TAU;
use std::path::Path;

use image::RgbImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use mnistaug_core::base::{Stage, Stream, math};

/// Rows and columns of each picture.
pub(crate) const SIDE: u32 = 256;

/// A picture by name, without the file's ending.
pub(crate) type Picture = (&'static str, fn() -> RgbImage);

/// The pictures in the order of their names.
pub(crate) const PICTURES: [Picture; 6] = [
    ("aurora", aurora),
    ("dunes", dunes),
    ("marble", marble),
    ("ripples", ripples),
    ("stained-glass", stained_glass),
    ("tartan", tartan),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: backgrounds DIR")?;
    for (name, paint) in PICTURES {
        #[allow(clippy::disallowed_methods, reason = "made by hand, and compared by a test")]
        let file = std::fs::File::create(Path::new(&folder).join(format!("{name}.png")))?;
        let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
        paint().write_with_encoder(encoder)?;
    }
    Ok(())
}

// ---- The pictures ----

/// Curtains of northern light over dark hills: tall, soft, brightest at their lower hem.
fn aurora() -> RgbImage {
    let noise = Noise::new(11);
    let mut rng = stream(12);
    let stars: [[f64; 3]; 60] =
        std::array::from_fn(|_| [rng.unit(), rng.unit() * 0.8, rng.uniform(0.1, 0.9)]);
    let sky = [(0.0, 0x0a_07_2a), (0.5, 0x0c_1c_46), (0.9, 0x1b_50_66)];
    let light =
        [(0.0, 0x8c_ff_a4), (0.05, 0x36_f2_8a), (0.28, 0x1f_b8_a8), (0.5, 0x70_48_e0), (1.0, 0xc0_38_b0)];
    paint(|x, y| {
        let far = 0.83 + 0.07 * noise.fractal(x * 2.5, 3.0, 4);
        let near = 0.93 + 0.05 * noise.fractal(x * 4.0, 9.0, 5);
        if y > near {
            return hex(0x02_05_0c);
        }
        if y > far {
            return mix(hex(0x06_12_22), hex(0x0c_2a_38), smooth(0.12, 0.0, y - far));
        }
        let mut color = ramp(&sky, y);
        for [star_x, star_y, size] in stars {
            let shine = size * smooth(0.0045, 0.0, length(x - star_x, y - star_y));
            color = add(color, scale([0.9, 0.95, 1.0], shine));
        }
        // Height of the hem, its swing and phase, brightness.
        let curtains = [(0.66, 0.10, 0.10, 1.1), (0.42, 0.09, 0.52, 0.6), (0.20, 0.05, 0.80, 0.28)];
        for (k, (base, swing, phase, strength)) in curtains.into_iter().enumerate() {
            let row = k as f64 * 7.3;
            let fold = 0.07 * noise.at(x * 3.0, row) + 0.02 * noise.at(x * 9.0, row + 1.0);
            let up = base + swing * math::sin(TAU * (x * 1.05 + phase)) + fold - y;
            let tall = 0.16 + 0.10 * noise.at(x * 2.6 + 5.0, row);
            let glow = if up < 0.0 { math::exp(up / 0.022) } else { math::exp(-up / tall) };
            let rays =
                0.6 + 0.5 * noise.at(x * 12.0 + up * 0.8, row + 2.0) + 0.45 * noise.at(x * 3.7, row + 4.0);
            color = add(color, scale(ramp(&light, up.max(0.0) * 1.5), (strength * glow * rays).max(0.0)));
        }
        color
    })
}

/// Desert ridges one behind the other under a low sun.
fn dunes() -> RgbImage {
    let noise = Noise::new(31);
    let sky = [(0.0, 0x35_24_5e), (0.18, 0x8f_3f_6e), (0.34, 0xee_7f_5a), (0.46, 0xff_c9_80)];
    // Height, swing, place of the top, lit color, shaded color.
    let ridges = [
        (0.46, 0.030, 0.18, 0xe0_8c_60, 0xb0_5c_58),
        (0.55, 0.055, 0.80, 0xf2_a4_5c, 0x92_44_4e),
        (0.66, 0.070, 0.33, 0xfb_bb_66, 0x78_32_46),
        (0.82, 0.085, 0.72, 0xee_98_4c, 0x54_22_3c),
        (0.98, 0.060, 0.22, 0xc0_66_40, 0x30_14_2c),
    ];
    paint(|x, y| {
        // Sharp tops and round hollows, one of each across the picture.
        let crest = |k: usize, x: f64| {
            let (height, swing, top, ..) = ridges[k];
            let wave = math::sin(TAU * 0.5 * (x - top));
            height + swing * (2.0 * wave.abs() - 1.0) + 0.012 * noise.at(x * 3.0, k as f64 * 5.1)
        };
        let Some(k) = (0..ridges.len()).rev().find(|&k| y > crest(k, x)) else {
            let d = length(x - 0.6, y - 0.22);
            let glow = scale(hex(0xff_b0_60), 0.5 * math::exp(-d * 9.0));
            return mix(add(ramp(&sky, y), glow), hex(0xff_f6_d8), smooth(0.098, 0.092, d));
        };
        let (lit, shade) = (hex(ridges[k].3), hex(ridges[k].4));
        let below = y - crest(k, x);
        // From the top an edge winds down and to the left; the face on its right is in the sun.
        let edge = ridges[k].2 - 0.9 * below + 0.045 * math::sin(below * 28.0);
        let soft = 0.006 + 0.25 * below;
        let face = smooth(-soft, soft, x - edge) * (1.0 - 0.75 * smooth(0.1, 0.62, x - edge));
        let far = smooth(0.25, 0.75, edge - x);
        let light = (face + 0.8 * far) * math::exp(-below / 0.3) + 0.15 * math::exp(-below / 0.012);
        mix(shade, lit, light.min(1.0))
    })
}

/// Dark and pale stone in slanting layers with veins of gold.
fn marble() -> RgbImage {
    let noise = Noise::new(41);
    let stone =
        [(0.0, 0x12_12_1c), (0.35, 0x34_34_46), (0.62, 0x8a_86_92), (0.82, 0xdc_d6_d0), (1.0, 0xfa_f6_ee)];
    paint(|x, y| {
        let bend = noise.fractal(x * 1.5, y * 1.5, 2);
        let fine = noise.fractal(x * 2.0 + bend + 4.0, y * 2.0 - bend, 4);
        let layer = 0.5 + 0.5 * math::sin(TAU * (1.1 * x + 1.5 * y + 0.5 * bend + 0.26 * fine));
        let color = ramp(&stone, math::pow(layer, 1.4));
        let vein = math::sin(TAU * (0.9 * x + 0.9 * y + 0.30 * bend + 0.26 * fine + 0.15)).abs();
        let width = 0.05 + 0.05 * noise.at(x * 3.0, y * 3.0 + 30.0);
        mix(color, hex(0xdf_a8_3c), 0.95 * smooth(width + 0.05, width, vein))
    })
}

/// Rings where two drops fell into still water.
fn ripples() -> RgbImage {
    let water =
        [(0.0, 0x04_16_3a), (0.4, 0x0c_4a_86), (0.65, 0x2f_9a_c8), (0.85, 0xa5_e6_ee), (1.0, 0xff_ff_ff)];
    let drops = [(0.40, 0.42, 1.0), (1.02, 0.98, 0.22)];
    paint(|x, y| {
        let height = |x: f64, y: f64| {
            drops.iter().fold(0.0, |sum, &(u, v, strength)| {
                let d = length(x - u, (y - v) * 1.15);
                sum + strength * math::cos(TAU * d / 0.18) * math::exp(-d * 1.3)
            })
        };
        let slope = (height(x - 0.002, y - 0.002) - height(x + 0.002, y + 0.002)) / 0.004;
        let shine = 0.38 + 0.015 * slope + 0.24 * height(x, y);
        ramp(&water, (shine + 0.16 * (0.6 - y)).clamp(0.0, 1.0))
    })
}

/// Panes of colored glass held by lead.
fn stained_glass() -> RgbImage {
    let noise = Noise::new(61);
    let mut rng = stream(62);
    let tints =
        [0xc9_1f_37, 0x1f_4f_b5, 0xf4_b9_2f, 0x1c_8f_6a, 0x6b_2f_9e, 0xe8_6a_2a, 0x57_b6_e0, 0xf3_e3_b0];
    let mut panes = Vec::new();
    let cells = 5;
    for row in -1..=cells {
        for column in -1..=cells {
            let shift = if row % 2 == 0 { 0.25 } else { 0.75 };
            let x = (f64::from(column) + shift + rng.uniform(-0.3, 0.3)) / f64::from(cells);
            let y = (f64::from(row) + 0.5 + rng.uniform(-0.3, 0.3)) / f64::from(cells);
            let color = loop {
                let color = hex(tints[rng.index(tints.len())]);
                let near = |&&(u, v, other): &&(f64, f64, Rgb)| other == color && length(x - u, y - v) < 0.34;
                if panes.iter().find(near).is_none() {
                    break color;
                }
            };
            panes.push((x, y, color));
        }
    }
    paint(|x, y| {
        let distance = |&(u, v, _): &(f64, f64, Rgb)| length(x - u, y - v);
        let mut nearest = panes[0];
        for pane in &panes {
            if distance(pane) < distance(&nearest) {
                nearest = *pane;
            }
        }
        // To the border with each other pane: half way between the two, seen along their join.
        let edge = panes.iter().fold(1.0_f64, |edge, &(u, v, _)| {
            let (dx, dy) = (u - nearest.0, v - nearest.1);
            let join = length(dx, dy);
            if join == 0.0 {
                return edge;
            }
            edge.min((dx * (f64::midpoint(u, nearest.0) - x) + dy * (f64::midpoint(v, nearest.1) - y)) / join)
        });
        let sun = 0.55 + 0.75 * smooth(0.75, 0.0, length(x - 0.42, y - 0.4));
        let streaks = 1.0 + 0.16 * noise.fractal(x * 9.0 + nearest.0 * 40.0, y * 3.0, 2);
        let glass = scale(nearest.2, sun * streaks * (0.6 + 0.4 * smooth(0.008, 0.045, edge)));
        mix(hex(0x10_0f_14), glass, smooth(0.009, 0.013, edge))
    })
}

/// Woollen checks in a two-over-two twill.
fn tartan() -> RgbImage {
    // Half of a sett, in threads; it is mirrored at both ends.
    let sett = [
        (0xf0_e4_c8, 24),
        (0xb4_22_34, 6),
        (0xf0_e4_c8, 8),
        (0x1c_22_3c, 24),
        (0x2c_7a_6c, 10),
        (0x1c_22_3c, 8),
        (0xb4_22_34, 12),
    ];
    let half: Vec<Rgb> = sett.iter().flat_map(|&(color, threads)| vec![hex(color); threads]).collect();
    let thread = |i: usize| {
        let i = i % (2 * half.len());
        half[i.min(2 * half.len() - 1 - i)]
    };
    paint(|x, y| {
        let (u, v) = (x * 256.0, y * 256.0);
        let (i, j) = (u as usize, v as usize);
        let over = (i + j) % 4 < 2;
        // A thread is round: darker towards its sides.
        let round = |t: f64| 1.08 - 0.3 * (2.0 * t.fract() - 1.0) * (2.0 * t.fract() - 1.0);
        if over { scale(thread(i + 14), round(u)) } else { scale(thread(j + 14), round(v)) }
    })
}

// ---- Colors ----

/// Red, green and blue in linear light, 0..1; more is clipped at the end.
type Rgb = [f64; 3];

/// The color of a web notation. Light is taken as the square of the code, close to sRGB and exact to invert.
fn hex(code: u32) -> Rgb {
    [16, 8, 0].map(|shift| {
        let code = f64::from(code >> shift & 255) / 255.0;
        code * code
    })
}

fn add(a: Rgb, b: Rgb) -> Rgb {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

fn scale(a: Rgb, by: f64) -> Rgb {
    a.map(|a| a * by)
}

fn mix(a: Rgb, b: Rgb, t: f64) -> Rgb {
    add(scale(a, 1.0 - t), scale(b, t))
}

/// The color at `t` between stops in rising order, mixed as codes are, which looks even to the eye.
fn ramp(stops: &[(f64, u32)], t: f64) -> Rgb {
    let after = stops.iter().position(|&(at, _)| at > t).unwrap_or(stops.len());
    if after == 0 || after == stops.len() {
        return hex(stops[after.saturating_sub(1)].1);
    }
    let ((low, a), (high, b)) = (stops[after - 1], stops[after]);
    mix(hex(a).map(f64::sqrt), hex(b).map(f64::sqrt), (t - low) / (high - low)).map(|c| c * c)
}

/// 0 at `from`, 1 at `to` and beyond, smooth between; `from` may be the larger.
fn smooth(from: f64, to: f64, x: f64) -> f64 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn length(x: f64, y: f64) -> f64 {
    (x * x + y * y).sqrt()
}

// ---- Means ----

fn stream(number: u64) -> Stream {
    Stream::at(0, Stage::new("backgrounds", ""), number, 0)
}

/// A picture from a function of the point (x, y), the mean of 4x4 points per pixel.
fn paint(color: impl Fn(f64, f64) -> Rgb) -> RgbImage {
    const POINTS: u32 = 4;
    RgbImage::from_fn(SIDE, SIDE, |column, row| {
        let at = |pixel: u32, point: u32| {
            (f64::from(pixel) + (f64::from(point) + 0.5) / f64::from(POINTS)) / f64::from(SIDE)
        };
        let mut sum = [0.0; 3];
        for i in 0..POINTS * POINTS {
            let point = color(at(column, i % POINTS), at(row, i / POINTS));
            sum = add(sum, point.map(|c| c.clamp(0.0, 1.0)));
        }
        let code = |c: f64| ((c / f64::from(POINTS * POINTS)).sqrt() * 255.0).round_ties_even() as u8;
        image::Rgb(sum.map(code))
    })
}

/// Gradient noise on the unit lattice, about -1..1.
///
/// Ken Perlin, "Improving Noise", SIGGRAPH 2002, in two dimensions and with slopes in every direction.
struct Noise {
    order: [u8; 256],
    slopes: [[f64; 2]; 256],
}

impl Noise {
    fn new(number: u64) -> Self {
        let mut rng = stream(number);
        let mut order = std::array::from_fn(|i| i as u8);
        rng.shuffle(&mut order);
        let slopes = std::array::from_fn(|_| {
            let angle = rng.uniform(0.0, TAU);
            [math::cos(angle), math::sin(angle)]
        });
        Self { order, slopes }
    }

    fn at(&self, x: f64, y: f64) -> f64 {
        let (left, top) = (x.floor(), y.floor());
        let (u, v) = (x - left, y - top);
        let corner = |right: i32, down: i32| {
            let column = self.order[((left as i32 + right) & 255) as usize];
            let cell = (i32::from(column) + top as i32 + down) & 255;
            let [a, b] = self.slopes[usize::from(self.order[cell as usize])];
            a * (u - f64::from(right)) + b * (v - f64::from(down))
        };
        let ease = |t: f64| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
        let across = |down: i32| corner(0, down) + ease(u) * (corner(1, down) - corner(0, down));
        1.5 * (across(0) + ease(v) * (across(1) - across(0)))
    }

    /// Octaves of noise, each twice as fine and half as strong as the one before.
    fn fractal(&self, x: f64, y: f64, octaves: u32) -> f64 {
        let (mut sum, mut size, mut strength) = (0.0, 1.0, 1.0);
        for _ in 0..octaves {
            sum += strength * self.at(x * size, y * size + 17.0 * size);
            size *= 2.0;
            strength *= 0.5;
        }
        sum
    }
}

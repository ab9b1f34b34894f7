//! One digit: choose how it is written, vary it as a hand does, ink it, fit it and center it.

use std::f32::consts::TAU;

use super::pen::{Dot, PAGE, Page};
use super::skeletons::{DIGITS, Family, Knot, MOST_KNOTS, Turn};
use crate::base::{Stage, Stream, math};

/// Side of an image in pixels.
pub const SIDE: usize = 28;
/// Row and column of the pixel that the center of mass is moved to, as in MNIST.
const CENTRE: f32 = 14.0;
/// The longer side of the ink at half brightness; the soft rim fills the rest of the page.
const FIT: f32 = 19.6;
/// Most points along the strokes of one digit; enough for every skeleton at its longest.
const MOST_DOTS: usize = 192;
/// Distance of points along a stroke, where the digit is 1 high.
const STEP: f32 = 0.085;

/// Mean slant of each digit, as columns to the right per row up, over how its skeletons stand.
const SLANT: [f32; 10] = [0.23, 0.22, 0.12, 0.08, 0.22, 0.06, 0.08, 0.09, 0.12, 0.14];
/// Mean pen radius of each digit in pixels: digits of few lines are written bolder at this size.
const RADIUS: [f32; 10] = [1.28, 1.28, 1.22, 1.18, 1.16, 1.14, 1.18, 1.21, 1.13, 1.11];

/// Draws digits; keeps the page between one and the next, so that drawing does not allocate.
#[derive(Clone, Debug)]
pub struct Artist {
    knots: [Knot; MOST_KNOTS],
    dots: [Dot; MOST_DOTS],
    /// True for the dots that begin a stroke.
    starts: [bool; MOST_DOTS],
    page: Page,
    small: [u8; PAGE * PAGE],
}

impl Default for Artist {
    fn default() -> Self {
        Self {
            knots: [Knot { x: 0.0, y: 0.0, turn: Turn::Smooth }; MOST_KNOTS],
            dots: [Dot::default(); MOST_DOTS],
            starts: [false; MOST_DOTS],
            page: Page::new(),
            small: [0; PAGE * PAGE],
        }
    }
}

impl Artist {
    /// Draws digit image `index` of `split` into `pixels` (28x28, row-major, ink bright on 0) and returns its
    /// class, 0..=9.
    ///
    /// A pure function of its arguments. Every aligned block of ten indices holds each class once.
    pub fn draw(&mut self, split: &str, index: u64, pixels: &mut [u8; SIDE * SIDE]) -> u8 {
        let class = class_of(split, index);
        let rng = &mut Stream::at(0, Stage::new("digits", split), index, 0);
        let knots = self.write(class, rng);
        let dots = self.trace(knots);
        self.press(dots, class, rng);
        let soft = rng.uniform(0.55, 0.90) as f32;
        fit(&mut self.dots[..dots]);
        self.page.clear();
        for i in 0..dots {
            let from = if self.starts[i] { i } else { i - 1 };
            self.page.line(self.dots[from], self.dots[i], soft);
        }
        self.page.develop(soft, &mut self.small);
        center(&self.small, pixels);
        class
    }

    /// Puts down the knots of a digit, varied, and returns their number.
    ///
    /// In this order: two poses of a family are mixed, with a share that changes along the strokes; each
    /// knot trembles; the digit as a whole is bent (a random polynomial of second and third order in both
    /// directions), waves along the stroke, is stretched, slanted and turned.
    fn write(&mut self, class: u8, rng: &mut Stream) -> usize {
        let class = usize::from(class);
        let family = choose(DIGITS[class], rng);
        let a = family.poses[rng.index(family.poses.len())];
        let b = family.poses[rng.index(family.poses.len())];
        let count = a.len() as f32;
        let (first, last) = (rng.unit() as f32, rng.unit() as f32);
        let tremble = 0.012 * math::expf(0.4 * normal(rng));
        let wide = math::expf(0.27 * normal(rng));
        let slant = SLANT[class] + 0.28 * normal(rng);
        let turn = 0.12 * normal(rng);
        let (sin, cos) = (math::sinf(turn), math::cosf(turn));
        // A one has nothing but its straightness.
        let loose = if class == 1 { 0.4 } else { 1.0 };
        let bend = [(); 6].map(|()| loose * 0.22 * normal(rng));
        let cubic = [(); 4].map(|()| loose * 0.25 * normal(rng));
        let wave = [(); 2].map(|()| loose * 0.03 * normal(rng));
        let beat = rng.uniform(0.5, 2.0) as f32 * TAU / count;
        let phase = rng.unit() as f32 * TAU;
        for (i, ((out, a), b)) in self.knots.iter_mut().zip(a).zip(b).enumerate() {
            let i = i as f32;
            let share = first + (last - first) / count * i;
            let u = a.x + (b.x - a.x) * share + tremble * normal(rng) - 0.45;
            let v = a.y + (b.y - a.y) * share + tremble * normal(rng) - 0.5;
            let swing = math::sinf(phase + beat * i);
            let x = u + u * (bend[0] * u + bend[1] * v) + v * v * (bend[2] + cubic[0] * u + cubic[1] * v);
            let y =
                v + v * (bend[3] * v + bend[4] * u) + u * u * (bend[5] + cubic[2] * v) + cubic[3] * v * v * v;
            let y = y + wave[1] * swing;
            let x = (x + wave[0] * swing) * wide - slant * y;
            *out = Knot { x: x * cos - y * sin, y: x * sin + y * cos, turn: a.turn };
        }
        a.len()
    }

    /// Runs the pen through the first `count` knots and returns the number of dots it leaves.
    ///
    /// Between knots the path is a cubic Hermite curve; at a smooth knot its direction is that of the
    /// parabola through the knot and its neighbors, with the parameter proportional to the chords.
    fn trace(&mut self, count: usize) -> usize {
        let knots = &self.knots[..count];
        let mut n = 0;
        let mut put = |x: f32, y: f32, start: bool| {
            if n < MOST_DOTS {
                self.dots[n] = Dot { x, y, r: 0.0 };
                self.starts[n] = start;
                n += 1;
            }
        };
        let chord = |i: usize| {
            let (dx, dy) = (knots[i + 1].x - knots[i].x, knots[i + 1].y - knots[i].y);
            (dx, dy, (dx * dx + dy * dy).sqrt().max(1e-4))
        };
        let runs_on =
            |i: usize| knots[i].turn == Turn::Smooth && i + 1 < count && knots[i + 1].turn != Turn::Down;
        let direction = |i: usize| {
            let (ax, ay, al) = chord(i - 1);
            let (bx, by, bl) = chord(i);
            let whole = 1.0 / (al + bl);
            ((ax / al * bl + bx / bl * al) * whole, (ay / al * bl + by / bl * al) * whole)
        };
        for (i, knot) in knots.iter().enumerate() {
            if knot.turn == Turn::Down {
                put(knot.x, knot.y, true);
                continue;
            }
            let from = i - 1;
            let (dx, dy, length) = chord(from);
            let leave = runs_on(from).then(|| direction(from));
            let arrive = runs_on(i).then(|| direction(i));
            let straight = (dx / length, dy / length);
            // An end without a direction of its own takes the one that makes the curve a parabola.
            let parabola =
                |other: (f32, f32)| ((3.0 * straight.0 - other.0) * 0.5, (3.0 * straight.1 - other.1) * 0.5);
            let (leave, arrive) = match (leave, arrive) {
                (Some(l), Some(a)) => (l, a),
                (Some(l), None) => (l, parabola(l)),
                (None, Some(a)) => (parabola(a), a),
                (None, None) => (straight, straight),
            };
            let steps = ((length / STEP) as usize + 1).min(12);
            for step in 1..=steps {
                let t = step as f32 / steps as f32;
                let (t2, t3) = (t * t, t * t * t);
                let (h1, h2, h3) = (3.0 * t2 - 2.0 * t3, (t3 - 2.0 * t2 + t) * length, (t3 - t2) * length);
                put(
                    knots[from].x + dx * h1 + leave.0 * h2 + arrive.0 * h3,
                    knots[from].y + dy * h1 + leave.1 * h2 + arrive.1 * h3,
                    false,
                );
            }
        }
        n
    }

    /// Gives the first `count` dots their radii in pixels: a width for the digit, a pressure that swings and
    /// one that grows or fades.
    fn press(&mut self, count: usize, class: u8, rng: &mut Stream) {
        let radius = RADIUS[usize::from(class)] * math::expf(0.27 * normal(rng));
        let swing = 0.10 * normal(rng);
        let phase = rng.unit() as f32 * TAU;
        let trend = 0.10 * normal(rng);
        for (i, dot) in self.dots[..count].iter_mut().enumerate() {
            let along = i as f32 / count as f32;
            let pressure = 1.0 + swing * math::sinf(phase + 1.5 * TAU * along) + trend * (along - 0.5);
            dot.r = (radius * pressure).max(0.3);
        }
    }
}

/// The class of digit `index`: each aligned block of ten holds every class once, in an order of its own.
#[must_use]
pub fn class_of(split: &str, index: u64) -> u8 {
    let mut order = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    Stream::at(0, Stage::new("digits-order", split), index / 10, 0).shuffle(&mut order);
    order[(index % 10) as usize]
}

fn choose<'a>(families: &'a [Family], rng: &mut Stream) -> &'a Family {
    let total: u64 = families.iter().map(|f| u64::from(f.weight)).sum();
    let mut left = rng.below(total);
    for family in families {
        let weight = u64::from(family.weight);
        if left < weight {
            return family;
        }
        left -= weight;
    }
    &families[0]
}

fn normal(rng: &mut Stream) -> f32 {
    rng.normal() as f32
}

/// Scales and moves the dots so that their ink fills the page in its longer direction and is in its middle.
fn fit(dots: &mut [Dot]) {
    let extent = |scale: f32, of: fn(&Dot) -> f32| {
        dots.iter().fold((f32::MAX, f32::MIN), |(low, high), dot| {
            (low.min(scale * of(dot) - dot.r), high.max(scale * of(dot) + dot.r))
        })
    };

    let mut scale = 16.0;
    for _ in 0..3 {
        let (left, right) = extent(scale, |d| d.x);
        let (top, bottom) = extent(scale, |d| d.y);
        let (width, height) = (right - left, bottom - top);
        // The radii do not grow with the scale, so that this is approached rather than hit.
        let now = width.max(height);
        scale *= 1.0 + (FIT - now) / (now - 2.0).max(1.0);
        scale = scale.clamp(4.0, 40.0);
    }
    let (left, right) = extent(scale, |d| d.x);
    let (top, bottom) = extent(scale, |d| d.y);
    let middle = PAGE as f32 * 0.5;
    let (x, y) = (middle - (left + right) * 0.5, middle - (top + bottom) * 0.5);
    for dot in dots {
        dot.x = dot.x * scale + x;
        dot.y = dot.y * scale + y;
    }
}

/// Copies the page into the image, moved by whole pixels so that the center of mass is nearest to its middle.
fn center(page: &[u8; PAGE * PAGE], pixels: &mut [u8; SIDE * SIDE]) {
    let (mut mass, mut mx, mut my) = (0_u32, 0_u32, 0_u32);
    let rows = page.as_chunks::<PAGE>().0;
    for (y, row) in (0..).zip(rows) {
        for (x, &value) in (0..).zip(row) {
            let value = u32::from(value);
            mass += value;
            mx += value * x;
            my += value * y;
        }
    }
    let offset = |moment: u32| {
        let middle = moment as f32 / mass.max(1) as f32;
        math::rhe(CENTRE - middle).clamp(0, (SIDE - PAGE) as i32) as usize
    };
    let (left, top) = (offset(mx), offset(my));
    pixels.fill(0);
    for (out, row) in pixels.as_chunks_mut::<SIDE>().0[top..].iter_mut().zip(rows) {
        out[left..left + PAGE].copy_from_slice(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const SPLITS: [&str; 2] = ["train", "test"];

    fn drawn(split: &str, index: u64) -> (u8, [u8; SIDE * SIDE]) {
        let mut pixels = [7; SIDE * SIDE];
        let class = Artist::default().draw(split, index, &mut pixels);
        (class, pixels)
    }

    /// If this changes, every data set made from the built-in digits changes.
    #[test]
    fn the_first_hundred_are_pinned() {
        let mut hasher = blake3::Hasher::new();
        for index in 0..100 {
            let (class, pixels) = drawn("train", index);
            hasher.update(&[class]).update(&pixels);
        }
        assert_eq!(
            hasher.finalize().to_hex().as_str(),
            "b6930a9246fc31963eb84f039642024b6ae006c4c82e6e37f7bd53d7ab11df3a"
        );
    }

    #[test]
    fn every_block_of_ten_holds_each_class_once() {
        for split in SPLITS {
            let mut orders = BTreeSet::new();
            for block in (0..50).chain([u64::MAX / 10 - 1]) {
                let order: Vec<u8> = (0..10).map(|i| class_of(split, block * 10 + i)).collect();
                assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), (0..10).collect());
                orders.insert(order);
            }
            assert!(orders.len() > 45, "blocks have orders of their own");
        }
    }

    #[test]
    fn an_image_depends_on_split_and_index_alone() {
        let mut used = Artist::default();
        let mut pixels = [0; SIDE * SIDE];
        for index in [5, 3, 1 << 40, u64::MAX, 3] {
            let class = used.draw("train", index, &mut pixels);
            assert_eq!((class, pixels), drawn("train", index));
            assert_ne!(pixels, drawn("test", index).1);
        }
    }

    #[test]
    fn ink_fills_the_box_and_is_centerd_by_mass() {
        for split in SPLITS {
            for index in 0..2000 {
                let (class, pixels) = drawn(split, index);
                let (mut mass, mut mx, mut my) = (0.0, 0.0, 0.0);
                let (mut left, mut right, mut top, mut bottom) = (SIDE, 0, SIDE, 0);
                for (i, &value) in pixels.iter().enumerate().filter(|(_, v)| **v > 0) {
                    let (x, y) = (i % SIDE, i / SIDE);
                    (left, right) = (left.min(x), right.max(x));
                    (top, bottom) = (top.min(y), bottom.max(y));
                    let value = f64::from(value);
                    mass += value;
                    mx += value * x as f64;
                    my += value * y as f64;
                }
                assert!(mass > 2000.0, "{class} {split} {index}: hardly any ink");
                let longer = (right - left).max(bottom - top) + 1;
                assert!((19..=PAGE).contains(&longer), "{class} {split} {index}: {longer} long");
                for moment in [mx, my] {
                    let off = (moment / mass - f64::from(CENTRE)).abs();
                    assert!(off <= 1.0, "{class} {split} {index}: {off} from the center");
                }
            }
        }
    }

    #[test]
    fn images_of_a_class_differ() {
        let mut seen = BTreeSet::new();
        for index in 0..1000 {
            assert!(seen.insert(drawn("train", index)), "{index} is drawn twice");
        }
    }

    /// The longest digit that mixtures of poses can give must not lose its end.
    #[test]
    fn there_is_room_for_every_stroke() {
        let mut artist = Artist::default();
        for index in 0..5000 {
            let class = class_of("train", index);
            let count = artist.write(class, &mut Stream::at(0, Stage::new("digits", "train"), index, 0));
            let dots = artist.trace(count);
            assert!(dots < MOST_DOTS * 3 / 4, "{class}: {dots}");
        }
    }
}

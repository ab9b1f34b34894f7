//! Augmentation: images a second of every operation on one core, of the presets on two, and what a pixel costs
//! at different sizes. `benches/table.py` makes the table of docs/performance.md from it.

use std::fmt;

use divan::Bencher;
use divan::counter::ItemsCount;
use mnistaug_core::base::{Address, Canvas, Image, ImageMut, Scratch, Shape, Stage, Stream};
use mnistaug_core::digits::{Artist, SIDE};
use mnistaug_core::kernels::colorize::{Span, ink_over, levels, stretch};
use mnistaug_core::kernels::{fit, vectors};
use mnistaug_core::pipeline::python::Wanted;
use mnistaug_core::pipeline::{Pipeline, Plan, Spec, presets};
use rayon::prelude::*;

/// `MNISTAUG_VECTORS=N` measures with the N-th level of vector instructions that the machine has, from 0, instead of the best.
fn main() {
    if let Some(number) = std::env::var("MNISTAUG_VECTORS").ok().and_then(|number| number.parse().ok()) {
        vectors::choose(Some(number));
    }
    divan::main();
}

/// The operations that are measured one by one: `NAME = STEP` in each line but comments.
const OPERATIONS: &str = include_str!("operations.txt");

/// An operation as it stands in a pipeline file, and what the table calls it.
struct Case(&'static str, &'static str);

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

fn cases() -> impl Iterator<Item = Case> {
    let lines = OPERATIONS.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(" = ").expect("NAME = STEP")).map(|(name, step)| Case(name, step))
}

/// Images one after the other.
struct Images {
    shape: Shape,
    pixels: Vec<u8>,
}

impl Images {
    fn gray(count: u64) -> Self {
        let (mut artist, mut digit, mut pixels) = (Artist::default(), [0; SIDE * SIDE], Vec::new());
        for index in 0..count {
            artist.draw("train", index, &mut digit);
            pixels.extend_from_slice(&digit);
        }
        Self { shape: Shape::gray(SIDE, SIDE), pixels }
    }

    /// Each digit on one of the built-in backgrounds, in random colors.
    fn colored(count: u64) -> Self {
        let shape = Shape::rgb(SIDE, SIDE);
        let backgrounds = ["aurora", "dunes", "marble", "ripples", "stained-glass", "tartan"].map(|name| {
            let file = format!("{}/../../backgrounds/{name}.png", env!("CARGO_MANIFEST_DIR"));
            let picture = image::open(&file).unwrap_or_else(|error| panic!("{file}: {error}")).to_rgb8();
            let from = Shape::rgb(picture.height() as usize, picture.width() as usize);
            let (mut window, mut background) = (vec![0; shape.bytes()], vec![0.0; shape.bytes()]);
            fit::cover(
                Image::new(from, &picture),
                ImageMut::new(shape, &mut window),
                &mut Scratch::default(),
            );
            levels(&window, &mut background);
            background
        });
        let mut pixels = vec![0; count as usize * shape.bytes()];
        let gray = Self::gray(count);
        for (index, out) in (0..count).zip(pixels.chunks_exact_mut(shape.bytes())) {
            let mut stream = Stream::at(0, Stage::new("colorize", "train"), index, 0);
            let mut spans = || {
                let mut end = || stream.below(256) as f32;
                [(); 3].map(|()| Span::between(end(), end()))
            };
            stretch(&backgrounds[index as usize % backgrounds.len()], spans(), out);
            let digit = &gray.pixels[index as usize * SIDE * SIDE..][..SIDE * SIDE];
            let ink: Vec<_> = (0..).zip(digit.iter().copied()).filter(|(_, value)| *value != 0).collect();
            ink_over(&ink, spans(), out);
        }
        Self { shape, pixels }
    }

    /// The same images in another size, pixels repeated.
    fn scaled(&self, height: usize, width: usize) -> Self {
        let shape = Shape { height, width, ..self.shape };
        let mut pixels = Vec::with_capacity(self.len() * shape.bytes());
        for image in self.pixels.chunks_exact(self.shape.bytes()) {
            for y in 0..height {
                let row = &image[y * self.shape.height / height * self.shape.stride()..];
                for x in 0..width {
                    let at = x * self.shape.width / width * self.shape.channels();
                    pixels.extend_from_slice(&row[at..at + self.shape.channels()]);
                }
            }
        }
        Self { shape, pixels }
    }

    fn len(&self) -> usize {
        self.pixels.len() / self.shape.bytes()
    }

    fn get(&self, index: usize) -> Image<'_> {
        let bytes = self.shape.bytes();
        Image::new(self.shape, &self.pixels[index * bytes..][..bytes])
    }
}

/// What a worker keeps.
#[derive(Default)]
struct Worker {
    plan: Plan,
    canvas: Canvas,
}

impl Worker {
    fn work(&mut self, pipeline: &Pipeline, image: Image<'_>, item: u64) -> &[u8] {
        pipeline.draw(Address { seed: 1, stage: Stage::new("bench", "train"), item }, &mut self.plan);
        self.canvas.load(image);
        self.plan.paint(&mut self.canvas);
        self.canvas.pixels()
    }
}

/// Repeats passes over `count` of the images, each with other random numbers. On one thread.
fn one_thread(bencher: Bencher<'_, '_>, pipeline: &Pipeline, images: &Images, count: usize, items: usize) {
    let (mut worker, mut item) = (Worker::default(), 0);
    bencher.counter(ItemsCount::new(items)).bench_local(|| {
        for _ in 0..count {
            let image = images.get(item % images.len());
            divan::black_box(worker.work(pipeline, image, item as u64));
            item += 1;
        }
    });
}

/// Whether a case is one of MNIST-C, whose images are gray.
fn is_gray(case: &Case) -> bool {
    case.0.starts_with("mc_")
}

/// Every operation by itself on colored 28x28 digits, one thread.
#[divan::bench(args = cases().filter(|case| !is_gray(case)), sample_size = 1, sample_count = 60, max_time = 0.7)]
fn single(bencher: Bencher<'_, '_>, case: &Case) {
    alone(bencher, case, &Images::colored(1000));
}

/// MNIST-C's corruptions by themselves on gray 28x28 digits, one thread.
#[divan::bench(args = cases().filter(is_gray), sample_size = 1, sample_count = 60, max_time = 0.7)]
fn gray(bencher: Bencher<'_, '_>, case: &Case) {
    alone(bencher, case, &Images::gray(1000));
}

fn alone(bencher: Bencher<'_, '_>, case: &Case, images: &Images) {
    let text = format!("version: 1\npipeline: [{{ {} }}]\n", case.1);
    let spec = Spec::parse(case.0, &text).unwrap_or_else(|error| panic!("{error}"));
    let pipeline = Pipeline::new(spec, images.shape).expect("a pipeline for any shape");
    let count = if case.0 == "superpixels" { 100 } else { 500 };
    one_thread(bencher, &pipeline, images, count, count);
}

/// The users' recipe for Fashion-MNIST, which is written with Keras' parameters.
const KERAS_FASHION: &str = "version: 1\npipeline: [{ keras_transform: { rotation_range: 10, zoom_range: 0.1, shear_range: 0.5, \
     width_shift_range: 0.1, height_shift_range: 0.1, horizontal_flip: true } }]\n";

/// Presets, and the recipe with Keras' parameters, on two threads, from an array in memory into another.
#[divan::bench(
    args = ["imgaug-heavy", "imgaug-light", "elastic", "keras fashion"],
    sample_size = 1,
    sample_count = 60,
    max_time = 4
)]
fn two_threads(bencher: Bencher<'_, '_>, name: &str) {
    let gray = matches!(name, "elastic" | "keras fashion");
    let images = if gray { Images::gray(2000) } else { Images::colored(2000) };
    let pipeline = if name == "keras fashion" {
        let spec = Spec::parse(name, KERAS_FASHION).unwrap_or_else(|error| panic!("{error}"));
        Pipeline::new(spec, images.shape).expect("a pipeline for any shape")
    } else {
        presets::compile(name, images.shape).unwrap_or_else(|error| panic!("{error}"))
    };
    let bytes = images.shape.bytes();
    let mut out = vec![0; images.pixels.len()];
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads");
    let mut pass = 0;
    bencher.counter(ItemsCount::new(images.len())).bench_local(|| {
        pool.install(|| {
            out.par_chunks_mut(100 * bytes).enumerate().for_each_init(
                Worker::default,
                |worker, (block, out)| {
                    for (i, out) in out.chunks_exact_mut(bytes).enumerate() {
                        let index = block * 100 + i;
                        let item = (pass * images.len() + index) as u64;
                        out.copy_from_slice(worker.work(&pipeline, images.get(index), item));
                    }
                },
            );
        });
        pass += 1;
    });
}

/// `imgaug-light` by size of the images, one thread; the items are pixels.
#[divan::bench(args = [(28, 28), (112, 112), (400, 500)], sample_size = 1, sample_count = 60, max_time = 1.5)]
fn light_pixels(bencher: Bencher<'_, '_>, (height, width): (usize, usize)) {
    let images = Images::colored(16).scaled(height, width);
    let pipeline = presets::compile("imgaug-light", images.shape).unwrap_or_else(|error| panic!("{error}"));
    let count = 400_000 / images.shape.pixels();
    one_thread(bencher, &pipeline, &images, count, count * images.shape.pixels());
}

/// Reading a pipeline that was pasted as Python, from the file to the checked steps.
#[divan::bench(max_time = 1)]
fn pasted_python() -> presets::Loaded {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/pipeline/python/fixtures/heavy.py");
    presets::open(file, &Wanted::default()).unwrap_or_else(|error| panic!("{error}"))
}

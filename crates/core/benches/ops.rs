//! Augmentation: images a second of every operation on one core, of the presets on two, and what a pixel costs
//! at different sizes. `benches/table.py` makes the table of docs/performance.md from it.

use std::fmt;

use divan::Bencher;
use divan::counter::ItemsCount;
use mnistaug_core::base::{Address, Canvas, Image, ImageMut, Scratch, Shape, Stage, Stream};
use mnistaug_core::digits::{Artist, SIDE};
use mnistaug_core::kernels::colorize::{Span, ink_over, levels, stretch};
use mnistaug_core::kernels::fit;
use mnistaug_core::pipeline::python::Wanted;
use mnistaug_core::pipeline::{Pipeline, Plan, Spec, presets};
use rayon::prelude::*;

fn main() {
    divan::main();
}

/// An operation as it stands in a pipeline file, and what the table calls it.
struct Case(&'static str, &'static str);

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The operations of `imgaug-heavy` with its parameters, each by itself; `crop` and `add_to_saturation` are
/// those of `imgaug-light`.
const CASES: &[Case] = &[
    Case("add", "add: { value: [-10, 10], per_channel: 0.5 }"),
    Case("multiply", "multiply: { mul: [0.5, 1.5], per_channel: 0.5 }"),
    Case("invert", "invert: { p: 0.05, per_channel: true }"),
    Case("invert, always", "invert: { p: 1 }"),
    Case("linear_contrast", "linear_contrast: { alpha: [0.5, 2], per_channel: 0.5 }"),
    Case("grayscale", "grayscale: [0, 1]"),
    Case("fliplr", "fliplr: 0.5"),
    Case("fliplr, always", "fliplr: 1"),
    Case("flipud", "flipud: 0.2"),
    Case("flipud, always", "flipud: 1"),
    Case("add_to_hue_and_saturation", "add_to_hue_and_saturation: [-20, 20]"),
    Case("add_to_saturation", "add_to_saturation: [-50, 50]"),
    Case("additive_gaussian_noise", "additive_gaussian_noise: { scale: [0, 12.75], per_channel: 0.5 }"),
    Case("dropout", "dropout: { p: [0.01, 0.1], per_channel: 0.5 }"),
    Case(
        "coarse_dropout",
        "coarse_dropout: { p: [0.03, 0.15], size_percent: [0.02, 0.05], per_channel: 0.2 }",
    ),
    Case("gaussian_blur", "gaussian_blur: [0, 3]"),
    Case("average_blur", "average_blur: [2, 7]"),
    Case("median_blur", "median_blur: [3, 11]"),
    Case("sharpen", "sharpen: { alpha: [0, 1], lightness: [0.75, 1.5] }"),
    Case("emboss", "emboss: { alpha: [0, 1], strength: [0, 2] }"),
    Case("edge_detect", "edge_detect: [0.5, 1]"),
    Case("directed_edge_detect", "directed_edge_detect: { alpha: [0.5, 1], direction: [0, 1] }"),
    Case("crop", "crop: { percent: [0, 0.2] }"),
    Case("crop_and_pad", "crop_and_pad: { percent: [-0.05, 0.1], pad_mode: all, pad_cval: [0, 255] }"),
    Case(
        "affine, bilinear",
        "affine: { scale: { x: [0.8, 1.2], y: [0.8, 1.2] }, translate_percent: { x: [-0.2, 0.2], y: [-0.2, 0.2] }, \
         rotate: [-45, 45], shear: [-16, 16], order: 1, cval: [0, 255], mode: all }",
    ),
    Case(
        "affine, nearest",
        "affine: { scale: { x: [0.8, 1.2], y: [0.8, 1.2] }, translate_percent: { x: [-0.2, 0.2], y: [-0.2, 0.2] }, \
         rotate: [-45, 45], shear: [-16, 16], order: 0, cval: [0, 255], mode: all }",
    ),
    Case("perspective_transform", "perspective_transform: { scale: [0.01, 0.1] }"),
    Case("piecewise_affine", "piecewise_affine: { scale: [0.01, 0.05] }"),
    Case("elastic_transformation", "elastic_transformation: { alpha: [0.5, 3.5], sigma: 0.25 }"),
    Case("superpixels", "superpixels: { p_replace: [0, 1], n_segments: [20, 200] }"),
    Case("gamma_contrast", "gamma_contrast: { gamma: [0.5, 2], per_channel: 0.5 }"),
    Case("sigmoid_contrast", "sigmoid_contrast: { gain: [3, 10], cutoff: [0.4, 0.6] }"),
    Case("multiply_hue_and_saturation", "multiply_hue_and_saturation: [0.5, 1.5]"),
    Case("multiply_and_add_to_brightness", "multiply_and_add_to_brightness: {}"),
    Case("add_elementwise", "add_elementwise: { value: [-20, 20], per_channel: 0.5 }"),
    Case("salt_and_pepper", "salt_and_pepper: [0, 0.03]"),
    Case("jpeg_compression", "jpeg_compression: [0, 100]"),
    Case("motion_blur", "motion_blur: [3, 7]"),
    Case("bilateral_blur", "bilateral_blur: 5"),
    Case("clahe", "clahe: [1, 8]"),
    Case("cutout", "cutout: { nb_iterations: [1, 5] }"),
    Case("imgaug.resize", "imgaug.resize: { size: { factor: [0.5, 1.5] } }"),
    Case("with_channels", "with_channels: { channels: [0], steps: [add: [10, 60]] }"),
    Case(
        "affine, cubic",
        "affine: { scale: { x: [0.8, 1.2], y: [0.8, 1.2] }, rotate: [-45, 45], order: 3, mode: all }",
    ),
    Case(
        "tv_affine",
        "torchvision.random_affine: { degrees: [-10, 10], translate: [0.1, 0.1], scale: [0.8, 1.2] }",
    ),
    Case(
        "tv_rotation_bilinear",
        "torchvision.random_rotation: { degrees: [-15, 15], interpolation: bilinear }",
    ),
    Case("tv_resized_crop", "torchvision.random_resized_crop: [28, 28]"),
    Case(
        "tv_color_jitter",
        "torchvision.color_jitter: { brightness: [0.6, 1.4], contrast: [0.6, 1.4], saturation: [0.6, 1.4], hue: [-0.1, 0.1] }",
    ),
    Case("tv_gaussian_blur", "torchvision.gaussian_blur: [3, 3]"),
    Case("tv_rand_augment", "torchvision.rand_augment: {}"),
    Case("tv_trivial_augment", "torchvision.trivial_augment_wide: {}"),
    Case("tv_elastic", "torchvision.elastic_transform: {}"),
    Case("tv_aug_mix", "torchvision.aug_mix: {}"),
    Case(
        "tv_rotation_tensor",
        "torchvision.random_rotation: { degrees: [-15, 15], interpolation: bilinear, compat: tensor }",
    ),
    Case("keras_rotation", "keras.random_rotation: 0.1"),
    Case("keras_zoom", "keras.random_zoom: 0.2"),
    Case("keras_contrast", "keras.random_contrast: 0.2"),
    Case("keras_sharpness", "keras.random_sharpness: 0.5"),
    Case("keras_rand_augment", "keras.rand_augment: {}"),
    Case("alb_brightness", "albumentations.random_brightness_contrast: { p: 1 }"),
    Case(
        "simplex_noise_alpha",
        "simplex_noise_alpha: { first: [{ one_of: [{ edge_detect: [0.5, 1] }, \
         { directed_edge_detect: { alpha: [0.5, 1], direction: [0, 1] } }] }] }",
    ),
    Case(
        "frequency_noise_alpha",
        "frequency_noise_alpha: { exponent: [-4, 0], first: [{ multiply: { mul: [0.5, 1.5], per_channel: true } }], \
         second: [{ linear_contrast: [0.5, 2] }] }",
    ),
];

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

/// Every operation by itself on colored 28x28 digits, one thread.
#[divan::bench(args = CASES, sample_size = 1, sample_count = 60, max_time = 0.7)]
fn single(bencher: Bencher<'_, '_>, case: &Case) {
    let images = Images::colored(1000);
    let text = format!("version: 1\npipeline: [{{ {} }}]\n", case.1);
    let spec = Spec::parse(case.0, &text).unwrap_or_else(|error| panic!("{error}"));
    let pipeline = Pipeline::new(spec, images.shape).expect("a pipeline for any shape");
    let count = if case.0 == "superpixels" { 100 } else { 500 };
    one_thread(bencher, &pipeline, &images, count, count);
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

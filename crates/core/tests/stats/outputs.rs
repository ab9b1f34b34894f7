//! What images become.

use std::collections::BTreeMap;

use mnistaug_core::base::{Address, Canvas, Scratch, Shape, Stage};
use mnistaug_core::kernels::{simplex, superpixels};
use mnistaug_core::pipeline::combinators::Blend;
use mnistaug_core::pipeline::combinators::frequency_noise_alpha::FrequencyNoiseAlpha;
use mnistaug_core::pipeline::combinators::noise::Mask;
use mnistaug_core::pipeline::combinators::simplex_noise_alpha::SimplexNoiseAlpha;
use mnistaug_core::pipeline::{Pipeline, Plan, Spec, presets};

use crate::peers::{Arrays, Picture};
use crate::{Group, Measured, SAMPLES, correlation};

/// A user's recipe for Keras' `ImageDataGenerator`.
pub(crate) const KERAS: &str = "keras_transform: { rotation_range: 10, zoom_range: 0.1, shear_range: 0.5,
    width_shift_range: 0.1, height_shift_range: 0.1, horizontal_flip: true }";

/// The operations of `augmenter_output`, as a pipeline file has them.
const OPERATIONS: &[(&str, &str)] = &[
    ("CropAndPad(user)", "crop_and_pad: { percent: [-0.05, 0.1], pad_mode: all, pad_cval: [0, 255] }"),
    (
        "Affine(user)",
        "affine: { scale: { x: [0.8, 1.2], y: [0.8, 1.2] }, translate_percent: { x: [-0.2, 0.2], y: [-0.2, 0.2] },
           rotate: [-45, 45], shear: [-16, 16], order: [0, 1], cval: [0, 255], mode: all }",
    ),
    ("Superpixels(user)", "superpixels: { p_replace: [0, 1], n_segments: [20, 200] }"),
    ("OneOf blurs", "one_of: [gaussian_blur: [0, 3], average_blur: [2, 7], median_blur: [3, 11]]"),
    ("Sharpen", "sharpen: { alpha: [0, 1], lightness: [0.75, 1.5] }"),
    ("Emboss", "emboss: { alpha: [0, 1], strength: [0, 2] }"),
    (
        "SimplexNoiseAlpha(edge)",
        "simplex_noise_alpha: { first: [one_of: [edge_detect: [0.5, 1],
           directed_edge_detect: { alpha: [0.5, 1], direction: [0, 1] }]] }",
    ),
    ("AdditiveGaussianNoise", "additive_gaussian_noise: { scale: [0, 12.75], per_channel: 0.5 }"),
    (
        "OneOf dropouts",
        "one_of: [dropout: { p: [0.01, 0.1], per_channel: 0.5 },
           coarse_dropout: { p: [0.03, 0.15], size_percent: [0.02, 0.05], per_channel: 0.2 }]",
    ),
    ("Invert(0.05)", "invert: { p: 0.05, per_channel: true }"),
    ("Add", "add: { value: [-10, 10], per_channel: 0.5 }"),
    ("AddToHueAndSaturation", "add_to_hue_and_saturation: [-20, 20]"),
    (
        "OneOf multiply/frequency",
        "one_of: [multiply: { mul: [0.5, 1.5], per_channel: 0.5 },
           frequency_noise_alpha: { exponent: [-4, 0], first: [multiply: { mul: [0.5, 1.5], per_channel: true }],
             second: [linear_contrast: [0.5, 2]] }]",
    ),
    (
        "FrequencyNoiseAlpha",
        "frequency_noise_alpha: { exponent: [-4, 0], first: [multiply: { mul: [0.5, 1.5], per_channel: true }],
           second: [linear_contrast: [0.5, 2]] }",
    ),
    ("LinearContrast", "linear_contrast: { alpha: [0.5, 2], per_channel: 0.5 }"),
    ("Grayscale", "grayscale: [0, 1]"),
    ("Elastic", "elastic_transformation: { alpha: [0.5, 3.5], sigma: 0.25 }"),
    ("PiecewiseAffine", "piecewise_affine: { scale: [0.01, 0.05] }"),
    ("PerspectiveTransform", "perspective_transform: { scale: [0.01, 0.1] }"),
    ("Crop(percent=(0,0.2))", "crop: { percent: [0, 0.2] }"),
    ("AddToSaturation((-50,50))", "add_to_saturation: [-50, 50]"),
    ("Affine(rotate=(-25,25))", "affine: { rotate: [-25, 25] }"),
    ("Keras ImageDataGenerator(user)", KERAS),
];

/// Measures a group, if it is of outputs.
pub(crate) fn measure(group: &str, arrays: &Arrays) -> Option<Group> {
    if let Some(rest) = group.strip_prefix("augmenter_output/") {
        let (inputs, name) = rest.split_once('/')?;
        let (_, step) = OPERATIONS.iter().find(|(own, _)| *own == name)?;
        return Some(of_pictures(&one_step(step), &inputs_of(inputs, arrays)?, SAMPLES));
    }
    if let Some(rest) = group.strip_prefix("pipeline/") {
        let spec = Spec::parse("imgaug-heavy", presets::preset("imgaug-heavy")?.text).ok()?;
        return Some(of_pictures(&spec, &inputs_of(rest, arrays)?, 2 * SAMPLES));
    }
    if let Some(rest) = group.strip_prefix("mask/") {
        return of_masks(rest);
    }
    group.strip_prefix("output/").and_then(|rest| of_constants(rest, arrays))
}

/// The eight pictures that a group's name begins with.
fn inputs_of(name: &str, arrays: &Arrays) -> Option<Vec<Picture>> {
    let letter = match name.split_whitespace().next()? {
        // As the measurements spell it.
        "colour" => 'c',
        "gray" => 'g',
        _ => return None,
    };
    (0..8).map(|i| arrays.image(&format!("in_{letter}{i}")).ok()).collect()
}

pub(crate) fn one_step(step: &str) -> Spec {
    let text = format!("version: 1\npipeline:\n  - {step}\n");
    Spec::parse("step", &text).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn address(item: u64) -> Address {
    Address { seed: 20, stage: Stage::new("stats", ""), item }
}

/// Shows what becomes of `pictures`, one after the other.
fn each(spec: &Spec, pictures: &[Picture], count: u64, mut see: impl FnMut(&Picture, Picture)) {
    let mut plan = Plan::default();
    let mut canvas = Canvas::default();
    let pipeline = Pipeline::new(spec.clone(), pictures[0].shape).expect("a pipeline");
    for item in 0..count {
        let picture = &pictures[item as usize % pictures.len()];
        pipeline.draw(address(item), &mut plan);
        canvas.load(picture.view());
        plan.paint(&mut canvas);
        see(picture, Picture::of(&canvas));
    }
}

/// The share of values that are `of`.
fn share_of(values: &[u8], of: u8) -> f64 {
    values.iter().map(|v| f64::from(u8::from(*v == of))).sum::<f64>() / values.len() as f64
}

/// The mean of each pixel's channels, less the mean of them all, with height and width.
fn gray(picture: &Picture) -> Vec<f64> {
    let channels = picture.shape.channels();
    let sum = |pixel: &[u8]| pixel.iter().map(|v| f64::from(*v)).sum::<f64>() / channels as f64;
    picture.data.chunks_exact(channels).map(sum).collect()
}

/// Correlation of neighbors `dy` rows and `dx` columns apart about the common mean; NaN for flat images.
pub(crate) fn autocorrelation(values: &[f64], height: usize, width: usize, (dy, dx): (usize, usize)) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    let (mut sum, mut count) = (0.0, 0.0);
    for y in 0..height - dy {
        for x in 0..width - dx {
            sum += (values[y * width + x] - mean) * (values[(y + dy) * width + x + dx] - mean);
            count += 1.0;
        }
    }
    if variance > 1e-12 { sum / count / variance } else { f64::NAN }
}

fn of_pictures(spec: &Spec, pictures: &[Picture], count: u64) -> Group {
    let mut lists: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    let mut same = 0;
    each(spec, pictures, count, |before, after| {
        let n = after.data.len() as f64;
        let values = || after.data.iter().map(|v| f64::from(*v));
        let mean = values().sum::<f64>() / n;
        let moment =
            |power: i32| values().map(|v| (0..power).map(|_| v - mean).product::<f64>()).sum::<f64>() / n;
        let std = moment(2).sqrt();
        let share = |of: u8| share_of(&after.data, of);
        let channels = after.shape.channels();
        let pixels = before.data.chunks_exact(channels).zip(after.data.chunks_exact(channels));
        let changed = pixels.filter(|(a, b)| a != b).count() as f64 / after.shape.pixels() as f64;
        let diff =
            before.data.iter().zip(&after.data).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / n;
        let gray = gray(&after);
        let (height, width) = (after.shape.height, after.shape.width);
        for (metric, value) in [
            ("mean", mean),
            ("std", std),
            ("mean_abs_diff", diff),
            ("frac_changed", changed),
            ("frac_0", share(0)),
            ("frac_255", share(255)),
            ("autocorr1_x", autocorrelation(&gray, height, width, (0, 1))),
            ("autocorr1_y", autocorrelation(&gray, height, width, (1, 0))),
            ("skew", if std > 1e-9 { moment(3) / (std * std * std) } else { f64::NAN }),
        ] {
            lists.entry(metric).or_default().push(value);
        }
        same += u64::from(*before == after);
    });
    let mut group: Group =
        lists.into_iter().map(|(metric, list)| (metric, Measured::Samples(list))).collect();
    group.insert("output_identical_to_input_rate", Measured::Rate(same, count));
    group
}

fn of_masks(name: &str) -> Option<Group> {
    const SHAPE: Shape = Shape::gray(28, 28);
    let simplex = |text: &str| serde_json::from_str::<SimplexNoiseAlpha>(text).expect("a mask");
    let frequency = |text: &str| serde_json::from_str::<FrequencyNoiseAlpha>(text).expect("a mask");
    let raw = |mask: Mask| Mask { sigmoid_threshold: None, ..mask };
    let mut draw: Box<dyn FnMut(u64) -> Mask> = match name {
        "SimplexNoiseAlpha defaults 28x28" => {
            let mask = simplex("{}");
            Box::new(move |item| mask.draw(SHAPE, &mut address(item).stream(1)))
        }
        "FrequencyNoiseAlpha exponent=(-4,0) 28x28" => {
            let mask = frequency(r#"{"exponent": [-4, 0]}"#);
            Box::new(move |item| mask.draw(SHAPE, &mut address(item).stream(1)))
        }
        "raw SimplexNoise single iteration linear 28x28" => {
            let mask = simplex(r#"{"iterations": 1, "upscale": "linear"}"#);
            Box::new(move |item| raw(mask.draw(SHAPE, &mut address(item).stream(1))))
        }
        "raw FrequencyNoise exponent -2 size 16 linear 28x28" => {
            let text = r#"{"iterations": 1, "upscale": "linear", "exponent": -2, "size_px_max": 16, "sigmoid": false}"#;
            let mask = frequency(text);
            Box::new(move |item| raw(mask.draw(SHAPE, &mut address(item).stream(1))))
        }
        "raw OpenSimplex grid values (integer coordinates, before mapping to 0..1)" => {
            return Some(simplex_grid());
        }
        _ => return None,
    };
    let mut lists: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    let mut pool = Vec::new();
    let mut scratch = Scratch::default();
    for item in 0..SAMPLES {
        let mut mask = vec![0.0; SHAPE.pixels()];
        draw(item).render(SHAPE, &mut mask, &mut scratch);
        let mask: Vec<f64> = mask.into_iter().map(f64::from).collect();
        let n = mask.len() as f64;
        let mean = mask.iter().sum::<f64>() / n;
        let std = (mask.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
        let share = |of: &dyn Fn(f64) -> bool| mask.iter().filter(|v| of(**v)).count() as f64 / n;
        let distinct: std::collections::BTreeSet<u32> =
            mask.iter().map(|v| (*v * 1e5).round() as u32).collect();
        let mut put = |metric, value| lists.entry(metric).or_default().push(value);
        put("mask_mean", mean);
        put("mask_std", std);
        put("mask_min", mask.iter().copied().fold(f64::INFINITY, f64::min));
        put("mask_max", mask.iter().copied().fold(0.0, f64::max));
        put("fraction_above_0.5", share(&|v| v > 0.5));
        put("fraction_below_0.05", share(&|v| v < 0.05));
        put("fraction_above_0.95", share(&|v| v > 0.95));
        put("number_of_distinct_values", distinct.len() as f64);
        for (metric, lag) in [
            ("autocorr_lag1_x", (0, 1)),
            ("autocorr_lag1_y", (1, 0)),
            ("autocorr_lag2_x", (0, 2)),
            ("autocorr_lag2_y", (2, 0)),
            ("autocorr_lag4_x", (0, 4)),
            ("autocorr_lag4_y", (4, 0)),
            ("autocorr_lag8_x", (0, 8)),
            ("autocorr_lag8_y", (8, 0)),
        ] {
            put(metric, autocorrelation(&mask, SHAPE.height, SHAPE.width, lag));
        }
        pool.extend(mask.iter().step_by(7));
    }
    let mut group: Group =
        lists.into_iter().map(|(metric, list)| (metric, Measured::Samples(list))).collect();
    group.insert("pixel_value", Measured::Pool(pool));
    Some(group)
}

/// Noise at whole coordinates, on grids of 16 x 16.
fn simplex_grid() -> Group {
    const SIDE: usize = 16;
    let (mut numbers, mut origin) = (Vec::new(), true);
    let mut sums = BTreeMap::new();
    for item in 0..SAMPLES {
        let mut random = vec![0; simplex::random_bytes(SIDE, SIDE)];
        address(item).stream(0).fill(&mut random);
        let mut grid = vec![0; SIDE * SIDE];
        simplex::simplex(&mut grid, SIDE, SIDE, &random);
        // Levels are cut to whole ones: the middle of a level stands for it, and 0 for that of the origin.
        let noise: Vec<f64> = grid.iter().map(|level| (f64::from(*level) + 0.5) / 127.5 - 1.0).collect();
        origin &= noise[0].abs() < 0.004;
        for (name, dy, dx) in
            [("x1", 0, 1_isize), ("y1", 1, 0), ("diag(+1,+1)", 1, 1), ("diag(+1,-1)", 1, -1), ("x2", 0, 2)]
        {
            let pairs: &mut Vec<(f64, f64)> = sums.entry(name).or_default();
            // Away from the origin, which is no noise.
            for y in 2..SIDE - 2 {
                for x in 2..SIDE - 2 {
                    let other = (y + dy) * SIDE + (x as isize + dx) as usize;
                    pairs.push((noise[y * SIDE + x], noise[other]));
                }
            }
        }
        numbers.extend(noise.into_iter().skip(1));
    }
    numbers.sort_by(f64::total_cmp);
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let std = (numbers.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
    let quantile = |name: &str| {
        let p: f64 = name.parse().unwrap_or(f64::NAN);
        numbers[((n - 1.0) * p).round() as usize]
    };
    Group::from([
        ("mean", Measured::Number(mean, 0.01)),
        ("std", Measured::Number(std, 0.01)),
        (
            "quantiles",
            Measured::Numbers(
                ["0", "0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99", "1"]
                    .map(|name| (name, quantile(name)))
                    .into(),
                0.02,
            ),
        ),
        (
            "autocorr",
            Measured::Numbers(
                sums.into_iter().map(|(name, pairs)| (name, correlation(&pairs))).collect(),
                0.02,
            ),
        ),
        ("value_at_cell_0_0", Measured::Always(origin)),
    ])
}

/// What becomes of images of one value.
fn of_constants(name: &str, arrays: &Arrays) -> Option<Group> {
    let shape = Shape::rgb(28, 28);
    let flat = |value: u8| vec![Picture { shape, data: vec![value; shape.bytes()] }];
    let (operation, pictures) = match name {
        "AdditiveGaussianNoise(scale=(0,12.75),per_channel=0.5) on constant 128 (28x28x3)" => {
            ("additive_gaussian_noise: { scale: [0, 12.75], per_channel: 0.5 }", flat(128))
        }
        "Dropout((0.01,0.1),per_channel=0.5) on constant 255 (28x28x3)" => {
            ("dropout: { p: [0.01, 0.1], per_channel: 0.5 }", flat(255))
        }
        "CoarseDropout((0.03,0.15),size_percent=(0.02,0.05),per_channel=0.2) on constant 255 (28x28x3)" => {
            ("coarse_dropout: { p: [0.03, 0.15], size_percent: [0.02, 0.05], per_channel: 0.2 }", flat(255))
        }
        "Invert(0.05,per_channel=True)" => ("invert: { p: 0.05, per_channel: true }", flat(10)),
        "Add((-10,10),per_channel=0.5) on constant 64" => {
            ("add: { value: [-10, 10], per_channel: 0.5 }", flat(64))
        }
        "LinearContrast((0.5,2),per_channel=0.5) on constant 64" => {
            ("linear_contrast: { alpha: [0.5, 2], per_channel: 0.5 }", flat(64))
        }
        "Multiply((0.5,1.5),per_channel=0.5) on constant 100" => {
            ("multiply: { mul: [0.5, 1.5], per_channel: 0.5 }", flat(100))
        }
        "Superpixels(p_replace=(0,1),n_segments=(20,200)) on in_c0..7" => {
            ("superpixels: { p_replace: [0, 1], n_segments: [20, 200] }", inputs_of("colour", arrays)?)
        }
        "Elastic field sigma=0.25 alpha=1 (dx)" => return Some(crate::draws::elastic_field()),
        _ => return None,
    };
    let mut lists: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    let (mut alike, mut inverted, mut cells, mut components) =
        (0, BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut zero_rates = vec![0.0; shape.pixels()];
    each(&one_step(operation), &pictures, SAMPLES, |before, after| {
        let n = after.data.len() as f64;
        let values = || after.data.iter().map(|v| f64::from(*v));
        let mean = values().sum::<f64>() / n;
        let mut put = |metric, value| lists.entry(metric).or_default().push(value);
        // Of additive noise on 128, less the 128.
        put("mean", mean - 128.0);
        put("std", (values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt());
        put("zero_fraction", share_of(&after.data, 0));
        put("value_ch0", f64::from(after.data[0]));
        let pixels = || after.data.chunks_exact(3);
        let changed = pixels().zip(before.data.chunks_exact(3)).filter(|(a, b)| a != b).count();
        put("fraction_changed_pixels", changed as f64 / shape.pixels() as f64);
        alike += u64::from(pixels().all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]));
        let flipped = after.data.iter().take(3).map(|v| u8::from(*v == 245)).sum::<u8>();
        *inverted.entry(flipped.to_string()).or_default() += 1;
        let first: Vec<u8> = pixels().map(|pixel| pixel[0]).collect();
        for (rate, value) in zero_rates.iter_mut().zip(&first) {
            *rate += f64::from(u8::from(*value == 0)) / SAMPLES as f64;
        }
        let dropped = [4, 14, 23].map(|y| [4, 14, 23].map(|x| first[y * 28 + x] == 0));
        let count = dropped.iter().flatten().filter(|dropped| **dropped).count();
        *cells.entry(count.to_string()).or_default() += 1;
        *components.entry(islands(dropped).to_string()).or_default() += 1;
    });
    let mut group: Group =
        lists.into_iter().map(|(metric, list)| (metric, Measured::Samples(list))).collect();
    group.insert("actual_segments_by_requested", Measured::Table(segments(&pictures)));
    group.insert("channels_identical_rate", Measured::Rate(alike, SAMPLES));
    group.insert("channels_inverted", Measured::Counts(inverted));
    group.insert("dropped_cells_of_9_channel0", Measured::Counts(cells));
    group.insert("connected_zero_components_channel0", Measured::Counts(components));
    // The nine cells are all there is of chance in it: 0.09 of SAMPLES, give or take 0.0064.
    group.insert("per_pixel_zero_rate_channel0", Measured::Within(zero_rates, 0.025));
    Some(group)
}

/// How many segments there are of each number asked for, on average.
fn segments(pictures: &[Picture]) -> Vec<f64> {
    let mut scratch = Scratch::default();
    let mut count = |n: usize| {
        let of = |picture: &Picture| {
            let mut labels = vec![0; picture.shape.pixels()];
            superpixels::slic(picture.view(), n, &mut labels, &mut scratch) as f64
        };
        pictures.iter().map(of).sum::<f64>() / pictures.len() as f64
    };
    (20..=200).step_by(10).map(&mut count).collect()
}

/// Connected groups of cells, side by side.
fn islands(mut cells: [[bool; 3]; 3]) -> usize {
    fn sink(cells: &mut [[bool; 3]; 3], y: usize, x: usize) {
        if y < 3 && x < 3 && cells[y][x] {
            cells[y][x] = false;
            for (y, x) in [(y + 1, x), (y.wrapping_sub(1), x), (y, x + 1), (y, x.wrapping_sub(1))] {
                sink(cells, y, x);
            }
        }
    }
    let mut count = 0;
    for y in 0..3 {
        for x in 0..3 {
            if cells[y][x] {
                count += 1;
                sink(&mut cells, y, x);
            }
        }
    }
    count
}

#[test]
fn a_list_correlates_with_itself() {
    let pairs: Vec<(f64, f64)> = (0..9).map(|i| (f64::from(i), f64::from(i * 2))).collect();
    assert!((correlation(&pairs) - 1.0).abs() < 1e-12);
}

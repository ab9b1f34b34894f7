//! What calls of both versions become.

use super::{ROWS, Row, Version};
use crate::pipeline::parse_step;
use crate::pipeline::python::{Wanted, translate};

/// A call with p=1, the step it becomes, and words of its warning; none without.
const CALLS: &[(&str, &str, &str)] = &[
    ("A.Blur(blur_limit=(3, 5), p=1)", "average_blur: { k: { choice: [3, 5] } }", ""),
    ("A.Blur(4, p=1)", "average_blur: { k: { choice: [3] } }", "2.x draws from 3, 5"),
    ("A.Blur((4, 8), always_apply=True)", "average_blur: { k: { choice: [4, 6, 8] } }", ""),
    ("A.MedianBlur(blur_limit=7, p=1)", "median_blur: { k: { choice: [3, 5, 7] } }", ""),
    ("A.MedianBlur(blur_limit=(4, 6), p=1)", "median_blur: { k: { choice: [5, 7] } }", ""),
    (
        "A.GaussianBlur(p=1)",
        "albumentations.gaussian_blur: { blur_limit: [3, 7], sigma_limit: 0, compat: 1 }",
        "2.x draws sigma",
    ),
    (
        "A.GaussianBlur(blur_limit=0, sigma_limit=(0.5, 2), always_apply=True)",
        "albumentations.gaussian_blur: { blur_limit: 0, sigma_limit: [0.5, 2], compat: 1 }",
        "",
    ),
    (
        "A.MotionBlur(blur_limit=5, always_apply=True, allow_shifted=False)",
        "albumentations.motion_blur: { blur_limit: { choice: [3, 5] }, allow_shifted: false, compat: 1 }",
        "",
    ),
    (
        "A.MotionBlur(blur_limit=(3, 5), angle_range=(0, 90), p=1)",
        "albumentations.motion_blur: { blur_limit: { choice: [3, 5] }, angle_range: [0, 90] }",
        "",
    ),
    (
        "A.GlassBlur(sigma=0.5, max_delta=2, p=1)",
        "albumentations.glass_blur: { sigma: 0.5, max_delta: 2 }",
        "",
    ),
    ("A.CLAHE(p=1)", "albumentations.clahe: {}", ""),
    (
        "A.CLAHE(clip_limit=2, tile_grid_size=(4, 5), p=1)",
        "albumentations.clahe: { clip_limit: [1, 2], tile_grid_size: [4, 5] }",
        "",
    ),
    ("A.Equalize(by_channels=False, p=1)", "albumentations.equalize: { by_channels: false, compat: 1 }", ""),
    ("A.Equalize(mode='pil', p=1)", "albumentations.equalize: { mode: pil, compat: 1 }", "2.x counts"),
    ("A.Posterize(num_bits=(3, 5), p=1)", "albumentations.posterize: [3, 5]", ""),
    ("A.Posterize(p=1)", "albumentations.posterize: 4", ""),
    (
        "A.Posterize([2, (1, 3), 8], p=1)",
        "albumentations.posterize: { channels: [[0, 2], [1, 3], [0, 8]] }",
        "2.x keeps",
    ),
    ("A.Solarize(threshold=100, p=1)", "albumentations.solarize: 100", ""),
    ("A.Solarize(threshold_range=(0.2, 0.4), p=1)", "albumentations.solarize: [51, 102]", ""),
    ("A.ToGray(p=1)", "grayscale: 1.0", ""),
    ("A.ToGray(method='max', p=1)", "albumentations.to_gray: max", ""),
    ("A.ChannelShuffle(p=1)", "albumentations.channel_shuffle: {}", ""),
    (
        "A.ChannelDropout((1, 2), 7, p=1)",
        "albumentations.channel_dropout: { channel_drop_range: [1, 2], fill: 7 }",
        "",
    ),
    (
        "A.GaussNoise(var_limit=(10, 50), p=1)",
        "albumentations.gauss_noise: { var_limit: [10, 50], mean: 0 }",
        "",
    ),
    ("A.GaussNoise(var_limit=5, p=1)", "albumentations.gauss_noise: { var_limit: [0, 5] }", ""),
    ("A.GaussNoise(std_range=(0.1, 0.2), p=1)", "albumentations.gauss_noise: [0.1, 0.2]", ""),
    ("A.GaussNoise(p=1)", "albumentations.gauss_noise: { var_limit: [10, 50] }", "ten times as much"),
    ("A.ISONoise(p=1)", "albumentations.iso_noise: { compat: 1 }", "hues"),
    (
        "A.MultiplicativeNoise(multiplier=1.5, elementwise=True, p=1)",
        "albumentations.multiplicative_noise: { multiplier: 1.5, elementwise: true }",
        "",
    ),
    (
        "A.HueSaturationValue(10, 20, (-5, 30), always_apply=True)",
        "albumentations.hue_saturation_value: { hue_shift_limit: [-10, 10], sat_shift_limit: [-20, 20], val_shift_limit: [-5, 30], compat: 1 }",
        "",
    ),
    (
        "A.RGBShift(r_shift_limit=15, p=1)",
        "albumentations.rgb_shift: { r_shift_limit: [-15, 15], compat: 1 }",
        "",
    ),
    (
        "A.RGBShift(0.1, 0.1, 0.1, p=1)",
        "albumentations.rgb_shift: { r_shift_limit: [-0.1, 0.1], g_shift_limit: [-0.1, 0.1], b_shift_limit: [-0.1, 0.1], compat: 1 }",
        "fractions",
    ),
    (
        "A.RandomBrightnessContrast(0.1, (0, 0.3), p=1)",
        "albumentations.random_brightness_contrast: { brightness_limit: [-0.1, 0.1], contrast_limit: [0, 0.3], p: 1 }",
        "",
    ),
    (
        "A.RandomBrightnessContrast(brightness_by_max=False, p=0.3)",
        "albumentations.random_brightness_contrast: { brightness_by_max: false, compat: 1, p: 0.3 }",
        "2.x does not",
    ),
    (
        "A.RandomBrightness(limit=0.3, p=1)",
        "albumentations.random_brightness_contrast: { brightness_limit: [-0.3, 0.3], contrast_limit: 0, p: 1 }",
        "",
    ),
    (
        "A.RandomContrast(0.4, p=1)",
        "albumentations.random_brightness_contrast: { brightness_limit: 0, contrast_limit: [-0.4, 0.4], p: 1 }",
        "",
    ),
    ("A.RandomGamma((50, 150), p=1)", "albumentations.random_gamma: { gamma_limit: [50, 150], p: 1 }", ""),
    ("A.RandomGamma()", "albumentations.random_gamma: { p: 0.5 }", ""),
    (
        "A.ColorJitter(brightness=0.5, contrast=2, saturation=(0.9, 1), hue=0.1, p=1)",
        "albumentations.color_jitter: { brightness: [0.5, 1.5], contrast: [0, 3], saturation: [0.9, 1], hue: [-0.1, 0.1], compat: 1 }",
        "",
    ),
    ("A.ColorJitter(p=1)", "albumentations.color_jitter: { hue: [-0.2, 0.2], compat: 1 }", "any angle"),
    ("A.Downscale(scale_min=0.25, scale_max=0.5, p=1)", "albumentations.downscale: [0.25, 0.5]", ""),
    (
        "A.Downscale(scale_range=(0.5, 0.5), interpolation_pair={'downscale': cv2.INTER_AREA, 'upscale': cv2.INTER_LINEAR}, p=1)",
        "albumentations.downscale: { scale: 0.5, downscale: area, upscale: linear }",
        "",
    ),
    (
        "A.Downscale(scale_min=0.5, scale_max=0.5, interpolation=cv2.INTER_LINEAR, p=1)",
        "albumentations.downscale: { scale: 0.5, downscale: linear, upscale: linear }",
        "bytes",
    ),
    ("A.FancyPCA(alpha=0.2, p=1)", "albumentations.fancy_pca: { alpha: 0.2, compat: 1 }", "stretches"),
    ("A.RandomToneCurve(p=1)", "albumentations.random_tone_curve: 0.1", ""),
    ("A.Sharpen(alpha=(0.1, 0.3), p=1)", "albumentations.sharpen: [0.1, 0.3]", ""),
    ("A.Sharpen(method='gaussian', p=1)", "albumentations.sharpen: { method: gaussian }", ""),
    ("A.Emboss(strength=0.5, p=1)", "albumentations.emboss: { strength: [0, 0.5] }", ""),
    ("A.IAASharpen(p=1)", "sharpen: { alpha: [0.2, 0.5], lightness: [0.5, 1] }", ""),
    ("A.IAAEmboss(p=1)", "emboss: { alpha: [0.2, 0.5], strength: [0.2, 0.7] }", ""),
    (
        "A.IAAAdditiveGaussianNoise(p=1)",
        "additive_gaussian_noise: { scale: [2.5500000000000003, 12.75] }",
        "",
    ),
    (
        "A.ImageCompression(quality_lower=50, quality_upper=80, p=1)",
        "albumentations.image_compression: [50, 80]",
        "",
    ),
    ("A.ImageCompression(quality_range=(50, 80), p=1)", "albumentations.image_compression: [50, 80]", ""),
    ("A.JpegCompression(80, 90, p=1)", "albumentations.image_compression: [80, 90]", ""),
    (
        "A.CoarseDropout(p=1)",
        "albumentations.coarse_dropout: { num_holes: 8, hole_height: [8, 8], hole_width: [8, 8] }",
        "1 or 2 holes",
    ),
    (
        "A.CoarseDropout(max_holes=4, min_holes=1, max_height=6, max_width=7, min_width=2, fill_value=(1, 2, 3), p=1)",
        "albumentations.coarse_dropout: { num_holes: [1, 4], hole_height: [6, 6], hole_width: [2, 7], fill: [1, 2, 3] }",
        "",
    ),
    (
        "A.CoarseDropout(num_holes_range=(3, 6), hole_height_range=(0.1, 0.3), fill='random', p=1)",
        "albumentations.coarse_dropout: { num_holes: [3, 6], hole_height: [0.1, 0.3], fill: random }",
        "",
    ),
    (
        "A.Cutout(num_holes=3, max_h_size=5, max_w_size=6, fill_value=9, p=1)",
        "albumentations.coarse_dropout: { num_holes: 3, hole_height: [5, 5], hole_width: [6, 6], at: anywhere, fill: 9 }",
        "",
    ),
    ("A.Erasing(scale=(0.1, 0.2), p=1)", "albumentations.erasing: { scale: [0.1, 0.2] }", ""),
    (
        "A.GridDropout(ratio=0.4, unit_size_min=4, unit_size_max=8, p=1)",
        "albumentations.grid_dropout: { ratio: 0.4, unit_size: [4, 8], compat: 1 }",
        "",
    ),
    (
        "A.GridDropout(holes_number_xy=(3, 4), p=1)",
        "albumentations.grid_dropout: { holes_number: [3, 4], random_offset: true }",
        "",
    ),
    (
        "A.PixelDropout(dropout_prob=0.1, drop_value=None, p=1)",
        "albumentations.pixel_dropout: { dropout_prob: 0.1, drop_value: random_uniform }",
        "",
    ),
    (
        "A.RandomFog(fog_coef_lower=0.2, p=1)",
        "albumentations.random_fog: { fog_coef: [0.2, 1], compat: 1 }",
        "",
    ),
    ("A.RandomFog(fog_coef_range=(0.1, 0.4), p=1)", "albumentations.random_fog: [0.1, 0.4]", ""),
    (
        "A.RandomRain(rain_type='heavy', slant_lower=-5, p=1)",
        "albumentations.random_rain: { slant: [-5, 10], rain_type: heavy, compat: 1 }",
        "",
    ),
    (
        "A.RandomRain(slant_range=(0, 3), drop_color=(1, 2, 3), p=1)",
        "albumentations.random_rain: { slant: [0, 3], drop_color: [1, 2, 3] }",
        "",
    ),
    ("A.RandomShadow(p=1)", "albumentations.random_shadow: { compat: 1 }", "lightness"),
    (
        "A.RandomShadow(shadow_roi=(0, 0, 1, 1), num_shadows_limit=(2, 3), p=1)",
        "albumentations.random_shadow: { shadow_roi: [0, 0, 1, 1], num_shadows: [2, 3] }",
        "",
    ),
    ("A.RandomSnow(snow_point_upper=0.5, p=1)", "albumentations.random_snow: [0.1, 0.5]", ""),
    (
        "A.Superpixels(p_replace=(0.1, 0.3), p=1)",
        "superpixels: { p_replace: [0.1, 0.3], n_segments: 100, max_size: 128 }",
        "own mean",
    ),
];

#[test]
fn calls_become_the_steps_that_they_are() {
    for (call, step, warning) in CALLS {
        let text = format!("import cv2\nimport albumentations as A\nt = A.Compose([{call}])\n");
        let translation =
            translate("flow.py", &text, &Wanted::default()).unwrap_or_else(|error| panic!("{call}\n{error}"));
        let expected = parse_step(step).unwrap_or_else(|error| panic!("{step}\n{error}"));
        let found: Vec<_> = translation.spec.pipeline.iter().map(|step| &step.kind).collect();
        assert_eq!(found, [&expected.kind], "{call}");
        let warnings = translation.warnings.join("\n");
        assert_eq!(warnings.is_empty(), warning.is_empty(), "{call}: {warnings}");
        assert!(warnings.contains(warning), "{call}: {warnings}");
    }
}

#[test]
fn every_row_has_a_call() {
    for row in ROWS {
        let call = format!("A.{}(", row.name);
        let listed = CALLS.iter().any(|(own, ..)| own.starts_with(&call));
        assert!(listed || row.name == "IAASuperpixels", "{}", row.name);
    }
    assert!(ROWS.is_sorted_by_key(|row| row.name));
}

#[test]
fn parameters_tell_the_version() {
    let row = Row::of("GaussNoise").unwrap();
    assert_eq!(row.order(Version::One), ["var_limit", "mean", "per_channel", "always_apply", "p"]);
    assert_eq!(row.order(Version::Two).last(), Some(&"p"));
    for (call, version) in [
        ("A.GaussNoise((10, 20), 0, True, False, 1.0)", "var_limit: [10.0, 20.0]"),
        ("A.ChannelShuffle(0.3)", "p: 0.3"),
        // What counts as true in the place of always_apply.
        ("A.ToGray(0.3)", "[{grayscale: {alpha: 1.0}}]"),
        ("A.ToGray(True, 1)", "grayscale"),
    ] {
        let text = format!("import albumentations as A\nt = A.Compose([{call}])\n");
        let spec = translate("flow.py", &text, &Wanted::default()).unwrap().spec;
        let json = serde_json::to_string(&spec)
            .unwrap()
            .replace(['"', '\\'], "")
            .replace(':', ": ")
            .replace(',', ", ");
        assert!(json.contains(version), "{call}: {json}");
    }
}

#[test]
fn what_cannot_be_done_is_refused_with_its_place() {
    for (call, words) in [
        ("A.Equalize(mask=m)", "mask"),
        ("A.ImageCompression(compression_type='webp')", "JPEG"),
        ("A.GaussNoise(noise_scale_factor=0.5)", "noise_scale_factor"),
        ("A.CoarseDropout(fill='inpaint_ns')", "random_uniform"),
        ("A.ToGray(num_output_channels=1)", "three channels"),
        ("A.ToGray(method='pca')", "weighted_average"),
        ("A.GridDropout(holes_number_x=3)", "both or neither"),
        ("A.MedianBlur(blur_limit=4, always_apply=True)", "odd"),
        ("A.HueSaturationValue(hue_shift_limit=(1, 2, 3))", "a number or a pair"),
        ("A.CLAHE(4, (8, 8), 1, 0.5, 7)", "not more"),
        ("A.CLAHE(clip=4)", "no parameter clip"),
    ] {
        let text = format!("import albumentations as A\nm = None or 1\nt = A.Compose([{call}])\n");
        let error = match translate("flow.py", &text, &Wanted::default()) {
            Ok(translation) => panic!("{call}: {:?}", translation.spec),
            Err(error) => error.to_string(),
        };
        assert!(error.contains(words), "{call}: {error}");
    }
}

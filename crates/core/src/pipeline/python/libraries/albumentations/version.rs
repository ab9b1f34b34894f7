//! Which version of Albumentations a file was written for. Both have the same names with other defaults and other draws,
//! and parameters that only one of them knows tell which it is.

use super::super::super::syntax::Range;
use super::super::super::tree::Translator;
use super::super::super::value::{Call, V, Val};
use super::pixels;

/// A version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// 1.x, and those before.
    One,
    /// 2.x.
    Two,
}

/// What is known of a file's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// The version that is taken.
    pub(super) version: Version,
    /// Whether something says so.
    pub(super) decided: bool,
}

/// The names of the versions on the command line.
pub(super) const NAMES: &[&str] = &["albumentations1", "albumentations2"];

/// Transforms that only version 1 has; names that begin with IAA are of it as well.
const OLDER: &[&str] =
    &["Cutout", "Flip", "JpegCompression", "RandomBrightness", "RandomContrast", "ToTensor", "GaussianNoise"];

/// Transforms that only version 2 has.
const NEWER: &[&str] = &[
    "AdditiveNoise",
    "AutoContrast",
    "ConstrainedCoarseDropout",
    "D4",
    "Erasing",
    "GridElasticDeform",
    "Illumination",
    "Pad",
    "PlasmaBrightnessContrast",
    "PlasmaShadow",
    "RandomOrder",
    "SaltAndPepper",
    "SelectiveChannelTransform",
    "ShotNoise",
    "SquareSymmetry",
    "ThinPlateSpline",
];

/// Parameters that only version 1 has, in all transforms (no name) or in one.
const OLDER_PARAMETERS: &[(&str, &str)] = &[
    ("", "alpha_affine"),
    ("", "cval"),
    ("", "cval_mask"),
    ("", "fill_value"),
    ("", "mask_fill_value"),
    ("", "mask_pad_val"),
    ("", "mask_value"),
    ("", "max_h_size"),
    ("", "max_holes"),
    ("", "max_w_size"),
    ("", "min_holes"),
    ("", "num_holes"),
    ("", "pad_cval"),
    ("", "pad_mode"),
    ("", "pad_val"),
    ("", "quality_lower"),
    ("", "quality_upper"),
    ("", "value"),
    ("", "var_limit"),
    ("Affine", "mode"),
    ("Downscale", "scale_max"),
    ("Downscale", "scale_min"),
    ("OpticalDistortion", "shift_limit"),
    ("PiecewiseAffine", "mode"),
    ("RandomResizedCrop", "height"),
    ("RandomResizedCrop", "width"),
    ("RandomSizedCrop", "height"),
    ("RandomSizedCrop", "width"),
    ("Solarize", "threshold"),
];

/// The same of version 2.
const NEWER_PARAMETERS: &[(&str, &str)] = &[
    ("", "area_for_downscale"),
    ("", "fill"),
    ("", "fill_mask"),
    ("", "hole_height_range"),
    ("", "hole_width_range"),
    ("", "keypoint_remapping_method"),
    ("", "max_size_hw"),
    ("", "mean_range"),
    ("", "num_holes_range"),
    ("", "pad_if_needed"),
    ("", "pad_position"),
    ("", "quality_range"),
    ("", "scale_range"),
    ("", "std_range"),
    ("", "threshold_range"),
    ("Affine", "balanced_scale"),
    ("Affine", "border_mode"),
    ("Compose", "mask_interpolation"),
    ("Compose", "save_applied_params"),
    ("Compose", "seed"),
    ("Compose", "strict"),
    ("CropAndPad", "border_mode"),
    ("ElasticTransform", "noise_distribution"),
    ("Perspective", "border_mode"),
    ("PiecewiseAffine", "border_mode"),
    ("RandomResizedCrop", "size"),
    ("RandomSizedCrop", "size"),
];

/// Parameters that tell of the version wherever in the file they stand.
const ANYWHERE: [&[&str]; 2] = [
    &[
        "alpha_affine",
        "always_apply",
        "mask_fill_value",
        "mask_value",
        "max_h_size",
        "max_holes",
        "var_limit",
    ],
    &["area_for_downscale", "fill_mask", "hole_height_range", "max_size_hw", "num_holes_range", "std_range"],
];

/// Transforms, apart from those of pixel values, whose results differ from version to version as long as none of these parameters is given.
const DIFFERS: &[(&str, &[&str])] = &[
    ("Affine", &[]),
    ("ElasticTransform", &[]),
    ("GridDistortion", &[]),
    ("OpticalDistortion", &["border_mode"]),
    ("PadIfNeeded", &["border_mode"]),
    ("Perspective", &[]),
    ("PiecewiseAffine", &[]),
    ("RandomGridShuffle", &[]),
    ("RandomRotate90", &["p"]),
    ("Rotate", &["border_mode"]),
    ("SafeRotate", &[]),
    ("Sequential", &[]),
    ("ShiftScaleRotate", &[]),
    ("SomeOf", &[]),
];

/// What was found.
#[derive(Default)]
struct Tells {
    /// The first that tells of version 1, and of version 2.
    found: [Option<(Range, String)>; 2],
    /// Transforms that differ.
    differ: Vec<(Range, String)>,
}

impl Tells {
    fn note(&mut self, version: Version, at: Range, what: String) {
        let place = &mut self.found[usize::from(version == Version::Two)];
        if place.is_none() {
            *place = Some((at, what));
        }
    }

    fn gather(&mut self, call: &Call<'_>, depth: usize) {
        if depth > 50 {
            return;
        }
        for (version, at, what) in tells(call) {
            self.note(version, at, what);
        }
        let name = call.name();
        if let Some((_, settled)) = DIFFERS.iter().find(|(own, _)| *own == name)
            && !call.keywords.iter().any(|(own, ..)| settled.contains(&own.as_str()))
            && !self.differ.iter().any(|(_, own)| own == name)
        {
            self.differ.push((call.name_at, name.to_owned()));
        }
        for value in call.args.iter().chain(call.keywords.iter().map(|(.., value)| value)) {
            self.inside(value, depth + 1);
        }
    }

    fn inside(&mut self, value: &Val<'_>, depth: usize) {
        match &value.kind {
            V::Call(call) => self.gather(call, depth),
            V::List(items) | V::Tuple(items) if depth <= 50 => {
                items.iter().for_each(|item| self.inside(item, depth + 1));
            }
            _ => {}
        }
    }
}

/// What a call tells by its name and parameters.
fn tells(call: &Call<'_>) -> Vec<(Version, Range, String)> {
    let name = call.name();
    let mut found = Vec::new();
    if name.starts_with("IAA") || OLDER.contains(&name) {
        found.push((Version::One, call.name_at, name.to_owned()));
    }
    if NEWER.contains(&name) {
        found.push((Version::Two, call.name_at, name.to_owned()));
    }
    for (keyword, at, _) in &call.keywords {
        for (version, parameters) in [(Version::One, OLDER_PARAMETERS), (Version::Two, NEWER_PARAMETERS)] {
            if parameters.iter().any(|(class, own)| own == keyword && ["", name].contains(class)) {
                found.push((version, *at, format!("{keyword} of {name}")));
            }
        }
    }
    if found.is_empty()
        && let Some(version) = pixels::version(call)
    {
        found.push((version, call.name_at, format!("{name} with these parameters")));
    }
    // Height and width by their places are of version 1, a pair is of version 2.
    let size = match name {
        "RandomResizedCrop" => call.args.first(),
        "RandomSizedCrop" => call.args.get(1),
        _ => None,
    };
    if let Some(size) = size {
        let version = if size.items().is_some() { Version::Two } else { Version::One };
        found.push((version, size.at, format!("the size of {name}")));
    }
    found
}

/// The version that a call is read by: what it tells itself, else that of the file.
pub(super) fn of_call(call: &Call<'_>, file: Told) -> Told {
    let own = tells(call);
    match own.first() {
        Some((version, ..)) if own.iter().all(|(other, ..)| other == version) => {
            Told { version: *version, decided: true }
        }
        _ => file,
    }
}

impl<'a> Translator<'a> {
    /// The version that the pipeline in `call` was written for, with a word on it where nothing tells.
    pub(super) fn alb_version_of(&mut self, call: &Call<'a>) -> Told {
        let decided = |version| Told { version, decided: true };
        match self.written_for.as_deref() {
            Some("albumentations1") => return decided(Version::One),
            Some("albumentations2") => return decided(Version::Two),
            _ => {}
        }
        let mut tells = Tells::default();
        tells.gather(call, 0);
        match tells.found {
            [Some(_), None] => return decided(Version::One),
            [None, Some(_)] => return decided(Version::Two),
            [Some((at, older)), Some((_, newer))] => {
                let message = format!(
                    "{older} is of Albumentations 1.x, {newer} of 2.x; where nothing else tells, 1.x is taken. \
                     --compat albumentations2 takes the other"
                );
                self.warn(at, message);
                return decided(Version::One);
            }
            [None, None] => {}
        }
        let anywhere = ANYWHERE.map(|names| names.iter().any(|name| self.lines.has_keyword(name)));
        match anywhere {
            [true, false] => return decided(Version::One),
            [false, true] => return decided(Version::Two),
            [true, true] | [false, false] => {}
        }
        if let Some((at, _)) = tells.differ.first() {
            let names: Vec<&str> = tells.differ.iter().map(|(_, name)| name.as_str()).collect();
            let differ = if names.len() == 1 { "is another" } else { "are others" };
            let message = format!(
                "nothing tells whether this is Albumentations 1.x or 2.x, where {} {differ}; 1.x is taken. \
                 --compat albumentations2 takes the other",
                names.join(", ")
            );
            self.warn(*at, message);
        }
        Told { version: Version::One, decided: false }
    }
}

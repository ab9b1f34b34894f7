//! The vectors in `tests/golden`: inputs and outputs of other libraries, and statistics of what they draw.

#![allow(dead_code, reason = "each test uses its part")]

use std::cell::RefCell;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use mnistaug_core::base::{Canvas, Channels, Image, Shape};
use ndarray::{ArrayD, OwnedRepr};
use ndarray_npy::{NpzReader, ReadableElement};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The folder of the vectors: `MNISTAUG_GOLDEN`, or the one that comes with the source.
pub(crate) fn folder() -> PathBuf {
    std::env::var_os("MNISTAUG_GOLDEN")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden"), PathBuf::from)
}

/// A file of the folder as JSON.
pub(crate) fn json(name: &str) -> Value {
    let path = folder().join(name);
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_reader(BufReader::new(file))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One case: what was computed of what, and how near a result must come.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) params: Map<String, Value>,
    pub(crate) input: Option<String>,
    pub(crate) output: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) dtype: String,
    pub(crate) tolerance: Tolerance,
    #[serde(default)]
    pub(crate) aux: Map<String, Value>,
    /// Present where there is a recipe to the bit.
    pub(crate) exact_ref_diff: Option<Value>,
}

/// How near a result must come.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Tolerance {
    Exact,
    Abs { mean_abs_le: f64, max_abs_le: f64, frac_pixels_diff_gt1_le: Option<f64> },
    Informational,
}

impl Case {
    /// The id without its number.
    pub(crate) fn family(&self) -> &str {
        self.id.rsplit_once('_').map_or(&self.id, |(family, _)| family)
    }
}

/// The cases of a folder below that of the vectors, and their arrays.
pub(crate) fn cases(folder: &str) -> (Vec<Case>, Arrays) {
    let cases = serde_json::from_value(json(&format!("{folder}/cases.json"))["cases"].clone());
    (cases.expect("a list of cases"), Arrays::of(&self::folder().join(folder).join("data.npz")))
}

/// How results compare with what the cases say.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) exact: usize,
    /// Those that are near enough.
    pub(crate) near: Vec<String>,
    pub(crate) failures: Vec<String>,
}

impl Judged {
    pub(crate) fn of<'a>(
        cases: impl IntoIterator<Item = &'a Case>,
        compare: impl Fn(&Case) -> Result<(f64, f64), String>,
    ) -> Self {
        let mut judged = Self::default();
        for case in cases {
            match (compare(case), &case.tolerance) {
                (Ok((_, 0.0)), _) => judged.exact += 1,
                (Ok((mean, max)), Tolerance::Abs { mean_abs_le, max_abs_le, .. })
                    if mean <= *mean_abs_le && max <= *max_abs_le =>
                {
                    judged.near.push(format!("{}: mean {mean:.4}, max {max}", case.id));
                }
                (Ok((mean, max)), _) => {
                    judged.failures.push(format!("{}: mean {mean:.4}, max {max}", case.id));
                }
                (Err(error), _) => judged.failures.push(format!("{}: {error}", case.id)),
            }
        }
        judged
    }

    /// Refuses failures.
    #[track_caller]
    pub(crate) fn holds(&self) {
        let all = self.exact + self.near.len() + self.failures.len();
        assert!(
            self.failures.is_empty(),
            "{} of {all} fail:\n{}",
            self.failures.len(),
            self.failures.join("\n")
        );
    }
}

/// The arrays of `data.npz`.
pub(crate) struct Arrays(RefCell<NpzReader<File>>);

impl Arrays {
    pub(crate) fn open() -> Self {
        Self::of(&folder().join("data.npz"))
    }

    /// Those of another file.
    pub(crate) fn of(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self(RefCell::new(NpzReader::new(file).expect("an npz file")))
    }

    fn get<T: ReadableElement>(&self, key: &str) -> Result<ArrayD<T>, String> {
        self.0.borrow_mut().by_name::<OwnedRepr<T>, _>(key).map_err(|error| format!("array {key}: {error}"))
    }

    pub(crate) fn u8s(&self, key: &str) -> Result<(Vec<usize>, Vec<u8>), String> {
        self.get(key).map(|array| (array.shape().to_vec(), array.into_raw_vec_and_offset().0))
    }

    pub(crate) fn f32s(&self, key: &str) -> Result<(Vec<usize>, Vec<f32>), String> {
        self.get(key).map(|array| (array.shape().to_vec(), array.into_raw_vec_and_offset().0))
    }

    /// Numbers of either precision.
    pub(crate) fn f64s(&self, key: &str) -> Result<(Vec<usize>, Vec<f64>), String> {
        self.get(key).map(|array| (array.shape().to_vec(), array.into_raw_vec_and_offset().0)).or_else(|_| {
            self.f32s(key).map(|(shape, data)| (shape, data.into_iter().map(f64::from).collect()))
        })
    }

    /// Integers of either width.
    pub(crate) fn i32s(&self, key: &str) -> Result<(Vec<usize>, Vec<i32>), String> {
        self.get(key).map(|array| (array.shape().to_vec(), array.into_raw_vec_and_offset().0)).or_else(|_| {
            self.u8s(key).map(|(shape, data)| (shape, data.into_iter().map(i32::from).collect()))
        })
    }

    /// An image of height x width x channels.
    pub(crate) fn image(&self, key: &str) -> Result<Picture, String> {
        let (shape, data) = self.u8s(key)?;
        let other = || format!("{key} has shape {shape:?}");
        let [height, width, channels] = shape[..] else { return Err(other()) };
        let kind = Channels::of(channels).ok_or_else(other)?;
        Ok(Picture { shape: Shape::new(height, width, kind), data })
    }
}

/// An image that owns its pixels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    pub(crate) shape: Shape,
    pub(crate) data: Vec<u8>,
}

impl Picture {
    pub(crate) fn view(&self) -> Image<'_> {
        Image::new(self.shape, &self.data)
    }

    pub(crate) fn of(canvas: &Canvas) -> Self {
        Self { shape: canvas.shape(), data: canvas.pixels().to_vec() }
    }

    /// Mean and greatest difference from the output of a case, which must have its shape.
    pub(crate) fn against(&self, case: &Case, arrays: &Arrays) -> Result<(f64, f64), String> {
        let shape = [self.shape.height, self.shape.width, self.shape.channels()];
        if case.shape != shape {
            return Err(format!("shape {shape:?}, expected {:?}", case.shape));
        }
        let (_, theirs) = arrays.u8s(&case.output)?;
        if theirs.len() != self.data.len() {
            return Err(format!("{} values, expected {}", self.data.len(), theirs.len()));
        }
        let diffs: Vec<f64> = self.data.iter().zip(&theirs).map(|(a, b)| f64::from(a.abs_diff(*b))).collect();
        Ok((diffs.iter().sum::<f64>() / diffs.len() as f64, diffs.iter().copied().fold(0.0, f64::max)))
    }
}

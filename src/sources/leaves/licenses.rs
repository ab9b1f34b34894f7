//! What is known of the licenses of source data, to be carried along.

use std::path::Path;

use crate::base::files::{SMALL, read_record};
use crate::store::manifest::LICENSES;

/// Licenses by the BLAKE3 of the uncompressed IDX file of images.
const KNOWN: &[(&str, &str)] = &[
    ("c6e6fd8c67d07c8a9b7bffa7dd0413ff4b8af241607b049b7721107f379df9fd", MNIST),
    ("f8d502322cd9f186e155a74a3dff598ed56c1a7b5a5c8d312749ac47c4a2bec7", MNIST),
];

const MNIST: &str = "MNIST handwritten digits. Yann LeCun, Corinna Cortes, Christopher J. C. Burges; derived from NIST Special \
Databases 1 and 3.\nLicense: Creative Commons Attribution-ShareAlike 3.0 (CC-BY-SA-3.0). What is derived from it is to be shared under \
the same license.";

const FASHION: &str = "Fashion-MNIST. Copyright (c) 2017 Zalando SE.\nLicense: MIT.";

/// The license text of an IDX folder: its own `LICENSE-DATA.txt`, or what is known of the data set.
#[must_use]
pub fn of_images(folder: &Path, digest: &str) -> Option<String> {
    if let Ok(text) = read_record(&folder.join(LICENSES), SMALL) {
        return Some(text.trim_end().to_owned());
    }
    if let Some((_, text)) = KNOWN.iter().find(|(known, _)| *known == digest) {
        return Some((*text).to_owned());
    }
    is_fashion(folder).then(|| FASHION.to_owned())
}

/// Whether a path names Fashion-MNIST.
#[must_use]
pub fn is_fashion(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().to_string_lossy().to_ascii_lowercase().contains("fashion"))
}

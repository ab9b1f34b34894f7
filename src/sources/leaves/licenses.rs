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

const EMNIST: &str = "Gregory Cohen, Saeed Afshar, Jonathan Tapson, André van Schaik; derived from NIST Special Database 19.\n\
License: unstated (derived from NIST Special Database 19; copies disagree). Its makers state no terms that could be found; ask them before \
passing it on.";

const KMNIST: &str = "Kuzushiji-MNIST. \"KMNIST Dataset\" (created by CODH), adapted from \"Kuzushiji Dataset\" (created by NIJL and others), \
doi:10.20676/00000341.\nLicense: CC-BY-SA-4.0. What is derived from it is to be shared under the same license.";

const QMNIST: &str = "QMNIST. Chhavi Yadav, Léon Bottou; Facebook AI Research; derived from NIST Special Database 19.\nLicense: BSD-3-Clause.";

/// What is known of data sets whose makers put their name into those of their files, or torchvision into that of the folder.
#[must_use]
pub fn of_name(images: &Path) -> Option<String> {
    let file = images.file_stem()?.to_string_lossy().to_ascii_lowercase();
    let mut words = file.split(['-', '_', '.']);
    match words.next() {
        Some("emnist") => {
            let part = words.next().filter(|part| {
                ["balanced", "byclass", "bymerge", "digits", "letters", "mnist"].contains(part)
            })?;
            return Some(format!("EMNIST {part}. {EMNIST}"));
        }
        Some("kmnist") => return Some(KMNIST.to_owned()),
        Some("qmnist") => return Some(QMNIST.to_owned()),
        _ => {}
    }
    let named = |folder: &Path| Some(folder.file_name()?.to_string_lossy().to_ascii_lowercase());
    let folder = images.parent()?;
    let folder = if named(folder).as_deref() == Some("raw") { folder.parent()? } else { folder };
    match named(folder)?.as_str() {
        "kmnist" => Some(KMNIST.to_owned()),
        "qmnist" => Some(QMNIST.to_owned()),
        _ => None,
    }
}

/// Whether a path names Fashion-MNIST.
#[must_use]
pub fn is_fashion(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().to_string_lossy().to_ascii_lowercase().contains("fashion"))
}

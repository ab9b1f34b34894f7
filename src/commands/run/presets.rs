//! Recipe files that are part of the program: one file and one line each.

use crate::base::{Fault, Kind};
use crate::text::suggest::nearest;

/// A recipe file that is part of the program.
pub(super) struct Preset {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

/// Declares the presets `presets/NAME.yaml`. Their first lines say in a sentence what they make.
macro_rules! presets {
    ($($name:literal)+) => {
        pub(super) const PRESETS: &[Preset] =
            &[$(Preset { name: $name, text: include_str!(concat!("presets/", $name, ".yaml")) }),+];
    };
}

presets! {
    "affnist"
    "biased-mnist"
    "binarized-mnist"
    "cluttered-mnist"
    "colored-mnist"
    "continual-mnist"
    "double-mnist"
    "few-shot-mnist"
    "imagenet-c"
    "irm-mnist"
    "mnist-addition"
    "mnist-c"
    "mnist-c-extra"
    "mnist-detection"
    "mnist-lt"
    "mnist-m"
    "mnist-rot"
    "moving-mnist"
    "multi-mnist"
    "n-mnist"
    "noisy-mnist"
    "notebook"
    "notebook-npz"
    "permuted-mnist"
    "rotated-mnist"
}

impl Preset {
    /// What it makes, in a sentence.
    pub(super) fn summary(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches("# ")
    }
}

/// The preset of this name.
pub(super) fn find(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The preset that has to be there.
pub(super) fn named(name: &str) -> Result<&'static Preset, Fault> {
    find(name).ok_or_else(|| {
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        let help = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean {near}? the presets are {}", names.join(", ")),
            None => format!("the presets are {}", names.join(", ")),
        };
        Fault::said(Kind::Usage, format!("there is no recipe called {name:?}"), Some(&help))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_says_what_it_makes() {
        for preset in PRESETS {
            assert!(preset.text.starts_with("# ") && preset.summary().ends_with('.'), "{}", preset.name);
        }
    }
}

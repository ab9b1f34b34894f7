//! Keras' `ImageDataGenerator(...)`.

use super::super::eval::Res;
use super::super::tree::Translator;
use super::super::value::{Call, V, Val, last};
use super::{Library, Role};
use crate::text::tree::{Tree, Value};

/// The generator, wherever it was imported from.
pub(super) static LIBRARY: Library = Library {
    name: "Keras",
    example: "ImageDataGenerator(...)",
    usual: &[("ImageDataGenerator", "tensorflow.keras.preprocessing.image.ImageDataGenerator")],
    constants: &[],
    owns: |path| last(path) == "ImageDataGenerator",
    role: |call| if transforms(call) { Role::Augments } else { Role::Idle },
    passes: |_| false,
    chain: None,
    versions: &[],
    grows: "",
    translate: |translator, _, call| translator.image_data_generator(call),
    namesake: |_| None,
    bare_list: None,
    #[cfg(test)]
    sample: "from tensorflow.keras.preprocessing.image import ImageDataGenerator\nflow = ImageDataGenerator(zoom_range=0.1)\n",
};

/// ImageDataGenerator's parameters in their order.
const GENERATOR: &[&str] = &[
    "featurewise_center",
    "samplewise_center",
    "featurewise_std_normalization",
    "samplewise_std_normalization",
    "zca_whitening",
    "zca_epsilon",
    "rotation_range",
    "width_shift_range",
    "height_shift_range",
    "brightness_range",
    "shear_range",
    "zoom_range",
    "channel_shift_range",
    "fill_mode",
    "cval",
    "horizontal_flip",
    "vertical_flip",
    "rescale",
    "preprocessing_function",
    "data_format",
    "validation_split",
    "interpolation_order",
    "dtype",
];

/// Those that the step has.
const STEP: &[&str] = &[
    "rotation_range",
    "width_shift_range",
    "height_shift_range",
    "brightness_range",
    "shear_range",
    "zoom_range",
    "channel_shift_range",
    "fill_mode",
    "cval",
    "horizontal_flip",
    "vertical_flip",
    "interpolation_order",
];

/// Those that make floats of bytes.
const FLOATS: &[&str] = &[
    "featurewise_center",
    "samplewise_center",
    "featurewise_std_normalization",
    "samplewise_std_normalization",
    "zca_whitening",
    "rescale",
];

/// Whether a generator has anything that changes images.
fn transforms(call: &Call<'_>) -> bool {
    let by_place = GENERATOR.iter().copied().zip(&call.args);
    let by_name = call.keywords.iter().map(|(name, _, value)| (name.as_str(), value));
    by_place.chain(by_name).any(|(name, value)| {
        let harmless = ["fill_mode", "cval", "interpolation_order"].contains(&name);
        STEP.contains(&name) && !harmless && value.truth() != Some(false)
    })
}

/// Whether a function only scales what it is given, as all those of `applications` do.
fn only_scales(value: &Val<'_>) -> bool {
    match &value.kind {
        V::Path(path) => last(path) == "preprocess_input" || path.contains(".applications."),
        _ => false,
    }
}

impl<'a> Translator<'a> {
    /// A range as Keras draws from it: on both sides of zero whatever its sign is, and from one end to the other.
    fn range(&mut self, name: &str, value: &Val<'a>) -> Res<Tree> {
        if ["rotation_range", "shear_range", "channel_shift_range"].contains(&name)
            && let Some(number) = value.number().filter(|number| *number < 0.0)
        {
            return self.tree(value.at, Value::Float(-number));
        }
        if ["zoom_range", "brightness_range"].contains(&name)
            && let Some([from, to]) = value.items()
            && let (Some(a), Some(b)) = (from.number(), to.number())
            && b < a
        {
            let ends = vec![self.plain(to)?, self.plain(from)?];
            return self.tree(value.at, Value::List(ends));
        }
        self.plain(value)
    }

    /// The step of an `ImageDataGenerator(...)`.
    fn image_data_generator(&mut self, call: &Call<'a>) -> Res<Vec<Tree>> {
        let bound = self.bind(call, GENERATOR)?;
        let mut fields = Vec::new();
        for name in STEP {
            if let Some(value) = bound.get(name) {
                fields.push((self.key(value.at, name), self.range(name, value)?));
            }
        }
        // Keras 3 has no such module, so that files that name it ran with the older package.
        let older = call.path.starts_with("keras.preprocessing.");
        if older || call.path.starts_with("keras_preprocessing.") {
            let compat = self.tree(call.name_at, Value::Text("keras_preprocessing".into()))?;
            fields.push((self.key(call.name_at, "compat"), compat));
        }
        if older
            && ["width_shift_range", "height_shift_range", "shear_range"]
                .into_iter()
                .any(|name| bound.passed(name).is_some())
        {
            self.warn(
                call.name_at,
                "keras.preprocessing.image is Keras-Preprocessing, whose axes are in another order than those of tensorflow.keras \
                 from 2.9 on; leave compat out for that",
            );
        }
        for name in FLOATS {
            if let Some(value) = bound.passed(name).filter(|value| value.truth() != Some(false)) {
                let message =
                    format!("{name} is passed over: images stay bytes; an export to floats scales them");
                self.warn(value.at, message);
            }
        }
        if let Some(value) =
            bound.passed("preprocessing_function").filter(|value| !matches!(value.kind, V::None))
        {
            // Keras calls what it is given; True and False fail in Python as well, but only when images come.
            if only_scales(value) || matches!(value.kind, V::Bool(_)) {
                let message = format!(
                    "preprocessing_function={} is passed over: images stay bytes; an export to floats scales them",
                    value.kind()
                );
                self.warn(value.at, message);
            } else if fields.is_empty() {
                return Err(self
                    .complain(value.at, "a preprocessing_function is Python, which does not run here")
                    .help("Leave it out if it only scales; the steps of this program change bytes"));
            } else {
                self.left_out(value, false);
            }
        }
        for name in ["validation_split", "dtype", "data_format"] {
            if let Some(value) = bound.passed(name).filter(|value| value.truth() != Some(false)) {
                self.warn(value.at, format!("{name} is passed over; it is no matter of augmentation"));
            }
        }
        Ok(vec![self.step(call, "keras_transform", fields)?])
    }
}

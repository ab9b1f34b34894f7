//! Keras' `ImageDataGenerator(...)`.

use super::super::eval::Res;
use super::super::tree::Translator;
use super::super::value::{Call, last};
use super::Library;
use crate::text::tree::{Tree, Value};

/// The generator, wherever it was imported from.
pub(super) static LIBRARY: Library = Library {
    name: "Keras",
    example: "ImageDataGenerator(...)",
    usual: &[("ImageDataGenerator", "keras.preprocessing.image.ImageDataGenerator")],
    constants: &[],
    owns: |path| last(path) == "ImageDataGenerator",
    augments: None,
    grows: "",
    translate: |translator, _, call| translator.image_data_generator(call),
    bare_list: None,
    #[cfg(test)]
    sample: "from keras.preprocessing.image import ImageDataGenerator\nflow = ImageDataGenerator(zoom_range=0.1)\n",
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

impl<'a> Translator<'a> {
    /// The step of an `ImageDataGenerator(...)`.
    fn image_data_generator(&mut self, call: &Call<'a>) -> Res<Vec<Tree>> {
        let bound = self.bind(call, GENERATOR)?;
        let mut fields = Vec::new();
        for name in STEP {
            if let Some(value) = bound.get(name) {
                fields.push((self.key(value.at, name), self.plain(value)?));
            }
        }
        if call.path.starts_with("keras_preprocessing.") {
            let compat = self.tree(call.name_at, Value::Text("keras_preprocessing".into()))?;
            fields.push((self.key(call.name_at, "compat"), compat));
        }
        for name in FLOATS {
            if let Some(value) = bound.get(name).filter(|value| value.truth() != Some(false)) {
                let message =
                    format!("{name} is passed over: images stay bytes; an export to floats scales them");
                self.warn(value.at, message);
            }
        }
        if let Some(value) = bound.get("preprocessing_function") {
            return Err(
                self.complain(value.at, "a preprocessing_function is Python, which does not run here")
            );
        }
        for name in ["validation_split", "dtype", "data_format"] {
            if let Some(value) = bound.get(name).filter(|value| value.truth() != Some(false)) {
                self.warn(value.at, format!("{name} is passed over; it is no matter of augmentation"));
            }
        }
        Ok(vec![self.step(call, "keras_transform", fields)?])
    }
}

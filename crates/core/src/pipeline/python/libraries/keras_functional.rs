//! Keras' preprocessing layers that are called one after the other: `x = RandomFlip("horizontal")(x)`.

use super::super::chance::EITHER;
use super::super::value::{V, Val, last};
use super::keras_layers::{self, Unit, is_keras, is_layer};
use super::{Library, Link, Role, tf_image};

/// The call that keeps the layers.
const CHAIN: &str = "keras.layers called one after the other";

/// Layers through which one value passes.
pub(super) static LIBRARY: Library = Library {
    name: "Keras",
    example: "x = RandomFlip(...)(x)",
    usual: &[],
    constants: &[],
    owns: |path| path == CHAIN,
    role: |call| if call.args.iter().any(is_random) { Role::Augments } else { Role::Other },
    passes: |_| false,
    chain: Some((CHAIN, link)),
    versions: &[],
    grows: "",
    translate: |translator, value, call| {
        let either = |layer: &Val<'_>| matches!(&layer.kind, V::Call(own) if &*own.path == EITHER);
        if call.args.iter().any(either) {
            return (tf_image::LIBRARY.translate)(translator, value, call);
        }
        let mut steps = Vec::new();
        translator.layers(&call.args, &mut Unit::default(), &mut steps)?;
        Ok(steps)
    },
    namesake: |_| None,
    bare_list: None,
    // Those of the other form.
    signatures: |_| Vec::new(),
    #[cfg(test)]
    sample: "from tensorflow.keras import layers\nx = layers.RandomFlip('horizontal')(inputs)\n",
};

fn is_random(value: &Val<'_>) -> bool {
    matches!(&value.kind, V::Call(layer) if &*layer.path == EITHER || keras_layers::is_random(layer))
}

fn link(path: &str) -> Option<Link> {
    // It makes the numbers that a network wants.
    if is_keras(path) && last(path) == "preprocess_input" {
        return Some(Link::Through);
    }
    if !is_keras(path) || !path.contains("layers") {
        return None;
    }
    match last(path) {
        "Sequential" => None,
        "GaussianNoise" | "Lambda" => Some(Link::Behind),
        name => is_layer(name).then_some(Link::Layer),
    }
}

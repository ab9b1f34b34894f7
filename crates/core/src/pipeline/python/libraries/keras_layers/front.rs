//! Networks that begin with a model which augments, and with other layers for images beside it: these are one pipeline.

use std::rc::Rc;

use super::super::super::value::{Call, V, Val};
use super::super::with_list;
use super::{SIZED, STEPS, is_keras_layer, is_layer, is_random};

/// How many layers of a network are looked at.
const MAX_LAYERS: usize = 2000;

/// What a layer in front of a network is.
enum Layer {
    /// A model of layers that draw.
    Model,
    /// A step by itself, or a model with one.
    Step,
    /// It scales, which decides what levels later layers mean.
    Scales,
    /// It changes nothing.
    Nothing,
    /// The network.
    Network,
}

/// The layers of a network up to the first that is none for images, if a model that augments is among them and
/// something else that becomes a step or scales what the model gets. (Otherwise the model alone says everything.)
pub(in super::super) fn front<'a>(call: &Call<'a>) -> Option<Call<'a>> {
    if call.name() != "Sequential" || !is_keras_layer(&call.path) {
        return None;
    }
    let named = || call.keywords.iter().find(|(name, ..)| name == "layers").map(|(.., list)| list);
    let list = call.args.first().or_else(named)?;
    let layers = list.items()?;
    let (mut models, mut others, mut length) = (0, 0, layers.len());
    let mut left = MAX_LAYERS;
    for (i, layer) in layers.iter().enumerate() {
        match kind(layer, &mut left) {
            Layer::Model => models += 1,
            Layer::Step => others += 1,
            Layer::Scales if models == 0 => others += 1,
            Layer::Scales | Layer::Nothing => {}
            Layer::Network => {
                length = i;
                break;
            }
        }
    }
    if models == 0 || models + others < 2 {
        return None;
    }
    let kept = Val { at: list.at, kind: V::List(Rc::new(layers[..length].to_vec())) };
    with_list(call, "layers", &kept)
}

/// What a layer is; where more than `left` of them are looked at, the network.
fn kind(layer: &Val<'_>, left: &mut usize) -> Layer {
    *left = left.saturating_sub(1);
    if *left == 0 {
        return Layer::Network;
    }
    let V::Call(call) = &layer.kind else {
        return if matches!(layer.kind, V::None) { Layer::Nothing } else { Layer::Network };
    };
    if !is_keras_layer(&call.path) {
        return if call.name().starts_with("Random") { Layer::Step } else { Layer::Network };
    }
    match call.name() {
        "Sequential" => model(call, left),
        name if STEPS.iter().any(|own| own.name == name) || SIZED.contains(&name) => Layer::Step,
        "Rescaling" | "Normalization" => Layer::Scales,
        name if is_layer(name) => Layer::Nothing,
        _ => Layer::Network,
    }
}

/// What a model among layers is; one with a layer of a network is the network.
fn model(call: &Call<'_>, left: &mut usize) -> Layer {
    let layers = call.args.first().or_else(|| call.keywords.iter().map(|(.., value)| value).next());
    let Some(layers) = layers.and_then(Val::items) else { return Layer::Network };
    let mut kinds: Vec<Layer> = Vec::new();
    for layer in layers.iter().take(*left) {
        kinds.push(kind(layer, left));
    }
    let any = |wanted: fn(&Layer) -> bool| kinds.iter().any(wanted);
    if any(|kind| matches!(kind, Layer::Network)) {
        Layer::Network
    } else if is_random(call) || any(|kind| matches!(kind, Layer::Model)) {
        Layer::Model
    } else if any(|kind| matches!(kind, Layer::Step)) {
        Layer::Step
    } else if any(|kind| matches!(kind, Layer::Scales)) {
        Layer::Scales
    } else {
        Layer::Nothing
    }
}

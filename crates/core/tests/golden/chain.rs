//! Several operations one after the other.

use serde_json::{Map, Value, json};

use super::{Outcome, Params, constant};
use crate::peers::Picture;

pub(super) fn run(mut picture: Picture, params: &Params<'_>) -> Outcome {
    let steps: Vec<Map<String, Value>> = params.list("ops")?;
    for step in steps {
        let (key, spec) = spec(step)?;
        picture = constant(&picture, key, &Value::Object(spec))?;
    }
    Ok(picture.into())
}

/// The operation as a pipeline file has it.
fn spec(mut step: Map<String, Value>) -> Result<(&'static str, Map<String, Value>), String> {
    let name = step.remove("op").unwrap_or_default();
    let key = match name.as_str().unwrap_or_default() {
        "Affine" => {
            if let Some(translate) = step.remove("translate") {
                let (x, y) = (&translate[0], &translate[1]);
                let y = if y.is_null() { x } else { y };
                let unit = translate[2].as_str().unwrap_or_default();
                step.insert(format!("translate_{unit}"), json!({ "x": x, "y": y }));
            }
            "affine"
        }
        "Crop" | "CropAndPad" => {
            let mut percent = Map::new();
            for side in ["top", "right", "bottom", "left"] {
                let value = step.remove(side).ok_or_else(|| format!("there is no {side}"))?;
                percent.insert(side.to_owned(), value);
            }
            step.insert("percent".to_owned(), Value::Object(percent));
            // Negative amounts are cropped here too, where `crop` itself counts them positive.
            "crop_and_pad"
        }
        "Fliplr" => "fliplr",
        "Flipud" => "flipud",
        "GaussianBlur" => "gaussian_blur",
        "AverageBlur" => "average_blur",
        "MedianBlur" => "median_blur",
        "Sharpen" => "sharpen",
        "Emboss" => "emboss",
        "EdgeDetect" => "edge_detect",
        "DirectedEdgeDetect" => "directed_edge_detect",
        "Add" => "add",
        "Multiply" => "multiply",
        "LinearContrast" => "linear_contrast",
        "Invert" => "invert",
        "Grayscale" => "grayscale",
        "AddToHueAndSaturation" => "add_to_hue_and_saturation",
        "AddToSaturation" => "add_to_saturation",
        _ => return Err(format!("the operation {name} is not known")),
    };
    Ok((key, step))
}

//! The options of Keras' `ImageDataGenerator`, as `augment` spells them.

use super::common::{number, whole};
use clap::{Args, ValueEnum};
use serde_json::{Map, Number, Value};

/// Parameters of Keras' `ImageDataGenerator`; together they make a pipeline of one `keras_transform`.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Keras ImageDataGenerator (instead of --pipeline)")]
pub struct KerasArgs {
    /// Rotation, degrees in both directions
    #[arg(long, hide_short_help = true, value_name = "DEGREES", value_parser = number, allow_negative_numbers = true)]
    pub rotation_range: Option<f64>,

    /// Horizontal shift: a fraction of the width (below 1), pixels (1.0 or more), whole pixels (an integer), or a list
    #[arg(long, hide_short_help = true, value_name = "X|N|LIST", value_parser = numbers, allow_hyphen_values = true)]
    pub width_shift_range: Option<Value>,

    /// Vertical shift, likewise
    #[arg(long, hide_short_help = true, value_name = "X|N|LIST", value_parser = numbers, allow_hyphen_values = true)]
    pub height_shift_range: Option<Value>,

    /// Shear, degrees in both directions
    #[arg(long, hide_short_help = true, value_name = "DEGREES", value_parser = number, allow_negative_numbers = true)]
    pub shear_range: Option<f64>,

    /// Zoom: Z draws from 1-Z to 1+Z; factors above 1 shrink
    #[arg(long, hide_short_help = true, value_name = "Z|LO,HI", value_parser = numbers, allow_hyphen_values = true)]
    pub zoom_range: Option<Value>,

    /// Shift of all channels, levels in both directions
    #[arg(long, hide_short_help = true, value_name = "LEVELS", value_parser = number, allow_negative_numbers = true)]
    pub channel_shift_range: Option<f64>,

    /// Range of brightness factors
    #[arg(long, hide_short_help = true, value_name = "LO,HI", value_parser = numbers, allow_hyphen_values = true)]
    pub brightness_range: Option<Value>,

    /// Flip half of the images left to right
    #[arg(long, hide_short_help = true)]
    pub horizontal_flip: bool,

    /// Flip half of the images top to bottom
    #[arg(long, hide_short_help = true)]
    pub vertical_flip: bool,

    /// Values beyond the border [default: nearest]
    #[arg(long, hide_short_help = true, value_enum, value_name = "MODE")]
    pub fill_mode: Option<FillMode>,

    /// Value for --fill-mode constant [default: 0]
    #[arg(long, hide_short_help = true, value_name = "LEVEL", value_parser = number, allow_negative_numbers = true)]
    pub cval: Option<f64>,

    /// Interpolation: 0 nearest, 1 linear [default: 1]
    #[arg(long, hide_short_help = true, value_name = "ORDER", value_parser = whole::<u8>(0..=1), allow_negative_numbers = true)]
    pub interpolation_order: Option<u8>,
}

/// What is read beyond the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FillMode {
    /// The border pixel
    Nearest,
    /// One value
    Constant,
    /// Mirrored
    Reflect,
    /// Repeated
    Wrap,
}

impl KerasArgs {
    /// What was given, in the names of the operation's parameters.
    #[must_use]
    pub fn given(&self) -> Map<String, Value> {
        let float = |value: Option<f64>| value.map(Value::from);
        let name = |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().into());
        let flag = |on: bool| on.then_some(Value::Bool(true));
        [
            ("rotation_range", float(self.rotation_range)),
            ("width_shift_range", self.width_shift_range.clone()),
            ("height_shift_range", self.height_shift_range.clone()),
            ("shear_range", float(self.shear_range)),
            ("zoom_range", self.zoom_range.clone()),
            ("channel_shift_range", float(self.channel_shift_range)),
            ("brightness_range", self.brightness_range.clone()),
            ("horizontal_flip", flag(self.horizontal_flip)),
            ("vertical_flip", flag(self.vertical_flip)),
            ("fill_mode", name(self.fill_mode.and_then(|mode| mode.to_possible_value()))),
            ("cval", float(self.cval)),
            ("interpolation_order", self.interpolation_order.map(Value::from)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
    }
}

/// A number, whole or not as it is written, or several between commas.
fn numbers(text: &str) -> Result<Value, String> {
    let one = |text: &str| {
        let text = text.trim();
        let whole = text.parse::<i64>().ok().map(Number::from);
        let number = whole.or_else(|| Number::from_f64(text.parse().ok()?));
        number
            .map(Value::Number)
            .ok_or_else(|| format!("expected numbers; found {text:?}, which is not a number"))
    };
    match text.trim().strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => inner.split(',').map(one).collect::<Result<_, _>>().map(Value::Array),
        None if text.contains(',') => text.split(',').map(one).collect::<Result<_, _>>().map(Value::Array),
        None => one(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whole_numbers_stay_whole_and_lists_are_lists() {
        for (text, value) in [
            ("3", json!(3)),
            ("3.0", json!(3.0)),
            ("0.1", json!(0.1)),
            ("0.5,1.5", json!([0.5, 1.5])),
            ("[-4, 0, 4]", json!([-4, 0, 4])),
            ("[2]", json!([2])),
        ] {
            assert_eq!(numbers(text), Ok(value), "{text}");
        }
        for text in ["", "a", "1,,2", "nan", "[1"] {
            assert!(numbers(text).is_err(), "{text}");
        }
    }
}

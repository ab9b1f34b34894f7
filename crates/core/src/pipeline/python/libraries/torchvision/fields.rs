//! The forms in which torchvision takes values, as fields of steps.

use super::super::super::eval::Res;
use super::super::super::syntax::Range;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, V, Val, last};
use super::Seen;
use crate::text::tree::{Key, Tree, Value};

impl<'a> Translator<'a> {
    /// `size`: a number for both sides, or for the shorter one; a pair is height and width.
    pub(super) fn sized(&mut self, bound: &Bound<'_, 'a>, short: bool) -> Res<(Key, Tree)> {
        let at = bound.call.name_at;
        let Some(size) = bound.get("size") else {
            return Err(self.complain(at, format!("{} takes a size", bound.call.name())));
        };
        let tree = match size.items() {
            Some([one]) if short => self.plain(one)?,
            Some([one]) => self.both(one)?,
            Some([_, _]) => self.plain(size)?,
            Some(_) => return Err(self.complain(size.at, "a size is a number or (height, width)")),
            None if short => self.plain(size)?,
            None => self.both(size)?,
        };
        Ok((self.key(size.at, "size"), tree))
    }

    /// As [`Self::sized`]; none where the size is not known, and that of the image is taken.
    pub(super) fn sized_or_own(&mut self, bound: &Bound<'_, 'a>) -> Res<Vec<(Key, Tree)>> {
        if self.own_size(bound, &["size"]) {
            return Ok(Vec::new());
        }
        Ok(vec![self.sized(bound, false)?])
    }

    /// Whether a transform that only brings images to a size is left out, because the size is not known.
    pub(super) fn left_at_size(&mut self, call: &Call<'a>) -> Res<bool> {
        let params: &[&str] = match call.name() {
            "Resize" | "Scale" => &["size", "interpolation", "max_size", "antialias"],
            "CenterCrop" => &["size"],
            "RandomCrop" => &["size", "padding", "pad_if_needed", "fill", "padding_mode"],
            _ => return Ok(false),
        };
        let bound = self.bind(call, params)?;
        // With a margin there are several places for a part as large as the image.
        let moves = bound.passed("padding").is_some_and(|padding| !matches!(padding.kind, V::None));
        Ok(!moves && self.left_size(&bound, &["size"]))
    }

    pub(super) fn both(&mut self, value: &Val<'a>) -> Res<Tree> {
        let ends = vec![self.plain(value)?, self.plain(value)?];
        self.tree(value.at, Value::List(ends))
    }

    /// A number for both, or a pair.
    pub(super) fn twice(
        &mut self,
        bound: &Bound<'_, 'a>,
        name: &'static str,
        field: &str,
    ) -> Res<(Key, Tree)> {
        let Some(value) = bound.get(name) else {
            return Err(self.complain(bound.call.name_at, format!("{} needs {name}", bound.call.name())));
        };
        let tree = match value.items() {
            Some(_) => self.plain(value)?,
            None => self.both(value)?,
        };
        Ok((self.key(value.at, field), tree))
    }

    pub(super) fn numbers(&mut self, bound: &Bound<'_, 'a>, names: &[&'static str]) -> Res<Vec<(Key, Tree)>> {
        let mut fields = Vec::new();
        for name in names {
            if let Some(value) = bound.get(name) {
                self.number(value, name)?;
                fields.push((self.key(value.at, name), self.plain(value)?));
            }
        }
        Ok(fields)
    }

    pub(super) fn whole_field(
        &mut self,
        bound: &Bound<'_, 'a>,
        name: &'static str,
    ) -> Res<Option<(Key, Tree)>> {
        match bound.get(name) {
            Some(value) => Ok(Some((self.key(value.at, name), self.plain(value)?))),
            None => Ok(None),
        }
    }

    pub(super) fn text_field(
        &mut self,
        bound: &Bound<'_, 'a>,
        name: &'static str,
    ) -> Res<Option<(Key, Tree)>> {
        self.whole_field(bound, name)
    }

    pub(super) fn interpolation(&mut self, bound: &Bound<'_, 'a>, name: &str) -> Res<Option<(Key, Tree)>> {
        let Some(value) = bound.get(name) else { return Ok(None) };
        let name = match &value.kind {
            // Pillow's numbers.
            V::Int(0) | V::Bool(false) => "nearest".to_owned(),
            V::Int(1) => "lanczos".to_owned(),
            V::Int(2) => "bilinear".to_owned(),
            V::Int(3) => "bicubic".to_owned(),
            V::Int(4) => "box".to_owned(),
            V::Int(5) => "hamming".to_owned(),
            V::Path(path) => match last(path) {
                "ANTIALIAS" => "lanczos".to_owned(),
                "NEAREST_EXACT" => "nearest".to_owned(),
                name => name.to_lowercase(),
            },
            V::Text(text) => text.to_lowercase(),
            _ => {
                return Err(self.complain(
                    value.at,
                    "an interpolation is InterpolationMode.NEAREST, BILINEAR, BICUBIC ...",
                ));
            }
        };
        Ok(Some((self.key(value.at, "interpolation"), self.tree(value.at, Value::Text(name))?)))
    }

    /// A fill, whose fractions are cut off.
    pub(super) fn fill(
        &mut self,
        bound: &Bound<'_, 'a>,
        name: &str,
        field: &str,
    ) -> Res<Option<(Key, Tree)>> {
        let Some(value) = bound.get(name) else { return Ok(None) };
        let byte = |this: &Self, value: &Val<'a>| {
            let number = this.number(value, "a fill")?;
            if (0.0..256.0).contains(&number) {
                Ok(number.trunc() as i64)
            } else {
                Err(this.complain(value.at, format!("the fill {number} is outside 0..255")))
            }
        };
        let tree = match value.items() {
            Some([one]) => Value::Int(byte(self, one)?),
            Some(items) => {
                let items = items.iter().map(|item| byte(self, item)).collect::<Res<Vec<i64>>>()?;
                let items = items
                    .into_iter()
                    .map(|item| self.tree(value.at, Value::Int(item)))
                    .collect::<Res<_>>()?;
                Value::List(items)
            }
            None => Value::Int(byte(self, value)?),
        };
        Ok(Some((self.key(value.at, field), self.tree(value.at, tree)?)))
    }

    /// `padding`: one number, (left and right, top and bottom), or left, top, right, bottom.
    pub(super) fn padding(&mut self, bound: &Bound<'_, 'a>) -> Res<Vec<(Key, Tree)>> {
        let Some(value) = bound.get("padding") else { return Ok(Vec::new()) };
        let sides = match value.items() {
            None => vec![value; 4],
            Some([one]) => vec![one; 4],
            Some([x, y]) => vec![x, y, x, y],
            Some([left, top, right, bottom]) => vec![left, top, right, bottom],
            Some(_) => return Err(self.complain(value.at, "padding is one number, two or four")),
        };
        let sides = sides.into_iter().map(|side| self.plain(side)).collect::<Res<_>>()?;
        Ok(vec![(self.key(value.at, "padding"), self.tree(value.at, Value::List(sides))?)])
    }

    /// One number is to either side.
    pub(super) fn either_side(&mut self, value: &Val<'a>, what: &str) -> Res<Tree> {
        if value.items().is_some() {
            return self.plain(value);
        }
        let number = self.number(value, what)?;
        let ends = vec![
            self.tree(value.at, Value::Float(0.0 - number.abs()))?,
            self.tree(value.at, Value::Float(number.abs()))?,
        ];
        self.tree(value.at, Value::List(ends))
    }

    pub(super) fn degrees(&mut self, bound: &Bound<'_, 'a>) -> Res<(Key, Tree)> {
        let Some(value) = bound.get("degrees") else {
            return Err(self.complain(bound.call.name_at, format!("{} takes degrees", bound.call.name())));
        };
        Ok((self.key(value.at, "degrees"), self.either_side(value, "degrees")?))
    }

    pub(super) fn center(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<(Key, Tree)>> {
        match bound.get("center") {
            Some(value) => Ok(Some((self.key(value.at, "center"), self.plain(value)?))),
            None => Ok(None),
        }
    }

    pub(super) fn shear(&mut self, value: &Val<'a>) -> Res<Vec<(Key, Tree)>> {
        match value.items() {
            Some([a, b, c, d]) => {
                let x = vec![self.plain(a)?, self.plain(b)?];
                let y = vec![self.plain(c)?, self.plain(d)?];
                let (x, y) = (self.tree(value.at, Value::List(x))?, self.tree(value.at, Value::List(y))?);
                Ok(vec![(self.key(value.at, "shear_x"), x), (self.key(value.at, "shear_y"), y)])
            }
            Some([_, _]) | None => {
                Ok(vec![(self.key(value.at, "shear_x"), self.either_side(value, "shear")?)])
            }
            Some(_) => Err(self.complain(value.at, "shear is a number, a pair or four numbers")),
        }
    }

    /// A number f is max(0, 1 - f) to 1 + f, for hues -f to f; 0 is left out.
    pub(super) fn jitter(&mut self, bound: &Bound<'_, 'a>, name: &'static str) -> Res<Option<(Key, Tree)>> {
        let Some(value) = bound.get(name) else { return Ok(None) };
        let (center, key) = (if name == "hue" { 0.0 } else { 1.0 }, self.key(value.at, name));
        if value.items().is_some() {
            return Ok(Some((key, self.plain(value)?)));
        }
        let number = self.number(value, name)?;
        if number == 0.0 {
            return Ok(None);
        }
        let low = if name == "hue" { -number } else { (center - number).max(0.0) };
        let ends = vec![
            self.tree(value.at, Value::Float(low))?,
            self.tree(value.at, Value::Float(center + number))?,
        ];
        Ok(Some((key, self.tree(value.at, Value::List(ends))?)))
    }

    /// The color of an erased rectangle: floats behind ToTensor, counted from the mean behind Normalize.
    pub(super) fn erased(&mut self, bound: &Bound<'_, 'a>, seen: &Seen) -> Res<(Key, Tree)> {
        let at = bound.get("value").map_or(bound.call.name_at, |value| value.at);
        let values: Vec<f64> = match bound.get("value") {
            None => vec![0.0],
            Some(value) => match (&value.kind, value.items()) {
                (V::Text(text), _) if &**text == "random" => return self.erased_by_noise(at, seen),
                (_, Some(items)) => {
                    items.iter().map(|item| self.number(item, "value")).collect::<Res<_>>()?
                }
                (_, None) => vec![self.number(value, "value")?],
            },
        };
        let mean = seen.mean.as_deref().unwrap_or_default();
        let byte = |i: usize, value: f64| match (mean.get(i.min(mean.len().saturating_sub(1))), seen.floats) {
            // Only 0 is what the mean becomes, whatever the deviation is.
            (Some(mean), _) if value == 0.0 => mean * 255.0,
            (_, true) => value * 255.0,
            (_, false) => value,
        };
        let count = if values.len() == 1 && mean.len() == 3 { 3 } else { values.len() };
        let bytes: Vec<f64> =
            (0..count).map(|i| byte(i, values[i.min(values.len() - 1)]).round_ties_even()).collect();
        if seen.mean.is_some() {
            if mean.is_empty() || values.iter().any(|value| *value != 0.0) {
                return Err(self
                    .complain(at, "what this value is in bytes depends on the constants of Normalize")
                    .help("Put RandomErasing in front of Normalize, with a value of bytes"));
            }
            self.warn(
                at,
                format!("RandomErasing behind Normalize: 0 is the mean there, {} in bytes", bytes[0]),
            );
        }
        if bytes.iter().any(|byte| !(0.0..=255.0).contains(byte)) {
            return Err(self.complain(at, "the value is outside of what bytes hold"));
        }
        let trees =
            bytes.iter().map(|byte| self.tree(at, Value::Int(*byte as i64))).collect::<Res<Vec<_>>>()?;
        let tree = match trees.as_slice() {
            [one] => one.clone(),
            _ => self.tree(at, Value::List(trees))?,
        };
        Ok((self.key(at, "value"), tree))
    }

    /// Noise in an erased rectangle: normal numbers of floats, which are counted from the mean behind Normalize.
    fn erased_by_noise(&mut self, at: Range, seen: &Seen) -> Res<(Key, Tree)> {
        if !seen.floats {
            return Err(self.complain(at, "value='random' is noise of floats, which stands behind ToTensor"));
        }
        let bytes = |values: &[f64]| -> Option<[f64; 3]> {
            let last = values.len().checked_sub(1)?;
            Some(std::array::from_fn(|i| values[i.min(last)] * 255.0))
        };
        let in_bytes = match &seen.mean {
            None => Some(([0.0; 3], [255.0; 3])),
            Some(mean) => bytes(mean).zip(bytes(&seen.deviation)),
        };
        let Some((mean, deviation)) = in_bytes else {
            return Err(self
                .complain(at, "what this noise is in bytes depends on the constants of Normalize")
                .help("Give them with --set, or put RandomErasing in front of Normalize"));
        };
        self.warn(at, "noise of bytes is whole, and cut off below 0 and above 255");
        let mut levels = |values: [f64; 3]| -> Res<Tree> {
            let levels = values.map(|value| self.tree(at, Value::Float(value)));
            let levels = levels.into_iter().collect::<Res<Vec<_>>>()?;
            self.tree(at, Value::List(levels))
        };
        let (mean, deviation) = (levels(mean)?, levels(deviation)?);
        let fields = vec![(self.key(at, "mean"), mean), (self.key(at, "deviation"), deviation)];
        let noise = self.tree(at, Value::Map(fields))?;
        Ok((self.key(at, "noise"), noise))
    }
}

//! Values that Albumentations' geometric transforms share: limits, borders, colors, interpolations, sizes.

use super::super::super::eval::Res;
use super::super::super::syntax::Range;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{V, Val, last};
use super::version::{Told, Version};
use crate::text::tree::{Key, Tree, Value};

/// The fields of a step.
pub(super) type Fields = Vec<(Key, Tree)>;

/// Which channels a single number fills: OpenCV takes it for the first one, unless the library makes a color of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    /// All of them, in version 2.
    All,
    /// The first one, in both versions.
    First,
}

impl<'a> Translator<'a> {
    /// Adds a field.
    pub(super) fn alb_field(&mut self, fields: &mut Fields, at: Range, name: &str, value: Value) -> Res<()> {
        let tree = self.tree(at, value)?;
        fields.push((self.key(at, name), tree));
        Ok(())
    }

    /// Adds a field with a range, or a number if both ends are the same.
    pub(super) fn alb_range(
        &mut self,
        fields: &mut Fields,
        at: Range,
        name: &str,
        ends: [f64; 2],
    ) -> Res<()> {
        let tree = self.alb_ends(at, ends)?;
        fields.push((self.key(at, name), tree));
        Ok(())
    }

    /// A range, or a number if both ends are the same.
    pub(super) fn alb_ends(&mut self, at: Range, [lo, hi]: [f64; 2]) -> Res<Tree> {
        if lo == hi {
            return self.tree(at, Value::Float(lo));
        }
        let ends = vec![self.tree(at, Value::Float(lo))?, self.tree(at, Value::Float(hi))?];
        self.tree(at, Value::List(ends))
    }

    /// A pair in its order from the lower to the upper end; of a number `v`, what `alone` makes of it.
    pub(super) fn alb_pair(
        &mut self,
        value: &Val<'a>,
        name: &str,
        alone: impl Fn(f64) -> [f64; 2],
    ) -> Res<[f64; 2]> {
        let [a, b] = match value.items() {
            Some([lo, hi]) => [self.number(lo, name)?, self.number(hi, name)?],
            Some(_) => return Err(self.complain(value.at, format!("{name} is a number or a pair"))),
            None => alone(self.number(value, name)?),
        };
        Ok(if a <= b { [a, b] } else { [b, a] })
    }

    /// A limit: a number v is from -v to v.
    pub(super) fn alb_limit(&mut self, value: &Val<'a>, name: &str) -> Res<[f64; 2]> {
        self.alb_pair(value, name, |v| [0.0 - v.abs(), v.abs()])
    }

    pub(super) fn alb_limited(&mut self, bound: &Bound<'_, 'a>, name: &str, default: f64) -> Res<[f64; 2]> {
        match bound.get(name) {
            Some(value) => self.alb_limit(value, name),
            None => Ok([0.0 - default, default]),
        }
    }

    /// Whether a switch is on.
    pub(super) fn alb_switched(&self, bound: &Bound<'_, 'a>, name: &str, default: bool) -> Res<bool> {
        match bound.get(name) {
            None => Ok(default),
            Some(value) => {
                value.truth().ok_or_else(|| self.complain(value.at, format!("{name} is True or False")))
            }
        }
    }

    /// Adds how pixels of a warp are found.
    pub(super) fn alb_warp_interpolation(&mut self, bound: &Bound<'_, 'a>, fields: &mut Fields) -> Res<()> {
        let Some(value) = bound.get("interpolation") else { return Ok(()) };
        let how = match interpolation(value) {
            // A warp has no areas.
            Some("area" | "linear") => "linear",
            Some("lanczos") => {
                self.warn(value.at, "INTER_LANCZOS4 is not there; cubic is taken");
                "cubic"
            }
            Some(how @ ("nearest" | "cubic")) => how,
            _ => return Err(self.complain(value.at, KNOWN_INTERPOLATIONS)),
        };
        self.alb_field(fields, value.at, "interpolation", Value::Text(how.to_owned()))
    }

    /// How pixels of another size are found.
    pub(super) fn alb_resizing(&mut self, bound: &Bound<'_, 'a>) -> Res<(Range, &'static str)> {
        let Some(value) = bound.get("interpolation") else { return Ok((bound.call.name_at, "linear")) };
        let how = match interpolation(value) {
            Some("lanczos") => {
                self.warn(value.at, "INTER_LANCZOS4 is not there; cubic is taken");
                "cubic"
            }
            Some(how @ ("nearest" | "linear" | "cubic" | "area")) => how,
            _ => {
                let (how, name) = match exactly(value) {
                    Some("nearest") => ("nearest", "INTER_NEAREST_EXACT"),
                    Some("linear") => ("linear", "INTER_LINEAR_EXACT"),
                    _ => return Err(self.complain(value.at, KNOWN_INTERPOLATIONS)),
                };
                self.warn(value.at, format!("{name} is not there; {how} is taken, which differs slightly"));
                how
            }
        };
        Ok((value.at, how))
    }

    /// Adds how pixels of another size are found.
    pub(super) fn alb_resizing_fields(&mut self, bound: &Bound<'_, 'a>, fields: &mut Fields) -> Res<()> {
        let (at, how) = self.alb_resizing(bound)?;
        self.alb_field(fields, at, "interpolation", Value::Text(how.to_owned()))?;
        if let Some(value) = bound.get("area_for_downscale") {
            self.alb_field(fields, value.at, "area_for_downscale", Value::Bool(true))?;
        }
        Ok(())
    }

    /// What lies beyond the border, `default` if nothing is said.
    pub(super) fn alb_border(&mut self, bound: &Bound<'_, 'a>, default: &'static str) -> Res<&'static str> {
        // The mode of a lens is no border.
        let names: &[&str] = match bound.call.name() {
            "OpticalDistortion" => &["border_mode"],
            _ => &["border_mode", "mode", "pad_mode"],
        };
        let given = names.iter().find_map(|name| bound.get(name));
        given.map_or(Ok(default), |value| {
            border(value).ok_or_else(|| {
                self.complain(
                    value.at,
                    "a border is one of cv2.BORDER_CONSTANT, REPLICATE, REFLECT, REFLECT_101, WRAP",
                )
            })
        })
    }

    /// Adds the border, and the color of a constant one.
    pub(super) fn alb_outside(
        &mut self,
        bound: &Bound<'_, 'a>,
        default: &'static str,
        filled: Filled,
        told: Told,
        fields: &mut Fields,
    ) -> Res<()> {
        let at = bound.call.name_at;
        let border = self.alb_border(bound, default)?;
        self.alb_field(fields, at, "border", Value::Text(border.to_owned()))?;
        if border != "constant" {
            return Ok(());
        }
        let given =
            ["fill", "value", "cval", "pad_val", "pad_cval"].into_iter().find_map(|name| bound.get(name));
        let Some(value) = given else { return Ok(()) };
        let level = |this: &Self, value: &Val<'a>| {
            this.number(value, "a color").map(|level| level.round_ties_even().clamp(0.0, 255.0) as i64)
        };
        let colors = match value.items() {
            Some([one]) => vec![level(self, one)?],
            Some(items @ ([_, _, _] | [_, _, _, _])) => {
                items[..3].iter().map(|item| level(self, item)).collect::<Res<_>>()?
            }
            Some(_) => return Err(self.complain(value.at, "a color is a number, or three of them")),
            None => {
                let one = level(self, value)?;
                if one == 0 || (told.version == Version::Two && filled == Filled::All) {
                    vec![one]
                } else {
                    self.warn(
                        value.at,
                        format!("{one} fills only the first channel, as it does there; write ({one}, {one}, {one})"),
                    );
                    vec![one, 0, 0]
                }
            }
        };
        let fill = match colors.as_slice() {
            [one] => Value::Int(*one),
            _ => Value::List(
                colors.iter().map(|color| self.tree(value.at, Value::Int(*color))).collect::<Res<_>>()?,
            ),
        };
        self.alb_field(fields, value.at, "fill", fill)
    }

    /// Adds the version whose rule holds, which is 2 if nothing is said.
    pub(super) fn alb_compat(&mut self, at: Range, told: Told, fields: &mut Fields) -> Res<()> {
        match told.version {
            Version::One => self.alb_field(fields, at, "compat", Value::Int(1)),
            Version::Two => Ok(()),
        }
    }

    /// A number of pixels that must be given.
    pub(super) fn alb_side(&mut self, bound: &Bound<'_, 'a>, side: &str) -> Res<Tree> {
        if let Some(value) = bound.get(side) {
            return self.plain(value);
        }
        let message = format!("{} takes height and width", bound.call.name());
        Err(self.complain(bound.call.name_at, message))
    }

    /// Height and width: of `size`, or each by its own name.
    pub(super) fn alb_size(&mut self, bound: &Bound<'_, 'a>) -> Res<Tree> {
        let at = bound.call.name_at;
        let sides = match bound.get("size") {
            Some(value) => match value.items() {
                Some([height, width]) => vec![self.plain(height)?, self.plain(width)?],
                Some(_) => return Err(self.complain(value.at, "size is a pair of height and width")),
                None => vec![self.plain(value)?, self.plain(value)?],
            },
            None => vec![self.alb_side(bound, "height")?, self.alb_side(bound, "width")?],
        };
        self.tree(at, Value::List(sides))
    }
}

const KNOWN_INTERPOLATIONS: &str =
    "an interpolation is one of cv2.INTER_NEAREST, INTER_LINEAR, INTER_CUBIC, INTER_AREA, INTER_LANCZOS4";

/// OpenCV's interpolations, by name or number.
fn interpolation(value: &Val<'_>) -> Option<&'static str> {
    const NAMES: [(&str, &str); 5] = [
        ("INTER_NEAREST", "nearest"),
        ("INTER_LINEAR", "linear"),
        ("INTER_CUBIC", "cubic"),
        ("INTER_AREA", "area"),
        ("INTER_LANCZOS4", "lanczos"),
    ];
    match &value.kind {
        V::Int(number) => NAMES.get(usize::try_from(*number).ok()?).map(|(_, how)| *how),
        V::Path(path) => NAMES.iter().find(|(name, _)| *name == last(path)).map(|(_, how)| *how),
        _ => None,
    }
}

/// What OpenCV calls exact.
fn exactly(value: &Val<'_>) -> Option<&'static str> {
    match &value.kind {
        V::Int(5) => Some("linear"),
        V::Int(6) => Some("nearest"),
        V::Path(path) if last(path) == "INTER_LINEAR_EXACT" => Some("linear"),
        V::Path(path) if last(path) == "INTER_NEAREST_EXACT" => Some("nearest"),
        _ => None,
    }
}

/// OpenCV's borders as this program calls them, and scikit-image's names, which are the same.
fn border(value: &Val<'_>) -> Option<&'static str> {
    const NAMES: [(&[&str], &str); 5] = [
        (&["BORDER_CONSTANT", "constant"], "constant"),
        (&["BORDER_REPLICATE", "edge"], "edge"),
        (&["BORDER_REFLECT", "symmetric"], "symmetric"),
        (&["BORDER_WRAP", "wrap"], "wrap"),
        (&["BORDER_REFLECT_101", "BORDER_REFLECT101", "BORDER_DEFAULT", "reflect"], "reflect"),
    ];
    let called =
        |name: &str| NAMES.iter().find(|(names, _)| names.contains(&name)).map(|(_, border)| *border);
    match &value.kind {
        V::Int(number) => NAMES.get(usize::try_from(*number).ok()?).map(|(_, border)| *border),
        V::Path(path) => called(last(path)),
        V::Text(text) => called(text),
        _ => None,
    }
}

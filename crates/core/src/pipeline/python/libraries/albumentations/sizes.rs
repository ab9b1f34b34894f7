//! Albumentations' resizes, crops and pads as steps.

use super::super::super::eval::Res;
use super::super::super::syntax::Range;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{V, Val, last};
use super::fields::{Fields, Filled};
use super::version::{Told, Version};
use super::warps::usual_border;
use crate::text::tree::{Tree, Value};

/// The parameters that say how large a crop is.
const SIDES: &[&str] = &["size", "height", "width"];

impl<'a> Translator<'a> {
    pub(super) fn alb_resize(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        if self.left_size(bound, &["height", "width"]) {
            return Ok(None);
        }
        let at = bound.call.name_at;
        let (height, width) = (self.alb_side(bound, "height")?, self.alb_side(bound, "width")?);
        let (how_at, how) = self.alb_resizing(bound)?;
        if how == "area" || bound.get("area_for_downscale").is_some() {
            let size = self.tree(at, Value::List(vec![height, width]))?;
            let mut fields = vec![(self.key(at, "size"), size)];
            self.alb_resizing_fields(bound, &mut fields)?;
            return self.step(bound.call, "albumentations.resize", fields).map(Some);
        }
        let fields = vec![
            (self.key(at, "height"), height),
            (self.key(at, "width"), width),
            (self.key(how_at, "interpolation"), self.tree(how_at, Value::Text(how.to_owned()))?),
        ];
        self.step(bound.call, "resize", fields).map(Some)
    }

    pub(super) fn alb_random_scale(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        let mut fields = Fields::new();
        let limit = self.alb_limited(bound, "scale_limit", 0.1)?;
        self.alb_range(&mut fields, bound.call.name_at, "scale_limit", limit)?;
        self.alb_resizing_fields(bound, &mut fields)?;
        self.step(bound.call, "albumentations.random_scale", fields).map(Some)
    }

    /// `LongestMaxSize` and `SmallestMaxSize`.
    pub(super) fn alb_max_size(&mut self, bound: &Bound<'_, 'a>, step: &str) -> Res<Option<Tree>> {
        if self.left_size(bound, &["max_size", "max_size_hw"]) {
            return Ok(None);
        }
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        if let Some(value) = bound.get("max_size_hw") {
            let Some([height, width]) = value.items() else {
                return Err(self.complain(value.at, "max_size_hw is a pair of height and width"));
            };
            for (name, side) in [("max_height", height), ("max_width", width)] {
                if !matches!(side.kind, V::None) {
                    let side = self.plain(side)?;
                    fields.push((self.key(value.at, name), side));
                }
            }
        } else {
            let size = match bound.get("max_size") {
                Some(value) if value.items().is_some() => {
                    let sizes = self.plain(value)?;
                    self.wrap(value.at, "choice", sizes)?
                }
                Some(value) => self.plain(value)?,
                None => self.tree(at, Value::Int(1024))?,
            };
            fields.push((self.key(at, "max_size"), size));
        }
        self.alb_resizing_fields(bound, &mut fields)?;
        self.step(bound.call, step, fields).map(Some)
    }

    /// `CenterCrop` and `RandomCrop`, perhaps of an image with something around it.
    pub(super) fn alb_fixed_crop(
        &mut self,
        bound: &Bound<'_, 'a>,
        step: &str,
        told: Told,
    ) -> Res<Option<Tree>> {
        // A part at random is more than a matter of size.
        if bound.call.name() == "CenterCrop" && self.left_size(bound, SIDES) {
            return Ok(None);
        }
        let at = bound.call.name_at;
        let size = self.alb_size(bound)?;
        let crop = self.step(bound.call, step, vec![(self.key(at, "size"), size)])?;
        if !self.alb_switched(bound, "pad_if_needed", false)? {
            return Ok(Some(crop));
        }
        let mut fields = vec![
            (self.key(at, "min_height"), self.alb_side(bound, "height")?),
            (self.key(at, "min_width"), self.alb_side(bound, "width")?),
        ];
        if let Some(value) = bound.get("pad_position") {
            let position = self.plain(value)?;
            fields.push((self.key(value.at, "position"), position));
        }
        self.alb_outside(bound, "constant", Filled::All, told, &mut fields)?;
        let pad = self.step(bound.call, "albumentations.pad_if_needed", fields)?;
        let list = self.tree(at, Value::List(vec![pad, crop]))?;
        self.wrap(at, "sequential", list).map(Some)
    }

    pub(super) fn alb_crop(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        if self.alb_switched(bound, "pad_if_needed", false)? {
            return Err(self
                .complain(bound.call.name_at, "Crop with pad_if_needed is not there")
                .help("Put PadIfNeeded in front of it and leave pad_if_needed out"));
        }
        self.alb_same_fields(bound, &["x_min", "y_min", "x_max", "y_max"], "albumentations.crop")
    }

    pub(super) fn alb_crop_from_borders(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        let names = &["crop_left", "crop_right", "crop_top", "crop_bottom"];
        self.alb_same_fields(bound, names, "albumentations.random_crop_from_borders")
    }

    /// A step whose fields have the names and values of the parameters.
    fn alb_same_fields(&mut self, bound: &Bound<'_, 'a>, names: &[&str], step: &str) -> Res<Option<Tree>> {
        let mut fields = Fields::new();
        for name in names {
            if let Some(value) = bound.get(name) {
                let tree = self.plain(value)?;
                fields.push((self.key(value.at, name), tree));
            }
        }
        self.step(bound.call, step, fields).map(Some)
    }

    pub(super) fn alb_resized_crop(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        self.alb_size_or_own(bound, &mut fields)?;
        for name in ["scale", "ratio"] {
            if let Some(value) = bound.get(name) {
                let [lo, hi] = self.alb_pair(value, name, |v| [v; 2])?;
                let ends = vec![self.tree(at, Value::Float(lo))?, self.tree(at, Value::Float(hi))?];
                self.alb_field(&mut fields, value.at, name, Value::List(ends))?;
            }
        }
        self.alb_resizing_fields(bound, &mut fields)?;
        self.step(bound.call, "albumentations.random_resized_crop", fields).map(Some)
    }

    pub(super) fn alb_sized_crop(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let Some(heights) = bound.get("min_max_height") else {
            return Err(self.complain(at, "RandomSizedCrop takes min_max_height"));
        };
        let heights_at = heights.at;
        let heights = if heights.items().is_some() {
            self.plain(heights)?
        } else {
            let ends = vec![self.tree(heights.at, Value::Int(1))?, self.plain(heights)?];
            self.tree(heights.at, Value::List(ends))?
        };
        let mut fields = vec![(self.key(heights_at, "min_max_height"), heights)];
        self.alb_size_or_own(bound, &mut fields)?;
        if let Some(value) = bound.get("w2h_ratio") {
            let ratio = self.plain(value)?;
            fields.push((self.key(value.at, "w2h_ratio"), ratio));
        }
        self.alb_resizing_fields(bound, &mut fields)?;
        self.step(bound.call, "albumentations.random_sized_crop", fields).map(Some)
    }

    pub(super) fn alb_pad(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let sides = match bound.get("padding") {
            None => vec![self.tree(at, Value::Int(0))?; 4],
            Some(value) => match value.items() {
                None => vec![self.plain(value)?; 4],
                Some([x, y]) => {
                    let (x, y) = (self.plain(x)?, self.plain(y)?);
                    vec![x.clone(), y.clone(), x, y]
                }
                Some(items @ [_, _, _, _]) => {
                    items.iter().map(|item| self.plain(item)).collect::<Res<_>>()?
                }
                Some(_) => return Err(self.complain(value.at, "padding is a number, a pair or four numbers")),
            },
        };
        let sides = self.tree(at, Value::List(sides))?;
        let mut fields = vec![(self.key(at, "padding"), sides)];
        self.alb_outside(bound, "constant", Filled::All, told, &mut fields)?;
        self.step(bound.call, "albumentations.pad", fields).map(Some)
    }

    pub(super) fn alb_pad_if_needed(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let names = &["min_height", "min_width", "pad_height_divisor", "pad_width_divisor"];
        if self.left_size(bound, names) {
            return Ok(None);
        }
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        for (least, divisor) in [("min_height", "pad_height_divisor"), ("min_width", "pad_width_divisor")] {
            if let Some(value) = bound.get(divisor) {
                let tree = self.plain(value)?;
                fields.push((self.key(value.at, divisor), tree));
            }
            match bound.get(least) {
                Some(value) => {
                    let tree = self.plain(value)?;
                    fields.push((self.key(value.at, least), tree));
                }
                None if bound.passed(least).is_none() => {
                    self.alb_field(&mut fields, at, least, Value::Int(1024))?;
                }
                None => {}
            }
        }
        if let Some(value) = bound.get("position") {
            let name = match &value.kind {
                V::Text(name) => name.to_lowercase(),
                // PadIfNeeded.PositionType.CENTER
                V::Path(path) => last(path).to_lowercase(),
                _ => return Err(self.complain(value.at, "position is a name such as \"center\"")),
            };
            self.alb_field(&mut fields, value.at, "position", Value::Text(name))?;
        }
        self.alb_outside(bound, usual_border(told), Filled::All, told, &mut fields)?;
        self.step(bound.call, "albumentations.pad_if_needed", fields).map(Some)
    }

    pub(super) fn alb_crop_and_pad(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        for name in ["px", "percent"] {
            let Some(value) = bound.get(name) else { continue };
            let whole = name == "px";
            let sides = match value.items() {
                // A pair is the range of every side.
                Some([lo, hi]) => vec![self.alb_ends_of(value.at, [lo, hi], whole, name)?],
                Some(items @ [_, _, _, _]) => items
                    .iter()
                    .map(|item| match item.items() {
                        None => self.plain(item),
                        Some([lo, hi]) => self.alb_ends_of(item.at, [lo, hi], whole, name),
                        Some(_) => {
                            let choices = self.plain(item)?;
                            self.wrap(item.at, "choice", choices)
                        }
                    })
                    .collect::<Res<_>>()?,
                Some(_) => {
                    return Err(self.complain(value.at, format!("{name} is a number, a pair or four values")));
                }
                None => vec![self.plain(value)?],
            };
            self.alb_field(&mut fields, value.at, name, Value::List(sides))?;
        }
        for name in ["keep_size", "sample_independently"] {
            if !self.alb_switched(bound, name, true)? {
                self.alb_field(&mut fields, at, name, Value::Bool(false))?;
            }
        }
        let (how_at, how) = self.alb_resizing(bound)?;
        self.alb_field(&mut fields, how_at, "interpolation", Value::Text(how.to_owned()))?;
        let border = self.alb_border(bound, "constant")?;
        self.alb_field(&mut fields, at, "border", Value::Text(border.to_owned()))?;
        if let Some(value) =
            ["fill", "pad_cval"].into_iter().find_map(|name| bound.get(name)).filter(|_| border == "constant")
        {
            let fill = match value.items() {
                // Two numbers are a range, more are a choice.
                Some([_, _]) | None => self.plain(value)?,
                Some(_) => {
                    let choices = self.plain(value)?;
                    self.wrap(value.at, "choice", choices)?
                }
            };
            if told.version == Version::One && value.number() != Some(0.0) {
                self.warn(value.at, "pad_cval fills all channels here, and only the first one there");
            }
            fields.push((self.key(value.at, "fill"), fill));
        }
        self.step(bound.call, "albumentations.crop_and_pad", fields).map(Some)
    }

    /// The size of what a crop gives; that of the image itself, if it is not known.
    fn alb_size_or_own(&mut self, bound: &Bound<'_, 'a>, fields: &mut Fields) -> Res<()> {
        if self.own_size(bound, SIDES) {
            return Ok(());
        }
        let at = bound.call.name_at;
        let size = self.alb_size(bound)?;
        fields.push((self.key(at, "size"), size));
        Ok(())
    }

    /// `RandomSizedBBoxSafeCrop`, which takes all of an image that has no boxes.
    pub(super) fn alb_crop_of_boxes(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        if let Some(rate) = bound.get("erosion_rate").filter(|rate| rate.number() != Some(0.0)) {
            return Err(
                self.complain(rate.at, "erosion_rate is 0 here, so that nothing is cut off without boxes")
            );
        }
        self.warn(
            bound.call.name_at,
            "RandomSizedBBoxSafeCrop is read as for images without boxes, which it resizes; there it cuts off what lies outside of all boxes",
        );
        self.alb_resize(bound)
    }

    /// `CropNonEmptyMaskIfExists`, which crops anywhere where a mask shows nothing.
    pub(super) fn alb_crop_of_mask(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        self.warn(
            bound.call.name_at,
            "CropNonEmptyMaskIfExists is read as for images without masks, which it crops anywhere",
        );
        self.alb_fixed_crop(bound, "random_crop", told)
    }

    /// A range; of whole numbers the upper end is excluded there.
    fn alb_ends_of(&mut self, at: Range, [lo, hi]: [&Val<'a>; 2], whole: bool, name: &str) -> Res<Tree> {
        if !whole {
            let ends = [self.number(lo, name)?, self.number(hi, name)?];
            return self.alb_ends(at, if ends[0] <= ends[1] { ends } else { [ends[1], ends[0]] });
        }
        match (&lo.kind, &hi.kind) {
            (V::Int(lo), V::Int(hi)) if lo < hi => {
                if hi - lo == 1 {
                    return self.tree(at, Value::Int(*lo));
                }
                let ends = vec![self.tree(at, Value::Int(*lo))?, self.tree(at, Value::Int(hi - 1))?];
                self.tree(at, Value::List(ends))
            }
            _ => Err(self.complain(at, format!("{name} has whole numbers, the lower one first"))),
        }
    }
}

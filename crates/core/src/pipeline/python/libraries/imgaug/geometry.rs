//! imgaug's augmenters that move pixels and need more than the table can say.

use super::super::super::eval::Res;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, V, Val};
use super::forms::is_all;
use crate::ops::counterpart::AUTO;
use crate::ops::counterpart::Form::{Flag, Gray, Names, Number};
use crate::text::tree::{Tree, Value};

impl<'a> Translator<'a> {
    /// `Rotate`, `ScaleX` and their like: one parameter of `Affine`.
    pub(super) fn one_of_affine(
        &mut self,
        call: &Call<'a>,
        field: &'static str,
        axis: Option<&str>,
        default: [f64; 2],
    ) -> Res<Tree> {
        let bound = self.bind(call, &[field, "order", "cval", "mode", "fit_output", "backend"])?;
        let value = self.value_or(&bound, field, Number, default)?;
        self.affine_with(&bound, field, axis, value)
    }

    pub(super) fn translate(&mut self, call: &Call<'a>, axis: &str) -> Res<Tree> {
        let bound = self.bind(call, &["percent", "px", "order", "cval", "mode", "fit_output", "backend"])?;
        if let Some(px) = bound.get("px") {
            let value = self.number_form(px, true)?;
            return self.affine_with(&bound, "translate_px", Some(axis), value);
        }
        let value = self.value_or(&bound, "percent", Number, [-0.25, 0.25])?;
        self.affine_with(&bound, "translate_percent", Some(axis), value)
    }

    pub(super) fn affine_with(
        &mut self,
        bound: &Bound<'_, 'a>,
        field: &str,
        axis: Option<&str>,
        value: Tree,
    ) -> Res<Tree> {
        let at = bound.call.name_at;
        let value = match axis {
            Some(axis) => self.wrap(at, axis, value)?,
            None => value,
        };
        let rest = [
            ("cval", "cval", Gray),
            ("mode", "mode", Names),
            ("fit_output", "fit_output", Flag),
            ("backend", "", AUTO),
        ];
        let mut fields = vec![(self.key(at, field), value)];
        if let Some(order) = bound.get("order") {
            fields.push((self.key(order.at, "order"), self.sampling_order(order)?));
        }
        fields.extend(self.params(bound, &rest)?);
        self.step(bound.call, "affine", fields)
    }

    /// The order of interpolation, which ends with 3 here.
    pub(super) fn sampling_order(&mut self, order: &Val<'a>) -> Res<Tree> {
        let known = |this: &mut Self, order: &Val<'a>| match order.kind {
            V::Int(4 | 5) => {
                this.warn(
                    order.at,
                    "orders 4 and 5, splines of scikit-image, are read as 3, cubic convolution",
                );
                this.tree(order.at, Value::Int(3))
            }
            _ => this.plain(order),
        };
        if is_all(order) {
            self.warn(order.at, "order=ia.ALL has 4 and 5, splines of scikit-image; they are read as 3");
            let orders = [0, 1, 3, 3, 3].map(|own| self.tree(order.at, Value::Int(own)));
            let orders = orders.into_iter().collect::<Res<_>>()?;
            return self.tree(order.at, Value::List(orders));
        }
        match &order.kind {
            V::List(items) => {
                let items = items.iter().map(|item| known(self, item)).collect::<Res<_>>()?;
                self.tree(order.at, Value::List(items))
            }
            _ => known(self, order),
        }
    }

    /// Whether an augmenter brings images to a size that is not known, so that they keep their own.
    pub(super) fn lacks_size(&mut self, call: &Call<'a>) -> Res<bool> {
        let (known, sizes): (&[&'static str], &[&str]) = match call.name() {
            "Resize" | "Scale" => (&["size", "interpolation"], &["size"]),
            "CropToFixedSize" | "CenterCropToFixedSize" => {
                (&["width", "height", "position"], &["width", "height"])
            }
            "PadToFixedSize" | "CenterPadToFixedSize" => {
                (&["width", "height", "pad_mode", "pad_cval", "position"], &["width", "height"])
            }
            _ => return Ok(false),
        };
        let mark = self.mark();
        let bound = self.bind(call, known)?;
        self.back_to(&mark);
        Ok(self.left_size(&bound, sizes))
    }

    /// `Resize`, which had the name `Scale`.
    pub(super) fn imgaug_resize(&mut self, call: &Call<'a>) -> Res<Tree> {
        let bound = self.bind(call, &["size", "interpolation"])?;
        let size = self.need(&bound, "size")?;
        let at = call.name_at;
        let how = match bound.get("interpolation") {
            Some(value) => self.form(value, Names, "interpolation")?,
            None => self.tree(at, Value::Text("cubic".into()))?,
        };
        let plain = matches!(&how.value, Value::Text(name) if matches!(name.as_str(), "nearest" | "linear" | "cubic"));
        if plain && let Some([height, width]) = fixed_size(size) {
            let mut fields = Vec::new();
            for (name, side) in [("height", height), ("width", width)] {
                fields.push((self.key(at, name), self.whole(side)?));
            }
            fields.push((self.key(at, "interpolation"), how));
            return self.step(call, "resize", fields);
        }
        let mut fields = Vec::new();
        if let V::Dict(entries) = &size.kind {
            for (key, value) in entries.iter() {
                let name = match &key.kind {
                    V::Text(name) => name.replace('-', "_"),
                    _ => String::new(),
                };
                if !matches!(name.as_str(), "height" | "width" | "shorter_side" | "longer_side") {
                    let message = "only height, width, shorter-side and longer-side are known here";
                    return Err(self.complain(key.at, message));
                }
                let side = self.side_of_resize(value)?;
                fields.push((self.key(key.at, &name), side));
            }
        } else {
            let side = self.side_of_resize(size)?;
            fields.push((self.key(size.at, "size"), side));
        }
        fields.push((self.key(at, "interpolation"), how));
        self.step(call, "imgaug.resize", fields)
    }

    /// The length of a side: whole numbers are pixels, others factors.
    fn side_of_resize(&mut self, value: &Val<'a>) -> Res<Tree> {
        let is_whole = |value: &Val<'a>| matches!(value.kind, V::Int(_));
        let whole = match &value.kind {
            V::Text(_) => return self.plain(value),
            V::Tuple(items) => items.iter().all(is_whole),
            V::List(items) => {
                let whole = items.iter().filter(|item| is_whole(item)).count();
                if whole != 0 && whole != items.len() {
                    return Err(self.complain(value.at, "a choice is among pixels or among factors here"));
                }
                whole > 0
            }
            V::Call(call) => match call.name() {
                "DiscreteUniform" | "Discretize" | "Poisson" => true,
                "Choice" | "Deterministic" => {
                    let first = call.args.first().or_else(|| call.keywords.first().map(|(.., value)| value));
                    first.is_some_and(|first| {
                        is_whole(first) || first.items().is_some_and(|items| items.iter().all(is_whole))
                    })
                }
                _ => false,
            },
            _ => is_whole(value),
        };
        let number = self.number_form(value, whole)?;
        self.wrap(value.at, if whole { "px" } else { "factor" }, number)
    }
}

/// Height and width, if both are fixed numbers of pixels.
fn fixed_size<'v, 'a>(size: &'v Val<'a>) -> Option<[&'v Val<'a>; 2]> {
    let whole = |value: &'v Val<'a>| matches!(value.kind, V::Int(_)).then_some(value);
    let V::Dict(entries) = &size.kind else { return whole(size).map(|side| [side; 2]) };
    let side = |name: &str| {
        let (_, value) =
            entries.iter().find(|(key, _)| matches!(&key.kind, V::Text(own) if &**own == name))?;
        whole(value)
    };
    if entries.len() == 2 { Some([side("height")?, side("width")?]) } else { None }
}

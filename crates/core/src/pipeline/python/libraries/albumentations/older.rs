//! Transforms of Albumentations before 1.0 that hand on to imgaug: names that begin with IAA, and what took their place.

use super::super::super::eval::Res;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{V, Val};
use super::fields::Fields;
use crate::text::tree::{Tree, Value};

impl<'a> Translator<'a> {
    /// Adds a range, `default` if nothing is given; of a number `v`, what `alone` makes of it.
    fn alb_iaa_range(
        &mut self,
        bound: &Bound<'_, 'a>,
        fields: &mut Fields,
        name: &str,
        default: [f64; 2],
        alone: fn(f64) -> [f64; 2],
    ) -> Res<()> {
        let (at, ends) = match bound.get(name) {
            Some(value) => (value.at, self.alb_pair(value, name, alone)?),
            None => (bound.call.name_at, default),
        };
        self.alb_range(fields, at, name, ends)
    }

    pub(super) fn alb_iaa_perspective(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        let mut fields = Fields::new();
        self.alb_iaa_range(bound, &mut fields, "scale", [0.05, 0.1], |v| [v, 1.0])?;
        if !self.alb_switched(bound, "keep_size", true)? {
            self.alb_field(&mut fields, bound.call.name_at, "keep_size", Value::Bool(false))?;
        }
        self.step(bound.call, "perspective_transform", fields).map(Some)
    }

    pub(super) fn alb_iaa_affine(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        self.alb_iaa_range(bound, &mut fields, "scale", [1.0; 2], |v| [1.0, v])?;
        for name in ["translate_percent", "translate_px"] {
            if let Some(value) = bound.get(name) {
                let ends = self.alb_pair(value, name, |v| [0.0, v])?;
                self.alb_range(&mut fields, value.at, name, ends)?;
            }
        }
        for name in ["rotate", "shear"] {
            self.alb_iaa_range(bound, &mut fields, name, [0.0; 2], |v| [0.0 - v, v])?;
        }
        match bound.get("order") {
            None => {}
            Some(Val { kind: V::Int(order @ (0 | 1)), .. }) => {
                self.alb_field(&mut fields, at, "order", Value::Int(*order))?;
            }
            Some(value) => return Err(self.complain(value.at, "affine has order 0 and 1")),
        }
        let border = self.alb_border(bound, "reflect")?;
        self.alb_field(&mut fields, at, "mode", Value::Text(border.to_owned()))?;
        if let Some(value) = bound.get("cval").filter(|_| border == "constant") {
            let level = self.plain(value)?;
            fields.push((self.key(value.at, "cval"), level));
        }
        self.step(bound.call, "affine", fields).map(Some)
    }

    /// `PiecewiseAffine` of version 1 and `IAAPiecewiseAffine`, which is imgaug's.
    pub(super) fn alb_older_piecewise_affine(
        &mut self,
        bound: &Bound<'_, 'a>,
        alone: fn(f64) -> [f64; 2],
    ) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        if let Some(value) = bound.get("absolute_scale").filter(|value| value.truth() != Some(false)) {
            return Err(
                self.complain(value.at, "piecewise_affine has fractions of the image, absolute_scale=False")
            );
        }
        let mut fields = Fields::new();
        self.alb_iaa_range(bound, &mut fields, "scale", [0.03, 0.05], alone)?;
        for name in ["nb_rows", "nb_cols"] {
            let lines = match bound.get(name) {
                Some(value) => self.plain(value)?,
                None => self.tree(at, Value::Int(4))?,
            };
            fields.push((self.key(at, name), lines));
        }
        for name in ["order", "interpolation"] {
            if let Some(value) = bound.get(name).filter(|value| {
                !matches!(&value.kind, V::Int(1))
                    && !matches!(&value.kind, V::Path(path) if path.ends_with("INTER_LINEAR"))
            }) {
                return Err(self.complain(value.at, "piecewise_affine is bilinear, order 1"));
            }
        }
        self.step(bound.call, "piecewise_affine", fields).map(Some)
    }
}

//! Albumentations' flips, turns, warps and distortions as steps.

use super::super::super::eval::Res;
use super::super::super::syntax::Range;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{V, Val};
use super::fields::{Fields, Filled};
use super::version::{Told, Version};
use crate::text::tree::{Tree, Value};

/// The border of most transforms: version 1 mirrors, version 2 fills with 0.
pub(super) fn usual_border(told: Told) -> &'static str {
    match told.version {
        Version::One => "reflect",
        Version::Two => "constant",
    }
}

impl<'a> Translator<'a> {
    fn alb_always(&mut self, at: Range, step: &str) -> Res<Tree> {
        let always = self.tree(at, Value::Float(1.0))?;
        self.wrap(at, step, always)
    }

    /// A quarter turn counter-clockwise, then top to bottom: rows become columns.
    pub(super) fn alb_transposed(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let once = self.tree(at, Value::Int(1))?;
        let steps = vec![self.wrap(at, "rot90", once)?, self.alb_always(at, "flipud")?];
        let list = self.tree(at, Value::List(steps))?;
        self.wrap(at, "sequential", list).map(Some)
    }

    /// One axis, the other, or both, all equally likely.
    pub(super) fn alb_any_flip(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let (x, y) = (self.alb_always(at, "fliplr")?, self.alb_always(at, "flipud")?);
        let both = self.tree(at, Value::List(vec![x.clone(), y.clone()]))?;
        let both = self.wrap(at, "sequential", both)?;
        let list = self.tree(at, Value::List(vec![x, y, both]))?;
        self.wrap(at, "one_of", list).map(Some)
    }

    fn alb_turns(&mut self, at: Range) -> Res<Tree> {
        let turns = vec![self.tree(at, Value::Int(0))?, self.tree(at, Value::Int(3))?];
        let turns = self.tree(at, Value::List(turns))?;
        self.wrap(at, "rot90", turns)
    }

    /// No turn to three quarter turns.
    pub(super) fn alb_quarter_turns(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        self.alb_turns(bound.call.name_at).map(Some)
    }

    /// The eight symmetries of a square: quarter turns, mirrored or not.
    pub(super) fn alb_any_symmetry(&mut self, bound: &Bound<'_, 'a>) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let half = self.tree(at, Value::Float(0.5))?;
        let steps = vec![self.alb_turns(at)?, self.wrap(at, "fliplr", half)?];
        let list = self.tree(at, Value::List(steps))?;
        self.wrap(at, "sequential", list).map(Some)
    }

    /// `Rotate` and `SafeRotate`.
    pub(super) fn alb_rotate(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        let limit = self.alb_limited(bound, "limit", 90.0)?;
        self.alb_range(&mut fields, at, "limit", limit)?;
        let safe = bound.call.name() == "SafeRotate";
        if safe {
            self.alb_compat(at, told, &mut fields)?;
        } else if self.alb_switched(bound, "crop_border", false)? {
            self.alb_field(&mut fields, at, "crop_border", Value::Bool(true))?;
        }
        self.alb_warp_interpolation(bound, &mut fields)?;
        self.alb_outside(bound, usual_border(told), Filled::All, told, &mut fields)?;
        let step = if safe { "albumentations.safe_rotate" } else { "albumentations.rotate" };
        self.step(bound.call, step, fields).map(Some)
    }

    pub(super) fn alb_shift_scale_rotate(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        let both = self.alb_limited(bound, "shift_limit", 0.0625)?;
        for name in ["shift_limit_x", "shift_limit_y"] {
            let limit = match bound.get(name) {
                Some(value) => self.alb_limit(value, name)?,
                None => both,
            };
            self.alb_range(&mut fields, at, name, limit)?;
        }
        for (name, default) in [("scale_limit", 0.1), ("rotate_limit", 45.0)] {
            let limit = self.alb_limited(bound, name, default)?;
            self.alb_range(&mut fields, at, name, limit)?;
        }
        self.alb_warp_interpolation(bound, &mut fields)?;
        self.alb_outside(bound, usual_border(told), Filled::All, told, &mut fields)?;
        self.alb_compat(at, told, &mut fields)?;
        self.step(bound.call, "albumentations.shift_scale_rotate", fields).map(Some)
    }

    /// The fields of `Affine`: a number is fixed, a pair a range, a dict has both axes.
    pub(super) fn alb_affine(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let older = told.version == Version::One;
        let mut fields = Fields::new();
        let given = |name: &str| bound.get(name).is_some();
        if older && !["scale", "translate_percent", "translate_px", "rotate", "shear"].into_iter().any(given)
        {
            for (name, [lo, hi]) in
                [("scale", [0.9, 1.1]), ("translate_percent", [-0.1, 0.1]), ("shear", [-10.0, 10.0])]
            {
                let axes = self.alb_both_axes(at, [[lo, hi]; 2])?;
                fields.push((self.key(at, name), axes));
            }
            self.alb_range(&mut fields, at, "rotate", [-15.0, 15.0])?;
        }
        let together = self.alb_switched(bound, "keep_ratio", false)?;
        for (name, missing) in [
            ("scale", 1.0),
            ("translate_percent", 0.0),
            // An axis that is left out moves by a pixel there.
            ("translate_px", if older { 1.0 } else { 0.0 }),
            // An axis that is left out is sheared by a degree there.
            ("shear", 1.0),
        ] {
            let Some(value) = bound.get(name) else { continue };
            let [x, y] = self.alb_axes(value, name, missing)?;
            let tree = if together && name == "scale" {
                self.alb_ends(value.at, x)?
            } else {
                self.alb_both_axes(value.at, [x, y])?
            };
            fields.push((self.key(value.at, name), tree));
        }
        if let Some(value) = bound.get("rotate") {
            let ends = self.alb_pair(value, "rotate", |v| [v; 2])?;
            self.alb_range(&mut fields, value.at, "rotate", ends)?;
        }
        for name in ["fit_output", "balanced_scale"] {
            if self.alb_switched(bound, name, false)? {
                self.alb_field(&mut fields, at, name, Value::Bool(true))?;
            }
        }
        self.alb_warp_interpolation(bound, &mut fields)?;
        self.alb_outside(bound, "constant", Filled::All, told, &mut fields)?;
        self.alb_compat(at, told, &mut fields)?;
        self.step(bound.call, "albumentations.affine", fields).map(Some)
    }

    /// The ranges of x and y.
    fn alb_axes(&mut self, value: &Val<'a>, name: &str, missing: f64) -> Res<[[f64; 2]; 2]> {
        let V::Dict(entries) = &value.kind else {
            return Ok([self.alb_pair(value, name, |v| [v; 2])?; 2]);
        };
        let mut axes = [[missing; 2]; 2];
        for (key, own) in entries.iter() {
            let axis = match &key.kind {
                V::Text(axis) if &**axis == "x" => 0,
                V::Text(axis) if &**axis == "y" => 1,
                _ => return Err(self.complain(key.at, "the axes are called \"x\" and \"y\"")),
            };
            axes[axis] = self.alb_pair(own, name, |v| [v; 2])?;
        }
        Ok(axes)
    }

    fn alb_both_axes(&mut self, at: Range, [x, y]: [[f64; 2]; 2]) -> Res<Tree> {
        let axes =
            vec![(self.key(at, "x"), self.alb_ends(at, x)?), (self.key(at, "y"), self.alb_ends(at, y)?)];
        self.tree(at, Value::Map(axes))
    }

    pub(super) fn alb_perspective(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        let scale = match bound.get("scale") {
            Some(value) => self.alb_pair(value, "scale", |v| [0.0, v])?,
            None => [0.05, 0.1],
        };
        self.alb_range(&mut fields, at, "scale", scale)?;
        for (name, default) in [("keep_size", true), ("fit_output", false)] {
            let on = self.alb_switched(bound, name, default)?;
            if on != default {
                self.alb_field(&mut fields, at, name, Value::Bool(on))?;
            }
        }
        self.alb_warp_interpolation(bound, &mut fields)?;
        self.alb_outside(bound, "constant", Filled::First, told, &mut fields)?;
        self.alb_compat(at, told, &mut fields)?;
        self.step(bound.call, "albumentations.perspective", fields).map(Some)
    }

    pub(super) fn alb_grid_distortion(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        if let Some(value) = bound.get("num_steps") {
            let steps = self.plain(value)?;
            fields.push((self.key(value.at, "num_steps"), steps));
        }
        let [lo, hi] = self.alb_limited(bound, "distort_limit", 0.3)?;
        let ends = vec![self.tree(at, Value::Float(lo))?, self.tree(at, Value::Float(hi))?];
        self.alb_field(&mut fields, at, "distort_limit", Value::List(ends))?;
        let normalized = self.alb_switched(bound, "normalized", told.version == Version::Two)?;
        self.alb_field(&mut fields, at, "normalized", Value::Bool(normalized))?;
        self.alb_warp_interpolation(bound, &mut fields)?;
        self.alb_outside(bound, usual_border(told), Filled::First, told, &mut fields)?;
        self.alb_compat(at, told, &mut fields)?;
        self.step(bound.call, "albumentations.grid_distortion", fields).map(Some)
    }

    pub(super) fn alb_optical_distortion(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        let limit = self.alb_limited(bound, "distort_limit", 0.05)?;
        self.alb_range(&mut fields, at, "distort_limit", limit)?;
        if told.version == Version::One {
            // Shifts are rounded to whole pixels.
            let shift = self.alb_limited(bound, "shift_limit", 0.05)?;
            if shift.into_iter().any(|end| end.abs() > 0.5) {
                self.alb_range(&mut fields, at, "shift_limit", shift)?;
            }
        }
        match bound.get("mode") {
            Some(Val { kind: V::Text(mode), .. }) if &**mode == "fisheye" => {
                self.alb_field(&mut fields, at, "mode", Value::Text("fisheye".to_owned()))?;
            }
            Some(Val { kind: V::Text(mode), .. }) if &**mode == "camera" => {}
            Some(mode) => return Err(self.complain(mode.at, "mode is \"camera\" or \"fisheye\"")),
            None => {}
        }
        self.alb_warp_interpolation(bound, &mut fields)?;
        self.alb_outside(bound, usual_border(told), Filled::First, told, &mut fields)?;
        self.step(bound.call, "albumentations.optical_distortion", fields).map(Some)
    }

    pub(super) fn alb_elastic(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let at = bound.call.name_at;
        let older = told.version == Version::One;
        let mut fields = Fields::new();
        for name in ["alpha", "sigma"] {
            if let Some(value) = bound.get(name) {
                let number = self.number(value, name)?;
                self.alb_field(&mut fields, value.at, name, Value::Float(number))?;
            }
        }
        if older {
            let far = match bound.get("alpha_affine") {
                Some(value) => self.number(value, "alpha_affine")?,
                None if bound.passed("alpha_affine").is_some() => 0.0,
                None => {
                    self.warn(at, "alpha_affine is 50 pixels, its default, which is far on small images");
                    50.0
                }
            };
            self.alb_field(&mut fields, at, "alpha_affine", Value::Float(far.abs()))?;
        } else if let Some(value) = bound.get("alpha_affine") {
            self.warn(value.at, "alpha_affine is passed over, as in Albumentations 2.x");
        }
        for name in ["approximate", "same_dxdy"] {
            if self.alb_switched(bound, name, false)? {
                self.alb_field(&mut fields, at, name, Value::Bool(true))?;
            }
        }
        match bound.get("noise_distribution") {
            Some(value) if !older => {
                let noise = self.plain(value)?;
                fields.push((self.key(value.at, "noise_distribution"), noise));
            }
            _ if older => {
                self.alb_field(&mut fields, at, "noise_distribution", Value::Text("uniform".to_owned()))?;
            }
            _ => {}
        }
        self.alb_warp_interpolation(bound, &mut fields)?;
        self.alb_outside(bound, usual_border(told), Filled::First, told, &mut fields)?;
        self.alb_compat(at, told, &mut fields)?;
        self.step(bound.call, "albumentations.elastic_transform", fields).map(Some)
    }

    pub(super) fn alb_piecewise_affine(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        if told.version == Version::One {
            let message =
                "PiecewiseAffine cuts fractions of values off there; here they are rounded, as imgaug does";
            self.warn(bound.call.name_at, message);
            return self.alb_older_piecewise_affine(bound, |v| [v; 2]);
        }
        let at = bound.call.name_at;
        let mut fields = Fields::new();
        let scale = match bound.get("scale") {
            Some(value) => self.alb_pair(value, "scale", |v| [0.0, v])?,
            None => [0.03, 0.05],
        };
        self.alb_range(&mut fields, at, "scale", scale)?;
        for name in ["nb_rows", "nb_cols"] {
            if let Some(value) = bound.get(name) {
                let lines = self.plain(value)?;
                fields.push((self.key(value.at, name), lines));
            }
        }
        if self.alb_switched(bound, "absolute_scale", false)? {
            self.alb_field(&mut fields, at, "absolute_scale", Value::Bool(true))?;
        }
        self.alb_warp_interpolation(bound, &mut fields)?;
        self.alb_outside(bound, "constant", Filled::First, told, &mut fields)?;
        self.step(bound.call, "albumentations.piecewise_affine", fields).map(Some)
    }

    pub(super) fn alb_grid_shuffle(&mut self, bound: &Bound<'_, 'a>, told: Told) -> Res<Option<Tree>> {
        let mut fields = Fields::new();
        if let Some(value) = bound.get("grid") {
            let grid = self.plain(value)?;
            fields.push((self.key(value.at, "grid"), grid));
        }
        self.alb_compat(bound.call.name_at, told, &mut fields)?;
        self.step(bound.call, "albumentations.random_grid_shuffle", fields).map(Some)
    }
}

//! How imgaug's parameters are written: numbers, ranges, choices, axes, sides, names.

use super::super::super::chance;
use super::super::super::eval::Res;
use super::super::super::picks;
use super::super::super::syntax::Range;
use super::super::super::tree::{Bound, Translator};
use super::super::super::value::{Call, V, Val};
use crate::ops::counterpart::Form;
use crate::ops::counterpart::Form::{
    Axes, Chance, Count, Dropped, Flag, Gray, Names, Number, Passed, Place, Share, Sides, Whole,
};
use crate::ops::counterpart::Form::{WholeGray, WholeSides, Wholes};
use crate::text::tree::{Tree, Value};

impl<'a> Translator<'a> {
    pub(super) fn pair(&mut self, at: Range, pair: [f64; 2]) -> Res<Tree> {
        let ends = pair.map(|end| {
            let value = if end.fract() == 0.0 { Value::Int(end as i64) } else { Value::Float(end) };
            self.tree(at, value)
        });
        let [lo, hi] = ends;
        self.tree(at, Value::List(vec![lo?, hi?]))
    }

    pub(super) fn value_or(
        &mut self,
        bound: &Bound<'_, 'a>,
        name: &'static str,
        form: Form,
        default: [f64; 2],
    ) -> Res<Tree> {
        match bound.get(name) {
            Some(value) => self.form(value, form, name),
            None => self.pair(bound.call.name_at, default),
        }
    }

    /// A value in its form.
    pub(super) fn form(&mut self, value: &Val<'a>, form: Form, name: &str) -> Res<Tree> {
        match form {
            Gray | WholeGray if is_all(value) => self.pair(value.at, [0.0, 255.0]),
            Place => self.imgaug_position(value, name),
            Wholes => match &value.kind {
                V::List(items) | V::Tuple(items) => {
                    let items = items.iter().map(|item| self.whole(item)).collect::<Res<_>>()?;
                    self.tree(value.at, Value::List(items))
                }
                _ => {
                    let only = self.whole(value)?;
                    self.tree(value.at, Value::List(vec![only]))
                }
            },
            Number | Gray => self.number_form(value, false),
            Share => self.share_form(value, false),
            Dropped => self.share_form(value, true),
            Whole | WholeGray => self.number_form(value, true),
            Axes | Form::WholeAxes => {
                let V::Dict(entries) = &value.kind else { return self.number_form(value, false) };
                let mut axes = Vec::new();
                for (key, value) in entries.iter() {
                    let V::Text(axis) = &key.kind else {
                        return Err(self.complain(key.at, "the axes are called \"x\" and \"y\""));
                    };
                    let tree = self.number_form(value, false)?;
                    axes.push((self.key(key.at, axis), tree));
                }
                self.tree(value.at, Value::Map(axes))
            }
            Sides | WholeSides => {
                let whole = form == WholeSides;
                let cut = if whole { Some(self.whole_pixels(value)) } else { None };
                let value = cut.as_ref().unwrap_or(value);
                match &value.kind {
                    V::Tuple(sides) if sides.len() == 4 => {
                        let sides =
                            sides.iter().map(|side| self.number_form(side, whole)).collect::<Res<_>>()?;
                        self.tree(value.at, Value::List(sides))
                    }
                    // imgaug reads a list of four as a tuple of four nowhere.
                    V::List(_) => Err(self.complain(
                        value.at,
                        format!("{name} is a number, a range (lo, hi) or (top, right, bottom, left)"),
                    )),
                    _ => self.number_form(value, whole),
                }
            }
            Names => {
                if is_all(value) {
                    return self.tree(value.at, Value::Text("all".into()));
                }
                match &value.kind {
                    V::List(items) => {
                        let items =
                            items.iter().map(|item| self.cv2_name_or_plain(item)).collect::<Res<_>>()?;
                        self.tree(value.at, Value::List(items))
                    }
                    V::Tuple(_) => {
                        Err(self.complain(value.at, format!("{name} takes a list for a choice, not a tuple")))
                    }
                    _ => self.cv2_name_or_plain(value),
                }
            }
            Chance => {
                self.number(value, name)?;
                self.plain(value)
            }
            Flag => match value.kind {
                V::Bool(_) => self.plain(value),
                _ => Err(self.complain(value.at, format!("{name} is True or False, not {}", value.kind()))),
            },
            Count | Passed | Form::Fixed(_) => self.plain(value),
        }
    }

    /// A name, or OpenCV's constant for one.
    fn cv2_name_or_plain(&mut self, value: &Val<'a>) -> Res<Tree> {
        let name = match &value.kind {
            V::Path(path) => match &**path {
                "cv2.INTER_NEAREST" => "nearest",
                "cv2.INTER_LINEAR" => "linear",
                "cv2.INTER_AREA" => "area",
                "cv2.INTER_CUBIC" => "cubic",
                _ => return self.plain(value),
            },
            _ => return self.plain(value),
        };
        self.tree(value.at, Value::Text(name.to_owned()))
    }

    /// Pixels that were computed, without their fractions.
    fn whole_pixels(&mut self, value: &Val<'a>) -> Val<'a> {
        let kind = match &value.kind {
            V::Float(number) if number.fract() != 0.0 && number.abs() < 1e15 => {
                let whole = *number as i64;
                self.warn(
                    value.at,
                    format!("{number} pixels are cut off to {whole}; imgaug wants whole ones"),
                );
                V::Int(whole)
            }
            V::Tuple(items) => {
                V::Tuple(items.iter().map(|item| self.whole_pixels(item)).collect::<Vec<_>>().into())
            }
            V::List(items) => {
                V::List(items.iter().map(|item| self.whole_pixels(item)).collect::<Vec<_>>().into())
            }
            kind => kind.clone(),
        };
        Val { at: value.at, kind }
    }

    /// A position: a name, or a pair of x and y.
    fn imgaug_position(&mut self, value: &Val<'a>, name: &str) -> Res<Tree> {
        match &value.kind {
            V::Text(_) => self.plain(value),
            V::Tuple(pair) if pair.len() == 2 => {
                let mut axes = Vec::new();
                for (axis, value) in ["x", "y"].into_iter().zip(pair.iter()) {
                    // Where there are no tuples, a range is a uniform number.
                    let tree = match self.number_form(value, false)? {
                        Tree { value: Value::Map(mut law), .. }
                            if law.len() == 1 && law[0].0.text == "uniform" =>
                        {
                            law.remove(0).1
                        }
                        tree => tree,
                    };
                    axes.push((self.key(value.at, axis), tree));
                }
                self.tree(value.at, Value::Map(axes))
            }
            _ => Err(self.complain(value.at, format!("{name} is a name such as \"center\", or (x, y)"))),
        }
    }

    /// A number, a range or a choice.
    pub(super) fn number_form(&mut self, value: &Val<'a>, whole: bool) -> Res<Tree> {
        let one = |this: &mut Self, value: &Val<'a>| if whole { this.whole(value) } else { this.real(value) };
        match &value.kind {
            V::Tuple(pair) => {
                if pair.len() != 2 {
                    let message = format!("a tuple of {} values; (lo, hi) is a range", pair.len());
                    return Err(self.complain(value.at, message));
                }
                let mut ends = pair.iter().map(|end| one(self, end)).collect::<Res<Vec<_>>>()?;
                // imgaug sorts the ends of a range.
                if let [lo, hi] = pair.as_slice()
                    && lo.number() > hi.number()
                {
                    ends.reverse();
                }
                self.tree(value.at, Value::List(ends))
            }
            V::List(items) => {
                let items = items.iter().map(|item| one(self, item)).collect::<Res<_>>()?;
                self.choice(value.at, items)
            }
            V::Call(call) if call.path.starts_with("imgaug.parameters.") => self.parameter(call, whole),
            V::None
            | V::Bool(_)
            | V::Int(_)
            | V::Float(_)
            | V::Text(_)
            | V::Dict(_)
            | V::Path(_)
            | V::Call(_)
            | V::Function(_)
            | V::Class(_)
            | V::Object(_)
            | V::Unknown(_) => match self.drawn(value)? {
                Some(parameter) => self.parameter(&parameter, whole),
                None => one(self, value),
            },
        }
    }

    /// A random number of Python's, as the parameter of imgaug that draws it for each image.
    fn drawn(&mut self, value: &Val<'a>) -> Res<Option<Call<'a>>> {
        let of_numbers = |call: &Call<'_>| {
            let numbers = call.args.first().and_then(Val::items);
            picks::is_pick(&call.path)
                && numbers.is_some_and(|all| all.iter().all(|own| own.number().is_some()))
                && call.args.len() == 1
                && call.keywords.iter().all(|(name, ..)| name == "p")
        };
        let choice = if let V::Call(call) = &value.kind { Some(call) } else { None };
        let choice = choice.filter(|call| of_numbers(call));
        let draw = chance::draw(value);
        let id = match (&draw, choice) {
            (Some(draw), _) => draw.id,
            // The place where it is written stands for it.
            (None, Some(_)) => -1 - i64::try_from(value.at.start).unwrap_or(0),
            (None, None) => return Ok(None),
        };
        if self.draws.contains(&id) {
            let message = "the same random number decides two parameters, which are independent here";
            return Err(self.complain(value.at, message));
        }
        self.draws.push(id);
        let written = self.lines.source(value.at).filter(|source| !source.contains('\n'));
        let message = format!(
            "{} is drawn anew for each image here; in the file it is drawn when its line runs",
            written.unwrap_or("the number")
        );
        self.warn(value.at, message);
        if let Some(call) = choice {
            let path = "imgaug.parameters.Choice".into();
            return Ok(Some(Call { path, name_at: value.at, ..Call::clone(call) }));
        }
        let Some(draw) = draw else { return Ok(None) };
        let ends = if draw.whole {
            [V::Int(draw.lo as i64), V::Int(draw.hi as i64 - 1)]
        } else {
            [V::Float(draw.lo), V::Float(draw.hi)]
        };
        Ok(Some(Call {
            path: if draw.whole { "imgaug.parameters.DiscreteUniform" } else { "imgaug.parameters.Uniform" }
                .into(),
            name_at: value.at,
            args: ends.map(|kind| Val { at: value.at, kind }).to_vec(),
            keywords: Vec::new(),
        }))
    }

    /// A probability.
    ///
    /// A stochastic parameter is none for imgaug: what it gives is the mask itself, or what pixels are multiplied by. `Binomial(p)` gives
    /// 1 with probability p, which is then kept where things are `dropped`.
    fn share_form(&mut self, value: &Val<'a>, dropped: bool) -> Res<Tree> {
        let call = match &value.kind {
            V::Call(call) if call.path.starts_with("imgaug.parameters.") => call,
            _ => return self.number_form(value, false),
        };
        if call.name() != "Binomial" {
            let does =
                if dropped { "multiplies by what it gives" } else { "changes where it gives more than 0.5" };
            let message = format!(
                "{} is no probability here: imgaug {does}; write iap.Binomial(p), a number, (lo, hi) or [a, b, ...]",
                call.name()
            );
            return Err(self.complain(value.at, message));
        }
        let bound = self.bind(call, &["p"])?;
        let p = self.need(&bound, "p")?;
        if !dropped {
            return self.number_form(p, false);
        }
        let rest = |value: &Val<'a>| {
            // 15 decimals, so that 1 - 0.8 is 0.2.
            let rest = value.number().map(|p| ((1.0 - p) * 1e15).round_ties_even() / 1e15);
            Val { kind: rest.map_or_else(|| value.kind.clone(), V::Float), ..value.clone() }
        };
        let kind = match &p.kind {
            V::Tuple(ends) => V::Tuple(ends.iter().map(rest).collect::<Vec<_>>().into()),
            V::List(items) => V::List(items.iter().map(rest).collect::<Vec<_>>().into()),
            V::Int(_) | V::Float(_) => rest(p).kind,
            _ => {
                let message = "the probability that is kept is a number, (lo, hi) or [a, b, ...] here";
                return Err(self.complain(p.at, message));
            }
        };
        self.number_form(&Val { kind, ..p.clone() }, false)
    }

    pub(super) fn choice(&mut self, at: Range, items: Vec<Tree>) -> Res<Tree> {
        let list = self.tree(at, Value::List(items))?;
        self.wrap(at, "choice", list)
    }

    pub(super) fn real(&mut self, value: &Val<'a>) -> Res<Tree> {
        match value.kind {
            V::Int(_) | V::Float(_) => self.plain(value),
            _ => {
                let message = format!(
                    "expected a number, a range (lo, hi) or a choice [a, b, ...], not {}",
                    value.kind()
                );
                Err(self.complain(value.at, message))
            }
        }
    }

    pub(super) fn whole(&mut self, value: &Val<'a>) -> Res<Tree> {
        match value.kind {
            V::Int(_) => self.plain(value),
            V::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                self.tree(value.at, Value::Int(number as i64))
            }
            _ => Err(self.complain(value.at, format!("expected a whole number, not {}", value.kind()))),
        }
    }
}

/// Whether it is `ia.ALL`.
pub(super) fn is_all(value: &Val<'_>) -> bool {
    matches!(&value.kind, V::Text(text) if &**text == "ALL")
}

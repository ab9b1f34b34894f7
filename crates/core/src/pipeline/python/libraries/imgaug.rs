//! imgaug's augmenters become steps: those of the table, and those that need more than it can say.

use super::super::eval::Res;
use super::super::syntax::Range;
use super::super::tree::{Bound, Translator, opened};
use super::super::value::{Call, V, Val};
use super::imgaug_table::Form::{Axes, Chance, Count, Flag, Gray, Names, Number, Sides, Whole};
use super::imgaug_table::Form::{WholeGray, WholeSides};
use super::imgaug_table::{AUTO, CLASSES, Class, Fixed, Form, NO, OTHERS};
use super::{Library, Role, is_class};
use crate::pipeline::combinators::{self, Argument, Entry, Leaves, MAX_BRANCHES};
use crate::text::suggest::nearest;
use crate::text::tree::{Key, Tree, Value};

fn list<'a>(translator: &mut Translator<'a>, value: &Val<'a>) -> Res<Vec<Tree>> {
    translator.imgaug_steps(value)
}

/// imgaug's augmenters; a list of them is a pipeline, too.
pub(super) static LIBRARY: Library = Library {
    name: "imgaug",
    example: "iaa.Sequential([...])",
    usual: &[("iaa", "imgaug.augmenters"), ("iap", "imgaug.parameters"), ("ia", "imgaug")],
    constants: &[("imgaug.ALL", "ALL")],
    owns: |path| path.starts_with("imgaug.augmenters.") && is_class(path),
    role: |_| Role::Augments,
    passes: |_| false,
    chain: None,
    versions: &[],
    grows: "children",
    translate: |translator, value, _| Ok(opened(translator.imgaug(value)?)),
    bare_list: Some(list),
    #[cfg(test)]
    sample: "import imgaug.augmenters as iaa\nseq = iaa.Sequential([iaa.Fliplr(0.5)])\n",
};

impl<'a> Translator<'a> {
    /// The steps that a value stands for: one augmenter, or a list of them.
    fn imgaug_steps(&mut self, value: &Val<'a>) -> Res<Vec<Tree>> {
        match &value.kind {
            V::List(items) | V::Tuple(items) => items.iter().map(|item| self.imgaug(item)).collect(),
            V::None => Ok(Vec::new()),
            _ => Ok(vec![self.imgaug(value)?]),
        }
    }

    /// As [`Self::imgaug_steps`], as a list.
    fn children(&mut self, value: &Val<'a>) -> Res<Tree> {
        let steps = self.imgaug_steps(value)?;
        self.tree(value.at, Value::List(steps))
    }

    /// The step that an augmenter becomes.
    fn imgaug(&mut self, value: &Val<'a>) -> Res<Tree> {
        if let Some(why) = value.why() {
            return Err(why.complaint.clone());
        }
        let V::Call(call) = &value.kind else {
            let message = format!("expected an augmenter such as iaa.Fliplr(0.5), not {}", value.kind());
            return Err(self.complain(value.at, message));
        };
        if !call.path.starts_with("imgaug.augmenters.") {
            let message = format!("expected an augmenter of imgaug, not {}", call.path);
            return Err(self.complain(call.name_at, message));
        }
        if let Some(class) = CLASSES.iter().find(|class| class.name == call.name()) {
            return self.class(call, class);
        }
        match call.name() {
            "SomeOf" => self.some_of(call),
            "Sometimes" => self.sometimes_else(call),
            "AddToHue" => {
                let bound = self.bind(call, &["value", "from_colorspace"])?;
                self.fixed(&bound, "from_colorspace", Fixed::Text("RGB"))?;
                let hue = self.value_or(&bound, "value", Whole, [-255.0, 255.0])?;
                self.step(call, "add_to_hue_and_saturation", vec![(self.key(call.name_at, "value_hue"), hue)])
            }
            "Rotate" => self.one_of_affine(call, "rotate", None, [-30.0, 30.0]),
            "ScaleX" => self.one_of_affine(call, "scale", Some("x"), [0.5, 1.5]),
            "ScaleY" => self.one_of_affine(call, "scale", Some("y"), [0.5, 1.5]),
            "ShearX" => self.one_of_affine(call, "shear", Some("x"), [-30.0, 30.0]),
            "ShearY" => self.one_of_affine(call, "shear", Some("y"), [-30.0, 30.0]),
            "TranslateX" => self.translate(call, "x"),
            "TranslateY" => self.translate(call, "y"),
            "Resize" | "Scale" => self.imgaug_resize(call),
            name => {
                if let Some((entry, counterpart, branches)) = combinators::of_imgaug(name) {
                    return self.combinator(call, entry, counterpart.arguments, branches);
                }
                let own = combinators::ENTRIES.iter().filter_map(|entry| entry.doc.imgaug);
                let own = own.flat_map(|counterpart| counterpart.names).map(|(name, _)| *name);
                let known = CLASSES.iter().map(|class| class.name).chain(OTHERS.iter().copied()).chain(own);
                let hint =
                    nearest(name, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                Err(self
                    .complain(call.name_at, format!("the augmenter {name} is not known here{hint}"))
                    .help("`mnistaug pipeline list` shows all operations"))
            }
        }
    }

    fn need<'v>(&self, bound: &Bound<'v, 'a>, name: &str) -> Res<&'v Val<'a>> {
        bound.get(name).ok_or_else(|| {
            self.complain(bound.call.name_at, format!("{} without {name} does nothing", bound.call.name()))
        })
    }

    fn class(&mut self, call: &Call<'a>, class: &Class) -> Res<Tree> {
        let names: Vec<&'static str> = class.params.iter().map(|(name, ..)| *name).collect();
        let bound = self.bind(call, &names)?;
        let mut fields = self.params(&bound, class.params)?;
        let nothing = fields.is_empty();
        let mut default = |this: &mut Self, name: &str, pair: [f64; 2]| -> Res<()> {
            let tree = this.pair(call.name_at, pair)?;
            fields.push((this.key(call.name_at, name), tree));
            Ok(())
        };
        match class.name {
            // What imgaug takes where nothing is given, and the step has no default.
            "Add" if bound.get("value").is_none() => default(self, "value", [-20.0, 20.0])?,
            "ContrastNormalization" if bound.get("alpha").is_none() => default(self, "alpha", [1.0, 1.0])?,
            "Affine" if nothing => {
                for (name, pair) in
                    [("scale", [0.9, 1.1]), ("translate_percent", [-0.1, 0.1]), ("shear", [-10.0, 10.0])]
                {
                    let axes =
                        ["x", "y"].map(|axis| (self.key(call.name_at, axis), self.pair(call.name_at, pair)));
                    let axes = axes.into_iter().map(|(key, tree)| Ok((key, tree?))).collect::<Res<_>>()?;
                    fields.push((self.key(call.name_at, name), self.tree(call.name_at, Value::Map(axes))?));
                }
                fields.push((self.key(call.name_at, "rotate"), self.pair(call.name_at, [-15.0, 15.0])?));
            }
            "Affine"
                if let Some(order) = bound.get("order")
                    && is_all(order) =>
            {
                self.warn(order.at, "order=ia.ALL draws from 0 and 1 here; imgaug has 3, 4 and 5 as well");
            }
            "AverageBlur"
                if let Some(k) = bound.get("k")
                    && let V::Tuple(sides) = &k.kind
                    && k.has_pairs() =>
            {
                let [columns, rows] = sides.as_slice() else {
                    let message = format!("a tuple of {} sides; imgaug's windows have two", sides.len());
                    return Err(self.complain(k.at, message));
                };
                // imgaug hands the pair to OpenCV, whose sizes begin with the width.
                let (rows, columns) = (self.number_form(rows, true)?, self.number_form(columns, true)?);
                fields = vec![(self.key(k.at, "k"), rows), (self.key(k.at, "columns"), columns)];
            }
            _ => {}
        }
        self.step(call, class.step, fields)
    }

    /// The fields that arguments give.
    fn params(
        &mut self,
        bound: &Bound<'_, 'a>,
        params: &[(&'static str, &'static str, Form)],
    ) -> Res<Vec<(Key, Tree)>> {
        let mut fields = Vec::new();
        for &(name, field, form) in params {
            match form {
                Form::Fixed(value) => self.fixed(bound, name, value)?,
                Count => {
                    if let Some(value) = bound.raw(name) {
                        let value = self.plain(value)?;
                        fields.push((self.key(bound.call.name_at, field), value));
                    }
                }
                Axes | Chance | Flag | Gray | Names | Number | Sides | Whole | WholeGray | WholeSides => {
                    if let Some(value) = bound.get(name) {
                        // Windows of two sides are read by `class`.
                        if bound.call.name() == "AverageBlur" && value.has_pairs() {
                            continue;
                        }
                        let tree = self.form(value, form, name)?;
                        fields.push((self.key(value.at, field), tree));
                    }
                }
            }
        }
        Ok(fields)
    }

    /// A parameter that cannot be anything else here.
    fn fixed(&self, bound: &Bound<'_, 'a>, name: &str, fixed: Fixed) -> Res<()> {
        let Some(value) = bound.raw(name) else { return Ok(()) };
        let (same, wanted) = match (fixed, &value.kind) {
            (Fixed::None, kind) => (matches!(kind, V::None), "None".to_owned()),
            (Fixed::Bool(wanted), kind) => (
                matches!(kind, V::Bool(own) if *own == wanted) || matches!(kind, V::None),
                if wanted { "True" } else { "False" }.to_owned(),
            ),
            (Fixed::Number(wanted), _) => (value.number() == Some(wanted), wanted.to_string()),
            (Fixed::Text(wanted), V::Text(own)) => (&**own == wanted, format!("{wanted:?}")),
            (Fixed::Text(wanted), kind) => (matches!(kind, V::None), format!("{wanted:?}")),
        };
        if same {
            return Ok(());
        }
        let message =
            format!("{} has {name}={wanted} here and nothing else, not {}", bound.call.name(), value.kind());
        Err(self.complain(value.at, message))
    }

    fn order(&mut self, bound: &Bound<'_, 'a>) -> Res<Vec<(Key, Tree)>> {
        match bound.get("random_order") {
            Some(value) => {
                Ok(vec![(self.key(value.at, "random_order"), self.form(value, Flag, "random_order")?)])
            }
            None => Ok(Vec::new()),
        }
    }

    fn some_of(&mut self, call: &Call<'a>) -> Res<Tree> {
        let bound = self.bind(call, &["n", "children", "random_order"])?;
        let of = self.need(&bound, "children")?;
        let steps = self.imgaug_steps(of)?;
        let all = steps.len() as i64;
        let count = match bound.get("n") {
            None => self.tree(call.name_at, Value::Int(all))?,
            Some(n) => match &n.kind {
                // imgaug reads a list of two as a range here, and None as the number of children.
                V::List(pair) | V::Tuple(pair) if pair.len() == 2 => {
                    let ends = pair
                        .iter()
                        .map(|end| match end.kind {
                            V::None => self.tree(end.at, Value::Int(all)),
                            _ => self.whole(end),
                        })
                        .collect::<Res<_>>()?;
                    self.tree(n.at, Value::List(ends))?
                }
                V::List(_) | V::Tuple(_) => {
                    return Err(self.complain(n.at, "n is a number, a pair of numbers or None"));
                }
                _ => self.number_form(n, true)?,
            },
        };
        let mut fields = vec![(self.key(call.name_at, "count"), count)];
        fields.extend(self.order(&bound)?);
        fields.push((self.key(call.name_at, "of"), self.tree(of.at, Value::List(steps))?));
        self.step(call, "some_of", fields)
    }

    fn sometimes_else(&mut self, call: &Call<'a>) -> Res<Tree> {
        let bound = self.bind(call, &["p", "then_list", "else_list"])?;
        let then = bound.get("then_list").map_or(Ok(Vec::new()), |then| self.imgaug_steps(then))?;
        let or_else = bound.get("else_list").map_or(Ok(Vec::new()), |or_else| self.imgaug_steps(or_else))?;
        let at = call.name_at;
        if or_else.is_empty() {
            let p = match bound.get("p") {
                Some(p) => self.form(p, Chance, "p")?,
                None => self.tree(at, Value::Float(0.5))?,
            };
            let fields =
                vec![(self.key(at, "p"), p), (self.key(at, "then"), self.tree(at, Value::List(then))?)];
            return self.step(call, "sometimes", fields);
        }
        let p = bound.get("p").map_or(Ok(0.5), |p| self.number(p, "p"))?;
        // One of n equal branches, p * n of which are the first.
        let share = (1..=20_u32).find_map(|n| {
            let k = p * f64::from(n);
            ((k - k.round()).abs() < 1e-9 && (0.0..=f64::from(n)).contains(&k)).then(|| (k.round() as u32, n))
        });
        let Some((k, n)) = share else {
            let message = format!(
                "Sometimes with two branches is one of up to 20 equal ones here, which {p} does not divide"
            );
            return Err(self.complain(at, message));
        };
        let branch = |this: &mut Self, mut steps: Vec<Tree>| match (steps.len(), steps.pop()) {
            (1, Some(only)) => Ok(only),
            (_, None) => {
                let nothing = this.tree(at, Value::Map(Vec::new()))?;
                this.wrap(at, "noop", nothing)
            }
            (_, Some(last)) => {
                steps.push(last);
                let list = this.tree(at, Value::List(steps))?;
                this.wrap(at, "sequential", list)
            }
        };
        let (first, second) = (branch(self, then)?, branch(self, or_else)?);
        let branches = (0..n).map(|i| if i < k { first.clone() } else { second.clone() }).collect();
        let list = self.tree(at, Value::List(branches))?;
        self.wrap(at, "one_of", list)
    }

    /// A combinator, by what its file says of imgaug.
    fn combinator(
        &mut self,
        call: &Call<'a>,
        entry: &Entry,
        arguments: &[Argument],
        branches: [&'static str; MAX_BRANCHES],
    ) -> Res<Tree> {
        let (mut names, mut params) = (Vec::new(), Vec::new());
        for argument in arguments {
            match *argument {
                Argument::Steps(branch) => names.push(branches[branch]),
                Argument::Param(name, field, form) => {
                    names.push(name);
                    params.push((name, field, form));
                }
            }
        }
        let bound = self.bind(call, &names)?;
        let mut fields = self.params(&bound, &params)?;
        let at = call.name_at;
        for (branch, name) in entry.doc.branches.iter().zip(branches) {
            let steps = match entry.leaves {
                Leaves::Steps => self.need(&bound, name).and_then(|value| self.children(value))?,
                Leaves::Mask => {
                    let mut steps =
                        bound.get(name).map_or(Ok(Vec::new()), |value| self.imgaug_steps(value))?;
                    // imgaug blends with the image itself where nothing is given.
                    if steps.is_empty() && branch.required {
                        let nothing = self.tree(at, Value::Map(Vec::new()))?;
                        steps.push(self.wrap(at, "noop", nothing)?);
                    }
                    if steps.is_empty() {
                        continue;
                    }
                    self.tree(at, Value::List(steps))?
                }
            };
            fields.push((self.key(at, branch.key), steps));
        }
        self.step(call, entry.key, fields)
    }

    /// `Rotate`, `ScaleX` and their like: one parameter of `Affine`.
    fn one_of_affine(
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

    fn translate(&mut self, call: &Call<'a>, axis: &str) -> Res<Tree> {
        let bound = self.bind(call, &["percent", "px", "order", "cval", "mode", "fit_output", "backend"])?;
        if let Some(px) = bound.get("px") {
            let value = self.number_form(px, true)?;
            return self.affine_with(&bound, "translate_px", Some(axis), value);
        }
        let value = self.value_or(&bound, "percent", Number, [-0.25, 0.25])?;
        self.affine_with(&bound, "translate_percent", Some(axis), value)
    }

    fn affine_with(
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
            ("order", "order", Names),
            ("cval", "cval", Gray),
            ("mode", "mode", Names),
            ("fit_output", "", NO),
            ("backend", "", AUTO),
        ];
        let mut fields = vec![(self.key(at, field), value)];
        fields.extend(self.params(bound, &rest)?);
        self.step(bound.call, "affine", fields)
    }

    fn imgaug_resize(&mut self, call: &Call<'a>) -> Res<Tree> {
        let bound = self.bind(call, &["size", "interpolation"])?;
        let size = self.need(&bound, "size")?;
        let whole = |this: &mut Self, value: &Val<'a>| match value.kind {
            V::Int(_) => this.whole(value),
            _ => Err(this.complain(value.at, "only a fixed number of pixels can be resized to here")),
        };
        let at = call.name_at;
        let mut fields = Vec::new();
        if let V::Dict(entries) = &size.kind {
            for (key, value) in entries.iter() {
                match &key.kind {
                    V::Text(side) if matches!(&**side, "height" | "width") => {
                        fields.push((self.key(key.at, side), whole(self, value)?));
                    }
                    _ => return Err(self.complain(key.at, "only height and width are known here")),
                }
            }
        } else {
            let side = whole(self, size)?;
            fields.extend([(self.key(at, "height"), side.clone()), (self.key(at, "width"), side)]);
        }
        let how = match bound.get("interpolation") {
            Some(value) => self.plain(value)?,
            None => self.tree(at, Value::Text("cubic".into()))?,
        };
        fields.push((self.key(at, "interpolation"), how));
        self.step(call, "resize", fields)
    }

    fn pair(&mut self, at: Range, pair: [f64; 2]) -> Res<Tree> {
        let ends = pair.map(|end| {
            let value = if end.fract() == 0.0 { Value::Int(end as i64) } else { Value::Float(end) };
            self.tree(at, value)
        });
        let [lo, hi] = ends;
        self.tree(at, Value::List(vec![lo?, hi?]))
    }

    fn value_or(
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
    fn form(&mut self, value: &Val<'a>, form: Form, name: &str) -> Res<Tree> {
        match form {
            Gray | WholeGray if is_all(value) => self.pair(value.at, [0.0, 255.0]),
            Number | Gray => self.number_form(value, false),
            Whole | WholeGray => self.number_form(value, true),
            Axes => {
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
                        let items = items.iter().map(|item| self.plain(item)).collect::<Res<_>>()?;
                        self.tree(value.at, Value::List(items))
                    }
                    V::Tuple(_) => {
                        Err(self.complain(value.at, format!("{name} takes a list for a choice, not a tuple")))
                    }
                    _ => self.plain(value),
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
            Count | Form::Fixed(_) => self.plain(value),
        }
    }

    /// A number, a range or a choice.
    fn number_form(&mut self, value: &Val<'a>, whole: bool) -> Res<Tree> {
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
            _ => one(self, value),
        }
    }

    fn choice(&mut self, at: Range, items: Vec<Tree>) -> Res<Tree> {
        let list = self.tree(at, Value::List(items))?;
        self.wrap(at, "choice", list)
    }

    /// imgaug's stochastic parameters.
    fn parameter(&mut self, call: &Call<'a>, whole: bool) -> Res<Tree> {
        let one = |this: &mut Self, value: &Val<'a>| if whole { this.whole(value) } else { this.real(value) };
        let range = |this: &mut Self, bound: &Bound<'_, 'a>| {
            let (Some(a), Some(b)) = (bound.get("a"), bound.get("b")) else {
                return Err(this.complain(call.name_at, "a range has two ends"));
            };
            let (a, b) = if a.number() > b.number() { (b, a) } else { (a, b) };
            let ends = vec![one(this, a)?, one(this, b)?];
            this.tree(call.name_at, Value::List(ends))
        };
        match call.name() {
            "Deterministic" => {
                let bound = self.bind(call, &["value"])?;
                let value = self.need(&bound, "value")?;
                one(self, value)
            }
            "Uniform" if !whole => {
                let bound = self.bind(call, &["a", "b"])?;
                range(self, &bound)
            }
            "DiscreteUniform" if whole => {
                let bound = self.bind(call, &["a", "b"])?;
                range(self, &bound)
            }
            "Choice" => {
                let bound = self.bind(call, &["a", "replace", "p"])?;
                self.fixed(&bound, "p", Fixed::None)?;
                self.fixed(&bound, "replace", Fixed::Bool(true))?;
                let values = self.need(&bound, "a")?;
                let Some(items) = values.items() else {
                    return Err(self.complain(values.at, "a choice is made from a list"));
                };
                let items = items.iter().map(|item| one(self, item)).collect::<Res<_>>()?;
                self.choice(call.name_at, items)
            }
            name => {
                let kind = if whole { "whole numbers" } else { "numbers" };
                let message = format!(
                    "{name} is no distribution of {kind} here; there are constants, ranges and choices"
                );
                Err(self.complain(call.name_at, message))
            }
        }
    }

    fn real(&mut self, value: &Val<'a>) -> Res<Tree> {
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

    fn whole(&mut self, value: &Val<'a>) -> Res<Tree> {
        match value.kind {
            V::Int(_) => self.plain(value),
            V::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                self.tree(value.at, Value::Int(number as i64))
            }
            _ => Err(self.complain(value.at, format!("expected a whole number, not {}", value.kind()))),
        }
    }
}

fn is_all(value: &Val<'_>) -> bool {
    matches!(&value.kind, V::Text(text) if &**text == "ALL")
}

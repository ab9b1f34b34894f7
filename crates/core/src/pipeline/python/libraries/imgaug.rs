//! imgaug's augmenters become steps: those of the table, and those that need more than it can say.

use super::super::eval::Res;
use super::super::libraries;
use super::super::syntax::Range;
use super::super::tree::{Bound, Translator, opened};
use super::super::value::{Call, V, Val};
use super::{Library, Role, is_class};
use crate::ops::counterpart::Form::{
    Axes, Chance, Count, Dropped, Flag, Gray, Names, Number, Passed, Place, Share, Sides, Whole,
};
use crate::ops::counterpart::Form::{WholeGray, WholeSides, Wholes};
use crate::ops::counterpart::{Class, Fixed, Form};
use crate::ops::{self, Entry};
use crate::pipeline::combinators;
use crate::text::complaint::Complaint;
use crate::text::suggest::nearest;
use crate::text::tree::{Key, Tree, Value};

mod forms;
mod geometry;
mod groups;
mod known;
mod parameters;
#[cfg(test)]
mod tests;

use forms::is_all;
use known::{CHECKS, ELSEWHERE, OTHERS, class_of, classes};

fn list<'a>(translator: &mut Translator<'a>, value: &Val<'a>) -> Res<Vec<Tree>> {
    let steps = translator.imgaug_steps(value)?;
    Ok(sized(translator, steps))
}

/// Steps without those that stand for sizes that are not known, or for what has no counterpart.
fn sized(translator: &Translator<'_>, mut steps: Vec<Tree>) -> Vec<Tree> {
    let nothing =
        |step: &Tree| matches!(&step.value, Value::Map(own) if own.iter().any(|(key, _)| key.text == "noop"));
    if translator.unsized_steps || translator.lost {
        steps.retain(|step| !nothing(step));
    }
    steps
}

/// imgaug's augmenters; a list of them is a pipeline, too.
pub(super) static LIBRARY: Library = Library {
    name: "imgaug",
    example: "iaa.Sequential([...])",
    usual: &[
        ("iaa", "imgaug.augmenters"),
        ("iap", "imgaug.parameters"),
        ("ia", "imgaug"),
        // What pieces of files use as well, and import in another piece.
        ("np", "numpy"),
        ("random", "random"),
    ],
    constants: &[
        ("imgaug.ALL", "ALL"),
        ("imgaug.augmenters.CSPACE_RGB", "RGB"),
        ("imgaug.augmenters.CSPACE_BGR", "BGR"),
        ("imgaug.augmenters.CSPACE_GRAY", "GRAY"),
        ("imgaug.augmenters.CSPACE_YCrCb", "YCrCb"),
        ("imgaug.augmenters.CSPACE_HSV", "HSV"),
        ("imgaug.augmenters.CSPACE_HLS", "HLS"),
        ("imgaug.augmenters.CSPACE_Lab", "Lab"),
        ("imgaug.augmenters.CSPACE_Luv", "Luv"),
        ("imgaug.augmenters.CSPACE_YUV", "YUV"),
    ],
    owns: |path| path.starts_with("imgaug.augmenters.") && is_class(path),
    role: |_| Role::Augments,
    passes: |_| false,
    chain: None,
    versions: &[],
    grows: "children",
    translate: |translator, value, call| {
        if call.args.first().and_then(Val::items).is_some_and(<[_]>::is_empty) {
            return Ok(Vec::new());
        }
        let steps = opened(translator.imgaug(value)?);
        Ok(sized(translator, steps))
    },
    namesake: |_| None,
    bare_list: Some(list),
    signatures: |key| {
        let classes = ops::entry(key).map_or(&[][..], |entry| entry.imgaug);
        let heeded = |class: &Class| {
            class.params.iter().filter(|(.., form)| *form != Form::Passed).map(|(name, ..)| *name).collect()
        };
        // Its sizes are more than the table can say.
        let resize = ["resize", "imgaug.resize"].contains(&key);
        let resize = resize.then(|| ("iaa.Resize".to_owned(), vec!["size", "interpolation"]));
        classes.iter().map(|class| (format!("iaa.{}", class.name), heeded(class))).chain(resize).collect()
    },
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
        // Python of the file's own.
        if matches!(value.kind, V::Object(_) | V::Class(_) | V::Function(_)) {
            self.left_out(value, false);
            return self.stand_in(value.at);
        }
        let V::Call(call) = &value.kind else {
            let message = format!("expected an augmenter such as iaa.Fliplr(0.5), not {}", value.kind());
            return Err(self.complain(value.at, message));
        };
        if !call.path.starts_with("imgaug.augmenters.") {
            let made = call.name().starts_with(|c: char| c.is_ascii_uppercase());
            if made && !libraries::known(&call.path) {
                self.left_out(value, false);
                return self.stand_in(value.at);
            }
            let message = format!("expected an augmenter of imgaug, not {}", call.path);
            return Err(self.complain(call.name_at, message));
        }
        // Modules with classes of the same names and other arithmetic.
        if let Some(module) = ["imgcorruptlike", "pillike"].into_iter().find(|name| call.path.contains(name))
        {
            let message = format!("{} of iaa.{module} is not there here", call.name());
            let complaint = self.complain(call.name_at, message).help("Use the augmenter of iaa itself");
            self.without(call.name_at, complaint);
            return self.stand_in(call.name_at);
        }
        if CHECKS.contains(&call.name()) {
            self.pass(call);
            return self.stand_in(call.name_at);
        }
        if let Some((name, remedy)) = ELSEWHERE.iter().find(|(own, _)| *own == call.name()) {
            let message = format!("imgaug's {name} has no counterpart here");
            let complaint = self.complain(call.name_at, message).help(*remedy);
            self.without(call.name_at, complaint);
            return self.stand_in(call.name_at);
        }
        if self.lacks_size(call)? {
            return self.stand_in(call.name_at);
        }
        if let Some((entry, class)) = class_of(call.name())
            && class.name != "AddToHueAndSaturation"
        {
            return self.class(call, entry.key, class);
        }
        match call.name() {
            "SomeOf" => self.some_of(call),
            "Sometimes" => self.sometimes_else(call),
            "AddToHueAndSaturation" => self.add_to_hue_and_saturation(call),
            "AddToHue" => {
                let bound = self.bind(call, &["value", "from_colorspace"])?;
                self.fixed(&bound, "from_colorspace", Fixed::Text("RGB"))?;
                let hue = self.value_or(&bound, "value", Whole, [-255.0, 255.0])?;
                self.step(call, "add_to_hue_and_saturation", vec![(self.key(call.name_at, "value_hue"), hue)])
            }
            "RemoveSaturation" => {
                let bound = self.bind(call, &["mul", "from_colorspace"])?;
                self.fixed(&bound, "from_colorspace", Fixed::Text("RGB"))?;
                let kept = self.what_is_kept(&bound)?;
                self.step(call, "multiply_saturation", vec![(self.key(call.name_at, "mul"), kept)])
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
                Err(self.not_there(call))
            }
        }
    }

    /// A step that does nothing: where an augmenter is one of several that are chosen from, they stay as many.
    pub(super) fn stand_in(&mut self, at: Range) -> Res<Tree> {
        let nothing = self.tree(at, Value::Map(Vec::new()))?;
        self.wrap(at, "noop", nothing)
    }

    /// The factor of the saturation of which so much is removed.
    fn what_is_kept(&mut self, bound: &Bound<'_, 'a>) -> Res<Tree> {
        let Some(value) = bound.get("mul") else {
            return self.tree(bound.call.name_at, Value::Float(0.0));
        };
        let rest = |this: &Self, value: &Val<'a>| this.number(value, "mul").map(|mul| 1.0 - mul);
        match &value.kind {
            V::Tuple(ends) if ends.len() == 2 => {
                let ends = [rest(self, &ends[1])?, rest(self, &ends[0])?];
                self.pair(value.at, if ends[0] <= ends[1] { ends } else { [ends[1], ends[0]] })
            }
            V::List(items) => {
                let items = items
                    .iter()
                    .map(|item| rest(self, item).and_then(|kept| self.tree(item.at, Value::Float(kept))))
                    .collect::<Res<_>>()?;
                let choices = self.tree(value.at, Value::List(items))?;
                self.wrap(value.at, "choice", choices)
            }
            _ => {
                let kept = rest(self, value)?;
                self.tree(value.at, Value::Float(kept))
            }
        }
    }

    /// Why an augmenter does not become a step.
    fn not_there(&self, call: &Call<'a>) -> Complaint {
        let name = call.name();
        let own = combinators::ENTRIES.iter().filter_map(|entry| entry.doc.imgaug);
        let own = own.flat_map(|counterpart| counterpart.names).map(|(name, _)| *name);
        let known = classes().map(|(_, class)| class.name).chain(OTHERS.iter().copied()).chain(own);
        let hint = nearest(name, known).map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        self.complain(call.name_at, format!("the augmenter {name} is not known here{hint}"))
            .help("`mnistaug pipeline list` shows all operations")
    }

    fn need<'v>(&self, bound: &Bound<'v, 'a>, name: &str) -> Res<&'v Val<'a>> {
        bound.get(name).ok_or_else(|| {
            self.complain(bound.call.name_at, format!("{} without {name} does nothing", bound.call.name()))
        })
    }

    fn class(&mut self, call: &Call<'a>, step: &str, class: &Class) -> Res<Tree> {
        let names: Vec<&'static str> = class.params.iter().map(|(name, ..)| *name).collect();
        let bound = self.bind(call, &names)?;
        let mut fields = self.params(&bound, class.params)?;
        let nothing = fields.is_empty();
        let of_none = |names: &[&str]| names.iter().all(|name| bound.get(name).is_none());
        let mut default = |this: &mut Self, name: &str, pair: [f64; 2]| -> Res<()> {
            let tree = this.pair(call.name_at, pair)?;
            fields.push((this.key(call.name_at, name), tree));
            Ok(())
        };
        match class.name {
            // What imgaug takes where nothing is given, and the step has no default.
            "Add" if bound.get("value").is_none() => default(self, "value", [-20.0, 20.0])?,
            "ContrastNormalization" if bound.get("alpha").is_none() => default(self, "alpha", [1.0, 1.0])?,
            "CropAndPad" if of_none(&["px", "percent"]) => default(self, "percent", [-0.1, 0.1])?,
            "Crop" | "Pad" if of_none(&["px", "percent"]) => default(self, "percent", [0.0, 0.1])?,
            "MultiplyHueAndSaturation" if of_none(&["mul", "mul_hue", "mul_saturation"]) => {
                default(self, "mul_hue", [0.5, 1.5])?;
                default(self, "mul_saturation", [0.0, 1.7])?;
            }
            "AddToHueAndSaturation" if of_none(&["value", "value_hue", "value_saturation"]) => {
                default(self, "value_hue", [-40.0, 40.0])?;
                default(self, "value_saturation", [-40.0, 40.0])?;
            }
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
            name if name.starts_with("Center") => {
                let center = self.tree(call.name_at, Value::Text("center".into()))?;
                fields.push((self.key(call.name_at, "position"), center));
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
        self.step(call, step, fields)
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
                Passed => {
                    if let Some(value) = bound.passed(name) {
                        self.warn(value.at, format!("{name} is passed over"));
                    }
                }
                Axes
                | Form::WholeAxes
                | Chance
                | Dropped
                | Flag
                | Gray
                | Names
                | Number
                | Place
                | Share
                | Sides
                | Whole
                | WholeGray
                | WholeSides
                | Wholes => {
                    if let Some(value) = bound.get(name) {
                        // What has cubic sampling has no more.
                        if name == "order" && matches!(bound.call.name(), "Affine" | "MotionBlur") {
                            let order = self.sampling_order(value)?;
                            fields.push((self.key(value.at, field), order));
                            continue;
                        }
                        if name == "k" && bound.call.name() == "Rot90" && is_all(value) {
                            let all = self.pair(value.at, [0.0, 3.0])?;
                            fields.push((self.key(value.at, field), all));
                            continue;
                        }
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

    /// `channels` of imgaug 0.2 says which of the two is meant.
    fn add_to_hue_and_saturation(&mut self, call: &Call<'a>) -> Res<Tree> {
        let Some((Entry { key: step, .. }, class)) = class_of(call.name()) else {
            return Err(self.not_there(call));
        };
        let Some((_, _, channels)) = call.keywords.iter().find(|(name, ..)| name == "channels") else {
            return self.class(call, step, class);
        };
        let mut rest = call.clone();
        rest.keywords.retain(|(name, ..)| name != "channels");
        let items = channels.items().unwrap_or(std::slice::from_ref(channels));
        let meant = |channel: f64| items.iter().any(|item| item.number() == Some(channel));
        let field = match (meant(0.0), meant(1.0)) {
            (true, true) => return self.class(&rest, step, class),
            (true, false) => "value_hue",
            (false, true) => "value_saturation",
            (false, false) => {
                return Err(self.complain(channels.at, "channels are 0, the hue, and 1, the saturation"));
            }
        };
        let bound = self.bind(&rest, &["value", "per_channel", "from_colorspace"])?;
        self.fixed(&bound, "from_colorspace", Fixed::Text("RGB"))?;
        let value = self.value_or(&bound, "value", Whole, [0.0, 0.0])?;
        self.step(call, step, vec![(self.key(channels.at, field), value)])
    }
}

//! Pipelines that are called only if a random number says so: `if random.random() < 0.5: img = transform(img)`. The
//! calls of pipelines are taken down with the conditions around them, and decide whether steps are in `sometimes`.

use std::collections::BTreeMap;

use super::chain;
use super::chance;
use super::eval::{Eval, Res, is_pipeline};
use super::exec::Flow;
use super::given::option;
use super::libraries;
use super::syntax::{Expr, ExprKind, Range};
use super::tree::Translator;
use super::value::{V, Val};
use crate::text::tree::{Tree, Value};

/// Methods of pipelines that apply them.
const APPLIES: &[&str] = &[
    "__call__",
    "apply",
    "augment",
    "augment_batch",
    "augment_batches",
    "augment_image",
    "augment_images",
    "call",
    "forward",
    "random_transform",
    "to_deterministic",
];

/// Names of functions that draw a random number, in whatever library.
const DRAWS: &[&str] = &[
    "bernoulli",
    "binomial",
    "choice",
    "getrandbits",
    "integers",
    "rand",
    "randint",
    "random",
    "random_sample",
    "random_uniform",
    "randrange",
    "uniform",
];

/// Functions that make numbers and truths of others.
const NUMBERS: &[&str] = &["abs", "bool", "float", "int", "not_", "round"];

/// How many ways of reaching one call are told apart.
const MAX_WAYS: usize = 8;

/// A condition that a random number decides.
#[derive(Clone)]
pub(super) struct Coin {
    at: Range,
    /// The probabilities that it holds, and that it does not, where they are known.
    held: Option<f64>,
    not: Option<f64>,
    /// The name that gives them.
    set: Option<String>,
    /// The defaults that it was made of.
    defaults: Vec<(Range, String)>,
}

/// A condition around a call, which holds there.
#[derive(Clone, PartialEq)]
struct Under {
    at: Range,
    p: Option<f64>,
    set: Option<String>,
    defaults: Vec<(Range, String)>,
}

/// One way to reach a call.
#[derive(PartialEq)]
struct Way {
    /// Where the call is.
    at: Range,
    /// Whether its function was called, and not only read by itself.
    followed: bool,
    under: Vec<Under>,
}

/// The calls of pipelines, by where these are made, and the conditions that are around what is read now.
#[derive(Default)]
pub(super) struct Uses {
    under: Vec<Under>,
    ways: BTreeMap<(usize, usize), Vec<Way>>,
}

/// When a pipeline is applied.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    /// Always, or nothing else is known.
    Always,
    /// With this probability; the place is that of the condition, and the rest are defaults that it was made of.
    Sometimes(f64, Range, Vec<(Range, String)>),
    /// This is to be said of the condition at this place, behind the name of the pipeline.
    Said(Range, String),
}

impl Uses {
    /// How many conditions are around what is read now.
    pub(super) fn depth(&self) -> usize {
        self.under.len()
    }

    /// Forgets conditions that are not around it any more.
    pub(super) fn back_to(&mut self, depth: usize) {
        self.under.truncate(depth);
    }

    fn toss(&mut self, coin: &Coin, held: bool) {
        let p = if held { coin.held } else { coin.not };
        self.under.push(Under { at: coin.at, p, set: coin.set.clone(), defaults: coin.defaults.clone() });
    }

    fn taken_down(&mut self, made: Range, at: Range, followed: bool) {
        let ways = self.ways.entry((made.start, made.end)).or_default();
        let way = Way { at, followed, under: self.under.clone() };
        if ways.len() < MAX_WAYS && !ways.contains(&way) {
            ways.push(way);
        }
    }

    /// The ways to reach calls of what is made at a place.
    fn ways(&self, made: Range) -> Vec<&Way> {
        let all = self.ways.get(&(made.start, made.end)).map_or(&[][..], Vec::as_slice);
        // How a function is called says more than that it is there.
        let told = |way: &Way| way.followed || !all.iter().any(|own| own.followed && own.at == way.at);
        all.iter().filter(|way| told(way)).collect()
    }

    /// When the pipeline `value` is applied.
    pub(super) fn when(&self, value: &Val<'_>) -> When {
        let mut ways = Vec::new();
        let mut always = false;
        if let V::Call(call) = &value.kind
            && libraries::is_chain(&call.path)
        {
            // Each call is a step; they have to be under the same condition.
            for step in &call.args {
                let own = self.ways(step.at);
                always |= own.is_empty();
                ways.extend(own);
            }
        } else {
            ways = self.ways(value.at);
        }
        let Some(first) = ways.iter().find_map(|way| way.under.first()) else { return When::Always };
        always |= ways.iter().any(|way| way.under.is_empty());
        if always {
            let words = "is called only if this holds, but is used elsewhere, too; here it is always applied";
            return When::Said(first.at, words.to_owned());
        }
        let whole = |way: &&Way| way.under.iter().try_fold(1.0, |p, own| Some(p * own.p?));
        let all: Option<Vec<f64>> = ways.iter().map(whole).collect();
        let p = all.as_deref().and_then(<[f64]>::first).copied();
        if let Some(p) = p.filter(|p| all.iter().flatten().all(|own| (own - p).abs() < 1e-9)) {
            // Without the noise of 1 - 0.7.
            let defaults = ways.iter().flat_map(|way| &way.under).flat_map(|own| own.defaults.clone());
            return When::Sometimes((p * 1e9).round() / 1e9, first.at, defaults.collect());
        }
        let set = ways.iter().flat_map(|way| &way.under).find_map(|own| own.set.as_deref());
        let remedy = set.map(|set| format!("; {} tells it", option(set, "VALUE"))).unwrap_or_default();
        let words = format!(
            "is called only if this holds, with a probability that is not known; here it is always applied{remedy}"
        );
        When::Said(first.at, words)
    }
}

impl<'a> Eval<'a> {
    /// Takes down that a pipeline is called, be it by itself or by one of its methods.
    pub(super) fn applied(&mut self, value: &Val<'a>, method: Option<&str>, at: Range) {
        if is_pipeline(value) && method.is_none_or(|name| APPLIES.contains(&name)) {
            self.uses.taken_down(value.at, at, !self.registering);
        }
    }

    /// Takes down pipelines that are handed to something that is not read, which may always apply them.
    pub(super) fn handed<'v>(&mut self, values: impl Iterator<Item = &'v Val<'a>>, at: Range)
    where
        'a: 'v,
    {
        values.for_each(|value| self.applied(value, None, at));
    }

    /// Takes down the step that a chain has got.
    pub(super) fn stepped(&mut self, value: &Val<'a>) {
        if let V::Call(call) = &value.kind
            && libraries::is_chain(&call.path)
            && call.args.last().is_some_and(|step| step.at == value.at)
        {
            self.uses.taken_down(value.at, value.at, !self.registering);
        }
    }

    /// Follows what stands under a condition.
    pub(super) fn under<T>(
        &mut self,
        coin: Option<&Coin>,
        held: bool,
        follow: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let depth = self.uses.depth();
        if let Some(coin) = coin {
            self.uses.toss(coin, held);
        }
        let result = follow(self);
        self.uses.back_to(depth);
        result
    }

    /// What follows in a block is under a condition of which one side ends.
    pub(super) fn goes_on(&mut self, coin: Option<&Coin>, first: &Flow<'a>, second: &Flow<'a>) {
        let ends = |flow: &Flow<'_>| matches!(flow, Flow::Return(_) | Flow::Break | Flow::Continue);
        if let (Some(coin), true) = (coin, ends(first) != ends(second)) {
            self.uses.toss(coin, ends(second));
        }
    }

    /// A condition that was just read and holds with the probability `p`.
    pub(super) fn known_coin(&self, p: f64, at: Range) -> Coin {
        Coin { at, held: Some(p), not: Some(1.0 - p), set: None, defaults: self.defaults_read() }
    }

    fn defaults_read(&self) -> Vec<(Range, String)> {
        self.reads.iter().filter_map(|id| self.defaults.get(id).cloned()).collect()
    }

    /// Takes down both pipelines of `(a if coin else b)(image)`.
    pub(super) fn either_applied(&mut self, func: &'a Expr, at: Range) {
        let ExprKind::Choice { test, then, otherwise } = &func.kind else { return };
        let registering = std::mem::replace(&mut self.registering, false);
        let condition = self.eval(test);
        let coin = self.coin(&condition, test);
        let both = [(true, self.eval(then)), (false, self.eval(otherwise))];
        self.registering = registering;
        for (held, value) in both {
            self.under(coin.as_ref(), held, |this| this.applied(&value, None, at));
        }
    }

    /// The coin that a condition is, of which not all need be known.
    pub(super) fn coin(&mut self, condition: &Val<'a>, test: &'a Expr) -> Option<Coin> {
        if let Some(p) = self.odds(condition) {
            return Some(self.known_coin(p, test.at));
        }
        if !is_tossed(condition) && !self.tosses(test) {
            return None;
        }
        let set = condition.why().and_then(|why| why.set.clone());
        let mut coin = Coin { at: test.at, held: None, not: None, set, defaults: self.defaults_read() };
        // What else is asked is whether to augment at all, which is what is wanted.
        if let ExprKind::Logic { all: true, of } = &test.kind {
            let mut whole = Some(1.0);
            let parts: Vec<&'a Expr> = of.iter().filter(|part| self.tosses(part)).collect();
            for part in parts {
                let registering = std::mem::replace(&mut self.registering, false);
                let value = self.eval(part);
                self.registering = registering;
                whole = whole.zip(self.odds(&value)).map(|(whole, p)| whole * p);
                coin.set = value.why().and_then(|why| why.set.clone());
            }
            coin.held = whole;
        }
        Some(coin)
    }

    /// Whether a random number is drawn in an expression.
    fn tosses(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(_) => self.is_toss(expr),
            ExprKind::Attribute(inner, _) => self.is_toss(expr) || self.tosses(inner),
            ExprKind::Call(call) => {
                let named = if let ExprKind::Name(name) | ExprKind::Attribute(_, name) = &call.func.kind {
                    DRAWS.contains(&name.as_str())
                } else {
                    false
                };
                named
                    || self.resolve(&call.func).is_some_and(|path| chance::is_draw(&path))
                    || self.tosses(&call.func)
                    || call.args.iter().any(|own| self.tosses(own))
            }
            ExprKind::Item(inner, _)
            | ExprKind::Unary(_, inner)
            | ExprKind::Starred(inner)
            | ExprKind::Await(inner) => self.tosses(inner),
            ExprKind::Binary(left, _, right) => self.tosses(left) || self.tosses(right),
            ExprKind::Compare(left, rest) => {
                self.tosses(left) || rest.iter().any(|(_, own)| self.tosses(own))
            }
            ExprKind::Logic { of, .. } => of.iter().any(|own| self.tosses(own)),
            ExprKind::Constant(_)
            | ExprKind::List(_)
            | ExprKind::Tuple(_)
            | ExprKind::Dict(_)
            | ExprKind::Choice { .. }
            | ExprKind::Slice(..)
            | ExprKind::Comprehension { .. }
            | ExprKind::Lambda(..)
            | ExprKind::Format(_)
            | ExprKind::Other => false,
        }
    }

    /// The value of an expression; if it is not known, it remembers that a random number decides it.
    pub(super) fn tossed(&self, value: Val<'a>, expr: &Expr) -> Val<'a> {
        let tossed = value.why().is_some_and(|why| !why.tossed) && self.is_toss(expr);
        value.tossed_by(tossed)
    }

    /// Whether an expression is a number or a truth that a random number decides, and not something that was looked up
    /// by one.
    pub(super) fn is_toss(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(_) | ExprKind::Attribute(..) if self.kept(expr).is_some() => {
                self.kept(expr).is_some_and(is_tossed)
            }
            ExprKind::Call(call) => {
                let (ExprKind::Name(name) | ExprKind::Attribute(_, name)) = &call.func.kind else {
                    return false;
                };
                let is_constant = |expr: &Expr| matches!(expr.kind, ExprKind::Constant(_));
                let constants = |expr: &Expr| {
                    if let ExprKind::List(items) | ExprKind::Tuple(items) = &expr.kind {
                        items.iter().all(is_constant)
                    } else {
                        is_constant(expr)
                    }
                };
                let first = call.args.first();
                if DRAWS.contains(&name.as_str()) {
                    return name != "choice" || first.is_some_and(constants);
                }
                if let ExprKind::Attribute(inner, _) = &call.func.kind {
                    return self.is_toss(inner);
                }
                NUMBERS.contains(&name.as_str()) && first.is_some_and(|own| self.is_toss(own))
            }
            // torch.rand(1)[0]
            ExprKind::Item(inner, _) | ExprKind::Unary(_, inner) => self.is_toss(inner),
            ExprKind::Binary(left, _, right) => self.is_toss(left) || self.is_toss(right),
            ExprKind::Compare(left, rest) => {
                self.is_toss(left) || rest.iter().any(|(_, own)| self.is_toss(own))
            }
            ExprKind::Logic { of, .. } => of.iter().any(|own| self.is_toss(own)),
            ExprKind::Choice { test, then, otherwise } => {
                [test, then, otherwise].iter().any(|own| self.is_toss(own))
            }
            ExprKind::Name(_)
            | ExprKind::Attribute(..)
            | ExprKind::Starred(_)
            | ExprKind::Await(_)
            | ExprKind::Constant(_)
            | ExprKind::List(_)
            | ExprKind::Tuple(_)
            | ExprKind::Dict(_)
            | ExprKind::Slice(..)
            | ExprKind::Comprehension { .. }
            | ExprKind::Lambda(..)
            | ExprKind::Format(_)
            | ExprKind::Other => false,
        }
    }

    /// What a name, or an attribute of an object of the file, stands for.
    fn kept(&self, expr: &Expr) -> Option<&Val<'a>> {
        if let ExprKind::Name(name) = &expr.kind {
            return Some(&self.find(name)?.value);
        }
        let ExprKind::Attribute(object, name) = &expr.kind else { return None };
        let V::Object(own) = &self.kept(object)?.kind else { return None };
        Some(&own.attributes.get(name)?.value)
    }

    /// `then if test else otherwise` where it is not known which: a pipeline that a draw decides, or what is not known.
    pub(super) fn undecided(
        &mut self,
        condition: &Val<'a>,
        test: &'a Expr,
        [then, otherwise]: [&'a Expr; 2],
        at: Range,
    ) -> Val<'a> {
        let coin = self.coin(condition, test);
        let found = self.candidates.len();
        let p = self.draw_of(condition);
        self.unsure += usize::from(p.is_none());
        let yes = self.under(coin.as_ref(), true, |this| this.eval(then));
        let no = self.under(coin.as_ref(), false, |this| this.eval(otherwise));
        self.unsure -= usize::from(p.is_none());
        let unknown = self.depends(condition, test.at);
        let picked = p.is_some_and(|p| libraries::either_of(p, &yes, &no, at).is_some());
        if !picked && !chain::passes(&yes, 0) && !chain::passes(&no, 0) {
            return unknown;
        }
        let Some(p) = p else {
            return super::exec::either(&unknown.torn_by(coin.is_some()), &yes, &no);
        };
        let value = self.either(p, &yes, &no, at);
        let all = value.items().unwrap_or(std::slice::from_ref(&value)).to_vec();
        if self.registering && self.inside == 0 && all.iter().any(is_pipeline) {
            self.candidates.truncate(found);
            for one in all.into_iter().filter(is_pipeline) {
                self.candidate(one, at);
            }
        }
        value
    }
}

/// Whether a value is a number or a truth that a random number decides.
fn is_tossed(value: &Val<'_>) -> bool {
    let drawn =
        matches!(&value.kind, V::Call(call) if call.name() != "choice" && DRAWS.contains(&call.name()));
    drawn || chance::decides(value) || value.why().is_some_and(|why| why.tossed)
}

impl<'a> Translator<'a> {
    /// The steps of the pipeline `value`, called `name`, as often as it is applied.
    pub(super) fn as_often(&mut self, value: &Val<'a>, name: &str, mut steps: Vec<Tree>) -> Res<Vec<Tree>> {
        match self.uses.when(value) {
            When::Always => {}
            When::Said(at, words) => self.warn(at, format!("{name} {words}")),
            When::Sometimes(p, ..) if p >= 1.0 || steps.is_empty() => {}
            When::Sometimes(p, at, mut defaults) => {
                self.warnings.append(&mut defaults);
                let message = format!(
                    "{name} is called only if this holds, with the probability {p}; its steps are in sometimes therefore"
                );
                self.warn(at, message);
                let fields = vec![
                    (self.key(at, "p"), self.tree(at, Value::Float(p))?),
                    (self.key(at, "then"), self.tree(at, Value::List(std::mem::take(&mut steps)))?),
                ];
                let inner = self.tree(at, Value::Map(fields))?;
                steps.push(self.wrap(at, "sometimes", inner)?);
            }
        }
        Ok(steps)
    }
}

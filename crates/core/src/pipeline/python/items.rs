//! Lists, dicts and what is asked of them: comprehensions, items, comparisons, several targets at once.

use std::rc::Rc;

use super::eval::{Eval, MAX_ITEMS, Res};
use super::syntax::{Comparison, Expr, ExprKind, Loop, Range};
use super::value::{V, Val};

impl<'a> Eval<'a> {
    /// What is written between braces.
    pub(super) fn dict(&mut self, items: &'a [(Option<Expr>, Expr)], at: Range) -> Res<V<'a>> {
        let mut entries = Vec::new();
        for (key, value) in items {
            let key = key.as_ref().map(|key| self.eval(key));
            let label = match key.as_ref().map(|key| &key.kind) {
                Some(V::Text(text)) => Some(text.to_string()),
                Some(V::Int(number)) => Some(number.to_string()),
                _ => None,
            };
            let labels = self.label.len();
            self.label.extend(label);
            let value = self.eval(value);
            self.tried(&value, at);
            self.label.truncate(labels);
            match (key, &value.kind) {
                (Some(key), _) => entries.push((key, value)),
                (None, V::Dict(more)) => entries.extend(more.iter().cloned()),
                (None, V::Unknown(_)) => return Ok(value.kind),
                (None, _) => return Err(self.complain(at, "what ** stands before is no dict")),
            }
        }
        Ok(V::Dict(Rc::new(entries)))
    }

    pub(super) fn comprehension(
        &mut self,
        key: Option<&'a Expr>,
        element: &'a Expr,
        loops: &'a [Loop],
    ) -> Res<V<'a>> {
        let frame = self.frames.last().cloned();
        self.frames.push(frame.unwrap_or_default());
        let (mut keys, mut out) = (Vec::new(), Vec::new());
        let done = self.looped(key, element, loops, &mut keys, &mut out);
        self.frames.pop();
        if let Some(unknown) = done? {
            return Ok(unknown.kind);
        }
        Ok(if key.is_some() {
            V::Dict(Rc::new(keys.into_iter().zip(out).collect()))
        } else {
            V::List(Rc::new(out))
        })
    }

    /// Runs the loops of a comprehension; what of it is not known, if anything.
    fn looped(
        &mut self,
        key: Option<&'a Expr>,
        element: &'a Expr,
        loops: &'a [Loop],
        keys: &mut Vec<Val<'a>>,
        out: &mut Vec<Val<'a>>,
    ) -> Res<Option<Val<'a>>> {
        let Some((first, rest)) = loops.split_first() else {
            if let Some(key) = key {
                keys.push(self.eval(key));
            }
            out.push(self.eval(element));
            if out.len() > MAX_ITEMS {
                return Err(self.complain(element.at, "too long a list"));
            }
            return Ok(None);
        };
        let iter = self.eval(&first.iter);
        let Some(items) = Self::sequence(&iter) else {
            return match iter.why() {
                Some(_) => Ok(Some(iter)),
                None => Err(self.complain(first.iter.at, format!("{} is no list", iter.kind()))),
            };
        };
        'items: for item in items {
            self.unpack(&first.target, item);
            for test in &first.tests {
                let value = self.eval(test);
                match value.truth() {
                    Some(true) => {}
                    Some(false) => continue 'items,
                    None => return Ok(Some(self.depends(&value, test.at))),
                }
            }
            if let Some(unknown) = self.looped(key, element, rest, keys, out)? {
                return Ok(Some(unknown));
            }
        }
        Ok(None)
    }

    /// What a loop over a value sees.
    pub(super) fn sequence(value: &Val<'a>) -> Option<Vec<Val<'a>>> {
        match &value.kind {
            V::List(items) | V::Tuple(items) => Some(items.to_vec()),
            V::Dict(entries) => Some(entries.iter().map(|(key, _)| key.clone()).collect()),
            V::Call(call) => super::pure::row(call),
            _ => None,
        }
    }

    /// Assigns a value to the names of a target.
    pub(super) fn unpack(&mut self, target: &'a Expr, value: Val<'a>) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.bind(name, value, Vec::new());
            }
            ExprKind::Tuple(names) | ExprKind::List(names) => {
                let items = value.items().filter(|items| items.len() == names.len()).map(<[Val<'a>]>::to_vec);
                for (i, name) in names.iter().enumerate() {
                    let item = match (&items, value.why()) {
                        (Some(items), _) => items[i].clone(),
                        (None, Some(_)) => value.clone(),
                        (None, None) => {
                            let complaint = self.complain(name.at, "this is not known before Python runs");
                            let torn = super::chain::holds(&value, 0);
                            let unknown = super::value::Unknown::new(complaint, name.dotted(), torn);
                            Val { at: name.at, kind: V::Unknown(Rc::new(unknown)) }
                        }
                    };
                    self.unpack(name, item);
                }
            }
            _ => {}
        }
    }

    pub(super) fn item(&mut self, value: &Val<'a>, index: &'a Expr, at: Range) -> Res<Val<'a>> {
        if let ExprKind::Slice(lower, upper, step) = &index.kind {
            let mut ends = [lower, upper, step].into_iter().map(|end| match end {
                Some(end) => match self.eval(end).kind {
                    V::Int(value) => Some(Some(value)),
                    V::None => Some(None),
                    _ => None,
                },
                None => Some(None),
            });
            let (lower, upper, step) = (ends.next().flatten(), ends.next().flatten(), ends.next().flatten());
            let (Some(items), Some(lower), Some(upper), Some(None | Some(1))) =
                (value.items(), lower, upper, step)
            else {
                return match value.why() {
                    Some(_) => Ok(value.clone()),
                    None => Err(self.complain(at, "this part is not known before Python runs")),
                };
            };
            let len = items.len() as i64;
            let place = |end: i64| (if end < 0 { end + len } else { end }).clamp(0, len) as usize;
            let (from, to) = (place(lower.unwrap_or(0)), place(upper.unwrap_or(len)));
            let part = Rc::new(items.get(from..to.max(from)).unwrap_or_default().to_vec());
            let kind = if matches!(value.kind, V::Tuple(_)) { V::Tuple(part) } else { V::List(part) };
            return Ok(Val { at, kind });
        }
        let index = self.eval(index);
        if let (V::Object(object), V::Text(key)) = (&value.kind, &index.kind)
            && super::arguments::is_options(object)
            && let Some(own) = self.attribute_of(&Rc::clone(object), key, None, at)
        {
            return Ok(own);
        }
        self.index(value, &index, at)
    }

    fn index(&self, value: &Val<'a>, index: &Val<'a>, at: Range) -> Res<Val<'a>> {
        if let Some(unknown) = [value, index].into_iter().find(|value| value.why().is_some()) {
            return Ok(unknown.clone());
        }
        let found = match (&value.kind, &index.kind) {
            (V::List(items) | V::Tuple(items), V::Int(i)) => {
                let i = if *i < 0 { i + items.len() as i64 } else { *i };
                usize::try_from(i).ok().and_then(|i| items.get(i)).cloned()
            }
            (V::Dict(entries), _) => entries
                .iter()
                .rev()
                .find(|(own, _)| own.same(index) == Some(true))
                .map(|(_, value)| value.clone()),
            _ => None,
        };
        // An image of a batch.
        if let (None, V::Call(own), V::Int(_)) = (&found, &value.kind, &index.kind)
            && super::libraries::is_chain(&own.path)
        {
            return Ok(value.clone());
        }
        if let (None, V::Path(path)) = (&found, &value.kind) {
            let set = self.lines.written(value.at).unwrap_or(path).to_owned();
            let complaint = self
                .complain(at, format!("{set} is not known before Python runs"))
                .help(format!("Give its value with --set {set}=VALUE, a dict or a list as Python writes it"));
            return Ok(Val::unset(at, complaint, Some(set)));
        }
        found.ok_or_else(|| {
            self.complain(at, "there is no such item, as far as can be known before Python runs")
        })
    }

    pub(super) fn compare(&mut self, left: &'a Expr, rest: &'a [(Comparison, Expr)]) -> Res<V<'a>> {
        let mut left_value = self.eval(left);
        for (op, right) in rest {
            let right_value = self.eval(right);
            if let Some(unknown) = [&left_value, &right_value].into_iter().find(|value| value.why().is_some())
            {
                return Ok(unknown.kind.clone());
            }
            if let Some(unknown) = [&left_value, &right_value].into_iter().find_map(|own| self.wanting(own)) {
                return Ok(unknown.kind);
            }
            let (a, b) = (&left_value, &right_value);
            let ordered = |f: fn(&f64, &f64) -> bool| Some(f(&a.number()?, &b.number()?));
            let within = || {
                if let (V::Text(part), V::Text(whole)) = (&a.kind, &b.kind) {
                    return Some(whole.contains(&**part));
                }
                let items = Self::sequence(b)?;
                items.iter().try_fold(false, |any, item| Some(any | item.same(a)?))
            };
            let is_none = matches!(b.kind, V::None) && !matches!(a.kind, V::Path(_));
            let is = || match (&a.kind, &b.kind) {
                (kind, V::None) if is_none => Some(matches!(kind, V::None)),
                _ => a.same(b),
            };
            let truth = match op {
                Comparison::Equal | Comparison::Is => is(),
                Comparison::NotEqual | Comparison::IsNot => is().map(|same| !same),
                Comparison::Less => ordered(f64::lt),
                Comparison::LessEqual => ordered(f64::le),
                Comparison::Greater => ordered(f64::gt),
                Comparison::GreaterEqual => ordered(f64::ge),
                Comparison::In => within(),
                Comparison::NotIn => within().map(|within| !within),
            };
            match truth {
                None if rest.len() == 1 && super::chance::compared(a, *op, b, left.at).is_some() => {
                    return Ok(super::chance::compared(a, *op, b, left.at).unwrap_or(V::None));
                }
                Some(true) => {}
                Some(false) => return Ok(V::Bool(false)),
                None => return Err(self.complain(left.at, "this comparison is not known before Python runs")),
            }
            left_value = right_value;
        }
        Ok(V::Bool(true))
    }
}

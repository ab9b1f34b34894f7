//! Arithmetic with Python's values: numbers, lists, texts.

use std::rc::Rc;

use super::eval::{Eval, MAX_ITEMS, Res};
use super::syntax::{Operator, Range};
use super::value::{V, Val};

/// What `left op right` is worth.
pub(super) fn binary<'a>(
    eval: &mut Eval<'a>,
    left: &Val<'a>,
    op: Operator,
    right: &Val<'a>,
    at: Range,
) -> Res<V<'a>> {
    let unknown = |this: &Eval<'a>| {
        this.complain(at, format!("no arithmetic with {} and {}", left.kind(), right.kind()))
    };
    match (&left.kind, op, &right.kind) {
        (V::List(a), Operator::Add, V::List(b)) => {
            eval.spend(a.len() + b.len(), at)?;
            return Ok(V::List(Rc::new(a.iter().chain(b.iter()).cloned().collect())));
        }
        (V::Tuple(a), Operator::Add, V::Tuple(b)) => {
            eval.spend(a.len() + b.len(), at)?;
            return Ok(V::Tuple(Rc::new(a.iter().chain(b.iter()).cloned().collect())));
        }
        (V::List(items) | V::Tuple(items), Operator::Mult, V::Int(n))
        | (V::Int(n), Operator::Mult, V::List(items) | V::Tuple(items)) => {
            let n = usize::try_from(*n).unwrap_or(0);
            let len = items.len().saturating_mul(n);
            if len > MAX_ITEMS {
                return Err(eval.complain(at, "too long a list"));
            }
            eval.spend(len, at)?;
            let all = Rc::new(items.iter().cycle().take(len).cloned().collect());
            let tuple = matches!((&left.kind, &right.kind), (V::Tuple(_), _) | (_, V::Tuple(_)));
            return Ok(if tuple { V::Tuple(all) } else { V::List(all) });
        }
        (V::Text(a), Operator::Add, V::Text(b)) if a.len() + b.len() <= MAX_ITEMS => {
            return Ok(V::Text(format!("{a}{b}").into()));
        }
        (V::Int(a), _, V::Int(b)) => {
            let exact = match op {
                Operator::Add => a.checked_add(*b),
                Operator::Sub => a.checked_sub(*b),
                Operator::Mult => a.checked_mul(*b),
                // Python rounds to below, and the remainder has the divisor's sign.
                Operator::FloorDiv => {
                    a.checked_div(*b).map(|q| if a % b != 0 && (*a < 0) != (*b < 0) { q - 1 } else { q })
                }
                Operator::Mod => {
                    a.checked_rem(*b).map(|r| if r != 0 && (r < 0) != (*b < 0) { r + b } else { r })
                }
                Operator::Pow => u32::try_from(*b).ok().and_then(|b| a.checked_pow(b)),
                Operator::Div => return float(eval, *a as f64 / *b as f64, at),
                Operator::Other => None,
            };
            return exact.map(V::Int).ok_or_else(|| unknown(eval));
        }
        _ => {}
    }
    let (Some(a), Some(b)) = (left.number(), right.number()) else { return Err(unknown(eval)) };
    let value = match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div => a / b,
        Operator::FloorDiv => (a / b).floor(),
        Operator::Mod => a - b * (a / b).floor(),
        Operator::Pow => libm::pow(a, b),
        Operator::Other => return Err(unknown(eval)),
    };
    float(eval, value, at)
}

fn float<'a>(eval: &Eval<'a>, value: f64, at: Range) -> Res<V<'a>> {
    if value.is_finite() {
        Ok(V::Float(value))
    } else {
        Err(eval.complain(at, "this comes to no finite number"))
    }
}

//! `some_of`: a subset of its steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Argument, Branch, Branches, Combinator, Counterpart, Doc, Group};
use crate::ops::counterpart::Form;
use crate::ops::{Int, Problem};
use crate::pipeline::compile::{self, Known};
use crate::pipeline::plan::Drawing;
use crate::pipeline::spec::Step;
use crate::text::Complaint;

/// Runs some of its steps: `{count: [0, 5], of: [...]}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SomeOf {
    /// How many of the steps run, at most as many as there are.
    pub count: Int,
    /// Whether the order is drawn for each image; otherwise they run in the order of the list.
    #[serde(default)]
    pub random_order: bool,
}

impl Combinator for SomeOf {
    const DOC: Doc = Doc {
        summary: "Runs a subset of its steps, drawn for each image.",
        short: None,
        branches: &[Branch { key: "of", summary: "The steps.", required: true }],
        examples: &["some_of: { count: [0, 2], random_order: true, of: [fliplr: 0.5, add: [-10, 10]] }"],
        imgaug: Some(Counterpart {
            names: &[("SomeOf", ["children", ""])],
            positional: 2,
            arguments: &[
                Argument::Param("n", "count", Form::Whole),
                Argument::Steps(0),
                Argument::Param("random_order", "random_order", Form::Flag),
            ],
        }),
    };

    fn check(&self, [of, _]: &Branches) -> Result<(), Problem> {
        self.count.check("count", 0..=i64::MAX)?;
        let (most, len) = (self.count.max(), of.len());
        if most <= len as i64 {
            return Ok(());
        }
        let s = if len == 1 { "" } else { "s" };
        Err(Problem::new("count", format!("{most} is more than the {len} step{s} of the list")))
    }
}

impl Group for SomeOf {
    fn after(&self, step: &Step, [of, _]: &Branches, known: Known) -> Result<Known, Complaint> {
        let every = self.count.min() == of.len() as i64;
        if every && !self.random_order {
            compile::all(of, known)
        } else {
            compile::unordered(step, of, known, every)
        }
    }

    fn draw(&self, step: &Step, [of, _]: &Branches, drawing: &mut Drawing<'_>) {
        let mut rng = drawing.stream(step);
        let count = self.count.draw(&mut rng).clamp(0, of.len() as i64) as usize;
        drawing.in_order(of, |order| {
            rng.shuffle(order);
            if !self.random_order {
                order[..count].sort_unstable();
            }
            count
        });
    }
}

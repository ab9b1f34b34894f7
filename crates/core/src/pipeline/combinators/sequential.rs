//! `sequential`: all of its steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Argument, Branch, Branches, Combinator, Container, Counterpart, Doc, Group};
use crate::ops::Problem;
use crate::ops::counterpart::Form;
use crate::pipeline::compile::{self, Known};
use crate::pipeline::plan::Drawing;
use crate::pipeline::spec::Step;
use crate::text::Complaint;

/// Runs all its steps: a list of them, or `{of: [...], random_order: true}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sequential {
    /// Whether the order is drawn for each image.
    #[serde(default)]
    pub random_order: bool,
}

impl Combinator for Sequential {
    const DOC: Doc = Doc {
        summary: "Runs all its steps, in order or in an order drawn for each image.",
        short: Some("of"),
        branches: &[Branch { key: "of", summary: "The steps.", required: true }],
        examples: &[
            "sequential: { random_order: true, of: [fliplr: 0.5, flipud: 0.2] }",
            "sequential: [fliplr: 0.5, add: [-10, 10]]",
        ],
        imgaug: Some(Counterpart {
            names: &[("Sequential", ["children", ""])],
            positional: 1,
            arguments: &[Argument::Steps(0), Argument::Param("random_order", "random_order", Form::Flag)],
        }),
    };

    const TORCHVISION: &'static [Container] = &[
        Container { name: "Compose", when: Some(("random_order", false)), params: &[], apart: false },
        Container { name: "RandomOrder", when: Some(("random_order", true)), params: &[], apart: true },
    ];

    fn check(&self, _: &Branches) -> Result<(), Problem> {
        Ok(())
    }
}

impl Group for Sequential {
    fn after(&self, step: &Step, [of, _]: &Branches, known: Known) -> Result<Known, Complaint> {
        if self.random_order { compile::unordered(step, of, known, true) } else { compile::all(of, known) }
    }

    fn draw(&self, step: &Step, [of, _]: &Branches, drawing: &mut Drawing<'_>) {
        if self.random_order {
            let mut rng = drawing.stream(step);
            drawing.in_order(of, |order| {
                rng.shuffle(order);
                order.len()
            });
        } else {
            drawing.all(of);
        }
    }
}

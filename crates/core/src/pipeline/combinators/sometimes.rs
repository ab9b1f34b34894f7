//! `sometimes`: its steps, with a probability.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Argument, Branch, Branches, Combinator, Container, Counterpart, Doc, Group};
use crate::ops::counterpart::Form;
use crate::ops::{Probability, Problem};
use crate::pipeline::compile::{self, Known};
use crate::pipeline::plan::Drawing;
use crate::pipeline::spec::Step;
use crate::text::Complaint;

/// Runs its steps with a probability: `{p: 0.5, then: [...]}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sometimes {
    /// Probability that the steps run.
    pub p: Probability,
}

impl Combinator for Sometimes {
    const DOC: Doc = Doc {
        summary: "Runs its steps with a probability, drawn for each image.",
        short: None,
        branches: &[Branch { key: "then", summary: "The steps.", required: true }],
        examples: &["sometimes: { p: 0.5, then: [affine: { rotate: [-25, 25] }] }"],
        imgaug: Some(Counterpart {
            names: &[("Sometimes", ["then_list", ""])],
            positional: 2,
            arguments: &[Argument::Param("p", "p", Form::Chance), Argument::Steps(0)],
        }),
    };

    const TORCHVISION: &'static [Container] =
        &[Container { name: "RandomApply", when: None, params: &[("p", "p")], apart: false }];

    fn check(&self, _: &Branches) -> Result<(), Problem> {
        self.p.check("p")
    }
}

impl Group for Sometimes {
    fn after(&self, step: &Step, [then, _]: &Branches, known: Known) -> Result<Known, Complaint> {
        let after = compile::all(then, known.clone());
        if self.p.0 >= 1.0 {
            return after;
        }
        compile::any(step, &known, [Ok(known.clone()), after].into_iter())
    }

    fn draw(&self, step: &Step, [then, _]: &Branches, drawing: &mut Drawing<'_>) {
        if self.p.draw(&mut drawing.stream(step)) {
            drawing.all(then);
        }
    }
}

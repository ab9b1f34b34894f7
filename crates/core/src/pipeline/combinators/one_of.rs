//! `one_of`: one of its steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Argument, Branch, Branches, Combinator, Counterpart, Doc, Group};
use crate::ops::Problem;
use crate::pipeline::compile::{self, Known};
use crate::pipeline::plan::Drawing;
use crate::pipeline::spec::Step;
use crate::text::Complaint;

/// Runs one of its steps: a list of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneOf {}

impl Combinator for OneOf {
    const DOC: Doc = Doc {
        summary: "Runs one of its steps, all equally likely, drawn for each image.",
        short: Some("of"),
        branches: &[Branch { key: "of", summary: "The steps.", required: true }],
        examples: &["one_of: [gaussian_blur: [0, 3.0], median_blur: [3, 11]]"],
        imgaug: Some(Counterpart {
            names: &[("OneOf", ["children", ""])],
            positional: 1,
            arguments: &[Argument::Steps(0)],
        }),
    };

    fn check(&self, _: &Branches) -> Result<(), Problem> {
        Ok(())
    }
}

impl Group for OneOf {
    fn after(&self, step: &Step, [of, _]: &Branches, known: Known) -> Result<Known, Complaint> {
        compile::any(step, &known, of.iter().map(|child| compile::after(child, known.clone())))
    }

    fn draw(&self, step: &Step, [of, _]: &Branches, drawing: &mut Drawing<'_>) {
        let chosen = drawing.stream(step).index(of.len());
        drawing.step(&of[chosen]);
    }
}

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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneOf {
    /// How likely the steps are in relation to one another, a number for each; without it all are equally likely.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
}

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

    fn check(&self, [of, _]: &Branches) -> Result<(), Problem> {
        if self.weights.is_empty() {
            return Ok(());
        }
        if self.weights.len() != of.len() {
            let message = format!("{} weights for {} steps", self.weights.len(), of.len());
            return Err(Problem::new("weights", message));
        }
        let bad = self.weights.iter().find(|weight| !(0.0..=1e12).contains(*weight));
        if let Some(bad) = bad {
            return Err(Problem::new("weights", format!("{bad} is no weight, which is 0 or more")));
        }
        if self.weights.iter().sum::<f64>() <= 0.0 {
            return Err(Problem::new("weights", "all are 0, so that no step is ever run"));
        }
        Ok(())
    }
}

impl Group for OneOf {
    fn after(&self, step: &Step, [of, _]: &Branches, known: Known) -> Result<Known, Complaint> {
        compile::any(step, &known, of.iter().map(|child| compile::after(child, known.clone())))
    }

    fn draw(&self, step: &Step, [of, _]: &Branches, drawing: &mut Drawing<'_>) {
        let mut rng = drawing.stream(step);
        let chosen = if self.weights.is_empty() {
            rng.index(of.len())
        } else {
            let at = rng.unit() * self.weights.iter().sum::<f64>();
            let mut sum = 0.0;
            let behind = self.weights.iter().position(|weight| {
                sum += weight;
                at < sum
            });
            // Where rounding leaves none, the last that has a weight.
            behind.or_else(|| self.weights.iter().rposition(|weight| *weight > 0.0)).unwrap_or(0)
        };
        drawing.step(&of[chosen]);
    }
}

#[cfg(test)]
mod tests {
    use crate::pipeline::parse_step;

    #[test]
    fn weights_are_checked() {
        assert!(parse_step("one_of: { of: [noop, noop], weights: [1, 0.5] }").is_ok());
        for (weights, words) in [
            ("[1]", "1 weights for 2 steps"),
            ("[-1, 2]", "-1 is no weight"),
            ("[0, 0]", "no step is ever run"),
        ] {
            let error =
                parse_step(&format!("one_of: {{ of: [noop, noop], weights: {weights} }}")).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

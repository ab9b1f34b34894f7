//! `one_of`: one of its steps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Argument, Branch, Branches, Combinator, Container, Counterpart, Doc, Group};
use crate::base::Stream;
use crate::ops::Problem;
use crate::pipeline::compile::{self, Known};
use crate::pipeline::plan::Drawing;
use crate::pipeline::spec::Step;
use crate::text::Complaint;

/// Runs one of its steps: a list of them, or `{weights: [...], of: [...]}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneOf {
    /// How likely each step is, in any unit; left out, all are equally likely.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
}

impl Combinator for OneOf {
    const DOC: Doc = Doc {
        summary: "Runs one of its steps, all equally likely or by weights, drawn for each image.",
        short: Some("of"),
        branches: &[Branch { key: "of", summary: "The steps.", required: true }],
        examples: &[
            "one_of: [gaussian_blur: [0, 3.0], median_blur: [3, 11]]",
            "one_of: { weights: [0.2, 0.5, 0], of: [fliplr: 1, flipud: 1, noop: {}] }",
        ],
        imgaug: Some(Counterpart {
            names: &[("OneOf", ["children", ""])],
            positional: 1,
            arguments: &[Argument::Steps(0)],
        }),
    };

    const TORCHVISION: &'static [Container] =
        &[Container { name: "RandomChoice", when: None, params: &[("p", "weights")], apart: true }];

    fn check(&self, [of, _]: &Branches) -> Result<(), Problem> {
        let (count, len) = (self.weights.len(), of.len());
        if count == 0 {
            return Ok(());
        }
        if count != len {
            return Err(Problem::new("weights", format!("{count} weights for {len} steps")));
        }
        if let Some(weight) = self.weights.iter().find(|weight| !(0.0..=1e9).contains(*weight)) {
            return Err(Problem::new(
                "weights",
                format!("{weight} is no weight, which is a number from 0 on"),
            ));
        }
        if self.weights.iter().sum::<f64>() > 0.0 {
            Ok(())
        } else {
            Err(Problem::new("weights", "at least one weight is above 0"))
        }
    }
}

impl OneOf {
    /// An index, each as likely as its weight says.
    fn weighted(&self, rng: &mut Stream) -> usize {
        let mut left = rng.unit() * self.weights.iter().sum::<f64>();
        let mut last = 0;
        for (i, &weight) in self.weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            last = i;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        last
    }
}

impl Group for OneOf {
    fn after(&self, step: &Step, [of, _]: &Branches, known: Known) -> Result<Known, Complaint> {
        compile::any(step, &known, of.iter().map(|child| compile::after(child, known.clone())))
    }

    fn draw(&self, step: &Step, [of, _]: &Branches, drawing: &mut Drawing<'_>) {
        let mut rng = drawing.stream(step);
        let chosen = if self.weights.is_empty() { rng.index(of.len()) } else { self.weighted(&mut rng) };
        drawing.step(&of[chosen]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::parse_step;

    #[test]
    fn steps_are_as_likely_as_their_weights() {
        let one_of = OneOf { weights: vec![1.0, 0.0, 3.0] };
        let mut rng = Stream::of_key(4);
        let mut seen = [0; 3];
        for _ in 0..4000 {
            seen[one_of.weighted(&mut rng)] += 1;
        }
        assert!(seen[1] == 0 && (900..1100).contains(&seen[0]), "{seen:?}");
    }

    #[test]
    fn weights_are_checked() {
        assert!(parse_step("one_of: { of: [noop, noop], weights: [1, 0.5] }").is_ok());
        for (weights, words) in [
            ("[1]", "1 weights for 2 steps"),
            ("[-1, 2]", "-1 is no weight"),
            ("[0, 0]", "at least one weight"),
        ] {
            let error =
                parse_step(&format!("one_of: {{ of: [noop, noop], weights: {weights} }}")).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}

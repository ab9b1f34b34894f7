//! Operations under another name, as another library calls them.

/// Declares another name of an operation: `alias! { FlipLeftRight = Fliplr { p: Probability(1.0) }, ... }`.
///
/// The spec has no fields: its values are those given here. What is drawn and painted is the operation's own. The
/// name in pipeline files stands in `ops!`, with the word `alias` behind it.
macro_rules! alias {
    (
        $name:ident = $of:ident $values:tt,
        summary: $summary:literal,
        notes: $notes:literal,
        example: $example:literal $(,)?
    ) => {
        #[doc = $summary]
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {}

        impl $name {
            const OF: $of = $of $values;
        }

        impl crate::ops::Op for $name {
            type Drawn = <$of as crate::ops::Op>::Drawn;

            const DOC: crate::ops::Doc =
                crate::ops::Doc { summary: $summary, notes: $notes, short: None, examples: &[$example] };

            fn check(&self) -> Result<(), crate::ops::Problem> {
                Self::OF.check()
            }

            fn shape_out(&self, on: crate::base::Shape) -> crate::ops::ShapeOut {
                Self::OF.shape_out(on)
            }

            fn draw(&self, on: crate::base::Shape, rng: &mut crate::base::Stream) -> Self::Drawn {
                Self::OF.draw(on, rng)
            }

            fn paint(drawn: &Self::Drawn, canvas: &mut crate::base::Canvas) {
                $of::paint(drawn, canvas);
            }

            fn place(drawn: &Self::Drawn, on: crate::base::Shape) -> crate::ops::Placement {
                $of::place(drawn, on)
            }
        }
    };
}

pub(super) use alias;

//! The combinators, one a file, and the registry that the rest of the program reads.
//!
//! To add one: write `src/pipeline/combinators/NAME.rs` with a struct of its parameters (what a pipeline file
//! says besides the steps), `impl Combinator`, and `impl Group`, `impl Blend` or `impl Wrap`, and add a line to
//! `combinators!` at the end of this file. Parsing, full and short form, help, the JSON schema, shapes, drawing,
//! painting, traces, imgaug's Python and the contract tests follow from that line.
//!
//! A [`Group`] decides which of its steps run in which order and leaves nothing else in a plan. A [`Blend`]
//! draws a mask, by which the images of its two branches become one. A [`Wrap`] gives its steps another view of the image,
//! such as one channel, and puts what they made of it back.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, forward_to_deserialize_any};

use super::compile::{self, Known};
use super::plan::Drawing;
use super::spec::Step;
use crate::base::{Canvas, Scratch, Shape, Stream};
use crate::ops::Problem;
use crate::ops::counterpart::Form;
use crate::text::Complaint;

#[cfg(test)]
mod contract_tests;
pub mod noise;

/// How many branches a combinator has at most.
pub const MAX_BRANCHES: usize = 2;

/// The branches of a combinator, in the order of [`Doc::branches`]; those that it does not have are empty.
pub type Branches = [Vec<Step>; MAX_BRANCHES];

/// A combinator, as a pipeline file specifies it: the parameters, without the branches.
///
/// The implementing struct has `#[serde(deny_unknown_fields)]`, every field documented (the comments are what
/// `pipeline show` prints) and with a default where imgaug has one.
pub trait Combinator:
    Serialize + DeserializeOwned + JsonSchema + Clone + PartialEq + fmt::Debug + Send + Sync + 'static
{
    /// What it is and how it is written.
    const DOC: Doc;

    /// What it is in torchvision: the first of these that fits its parameters.
    const TORCHVISION: &'static [Container] = &[];

    /// Whether all values are legal, but for those of the branches' steps; called once, at load. That a branch
    /// which must be given has steps is known by then.
    ///
    /// # Errors
    /// The first value that is not, with its field.
    fn check(&self, branches: &Branches) -> Result<(), Problem>;
}

/// A combinator that leaves nothing but the steps that run.
pub trait Group: Combinator {
    /// What is known of images after it; `step` is the combinator's own, for complaints.
    ///
    /// # Errors
    /// Shapes that no pipeline may make.
    fn after(&self, step: &Step, branches: &Branches, known: Known) -> Result<Known, Complaint>;

    /// Draws the steps that run, in their order. Its own random numbers come from [`Drawing::stream`].
    fn draw(&self, step: &Step, branches: &Branches, drawing: &mut Drawing<'_>);
}

/// A combinator that blends the images of its two branches, the first over the second, by a mask.
pub trait Blend: Combinator {
    /// What is drawn for one image: plain data without pointers, so that drawing never allocates.
    type Mask: Copy + PartialEq + fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Draws a mask for an image of shape `on`.
    fn draw(&self, on: Shape, rng: &mut Stream) -> Self::Mask;

    /// Renders a mask for an image of shape `on`: height x width values in 0..=1, 1 where the first branch is
    /// seen; of each channel, where it says so.
    fn render(mask: &Self::Mask, on: Shape, out: &mut [f32], scratch: &mut Scratch);

    /// Whether each channel has a mask of its own: height x width x channels values.
    #[must_use]
    fn per_channel(_: &Self::Mask) -> bool {
        false
    }
}

/// A combinator whose steps, its only branch, see the image in another way.
pub trait Wrap: Combinator {
    /// What is drawn for one image: plain data without pointers, so that drawing never allocates.
    type Drawn: Copy + PartialEq + fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// What is known of images after it; `step` is the combinator's own, for complaints.
    ///
    /// # Errors
    /// Shapes that no pipeline may make.
    fn after(&self, step: &Step, branches: &Branches, known: Known) -> Result<Known, Complaint>;

    /// Draws for an image of shape `on`.
    fn draw(&self, on: Shape, rng: &mut Stream) -> Self::Drawn;

    /// The shape of what the steps see of an image of shape `on`.
    fn inside(drawn: &Self::Drawn, on: Shape) -> Shape;

    /// The shape that an image of shape `before` has in the end, of which the steps made one of shape `inside`. Where
    /// height or width differ, the image is resized.
    fn outside(drawn: &Self::Drawn, before: Shape, inside: Shape) -> Shape;

    /// Shows the steps what they see; returns what [`leave`](Self::leave) needs of the image, in a buffer of the canvas' pool.
    fn enter(drawn: &Self::Drawn, canvas: &mut Canvas) -> Vec<u8>;

    /// Puts what the steps made back into an image that had shape `before`, and gives the buffer back.
    fn leave(drawn: &Self::Drawn, before: Shape, kept: Vec<u8>, canvas: &mut Canvas);
}

/// What a combinator is and how it is written.
#[derive(Clone, Copy, Debug)]
pub struct Doc {
    /// One sentence.
    pub summary: &'static str,
    /// The branch that a bare list stands for.
    pub short: Option<&'static str>,
    /// Its branches, at most [`MAX_BRANCHES`]; two for a blend.
    pub branches: &'static [Branch],
    /// Steps as they stand in a pipeline file after the dash. All of them go through the contract tests.
    pub examples: &'static [&'static str],
    /// What it is in imgaug, if it is there.
    pub imgaug: Option<Counterpart>,
}

/// A list of steps inside a combinator.
#[derive(Clone, Copy, Debug)]
pub struct Branch {
    /// Its key in pipeline files.
    pub key: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Whether it must be given, and not be empty.
    pub required: bool,
}

/// The branches of a blend.
pub const FIRST_AND_SECOND: &[Branch] = &[
    Branch { key: "first", summary: "Where the mask is 1.", required: true },
    Branch { key: "second", summary: "Where the mask is 0; left out: the image itself.", required: false },
];

/// The only branch of a wrap.
pub const STEPS: &[Branch] = &[Branch { key: "steps", summary: "The steps.", required: true }];

/// What a combinator is in imgaug.
#[derive(Clone, Copy, Debug)]
pub struct Counterpart {
    /// imgaug's names of it, each with those of its branches. All are read, the first is written.
    pub names: &'static [(&'static str, [&'static str; MAX_BRANCHES])],
    /// How many arguments are written without their names.
    pub positional: usize,
    /// The arguments in imgaug's order.
    pub arguments: &'static [Argument],
}

/// An argument of a combinator in imgaug.
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    /// The steps of a branch, by its number.
    Steps(usize),
    /// imgaug's name of a parameter, the combinator's (empty for none), and how it is written.
    Param(&'static str, &'static str, Form),
}

/// What a combinator is in torchvision.
#[derive(Clone, Copy, Debug)]
pub struct Container {
    /// torchvision's name.
    pub name: &'static str,
    /// What a parameter must be for it.
    pub when: Option<(&'static str, bool)>,
    /// torchvision's names of the parameters besides the list, and the combinator's.
    pub params: &'static [(&'static str, &'static str)],
    /// Whether it takes each transform of the list by itself, so that none may need what another left.
    pub apart: bool,
}

/// What a combinator leaves in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// The steps that run.
    Steps,
    /// A mask, and the steps of both branches.
    Mask,
    /// What is done around the steps, and the steps.
    Around,
}

/// What the registry knows of a combinator.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in pipeline files.
    pub key: &'static str,
    /// Its documentation.
    pub doc: &'static Doc,
    /// What it is in torchvision: the first of these that fits its parameters.
    pub torchvision: &'static [Container],
    /// What it leaves in a plan.
    pub leaves: Leaves,
    /// The keys of its parameters.
    pub params: fn() -> &'static [&'static str],
    /// Makes the JSON schema of its parameters.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

impl Entry {
    /// The keys of its branches.
    pub fn branch_keys(&self) -> impl Iterator<Item = &'static str> {
        self.doc.branches.iter().map(|branch| branch.key)
    }
}

/// The registry: `"key" => file::Params`, in the order in which they are listed.
macro_rules! combinators {
    (
        groups { $($group:literal => $group_file:ident::$group_type:ident),+ $(,)? }
        blends { $($blend:literal => $blend_file:ident::$blend_type:ident),+ $(,)? }
        wraps { $($wrap:literal => $wrap_file:ident::$wrap_type:ident),+ $(,)? }
    ) => {
        $(pub mod $group_file;)+
        $(pub mod $blend_file;)+
        $(pub mod $wrap_file;)+

        /// Any combinator's parameters. Serializes without the key.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum AnyCombinator {
            $(#[doc = concat!("`", $group, "`")] $group_type($group_file::$group_type),)+
            $(#[doc = concat!("`", $blend, "`")] $blend_type($blend_file::$blend_type),)+
            $(#[doc = concat!("`", $wrap, "`")] $wrap_type($wrap_file::$wrap_type),)+
        }

        /// What any wrap drew. Serializes without the key.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum AnyWrap {
            $(#[doc = concat!("`", $wrap, "`")] $wrap_type(<$wrap_file::$wrap_type as Wrap>::Drawn),)+
        }

        /// Any blend's drawn mask. Serializes without the key.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum AnyMask {
            $(#[doc = concat!("`", $blend, "`")] $blend_type(<$blend_file::$blend_type as Blend>::Mask),)+
        }

        /// All combinators, the groups first.
        pub const ENTRIES: &[Entry] = &[
            $(Entry {
                key: $group,
                doc: &<$group_file::$group_type as Combinator>::DOC,
                torchvision: <$group_file::$group_type as Combinator>::TORCHVISION,
                leaves: Leaves::Steps,
                params: params::<$group_file::$group_type>,
                schema: <$group_file::$group_type as JsonSchema>::json_schema,
            },)+
            $(Entry {
                key: $blend,
                doc: &<$blend_file::$blend_type as Combinator>::DOC,
                torchvision: <$blend_file::$blend_type as Combinator>::TORCHVISION,
                leaves: Leaves::Mask,
                params: params::<$blend_file::$blend_type>,
                schema: <$blend_file::$blend_type as JsonSchema>::json_schema,
            },)+
            $(Entry {
                key: $wrap,
                doc: &<$wrap_file::$wrap_type as Combinator>::DOC,
                torchvision: <$wrap_file::$wrap_type as Combinator>::TORCHVISION,
                leaves: Leaves::Around,
                params: params::<$wrap_file::$wrap_type>,
                schema: <$wrap_file::$wrap_type as JsonSchema>::json_schema,
            },)+
        ];

        impl AnyCombinator {
            /// Reads the parameters of combinator `key`, in their full form.
            ///
            /// # Errors
            /// The deserializer's; for a key that does not exist, "unknown variant".
            pub fn read<'de, D: Deserializer<'de>>(key: &str, from: D) -> Result<Self, D::Error> {
                match key {
                    $($group => Deserialize::deserialize(from).map(Self::$group_type),)+
                    $($blend => Deserialize::deserialize(from).map(Self::$blend_type),)+
                    $($wrap => Deserialize::deserialize(from).map(Self::$wrap_type),)+
                    _ => Err(D::Error::unknown_variant(key, &[$($group,)+ $($blend,)+ $($wrap,)+])),
                }
            }

            /// The name in pipeline files.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self {
                    $(Self::$group_type(_) => $group,)+
                    $(Self::$blend_type(_) => $blend,)+
                    $(Self::$wrap_type(_) => $wrap,)+
                }
            }

            /// The documentation.
            #[must_use]
            pub fn doc(&self) -> &'static Doc {
                match self {
                    $(Self::$group_type(_) => &<$group_file::$group_type as Combinator>::DOC,)+
                    $(Self::$blend_type(_) => &<$blend_file::$blend_type as Combinator>::DOC,)+
                    $(Self::$wrap_type(_) => &<$wrap_file::$wrap_type as Combinator>::DOC,)+
                }
            }

            /// See [`Combinator::check`].
            ///
            /// # Errors
            /// The first value that is not legal.
            pub fn check(&self, branches: &Branches) -> Result<(), Problem> {
                for (branch, steps) in self.doc().branches.iter().zip(branches) {
                    if branch.required && steps.is_empty() {
                        return Err(Problem::new(branch.key, "an empty list of steps"));
                    }
                }
                match self {
                    $(Self::$group_type(own) => own.check(branches),)+
                    $(Self::$blend_type(own) => own.check(branches),)+
                    $(Self::$wrap_type(own) => own.check(branches),)+
                }
            }

            /// See [`Group::after`] and [`Wrap::after`]; a blend leaves the shape as it is.
            ///
            /// # Errors
            /// Shapes that no pipeline may make.
            pub fn after(&self, step: &Step, branches: &Branches, known: Known) -> Result<Known, Complaint> {
                match self {
                    $(Self::$group_type(own) => own.after(step, branches, known),)+
                    $(Self::$blend_type(_) => compile::unchanged(step, branches, known),)+
                    $(Self::$wrap_type(own) => own.after(step, branches, known),)+
                }
            }

            /// Draws what belongs to it into the plan.
            pub(super) fn draw(&self, step: &Step, branches: &Branches, drawing: &mut Drawing<'_>) {
                match self {
                    $(Self::$group_type(own) => {
                        drawing.group(step, $group, |drawing| own.draw(step, branches, drawing));
                    })+
                    $(Self::$blend_type(own) => {
                        let mask = own.draw(drawing.shape(), &mut drawing.stream(step));
                        drawing.blend(step, AnyMask::$blend_type(mask), branches);
                    })+
                    $(Self::$wrap_type(own) => {
                        let drawn = own.draw(drawing.shape(), &mut drawing.stream(step));
                        drawing.wrap(step, AnyWrap::$wrap_type(drawn), branches);
                    })+
                }
            }
        }

        impl AnyMask {
            /// Reads the mask that blend `key` drew.
            ///
            /// # Errors
            /// The deserializer's; for a key that is no blend's, "unknown variant".
            pub fn read<'de, D: Deserializer<'de>>(key: &str, from: D) -> Result<Self, D::Error> {
                match key {
                    $($blend => Deserialize::deserialize(from).map(Self::$blend_type),)+
                    _ => Err(D::Error::unknown_variant(key, &[$($blend),+])),
                }
            }

            /// The blend's name in pipeline files.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self { $(Self::$blend_type(_) => $blend,)+ }
            }

            /// See [`Blend::render`].
            pub fn render(&self, on: Shape, out: &mut [f32], scratch: &mut Scratch) {
                match self {
                    $(Self::$blend_type(mask) => {
                        <$blend_file::$blend_type as Blend>::render(mask, on, out, scratch);
                    })+
                }
            }

            /// See [`Blend::per_channel`].
            #[must_use]
            pub fn per_channel(&self) -> bool {
                match self {
                    $(Self::$blend_type(mask) => <$blend_file::$blend_type as Blend>::per_channel(mask),)+
                }
            }
        }

        impl AnyWrap {
            /// Reads what wrap `key` drew.
            ///
            /// # Errors
            /// The deserializer's; for a key that is no wrap's, "unknown variant".
            pub fn read<'de, D: Deserializer<'de>>(key: &str, from: D) -> Result<Self, D::Error> {
                match key {
                    $($wrap => Deserialize::deserialize(from).map(Self::$wrap_type),)+
                    _ => Err(D::Error::unknown_variant(key, &[$($wrap),+])),
                }
            }

            /// The wrap's name in pipeline files.
            #[must_use]
            pub fn key(&self) -> &'static str {
                match self { $(Self::$wrap_type(_) => $wrap,)+ }
            }

            /// See [`Wrap::inside`].
            #[must_use]
            pub fn inside(&self, on: Shape) -> Shape {
                match self { $(Self::$wrap_type(drawn) => <$wrap_file::$wrap_type as Wrap>::inside(drawn, on),)+ }
            }

            /// See [`Wrap::outside`].
            #[must_use]
            pub fn outside(&self, before: Shape, inside: Shape) -> Shape {
                match self {
                    $(Self::$wrap_type(drawn) => {
                        <$wrap_file::$wrap_type as Wrap>::outside(drawn, before, inside)
                    })+
                }
            }

            /// See [`Wrap::enter`].
            pub fn enter(&self, canvas: &mut Canvas) -> Vec<u8> {
                match self { $(Self::$wrap_type(drawn) => <$wrap_file::$wrap_type as Wrap>::enter(drawn, canvas),)+ }
            }

            /// See [`Wrap::leave`].
            pub fn leave(&self, before: Shape, kept: Vec<u8>, canvas: &mut Canvas) {
                match self {
                    $(Self::$wrap_type(drawn) => {
                        <$wrap_file::$wrap_type as Wrap>::leave(drawn, before, kept, canvas);
                    })+
                }
            }
        }
    };
}

/// The entry of combinator `key`.
#[must_use]
pub fn entry(key: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.key == key)
}

/// The combinator that imgaug calls `name`, and what it calls the branches then.
#[must_use]
pub fn of_imgaug(name: &str) -> Option<(&'static Entry, Counterpart, [&'static str; MAX_BRANCHES])> {
    ENTRIES.iter().find_map(|entry| {
        let counterpart = entry.doc.imgaug?;
        let (_, branches) = counterpart.names.iter().find(|(own, _)| *own == name)?;
        Some((entry, counterpart, *branches))
    })
}

/// The names that a struct's fields have for serde.
fn params<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    /// Takes down what a struct asks for, and gives it nothing.
    struct Names<'a>(&'a mut &'static [&'static str]);

    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = serde::de::value::Error;

        fn deserialize_any<V: serde::de::Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
            Err(Self::Error::custom("no struct"))
        }

        fn deserialize_struct<V: serde::de::Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Self::Error> {
            *self.0 = fields;
            Err(Self::Error::custom("only its names are asked for"))
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
            unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut names: &'static [&'static str] = &[];
    // It ends with an error whatever happens: nothing is made.
    let _ = T::deserialize(Names(&mut names));
    names
}

combinators! {
    groups {
        "sequential" => sequential::Sequential,
        "some_of" => some_of::SomeOf,
        "one_of" => one_of::OneOf,
        "sometimes" => sometimes::Sometimes,
    }
    blends {
        "simplex_noise_alpha" => simplex_noise_alpha::SimplexNoiseAlpha,
        "frequency_noise_alpha" => frequency_noise_alpha::FrequencyNoiseAlpha,
        "blend_alpha" => blend_alpha::BlendAlpha,
        "blend_alpha_elementwise" => blend_alpha_elementwise::BlendAlphaElementwise,
    }
    wraps {
        "with_channels" => with_channels::WithChannels,
        "with_colorspace" => with_colorspace::WithColorspace,
        "with_brightness_channels" => with_brightness_channels::WithBrightnessChannels,
        "keep_size_by_resize" => keep_size_by_resize::KeepSizeByResize,
    }
}

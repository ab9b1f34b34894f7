//! How parameters are written in imgaug, as data: what reads and prints its Python goes by it.

/// How a parameter is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// A number, `(lo, hi)` for a range or `[a, b, ...]` for a choice.
    Number,
    /// The same with whole numbers.
    Whole,
    /// As `Number`, or `{"x": ..., "y": ...}`.
    Axes,
    /// As `Number` for all sides, or `(top, right, bottom, left)`.
    Sides,
    /// As `Sides` with whole numbers.
    WholeSides,
    /// A name or number, a list of them for a choice, or `ia.ALL`.
    Names,
    /// A gray level: as `Number`, or `ia.ALL`.
    Gray,
    /// As `Gray` with whole numbers.
    WholeGray,
    /// A single number or a truth value.
    Chance,
    /// True or False.
    Flag,
    /// A single whole number, or None.
    Count,
    /// A place in the image: a name, or (x, y) of which each is as `Number`.
    Place,
    /// A single whole number, or a list of several.
    Wholes,
    /// It does not matter here what it is.
    Passed,
    /// Must be left out or have this value, which is what happens here anyway.
    Fixed(Fixed),
}

/// A value that a parameter has here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fixed {
    /// None.
    None,
    /// True or False.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(&'static str),
}

/// There are no other color spaces here.
pub const RGB: Form = Form::Fixed(Fixed::Text("RGB"));
/// What is not there cannot be switched on.
pub const NO: Form = Form::Fixed(Fixed::Bool(false));
/// Nothing can be given.
pub const NONE: Form = Form::Fixed(Fixed::None);
/// What is of no concern to images.
pub const PASSED: Form = Form::Passed;
/// There is nothing to choose between.
pub const AUTO: Form = Form::Fixed(Fixed::Text("auto"));

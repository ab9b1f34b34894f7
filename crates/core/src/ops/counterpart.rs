//! What operations are called in other libraries, as data: what reads and prints their Python goes by it.

/// An augmenter of imgaug, which is an operation.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// imgaug's name.
    pub name: &'static str,
    /// imgaug's name of each parameter in its order, the operation's (empty for none), and how it is written.
    pub params: &'static [(&'static str, &'static str, Form)],
}

/// A transform of torchvision, which is an operation.
#[derive(Clone, Copy, Debug)]
pub struct Transform {
    /// torchvision's name.
    pub name: &'static str,
    /// Its arguments, in torchvision's order.
    pub arguments: &'static [Argument],
    /// What it is given, where the operation has no `compat` that says so.
    pub takes: Takes,
}

/// An argument of a transform.
#[derive(Clone, Copy, Debug)]
pub enum Argument {
    /// torchvision's name, and the operation's field: a number, a truth value, a text or several numbers.
    Plain(&'static str, &'static str),
    /// As `Plain`; torchvision cannot do without.
    Needed(&'static str, &'static str),
    /// torchvision's name, the fields whose pairs of numbers stand one behind the other.
    Joined(&'static str, &'static [&'static str]),
    /// torchvision's name, which is also the field's, and the enumeration that has the field's value in capital letters.
    Constant(&'static str, &'static str),
    /// Code, whatever the fields are.
    Code(&'static str),
    /// None: there is no such parameter, and the field must be 0.
    Zero(&'static str),
}

/// What a transform is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Pictures or tensors of bytes, and does the same with both.
    Either,
    /// Pictures.
    Pictures,
    /// Tensors of bytes.
    Tensors,
}

/// How a parameter is written in imgaug.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// A number, `(lo, hi)` for a range or `[a, b, ...]` for a choice.
    Number,
    /// The same with whole numbers.
    Whole,
    /// A probability, as `Number`, but `iap.Binomial(p)` where `p` is a distribution.
    Share,
    /// As `Share`, for what is dropped; `iap.Binomial(p)` keeps what it gives 1 for.
    Dropped,
    /// As `Number`, or `{"x": ..., "y": ...}`.
    Axes,
    /// As `Axes` with whole numbers, wherever they are whole.
    WholeAxes,
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
/// What is always done.
pub const YES: Form = Form::Fixed(Fixed::Bool(true));
/// The color space of lightness.
pub const LAB: Form = Form::Fixed(Fixed::Text("Lab"));

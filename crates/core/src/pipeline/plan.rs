//! What is drawn for one image, and painting it.

use super::combinators::{AnyMask, AnyWrap, Branches};
use super::compile::Pipeline;
use super::objects::Outline;
use super::spec::{Kind, Step};
use crate::base::{Address, Canvas, Image, Shape, Stream};
use crate::kernels::blend;
use crate::ops::{AnyDrawn, ShapeOut};

/// The drawn steps of one image, in the order in which they run. Reused from image to image, so that
/// drawing allocates nothing once the lists have grown.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub(super) shape: Option<Shape>,
    pub(super) steps: Vec<Planned>,
    /// Orders that are being worked off.
    orders: Vec<u32>,
    /// Outlines of objects on their way.
    pub(super) outlines: Vec<Outline>,
}

/// Two plans are equal if they do the same.
impl PartialEq for Plan {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.steps == other.steps
    }
}

/// One entry of a plan. A group or blend is followed by the entries that belong to it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "plans are short and reused; boxes would allocate for each image"
)]
pub(super) enum Planned {
    Op { node: u32, drawn: AnyDrawn },
    Group { node: u32, key: &'static str, len: u32 },
    Blend { node: u32, mask: AnyMask, first: u32, second: u32 },
    Wrap { node: u32, drawn: AnyWrap, len: u32 },
}

impl Planned {
    /// How many of the entries after this one belong to it.
    pub(super) fn inside(&self) -> usize {
        match self {
            Self::Op { .. } => 0,
            Self::Group { len, .. } | Self::Wrap { len, .. } => *len as usize,
            Self::Blend { first, second, .. } => (first + second) as usize,
        }
    }

    /// Its name in pipeline files.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Op { drawn, .. } => drawn.key(),
            Self::Group { key, .. } => key,
            Self::Blend { mask, .. } => mask.key(),
            Self::Wrap { drawn, .. } => drawn.key(),
        }
    }

    pub(super) fn node(&self) -> u32 {
        match self {
            Self::Op { node, .. }
            | Self::Group { node, .. }
            | Self::Blend { node, .. }
            | Self::Wrap { node, .. } => *node,
        }
    }
}

impl Pipeline {
    /// Draws the parameters for the image at `address`, which has shape [`shape_in`](Self::shape_in).
    pub fn draw(&self, address: Address, plan: &mut Plan) {
        plan.steps.clear();
        plan.orders.clear();
        plan.shape = Some(self.shape_in());
        let mut drawing = Drawing { address, plan, shape: self.shape_in() };
        drawing.all(self.steps());
    }
}

/// The state of drawing a plan.
#[derive(Debug)]
pub struct Drawing<'a> {
    address: Address,
    plan: &'a mut Plan,
    shape: Shape,
}

impl Drawing<'_> {
    /// The shape of the image at this point.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// The random numbers of `step`.
    #[must_use]
    pub fn stream(&self, step: &Step) -> Stream {
        self.address.stream(u64::from(step.node))
    }

    /// Draws all of `steps` in their order.
    pub fn all(&mut self, steps: &[Step]) {
        for step in steps {
            self.step(step);
        }
    }

    /// Draws some of `steps` in an order: `arrange` gets the numbers of all, puts those that run in front, and
    /// returns how many that are.
    pub fn in_order(&mut self, steps: &[Step], arrange: impl FnOnce(&mut [u32]) -> usize) {
        let start = self.plan.orders.len();
        self.plan.orders.extend(0..steps.len() as u32);
        let count = arrange(&mut self.plan.orders[start..]);
        self.plan.orders.truncate(start + count);
        for i in start..self.plan.orders.len() {
            let child = self.plan.orders[i] as usize;
            self.step(&steps[child]);
        }
        self.plan.orders.truncate(start);
    }

    /// Draws one step.
    pub fn step(&mut self, step: &Step) {
        match &step.kind {
            Kind::Op(op) => {
                let drawn = op.draw(self.shape, &mut self.stream(step));
                self.plan.steps.push(Planned::Op { node: step.node, drawn });
                if op.shape_out(self.shape) != ShapeOut::Same {
                    self.shape = drawn.place(self.shape).shape(self.shape);
                }
            }
            Kind::Combinator(own) => own.combinator.draw(step, &own.branches, self),
        }
    }

    /// Draws a group, whose steps `run` draws.
    pub(super) fn group(&mut self, step: &Step, key: &'static str, run: impl FnOnce(&mut Self)) {
        let at = self.plan.steps.len();
        self.plan.steps.push(Planned::Group { node: step.node, key, len: 0 });
        run(self);
        let inside = (self.plan.steps.len() - at - 1) as u32;
        if let Planned::Group { len, .. } = &mut self.plan.steps[at] {
            *len = inside;
        }
    }

    /// Draws a blend by `mask`.
    pub(super) fn blend(&mut self, step: &Step, mask: AnyMask, branches: &Branches) {
        let at = self.plan.steps.len();
        self.plan.steps.push(Planned::Blend { node: step.node, mask, first: 0, second: 0 });
        let mut lens = [0; 2];
        for (branch, len) in branches.iter().zip(&mut lens) {
            let start = self.plan.steps.len();
            self.all(branch);
            *len = (self.plan.steps.len() - start) as u32;
        }
        if let Planned::Blend { first, second, .. } = &mut self.plan.steps[at] {
            [*first, *second] = lens;
        }
    }
}

impl Drawing<'_> {
    /// Draws the steps of the only branch as they see the image through `drawn`.
    pub(super) fn wrap(&mut self, step: &Step, drawn: AnyWrap, [steps, ..]: &Branches) {
        let at = self.plan.steps.len();
        self.plan.steps.push(Planned::Wrap { node: step.node, drawn, len: 0 });
        let before = self.shape;
        self.shape = drawn.inside(before);
        self.all(steps);
        self.shape = drawn.outside(before, self.shape);
        let inside = (self.plan.steps.len() - at - 1) as u32;
        if let Planned::Wrap { len, .. } = &mut self.plan.steps[at] {
            *len = inside;
        }
    }
}

/// A step that was just painted.
#[derive(Clone, Copy, Debug)]
pub struct Painted<'a> {
    /// Its number in the pipeline.
    pub node: u32,
    /// Its name.
    pub key: &'static str,
    /// It and the entries inside.
    pub(super) entries: &'a [Planned],
}

impl Plan {
    /// The shape of the image that the plan is for.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        self.shape
    }

    /// Changes the pixels.
    pub fn paint(&self, canvas: &mut Canvas) {
        paint(&self.steps, canvas, &mut |_, _| ());
    }

    /// Changes the pixels and shows the canvas after each operation and each blend; the branches of a blend
    /// are not shown.
    pub fn paint_with(&self, canvas: &mut Canvas, mut after: impl FnMut(Painted<'_>, &Canvas)) {
        paint(&self.steps, canvas, &mut after);
    }

    /// The operations and blends that run, in order, without the groups around them.
    pub fn painted(&self) -> impl Iterator<Item = Painted<'_>> {
        let mut next = 0;
        std::iter::from_fn(move || {
            while let Some(entry) = self.steps.get(next) {
                let start = next;
                next += 1;
                if !matches!(entry, Planned::Group { .. }) {
                    next += entry.inside();
                    return Some(Painted {
                        node: entry.node(),
                        key: entry.key(),
                        entries: &self.steps[start..next],
                    });
                }
            }
            None
        })
    }
}

fn paint(steps: &[Planned], canvas: &mut Canvas, after: &mut impl FnMut(Painted<'_>, &Canvas)) {
    let mut next = 0;
    while let Some(entry) = steps.get(next) {
        let start = next;
        next += 1;
        match entry {
            // The group's own entries follow and are painted in turn.
            Planned::Group { .. } => continue,
            Planned::Op { drawn, .. } => drawn.paint(canvas),
            Planned::Blend { mask, first, second, .. } => {
                let first_end = next + *first as usize;
                let second_end = first_end + *second as usize;
                paint_blend(mask, &steps[next..first_end], &steps[first_end..second_end], canvas);
                next = second_end;
            }
            Planned::Wrap { drawn, len, .. } => {
                let end = next + *len as usize;
                let before = canvas.shape();
                let kept = drawn.enter(canvas);
                paint_branch(&steps[next..end], canvas);
                drawn.leave(before, kept, canvas);
                next = end;
            }
        }
        let painted = Painted { node: entry.node(), key: entry.key(), entries: &steps[start..next] };
        after(painted, canvas);
    }
}

/// Paints both branches on copies of the image and blends the first over the second.
fn paint_blend(mask: &AnyMask, first: &[Planned], second: &[Planned], canvas: &mut Canvas) {
    let shape = canvas.shape();
    let mut original = Vec::new();
    canvas.in_place(|image, scratch| {
        original = scratch.take_u8(shape.bytes());
        original.copy_from_slice(image.data);
    });
    paint_branch(first, canvas);
    canvas.in_place(|image, _| original.swap_with_slice(image.data));
    let foreground = original;
    paint_branch(second, canvas);
    canvas.in_place(|image, scratch| {
        let each = mask.per_channel();
        let mut values = scratch.take_f32(if each { shape.bytes() } else { shape.pixels() });
        mask.render(shape, &mut values, scratch);
        let alpha = if each { blend::Alpha::Values(&values) } else { blend::Alpha::Pixels(&values) };
        blend::blend(image, Image { shape, data: &foreground }, alpha, blend::EPS);
        scratch.give_f32(values);
        scratch.give_u8(foreground);
    });
}

/// Paints a branch of a blend, or the steps of a wrap. (Not generic, so that nested blends do not make ever new closures.)
fn paint_branch(steps: &[Planned], canvas: &mut Canvas) {
    paint(steps, canvas, &mut |_, _| ());
}

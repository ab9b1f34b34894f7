//! What is drawn for one image, and painting it.

use super::compile::Pipeline;
use super::mask::Mask;
use super::objects::Outline;
use super::spec::{Kind, Step};
use crate::base::{Address, Canvas, Image, Shape};
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
    Group { node: u32, group: Group, len: u32 },
    Blend { node: u32, blend: BlendOf, mask: Mask, first: u32, second: u32 },
}

/// Combinators that leave nothing but the steps that run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Sequential,
    SomeOf,
    OneOf,
    Sometimes,
}

/// The two blends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlendOf {
    Simplex,
    Frequency,
}

impl Planned {
    /// How many of the entries after this one belong to it.
    pub(super) fn inside(&self) -> usize {
        match self {
            Self::Op { .. } => 0,
            Self::Group { len, .. } => *len as usize,
            Self::Blend { first, second, .. } => (first + second) as usize,
        }
    }

    /// Its name in pipeline files.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Op { drawn, .. } => drawn.key(),
            Self::Group { group: Group::Sequential, .. } => "sequential",
            Self::Group { group: Group::SomeOf, .. } => "some_of",
            Self::Group { group: Group::OneOf, .. } => "one_of",
            Self::Group { group: Group::Sometimes, .. } => "sometimes",
            Self::Blend { blend: BlendOf::Simplex, .. } => "simplex_noise_alpha",
            Self::Blend { blend: BlendOf::Frequency, .. } => "frequency_noise_alpha",
        }
    }

    pub(super) fn node(&self) -> u32 {
        match self {
            Self::Op { node, .. } | Self::Group { node, .. } | Self::Blend { node, .. } => *node,
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
struct Drawing<'a> {
    address: Address,
    plan: &'a mut Plan,
    shape: Shape,
}

impl Drawing<'_> {
    fn all(&mut self, steps: &[Step]) {
        for step in steps {
            self.step(step);
        }
    }

    fn step(&mut self, step: &Step) {
        let node = step.node;
        let at = self.plan.steps.len();
        let stream = || self.address.stream(u64::from(node));
        match &step.kind {
            Kind::Op(op) => {
                let drawn = op.draw(self.shape, &mut stream());
                self.plan.steps.push(Planned::Op { node, drawn });
                if op.shape_out(self.shape) != ShapeOut::Same {
                    self.shape = drawn.place(self.shape).shape(self.shape);
                }
            }
            Kind::Sequential(own) => {
                let order = own.random_order.then(stream);
                self.open(Planned::Group { node, group: Group::Sequential, len: 0 });
                match order {
                    None => self.all(&own.of),
                    Some(mut rng) => {
                        let start = self.order(own.of.len());
                        rng.shuffle(&mut self.plan.orders[start..]);
                        self.work_off(start, &own.of);
                    }
                }
                self.close(at);
            }
            Kind::SomeOf(own) => {
                let mut rng = stream();
                let count = own.count.draw(&mut rng).clamp(0, own.of.len() as i64) as usize;
                self.open(Planned::Group { node, group: Group::SomeOf, len: 0 });
                let start = self.order(own.of.len());
                let order = &mut self.plan.orders[start..];
                rng.shuffle(order);
                if !own.random_order {
                    order[..count].sort_unstable();
                }
                self.plan.orders.truncate(start + count);
                self.work_off(start, &own.of);
                self.close(at);
            }
            Kind::OneOf(own) => {
                let chosen = stream().index(own.of.len());
                self.open(Planned::Group { node, group: Group::OneOf, len: 0 });
                self.step(&own.of[chosen]);
                self.close(at);
            }
            Kind::Sometimes(own) => {
                let runs = own.p.draw(&mut stream());
                self.open(Planned::Group { node, group: Group::Sometimes, len: 0 });
                if runs {
                    self.all(&own.then);
                }
                self.close(at);
            }
            Kind::SimplexNoiseAlpha(own) => {
                let mask = own.mask.draw(self.shape, &mut stream());
                self.blend(node, BlendOf::Simplex, mask, [&own.first, &own.second]);
            }
            Kind::FrequencyNoiseAlpha(own) => {
                let mask = own.mask.draw(self.shape, &mut stream());
                self.blend(node, BlendOf::Frequency, mask, [&own.first, &own.second]);
            }
        }
    }

    fn blend(&mut self, node: u32, blend: BlendOf, mask: Mask, branches: [&[Step]; 2]) {
        let at = self.plan.steps.len();
        self.open(Planned::Blend { node, blend, mask, first: 0, second: 0 });
        let mut lens = [0; 2];
        for (branch, len) in branches.into_iter().zip(&mut lens) {
            let start = self.plan.steps.len();
            self.all(branch);
            *len = (self.plan.steps.len() - start) as u32;
        }
        if let Planned::Blend { first, second, .. } = &mut self.plan.steps[at] {
            [*first, *second] = lens;
        }
    }

    fn open(&mut self, entry: Planned) {
        self.plan.steps.push(entry);
    }

    fn close(&mut self, at: usize) {
        let inside = (self.plan.steps.len() - at - 1) as u32;
        if let Planned::Group { len, .. } = &mut self.plan.steps[at] {
            *len = inside;
        }
    }

    /// Puts 0..len on the list of orders; returns where it starts.
    fn order(&mut self, len: usize) -> usize {
        let start = self.plan.orders.len();
        self.plan.orders.extend(0..len as u32);
        start
    }

    /// Draws `steps` in the order that begins at `start`, and takes it off the list.
    fn work_off(&mut self, start: usize, steps: &[Step]) {
        let end = self.plan.orders.len();
        for i in start..end {
            let child = self.plan.orders[i] as usize;
            self.step(&steps[child]);
        }
        self.plan.orders.truncate(start);
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
        }
        let painted = Painted { node: entry.node(), key: entry.key(), entries: &steps[start..next] };
        after(painted, canvas);
    }
}

/// Paints both branches on copies of the image and blends the first over the second.
fn paint_blend(mask: &Mask, first: &[Planned], second: &[Planned], canvas: &mut Canvas) {
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
        let mut alpha = scratch.take_f32(shape.pixels());
        mask.render(shape, &mut alpha, scratch);
        blend::blend(image, Image { shape, data: &foreground }, blend::Alpha::Pixels(&alpha), blend::EPS);
        scratch.give_f32(alpha);
        scratch.give_u8(foreground);
    });
}

/// Paints a branch of a blend. (Not generic, so that nested blends do not make ever new closures.)
fn paint_branch(steps: &[Planned], canvas: &mut Canvas) {
    paint(steps, canvas, &mut |_, _| ());
}

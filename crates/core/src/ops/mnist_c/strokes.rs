//! `mnist_c.stripe`, `line`, `dotted_line`, `zigzag`, `canny_edges`.

use crate::base::{Shape, Stream};
use crate::kernels::corrupt::Finish::Round;
use crate::kernels::corrupt::{canny, strokes};
use crate::ops::corruptions::corruption;
use crate::ops::corruptions::moves::Line;
use crate::ops::corruptions::tones::Nothing;

/// A row for the end of a line: any but the last.
fn row(on: Shape, rng: &mut Stream) -> f64 {
    rng.below(on.height.saturating_sub(1).max(1) as u64) as f64
}

/// The last column but `by`.
fn column(on: Shape, by: usize) -> f64 {
    on.width as f64 - 1.0 - by as f64
}

corruption! {
    /// Inverts the outer quarters of the columns, as MNIST-C's `stripe` does.
    MnistCStripe,
    summary: "Inverts the outer quarters of the columns, as MNIST-C's stripe does.",
    notes: "",
    examples: ["mnist_c.stripe: {}"],
    draw: |_on, _rng| -> Nothing { Nothing {} },
    paint: |_drawn, canvas| canvas.in_place(|image, _| strokes::stripe(image)),
}

corruption! {
    /// Draws a line, as MNIST-C's `line` does. Colored images have it in all channels.
    MnistCLine,
    summary: "Draws a line from the left to the right, as MNIST-C's line does.",
    notes: "From one of the first five columns to one of the last six but the very last, in rows at random.",
    examples: ["mnist_c.line: {}"],
    draw: |on, rng| -> Line {
        let (left, right) = (rng.below(5) as f64, column(on, 1 + rng.below(5) as usize));
        Line { from: [left, row(on, rng)], to: [right, row(on, rng)] }
    },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, false, Round, scratch)),
}

corruption! {
    /// Draws a dotted line, as MNIST-C's `dotted_line` does. Colored images have it in all channels.
    MnistCDottedLine,
    summary: "Draws a dotted line from the left to the right, as MNIST-C's dotted_line does.",
    notes: "Two columns in four have it; it begins and ends in rows at random.",
    examples: ["mnist_c.dotted_line: {}"],
    draw: |on, rng| -> Line { Line { from: [0.0, row(on, rng)], to: [column(on, 0), row(on, rng)] } },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.paint(image, true, Round, scratch)),
}

corruption! {
    /// Draws a zigzag, as MNIST-C's `zigzag` does. Colored images have it in all channels.
    MnistCZigzag,
    summary: "Draws a zigzag from the left to the right, as MNIST-C's zigzag does.",
    notes: "It begins in a row at random and ends up to 5 rows above or 4 below.",
    examples: ["mnist_c.zigzag: {}"],
    draw: |on, rng| -> Line {
        let from = row(on, rng);
        Line { from: [2.0, from], to: [column(on, 2), from + rng.integer(-5, 4) as f64] }
    },
    paint: |drawn, canvas| canvas.in_place(|image, scratch| drawn.zigzag(image, Round, scratch)),
}

corruption! {
    /// Leaves edges, as MNIST-C's `canny_edges` does. Each channel of a colored image is a gray image.
    MnistCCannyEdges,
    summary: "Leaves edges, as MNIST-C's canny_edges does.",
    notes: "As scikit-image finds them with a blur of 1 pixel and thresholds of 0.1 and 0.2; never in the outermost pixels.",
    examples: ["mnist_c.canny_edges: {}"],
    draw: |_on, _rng| -> Nothing { Nothing {} },
    paint: |_drawn, canvas| canvas.in_place(canny::edges),
}

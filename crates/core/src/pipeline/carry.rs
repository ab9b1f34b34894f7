//! Masks that move with the pixels.
//!
//! Every pixel of the new mask is followed back through all steps at once and takes the one old pixel that it comes from, so that steps
//! one after another do not wear a mask down.

use super::plan::{Plan, Planned};
use super::warp::{NOWHERE, sources};
use crate::base::Shape;
use crate::ops::Placement;
use crate::ops::imgaug::relative_resize::resized;

/// What a pixel is followed back through.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a few for each image that has masks")]
enum Back {
    /// One step: where pixels come from in an image of shape `from`; from nowhere, where a step shrinks an image to nothing.
    Step { inverse: Option<Placement>, from: Shape },
    /// A warp: the pixel that each pixel comes from, in an image of shape `on`, which it leaves as large as it is.
    Warp { sources: Vec<u32>, on: Shape },
    /// Two branches of which one image is made: a pixel is an object's if it is in one of them.
    Either(Vec<Self>, Vec<Self>),
}

/// Steps that are followed from the last one to the first, and what comes before them.
#[derive(Clone, Copy)]
struct Path<'a> {
    steps: &'a [Back],
    before: Option<&'a Self>,
}

impl Plan {
    /// Moves a mask of one byte for each pixel of an image of the shape that the plan was drawn for; 0 is no object. `mask` has the size of
    /// what is painted afterwards.
    ///
    /// # Panics
    /// If the mask is not as large as the image.
    pub fn carry(&self, mask: &mut Vec<u8>) {
        let Some(shape) = self.shape else { return };
        assert_eq!(mask.len(), shape.pixels(), "a mask for an image of {shape}");
        let mut back = Vec::new();
        let to = follow(&self.steps, shape, &mut back);
        let still = |step: &Back| match step {
            Back::Step { inverse, .. } => *inverse == Some(Placement::Unmoved),
            Back::Warp { .. } | Back::Either(..) => false,
        };
        if back.iter().all(still) {
            return;
        }
        let old = std::mem::replace(mask, vec![0; to.pixels()]);
        let old = (&old[..], shape);
        for (y, row) in mask.chunks_exact_mut(to.width.max(1)).enumerate() {
            for (x, id) in row.iter_mut().enumerate() {
                *id = find(Path { steps: &back, before: None }, [x as f64, y as f64], old);
            }
        }
    }
}

/// Lists what pixels are followed back through; returns the shape at the end.
fn follow(steps: &[Planned], mut shape: Shape, back: &mut Vec<Back>) -> Shape {
    let mut next = 0;
    while let Some(entry) = steps.get(next) {
        next += 1;
        match entry {
            Planned::Group { .. } => {}
            Planned::Op { drawn, .. } => {
                let placement = drawn.place(shape);
                if matches!(placement, Placement::Field(_)) {
                    back.push(Back::Warp { sources: sources(drawn, shape), on: shape });
                    continue;
                }
                back.push(Back::Step { inverse: placement.inverted(shape), from: shape });
                shape = placement.shape(shape);
            }
            Planned::Blend { first, second, .. } => {
                let mid = next + *first as usize;
                let end = mid + *second as usize;
                let (mut a, mut b) = (Vec::new(), Vec::new());
                follow(&steps[next..mid], shape, &mut a);
                follow(&steps[mid..end], shape, &mut b);
                back.push(Back::Either(a, b));
                next = end;
            }
            Planned::Wrap { drawn, len, .. } => {
                let end = next + *len as usize;
                let inside = follow(&steps[next..end], drawn.inside(shape), back);
                shape = drawn.outside(shape, inside);
                if (shape.height, shape.width) != (inside.height, inside.width) {
                    back.push(Back::Step { inverse: resized(inside, shape).inverted(inside), from: inside });
                }
                next = end;
            }
        }
    }
    shape
}

/// The object that the pixel at `at`, as x and y, belongs to.
fn find(path: Path<'_>, at: [f64; 2], old: (&[u8], Shape)) -> u8 {
    let Some((last, steps)) = path.steps.split_last() else {
        return match path.before {
            Some(before) => find(*before, at, old),
            None => pixel(at, old.1).map_or(0, |index| old.0[index]),
        };
    };
    let rest = Path { steps, before: path.before };
    match last {
        Back::Step { inverse: None, .. } => 0,
        Back::Step { inverse: Some(Placement::Unmoved), .. } => find(rest, at, old),
        Back::Step { inverse: Some(inverse), from } => {
            let at = inverse.apply(at[0], at[1]);
            // What has left the image at a step does not come back.
            if pixel(at, *from).is_some() { find(rest, at, old) } else { 0 }
        }
        Back::Warp { sources, on } => match pixel(at, *on).map(|index| sources[index]) {
            None | Some(NOWHERE) => 0,
            Some(source) => {
                let source = source as usize;
                find(rest, [source % on.width, source / on.width].map(|place| place as f64), old)
            }
        },
        Back::Either(a, b) => {
            let found = find(Path { steps: a, before: Some(&rest) }, at, old);
            if found != 0 { found } else { find(Path { steps: b, before: Some(&rest) }, at, old) }
        }
    }
}

/// The pixel that a point lies in, if it is one of the image's.
fn pixel([x, y]: [f64; 2], shape: Shape) -> Option<usize> {
    // A millionth of a pixel is rounding.
    let [x, y] = [x, y].map(|place| (place + 0.5 - 1e-6).floor());
    let is_in = x >= 0.0 && y >= 0.0 && x < shape.width as f64 && y < shape.height as f64;
    is_in.then(|| y as usize * shape.width + x as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Address, Canvas, Image, Stage};
    use crate::pipeline::{Pipeline, Spec};

    /// An image with two flat objects, as its own mask: painted, and carried.
    fn both(steps: &str, item: u64) -> (Vec<u8>, Vec<u8>) {
        let shape = Shape::gray(20, 31);
        let mut mask = vec![0; shape.pixels()];
        for y in 4..15 {
            mask[y * 31 + 5..y * 31 + 14].fill(1);
            mask[y * 31 + 18..y * 31 + 22 + y / 3].fill(2);
        }
        let text = format!("version: 1\npipeline: {steps}\n");
        let spec = Spec::parse("p", &text).unwrap();
        let pipeline = Pipeline::rectangular(spec, shape, "p", &text).unwrap();
        let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
        pipeline.draw(Address { seed: 3, stage: Stage::new("mask", ""), item }, &mut plan);
        let pixels: Vec<u8> = mask.iter().map(|id| id * 100).collect();
        canvas.load(Image::new(shape, &pixels));
        plan.paint(&mut canvas);
        plan.carry(&mut mask);
        (canvas.pixels().to_vec(), mask)
    }

    #[test]
    fn what_moves_whole_pixels_moves_masks_alike() {
        for steps in [
            "[noop]",
            "[{ fliplr: 1.0 }]",
            "[{ flipud: 1.0 }, { rot90: 1 }]",
            "[{ rot90: 3 }]",
            "[{ crop_and_pad: { px: [-4, 3, 2, -1], keep_size: false } }]",
            "[{ affine: { translate_px: { x: [-9, 9], y: [-9, 9] } } }, { fliplr: 0.5 }]",
            "[{ pad_to_fixed_size: { height: 30, width: 40 } }]",
        ] {
            for item in 0..8 {
                let (painted, carried) = both(steps, item);
                let carried: Vec<u8> = carried.iter().map(|id| id * 100).collect();
                assert_eq!(carried, painted, "{steps} {item}");
            }
        }
    }

    #[test]
    fn what_warps_moves_masks_to_where_the_ink_is() {
        for (steps, least) in [
            ("[{ affine: { rotate: [-40, 40], scale: [0.8, 1.2], shear: [-10, 10], order: 0 } }]", 0.93),
            ("[{ perspective_transform: { scale: [0.02, 0.08], keep_size: true } }]", 0.85),
            ("[{ piecewise_affine: { scale: [0.01, 0.03] } }]", 0.85),
            ("[{ elastic_transformation: { alpha: [5, 15], sigma: 4 } }]", 0.88),
            ("[{ elastic_transformation: { alpha: [5, 15], sigma: 4, order: 0 } }]", 0.99),
            ("[{ torchvision.elastic_transform: { alpha: [60, 60], sigma: [3, 3] } }]", 0.85),
            ("[{ mnist_c.elastic_transform: 1 }]", 0.80),
            ("[{ affine: { rotate: [-20, 20] } }, { affine: { rotate: [-20, 20] } }]", 0.85),
            ("[{ resize: { height: 33, width: 17 } }]", 0.90),
        ] {
            for item in 0..8 {
                let (painted, carried) = both(steps, item);
                // Both objects at once: their middle values tell them apart only where nothing is blurred.
                let (mut common, mut any) = (0, 0);
                for (painted, id) in painted.iter().zip(&carried) {
                    let (ink, own) = (*painted >= 50, *id > 0);
                    common += u32::from(ink && own);
                    any += u32::from(ink || own);
                }
                let iou = f64::from(common) / f64::from(any.max(1));
                assert!(iou >= least, "{steps} {item}: {iou}");
            }
        }
    }

    #[test]
    fn what_is_in_either_branch_is_there() {
        let (_, carried) = both("[{ blend_alpha: { factor: 0.5, first: [{ fliplr: 1.0 }] } }]", 0);
        let (_, plain) = both("[noop]", 0);
        let (_, mirrored) = both("[{ fliplr: 1.0 }]", 0);
        for ((found, a), b) in carried.iter().zip(&plain).zip(&mirrored) {
            assert_eq!(*found > 0, *a > 0 || *b > 0);
        }
    }
}

//! Shapes through pipelines.

use super::{Pipeline, Plan, Spec};
use crate::base::{Address, Canvas, Object, Rect, Shape, Stage};

const SHAPE: Shape = Shape::gray(28, 28);

fn compiled(steps: &str) -> Result<Shape, String> {
    let text = format!("version: 1\npipeline:\n{steps}");
    let spec = Spec::parse("p.yaml", &text).unwrap_or_else(|error| panic!("{error}"));
    let pipeline = Pipeline::rectangular(spec, SHAPE, "p.yaml", &text).map_err(|error| error.to_string())?;
    let shape = pipeline.shape_out().map_err(|complaint| complaint.message.clone())?;
    // What is promised is what comes out.
    let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
    for item in 0..50 {
        pipeline.draw(Address { seed: 3, stage: Stage::new("shapes", ""), item }, &mut plan);
        canvas.reset(SHAPE).fill(100);
        plan.paint(&mut canvas);
        assert_eq!(canvas.shape(), shape, "{steps}");
    }
    Ok(shape)
}

const VARIES: &str = "crop: { px: [0, 4], keep_size: false }";

#[test]
fn steps_that_keep_the_size_keep_it_together() {
    for steps in [
        "  []",
        "  - add: 3\n  - affine: { rotate: [-9, 9] }",
        "  - crop: { px: [0, 4] }",
        "  - sequential: { random_order: true, of: [add: 3, pad: { px: 3 }] }",
        "  - simplex_noise_alpha: { first: [affine: { rotate: 20 }], second: [crop: { px: 3 }] }",
    ] {
        assert_eq!(compiled(steps), Ok(SHAPE), "{steps}");
    }
}

#[test]
fn a_size_that_is_always_the_same_may_change() {
    for (steps, to) in [
        ("  - resize: { height: 20, width: 32 }", Shape::gray(20, 32)),
        ("  - pad: { px: 2, keep_size: false }", Shape::gray(32, 32)),
        (
            "  - crop: { px: [0, 4], keep_size: false }\n  - resize: { height: 9, width: 9 }",
            Shape::gray(9, 9),
        ),
        ("  - sometimes: { p: 1, then: [resize: { height: 9, width: 9 }] }", Shape::gray(9, 9)),
        (
            "  - one_of: [resize: { height: 9, width: 9 }, sequential: [noop, resize: { height: 9, width: 9 }]]",
            Shape::gray(9, 9),
        ),
        (
            "  - sequential: { random_order: true, of: [fliplr: 0.5, resize: { height: 9, width: 9 }] }",
            Shape::gray(9, 9),
        ),
        ("  - some_of: { count: 2, of: [fliplr: 0.5, resize: { height: 9, width: 9 }] }", Shape::gray(9, 9)),
    ] {
        assert_eq!(compiled(steps), Ok(to), "{steps}");
    }
}

#[test]
fn sizes_that_differ_are_refused_with_the_step() {
    let resize = "resize: { height: 9, width: 9 }";
    for (steps, place) in [
        (format!("  - {VARIES}"), "3:5: crop"),
        (format!("  - add: 3\n  - sometimes: {{ p: 0.5, then: [{resize}] }}"), "4:5: sometimes"),
        (format!("  - one_of: [noop, {resize}]"), "3:5: one_of"),
        (format!("  - one_of: [noop, {VARIES}]"), "3:20: crop"),
        (format!("  - some_of: {{ count: [0, 1], of: [{resize}] }}"), "3:5: some_of"),
        (
            format!(
                "  - sequential: {{ random_order: true, of: [{resize}, resize: {{ height: 8, width: 8 }}] }}"
            ),
            "3:5: sequential",
        ),
    ] {
        let error = compiled(&steps).expect_err(&steps);
        let expected = format!("p.yaml:{place}: makes images of different sizes");
        assert!(error.starts_with(&expected), "{steps}: {error}");
    }
    let steps = format!("  - simplex_noise_alpha: {{ first: [{resize}] }}");
    let error = compiled(&steps).expect_err(&steps);
    assert!(error.contains("3:5: simplex_noise_alpha: a branch changes the size"), "{error}");
}

/// Boxes follow the bright pixels that they were put around.
#[test]
fn boxes_follow_their_pixels() {
    let text = "version: 1\npipeline:
  - sequential:
      random_order: true
      of:
        - fliplr: 0.5
        - flipud: 0.5
        - affine: { scale: [0.8, 1.2], rotate: [-30, 30], translate_px: { x: [-3, 3], y: [-3, 3] } }
        - crop_and_pad: { px: [-2, 2] }
        - sometimes: { p: 0.5, then: [piecewise_affine: { scale: [0.01, 0.03] }] }
        - sometimes: { p: 0.5, then: [perspective_transform: { scale: [0.01, 0.08] }] }
        - sometimes: { p: 0.5, then: [resize: { height: 40, width: 60 }, resize: { height: 56, width: 56 }] }\n";
    let shape = Shape::gray(56, 56);
    let pipeline = Pipeline::new(Spec::parse("p", text).unwrap(), shape).unwrap();
    let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
    let rect = Rect { x0: 20, y0: 15, x1: 34, y1: 27 };
    let (mut misses, mut area, mut lit) = (0, 0, 0);
    for item in 0..200 {
        pipeline.draw(Address { seed: 3, stage: Stage::new("boxes", ""), item }, &mut plan);
        let inside = |r: &Rect, i: usize| {
            let (x, y) = ((i % 56) as i32, (i / 56) as i32);
            x >= r.x0 && x < r.x1 && y >= r.y0 && y < r.y1
        };
        for (i, value) in canvas.reset(shape).iter_mut().enumerate() {
            *value = u8::from(inside(&rect, i)) * 255;
        }
        let mut objects = [Object { class: 0, cell: 0, origin: 0, tight: rect, area: rect }];
        plan.paint(&mut canvas);
        plan.place(&mut objects);
        let moved = objects[0].tight;
        assert!(moved.x0 >= 0 && moved.y0 >= 0 && moved.x1 <= 56 && moved.y1 <= 56, "{moved:?}");
        let wide = Rect { x0: moved.x0 - 1, y0: moved.y0 - 1, x1: moved.x1 + 1, y1: moved.y1 + 1 };
        for (i, value) in canvas.pixels().iter().enumerate() {
            if *value > 127 {
                lit += 1;
                misses += u32::from(!inside(&wide, i));
            }
        }
        area += (moved.x1 - moved.x0) * (moved.y1 - moved.y0);
    }
    assert!(misses * 500 < lit, "{misses} of {lit} bright pixels are outside their boxes");
    // Of a turned rectangle the box is larger; it must not be larger than that.
    assert!(f64::from(area) < 2.2 * f64::from(lit), "{area} {lit}");
}

//! Nothing allocates per image once a worker is warm.

use std::alloc::System;

use mnistaug_core::base::{Address, Canvas, Object, Rect, Shape, Stage};
use mnistaug_core::ops::ENTRIES;
use mnistaug_core::pipeline::combinators;
use mnistaug_core::pipeline::{Pipeline, Plan, Spec, presets};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Draws and paints images as a worker does.
fn work(pipeline: &Pipeline, boxes: bool, images: u64, plan: &mut Plan, canvas: &mut Canvas) {
    for item in 0..images {
        let address = Address { seed: 5, stage: Stage::new("allocations", ""), item };
        pipeline.draw(address, plan);
        for (i, value) in canvas.reset(pipeline.shape_in()).iter_mut().enumerate() {
            *value = (i * 31 % 253) as u8;
        }
        plan.paint(canvas);
        // A smooth field has to be computed anew to tell how boxes move; there are no boxes on single digits.
        if boxes {
            let rect = Rect { x0: 3, y0: 3, x1: 20, y1: 20 };
            plan.place(&mut [Object { class: 0, cell: 0, origin: 0, tight: rect, area: rect }]);
        }
    }
}

#[test]
fn a_warm_worker_does_not_allocate() {
    for (name, shape) in [
        ("imgaug-heavy", Shape::rgb(28, 28)),
        ("imgaug-heavy", Shape::gray(28, 28)),
        ("imgaug-light", Shape::rgb(28, 28)),
        ("elastic", Shape::gray(28, 28)),
    ] {
        let pipeline = presets::compile(name, shape).unwrap_or_else(|error| panic!("{error}"));
        let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
        work(&pipeline, name != "elastic", 4000, &mut plan, &mut canvas);
        // The same images again: every buffer has been as large as it needs to be.
        let region = Region::new(ALLOCATOR);
        work(&pipeline, name != "elastic", 4000, &mut plan, &mut canvas);
        let change = region.change();
        let calls = change.allocations + change.reallocations;
        assert_eq!(calls, 0, "{name} on {shape}: {change:?}");
    }
    examples_do_not_allocate();
}

/// One test for both, because the allocations of one would be counted by the other.
fn examples_do_not_allocate() {
    let held = |peer| ["imgaug", "MNIST-C", "ImageNet-C", "n-MNIST"].contains(&peer);
    let operations = ENTRIES.iter().filter(|entry| held(entry.peer)).map(|entry| entry.doc.examples);
    let combined = combinators::ENTRIES.iter().map(|entry| entry.doc.examples);
    for example in operations.chain(combined).flatten() {
        let spec = Spec::parse("example", &format!("version: 1\npipeline:\n  - {example}\n"));
        let spec = spec.unwrap_or_else(|error| panic!("{error}"));
        for shape in [Shape::rgb(28, 28), Shape::gray(28, 28)] {
            let pipeline = Pipeline::new(spec.clone(), shape).unwrap_or_else(|error| panic!("{error:?}"));
            let (mut plan, mut canvas) = (Plan::default(), Canvas::default());
            work(&pipeline, false, 40, &mut plan, &mut canvas);
            let region = Region::new(ALLOCATOR);
            work(&pipeline, false, 40, &mut plan, &mut canvas);
            let change = region.change();
            assert_eq!(change.allocations + change.reallocations, 0, "{example} on {shape}: {change:?}");
        }
    }
}

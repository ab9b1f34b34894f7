//! Drawing, painting and tracing plans.

use std::collections::BTreeMap;

use super::{Pipeline, Plan, Spec};
use crate::base::{Address, Canvas, Object, Rect, Shape, Stage};

const SHAPE: Shape = Shape::rgb(28, 28);

fn pipeline(steps: &str) -> Pipeline {
    let text = format!("version: 1\npipeline: [{steps}]");
    let spec = Spec::parse("p", &text).unwrap_or_else(|error| panic!("{error}"));
    Pipeline::new(spec, SHAPE).unwrap()
}

fn address(item: u64) -> Address {
    Address { seed: 1, stage: Stage::new("augment", "train"), item }
}

fn drawn(pipeline: &Pipeline, item: u64) -> Plan {
    let mut plan = Plan::default();
    pipeline.draw(address(item), &mut plan);
    plan
}

/// How often each sequence of node numbers runs.
fn tally(steps: &str, items: u64) -> BTreeMap<Vec<u32>, u64> {
    let pipeline = pipeline(steps);
    let mut plan = Plan::default();
    let mut counts = BTreeMap::new();
    for item in 0..items {
        pipeline.draw(address(item), &mut plan);
        let nodes: Vec<u32> = plan.painted().map(|painted| painted.node).collect();
        *counts.entry(nodes).or_default() += 1;
    }
    counts
}

/// Whether a count is within 4.5 standard deviations of what is expected.
fn near(count: u64, p: f64, n: u64) -> bool {
    let (count, n) = (count as f64, n as f64);
    (count - n * p).abs() < 4.5 * (n * p * (1.0 - p)).sqrt()
}

#[test]
fn orders_are_uniform_and_drawn_for_each_image() {
    let counts = tally("{sequential: {random_order: true, of: [noop, noop, noop]}}", 6000);
    assert_eq!(counts.len(), 6);
    assert!(counts.values().all(|count| near(*count, 1.0 / 6.0, 6000)), "{counts:?}");
    let fixed = tally("{sequential: [noop, noop, noop]}", 100);
    assert_eq!(fixed, BTreeMap::from([(vec![2, 3, 4], 100)]));
}

#[test]
fn subsets_are_uniform() {
    let n = 12_000;
    let counts = tally("{some_of: {count: [0, 2], random_order: true, of: [noop, noop, noop]}}", n);
    // Nothing, 3 of one and 6 of two, each size in a third of the images.
    assert_eq!(counts.len(), 10);
    for (nodes, count) in &counts {
        let p = [1.0, 1.0 / 3.0, 1.0 / 6.0][nodes.len()] / 3.0;
        assert!(near(*count, p, n), "{nodes:?}: {count}");
    }
    let counts = tally("{some_of: {count: 2, of: [noop, noop, noop]}}", n);
    assert_eq!(counts.len(), 3, "the order of the list: {counts:?}");
    assert!(counts.values().all(|count| near(*count, 1.0 / 3.0, n)), "{counts:?}");
}

#[test]
fn alternatives_and_probabilities_come_as_asked() {
    let counts = tally("{one_of: [noop, noop, noop, noop]}", 8000);
    assert!(counts.len() == 4 && counts.values().all(|count| near(*count, 0.25, 8000)), "{counts:?}");
    let counts = tally("{sometimes: {p: 0.2, then: [noop, noop]}}", 8000);
    assert!(near(counts[&vec![2, 3]], 0.2, 8000), "{counts:?}");
    assert_eq!(counts.len(), 2);
    assert_eq!(tally("{sometimes: {p: 0, then: [noop]}}", 500), BTreeMap::from([(vec![], 500)]));
    assert_eq!(tally("{sometimes: {p: 1, then: [noop]}}", 500), BTreeMap::from([(vec![2], 500)]));
}

const NESTED: &str = "{sequential: {random_order: true, of: [
    {add: [-40, 40]},
    {some_of: {count: [0, 2], random_order: true, of: [{add: 1}, {add: {value: [1, 9], per_channel: true}}]}},
    {simplex_noise_alpha: {first: [{add: 100}, {one_of: [noop, {add: 3}]}], second: {add: -100}}},
    {sometimes: {p: 0.5, then: [{frequency_noise_alpha: {exponent: [-4, 0], first: [{add: 50}]}}]}}]}}";

#[test]
fn plans_survive_json_and_paint_the_same() {
    let pipeline = pipeline(NESTED);
    let (mut one, mut two) = (Canvas::default(), Canvas::default());
    for item in 0..200 {
        let plan = drawn(&pipeline, item);
        assert_eq!(plan, drawn(&pipeline, item));
        let json = serde_json::to_string(&plan).unwrap();
        let again: Plan = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        assert_eq!(plan, again, "{json}");
        one.reset(SHAPE).fill(120);
        two.reset(SHAPE).fill(120);
        plan.paint(&mut one);
        let mut painted = Vec::new();
        again.paint_with(&mut two, |step, canvas| {
            assert_eq!(canvas.shape(), SHAPE);
            painted.push(step.key);
        });
        assert_eq!(one.pixels(), two.pixels());
        assert_eq!(painted, plan.painted().map(|step| step.key).collect::<Vec<_>>());
    }
}

#[test]
fn the_trace_nests_as_it_runs() {
    let plan = drawn(&pipeline("{sometimes: {p: 1, then: [noop, {add: 3}]}}"), 0);
    assert_eq!(
        serde_json::to_value(&plan).unwrap(),
        serde_json::json!({
            "shape": {"height": 28, "width": 28, "channels": 3},
            "steps": [{"node": 1, "sometimes": {"steps": [
                {"node": 2, "noop": {}},
                {"node": 3, "add": serde_json::to_value(&plan).unwrap()["steps"][0]["sometimes"]["steps"][1]["add"]},
            ]}}]
        })
    );
    serde_json::from_str::<Plan>(r#"{"shape": null, "steps": [{"node": 1, "nope": {}}]}"#).unwrap_err();
    serde_json::from_str::<Plan>(r#"{"shape": null, "steps": [{"noop": {}}]}"#).unwrap_err();
}

/// A neighbor's range may change without moving what the others draw.
#[test]
fn steps_draw_from_their_own_addresses() {
    let of = |range: &str| {
        let pipeline =
            pipeline(&format!("{{add: {range}}}, {{one_of: [{{add: [-9, 9]}}, {{add: [20, 30]}}]}}"));
        let plan = drawn(&pipeline, 5);
        serde_json::to_value(&plan).unwrap()["steps"][1].clone()
    };
    assert_eq!(of("3"), of("{value: [-100, 100], per_channel: true}"));
}

#[test]
fn a_blend_lies_between_its_branches() {
    let pipeline = pipeline("{simplex_noise_alpha: {first: [{add: 100}], second: [{add: -100}]}}");
    let mut canvas = Canvas::default();
    let (mut low, mut high, mut mixed) = (false, false, false);
    for item in 0..50 {
        canvas.reset(SHAPE).fill(128);
        drawn(&pipeline, item).paint(&mut canvas);
        for value in canvas.pixels() {
            assert!((28..=228).contains(value));
            low |= *value == 28;
            high |= *value == 228;
            mixed |= (60..200).contains(value);
        }
    }
    assert!(low && high && mixed);
}

#[test]
fn boxes_that_nothing_moves_stay() {
    let pipeline = pipeline(NESTED);
    let tight = Rect { x0: 3, y0: 4, x1: 11, y1: 28 };
    let object = Object { class: 1, cell: 0, origin: 0, tight, area: Rect::NONE };
    for item in 0..20 {
        let mut objects = [object];
        drawn(&pipeline, item).place(&mut objects);
        assert_eq!(objects, [object]);
    }
}

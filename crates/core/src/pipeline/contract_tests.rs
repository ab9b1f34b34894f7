//! What every operation must do, tested on each example of each entry of the registry.

use std::collections::BTreeSet;

use crate::base::{Address, Canvas, Shape, Stage};
use crate::ops::{AnyDrawn, AnyOp, ENTRIES, Placement, ShapeOut};

use super::spec::{Kind, Spec, parse_step};

const SHAPES: [Shape; 7] = [
    Shape::gray(28, 28),
    Shape::rgb(28, 28),
    Shape::rgb(40, 56),
    Shape::gray(1, 1),
    Shape::rgb(1, 1),
    Shape::gray(1, 28),
    Shape::rgb(31, 1),
];

fn address(item: u64) -> Address {
    Address { seed: 7, stage: Stage::new("contract", ""), item }
}

/// Each example of each operation, and the operation's key.
fn examples() -> impl Iterator<Item = (&'static str, &'static str, AnyOp)> {
    ENTRIES.iter().flat_map(|entry| {
        assert!(!entry.doc.examples.is_empty(), "{} has no example", entry.key);
        entry.doc.examples.iter().map(|text| {
            let step = parse_step(text).unwrap_or_else(|error| panic!("{}: {error}", entry.key));
            let Kind::Op(op) = step.kind else { panic!("{text} is no operation") };
            assert_eq!(op.key(), entry.key, "{text}");
            (entry.key, *text, op)
        })
    })
}

/// A picture without symmetries that has dark, bright and colored parts.
fn picture(shape: Shape, canvas: &mut Canvas) {
    let channels = shape.channels();
    for (i, value) in canvas.reset(shape).iter_mut().enumerate() {
        let (pixel, channel) = (i / channels, i % channels);
        let (y, x) = (pixel / shape.width, pixel % shape.width);
        let shade = (x * 5 + y * 3 + channel * 40) % 256;
        let bright = (x / 3 + y / 5).is_multiple_of(4);
        *value = if bright { 255 - shade as u8 / 4 } else { shade as u8 };
    }
}

#[test]
fn the_registry_is_sorted_and_documented() {
    let keys: Vec<&str> = ENTRIES.iter().map(|entry| entry.key).collect();
    for room in ENTRIES.chunk_by(|a, b| a.peer == b.peer) {
        assert!(room.is_sorted_by_key(|entry| entry.key), "{}", room[0].peer);
    }
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
    for entry in ENTRIES {
        assert!(
            entry.key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.".contains(&b)),
            "{}",
            entry.key
        );
        assert!(entry.doc.summary.ends_with('.'), "{}: {}", entry.key, entry.doc.summary);
        let schema = (entry.schema)(&mut schemars::SchemaGenerator::default());
        let properties = schema.get("properties").and_then(|p| p.as_object()).cloned().unwrap_or_default();
        for (field, property) in &properties {
            assert!(property.get("description").is_some(), "{}: {field} has no comment", entry.key);
        }
        if let Some(short) = entry.doc.short {
            assert!(properties.contains_key(short), "{}: there is no field {short}", entry.key);
        }
    }
}

#[test]
fn specs_and_drawn_values_survive_json() {
    for (key, text, op) in examples() {
        let json = serde_json::to_string(&op).unwrap();
        let again = Spec::parse("x", &format!("{{\"version\": 1, \"pipeline\": [{json}]}}"))
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(again.pipeline[0].kind, Kind::Op(op.clone()), "{json}");
        for shape in SHAPES {
            for item in 0..20 {
                let drawn = op.draw(shape, &mut address(item).stream(1));
                let json = serde_json::to_string(&drawn).unwrap();
                let again: AnyDrawn =
                    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{key}: {error} in {json}"));
                assert_eq!(again, drawn, "{json}");
                // The way that plans are read: through a tree of values.
                let tree: serde_json::Value = serde_json::from_str(&json).unwrap();
                assert_eq!(AnyDrawn::read(key, tree[key].clone()).unwrap(), drawn, "{json}");
            }
        }
    }
}

#[test]
fn unknown_fields_are_refused() {
    for (key, text, op) in examples() {
        let mut json = serde_json::to_value(&op).unwrap();
        json[key].as_object_mut().unwrap().insert("no_such_key".into(), 1.into());
        let error = parse_step(&json.to_string()).expect_err(text);
        assert!(error.to_string().contains("no_such_key"), "{error}");
        let mut json = serde_json::to_value(op.draw(SHAPES[0], &mut address(0).stream(1))).unwrap();
        json[key].as_object_mut().expect("drawn values are a struct").insert("no_such_key".into(), 1.into());
        serde_json::from_value::<AnyDrawn>(json).expect_err(text);
    }
}

#[test]
fn an_address_decides_what_is_drawn_and_that_decides_the_bytes() {
    let (mut one, mut two) = (Canvas::default(), Canvas::default());
    for (_, text, op) in examples() {
        op.check().unwrap_or_else(|problem| panic!("{text}: {problem}"));
        for shape in SHAPES {
            for item in 0..20 {
                let drawn = op.draw(shape, &mut address(item).stream(3));
                assert_eq!(drawn, op.draw(shape, &mut address(item).stream(3)), "{text}");
                picture(shape, &mut one);
                drawn.paint(&mut one);
                // What is left in the second canvas' buffers must not matter.
                picture(Shape::rgb(33, 35), &mut two);
                two.redraw(Shape::rgb(34, 36), |_, to, _| to.data.fill(item as u8));
                picture(shape, &mut two);
                drawn.paint(&mut two);
                assert_eq!(one.shape(), two.shape(), "{text} on {shape}");
                assert_eq!(one.pixels(), two.pixels(), "{text} on {shape}, item {item}: {drawn:?}");
            }
        }
    }
}

#[test]
fn shapes_are_as_promised() {
    let mut canvas = Canvas::default();
    for (_, text, op) in examples() {
        for shape in SHAPES {
            for item in 0..20 {
                let drawn = op.draw(shape, &mut address(item).stream(1));
                picture(shape, &mut canvas);
                drawn.paint(&mut canvas);
                let painted = canvas.shape();
                assert_eq!(drawn.place(shape).shape(shape), painted, "place: {text} on {shape}: {drawn:?}");
                match op.shape_out(shape) {
                    ShapeOut::Same => assert_eq!(painted, shape, "shape_out: {text} on {shape}"),
                    ShapeOut::Fixed(to) => assert_eq!(painted, to, "shape_out: {text} on {shape}"),
                    ShapeOut::Varies => {}
                }
            }
        }
    }
}

/// A bright spot on black lands where `place` says, for operations that move pixels.
#[test]
fn pixels_move_as_points_do() {
    let shape = Shape::gray(44, 48);
    let mut canvas = Canvas::default();
    for (key, text, op) in examples() {
        for item in 0..20 {
            let drawn = op.draw(shape, &mut address(item).stream(1));
            let placement = drawn.place(shape);
            if placement == Placement::Unmoved {
                continue;
            }
            let (x, y) = (22_usize, 20_usize);
            let to = placement.shape(shape);
            let [to_x, to_y] = placement.apply(x as f64, y as f64);
            let edge = 4.0;
            if to_x < edge || to_y < edge || to_x > to.width as f64 - edge || to_y > to.height as f64 - edge {
                continue;
            }
            canvas.reset(shape).fill(0);
            canvas.in_place(|mut image, _| {
                for row in y - 1..=y + 1 {
                    image.row_mut(row)[x - 1..=x + 1].fill(255);
                }
            });
            drawn.paint(&mut canvas);
            let mut sums = [0.0; 3];
            for (i, value) in canvas.pixels().iter().step_by(to.channels()).enumerate() {
                let near =
                    ((i % to.width) as f64 - to_x).abs().max(((i / to.width) as f64 - to_y).abs()) < 8.0;
                let weight = f64::from(*value) * f64::from(u8::from(near));
                for (sum, by) in sums.iter_mut().zip([1.0, (i % to.width) as f64, (i / to.width) as f64]) {
                    *sum += weight * by;
                }
            }
            // Policies change colors as well, so that nothing may be left of the spot.
            if sums[0] == 0.0 && key.ends_with("_augment") {
                continue;
            }
            let (seen_x, seen_y) = (sums[1] / sums[0], sums[2] / sums[0]);
            let off = (seen_x - to_x).abs().max((seen_y - to_y).abs());
            assert!(
                off < 1.2,
                "{text}: expected ({to_x:.2}, {to_y:.2}), seen ({seen_x:.2}, {seen_y:.2}): {drawn:?}"
            );
        }
    }
}

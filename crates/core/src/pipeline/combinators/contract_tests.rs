//! What every combinator must do, tested on each example of each entry of the registry.

use std::collections::BTreeSet;

use schemars::SchemaGenerator;
use serde_json::Value;

use super::{AnyCombinator, ENTRIES, Entry, Leaves, MAX_BRANCHES, of_imgaug};
use crate::base::{Address, Canvas, Object, Rect, Scratch, Shape, Stage};
use crate::ops;
use crate::pipeline::plan::Planned;
use crate::pipeline::spec::{Kind, Spec, Step, parse_step};
use crate::pipeline::{Pipeline, Plan, write};

const SHAPES: [Shape; 6] = [
    Shape::gray(28, 28),
    Shape::rgb(28, 28),
    Shape::rgb(40, 56),
    Shape::gray(1, 1),
    Shape::rgb(1, 28),
    Shape::rgb(31, 1),
];

/// Each example as a step, and its entry.
fn examples() -> impl Iterator<Item = (&'static Entry, &'static str, Step)> {
    ENTRIES.iter().flat_map(|entry| {
        assert!(!entry.doc.examples.is_empty(), "{} has no example", entry.key);
        entry.doc.examples.iter().map(move |text| {
            let step = parse_step(text).unwrap_or_else(|error| panic!("{}: {error}", entry.key));
            assert_eq!(step.kind.key(), entry.key, "{text}");
            (entry, *text, step)
        })
    })
}

fn spec_of(step: &Step) -> Spec {
    Spec::of_steps(vec![step.clone()]).unwrap_or_else(|complaint| panic!("{complaint:?}"))
}

fn address(item: u64) -> Address {
    Address { seed: 5, stage: Stage::new("contract", ""), item }
}

fn picture(shape: Shape, canvas: &mut Canvas) {
    for (i, value) in canvas.reset(shape).iter_mut().enumerate() {
        *value = (i * 37 % 256) as u8;
    }
}

#[test]
fn the_registry_is_documented() {
    let keys: BTreeSet<&str> = ENTRIES.iter().map(|entry| entry.key).collect();
    assert_eq!(keys.len(), ENTRIES.len(), "a key stands twice");
    for entry in ENTRIES {
        let key = entry.key;
        assert!(ops::entry(key).is_none(), "{key} is an operation too");
        assert!(entry.doc.summary.ends_with('.'), "{key}: {}", entry.doc.summary);
        let schema = Value::from((entry.schema)(&mut SchemaGenerator::default()));
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let params: BTreeSet<&str> = (entry.params)().iter().copied().collect();
        assert_eq!(params, properties.keys().map(String::as_str).collect(), "{key}");
        for (field, property) in &properties {
            assert!(property["description"].is_string(), "{key}: {field} has no comment");
        }
        let branches: Vec<&str> = entry.branch_keys().collect();
        match entry.leaves {
            Leaves::Steps => assert!((1..=MAX_BRANCHES).contains(&branches.len()), "{key}"),
            Leaves::Mask => assert_eq!(branches.len(), 2, "{key}"),
            Leaves::Around => assert_eq!(branches.len(), 1, "{key}"),
        }
        for branch in entry.doc.branches {
            assert!(branch.summary.ends_with('.'), "{key}: {}", branch.summary);
            assert!(!params.contains(branch.key), "{key}: {} is a parameter and a branch", branch.key);
        }
        assert!(entry.doc.short.is_none_or(|short| branches.contains(&short)), "{key}");
        for (name, _) in entry.doc.imgaug.iter().flat_map(|counterpart| counterpart.names) {
            assert_eq!(of_imgaug(name).map(|(found, ..)| found.key), Some(key), "{name} stands twice");
        }
    }
}

#[test]
fn examples_come_back_equal_from_every_form() {
    for (entry, text, step) in examples() {
        let spec = spec_of(&step);
        // The full form, from a text and through a tree of values.
        let json = serde_json::to_string(&spec).unwrap();
        assert_eq!(Spec::parse("full", &json).unwrap(), spec, "{json}");
        let value = serde_json::to_value(&step).unwrap();
        let Kind::Combinator(own) = &step.kind else { panic!("{text} is no combinator") };
        let mut params = value[entry.key].as_object().unwrap().clone();
        params.retain(|key, _| (entry.params)().contains(&key.as_str()));
        assert_eq!(AnyCombinator::read(entry.key, Value::Object(params)).unwrap(), own.combinator, "{text}");
        // The short form.
        let yaml = write::yaml(&spec, "");
        assert_eq!(Spec::parse("short", &yaml).unwrap(), spec, "{yaml}");
    }
}

#[cfg(feature = "python")]
#[test]
fn imgaugs_python_is_written_and_read() {
    use crate::pipeline::python;

    for (_, text, step) in examples().filter(|(entry, ..)| entry.doc.imgaug.is_some()) {
        let spec = spec_of(&step);
        let printed = match python::print::printer("imgaug").unwrap().print(&spec, "Printed.") {
            Ok(printed) => printed,
            // imgaug has none.
            Err(what) if what.value.as_deref() == Some("weights") => continue,
            Err(what) => panic!("{what}: {text}"),
        };
        let read = python::translate("printed.py", &printed, &python::Wanted::default());
        assert_eq!(read.unwrap_or_else(|error| panic!("{error}\n{printed}")).spec, spec, "{printed}");
    }
}

#[cfg(not(feature = "python"))]
#[test]
fn pasted_python_is_refused_with_the_remedy() {
    use crate::base::{Explain, Kind};

    let error = Spec::parse("flow.py", "seq = 1").unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.help().is_some_and(|help| help.contains("feature `python`")), "{error}");
}

#[test]
fn examples_compile_draw_paint_trace_and_read_back() {
    let (mut plan, mut one, mut two) = (Plan::default(), Canvas::default(), Canvas::default());
    for (entry, text, step) in examples() {
        for shape in SHAPES {
            let pipeline = Pipeline::new(spec_of(&step), shape).unwrap();
            for item in 0..30 {
                pipeline.draw(address(item), &mut plan);
                let inside = plan.steps[0].inside();
                assert_eq!((plan.steps[0].key(), inside + 1), (entry.key, plan.steps.len()), "{text}");
                let json = serde_json::to_string(&plan).unwrap();
                let again: Plan =
                    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
                assert_eq!(again, plan, "{json}");
                picture(shape, &mut one);
                plan.paint(&mut one);
                picture(Shape::rgb(33, 35), &mut two);
                picture(shape, &mut two);
                again.paint(&mut two);
                assert_eq!((one.shape(), one.pixels()), (two.shape(), two.pixels()), "{json}");
                if let Ok(promised) = pipeline.shape_out() {
                    assert_eq!(one.shape(), promised, "{text}");
                }
                let rect = Rect { x0: 0, y0: 0, x1: shape.width as i32, y1: shape.height as i32 };
                let mut objects = [Object { class: 0, cell: 0, origin: 0, tight: rect, area: rect }];
                plan.place(&mut objects);
                let seen = objects[0].tight;
                assert!(seen.x1 as usize <= one.shape().width && seen.y1 as usize <= one.shape().height);
            }
        }
    }
}

#[test]
fn masks_are_within_0_and_1() {
    let (mut plan, mut scratch, mut masks) = (Plan::default(), Scratch::default(), 0);
    for (entry, text, step) in examples().filter(|(entry, ..)| entry.leaves == Leaves::Mask) {
        for shape in SHAPES {
            let pipeline = Pipeline::new(spec_of(&step), shape).unwrap();
            for item in 0..20 {
                pipeline.draw(address(item), &mut plan);
                let Planned::Blend { mask, .. } = &plan.steps[0] else { panic!("{text} drew no mask") };
                assert_eq!(mask.key(), entry.key);
                let each = if mask.per_channel() { shape.channels() } else { 1 };
                let mut out = vec![-1.0; each * shape.pixels()];
                mask.render(shape, &mut out, &mut scratch);
                assert!(out.iter().all(|alpha| (0.0..=1.0).contains(alpha)), "{text}: {mask:?}");
                masks += 1;
            }
        }
    }
    assert!(masks > 0);
}

#[test]
fn what_is_not_known_or_missing_is_refused() {
    for (entry, text, step) in examples() {
        let full = serde_json::to_value(&step).unwrap();
        let refused = |fields: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut changed = full.clone();
            fields(changed[entry.key].as_object_mut().unwrap());
            parse_step(&changed.to_string()).expect_err(text).to_string()
        };
        let error = refused(&|fields| drop(fields.insert("no_such_key".to_owned(), Value::Null)));
        assert!(error.contains("unknown key \"no_such_key\""), "{error}");
        for key in (entry.params)().iter().copied().chain(entry.branch_keys()) {
            // One letter more: the nearest is named, where a word is long enough to be told from any other.
            let error = refused(&|fields| drop(fields.insert(format!("{key}x"), Value::Null)));
            assert!(key.len() == 1 || error.contains(&format!("did you mean {key:?}?")), "{error}");
            let error = refused(&|fields| drop(fields.insert(key.to_owned(), "wrong".into())));
            assert!(error.contains(entry.key) || error.contains("a list of steps"), "{error}");
        }
        for branch in entry.doc.branches.iter().filter(|branch| branch.required) {
            let error = refused(&|fields| drop(fields.remove(branch.key)));
            assert!(error.contains(&format!("the key {:?} is missing", branch.key)), "{error}");
            let error = refused(&|fields| drop(fields.insert(branch.key.to_owned(), Value::Array(vec![]))));
            assert!(error.contains("an empty list of steps"), "{error}");
        }
    }
}

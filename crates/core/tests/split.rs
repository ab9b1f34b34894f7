//! Splits against scikit-learn's, as `tests/split/make_fixtures.py` has written them down.

use mnistaug_core::base::Label;
use mnistaug_core::split::{Options, Side, Size, SplitError, Strata, StrataBuilder};
use serde_json::Value;

const FIXTURES: &str = include_str!("split/fixtures.jsonl");

/// The labels that the fixtures' rules describe.
fn labels(rule: &str, n: usize) -> Strata {
    let (kind, classes) = rule.split_once(' ').unwrap();
    let classes: usize = classes.parse().unwrap();
    if kind == "sets" {
        let mut builder = StrataBuilder::default();
        for i in 0..n {
            let mut label = Label::NO_CLASS;
            (0..classes as u8).filter(|c| (i * 7 % 13) >> c & 1 == 1).for_each(|c| label.set(c));
            builder.push(label);
        }
        return builder.finish(&[], true);
    }
    Strata::of_classes((0..n).map(|i| match kind {
        "cycle" => i % classes,
        "runs" => i * classes / n,
        "skew" => ((i + 1).trailing_zeros() as usize).min(classes - 1),
        "mixed" => ((i as u64 * 2_654_435_761 + 12_345) % (1 << 32) / (1 << 13)) as usize % classes,
        "last" if n - i <= 2 * (classes - 1) => classes - 1 - (n - 1 - i) / 2,
        "last" => 0,
        other => panic!("an unknown rule: {other}"),
    } as u8))
}

/// An array in the fixtures' short form.
fn short(indexes: &[u32]) -> Value {
    if indexes.len() <= 24 {
        return indexes.into();
    }
    let bytes: Vec<u8> = indexes.iter().flat_map(|i| i.to_le_bytes()).collect();
    let weighted = (1_u64..)
        .zip(indexes)
        .fold(0_u64, |sum, (place, &i)| sum.wrapping_add(place.wrapping_mul(u64::from(i))));
    serde_json::json!({
        "len": indexes.len(),
        "first": indexes[..3],
        "last": indexes[indexes.len() - 3..],
        "digest": format!("{:08x} {weighted}", crc32fast::hash(&bytes)),
    })
}

fn sides(sides: &[Side]) -> Value {
    sides
        .iter()
        .map(|side| (side.name.clone(), short(&side.indexes)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn splits_are_scikit_learns() {
    let mut cases = 0;
    for line in FIXTURES.lines().skip(1) {
        let case: Value = serde_json::from_str(line).unwrap();
        let n = case["n"].as_u64().unwrap() as usize;
        let strata = case["labels"].as_str().map(|rule| labels(rule, n));
        let size = |name: &str| serde_json::from_value::<Option<Size>>(case[name].clone()).unwrap();
        let options = Options {
            test: size("test"),
            train: size("train"),
            val: size("val"),
            folds: case["folds"].as_u64().map(|k| k as u32),
            stratify: strata.is_some(),
            in_order: !case["shuffle"].as_bool().unwrap(),
            seed: case["seed"].as_u64().unwrap() as u32,
            ..Options::default()
        };
        // `StratifiedKFold(shuffle=False)` is a split in order that is stratified, which `train_test_split` does not have.
        let found = options.sides(n, strata.as_ref(), None).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert_eq!(sides(&found), case["sides"], "{line}");
        if let Some(last) = case.get("last") {
            let one = Options { fold: options.folds.map(|k| k - 1), ..options };
            assert_eq!(&sides(&one.sides(n, strata.as_ref(), None).unwrap()), last, "{line}");
        }
        cases += 1;
    }
    assert!(cases >= 70, "{cases} cases");
}

type Check = fn(&SplitError) -> bool;

/// Every condition under which scikit-learn refuses, and our own.
#[test]
fn impossible_splits_are_refused() {
    let options = |text: &str| serde_json::from_str::<Options>(text).unwrap();
    let refused = |text: &str, n: usize, rule: Option<&str>| {
        let strata = rule.map(|rule| labels(rule, n));
        options(text).sides(n, strata.as_ref(), None).expect_err(text)
    };
    let cases: [(&str, usize, Option<&str>, Check); 24] = [
        (r#"{"seed":0,"test":0}"#, 10, None, |e| matches!(e, SplitError::BadSize { .. })),
        (r#"{"seed":0,"test":10}"#, 10, None, |e| matches!(e, SplitError::BadSize { .. })),
        (r#"{"seed":0,"test":0.0}"#, 10, None, |e| matches!(e, SplitError::BadSize { .. })),
        (r#"{"seed":0,"test":1.0}"#, 10, None, |e| matches!(e, SplitError::BadSize { .. })),
        (r#"{"seed":0,"train":1.5}"#, 10, None, |e| matches!(e, SplitError::BadSize { .. })),
        (r#"{"seed":0,"train":11}"#, 10, None, |e| matches!(e, SplitError::BadSize { .. })),
        (r#"{"seed":0,"val":10}"#, 10, None, |e| matches!(e, SplitError::BadSize { .. })),
        (r#"{"seed":0,"test":0.6,"train":0.6}"#, 10, None, |e| matches!(e, SplitError::BeyondWhole { .. })),
        (r#"{"seed":0,"test":6,"train":5}"#, 10, None, |e| matches!(e, SplitError::TooMany { .. })),
        (r#"{"seed":0,"test":6,"train":0.5}"#, 10, None, |e| matches!(e, SplitError::TooMany { .. })),
        (r#"{"seed":0,"test":4,"val":1,"train":6}"#, 10, None, |e| matches!(e, SplitError::TooMany { .. })),
        (r#"{"seed":0,"test":0.95}"#, 10, None, |e| matches!(e, SplitError::EmptySide { .. })),
        (r#"{"seed":0,"train":0.05}"#, 10, None, |e| matches!(e, SplitError::EmptySide { .. })),
        (r#"{"seed":0}"#, 1, None, |e| matches!(e, SplitError::EmptySide { .. })),
        (r#"{"seed":0,"test":5,"val":5}"#, 10, None, |e| matches!(e, SplitError::NothingLeft { .. })),
        (
            r#"{"seed":0,"stratify":true}"#,
            13,
            Some("skew 4"),
            |e| matches!(e, SplitError::OneImage { classes } if classes == &["3".to_owned()]),
        ),
        (r#"{"seed":0,"stratify":true,"test":9}"#, 40, Some("cycle 10"), |e| {
            matches!(e, SplitError::FewerThanClasses { side: "test", size: 9, classes: 10 })
        }),
        (r#"{"seed":0,"stratify":true,"train":9}"#, 40, Some("cycle 10"), |e| {
            matches!(e, SplitError::FewerThanClasses { side: "training", .. })
        }),
        (r#"{"seed":0,"stratify":true,"in_order":true}"#, 40, Some("cycle 2"), |e| {
            matches!(e, SplitError::StratifiedInOrder)
        }),
        (r#"{"seed":0,"folds":1}"#, 10, None, |e| matches!(e, SplitError::FewFolds(1))),
        (r#"{"seed":0,"folds":11}"#, 10, None, |e| matches!(e, SplitError::FoldsBeyondSamples { .. })),
        (r#"{"seed":0,"folds":3,"stratify":true}"#, 9, Some("cycle 5"), |e| {
            matches!(e, SplitError::FoldsBeyondClass { most: 2, .. })
        }),
        (r#"{"seed":0,"folds":3,"fold":3}"#, 9, None, |e| matches!(e, SplitError::NoFold { .. })),
        (r#"{"seed":0,"folds":3,"test":2}"#, 9, None, |e| matches!(e, SplitError::SizesOfFolds(_))),
    ];
    for (text, n, rule, expected) in cases {
        let error = refused(text, n, rule);
        assert!(expected(&error), "{text}: {error:?}");
    }
}

//! Pipeline files, right and wrong.

use super::spec::{Kind, MAX_NESTING, Spec, VERSION, parse_step};
use crate::base::{Explain, Kind as FaultKind};

/// The error message of a pipeline that begins after `pipeline:`.
fn refused(steps: &str) -> String {
    let text = format!("version: 1\npipeline:\n{steps}");
    let error = Spec::parse("p.yaml", &text).expect_err(steps);
    assert_eq!(error.kind(), FaultKind::Usage);
    assert!(error.at().is_some(), "{error}");
    error.to_string()
}

#[test]
fn errors_show_the_place_and_the_nearest_name() {
    assert_eq!(
        refused("  - add: { valeu: [-10, 10] }\n"),
        "p.yaml:3:12: add: unknown key \"valeu\"; did you mean \"value\"?\n   |\n 3 |   - add: { valeu: [-10, 10] }\n   |            ^^^^^"
    );
    assert_eq!(
        refused("  - noop: {}\n  - ad: 3\n"),
        "p.yaml:4:5: unknown operation \"ad\"; did you mean \"add\"?\n   |\n 4 |   - ad: 3\n   |     ^^"
    );
}

#[test]
fn bad_input_is_refused_with_its_place() {
    for (steps, place, what) in [
        ("  - add: [10, -10]\n", "3:10", "the range [10, -10] is reversed; write [-10, 10]"),
        ("  - add: { value: [10, -10] }\n", "3:19", "value: the range [10, -10] is reversed"),
        ("  - add: [-300, 0]\n", "3:10", "value: -300 is outside -255..255"),
        ("  - add: [1, 2, 3]\n", "3:10", "a list of 3 values, expected a range [lo, hi]"),
        ("  - add: { choice: [] }\n", "3:10", "there is nothing to choose from"),
        ("  - add: ten\n", "3:10", "expected a number, a range [lo, hi] or {choice: [...]}"),
        ("  - add: [1, x]\n", "3:14", "expected a number, not the text \"x\""),
        ("  - add: { per_channel: 0.5 }\n", "3:10", "the key \"value\" is missing"),
        ("  - add: { value: 1, per_channel: 1.5 }\n", "3:35", "1.5 is not a probability"),
        ("  - add: { value: 1, per_channel: yes }\n", "3:35", "expected a probability"),
        ("  - sometimes: { p: 1.1, then: [noop] }\n", "3:21", "p: 1.1 is not a probability"),
        ("  - sometimes: { p: 0.5 }\n", "3:16", "the key \"then\" is missing"),
        ("  - sometimes: { p: 0.5, then: [] }\n", "3:32", "then: an empty list of steps"),
        ("  - sometimes: { p: 0.5, than: [noop] }\n", "3:26", "did you mean \"then\"?"),
        ("  - one_of: []\n", "3:13", "of: an empty list of steps"),
        ("  - one_of: { of: [] }\n", "3:19", "of: an empty list of steps"),
        ("  - some_of: { count: 3, of: [noop, noop] }\n", "3:23", "3 is more than the 2 steps of the list"),
        ("  - some_of: { count: [0, 3], of: [noop, noop] }\n", "3:23", "3 is more than the 2 steps"),
        ("  - some_of: { count: [2, 1], of: [noop, noop] }\n", "3:23", "the range [2, 1] is reversed"),
        ("  - some_of: { count: -1, of: [noop, noop] }\n", "3:23", "-1 is below 0"),
        ("  - some_of: { count: 0.5, of: [noop, noop] }\n", "3:23", "count: expected "),
        (
            "  - sequential: { random_order: 3, of: [noop] }\n",
            "3:33",
            "random_order: expected true or false, not 3",
        ),
        ("  - noop: 3\n", "3:11", "noop takes a mapping of keys, not 3"),
        ("  - noop: {}\n    add: 3\n", "4:5", "a second key \"add\" in one step"),
        ("  - 3\n", "3:5", "expected an operation such as"),
        ("  noop: {}\n  add: 1\n", "4:3", "a second key \"add\" in one step"),
        ("  5\n", "3:3", "expected a list of steps, not 5"),
        ("  - {}\n", "3:5", "an empty mapping"),
        ("  - simplex_noise_alpha: { second: [noop] }\n", "3:26", "the key \"first\" is missing"),
        ("  - simplex_noise_alpha: { first: [noop], iterations: [1, 9] }\n", "3:55", "9 is outside 1..3"),
        ("  - simplex_noise_alpha: { first: [noop], upscale: liner }\n", "3:52", "did you mean linear?"),
        ("  - frequency_noise_alpha: { first: noop }\n", "3:37", "expected a list of steps"),
    ] {
        let error = refused(steps);
        assert!(error.starts_with(&format!("p.yaml:{place}: ")), "{place} of {steps}{error}");
        assert!(error.contains(what), "{what:?} of {error}");
    }
}

#[test]
fn the_version_is_checked() {
    for (text, what) in [
        ("pipeline: []", "the key \"version\" is missing"),
        ("version: 2\npipeline: []", "version 2 of the format; this program reads 1"),
        ("version: one\npipeline: []", "the version is 1, not the text \"one\""),
        ("version: 1", "the key \"pipeline\" is missing"),
        ("version: 1\npipelin: []", "did you mean \"pipeline\"?"),
        ("", "not nothing"),
        ("[]", "not a list"),
    ] {
        let error = Spec::parse("p.yaml", text).unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
        assert!(error.at().is_some());
    }
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| {
        let mut steps = "noop: {}".to_owned();
        for _ in 1..depth {
            steps = format!("sometimes: {{ p: 0.5, then: [{{ {steps} }}] }}");
        }
        Spec::parse("p.yaml", &format!("version: {VERSION}\npipeline: [{{ {steps} }}]"))
    };
    assert!(nested(MAX_NESTING).is_ok());
    for depth in [MAX_NESTING + 1, 60, 3000] {
        let error = nested(depth).unwrap_err();
        assert!(error.to_string().contains("nested"), "{error}");
        assert!(error.at().is_some());
    }
}

#[test]
fn json_and_yaml_mean_the_same() {
    let yaml = "version: 1\npipeline:\n  - add: [-3, 3]\n  - one_of:\n      - noop\n      - add: { value: { choice: [1, 2] } }\n";
    let json =
        r#"{"version":1,"pipeline":[{"add":[-3,3]},{"one_of":[{"noop":{}},{"add":{"choice":[1,2]}}]}]}"#;
    let (yaml, json) = (Spec::parse("a", yaml).unwrap(), Spec::parse("b", json).unwrap());
    assert_eq!(yaml, json);
    let written = serde_json::to_string(&yaml).unwrap();
    assert_eq!(Spec::parse("c", &written).unwrap(), yaml, "{written}");
}

#[test]
fn nodes_are_numbered_in_pre_order() {
    let step = parse_step("noop").unwrap();
    assert!(matches!(step.kind, Kind::Op(_)));
    let text = "version: 1\npipeline:\n  - sequential: [noop, {one_of: [noop, noop]}]\n  - noop\n";
    let spec = Spec::parse("p", text).unwrap();
    let mut numbers = Vec::new();
    spec.for_each(&mut |step| numbers.push((step.node, step.kind.key())));
    let keys = ["sequential", "noop", "one_of", "noop", "noop", "noop"];
    assert_eq!(numbers, (1..).zip(keys).collect::<Vec<_>>());
}

#[test]
fn anchors_and_merge_keys_work() {
    let text = "version: 1\npipeline:\n  - add: &a { value: 1, per_channel: true }\n  - add:\n      <<: *a\n      value: 2\n";
    let spec = Spec::parse("p", text).unwrap();
    let written = serde_json::to_value(&spec).unwrap();
    assert_eq!(written["pipeline"][1], serde_json::json!({"add": {"value": 2.0, "per_channel": 1.0}}));
}

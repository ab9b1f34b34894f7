//! Every case of `tests/golden`, or of the folder that `MNISTAUG_GOLDEN` names, through our operations.
//!
//! A family or a parameter that is not known is a failure.

#[path = "golden/families.rs"]
mod families;
mod peers;

use std::collections::BTreeMap;

use families::{Output, Params, run};
use peers::{Arrays, Case, Tolerance};

#[derive(Default)]
struct Tally {
    cases: usize,
    exact_recipes: usize,
    identical: usize,
    within: usize,
    failed: usize,
    informational: usize,
}

/// How a result compares.
struct Distance {
    mean: f64,
    max: f64,
    beyond_1: f64,
}

fn distance(ours: &[f64], theirs: &[f64]) -> Distance {
    let n = ours.len().max(1) as f64;
    let diffs = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    Distance {
        mean: diffs.clone().sum::<f64>() / n,
        max: diffs.clone().fold(0.0, f64::max),
        beyond_1: diffs.filter(|diff| *diff > 1.0).count() as f64 / n,
    }
}

/// Runs a case and says how near the result comes.
fn compare(case: &Case, arrays: &Arrays) -> Result<Distance, String> {
    let params = Params::new(&case.params, &case.aux);
    let output = run(case, &params, arrays)?;
    params.all_used()?;
    let (shape, ours, theirs): (_, Vec<f64>, Vec<f64>) = match &output {
        Output::Bytes { shape, data } => {
            let (_, theirs) = arrays.u8s(&case.output)?;
            let floats = |data: &[u8]| data.iter().copied().map(f64::from).collect();
            (shape, floats(data), floats(&theirs))
        }
        Output::Floats { shape, data } => {
            let (_, theirs) = arrays.f32s(&case.output)?;
            let floats = |data: &[f32]| data.iter().copied().map(f64::from).collect();
            (shape, floats(data), floats(&theirs))
        }
    };
    if *shape != case.shape {
        return Err(format!("shape {shape:?}, expected {:?}", case.shape));
    }
    Ok(distance(&ours, &theirs))
}

#[test]
fn golden() {
    let cases = peers::json("cases.json");
    let cases: Vec<Case> = serde_json::from_value(cases["cases"].clone()).expect("a list of cases");
    let arrays = Arrays::open();
    let mut table: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut failures = Vec::new();
    for case in &cases {
        let tally = table.entry(case.family()).or_default();
        tally.cases += 1;
        if matches!(case.tolerance, Tolerance::Informational) {
            tally.informational += 1;
            continue;
        }
        tally.exact_recipes += usize::from(case.exact_ref_diff.is_some());
        match (compare(case, &arrays), &case.tolerance) {
            (Ok(near), _) if near.max == 0.0 => tally.identical += 1,
            (Ok(near), Tolerance::Abs { mean_abs_le, max_abs_le, frac_pixels_diff_gt1_le })
                if near.mean <= *mean_abs_le
                    && near.max <= *max_abs_le
                    && frac_pixels_diff_gt1_le.is_none_or(|limit| near.beyond_1 <= limit) =>
            {
                tally.within += 1;
            }
            (Ok(near), _) => {
                tally.failed += 1;
                let Distance { mean, max, beyond_1 } = near;
                failures.push(format!("{}: mean {mean:.5}, max {max:.5}, beyond 1: {beyond_1:.5}", case.id));
            }
            (Err(error), _) => {
                tally.failed += 1;
                failures.push(format!("{}: {error}", case.id));
            }
        }
    }
    report(&table);
    assert!(failures.is_empty(), "{} cases fail:\n{}", failures.len(), failures.join("\n"));
    let recipes: usize = table.values().map(|tally| tally.exact_recipes).sum();
    let identical: usize =
        table.values().filter(|tally| tally.exact_recipes > 0).map(|tally| tally.identical).sum();
    assert!(
        identical * 100 >= recipes * 95,
        "{identical} of {recipes} cases that have a recipe to the bit are identical"
    );
}

#[expect(clippy::print_stdout, reason = "the table is what the test is for")]
fn report(table: &BTreeMap<&str, Tally>) {
    println!("{:24} {:>5} {:>9} {:>6} {:>6}", "family", "cases", "identical", "within", "failed");
    for (family, tally) in table {
        let note = if tally.informational > 0 { "  informational" } else { "" };
        println!(
            "{family:24} {:5} {:9} {:6} {:6}{note}",
            tally.cases, tally.identical, tally.within, tally.failed
        );
    }
    let sum = |of: fn(&Tally) -> usize| table.values().map(of).sum::<usize>();
    println!(
        "{:24} {:5} {:9} {:6} {:6}",
        "all",
        sum(|t| t.cases),
        sum(|t| t.identical),
        sum(|t| t.within),
        sum(|t| t.failed)
    );
}

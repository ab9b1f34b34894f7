//! What our operations draw and make, against the distributions of other libraries in `stats.json`.
//!
//! Seeds are fixed, so that the test either passes or fails for good.

#[path = "stats/draws.rs"]
mod draws;
#[path = "stats/imgaug.rs"]
mod imgaug;
#[path = "stats/layers.rs"]
mod layers;
#[path = "stats/outputs.rs"]
mod outputs;
mod peers;

use std::collections::BTreeMap;

use serde_json::Value;

/// Samples drawn for each group.
pub(crate) const SAMPLES: u64 = 2000;

/// What we measured of one metric.
pub(crate) enum Measured {
    /// Numbers.
    Samples(Vec<f64>),
    /// Numbers that hang together, as the pixels of an image do.
    Pool(Vec<f64>),
    /// Numbers of which each is within the reference's range, give or take the amount.
    Within(Vec<f64>, f64),
    /// How often each name came up.
    Counts(BTreeMap<String, u64>),
    /// How often something was so, of how many.
    Rate(u64, u64),
    /// A correlation, or another number with its tolerance.
    Number(f64, f64),
    /// Several numbers by name, with their common tolerance.
    Numbers(BTreeMap<&'static str, f64>, f64),
    /// Means, to the bit, of a table's rows.
    Table(Vec<f64>),
    /// Something that is always so.
    Always(bool),
}

pub(crate) type Group = BTreeMap<&'static str, Measured>;

/// Correlation of two lists.
pub(crate) fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let (xy, xx, yy) = pairs.iter().fold((0.0, 0.0, 0.0), |(xy, xx, yy), (a, b)| {
        (xy + (a - x) * (b - y), xx + (a - x) * (a - x), yy + (b - y) * (b - y))
    });
    xy / (xx * yy).sqrt()
}

/// The share of `sorted` that is at most `x`.
fn share_up_to(sorted: &[f64], x: f64) -> f64 {
    sorted.partition_point(|value| *value <= x) as f64 / sorted.len() as f64
}

/// How far our numbers are from the reference's quantiles: the largest amount by which the share of our
/// numbers below a quantile misses its probability. Values that occur often take all the room between
/// the share below them and the share up to them.
fn quantile_distance(sorted: &[f64], quantiles: &[f64], unit: f64) -> f64 {
    let steps = (quantiles.len() - 1) as f64;
    let mut worst: f64 = 0.0;
    for (i, q) in quantiles.iter().enumerate() {
        let p = i as f64 / steps;
        let slack = unit.max(3e-6 * q.abs().max(1.0));
        let (below, up_to) = (share_up_to(sorted, q - slack), share_up_to(sorted, q + slack));
        worst = worst.max(below - p).max(p - up_to);
    }
    worst
}

fn square(x: f64) -> f64 {
    x * x
}

/// Compares numbers with a "continuous" entry; says what is off.
fn compare_samples(ours: &[f64], entry: &Value, widen: f64) -> Result<(), String> {
    let number = |value: &Value, key: &str| value[key].as_f64().ok_or_else(|| format!("there is no {key}"));
    let mut sorted: Vec<f64> = ours.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let m = sorted.len() as f64;
    if m < 100.0 {
        return Err(format!("only {m} numbers"));
    }
    let (n, mean, std) = (number(entry, "n")?, number(entry, "mean")?, number(entry, "std")?);
    let suggested = &entry["suggested_tolerance_for_test_n_2000"];
    let scale = widen * ((1.0 / n + 1.0 / m) / (1.0 / n + 1.0 / 2000.0)).sqrt();
    let our_mean = sorted.iter().sum::<f64>() / m;
    let our_std = (sorted.iter().map(|x| (x - our_mean) * (x - our_mean)).sum::<f64>() / m).sqrt();
    let mut wrong = Vec::new();
    let limit = number(suggested, "mean_abs_diff_le")? * scale + 1e-9;
    if (our_mean - mean).abs() > limit {
        wrong.push(format!("mean {our_mean:.5}, theirs {mean:.5} +- {limit:.5}"));
    }
    let quantiles: Vec<f64> = entry["quantiles_0_to_1_step_0p02"]
        .as_array()
        .ok_or("there are no quantiles")?
        .iter()
        .filter_map(Value::as_f64)
        .collect();
    // Rare values far off make the deviation itself vary: five standard errors of ours are granted as well.
    let fourth = sorted.iter().map(|x| square(square(x - our_mean))).sum::<f64>() / m;
    let error_of_variance = ((fourth - square(square(our_std))).max(0.0) * (1.0 / n + 1.0 / m)).sqrt();
    let limit = (number(suggested, "std_rel_diff_le")? * std)
        .max(5.0 * widen * error_of_variance / (2.0 * our_std.max(1e-12)))
        + 1e-9;
    // Where all but a fiftieth is one value, the deviation hangs on a few images and says nothing.
    let rare = quantiles.first() == quantiles.iter().nth_back(1) || quantiles.get(1) == quantiles.last();
    if (our_std - std).abs() > limit && !rare {
        wrong.push(format!("standard deviation {our_std:.5}, theirs {std:.5} +- {limit:.5}"));
    }
    // The extremes of two samples differ by chance; what lies between must agree.
    let limit = number(suggested, "ks_distance_le")? * scale;
    let distance = quantile_distance(&sorted, &quantiles, 0.0);
    if distance > limit {
        wrong.push(format!("distance of distributions {distance:.4}, at most {limit:.4}"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

/// Compares counts with a "categorical" entry.
fn compare_counts(ours: &BTreeMap<String, u64>, entry: &Value) -> Result<(), String> {
    let theirs = entry["p"].as_object().ok_or("there are no probabilities")?;
    let n = entry["n"].as_f64().ok_or("there is no n")?;
    let m: u64 = ours.values().sum();
    let m = m as f64;
    let mut wrong = Vec::new();
    let names: std::collections::BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    for name in names {
        let p = theirs.get(name).and_then(Value::as_f64).unwrap_or(0.0);
        let q = ours.get(name).copied().unwrap_or(0) as f64 / m;
        let both = (p * n + q * m) / (n + m);
        let limit = 5.0 * (both.max(1.0 / m) * (1.0 - both).max(0.001) * (1.0 / n + 1.0 / m)).sqrt();
        if (p - q).abs() > limit {
            wrong.push(format!("{name}: {q:.4}, theirs {p:.4} +- {limit:.4}"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

fn compare(ours: &Measured, entry: &Value) -> Result<(), String> {
    match ours {
        Measured::Samples(samples) => compare_samples(samples, entry, 1.0),
        Measured::Pool(samples) => compare_samples(samples, entry, 3.0),
        Measured::Within(samples, slack) => {
            let bound = |key: &str| entry[key].as_f64().ok_or_else(|| format!("there is no {key}"));
            let (low, high) = (bound("min")? - slack, bound("max")? + slack);
            match samples.iter().find(|value| !(low..=high).contains(*value)) {
                Some(value) => Err(format!("{value:.4} is outside {low:.4}..{high:.4}")),
                None => Ok(()),
            }
        }
        Measured::Counts(counts) => compare_counts(counts, entry),
        Measured::Rate(hits, of) => {
            let (p, q) = (entry.as_f64().ok_or("not a rate")?, *hits as f64 / *of as f64);
            let spread = |p: f64| (p * (1.0 - p) / *of as f64).sqrt();
            let limit = 5.0 * spread(p.clamp(0.001, 0.999)) * std::f64::consts::SQRT_2;
            if (p - q).abs() <= limit {
                Ok(())
            } else {
                Err(format!("rate {q:.4}, theirs {p:.4} +- {limit:.4}"))
            }
        }
        Measured::Number(ours, limit) => {
            let theirs = entry.as_f64().ok_or("not a number")?;
            if (ours - theirs).abs() <= *limit {
                Ok(())
            } else {
                Err(format!("{ours:.4}, theirs {theirs:.4} +- {limit:.4}"))
            }
        }
        Measured::Numbers(ours, limit) => {
            let theirs = entry.as_object().ok_or("not a list of numbers")?;
            for (name, value) in theirs {
                let theirs = value.as_f64().ok_or("not a number")?;
                let ours = ours.get(name.as_str()).ok_or_else(|| format!("{name} is not known"))?;
                if (ours - theirs).abs() > *limit {
                    return Err(format!("{name}: {ours:.4}, theirs {theirs:.4} +- {limit:.4}"));
                }
            }
            Ok(())
        }
        Measured::Table(ours) => {
            let theirs = entry["mean_actual"].as_array().ok_or("there is no table")?;
            let theirs: Vec<f64> = theirs.iter().filter_map(Value::as_f64).collect();
            if *ours == theirs { Ok(()) } else { Err(format!("{ours:?}, theirs {theirs:?}")) }
        }
        Measured::Always(true) => Ok(()),
        Measured::Always(false) => Err(format!("not {entry}")),
    }
}

/// Groups for which there is nothing to measure: of behavior that is not ours on purpose.
fn left_out(group: &str, metric: &str) -> Option<&'static str> {
    match (group, metric) {
        ("control", "SomeOf_order_shared_in_batch_fraction") => Some("orders are drawn for each image"),
        ("params/PerspectiveTransform(scale=(0.01,0.1))", "jitter_std_of_one_draw_call") => {
            Some("the scale is drawn for each image")
        }
        ("pipeline/gray as-run", _) => Some("color operations leave gray images alone"),
        _ => None,
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the table is what the test is for")]
fn stats() {
    let files = ["stats.json", "keras_layers/stats.json", "torchvision/stats.json"].map(peers::json);
    let arrays = peers::Arrays::open();
    let mut failures = Vec::new();
    let mut passed = 0;
    for (group, metrics) in files.iter().flat_map(|file| file["stats"].as_object().expect("groups")) {
        let metrics = metrics.as_object().expect("metrics");
        if metrics.keys().all(|metric| left_out(group, metric).is_some()) {
            println!("{group}: {}", left_out(group, "").unwrap_or("left out"));
            continue;
        }
        let Some(ours) = draws::measure(group)
            .or_else(|| layers::measure(group))
            .or_else(|| outputs::measure(group, &arrays))
        else {
            failures.push(format!("{group}: this group is not known"));
            continue;
        };
        for (metric, entry) in metrics {
            if left_out(group, metric).is_some() {
                continue;
            }
            match ours.get(metric.as_str()).map(|ours| compare(ours, entry)) {
                Some(Ok(())) => passed += 1,
                Some(Err(error)) => failures.push(format!("{group} / {metric}: {error}")),
                None => failures.push(format!("{group} / {metric}: this metric is not known")),
            }
        }
    }
    println!("{passed} metrics agree, {} do not", failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The same for operations whose vectors lie in `tests/golden/imgaug`.
#[test]
fn stats_of_imgaug() {
    let stats = peers::json("imgaug/stats.json");
    let mut failures = Vec::new();
    for (group, metrics) in stats["stats"].as_object().expect("groups") {
        if imgaug::left_out(group).is_some() {
            continue;
        }
        let Some(ours) = imgaug::measure(group) else {
            failures.push(format!("{group}: this group is not known"));
            continue;
        };
        let metrics = metrics.as_object().expect("metrics");
        for (metric, entry) in metrics {
            match ours.get(metric.as_str()).map(|ours| compare(ours, entry)) {
                Some(Ok(())) => {}
                Some(Err(error)) => failures.push(format!("{group} / {metric}: {error}")),
                None => failures.push(format!("{group} / {metric}: this metric is not known")),
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

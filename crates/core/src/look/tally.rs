//! What a split holds, counted: images by class, means and deviations, the brightest and the darkest image.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::{Value, json};

use crate::base::{Fault, Label, LabelKind, Pass, Sample, Source, Split};

use super::numbers::grouped;
use super::shown::word;

/// Values of a column of truth that are told apart.
const MOST_VALUES: usize = 256;

/// Rows and columns of tables that are shown.
const SHOWN: usize = 20;

/// What a weight of 1 counts.
const WHOLE: f32 = (1_u64 << 32) as f32;

/// Samples that one task looks at.
const CHUNK: u64 = 512;

/// Shapes of images of different sizes that are listed.
const MOST_SHAPES: usize = 1000;

/// Sums over samples. Integers only, so that the order in which they are added does not matter.
#[derive(Clone, Debug)]
pub struct Tally {
    samples: u64,
    /// Rows times columns of all images together.
    pixels: u64,
    classes: Vec<u64>,
    /// The weight of each class in all samples together, of soft labels; [`WHOLE`] is a weight of 1.
    weights: Vec<u64>,
    /// Samples by number of objects (or of classes, where objects are not known).
    objects: Vec<u64>,
    sum: [u64; 3],
    squares: [u128; 3],
    /// Sum of all values and index, of the brightest and the darkest image; the first one where several are equal.
    brightest: Option<(u64, u64)>,
    darkest: Option<(u64, u64)>,
    /// For each column of truth.
    truth: Vec<Column>,
}

/// Samples by one column of truth, and by class.
#[derive(Clone, Debug)]
struct Column {
    /// Samples of each class, by value; none where there are too many values.
    by_value: Option<BTreeMap<i64, Vec<u64>>>,
    least: i64,
    most: i64,
}

impl Default for Column {
    fn default() -> Self {
        Self { by_value: Some(BTreeMap::new()), least: i64::MAX, most: i64::MIN }
    }
}

impl Column {
    /// The samples of each class that have `value`, if values are counted.
    fn at(&mut self, value: i64, classes: usize) -> Option<&mut Vec<u64>> {
        (self.least, self.most) = (self.least.min(value), self.most.max(value));
        let full = |all: &BTreeMap<_, _>| all.len() == MOST_VALUES && !all.contains_key(&value);
        if self.by_value.as_ref().is_some_and(full) {
            self.by_value = None;
        }
        Some(self.by_value.as_mut()?.entry(value).or_insert_with(|| vec![0; classes]))
    }

    fn merge(&mut self, other: &Self, classes: usize) {
        (self.least, self.most) = (self.least.min(other.least), self.most.max(other.most));
        let Some(of_other) = &other.by_value else {
            self.by_value = None;
            return;
        };
        for (&value, counts) in of_other {
            let Some(own) = self.at(value, classes) else { return };
            own.iter_mut().zip(counts).for_each(|(a, b)| *a += b);
        }
    }
}

impl Tally {
    fn new(classes: usize, truth: usize) -> Self {
        Self {
            samples: 0,
            pixels: 0,
            classes: vec![0; classes],
            weights: vec![0; classes],
            objects: Vec::new(),
            sum: [0; 3],
            squares: [0; 3],
            brightest: None,
            darkest: None,
            truth: vec![Column::default(); truth],
        }
    }

    fn add(&mut self, index: u64, sample: &Sample) {
        self.samples += 1;
        self.pixels += sample.canvas.shape().pixels() as u64;
        match sample.label {
            Label::Class(class) => self.classes[usize::from(class)] += 1,
            Label::MultiHot(bits) => {
                for (class, count) in self.classes.iter_mut().enumerate() {
                    *count += u64::from(sample.label.has(class as u8));
                }
                let labeled: u32 = bits.iter().map(|word| word.count_ones()).sum();
                let objects = if sample.objects.is_empty() { labeled as usize } else { sample.objects.len() };
                if self.objects.len() <= objects {
                    self.objects.resize(objects + 1, 0);
                }
                self.objects[objects] += 1;
            }
        }
        for (sum, &weight) in self.weights.iter_mut().zip(&sample.soft) {
            *sum += (weight * WHOLE) as u64;
        }
        let classes = self.classes.len();
        for (column, &value) in self.truth.iter_mut().zip(&sample.truth) {
            if let Some(counts) = column.at(value, classes) {
                let own = (0..=255).zip(counts).filter(|(class, _)| sample.label.has(*class));
                own.for_each(|(_, count)| *count += 1);
            }
        }
        let channels = sample.canvas.shape().channels();
        let mut total = 0;
        for c in 0..channels {
            let (mut sum, mut squares) = (0, 0);
            for &value in sample.canvas.pixels().iter().skip(c).step_by(channels) {
                sum += u64::from(value);
                squares += u64::from(value) * u64::from(value);
            }
            self.sum[c] += sum;
            self.squares[c] += u128::from(squares);
            total += sum;
        }
        self.extremes(Some((total, index)), Some((total, index)));
    }

    fn extremes(&mut self, bright: Option<(u64, u64)>, dark: Option<(u64, u64)>) {
        if let Some((sum, index)) = bright
            && self.brightest.is_none_or(|(best, at)| sum > best || (sum == best && index < at))
        {
            self.brightest = Some((sum, index));
        }
        if let Some((sum, index)) = dark
            && self.darkest.is_none_or(|(best, at)| sum < best || (sum == best && index < at))
        {
            self.darkest = Some((sum, index));
        }
    }

    fn merge(mut self, other: &Self) -> Self {
        self.samples += other.samples;
        self.pixels += other.pixels;
        self.classes.iter_mut().zip(&other.classes).for_each(|(a, b)| *a += b);
        self.weights.iter_mut().zip(&other.weights).for_each(|(a, b)| *a += b);
        self.objects.resize(self.objects.len().max(other.objects.len()), 0);
        self.objects.iter_mut().zip(&other.objects).for_each(|(a, b)| *a += b);
        for c in 0..3 {
            self.sum[c] += other.sum[c];
            self.squares[c] += other.squares[c];
        }
        self.extremes(other.brightest, other.darkest);
        let classes = self.classes.len();
        self.truth.iter_mut().zip(&other.truth).for_each(|(a, b)| a.merge(b, classes));
        self
    }

    /// Counts all samples of a source, in parallel, in the pool that it is called in.
    ///
    /// # Errors
    /// If a sample cannot be read, or the work was stopped.
    pub fn of(source: &dyn Source, pass: &Pass) -> Result<Self, Fault> {
        let (classes, truth) = (source.schema().classes(), source.schema().truth.len());
        let chunks = source.len().div_ceil(CHUNK);
        let tally = (0..chunks)
            .into_par_iter()
            .map_init(
                || (source.reader(), Sample::default()),
                |(reader, sample), chunk| {
                    let mut tally = Self::new(classes, truth);
                    let range = chunk * CHUNK..source.len().min((chunk + 1) * CHUNK);
                    pass.check()?;
                    pass.add(range.end - range.start);
                    for index in range {
                        reader.read(index, sample)?;
                        tally.add(index, sample);
                    }
                    Ok::<_, Fault>(tally)
                },
            )
            .try_reduce(|| Self::new(classes, truth), |a, b| Ok(a.merge(&b)))?;
        Ok(tally)
    }

    /// The report of a split, as `info --json` gives it: counts, and per channel mean and deviation in 0..1.
    #[must_use]
    pub fn report(&self, split: &Split) -> Value {
        let schema = split.source.schema();
        let channels = schema.shape.channels();
        let values = (self.pixels as f64).max(1.0);
        let mean = |c: usize| self.sum[c] as f64 / values;
        let means: Vec<f64> = (0..channels).map(|c| mean(c) / 255.0).collect();
        let deviations: Vec<f64> = (0..channels)
            .map(|c| (self.squares[c] as f64 / values - mean(c) * mean(c)).max(0.0).sqrt() / 255.0)
            .collect();
        let extreme = |of: Option<(u64, u64)>| of.map(|(sum, index)| json!({ "index": index, "sum": sum }));
        let mut value = json!({
            "name": split.name,
            "images": self.samples,
            "shape": schema.shape,
            "labels": schema.labels,
            "classes": schema.class_names.iter().zip(&self.classes)
                .map(|(name, count)| json!({ "name": name, "count": count })).collect::<Vec<_>>(),
            "mean": means,
            "std": deviations,
            "brightest": extreme(self.brightest),
            "darkest": extreme(self.darkest),
        });
        match schema.labels {
            LabelKind::Class => {}
            LabelKind::MultiHot => value["objects"] = json!(self.objects),
            LabelKind::Soft => {
                // Of each class the mean over all samples; `count` is how often it is the strongest.
                let whole = f64::from(WHOLE) * (self.samples as f64).max(1.0);
                let classes = value["classes"].as_array_mut().into_iter().flatten();
                for (class, &weight) in classes.zip(&self.weights) {
                    class["weight"] = json!(weight as f64 / whole);
                }
            }
        }
        if !schema.truth.is_empty() {
            let columns = schema.truth.iter().zip(&self.truth).map(|(name, column)| {
                let values = column.by_value.as_ref().map(|by_value| {
                    let one =
                        |(value, counts): (&i64, &Vec<u64>)| json!({ "value": value, "by_class": counts });
                    by_value.iter().map(one).collect::<Vec<_>>()
                });
                json!({ "name": name, "least": column.least, "most": column.most, "values": values })
            });
            value["truth"] = columns.collect();
        }
        if schema.varied {
            let shapes = split.source.shapes();
            value["varied"] = json!(true);
            value["sizes"] = json!(shapes.len());
            value["shapes"] = json!(&shapes[..shapes.len().min(MOST_SHAPES)]);
        }
        if let Some(grid) = schema.grid {
            value["grid"] = json!(grid);
        }
        if let Some(frames) = schema.frames {
            value["frames"] = json!(frames);
        }
        value
    }
}

/// The reports of the splits of `info --json` as lines for people.
#[must_use]
pub fn text(info: &Value) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    let number = |value: &Value| grouped(value.as_u64().unwrap_or(0));
    let floats = |value: &Value| {
        let list: Vec<String> = value
            .as_array()
            .into_iter()
            .flatten()
            .map(|v| format!("{:.4}", v.as_f64().unwrap_or(0.0)))
            .collect();
        list.join(" ")
    };
    for split in info["splits"].as_array().into_iter().flatten() {
        let shape = &split["shape"];
        let _ = writeln!(
            out,
            "{}: {} images of {}{}x{}x{}",
            word(split["name"].as_str().unwrap_or("")),
            number(&split["images"]),
            split["sizes"].as_u64().map_or_else(String::new, |n| format!("{} sizes up to ", grouped(n))),
            shape["height"],
            shape["width"],
            shape["channels"],
        );
        let classes = split["classes"].as_array().map_or(&[][..], Vec::as_slice);
        let most = classes.iter().filter_map(|class| class["count"].as_u64()).max().unwrap_or(1).max(1);
        let names: Vec<_> = classes.iter().map(|class| word(class["name"].as_str().unwrap_or(""))).collect();
        let width = names.iter().map(|name| name.len()).max().unwrap_or(1);
        for (id, (class, name)) in classes.iter().zip(&names).enumerate() {
            let label = if *name == id.to_string() { name.to_string() } else { format!("{id} {name}") };
            let bar = "#".repeat((class["count"].as_u64().unwrap_or(0) * 40 / most) as usize);
            let weight =
                class["weight"].as_f64().map_or_else(String::new, |weight| format!(" {weight:>7.4}"));
            let _ =
                writeln!(out, "  {label:<w$} {:>9}{weight} {bar}", number(&class["count"]), w = width + 3);
        }
        if classes.iter().any(|class| class["weight"].is_f64()) {
            let _ =
                writeln!(out, "  soft labels: how often each class is the strongest, and its mean weight");
        }
        if let Some(objects) = split["objects"].as_array() {
            let counts: Vec<String> =
                objects.iter().enumerate().map(|(n, count)| format!("{n}: {}", number(count))).collect();
            let _ = writeln!(out, "  objects    {}", counts.join("  "));
        }
        for column in split["truth"].as_array().into_iter().flatten() {
            let name = column["name"].as_str().unwrap_or("");
            let Some(values) = column["values"].as_array() else {
                let _ = writeln!(out, "  {name}: {} to {}", column["least"], column["most"]);
                continue;
            };
            let _ = writeln!(out, "  {name} (rows) and labels:");
            if values.len() > SHOWN || classes.len() > SHOWN {
                let _ = writeln!(out, "    {} values; --json has the table", values.len());
                continue;
            }
            let cells = |counts: &Value| counts.as_array().cloned().unwrap_or_default();
            let all = values.iter().flat_map(|value| cells(&value["by_class"]));
            let width = all.map(|count| number(&count).len()).max().unwrap_or(1).max(2) + 1;
            let _ = write!(out, "    {:>6}", "");
            for class in 0..classes.len() {
                let _ = write!(out, "{class:>width$}");
            }
            out.push('\n');
            for value in values {
                let _ = write!(out, "    {:>6}", value["value"].as_i64().unwrap_or(0));
                for count in cells(&value["by_class"]) {
                    let _ = write!(out, "{:>width$}", number(&count));
                }
                out.push('\n');
            }
        }
        let _ = writeln!(out, "  mean       {}", floats(&split["mean"]));
        let _ = writeln!(out, "  std        {}", floats(&split["std"]));
        for end in ["brightest", "darkest"] {
            let _ = writeln!(
                out,
                "  {end:<10} index {} (sum {})",
                split[end]["index"],
                number(&split[end]["sum"])
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Image, Shape};

    #[test]
    fn many_values_are_not_told_apart() {
        let mut column = Column::default();
        let mut other = Column::default();
        for value in 0..MOST_VALUES as i64 {
            assert!(column.at(value, 1).is_some() && other.at(-value, 1).is_some());
        }
        column.merge(&other, 1);
        assert_eq!((column.by_value, column.least, column.most), (None, -255, 255));
    }

    #[test]
    fn tallies_add_up_in_any_order() {
        let sample = |class, values: [u8; 2]| {
            let mut sample = Sample { label: Label::Class(class), ..Sample::default() };
            sample.canvas.load(Image::new(Shape::gray(1, 2), &values));
            sample
        };
        let mut samples = [sample(0, [0, 9]), sample(1, [255, 0]), sample(1, [9, 0]), sample(2, [0, 255])];
        samples.iter_mut().zip([7, 7, -1, 7]).for_each(|(sample, truth)| sample.truth.push(truth));
        let mut whole = Tally::new(3, 1);
        (0..).zip(&samples).for_each(|(i, s)| whole.add(i, s));
        let (mut a, mut b) = (Tally::new(3, 1), Tally::new(3, 1));
        (0..).zip(&samples[..2]).for_each(|(i, s)| a.add(i, s));
        (2..).zip(&samples[2..]).for_each(|(i, s)| b.add(i, s));
        for merged in [a.clone().merge(&b), b.merge(&a)] {
            assert_eq!(merged.classes, [1, 2, 1]);
            assert_eq!(merged.sum, whole.sum);
            assert_eq!(merged.squares, whole.squares);
            // Equal extremes: the lowest index, whoever came first.
            assert_eq!(merged.brightest, Some((255, 1)));
            assert_eq!(merged.darkest, Some((9, 0)));
            let column = &merged.truth[0];
            assert_eq!((column.least, column.most), (-1, 7));
            let table = BTreeMap::from([(-1, vec![0, 1, 0]), (7, vec![1, 1, 1])]);
            assert_eq!(column.by_value.as_ref(), Some(&table));
        }
    }
}

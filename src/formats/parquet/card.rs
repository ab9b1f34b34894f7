//! The card of a data set on the Hugging Face Hub: `README.md`, by which `datasets` knows features and splits.

use std::fmt::Write as _;

use serde_json::Value;

use crate::base::LabelKind;
use crate::formats::columns::{MASKS, TRUTH};
use crate::formats::{About, Layout, collections};

/// `README.md` of a data set on the Hub.
pub(super) fn readme(about: &About<'_>) -> String {
    let Some(first) = about.splits.first() else { return String::new() };
    let splits: Vec<CardSplit> = about
        .splits
        .iter()
        .map(|split| CardSplit { files: split.name.to_owned(), rows: split.rows, bytes: split.bytes() })
        .collect();
    let mut body = format!(
        "Made by `mnistaug {}`. `manifest.json` says of what and how, with digests of all files; \
         `mnistaug verify --rebuild` makes it again.\n",
        about.command
    );
    for license in about.licenses {
        let _ = writeln!(body, "\n{license}");
    }
    let (known, others) = collections::of_licenses(about.licenses);
    let mut sources: Vec<&str> = Vec::new();
    for hub in known.iter().map(|collection| collection.hub).chain(others.then_some("extended|other")) {
        if !sources.contains(&hub) {
            sources.push(hub);
        }
    }
    let origin = Origin { licenses: collections::hub_licenses(about.licenses), sources };
    card(&about.title, &Layout::of(first.schema), &first.schema.class_names, &splits, &origin, &body)
}

/// Where a data set comes from, in the Hub's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Origin {
    /// Identifiers of its licenses.
    licenses: Vec<&'static str>,
    /// What it was made of.
    sources: Vec<&'static str>,
}

/// A split, as the card describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CardSplit {
    /// What names of its files begin with, which is its name here.
    files: String,
    /// Its samples.
    rows: u64,
    /// Bytes of its files together.
    bytes: u64,
}

/// `README.md` of a data set on the Hub: YAML between two lines of dashes, by which `datasets` knows features and splits, then `body` in
/// Markdown.
fn card(
    title: &str,
    layout: &Layout,
    class_names: &[String],
    splits: &[CardSplit],
    origin: &Origin,
    body: &str,
) -> String {
    let mut text = "---\n".to_owned();
    let _ = writeln!(text, "pretty_name: {}", quoted(title));
    match origin.licenses[..] {
        [] => {}
        [one] => {
            let _ = writeln!(text, "license: {one}");
        }
        _ => list(&mut text, "license", &origin.licenses),
    }
    list(&mut text, "source_datasets", &origin.sources);
    let rows: u64 = splits.iter().map(|split| split.rows).sum();
    let task = if layout.grid.is_some() { "object-detection" } else { "image-classification" };
    let _ = writeln!(text, "task_categories:\n- {task}");
    let _ = writeln!(text, "size_categories:\n- {}", size_category(rows));
    list(&mut text, "tags", &["image", "mnist", "mnistaug"]);
    text += "dataset_info:\n  features:\n  - name: image\n    dtype: image\n";
    let names = |text: &mut String, indent: &str| {
        let _ = writeln!(text, "{indent}class_label:\n{indent}  names:");
        for (class, name) in class_names.iter().enumerate() {
            let _ = writeln!(text, "{indent}    '{class}': {}", quoted(name));
        }
    };
    match layout.labels {
        LabelKind::Class => {
            text += "  - name: label\n    dtype:\n";
            names(&mut text, "      ");
        }
        LabelKind::MultiHot => text += "  - name: labels\n    list: int64\n",
        LabelKind::Soft => {
            let _ = writeln!(text, "  - name: labels\n    list: float32\n    length: {}", layout.classes);
        }
    }
    if layout.grid.is_some() {
        text += "  - name: objects\n    struct:\n    - name: bbox\n      list:\n        list: float32\n        length: 4\n";
        text += "    - name: categories\n      list:\n";
        names(&mut text, "        ");
    }
    if layout.masks {
        let _ = writeln!(text, "    - name: id\n      list: int64\n  - name: {MASKS}\n    dtype: image");
    }
    for name in layout.truth.iter() {
        let _ = writeln!(text, "  - name: {TRUTH}{name}\n    dtype: int64");
    }
    text += "  splits:\n";
    for split in splits {
        let _ = writeln!(
            text,
            "  - name: {}\n    num_bytes: {}\n    num_examples: {}",
            quoted(&hub_name(&split.files, splits)),
            split.bytes,
            split.rows
        );
    }
    let bytes: u64 = splits.iter().map(|split| split.bytes).sum();
    let _ = writeln!(text, "  download_size: {bytes}\n  dataset_size: {bytes}");
    text += "configs:\n- config_name: default\n  data_files:\n";
    for split in splits {
        let path = format!("data/{}-*", split.files);
        let name = hub_name(&split.files, splits);
        let _ = writeln!(text, "  - split: {}\n    path: {}", quoted(&name), quoted(&path));
    }
    let _ = write!(text, "---\n\n# {title}\n\n{}\n", body.trim());
    text
}

/// A list of words, if there are any.
fn list(text: &mut String, key: &str, words: &[&str]) {
    if words.is_empty() {
        return;
    }
    let _ = writeln!(text, "{key}:");
    for word in words {
        let _ = writeln!(text, "- {}", quoted(word));
    }
}

/// A YAML scalar that is a string whatever it holds: JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A split's name as `datasets` takes it: letters, digits, `_`, and single dots between them. Names that would become the same get more `_`.
fn hub_name(name: &str, splits: &[CardSplit]) -> String {
    let plain = |name: &str| {
        let parts: Vec<String> = name
            .split('.')
            .map(|part| part.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect())
            .collect();
        if parts.iter().all(|part: &String| !part.is_empty()) { parts.join(".") } else { parts.join("_") }
    };
    let own = plain(name);
    let before = splits.iter().take_while(|split| split.files != name);
    let same = before.filter(|split| plain(&split.files) == own).count();
    if same == 0 { own } else { format!("{own}{}", "_".repeat(same)) }
}

/// The Hub's words for a number of samples.
fn size_category(rows: u64) -> String {
    const STEPS: [(u64, &str); 9] = [
        (1_000, "1K"),
        (10_000, "10K"),
        (100_000, "100K"),
        (1_000_000, "1M"),
        (10_000_000, "10M"),
        (100_000_000, "100M"),
        (1_000_000_000, "1B"),
        (10_000_000_000, "10B"),
        (100_000_000_000, "100B"),
    ];
    let above = STEPS.iter().position(|(limit, _)| rows < *limit);
    match above {
        Some(0) => format!("n<{}", STEPS[0].1),
        Some(i) => format!("{}<n<{}", STEPS[i - 1].1, STEPS[i].1),
        None => "100B<n<1T".into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Shape;

    #[test]
    fn the_card_is_yaml_whatever_classes_are_called() {
        let layout = Layout::plain(Shape::gray(1, 1), LabelKind::Class, 2);
        let names = ["T-shirt/top: \"no\"".to_owned(), "no".to_owned()];
        let splits = [CardSplit { files: "train".into(), rows: 1000, bytes: 5 }];
        let origin =
            Origin { licenses: vec!["mit", "cc-by-4.0"], sources: vec!["extended|other", "original"] };
        let text = card("digits", &layout, &names, &splits, &origin, "Words.");
        let yaml = text.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap().0;
        let yaml: Value = serde_saphyr::from_str(yaml).unwrap();
        let info = &yaml["dataset_info"];
        assert_eq!(
            info["features"][1]["dtype"]["class_label"]["names"],
            json!({ "0": names[0], "1": names[1] })
        );
        assert_eq!(info["splits"][0], json!({ "name": "train", "num_bytes": 5, "num_examples": 1000 }));
        assert_eq!(yaml["configs"][0]["data_files"][0]["path"], "data/train-*");
        assert_eq!(yaml["license"], json!(["mit", "cc-by-4.0"]));
        assert_eq!(yaml["source_datasets"], json!(["extended|other", "original"]));
        assert_eq!((&yaml["pretty_name"], &yaml["tags"][2]), (&json!("digits"), &json!("mnistaug")));
        assert_eq!(yaml["size_categories"][0], "1K<n<10K");
        assert_eq!(size_category(999), "n<1K");
        let splits =
            ["fold-0", "fold_0", "a.b", ".c"].map(|name| CardSplit { files: name.into(), rows: 1, bytes: 1 });
        let names: Vec<String> = splits.iter().map(|split| hub_name(&split.files, &splits)).collect();
        assert_eq!(names, ["fold_0", "fold_0_", "a.b", "_c"]);
    }
}

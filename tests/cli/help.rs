//! Help: `-h` fits on a screen and begins with a command's own options, `--help` has everything and examples, and both use the
//! words of the field.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::harness::{Images, Place};

/// Rows that `-h` may take at 80 columns.
const ROWS: usize = 40;

/// Every command, with an option that has to be in the first section of its `-h`.
const OWN: &[(&str, &str)] = &[
    ("fetch", "--list"),
    ("colorize", "--backgrounds"),
    ("quadrant", "--objects"),
    ("place", "--objects"),
    ("sequence", "--frames"),
    ("relabel", "--noise"),
    ("balance", "--to"),
    ("mix", "--method"),
    ("augment", "--pipeline"),
    ("split", "--test-size"),
    // What is special about it, formats and their options, other commands have as well.
    ("export", "--input"),
    ("import", "--label"),
    ("run", "--show"),
    ("preview", "--count"),
    ("info", "--indices-of"),
    ("explain", "--pipeline"),
    ("verify", "--rebuild"),
    ("cat", "--part"),
    ("completions", "--help"),
    ("man", "--dir"),
    ("merge", "--help"),
    ("parts", "--missing"),
    ("pipeline", "--help"),
    ("pipeline check", "--shape"),
    ("pipeline convert", "--out"),
    ("pipeline list", "--help"),
    ("pipeline show", "--help"),
    ("pipeline schema", "--help"),
];

/// Headings of options that several commands share, in their order.
const SHARED: [&str; 3] = ["Input", "Output", "General"];

/// Words that are not used, with what is written instead. They are looked for in lower case, as whole words.
const NOT_USED: &[(&str, &str)] = &[
    ("colour", "color"),
    ("colours", "colors"),
    ("coloured", "colored"),
    ("colourize", "colorize"),
    ("grey", "gray"),
    ("centre", "center"),
    ("centerd", "centered"),
    ("labelled", "labeled"),
    ("neighbour", "neighbor"),
    ("licence", "license"),
    ("catalogue", "catalog"),
    ("packed", "compressed"),
    ("unpacked", "uncompressed, raw"),
    ("packing", "compression"),
    ("files of others", "third-party files"),
    ("one after the other", "concatenated"),
    ("goes on", "resumes"),
    ("go on", "resume"),
    ("brought to", "resized"),
    ("bring all", "resize all"),
    ("passed over", "skipped, ignored"),
    ("pass over", "skip, ignore"),
    ("sets of classes", "multi-label targets"),
    ("laid down", "written to a temporary file"),
    ("put there as well", "also go there"),
    ("a hundred times faster", "the measured ratio"),
    ("on their side", "transposed"),
    ("sides", "splits, subsets"),
    ("came about", "was made"),
];

/// The help that a command prints on a terminal of 80 columns.
pub(crate) fn help(place: &Place, command: &str, option: &str) -> String {
    let run = place.run_with(&format!("{command} {option}"), &[("COLUMNS", "80")]).ok();
    assert_eq!(run.err, "", "{command} {option}");
    run.out
}

/// All commands and commands of these, as the help names them.
pub(crate) fn commands(place: &Place, of: &str) -> Vec<String> {
    let text = help(place, of, "--help");
    let listed = text.lines().skip_while(|line| *line != "Commands:").skip(1);
    let mut found = Vec::new();
    for line in listed.take_while(|line| !line.is_empty()) {
        let name = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' '));
        let Some(name) = name.and_then(|rest| rest.split_whitespace().next()) else { continue };
        if name != "help" {
            let whole = format!("{of} {name}").trim().to_owned();
            found.extend(commands(place, &whole));
            found.push(whole);
        }
    }
    found
}

/// Long options by section: heading, and the options below it with their texts.
pub(crate) fn sections(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start();
        if indent == 0 {
            let heading = line.strip_suffix(':').filter(|name| *name != "Examples");
            // Whatever follows the sections belongs to none.
            if let Some(name) = heading {
                found.push((name.to_owned(), Vec::new()));
            } else if line.starts_with("Examples") {
                break;
            }
        } else if (2..=6).contains(&indent) && words.starts_with('-') && !found.is_empty() {
            let long = words.find("--").map_or("", |at| &words[at..]);
            let name: String = long.chars().take_while(|c| *c == '-' || c.is_ascii_alphanumeric()).collect();
            let text = words.split_once("  ").map_or("", |(_, text)| text.trim()).to_owned();
            found.last_mut().unwrap().1.push((name, text));
        } else if indent > 6
            && let Some((_, text)) = found.last_mut().and_then(|(_, options)| options.last_mut())
        {
            text.push(' ');
            text.push_str(words);
        }
    }
    found
}

/// Which words of the list a text has, and where.
fn not_used(name: &str, text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut found = Vec::new();
    for (word, instead) in NOT_USED {
        for (at, _) in lower.match_indices(word) {
            let part = |c: char| c.is_alphanumeric() || c == '_';
            // A file's or an option's name is no choice of words.
            let named = |c: char| part(c) || c == '/' || c == '-';
            let ends = lower[at + word.len()..].chars().next();
            if !lower[..at].ends_with(named) && !ends.is_some_and(part) {
                let line = 1 + lower[..at].matches('\n').count();
                found.push(format!("{name}:{line}: {word:?}; write {instead:?}"));
            }
        }
    }
    found
}

#[test]
fn short_help_fits_on_a_screen_and_begins_with_own_options() {
    let place = Place::new();
    let mut all = commands(&place, "");
    assert_eq!(
        all.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        OWN.iter().map(|(command, _)| *command).collect(),
        "each command has a line in the table"
    );
    all.push(String::new());
    for command in &all {
        let text = help(&place, command, "-h");
        assert!(text.lines().count() <= ROWS, "{command} -h: {} lines\n{text}", text.lines().count());
        let wide = text.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{command} -h");
        let found = sections(&text);
        let headings: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        let shared: Vec<&str> = headings.iter().copied().filter(|name| SHARED.contains(name)).collect();
        let in_order: Vec<&str> = SHARED.iter().copied().filter(|name| headings.contains(name)).collect();
        assert_eq!(shared, in_order, "{command} -h: order of headings");
        assert!(headings.ends_with(&shared), "{command} -h: own options come first: {headings:?}");
        if let Some((_, option)) = OWN.iter().find(|(name, _)| name == command) {
            let first = found.iter().find(|(_, options)| !options.is_empty());
            let first: Vec<&str> = first.unwrap().1.iter().map(|(name, _)| name.as_str()).collect();
            assert!(first.contains(option), "{command} -h: {option} is not among the first, {first:?}");
        }
    }
}

#[test]
fn long_help_has_every_option_with_a_text_and_examples() {
    let place = Place::new();
    for command in commands(&place, "") {
        let text = help(&place, &command, "--help");
        let example = format!("\n  mnistaug {command}");
        assert!(text.contains("\nExamples:\n") && text.contains(&example), "{command} --help:\n{text}");
        let long: Vec<(String, String)> =
            sections(&text).into_iter().flat_map(|(_, options)| options).collect();
        assert!(long.len() >= 4, "{command}: {long:?}");
        for (name, says) in &long {
            assert!(name.len() > 3, "{command}: an option without a long name: {says}");
            assert!(says.len() > 7, "{command} {name}: no help text: {says:?}");
        }
        let names: BTreeSet<&str> = long.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), long.len(), "{command}: an option is listed twice");
        for general in ["--threads", "--quiet", "--json", "--help"] {
            assert!(names.contains(general), "{command} --help: {general}");
        }
        for (name, says) in
            sections(&help(&place, &command, "-h")).into_iter().flat_map(|(_, options)| options)
        {
            assert!(names.contains(name.as_str()), "{command}: {name} is in -h only");
            assert!(says.len() > 7, "{command} -h: {name}: no help text");
        }
    }
}

#[test]
fn help_and_guide_use_the_words_of_the_field() {
    let place = Place::new();
    let mut found = Vec::new();
    let mut all = commands(&place, "");
    all.push(String::new());
    for command in &all {
        for option in ["-h", "--help"] {
            // Words may be wrapped.
            let text = help(&place, command, option).split_whitespace().collect::<Vec<_>>().join(" ");
            found.extend(not_used(&format!("mnistaug {command} {option}"), &text));
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    pages.extend(
        fs::read_dir(root.join("docs/guide")).into_iter().flatten().map(|entry| entry.unwrap().path()),
    );
    for page in pages {
        let name = page.strip_prefix(root).unwrap().display().to_string();
        found.extend(not_used(&name, &fs::read_to_string(&page).unwrap()));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What README and guide once said and is not true, with what is.
const FALSE: &[(&str, &str)] = &[
    ("nothing but the folder", "--rebuild needs the inputs"),
    ("from its origin to the last number", "explain shows the last command only"),
    ("photographs of digits", "drawings and scans"),
    ("under 150 mb", "a figure that is measured"),
    ("a tight box", "augment moves boxes, which are larger than the ink then"),
    ("`--format` goes with every command that writes.", "run has it in the recipe only"),
    ("goes with every command that writes, ", "run has it in the recipe only"),
    ("the others all", "what each command reads by default"),
    ("ends a successful run with one line of json", "failures as well"),
    ("even lighting gives the best results", "backgrounds are estimated"),
    ("the paper is taken to be of one color", "backgrounds are estimated"),
    ("hundred times", "the measured ratio"),
];

#[test]
fn nothing_is_claimed_that_was_found_false() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join("CHANGELOG.md"), root.join("docs/performance.md")];
    pages.extend(fs::read_dir(root.join("docs/guide")).unwrap().map(|entry| entry.unwrap().path()));
    for page in pages {
        let text = fs::read_to_string(&page).unwrap().to_lowercase();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (claim, instead) in FALSE {
            assert!(!text.contains(claim), "{}: {claim:?}; write {instead:?}", page.display());
        }
    }
}

/// The guide says which splits each command reads, and where `--seed` and `--format` are options.
#[test]
fn what_the_guide_says_of_options_is_so() {
    let place = Place::new();
    place.idx("in", &Images::new(30, 5, 7)).idx_test_gz("in", &Images::new(8, 5, 7));
    place.write("r.yaml", "version: 1\nrecipe:\n  - input: in\n  - export: {}\n");
    let rows = |words: &str| {
        let json = place.run(&format!("{words} --json")).ok().json();
        let splits = json["splits"].as_array().unwrap();
        splits.iter().map(|split| split["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    for words in [
        "colorize in",
        "quadrant in",
        "augment in --pipeline elastic",
        "relabel in --noise symmetric:0.1",
        "balance in --to 1 --repeat",
        "place in",
        "sequence in --canvas 40x40",
        "mix in",
        "run r.yaml",
    ] {
        assert_eq!(rows(&format!("{words} --dry-run")), "train", "{words}");
    }
    assert_eq!(rows("split in --dry-run"), "train test");
    place.run("split in --dry-run").ok().says(&["train: 22 images", "test: 8 images"]);
    assert_eq!((rows("export in --dry-run"), rows("info in")), ("train test".into(), "train test".into()));
    for words in ["preview in", "explain in 0"] {
        assert_eq!(place.run(&format!("{words} --json")).ok().json()["split"], "train", "{words}");
    }
    let with = |option: &str| {
        let has = |command: &&String| {
            let text = help(&place, command, "--help");
            sections(&text).iter().flat_map(|(_, options)| options).any(|(name, _)| name == option)
        };
        let mut found: Vec<String> = commands(&place, "").iter().filter(has).cloned().collect();
        found.sort();
        found.join(" ")
    };
    assert_eq!(
        with("--seed"),
        "augment balance colorize explain mix pipeline convert place preview quadrant relabel run sequence split"
    );
    assert_eq!(
        with("--format"),
        "augment balance cat colorize export import mix place quadrant relabel run sequence split"
    );
}

#[test]
fn words_that_are_not_used_are_found() {
    assert_eq!(not_used("a", "A gray\nColour"), ["a:2: \"colour\"; write \"color\""]);
    assert_eq!(not_used("a", "unpacked").len(), 1, "one word, not two");
    for fine in ["color", "colourful", "src/fetch/catalogue.toml", "--packed", "besides"] {
        assert!(not_used("a", fine).is_empty(), "{fine}");
    }
}

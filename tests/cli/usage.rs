//! What may be typed, and what may not.

use crate::harness::{Images, Place};

fn place() -> Place {
    let place = Place::new();
    place.idx("in", &Images::new(30, 5, 7));
    place
}

#[test]
fn zero_and_absurd_values_are_usage_errors() {
    let place = place();
    for words in [
        "",
        "colorise",
        "colorize --unknown",
        "colorize -i in --limit 0",
        "colorize -i in --limit -1",
        "colorize -i in --limit many",
        "colorize -i in --limit 99999999999999999999999",
        "colorize -i in --threads 0",
        "colorize -i in --threads 99999",
        "colorize -i in --shard-size 0",
        "colorize -i in --shard-size 99999999999",
        "colorize -i in --per-image 0",
        "colorize -i in --per-image 99999999999",
        "colorize -i in --seed -1",
        "colorize -i in --seed x",
        "colorize -i in --style glossy",
        "colorize -i in --fit shrink",
        "colorize -i in --part 4/4",
        "colorize -i in --part 1/0",
        "colorize -i in --part 1",
        "colorize -i in --part -1/4",
        "colorize -i in --part one/two",
        "colorize -i in --part auto/0",
        "colorize -i in --part 0/100000000",
        "quadrant -i in --count 0",
        "quadrant -i in --count 99999999999999",
        "quadrant -i in --grid 0x2",
        "quadrant -i in --grid 99x99",
        "quadrant -i in --grid 2",
        "quadrant -i in --grid 2x2x2",
        "quadrant -i in --objects 5",
        "quadrant -i in --objects 0-5",
        "quadrant -i in --objects 4-0",
        "quadrant -i in --objects 0",
        "quadrant -i in --objects x",
        "export -i in --format xyz",
        "export -i in --compress 0",
        "export -i in --compress 11",
        "export -i in --compress most",
        "export -i in --classes 0",
        "export -i in --classes 999",
        "export -i in --labels 12",
        "export -i in --resize 28x",
        "export -i in --resize 0x5",
        "export -i in --resize 32768x32768",
        "import",
        "import in --size 28x28x3",
        "import in --fit crop",
        "import in --invert maybe",
        "import in --label x",
        "import in --threshold 255",
        "import in --split a/b",
        "export -i in --labels x",
        "export -i in --labels 9-5",
        "export -i in --labels ,",
        "export -i in --range 5:2",
        "export -i in --range 5:5",
        "export -i in --range 5",
        "export -i in --range 100000000:",
        "export -i in --labels 4 --range 100:",
        "export -i in --split holdout",
        "export -i digits:0",
        "export -i digits:-5",
        "export -i digits:many",
        "export -i digits:99999999999999999999",
        "export -i digits:99999999999999",
        "export -i in --out",
        "preview in --count 0",
        "preview in --count 1000000000",
        "preview in --columns 0",
        "preview in --index x",
        "preview in --index 30",
        "preview in --index -1",
        "preview",
        "info",
        "info in extra",
        "info in --out x",
        "verify",
        "verify in --input x",
        "merge",
        "parts",
        "parts in --of x",
    ] {
        let run = place.run(words).exits(2);
        assert!(run.err.contains("error: ") || run.err.contains("Usage: "), "{words}: {}", run.err);
        assert_eq!(run.out, "", "{words}");
        let option = words.split(' ').find(|word| word.starts_with("--")).unwrap_or_default();
        let value = words.split(' ').next_back().unwrap_or_default();
        assert!(
            run.err.contains(option) || run.err.contains(value) || value.starts_with("-1"),
            "{words}: the error names neither {option} nor {value}:\n{}",
            run.err
        );
    }
    assert_eq!(std::fs::read_dir(place.path(".")).unwrap().count(), 1, "nothing is written");
}

#[test]
fn errors_name_the_option_and_what_to_do() {
    let place = place();
    place.run("colorize -i in --limit -1").exits(2).says(&["--limit", "-1"]);
    place.run("pipeline check nothing.yaml").fails(66, &["nothing.yaml", "pipeline list"]);
    place.run("augment -i in -p no/thing.yaml").fails(66, &["no/thing.yaml", "spelling"]);
    place.run("explain in 999").fails(2, &["samples 0 to 29"]);
    place.run("export -i in --classes 10 --gray -o same").ok();
}

/// Large and legal: answered by an error in words, or by work, but not by a crash.
#[test]
fn large_values_do_no_harm() {
    let place = place();
    place.run("export -i in --threads 1024 -o threads").ok();
    place.run("export -i in --shard-size 1000000000 -o one").ok();
    place.run("export -i in --limit 18446744073709551615 -o all").ok();
    place.run("export -i in --range 29:18446744073709551615 -o last").ok();
    assert_eq!(place.shards("last", "train").origin, [29]);
    place.run("colorize -i in --seed 18446744073709551615 -o seed").ok();
    place.run("quadrant -i in --grid 32x32 --objects 1024 --count 2 -o full").ok();
    assert_eq!(place.shards("full", "train").shape, [160, 224]);
    place.run("preview in --count 10000 --columns 1000 -o sheet.png").ok();
    place
        .run("preview digits --resize 200x200 --count 10000 -o tall.png")
        .fails(2, &["too large", "--count"]);
    place.run("preview in --resize 32768x1 --count 3 -o tall.png").ok();
    place.run("export -i digits:1000000000 --shard-size 1000000000 -o big").fails(2, &["--shard-size", "MB"]);
    assert!(!place.path("big").exists());
    let run = place.run("colorize -i digits:100000000 --per-image 10 --dry-run -o big --json").ok();
    assert_eq!(run.json()["splits"][0]["rows"], 1_000_000_000_u64);
    for dry in ["", "--dry-run"] {
        let words = format!("colorize -i digits:1000000000000 --per-image 100 {dry} -o big");
        place.run(&words).fails(2, &["10000000000 shards", "--shard-size"]);
    }
    assert!(!place.path("big").exists());
}

#[test]
fn help_shows_examples() {
    let place = Place::new();
    let run = place.run("--help").ok();
    assert_eq!(run.err, "");
    for part in
        ["Examples:", "Exit codes:", "colorize", "quadrant", "export", "preview", "info", "verify", "merge"]
    {
        assert!(run.out.contains(part), "{part}");
    }
    for command in ["colorize", "quadrant", "export", "preview", "info", "verify", "merge"] {
        let out = place.run(&format!("{command} --help")).ok().out;
        assert!(out.contains("Example") && out.contains(&format!("mnistaug {command} ")), "{command}: {out}");
        assert!(out.lines().all(|line| line.chars().count() <= 140), "{command}: lines are not too long");
    }
    let version = place.run("--version").ok().out;
    assert_eq!(version, format!("mnistaug {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn json_is_the_last_line_of_every_command() {
    let place = place();
    for words in [
        "colorize -i in -o color",
        "colorize -i in --part 0/1 -o part",
        "quadrant -i in -o quadrant",
        "export -i in -o export",
        "export -i in -o never --dry-run",
        "preview in",
        "preview in -o sheet.png",
        "info color",
        "verify color --rebuild",
        "merge part",
    ] {
        let run = place.run(&format!("{words} --json")).ok();
        let json = run.json();
        assert_eq!(json["command"], words.split(' ').next().unwrap());
        if words != "preview in" {
            assert_eq!(run.out.lines().count(), 1, "{words}: data only on standard output");
        }
        let quiet = place.run(&format!("{words} --json --quiet")).ok();
        assert_eq!(quiet.err, "", "{words}");
        quiet.json();
    }
    let json = place.run("colorize -i in -o color --json").ok().json();
    assert_eq!((&json["rows_written"], &json["rows_kept"]), (&0.into(), &180.into()));
    assert_eq!(json["splits"][0]["content"], place.manifest("color")["splits"][0]["content"]);
}

#[test]
fn nothing_moves_where_no_terminal_is() {
    let run = place().run("colorize -i in -o out").ok();
    assert_eq!(run.out, "");
    assert!(!run.err.contains(['\r', '\x1b']), "no progress bar in a log: {:?}", run.err);
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
}

#[test]
fn shells_and_man_are_told_of_every_command() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.run(&format!("completions {shell}")).ok().out;
        assert!(
            ["colorize", "--min-visible", "parts"]
                .iter()
                .all(|word| script.contains(word.trim_start_matches('-'))),
            "{shell}"
        );
    }
    #[cfg(unix)]
    place.shell("$PROGRAM completions bash >script && bash -n script").ok();
    place.run("completions tcsh").fails(2, &["tcsh", "bash"]);
    assert!(place.run("man").ok().out.starts_with(".ie"));
    place.run("man --dir pages").ok().says(&["pages"]);
    let names = place.names("pages");
    for page in ["mnistaug.1", "mnistaug-colorize.1", "mnistaug-pipeline-check.1"] {
        assert!(names.iter().any(|name| name == page), "{page}: {names:?}");
    }
    assert!(names.len() > 25, "{names:?}");
    place.write("file", "x");
    place.run("man --dir file").fails(73, &["file", "--dir"]);
    place.run("merge file").fails(66, &["it is a file"]);
}

//! Words that help: what is typed as elsewhere, or with a slip, is answered with what to type; nothing speaks of Rust; no remedy harms; and
//! programs are told as well as people.

use std::fs;

use mnistaug_core::text::elsewhere::TABLE;
use serde_json::Value;

use crate::harness::{Images, Place};
use crate::help::{commands, help, sections};

fn place() -> Place {
    let place = Place::new();
    place.idx("in", &Images::new(30, 5, 7));
    place
}

/// All commands with their long options, whether these take a value, and the values that they may have.
fn options(place: &Place) -> Vec<(String, Vec<(String, bool)>)> {
    let mut found = Vec::new();
    for command in commands(place, "") {
        let text = help(place, &command, "--help");
        let names = sections(&text).into_iter().flat_map(|(_, options)| options).map(|(name, _)| name);
        let options = names
            .map(|name| {
                let line = text.lines().find(|line| {
                    line.trim_start().starts_with('-') && line.split([' ', ',']).any(|word| word == name)
                });
                let takes = line.is_some_and(|line| line.contains(&format!("{name} <")));
                (name, takes)
            })
            .collect();
        found.push((command, options));
    }
    found
}

#[test]
fn sources_may_be_typed_without_an_option() {
    let place = place();
    place.idx("more", &Images::new(7, 5, 7));
    place.run("export --input in --out named").ok();
    place.run("export in --out typed").ok();
    place.assert_same("named", "typed");
    place.run("export in more --out both").ok().says(&["37 images"]);
    for command in ["colorize", "quadrant", "split", "augment --pipeline elastic"] {
        let name = command.split(' ').next().unwrap();
        place.run(&format!("{command} in --out {name}")).ok();
        place.run(&format!("verify {name} --rebuild")).ok();
    }
    // Where it is not plain what was meant, the command is said.
    for (words, says) in [
        ("export in there", "`mnistaug export --input in --out there`"),
        ("split in there --test-size 0.5", "`mnistaug split --input in --out there --test-size 0.5`"),
        ("augment in elastic", "`mnistaug augment in --pipeline elastic`"),
        ("augment elastic", "`mnistaug augment --pipeline elastic`"),
        ("run notebook in", "`mnistaug run notebook --input in`"),
        ("info in more", "`mnistaug info in`"),
        ("export in --input more", "leave one of them out"),
    ] {
        place.run(words).fails(2, &[says]);
    }
    assert!(!place.path("there").exists());
}

#[test]
fn options_by_their_names_elsewhere_are_answered_with_ours() {
    let place = Place::new();
    let all = options(&place);
    for line in TABLE {
        for name in line.names {
            let named = format!("--{name}");
            let mut answered = 0;
            for (command, options) in &all {
                let has =
                    |long: &str| options.iter().any(|(option, _)| option.trim_start_matches('-') == long);
                if has(name) {
                    continue;
                }
                // A line before this one may say something else of the name to this command.
                let first = TABLE
                    .iter()
                    .filter(|line| line.names.contains(name))
                    .find_map(|line| Some((line, line.ours.iter().find(|ours| has(ours))?)));
                let Some((line, ours)) = first else { continue };
                answered += 1;
                if answered == 1 {
                    let words = format!("{command} {named} 1");
                    let says = line.says.map_or_else(|| format!("--{ours}"), str::to_owned);
                    place.run(&words).fails(2, &["there is no option", &named, &says]);
                }
            }
            assert!(answered > 0, "{name}: no command has any of {:?}", line.ours);
        }
    }
    for (words, says) in [
        ("colorize --random_state=3", "`mnistaug colorize --seed=3`"),
        ("split --test_size 0.3", "`mnistaug split --test-size 0.3`"),
        ("augment --Rotation 10", "`mnistaug augment --rotation-range 10`"),
        ("colorize --sede 3", "`mnistaug colorize --seed 3`"),
        ("export --stratify", "--stratify is an option of split"),
        ("export --nothing-like-it", "`mnistaug export --help` lists the options"),
    ] {
        place.run(words).fails(2, &[says]);
    }
    // Recipe files are told the same.
    place.write("r.yaml", "version: 1\nrecipe:\n  - split: { random_state: 1 }\n  - export: {}\n");
    place.run("run r.yaml").fails(2, &["did you mean \"seed\""]);
}

/// What the standard library and the parser say to programmers.
const NOT_SAID: [&str; 8] = [
    "invalid digit",
    "invalid float",
    "cannot parse",
    "invalid value",
    "tip:",
    "For more information",
    "Usage:",
    "Error {",
];

#[test]
fn nothing_is_said_in_rust() {
    let place = Place::new();
    for (command, options) in options(&place) {
        for (name, takes) in options {
            if !takes {
                continue;
            }
            for value in ["x!y", "-1", "99999999999999999999999", "1e999", ""] {
                // The last word is refused if the others are not.
                let run = place.words(
                    &[&command.split(' ').collect::<Vec<_>>()[..], &[&name, value, "--threads", "0"]]
                        .concat(),
                );
                let run = run.fails(2, &[]);
                for word in NOT_SAID {
                    assert!(
                        !run.err.contains(word),
                        "{command} {name} {value:?} says {word:?}:\n{}",
                        run.err
                    );
                }
            }
        }
        let run = place.run(&format!("{command} --threads x"));
        run.fails(2, &["--threads: expected a whole number from 1 to 1024; found \"x\""]);
    }
    for (words, says) in [
        ("info", "write `mnistaug info SRC`"),
        ("explain in", "write `mnistaug explain in INDEX`"),
        ("verify in --input x", "write `mnistaug verify in --input x --rebuild`"),
        ("export --out", "--out"),
        ("export --out a --out b", "--out is given twice"),
        ("augment --copies 2 --sample 3", "--copies and --sample exclude each other"),
    ] {
        let run = place.run(words).fails(2, &[says]);
        let word = NOT_SAID.iter().find(|word| run.err.contains(**word));
        assert_eq!(word, None, "{words}: {}", run.err);
    }
}

#[test]
fn slips_are_answered_with_what_was_meant() {
    let place = place();
    place.write("flow.yaml", "version: 1\npipeline:\n  - fliplr: 0.5\n").mkdir("data/sign-set");
    place.run("export -i in -o out/sound").ok();
    place.idx_test_gz("in", &Images::new(5, 5, 7));
    for (words, code, says) in [
        ("colorise", 2, "did you mean `mnistaug colorize`?"),
        ("download mnist", 2, "did you mean `mnistaug fetch mnist`?"),
        ("export -i im", 66, "did you mean in?"),
        ("info data/sgin-set", 66, "did you mean data/sign-set?"),
        ("export -i sign-sets", 66, "did you mean sign-set?"),
        ("export -i digit", 66, "did you mean digits?"),
        ("verify out/sond", 66, "did you mean out/sound?"),
        ("augment -i in -p flwo.yaml", 66, "Did you mean flow.yaml?"),
        ("augment -i in -p elastik", 66, "Did you mean the preset elastic?"),
        ("run notebok", 66, "Did you mean the preset notebook?"),
        ("run --show notebok", 2, "did you mean notebook?"),
        ("export -i in --format nzp", 2, "did you mean npz?"),
        ("export -i in --format PARQET", 2, "did you mean parquet?"),
        ("export -i in --format csv --layout pandsa", 2, "did you mean pandas?"),
        ("export -i in --split tarin", 2, "did you mean --split train?"),
        ("export -i in --split holdout", 2, "say --split all"),
        ("colorize -i in --style glosy", 2, "minmax, difference or alpha"),
        ("augment -i in --fill-mode neerest", 2, "did you mean nearest?"),
        ("colorize -i in -b im", 66, "did you mean in?"),
    ] {
        place.run(words).fails(code, &[says]);
    }
}

#[cfg(feature = "fetch")]
#[test]
fn data_sets_that_can_be_fetched_are_named() {
    let place = Place::new();
    for (words, code, says) in [
        ("info mnist", 66, "`mnistaug fetch mnist` fetches it"),
        ("colorize -i data/fashion-mnist", 66, "`mnistaug fetch fashion-mnist` fetches it"),
        ("colorize kmnits", 66, "did you mean kmnist? `mnistaug fetch kmnist` fetches it"),
        ("fetch mnits", 2, "did you mean mnist?"),
    ] {
        place.run(words).fails(code, &[says]);
    }
}

#[test]
fn remedies_work_and_harm_nothing() {
    let place = place();
    place.write("README.md", "# Mine\n").mkdir("b").write("b/notes.png", "none");
    for (words, code) in [("import README.md --label 1", 65), ("colorize -i in -b b", 65)] {
        let run = place.run(words).fails(code, &[]);
        assert!(!run.err.to_lowercase().contains("remove"), "{words}: {}", run.err);
    }
    // A step that has no keep_size is not told to use it.
    let pipeline = |steps: &str| {
        place.write("p.yaml", format!("version: 1\npipeline:\n{steps}"));
        place.run("augment -i in -p p.yaml -o sizes")
    };
    let run = pipeline("  - central_crop: [0.5, 1]\n").fails(2, &["`resize` after it"]);
    assert!(!run.err.contains("keep_size"), "{}", run.err);
    pipeline("  - central_crop: [0.5, 1]\n  - resize: { height: 5, width: 7 }\n").ok();
    pipeline("  - crop: { px: [0, 2], keep_size: false }\n").fails(2, &["keep_size: true"]);
    let blend = |step: &str| format!("  - simplex_noise_alpha: {{ first: [{{ {step} }}] }}\n");
    let run = pipeline(&blend("central_crop: 0.5")).fails(2, &["before or behind the blend"]);
    assert!(!run.err.contains("keep_size"), "{}", run.err);
    pipeline(&blend("crop: { px: 1, keep_size: false }")).fails(2, &["keep_size: true"]);
    // Two folds are the fewest, one object is none "at most".
    place.write("e/index.html", "<!DOCTYPE html><html>");
    for (words, code, says) in [
        ("split in --limit 1 --folds 2 --dry-run", 2, "give more samples"),
        ("split in --limit 5 --folds 2 --stratify --dry-run", 2, "leave --stratify out"),
        ("quadrant in --grid 1x1 --objects 2", 2, "ask for one object"),
        ("info e/index.html", 65, "get the file again"),
    ] {
        let run = place.run(words).fails(code, &[says]);
        assert!(!run.err.contains("at most 1 ") && !run.err.contains("delete"), "{words}: {}", run.err);
    }
    // Whole CSV files are the ones that are compressed.
    place.run("export -i in --format csv --compress 3 -o packed").fails(2, &["add --layout pandas"]);
    place.run("export -i in --format csv --compress 3 --layout pandas -o packed").ok();
}

#[test]
fn values_beyond_a_range_work_or_are_told_what_to_write() {
    let place = place();
    let check = |step: &str| {
        place.write("p.yaml", format!("version: 1\npipeline:\n  - {step}\n"));
        place.run("pipeline check p.yaml")
    };
    check("random_brightness: 255").exits(2).says(&["write 1 for 255 levels"]);
    check("random_brightness: 51").exits(2).says(&["write 0.2 for 51 levels"]);
    check("adjust_brightness: [-51, 51]").exits(2).says(&["write 0.2 for 51 levels"]);
    check("central_crop: [0, 1]").ok();
    check("central_crop: 0").exits(2).says(&["central_fraction"]);
    place.write(
        "p.yaml",
        "version: 1\npipeline:\n  - central_crop: [0, 1]\n  - resize: { height: 5, width: 7 }\n",
    );
    place.run("augment -i in -p p.yaml --copies 9 -o cropped").ok().says(&["270 images"]);
}

#[test]
fn inputs_that_have_moved_are_named_by_an_option() {
    let place = place();
    place.idx("more", &Images::new(7, 5, 7));
    place.run("colorize in --per-image 1 -o one").ok();
    place.run("export in more -o two").ok();
    fs::rename(place.path("in"), place.path("elsewhere")).unwrap();
    let says = "`mnistaug verify one --rebuild --input SRC`";
    place.run("verify one --rebuild").fails(66, &["in: no such file", says]);
    place.run("verify one --rebuild --input elsewhere").ok();
    let says = "`mnistaug verify two --rebuild --input SRC --input SRC`, in the order in, more";
    place.run("verify two --rebuild").fails(66, &[says]);
    place.run("verify two --rebuild --input elsewhere --input more").ok();
    place.run("verify two --rebuild --input elsewhere --input more --input x").fails(2, &["in, more"]);
}

#[test]
fn json_is_the_last_line_of_failures_too() {
    let place = place();
    place.run("export -i in -o sound").ok();
    place.run("export -i in -o broken").ok();
    place.write("broken/train-00000-of-00001.npz", "none").write("foreign/file", "mine");
    for (words, code, kind, part) in [
        ("info nothing", 66, "missing", "nothing: no such file or folder"),
        ("info sound --limit x", 2, "usage", "--limit"),
        ("info", 2, "usage", "SRC is missing"),
        ("colorise", 2, "usage", "colorise"),
        ("export -i in -o foreign", 73, "cannot_write", "foreign"),
        ("verify broken", 65, "data", "1 difference"),
        ("verify nothing", 66, "missing", "nothing"),
        ("preview in --index 99", 2, "usage", "--index 99"),
        ("pipeline check nothing.yaml", 66, "missing", "nothing.yaml"),
        ("merge nothing", 66, "missing", "nothing"),
    ] {
        let run = place.run(&format!("{words} --json"));
        assert_eq!(run.code, Some(code), "{words}: {}", run.err);
        assert_eq!(run.out.lines().count(), 1, "{words}: {}", run.out);
        let json = run.json();
        let error = &json["error"];
        assert_eq!((&error["kind"], &error["exit_code"]), (&kind.into(), &code.into()), "{words}: {json}");
        assert!(error["message"].as_str().unwrap().contains(part), "{words}: {json}");
        assert!(error["causes"].is_array() && error.get("help").is_some(), "{words}: {json}");
        let command = words.split(' ').next().filter(|word| *word != "colorise");
        assert_eq!(json["command"], command.map_or(Value::Null, Into::into), "{words}");
        // People are told as before.
        assert!(run.err.contains("error: "), "{words}: {}", run.err);
    }
    // What was found is there as well.
    let json = place.run("verify broken --json").json();
    assert_eq!(json["bad"][0]["name"], "train-00000-of-00001.npz");
    // Causes are those that people see.
    place.write("file", "");
    let json = place.run("export -i in -o file/out --json").json();
    assert!(!json["error"]["causes"].as_array().unwrap().is_empty(), "{json}");
}

#[test]
fn errors_are_colored_where_it_is_asked_for() {
    let place = place();
    let red = "\x1b[1;31merror:\x1b[0m nothing: ";
    let plain = |words: &str, variables: &[(&str, &str)]| {
        let run = place.run_with(words, variables);
        assert!(run.err.contains("error: nothing") && !run.err.contains('\x1b'), "{words}: {}", run.err);
    };
    let colored = |words: &str, variables: &[(&str, &str)]| {
        place.run_with(words, variables).says(&[red, "\x1b[1;36mhelp:\x1b[0m "]);
    };
    plain("info nothing", &[]);
    colored("info nothing --color always", &[("NO_COLOR", "1")]);
    colored("info nothing", &[("CLICOLOR_FORCE", "1")]);
    plain("info nothing", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]);
    plain("info nothing", &[("CLICOLOR_FORCE", "0")]);
    plain("info nothing --color never", &[("CLICOLOR_FORCE", "1")]);
    // What is not understood is colored too.
    place.run("info --color always").exits(2).says(&["\x1b[1;31merror:\x1b[0m mnistaug info"]);
    place.run("info --color=always --lmit 3").exits(2).says(&["\x1b[1;31merror:\x1b[0m "]);
    place.run("info in --color sometimes").fails(2, &["--color: expected auto, always or never"]);
    // Standard output is JSON all the same.
    place.run("info nothing --json --color always").json();
    // Names cannot color anything.
    let run = place.words(&["info", "\x1b[32mgreen", "--color", "always"]);
    assert!(!run.err.contains("\x1b[32m"), "{}", run.err);
}

#[cfg(target_os = "linux")]
#[test]
fn errors_are_colored_on_a_terminal() {
    let place = place();
    let run = place.shell("TERM=xterm script -qec \"$PROGRAM info nothing\" /dev/null </dev/null");
    assert!(run.out.contains("\x1b[1;31merror:\x1b[0m "), "{}{}", run.out, run.err);
    let run = place.shell("TERM=dumb script -qec \"$PROGRAM info nothing\" /dev/null </dev/null");
    assert!(run.out.contains("error: ") && !run.out.contains('\x1b'), "{}{}", run.out, run.err);
}

#[test]
fn decisions_are_told_to_who_asks() {
    let place = place();
    place.idx("data/mnist", &Images::new(9, 5, 7));
    let run = place.run("colorize --shard-size 20 --part 1/2 --threads 2 -o out -v").ok().says(&[
        "2 threads",
        "data/mnist is here",
        "data/mnist: read as IDX files",
        "format shards: 3 shards of up to 20 images in out; part 1/2: 2 shards from number 1",
    ]);
    assert!(run.out.is_empty());
    place.run("export mnist --format npz -o npz --verbose").ok().says(&[
        "one for each processor",
        "mnist (data/mnist): read as IDX files",
        "format npz: whole files in npz",
    ]);
    let with = |cpus| {
        let run = place.run_with("info data/mnist -v", &[("SLURM_CPUS_PER_TASK", cpus)]).ok();
        run.err.contains("1 thread: SLURM_CPUS_PER_TASK says so")
    };
    let several = std::thread::available_parallelism().is_ok_and(|processors| processors.get() > 1);
    assert_eq!([with("1"), with("0"), with("9999"), with("2(x3)")], [several, false, false, false]);
    let quiet = place.run("export mnist --format npz -o npz").ok();
    assert_eq!(quiet.err.lines().count(), 1, "{}", quiet.err);
    place.run("info in -v -q").fails(2, &["exclude each other"]);
}

#[test]
fn a_dry_run_refuses_what_the_run_refuses() {
    let place = place();
    place.write("file", "").write("foreign/file", "mine");
    place.run("export -i in -o other").ok();
    for words in [
        "colorize -i in -o foreign",
        "colorize -i in -o other",
        "colorize -i in -o file",
        "colorize -i in -o file/below",
        "colorize -i in -o other/x.npz",
        "colorize -i in -o in",
        "colorize -i in -o other --format npz",
        "export -i in --format csv --part 0/2 --layout pandas -o new",
    ] {
        let before = place.names(".");
        let dry = place.run(&format!("{words} --dry-run"));
        let run = place.run(words);
        assert_ne!(run.code, Some(0), "{words}");
        assert_eq!((dry.code, &dry.err), (run.code, &run.err), "{words}");
        assert_eq!(place.names("."), before, "{words}");
    }
    // With --force it is not refused, and nothing is removed.
    place.run("colorize -i in -o other --force --dry-run").ok();
    place.run("verify other").ok();
    place.run("export -i in -o other --dry-run").ok().says(&["1 shard there already"]);
}

#[test]
fn a_dry_run_tells_the_part_that_is_asked_for() {
    let place = place();
    let words = "export -i in --shard-size 8 -o out";
    let mut rows = 0;
    for part in 0..3 {
        let dry = place.run(&format!("{words} --part {part}/3 --dry-run --json")).ok();
        assert!(dry.err.contains(&format!("(part {part}/3)")), "{}", dry.err);
        let told = dry.json()["splits"][0].clone();
        let run = place.run(&format!("{words} --part {part}/3 --json")).ok().json();
        assert_eq!((&told["rows"], &told["shards"]), (&run["rows_written"], &run["shards_written"]));
        rows += told["rows"].as_u64().unwrap();
    }
    assert_eq!(rows, 30);
    place.run("export -i in --part 0/3 -o one --dry-run").ok().says(&["fewer shards than parts"]);
}

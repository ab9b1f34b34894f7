//! The commands in README.md and docs/guide are run, page by page and in order, each page in a folder of its own, and must say what
//! the page shows.
//!
//! Of a page are run:
//!
//! * ` ```console ` blocks: lines that begin with `$ ` are commands (a line that ends with `\` continues on the next), and the lines
//!   below one are what it prints, standard output and error together. Where no such line is, the output is not compared.
//! * ` ```sh ` blocks, as one script.
//!
//! In what a page shows, `...` stands for anything within a line, and as a line of its own for any number of lines. Times, rates and
//! sizes are compared as such, not by their value.
//!
//! A comment in front of a block says more:
//!
//! * `<!-- not run: REASON -->`: the block cannot run in a test. Which these are is listed, and their number is pinned.
//! * `<!-- exit: N -->`: the last command of the block ends with this code, not with 0.
//! * `<!-- file: NAME -->`: the block is a file of this name, which later commands read.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "files for the commands are written as they come")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Blocks that are not run: page and how many.
const NOT_RUN: &[(&str, usize)] =
    &[("README.md", 4), ("docs/guide/data.md", 1), ("docs/guide/drawings.md", 1), ("docs/guide/parts.md", 2)];

/// A fenced block.
#[derive(Debug)]
struct Block {
    /// Line of its fence, from 1 on.
    line: usize,
    language: String,
    /// The comment in front of it: what, and its value.
    note: Option<(String, String)>,
    text: Vec<String>,
}

/// A command, and what is shown below it.
#[derive(Debug, PartialEq)]
struct Step {
    line: usize,
    command: String,
    shown: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The README and all pages of the guide, in name order.
fn pages() -> Vec<String> {
    let folder = root().join("docs/guide");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| format!("docs/guide/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    names.push("README.md".into());
    names.sort();
    names
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let (mut open, mut note) = (false, None);
    for (number, line) in text.lines().enumerate() {
        if let Some(rest) = line.trim_start().strip_prefix("```") {
            if !open {
                found.push(Block {
                    line: number + 1,
                    language: rest.trim().into(),
                    note: note.take(),
                    text: Vec::new(),
                });
            }
            open = !open;
        } else if open {
            found.last_mut().unwrap().text.push(line.into());
        } else if let Some(inner) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
            note = inner.split_once(": ").map(|(what, value)| (what.into(), value.into()));
        } else {
            note = None;
        }
    }
    assert!(!open, "a block is not closed");
    found
}

impl Block {
    fn note(&self, what: &str) -> Option<&str> {
        self.note.as_ref().filter(|(name, _)| name == what).map(|(_, value)| value.as_str())
    }

    fn steps(&self) -> Vec<Step> {
        if self.language == "sh" {
            return vec![Step { line: self.line, command: self.text.join("\n"), shown: Vec::new() }];
        }
        let mut steps: Vec<Step> = Vec::new();
        let mut continued = false;
        for (number, line) in self.text.iter().enumerate() {
            if continued {
                let step = steps.last_mut().unwrap();
                step.command.push('\n');
                step.command.push_str(line);
            } else if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step { line: self.line + number + 1, command: command.into(), shown: Vec::new() });
            } else {
                let step = steps.last_mut().expect("a block begins with a command");
                step.shown.push(line.clone());
                continue;
            }
            continued = line.ends_with('\\');
        }
        steps
    }
}

/// A line without what differs from run to run: seconds, rates, sizes of files.
fn plain(line: &str) -> String {
    const UNITS: [&str; 5] = ["s", "B", "kB", "MB", "GB"];
    let mut words: Vec<&str> = line.trim_end().split(' ').collect();
    for at in 1..words.len() {
        let number = words[at - 1].trim_start_matches('(');
        let digits = number.starts_with(|c: char| c.is_ascii_digit())
            && number.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',');
        let unit = words[at].trim_end_matches([',', ')']);
        if digits && (UNITS.contains(&unit) || unit == "images/s") {
            words[at - 1] = "#";
        }
    }
    words.join(" ")
}

/// Whether a line is what is shown, `...` being anything.
fn same(shown: &str, line: &str) -> bool {
    let mut parts = shown.split("...");
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Whether an output is what is shown.
fn matches(shown: &[String], lines: &[String]) -> bool {
    match shown.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "..." => (0..=lines.len()).any(|skip| matches(rest, &lines[skip..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, others)| same(first, line) && matches(rest, others))
        }
    }
}

/// Runs a line of shell in the folder: exit code, and all that was printed.
fn shell(folder: &Path, command: &str) -> (i32, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_mnistaug"));
    let mut search = vec![program.parent().unwrap().to_owned()];
    search.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let output = Command::new("sh")
        .args(["-ec", &format!("exec 2>&1\n{command}")])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(search).unwrap())
        .env("MNISTAUG_CACHE", folder.join(".cache"))
        .env("LC_ALL", "C")
        .env_remove("COLUMNS")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a page. What is wrong with it, and how many commands were run.
fn run(page: &str, text: &str) -> (Vec<String>, usize) {
    let place = tempfile::tempdir().unwrap();
    let (mut wrong, mut ran) = (Vec::new(), 0);
    for block in blocks(text) {
        if let Some(name) = block.note("file") {
            fs::write(place.path().join(name), block.text.join("\n") + "\n").unwrap();
            continue;
        }
        if !["console", "sh"].contains(&block.language.as_str()) {
            if block.text.iter().any(|line| line.trim_start_matches("$ ").starts_with("mnistaug ")) {
                wrong.push(format!("{page}:{}: commands in a block that is not run", block.line));
            }
            continue;
        }
        if let Some(reason) = block.note("not run") {
            #[expect(clippy::print_stdout, reason = "what is left out is listed where somebody looks")]
            {
                println!("{page}:{}: not run: {reason}", block.line);
            }
            continue;
        }
        let code: i32 = block.note("exit").map_or(0, |code| code.parse().expect("an exit code"));
        let steps = block.steps();
        let last = steps.len();
        for (number, step) in steps.into_iter().enumerate() {
            let expected = if number + 1 == last { code } else { 0 };
            let (found, printed) = shell(place.path(), &step.command);
            ran += 1;
            let shown: Vec<String> = step.shown.iter().map(|line| plain(line)).collect();
            let lines: Vec<String> = printed.lines().map(plain).collect();
            if found != expected {
                wrong.push(format!("{page}:{}: {}: exit code {found}\n{printed}", step.line, step.command));
            } else if !shown.is_empty() && !matches(&shown, &lines) {
                wrong.push(format!(
                    "{page}:{}: {}\nshown:\n{}\nprinted:\n{printed}",
                    step.line,
                    step.command,
                    step.shown.join("\n")
                ));
            }
        }
    }
    (wrong, ran)
}

#[test]
fn every_command_does_what_the_page_shows() {
    let pages = pages();
    // Two pages at a time: most of the time goes into starting the program.
    let next = std::sync::Mutex::new(pages.iter());
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(page) = next.lock().unwrap().next() else { break };
                    let text = fs::read_to_string(root().join(page)).unwrap();
                    let (mut found, ran) = run(page, &text);
                    if ran == 0 {
                        found.push(format!("{page}: no command of this page is run"));
                    }
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn blocks_that_are_not_run_are_few_and_have_a_reason() {
    let mut found = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        let mut count = 0;
        for block in blocks(&text) {
            if let Some((what, value)) = &block.note {
                assert!(
                    ["not run", "exit", "file"].contains(&what.as_str()),
                    "{page}:{}: {what}",
                    block.line
                );
                assert!(value.len() > 1 || what == "exit", "{page}:{}: {what}: {value:?}", block.line);
                count += usize::from(what == "not run");
            }
        }
        if count > 0 {
            found.push((page, count));
        }
    }
    let found: Vec<(&str, usize)> = found.iter().map(|(page, count)| (page.as_str(), *count)).collect();
    assert_eq!(found, NOT_RUN, "blocks that are not run; a new one belongs into the table");
}

#[test]
fn the_readme_is_short_and_its_links_lead_somewhere() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(text.lines().count() <= 200, "README.md: {} lines", text.lines().count());
    for page in pages() {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        let folder: PathBuf = root().join(&page).parent().unwrap().into();
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            if !target.starts_with("http") && !file.is_empty() {
                assert!(folder.join(file).exists(), "{page}: no {target}");
            }
        }
        let listed =
            page == "README.md" || fs::read_to_string(root().join("README.md")).unwrap().contains(&page);
        assert!(listed, "README.md does not name {page}");
    }
}

#[test]
fn mistakes_on_a_page_are_found() {
    let page = |body: &str| run("page", body).0.join("\n");
    let said = "```console\n$ echo wrote 3 files, 1.5 MB in 0.31 s\nwrote 3 files, 7.9 MB in 12 s\n```\n";
    assert_eq!(page(said), "");
    assert!(page(&said.replace("wrote 3 files, 7", "wrote 4 files, 7")).contains("printed:\nwrote 3 files"));
    assert!(page("```console\n$ exit 3\n```\n").contains("exit code 3"));
    assert_eq!(page("<!-- exit: 3 -->\n```console\n$ exit 3\n```\n"), "");
    assert!(page("<!-- exit: 3 -->\n```console\n$ true\n```\n").contains("exit code 0"));
    assert!(page("```\nmnistaug colorize\n```\n").contains("not run"));
    assert_eq!(page("<!-- not run: no reason -->\n```sh\nexit 1\n```\n"), "");
    assert!(page("```sh\nfalse\ntrue\n```\n").contains("exit code 1"), "a script ends at its first error");
    let file =
        "<!-- file: a.txt -->\n```yaml\none\n```\n```console\n$ cat a.txt \\\n     a.txt\none\none\n```\n";
    assert_eq!(page(file), "");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(matches(&lines("a\n...\nz"), &lines("a\nb\nc\nz")));
    assert!(matches(&lines("a\n...\nz"), &lines("a\nz")));
    assert!(!matches(&lines("a\n..."), &lines("b\na")));
    assert!(same("a ... c", "a b c") && !same("a ... c", "a b d") && !same("a", "ab") && same("a...", "ab"));
}

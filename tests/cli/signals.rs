//! Ctrl-C and SIGTERM end every command, whatever it is doing: at once, with its exit code, and with the sentence that is true.

use std::fs::{self, File};
use std::process::Child;
use std::time::{Duration, Instant};

use crate::harness::{Images, Place, Run, signal};

/// For the process to end: far less than its work takes, far more than it needs where the machine is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(5);

/// For the process to begin.
const START: Duration = Duration::from_mins(1);

/// Waits until the process listens for signals, which it does before anything else.
fn wait_until_it_listens(child: &Child) {
    let start = Instant::now();
    let status = format!("/proc/{}/status", child.id());
    while start.elapsed() < START {
        let Ok(text) = fs::read_to_string(&status) else {
            // A system that has no such file: a moment has to do.
            std::thread::sleep(Duration::from_millis(500));
            return;
        };
        let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
        if caught & (1 << (2 - 1)) != 0 && caught & (1 << (15 - 1)) != 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("it does not listen for signals");
}

/// Starts the command, lets it work for a moment, and sends the signal.
fn interrupt(place: &Place, words: &str, name: &str) -> Run {
    let mut child = place.start(words);
    wait_until_it_listens(&child);
    std::thread::sleep(Duration::from_millis(150));
    assert!(child.try_wait().unwrap().is_none(), "{words}: it ended by itself");
    signal(&child, name);
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{words}: {name} did not end it within {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Run::of(words, child.wait_with_output().unwrap())
}

fn fifo(place: &Place, name: &str) {
    let made = std::process::Command::new("mkfifo").arg(place.path(name)).status().unwrap();
    assert!(made.success());
}

/// A data set whose only shard is said to have 64 GiB, and has: nothing but a hole.
fn large_shard(place: &Place) {
    place.run("export --input digits:20 --split train --out large").ok();
    let shard = "train-00000-of-00001.npz";
    place.forge("large", |manifest| {
        manifest["splits"][0]["shards"][0]["bytes"] = (64_u64 << 30).into();
    });
    File::create(place.path(&format!("large/{shard}"))).unwrap().set_len(64 << 30).unwrap();
}

/// Commands that would take minutes, and the pass in which each spends its time, if it has begun one by then.
fn long(place: &Place) -> Vec<(&'static str, Option<&'static str>)> {
    place.idx("in", &Images::new(30, 6, 6));
    fifo(place, "labels");
    fifo(place, "pipeline.yaml");
    large_shard(place);
    place.picture("drawings/0.png", 1500, 1500, |y, x| [(y * x) as u8; 3]);
    for number in 1..400 {
        fs::hard_link(place.path("drawings/0.png"), place.path(&format!("drawings/{number}.png"))).unwrap();
    }
    let row =
        "0,".to_owned() + &(0..784).map(|n| (n * 37 % 256).to_string()).collect::<Vec<_>>().join(",") + "\n";
    let header = "label,".to_owned() + &(0..784).map(|n| format!("pixel{n}")).collect::<Vec<_>>().join(",");
    place.write("table/train.csv", header + "\n" + &row.repeat(30_000));
    vec![
        ("info digits:100000000", Some("counting")),
        ("info in/train-images-idx3-ubyte --label-file labels", None),
        ("preview in/train-images-idx3-ubyte --label-file labels", None),
        ("verify large", Some("checking")),
        ("verify --no-overlap digits:3000000", Some("comparing images")),
        ("split --input digits:50000000 --test-size 0.5 --stratify --out split", Some("reading labels")),
        ("import drawings --out imported", Some("reading drawings")),
        ("export --input table --format csv --layout pandas --compress 9 --out exported", None),
        ("colorize --input digits:5000000 --out colored", Some("writing")),
        ("augment --input in --pipeline pipeline.yaml --out augmented", None),
        ("quadrant --input digits:5000000 --out composed", Some("writing")),
    ]
}

#[test]
fn every_command_ends_at_once() {
    let place = Place::new();
    for (number, (words, _)) in long(&place).into_iter().enumerate() {
        let (name, code) = if number % 2 == 0 { ("-INT", 130) } else { ("-TERM", 143) };
        let run = interrupt(&place, words, name);
        run.exits(code).says(&["error: interrupted"]);
    }
    // Files of whole splits are there when they are whole, and these are not.
    assert!(!place.path("exported/X_train.csv.gz").exists());
}

/// `script` is the terminal, as util-linux has it.
#[cfg(target_os = "linux")]
#[test]
fn every_long_pass_has_a_line_on_a_terminal() {
    if std::process::Command::new("script").arg("--version").output().is_err() {
        return;
    }
    let place = Place::new();
    for (number, (words, pass)) in long(&place).into_iter().enumerate() {
        let Some(pass) = pass else { continue };
        let (seen, id) = (format!("seen-{number}"), format!("id-{number}"));
        let line = format!("echo $$ > {id}; exec {} {words}", crate::harness::PROGRAM);
        let mut terminal = std::process::Command::new("script")
            .current_dir(place.path("."))
            .args(["-qfec", &line, &seen])
            .envs([("TERM", "xterm"), ("NO_COLOR", "1")])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        // A line is redrawn: it removes what stood there.
        let shown = |text: &str| text.contains("\x1b[2K") && text.contains(pass);
        let read = || String::from_utf8_lossy(&fs::read(place.path(&seen)).unwrap_or_default()).into_owned();
        while !shown(&read()) {
            let over = start.elapsed() > START || terminal.try_wait().unwrap().is_some();
            assert!(!over, "{words}: no line of {pass:?} in {:?}", read());
            std::thread::sleep(Duration::from_millis(20));
        }
        let id = fs::read_to_string(place.path(&id)).unwrap();
        assert!(std::process::Command::new("kill").args(["-INT", id.trim()]).status().unwrap().success());
        terminal.wait().unwrap();
        let text = read();
        // The line is gone before anything else is said.
        assert!(text.contains("\x1b[2Kerror: interrupted"), "{words}: {text:?}");
    }
}

#[test]
fn shards_are_said_to_be_kept_where_there_are_shards() {
    let place = Place::new();
    let run = interrupt(&place, "info digits:100000000", "-INT");
    assert!(!run.err.contains("kept") && !run.err.contains("same command"), "{}", run.err);
    let words = "colorize --input digits:5000000 --shard-size 50 --out out";
    let mut child = place.start(words);
    let start = Instant::now();
    let journal = place.path("out/.mnistaug-journal.jsonl");
    while fs::read_to_string(&journal).map_or(0, |text| text.lines().count()) < 4 && start.elapsed() < START {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(2));
    }
    signal(&child, "-TERM");
    Run::of(words, child.wait_with_output().unwrap())
        .fails(143, &["interrupted; finished shards are kept", "same command"]);
}

/// What waits for a pipe that never delivers does not look at anything.
#[test]
fn an_input_that_never_comes_is_not_waited_for() {
    let place = Place::new();
    place.idx("in", &Images::new(30, 6, 6));
    fifo(&place, "labels");
    // Somebody holds the other end and says nothing.
    let writer = fs::OpenOptions::new().read(true).write(true).open(place.path("labels")).unwrap();
    let words = "export --input in/train-images-idx3-ubyte --label-file labels --out out";
    let run = interrupt(&place, words, "-INT");
    run.exits(130).says(&["error: interrupted"]);
    drop(writer);
    assert!(!place.path("out/manifest.json").exists());
}

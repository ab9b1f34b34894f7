//! Runs that end early, and folders that hold something already.

use std::fs;
use std::time::Duration;

use crate::harness::{Images, Place, wait_for_shards};
#[cfg(unix)]
use crate::harness::{Run, signal};

/// A job of 240 shards.
const LONG: &str = "colorize -i in --per-image 8 --shard-size 100 --threads 2";

fn place() -> Place {
    let place = Place::new();
    place.idx("in", &Images::new(3000, 12, 9));
    place
}

/// What may be in a folder after a run that has ended by itself: whole shards and the journal.
fn assert_tidy(place: &Place, folder: &str, whole: &str) {
    let complete = place.files(whole);
    for (name, bytes) in place.files(folder) {
        // A run that was not waited for leaves its lock, which nobody holds, and temporary files; the next one removes them.
        let own = name == ".mnistaug-journal.jsonl" || name == ".mnistaug.lock";
        if !own && !name.starts_with(".mnistaug-tmp-") {
            assert!(complete.get(&name) == Some(&bytes), "{name} is left, or not whole");
        }
    }
    assert!(
        !place.path(folder).join("manifest.json").exists(),
        "there is a manifest of something unfinished"
    );
}

#[test]
fn killed_at_any_moment_and_run_again() {
    let place = place();
    place.run(&format!("{LONG} -o whole")).ok();
    // Before anything, in the middle of the first shards, later, and again in the second run.
    for (k, moments) in
        [vec![0], vec![3], vec![11, 7], vec![29, 4, 50], vec![83], vec![160]].iter().enumerate()
    {
        let out = format!("out{k}");
        for &moment in moments {
            let mut child = place.start(&format!("{LONG} -o {out}"));
            std::thread::sleep(Duration::from_millis(moment));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        place.run(&format!("{LONG} -o {out}")).ok();
        place.assert_same("whole", &out);
    }
}

#[test]
fn what_a_killed_run_has_finished_is_kept() {
    let place = place();
    place.run(&format!("{LONG} -o whole")).ok();
    let mut child = place.start(&format!("{LONG} -o out"));
    wait_for_shards(&mut child, &place.path("out"), 20);
    child.kill().unwrap();
    child.wait().unwrap();
    let run = place.run(&format!("{LONG} -o out --json")).ok().json();
    // A shard whose line in the journal was not yet written is made again.
    assert!(run["shards_kept"].as_u64().unwrap() >= 15, "{run}");
    place.assert_same("whole", "out");
}

#[cfg(unix)]
#[test]
fn signals_end_a_run_in_good_order() {
    let place = place();
    place.run(&format!("{LONG} -o whole")).ok();
    for (name, code, out) in [("-INT", 130, "interrupted"), ("-TERM", 143, "terminated")] {
        let mut child = place.start(&format!("{LONG} -o {out}"));
        wait_for_shards(&mut child, &place.path(out), 3);
        signal(&child, name);
        Run::of(name, child.wait_with_output().unwrap()).fails(code, &["interrupted", "same command"]);
        assert_tidy(&place, out, "whole");
        let run = place.run(&format!("{LONG} -o {out} --json")).ok().json();
        assert!(run["shards_kept"].as_u64().unwrap() >= 3, "{run}");
        place.assert_same("whole", out);
    }
}

#[test]
fn only_what_is_damaged_or_gone_is_made_again() {
    let place = Place::new();
    place.idx("in", &Images::new(60, 5, 7));
    let command = "colorize -i in --per-image 1 --shard-size 10 -o out --json";
    place.run(command).ok();
    let before = place.files("out");
    let shard = |k: usize| place.path("out").join(format!("train-{k:05}-of-00006.npz"));
    let written = |k: usize| fs::metadata(shard(k)).unwrap().modified().unwrap();
    let untouched = [0, 2, 4].map(written);
    fs::remove_file(shard(1)).unwrap();
    let mut bytes = fs::read(shard(3)).unwrap();
    bytes[50] ^= 1;
    fs::write(shard(3), &bytes).unwrap();
    fs::write(shard(5), &bytes[..40]).unwrap();
    let run = place.run(command).ok().json();
    assert_eq!(
        (&run["shards_written"], &run["shards_kept"], &run["rows_kept"]),
        (&3.into(), &3.into(), &30.into())
    );
    assert!(place.files("out") == before);
    assert_eq!([0, 2, 4].map(written), untouched, "the others are not even touched");
    let run = place.run(command).ok().json();
    assert_eq!(run["shards_written"], 0);
}

#[test]
fn another_data_set_is_replaced_only_with_force() {
    let place = Place::new();
    place.idx("in", &Images::new(30, 5, 7)).idx("other", &Images::new(31, 5, 7));
    let command = "colorize -i in --shard-size 50 -o out";
    place.run(command).ok();
    let before = place.files("out");
    for (other, difference) in [
        ("colorize -i in --shard-size 50 -o out --seed 1", "seed is 0 there and 1 here"),
        ("colorize -i in --shard-size 50 -o out --style alpha", "style"),
        ("colorize -i in --shard-size 50 -o out --compress 3", "format"),
        ("colorize -i in --shard-size 51 -o out", "--shard-size is 50 there and 51 here"),
        ("colorize -i other --shard-size 50 -o out", "inputs with another content"),
        ("quadrant -i in --shard-size 50 -o out", "command is colorize there and quadrant here"),
    ] {
        place.run(other).fails(73, &["out", "another data set", difference, "--force"]);
        assert!(place.files("out") == before, "{other} changed something");
    }
    place.run("quadrant -i in --shard-size 7 -o fresh").ok();
    place.run("quadrant -i in --shard-size 7 -o out --force").ok();
    place.assert_same("fresh", "out");
}

#[test]
fn a_folder_of_other_things_is_left_alone() {
    let place = Place::new();
    place.idx("in", &Images::new(3, 5, 7)).write("home/letter.txt", "Dear");
    place.run("export -i in -o home").fails(73, &["home", "letter.txt", "--force"]);
    assert_eq!(place.names("home"), ["letter.txt"]);
    place.run("export -i in -o home --force").ok();
    assert_eq!(place.files("home")["letter.txt"], b"Dear", "nothing but our own is removed");
    // What an editor or a file manager leaves is no reason to stop.
    place.write("hidden/.DS_Store", "");
    place.run("export -i in -o hidden").ok();
}

#[test]
fn folders_that_cannot_be_written_to() {
    let place = Place::new();
    place.idx("in", &Images::new(3, 5, 7)).write("file", "x");
    place.run("export -i in -o file").fails(73, &["file", "expected a folder"]);
    place.run("export -i in -o file/below").fails(73, &["file/below", "cannot be written"]);
    if cfg!(target_os = "linux") {
        place.run("export -i in -o /proc/mnistaug").fails(73, &["/proc/mnistaug", "cannot be written"]);
    }
    assert_eq!(place.files("in").len(), 2);
}

/// A run that is killed very early, or one that is killed while it writes a record, leaves no more than this.
#[test]
fn what_killed_runs_leave_is_no_obstacle() {
    let place = Place::new();
    place.run("export -i digits:20 --split train -o whole").ok();
    let license = place.files("whole")["LICENSE-DATA.txt"].clone();
    place.write("out/LICENSE-DATA.txt", license);
    for name in [
        ".mnistaug.lock",
        ".mnistaug-tmp-all-abc",
        ".mnistaug-tmp-part-00000-of-00002-abc",
        ".mnistaug-tmp-merge-abc",
    ] {
        place.write(&format!("out/{name}"), "4711");
    }
    place.run("export -i digits:20 --split train -o out").ok();
    place.assert_same("whole", "out");
    // A license goes with its data set.
    place.idx("in", &Images::new(3, 5, 7));
    place.run("export -i in -o bare").ok();
    place.run("export -i in -o out --force").ok();
    place.assert_same("bare", "out");
}

/// Whoever may do everything is not stopped by permissions.
#[cfg(unix)]
#[test]
fn a_read_only_folder() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.idx("in", &Images::new(3, 5, 7)).mkdir("locked");
    fs::set_permissions(place.path("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(place.path("locked/probe"), "").is_ok() {
        return;
    }
    place.run("export -i in -o locked").fails(73, &["locked", "cannot be written"]);
    place.run("export -i in -o locked/below").fails(73, &["locked/below", "cannot be written"]);
}

#[cfg(unix)]
#[test]
fn a_folder_has_one_writer_at_a_time() {
    let place = place();
    let mut child = place.start(&format!("{LONG} -o out"));
    wait_for_shards(&mut child, &place.path("out"), 1);
    signal(&child, "-STOP");
    let pid = child.id().to_string();
    place.run(&format!("{LONG} -o out")).fails(75, &["out", "in use", &pid]);
    place.run(&format!("{LONG} -o out --force")).fails(75, &["in use"]);
    place.run(&format!("{LONG} --part 0/2 -o out")).fails(75, &["in use"]);
    place.run("merge out").fails(75, &["in use"]);
    signal(&child, "-CONT");
    assert!(child.wait().unwrap().success(), "it has not been disturbed");
    place.run("verify out").ok();
}

/// Files may grow to a limit only, which is what a full disk looks like from inside.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full_in_the_middle_of_a_shard() {
    let place = Place::new();
    place.idx("in", &Images::new(400, 20, 20));
    let command = "colorize -i in --per-image 1 --shard-size 100";
    place.run(&format!("{command} -o whole")).ok();
    // 100 x 20 x 20 x 3 are 120 kB, of which some 50 kB find room.
    let run = place.shell(&format!("trap '' XFSZ; ulimit -f 50; exec $PROGRAM {command} -o out"));
    run.fails(73, &["out/train-0000", "cannot be written", "too large", "make room"]);
    assert_tidy(&place, "out", "whole");
    assert!(!place.names("out").iter().any(|name| name.contains("tmp")), "{:?}", place.names("out"));
    place.run(&format!("{command} -o out")).ok();
    place.assert_same("whole", "out");
}

//! What other people hand us: nothing leaves the folder, nothing is believed unseen, nothing of the user's is written over.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

use serde_json::json;

use crate::harness::{Images, Place};

fn digits() -> Place {
    let place = Place::new();
    place.run("export -i digits:8 -o a").ok();
    place
}

#[test]
fn names_in_a_manifest_lead_nowhere() {
    let place = digits();
    let original = fs::read(place.path("a/manifest.json")).unwrap();
    for name in ["../../x", "/tmp/x", "a/b", "..", "", "x\u{1b}[7m", "nul", ".hidden"] {
        place.write("a/manifest.json", &original);
        place.forge("a", |manifest| manifest["splits"][0]["name"] = json!(name));
        for command in ["info a", "verify a", "explain a 0", "export -i a -o p/q/out", "preview a"] {
            place.run(command).fails(65, &["a/manifest.json"]);
        }
    }
    for (place_in, name) in [("files", "../secret"), ("files", "/etc/passwd"), ("files", "manifest.json")] {
        place.write("a/manifest.json", &original);
        place.forge("a", |manifest| {
            manifest[place_in] = json!([{ "name": name, "bytes": 3, "blake3": "0".repeat(64) }]);
        });
        place.run("verify a").fails(65, &["a/manifest.json", name]);
        // Nor is anything removed for its sake.
        place.write("secret", "abc");
        place.run("export -i digits:8 -o a --force").ok();
        assert!(place.path("secret").exists());
    }
    assert!(!place.path("x").exists() && !place.path("p").exists());
}

#[test]
fn versions_that_are_to_come_are_not_taken_for_ours() {
    for (key, number) in [("manifest", 9), ("algorithm", 99)] {
        let place = digits();
        place.forge("a", |manifest| {
            manifest[key] = json!(number);
            manifest["news"] = json!(true);
        });
        for command in ["info a", "verify a", "export -i a -o b"] {
            let says = [&format!("its {key} version is {number}"), "as new as the one that made it"]
                .map(str::to_owned);
            place.run(command).fails(65, &[&says[0], &says[1]]);
        }
    }
    let place = digits();
    place.forge("a", |manifest| manifest["news"] = json!(true));
    place.run("info a").fails(65, &["unknown field `news`"]);
}

#[test]
fn a_manifest_that_was_edited_is_refused() {
    let place = digits();
    let text = fs::read_to_string(place.path("a/manifest.json")).unwrap();
    for (from, to) in [("MIT", "none at all"), ("digits:8", "digits:9"), ("\"export\"", "\"import\"")] {
        assert!(text.contains(from));
        place.write("a/manifest.json", text.replace(from, to));
        for command in ["verify a", "info a", "export -i a -o b"] {
            place.run(command).fails(65, &["a/manifest.json", "edited or damaged"]);
        }
    }
    // Older versions wrote no digest.
    place.write("a/manifest.json", &text);
    place.forge("a", |_| ());
    place.run("verify a --rebuild").ok();
}

/// Of every format: what is made of damaged files is not made.
#[test]
fn no_flipped_bit_becomes_other_pixels() {
    for format in [
        "shards",
        "shards --compress 1",
        "csv",
        "npz",
        "npy",
        "idx",
        "safetensors",
        "png",
        "tfrecord",
        "webdataset",
        "mds",
    ] {
        let place = Place::new();
        place.idx("in", &Images::new(30, 7, 5));
        place.run(&format!("export -i in -o a --format {format}")).ok();
        place.run("export -i a -o whole").ok();
        let largest = |(_, bytes): &(&String, &Vec<u8>)| bytes.len();
        let files = place.files("a");
        let named = |name: &&String| {
            let hidden = [".json", ".md", ".jsonl", ".txt"];
            !hidden.iter().any(|end| name.ends_with(end)) && !name.starts_with(".mnistaug")
        };
        let (name, bytes) = files.iter().filter(|(name, _)| named(name)).max_by_key(largest).unwrap();
        for at in [bytes.len() / 2, bytes.len() - 1] {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x80;
            place.write(&format!("a/{name}"), bytes);
            place.run("export -i a -o b").fails(65, &["a/", "BLAKE3"]);
            assert!(!place.path("b/manifest.json").exists(), "{format}");
            place.run("info a").fails(65, &["BLAKE3"]);
        }
        place.write(&format!("a/{name}"), &bytes[..bytes.len() - 1]);
        place.run("info a").exits(65);
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_a_data_set_are_not_followed() {
    let place = digits();
    let shard = "train-00000-of-00001.npz";
    fs::rename(place.path("a").join(shard), place.path("elsewhere")).unwrap();
    symlink("../elsewhere", place.path("a").join(shard)).unwrap();
    for command in ["info a", "export -i a -o b"] {
        place.run(command).fails(65, &["leads out of the folder"]);
    }
    assert!(place.run("verify a").exits(65).out.contains("leads out of the folder"));
    // A folder in the place of which there is a link is neither emptied nor filled.
    let place = Place::new();
    place.run("export -i digits:8 --format png -o a").ok();
    fs::rename(place.path("a/train"), place.path("mine")).unwrap();
    symlink("../mine", place.path("a/train")).unwrap();
    let before = place.files("mine");
    place.run("export -i digits:9 --format png -o a --force").fails(73, &["a link stands in the place"]);
    assert!(place.files("mine") == before);
}

#[test]
fn verify_looks_at_the_licenses() {
    let place = digits();
    for text in [None, Some("none")] {
        match text {
            None => fs::remove_file(place.path("a/LICENSE-DATA.txt")).unwrap(),
            Some(text) => drop(place.write("a/LICENSE-DATA.txt", text)),
        }
        assert!(place.run("verify a").exits(65).out.contains("LICENSE-DATA.txt: "));
    }
    // As the help says.
    place.run("export -i digits:8 -o a").ok();
    place.run("verify a").ok();
}

#[test]
fn single_files_do_not_replace_what_is_dear() {
    let place = Place::new();
    place.picture("c1.jpg", 9, 7, |y, x| [y as u8 * 20, x as u8 * 30, 5]).write("README.md", "mine");
    place.write("mine.yaml", "version: 1\npipeline:\n  - fliplr: 0.5\n");
    place.idx("in", &Images::new(20, 5, 4));
    let before = place.files(".");
    for command in [
        "preview c1.jpg -o c1.jpg",
        "explain c1.jpg 0 -o ./c1.jpg",
        "preview digits -o README.md",
        "split -i in --indices README.md",
        "split -i in --indices in/train-images-idx3-ubyte",
        "pipeline convert imgaug-light -o README.md",
        "pipeline convert mine.yaml -o mine.yaml",
        "explain in 0 --pipeline mine.yaml -o mine.yaml",
    ] {
        let run = place.run(command);
        assert!(matches!(run.code, Some(73 | 2)), "{command}: {run:?}");
        run.says(&["error: ", "help: "]);
    }
    assert!(place.files(".") == before);
    // What it made itself it makes anew, and the rest when it is told to.
    for command in [
        "preview digits -o sheet.png",
        "preview digits -o sheet.png",
        "split -i in --indices i.npz",
        "split -i in --seed 3 --indices i.npz",
        "pipeline convert imgaug-light -o p.yaml",
        "pipeline convert imgaug-heavy -o p.yaml",
        "split -i in --indices README.md --force",
        "preview digits -o c1.jpg --force",
        "pipeline convert imgaug-light -o mine.yaml --force",
    ] {
        place.run(command).ok();
    }
    // The ending says what is written.
    for (name, begins) in
        [("s.jpg", &b"\xff\xd8"[..]), ("s.bmp", b"BM"), ("s.webp", b"RIFF"), ("s.png", b"\x89PNG")]
    {
        place.run(&format!("preview digits -o {name}")).ok();
        place.run(&format!("explain digits 3 -o e-{name}")).ok();
        assert!(
            place.files(".")[name].starts_with(begins)
                && place.files(".")[&format!("e-{name}")].starts_with(begins)
        );
    }
    for name in ["s.txt", "s.tiff", "-", "s3://b/x.png", "in"] {
        place.run(&format!("preview digits -o {name}")).fails(2, &[name]);
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_stays_what_it_is() {
    let place = Place::new();
    place.idx("in", &Images::new(20, 5, 4));
    assert!(std::process::Command::new("mkfifo").arg(place.path("pipe")).status().unwrap().success());
    for (command, begins) in [
        ("preview digits -o", "PNG"),
        ("explain digits 3 -o", "PNG"),
        ("split -i in --indices", "PK"),
        ("pipeline convert imgaug-light -o", "# Converted"),
    ] {
        let line = format!("head -c 20 pipe > got & \"$PROGRAM\" {command} pipe; wait");
        place.shell(&line).ok();
        assert!(String::from_utf8_lossy(&fs::read(place.path("got")).unwrap()).contains(begins), "{command}");
        assert!(fs::symlink_metadata(place.path("pipe")).unwrap().file_type().is_fifo(), "{command}");
        place.shell(&format!("\"$PROGRAM\" {command} /dev/null")).ok();
    }
    place.run("preview digits -o real.png").ok();
    fs::set_permissions(place.path("real.png"), PermissionsExt::from_mode(0o604)).unwrap();
    symlink("real.png", place.path("link.png")).unwrap();
    place.run("preview digits:9 -o link.png").ok();
    assert!(fs::symlink_metadata(place.path("link.png")).unwrap().file_type().is_symlink());
    assert_eq!(fs::metadata(place.path("real.png")).unwrap().permissions().mode() & 0o777, 0o604);
}

#[cfg(unix)]
#[test]
fn locks_do_not_follow_links() {
    for lock in [".mnistaug.lock", ".mnistaug-part-00000-of-00002.lock"] {
        let place = Place::new();
        place.write("precious", "mine").mkdir("o");
        symlink("../precious", place.path("o").join(lock)).unwrap();
        place.run("colorize -i digits:9 -o o --part 0/2").fails(73, &[lock]);
        assert_eq!(fs::read_to_string(place.path("precious")).unwrap(), "mine");
    }
    // Nor is one made behind a link that leads nowhere.
    let place = Place::new();
    place.mkdir("o");
    symlink("../new", place.path("o/.mnistaug.lock")).unwrap();
    place.run("colorize -i digits:9 -o o").fails(73, &[".mnistaug.lock"]);
    assert!(!place.path("new").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_endless_is_read() {
    let place = digits();
    fs::remove_file(place.path("a/manifest.json")).unwrap();
    symlink("/dev/zero", place.path("a/manifest.json")).unwrap();
    place.run("verify a").fails(65, &["a/manifest.json"]);
    place.idx("in", &Images::new(20, 5, 4));
    symlink("/dev/zero", place.path("in/classes.txt")).unwrap();
    place.run("info in").exits(65).says(&["classes.txt"]);
    for option in ["--lock", "--catalogue"] {
        place.run(&format!("fetch mnist --offline {option} /dev/zero")).exits(65).says(&["/dev/zero"]);
    }
    place.run("augment -i digits:3 --pipeline /dev/zero -o x").exits(2);
}

#[test]
fn what_names_say_does_not_act_on_the_terminal() {
    let place = Place::new();
    place
        .idx("in", &Images::new(20, 5, 4))
        .write("in/classes.txt", "\u{1b}]0;x\u{7}\u{1b}[31mred\nb\nc\nd\ne\nf\ng\nh\ni\n\u{9b}1m\n");
    place.write("in/LICENSE-DATA.txt", "\u{1b}[2J");
    for command in [
        "info in",
        "info in --json",
        "preview in",
        "explain in 3",
        "explain in 3 --json",
        "export -i in -o b --json",
        "info \u{1b}[31mx",
        "augment -i in --pipeline \u{1b}[7mx",
    ] {
        let run = place.run(command);
        let bad = |c: &char| c.is_control() && *c != '\n';
        assert_eq!(run.out.chars().chain(run.err.chars()).find(bad), None, "{run:?}");
    }
    let json = place.run("info in --json").json();
    assert_eq!(json["splits"][0]["classes"][9]["name"], "\u{9b}1m");
}

#[cfg(target_os = "linux")]
#[test]
fn paths_need_be_no_text() {
    let place = Place::new();
    place.idx("in", &Images::new(20, 5, 4));
    for line in [
        "\"$PROGRAM\" colorize -i digits:3 -o x$(printf '\\377') --json",
        "\"$PROGRAM\" info x$(printf '\\377') --json",
        "\"$PROGRAM\" verify x$(printf '\\377') --json",
        "\"$PROGRAM\" preview in -o s$(printf '\\377').png --json && test -f s$(printf '\\377').png",
        "\"$PROGRAM\" split -i in --indices i$(printf '\\377').npz --json && test -f i$(printf '\\377').npz",
    ] {
        assert!(place.shell(line).ok().json().is_object(), "{line}");
    }
    // What the manifest cannot keep is refused before any work.
    place.shell("cp -r in y$(printf '\\377')").ok();
    place.shell("\"$PROGRAM\" colorize -i y$(printf '\\377') -o z").fails(2, &["UTF-8"]);
    assert!(!place.path("z").exists());
}

#[test]
fn out_is_a_folder_on_this_machine() {
    let place = digits();
    for out in ["x.npz", "x.csv", "dir/x.parquet", "-", "s3://bucket/x", "gs://b", "https://h/x"] {
        for command in ["export -i digits:3", "colorize -i digits:3 --dry-run", "split -i digits:30"] {
            let run = place.run(&format!("{command} --out {out}"));
            // A stream is asked for, by those that can be one.
            if out != "-" || !command.contains("dry-run") {
                run.says(&["--out", out, "help: "]).exits(2);
            }
        }
    }
    assert_eq!(fs::read_dir(place.path(".")).unwrap().count(), 1, "nothing is made");
    place.run("export -i digits:3 -o v1.5").ok();
    place.mkdir("old.npz").run("export -i digits:3 -o old.npz").ok();
}

/// A source that is written to while it is read.
#[cfg(unix)]
#[test]
fn an_input_that_changes_is_noticed() {
    let place = Place::new();
    place.idx("in", &Images::new(400, 28, 28));
    let words = "augment -i in --pipeline imgaug-heavy --copies 40 --shard-size 500 -o out --threads 1";
    let mut child = place.start(words);
    crate::harness::wait_for_shards(&mut child, &place.path("out"), 1);
    let path = place.path("in/train-images-idx3-ubyte");
    let mut bytes = fs::read(&path).unwrap();
    bytes[5000] ^= 1;
    fs::write(&path, bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(65), "{said}");
    assert!(said.contains("changed while it was read") && said.contains("train-images"), "{said}");
    assert!(!place.path("out/manifest.json").exists());
}

//! The same bytes for any number of threads, any shard size, and on every run.

use crate::harness::{Images, Place};

const COMMANDS: [&str; 8] = [
    "colorize -i in --split all",
    "colorize -i in --split all --style alpha --fit crop --per-image 4 --seed 9",
    "quadrant -i in --split all --objects 0-4 --count 300",
    "quadrant -i in --grid 3x1 --format csv",
    "export -i digits:120",
    "relabel -i in --split all --noise symmetric:0.4 --seed 3",
    "mix -i in --split all --only train --method either --seed 2",
    "balance -i in --split all --to 30 --repeat --order shuffled --seed 3",
];

fn place() -> Place {
    let place = Place::new();
    place.idx("in", &Images::new(90, 5, 7)).idx_test_gz("in", &Images::new(31, 5, 7));
    place
}

#[test]
fn threads_do_not_matter() {
    let place = place();
    for (k, command) in COMMANDS.iter().enumerate() {
        for threads in [1, 2, 7] {
            let out = format!("{k}-{threads}");
            place.run(&format!("{command} --shard-size 50 --threads {threads} -o {out}")).ok();
            place.assert_same(&format!("{k}-1"), &out);
        }
    }
}

#[test]
fn shard_size_changes_files_and_not_content() {
    let place = place();
    for (k, command) in COMMANDS.iter().enumerate().filter(|(_, command)| !command.contains("csv")) {
        let whole = format!("{k}-whole");
        place.run(&format!("{command} -o {whole}")).ok();
        for size in [7, 64, 1_000_000] {
            let out = format!("{k}-{size}");
            place.run(&format!("{command} --shard-size {size} -o {out}")).ok();
            let (ours, theirs) = (place.manifest(&whole), place.manifest(&out));
            for (split, other) in
                ours["splits"].as_array().unwrap().iter().zip(theirs["splits"].as_array().unwrap())
            {
                assert_eq!((&split["name"], &split["content"]), (&other["name"], &other["content"]));
                let rows = other["rows"].as_u64().unwrap();
                assert_eq!(other["shards"].as_array().unwrap().len() as u64, rows.div_ceil(size));
                let name = split["name"].as_str().unwrap();
                assert!(
                    place.shards(&whole, name) == place.shards(&out, name),
                    "{command} --shard-size {size}"
                );
            }
        }
    }
}

/// Gzipped or raw, here or there: what counts is what is in the files.
#[test]
fn where_input_lies_does_not_matter_to_shards() {
    let (place, images) = (place(), Images::new(90, 5, 7));
    let gz = crate::harness::gzip;
    place
        .write("elsewhere/in/train-images-idx3-ubyte.gz", gz(&images.idx()))
        .write("elsewhere/in/train-labels-idx1-ubyte.gz", gz(&images.label_idx()));
    place.run("colorize -i in -o a").ok();
    place.run("colorize -i elsewhere/in -o b").ok();
    let shard = "train-00000-of-00001.npz";
    assert!(place.files("a")[shard] == place.files("b")[shard]);
    // It is the same data set, so that going on in its folder is no other one.
    place.run("colorize -i elsewhere/in -o a").ok().says(&["nothing to do", "1 shard", "there already"]);
}

/// Nothing but what is made of the time, the place or the process would differ between two runs.
#[test]
fn nothing_of_the_run_is_in_the_files() {
    let place = place();
    place.run("quadrant -i in -o a").ok();
    std::thread::sleep(std::time::Duration::from_millis(2100)); // zip keeps time in steps of two seconds
    place.run("quadrant -i in -o b --quiet").ok();
    place.assert_same("a", "b");
    let manifest = String::from_utf8(place.files("a")["manifest.json"].clone()).unwrap();
    assert!(!manifest.contains(&*std::env::temp_dir().to_string_lossy()), "no absolute paths");
}

/// Pinned: whoever changes what comes out has to say so, by raising the algorithm version.
#[test]
fn contents_are_the_recorded_ones() {
    let place = place();
    let mut found = vec![];
    for (k, command) in COMMANDS.iter().enumerate() {
        place.run(&format!("{command} -o {k}")).ok();
        let manifest = place.manifest(&k.to_string());
        assert_eq!(manifest["algorithm"], 3);
        for split in manifest["splits"].as_array().unwrap() {
            found.push(format!("{} {}", split["name"].as_str().unwrap(), split["content"].as_str().unwrap()));
        }
    }
    insta::assert_snapshot!(found.join("\n"), @r"
    train d542839f9ee6c81393f60fb542c89ac9
    test b7bb85a7b6a8061a0d081522cd219277
    train 171c5b72a5b3e8e9e3821e23c9e85358
    test f2f0bd2c51e697823d9499d213c8e879
    train 9f7aa9b78c9d6d228ae06082e5d51ef8
    test f129758e190552e8cd66d12251838784
    train 3af9abc6cff86dd3907521170a0f2703
    train 0768fcf117054a579c229baf3b472a75
    test 95a9fb0bfecb48a8fd94dfdcc15986ef
    train 04dd8a35c9621999c72d9523c228a35f
    test ddf64061d5527766ac3b1a287b747f76
    train dfd753dd57d5279b6e303635316ddead
    test 3cb3522af757829f7ab402dcbe177657
    train a8305cc47dd2d279332d8df679310829
    test 0647f187cb0dd35295cfeab0786c6bd0
    ");
}

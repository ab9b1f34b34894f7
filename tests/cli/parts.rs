//! `--part` and `merge`: many machines, one data set.

use crate::harness::{Images, Place};

const COMMAND: &str = "colorize -i in --split all --per-image 2 --shard-size 10 --seed 3";

/// Twelve shards of train and three of test, built at once into `whole`.
fn place() -> Place {
    let place = Place::new();
    place.idx("in", &Images::new(60, 5, 7)).idx_test_gz("in", &Images::new(13, 5, 7));
    place.run(&format!("{COMMAND} -o whole")).ok();
    place
}

#[test]
fn any_number_of_parts_gives_the_same_folder() {
    let place = place();
    // 40 parts: more than there are shards.
    for parts in [1, 2, 3, 7, 40] {
        let out = format!("of-{parts}");
        for part in (0..parts).rev() {
            place.run(&format!("{COMMAND} --part {part}/{parts} --threads 2 -o {out}")).ok();
            assert!(!place.path(&out).join("manifest.json").exists(), "not before it is merged");
        }
        place.run(&format!("merge {out}")).ok().says(&["146 images", "15 shards"]);
        place.assert_same("whole", &out);
        place.run(&format!("verify {out} --rebuild")).ok();
        // Merging again, or building what is there already, changes nothing.
        place.run(&format!("merge {out}")).ok();
        place.run(&format!("{COMMAND} -o {out}")).ok().says(&["nothing to do", "15 shards", "there already"]);
        place.assert_same("whole", &out);
    }
}

#[test]
fn parts_built_side_by_side() {
    let place = place();
    let mut children: Vec<_> =
        (0..3).map(|part| place.start(&format!("{COMMAND} --part {part}/3 -o out"))).collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    place.run("merge out").ok();
    place.assert_same("whole", "out");
}

#[test]
fn a_part_that_was_killed_is_built_again() {
    let place = place();
    place.run(&format!("{COMMAND} --part 1/2 -o out")).ok();
    for moment in [2, 5, 9, 14, 20] {
        let mut child = place.start(&format!("{COMMAND} --part 0/2 -o out"));
        std::thread::sleep(std::time::Duration::from_millis(moment));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    place.run(&format!("{COMMAND} --part 0/2 -o out")).ok();
    // The lock of a part that was killed, which nobody has taken away.
    place.write("out/.mnistaug-part-00001-of-00004.lock", "123");
    place.run("merge out").ok();
    place.assert_same("whole", "out");
}

#[test]
fn merge_says_what_is_missing() {
    let place = place();
    for part in ["0/4", "2/4"] {
        place.run(&format!("{COMMAND} --part {part} -o out")).ok();
    }
    place.run("merge out").fails(65, &["of 4 parts, parts 1,3 are missing", "mnistaug parts"]);
    place.run("verify out").fails(66, &["out", "merge"]);
    for part in ["1/4", "3/4"] {
        place.run(&format!("{COMMAND} --part {part} -o out")).ok();
    }
    let gone = "train-00005-of-00012.npz";
    std::fs::remove_file(place.path("out").join(gone)).unwrap();
    place.run("merge out").fails(65, &[gone, "missing"]);
    place.run(&format!("{COMMAND} --part 1/4 -o out")).ok().says(&["1 shard "]);
    place.run("merge out").ok();
    place.assert_same("whole", "out");

    place.mkdir("empty");
    place.run("merge empty").fails(66, &["empty", "no parts"]);
    place.run("merge nowhere").fails(66, &["nowhere", "no such folder"]);
}

#[test]
fn parts_of_different_data_sets_are_kept_apart() {
    let place = place();
    place.run(&format!("{COMMAND} --part 0/2 -o out")).ok();
    place.run(&format!("{COMMAND}1 --part 1/2 -o out")).fails(73, &["another data set", "seed", "--force"]);
    place.run(&format!("{COMMAND} --part 0/2 -o other")).ok();
    place.run(&format!("{COMMAND}1 --part 1/2 -o another")).ok();
    place.run("merge other another").fails(73, &["another", "seed"]);
}

/// Shards count, not how many parts they were made in; lists that are not needed go.
#[test]
fn lists_of_other_numbers_of_parts_do_no_harm() {
    let place = place();
    for part in ["0/2", "1/3"] {
        place.run(&format!("{COMMAND} --part {part} -o out")).ok();
    }
    place.run("merge out").fails(65, &["missing"]);
    assert_eq!(place.run("parts out --of 2 --missing").ok().out, "1\n");
    assert_eq!(place.run("parts out --of 3 --missing").ok().out, "2\n");
    // The missing third completes the whole, whoever makes it.
    place.run(&format!("{COMMAND} --part 2/3 -o out")).ok();
    place.run("merge out").ok().says(&["not needed, and removed: part-00000-of-00002.jsonl"]);
    place.assert_same("whole", "out");
    place.run("verify out --rebuild").ok();
}

#[test]
fn merging_again_and_parts_that_come_late_change_nothing() {
    let place = place();
    for part in 0..3 {
        place.run(&format!("{COMMAND} --part {part}/3 -o out")).ok();
    }
    place.run("merge out").ok();
    place.run("merge out").ok();
    place.assert_same("whole", "out");
    // A task that is run again, after the end.
    place.run(&format!("{COMMAND} --part 2/3 -o out")).ok().says(&["nothing to do"]);
    place.run(&format!("{COMMAND} --part 0/5 -o out")).ok();
    place.assert_same("whole", "out");
    place.run("merge out").ok();
    // An engine that removes what a job is said to make, and runs it again.
    std::fs::remove_file(place.path("out/manifest.json")).unwrap();
    place.run("merge out").ok().says(&["146 images"]);
    place.assert_same("whole", "out");
    // A shard that is gone as well is made by its part, or by a run for the whole.
    for command in [format!("{COMMAND} --part 2/3 -o out"), format!("{COMMAND} -o out")] {
        std::fs::remove_file(place.path("out/manifest.json")).unwrap();
        std::fs::remove_file(place.path("out/train-00011-of-00012.npz")).unwrap();
        place.run("merge out").fails(65, &["1 shards are missing", "train-00011"]);
        place.run(&command).ok().says(&["1 shard "]);
        place.run("merge out").ok();
        place.assert_same("whole", "out");
    }
    // Nothing is taken over from another data set.
    std::fs::remove_file(place.path("out/manifest.json")).unwrap();
    place.run(&format!("{COMMAND}4 -o out")).fails(73, &["another data set", "--force"]);
    place.run(&format!("{COMMAND}4 -o out --force")).ok();
    assert!(!place.path("out/.mnistaug/merged.jsonl").exists());
    place.run("verify out --rebuild").ok();
}

#[test]
fn parts_are_merged_from_several_folders() {
    let place = place();
    for format in ["shards", "parquet", "coco"] {
        let source = if format == "coco" {
            "quadrant -i in --shard-size 7 --format coco"
        } else {
            "colorize -i in --shard-size 50"
        };
        let format = if format == "coco" { "" } else { &format!("--format {format}")[..] };
        let command = format!("{source} {format} --force");
        place.run(&format!("{command} -o one/set")).ok();
        for part in 0..3 {
            place.run(&format!("{command} --part {part}/3 -o node{part}/set")).ok();
        }
        place.run("merge all/set node1/set node2/set").fails(65, &["of 3 parts, part 0 is missing"]);
        place.run("merge all/set node0/set node1/set node2/set").ok().says(&["copied into all/set"]);
        place.assert_same("one/set", "all/set");
        place.run("merge all/set node0/set").ok();
        place.assert_same("one/set", "all/set");
        place.run("verify all/set --rebuild").ok();
        for folder in ["all", "node0", "node1", "node2"] {
            std::fs::remove_dir_all(place.path(folder)).unwrap();
        }
    }
    // What is copied is what its list says.
    place.run(&format!("{COMMAND} --part 0/1 -o damaged")).ok();
    place.write("damaged/train-00003-of-00012.npz", vec![7_u8; 5]);
    place.run("merge all damaged").fails(65, &["train-00003", "not what the list of its part says"]);
    place.run("merge all nowhere").fails(66, &["nowhere", "no such folder"]);
}

#[test]
fn parts_tells_what_is_there() {
    let place = place();
    place.run("parts out").fails(66, &["out", "no such folder"]);
    assert_eq!(place.run("parts out --of 8 --missing").ok().out, "0-7\n");
    for part in [0, 2, 5] {
        place.run(&format!("{COMMAND} --part {part}/8 -o out")).ok();
    }
    assert_eq!(place.run("parts out --missing").ok().out, "1,3-4,6-7\n");
    // Three eighths are no data set.
    for words in [
        "info out",
        "preview out",
        "export --input out --out no",
        "cat out 0:3",
        "split --input out --out no",
    ] {
        place.run(words).fails(66, &["out", "not finished", "mnistaug merge"]);
    }
    let json = place.run("parts out --json").ok().json();
    assert_eq!(json["there"], serde_json::json!([0, 2, 5]));
    assert_eq!((&json["parts"], &json["array"]), (&8.into(), &"1,3-4,6-7".into()));
    let text = place.run("parts out").ok().out;
    assert!(text.contains("3 of 8 parts") && text.contains("missing: 1,3-4,6-7"), "{text}");
    // What is gone is missing again.
    std::fs::remove_file(place.path("out/train-00000-of-00012.npz")).unwrap();
    assert_eq!(place.run("parts out --missing").ok().out, "0-1,3-4,6-7\n");
    for part in [0, 1, 3, 4, 6, 7] {
        place.run(&format!("{COMMAND} --part {part}/8 -o out")).ok();
    }
    assert_eq!(place.run("parts out --missing").ok().out, "");
    assert!(place.run("parts out").ok().out.contains("mnistaug merge"));
    place.run("merge out").ok();
    assert_eq!(place.run("parts out --missing").ok().out, "");
    assert!(place.run("parts out").ok().out.contains("merged"));
    for words in ["parts out --of 0", "parts out --of 100000", "parts"] {
        place.run(words).exits(2);
    }
    // A list that somebody has broken is named.
    place.run(&format!("{COMMAND} --part 0/2 -o broken")).ok();
    place.write("broken/part-00001-of-00002.jsonl", "{}\n");
    place.run("parts broken").fails(65, &["part-00001-of-00002.jsonl"]);
    place.run("merge broken").fails(65, &["part-00001-of-00002.jsonl"]);
}

#[test]
fn auto_asks_the_job_engine() {
    let place = place();
    for task in ["1", "2", "3"] {
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", task),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_MAX", "3"),
        ];
        // It is said in any case: nobody has chosen it.
        place
            .run_with(&format!("{COMMAND} --part auto -o slurm --quiet"), &slurm)
            .ok()
            .says(&["of 3", "SLURM_ARRAY_TASK_ID"]);
        place.run_with(&format!("{COMMAND} --part auto/3 -o no"), &slurm).exits(2).says(&["auto1/3"]);
        let index = (task.parse::<u8>().unwrap() - 1).to_string();
        let kubernetes = [("JOB_COMPLETION_INDEX", index.as_str())];
        place.run_with(&format!("{COMMAND} --part auto/3 -o kubernetes"), &kubernetes).ok();
        place.run_with(&format!("{COMMAND} --part auto -o no"), &kubernetes).exits(2).says(&["auto/N"]);
        let batch = [("AWS_BATCH_JOB_ARRAY_INDEX", index.as_str()), ("AWS_BATCH_JOB_ARRAY_SIZE", "3")];
        place.run_with(&format!("{COMMAND} --part auto -o batch"), &batch).ok();
    }
    for out in ["slurm", "kubernetes", "batch"] {
        place.run(&format!("merge {out}")).ok();
        place.assert_same("whole", out);
    }
    place.run(&format!("{COMMAND} --part auto -o no")).exits(2).says(&["--part I/N"]);
    place
        .run_with(&format!("{COMMAND} --part auto/3 -o no"), &[("JOB_COMPLETION_INDEX", "3")])
        .exits(2)
        .says(&["JOB_COMPLETION_INDEX is 3"]);
    assert!(!place.path("no").exists());
}

/// A task that is submitted again alone is the part that it was.
#[test]
fn a_task_that_is_submitted_again_is_the_same_part() {
    let place = place();
    let slurm = |count, min, max, id| {
        [
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_COUNT", count),
            ("SLURM_ARRAY_TASK_MIN", min),
            ("SLURM_ARRAY_TASK_MAX", max),
        ]
    };
    for id in ["0", "1", "2"] {
        place.run_with(&format!("{COMMAND} --part auto -o out"), &slurm("6", "0", "5", id)).ok();
    }
    // sbatch --array=3-5, sbatch --array=0, and --array=0-2, which looks like a whole one.
    for again in [slurm("3", "3", "5", "3"), slurm("1", "0", "0", "0")] {
        place.run_with(&format!("{COMMAND} --part auto -o out"), &again).exits(2).says(&["auto/N"]);
    }
    place
        .run_with(&format!("{COMMAND} --part auto -o out"), &slurm("3", "0", "2", "1"))
        .exits(2)
        .says(&["there are parts of 6 here", "--part auto/6"]);
    let missing = place.run("parts out --missing").ok().out;
    assert_eq!(missing, "3-5\n");
    for id in ["3", "4", "5"] {
        place.run_with(&format!("{COMMAND} --part auto/6 -o out"), &slurm("3", "3", "5", id)).ok();
    }
    place.run("merge out").ok();
    place.assert_same("whole", "out");
}

/// Tasks are killed at random, and what `parts --missing` prints is submitted again, twice at once, until nothing is missing.
#[test]
fn arrays_heal() {
    let place = place();
    let mut state = 0x9e37_79b9_u32;
    for round in 0..6 {
        let out = format!("round{round}");
        let mut submissions = 0;
        loop {
            let missing = place.run(&format!("parts {out} --of 7 --missing")).ok().out;
            if missing.is_empty() {
                break;
            }
            submissions += 1;
            assert!(submissions < 40, "it does not heal: {missing}");
            let tasks: Vec<u64> = missing
                .trim()
                .split(',')
                .flat_map(|run| {
                    let (first, last) = run.split_once('-').unwrap_or((run, run));
                    first.parse().unwrap()..=last.parse::<u64>().unwrap()
                })
                .collect();
            let task = |id: u64| place.start(&format!("{COMMAND} --part {id}/7 --threads 1 -o {out}"));
            let mut children: Vec<_> = tasks.iter().chain(&tasks[..1]).map(|id| task(*id)).collect();
            for child in &mut children {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if state >> 30 > 0 {
                    std::thread::sleep(std::time::Duration::from_millis(u64::from(state >> 16 & 7)));
                    // One that has ended cannot be killed any more.
                    let _ = child.kill();
                }
            }
            for child in &mut children {
                child.wait().unwrap();
            }
        }
        place.run(&format!("merge {out}")).ok();
        place.assert_same("whole", &out);
    }
}

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
        place.run(&format!("{COMMAND} -o {out}")).ok().says(&["15 shards there already"]);
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
    place.run("merge out").ok();
    place.assert_same("whole", "out");
}

#[test]
fn merge_says_what_is_missing() {
    let place = place();
    for part in ["0/4", "2/4"] {
        place.run(&format!("{COMMAND} --part {part} -o out")).ok();
    }
    place.run("merge out").fails(65, &["1/4", "3/4", "missing"]);
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
    place.run(&format!("{COMMAND} --part 1/3 -o out")).ok();
    place.run("merge out").fails(65, &["parts of", "mixed"]);
}

#[test]
fn auto_asks_the_job_engine() {
    let place = place();
    for task in ["5", "6", "7"] {
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", task),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
            ("SLURM_ARRAY_TASK_MIN", "5"),
            ("SLURM_ARRAY_TASK_MAX", "7"),
        ];
        place
            .run_with(&format!("{COMMAND} --part auto -o slurm"), &slurm)
            .ok()
            .says(&["of 3", "SLURM_ARRAY_TASK_ID"]);
        let index = (task.parse::<u8>().unwrap() - 5).to_string();
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

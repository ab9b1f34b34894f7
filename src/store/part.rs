//! One of N parts of the work, and how job engines say which.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most parts that there can be.
pub const MOST_PARTS: u64 = 99_999;

/// Part `index` (from 0) of `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which part, from 0.
    pub index: u64,
    /// How many parts there are.
    pub of: u64,
}

impl Part {
    /// The indexes of the shards that belong to this part, of `shards` in all: a contiguous run, the same for everybody.
    #[must_use]
    pub fn shards(self, shards: u64) -> std::ops::Range<u64> {
        let cut = |i: u64| (u128::from(shards) * u128::from(i) / u128::from(self.of)) as u64;
        cut(self.index)..cut(self.index + 1)
    }

    /// The part in file names.
    #[must_use]
    pub fn tag(self) -> String {
        format!("part-{:05}-of-{:05}", self.index, self.of)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// What `--part` may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartChoice {
    /// `I/N`.
    Given(Part),
    /// `auto`, or `auto/N` where the job engine does not tell the number of parts.
    Auto(Option<u64>),
}

impl std::str::FromStr for PartChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected I/N with I from 0 to N-1, auto, or auto/N; found {text:?}");
        let count =
            |text: &str| text.parse().ok().filter(|n| (1..=MOST_PARTS).contains(n)).ok_or_else(expected);
        match text.split_once('/') {
            None if text == "auto" => Ok(Self::Auto(None)),
            Some(("auto", of)) => Ok(Self::Auto(Some(count(of)?))),
            Some((index, of)) => {
                let (index, of) = (index.parse().map_err(|_| expected())?, count(of)?);
                if index >= of {
                    return Err(format!("parts count from 0: the last of {of} parts is {}/{of}", of - 1));
                }
                Ok(Self::Given(Part { index, of }))
            }
            None => Err(expected()),
        }
    }
}

/// Variables in which a job engine tells a task its number.
struct Engine {
    name: &'static str,
    index: &'static str,
    /// Number of the first task: a constant, or a variable.
    first: First,
    count: Option<&'static str>,
    /// Variable of the last task's number, for engines that tell no count.
    last: Option<&'static str>,
    step: Option<&'static str>,
}

enum First {
    Number(u64),
    Variable(&'static str),
}

/// In the order in which they are asked.
const ENGINES: &[Engine] = &[
    Engine {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        first: First::Variable("SLURM_ARRAY_TASK_MIN"),
        count: Some("SLURM_ARRAY_TASK_COUNT"),
        last: Some("SLURM_ARRAY_TASK_MAX"),
        step: Some("SLURM_ARRAY_TASK_STEP"),
    },
    Engine {
        name: "AWS Batch",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        first: First::Number(0),
        count: Some("AWS_BATCH_JOB_ARRAY_SIZE"),
        last: None,
        step: None,
    },
    Engine {
        name: "Cloud Run",
        index: "CLOUD_RUN_TASK_INDEX",
        first: First::Number(0),
        count: Some("CLOUD_RUN_TASK_COUNT"),
        last: None,
        step: None,
    },
    Engine {
        name: "Google Batch",
        index: "BATCH_TASK_INDEX",
        first: First::Number(0),
        count: Some("BATCH_TASK_COUNT"),
        last: None,
        step: None,
    },
    Engine {
        name: "a Kubernetes indexed job",
        index: "JOB_COMPLETION_INDEX",
        first: First::Number(0),
        count: None,
        last: None,
        step: None,
    },
    Engine {
        name: "PBS",
        index: "PBS_ARRAY_INDEX",
        first: First::Number(0),
        count: None,
        last: None,
        step: None,
    },
    Engine {
        name: "LSF",
        index: "LSB_JOBINDEX",
        first: First::Number(1),
        count: None,
        last: Some("LSB_JOBINDEX_END"),
        step: Some("LSB_JOBINDEX_STEP"),
    },
    Engine {
        name: "Grid Engine",
        index: "SGE_TASK_ID",
        first: First::Variable("SGE_TASK_FIRST"),
        count: None,
        last: Some("SGE_TASK_LAST"),
        step: Some("SGE_TASK_STEPSIZE"),
    },
    Engine {
        name: "HyperQueue",
        index: "HQ_TASK_ID",
        first: First::Number(0),
        count: None,
        last: None,
        step: None,
    },
    Engine {
        name: "GNU parallel",
        index: "PARALLEL_SEQ",
        first: First::Number(1),
        count: None,
        last: None,
        step: None,
    },
];

/// Finds the part in the variables of the job engines.
///
/// Returns the part and a sentence that says where it came from.
///
/// # Errors
/// A sentence that says which variable is missing or makes no sense.
pub fn detect(
    count: Option<u64>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<(Part, String), String> {
    let number = |name: &str| -> Result<Option<u64>, String> {
        match variable(name) {
            None => Ok(None),
            Some(text) if text.is_empty() || text == "undefined" => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| format!("the variable {name} is {text:?}; expected a number")),
        }
    };
    for engine in ENGINES {
        let Some(id) = number(engine.index)? else { continue };
        // LSF sets its variable to 0 for jobs that are no array.
        if engine.index == "LSB_JOBINDEX" && id == 0 {
            continue;
        }
        let first = match engine.first {
            First::Number(n) => n,
            First::Variable(name) => number(name)?.unwrap_or(1),
        };
        let step = engine.step.map_or(Ok(None), &number)?.unwrap_or(1).max(1);
        let index = id.checked_sub(first).map(|offset| offset / step).ok_or_else(|| {
            format!("the variable {} is {id}, below the first task number {first}", engine.index)
        })?;
        let told = engine.count.map_or(Ok(None), &number)?;
        let last = engine.last.map_or(Ok(None), &number)?;
        let spanned = last.and_then(|last| last.checked_sub(first)).map(|span| span / step + 1);
        if let (Some(told), Some(spanned)) = (told, spanned)
            && told != spanned
        {
            return Err(format!(
                "the task numbers of {} have holes ({told} tasks from {first} to {}); give --part I/N instead",
                engine.name,
                last.unwrap_or_default()
            ));
        }
        let of = count.or(told).or(spanned).ok_or_else(|| {
            format!("{} does not tell the number of tasks; give it as --part auto/N", engine.name)
        })?;
        if index >= of {
            return Err(format!("the variable {} is {id}, but there are only {of} parts", engine.index));
        }
        return Ok((
            Part { index, of },
            format!("part {index} of {of}, from {}={id} ({})", engine.index, engine.name),
        ));
    }
    Err("--part auto found none of the variables that job engines set (SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, ...); give --part I/N instead".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_are_understood_or_explained() {
        assert_eq!("3/8".parse(), Ok(PartChoice::Given(Part { index: 3, of: 8 })));
        assert_eq!("auto".parse(), Ok(PartChoice::Auto(None)));
        assert_eq!("auto/4".parse(), Ok(PartChoice::Auto(Some(4))));
        assert!("8/8".parse::<PartChoice>().unwrap_err().contains("7/8"));
        for bad in ["", "1", "1/0", "-1/4", "x/4", "1/x", "auto/0", "0/100000"] {
            assert!(bad.parse::<PartChoice>().is_err(), "{bad}");
        }
    }

    #[test]
    fn job_engines_are_asked() {
        let with = |count, pairs: &[(&str, &str)]| {
            detect(count, |name| pairs.iter().find(|p| p.0 == name).map(|p| p.1.to_owned()))
                .map(|(part, _)| (part.index, part.of))
        };
        let slurm = |id, count, min, max, step| {
            with(
                None,
                &[
                    ("SLURM_ARRAY_TASK_ID", id),
                    ("SLURM_ARRAY_TASK_COUNT", count),
                    ("SLURM_ARRAY_TASK_MIN", min),
                    ("SLURM_ARRAY_TASK_MAX", max),
                    ("SLURM_ARRAY_TASK_STEP", step),
                ],
            )
        };
        assert_eq!(slurm("3", "4", "0", "3", "1"), Ok((3, 4)));
        assert_eq!(slurm("1", "4", "1", "4", "1"), Ok((0, 4)));
        assert_eq!(slurm("5", "3", "1", "5", "2"), Ok((2, 3)));
        assert!(slurm("5", "3", "1", "9", "1").unwrap_err().contains("holes"));
        assert_eq!(with(Some(6), &[("JOB_COMPLETION_INDEX", "2")]), Ok((2, 6)));
        assert!(with(None, &[("JOB_COMPLETION_INDEX", "2")]).unwrap_err().contains("auto/N"));
        assert_eq!(
            with(None, &[("AWS_BATCH_JOB_ARRAY_INDEX", "2"), ("AWS_BATCH_JOB_ARRAY_SIZE", "3")]),
            Ok((2, 3))
        );
        assert!(with(None, &[("SGE_TASK_ID", "undefined"), ("PARALLEL_SEQ", "1")]).is_err());
        assert_eq!(with(Some(3), &[("SGE_TASK_ID", "undefined"), ("PARALLEL_SEQ", "1")]), Ok((0, 3)));
        assert_eq!(
            with(None, &[("SGE_TASK_ID", "3"), ("SGE_TASK_FIRST", "1"), ("SGE_TASK_LAST", "3")]),
            Ok((2, 3))
        );
        assert!(with(None, &[("HQ_TASK_ID", "x")]).is_err());
        assert!(with(None, &[]).unwrap_err().contains("--part I/N"));
    }

    proptest! {
        #[test]
        fn parts_cover_all_shards_once(shards in 0_u64..200, of in 1_u64..50) {
            let mut next = 0;
            for index in 0..of {
                let range = Part { index, of }.shards(shards);
                prop_assert_eq!(range.start, next);
                next = range.end;
            }
            prop_assert_eq!(next, shards);
        }
    }
}

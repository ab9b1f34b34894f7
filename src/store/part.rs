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
    /// What the job engine tells.
    Auto(Auto),
}

/// `auto`, `auto/N` or `auto1/N`: the part whose number the job engine tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Auto {
    /// How many parts there are, where that was said.
    pub of: Option<u64>,
    /// What the number of the first task is, where people choose the numbers of tasks.
    pub first: u64,
}

impl std::str::FromStr for PartChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected =
            || format!("expected I/N with I from 0 to N-1, auto, auto/N or auto1/N; found {text:?}");
        let count =
            |text: &str| text.parse().ok().filter(|n| (1..=MOST_PARTS).contains(n)).ok_or_else(expected);
        match text.split_once('/') {
            None if text == "auto" => Ok(Self::Auto(Auto { of: None, first: 0 })),
            Some(("auto", of)) => Ok(Self::Auto(Auto { of: Some(count(of)?), first: 0 })),
            Some(("auto1", of)) => Ok(Self::Auto(Auto { of: Some(count(of)?), first: 1 })),
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
    numbers: Numbers,
    count: Count,
}

/// Where the numbers of an engine's tasks begin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// The engine counts tasks from 0 or 1, whatever is submitted.
    From(u64),
    /// Whoever submits tasks chooses their numbers.
    Chosen,
}

/// How an engine tells how many tasks there are.
#[derive(Clone, Copy)]
enum Count {
    /// It does not.
    Unknown,
    /// In a variable that stays the same when a task is run again.
    Told(&'static str),
    /// In the numbers of the first and the last task of what was submitted, and the steps between them, which may be less than the whole when tasks
    /// are submitted again; with the number of tasks, where it is told.
    Submitted {
        first: Option<&'static str>,
        last: &'static str,
        step: &'static str,
        tasks: Option<&'static str>,
    },
}

/// In the order in which they are asked.
const ENGINES: &[Engine] = &[
    Engine {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        numbers: Numbers::Chosen,
        count: Count::Submitted {
            first: Some("SLURM_ARRAY_TASK_MIN"),
            last: "SLURM_ARRAY_TASK_MAX",
            step: "SLURM_ARRAY_TASK_STEP",
            tasks: Some("SLURM_ARRAY_TASK_COUNT"),
        },
    },
    Engine {
        name: "AWS Batch",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        numbers: Numbers::From(0),
        count: Count::Told("AWS_BATCH_JOB_ARRAY_SIZE"),
    },
    Engine {
        name: "Cloud Run",
        index: "CLOUD_RUN_TASK_INDEX",
        numbers: Numbers::From(0),
        count: Count::Told("CLOUD_RUN_TASK_COUNT"),
    },
    Engine {
        name: "Google Batch",
        index: "BATCH_TASK_INDEX",
        numbers: Numbers::From(0),
        count: Count::Told("BATCH_TASK_COUNT"),
    },
    Engine {
        name: "a Kubernetes indexed job",
        index: "JOB_COMPLETION_INDEX",
        numbers: Numbers::From(0),
        count: Count::Unknown,
    },
    Engine { name: "PBS", index: "PBS_ARRAY_INDEX", numbers: Numbers::Chosen, count: Count::Unknown },
    Engine {
        name: "LSF",
        index: "LSB_JOBINDEX",
        numbers: Numbers::From(1),
        count: Count::Submitted {
            first: None,
            last: "LSB_JOBINDEX_END",
            step: "LSB_JOBINDEX_STEP",
            tasks: None,
        },
    },
    Engine {
        name: "Grid Engine",
        index: "SGE_TASK_ID",
        numbers: Numbers::From(1),
        count: Count::Submitted {
            first: Some("SGE_TASK_FIRST"),
            last: "SGE_TASK_LAST",
            step: "SGE_TASK_STEPSIZE",
            tasks: None,
        },
    },
    Engine { name: "HyperQueue", index: "HQ_TASK_ID", numbers: Numbers::Chosen, count: Count::Unknown },
    Engine { name: "GNU parallel", index: "PARALLEL_SEQ", numbers: Numbers::From(1), count: Count::Unknown },
];

/// The variables of the tasks of engines.
struct Variables<F>(F);

impl<F: Fn(&str) -> Option<String>> Variables<F> {
    /// The number that a variable holds, if it is set to anything.
    fn number(&self, name: &str) -> Result<Option<u64>, String> {
        match self.0(name) {
            None => Ok(None),
            Some(text) if text.is_empty() || text == "undefined" => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| format!("the variable {name} is {text:?}; expected a number")),
        }
    }

    fn of(&self, name: Option<&str>) -> Result<Option<u64>, String> {
        name.map_or(Ok(None), |name| self.number(name))
    }
}

/// Finds the part in the variables of the job engines.
///
/// Where the number of parts is said, the number of a task is that of its part, less that of the first one, in whatever array it is submitted: a task that is
/// submitted again alone is the same part again. Where it is not said, an array must be a whole one.
///
/// Returns the part and a sentence that says where it came from.
///
/// # Errors
/// A sentence that says which variable is missing or makes no sense, and what helps.
pub fn detect(auto: Auto, variable: impl Fn(&str) -> Option<String>) -> Result<(Part, String), String> {
    let variables = Variables(variable);
    for engine in ENGINES {
        let Some(id) = variables.number(engine.index)? else { continue };
        // LSF sets its variable to 0 for jobs that are no array.
        if engine.index == "LSB_JOBINDEX" && id == 0 {
            continue;
        }
        let part = match auto.of {
            Some(of) => numbered(engine, id, of, auto.first, &variables)?,
            None => counted(engine, id, &variables)?,
        };
        let Part { index, of } = part;
        return Ok((part, format!("part {index} of {of}, from {}={id} ({})", engine.index, engine.name)));
    }
    Err("--part auto found none of the variables that job engines set (SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, ...); give --part I/N instead".into())
}

/// The part of a task where the number of parts was said.
fn numbered<F: Fn(&str) -> Option<String>>(
    Engine { name, index, numbers, count }: &Engine,
    id: u64,
    of: u64,
    first: u64,
    variables: &Variables<F>,
) -> Result<Part, String> {
    let first = match *numbers {
        Numbers::From(own) => own,
        Numbers::Chosen => first,
    };
    let last = match *count {
        Count::Submitted { last, .. } => variables.number(last)?.unwrap_or(id).max(id),
        Count::Unknown | Count::Told(_) => id,
    };
    // If one task of an array is beyond the end, all of them are numbered in another way.
    let beyond = last.checked_sub(first).is_none_or(|last| last >= of);
    let help = match (numbers, first) {
        (Numbers::Chosen, 0) if last == of => {
            format!("; number tasks from 0 to {}, or say --part auto1/{of}, which counts them from 1", of - 1)
        }
        (Numbers::Chosen | Numbers::From(_), _) => {
            format!("; tasks of {of} parts are numbered from {first} to {}", first + of - 1)
        }
    };
    match id.checked_sub(first) {
        Some(part) if !beyond => Ok(Part { index: part, of }),
        Some(_) if last > id => {
            Err(format!("the last task number of {name} is {last}, which is none of {of} parts{help}"))
        }
        Some(_) | None => Err(format!("the variable {index} is {id}, which is none of {of} parts{help}")),
    }
}

/// The part of a task where the engine tells the number of parts.
fn counted<F: Fn(&str) -> Option<String>>(
    Engine { name, index, numbers, count }: &Engine,
    id: u64,
    variables: &Variables<F>,
) -> Result<Part, String> {
    let unknown = || format!("{name} does not tell the number of tasks; give it as --part auto/N");
    let (first, of, step) = match *count {
        Count::Unknown => return Err(unknown()),
        Count::Told(variable) => (0, variables.number(variable)?.ok_or_else(unknown)?, 1),
        Count::Submitted { first, last, step, tasks } => {
            let (first, last) = (variables.of(first)?, variables.number(last)?);
            let step = variables.number(step)?.unwrap_or(1).max(1);
            let tasks = variables.of(tasks)?;
            let begins = match *numbers {
                Numbers::From(own) => first.unwrap_or(own) == own,
                Numbers::Chosen => first.is_none_or(|first| first <= 1),
            };
            let own = match *numbers {
                Numbers::From(own) => own,
                Numbers::Chosen => first.unwrap_or(1),
            };
            let again = "tasks that are submitted again do not tell how many there are in all; give --part auto/N, with which a task is the part of its number";
            if !begins {
                return Err(format!("the tasks of {name} begin at {}: {again}", first.unwrap_or_default()));
            }
            let spanned = last.and_then(|last| last.checked_sub(own)).map(|span| span / step + 1);
            if let (Some(tasks), Some(spanned)) = (tasks, spanned)
                && tasks != spanned
            {
                let last = last.unwrap_or_default();
                return Err(format!(
                    "the task numbers of {name} have holes ({tasks} tasks from {own} to {last}): {again}"
                ));
            }
            let of = tasks.or(spanned).ok_or_else(unknown)?;
            if of == 1 {
                return Err(format!("there is one task in this array of {name}: {again}"));
            }
            (own, of, step)
        }
    };
    match id.checked_sub(first).map(|offset| offset / step) {
        Some(part) if part < of => Ok(Part { index: part, of }),
        Some(_) => Err(format!("the variable {index} is {id}, but there are only {of} parts")),
        None => Err(format!("the variable {index} is {id}, below the first task number {first}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_are_understood_or_explained() {
        assert_eq!("3/8".parse(), Ok(PartChoice::Given(Part { index: 3, of: 8 })));
        assert_eq!("auto".parse(), Ok(PartChoice::Auto(Auto { of: None, first: 0 })));
        assert_eq!("auto/4".parse(), Ok(PartChoice::Auto(Auto { of: Some(4), first: 0 })));
        assert_eq!("auto1/4".parse(), Ok(PartChoice::Auto(Auto { of: Some(4), first: 1 })));
        assert!("8/8".parse::<PartChoice>().unwrap_err().contains("7/8"));
        for bad in ["", "1", "1/0", "-1/4", "x/4", "1/x", "auto/0", "0/100000", "auto2/4", "auto1"] {
            assert!(bad.parse::<PartChoice>().is_err(), "{bad}");
        }
    }

    /// The part that variables tell, or what is wrong with them.
    fn with(choice: &str, pairs: &[(&str, &str)]) -> Result<(u64, u64), String> {
        let Ok(PartChoice::Auto(auto)) = choice.parse() else { panic!("{choice}") };
        detect(auto, |name| pairs.iter().find(|p| p.0 == name).map(|p| p.1.to_owned()))
            .map(|(part, _)| (part.index, part.of))
    }

    /// Slurm's variables: the task, and number, first, last and step of what was submitted.
    fn slurm(choice: &str, [id, count, min, max, step]: [&str; 5]) -> Result<(u64, u64), String> {
        with(
            choice,
            &[
                ("SLURM_ARRAY_TASK_ID", id),
                ("SLURM_ARRAY_TASK_COUNT", count),
                ("SLURM_ARRAY_TASK_MIN", min),
                ("SLURM_ARRAY_TASK_MAX", max),
                ("SLURM_ARRAY_TASK_STEP", step),
            ],
        )
    }

    #[test]
    fn whole_arrays_tell_their_number() {
        assert_eq!(slurm("auto", ["3", "4", "0", "3", "1"]), Ok((3, 4)));
        assert_eq!(slurm("auto", ["1", "4", "1", "4", "1"]), Ok((0, 4)));
        assert_eq!(slurm("auto", ["5", "4", "1", "7", "2"]), Ok((2, 4)));
        assert_eq!(
            with("auto", &[("AWS_BATCH_JOB_ARRAY_INDEX", "2"), ("AWS_BATCH_JOB_ARRAY_SIZE", "3")]),
            Ok((2, 3))
        );
        let engine = [("SGE_TASK_ID", "3"), ("SGE_TASK_FIRST", "1"), ("SGE_TASK_LAST", "3")];
        assert_eq!(with("auto", &engine), Ok((2, 3)));
        assert!(with("auto", &[("JOB_COMPLETION_INDEX", "2")]).unwrap_err().contains("auto/N"));
        assert!(with("auto", &[("HQ_TASK_ID", "x")]).is_err());
        assert!(with("auto", &[]).unwrap_err().contains("--part I/N"));
    }

    #[test]
    fn what_is_submitted_again_is_no_whole_array() {
        // --array=3, --array=0, --array=2-5, --array=1,3,5
        for submitted in [
            ["3", "1", "3", "3", "1"],
            ["0", "1", "0", "0", "1"],
            ["4", "4", "2", "5", "1"],
            ["3", "3", "1", "5", "1"],
        ] {
            assert!(slurm("auto", submitted).unwrap_err().contains("auto/N"), "{submitted:?}");
        }
        let engine = [("SGE_TASK_ID", "3"), ("SGE_TASK_FIRST", "3"), ("SGE_TASK_LAST", "3")];
        assert!(with("auto", &engine).unwrap_err().contains("auto/N"));
    }

    #[test]
    fn a_task_is_the_part_of_its_number() {
        for submitted in [
            ["3", "8", "0", "7", "1"],
            ["3", "1", "3", "3", "1"],
            ["3", "4", "2", "5", "1"],
            ["3", "3", "1", "5", "1"],
            ["3", "4", "1", "7", "2"],
        ] {
            assert_eq!(slurm("auto/8", submitted), Ok((3, 8)), "{submitted:?}");
            assert_eq!(slurm("auto1/8", submitted), Ok((2, 8)), "{submitted:?}");
        }
        // Numbered from 1: every task is told, not only the last one.
        for id in ["1", "8"] {
            let says = slurm("auto/8", [id, "8", "1", "8", "1"]).unwrap_err();
            assert!(says.contains("auto1/8"), "{says}");
        }
        assert_eq!(slurm("auto1/8", ["8", "8", "1", "8", "1"]), Ok((7, 8)));
        assert!(slurm("auto1/8", ["0", "8", "0", "7", "1"]).unwrap_err().contains("from 1 to 8"));
        assert!(with("auto/3", &[("JOB_COMPLETION_INDEX", "7")]).unwrap_err().contains("from 0 to 2"));
        assert_eq!(with("auto/6", &[("JOB_COMPLETION_INDEX", "2")]), Ok((2, 6)));
        assert_eq!(with("auto1/6", &[("JOB_COMPLETION_INDEX", "2")]), Ok((2, 6)));
        assert!(with("auto", &[("SGE_TASK_ID", "undefined"), ("PARALLEL_SEQ", "1")]).is_err());
        assert_eq!(with("auto/3", &[("SGE_TASK_ID", "undefined"), ("PARALLEL_SEQ", "1")]), Ok((0, 3)));
        assert_eq!(
            with("auto/8", &[("SGE_TASK_ID", "3"), ("SGE_TASK_FIRST", "3"), ("SGE_TASK_LAST", "3")]),
            Ok((2, 8))
        );
        assert_eq!(with("auto/4", &[("LSB_JOBINDEX", "0"), ("PARALLEL_SEQ", "2")]), Ok((1, 4)));
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

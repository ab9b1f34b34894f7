//! Command lines that cannot be understood: what was typed, and what to type instead.

use std::error::Error as _;
use std::ffi::OsString;
use std::sync::LazyLock;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory};

use super::Cli;
use crate::base::{Explain, Kind};
use crate::text::elsewhere;
use crate::text::suggest::nearest;

/// What may be typed. It is looked up for what was probably meant.
static ALL: LazyLock<Command> = LazyLock::new(|| {
    let mut all = Cli::command();
    all.build();
    all
});

/// Why a command line cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is no such option.
    #[error("{command}: there is no option {option}")]
    Option {
        /// The command, as it is typed.
        command: String,
        /// The option, as it was typed.
        option: String,
        /// What to do.
        help: String,
    },
    /// There is no such command.
    #[error("{command}: there is no command {word:?}")]
    Command {
        /// The command before it.
        command: String,
        /// What was typed.
        word: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// A word too many.
    #[error("{command}: {word:?} is one word too many")]
    Surplus {
        /// The command, as it is typed.
        command: String,
        /// The word.
        word: String,
        /// What to do.
        help: String,
    },
    /// A value that is none.
    #[error("{option}: {problem}")]
    Value {
        /// The option.
        option: String,
        /// What is wrong with it.
        problem: String,
        /// The command, for its help.
        command: String,
    },
    /// A value that is none of a few.
    #[error("{option}: expected {}; found {found:?}", list(known))]
    Choice {
        /// The option.
        option: String,
        /// What was typed.
        found: String,
        /// What it may be.
        known: Vec<String>,
        /// The command, for its help.
        command: String,
    },
    /// An option without its value.
    #[error("{option}: its value is missing")]
    NoValue {
        /// The option with a name for its value.
        option: String,
    },
    /// Options that do not go together.
    #[error("{} exclude each other", options.join(" and "))]
    Exclude {
        /// The options.
        options: Vec<String>,
        /// What to do.
        help: String,
    },
    /// A switch that was given a value.
    #[error("{option}: it takes no value; found {value:?}")]
    Switch {
        /// The option.
        option: String,
        /// The value.
        value: String,
    },
    /// An option that may be given once.
    #[error("{option} is given twice")]
    Twice {
        /// The option.
        option: String,
        /// Whether it takes several values with commas between them.
        list: bool,
    },
    /// Something that has to be there.
    #[error("{command}: {} is missing", what.join(" and "))]
    Missing {
        /// The command, as it is typed.
        command: String,
        /// Options, or names of words.
        what: Vec<String>,
        /// All that was typed.
        typed: String,
    },
    /// A word that is no text.
    #[error("{command}: a word is no text in UTF-8")]
    NoText {
        /// The command, as it is typed.
        command: String,
    },
    /// Anything else, in the words of the parser.
    #[error("{message}")]
    Other {
        /// What is wrong.
        message: String,
        /// The command, for its help.
        command: String,
    },
}

/// `a, b or c`
fn list(names: &[String]) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nothing".into(),
    }
}

impl Explain for Refused {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn help(&self) -> Option<String> {
        let see = |command: &str| format!("`{command} --help` shows what may be typed");
        Some(match self {
            Self::Option { help, .. } | Self::Surplus { help, .. } | Self::Exclude { help, .. } => {
                help.clone()
            }
            Self::Command { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::Command { command, near: None, .. } => format!("`{command} --help` lists the commands"),
            Self::Choice { found, known, command, .. } => {
                let is = |name: &str| known.iter().any(|known| known == name);
                let word = found.to_lowercase();
                if let Some((line, near)) = elsewhere::value(&word, &is) {
                    return Some(line.says.map_or_else(|| format!("did you mean {near}?"), str::to_owned));
                }
                match nearest(&word, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean {near}?"),
                    None => see(command),
                }
            }
            Self::NoValue { option } => format!("write {option}"),
            Self::Switch { option, .. } => format!("write {option} alone"),
            Self::Twice { list: true, option } => {
                format!("give all values at once, with commas between them: {option} 3=0,7=1")
            }
            Self::Twice { list: false, .. } => "leave one of them out".into(),
            Self::Missing { command, what, typed } => {
                format!("write `{typed} {}`; `{command} --help` shows examples", what.join(" "))
            }
            Self::NoText { .. } => "rename the file, or give a link to it by another name".into(),
            Self::Value { command, .. } | Self::Other { command, .. } => see(command),
        })
    }
}

/// The command that was typed: its words (`pipeline show`), and what it may be given.
fn typed_command(args: &[OsString]) -> (String, &'static Command) {
    let (mut words, mut command) = ("mnistaug".to_owned(), &*ALL);
    for arg in args.iter().skip(1).filter_map(|arg| arg.to_str()) {
        let Some(below) = command.find_subcommand(arg) else {
            // Behind the command, the first word is no command any more.
            if command.get_name() == ALL.get_name() || arg.starts_with('-') {
                continue;
            }
            break;
        };
        words = format!("{words} {arg}");
        command = below;
    }
    (words, command)
}

/// The name of the command that was typed, if there is one of that name.
#[must_use]
pub fn command_name(args: &[OsString]) -> Option<&'static str> {
    let words = args.iter().skip(1).filter_map(|arg| arg.to_str());
    words
        .filter(|word| !word.starts_with('-'))
        .find_map(|word| ALL.find_subcommand(word))
        .map(Command::get_name)
}

/// What was typed with some of its words exchanged, as it can be typed again.
#[must_use]
pub fn retyped(args: &[OsString], exchange: &[(&str, &str)]) -> String {
    let mut left: Vec<(&str, &str)> = exchange.to_vec();
    let mut words = vec!["mnistaug".to_owned()];
    for arg in args.iter().skip(1) {
        let arg = arg.to_string_lossy();
        match left.iter().position(|(word, _)| *word == arg) {
            Some(at) => words.push(left.remove(at).1.to_owned()),
            None => words.push(quoted(&arg)),
        }
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// A word as a shell takes it.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The words of the parser without what is ours to say.
fn own_words(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

impl Refused {
    /// What the parser says of these words.
    pub(super) fn of(error: &clap::Error, args: &[OsString]) -> Self {
        let (command, may) = typed_command(args);
        let text = |kind| match error.get(kind) {
            Some(ContextValue::String(text)) => Some(text.clone()),
            Some(ContextValue::Strings(texts)) => texts.first().cloned(),
            _ => None,
        };
        let several = |kind| match error.get(kind) {
            Some(ContextValue::Strings(texts)) => texts.iter().map(|text| option_of(text)).collect(),
            Some(ContextValue::String(text)) => vec![option_of(text)],
            _ => Vec::new(),
        };
        let option = text(ContextKind::InvalidArg).unwrap_or_default();
        let value = text(ContextKind::InvalidValue).unwrap_or_default();
        match error.kind() {
            ErrorKind::UnknownArgument if option.starts_with('-') && option.len() > 1 => {
                let help = other_option(&option, &command, may, args);
                Self::Option { command, option, help }
            }
            ErrorKind::UnknownArgument => {
                let help = joined_line(args)
                    .unwrap_or_else(|| format!("leave it out: `{}`", retyped(args, &[(&option, "")])));
                let help = match command.as_str() {
                    "mnistaug run" => format!(
                        "if it is a source, name it with --input: `{}`",
                        retyped(args, &[(&option, &format!("--input {}", quoted(&option)))])
                    ),
                    _ => help,
                };
                Self::Surplus { command, word: option, help }
            }
            ErrorKind::InvalidSubcommand => {
                let word = text(ContextKind::InvalidSubcommand).unwrap_or_default();
                let near = nearest(&word.to_lowercase(), may.get_subcommands().map(Command::get_name))
                    .or_else(|| {
                        COMMANDS.iter().find(|(names, _)| names.contains(&&*word)).map(|(_, ours)| *ours)
                    });
                let near = match word.as_str() {
                    "version" => Some("--version"),
                    _ => near,
                };
                let near = near.map(|near| retyped(args, &[(&word, near)]));
                Self::Command { command, word, near }
            }
            ErrorKind::InvalidValue if value.is_empty() => Self::NoValue { option },
            ErrorKind::InvalidValue => {
                let known = match error.get(ContextKind::ValidValue) {
                    Some(ContextValue::Strings(known)) => known.clone(),
                    _ => Vec::new(),
                };
                Self::Choice { option: option_of(&option), found: value, known, command }
            }
            ErrorKind::ValueValidation => {
                let problem =
                    error.source().map_or_else(|| "expected another value".into(), ToString::to_string);
                // What the standard library says of numbers and paths is for programmers.
                let problem =
                    if problem.contains("found") { problem } else { format!("{problem}; found {value:?}") };
                Self::Value { option: option_of(&option), problem, command }
            }
            ErrorKind::ArgumentConflict => {
                let mut options = vec![option_of(&option)];
                options.extend(several(ContextKind::PriorArg));
                if options.len() == 2 && options[0] == options[1] {
                    let option = options.swap_remove(0);
                    return Self::Twice { list: option == "--map", option };
                }
                let help = joined_line(args).unwrap_or_else(|| "leave one of them out".into());
                Self::Exclude { options, help }
            }
            ErrorKind::MissingRequiredArgument => {
                let what = match error.get(ContextKind::InvalidArg) {
                    Some(ContextValue::Strings(texts)) => texts.iter().map(|text| plain(text)).collect(),
                    _ => vec![plain(&option)],
                };
                Self::Missing { command, what, typed: retyped(args, &[]) }
            }
            ErrorKind::TooManyValues => Self::Switch { option: option_of(&option), value },
            ErrorKind::InvalidUtf8 => Self::NoText { command },
            _ => Self::Other { message: own_words(error), command },
        }
    }
}

/// Commands by their names elsewhere.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["convert", "save", "write", "dump"], "export"),
    (&["download", "get", "pull"], "fetch"),
    (&["show", "view", "plot", "display", "sheet"], "preview"),
    (&["stats", "describe", "inspect", "ls"], "info"),
    (&["check", "validate", "test"], "verify"),
    (&["transform", "aug"], "augment"),
    (&["join", "concat", "combine"], "merge"),
    (&["color", "colour"], "colorize"),
    (&["compose", "grid", "scenes"], "quadrant"),
    (&["paste", "scatter", "detect", "overlay"], "place"),
    (&["frames", "video", "moving", "animate"], "sequence"),
    (&["load", "read", "draw"], "import"),
    (&["recipe", "execute", "exec"], "run"),
];

/// `--seed` of `--seed <N>`; `SRC` of `<SRC>`.
fn option_of(text: &str) -> String {
    let first = text.split([' ', '=']).next().unwrap_or_default();
    first.trim_matches(['<', '>', '[', ']', '.']).to_owned()
}

/// `--seed N` of `--seed <N>`.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !"<>[]".contains(*c)).collect::<String>().trim_end_matches('.').to_owned()
}

/// All long names of an argument.
fn longs(arg: &Arg) -> Vec<&str> {
    arg.get_long().into_iter().chain(arg.get_all_aliases().into_iter().flatten()).collect()
}

/// Whether a command has an option.
fn has(command: &Command, long: &str) -> bool {
    command.get_arguments().any(|arg| longs(arg).contains(&long))
}

/// The argument of a command that an option stands for.
fn argument<'a>(command: &'a Command, long: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|arg| longs(arg).contains(&long))
}

/// Values that people give to switches.
const SWITCHED: [&str; 6] = ["true", "yes", "on", "1", "horizontal", "grayscale"];

/// What was typed with an option by another name. A switch loses the value that it was given.
fn with_option(args: &[OsString], option: &str, ours: &str, is_switch: bool) -> Vec<OsString> {
    let mut words: Vec<OsString> = Vec::with_capacity(args.len());
    let mut after = false;
    for arg in args {
        let text = arg.to_str();
        let was_after = std::mem::take(&mut after);
        match text.and_then(|arg| arg.strip_prefix(option)) {
            Some("") => {
                words.push(format!("--{ours}").into());
                after = is_switch;
            }
            Some(rest) if rest.starts_with('=') => {
                words.push(if is_switch { format!("--{ours}") } else { format!("--{ours}{rest}") }.into());
            }
            Some(_) | None
                if was_after
                    && text.is_some_and(|word| SWITCHED.contains(&word.to_ascii_lowercase().as_str())) => {}
            Some(_) | None => words.push(arg.clone()),
        }
    }
    words
}

/// What the parser says of these words: nothing, if they are understood or lack something only, or if what is wrong is not `about`.
fn objection(words: &[OsString], about: &str) -> Option<clap::Error> {
    let error = ALL.clone().try_get_matches_from(words).err()?;
    let named = [ContextKind::InvalidArg, ContextKind::PriorArg].iter().any(|kind| match error.get(*kind) {
        Some(ContextValue::String(text)) => option_of(text) == about,
        Some(ContextValue::Strings(texts)) => texts.iter().any(|text| option_of(text) == about),
        _ => false,
    });
    let surplus = error.kind() == ErrorKind::UnknownArgument
        && matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(word)) if !word.starts_with('-'));
    (named && error.kind() != ErrorKind::MissingRequiredArgument || surplus).then_some(error)
}

/// An offer to type `ours` for an option: the whole command line if it is understood, else how the option is written.
fn offer(args: &[OsString], option: &str, ours: &str, may: &Command) -> String {
    let arg = argument(may, ours);
    let is_switch = arg.is_some_and(|arg| !arg.get_action().takes_values());
    let words = with_option(args, option, ours, is_switch);
    let own = format!("--{ours}");
    let given = args.iter().filter_map(|arg| arg.to_str());
    if is_switch && given.clone().any(|word| word == own) {
        return format!("leave it out; {own} is there");
    }
    if objection(&words, &own).is_none() {
        return format!("did you mean `{}`?", retyped(&words, &[]));
    }
    let value = arg.and_then(Arg::get_value_names).and_then(<[_]>::first).filter(|_| !is_switch);
    let form = value.map_or_else(|| own.clone(), |value| format!("{own} {value}"));
    let about = arg.and_then(Arg::get_help).map(|help| format!(": {help}")).unwrap_or_default();
    format!("did you mean `{form}`{about}?")
}

/// The command line with several values behind one option written as one, if it is understood then: `--labels 3 5` is `--labels 3,5`.
fn joined(args: &[OsString]) -> Option<Vec<OsString>> {
    let text = |at: usize| args.get(at).and_then(|arg| arg.to_str());
    let is_word = |at: usize| text(at).is_some_and(|word| !word.starts_with('-'));
    (1..args.len()).filter(|&at| text(at).is_some_and(|word| word.starts_with("--"))).find_map(|at| {
        let end = (at + 1..=args.len()).find(|&next| !is_word(next))?;
        let values: Vec<&str> = (at + 1..end).filter_map(text).collect();
        if values.len() < 2 {
            return None;
        }
        let mut words = args[..=at].to_vec();
        words.push(values.join(",").into());
        words.extend_from_slice(&args[end..]);
        let understood = match ALL.clone().try_get_matches_from(&words) {
            Ok(_) => true,
            Err(error) => error.kind() == ErrorKind::MissingRequiredArgument,
        };
        // Two names of files are no list.
        (understood && values.iter().all(|value| value.parse::<f64>().is_ok())).then_some(words)
    })
}

/// The whole command line in which several values stand as one, as an advice; what commands know of words that are too many.
#[must_use]
pub fn joined_line(args: &[OsString]) -> Option<String> {
    joined(args).map(|words| format!("several values are written with commas: `{}`", retyped(&words, &[])))
}

/// What to type instead of an option that there is not.
fn other_option(option: &str, command: &str, may: &'static Command, args: &[OsString]) -> String {
    let long = option.split('=').next().unwrap_or_default();
    if long.starts_with('-') && long[1..].starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return format!("if it is the value of an option, write it with an equals sign: --option={long}");
    }
    if let Some((line, ours)) = elsewhere::line(long, &|ours| has(may, ours)) {
        return match line.says {
            Some(says) => says.to_owned(),
            None => offer(args, long, ours, may),
        };
    }
    let word = long.trim_start_matches('-').replace('_', "-").to_ascii_lowercase();
    let all: Vec<&str> = may.get_arguments().flat_map(longs).collect();
    if let Some(near) =
        all.iter().find(|near| **near == word).copied().or_else(|| nearest(&word, all.into_iter()))
    {
        return offer(args, long, near, may);
    }
    let others: Vec<&str> =
        ALL.get_subcommands().filter(|other| has(other, &word)).map(Command::get_name).collect();
    if others.is_empty() {
        format!("`{command} --help` lists the options")
    } else {
        format!(
            "--{word} is an option of {}; `{command} --help` lists those of this command",
            others.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("out/a-b_1.png"), "out/a-b_1.png");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
        let args: Vec<OsString> = ["mnistaug", "export", "a b", "c"].map(OsString::from).to_vec();
        assert_eq!(retyped(&args, &[("c", "--out c")]), "mnistaug export 'a b' --out c");
    }

    /// What is offered is understood, whatever was typed.
    #[test]
    fn offers_can_be_typed() {
        let help = |line: &str| {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let error = ALL.clone().try_get_matches_from(&args).unwrap_err();
            Refused::of(&error, &args).help().unwrap_or_default()
        };
        for (line, expected) in [
            ("mnistaug augment --horizontal_flip True", "did you mean `mnistaug augment --horizontal-flip`?"),
            ("mnistaug export --n_jobs=-1", "did you mean `--threads N`"),
            ("mnistaug export --n-jobs 2", "did you mean `mnistaug export --threads 2`?"),
            ("mnistaug export --overwrite --force", "leave it out; --force is there"),
            ("mnistaug export --target-size 28,28", "did you mean `mnistaug export --resize 28,28`?"),
            ("mnistaug export --target-size big", "did you mean `--resize HxW`"),
            ("mnistaug split --val 0.1", "did you mean `mnistaug split --val-size 0.1`?"),
            ("mnistaug augment --translate 0.1", "write --width-shift-range"),
            ("mnistaug export --batch-size 32", "leave it out: batches are made"),
            (
                "mnistaug export --input a --labels 3 5 --out z",
                "with commas: `mnistaug export --input a --labels 3,5 --out z`",
            ),
            ("mnistaug export --map 3=0 --map 7=1", "--map 3=0,7=1"),
            ("mnistaug export --no-such", "lists the options"),
            ("mnistaug export --gray=yes", "write --gray alone"),
            ("mnistaug export --dtype float32", "did you mean f32?"),
            ("mnistaug export --dtype uint8", "did you mean u8?"),
            ("mnistaug export --format hdf5", "--format npz"),
            ("mnistaug export --format imagefolder", "did you mean png?"),
        ] {
            assert!(help(line).contains(expected), "{line}: {}", help(line));
        }
    }

    #[test]
    fn commands_elsewhere_are_none_of_ours() {
        for (names, ours) in COMMANDS {
            assert!(ALL.find_subcommand(ours).is_some(), "{ours}");
            for name in *names {
                assert!(ALL.find_subcommand(name).is_none(), "{name}");
            }
        }
    }
}

//! Options of every command, and what of them is known of a command line that cannot be understood.

use std::ffi::OsString;
use std::ops::RangeInclusive;

use clap::{Args, ValueEnum};

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "General")]
pub struct Common {
    /// Worker threads [default: one per processor, or what SLURM_CPUS_PER_TASK says]
    #[arg(long, global = true, hide_short_help = true, value_name = "N", value_parser = whole::<u16>(1..=1024), allow_negative_numbers = true)]
    pub threads: Option<u16>,

    /// Print errors only
    #[arg(long, short, global = true, hide_short_help = true)]
    pub quiet: bool,

    /// Print what was decided: which folder, which format, how many threads
    #[arg(long, short, global = true, hide_short_help = true, conflicts_with = "quiet")]
    pub verbose: bool,

    /// End with one line of JSON on standard output, on failure too
    #[arg(long, global = true, hide_short_help = true)]
    pub json: bool,

    /// Colors: on terminals, always or never
    ///
    /// auto looks at the terminal, and at NO_COLOR and CLICOLOR_FORCE.
    #[arg(
        long,
        global = true,
        hide_short_help = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto"
    )]
    pub color: When,

    /// Print the main options; --help prints all, with examples
    #[arg(long, short, global = true, action = clap::ArgAction::Help)]
    pub help: Option<bool>,
}

/// When something is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On terminals
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl When {
    /// Whether it is decided.
    #[must_use]
    pub fn decided(self) -> Option<bool> {
        match self {
            Self::Auto => None,
            Self::Always => Some(true),
            Self::Never => Some(false),
        }
    }

    /// What a command line says, understood or not.
    #[must_use]
    pub fn of(args: &[OsString]) -> Self {
        let words: Vec<&str> =
            args.iter().take_while(|arg| *arg != "--").filter_map(|arg| arg.to_str()).collect();
        let said = words.iter().enumerate().rev().find_map(|(at, word)| match word.strip_prefix("--color") {
            Some("") => words.get(at + 1).copied(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        });
        said.and_then(|said| Self::from_str(said, false).ok()).unwrap_or_default()
    }
}

/// Whether a command line that was not understood asks for JSON.
#[must_use]
pub fn asks_for_json(args: &[OsString]) -> bool {
    args.iter().take_while(|arg| *arg != "--").any(|arg| arg == "--json")
}

/// Reads a whole number within a range, and says in words what is expected.
pub(super) fn whole<T: TryFrom<u64> + Clone + Send + Sync + 'static>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            let upto = if *most == u64::MAX { " on".to_owned() } else { format!(" to {most}") };
            format!("expected a whole number from {least}{upto}; found {text:?}")
        })
    }
}

/// Reads a number.
pub(super) fn number(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| format!("expected a number; found {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_say_what_they_are_to_be() {
        assert_eq!(whole::<u8>(0..=254)("254"), Ok(254));
        let error = |text: &str| whole::<u8>(0..=254)(text).unwrap_err();
        assert_eq!(error("255"), "expected a whole number from 0 to 254; found \"255\"");
        assert_eq!(error("x"), "expected a whole number from 0 to 254; found \"x\"");
        let seed = whole::<u64>(0..=u64::MAX)("-1").unwrap_err();
        assert_eq!(seed, "expected a whole number from 0 on; found \"-1\"");
        assert_eq!(number("1e-3"), Ok(0.001));
        assert!(number("nan").is_err() && number("x").is_err());
    }

    #[test]
    fn what_is_not_understood_says_what_it_can() {
        let args = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(When::of(&args("mnistaug x --color never --y")), When::Never);
        assert_eq!(When::of(&args("mnistaug --color=always")), When::Always);
        assert_eq!(When::of(&args("mnistaug --color")), When::Auto);
        assert!(asks_for_json(&args("mnistaug x --json")) && !asks_for_json(&args("mnistaug -- --json")));
    }
}

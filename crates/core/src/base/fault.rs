//! What errors have in common: what kind of failure it is, and what to do about it.

use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter};

/// The kind of a failure; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anything else.
    Failed,
    /// The command line or a pipeline file is wrong.
    Usage,
    /// Data is corrupt or does not match.
    Data,
    /// An input is not there.
    Missing,
    /// The network failed.
    Network,
    /// Output cannot be written.
    CannotWrite,
    /// Something else is in the way; the same command may work later.
    TryAgain,
    /// Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl Kind {
    /// The process's exit code.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Data => 65,
            Self::Missing => 66,
            Self::Network => 69,
            Self::CannotWrite => 73,
            Self::TryAgain => 75,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Its name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Data => "data",
            Self::Missing => "missing",
            Self::Network => "network",
            Self::CannotWrite => "cannot_write",
            Self::TryAgain => "try_again",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }
}

/// An error that knows its kind and what its reader can do.
///
/// The message itself names the file, the place in it, what was expected and what was found.
pub trait Explain: Error + Send + Sync + 'static {
    /// The kind of failure.
    fn kind(&self) -> Kind;

    /// What to do about it, as one sentence in the imperative.
    fn help(&self) -> Option<String> {
        None
    }
}

/// Any of our errors: an [`Error`] made from whatever can [`Explain`] itself, so that `?` turns one into the other.
///
/// Its message says what went wrong, and [`source`](Error::source) why, where the operating system or another program's format knows. `{:?}` is the
/// whole report: message, causes, help.
///
/// ```
/// use mnistaug_core::base::{Fault, Kind, fault::Explain};
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("{path}: cannot be read")]
/// struct Unreadable { path: &'static str, source: std::io::Error }
///
/// impl Explain for Unreadable {
///     fn kind(&self) -> Kind { Kind::Missing }
///     fn help(&self) -> Option<String> { Some("check the spelling".into()) }
/// }
///
/// fn open(path: &'static str) -> Result<std::fs::File, Fault> {
///     Ok(std::fs::File::open(path).map_err(|source| Unreadable { path, source })?)
/// }
///
/// fn all() -> Result<(), Box<dyn std::error::Error>> {
///     open("no-such-file")?;
///     Ok(())
/// }
///
/// let error = all().unwrap_err();
/// assert_eq!(error.to_string(), "no-such-file: cannot be read");
/// assert!(error.source().is_some());
/// assert_eq!(error.downcast_ref::<Fault>().map(Fault::kind), Some(Kind::Missing));
/// ```
pub struct Fault(Box<dyn Explain>);

impl Fault {
    /// What a command has to say about its own arguments: a message that no caller tells apart from others.
    #[must_use]
    pub fn said(kind: Kind, message: impl Display, help: Option<&str>) -> Self {
        Said { kind, message: message.to_string(), help: help.map(str::to_owned) }.into()
    }

    /// The kind of failure, which decides the exit code.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.is_out_of_handles() { Kind::TryAgain } else { self.0.kind() }
    }

    /// Whether the operating system gave no more open files: nothing is wrong with the file that was to be opened.
    #[must_use]
    pub fn is_out_of_handles(&self) -> bool {
        causes(self).filter_map(|cause| cause.downcast_ref::<std::io::Error>()).any(|error| {
            // ENFILE and EMFILE, for which the standard library has no names.
            cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
        })
    }

    /// What to do about it, as one sentence in the imperative.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        if self.is_out_of_handles() {
            return Some("ask for fewer --threads, or raise the limit of open files (ulimit -n)".into());
        }
        self.0.help()
    }

    /// Why it came about, nearest first.
    #[must_use]
    pub fn causes(&self) -> Vec<String> {
        causes(self).map(ToString::to_string).collect()
    }

    /// The error that it was made from, if it is an `E`.
    #[must_use]
    pub fn downcast_ref<E: Explain>(&self) -> Option<&E> {
        let error: &(dyn Error + 'static) = &*self.0;
        error.downcast_ref()
    }
}

/// See [`Fault::said`].
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Said {
    kind: Kind,
    message: String,
    help: Option<String>,
}

impl Explain for Said {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn help(&self) -> Option<String> {
        self.help.clone()
    }
}

impl<E: Explain> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

/// Message, causes and help, each in lines of its own.
impl Debug for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        for cause in causes(self) {
            write!(f, "\n  cause: {cause}")?;
        }
        self.help().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Why an error came about, nearest first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = error.source();
    std::iter::from_fn(move || {
        let cause: Option<&'a (dyn Error + 'static)> = next;
        next = cause.and_then(Error::source);
        cause
    })
}

/// An error and its causes as one line, for lists and notes: `a.png: cannot be read: No such file or directory`.
#[must_use]
pub fn in_one_line(error: &(dyn Error + 'static)) -> String {
    causes(error).fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

/// The kind of an I/O error met while reading an input.
#[must_use]
pub fn reading_kind(error: &std::io::Error) -> Kind {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied => Kind::Missing,
        std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData => Kind::Data,
        _ => Kind::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("a.idx: cannot be read")]
    struct Unreadable(#[source] std::io::Error);

    impl Explain for Unreadable {
        fn kind(&self) -> Kind {
            reading_kind(&self.0)
        }

        fn help(&self) -> Option<String> {
            Some("look elsewhere".into())
        }
    }

    #[test]
    fn a_fault_is_an_error_that_knows_its_kind_its_causes_and_what_helps() {
        let fault = Fault::from(Unreadable(std::io::ErrorKind::NotFound.into()));
        assert_eq!((fault.kind(), fault.help().as_deref()), (Kind::Missing, Some("look elsewhere")));
        assert_eq!(
            format!("{fault:?}"),
            "a.idx: cannot be read\n  cause: entity not found\n  help: look elsewhere"
        );
        assert!(fault.downcast_ref::<Unreadable>().is_some());
        let error: Box<dyn Error> = fault.into();
        assert_eq!(in_one_line(&*error), "a.idx: cannot be read: entity not found");
        assert!(error.source().and_then(<dyn Error>::downcast_ref::<std::io::Error>).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn a_limit_of_the_system_is_no_fault_of_the_file() {
        let fault = Fault::from(Unreadable(std::io::Error::from_raw_os_error(24)));
        assert!(fault.is_out_of_handles() && fault.help().unwrap().contains("ulimit -n"));
        assert_eq!(fault.kind(), Kind::TryAgain);
        assert!(!Fault::from(Unreadable(std::io::Error::from_raw_os_error(2))).is_out_of_handles());
    }

    #[test]
    fn exit_codes_are_the_documented_ones() {
        let codes = [
            (Kind::Failed, 1),
            (Kind::Usage, 2),
            (Kind::Data, 65),
            (Kind::Missing, 66),
            (Kind::Network, 69),
            (Kind::CannotWrite, 73),
            (Kind::TryAgain, 75),
            (Kind::Interrupted, 130),
            (Kind::Terminated, 143),
        ];
        for (kind, code) in codes {
            assert_eq!(kind.exit_code(), code);
        }
    }
}

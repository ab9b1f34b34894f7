//! What errors have in common: what kind of failure it is, and what to do about it.

use std::error::Error;

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

/// Any of our errors.
pub type Fault = Box<dyn Explain>;

impl<E: Explain> From<E> for Fault {
    fn from(error: E) -> Self {
        Box::new(error)
    }
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

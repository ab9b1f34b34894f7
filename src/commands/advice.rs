//! What only commands know when something is not there: how the command line would be typed, and what can be fetched.

use std::path::{Path, PathBuf};

use crate::base::{Explain, Fault, Kind};
use crate::cli::{joined_line, quoted, retyped};
use crate::formats::entries;
use crate::pipeline::presets;
use crate::sources::Sought;
use crate::sources::SourceError;
use crate::sources::leaves::builtin;
use crate::sources::open::locate;
use crate::store::StoreError;
use crate::text::elsewhere;
use crate::text::suggest::nearest_path;

use super::Context;

/// A failure with better advice.
#[derive(Debug)]
pub(super) struct Advised {
    /// The failure.
    pub(super) fault: Fault,
    /// What to do about it.
    pub(super) help: String,
}

impl std::fmt::Display for Advised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.fault.fmt(f)
    }
}

impl std::error::Error for Advised {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.fault.source()
    }
}

impl Explain for Advised {
    fn kind(&self) -> Kind {
        self.fault.kind()
    }

    fn help(&self) -> Option<String> {
        Some(self.help.clone())
    }
}

/// The failure of a command, with advice that only commands can give.
pub(super) fn advise(fault: Fault) -> Fault {
    let help = if let Some(SourceError::NotFound { path, sought: Sought::Input }) = fault.downcast_ref() {
        fetchable(path)
    } else if let Some(StoreError::NoDataSet { path, .. }) = fault.downcast_ref() {
        Some(path)
            .filter(|path| !path.exists())
            .and_then(|path| nearest_path(path))
            .map(|near| format!("did you mean {}?", near.display()))
    } else {
        None
    };
    match help {
        Some(help) => Advised { fault, help }.into(),
        None => fault,
    }
}

/// What to do about an input that is not there and has the name of a data set, or nearly so.
#[cfg(feature = "fetch")]
fn fetchable(path: &Path) -> Option<String> {
    let name = path.strip_prefix("data").unwrap_or(path).to_str()?;
    let catalogue = crate::fetch::Catalogue::load(None).ok()?;
    let names = || catalogue.datasets.iter().map(|set| set.name.as_str());
    if names().any(|known| known == name) {
        return Some(format!("`mnistaug fetch {name}` fetches it; `--input digits` needs no files at all"));
    }
    // What is here already is nearer.
    if nearest_path(path).is_some() || nearest_path(&Path::new("data").join(name)).is_some() {
        return None;
    }
    let near = crate::text::suggest::nearest(name, names())?;
    Some(format!(
        "did you mean {near}? `mnistaug fetch {near}` fetches it; `--input digits` needs no files at all"
    ))
}

#[cfg(not(feature = "fetch"))]
fn fetchable(_: &Path) -> Option<String> {
    None
}

/// Whether something is there to be read.
fn is_there(path: &Path) -> bool {
    builtin::is_meant(path) || locate(path).exists()
}

/// The format that a file with this ending has.
fn format_of(ending: &str) -> Option<&'static str> {
    let ending = ending.to_ascii_lowercase();
    let known = |name: &str| entries().into_iter().map(|entry| entry.name).find(|format| *format == name);
    known(&ending).or_else(|| elsewhere::value(&ending, &|name| known(name).is_some()).map(|(_, name)| name))
}

/// Looks at words that were typed without an option: what is no source was meant as something else.
///
/// # Errors
/// The command line as it would be typed, where that is plain.
pub(super) fn check_words(words: &[PathBuf], context: &Context) -> Result<(), Fault> {
    let Some((first, rest)) = words.split_first() else { return Ok(()) };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let refuse = |word: &Path, what: &str, exchange: &[(&str, &str)]| {
        Err(Fault::said(
            Kind::Usage,
            format!("{}: no such file or folder; it {what}", word.display()),
            Some(&format!("write `{}`", retyped(&context.typed, exchange))),
        ))
    };
    let as_input = |path: &Path| format!("--input {}", quoted(&text(path)));
    for word in words {
        if !is_there(word) && word.to_str().is_some_and(|name| presets::preset(name).is_some()) {
            let typed = text(word);
            return refuse(word, "is the name of a pipeline", &[(&typed, &format!("--pipeline {typed}"))]);
        }
    }
    if rest.iter().any(|word| !is_there(word))
        && let Some(advice) = joined_line(&context.typed)
    {
        let word = rest.iter().find(|word| !is_there(word)).map_or_else(String::new, |word| text(word));
        return Err(Fault::said(Kind::Usage, format!("{word:?} is one word too many"), Some(&advice)));
    }
    if let [last] = rest
        && is_there(first)
        && !is_there(last)
    {
        let (from, to) = (text(first), text(last));
        if to.parse::<f64>().is_ok() {
            let size = format!("--test-size {to}");
            return refuse(last, "is a number", &[(&from, &as_input(first)), (&to, &size)]);
        }
        // A name of a file says its format; what is written is a folder.
        if let Some(format) = last.extension().and_then(|ending| ending.to_str()).and_then(format_of)
            && !to.contains("://")
        {
            let out = format!("--format {format} --out {}", quoted(&text(&last.with_extension(""))));
            return refuse(last, "looks like what to write", &[(&from, &as_input(first)), (&to, &out)]);
        }
        if to.contains("://") {
            let out = [(&*from, &*as_input(first)), (&*to, "--out out")];
            return refuse(
                last,
                "is an address, and folders are written here; copy the folder there then",
                &out,
            );
        }
        let out = format!("--out {}", quoted(&to));
        return refuse(last, "looks like the folder to write to", &[(&from, &as_input(first)), (&to, &out)]);
    }
    Ok(())
}

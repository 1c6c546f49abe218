//! Why an archive was refused.

use std::fmt;
use std::io;

/// Longest name that is shown in a message, in characters.
const SHOWN: usize = 200;

/// Why a wanted path could not be read out of an archive. Nothing of a refused archive may be used.
#[derive(Debug)]
pub enum ArchiveError {
    /// The file ended early, its compression is damaged, or it could not be read at all.
    Unreadable(io::Error),
    /// One of [`super::ArchiveLimits`] was met.
    Limit {
        /// The exceeded quantity, with its unit.
        what: &'static str,
        /// The limit that was met.
        limit: u64,
    },
    /// A header contradicts itself or its format.
    Corrupt {
        /// The entry's name, or the place where a name should have been.
        entry: String,
        /// The problem.
        what: String,
    },
    /// The entry would be staged outside of its place, or over something else.
    Unsafe {
        /// The entry's name in the archive.
        entry: String,
        /// The forbidden effect.
        what: String,
    },
    /// BuildStream may be able to stage it, but it is not read here.
    Unsupported {
        /// The entry's name in the archive.
        entry: String,
        /// The kind of the entry.
        what: String,
    },
    /// No folder of the archive matches `base-dir`; BuildStream fails in the same way.
    NoBase {
        /// The pattern that matched nothing.
        pattern: String,
    },
    /// `base-dir` is not a pattern that BuildStream can use.
    Pattern {
        /// The pattern.
        pattern: String,
        /// The problem with it.
        what: &'static str,
    },
    /// The wanted path is not a relative path inside of the staged tree.
    Wanted {
        /// The path that was requested.
        path: String,
    },
}

impl ArchiveError {
    pub(super) fn limit(what: &'static str, limit: u64) -> Self {
        Self::Limit { what, limit }
    }

    pub(super) fn corrupt(entry: &[u8], what: impl Into<String>) -> Self {
        Self::Corrupt { entry: shown(entry), what: what.into() }
    }

    pub(super) fn unsafe_entry(entry: &[u8], what: impl Into<String>) -> Self {
        Self::Unsafe { entry: shown(entry), what: what.into() }
    }

    pub(super) fn unsupported(entry: &[u8], what: impl Into<String>) -> Self {
        Self::Unsupported { entry: shown(entry), what: what.into() }
    }
}

/// The name as text of one line and bounded length.
fn shown(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let mut out: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "the archive is damaged or cut short: {error}"),
            Self::Limit { what, limit } => {
                write!(f, "the archive has too much to be read: more than {limit} {what}")
            }
            Self::Corrupt { entry, what } => {
                write!(f, "the archive is damaged at `{entry}`: {what}")
            }
            Self::Unsafe { entry, what } => {
                write!(f, "the archive is unsafe: its entry `{entry}` {what}")
            }
            Self::Unsupported { entry, what } => {
                write!(f, "the archive's entry `{entry}` cannot be read: {what}")
            }
            Self::NoBase { pattern } => write!(
                f,
                "no folder of the archive matches the base-dir `{pattern}`: set `base-dir` to one that exists, or to ''"
            ),
            Self::Pattern { pattern, what } => {
                write!(f, "the base-dir `{pattern}` cannot be used: {what}")
            }
            Self::Wanted { path } => {
                write!(f, "`{path}` is not a relative path inside of an archive")
            }
        }
    }
}

impl std::error::Error for ArchiveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for ArchiveError {
    /// The bounds travel through the decoders as `io::Error`; here they become themselves again.
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::Unreadable)
    }
}

//! What can be wrong with a patch, as values that a finding can show.

use std::fmt;

/// The longest hunk text that an error carries, in bytes; the rest is cut.
const SHOWN_HUNK: usize = 4096;

/// Why a patch could not be read or evaluated. Messages are lower-case fragments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatchError {
    /// A limit of [`PatchLimits`](super::PatchLimits) was exceeded.
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit, in the unit of `what`.
        limit: u64,
    },
    /// The tool itself would stop here: the patch text is broken.
    Malformed {
        /// Line of the patch, from 1.
        line: u32,
        /// What is wrong.
        why: &'static str,
    },
    /// The file holds no patch at all, which both tools refuse.
    NoPatch,
    /// The patch touches the wanted path in a way that is not evaluated.
    Unsupported {
        /// Line of the patch, from 1.
        line: u32,
        /// The path in question.
        path: String,
        /// What is not supported.
        what: &'static str,
    },
    /// The tool would find no file to patch, or find the wrong state of it.
    Target {
        /// Line of the patch, from 1.
        line: u32,
        /// The path in question.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A hunk does not apply.
    Hunk(Box<HunkError>),
}

/// A hunk that does not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HunkError {
    /// The file that the hunk is for.
    pub path: String,
    /// Line of the patch where the hunk starts, from 1.
    pub line: u32,
    /// Number of the hunk in its file, from 1.
    pub number: u32,
    /// Why it does not apply.
    pub reason: &'static str,
    /// The hunk as it stands in the patch, cut after 4 KiB; bytes that are not UTF-8 are replaced.
    pub text: String,
}

impl HunkError {
    pub(super) fn error(path: &str, line: u32, number: u32, reason: &'static str, text: &[u8]) -> PatchError {
        let shown = text.get(..SHOWN_HUNK).unwrap_or(text);
        PatchError::Hunk(Box::new(Self {
            path: path.to_owned(),
            line,
            number,
            reason,
            text: String::from_utf8_lossy(shown).into_owned(),
        }))
    }
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { what, limit } => {
                write!(f, "the patch is too large: {what} exceeds {limit}")
            }
            Self::Malformed { line, why } => {
                write!(f, "the patch is malformed at line {line}: {why}")
            }
            Self::NoPatch => write!(f, "the file holds no patch"),
            Self::Unsupported { line, path, what } => {
                write!(f, "the patch touches `{path}` at line {line} in a way that is not evaluated: {what}")
            }
            Self::Target { line, path, why } => {
                write!(f, "the patch for `{path}` at line {line} does not apply: {why}")
            }
            Self::Hunk(hunk) => write!(
                f,
                "hunk {} for `{}` at line {} does not apply: {}",
                hunk.number, hunk.path, hunk.line, hunk.reason
            ),
        }
    }
}

impl std::error::Error for PatchError {}

/// Why [`Patch::apply_to`](super::Patch::apply_to) failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyError<E> {
    /// The patch is at fault.
    Patch(PatchError),
    /// A file before the patch could not be read.
    Read(E),
}

impl<E> From<PatchError> for ApplyError<E> {
    fn from(error: PatchError) -> Self {
        Self::Patch(error)
    }
}

impl<E: fmt::Display> fmt::Display for ApplyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patch(error) => error.fmt(f),
            Self::Read(error) => write!(f, "a file that the patch changes could not be read: {error}"),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for ApplyError<E> {}

//! The errors of patches, as values that a finding can show.

use std::fmt;

/// The reason why a patch could not be read or evaluated. Messages are lower-case fragments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatchError {
    /// A limit of [`PatchLimits`](super::PatchLimits) was exceeded.
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit, in the unit of `what`.
        limit: u64,
    },
    /// The file holds no patch at all, which both tools refuse.
    NoPatch,
    /// The patch touches the wanted path, or may do so, in a way that is not evaluated.
    Unsupported {
        /// Line of the patch, from 1.
        line: u32,
        /// What was found.
        what: &'static str,
    },
    /// The patch does not apply.
    Failed {
        /// Line of the patch, from 1.
        line: u32,
        /// Why it does not.
        why: &'static str,
        /// The hunk that does not apply, if it is one, cut after 4 KiB; bytes that are not UTF-8 are replaced.
        hunk: String,
    },
}

impl PatchError {
    /// The line of the patch at fault, from 1.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        match self {
            Self::Unsupported { line, .. } | Self::Failed { line, .. } => Some(*line),
            Self::TooLarge { .. } | Self::NoPatch => None,
        }
    }
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { what, limit } => write!(f, "the patch is too large: {what} exceeds {limit}"),
            Self::NoPatch => write!(f, "the file holds no patch"),
            Self::Unsupported { line, what } => {
                write!(f, "it cannot be evaluated at line {line}: {what}; hand the lock in with `--lock ELEMENT=PATH`")
            }
            Self::Failed { line, why, .. } => write!(f, "it does not apply at line {line}: {why}"),
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

//! Evaluates in memory what BuildStream's `patch` and `patch_queue` sources do to one file.
//!
//! Facts, from the plugins and from measurements on GNU patch 2.7.6 and git 2.47:
//! - `patch` runs `patch -pN -i FILE -d DIR`: no `--batch`, no `--forward`, fuzz 2. Every question gets its default
//!   answer: a patch that looks reversed, or whose file is not found, is skipped and the exit code is 1, which
//!   BuildStream reports as an error. Nothing is ever applied in reverse.
//! - `patch_queue` runs `git apply FILE` (not `git am`) for every entry of the folder, sorted by code point,
//!   unfiltered: no fuzz, offsets allowed, all files of a patch or none.
//!
//! A wrong "applied" is the worst outcome here. Evaluated are unified diffs as `diff -u`, `git diff`, quilt and
//! Subversion write them: changes of a file, and its creation and deletion by `/dev/null`. Everything else is refused
//! where it names the wanted path or may do so: context and normal diffs, ed scripts, renames, copies, changes of a
//! mode, binary patches, quoted names. Known to be out of sight: symbolic links in the tree, and the git
//! configuration of the machine that builds.

mod apply;
mod error;
mod git;
mod gnu;
mod hunk;
mod read;
mod text;

#[cfg(test)]
mod tests;

pub use apply::Before;
pub use error::{ApplyError, PatchError};

/// Which program applies the patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `patch -pN`, as the `patch` source runs it.
    GnuPatch {
        /// The number after `-p` (`strip-level:`, 1 unless set).
        strip: u32,
    },
    /// `git apply`, as the `patch_queue` source runs it.
    GitApply,
}

/// Bounds for one patch file and for each file that it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatchLimits {
    /// Size of each, in bytes.
    pub bytes: usize,
    /// Lines of each.
    pub lines: usize,
    /// Work of searching for the places of hunks, in compared bytes and lines.
    pub work: u64,
}

impl Default for PatchLimits {
    fn default() -> Self {
        Self { bytes: 64 << 20, lines: 1 << 20, work: 1 << 26 }
    }
}

impl PatchLimits {
    /// Refuses a text that is too large.
    fn check(&self, text: &[u8]) -> Result<(), PatchError> {
        let lines = text.iter().filter(|&&byte| byte == b'\n').count();
        for (what, size, limit) in
            [("a size in bytes", text.len(), self.bytes), ("a number of lines", lines, self.lines)]
        {
            if size > limit {
                return Err(PatchError::TooLarge { what, limit: u64::try_from(limit).unwrap_or(u64::MAX) });
            }
        }
        Ok(())
    }
}

/// One patch file, read once.
#[derive(Debug)]
pub struct Patch<'a> {
    text: &'a [u8],
    dialect: Dialect,
    limits: PatchLimits,
    sections: Vec<read::Section<'a>>,
    /// What reading stopped at. The sections before it are right, and what comes after it is unknown.
    stopped: Option<PatchError>,
}

/// What a patch does to a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The path stays what it was.
    Untouched,
    /// The path holds these bytes afterwards.
    Becomes(Vec<u8>),
    /// The path does not exist afterwards.
    Deleted,
}

/// Reads a patch file.
///
/// # Errors
/// [`PatchError::TooLarge`], and [`PatchError::NoPatch`] where the tool finds nothing to apply. A part that is not
/// understood is an error of [`Patch::apply_to`], for the paths that it may name.
pub fn parse<'a>(text: &'a [u8], dialect: Dialect, limits: &PatchLimits) -> Result<Patch<'a>, PatchError> {
    limits.check(text)?;
    let (sections, stopped) = read::read(text, dialect);
    // GNU patch takes an empty file for a patch that changes nothing.
    let nothing = text.is_empty() && dialect != Dialect::GitApply;
    if sections.is_empty() && stopped.is_none() && !nothing {
        return Err(PatchError::NoPatch);
    }
    Ok(Patch { text, dialect, limits: *limits, sections, stopped })
}

/// The order in which `patch_queue` applies the entries of its folder: all of them, sorted by code
/// point. Names are not filtered: an entry that is no patch makes the source fail.
#[must_use]
pub fn queue_order(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

fn unsupported(line: u32, what: &'static str) -> PatchError {
    PatchError::Unsupported { line, what }
}

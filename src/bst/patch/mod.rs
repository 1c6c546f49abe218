//! What BuildStream's `patch` and `patch_queue` sources do to one file, evaluated in memory.
//!
//! Facts, from the plugins and from measurements on GNU patch 2.7.6 and git 2.47:
//! - `patch` runs `patch -pN -i FILE -d DIR`: no `--batch`, no `--forward`, fuzz 2. Its output is a
//!   log file and it has a session of its own, so every question gets its default answer: a patch
//!   that looks reversed, or whose file is not found, is skipped and the exit code is 1, which
//!   BuildStream reports as an error. Nothing is ever applied in reverse.
//! - `patch_queue` runs `git apply FILE` (not `git am`) for every entry of the folder, sorted by
//!   code point, unfiltered: no fuzz, offsets allowed, all files of a patch or none.
//!
//! A wrong "applied" is the worst outcome here, so whatever is not evaluated exactly is refused
//! with an error when it touches the wanted path. Known to be out of sight: symbolic links in the
//! tree, and the git configuration of the machine that builds.

mod error;
mod git;
mod gnu;
mod names;
mod text;
mod touch;
mod tree;

#[cfg(test)]
mod tests;

pub use error::{ApplyError, HunkError, PatchError};

pub use tree::Before;

use tree::Tree;

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

/// Bounds for one patch file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatchLimits {
    /// Size of the patch, in bytes.
    pub bytes: usize,
    /// Lines of the patch.
    pub lines: usize,
    /// Length of one line, in bytes.
    pub line: usize,
    /// Hunks of the patch.
    pub hunks: usize,
    /// Size of a file before or after the patch, in bytes.
    pub file: usize,
    /// Work of searching for the places of hunks, in compared bytes and lines.
    pub work: u64,
}

impl Default for PatchLimits {
    fn default() -> Self {
        Self { bytes: 16 << 20, lines: 1 << 20, line: 1 << 20, hunks: 1 << 17, file: 64 << 20, work: 1 << 26 }
    }
}

/// One patch file, read once: which paths it touches, and where its hunks are.
#[derive(Debug)]
pub struct Patch<'a> {
    limits: PatchLimits,
    scanned: Scanned<'a>,
}

#[derive(Debug)]
enum Scanned<'a> {
    Gnu(gnu::Script<'a>),
    Git(git::Script<'a>),
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

/// Reads a patch file. One pass; hunks are counted, not kept.
///
/// # Errors
/// [`PatchError::TooLarge`], [`PatchError::Malformed`] and [`PatchError::NoPatch`] where the tool
/// would refuse the file as a whole.
pub fn parse<'a>(text: &'a [u8], dialect: Dialect, limits: &PatchLimits) -> Result<Patch<'a>, PatchError> {
    text::check(text, limits)?;
    let scanned = match dialect {
        Dialect::GnuPatch { strip } => Scanned::Gnu(gnu::scan(text, strip, limits)?),
        Dialect::GitApply => Scanned::Git(git::scan(text, limits)?),
    };
    Ok(Patch { limits: *limits, scanned })
}

impl Patch<'_> {
    /// What the patch does to `path`, a path relative to the folder that is patched.
    ///
    /// `before` gives a file as it was before the patch, `None` where there is none. It is called
    /// only for files that decide about `path`, and for each of them once. Other files of the
    /// patch are not looked at: that the tool would fail on one of them is not noticed.
    ///
    /// # Errors
    /// [`ApplyError::Patch`] where the tool would fail at `path`, and where what it does is not
    /// evaluated; [`ApplyError::Read`] with the first error of `before`.
    pub fn apply_to<E>(&self, path: &str, before: Before<'_, E>) -> Result<Effect, ApplyError<E>> {
        let Ok(wanted) = names::normal(path.as_bytes()) else {
            return Err(unsupported(0, path, "the path itself is not a plain relative path").into());
        };
        let mut tree = Tree::new(before, self.limits);
        match &self.scanned {
            Scanned::Gnu(script) => script.apply(&wanted, &mut tree)?,
            Scanned::Git(script) => script.apply(&wanted, &mut tree)?,
        }
        Ok(tree.effect(&wanted))
    }
}

/// The order in which `patch_queue` applies the entries of its folder: all of them, sorted by code
/// point. Names are not filtered: an entry that is no patch makes the source fail.
#[must_use]
pub fn queue_order(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names
}

fn unsupported(line: u32, path: &str, what: &'static str) -> PatchError {
    PatchError::Unsupported { line, path: path.to_owned(), what }
}

fn target(line: u32, path: &str, why: &'static str) -> PatchError {
    PatchError::Target { line, path: path.to_owned(), why }
}

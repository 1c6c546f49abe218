//! Reads wanted paths out of a downloaded archive, exactly where BuildStream would stage them.
//!
//! Nothing is unpacked to a disk and nothing is executed: an archive is a stream that is read once (seldom
//! twice), and only the bytes of the wanted paths are kept. Everything in it is hostile.
//!
//! The rules of staging were read from BuildStream 2.8 (`plugins/sources/tar.py`, with Python's `tarfile` and its
//! `data_filter`), and is compared with it by `tests/peers/archive.rs`:
//!
//! - `base-dir` (default `*`) is a glob on folders; the first match in the order of code points is the root,
//!   and what lies outside of it is not staged. `''` stages everything. No match is an error. See `base`.
//! - Pipes and devices are skipped; symbolic links are staged as they are, absolute ones too; a hard link
//!   is the file that it names; a type that `tarfile` does not know is an error, inside of the root. Leading
//!   slashes of a name are dropped. See `tree`.
//! - A later entry overwrites an earlier one of the same path.
//!
//! Stricter than BuildStream, so that no archive means two things to two readers: `..` in the name of a staged
//! entry, a `base-dir` with an empty component, an entry on or below a symbolic link of the archive, an entry that
//! overwrites a hard link, two names for one entry and a damaged header (`tarfile` takes it for the end) are errors.
//! Not read, and errors if they are wanted: sparse files.
//!
//! A tar's compression is recognised by its first bytes, as Python's `tarfile.open` does: gzip, bzip2, xz, zstd or
//! none. `zip` sources are not read.

mod base;
mod error;
mod header;
mod list;
mod pax;
mod source;
mod stream;
mod tar;
mod tree;
mod unpack;

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;

use std::io::{Read, Seek, SeekFrom};
use std::time::Duration;

pub use error::ArchiveError;
pub use list::{Listed, ListedKind, list};

/// The `base-dir` of an element that gives none (`tar.py`).
pub const DEFAULT_BASE_DIR: &str = "*";

/// Longest `base-dir` that is accepted, in bytes.
const PATTERN_MAX: usize = 1024;

/// The member that is staged at a wanted path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A regular file, with its content.
    File(Vec<u8>),
    /// A symbolic link, with its target as it is staged: it may be absolute or leave the tree.
    Symlink(String),
    /// A folder.
    Folder,
    /// Nothing.
    Absent,
    /// A folder on the way to the path is a symbolic link.
    Beyond {
        /// The staged path of the link.
        link: String,
        /// Its target as it is staged.
        target: String,
    },
}

/// The limits beyond which an archive is refused.
#[derive(Debug, Clone)]
pub struct ArchiveLimits {
    /// Bytes of the file.
    pub compressed: u64,
    /// Bytes that it unpacks to, names and padding included, in one pass.
    pub unpacked: u64,
    /// Bytes that come out for each byte that goes in. Counted after the first 16 MiB.
    pub ratio: u64,
    /// Headers.
    pub entries: u64,
    /// Bytes of one name.
    pub path: usize,
    /// Folders in one name.
    pub depth: usize,
    /// Bytes of one wanted file.
    pub member: u64,
    /// Bytes of the window (zstd) or dictionary (xz) that a decoder may ask for. `xz -9` asks for 64 MiB.
    pub window: u64,
    /// Time for everything.
    pub time: Duration,
}

impl Default for ArchiveLimits {
    /// Room for every release archive that is built as a Rust element today, many times over.
    fn default() -> Self {
        Self {
            compressed: 1 << 30,
            unpacked: 8 << 30,
            ratio: 500,
            entries: 500_000,
            path: 4096,
            depth: 128,
            member: 64 << 20,
            window: 128 << 20,
            time: Duration::from_secs(300),
        }
    }
}

/// Reads what is staged at each of `wanted`, in their order.
///
/// `base_dir` is the element's `base-dir`; `None` is [`DEFAULT_BASE_DIR`]. `wanted` are relative paths inside of
/// the staged source, with `/` between folders. The file must have been checked against its sha256 by the caller
/// through this very handle (see `super::downloads`).
///
/// # Errors
///
/// Whatever makes the answer doubtful: see [`ArchiveError`] and the words on top of this module.
pub fn read(
    mut file: impl Read + Seek,
    base_dir: Option<&str>,
    wanted: &[&str],
    limits: &ArchiveLimits,
) -> Result<Vec<Member>, ArchiveError> {
    let pattern = base_dir.unwrap_or(DEFAULT_BASE_DIR);
    let pattern = (!pattern.is_empty()).then(|| base::Pattern::parse(pattern)).transpose()?;
    let wanted = wanted.iter().map(|path| wanted_path(path)).collect::<Result<Vec<_>, _>>()?;
    let size = file.seek(SeekFrom::End(0))?;
    if size > limits.compressed {
        return Err(ArchiveError::limit("bytes in its file", limits.compressed));
    }
    let deadline = source::Deadline::after(limits.time);
    unpack::read(&mut file, pattern.as_ref(), &wanted, limits, deadline)
}

/// The wanted path without empty and `.` components.
fn wanted_path(path: &str) -> Result<Vec<u8>, ArchiveError> {
    let wrong = || ArchiveError::Wanted { path: path.chars().take(200).collect() };
    if path.starts_with('/') || path.contains('\0') {
        return Err(wrong());
    }
    tree::normalise(path.as_bytes()).ok_or_else(wrong)
}

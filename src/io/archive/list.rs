//! All entries of a tar, in their order: what each is, its size, its sha256 and how it begins.

use std::io::{Read, Seek, SeekFrom};

use crate::encode;

use super::error::ArchiveError;
use super::source::Deadline;
use super::tar::{Entries, Kind};
use super::{ArchiveLimits, stream};

/// The number of bytes of content that are kept of all entries together.
const KEPT_MAX: usize = 16 << 20;

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic or a hard link.
    Link,
    /// A device, a pipe, or something unknown.
    Other,
}

/// An entry of a tar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T = ()> {
    /// Its name as the archive has it; bytes that are not UTF-8 are replaced.
    pub path: String,
    /// Its kind.
    pub kind: ListedKind,
    /// Bytes of a file's content.
    pub size: u64,
    /// The sha256 of the content, in lower-case hex.
    pub sha256: String,
    /// The first bytes of the content.
    pub start: Vec<u8>,
    /// What was seen in it.
    pub seen: T,
}

/// Lists a tar. `look` sees the path and the whole content of each entry, and says how many of its first bytes are wanted.
///
/// # Errors
/// See [`ArchiveError`]; a sparse file is one, because its content is not the data in the archive.
pub fn list<T>(
    mut file: impl Read + Seek,
    limits: &ArchiveLimits,
    mut look: impl FnMut(&str, &[u8]) -> (usize, T),
) -> Result<Vec<Listed<T>>, ArchiveError> {
    let size = file.seek(SeekFrom::End(0))?;
    if size > limits.compressed {
        return Err(ArchiveError::limit("bytes in its file", limits.compressed));
    }
    file.seek(SeekFrom::Start(0))?;
    let unpacked = stream::open(&mut file, limits, Deadline::after(limits.time))?;
    let mut entries = Entries::new(unpacked, limits);
    let mut listed = Vec::new();
    let mut left = KEPT_MAX;
    while let Some(entry) = entries.next()? {
        if entry.sparse {
            return Err(ArchiveError::unsupported(&entry.name, "it is a sparse file"));
        }
        let content = if entry.size > 0 { entries.data()? } else { Vec::new() };
        let path = String::from_utf8_lossy(&entry.name).into_owned();
        let (wanted, seen) = look(&path, &content);
        let kept = content.len().min(wanted);
        left = left.checked_sub(kept).ok_or(ArchiveError::limit("bytes to be kept", KEPT_MAX as u64))?;
        listed.push(Listed {
            kind: match entry.kind {
                Kind::File => ListedKind::File,
                Kind::Folder => ListedKind::Folder,
                Kind::Symlink | Kind::Hardlink => ListedKind::Link,
                Kind::Device | Kind::Unknown(_) => ListedKind::Other,
            },
            size: entry.size,
            sha256: encode::sha256(&content),
            start: content[..kept].to_vec(),
            path,
            seen,
        });
    }
    entries.drain()?;
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::testing::{Tar, gzip};
    use super::*;

    fn listed(bytes: &[u8]) -> Result<Vec<Listed>, ArchiveError> {
        list(Cursor::new(bytes), &ArchiveLimits::default(), |path, _| (if path == "a/x" { 2 } else { 0 }, ()))
    }

    #[test]
    fn every_entry_is_listed_with_its_digest_and_its_start() {
        let bytes = gzip(&Tar::new().folder("a/").file("a/x", b"hello").symlink("a/l", "x").special("p", b'6').end());
        let found = listed(&bytes).unwrap();
        let shown: Vec<_> = found.iter().map(|l| (l.path.as_str(), l.kind, l.size, l.start.as_slice())).collect();
        let none: &[u8] = b"";
        assert_eq!(
            shown,
            [
                ("a", ListedKind::Folder, 0, none),
                ("a/x", ListedKind::File, 5, b"he"),
                ("a/l", ListedKind::Link, 0, none),
                ("p", ListedKind::Other, 0, none)
            ]
        );
        assert_eq!(found[1].sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    }

    #[test]
    fn a_damaged_end_is_not_passed_over() {
        let whole = gzip(&Tar::new().file("a/x", b"hello").end());
        let mut damaged = whole.clone();
        let last = damaged.len() - 5;
        damaged[last] ^= 1;
        assert!(listed(&whole).is_ok());
        assert!(matches!(listed(&damaged), Err(ArchiveError::Unreadable(_))));
        assert!(listed(&whole[..whole.len() - 9]).is_err());
    }

    #[test]
    fn limits_hold() {
        let bytes = gzip(&Tar::new().file("a", &[0; 5000]).file("b", b"").end());
        let small =
            |limits| matches!(list(Cursor::new(&bytes), &limits, |_, _| (0, ())), Err(ArchiveError::Limit { .. }));
        assert!(small(ArchiveLimits { member: 4999, ..ArchiveLimits::default() }));
        assert!(small(ArchiveLimits { unpacked: 4999, ..ArchiveLimits::default() }));
        assert!(small(ArchiveLimits { entries: 1, ..ArchiveLimits::default() }));
        assert!(small(ArchiveLimits { compressed: 10, ..ArchiveLimits::default() }));
        let half = vec![0; KEPT_MAX / 2];
        let bytes = gzip(&Tar::new().file("a", &half).file("b", &half).file("c", b"x").end());
        let kept = |keep: usize| list(Cursor::new(&bytes), &ArchiveLimits::default(), |_, _| (keep, ()));
        assert!(matches!(kept(KEPT_MAX), Err(ArchiveError::Limit { .. })) && kept(9).is_ok());
    }
}

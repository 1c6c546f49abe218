//! The contents of the archives of crates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{Read, Seek};
use std::time::Duration;

use futures_util::{StreamExt, stream};

use crate::finding::read::Unreadable;
use crate::review::archive::{self, File, FileKind, NotCargos};
use crate::review::evidence::ArchiveFacts;

use super::archive::{self as reader, ArchiveLimits, Listed, ListedKind, list};
use super::blocking::{self, Panicked};
use super::index::{ArchiveError, Index, MAX_ARCHIVE};

/// The number of archives that are read at once.
const AT_ONCE: usize = 4;

/// Why the facts on a crate's archive are not known.
#[derive(Debug)]
pub(crate) enum FactsError {
    /// The archive is not available.
    Unavailable(ArchiveError),
    /// The archive cannot be read.
    Unreadable(reader::ArchiveError),
    /// Cargo makes no such archive.
    NotCargos(NotCargos),
    /// The bot itself failed.
    Panicked(Panicked),
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(error) => error.fmt(f),
            Self::Unreadable(error) => error.fmt(f),
            Self::NotCargos(why) => write!(f, "the archive is not as cargo makes it: {why}"),
            Self::Panicked(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FactsError {}

/// The facts on each of `wanted` (name, version, sha256), by name and version, or why they are not known.
///
/// If a version is wanted with two checksums, one of them is not that of the registry: then that is what is reported of it. No
/// request is made for no archive.
pub(crate) async fn facts(
    index: &Index,
    wanted: &BTreeSet<(String, String, String)>,
) -> BTreeMap<(String, String), Result<ArchiveFacts, Unreadable>> {
    let read = |(name, version, sha256): (String, String, String)| async move {
        let facts = of_version(index, &name, &version, &sha256).await;
        // Evidence holds reasons as people read them.
        ((name, version), facts.map_err(|error| Unreadable::new(error.to_string())))
    };
    let mut found = stream::iter(wanted.iter().cloned()).map(read).buffered(AT_ONCE);
    let mut all = BTreeMap::new();
    while let Some((key, result)) = found.next().await {
        if result.is_err() || !all.contains_key(&key) {
            all.insert(key, result);
        }
    }
    all
}

async fn of_version(index: &Index, name: &str, version: &str, sha256: &str) -> Result<ArchiveFacts, FactsError> {
    let file = index.archive(name, version, sha256).await.map_err(FactsError::Unavailable)?;
    let (name, version) = (name.to_owned(), version.to_owned());
    blocking::run(move || facts_of(&name, &version, file)).await.map_err(FactsError::Panicked)?
}

/// The facts on a crate's archive, which was checked against its sha256.
///
/// # Errors
/// When it is damaged, too large, or not the archive of that crate.
pub(crate) fn facts_of(name: &str, version: &str, file: impl Read + Seek) -> Result<ArchiveFacts, FactsError> {
    let listed = list(file, &limits(), archive::keeps).map_err(FactsError::Unreadable)?;
    let files: Vec<File> = listed.into_iter().map(file_of).collect();
    archive::facts(name, version, &files).map_err(FactsError::NotCargos)
}

/// Room for the largest crates, many times over.
fn limits() -> ArchiveLimits {
    ArchiveLimits {
        compressed: MAX_ARCHIVE,
        unpacked: 1 << 30,
        entries: 50_000,
        path: 1024,
        depth: 64,
        member: 64 << 20,
        time: Duration::from_secs(60),
        ..ArchiveLimits::default()
    }
}

fn file_of(listed: Listed) -> File {
    let Listed { path, kind, size, sha256, start } = listed;
    let kind = match kind {
        ListedKind::File => FileKind::File,
        ListedKind::Folder => FileKind::Folder,
        ListedKind::Link | ListedKind::Other => FileKind::Other,
    };
    File { path, kind, size, sha256, start }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::archive::testing::{Tar, gzip};
    use super::*;

    const MANIFEST: &[u8] = b"[package]\nname = \"a\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n";

    fn read(tar: Tar) -> Result<ArchiveFacts, String> {
        facts_of("a", "1.0.0", Cursor::new(gzip(&tar.end()))).map_err(|error| error.to_string())
    }

    fn packed() -> Tar {
        Tar::new().file("a-1.0.0/Cargo.toml", MANIFEST)
    }

    #[test]
    fn facts_come_from_the_archive_itself() {
        let found = read(packed().file("a-1.0.0/build.rs", b"hello").file("a-1.0.0/x", b"\x7fELF").folder("a-1.0.0/t"));
        let expected = ArchiveFacts {
            build_script: true,
            build_script_digest: Some("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824".to_owned()),
            license: Some("MIT".to_owned()),
            size: MANIFEST.len() as u64 + 9,
            files: 3,
            odd_files: vec!["x".to_owned()],
            ..ArchiveFacts::default()
        };
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn links_are_odd_and_what_leaves_the_folder_is_an_error() {
        let found = read(packed().symlink("a-1.0.0/l", "/etc/passwd").hardlink("a-1.0.0/h", "a-1.0.0/Cargo.toml"));
        assert_eq!(found.unwrap().odd_files, ["h", "l"]);
        let error = read(packed().file("a-1.0.0/../x", b"")).unwrap_err();
        assert!(error.contains("outside of its folder"), "{error}");
        let error = read(packed().file("a-1.0.0/Cargo.toml", MANIFEST)).unwrap_err();
        assert!(error.contains("two entries"), "{error}");
    }

    #[test]
    fn what_is_no_archive_is_an_error() {
        for bytes in [&b""[..], b"<html>", b"\x1f\x8b\x08\0\0\0\0\0\0\0", &gzip(b"text")] {
            assert!(facts_of("a", "1.0.0", Cursor::new(bytes)).is_err());
        }
    }
}

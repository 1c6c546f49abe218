//! The contents of the archives of crates.

use std::fmt;
use std::io::{Read, Seek};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use crate::finding::read::Unreadable;
use crate::review::archive::{self, Contents, File, FileKind, NotCargos, difference};
use crate::review::evidence::{ArchiveDelta, ArchiveFacts, ArchiveNeed, Archives};

use super::archive::{self as reader, ArchiveLimits, Listed, ListedKind, list};
use super::blocking::{self, Panicked};
use super::index::{ArchiveError, Index, MAX_ARCHIVE};

/// The number of archives that are read at once.
const AT_ONCE: usize = 4;

/// The number of lines of an archive that are counted.
const LINES: usize = 1 << 20;

/// The number of bytes that are kept of the texts of what a build script could run.
const TEXTS: usize = 8 << 20;

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

/// How much of archives is read for one change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Bytes of archives.
    pub bytes: u64,
    /// The number of archives.
    pub archives: usize,
    /// The time for all of them.
    pub time: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: 128 << 20, archives: 600, time: Duration::from_secs(150) }
    }
}

/// What one change needs of archives.
struct Pair {
    facts: Vec<((String, String), Result<ArchiveFacts, Unreadable>)>,
    delta: Option<((String, String, String), ArchiveDelta)>,
    bytes: u64,
}

/// What the archives of `wanted` hold, as many as the budget allows, in this order. No request is made for no archive.
///
/// If a version is wanted with two checksums, one of them is not that of the registry: then that is what is reported of it.
pub(crate) async fn archives(index: &Index, wanted: &[ArchiveNeed], budget: Budget) -> Archives {
    let end = Instant::now() + budget.time;
    let mut all = Archives::default();
    let (mut bytes, mut number) = (0, 0);
    let mut found = stream::iter(wanted.iter().cloned()).map(|need| pair(index, need)).buffered(AT_ONCE);
    for need in wanted {
        number += need.sides().count();
        let next = timeout_at(end, found.next()).await;
        let limit = match next {
            // What is at hand at once would be taken after the end as well.
            _ if Instant::now() >= end => format!("{} seconds", budget.time.as_secs()),
            Err(_) => format!("{} seconds", budget.time.as_secs()),
            _ if number > budget.archives => format!("{} archives", budget.archives),
            Ok(Some(pair)) if bytes + pair.bytes <= budget.bytes => {
                bytes += pair.bytes;
                add(&mut all, pair);
                continue;
            }
            Ok(_) => format!("{} MiB", budget.bytes >> 20),
        };
        all.limit = Some(format!("the limit is {limit}"));
        break;
    }
    all
}

fn add(all: &mut Archives, pair: Pair) {
    for (key, result) in pair.facts {
        if result.is_err() || !all.facts.contains_key(&key) {
            all.facts.insert(key, result);
        }
    }
    all.deltas.extend(pair.delta);
}

/// Reads the archives of both sides of a change, and compares them.
async fn pair(index: &Index, need: ArchiveNeed) -> Pair {
    let (mut facts, mut read, mut bytes) = (Vec::new(), Vec::new(), 0);
    for (version, sha256) in need.sides() {
        let found = of_version(index, &need.name, version, sha256).await;
        // Evidence holds reasons as people read them.
        let found = found.map_err(|error| Unreadable::new(error.to_string()));
        let key = (need.name.clone(), version.clone());
        match found {
            Ok((contents, size)) => {
                bytes += size;
                facts.push((key, Ok(contents.facts.clone())));
                read.push(contents);
            }
            Err(why) => facts.push((key, Err(why))),
        }
    }
    let (name, before) = (need.name.clone(), need.before.map(|(version, _)| version));
    let key = (name, before.clone().unwrap_or_default(), need.after.0);
    let compare = move || match (before, read.as_slice()) {
        (None, [after]) => Some(difference(None, after)),
        (Some(_), [before, after]) => Some(difference(Some(before), after)),
        _ => None,
    };
    let delta = blocking::run(compare).await.unwrap_or_else(|error| {
        tracing::debug!("{key:?}: {error}");
        None
    });
    Pair { facts, delta: delta.map(|delta| (key, delta)), bytes }
}

async fn of_version(index: &Index, name: &str, version: &str, sha256: &str) -> Result<(Contents, u64), FactsError> {
    let file = index.archive(name, version, sha256).await.map_err(FactsError::Unavailable)?;
    let (name, version) = (name.to_owned(), version.to_owned());
    let read = move || {
        let size = file.metadata().map_or(MAX_ARCHIVE, |data| data.len());
        contents_of(&name, &version, file).map(|contents| (contents, size))
    };
    blocking::run(read).await.map_err(FactsError::Panicked)?
}

/// The contents of a crate's archive, which was checked against its sha256.
///
/// # Errors
/// When it is damaged, too large, or not the archive of that crate.
pub(crate) fn contents_of(name: &str, version: &str, mut file: impl Read + Seek) -> Result<Contents, FactsError> {
    let mut lines = LINES;
    let look = |path: &str, content: &[u8]| {
        let scan = archive::scan(path, content, lines);
        lines -= scan.lines.len();
        (archive::keeps(path), scan)
    };
    let files: Vec<File> =
        list(&mut file, &limits(), look).map_err(FactsError::Unreadable)?.into_iter().map(file_of).collect();
    let mut contents = archive::contents(name, version, &files).map_err(FactsError::NotCargos)?;
    if !contents.scripts.is_empty() {
        let mut left = TEXTS;
        let look = |path: &str, content: &[u8]| {
            let kept =
                if contents.wants(path) && content.len() <= archive::SCRIPT.min(left) { content.len() } else { 0 };
            left -= kept;
            (kept, archive::Scan::default())
        };
        let files = list(&mut file, &limits(), look).map_err(FactsError::Unreadable)?;
        contents.follow(files.into_iter().map(file_of).collect());
    }
    Ok(contents)
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

fn file_of(listed: Listed<archive::Scan>) -> File {
    let Listed { path, kind, size, sha256, start, seen: scan } = listed;
    let kind = match kind {
        ListedKind::File => FileKind::File,
        ListedKind::Folder => FileKind::Folder,
        ListedKind::Link | ListedKind::Other => FileKind::Other,
    };
    File { path, kind, size, sha256, start, scan }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::archive::testing::{Tar, gzip};
    use super::*;

    const MANIFEST: &[u8] = b"[package]\nname = \"a\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n";

    const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    fn read(tar: Tar) -> Result<ArchiveFacts, String> {
        let contents = contents_of("a", "1.0.0", Cursor::new(gzip(&tar.end())));
        contents.map(|contents| contents.facts).map_err(|error| error.to_string())
    }

    fn packed() -> Tar {
        Tar::new().file("a-1.0.0/Cargo.toml", MANIFEST)
    }

    #[test]
    fn facts_come_from_the_archive_itself() {
        let found = read(packed().file("a-1.0.0/build.rs", b"hello").file("a-1.0.0/x", b"\x7fELF").folder("a-1.0.0/t"));
        let expected = ArchiveFacts {
            build_script: true,
            build_script_digest: Some(HELLO.to_owned()),
            license: Some("MIT".to_owned()),
            size: MANIFEST.len() as u64 + 9,
            files: 3,
            odd_files: vec!["x".to_owned()],
            script_code: [("build.rs".to_owned(), HELLO.to_owned())].into(),
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
            assert!(contents_of("a", "1.0.0", Cursor::new(bytes)).is_err());
        }
    }
}

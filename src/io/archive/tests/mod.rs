mod bounds;
mod compression;
mod damage;
mod entries;
mod roots;

use std::io::Cursor;

use super::testing::{Form, Tar, bzip2, gzip, header, record, seal, xz, zstd};
use super::*;

const LOCK: &[u8] = b"version = 4\n";

fn limits() -> ArchiveLimits {
    ArchiveLimits { time: Duration::from_secs(20), ..ArchiveLimits::default() }
}

/// Reads `Cargo.lock`, with the default base-dir.
fn tar(bytes: &[u8]) -> Result<Member, ArchiveError> {
    one(bytes, "*", "Cargo.lock")
}

fn one(bytes: &[u8], base: &str, path: &str) -> Result<Member, ArchiveError> {
    read(Cursor::new(bytes), Some(base), &[path], &limits()).map(|mut members| members.remove(0))
}

fn lock() -> Member {
    Member::File(LOCK.to_vec())
}

/// The error's text; the entry that it has to name is part of it.
#[track_caller]
fn refused(found: Result<Member, ArchiveError>, names: &str) -> String {
    let error = found.expect_err("it should have been refused").to_string();
    assert!(error.contains(names), "`{names}` is not in: {error}");
    error
}

fn release() -> Tar {
    Tar::new().folder("p-1.0/").file("p-1.0/README", &[b'r'; 3000]).file("p-1.0/Cargo.lock", LOCK)
}

#[test]
fn wanted_path_stays_inside() {
    for path in ["/Cargo.lock", "../Cargo.lock", "a/../b", "a\0b"] {
        let found = one(&release().end(), "*", path);
        assert!(matches!(found, Err(ArchiveError::Wanted { .. })), "{path}");
    }
}

#[test]
fn names_in_messages_are_one_short_line() {
    let name = format!("p/\u{1b}[31m\n::error::{}/../x", "x".repeat(50));
    let error = refused(tar(&Tar::new().file(&name, b"").end()), "p/");
    assert!(!error.contains(['\n', '\u{1b}']) && error.len() < 500, "{error:?}");
}

//! All of RustSec at once: its branch `osv` as an archive, a record of OSV for each advisory. One request instead of hundreds.

use std::io::Cursor;
use std::time::Duration;

use super::add;
use crate::io::archive::{ArchiveError, ArchiveLimits, ListedKind, list};
use crate::io::documents::DocumentError;
use crate::review::evidence::Advisories;
use crate::review::osv;

/// The maximum size of the archive, in bytes.
pub(super) const MAX_ARCHIVE: u64 = 32 << 20;

/// Why all of RustSec could not be had.
#[derive(Debug)]
pub(super) enum WholeError {
    /// The server did not answer.
    Document(DocumentError),
    /// The archive cannot be read.
    Archive(ArchiveError),
    /// The archive has no records.
    Empty,
}

impl std::fmt::Display for WholeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Document(error) => error.fmt(f),
            Self::Archive(error) => error.fmt(f),
            Self::Empty => f.write_str("it has no records"),
        }
    }
}

impl std::error::Error for WholeError {}

impl From<DocumentError> for WholeError {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}

/// All of RustSec.
#[derive(Debug, Default)]
pub(super) struct Whole {
    /// The records that can be read.
    known: Advisories,
    /// Those that cannot, why, and their text: they may be about any crate that it names.
    unreadable: Vec<(String, String)>,
}

impl Whole {
    /// Reads the archive.
    ///
    /// # Errors
    /// When it is damaged, too large, or has no records.
    pub(super) fn read(archive: &[u8]) -> Result<Self, WholeError> {
        let limits = ArchiveLimits {
            compressed: MAX_ARCHIVE,
            unpacked: 512 << 20,
            entries: 100_000,
            member: 4 << 20,
            time: Duration::from_secs(20),
            ..ArchiveLimits::default()
        };
        let look = |path: &str, content: &[u8]| {
            let name = path.rsplit_once("/crates/").map(|(_, name)| name).and_then(|name| name.strip_suffix(".json"));
            let record = name.filter(|name| name.starts_with("RUSTSEC-") && !name.contains('/'));
            (0, record.map(|name| (name.to_owned(), osv::parse(content), content.to_vec())))
        };
        let mut whole = Self::default();
        let mut records = 0;
        for entry in list(Cursor::new(archive), &limits, look).map_err(WholeError::Archive)? {
            let Some((name, read, content)) = entry.seen.filter(|_| entry.kind == ListedKind::File) else { continue };
            records += 1;
            let mut own = Advisories::default();
            match read {
                Ok(read) => add(read, &mut own, |_| true),
                Err(why) => own.unreadable.push(format!("`{name}`: {why}")),
            }
            whole.known.list.append(&mut own.list);
            let text = String::from_utf8_lossy(&content);
            whole.unreadable.extend(own.unreadable.into_iter().map(|why| (why, canonical(&text))));
        }
        if records == 0 { Err(WholeError::Empty) } else { Ok(whole) }
    }

    /// The advisories on these crates.
    pub(super) fn about(&self, names: &[String]) -> Advisories {
        let about = self.known.list.iter().filter(|advisory| names.iter().any(|name| advisory.is_about(name)));
        let named = |text: &str| names.iter().any(|name| text.contains(&format!("\"{}\"", canonical(name))));
        // What is no text with quotes names nothing, and may be about anything.
        let unreadable = self.unreadable.iter().filter(|(_, text)| named(text) || !text.contains('"'));
        let unreadable = unreadable.map(|(why, _)| why.clone()).collect();
        Advisories { list: about.cloned().collect(), unreadable, ..Advisories::default() }
    }
}

/// A text with names of crates, or a name, in the spelling that all of one crate have in common.
fn canonical(text: &str) -> String {
    text.to_ascii_lowercase().replace('_', "-")
}

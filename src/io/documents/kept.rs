//! Answers of a server in a folder, one file each: a line of JSON about the answer, then the answer.
//!
//! The line holds the answer's sha256, so that a file that was cut or mixed up is no entry. Files are written under another
//! name and renamed: several processes may share the folder. What cannot be written is not kept, that is all.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;

use serde::{Deserialize, Serialize};

use crate::io::cache;

/// The maximum length of the line, in bytes.
const HEAD: u64 = 8 << 10;

/// The folder of one server.
#[derive(Debug)]
pub(in crate::io) struct Kept {
    folder: Option<PathBuf>,
    cleaned: Once,
}

/// An answer, and what to name when it is requested again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::io) struct CachedEntry {
    pub(in crate::io) etag: Option<String>,
    pub(in crate::io) modified: Option<String>,
    pub(in crate::io) body: Vec<u8>,
}

impl CachedEntry {
    /// The condition: the etag, or the time where there is none (as cargo does).
    pub(in crate::io) fn condition(&self) -> (Option<&str>, Option<&str>) {
        match &self.etag {
            Some(etag) => (Some(etag), None),
            None => (None, self.modified.as_deref()),
        }
    }
}

#[derive(Deserialize, Serialize)]
struct Head {
    key: String,
    etag: Option<String>,
    modified: Option<String>,
    sha256: String,
}

impl Kept {
    /// Opens the cache of the server at `url`: a folder of its own below `cache`.
    pub(in crate::io) fn new(cache: Option<&Path>, url: &str) -> Self {
        let name = &digest(url.as_bytes())[..16];
        Self { folder: cache.map(|cache| cache.join("index").join(name)), cleaned: Once::new() }
    }

    /// The entry `key`, which is a plain file name. None if there is none, or not a whole one.
    pub(in crate::io) fn get(&self, key: &str, limit: u64) -> Option<CachedEntry> {
        let path = self.folder.as_ref()?.join(key);
        // A pipe would block when it is opened.
        if !fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        File::open(path).ok()?.take(limit + HEAD).read_to_end(&mut bytes).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let body = bytes.split_off(end + 1);
        let whole = head.key == key && head.sha256 == digest(&body) && body.len() as u64 <= limit;
        whole.then_some(CachedEntry { etag: head.etag, modified: head.modified, body })
    }

    /// Keeps an entry, where the server gave it a validator.
    pub(in crate::io) fn put(&self, key: &str, entry: CachedEntry) {
        let Some(folder) = &self.folder else { return };
        self.cleaned.call_once(|| cache::remove_what_was_left(folder));
        if let Err(error) = write(folder, key, entry) {
            cache::is_unusable(folder, &error);
        }
    }

    /// Forgets an entry.
    pub(in crate::io) fn remove(&self, key: &str) {
        if let Some(folder) = &self.folder {
            // It may not be there.
            let _ = fs::remove_file(folder.join(key));
        }
    }
}

fn write(folder: &Path, key: &str, entry: CachedEntry) -> std::io::Result<()> {
    let CachedEntry { etag, modified, body } = entry;
    let head = serde_json::to_string(&Head { key: key.to_owned(), etag, modified, sha256: digest(&body) })?;
    let mut partial = cache::partial_in(folder)?;
    partial.write_all(head.as_bytes())?;
    partial.write_all(b"\n")?;
    partial.write_all(&body)?;
    partial.persist(folder.join(key))?;
    Ok(())
}

fn digest(bytes: &[u8]) -> String {
    crate::encode::sha256(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry() -> CachedEntry {
        CachedEntry { etag: Some("\"e\"".to_owned()), modified: None, body: b"one\ntwo\n".to_vec() }
    }

    #[test]
    fn an_entry_comes_back_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Kept::new(Some(dir.path()), "https://h/");
        kept.put("a", entry());
        assert_eq!(Kept::new(Some(dir.path()), "https://h/").get("a", 8), Some(entry()));
        assert_eq!(Kept::new(Some(dir.path()), "https://other/").get("a", 8), None);
        assert_eq!((kept.get("b", 8), kept.get("a", 7)), (None, None));
        kept.remove("a");
        kept.remove("a");
        assert_eq!(kept.get("a", 8), None);
    }

    #[test]
    fn an_entry_under_another_name_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let kept = Kept::new(Some(dir.path()), "https://h/");
        kept.put("a", entry());
        let folder = kept.folder.clone().unwrap();
        fs::copy(folder.join("a"), folder.join("b")).unwrap();
        assert_eq!(kept.get("b", 8), None);
    }

    #[test]
    fn a_folder_that_cannot_be_written_keeps_nothing() {
        let dir = tempfile::tempdir().unwrap();
        File::create(dir.path().join("index")).unwrap();
        let kept = Kept::new(Some(dir.path()), "https://h/");
        kept.put("a", entry());
        assert_eq!(kept.get("a", 8), None);
    }

    proptest! {
        #[test]
        fn a_damaged_entry_is_none(at in 0_usize..1000, byte in any::<u8>(), cut in any::<bool>()) {
            let dir = tempfile::tempdir().unwrap();
            let kept = Kept::new(Some(dir.path()), "https://h/");
            kept.put("a", entry());
            let path = kept.folder.clone().unwrap().join("a");
            let mut bytes = fs::read(&path).unwrap();
            let at = at % bytes.len();
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
            File::create(&path).unwrap().write_all(&bytes).unwrap();
            // The etag is not covered: a wrong one costs a fetch.
            prop_assert!(kept.get("a", 8).is_none_or(|found| found.body == entry().body));
        }
    }
}

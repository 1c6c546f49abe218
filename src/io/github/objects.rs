//! The commits and files of a repository on GitHub, for those that the checkout does not hold.

use super::GitHub;
use crate::finding::read::Unreadable;
use crate::github::tree::{Item, Listing};
use crate::io::blocking;
use crate::io::commit::Objects;

/// Git's mode of a folder.
const FOLDER: u32 = 0o040_000;

impl Objects for GitHub {
    fn tree(&self, commit: &str) -> Result<Listing, Unreadable> {
        let entries = blocking::wait(Self::tree(self, commit)).map_err(|e| Unreadable::new(e.to_string()))?;
        let files = entries.into_iter().filter(|entry| entry.mode != FOLDER);
        Ok(Listing::new(files.map(|entry| (entry.path, Item { mode: entry.mode, id: entry.id })))?)
    }

    fn blob(&self, id: &str) -> Result<Vec<u8>, Unreadable> {
        blocking::wait(Self::blob(self, id)).map_err(|e| Unreadable::new(e.to_string()))
    }
}

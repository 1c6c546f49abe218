//! The files that decide about the wanted path, as the patch changes them.

use std::collections::BTreeMap;

use super::error::ApplyError;
use super::text::Work;
use super::{Effect, PatchError, PatchLimits};

/// Gives a file as it was before the patch, by its path; `None` where there is none.
pub type Before<'f, E> = &'f mut dyn FnMut(&str) -> Result<Option<Vec<u8>>, E>;

/// One file of the tree.
#[derive(Debug, Default, Clone)]
pub(super) struct Entry {
    /// What it holds now.
    pub(super) now: Option<Vec<u8>>,
    /// Whether the patch changed it so far.
    pub(super) touched: bool,
    /// Whether it was empty before the patch.
    pub(super) began_empty: bool,
}

/// The files before the patch, read once each, and over them what the patch did so far.
pub(super) struct Tree<'f, E> {
    before: Before<'f, E>,
    entries: BTreeMap<String, Entry>,
    limits: PatchLimits,
    pub(super) work: Work,
}

impl<'f, E> Tree<'f, E> {
    pub(super) fn new(before: Before<'f, E>, limits: PatchLimits) -> Self {
        Self { before, entries: BTreeMap::new(), limits, work: Work::new(limits.work) }
    }

    pub(super) fn entry(&mut self, path: &str) -> Result<Entry, ApplyError<E>> {
        if let Some(entry) = self.entries.get(path) {
            return Ok(entry.clone());
        }
        let now = (self.before)(path).map_err(ApplyError::Read)?;
        if let Some(bytes) = &now {
            self.size(bytes.len())?;
        }
        let began_empty = now.as_ref().is_some_and(Vec::is_empty);
        let entry = Entry { now, touched: false, began_empty };
        self.entries.insert(path.to_owned(), entry.clone());
        Ok(entry)
    }

    pub(super) fn set(&mut self, path: &str, now: Option<Vec<u8>>) -> Result<(), PatchError> {
        if let Some(bytes) = &now {
            self.size(bytes.len())?;
        }
        let entry = self.entries.entry(path.to_owned()).or_default();
        entry.now = now;
        entry.touched = true;
        Ok(())
    }

    pub(super) fn effect(mut self, path: &str) -> Effect {
        match self.entries.remove(path) {
            Some(Entry { now, touched: true, .. }) => now.map_or(Effect::Deleted, Effect::Becomes),
            _ => Effect::Untouched,
        }
    }

    fn size(&self, len: usize) -> Result<(), PatchError> {
        if len > self.limits.file {
            let limit = u64::try_from(self.limits.file).unwrap_or(u64::MAX);
            return Err(PatchError::TooLarge { what: "the size of a patched file in bytes", limit });
        }
        Ok(())
    }
}

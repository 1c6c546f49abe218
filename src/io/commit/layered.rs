//! The local repository first, then another place, whose contents are hashed before they count.

use super::{LocalObjects, Objects};
use crate::finding::read::Unreadable;
use crate::github::tree::Listing;
use crate::io::blocking;
use crate::io::bounded::{MAX_FILE, too_large};
use git2::{ObjectType, Oid};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The number of bytes of the other place's files that are kept in memory.
const MAX_KEPT: usize = 64 << 20;

/// The maximum number of paths that the listings in memory hold together, unless a single one holds more.
const MAX_LISTED: usize = 1_000_000;

/// The local repository as a cache for another place. Whoever wants what is being read already waits for it.
pub struct Layered {
    local: Option<Arc<LocalObjects>>,
    remote: Arc<dyn Objects>,
    kept: Mutex<Kept>,
    /// The objects that are being read, by id.
    reading: Mutex<HashMap<String, Arc<Mutex<()>>>>,
}

/// The files and listings that were read once.
#[derive(Default)]
struct Kept {
    files: HashMap<String, Vec<u8>>,
    bytes: usize,
    trees: HashMap<String, Listing>,
    /// The commits of `trees`, oldest first.
    order: VecDeque<String>,
    listed: usize,
}

impl Kept {
    fn keep_file(&mut self, id: &str, bytes: &[u8]) {
        if self.bytes + bytes.len() <= MAX_KEPT && self.files.insert(id.to_owned(), bytes.to_vec()).is_none() {
            self.bytes += bytes.len();
        }
    }

    fn keep_tree(&mut self, commit: &str, tree: &Listing) {
        if self.trees.insert(commit.to_owned(), tree.clone()).is_none() {
            self.order.push_back(commit.to_owned());
            self.listed += tree.len();
        }
        while self.listed > MAX_LISTED && self.order.len() > 1 {
            let oldest = self.order.pop_front().and_then(|oldest| self.trees.remove(&oldest));
            self.listed -= oldest.map_or(0, |oldest| oldest.len());
        }
    }
}

impl Layered {
    /// Queries `local` first, then `remote`.
    #[must_use]
    pub fn new(local: Option<Arc<LocalObjects>>, remote: Arc<dyn Objects>) -> Self {
        Self { local, remote, kept: Mutex::default(), reading: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What was put in before a panic is whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what is kept of an object, else what `read` brings, while others who want the same object wait.
    fn once<T>(
        &self,
        id: &str,
        kept: impl Fn(&Kept) -> Option<T>,
        read: impl FnOnce() -> Result<T, Unreadable>,
    ) -> Result<T, Unreadable> {
        if let Some(known) = kept(&self.kept()) {
            return Ok(known);
        }
        let turn = {
            let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(reading.entry(id.to_owned()).or_default())
        };
        let _turn = blocking::lock(&turn);
        if let Some(known) = kept(&self.kept()) {
            return Ok(known);
        }
        read()
    }

    fn read_tree(&self, commit: &str) -> Result<Listing, Unreadable> {
        let tree = match self.local.as_ref().map(|local| local.tree(commit)) {
            Some(Ok(tree)) => tree,
            // What the checkout lacks, or holds damaged, is asked of the other place.
            Some(Err(_)) | None => self.remote.tree(commit)?,
        };
        self.kept().keep_tree(commit, &tree);
        Ok(tree)
    }

    fn read_blob(&self, id: &str) -> Result<Vec<u8>, Unreadable> {
        let bytes = self.remote.blob(id)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(too_large());
        }
        if Oid::hash_object(ObjectType::Blob, &bytes).is_ok_and(|actual| actual.to_string() == id) {
            self.kept().keep_file(id, &bytes);
            Ok(bytes)
        } else {
            Err(Unreadable::new(format!("what was sent for the file `{}` is another content", id.escape_debug())))
        }
    }
}

impl Objects for Layered {
    fn tree(&self, commit: &str) -> Result<Listing, Unreadable> {
        self.once(commit, |kept| kept.trees.get(commit).cloned(), || self.read_tree(commit))
    }

    fn blob(&self, id: &str) -> Result<Vec<u8>, Unreadable> {
        if let Some(Ok(bytes)) = self.local.as_ref().map(|local| local.blob(id)) {
            return Ok(bytes);
        }
        self.once(id, |kept| kept.files.get(id).cloned(), || self.read_blob(id))
    }

    fn local(&self) -> Option<&LocalObjects> {
        self.local.as_deref()
    }
}

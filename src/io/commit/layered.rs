//! The local repository first, then another place, whose contents are hashed before they count.

use super::{Listing, LocalObjects, Objects};
use crate::io::bounded::{MAX_FILE, too_large};
use git2::{ObjectType, Oid};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The number of bytes of the other place's files that are kept in memory.
const MAX_KEPT: usize = 64 << 20;

/// The local repository as a cache for another place.
pub struct Layered {
    local: Option<Arc<LocalObjects>>,
    remote: Arc<dyn Objects>,
    kept: Mutex<Kept>,
}

/// Files of the other place, read once.
#[derive(Default)]
struct Kept {
    files: HashMap<String, Vec<u8>>,
    bytes: usize,
    trees: HashMap<String, Listing>,
}

/// The number of commits whose files are remembered.
const MAX_TREES: usize = 16;

impl Layered {
    /// Queries `local` first, then `remote`.
    #[must_use]
    pub fn new(local: Option<Arc<LocalObjects>>, remote: Arc<dyn Objects>) -> Self {
        Self { local, remote, kept: Mutex::default() }
    }

    fn kept(&self, id: &str) -> Option<Vec<u8>> {
        self.kept.lock().ok()?.files.get(id).cloned()
    }

    fn keep(&self, id: &str, bytes: &[u8]) {
        if let Ok(mut kept) = self.kept.lock()
            && kept.bytes + bytes.len() <= MAX_KEPT
            && kept.files.insert(id.to_owned(), bytes.to_vec()).is_none()
        {
            kept.bytes += bytes.len();
        }
    }
}

impl Objects for Layered {
    fn tree(&self, commit: &str) -> Result<Listing, String> {
        match self.local.as_ref().map(|local| local.tree(commit)) {
            Some(Ok(listing)) => Ok(listing),
            _ => {
                if let Some(tree) = self.kept.lock().ok().and_then(|kept| kept.trees.get(commit).cloned()) {
                    return Ok(tree);
                }
                let tree = self.remote.tree(commit)?;
                if let Ok(mut kept) = self.kept.lock() {
                    if kept.trees.len() >= MAX_TREES {
                        kept.trees.clear();
                    }
                    kept.trees.insert(commit.to_owned(), tree.clone());
                }
                Ok(tree)
            }
        }
    }

    fn blob(&self, id: &str) -> Result<Vec<u8>, String> {
        if let Some(Ok(bytes)) = self.local.as_ref().map(|local| local.blob(id)) {
            return Ok(bytes);
        }
        if let Some(bytes) = self.kept(id) {
            return Ok(bytes);
        }
        let bytes = self.remote.blob(id)?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(too_large().into());
        }
        if Oid::hash_object(ObjectType::Blob, &bytes).is_ok_and(|actual| actual.to_string() == id) {
            self.keep(id, &bytes);
            Ok(bytes)
        } else {
            Err(format!("what was sent for the file `{}` is another content", id.escape_debug()))
        }
    }

    fn local(&self) -> Option<&LocalObjects> {
        self.local.as_deref()
    }
}

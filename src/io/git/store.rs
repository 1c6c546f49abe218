//! Objects on disk that are believed only after they were hashed again.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Once;

use git2::{ObjectType, Oid};

use crate::io::cache;

/// The answer of the store about an object.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The content; it has the id and the kind that were requested.
    Whole(Vec<u8>),
    /// Nothing is stored.
    Missing,
    /// Something is stored, but it is not that object.
    Damaged,
}

/// Contents of commits, trees and blobs in files that are named by object id.
///
/// A file holds the bare content. Its kind needs no room, because git's id covers it: a tree that poses as a commit has another
/// id. Without a folder the store is empty and stays so.
#[derive(Debug)]
pub(super) struct Store {
    objects: Option<PathBuf>,
    cleaned: Once,
}

impl Store {
    /// The store below `cache`; folders are made when something is stored.
    pub(super) fn open(cache: Option<&Path>) -> Self {
        Self { objects: cache.map(|cache| cache.join("objects")), cleaned: Once::new() }
    }

    /// The object `id` of kind `kind`, if it is stored whole and has at most `limit` bytes.
    pub(super) fn read(&self, kind: ObjectType, id: Oid, limit: u64) -> Found {
        let Some(path) = self.path(id) else {
            return Found::Missing;
        };
        // Checked first, because opening anything but a file may block.
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() && metadata.len() <= limit => {}
            Ok(_) => return Found::Damaged,
            Err(_) => return Found::Missing,
        }
        let mut content = Vec::new();
        match File::open(&path).and_then(|file| file.take(limit + 1).read_to_end(&mut content)) {
            Ok(_) if verified(kind, id, &content) => Found::Whole(content),
            _ => Found::Damaged,
        }
    }

    /// Stores an object, replacing what is there. A store that cannot be written is as good as none.
    pub(super) fn write(&self, id: Oid, content: &[u8]) {
        let (Some(objects), Some(path)) = (&self.objects, self.path(id)) else { return };
        self.cleaned.call_once(|| cache::remove_what_was_left(objects));
        if let Err(error) = write_atomically(objects, &path, content) {
            cache::is_unusable(objects, &error);
        }
    }

    fn path(&self, id: Oid) -> Option<PathBuf> {
        let name = id.to_string();
        let (folder, rest) = name.split_at(2);
        self.objects.as_ref().map(|objects| objects.join(folder).join(rest))
    }
}

/// Returns whether `content` as an object of `kind` has the id `id`. libgit2's SHA-1 notices the known kinds of forged
/// collisions.
pub(super) fn verified(kind: ObjectType, id: Oid, content: &[u8]) -> bool {
    Oid::hash_object(kind, content).is_ok_and(|actual| actual == id)
}

fn write_atomically(objects: &Path, path: &Path, content: &[u8]) -> std::io::Result<()> {
    // All that is not whole yet is in one folder, where it is found when a run was killed.
    let mut file = cache::partial_in(objects)?;
    fs::create_dir_all(path.parent().unwrap_or(objects))?;
    file.write_all(content)?;
    match file.persist(path) {
        Ok(_) => Ok(()),
        // A folder in the place of a file is damage as well.
        Err(failed) if path.is_dir() => {
            fs::remove_dir_all(path)?;
            failed.file.persist(path).map(drop).map_err(|error| error.error)
        }
        Err(failed) => Err(failed.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store, PathBuf, Oid) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(Some(folder.path()));
        let id = Oid::hash_object(ObjectType::Blob, b"content").unwrap();
        store.write(id, b"content");
        let path = store.path(id).unwrap();
        (folder, store, path, id)
    }

    fn put(path: &Path, content: &[u8]) {
        File::create(path).unwrap().write_all(content).unwrap();
    }

    #[test]
    fn what_was_written_is_read_back() {
        let (_folder, store, _, id) = store();
        assert_eq!(store.read(ObjectType::Blob, id, 7), Found::Whole(b"content".to_vec()));
    }

    #[test]
    fn no_other_content_is_believed() {
        let (_folder, store, path, id) = store();
        for content in [b"".as_slice(), b"conten", b"content\n", b"CONTENT", b"blob 7\0content"] {
            put(&path, content);
            assert_eq!(store.read(ObjectType::Blob, id, 100), Found::Damaged);
        }
    }

    #[test]
    fn an_object_of_another_kind_is_not_believed() {
        let (_folder, store, _, id) = store();
        assert_eq!(store.read(ObjectType::Tree, id, 100), Found::Damaged);
    }

    #[test]
    fn an_oversize_entry_is_not_read() {
        let (_folder, store, _, id) = store();
        assert_eq!(store.read(ObjectType::Blob, id, 6), Found::Damaged);
    }

    #[test]
    fn damage_is_replaced() {
        let (_folder, store, path, id) = store();
        fs::remove_file(&path).unwrap();
        fs::create_dir_all(path.join("sub")).unwrap();
        assert_eq!(store.read(ObjectType::Blob, id, 100), Found::Damaged);
        store.write(id, b"content");
        assert_eq!(store.read(ObjectType::Blob, id, 100), Found::Whole(b"content".to_vec()));
    }

    #[test]
    fn a_symlink_in_the_store_is_not_followed() {
        let (folder, store, path, id) = store();
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert_eq!(store.read(ObjectType::Blob, id, 100), Found::Damaged);
    }

    #[test]
    fn a_store_that_cannot_be_written_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        put(&folder.path().join("file"), b"");
        let store = Store::open(Some(&folder.path().join("file")));
        let id = Oid::hash_object(ObjectType::Blob, b"content").unwrap();
        store.write(id, b"content");
        assert_eq!(store.read(ObjectType::Blob, id, 100), Found::Missing);
    }

    #[test]
    fn without_a_folder_nothing_is_stored() {
        let store = Store::open(None);
        let id = Oid::hash_object(ObjectType::Blob, b"content").unwrap();
        store.write(id, b"content");
        assert_eq!(store.read(ObjectType::Blob, id, 100), Found::Missing);
    }
}

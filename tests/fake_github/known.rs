//! What long random tests ask again and again. Objects never change, so that what follows from them is worked out once; and a
//! repository that nobody clones is kept in memory, its refs among it.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::path::Path;

use git2::{Config, Odb, Oid, Repository, RepositoryInitOptions};

use super::git::Changed;
use super::things::Entries;

/// Answers by the two objects that they are about.
pub(crate) type Pairs<T> = RefCell<HashMap<(Oid, Oid), T>>;

#[derive(Default)]
pub(crate) struct Known {
    /// The refs, where they are not on disk.
    refs: Option<RefCell<BTreeMap<String, Oid>>>,
    pub bases: Pairs<Option<Oid>>,
    pub merged: Pairs<Option<Oid>>,
    pub entries: Pairs<Entries>,
    pub changed: Pairs<Vec<Changed>>,
}

impl Known {
    /// For a repository in memory.
    pub fn in_memory() -> Self {
        Self { refs: Some(RefCell::default()), ..Self::default() }
    }
}

/// The answer that is known, else the one that is found now.
pub(crate) fn once<K: Eq + Hash, T: Clone>(known: &RefCell<HashMap<K, T>>, key: K, find: impl FnOnce() -> T) -> T {
    if let Some(found) = known.borrow().get(&key) {
        return found.clone();
    }
    let found = find();
    known.borrow_mut().insert(key, found.clone());
    found
}

/// A new repository, bare, in a folder.
pub(crate) fn on_disk(folder: &Path) -> Repository {
    let mut options = RepositoryInitOptions::new();
    options.bare(true).external_template(false).initial_head("main");
    Repository::init_opts(folder, &options).unwrap()
}

/// A new repository that only this process knows: its objects are in memory, and no file is asked for its settings.
pub(crate) fn in_memory() -> Repository {
    let objects = Odb::new().unwrap();
    objects.add_new_mempack_backend(1000).unwrap();
    let repository = Repository::from_odb(objects).unwrap();
    repository.set_config(&Config::new().unwrap()).unwrap();
    repository
}

impl super::state::State {
    /// What a ref points at.
    pub fn reference(&self, name: &str) -> Option<Oid> {
        match &self.known.refs {
            Some(refs) => refs.borrow().get(name).copied(),
            None => self.git.refname_to_id(name).ok(),
        }
    }

    /// Sets or deletes a ref.
    pub fn set_reference(&self, name: &str, to: Option<Oid>) {
        match (&self.known.refs, to) {
            (Some(refs), Some(id)) => drop(refs.borrow_mut().insert(name.to_owned(), id)),
            (Some(refs), None) => drop(refs.borrow_mut().remove(name).unwrap()),
            (None, Some(id)) => drop(self.git.reference(name, id, true, "").unwrap()),
            (None, None) => self.git.find_reference(name).unwrap().delete().unwrap(),
        }
    }

    /// The names below a prefix, without it.
    pub fn references_below(&self, prefix: &str) -> Vec<String> {
        let short = |name: &str| name.strip_prefix(prefix).map(str::to_owned);
        match &self.known.refs {
            Some(refs) => refs.borrow().keys().filter_map(|name| short(name)).collect(),
            None => {
                let names = self.git.references_glob(&format!("{prefix}*")).unwrap();
                names.filter_map(|reference| short(reference.ok()?.name().ok()?)).collect()
            }
        }
    }
}

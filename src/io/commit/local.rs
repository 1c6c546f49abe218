//! The git repository around a folder. Only read; nothing of its configuration is run.

use super::Objects;
use crate::finding::read::Unreadable;
use crate::github::tree::{Item, Listing, MAX_DEPTH, MAX_FILES, MAX_PATH};
use crate::io::bounded::{MAX_FILE, too_large};
use crate::io::git::open_whoever_owns_it;
use git2::{ErrorCode, ObjectType, Oid, Repository, Tree};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The commits of the repository around a folder, as far as they are there.
///
/// libgit2 hashes each object that it reads, so a damaged one is an error and never another content.
pub struct LocalObjects {
    repository: Mutex<Repository>,
    workdir: PathBuf,
}

/// The names under which the base of a review is looked for when nobody names one.
const BASES: [&str; 4] = ["origin/main", "origin/master", "main", "master"];

impl LocalObjects {
    /// The repository around a folder: a clone, a shallow one, or a linked worktree. None where there is none, or none with
    /// a checkout. The environment is not consulted.
    ///
    /// # Errors
    /// When there is one that cannot be opened.
    pub fn around(folder: &Path) -> Result<Option<Self>, Unreadable> {
        let Some(workdir) = real(folder)?.ancestors().find(|at| at.join(".git").exists()).map(Path::to_owned) else {
            return Ok(None);
        };
        let repository = open(&workdir)?;
        Ok(Some(Self { repository: Mutex::new(repository), workdir }))
    }

    /// The folder of the checkout.
    #[must_use]
    pub fn workdir(&self) -> &Path {
        &self.workdir
    }

    /// The path of a folder of the checkout below its root, without a slash at its end; empty for the root.
    ///
    /// # Errors
    /// When it does not exist, or not inside the checkout.
    pub fn prefix_of(&self, folder: &Path) -> Result<String, Unreadable> {
        let inside = real(folder)?;
        let inside = inside.strip_prefix(&self.workdir).ok().and_then(Path::to_str).map(str::to_owned);
        inside.ok_or_else(|| Unreadable::new(format!("the folder `{}` is not inside the checkout", folder.display())))
    }

    /// The commit that a text names: a branch, a tag, an id or the beginning of one, `HEAD~1`, `origin/main`.
    ///
    /// # Errors
    /// When it names none that is there.
    pub fn rev(&self, text: &str) -> Result<String, Unreadable> {
        let repository = self.lock();
        let commit = repository.revparse_single(text).and_then(|object| object.peel_to_commit());
        commit.map(|commit| commit.id().to_string()).map_err(|e| {
            let shallow =
                if repository.is_shallow() { " (this clone is shallow: fetch more of its history)" } else { "" };
            let name = text.escape_debug();
            Unreadable::new(format!("`{name}` names no commit of this repository{shallow}: {}", e.message()))
        })
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// When there is none yet.
    pub fn head(&self) -> Result<String, Unreadable> {
        self.rev("HEAD")
    }

    /// When a commit was committed, in seconds since 1970, as the one who did says.
    ///
    /// # Errors
    /// When it is not there.
    pub fn committed(&self, id: &str) -> Result<i64, Unreadable> {
        let repository = self.lock();
        let commit = Oid::from_str(id).and_then(|id| repository.find_commit(id));
        commit.map(|commit| commit.time().seconds()).map_err(|e| absent("commit", id, &e))
    }

    /// The newest commit that two have in common. None where there is none, or the history that is there does not show it.
    ///
    /// # Errors
    /// When one of them is not there.
    pub fn merge_base(&self, a: &str, b: &str) -> Result<Option<String>, Unreadable> {
        let repository = self.lock();
        let [a, b] = [a, b].map(|id| {
            let commit = Oid::from_str(id).and_then(|id| repository.find_commit(id));
            commit.map(|commit| commit.id()).map_err(|e| absent("commit", id, &e))
        });
        match repository.merge_base(a?, b?) {
            Ok(base) => Ok(Some(base.to_string())),
            // A parent beyond a shallow clone's boundary is not found either.
            Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
            Err(e) => Err(Unreadable::new(format!("the history cannot be read: {}", e.message()))),
        }
    }

    /// The branch that others are merged into, as a text for [`LocalObjects::rev`]: what `origin/HEAD` leads to, else the
    /// first of `origin/main`, `origin/master`, `main` and `master` that exists.
    #[must_use]
    pub fn default_base(&self) -> Option<String> {
        let repository = self.lock();
        let exists = |name: &str| repository.revparse_single(name).is_ok_and(|object| object.peel_to_commit().is_ok());
        let head = repository.find_reference("refs/remotes/origin/HEAD").ok();
        let head = head.and_then(|head| Some(head.symbolic_target().ok()??.strip_prefix("refs/remotes/")?.to_owned()));
        head.filter(|name| exists(name))
            .or_else(|| BASES.iter().find(|name| exists(name)).map(|name| (*name).to_owned()))
    }

    /// The address of the remote repository: of `origin`, else of the first remote. None where there is none.
    #[must_use]
    pub fn remote(&self) -> Option<String> {
        let repository = self.lock();
        let first = || repository.remotes().ok()?.iter().flatten().flatten().next().map(str::to_owned);
        let remote = repository.find_remote("origin").ok();
        let remote = remote.or_else(|| repository.find_remote(&first()?).ok())?;
        remote.url().ok().map(str::to_owned)
    }

    /// The repository once more, for a reader of its own.
    pub(in crate::io) fn again(&self) -> Result<Repository, Unreadable> {
        open(&self.workdir)
    }

    fn lock(&self) -> MutexGuard<'_, Repository> {
        // A reader that panicked has left nothing half done.
        self.repository.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open(workdir: &Path) -> Result<Repository, Unreadable> {
    open_whoever_owns_it(workdir)
        .map_err(|e| Unreadable::new(format!("the checkout's git repository cannot be opened: {}", e.message())))
}

impl Objects for LocalObjects {
    fn tree(&self, commit: &str) -> Result<Listing, Unreadable> {
        let repository = self.lock();
        let found = Oid::from_str(commit).and_then(|id| repository.find_commit(id)?.tree());
        list(&repository, found.map_err(|e| absent("commit", commit, &e))?, MAX_FILES)
    }

    fn blob(&self, id: &str) -> Result<Vec<u8>, Unreadable> {
        let failed = |e: git2::Error| absent("file", id, &e);
        let repository = self.lock();
        let oid = Oid::from_str(id).map_err(failed)?;
        let (size, kind) = repository.odb().and_then(|odb| odb.read_header(oid)).map_err(failed)?;
        if kind != ObjectType::Blob {
            return Err(Unreadable::new(format!("the object {} is no file", id.escape_debug())));
        }
        if size as u64 > MAX_FILE {
            return Err(too_large());
        }
        repository.find_blob(oid).map(|blob| blob.content().to_vec()).map_err(failed)
    }

    fn local(&self) -> Option<&LocalObjects> {
        Some(self)
    }
}

impl std::fmt::Debug for LocalObjects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalObjects").field("workdir", &self.workdir).finish_non_exhaustive()
    }
}

/// The files of a tree and all below it, at most `max` of files and folders together, without recursion.
pub(super) fn list(repository: &Repository, root: Tree<'_>, max: usize) -> Result<Listing, Unreadable> {
    let mut items = Vec::new();
    let mut open = vec![(String::new(), root, 0)];
    let mut folders = 0;
    while let Some((folder, tree, depth)) = open.pop() {
        // Folders are counted too: a few trees that hold each other many times make very many of them.
        folders += 1;
        if items.len() + open.len() + folders > max {
            return Err(Unreadable::new(format!("the commit holds more than {max} files and folders")));
        }
        for entry in &tree {
            // A name that is not UTF-8 is listed with escapes: no file of a project can name it, but a pattern can.
            let name = entry.name().map_or_else(|_| entry.name_bytes().escape_ascii().to_string(), str::to_owned);
            let path = format!("{folder}{name}");
            let mode = u32::try_from(entry.filemode()).unwrap_or_default();
            if entry.kind() == Some(ObjectType::Tree) {
                if depth == MAX_DEPTH || path.len() > MAX_PATH {
                    return Err(Unreadable::new("the commit's folders nest too deep"));
                }
                let below = repository.find_tree(entry.id()).map_err(|e| absent("folder", &path, &e))?;
                open.push((format!("{path}/"), below, depth + 1));
            } else {
                items.push((path, Item { mode, id: entry.id().to_string() }));
            }
        }
    }
    Ok(Listing::new(items)?)
}

fn absent(what: &str, name: &str, error: &git2::Error) -> Unreadable {
    let (name, why) = (name.escape_debug(), error.message());
    Unreadable::new(format!("the {what} `{name}` cannot be read from the local repository: {why}"))
}

fn real(path: &Path) -> Result<PathBuf, Unreadable> {
    path.canonicalize().map_err(|e| Unreadable::new(format!("the folder `{}` cannot be read: {e}", path.display())))
}

//! The project's files: of a working folder or of a commit. Read inside the project only; a folder is written atomically,
//! and only when something changes.

mod commit;
mod folder;
mod write;

use crate::bst::project::PROJECT_CONF;
use crate::finding::read::{Read, Unreadable};
use crate::github::tree::Listing;
use crate::io::bounded::read_bounded;
use crate::io::commit::Objects;
use crate::io::history::{HistoryLimits, Versions};
use crate::text::SourceText;
use crate::workflows::WORKFLOWS;
use commit::Commit;
use folder::Folder;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use write::Places;

/// The maximum number of files that a project may have below its element path.
const MAX_FILES: usize = 200_000;

/// The maximum nesting depth of its folders.
const MAX_DEPTH: usize = 64;

/// Returns whether a folder holds what tools keep: BuildStream's staged junctions, git's objects. No element of the
/// project is there.
fn is_cache(name: &str) -> bool {
    matches!(name, ".bst" | ".git")
}

/// The entry at a path of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeEntry {
    /// A file's bytes.
    File(Vec<u8>),
    /// A link and its target.
    Symlink(String),
    /// A folder.
    Folder,
    /// Nothing.
    Absent,
}

/// The path of a workflow file from the project's folder, and its text.
pub type WorkflowText = (String, Read<Arc<SourceText>>);

/// The files of a project.
#[derive(Debug)]
pub struct Files {
    backing: Backing,
    texts: Mutex<HashMap<String, Read<Arc<SourceText>>>>,
}

/// Where they are read from.
#[derive(Debug)]
enum Backing {
    Folder(Folder),
    Commit(Commit),
}

impl Files {
    /// The project in the folder `root`.
    ///
    /// # Errors
    /// When the folder does not exist.
    pub fn new(root: &Path) -> std::io::Result<Self> {
        Ok(Self { backing: Backing::Folder(Folder::new(root)?), texts: Mutex::default() })
    }

    /// The project as it is in a commit, in `folder` below the repository's root; empty for the root. It gives the answers
    /// that a checkout of the commit gives, and is never written to.
    ///
    /// A submodule is an empty folder here, as in a checkout without submodules; what it stages is unknown.
    ///
    /// # Errors
    /// When the commit's files cannot be listed, or it has no such folder.
    pub fn at(objects: Arc<dyn Objects>, commit: &str, folder: &str) -> Result<Self, Unreadable> {
        Ok(Self { backing: Backing::Commit(Commit::new(objects, commit, folder)?), texts: Mutex::default() })
    }

    /// The project as a merge of a commit would make it: `listing` are all files after the merge. Else as [`Files::at`].
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn merged(objects: Arc<dyn Objects>, listing: Listing, commit: &str, folder: &str) -> Result<Self, Unreadable> {
        let commit = Commit::of(objects, listing, commit, folder)?;
        Ok(Self { backing: Backing::Commit(commit), texts: Mutex::default() })
    }

    /// The commit that is read, where it is one.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        match &self.backing {
            Backing::Folder(_) => None,
            Backing::Commit(commit) => Some(commit.id()),
        }
    }

    /// Returns whether a file, or a folder where the path ends in `/`, holds the same in two states of a project. What
    /// cannot be read is not the same.
    #[must_use]
    pub fn same(&self, other: &Self, path: &str) -> bool {
        if let (Backing::Commit(a), Backing::Commit(b)) = (&self.backing, &other.backing)
            && a.same(b, path)
        {
            return true;
        }
        match path.strip_suffix('/') {
            Some(folder) => self.same_folder(other, folder, MAX_DEPTH),
            None => match (self.bytes(path), other.bytes(path)) {
                (Read::Known(a), Read::Known(b)) => a == b,
                (Read::Absent, Read::Absent) => true,
                // Of folders the path with the slash decides.
                (Read::Unreadable(_), Read::Unreadable(_)) => {
                    let folder = |files: &Self| matches!(files.entry(path), Ok(TreeEntry::Folder));
                    folder(self) && folder(other)
                }
                _ => false,
            },
        }
    }

    fn same_folder(&self, other: &Self, folder: &str, depth: usize) -> bool {
        let (Ok(a), Ok(b)) = (self.entry(folder), other.entry(folder)) else { return false };
        if a != TreeEntry::Folder || b != TreeEntry::Folder {
            return a == b;
        }
        let (Read::Known(names), Read::Known(theirs)) = (self.names(folder), other.names(folder)) else { return false };
        let below = |name: &String| if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        depth > 0 && names == theirs && names.iter().all(|name| self.same_folder(other, &below(name), depth - 1))
    }

    /// The text of a file, by its path below the project folder. Read once. Unreadable when the file is outside the project,
    /// too large, or not UTF-8.
    pub fn text(&self, path: &str) -> Read<Arc<SourceText>> {
        if let Some(text) = self.texts.lock().ok().and_then(|texts| texts.get(path).cloned()) {
            return text;
        }
        let text = self.read_text(path);
        if let Ok(mut texts) = self.texts.lock() {
            texts.insert(path.to_owned(), text.clone());
        }
        text
    }

    fn read_text(&self, path: &str) -> Read<Arc<SourceText>> {
        self.bytes(path).and_then(|bytes| match String::from_utf8(bytes) {
            Ok(text) => Read::Known(Arc::new(SourceText::new(path, text))),
            Err(e) => {
                let at = e.utf8_error().valid_up_to();
                let line = e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
                Read::unreadable(format!(
                    "the file is not UTF-8: line {line} holds the byte 0x{:02x}",
                    e.as_bytes()[at]
                ))
            }
        })
    }

    /// The bytes of a file inside the project. Links are followed as long as they stay inside. Unreadable when the file is
    /// outside the project, too large, or cannot be read.
    pub fn bytes(&self, path: &str) -> Read<Vec<u8>> {
        match &self.backing {
            Backing::Folder(folder) => folder.bytes(path),
            Backing::Commit(commit) => commit.bytes(path),
        }
    }

    /// Returns what is at a path, links not followed. Folders on the way must be real ones.
    ///
    /// # Errors
    /// When that is not known, as for [`Files::bytes`].
    pub fn entry(&self, path: &str) -> Result<TreeEntry, Unreadable> {
        match &self.backing {
            Backing::Folder(folder) => folder.entry(path),
            Backing::Commit(commit) => commit.entry(path),
        }
    }

    /// Returns whether a file is at a path of the project.
    ///
    /// # Errors
    /// When that is not known: the path leaves the project, or a folder on the way cannot be read.
    pub fn exists(&self, path: &str) -> Result<bool, Unreadable> {
        match &self.backing {
            Backing::Folder(folder) => folder.exists(path),
            Backing::Commit(commit) => commit.exists(path),
        }
    }

    /// All names in a folder of the project, sorted. Unreadable when it is not a folder, or any of its entries cannot be read.
    pub fn names(&self, path: &str) -> Read<Vec<String>> {
        match &self.backing {
            Backing::Folder(folder) => folder.names(path),
            Backing::Commit(commit) => commit.names(path),
        }
    }

    /// Every `.bst` file below a folder of the project, sorted. Hidden folders, such as BuildStream's caches, and links to
    /// folders are left out.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn elements(&self, folder: &str) -> Result<Vec<String>, Unreadable> {
        match &self.backing {
            Backing::Folder(root) => root.elements(folder),
            Backing::Commit(commit) => commit.elements(folder),
        }
    }

    /// The workflow files of the repository that holds the project, then those in the project's own folder where that is
    /// another: `(path, text)`. The paths lead there from the project's folder, as `../.github/workflows/x.yml`. Absent where
    /// neither has such a folder.
    pub fn workflows(&self) -> Read<Vec<WorkflowText>> {
        let up = match &self.backing {
            Backing::Folder(folder) => folder.up(),
            Backing::Commit(commit) => commit.up(),
        };
        let root = self.workflows_in(&format!("{up}{WORKFLOWS}"));
        if up.is_empty() {
            return root;
        }
        match (root, self.workflows_in(WORKFLOWS)) {
            (Read::Known(mut all), Read::Known(own)) => {
                all.extend(own);
                Read::Known(all)
            }
            (Read::Unreadable(why), _) | (_, Read::Unreadable(why)) => Read::Unreadable(why),
            (one, Read::Absent) | (Read::Absent, one) => one,
        }
    }

    fn workflows_in(&self, folder: &str) -> Read<Vec<WorkflowText>> {
        self.names(folder.trim_end_matches('/')).map(|names| {
            let path = |name: String| {
                let path = format!("{folder}{name}");
                let text = self.text(&path);
                (path, text)
            };
            names.into_iter().filter(|n| n.ends_with(".yml") || n.ends_with(".yaml")).map(path).collect()
        })
    }

    /// Replaces a file's text, if it still is what was read. The file is whole at every moment.
    ///
    /// # Errors
    /// When the file changed since it was read, cannot be written, or is in a commit. It is as it was then.
    pub(in crate::io) fn replace(&self, old: &SourceText, new: &SourceText) -> anyhow::Result<()> {
        if old.text == new.text {
            return Ok(());
        }
        self.folder()?.replace(old, new)?;
        self.forget(&old.path);
        Ok(())
    }

    /// Writes a new file, with the folders on the way. One that exists is never replaced.
    ///
    /// # Errors
    /// When the file exists, the path leaves the project, it cannot be written, or this is a commit.
    pub(in crate::io) fn create(&self, new: &SourceText) -> anyhow::Result<()> {
        self.folder()?.create(new)?;
        self.forget(&new.path);
        Ok(())
    }

    fn folder(&self) -> anyhow::Result<&Folder> {
        match &self.backing {
            Backing::Folder(folder) => Ok(folder),
            Backing::Commit(_) => anyhow::bail!("a commit cannot be written"),
        }
    }

    fn forget(&self, path: &str) {
        if let Ok(mut texts) = self.texts.lock() {
            texts.remove(path);
        }
    }

    /// Returns earlier versions of files, newest first: in the history around the folder, or of the commit where the
    /// local repository has it. None where there is no repository.
    ///
    /// # Errors
    /// When there is a repository that cannot be opened.
    pub fn earlier(&self, paths: &[String], limits: HistoryLimits) -> Result<Option<Versions>, Unreadable> {
        match &self.backing {
            Backing::Folder(folder) => Versions::of_checkout(folder.root(), paths, limits),
            Backing::Commit(commit) => commit.earlier(paths, limits),
        }
    }
}

/// Reads a file of bounded size that the command line names.
///
/// # Errors
/// When it cannot be read or is too large.
pub fn read(path: &Path) -> Result<Vec<u8>, Unreadable> {
    read_bounded(path)
}

/// Writes a file that the command line names, whole or not at all, over one that is there.
///
/// # Errors
/// When it cannot be written.
pub(in crate::io) fn put(path: &Path, text: &str) -> std::io::Result<()> {
    let repository = path.ancestors().find(|folder| folder.join(".git").exists());
    write::put(path, text.as_bytes(), &Places::of(path, repository))
}

/// Writes a file of this kind for a command.
///
/// # Errors
/// When it cannot be written.
pub fn write_named(path: &Path, text: &str) -> anyhow::Result<()> {
    put(path, text).map_err(|e| anyhow::anyhow!("`{}` cannot be written: {e}", path.display()))
}

/// Returns whether a path that the command line names is a folder.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// The folder that has a project's `project.conf`: this one, or the closest around it, up to the root of a repository.
#[must_use]
pub fn project_around(folder: &Path) -> Option<PathBuf> {
    let real = folder.canonicalize().ok()?;
    if !real.is_dir() || real.join(PROJECT_CONF).is_file() || real.join(".git").exists() {
        return None;
    }
    let mut above = real.ancestors().skip(1);
    let found = above.find(|folder| folder.join(PROJECT_CONF).is_file() || folder.join(".git").exists())?;
    found.join(PROJECT_CONF).is_file().then(|| found.to_owned())
}

/// A folder that an alias names, as an absolute path with a slash at its end: it is joined with the rest of a URL later. All
/// else stays as it is.
#[must_use]
pub fn absolute(url: &str) -> String {
    let path = Path::new(url);
    if url.contains(':') || !path.exists() {
        return url.to_owned();
    }
    path.canonicalize().map_or_else(|_| url.to_owned(), |path| format!("{}/", path.display()))
}

#[cfg(test)]
mod tests;

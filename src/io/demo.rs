//! The temporary folder of the demo: a project in a git checkout, the repository of its upstream, and the answers of an index.

use super::index;
use super::temporary::Temporary;
use anyhow::Context as _;
use git2::{IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature, Time};
use std::fs;
use std::path::{Path, PathBuf};

/// A path below a folder, and the text of the file there.
pub type TextFile = (String, String);

/// A temporary folder, which is removed with this value.
#[derive(Debug)]
pub struct Sandbox {
    folder: Temporary,
}

impl Sandbox {
    /// An empty folder below the system's temporary folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { folder: Temporary::new().context("a temporary folder cannot be made")? })
    }

    /// A path inside of the folder.
    #[must_use]
    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Makes a bare repository with one commit and its tag for each version, and returns the ids of the commits.
    ///
    /// # Errors
    /// When the repository cannot be written.
    pub fn upstream(&self, below: &str, versions: &[(&str, Vec<TextFile>)]) -> anyhow::Result<Vec<String>> {
        let repository = init(&self.path(below), true)?;
        let mut commits: Vec<Oid> = Vec::new();
        for (tag, files) in versions {
            let id = commit(&repository, files, tag, commits.last().copied())?;
            repository.reference(&format!("refs/tags/{tag}"), id, true, "release")?;
            commits.push(id);
        }
        Ok(commits.iter().map(Oid::to_string).collect())
    }

    /// Makes a checkout whose branch `main` has the files of `committed`, and whose folder has those of `changed`.
    ///
    /// # Errors
    /// When a file or the repository cannot be written.
    pub fn checkout(&self, below: &str, committed: &[TextFile], changed: &[TextFile]) -> anyhow::Result<()> {
        let folder = self.path(below);
        commit(&init(&folder, false)?, committed, "the state before", None)?;
        for (path, text) in changed {
            write(&folder.join(path), text).with_context(|| format!("`{path}` of the demo cannot be written"))?;
        }
        Ok(())
    }

    /// Keeps what an index says of a crate in the cache at `below`, so that it is known offline.
    pub fn index_answer(&self, below: &str, url: &str, name: &str, answer: &str) {
        index::keep(&self.path(below), url, name, answer);
    }
}

fn init(folder: &Path, bare: bool) -> Result<Repository, git2::Error> {
    let mut options = RepositoryInitOptions::new();
    Repository::init_opts(folder, options.bare(bare).mkpath(true).external_template(false).initial_head("main"))
}

/// Writes a commit of the files to the branch `main`. Author and time are fixed, so that the ids are.
fn commit(repository: &Repository, files: &[TextFile], message: &str, parent: Option<Oid>) -> Result<Oid, git2::Error> {
    let mut index = git2::Index::new()?;
    for (path, text) in files {
        index.add(&entry(path, repository.blob(text.as_bytes())?))?;
    }
    let tree = repository.find_tree(index.write_tree_to(repository)?)?;
    let who = Signature::new("Example", "example@example.com", &Time::new(1_700_000_000, 0))?;
    let parent = parent.map(|id| repository.find_commit(id)).transpose()?;
    let parents: Vec<_> = parent.iter().collect();
    repository.commit(Some("refs/heads/main"), &who, &who, message, &tree, &parents)
}

fn entry(path: &str, id: Oid) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}

#[allow(clippy::disallowed_methods, reason = "the folder is new and the demo's own")]
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::commit::LocalObjects;
    use crate::io::files::Files;
    use std::sync::Arc;

    fn file(path: &str, text: &str) -> TextFile {
        (path.into(), text.into())
    }

    #[test]
    fn a_checkout_differs_from_its_branch_as_requested() {
        let sandbox = Sandbox::new().unwrap();
        let committed = [file("a/b/c.txt", "old\n"), file("d.txt", "same\n")];
        let changed = [file("a/b/c.txt", "new\n"), file("d.txt", "same\n")];
        sandbox.checkout("project", &committed, &changed).unwrap();
        let local = LocalObjects::around(&sandbox.path("project")).unwrap().unwrap();
        assert_eq!(local.default_base().as_deref(), Some("main"));
        let head = local.head().unwrap();
        let before = Files::at(Arc::new(local), &head, "").unwrap();
        let now = Files::new(&sandbox.path("project")).unwrap();
        assert_eq!(&*before.text("a/b/c.txt").optional().unwrap().unwrap().text, "old\n");
        assert!(before.same(&now, "d.txt") && !before.same(&now, "a/b/c.txt"));
    }

    #[test]
    fn an_upstream_has_a_tag_for_each_version_and_fixed_ids() {
        let versions = [("v1", vec![file("Cargo.lock", "one\n")]), ("v2", vec![file("Cargo.lock", "two\n")])];
        let ids = [(), ()].map(|()| {
            let sandbox = Sandbox::new().unwrap();
            let ids = sandbox.upstream("up.git", &versions).unwrap();
            let repository = Repository::open(sandbox.path("up.git")).unwrap();
            let tagged = |tag: &str| repository.refname_to_id(&format!("refs/tags/{tag}")).unwrap().to_string();
            assert_eq!(ids, [tagged("v1"), tagged("v2")]);
            ids
        });
        assert_eq!(ids[0], ids[1]);
    }

    #[test]
    fn the_folder_goes_with_its_value() {
        let sandbox = Sandbox::new().unwrap();
        let path = sandbox.path("");
        assert!(path.is_dir());
        drop(sandbox);
        assert!(!path.exists());
    }
}

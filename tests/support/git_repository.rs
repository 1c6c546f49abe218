//! Repositories for a git server of a test.

use std::path::PathBuf;

use git2::build::TreeUpdateBuilder;
use git2::{FileMode, ObjectType, Oid, Repository, RepositoryInitOptions, Signature};
use tempfile::TempDir;

/// Something at a path.
pub enum Item<'a> {
    File(&'a [u8]),
    Link(&'a str),
    Submodule(&'a str),
}

/// A bare repository in a temporary folder.
pub struct Fixture {
    pub folder: TempDir,
    repository: Repository,
}

impl Fixture {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false).initial_head("main");
        let repository = Repository::init_opts(folder.path().join("repo.git"), &options).unwrap();
        Self { folder, repository }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("repo.git")
    }

    /// Adds a commit to `branch` that changes these paths, and returns its id.
    pub fn commit(&self, branch: &str, items: &[(&str, Item<'_>)]) -> String {
        let repository = &self.repository;
        let name = format!("refs/heads/{branch}");
        let parent = repository.find_reference(&name).ok().map(|found| found.peel_to_commit().unwrap());
        let base = match &parent {
            Some(parent) => parent.tree().unwrap(),
            None => repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap(),
        };
        let mut update = TreeUpdateBuilder::new();
        for (path, item) in items {
            match item {
                Item::File(content) => update.upsert(*path, repository.blob(content).unwrap(), FileMode::Blob),
                Item::Link(to) => update.upsert(*path, repository.blob(to.as_bytes()).unwrap(), FileMode::Link),
                Item::Submodule(id) => update.upsert(*path, Oid::from_str(id).unwrap(), FileMode::Commit),
            };
        }
        let tree = repository.find_tree(update.create_updated(repository, &base).unwrap()).unwrap();
        let who = Signature::new("Test", "test@example.com", &git2::Time::new(1_700_000_000, 0)).unwrap();
        let parents: Vec<_> = parent.iter().collect();
        repository.commit(Some(&name), &who, &who, "a commit", &tree, &parents).unwrap().to_string()
    }

    /// Names a commit with an annotated tag.
    pub fn tag(&self, name: &str, commit: &str) {
        let target = self.repository.find_object(Oid::from_str(commit).unwrap(), None).unwrap();
        let who = Signature::new("Test", "test@example.com", &git2::Time::new(1_700_000_000, 0)).unwrap();
        self.repository.tag(name, &target, &who, "a tag", true).unwrap();
    }

    /// Adds a commit to `branch` that merges another commit and changes nothing, and returns its id.
    pub fn merge(&self, branch: &str, other: &str) -> String {
        let repository = &self.repository;
        let name = format!("refs/heads/{branch}");
        let tip = repository.find_reference(&name).unwrap().peel_to_commit().unwrap();
        let other = repository.find_commit(Oid::from_str(other).unwrap()).unwrap();
        let who = Signature::new("Test", "test@example.com", &git2::Time::new(1_700_000_000, 0)).unwrap();
        let (tree, parents) = (tip.tree().unwrap(), [&tip, &other]);
        repository.commit(Some(&name), &who, &who, "a merge", &tree, &parents).unwrap().to_string()
    }

    /// Lets a branch or tag, by its full name, name an object.
    pub fn reference(&self, name: &str, id: &str) {
        self.repository.reference(name, Oid::from_str(id).unwrap(), true, "a test").unwrap();
    }

    /// Removes a branch or tag, by its full name. Its commits stay.
    pub fn forget(&self, name: &str) {
        self.repository.find_reference(name).unwrap().delete().unwrap();
    }

    /// Names an annotated tag with another one.
    pub fn nested_tag(&self, name: &str, tag: &str) {
        let target = self.repository.find_reference(&format!("refs/tags/{tag}")).unwrap().target().unwrap();
        self.tag(name, &target.to_string());
    }

    /// The objects of `commit` on the way to `path`, the blob last.
    pub fn objects(&self, commit: &str, path: &str) -> Vec<String> {
        let commit = self.repository.find_commit(Oid::from_str(commit).unwrap()).unwrap();
        let mut tree = commit.tree().unwrap();
        let mut ids = vec![commit.id().to_string(), tree.id().to_string()];
        for part in path.split('/') {
            let entry = tree.get_name(part).unwrap();
            ids.push(entry.id().to_string());
            if entry.kind() == Some(ObjectType::Tree) {
                let next = self.repository.find_tree(entry.id()).unwrap();
                drop(entry);
                tree = next;
            }
        }
        ids
    }

    /// The content of an object.
    pub fn content(&self, id: &str) -> Vec<u8> {
        self.repository.odb().unwrap().read(Oid::from_str(id).unwrap()).unwrap().data().to_vec()
    }

    /// Sets a key of the repository's own configuration.
    pub fn configure(&self, key: &str, value: &str) {
        self.repository.config().unwrap().set_str(key, value).unwrap();
    }
}

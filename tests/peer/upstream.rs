//! Bare git repositories made here, served by git's own HTTP server on the loopback interface.

use std::collections::BTreeMap;

use git2::{Index, IndexEntry, IndexTime, Oid, Repository, Signature, Time};
use tempfile::TempDir;

use super::git_http::GitServer;

/// The tag that stale elements are pinned to.
pub(crate) const OLD: &str = "v1.0.0";
/// The tag that every element tracks.
pub(crate) const NEW: &str = "v1.1.0";

/// How a commit is tagged.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Tag {
    None,
    Light,
    Annotated,
}

/// What one commit holds: contents, submodule commits and targets of symbolic links, by path.
#[derive(Clone, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, Vec<u8>>,
    modules: BTreeMap<String, String>,
    links: BTreeMap<String, String>,
}

impl Tree {
    pub(crate) fn with(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), content.into());
        self
    }

    pub(crate) fn with_module(mut self, path: &str, commit: &str) -> Self {
        self.modules.insert(path.to_owned(), commit.to_owned());
        self
    }

    pub(crate) fn with_link(mut self, path: &str, target: &str) -> Self {
        self.links.insert(path.to_owned(), target.to_owned());
        self
    }

    /// A tree that holds nothing but a `Cargo.lock` and something else.
    pub(crate) fn lock(content: &str) -> Self {
        Self::default().with("Cargo.lock", content).with("README", "an upstream\n")
    }
}

/// A server for as many repositories as a test wants.
pub(crate) struct Upstreams {
    root: TempDir,
    server: GitServer,
    /// Name of the repository to the commits of [`OLD`] and [`NEW`]; other pins too.
    commits: BTreeMap<String, (String, String)>,
}

impl Upstreams {
    pub(crate) fn start() -> Self {
        let root = TempDir::new().unwrap();
        let server = GitServer::start_at("127.0.0.1", root.path());
        Self { root, server, commits: BTreeMap::new() }
    }

    /// The address that all repositories begin with.
    pub(crate) fn url(&self) -> String {
        self.server.root()
    }

    /// Makes `NAME.git` with two tagged commits on `main`.
    pub(crate) fn add(&mut self, name: &str, old: &Tree, new: &Tree) {
        self.add_tagged(name, old, new, Tag::Light);
    }

    /// Makes `NAME.git` with two commits on `main`; `tag` is how the second is tagged.
    pub(crate) fn add_tagged(&mut self, name: &str, old: &Tree, new: &Tree, tag: Tag) {
        let repo = self.bare(name);
        let first = commit(&repo, old, None);
        tag_commit(&repo, first, OLD, Tag::Light);
        let second = commit(&repo, new, Some(first));
        tag_commit(&repo, second, NEW, tag);
        let describe = if tag == Tag::None { format!("{OLD}-1") } else { format!("{NEW}-0") };
        self.add_pin(name, &first.to_string(), &second.to_string());
        self.add_pin(&format!("{name}:describe"), &format!("{OLD}-0-g{first}"), &format!("{describe}-g{second}"));
    }

    /// An empty repository `NAME.git`.
    pub(crate) fn bare(&self, name: &str) -> Repository {
        let repo = Repository::init_bare(self.root.path().join(format!("{name}.git"))).unwrap();
        repo.config().unwrap().set_bool("uploadpack.allowFilter", true).unwrap();
        repo
    }

    /// What the server counted so far: requests, and bytes in both directions.
    pub(crate) fn traffic(&self) -> (usize, usize) {
        let counts = self.server.counts();
        (counts.requests, counts.bytes + counts.refs_bytes)
    }

    /// Lets `@name@` stand for something else that tracking moves.
    pub(crate) fn add_pin(&mut self, name: &str, old: &str, new: &str) {
        self.commits.insert(name.to_owned(), (old.to_owned(), new.to_owned()));
    }

    pub(crate) fn old(&self, name: &str) -> &str {
        &self.commits[name].0
    }

    pub(crate) fn new_commit(&self, name: &str) -> &str {
        &self.commits[name].1
    }

    /// Replaces `@name@` by the pinned commit and `@name:describe@` by it in git-describe form.
    pub(crate) fn pin(&self, text: &str, moved: bool) -> String {
        self.commits.iter().fold(text.to_owned(), |text, (name, (old, new))| {
            text.replace(&format!("@{name}@"), if moved { new } else { old })
        })
    }
}

fn signature() -> Signature<'static> {
    Signature::new("Upstream", "upstream@example.org", &Time::new(1_700_000_000, 0)).unwrap()
}

fn tag_commit(repo: &Repository, id: Oid, name: &str, tag: Tag) {
    let object = repo.find_object(id, None).unwrap();
    match tag {
        Tag::None => return,
        Tag::Light => repo.tag_lightweight(name, &object, false),
        Tag::Annotated => repo.tag(name, &object, &signature(), "A release.", false),
    }
    .unwrap();
}

/// Writes a tree.
pub(crate) fn tree_of(repo: &Repository, tree: &Tree) -> Oid {
    let mut index = Index::new().unwrap();
    for (path, content) in &tree.files {
        let blob = repo.blob(content).unwrap();
        index.add(&entry(path, blob, 0o100_644)).unwrap();
    }
    for (path, sha) in &tree.modules {
        index.add(&entry(path, Oid::from_str(sha).unwrap(), 0o160_000)).unwrap();
    }
    for (path, target) in &tree.links {
        let blob = repo.blob(target.as_bytes()).unwrap();
        index.add(&entry(path, blob, 0o120_000)).unwrap();
    }
    index.write_tree_to(repo).unwrap()
}

fn commit(repo: &Repository, tree: &Tree, parent: Option<Oid>) -> Oid {
    let tree = repo.find_tree(tree_of(repo, tree)).unwrap();
    let parent = parent.map(|id| repo.find_commit(id).unwrap());
    let parents: Vec<_> = parent.iter().collect();
    let who = signature();
    let id = repo.commit(Some("refs/heads/main"), &who, &who, "work", &tree, &parents).unwrap();
    repo.set_head("refs/heads/main").unwrap();
    id
}

fn entry(path: &str, id: Oid, mode: u32) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}

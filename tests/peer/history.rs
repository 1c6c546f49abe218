//! Upstreams with a history of their own: dates, branches, merges and tags as a test wants them.

use git2::{Oid, Repository, Signature, Time};

use super::corpus::Lock;
use super::upstream::{Tag, Tree, Upstreams, tree_of};

/// A repository that grows commit by commit. Each commit has a lock of its own.
pub(crate) struct History {
    repository: Repository,
    commits: usize,
}

impl History {
    /// An empty repository `NAME.git`.
    pub(crate) fn start(upstreams: &Upstreams, name: &str) -> Self {
        Self { repository: upstreams.bare(name), commits: 0 }
    }

    /// A commit on top of others, at a time; the first parent is what the branch had.
    pub(crate) fn commit(&mut self, branch: &str, time: i64, parents: &[Oid]) -> Oid {
        self.commits += 1;
        let lock = Lock::new(Some(4)).registry("anyhow", &format!("1.0.{}", self.commits)).registry("serde", "1.0.0");
        self.commit_with(branch, time, parents, &Tree::lock(&lock.text()))
    }

    /// The same with this tree.
    pub(crate) fn commit_with(&mut self, branch: &str, time: i64, parents: &[Oid], tree: &Tree) -> Oid {
        let repo = &self.repository;
        let tree = repo.find_tree(tree_of(repo, tree)).unwrap();
        let parents: Vec<_> = parents.iter().map(|id| repo.find_commit(*id).unwrap()).collect();
        let parents: Vec<_> = parents.iter().collect();
        let who = Signature::new("Upstream", "upstream@example.org", &Time::new(1_700_000_000 + time, 0)).unwrap();
        let message = format!("work {}", self.commits);
        let id = repo.commit(None, &who, &who, &message, &tree, &parents).unwrap();
        repo.reference(&format!("refs/heads/{branch}"), id, true, "").unwrap();
        repo.set_head("refs/heads/main").unwrap();
        id
    }

    /// Tags a commit, or a tag by the id of its object. Returns the id of what the tag is.
    pub(crate) fn tag(&self, name: &str, id: Oid, tag: Tag) -> Oid {
        let object = self.repository.find_object(id, None).unwrap();
        let who = Signature::new("Upstream", "upstream@example.org", &Time::new(1_700_000_000, 0)).unwrap();
        match tag {
            Tag::None => id,
            Tag::Light => self.repository.tag_lightweight(name, &object, false).unwrap(),
            Tag::Annotated => self.repository.tag(name, &object, &who, "A release.", false).unwrap(),
        }
    }
}

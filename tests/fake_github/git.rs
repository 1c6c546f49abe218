//! The git side: real objects in a real repository, so that ids, trees and merge bases are git's own.

use git2::build::TreeUpdateBuilder;
use git2::{Commit, Delta, DiffFindOptions, FileMode, ObjectType, Oid, Patch, Signature, Sort, Time, Tree};

use super::known::once;
use super::state::{Activity, Entries, State, View};

/// A file that a comparison shows.
#[derive(Clone)]
pub(crate) struct Changed {
    pub path: String,
    pub old_path: Option<String>,
    /// As REST writes it: `added`, `removed`, `modified`, `renamed`.
    pub status: &'static str,
    pub blob: Option<String>,
    pub additions: usize,
    pub deletions: usize,
    pub patch: Option<String>,
}

/// An entry of a tree: path, octal mode, type, id, size.
pub(crate) type Entry = (String, String, &'static str, String, Option<usize>);

/// The address that ties a commit to an account.
pub(crate) fn email(login: &str) -> String {
    match login {
        "web-flow" => "noreply@github.com".into(),
        _ => format!("{}+{login}@users.noreply.github.com", super::bodies::user_id(login)),
    }
}

/// The account that an address belongs to, if it is one of GitHub's own addresses.
pub(crate) fn login_of(email: &str) -> Option<String> {
    if email == "noreply@github.com" {
        return Some("web-flow".into());
    }
    let name = email.strip_suffix("@users.noreply.github.com")?;
    Some(name.split_once('+').map_or(name, |(_, login)| login).to_owned())
}

impl State {
    /// The ref of a branch; branches of forks are kept apart.
    fn ref_name(&self, owner: &str, branch: &str) -> String {
        if owner == self.owner { format!("refs/heads/{branch}") } else { format!("refs/forks/{owner}/{branch}") }
    }

    /// The commit of a branch of `owner`'s repository.
    pub fn tip(&self, owner: &str, branch: &str) -> Option<String> {
        self.reference(&self.ref_name(owner, branch)).map(|id| id.to_string())
    }

    pub fn branches(&self) -> Vec<String> {
        self.references_below("refs/heads/")
    }

    /// Sets or deletes a branch, whatever rules say, and lets the pull requests follow.
    pub fn set_branch(&mut self, actor: &str, owner: &str, branch: &str, to: Option<&str>) {
        let before = self.tip(owner, branch);
        if before.as_deref() == to {
            return;
        }
        let kind = match (&before, to) {
            (None, _) => "branch_creation",
            (_, None) => "branch_deletion",
            (Some(before), Some(to)) if self.is_ancestor(before, to) => "push",
            _ => "force_push",
        };
        self.set_branch_as(kind, actor, owner, branch, to);
    }

    /// The same, under the name that the activity gives it.
    pub fn set_branch_as(&mut self, kind: &'static str, actor: &str, owner: &str, branch: &str, to: Option<&str>) {
        let name = self.ref_name(owner, branch);
        let none = || "0".repeat(40);
        let before = self.tip(owner, branch).unwrap_or_else(none);
        let (id, at, after) = (self.id(), self.tick(), to.map_or_else(none, str::to_owned));
        let (owner_name, branch_name, actor_name) = (owner.to_owned(), branch.to_owned(), actor.to_owned());
        self.activity.push(Activity {
            id,
            owner: owner_name,
            branch: branch_name,
            before: before.clone(),
            after,
            actor: actor_name,
            kind,
            at,
        });
        self.set_reference(&name, to.map(|sha| Oid::from_str(sha).unwrap()));
        self.follow(actor, owner, branch, &before);
    }

    pub fn commit_of(&self, sha: &str) -> Option<Commit<'_>> {
        self.git.find_commit(Oid::from_str(sha).ok()?).ok()
    }

    /// A commit, a branch or the head of a pull request by any of its names.
    pub fn resolve(&self, rev: &str) -> Option<String> {
        if let Some((owner, branch)) = rev.split_once(':') {
            return self.tip(owner, branch);
        }
        let branch = rev.strip_prefix("refs/heads/").or_else(|| rev.strip_prefix("heads/")).unwrap_or(rev);
        self.tip(&self.owner, branch).or_else(|| self.commit_of(rev).map(|commit| commit.id().to_string()))
    }

    pub fn is_ancestor(&self, old: &str, new: &str) -> bool {
        old == new || self.merge_base(old, new).as_deref() == Some(old)
    }

    pub fn merge_base(&self, one: &str, two: &str) -> Option<String> {
        let (one, two) = (Oid::from_str(one).ok()?, Oid::from_str(two).ok()?);
        once(&self.known.bases, (one, two), || self.git.merge_base(one, two).ok()).map(|base| base.to_string())
    }

    /// The commits of `new` that `old` does not hold, oldest first.
    pub fn commits_between(&self, old: &str, new: &str) -> Vec<String> {
        let mut walk = self.git.revwalk().unwrap();
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE).unwrap();
        walk.push(Oid::from_str(new).unwrap()).unwrap();
        walk.hide(Oid::from_str(old).unwrap()).unwrap();
        walk.map(|id| id.unwrap().to_string()).collect()
    }

    /// What the commit `new` changes since `old`, with modes and blobs: renames are a removal and an addition.
    pub fn entries(&self, old: Oid, new: Oid) -> Entries {
        once(&self.known.entries, (old, new), || self.entries_of(old, new))
    }

    fn entries_of(&self, old: Oid, new: Oid) -> Entries {
        let tree = |id: Oid| self.git.find_tree(id).unwrap();
        let diff = self.git.diff_tree_to_tree(Some(&tree(old)), Some(&tree(new)), None).unwrap();
        let side =
            |file: &git2::DiffFile<'_>| file.exists().then(|| format!("{:06o} {}", u32::from(file.mode()), file.id()));
        let entry = |delta: git2::DiffDelta<'_>| {
            let path =
                delta.new_file().path().or_else(|| delta.old_file().path()).unwrap().to_str().unwrap().to_owned();
            (path, (side(&delta.old_file()), side(&delta.new_file())))
        };
        diff.deltas().map(entry).collect()
    }

    /// The change of a pull request that somebody sees who looks at this commit of it, or at its head.
    pub fn seen(&self, number: u64, commit: Option<&str>) -> View {
        let Some(pull) = self.pulls.get(&number) else { return View::default() };
        let commit = commit.unwrap_or(&pull.head_sha);
        let base = self.tip(&self.owner, &pull.base_ref).and_then(|tip| self.merge_base(&tip, commit));
        let tree = |sha: &str| self.commit_of(sha).map(|c| c.tree_id());
        let entries = match (base.as_deref().and_then(tree), tree(commit)) {
            (Some(old), Some(new)) => self.entries(old, new),
            _ => Entries::new(),
        };
        View { base: pull.base_ref.clone(), commit: commit.to_owned(), entries }
    }

    /// The tree that merging `theirs` into `ours` makes, as git merges text. None where they conflict.
    pub fn merged_tree(&self, ours: &str, theirs: &str) -> Option<Oid> {
        let (ours, theirs) = (self.commit_of(ours)?, self.commit_of(theirs)?);
        once(&self.known.merged, (ours.id(), theirs.id()), || {
            let mut index = self.git.merge_commits(&ours, &theirs, None).ok()?;
            if index.has_conflicts() { None } else { index.write_tree_to(&self.git).ok() }
        })
    }

    /// A tree made of another one with paths set to blobs or removed (None).
    pub fn tree_with(
        &self,
        base: Option<&Tree<'_>>,
        changes: &[(String, Option<(Oid, FileMode)>)],
    ) -> Result<Oid, String> {
        let empty = self.git.find_tree(self.git.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let mut update = TreeUpdateBuilder::new();
        for (path, to) in changes {
            match to {
                Some((blob, mode)) => update.upsert(path.as_str(), *blob, *mode),
                None => update.remove(path.as_str()),
            };
        }
        update.create_updated(&self.git, base.unwrap_or(&empty)).map_err(|e| e.message().to_owned())
    }

    /// A commit that is on no branch yet.
    pub fn write_commit(
        &mut self,
        tree: Oid,
        parents: &[String],
        author: &str,
        committer: &str,
        message: &str,
    ) -> String {
        let time = Time::new(i64::try_from(self.tick()).unwrap(), 0);
        let by = |login: &str| Signature::new(login, &email(login), &time).unwrap();
        let parents: Vec<Commit<'_>> = parents.iter().map(|sha| self.commit_of(sha).unwrap()).collect();
        let parents: Vec<&Commit<'_>> = parents.iter().collect();
        let tree = self.git.find_tree(tree).unwrap();
        self.git.commit(None, &by(author), &by(committer), message, &tree, &parents).unwrap().to_string()
    }

    /// The text of a file at a commit.
    pub fn file_at(&self, sha: &str, path: &str) -> Option<String> {
        let tree = self.commit_of(sha)?.tree().unwrap();
        let entry = tree.get_path(std::path::Path::new(path)).ok()?;
        let blob = self.git.find_blob(entry.id()).ok()?;
        Some(String::from_utf8_lossy(blob.content()).into_owned())
    }

    /// What changed between two commits, renames found as git finds them.
    pub fn changed(&self, old: &str, new: &str) -> Vec<Changed> {
        let tree = |sha: &str| self.commit_of(sha).unwrap().tree().unwrap();
        let (old, new) = (tree(old), tree(new));
        once(&self.known.changed, (old.id(), new.id()), || self.changed_of(&old, &new))
    }

    fn changed_of(&self, old: &Tree<'_>, new: &Tree<'_>) -> Vec<Changed> {
        let mut diff = self.git.diff_tree_to_tree(Some(old), Some(new), None).unwrap();
        diff.find_similar(Some(DiffFindOptions::new().renames(true))).unwrap();
        let file = |index: usize| {
            let delta = diff.get_delta(index).unwrap();
            let path = |file: git2::DiffFile<'_>| file.path().map(|p| p.to_str().unwrap().to_owned());
            let status = match delta.status() {
                Delta::Added => "added",
                Delta::Deleted => "removed",
                Delta::Renamed => "renamed",
                _ => "modified",
            };
            let mut patch = Patch::from_diff(&diff, index).unwrap();
            let (_, additions, deletions) = patch.as_ref().map_or((0, 0, 0), |p| p.line_stats().unwrap());
            let text = patch.as_mut().map(|p| String::from_utf8_lossy(&p.to_buf().unwrap()).into_owned());
            Changed {
                path: path(delta.new_file()).or_else(|| path(delta.old_file())).unwrap(),
                old_path: (status == "renamed").then(|| path(delta.old_file()).unwrap()),
                status,
                blob: (status != "removed").then(|| delta.new_file().id().to_string()),
                additions,
                deletions,
                // GitHub shows the hunks only.
                patch: text.and_then(|t| t.find("@@").map(|at| t[at..].trim_end().to_owned())),
            }
        };
        (0..diff.deltas().len()).map(file).collect()
    }

    /// The entries of a tree.
    pub fn tree_entries(&self, tree: Oid, recursive: bool) -> Option<Vec<Entry>> {
        let tree = self.git.find_tree(tree).ok()?;
        let mut entries = Vec::new();
        tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            let kind = match entry.kind() {
                Some(ObjectType::Tree) => "tree",
                Some(ObjectType::Commit) => "commit",
                _ => "blob",
            };
            let size = (kind == "blob").then(|| self.git.find_blob(entry.id()).unwrap().size());
            let path = format!("{folder}{}", entry.name().unwrap());
            entries.push((path, format!("{:06o}", entry.filemode()), kind, entry.id().to_string(), size));
            if kind == "tree" && !recursive { git2::TreeWalkResult::Skip } else { git2::TreeWalkResult::Ok }
        })
        .ok()?;
        Some(entries)
    }
}

//! Makes state: what people and other bots did before and during a run.

use std::path::Path;

use super::Handle;
use super::state::{CheckRun, Comment, Label, Status};
use git2::FileMode;

impl Handle {
    /// Adds a commit to a branch: paths are set to a text or removed (None). A branch that is not there starts at the
    /// default branch. Pull requests follow.
    pub fn commit(&self, branch: &str, files: &[(&str, Option<&str>)], author: &str) -> String {
        self.commit_with(branch, files, author, &format!("change {} files", files.len()))
    }

    /// The same with a message.
    pub fn commit_with(&self, branch: &str, files: &[(&str, Option<&str>)], author: &str, message: &str) -> String {
        let owner = self.state().owner.clone();
        self.commit_to(&owner, branch, files, author, message)
    }

    /// A commit on a branch of `owner`'s fork; a branch that is not there starts at the default branch.
    pub fn fork_commit(&self, owner: &str, branch: &str, files: &[(&str, Option<&str>)], author: &str) -> String {
        self.commit_to(owner, branch, files, author, "change in a fork")
    }

    fn commit_to(
        &self,
        owner: &str,
        branch: &str,
        files: &[(&str, Option<&str>)],
        author: &str,
        message: &str,
    ) -> String {
        let mut state = self.state();
        let default = state.default_branch.clone();
        let parent = state.tip(owner, branch).or_else(|| state.tip(&state.owner, &default));
        let blob = |text: &&str| (state.git.blob(text.as_bytes()).unwrap(), FileMode::Blob);
        let base = parent.as_ref().map(|sha| state.commit_of(sha).unwrap().tree().unwrap());
        // What is gone already is not deleted again.
        let there = |path: &str| base.as_ref().is_some_and(|tree| tree.get_path(Path::new(path)).is_ok());
        let wanted = files.iter().filter(|(path, text)| text.is_some() || there(path));
        let changes: Vec<_> = wanted.map(|(path, text)| ((*path).to_owned(), text.as_ref().map(blob))).collect();
        let tree = state.tree_with(base.as_ref(), &changes).unwrap();
        drop(base);
        let parents: Vec<String> = parent.into_iter().collect();
        state.users.insert(author.to_owned());
        let sha = state.write_commit(tree, &parents, author, author, message);
        state.set_branch(author, owner, branch, Some(&sha));
        sha
    }

    /// A merge commit of `other` into `branch`, with the tree of `branch` and all that `other` changed.
    pub fn merge(&self, branch: &str, other: &str, author: &str) -> String {
        let mut state = self.state();
        let owner = state.owner.clone();
        let (ours, theirs) = (state.tip(&owner, branch).unwrap(), state.resolve(other).unwrap());
        let tree = {
            let (ours, theirs) = (state.commit_of(&ours).unwrap(), state.commit_of(&theirs).unwrap());
            let mut index = state.git.merge_commits(&ours, &theirs, None).unwrap();
            index.write_tree_to(&state.git).unwrap()
        };
        let sha = state.write_commit(tree, &[ours, theirs], author, author, &format!("merge {other}"));
        state.set_branch(author, &owner, branch, Some(&sha));
        sha
    }

    /// Makes a branch or moves it by force to any commit or branch, as a tracker that starts over does.
    pub fn reset(&self, branch: &str, to: &str) {
        let mut state = self.state();
        let (owner, sha) = (state.owner.clone(), state.resolve(to).unwrap());
        state.set_branch(&owner, &owner, branch, Some(&sha));
    }

    pub fn delete_branch(&self, branch: &str) {
        let mut state = self.state();
        let owner = state.owner.clone();
        state.set_branch(&owner, &owner, branch, None);
    }

    /// Opens a pull request from a branch of the repository, and returns its number.
    pub fn open_pull(&self, head: &str, base: &str, author: &str, title: &str) -> u64 {
        let mut state = self.state();
        let owner = state.owner.clone();
        state.open(&owner, head, base, author, title).unwrap()
    }

    /// Opens a pull request from a branch of `owner`'s fork (see [`Handle::fork_commit`]).
    pub fn open_fork_pull(&self, owner: &str, head: &str, base: &str, author: &str, title: &str) -> u64 {
        self.state().open(owner, head, base, author, title).unwrap()
    }

    /// The fork of a pull request is deleted; the pull request stays open.
    pub fn delete_fork(&self, number: u64) {
        self.state().pulls.get_mut(&number).unwrap().head_owner = None;
    }

    pub fn close(&self, number: u64) {
        self.state().close_pull(number);
    }

    /// Merges a pull request with a merge commit.
    pub fn merge_pull(&self, number: u64) -> String {
        let pull = self.pull(number);
        self.merge(&pull.base_ref, &pull.head_sha, "web-flow")
    }

    /// Puts a pull request into the merge queue whatever the rules say, and makes the group that is to be tested: its branch
    /// and its commit.
    pub fn merge_group(&self, number: u64) -> (String, String) {
        let mut state = self.state();
        state.force_into_queue(number, "web-flow");
        let base = &state.pulls[&number].base_ref;
        let entry = state.queues[base].iter().find(|entry| entry.pull == number).unwrap();
        (entry.branch.clone(), entry.head.clone())
    }

    /// Sets the text of a pull request.
    pub fn set_body(&self, number: u64, body: &str) {
        self.state().pulls.get_mut(&number).unwrap().body = body.into();
    }

    pub fn set_draft(&self, number: u64, draft: bool) {
        self.state().pulls.get_mut(&number).unwrap().draft = draft;
    }

    /// "Allow edits by maintainers": they may push to the branch of the fork.
    pub fn maintainers_may_push(&self, number: u64) {
        self.state().pulls.get_mut(&number).unwrap().maintainer_can_modify = true;
    }

    pub fn auto_merge(&self, number: u64, on: bool) {
        self.state().pulls.get_mut(&number).unwrap().auto_merge = on;
    }

    pub fn queue(&self, number: u64, on: bool) {
        self.state().pulls.get_mut(&number).unwrap().queued = on;
    }

    /// Writes a comment and returns its id.
    pub fn comment(&self, number: u64, author: &str, body: &str) -> u64 {
        let mut state = self.state();
        let (id, now) = (state.id(), state.tick());
        state.users.insert(author.into());
        let (author, body, seen) = (author.to_owned(), body.to_owned(), state.seen(number, None));
        let comment = Comment { id, issue: number, author, body, created: now, updated: now, editor: None, seen };
        state.comments.insert(id, comment);
        id
    }

    pub fn delete_comment(&self, id: u64) {
        self.state().comments.remove(&id);
    }

    /// A review of the head as it is now: `APPROVED`, `CHANGES_REQUESTED`, `DISMISSED`, `COMMENTED`.
    pub fn review(&self, number: u64, login: &str, verdict: &str) -> u64 {
        let head = self.pull(number).head_sha;
        self.review_of(number, login, verdict, &head)
    }

    /// A review of any commit.
    pub fn review_of(&self, number: u64, login: &str, verdict: &str, commit: &str) -> u64 {
        self.state().add_review(number, login, verdict, commit).id
    }

    /// A dismissed review keeps its place and id.
    pub fn dismiss(&self, review: u64) {
        let mut state = self.state();
        state.reviews.iter_mut().find(|r| r.id == review).unwrap().state = "DISMISSED".into();
    }

    /// A check run by an app. `conclusion`: `success`, `failure`, …; None while it runs.
    pub fn check_run(&self, sha: &str, app: &str, name: &str, conclusion: Option<&str>) -> u64 {
        let mut state = self.state();
        let (id, now) = (state.id(), state.tick());
        let run = CheckRun {
            id,
            sha: sha.into(),
            name: name.into(),
            app: app.into(),
            status: if conclusion.is_some() { "completed" } else { "in_progress" }.into(),
            conclusion: conclusion.map(str::to_owned),
            title: None,
            summary: None,
            text: None,
            annotations: Vec::new(),
            external_id: String::new(),
            details_url: None,
            started: now,
            completed: conclusion.map(|_| now),
        };
        state.checks.insert(id, run);
        id
    }

    /// Gives a check run a title and the id by which its author knows it.
    pub fn describe_check(&self, id: u64, title: &str, external_id: &str) {
        let mut state = self.state();
        let run = state.checks.get_mut(&id).unwrap();
        (run.title, run.external_id) = (Some(title.into()), external_id.into());
    }

    pub fn status(&self, sha: &str, creator: &str, context: &str, verdict: &str) {
        let mut state = self.state();
        let (id, created) = (state.id(), state.tick());
        state.statuses.push(Status {
            id,
            sha: sha.into(),
            context: context.into(),
            state: verdict.into(),
            description: None,
            target_url: None,
            creator: creator.into(),
            created,
        });
    }

    /// What somebody may do: `admin`, `maintain`, `write`, `triage`, `read`, `none`.
    pub fn permission(&self, login: &str, permission: &str) {
        let mut state = self.state();
        state.users.insert(login.into());
        state.permissions.insert(login.into(), permission.into());
        if state.may_push(login) {
            state.could_push.insert(login.into());
        }
    }

    /// A team of the organization that can be asked for reviews.
    pub fn team(&self, slug: &str) {
        self.state().teams.insert(slug.into());
    }

    /// Puts a label on a pull request, and makes it where it is missing.
    pub fn label(&self, number: u64, name: &str) {
        self.repository_label(name);
        let mut state = self.state();
        let pull = state.pulls.get_mut(&number).unwrap();
        if !pull.labels.iter().any(|l| l == name) {
            pull.labels.push(name.into());
        }
    }

    pub fn unlabel(&self, number: u64, name: &str) {
        self.state().pulls.get_mut(&number).unwrap().labels.retain(|l| l != name);
    }

    /// Makes a label that no pull request has yet.
    pub fn repository_label(&self, name: &str) {
        let mut state = self.state();
        let id = state.id();
        state.labels.entry(name.into()).or_insert(Label { id, color: "ededed".into(), description: None });
    }
}

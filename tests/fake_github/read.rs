//! Reads the state back: what a run has left.

use serde_json::Value;

use super::Handle;
use super::serve::Logged;
use super::state::{CheckRun, Comment, Issue, Pull, Status};

impl Handle {
    /// The text of a file on a branch or at a commit.
    pub fn file(&self, rev: &str, path: &str) -> Option<String> {
        let state = self.state();
        state.file_at(&state.resolve(rev)?, path)
    }

    /// The commit of a branch.
    pub fn head(&self, branch: &str) -> Option<String> {
        let state = self.state();
        state.tip(&state.owner, branch)
    }

    pub fn branches(&self) -> Vec<String> {
        self.state().branches()
    }

    /// Author's login, message and number of parents of the commits of `new` that `old` does not hold, oldest first.
    pub fn log(&self, old: &str, new: &str) -> Vec<(Option<String>, String, usize)> {
        let state = self.state();
        let (old, new) = (state.resolve(old).unwrap(), state.resolve(new).unwrap());
        let commit = |sha: &String| {
            let commit = state.commit_of(sha).unwrap();
            let login = super::git::login_of(commit.author().email().unwrap());
            (login, commit.message().unwrap().to_owned(), commit.parent_count())
        };
        state.commits_between(&old, &new).iter().map(commit).collect()
    }

    /// Whether GitHub signed a commit.
    pub fn verified(&self, sha: &str) -> bool {
        self.state().signed.contains(sha)
    }

    pub fn pull(&self, number: u64) -> Pull {
        self.state().pulls[&number].clone()
    }

    pub fn pulls(&self) -> Vec<Pull> {
        self.state().pulls.values().cloned().collect()
    }

    /// The issues that are open, oldest first.
    pub fn issues(&self) -> Vec<Issue> {
        self.state().issues.values().cloned().collect()
    }

    /// The comments of a pull request, oldest first.
    pub fn comments(&self, number: u64) -> Vec<Comment> {
        self.state().comments.values().filter(|c| c.issue == number).cloned().collect()
    }

    /// The snapshots of dependencies, one for each correlator.
    pub fn snapshots(&self) -> Vec<Value> {
        self.state().snapshots.clone()
    }

    /// The check runs at a commit, oldest first.
    pub fn checks(&self, sha: &str) -> Vec<CheckRun> {
        self.state().checks_at(sha).into_iter().cloned().collect()
    }

    /// The newest status of each context at a commit.
    pub fn statuses(&self, sha: &str) -> Vec<Status> {
        self.state().latest_statuses(sha).into_iter().cloned().collect()
    }

    /// The reactions to a comment: who and what.
    pub fn reactions(&self, comment: u64) -> Vec<(String, String)> {
        let state = self.state();
        let of = state.reactions.iter().filter(|r| r.comment == comment);
        of.map(|r| (r.user.clone(), r.content.clone())).collect()
    }

    /// The labels of the repository: name, color, description.
    pub fn labels(&self) -> Vec<(String, String, String)> {
        let state = self.state();
        let labels = state.labels.iter();
        labels.map(|(name, l)| (name.clone(), l.color.clone(), l.description.clone().unwrap_or_default())).collect()
    }

    /// All requests since the start or [`Handle::clear_log`], in order of their arrival.
    pub fn requests(&self) -> Vec<Logged> {
        let cleared = self.state().cleared;
        self.shared.log.lock().unwrap().iter().skip(cleared).cloned().collect()
    }

    /// The requests that ask for a change, whether they succeeded or not: method, path (`/graphql#Name` for a mutation),
    /// body (the variables of a mutation).
    pub fn writes(&self) -> Vec<(String, String, Value)> {
        let writes = self.requests().into_iter().filter(|r| r.write);
        writes.map(|r| (r.method, r.path, r.body)).collect()
    }

    /// The requests that no route knows: the fake lacks them, or they are wrong.
    pub fn unknown(&self) -> Vec<String> {
        self.state().unknown.clone()
    }

    /// Forgets the requests so far. Their numbers go on.
    pub fn clear_log(&self) {
        let seen = self.shared.log.lock().unwrap().len();
        self.state().cleared = seen;
    }
}

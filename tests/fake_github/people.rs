//! What people, apps and Git clients do, within the rules: each names who does it. Err: how GitHub refuses.

use git2::{FileMode, Oid};
use serde_json::json;

use super::Handle;
use super::state::{Comment, Entries, Review, State};

/// A file of a commit: its text; None removes it.
pub type File<'a> = (&'a str, Option<&'a str>);

/// A commit as a client pushes it: author, committer and pusher are three accounts.
#[derive(Clone, Debug, Default)]
pub struct Pushed<'a> {
    /// Empty for the repository itself, else the owner of a fork.
    pub owner: &'a str,
    pub branch: &'a str,
    pub files: &'a [File<'a>],
    pub author: &'a str,
    /// Empty: as the author.
    pub committer: &'a str,
    pub pusher: &'a str,
    pub message: &'a str,
    /// Further parents: branches or commits, whose trees are not merged.
    pub parents: &'a [&'a str],
    /// Replaces the last commit.
    pub amend: bool,
}

impl Handle {
    /// Pushes a commit. A branch that is not there starts at the default branch.
    pub fn push(&self, pushed: &Pushed<'_>) -> Result<String, String> {
        let mut state = self.state();
        let owner = if pushed.owner.is_empty() { state.owner.clone() } else { pushed.owner.to_owned() };
        let default = state.default_branch.clone();
        let tip = state.tip(&owner, pushed.branch).or_else(|| state.tip(&state.owner, &default)).unwrap_or_default();
        let tree = state.tree_after(&tip, pushed.files)?;
        let mut parents = match pushed.amend {
            true => state.commit_of(&tip).unwrap().parent_ids().map(|id| id.to_string()).collect(),
            false => vec![tip],
        };
        for other in pushed.parents {
            parents.push(state.resolve(other).ok_or("no such parent")?);
        }
        let committer = if pushed.committer.is_empty() { pushed.author } else { pushed.committer };
        let message = if pushed.message.is_empty() { "change" } else { pushed.message };
        let sha = state.write_commit(tree, &parents, pushed.author, committer, message);
        state.users.insert(pushed.author.into());
        state.push_to(pushed.pusher, &owner, pushed.branch, Some(&sha))?;
        Ok(sha)
    }

    /// Pushes any commit to any branch, by force where it has to be.
    pub fn push_sha(&self, pusher: &str, branch: &str, sha: &str) -> Result<(), String> {
        let mut state = self.state();
        let owner = state.owner.clone();
        state.push_to(pusher, &owner, branch, Some(sha))
    }

    /// Deletes a branch.
    pub fn delete(&self, actor: &str, branch: &str) -> Result<(), String> {
        let mut state = self.state();
        let owner = state.owner.clone();
        state.tip(&owner, branch).ok_or("no such branch")?;
        state.push_to(actor, &owner, branch, None)
    }

    /// Merges the base branch, or any other, into a branch, and changes files in the same commit where `files` names some:
    /// an evil merge. Err where it conflicts.
    pub fn push_merge(&self, pusher: &str, branch: &str, other: &str, files: &[File<'_>]) -> Result<String, String> {
        let mut state = self.state();
        let owner = state.owner.clone();
        let ours = state.tip(&owner, branch).ok_or("no such branch")?;
        let theirs = state.resolve(other).ok_or("no such branch")?;
        if state.is_ancestor(&theirs, &ours) {
            return Err("Already up to date.".into());
        }
        let tree = state.merged_tree(&ours, &theirs).ok_or("merge conflict")?;
        let tree = state.changed_tree(tree, files)?;
        let sha = state.write_commit(tree, &[ours, theirs], pusher, pusher, &format!("merge {other}"));
        state.push_to(pusher, &owner, branch, Some(&sha))?;
        Ok(sha)
    }

    /// Removes the repository: it can be made again, with what it held.
    pub fn remove(&self) {
        self.state().removed = true;
    }

    /// Merges a pull request as a person or an app asks for it.
    pub fn ask_merge(&self, actor: &str, number: u64, method: &str) -> Result<String, String> {
        self.state().merge_pull(actor, number, method, None).map_err(|(_, why)| why)
    }

    /// Lets GitHub do what it does by itself: auto-merges, and the merge queues. Returns what merged.
    pub fn settle(&self) -> Vec<u64> {
        self.state().settle()
    }

    /// Puts a pull request into the merge queue of its base branch.
    pub fn enqueue(&self, actor: &str, number: u64) -> Result<(), String> {
        self.state().enqueue(number, actor)
    }

    pub fn dequeue(&self, actor: &str, number: u64) {
        let mut state = self.state();
        let Some(mut pull) = state.pulls.get(&number).cloned() else { return };
        state.unqueue(&mut pull, actor, "dequeued");
        let base = pull.base_ref.clone();
        state.pulls.insert(number, pull);
        state.build_groups(&base);
    }

    /// Sets another base branch.
    pub fn retarget(&self, actor: &str, number: u64, base: &str) -> Result<(), String> {
        self.state().retarget(actor, number, base)
    }

    /// Opens a closed pull request again.
    pub fn reopen(&self, number: u64) -> Result<(), String> {
        self.state().reopen(number)
    }

    /// Dismisses a review: anybody with write permission may.
    pub fn dismiss_by(&self, actor: &str, review: u64) -> Result<(), String> {
        self.state().dismiss(actor, review)
    }

    /// Changes the text of a comment: its author and writers may.
    pub fn edit_comment(&self, editor: &str, id: u64, body: &str) {
        let mut state = self.state();
        let now = state.tick();
        if let Some(comment) = state.comments.get_mut(&id) {
            (comment.body, comment.updated, comment.editor) = (body.into(), now, Some(editor.into()));
        }
    }

    /// Who wrote a comment had another one before him, not what the pull request is now.
    pub fn wrote_after(&self, id: u64, other: &Comment) {
        if let Some(comment) = self.state().comments.get_mut(&id) {
            comment.seen = other.seen.clone();
        }
    }

    /// Changes the text of a review, whose state stays.
    pub fn edit_review(&self, id: u64, body: &str) {
        let mut state = self.state();
        let now = state.tick();
        if let Some(review) = state.reviews.iter_mut().find(|review| review.id == id) {
            (review.body, review.edited) = (body.into(), Some(now));
        }
    }

    /// Puts a label on, with a name in the timeline: Prow's labels are by its bot, everybody else's are not.
    pub fn label_by(&self, actor: &str, number: u64, name: &str) {
        self.label(number, name);
        let label = json!({ "label": { "__typename": "Label", "name": name } });
        self.state().happened(number, "LabeledEvent", actor, label);
    }

    pub fn unlabel_by(&self, actor: &str, number: u64, name: &str) {
        self.unlabel(number, name);
        let label = json!({ "label": { "__typename": "Label", "name": name } });
        self.state().happened(number, "UnlabeledEvent", actor, label);
    }

    /// From now on the list of files of a pull request is that of this commit, whatever its head is.
    pub fn keep_files_of(&self, number: u64, commit: Option<&str>) {
        let mut state = self.state();
        match commit {
            Some(commit) => drop(state.old_files.insert(number, commit.into())),
            None => drop(state.old_files.remove(&number)),
        }
    }

    /// An account that no rule binds.
    pub fn bypass(&self, login: &str) {
        self.state().bypass.insert(login.into());
    }

    /// The setting that deletes the branch of a merged pull request.
    pub fn delete_merged(&self, on: bool) {
        self.state().delete_merged = on;
    }

    /// Opens a pull request where GitHub lets it be opened.
    pub fn try_open(&self, owner: &str, head: &str, base: &str, author: &str) -> Option<u64> {
        self.state().open(owner, head, base, author, &format!("{head} into {base}")).ok()
    }

    /// Changes the state itself.
    pub fn inspect_mut<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state())
    }

    /// Looks at the state itself: for those who judge what the bot made of it.
    pub fn inspect<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.state())
    }
}

impl State {
    /// A push by a client, within the rules. Who may not push to the repository is refused.
    pub fn push_to(&mut self, actor: &str, owner: &str, branch: &str, to: Option<&str>) -> Result<(), String> {
        if owner == self.owner {
            if !self.may_push(actor) && !actor.ends_with("[bot]") {
                return Err(format!("Permission to {} denied to {actor}.", self.full_name()));
            }
            if to.is_some_and(|sha| self.commit_of(sha).is_none()) {
                return Err("Object does not exist".into());
            }
            self.may_move(actor, branch, to)?;
        } else if owner != actor {
            return Err(format!("Permission to {owner}/{} denied to {actor}.", self.name));
        }
        self.set_branch(actor, owner, branch, to);
        Ok(())
    }

    pub fn tree_after(&self, commit: &str, files: &[File<'_>]) -> Result<Oid, String> {
        let tree = self.commit_of(commit).ok_or("no such commit")?.tree_id();
        self.changed_tree(tree, files)
    }

    fn changed_tree(&self, tree: Oid, files: &[File<'_>]) -> Result<Oid, String> {
        let base = self.git.find_tree(tree).map_err(|e| e.message().to_owned())?;
        let there = |path: &str| base.get_path(std::path::Path::new(path)).is_ok();
        // What is not there needs no removal.
        let files = files.iter().filter(|(path, text)| text.is_some() || there(path));
        let blob = |text: &&str| (self.git.blob(text.as_bytes()).unwrap(), FileMode::Blob);
        let changes: Vec<_> = files.map(|(path, text)| ((*path).to_owned(), text.as_ref().map(blob))).collect();
        self.tree_with(Some(&base), &changes)
    }

    pub fn retarget(&mut self, actor: &str, number: u64, base: &str) -> Result<(), String> {
        let tip = self.tip(&self.owner, base).ok_or("Proposed base branch does not exist")?;
        let mut pull = self.pulls.get(&number).cloned().ok_or("Not Found")?;
        if !pull.open || pull.base_ref == base {
            return Err("Cannot change the base branch".into());
        }
        if self.is_ancestor(&pull.head_sha, &tip) {
            return Err(format!("There are no new commits between base branch '{base}' and head branch"));
        }
        let twin = |p: &super::state::Pull| {
            p.open && p.head_owner == pull.head_owner && p.head_ref == pull.head_ref && p.base_ref == base
        };
        if self.pulls.values().any(twin) {
            return Err("A pull request already exists for this base".into());
        }
        self.unqueue(&mut pull, actor, "its base changed");
        if pull.auto_merge && !self.may_push(actor) {
            pull.auto_merge = false;
        }
        let fields = json!({ "previousRefName": pull.base_ref, "currentRefName": base });
        self.happened(number, "BaseRefChangedEvent", actor, fields);
        (pull.base_ref, pull.base_sha, pull.updated) = (base.to_owned(), tip, self.now());
        self.pulls.insert(number, pull);
        Ok(())
    }

    pub fn reopen(&mut self, number: u64) -> Result<(), String> {
        let pull = self.pulls.get(&number).cloned().ok_or("Not Found")?;
        let tip = pull.head_owner.as_ref().and_then(|owner| self.tip(owner, &pull.head_ref));
        let base = self.tip(&self.owner, &pull.base_ref);
        match (tip, base) {
            _ if pull.open || pull.merged => Err("state cannot be changed.".into()),
            (Some(sha), Some(base)) if sha == pull.head_sha && !self.is_ancestor(&sha, &base) => {
                self.pulls.get_mut(&number).unwrap().open = true;
                self.touch(number);
                Ok(())
            }
            (Some(_), _) => Err("state cannot be changed. The branch was force-pushed or recreated.".into()),
            (None, _) => Err("state cannot be changed. The repository or branch was deleted.".into()),
        }
    }

    pub fn dismiss(&mut self, actor: &str, review: u64) -> Result<(), String> {
        if !self.may_push(actor) {
            return Err("Resource not accessible".into());
        }
        let found = self.reviews.iter_mut().find(|r| r.id == review).ok_or("Not Found")?;
        let was = found.state.clone();
        if !matches!(was.as_str(), "APPROVED" | "CHANGES_REQUESTED") {
            return Err("Can not dismiss a commented pull request review".into());
        }
        found.state = "DISMISSED".into();
        let pull = found.pull;
        let fields = json!({
            "previousReviewState": was, "dismissalMessage": "dismissed", "pullRequestCommit": null,
            "review": { "__typename": "PullRequestReview", "id": format!("PRR_{review}") },
        });
        self.happened(pull, "ReviewDismissedEvent", actor, fields);
        Ok(())
    }

    /// A review of a commit of a pull request.
    pub fn add_review(&mut self, number: u64, login: &str, verdict: &str, commit: &str) -> Review {
        let (id, submitted) = (self.id(), self.tick());
        self.users.insert(login.into());
        if let Some(pull) = self.pulls.get_mut(&number) {
            pull.asked_users.retain(|user| user != login);
        }
        let seen = self.seen(number, Some(commit));
        let (author, state, commit) = (login.to_owned(), verdict.to_owned(), commit.to_owned());
        let body = String::new();
        let review = Review { id, pull: number, author, state, commit, body, submitted, edited: None, seen };
        self.reviews.push(review.clone());
        review
    }

    /// What moving a branch from one commit to the merge of it with another would change.
    pub fn landing(&self, tip: &str, head: &str) -> Option<Entries> {
        let merged = self.merged_tree(tip, head)?;
        Some(self.entries(self.tree_of(tip)?, merged))
    }
}

//! How pull requests follow their branches.

use serde_json::json;

use super::git::Changed;
use super::state::{Pull, State};

impl State {
    /// Opens a pull request. Err: why GitHub refuses.
    pub fn open(&mut self, owner: &str, head: &str, base: &str, author: &str, title: &str) -> Result<u64, String> {
        let head_sha = self.tip(owner, head).ok_or("Field head is invalid")?;
        let base_sha = self.tip(&self.owner, base).ok_or("Field base is invalid")?;
        if self.commits_between(&base_sha, &head_sha).is_empty() {
            return Err(format!("No commits between {base} and {head}"));
        }
        let same =
            |p: &&Pull| p.open && p.head_owner.as_deref() == Some(owner) && p.head_ref == head && p.base_ref == base;
        if self.pulls.values().any(|p| same(&p)) {
            return Err(format!("A pull request already exists for {owner}:{head}."));
        }
        let number = self.next_number();
        let created = self.tick();
        self.users.insert(author.into());
        let pull = Pull {
            number,
            title: title.into(),
            body: String::new(),
            author: author.into(),
            open: true,
            merged: false,
            draft: false,
            head_owner: Some(owner.into()),
            head_ref: head.into(),
            head_sha,
            base_ref: base.into(),
            base_sha,
            auto_merge: false,
            maintainer_can_modify: false,
            queued: false,
            merge_commit: None,
            landed: Vec::new(),
            labels: Vec::new(),
            asked_users: Vec::new(),
            asked_teams: Vec::new(),
            created,
            updated: created,
        };
        self.pulls.insert(number, pull);
        self.publish_head(number);
        Ok(number)
    }

    /// After a branch moved: heads move, what has nothing to merge closes, what the base now holds is merged.
    pub fn follow(&mut self, actor: &str, owner: &str, branch: &str, before: &str) {
        let tip = self.tip(owner, branch);
        let open: Vec<u64> = self.pulls.values().filter(|p| p.open).map(|p| p.number).collect();
        for number in open {
            let mut pull = self.pulls[&number].clone();
            let base = self.tip(&self.owner, &pull.base_ref);
            if pull.head_owner.as_deref() == Some(owner) && pull.head_ref == branch {
                pull.updated = self.tick();
                self.head_moves(actor, &mut pull, before, tip.as_deref());
                pull.base_sha = base.clone().unwrap_or(pull.base_sha);
                match &tip {
                    Some(sha) => pull.head_sha.clone_from(sha),
                    None => pull.open = false,
                }
                pull.open &= base.is_some_and(|base| !self.is_ancestor(&pull.head_sha, &base));
            } else if owner == self.owner && pull.base_ref == branch {
                self.base_moves(actor, &mut pull, base.as_deref());
            }
            pull.auto_merge &= pull.open;
            pull.queued &= pull.open;
            self.pulls.insert(number, pull);
            self.publish_head(number);
        }
        if owner == self.owner {
            self.drop_closed(branch);
        }
    }

    /// What a push to the head ends: stale approvals, auto-merge that a stranger's push must not use, the queue.
    fn head_moves(&mut self, actor: &str, pull: &mut Pull, before: &str, tip: Option<&str>) {
        let Some(tip) = tip else { return };
        if !self.is_ancestor(before, tip) {
            let fields = json!({ "beforeCommit": { "$commit": before }, "afterCommit": { "$commit": tip } });
            self.happened(pull.number, "HeadRefForcePushedEvent", actor, fields);
        }
        let bot = actor.ends_with("[bot]");
        if pull.auto_merge && !bot && !self.may_push(actor) {
            pull.auto_merge = false;
            self.happened(
                pull.number,
                "AutoMergeDisabledEvent",
                actor,
                json!({ "reason": "a push without write access" }),
            );
        }
        self.unqueue(pull, actor, "its head moved");
        let rules = self.rules_of(&pull.base_ref);
        if rules.reviews.is_some_and(|reviews| reviews.dismiss_stale) {
            let now = self.seen(pull.number, Some(tip)).entries;
            self.dismiss_stale(pull.number, actor, tip, &now);
        }
    }

    /// Approvals of another diff are taken back; where the diff is the same they stay.
    fn dismiss_stale(&mut self, number: u64, actor: &str, tip: &str, now: &super::state::Entries) {
        let mut gone = Vec::new();
        for review in self.reviews.iter_mut().filter(|r| r.pull == number && r.state == "APPROVED") {
            if review.seen.entries != *now {
                review.state = "DISMISSED".into();
                gone.push(review.id);
            }
        }
        for review in gone {
            let fields = json!({
                "previousReviewState": "APPROVED", "dismissalMessage": null, "pullRequestCommit": {
                    "__typename": "PullRequestCommit", "id": format!("PRC_{tip}"), "commit": { "$commit": tip },
                },
                "review": { "__typename": "PullRequestReview", "id": format!("PRR_{review}") },
            });
            self.happened(number, "ReviewDismissedEvent", actor, fields);
        }
    }

    /// The base holds the head now, or it is gone: then a pull request into a merged branch goes on into that one's base.
    fn base_moves(&mut self, actor: &str, pull: &mut Pull, base: Option<&str>) {
        let Some(base) = base else {
            let onto =
                self.pulls.values().find(|p| p.merged && p.head_ref == pull.base_ref && p.base_ref != pull.base_ref);
            let onto = onto.map(|p| p.base_ref.clone()).and_then(|name| Some((self.tip(&self.owner, &name)?, name)));
            match onto {
                Some((tip, name)) => {
                    let fields = json!({ "oldBase": pull.base_ref, "newBase": name });
                    self.happened(pull.number, "AutomaticBaseChangeSucceededEvent", actor, fields);
                    (pull.base_ref, pull.base_sha) = (name, tip.clone());
                    pull.merged = self.is_ancestor(&pull.head_sha, &tip);
                    pull.open = !pull.merged;
                }
                None => pull.open = false,
            }
            return;
        };
        if self.is_ancestor(&pull.head_sha, base) {
            (pull.merged, pull.open) = (true, false);
            pull.merge_commit.get_or_insert_with(|| base.to_owned());
        }
    }

    /// The ref by which anybody can fetch the head.
    fn publish_head(&self, number: u64) {
        let head = git2::Oid::from_str(&self.pulls[&number].head_sha).unwrap();
        self.set_reference(&format!("refs/pull/{number}/head"), Some(head));
    }

    /// What a pull request changes: its head against the merge base with the base branch.
    pub fn pull_files(&self, pull: &Pull) -> Vec<Changed> {
        // Right after a push the list is still the old one.
        let head = self.old_files.get(&pull.number).unwrap_or(&pull.head_sha);
        match self.merge_base(&self.base_tip(pull), head) {
            Some(base) => self.changed(&base, head),
            None => Vec::new(),
        }
    }

    /// The commits of a pull request, oldest first.
    pub fn pull_commits(&self, pull: &Pull) -> Vec<String> {
        self.commits_between(&self.base_tip(pull), &pull.head_sha)
    }

    /// Where the comparison starts: the base branch while the pull request is open, later where it stood.
    fn base_tip(&self, pull: &Pull) -> String {
        let now = self.tip(&self.owner, &pull.base_ref);
        now.filter(|_| pull.open).unwrap_or_else(|| pull.base_sha.clone())
    }

    /// Sets the comment count and so on in motion: the time of the last change.
    pub fn touch(&mut self, number: u64) {
        let now = self.tick();
        if let Some(pull) = self.pulls.get_mut(&number) {
            pull.updated = now;
        }
    }

    pub fn close_pull(&mut self, number: u64) {
        let now = self.tick();
        if let Some(mut pull) = self.pulls.get(&number).cloned() {
            self.unqueue(&mut pull, "web-flow", "it is closed");
            let base = pull.base_ref.clone();
            self.pulls.insert(number, pull);
            self.build_groups(&base);
        }
        if let Some(pull) = self.pulls.get_mut(&number) {
            (pull.open, pull.auto_merge, pull.queued, pull.updated) = (false, false, false, now);
        }
    }
}

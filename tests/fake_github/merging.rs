//! How pull requests are merged: by a request, by auto-merge, and through the merge queue.

use git2::Oid;
use serde_json::json;

use super::rules::Grouping;
use super::state::{Pull, Queued, State};

/// GitHub's account for what it commits itself.
const WEB: &str = "web-flow";

/// Why a merge is refused: the status and the sentence.
pub(crate) type Refused = (u16, String);

impl State {
    /// Merges a pull request, as `PUT pulls/N/merge` does.
    pub fn merge_pull(
        &mut self,
        actor: &str,
        number: u64,
        method: &str,
        expected: Option<&str>,
    ) -> Result<String, Refused> {
        let pull = self.pulls.get(&number).cloned().ok_or((404, "Not Found".to_owned()))?;
        if expected.is_some_and(|sha| sha != pull.head_sha) {
            return Err((409, "Head branch was modified. Review and try the merge again.".into()));
        }
        let refused = |why: &str| Err((405, why.to_owned()));
        if !pull.open {
            return refused("Pull Request is not mergeable");
        }
        if pull.draft {
            return refused("Pull Request is still a draft");
        }
        let rules = self.rules_of(&pull.base_ref);
        if !self.bypass.contains(actor) {
            if let Some(why) = self.blocked(&pull).first() {
                return refused(&format!("Repository rule violations found\n\n{why}"));
            }
            if rules.queue.is_some() {
                return refused("Repository rule violations found\n\nChanges must be made through the merge queue");
            }
            if rules.reviews.and_then(|rule| rule.methods).is_some_and(|methods| !methods.iter().any(|m| m == method)) {
                return refused("Merge method is not allowed on this repository.");
            }
        }
        let sha = self.landed(&pull, method).ok_or((405, "Pull Request is not mergeable".to_owned()))?;
        self.land(&pull, actor, &sha, "pr_merge");
        Ok(sha)
    }

    /// The commit that merging a pull request would make, on no branch yet. None where it conflicts.
    pub fn landed(&mut self, pull: &Pull, method: &str) -> Option<String> {
        let owner = self.owner.clone();
        let tip = self.tip(&owner, &pull.base_ref)?;
        let title = format!("{} (#{})", pull.title, pull.number);
        let sha = match method {
            "squash" => {
                let tree = self.merged_tree(&tip, &pull.head_sha)?;
                self.write_commit(tree, &[tip], &pull.author, WEB, &title)
            }
            "rebase" => self.rebased(&tip, &pull.head_sha)?,
            _ => {
                let tree = self.merged_tree(&tip, &pull.head_sha)?;
                self.write_commit(tree, &[tip, pull.head_sha.clone()], WEB, WEB, &format!("Merge pull request {title}"))
            }
        };
        self.signed.insert(sha.clone());
        Some(sha)
    }

    /// The commits of `head`, merges left out, one by one on top of `tip`.
    fn rebased(&mut self, tip: &str, head: &str) -> Option<String> {
        let mut at = tip.to_owned();
        for sha in self.commits_between(tip, head) {
            let (tree, author, message) = {
                let (commit, onto) = (self.commit_of(&sha)?, self.commit_of(&at)?);
                if commit.parent_count() != 1 {
                    continue;
                }
                let mut index = self.git.cherrypick_commit(&commit, &onto, 0, None).ok()?;
                if index.has_conflicts() {
                    return None;
                }
                let author = super::git::login_of(commit.author().email().unwrap_or_default());
                let message = commit.message().unwrap_or_default().to_owned();
                (index.write_tree_to(&self.git).ok()?, author.unwrap_or_else(|| WEB.into()), message)
            };
            at = self.write_commit(tree, &[at], &author, WEB, &message);
        }
        Some(at)
    }

    /// Moves the base branch to what merging made.
    fn land(&mut self, pull: &Pull, actor: &str, sha: &str, kind: &'static str) {
        let owner = self.owner.clone();
        let now = self.tick();
        let landed = self.tip(&owner, &pull.base_ref).map(|tip| self.commits_between(&tip, sha)).unwrap_or_default();
        if let Some(pull) = self.pulls.get_mut(&pull.number) {
            pull.landed = landed;
            (pull.open, pull.merged, pull.updated) = (false, true, now);
            (pull.auto_merge, pull.queued) = (false, false);
            pull.merge_commit = Some(sha.to_owned());
        }
        self.happened(pull.number, "MergedEvent", actor, json!({ "commit": { "$commit": sha } }));
        self.set_branch_as(kind, actor, &owner, &pull.base_ref, Some(sha));
        if self.delete_merged
            && pull.head_owner.as_deref() == Some(&owner)
            && self.tip(&owner, &pull.head_ref).is_some()
        {
            self.set_branch(actor, &owner, &pull.head_ref, None);
        }
    }

    /// What GitHub does by itself as soon as it may: auto-merges, and the merge queues. Returns what merged.
    pub fn settle(&mut self) -> Vec<u64> {
        let mut merged = Vec::new();
        let waiting: Vec<u64> =
            self.pulls.values().filter(|p| p.open && p.auto_merge && !p.queued).map(|p| p.number).collect();
        for number in waiting {
            let pull = self.pulls[&number].clone();
            if pull.draft || !self.blocked(&pull).is_empty() {
                continue;
            }
            if self.rules_of(&pull.base_ref).queue.is_some() {
                let _ = self.enqueue(number, WEB);
            } else if self.merge_pull(WEB, number, "merge", None).is_ok() {
                merged.push(number);
            }
        }
        let branches: Vec<String> = self.queues.keys().cloned().collect();
        for branch in branches {
            merged.extend(self.advance(&branch));
        }
        merged
    }

    /// Puts a pull request into the queue of its base branch. Which checks its head needs for that is not settled: none.
    pub fn enqueue(&mut self, number: u64, actor: &str) -> Result<(), String> {
        let pull = self.pulls.get(&number).cloned().ok_or("Could not resolve to a PullRequest")?;
        let rules = self.rules_of(&pull.base_ref);
        if !pull.open || pull.draft || pull.queued || rules.queue.is_none() {
            return Err("Pull request cannot be queued".into());
        }
        if let Some(rule) = &rules.reviews
            && let Some(why) = self.blocked_by_reviews(rule, &pull)
        {
            return Err(why);
        }
        self.force_into_queue(number, actor);
        Ok(())
    }

    /// Puts a pull request at the end of the queue, and makes its group.
    pub fn force_into_queue(&mut self, number: u64, actor: &str) {
        let base = self.pulls[&number].base_ref.clone();
        let now = self.tick();
        let entry = Queued {
            pull: number,
            enqueuer: actor.into(),
            at: now,
            of: String::new(),
            base: String::new(),
            head: String::new(),
            branch: String::new(),
        };
        self.queues.entry(base.clone()).or_default().push(entry);
        self.pulls.get_mut(&number).unwrap().queued = true;
        self.happened(number, "AddedToMergeQueueEvent", actor, json!({}));
        self.build_groups(&base);
    }

    /// Takes a pull request out of its queue; those behind it are built anew.
    pub fn unqueue(&mut self, pull: &mut Pull, actor: &str, reason: &str) {
        pull.queued = false;
        let base = pull.base_ref.clone();
        let Some(at) = self.queues.get(&base).and_then(|all| all.iter().position(|e| e.pull == pull.number)) else {
            return;
        };
        let gone = self.queues.get_mut(&base).unwrap().remove(at);
        self.happened(pull.number, "RemovedFromMergeQueueEvent", actor, json!({ "reason": reason }));
        self.drop_group(&gone.branch);
    }

    fn drop_group(&mut self, branch: &str) {
        let owner = self.owner.clone();
        if !branch.is_empty() && self.tip(&owner, branch).is_some() {
            self.set_branch(WEB, &owner, branch, None);
        }
    }

    /// Entries whose pull request is closed leave the queue, and the groups follow their base.
    pub fn drop_closed(&mut self, moved: &str) {
        // The branches of the groups move while they are built.
        if moved.starts_with("gh-readonly-queue/") {
            return;
        }
        let closed: Vec<u64> = self
            .queues
            .values()
            .flatten()
            .map(|entry| entry.pull)
            .filter(|number| !self.pulls[number].open || !self.pulls[number].queued)
            .collect();
        for number in closed {
            let mut pull = self.pulls[&number].clone();
            self.unqueue(&mut pull, WEB, "it is closed");
            self.pulls.insert(number, pull);
        }
        let bases: Vec<String> = self.queues.keys().cloned().collect();
        bases.iter().for_each(|base| self.build_groups(base));
    }

    /// Makes the commits of the groups: each entry on top of the one before it. What conflicts leaves.
    pub fn build_groups(&mut self, branch: &str) {
        let owner = self.owner.clone();
        let Some(mut before) = self.tip(&owner, branch) else { return };
        let mut at = 0;
        while let Some(entry) = self.queues.get(branch).and_then(|all| all.get(at)).cloned() {
            let mut pull = self.pulls[&entry.pull].clone();
            if entry.base == before && entry.of == pull.head_sha {
                before = entry.head;
                at += 1;
                continue;
            }
            let Some(tree) = self.merged_tree(&before, &pull.head_sha) else {
                self.unqueue(&mut pull, WEB, "it conflicts");
                self.pulls.insert(pull.number, pull);
                continue;
            };
            self.drop_group(&entry.branch);
            let parents = [before.clone(), pull.head_sha.clone()];
            let message = format!("Merge pull request #{} from {}", pull.number, pull.head_ref);
            let head = self.write_commit(tree, &parents, WEB, WEB, &message);
            self.signed.insert(head.clone());
            let group = format!("gh-readonly-queue/{branch}/pr-{}-{before}", pull.number);
            let entry = &mut self.queues.get_mut(branch).unwrap()[at];
            (entry.base, entry.of, entry.head, entry.branch) = (before, pull.head_sha, head.clone(), group.clone());
            self.set_branch(WEB, &owner, &group, Some(&head));
            before = head;
            at += 1;
        }
    }

    /// Merges what the queue of a branch may merge now, and removes what failed.
    fn advance(&mut self, branch: &str) -> Vec<u64> {
        let last = self.ready(branch);
        let mut merged = Vec::new();
        if let Some(last) = last {
            let entries: Vec<Queued> = self.queues.get_mut(branch).unwrap().drain(..=last).collect();
            let head = entries[last].head.clone();
            for entry in &entries {
                let now = self.tick();
                let pull = self.pulls.get_mut(&entry.pull).unwrap();
                (pull.open, pull.merged, pull.queued, pull.auto_merge) = (false, true, false, false);
                (pull.merge_commit, pull.updated) = (Some(entry.head.clone()), now);
                self.happened(entry.pull, "MergedEvent", WEB, json!({ "commit": { "$commit": entry.head } }));
                merged.push(entry.pull);
            }
            let owner = self.owner.clone();
            self.set_branch_as("merge_queue_merge", WEB, &owner, branch, Some(&head));
            entries.iter().for_each(|entry| self.drop_group(&entry.branch));
        }
        while let Some(number) = self.failed_entry(branch) {
            let mut pull = self.pulls[&number].clone();
            self.unqueue(&mut pull, WEB, "failed checks");
            self.pulls.insert(number, pull);
            self.build_groups(branch);
        }
        merged
    }

    /// The last entry of those that may merge now.
    pub fn ready(&self, branch: &str) -> Option<usize> {
        let rules = self.rules_of(branch);
        let entries = self.queues.get(branch)?;
        let passes = |entry: &Queued| self.unmet_checks(&rules, &entry.head).is_empty();
        match rules.queue? {
            Grouping::AllGreen => entries.iter().take_while(|entry| passes(entry)).count().checked_sub(1),
            Grouping::HeadGreen => entries.iter().rposition(passes),
        }
    }

    /// The first entry with a required check that failed.
    fn failed_entry(&self, branch: &str) -> Option<u64> {
        let rules = self.rules_of(branch);
        let failed = |entry: &&Queued| {
            let unmet = self.unmet_checks(&rules, &entry.head);
            let ended = |name: &String| {
                self.checks_at(&entry.head).iter().any(|run| run.name == *name && run.conclusion.is_some())
                    || self.latest_statuses(&entry.head).iter().any(|s| s.context == *name && s.state != "pending")
            };
            unmet.iter().any(ended)
        };
        Some(self.queues.get(branch)?.iter().find(failed)?.pull)
    }

    /// The tree of a commit.
    pub fn tree_of(&self, sha: &str) -> Option<Oid> {
        Some(self.commit_of(sha)?.tree_id())
    }
}

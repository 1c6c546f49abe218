//! How pull requests follow their branches.

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
            queued: false,
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
    pub fn follow(&mut self, owner: &str, branch: &str) {
        let tip = self.tip(owner, branch);
        let open: Vec<u64> = self.pulls.values().filter(|p| p.open).map(|p| p.number).collect();
        for number in open {
            let mut pull = self.pulls[&number].clone();
            let base = self.tip(&self.owner, &pull.base_ref);
            if pull.head_owner.as_deref() == Some(owner) && pull.head_ref == branch {
                pull.updated = self.tick();
                pull.base_sha = base.clone().unwrap_or(pull.base_sha);
                match &tip {
                    Some(sha) => pull.head_sha.clone_from(sha),
                    None => pull.open = false,
                }
                pull.open &= base.is_some_and(|base| !self.is_ancestor(&pull.head_sha, &base));
            } else if owner == self.owner && pull.base_ref == branch {
                pull.merged = base.as_ref().is_some_and(|base| self.is_ancestor(&pull.head_sha, base));
                pull.open = base.is_some() && !pull.merged;
            }
            pull.auto_merge &= pull.open;
            pull.queued &= pull.open;
            self.pulls.insert(number, pull);
            self.publish_head(number);
        }
    }

    /// The ref by which anybody can fetch the head.
    fn publish_head(&self, number: u64) {
        let head = git2::Oid::from_str(&self.pulls[&number].head_sha).unwrap();
        self.git.reference(&format!("refs/pull/{number}/head"), head, true, "").unwrap();
    }

    /// What a pull request changes: its head against the merge base with the base branch.
    pub fn pull_files(&self, pull: &Pull) -> Vec<Changed> {
        match self.merge_base(&self.base_tip(pull), &pull.head_sha) {
            Some(base) => self.changed(&base, &pull.head_sha),
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
        if let Some(pull) = self.pulls.get_mut(&number) {
            (pull.open, pull.auto_merge, pull.queued, pull.updated) = (false, false, false, now);
        }
    }
}

//! Two guarded branches: what is approved on `stable` is promoted to `main`, and merged back.

use super::{BRANCH, Entry, Scene, TRACKER};
use crate::world::Rules;

/// Both branches promise what a promotion needs.
pub const VOUCHED: Rules = Rules { second: true, approvals: Some(0), ..Rules::PLAIN };

/// The branch of promotions.
pub const PROMOTION: &str = "auto/promote";

impl Scene {
    /// The tracker's pull request into a branch, on that branch's tip.
    pub fn pull_into(&self, base: &str, files: &[Entry]) -> u64 {
        self.on_tip(base, BRANCH);
        self.put(TRACKER, BRANCH, files);
        self.try_open("owner", BRANCH, base, TRACKER).unwrap()
    }

    /// Puts a branch where another one is.
    pub fn on_tip(&self, base: &str, branch: &str) {
        let tip = self.head(base).unwrap();
        self.inspect_mut(|state| {
            let owner = state.owner.clone();
            state.set_branch(TRACKER, &owner, branch, Some(&tip));
        });
    }

    /// The same, approved by Ann, and merged.
    pub fn merged_into(&self, base: &str, files: &[Entry], method: &str) -> u64 {
        let number = self.pull_into(base, files);
        self.run();
        self.approve(number, "ann");
        self.run();
        self.ask_merge(TRACKER, number, method).unwrap();
        number
    }

    /// The tracker's pull request into a branch, with a commit for each of these, approved by Ann.
    pub fn approved_in_steps(&self, base: &str, branch: &str, steps: &[Vec<Entry>]) -> u64 {
        self.on_tip(base, branch);
        steps.iter().for_each(|files| drop(self.put(TRACKER, branch, files)));
        let number = self.try_open("owner", branch, base, TRACKER).unwrap();
        self.run();
        self.approve(number, "ann");
        self.run();
        assert!(self.is_green(number));
        number
    }

    /// Somebody whom no rule holds puts commits on a branch, and GitHub takes them for what merging these pull requests by rebase made;
    /// 0 is nobody's.
    pub fn rebased_by_hand(&self, base: &str, commits: &[(u64, Vec<Entry>)]) {
        for (number, files) in commits {
            let sha = self.base(base, files);
            self.inspect_mut(|state| {
                let Some(pull) = state.pulls.get_mut(number) else { return };
                (pull.open, pull.merged, pull.merge_commit) = (false, true, Some(sha.clone()));
                pull.landed.push(sha);
            });
        }
    }

    /// One commit on a branch's tip with the files of another branch or commit: what promotions push by force. Opens its pull
    /// request where there is none.
    pub fn promote_to(&self, base: &str, source: &str) -> u64 {
        let sha = self.inspect_mut(|state| {
            let (tip, source) = (state.tip("owner", base).unwrap(), state.resolve(source).unwrap());
            let tree = state.tree_of(&source).unwrap();
            state.write_commit(tree, &[tip], "github-actions[bot]", "github-actions[bot]", "promote")
        });
        self.push_sha("github-actions[bot]", PROMOTION, &sha).unwrap();
        let open = self.pulls().into_iter().find(|pull| pull.open && pull.head_ref == PROMOTION);
        open.map_or_else(|| self.try_open("owner", PROMOTION, base, "github-actions[bot]").unwrap(), |pull| pull.number)
    }

    /// An app that the rules let through pushes a merge of one branch into another.
    pub fn merge_back(&self, from: &str, to: &str, files: &[(&str, Option<&str>)]) -> String {
        self.bypass("sync[bot]");
        self.push_merge("sync[bot]", to, from, files).unwrap()
    }

    /// The title of the bot's check of the hold at a head.
    pub fn title(&self, number: u64) -> String {
        let runs = self.holds(&self.sha(number));
        runs.last().and_then(|run| run.title.clone()).unwrap_or_default()
    }
}

//! The rules of a branch as values, and which promises of the hold they keep. Pure.
//!
//! The bot writes checks; only rules make them bind. What the rules do not say, or what cannot be seen, is no promise.

mod promise;
#[cfg(test)]
mod tests;

pub use promise::{Kept, Promise, promises};

use crate::finding::read::Read;

/// All rules of a branch: of the rulesets of every level, and of its classic protection, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BranchRules {
    /// The branch.
    pub branch: String,
    /// The checks that must pass. A name may be there more than once: then each entry must be met.
    pub checks: Vec<RequiredCheck>,
    /// Whether a head must hold the tip of the branch.
    pub strict: bool,
    /// The rule that changes come by pull requests, if there is one.
    pub pulls: Option<PullRule>,
    /// The grouping of the merge queue, if there is one: `ALLGREEN` or `HEADGREEN`.
    pub queue: Option<String>,
    /// Whether the branch cannot be deleted.
    pub no_deletion: bool,
    /// Whether the branch cannot be force-pushed.
    pub no_force_push: bool,
    /// The rulesets that the rules come from.
    pub rulesets: Vec<Ruleset>,
    /// What could not be read, and why.
    pub unread: Vec<String>,
}

/// A check that must pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequiredCheck {
    /// Its name.
    pub name: String,
    /// The app that must report it, where that is fixed.
    pub app: Option<u64>,
    /// Whether it is required of a branch that is created, too.
    pub on_create: bool,
}

/// The rule `pull_request`. Of several the strictest values count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullRule {
    /// The number of approving reviews.
    pub approvals: u64,
    /// Whether a push makes approvals void.
    pub dismiss_stale: bool,
    /// Whether owners of code must approve.
    pub code_owners: bool,
    /// Whether somebody other than who pushed last must approve.
    pub last_push: bool,
    /// The number of teams that must approve changes of certain files.
    pub teams: usize,
}

/// A ruleset, as far as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruleset {
    /// Its id.
    pub id: u64,
    /// Its name. Empty where it could not be read.
    pub name: String,
    /// Whether the account of the token may bypass it.
    pub own_bypass: Read<Bypass>,
}

/// Whether somebody may bypass a ruleset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bypass {
    /// Never.
    Never,
    /// When merging pull requests.
    PullRequests,
    /// Always.
    Always,
}

/// Who reports the bot's checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reporter {
    /// An app.
    App {
        /// Its slug: `github-actions` for the token of workflows.
        slug: String,
        /// Its id.
        id: u64,
    },
    /// It is not known, and why.
    Unknown(String),
}

/// The slug of the app that the tokens of all workflows belong to.
pub const ACTIONS: &str = "github-actions";

impl BranchRules {
    /// Whether there is any rule for the branch.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        let comes_in = !self.checks.is_empty() || self.pulls.is_some() || self.queue.is_some();
        comes_in || self.no_deletion || self.no_force_push || !self.rulesets.is_empty()
    }
}

//! Comparing commits, through REST.

use super::GitHub;
use super::error::GitHubError;
use super::rest::segment;
use super::wire::{CommitObject, Object, User, nullable};
use crate::github::facts::{Actor, BranchCommit, Comparison};
use crate::github::ids::CommitId;
use serde::Deserialize;
use std::collections::HashSet;

/// The number of commits a page: GitHub gives no more.
const PAGE: usize = 100;
/// The number of pages that are read.
const PAGES: usize = 25;
/// The maximum length of a commit's message in bytes. The rest is left out.
const MESSAGE: usize = 64 << 10;

impl GitHub {
    /// Returns how the branch or commit `head` is related to `base`.
    ///
    /// # Errors
    /// [`GitHubError::NotFound`] also where they have no common commit; else as for every read: see [`GitHubError`].
    pub async fn compare(&self, base: &str, head: &str) -> Result<Comparison, GitHubError> {
        let what = format!("compare `{base}` with `{head}`");
        let mut comparison = Comparison::default();
        // A branch that moves between two pages gives commits of two comparisons.
        let mut steady = true;
        for page in 1..=PAGES {
            let path = format!("compare/{}...{}?per_page={PAGE}&page={page}", segment(base), segment(head));
            let answer: Compared = self.client.json(&self.client.get(&path, &what)).await?;
            let (merge_base, ahead) = (answer.merge_base_commit.sha, answer.ahead_by);
            steady &= page == 1 || (comparison.merge_base == merge_base && comparison.ahead == ahead);
            (comparison.merge_base, comparison.ahead) = (merge_base, ahead);
            let before = comparison.commits.len();
            comparison.commits.extend(answer.commits.into_iter().map(BranchCommit::from));
            if comparison.commits.len() == before || count(comparison.commits.len()) >= ahead {
                break;
            }
        }
        let different: HashSet<&CommitId> = comparison.commits.iter().map(|commit| &commit.sha).collect();
        let all = different.len() == comparison.commits.len() && count(different.len()) == comparison.ahead;
        comparison.complete = steady && all;
        Ok(comparison)
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[derive(Deserialize)]
struct Compared {
    merge_base_commit: CommitObject,
    ahead_by: u64,
    commits: Vec<CommitItem>,
}

#[derive(Deserialize)]
struct CommitItem {
    sha: CommitId,
    commit: CommitText,
    author: Option<User>,
    committer: Option<User>,
    parents: Vec<CommitObject>,
}

#[derive(Deserialize)]
struct CommitText {
    #[serde(default, deserialize_with = "nullable")]
    message: String,
    #[serde(default, deserialize_with = "nullable")]
    author: Signature,
    #[serde(default, deserialize_with = "nullable")]
    verification: Verification,
    #[serde(default, deserialize_with = "nullable")]
    tree: Object,
}

#[derive(Default, Deserialize)]
struct Signature {
    #[serde(default, deserialize_with = "nullable")]
    name: String,
}

#[derive(Default, Deserialize)]
struct Verification {
    #[serde(default, deserialize_with = "nullable")]
    verified: bool,
}

impl From<CommitItem> for BranchCommit {
    fn from(item: CommitItem) -> Self {
        let known = item.author.map(Actor::from).filter(|a| !a.login.is_empty());
        let CommitText { mut message, author, verification, tree } = item.commit;
        message.truncate(message.floor_char_boundary(MESSAGE));
        Self {
            sha: item.sha,
            author_known: known.is_some(),
            // A name in a commit is whatever its author wrote: nobody is a bot by it.
            author: known.unwrap_or(Actor { login: author.name, bot: false }),
            committer: item.committer.map(Actor::from).unwrap_or_default(),
            parents: item.parents.into_iter().map(|parent| parent.sha).collect(),
            tree: tree.sha,
            message,
            verified: verification.verified,
        }
    }
}

//! What the repositories of sources say of their commits, over the upstreams of a run.

use super::Workspace;
use super::git::{self, GitEntry, GitError, GitPin, HistoryPart, NoHistory};
use crate::bst::track::describe::{Commits, Tag};
use crate::review::ref_proof::{Refs, Relation};

impl Workspace {
    /// Lists the branches and tags of a repository whose names begin with one of `prefixes`; with `HEAD` among them, the default
    /// branch too.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub(crate) async fn named_refs(&self, url: &str, prefixes: &[String]) -> Result<Refs, GitError> {
        self.shared.stage.git().named_refs(url, prefixes).await
    }

    /// Finds out how one commit of a repository stands to another.
    ///
    /// # Errors
    /// When the history does not say, or cannot be read.
    pub(crate) async fn relation(&self, url: &str, one: &str, other: &str) -> Result<Relation, NoHistory> {
        let (one, other) = (git::commit_id(url, one)?, git::commit_id(url, other)?);
        self.shared.stage.git().relation(url, one, other).await
    }

    /// Reads commits of a repository: `tips`, and as much of their history as is requested.
    ///
    /// # Errors
    /// When the history cannot be read, or is too long.
    pub(crate) async fn commits(
        &self,
        url: &str,
        tips: &[String],
        part: HistoryPart<'_>,
    ) -> Result<Commits, NoHistory> {
        self.shared.stage.git().commits(url, tips, part).await
    }

    /// Lists the tags of a repository, with the commits that they lead to.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub(crate) async fn tags(&self, url: &str) -> Result<Vec<Tag>, GitError> {
        self.shared.stage.git().tags(url).await
    }

    /// Returns the commit of the submodule at a path of a commit; None where there is none.
    ///
    /// # Errors
    /// When the commit cannot be read.
    pub(crate) async fn submodule(&self, url: &str, commit: &str, path: &str) -> Result<Option<String>, GitError> {
        let pin = GitPin { url: url.to_owned(), commit: commit.to_owned() };
        Ok(match self.shared.stage.git().entry(&pin, path).await? {
            GitEntry::Submodule(commit) => Some(commit),
            _ => None,
        })
    }
}

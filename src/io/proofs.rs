//! What the repositories of sources say of their commits, over the upstreams of a run.

use super::Workspace;
use super::git::{self, GitError, NoHistory};
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
}

//! What a commit would bring, once it was read and classified.

use super::side::Sided;
use crate::github::content::{Class, Content, Decisive};
use crate::github::facts::Comparison;
use crate::github::ids::CommitId;
use crate::github::tree::Listing;
use std::sync::{Arc, Mutex, PoisonError};

/// A commit, merged into the tip of a branch and classified.
pub(super) struct Judged {
    /// What the merge changes.
    pub(super) content: Content,
    /// The tip of the branch that it is merged into.
    pub(super) tip: CommitId,
    /// The commit.
    pub(super) commit: CommitId,
    /// All files after the merge. None where it could not be computed: then `content` says why.
    pub(super) files: Option<Listing>,
    /// The commits of the branch.
    pub(super) comparison: Comparison,
    /// The state after the merge, until somebody takes it: it is large.
    pub(super) after: Mutex<Option<Arc<Sided>>>,
}

impl Judged {
    /// A commit of which it is not known what it brings to a branch with this tip, and why.
    pub(super) fn unknown(
        (branch, tip): (&str, &CommitId),
        commit: &CommitId,
        comparison: Comparison,
        why: String,
    ) -> Self {
        let (class, path, elements) = (Class::Unknown, String::new(), Vec::new());
        let decisive = vec![Decisive { path, class, why, elements, before: None, after: None }];
        let content = Content { branch: branch.to_owned(), paths: 0, decisive };
        let (tip, commit) = (tip.clone(), commit.clone());
        Self { content, tip, commit, files: None, comparison, after: Mutex::default() }
    }

    /// Takes the state after the merge, where nobody did before.
    pub(super) fn take_after(&self) -> Option<Arc<Sided>> {
        self.after.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

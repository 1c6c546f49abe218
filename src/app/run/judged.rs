//! What a commit would bring, once it was read and classified.

use super::side::Sided;
use crate::github::content::Content;
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
    /// Takes the state after the merge, where nobody did before.
    pub(super) fn take_after(&self) -> Option<Arc<Sided>> {
        self.after.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

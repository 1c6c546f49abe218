//! A version that was packed with changes that are in no commit.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, short};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-newly-dirty",
    severity: Severity::Notice,
    means: "A changed crate says that it was packed from a checkout with changes that were in no commit, and the version before was not. The repository at the commit that it names does not have all that it holds.",
    remedy: "Read the difference of the two versions of the crate: the one upstream does not have it all.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let (Some(before), Some(after)) = (case.archive_before(), case.archive()) else { return Vec::new() };
    // Older cargos named no commit at all then.
    if !after.vcs_dirty || before.vcs_dirty || before.vcs_commit.is_none() {
        return Vec::new();
    }
    let message = format!("{} was packed with changes that are in no commit, unlike the version before", case.who());
    let commit = after.vcs_commit.as_deref().map(|commit| format!("the commit that it names is {}", short(commit)));
    vec![commit.into_iter().fold(case.finding(&RULE, message), Finding::note).help(RULE.remedy)]
}

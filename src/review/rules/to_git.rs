//! A crate that came from the registry and now comes from git.

use crate::cargo2::block::Origin;
use crate::finding::{Finding, Rule, Severity};
use crate::review::ChangeKind;
use crate::review::change_context::{ChangeContext, requested, short, shown};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-to-git",
    severity: Severity::Error,
    means: "A crate came from the registry and now comes from a git repository. What is built is not a published release, and only the commit pins it.",
    remedy: "Find out in the upstream's history why, and who owns the repository.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let (ChangeKind::ToGit, Some(before), Some(after)) = (case.change.kind, &case.change.before, &case.change.after)
    else {
        return Vec::new();
    };
    let Origin::Git { commit, repo, query } = &after.from else { return Vec::new() };
    let same = if before.version == after.version { " at the same version" } else { "" };
    let message = format!("{} comes from git instead of the registry{same}", case.who());
    let note = format!("{} at {}, {}", shown(repo), short(commit), requested(query));
    vec![case.finding(&RULE, message).note(note).help(RULE.remedy)]
}

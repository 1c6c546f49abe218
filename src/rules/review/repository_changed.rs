//! A git crate from another repository.

use crate::block::Origin;
use crate::finding::{Finding, Rule, Severity};
use crate::review::ChangeKind;
use crate::review::case::{Case, shown};

/// The rule.
pub static RULE: Rule = Rule {
    id: "crate-repository-changed",
    severity: Severity::Error,
    means: "A crate from git comes from another repository than before. Who writes it may have changed.",
    mend: "Find out in the upstream's history why, and who owns the new repository.",
};

/// Looks for it.
#[must_use]
pub fn check(case: &Case<'_>) -> Vec<Finding> {
    if case.change.kind != ChangeKind::Repository {
        return Vec::new();
    }
    let repo = |entry: &Option<crate::block::Entry>| match entry.as_ref().map(|e| &e.from) {
        Some(Origin::Git { repo, .. }) => shown(repo),
        _ => "?".into(),
    };
    let finding = case.finding(&RULE, format!("{} comes from another repository", case.who()));
    vec![finding.note(format!("{} → {}", repo(&case.change.before), repo(&case.change.after))).help(RULE.mend)]
}

//! Another commit at the same version.

use crate::cargo2::block::Origin;
use crate::finding::{Finding, Rule, Severity};
use crate::review::ChangeKind;
use crate::review::change_context::{ChangeContext, requested, short};
use crate::review::settings::Relation;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-commit-moved",
    severity: Severity::Notice,
    means: "A crate from git moved to another commit and kept its version, so the version does not say what changed.",
    remedy: "Look at the commits between the two.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let change = case.change;
    let sides = (change.before.as_ref().map(|e| &e.from), change.after.as_ref().map(|e| &e.from));
    let (Some(Origin::Git { commit: a, query: p, repo: old }), Some(Origin::Git { commit: b, query: q, repo: new })) =
        sides
    else {
        return Vec::new();
    };
    let same_version = change.before.as_ref().map(|e| &e.version) == change.after.as_ref().map(|e| &e.version);
    let respelled = || same_version && case.settings.relation(old, new) != Relation::Other;
    let moved = match change.kind {
        ChangeKind::Commit | ChangeKind::Query => true,
        ChangeKind::Repository => respelled(),
        _ => false,
    };
    let reported = p == q && super::tag_moved::fixed(q).is_some();
    if !moved || reported || a == b {
        return Vec::new();
    }
    let finding = case.finding(&RULE, format!("{} moved to another commit at the same version", case.who()));
    vec![finding.note(format!("{} → {} of {}", short(a), short(b), requested(q)))]
}

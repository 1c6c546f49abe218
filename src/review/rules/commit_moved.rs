//! Another commit at the same version.

use crate::cargo2::block::Origin;
use crate::finding::{Finding, Rule, Severity};
use crate::review::ChangeKind;
use crate::review::change_context::{ChangeContext, requested, short};

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
    let (Some(Origin::Git { commit: a, query: p, .. }), Some(Origin::Git { commit: b, query: q, .. })) = sides else {
        return Vec::new();
    };
    let reported = p == q && super::tag_moved::fixed(q).is_some();
    if !matches!(change.kind, ChangeKind::Commit | ChangeKind::Query) || reported || a == b {
        return Vec::new();
    }
    let finding = case.finding(&RULE, format!("{} moved to another commit at the same version", case.who()));
    vec![finding.note(format!("{} → {} of {}", short(a), short(b), requested(q)))]
}

//! Another checksum at the same version.

use crate::cargo2::block::Origin;
use crate::finding::{Finding, Rule, Severity};
use crate::review::ChangeKind;
use crate::review::change_context::{ChangeContext, short};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-checksum-swapped",
    severity: Severity::Error,
    means: "A crate has the same version as before and another checksum. The registry never replaces a version, so one of the two is false.",
    remedy: "Do not merge. Find out which of the two is the registry's, and where the other comes from.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    if case.change.kind != ChangeKind::Checksum {
        return Vec::new();
    }
    let sha = |entry: &Option<crate::cargo2::block::BlockEntry>| match entry.as_ref().map(|e| &e.from) {
        Some(Origin::Registry { sha }) => short(sha),
        _ => "?".into(),
    };
    let finding = case.finding(&RULE, format!("{} has another checksum at the same version", case.who()));
    let mut finding = finding.note(format!("{} → {}", sha(&case.change.before), sha(&case.change.after)));
    if let Some(indexed) = case.indexed() {
        finding = finding.note(format!("the index has {}", short(&indexed.checksum)));
    }
    vec![finding.help(RULE.remedy)]
}

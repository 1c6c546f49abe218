//! Dependencies of a crate that had none.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, listed};
use crate::review::evidence::{DependencyKind, IndexVersion};
use crate::review::{ChangeKind, Semver};
use std::collections::BTreeSet;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-gained-dependencies",
    severity: Severity::Warning,
    means: "A patch release of a crate that had no dependencies brings some. Patch releases of such crates rarely need that; attacks do.",
    remedy: "Look at the crates that it brings, and at the difference between the two versions.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let (ChangeKind::Up(Semver::Patch), Some(before), Some(after)) =
        (case.change.kind, case.indexed_before(), case.indexed())
    else {
        return Vec::new();
    };
    let gained: Vec<&str> = needed(after).into_iter().collect();
    if gained.is_empty() || !needed(before).is_empty() {
        return Vec::new();
    }
    let message = format!("{} had no dependencies and its patch release brings some", case.who());
    vec![case.finding(&RULE, message).note(format!("it needs {}", listed(&gained, 6))).help(RULE.remedy)]
}

/// Returns the dependencies that are built with a version in any case.
fn needed(version: &IndexVersion) -> BTreeSet<&str> {
    let all = version.dependencies.iter().filter(|d| d.kind != DependencyKind::Dev && !d.optional);
    all.map(|d| d.name.as_str()).collect()
}

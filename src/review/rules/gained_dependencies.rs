//! Dependencies of a crate that had none.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, listed};
use crate::review::evidence::{DependencyKind, IndexDependency, IndexVersion};
use crate::review::{ChangeKind, CrateChange, Semver, graph};
use std::collections::BTreeSet;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-gained-dependencies",
    severity: Severity::Warning,
    means: "A patch release of a crate that had no dependencies brings some. Patch releases of such crates rarely need that; attacks do. Dependencies of tests and of other systems do not count, nor optional ones that the lock does not bring in. It is a notice where all of them were in the list before.",
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
    if needed(before).next().is_some() {
        return Vec::new();
    }
    let known = |name: &str| built_on_linux(before).any(|d| d.name == name);
    let optional = built_on_linux(after).filter(|d| d.optional && !known(&d.name) && is_brought_in(case, &d.name));
    let gained: BTreeSet<&str> = needed(after).chain(optional).map(|d| d.name.as_str()).collect();
    if gained.is_empty() {
        return Vec::new();
    }
    let gained: Vec<&str> = gained.into_iter().collect();
    let message = format!("{} had no dependencies and its patch release brings some", case.who());
    let mut finding = case.finding(&RULE, message).note(format!("it needs {}", listed(&gained, 6))).help(RULE.remedy);
    let was_there = |name: &&str| {
        let entries = case.lookup.named(name);
        !entries.is_empty() && entries.iter().all(|entry| !case.lookup.is_changed(entry))
    };
    if gained.iter().all(was_there) {
        finding.severity = Severity::Notice;
        finding.notes.push("they were in the list before".into());
    }
    vec![finding]
}

/// Returns the dependencies that may be built for Linux together with a version.
fn built_on_linux(version: &IndexVersion) -> impl Iterator<Item = &IndexDependency> {
    let here = |d: &&IndexDependency| d.target.as_deref().is_none_or(graph::maybe_linux);
    version.dependencies.iter().filter(|d| d.kind != DependencyKind::Dev).filter(here)
}

/// Returns those of them that are built in any case.
fn needed(version: &IndexVersion) -> impl Iterator<Item = &IndexDependency> {
    built_on_linux(version).filter(|d| !d.optional)
}

/// Returns whether the lock brings in an optional dependency for this crate: a new one whose lock names this crate among those that
/// need it, or names too many or none to know.
fn is_brought_in(case: &ChangeContext<'_>, name: &str) -> bool {
    let new = |c: &&CrateChange| c.name == name && c.after.is_some();
    case.element.changes.iter().filter(new).any(|c| {
        let by = &c.brought_by;
        by.is_empty() || by.contains(&case.change.name) || by.last().is_some_and(|last| last.ends_with(" more"))
    })
}

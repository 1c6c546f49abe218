//! Crates that are known to do harm.

use crate::cargo2::block::BlockEntry;
use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{ChangeContext, Lookup, shown};
use crate::review::evidence::{Advisory, Evidence};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-malicious",
    severity: Severity::Error,
    means: "An advisory says that this version of the crate was made to do harm.",
    remedy: "Do not merge and do not build it. Tell upstream.",
};

/// Looks for it in a change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some(after) = &case.change.after else { return Vec::new() };
    harmful(after, case.evidence).map(|a| told(case.finding(&RULE, message(after)), a, after)).collect()
}

/// Looks for it in what did not change: it should have gone.
#[must_use]
pub(crate) fn check_unchanged(element: &ElementReview, lookup: &Lookup<'_>, evidence: &Evidence) -> Vec<Finding> {
    let harmful = lookup.unchanged_affected(evidence).into_iter().filter(|(_, advisory)| advisory.malicious);
    let finding = |(entry, advisory): (&BlockEntry, &Advisory)| {
        let finding = Finding::new(&RULE, message(entry)).of(&element.element).about(&entry.name);
        told(finding, advisory, entry).note("it was there before")
    };
    harmful.map(finding).collect()
}

fn harmful<'a>(entry: &'a BlockEntry, evidence: &'a Evidence) -> impl Iterator<Item = &'a Advisory> {
    let all = evidence.advisories.got().into_iter().flat_map(|all| &all.list);
    all.filter(|a| a.malicious && a.krate == entry.name && a.affects(&entry.version))
}

fn message(entry: &BlockEntry) -> String {
    format!("{} is known to do harm", shown(&entry.to_string()))
}

fn told(finding: Finding, advisory: &Advisory, entry: &BlockEntry) -> Finding {
    super::vulnerable::described(finding, advisory, entry).help(RULE.remedy)
}

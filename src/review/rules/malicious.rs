//! Crates that are known to do harm.

use crate::cargo2::block::BlockEntry;
use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{ChangeContext, Lookup, cause, shown};
use crate::review::evidence::{Advisory, Evidence};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-malicious",
    severity: Severity::Error,
    means: "An advisory says that this version of the crate is malicious, by its name in any spelling or by the sha256 of its archive, whatever its name is. It fails the check of the blocks.",
    remedy: "Do not merge and do not build it. Report it to upstream.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some(after) = &case.change.after else { return Vec::new() };
    harmful(after, case.evidence).map(|a| described(case.finding(&RULE, message(after, a)), a, after)).collect()
}

/// Returns the findings of [`RULE`] on crates that did not change: they should have gone.
#[must_use]
pub(crate) fn check_unchanged(element: &ElementReview, lookup: &Lookup<'_>, evidence: &Evidence) -> Vec<Finding> {
    let harmful = lookup.unchanged_affected(evidence).into_iter().filter(|(_, advisory)| advisory.malicious);
    let finding = |(entry, advisory): (&BlockEntry, &Advisory)| {
        let mut finding = Finding::new(&RULE, message(entry, advisory)).of(&element.element).about(&entry.name);
        finding.cause = Some(cause(&finding));
        described(finding, advisory, entry).note("it was there before")
    };
    harmful.map(finding).collect()
}

fn harmful<'a>(entry: &'a BlockEntry, evidence: &'a Evidence) -> impl Iterator<Item = &'a Advisory> {
    evidence.advisories.got().into_iter().flat_map(|all| all.of(entry)).filter(|advisory| advisory.malicious)
}

fn message(entry: &BlockEntry, advisory: &Advisory) -> String {
    let own = format!("{} is known to be malicious", shown(&entry.to_string()));
    if advisory.is_about(&entry.name) { own } else { format!("{own}: it is an archive of {}", shown(&advisory.krate)) }
}

fn described(finding: Finding, advisory: &Advisory, entry: &BlockEntry) -> Finding {
    super::vulnerable::described(finding, advisory, entry).help(RULE.remedy)
}

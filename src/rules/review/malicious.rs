//! Crates that are known to do harm.

use crate::block::Entry;
use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::case::{Case, shown};
use crate::review::evidence::{Advisory, Evidence};

/// The rule.
pub static RULE: Rule = Rule {
    id: "crate-malicious",
    severity: Severity::Error,
    means: "An advisory says that this version of the crate was made to do harm.",
    mend: "Do not merge and do not build it. Tell upstream.",
};

/// Looks for it in a change.
#[must_use]
pub fn check(case: &Case<'_>) -> Vec<Finding> {
    let Some(after) = &case.change.after else { return Vec::new() };
    harmful(after, case.evidence).map(|a| told(case.finding(&RULE, message(after)), a, after)).collect()
}

/// Looks for it in what did not change: it should have gone.
#[must_use]
pub fn check_unchanged(element: &ElementReview, evidence: &Evidence) -> Vec<Finding> {
    let changed = |e: &&Entry| element.changes.iter().any(|c| c.after.as_ref() == Some(e));
    if !evidence.advisories.got().is_some_and(|all| all.list.iter().any(|a| a.malicious)) {
        return Vec::new();
    }
    let found = |e| {
        let finding = move || Finding::new(&RULE, message(e)).of(&element.element).about(&e.name);
        harmful(e, evidence).map(move |a| told(finding(), a, e).note("it was there before"))
    };
    element.list.iter().filter(|e| !changed(e)).flat_map(found).collect()
}

fn harmful<'a>(entry: &'a Entry, evidence: &'a Evidence) -> impl Iterator<Item = &'a Advisory> {
    let all = evidence.advisories.got().into_iter().flat_map(|all| &all.list);
    all.filter(|a| a.malicious && a.krate == entry.name && a.affects(&entry.version))
}

fn message(entry: &Entry) -> String {
    format!("{} is known to do harm", shown(&entry.to_string()))
}

fn told(finding: Finding, advisory: &Advisory, entry: &Entry) -> Finding {
    super::vulnerable::described(finding, advisory, entry).help(RULE.mend)
}

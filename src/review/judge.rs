//! What of the changes needs a human: runs the rules of the review over every change.

use super::case::{Case, Lookup, registry};
use super::evidence::{Evidence, Needs};
use super::facts::facts;
use super::{Attention, CrateChange, ElementReview};
use crate::finding::{Finding, Severity};
use crate::rules::review::{CHECKS, ELEMENT_CHECKS};
use std::cmp::Reverse;

/// What the project wants of its crates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Licences that are fine, by their SPDX names. Empty: every licence is.
    pub licenses: Vec<String>,
}

/// What has to be looked up to judge the changes; nothing where nothing changed.
///
/// Index entries of the crates whose new entry is from the registry, and the archives of both sides.
#[must_use]
pub fn needs(elements: &[ElementReview]) -> Needs {
    let mut needs = Needs::default();
    for change in elements.iter().flat_map(|e| &e.changes) {
        let Some((after, _)) = registry(change.after.as_ref()) else { continue };
        needs.names.insert(after.name.clone());
        for (entry, sha) in [registry(change.after.as_ref()), registry(change.before.as_ref())].into_iter().flatten() {
            needs.archives.insert((entry.name.clone(), entry.version.clone(), sha.to_ascii_lowercase()));
        }
    }
    needs
}

/// Judges the changes of all elements: fills in their facts and attention, sorts them by that, and returns the findings,
/// weightiest first, then in the order of the elements.
pub fn judge(elements: &mut [ElementReview], evidence: &Evidence, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    for element in elements.iter_mut() {
        let (changes, own) = of_element(element, evidence, settings);
        element.changes = changes;
        findings.extend(own);
    }
    findings.sort_by_key(|f| Reverse(f.severity));
    findings.dedup();
    findings
}

/// Judges one list: its changes with their facts, in order, and the findings.
fn of_element(element: &ElementReview, evidence: &Evidence, settings: &Settings) -> (Vec<CrateChange>, Vec<Finding>) {
    let lookup = Lookup::of(element);
    let mut findings: Vec<Finding> =
        ELEMENT_CHECKS.iter().flat_map(|check| check(element, &lookup, evidence)).collect();
    let mut changes = Vec::with_capacity(element.changes.len());
    for change in &element.changes {
        let case = Case { element, change, evidence, settings, lookup: &lookup };
        let own: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&case)).collect();
        let facts = facts(&case);
        let attention = attention(change.attention, &own, facts.iter().any(|(_, unusual)| *unusual));
        let facts = facts.into_iter().map(|(fact, _)| fact).collect();
        changes.push(CrateChange { attention, facts, ..change.clone() });
        findings.extend(own);
    }
    changes.sort_by(|a, b| (a.attention, &a.name).cmp(&(b.attention, &b.name)));
    (changes, findings)
}

/// How much a change asks for a look. What only other platforms build stays so, unless something is wrong with it.
fn attention(before: Attention, findings: &[Finding], unusual: bool) -> Attention {
    match findings.iter().map(|f| f.severity).max() {
        Some(Severity::Error | Severity::Warning) => Attention::High,
        _ if before == Attention::Elsewhere => Attention::Elsewhere,
        Some(Severity::Notice) => Attention::Medium,
        None if unusual => Attention::Medium,
        None => Attention::Low,
    }
}

//! The findings on the changes: runs the rules of the review over every change.

use super::change_context::{ChangeContext, Lookup, registry};
use super::evidence::{Evidence, Needs};
use super::facts::facts;
use super::grouping::together;
use super::settings::Settings;
use super::{Attention, CrateChange, ElementReview};
use crate::finding::{Finding, Severity};
use crate::review::rules::repository_changed;
use crate::review::rules::{CHECKS, ELEMENT_CHECKS};
use std::cmp::Reverse;

/// Returns what has to be looked up to evaluate the changes; nothing where nothing changed.
///
/// Index entries of the crates whose new entry is from the registry, the archives of both sides, and the advisories on all
/// registry crates of a list in which something changed.
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
    for element in elements.iter().filter(|e| !e.changes.is_empty()) {
        needs.listed.extend(element.list.iter().filter_map(|entry| Some(registry(Some(entry))?.0.name.clone())));
    }
    needs
}

/// Evaluates the changes of all elements: fills in their facts and attention, sorts them by that, and returns the
/// findings, most important first, then in the order of the elements.
pub fn review_changes(elements: &mut [ElementReview], evidence: &Evidence, settings: &Settings) -> Vec<Finding> {
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

/// Evaluates one list: its changes with their facts, in order, and the findings.
fn of_element(element: &ElementReview, evidence: &Evidence, settings: &Settings) -> (Vec<CrateChange>, Vec<Finding>) {
    let lookup = Lookup::of(element);
    let mut findings: Vec<Finding> =
        ELEMENT_CHECKS.iter().flat_map(|check| check(element, &lookup, evidence)).collect();
    findings.extend(repository_changed::check_aliases(element, settings));
    let mut changes = Vec::with_capacity(element.changes.len());
    for change in &element.changes {
        let case = ChangeContext { element, change, evidence, settings, lookup: &lookup };
        let own: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&case)).collect();
        let change = CrateChange { facts: facts(&case), ..change.clone() };
        let attention = attention(change.attention, &own, !change.is_routine());
        changes.push(CrateChange { attention, ..change });
        findings.extend(own);
    }
    let findings = together(element, findings);
    changes.sort_by(|a, b| (a.attention, &a.name).cmp(&(b.attention, &b.name)));
    (changes, findings)
}

/// Returns the attention that a change needs. What only other platforms build stays so, unless something is wrong with
/// it.
fn attention(before: Attention, findings: &[Finding], unusual: bool) -> Attention {
    match findings.iter().map(|f| f.severity).max() {
        Some(Severity::Error | Severity::Warning) => Attention::High,
        _ if before == Attention::Elsewhere => Attention::Elsewhere,
        Some(Severity::Notice) => Attention::Medium,
        None if unusual => Attention::Medium,
        None => Attention::Low,
    }
}

//! The findings on the changes: runs the rules of the review over every change.

use super::advisories::{Advisory, AdvisoryNote};
use super::change_context::{ChangeContext, Lookup, registry};
use super::evidence::{ArchiveNeed, Evidence, Needs, PublisherNeed, ScriptChange};
use super::fact::{Fact, Weight};
use super::facts::facts;
use super::grouping::together;
use super::settings::Settings;
use super::{Attention, CrateChange, ElementReview};
use crate::cargo2::block::BlockEntry;
use crate::finding::{Finding, Severity};
use crate::review::rules::repository_changed;
use crate::review::rules::{CHECKS, ELEMENT_CHECKS, is_told_in_line};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Returns what has to be looked up to evaluate the changes; nothing where nothing changed.
///
/// Index entries of the crates whose new entry is from the registry, the archives of both sides, and the advisories on all
/// registry crates of a list in which something changed. Archives come in the order in which a limit should cut them: updates
/// last.
#[must_use]
pub fn needs(elements: &[ElementReview]) -> Needs {
    let mut needs = Needs::default();
    let mut archives = BTreeSet::new();
    for change in elements.iter().flat_map(|e| &e.changes) {
        let Some((after, sha)) = registry(change.after.as_ref()) else { continue };
        needs.names.insert(after.name.clone());
        let side = |entry: &BlockEntry, sha: &str| (entry.version.clone(), sha.to_ascii_lowercase());
        let before = registry(change.before.as_ref()).map(|(entry, sha)| side(entry, sha));
        let need = ArchiveNeed { name: after.name.clone(), before, after: side(after, sha) };
        let is_update = change.kind.weight() == Weight::Routine;
        archives.insert((is_update, need));
    }
    let mut known = BTreeSet::new();
    let once = archives.into_iter().map(|(_, need)| need).filter(|need| known.insert(need.clone()));
    needs.archives = once.collect();
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

/// The advisories that evaluated changes free the lists from, and those that affect the new lists as they did the old ones; each once
/// for a version.
#[must_use]
pub fn advisory_notes(elements: &[ElementReview], evidence: &Evidence) -> Vec<AdvisoryNote> {
    let Some(all) = evidence.advisories.got() else { return Vec::new() };
    let mut notes = BTreeSet::new();
    for element in elements.iter().filter(|element| !element.changes.is_empty()) {
        for change in &element.changes {
            let Some(before) = &change.before else { continue };
            let fixes = |advisory: &&Advisory| {
                change.facts.iter().any(|fact| matches!(fact, Fact::Fixes(id) if *id == advisory.id))
            };
            notes.extend(all.of(before).filter(fixes).map(|advisory| advisory.note(before, true)));
            let still = change.after.iter().flat_map(|after| all.of(after).map(move |advisory| (after, advisory)));
            let still = still.filter(|(_, advisory)| advisory.affects(&before.version) && !advisory.malicious);
            notes.extend(still.map(|(after, advisory)| advisory.note(after, false)));
        }
        let lookup = Lookup::of(element);
        let unchanged = lookup.unchanged_affected(evidence).into_iter().filter(|(_, advisory)| !advisory.malicious);
        notes.extend(unchanged.map(|(entry, advisory)| advisory.note(entry, false)));
    }
    notes.into_iter().collect()
}

/// The changes of all elements, what needs attention first.
fn by_attention(elements: &[ElementReview]) -> Vec<&CrateChange> {
    let mut changes: Vec<&CrateChange> = elements.iter().flat_map(|e| &e.changes).collect();
    changes.sort_by_key(|change| change.attention);
    changes
}

/// The number of versions before that are asked for as well.
const EARLIER: usize = 8;

/// Returns of which crates it has to be known who published them: of evaluated changes, those that a warning or an error is about,
/// then those that are new.
#[must_use]
pub fn publisher_needs(elements: &[ElementReview], evidence: &Evidence) -> Vec<PublisherNeed> {
    let changes = by_attention(elements);
    let mut known = BTreeSet::new();
    let need = |change: &CrateChange| {
        let new = &registry(change.after.as_ref())?.0.version;
        let before = registry(change.before.as_ref()).map(|(entry, _)| entry.version.clone());
        let is_new = before.is_none() && change.attention != Attention::Elsewhere;
        let index = evidence.index.got()?.get(&change.name)?.as_ref().ok()?;
        let at = index.versions.iter().position(|version| version.version == *new)?;
        if !(is_new || change.attention == Attention::High) || !known.insert((change.name.clone(), new.clone())) {
            return None;
        }
        let earlier = index.versions[..at].iter().rev().take(EARLIER).map(|version| version.version.clone());
        let mut versions: Vec<String> = Vec::new();
        for version in [new.clone()].into_iter().chain(before).chain(earlier) {
            if !versions.contains(&version) {
                versions.push(version);
            }
        }
        Some(PublisherNeed { name: change.name.clone(), versions, is_new })
    };
    changes.into_iter().filter_map(need).collect()
}

/// The build scripts that differ, of evaluated changes: what needs attention first, each once.
#[must_use]
pub fn scripts(elements: &[ElementReview], evidence: &Evidence) -> Vec<ScriptChange> {
    let changes = by_attention(elements);
    let mut known = BTreeSet::new();
    let script = |change: &CrateChange| {
        let new = registry(change.after.as_ref())?.0.version.clone();
        let old = registry(change.before.as_ref()).map_or_else(String::new, |(entry, _)| entry.version.clone());
        let key = (change.name.clone(), old, new);
        let files = evidence.archives.deltas.get(&key)?.scripts.clone();
        let news = !files.is_empty() && known.insert(key.clone());
        news.then_some(ScriptChange { krate: key.0, old: key.1, new: key.2, files })
    };
    changes.into_iter().filter_map(script).collect()
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

/// Returns the attention that a change needs. A notice that its line says as well changes nothing. What only other platforms build stays so, unless something is wrong with
/// it.
fn attention(before: Attention, findings: &[Finding], unusual: bool) -> Attention {
    match findings.iter().filter(|finding| !is_told_in_line(finding)).map(|f| f.severity).max() {
        Some(Severity::Error | Severity::Warning) => Attention::High,
        _ if before == Attention::Elsewhere => Attention::Elsewhere,
        Some(Severity::Notice) => Attention::Medium,
        None if unusual => Attention::Medium,
        None => Attention::Low,
    }
}

//! Bumps of crates, with evidence, for the tests of the evaluation.

use super::change_context::DAY;
use super::evaluate::review_changes;
use super::evidence::*;
use super::settings::Settings;
use super::*;
use crate::cargo2::block::Origin;
use crate::finding::read::Unreadable;
use std::collections::BTreeMap;

/// The time of all reports of these tests.
pub(super) const NOW: i64 = 1_790_000_000;

/// The checksum of a version, as both the block and the index have it.
pub(super) fn sha(name: &str, version: &str) -> String {
    let seed = format!("{name}{version}").bytes().fold(7u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
    format!("{seed:016x}").repeat(4)
}

pub(super) fn registry(name: &str, version: &str) -> BlockEntry {
    BlockEntry { name: name.into(), version: version.into(), from: Origin::Registry { sha: sha(name, version) } }
}

pub(super) fn git(name: &str, version: &str, repo: &str, commit: char, query: &[(&str, &str)]) -> BlockEntry {
    let query = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let from = Origin::Git { commit: commit.to_string().repeat(40), repo: repo.into(), query };
    BlockEntry { name: name.into(), version: version.into(), from }
}

/// An element whose list goes from one state to the other.
pub(super) fn element(before: &[BlockEntry], after: &[BlockEntry]) -> ElementReview {
    ElementReview {
        element: "tool.bst".into(),
        file: "elements/tool.bst".into(),
        line: 12,
        status: Status::Right,
        lock: None,
        crates: (before.len(), after.len()),
        sources: Vec::new(),
        changes: compare::compare(before, after),
        list: after.to_vec(),
    }
}

/// An index in which every version of the entries is as the block says, each crate with a history of five years.
pub(super) fn index(entries: &[BlockEntry]) -> BTreeMap<String, Result<IndexCrate, Unreadable>> {
    let mut all: BTreeMap<String, Result<IndexCrate, Unreadable>> = BTreeMap::new();
    for entry in entries {
        let versions = || IndexCrate { versions: (0..8).map(|n| version(&format!("0.0.{n}"), 1_800 - n)).collect() };
        let Ok(known) = all.entry(entry.name.clone()).or_insert_with(|| Ok(versions())) else { continue };
        if known.version(&entry.version).is_none() {
            known
                .versions
                .push(IndexVersion { checksum: sha(&entry.name, &entry.version), ..version(&entry.version, 400) });
        }
    }
    all
}

/// A version that is so many days old.
pub(super) fn version(version: &str, days: i64) -> IndexVersion {
    IndexVersion { version: version.into(), published: Some(NOW - days * DAY), ..IndexVersion::default() }
}

pub(super) fn evidence(index: BTreeMap<String, Result<IndexCrate, Unreadable>>) -> Evidence {
    Evidence {
        index: Source::Got(index),
        advisories: Source::Got(Advisories::default()),
        archives: Archives::default(),
        publishers: Source::Got(Publishers::default()),
        now: NOW,
        bumped: None,
    }
}

/// The index entry of a crate.
pub(super) fn of<'a>(evidence: &'a mut Evidence, name: &str) -> &'a mut IndexCrate {
    let Source::Got(index) = &mut evidence.index else { panic!() };
    index.get_mut(name).unwrap().as_mut().unwrap()
}

/// Findings as `severity rule: message`.
pub(super) fn messages(elements: &mut [ElementReview], evidence: &Evidence) -> Vec<String> {
    let findings = review_changes(elements, evidence, &Settings::default());
    findings.iter().map(|f| format!("{} {}: {}", f.severity.name(), f.rule.id, f.message)).collect()
}

/// The messages on a bump with an index that agrees with it.
pub(super) fn bump(before: &[BlockEntry], after: &[BlockEntry]) -> Vec<String> {
    messages(&mut [element(before, after)], &evidence(index(&[before, after].concat())))
}

/// The messages on the archives of a bump of `a` from 1.0.0 to 1.0.1.
pub(super) fn archives(before: ArchiveFacts, after: ArchiveFacts) -> Vec<String> {
    let (old, new) = (registry("a", "1.0.0"), registry("a", "1.0.1"));
    let mut all = evidence(index(&[old.clone(), new.clone()]));
    all.archives.facts.insert(("a".into(), "1.0.0".into()), Ok(before));
    all.archives.facts.insert(("a".into(), "1.0.1".into()), Ok(after));
    messages(&mut [element(&[old], &[new])], &all)
}

pub(super) fn licensed() -> ArchiveFacts {
    ArchiveFacts { license: Some("MIT".into()), ..ArchiveFacts::default() }
}

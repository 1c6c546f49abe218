//! What is to be written for the crate lists of one file.

use crate::cargo2::edit::{self, Expected};
use crate::cargo2::element::CrateList;
use crate::cargo2::verify::Verdict;
use crate::finding::Finding;
use crate::finding::fixes::Change;
use crate::finding::rules;
use crate::text::Edit;
use crate::yaml::splice::EditError;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A crate list, what was decided about it, and where its lock came from.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The crate list.
    pub crate_list: CrateList,
    /// What was decided.
    pub verdict: Verdict,
    /// Where its lock came from.
    pub origin: Option<String>,
    /// What else is to be told of it.
    pub told: Vec<Finding>,
}

/// The crate lists of one file, and what would be written to it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The crate lists, as they were judged.
    pub group: Vec<Judged>,
    /// The file's change, when something is to be written.
    pub change: Option<Change>,
    /// What a user must know of them.
    pub findings: Vec<Finding>,
}

/// The crate lists of each file together.
#[must_use]
pub fn by_file(verdicts: Vec<Judged>) -> BTreeMap<Arc<str>, Vec<Judged>> {
    let mut files: BTreeMap<Arc<str>, Vec<Judged>> = BTreeMap::new();
    for judged in verdicts {
        files.entry(judged.crate_list.key().0).or_default().push(judged);
    }
    files
}

/// Plans the change of one file. The lists that cannot be judged do not keep the others from being mended.
#[must_use]
pub fn plan(group: Vec<Judged>) -> Planned {
    let mut findings: Vec<Finding> = group.iter().flat_map(|judged| judged.told.clone()).collect();
    let group = contested(group, &mut findings);
    let change = edited(&group).unwrap_or_else(|error| {
        let place = group.first().map(|judged| judged.crate_list.location());
        let mut finding = Finding::new(&rules::BLOCK_UNREADABLE, error.to_string());
        finding.location = place;
        findings.push(finding);
        None
    });
    Planned { group, change, findings }
}

/// The file's old and new text, when something is to be written.
fn edited(group: &[Judged]) -> Result<Option<Change>, EditError> {
    let Some(first) = group.first() else { return Ok(None) };
    let mut edits: Vec<Edit> = Vec::new();
    let mut results = Vec::new();
    for Judged { crate_list, verdict, .. } in group {
        if let Verdict::Drifted { edit: Ok(edit), expected, .. } = verdict {
            edits.push(edit.clone());
            results.push(Expected { at: crate_list.place().1, expected, layout: crate_list.layout });
        }
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let old = first.crate_list.place().0;
    edit::apply(old, &edits, &results).map(|new| Some(Change { old: old.clone(), new }))
}

/// One crate list that elements want differently is left alone, with a finding.
fn contested(group: Vec<Judged>, findings: &mut Vec<Finding>) -> Vec<Judged> {
    let mut by_place: BTreeMap<usize, Vec<Judged>> = BTreeMap::new();
    for judged in group {
        by_place.entry(judged.crate_list.place().1).or_default().push(judged);
    }
    let mut out = Vec::new();
    for (_, mut same) in by_place {
        if !same.windows(2).all(|pair| agree(&pair[0].verdict, &pair[1].verdict)) {
            let names: Vec<&str> = same.iter().map(|judged| judged.crate_list.name()).collect();
            let message = format!("these elements ask one block for different content: {}", names.join(", "));
            let finding = Finding::new(&rules::BLOCK_CONTESTED, message).at(same[0].crate_list.location());
            for judged in &mut same {
                let none = Verdict::Unverified { findings: Vec::new() };
                if let Verdict::Unverified { findings: told } = std::mem::replace(&mut judged.verdict, none) {
                    findings.extend(told);
                }
            }
            findings.push(finding);
        }
        let mut same = same.into_iter();
        if let Some(mut first) = same.next() {
            same.for_each(|judged| first.crate_list.elements.extend(judged.crate_list.elements));
            out.push(first);
        }
    }
    out
}

/// Whether two elements want the same of a crate list.
fn agree(a: &Verdict, b: &Verdict) -> bool {
    match (a, b) {
        (Verdict::Right { .. }, Verdict::Right { .. }) | (Verdict::Exempt, Verdict::Exempt) => true,
        (Verdict::Drifted { expected: a, .. }, Verdict::Drifted { expected: b, .. }) => a == b,
        _ => false,
    }
}

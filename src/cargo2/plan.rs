//! The changes to write for the crate lists of one file.

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

/// A crate list with its verdict and the origin of its lock.
#[derive(Clone, Debug)]
pub struct VerifiedList {
    /// The crate list.
    pub crate_list: CrateList,
    /// The result of the verification.
    pub verdict: Verdict,
    /// The origin of its lock, if one was read.
    pub origin: Option<String>,
    /// Further findings about it.
    pub notes: Vec<Finding>,
}

/// The crate lists of one file, and the change to write to it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The crate lists and their verdicts.
    pub group: Vec<VerifiedList>,
    /// The change of the file, if there is one.
    pub change: Option<Change>,
    /// The findings about these lists.
    pub findings: Vec<Finding>,
}

/// Groups crate lists by their file.
#[must_use]
pub fn by_file(verdicts: Vec<VerifiedList>) -> BTreeMap<Arc<str>, Vec<VerifiedList>> {
    let mut files: BTreeMap<Arc<str>, Vec<VerifiedList>> = BTreeMap::new();
    for list in verdicts {
        files.entry(list.crate_list.key().0).or_default().push(list);
    }
    files
}

/// Plans the change of one file. Lists that cannot be verified do not keep the others from being updated.
#[must_use]
pub fn plan(group: Vec<VerifiedList>) -> Planned {
    let mut findings: Vec<Finding> = group.iter().flat_map(|list| list.notes.clone()).collect();
    let group = contested(group, &mut findings);
    let change = edited(&group).unwrap_or_else(|error| {
        let place = group.first().map(|list| list.crate_list.location());
        let mut finding = Finding::new(&rules::BLOCK_UNREADABLE, error.to_string());
        finding.location = place;
        findings.push(finding);
        None
    });
    Planned { group, change, findings }
}

/// Computes the file's old and new text, if anything changes.
fn edited(group: &[VerifiedList]) -> Result<Option<Change>, EditError> {
    let Some(first) = group.first() else { return Ok(None) };
    let mut edits: Vec<Edit> = Vec::new();
    let mut results = Vec::new();
    for VerifiedList { crate_list, verdict, .. } in group {
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

/// Leaves a shared crate list unchanged where its elements need different content, and adds a finding.
fn contested(group: Vec<VerifiedList>, findings: &mut Vec<Finding>) -> Vec<VerifiedList> {
    let mut by_place: BTreeMap<usize, Vec<VerifiedList>> = BTreeMap::new();
    for list in group {
        by_place.entry(list.crate_list.place().1).or_default().push(list);
    }
    let mut out = Vec::new();
    for (_, mut same) in by_place {
        if !same.windows(2).all(|pair| agree(&pair[0].verdict, &pair[1].verdict)) {
            let names: Vec<&str> = same.iter().map(|list| list.crate_list.name()).collect();
            let message = format!("these elements need different content in the same block: {}", names.join(", "));
            let finding = Finding::new(&rules::BLOCK_CONTESTED, message).at(same[0].crate_list.location());
            for list in &mut same {
                let none = Verdict::Unverified { findings: Vec::new() };
                if let Verdict::Unverified { findings: reasons } = std::mem::replace(&mut list.verdict, none) {
                    findings.extend(reasons);
                }
            }
            findings.push(finding);
        }
        let mut same = same.into_iter();
        if let Some(mut first) = same.next() {
            same.for_each(|list| first.crate_list.elements.extend(list.crate_list.elements));
            out.push(first);
        }
    }
    out
}

/// Returns whether two elements need the same content in a crate list.
fn agree(a: &Verdict, b: &Verdict) -> bool {
    match (a, b) {
        (Verdict::Right { .. }, Verdict::Right { .. }) | (Verdict::Exempt, Verdict::Exempt) => true,
        (Verdict::Drifted { expected: a, .. }, Verdict::Drifted { expected: b, .. }) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo2::block::{BlockEntry, Origin};
    use crate::cargo2::drift::Drift;
    use crate::finding::read::Read;
    use crate::text::{SourceText, Span};

    #[test]
    fn elements_that_need_the_same_content_in_a_shared_block_do_not_contest_it() {
        let none = |_: &str| Read::Absent;
        let conf = Arc::new(SourceText::new("project.conf", "name: p\n"));
        let project = crate::bst::project::parse(&conf, &none, &[]).unwrap();
        let file = Arc::new(SourceText::new("a.bst", "sources:\n- kind: local\n  path: x\n- kind: cargo2\n"));
        let crate_list = crate::cargo2::element::read("a.bst", &file, &project, &none).crate_lists.remove(0);
        let needs = |version: &str| {
            let from = Origin::Registry { sha: "ab".repeat(32) };
            let expected = vec![BlockEntry { name: "a".into(), version: version.into(), from }];
            let edit = Err((String::new(), Span::default()));
            let verdict = Verdict::Drifted { drift: Drift::default(), expected, edit };
            VerifiedList { crate_list: crate_list.clone(), verdict, origin: None, notes: Vec::new() }
        };
        let rules = |other: &str| {
            let planned = plan(vec![needs("1"), needs(other)]);
            assert_eq!(planned.group.len(), 1);
            planned.findings.iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
        };
        assert_eq!((rules("1"), rules("2")), (vec![], vec![rules::BLOCK_CONTESTED.id]));
    }
}

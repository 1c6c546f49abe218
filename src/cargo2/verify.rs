//! The decision about one crate list: right, drifted with its edit, or not verified and why.

use crate::cargo2::block::{self, BlockEntry, Layout, Origin};
use crate::cargo2::drift::{self, Drift};
use crate::cargo2::edit;
use crate::cargo2::element::CrateList;
use crate::cargo2::lock::{self, Lock};
use crate::cargo2::overrides;
use crate::config;
use crate::finding::Finding;
use crate::finding::rules;
use crate::text::{Edit, Location, SourceText, Span};

/// The bytes of a lock file, and where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFile {
    /// The content of the lock file.
    pub bytes: Vec<u8>,
    /// The origin to show in reports: `Cargo.lock at 0123456 of https://…`.
    pub origin: String,
}

/// The result of verifying one crate list.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The list matches its lock.
    Right {
        /// The number of crates in the list.
        crates: usize,
    },
    /// The list does not match its lock.
    Drifted {
        /// The difference between the two.
        drift: Drift,
        /// The entries that match the lock.
        expected: Vec<BlockEntry>,
        /// The edit that updates the list, or why it cannot be made.
        edit: Result<Edit, block::Problem>,
    },
    /// The configuration exempts the list.
    Exempt,
    /// The list could not be verified.
    Unverified {
        /// The reasons.
        findings: Vec<Finding>,
    },
}

/// Verifies a crate list against its lock, and reports exceptions that have no effect. Does no input or output.
#[must_use]
pub fn verify_block(crate_list: &CrateList, lock: Result<&LockFile, Finding>) -> (Verdict, Vec<Finding>) {
    let mut notes = Vec::new();
    let verdict = exempt(crate_list, verdict(crate_list, lock, &mut notes), &mut notes);
    (verdict, notes)
}

/// Replaces the verdict of an exempt list. A list that matches anyway keeps its verdict: then the exemption has no effect.
fn exempt(crate_list: &CrateList, verdict: Verdict, notes: &mut Vec<Finding>) -> Verdict {
    let Some(reason) = &crate_list.exempt else { return verdict };
    if matches!(verdict, Verdict::Right { .. }) {
        notes.push(config::unused(crate_list.name(), "the exemption", reason));
        return verdict;
    }
    let finding = Finding::new(&rules::ELEMENT_EXEMPT, format!("the block is not verified: {reason}"));
    notes.push(finding.at(crate_list.location()).of(crate_list.name()));
    Verdict::Exempt
}

fn verdict(crate_list: &CrateList, lock: Result<&LockFile, Finding>, notes: &mut Vec<Finding>) -> Verdict {
    let findings = match compare_with_lock(crate_list, lock, notes) {
        Ok(verdict) => return verdict,
        Err(findings) => findings,
    };
    let place = crate_list.location();
    let findings = findings.into_iter().map(|mut finding| {
        finding.location.get_or_insert_with(|| place.clone());
        finding.of(crate_list.name())
    });
    Verdict::Unverified { findings: findings.collect() }
}

fn compare_with_lock(
    crate_list: &CrateList,
    lock: Result<&LockFile, Finding>,
    notes: &mut Vec<Finding>,
) -> Result<Verdict, Vec<Finding>> {
    let current = crate_list.current().map_err(|(message, span)| {
        vec![Finding::new(&rules::BLOCK_UNREADABLE, message).at(crate_list.place().0.locate(span))]
    })?;
    let file = lock.map_err(|finding| vec![finding])?;
    let text = std::str::from_utf8(&file.bytes).map_err(|e| {
        let message = format!("the lock is not UTF-8 at byte {}", e.valid_up_to());
        vec![Finding::new(&rules::LOCK_UNREADABLE, message).note(format!("lock: {}", file.origin))]
    })?;
    let mut lock = lock::parse(text).map_err(|e| vec![unreadable_lock(&e, text, &file.origin)])?;
    let whole = lock.clone();
    let mut unused = overrides::leave_out(&mut lock, &crate_list.overrides);
    let mut expected = expected(&lock, crate_list, text, &file.origin)?;
    unused.extend(overrides::change(&mut expected, &crate_list.overrides));
    notes.extend(unused.iter().map(|krate| {
        config::unused(crate_list.name(), &format!("the exception for the crate `{}`", krate.name), &krate.reason)
    }));
    let mut drift = drift::compare(current.values(), &expected, crate_list.layout);
    drift.flawed.extend(
        current.flaws().map(|(message, span)| format!("line {}: {message}", crate_list.place().0.locate(*span).line)),
    );
    if drift.is_empty() {
        return Ok(Verdict::Right { crates: expected.len() });
    }
    // Before anything is written from a lock, another reader must see the same packages.
    lock::second_opinion(text, &whole).map_err(|e| vec![unreadable_lock(&e, text, &file.origin)])?;
    let target = edit::Target {
        source: &crate_list.source,
        current: &current,
        layout: crate_list.layout,
        base: &crate_list.base,
    };
    let edit = edit::plan(target, &expected);
    Ok(Verdict::Drifted { drift, expected, edit })
}

/// Computes the entries that this list should have, in its layout.
fn expected(
    lock: &Lock<'_>,
    crate_list: &CrateList,
    text: &str,
    origin: &str,
) -> Result<Vec<BlockEntry>, Vec<Finding>> {
    let entries = block::expected(lock, &crate_list.config).and_then(|entries| in_layout(entries, crate_list.layout));
    entries.map_err(|findings| {
        let with_origin = |finding: Finding| {
            let line = finding
                .krate
                .as_deref()
                .and_then(|name| place(text, name))
                .map(|span| SourceText::new("", text).locate(span).line);
            finding.note(line.map_or_else(|| format!("lock: {origin}"), |line| format!("lock: {origin}, line {line}")))
        };
        findings.into_iter().map(with_origin).collect()
    })
}

/// Refuses entries that the layout cannot express.
///
/// # Errors
/// A finding for each git crate, where the layout is not the list of the cargo2 plugin.
pub fn in_layout(entries: Vec<BlockEntry>, layout: Layout) -> Result<Vec<BlockEntry>, Vec<Finding>> {
    let git = |entry: &&BlockEntry| layout != Layout::List && matches!(entry.from, Origin::Git { .. });
    let findings: Vec<Finding> = entries
        .iter()
        .filter(git)
        .map(|entry| {
            let message = format!("{entry} comes from git, for which this layout has no form");
            Finding::new(&rules::CRATE_GIT_NO_FORM, message).about(&entry.name)
        })
        .collect();
    if findings.is_empty() { Ok(entries) } else { Err(findings) }
}

/// The place at which a lock names a crate.
#[must_use]
pub fn place(lock: &str, name: &str) -> Option<Span> {
    let line = format!("name = \"{name}\"");
    lock.find(&line).map(|at| Span::new(at, at + line.len()))
}

/// Describes a lock that cannot be read as a finding that shows the line.
#[must_use]
pub fn unreadable_lock(error: &lock::Error, text: &str, origin: &str) -> Finding {
    let finding =
        Finding::new(&rules::LOCK_UNREADABLE, format!("the lock cannot be read: {}", error.message.trim_end()));
    let finding = finding.note(format!("lock: {origin}"));
    match error.at.map(|at| SourceText::new("Cargo.lock", text).locate(Span::new(at, at))) {
        Some(Location { line, column, excerpt, .. }) => {
            finding.note(format!("line {line}, column {column}: {}", excerpt.escape_debug()))
        }
        None => finding,
    }
}

/// The finding for drift that this run does not update.
#[must_use]
pub fn drift_finding(crate_list: &CrateList, drift: &Drift, origin: &str) -> Finding {
    let mut finding = if drift.is_spelling() {
        let message = format!("the crate list spells the git URLs of {} crates unlike Cargo.lock", drift.changed.len());
        Finding::new(&rules::BLOCK_SPELLING, message)
    } else {
        let message = format!("the crate list does not match Cargo.lock: {}", drift.summary());
        Finding::new(&rules::BLOCK_DRIFT, message)
    };
    finding = finding.at(crate_list.location()).of(crate_list.name());
    finding.fixable = true;
    finding.notes.push(format!("lock: {origin}"));
    finding.notes.extend(drift.lines());
    if crate_list.mirrors_unsure && drift.changed.iter().any(|(current, expected)| repo_differs(current, expected)) {
        finding.notes.push("git mirrors may be set in a file of a junction, which is not read".into());
    }
    finding.help(format!("run `cargo2-bot regenerate {}`", crate_list.name()))
}

/// Returns whether only the repository's spelling differs.
fn repo_differs(current: &BlockEntry, expected: &BlockEntry) -> bool {
    matches!((&current.from, &expected.from), (Origin::Git { repo: a, commit: c, .. }, Origin::Git { repo: b, commit: d, .. }) if a != b && c == d)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::read::Read;
    use std::sync::Arc;

    #[test]
    fn a_crate_is_found_in_its_lock() {
        let lock = "[[package]]\nname = \"ab\"\n[[package]]\nname = \"b\"\n";
        let found = place(lock, "b").map(|span| &lock[span.start..span.end]);
        assert_eq!((found, place(lock, "a")), (Some("name = \"b\""), None));
    }

    #[test]
    fn mirrors_that_are_not_read_are_named_only_where_they_could_be_the_reason() {
        let list = |conf: &str| {
            let none = |_: &str| Read::Absent;
            let conf = Arc::new(SourceText::new("project.conf", format!("name: p\n{conf}")));
            let project = crate::bst::project::parse(&conf, &none, &[]).unwrap();
            let file = Arc::new(SourceText::new("a.bst", "sources:\n- kind: local\n  path: x\n- kind: cargo2\n"));
            crate::cargo2::element::read("a.bst", &file, &project, &none).crate_lists.remove(0)
        };
        let git = |repo: &str, commit: &str| {
            let from = Origin::Git { commit: commit.into(), repo: repo.into(), query: Vec::new() };
            BlockEntry { name: "a".into(), version: "1".into(), from }
        };
        let noted = |conf: &str, expected: BlockEntry| {
            let drift = Drift { changed: vec![(git("x:a", "c"), expected)], ..Drift::default() };
            drift_finding(&list(conf), &drift, "here").notes.iter().any(|note| note.starts_with("git mirrors may"))
        };
        let junction = "(@): j.bst:x.yml\n";
        assert!(noted(junction, git("y:a", "c")));
        assert!(!noted("", git("y:a", "c")) && !noted(junction, git("x:a", "d")) && !noted(junction, git("y:a", "d")));
    }
}

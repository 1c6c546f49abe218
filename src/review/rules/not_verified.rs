//! Changed crates of which something could not be looked up.

use crate::finding::read::Unreadable;
use crate::finding::{Finding, Rule, Severity};
use crate::report::markdown::visible;
use crate::review::ElementReview;
use crate::review::change_context::{ChangeContext, Lookup, listed, registry};
use crate::review::evidence::{Evidence, IndexCrate};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-not-verified",
    severity: Severity::Error,
    means: "A changed crate could not be compared with the registry's index, or its archive could not be read. Nothing is known about it, good or bad.",
    remedy: "Run again with network. If it happens again, look at the reason.",
};

/// What is said where the index did not answer.
pub(in crate::review) const SILENT: &str = "the index did not answer";

/// What is said where an archive could not be read.
pub(in crate::review) const UNREAD: &str = "its archive could not be read";

/// The cause of all findings on an index that does not answer.
pub(in crate::review) const CAUSE: &str = "index unreachable";

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some((after, _)) = case.registry() else { return Vec::new() };
    let unverified = |what: &str, why: String| {
        let message = format!("{} is not verified: {what}", case.who());
        case.finding(&RULE, message).note(format!("reason: {}", visible(&why))).help("run again")
    };
    let mut findings = Vec::new();
    if let Some(index) = evidence_of(case) {
        match index {
            None => findings.push(unverified("the index was not queried for it", "no answer".to_owned())),
            Some(Err(why)) => findings.push(unverified(SILENT, why.to_string()).because_of(CAUSE)),
            Some(Ok(_)) => {}
        }
    }
    if let Some(Err(why)) = case.archive_of(after) {
        findings.push(unverified(UNREAD, why.to_string()));
    }
    findings
}

/// Returns the answer of the index about the crate; nothing where the index as a whole did not.
fn evidence_of<'a>(case: &ChangeContext<'a>) -> Option<Option<&'a Result<IndexCrate, Unreadable>>> {
    Some(case.evidence.index.got()?.get(&case.change.name))
}

/// Looks for an index that did not answer at all: one finding for all changed crates of the list.
#[must_use]
pub(crate) fn check_all(element: &ElementReview, _: &Lookup<'_>, evidence: &Evidence) -> Vec<Finding> {
    let Some(why) = evidence.index.why_not() else { return Vec::new() };
    let changed = element.changes.iter().filter_map(|c| registry(c.after.as_ref()));
    let names: Vec<String> = changed.map(|(entry, _)| entry.to_string()).collect();
    let crates = match names.len() {
        0 => return Vec::new(),
        1 => "1 changed crate is".to_owned(),
        n => format!("{n} changed crates are"),
    };
    let message = format!("{crates} not verified: the registry's index was not read");
    let finding = Finding::new(&RULE, message).of(&element.element).because_of(CAUSE);
    let finding = finding.note(format!("reason: {}", visible(why))).note(listed(&names, 8));
    vec![finding.help("run again with network")]
}

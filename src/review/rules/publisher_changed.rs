//! A version that somebody else published.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, shown};
use crate::review::publisher::Publisher;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-publisher-changed",
    severity: Severity::Warning,
    means: "A new or changed crate that something else was said of was published by an account, or by a workflow of a repository, that published none of the last versions before. It is an error where the same account also withdrew the version before. Accounts that published one of them are no news.",
    remedy: "Find out who the new publisher is: in the upstream's repository, or by asking those who published before.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some((published, new, old)) = case.publishers() else { return Vec::new() };
    let own = &case.change.after.as_ref().map_or("", |entry| entry.version.as_str());
    let before = || published.versions.iter().filter(|(version, _)| version != own).map(|(_, version)| &version.by);
    let (who, whose, yanked) = match (&old.by, &new.by) {
        (Publisher::Account(before, name), Publisher::Account(now, login)) if before != now => {
            (shown(login), shown(name), old.yanked_by.contains(now))
        }
        (Publisher::Workflow(before), Publisher::Workflow(now)) if before != now => {
            (format!("a workflow of {}", shown(now)), format!("a workflow of {}", shown(before)), false)
        }
        _ => return Vec::new(),
    };
    let same = |known: &Publisher| match (known, &new.by) {
        (Publisher::Account(one, _), Publisher::Account(other, _)) => one == other,
        (one, other) => one == other,
    };
    if before().any(same) {
        return Vec::new();
    }
    let count = before().filter(|known| **known != Publisher::Unknown).count();
    let message = format!("{} was published by {who}, who published none of the {count} versions before", case.who());
    let mut finding = case.finding(&RULE, message).note(format!("the version before was published by {whose}"));
    if yanked {
        finding.severity = Severity::Error;
        finding.notes.insert(0, "the same account withdrew the version before".to_owned());
    }
    vec![finding.help("find out who the new publisher is")]
}

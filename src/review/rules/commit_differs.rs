//! A version that names another commit than the workflow that published it ran at.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, short};

/// The number of digits from which on a commit is told by its beginning.
const DIGITS: usize = 7;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-commit-differs",
    severity: Severity::Warning,
    means: "A crate that is new or that something else was said of names another commit that it was made from than the one at which the workflow ran that published it, by the registry's word. Anybody can write a commit into an archive; the workflow's was checked. A workflow that makes a commit of its own before it publishes is the harmless reason.",
    remedy: "Read what differs between both commits, and which of them the crate holds.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let declared = case.archive().and_then(|archive| archive.vcs_commit.as_deref());
    let own = case.registry().and_then(|(entry, _)| case.published()?.versions.get(&entry.version));
    let (Some(declared), Some(ran_at)) = (declared, own.and_then(|version| version.commit.as_deref())) else {
        return Vec::new();
    };
    let [declared, ran_at] = [declared, ran_at].map(str::to_ascii_lowercase);
    let is_commit = ran_at.len() >= DIGITS && ran_at.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_commit || declared.starts_with(&ran_at) || ran_at.starts_with(&declared) {
        return Vec::new();
    }
    let message = format!("{} names another commit than its workflow published", case.who());
    let note = format!("it names {}, and the workflow ran at {}", short(&declared), short(&ran_at));
    vec![case.finding(&RULE, message).note(note).help(RULE.remedy)]
}

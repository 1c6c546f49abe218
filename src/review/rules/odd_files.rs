//! Files that sources do not need.

use crate::finding::{Finding, Rule, Severity};
use crate::review::Attention;
use crate::review::change_context::{ChangeContext, listed};
use crate::review::evidence::ArchiveFacts;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-odd-files",
    severity: Severity::Warning,
    means: "The archive of a changed crate newly holds files that are not source: programs, libraries, objects. Nobody can read what they do. Those for tests and for other systems are a notice, and only where the build script is new or changed as well: a build for Linux has no other use for them.",
    remedy: "Find out what the files are for, and whether the build uses them.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some(after) = case.archive().filter(|_| case.change.attention != Attention::Elsewhere) else {
        return Vec::new();
    };
    let before = case.archive_before();
    let new = |files: fn(&ArchiveFacts) -> &Vec<String>| -> Vec<String> {
        let known = before.map(|before| files(before).as_slice()).unwrap_or_default();
        files(after).iter().filter(|file| !known.contains(file)).cloned().collect()
    };
    let (odd, elsewhere) = (new(|archive| &archive.odd_files), new(|archive| &archive.odd_elsewhere));
    if !odd.is_empty() {
        let message = format!("the archive of {} holds files that are not source", case.who());
        return vec![case.finding(&RULE, message).note(listed(&odd, 5)).help(RULE.remedy)];
    }
    let script = before.map(|before| before.build_script_digest.as_ref());
    let script_is_new = after.build_script && script != Some(after.build_script_digest.as_ref());
    if elsewhere.is_empty() || !script_is_new {
        return Vec::new();
    }
    let message =
        format!("the archive of {} holds programs for tests or other systems, and its build script is new", case.who());
    let mut finding = case.finding(&RULE, message).note(listed(&elsewhere, 5)).help(RULE.remedy);
    finding.severity = Severity::Notice;
    vec![finding]
}

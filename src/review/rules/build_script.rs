//! Code that runs while the crate is built.

use crate::finding::{Finding, Rule, Severity};
use crate::review::change_context::{ChangeContext, listed};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-build-script",
    severity: Severity::Warning,
    means: "A crate that ran nothing while it was built now has a build script or became a procedural macro, its build script, or code that the script includes or runs, changed within a patch release, or a new crate with few versions brings one. It runs on the build machine.",
    remedy: "Read the build script or the macro in the new version of the crate.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some(after) = case.archive() else { return Vec::new() };
    let what = match case.archive_before() {
        Some(before) if after.build_script && !before.build_script => "now runs a build script",
        Some(before) if after.proc_macro && !before.proc_macro => "became a procedural macro",
        Some(before)
            if is_patch(case) && after.build_script && before.build_script_digest != after.build_script_digest =>
        {
            "has another build script in a patch release"
        }
        Some(before) if is_patch(case) && after.build_script && !after.helpers_since(before).is_empty() => {
            "runs other code with its build script in a patch release"
        }
        None if case.unproven() && after.build_script => "is new, has hardly a history and runs a build script",
        None if case.unproven() && after.proc_macro => "is new, has hardly a history and is a procedural macro",
        _ => return Vec::new(),
    };
    let mut finding = case.finding(&RULE, format!("{} {what}", case.who()));
    let helpers = case.archive_before().map(|before| after.helpers_since(before)).unwrap_or_default();
    // That the script itself runs is no news.
    if after.build_script && (helpers.len() > 1 || what.starts_with("runs other code")) {
        finding.notes.insert(0, format!("runs at the build: {}", listed(&helpers, 5)));
    }
    vec![finding.help("read what it does: it runs on the machine that builds")]
}

fn is_patch(case: &ChangeContext<'_>) -> bool {
    use crate::review::{ChangeKind, Semver};
    matches!(case.change.kind, ChangeKind::Up(Semver::Patch) | ChangeKind::Checksum)
}

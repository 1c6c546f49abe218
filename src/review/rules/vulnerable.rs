//! Crates with known holes.

use crate::cargo2::block::BlockEntry;
use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{ChangeContext, Lookup, cause, shown};
use crate::review::evidence::{Advisory, Evidence};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "crate-vulnerable",
    severity: Severity::Error,
    means: "The change brings a version for which there is a security advisory. It is a warning where the advisory is not a vulnerability (unsound, unmaintained), and a notice where the advisory held before as well.",
    remedy: "Read the advisory; ask upstream for a version with the fix.",
};

/// Returns the findings of [`RULE`] on one change.
#[must_use]
pub(crate) fn check(case: &ChangeContext<'_>) -> Vec<Finding> {
    let Some(after) = &case.change.after else { return Vec::new() };
    let before = case.change.before.as_ref();
    let found = known(after, case.evidence).map(|advisory| {
        let still = before.is_some_and(|b| advisory.affects(&b.version));
        let verb = if still { "is still affected by" } else { "is affected by" };
        let message = format!("{} {verb} {}", case.who(), shown(&advisory.id));
        let mut finding = described(case.finding(&RULE, message), advisory, after);
        finding.severity = severity(advisory, still);
        finding
    });
    found.collect()
}

/// Returns the findings of [`RULE`] on crates that did not change and are still affected.
#[must_use]
pub(crate) fn check_unchanged(element: &ElementReview, lookup: &Lookup<'_>, evidence: &Evidence) -> Vec<Finding> {
    let affected = lookup.unchanged_affected(evidence).into_iter().filter(|(_, advisory)| !advisory.malicious);
    let finding = |(entry, advisory): (&BlockEntry, &Advisory)| {
        let message = format!("{} is still affected by {}", shown(&entry.to_string()), shown(&advisory.id));
        let mut finding = Finding::new(&RULE, message).of(&element.element).about(&entry.name);
        finding.cause = Some(cause(&finding));
        let mut finding = described(finding, advisory, entry);
        finding.severity = Severity::Notice;
        finding
    };
    affected.map(finding).collect()
}

/// The advisories on an entry, but those of the malicious kind.
fn known<'a>(entry: &'a BlockEntry, evidence: &'a Evidence) -> impl Iterator<Item = &'a Advisory> {
    evidence.advisories.got().into_iter().flat_map(|all| all.of(entry)).filter(|advisory| !advisory.malicious)
}

const fn severity(advisory: &Advisory, still: bool) -> Severity {
    match (still, advisory.informational.is_some()) {
        (true, _) => Severity::Notice,
        (false, true) => Severity::Warning,
        (false, false) => Severity::Error,
    }
}

/// Adds what an advisory says.
pub(super) fn described(finding: Finding, advisory: &Advisory, entry: &BlockEntry) -> Finding {
    let kind = advisory.informational.as_ref().map_or_else(String::new, |i| format!(" ({})", i.escape_debug()));
    let mut finding = finding.note(format!("{}: {}{kind}", advisory.id.escape_debug(), shown(&advisory.title)));
    finding.notes.extend(advisory.unreadable(&entry.version).map(|why| format!("{why}: it counts as affected")));
    finding.notes.extend(advisory.severity.as_ref().map(|s| format!("severity: {}", s.escape_debug())));
    finding.notes.extend(advisory.url.as_ref().map(|url| format!("see {}", shown(url))));
    if !advisory.patched.is_empty() {
        finding.notes.push(format!("fixed in {}", shown(&advisory.patched.join(", "))));
    }
    finding
}

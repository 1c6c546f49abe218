//! Advisories that were requested and did not come.

use crate::finding::{Finding, Rule, Severity};
use crate::report::markdown::visible;
use crate::review::ElementReview;
use crate::review::change_context::Lookup;
use crate::review::evidence::{Evidence, Source};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "advisories-not-read",
    severity: Severity::Error,
    means: "The security advisories could not be read, so it is unknown whether the changed crates are vulnerable or malicious.",
    remedy: "Run again; if it happens again, look at how the workflow gets the advisory database.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, evidence: &Evidence) -> Vec<Finding> {
    let why = match &evidence.advisories {
        Source::Failed(why) => why.clone(),
        Source::Got(known) if !known.missing.is_empty() => known.missing.join("; "),
        Source::Got(_) | Source::NotRequested(_) => return Vec::new(),
    };
    let changed = element.changes.iter().filter(|c| c.after.is_some()).count();
    if changed == 0 {
        return Vec::new();
    }
    let crates = if changed == 1 { "1 changed crate is".to_owned() } else { format!("{changed} changed crates are") };
    let message = format!("{crates} not checked against the security advisories");
    vec![
        Finding::new(&RULE, message)
            .of(&element.element)
            .because_of(RULE.id)
            .note(format!("reason: {}", visible(&why)))
            .help("run again, or find out why the advisory database could not be read"),
    ]
}

//! Single advisories that cannot be read.

use crate::finding::{Finding, Rule, Severity};
use crate::report::markdown::visible;
use crate::review::ElementReview;
use crate::review::change_context::Lookup;
use crate::review::evidence::Evidence;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "advisory-unreadable",
    severity: Severity::Notice,
    means: "An advisory on a crate of the list is in a form that the bot does not know, so it is not known which versions it is about. All others count as ever.",
    remedy: "Read the advisory yourself, and report its form to the makers of the bot.",
};

/// Returns the findings of [`RULE`] on one element: one for all such advisories.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, evidence: &Evidence) -> Vec<Finding> {
    let unreadable = evidence.advisories.got().map(|all| all.unreadable.as_slice()).unwrap_or_default();
    let message = match unreadable {
        [] => return Vec::new(),
        _ if element.changes.is_empty() => return Vec::new(),
        [one] => format!("1 advisory cannot be read: {}", visible(one)),
        many => format!("{} advisories cannot be read", many.len()),
    };
    let finding = Finding::new(&RULE, message).of(&element.element).because_of(RULE.id);
    let notes = unreadable.iter().filter(|_| unreadable.len() > 1).map(|line| visible(line));
    vec![notes.fold(finding, Finding::note).help(RULE.remedy)]
}

//! Another branch or pattern of tags that is tracked.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "track-changed",
    severity: Severity::Warning,
    means: "The element tracks another branch or pattern of tags than before, or excludes others. The next tracking runs follow it.",
    remedy: "Make sure that the change is meant: it decides which releases come next.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    let changed = element.sources.iter().filter_map(|m| {
        let (old, new) = (m.old.as_ref()?, m.new.as_ref()?);
        if old.track == new.track {
            let message = format!("{} excludes other branches and tags from tracking than before", shown(&new.url));
            let finding = || Finding::new(&RULE, message).of(&element.element).help(RULE.remedy);
            return (old.exclude != new.exclude).then(finding);
        }
        let track = |t: &Option<String>| t.as_ref().map_or_else(|| "nothing".to_owned(), |t| shown(t));
        let message =
            format!("{} is tracked by {} instead of {}", shown(&new.url), track(&new.track), track(&old.track));
        Some(Finding::new(&RULE, message).of(&element.element).help(RULE.remedy))
    });
    changed.collect()
}

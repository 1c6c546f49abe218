//! The element's own tag names another commit.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, short, shown};
use crate::review::evidence::Evidence;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-tag-moved",
    severity: Severity::Error,
    means: "The element is pinned to the same tag as before, which now names another commit. Tags of releases do not move.",
    remedy: "Look at the commits between the two, and ask upstream why the tag was moved.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    let moved = element.sources.iter().filter_map(|m| {
        let (old, new) = (m.old.as_ref()?, m.new.as_ref()?);
        let tag = new.tag().filter(|tag| old.tag() == Some(tag) && old.commit != new.commit)?;
        let message = format!("the tag {} of {} names another commit", shown(tag), shown(&new.url));
        let commits = [&old.commit, &new.commit].map(|c| short(c.as_deref().unwrap_or_default()));
        Some(Finding::new(&RULE, message).of(&element.element).note(commits.join(" → ")).help(RULE.remedy))
    });
    moved.collect()
}

//! A downloaded source whose content changed below the same URL.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, short, shown};
use crate::review::evidence::Evidence;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-swapped",
    severity: Severity::Error,
    means: "A downloaded source of the element has another sha256 at the same URL: what was released was replaced.",
    remedy: "Compare the old and the new file, and ask upstream why it was replaced.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    let swapped = element.sources.iter().filter_map(|m| {
        let (old, new) = (m.old.as_ref()?, m.new.as_ref()?);
        let files = old.commit.is_none() && new.commit.is_none() && old.url.contains("://");
        if !files || old.url != new.url || old.pinned == new.pinned {
            return None;
        }
        let message = format!("the file at {} was replaced: same URL, another sha256", shown(&new.url));
        let finding = Finding::new(&RULE, message).of(&element.element);
        Some(finding.note(format!("sha256 {} → {}", short(&old.pinned), short(&new.pinned))).help(RULE.remedy))
    });
    swapped.collect()
}

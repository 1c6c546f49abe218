//! A source that comes from elsewhere.

use crate::finding::{Finding, Rule, Severity};
use crate::review::case::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::{ElementReview, Pin};

/// The rule.
pub static RULE: Rule = Rule {
    id: "upstream-changed",
    severity: Severity::Error,
    means: "A source of the element comes from another repository or host than before: its `url` changed, or the alias in project.conf that the `url` begins with.",
    mend: "Make sure that the new place is the project's own.",
};

/// Looks for it.
#[must_use]
pub fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    let remote = |pin: &Option<Pin>| pin.clone().filter(|p| p.commit.is_some() || p.url.contains("://"));
    let found = element.sources.iter().filter_map(|m| {
        let (old, new) = (remote(&m.old), remote(&m.new)?);
        if old.as_ref().is_some_and(|old| old.home() == new.home()) {
            return None;
        }
        let Some(old) = old else {
            // A whole new element has no source before; what is new in it is new anyway.
            let others = element.crates.0 > 0;
            let message = format!("{} is a new source of the element", shown(&new.url));
            return others.then(|| Finding::new(&RULE, message).of(&element.element).help(RULE.mend));
        };
        let message = format!("the upstream is {} instead of {}", shown(&new.url), shown(&old.url));
        Some(
            Finding::new(&RULE, message).of(&element.element).help("make sure that the new place is the project's own"),
        )
    });
    found.collect()
}

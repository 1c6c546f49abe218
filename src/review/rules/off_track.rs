//! A commit that tracking does not lead to.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::Remark;
use crate::review::ref_proof::findings::of_remarks;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-off-track",
    severity: Severity::Warning,
    means: "The new commit of a source is of a tag or branch that its `track` does not lead to, or that `exclude` leaves out. The next tracking run goes elsewhere.",
    remedy: "Make sure that this commit is meant, and let `track` say what the element follows.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    of_remarks(element, &RULE, |pin, remark| {
        let Remark::OffTrack { tag, track } = remark else { return None };
        let what = tag.as_ref().map_or_else(|| "the new commit".to_owned(), |tag| format!("the tag {}", shown(tag)));
        Some(format!("{what} of {} is not what its track {} leads to", shown(&pin.url), shown(track)))
    })
}

//! A `ref` that says something of its commit that is not true.

use crate::finding::{Finding, Rule, Severity};
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, short, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::findings::of_proofs;
use crate::review::ref_proof::{RefProof, Untruth};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-ref-untrue",
    severity: Severity::Error,
    means: "The `ref` of a source names a tag, as `v1.2-0-g<commit>` does, and the repository says otherwise: the tag does not exist, it names another commit or was moved, or the commit does not come after it. BuildStream fetches the commit and never compares the two.",
    remedy: "Do not merge. Track the source again, and find out who wrote this `ref`, and where its commit comes from.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    of_proofs(element, &RULE, |pin, proof| {
        let RefProof::False { why } = proof else { return None };
        let (url, commit) = (shown(&pin.url), short(pin.commit.as_deref().unwrap_or_default()));
        Some(match why {
            Untruth::TagNamesOther { tag, commit: other } => {
                format!("{commit} is not tag {} of {url}, which names {}", shown(tag), short(other))
            }
            Untruth::TagMissing { tag } => format!("{commit} is not tag {} of {url}: there is no such tag", shown(tag)),
            Untruth::TagMoved { tag, from, to } => {
                format!("the tag {} of {url} was moved from {} to {}", shown(tag), short(from), short(to))
            }
            Untruth::NotAfterTag { tag } => format!("{commit} does not come after tag {} of {url}", shown(tag)),
            Untruth::NotOnBranch { .. } => return None,
        })
    })
}

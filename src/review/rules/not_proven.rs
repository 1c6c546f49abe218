//! A commit of which it is not known what leads to it.

use crate::finding::{Finding, Rule, Severity};
use crate::report::markdown::visible;
use crate::review::ElementReview;
use crate::review::change_context::{Lookup, shown};
use crate::review::evidence::Evidence;
use crate::review::ref_proof::findings::finding;
use crate::review::ref_proof::{RefProof, Remark};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "upstream-not-proven",
    severity: Severity::Notice,
    means: "Whether the new commit of a source is what its `ref` and its `track` say could not be found out: the repository cannot be reached or does not say, or there is too much history. It may be right, or wrong.",
    remedy: "Look in the repository whether the tag or branch leads to the commit, or run the review again.",
};

/// Returns the findings of [`RULE`] on one element.
#[must_use]
pub(crate) fn check(element: &ElementReview, _: &Lookup<'_>, _: &Evidence) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in &element.sources {
        let Some(pin) = &source.new else { continue };
        let mut say = |what: String, why: &str| {
            let mut finding = finding(element, source, &RULE, what);
            finding.notes.insert(0, format!("reason: {}", visible(why)));
            found.push(finding);
        };
        if let Some(RefProof::NotKnown { why }) = &source.proof.commit {
            say(format!("the commit of {} is not proven to be of its tag or branch", shown(&pin.url)), why);
        }
        for remark in &source.proof.remarks {
            if let Remark::NotKnown { what, why } = remark {
                say(format!("of the commit of {} it is not known whether {what}", shown(&pin.url)), why);
            }
        }
    }
    found
}

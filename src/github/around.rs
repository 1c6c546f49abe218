//! Merges that went around the hold: into a guarded branch, while the hold had not passed.

use super::checks::{CheckOutput, HOLD, Outcome, is_own_run};
use super::facts::Heads;
use super::ids::Moment;
use crate::finding::{Finding, rules};

/// The beginning of the title of the check at what was merged around the hold. It is how the next run knows that this was reported.
pub(crate) const TITLE: &str = "merged around the hold";

/// How a pull request passed the hold when it was merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The hold passed at its head or at the commit that merged it.
    Through,
    /// It did not, and that was reported.
    Reported,
    /// The check did not pass, and said this.
    Held(String),
    /// The bot had not looked at its head.
    Unseen,
}

/// How a merged pull request passed the hold.
#[must_use]
pub(crate) fn way(pull: &Heads) -> Way {
    let head = pull.commits.iter().find(|marked| marked.commit == pull.head_sha);
    if head.into_iter().chain(&pull.merge).any(super::facts::Marked::passed) {
        return Way::Through;
    }
    let own = head.into_iter().flat_map(|marked| &marked.checks).filter(|run| is_own_run(run)).max_by_key(|run| run.id);
    match own {
        Some(run) if run.title.starts_with(TITLE) => Way::Reported,
        Some(run) => Way::Held(run.title.clone()),
        None => match head.and_then(|marked| marked.statuses.first()) {
            Some(status) if status.description.starts_with(TITLE) => Way::Reported,
            Some(status) => Way::Held(status.description.clone()),
            None => Way::Unseen,
        },
    }
}

/// Since when the bot has been writing checks here, as far as these pull requests show it. What was merged before is none of its concern.
#[must_use]
pub(crate) fn since(pulls: &[Heads]) -> Option<Moment> {
    let marked = pulls.iter().flat_map(|pull| pull.commits.iter().chain(&pull.replaced).chain(&pull.merge));
    marked.filter_map(|marked| marked.said_at).min()
}

/// The finding about a pull request that was merged around the hold.
#[must_use]
pub(crate) fn finding(pull: &Heads, why: &str) -> Finding {
    let by = pull.merged_by.as_deref().map(|login| format!(" by {login}")).unwrap_or_default();
    let message = format!("#{} was merged into {}{by}, and the hold had not passed: {why}", pull.number, pull.base_ref);
    Finding::new(&rules::MERGED_AROUND_HOLD, message)
}

/// The check at its head: what keeps it from being reported again, and a line of the audit trail.
#[must_use]
pub(crate) fn said(finding: &Finding, why: &str) -> CheckOutput {
    CheckOutput {
        name: HOLD,
        outcome: Outcome::Failure,
        title: format!("{TITLE}: {why}"),
        summary: format!(
            "{}. {} {}",
            crate::report::markdown::text(&finding.message),
            finding.rule.means,
            finding.rule.remedy
        ),
        annotations: Vec::new(),
        content: None,
    }
}

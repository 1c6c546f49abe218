//! Merges that went around the hold: into a guarded branch, while the hold had not passed.

use super::checks::{CheckOutput, HOLD, Outcome, content_of, is_own_run};
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

/// How long what the bot had not looked at is looked at after it was merged, in seconds: each run reads it again.
const WEEK: i64 = 7 * 86_400;

/// Since when a merge that the bot had not looked at counts: since it has been writing checks here, as far as these pull requests show it,
/// and since a week before it last wrote one. None where it never did.
#[must_use]
pub(crate) fn since(pulls: &[Heads]) -> Option<Moment> {
    let marked = pulls.iter().flat_map(|pull| pull.commits.iter().chain(&pull.replaced).chain(&pull.merge));
    let said: Vec<Moment> = marked.filter_map(|marked| marked.said_at).collect();
    let (first, last) = (said.iter().min()?, said.iter().max()?);
    Some(Moment(last.0 - WEEK).max(*first))
}

/// The finding about a pull request that was merged around the hold.
#[must_use]
pub(crate) fn finding(pull: &Heads, why: &str) -> Finding {
    let by = pull.merged_by.as_deref().map(|login| format!(" by {login}")).unwrap_or_default();
    let message = format!("#{} was merged into {}{by}, and the hold had not passed: {why}", pull.number, pull.base_ref);
    Finding::new(&rules::MERGED_AROUND_HOLD, message)
}

/// The check at its head: what keeps it from being reported again, and a line of the audit trail. It is about the content that the check
/// before it was about.
#[must_use]
pub(crate) fn said(pull: &Heads, finding: &Finding, why: &str) -> CheckOutput {
    let head = pull.commits.iter().find(|marked| marked.commit == pull.head_sha);
    let before = head.into_iter().flat_map(|marked| &marked.checks).max_by_key(|run| run.id);
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
        content: before.and_then(content_of).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::facts::{CheckRun, Marked};
    use crate::github::ids::{CommitId, Conclusion, PullNumber};

    fn marked(name: &str, said_at: Option<i64>, checks: Vec<CheckRun>) -> Marked {
        Marked { commit: CommitId::of(name), checks, statuses: Vec::new(), said_at: said_at.map(Moment) }
    }

    fn run(id: u64, conclusion: Conclusion, title: &str, external_id: &str) -> CheckRun {
        let (name, external_id) = (HOLD.to_owned(), external_id.to_owned());
        CheckRun {
            id: id.into(),
            name,
            conclusion: Some(conclusion),
            title: title.into(),
            external_id,
            ..CheckRun::default()
        }
    }

    fn pull(head: Vec<CheckRun>, merge: Option<Vec<CheckRun>>) -> Heads {
        Heads {
            number: PullNumber(1),
            open: false,
            merged: true,
            head_ref: "topic".into(),
            base_ref: "main".into(),
            merged_at: Some(Moment(0)),
            merged_by: Some("ann".into()),
            merge: merge.map(|checks| marked("merge", None, checks)),
            merged_onto: None,
            head_sha: CommitId::of("head"),
            head_repository: None,
            commits: vec![
                marked("earlier", None, vec![run(9, Conclusion::Success, "", "cargo2-bot:0")]),
                marked("head", None, head),
            ],
            replaced: Vec::new(),
            complete: true,
        }
    }

    #[test]
    fn only_a_success_at_the_head_or_at_the_merge_is_a_way_through() {
        let success = || vec![run(1, Conclusion::Success, "approved", "cargo2-bot:0")];
        let held = |title: &str| vec![run(1, Conclusion::ActionRequired, title, "cargo2-bot:0")];
        assert_eq!(way(&pull(success(), None)), Way::Through);
        assert_eq!(way(&pull(held("held"), Some(success()))), Way::Through, "by the queue");
        assert_eq!(way(&pull(held("held"), Some(held("held")))), Way::Held("held".into()));
        assert_eq!(way(&pull(Vec::new(), None)), Way::Unseen, "an earlier commit says nothing of the head");
        assert_eq!(way(&pull(held(TITLE), None)), Way::Reported);
        // Nobody makes the bot believe that it reported something.
        assert_eq!(way(&pull(vec![run(1, Conclusion::Failure, TITLE, "job")], None)), Way::Unseen);
    }

    #[test]
    fn what_was_merged_before_the_bot_came_or_long_ago_does_not_count() {
        let at = |times: &[i64]| {
            let mut pull = pull(Vec::new(), None);
            pull.commits = times.iter().map(|time| marked("c", Some(*time), Vec::new())).collect();
            since(&[pull])
        };
        assert_eq!((at(&[]), at(&[50, 90])), (None, Some(Moment(50))));
        assert_eq!(at(&[50, 50 + 2 * WEEK]), Some(Moment(50 + WEEK)));
    }
}

//! Automation that merges whatever a bot opened.

use crate::finding::{Finding, Rule, Severity};
use crate::text::Span;
use crate::workflows::job::Job;
use crate::workflows::matrix::Policy;
use crate::workflows::merging::commands::Action;
use crate::workflows::values::Tri;
use crate::workflows::{Facts, HOLD, Tracker};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    id: "workflow-merges-by-author",
    severity: Severity::Warning,
    means: "A workflow merges pull requests, or enables their auto-merge, by their author and their checks alone. The tracker opens pull requests as a bot, so it would merge those of the manual group too.",
    remedy: "Make the check run `cargo2 manual merge` a required check of the branch: it is `action_required` on the head commit until a human has approved.",
};

/// Reports each such job once.
#[must_use]
pub(crate) fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    for tracker in facts.tracker.iter().chain(&facts.others) {
        for (job, steps) in tracker.workflow.jobs.iter().zip(&tracker.merging) {
            let merging =
                steps.iter().find(|s| s.action == Action::Merge && s.reached.iter().any(|r| *r != Tri::False));
            if let Some(step) = merging.filter(|_| job.entries.is_empty() && !spares(facts, job)) {
                out.push(finding(tracker, job, step.span));
            }
        }
    }
    out
}

fn finding(tracker: &Tracker, job: &Job, span: Span) -> Finding {
    let called = job.node.get("uses").is_some();
    let message = if called {
        format!(
            "the job `{}` calls a workflow that merges pull requests; nothing here keeps it from those that a human should merge",
            job.name
        )
    } else {
        format!(
            "the job `{}` merges pull requests by author and checks alone, those that a human should merge too",
            job.name
        )
    };
    let hold = format!(
        "the hold that stops it: the check run `{HOLD}` on the head commit, `action_required` until a human approved, as a required check of the branch"
    );
    Finding::new(&RULE, message).at(tracker.workflow.file.locate(span)).note(hold)
}

/// Returns whether a job leaves the tracker's pull requests alone, as far as its texts say.
fn spares(facts: &Facts<'_>, job: &Job) -> bool {
    let text = job.node.file.text.get(job.node.span.start..job.node.span.end).unwrap_or_default();
    let labels = text.replace("--add-label", "").replace("--remove-label", "");
    // It merges only pull requests that it opened itself; or it requires a label; or it is for another bot's pull requests.
    job.opens() || labels.contains("label") || only_dependabot(text) || other_branches(facts, text)
}

/// Returns whether the only author that is named is Dependabot, which never tracks.
fn only_dependabot(text: &str) -> bool {
    let named = text.contains("dependabot[bot]") || text.contains("app/dependabot");
    let others = text.replace("dependabot[bot]", "").replace("app/dependabot", "");
    named && !others.contains("[bot]") && !others.contains("app/")
}

/// Returns whether it selects branches that are not the tracker's.
fn other_branches(facts: &Facts<'_>, text: &str) -> bool {
    let lines = text.lines().filter(|l| l.contains("head_ref") || l.contains("head.ref"));
    let selected: Vec<&str> = lines.flat_map(|l| l.split('\'').skip(1).step_by(2)).filter(|b| !b.is_empty()).collect();
    let held = facts.entries().filter(|(_, e)| e.policy() != Policy::Auto).filter_map(|(_, e)| e.text("branch"));
    let held: Vec<&str> = held.collect();
    !selected.is_empty() && !held.is_empty() && selected.iter().all(|a| held.iter().all(|h| !h.starts_with(a)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflows::rules::testing::*;

    fn found(other: &str) -> Vec<String> {
        show(&RULE, &lint(Some(TRACKER), &[other], &["bluefin/sudo-rs.bst"]).findings)
    }

    const BY_AUTHOR: &str = "jobs:\n  m:\n    steps:\n      - run: |\n          for p in $(gh pr list --author app/raptor); do\n            gh pr merge \"$p\" --squash\n          done\n";

    #[test]
    fn merging_by_author_is_reported_with_the_hold_that_stops_it() {
        assert_eq!(
            found(BY_AUTHOR),
            [
                "o.yml:6:13: the job `m` merges pull requests by author and checks alone, those that a human should merge too"
            ]
        );
        let findings = lint(Some(TRACKER), &[BY_AUTHOR], &["r.bst!"]).findings;
        assert!(
            findings[0].notes[0].contains("`cargo2 manual merge`") && findings[0].notes[0].contains("action_required")
        );
    }

    #[test]
    fn a_called_workflow_is_named() {
        let text = "jobs:\n  a:\n    uses: o/actions/.github/workflows/reusable-renovate-automerge.yml@0123\n";
        assert!(found(text)[0].starts_with("o.yml:3:11: the job `a` calls a workflow that merges"));
    }

    #[test]
    fn a_merge_job_beside_the_matrix_is_found_too() {
        let text = format!("{TRACKER}{}", BY_AUTHOR.trim_start_matches("jobs:\n"));
        assert_eq!(messages(&RULE, &text, &["r.bst"]).len(), 1);
    }

    #[test]
    fn what_cannot_reach_the_trackers_pull_requests_is_left_alone() {
        let step =
            |condition: &str, run: &str| format!("jobs:\n  m:\n    if: {condition}\n    steps:\n      - run: {run}\n");
        for spared in [
            step("github.actor == 'dependabot[bot]'", "gh pr merge --auto \"$URL\""),
            step("contains(github.event.pull_request.labels.*.name, 'automerge')", "gh pr merge --auto \"$URL\""),
            step("startsWith(github.head_ref, 'renovate/')", "gh pr merge --auto \"$URL\""),
            step("true", "gh pr create --head x && gh pr merge x"),
            step("false", "gh pr merge --auto \"$URL\""),
            step("true", "gh pr checks"),
            step("true", "git push origin main"),
        ] {
            assert!(found(&spared).is_empty(), "{spared}");
        }
        for text in [
            step("github.actor == 'dependabot[bot]' || github.actor == 'raptor[bot]'", "gh pr merge --auto \"$URL\""),
            step("startsWith(github.head_ref, 'auto/')", "gh pr merge --auto \"$URL\""),
        ] {
            assert_eq!(found(&text).len(), 1, "{text}");
        }
    }
}

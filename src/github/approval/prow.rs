//! Approvals by Prow's commands: the comments of people who may approve, together with the labels that Prow sets for them. A label
//! alone says nothing: everybody who may push can set it, and every workflow.

use super::Facts;
use super::people::{People, Pushers};
use crate::github::facts::{Comment, PullRequest};
use crate::github::prow::{APPROVED, HOLDING, LGTM, Word, anywhere, leading};
use std::collections::BTreeSet;

/// Whether a pull request has a label.
fn has(pull: &PullRequest, label: &str) -> bool {
    pull.labels.iter().any(|own| own.eq_ignore_ascii_case(label))
}

/// Why Prow's words hold a pull request: its label, or a command of somebody who may push, or who opened it.
pub(super) fn held(facts: &Facts<'_>) -> Option<String> {
    let labelled = |pull: &PullRequest| HOLDING.into_iter().find(|label| has(pull, label));
    if let Some(label) = facts.pulls.iter().find_map(labelled) {
        return Some(format!("it has the label `{label}`"));
    }
    facts.pulls.iter().find_map(|pull| {
        let mut by: Option<&str> = None;
        for comment in pull.comments.iter().filter(|comment| !comment.author.bot) {
            let login = comment.author.login.as_str();
            let writer = facts.writers.contains(&login.to_ascii_lowercase());
            // What an edited comment said before is not known: it may hold, and takes nothing back.
            let words = leading(&comment.body);
            if words.contains(&Word::Unhold) && !comment.edited && (writer || by == Some(login)) {
                by = None;
            }
            if anywhere(&comment.body).contains(&Word::Hold) && (writer || login == pull.author.login) {
                by = Some(login);
            }
        }
        by.map(|login| format!("{login} holds it with `/hold`"))
    })
}

/// What Prow's words come to.
#[derive(Default)]
pub(super) struct Spoken {
    /// Those who approved, in lower case.
    pub counted: BTreeSet<String>,
    /// Why words do not count.
    pub refused: Vec<String>,
}

/// Who approved by `/lgtm` and `/approve`, with both labels there. Nobody, unless there are both words.
pub(super) fn spoken(facts: &Facts<'_>, people: &People<'_>) -> Spoken {
    let mut all = Spoken::default();
    for pull in facts.pulls {
        let (lgtm, approve) = words(facts, people, pull, &mut all.refused);
        let missing: Vec<&str> = [LGTM, APPROVED].into_iter().filter(|label| !has(pull, label)).collect();
        match (lgtm.is_empty() || approve.is_empty(), &missing[..]) {
            (false, []) => all.counted.extend(match facts.pushers {
                Pushers::Known(_) => lgtm.union(&approve).cloned().collect::<Vec<_>>(),
                // Two people have to approve it: each has to say all that it takes.
                Pushers::Unknown(_) => lgtm.intersection(&approve).cloned().collect(),
            }),
            (false, [label, ..]) => all.refused.push(format!("the label `{label}` is missing")),
            (true, []) => {
                let word = if lgtm.is_empty() { "/lgtm" } else { "/approve" };
                all.refused.push(format!("its labels are set, but `{word}` of somebody who may approve is missing"));
            }
            (true, _) => {}
        }
    }
    all.refused.dedup();
    all
}

/// Whose `/lgtm` and whose `/approve` count, in lower case.
fn words(
    facts: &Facts<'_>,
    people: &People<'_>,
    pull: &PullRequest,
    refused: &mut Vec<String>,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut lgtm, mut approve) = (BTreeSet::new(), BTreeSet::new());
    for comment in pull.comments.iter().filter(|comment| !comment.author.bot) {
        let login = comment.author.login.to_ascii_lowercase();
        let releasing = leading(&comment.body);
        for (word, said) in [(Word::Lgtm, &mut lgtm), (Word::Approve, &mut approve)] {
            if releasing.contains(&word) {
                match why_not(facts, people, pull, comment) {
                    None => drop(said.insert(login.clone())),
                    Some(why) => refused.push(why),
                }
            }
        }
        let taken_back = anywhere(&comment.body);
        if taken_back.contains(&Word::LgtmCancel) {
            if facts.writers.contains(&login) || comment.author.login == pull.author.login {
                lgtm.clear();
            }
            lgtm.remove(&login);
        }
        if taken_back.contains(&Word::ApproveCancel) {
            approve.remove(&login);
        }
    }
    (lgtm, approve)
}

/// Why a comment with a word of approval does not count.
fn why_not(facts: &Facts<'_>, people: &People<'_>, pull: &PullRequest, comment: &Comment) -> Option<String> {
    let login = &comment.author.login;
    if comment.edited {
        return Some(format!("the comment of {login} that approves it was edited"));
    }
    if !facts.writers.contains(&login.to_ascii_lowercase()) {
        return Some(format!("{login}, who approved it, has no write permission"));
    }
    if let Some(why) = people.why_not(login) {
        return Some(why);
    }
    // Times are whole seconds: a comment in the second of the push may be older than it.
    match facts.pushed {
        None => {
            return Some("when its branch was pushed last is not known, and comments count after that alone".into());
        }
        Some(pushed) if comment.created_at <= pushed => {
            return Some(format!("{login} approved it before its branch was pushed last"));
        }
        Some(_) => {}
    }
    let before = |changed: crate::github::ids::Moment| comment.created_at <= changed;
    let retargeted = pull.base_changes.iter().any(|change| before(change.at));
    retargeted.then(|| format!("{login} approved it for another base branch"))
}

#[cfg(test)]
mod tests {
    use super::super::{Hold, evaluate};
    use super::*;
    use crate::config::Approvers;
    use crate::github::approval::tests::{actor, content};
    use crate::github::ids::{CommitId, Moment};
    use std::collections::BTreeMap;

    fn comment(login: &str, body: &str, at: i64) -> Comment {
        Comment { author: actor(login), body: body.into(), created_at: Moment(at), ..Comment::default() }
    }

    /// The verdict on a pull request whose branch was pushed last at 50, with these labels and comments.
    fn hold(labels: &[&str], comments: Vec<Comment>, pushers: &Pushers, pushed: Option<i64>) -> Hold {
        let pulls = [PullRequest {
            author: actor("author"),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            comments,
            head_sha: CommitId::of("head"),
            timeline_complete: true,
            opinions_complete: true,
            ..PullRequest::default()
        }];
        evaluate(&Facts {
            pulls: &pulls,
            commits: &[],
            viewer: &actor("cargo2[bot]"),
            content: &content("now"),
            reviewed: &BTreeMap::new(),
            pushers,
            pushed: pushed.map(Moment),
            approvers: &Approvers { prow: true, ..Approvers::default() },
            writers: &["ann", "bob", "author", "pusher"].map(str::to_owned).into(),
        })
    }

    fn pushed_by(login: &str) -> Pushers {
        Pushers::Known(BTreeSet::from([login.to_owned()]))
    }

    fn of(comments: Vec<Comment>) -> Hold {
        hold(&["LGTM", "approved"], comments, &pushed_by("pusher"), Some(50))
    }

    fn released(names: &[&str]) -> Hold {
        Hold::Released(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn both_words_after_the_last_push_approve() {
        assert_eq!(of(vec![comment("Ann", "/lgtm\n/approve", 51)]), released(&["ann"]));
        assert_eq!(of(vec![comment("bob", "/approve", 51), comment("ann", "/lgtm", 99)]), released(&["ann", "bob"]));
        let again = vec![comment("ann", "/lgtm\n/approve", 40), comment("ann", "/lgtm\n/approve", 60)];
        assert_eq!(of(again), released(&["ann"]));
        for at in [49, 50] {
            assert!(!of(vec![comment("ann", "/lgtm\n/approve", at)]).is_released(), "{at}");
        }
        let unknown = hold(&["lgtm", "approved"], vec![comment("ann", "/lgtm\n/approve", 51)], &pushed_by("x"), None);
        assert!(!unknown.is_released());
    }

    #[test]
    fn a_word_that_is_taken_back_in_the_comment_that_says_it_is_none() {
        assert!(!of(vec![comment("ann", "/approve\n/lgtm\n/lgtm cancel", 51)]).is_released());
        let other = vec![comment("ann", "/approve\n/lgtm", 51), comment("bob", "/approve cancel", 52)];
        assert_eq!(of(other), released(&["ann"]), "an approval is taken back by who gave it");
        let author = vec![comment("ann", "/approve\n/lgtm", 51), comment("author", "/lgtm cancel", 52)];
        assert!(!of(author).is_released());
    }

    #[test]
    fn where_pushers_are_not_known_two_people_say_both_words() {
        let unknown = Pushers::Unknown("no activity".into());
        let of = |comments| hold(&["lgtm", "approved"], comments, &unknown, Some(50)).is_released();
        assert!(!of(vec![comment("ann", "/lgtm\n/approve", 51)]));
        assert!(!of(vec![comment("ann", "/lgtm", 51), comment("bob", "/approve", 51)]));
        assert!(of(vec![comment("ann", "/lgtm\n/approve", 51), comment("bob", "/approve\n/lgtm", 51)]));
    }

    #[test]
    fn what_is_missing_is_said() {
        let why = |labels: &[&str], comments| match hold(labels, comments, &pushed_by("pusher"), Some(50)) {
            Hold::Held(why) => why,
            other => panic!("{other:?}"),
        };
        let both = || vec![comment("ann", "/lgtm\n/approve", 51)];
        assert_eq!(why(&["lgtm"], both()), "the label `approved` is missing");
        let why_not = why(&["lgtm", "approved"], vec![comment("ann", "/lgtm", 51)]);
        assert_eq!(why_not, "its labels are set, but `/approve` of somebody who may approve is missing");
        assert!(why(&["lgtm", "approved", "do-not-merge/hold"], both()).contains("`do-not-merge/hold`"));
        assert!(why(&[], Vec::new()).contains("needs approval"));
    }
}

//! The hold: a pull request that changes a Rust element waits until a person approved that very content.

use super::facts::PullRequest;
use super::ids::{CommitId, ReviewState};
use std::collections::BTreeMap;

/// Whether a pull request is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// It waits, and for what reason.
    Held(String),
    /// These people approved what it holds now, sorted.
    Released(Vec<String>),
}

/// The commits, other than the head, whose content has to be compared with the head's: those that somebody approved whose
/// approval could count.
#[must_use]
pub(crate) fn approved_commits(pull: &PullRequest) -> Vec<CommitId> {
    let mut commits: Vec<CommitId> = last_words(pull)
        .into_values()
        .filter_map(|(state, commit)| (*state == ReviewState::Approved).then(|| commit.cloned()).flatten())
        .filter(|commit| *commit != pull.head_sha)
        .collect();
    commits.sort();
    commits.dedup();
    commits
}

/// Evaluates the approvals. `same` says whether a commit holds the same content as the head in every file of the pull
/// request.
#[must_use]
pub(crate) fn evaluate_approval(pull: &PullRequest, same: &dyn Fn(&CommitId) -> bool) -> Hold {
    let words = last_words(pull);
    let against: Vec<&str> = words
        .iter()
        .filter(|(_, (state, _))| **state == ReviewState::ChangesRequested)
        .map(|(login, _)| *login)
        .collect();
    if !against.is_empty() {
        return Hold::Held(format!("changes are requested by {}", against.join(", ")));
    }
    let approved = words.iter().filter(|(_, (state, _))| **state == ReviewState::Approved);
    let (current, stale): (Vec<_>, Vec<_>) =
        approved.partition(|(_, (_, commit))| commit.is_some_and(|commit| *commit == pull.head_sha || same(commit)));
    let names = |list: Vec<(&&str, _)>| list.into_iter().map(|(login, _)| (*login).to_owned()).collect::<Vec<_>>();
    if current.is_empty() {
        let stale = names(stale);
        return Hold::Held(if stale.is_empty() {
            "needs approval from a maintainer other than the author".into()
        } else {
            format!("its content changed after it was approved by {}", stale.join(", "))
        });
    }
    Hold::Released(names(current))
}

/// The last word of each person whose word counts: with write permission, not the author, no bot. A word that this program
/// does not know counts as one: it takes the place of an earlier approval.
fn last_words(pull: &PullRequest) -> BTreeMap<&str, (&ReviewState, Option<&CommitId>)> {
    let mut words = BTreeMap::new();
    let counts = |review: &&super::facts::Review| {
        review.may_write
            && !review.author.bot
            && !review.author.login.is_empty()
            && !review.author.login.eq_ignore_ascii_case(&pull.author.login)
            && !matches!(review.state, ReviewState::Commented | ReviewState::Pending)
    };
    for review in pull.reviews.iter().filter(counts) {
        words.insert(review.author.login.as_str(), (&review.state, review.commit.as_ref()));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::facts::{Actor, Review};
    use ReviewState::{Approved, ChangesRequested, Commented, Dismissed, Other, Pending};

    fn review(login: &str, state: ReviewState, commit: &str) -> Review {
        let author = Actor { login: login.into(), bot: login.ends_with("[bot]") };
        Review { author, state, commit: Some(CommitId::of(commit)), may_write: login != "guest" }
    }

    fn held(reviews: Vec<Review>) -> Hold {
        let author = Actor { login: "author".into(), bot: false };
        let pull = PullRequest { head_sha: CommitId::of("head"), author, reviews, ..PullRequest::default() };
        evaluate_approval(&pull, &|commit| *commit == CommitId::of("same"))
    }

    fn is_held(reviews: Vec<Review>) -> bool {
        matches!(held(reviews), Hold::Held(_))
    }

    #[test]
    fn an_approval_of_the_head_by_a_person_with_write_permission_releases() {
        assert_eq!(held(vec![review("ann", Approved, "head")]), Hold::Released(vec!["ann".into()]));
    }

    #[test]
    fn no_other_approval_counts() {
        assert!(is_held(Vec::new()));
        for who in ["author", "Author", "robot[bot]", "guest", ""] {
            assert!(is_held(vec![review(who, Approved, "head")]), "{who}");
        }
        let forgotten = Review { commit: None, ..review("ann", Approved, "head") };
        assert!(is_held(vec![forgotten]));
    }

    #[test]
    fn an_approval_follows_the_content() {
        assert!(!is_held(vec![review("ann", Approved, "same")]));
        let Hold::Held(why) = held(vec![review("ann", Approved, "old")]) else { panic!() };
        assert!(why.contains("changed after it was approved by ann"));
    }

    #[test]
    fn the_last_word_counts_and_a_comment_is_none() {
        assert!(is_held(vec![review("ann", Approved, "head"), review("ann", ChangesRequested, "head")]));
        assert!(is_held(vec![review("ann", Approved, "head"), review("ann", Dismissed, "head")]));
        assert!(!is_held(vec![review("ann", ChangesRequested, "head"), review("ann", Approved, "head")]));
        assert!(!is_held(vec![review("ann", Approved, "head"), review("ann", Commented, "head")]));
        assert!(!is_held(vec![review("ann", Approved, "head"), review("ann", Pending, "head")]));
        assert!(is_held(vec![review("ann", Approved, "head"), review("ann", Other("doubted".into()), "head")]));
    }

    #[test]
    fn a_standing_request_for_changes_overrules_the_approval_of_another() {
        assert!(is_held(vec![review("bob", ChangesRequested, "old"), review("ann", Approved, "head")]));
        assert!(!is_held(vec![review("guest", ChangesRequested, "head"), review("ann", Approved, "head")]));
    }

    #[test]
    fn only_commits_whose_approval_could_count_are_compared() {
        let reviews = vec![
            review("ann", Approved, "a"),
            review("ann", Approved, "b"),
            review("guest", Approved, "c"),
            review("bob", Approved, "head"),
        ];
        let pull = PullRequest { head_sha: CommitId::of("head"), reviews, ..PullRequest::default() };
        assert_eq!(approved_commits(&pull), [CommitId::of("b")]);
    }
}

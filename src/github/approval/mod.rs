//! Whether somebody who may approve has approved exactly this content.

mod people;
mod prow;

pub(crate) use people::{Pushers, last_push, pushers};

use super::content::ContentId;
use super::event::{Command, command};
use super::facts::{Actor, BranchCommit, Comment, PullRequest, Review};
use super::ids::{CommitId, Moment, ReviewState};
use super::promotion::Promotion;
use super::prow::anywhere;
use crate::config::Approvers;
use people::People;
use std::collections::{BTreeMap, BTreeSet};

/// Why a pull request is held that nobody has approved yet.
pub(crate) const NEEDS_APPROVAL: &str = "needs approval from a maintainer other than the author";

/// Whether a pull request is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// It waits, and for what reason.
    Held(String),
    /// These people approved what it holds now, sorted.
    Released(Vec<String>),
    /// All that it brings was approved on another guarded branch.
    Promoted(Promotion),
}

impl Hold {
    /// Whether it is released, by whatever.
    #[must_use]
    pub(crate) const fn is_released(&self) -> bool {
        matches!(self, Self::Released(_) | Self::Promoted(_))
    }
}

/// What an approval is evaluated from.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// The open pull requests with this head and this base: they share reviews and verdict.
    pub pulls: &'a [PullRequest],
    /// The commits of their head that its base does not hold.
    pub commits: &'a [BranchCommit],
    /// Who the bot is.
    pub viewer: &'a Actor,
    /// The content of their head.
    pub content: &'a ContentId,
    /// The content of other reviewed commits, merged into the same tip. Those of which it is not known are not there.
    pub reviewed: &'a BTreeMap<CommitId, ContentId>,
    /// Who pushed what would be merged.
    pub pushers: &'a Pushers,
    /// When their branch was pushed last. None where that is not known.
    pub pushed: Option<Moment>,
    /// The people whose approvals count, as the configuration of the default branch says it.
    pub approvers: &'a Approvers,
    /// Those who may push to the repository now, among the authors of comments and those who dismissed a review: logins in
    /// lower case.
    pub writers: &'a BTreeSet<String>,
}

/// The commits, other than the head, whose content has to be known: those that somebody approved.
#[must_use]
pub(crate) fn reviewed_commits(pulls: &[PullRequest]) -> BTreeSet<CommitId> {
    let approved = |review: &&Review| review.state == ReviewState::Approved && review.may_write && !review.author.bot;
    let commit = |pull: &PullRequest| {
        let head = pull.head_sha.clone();
        pull.reviews
            .iter()
            .filter(approved)
            .filter_map(|review| review.commit.clone())
            .filter(move |c| *c != head)
            .collect::<Vec<_>>()
    };
    pulls.iter().flat_map(commit).collect()
}

/// The people whose permission has to be known: who approved by a comment, and who dismissed a review. `prow` says whether Prow's
/// commands count.
#[must_use]
pub(crate) fn people_to_look_up(pulls: &[PullRequest], prow: bool) -> BTreeSet<String> {
    let comments = pulls.iter().flat_map(|pull| &pull.comments);
    let approving = comments.filter(|comment| {
        let own = matches!(command(&comment.body), Some(Command::Approve(_)));
        own || (prow && !anywhere(&comment.body).is_empty())
    });
    let authors = approving.map(|comment| &comment.author);
    let dismissing = pulls.iter().flat_map(|pull| &pull.dismissals).map(|dismissal| &dismissal.actor);
    authors
        .chain(dismissing)
        .filter(|who| !who.bot && !who.login.is_empty())
        .map(|who| who.login.to_ascii_lowercase())
        .collect()
}

/// Why a pull request is held whatever was approved: somebody is against it, or it is not known whether anybody is.
#[must_use]
pub(crate) fn objection(facts: &Facts<'_>) -> Option<String> {
    if facts.pulls.iter().any(|pull| !pull.timeline_complete || !pull.opinions_complete) {
        return Some("its reviews, comments and timeline could not be read as a whole".into());
    }
    let words = last_words(facts.pulls);
    let against = change_requests(facts, &People::of(facts), &words);
    if !against.is_empty() {
        return Some(against.join("; "));
    }
    facts.approvers.prow.then(|| prow::held(facts)).flatten()
}

/// Evaluates the approvals of a content.
#[must_use]
pub(crate) fn evaluate(facts: &Facts<'_>) -> Hold {
    if let Some(why) = objection(facts) {
        return Hold::Held(why);
    }
    let people = People::of(facts);
    let words = last_words(facts.pulls);
    let mut counted: BTreeSet<String> = BTreeSet::new();
    let mut refused: Vec<String> = Vec::new();
    for (login, (pull, review)) in &words {
        if review.state == ReviewState::Approved {
            match counts(facts, &people, pull, review) {
                Ok(()) => drop(counted.insert((*login).clone())),
                Err(why) => refused.push(why),
            }
        }
    }
    for comment in facts.pulls.iter().flat_map(|pull| &pull.comments) {
        match comment_counts(facts, &people, comment) {
            Some(Ok(())) => drop(counted.insert(comment.author.login.to_ascii_lowercase())),
            Some(Err(why)) => refused.push(why),
            None => {}
        }
    }
    if facts.approvers.prow {
        let spoken = prow::spoken(facts, &people);
        counted.extend(spoken.counted);
        refused.extend(spoken.refused);
    }
    outcome(facts, counted, &refused)
}

fn outcome(facts: &Facts<'_>, counted: BTreeSet<String>, refused: &[String]) -> Hold {
    let names: Vec<String> = counted.into_iter().collect();
    match (facts.pushers, names.len()) {
        (Pushers::Unknown(why), 0 | 1) => {
            let so_far = names.first().map(|name| format!(", so far {name} did")).unwrap_or_default();
            Hold::Held(format!("who pushed to the branch is not known ({why}): two people have to approve it{so_far}"))
        }
        (_, 0) if refused.is_empty() => Hold::Held(NEEDS_APPROVAL.into()),
        (_, 0) => Hold::Held(refused.join("; ")),
        _ => Hold::Released(names),
    }
}

/// The last opinion of each person, by login in lower case, with the pull request that it is about. A word that this program
/// does not know counts as one: it takes the place of an earlier approval.
fn last_words(pulls: &[PullRequest]) -> BTreeMap<String, (&PullRequest, &Review)> {
    let mut words: BTreeMap<String, (&PullRequest, &Review)> = BTreeMap::new();
    for pull in pulls {
        for review in &pull.reviews {
            let silent = matches!(review.state, ReviewState::Commented | ReviewState::Pending);
            if silent || !review.may_write || review.author.bot || review.author.login.is_empty() {
                continue;
            }
            let login = review.author.login.to_ascii_lowercase();
            // They come in their order: where a time is not known, the one that comes later is the last.
            let times = |known: &Review| known.submitted_at.zip(review.submitted_at);
            let later = words.get(&login).is_none_or(|(_, known)| times(known).is_none_or(|(a, b)| a <= b));
            if later {
                words.insert(login, (pull, review));
            }
        }
    }
    words
}

/// The change requests that hold, in words.
fn change_requests(
    facts: &Facts<'_>,
    people: &People<'_>,
    words: &BTreeMap<String, (&PullRequest, &Review)>,
) -> Vec<String> {
    let mut against = Vec::new();
    for (login, (pull, review)) in words {
        match review.state {
            ReviewState::ChangesRequested => against.push(format!("changes are requested by {login}")),
            ReviewState::Dismissed => against.extend(dismissed_in_vain(facts, people, pull, review)),
            _ => {}
        }
    }
    against
}

/// Why a dismissed review holds all the same, if it does: it requested changes, and who dismissed it may not.
fn dismissed_in_vain(facts: &Facts<'_>, people: &People<'_>, pull: &PullRequest, review: &Review) -> Option<String> {
    let of = pull.dismissals.iter().rev().find(|dismissal| dismissal.review.as_deref() == Some(review.id.as_str()));
    let reviewer = &review.author.login;
    let Some(dismissal) = of else {
        return Some(format!("a review by {reviewer} was dismissed, and by whom is not known"));
    };
    let by = &dismissal.actor.login;
    let own = by.eq_ignore_ascii_case(reviewer);
    let may = !dismissal.actor.bot && people.may_approve(by) && facts.writers.contains(&by.to_ascii_lowercase());
    let harmless = dismissal.previous == ReviewState::Approved || own || may;
    (!harmless).then(|| format!("changes are requested by {reviewer}; {by}, who dismissed that, may not approve this"))
}

/// Whether the approval of a review counts; else why not.
fn counts(facts: &Facts<'_>, people: &People<'_>, pull: &PullRequest, review: &Review) -> Result<(), String> {
    let login = &review.author.login;
    people.why_not(login).map_or(Ok(()), Err)?;
    let head = review.commit.as_ref().is_some_and(|commit| *commit == pull.head_sha);
    let content = review.commit.as_ref().and_then(|commit| facts.reviewed.get(commit));
    if !head && content != Some(facts.content) {
        return Err(format!("its content changed after it was approved by {login}"));
    }
    // Times are whole seconds: a review in the second of the change may be older than it. A time that is not known proves nothing.
    let later = |moved: Moment| review.submitted_at.is_some_and(|at| at > moved);
    if !pull.base_changes.iter().all(|change| later(change.at)) {
        return Err(format!("{login} approved it for another base branch"));
    }
    Ok(())
}

/// Whether a comment approves this content; None where it is about something else.
fn comment_counts(facts: &Facts<'_>, people: &People<'_>, comment: &Comment) -> Option<Result<(), String>> {
    let Some(Command::Approve(id)) = command(&comment.body) else { return None };
    if comment.author.bot || !facts.content.is_meant_by(&id) {
        return None;
    }
    let login = &comment.author.login;
    if comment.edited {
        return Some(Err(format!("the comment of {login} that approves it was edited")));
    }
    if !facts.writers.contains(&login.to_ascii_lowercase()) {
        return Some(Err(format!("{login}, who approved it, has no write permission")));
    }
    let author = facts.pulls.iter().any(|pull| pull.author.login.eq_ignore_ascii_case(login));
    if author && facts.approvers.allow_author.is_some() {
        return Some(Ok(()));
    }
    Some(people.why_not(login).map_or(Ok(()), Err))
}

#[cfg(test)]
mod tests;

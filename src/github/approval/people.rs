//! Who may approve, and who is part of what is to be approved.

use super::Facts;
use crate::config::Approvers;
use crate::finding::read::Read;
use crate::github::event::{Command, command};
use crate::github::facts::{PullRequest, Push};
use crate::github::ids::{CommitId, Moment};
use crate::github::settings::REQUESTED_BY;
use std::collections::BTreeSet;

/// Who pushed what would be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pushers {
    /// These accounts: logins in lower case.
    Known(BTreeSet<String>),
    /// It is not known, and why.
    Unknown(String),
}

/// The pushers of a pull request's branch since it left its base, from the branch's activity, newest first. `base` are the
/// commits that its base holds: the merge base, and the tip; `commits` those that would be merged.
#[must_use]
pub(crate) fn pushers(
    pull: &PullRequest,
    repository: &str,
    pushes: Read<Vec<Push>>,
    base: &[&CommitId],
    commits: &BTreeSet<&CommitId>,
) -> Pushers {
    let fork = pull.head_repository.as_deref() != Some(repository);
    let author = || BTreeSet::from([pull.author.login.to_ascii_lowercase()]);
    let pushes = match pushes {
        Read::Known(pushes) => pushes,
        // The fork is its author's, and nobody else may push there.
        Read::Absent | Read::Unreadable(_) if fork && !pull.maintainers_may_push => return Pushers::Known(author()),
        Read::Absent => return Pushers::Unknown("GitHub shows no pushes".into()),
        Read::Unreadable(why) => return Pushers::Unknown(why.to_string()),
    };
    // Who brought one of these commits at any time is part of it, whatever the branch held since.
    let brought = pushes.iter().filter(|push| commits.contains(&push.after));
    let mut logins: BTreeSet<String> = brought.map(|push| push.actor.login.to_ascii_lowercase()).collect();
    let mut expected = &pull.head_sha;
    for push in &pushes {
        if push.after != *expected {
            return Pushers::Unknown("GitHub has not recorded every push yet".into());
        }
        // Here the branch had nothing of its own.
        if base.contains(&&push.after) {
            return Pushers::Known(logins);
        }
        if push.actor.login.is_empty() {
            return Pushers::Unknown("GitHub does not say who made one of the pushes".into());
        }
        logins.insert(push.actor.login.to_ascii_lowercase());
        if push.before == CommitId::default() {
            return Pushers::Known(logins);
        }
        expected = &push.before;
    }
    if base.contains(&expected) {
        return Pushers::Known(logins);
    }
    Pushers::Unknown("GitHub does not show where the branch began".into())
}

/// When a pull request's branch was pushed last, from the branch's activity, newest first. None where that is not known.
#[must_use]
pub(crate) fn last_push(pull: &PullRequest, pushes: &Read<Vec<Push>>) -> Option<Moment> {
    let Read::Known(pushes) = pushes else { return None };
    pushes.first().filter(|push| push.after == pull.head_sha)?;
    pushes.iter().map(|push| push.at).max()
}

/// The people around a pull request.
pub(super) struct People<'a> {
    authors: BTreeSet<String>,
    pushers: BTreeSet<String>,
    commanders: BTreeSet<String>,
    approvers: &'a Approvers,
}

impl<'a> People<'a> {
    pub(super) fn of(facts: &Facts<'a>) -> Self {
        let authors = facts.pulls.iter().map(|pull| pull.author.login.to_ascii_lowercase()).collect();
        let pushers = match facts.pushers {
            Pushers::Known(logins) => logins.clone(),
            Pushers::Unknown(_) => BTreeSet::new(),
        };
        let comments = facts.pulls.iter().flat_map(|pull| &pull.comments);
        let commands = comments.filter(|comment| command(&comment.body) == Some(Command::Regenerate));
        // A comment can be deleted; what GitHub signed for the bot says it all the same.
        let signed = facts.commits.iter().filter(|commit| commit.signed_for(facts.viewer));
        let named = signed.flat_map(|commit| commit.message.lines().filter_map(|line| line.strip_prefix(REQUESTED_BY)));
        let commands = commands.map(|comment| comment.author.login.as_str());
        let commanders = commands.chain(named.map(str::trim)).map(str::to_ascii_lowercase).collect();
        Self { authors, pushers, commanders, approvers: facts.approvers }
    }

    /// Returns whether somebody with write permission may approve.
    pub(super) fn may_approve(&self, login: &str) -> bool {
        self.why_not(login).is_none()
    }

    /// Returns why the approval of somebody with write permission does not count.
    pub(super) fn why_not(&self, login: &str) -> Option<String> {
        let lower = login.to_ascii_lowercase();
        if !self.approvers.admits(login) {
            return Some(format!("{login} is not among the approvers that the configuration names"));
        }
        let part = if self.authors.contains(&lower) {
            "opened this pull request"
        } else if self.pushers.contains(&lower) {
            "pushed to this branch"
        } else if self.commanders.contains(&lower) {
            "had the bot write to this branch"
        } else {
            return None;
        };
        Some(format!("{login} approved it, but {part}: needs approval from another maintainer"))
    }
}

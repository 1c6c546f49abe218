//! Who approved what: reviews, comments, and what was approved on the branch that a promotion comes from.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judge, Way, Why, best};
use crate::fake_github::{Comment, Entries, Pull, Review, View};

/// What somebody said of a pull request, and what he had before him then.
struct Opinion<'a> {
    id: u64,
    author: &'a str,
    state: &'a str,
    seen: &'a View,
}

impl Judge<'_> {
    /// Whether a commit has the tree of another guarded branch, and brings from there only what was approved there.
    pub(super) fn is_promotion(&self, branch: &str, tip: &str, commit: &str, change: &Entries) -> bool {
        let state = self.state;
        let others = self.guarded.iter().filter(|other| **other != branch);
        others.filter_map(|other| Some((other, state.tip(&state.owner, other)?))).any(|(other, end)| {
            let Some(base) = state.merge_base(tip, &end) else { return false };
            let same_tree = self.first_parents(&base, &end).iter().any(|s| state.tree_of(s) == state.tree_of(commit));
            let here = state.tree_of(&base).zip(state.tree_of(tip)).map(|(old, new)| state.entries(old, new));
            let untouched = |path: &String| here.as_ref().is_some_and(|here| !here.contains_key(path));
            let approved = |(path, (_, after)): (&String, &(Option<String>, Option<String>))| {
                untouched(path)
                    && state
                        .pulls
                        .values()
                        .any(|p| p.merged && p.base_ref == *other && self.was_approved(p, path, after))
            };
            same_tree && change.iter().all(approved)
        })
    }

    /// The first parents of a commit, down to another one.
    fn first_parents(&self, down_to: &str, commit: &str) -> Vec<String> {
        let next = |sha: &String| {
            let parent = self.state.commit_of(sha)?.parent_id(0).ok()?.to_string();
            (sha != down_to).then_some(parent)
        };
        std::iter::successors(Some(commit.to_owned()), next).take_while(|sha| sha != down_to).collect()
    }

    /// Whether somebody who may approved that a path becomes this.
    fn was_approved(&self, pull: &Pull, path: &str, after: &Option<String>) -> bool {
        let merged_from = pull.merge_commit.as_deref().and_then(|sha| self.state.commit_of(sha)?.parent_id(0).ok());
        let written =
            merged_from.map(|tip| self.written_by(pull, &tip.to_string(), &pull.head_sha)).unwrap_or_default();
        let counts = |opinion: &Opinion<'_>| {
            opinion.state == "APPROVED"
                && opinion.seen.entries.get(path).is_some_and(|(_, seen)| seen == after)
                // Who could push when it was merged need not any more.
                && self.state.could_push.contains(opinion.author)
                && opinion.author != pull.author
                && !written.contains(opinion.author)
        };
        let (lgtm, approve) = (self.words(pull, "/lgtm"), self.words(pull, "/approve"));
        self.last_opinions(pull).values().any(counts)
            || self.approving_comments(pull).iter().any(counts)
            || (lgtm.iter().any(counts) && approve.iter().any(counts))
    }

    /// The comments that say a word of Prow, where the default branch's configuration lets it in and nobody took it back.
    fn words(&self, pull: &Pull, word: &str) -> Vec<Opinion<'_>> {
        let state = self.state;
        if !self.lets_prow_in() {
            return Vec::new();
        }
        let mut said: Vec<&Comment> = Vec::new();
        for comment in state.comments.values().filter(|c| c.issue == pull.number) {
            let first = comment.body.lines().take_while(|line| line.starts_with('/'));
            if comment.editor.is_none() && first.clone().any(|line| line == word) {
                said.push(comment);
            }
            if comment.body.lines().any(|line| line == format!("{word} cancel")) {
                let all = word == "/lgtm" && (state.may_push(&comment.author) || comment.author == pull.author);
                said.retain(|c| !all && c.author != comment.author);
            }
        }
        said.into_iter().map(|c| Opinion { id: c.id, author: &c.author, state: "APPROVED", seen: &c.seen }).collect()
    }

    fn lets_prow_in(&self) -> bool {
        let tip = self.state.tip(&self.state.owner, &self.state.default_branch);
        let config = tip.and_then(|tip| self.state.file_at(&tip, ".github/cargo2-bot.yml"));
        config.is_some_and(|text| text.contains("prow: true"))
    }

    /// Whether Prow holds a pull request: by its label, or by the last word of those who may push.
    fn on_hold(&self, pull: &Pull) -> bool {
        let of = self.state.comments.values().filter(|c| c.issue == pull.number && self.state.may_push(&c.author));
        let mut words = of.flat_map(|c| c.body.lines().map(move |line| (c.editor.is_some(), line)));
        let last =
            words.rfind(|(edited, line)| *line == "/hold" || (!edited && ["/unhold", "/hold cancel"].contains(line)));
        self.lets_prow_in()
            && (pull.labels.iter().any(|label| label == "do-not-merge/hold") || last.is_some_and(|(_, l)| l == "/hold"))
    }

    /// Whether a person who may approved this change by a review of the pull request, or by a comment.
    pub(super) fn approval(
        &self,
        pull: &Pull,
        way: Way,
        branch: &str,
        tip: &str,
        commit: &str,
        change: &Entries,
    ) -> Result<(), Why> {
        let last = self.last_opinions(pull);
        let written = self.written_by(pull, tip, commit);
        let one = |review: &Opinion<'_>| {
            if review.state != "APPROVED" {
                return Err(Why::NoApproval);
            }
            let there = |(path, entry): (&String, _)| review.seen.entries.get(path) == Some(entry);
            let now = self.state.landing(tip, &review.seen.commit).map(|now| self.deciding(tip, &now));
            if now.as_ref() != Some(change) || !change.iter().all(there) {
                return Err(Why::OtherContent);
            }
            if review.author.ends_with("[bot]") || !self.state.may_push(review.author) {
                return Err(Why::NoWriter);
            }
            if review.author == pull.author {
                return Err(Why::Author);
            }
            if written.contains(review.author) {
                return Err(Why::Pusher);
            }
            if matches!(way, Way::Merge | Way::Queue) && review.seen.base != branch {
                return Err(Why::OtherBase);
            }
            Ok(())
        };
        let labelled = |label: &str| pull.labels.iter().any(|own| own == label);
        let by_prow = || {
            let (lgtm, approve) = (self.words(pull, "/lgtm"), self.words(pull, "/approve"));
            if !labelled("lgtm") || !labelled("approved") {
                return Err(Why::NoApproval);
            }
            best(lgtm.iter().map(one)).and_then(|()| best(approve.iter().map(one)))
        };
        let direct = best(last.values().chain(&self.approving_comments(pull)).map(one));
        best([direct, by_prow()].into_iter())?;
        let against = |review: &Opinion<'_>| {
            let standing = review.state == "CHANGES_REQUESTED" || self.dismissed_by_author(pull, review);
            standing && review.author != pull.author && self.state.may_push(review.author)
        };
        if matches!(way, Way::Merge | Way::Queue) && (last.values().any(against) || self.on_hold(pull)) {
            return Err(Why::ChangesRequested);
        }
        Ok(())
    }

    fn last_opinions(&self, pull: &Pull) -> BTreeMap<&str, Opinion<'_>> {
        let opinion = |r: &&Review| matches!(r.state.as_str(), "APPROVED" | "CHANGES_REQUESTED" | "DISMISSED");
        let of = self.state.reviews.iter().filter(|r| r.pull == pull.number).filter(opinion);
        of.map(|r| (r.author.as_str(), Opinion { id: r.id, author: &r.author, state: &r.state, seen: &r.seen }))
            .collect()
    }

    /// Comments that approve what was there when they were written, and that nobody edited.
    fn approving_comments(&self, pull: &Pull) -> Vec<Opinion<'_>> {
        let approves =
            |c: &&Comment| c.issue == pull.number && c.editor.is_none() && c.body.starts_with("/cargo2 approve ");
        let of = self.state.comments.values().filter(approves);
        of.map(|c| Opinion { id: c.id, author: &c.author, state: "APPROVED", seen: &c.seen }).collect()
    }

    /// Who pushed what is to be merged to the branch of the pull request, or had the bot write to it.
    fn written_by(&self, pull: &Pull, tip: &str, commit: &str) -> BTreeSet<&str> {
        let state = self.state;
        let commits: BTreeSet<String> = state.commits_between(tip, commit).into_iter().collect();
        let owner = pull.head_owner.as_deref().unwrap_or_default();
        // What becomes of its branch later was not merged.
        let merging = pull.merge_commit.as_ref().and_then(|sha| state.activity.iter().find(|a| a.after == *sha));
        let end = merging.map_or(u64::MAX, |a| a.id);
        let of = |a: &&crate::fake_github::Activity| {
            a.owner == owner && a.branch == pull.head_ref && commits.contains(&a.after) && a.id < end
        };
        let mut people: BTreeSet<&str> = state.activity.iter().filter(of).map(|a| a.actor.as_str()).collect();
        if people.contains(self.bot) {
            let commands = state.comments.values().filter(|c| c.issue == pull.number);
            people.extend(commands.filter(|c| c.body.starts_with("/cargo2 regenerate")).map(|c| c.author.as_str()));
        }
        people
    }

    /// Whether a change request was dismissed by the author of the pull request.
    fn dismissed_by_author(&self, pull: &Pull, review: &Opinion<'_>) -> bool {
        let node = format!("PRR_{}", review.id);
        review.state == "DISMISSED"
            && self.state.timeline.iter().any(|item| {
                item.kind == "ReviewDismissedEvent"
                    && item.actor == pull.author
                    && item.fields["previousReviewState"] == "CHANGES_REQUESTED"
                    && item.fields["review"]["id"] == node.as_str()
            })
    }
}

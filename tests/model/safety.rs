//! The safety of a repository, judged from the fake GitHub's state alone: what could any automation merge right now, into
//! which branch, and would somebody who may have approved just that? Nothing of the bot's own code is used here.

use std::collections::{BTreeMap, BTreeSet};

use crate::fake_github::{Comment, Entries, Pull, Review, State, View};

/// A guarded branch that an automation could move to what nobody approved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Danger {
    /// What is wrong with it.
    pub why: Why,
    /// How it could get there.
    pub way: Way,
    pub branch: String,
    /// The commit that is merged or pushed.
    pub commit: String,
    /// The paths that decide.
    pub paths: Vec<String>,
}

/// How a change could land.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// Its open pull request could be merged.
    Merge,
    /// It could be pushed, or merged through a pull request that anybody opens: its commit is a ticket.
    Ticket,
    /// The same, with a commit that is the head of no open pull request any more.
    Past,
    /// The same, into another guarded branch than those that its pull requests are about.
    Elsewhere,
    /// The merge queue merges its group.
    Queue,
}

/// Why no approval covers a change: that of the approval which comes closest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Somebody approved it who may, but somebody else asks for changes.
    ChangesRequested,
    /// It was approved for another base branch.
    OtherBase,
    /// By somebody who pushed it, or had the bot write it.
    Pusher,
    /// By its author.
    Author,
    /// By somebody who may not push, or is no person.
    NoWriter,
    /// Something else was approved.
    OtherContent,
    /// Nobody approved anything.
    NoApproval,
}

/// Judges a state.
pub fn dangers(state: &State, guarded: &[&str], bot: &str) -> Vec<Danger> {
    let judge = Judge { state, guarded, bot };
    let mut found = BTreeSet::new();
    for branch in guarded {
        judge.branch(branch, &mut found);
    }
    found.into_iter().collect()
}

/// What somebody said of a pull request, and what he had before him then.
struct Opinion<'a> {
    id: u64,
    author: &'a str,
    state: &'a str,
    seen: &'a View,
}

struct Judge<'a> {
    state: &'a State,
    guarded: &'a [&'a str],
    bot: &'a str,
}

impl Judge<'_> {
    fn branch(&self, branch: &str, found: &mut BTreeSet<Danger>) {
        let state = self.state;
        let Some(tip) = state.tip(&state.owner, branch) else { return };
        let rules = state.rules_of(branch);
        for pull in state.pulls.values().filter(|p| p.open && p.base_ref == branch && rules.queue.is_none()) {
            if state.blocked(pull).is_empty() {
                let pulls = [pull];
                self.landing(Way::Merge, branch, &tip, &pull.head_sha, &pulls, found);
            }
        }
        for commit in self.known_commits() {
            // A head is judged with its own pull request.
            let open = |p: &&Pull| p.open && p.base_ref == branch && p.head_sha == commit;
            if state.pulls.values().any(|p| open(&p)) || state.is_ancestor(&commit, &tip) {
                continue;
            }
            let behind = !state.is_ancestor(&tip, &commit);
            let pushed = !behind && state.may_move("any[bot]", branch, Some(&commit)).is_ok();
            let green = state.unmet_checks(&rules, &commit).is_empty();
            let opened = green
                && rules.queue.is_none()
                && rules.reviews.as_ref().is_none_or(|reviews| reviews.count == 0)
                && !(rules.strict && behind);
            if pushed || opened {
                let pulls: Vec<&Pull> = state.pulls.values().filter(|p| self.held_once(p, &commit)).collect();
                let guarded = |p: &&&Pull| self.guarded.contains(&p.base_ref.as_str());
                let way = match () {
                    () if pulls.iter().any(|p| p.base_ref != branch) && pulls.iter().all(|p| guarded(&p)) => {
                        Way::Elsewhere
                    }
                    () if pulls.iter().any(|p| p.open && p.head_sha == commit) => Way::Ticket,
                    () => Way::Past,
                };
                self.landing(way, branch, &tip, &commit, &pulls, found);
            }
        }
        if let Some(last) = state.ready(branch) {
            let entries = &state.queues[branch][..=last];
            let pulls: Vec<&Pull> = entries.iter().map(|entry| &state.pulls[&entry.pull]).collect();
            self.group(branch, &tip, &entries[last].head, &pulls, found);
        }
    }

    /// Every commit that an automation can name: tips, heads of pull requests, commits with a check. Groups of the queue are
    /// judged as such.
    fn known_commits(&self) -> BTreeSet<String> {
        let state = self.state;
        let groups: BTreeSet<&str> = state.queues.values().flatten().map(|entry| entry.head.as_str()).collect();
        let tips = state.branches().into_iter().filter_map(|name| state.tip(&state.owner, &name));
        let heads = state.pulls.values().map(|p| p.head_sha.clone());
        let checked = state.checks.values().map(|run| run.sha.clone());
        tips.chain(heads).chain(checked).filter(|sha| !groups.contains(sha.as_str())).collect()
    }

    /// Whether a commit was the head of a pull request at any time, or is GitHub's own merge of one.
    fn held_once(&self, pull: &Pull, commit: &str) -> bool {
        let parents = self.state.commit_of(commit).filter(|_| self.state.signed.contains(commit));
        let parents = parents.into_iter().flat_map(|commit| commit.parent_ids().skip(1).collect::<Vec<_>>());
        self.was_head(pull, commit) || parents.into_iter().any(|parent| self.was_head(pull, &parent.to_string()))
    }

    fn was_head(&self, pull: &Pull, commit: &str) -> bool {
        let owner = pull.head_owner.as_deref().unwrap_or_default();
        let was = |a: &crate::fake_github::Activity| a.owner == owner && a.branch == pull.head_ref && a.after == commit;
        pull.head_sha == commit || self.state.activity.iter().any(was)
    }

    fn landing(&self, way: Way, branch: &str, tip: &str, commit: &str, pulls: &[&Pull], found: &mut BTreeSet<Danger>) {
        let Some(change) = self.state.landing(tip, commit) else { return };
        let change = self.deciding(change);
        if change.is_empty() {
            return;
        }
        if self.is_promotion(branch, tip, commit, &change) {
            return;
        }
        let approved = |pull: &&Pull| self.approval(pull, way, branch, tip, commit, &change);
        if let Err(why) = best(pulls.iter().map(approved)) {
            let (branch, commit) = (branch.to_owned(), commit.to_owned());
            found.insert(Danger { why, way, branch, commit, paths: change.into_keys().collect() });
        }
    }

    /// A group: each path has the entry that one of its pull requests was approved with.
    fn group(&self, branch: &str, tip: &str, head: &str, pulls: &[&Pull], found: &mut BTreeSet<Danger>) {
        let trees = (self.state.tree_of(tip), self.state.tree_of(head));
        let (Some(old), Some(new)) = trees else { return };
        for (path, entry) in self.deciding(self.state.entries(old, new)) {
            let one = |pull: &&Pull| {
                let own = self.deciding(self.state.landing(tip, &pull.head_sha).unwrap_or_default());
                match own.get(&path) {
                    Some(own) if *own == entry => {}
                    Some(_) => return Err(Why::OtherContent),
                    None => return Err(Why::NoApproval),
                }
                self.approval(pull, Way::Queue, branch, tip, &pull.head_sha, &own)
            };
            if let Err(why) = best(pulls.iter().map(one)) {
                let (branch, commit) = (branch.to_owned(), head.to_owned());
                found.insert(Danger { why, way: Way::Queue, branch, commit, paths: vec![path] });
            }
        }
    }

    /// Whether a commit has the tree of another guarded branch, and brings from there only what was approved there.
    fn is_promotion(&self, branch: &str, tip: &str, commit: &str, change: &Entries) -> bool {
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
        self.last_opinions(pull).values().any(|opinion| {
            opinion.state == "APPROVED"
                && opinion.seen.entries.get(path).is_some_and(|(_, seen)| seen == after)
                && self.state.may_push(opinion.author)
                && opinion.author != pull.author
                && !written.contains(opinion.author)
        })
    }

    /// Whether a person who may approved this change by a review of the pull request, or by a comment.
    fn approval(
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
            let now = self.state.landing(tip, &review.seen.commit).map(|now| self.deciding(now));
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
        best(last.values().chain(&self.approving_comments(pull)).map(one))?;
        let against = |review: &Opinion<'_>| {
            let standing = review.state == "CHANGES_REQUESTED" || self.dismissed_by_author(pull, review);
            standing && review.author != pull.author && self.state.may_push(review.author)
        };
        if matches!(way, Way::Merge | Way::Queue) && last.values().any(against) {
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
        let of = |a: &&crate::fake_github::Activity| {
            a.owner == owner && a.branch == pull.head_ref && commits.contains(&a.after)
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

    /// The paths that decide about Rust elements of the tiny project, or about what merges.
    fn deciding(&self, mut change: Entries) -> Entries {
        change.retain(|path, (old, new)| {
            let cargo = || [&*old, &*new].into_iter().flatten().any(|entry| self.mentions_cargo(entry));
            let name = path.rsplit('/').next().unwrap_or(path);
            matches!(name, "project.conf" | "project.refs" | "junction.refs" | "CODEOWNERS" | "cargo2-bot.yml")
                || path.starts_with("files/up/")
                || path.starts_with(".github/workflows/")
                || (path.ends_with(".bst") && cargo())
        });
        change
    }

    /// Whether a blob names a cargo source, also in a way that YAML spells out.
    fn mentions_cargo(&self, entry: &str) -> bool {
        let id = entry.split(' ').nth(1).and_then(|id| git2::Oid::from_str(id).ok());
        let Some(blob) = id.and_then(|id| self.state.git.find_blob(id).ok()) else { return true };
        let text = String::from_utf8_lossy(blob.content()).replace("\\x61", "a");
        text.contains("cargo")
    }
}

/// The first that is right, else the reason that comes closest to it.
fn best(all: impl Iterator<Item = Result<(), Why>>) -> Result<(), Why> {
    let mut closest = Why::NoApproval;
    for one in all {
        match one {
            Ok(()) => return Ok(()),
            Err(why) => closest = closest.min(why),
        }
    }
    Err(closest)
}

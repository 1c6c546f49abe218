//! The safety of a repository, judged from the fake GitHub's state alone: what could any automation merge right now, into
//! which branch, and would somebody who may have approved just that? Nothing of the bot's own code is used here.

#[path = "approval.rs"]
mod approval;

use std::cell::LazyCell;
use std::collections::BTreeSet;

use crate::fake_github::{Entries, Pull, State};

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
    /// The same, with the head of a pull request that was merged as another commit. Its success is the proof that promotions ask for.
    Merged,
    /// The same, into another guarded branch than those that its pull requests are about.
    Elsewhere,
    /// The same, with a commit of a merge group that is not queued any more. GitHub does not document what lists it, so
    /// that its success cannot be taken back. Into the branch of the queue it comes by the queue alone.
    Group,
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
                // Those of one head into one branch bring the same, and share what was said of it.
                let twin = |p: &&Pull| p.open && p.base_ref == branch && p.head_sha == pull.head_sha;
                let pulls: Vec<&Pull> = state.pulls.values().filter(twin).collect();
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
                    () if self.was_group(&commit) => Way::Group,
                    () if pulls.iter().any(|p| p.base_ref != branch) && pulls.iter().all(|p| guarded(&p)) => {
                        Way::Elsewhere
                    }
                    () if pulls.iter().any(|p| p.open && p.head_sha == commit) => Way::Ticket,
                    () if pulls.iter().any(|p| p.merged && p.head_sha == commit) => Way::Merged,
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

    /// Whether a commit was that of a merge group.
    fn was_group(&self, commit: &str) -> bool {
        self.state.activity.iter().any(|a| a.branch.starts_with("gh-readonly-queue/") && a.after == commit)
    }

    fn was_head(&self, pull: &Pull, commit: &str) -> bool {
        let owner = pull.head_owner.as_deref().unwrap_or_default();
        let was = |a: &crate::fake_github::Activity| a.owner == owner && a.branch == pull.head_ref && a.after == commit;
        pull.head_sha == commit || self.state.activity.iter().any(was)
    }

    fn landing(&self, way: Way, branch: &str, tip: &str, commit: &str, pulls: &[&Pull], found: &mut BTreeSet<Danger>) {
        let Some(change) = self.state.landing(tip, commit) else { return };
        let change = self.deciding(tip, &change);
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
        for (path, entry) in self.deciding(tip, &self.state.entries(old, new)) {
            let one = |pull: &&Pull| {
                let own = self.deciding(tip, &self.state.landing(tip, &pull.head_sha).unwrap_or_default());
                match own.get(&path) {
                    Some(own) if *own == entry => {}
                    Some(_) => return Err(Why::OtherContent),
                    None => return Err(Why::NoApproval),
                }
                if self.is_promotion(branch, tip, &pull.head_sha, &own) {
                    return Ok(());
                }
                self.approval(pull, Way::Queue, branch, tip, &pull.head_sha, &own)
            };
            if let Err(why) = best(pulls.iter().map(one)) {
                let (branch, commit) = (branch.to_owned(), head.to_owned());
                found.insert(Danger { why, way: Way::Queue, branch, commit, paths: vec![path] });
            }
        }
    }

    /// The paths that decide about Rust elements of the tiny project, or about what merges, when a change comes to this commit.
    fn deciding(&self, tip: &str, change: &Entries) -> Entries {
        let rust = |old: &Option<String>, new: &Option<String>, with: &str| {
            [old, new].into_iter().flatten().any(|entry| self.is_rust(entry, with))
        };
        let there = |with: &str| {
            change.iter().any(|(path, (old, new))| path.ends_with(".bst") && rust(old, new, with))
                || self.has_rust_element(tip, with)
        };
        // What elements are made of decides nothing where no Rust element is made of it, neither before nor after.
        let (project, lock) = (LazyCell::new(|| there("")), LazyCell::new(|| there("files/up")));
        let decides = |path: &String, (old, new): &(Option<String>, Option<String>)| {
            let name = path.rsplit('/').next().unwrap_or(path);
            matches!(name, "CODEOWNERS" | "cargo2-bot.yml")
                || (matches!(name, "project.conf" | "project.refs" | "junction.refs") && *project)
                || (path.starts_with("files/up/") && *lock)
                || path.starts_with(".github/workflows/")
                || (path.ends_with(".bst") && rust(old, new, ""))
        };
        let kept = change.iter().filter(|(path, entry)| decides(path, entry));
        kept.map(|(path, entry)| (path.clone(), entry.clone())).collect()
    }

    /// Whether an element of a commit names a cargo source, and these words.
    fn has_rust_element(&self, commit: &str, with: &str) -> bool {
        let tree = self.state.tree_of(commit).and_then(|tree| self.state.tree_entries(tree, true)).unwrap_or_default();
        tree.iter().any(|(path, mode, _, id, _)| path.ends_with(".bst") && self.is_rust(&format!("{mode} {id}"), with))
    }

    /// Whether a blob names a cargo source, also in a way that YAML spells out, and these words.
    fn is_rust(&self, entry: &str, with: &str) -> bool {
        let id = entry.split(' ').nth(1).and_then(|id| git2::Oid::from_str(id).ok());
        let Some(blob) = id.and_then(|id| self.state.git.find_blob(id).ok()) else { return true };
        let text = String::from_utf8_lossy(blob.content()).replace("\\x61", "a");
        text.contains("cargo") && text.contains(with)
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

//! Promotions: pull requests that bring a state of another guarded branch, where each change was approved when it came in. Pure.

use super::checks::{HOLD, content_of};
use super::content::{Class, Decisive};
use super::facts::{MergedPull, Step};
use super::ids::{CommitId, Conclusion, PullNumber, StatusState};
use super::tree::Item;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The most decisive paths that a promotion may bring: one with more is held.
pub(crate) const MAX_PATHS: usize = 60;

/// The most merges of the other branch that are looked at for one promotion.
pub(crate) const MAX_ORIGINS: usize = 30;

/// A pull request that brings what was approved on another guarded branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Promotion {
    /// The branch that it comes from.
    pub branch: String,
    /// The pull requests into that branch by which its changes came, each with the decisive paths that it changed.
    pub approved: BTreeMap<PullNumber, BTreeSet<String>>,
    /// Those of them that changed something of a Rust element.
    pub rust: BTreeSet<PullNumber>,
}

impl fmt::Display for Promotion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: usize, one: &str| {
            let s = if count == 1 { "" } else { "s" };
            (count > 0).then(|| format!("{count} {}", one.replace('*', s)))
        };
        let rust = count(self.rust.len(), "Rust update*");
        let others = count(self.approved.len() - self.rust.len(), "change* of what merges");
        let what: Vec<String> = rust.into_iter().chain(others).collect();
        let pulls: Vec<String> = self.approved.keys().map(|number| format!("#{number}")).collect();
        let branch = self.branch.escape_debug();
        write!(f, "promotes {} from `{branch}`, approved in {}", what.join(" and "), pulls.join(", "))
    }
}

impl Promotion {
    /// A sentence for each pull request by which its changes came.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |(number, paths): (&PullNumber, &BTreeSet<String>)| {
            let paths: Vec<String> = paths.iter().map(|path| format!("`{}`", path.escape_debug())).collect();
            format!("Approved in #{number}: {}", paths.join(", "))
        };
        self.approved.iter().map(line).collect()
    }
}

/// A commit of the other branch that changed decisive paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The commit.
    pub commit: CommitId,
    /// Its first parent.
    pub parent: CommitId,
    /// The paths, each with its entries before and after.
    pub changes: Vec<(String, Option<Item>, Option<Item>)>,
}

/// Whether a line of first parents goes back far enough: to where each path was what it is before the promotion. `source` is the
/// place in it of the commit that is promoted.
pub(crate) fn goes_back(decisive: &[Decisive], line: &[Step], source: usize) -> bool {
    let back = line.get(source..).unwrap_or_default();
    let there = |(at, path): (usize, &Decisive)| back.iter().any(|step| step.entries.get(at) == Some(&path.before));
    decisive.iter().enumerate().all(there)
}

/// The commits by which the decisive paths became what they are in a promoted commit, since they were what they are before the
/// promotion. `line` is the other branch, newest first, with the entries of the paths; `source` the place of the promoted commit in it.
///
/// # Errors
/// Why that is not known, or speaks against the promotion.
pub(crate) fn origins(decisive: &[Decisive], line: &[Step], source: usize) -> Result<Vec<Origin>, String> {
    let mut origins: BTreeMap<usize, Origin> = BTreeMap::new();
    let (newer, back) = line.split_at_checked(source).ok_or("it has no such commit")?;
    for (at, path) in decisive.iter().enumerate() {
        let name = path.path.escape_debug();
        let entry = |step: &Step| step.entries.get(at).cloned().flatten();
        if back.first().map(entry) != Some(path.after.clone()) {
            return Err(format!("`{name}` is another one there"));
        }
        if path.before == path.after {
            continue;
        }
        if newer.iter().any(|step| entry(step) == path.before) {
            return Err(format!("`{name}` was taken back there since"));
        }
        let Some(end) = back.iter().position(|step| entry(step) == path.before) else {
            return Err(format!("none of its last {} commits has `{name}` as it is here", line.len()));
        };
        for (place, pair) in back.get(..=end).unwrap_or_default().windows(2).enumerate() {
            let [step, parent] = pair else { continue };
            let (after, before) = (entry(step), entry(parent));
            if before != after {
                let new = || Origin { commit: step.commit.clone(), parent: parent.commit.clone(), changes: Vec::new() };
                origins.entry(place).or_insert_with(new).changes.push((path.path.clone(), before, after));
            }
        }
    }
    if origins.len() > MAX_ORIGINS {
        return Err(format!("{} of its merges would have to be looked at, and {MAX_ORIGINS} are", origins.len()));
    }
    Ok(origins.into_values().collect())
}

/// The commit that merging the pull request made the head of the branch, where a commit came into the branch by one pull request alone.
/// It is another commit where several were rebased: the last of them.
pub(crate) fn merged_at<'a>(branch: &str, pulls: &'a [MergedPull]) -> Option<&'a CommitId> {
    let mut merged = pulls.iter().filter(|pull| pull.base_ref == branch);
    match (merged.next(), merged.next()) {
        (Some(pull), None) => pull.merge_commit.as_ref(),
        _ => None,
    }
}

/// Joins commits of a line, newest first: the one at `last` takes the place of `count` of them, itself among them. Nothing is joined
/// where the line does not say what was before them.
pub(crate) fn join(line: &mut Vec<Step>, last: usize, count: usize) {
    let Some(before) = line.get(last + count).map(|step| step.commit.clone()) else { return };
    if let Some(step) = line.get_mut(last) {
        step.parent = Some(before);
        line.drain(last + 1..last + count);
    }
}

/// The pull request by which a commit came into a branch, its head, and the id of the content for which the check of the app
/// `slug` released it there.
///
/// # Errors
/// Why no such release is known.
pub(crate) fn released<'a>(
    commit: &CommitId,
    branch: &str,
    slug: &str,
    pulls: &'a [MergedPull],
) -> Result<(&'a MergedPull, &'a str), String> {
    let mut merged = pulls.iter().filter(|pull| pull.base_ref == branch && pull.merge_commit.as_ref() == Some(commit));
    let (Some(pull), None) = (merged.next(), merged.next()) else {
        return Err(format!("{} is not the merge of one pull request", commit.short()));
    };
    let unknown = |what: &str| format!("#{}, which {} merged, {what}", pull.number, commit.short());
    let runs: Vec<_> = pull.head.checks.iter().filter(|run| run.name == HOLD && run.app == slug).collect();
    let newest = runs.iter().max_by_key(|run| run.id).and_then(|run| content_of(run));
    let passed = runs.iter().all(|run| run.conclusion == Some(Conclusion::Success));
    let status = pull.head.statuses.iter().all(|status| status.context != HOLD || status.state == StatusState::Success);
    match newest {
        _ if !pull.complete => Err(unknown("has checks that could not be read")),
        _ if !passed || !status => Err(unknown("was not released by this bot's check")),
        Some(content) => Ok((pull, content)),
        None => Err(unknown("has no check of this bot that names what it released")),
    }
}

/// Whether a pull request brought something of a Rust element, and not only what merges.
pub(crate) fn is_rust(origin: &Origin, decisive: &[Decisive]) -> bool {
    let rust = |name: &String| decisive.iter().any(|path| path.path == *name && path.class < Class::Merges);
    origin.changes.iter().any(|(path, ..)| rust(path))
}

#[cfg(test)]
mod tests;

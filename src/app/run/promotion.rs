//! What is read for the proof that a pull request brings nothing but what was approved on another guarded branch.

use super::facts::{Reader, ends_run};
use super::judged::Judged;
use super::state::place;
use crate::github::ancestry::MAX_COMMITS;
use crate::github::content::Decisive;
use crate::github::facts::{BranchCommit, Comparison, PullRequest, Step};
use crate::github::ids::CommitId;
use crate::github::promotion::{self, MAX_PATHS, Promotion};
use std::collections::BTreeSet;

/// The most commits of the base branch, since it has nothing of the other one, of which each is looked at.
const BEHIND: usize = 20;

impl Reader {
    /// What a pull request promotes, or why that is not proven. None where its state is not one that another guarded branch has
    /// or had lately.
    pub(super) async fn promotion(
        &self,
        pull: &PullRequest,
        own: &Judged,
    ) -> anyhow::Result<Option<Result<Promotion, String>>> {
        let mut unproven = Vec::new();
        let sources = match self.promoted_from(pull, own).await {
            Ok(sources) => sources,
            // Who may approve it still can.
            Err(error) => return unread(error, "whether it promotes another guarded branch is not known").map(Some),
        };
        for (branch, source) in sources {
            let name = branch.escape_debug();
            let proven = match self.proven(&branch, &source, own).await {
                Ok(proven) => proven,
                Err(error) => unread(error, "what was approved there could not be read")?,
            };
            match proven {
                Ok(promotion) => return Ok(Some(Ok(promotion))),
                Err(why) => unproven.push(format!("it has the files of `{name}` at {}, but {why}", source.short())),
            }
        }
        Ok((!unproven.is_empty()).then(|| Err(unproven.join("; "))))
    }

    /// The other guarded branches that have the files of a pull request's head, or had them lately, each with the newest commit
    /// that has them.
    pub(super) async fn promoted_from(
        &self,
        pull: &PullRequest,
        own: &Judged,
    ) -> anyhow::Result<Vec<(String, CommitId)>> {
        let branches = self.branches().await?;
        let head = own.comparison.commits.iter().find(|commit| commit.sha == pull.head_sha);
        let tree = head.map(|commit| commit.tree.as_str()).filter(|tree| !tree.is_empty());
        let (Some(tree), true) = (tree, branches.iter().any(|name| name == pull.base_ref)) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for branch in branches.iter().filter(|name| *name != pull.base_ref) {
            let lines = place(&self.lines, branch.to_owned());
            let name = format!("refs/heads/{branch}");
            // One page of them is enough to find the commit.
            let line = lines.get_or_try_init(|| self.github.line(&name, &[], |_| true)).await;
            let line = match line {
                Ok(line) => line,
                // A guarded branch need not be there.
                Err(crate::io::github::GitHubError::NotFound { .. }) => continue,
                Err(error) => return Err(error.into()),
            };
            let same = line.iter().find(|step| step.tree == tree);
            found.extend(same.map(|step| (branch.to_owned(), step.commit.clone())));
        }
        Ok(found)
    }

    /// The proof that all that decides was approved when it came into `branch`, whose commit `source` has the files of the head. The
    /// inner error says what of it is missing.
    async fn proven(&self, branch: &str, source: &CommitId, own: &Judged) -> anyhow::Result<Result<Promotion, String>> {
        let decisive = &own.content.decisive;
        if decisive.len() > MAX_PATHS {
            return Ok(Err(format!("{} of its paths decide, and {MAX_PATHS} are looked at", decisive.len())));
        }
        let slug = self.overview.viewer.login.trim_end_matches("[bot]").to_owned();
        // Read anew each time: what holds there now is what counts.
        let rules = self.github.rules(branch).await;
        if let Err(promise) = rules.vouches(&self.github.reporter(&slug).await) {
            return Ok(Err(format!("its rules do not vouch for that: {}", promise.line())));
        }
        let paths: Vec<&str> = decisive.iter().map(|path| path.path.as_str()).collect();
        let place = |line: &[Step]| line.iter().position(|step| step.commit == *source);
        let enough = |line: &[Step]| place(line).is_some_and(|at| promotion::goes_back(decisive, line, at));
        let line = self.github.line(&format!("refs/heads/{branch}"), &paths, enough).await?;
        let Some(tip) = line.first() else {
            return Ok(Err("it has no commit any more".into()));
        };
        if let Err(why) = self.only_there(own, source, &tip.commit).await? {
            return Ok(Err(why));
        }
        let (origins, merged) = match self.origins(decisive, branch, line, source).await? {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        let mut promotion =
            Promotion { branch: branch.to_owned(), approved: Default::default(), rust: BTreeSet::default() };
        for origin in &origins {
            let pulls = merged.get(&origin.commit).map(Vec::as_slice).unwrap_or_default();
            let (pull, content) = match promotion::released(&origin.commit, branch, &slug, pulls) {
                Ok(released) => released,
                Err(why) => return Ok(Err(why)),
            };
            if let Err(why) = self.was_that(branch, origin, pull, content).await? {
                return Ok(Err(why));
            }
            let names = origin.changes.iter().map(|(path, ..)| path.clone());
            promotion.approved.entry(pull.number).or_default().extend(names);
            if promotion::is_rust(origin, decisive) {
                promotion.rust.insert(pull.number);
            }
        }
        Ok(if promotion.approved.is_empty() { Err("nothing of it was approved there".into()) } else { Ok(promotion) })
    }

    /// Whether only the other branch changed what decides since the two branches had it in common: `tip` is the other branch's.
    /// The inner error says why not.
    async fn only_there(&self, own: &Judged, source: &CommitId, tip: &CommitId) -> anyhow::Result<Result<(), String>> {
        let here = own.content.branch.escape_debug();
        // What of the base branch the promoted commit does not hold.
        let Comparison { merge_base, commits, ahead, complete } =
            self.github.compare(source.as_str(), own.tip.as_str()).await?;
        if !complete || ahead > MAX_COMMITS {
            return Ok(Err(format!("`{here}` has {ahead} commits that it does not hold")));
        }
        if source != tip && self.github.compare(tip.as_str(), own.tip.as_str()).await?.merge_base != merge_base {
            return Ok(Err(format!("`{here}` was merged there since: promote what is there now")));
        }
        // Every commit of the base branch that the merge base does not hold, the other branch does not hold either: it is the only one.
        if self.github.compare(merge_base.as_str(), own.tip.as_str()).await?.ahead != ahead {
            return Ok(Err(format!("it has more than one merge base with `{here}`")));
        }
        let line = line_since(&merge_base, &own.tip, &commits);
        if line.len() > BEHIND {
            return Ok(Err(format!(
                "`{here}` has {} commits since it was merged there: merge it back first",
                line.len()
            )));
        }
        for commit in line.into_iter().chain([merge_base]) {
            let files = self.states.listing(&commit).await?;
            let other = |path: &&Decisive| files.get(&path.path) != path.before.as_ref();
            if let Some(path) = own.content.decisive.iter().find(other) {
                let name = path.path.escape_debug();
                return Ok(Err(format!("`{here}` changed `{name}` since it was merged there: merge it back first")));
            }
        }
        Ok(Ok(()))
    }
}

/// What could not be read is not proven. What ends the run is an error.
fn unread<T>(error: anyhow::Error, what: &str) -> anyhow::Result<Result<T, String>> {
    if error.downcast_ref().is_some_and(ends_run) {
        return Err(error);
    }
    Ok(Err(format!("{what}: {error:#}")))
}

/// The first parents of a branch's tip that have the merge base in them, the newest first. `commits` are all that it has and
/// the merge base has not.
fn line_since(merge_base: &CommitId, tip: &CommitId, commits: &[BranchCommit]) -> Vec<CommitId> {
    // Oldest first: a commit comes after its parents.
    let mut since: BTreeSet<&CommitId> = BTreeSet::new();
    for commit in commits {
        if commit.parents.iter().any(|parent| parent == merge_base || since.contains(parent)) {
            since.insert(&commit.sha);
        }
    }
    let mut line = Vec::new();
    let mut next = Some(tip);
    while let Some(commit) = next.and_then(|id| commits.iter().find(|commit| commit.sha == *id)) {
        if !since.contains(&commit.sha) {
            break;
        }
        line.push(commit.sha.clone());
        next = commit.parents.first();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(commits: &[(&str, &[&str])], tip: &str) -> Vec<CommitId> {
        let commit = |(sha, parents): &(&str, &[&str])| BranchCommit {
            sha: CommitId::of(sha),
            parents: parents.iter().map(|parent| CommitId::of(parent)).collect(),
            ..BranchCommit::default()
        };
        let commits: Vec<BranchCommit> = commits.iter().map(commit).collect();
        line_since(&CommitId::of("m"), &CommitId::of(tip), &commits)
    }

    #[test]
    fn the_line_ends_at_the_merge_base_and_where_it_is_not_in_it_yet() {
        let straight = [("a", &["m"][..]), ("b", &["a"])];
        assert_eq!(line(&straight, "b"), ["b", "a"].map(CommitId::of));
        assert_eq!(line(&[], "m"), []);
        // `x` is older than the merge of the other branch, whose commit is the merge base.
        let merged = [("x", &["old"][..]), ("t", &["x", "m"]), ("u", &["t"])];
        assert_eq!(line(&merged, "u"), ["u", "t"].map(CommitId::of));
    }
}

//! What the commits of a comparison say about the merge bases of two branches.

use super::facts::Comparison;
use super::ids::CommitId;
use crate::finding::read::Read;
use std::collections::{BTreeSet, HashSet};

/// The most commits that a pull request may have: a longer one is not looked at, and held.
pub(crate) const MAX_COMMITS: u64 = 500;

/// The commits, other than the merge base, at which the branch leaves the other one. The merge base is the only one if, and
/// only if, each of them is an ancestor of it: every merge base is the parent of a commit that the other branch does not
/// hold. Empty: the only merge base is proven.
///
/// Unreadable where the comparison is not complete or contradicts itself.
pub(crate) fn other_boundaries(comparison: &Comparison) -> Read<Vec<CommitId>> {
    if !comparison.complete {
        return Read::unreadable(format!("the branch has {} commits, and not all of them were read", comparison.ahead));
    }
    let inside: HashSet<&CommitId> = comparison.commits.iter().map(|commit| &commit.sha).collect();
    let parents = comparison.commits.iter().flat_map(|commit| &commit.parents);
    let mut boundary: BTreeSet<&CommitId> = parents.filter(|parent| !inside.contains(parent)).collect();
    // Without a commit of its own the branch is its own merge base.
    if !boundary.remove(&comparison.merge_base) && !comparison.commits.is_empty() {
        return Read::unreadable("the commits of the branch do not lead to its merge base");
    }
    Read::Known(boundary.into_iter().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::github::facts::BranchCommit;

    fn compared(merge_base: &str, commits: &[(&str, &[&str])]) -> Comparison {
        let commit = |(sha, parents): &(&str, &[&str])| BranchCommit {
            sha: CommitId::of(sha),
            parents: parents.iter().map(|parent| CommitId::of(parent)).collect(),
            ..BranchCommit::default()
        };
        Comparison {
            merge_base: CommitId::of(merge_base),
            commits: commits.iter().map(commit).collect(),
            ahead: commits.len() as u64,
            complete: true,
        }
    }

    fn others(merge_base: &str, commits: &[(&str, &[&str])]) -> Option<Vec<CommitId>> {
        other_boundaries(&compared(merge_base, commits)).optional().ok().flatten()
    }

    #[test]
    fn a_line_of_commits_has_one_merge_base() {
        assert_eq!(others("m", &[("a", &["m"]), ("b", &["a"])]), Some(Vec::new()));
        assert_eq!(others("m", &[]), Some(Vec::new()), "the other branch holds it");
        let fork = [("a", &["m"][..]), ("b", &["m"]), ("c", &["a", "b"])];
        assert_eq!(others("m", &fork), Some(Vec::new()), "a merge inside the branch");
    }

    #[test]
    fn a_merge_of_the_base_names_the_older_fork_point() {
        assert_eq!(others("n", &[("a", &["m"]), ("b", &["a", "n"])]), Some(vec![CommitId::of("m")]));
    }

    #[test]
    fn a_criss_cross_names_the_second_merge_base() {
        // x = merge of a (ours) and m2 (theirs); y, on the other branch, = merge of m2 and a's parent m1.
        assert_eq!(others("m1", &[("x", &["m1", "m2"])]), Some(vec![CommitId::of("m2")]));
    }

    #[test]
    fn what_is_not_complete_or_contradicts_itself_is_not_known() {
        let short = Comparison { complete: false, ..compared("m", &[("a", &["m"])]) };
        assert!(matches!(other_boundaries(&short), Read::Unreadable(_)));
        assert_eq!(others("m", &[("a", &["n"])]), None);
        assert_eq!(others("m", &[("a", &[])]), None, "a root of its own");
    }
}

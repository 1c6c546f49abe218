//! Where a commit is in the history of another.

use std::collections::HashSet;

use git2::{ObjectType, Oid, Repository};

use super::{GitError, GitLimits, repository};

/// Where a commit is in a history.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It is so many steps back.
    Back(usize),
    /// The history is there as a whole, and it is not in it.
    Nowhere,
    /// It is not in the part that is there.
    Cut,
}

/// Looks for `commit` from `tip` back, level by level, so that the first way found is a shortest one.
pub(super) fn walk_back(
    url: &str,
    repository: &Repository,
    limits: &GitLimits,
    tip: Oid,
    commit: Oid,
) -> Result<Found, GitError> {
    let (mut level, mut seen, mut cut) = (vec![tip], HashSet::from([tip]), false);
    for back in 0.. {
        if level.contains(&commit) {
            return Ok(Found::Back(back));
        }
        let mut next = Vec::new();
        for id in level {
            let Some(content) = repository::object(url, repository, (ObjectType::Commit, id), limits)? else {
                cut = true;
                continue;
            };
            next.extend(parents(&content).filter(|parent| seen.insert(*parent)));
        }
        if next.is_empty() || seen.len() > limits.pack_objects {
            cut |= !next.is_empty();
            break;
        }
        level = next;
    }
    Ok(if cut { Found::Cut } else { Found::Nowhere })
}

/// The parents that a commit names in its head.
fn parents(commit: &[u8]) -> impl Iterator<Item = Oid> {
    let lines = commit.split(|byte| *byte == b'\n').skip(1);
    lines.map_while(|line| Oid::from_str(std::str::from_utf8(line.strip_prefix(b"parent ")?).ok()?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_read_from_the_head_of_a_commit_alone() {
        let id = |digit: &str| digit.repeat(40);
        let head =
            format!("tree {}\nparent {}\nparent {}\nauthor x\n\nparent {}\n", id("a"), id("b"), id("c"), id("d"));
        let found: Vec<String> = parents(head.as_bytes()).map(|id| id.to_string()).collect();
        assert_eq!(found, [id("b"), id("c")]);
        assert_eq!(parents(b"").count() + parents(b"tree x\nparent zz\n").count(), 0);
    }
}

//! Whether pins of actions move forward, to commits of their own repository: on GitHub a fork's commit is served under the
//! name of its parent as well.

use super::error::shown;
use super::relation::NoHistory;
use super::{GitError, GitRef, GitUpstreams};
use crate::github::guard::PinMove;
use crate::review::ref_proof::Relation;
use futures_util::StreamExt;
use git2::Oid;
use semver::Version;
use std::collections::BTreeMap;
use std::fmt;

/// The number of repositories that are asked side by side.
const AT_ONCE: usize = 8;

const HEADS: &str = "refs/heads/";
const TAGS: &str = "refs/tags/";

/// Why a move of a pin is not proven to be harmless.
#[derive(Debug)]
pub(crate) enum NotProven {
    /// The repository could not be read.
    Repository(GitError),
    /// The new ref is no full commit.
    NotACommit(String),
    /// The old ref is no commit, and no branch or tag of this name alone.
    NoSuchRef(String),
    /// The commit is no tag's, and the default branch is not known.
    NoDefaultBranch,
    /// The commit is no tag's, and the default branch does not contain it.
    NotOfRepository {
        /// The commit.
        commit: String,
        /// The default branch.
        branch: String,
    },
    /// The new commit does not contain the old one.
    NotForward {
        /// The old ref.
        from: String,
        /// The new commit.
        to: String,
    },
    /// The history is not known.
    History(NoHistory),
}

impl fmt::Display for NotProven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository(error) => error.fmt(f),
            Self::NotACommit(text) => write!(f, "`{}` is not a full commit", shown(text)),
            Self::NoSuchRef(name) => write!(f, "`{}` is not one branch or one tag of the repository", shown(name)),
            Self::NoDefaultBranch => f.write_str("no tag names the commit, and the default branch is not known"),
            Self::NotOfRepository { commit, branch } => {
                write!(f, "no tag names {commit}, and the default branch {branch} does not contain it")
            }
            Self::NotForward { from, to } => write!(f, "{to} does not come after {}", shown(from)),
            Self::History(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for NotProven {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Repository(error) => Some(error),
            Self::History(why) => Some(why),
            _ => None,
        }
    }
}

impl From<GitError> for NotProven {
    fn from(error: GitError) -> Self {
        Self::Repository(error)
    }
}

/// Proves moves of pins, each on its own, in the order of `moves`: the new commit is that of a tag, or the default branch
/// contains it, and it comes after the old one, by history or by the versions of their tags. The repositories are below
/// `server_url`; up to 8 are asked side by side.
pub(crate) async fn pin_moves(
    upstreams: &GitUpstreams,
    server_url: &str,
    moves: &[PinMove],
) -> Vec<Result<(), NotProven>> {
    let mut of_repository: BTreeMap<String, Vec<(usize, PinMove)>> = BTreeMap::new();
    for (number, pin) in moves.iter().enumerate() {
        of_repository.entry(pin.repository.clone()).or_default().push((number, pin.clone()));
    }
    let server = server_url.trim_end_matches('/');
    let asked = of_repository.into_iter().map(|(repository, moves)| async move {
        let url = format!("{server}/{repository}");
        let mut proofs = Vec::new();
        for (number, pin) in moves {
            proofs.push((number, prove(upstreams, &url, &pin).await));
        }
        proofs
    });
    let proofs: Vec<Vec<_>> = futures_util::stream::iter(asked).buffer_unordered(AT_ONCE).collect().await;
    let by_number: BTreeMap<usize, Result<(), NotProven>> = proofs.into_iter().flatten().collect();
    by_number.into_values().collect()
}

async fn prove(upstreams: &GitUpstreams, url: &str, pin: &PinMove) -> Result<(), NotProven> {
    let to = commit(&pin.to).ok_or_else(|| NotProven::NotACommit(pin.to.clone()))?;
    let refs = upstreams.refs(url).await?;
    let from = resolve(&refs, &pin.from)?;
    let (old, new) = (tags(&refs, from), tags(&refs, to));
    if !new.is_empty() && (from == to || rises(&old, &new)) {
        return Ok(());
    }
    if new.is_empty() {
        let branch = upstreams.default_branch(url).await?.ok_or(NotProven::NoDefaultBranch)?;
        let tip = named(&refs, HEADS, &branch).ok_or(NotProven::NoDefaultBranch)?;
        if !contains(upstreams, url, tip, to).await? {
            return Err(NotProven::NotOfRepository { commit: pin.to.clone(), branch });
        }
    }
    if contains(upstreams, url, to, from).await? {
        return Ok(());
    }
    Err(NotProven::NotForward { from: pin.from.clone(), to: pin.to.clone() })
}

/// Finds out whether a commit is another one or in its history.
async fn contains(upstreams: &GitUpstreams, url: &str, tip: Oid, commit: Oid) -> Result<bool, NotProven> {
    match upstreams.relation(url, tip, commit).await {
        Ok(relation) => Ok(matches!(relation, Relation::Same | Relation::Ahead { .. })),
        Err(NoHistory::Repository(error)) => Err(error.into()),
        Err(why) => Err(NotProven::History(why)),
    }
}

fn commit(text: &str) -> Option<Oid> {
    let hex = text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    Oid::from_str(text).ok().filter(|_| hex)
}

/// The commit that a ref of a workflow means: a commit, a tag or a branch. Not known where two have the name.
fn resolve(refs: &[GitRef], text: &str) -> Result<Oid, NotProven> {
    if let Some(commit) = commit(text) {
        return Ok(commit);
    }
    match (named(refs, TAGS, text), named(refs, HEADS, text)) {
        (Some(tag), Some(branch)) if tag == branch => Ok(tag),
        (Some(only), None) | (None, Some(only)) => Ok(only),
        _ => Err(NotProven::NoSuchRef(text.to_owned())),
    }
}

fn named(refs: &[GitRef], prefix: &str, name: &str) -> Option<Oid> {
    let found = refs.iter().find(|own| own.name.strip_prefix(prefix) == Some(name))?;
    commit(&found.commit)
}

/// The tags of a commit.
fn tags(refs: &[GitRef], commit: Oid) -> Vec<&str> {
    let commit = commit.to_string();
    refs.iter().filter(|own| own.commit == commit).filter_map(|own| own.name.strip_prefix(TAGS)).collect()
}

/// Returns whether the versions of tags rise: those of each product that both name.
fn rises(old: &[&str], new: &[&str]) -> bool {
    let newest = |tags: &[&str]| {
        let mut newest: BTreeMap<String, Version> = BTreeMap::new();
        for (product, version) in tags.iter().filter_map(|tag| version(tag)) {
            let own = newest.entry(product).or_insert_with(|| version.clone());
            *own = std::cmp::max(own.clone(), version);
        }
        newest
    };
    let (old, new) = (newest(old), newest(new));
    let mut both = old.iter().filter_map(|(product, version)| Some(new.get(product)? > version)).peekable();
    both.peek().is_some() && both.all(|rises| rises)
}

/// The product and the version that a tag names, as in `v1.2.3`, `v4` and `name-v1.2`.
fn version(tag: &str) -> Option<(String, Version)> {
    let starts = tag.char_indices().filter(|(at, sign)| {
        let before = &tag[..*at];
        let before = before.strip_suffix(['v', 'V']).unwrap_or(before);
        sign.is_ascii_digit() && (before.is_empty() || before.ends_with(['-', '/', '_', '@']))
    });
    starts.into_iter().find_map(|(at, _)| {
        let text = &tag[at..];
        let (core, rest) = text.split_at(text.find(['-', '+']).unwrap_or(text.len()));
        let dots = core.matches('.').count();
        let filled = format!("{core}{}{rest}", ".0".repeat(2_usize.checked_sub(dots)?));
        Some((tag[..at].trim_end_matches(['v', 'V']).to_owned(), Version::parse(&filled).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_rise_within_one_product() {
        for (old, new) in [
            (&["v4.1.0"][..], &["v4", "v4.2.1"][..]),
            (&["v4.1.0", "v4"], &["v5.0.0"]),
            (&["1.9"], &["1.10"]),
            (&["a-v1.0.0"], &["a-v1.0.1"]),
            (&["a/v1", "b/v1"], &["a/v2", "b/v2"]),
            (&["v1.0.0-rc.1"], &["v1.0.0"]),
        ] {
            assert!(rises(old, new) && !rises(new, old), "{old:?} {new:?}");
        }
    }

    #[test]
    fn versions_that_do_not_compare_do_not_rise() {
        for (old, new) in [
            (&["v1"][..], &["v1"][..]),
            (&["v1"], &["latest"]),
            (&["latest"], &["v2"]),
            (&["a-v1"], &["b-v2"]),
            (&["a-v1", "b-v2"], &["a-v2", "b-v1"]),
            (&[], &["v2"]),
            (&["v1"], &[]),
            (&["v1"], &["v1.2.3.4"]),
        ] {
            assert!(!rises(old, new), "{old:?} {new:?}");
        }
    }
}

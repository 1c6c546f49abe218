//! How two commits of a repository stand to each other, by as little of its history as that takes.
//!
//! A server is asked for the commits that one has and the other has not, without their files. There are none where the
//! first is in the history of the second. Where the first comes after the second, the second is a parent of one of them,
//! which their hashes prove. In any other case the question is asked the other way round as well, so that a commit is not
//! accused of being elsewhere by one answer alone.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use git2::{ErrorCode, ObjectType, Oid, Repository};

use super::error::shown;
use super::packs::Packs;
use super::place::Place;
use super::protocol::{FetchRequest, Filter, Version};
use super::server::{Outcome, Server};
use super::{GitError, GitLimits, GitUpstreams, Shared, blocking, repository};
use crate::review::ref_proof::Relation;

/// An answer is not worth more commits than this. They are counted before they are sent.
const MOST_COMMITS: usize = 10_000;

/// See [`MOST_COMMITS`].
const MOST_BYTES: u64 = 8 << 20;

/// Why it is not known how two commits stand to each other.
#[derive(Debug, Clone)]
pub(crate) enum NoHistory {
    /// The server cannot send history without files.
    NotOffered,
    /// It refuses, for this reason.
    Refused(String),
    /// There is too much history, or it is cut off.
    TooLong,
    /// The repository cannot be read.
    Repository(GitError),
}

impl fmt::Display for NoHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOffered => f.write_str("its server does not send history without files"),
            Self::Refused(why) => write!(f, "its server does not send its history without files: {why}"),
            Self::TooLong => f.write_str("its history is too long to be looked at, or cut off"),
            Self::Repository(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NoHistory {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Repository(error) => Some(error),
            _ => None,
        }
    }
}

impl From<GitError> for NoHistory {
    fn from(error: GitError) -> Self {
        Self::Repository(error)
    }
}

impl GitUpstreams {
    /// Finds out how `one` stands to `other` in the history of the repository at `url`. A server is queried once per run for
    /// each pair.
    pub(crate) async fn relation(&self, url: &str, one: Oid, other: Oid) -> Result<Relation, NoHistory> {
        if one == other {
            return Ok(Relation::Same);
        }
        let shared = &self.shared;
        if let Place::Local(folder) = Place::of(url, shared.http.trust())? {
            let url = url.to_owned();
            return Ok(blocking(move || in_folder(&url, &folder, one, other)).await??);
        }
        if shared.offline {
            return Err(GitError::OfflineRefs { url: url.to_owned() }.into());
        }
        let upstream = shared.upstream(url);
        let mut state = upstream.state.lock().await;
        if let Some(known) = state.relations.get(&(one, other)) {
            return known.clone();
        }
        let server = state.server(&shared.session(url)).await?;
        let relation = History { shared, url, server: &server }.relation(one, other).await;
        state.relations.insert((one, other), relation.clone());
        relation
    }
}

/// The commits that one has and another has not.
enum Beyond {
    Commits(Part),
    /// There are more than are looked at.
    TooMany,
    /// The repository does not have the one.
    Missing,
}

/// See [`Beyond`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    commits: usize,
    /// Whether the other is a parent of one of them.
    meets: bool,
    /// Whether none of them is a merge.
    linear: bool,
    /// Whether the server does not have the whole history.
    cut: bool,
}

/// The history that a server has.
struct History<'a> {
    shared: &'a Shared,
    url: &'a str,
    server: &'a Server,
}

impl History<'_> {
    async fn relation(&self, one: Oid, other: Oid) -> Result<Relation, NoHistory> {
        let greeting = &self.server.greeting;
        if !greeting.filter || greeting.version != Version::Two {
            return Err(NoHistory::NotOffered);
        }
        let many = match self.beyond(one, other).await? {
            Beyond::Missing => return Ok(Relation::Missing),
            Beyond::Commits(Part { commits: 0, .. }) => return Ok(Relation::Behind),
            Beyond::Commits(Part { meets: true, commits, linear, .. }) => {
                return Ok(Relation::Ahead { commits: Some(commits), linear });
            }
            Beyond::Commits(Part { cut: true, .. }) => return Err(NoHistory::TooLong),
            Beyond::Commits(_) => false,
            Beyond::TooMany => true,
        };
        match self.beyond(other, one).await? {
            Beyond::Missing => Ok(Relation::Missing),
            Beyond::Commits(Part { commits: 0, .. }) => Ok(Relation::Ahead { commits: None, linear: false }),
            Beyond::Commits(Part { meets: true, .. }) => Ok(Relation::Behind),
            Beyond::Commits(Part { cut: true, .. }) => Err(NoHistory::TooLong),
            Beyond::TooMany if many => Err(NoHistory::TooLong),
            Beyond::Commits(_) | Beyond::TooMany => Ok(Relation::Apart),
        }
    }

    /// Requests the commits that `one` has and `other` has not.
    async fn beyond(&self, one: Oid, other: Oid) -> Result<Beyond, NoHistory> {
        let limits = GitLimits {
            fetch_bytes: self.shared.limits.fetch_bytes.min(MOST_BYTES),
            pack_objects: self.shared.limits.pack_objects.min(MOST_COMMITS),
            ..self.shared.limits.clone()
        };
        let session = self.shared.session_within(self.url, limits.clone());
        let packs = Arc::new(blocking(Packs::new).await??);
        let request = FetchRequest { wants: &[one], haves: &[other], depth: None, filter: Some(Filter::NoTrees) };
        let cut = match self.server.objects(&session, &packs, &request).await {
            Ok(Outcome::Received { cut }) => cut,
            Ok(Outcome::Refused(why)) if why.contains(&one.to_string()) => return Ok(Beyond::Missing),
            Ok(Outcome::Refused(why)) => return Err(NoHistory::Refused(shown(&why))),
            Err(GitError::Limit { .. }) => return Ok(Beyond::TooMany),
            Err(error) => return Err(error.into()),
        };
        let url = self.url.to_owned();
        let part = blocking(move || received(&url, &packs.open()?, &limits, (one, other))).await??;
        Ok(Beyond::Commits(Part { cut, ..part }))
    }
}

/// Counts the commits that came, from `one` back.
fn received(
    url: &str,
    repository: &Repository,
    limits: &GitLimits,
    (one, other): (Oid, Oid),
) -> Result<Part, GitError> {
    let mut part = Part { commits: 0, meets: false, linear: true, cut: false };
    let (mut next, mut seen) = (vec![one], HashSet::from([one]));
    while let Some(id) = next.pop() {
        let Some(content) = repository::object(url, repository, (ObjectType::Commit, id), limits)? else { continue };
        part.commits += 1;
        let parents: Vec<Oid> = parents(&content).collect();
        part.linear &= parents.len() < 2;
        part.meets |= parents.contains(&other);
        next.extend(parents.into_iter().filter(|parent| *parent != other && seen.insert(*parent)));
    }
    if part.commits == 0 && !is_empty(url, repository)? {
        let why = format!("it sent objects without commit {one}, which it was asked for");
        return Err(GitError::Protocol { url: url.to_owned(), why });
    }
    Ok(part)
}

/// Returns whether no object came.
fn is_empty(url: &str, repository: &Repository) -> Result<bool, GitError> {
    let broken = |error: git2::Error| GitError::Local { url: url.to_owned(), why: shown(error.message()) };
    let mut empty = true;
    let outcome = repository.odb().map_err(broken)?.foreach(|_| {
        empty = false;
        false
    });
    // The first object ends the walk.
    if empty { outcome.map(|()| true).map_err(broken) } else { Ok(false) }
}

/// The parents that a commit names in its head.
pub(super) fn parents(commit: &[u8]) -> impl Iterator<Item = Oid> {
    let lines = commit.split(|byte| *byte == b'\n').skip(1);
    lines.map_while(|line| Oid::from_str(std::str::from_utf8(line.strip_prefix(b"parent ")?).ok()?).ok())
}

/// The relation by a repository on this machine.
fn in_folder(url: &str, folder: &Path, one: Oid, other: Oid) -> Result<Relation, GitError> {
    let repository = repository::open(url, folder)?;
    let broken = |error: git2::Error| GitError::Local { url: url.to_owned(), why: shown(error.message()) };
    for commit in [one, other] {
        match repository.find_commit(commit) {
            Ok(_) => {}
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(Relation::Missing),
            Err(error) => return Err(broken(error)),
        }
    }
    let (ahead, behind) = repository.graph_ahead_behind(one, other).map_err(broken)?;
    if ahead == 0 {
        return Ok(Relation::Behind);
    }
    if behind > 0 {
        return Ok(Relation::Apart);
    }
    let mut walk = repository.revwalk().map_err(broken)?;
    walk.push(one).and_then(|()| walk.hide(other)).map_err(broken)?;
    let mut linear = true;
    for id in walk {
        let commit = id.and_then(|id| repository.find_commit(id)).map_err(broken)?;
        linear &= commit.parent_count() < 2;
    }
    Ok(Relation::Ahead { commits: Some(ahead), linear })
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

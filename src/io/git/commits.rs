//! Commits of a repository without their files, for those who count them; and its tags, with what kind each is.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use git2::{ErrorCode, ObjectType, Oid, Repository};

use super::error::shown;
use super::fetch::State;
use super::packs::Packs;
use super::place::Place;
use super::protocol::{FetchRequest, Filter, Version};
use super::relation::{NoHistory, parents};
use super::server::Outcome;
use super::{GitError, GitLimits, GitUpstreams, blocking, commit_id, repository};
use crate::bst::track::describe::{Commit, Commits, Tag};

/// A history of more commits is not walked. The server counts them before it sends them.
const MOST_COMMITS: usize = 200_000;

/// A longer part of a history is not kept for the other sources of its repository.
const KEPT_COMMITS: usize = 20_000;

/// See [`MOST_COMMITS`].
const MOST_BYTES: u64 = 96 << 20;

/// The part of a history that is requested.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HistoryPart<'a> {
    /// What is in the history of none of these commits.
    Beyond(&'a [String]),
    /// The commits themselves.
    Alone,
    /// All of it.
    Whole,
}

impl GitUpstreams {
    /// Reads commits of the repository at `url`: `tips`, and as much of their history as is requested. A folder gives all of it.
    pub(crate) async fn commits(
        &self,
        url: &str,
        tips: &[String],
        part: HistoryPart<'_>,
    ) -> Result<Commits, NoHistory> {
        let shared = &self.shared;
        let ids = |names: &[String]| names.iter().map(|name| commit_id(url, name)).collect::<Result<Vec<Oid>, _>>();
        let wants = ids(tips)?;
        if let Place::Local(folder) = Place::of(url, shared.http.trust())? {
            let url = url.to_owned();
            return blocking(move || in_folder(&url, &folder, wants)).await?;
        }
        if shared.offline {
            return Err(GitError::OfflineRefs { url: url.to_owned() }.into());
        }
        let upstream = shared.upstream(url);
        let mut state = upstream.state.lock().await;
        let (haves, alone) = match part {
            HistoryPart::Beyond(known) => (ids(known)?, false),
            HistoryPart::Alone => (Vec::new(), true),
            HistoryPart::Whole => (Vec::new(), false),
        };
        let key = (wants.clone(), haves.clone(), alone);
        if let Some(known) = state.commits.get(&key) {
            return Ok(known.clone());
        }
        let server = state.server(&shared.session(url)).await?;
        if !server.greeting.filter || server.greeting.version != Version::Two {
            return Err(NoHistory::NotOffered);
        }
        let limits = GitLimits {
            fetch_bytes: shared.limits.fetch_bytes.min(MOST_BYTES),
            pack_objects: shared.limits.pack_objects.min(MOST_COMMITS),
            ..shared.limits.clone()
        };
        let session = shared.session_within(url, limits.clone());
        let packs = Arc::new(blocking(Packs::new).await??);
        let request =
            FetchRequest { wants: &wants, haves: &haves, depth: alone.then_some(1), filter: Some(Filter::NoTrees) };
        match server.objects(&session, &packs, &request).await {
            Ok(Outcome::Received { .. }) => {}
            Ok(Outcome::Refused(why)) => return Err(NoHistory::Refused(shown(&why))),
            Err(GitError::Limit { .. }) => return Err(NoHistory::TooLong),
            Err(error) => return Err(error.into()),
        }
        let url = url.to_owned();
        let commits = blocking(move || received(&url, &packs.open()?, &limits, wants)).await??;
        if commits.len() <= KEPT_COMMITS {
            state.commits.insert(key, commits.clone());
        }
        Ok(commits)
    }

    /// Lists the tags of the repository at `url`.
    pub(crate) async fn tags(&self, url: &str) -> Result<Vec<Tag>, GitError> {
        let shared = &self.shared;
        if let Place::Local(folder) = Place::of(url, shared.http.trust())? {
            let url = url.to_owned();
            return blocking(move || tags_in_folder(&url, &folder)).await?;
        }
        if shared.offline {
            return Err(GitError::OfflineRefs { url: url.to_owned() });
        }
        let upstream = shared.upstream(url);
        let mut state = upstream.state.lock().await;
        if let Some(known) = &state.tags {
            return known.clone();
        }
        let tags = self.listed_tags(url, &mut state).await;
        state.tags.insert(tags).clone()
    }

    async fn listed_tags(&self, url: &str, state: &mut State) -> Result<Vec<Tag>, GitError> {
        let shared = &self.shared;
        let session = shared.session(url);
        let list = state.server(&session).await?.refs(&session, &["refs/tags/".to_owned()]).await?;
        if list.overflowed {
            let what = format!("it has more than {} tags", shared.limits.refs);
            return Err(GitError::Limit { url: url.to_owned(), what });
        }
        let tags = list.refs.into_iter().filter_map(|found| {
            let name = found.name.strip_prefix("refs/tags/")?.to_owned();
            Some(Tag { name, commit: found.peeled.unwrap_or(found.id).to_string(), annotated: found.peeled.is_some() })
        });
        Ok(tags.collect())
    }
}

/// The commits from these back. `read` gives the time and the parents of one, None for one that is not there; it is told how many are read.
fn history<E>(
    tips: Vec<Oid>,
    mut read: impl FnMut(Oid, usize) -> Result<Option<(i64, Vec<Oid>)>, E>,
) -> Result<Commits, E> {
    let (mut next, mut seen, mut commits) = (tips.clone(), HashSet::<Oid>::from_iter(tips), Commits::new());
    while let Some(id) = next.pop() {
        let Some((time, parents)) = read(id, commits.len())? else { continue };
        commits.insert(id.to_string(), Commit { time, parents: parents.iter().map(Oid::to_string).collect() });
        next.extend(parents.into_iter().filter(|parent| seen.insert(*parent)));
    }
    Ok(commits)
}

/// The commits that came, from these back.
fn received(url: &str, repository: &Repository, limits: &GitLimits, tips: Vec<Oid>) -> Result<Commits, GitError> {
    history(tips, |id, _| {
        let Some(content) = repository::object(url, repository, (ObjectType::Commit, id), limits)? else {
            return Ok(None);
        };
        let time = committed(&content).ok_or_else(|| GitError::Protocol {
            url: url.to_owned(),
            why: format!("commit {id} does not say when it was made"),
        })?;
        Ok(Some((time, parents(&content).collect())))
    })
}

/// The time in the head of a commit.
fn committed(commit: &[u8]) -> Option<i64> {
    let head = commit.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    let line = head.into_iter().find_map(|line| line.strip_prefix(b"committer "))?;
    let text = String::from_utf8_lossy(line);
    text.rsplit(' ').nth(1)?.parse().ok()
}

fn in_folder(url: &str, folder: &Path, tips: Vec<Oid>) -> Result<Commits, NoHistory> {
    let repository = repository::open(url, folder)?;
    history(tips, |id, read| {
        if read >= MOST_COMMITS {
            return Err(NoHistory::TooLong);
        }
        match repository.find_commit(id) {
            Ok(commit) => Ok(Some((commit.time().seconds(), commit.parent_ids().collect()))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(GitError::Local { url: url.to_owned(), why: shown(error.message()) }.into()),
        }
    })
}

fn tags_in_folder(url: &str, folder: &Path) -> Result<Vec<Tag>, GitError> {
    let broken = |error: git2::Error| GitError::Local { url: url.to_owned(), why: shown(error.message()) };
    let repository = repository::open(url, folder)?;
    let mut tags = Vec::new();
    for reference in repository.references_glob("refs/tags/*").map_err(broken)? {
        let reference = reference.map_err(broken)?;
        let name = reference.name().ok().and_then(|name| name.strip_prefix("refs/tags/"));
        if let (Some(name), Ok(commit)) = (name, reference.peel_to_commit()) {
            let annotated = reference.target().is_some_and(|target| target != commit.id());
            tags.push(Tag { name: name.to_owned(), commit: commit.id().to_string(), annotated });
        }
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_commit_is_in_its_head() {
        let commit =
            |committer: &str| format!("tree x\nauthor a <b> 1 +0000\n{committer}\n\ncommitter c <d> 9 +0000\n");
        assert_eq!(committed(commit("committer c d <e@f> 17 +0100").as_bytes()), Some(17));
        assert_eq!(committed(commit("committer c <> -5 +0000").as_bytes()), Some(-5));
        assert_eq!(committed(commit("committer").as_bytes()), None);
        assert_eq!(committed(commit("committer c <e> soon +0000").as_bytes()), None);
    }
}

//! The branches and tags of a repository, and the commits that they lead to.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Oid, Reference};

use super::error::shown;
use super::place::Place;
use super::protocol::{NAME_BYTES, RefList};
use super::{GitError, GitLimits, GitUpstreams, blocking, repository};

/// A branch or tag of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GitRef {
    /// The full name, as in `refs/tags/v1`: one that git itself would accept, and no longer than 1024 bytes.
    pub name: String,
    /// The commit that it leads to, through annotated tags: 40 lower-case hex digits. On a server this is a commit only by
    /// its word.
    pub commit: String,
}

/// Branches and tags, sorted by name.
pub(super) type Refs = Vec<GitRef>;

impl GitUpstreams {
    /// Lists the branches and tags of the repository at `url`, sorted by name. A server is queried once per run, and a
    /// failure is remembered; it may send and take as much as in one fetch. Nothing is kept in the cache.
    ///
    /// Left out are names that are not UTF-8 or that git does not allow, and, in a repository on this machine, what leads to
    /// no commit.
    ///
    /// # Errors
    /// [`GitError::Refused`] by the same rules as a fetch, [`GitError::OfflineRefs`] for a server while nothing may be
    /// fetched, [`GitError::Limit`] for more than [`GitLimits::refs`], and what else a server or a folder can do wrong.
    pub async fn refs(&self, url: &str) -> Result<Vec<GitRef>, GitError> {
        let shared = &self.shared;
        if let Place::Local(folder) = Place::of(url, shared.http.trust())? {
            let (url, limits) = (url.to_owned(), shared.limits.clone());
            return blocking(move || local(&url, &folder, &limits)).await?;
        }
        if shared.offline {
            return Err(GitError::OfflineRefs { url: url.to_owned() });
        }
        let upstream = shared.upstream(url);
        let mut state = upstream.state.lock().await;
        if let Some(known) = &state.refs {
            return known.clone();
        }
        let session = shared.session(url);
        let listed = async {
            let prefixes = ["refs/heads/", "refs/tags/"].map(str::to_owned);
            let list = state.server(&session).await?.refs(&session, &prefixes).await?;
            session.report(true);
            listed(url, &list, &shared.limits)
        };
        let listed = listed.await;
        state.refs.insert(listed).clone()
    }

    /// Finds out the default branch of the repository at `url`; None where it has none, or its server does not say. A server
    /// is queried once per run.
    ///
    /// # Errors
    /// As [`GitUpstreams::refs`].
    pub(super) async fn default_branch(&self, url: &str) -> Result<Option<String>, GitError> {
        let shared = &self.shared;
        if let Place::Local(folder) = Place::of(url, shared.http.trust())? {
            let url = url.to_owned();
            return blocking(move || local_head(&url, &folder)).await?;
        }
        if shared.offline {
            return Err(GitError::OfflineRefs { url: url.to_owned() });
        }
        let upstream = shared.upstream(url);
        let mut state = upstream.state.lock().await;
        if let Some(known) = &state.head {
            return known.clone();
        }
        let session = shared.session(url);
        let head = async { Ok(state.server(&session).await?.refs(&session, &["HEAD".to_owned()]).await?.head) };
        let head = head.await;
        state.head.insert(head).clone()
    }
}

/// The branches and tags of a server's list, each with the commit that it leads to.
pub(super) fn listed(url: &str, list: &RefList, limits: &GitLimits) -> Result<Refs, GitError> {
    let mut found = Found::new(url, limits);
    for listed in &list.refs {
        found.add(&listed.name, listed.peeled.unwrap_or(listed.id))?;
    }
    if list.overflowed { Err(found.too_many()) } else { Ok(found.sorted()) }
}

/// The branch that `HEAD` means in the repository in `folder`.
pub(super) fn local_head(url: &str, folder: &Path) -> Result<Option<String>, GitError> {
    let broken = |error: git2::Error| GitError::Local { url: url.to_owned(), why: shown(error.message()) };
    let repository = repository::open(url, folder)?;
    let head = repository.find_reference("HEAD").map_err(broken)?;
    let target = head.symbolic_target().map_err(broken)?;
    Ok(target.and_then(|name| name.strip_prefix("refs/heads/")).map(str::to_owned))
}

/// The branches and tags of the repository in `folder`.
pub(super) fn local(url: &str, folder: &Path, limits: &GitLimits) -> Result<Refs, GitError> {
    let broken = |error: git2::Error| GitError::Local { url: url.to_owned(), why: shown(error.message()) };
    let repository = repository::open(url, folder)?;
    let mut found = Found::new(url, limits);
    for reference in repository.references().map_err(broken)? {
        let reference = reference.map_err(broken)?;
        if let (Ok(name), Ok(commit)) = (reference.name(), reference.peel_to_commit()) {
            found.add(name, commit.id())?;
        }
    }
    Ok(found.sorted())
}

/// Branches and tags, up to a number.
struct Found<'a> {
    url: &'a str,
    most: usize,
    refs: BTreeMap<String, Oid>,
}

impl<'a> Found<'a> {
    fn new(url: &'a str, limits: &GitLimits) -> Self {
        Self { url, most: limits.refs, refs: BTreeMap::new() }
    }

    /// Takes a branch or tag, nothing else.
    fn add(&mut self, name: &str, id: Oid) -> Result<(), GitError> {
        let wanted = name.starts_with("refs/heads/") || name.starts_with("refs/tags/");
        if !wanted || name.len() > NAME_BYTES || !Reference::is_valid_name(name) {
            return Ok(());
        }
        self.refs.insert(name.to_owned(), id);
        if self.refs.len() > self.most { Err(self.too_many()) } else { Ok(()) }
    }

    fn too_many(&self) -> GitError {
        let what = format!("it has more than {} branches and tags", self.most);
        GitError::Limit { url: self.url.to_owned(), what }
    }

    fn sorted(self) -> Refs {
        let leads = self.refs.into_iter().filter(|(_, id)| !id.is_zero());
        leads.map(|(name, id)| GitRef { name, commit: id.to_string() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::protocol::ListedRef;
    use super::*;

    fn folded(lines: &[(&str, &str, Option<&str>)], refs: usize) -> Result<Vec<String>, GitError> {
        let id = |digit: &str| Oid::from_str(&digit.repeat(40)).unwrap();
        let line = |(name, digit, peeled): &(&str, &str, Option<&str>)| ListedRef {
            name: (*name).to_owned(),
            id: id(digit),
            peeled: peeled.map(id),
        };
        let list = RefList { refs: lines.iter().map(line).collect(), ..RefList::default() };
        let found = listed("https://h/r", &list, &GitLimits { refs, ..GitLimits::default() })?;
        Ok(found.iter().map(|found| format!("{} {}", found.name, &found.commit[..1])).collect())
    }

    #[test]
    fn a_tag_leads_to_its_commit() {
        let lines = [("refs/tags/v1", "b", Some("c")), ("refs/heads/main", "a", None)];
        assert_eq!(folded(&lines, 9).unwrap(), ["refs/heads/main a", "refs/tags/v1 c"]);
    }

    #[test]
    fn only_branches_and_tags_with_a_name_that_git_allows_are_listed() {
        let long = format!("refs/tags/{}", "x".repeat(NAME_BYTES));
        let names = ["refs/pull/1/head", "refs/tags/a: b", "refs/tags/a\nb", "refs/heads/", "refs/tags/../x", &long];
        let mut lines: Vec<_> = names.iter().map(|name| (*name, "a", None)).collect();
        lines.extend([("refs/tags/zero", "0", None), ("refs/heads/a/b", "d", None)]);
        assert_eq!(folded(&lines, 9).unwrap(), ["refs/heads/a/b d"]);
    }

    #[test]
    fn one_ref_more_than_the_limit_is_too_many() {
        let lines = [("refs/heads/a", "a", None), ("refs/heads/b", "b", None), ("refs/heads/a", "d", None)];
        assert_eq!(folded(&lines, 2).unwrap(), ["refs/heads/a d", "refs/heads/b b"]);
        assert!(matches!(folded(&lines, 1), Err(GitError::Limit { .. })));
    }
}

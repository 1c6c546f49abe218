//! The branches and tags of a repository, and the commits that they lead to.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use git2::{Direction, Oid, Reference, Remote};

use super::error::shown;
use super::place::Place;
use super::session::{Session, lock};
use super::{GitError, GitLimits, GitUpstreams, repository, transport};

/// A branch or tag of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GitRef {
    /// The full name, as in `refs/tags/v1`: one that git itself would accept, and no longer than 1024 bytes.
    pub name: String,
    /// What it leads to, through annotated tags: 40 lower-case hex digits. On a server this is a commit only by its word.
    pub commit: String,
}

/// No file system holds a longer name as a file, give or take a few folders.
const NAME_BYTES: usize = 1024;

/// What the server adds to a tag's name where it lists what the tag leads to.
const PEELED: &str = "^{}";

impl GitUpstreams {
    /// The branches and tags of the repository at `url`, sorted by name. A server is asked once per run, and a failure is
    /// remembered; it may send and take as much as in one fetch. Nothing is kept in the cache.
    ///
    /// Left out are names that are not UTF-8 or that git does not allow, and, in a repository on this machine, what leads to
    /// no commit.
    ///
    /// # Errors
    /// [`GitError::Refused`] by the same rules as a fetch, [`GitError::OfflineRefs`] for a server while nothing may be
    /// fetched, [`GitError::Limit`] for more than [`GitLimits::refs`], and what else a server or a folder can do wrong.
    pub fn refs(&self, url: &str) -> Result<Vec<GitRef>, GitError> {
        let place = Place::of(url, self.http.trust())?;
        if let Place::Local(folder) = &place {
            return local(url, folder, &self.limits);
        }
        if self.offline {
            return Err(GitError::OfflineRefs { url: url.to_owned() });
        }
        let upstream = self.upstream(url);
        let mut listed = lock(&upstream.listed);
        let ask = || {
            let listener = lock(&self.listener).clone();
            remote(&Arc::new(Session::new(url, place, self.http.clone(), self.limits.clone(), listener)))
        };
        listed.get_or_insert_with(ask).clone()
    }
}

/// What the server of `session` lists.
fn remote(session: &Arc<Session>) -> Result<Vec<GitRef>, GitError> {
    let outcome = transport::with_session(session, || {
        let mut remote = Remote::create_detached(format!("{}://upstream/repository", transport::SCHEME))?;
        remote.connect_auth(Direction::Fetch, None, None).map(drop)
    });
    let refusal = session.take_refusal();
    if let Some(failure) = session.take_failure() {
        return Err(failure);
    }
    outcome.map_err(|error| {
        let why = refusal.unwrap_or_else(|| error.message().to_owned());
        GitError::Protocol { url: session.url.clone(), why: shown(&why) }
    })?;
    session.report(true);
    // Not libgit2's own list, though it has accepted the same bytes: its binding panics at a name that is not UTF-8.
    fold(&session.url, lock(&session.advertised).refs(), &session.limits)
}

/// The branches and tags among `lines`, each with what its peeled line says, if it has one.
fn fold(url: &str, lines: &[(String, Oid)], limits: &GitLimits) -> Result<Vec<GitRef>, GitError> {
    let mut found = Found::new(url, limits);
    for (name, id) in lines.iter().filter(|(name, _)| !name.ends_with(PEELED)) {
        found.add(name, *id)?;
    }
    for (name, id) in lines {
        if let Some(commit) = name.strip_suffix(PEELED).and_then(|tag| found.refs.get_mut(tag)) {
            *commit = *id;
        }
    }
    Ok(found.sorted())
}

/// What the repository in `folder` has.
fn local(url: &str, folder: &Path, limits: &GitLimits) -> Result<Vec<GitRef>, GitError> {
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
        if self.refs.len() > self.most {
            let what = format!("it has more than {} branches and tags", self.most);
            return Err(GitError::Limit { url: self.url.to_owned(), what });
        }
        Ok(())
    }

    fn sorted(self) -> Vec<GitRef> {
        let leads = self.refs.into_iter().filter(|(_, id)| !id.is_zero());
        leads.map(|(name, id)| GitRef { name, commit: id.to_string() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(lines: &[(&str, &str)], refs: usize) -> Result<Vec<String>, GitError> {
        let line = |(name, digit): &(&str, &str)| ((*name).to_owned(), Oid::from_str(&digit.repeat(40)).unwrap());
        let lines: Vec<_> = lines.iter().map(line).collect();
        let found = fold("https://h/r", &lines, &GitLimits { refs, ..GitLimits::default() })?;
        Ok(found.iter().map(|found| format!("{} {}", found.name, &found.commit[..1])).collect())
    }

    #[test]
    fn a_tag_leads_to_what_its_peeled_line_says_wherever_that_stands() {
        let lines = [("refs/tags/v1^{}", "c"), ("HEAD", "a"), ("refs/tags/v1", "b"), ("refs/heads/main", "a")];
        assert_eq!(folded(&lines, 9).unwrap(), ["refs/heads/main a", "refs/tags/v1 c"]);
    }

    #[test]
    fn only_branches_and_tags_with_a_name_that_git_allows_are_listed() {
        let long = format!("refs/tags/{}", "x".repeat(NAME_BYTES));
        let names = ["refs/pull/1/head", "refs/tags/a: b", "refs/tags/a\nb", "refs/heads/", "refs/tags/../x", &long];
        let mut lines: Vec<_> = names.iter().map(|name| (*name, "a")).collect();
        lines.extend([("refs/tags/gone^{}", "a"), ("refs/tags/zero", "0"), ("refs/heads/a/b", "d")]);
        assert_eq!(folded(&lines, 9).unwrap(), ["refs/heads/a/b d"]);
    }

    #[test]
    fn one_ref_more_than_the_limit_is_too_many() {
        let lines = [("refs/heads/a", "a"), ("refs/heads/b", "b"), ("refs/pull/1/head", "c"), ("refs/heads/a", "d")];
        assert_eq!(folded(&lines, 2).unwrap(), ["refs/heads/a d", "refs/heads/b b"]);
        assert!(matches!(folded(&lines, 1), Err(GitError::Limit { .. })));
    }
}

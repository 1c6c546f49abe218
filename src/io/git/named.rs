//! The branches and tags of a repository that matter to a question, and nothing else of its refs.

use std::path::Path;

use super::place::Place;
use super::refs::{GitRef, listed, local, local_head};
use super::{GitError, GitLimits, GitUpstreams, blocking};
use crate::review::ref_proof::Refs;

/// Stands for the default branch among beginnings of names.
const HEAD: &str = "HEAD";

const HEADS: &str = "refs/heads/";

impl GitUpstreams {
    /// Lists the branches and tags of the repository at `url` whose full names begin with one of `prefixes`; with `HEAD` among
    /// them, the default branch too. A server is queried once per run for the same ones.
    ///
    /// # Errors
    /// As [`GitUpstreams::refs`].
    pub(crate) async fn named_refs(&self, url: &str, prefixes: &[String]) -> Result<Refs, GitError> {
        let shared = &self.shared;
        // A request without a prefix is one for everything.
        if prefixes.is_empty() {
            return Ok(Refs::default());
        }
        if let Place::Local(folder) = Place::of(url, shared.http.trust())? {
            let (url, limits, prefixes) = (url.to_owned(), shared.limits.clone(), prefixes.to_vec());
            return blocking(move || in_folder(&url, &folder, &limits, &prefixes)).await?;
        }
        if shared.offline {
            return Err(GitError::OfflineRefs { url: url.to_owned() });
        }
        let upstream = shared.upstream(url);
        let mut state = upstream.state.lock().await;
        if let Some(known) = state.named.get(prefixes) {
            return known.clone();
        }
        let session = shared.session(url);
        let found = async {
            let list = state.server(&session).await?.refs(&session, prefixes).await?;
            let default = list.head.clone().zip(list.head_id.map(|id| id.to_string()));
            Ok(of_prefixes(listed(url, &list, &shared.limits)?, default, prefixes))
        };
        let found = found.await;
        state.named.insert(prefixes.to_vec(), found.clone());
        found
    }
}

/// Servers may list more than they are asked for.
fn of_prefixes(refs: Vec<GitRef>, default: Option<(String, String)>, prefixes: &[String]) -> Refs {
    let asked = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()));
    let commits = refs.into_iter().filter(|found| asked(&found.name)).map(|found| (found.name, found.commit)).collect();
    Refs { commits, default: default.filter(|_| asked(HEAD)) }
}

fn in_folder(url: &str, folder: &Path, limits: &GitLimits, prefixes: &[String]) -> Result<Refs, GitError> {
    let refs = local(url, folder, limits)?;
    let head = local_head(url, folder)?;
    let default = head.and_then(|name| {
        let full = format!("{HEADS}{name}");
        let tip = refs.iter().find(|found| found.name == full)?;
        Some((name, tip.commit.clone()))
    });
    Ok(of_prefixes(refs, default, prefixes))
}

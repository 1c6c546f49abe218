//! Who pushed to a branch, through REST.

use super::GitHub;
use super::client::ApiRequest;
use super::error::GitHubError;
use super::limits::Reply;
use super::rest::{malformed, value};
use super::wire::{User, nullable};
use crate::finding::read::Read;
use crate::github::facts::{Push, PushKind};
use crate::github::ids::{CommitId, Moment};
use serde::Deserialize;

/// The number of pages that are read, of a hundred pushes each.
const PAGES: usize = 10;

/// A move of a branch, as REST lists it.
#[derive(Deserialize)]
struct Activity {
    before: CommitId,
    after: CommitId,
    #[serde(rename = "ref")]
    name: String,
    timestamp: Moment,
    activity_type: String,
    #[serde(default, deserialize_with = "nullable")]
    actor: User,
}

/// The number of pages of moves of all branches that are read.
const RECENT: usize = 3;

impl GitHub {
    /// All moves of a branch of this repository (`owner/name`) or of a fork of it, the newest first.
    ///
    /// Unreadable where GitHub does not show them, and where there are more than are read.
    pub async fn pushes(&self, repository: &str, branch: &str) -> Read<Vec<Push>> {
        self.pushes_since(repository, branch, None).await
    }

    /// The same, down to the first move before a moment. That one is in the list, too.
    pub async fn pushes_since(&self, repository: &str, branch: &str, since: Option<Moment>) -> Read<Vec<Push>> {
        match self.activity(repository, branch, since).await {
            Ok(pushes) => Read::Known(pushes),
            Err(error) => Read::unreadable(error.to_string()),
        }
    }

    /// The last moves of all branches of this repository, the newest first, each with its branch: three hundred at most.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn recent_pushes(&self) -> Result<Vec<(String, Push)>, GitHubError> {
        let (what, repository) = ("list the last pushes", self.client.repository());
        let (mut pushes, mut path) = (Vec::new(), Some("activity?per_page=100".to_owned()));
        for _ in 0..RECENT {
            let Some(next) = path else { break };
            let (page, cursor) = self.moves(repository, &next, what).await?;
            let of_branch = |activity: Activity| {
                let branch = activity.name.strip_prefix("refs/heads/")?.to_owned();
                Some((branch, Push::from(activity)))
            };
            pushes.extend(page.into_iter().filter_map(of_branch));
            path = cursor.map(|cursor| format!("activity?per_page=100&after={cursor}"));
        }
        Ok(pushes)
    }

    async fn activity(&self, repository: &str, branch: &str, since: Option<Moment>) -> Result<Vec<Push>, GitHubError> {
        let what = format!("list who pushed to `{branch}` of `{repository}`");
        let name = format!("refs/heads/{branch}");
        let first = format!("activity?ref={}&per_page=100", value(&name));
        let mut pushes = Vec::new();
        let mut path = first.clone();
        for _ in 0..PAGES {
            let (page, cursor) = self.moves(repository, &path, &what).await?;
            // A filter that GitHub does not understand, it ignores.
            pushes.extend(page.into_iter().filter(|activity| activity.name == name).map(Push::from));
            let enough = since.is_some_and(|since| pushes.last().is_some_and(|push| push.at < since));
            let Some(cursor) = cursor.filter(|_| !enough) else { return Ok(pushes) };
            path = format!("{first}&after={cursor}");
        }
        Err(GitHubError::TooLarge { what, instead: format!("at most {} are", PAGES * 100) })
    }

    /// A page of moves, and the cursor of the next one.
    async fn moves(
        &self,
        repository: &str,
        path: &str,
        what: &str,
    ) -> Result<(Vec<Activity>, Option<String>), GitHubError> {
        let request = self.client.get_in(repository, path, what)?.needs("contents: read");
        let reply = self.client.send(&request).await?;
        Ok((self.client.parse(&request, &reply)?, next(&request, &reply)?))
    }
}

/// The cursor of the next page, as it is written in the header `link`.
fn next(request: &ApiRequest, reply: &Reply) -> Result<Option<String>, GitHubError> {
    let links = reply.header("link").unwrap_or_default();
    let Some(link) = links.split(',').find(|link| link.contains("rel=\"next\"")) else { return Ok(None) };
    let query = link.split_once('?').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(query, _)| query);
    let cursor = query.split('&').find_map(|pair| pair.strip_prefix("after=")).filter(|cursor| !cursor.is_empty());
    let cursor = cursor.ok_or_else(|| malformed(&request.what(), "the link to the next page has no cursor"))?;
    Ok(Some(cursor.to_owned()))
}

impl From<Activity> for Push {
    fn from(activity: Activity) -> Self {
        let Activity { before, after, timestamp: at, activity_type, actor, .. } = activity;
        Self { actor: actor.into(), before, after, at, kind: PushKind::read(&activity_type) }
    }
}

//! Reading all but pull requests, through REST.

use super::client::Client;
use super::error::GitHubError;
use super::wire::{Ref, Run, Runs, Status, User, nullable};
use super::{GitHub, PAGES, Permission, SIDE_BY_SIDE, TreeEntry};
use crate::encode;
use crate::finding::read::Read;
use crate::github::facts::{Actor, CheckRun, CommitStatus};
use crate::github::ids::{CommentId, CommitId, PullNumber, Reaction};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{self, StreamExt as _};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The maximum size of a file.
const BLOB: usize = 32 << 20;

/// A name as part of a path.
pub(super) fn segment(name: &str) -> String {
    encode::url_path(name)
}

/// A name as one segment of a path, or as the value of a query.
pub(super) fn value(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

impl Client {
    /// All pages of a REST list of a hundred items a page.
    pub(super) async fn list<T: DeserializeOwned>(&self, path: &str, what: &str) -> Result<Vec<T>, GitHubError> {
        self.list_of(path, what, |page: Vec<T>| page).await
    }

    /// All pages of a REST list inside an object.
    async fn list_of<P: DeserializeOwned, T>(
        &self,
        path: &str,
        what: &str,
        items: impl Fn(P) -> Vec<T>,
    ) -> Result<Vec<T>, GitHubError> {
        let mut all = Vec::new();
        let separator = if path.contains('?') { '&' } else { '?' };
        for page in 1..=PAGES {
            let suffix = if page == 1 { String::new() } else { format!("&page={page}") };
            let request = self.get(&format!("{path}{separator}per_page=100{suffix}"), what);
            let reply = self.send(&request).await?;
            let more = reply.header("link").is_some_and(|link| link.contains("rel=\"next\""));
            all.extend(items(self.parse(&request, &reply)?));
            if !more {
                return Ok(all);
            }
        }
        Err(too_many(what))
    }
}

impl GitHub {
    /// All entries of a commit's tree, folders among them.
    ///
    /// # Errors
    /// [`GitHubError::TooLarge`] when GitHub cuts the list; else as for every read.
    pub async fn tree(&self, commit: &str) -> Result<Vec<TreeEntry>, GitHubError> {
        let what = format!("list the files of {commit}");
        let request = self.client.get(&format!("git/trees/{}?recursive=1", segment(commit)), &what);
        let tree: Tree = self.client.json(&request).await?;
        if tree.truncated {
            let instead = format!("check the repository out at {commit}, with its files");
            return Err(GitHubError::TooLarge { what, instead });
        }
        let entry = |e: TreeItem| {
            let mode = u32::from_str_radix(&e.mode, 8).ok()?;
            Some(TreeEntry { path: e.path, mode, id: e.sha, size: e.size })
        };
        tree.tree.into_iter().map(|e| entry(e).ok_or_else(|| malformed(&what, "an entry has no mode"))).collect()
    }

    /// The content of a file. It is hashed, and is what the id says.
    ///
    /// # Errors
    /// [`GitHubError::TooLarge`] above 32 MiB, [`GitHubError::Malformed`] when the content is another; else as for every read.
    pub async fn blob(&self, id: &str) -> Result<Vec<u8>, GitHubError> {
        let what = format!("read the file {id}");
        let blob: Blob = self.client.json(&self.client.get(&format!("git/blobs/{}", segment(id)), &what)).await?;
        let too_large = || GitHubError::TooLarge { what: what.clone(), instead: "check the repository out".to_owned() };
        let text: Vec<u8> = blob.content.into_bytes().into_iter().filter(|b| !b.is_ascii_whitespace()).collect();
        let content = match blob.encoding.as_str() {
            "base64" if text.len() / 4 * 3 > BLOB + 2 => return Err(too_large()),
            "base64" => STANDARD.decode(text).map_err(|e| malformed(&what, &e.to_string()))?,
            other => return Err(malformed(&what, &format!("it is encoded as `{other}`"))),
        };
        if content.len() > BLOB {
            return Err(too_large());
        }
        let hash = git2::Oid::hash_object(git2::ObjectType::Blob, &content)
            .map_err(|e| GitHubError::Setup { why: e.message().to_owned() })?;
        if hash.to_string() != id.to_ascii_lowercase() {
            return Err(malformed(&what, &format!("its content is that of {hash}")));
        }
        Ok(content)
    }

    /// The commit of a branch. None where there is no such branch.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn branch(&self, name: &str) -> Result<Option<CommitId>, GitHubError> {
        let request = self.client.get(&format!("git/ref/heads/{}", segment(name)), format!("read the branch `{name}`"));
        match self.client.json::<Ref>(&request).await {
            Ok(found) => Ok(Some(found.object.sha)),
            Err(GitHubError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the permission of somebody in the repository. A custom role counts as the role that it extends.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn permission(&self, login: &str) -> Result<Permission, GitHubError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "nullable")]
            permission: String,
            #[serde(default, deserialize_with = "nullable")]
            role_name: String,
        }
        if login.is_empty() {
            return Ok(Permission::None);
        }
        // A login is one segment of the path: it never leads elsewhere.
        let what = format!("read the permission of `{login}`");
        let request = self.client.get(&format!("collaborators/{}/permission", value(login)), what);
        let answer: Answer = match self.client.json(&request).await {
            Ok(answer) => answer,
            Err(GitHubError::NotFound { .. }) => return Ok(Permission::None),
            Err(error) => return Err(error),
        };
        let of = |name: &str| match name {
            "admin" => Some(Permission::Admin),
            "write" | "push" | "maintain" => Some(Permission::Write),
            "read" | "pull" | "triage" => Some(Permission::Read),
            "none" => Some(Permission::None),
            _ => None,
        };
        // `permission` is one of the four for custom roles too.
        Ok(of(&answer.permission).or_else(|| of(&answer.role_name)).unwrap_or(Permission::None))
    }

    /// The permission of each of these people. Each account is asked for once, side by side; an account that is named in
    /// several spellings is in the answer under each.
    pub async fn permissions(&self, logins: &[&str]) -> BTreeMap<String, Read<Permission>> {
        let accounts: BTreeSet<String> = logins.iter().map(|login| login.to_ascii_lowercase()).collect();
        let asked = stream::iter(accounts).map(|account| async move {
            let answer = self.permission(&account).await;
            (account, answer.map_or_else(|error| Read::unreadable(error.to_string()), Read::Known))
        });
        let answers: BTreeMap<String, Read<Permission>> = asked.buffer_unordered(SIDE_BY_SIDE).collect().await;
        let of = |login: &&str| Some(((*login).to_owned(), answers.get(&login.to_ascii_lowercase())?.clone()));
        logins.iter().filter_map(of).collect()
    }

    /// The open pull request whose head is this branch of this repository.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn pull_of_branch(&self, branch: &str) -> Result<Option<PullNumber>, GitHubError> {
        pull_of_branch(&self.client, branch).await
    }

    /// Returns whether the bot's branch had a pull request that somebody closed or merged.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn was_closed(&self, branch: &str, head: &CommitId) -> Result<bool, GitHubError> {
        let (owner, _) = self.client.owner_and_name();
        let path = format!("pulls?state=closed&head={}", value(&format!("{owner}:{branch}")));
        let what = format!("find the closed pull requests of the branch `{branch}`");
        let pulls: Vec<serde_json::Value> = self.client.list(&path, &what).await?;
        // One of an older commit was no answer to this one: its branch was deleted, and made anew.
        let field = |pull: &serde_json::Value, name: &str| pull["head"][name].as_str().map(str::to_owned);
        let same = |pull: &serde_json::Value| {
            field(pull, "ref").as_deref() == Some(branch) && field(pull, "sha").as_deref() == Some(head.as_str())
        };
        Ok(pulls.iter().any(same))
    }

    /// The check runs of a commit, the latest of each name and app.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn check_runs(&self, sha: &CommitId) -> Result<Vec<CheckRun>, GitHubError> {
        let path = format!("commits/{sha}/check-runs?filter=all");
        let runs =
            self.client.list_of(&path, &format!("list the check runs of {sha}"), |page: Runs| page.check_runs).await?;
        Ok(runs.into_iter().map(|run: Run| run.into()).collect())
    }

    /// The commit statuses of a commit, the newest of each context.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn statuses(&self, sha: &CommitId) -> Result<Vec<CommitStatus>, GitHubError> {
        let path = format!("commits/{sha}/statuses");
        let all: Vec<Status> = self.client.list(&path, &format!("list the commit statuses of {sha}")).await?;
        // GitHub lists the newest first.
        let mut seen = HashSet::new();
        Ok(all.into_iter().map(CommitStatus::from).filter(|s| seen.insert(s.context.clone())).collect())
    }

    /// The reactions to a comment: who, and which.
    ///
    /// # Errors
    /// As for every read: see [`GitHubError`].
    pub async fn reactions(&self, comment: CommentId) -> Result<Vec<(Actor, Reaction)>, GitHubError> {
        #[derive(Deserialize)]
        struct Given {
            #[serde(default, deserialize_with = "nullable")]
            user: User,
            content: String,
        }
        let path = format!("issues/comments/{comment}/reactions");
        let all: Vec<Given> = self.client.list(&path, &format!("list the reactions to the comment {comment}")).await?;
        Ok(all.into_iter().map(|r| (r.user.into(), Reaction::read(&r.content))).collect())
    }
}

/// The open pull request whose head is this branch of the repository.
pub(super) async fn pull_of_branch(client: &Client, branch: &str) -> Result<Option<PullNumber>, GitHubError> {
    #[derive(Deserialize)]
    struct Pull {
        number: PullNumber,
        head: Head,
    }
    #[derive(Deserialize)]
    struct Head {
        #[serde(rename = "ref")]
        name: String,
        repo: Option<Repo>,
    }
    #[derive(Deserialize)]
    struct Repo {
        full_name: String,
    }
    let (owner, _) = client.owner_and_name();
    let path = format!("pulls?state=open&head={}", value(&format!("{owner}:{branch}")));
    let pulls: Vec<Pull> = client.list(&path, &format!("find the pull request of the branch `{branch}`")).await?;
    // A filter that GitHub does not understand, it ignores.
    let own = |p: &Pull| {
        let here = p.head.repo.as_ref().is_some_and(|r| r.full_name.eq_ignore_ascii_case(client.repository()));
        here && p.head.name == branch
    };
    Ok(pulls.into_iter().find(own).map(|p| p.number))
}

#[derive(Deserialize)]
struct Tree {
    tree: Vec<TreeItem>,
    #[serde(default, deserialize_with = "nullable")]
    truncated: bool,
}

#[derive(Deserialize)]
struct TreeItem {
    path: String,
    mode: String,
    sha: String,
    size: Option<u64>,
}

#[derive(Deserialize)]
struct Blob {
    content: String,
    encoding: String,
}

pub(super) fn too_many(what: &str) -> GitHubError {
    GitHubError::TooLarge { what: what.to_owned(), instead: format!("at most {PAGES} pages are") }
}

pub(super) fn malformed(what: &str, why: &str) -> GitHubError {
    GitHubError::Malformed { what: what.to_owned(), why: why.to_owned() }
}

//! Issues: the bot has one, its dashboard.

use super::GitHub;
use super::error::GitHubError;
use super::publish::{Done, Publisher};
use super::rest::value;
use super::wire::{User, nullable};
use crate::github::dashboard::{Issue, MARK};
use crate::github::facts::Actor;
use crate::github::ids::PullNumber;
use crate::github::plan::WriteIssue;
use serde::Deserialize;
use serde_json::{Value, json};

impl GitHub {
    /// The open issue of this account that is the dashboard: the oldest one, should there be more.
    ///
    /// # Errors
    /// When the issues cannot be listed.
    pub(crate) async fn dashboard(&self, viewer: &Actor) -> Result<Option<Issue>, GitHubError> {
        #[derive(Deserialize)]
        struct Listed {
            number: PullNumber,
            #[serde(default, deserialize_with = "nullable")]
            body: String,
            #[serde(default, deserialize_with = "nullable")]
            user: User,
            pull_request: Option<Value>,
        }
        let path = format!("issues?state=open&creator={}", value(&viewer.login));
        let all: Vec<Listed> = self.client.list(&path, "list the bot's own issues").await?;
        let own = |issue: &Listed| {
            let author: Actor = issue.user.clone().into();
            issue.pull_request.is_none() && author.login == viewer.login && issue.body.starts_with(MARK)
        };
        let oldest = all.into_iter().filter(own).min_by_key(|issue| issue.number);
        Ok(oldest.map(|issue| Issue { number: issue.number, body: issue.body }))
    }
}

impl Publisher {
    /// Writes an issue of the bot's own.
    pub(super) async fn issue(&self, WriteIssue { number, title, body }: &WriteIssue) -> Result<Done, GitHubError> {
        let content = json!({ "title": title, "body": body });
        let request = match number {
            Some(number) => self.client.patch(&format!("issues/{number}"), content, format!("edit the issue {number}")),
            None => self.client.post("issues", content, "open an issue"),
        };
        self.client.send(&request.needs("issues: write")).await.map(|_| Done::Nothing)
    }
}

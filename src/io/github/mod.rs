//! GitHub: what is known of a repository is read here, and a plan is applied here.
//!
//! ```text
//! GitHub ──> facts          Publisher <── actions of a plan
//!    └── Client: limits, retries, redirects, the token ──┘
//! ```
//!
//! Octocrab runs over the HTTP client of `io/http`, whose place a service of a test can take.

mod activity;
mod again;
mod client;
mod commits;
mod compare;
mod error;
mod graph;
mod head;
mod heads;
mod issues;
mod limits;
mod line;
mod objects;
mod page;
mod publish;
mod queue;
mod read;
mod required;
mod rest;
#[cfg(test)]
mod tests;
mod timeline;
mod token;
mod transport;
mod wire;

pub use error::GitHubError;
pub use publish::{Done, Publisher};
pub use token::Token;

use crate::github::facts::{Actor, PullRequest, Repository};
use crate::github::ids::CommitId;
use crate::io::http::{Exchange, HttpClient, printable};
use client::Client;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The number of pages of a list that are read: 10,000 items of a hundred a page. A pull request's files end at 3,000.
const PAGES: usize = 100;

/// The maximum number of requests that are sent side by side.
const SIDE_BY_SIDE: usize = 8;

/// The address of GitHub, and the identity of the client.
#[derive(Clone, Default)]
pub struct Connection {
    /// The address of the REST API: `GITHUB_API_URL`.
    pub api: String,
    /// The address of the GraphQL API: `GITHUB_GRAPHQL_URL`.
    pub graphql: String,
    /// The token. It is sent to these two hosts only.
    pub token: Option<Token>,
    /// `owner/name`.
    pub repository: String,
    /// The maximum time that a run waits for limits and repeated requests, in all.
    pub budget: Duration,
    /// Whether writes follow each other at once, however many they are: GitHub wants pauses, a GitHub of a test needs none.
    pub unpaced: bool,
    /// URL of a proxy, as in `https_proxy`.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, as in `no_proxy`.
    pub no_proxy: Vec<String>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("api", &self.api)
            .field("graphql", &self.graphql)
            .field("token", &self.token)
            .field("repository", &self.repository)
            .field("budget", &self.budget)
            .field("unpaced", &self.unpaced)
            .field("proxy", &self.proxy.as_deref().map(printable))
            .field("no_proxy", &self.no_proxy)
            .finish()
    }
}

/// A repository on GitHub, to read from. It cannot write.
#[derive(Clone, Debug)]
pub struct GitHub {
    client: Arc<Client>,
}

/// The facts about a repository and about pull requests.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Overview {
    /// Who the token acts as.
    pub viewer: Actor,
    /// The repository.
    pub repository: Repository,
    /// The commit of the default branch. None in an empty repository.
    pub head: Option<CommitId>,
    /// The pull requests, oldest first.
    pub pulls: Vec<PullRequest>,
}

/// An entry of a commit's tree, at any depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// Its path from the root.
    pub path: String,
    /// Git's mode: `0o100644`, `0o100755`, `0o120000` (link), `0o040000` (folder), `0o160000` (submodule).
    pub mode: u32,
    /// The id of the object.
    pub id: String,
    /// The size of a file in bytes.
    pub size: Option<u64>,
}

/// The permission of somebody in the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Nothing, or no such account.
    None,
    /// Read; also the role "triage".
    Read,
    /// Push; also the role "maintain".
    Write,
    /// All.
    Admin,
}

impl GitHub {
    /// Sets the connection up, inside the runtime that it is then used in. Nothing is sent.
    ///
    /// # Errors
    /// [`GitHubError::Setup`] when an address, the proxy, the repository's name or the token cannot be right.
    pub fn connect(connection: Connection) -> Result<Self, GitHubError> {
        let http = HttpClient::new(Client::settings(&connection)?);
        let http = http.map_err(|error| GitHubError::Setup { why: error.to_string() })?;
        Ok(Self { client: Arc::new(Client::new(connection, http)?) })
    }

    /// A connection through `exchange` instead of the network.
    ///
    /// # Errors
    /// As [`GitHub::connect`].
    pub fn over(connection: Connection, exchange: Exchange) -> Result<Self, GitHubError> {
        let http = HttpClient::over(exchange, Client::settings(&connection)?);
        Ok(Self { client: Arc::new(Client::new(connection, http)?) })
    }

    /// Returns how many requests were sent so far: reads, and writes. Repeated ones count each time.
    #[must_use]
    pub fn requests(&self) -> (usize, usize) {
        self.client.requests()
    }

    /// The writer. A dry run does not need it.
    #[must_use]
    pub fn publisher(&self) -> Publisher {
        Publisher::new(Arc::clone(&self.client))
    }
}

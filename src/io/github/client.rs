//! Sending: one request at a time, again where that is safe, never with the token to a foreign host.

use super::error::{GitHubError, said};
use super::limits::{Budget, Pace, RETRIES, Reply, RetryPolicy, Verdict, backoff, classify_reply, wait};
use super::transport::{self, BODY, TransportError, answer, origin};
use super::wire::Refusal;
use super::{Connection, Token};
use crate::io::http::{HttpClient, HttpSettings, chain};
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue, LOCATION};
use octocrab::Octocrab;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, sleep_until};

/// A renamed repository takes one redirect.
const REDIRECTS: usize = 3;

/// A request.
#[derive(Debug)]
pub(super) struct ApiRequest {
    method: Method,
    uri: String,
    body: Option<Value>,
    what: String,
    again: RetryPolicy,
    permission: Option<&'static str>,
}

impl ApiRequest {
    /// Returns its purpose, as words after "to".
    pub(super) fn what(&self) -> String {
        self.what.clone()
    }

    /// The permission that it takes, where it is known.
    pub(super) fn permission(&self) -> Option<String> {
        self.permission.map(str::to_owned)
    }

    /// Names the permission that it takes.
    pub(super) fn needs(mut self, permission: &'static str) -> Self {
        self.permission = Some(permission);
        self
    }

    /// Says that a second time would do it twice.
    pub(super) fn once(mut self) -> Self {
        self.again = RetryPolicy::Once;
        self
    }

    /// Says that a second time changes nothing.
    pub(super) fn idempotent(mut self) -> Self {
        self.again = RetryPolicy::Idempotent;
        self
    }
}

/// The client that sends requests to the API.
pub(super) struct Client {
    crab: Octocrab,
    connection: Connection,
    authorization: Option<HeaderValue>,
    budget: Mutex<Budget>,
    /// Until when nothing is sent, because of a limit.
    limited: Mutex<Option<Instant>>,
    pace: Mutex<Pace>,
    reads: AtomicUsize,
    writes: AtomicUsize,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("connection", &self.connection).finish_non_exhaustive()
    }
}

impl Client {
    /// The settings of the HTTP client for a connection whose addresses can be right.
    pub(super) fn settings(connection: &Connection) -> Result<HttpSettings, GitHubError> {
        let addresses = [("GITHUB_API_URL", &connection.api), ("GITHUB_GRAPHQL_URL", &connection.graphql)];
        for (name, url) in addresses {
            // The address itself may hold a password.
            let why = || format!("`{name}` is not an address of the form https://host/path");
            origin(url).ok_or_else(|| GitHubError::Setup { why: why() })?;
        }
        let settings = transport::settings(addresses.map(|(_, url)| url.as_str()));
        Ok(HttpSettings { proxy: connection.proxy.clone(), no_proxy: connection.no_proxy.clone(), ..settings })
    }

    pub(super) fn new(mut connection: Connection, http: HttpClient) -> Result<Self, GitHubError> {
        let setup = |why: String| GitHubError::Setup { why };
        connection.api = connection.api.trim_end_matches('/').to_owned();
        if !is_repository(&connection.repository) {
            return Err(setup(format!("`{}` is not `owner/name`", said(&connection.repository, None))));
        }
        let authorization = connection.token.as_ref().map(|token| secret(token.secret())).transpose()?;
        Handle::try_current().map_err(|e| setup(e.to_string()))?;
        let crab = transport::client(http);
        let budget = Mutex::new(Budget::new(connection.budget));
        let (limited, pace) = (Mutex::default(), Mutex::default());
        let (reads, writes) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Ok(Self { crab, connection, authorization, budget, limited, pace, reads, writes })
    }

    pub(super) fn repository(&self) -> &str {
        &self.connection.repository
    }

    /// The owner, and the name.
    pub(super) fn owner_and_name(&self) -> (&str, &str) {
        self.connection.repository.split_once('/').unwrap_or_default()
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.connection.token.as_ref().map(Token::secret)
    }

    pub(super) fn requests(&self) -> (usize, usize) {
        (self.reads.load(Ordering::Relaxed), self.writes.load(Ordering::Relaxed))
    }

    /// A request that reads `path`, which is below the repository.
    pub(super) fn get(&self, path: &str, what: impl Into<String>) -> ApiRequest {
        self.request(Method::GET, path, None, what, RetryPolicy::Read)
    }

    /// A request that reads what is public of an app. It is no part of a repository.
    pub(super) fn get_app(&self, slug: &str, what: impl Into<String>) -> ApiRequest {
        let uri = format!("{}/apps/{slug}", self.connection.api);
        ApiRequest {
            method: Method::GET,
            uri,
            body: None,
            what: what.into(),
            again: RetryPolicy::Read,
            permission: None,
        }
    }

    /// The same below another repository: a fork.
    pub(super) fn get_in(
        &self,
        repository: &str,
        path: &str,
        what: impl Into<String>,
    ) -> Result<ApiRequest, GitHubError> {
        if !is_repository(repository) {
            return Err(GitHubError::NotFound { what: what.into() });
        }
        let uri = format!("{}/repos/{repository}/{path}", self.connection.api);
        Ok(ApiRequest { uri, ..self.get(path, what) })
    }

    /// A request that writes.
    pub(super) fn post(&self, path: &str, body: Value, what: impl Into<String>) -> ApiRequest {
        self.request(Method::POST, path, Some(body), what, RetryPolicy::Once)
    }

    /// A request that sets.
    pub(super) fn patch(&self, path: &str, body: Value, what: impl Into<String>) -> ApiRequest {
        self.request(Method::PATCH, path, Some(body), what, RetryPolicy::Idempotent)
    }

    /// A request that deletes.
    pub(super) fn delete(&self, path: &str, what: impl Into<String>) -> ApiRequest {
        self.request(Method::DELETE, path, None, what, RetryPolicy::Idempotent)
    }

    /// A GraphQL document: a query, unless it may be done once only.
    pub(super) fn graph(
        &self,
        document: &str,
        variables: &Value,
        what: impl Into<String>,
        again: RetryPolicy,
    ) -> ApiRequest {
        let body = serde_json::json!({ "query": document, "variables": variables });
        let uri = self.connection.graphql.clone();
        ApiRequest { method: Method::POST, uri, body: Some(body), what: what.into(), again, permission: None }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        what: impl Into<String>,
        again: RetryPolicy,
    ) -> ApiRequest {
        let uri = format!("{}/repos/{}/{path}", self.connection.api, self.connection.repository);
        ApiRequest { method, uri, body, what: what.into(), again, permission: None }
    }

    /// Sends a request and reads its answer as JSON.
    pub(super) async fn json<T: DeserializeOwned>(&self, request: &ApiRequest) -> Result<T, GitHubError> {
        let reply = self.send(request).await?;
        self.parse(request, &reply)
    }

    /// An answer as JSON.
    pub(super) fn parse<T: DeserializeOwned>(&self, request: &ApiRequest, reply: &Reply) -> Result<T, GitHubError> {
        serde_json::from_slice(&reply.body)
            .map_err(|e| GitHubError::Malformed { what: request.what(), why: said(&e.to_string(), self.token()) })
    }

    /// Sends a request, as often as is safe and the budget allows. The answer is a success.
    pub(super) async fn send(&self, request: &ApiRequest) -> Result<Reply, GitHubError> {
        let mut attempts = 0;
        loop {
            self.unlimited().await;
            let outcome = self.exchange(request).await;
            let verdict = match &outcome {
                Ok(reply) => classify_reply(reply, request.again, attempts, now()),
                Err(TransportError::TooLarge | TransportError::Astray(_)) => Verdict::Take,
                Err(TransportError::Cut(_)) if request.again == RetryPolicy::Once => Verdict::Take,
                Err(TransportError::Unsent(_) | TransportError::Cut(_)) if attempts >= RETRIES => Verdict::Take,
                Err(TransportError::Unsent(_) | TransportError::Cut(_)) => Verdict::Retry(backoff(attempts)),
            };
            let end = match verdict {
                Verdict::Take => None,
                Verdict::Wait(time) | Verdict::Retry(time) => self.spend(time),
            };
            let Some(end) = end else {
                return outcome
                    .map_err(|broken| self.broken(request, broken))
                    .and_then(|r| self.success(request, r, attempts));
            };
            if matches!(verdict, Verdict::Wait(_)) {
                let mut limited = self.limited.lock().unwrap_or_else(PoisonError::into_inner);
                *limited = (*limited).max(Some(end));
            }
            let pause = end.saturating_duration_since(Instant::now());
            tracing::info!("GitHub, request to {}: sent again in {} ms", request.what, pause.as_millis());
            sleep_until(end).await;
            attempts += 1;
        }
    }

    /// Takes a waiting time out of the budget, if it is in it. Returns its end.
    fn spend(&self, time: Duration) -> Option<Instant> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner).spend(time, Instant::now())
    }

    /// Waits while a limit that another request met is in force: to go on asking makes it longer.
    async fn unlimited(&self) {
        let limited = *self.limited.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = limited {
            sleep_until(until).await;
        }
    }

    /// One attempt, with redirects inside GitHub's own host.
    async fn exchange(&self, request: &ApiRequest) -> Result<Reply, TransportError> {
        let mut uri = request.uri.clone();
        for _ in 0..=REDIRECTS {
            let reply = self.once(request, &uri).await?;
            match self.redirect(request, &uri, &reply) {
                Some(Ok(next)) => uri = next,
                Some(Err(error)) => return Err(error),
                None => return Ok(reply),
            }
        }
        Err(TransportError::Astray(format!("more than {REDIRECTS} redirects")))
    }

    /// Returns where an answer sends the request, if it does and may.
    fn redirect(&self, request: &ApiRequest, uri: &str, reply: &Reply) -> Option<Result<String, TransportError>> {
        let follows = match reply.status {
            301 | 302 => request.method == Method::GET,
            307 | 308 => true,
            _ => false,
        };
        let location = reply.headers.get(LOCATION).and_then(|l| l.to_str().ok()).filter(|_| follows)?;
        let here = origin(uri)?;
        let next = if location.starts_with('/') && !location.starts_with("//") {
            format!("{here}{location}")
        } else {
            location.to_owned()
        };
        if origin(&next).as_deref() == Some(here.as_str()) {
            return Some(Ok(next));
        }
        let why = format!("it sends the request to another host: `{}`", said(location, self.token()));
        Some(Err(TransportError::Astray(why)))
    }

    async fn once(&self, request: &ApiRequest, uri: &str) -> Result<Reply, TransportError> {
        if request.again == RetryPolicy::Read {
            self.reads.fetch_add(1, Ordering::Relaxed);
        } else {
            let pause = self.pace.lock().unwrap_or_else(PoisonError::into_inner).next(Instant::now());
            // Even no time at all is rounded up to the clock's next tick.
            if !pause.is_zero() && !self.connection.unpaced {
                sleep(pause).await;
            }
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        let mut built = http::Request::builder().method(request.method.clone()).uri(uri);
        built = built.header(ACCEPT, "application/vnd.github+json");
        // Set here and not by octocrab, which does not mark it as secret. `exchange` stays inside the host.
        if let Some(authorization) = &self.authorization {
            built = built.header(AUTHORIZATION, authorization);
        }
        let built =
            self.crab.build_request(built, request.body.as_ref()).map_err(|e| TransportError::Unsent(chain(&e)))?;
        let reply = answer(&self.crab, built).await;
        match &reply {
            Ok(reply) => tracing::debug!("GitHub: {} {uri}: {}", request.method, reply.status),
            Err(_) => tracing::debug!("GitHub: {} {uri}: no answer", request.method),
        }
        reply
    }

    fn broken(&self, request: &ApiRequest, broken: TransportError) -> GitHubError {
        let what = request.what();
        match broken {
            TransportError::Unsent(why) | TransportError::Astray(why) => {
                GitHubError::Unreachable { what, why: said(&why, self.token()), perhaps_done: false }
            }
            TransportError::Cut(why) => {
                let perhaps_done = request.again != RetryPolicy::Read;
                GitHubError::Unreachable { what, why: said(&why, self.token()), perhaps_done }
            }
            TransportError::TooLarge => {
                GitHubError::TooLarge { what, instead: format!("at most {} MiB are", BODY >> 20) }
            }
        }
    }

    /// The answer, if it is a success.
    fn success(&self, request: &ApiRequest, reply: Reply, attempts: u32) -> Result<Reply, GitHubError> {
        let what = request.what();
        if reply.limited() {
            let seconds = wait(&reply, attempts, now()).as_secs();
            return Err(GitHubError::Limited { what, until: now().saturating_add(seconds), seconds });
        }
        let message = || {
            let refusal: Refusal = serde_json::from_slice(&reply.body).unwrap_or_default();
            said(&refusal.text(), self.token())
        };
        match reply.status {
            200..=299 => Ok(reply),
            401 => Err(GitHubError::Unauthorized { what }),
            403 => {
                let required = reply.header("x-accepted-github-permissions").map(permissions).filter(|p| !p.is_empty());
                let permission = required.or_else(|| request.permission.map(str::to_owned));
                Err(GitHubError::Forbidden { what, permission, why: message() })
            }
            404 => Err(GitHubError::NotFound { what }),
            status => Err(GitHubError::Rejected { what, status, message: message() }),
        }
    }
}

/// The header's `checks=write,metadata=read` as a workflow writes it. Sets are separated by `;`, and any one is enough.
fn permissions(header: &str) -> String {
    let words = |set: &str| {
        let one = |p: &str| p.trim().replace('_', "-").replace('=', ": ");
        set.split(',').map(one).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" and ")
    };
    said(&header.split(';').map(words).filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" or "), None)
}

/// Returns whether it is `owner/name`, of the characters that GitHub allows there.
fn is_repository(name: &str) -> bool {
    let part = |p: &str| {
        let plain = p.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        plain && !matches!(p, "" | "." | "..")
    };
    name.split_once('/').is_some_and(|(owner, name)| part(owner) && part(name))
}

fn secret(token: &str) -> Result<HeaderValue, GitHubError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| GitHubError::Setup { why: "the token has characters that no token has".to_owned() })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The time in seconds since 1970 UTC.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

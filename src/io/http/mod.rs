//! The one HTTP client: bounded in time, size and redirects, without credentials, and kept out of the runner's own network.
//!
//! Only `https` is fetched, unless the command line named the URL ([`Trust`]). Every hop of a redirect is checked like a first
//! URL, and addresses are checked after resolution, on the very connection that is then used.

mod address;
mod error;
mod message;
mod resolver;
mod settings;
mod trust;
mod url;

#[cfg(test)]
mod tests;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ureq::http;
use ureq::http::header::{ACCEPT, CONTENT_TYPE, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

pub use error::HttpError;
pub(crate) use error::printable;
pub(crate) use message::from_io;
use message::{Failure, accept, from_ureq, redirect};
pub use message::{Head, Request, Response, Stream};
pub use settings::HttpSettings;
use settings::agent_config;
pub use trust::Trust;
use url::{Target, admit, follow};

/// A blocking HTTP client. Clones share connections and the budget of repetitions.
#[derive(Debug, Clone)]
pub struct HttpClient {
    settings: Arc<HttpSettings>,
    /// Connects to public addresses only.
    public: Agent,
    /// Connects anywhere. A client of its own, so that no connection into the network is ever reused for an untrusted URL.
    anywhere: Agent,
    budget: Arc<AtomicU32>,
}

impl HttpClient {
    /// A client with these settings.
    ///
    /// # Errors
    /// When the proxy is not a URL.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpError> {
        let config = agent_config(&settings)?;
        let public = Agent::with_parts(config.clone(), DefaultConnector::default(), resolver::PublicOnly::default());
        let anywhere = Agent::with_parts(config, DefaultConnector::default(), DefaultResolver::default());
        let budget = Arc::new(AtomicU32::new(settings.retry_budget));
        Ok(Self { settings: Arc::new(settings), public, anywhere, budget })
    }

    /// What this client trusts.
    pub fn trust(&self) -> &Trust {
        &self.settings.trust
    }

    /// The settings that it was made with.
    pub fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    /// Gets `url` as a whole, at most `limit` bytes.
    ///
    /// # Errors
    /// Any [`HttpError`]; a status that is not 2xx is [`HttpError::Status`].
    pub fn get(&self, url: &str, limit: u64) -> Result<Response, HttpError> {
        self.fetch(&Request::get(url, limit))
    }

    /// Sends `request` and reads the whole answer. A connection that breaks halfway is tried again.
    ///
    /// # Errors
    /// As [`HttpClient::get`].
    pub fn fetch(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        self.retrying(request, |deadline| {
            let mut stream = self.send_once(request, deadline)?;
            let mut body = Vec::new();
            stream.read_to_end(&mut body).map_err(|error| from_io(request.url, error))?;
            Ok(Response { head: stream.head, body })
        })
    }

    /// Writes the content of `url` to `to`, at most `limit` bytes, and says how many it were.
    ///
    /// # Errors
    /// As [`HttpClient::get`], and [`HttpError::Write`]. After an error, `to` may have got a part of the content.
    pub fn download(&self, url: &str, limit: u64, to: &mut dyn Write) -> Result<u64, HttpError> {
        let mut stream = self.open(&Request::get(url, limit))?;
        let mut buffer = vec![0; 64 * 1024];
        let mut total = 0;
        loop {
            let count = stream.read(&mut buffer).map_err(|error| from_io(url, error))?;
            if count == 0 {
                return Ok(total);
            }
            to.write_all(&buffer[..count]).map_err(|error| HttpError::Write { why: error.to_string() })?;
            total += count as u64;
        }
    }

    /// Sends `request` and hands back the answer to be read by the caller.
    ///
    /// # Errors
    /// As [`HttpClient::get`]; errors while reading are `io::Error`s that hold an [`HttpError`].
    pub fn open(&self, request: &Request<'_>) -> Result<Stream, HttpError> {
        self.retrying(request, |deadline| self.send_once(request, deadline))
    }

    /// Calls `attempt` until it succeeds, fails for good, or attempts, budget or time are used up.
    fn retrying<T>(
        &self,
        request: &Request<'_>,
        mut attempt: impl FnMut(Instant) -> Result<T, Failure>,
    ) -> Result<T, HttpError> {
        let latest = Instant::now() + self.settings.total_timeout;
        let deadline = request.deadline.map_or(latest, |deadline| deadline.min(latest));
        let mut round = 1;
        loop {
            let failure = match attempt(deadline) {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let Some(wait) = self.wait_before_retry(&failure, round) else {
                return Err(failure.error);
            };
            if Instant::now() + wait >= deadline || !self.spend_retry() {
                return Err(failure.error);
            }
            tracing::debug!("trying again in {wait:?}: {}", failure.error);
            std::thread::sleep(wait);
            round += 1;
        }
    }

    /// How long to wait before the next attempt; `None` when there should be none.
    fn wait_before_retry(&self, failure: &Failure, round: u32) -> Option<Duration> {
        if !failure.error.is_transient() || round >= self.settings.attempts {
            return None;
        }
        match failure.retry_after {
            Some(wait) if wait > self.settings.max_retry_after => None,
            Some(wait) => Some(wait),
            None => Some(jittered(self.settings.backoff * 2_u32.saturating_pow(round - 1).min(64))),
        }
    }

    fn spend_retry(&self) -> bool {
        self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// One attempt: the request and the redirects that it meets.
    fn send_once(&self, request: &Request<'_>, deadline: Instant) -> Result<Stream, Failure> {
        let mut url = request.url.to_owned();
        for _ in 0..=self.settings.max_redirects {
            let target = admit(&url, &self.settings.trust)?;
            let answer = self.exchange(&target, request, deadline)?;
            let status = answer.status().as_u16();
            let Some(location) = redirect(&answer) else {
                return accept(url, status, answer, request, deadline);
            };
            if request.body.is_some() {
                let why = "a request with content is sent to one place only".to_owned();
                return Err(HttpError::Redirect { url: printable(&url), why }.into());
            }
            url = follow(&target.uri, &location)?;
        }
        let why = format!("it is one of more than {} in a row", self.settings.max_redirects);
        Err(HttpError::Redirect { url: printable(request.url), why }.into())
    }

    fn exchange(
        &self,
        target: &Target,
        request: &Request<'_>,
        deadline: Instant,
    ) -> Result<http::Response<Body>, HttpError> {
        let agent = if target.may_be_private { &self.anywhere } else { &self.public };
        let shown = target.uri.to_string();
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HttpError::Timeout { url: printable(&shown), what: "total time".to_owned() });
        }
        let mut head = http::Request::builder().uri(&target.uri);
        let conditions = [(IF_NONE_MATCH, request.etag), (IF_MODIFIED_SINCE, request.modified)];
        let protocol = (http::HeaderName::from_static("git-protocol"), request.protocol);
        for (name, value) in [(ACCEPT, request.accept), protocol].into_iter().chain(conditions) {
            if let Some(value) = value {
                head = head.header(name, value);
            }
        }
        let wrong = |_| HttpError::BadUrl { url: printable(&shown), why: "a header has a forbidden character" };
        let answer = match request.body {
            None => {
                let message = head.method("GET").body(()).map_err(wrong)?;
                agent.run(agent.configure_request(message).timeout_global(Some(left)).build())
            }
            Some((kind, content)) => {
                let message = head.method("POST").header(CONTENT_TYPE, kind).body(content).map_err(wrong)?;
                agent.run(agent.configure_request(message).timeout_global(Some(left)).build())
            }
        };
        answer.map_err(|error| from_ureq(&shown, error))
    }
}

/// Half of `wait` to all of it, so that many clients do not come back at the same moment.
fn jittered(wait: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 512;
    wait / 2 + wait / 2 * u32::try_from(random).unwrap_or(0) / 512
}

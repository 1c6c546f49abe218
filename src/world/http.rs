//! The one HTTP client: bounded in time, size and redirects, without credentials, and kept out of the runner's own network.
//!
//! Only `https` is fetched, unless the command line named the URL ([`Trust`]). Every hop of a redirect is checked like a first
//! URL, and addresses are checked after resolution, on the very connection that is then used.

mod address;
mod error;
mod resolver;
mod trust;
mod url;

#[cfg(test)]
mod tests;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ureq::http::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, RETRY_AFTER};
use ureq::http::{self, HeaderMap, HeaderName};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Proxy};

pub use error::HttpError;
pub(crate) use error::printable;
pub use trust::Trust;
use url::{Target, admit, follow};

/// How the client behaves. All of it is handed in; nothing is read from the environment.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// What may be fetched beyond public `https`.
    pub trust: Trust,
    /// URL of a proxy, as in `https_proxy`. Behind a proxy names are resolved by the proxy, so only literal addresses can be
    /// refused here.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, as in `no_proxy`.
    pub no_proxy: Vec<String>,
    /// Limit of resolving a name, and of connecting (TLS included).
    pub connect_timeout: Duration,
    /// Limit of each single read or write on the connection.
    pub read_timeout: Duration,
    /// Limit of a whole request: redirects, retries and the body.
    pub total_timeout: Duration,
    /// How often one request is sent at most.
    pub attempts: u32,
    /// How many repetitions all requests of this client may use together.
    pub retry_budget: u32,
    /// Wait before the first repetition; doubled for each further one, with jitter.
    pub backoff: Duration,
    /// The longest `Retry-After` that is waited for; a longer one fails at once.
    pub max_retry_after: Duration,
    /// How many redirects are followed.
    pub max_redirects: u32,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            trust: Trust::default(),
            proxy: None,
            no_proxy: Vec::new(),
            connect_timeout: Duration::from_secs(15),
            read_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(120),
            attempts: 4,
            retry_budget: 40,
            backoff: Duration::from_millis(500),
            max_retry_after: Duration::from_secs(30),
            max_redirects: 5,
        }
    }
}

/// One request. Only reads are made with it, so it may be sent again.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The URL.
    pub url: &'a str,
    /// Value of `Accept`.
    pub accept: Option<&'a str>,
    /// Value of `If-None-Match`: the answer may then be status 304 without a body.
    pub etag: Option<&'a str>,
    /// Content type and content of a POST; without it, the request is a GET.
    pub body: Option<(&'a str, &'a [u8])>,
    /// The answer may have so many bytes.
    pub limit: u64,
    /// The whole request ends by then; the total timeout of the settings still applies.
    pub deadline: Option<Instant>,
}

impl<'a> Request<'a> {
    /// A GET of `url` whose answer may have `limit` bytes.
    pub fn get(url: &'a str, limit: u64) -> Self {
        Self {
            url,
            accept: None,
            etag: None,
            body: None,
            limit,
            deadline: None,
        }
    }
}

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Status code: 2xx, or 304 if the request named an etag.
    pub status: u16,
    /// The URL that answered, after redirects.
    pub url: String,
    /// Value of `ETag`.
    pub etag: Option<String>,
    /// Value of `Content-Type`.
    pub content_type: Option<String>,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status, URL and headers.
    pub head: Head,
    /// The content.
    pub body: Vec<u8>,
}

/// An answer whose content is still to be read. Reads fail past the size limit and past the deadline.
pub struct Stream {
    /// Status, URL and headers.
    pub head: Head,
    content: Limited,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.content.read(buffer)
    }
}

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
        let public = Agent::with_parts(
            config.clone(),
            DefaultConnector::default(),
            resolver::PublicOnly::default(),
        );
        let anywhere = Agent::with_parts(
            config,
            DefaultConnector::default(),
            DefaultResolver::default(),
        );
        let budget = Arc::new(AtomicU32::new(settings.retry_budget));
        Ok(Self {
            settings: Arc::new(settings),
            public,
            anywhere,
            budget,
        })
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
            stream
                .read_to_end(&mut body)
                .map_err(|error| from_io(request.url, error))?;
            Ok(Response {
                head: stream.head,
                body,
            })
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
            let count = stream
                .read(&mut buffer)
                .map_err(|error| from_io(url, error))?;
            if count == 0 {
                return Ok(total);
            }
            to.write_all(&buffer[..count])
                .map_err(|error| HttpError::Write {
                    why: error.to_string(),
                })?;
            total += count as u64;
        }
    }

    /// Sends `request` and hands back the answer to be read by the caller.
    ///
    /// # Errors
    /// As [`HttpClient::get`]; errors while reading are [`io::Error`]s that hold an [`HttpError`].
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
        let deadline = request
            .deadline
            .map_or(latest, |deadline| deadline.min(latest));
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
            None => Some(jittered(
                self.settings.backoff * 2_u32.saturating_pow(round - 1).min(64),
            )),
        }
    }

    fn spend_retry(&self) -> bool {
        self.budget
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok()
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
                return Err(HttpError::Redirect {
                    url: printable(&url),
                    why,
                }
                .into());
            }
            url = follow(&target.uri, &location)?;
        }
        let why = format!(
            "it is one of more than {} in a row",
            self.settings.max_redirects
        );
        Err(HttpError::Redirect {
            url: printable(request.url),
            why,
        }
        .into())
    }

    fn exchange(
        &self,
        target: &Target,
        request: &Request<'_>,
        deadline: Instant,
    ) -> Result<http::Response<Body>, HttpError> {
        let agent = if target.may_be_private {
            &self.anywhere
        } else {
            &self.public
        };
        let shown = target.uri.to_string();
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(HttpError::Timeout {
                url: printable(&shown),
                what: "total time".to_owned(),
            });
        }
        let mut head = http::Request::builder().uri(&target.uri);
        for (name, value) in [(ACCEPT, request.accept), (IF_NONE_MATCH, request.etag)] {
            if let Some(value) = value {
                head = head.header(name, value);
            }
        }
        let wrong = |_| HttpError::BadUrl {
            url: printable(&shown),
            why: "a header has a forbidden character",
        };
        let answer = match request.body {
            None => {
                let message = head.method("GET").body(()).map_err(wrong)?;
                agent.run(
                    agent
                        .configure_request(message)
                        .timeout_global(Some(left))
                        .build(),
                )
            }
            Some((kind, content)) => {
                let message = head
                    .method("POST")
                    .header(CONTENT_TYPE, kind)
                    .body(content)
                    .map_err(wrong)?;
                agent.run(
                    agent
                        .configure_request(message)
                        .timeout_global(Some(left))
                        .build(),
                )
            }
        };
        answer.map_err(|error| from_ureq(&shown, error))
    }
}

fn agent_config(settings: &HttpSettings) -> Result<ureq::config::Config, HttpError> {
    let proxy = settings
        .proxy
        .as_deref()
        .map(|url| proxy(url, &settings.no_proxy))
        .transpose()?;
    Ok(Agent::config_builder()
        .proxy(proxy)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_resolve(Some(settings.connect_timeout))
        .timeout_connect(Some(settings.connect_timeout))
        .timeout_per_read(Some(settings.read_timeout))
        .timeout_per_write(Some(settings.read_timeout))
        .max_response_header_size(64 * 1024)
        .user_agent(concat!("cargo2-bot/", env!("CARGO_PKG_VERSION")))
        .tls_config(
            TlsConfig::builder()
                .root_certs(RootCerts::PlatformVerifier)
                .build(),
        )
        .build())
}

fn proxy(url: &str, no_proxy: &[String]) -> Result<Proxy, HttpError> {
    let bad = |_| HttpError::BadUrl {
        url: printable(url),
        why: "it is not the URL of a proxy",
    };
    let plain = Proxy::new(url).map_err(bad)?;
    if no_proxy.is_empty() {
        return Ok(plain);
    }
    let mut builder = Proxy::builder(plain.protocol())
        .host(plain.host())
        .port(plain.port());
    if let Some(user) = plain.username() {
        builder = builder.username(user);
    }
    if let Some(password) = plain.password() {
        builder = builder.password(password);
    }
    for host in no_proxy {
        builder = builder.no_proxy(host);
    }
    builder.build().map_err(bad)
}

/// A failed attempt, with what the server said about trying again.
struct Failure {
    error: HttpError,
    retry_after: Option<Duration>,
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        Self {
            error,
            retry_after: None,
        }
    }
}

/// Where an answer redirects to, if it does.
fn redirect(answer: &http::Response<Body>) -> Option<String> {
    let redirects = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    redirects.then(|| header(answer.headers(), &LOCATION).unwrap_or_default())
}

/// Turns an answer that is no redirect into a stream, or into the error that its status means.
fn accept(
    url: String,
    status: u16,
    answer: http::Response<Body>,
    request: &Request<'_>,
    deadline: Instant,
) -> Result<Stream, Failure> {
    let headers = answer.headers();
    if !(200..300).contains(&status) && !(status == 304 && request.etag.is_some()) {
        let retry_after = header(headers, &RETRY_AFTER)
            .and_then(|text| text.parse().ok())
            .map(Duration::from_secs);
        return Err(Failure {
            error: HttpError::Status {
                url: printable(&url),
                status,
            },
            retry_after,
        });
    }
    let head = Head {
        status,
        etag: header(headers, &ETAG),
        content_type: header(headers, &CONTENT_TYPE),
        url,
    };
    if answer
        .body()
        .content_length()
        .is_some_and(|length| length > request.limit)
    {
        return Err(HttpError::TooLarge {
            url: printable(&head.url),
            limit: request.limit,
        }
        .into());
    }
    let content = Limited {
        inner: answer
            .into_body()
            .into_with_config()
            .limit(u64::MAX)
            .reader(),
        url: head.url.clone(),
        limit: request.limit,
        left: request.limit,
        deadline,
    };
    Ok(Stream { head, content })
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The content of an answer, with its limits.
struct Limited {
    inner: ureq::BodyReader<'static>,
    url: String,
    limit: u64,
    left: u64,
    deadline: Instant,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A server that sends a byte now and then never trips the timeout of a single read.
        if Instant::now() >= self.deadline {
            let error = HttpError::Timeout {
                url: printable(&self.url),
                what: "total time".to_owned(),
            };
            return Err(io::Error::new(io::ErrorKind::TimedOut, error));
        }
        let count = self
            .inner
            .read(buffer)
            .map_err(|error| io::Error::other(from_io(&self.url, error)))?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                let error = HttpError::TooLarge {
                    url: printable(&self.url),
                    limit: self.limit,
                };
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, error));
            }
        }
        Ok(count)
    }
}

/// Half of `wait` to all of it, so that many clients do not come back at the same moment.
fn jittered(wait: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 512;
    wait / 2 + wait / 2 * u32::try_from(random).unwrap_or(0) / 512
}

/// The [`HttpError`] behind an error of a stream.
pub(crate) fn from_io(url: &str, error: io::Error) -> HttpError {
    if let Some(known) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<HttpError>())
    {
        return known.clone();
    }
    from_ureq(url, error.into())
}

fn from_ureq(url: &str, error: ureq::Error) -> HttpError {
    let url = printable(url);
    match error {
        ureq::Error::Timeout(which) => HttpError::Timeout {
            url,
            what: which.to_string(),
        },
        ureq::Error::Io(error)
            if error
                .get_ref()
                .is_some_and(|inner| inner.is::<resolver::PrivateAddress>()) =>
        {
            let why = format!("{error}; allow its host in the configuration to trust it");
            HttpError::Refused { url, why }
        }
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => HttpError::Timeout {
            url,
            what: error.to_string(),
        },
        error => HttpError::Network {
            url,
            why: error.to_string(),
        },
    }
}

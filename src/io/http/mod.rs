//! The one HTTP client: bounded in time, size and redirects, without credentials, and kept out of the runner's own network.
//!
//! Only `https` is fetched, unless the command line named the URL ([`Trust`]). Every hop of a redirect is checked like a first
//! URL, and addresses are checked after resolution, on the very connection that is then used.
//!
//! ```text
//! get, fetch, open: redirects, limits, RetryPolicy ─┐
//! GitHub's API: a policy of its own ────────────────┴─> send_once: Trust ─> Exchange: the network, or a service of a test
//! ```

mod address;
mod error;
mod message;
mod network;
mod resolver;
mod retry;
mod settings;
mod spent;
mod trust;
mod url;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use http::header::{HeaderValue, USER_AGENT};
use http_body_util::Full;
use http_body_util::combinators::BoxBody;
use hyper::body::Bytes;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout_at};
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceExt};

use super::blocking;
pub use error::HttpError;
pub(crate) use error::{causes, chain, printable};
pub use message::{Head, Request, Response, Stream};
use message::{accept, redirect};
use network::Network;
use retry::{Failure, RetryPolicy};
pub use settings::HttpSettings;
use spent::Spent;
pub use trust::Trust;
use url::{Target, admit, follow};

/// The content of an answer as it comes in.
pub type Body = BoxBody<Bytes, BoxError>;

/// The name under which all requests are sent, with the page of the project where it has one.
const AGENT: &str = if env!("CARGO_PKG_HOMEPAGE").is_empty() {
    concat!("cargo2-bot/", env!("CARGO_PKG_VERSION"))
} else {
    concat!("cargo2-bot/", env!("CARGO_PKG_VERSION"), " (", env!("CARGO_PKG_HOMEPAGE"), ")")
};

/// One request to one place and its answer, without redirects and repetitions. A test puts a service of its own here.
pub type Exchange = BoxCloneSyncService<http::Request<Full<Bytes>>, http::Response<Body>, BoxError>;

/// An HTTP client. Clones share connections and the budget of repetitions. It is used inside a tokio runtime with timers.
#[derive(Clone)]
pub struct HttpClient {
    settings: Arc<HttpSettings>,
    wire: Wire,
    policy: RetryPolicy,
    spent: Spent,
}

/// The transport of messages.
#[derive(Clone)]
enum Wire {
    /// The network, which is set up when it is first used: a run that fetches nothing needs no certificates.
    Network(Arc<OnceCell<Network>>, Option<Arc<Matcher>>),
    /// A service in its place.
    Given(Exchange),
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The proxy's URL may hold a password.
        f.debug_struct("HttpClient").field("trust", &self.settings.trust).finish_non_exhaustive()
    }
}

impl HttpClient {
    /// A client with these settings.
    ///
    /// # Errors
    /// [`HttpError::BadUrl`] when the proxy is not an `http` or `https` URL.
    pub fn new(settings: HttpSettings) -> Result<Self, HttpError> {
        let wire = Wire::Network(Arc::default(), network::proxy(&settings)?);
        let policy = RetryPolicy::new(&settings);
        Ok(Self { settings: Arc::new(settings), wire, policy, spent: Spent::default() })
    }

    /// A client that sends through `exchange` instead of the network. URLs are still checked; the proxy of the settings and
    /// their limits of connecting and of single reads do not apply.
    #[must_use]
    pub fn over(exchange: Exchange, settings: HttpSettings) -> Self {
        let policy = RetryPolicy::new(&settings);
        Self { settings: Arc::new(settings), wire: Wire::Given(exchange), policy, spent: Spent::default() }
    }

    /// Returns the trust of this client.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.settings.trust
    }

    /// The settings that it was made with.
    #[must_use]
    pub fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    /// Gets `url` as a whole, at most `limit` bytes.
    ///
    /// # Errors
    /// Any [`HttpError`]; a status that is not 2xx is [`HttpError::Status`].
    pub async fn get(&self, url: &str, limit: u64) -> Result<Response, HttpError> {
        self.fetch(&Request::get(url, limit)).await
    }

    /// Sends `request` and reads the whole answer. A connection that breaks halfway is tried again.
    ///
    /// # Errors
    /// As [`HttpClient::get`].
    pub async fn fetch(&self, request: &Request<'_>) -> Result<Response, HttpError> {
        let whole = |mut stream: Stream| async move {
            let body = stream.bytes().await?;
            Ok(Response { head: stream.head, body })
        };
        self.download(request, whole).await
    }

    /// Sends `request` and reads its answer with `read`. A connection that breaks halfway is tried again, with a new answer
    /// for `read`.
    ///
    /// # Errors
    /// As [`HttpClient::get`], and those of `read`.
    pub async fn download<T, F: Future<Output = Result<T, HttpError>>>(
        &self,
        request: &Request<'_>,
        read: impl Fn(Stream) -> F,
    ) -> Result<T, HttpError> {
        let (deadline, mut round) = (self.deadline(request), 0);
        loop {
            round += 1;
            let failure = match self.attempt(request, deadline).await {
                Ok(stream) => match read(stream).await {
                    Ok(value) => return Ok(value),
                    Err(error) => error.into(),
                },
                Err(failure) => failure,
            };
            self.policy.wait(failure, round, deadline).await?;
        }
    }

    /// Sends `request` and returns its answer, whose content the caller reads. Only the way to the answer's head is tried
    /// again.
    ///
    /// # Errors
    /// As [`HttpClient::get`].
    pub async fn open(&self, request: &Request<'_>) -> Result<Stream, HttpError> {
        let (deadline, mut round) = (self.deadline(request), 0);
        loop {
            round += 1;
            match self.attempt(request, deadline).await {
                Ok(stream) => return Ok(stream),
                Err(failure) => self.policy.wait(failure, round, deadline).await?,
            }
        }
    }

    fn deadline(&self, request: &Request<'_>) -> Instant {
        let latest = Instant::now() + self.settings.total_timeout;
        request.deadline.map_or(latest, |deadline| deadline.min(latest))
    }

    /// One attempt: the request and the redirects that it meets.
    async fn attempt(&self, request: &Request<'_>, deadline: Instant) -> Result<Stream, Failure> {
        let mut url = request.url.to_owned();
        for _ in 0..=self.settings.max_redirects {
            let target = admit(&url, &self.settings.trust)?;
            let message = request.message(&target.uri)?;
            let host = target.uri.authority().map_or("", |authority| authority.as_str());
            let under_way = self.spent.begin(host, self.settings.host_time)?;
            let deadline = deadline.min(under_way.end);
            let answer = timeout_at(deadline, self.exchange(&target, message)).await;
            let answer = answer.map_err(|_| under_way.late(&url))??;
            let Some(location) = redirect(&answer) else { return accept(url, answer, request, (deadline, under_way)) };
            if request.body.is_some() {
                let why = "a request with content is sent to one place only".to_owned();
                return Err(HttpError::Redirect { url: printable(&url), why }.into());
            }
            url = follow(&target.uri, &location)?;
        }
        let why = format!("it is one of more than {} in a row", self.settings.max_redirects);
        Err(HttpError::Redirect { url: printable(request.url), why }.into())
    }

    /// Sends one message to where its URL leads, if that may be, and returns whatever is answered. Nothing is followed or
    /// repeated, and neither the whole exchange nor the content is bounded.
    ///
    /// # Errors
    /// Any [`HttpError`] but those about answers.
    pub(crate) async fn send_once(
        &self,
        message: http::Request<Full<Bytes>>,
    ) -> Result<http::Response<Body>, HttpError> {
        let target = admit(&message.uri().to_string(), &self.settings.trust)?;
        self.exchange(&target, message).await
    }

    async fn exchange(
        &self,
        target: &Target,
        mut message: http::Request<Full<Bytes>>,
    ) -> Result<http::Response<Body>, HttpError> {
        let exchange = match &self.wire {
            Wire::Given(exchange) => exchange.clone(),
            Wire::Network(network, proxy) => {
                let network = network.get_or_try_init(|| self.connected(proxy.clone())).await?;
                if target.may_be_private { network.anywhere.clone() } else { network.public.clone() }
            }
        };
        message.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
        let answer = exchange.oneshot(message).await;
        answer.map_err(|error| HttpError::from_source(&target.uri.to_string(), error.as_ref()))
    }

    async fn connected(&self, proxy: Option<Arc<Matcher>>) -> Result<Network, HttpError> {
        let settings = self.settings.clone();
        let network = blocking::run(move || Network::new(&settings, proxy.as_ref())).await;
        network.unwrap_or_else(|error| Err(HttpError::Setup { why: error.to_string() }))
    }
}

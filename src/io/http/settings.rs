//! How the client behaves.

use std::time::Duration;

use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Proxy};

use super::error::printable;
use super::{HttpError, Trust};

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

/// The same for ureq.
pub(super) fn agent_config(settings: &HttpSettings) -> Result<ureq::config::Config, HttpError> {
    let proxy = settings.proxy.as_deref().map(|url| proxy(url, &settings.no_proxy)).transpose()?;
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
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .build())
}

fn proxy(url: &str, no_proxy: &[String]) -> Result<Proxy, HttpError> {
    let bad = |_| HttpError::BadUrl { url: printable(url), why: "it is not the URL of a proxy" };
    let plain = Proxy::new(url).map_err(bad)?;
    if no_proxy.is_empty() {
        return Ok(plain);
    }
    let mut builder = Proxy::builder(plain.protocol()).host(plain.host()).port(plain.port());
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

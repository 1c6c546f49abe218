//! The settings of the client.

use std::time::Duration;

use super::Trust;
use crate::io::times::Times;

/// The settings of the client. All of it is handed in; nothing is read from the environment.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// The addresses that may be fetched beyond public `https`.
    pub trust: Trust,
    /// URL of a proxy, as in `https_proxy`. Everything goes through a tunnel that it opens (`CONNECT`). Names are then
    /// resolved by the proxy, so only literal addresses can be refused here.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, as in `no_proxy`: names with all below them, addresses, networks, `*`.
    pub no_proxy: Vec<String>,
    /// Limit of resolving a name and connecting, TLS and the tunnel of a proxy included.
    pub connect_timeout: Duration,
    /// Limit of each single read or write on the connection.
    pub read_timeout: Duration,
    /// Limit of a whole request: redirects, retries and the body.
    pub total_timeout: Duration,
    /// Limit of all requests to one host together; those that are under way at the same time count once.
    pub host_time: Duration,
    /// The maximum number of times that one request is sent.
    pub attempts: u32,
    /// The maximum number of repetitions that all requests of this client may use together.
    pub retry_budget: u32,
    /// Wait before the first repetition; doubled for each further one, with jitter.
    pub backoff: Duration,
    /// The longest `Retry-After` that is waited for; a longer one fails at once.
    pub max_retry_after: Duration,
    /// The number of redirects that are followed.
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
            host_time: Times::default().host,
            attempts: 4,
            retry_budget: 40,
            backoff: Duration::from_millis(500),
            max_retry_after: Duration::from_secs(30),
            max_redirects: 5,
        }
    }
}

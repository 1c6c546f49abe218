//! The exchange over the network: names, addresses, the proxy, TLS and connections that are kept alive.
//!
//! ```text
//! hyper ─> time limits ─> TLS ─┬─> tunnel of the proxy (may live inside)
//!                              └─> direct, to addresses that were checked
//! ```

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use http::Uri;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower::{BoxError, Service, ServiceExt, service_fn};

use super::error::printable;
use super::resolver::{Resolver, refuse_private};
use super::{Body, Exchange, HttpError, HttpSettings};

/// The maximum length of the head of an answer, in bytes.
pub(super) const MAX_HEAD: u32 = 64 << 10;

/// The two ways out. They share no connection, so that none into the network is ever reused for an untrusted URL.
#[derive(Clone)]
pub(super) struct Network {
    /// Connects to public addresses only.
    pub(super) public: Exchange,
    /// Connects anywhere.
    pub(super) anywhere: Exchange,
}

impl Network {
    /// Reads the certificates of the system, which blocks.
    pub(super) fn new(settings: &HttpSettings, proxy: Option<&Arc<Matcher>>) -> Result<Self, HttpError> {
        let tls = tls().map_err(|error| HttpError::Setup { why: format!("TLS cannot be set up: {error}") })?;
        let proxied = https(tls.clone(), http(Resolver::new(false), settings));
        let way = |public_only| {
            let direct = http(Resolver::new(public_only), settings);
            let route = Route { direct, public_only, proxy: proxy.cloned(), to_proxy: proxied.clone() };
            exchange(https(tls.clone(), route), settings)
        };
        Ok(Self { public: way(true), anywhere: way(false) })
    }
}

/// The proxy of the settings, with the hosts that are reached without it.
pub(super) fn proxy(settings: &HttpSettings) -> Result<Option<Arc<Matcher>>, HttpError> {
    let Some(url) = settings.proxy.as_deref() else { return Ok(None) };
    let usable = url.parse::<Uri>().is_ok_and(|uri| {
        let scheme = uri.scheme_str().unwrap_or("http");
        matches!(scheme, "http" | "https") && uri.host().is_some_and(|host| !host.is_empty())
    });
    if !usable {
        return Err(HttpError::BadUrl { url: printable(url), why: "it is not the URL of a proxy" });
    }
    Ok(Some(Arc::new(Matcher::builder().all(url).no(settings.no_proxy.join(",")).build())))
}

/// TLS as rustls does it by default, with ring, and certificates as the platform verifies them. They are read once for all
/// clients of a process: to parse a system's hundred and more takes longer than most of what is asked with them.
fn tls() -> Result<ClientConfig, rustls::Error> {
    static TLS: LazyLock<Result<ClientConfig, rustls::Error>> = LazyLock::new(|| {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(versions.try_with_platform_verifier()?.with_no_client_auth())
    });
    TLS.clone()
}

fn http(resolver: Resolver, settings: &HttpSettings) -> HttpConnector<Resolver> {
    let mut http = HttpConnector::new_with_resolver(resolver);
    http.enforce_http(false);
    http.set_nodelay(true);
    // Shared out among the addresses of a name, so that one that is silent does not use up the time of the others.
    http.set_connect_timeout(Some(settings.connect_timeout));
    http
}

fn https<C>(tls: ClientConfig, connector: C) -> HttpsConnector<C> {
    HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(connector)
}

fn exchange(connector: HttpsConnector<Route>, settings: &HttpSettings) -> Exchange {
    let mut connector = TimeoutConnector::new(connector);
    connector.set_connect_timeout(Some(settings.connect_timeout));
    connector.set_read_timeout(Some(settings.read_timeout));
    connector.set_write_timeout(Some(settings.read_timeout));
    connector.set_reset_reader_on_write(true);
    let client: Client<_, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).http1_max_buf_size(MAX_HEAD as usize).build(connector);
    Exchange::new(service_fn(move |request| {
        let answer = client.request(request);
        async move { Ok(answer.await?.map(|body| Body::new(body.map_err(BoxError::from)))) }
    }))
}

/// A connection without TLS of its own. That to a proxy may have some.
type Plain = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Connects, through the proxy where one is set.
#[derive(Clone)]
struct Route {
    direct: HttpConnector<Resolver>,
    public_only: bool,
    proxy: Option<Arc<Matcher>>,
    /// The proxy comes from the settings, not from a repository, and usually lives inside: its address is not checked.
    to_proxy: HttpsConnector<HttpConnector<Resolver>>,
}

impl Service<Uri> for Route {
    type Response = Plain;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Plain, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(self.clone().connect(to))
    }
}

impl Route {
    async fn connect(self, to: Uri) -> Result<Plain, BoxError> {
        if let Some(proxy) = self.proxy.as_ref().and_then(|proxy| proxy.intercept(&to)) {
            let mut tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxy);
            if let Some(authorization) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(authorization.clone());
            }
            return Ok(tunnel.oneshot(with_port(to)?).await?);
        }
        // An address is not resolved, so the resolver does not see it.
        let host = to.host().unwrap_or_default();
        if let (true, Ok(address)) = (self.public_only, host.trim_matches(['[', ']']).parse()) {
            refuse_private(host, address)?;
        }
        Ok(MaybeHttpsStream::Http(self.direct.oneshot(to).await?))
    }
}

/// The URL with its port written out: a tunnel takes 443 for the port of all.
fn with_port(to: Uri) -> Result<Uri, http::Error> {
    if to.port().is_some() {
        return Ok(to);
    }
    let port = if to.scheme_str() == Some("http") { 80 } else { 443 };
    let authority = format!("{}:{port}", to.host().unwrap_or_default());
    Uri::builder().scheme("https").authority(authority).path_and_query("/").build()
}

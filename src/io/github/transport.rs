//! One request, one answer: octocrab over our HTTP client, with bounds.

use super::limits::Reply;
use crate::io::http::{HttpClient, HttpError, HttpSettings, Trust, causes, chain};
use http::Uri;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use std::error::Error;
use std::time::Duration;
use tower::{BoxError, service_fn};

const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_secs(30);
/// For a whole exchange, body included.
const TOTAL: Duration = Duration::from_secs(120);
/// The maximum length of an answer: a file of 32 MiB in base64.
pub(super) const BODY: usize = 48 << 20;

/// A request without an answer.
#[derive(Debug)]
pub(super) enum TransportError {
    /// It never left.
    Unsent(String),
    /// It may have arrived.
    Cut(String),
    /// It was sent elsewhere.
    Astray(String),
    /// The answer is longer than is read.
    TooLarge,
}

/// The settings for a client of the API at these addresses. The environment names them, so they may be inside the network.
pub(super) fn settings(addresses: [&str; 2]) -> HttpSettings {
    let prefixes = addresses.iter().filter_map(|address| origin(address)).collect();
    HttpSettings {
        trust: Trust { prefixes, hosts: Vec::new() },
        connect_timeout: CONNECT,
        read_timeout: READ,
        ..HttpSettings::default()
    }
}

/// Octocrab over `http`, without a token: the address of each request is whole, since octocrab would put the path of a base
/// before GraphQL's as well. Limits of GitHub, retries and redirects are the caller's. It has to be called inside a runtime.
pub(super) fn client(http: HttpClient) -> Octocrab {
    let exchange = move |request: http::Request<OctoBody>| {
        let http = http.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = Full::new(body.collect().await?.to_bytes());
            Ok::<_, BoxError>(http.send_once(http::Request::from_parts(head, body)).await?)
        }
    };
    let builder = OctocrabBuilder::new_empty().with_service(service_fn(exchange)).with_auth(AuthState::None);
    match builder.build() {
        Ok(octocrab) => octocrab,
        Err(never) => match never {},
    }
}

/// Scheme, host and port of an address. None for one that is not `http` or `https`, or that names a user.
pub(super) fn origin(uri: &str) -> Option<String> {
    let uri: Uri = uri.parse().ok()?;
    let scheme = uri.scheme_str().filter(|s| matches!(*s, "http" | "https"))?;
    let authority = uri.authority().map(|a| a.as_str().to_ascii_lowercase()).filter(|a| !a.contains('@'))?;
    Some(format!("{scheme}://{authority}"))
}

/// Sends one request and reads its whole answer.
pub(super) async fn answer(crab: &Octocrab, request: http::Request<OctoBody>) -> Result<Reply, TransportError> {
    let late = |_| TransportError::Cut(format!("no whole answer in {} s", TOTAL.as_secs()));
    tokio::time::timeout(TOTAL, exchange(crab, request)).await.map_err(late)?
}

async fn exchange(crab: &Octocrab, request: http::Request<OctoBody>) -> Result<Reply, TransportError> {
    let (head, body) = crab.execute(request).await.map_err(|e| broken(&e))?.into_parts();
    let body = Limited::new(body, BODY).collect().await.map_err(|e| {
        if e.is::<LengthLimitError>() { TransportError::TooLarge } else { TransportError::Cut(chain(e.as_ref())) }
    })?;
    Ok(Reply { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes().to_vec() })
}

/// Classifies the failure of a request that was not answered.
fn broken(error: &(dyn Error + 'static)) -> TransportError {
    match causes(error).find_map(|cause| cause.downcast_ref::<HttpError>()) {
        Some(error) if error.never_sent() => TransportError::Unsent(error.to_string()),
        Some(error) => TransportError::Cut(error.to_string()),
        None => TransportError::Cut(chain(error)),
    }
}

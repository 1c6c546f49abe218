//! One request, one answer: octocrab's client, with bounds.

use super::limits::Reply;
use http::Uri;
use http::header::{ACCEPT, USER_AGENT};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use octocrab::{OctoBody, Octocrab};
use std::error::Error;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(10);
const READ: Duration = Duration::from_secs(30);
/// For a whole exchange, body included.
const TOTAL: Duration = Duration::from_secs(120);
/// How long an answer may be: a file of 32 MiB in base64.
pub(super) const BODY: usize = 48 << 20;

/// A request without an answer.
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

/// Octocrab without a token: the address of each request is whole, since octocrab would put the path of a base before
/// GraphQL's as well. It has to be called inside a runtime.
pub(super) fn client(api: &str) -> Result<Octocrab, String> {
    let builder = Octocrab::builder()
        .set_connect_timeout(Some(CONNECT))
        .set_read_timeout(Some(READ))
        .set_write_timeout(Some(READ))
        .add_header(USER_AGENT, "cargo2-bot".to_owned())
        .add_header(ACCEPT, "application/vnd.github+json".to_owned())
        .base_uri(origin(api).unwrap_or_default())
        .map_err(|e| chain(&e))?;
    builder.build().map_err(|e| chain(&e))
}

/// Scheme, host and port of an address. None for one that is not `http` or `https`, or that names a user.
pub(super) fn origin(uri: &str) -> Option<String> {
    let uri: Uri = uri.parse().ok()?;
    let scheme = uri.scheme_str().filter(|s| matches!(*s, "http" | "https"))?;
    let authority = uri.authority().map(|a| a.as_str().to_ascii_lowercase()).filter(|a| !a.contains('@'))?;
    Some(format!("{scheme}://{authority}"))
}

/// Sends one request and reads its whole answer.
pub(super) async fn answer(crab: Octocrab, request: http::Request<OctoBody>) -> Result<Reply, TransportError> {
    let late = |_| TransportError::Cut(format!("no whole answer in {} s", TOTAL.as_secs()));
    tokio::time::timeout(TOTAL, exchange(crab, request)).await.map_err(late)?
}

async fn exchange(crab: Octocrab, request: http::Request<OctoBody>) -> Result<Reply, TransportError> {
    let response = crab
        .execute(request)
        .await
        .map_err(|e| if never_left(&e) { TransportError::Unsent(chain(&e)) } else { TransportError::Cut(chain(&e)) })?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, BODY).collect().await.map_err(|e| {
        if e.is::<LengthLimitError>() { TransportError::TooLarge } else { TransportError::Cut(chain(e.as_ref())) }
    })?;
    Ok(Reply { status: parts.status.as_u16(), headers: parts.headers, body: body.to_bytes().to_vec() })
}

/// Whether there was no connection to send a request on.
fn never_left(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|e| {
        e.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(hyper_util::client::legacy::Error::is_connect)
    })
}

/// An error and what caused it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&e| e.source()).take(16)
}

/// An error and what caused it, as one text.
pub(super) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in causes(error).map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

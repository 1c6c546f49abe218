//! Requests, the heads of answers, and their content as a bounded stream.

use std::time::Duration;

use http::header::{
    ACCEPT, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use http::{HeaderMap, HeaderName, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Bytes};
use tokio::time::{Instant, timeout_at};

use super::error::printable;
use super::retry::Failure;
use super::spent::UnderWay;
use super::{Body, HttpError};

/// One request. Only reads are made with it, so it may be sent again.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The URL.
    pub url: &'a str,
    /// Value of `Accept`.
    pub accept: Option<&'a str>,
    /// Value of `If-None-Match`: the answer may then be status 304 without a body.
    pub etag: Option<&'a str>,
    /// Value of `If-Modified-Since`: the answer may then be status 304 without a body.
    pub modified: Option<&'a str>,
    /// Further headers, `(name, value)`. They follow redirects to wherever these lead, so they must hold no secret.
    pub headers: &'a [(&'a str, &'a str)],
    /// Content type and content of a POST; without it, the request is a GET.
    pub body: Option<(&'a str, &'a [u8])>,
    /// The answer may have so many bytes.
    pub limit: u64,
    /// The whole request ends by then; the total timeout of the settings still applies.
    pub deadline: Option<Instant>,
}

impl<'a> Request<'a> {
    /// A GET of `url` whose answer may have `limit` bytes.
    #[must_use]
    pub fn get(url: &'a str, limit: u64) -> Self {
        Self { url, accept: None, etag: None, modified: None, headers: &[], body: None, limit, deadline: None }
    }

    /// The message that is sent to `uri`.
    pub(super) fn message(&self, uri: &Uri) -> Result<http::Request<Full<Bytes>>, HttpError> {
        let method = if self.body.is_some() { "POST" } else { "GET" };
        let mut head = http::Request::builder().method(method).uri(uri);
        let named = [
            (ACCEPT, self.accept),
            (IF_NONE_MATCH, self.etag),
            (IF_MODIFIED_SINCE, self.modified),
            (CONTENT_TYPE, self.body.map(|(kind, _)| kind)),
        ];
        for (name, value) in named.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
            head = head.header(name, value);
        }
        for (name, value) in self.headers {
            head = head.header(*name, *value);
        }
        let content = self.body.map_or_else(Bytes::new, |(_, content)| Bytes::copy_from_slice(content));
        let url = || printable(&uri.to_string());
        let wrong = |_| HttpError::BadUrl { url: url(), why: "a header has a forbidden character" };
        head.body(Full::new(content)).map_err(wrong)
    }
}

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Status code: 2xx, or 304 if the request named an etag or a time.
    pub status: u16,
    /// The URL that answered, after redirects.
    pub url: String,
    /// Value of `ETag`.
    pub etag: Option<String>,
    /// Value of `Last-Modified`.
    pub modified: Option<String>,
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
    content: Body,
    limit: u64,
    left: u64,
    deadline: Instant,
    under_way: UnderWay,
}

impl Stream {
    /// The next piece of the content, none of which is empty; `None` at its end.
    ///
    /// # Errors
    /// [`HttpError::TooLarge`] past the limit, [`HttpError::Timeout`] past the deadline, [`HttpError::Network`] when the
    /// connection breaks.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        loop {
            // A server that sends a byte now and then never trips the timeout of a single read.
            let late = |_| self.under_way.late(&self.head.url);
            let frame = match timeout_at(self.deadline, self.content.frame()).await.map_err(late)? {
                Some(frame) => frame.map_err(|error| HttpError::from_source(&self.head.url, error.as_ref()))?,
                None => return Ok(None),
            };
            // Anything else is a trailer.
            let Ok(bytes) = frame.into_data() else { continue };
            let too_large = || HttpError::TooLarge { url: printable(&self.head.url), limit: self.limit };
            self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
    }

    /// All that is left of the content.
    ///
    /// # Errors
    /// As [`Stream::chunk`].
    pub async fn bytes(&mut self) -> Result<Vec<u8>, HttpError> {
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }
}

/// Returns where an answer redirects to, if it does.
pub(super) fn redirect(answer: &http::Response<Body>) -> Option<String> {
    let redirects = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    redirects.then(|| header(answer.headers(), &LOCATION).unwrap_or_default())
}

/// Turns an answer that is no redirect into a stream, or into the error that its status means.
pub(super) fn accept(
    url: String,
    answer: http::Response<Body>,
    request: &Request<'_>,
    (deadline, under_way): (Instant, UnderWay),
) -> Result<Stream, Failure> {
    let (status, headers) = (answer.status().as_u16(), answer.headers());
    let conditional = request.etag.is_some() || request.modified.is_some();
    if !((200..300).contains(&status) || (status == 304 && conditional)) {
        let retry_after = header(headers, &RETRY_AFTER).and_then(|text| text.parse().ok()).map(Duration::from_secs);
        return Err(Failure { error: HttpError::Status { url: printable(&url), status }, retry_after });
    }
    let head = Head {
        status,
        etag: header(headers, &ETAG),
        modified: header(headers, &LAST_MODIFIED),
        content_type: header(headers, &CONTENT_TYPE),
        url,
    };
    if answer.body().size_hint().lower() > request.limit {
        return Err(HttpError::TooLarge { url: printable(&head.url), limit: request.limit }.into());
    }
    let (limit, left) = (request.limit, request.limit);
    Ok(Stream { head, content: answer.into_body(), limit, left, deadline, under_way })
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

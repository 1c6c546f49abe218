//! What is asked and what is answered.

use std::io::{self, Read};
use std::time::{Duration, Instant};

use ureq::Body;
use ureq::http::header::{CONTENT_TYPE, ETAG, LAST_MODIFIED, LOCATION, RETRY_AFTER};
use ureq::http::{self, HeaderMap, HeaderName};

use super::error::printable;
use super::{HttpError, resolver};

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
    /// Value of `Git-Protocol`.
    pub protocol: Option<&'a str>,
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
        Self { url, accept: None, etag: None, modified: None, protocol: None, body: None, limit, deadline: None }
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
    content: Limited,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.content.read(buffer)
    }
}

/// A failed attempt, with what the server said about trying again.
pub(super) struct Failure {
    pub(super) error: HttpError,
    pub(super) retry_after: Option<Duration>,
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        Self { error, retry_after: None }
    }
}

/// Where an answer redirects to, if it does.
pub(super) fn redirect(answer: &http::Response<Body>) -> Option<String> {
    let redirects = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    redirects.then(|| header(answer.headers(), &LOCATION).unwrap_or_default())
}

/// Turns an answer that is no redirect into a stream, or into the error that its status means.
pub(super) fn accept(
    url: String,
    status: u16,
    answer: http::Response<Body>,
    request: &Request<'_>,
    deadline: Instant,
) -> Result<Stream, Failure> {
    let headers = answer.headers();
    let expected =
        (200..300).contains(&status) || (status == 304 && (request.etag.is_some() || request.modified.is_some()));
    if !expected {
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
    if answer.body().content_length().is_some_and(|length| length > request.limit) {
        return Err(HttpError::TooLarge { url: printable(&head.url), limit: request.limit }.into());
    }
    let content = Limited {
        inner: answer.into_body().into_with_config().limit(u64::MAX).reader(),
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
            let error = HttpError::Timeout { url: printable(&self.url), what: "total time".to_owned() };
            return Err(io::Error::new(io::ErrorKind::TimedOut, error));
        }
        let count = self.inner.read(buffer).map_err(|error| io::Error::other(from_io(&self.url, error)))?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                let error = HttpError::TooLarge { url: printable(&self.url), limit: self.limit };
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, error));
            }
        }
        Ok(count)
    }
}

/// The [`HttpError`] behind an error of a stream.
pub(crate) fn from_io(url: &str, error: io::Error) -> HttpError {
    if let Some(known) = error.get_ref().and_then(|inner| inner.downcast_ref::<HttpError>()) {
        return known.clone();
    }
    from_ureq(url, error.into())
}

pub(super) fn from_ureq(url: &str, error: ureq::Error) -> HttpError {
    let url = printable(url);
    match error {
        ureq::Error::Timeout(which) => HttpError::Timeout { url, what: which.to_string() },
        ureq::Error::Io(error) if error.get_ref().is_some_and(is_private_address) => {
            let why = format!("{error}; allow its host in the configuration to trust it");
            HttpError::Refused { url, why }
        }
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            HttpError::Timeout { url, what: error.to_string() }
        }
        error => HttpError::Network { url, why: error.to_string() },
    }
}

fn is_private_address(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.is::<resolver::PrivateAddress>()
}

//! Small files below one address, as registries and databases of advisories hand them out: kept with their `ETag` or
//! `Last-Modified`, and requested again under that condition.
//!
//! What is kept is only as good as its folder: a damaged entry is fetched again, but who can write there can write what the
//! server is taken to say.

mod kept;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::Instant;

use super::blocking::{self, Panicked};
use super::http::{HttpClient, HttpError, Request};
pub(super) use kept::{CachedEntry, Kept};

/// After so many failures in a row the server is not queried again.
const MAX_FAILURES: u32 = 8;

/// Why it is not known what a server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentError {
    /// It is not in the cache, and nothing is fetched.
    Offline,
    /// Too many requests in a row failed.
    GivenUp,
    /// The server answered with a status that is neither content nor an absence.
    Status(u16),
    /// The server was not reached, or its answer not read to its end.
    Http(HttpError),
    /// The bot itself failed.
    Panicked(Panicked),
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offline => f.write_str("it is not in the cache and nothing is queried offline"),
            Self::GivenUp => write!(f, "the server is no longer queried after {MAX_FAILURES} failures in a row"),
            Self::Status(status) => write!(f, "the server answered with status {status}"),
            Self::Http(error) => error.fmt(f),
            Self::Panicked(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DocumentError {}

impl From<HttpError> for DocumentError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<Panicked> for DocumentError {
    fn from(error: Panicked) -> Self {
        Self::Panicked(error)
    }
}

/// A file below the address.
pub(super) struct Document {
    /// The name under which it is kept.
    pub(super) key: String,
    /// Its path below the address.
    pub(super) path: String,
    /// Its maximum size in bytes.
    pub(super) limit: u64,
    pub(super) deadline: Instant,
    /// Whether what is kept under this name is right, whatever the server says by now.
    pub(super) is_final: bool,
}

/// The files below one address. Shared by tasks.
#[derive(Debug)]
pub(super) struct Documents {
    http: HttpClient,
    /// Ends with a slash.
    url: String,
    kept: Arc<Kept>,
    offline: bool,
    failures: AtomicU32,
}

impl Documents {
    /// The files below `url`, which ends with a slash. Nothing is fetched yet, and nothing at all if `offline`.
    pub(super) fn new(http: HttpClient, url: String, cache: Option<&Path>, offline: bool) -> Self {
        Self { kept: Arc::new(Kept::new(cache, &url)), http, url, offline, failures: AtomicU32::new(0) }
    }

    /// A file as `read` understands it. None where the server says that there is none: 404, 410 and 451.
    ///
    /// # Errors
    /// [`DocumentError`], and those of `read`.
    pub(super) async fn get<T: Send + 'static, E: From<DocumentError> + Send + 'static>(
        &self,
        document: Document,
        read: impl Fn(&[u8]) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Option<T>, E> {
        let Document { key, path, limit, deadline, is_final } = document;
        let read = Arc::new(read);
        let kept = {
            let (kept, key, read) = (self.kept.clone(), key.clone(), read.clone());
            // What is not understood any more must not be requested under its own condition.
            let whole = move || kept.get(&key, limit).and_then(|entry| Some((read(&entry.body).ok()?, entry)));
            blocking::run(whole).await.map_err(DocumentError::Panicked)?
        };
        if self.offline || (is_final && kept.is_some()) {
            return kept.map(|(value, _)| Some(value)).ok_or_else(|| DocumentError::Offline.into());
        }
        if self.failures.load(Ordering::Relaxed) >= MAX_FAILURES {
            return Err(DocumentError::GivenUp.into());
        }
        let url = format!("{}{path}", self.url);
        let (etag, modified) = kept.as_ref().map_or((None, None), |(_, entry)| entry.condition());
        let request = Request { etag, modified, deadline: Some(deadline), ..Request::get(&url, limit) };
        let answer = self.http.fetch(&request).await;
        self.count(&answer);
        let store = self.kept.clone();
        match (answer, kept) {
            (Ok(answer), Some((value, _))) if answer.head.status == 304 => Ok(Some(value)),
            (Ok(answer), _) if answer.head.status == 200 => {
                let whole = move || {
                    let value = read(&answer.body)?;
                    let (etag, modified) = (answer.head.etag, answer.head.modified);
                    store.put(&key, CachedEntry { etag, modified, body: answer.body });
                    Ok(Some(value))
                };
                blocking::run(whole).await.map_err(DocumentError::Panicked)?
            }
            (Ok(answer), _) => Err(DocumentError::Status(answer.head.status).into()),
            (Err(HttpError::Status { status: 404 | 410 | 451, .. }), _) => {
                blocking::run(move || store.remove(&key)).await.map_err(DocumentError::Panicked)?;
                Ok(None)
            }
            (Err(error), _) => Err(DocumentError::Http(error).into()),
        }
    }

    /// Counts failures in a row: a server that is down must not cost its timeouts for each of a thousand files.
    fn count<T>(&self, answer: &Result<T, HttpError>) {
        match answer {
            Err(error) if error.is_transient() || matches!(error, HttpError::Timeout { .. }) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
            }
            _ => self.failures.store(0, Ordering::Relaxed),
        }
    }
}

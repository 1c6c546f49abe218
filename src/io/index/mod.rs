//! A registry's sparse index: what versions a crate has, and where their archives are.
//!
//! The protocol is cargo's (The Cargo Book, "Registry Index", "Sparse Protocol"): one file for each crate at a path made of its
//! name, `config.json` at the root; 404, 410 and 451 mean that there is no such crate. Answers are kept with their `ETag` or
//! `Last-Modified` and requested again under that condition. What is kept is only as good as its folder: a damaged
//! entry is fetched again, but who can write there can write what the index is taken to say.

mod config;
mod error;
mod kept;
#[cfg(test)]
mod real;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::review::evidence::IndexCrate;
use crate::review::index_line;
use config::Config;
pub use error::{ArchiveError, IndexError};
use kept::{CachedEntry, Kept};

use super::blocking;
use super::downloads::Downloads;
use super::http::{HttpClient, HttpError, Request};

/// The index of crates.io, as cargo names it: the only place that names its host.
pub const CRATES_IO: &str = "sparse+https://index.crates.io/";

/// The maximum size of the answer for a crate, in bytes. The largest real ones have a few million.
const MAX_ANSWER: u64 = 16 << 20;

/// The maximum size of `config.json`, in bytes.
const MAX_CONFIG: u64 = 64 << 10;

/// The maximum size of an archive, in bytes.
pub const MAX_ARCHIVE: u64 = 64 << 20;

/// The number of requests that are under way at once.
const AT_ONCE: usize = 8;

/// After so many failures in a row the index is not queried again.
const MAX_FAILURES: u32 = 8;

/// The maximum time for all names of a call together.
const TIME: Duration = Duration::from_secs(300);

/// Where the index is, and what may be done.
#[derive(Clone, Debug)]
pub struct IndexSettings {
    /// Its URL, with or without `sparse+` in front.
    pub url: String,
    /// The folder in which answers and archives are kept. None keeps nothing.
    pub cache: Option<PathBuf>,
    /// Nothing is fetched.
    pub offline: bool,
}

impl Default for IndexSettings {
    fn default() -> Self {
        Self { url: CRATES_IO.to_owned(), cache: None, offline: false }
    }
}

/// The index of a run. Shared by tasks; a name is looked up at most once.
#[derive(Debug)]
pub struct Index {
    http: HttpClient,
    /// Ends with a slash.
    url: String,
    kept: Arc<Kept>,
    offline: bool,
    downloads: Downloads,
    answers: Mutex<HashMap<String, Arc<OnceCell<Answer>>>>,
    config: OnceCell<Result<Config, IndexError>>,
    failures: AtomicU32,
}

/// A crate of the index. None where the index says that there is none; an error where that is not known.
type Answer = Result<Option<IndexCrate>, IndexError>;

impl Index {
    /// An index. Nothing is fetched yet.
    #[must_use]
    pub fn new(http: HttpClient, settings: IndexSettings) -> Self {
        let IndexSettings { url, cache, offline } = settings;
        let url = root(&url);
        Self {
            kept: Arc::new(Kept::new(cache.as_deref(), &url)),
            downloads: Downloads::new(cache.map(|cache| cache.join("downloads")), offline),
            http,
            url,
            offline,
            answers: Mutex::default(),
            config: OnceCell::new(),
            failures: AtomicU32::new(0),
        }
    }

    /// The address of a crate's page, with `{name}` and `{version}`: that of the registry whose index this is, by its address.
    /// Empty for a mirror, whose pages nobody knows.
    #[must_use]
    pub fn page(&self) -> String {
        let host = self.url.strip_prefix("https://index.").map(|rest| rest.trim_end_matches('/'));
        let host = host.filter(|host| !host.contains('/'));
        host.map_or_else(String::new, |host| format!("https://{host}/crates/{{name}}/{{version}}"))
    }

    /// Looks up each of `names` in the index; an error says why it is unknown. A crate without versions is not in the
    /// index.
    ///
    /// Each name is one request at most in the life of this value, several at once; a name that fails for a passing reason is
    /// tried again within the budget of the HTTP client. No request is made for no name.
    pub async fn lookup(&self, names: &BTreeSet<String>) -> BTreeMap<String, Result<IndexCrate, IndexError>> {
        let deadline = Instant::now() + TIME;
        let answer = |name: String| async move {
            let answer = self.answer(&name, deadline).await;
            (name, answer)
        };
        stream::iter(names.iter().cloned()).map(answer).buffered(AT_ONCE).collect().await
    }

    /// The answer on one name. Whoever else wants the same waits for the first one's.
    async fn answer(&self, name: &str, deadline: Instant) -> Result<IndexCrate, IndexError> {
        let cell = {
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(answers.entry(name.to_owned()).or_default())
        };
        let answer = cell.get_or_init(|| self.request(name, deadline)).await;
        answer.clone().map(Option::unwrap_or_default)
    }

    async fn request(&self, name: &str, deadline: Instant) -> Answer {
        if !is_crate_name(name) {
            return Err(IndexError::NoCrateName);
        }
        let lower = name.to_ascii_lowercase();
        let document =
            Document { path: format!("{}/{lower}", prefix(&lower)), key: lower, limit: MAX_ANSWER, deadline };
        let name = name.to_owned();
        self.document(document, move |body| index_line::parse(&name, body).map_err(IndexError::Malformed)).await
    }

    /// The archive of a version, whose sha256 is this one: from the cache, or from where the index's `config.json` says.
    ///
    /// # Errors
    /// When the configuration or the archive is not available, or the archive is another one or larger than
    /// [`MAX_ARCHIVE`].
    pub async fn archive(&self, name: &str, version: &str, sha256: &str) -> Result<File, ArchiveError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
        if !is_crate_name(name) || !version.bytes().all(plain) {
            return Err(ArchiveError::NoVersion);
        }
        // Where it is matters only if it has to be fetched.
        let url = if self.offline { self.url.clone() } else { self.config().await?.archive(name, version, sha256) };
        Ok(self.downloads.open(&self.http, &url, sha256, MAX_ARCHIVE).await?)
    }

    async fn config(&self) -> Result<Config, IndexError> {
        let fetch = || async {
            let [key, path] = ["config.json"; 2].map(str::to_owned);
            let document = Document { key, path, limit: MAX_CONFIG, deadline: Instant::now() + TIME };
            self.document(document, Config::parse).await?.ok_or(IndexError::NoConfig)
        };
        self.config.get_or_init(fetch).await.clone()
    }

    /// A file of the index as `read` understands it. None where the index does not have it.
    async fn document<T: Send + 'static>(
        &self,
        document: Document,
        read: impl Fn(&[u8]) -> Result<T, IndexError> + Send + Sync + 'static,
    ) -> Result<Option<T>, IndexError> {
        let Document { key, path, limit, deadline } = document;
        let read = Arc::new(read);
        let kept = {
            let (kept, key, read) = (self.kept.clone(), key.clone(), read.clone());
            // What is not understood any more must not be requested under its own condition.
            let whole = move || kept.get(&key, limit).and_then(|entry| Some((read(&entry.body).ok()?, entry)));
            blocking::run(whole).await?
        };
        if self.offline {
            return kept.map(|(value, _)| Some(value)).ok_or(IndexError::Offline);
        }
        if self.failures.load(Ordering::Relaxed) >= MAX_FAILURES {
            return Err(IndexError::GivenUp);
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
                blocking::run(whole).await?
            }
            (Ok(answer), _) => Err(IndexError::Status(answer.head.status)),
            (Err(HttpError::Status { status: 404 | 410 | 451, .. }), _) => {
                blocking::run(move || store.remove(&key)).await?;
                Ok(None)
            }
            (Err(error), _) => Err(error.into()),
        }
    }

    /// Counts failures in a row: a server that is down must not cost its timeouts for each of a thousand crates.
    fn count<T>(&self, answer: &Result<T, HttpError>) {
        match answer {
            Err(error) if error.is_transient() || matches!(error, HttpError::Timeout { .. }) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
            }
            _ => self.failures.store(0, Ordering::Relaxed),
        }
    }
}

/// A file of the index.
struct Document {
    /// The name under which it is kept.
    key: String,
    /// Its path below the index's URL.
    path: String,
    /// Its maximum size in bytes.
    limit: u64,
    deadline: Instant,
}

/// Keeps an answer about a crate in a cache, as if the index at `url` had given it.
pub(in crate::io) fn keep(cache: &Path, url: &str, name: &str, answer: &str) {
    let entry = CachedEntry { etag: None, modified: None, body: answer.as_bytes().to_vec() };
    Kept::new(Some(cache), &root(url)).put(&name.to_ascii_lowercase(), entry);
}

/// The URL of an index as requests begin: without `sparse+`, and with one slash at its end.
fn root(url: &str) -> String {
    format!("{}/", url.strip_prefix("sparse+").unwrap_or(url).trim_end_matches('/'))
}

/// Returns whether a registry can have a crate of this name (The Cargo Book, "Registry Index", "Name restrictions").
pub(super) fn is_crate_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

/// The folders of a crate in the index. The name is ASCII.
fn prefix(name: &str) -> String {
    match name.len() {
        0..=2 => name.len().to_string(),
        3 => format!("3/{}", &name[..1]),
        _ => format!("{}/{}", &name[..2], &name[2..4]),
    }
}

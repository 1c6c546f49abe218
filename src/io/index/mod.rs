//! A registry's sparse index: what versions a crate has, and where their archives are.
//!
//! The protocol is cargo's (The Cargo Book, "Registry Index", "Sparse Protocol"): one file for each crate at a path made of its
//! name, `config.json` at the root; 404, 410 and 451 mean that there is no such crate.

mod config;
mod error;
#[cfg(test)]
mod real;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::review::evidence::IndexCrate;
use crate::review::index_line;
use config::Config;
pub use error::{ArchiveError, IndexError};

use super::documents::{CachedEntry, Document, Documents, Kept};
use super::downloads::Downloads;
use super::http::HttpClient;

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
    documents: Documents,
    offline: bool,
    downloads: Downloads,
    answers: Mutex<HashMap<String, Arc<OnceCell<Answer>>>>,
    config: OnceCell<Result<Config, IndexError>>,
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
            documents: Documents::new(http.clone(), url.clone(), cache.as_deref(), offline),
            downloads: Downloads::new(cache.map(|cache| cache.join("downloads")), offline),
            http,
            url,
            offline,
            answers: Mutex::default(),
            config: OnceCell::new(),
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
        let document = Document {
            path: format!("{}/{lower}", prefix(&lower)),
            key: lower,
            limit: MAX_ANSWER,
            deadline,
            is_final: false,
        };
        let name = name.to_owned();
        self.documents.get(document, move |body| index_line::parse(&name, body).map_err(IndexError::Malformed)).await
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

    /// The address of the registry's web API, without a slash at its end, where `config.json` names one.
    ///
    /// # Errors
    /// When the configuration is not available.
    pub(super) async fn api(&self) -> Result<Option<String>, IndexError> {
        Ok(self.config().await?.api())
    }

    async fn config(&self) -> Result<Config, IndexError> {
        let fetch = || async {
            let [key, path] = ["config.json"; 2].map(str::to_owned);
            let document = Document { key, path, limit: MAX_CONFIG, deadline: Instant::now() + TIME, is_final: false };
            self.documents.get(document, Config::parse).await?.ok_or(IndexError::NoConfig)
        };
        self.config.get_or_init(fetch).await.clone()
    }
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

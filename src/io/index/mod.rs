//! A registry's sparse index: what versions a crate has, and where their archives are.
//!
//! The protocol is cargo's (The Cargo Book, "Registry Index", "Sparse Protocol"): one file for each crate at a path made of its
//! name, `config.json` at the root; 404, 410 and 451 mean that there is no such crate. Answers are kept with their `ETag` or
//! `Last-Modified` and asked for again under that condition. What is kept is only as good as its folder: a damaged entry is
//! fetched again, but who can write there can write what the index is taken to say.

mod config;
mod kept;
#[cfg(test)]
mod real;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::review::evidence::IndexCrate;
use crate::review::index_line;
use config::Config;
use kept::{CachedEntry, Kept};

use super::downloads::{DownloadError, Downloads};
use super::http::{HttpClient, HttpError, Request};
use super::pool;

/// The index of crates.io, as cargo names it: the only place where its host stands.
pub const CRATES_IO: &str = "sparse+https://index.crates.io/";

/// How large the answer for a crate may be, in bytes. The largest real ones have a few million.
const MAX_ANSWER: u64 = 16 << 20;

/// How large `config.json` may be, in bytes.
const MAX_CONFIG: u64 = 64 << 10;

/// How large an archive may be, in bytes.
pub const MAX_ARCHIVE: u64 = 64 << 20;

/// How many requests are under way at once.
const AT_ONCE: usize = 8;

/// After so many failures in a row the index is not asked again.
const MAX_FAILURES: u32 = 8;

/// How long all names of a call may take together.
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

/// The index of a run. Shared by threads; a name is asked for at most once.
#[derive(Debug)]
pub struct Index {
    http: HttpClient,
    /// Ends with a slash.
    url: String,
    kept: Kept,
    offline: bool,
    downloads: Downloads,
    answers: Mutex<HashMap<String, Answer>>,
    /// Held while it is fetched, so that it is fetched once.
    config: Mutex<Option<Result<Config, String>>>,
    failures: AtomicU32,
}

/// A crate of the index. None where the index says that there is none; an error where that is not known.
type Answer = Result<Option<IndexCrate>, String>;

impl Index {
    /// An index. Nothing is fetched yet.
    #[must_use]
    pub fn new(http: HttpClient, settings: IndexSettings) -> Self {
        let IndexSettings { url, cache, offline } = settings;
        let url = root(&url);
        Self {
            kept: Kept::new(cache.as_deref(), &url),
            downloads: Downloads::new(cache.map(|cache| cache.join("downloads")), offline),
            http,
            url,
            offline,
            answers: Mutex::default(),
            config: Mutex::default(),
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

    /// What the index says of each of `names`, or why that is not known. A crate without versions is not in the index.
    ///
    /// Each name is one request at most in the life of this value, several at once; a name that fails for a passing reason is
    /// tried again within the budget of the HTTP client. No request is made for no name. Blocks.
    #[must_use]
    pub fn lookup(&self, names: &BTreeSet<String>) -> BTreeMap<String, Result<IndexCrate, String>> {
        // Held throughout: whoever else wants the same names waits for their answers.
        let mut answers = lock(&self.answers);
        let unknown: Vec<&String> = names.iter().filter(|name| !answers.contains_key(*name)).collect();
        let deadline = Instant::now() + TIME;
        let found = pool::each(&unknown, AT_ONCE, |name| self.ask(name, deadline));
        for (name, answer) in unknown.into_iter().zip(found) {
            let answer = answer.unwrap_or_else(|| Err("the bot itself failed on the index's answer".to_owned()));
            answers.insert(name.clone(), answer);
        }
        let known = |name: &String| Some((name.clone(), answers.get(name)?.clone().map(Option::unwrap_or_default)));
        names.iter().filter_map(known).collect()
    }

    fn ask(&self, name: &str, deadline: Instant) -> Answer {
        if !is_crate_name(name) {
            return Err("this is not the name of a crate, so the index was not asked".to_owned());
        }
        let lower = name.to_ascii_lowercase();
        let path = format!("{}/{lower}", prefix(&lower));
        self.document(&lower, &path, MAX_ANSWER, deadline, |body| index_line::parse(name, body))
    }

    /// The archive of a version, whose sha256 is this one: from the cache, or from where the index's `config.json` says.
    ///
    /// # Errors
    /// When the configuration or the archive is not to be had, or the archive is another one or larger than
    /// [`MAX_ARCHIVE`].
    pub fn archive(&self, name: &str, version: &str, sha256: &str) -> Result<File, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
        if !is_crate_name(name) || !version.bytes().all(plain) {
            return Err("this is not the name and the version of a crate".to_owned());
        }
        // Where it is matters only if it has to be fetched.
        let url = if self.offline { self.url.clone() } else { self.config()?.archive(name, version, sha256) };
        let fetch = |url: &str, limit: u64, out: &mut dyn std::io::Write| {
            let body = self.http.get(url, limit)?.body;
            out.write_all(&body).map_err(|e| HttpError::Write { why: e.to_string() })?;
            Ok::<u64, HttpError>(body.len() as u64)
        };
        self.downloads.open(&url, sha256, MAX_ARCHIVE, &fetch).map_err(|error| match error {
            DownloadError::Offline { .. } => {
                "the archive is not in the cache and nothing is fetched offline".to_owned()
            }
            DownloadError::Mismatch { got, .. } => format!("the archive's sha256 is {got}"),
            other => other.to_string(),
        })
    }

    fn config(&self) -> Result<Config, String> {
        let mut config = lock(&self.config);
        if let Some(known) = &*config {
            return known.clone();
        }
        let deadline = Instant::now() + TIME;
        let found = self.document("config.json", "config.json", MAX_CONFIG, deadline, Config::parse);
        let found = found.and_then(|found| found.ok_or_else(|| "the index has no config.json".to_owned()));
        config.insert(found).clone()
    }

    /// A file of the index as `read` understands it, kept as `key`. None where the index does not have it.
    fn document<T>(
        &self,
        key: &str,
        path: &str,
        limit: u64,
        deadline: Instant,
        read: impl Fn(&[u8]) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        // What is not understood any more must not be asked for under its own condition.
        let kept = self.kept.get(key, limit).and_then(|entry| Some((read(&entry.body).ok()?, entry)));
        if self.offline {
            let offline = || "it is not in the cache and the index is not asked offline".to_owned();
            return kept.map(|(value, _)| Some(value)).ok_or_else(offline);
        }
        if self.failures.load(Ordering::Relaxed) >= MAX_FAILURES {
            return Err(format!("the index is not asked any more after {MAX_FAILURES} failures in a row"));
        }
        let url = format!("{}{path}", self.url);
        let (etag, modified) = kept.as_ref().map_or((None, None), |(_, entry)| entry.condition());
        let request = Request { etag, modified, deadline: Some(deadline), ..Request::get(&url, limit) };
        let answer = self.http.fetch(&request);
        self.count(&answer);
        match (answer, kept) {
            (Ok(answer), Some((value, _))) if answer.head.status == 304 => Ok(Some(value)),
            (Ok(answer), _) if answer.head.status == 200 => {
                let value = read(&answer.body)?;
                self.kept.put(
                    key,
                    CachedEntry { etag: answer.head.etag, modified: answer.head.modified, body: answer.body },
                );
                Ok(Some(value))
            }
            (Ok(answer), _) => Err(format!("the index answered with status {}", answer.head.status)),
            (Err(HttpError::Status { status: 404 | 410 | 451, .. }), _) => {
                self.kept.remove(key);
                Ok(None)
            }
            (Err(error), _) => Err(error.to_string()),
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

/// Keeps an answer about a crate in a cache, as if the index at `url` had given it.
pub(in crate::io) fn keep(cache: &Path, url: &str, name: &str, answer: &str) {
    let entry = CachedEntry { etag: None, modified: None, body: answer.as_bytes().to_vec() };
    Kept::new(Some(cache), &root(url)).put(&name.to_ascii_lowercase(), entry);
}

/// The URL of an index as requests begin: without `sparse+`, and with one slash at its end.
fn root(url: &str) -> String {
    format!("{}/", url.strip_prefix("sparse+").unwrap_or(url).trim_end_matches('/'))
}

/// Whether a registry can have a crate of this name (The Cargo Book, "Registry Index", "Name restrictions").
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Downloaded files, kept by their sha256.
//!
//! A file is handed out only after its sha256 was computed through the very handle that the caller then reads, on
//! every call: what lies in the cache is as little trusted as the network. Files are written under another name and
//! renamed when they are right, so that several processes can share a folder. Where the cache cannot be written, the file is
//! kept for this run alone.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once, PoisonError};

use hyper::body::Bytes;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::sync::{Mutex as AsyncMutex, mpsc};

use super::blocking::{self, Panicked};
use super::cache;
use super::http::{HttpClient, HttpError, Request, Stream};
use super::temporary::Temporary;

/// The number of pieces of a download that may wait to be written.
const PIECES: usize = 16;

/// Why a download could not be handed out.
#[derive(Debug)]
pub enum DownloadError {
    /// The wanted sha256 is not 64 lower-case hex digits; BuildStream compares it as text.
    Checksum {
        /// The value that was given instead.
        wanted: String,
    },
    /// It is not in the cache, and the network must not be used.
    Offline {
        /// Where it would have come from.
        url: String,
        /// The sha256 it has to have.
        sha256: String,
    },
    /// The server or the network failed.
    Fetch {
        /// Where it should have come from.
        url: String,
        /// The error of the client.
        error: HttpError,
    },
    /// It is longer than allowed.
    TooLarge {
        /// Where it came from.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// It is not the file that was pinned. It was thrown away.
    Mismatch {
        /// Where it came from.
        url: String,
        /// The sha256 that the element pins.
        wanted: String,
        /// The sha256 of what came.
        got: String,
    },
    /// Neither the cache nor the temporary folder could be used.
    Cache {
        /// The folder or the file.
        path: PathBuf,
        /// The I/O error.
        error: io::Error,
    },
    /// The bot itself failed.
    Panicked(Panicked),
}

impl From<Panicked> for DownloadError {
    fn from(error: Panicked) -> Self {
        Self::Panicked(error)
    }
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checksum { wanted } => write!(
                f,
                "`{}` is not a sha256: give 64 lower-case hex digits",
                wanted.chars().take(80).collect::<String>().escape_debug()
            ),
            Self::Offline { url, sha256 } => write!(
                f,
                "`{url}` (sha256 {sha256}) is not in the cache and nothing is downloaded offline: run once without `--offline`"
            ),
            Self::Fetch { url, error } => write!(f, "`{url}` could not be downloaded: {error}"),
            Self::TooLarge { url, limit } => write!(f, "`{url}` is longer than {limit} bytes"),
            Self::Mismatch { url, wanted, got } => {
                write!(f, "`{url}` is not the pinned file: its sha256 is {got}, the element's ref is {wanted}")
            }
            Self::Cache { path, error } => {
                write!(f, "nothing can be downloaded to `{}`: {error}", path.display())
            }
            Self::Panicked(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DownloadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Cache { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// The download cache. One is shared by all tasks; several processes may use the same folder.
#[derive(Debug)]
pub(crate) struct Downloads {
    folders: Arc<Folders>,
    offline: bool,
    /// One lock for each sha256 that was requested, so that it is fetched once.
    requested: Mutex<HashMap<String, Arc<AsyncMutex<()>>>>,
}

/// The folders that files are looked for in.
#[derive(Debug)]
struct Folders {
    kept: Option<PathBuf>,
    cleaned: Once,
    /// Made when nothing can be kept, removed at the end of the run.
    for_this_run: Mutex<Option<Temporary>>,
}

impl Downloads {
    /// A cache in `cache_dir`, which is made when it is needed; without one, files live as long as this value.
    /// `offline` never fetches.
    #[must_use]
    pub(crate) fn new(cache_dir: Option<PathBuf>, offline: bool) -> Self {
        let folders = Folders { kept: cache_dir, cleaned: Once::new(), for_this_run: Mutex::default() };
        Self { folders: Arc::new(folders), offline, requested: Mutex::default() }
    }

    /// Opens the file with this sha256, at its start: from the cache, or fetched from `url` with at most `limit`
    /// bytes. Whoever else wants the same sha256 waits for the first one's download.
    ///
    /// # Errors
    ///
    /// [`DownloadError`]; a damaged cache entry is none, it is fetched again.
    pub(crate) async fn open(
        &self,
        http: &HttpClient,
        url: &str,
        sha256: &str,
        limit: u64,
    ) -> Result<File, DownloadError> {
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if sha256.len() != 64 || !sha256.bytes().all(hex) {
            return Err(DownloadError::Checksum { wanted: sha256.to_owned() });
        }
        let mine = self.lock_of(sha256);
        let _first = mine.lock().await;
        let (folders, wanted) = (self.folders.clone(), sha256.to_owned());
        let found = move || folders.all().iter().find_map(|folder| cached(&folder.join(&wanted), &wanted, limit));
        match blocking::run(found).await? {
            Some(file) => Ok(file),
            None if self.offline => Err(DownloadError::Offline { url: shown(url), sha256: sha256.to_owned() }),
            None => self.download(http, url, sha256, limit).await,
        }
    }

    /// Fetches a file into the cache, or into the folder of this run where the cache cannot be written.
    async fn download(&self, http: &HttpClient, url: &str, sha256: &str, limit: u64) -> Result<File, DownloadError> {
        if let Some(folder) = self.folders.kept.clone() {
            let cleaned = self.folders.clone();
            blocking::run(move || cleaned.clean()).await?;
            match download(http, folder, url, sha256, limit).await {
                Err(DownloadError::Cache { path, error }) => cache::is_unusable(&path, &error),
                done => return done,
            }
        }
        let folders = self.folders.clone();
        let folder = blocking::run(move || folders.for_this_run()).await??;
        download(http, folder, url, sha256, limit).await
    }

    fn lock_of(&self, sha256: &str) -> Arc<AsyncMutex<()>> {
        let mut requested = self.requested.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(requested.entry(sha256.to_owned()).or_default())
    }
}

impl Folders {
    /// The folders that are known so far.
    fn all(&self) -> Vec<PathBuf> {
        let made = self.for_this_run.lock().unwrap_or_else(PoisonError::into_inner);
        self.kept.iter().cloned().chain(made.iter().map(|folder| folder.path().to_owned())).collect()
    }

    /// Removes, once, what runs that were killed left in the cache.
    fn clean(&self) {
        self.cleaned.call_once(|| self.kept.iter().for_each(|folder| cache::remove_what_was_left(folder)));
    }

    /// The folder of this run, which exists afterwards.
    fn for_this_run(&self) -> Result<PathBuf, DownloadError> {
        let mut made = self.for_this_run.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = match made.take() {
            Some(folder) => folder,
            None => Temporary::new().map_err(|e| unwritable(Path::new("the temporary folder"), e))?,
        };
        Ok(made.insert(folder).path().to_owned())
    }
}

/// The cache's file, if it is there and right. A wrong one is removed.
fn cached(path: &Path, sha256: &str, limit: u64) -> Option<File> {
    // A pipe would block when it is opened.
    if !fs::symlink_metadata(path).ok()?.is_file() {
        return None;
    }
    let mut file = File::open(path).ok()?;
    let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
    if length <= limit && hash(&mut file, limit).is_ok_and(|got| got == sha256) {
        return file.seek(SeekFrom::Start(0)).is_ok().then_some(file);
    }
    if length <= limit {
        // Another process may have put a right one there since; then that one is fetched again.
        let _ = fs::remove_file(path);
    }
    None
}

/// The sha256 of what is left of a file, in lower-case hex. Stops behind `limit`: then it is that of less.
fn hash(file: &mut File, limit: u64) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 128 << 10];
    let mut bounded = file.take(limit.saturating_add(1));
    loop {
        match bounded.read(&mut buffer)? {
            0 => return Ok(hex(hasher)),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn hex(hasher: Sha256) -> String {
    format!("{:x}", hasher.finalize())
}

/// A file that came whole, under another name than the one that it will have.
struct Saved {
    partial: NamedTempFile,
    sha256: String,
}

async fn download(
    http: &HttpClient,
    folder: PathBuf,
    url: &str,
    sha256: &str,
    limit: u64,
) -> Result<File, DownloadError> {
    let saved = http.download(&Request::get(url, limit), |stream| save(stream, folder.clone())).await;
    let saved = saved.map_err(|error| match error {
        HttpError::TooLarge { .. } => DownloadError::TooLarge { url: shown(url), limit },
        error => DownloadError::Fetch { url: shown(url), error },
    })??;
    if saved.sha256 != sha256 {
        return Err(DownloadError::Mismatch { url: shown(url), wanted: sha256.to_owned(), got: saved.sha256 });
    }
    let path = folder.join(sha256);
    blocking::run(move || persist(saved, &path, limit)).await?
}

/// Writes and hashes the content of an answer while it comes in.
async fn save(mut stream: Stream, folder: PathBuf) -> Result<Result<Saved, DownloadError>, HttpError> {
    let (sender, pieces) = mpsc::channel(PIECES);
    let feed = async move {
        while let Some(piece) = stream.chunk().await? {
            if sender.send(piece).await.is_err() {
                // The writer failed, and says why.
                break;
            }
        }
        Ok(())
    };
    let (fed, written) = tokio::join!(feed, blocking::run(move || write(pieces, &folder)));
    fed.map(|()| written.unwrap_or_else(|panicked| Err(panicked.into())))
}

fn write(mut pieces: mpsc::Receiver<Bytes>, folder: &Path) -> Result<Saved, DownloadError> {
    let partial = cache::partial_in(folder).map_err(|e| unwritable(folder, e))?;
    let mut hasher = Sha256::new();
    while let Some(piece) = pieces.blocking_recv() {
        partial.as_file().write_all(&piece).map_err(|e| unwritable(partial.path(), e))?;
        hasher.update(&piece);
    }
    Ok(Saved { partial, sha256: hex(hasher) })
}

/// Gives a file its name. What is handed out is what lies on the disk, through this handle, not what went by.
fn persist(saved: Saved, path: &Path, limit: u64) -> Result<File, DownloadError> {
    let mut file = saved.partial.persist(path).map_err(|e| unwritable(path, e.error))?;
    let rewind = |file: &mut File| file.seek(SeekFrom::Start(0)).map_err(|e| unwritable(path, e));
    rewind(&mut file)?;
    if hash(&mut file, limit).map_err(|e| unwritable(path, e))? != saved.sha256 {
        let error = io::Error::new(io::ErrorKind::InvalidData, "the file changed after it was written");
        return Err(unwritable(path, error));
    }
    rewind(&mut file)?;
    Ok(file)
}

fn unwritable(path: &Path, error: io::Error) -> DownloadError {
    DownloadError::Cache { path: path.to_owned(), error }
}

/// The URL without a user and a password, and without its query: both can hold secrets.
fn shown(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let shown = match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, format!("/{p}")));
            let host = host.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    };
    shown.chars().take(500).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests;

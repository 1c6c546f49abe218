//! Downloaded files, kept by their sha256.
//!
//! A file is handed out only after its sha256 was computed through the very handle that the caller then reads, on
//! every call: what lies in the cache is as little trusted as the network. Files are written under another name and
//! renamed when they are right, so that several processes can share a folder.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tempfile::{Builder, TempDir};

/// Fetches a URL into a writer, at most the given number of bytes, and says how many there were. The error is
/// shown to the user: it must not hold secrets.
pub type Fetch<'a, E> = &'a dyn Fn(&str, u64, &mut dyn Write) -> Result<u64, E>;

/// Why a download could not be handed out.
#[derive(Debug)]
pub enum DownloadError {
    /// The wanted sha256 is not 64 lower-case hex digits; BuildStream compares it as text.
    Checksum {
        /// What was given instead.
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
        /// What the client said.
        error: String,
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
    /// The cache folder could not be used.
    Cache {
        /// The folder or the file.
        path: PathBuf,
        /// What went wrong.
        error: io::Error,
    },
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
                write!(f, "the download cache `{}` cannot be used: {error}", path.display())
            }
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

/// The download cache. One is shared by all threads; several processes may use the same folder.
#[derive(Debug)]
pub struct Downloads {
    folder: Folder,
    offline: bool,
    /// One lock for each sha256 that was asked for, so that it is fetched once.
    asked: Mutex<HashMap<String, Arc<Mutex<()>>>>,
}

#[derive(Debug)]
enum Folder {
    Kept(PathBuf),
    /// Made at the first download, removed at the end of the run.
    ForThisRun(Mutex<Option<TempDir>>),
}

impl Downloads {
    /// A cache in `cache_dir`, which is made when it is needed; without one, files live as long as this value.
    /// `offline` never fetches.
    #[must_use]
    pub fn new(cache_dir: Option<PathBuf>, offline: bool) -> Self {
        let folder = cache_dir.map_or_else(|| Folder::ForThisRun(Mutex::default()), Folder::Kept);
        Self { folder, offline, asked: Mutex::default() }
    }

    /// Opens the file with this sha256, at its start: from the cache, or fetched from `url` with at most `limit`
    /// bytes. Threads that ask for the same sha256 wait for the first one's download.
    ///
    /// # Errors
    ///
    /// [`DownloadError`]; a damaged cache entry is none, it is fetched again.
    pub fn open<E: fmt::Display>(
        &self,
        url: &str,
        sha256: &str,
        limit: u64,
        fetch: Fetch<'_, E>,
    ) -> Result<File, DownloadError> {
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if sha256.len() != 64 || !sha256.bytes().all(hex) {
            return Err(DownloadError::Checksum { wanted: sha256.to_owned() });
        }
        let mine = self.lock_of(sha256);
        let _held = mine.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.path()?;
        let path = folder.join(sha256);
        if let Some(file) = cached(&path, sha256, limit) {
            return Ok(file);
        }
        if self.offline {
            return Err(DownloadError::Offline { url: shown(url), sha256: sha256.to_owned() });
        }
        download(&folder, &path, url, sha256, limit, fetch)
    }

    fn lock_of(&self, sha256: &str) -> Arc<Mutex<()>> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(asked.entry(sha256.to_owned()).or_default())
    }

    /// The folder, which exists afterwards unless this is an offline run.
    fn path(&self) -> Result<PathBuf, DownloadError> {
        match &self.folder {
            Folder::Kept(path) if self.offline => Ok(path.clone()),
            Folder::Kept(path) => fs::create_dir_all(path).map(|()| path.clone()).map_err(|e| cache(path, e)),
            Folder::ForThisRun(made) => {
                let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                let folder = match made.take() {
                    Some(folder) => folder,
                    None => TempDir::with_prefix("cargo2-bot-").map_err(|e| cache(Path::new("."), e))?,
                };
                Ok(made.insert(folder).path().to_owned())
            }
        }
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

fn download<E: fmt::Display>(
    folder: &Path,
    path: &Path,
    url: &str,
    sha256: &str,
    limit: u64,
    fetch: Fetch<'_, E>,
) -> Result<File, DownloadError> {
    let mut partial = Builder::new().prefix(".partial-").tempfile_in(folder).map_err(|e| cache(folder, e))?;
    let mut sink = Sink { file: partial.as_file_mut(), hasher: Sha256::new(), held: 0, limit, over: false };
    let fetched = fetch(url, limit, &mut sink);
    let Sink { hasher, held, over, .. } = sink;
    if over {
        return Err(DownloadError::TooLarge { url: shown(url), limit });
    }
    let error = match fetched {
        Ok(said) if said == held => None,
        Ok(said) => Some(format!("{held} of {said} bytes came")),
        Err(error) => Some(error.to_string()),
    };
    if let Some(error) = error {
        return Err(DownloadError::Fetch { url: shown(url), error });
    }
    let got = hex(hasher);
    if got != sha256 {
        return Err(DownloadError::Mismatch { url: shown(url), wanted: sha256.to_owned(), got });
    }
    let mut file = partial.persist(path).map_err(|e| cache(path, e.error))?;
    // What is handed out is what lies on the disk, through this handle, not what went by.
    file.seek(SeekFrom::Start(0)).map_err(|e| cache(path, e))?;
    let again = hash(&mut file, limit).map_err(|e| cache(path, e))?;
    if again != sha256 {
        let error = io::Error::new(io::ErrorKind::InvalidData, "the file changed after it was written");
        return Err(cache(path, error));
    }
    file.seek(SeekFrom::Start(0)).map_err(|e| cache(path, e))?;
    Ok(file)
}

/// Writes and hashes, up to a limit.
struct Sink<'a> {
    file: &'a mut File,
    hasher: Sha256,
    held: u64,
    limit: u64,
    over: bool,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.held.saturating_add(bytes.len() as u64) > self.limit {
            self.over = true;
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "more bytes than allowed"));
        }
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.held += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn cache(path: &Path, error: io::Error) -> DownloadError {
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

//! The errors of the index.

use std::fmt;

use crate::io::documents::DocumentError;
use crate::io::downloads::DownloadError;
use crate::review::index_line::Malformed;

/// Why it is not known what the index says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexError {
    /// No crate can have this name, so no request was made.
    NoCrateName,
    /// The index did not answer.
    Document(DocumentError),
    /// The answer is not what an index holds.
    Malformed(Malformed),
    /// The `config.json` cannot be read, and why.
    Config(String),
    /// There is no `config.json`.
    NoConfig,
    /// Archives are for known users only.
    Credentials,
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCrateName => f.write_str("this is not the name of a crate, so the index was not queried"),
            Self::Document(error) => error.fmt(f),
            Self::Malformed(why) => why.fmt(f),
            Self::Config(why) => write!(f, "the index's config.json cannot be read: {why}"),
            Self::NoConfig => f.write_str("the index has no config.json"),
            Self::Credentials => {
                f.write_str("the index hands out archives to known users only, and no credentials are sent")
            }
        }
    }
}

impl std::error::Error for IndexError {}

impl From<DocumentError> for IndexError {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}

/// Why the archive of a crate is not available.
#[derive(Debug)]
pub enum ArchiveError {
    /// No crate can have this name and version.
    NoVersion,
    /// The index does not say where archives are.
    Index(IndexError),
    /// The download failed, or is another file.
    Download(DownloadError),
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVersion => f.write_str("this is not the name and the version of a crate"),
            Self::Index(error) => error.fmt(f),
            Self::Download(DownloadError::Offline { .. }) => {
                f.write_str("the archive is not in the cache and nothing is fetched offline")
            }
            Self::Download(DownloadError::Mismatch { got, .. }) => write!(f, "the archive's sha256 is {got}"),
            Self::Download(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ArchiveError {}

impl From<IndexError> for ArchiveError {
    fn from(error: IndexError) -> Self {
        Self::Index(error)
    }
}

impl From<DownloadError> for ArchiveError {
    fn from(error: DownloadError) -> Self {
        Self::Download(error)
    }
}

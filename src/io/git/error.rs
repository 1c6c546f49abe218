//! The errors of reading an upstream file.

use std::fmt;

use crate::io::http::{HttpError, printable};

/// Why an upstream file could not be read. Cloned, because a failure is remembered for the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitError {
    /// The pin is not one that can be looked up.
    BadPin {
        /// The repository.
        url: String,
        /// The problem with it.
        why: String,
    },
    /// The path is not one of a file in a tree.
    BadPath {
        /// The path.
        path: String,
        /// The problem with it.
        why: &'static str,
    },
    /// The repository may not be read.
    Refused {
        /// The repository.
        url: String,
        /// Which rule it breaks and what to do.
        why: String,
    },
    /// The cache folder or a temporary repository could not be set up.
    Setup {
        /// The system's message.
        why: String,
    },
    /// Not in the cache, and nothing may be fetched.
    Offline {
        /// The repository.
        url: String,
        /// The commit.
        commit: String,
        /// An entry of the cache was there, but is not what its name says.
        damaged: bool,
    },
    /// Branches and tags are not in the cache, and nothing may be fetched.
    OfflineRefs {
        /// The repository.
        url: String,
    },
    /// The server could not be reached, or broke a rule of HTTP that we insist on.
    Http(HttpError),
    /// A limit was reached.
    Limit {
        /// The repository.
        url: String,
        /// Which limit.
        what: String,
    },
    /// The server does not speak git's protocol.
    Protocol {
        /// The repository.
        url: String,
        /// The problem with its answer.
        why: String,
    },
    /// The server answered, but did not hand over an object.
    Fetch {
        /// The repository.
        url: String,
        /// The kind of the object and its id.
        object: String,
        /// The request, and its outcome.
        tried: Vec<String>,
    },
    /// The server knows only version 0 of git's protocol and does not hand over an object by its id.
    OldServer {
        /// The repository.
        url: String,
        /// The kind of the object and its id.
        object: String,
        /// The request, and its outcome.
        tried: Vec<String>,
    },
    /// A repository on this machine does not have the requested object.
    Local {
        /// The repository.
        url: String,
        /// The system's message.
        why: String,
    },
    /// An object of the commit is missing, or is not what git writes.
    Malformed {
        /// The repository.
        url: String,
        /// The commit.
        commit: String,
        /// Which object, and what is wrong with it.
        why: String,
    },
    /// The path leads through a symlink or a submodule, which are not followed.
    Through {
        /// The path that was requested.
        path: String,
        /// The part of it that is the symlink or submodule.
        at: String,
        /// Target of the symlink, or commit of the submodule.
        to: String,
        /// It is a submodule.
        submodule: bool,
    },
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadPin { url, why } => {
                write!(f, "cannot look up a commit of {}: {why}", printable(url))
            }
            Self::BadPath { path, why } => {
                write!(f, "{} is not a path in a repository: {why}", shown(path))
            }
            Self::Refused { url, why } => write!(f, "refused to read {}: {why}", printable(url)),
            Self::Setup { why } => write!(f, "cannot set up reading of git repositories: {why}"),
            Self::Offline { url, commit, damaged } => write_offline(f, url, commit, *damaged),
            Self::OfflineRefs { url } => {
                write!(f, "cannot list the branches and tags of {}; run again without --offline", printable(url))
            }
            Self::Http(error) => error.fmt(f),
            Self::Limit { url, what } => write!(f, "gave up on {}: {what}", printable(url)),
            Self::Protocol { url, why } => {
                write!(f, "{} does not answer as a git repository: {why}; is it the address of one?", printable(url))
            }
            Self::Fetch { url, object, tried } => {
                write!(f, "cannot get {object} of {}; tried {}", printable(url), tried.join("; "))
            }
            Self::OldServer { url, object, tried } => {
                let (url, tried) = (printable(url), tried.join("; "));
                write!(
                    f,
                    "the server of {url} knows only version 0 of git's protocol and does not hand over {object}; tried {tried}; \
                     hand the lock in with --lock ELEMENT=PATH, or name a mirror with --alias"
                )
            }
            Self::Local { url, why } => {
                write!(f, "cannot read the repository {}: {why}", printable(url))
            }
            Self::Malformed { url, commit, why } => {
                write!(f, "commit {commit} of {} is broken: {why}", printable(url))
            }
            Self::Through { path, at, to, submodule } => write_through(f, [path, at, to], *submodule),
        }
    }
}

fn write_offline(f: &mut fmt::Formatter<'_>, url: &str, commit: &str, damaged: bool) -> fmt::Result {
    let state = if damaged { "is damaged in" } else { "is missing from" };
    let url = printable(url);
    write!(f, "commit {commit} of {url} {state} the cache; run again without --offline")
}

fn write_through(f: &mut fmt::Formatter<'_>, texts: [&str; 3], submodule: bool) -> fmt::Result {
    let kind = if submodule { "submodule at commit" } else { "symlink to" };
    let [path, at, to] = texts.map(shown);
    write!(f, "{path} leads through {at}, a {kind} {to}, which is not followed")
}

impl std::error::Error for GitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Http(error) => error.source(),
            _ => None,
        }
    }
}

impl From<HttpError> for GitError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

/// Foreign text in one line of bounded length, without control characters.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}

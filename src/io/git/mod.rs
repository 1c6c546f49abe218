//! Files of upstream git repositories at a pinned commit, every object verified by its hash.
//!
//! ```text
//! entry ─> store (hashed again) ──────────────────────────────> entry
//!            └─ miss ─> one fetch per repository and run ─> store ─┘
//! ```
//! Nothing that is stored or sent is believed: the walk starts at the pinned commit, and each object must have the id that the
//! one before it names.

mod advertisement;
pub(in crate::io) mod bridge;
mod daemon;
mod error;
mod fetch;
mod place;
mod refs;
mod repository;
mod session;
mod setup;
mod store;
mod transport;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use git2::{ObjectType, Oid, Repository};

use crate::io::http::HttpClient;
pub use error::GitError;
use fetch::Brought;
use place::Place;
pub use refs::GitRef;
pub use session::GitProgress;
use session::{Listener, Session, lock};
pub use setup::prepare;
use store::{Found, Store};
use tree::{Stop, segments, walk};

/// A commit of an upstream repository, and what may help to find it there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GitPin {
    /// Where the repository is: an `https` URL, or something that the command line named.
    pub url: String,
    /// The commit: 40 lower-case hex digits.
    pub commit: String,
    /// The tag that the commit had when it was pinned.
    pub tag: Option<String>,
    /// The branch or tag that is tracked; a pattern is ignored.
    pub track: Option<String>,
}

/// What is at a path of a commit's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitEntry {
    /// A file, and its content.
    File(Vec<u8>),
    /// A symlink, and where it leads. It is not followed.
    Symlink(String),
    /// A folder.
    Folder,
    /// A submodule, and its commit.
    Submodule(String),
    /// Nothing.
    Absent,
}

/// What a repository may cost.
#[derive(Debug, Clone)]
pub struct GitLimits {
    /// Bytes that a server may send in one fetch, all attempts together.
    pub fetch_bytes: u64,
    /// Objects in one pack.
    pub pack_objects: usize,
    /// Bytes of one file.
    pub blob_bytes: u64,
    /// Bytes of one folder's list, and of one commit.
    pub tree_bytes: u64,
    /// Bytes of a path, and of a symlink's target.
    pub path_bytes: usize,
    /// Parts of a path.
    pub path_depth: usize,
    /// Duration of one fetch, all attempts together.
    pub fetch_time: Duration,
    /// Branches and tags of one repository.
    pub refs: usize,
}

impl Default for GitLimits {
    fn default() -> Self {
        Self {
            fetch_bytes: 512 << 20,
            pack_objects: 4_000_000,
            blob_bytes: 32 << 20,
            tree_bytes: 16 << 20,
            path_bytes: 4096,
            path_depth: 64,
            fetch_time: Duration::from_secs(300),
            refs: 200_000,
        }
    }
}

impl GitLimits {
    fn object_bytes(&self, kind: ObjectType) -> u64 {
        if kind == ObjectType::Blob { self.blob_bytes } else { self.tree_bytes }
    }
}

/// The upstream repositories of a run. Shared by threads: different repositories are fetched side by side, each of them once.
pub struct GitUpstreams {
    store: Store,
    http: HttpClient,
    limits: GitLimits,
    offline: bool,
    listener: Mutex<Option<Listener>>,
    upstreams: Mutex<HashMap<String, Arc<Upstream>>>,
}

/// What this run knows of one repository.
#[derive(Default)]
struct Upstream {
    announced: Mutex<Vec<Oid>>,
    /// Its branches and tags, or why they are not known; held while the server is asked.
    listed: Mutex<Option<Result<Vec<GitRef>, GitError>>>,
    /// Held while the repository is fetched, so that whoever else wants it waits for that.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The repository itself, when it is on this machine.
    local: Option<Repository>,
    brought: Vec<Brought>,
    /// The announced commits were asked for.
    asked_for_all: bool,
    /// Commits that the server does not hand over, and why.
    failed: HashMap<Oid, GitError>,
    /// Why the repository is not asked again in this run.
    broken: Option<GitError>,
}

impl GitUpstreams {
    /// Readers of repositories with a store of objects below `cache`, which may be empty, old or damaged; without one, nothing
    /// is kept. With `offline`, nothing is fetched.
    ///
    /// # Errors
    /// [`GitError::Setup`].
    #[allow(clippy::needless_pass_by_value)] // The caller has no use for the path after it handed the folder over.
    pub fn new(cache: Option<PathBuf>, http: HttpClient, limits: GitLimits, offline: bool) -> Result<Self, GitError> {
        prepare()?;
        let store = Store::open(cache.as_deref())?;
        Ok(Self { store, http, limits, offline, listener: Mutex::default(), upstreams: Mutex::default() })
    }

    /// Says which commits will be asked for, so that the first fetch of a repository brings all of its commits. Pins that are
    /// not valid are left out here; [`GitUpstreams::entry`] reports them.
    pub fn announce(&self, pins: &[GitPin]) {
        for pin in pins {
            let Ok(commit) = commit_of(pin) else { continue };
            let upstream = self.upstream(&pin.url);
            let mut announced = lock(&upstream.announced);
            if !announced.contains(&commit) {
                announced.push(commit);
            }
        }
    }

    /// Calls `listener` now and then while something is fetched, from the thread that fetches.
    pub fn on_progress(&self, listener: impl Fn(&GitProgress) + Send + Sync + 'static) {
        *lock(&self.listener) = Some(Arc::new(listener));
    }

    /// What is at `path` (parts separated by `/`, empty for the root) in the tree of the pinned commit.
    ///
    /// Taken from the store when everything that is needed is there, else from one fetch per repository and run. A failed
    /// fetch is not repeated in this run.
    ///
    /// # Errors
    /// Any [`GitError`]. [`GitError::Through`] when a symlink or submodule is on the way to the path.
    pub fn entry(&self, pin: &GitPin, path: &str) -> Result<GitEntry, GitError> {
        let commit = commit_of(pin)?;
        let path = segments(path, &self.limits)?;
        let place = Place::of(&pin.url, self.http.trust())?;
        if let Place::Local(folder) = &place {
            let upstream = self.upstream(&pin.url);
            let mut state = lock(&upstream.state);
            let local = match state.local.take() {
                Some(local) => local,
                None => repository::open(&pin.url, folder)?,
            };
            let local = state.local.insert(local);
            let objects = |kind, id| repository::object(&pin.url, local, (kind, id), &self.limits);
            return walk(commit, &path, &self.limits, objects).map_err(|stop| local_error(pin, stop));
        }
        let mut damaged = false;
        let stored = walk(commit, &path, &self.limits, |kind, id| {
            Ok(match self.store.read(kind, id, self.limits.object_bytes(kind)) {
                Found::Whole(content) => Some(content),
                Found::Missing => None,
                Found::Damaged => {
                    damaged = true;
                    None
                }
            })
        });
        match stored {
            Err(Stop::Missing(_)) if self.offline => {
                Err(GitError::Offline { url: pin.url.clone(), commit: pin.commit.clone(), damaged })
            }
            Err(Stop::Missing(_)) => self.fetched_entry(pin, commit, &path, place),
            other => other.map_err(|stop| broken_commit(pin, stop)),
        }
    }

    /// The entry from the server, by way of the store.
    fn fetched_entry(&self, pin: &GitPin, commit: Oid, path: &[&str], place: Place) -> Result<GitEntry, GitError> {
        let upstream = self.upstream(&pin.url);
        let mut state = lock(&upstream.state);
        if !state.brought.iter().any(|brought| brought.has(commit)) {
            self.fetch(&upstream, &mut state, pin, commit, place)?;
        }
        let found = walk(commit, path, &self.limits, |kind, id| {
            if let Found::Whole(content) = self.store.read(kind, id, self.limits.object_bytes(kind)) {
                return Ok(Some(content));
            }
            for brought in &state.brought {
                let object = repository::object(&pin.url, &brought.repository, (kind, id), &self.limits)?;
                if let Some(content) = object {
                    self.store.write(id, &content);
                    return Ok(Some(content));
                }
            }
            Ok(None)
        });
        found.map_err(|stop| broken_commit(pin, stop))
    }

    /// Brings `commit` into `state`, or remembers why that cannot be.
    fn fetch(
        &self,
        upstream: &Upstream,
        state: &mut State,
        pin: &GitPin,
        commit: Oid,
        place: Place,
    ) -> Result<(), GitError> {
        if let Some(known) = state.broken.as_ref().or_else(|| state.failed.get(&commit)) {
            return Err(known.clone());
        }
        let mut others = Vec::new();
        if !std::mem::replace(&mut state.asked_for_all, true) {
            others.extend(lock(&upstream.announced).iter().filter(|id| **id != commit && !self.store.mentions(**id)));
        }
        let listener = lock(&self.listener).clone();
        let session = Session::new(&pin.url, place, self.http.clone(), self.limits.clone(), listener);
        match fetch::bring(&Arc::new(session), pin, commit, &others) {
            Ok(brought) => state.brought.extend(brought),
            Err(error @ GitError::Fetch { .. }) => {
                state.failed.insert(commit, error.clone());
                return Err(error);
            }
            Err(error) => {
                state.broken = Some(error.clone());
                return Err(error);
            }
        }
        Ok(())
    }

    fn upstream(&self, url: &str) -> Arc<Upstream> {
        Arc::clone(lock(&self.upstreams).entry(url.to_owned()).or_default())
    }
}

fn commit_of(pin: &GitPin) -> Result<Oid, GitError> {
    let hex = pin.commit.len() == 40 && pin.commit.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let oid = if hex { Oid::from_str(&pin.commit).ok().filter(|oid| !oid.is_zero()) } else { None };
    oid.ok_or_else(|| GitError::BadPin {
        url: pin.url.clone(),
        why: format!("{:?} is not a commit id of 40 lower-case hex digits", error::shown(&pin.commit)),
    })
}

fn broken_commit(pin: &GitPin, stop: Stop) -> GitError {
    let why = match stop {
        Stop::Error(error) => return error,
        Stop::Missing(id) => format!("the server left out object {id}"),
        Stop::Malformed(why) => why,
    };
    GitError::Malformed { url: pin.url.clone(), commit: pin.commit.clone(), why }
}

fn local_error(pin: &GitPin, stop: Stop) -> GitError {
    match stop {
        Stop::Missing(id) => GitError::Local {
            url: pin.url.clone(),
            why: format!("object {id}, which commit {} needs, is not in it", pin.commit),
        },
        other => broken_commit(pin, other),
    }
}

//! Files of upstream git repositories at a pinned commit, every object verified by its hash.
//!
//! ```text
//! entry ─> store (hashed again) ─────────────────────────────────────────────────> entry
//!            └─ miss ─> request the commits, folders and files that are missing ─> store ─┘
//! ```
//! Nothing that is stored or sent is believed: the walk starts at the pinned commit, and each object must have the id that the
//! one before it names.
//!
//! A server is queried in version 2 of git's protocol, over one connection: what it can do; all commits with their root
//! folders; then all folders of one level, or all files, with one request each. Where it filters nothing, whole commits
//! come. A server that knows version 0 only is queried the same way as far as it takes that.

mod commits;
mod error;
mod fetch;
mod hosts;
mod locked;
mod named;
mod packs;
mod pins;
mod place;
pub mod protocol;
mod refs;
mod relation;
mod repository;
mod scan;
mod server;
mod session;
mod store;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use git2::{ObjectType, Oid};

use crate::io;
use crate::io::http::HttpClient;
pub(crate) use commits::HistoryPart;
pub use error::GitError;
use fetch::{State, Target};
use hosts::Hosts;
use locked::lock;
use packs::Packs;
pub(crate) use packs::index_pack;
pub(crate) use pins::{NotProven, pin_moves};
use place::Place;
pub use refs::GitRef;
pub(crate) use relation::NoHistory;
pub(in crate::io) use repository::open_whoever_owns_it;
pub use session::GitProgress;
use session::{Listener, Session};
use store::{Found, Store};
use tree::{Stop, segments, walk};

/// A commit of an upstream repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GitPin {
    /// Where the repository is: an `https` URL, or something that the command line named.
    pub url: String,
    /// The commit: 40 lower-case hex digits.
    pub commit: String,
}

/// The entry at a path of a commit's tree.
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

/// The bounds of what a repository may cost.
#[derive(Debug, Clone)]
pub struct GitLimits {
    /// Bytes that a server may send in one fetch, all attempts together.
    pub fetch_bytes: u64,
    /// Objects that a server may send in one fetch, all attempts together.
    pub pack_objects: usize,
    /// Bytes that a delta of a pack, its base and its result may have: the indexer holds them in memory.
    pub delta_bytes: u64,
    /// Bytes that the objects of one pack may unpack to.
    pub unpacked_bytes: u64,
    /// Bytes of a list of branches and tags, or of a greeting.
    pub refs_bytes: u64,
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
            pack_objects: 2_000_000,
            delta_bytes: 64 << 20,
            unpacked_bytes: 16 << 30,
            refs_bytes: 32 << 20,
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

/// The upstream repositories of a run. Clones share them. Different repositories are fetched side by side; requests for
/// one repository wait for those before.
#[derive(Clone)]
pub struct GitUpstreams {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    http: HttpClient,
    limits: GitLimits,
    offline: bool,
    hosts: Hosts,
    listener: Mutex<Option<Listener>>,
    upstreams: Mutex<HashMap<String, Arc<Upstream>>>,
}

/// One repository.
#[derive(Default)]
struct Upstream {
    /// Files that will be requested.
    announced: Mutex<Vec<Target>>,
    /// Everything that this run knows of it. Held while its server is queried, so that whoever else wants it waits for
    /// that.
    state: tokio::sync::Mutex<State>,
}

impl GitUpstreams {
    /// Readers of repositories with a store of objects below `cache`, which may be empty, old or damaged; without one, nothing
    /// is kept. With `offline`, nothing is fetched.
    #[must_use]
    #[allow(clippy::needless_pass_by_value)] // The caller has no use for the path after it handed the folder over.
    pub fn new(cache: Option<PathBuf>, http: HttpClient, limits: GitLimits, offline: bool) -> Self {
        let store = Store::open(cache.as_deref());
        let (hosts, listener, upstreams) = Default::default();
        Self { shared: Arc::new(Shared { store, http, limits, offline, hosts, listener, upstreams }) }
    }

    /// Takes note of files that will be requested, by their paths in pinned commits: the first fetch of a repository
    /// brings all of them in as few requests as possible. Pins and paths that are not valid are left out here;
    /// [`GitUpstreams::entry`] reports them.
    pub fn announce(&self, files: &[(GitPin, Vec<String>)]) {
        for (pin, paths) in files {
            let Ok(commit) = commit_of(pin) else { continue };
            let upstream = self.shared.upstream(&pin.url);
            let mut announced = lock(&upstream.announced);
            for path in paths {
                let Ok(path) = segments(path, &self.shared.limits) else { continue };
                let target = Target { commit, path };
                if !announced.contains(&target) {
                    announced.push(target);
                }
            }
        }
    }

    /// Calls `listener` now and then while something is fetched.
    pub fn on_progress(&self, listener: impl Fn(&GitProgress) + Send + Sync + 'static) {
        *lock(&self.shared.listener) = Some(Arc::new(listener));
    }

    /// Reads the entry at `path` (parts separated by `/`, empty for the root) in the tree of the pinned commit.
    ///
    /// It comes from the store when everything that is needed is there, else from the server. A failed fetch is not repeated
    /// in this run.
    ///
    /// # Errors
    /// Any [`GitError`]. [`GitError::Through`] when a symlink or submodule is on the way to the path.
    pub async fn entry(&self, pin: &GitPin, path: &str) -> Result<GitEntry, GitError> {
        let shared = &self.shared;
        let target = Target { commit: commit_of(pin)?, path: segments(path, &shared.limits)? };
        let url = pin.url.clone();
        if let Place::Local(folder) = Place::of(&url, shared.http.trust())? {
            let limits = shared.limits.clone();
            return blocking(move || {
                let local = repository::open(&url, &folder)?;
                let objects = |kind, id| repository::object(&url, &local, (kind, id), &limits);
                let found = walk(target.commit, &target.path, &limits, objects);
                found.map_err(|stop| local_error(&url, target.commit, stop))
            })
            .await?;
        }
        let (stored, damaged) = {
            let (shared, target) = (Arc::clone(shared), target.clone());
            blocking(move || shared.stored(&target)).await?
        };
        match stored {
            Err(Stop::Missing(_)) if shared.offline => {
                Err(GitError::Offline { url, commit: pin.commit.clone(), damaged })
            }
            Err(Stop::Missing(_)) => {
                let upstream = shared.upstream(&url);
                let mut state = upstream.state.lock().await;
                shared.fetch(&url, &upstream, &mut state, target).await
            }
            other => other.map_err(|stop| broken_commit(&url, target.commit, stop)),
        }
    }
}

impl Shared {
    /// The entry of a target by the store alone, and whether something in the store was damaged.
    fn stored(&self, target: &Target) -> (Result<GitEntry, Stop>, bool) {
        let mut damaged = false;
        let found = walk(target.commit, &target.path, &self.limits, |kind, id| {
            Ok(match self.store.read(kind, id, self.limits.object_bytes(kind)) {
                Found::Whole(content) => Some(content),
                Found::Missing => None,
                Found::Damaged => {
                    damaged = true;
                    None
                }
            })
        });
        (found, damaged)
    }

    /// The entries of targets by the store and by what came from the server. What came is stored as soon as it is verified.
    fn look_up(
        &self,
        url: &str,
        packs: Option<&Packs>,
        targets: &[Target],
    ) -> Result<Vec<Result<GitEntry, Stop>>, GitError> {
        let packs = packs.map(Packs::open).transpose()?;
        let object = |kind, id| {
            if let Found::Whole(content) = self.store.read(kind, id, self.limits.object_bytes(kind)) {
                return Ok(Some(content));
            }
            let Some(packs) = &packs else { return Ok(None) };
            let found = repository::object(url, packs, (kind, id), &self.limits)?;
            if let Some(content) = &found {
                self.store.write(id, content);
            }
            Ok(found)
        };
        Ok(targets.iter().map(|target| walk(target.commit, &target.path, &self.limits, object)).collect())
    }

    /// A fetch of a repository that begins now.
    fn session(&self, url: &str) -> Arc<Session> {
        self.session_within(url, self.limits.clone())
    }

    fn session_within(&self, url: &str, limits: GitLimits) -> Arc<Session> {
        let listener = lock(&self.listener).clone();
        Arc::new(Session::new(url, self.http.clone(), limits, self.hosts.of(url), listener))
    }

    fn upstream(&self, url: &str) -> Arc<Upstream> {
        Arc::clone(lock(&self.upstreams).entry(url.to_owned()).or_default())
    }
}

/// Runs work that blocks on a thread of its own.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, GitError> {
    io::blocking::run(work).await.map_err(|error| GitError::Setup { why: error.to_string() })
}

fn commit_of(pin: &GitPin) -> Result<Oid, GitError> {
    commit_id(&pin.url, &pin.commit)
}

/// Reads the id of a commit of the repository at `url`.
///
/// # Errors
/// [`GitError::BadPin`] for everything but 40 lower-case hex digits.
pub(in crate::io) fn commit_id(url: &str, commit: &str) -> Result<Oid, GitError> {
    let hex = commit.len() == 40 && commit.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let oid = if hex { Oid::from_str(commit).ok().filter(|oid| !oid.is_zero()) } else { None };
    oid.ok_or_else(|| GitError::BadPin {
        url: url.to_owned(),
        why: format!("{:?} is not a commit id of 40 lower-case hex digits", error::shown(commit)),
    })
}

fn broken_commit(url: &str, commit: Oid, stop: Stop) -> GitError {
    let why = match stop {
        Stop::Error(error) => return error,
        Stop::Missing(need) => format!("the server left out object {}", need.id),
        Stop::Malformed(why) => why,
    };
    GitError::Malformed { url: url.to_owned(), commit: commit.to_string(), why }
}

fn local_error(url: &str, commit: Oid, stop: Stop) -> GitError {
    match stop {
        Stop::Missing(need) => GitError::Local {
            url: url.to_owned(),
            why: format!("object {}, which commit {commit} needs, is not in it", need.id),
        },
        other => broken_commit(url, commit, other),
    }
}

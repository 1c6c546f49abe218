//! A GitHub for tests: one repository with state, served on the loopback address, over REST and GraphQL.
//!
//! ```text
//! http ─> faults, hooks ─> token ─> rest | graphql ─> state (git objects, pulls, checks, …) ─> bodies ─> record
//! ```
//!
//! Included with `mod fake_github;` by the tests that use it. [`Fake`] starts and stops the server; everything else is
//! on [`Handle`], which hooks get too: `build.rs`, `people.rs` and `settings.rs` make state, `read.rs` reads it back, `faults.rs` disturbs.
//!
//! ```text
//! let fake = Fake::new();
//! fake.commit("bump", &[("elements/a.bst", Some(text))], "tracker[bot]");
//! let number = fake.open_pull("bump", "main", "tracker[bot]", "Bump a");
//! // … a run with fake.api_url(), fake.graphql_url() and the token `workflow` …
//! assert_eq!(fake.comments(number).len(), 1);
//! fake.clear_log();
//! // … a second run …
//! assert_eq!(fake.writes(), []);
//! ```
//!
//! With `CARGO2_BOT_EXCHANGES` in the environment all exchanges are appended to that file (`record.rs`).
//! Tokens that are always there: `workflow` (the workflow's own), `app` (the app `cargo2`), `pat` (the user `owner`).
#![allow(dead_code, unreachable_pub, missing_docs, unused_imports, reason = "each test uses its part")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test's own server")]

mod bodies;
mod build;
mod faults;
mod git;
mod graphql;
mod http;
mod known;
mod merging;
mod people;
mod pulls;
mod read;
mod record;
mod rest;
mod rules;
mod serve;
mod service;
mod settings;
mod state;
mod things;
mod token;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

pub use faults::{Fault, Seen};
pub use people::{File, Pushed};
pub use rules::Grouping;
pub use serve::Logged;
pub use service::{BoxError, Service};
pub(crate) use state::State;
pub use state::{Activity, CheckRun, Comment, Entries, Pull, Queued, Review, Status, View};
pub use token::{Access, Token};

/// The running server. Ends when it is dropped.
pub struct Fake {
    handle: Handle,
    listener: Option<JoinHandle<()>>,
    folder: tempfile::TempDir,
}

/// The repository behind the server; can be cloned into hooks and threads.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    address: SocketAddr,
    stop: AtomicBool,
    state: Mutex<state::State>,
    disturb: Mutex<faults::Disturb>,
    log: Mutex<Vec<Logged>>,
    exchanges: Mutex<Option<PathBuf>>,
}

impl Fake {
    /// A repository `owner/name` with the branch `main`, which holds one commit with a `README.md` by `owner`.
    pub fn new() -> Self {
        Self::named("owner", "name")
    }

    /// The same, for tests that reach it through its API alone: nothing of its git repository is on disk.
    pub fn in_memory() -> Self {
        Self::made("owner", "name", true)
    }

    pub fn named(owner: &str, name: &str) -> Self {
        Self::made(owner, name, false)
    }

    fn made(owner: &str, name: &str, in_memory: bool) -> Self {
        // In memory where that is possible: nothing of it has to last.
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let shared = Shared {
            address: listener.local_addr().unwrap(),
            stop: AtomicBool::new(false),
            state: Mutex::new(state::State::new(&folder.path().join("repo.git"), in_memory, owner, name)),
            disturb: Mutex::new(faults::Disturb::default()),
            log: Mutex::new(Vec::new()),
            exchanges: Mutex::new(std::env::var_os("CARGO2_BOT_EXCHANGES").map(PathBuf::from)),
        };
        let handle = Handle { shared: Arc::new(shared) };
        handle.permission(owner, "admin");
        handle.commit("main", &[("README.md", Some("# A project\n"))], owner);
        let server = handle.clone();
        let listener = std::thread::spawn(move || server.listen(&listener));
        Self { handle, listener: Some(listener), folder }
    }

    /// The bare git repository on disk: tests clone it to get a checkout. Branches are under `refs/heads/`, the heads of
    /// pull requests under `refs/pull/N/head`.
    pub fn git_dir(&self) -> PathBuf {
        self.folder.path().join("repo.git")
    }
}

impl Default for Fake {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Fake {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the listener.
        drop(TcpStream::connect(self.shared.address));
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

impl Handle {
    /// What `GITHUB_API_URL` would be on github.com: the root of the server.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// What `GITHUB_GRAPHQL_URL` would be on github.com.
    pub fn graphql_url(&self) -> String {
        format!("{}/graphql", self.api_url())
    }

    /// What `GITHUB_API_URL` would be on an Enterprise server.
    pub fn enterprise_api_url(&self) -> String {
        format!("{}/api/v3", self.api_url())
    }

    /// What `GITHUB_GRAPHQL_URL` would be on an Enterprise server.
    pub fn enterprise_graphql_url(&self) -> String {
        format!("{}/api/graphql", self.api_url())
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, state::State> {
        // A panic in a hook must not hide behind a poisoned lock.
        self.shared.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

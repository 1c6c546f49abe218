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
    /// None: it is reached without a socket, and nothing of it is on disk.
    served: Option<Served>,
}

struct Served {
    listener: JoinHandle<()>,
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

    /// The same, for tests that reach it by [`Handle::exchange`] alone: no socket, no thread, and its git repository in memory.
    pub fn in_memory() -> Self {
        // The port that is nobody's: an address is a part of many answers.
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        Self { handle: Handle::made(address, state::State::new(None, "owner", "name")), served: None }
    }

    pub fn named(owner: &str, name: &str) -> Self {
        // In memory where that is possible: nothing of it has to last.
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let state = state::State::new(Some(&folder.path().join("repo.git")), owner, name);
        let handle = Handle::made(listener.local_addr().unwrap(), state);
        let server = handle.clone();
        let listener = std::thread::spawn(move || server.listen(&listener));
        Self { handle, served: Some(Served { listener, folder }) }
    }

    /// The bare git repository on disk: tests clone it to get a checkout. Branches are under `refs/heads/`, the heads of
    /// pull requests under `refs/pull/N/head`.
    pub fn git_dir(&self) -> PathBuf {
        self.served.as_ref().expect("it is in memory").folder.path().join("repo.git")
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
        if let Some(served) = self.served.take() {
            // Wakes the listener.
            drop(TcpStream::connect(self.shared.address));
            let _ = served.listener.join();
        }
    }
}

impl Handle {
    fn made(address: SocketAddr, state: State) -> Self {
        let owner = state.owner.clone();
        let shared = Shared {
            address,
            stop: AtomicBool::new(false),
            state: Mutex::new(state),
            disturb: Mutex::new(faults::Disturb::default()),
            log: Mutex::new(Vec::new()),
            exchanges: Mutex::new(std::env::var_os("CARGO2_BOT_EXCHANGES").map(PathBuf::from)),
        };
        let handle = Self { shared: Arc::new(shared) };
        handle.permission(&owner, "admin");
        handle.commit("main", &[("README.md", Some("# A project\n"))], &owner);
        handle
    }

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

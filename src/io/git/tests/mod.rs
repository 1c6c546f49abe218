//! Whole reads against git's own server on the loopback address.

#[path = "../../../../tests/support/git_http.rs"]
mod git_http;
mod hostile;
mod pins;
mod refs;
mod relations;
mod requests;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use git_http::{Fault, Fixture, GitServer, Item, pkt, side_band};
use tempfile::TempDir;

use super::*;
use crate::io::http::{HttpError, HttpSettings, Trust};

/// A repository with two commits on `main`, the second tagged `v1`, and its server, which filters.
struct ServedRepository {
    fixture: Fixture,
    server: GitServer,
    cache: TempDir,
    first: String,
    second: String,
}

impl ServedRepository {
    fn new() -> Self {
        let fixture = Fixture::new();
        fixture.configure("uploadpack.allowFilter", "true");
        let first = fixture.commit("main", &[("Cargo.lock", Item::File(b"first")), ("a/b/c", Item::File(b"deep"))]);
        let second = fixture.commit(
            "main",
            &[
                ("Cargo.lock", Item::File(b"second")),
                ("link", Item::Link("a/b")),
                ("sub", Item::Submodule(&"1".repeat(40))),
            ],
        );
        fixture.tag("v1", &second);
        let server = GitServer::start(&fixture.path());
        Self { fixture, server, cache: TempDir::new().unwrap(), first, second }
    }

    fn pin(&self, commit: &str) -> GitPin {
        GitPin { url: self.server.url(), commit: commit.to_owned() }
    }

    fn upstreams(&self) -> GitUpstreams {
        upstreams(Some(self.cache.path()), &[&self.server.root()], GitLimits::default(), false)
    }

    fn offline(&self) -> GitUpstreams {
        upstreams(Some(self.cache.path()), &[&self.server.root()], GitLimits::default(), true)
    }

    fn limited(&self, limits: GitLimits) -> GitUpstreams {
        upstreams(None, &[&self.server.root()], limits, false)
    }

    async fn read(&self, commit: &str, path: &str) -> Result<GitEntry, GitError> {
        self.upstreams().entry(&self.pin(commit), path).await
    }

    /// Returns where the store keeps the object.
    fn stored(&self, id: &str) -> PathBuf {
        self.cache.path().join("objects").join(&id[..2]).join(&id[2..])
    }
}

fn upstreams(cache: Option<&Path>, trusted: &[&str], limits: GitLimits, offline: bool) -> GitUpstreams {
    let prefixes = trusted.iter().map(|prefix| (*prefix).to_owned()).collect();
    let http = HttpClient::new(HttpSettings {
        trust: Trust { prefixes, hosts: Vec::new() },
        read_timeout: Duration::from_millis(1500),
        backoff: Duration::from_millis(1),
        ..HttpSettings::default()
    });
    GitUpstreams::new(cache.map(Path::to_owned), http.unwrap(), limits, offline)
}

fn file(content: &str) -> Result<GitEntry, GitError> {
    Ok(GitEntry::File(content.as_bytes().to_vec()))
}

#[tokio::test]
async fn a_second_read_needs_no_server() {
    let served = ServedRepository::new();
    assert_eq!(served.read(&served.first, "Cargo.lock").await, file("first"));
    let before = served.server.requests();
    assert_eq!(served.read(&served.first, "Cargo.lock").await, file("first"));
    assert_eq!(served.offline().entry(&served.pin(&served.first), "Cargo.lock").await, file("first"));
    assert_eq!(served.server.requests(), before);
}

#[tokio::test]
async fn all_kinds_of_entries_are_distinguished() {
    let served = ServedRepository::new();
    let upstreams = served.upstreams();
    let entry = |path: &'static str| {
        let (upstreams, pin) = (upstreams.clone(), served.pin(&served.second));
        async move { upstreams.entry(&pin, path).await }
    };
    assert_eq!(entry("").await, Ok(GitEntry::Folder));
    assert_eq!(entry("a").await, Ok(GitEntry::Folder));
    assert_eq!(entry("a/b/c").await, file("deep"));
    assert_eq!(entry("link").await, Ok(GitEntry::Symlink("a/b".to_owned())));
    assert_eq!(entry("sub").await, Ok(GitEntry::Submodule("1".repeat(40))));
    let before = served.server.requests();
    assert_eq!(entry("absent").await, Ok(GitEntry::Absent));
    assert_eq!(entry("a/absent").await, Ok(GitEntry::Absent));
    assert!(matches!(entry("link/c").await, Err(GitError::Through { submodule: false, .. })));
    assert!(matches!(entry("sub/x/y").await, Err(GitError::Through { submodule: true, .. })));
    assert!(matches!(entry("../x").await, Err(GitError::BadPath { .. })));
    assert_eq!(served.server.requests(), before, "everything on the way is known");
    assert_eq!(entry("Cargo.lock/x").await, Ok(GitEntry::Absent));
}

#[tokio::test]
async fn a_damaged_store_is_never_believed_and_is_repaired() {
    let served = ServedRepository::new();
    assert_eq!(served.read(&served.first, "a/b/c").await, file("deep"));
    let objects = served.fixture.objects(&served.first, "a/b/c");
    assert_eq!(objects.len(), 5);
    let other = served.stored(&objects[4]);
    for (number, id) in objects.iter().enumerate() {
        let path = served.stored(id);
        let whole = std::fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        let swapped = std::fs::read(if number == 4 { served.stored(&objects[0]) } else { other.clone() }).unwrap();
        for damage in [whole[..whole.len() - 1].to_vec(), Vec::new(), flipped, swapped] {
            std::fs::File::create(&path).and_then(|mut file| std::io::Write::write_all(&mut file, &damage)).unwrap();
            let error = served.offline().entry(&served.pin(&served.first), "a/b/c").await.unwrap_err();
            assert!(matches!(error, GitError::Offline { damaged: true, .. }), "{error}");
            let packs = served.server.packs();
            assert_eq!(served.read(&served.first, "a/b/c").await, file("deep"));
            assert_eq!(served.server.packs(), packs + 1, "only what is damaged is requested");
            assert_eq!(std::fs::read(&path).unwrap(), whole, "the store was not repaired");
        }
    }
}

#[tokio::test]
async fn offline_says_which_commit_is_missing() {
    let served = ServedRepository::new();
    let error = served.offline().entry(&served.pin(&served.first), "Cargo.lock").await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&served.first) && text.contains(&served.server.url()) && text.contains("missing"), "{text}");
    assert_eq!(served.server.requests(), 0);
}

#[tokio::test]
async fn tasks_that_ask_at_once_share_one_fetch() {
    let served = ServedRepository::new();
    let mut tasks = tokio::task::JoinSet::new();
    let upstreams = served.upstreams();
    for _ in 0..4 {
        let (upstreams, pin) = (upstreams.clone(), served.pin(&served.first));
        tasks.spawn(async move { upstreams.entry(&pin, "Cargo.lock").await });
    }
    while let Some(read) = tasks.join_next().await {
        assert_eq!(read.unwrap(), file("first"));
    }
    assert_eq!((served.server.listings(), served.server.packs()), (1, 2));
}

#[tokio::test]
async fn a_passing_fault_of_the_server_is_outlasted() {
    let served = ServedRepository::new();
    served.server.fault(Fault::Status(502, 2));
    assert_eq!(served.read(&served.first, "Cargo.lock").await, file("first"));
}

#[tokio::test]
async fn no_credentials_are_sent() {
    let served = ServedRepository::new();
    assert_eq!(served.read(&served.first, "Cargo.lock").await, file("first"));
    let headers = served.server.headers();
    assert!(
        !headers.is_empty()
            && !headers.iter().any(|line| line.starts_with("authorization") || line.starts_with("cookie"))
    );
}

#[tokio::test]
async fn a_repository_on_this_machine_is_read_when_trusted() {
    let served = ServedRepository::new();
    let root = served.fixture.folder.path().to_str().unwrap();
    let path = served.fixture.path().to_str().unwrap().to_owned();
    for (prefix, url) in [(root.to_owned(), path.clone()), (format!("file://{root}"), format!("file://{path}"))] {
        let pin = GitPin { url, ..served.pin(&served.first) };
        let offline = upstreams(None, &[&prefix], GitLimits::default(), true);
        assert_eq!(offline.entry(&pin, "Cargo.lock").await, file("first"));
        assert_eq!(offline.entry(&pin, "a/b/c").await, file("deep"));
        let unknown = GitPin { commit: "ab".repeat(20), ..pin.clone() };
        assert!(matches!(offline.entry(&unknown, "Cargo.lock").await, Err(GitError::Local { .. })));
        let none = upstreams(None, &[], GitLimits::default(), false);
        assert!(matches!(none.entry(&pin, "Cargo.lock").await, Err(GitError::Refused { .. })));
    }
}

#[tokio::test]
async fn only_whole_lower_case_commit_ids_are_looked_up() {
    let served = ServedRepository::new();
    for commit in
        ["", "main", &served.first[..39], &served.first.to_uppercase(), &"0".repeat(40), &format!("{}0", served.first)]
    {
        let error = served.read(commit, "Cargo.lock").await.unwrap_err();
        assert!(matches!(error, GitError::BadPin { .. }), "{commit:?}: {error}");
    }
}

#[tokio::test]
async fn progress_ends_with_all_objects() {
    let served = ServedRepository::new();
    let upstreams = served.upstreams();
    let last = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&last);
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    upstreams.on_progress(move |progress| {
        counter.fetch_add(1, Ordering::SeqCst);
        *lock(&seen) = Some(progress.clone());
    });
    assert_eq!(upstreams.entry(&served.pin(&served.first), "Cargo.lock").await, file("first"));
    let last = lock(&last).clone().unwrap();
    assert!(last.received_bytes > 0 && last.objects_total == 3 && last.objects_done == 3, "{last:?}");
    assert!(calls.load(Ordering::SeqCst) < 20, "progress is not throttled");
}

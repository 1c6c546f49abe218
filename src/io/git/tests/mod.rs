//! Whole reads against servers on the loopback address.

#[path = "../../../../tests/support/git_http.rs"]
mod git_http;
mod hostile;
mod refs;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use git_http::{Fault, Fixture, GitServer, Item};
use tempfile::TempDir;

use super::*;
use crate::io::http::{HttpError, HttpSettings, Trust};

/// A repository with two commits on `main`, the second tagged `v1`, and its server.
struct World {
    fixture: Fixture,
    server: GitServer,
    cache: TempDir,
    first: String,
    second: String,
}

impl World {
    fn new() -> Self {
        prepare().unwrap();
        let fixture = Fixture::new();
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
        GitPin { url: self.server.url(), commit: commit.to_owned(), tag: None, track: None }
    }

    fn upstreams(&self) -> GitUpstreams {
        upstreams(Some(self.cache.path()), &[&self.server.root()], GitLimits::default(), false)
    }

    fn offline(&self) -> GitUpstreams {
        upstreams(Some(self.cache.path()), &[&self.server.root()], GitLimits::default(), true)
    }

    fn read(&self, commit: &str, path: &str) -> Result<GitEntry, GitError> {
        self.upstreams().entry(&self.pin(commit), path)
    }

    /// Where the store keeps the object.
    fn stored(&self, id: &str) -> PathBuf {
        self.cache.path().join("objects").join(&id[..2]).join(&id[2..])
    }
}

fn upstreams(cache: Option<&Path>, trusted: &[&str], limits: GitLimits, offline: bool) -> GitUpstreams {
    let prefixes = trusted.iter().map(|prefix| (*prefix).to_owned()).collect();
    let http = HttpClient::new(HttpSettings {
        trust: Trust { prefixes, hosts: Vec::new() },
        read_timeout: Duration::from_millis(400),
        backoff: Duration::from_millis(1),
        ..HttpSettings::default()
    });
    GitUpstreams::new(cache.map(Path::to_owned), http.unwrap(), limits, offline).unwrap()
}

fn file(content: &str) -> Result<GitEntry, GitError> {
    Ok(GitEntry::File(content.as_bytes().to_vec()))
}

#[test]
fn a_commit_is_fetched_by_its_id() {
    let world = World::new();
    assert_eq!(world.read(&world.first, "Cargo.lock"), file("first"));
    assert_eq!((world.server.listings(), world.server.packs()), (1, 1));
}

#[test]
fn only_the_commit_itself_is_transferred() {
    let world = World::new();
    let upstreams = world.upstreams();
    assert_eq!(upstreams.entry(&world.pin(&world.second), "Cargo.lock"), file("second"));
    let upstream = upstreams.upstream(&world.server.url());
    let state = lock(&upstream.state);
    let odb = state.brought[0].repository.odb().unwrap();
    assert!(odb.exists(Oid::from_str(&world.second).unwrap()));
    assert!(!odb.exists(Oid::from_str(&world.first).unwrap()), "the parent came along");
}

#[test]
fn two_announced_commits_are_one_fetch() {
    let world = World::new();
    let upstreams = world.upstreams();
    upstreams.announce(&[world.pin(&world.first), world.pin(&world.second)]);
    assert_eq!(upstreams.entry(&world.pin(&world.first), "Cargo.lock"), file("first"));
    assert_eq!(upstreams.entry(&world.pin(&world.second), "Cargo.lock"), file("second"));
    assert_eq!((world.server.listings(), world.server.packs()), (1, 1));
}

#[test]
fn a_bad_announced_commit_does_not_spoil_the_others() {
    let world = World::new();
    let gone = world.pin(&"ab".repeat(20));
    let upstreams = world.upstreams();
    upstreams.announce(&[gone.clone(), world.pin(&world.first)]);
    assert_eq!(upstreams.entry(&world.pin(&world.first), "Cargo.lock"), file("first"));
    let error = upstreams.entry(&gone, "Cargo.lock").unwrap_err();
    assert!(matches!(&error, GitError::Fetch { .. }), "{error}");
    assert!(error.to_string().contains("not our ref"), "{error}");
    let asked = world.server.requests();
    assert_eq!(upstreams.entry(&gone, "Cargo.lock"), Err(error));
    assert_eq!(world.server.requests(), asked, "a failure is remembered");
}

#[test]
fn a_second_read_needs_no_server() {
    let world = World::new();
    assert_eq!(world.read(&world.first, "Cargo.lock"), file("first"));
    let asked = world.server.requests();
    assert_eq!(world.read(&world.first, "Cargo.lock"), file("first"));
    assert_eq!(world.offline().entry(&world.pin(&world.first), "Cargo.lock"), file("first"));
    assert_eq!(world.server.requests(), asked);
}

#[test]
fn all_kinds_of_entries_are_told_apart() {
    let world = World::new();
    let upstreams = world.upstreams();
    let entry = |path: &str| upstreams.entry(&world.pin(&world.second), path);
    assert_eq!(entry(""), Ok(GitEntry::Folder));
    assert_eq!(entry("a"), Ok(GitEntry::Folder));
    assert_eq!(entry("a/b/c"), file("deep"));
    assert_eq!(entry("link"), Ok(GitEntry::Symlink("a/b".to_owned())));
    assert_eq!(entry("sub"), Ok(GitEntry::Submodule("1".repeat(40))));
    assert_eq!(entry("absent"), Ok(GitEntry::Absent));
    assert_eq!(entry("Cargo.lock/x"), Ok(GitEntry::Absent));
    assert!(matches!(entry("link/c"), Err(GitError::Through { submodule: false, .. })));
    assert!(matches!(entry("sub/x/y"), Err(GitError::Through { submodule: true, .. })));
    assert!(matches!(entry("../x"), Err(GitError::BadPath { .. })));
    assert_eq!(world.server.packs(), 1);
}

#[test]
fn without_ids_the_ref_at_the_commit_is_fetched() {
    let world = World::new();
    world.server.hand_out_by_id(false);
    assert_eq!(world.read(&world.second, "Cargo.lock"), file("second"));
    assert_eq!((world.server.listings(), world.server.packs()), (1, 1));
}

#[test]
fn without_ids_the_tag_leads_to_the_commit() {
    let world = World::new();
    world.fixture.commit("main", &[("x", Item::File(b"x"))]);
    world.server.hand_out_by_id(false);
    let pin = GitPin { tag: Some("v1".to_owned()), ..world.pin(&world.second) };
    assert_eq!(world.upstreams().entry(&pin, "Cargo.lock"), file("second"));
    assert_eq!(world.server.packs(), 1);
    // The tag moved on since: its history still has the commit.
    let pin = GitPin { tag: Some("v1".to_owned()), ..world.pin(&world.first) };
    assert_eq!(world.upstreams().entry(&pin, "Cargo.lock"), file("first"));
}

#[test]
fn without_ids_the_tracked_branch_leads_to_the_commit() {
    let world = World::new();
    for number in 0..60_u8 {
        world.fixture.commit("main", &[("x", Item::File(&[number]))]);
    }
    world.server.hand_out_by_id(false);
    let pin = GitPin { track: Some("main".to_owned()), ..world.pin(&world.first) };
    assert_eq!(world.upstreams().entry(&pin, "Cargo.lock"), file("first"));
    assert_eq!(world.server.packs(), 2, "some history first, then all of it");
}

#[test]
fn without_ids_and_without_a_ref_the_error_says_what_was_tried() {
    let world = World::new();
    world.server.hand_out_by_id(false);
    let error = world.read(&world.first, "Cargo.lock").unwrap_err();
    assert!(error.to_string().contains("does not hand out commits by id"), "{error}");
    let pin = GitPin { track: Some("main".to_owned()), ..world.pin(&"ab".repeat(20)) };
    let error = world.upstreams().entry(&pin, "Cargo.lock").unwrap_err();
    assert!(error.to_string().contains("all of refs/heads/main"), "{error}");
}

#[test]
fn a_damaged_store_is_never_believed_and_is_mended() {
    let world = World::new();
    assert_eq!(world.read(&world.first, "a/b/c"), file("deep"));
    let objects = world.fixture.objects(&world.first, "a/b/c");
    assert_eq!(objects.len(), 5);
    let other = world.stored(&objects[4]);
    for (number, id) in objects.iter().enumerate() {
        let path = world.stored(id);
        let whole = std::fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        let swapped = std::fs::read(if number == 4 { world.stored(&objects[0]) } else { other.clone() }).unwrap();
        for damage in [whole[..whole.len() - 1].to_vec(), Vec::new(), flipped, swapped] {
            std::fs::File::create(&path).and_then(|mut file| std::io::Write::write_all(&mut file, &damage)).unwrap();
            let error = world.offline().entry(&world.pin(&world.first), "a/b/c").unwrap_err();
            assert!(matches!(error, GitError::Offline { damaged: true, .. }), "{error}");
            let packs = world.server.packs();
            assert_eq!(world.read(&world.first, "a/b/c"), file("deep"));
            assert_eq!(world.server.packs(), packs + 1);
            assert_eq!(std::fs::read(&path).unwrap(), whole, "the store was not mended");
        }
    }
}

#[test]
fn offline_says_which_commit_is_missing() {
    let world = World::new();
    let error = world.offline().entry(&world.pin(&world.first), "Cargo.lock").unwrap_err();
    let text = error.to_string();
    assert!(text.contains(&world.first) && text.contains(&world.server.url()) && text.contains("missing"), "{text}");
    assert_eq!(world.server.requests(), 0);
}

#[test]
fn threads_that_ask_at_once_share_one_fetch() {
    let world = World::new();
    let (upstreams, pin) = (world.upstreams(), world.pin(&world.first));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(upstreams.entry(&pin, "Cargo.lock"), file("first")));
        }
    });
    assert_eq!((world.server.listings(), world.server.packs()), (1, 1));
}

#[test]
fn a_passing_fault_of_the_server_is_outlasted() {
    let world = World::new();
    world.server.fault(Fault::Status(502, 2));
    assert_eq!(world.read(&world.first, "Cargo.lock"), file("first"));
}

#[test]
fn no_credentials_are_sent() {
    let world = World::new();
    assert_eq!(world.read(&world.first, "Cargo.lock"), file("first"));
    let headers = world.server.headers();
    assert!(
        !headers.is_empty()
            && !headers.iter().any(|line| line.starts_with("authorization") || line.starts_with("cookie"))
    );
}

#[test]
fn a_repository_on_this_machine_is_read_when_trusted() {
    let world = World::new();
    let root = world.fixture.folder.path().to_str().unwrap();
    let path = world.fixture.path().to_str().unwrap().to_owned();
    for (prefix, url) in [(root.to_owned(), path.clone()), (format!("file://{root}"), format!("file://{path}"))] {
        let pin = GitPin { url, ..world.pin(&world.first) };
        let offline = upstreams(None, &[&prefix], GitLimits::default(), true);
        assert_eq!(offline.entry(&pin, "Cargo.lock"), file("first"));
        assert_eq!(offline.entry(&pin, "a/b/c"), file("deep"));
        let unknown = GitPin { commit: "ab".repeat(20), ..pin.clone() };
        assert!(matches!(offline.entry(&unknown, "Cargo.lock"), Err(GitError::Local { .. })));
        let none = upstreams(None, &[], GitLimits::default(), false);
        assert!(matches!(none.entry(&pin, "Cargo.lock"), Err(GitError::Refused { .. })));
    }
}

#[test]
fn only_whole_lower_case_commit_ids_are_looked_up() {
    let world = World::new();
    for commit in
        ["", "main", &world.first[..39], &world.first.to_uppercase(), &"0".repeat(40), &format!("{}0", world.first)]
    {
        let error = world.read(commit, "Cargo.lock").unwrap_err();
        assert!(matches!(error, GitError::BadPin { .. }), "{commit:?}: {error}");
    }
}

#[test]
fn progress_ends_with_all_objects() {
    let world = World::new();
    let upstreams = world.upstreams();
    let last = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&last);
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    upstreams.on_progress(move |progress| {
        counter.fetch_add(1, Ordering::SeqCst);
        *lock(&seen) = Some(progress.clone());
    });
    assert_eq!(upstreams.entry(&world.pin(&world.first), "Cargo.lock"), file("first"));
    let last = lock(&last).clone().unwrap();
    assert!(last.received_bytes > 0 && last.objects_total >= 5 && last.objects_done == last.objects_total, "{last:?}");
    assert!(calls.load(Ordering::SeqCst) < 20, "progress is not throttled");
}

#[test]
fn gits_own_http_server_is_understood() {
    let world = World::new();
    let Some(real) = GitServer::real(&world.fixture.path()) else {
        return skipped("no git is installed");
    };
    let trusted = |cache| upstreams(cache, &[&real.root()], GitLimits::default(), false);
    let pin = |commit: &str| GitPin { url: real.url(), ..world.pin(commit) };
    // A stock server hands out refs only.
    assert_eq!(trusted(None).entry(&pin(&world.second), "Cargo.lock"), file("second"));
    let tracked = GitPin { track: Some("main".to_owned()), ..pin(&world.first) };
    assert_eq!(trusted(None).entry(&tracked, "Cargo.lock"), file("first"));
    assert!(matches!(trusted(None).entry(&pin(&world.first), "Cargo.lock"), Err(GitError::Fetch { .. })));
    world.fixture.configure("uploadpack.allowReachableSHA1InWant", "true");
    let before = real.listings();
    let both = trusted(None);
    both.announce(&[pin(&world.first), pin(&world.second)]);
    assert_eq!(both.entry(&pin(&world.first), "a/b/c"), file("deep"));
    assert_eq!(both.entry(&pin(&world.second), "Cargo.lock"), file("second"));
    assert_eq!(real.listings(), before + 1);
}

#[test]
fn gits_own_daemon_is_understood() {
    let world = World::new();
    let Some((mut daemon, root)) = git_daemon(world.fixture.folder.path()) else {
        return skipped("git daemon is not installed");
    };
    let trusted = || upstreams(None, &[&root], GitLimits::default(), false);
    let pin = GitPin { url: format!("{root}repo.git"), track: Some("main".to_owned()), ..world.pin(&world.first) };
    let by_ref = trusted().entry(&pin, "Cargo.lock");
    world.fixture.configure("uploadpack.allowReachableSHA1InWant", "true");
    let by_id = trusted().entry(&GitPin { track: None, ..pin }, "Cargo.lock");
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert_eq!(by_ref, file("first"));
    assert_eq!(by_id, file("first"));
}

/// The installed git daemon, serving what is below `folder`, and its root.
fn git_daemon(folder: &Path) -> Option<(std::process::Child, String)> {
    use std::net::{TcpListener, TcpStream};
    use std::process::{Command, Stdio};
    let place = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).unwrap();
    // Not `git daemon`: that would leave the real daemon behind when it is ended.
    let programs = Command::new("git").arg("--exec-path").output().ok()?.stdout;
    let mut daemon = Command::new(Path::new(String::from_utf8_lossy(&programs).trim()).join("git-daemon"))
        .args(["--listen=127.0.0.1", "--export-all", "--reuseaddr"])
        .arg(format!("--port={}", place.port()))
        .arg(format!("--base-path={}", folder.display()))
        .envs([("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    for _ in 0..300 {
        if TcpStream::connect(place).is_ok() {
            return Some((daemon, format!("git://{place}/")));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    panic!("the daemon does not answer");
}

#[allow(clippy::print_stderr)]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

//! Whether pinned commits are what their refs say: whole runs against git's own server.

use super::checkout::{Checkout, Crate, TOOL, at_once, lock, registry, tool};
use super::git_http::{Fixture, GitServer, Item};
use super::support::Run;

/// A checkout whose element is pinned in a repository: three commits on `main`, tagged `v1.0` (annotated), `v1.1`
/// (lightweight) and `v1.2` (a tag of an annotated tag); then 20 more. A commit after them that only a fork has.
struct Pinned {
    checkout: Checkout,
    fixture: Fixture,
    server: GitServer,
    releases: Vec<String>,
    tip: String,
    fork: String,
}

fn crates() -> Vec<Crate> {
    vec![registry("a", "1.0.0")]
}

impl Pinned {
    fn new() -> Self {
        let fixture = Fixture::new();
        fixture.configure("uploadpack.allowFilter", "true");
        let text = lock(&crates());
        let commit = |branch: &str, file: &str| {
            let files = [("Cargo.lock", Item::File(text.as_bytes())), ("main.rs", Item::File(file.as_bytes()))];
            fixture.commit(branch, &files)
        };
        let releases: Vec<String> = ["1", "2", "3"].into_iter().map(|file| commit("main", file)).collect();
        fixture.tag("v1.0", &releases[0]);
        fixture.reference("refs/tags/v1.1", &releases[1]);
        fixture.tag("inner", &releases[2]);
        fixture.nested_tag("v1.2", "inner");
        let mut tip = String::new();
        for number in 0..20 {
            tip = commit("main", &number.to_string());
        }
        fixture.reference("refs/heads/fork", &tip);
        let fork = commit("fork", "evil");
        fixture.forget("refs/heads/fork");
        let server = GitServer::start(&fixture.path());
        let checkout = Checkout::new(&crates());
        checkout.publish(&crates());
        let conf = "name: p\nmin-version: 2.5\nelement-path: elements\naliases:\n  crates: https://crates.example/\n  up: https://up.example/\n";
        checkout.write("project.conf", conf);
        checkout.commit();
        Self { checkout, fixture, server, releases, tip, fork }
    }

    fn write(&self, pinned: &str, track: &str) {
        let git = format!("- kind: git_repo\n  url: up:repo.git\n  track: '{track}'\n  ref: {pinned}\n");
        self.checkout.write(TOOL, &tool(&crates()).replace("- kind: local\n  path: files/up\n", &git));
    }

    /// Commits the old state and goes to the new one.
    fn bump(&self, old: &str, new: &str, track: &str) {
        self.write(old, track);
        self.checkout.commit();
        self.write(new, track);
    }

    fn review(&self, args: &[&str]) -> Run {
        let alias = format!("up={}", self.server.root());
        self.checkout.review(&[&["--alias", &alias], args].concat())
    }

    /// The rules of all findings, and the proof of the source.
    fn found(&self, args: &[&str]) -> (Vec<String>, serde_json::Value) {
        let run = self.review(&[&["--format", "json"], args].concat());
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let findings = report["findings"].as_array().unwrap();
        let findings = findings.iter().map(|one| format!("{} {}", text(&one["severity"]), text(&one["rule"])));
        (findings.collect(), report["elements"][0]["sources"][0]["proof"]["commit"].clone())
    }

    fn at(&self, label: &str, release: usize) -> String {
        format!("{label}-0-g{}", self.releases[release])
    }
}

const QUIET: [&str; 0] = [];

#[test]
fn annotated_lightweight_and_nested_tags_prove_their_commits() {
    let pinned = Pinned::new();
    for (old, new) in [(("v1.0", 0), ("v1.1", 1)), (("v1.1", 1), ("v1.2", 2))] {
        pinned.bump(&pinned.at(old.0, old.1), &pinned.at(new.0, new.1), "v*");
        let (findings, proof) = pinned.found(&[]);
        assert_eq!((findings.as_slice(), &proof["name"]), (QUIET.map(str::to_owned).as_slice(), &new.0.into()));
        let run = pinned.review(&[]);
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    pinned.bump(&pinned.at("v1.1", 1), &pinned.at("v1.0", 0), "v*");
    assert_eq!(pinned.found(&[]).0, ["warning upstream-backwards"]);
}

#[test]
fn a_commit_with_the_name_of_a_release_is_an_error_at_once() {
    let pinned = Pinned::new();
    let named = format!("v1.2-0-g{}", pinned.fork);
    pinned.bump(&pinned.at("v1.1", 1), &named, "v*");
    let alias = format!("up={}", pinned.server.root());
    let reports = pinned.checkout.reports(3, &["--alias", &alias]);
    at_once(&reports, &["is not tag `v1.2`", "upstream-ref-untrue"]);
    let (_, proof) = pinned.found(&[]);
    assert_eq!((&proof["kind"], &proof["why"]["kind"]), (&"false".into(), &"tag-names-other".into()));
    pinned.bump(&pinned.at("v1.1", 1), &format!("v9.9-0-g{}", pinned.releases[2]), "v*");
    assert_eq!(pinned.found(&[]).0, ["error upstream-ref-untrue"]);
}

#[test]
fn a_commit_that_only_a_fork_has_is_an_error() {
    let pinned = Pinned::new();
    pinned.bump(&pinned.tip, &pinned.fork, "main");
    let (findings, proof) = pinned.found(&[]);
    assert_eq!(
        (findings.as_slice(), &proof["why"]["branch"]),
        (&["error upstream-off-branch".into()][..], &"main".into())
    );
    pinned.bump(&pinned.at("v1.1", 1), &format!("v1.2-21-g{}", pinned.fork), "main");
    assert_eq!(pinned.found(&[]).0, ["error upstream-off-branch"]);
}

#[test]
fn a_tag_that_moved_is_an_error() {
    let pinned = Pinned::new();
    pinned.fixture.tag("v1.1", &pinned.releases[2]);
    pinned.bump(&pinned.at("v1.1", 1), &pinned.at("v1.1", 2), "v*");
    assert_eq!(pinned.found(&[]).0, ["error upstream-tag-moved"]);
    pinned.bump(&pinned.at("v1.1", 1), &format!("v1.1-20-g{}", pinned.tip), "main");
    assert_eq!(pinned.found(&[]).0, ["error upstream-ref-untrue"]);
}

#[test]
fn a_branch_leads_to_its_tip_and_to_what_is_behind_it() {
    let pinned = Pinned::new();
    pinned.bump(&pinned.releases[2], &pinned.tip, "main");
    let (findings, proof) = pinned.found(&[]);
    assert_eq!((findings.len(), &proof["behind"]), (0, &0.into()), "{findings:?}");
    pinned.bump(&pinned.releases[0], &pinned.releases[2], "main");
    let (findings, proof) = pinned.found(&[]);
    assert_eq!((findings.len(), &proof["behind"]), (0, &20.into()), "{findings:?}");
    pinned.bump(&pinned.at("v1.1", 1), &format!("v1.2-20-g{}", pinned.tip), "main");
    let (findings, proof) = pinned.found(&[]);
    assert_eq!((findings.len(), &proof["commits"]), (0, &20.into()), "{findings:?}");
    pinned.bump(&pinned.tip, &pinned.releases[2], "main");
    assert_eq!(pinned.found(&[]).0, ["warning upstream-backwards"]);
}

#[test]
fn a_lock_that_is_downloaded_from_another_commit_is_a_warning() {
    let pinned = Pinned::new();
    let lock = format!("bluefin/tool.bst={}", pinned.checkout.path().join("files/up/Cargo.lock").display());
    for (of, expected) in [(0, &["warning upstream-other-commit"][..]), (2, &QUIET[..])] {
        pinned.bump(&pinned.at("v1.1", 1), &pinned.at("v1.2", 2), "v*");
        let text = pinned.checkout.read(TOOL);
        let url = format!("up:repo/raw/{}/Cargo.lock", pinned.releases[of]);
        let file = format!("- kind: remote\n  url: {url}\n  ref: {}\n- kind: cargo2\n", "ab".repeat(32));
        pinned.checkout.write(TOOL, &text.replace("- kind: cargo2\n", &file));
        let mut findings = pinned.found(&["--lock", &lock]).0;
        // A new file is a source from elsewhere as well.
        findings.retain(|finding| !finding.ends_with("upstream-changed"));
        assert_eq!(findings, expected, "{of}");
    }
}

#[test]
fn what_cannot_be_known_is_a_notice_and_never_routine() {
    let pinned = Pinned::new();
    pinned.bump(&pinned.at("v1.1", 1), &pinned.at("v1.2", 2), "v*");
    let file = "files/up/Cargo.lock";
    let lock = format!("bluefin/tool.bst={}", pinned.checkout.path().join(file).display());
    for args in [&["--alias", "up=http://127.0.0.1:9/"][..], &["--offline", "--alias", "up=http://127.0.0.1:9/"]] {
        let all = [args, &["--lock", &lock, "--format", "human"]].concat();
        let run = pinned.checkout.review(&all);
        assert!(run.stdout.contains("upstream-not-proven"), "{args:?} {run:?}");
        let first = run.stdout.lines().next().unwrap_or_default();
        assert!(!first.contains("nothing unusual"), "{first}");
    }
    // A server without filters still lists its refs: tags and tips are known, the rest is not.
    pinned.fixture.configure("uploadpack.allowFilter", "false");
    assert_eq!(pinned.found(&[]).0, QUIET);
    pinned.bump(&pinned.releases[0], &pinned.releases[2], "main");
    let (findings, proof) = pinned.found(&[]);
    assert_eq!(
        (findings.as_slice(), &proof["kind"]),
        (&["notice upstream-not-proven".into()][..], &"not-known".into())
    );
    pinned.bump(&pinned.releases[2], &pinned.tip, "main");
    let (findings, proof) = pinned.found(&[]);
    assert_eq!(
        (findings.as_slice(), &proof["kind"]),
        (&["notice upstream-not-proven".into()][..], &"on-branch".into())
    );
}

/// Four requests serve the lock and the lints: a greeting, the commit with its root folder, the lock, and the commit before. The
/// same connection serves the rest.
#[test]
fn a_proof_takes_few_requests_on_the_connection_of_the_lock() {
    let pinned = Pinned::new();
    let (v11, v12) = (pinned.at("v1.1", 1), pinned.at("v1.2", 2));
    let after = |label: &str, commit: &String| format!("{label}-g{commit}");
    for (claim, old, new, track, more) in [
        ("a tag", v11.clone(), v12.clone(), "v*", 1),
        ("a bare commit of a tag", pinned.releases[1].clone(), pinned.releases[2].clone(), "v*", 1),
        ("another commit with a tag's name", v11.clone(), after("v1.2-0", &pinned.fork), "v*", 1),
        ("the tip of a branch", pinned.releases[2].clone(), pinned.tip.clone(), "main", 2),
        ("behind the tip", pinned.releases[0].clone(), pinned.releases[2].clone(), "main", 3),
        ("counted after a tag, at the tip", v11, after("v1.2-20", &pinned.tip), "main", 3),
        ("a fork's", pinned.tip.clone(), pinned.fork.clone(), "main", 2),
    ] {
        pinned.bump(&old, &new, track);
        let before = pinned.server.counts();
        pinned.review(&[]);
        let counts = pinned.server.counts();
        assert_eq!(counts.connections - before.connections, 1, "{claim}");
        assert_eq!(counts.listings - before.listings, 1, "{claim}");
        assert_eq!(counts.refs - before.refs, 1, "{claim}");
        assert_eq!(counts.requests - before.requests, 4 + more, "{claim}");
        assert!(counts.refs_bytes - before.refs_bytes < 1_500, "{claim}");
    }
    // A source that does not move asks nothing.
    pinned.write(&pinned.tip, "main");
    pinned.checkout.commit();
    let text = tool(&crates()).replace("kind: make", "kind: autotools");
    let git = format!("- kind: git_repo\n  url: up:repo.git\n  track: 'main'\n  ref: {}\n", pinned.tip);
    pinned.checkout.write(TOOL, &text.replace("- kind: local\n  path: files/up\n", &git));
    let before = pinned.server.counts();
    pinned.review(&[]);
    assert_eq!(pinned.server.counts().refs, before.refs);
}

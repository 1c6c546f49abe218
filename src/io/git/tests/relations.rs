//! Which refs a question is about and how commits stand to each other, by git's own server and by folders.

use super::*;
use crate::review::ref_proof::Relation;

/// A history on `main`: 70 commits behind [`ServedRepository`]'s, a commit on another branch, and one that only a fork has.
struct History {
    served: ServedRepository,
    tip: String,
    other: String,
    fork: String,
}

impl History {
    fn new() -> Self {
        let served = ServedRepository::new();
        let fixture = &served.fixture;
        let other = fixture.commit("other", &[("x", Item::File(b"other"))]);
        let mut tip = String::new();
        for number in 0..70_u8 {
            tip = fixture.commit("main", &[("x", Item::File(&[number]))]);
        }
        fixture.reference("refs/heads/fork", &tip);
        let fork = fixture.commit("fork", &[("x", Item::File(b"fork"))]);
        fixture.forget("refs/heads/fork");
        Self { served, tip, other, fork }
    }

    /// The relation by the server, and the same by the folder.
    async fn relation(&self, one: &str, other: &str) -> Relation {
        let (one, other) = (Oid::from_str(one).unwrap(), Oid::from_str(other).unwrap());
        let url = self.served.server.url();
        let served = self.served.limited(GitLimits::default()).relation(&url, one, other).await.unwrap();
        let path = self.served.fixture.path().display().to_string();
        let folder = upstreams(None, &[&path], GitLimits::default(), true);
        assert_eq!(folder.relation(&path, one, other).await.unwrap(), served);
        served
    }

    async fn fails(&self, upstreams: &GitUpstreams, url: &str) -> String {
        let (tip, first) = (Oid::from_str(&self.tip).unwrap(), Oid::from_str(&self.served.first).unwrap());
        upstreams.relation(url, tip, first).await.unwrap_err().to_string()
    }
}

const fn ahead(commits: usize) -> Relation {
    Relation::Ahead { commits: Some(commits), linear: true }
}

#[tokio::test]
async fn commits_are_one_or_come_after_or_before_or_are_apart() {
    let history = History::new();
    let (first, second) = (&history.served.first, &history.served.second);
    for (one, other, expected) in [
        (&history.tip, &history.tip, Relation::Same),
        (&history.tip, second, ahead(70)),
        (&history.tip, first, ahead(71)),
        (first, &history.tip, Relation::Behind),
        (&history.tip, &history.other, Relation::Apart),
        (&history.other, first, Relation::Apart),
        (&history.fork, &history.tip, ahead(1)),
        (&history.tip, &history.fork, Relation::Behind),
        (&history.tip, &"ab".repeat(20), Relation::Missing),
        (&"ab".repeat(20), &history.tip, Relation::Missing),
    ] {
        assert_eq!(history.relation(one, other).await, expected, "{one} {other}");
    }
}

#[tokio::test]
async fn commits_of_merged_branches_count() {
    let history = History::new();
    let fixture = &history.served.fixture;
    // Behind the tag, but not in its history.
    fixture.reference("refs/heads/side", &history.served.first);
    fixture.commit("side", &[("y", Item::File(b"1"))]);
    let side = fixture.commit("side", &[("y", Item::File(b"2"))]);
    fixture.tag("v2", &history.tip);
    let merge = fixture.merge("main", &side);
    let relation = history.relation(&merge, &history.tip).await;
    assert_eq!(relation, Relation::Ahead { commits: Some(3), linear: false });
    let mut count = std::process::Command::new("git");
    count.arg("-C").arg(fixture.path()).args(["rev-list", "--count", &format!("v2..{merge}")]);
    assert_eq!(count.output().unwrap().stdout, b"3\n");
}

#[tokio::test]
async fn what_comes_is_little_and_one_request_is_enough_for_what_is_right() {
    let history = History::new();
    let upstreams = history.served.limited(GitLimits::default());
    let url = history.served.server.url();
    let [tip, first] = [&history.tip, &history.served.first].map(|id| Oid::from_str(id).unwrap());
    for _ in 0..2 {
        assert_eq!(upstreams.relation(&url, first, tip).await.unwrap(), Relation::Behind);
    }
    let before = history.served.server.counts();
    assert_eq!((before.connections, before.requests, before.packs), (1, 2, 1));
    assert_eq!(upstreams.relation(&url, tip, first).await.unwrap(), ahead(71));
    let after = history.served.server.counts();
    assert_eq!((after.connections, after.packs), (1, 2));
    assert!(after.bytes - before.bytes < 20_000, "71 commits without files");
}

#[tokio::test]
async fn too_much_history_is_asked_for_the_other_way_round_and_then_not_known() {
    let history = History::new();
    let url = history.served.server.url();
    let limits = GitLimits { pack_objects: 20, ..GitLimits::default() };
    let [tip, first, other] =
        [&history.tip, &history.served.first, &history.other].map(|id| Oid::from_str(id).unwrap());
    let upstreams = history.served.limited(limits.clone());
    let far = Relation::Ahead { commits: None, linear: false };
    assert_eq!(upstreams.relation(&url, tip, first).await.unwrap(), far);
    assert_eq!(upstreams.relation(&url, tip, other).await.unwrap(), Relation::Apart);
    let fixture = &history.served.fixture;
    fixture.reference("refs/heads/long", &history.served.first);
    let mut long = String::new();
    for number in 0..30_u8 {
        long = fixture.commit("long", &[("z", Item::File(&[number]))]);
    }
    let outcome = history.served.limited(limits).relation(&url, tip, Oid::from_str(&long).unwrap()).await;
    assert!(outcome.is_err_and(|why| why.to_string().contains("too long")));
}

#[tokio::test]
async fn nothing_is_guessed() {
    let history = History::new();
    let url = history.served.server.url();
    assert!(history.fails(&history.served.offline(), &url).await.contains("--offline"));
    let unknown = upstreams(None, &["http://127.0.0.1:9/"], GitLimits::default(), false);
    let why = history.fails(&unknown, "http://127.0.0.1:9/repo.git").await;
    assert!(why.contains("127.0.0.1:9"), "{why}");
    let instead = Fault::Instead(history.other.clone());
    for (fault, words) in [
        (Fault::Status(404, usize::MAX), "404"),
        (Fault::EmptyFor("have "), "empty"),
        (Fault::StatusFor(500, "have "), "500"),
        (instead, "without commit"),
        (Fault::CutPack, ""),
        (Fault::FlipPack, ""),
        (Fault::Answer(pkt(b"nonsense\n")), ""),
    ] {
        history.served.server.fault(Fault::None);
        let upstreams = history.served.limited(GitLimits::default());
        assert!(upstreams.named_refs(&url, &["HEAD".to_owned()]).await.is_ok());
        history.served.server.fault(fault.clone());
        let why = history.fails(&upstreams, &url).await;
        assert!(why.contains(words), "{fault:?}: {why}");
    }
    history.served.server.fault(Fault::None);
    history.served.fixture.configure("uploadpack.allowFilter", "false");
    let why = history.fails(&history.served.limited(GitLimits::default()), &url).await;
    assert!(why.contains("without files"), "{why}");
    history.served.fixture.configure("uploadpack.allowFilter", "true");
    history.served.server.speak_version_zero();
    let why = history.fails(&history.served.limited(GitLimits::default()), &url).await;
    assert!(why.contains("without files"), "{why}");
}

#[tokio::test]
async fn the_history_behind_a_boundary_is_unknown() {
    let history = History::new();
    let shallow = TempDir::new().unwrap();
    let to = shallow.path().join("repo.git");
    let from = format!("file://{}", history.served.fixture.path().display());
    let clone = ["clone", "--quiet", "--bare", "--depth=20", "--branch=main", &from];
    let status = std::process::Command::new("git").args(clone).arg(&to).env("GIT_CONFIG_GLOBAL", "/dev/null").status();
    assert!(status.unwrap().success());
    let server = GitServer::start(&to);
    let set = ["config", "uploadpack.allowFilter", "true"];
    assert!(std::process::Command::new("git").arg("-C").arg(&to).args(set).status().unwrap().success());
    let trusted = upstreams(None, &[&server.root()], GitLimits::default(), false);
    assert!(history.fails(&trusted, &server.url()).await.contains("cut off"));
}

#[tokio::test]
async fn only_the_refs_that_are_asked_for_come_with_what_they_lead_to() {
    let history = History::new();
    let fixture = &history.served.fixture;
    fixture.nested_tag("v1.1", "v1");
    fixture.reference("refs/tags/v1.2", &history.served.first);
    let url = history.served.server.url();
    let path = fixture.path().display().to_string();
    for version_zero in [false, true] {
        if version_zero {
            history.served.server.speak_version_zero();
        }
        for (prefixes, names) in [
            (&["refs/tags/v1"][..], &["refs/tags/v1", "refs/tags/v1.1", "refs/tags/v1.2"][..]),
            (&["refs/heads/main", "refs/tags/main"], &["refs/heads/main"]),
            (&["refs/heads/nowhere"], &[]),
            (&[], &[]),
        ] {
            let prefixes: Vec<String> = prefixes.iter().map(|text| (*text).to_owned()).collect();
            let found = history.served.limited(GitLimits::default()).named_refs(&url, &prefixes).await.unwrap();
            let folder = upstreams(None, &[&path], GitLimits::default(), true);
            assert_eq!(folder.named_refs(&path, &prefixes).await.unwrap(), found);
            assert_eq!(found.commits.keys().collect::<Vec<_>>(), names);
            for (tag, commit) in
                [("v1", &history.served.second), ("v1.1", &history.served.second), ("v1.2", &history.served.first)]
            {
                let led = found.commits.get(&format!("refs/tags/{tag}"));
                assert!(led.is_none_or(|led| led == commit), "{tag} {led:?}");
            }
            assert_eq!(found.default, None);
        }
    }
}

#[tokio::test]
async fn refs_are_asked_for_once_and_beside_the_files_on_one_connection() {
    let history = History::new();
    let upstreams = history.served.upstreams();
    assert_eq!(upstreams.entry(&history.served.pin(&history.tip), "Cargo.lock").await, file("second"));
    let prefixes = ["HEAD".to_owned(), "refs/tags/v1".to_owned()];
    let url = history.served.server.url();
    for _ in 0..2 {
        let found = upstreams.named_refs(&url, &prefixes).await.unwrap();
        assert_eq!(found.default, Some(("main".to_owned(), history.tip.clone())));
    }
    let counts = history.served.server.counts();
    assert_eq!((counts.connections, counts.listings, counts.refs, counts.requests), (1, 1, 1, 4));
    assert!(history.served.offline().named_refs(&url, &prefixes).await.is_err());
}

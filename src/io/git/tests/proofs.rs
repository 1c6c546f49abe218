//! Whether commits are what their refs say, by git's own server and by folders.

use super::*;

/// A history on `main`: 70 commits behind [`ServedRepository`]'s, and a commit on another branch.
struct History {
    served: ServedRepository,
    tip: String,
    other: String,
}

impl History {
    fn new() -> Self {
        let served = ServedRepository::new();
        let other = served.fixture.commit("other", &[("x", Item::File(b"other"))]);
        let mut tip = String::new();
        for number in 0..70_u8 {
            tip = served.fixture.commit("main", &[("x", Item::File(&[number]))]);
        }
        Self { served, tip, other }
    }

    /// The proof by the server, and the same by the folder.
    async fn prove(&self, commit: &str, tag: Option<&str>, track: Option<&str>) -> RefProof {
        let own = |text: &str| text.to_owned();
        let pin = GitPin { tag: tag.map(own), track: track.map(own), ..self.served.pin(commit) };
        let served = self.served.limited(GitLimits::default()).prove(&pin).await;
        let path = self.served.fixture.path().display().to_string();
        let folder = upstreams(None, &[&path], GitLimits::default(), true);
        assert_eq!(folder.prove(&GitPin { url: path, ..pin }).await, served);
        served
    }
}

#[tokio::test]
async fn a_tag_names_the_commit_or_another_or_is_missing() {
    let history = History::new();
    let (first, second) = (history.served.first.clone(), history.served.second.clone());
    let tag = || "v1".to_owned();
    let names = RefProof::TagNames { tag: tag(), commit: second.clone() };
    assert_eq!(history.prove(&second, Some("v1"), Some("main")).await, names);
    assert_eq!(history.prove(&second, None, Some("v1")).await, names);
    assert_eq!(history.prove(&second, None, Some("refs/tags/v1")).await, names);
    let other = RefProof::TagNamesOther { tag: tag(), commit: second };
    assert_eq!(history.prove(&first, Some("v1"), None).await, other);
    assert_eq!(history.prove(&first, Some("v"), None).await, RefProof::TagMissing { tag: "v".to_owned() });
}

#[tokio::test]
async fn a_branch_is_at_the_commit_or_ahead_of_it_or_without_it() {
    let history = History::new();
    let branch = || "main".to_owned();
    let prove = |commit: &str| {
        let (history, commit) = (&history, commit.to_owned());
        async move { history.prove(&commit, None, Some("main")).await }
    };
    assert_eq!(prove(&history.tip).await, RefProof::BranchTip { branch: branch() });
    let behind = |by| RefProof::BehindBranch { branch: branch(), by };
    assert_eq!(prove(&history.served.second).await, behind(70));
    assert_eq!(prove(&history.served.first).await, behind(71));
    assert_eq!(prove(&history.other).await, RefProof::NotOnBranch { branch: branch() });
    assert_eq!(prove(&"ab".repeat(20)).await, RefProof::NotOnBranch { branch: branch() });
}

#[tokio::test]
async fn nothing_is_guessed() {
    let history = History::new();
    for (tag, track) in [(None, Some("v*")), (None, None), (None, Some("nowhere")), (None, Some("refs/pull/1/head"))] {
        let proof = history.prove(&history.tip, tag, track).await;
        assert!(matches!(proof, RefProof::Unknown(_)), "{tag:?} {track:?}: {proof:?}");
    }
    let pin = GitPin { track: Some("main".to_owned()), ..history.served.pin(&history.served.first) };
    assert!(matches!(history.served.offline().prove(&pin).await, RefProof::Unknown(_)));
    history.served.fixture.configure("uploadpack.allowFilter", "false");
    let proof = history.served.limited(GitLimits::default()).prove(&pin).await;
    assert!(matches!(&proof, RefProof::Unknown(why) if why.contains("without files")), "{proof:?}");
    history.served.server.fault(Fault::Status(404, usize::MAX));
    let proof = history.served.limited(GitLimits::default()).prove(&pin).await;
    assert!(matches!(&proof, RefProof::Unknown(why) if why.contains("404")), "{proof:?}");
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
    let pin = GitPin { url: server.url(), track: Some("main".to_owned()), ..history.served.pin(&history.served.first) };
    let trusted = upstreams(None, &[&server.root()], GitLimits::default(), false);
    let proof = trusted.prove(&pin).await;
    assert!(matches!(&proof, RefProof::Unknown(why) if why.contains("newest commits")), "{proof:?}");
}

#[tokio::test]
async fn a_proof_is_requested_once_and_beside_the_files_on_one_connection() {
    let history = History::new();
    let upstreams = history.served.upstreams();
    let pin = GitPin { track: Some("main".to_owned()), ..history.served.pin(&history.tip) };
    assert_eq!(upstreams.entry(&pin, "Cargo.lock").await, file("second"));
    let proof = RefProof::BranchTip { branch: "main".to_owned() };
    assert_eq!(upstreams.prove(&pin).await, proof);
    assert_eq!(upstreams.prove(&pin).await, proof);
    let counts = history.served.server.counts();
    assert_eq!((counts.connections, counts.listings, counts.refs, counts.requests), (1, 1, 1, 4));
}

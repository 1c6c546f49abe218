//! Moves of pins, by git's own server and by folders.

use super::*;
use crate::github::guard::PinMove;

/// The repository of [`ServedRepository`], with a third commit on `main`, a release on another branch, and a commit that no
/// branch or tag has: as that of a fork.
struct Actions {
    served: ServedRepository,
    tip: String,
    release: String,
    fork: String,
}

impl Actions {
    fn new() -> Self {
        let served = ServedRepository::new();
        let fork = served.fixture.commit("fork", &[("x", Item::File(b"fork"))]);
        let release = served.fixture.commit("release", &[("x", Item::File(b"release"))]);
        served.fixture.tag("v2", &release);
        let tip = served.fixture.commit("main", &[("x", Item::File(b"third"))]);
        let removed = std::fs::remove_file(served.fixture.path().join("refs/heads/fork"));
        assert!(removed.is_ok());
        Self { served, tip, release, fork }
    }

    /// The proof by the server, and the same by the folder.
    async fn prove(&self, from: &str, to: &str) -> Result<(), String> {
        let pin = [PinMove { repository: "repo.git".into(), from: from.into(), to: to.into() }];
        let by_server = self.served.limited(GitLimits::default());
        let folder = self.served.fixture.folder.path().display().to_string();
        let by_folder = upstreams(None, &[&folder], GitLimits::default(), true);
        let words = |proofs: Vec<Result<(), NotProven>>| {
            proofs.into_iter().map(|proof| proof.map_err(|why| why.to_string())).collect::<Vec<_>>()
        };
        let served = words(pin_moves(&by_server, &self.served.server.root(), &pin).await);
        assert_eq!(words(pin_moves(&by_folder, &folder, &pin).await), served);
        served.into_iter().next().unwrap()
    }
}

#[tokio::test]
async fn a_pin_moves_forward_by_tags_or_on_the_default_branch() {
    let actions = Actions::new();
    let (first, second) = (&actions.served.first, &actions.served.second);
    for (from, to) in [
        (&**second, &*actions.release),
        ("v1", &actions.release),
        ("v1", second),
        (first, second),
        (first, &actions.tip),
        (second, &actions.tip),
        ("main", &actions.tip),
        (&actions.tip, &actions.tip),
    ] {
        assert_eq!(actions.prove(from, to).await, Ok(()), "{from} {to}");
    }
}

#[tokio::test]
async fn what_is_not_of_the_repository_or_does_not_move_forward_is_not_proven() {
    let actions = Actions::new();
    let (first, second) = (&actions.served.first, &actions.served.second);
    for (from, to, why) in [
        (&**second, &*actions.fork, "the default branch main does not contain it"),
        ("v1", &actions.fork, "does not contain it"),
        (second, &"ab".repeat(20), "does not contain it"),
        (second, first, "does not come after"),
        (&actions.release, second, "does not come after"),
        (&actions.tip, &actions.release, "does not come after"),
        ("nothing", second, "`nothing` is not one branch or one tag"),
        (second, "v2", "`v2` is not a full commit"),
        (second, &actions.tip[..39], "is not a full commit"),
    ] {
        let proof = actions.prove(from, to).await;
        assert!(proof.as_ref().is_err_and(|text| text.contains(why)), "{from} {to}: {proof:?}");
    }
}

#[tokio::test]
async fn a_name_of_a_branch_and_a_tag_means_nothing() {
    let actions = Actions::new();
    actions.served.fixture.tag("main", &actions.served.first);
    assert!(actions.prove("main", &actions.tip).await.is_err_and(|why| why.contains("not one branch or one tag")));
}

#[tokio::test]
async fn each_repository_is_asked_once_and_the_order_is_kept() {
    let actions = Actions::new();
    let upstreams = actions.served.upstreams();
    let pin = |repository: &str, from: &str, to: &str| PinMove {
        repository: repository.into(),
        from: from.into(),
        to: to.into(),
    };
    let (first, second) = (&actions.served.first, &actions.served.second);
    let moves = [
        pin("repo.git", "v1", &actions.release),
        pin("nowhere", first, second),
        pin("repo.git", second, &actions.release),
        pin("repo.git", second, first),
    ];
    let proofs = pin_moves(&upstreams, &actions.served.server.root(), &moves).await;
    assert!(matches!(
        &proofs[..],
        [
            Ok(()),
            Err(NotProven::Repository(_)),
            Ok(()),
            Err(NotProven::NotOfRepository { .. } | NotProven::NotForward { .. })
        ]
    ));
    assert!(actions.served.server.counts().refs <= 2, "branches and tags, and the default branch");
}

#[tokio::test]
async fn a_server_that_sends_no_history_or_nothing_proves_nothing() {
    let actions = Actions::new();
    let (first, second) = (&actions.served.first, &actions.served.second);
    let pin = [PinMove { repository: "repo.git".into(), from: first.clone(), to: second.clone() }];
    let root = actions.served.server.root();
    actions.served.fixture.configure("uploadpack.allowFilter", "false");
    let proofs = pin_moves(&actions.served.limited(GitLimits::default()), &root, &pin).await;
    assert!(matches!(&proofs[..], [Err(NotProven::History(_))]), "{proofs:?}");
    actions.served.server.fault(Fault::Status(404, usize::MAX));
    let proofs = pin_moves(&actions.served.limited(GitLimits::default()), &root, &pin).await;
    assert!(matches!(&proofs[..], [Err(NotProven::Repository(_))]), "{proofs:?}");
}

//! The order of the requests to a server, their size, and the fallbacks where it refuses.

use super::*;

/// Announces files of commits.
fn announce(upstreams: &GitUpstreams, pins: &[GitPin], paths: &[&str]) {
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    upstreams.announce(&pins.iter().map(|pin| (pin.clone(), paths.clone())).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_file_at_the_root_is_three_requests_on_one_connection() {
    let served = ServedRepository::new();
    assert_eq!(served.read(&served.first, "Cargo.lock").await, file("first"));
    let counts = served.server.counts();
    assert_eq!((counts.connections, counts.requests, counts.packs), (1, 3, 2));
    let questions = served.server.questions();
    assert!(questions[0].contains("filter tree:1") && questions[0].contains("deepen 1"), "{questions:?}");
    assert!(questions.iter().all(|text| !text.contains("thin-pack") && !text.contains("have ")), "{questions:?}");
}

#[tokio::test]
async fn commits_and_files_that_were_announced_come_together() {
    let served = ServedRepository::new();
    let upstreams = served.upstreams();
    let pins = [served.pin(&served.first), served.pin(&served.second)];
    announce(&upstreams, &pins, &["Cargo.lock", "Cargo.toml"]);
    announce(&upstreams, &pins[..1], &["a/b/c"]);
    assert_eq!(upstreams.entry(&pins[0], "Cargo.lock").await, file("first"));
    assert_eq!(upstreams.entry(&pins[1], "Cargo.lock").await, file("second"));
    assert_eq!(upstreams.entry(&pins[1], "Cargo.toml").await, Ok(GitEntry::Absent));
    assert_eq!(upstreams.entry(&pins[0], "a/b/c").await, file("deep"));
    // The greeting, the commits, two levels of folders with the files beside them, the last file.
    assert_eq!(served.server.requests(), 5);
}

#[tokio::test]
async fn only_what_is_needed_is_transferred() {
    let served = ServedRepository::new();
    let upstreams = served.upstreams();
    assert_eq!(upstreams.entry(&served.pin(&served.second), "Cargo.lock").await, file("second"));
    let upstream = upstreams.shared.upstream(&served.server.url());
    let state = upstream.state.lock().await;
    let repository = state.packs.as_ref().unwrap().open().unwrap();
    let odb = repository.odb().unwrap();
    let mut objects = Vec::new();
    odb.foreach(|id| {
        objects.push(id.to_string());
        true
    })
    .unwrap();
    objects.sort();
    let mut expected = served.fixture.objects(&served.second, "Cargo.lock");
    expected.sort();
    assert_eq!(objects, expected);
}

#[tokio::test]
async fn a_host_that_bans_a_filter_is_not_sent_it_again() {
    let served = ServedRepository::new();
    served.fixture.configure("uploadpackfilter.tree.maxDepth", "0");
    let upstreams = served.upstreams();
    assert_eq!(upstreams.entry(&served.pin(&served.first), "Cargo.lock").await, file("first"));
    // The refused request and the root folder are two more.
    assert_eq!(served.server.requests(), 5);
    assert_eq!(upstreams.entry(&served.pin(&served.second), "Cargo.lock").await, file("second"));
    let tries = served.server.questions().iter().filter(|text| text.contains("tree:1")).count();
    assert_eq!(tries, 1);
}

#[tokio::test]
async fn an_empty_answer_and_a_status_are_refusals() {
    for fault in [Fault::EmptyFor("filter tree:"), Fault::StatusFor(400, "filter tree:")] {
        let served = ServedRepository::new();
        served.server.fault(fault);
        assert_eq!(served.read(&served.first, "a/b/c").await, file("deep"));
        let questions = served.server.questions();
        assert!(questions[2].contains("filter blob:none"), "{questions:?}");
    }
}

#[tokio::test]
async fn without_filters_whole_commits_come_in_one_request() {
    let served = ServedRepository::new();
    served.fixture.configure("uploadpack.allowFilter", "false");
    let upstreams = served.upstreams();
    announce(&upstreams, &[served.pin(&served.first), served.pin(&served.second)], &["Cargo.lock"]);
    assert_eq!(upstreams.entry(&served.pin(&served.first), "a/b/c").await, file("deep"));
    assert_eq!(upstreams.entry(&served.pin(&served.second), "Cargo.lock").await, file("second"));
    assert_eq!((served.server.requests(), served.server.packs()), (2, 1));
}

#[tokio::test]
async fn a_server_that_hands_out_commits_alone_sends_them_whole() {
    let served = ServedRepository::new();
    let objects = served.fixture.objects(&served.first, "Cargo.lock");
    served.server.fault(Fault::Lacks(objects[1..].to_vec()));
    assert_eq!(served.read(&served.first, "Cargo.lock").await, file("first"));
}

#[tokio::test]
async fn a_path_of_many_levels_is_not_requested_level_by_level() {
    let served = ServedRepository::new();
    let commit = served.fixture.commit("main", &[("1/2/3/4/5/6/7/Cargo.lock", Item::File(b"far"))]);
    assert_eq!(served.read(&commit, "1/2/3/4/5/6/7/Cargo.lock").await, file("far"));
    assert_eq!(served.server.requests(), 4);
}

#[tokio::test]
async fn a_commit_far_behind_the_branch_is_one_request() {
    let served = ServedRepository::new();
    for number in 0..60_u8 {
        served.fixture.commit("main", &[("x", Item::File(&[number]))]);
    }
    assert_eq!(served.read(&served.first, "Cargo.lock").await, file("first"));
    assert_eq!((served.server.requests(), served.server.packs()), (3, 2));
}

#[tokio::test]
async fn a_commit_that_is_gone_does_not_spoil_the_others() {
    let served = ServedRepository::new();
    let gone = served.pin(&"ab".repeat(20));
    let upstreams = served.upstreams();
    announce(&upstreams, &[gone.clone(), served.pin(&served.first)], &["Cargo.lock"]);
    assert_eq!(upstreams.entry(&served.pin(&served.first), "Cargo.lock").await, file("first"));
    let before = served.server.requests();
    let error = upstreams.entry(&gone, "Cargo.lock").await.unwrap_err();
    assert!(matches!(&error, GitError::Fetch { .. }), "{error}");
    assert!(error.to_string().contains("not our ref"), "{error}");
    assert_eq!(upstreams.entry(&gone, "Cargo.lock").await, Err(error));
    assert_eq!(served.server.requests(), before, "a failure is remembered");
}

#[tokio::test]
async fn version_zero_is_queried_in_the_same_way() {
    let served = ServedRepository::new();
    served.server.speak_version_zero();
    assert_eq!(served.read(&served.first, "a/b/c").await, file("deep"));
    let counts = served.server.counts();
    assert_eq!((counts.connections, counts.listings, counts.requests), (1, 1, 5));
    served.fixture.configure("uploadpack.allowFilter", "false");
    assert_eq!(served.limited(GitLimits::default()).entry(&served.pin(&served.first), "a/b/c").await, file("deep"));
    assert_eq!(served.server.requests(), 7);
}

#[tokio::test]
async fn a_server_of_version_zero_that_refuses_is_named_with_the_way_out() {
    let served = ServedRepository::new();
    served.server.speak_version_zero();
    served.server.fault(Fault::Lacks(vec![served.first.clone()]));
    let error = served.read(&served.first, "Cargo.lock").await.unwrap_err();
    assert!(matches!(error, GitError::OldServer { .. }), "{error}");
    assert!(error.to_string().contains("version 0") && error.to_string().contains("--lock"), "{error}");
}

#[tokio::test]
async fn a_repository_with_sha256_ids_is_refused() {
    let folder = TempDir::new().unwrap();
    let made = std::process::Command::new("git")
        .args(["init", "--quiet", "--bare", "--object-format=sha256"])
        .arg(folder.path().join("repo.git"))
        .status();
    assert!(made.unwrap().success());
    let server = GitServer::start(&folder.path().join("repo.git"));
    let trusted = upstreams(None, &[&server.root()], GitLimits::default(), false);
    let pin = GitPin { url: server.url(), commit: "ab".repeat(20) };
    let error = trusted.entry(&pin, "Cargo.lock").await.unwrap_err();
    assert!(matches!(&error, GitError::Refused { why, .. } if why.contains("SHA-256")), "{error}");
}

#[tokio::test]
async fn git_daemons_are_refused_with_the_way_out() {
    let trusted = upstreams(None, &["git://127.0.0.1/"], GitLimits::default(), false);
    let pin = GitPin { url: "git://127.0.0.1/x".to_owned(), commit: "ab".repeat(20) };
    let error = trusted.entry(&pin, "Cargo.lock").await.unwrap_err();
    assert!(error.to_string().contains("--alias") && error.to_string().contains("--lock"), "{error}");
}

#[tokio::test]
async fn one_host_gets_eight_requests_at_a_time() {
    let folder = TempDir::new().unwrap();
    let fixture = Fixture::new();
    let commit = fixture.commit("main", &[("Cargo.lock", Item::File(b"lock"))]);
    for number in 0..12 {
        let to = folder.path().join(format!("{number}.git"));
        std::os::unix::fs::symlink(fixture.path(), to).unwrap();
    }
    let server = GitServer::start_at("127.0.0.1", folder.path());
    server.delay(Duration::from_millis(100));
    let trusted = upstreams(None, &[&server.root()], GitLimits::default(), false);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12 {
        let url = format!("{}{number}.git", server.root());
        let (trusted, commit) = (trusted.clone(), commit.clone());
        let pin = GitPin { url, commit };
        tasks.spawn(async move { trusted.entry(&pin, "Cargo.lock").await });
    }
    while let Some(read) = tasks.join_next().await {
        assert_eq!(read.unwrap(), file("lock"));
    }
    assert!((4..=8).contains(&server.most_at_once()), "{}", server.most_at_once());
}

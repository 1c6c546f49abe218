//! The branches and tags of repositories.

use super::*;

/// The refs of a [`World`], as [`GitUpstreams::refs`] must hand them over.
fn refs_of(world: &World) -> Vec<GitRef> {
    [("refs/heads/main", &world.second), ("refs/tags/v1", &world.second)]
        .map(|(name, commit)| GitRef { name: name.to_owned(), commit: commit.clone() })
        .to_vec()
}

#[test]
fn the_refs_of_a_server_are_one_request_and_tags_are_peeled() {
    let world = World::new();
    let upstreams = world.upstreams();
    assert_eq!(upstreams.refs(&world.server.url()), Ok(refs_of(&world)));
    assert_eq!(upstreams.refs(&world.server.url()), Ok(refs_of(&world)));
    assert_eq!((world.server.requests(), world.server.packs()), (1, 0));
}

#[test]
fn the_refs_of_a_local_repository_are_those_of_its_server() {
    let world = World::new();
    let path = world.fixture.path().display().to_string();
    // Also offline: nothing is fetched.
    let upstreams = upstreams(None, &[&path, &format!("file://{path}")], GitLimits::default(), true);
    assert_eq!(upstreams.refs(&path), Ok(refs_of(&world)));
    assert_eq!(upstreams.refs(&format!("file://{path}")), Ok(refs_of(&world)));
    assert!(matches!(upstreams.refs("/elsewhere"), Err(GitError::Refused { .. })));
}

#[test]
fn refs_are_not_asked_for_offline_or_without_trust() {
    let world = World::new();
    let error = world.offline().refs(&world.server.url()).unwrap_err();
    assert_eq!(error, GitError::OfflineRefs { url: world.server.url() });
    assert!(error.to_string().contains("--offline"), "{error}");
    let strangers = upstreams(None, &[], GitLimits::default(), false);
    assert!(matches!(strangers.refs(&world.server.url()), Err(GitError::Refused { .. })));
    assert_eq!(world.server.requests(), 0);
}

#[test]
fn a_listing_keeps_the_limits_of_a_fetch() {
    let world = World::new();
    let with = |limits| upstreams(None, &[&world.server.root()], limits, false).refs(&world.server.url());
    let few = with(GitLimits { refs: 1, ..GitLimits::default() });
    assert!(matches!(few, Err(GitError::Limit { .. })), "{few:?}");
    let short = with(GitLimits { fetch_bytes: 100, ..GitLimits::default() });
    assert!(matches!(short, Err(GitError::Limit { .. })), "{short:?}");
    world.server.fault(Fault::Stall);
    let begun = Instant::now();
    let late = with(GitLimits { fetch_time: Duration::from_millis(200), ..GitLimits::default() });
    assert!(late.is_err(), "{late:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn a_server_that_lists_nonsense_is_told_and_not_asked_again() {
    let world = World::new();
    for fault in [Fault::Nonsense, Fault::Page] {
        world.server.fault(fault);
        let upstreams = world.upstreams();
        let error = upstreams.refs(&world.server.url()).unwrap_err();
        assert!(matches!(error, GitError::Protocol { .. }), "{error}");
        let asked = world.server.requests();
        assert_eq!(upstreams.refs(&world.server.url()), Err(error));
        assert_eq!(world.server.requests(), asked);
    }
}

#[test]
fn the_refs_of_gits_own_servers_are_the_same() {
    let world = World::new();
    // A name that is not UTF-8 is left out, and harms nobody.
    let refs = world.fixture.path().join("refs");
    std::fs::copy(refs.join("heads/main"), refs.join("tags").join(OsStr::from_bytes(b"\xff"))).unwrap();
    let path = world.fixture.path().display().to_string();
    assert_eq!(upstreams(None, &[&path], GitLimits::default(), false).refs(&path), Ok(refs_of(&world)));
    let Some(real) = GitServer::real(&world.fixture.path()) else {
        return skipped("git is not installed");
    };
    let trusted = |root: &str| upstreams(None, &[root], GitLimits::default(), false);
    assert_eq!(trusted(&real.root()).refs(&real.url()), Ok(refs_of(&world)));
    let Some((mut daemon, root)) = git_daemon(world.fixture.folder.path()) else {
        return skipped("git daemon is not installed");
    };
    let listed = trusted(&root).refs(&format!("{root}repo.git"));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert_eq!(listed, Ok(refs_of(&world)));
}

//! The branches and tags of repositories.

use super::*;

/// The refs of a [`World`], as [`GitUpstreams::refs`] must hand them over.
fn refs_of(world: &World) -> Vec<GitRef> {
    [("refs/heads/main", &world.second), ("refs/tags/v1", &world.second)]
        .map(|(name, commit)| GitRef { name: name.to_owned(), commit: commit.clone() })
        .to_vec()
}

#[tokio::test]
async fn the_refs_of_a_server_are_listed_once_and_tags_are_peeled() {
    let world = World::new();
    let upstreams = world.upstreams();
    assert_eq!(upstreams.refs(&world.server.url()).await, Ok(refs_of(&world)));
    assert_eq!(upstreams.refs(&world.server.url()).await, Ok(refs_of(&world)));
    let counts = world.server.counts();
    assert_eq!((counts.connections, counts.requests, counts.refs, counts.packs), (1, 2, 1, 0));
    world.server.speak_version_zero();
    assert_eq!(world.limited(GitLimits::default()).refs(&world.server.url()).await, Ok(refs_of(&world)));
    assert_eq!(world.server.requests(), 3, "the greeting of version 0 is the list");
}

#[tokio::test]
async fn the_refs_of_a_local_repository_are_those_of_its_server() {
    let world = World::new();
    // A name that is not UTF-8 is left out, and harms nobody.
    let refs = world.fixture.path().join("refs");
    std::fs::copy(refs.join("heads/main"), refs.join("tags").join(OsStr::from_bytes(b"\xff"))).unwrap();
    let path = world.fixture.path().display().to_string();
    // Also offline: nothing is fetched.
    let local = upstreams(None, &[&path, &format!("file://{path}")], GitLimits::default(), true);
    assert_eq!(local.refs(&path).await, Ok(refs_of(&world)));
    assert_eq!(local.refs(&format!("file://{path}")).await, Ok(refs_of(&world)));
    assert!(matches!(local.refs("/elsewhere").await, Err(GitError::Refused { .. })));
    assert_eq!(world.upstreams().refs(&world.server.url()).await, Ok(refs_of(&world)));
}

#[tokio::test]
async fn refs_are_not_asked_for_offline_or_without_trust() {
    let world = World::new();
    let error = world.offline().refs(&world.server.url()).await.unwrap_err();
    assert_eq!(error, GitError::OfflineRefs { url: world.server.url() });
    assert!(error.to_string().contains("--offline"), "{error}");
    let strangers = upstreams(None, &[], GitLimits::default(), false);
    assert!(matches!(strangers.refs(&world.server.url()).await, Err(GitError::Refused { .. })));
    assert_eq!(world.server.requests(), 0);
}

#[tokio::test]
async fn a_listing_keeps_the_limits_of_a_fetch() {
    let world = World::new();
    let with = |limits| {
        let limited = world.limited(limits);
        async { limited }
    };
    let url = world.server.url();
    let few = with(GitLimits { refs: 1, ..GitLimits::default() }).await.refs(&url).await;
    assert!(matches!(few, Err(GitError::Limit { .. })), "{few:?}");
    let short = with(GitLimits { fetch_bytes: 100, ..GitLimits::default() }).await.refs(&url).await;
    assert!(matches!(short, Err(GitError::Limit { .. })), "{short:?}");
    world.server.fault(Fault::Stall);
    let begun = Instant::now();
    let late = GitLimits { fetch_time: Duration::from_millis(200), ..GitLimits::default() };
    let late = with(late).await.refs(&url).await;
    assert!(late.is_err(), "{late:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn one_ref_more_than_two_hundred_thousand_is_too_many() {
    let world = World::new();
    world.server.fault(Fault::Tags(200_001));
    let error = world.upstreams().refs(&world.server.url()).await.unwrap_err();
    assert!(matches!(&error, GitError::Limit { what, .. } if what.contains("200000")), "{error}");
    world.server.fault(Fault::Tags(1000));
    assert_eq!(world.upstreams().refs(&world.server.url()).await.unwrap().len(), 1000);
}

#[tokio::test]
async fn a_server_that_lists_nonsense_is_an_error_and_not_asked_again() {
    let world = World::new();
    for fault in [Fault::Nonsense, Fault::Page] {
        world.server.fault(fault);
        let upstreams = world.upstreams();
        let error = upstreams.refs(&world.server.url()).await.unwrap_err();
        assert!(matches!(error, GitError::Protocol { .. }), "{error}");
        let asked = world.server.requests();
        assert_eq!(upstreams.refs(&world.server.url()).await, Err(error));
        assert_eq!(world.server.requests(), asked);
    }
}

//! The branches and tags of repositories.

use super::*;

/// The refs of a [`ServedRepository`], as [`GitUpstreams::refs`] must hand them over.
fn refs_of(served: &ServedRepository) -> Vec<GitRef> {
    [("refs/heads/main", &served.second), ("refs/tags/v1", &served.second)]
        .map(|(name, commit)| GitRef { name: name.to_owned(), commit: commit.clone() })
        .to_vec()
}

#[tokio::test]
async fn the_refs_of_a_server_are_listed_once_and_tags_are_peeled() {
    let served = ServedRepository::new();
    let upstreams = served.upstreams();
    assert_eq!(upstreams.refs(&served.server.url()).await, Ok(refs_of(&served)));
    assert_eq!(upstreams.refs(&served.server.url()).await, Ok(refs_of(&served)));
    let counts = served.server.counts();
    assert_eq!((counts.connections, counts.requests, counts.refs, counts.packs), (1, 2, 1, 0));
    served.server.speak_version_zero();
    assert_eq!(served.limited(GitLimits::default()).refs(&served.server.url()).await, Ok(refs_of(&served)));
    assert_eq!(served.server.requests(), 3, "the greeting of version 0 is the list");
}

#[tokio::test]
async fn the_refs_of_a_local_repository_are_those_of_its_server() {
    let served = ServedRepository::new();
    // A name that is not UTF-8 is left out, and harms nobody.
    let refs = served.fixture.path().join("refs");
    std::fs::copy(refs.join("heads/main"), refs.join("tags").join(OsStr::from_bytes(b"\xff"))).unwrap();
    let path = served.fixture.path().display().to_string();
    // Also offline: nothing is fetched.
    let local = upstreams(None, &[&path, &format!("file://{path}")], GitLimits::default(), true);
    assert_eq!(local.refs(&path).await, Ok(refs_of(&served)));
    assert_eq!(local.refs(&format!("file://{path}")).await, Ok(refs_of(&served)));
    assert!(matches!(local.refs("/elsewhere").await, Err(GitError::Refused { .. })));
    assert_eq!(served.upstreams().refs(&served.server.url()).await, Ok(refs_of(&served)));
}

#[tokio::test]
async fn refs_are_not_requested_offline_or_without_trust() {
    let served = ServedRepository::new();
    let error = served.offline().refs(&served.server.url()).await.unwrap_err();
    assert_eq!(error, GitError::OfflineRefs { url: served.server.url() });
    assert!(error.to_string().contains("--offline"), "{error}");
    let strangers = upstreams(None, &[], GitLimits::default(), false);
    assert!(matches!(strangers.refs(&served.server.url()).await, Err(GitError::Refused { .. })));
    assert_eq!(served.server.requests(), 0);
}

#[tokio::test]
async fn a_listing_keeps_the_limits_of_a_fetch() {
    let served = ServedRepository::new();
    let with = |limits| {
        let limited = served.limited(limits);
        async { limited }
    };
    let url = served.server.url();
    let few = with(GitLimits { refs: 1, ..GitLimits::default() }).await.refs(&url).await;
    assert!(matches!(few, Err(GitError::Limit { .. })), "{few:?}");
    let short = with(GitLimits { fetch_bytes: 100, ..GitLimits::default() }).await.refs(&url).await;
    assert!(matches!(short, Err(GitError::Limit { .. })), "{short:?}");
    served.server.fault(Fault::Stall);
    let begun = Instant::now();
    let late = GitLimits { fetch_time: Duration::from_millis(200), ..GitLimits::default() };
    let late = with(late).await.refs(&url).await;
    assert!(late.is_err(), "{late:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn one_ref_more_than_two_hundred_thousand_is_too_many() {
    let served = ServedRepository::new();
    served.server.fault(Fault::Tags(200_001));
    let error = served.upstreams().refs(&served.server.url()).await.unwrap_err();
    assert!(matches!(&error, GitError::Limit { what, .. } if what.contains("200000")), "{error}");
    served.server.fault(Fault::Tags(1000));
    assert_eq!(served.upstreams().refs(&served.server.url()).await.unwrap().len(), 1000);
}

#[tokio::test]
async fn a_server_that_lists_nonsense_is_an_error_and_not_queried_again() {
    let served = ServedRepository::new();
    for fault in [Fault::Nonsense, Fault::Page] {
        served.server.fault(fault);
        let upstreams = served.upstreams();
        let error = upstreams.refs(&served.server.url()).await.unwrap_err();
        assert!(matches!(error, GitError::Protocol { .. }), "{error}");
        let before = served.server.requests();
        assert_eq!(upstreams.refs(&served.server.url()).await, Err(error));
        assert_eq!(served.server.requests(), before);
    }
}

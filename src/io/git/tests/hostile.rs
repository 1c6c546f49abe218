//! Servers that lie, stall, or lead elsewhere.

use std::time::Instant;

use super::*;

#[test]
fn a_server_in_the_network_needs_trust() {
    let world = World::new();
    let none = upstreams(None, &[], GitLimits::default(), false);
    let error = none.entry(&world.pin(&world.first), "Cargo.lock").unwrap_err();
    assert!(matches!(error, GitError::Refused { .. }), "{error}");
    let secure = GitPin { url: world.server.url().replace("http:", "https:"), ..world.pin(&world.first) };
    let error = none.entry(&secure, "Cargo.lock").unwrap_err();
    assert!(matches!(error, GitError::Http(HttpError::Refused { .. })), "{error}");
    assert_eq!(world.server.requests(), 0);
}

#[test]
fn a_redirect_into_the_network_is_refused() {
    let world = World::new();
    let inside = GitServer::start(&world.fixture.path());
    for to in [inside.root(), inside.root().replace("http:", "https:"), inside.root().replace("127.0.0.1", "localhost")]
    {
        world.server.fault(Fault::Redirect(to));
        let error = world.read(&world.first, "Cargo.lock").unwrap_err();
        assert!(matches!(error, GitError::Http(HttpError::Refused { .. })), "{error}");
    }
    assert_eq!(inside.requests(), 0);
}

#[test]
fn a_redirect_to_a_trusted_place_is_followed_by_the_whole_fetch() {
    let world = World::new();
    let moved = GitServer::start(&world.fixture.path());
    world.server.fault(Fault::Redirect(moved.root()));
    let trusted = upstreams(None, &[&world.server.root(), &moved.root()], GitLimits::default(), false);
    assert_eq!(trusted.entry(&world.pin(&world.first), "Cargo.lock"), file("first"));
    assert_eq!((world.server.requests(), moved.packs()), (1, 1));
}

#[test]
fn too_many_bytes_end_the_fetch() {
    let world = World::new();
    world.server.fault(Fault::Flood(3_000_000));
    let limits = GitLimits { fetch_bytes: 1_000_000, ..GitLimits::default() };
    let limited = upstreams(None, &[&world.server.root()], limits, false);
    let error = limited.entry(&world.pin(&world.first), "Cargo.lock").unwrap_err();
    assert!(matches!(&error, GitError::Limit { what, .. } if what.contains("1000000 bytes")), "{error}");
}

#[test]
fn too_many_objects_end_the_fetch() {
    let world = World::new();
    let limits = GitLimits { pack_objects: 3, ..GitLimits::default() };
    let limited = upstreams(None, &[&world.server.root()], limits, false);
    let error = limited.entry(&world.pin(&world.first), "Cargo.lock").unwrap_err();
    assert!(matches!(&error, GitError::Limit { what, .. } if what.contains("objects")), "{error}");
}

#[test]
fn too_large_a_file_is_an_error() {
    let world = World::new();
    let limits = GitLimits { blob_bytes: 4, ..GitLimits::default() };
    let limited = upstreams(None, &[&world.server.root()], limits, false);
    assert_eq!(limited.entry(&world.pin(&world.first), "a/b/c"), file("deep"));
    let error = limited.entry(&world.pin(&world.first), "Cargo.lock").unwrap_err();
    assert!(matches!(&error, GitError::Limit { what, .. } if what.contains("5 bytes")), "{error}");
}

#[test]
fn a_stalled_server_times_out_once_for_the_run() {
    let world = World::new();
    for fault in [Fault::Stall, Fault::StallInPack] {
        world.server.fault(fault.clone());
        let upstreams = upstreams(None, &[&world.server.root()], GitLimits::default(), false);
        let begin = Instant::now();
        let error = upstreams.entry(&world.pin(&world.first), "Cargo.lock").unwrap_err();
        assert!(matches!(error, GitError::Http(HttpError::Timeout { .. })), "{fault:?}: {error}");
        assert!(begin.elapsed() < Duration::from_secs(5), "{fault:?} took {:?}", begin.elapsed());
        let asked = world.server.requests();
        assert_eq!(upstreams.entry(&world.pin(&world.second), "Cargo.lock"), Err(error));
        assert_eq!(world.server.requests(), asked);
    }
}

#[test]
fn the_time_of_a_fetch_is_bounded() {
    let world = World::new();
    world.server.fault(Fault::Stall);
    let limits = GitLimits { fetch_time: Duration::from_millis(50), ..GitLimits::default() };
    let error =
        upstreams(None, &[&world.server.root()], limits, false).entry(&world.pin(&world.first), "x").unwrap_err();
    assert!(matches!(error, GitError::Http(HttpError::Timeout { .. }) | GitError::Limit { .. }), "{error}");
}

#[test]
fn a_broken_pack_is_an_error_and_leaves_nothing_behind() {
    let world = World::new();
    for fault in [Fault::CutPack, Fault::FlipPack, Fault::Instead(world.second.clone())] {
        world.server.fault(fault.clone());
        let error = world.read(&world.first, "Cargo.lock").unwrap_err();
        assert!(matches!(error, GitError::Fetch { .. } | GitError::Http(_)), "{fault:?}: {error}");
    }
    let error = world.offline().entry(&world.pin(&world.first), "Cargo.lock").unwrap_err();
    assert!(matches!(error, GitError::Offline { damaged: false, .. }), "{error}");
}

#[test]
fn a_server_that_is_no_git_server_is_an_error() {
    let world = World::new();
    for fault in [Fault::Page, Fault::Nonsense] {
        world.server.fault(fault.clone());
        let error = world.read(&world.first, "Cargo.lock").unwrap_err();
        assert!(matches!(error, GitError::Protocol { .. }), "{fault:?}: {error}");
    }
    world.server.fault(Fault::Status(404, usize::MAX));
    let error = world.read(&world.first, "Cargo.lock").unwrap_err();
    assert!(matches!(error, GitError::Http(HttpError::Status { status: 404, .. })), "{error}");
}

//! Servers that lie, stall, or lead elsewhere.

use super::*;

#[tokio::test]
async fn a_server_in_the_network_needs_trust() {
    let served = ServedRepository::new();
    let none = upstreams(None, &[], GitLimits::default(), false);
    let error = none.entry(&served.pin(&served.first), "Cargo.lock").await.unwrap_err();
    assert!(matches!(error, GitError::Refused { .. }), "{error}");
    let secure = GitPin { url: served.server.url().replace("http:", "https:"), ..served.pin(&served.first) };
    let error = none.entry(&secure, "Cargo.lock").await.unwrap_err();
    assert!(matches!(error, GitError::Http(HttpError::Refused { .. })), "{error}");
    assert_eq!(served.server.requests(), 0);
}

#[tokio::test]
async fn a_redirect_into_the_network_is_refused() {
    let served = ServedRepository::new();
    let inside = GitServer::start(&served.fixture.path());
    for to in [inside.root(), inside.root().replace("http:", "https:"), inside.root().replace("127.0.0.1", "localhost")]
    {
        served.server.fault(Fault::Redirect(to));
        let error = served.read(&served.first, "Cargo.lock").await.unwrap_err();
        assert!(matches!(error, GitError::Http(HttpError::Refused { .. })), "{error}");
    }
    assert_eq!(inside.requests(), 0);
}

#[tokio::test]
async fn a_redirect_to_a_trusted_place_is_followed_by_the_whole_fetch() {
    let served = ServedRepository::new();
    let moved = GitServer::start(&served.fixture.path());
    served.server.fault(Fault::Redirect(moved.root()));
    let trusted = upstreams(None, &[&served.server.root(), &moved.root()], GitLimits::default(), false);
    assert_eq!(trusted.entry(&served.pin(&served.first), "Cargo.lock").await, file("first"));
    assert_eq!((served.server.requests(), moved.packs()), (1, 2));
}

#[tokio::test]
async fn too_many_bytes_end_the_fetch() {
    let served = ServedRepository::new();
    for fault in [Fault::Flood(3_000_000), Fault::Endless] {
        served.server.fault(fault);
        let limited = served.limited(GitLimits { fetch_bytes: 1_000_000, ..GitLimits::default() });
        let error = limited.entry(&served.pin(&served.first), "Cargo.lock").await.unwrap_err();
        assert!(matches!(&error, GitError::Limit { what, .. } if what.contains("1000000 bytes")), "{error}");
    }
}

#[tokio::test]
async fn too_many_objects_end_the_fetch() {
    let served = ServedRepository::new();
    served.fixture.configure("uploadpack.allowFilter", "false");
    let limited = served.limited(GitLimits { pack_objects: 3, ..GitLimits::default() });
    let error = limited.entry(&served.pin(&served.first), "Cargo.lock").await.unwrap_err();
    assert!(matches!(&error, GitError::Limit { what, .. } if what.contains("objects")), "{error}");
}

#[tokio::test]
async fn a_pack_that_announces_millions_of_objects_ends_the_fetch() {
    let served = ServedRepository::new();
    let pack = b"PACK\0\0\0\x02\xff\xff\xff\xff".to_vec();
    let answer = [pkt(b"packfile\n"), side_band(1, &pack), side_band(1, &[0x9c; 400]), b"0000".to_vec()].concat();
    served.server.fault(Fault::Answer(answer));
    let error = served.read(&served.first, "Cargo.lock").await.unwrap_err();
    assert!(matches!(&error, GitError::Limit { what, .. } if what.contains("4294967295 objects")), "{error}");
}

#[tokio::test]
async fn too_large_a_file_is_an_error() {
    let served = ServedRepository::new();
    let limited = served.limited(GitLimits { blob_bytes: 4, ..GitLimits::default() });
    assert_eq!(limited.entry(&served.pin(&served.first), "a/b/c").await, file("deep"));
    let error = limited.entry(&served.pin(&served.first), "Cargo.lock").await.unwrap_err();
    assert!(matches!(&error, GitError::Limit { what, .. } if what.contains("5 bytes")), "{error}");
}

#[tokio::test]
async fn a_stalled_server_times_out_once_for_the_run() {
    let served = ServedRepository::new();
    for fault in [Fault::Stall, Fault::StallInPack] {
        served.server.fault(fault.clone());
        let upstreams = served.limited(GitLimits::default());
        let begin = Instant::now();
        let error = upstreams.entry(&served.pin(&served.first), "Cargo.lock").await.unwrap_err();
        assert!(matches!(error, GitError::Http(HttpError::Timeout { .. })), "{fault:?}: {error}");
        assert!(begin.elapsed() < Duration::from_secs(10), "{fault:?} took {:?}", begin.elapsed());
        let before = served.server.requests();
        assert_eq!(upstreams.entry(&served.pin(&served.second), "Cargo.lock").await, Err(error));
        assert_eq!(served.server.requests(), before);
    }
}

#[tokio::test]
async fn the_time_of_a_fetch_is_bounded() {
    let served = ServedRepository::new();
    served.server.fault(Fault::Stall);
    let limited = served.limited(GitLimits { fetch_time: Duration::from_millis(50), ..GitLimits::default() });
    let error = limited.entry(&served.pin(&served.first), "x").await.unwrap_err();
    assert!(matches!(error, GitError::Http(HttpError::Timeout { .. }) | GitError::Limit { .. }), "{error}");
}

#[tokio::test]
async fn a_broken_pack_is_an_error_and_leaves_nothing_behind() {
    let served = ServedRepository::new();
    let faults = [Fault::CutPack, Fault::HalfPack, Fault::FlipPack, Fault::Instead(served.second.clone())];
    for fault in faults {
        served.server.fault(fault.clone());
        let error = served.read(&served.first, "Cargo.lock").await.unwrap_err();
        assert!(matches!(error, GitError::Fetch { .. } | GitError::Http(_)), "{fault:?}: {error}");
    }
    let error = served.offline().entry(&served.pin(&served.first), "Cargo.lock").await.unwrap_err();
    assert!(matches!(error, GitError::Offline { damaged: false, .. }), "{error}");
}

#[tokio::test]
async fn packets_that_make_no_sense_end_the_fetch() {
    let served = ServedRepository::new();
    let section = pkt(b"packfile\n");
    for wrong in [b"0003".as_slice(), b"zzzz", b"0001", b"0006\x09x", b"fffg"] {
        served.server.fault(Fault::Answer([&section, wrong].concat()));
        let error = served.read(&served.first, "Cargo.lock").await.unwrap_err();
        assert!(matches!(error, GitError::Protocol { .. }), "{wrong:?}: {error}");
    }
}

#[tokio::test]
async fn the_last_words_of_a_server_are_reported() {
    let served = ServedRepository::new();
    let answer = [pkt(b"packfile\n"), side_band(1, b"PACK"), side_band(3, b"possible repository corruption")].concat();
    served.server.fault(Fault::Answer(answer));
    let error = served.read(&served.first, "Cargo.lock").await.unwrap_err();
    assert!(matches!(error, GitError::Fetch { .. }), "{error}");
    assert!(error.to_string().contains("possible repository corruption"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_no_git_server_is_an_error() {
    let served = ServedRepository::new();
    for fault in [Fault::Page, Fault::Nonsense] {
        served.server.fault(fault.clone());
        let error = served.read(&served.first, "Cargo.lock").await.unwrap_err();
        assert!(matches!(error, GitError::Protocol { .. }), "{fault:?}: {error}");
    }
    served.server.fault(Fault::Status(404, usize::MAX));
    let error = served.read(&served.first, "Cargo.lock").await.unwrap_err();
    assert!(matches!(error, GitError::Http(HttpError::Status { status: 404, .. })), "{error}");
}
